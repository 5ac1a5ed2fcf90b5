"""Schemas of two documents, judged by the values that they let through, and told by rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from zeues_contracts.drift.collect import Collector
from zeues_contracts.drift.kinds import breaks, format_way, kind_of, rule_of
from zeues_contracts.drift.labels import owner_of, value_path
from zeues_contracts.drift.model import NOTHING, Sense, Use
from zeues_contracts.findings import Level
from zeues_contracts.schema.difference import MISSING, Change, Way
from zeues_contracts.schema.types import Refuted, Resource, Schema

if TYPE_CHECKING:
    from zeues_contracts.drift.pair import Pair

__all__ = ["ANY_VALUE", "SchemaJudge"]

ANY_VALUE = Resource(True).schema()
"""Stands for a body or parameter of which nothing is said."""

_WIRE_TYPES = frozenset({"string", "integer", "number", "boolean"})


class SchemaJudge:
    """Turns differences of schemas into findings, for one pair of documents."""

    def __init__(self, pair: Pair, collector: Collector) -> None:
        self.pair = pair
        self.collector = collector
        self._known: dict[tuple[Any, ...], tuple[Change, ...]] = {}

    def compare(
        self,
        use: Use,
        old: Schema | None,
        new: Schema | None,
        operations: Iterable[str],
        label: str,
        *,
        text: bool = False,
        parameter: bool = False,
    ) -> None:
        """Judge one schema against its successor. ``label`` is what the place is called where it has no owner.

        ``text`` says that scalars travel as text (parameters, headers, forms, XML), so that a number is a string.
        """
        one, other = old or ANY_VALUE, new or ANY_VALUE
        changes = self._changes(use, one, other)
        if changes:
            _Telling(self, use, one, other, tuple(operations), label, text, parameter).tell(changes)

    def _changes(self, use: Use, old: Schema, new: Schema) -> tuple[Change, ...]:
        key = (use.direction, id(old.resource), old.pointer, id(new.resource), new.pointer)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self.pair.changes(use.direction, old, new)
        return known


class _Telling:
    """The changes of one pair of schemas while they are told."""

    def __init__(
        self,
        judge: SchemaJudge,
        use: Use,
        old: Schema,
        new: Schema,
        operations: tuple[str, ...],
        label: str,
        text: bool,
        parameter: bool,
    ) -> None:
        self.judge = judge
        self.pair = judge.pair
        self.use = use
        self.sense = use.sense
        self.old = old
        self.new = new
        self.operations = operations
        self.label = label
        self.text = text
        self.parameter = parameter

    def tell(self, changes: tuple[Change, ...]) -> None:
        by_path: dict[tuple[str, ...], dict[str, Change]] = {}
        for change in changes:
            by_path.setdefault(change.path, {}).setdefault(change.keyword, change)
        for change in changes:
            beside = by_path[change.path]
            match kind_of(change.keyword):
                case "property":
                    self.property(change, beside.get("required"))
                case "required":
                    self.required(change, beside.get("properties"))
                case "format":
                    self.format(change, beside)
                case "default":
                    self.default(change, beside)
                case "deprecated":
                    self.deprecated(change)
                case "marks":
                    self.marks(change)
                case "content":
                    self.content(change, beside)
                case kind:
                    self.assertion(change, kind)

    def assertion(self, change: Change, kind: str) -> None:
        way = change.direction
        if way is Way.EQUAL:
            return
        if way is Way.UNKNOWN:
            self.undecided(change)
            return
        if self.text and not change.path and kind in ("type", "choice", "null", "other"):
            way = self.as_text(way)
            if way is Way.EQUAL:
                return
        if not breaks(way, self.sense):
            self.compatible(change)
            return
        name = rule_of(kind, self.sense)
        if kind == "values" and self.sense is Sense.GIVES and change.after is MISSING:
            name = "response-values-opened"
        if kind == "values" and self.sense is Sense.GIVES and change.before is MISSING:
            name = "response-widened"
        self.say(name, change, witness=True)

    def as_text(self, way: Way) -> Way:
        """The way of a whole parameter whose scalars travel as text: a string takes what a number was written as."""
        strings = Resource({"type": "string"}).schema()
        wide_old = self.pair.within(self.use.direction, strings, self.old)
        wide_new = self.pair.within(self.use.direction, strings, self.new)
        if wide_old and wide_new:
            return Way.EQUAL
        if wide_new:
            return Way.WIDENED
        if wide_old:
            return Way.NARROWED
        return way

    def property(self, change: Change, required: Change | None) -> None:
        added = change.before is MISSING
        old_node, new_node = self.pair.nodes(change)
        if added:
            name = "request-property-added" if self.sense is Sense.TAKES else "response-property-added"
            if self.sense is Sense.TAKES:
                if required is not None and required.after is True:
                    return  # told as a property that must be sent
            elif change.direction in (Way.WIDENED, Way.BOTH):
                self.say("response-object-opened", change, witness=True)
                return
            elif self._marked(old_node, change, "writeOnly"):
                level = Level.WARNING if required is not None else Level.INFO
                self.say("response-write-only-shown", change, level=level)
                return
            self.say(name, change)
            return
        if self.sense is Sense.TAKES:
            if change.direction in (Way.NARROWED, Way.BOTH):
                self.say("request-object-closed", change, witness=True, sentence="was removed, and is refused now")
            elif self._marked(new_node, change, "readOnly"):
                self.say("marks-changed", change, sentence="became read-only: it is no longer read from requests")
            else:
                self.say("request-property-removed", change)
            return
        if required is not None and required.before is True:
            self.say("response-required-property-removed", change, beside=required)
        elif self._marked(new_node, change, "writeOnly"):
            self.say("marks-changed", change, sentence="became write-only: it is no longer given in responses")
        else:
            self.say("response-property-removed", change)

    def required(self, change: Change, named: Change | None) -> None:
        if change.direction is Way.UNKNOWN:
            self.undecided(change)
            return
        if not breaks(change.direction, self.sense):
            if not (self.sense is Sense.GIVES and named is not None):
                self.compatible(change)
            return
        if self.sense is Sense.GIVES:
            if named is None or named.before is MISSING:
                self.say("response-property-became-optional", change, witness=True)
            return
        if self._default(change) is not MISSING:
            self.say("request-property-required-with-default", change, witness=True)
        else:
            self.say("request-property-became-required", change, witness=True)

    def format(self, change: Change, beside: Mapping[str, Change]) -> None:
        if {"type", "anyOf", "oneOf", "enum", "const", "schema"} & set(beside):
            return  # the larger change has said it
        media = beside.get("contentMediaType")
        if media is not None and "binary" in (change.before, change.after):
            return  # two spellings of bytes (OpenAPI 3.1, 4.8.14.2)
        way = format_way(change.before, change.after)
        if change.direction in (Way.NARROWED, Way.WIDENED, Way.BOTH):
            way = change.direction  # formats are asserted: containment has judged
        if way is Way.EQUAL:
            self.compatible(change)
        elif breaks(way, self.sense):
            name = "request-format-tightened" if self.sense is Sense.TAKES else "response-format-loosened"
            self.say(name, change)
        else:
            self.compatible(change)

    def default(self, change: Change, beside: Mapping[str, Change]) -> None:
        nullish = {repr(change.before), repr(change.after)} <= {"None", "MISSING"}
        if self.parameter and not change.path and self.sense is Sense.TAKES and not nullish:
            self.say("parameter-default-changed", change)
        elif not nullish:
            self.say("default-changed", change)

    def deprecated(self, change: Change) -> None:
        self.say("deprecation-changed", change, sentence="is deprecated" if change.after is True else "is in use again")
        if change.after is True:
            old_node, new_node = self.pair.nodes(change)
            problem = self.pair.policy.problem(new_node if isinstance(new_node, Mapping) else {})
            if problem:
                self.say("sunset-policy", change, sentence=problem)

    def marks(self, change: Change) -> None:
        mark = "read-only" if change.keyword == "readOnly" else "write-only"
        self.say("marks-changed", change, sentence=f"is {mark}" if change.after is True else f"is no longer {mark}")

    def content(self, change: Change, beside: Mapping[str, Change]) -> None:
        spelled = beside.get("format")
        if spelled is not None and "binary" in (spelled.before, spelled.after):
            return
        values = {change.before, change.after} if isinstance(change.after, str) else {change.before}
        if change.keyword == "contentMediaType" and values <= {MISSING, "application/octet-stream"}:
            self.compatible(change)
            return
        self.say("content-encoding-changed", change)

    def undecided(self, change: Change) -> None:
        reason = self.pair.reason(self.use.direction, self.old, self.new)
        self.say(
            "schema-undecided",
            change,
            sentence=f"{change.sentence}; whether that breaks anybody is not known"
            + (f": {reason}" if reason and reason not in change.sentence else ""),
        )

    def compatible(self, change: Change) -> None:
        self.say("request-widened" if self.sense is Sense.TAKES else "response-narrowed", change)

    def say(
        self,
        name: str,
        change: Change,
        *,
        sentence: str = "",
        witness: bool = False,
        level: Level | None = None,
        beside: Change | None = None,
    ) -> None:
        old_place, new_place = self.pair.old_place(change.old_pointer), self.pair.new_place(change.new_pointer)
        removed = change.after is MISSING and change.keyword == "properties"
        lead = old_place if removed else new_place
        owner = owner_of(lead) or owner_of(old_place if not removed else new_place)
        value: Any = NOTHING
        pointer = explanation = ""
        if witness:
            value, pointer, explanation = self.pair.witness(self.use, change, self.old, self.new)
        if owner is not None and owner.kind not in ("path", "parameter", "header"):
            path = value_path(owner.rest)
            if change.keyword == "required":
                path = (*path, change.path[-1])
            subject = f"{owner.label}: {'/'.join(path)}" if path else owner.label
            where = f"{owner.label}{' `' + '/'.join(path) + '`' if path else ''}, in {self.use.words}"
        else:
            subject = f"{self.label}: {change.where}" if change.path else self.label
            where = f"{self.label}{' `' + change.where + '`' if change.path else ''}"
        if name in ("request-widened", "response-narrowed"):
            # Compatible changes of one place are one line.
            subject = subject or self.label
        self.judge.collector.add(
            name,
            subject,
            f"{where}: {sentence or change.sentence}",
            self.operations,
            shared=owner is not None,
            level=level,
            old=old_place,
            new=new_place,
            before=change.before,
            after=change.after,
            witness=value,
            witness_pointer=pointer,
            explanation=explanation,
            keyword=change.keyword,
        )

    def _default(self, change: Change) -> Any:
        node = self.pair.property_node(change, new=True)
        return node.get("default", MISSING) if isinstance(node, Mapping) else MISSING

    def _marked(self, node: Any, change: Change, mark: str) -> bool:
        """Whether the side that lacks a property only lacks it since it is marked."""
        other = self.pair.named(node, change.path[-1] if change.path else "")
        return isinstance(other, Mapping) and other.get(mark) is True


def refuted(answer: Any) -> bool:
    """Whether containment has a witness against it."""
    return isinstance(answer, Refuted)
