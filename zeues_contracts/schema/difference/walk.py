"""Walking two schemas side by side.

The walk goes where the documents differ and nowhere else, asks containment what each difference means, and stops at
references: what lies behind one is walked once per pair of places (*portion*), whatever leads there.
"""

from __future__ import annotations

from typing import Any

import msgspec

from zeues_contracts.schema.difference.applicators import compare_applicators, compare_unions
from zeues_contracts.schema.difference.assertions import (
    compare_annotations,
    compare_assertions,
    compare_null,
    compare_other_type,
)
from zeues_contracts.schema.difference.model import MISSING, Change, Contains, Way
from zeues_contracts.schema.difference.sameness import Sameness
from zeues_contracts.schema.difference.spot import ANNOTATIONS, ANYWAY, NOTHING, Path, Spot, Verdict, limited
from zeues_contracts.schema.difference.views import view_of
from zeues_contracts.schema.types import Proven, Refuted, Schema, Settings

__all__ = ["Differ"]

MAX_DEPTH = 40
"""Nesting inside of one portion; what lies deeper is one change."""
MAX_CHANGES = 20_000


class Step(msgspec.Struct, frozen=True):
    """A pair of places behind a reference, where it was met, and what may be said of it from there."""

    path: Path
    old: Schema
    new: Schema
    flip: bool
    allowed: frozenset[Way]
    told: bool = False
    """Annotations of the whole were compared where it was met, those beside the reference among them."""


class Portion(msgspec.Struct):
    """What is said between references: changes with paths from its own root, and the pairs that it leads to."""

    changes: list[Change] = msgspec.field(default_factory=list)
    steps: list[Step] = msgspec.field(default_factory=list)


class Differ:
    """Compares places of two documents; answers are remembered from one question to the next."""

    def __init__(self, contains: Contains, settings: Settings) -> None:
        self.contains = contains
        self.settings = settings
        self.same = Sameness()
        self._portions: dict[tuple[int, str, int, str], Portion] = {}
        self._verdicts: dict[tuple[int, str, int, str], Verdict] = {}
        self._keep: list[Schema] = []

    def changes(self, old: Schema, new: Schema) -> tuple[Change, ...]:
        """The places that changed between two places, nearest to the root first."""
        if self.same(old, new):
            return ()
        found: dict[tuple[Any, ...], Change] = {}
        walked: dict[tuple[int, str, int, str, bool, bool], frozenset[Way]] = {}
        queue = [Step((), old, new, False, ANYWAY)]
        for step in queue:
            key = (*_key(step.old, step.new), step.flip, step.told)
            before = walked.get(key)
            if before is not None and step.allowed <= before:
                continue
            walked[key] = step.allowed | (before or NOTHING)
            portion = self.portion(step.old, step.new)
            for change in portion.changes:
                if step.told and not change.path and change.keyword in ANNOTATIONS:
                    continue
                kept = _restricted(change, step)
                if kept is not None:
                    # `required` is one place for many properties.
                    name = kept.path[-1] if kept.keyword == "required" and kept.path else ""
                    found.setdefault((kept.old_pointer, kept.new_pointer, kept.keyword, kept.sentence, name), kept)
            for inner in portion.steps:
                allowed = frozenset(way.flipped for way in inner.allowed) if step.flip else inner.allowed
                queue.append(
                    Step(
                        step.path + inner.path,
                        inner.old,
                        inner.new,
                        step.flip is not inner.flip,
                        allowed & step.allowed,
                        inner.told,
                    )
                )
            if len(found) > MAX_CHANGES:
                break
        if all(change.direction is Way.EQUAL for change in found.values()):
            # What lies behind references came to nothing, and yet the whole may differ: that is never kept silent.
            return (*found.values(), *self.remainder(old, new))
        return tuple(found.values())

    def remainder(self, old: Schema, new: Schema) -> list[Change]:
        """The change of the whole, where containment knows of one, or does not know of none."""
        verdict = self.verdict(old, new)
        portion = Portion()
        views = view_of(old, self.settings), view_of(new, self.settings)
        Spot(_Walk(self, portion), *views, (), False, verdict.allowed, verdict, 0).whole()
        return portion.changes

    def portion(self, old: Schema, new: Schema) -> Portion:
        """What changed from a pair of places up to the next references."""
        key = _key(old, new)
        known = self._portions.get(key)
        if known is None:
            self._keep += (old, new)
            known = self._portions[key] = Portion()
            _Walk(self, known).compare(old, new, (), flip=False, allowed=ANYWAY, depth=0)
        return known

    def verdict(self, old: Schema, new: Schema) -> Verdict:
        """What containment both ways leaves to be said."""
        key = _key(old, new)
        known = self._verdicts.get(key)
        if known is None:
            self._keep += (old, new)
            known = self._verdicts[key] = self._ask(old, new)
        return known

    def equal(self, old: Schema, new: Schema) -> bool:
        """Whether both places are proven to accept the same values."""
        return self.same(old, new) or not self.verdict(old, new).allowed

    def within(self, inner: Schema, outer: Schema) -> bool:
        """Whether every value of the first place is proven to be one of the second."""
        return isinstance(self.contains(inner, outer), Proven)

    def _ask(self, old: Schema, new: Schema) -> Verdict:
        loses = self.contains(old, new)
        gains = self.contains(new, old)
        allowed = ANYWAY
        if isinstance(loses, Proven):
            allowed -= {Way.NARROWED}
        if isinstance(gains, Proven):
            allowed -= {Way.WIDENED}
        return Verdict(
            allowed,
            loses.witness if isinstance(loses, Refuted) else MISSING,
            gains.witness if isinstance(gains, Refuted) else MISSING,
            isinstance(loses, (Proven, Refuted)) and isinstance(gains, (Proven, Refuted)),
            loses.explanation.keyword if isinstance(loses, Refuted) and loses.explanation else "",
            gains.explanation.keyword if isinstance(gains, Refuted) and gains.explanation else "",
        )


