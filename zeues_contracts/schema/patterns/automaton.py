"""Minimal deterministic automata over classes of characters.

An automaton is total and canonical: minimised (Hopcroft 1971), its alphabet reduced to the classes of characters that
it can tell apart, states numbered in the order of a breadth-first walk. Two automata are equal exactly when their
languages are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache

from zeues_contracts.schema.patterns import charsets
from zeues_contracts.schema.patterns.charsets import CharSet
from zeues_contracts.schema.patterns.errors import PatternBudget

__all__ = ["ALL", "EMPTY", "MAX_STATES", "Automaton", "build", "combine", "words"]

MAX_STATES = 6_000
"""States of one automaton, before minimisation. Past it :class:`PatternBudget` is raised."""
MAX_CELLS = 400_000
"""States times classes of characters."""
MAX_KEPT = 4_000
"""States of a product, before it is built, up to which the result is remembered."""

Rows = Sequence[Sequence[int]]


class Automaton:
    """A minimal deterministic automaton; state 0 is the start.

    ``starts`` cuts the alphabet into runs that begin at these scalar indices, ``classes`` gives each run its class,
    ``rows[state][class]`` is the next state.
    """

    __slots__ = ("__dict__", "_hash", "accepting", "classes", "rows", "starts")

    def __init__(
        self,
        starts: tuple[int, ...],
        classes: tuple[int, ...],
        rows: tuple[tuple[int, ...], ...],
        accepting: frozenset[int],
    ) -> None:
        self.starts = starts
        self.classes = classes
        self.rows = rows
        self.accepting = accepting
        self._hash = hash((starts, classes, rows, accepting))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Automaton) or self._hash != other._hash:
            return False
        return (
            self.rows == other.rows
            and self.accepting == other.accepting
            and self.classes == other.classes
            and self.starts == other.starts
        )

    def accepts(self, text: str) -> bool:
        """Whether a string is in the language."""
        state = 0
        starts, classes, rows = self.starts, self.classes, self.rows
        for char in text:
            state = rows[state][classes[bisect_right(starts, charsets.index(ord(char))) - 1]]
        return state in self.accepting

    @cached_property
    def is_empty(self) -> bool:
        """Whether no string at all is accepted."""
        return not self.accepting

    @cached_property
    def is_all(self) -> bool:
        """Whether every string is accepted."""
        return len(self.rows) == 1 and bool(self.accepting)

    @cached_property
    def class_sets(self) -> tuple[CharSet, ...]:
        """The characters of each class."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.rows[0]]
        for position, start in enumerate(self.starts):
            stop = self.starts[position + 1] if position + 1 < len(self.starts) else charsets.SIZE
            found[self.classes[position]].append((start, stop))
        return tuple(charsets.union([tuple(runs)]) for runs in found)

    @cached_property
    def nicest_first(self) -> tuple[tuple[int, int], ...]:
        """Each class with its nicest character, the nicest class first."""
        picked = [(number, charsets.representative(chars)) for number, chars in enumerate(self.class_sets)]
        return tuple(sorted(picked, key=lambda one: charsets.preference(one[1])))

    @cached_property
    def lengths(self) -> Lengths:
        """Which lengths the accepted strings have."""
        return Lengths(self)

    def complement(self) -> Automaton:
        """The automaton of all other strings."""
        everything = frozenset(range(len(self.rows)))
        return Automaton(self.starts, self.classes, self.rows, everything - self.accepting)


