"""Sets of Unicode scalar values as sorted, disjoint, half-open intervals.

Code points are held as *scalar indices*: the surrogates D800–DFFF are left out and what follows them is moved down, so
that the alphabet is one contiguous range. JSON texts that travel as UTF-8 cannot hold a lone surrogate (RFC 8259, 8.2),
and neither validator takes one, so no language here knows them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

__all__ = [
    "ANY",
    "DIGIT",
    "DOT",
    "SIZE",
    "SPACE",
    "WORD",
    "CharSet",
    "character",
    "complement",
    "contains",
    "from_code_points",
    "general_category",
    "index",
    "preference",
    "representative",
    "single",
    "spread",
    "union",
]

CharSet = tuple[tuple[int, int], ...]
"""Half-open intervals ``[start, stop)`` of scalar indices: sorted, disjoint, not touching, none empty."""

_SURROGATES = 0x800
SIZE = 0x110000 - _SURROGATES
"""How many scalar values there are."""

ANY: CharSet = ((0, SIZE),)


def index(code_point: int) -> int:
    """The scalar index of a code point; a surrogate counts as U+FFFD, which is what decoders make of it."""
    if code_point < 0xD800:
        return code_point
    if code_point < 0xE000:
        code_point = 0xFFFD
    return code_point - _SURROGATES


def character(scalar: int) -> str:
    """The character of a scalar index."""
    return chr(scalar if scalar < 0xD800 else scalar + _SURROGATES)


def union(sets: Iterable[CharSet]) -> CharSet:
    """All characters of any of the sets."""
    return _normalise([interval for one in sets for interval in one])


def complement(one: CharSet) -> CharSet:
    """All characters that are not in the set."""
    found: list[tuple[int, int]] = []
    start = 0
    for low, high in one:
        if start < low:
            found.append((start, low))
        start = high
    if start < SIZE:
        found.append((start, SIZE))
    return tuple(found)


def contains(one: CharSet, scalar: int) -> bool:
    """Whether a scalar index is in the set."""
    return any(low <= scalar < high for low, high in one)


def from_code_points(ranges: Iterable[tuple[int, int]]) -> CharSet:
    """The set of some inclusive ranges of code points; surrogates in them fall out."""
    found: list[tuple[int, int]] = []
    for low, high in ranges:
        if low < 0xD800:
            found.append((low, min(high, 0xD7FF) + 1))
        if high > 0xDFFF:
            found.append((max(low, 0xE000) - _SURROGATES, high + 1 - _SURROGATES))
    return _normalise(found)


def single(code_point: int) -> CharSet:
    """The set of one code point; empty for a surrogate."""
    return from_code_points([(code_point, code_point)])


def _normalise(intervals: list[tuple[int, int]]) -> CharSet:
    found: list[tuple[int, int]] = []
    for low, high in sorted(intervals):
        if low >= high:
            continue
        if found and low <= found[-1][1]:
            if high > found[-1][1]:
                found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return tuple(found)


# ECMA-262, 22.2.2.9 (CharacterClassEscape) and 12.2, 12.3 (white space, line terminators): \d and \w are ASCII.
DIGIT = from_code_points([(0x30, 0x39)])
WORD = from_code_points([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])
SPACE = from_code_points(
    [
        (0x09, 0x0D),
        (0x20, 0x20),
        (0xA0, 0xA0),
        (0x1680, 0x1680),
        (0x2000, 0x200A),
        (0x2028, 0x2029),
        (0x202F, 0x202F),
        (0x205F, 0x205F),
        (0x3000, 0x3000),
        (0xFEFF, 0xFEFF),
    ]
)
DOT = complement(from_code_points([(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)]))

_CATEGORIES = {
    "Letter": "L",
    "Cased_Letter": "LC",
    "Uppercase_Letter": "Lu",
    "Lowercase_Letter": "Ll",
    "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm",
    "Other_Letter": "Lo",
    "Mark": "M",
    "Combining_Mark": "M",
    "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc",
    "Enclosing_Mark": "Me",
    "Number": "N",
    "Decimal_Number": "Nd",
    "digit": "Nd",
    "Letter_Number": "Nl",
    "Other_Number": "No",
    "Punctuation": "P",
    "punct": "P",
    "Connector_Punctuation": "Pc",
    "Dash_Punctuation": "Pd",
    "Open_Punctuation": "Ps",
    "Close_Punctuation": "Pe",
    "Initial_Punctuation": "Pi",
    "Final_Punctuation": "Pf",
    "Other_Punctuation": "Po",
    "Symbol": "S",
    "Math_Symbol": "Sm",
    "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk",
    "Other_Symbol": "So",
    "Separator": "Z",
    "Space_Separator": "Zs",
    "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp",
    "Other": "C",
    "Control": "Cc",
    "cntrl": "Cc",
    "Format": "Cf",
    "Private_Use": "Co",
    "Unassigned": "Cn",
}
_SHORT = frozenset(_CATEGORIES.values())


@lru_cache(maxsize=64)
def general_category(name: str) -> CharSet | None:
    """The characters of a Unicode general category by its short or long name (``Lu``, ``Letter``); ``None`` if unknown.

    ``Any`` and ``ASCII`` are taken too (ECMA-262, table 66). The data is the running Python's Unicode version; a
    character that a newer version assigns may differ, which the validators would tell.
    """
    if name == "Any":
        return ANY
    if name == "ASCII":
        return ((0, 0x80),)
    short = _CATEGORIES.get(name, name)
    if short not in _SHORT:
        return None
    wanted = ("Lu", "Ll", "Lt") if short == "LC" else (short,)
    by_category = _by_category()
    return union(chars for category, chars in by_category.items() if category.startswith(wanted))


@lru_cache(maxsize=1)
def _by_category() -> dict[str, CharSet]:
    found: dict[str, list[tuple[int, int]]] = {}
    category = unicodedata.category
    start, current = 0, category("\0")
    for scalar in range(1, SIZE + 1):
        now = category(character(scalar)) if scalar < SIZE else ""
        if now != current:
            found.setdefault(current, []).append((start, scalar))
            start, current = scalar, now
    return {name: tuple(intervals) for name, intervals in found.items()}


# What a person likes to read first. No zero before the other digits: "1111-11-11" is a date everywhere, the year 0000
# is none to Python.
_LIKED = "abcdefghijklmnopqrstuvwxyz1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ_-.:/@+ ,=#~!$%&'()*;<>?[]^`{|}\"\\"
_LIKED_RANK = {char: rank for rank, char in enumerate(_LIKED)}
_ORDER = tuple(ord(char) for char in _LIKED)


def preference(scalar: int) -> tuple[int, int]:
    """The sort key of a character in witnesses: lower is nicer to read."""
    char = character(scalar)
    liked = _LIKED_RANK.get(char)
    if liked is not None:
        return (0, liked)
    if char.isprintable():
        return (1, scalar)
    return (2, scalar)


@lru_cache(maxsize=4096)
def representative(one: CharSet) -> int:
    """The character of a set that is nicest to read."""
    for scalar in _ORDER:
        if contains(one, scalar):
            return scalar
    return min((s for low, high in one for s in range(low, min(high, low + 64))), key=preference)


@lru_cache(maxsize=1024)
def spread(one: CharSet, limit: int) -> tuple[int, ...]:
    """Up to ``limit`` characters of a set, the nicest first."""
    found = [scalar for scalar in _ORDER if contains(one, scalar)][:limit]
    for unliked in (False, True):
        for low, high in one:
            for scalar in range(low, high):
                if len(found) >= limit:
                    return tuple(found)
                rank = preference(scalar)[0]
                if rank and (rank == 2) is unliked:
                    found.append(scalar)
    return tuple(found)