class _Walk:
    """One portion while it is walked."""

    def __init__(self, differ: Differ, portion: Portion) -> None:
        self.differ = differ
        self.portion = portion
        self.settings = differ.settings
        self.same = differ.same
        self.verdict = differ.verdict
        self.equal = differ.equal
        self.within = differ.within

    def note(self, change: Change) -> None:
        self.portion.changes.append(change)

    def compare(self, old: Schema, new: Schema, path: Path, *, flip: bool, allowed: frozenset[Way], depth: int) -> None:
        """Compare two places; ``allowed`` is what the places around them leave to be said, as seen from the root."""
        if self.same(old, new):
            return
        verdict = self.verdict(old, new)
        here = allowed & (frozenset(way.flipped for way in verdict.allowed) if flip else verdict.allowed)
        one, other = view_of(old, self.settings), view_of(new, self.settings)
        spot = Spot(self, one, other, path, flip, here, verdict, depth)
        said = len(self.portion.changes) + len(self.portion.steps)
        compare_null(spot, (old.pointer, new.pointer))
        if depth and (one.through_reference or other.through_reference):
            told = bool(one.beside or other.beside)
            if told:
                compare_annotations(spot)
            self.portion.steps.append(Step(path, one.place, other.place, flip, here, told))
            return
        if depth >= MAX_DEPTH or False in (one.node, other.node):
            spot.whole()
            return
        compare_annotations(spot)
        if one.union is not None or other.union is not None:
            compare_unions(spot)
        elif not compare_other_type(spot):
            compare_assertions(spot)
            compare_applicators(spot)
        if here and len(self.portion.changes) + len(self.portion.steps) == said:
            spot.whole()


def _restricted(change: Change, step: Step) -> Change | None:
    """A portion's change as seen from the root of the question."""
    way = limited(change.direction.flipped if step.flip else change.direction, step.allowed)
    if way is None:
        return None
    if way is change.direction and not step.path:
        return change
    return Change(
        step.path + change.path,
        change.old_pointer,
        change.new_pointer,
        change.keyword,
        way,
        change.before,
        change.after,
        change.sentence,
        change.witness,
    )


def _key(old: Schema, new: Schema) -> tuple[int, str, int, str]:
    return (id(old.resource), old.pointer, id(new.resource), new.pointer)
