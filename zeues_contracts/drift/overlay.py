"""The newer document as it stands beside the older one: choices and combinations there refer to newer components.

A component that changed is judged by itself, and whatever refers to it refers to the older one on both sides. That is
right where the reference stands alone: a value of it is a value of the component. In ``allOf`` and the like what one
branch lost another may have gained; there the change is judged where the branches meet, so those references lead to the
newer component, and the schema that holds them counts as changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zeues_contracts.drift.media import is_json
from zeues_contracts.drift.units import HOOK
from zeues_contracts.drift.written import lone_references
from zeues_contracts.openapi.references import look_up
from zeues_contracts.schema.references import escape

if TYPE_CHECKING:
    from zeues_contracts.drift.reach import Graph

__all__ = ["BESIDE", "Overlay"]

BESIDE = "/x-zeues-newer"
"""Where the newer document stands in the joined resource."""

_VALUES = frozenset({"example", "examples", "default", "enum", "const"})
_HARMLESS = frozenset(
    {"$ref", "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "summary"}
)
_CONTAINERS = frozenset({dict, list})
_CHOICES = ("allOf", "anyOf", "oneOf")
_ONES = ("not", "if", "then", "else")
_MAX_WRITTEN = 4
_COMBINES = re.compile(rb'"(?:allOf|anyOf|oneOf|not|if|then|else|dependentSchemas|content|headers|schema)":')


class Overlay:
    """``raw`` is the newer document with references turned; nothing that did not change is copied.

    ``changed`` are the pointers of component schemas that references are turned to; ``serious`` those of them whose
    change may break somebody, ``moved`` those whose values changed at all: where one of several has to hold alone
    (``oneOf``), or none (``not``, ``if``), fewer values there are more of the whole. Without either nothing is turned.
    ``grown`` are those that hold a reference that was turned.
    ``turned`` counts references; ``paths``, ``hooks`` and ``parts`` are path templates, webhooks and other components
    that hold some.
    """

    def __init__(
        self,
        raw: Mapping[str, Any],
        changed: frozenset[str] = frozenset(),
        serious: frozenset[str] = frozenset(),
        older: Mapping[str, Any] | None = None,
        graph: Graph | None = None,
        moved: frozenset[str] = frozenset(),
    ) -> None:
        self.changed = set(changed)
        self.serious = set(serious)
        self.moved = moved
        self.grown: set[str] = set()
        self.older = raw if older is None else older
        self.graph = graph
        self.written = raw
        self.raw = raw
        self.turned: dict[str, int] = {}
        self.within: dict[tuple[str, str], int] = {}
        self._unit = ""
        self.paths: set[str] = set()
        self.hooks: set[str] = set()
        self.parts: set[str] = set()
        if serious or moved:
            self._settle(raw)

    def alone(self, pointer: str) -> frozenset[str] | None:
        """The units (component pointers, path templates) that refer to a component outside of a combination.

        ``None`` where all do, as far as anybody does.
        """
        if not self.turned.get(pointer) or self.graph is None:
            return None
        import orjson

        reference = orjson.dumps({"$ref": f"#{pointer}"})[1:-1]
        found: set[str] = set()
        for unit, links in self.graph.links.items():
            if pointer in links and self.graph.texts[unit].count(reference) > self.within.get((unit, pointer), 0):
                found.add(unit)
        for path, mentioned in self.graph.mentioned.items():
            if pointer in mentioned:
                text = orjson.dumps(self._item(path))
                if text.count(reference) > self.within.get((path, pointer), 0):
                    found.add(path)
        return frozenset(found)

    def _item(self, path: str) -> Any:
        """What stands at a path template, or is a webhook's."""
        name = path.removeprefix(HOOK)
        for part in ("paths",) if name == path else ("webhooks", "x-webhooks"):
            table = self.written.get(part)
            if isinstance(table, Mapping) and name in table:
                return table[name]
        return None

    def _settle(self, raw: Mapping[str, Any]) -> None:
        table_path = ("components", "schemas") if "components" in raw else ("definitions",)
        table = _at(raw, table_path)
        base = "/" + "/".join(table_path) + "/"
        schemas = dict(table) if isinstance(table, Mapping) else {}
        while True:
            before = len(self.changed)
            self.turned = {}
            self.within = {}
            self.grown = set()
            fresh = dict(schemas)
            for name, value in schemas.items():
                pointer = base + escape(str(name))
                if not self._mentions(pointer) or self._is_plain(pointer):
                    continue
                self._joins = False
                self._unit = pointer
                fresh[name] = self.rewritten(value)
                if fresh[name] is not value:
                    self.grown.add(pointer)
                    if self._joins:
                        # What lies in an `allOf` is part of whatever holds that in an `allOf` again.
                        self.changed.add(pointer)
                        self.serious.add(pointer)
            if len(self.changed) == before:
                break
        out = dict(raw)
        _put(out, table_path, fresh)
        for part in ("paths", "webhooks", "x-webhooks"):
            if isinstance(out.get(part), Mapping):
                fresh = {}
                for name, value in out[part].items():
                    self._unit = str(name) if part == "paths" else f"{HOOK}{name}"
                    fresh[name] = self.rewritten(value) if self._mentions(self._unit) else value
                if part != "paths":
                    self.hooks |= {name for name, value in fresh.items() if value is not out[part][name]}
                else:
                    self.paths = {name for name, value in fresh.items() if value is not out[part][name]}
                out[part] = fresh
        components = out.get("components")
        if isinstance(components, Mapping):
            out["components"] = dict(components)
            for kind, part_table in components.items():
                if kind == "schemas" or not isinstance(part_table, Mapping):
                    continue
                fresh = {}
                for name, value in part_table.items():
                    self._unit = f"/components/{kind}/{escape(str(name))}"
                    fresh[name] = self.rewritten(value) if self._mentions(self._unit) else value
                self.parts |= {
                    f"/components/{kind}/{escape(str(name))}" for name in fresh if fresh[name] is not part_table[name]
                }
                out["components"][kind] = fresh
        self.raw = out

    def _mentions(self, unit: str) -> bool:
        """Whether a component (by its pointer) or a path (by its template) refers to anything that changed."""
        if self.graph is None:
            return True
        links = self.graph.links.get(unit)
        return not self.changed.isdisjoint(self.graph.mentioned.get(unit, ()) if links is None else links)

    def _is_plain(self, unit: str) -> bool:
        """Whether a component schema combines nothing: all of its references stand alone."""
        text = self.graph.texts.get(unit) if self.graph is not None else None
        return text is not None and not _COMBINES.search(text) and len(lone_references(text)) == text.count(b'"$ref":')

    _joins = False

    def _choice(self, node: Mapping[str, Any], key: str, branches: list[Any]) -> list[Any]:
        """The branches of a combination, turned where they may have to do with one another."""
        beside = set(node) - _HARMLESS - {key, "discriminator"}
        if not beside and sum(not _is_null(one) for one in branches) < 2:
            return branches
        if (key == "allOf" or beside) and (self.serious or key == "oneOf"):
            self._joins = self._joins or any(self._is_changed(one) for one in branches)
            return [self._turned(one) for one in branches]
        met = self.serious | self.moved if key == "oneOf" else self.serious
        if key == "allOf" or not any(isinstance(one, dict) and str(one.get("$ref"))[1:] in met for one in branches):
            return branches
        return [
            one if all(self._apart(one, other) for other in branches if other is not one) else self._turned(one)
            for one in branches
        ]

    def _apart(self, one: Any, other: Any) -> bool:
        """Whether two branches have no value in common, before and after: by types, or by a tag that both require.

        Then a change of one is a change of the whole.
        """
        return not self._is_changed(one) or all(
            apart(followed(one, raw), followed(other, raw)) for raw in (self.older, self.written)
        )

    def _is_changed(self, node: Any) -> bool:
        reference = node.get("$ref") if isinstance(node, dict) else None
        return isinstance(reference, str) and reference[1:] in self.changed

    def rewritten(self, node: Any) -> Any:
        """A value with the references of its combinations turned to newer components; itself where there are none."""
        if isinstance(node, list):
            items = [self.rewritten(one) if type(one) in _CONTAINERS else one for one in node]
            return items if any(a is not b for a, b in zip(items, node, strict=True)) else node
        if not isinstance(node, dict):
            return node
        out = node
        for key, value in node.items():
            if type(value) not in _CONTAINERS or key in _VALUES:
                continue
            new = value
            if key in _CHOICES and isinstance(value, list):
                new = self._choice(node, key, value)
            elif key == "content" and isinstance(value, dict):
                new = {name: one if is_json(name) else self._with_schema(one) for name, one in value.items()}
            elif key == "headers" and isinstance(value, dict):
                new = {name: self._with_schema(one) for name, one in value.items()}
            elif key == "schema" and isinstance(node.get("in"), str):
                new = self._written(value)
            elif key in _ONES and (self.serious or key in ("not", "if")):
                self._joins = self._joins or self._is_changed(value)
                new = self._turned(value)
            elif key == "dependentSchemas" and isinstance(value, dict) and self.serious:
                new = {name: self._turned(one) for name, one in value.items()}
            new = self.rewritten(new)
            if new is not value and new != value:
                if out is node:
                    out = dict(node)
                out[key] = new
        if isinstance(node.get("$ref"), str) and self.serious and set(node) - _HARMLESS:
            turned = self._turned(out)
            if turned is not out:
                self._joins = True
                out = turned
        return out

    def _with_schema(self, node: Any) -> Any:
        """A header or media type with its schema turned: what travels as text is judged where it does."""
        if not isinstance(node, dict) or "schema" not in node:
            return node
        schema = self._written(node["schema"])
        return node if schema is node["schema"] else {**node, "schema": schema}

    def _written(self, node: Any, depth: int = 0) -> Any:
        """A schema of what travels as text, its items, properties and alternatives turned with it."""
        if not self.serious:
            return node
        turned = self._turned(node)
        if turned is not node or not isinstance(node, dict) or depth > _MAX_WRITTEN:
            return turned
        out = node
        for key in ("items", "properties", *_CHOICES):
            value = node.get(key)
            new: Any = value
            if key == "items":
                new = self._written(value, depth + 1)
            elif key == "properties" and isinstance(value, dict):
                table = {name: self._written(one, depth + 1) for name, one in value.items()}
                new = table if any(table[name] is not value[name] for name in value) else value
            elif isinstance(value, list):
                branches = [self._written(one, depth + 1) for one in value]
                new = branches if any(a is not b for a, b in zip(branches, value, strict=True)) else value
            if new is not value:
                out = {**out, key: new}
        return out

    def _turned(self, node: Any) -> Any:
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(reference, str) or reference[1:] not in self.changed or not reference.startswith("#/"):
            return node
        target = reference[1:]
        self.turned[target] = self.turned.get(target, 0) + 1
        self.within[self._unit, target] = self.within.get((self._unit, target), 0) + 1
        return {**node, "$ref": f"#{BESIDE}{reference[1:]}"}


