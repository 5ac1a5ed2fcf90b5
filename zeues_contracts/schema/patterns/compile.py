"""From a syntax tree to automata: subset construction over configurations that carry their open lookaheads.

A configuration is a state of the Thompson automaton with the *obligations* that lookaheads have put on what follows:
each a set of configurations of its own, to be matched (``(?=``) or never to be matched (``(?!``). Lookbehinds are
searches that run beside the main one from the start of the input; only whether they end here matters. So assertions
work anywhere, inside of repetitions too, and the result is still a finite automaton.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from zeues_contracts.schema.patterns import automaton as automata
from zeues_contracts.schema.patterns import charsets
from zeues_contracts.schema.patterns.automaton import Automaton
from zeues_contracts.schema.patterns.charsets import CharSet
from zeues_contracts.schema.patterns.errors import PatternBudget, UnsupportedPattern
from zeues_contracts.schema.patterns.syntax import (
    Alternation,
    Chars,
    Edge,
    Look,
    Node,
    Repeat,
    Sequence,
    fixed_length,
)

__all__ = ["compile_search", "split_lengths", "split_lookaheads"]

MAX_POSITIONS = 20_000
"""States of the Thompson automaton, after counted repetitions are written out."""
MAX_WORK = 600_000
"""Steps of configurations in one subset construction."""
LONG = 24
"""A counted repetition longer than this is kept as a bound on the length where that is exact."""

_MATCH = 0


class Obligation(msgspec.Struct, frozen=True):
    """What a lookahead still asks of the rest of the input."""

    negative: bool
    configurations: frozenset[Configuration]


Configuration = tuple[int, frozenset[Obligation]]
Configurations = frozenset[Configuration]

_NONE: frozenset[Obligation] = frozenset()
_DONE: Configuration = (_MATCH, _NONE)
_MATCHED: Configurations = frozenset({_DONE})


class Context(msgspec.Struct, frozen=True):
    """What is known of the input up to here: whether it is the start, and which lookbehinds end here."""

    at_start: bool
    behind: tuple[bool, ...]


@lru_cache(maxsize=128)
def compile_search(node: Node) -> Automaton:
    """The strings in which the pattern is found anywhere.

    Raises :class:`PatternBudget` and :class:`UnsupportedPattern`.
    """
    return _Compiler(_trim(node)).run()


class _State(msgspec.Struct, frozen=True):
    """A state of the Thompson automaton.

    ``kind`` is ``match``, ``split`` (to all of ``nexts``), ``chars`` (reads a character of the set numbered ``of``),
    ``edge`` (``flag``: the end), ``look`` (``of`` is the entry of its body) or ``behind`` (``of`` is the number of the
    search that runs beside); for the last two ``flag`` says that it is negative.
    """

    kind: str
    nexts: tuple[int, ...] = ()
    of: int = -1
    flag: bool = False


class _Compiler:
    """The Thompson automaton of one pattern, and its subset construction."""

    def __init__(self, node: Node) -> None:
        self.states: list[_State] = [_State("match")]
        self.chars: dict[CharSet, int] = {}
        self.trackers: list[int] = []
        self.work = 0
        self.tracking = False
        self.entry = self.search(self.add(node, _MATCH))
        self.starts, self.classes, self.masks = _partition(list(self.chars))
        self._reach: dict[tuple[int, Context, bool], Configurations] = {}
        self._steps: dict[tuple[Configuration, int, Context], Configurations] = {}

    def new(self, kind: str, nexts: tuple[int, ...] = (), of: int = -1, flag: bool = False) -> int:
        self.states.append(_State(kind, nexts, of, flag))
        if len(self.states) > MAX_POSITIONS:
            raise PatternBudget(
                f"a pattern of more than {MAX_POSITIONS} positions once its repetitions are written out"
            )
        return len(self.states) - 1

    def search(self, entry: int) -> int:
        """A state from which ``entry`` is tried at every position."""
        everything = self.chars.setdefault(charsets.ANY, len(self.chars))
        state = self.new("split")
        loop = self.new("chars", (state,), everything)
        self.states[state] = _State("split", (entry, loop))
        return state

    def add(self, node: Node, following: int) -> int:
        """The entry of a node that goes on to ``following``."""
        match node:
            case Chars(chars):
                return self.new("chars", (following,), self.chars.setdefault(chars, len(self.chars)))
            case Sequence(parts):
                for part in reversed(parts):
                    following = self.add(part, following)
                return following
            case Alternation(options):
                return self.new("split", tuple(self.add(option, following) for option in options))
            case Repeat(body, least, most):
                if most is None:
                    loop = self.new("split")
                    self.states[loop] = _State("split", (self.add(body, loop), following))
                    entry = loop
                else:
                    entry = following
                    for _ in range(most - least):
                        entry = self.new("split", (self.add(body, entry), following))
                for _ in range(least):
                    entry = self.add(body, entry)
                return entry
            case Edge(end):
                if end and self.tracking:
                    raise UnsupportedPattern("a $ inside of a lookbehind")
                return self.new("edge", (following,), flag=end)
            case Look(body, behind, negative):
                if not behind:
                    if self.tracking:
                        raise UnsupportedPattern("a lookahead inside of a lookbehind")
                    return self.new("look", (following,), self.add(body, _MATCH), negative)
                outer, self.tracking = self.tracking, True
                tracker = self.search(self.add(body, _MATCH))
                self.tracking = outer
                self.trackers.append(tracker)
                return self.new("behind", (following,), len(self.trackers) - 1, negative)

    def reach(self, state: int, context: Context, at_end: bool) -> Configurations:
        """Where a state leads without reading a character. At the end of the input obligations are settled at once."""
        key = (state, context, at_end)
        known = self._reach.get(key)
        if known is not None:
            return known
        found: set[Configuration] = set()
        seen: set[Configuration] = set()
        stack: list[Configuration] = [(state, _NONE)]
        while stack:
            one = stack.pop()
            if one in seen:
                continue
            seen.add(one)
            here, obligations = one
            at = self.states[here]
            if at.kind == "split":
                stack.extend((target, obligations) for target in at.nexts)
            elif at.kind == "edge":
                if at.flag and not at_end:
                    found.add(one)  # waits for the end of the input
                elif at.flag or context.at_start:
                    stack.append((at.nexts[0], obligations))
            elif at.kind == "behind":
                if context.behind[at.of] is not at.flag:
                    stack.append((at.nexts[0], obligations))
            elif at.kind == "look":
                kept = _settle(at.flag, self.reach(at.of, context, at_end), at_end)
                if kept is not None:
                    stack.append((at.nexts[0], obligations | kept))
            else:
                found.add(one)
        self.work += len(seen)
        result = frozenset(found)
        self._reach[key] = result
        return result

    def step(self, one: Configuration, symbol: int, context: Context) -> Configurations:
        """Where a configuration goes with a character of a class; ``context`` is that after the character."""
        key = (one, symbol, context)
        known = self._steps.get(key)
        if known is not None:
            return known
        self.work += 1
        state, obligations = one
        at = self.states[state]
        targets: Configurations
        if at.kind == "match":
            targets = _MATCHED
        elif at.kind == "chars" and self.masks[symbol] >> at.of & 1:
            targets = self.reach(at.nexts[0], context, False)
        else:
            targets = frozenset()
        if targets and obligations:
            carried: frozenset[Obligation] | None = _NONE
            for obligation in obligations:
                kept = _settle(obligation.negative, self.step_all(obligation.configurations, symbol, context), False)
                carried = None if kept is None or carried is None else carried | kept
            if carried is None:
                targets = frozenset()
            elif carried:
                targets = frozenset((target, own | carried) for target, own in targets)
        result = _MATCHED if _DONE in targets else targets
        self._steps[key] = result
        return result

    def step_all(self, some: Configurations, symbol: int, context: Context) -> Configurations:
        found: set[Configuration] = set()
        for one in some:
            found |= self.step(one, symbol, context)
        self.work += len(some)
        if self.work > MAX_WORK:
            raise PatternBudget(f"more than {MAX_WORK} steps to build an automaton")
        return _MATCHED if _DONE in found else frozenset(found)

    def ends(self, some: Configurations, context: Context) -> bool:
        """Whether the input may end here."""
        for state, obligations in some:
            at = self.states[state]
            done = at.kind == "match" or (at.kind == "edge" and _DONE in self.reach(at.nexts[0], context, True))
            if done and all(self.ends(o.configurations, context) is not o.negative for o in obligations):
                return True
        return False

    def track(self, moved: list[frozenset[int]], at_start: bool) -> tuple[tuple[frozenset[int], ...], Context]:
        """Close the lookbehinds' states, first to last, for a later one may hold an earlier one."""
        behind: list[bool] = []
        closed: list[frozenset[int]] = []
        for states in moved:
            context = Context(at_start, tuple(behind))
            found: set[int] = set()
            for state in states:
                found.update(target for target, _ in self.reach(state, context, False))
            behind.append(_MATCH in found)
            closed.append(frozenset(found))
            self.work += len(found)
        return tuple(closed), Context(at_start, tuple(behind))

    def run(self) -> Automaton:
        trackers, context = self.track([frozenset({entry}) for entry in self.trackers], True)
        first = self.reach(self.entry, context, False)
        if _DONE in first:
            first = _MATCHED
        # The start is told apart from every other state, for `^` holds nowhere else; minimisation joins them again.
        numbers: dict[tuple[tuple[frozenset[int], ...], Configurations], int] = {}
        queue = [(trackers, context, first)]
        rows: list[list[int]] = []
        accepting: set[int] = set()
        width = len(self.masks)
        still: tuple[frozenset[int], ...] = ()
        for number, (states, here, configurations) in enumerate(queue):
            if self.ends(configurations, here):
                accepting.add(number)
            row: list[int] = []
            for symbol in range(width):
                if configurations == _MATCHED or not configurations:
                    after, then, target = still, here, configurations
                else:
                    after, then = self.advance(states, symbol) if self.trackers else (still, Context(False, ()))
                    target = self.step_all(configurations, symbol, then)
                if target == _MATCHED or not target:
                    after = still
                key = (after, target)
                found = numbers.get(key)
                if found is None:
                    found = numbers[key] = len(queue)
                    queue.append((after, then, target))
                    if len(queue) > automata.MAX_STATES or len(queue) * width > automata.MAX_CELLS:
                        raise PatternBudget(f"an automaton of more than {len(queue) - 1} states")
                row.append(found)
            rows.append(row)
        return automata.build(self.starts, self.classes, rows, frozenset(accepting))

    def advance(self, states: tuple[frozenset[int], ...], symbol: int) -> tuple[tuple[frozenset[int], ...], Context]:
        moved: list[frozenset[int]] = []
        for some in states:
            found: set[int] = set()
            for state in some:
                at = self.states[state]
                if at.kind == "chars" and self.masks[symbol] >> at.of & 1:
                    found.add(at.nexts[0])
            moved.append(frozenset(found))
            self.work += len(some)
        return self.track(moved, False)


