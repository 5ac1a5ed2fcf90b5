"""A schema place as a person reads it: references followed, null set apart, unions and ``allOf`` opened.

Views only serve to *align* two schemas; what a difference means is settled by containment of the places themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from zeues_contracts.schema.dialects import origin, target_of
from zeues_contracts.schema.dialects.bundle import translated_at
from zeues_contracts.schema.references import child, node_at, resolve
from zeues_contracts.schema.types import Dialect, Schema, Settings

__all__ = ["ANNOTATIONS", "Entry", "Union", "View", "children", "listed_values", "view_of"]

ANNOTATIONS = ("format", "default", "deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType")

_ASIDE = frozenset({"$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$defs", "discriminator"})
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_DEAF = frozenset({Dialect.DRAFT_4, Dialect.DRAFT_6, Dialect.DRAFT_7, Dialect.SWAGGER_2_0, Dialect.OPENAPI_3_0})
MAX_STEPS = 60


class Entry(msgspec.Struct, frozen=True):
    """A keyword's value and the schema object that says it."""

    value: Any
    place: Schema


class Union(msgspec.Struct, frozen=True):
    """The branches of a schema that is nothing but a choice."""

    keyword: str
    branches: tuple[Schema, ...]
    discriminator: str = ""


class View(msgspec.Struct, frozen=True):
    """A place after references and wrappers are peeled off.

    ``nullable`` says that null was set apart: then ``type`` and ``enum`` speak of the rest. ``through_reference`` says
    that a reference was followed to get here.
    """

    place: Schema
    node: Any
    nullable: bool = False
    through_reference: bool = False
    union: Union | None = None
    keywords: Mapping[str, Entry] = msgspec.field(default_factory=dict)
    properties: Mapping[str, Schema] = msgspec.field(default_factory=dict)
    required: Mapping[str, Schema] = msgspec.field(default_factory=dict)
    beside: Mapping[str, Entry] = msgspec.field(default_factory=dict)
    """Annotations that stand beside a reference or a wrapper on the way here: they speak over those of the place."""

    def get(self, keyword: str, default: Any = None) -> Any:
        """The value of a keyword."""
        entry = self.keywords.get(keyword)
        return default if entry is None else entry.value


def view_of(schema: Schema, settings: Settings) -> View:
    """The view of a place. A place where nothing stands is viewed as the schema of every value."""
    place = schema
    nullable = through = False
    beside: dict[str, Entry] = {}
    for _ in range(MAX_STEPS):
        node = _node(place)
        translated = _translated(place, settings)
        if translated.get("nullable"):
            nullable = True
        keys = [key for key in translated if key not in _ASIDE and key != "nullable"]
        if len(keys) == 1 and keys[0] in _REFERENCES:
            target = target_of(place, translated, keys[0])
            if target is None:
                break
            _note_beside(beside, place, node)
            place, through = target, True
            continue
        if len(keys) == 1 and keys[0] in ("allOf", "anyOf", "oneOf"):
            branches = [child(place, keys[0], i) for i in range(len(translated[keys[0]]))]
            if keys[0] != "allOf":
                open_ones = [one for one in branches if not _is_null(one, settings)]
                nullable = nullable or len(open_ones) < len(branches)
                branches = open_ones
            if len(branches) == 1:
                _note_beside(beside, place, node)
                place = branches[0]
                continue
            if keys[0] != "allOf" and branches:
                more_null, flat = _flattened(tuple(branches), settings)
                union = Union(keys[0], flat, _tag(translated))
                return View(place, node, nullable or more_null, through, union, beside=beside)
        break
    node = _node(place)
    found = _gathered(place, settings)
    keywords, properties, required = found if found is not None else _own(place, _translated(place, settings))
    nullable, keywords = _without_null(nullable, keywords)
    return View(place, node, nullable, through, None, keywords, properties, required, beside)


def _note_beside(beside: dict[str, Entry], place: Schema, node: Any) -> None:
    """Keep what a place that is passed says besides; beside a ``$ref`` that counts from 2019-09 and OpenAPI 3.1 on."""
    if not isinstance(node, Mapping) or ("$ref" in node and place.resource.dialect in _DEAF):
        return
    for keyword in ANNOTATIONS:
        if keyword != "format" and keyword in node:
            beside.setdefault(keyword, Entry(node[keyword], place))


def children(place: Schema, keyword: str) -> Schema:
    """The place of a translated keyword's subschema (or of the list or map that holds them)."""
    return child(place, origin(keyword, _node(place), place.resource.dialect))


def listed_values(view: View) -> list[Any] | None:
    """The values that a view lists, by ``const`` or ``enum``; ``None`` where it lists none."""
    if "const" in view.keywords:
        return [view.get("const")]
    values = view.get("enum")
    return list(values) if values is not None else None


