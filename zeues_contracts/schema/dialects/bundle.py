"""One standalone 2020-12 schema of what a place reaches, for validators.

Settings are applied on the way: the direction drops read-only or write-only properties, the closed world adds
``unevaluatedProperties: false`` to every value that is described as an object with properties. It stands where a value
is described as a whole (the root, a property, an item), never on a branch of a combination, so that ``allOf`` of two
objects is the object with the properties of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from zeues_contracts.schema.dialects.translate import origin, translate
from zeues_contracts.schema.references import (
    child,
    has_own_vocabulary,
    kept_of,
    node_at,
    resolve,
    sole_dynamic_anchor,
)
from zeues_contracts.schema.types import Schema, Settings

__all__ = ["BundleError", "bundle", "bundle_with_places", "closes", "in_place", "target_of", "translated_at"]

MAX_NODES = 60_000
"""Schema objects of one bundle."""
MAX_NESTING = 40
"""Deeper schemas get a definition of their own, so that no reader of the bundle recurses deeper."""

_MAX_LINKS = 8
"""References of references that are followed for a mark of a direction."""
_MARKS = frozenset({"readOnly", "writeOnly"})

_VALUE = ("additionalProperties", "propertyNames", "contains", "items", "unevaluatedItems", "unevaluatedProperties")
_VALUE_LISTS = ("prefixItems",)
_VALUE_MAPS = ("properties", "patternProperties")
_PLACE = ("not", "if", "then", "else")
_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_PLACE_MAPS = ("dependentSchemas",)
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_LEFT_OUT = frozenset({"$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$defs", "discriminator", "nullable"})


class BundleError(ValueError):
    """A schema that cannot be made standalone; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def bundle(
    schema: Schema,
    settings: Settings | None = None,
    levels: int | None = None,
    names: Sequence[AbstractSet[str]] | None = None,
) -> dict[str, Any]:
    """The schema at a place as one JSON Schema 2020-12 document that refers to nothing outside of itself.

    ``levels`` leaves away what no value nested less deep reaches (0: a scalar or an empty container), so that judging
    a small value of one of a thousand components that refer to one another costs as much as the value is deep.
    ``names`` says which members the value has on each level: other properties are left away too. Only what is reached
    is in it; references are rewritten to ``#/$defs/…``. Raises :class:`BundleError` for a reference that leads nowhere,
    for a dynamic one whose target depends on the caller, and past the bounds.
    """
    return _Bundling(settings or Settings(), levels, names).run(schema)


def bundle_with_places(
    schema: Schema, settings: Settings, levels: int | None = None
) -> tuple[dict[str, Any], dict[str, Schema]]:
    """As :func:`bundle`, and the place that each of its definitions was made of."""
    making = _Bundling(settings, levels, None)
    return making.run(schema), making.places


def target_of(schema: Schema, translated: Mapping[str, Any], keyword: str) -> Schema | None:
    """Where ``$ref``, ``$dynamicRef`` or ``$recursiveRef`` of the translated object at a place leads.

    ``None`` where it leads nowhere, or to different places from different callers.
    """
    reference = translated[keyword]
    if keyword == "$ref":
        return resolve(schema, reference)
    if keyword == "$dynamicRef":
        return sole_dynamic_anchor(schema, reference)
    found = resolve(schema, reference)
    if found is None:
        return None
    node = node_at(found)
    # Draft 2019-09, 8.2.4.2: without the anchor it is a plain reference; with it, the outermost root that has one too
    # is meant, which is certain only where there is but one root.
    dynamic = isinstance(node, Mapping) and node.get("$recursiveAnchor") is True
    return None if dynamic and (found.pointer or schema.resource.others) else found


def in_place(schema: Schema, translated: Mapping[str, Any]) -> Iterator[Schema]:
    """The places that describe the same value as the object at a place: references and combinations, one step."""
    for keyword in _REFERENCES:
        if keyword in translated:
            target = target_of(schema, translated, keyword)
            if target is not None:
                yield target
    for keyword in ("if", "then", "else"):
        if keyword in translated:
            yield child(schema, keyword)
    for keyword in _PLACE_LISTS:
        for position in range(len(translated.get(keyword, ()))):
            yield child(schema, keyword, position)
    for name in translated.get("dependentSchemas", ()):
        yield child(schema, _origin("dependentSchemas", schema), name)


def closes(schema: Schema, settings: Settings) -> bool:
    """Whether the closed world says something of the value at a place: somewhere it is described by properties."""
    seen: set[tuple[int, str]] = set()
    stack = [schema]
    while stack:
        place = stack.pop()
        key = (id(place.resource), place.pointer)
        if key in seen:
            continue
        seen.add(key)
        try:
            translated = translated_at(place, settings)
        except KeyError:
            continue
        if translated.get("properties") or translated.get("patternProperties"):
            return True
        stack.extend(in_place(place, translated))
    return False


