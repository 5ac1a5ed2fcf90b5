"""Arrays: how many items there are, and what each is to be."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from zeues_contracts.schema.containment.boxes import ArrayBox
from zeues_contracts.schema.containment.graph import Conjunction
from zeues_contracts.schema.containment.results import EMPTY, MISSING, Asking, Result, found, maybe
from zeues_contracts.schema.containment.values import key_of, too_large

if TYPE_CHECKING:
    from zeues_contracts.schema.containment.solver import Solver

__all__ = ["solve_array"]

MAX_LENGTH = 400
MAX_PLAIN = 100_000
MAX_DISTINCT = 48
"""Items that are made to differ one by one."""
MAX_STEPS = 4000


def solve_array(solver: Solver, box: ArrayBox) -> Asking:
    """What is known of the arrays of a box.

    No more than some lengths need be looked at: of a longer array, items that meet no wish of their own and stand where
    all are alike can be left out.
    """
    wishes: list[tuple[int, int, bool]] = [(first, literal, False) for first, literal in box.somes]
    for literal, times in sorted(box.least.items()):
        if times > MAX_LENGTH:
            return maybe(f"arrays of more than {MAX_LENGTH} items")
        wishes += [(0, literal, True)] * times
    top = max(box.low, box.special) + len(wishes) + 2 * box.duplicate
    if box.high is not None:
        top = min(top, box.high)
    if not wishes and not box.most and not box.unique and not box.duplicate:
        return (yield from _plain(box))
    if box.low > MAX_LENGTH:
        return maybe(f"arrays of more than {MAX_LENGTH} items")
    unsure: Result | None = None
    for length in range(box.low, min(top, MAX_LENGTH) + 1):
        result = yield from _Search(solver, box, wishes, length).run()
        if result.state == "found":
            return result
        if result.state == "maybe" and (unsure is None or unsure.value is MISSING):
            unsure = result
    if top > MAX_LENGTH:
        return unsure or maybe(f"arrays of more than {MAX_LENGTH} items")
    return unsure or EMPTY


def _plain(box: ArrayBox) -> Asking:
    """The shortest array where items have nothing to do with each other."""
    if box.low > MAX_PLAIN:
        return maybe(f"arrays of more than {MAX_PLAIN} items")
    values: list[Any] = []
    unsure: Result | None = None
    alike = box.special
    for position in range(min(box.low, alike + 1)):
        result = yield box.item(position)
        if result.state == "empty":
            return EMPTY
        values.append(result.value)
        unsure = result if result.state == "maybe" else unsure
    values += values[-1:] * (box.low - len(values))
    if unsure is None:
        return found(values)
    return maybe(unsure.reason, MISSING if any(one is MISSING for one in values) else values)


class _Search:
    """Arrays of one length: wishes are given positions, then every item chooses what it counts for."""

    def __init__(self, solver: Solver, box: ArrayBox, wishes: list[tuple[int, int, bool]], length: int) -> None:
        self.solver = solver
        self.box = box
        self.wishes = wishes
        self.length = length
        self.alike = box.special
        self.items: list[Conjunction] = [box.item(min(i, self.alike)) for i in range(length)]
        self.counted: list[tuple[int, int]] = []
        self.steps = 0
        self.unsure: Result | None = None

    def run(self) -> Asking:
        for wanted in dict.fromkeys(self.items):
            result = yield wanted
            if result.state == "empty":
                return EMPTY
        result = yield from self.place(0)
        if result.state == "found":
            return result
        return self.unsure or EMPTY

    def step(self) -> bool:
        self.solver.tick()
        self.steps += 1
        if self.steps > MAX_STEPS:
            self.unsure = self.unsure or maybe("too many ways to give items to an array")
            return False
        return True

    def place(self, number: int) -> Asking:
        """Give positions to the wishes from one on."""
        if not self.step():
            return EMPTY
        if number == len(self.wishes):
            return (yield from self.doubled())
        first, literal, counts = self.wishes[number]
        if counts:
            # Equal wishes are interchangeable: they go to positions that ascend.
            first = max([first, *(place + 1 for place, one in self.counted if one == literal)])
        spare = False
        for position in range(first, self.length):
            untouched = position >= self.alike and self.items[position] == self.box.item(self.alike)
            if untouched and spare:
                continue
            spare = spare or untouched
            before = self.items[position]
            wanted = before | {literal}
            if wanted != before:
                result = yield wanted
                if result.state == "empty":
                    continue
            self.items[position] = wanted
            if counts:
                self.counted.append((position, literal))
            result = yield from self.place(number + 1)
            self.items[position] = before
            if counts:
                self.counted.pop()
            if result.state == "found":
                return result
            if self.steps > MAX_STEPS:
                return EMPTY
        return EMPTY

    def doubled(self) -> Asking:
        """Choose two items that are the same, where there must be."""
        if not self.box.duplicate:
            return (yield from self.counts(None))
        tried: set[tuple[Conjunction, Conjunction]] = set()
        for one in range(self.length):
            for other in range(one + 1, self.length):
                # Which of two pairs of equal positions it is matters only where items are counted, and not even there.
                kinds = (self.items[one], self.items[other])
                if kinds in tried:
                    continue
                tried.add(kinds)
                both = self.items[one] | self.items[other]
                result = yield both
                if result.state == "empty":
                    continue
                before = kinds
                self.items[one] = self.items[other] = both
                result = yield from self.counts((one, other))
                self.items[one], self.items[other] = before
                if result.state == "found":
                    return result
        return EMPTY

    def counts(self, pair: tuple[int, int] | None) -> Asking:
        """Choose for every item whether it is of what there may be only so many of."""
        limits = sorted(self.box.most.items())
        if not limits:
            return (yield from self.finished(list(self.items), pair))
        return (
            yield from self.choose(0, tuple(most for _, most in limits), [one for one, _ in limits], [], pair, set())
        )

    def choose(
        self,
        position: int,
        left: tuple[int, ...],
        literals: list[int],
        chosen: list[Conjunction],
        pair: tuple[int, int] | None,
        failed: set[Any],
    ) -> Asking:
        if not self.step():
            return EMPTY
        if position == self.length:
            return (yield from self.finished(chosen, pair))
        key = (position, left, chosen[pair[0]] if pair is not None and position > pair[0] else None)
        if key in failed:
            return EMPTY
        if pair is not None and position == pair[1]:
            # The same value as the first of the pair: it counts for the same.
            wanted = chosen[pair[0]]
            after = tuple(most - (literal in wanted) for most, literal in zip(left, literals, strict=True))
            if min(after) < 0:
                return EMPTY
            return (yield from self.choose(position + 1, after, literals, [*chosen, wanted], pair, failed))
        # Fewest first: none of them, then one, and so on.
        for mask in sorted(range(1 << len(literals)), key=int.bit_count) if len(literals) <= 6 else (0,):
            after = tuple(most - (mask >> i & 1) for i, most in enumerate(left))
            if min(after) < 0:
                continue
            wanted = self.items[position] | {
                literal ^ (0 if mask >> i & 1 else 1) for i, literal in enumerate(literals)
            }
            result = yield wanted
            if result.state == "empty":
                continue
            result = yield from self.choose(position + 1, after, literals, [*chosen, wanted], pair, failed)
            if result.state == "found":
                return result
            if self.steps > MAX_STEPS:
                return EMPTY
        if len(literals) > 6:
            self.unsure = self.unsure or maybe("more than six limits on how many items are of a kind")
        elif not self.box.unique:
            failed.add(key)
        return EMPTY

    def finished(self, wanted: list[Conjunction], pair: tuple[int, int] | None) -> Asking:
        """The array of the items chosen."""
        results: list[Result] = []
        for one in wanted:
            results.append((yield one))  # noqa: PERF401 (a comprehension cannot ask)
        if any(one.state == "empty" for one in results):
            return EMPTY
        if pair is not None:
            results[pair[1]] = results[pair[0]]
        unsure = [one for one in results if one.state == "maybe"]
        if any(one.value is MISSING for one in unsure):
            self.unsure = self.unsure or maybe(unsure[0].reason)
            return EMPTY
        values = [one.value for one in results]
        if self.box.unique and too_large(values):
            self.unsure = self.unsure or maybe("different items of more members than can be written out")
            return EMPTY
        if self.box.unique and len({key_of(one) for one in values}) < len(values):
            different = yield from self.distinct(wanted)
            if different is None:
                return EMPTY
            values = different
        if unsure:
            if self.unsure is None or self.unsure.value is MISSING:
                self.unsure = maybe(unsure[0].reason, values)
            return EMPTY
        return found(values)

    def distinct(self, wanted: list[Conjunction]) -> Generator[Conjunction, Result, list[Any] | None]:
        """Values of the sets, each another one: sets of as many values as there are items always have one left."""
        if len(wanted) > MAX_DISTINCT:
            self.unsure = self.unsure or maybe(f"more than {MAX_DISTINCT} items that are all different")
            return None
        pools: dict[Conjunction, list[Any]] = {}
        complete = True
        for one in dict.fromkeys(wanted):
            values, all_of_them = yield from values_of(self.solver, one, len(wanted))
            complete = complete and all_of_them
            pools[one] = values
        keys = {one: [key_of(value) for value in values] for one, values in pools.items()}
        owner: dict[Any, int] = {}

        def give(position: int, tried: set[Any]) -> bool:
            for key in keys[wanted[position]]:
                if key in tried:
                    continue
                tried.add(key)
                if key not in owner or give(owner[key], tried):
                    owner[key] = position
                    return True
            return False

        if not all(give(position, set()) for position in range(len(wanted))):
            if not complete:
                self.unsure = self.unsure or maybe("items that are all different, of sets that are not known exactly")
            return None
        by_key = {key_of(value): value for values in pools.values() for value in values}
        chosen = {position: by_key[key] for key, position in owner.items()}
        return [chosen[position] for position in range(len(wanted))]


def values_of(
    solver: Solver, wanted: Conjunction, limit: int
) -> Generator[Conjunction, Result, tuple[list[Any], bool]]:
    """Up to ``limit`` different values of a set; and whether that many were found, or there are no more."""
    values: list[Any] = []
    while len(values) < limit:
        result = yield wanted
        if result.state == "empty":
            return values, True
        if result.state == "maybe":
            return values, False
        values.append(result.value)
        wanted |= {solver.graph.constant(result.value) ^ 1}
    return values, True
