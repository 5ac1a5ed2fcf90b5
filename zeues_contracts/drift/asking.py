"""Differences as drift asks for them: with a witness where somebody breaks, and without one where nobody does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zeues_contracts.schema.difference import Change, Differ, Way
from zeues_contracts.schema.difference.spot import ANYWAY, Verdict, node_of, way_left
from zeues_contracts.schema.types import Schema

if TYPE_CHECKING:
    from zeues_contracts.schema import Context

__all__ = ["AskingDiffer"]


_SENTENCES = {
    Way.WIDENED: "accepts more than before",
    Way.NARROWED: "accepts less than before",
    Way.BOTH: "accepts other values than before",
}
_NOT_KNOWN = "was rewritten; whether it accepts the same is not known"


class AskingDiffer(Differ):
    """A differ that asks for containment both ways and for no witness.

    What a change does to the set is the engine's word. Where that breaks somebody, the witness is asked for when the
    change is told (``pair.witness``), of the place that is told, and without one nothing is said to break.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        super().__init__(context.contains, context.settings)

    def changes(self, old: Schema, new: Schema) -> tuple[Change, ...]:
        """The places that changed; what containment knows of the whole and no place tells is a change of the whole."""
        told = super().changes(old, new)
        if self.same(old, new):
            return told
        ways = {change.direction for change in told}
        verdict = self.verdict(old, new)
        left = verdict.allowed - ways
        if not left or ways & {Way.BOTH, Way.UNKNOWN}:
            return told
        way = way_left(left) if verdict.sure else Way.UNKNOWN
        whole = Change(
            (), old.pointer, new.pointer, "schema", way, node_of(old), node_of(new), _SENTENCES.get(way, _NOT_KNOWN)
        )
        return (*told, whole)

    def within(self, inner: Schema, outer: Schema) -> bool:
        """Whether every value of the first place is known to be one of the second."""
        return self.context.lies_within(inner, outer) is True

    def _ask(self, old: Schema, new: Schema) -> Verdict:
        loses = self.context.lies_within(old, new)
        gains = self.context.lies_within(new, old)
        allowed = ANYWAY
        if loses:
            allowed -= {Way.NARROWED}
        if gains:
            allowed -= {Way.WIDENED}
        return Verdict(allowed, sure=loses is not None and gains is not None)