def _own(place: Schema, translated: Mapping[str, Any]) -> tuple[dict[str, Entry], dict[str, Schema], dict[str, Schema]]:
    keywords = {
        key: Entry(value, place)
        for key, value in translated.items()
        if key not in _ASIDE and key not in ("properties", "required", "nullable")
    }
    properties = {name: child(place, "properties", name) for name in translated.get("properties", ())}
    required = dict.fromkeys(translated.get("required", ()), place)
    return keywords, properties, required


def _gathered(
    place: Schema, settings: Settings
) -> tuple[dict[str, Entry], dict[str, Schema], dict[str, Schema]] | None:
    """The keywords of a place with those of its ``allOf`` and ``$ref`` moved in, where none is said twice."""
    keywords: dict[str, Entry] = {}
    properties: dict[str, Schema] = {}
    required: dict[str, Schema] = {}
    speakers = 0
    closed = False
    stack = [place]
    seen: set[tuple[int, str]] = set()
    while stack:
        here = stack.pop()
        key = (id(here.resource), here.pointer)
        if key in seen:
            continue
        seen.add(key)
        if len(seen) > MAX_STEPS:
            return None
        translated = _translated(here, settings)
        if here is not place and (translated.get("nullable") or isinstance(_node(here), bool)):
            return None
        own, names, wanted = _own(here, translated)
        for reference in _REFERENCES:
            if reference in own:
                target = target_of(here, translated, reference)
                if target is None:
                    return None
                del own[reference]
                stack.append(target)
        if "allOf" in own:
            stack.extend(child(here, "allOf", i) for i in reversed(range(len(own.pop("allOf").value))))
        if names or "patternProperties" in own:
            speakers += 1
        closed = closed or own.get("additionalProperties", Entry(True, here)).value is not True
        for name, entry in own.items():
            known = keywords.get(name)
            if known is None:
                keywords[name] = entry
            elif name == "type" and set(known.value) & set(entry.value):
                keywords[name] = Entry(tuple(one for one in known.value if one in entry.value), known.place)
            elif known.value != entry.value:
                return None
        for name, where in names.items():
            if name in properties and _node(properties[name]) != _node(where):
                return None
            properties.setdefault(name, where)
        for name, where in wanted.items():
            required.setdefault(name, where)
    # What is "additional" depends on the properties beside it: two objects under one allOf keep apart then.
    return None if closed and speakers > 1 else (keywords, properties, required)


def _without_null(nullable: bool, keywords: Mapping[str, Entry]) -> tuple[bool, dict[str, Entry]]:
    out = dict(keywords)
    types = out.get("type")
    enum = out.get("enum")
    if types is not None and "null" in types.value and len(types.value) > 1:
        if enum is None or any(one is None for one in enum.value):
            nullable = True
        out["type"] = Entry(tuple(one for one in types.value if one != "null"), types.place)
        if enum is not None:
            out["enum"] = Entry([one for one in enum.value if one is not None], enum.place)
    elif types is None and enum is not None and any(one is None for one in enum.value) and len(enum.value) > 1:
        nullable = True
        out["enum"] = Entry([one for one in enum.value if one is not None], enum.place)
    return nullable, out


def _flattened(branches: tuple[Schema, ...], settings: Settings) -> tuple[bool, tuple[Schema, ...]]:
    """Branches that are inline choices themselves, opened; and whether one of these let null in."""
    found: list[Schema] = []
    nullable = False
    for branch in branches:
        translated = _translated(branch, settings)
        keys = [key for key in translated if key not in _ASIDE]
        if keys == ["anyOf"] and len(found) + len(translated["anyOf"]) <= MAX_STEPS:
            for i in range(len(translated["anyOf"])):
                one = child(branch, "anyOf", i)
                if _is_null(one, settings):
                    nullable = True
                else:
                    found.append(one)
        else:
            found.append(branch)
    return nullable, tuple(found)


def _is_null(place: Schema, settings: Settings) -> bool:
    translated = _translated(place, settings)
    keys = [key for key in translated if key not in _ASIDE]
    if keys == ["$ref"]:
        target = resolve(place, translated["$ref"])
        if target is None:
            return False
        translated = _translated(target, settings)
        keys = [key for key in translated if key not in _ASIDE]
    if translated.get("type") == ("null",):
        return True
    if keys == ["enum"]:
        return all(one is None for one in translated["enum"]) and bool(translated["enum"])
    return keys == ["const"] and translated["const"] is None


def _tag(translated: Mapping[str, Any]) -> str:
    given = translated.get("discriminator")
    name = given.get("propertyName") if isinstance(given, Mapping) else given
    return name if isinstance(name, str) else ""


def _node(place: Schema) -> Any:
    try:
        return node_at(place)
    except KeyError:
        return True


def _translated(place: Schema, settings: Settings) -> Mapping[str, Any]:
    try:
        return translated_at(place, settings)
    except KeyError:
        return {}
