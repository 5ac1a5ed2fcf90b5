"""Which branch of one choice is which of another."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from zeues_contracts.schema.difference.sameness import Sameness
from zeues_contracts.schema.difference.values import frozen
from zeues_contracts.schema.difference.views import View, view_of
from zeues_contracts.schema.references import node_at
from zeues_contracts.schema.types import Schema, Settings

__all__ = ["align"]

MAX_ASKED = 36
"""Pairs of left-over branches for which containment is asked."""

Pairs = list[tuple[Schema, Schema]]


def align(
    old: Sequence[Schema],
    new: Sequence[Schema],
    tags: tuple[str, str],
    settings: Settings,
    same: Sameness,
    equal: Callable[[Schema, Schema], bool],
) -> tuple[Pairs, list[Schema], list[Schema]]:
    """Pairs of branches that are meant to be the same, the old branches that are gone, and the new ones.

    By equality, by the name of the component referred to, by the constant of a tag property, by title, by containment
    both ways, by type; what is left over, if it is one on each side, is a pair.
    """
    left, right = list(old), list(new)
    pairs: Pairs = []

    def take(some: Iterable[tuple[int, int]]) -> None:
        gone_left: set[int] = set()
        gone_right: set[int] = set()
        for i, j in some:
            if i not in gone_left and j not in gone_right:
                pairs.append((left[i], right[j]))
                gone_left.add(i)
                gone_right.add(j)
        left[:] = [one for i, one in enumerate(left) if i not in gone_left]
        right[:] = [one for j, one in enumerate(right) if j not in gone_right]

    take((i, j) for i, one in enumerate(left) for j, other in enumerate(right) if same(one, other))
    views: dict[int, View] = {id(place): view_of(place, settings) for place in (*left, *right)}
    rules: tuple[tuple[Callable[[Schema], Hashable], Callable[[Schema], Hashable]], ...] = (
        (_component, _component),
        (lambda place: _tags(views[id(place)], tags[0]), lambda place: _tags(views[id(place)], tags[1])),
        (lambda place: _title(views[id(place)]), lambda place: _title(views[id(place)])),
    )
    for name_old, name_new in rules:
        take(_by_name([name_old(one) for one in left], [name_new(one) for one in right]))
    if left and right and len(left) * len(right) <= MAX_ASKED:
        take((i, j) for i, one in enumerate(left) for j, other in enumerate(right) if equal(one, other))
    take(_by_name([_type(views[id(one)]) for one in left], [_type(views[id(one)]) for one in right]))
    if len(left) == 1 and len(right) == 1:
        take([(0, 0)])
    return pairs, left, right


def _by_name(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Positions with the same name, where the name is there and on each side once."""
    return [
        (i, new.index(name))
        for i, name in enumerate(old)
        if name is not None and old.count(name) == 1 and new.count(name) == 1
    ]


def _component(place: Schema) -> Hashable:
    node = node_at(place)
    reference = node.get("$ref") if isinstance(node, dict) else None
    return reference.rsplit("/", 1)[-1] if isinstance(reference, str) else None


def _title(view: View) -> Hashable:
    title = view.node.get("title") if isinstance(view.node, dict) else None
    return title if isinstance(title, str) else None


def _type(view: View) -> Hashable:
    types = view.get("type")
    if types is not None:
        return frozenset(types)
    values = [view.get("const")] if "const" in view.keywords else view.get("enum")
    if values:
        kinds = {type(one).__name__ for one in values}
        return frozenset({{"str": "string", "int": "integer", "float": "number"}.get(k, k) for k in kinds})
    return None


def _tags(view: View, tag: str) -> Hashable:
    """The constants of the properties that tell branches apart, as names to go by."""
    found: list[tuple[str, Any]] = []
    for name, place in view.properties.items():
        if tag and name != tag:
            continue
        try:
            node = node_at(place)
        except KeyError:
            continue
        if not isinstance(node, dict):
            continue
        if "const" in node:
            found.append((name, frozen(node["const"])))
        elif isinstance(node.get("enum"), list) and len(node["enum"]) == 1:
            found.append((name, frozen(node["enum"][0])))
    return tuple(sorted(found, key=repr)) or None
