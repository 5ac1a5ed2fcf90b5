"""Strings and numbers of a schema that read well: the shortest of a language reads like noise, a date like a date."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

__all__ = ["numbers", "texts"]

_FORMATS: Mapping[str, tuple[str, ...]] = {
    "date": ("2026-01-15",),
    "date-time": ("2026-01-15T09:30:00Z",),
    "time": ("09:30:00Z",),
    "duration": ("PT1H",),
    "email": ("ada@example.com",),
    "idn-email": ("ada@example.com",),
    "hostname": ("example.com",),
    "idn-hostname": ("example.com",),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "uri": ("https://example.com/", "https://example.com"),
    "url": ("https://example.com/",),
    "iri": ("https://example.com/",),
    "uri-reference": ("/example",),
    "iri-reference": ("/example",),
    "uri-template": ("/example/{id}",),
    "json-pointer": ("/example",),
    "relative-json-pointer": ("0",),
    "regex": ("^a$",),
    "byte": ("ZXhhbXBsZQ==",),
    "base64": ("ZXhhbXBsZQ==",),
    "binary": ("example",),
    "password": ("correct-horse",),
    "decimal": ("1.5",),
}
# What a name without a format promises to people; by its last word.
_NAMES: Mapping[str, str] = {
    "email": "ada@example.com",
    "url": "https://example.com/",
    "uri": "https://example.com/",
    "link": "https://example.com/",
    "href": "https://example.com/",
    "timestamp": "2026-01-15T09:30:00Z",
    "at": "2026-01-15T09:30:00Z",
    "time": "2026-01-15T09:30:00Z",
    "date": "2026-01-15",
    "fecha": "2026-01-15",
    "phone": "+1-555-0100",
    "uuid": "6b1f6f4e-5f0c-4b5e-9d58-0a3e7c9f1d2b",
    "version": "1.0.0",
    "currency": "EUR",
    "country": "DE",
    "language": "en",
}
_MAX_TEXT = 100_000


def texts(schemas: Sequence[Mapping[str, Any]], name: str, key: str, number: int = 0) -> Iterator[str]:
    """Strings that may fit all of some translated schema objects, the nicest first; ``number`` tells siblings."""
    least = max((one.get("minLength", 0) for one in schemas), default=0)
    most = min((one["maxLength"] for one in schemas if "maxLength" in one), default=None)
    patterns = [one["pattern"] for one in schemas if "pattern" in one]
    formats = [one["format"] for one in schemas if "format" in one]
    if patterns:
        yield from _of_patterns(patterns, least, most, _plain(name, number), number)
        return
    for one in formats:
        if one in ("uuid", "uuid4", "uuid1"):
            yield str(uuid.uuid5(uuid.NAMESPACE_URL, f"{key}#{number}"))
        for text in _FORMATS.get(one, ()):
            yield _numbered(text, one, number)
    words = _words(name)
    named = (_NAMES.get(words[-1]) or (_NAMES.get(words[0]) if words[0] == "fecha" else None)) if words else None
    if named is not None and not formats:
        yield _fitted(named, least, most)
    yield _fitted(_plain(name, number), least, most)


def _of_patterns(patterns: Iterable[str], least: int, most: int | None, nice: str, number: int) -> Iterator[str]:
    from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern, compile_pattern, length

    try:
        language = length(least, most)
        for pattern in patterns:
            language = language.intersect(compile_pattern(pattern))
        if language.accepts(nice):
            yield nice
        members = language.members(number + 2)
        shown = [text for text in members if text] or list(members)
    except (UnsupportedPattern, PatternBudget):
        return
    if shown:
        yield shown[min(number, len(shown) - 1)]


def _numbered(text: str, form: str, number: int) -> str:
    """The text of a format, its ``number``-th variant where there is one that is as good."""
    if not number:
        return text
    if form in ("date", "date-time"):
        return text.replace("-15", f"-{15 + number % 10:02d}", 1)
    if form in ("email", "idn-email"):
        return text.replace("ada", f"ada{number}", 1)
    if form in ("uri", "url", "iri", "uri-reference", "iri-reference", "json-pointer"):
        return f"{text.rstrip('/')}/{number}"
    return text


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[:200])
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]


def _plain(name: str, number: int) -> str:
    text = " ".join(name.split())[:60] or "text"
    return f"{text}-{number + 1}" if number else text


def _fitted(text: str, least: int, most: int | None) -> str:
    if least > _MAX_TEXT:
        return text
    if len(text) < least:
        text = (text + "-" + text * (least // max(1, len(text)) + 1))[:least]
    return text if most is None else text[:most]


def numbers(schemas: Sequence[Mapping[str, Any]], *, whole: bool, number: int = 0) -> Iterator[int | float]:
    """Numbers that may fit all of some translated schema objects: 1, 2, … where they may, else near the bound."""
    low, high = _bounds(schemas)
    step = _step(schemas, whole)
    wanted = Fraction(1 + number)
    if not whole and step is None and low is None and high is None:
        wanted = Fraction(3 + 2 * number, 2)

    def allowed(value: Fraction) -> bool:
        above = low is None or value > low[0] or (value == low[0] and not low[1])
        return above and (high is None or value < high[0] or (value == high[0] and not high[1]))

    middle = (low[0] + high[0]) / 2 if low is not None and high is not None else None
    for start in (wanted, low and low[0] + number, high and high[0] - number, middle, Fraction(0)):
        if start is not None:
            yield from (_plain_number(candidate) for candidate in _near(start, step) if allowed(candidate))


def _bounds(
    schemas: Sequence[Mapping[str, Any]],
) -> tuple[tuple[Fraction, bool] | None, tuple[Fraction, bool] | None]:
    """The bounds below and above, and whether each is itself left out."""
    lows = [
        (_exact(one[key]), key[0] == "e") for one in schemas for key in ("minimum", "exclusiveMinimum") if key in one
    ]
    highs = [
        (_exact(one[key]), key[0] == "e") for one in schemas for key in ("maximum", "exclusiveMaximum") if key in one
    ]
    low = max(lows, default=None)
    high = min(highs, key=lambda bound: (bound[0], not bound[1]), default=None)
    return low, high


def _step(schemas: Sequence[Mapping[str, Any]], whole: bool) -> Fraction | None:
    """The least common multiple of what a value has to be a multiple of."""
    step = Fraction(1) if whole else None
    for one in schemas:
        if "multipleOf" not in one:
            continue
        factor = _exact(one["multipleOf"])
        if step is None:
            step = factor
        else:
            step = Fraction(math.lcm(step.numerator * factor.denominator, factor.numerator * step.denominator),
                            step.denominator * factor.denominator)  # fmt: skip
    return step


def _near(start: Fraction, step: Fraction | None) -> Iterator[Fraction]:
    if step is None:
        yield start
        yield start + Fraction(1, 2)
        yield start - Fraction(1, 2)
        yield from (start + sign * Fraction(1, 1000) for sign in (1, -1))
        return
    below = math.floor(start / step)
    for count in (below, below + 1, below - 1):
        yield count * step


def _exact(value: float) -> Fraction:
    # As it is written: 0.1 is a tenth, not the nearest binary number.
    return Fraction(Decimal(repr(value))) if isinstance(value, float) else Fraction(value)


def _plain_number(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)