def followed(node: Any, raw: Mapping[str, Any]) -> Any:
    """What a schema object refers to, where it is nothing but a reference into the document."""
    for _ in range(8):
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        node = look_up(raw, reference[1:])
    return node


def apart(one: Any, other: Any) -> bool:
    """Whether two schema objects have no value in common, as far as types and tags tell."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return False
    mine, theirs = _types(one), _types(other)
    if mine and theirs and not mine & theirs and {"integer", "number"} - mine - theirs:
        return True
    both = _required(one) & _required(other)
    for name in both:
        tags, others = _tags(one, name), _tags(other, name)
        if tags is not None and others is not None and not tags & others:
            return mine == theirs == {"object"}
    return False


def _types(node: Mapping[str, Any]) -> set[str]:
    kinds = node.get("type")
    if "nullable" in node:
        return set()
    return {kinds} if isinstance(kinds, str) else set(map(str, kinds)) if isinstance(kinds, list) else set()


def _required(node: Mapping[str, Any]) -> set[str]:
    names = node.get("required")
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def _tags(node: Mapping[str, Any], name: str) -> set[str] | None:
    properties = node.get("properties")
    one = properties.get(name) if isinstance(properties, Mapping) else None
    if not isinstance(one, Mapping):
        return None
    values = one.get("enum", [one["const"]] if "const" in one else None)
    return set(map(repr, values)) if isinstance(values, list) and all(isinstance(v, str) for v in values) else None


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
