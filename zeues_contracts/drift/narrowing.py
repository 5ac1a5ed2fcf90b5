"""Where two schemas part: down through plain objects and lists to the places that differ, without asking the engine.

An object of plain properties holds what each property holds: ``{a: A, …}`` lies within ``{a: B, …}`` exactly where A
lies within B, as long as the object has values at all. So the question goes down to the properties that differ, and
what is asked of the engine is small. Where a schema says anything that reaches beyond a property (combinations,
conditions, closed objects), the descent ends and the whole is asked about.

This holds where both schemas are of one resource and what they refer to is the same on both sides (see ``pair``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from zeues_contracts.drift.extras import TEXTS, alike
from zeues_contracts.openapi.references import look_up
from zeues_contracts.schema.difference import MISSING, Change, Way
from zeues_contracts.schema.references import escape
from zeues_contracts.schema.types import Direction

__all__ = ["MAX_LINKS", "Narrowed", "marked", "narrowed"]

_PLAIN = frozenset({"type", "properties", "required", "items", "additionalProperties", "minItems", "maxItems"})
_BESIDE = frozenset({"nullable", "deprecated", "default", "readOnly", "writeOnly"})
"""Keywords that let the descent through where both sides say the same."""
_MAX_DEPTH = 32
MAX_LINKS = 8
"""References of references that are followed for a mark."""


class Narrowed(msgspec.Struct):
    """Pairs of places to ask about, with the way to them, and changes that need no question.

    ``contents`` is what references lead into; ``mark`` that of the properties that the direction leaves out.
    """

    contents: Any
    mark: str
    pairs: list[tuple[tuple[str, ...], str, str]] = msgspec.field(default_factory=list)
    changes: list[Change] = msgspec.field(default_factory=list)


def narrowed(contents: Any, old_pointer: str, new_pointer: str, direction: Direction) -> Narrowed:
    """Descend from a pair of schema objects at their pointers into a document."""
    found = Narrowed(contents, "readOnly" if direction is Direction.REQUEST else "writeOnly")
    _descend(found, look_up(contents, old_pointer), look_up(contents, new_pointer), old_pointer, new_pointer, (), 0)
    return found


def marked(node: Any, mark: str, contents: Any) -> bool:
    """Whether a property has a mark of a direction, or what it refers to has."""
    for _ in range(MAX_LINKS):
        if not isinstance(node, dict):
            break
        if node.get(mark) is True:
            return True
        reference = node.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        node = look_up(contents, unquote(reference[1:]))
    return False


def _descend(found: Narrowed, old: Any, new: Any, old_at: str, new_at: str, path: tuple[str, ...], depth: int) -> None:
    if depth < _MAX_DEPTH and _branches(found, old, new, old_at, new_at, path, depth):
        return
    if depth >= _MAX_DEPTH or not _is_plain(old) or not _is_plain(new) or not _alike(old, new):
        found.pairs.append((path, old_at, new_at))
        return
    one, other = old.get("properties", {}), new.get("properties", {})
    if not isinstance(one, dict) or not isinstance(other, dict) or _marked(one, found) != _marked(other, found):
        found.pairs.append((path, old_at, new_at))
        return
    if old.get("additionalProperties", True) is False and one.keys() != other.keys():
        found.pairs.append((path, old_at, new_at))  # of a closed object a name more or less is no matter of course
        return
    left_out = _marked(one, found)
    if one.keys() != other.keys() or set(old.get("required", ())) != set(new.get("required", ())):
        _names(found, old, new, old_at, new_at, path, left_out)
    for name, value in one.items():
        if name in other and name not in left_out and not alike(value, other[name]):
            step = f"/properties/{escape(name)}"
            _descend(found, value, other[name], old_at + step, new_at + step, (*path, name), depth + 1)
    if "items" in old and not alike(old["items"], new["items"]):
        _descend(found, old["items"], new["items"], f"{old_at}/items", f"{new_at}/items", (*path, "[]"), depth + 1)


def _branches(found: Narrowed, old: Any, new: Any, old_at: str, new_at: str, path: tuple[str, ...], depth: int) -> bool:
    """Combinations whose branches only gained properties, each in its place: that is told without a question.

    A property more in an open object turns nothing down that anybody would send and gives nothing that a reader does
    not pass over, in whatever combination it stands.
    """
    if not isinstance(old, dict) or not isinstance(new, dict):
        return False
    keys = [key for key in ("anyOf", "oneOf", "allOf") if isinstance(old.get(key), list)]
    if len(keys) != 1 or not isinstance(new.get(keys[0]), list) or len(old[keys[0]]) != len(new[keys[0]]):
        return False
    key = keys[0]
    if not alike({**old, key: []}, {**new, key: []}):
        return False
    inner = Narrowed(found.contents, found.mark)
    for index, (one, other) in enumerate(zip(old[key], new[key], strict=True)):
        if not alike(one, other):
            step = f"/{key}/{index}"
            _descend(inner, one, other, old_at + step, new_at + step, path, depth + 1)
    if inner.pairs or any(change.keyword != "properties" or change.before is not MISSING for change in inner.changes):
        return False
    found.changes += inner.changes
    return True


def _names(
    found: Narrowed, old: Any, new: Any, old_at: str, new_at: str, path: tuple[str, ...], left_out: frozenset[str]
) -> None:
    """Properties of an open object that came, went, or have to be there from now on."""
    one, other = old.get("properties", {}), new.get("properties", {})
    for name in (*one, *(name for name in other if name not in one)):
        if name in one and name in other:
            continue
        added = name in other
        step = f"/properties/{escape(name)}"
        found.changes.append(
            Change(
                (*path, name),
                old_at if added else old_at + step,
                new_at + step if added else new_at,
                "properties",
                Way.NARROWED if added else Way.WIDENED,
                MISSING if added else one[name],
                other[name] if added else MISSING,
                "was added" if added else "was removed",
            )
        )
    before, after = old.get("required", []), new.get("required", [])
    for name in dict.fromkeys((*before, *after)):
        now = name in after
        if (name in before) is now or name in left_out:
            continue
        sentence = "became required" if now else "is no longer required"
        if now and name in other and name not in one:
            sentence = "is required"
        found.changes.append(
            Change(
                (*path, name),
                f"{old_at}/required" if "required" in old else old_at,
                f"{new_at}/required" if "required" in new else new_at,
                "required",
                Way.NARROWED if now else Way.WIDENED,
                not now,
                now,
                sentence,
            )
        )


def _is_plain(node: Any) -> bool:
    """Whether a schema object says nothing that reaches beyond one property or item."""
    if not isinstance(node, dict) or node.get("type") not in ("object", "array"):
        return False
    for key in node:
        if key not in _PLAIN | _BESIDE and key not in TEXTS and not (isinstance(key, str) and key.startswith("x-")):
            return False
    required = node.get("required", [])
    extra = node.get("additionalProperties", True)
    return isinstance(extra, bool) and isinstance(required, list) and all(isinstance(name, str) for name in required)


def _alike(old: dict[str, Any], new: dict[str, Any]) -> bool:
    if old["type"] != new["type"] or old.get("minItems") != new.get("minItems"):
        return False
    if any(repr(old.get(key)) != repr(new.get(key)) for key in (*_BESIDE, "additionalProperties")):
        return False
    if old.get("maxItems") != new.get("maxItems") or ("items" in old) is not ("items" in new):
        return False
    return isinstance(old.get("items", {}), dict) and isinstance(new.get("items", {}), dict)


def _marked(properties: Mapping[str, Any], found: Narrowed) -> frozenset[str]:
    """The properties that the direction leaves out."""
    return frozenset(name for name, one in properties.items() if marked(one, found.mark, found.contents))
