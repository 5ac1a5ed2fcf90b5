"""Two documents side by side: one memory of containment for each direction, and where places of both are.

Two documents of one dialect are judged as one resource: the older document, with the newer one laid beside it. A
component that both have is one place in it, so that what refers to it on both sides is the same without a look, and a
question costs as much as what changed. Components that changed are asked about by themselves (``compare``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from msgspec.structs import replace

from zeues_contracts.config import DriftConfig
from zeues_contracts.drift.asking import AskingDiffer
from zeues_contracts.drift.extras import alike
from zeues_contracts.drift.model import NOTHING, Sense, Use
from zeues_contracts.drift.narrowing import MAX_LINKS, narrowed
from zeues_contracts.drift.overlay import BESIDE, Overlay
from zeues_contracts.drift.policy import Policy
from zeues_contracts.openapi.model import Document
from zeues_contracts.openapi.references import look_up
from zeues_contracts.schema import contains
from zeues_contracts.schema.difference import MISSING, Change
from zeues_contracts.schema.references import escape, resolve, without_dynamic
from zeues_contracts.schema.types import (
    Answer,
    Dialect,
    Direction,
    Proven,
    Refuted,
    Resource,
    Schema,
    Settings,
    Unknown,
)

if TYPE_CHECKING:
    from zeues_contracts.schema.containment.context import Context
    from zeues_contracts.schema.difference.walk import Differ

__all__ = ["Pair"]

_PLAIN = frozenset(
    {
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
        "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "pattern", "type", "enum", "const",
    }
)  # fmt: skip
"""Keywords that are a schema by themselves: a value that one of them turns down is turned down by all around it."""


_LISTED = frozenset({"const", "enum"})
_NAMES = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "schemas"})


class Pair:
    """An older and a newer document under judgement."""

    def __init__(
        self,
        old: Document,
        new: Document,
        config: DriftConfig,
        policy: Policy,
        overlay: Overlay | None = None,
        dialect: Dialect | None = None,
        marked: frozenset[str] | None = None,
    ) -> None:
        """``overlay`` is the newer document as it stands beside the older; ``None`` to judge the two apart.

        ``dialect`` is the one in which both are read; by default the older document's. ``marked`` are the components
        that reach something of which requests and responses hold different things; ``None`` where that is not known.
        """
        self.old = old
        self.new = new
        self.config = config
        self.policy = policy
        self.marked = None if config.closed_world else marked
        # Documents that are judged as one have been looked through for references that depend on the caller.
        self.joined = None if overlay is None else without_dynamic(_joined(old, overlay.raw, dialect or old.dialect))
        self._differs: dict[Direction, Differ] = {}
        self._contexts: dict[Direction, Context] = {}

    def changes(self, direction: Direction, old: Schema, new: Schema) -> tuple[Change, ...]:
        """The places that changed between a schema of the older document and one of the newer."""
        one, other = self.left(old), self.right(new)
        if self.joined is None or one.resource is not other.resource or self.config.closed_world:
            return self._differ(self.towards(direction, one, other)).changes(one, other)
        return self._narrow_changes(direction, one.pointer, other.pointer)

    def _narrow_changes(self, direction: Direction, old: str, new: str) -> tuple[Change, ...]:
        """Changes of two places of the joined resource, asked about where they part."""
        assert self.joined is not None
        found = narrowed(self.joined.contents, old, new, direction)
        changes = list(found.changes)
        for path, one, other in found.pairs:
            places = Schema(self.joined, one), Schema(self.joined, other)
            inner = self._differ(self.towards(direction, *places)).changes(*places)
            changes += [replace(change, path=path + change.path) for change in inner] if path else inner
        return tuple(changes)

    def contains(self, direction: Direction, sub: Schema, sup: Schema) -> Answer:
        """Containment of two schemas that are already of this pair's resources."""
        return contains(sub, sup, self._context(self.towards(direction, sub, sup)))

    def towards(self, direction: Direction, *schemas: Schema) -> Direction:
        """The direction in which schemas are asked about: one for both, where they mean the same in both."""
        if self.marked is not None and all(map(self._is_unmarked, schemas)):
            return Direction.RESPONSE
        return direction

    def _is_unmarked(self, schema: Schema) -> bool:
        if schema.resource not in (self.joined, self.old.resource, self.new.resource):
            return False
        tokens = schema.pointer.removeprefix(BESIDE).split("/", 4)
        if tokens[1:2] == ["components"]:
            return "/".join(tokens[:4]) not in (self.marked or ())
        if tokens[1:2] == ["definitions"]:
            return "/".join(tokens[:3]) not in (self.marked or ())
        return not self.marked

    def proven(self, direction: Direction, sub: Schema, sup: Schema) -> bool:
        """Whether containment is proven; both schemas are of this pair's resources, or of none."""
        return isinstance(self.contains(direction, sub, sup), Proven)

    def left(self, schema: Schema) -> Schema:
        """A place of the older document as it is asked about."""
        if self.joined is None or schema.resource is not self.old.resource:
            return schema
        return Schema(self.joined, schema.pointer)

    def right(self, schema: Schema) -> Schema:
        """A place of the newer document as it is asked about."""
        if self.joined is None or schema.resource is not self.new.resource:
            return schema
        return Schema(self.joined, BESIDE + schema.pointer)

    def says_the_same(self, old: Schema, new: Schema) -> bool:
        """Whether two schemas differ in text alone, where both are judged as one and references lead to one place."""
        one, other = self.left(old), self.right(new)
        if one.resource is not other.resource:
            return False
        contents = one.resource.contents
        return alike(look_up(contents, one.pointer), look_up(contents, other.pointer))

    def place(self, schema: Schema) -> str:
        """Where a schema of either document stands."""
        if schema.resource in (self.old.resource, self.new.resource):
            return schema.pointer
        return f"{schema.resource.uri}#{schema.pointer}"

    def old_place(self, pointer: str) -> str:
        """A pointer that a change tells of the older side, as a place of that document."""
        return pointer.removeprefix(BESIDE)

    def new_place(self, pointer: str) -> str:
        """A pointer that a change tells of the newer side, as a place of that document."""
        return pointer.removeprefix(BESIDE)

    def nodes(self, change: Change) -> tuple[Any, Any]:
        """What stands at the two places of a change."""
        return (
            look_up(self._contents(new=False), change.old_pointer),
            look_up(self._contents(new=True), change.new_pointer),
        )

    def property_node(self, change: Change, *, new: bool) -> Any:
        """The schema object of the property that a change of ``required`` is about, references followed."""
        pointer = change.new_pointer if new else change.old_pointer
        base = pointer.removesuffix("/required")
        return self._follow(f"{base}/properties/{escape(change.path[-1])}", new=new) if change.path else None

    def named(self, node: Any, name: str, *, new: bool) -> Any:
        """The property of a name that a schema object of one side has, whatever the direction leaves out of it."""
        properties = node.get("properties") if isinstance(node, Mapping) else None
        found = properties.get(name) if isinstance(properties, Mapping) else None
        for _ in range(MAX_LINKS):
            if not (isinstance(found, Mapping) and isinstance(found.get("$ref"), str)):
                break
            if not found["$ref"].startswith("#/") or found.get("readOnly") is True or found.get("writeOnly") is True:
                break
            found = look_up(self._contents(new=new), unquote(found["$ref"][1:]))
        return found

    def reason(self, direction: Direction, old: Schema, new: Schema) -> str:
        """Why containment does not know."""
        one, other = self.left(old), self.right(new)
        for sub, sup in ((one, other), (other, one)):
            answer = self.contains(direction, sub, sup)
            if isinstance(answer, Unknown):
                return answer.reason
        return ""

    def witness(self, use: Use, change: Change, old: Schema, new: Schema) -> tuple[Any, str, str]:
        """A value that shows a breaking change, the point in it, and what is wrong with it there.

        It is a value of the nearest place that has one, confirmed by both validators: of the sender's side and not of
        the reader's. ``NOTHING`` where none was found.
        """
        one, other = self.around(change)
        answer = self._refutation(use, one, other)
        if isinstance(answer, Refuted) and answer.explanation and answer.explanation.keyword == change.keyword:
            return answer.witness, answer.explanation.value_pointer, answer.explanation.sentence
        alone = self._alone(use, change, one, other)
        if alone is not NOTHING:
            return alone, "", ""
        if not isinstance(answer, Refuted):
            answer = self._refutation(use, self.left(old), self.right(new))
        if not isinstance(answer, Refuted):
            return NOTHING, "", ""
        explained = answer.explanation
        return answer.witness, explained.value_pointer if explained else "", explained.sentence if explained else ""

    def _refutation(self, use: Use, old: Schema, new: Schema) -> Answer:
        sub, sup = (old, new) if use.sense is Sense.TAKES else (new, old)
        return self.contains(use.direction, sub, sup)

    def _alone(self, use: Use, change: Change, old: Schema, new: Schema) -> Any:
        """A witness against the changed keyword by itself, where others changed beside it."""
        said = change.after if use.sense is Sense.TAKES else change.before
        if change.keyword == "required" and change.path:
            probe: dict[str, Any] = {"required": [change.path[-1]]}
        elif change.keyword in _PLAIN and said is not MISSING:
            value = list(said) if isinstance(said, (tuple, list)) else said
            probe = {change.keyword: value}
            if change.keyword == "const" and isinstance(said, (tuple, list)):
                probe = {"enum": value}
        else:
            return NOTHING
        sub, sup = (old, new) if use.sense is Sense.TAKES else (new, old)
        answer = self.contains(use.direction, sub, Resource(probe).schema())
        if not isinstance(answer, Refuted):
            return NOTHING
        from zeues_contracts.schema.validators import confirm

        settings = self._settings(use.direction)
        return answer.witness if not confirm(sub, sup, answer.witness, settings) else NOTHING

    def as_value(self, use: Use, text: Any, old: Schema, new: Schema) -> Any:
        """The value that a text stands for where the sender's side has it and the reader's not; else the text."""
        from zeues_contracts.schema.validators import confirm

        sub, sup = (old, new) if use.sense is Sense.TAKES else (new, old)
        try:
            values = [text, json.loads(text)]
        except (TypeError, ValueError):
            values = [text]
        return next((one for one in values if not confirm(sub, sup, one, self._settings(use.direction))), text)

    def example(self, direction: Direction, schema: Schema | None) -> Any:
        """A value of a schema of either document, or of one beside them; ``NOTHING`` where none is found."""
        from zeues_contracts.schema import witness

        if schema is None:
            return NOTHING
        answer = witness(schema, self._context(direction))
        return answer.witness if isinstance(answer, Refuted) else NOTHING

    def around(self, change: Change) -> tuple[Schema, Schema]:
        """The schema objects in which a change's keyword stands."""
        one = _object_at(change.old_pointer, change.keyword)
        other = _object_at(change.new_pointer, change.keyword)
        left = self.joined or self.old.resource
        right = self.joined or self.new.resource
        return Schema(left, one), Schema(right, other)

    def _contents(self, *, new: bool) -> Any:
        if self.joined is not None:
            return self.joined.contents
        return (self.new if new else self.old).resource.contents

    def _follow(self, pointer: str, *, new: bool) -> Any:
        resource = self.joined or (self.new.resource if new else self.old.resource)
        node = look_up(resource.contents, pointer)
        for _ in range(8):
            if not (isinstance(node, Mapping) and isinstance(node.get("$ref"), str)) or "default" in node:
                break
            target = resolve(Schema(resource, pointer), node["$ref"])
            if target is None:
                break
            resource, pointer = target.resource, target.pointer
            node = look_up(resource.contents, pointer)
        return node

    def _settings(self, direction: Direction) -> Settings:
        return Settings(
            format_assertion=self.config.format_assertion,
            direction=direction,
            closed_world=self.config.closed_world,
        )

    def _context(self, direction: Direction) -> Context:
        known = self._contexts.get(direction)
        if known is None:
            from zeues_contracts.schema import Context  # the engine is loaded where something differs

            known = self._contexts[direction] = Context(self._settings(direction))
        return known

    def _differ(self, direction: Direction) -> Differ:
        known = self._differs.get(direction)
        if known is None:
            known = self._differs[direction] = AskingDiffer(self._context(direction))
        return known