class _Bundling:
    def __init__(self, settings: Settings, levels: int | None, members: Sequence[AbstractSet[str]] | None) -> None:
        self.settings = settings
        self.levels = levels
        self.members = members
        self.names: dict[tuple[int, str, bool, int], str] = {}
        self.pending: list[tuple[str, Schema, bool, int]] = []
        self.places: dict[str, Schema] = {}
        self.count = 0

    def run(self, schema: Schema) -> dict[str, Any]:
        if has_own_vocabulary(schema):
            raise BundleError("a schema with a metaschema of its own, which may take keywords away")
        top: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        top["$ref"] = self.reference(schema, value=True, level=0)
        definitions: dict[str, Any] = {}
        while self.pending:
            name, place, value, level = self.pending.pop()
            definitions[name] = self.render(place, value, 0, level)
        top["$defs"] = definitions
        return top

    def reference(self, place: Schema, *, value: bool, level: int) -> str:
        closed = value and self.settings.closed_world
        level = 0 if self.levels is None else level
        key = (id(place.resource), place.pointer, closed, level)
        name = self.names.get(key)
        if name is None:
            name = self.names[key] = f"s{len(self.names)}"
            self.places[name] = place
            self.pending.append((name, place, closed, level))
        return f"#/$defs/{name}"

    def render(self, place: Schema, value: bool, depth: int, level: int) -> Any:
        self.count += 1
        if self.count > MAX_NODES:
            raise BundleError(f"a schema that reaches more than {MAX_NODES} schema objects")
        try:
            node = node_at(place)
        except KeyError:
            raise BundleError(f"nothing stands at {place.pointer or 'the root'}") from None
        if isinstance(node, bool):
            return node
        translated = translated_at(place, self.settings)
        out: dict[str, Any] = {}
        for keyword, given in translated.items():
            if keyword in _REFERENCES:
                self.render_reference(place, translated, keyword, out, level)
            elif keyword not in _LEFT_OUT:
                out[keyword] = self.render_keyword(place, keyword, given, depth + 1, level)
        if translated.get("nullable"):
            out = {"anyOf": [out, {"type": "null"}]}
        if value and self.settings.closed_world and "unevaluatedProperties" not in out and closes(place, self.settings):
            out["unevaluatedProperties"] = False
        return out

    def render_reference(
        self, place: Schema, translated: Mapping[str, Any], keyword: str, out: dict[str, Any], level: int
    ) -> None:
        target = target_of(place, translated, keyword)
        if target is None:
            where = place.pointer or "the root"
            raise BundleError(f"the reference {translated[keyword]} at {where} leads nowhere certain")
        link = self.reference(target, value=False, level=level)
        if "$ref" in out:
            out.setdefault("allOf", []).append({"$ref": link})
        else:
            out["$ref"] = link

    def render_keyword(self, place: Schema, keyword: str, given: Any, depth: int, level: int) -> Any:
        where = child(place, _origin(keyword, place))
        if keyword in _VALUE or keyword in _PLACE:
            return self.nested(where, given, keyword in _VALUE, depth, level)
        if keyword in _VALUE_LISTS or keyword in _PLACE_LISTS:
            value = keyword in _VALUE_LISTS
            return [self.nested(child(where, i), one, value, depth, level) for i, one in enumerate(given)]
        if keyword in _VALUE_MAPS or keyword in _PLACE_MAPS:
            value = keyword in _VALUE_MAPS
            if keyword == "properties" and self.members is not None:
                there = self.members[level] if level < len(self.members) else frozenset()
                given = {name: one for name, one in given.items() if name in there}
            return {name: self.nested(child(where, name), one, value, depth, level) for name, one in given.items()}
        if keyword == "dependentRequired":
            return {name: list(names) for name, names in given.items()}
        return list(given) if isinstance(given, tuple) else given

    def nested(self, place: Schema, node: Any, value: bool, depth: int, level: int) -> Any:
        if isinstance(node, bool):
            return node
        level += value
        if self.levels is not None and level > self.levels:
            return True  # nothing of the value lies that deep
        if depth > MAX_NESTING:
            return {"$ref": self.reference(place, value=value, level=level)}
        return self.render(place, value, depth, level)


def _origin(keyword: str, place: Schema) -> str:
    return origin(keyword, node_at(place), place.resource.dialect)


def translated_at(place: Schema, settings: Settings) -> Mapping[str, Any]:
    """The schema object at a place as 2020-12 says it, without the properties that do not go the direction set.

    The answer is shared: nobody changes it. Raises ``KeyError`` where nothing stands.
    """
    kept = kept_of(place.resource)
    key = ("words", place.pointer, settings.direction, settings.marked_stay)
    found: Mapping[str, Any] | None = kept.get(key)
    if found is None:

        def target(node: Any) -> Any:
            here = place
            for _ in range(_MAX_LINKS):
                found = resolve(here, node["$ref"])
                if found is None:
                    return None
                here, node = found, node_at(found)
                if (
                    not isinstance(node, Mapping)
                    or not isinstance(node.get("$ref"), str)
                    or not _MARKS.isdisjoint(node)
                ):
                    break
            return node

        needed = target if settings.direction is not None else None
        found = kept[key] = translate(
            node_at(place), place.resource.dialect, settings.direction, resolve=needed, marked_stay=settings.marked_stay
        )
    return found
