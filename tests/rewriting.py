"""Rewrites a document so that it means the same: what generators and people do without a change of meaning.

A test tool: a document against its own rewrite has to give no finding above information.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["REWRITES", "rewritten"]

Json = Any
_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_ONES = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")


def keys_shuffled(document: Json, chance: random.Random) -> Json:
    """Every object's members in another order."""
    return _shuffled(document, chance)


def required_reordered(document: Json, chance: random.Random) -> Json:
    """``required`` and ``enum`` in another order."""

    def visit(schema: dict[str, Any]) -> dict[str, Any]:
        for keyword in ("required", "enum"):
            if isinstance(schema.get(keyword), list):
                schema[keyword] = chance.sample(schema[keyword], len(schema[keyword]))
        return schema

    return _on_schemas(document, visit)


def choices_reordered(document: Json, chance: random.Random) -> Json:
    """The branches of ``anyOf``, ``oneOf`` and ``allOf`` in another order."""

    def visit(schema: dict[str, Any]) -> dict[str, Any]:
        for keyword in ("anyOf", "oneOf", "allOf"):
            if isinstance(schema.get(keyword), list):
                schema[keyword] = chance.sample(schema[keyword], len(schema[keyword]))
        return schema

    return _on_schemas(document, visit)


def references_inlined(document: Json, chance: random.Random) -> Json:
    """References to component schemas that do not lead back to themselves, replaced by what they refer to."""
    schemas = document.get("components", {}).get("schemas", {})
    circular = {name for name in schemas if _reaches(schemas, name)}

    def visit(schema: dict[str, Any]) -> dict[str, Any]:
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/components/schemas/"):
            return schema
        name = reference.rsplit("/", 1)[-1]
        if name in circular or name not in schemas or len(schema) > 1 or chance.random() < 0.3:
            return schema
        return dict(copy.deepcopy(schemas[name]))

    return _on_schemas(document, visit)


def components_renamed(document: Json, chance: random.Random) -> Json:
    """Every component schema under another name, where no discriminator goes by it."""
    schemas = document.get("components", {}).get("schemas", {})
    if "discriminator" in repr(document):
        return document
    # A framework's own error schemas are how it is known.
    names = {name: name if name.endswith("ValidationError") else f"Renamed{name}" for name in schemas}
    renamed = _references(document, lambda name: names.get(name, name))
    renamed["components"]["schemas"] = {names[name]: one for name, one in renamed["components"]["schemas"].items()}
    return renamed


def nullable_exchanged(document: Json, chance: random.Random) -> Json:
    """One spelling of *or null* for another: 3.0's ``nullable``, a list of types, ``anyOf`` with null."""
    old = str(document.get("openapi", "")).startswith("3.0")

    def visit(schema: dict[str, Any]) -> dict[str, Any]:
        kind = schema.get("type")
        if old:
            if schema.get("nullable") is True and isinstance(kind, str) and "enum" not in schema:
                bare = {key: value for key, value in schema.items() if key != "nullable"}
                return {"allOf": [bare], "nullable": True} if chance.random() < 0.5 else schema
            return schema
        branches = schema.get("anyOf")
        if isinstance(branches, list) and len(branches) == 2 and {"type": "null"} in branches:
            rest = next((one for one in branches if one != {"type": "null"}), {})
            if isinstance(rest.get("type"), str) and not set(rest) & {"enum", "const", "$ref"}:
                outer = {key: value for key, value in schema.items() if key != "anyOf"}
                return {**rest, **outer, "type": [rest["type"], "null"]}
        if (
            isinstance(kind, list)
            and len(kind) == 2
            and "null" in kind
            and "enum" not in schema
            and "const" not in schema
        ):
            inner = {**schema, "type": next(one for one in kind if one != "null")}
            return {"anyOf": [{"type": "null"}, inner]}
        return schema

    return _on_schemas(document, visit)


