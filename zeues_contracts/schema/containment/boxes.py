"""The atoms of one branch for arrays and objects, and whether one more is compatible with them."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Protocol

from zeues_contracts.schema.containment.formulas import Atom, Names
from zeues_contracts.schema.containment.graph import ALL, NONE, Conjunction
from zeues_contracts.schema.containment.results import EMPTY, Result
from zeues_contracts.schema.patterns import compile_pattern

if TYPE_CHECKING:
    from zeues_contracts.schema.containment.solver import Solver
    from zeues_contracts.schema.patterns import Language

__all__ = ["ArrayBox", "Box", "ObjectBox", "named"]

Telling = Generator[Conjunction, Result, bool]

EVERYTHING: Conjunction = frozenset()


class Box(Protocol):
    """What a branch has gathered of one type."""

    def copy(self) -> Box:
        """A box that is changed on its own."""

    def add(self, atom: Atom) -> bool:
        """Put an atom in; false where it contradicts what is there."""

    def consistent(self, solver: Solver) -> Telling:
        """Whether what changed since the last time leaves something, as far as is seen."""

    def admits(self, solver: Solver, atom: Atom) -> Telling:
        """Whether an atom is compatible, as far as is seen."""

    def implies(self, solver: Solver, atom: Atom) -> Telling:
        """Whether an atom holds already, where that is cheap to tell for certain."""


class ArrayBox:
    """Constraints on an array: lengths, items by position, items from a position on, counts."""

    __slots__ = (
        "dirty",
        "duplicate",
        "high",
        "least",
        "low",
        "most",
        "positions",
        "rests",
        "somes",
        "unique",
    )

    def __init__(self) -> None:
        self.low = 0
        self.high: int | None = None
        self.positions: dict[int, Conjunction] = {}
        self.rests: tuple[tuple[int, int], ...] = ()
        self.somes: tuple[tuple[int, int], ...] = ()
        self.least: dict[int, int] = {}
        self.most: dict[int, int] = {}
        self.unique = False
        self.duplicate = False
        self.dirty = True

    def copy(self) -> ArrayBox:
        """A box that is changed on its own."""
        other = ArrayBox()
        other.low, other.high = self.low, self.high
        other.positions = dict(self.positions)
        other.rests, other.somes = self.rests, self.somes
        other.least, other.most = dict(self.least), dict(self.most)
        other.unique, other.duplicate, other.dirty = self.unique, self.duplicate, self.dirty
        return other

    def item(self, position: int) -> Conjunction:
        """What the item at a position is to be, if there is one."""
        found = self.positions.get(position, EVERYTHING)
        more = [literal for first, literal in self.rests if first <= position]
        return found.union(more) if more else found

    @property
    def special(self) -> int:
        """The position from which on all are alike."""
        return max(
            [0, *(place + 1 for place in self.positions), *(first for first, _ in self.rests)]
            + [first for first, _ in self.somes]
        )

    def add(self, atom: Atom) -> bool:
        """Put an atom in; false where it contradicts what is there."""
        kind, what, literal = atom
        self.dirty = True
        if kind == "min":
            self.low = max(self.low, what)
        elif kind == "max":
            self.high = what if self.high is None else min(self.high, what)
        elif kind in ("item", "has"):
            self.positions[what] = self.positions.get(what, EVERYTHING) | {literal}
            if kind == "has":
                self.low = max(self.low, what + 1)
        elif kind == "rest":
            if (what, literal) not in self.rests:
                self.rests = (*self.rests, (what, literal))
        elif kind == "some":
            self.low = max(self.low, what + 1)
            if (what, literal) not in self.somes:
                self.somes = (*self.somes, (what, literal))
        elif kind == "least":
            self.least[literal] = max(self.least.get(literal, 0), what)
            self.low = max(self.low, what)
        elif kind == "most":
            self.most[literal] = min(self.most.get(literal, what), what)
        elif kind == "unique":
            self.unique = True
        else:
            self.duplicate = True
            self.low = max(self.low, 2)
        if self.unique and self.duplicate:
            return False
        if any(self.least.get(one, 0) > most for one, most in self.most.items()):
            return False
        return self.high is None or self.low <= self.high

    def consistent(self, _solver: Solver) -> Telling:
        """Whether the items that there must be can be."""
        if not self.dirty:
            return True
        self.dirty = False
        fits = True
        for position in sorted(self.positions)[:64]:
            if position < self.low:
                result = yield self.item(position)
                if result is EMPTY:
                    return False
                fits = fits and result.state != "empty"  # all are asked about, so that all are looked at
        return fits

    def admits(self, _solver: Solver, atom: Atom) -> Telling:
        """Whether an atom is compatible, as far as is seen."""
        kind, what, literal = atom
        high = self.high
        if kind == "min":
            return high is None or what <= high
        if kind == "max":
            return bool(what >= self.low)
        if kind == "has" or (kind == "item" and self.low > what):
            if high is not None and high <= what:
                return False
            result = yield self.item(what) | {literal}
            return result.state != "empty"
        if kind in ("some", "least"):
            first = what if kind == "some" else 0
            if kind == "least" and (what > self.most.get(literal, what) or (high is not None and what > high)):
                return False
            for position in range(first, max(self.special, first) + 1):
                if high is not None and position >= high:
                    break
                result = yield self.item(position) | {literal}
                if result.state != "empty":
                    return True
            return False
        if kind == "rest" and self.low > what:
            result = yield self.item(what) | {literal}
            return result.state != "empty"
        if kind == "most":
            return bool(what >= self.least.get(literal, 0))
        if kind == "unique":
            return not self.duplicate
        if kind == "duplicate":
            return not self.unique and (high is None or high >= 2)
        return True

    def implies(self, _solver: Solver, atom: Atom) -> Telling:
        """Whether an atom holds already, where that is cheap to tell for certain."""
        yield from ()
        kind, what, _ = atom
        if kind == "min":
            return bool(self.low >= what)
        return kind == "max" and self.high is not None and self.high <= what


def named(names: Names, name: str) -> bool:
    """Whether a name is one of some names. Raises ``UnsupportedPattern`` and ``PatternBudget``."""
    if names.kind == "one":
        return name in names.names
    if names.kind == "pattern":
        return _language(names.patterns[0]).accepts(name)
    return name not in names.names and not any(_language(one).accepts(name) for one in names.patterns)


def _language(pattern: str) -> Language:
    return compile_pattern(pattern)


class ObjectBox:
    """Constraints on an object: members by name, by pattern, all others; how many; what some member is to be."""

    __slots__ = (
        "bad",
        "cached",
        "dirty",
        "high",
        "low",
        "naming",
        "one",
        "required",
        "rules",
        "somes",
    )

    def __init__(self) -> None:
        self.low = 0
        self.high: int | None = None
        self.required: dict[str, None] = {}
        self.one: dict[str, Conjunction] = {}
        self.rules: tuple[tuple[Names, int], ...] = ()
        self.somes: tuple[tuple[Names, int], ...] = ()
        self.naming: tuple[int, ...] = ()
        self.bad: tuple[int, ...] = ()
        self.cached: dict[str, Conjunction] = {}
        self.dirty: set[str] | None = None
        """Names of which what they are to be has changed; ``None``: all."""

    def copy(self) -> ObjectBox:
        """A box that is changed on its own."""
        other = ObjectBox()
        other.low, other.high = self.low, self.high
        other.required, other.one = dict(self.required), dict(self.one)
        other.rules, other.somes = self.rules, self.somes
        other.naming, other.bad = self.naming, self.bad
        other.cached = dict(self.cached)
        other.dirty = None if self.dirty is None else set(self.dirty)
        return other

    def add(self, atom: Atom) -> bool:
        """Put an atom in; false where it contradicts what is there."""
        kind, what, literal = atom
        if kind == "min":
            self.low = max(self.low, what)
        elif kind == "max":
            self.high = what if self.high is None else min(self.high, what)
        elif kind == "required":
            self.required.setdefault(what)
            self._touch(what)
        elif kind == "absent":
            if what in self.required:
                return False
            self._rule(what, NONE)
        elif kind == "rule":
            if what.kind == "one":
                for name in what.names:
                    self._rule(name, literal)
            elif (what, literal) not in self.rules:
                self.rules = (*self.rules, (what, literal))
                self.cached, self.dirty = {}, None
        elif kind == "some":
            if what.kind == "one":
                for name in what.names:
                    self.required.setdefault(name)
                    self._rule(name, literal)
            elif (what, literal) not in self.somes:
                self.somes = (*self.somes, (what, literal))
        elif kind == "names":
            if literal not in self.naming:
                self.naming = (*self.naming, literal)
                self.cached, self.dirty = {}, None
        elif literal not in self.bad:
            self.bad = (*self.bad, literal)
        if self.somes or self.bad:
            self.low = max(self.low, 1)
        least = max(self.low, len(self.required))
        return self.high is None or least <= self.high

    def _rule(self, name: str, literal: int) -> None:
        if literal != ALL:
            self.one[name] = self.one.get(name, EVERYTHING) | {literal}
            self.cached.pop(name, None)
        self._touch(name)

    def _touch(self, name: str) -> None:
        if self.dirty is not None:
            self.dirty.add(name)

    def member(self, solver: Solver, name: str) -> Conjunction:
        """What the member of a name is to be, if there is one."""
        known = self.cached.get(name)
        if known is None:
            known = self.one.get(name, EVERYTHING)
            more = [literal for names, literal in self.rules if named(names, name)]
            if more:
                known = known.union(more)
            for literal in self.naming:
                if solver.members.check(name, literal) is False:
                    known = frozenset({NONE})
            self.cached[name] = known
        return known

    def consistent(self, solver: Solver) -> Telling:
        """Whether the members that there must be can be."""
        if any(solver.contradicts(frozenset((*self.naming, one))) for one in self.bad):
            return False
        if self.dirty is not None and not self.dirty:
            return True
        touched = list(self.required) if self.dirty is None else [one for one in self.required if one in self.dirty]
        self.dirty = set()
        fits = True
        for name in touched:
            result = yield self.member(solver, name)
            if result is EMPTY:
                return False
            fits = fits and result.state != "empty"  # all are asked about, so that all are looked at
        return fits

    def admits(self, solver: Solver, atom: Atom) -> Telling:
        """Whether an atom is compatible, as far as is seen."""
        kind, what, literal = atom
        high = self.high
        if kind == "min":
            return high is None or what <= high
        if kind == "max":
            return bool(what >= max(self.low, len(self.required)))
        if kind == "absent":
            return what not in self.required
        if kind == "required" or (kind == "some" and what.kind == "one"):
            for name in (what,) if kind == "required" else what.names:
                if high is not None and name not in self.required and len(self.required) >= high:
                    return False
                result = yield self.member(solver, name) | {literal}
                if result.state == "empty":
                    return False
            return True
        if kind == "rule":
            for name in self.required if what.kind != "one" else what.names:
                if name in self.required and (what.kind == "one" or named(what, name)):
                    result = yield self.member(solver, name) | {literal}
                    if result.state == "empty":
                        return False
            return True
        if kind == "names":
            return not any(solver.members.check(name, literal) is False for name in self.required)
        if kind in ("some", "bad-name") and high == 0:
            return False
        if kind == "bad-name" and solver.contradicts(frozenset((*self.naming, literal))):
            return False
        if kind in ("some", "bad-name"):
            from zeues_contracts.schema.containment.objects import any_option

            return (yield from any_option(solver, self, atom))
        return True

    def implies(self, solver: Solver, atom: Atom) -> Telling:
        """Whether an atom holds already, where that is cheap to tell for certain: constants tell branches apart."""
        kind, what, literal = atom
        if kind == "required":
            return what in self.required
        if kind == "absent":
            return what not in self.required and NONE in self.member(solver, what)
        if kind == "some" and what.kind == "one":
            (name,) = what.names
            if name in self.required:
                member = self.member(solver, name)
                if any(not one & 1 and solver.finite_of(one) is not None for one in (literal ^ 1, *member)):
                    result = yield member | {literal ^ 1}
                    return result is EMPTY
        return False
