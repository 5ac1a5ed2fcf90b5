"""Schemas of two documents, judged by the values that they let through, and told by rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from zeues_contracts.drift.collect import Collector
from zeues_contracts.drift.extras import Extras
from zeues_contracts.drift.kinds import breaks, format_way, kind_of, rule_of
from zeues_contracts.drift.labels import owner_of, value_path
from zeues_contracts.drift.model import NOTHING, Sense, Use
from zeues_contracts.drift.travelling import Travelling
from zeues_contracts.findings import Level
from zeues_contracts.openapi.references import MISSING as MISSING_NODE
from zeues_contracts.openapi.references import look_up
from zeues_contracts.schema.difference import MISSING, Change, Way
from zeues_contracts.schema.types import Resource, Schema

if TYPE_CHECKING:
    from zeues_contracts.drift.pair import Pair

__all__ = ["ANY_VALUE", "SchemaJudge"]

ANY_VALUE = Resource(True).schema()
"""Stands for a body or parameter of which nothing is said."""


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
        text: int | None = None,
        parameter: bool = False,
        repeated: int | None = None,
        delimited: bool = False,
    ) -> None:
        """Judge one schema against its successor. ``label`` is what the place is called where it has no owner.

        ``text`` says how deep scalars lie that travel as text, where a number is a string like any other: 0 for a
        header, 1 for the fields of a form; ``None`` for JSON; items lie no deeper than their list. ``repeated`` is the
        depth at which a list is written by naming it once for each item, so that a single text is a list of one;
        ``delimited``: a list at the root is one text, its items between commas and the like.
        """
        one, other = old or ANY_VALUE, new or ANY_VALUE
        if old is not None and new is None and use.sense is Sense.TAKES:
            words = "is not described any more: anything is taken"
            self.tell("request-widened", use, (), words, tuple(operations), label, old=self.pair.place(old), new="")
            return
        changes = self.changes(use, one, other)
        touched = tuple(operations)
        if changes:
            _Telling(self, use, one, other, touched, label, text, parameter, repeated, delimited).tell(changes)
        if old is not None and new is not None and owner_of(self.pair.place(old)) is None:
            self.extras(use, old, new, touched, label)

    def extras(self, use: Use, old: Schema, new: Schema, operations: Iterable[str], label: str) -> None:
        """What two schema objects say besides the set of values, in so far as no reference is followed."""
        one, other = (look_up(schema.resource.contents, schema.pointer) for schema in (old, new))
        if one is MISSING_NODE or other is MISSING_NODE or one == other:
            return
        touched = tuple(operations)

        def say(name: str, path: tuple[str, ...], sentence: str, **fields: Any) -> None:
            self.tell(name, use, path, sentence, touched, label, **fields)

        Extras(use, self.pair, say).walk(one, other, self.pair.place(old), self.pair.place(new))

    def tell(
        self,
        name: str,
        use: Use,
        path: tuple[str, ...],
        sentence: str,
        operations: tuple[str, ...],
        label: str,
        *,
        old: str,
        new: str,
        lead: str = "",
        tail: tuple[str, ...] = (),
        **fields: Any,
    ) -> None:
        """Note a change of a place. A component's place is called by its name, another by ``label`` and ``path``."""
        owner = owner_of(lead or new) or owner_of(new) or owner_of(old)
        if owner is not None and owner.kind not in ("path", "parameter", "header"):
            inner = "/".join((*value_path(owner.rest), *tail))
            subject = f"{owner.label}: {inner}" if inner else owner.label
            where = f"{owner.label}{f' `{inner}`' if inner else ''}, in {use.words}"
        else:
            inner = "/".join(path)
            subject = f"{label}: {inner}" if inner else label
            where = f"{label}{f' `{inner}`' if inner else ''}"
        self.collector.add(
            name,
            subject,
            f"{where}: {sentence}",
            operations,
            shared=owner is not None,
            old=old,
            new=new,
            **fields,
        )

    def changes(self, use: Use, old: Schema, new: Schema) -> tuple[Change, ...]:
        """In what two schemas differ; asked about once."""
        if self.pair.joined is not None and old.pointer and new.pointer and self.pair.says_the_same(old, new):
            return ()
        key = (self.pair.towards(use.direction, old, new), id(old.resource), old.pointer, id(new.resource), new.pointer)
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
        text: int | None,
        parameter: bool,
        repeated: int | None,
        delimited: bool,
    ) -> None:
        self.judge = judge
        self.pair = judge.pair
        self.use = use
        self.sense = use.sense
        self.old = old
        self.new = new
        self.operations = operations
        self.label = label
        self.parameter = parameter
        self.travelling = Travelling(self.pair, use, text, repeated, delimited)

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
                    pass  # told with its sunset, see ``extras``
                case "marks":
                    self.marks(change)
                case "content":
                    self.content(change, beside)
                case kind:
                    self.assertion(change, kind)

    def assertion(self, change: Change, kind: str) -> None:
        way = self.travelling.way_of(change)
        if way is Way.EQUAL:
            return
        if way is Way.UNKNOWN:
            self.undecided(change)
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
            elif self._marked(old_node, change, "writeOnly", new=False):
                level = Level.WARNING if required is not None else Level.INFO
                shown = "was write-only, and is given in responses now"
                self.say("response-write-only-shown", change, level=level, sentence=shown)
                return
            self.say(name, change)
            return
        if self.sense is Sense.TAKES:
            if change.direction in (Way.NARROWED, Way.BOTH):
                self.say("request-object-closed", change, witness=True, sentence="was removed, and is refused now")
            elif self._marked(new_node, change, "readOnly", new=True):
                self.say("marks-changed", change, sentence="became read-only: it is no longer read from requests")
            else:
                self.say("request-property-removed", change)
            return
        if required is not None and required.before is True:
            self.say("response-required-property-removed", change, beside=required, witness=True)
        elif self._marked(new_node, change, "writeOnly", new=True):
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
        larger = {"type", "anyOf", "oneOf", "enum", "const", "schema"} & set(beside)
        if any(breaks(self.travelling.way_of(beside[keyword]), self.sense) for keyword in larger):
            return  # the larger change has said it
        if {"contentMediaType", "contentEncoding"} & set(beside) and {change.before, change.after} & {"binary", "byte"}:
            return  # two spellings of bytes (OpenAPI 3.1, 4.8.14.2); what is another encoding is told there
        if self.sense is Sense.TAKES and change.path and not larger:
            files = {change.before, change.after}
            if "binary" in files and files & {MISSING, ""}:
                words = "is no file any more" if change.before == "binary" else "is a file now"
                self.say("encoding-changed", change, sentence=words)
                return
        way = format_way(change.before, change.after)
        if change.direction in (Way.NARROWED, Way.WIDENED, Way.BOTH):
            way = change.direction  # formats are asserted: containment has judged
        if way is Way.EQUAL:
            if not larger:
                self.compatible(change)
        elif breaks(way, self.sense):
            name = "request-format-tightened" if self.sense is Sense.TAKES else "response-format-loosened"
            self.say(name, change)
        elif not larger:
            self.compatible(change)

    def default(self, change: Change, beside: Mapping[str, Change]) -> None:
        nullish = {repr(change.before), repr(change.after)} <= {"None", "MISSING"}
        if _same_number(change.before, change.after):
            return
        if self.parameter and not change.path and self.sense is Sense.TAKES and not nullish:
            self.say("parameter-default-changed", change)
        elif not nullish:
            self.say("default-changed", change)

    def marks(self, change: Change) -> None:
        mark = "read-only" if change.keyword == "readOnly" else "write-only"
        self.say("marks-changed", change, sentence=f"is {mark}" if change.after is True else f"is no longer {mark}")

    def content(self, change: Change, beside: Mapping[str, Change]) -> None:
        spelled = beside.get("format")
        if spelled is not None and _same_bytes(change, spelled):
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
        value: Any = NOTHING
        pointer = explanation = ""
        written = self.travelling.known(change) if witness and beside is None else None
        if written is not None and written[1] is not NOTHING:
            value = written[1]
        elif witness:
            value, pointer, explanation = self.pair.witness(self.use, beside or change, self.old, self.new)
            if value is NOTHING:
                self.undecided(change)  # no syntactic rule stands without a value that shows it
                return
        self.judge.tell(
            name,
            self.use,
            change.path,
            sentence or change.sentence,
            self.operations,
            self.label,
            level=level,
            old=old_place,
            new=new_place,
            lead=old_place if removed else "",
            tail=change.path[-1:] if change.keyword == "required" else (),
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

    def _marked(self, node: Any, change: Change, mark: str, *, new: bool) -> bool:
        """Whether the side that lacks a property only lacks it since it is marked."""
        other = self.pair.named(node, change.path[-1] if change.path else "", new=new)
        return isinstance(other, Mapping) and other.get(mark) is True


def _same_bytes(change: Change, spelled: Change) -> bool:
    """Whether a format and a keyword of contents say the same of bytes (OpenAPI 3.1, 4.8.14.2 and appendix of 3.1.1).

    ``format: binary`` is ``contentMediaType: application/octet-stream``, ``format: byte`` is
    ``contentEncoding: base64``.
    """
    formats = (spelled.before, spelled.after)
    if "binary" in formats:
        return True
    if change.keyword != "contentEncoding" or "byte" not in formats:
        return False
    kept = change.after if spelled.before == "byte" else change.before
    return isinstance(kept, str) and kept.lower() == "base64"


def _same_number(one: Any, other: Any) -> bool:
    """Whether two values are one number: JSON knows no other sort of 1.0 than 1."""
    numbers = [isinstance(each, (int, float)) and not isinstance(each, bool) for each in (one, other)]
    return all(numbers) and bool(one == other)
