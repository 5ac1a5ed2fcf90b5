"""Numbers, exactly: bounds, multiples and exclusions as rationals, and a number that meets them all.

A JSON number means the decimal that is written: 0.1 is one tenth, not the binary fraction next to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

__all__ = ["NumberBox", "exact", "plain"]

MAX_TRIED = 4096
"""Candidates that are looked at before a box counts as too hard."""


@lru_cache(maxsize=8192)
def _of_float(value: float) -> Fraction:
    return Fraction(Decimal(repr(value)))


def exact(value: float) -> Fraction:
    """The rational that a finite JSON number stands for."""
    return Fraction(value) if isinstance(value, int) else _of_float(value)


def plain(value: Fraction) -> int | float | None:
    """A number as JSON has it; ``None`` where no float is written like this one."""
    if value.denominator == 1:
        return value.numerator
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) and exact(found) == value else None


class NumberBox:
    """What a conjunction asks of a number."""

    __slots__ = ("excluded", "high", "high_open", "low", "low_open", "multiple", "nots", "values")

    def __init__(self) -> None:
        self.low: Fraction | None = None
        self.low_open = False
        self.high: Fraction | None = None
        self.high_open = False
        self.multiple: Fraction | None = None
        self.nots: tuple[Fraction, ...] = ()
        self.excluded: frozenset[Fraction] = frozenset()
        self.values: frozenset[Fraction] | None = None

    def copy(self) -> NumberBox:
        """A box that is changed on its own."""
        other = NumberBox()
        for name in NumberBox.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    def at_least(self, bound: Fraction, strict: bool) -> None:
        """Ask for a number above a bound."""
        if self.low is None or bound > self.low or (bound == self.low and strict):
            self.low, self.low_open = bound, strict

    def at_most(self, bound: Fraction, strict: bool) -> None:
        """Ask for a number below a bound."""
        if self.high is None or bound < self.high or (bound == self.high and strict):
            self.high, self.high_open = bound, strict

    def multiple_of(self, step: Fraction) -> None:
        """Ask for a multiple: of both, so of the least common one."""
        if self.multiple is None:
            self.multiple = step
        else:
            self.multiple = _common(self.multiple, step)

    def no_multiple_of(self, step: Fraction) -> None:
        """Ask for a number that is no multiple."""
        if step not in self.nots:
            self.nots = (*self.nots, step)

    def one_of(self, values: frozenset[Fraction]) -> None:
        """Ask for one of some numbers."""
        self.values = values if self.values is None else self.values & values

    def none_of(self, values: frozenset[Fraction]) -> None:
        """Ask for none of some numbers."""
        self.excluded |= values

    def accepts(self, value: Fraction) -> bool:
        """Whether a number is in the box."""
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        if self.high is not None and (value > self.high or (self.high_open and value == self.high)):
            return False
        if self.multiple is not None and (value / self.multiple).denominator != 1:
            return False
        if value in self.excluded or (self.values is not None and value not in self.values):
            return False
        return all((value / step).denominator != 1 for step in self.nots)

    def find(self) -> tuple[bool, int | float | None]:
        """Whether there may be a number, and one of the simplest that can be written.

        ``(False, None)`` is a proof that there is none; ``(True, None)`` means that none was found.
        """
        if self.values is not None:
            good = sorted((v for v in self.values if self.accepts(v)), key=lambda v: (v.denominator, abs(v), v < 0))
            written = [number for number in map(plain, good) if number is not None]
            return bool(good), written[0] if written else None
        if self.low is not None and self.high is not None:
            if self.low > self.high or (self.low == self.high and (self.low_open or self.high_open)):
                return False, None
            if self.low == self.high:
                fits = self.accepts(self.low)
                return fits, plain(self.low) if fits else None
        if self.multiple is None:
            return True, self._dense()
        return self._stepped(self.multiple)

    def _dense(self) -> int | float | None:
        """A number of an interval that has endlessly many: the fewest digits first."""
        for number, candidate in enumerate(self._decimals()):
            if number > MAX_TRIED:
                break
            if self.accepts(candidate):
                written = plain(candidate)
                if written is not None:
                    return written
        return None

    def _decimals(self) -> Iterator[Fraction]:
        low, high = self.low, self.high
        for digits in range(40):
            step = Fraction(1, 10**digits)
            yield from _near_zero(step, low, high, 24)
        if low is not None and high is not None:
            for parts in range(2, 40):
                yield low + (high - low) / parts

    def _stepped(self, step: Fraction) -> tuple[bool, int | float | None]:
        cycle = 1
        for other in self.nots:
            ratio = _common(step, other) / step
            if ratio == 1:
                return False, None
            cycle = math.lcm(cycle, ratio.numerator)
        first = None if self.low is None else math.ceil(self.low / step)
        last = None if self.high is None else math.floor(self.high / step)
        if first is not None and self.low_open and first * step == self.low:
            first += 1
        if last is not None and self.high_open and last * step == self.high:
            last -= 1
        if first is not None and last is not None and first > last:
            return False, None
        seen = 0
        for factor in _near_zero(Fraction(1), _fraction(first), _fraction(last), MAX_TRIED):
            seen += 1
            candidate = factor * step
            if self.accepts(candidate):
                written = plain(candidate)
                if written is not None:
                    return True, written
        if first is not None and last is not None and last - first + 1 <= seen:
            # Every one was looked at; only those that no float is written like are left.
            return any(self.accepts(k * step) for k in range(first, last + 1)), None
        # One more than a multiple of the cycle is a multiple of none of the others.
        start = first if first is not None else (last if last is not None else 0) - cycle * (len(self.excluded) + 2)
        start += (1 - start) % cycle
        for _ in range(len(self.excluded) + 1):
            if last is not None and start > last:
                break
            candidate = start * step
            if self.accepts(candidate):
                return True, plain(candidate)
            start += cycle
        return True, None


def _fraction(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _near_zero(step: Fraction, low: Fraction | None, high: Fraction | None, count: int) -> Iterator[Fraction]:
    """Multiples of a step between bounds, those nearest to zero first, no more than ``count``."""
    first = None if low is None else math.ceil(low / step)
    last = None if high is None else math.floor(high / step)
    if first is not None and last is not None and first > last:
        return
    if first is not None and first > 0:
        factors: Iterator[int] = iter(range(first, first + count if last is None else min(last, first + count) + 1))
    elif last is not None and last < 0:
        factors = iter(range(last, (last - count if first is None else max(first, last - count)) - 1, -1))
    else:
        factors = _outwards(first, last)
    for number, factor in enumerate(factors):
        if number >= count:
            return
        yield factor * step


def _outwards(first: int | None, last: int | None) -> Iterator[int]:
    yield 0
    distance = 1
    while True:
        up = last is None or distance <= last
        down = first is None or -distance >= first
        if not up and not down:
            return
        if up:
            yield distance
        if down:
            yield -distance
        distance += 1


def _common(one: Fraction, other: Fraction) -> Fraction:
    """The least common multiple of two positive rationals."""
    return Fraction(
        math.lcm(one.numerator * other.denominator, other.numerator * one.denominator),
        one.denominator * other.denominator,
    )
