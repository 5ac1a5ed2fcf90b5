"""Differences of assertions: types, listed values, bounds, lengths, patterns; and of annotations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.schema.difference.model import MISSING, Way
from zeues_contracts.schema.difference.sameness import same_json
from zeues_contracts.schema.difference.spot import ANNOTATIONS, Spot, keyword_pointer
from zeues_contracts.schema.difference.values import (
    became,
    bounds_way,
    frozen,
    listed,
    shown,
    type_of,
    type_set,
    way_between,
    way_of,
)
from zeues_contracts.schema.difference.views import View, listed_values

__all__ = ["compare_annotations", "compare_assertions", "compare_null", "compare_other_type"]

_COUNTS = (
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
    "multipleOf",
    "pattern",
)


def compare_assertions(spot: Spot) -> None:
    """Every assertion that stands by itself."""
    _types(spot)
    _values(spot)
    _bound(spot, "minimum", "exclusiveMinimum", lower=True)
    _bound(spot, "maximum", "exclusiveMaximum", lower=False)
    for keyword in _COUNTS:
        before, after = spot.both(keyword)
        if not _same_value(before, after):
            spot.emit(keyword, way_of(keyword, before, after), before, after, became(keyword, before, after))
    before, after = spot.both("uniqueItems")
    if before is not after:
        unique = after is True
        way = Way.NARROWED if unique else Way.WIDENED
        spot.emit("uniqueItems", way, before, after, f"items {'must now' if unique else 'need no longer'} be unique")


def compare_other_type(spot: Spot) -> bool:
    """Whether a place holds values of wholly other types now; then that is told, and it says it all.

    What either side demanded of its own type (bounds, properties, items) is no change beside it.
    """
    before, after = spot.both("type")
    if before is MISSING or after is MISSING or type_set(before) & type_set(after):
        return False
    _types(spot)
    return True


def compare_null(spot: Spot, at: tuple[str, str]) -> None:
    """Null that joined or left, set apart from what else changed.

    ``at`` are the places before any reference was followed: it is there that null is let in.
    """
    if spot.old.nullable is spot.new.nullable:
        return
    # A plain `null` on the other side, or no type at all, may let null in as well: then nothing was gained.
    other = spot.old if spot.new.nullable else spot.new
    if _takes_null(other):
        return
    way = Way.WIDENED if spot.new.nullable else Way.NARROWED
    sentence = "may be null now" if spot.new.nullable else "may no longer be null"
    spot.emit("nullable", way, spot.old.nullable, spot.new.nullable, sentence, at=at, witness=None)


def compare_annotations(spot: Spot) -> None:
    """Annotations change nothing in the set; a format does where it is asserted."""
    for keyword in ANNOTATIONS:
        before, after = _raw(spot.old, keyword), _raw(spot.new, keyword)
        if before is after or (same_json([_plain(before)], [_plain(after)]) and bool(before) is bool(after)):
            continue
        way = Way.EQUAL
        if keyword == "format":
            way = way_of("format", before, after, format_assertion=spot.walk.settings.format_assertion)
        at = (_stands(spot, spot.old, keyword), _stands(spot, spot.new, keyword))
        spot.emit(keyword, way, before, after, became(keyword, before, after), at=at)


def _types(spot: Spot) -> None:
    before, after = spot.both("type")
    if _types_by_values(spot.old, before) == _types_by_values(spot.new, after):
        return
    if (before is MISSING and listed_values(spot.old) is not None) or (
        after is MISSING and listed_values(spot.new) is not None
    ):
        return  # an enumeration says it all
    old, new = type_set(before), type_set(after)
    if spot.old.nullable or spot.new.nullable:
        old, new = old - {"null"}, new - {"null"}
    if old == new:
        return
    sentence = f"type {shown(before)} became {shown(after)}"
    if before is MISSING:
        sentence = f"type {shown(after)} was added"
    elif after is MISSING:
        sentence = f"type {shown(before)} was removed"
    way = way_between(bool(old - new), bool(new - old))
    spot.emit("type", way, before, after, sentence)


def _values(spot: Spot) -> None:
    old, new = listed_values(spot.old), listed_values(spot.new)
    if old is None and new is None:
        return
    keyword = "const" if "const" in spot.new.keywords or ("const" in spot.old.keywords and new is None) else "enum"
    at = tuple(
        spot.pointer(view, next((k for k in ("const", "enum") if k in view.keywords), keyword))
        for view in (spot.old, spot.new)
    )
    where = (at[0], at[1])
    if old is None or new is None:
        given = new if old is None else old
        sentence = (
            f"is now one of {listed(given or [])}" if old is None else f"is no longer one of {listed(given or [])}"
        )
        if len(given or []) == 1:
            sentence = f"is now {listed(given or [])}" if old is None else f"is no longer {listed(given or [])} alone"
        # Where the other side names a type that the values have not, more than the list changed.
        way = Way.NARROWED if old is None else Way.WIDENED
        side = spot.old if old is None else spot.new
        types = type_set(side.get("type", MISSING))
        if not {type_of(one) for one in given or []} <= types:
            way = Way.BOTH
        before = MISSING if old is None else old
        spot.emit(keyword, way, before, MISSING if new is None else new, sentence, at=where)
        return
    known_old, known_new = {frozen(one) for one in old}, {frozen(one) for one in new}
    gone = [one for one in old if frozen(one) not in known_new]
    come = [one for one in new if frozen(one) not in known_old]
    if not gone and not come:
        return
    if len(old) == len(new) == 1:
        sentence = f"{shown(old[0])} became {shown(new[0])}"
    else:
        sentence = " and ".join(
            part for part in (f"lost {listed(gone)}" if gone else "", f"gained {listed(come)}" if come else "") if part
        )
    witness = gone[0] if gone else come[0]
    spot.emit(keyword, way_between(bool(gone), bool(come)), old, new, sentence, at=where, witness=witness)


def _bound(spot: Spot, inclusive: str, exclusive: str, *, lower: bool) -> None:
    old = (spot.old.get(inclusive, MISSING), spot.old.get(exclusive, MISSING))
    new = (spot.new.get(inclusive, MISSING), spot.new.get(exclusive, MISSING))
    if all(_same_value(a, b) for a, b in zip(old, new, strict=True)):
        return
    way = bounds_way(old, new, lower=lower)
    if way is Way.EQUAL:
        return
    use_old = exclusive if old[1] is not MISSING else inclusive
    use_new = exclusive if new[1] is not MISSING else inclusive
    before, after = spot.old.get(use_old, MISSING), spot.new.get(use_new, MISSING)
    keyword = use_new if after is not MISSING else use_old
    sentence = became(keyword, before, after)
    if use_old != use_new and before is not MISSING and after is not MISSING:
        sentence = f"{use_old} {shown(before)} became {use_new} {shown(after)}"
    at = (spot.pointer(spot.old, use_old), spot.pointer(spot.new, use_new))
    spot.emit(keyword, way, before, after, sentence, at=at)


def _raw(view: View, keyword: str) -> Any:
    if keyword == "format":
        return view.get("format", MISSING)
    if keyword in view.beside:
        return view.beside[keyword].value
    return view.node.get(keyword, MISSING) if isinstance(view.node, Mapping) else MISSING


def _stands(spot: Spot, view: View, keyword: str) -> str:
    """Where an annotation stands: beside the reference, or at the place itself."""
    entry = view.beside.get(keyword)
    return spot.pointer(view, keyword) if entry is None else keyword_pointer(entry.place, keyword)


def _plain(value: Any) -> Any:
    return None if value is MISSING else value


def _same_value(one: Any, other: Any) -> bool:
    if one is MISSING or other is MISSING:
        return one is other
    return bool(one == other)


def _types_by_values(view: View, types: Any) -> frozenset[str]:
    """The types that a view lets in, by its ``type`` and by the values that it lists."""
    found = type_set(types)
    values = listed_values(view)
    return found if values is None else found & {type_of(one) for one in values}


def _takes_null(view: View) -> bool:
    if view.union is not None:
        return False
    types = view.get("type", MISSING)
    values = listed_values(view)
    return (types is MISSING or "null" in types) and (values is None or any(one is None for one in values))
