"""Differences of applicators: properties, items, choices, conditions."""

from __future__ import annotations

from collections.abc import Mapping

from zeues_contracts.schema.difference.align import align
from zeues_contracts.schema.difference.model import MISSING, Way
from zeues_contracts.schema.difference.spot import Spot, keyword_pointer, node_of
from zeues_contracts.schema.difference.values import became, listed, shown, way_between
from zeues_contracts.schema.difference.views import Entry, View, children, listed_values, view_of
from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern, compile_pattern
from zeues_contracts.schema.references import child
from zeues_contracts.schema.types import Resource, Schema, Settings

__all__ = ["compare_applicators", "compare_unions"]

_SINGLE = {
    "items": "[]",
    "contains": "[?]",
    "additionalProperties": "{*}",
    "propertyNames": "{names}",
    "unevaluatedItems": "[]",
    "unevaluatedProperties": "{*}",
}
_NOUNS = {
    "items": "items",
    "contains": "a contained item",
    "additionalProperties": "additional properties",
    "propertyNames": "property names",
    "unevaluatedItems": "further items",
    "unevaluatedProperties": "further properties",
}
_ANYTHING = Resource(True)
_NOTHING = Resource(False)


def compare_applicators(spot: Spot) -> None:
    """Every keyword that holds subschemas."""
    _properties(spot)
    _pattern_properties(spot)
    _required(spot)
    _dependencies(spot)
    _prefix(spot)
    for keyword, token in _SINGLE.items():
        _single(spot, keyword, token)
    _negation(spot)
    _conditions(spot)
    _combinations(spot)


def _properties(spot: Spot) -> None:
    for name, place in spot.old.properties.items():
        if name in spot.new.properties:
            spot.below(place, spot.new.properties[name], (*spot.path, name))
    for name, place in spot.old.properties.items():
        if name not in spot.new.properties:
            _moved(spot, name, place, added=False)
    for name, place in spot.new.properties.items():
        if name not in spot.old.properties:
            _moved(spot, name, place, added=True)


def _moved(spot: Spot, name: str, place: Schema, *, added: bool) -> None:
    """A property that only one side names: the other side has said of it what it says of any other property."""
    other = spot.old if added else spot.new
    elsewhere = _stand_in(other, name)
    pair = (elsewhere, place) if added else (place, elsewhere)
    verdict = spot.walk.verdict(*pair)
    way = verdict.way
    witness = verdict.gained if verdict.lost is MISSING else verdict.lost
    node = node_of(place)
    at = (spot.old.place.pointer, place.pointer) if added else (place.pointer, spot.new.place.pointer)
    spot.emit(
        "properties",
        way,
        MISSING if added else node,
        node if added else MISSING,
        "was added" if added else "was removed",
        at=at,
        path=(*spot.path, name),
        witness=witness,
    )


def _required(spot: Spot) -> None:
    for name in (*spot.old.required, *(n for n in spot.new.required if n not in spot.old.required)):
        before, after = name in spot.old.required, name in spot.new.required
        if before is after:
            continue
        at = (
            keyword_pointer(spot.old.required.get(name, spot.old.place), "required"),
            keyword_pointer(spot.new.required.get(name, spot.new.place), "required"),
        )
        way = Way.NARROWED if after else Way.WIDENED
        named = name in (spot.new.properties if after else spot.old.properties)
        sentence = "became required" if after else "is no longer required"
        if after and named and name not in spot.old.properties:
            sentence = "is required"
        spot.emit("required", way, before, after, sentence, at=at, path=(*spot.path, name))


def _pattern_properties(spot: Spot) -> None:
    old, new = _maps(spot, "patternProperties")
    for pattern in old:
        if pattern in new:
            spot.below(old[pattern], new[pattern], (*spot.path, f"{{{pattern}}}"))
    _members(
        spot,
        "patternProperties",
        old,
        new,
        "properties that match {} are now described",
        "properties that match {} are no longer described",
    )


