"""Changes of what travels as text: a parameter, a header, the fields of a form, the elements of XML.

There the number 1 and the text "1" are one, null is nothing, and a list is its items: repeated, or between commas.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zeues_contracts.drift.kinds import both_ways, kind_of
from zeues_contracts.drift.model import NOTHING, Sense, Use
from zeues_contracts.drift.texts import ANY_KIND, kinds_of, texts
from zeues_contracts.openapi.references import look_up
from zeues_contracts.schema.difference import Change, Way
from zeues_contracts.schema.types import Proven, Refuted, Resource, Schema

if TYPE_CHECKING:
    from zeues_contracts.drift.pair import Pair

__all__ = ["Travelling"]

_TEXT = Resource({"type": "string"}).schema()
_UNBROKEN = Resource({"type": "string", "pattern": "^[^,.;| ]*$"}).schema()
"""Texts without what stands between the items of a list (OpenAPI 3.1, 4.8.12.4)."""
_ONE_TEXT = Resource({"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 1}).schema()

_WRITTEN = frozenset({"type", "choice", "null", "other", "values"})
"""Kinds of changes that mean something else where the values travel as text."""

_NO_LIST = Resource({"not": {"type": "array", "minItems": 2}}).schema()
"""All but lists of several values."""


class Travelling:
    """How the values of one pair of schemas travel; see ``SchemaJudge.compare`` for the words."""

    def __init__(self, pair: Pair, use: Use, text: int | None, repeated: int | None, delimited: bool) -> None:
        self.pair = pair
        self.use = use
        self.text = text
        self.repeated = repeated
        self.delimited = delimited
        self._written: dict[tuple[str, str], tuple[Way, Any] | None] = {}

    def travels_as_text(self, change: Change) -> bool:
        """Whether the value at a change's place is written as text."""
        if self.text is None:
            return False
        return sum(not (step[:1] == "[" and step[-1:] == "]") for step in change.path) <= self.text

    def way_of(self, change: Change) -> Way:
        """What a change does to what is sent: for what travels as text, to the texts."""
        way = change.direction
        kind = kind_of(change.keyword)
        if way is Way.EQUAL or kind not in _WRITTEN or not self.travels_as_text(change):
            return way
        if kind == "null" and self.text in (0, 1):
            return Way.EQUAL  # there is no null in text: it cannot have been sent, nor will it be
        written = self.written(change)
        if written is None:
            return self.as_text(change)
        if way is Way.UNKNOWN or written[0] is Way.EQUAL:
            return written[0]
        # What is lost as a value may be there as a text, and not the other way round. Where the two contradict, a
        # `oneOf` or `not` around the place turns the one into the other: then the whole has spoken.
        met = both_ways(way, written[0])
        return way if met is Way.EQUAL else met

    def written(self, change: Change) -> tuple[Way, Any] | None:
        """The way of the texts at a change's place, with a value that shows the break; ``None`` where it is not known.

        The value is one of the sender's side, or where that has none of the text, the text.
        """
        key = (change.old_pointer, change.new_pointer)
        if key not in self._written:
            self._written[key] = self._compare_texts(change)
        return self._written[key]

    def known(self, change: Change) -> tuple[Way, Any] | None:
        """What has been found out about the texts at a change's place, if anything was."""
        return self._written.get((change.old_pointer, change.new_pointer))

    def _compare_texts(self, change: Change) -> tuple[Way, Any] | None:
        one, other = self.pair.around(change)
        before, after = texts(one), texts(other)
        if before is None or after is None:
            return None
        direction = self.use.direction
        lost, gained = self.pair.contains(direction, before, after), self.pair.contains(direction, after, before)
        if not isinstance(lost, Proven | Refuted) or not isinstance(gained, Proven | Refuted):
            return None
        if isinstance(lost, Proven):
            way = Way.EQUAL if isinstance(gained, Proven) else Way.WIDENED
        else:
            way = Way.NARROWED if isinstance(gained, Proven) else Way.BOTH
        shown = lost if self.use.sense is Sense.TAKES else gained
        if not isinstance(shown, Refuted):
            return way, NOTHING
        return way, self.pair.as_value(self.use, shown.witness, one, other)

    def as_text(self, change: Change) -> Way:
        """The way of a value that travels as text and is no plain scalar, as far as can be told.

        A list that is written one by one takes a single text as well, and a single text no list of several.
        """
        way = change.direction
        direction = self.use.direction
        one, other = self.pair.around(change)
        kinds = kinds_of(one), kinds_of(other)
        if ANY_KIND not in kinds and ("object" in kinds[0]) is not ("object" in kinds[1]):
            return way  # properties are written by their names, or not as a text at all
        if self.delimited and not change.path and ANY_KIND not in kinds:
            joined = self._delimited(one, other, *("array" in kind for kind in kinds))
            if joined is not None:
                return joined
        listed = self.repeated is not None and len(change.path) == self.repeated
        samples = (_TEXT, _ONE_TEXT) if listed else (_TEXT,)
        wide_old = any(self.pair.proven(direction, sample, one) for sample in samples)
        wide_new = any(self.pair.proven(direction, sample, other) for sample in samples)
        if listed:
            many_old, many_new = (not self.pair.proven(direction, each, _NO_LIST) for each in (one, other))
            if many_old is not many_new:
                before, after = (one, other) if many_new else (other, one)
                if (wide_new if many_new else wide_old) or self._takes_one(after, before):
                    return Way.WIDENED if many_new else Way.NARROWED
                return way
        if wide_old and wide_new:
            return Way.EQUAL
        if wide_new:
            return Way.WIDENED
        if wide_old:
            return Way.NARROWED
        return way

    def _delimited(self, one: Schema, other: Schema, many_old: bool, many_new: bool) -> Way | None:
        """The way from a single text to a list in one text, or back; ``None`` where it is neither.

        A text that holds a comma is read as two, and two as one: only texts without are lists of one.
        """
        if many_old is many_new:
            return None
        single, many = (one, other) if many_new else (other, one)
        written = texts(single)
        plain = written is not None and self.pair.proven(self.use.direction, written, _UNBROKEN)
        if plain and self._takes_one(many, single):
            return Way.WIDENED if many_new else Way.NARROWED
        return Way.BOTH

    def _takes_one(self, schema: Schema, single: Schema) -> bool:
        """Whether a list of a single value takes all that a schema of single values does."""
        node = look_up(schema.resource.contents, schema.pointer)
        if not isinstance(node, Mapping) or node.get("type") != "array" or node.get("minItems", 0) not in (0, 1):
            return False
        items = Schema(schema.resource, f"{schema.pointer}/items")
        if not isinstance(node.get("items"), Mapping):
            return False
        if self.pair.proven(self.use.direction, single, items):
            return True
        one, other = texts(single), texts(items)
        return one is not None and other is not None and self.pair.proven(self.use.direction, one, other)
