"""Objects: which members there are, from names that schemas speak of and from regions of all other names."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import msgspec

from zeues_contracts.schema.containment.boxes import ObjectBox, named
from zeues_contracts.schema.containment.formulas import Atom, Names
from zeues_contracts.schema.containment.graph import NONE, Conjunction, UndecidableError
from zeues_contracts.schema.containment.results import EMPTY, MISSING, Asking, Result, found, maybe
from zeues_contracts.schema.containment.strings import listed, strings_of
from zeues_contracts.schema.patterns import ALL, Language, compile_pattern

if TYPE_CHECKING:
    from zeues_contracts.schema.containment.solver import Solver

__all__ = ["any_option", "solve_object"]

MAX_REGIONS = 96
MAX_MEMBERS = 5_000
MAX_STEPS = 4000


class _Region(msgspec.Struct, frozen=True):
    """Names that the schemas treat alike: those of a language that are not spoken of by name."""

    language: Language
    inside: frozenset[Any]
    """What the names are in: patterns, and literals of ``propertyNames``."""
    sure: bool

    def names(self, taken: frozenset[str], count: int) -> Iterator[str]:
        """The names, up to a count at least, those that read well first."""
        if self.language is ALL:
            return (name for name in _letters() if name not in taken)
        return _nonempty_first(self.language, taken, count)


def _letters() -> Iterator[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    yield from letters
    for number in count():
        for letter in letters:
            yield f"{letter}{number}"


def _nonempty_first(language: Language, taken: frozenset[str], count: int) -> Iterator[str]:
    first = [name for name in listed(language, count + len(taken) + 1)[0] if name not in taken]
    yield from (name for name in first if name)
    yield from (name for name in first if not name)


class _Layout:
    """The names of one box: those spoken of, and the regions of the rest."""

    def __init__(self, solver: Solver, box: ObjectBox, extra: tuple[Atom, ...] = ()) -> None:
        self.solver = solver
        self.box = box
        self.reason = ""
        spoken: dict[str, None] = dict.fromkeys(box.required)
        spoken.update(dict.fromkeys(box.one))
        wanted = [names for names, _ in (*box.rules, *box.somes)] + [one.what for one in extra if one.what is not None]
        patterns: dict[str, None] = {}
        for names in wanted:
            spoken.update(dict.fromkeys(sorted(names.names)))
            patterns.update(dict.fromkeys(names.patterns))
        self.spoken = tuple(spoken)
        self.taken = frozenset(spoken)
        literals = (*box.naming, *box.bad, *(one.literal for one in extra if one.what is None))
        self.regions = self._split(tuple(patterns), literals)

    def _split(self, patterns: tuple[str, ...], literals: tuple[int, ...]) -> tuple[_Region, ...]:
        regions = [_Region(ALL, frozenset(), True)]
        cuts: list[tuple[Any, Language, Language]] = []
        for pattern in patterns:
            language = compile_pattern(pattern)
            cuts.append((pattern, language, language))
        for literal in dict.fromkeys(literals):
            strings = strings_of(self.solver.graph, literal)
            if strings.inner is not strings.outer:
                self.reason = strings.reason or "names that are not known exactly"
            cuts.append((literal, strings.inner, strings.outer))
        for key, inner, outer in cuts:
            self.solver.tick()
            parts: list[_Region] = []
            for region in regions:
                within = region.language.intersect(outer)
                if not within.is_empty():
                    sure = region.sure and (inner is outer or not within.intersect(inner).is_empty())
                    parts.append(_Region(within, region.inside | {key}, sure and inner is outer))
                without = region.language.minus(inner)
                if not without.is_empty():
                    parts.append(_Region(without, region.inside, region.sure and inner is outer))
            regions = parts
            if len(regions) > MAX_REGIONS:
                raise UndecidableError(f"patterns of names that cut all names into more than {MAX_REGIONS} parts")
        return tuple(regions)

    def member(self, region: _Region) -> Conjunction:
        """What a member with a name of a region is to be."""
        if any(literal not in region.inside for literal in self.box.naming):
            return frozenset({NONE})
        return frozenset(literal for names, literal in self.box.rules if self.covers(names, region))

    def covers(self, names: Names, region: _Region) -> bool:
        """Whether the names of a region are of some names."""
        if names.kind == "one":
            return False
        if names.kind == "pattern":
            return names.patterns[0] in region.inside
        return not any(one in region.inside for one in names.patterns)

    def fits(self, wish: _Wish, name: str) -> bool:
        """Whether a wish may be met at a name."""
        if wish.names is None:
            return self.solver.members.check(name, wish.literal) is not False
        return named(wish.names, name)

    def fits_region(self, wish: _Wish, region: _Region) -> bool:
        """Whether a wish may be met at a name of a region."""
        if wish.names is None:
            return wish.literal in region.inside
        return self.covers(wish.names, region)


class _Wish(msgspec.Struct, frozen=True):
    """Some member is to be of a literal, with one of some names; or to have a name that is of the literal."""

    names: Names | None
    literal: int

    @property
    def value(self) -> Conjunction:
        """What is asked of the member's value."""
        return frozenset() if self.names is None else frozenset({self.literal})


def any_option(solver: Solver, box: ObjectBox, atom: Atom) -> Generator[Conjunction, Result, bool]:
    """Whether some member, there or to be, can be what an atom wishes."""
    layout = _Layout(solver, box, (atom,))
    wish = _Wish(atom.what, atom.literal)
    for name in layout.spoken:
        if layout.fits(wish, name):
            result = yield box.member(solver, name) | wish.value
            if result.state != "empty":
                return True
    for region in layout.regions:
        if layout.fits_region(wish, region):
            result = yield layout.member(region) | wish.value
            if result.state != "empty":
                return True
    return False