def _settle(negative: bool, inner: Configurations, at_end: bool) -> frozenset[Obligation] | None:
    """What remains to be asked of a lookahead's configurations: nothing, an obligation, or ``None`` when it failed."""
    if _DONE in inner:
        return None if negative else _NONE
    if not inner or at_end:
        return _NONE if negative else None
    return frozenset({Obligation(negative, inner)})


def _partition(sets: list[CharSet]) -> tuple[list[int], list[int], list[int]]:
    """Cut the alphabet into classes that no set tells apart.

    The starts of the runs, the class of each run, and per class the sets that hold it as a bit mask.
    """
    cuts: dict[int, int] = {0: 0}
    for number, chars in enumerate(sets):
        for low, high in chars:
            cuts[low] = cuts.get(low, 0) ^ (1 << number)
            if high < charsets.SIZE:
                cuts[high] = cuts.get(high, 0) ^ (1 << number)
    starts = sorted(cuts)
    classes: list[int] = []
    masks: dict[int, int] = {}
    inside = 0
    for start in starts:
        inside ^= cuts[start]
        classes.append(masks.setdefault(inside, len(masks)))
    return starts, classes, list(masks)


def _trim(node: Node) -> Node:
    """Cut what a search never needs: the optional rest of a repetition at an open end of the pattern."""
    if isinstance(node, Alternation):
        return Alternation(tuple(_trim(option) for option in node.options))
    parts: list[Node] = list(node.parts) if isinstance(node, Sequence) else [node]
    for end in (-1, 0):
        if parts and isinstance(part := parts[end], Repeat) and part.most != part.least:
            parts[end] = Repeat(part.body, part.least, part.least) if part.least else Sequence(())
    return Sequence(tuple(parts))