def _dependencies(spot: Spot) -> None:
    old, new = _maps(spot, "dependentSchemas")
    for name in old:
        if name in new:
            spot.below(old[name], new[name], spot.path)
    _members(
        spot,
        "dependentSchemas",
        old,
        new,
        "with {} there are further demands now",
        "with {} there are no further demands any more",
    )
    before, after = spot.old.get("dependentRequired", {}), spot.new.get("dependentRequired", {})
    for name in dict.fromkeys((*before, *after)):
        one, other = set(before.get(name, ())), set(after.get(name, ()))
        if one != other:
            way = way_between(bool(other - one), bool(one - other))
            sentence = f"with {shown(name)}, {listed(sorted(one))} became {listed(sorted(other))} among the required"
            if not one:
                sentence = f"with {shown(name)}, {listed(sorted(other))} became required"
            elif not other:
                sentence = f"with {shown(name)}, {listed(sorted(one))} is no longer required"
            spot.emit("dependentRequired", way, sorted(one), sorted(other), sentence)


def _maps(spot: Spot, keyword: str) -> tuple[dict[str, Schema], dict[str, Schema]]:
    found: list[dict[str, Schema]] = []
    for view in (spot.old, spot.new):
        entry = view.keywords.get(keyword)
        found.append({} if entry is None else {n: child(children(entry.place, keyword), n) for n in entry.value})
    return found[0], found[1]


def _members(
    spot: Spot, keyword: str, old: Mapping[str, Schema], new: Mapping[str, Schema], came: str, went: str
) -> None:
    for name in dict.fromkeys((*old, *new)):
        if (name in old) is (name in new):
            continue
        place = new.get(name) or old[name]
        node = node_of(place)
        added = name in new
        at = (spot.old.place.pointer, place.pointer) if added else (place.pointer, spot.new.place.pointer)
        sentence = (came if added else went).format(shown(name))
        way = Way.UNKNOWN if keyword == "patternProperties" else Way.NARROWED if added else Way.WIDENED
        way = spot.settled(way)
        spot.emit(keyword, way, MISSING if added else node, node if added else MISSING, sentence, at=at)


def _prefix(spot: Spot) -> None:
    lists: list[list[Schema]] = []
    for view in (spot.old, spot.new):
        entry = view.keywords.get("prefixItems")
        under = None if entry is None else children(entry.place, "prefixItems")
        lists.append([] if entry is None or under is None else [child(under, i) for i in range(len(entry.value))])
    rest = [_subschema(view, "items") for view in (spot.old, spot.new)]
    for i in range(max(map(len, lists))):
        old = lists[0][i] if i < len(lists[0]) else rest[0]
        new = lists[1][i] if i < len(lists[1]) else rest[1]
        spot.below(old, new, (*spot.path, f"[{i}]"))


def _single(spot: Spot, keyword: str, token: str) -> None:
    old, new = _subschema(spot.old, keyword), _subschema(spot.new, keyword)
    before, after = node_of(old), node_of(new)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        spot.below(old, new, (*spot.path, token))
        return
    if before == after or spot.walk.same(old, new):
        return
    verdict = spot.walk.verdict(old, new)
    way = verdict.way
    if keyword == "contains" and "contains" in spot.old.keywords and "contains" in spot.new.keywords:
        way = spot.settled(Way.UNKNOWN)
    noun = _NOUNS[keyword]
    if after is False:
        sentence = f"{noun} are no longer allowed"
    elif before is False:
        sentence = f"{noun} are allowed now"
    elif after is True or keyword not in spot.new.keywords:
        sentence = f"{noun} may be anything now"
    else:
        sentence = f"{noun} are restricted now"
    given = [view.get(keyword, MISSING) for view in (spot.old, spot.new)]
    spot.emit(keyword, way, given[0], given[1], sentence)


def _negation(spot: Spot) -> None:
    before, after = spot.both("not")
    if before is MISSING and after is MISSING:
        return
    if before is MISSING or after is MISSING:
        way = spot.settled(Way.UNKNOWN)
        if way is Way.UNKNOWN:
            way = Way.NARROWED if before is MISSING else Way.WIDENED
        sentence = "some values are ruled out now" if before is MISSING else "some values are no longer ruled out"
        spot.emit("not", way, before, after, sentence)
        return
    old, new = (child(view.keywords["not"].place, "not") for view in (spot.old, spot.new))
    spot.below(old, new, spot.path, flip=True)


def _conditions(spot: Spot) -> None:
    changed = [
        keyword for keyword in ("if", "then", "else") if not _equal_places(spot, keyword) and spot.allowed is not None
    ]
    if not changed:
        return
    keyword = changed[0]
    before, after = spot.both(keyword)
    spot.emit(keyword, spot.settled(Way.UNKNOWN), before, after, "the condition on it changed")


