"""What a schema of a document says of the parts of a value: through references and combinations, without judging."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zeues_contracts.schema.dialects.bundle import in_place, translated_at
from zeues_contracts.schema.references import child, node_at, unescape
from zeues_contracts.schema.types import Schema, Settings

__all__ = [
    "Face",
    "declared_names",
    "faces",
    "has_choice",
    "is_anything",
    "is_closed",
    "is_deprecated",
    "is_free",
    "items_of",
    "kinds_of",
    "others_of",
    "places_at",
    "property_of",
    "values_of",
]

MAX_FACES = 300
_SAYS_NOTHING = frozenset(
    {
        "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "$comment",
        "$schema", "$id", "$defs", "$anchor", "externalDocs", "xml", "discriminator", "nullable", "format",
    }
)  # fmt: skip

Face = tuple[Schema, Mapping[str, Any]]


def faces(schema: Schema, settings: Settings) -> list[Face]:
    """Every schema object that describes the value at a place: itself, what it refers to, and its branches."""
    found: list[Face] = []
    seen: set[tuple[int, str]] = set()
    queue = [schema]
    while queue and len(found) < MAX_FACES:
        place = queue.pop(0)
        key = (id(place.resource), place.pointer)
        if key in seen:
            continue
        seen.add(key)
        try:
            if isinstance(node_at(place), bool):
                continue
            translated = translated_at(place, settings)
        except (KeyError, RecursionError):
            continue
        found.append((place, translated))
        if "not" in translated and len(translated) == 1:
            continue
        queue += list(in_place(place, translated))
    return found


def is_anything(schema: Schema, settings: Settings) -> bool:
    """Whether a schema says nothing at all of its values: ``{}``, or true."""
    try:
        if node_at(schema) is True:
            return True
        if node_at(schema) is False:
            return False
    except KeyError:
        return True
    for _, translated in faces(schema, settings):
        if any(key not in _SAYS_NOTHING and not key.startswith("x-") and key != "$ref" for key in translated):
            return False
    return True


def declared_names(schema: Schema, settings: Settings) -> dict[str, Schema]:
    """The properties that a schema names, each with the first place that describes it."""
    found: dict[str, Schema] = {}
    for place, translated in faces(schema, settings):
        given = translated.get("properties")
        if isinstance(given, Mapping):
            for name in given:
                found.setdefault(str(name), child(place, "properties", str(name)))
    return found


def property_of(schema: Schema, name: str, settings: Settings, value: Any = None) -> list[Schema]:
    """Every place that describes a property by its name or by a pattern.

    With the ``value`` that the schema is to describe, what speaks of values with another mark (a ``const`` or an
    ``enum`` that it does not meet: another branch) is left out, as long as something is left.
    """
    known = faces(schema, settings)
    if isinstance(value, Mapping):
        known = [one for one in known if not _speaks_of_others(one, name, value, settings)] or known
    found = _described_in(known, name)
    return found or (_described_in(faces(schema, settings), name) if isinstance(value, Mapping) else [])


def _speaks_of_others(face: Face, name: str, value: Mapping[str, Any], settings: Settings) -> bool:
    place, translated = face
    given = translated.get("properties")
    for key in [one for one in value if one in given and one != name][:50] if isinstance(given, Mapping) else ():
        values = values_of(child(place, "properties", key), settings)
        if values and value[key] not in values:
            return True
    return False


def _described_in(known: Iterable[Face], name: str) -> list[Schema]:
    found: list[Schema] = []
    for place, translated in known:
        given = translated.get("properties")
        if isinstance(given, Mapping) and name in given:
            found.append(child(place, "properties", name))
        patterns = translated.get("patternProperties")
        if isinstance(patterns, Mapping):
            found += [child(place, "patternProperties", one) for one in patterns if _matches(str(one), name)]
    return found


def others_of(schema: Schema, settings: Settings) -> list[Schema]:
    """Every place that describes properties that are not named, where it says something of them."""
    found = [
        child(place, keyword)
        for place, translated in faces(schema, settings)
        for keyword in ("additionalProperties", "unevaluatedProperties")
        if isinstance(translated.get(keyword), Mapping)
    ]
    return [one for one in found if not is_anything(one, settings)]


def is_free(schema: Schema, settings: Settings) -> bool:
    """Whether other properties than the named ones are spoken of, or none is named: then each may mean something."""
    named = False
    for _, translated in faces(schema, settings):
        if translated.get("properties"):
            named = True
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            if keyword in translated and translated[keyword] is not False:
                return True
    return not named


def has_choice(schema: Schema, settings: Settings) -> bool:
    """Whether a value may be described by one branch or another (null besides one branch is no choice)."""
    for place, translated in faces(schema, settings):
        if "if" in translated or "dependentSchemas" in translated:
            return True
        for keyword in ("anyOf", "oneOf"):
            branches = translated.get(keyword)
            count = len(branches) if isinstance(branches, Sequence) else 0
            nulls = sum(kinds_of(child(place, keyword, i), settings) == {"null"} for i in range(min(count, 3)))
            if count - nulls > 1:
                return True
    return False


def is_closed(schema: Schema, settings: Settings) -> bool:
    """Whether other properties than the named ones are refused."""
    closing = ("additionalProperties", "unevaluatedProperties")
    return any(translated.get(keyword) is False for _, translated in faces(schema, settings) for keyword in closing)


def items_of(schema: Schema, index: int, settings: Settings) -> list[Schema]:
    """Every place that describes an item of a list."""
    found: list[Schema] = []
    for place, translated in faces(schema, settings):
        first = translated.get("prefixItems")
        length = len(first) if isinstance(first, Sequence) and not isinstance(first, str) else 0
        if index < length:
            keyword = "prefixItems" if "prefixItems" in _raw(place) else "items"
            found.append(child(place, keyword, index))
        elif "items" in translated:
            keyword = "items" if "prefixItems" in _raw(place) or not length else "additionalItems"
            found.append(child(place, keyword))
    return found


def places_at(schema: Schema, pointer: str, settings: Settings, value: Any = None) -> list[Schema]:
    """The places that describe what stands at a pointer of a value, or of the nearest thing around it.

    With the ``value`` itself, those of branches that are not for it are left out.
    """
    here = [schema]
    for token in pointer.split("/")[1:]:
        name = unescape(token)
        below: list[Schema] = []
        for place in here[:20]:
            below += property_of(place, name, settings, value)
            if name.isdigit():
                below += items_of(place, int(name), settings)
        if not below:
            break
        here, value = below, _step(value, name)
    return here


def _step(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    return value[int(name)] if isinstance(value, list) and name.isdigit() and int(name) < len(value) else None


def kinds_of(schema: Schema, settings: Settings) -> frozenset[str]:
    """The types that a schema's values may have, as far as they are written; empty where nothing is said."""
    found: set[str] = set()
    for _, translated in faces(schema, settings):
        kind = translated.get("type")
        if kind is not None:
            found |= {kind} if isinstance(kind, str) else {str(one) for one in kind}
        if "properties" in translated and kind is None:
            found.add("object")
        if kind is None:
            found |= {_kind(value) for value in translated.get("enum", ())}
            found |= {_kind(translated["const"])} if "const" in translated else set()
    return frozenset(found)


def is_deprecated(places: Iterable[Schema], settings: Settings) -> bool:
    """Whether what these places describe is marked as deprecated by one of them (OpenAPI 3.0 and 3.1; not 2.0)."""
    return any(_raw(one).get("deprecated") is True for place in places for one, _ in faces(place, settings))


def values_of(schema: Schema, settings: Settings) -> list[Any]:
    """The values that a schema lists (``enum``, ``const``)."""
    found: list[Any] = []
    for _, translated in faces(schema, settings):
        found += list(translated.get("enum", ()))[:200]
        if "const" in translated:
            found.append(translated["const"])
    return found


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if value is None:
        return "null"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "object"
    return "array" if isinstance(value, list) else "number"


def _raw(place: Schema) -> Mapping[str, Any]:
    node = node_at(place)
    return node if isinstance(node, Mapping) else {}


def _matches(pattern: str, name: str) -> bool:
    from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern, compile_pattern

    try:
        return compile_pattern(pattern).accepts(name)
    except (UnsupportedPattern, PatternBudget):
        return False