def split_lookaheads(node: Node) -> tuple[list[tuple[Node, bool]], Node]:
    """Lookaheads at the very start as patterns of their own, each with whether it is negative; and what remains.

    ``^(?=A)(?!B)C`` is found where ``^A`` and ``^C`` are and ``^B`` is not: an intersection, which keeps the counts of
    ``C`` out of the automata of ``A`` and ``B``.
    """
    if not isinstance(node, Sequence) or not node.parts or node.parts[0] != Edge(end=False):
        return [], node
    start, *rest = node.parts
    looks: list[tuple[Node, bool]] = []
    while rest and isinstance(look := rest[0], Look) and not look.behind:
        body = look.body.parts if isinstance(look.body, Sequence) else (look.body,)
        looks.append((Sequence((start, *body)), look.negative))
        rest.pop(0)
    return looks, Sequence((start, *rest))


def split_lengths(node: Node) -> list[tuple[Node, int, int | None]]:
    """A pattern as a union of patterns with bounds on the whole length, so that long repetitions need no states.

    ``^[a-z][a-z0-9]{0,4000}$`` is ``^[a-z][a-z0-9]*$`` of 1 to 4001 characters: where everything beside one counted
    repetition has a fixed length, the length of the input tells the count. Where that does not hold the pattern
    comes back whole, with the bounds ``(0, None)``.
    """
    whole: list[tuple[Node, int, int | None]] = [(node, 0, None)]
    if not _has_long(node):
        return whole
    if isinstance(node, Alternation):
        return [piece for option in node.options for piece in split_lengths(option)]
    if not isinstance(node, Sequence) or len(node.parts) < 2:
        return whole
    first, *inner, last = node.parts
    if first != Edge(end=False) or last != Edge(end=True):
        return whole
    lines = _lines(Sequence(tuple(inner)))
    if lines is None:
        return whole
    pieces: list[tuple[Node, int, int | None]] = []
    for line in lines:
        varying = [part for part in line if fixed_length(part) is None]
        if len(varying) > 1 or any(_has_assertion(part) for part in line):
            return whole
        long = next(iter(varying or sorted(filter(_is_long, line), key=lambda part: -(fixed_length(part) or 0))), None)
        if long is None or not _has_long(Sequence(line)):
            pieces.append((Sequence((first, *line, last)), 0, None))
            continue
        if not isinstance(long, Repeat) or not _is_long(long) or not fixed_length(long.body):
            return whole
        around = sum(fixed_length(part) or 0 for part in line if part is not long)
        unit = fixed_length(long.body) or 0
        freed = tuple(
            Repeat(part.body, 0, None) if part is long and isinstance(part, Repeat) else part for part in line
        )
        high = None if long.most is None else around + unit * long.most
        pieces.append((Sequence((first, *freed, last)), around + unit * long.least, high))
    return pieces


