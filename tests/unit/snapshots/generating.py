"""Random documents and random changes of them, for property tests. A seed gives the same pair everywhere."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any

Change = Callable[[random.Random, dict[str, Any]], None]

NAMES = ("Item", "Order", "Money", "Page", "Error")
WORDS = ("id", "name", "size", "when", "tags", "note")


def scalar(rng: random.Random) -> dict[str, Any]:
    return rng.choice(
        [
            {"type": "string"},
            {"type": "string", "minLength": rng.randint(0, 3)},
            {"type": "string", "enum": rng.sample(["a", "b", "c", "d"], rng.randint(1, 3))},
            {"type": "integer"},
            {"type": "integer", "minimum": rng.randint(0, 3)},
            {"type": "boolean"},
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            {"type": "string", "format": "date-time"},
        ]
    )


def reference(rng: random.Random) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{rng.choice(NAMES)}"}


def value(rng: random.Random, depth: int = 0) -> dict[str, Any]:
    kind = rng.random()
    if kind < 0.25:
        return reference(rng)
    if kind < 0.4 and depth < 2:
        return {"type": "array", "items": value(rng, depth + 1)}
    return scalar(rng)


def component(rng: random.Random) -> dict[str, Any]:
    names = rng.sample(WORDS, rng.randint(1, 4))
    required = [name for name in names if rng.random() < 0.5]
    result: dict[str, Any] = {"type": "object", "properties": {name: value(rng) for name in names}}
    if required:
        result["required"] = required
    return result


def content(rng: random.Random) -> dict[str, Any]:
    schema = reference(rng) if rng.random() < 0.8 else component(rng)
    return {"application/json": {"schema": schema}}


def operation(rng: random.Random, method: str, path: str) -> dict[str, Any]:
    result: dict[str, Any] = {"responses": {"200": {"description": "ok", "content": content(rng)}}}
    parameters: list[dict[str, Any]] = []
    if "{" in path:
        parameters.append({"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}})
    parameters += [
        {"name": name, "in": "query", "required": rng.random() < 0.3, "schema": scalar(rng)}
        for name in rng.sample(["page", "limit", "sort"], rng.randint(0, 2))
    ]
    if parameters:
        result["parameters"] = parameters
    if method in ("post", "put"):
        result["requestBody"] = {"required": rng.random() < 0.8, "content": content(rng)}
    if rng.random() < 0.3:
        result["responses"]["404"] = {"description": "none", "content": content(rng)}
    return result


def document(rng: random.Random) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for path in ("/items", "/items/{id}", "/orders")[: rng.randint(1, 3)]:
        methods = rng.sample(["get", "post", "put"], rng.randint(1, 2))
        paths[path] = {method: operation(rng, method, path) for method in methods}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Random", "version": "1"},
        "paths": paths,
        "components": {"schemas": {name: component(rng) for name in NAMES}},
    }


def changed(
    rng: random.Random, old: dict[str, Any], count: int, kinds: Sequence[Change] | None = None
) -> dict[str, Any]:
    """A copy with some changes of the kinds that happen to services."""
    new = copy.deepcopy(old)
    for _ in range(count):
        rng.choice(kinds or CHANGES)(rng, new)
    return new


def _component(rng: random.Random, new: dict[str, Any]) -> dict[str, Any]:
    schemas = new["components"]["schemas"]
    one: dict[str, Any] = schemas[rng.choice(sorted(schemas))]
    return one


def _operations(new: dict[str, Any]) -> list[tuple[str, str]]:
    return [(path, method) for path, item in new["paths"].items() for method in item]


def add_property(rng: random.Random, new: dict[str, Any]) -> None:
    one = _component(rng, new)
    name = rng.choice(WORDS)
    one["properties"].setdefault(name, value(rng))
    if rng.random() < 0.4 and name not in one.get("required", []):
        one["required"] = [*one.get("required", []), name]


def remove_property(rng: random.Random, new: dict[str, Any]) -> None:
    one = _component(rng, new)
    if len(one["properties"]) > 1:
        name = rng.choice(sorted(one["properties"]))
        del one["properties"][name]
        one["required"] = [other for other in one.get("required", []) if other != name]
        if not one["required"]:
            del one["required"]


def change_property(rng: random.Random, new: dict[str, Any]) -> None:
    one = _component(rng, new)
    name = rng.choice(sorted(one["properties"]))
    one["properties"][name] = value(rng)


def flip_required(rng: random.Random, new: dict[str, Any]) -> None:
    one = _component(rng, new)
    name = rng.choice(sorted(one["properties"]))
    required = one.get("required", [])
    required = [other for other in required if other != name] if name in required else [*required, name]
    one.pop("required", None)
    if required:
        one["required"] = required


def add_operation(rng: random.Random, new: dict[str, Any]) -> None:
    path = rng.choice(["/items", "/orders", "/carts", "/carts/{id}"])
    method = rng.choice(["get", "post", "put", "delete"])
    new["paths"].setdefault(path, {}).setdefault(method, operation(rng, method, path))


def remove_operation(rng: random.Random, new: dict[str, Any]) -> None:
    known = _operations(new)
    if len(known) > 1:
        path, method = rng.choice(known)
        del new["paths"][path][method]
        if not new["paths"][path]:
            del new["paths"][path]


def change_operation(rng: random.Random, new: dict[str, Any]) -> None:
    path, method = rng.choice(_operations(new))
    new["paths"][path][method] = operation(rng, method, path)


def rename_component(rng: random.Random, new: dict[str, Any]) -> None:
    import json

    schemas = new["components"]["schemas"]
    name = rng.choice(sorted(schemas))
    other = f"{name}Dto"
    if other in schemas:
        return
    schemas[other] = schemas.pop(name)
    text = json.dumps(new).replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{other}"')
    new.clear()
    new.update(json.loads(text))


def add_component(rng: random.Random, new: dict[str, Any]) -> None:
    name = rng.choice(["Extra", "More"])
    new["components"]["schemas"].setdefault(name, component(rng))
    one = _component(rng, new)
    one["properties"][rng.choice(WORDS)] = {"$ref": f"#/components/schemas/{name}"}


def change_words(rng: random.Random, new: dict[str, Any]) -> None:
    new["info"]["version"] = str(rng.randint(2, 9))
    _component(rng, new)["description"] = f"text {rng.randint(1, 9)}"


NATURAL = (
    add_property,
    remove_property,
    flip_required,
    add_operation,
    remove_operation,
    rename_component,
    change_words,
)
CHANGES = (
    add_property,
    remove_property,
    change_property,
    flip_required,
    add_operation,
    remove_operation,
    change_operation,
    rename_component,
    add_component,
    change_words,
)