def _equal_places(spot: Spot, keyword: str) -> bool:
    one, other = spot.old.keywords.get(keyword), spot.new.keywords.get(keyword)
    if one is None or other is None:
        return one is other
    return spot.walk.same(child(one.place, keyword), child(other.place, keyword))


def _combinations(spot: Spot) -> None:
    """Choices and the like that stand beside other keywords, and ``allOf`` that could not be opened."""
    for keyword in ("allOf", "anyOf", "oneOf", "$ref", "$dynamicRef", "$recursiveRef"):
        one, other = spot.old.keywords.get(keyword), spot.new.keywords.get(keyword)
        if one is None and other is None:
            continue
        if keyword.startswith("$"):
            _reference(spot, keyword, one, other)
            continue
        _choices(spot, keyword, _branches(spot, keyword, one), _branches(spot, keyword, other), ("", ""))


def _branches(spot: Spot, keyword: str, entry: Entry | None) -> list[Schema]:
    return [] if entry is None else [child(entry.place, keyword, i) for i in range(len(entry.value))]


def _reference(spot: Spot, keyword: str, one: Entry | None, other: Entry | None) -> None:
    if one is not None and other is not None and one.value == other.value:
        return
    before = MISSING if one is None else one.value
    after = MISSING if other is None else other.value
    spot.emit(keyword, spot.settled(Way.UNKNOWN), before, after, became(keyword, before, after))


def compare_unions(spot: Spot) -> None:
    """A choice against a choice, or against a single schema, which is a choice of one."""
    one, other = spot.old.union, spot.new.union
    old = [spot.old.place] if one is None else list(one.branches)
    new = [spot.new.place] if other is None else list(other.branches)
    used = other or one
    keyword = "anyOf" if used is None else used.keyword
    tags = ("" if one is None else one.discriminator, "" if other is None else other.discriminator)
    _choices(spot, keyword, old, new, tags)


def _choices(spot: Spot, keyword: str, old: list[Schema], new: list[Schema], tags: tuple[str, str]) -> None:
    walk = spot.walk
    pairs, gone, come = align(old, new, tags, walk.settings, walk.same, walk.equal)
    for before, after in pairs:
        spot.below(before, after, spot.path)
    adds = keyword != "allOf"
    for place, added in (*((one, False) for one in gone), *((one, True) for one in come)):
        way = Way.WIDENED if added is adds else Way.NARROWED
        # A branch that the other side lets in by other words was neither gained nor lost.
        if keyword == "anyOf" and walk.within(place, spot.old.place if added else spot.new.place):
            continue
        if keyword == "oneOf":
            way = spot.settled(Way.UNKNOWN) if len(spot.verdict.allowed) < 2 else way
        node = node_of(place)
        at = (spot.old.place.pointer, place.pointer) if added else (place.pointer, spot.new.place.pointer)
        name = _name(place, spot.walk.settings)
        if adds:
            sentence = f"may also be {name}" if added else f"may no longer be {name}"
        else:
            sentence = f"must now also be {name}" if added else f"need no longer be {name}"
        spot.emit(keyword, way, MISSING if added else node, node if added else MISSING, sentence, at=at)


def _subschema(view: View, keyword: str) -> Schema:
    entry = view.keywords.get(keyword)
    return Schema(_ANYTHING) if entry is None else children(entry.place, keyword)


def _stand_in(view: View, name: str) -> Schema:
    """What a view says of a property that it does not name."""
    patterns = view.keywords.get("patternProperties")
    if patterns is not None:
        for pattern in patterns.value:
            try:
                if compile_pattern(pattern).accepts(name):
                    return child(patterns.place, "patternProperties", pattern)
            except (UnsupportedPattern, PatternBudget):
                continue
    types = view.get("type")
    if types is not None and "object" not in types:
        return Schema(_NOTHING)
    return _subschema(view, "additionalProperties")


def _name(place: Schema, settings: Settings) -> str:
    """What a person calls a branch: its component, its title, its values, its type."""
    node = node_of(place)
    if isinstance(node, Mapping):
        reference, title = node.get("$ref"), node.get("title")
        if isinstance(reference, str):
            return reference.rsplit("/", 1)[-1]
        view = view_of(place, settings)
        values = listed_values(view)
        if values is not None:
            return listed(values, 3)
        if isinstance(title, str):
            return title
        types = view.get("type")
        if types is not None:
            return shown(types)
    return shown(node, 40)