def _object_at(pointer: str, keyword: str) -> str:
    if keyword == "schema":
        return pointer  # the whole changed: no keyword of it stands at the end
    head, _, last = pointer.rpartition("/")
    if last == keyword:
        return head
    above, _, second = head.rpartition("/")
    if last in _LISTED and keyword in _LISTED and second not in _NAMES:
        return head  # one side says `const` where the other says `enum`
    return above if second == keyword else pointer


def _joined(old: Document, new: Mapping[str, Any], dialect: Dialect) -> Resource:
    """The older document with the newer one beside it; components that only the newer one has stand under both names.

    Nothing is copied but the tables on the way: what is written in either document stays the object that it is.
    """
    contents = dict(old.resource.contents)
    for table in ("components", "definitions"):
        theirs, ours = new.get(table), contents.get(table)
        if not isinstance(theirs, Mapping):
            continue
        contents[table] = _merged(ours, theirs, 1 if table == "components" else 0)
    contents[BESIDE[1:]] = new
    return Resource(contents, dialect, old.resource.uri)


def _merged(ours: Any, theirs: Mapping[str, Any], levels: int) -> Any:
    if not isinstance(ours, Mapping):
        return theirs if ours is None else ours
    merged = dict(ours)
    for name, value in theirs.items():
        if name not in merged:
            merged[name] = value
        elif levels and isinstance(value, Mapping):
            merged[name] = _merged(merged[name], value, levels - 1)
    return merged