def _is_long(node: Node) -> bool:
    return isinstance(node, Repeat) and max(node.least, node.most or 0) > LONG


def _has_long(node: Node) -> bool:
    match node:
        case Repeat(body):
            return _is_long(node) or _has_long(body)
        case Sequence(parts):
            return any(_has_long(part) for part in parts)
        case Alternation(options):
            return any(_has_long(option) for option in options)
        case _:
            return False


def _has_assertion(node: Node) -> bool:
    match node:
        case Edge() | Look():
            return True
        case Repeat(body):
            return _has_assertion(body)
        case Sequence(parts):
            return any(_has_assertion(part) for part in parts)
        case Alternation(options):
            return any(_has_assertion(option) for option in options)
        case _:
            return False


def _lines(node: Node, limit: int = 64) -> list[tuple[Node, ...]] | None:
    """A node as alternatives of plain sequences, multiplied out around long repetitions; ``None`` past the limit."""
    if not _has_long(node) or _is_long(node):
        return [(node,)]
    found: list[tuple[Node, ...]] = []
    match node:
        case Alternation(options):
            for option in options:
                lines = _lines(option, limit)
                if lines is None:
                    return None
                found += lines
        case Repeat(body, 0, 1):
            lines = _lines(body, limit)
            if lines is None:
                return None
            found = [(), *lines]
        case Sequence(parts):
            found = [()]
            for part in parts:
                lines = _lines(part, limit)
                if lines is None or len(found) * len(lines) > limit:
                    return None
                found = [before + after for before in found for after in lines]
        case _:
            found = [(node,)]
    return found if len(found) <= limit else None