def wrapped(document: Json, chance: random.Random) -> Json:
    """A lone reference inside of ``allOf``, and one value as ``const`` or ``enum``."""
    new = not str(document.get("openapi", "")).startswith("3.0")

    def visit(schema: dict[str, Any]) -> dict[str, Any]:
        if set(schema) == {"$ref"} and chance.random() < 0.4:
            return {"allOf": [dict(schema)]}
        if new and isinstance(schema.get("enum"), list) and len(schema["enum"]) == 1 and "const" not in schema:
            return {**{key: value for key, value in schema.items() if key != "enum"}, "const": schema["enum"][0]}
        if new and "const" in schema and "enum" not in schema:
            return {**{key: value for key, value in schema.items() if key != "const"}, "enum": [schema["const"]]}
        return schema

    return _on_schemas(document, visit)


def parameters_moved(document: Json, chance: random.Random) -> Json:
    """The parameters of an operation that stands alone in its path item, at the path item."""
    out = copy.deepcopy(document)
    for item in out.get("paths", {}).values():
        operations = [item[method] for method in ("get", "post", "put", "patch", "delete") if method in item]
        if len(operations) == 1 and "parameters" in operations[0] and "parameters" not in item:
            item["parameters"] = operations[0].pop("parameters")
    return out


REWRITES: tuple[Callable[[Json, random.Random], Json], ...] = (
    keys_shuffled,
    required_reordered,
    choices_reordered,
    references_inlined,
    components_renamed,
    nullable_exchanged,
    wrapped,
    parameters_moved,
)


def rewritten(document: Json, seed: int) -> Json:
    """All rewrites, one after another, in an order of their own."""
    chance = random.Random(seed)
    out = copy.deepcopy(document)
    for rewrite in chance.sample(REWRITES, len(REWRITES)):
        out = rewrite(out, chance)
    return out


def _shuffled(node: Json, chance: random.Random) -> Json:
    if isinstance(node, Mapping):
        keys = chance.sample(list(node), len(node))
        return {key: _shuffled(node[key], chance) for key in keys}
    return [_shuffled(one, chance) for one in node] if isinstance(node, list) else node


def _on_schemas(document: Json, visit: Callable[[dict[str, Any]], dict[str, Any]]) -> Json:
    """A copy in which every schema object has been visited, the innermost first."""
    out = copy.deepcopy(document)

    def schema(node: Json) -> Json:
        if not isinstance(node, dict):
            return node
        for key in _MAPS:
            if isinstance(node.get(key), dict):
                node[key] = {name: schema(one) for name, one in node[key].items()}
        for key in _LISTS:
            if isinstance(node.get(key), list):
                node[key] = [schema(one) for one in node[key]]
        for key in _ONES:
            if isinstance(node.get(key), dict):
                node[key] = schema(node[key])
        return visit(node)

    def walk(node: Json) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "schema" and isinstance(value, dict):
                    node[key] = schema(value)
                elif key == "schemas" and isinstance(value, dict):
                    node[key] = {name: schema(one) for name, one in value.items()}
                elif key not in ("example", "examples", "default"):
                    walk(value)
        elif isinstance(node, list):
            for one in node:
                walk(one)

    walk(out)
    return out


def _references(node: Json, rename: Callable[[str], str]) -> Json:
    if isinstance(node, dict):
        out = {key: _references(value, rename) for key, value in node.items()}
        reference = out.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
            parts = reference.split("/")
            out["$ref"] = "/".join([*parts[:3], rename(parts[3]), *parts[4:]])
        return out
    return [_references(one, rename) for one in node] if isinstance(node, list) else node


def _reaches(schemas: Mapping[str, Any], name: str) -> bool:
    """Whether a component leads back to itself."""
    seen: set[str] = set()
    stack = _named(schemas[name])
    while stack:
        one = stack.pop()
        if one == name:
            return True
        if one not in seen and one in schemas:
            seen.add(one)
            stack += _named(schemas[one])
    return False


def _named(node: Json) -> list[str]:
    found: list[str] = []
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            reference = here.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
                found.append(reference.split("/")[3])
            stack += here.values()
        elif isinstance(here, list):
            stack += here
    return found