def solve_object(solver: Solver, box: ObjectBox) -> Asking:
    """What is known of the objects of a box."""
    values: dict[str, Result] = {}
    for name in box.required:
        result = yield box.member(solver, name)
        if result.state == "empty":
            return EMPTY
        values[name] = result
    if not box.somes and not box.bad and len(box.required) >= box.low:
        unsure = any(solver.members.check(name, one) is None for one in box.naming for name in values)
        return _built(values, "names that are not known exactly" if unsure else "")
    if box.low > MAX_MEMBERS:
        return maybe(f"objects of more than {MAX_MEMBERS} members")
    return (yield from _Search(solver, box, values).run())


def _built(values: dict[str, Result], reason: str) -> Result:
    built = {name: one.value for name, one in values.items()}
    unsure = [one for one in values.values() if one.state == "maybe"]
    if any(one.value is MISSING for one in unsure):
        return maybe(unsure[0].reason)
    if unsure or reason:
        return maybe(reason or unsure[0].reason, built)
    return found(built)


class _Search:
    """Assigns wishes to members, then fills up to the least number of members."""

    def __init__(self, solver: Solver, box: ObjectBox, values: dict[str, Result]) -> None:
        self.solver = solver
        self.box = box
        self.layout = _Layout(solver, box)
        self.wishes = [_Wish(names, literal) for names, literal in box.somes] + [_Wish(None, one) for one in box.bad]
        self.used: dict[str, Conjunction] = {name: box.member(solver, name) for name in box.required}
        self.fresh: list[tuple[int, Conjunction]] = []
        self.steps = 0
        self.unsure: Result | None = None

    def run(self) -> Asking:
        result = yield from self.place(0)
        if result.state == "found":
            return result
        return self.unsure or EMPTY

    @property
    def most(self) -> int:
        """Names of one region that may be needed."""
        return self.box.low + len(self.wishes) + 1

    @property
    def room(self) -> bool:
        return self.box.high is None or len(self.used) + len(self.fresh) < self.box.high

    def place(self, number: int) -> Asking:
        """Meet the wishes from one on."""
        self.steps += 1
        self.solver.tick()
        if self.steps > MAX_STEPS:
            self.unsure = self.unsure or maybe("too many ways to give members to an object")
            return EMPTY
        if number == len(self.wishes):
            result = yield from self.filled()
            if result.state == "maybe" and (self.unsure is None or self.unsure.value is MISSING):
                self.unsure = result
            return result if result.state == "found" else EMPTY
        wish = self.wishes[number]
        names = sorted(self.layout.spoken, key=lambda name: name not in self.used)
        for name in names:
            if not self.layout.fits(wish, name):
                continue
            before = self.used.get(name)
            if before is None and not self.room:
                continue
            wanted = (self.box.member(self.solver, name) if before is None else before) | wish.value
            result = yield wanted
            if result.state == "empty":
                continue
            self.used[name] = wanted
            result = yield from self.place(number + 1)
            if before is None:
                del self.used[name]
            else:
                self.used[name] = before
            if result.state == "found":
                return result
        for at, (region, conjunction) in enumerate(self.fresh):
            if self.layout.fits_region(wish, self.layout.regions[region]):
                wanted = conjunction | wish.value
                result = yield wanted
                if result.state == "empty":
                    continue
                self.fresh[at] = (region, wanted)
                result = yield from self.place(number + 1)
                self.fresh[at] = (region, conjunction)
                if result.state == "found":
                    return result
        if not self.room:
            return EMPTY
        for at, one in enumerate(self.layout.regions):
            if self.layout.fits_region(wish, one):
                wanted = self.layout.member(one) | wish.value
                result = yield wanted
                if result.state == "empty":
                    continue
                self.fresh.append((at, wanted))
                result = yield from self.place(number + 1)
                self.fresh.pop()
                if result.state == "found":
                    return result
        return EMPTY

    def filled(self) -> Asking:
        """The object of the members chosen, with as many more as there must be."""
        values: dict[str, Result] = {}
        reason = self.layout.reason
        for name, wanted in self.used.items():
            values[name] = yield wanted
        most = self.most
        supplies = [one.names(self.layout.taken, most) for one in self.layout.regions]
        for region, wanted in self.fresh:
            fresh = next(supplies[region], None)
            if fresh is None:
                return self.too_few()
            values[fresh] = yield wanted
        if len(values) < self.box.low:
            for name in self.layout.spoken:
                if name not in values and len(values) < self.box.low:
                    result = yield self.box.member(self.solver, name)
                    if result.state != "empty":
                        values[name] = result
        if len(values) < self.box.low:
            for at, one in enumerate(self.layout.regions):
                if len(values) >= self.box.low:
                    break
                result = yield self.layout.member(one)
                if result.state == "empty":
                    continue
                for fresh in islice(supplies[at], self.box.low - len(values)):
                    values[fresh] = result
        if len(values) < self.box.low:
            return self.too_few()
        return _built(values, reason)

    def too_few(self) -> Result:
        """Regions hold fewer names than are wished for; or names that are too long to be written."""
        count = self.most + len(self.layout.taken) + 1
        if all(one.language is ALL or listed(one.language, count)[1] for one in self.layout.regions):
            return EMPTY
        return maybe("names that are too long to be written out")