class Lengths:
    """For each n, the states from which an accepting one is reached in exactly n steps, as a bit mask.

    The sequence is eventually periodic (each term is a function of the one before it), so any n is answered by the
    terms up to the end of the first period.
    """

    __slots__ = ("_masks", "_predecessors", "_seen", "loop_at", "period")

    MAX_STEPS = 20_000

    def __init__(self, automaton: Automaton) -> None:
        self._predecessors = [0] * len(automaton.rows)
        for state, row in enumerate(automaton.rows):
            for target in set(row):
                self._predecessors[target] |= 1 << state
        first = sum(1 << state for state in automaton.accepting)
        self._masks = [first]
        self._seen = {first: 0}
        self.loop_at = -1
        self.period = 0

    def at(self, steps: int) -> int:
        """The states that are exactly ``steps`` away from acceptance."""
        while steps >= len(self._masks) and self.loop_at < 0:
            if len(self._masks) > self.MAX_STEPS:
                raise PatternBudget(f"lengths beyond {self.MAX_STEPS} of an automaton without a period")
            last, new = self._masks[-1], 0
            while last:
                low = last & -last
                new |= self._predecessors[low.bit_length() - 1]
                last ^= low
            if new in self._seen:
                self.loop_at = self._seen[new]
                self.period = len(self._masks) - self.loop_at
                break
            self._seen[new] = len(self._masks)
            self._masks.append(new)
        if steps < len(self._masks):
            return self._masks[steps]
        return self._masks[self.loop_at + (steps - self.loop_at) % self.period]

    def first(self, low: int, high: int | None) -> int | None:
        """The least length from ``low`` to ``high`` (inclusive; ``None`` is without end) of an accepted string."""
        length = low
        while high is None or length <= high:
            if self.at(length) & 1:
                return length
            length += 1
            # A whole period without one, beyond the point where it begins: there is none to come.
            if self.loop_at >= 0 and length > max(low, self.loop_at) + self.period:
                return None
        return None

    def endless(self) -> bool:
        """Whether there are accepted strings of unboundedly many lengths."""
        while self.loop_at < 0:
            self.at(len(self._masks))
        return any(self.at(self.loop_at + step) & 1 for step in range(self.period))


def words(automaton: Automaton, length: int) -> Iterator[str]:
    """The accepted strings of one length, nicely readable ones first; lazily, for there may be very many."""
    lengths = automaton.lengths
    if not lengths.at(length) & 1:
        return

    def choices(state: int, left: int) -> Iterator[tuple[int, int]]:
        alive = lengths.at(left)
        row = automaton.rows[state]
        open_classes = [number for number, _ in automaton.nicest_first if alive >> row[number] & 1]
        for number in open_classes:  # one of each class first, so that few samples say much
            yield charsets.representative(automaton.class_sets[number]), row[number]
        for number in open_classes:
            chars = automaton.class_sets[number]
            first = charsets.representative(chars)
            total = sum(high - low for low, high in chars)
            for scalar in charsets.spread(chars, total) if total <= 4096 else _long(chars):
                if scalar != first:
                    yield scalar, row[number]

    if length == 0:
        yield ""
        return
    stack = [choices(0, length - 1)]
    path: list[str] = []
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
            if path:
                path.pop()
            continue
        scalar, state = step
        if len(stack) == length:
            yield "".join(path) + charsets.character(scalar)
            continue
        path.append(charsets.character(scalar))
        stack.append(choices(state, length - len(stack) - 1))


def _long(chars: CharSet) -> Iterator[int]:
    head = charsets.spread(chars, 128)
    yield from head
    known = set(head)
    for low, high in chars:
        for scalar in range(low, high):
            if scalar not in known:
                yield scalar


def build(starts: Sequence[int], classes: Sequence[int], rows: Rows, accepting: frozenset[int]) -> Automaton:
    """The canonical automaton of a total one whose start is state 0 and all of whose states can be reached."""
    width = len(rows[0])
    if len(rows) > MAX_STATES or len(rows) * width > MAX_CELLS:
        raise PatternBudget(f"an automaton of {len(rows)} states and {width} classes of characters")
    block_of = _blocks(rows, accepting)
    # A representative row per block, in the blocks' numbers.
    representative: dict[int, int] = {}
    for state in range(len(rows)):
        representative.setdefault(block_of[state], state)
    merged = {block: [block_of[target] for target in rows[state]] for block, state in representative.items()}
    # Classes of characters with equal columns are one class.
    order = list(merged)
    columns: dict[tuple[int, ...], int] = {}
    class_map = [columns.setdefault(tuple(merged[block][c] for block in order), len(columns)) for c in range(width)]
    # Neighbouring runs of one class are one run; classes are numbered by the first run that has them.
    new_starts: list[int] = []
    new_classes: list[int] = []
    numbering: dict[int, int] = {}
    for start, old in zip(starts, classes, strict=True):
        number = numbering.setdefault(class_map[old], len(numbering))
        if not new_classes or new_classes[-1] != number:
            new_starts.append(start)
            new_classes.append(number)
    pick = [0] * len(numbering)
    for old in range(width):
        if class_map[old] in numbering:
            pick[numbering[class_map[old]]] = old
    # States in the order of a breadth-first walk.
    names = {block_of[0]: 0}
    queue = [block_of[0]]
    for block in queue:
        row = merged[block]
        for old in pick:
            if row[old] not in names:
                names[row[old]] = len(names)
                queue.append(row[old])
    new_rows = tuple(tuple(names[merged[block][old]] for old in pick) for block in queue)
    finals = frozenset(names[block] for block, state in representative.items() if state in accepting and block in names)
    return Automaton(tuple(new_starts), tuple(new_classes), new_rows, finals)


