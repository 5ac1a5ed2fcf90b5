"""The newer document as it stands beside the older one: choices and combinations there refer to newer components.

A component that changed is judged by itself, and whatever refers to it refers to the older one on both sides. That is
right where the reference stands alone: a value of it is a value of the component. In ``allOf`` and the like what one
branch lost another may have gained; there the change is judged where the branches meet, so those references lead to the
newer component, and the schema that holds them counts as changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.drift.media import is_json

__all__ = ["BESIDE", "Overlay"]

BESIDE = "/x-zeues-newer"
"""Where the newer document stands in the joined resource."""

_VALUES = frozenset({"example", "examples", "default", "enum", "const"})
_HARMLESS = frozenset(
    {"$ref", "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "summary"}
)
_CHOICES = ("allOf", "anyOf", "oneOf")
_ONES = ("not", "if", "then", "else")


class Overlay:
    """``raw`` is the newer document with references turned; nothing that did not change is copied.

    ``changed`` are the pointers of component schemas that references are turned to, those among them that ``grown``
    only through such a reference; ``turned`` counts references; ``paths`` and ``parts`` are path templates and other
    components that hold some.
    """

    def __init__(self, raw: Mapping[str, Any], changed: frozenset[str] = frozenset()) -> None:
        self.changed = set(changed)
        self.grown: set[str] = set()
        self.written = raw
        self.raw = raw
        self.turned: dict[str, int] = {}
        self.paths: set[str] = set()
        self.parts: set[str] = set()
        if changed:
            self._settle(raw)

    def met_alone(self, pointer: str) -> bool:
        """Whether something refers to a component outside of a combination."""
        turned = self.turned.get(pointer, 0)
        if not turned:
            return True
        import orjson

        if self._text is None:
            self._text = orjson.dumps(self.written)
        return self._text.count(orjson.dumps({"$ref": f"#{pointer}"})[1:-1]) > turned

    _text: bytes | None = None

    def _settle(self, raw: Mapping[str, Any]) -> None:
        table_path = ("components", "schemas") if "components" in raw else ("definitions",)
        table = _at(raw, table_path)
        base = "/" + "/".join(table_path) + "/"
        schemas = dict(table) if isinstance(table, Mapping) else {}
        while True:
            before = len(self.changed)
            self.turned = {}
            fresh: dict[str, Any] = {name: self.rewritten(value) for name, value in schemas.items()}
            grown = {
                base + str(name).replace("~", "~0").replace("/", "~1")
                for name, value in fresh.items()
                if value is not schemas[name]
            }
            self.changed |= grown
            self.grown = grown
            if len(self.changed) == before:
                break
        out = dict(raw)
        _put(out, table_path, fresh)
        for part in ("paths", "webhooks"):
            if isinstance(out.get(part), Mapping):
                fresh = {name: self.rewritten(value) for name, value in out[part].items()}
                if part == "paths":
                    self.paths = {name for name, value in fresh.items() if value is not out[part][name]}
                out[part] = fresh
        components = out.get("components")
        if isinstance(components, Mapping):
            out["components"] = dict(components)
            for kind, part_table in components.items():
                if kind == "schemas" or not isinstance(part_table, Mapping):
                    continue
                fresh = {name: self.rewritten(value) for name, value in part_table.items()}
                self.parts |= {f"/components/{kind}/{name}" for name in fresh if fresh[name] is not part_table[name]}
                out["components"][kind] = fresh
        self.raw = out

    def rewritten(self, node: Any) -> Any:
        """A value with the references of its combinations turned to newer components; itself where there are none."""
        if isinstance(node, list):
            items = [self.rewritten(one) if isinstance(one, (dict, list)) else one for one in node]
            return items if any(a is not b for a, b in zip(items, node, strict=True)) else node
        if not isinstance(node, dict):
            return node
        out = node
        for key, value in node.items():
            if not isinstance(value, (dict, list)) or key in _VALUES:
                continue
            new = value
            if key in _CHOICES and isinstance(value, list):
                meets = sum(not _is_null(one) for one in value) > 1 or bool(
                    set(node) - _HARMLESS - {key, "discriminator"}
                )
                new = [self._turned(one) for one in value] if meets else value
            elif key == "content" and isinstance(value, dict):
                new = {name: one if is_json(name) else self._with_schema(one) for name, one in value.items()}
            elif key == "headers" and isinstance(value, dict):
                new = {name: self._with_schema(one) for name, one in value.items()}
            elif (key == "schema" and isinstance(node.get("in"), str)) or key in _ONES:
                new = self._turned(value)
            elif key == "dependentSchemas" and isinstance(value, dict):
                new = {name: self._turned(one) for name, one in value.items()}
            new = self.rewritten(new)
            if new is not value and new != value:
                if out is node:
                    out = dict(node)
                out[key] = new
        if isinstance(node.get("$ref"), str) and set(node) - _HARMLESS:
            turned = self._turned(out)
            if turned is not out:
                out = turned
        return out

    def _with_schema(self, node: Any) -> Any:
        """A header or media type with its schema turned: what travels as text is judged where it does."""
        if not isinstance(node, dict) or "schema" not in node:
            return node
        schema = self._turned(node["schema"])
        return node if schema is node["schema"] else {**node, "schema": schema}

    def _turned(self, node: Any) -> Any:
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(reference, str) or reference[1:] not in self.changed or not reference.startswith("#/"):
            return node
        self.turned[reference[1:]] = self.turned.get(reference[1:], 0) + 1
        return {**node, "$ref": f"#{BESIDE}{reference[1:]}"}


def _is_null(node: Any) -> bool:
    return isinstance(node, dict) and (node.get("type") == "null" or node.get("enum") == [None])


def _at(raw: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return raw


def _put(out: dict[str, Any], path: tuple[str, ...], value: dict[str, Any]) -> None:
    for key in path[:-1]:
        inner = out.get(key)
        if not isinstance(inner, Mapping):
            return
        out[key] = dict(inner)
        out = out[key]
    if path[-1] in out:
        out[path[-1]] = value
