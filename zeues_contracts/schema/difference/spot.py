"""A pair of views at one path while they are compared, and how a change is noted there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import msgspec

from zeues_contracts.schema.difference.model import MISSING, Change, Way
from zeues_contracts.schema.difference.sameness import Sameness
from zeues_contracts.schema.difference.values import way_between
from zeues_contracts.schema.difference.views import ANNOTATIONS, View, children
from zeues_contracts.schema.references import child, node_at
from zeues_contracts.schema.types import Schema, Settings

__all__ = [
    "ANNOTATIONS",
    "ANYWAY",
    "NOTHING",
    "Path",
    "Spot",
    "Verdict",
    "Walk",
    "keyword_pointer",
    "limited",
    "node_of",
    "way_left",
]

ANYWAY = frozenset({Way.WIDENED, Way.NARROWED})
NOTHING: frozenset[Way] = frozenset()

Path = tuple[str, ...]

TOLD_ANYWAY = frozenset({*ANNOTATIONS, "properties"})
"""Keywords whose change is told where the set stays the same: a property that may be anything was still added."""


class Verdict(msgspec.Struct, frozen=True):
    """Containment both ways: what may be said, and the values that refute, with the keywords that they speak of."""

    allowed: frozenset[Way]
    lost: Any = MISSING
    gained: Any = MISSING
    sure: bool = True
    lost_by: str = ""
    gained_by: str = ""

    @property
    def way(self) -> Way:
        """The way of the whole, where containment knows."""
        return way_left(self.allowed) if self.sure else Way.UNKNOWN


class Walk(Protocol):
    """What a spot needs of the walk that it belongs to."""

    settings: Settings
    same: Sameness

    def compare(self, old: Schema, new: Schema, path: Path, *, flip: bool, allowed: frozenset[Way], depth: int) -> None:
        """Compare two places below."""

    def verdict(self, old: Schema, new: Schema) -> Verdict:
        """Containment both ways."""

    def equal(self, old: Schema, new: Schema) -> bool:
        """Whether both are proven to accept the same."""

    def within(self, inner: Schema, outer: Schema) -> bool:
        """Whether every value of the first is proven to be one of the second."""

    def note(self, change: Change) -> None:
        """Keep a change."""


class Spot(msgspec.Struct, frozen=True):
    """A pair of views at a path, being compared."""

    walk: Walk
    old: View
    new: View
    path: Path
    flip: bool
    allowed: frozenset[Way]
    verdict: Verdict
    depth: int

    def emit(
        self,
        keyword: str,
        way: Way,
        before: Any,
        after: Any,
        sentence: str,
        *,
        at: tuple[str, str] | None = None,
        path: Path | None = None,
        witness: Any = MISSING,
    ) -> None:
        """Note a change; ``way`` is what it does here, which may be the reverse at the root."""
        kept = limited(way.flipped if self.flip else way, self.allowed)
        if kept is None or (kept is Way.EQUAL and keyword not in TOLD_ANYWAY):
            return
        if witness is MISSING:
            witness = self.witness(keyword, way)
        old_pointer, new_pointer = at or (self.pointer(self.old, keyword), self.pointer(self.new, keyword))
        self.walk.note(
            Change(
                self.path if path is None else path,
                old_pointer,
                new_pointer,
                keyword,
                kept,
                before,
                after,
                sentence,
                witness,
            )
        )

    def witness(self, keyword: str, way: Way) -> Any:
        """The value that refutes here, where it speaks of this keyword."""
        if way is not Way.WIDENED and self.verdict.lost_by == keyword:
            return self.verdict.lost
        if way is not Way.NARROWED and self.verdict.gained_by == keyword:
            return self.verdict.gained
        return MISSING

    def pointer(self, view: View, keyword: str) -> str:
        """Where a keyword stands, or the schema object that lacks it."""
        entry = view.keywords.get(keyword)
        place = view.place if entry is None else entry.place
        return keyword_pointer(place, keyword)

    def whole(self) -> None:
        """A change that no keyword tells: something in how the keywords play together."""
        lost, gained = self.verdict.lost, self.verdict.gained
        ways = self.verdict.allowed
        way = Way.UNKNOWN if not self.verdict.sure else way_left(ways)
        words = {
            Way.WIDENED: "accepts more than before",
            Way.NARROWED: "accepts less than before",
            Way.BOTH: "accepts other values than before",
        }
        self.emit(
            "schema",
            way,
            self.old.node,
            self.new.node,
            words.get(way, "was rewritten; whether it accepts the same is not known"),
            at=(self.old.place.pointer, self.new.place.pointer),
            witness=gained if lost is MISSING else lost,
        )

    def both(self, keyword: str) -> tuple[Any, Any]:
        """A keyword's value on either side, :data:`MISSING` for none."""
        return self.old.get(keyword, MISSING), self.new.get(keyword, MISSING)

    def settled(self, way: Way) -> Way:
        """A way that cannot be told from the keyword alone, told by containment of the places, where that knows."""
        return way_left(self.verdict.allowed) if way is Way.UNKNOWN and self.verdict.sure else way

    def below(self, old: Schema, new: Schema, path: Path, *, flip: bool = False) -> None:
        """Compare two places below this one."""
        self.walk.compare(old, new, path, flip=self.flip is not flip, allowed=self.allowed, depth=self.depth + 1)


def limited(way: Way, allowed: frozenset[Way]) -> Way | None:
    """What is left of a way where containment has settled some of it; ``None``: nothing."""
    if way is Way.EQUAL:
        return way
    if way is Way.UNKNOWN:
        return way if allowed else None
    if way is Way.BOTH:
        return way_left(allowed) if allowed else None
    return way if way in allowed else None


def way_left(allowed: Iterable[Way]) -> Way:
    """The way that remains where containment has ruled the others out."""
    ways = frozenset(allowed)
    return way_between(Way.NARROWED in ways, Way.WIDENED in ways)


def node_of(place: Schema) -> Any:
    """What stands at a place; the schema of every value where nothing does."""
    try:
        return node_at(place)
    except KeyError:
        return True


def keyword_pointer(place: Schema, keyword: str) -> str:
    """Where a keyword of a schema object is written, or the object that lacks it."""
    node = node_of(place)
    if not isinstance(node, Mapping):
        return place.pointer
    stands = (
        children(place, keyword).pointer
        if keyword in ("prefixItems", "items", "dependentSchemas", "dependentRequired")
        else child(place, keyword).pointer
    )
    written = stands.rsplit("/", 1)[-1]
    return stands if written in node else place.pointer
