"""Languages: sets of strings, closed under every Boolean operation, with lengths kept apart from automata.

A language is cut at some lengths into *pieces*: for strings whose length lies in a piece, the piece's automaton
decides. So ``maxLength: 65535`` costs no states, the complement of a piece is a piece, and the form stays closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from zeues_contracts.schema.patterns import automaton as automata
from zeues_contracts.schema.patterns import charsets
from zeues_contracts.schema.patterns.automaton import Automaton
from zeues_contracts.schema.patterns.errors import PatternBudget, UnsupportedPattern

if TYPE_CHECKING:
    from zeues_contracts.schema.patterns.syntax import Node

__all__ = ["ALL", "EMPTY", "Language", "compile_pattern", "length", "literal", "literals"]

Piece = tuple[int, int | None, Automaton]

MAX_PIECES = 64
"""Pieces of one language. Past it :class:`PatternBudget` is raised."""
MAX_WITNESS = 20_000
"""Longest string that is written out."""


class Language:
    """An immutable set of strings of Unicode scalar values. Lengths count code points (JSON Schema Validation 6.3).

    Equal languages may differ in form; :meth:`equivalent` compares the sets, ``==`` the forms.
    Operations raise :class:`PatternBudget` where an automaton would grow past its bound.
    """

    __slots__ = ("_empty", "_hash", "pieces")

    pieces: tuple[Piece, ...]

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        self.pieces = pieces
        self._hash = hash(pieces)
        self._empty: bool | None = None

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Language) and self._hash == other._hash and self.pieces == other.pieces
        )

    def __repr__(self) -> str:
        parts = ", ".join(
            f"{low}..{'' if high is None else high}: {len(a.rows)} states" for low, high, a in self.pieces
        )
        return f"Language({parts})"

    def accepts(self, text: str) -> bool:
        """Whether the string is in the language. A lone surrogate counts as U+FFFD."""
        size = len(text)
        for low, high, automaton in self.pieces:
            if low <= size and (high is None or size <= high):
                return automaton.accepts(text)
        return False

    def intersect(self, other: Language) -> Language:
        """Strings of both."""
        return _combined("and", self, other)

    def union(self, other: Language) -> Language:
        """Strings of either."""
        return _combined("or", self, other)

    def minus(self, other: Language) -> Language:
        """Strings of this one that are not of the other."""
        return _combined("minus", self, other)

    def complement(self) -> Language:
        """All other strings."""
        return _make([(low, high, automaton.complement()) for low, high, automaton in self.pieces])

    def contains(self, other: Language) -> bool:
        """Whether every string of ``other`` is in this one."""
        return other == self or other.minus(self).is_empty()

    def disjoint(self, other: Language) -> bool:
        """Whether no string is in both."""
        return self.intersect(other).is_empty()

    def equivalent(self, other: Language) -> bool:
        """Whether both have the same strings."""
        return self == other or (self.contains(other) and other.contains(self))

    def is_empty(self) -> bool:
        """Whether there is no string at all."""
        if self._empty is None:
            self._empty = all(a.is_empty or a.lengths.first(low, high) is None for low, high, a in self.pieces)
        return self._empty

    def is_all(self) -> bool:
        """Whether every string is in it."""
        return self == ALL or self.complement().is_empty()

    def is_finite(self) -> bool:
        """Whether there are finitely many strings (which may still be more than anybody can list)."""
        return all(high is not None or a.is_empty or not a.lengths.endless() for _, high, a in self.pieces)

    def shortest(self, at_least: int = 0) -> str | None:
        """A shortest string of ``at_least`` characters or more, letters and digits before others; ``None`` if empty.

        Raises :class:`PatternBudget` where it would be longer than anybody reads.
        """
        for low, high, automaton in self.pieces:
            if automaton.is_empty or (high is not None and high < at_least):
                continue
            size = automaton.lengths.first(max(low, at_least), high)
            if size is None:
                continue
            if size > MAX_WITNESS:
                raise PatternBudget(f"a string of {size} characters")
            return next(automata.words(automaton, size))
        return None

    def example(self) -> str | None:
        """A string that reads well: the shortest that is not empty, or the empty one if there is no other."""
        found = self.shortest(1)
        return self.shortest() if found is None else found

    def members(self, limit: int) -> tuple[str, ...]:
        """Up to ``limit`` strings, the shortest first and those that read well first among them.

        All of them, if there are no more than ``limit``.
        """
        return tuple(islice(self._words(), limit))

    def _words(self) -> Iterator[str]:
        for low, high, automaton in self.pieces:
            if automaton.is_empty:
                continue
            size = automaton.lengths.first(low, high)
            while size is not None and size <= MAX_WITNESS:
                yield from automata.words(automaton, size)
                size = automaton.lengths.first(size + 1, high) if high is None or size < high else None

    def lengths(self) -> tuple[int, int | None] | None:
        """The least and the greatest length of a string (``None``: without end); ``None`` for an empty language.

        The greatest is a bound that may not be reached.
        """
        low: int | None = None
        top: int | None = 0
        for first, high, automaton in self.pieces:
            found = None if automaton.is_empty else automaton.lengths.first(first, high)
            if found is None:
                continue
            low = found if low is None else low
            bounded = high is not None or automaton.lengths.endless()
            top = high if bounded else first + len(automaton.rows)
        return None if low is None else (low, top)


def _make(pieces: Iterable[Piece]) -> Language:
    """A language in the form of as few pieces as are seen to do."""
    found: list[Piece] = []
    for low, high, one in pieces:
        automaton = one
        if high is not None and not automaton.is_empty and automaton.lengths.first(low, high) is None:
            automaton = automata.EMPTY
        if found and found[-1][2] == automaton:
            found[-1] = (found[-1][0], high, automaton)
        else:
            found.append((low, high, automaton))
    if len(found) > MAX_PIECES:
        raise PatternBudget(f"a language cut at more than {MAX_PIECES} lengths")
    return Language(tuple(found))


def _combined(operation: str, left: Language, right: Language) -> Language:
    states = [sum(len(automaton.rows) for _, _, automaton in one.pieces) for one in (left, right)]
    small = states[0] * states[1] <= automata.MAX_KEPT
    return _kept(operation, left, right) if small else _combine(operation, left, right)


@lru_cache(maxsize=4096)
def _kept(operation: str, left: Language, right: Language) -> Language:
    return _combine(operation, left, right)


def _combine(operation: str, left: Language, right: Language) -> Language:
    pieces: list[Piece] = []
    i = j = low = 0
    while True:
        high_left, high_right = left.pieces[i][1], right.pieces[j][1]
        high = high_left if high_right is None else high_right if high_left is None else min(high_left, high_right)
        pieces.append((low, high, automata.combine(operation, left.pieces[i][2], right.pieces[j][2])))
        if high is None:
            return _make(pieces)
        low = high + 1
        i += high_left == high
        j += high_right == high


ALL = Language(((0, None, automata.ALL),))
"""Every string."""
EMPTY = Language(((0, None, automata.EMPTY),))
"""No string."""


@lru_cache(maxsize=4096)
def length(least: int = 0, most: int | None = None) -> Language:
    """The strings of ``least`` to ``most`` code points, both inclusive; ``None`` is without end."""
    least = max(least, 0)
    if most is not None and most < least:
        return EMPTY
    pieces: list[Piece] = [(0, least - 1, automata.EMPTY)] if least else []
    pieces.append((least, most, automata.ALL))
    if most is not None:
        pieces.append((most + 1, None, automata.EMPTY))
    return _make(pieces)


@lru_cache(maxsize=8192)
def literal(text: str) -> Language:
    """The language of one string."""
    return literals((text,))


def literals(texts: Iterable[str]) -> Language:
    """The language of some strings, built as one tree of prefixes."""
    trie: list[dict[int, int]] = [{}]
    ends: set[int] = set()
    for text in texts:
        state = 0
        for char in text:
            scalar = charsets.index(ord(char))
            following = trie[state].get(scalar)
            if following is None:
                following = trie[state][scalar] = len(trie)
                trie.append({})
            state = following
        ends.add(state)
        if len(trie) > automata.MAX_STATES:
            raise PatternBudget(f"an enumeration of more than {automata.MAX_STATES} characters")
    letters = sorted({scalar for node in trie for scalar in node})
    # Class 0 is every character that occurs nowhere.
    starts, classes = [0], [0]
    for number, scalar in enumerate(letters, 1):
        if starts[-1] == scalar:
            classes[-1] = number
        else:
            starts.append(scalar)
            classes.append(number)
        if scalar + 1 < charsets.SIZE:
            starts.append(scalar + 1)
            classes.append(0)
    sink = len(trie)
    rows = [[node.get(scalar, sink) for scalar in (-1, *letters)] for node in trie]
    rows.append([sink] * (len(letters) + 1))
    return _make([(0, None, automata.build(starts, classes, rows, frozenset(ends)))])


def _searched(node: Node) -> Language:
    from zeues_contracts.schema.patterns.compile import compile_search, split_lengths

    found = EMPTY
    for part, least, most in split_lengths(node):
        found = found.union(_make([(0, None, compile_search(part))]).intersect(length(least, most)))
    return found


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Language | UnsupportedPattern | PatternBudget:
    from zeues_contracts.schema.patterns.compile import split_lookaheads
    from zeues_contracts.schema.patterns.syntax import parse

    try:
        looks, rest = split_lookaheads(parse(pattern))
        found = _searched(rest)
        for look, negative in looks:
            found = found.minus(_searched(look)) if negative else found.intersect(_searched(look))
    except (UnsupportedPattern, PatternBudget) as error:
        return error.with_traceback(None)
    return found


def compile_pattern(pattern: str) -> Language:
    """The strings in which an ECMA-262 pattern is found (``pattern`` is not anchored: JSON Schema Validation 6.3.3).

    Raises :class:`UnsupportedPattern` for what is no regular language, no pattern, or read differently by engines, and
    :class:`PatternBudget` for what is too large; both carry ``reason``. Answers are remembered.
    """
    found = _compiled(pattern)
    if isinstance(found, Language):
        return found
    raise type(found)(found.reason)
