"""What a request holds that its document does not declare: a service ignores it, and nobody is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zeues_contracts.live.mock.parts import Part, parts_of
from zeues_contracts.schema.dialects.translate import origin
from zeues_contracts.schema.references import child
from zeues_contracts.schema.types import Direction, Schema

__all__ = ["Undeclared", "undeclared"]

Loc = tuple[str | int, ...]
_MAX_FOUND = 100
_MAX_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A property that is sent and that the document does not declare: it is ignored."""

    loc: Loc
    name: str
    place: Schema
    declared: tuple[str, ...] = ()


def undeclared(schema: Schema, value: Any, loc: Loc) -> tuple[Undeclared, ...]:
    """The properties of a value that no schema object declares, however deep; a service ignores them."""
    found: list[Undeclared] = []
    stack: list[tuple[list[Schema], Any, Loc, int]] = [([schema], value, loc, 0)]
    while stack and len(found) < _MAX_FOUND:
        places, here, where, depth = stack.pop()
        if depth > _MAX_DEPTH or not isinstance(here, dict | list):
            continue
        parts = _all_parts(places)
        if isinstance(here, list):
            items = [
                child(part.place, origin("items", part.raw, part.place.resource.dialect))
                for part in parts
                if "items" in part.read
            ]
            stack += [(items, one, (*where, index), depth + 1) for index, one in enumerate(here[:1000]) if items]
            continue
        names: dict[str, list[Schema]] = {}
        is_open = False
        for part in parts:
            for name in part.read.get("properties", {}):
                names.setdefault(name, []).append(child(part.place, "properties", name))
            is_open = is_open or bool(part.read.get("additionalProperties") or part.read.get("patternProperties"))
        for name, one in here.items():
            if name in names:
                stack.append((names[name], one, (*where, name), depth + 1))
            elif names and not is_open:
                home = next(part.place for part in parts if part.read.get("properties"))
                found.append(Undeclared((*where, name), name, home, tuple(names)))
    return tuple(sorted(found, key=lambda one: [str(step) for step in one.loc]))


def _all_parts(places: Sequence[Schema]) -> list[Part]:
    """All schema objects that may describe the value, every branch of unions too."""
    found: list[Part] = []
    seen: set[tuple[int, str]] = set()
    waiting = list(places)
    while waiting and len(found) < 500:
        for part in parts_of([waiting.pop()], Direction.REQUEST):
            mark = (id(part.place.resource), part.place.pointer)
            if mark in seen:
                continue
            seen.add(mark)
            found.append(part)
            for keyword in ("anyOf", "oneOf"):
                waiting += part.branches(keyword)
            waiting += [child(part.place, keyword) for keyword in ("if", "then", "else") if keyword in part.read]
    return found