def _blocks(rows: Rows, accepting: frozenset[int]) -> list[int]:
    """The block of each state in the coarsest partition that the transitions respect (Hopcroft's algorithm)."""
    count, width = len(rows), len(rows[0])
    if not accepting or len(accepting) == count:
        return [0] * count
    inverse: list[dict[int, list[int]]] = [{} for _ in range(width)]
    for state, row in enumerate(rows):
        for symbol in range(width):
            inverse[symbol].setdefault(row[symbol], []).append(state)
    members = [set(accepting), set(range(count)) - accepting]
    block_of = [1] * count
    for state in accepting:
        block_of[state] = 0
    small = 0 if len(members[0]) <= len(members[1]) else 1
    pending = {(small, symbol) for symbol in range(width)}
    while pending:
        splitter, symbol = pending.pop()
        sources = inverse[symbol]
        touched: dict[int, list[int]] = {}
        for target in members[splitter]:
            for state in sources.get(target, ()):
                touched.setdefault(block_of[state], []).append(state)
        for block, states in touched.items():
            if len(states) == len(members[block]):
                continue
            new = len(members)
            members[block].difference_update(states)
            members.append(set(states))
            for state in states:
                block_of[state] = new
            for other in range(width):
                if (block, other) in pending or len(members[new]) <= len(members[block]):
                    pending.add((new, other))
                else:
                    pending.add((block, other))
    return block_of


ALL = Automaton((0,), (0,), ((0,),), frozenset({0}))
EMPTY = Automaton((0,), (0,), ((0,),), frozenset())

_OPERATIONS: dict[str, Callable[[bool, bool], bool]] = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "minus": lambda a, b: a and not b,
}


def combine(operation: str, left: Automaton, right: Automaton) -> Automaton:
    """The automaton of ``and``, ``or`` or ``minus`` of two languages; remembered, the trivial cases at once."""
    if operation == "and":
        if left.is_all or right.is_empty or left == right:
            return right
        if right.is_all or left.is_empty:
            return left
    elif operation == "or":
        if left.is_all or right.is_empty or left == right:
            return left
        if right.is_all or left.is_empty:
            return right
    elif left.is_empty or right.is_all or left == right:
        return EMPTY
    elif right.is_empty:
        return left
    elif left.is_all:
        return right.complement()
    # Large products are not kept: a hostile document could make thousands of them.
    small = len(left.rows) * len(right.rows) <= MAX_KEPT
    return _kept_product(operation, left, right) if small else _product(operation, left, right)


@lru_cache(maxsize=4096)
def _kept_product(operation: str, left: Automaton, right: Automaton) -> Automaton:
    return _product(operation, left, right)


def _product(operation: str, left: Automaton, right: Automaton) -> Automaton:
    starts, classes, pairs = _join_alphabets(left, right)
    keep = _OPERATIONS[operation]
    width = len(right.rows)
    numbers: dict[int, int] = {0: 0}
    queue = [0]
    rows: list[list[int]] = []
    accepting: set[int] = set()
    for code in queue:
        a, b = divmod(code, width)
        if keep(a in left.accepting, b in right.accepting):
            accepting.add(numbers[code])
        row_a, row_b = left.rows[a], right.rows[b]
        row: list[int] = []
        for class_a, class_b in pairs:
            target = row_a[class_a] * width + row_b[class_b]
            number = numbers.get(target)
            if number is None:
                number = numbers[target] = len(queue)
                queue.append(target)
            row.append(number)
        rows.append(row)
        if len(queue) > MAX_STATES or len(queue) * len(pairs) > MAX_CELLS:
            raise PatternBudget(f"a product of automata of more than {min(MAX_STATES, MAX_CELLS // len(pairs))} states")
    return build(starts, classes, rows, frozenset(accepting))


def _join_alphabets(left: Automaton, right: Automaton) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    starts = sorted({*left.starts, *right.starts})
    pairs: dict[tuple[int, int], int] = {}
    classes: list[int] = []
    at_left = at_right = -1
    for start in starts:
        if at_left + 1 < len(left.starts) and left.starts[at_left + 1] == start:
            at_left += 1
        if at_right + 1 < len(right.starts) and right.starts[at_right + 1] == start:
            at_right += 1
        classes.append(pairs.setdefault((left.classes[at_left], right.classes[at_right]), len(pairs)))
    return starts, classes, list(pairs)
