"""Pieces of the HTML report that are more than text: JSON with colours, two sides beside each other, a chart.

Everything foreign goes through :func:`safe.html_text`; what stands around it is ours.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from zeues_contracts.exchange import Exchange, Headers
from zeues_contracts.report.exchanges import body_text, shown_exchange
from zeues_contracts.report.options import TrendPoint
from zeues_contracts.report.safe import cell, html_text, pretty
from zeues_contracts.report.words import LEVELS

__all__ = ["DiffRow", "Sent", "Trend", "difference", "json_markup", "prose", "sent", "trend_chart"]

_LINES = 200
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b')


class DiffRow(msgspec.Struct, frozen=True):
    """One line of both sides; ``kind`` is same, changed, added or removed. An absent side is ``None``."""

    kind: str
    before: Markup | None
    after: Markup | None


class Message(msgspec.Struct, frozen=True):
    """A request or a response: its first line, headers and body."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: Markup | None


class Sent(msgspec.Struct, frozen=True):
    """An exchange as the page shows it; ``error`` is what came instead of a response."""

    request: Message
    response: Message | None
    error: str


class Bar(msgspec.Struct, frozen=True):
    """One entry of the trend: its label, and its parts as (level, count, y, height) in the chart's units."""

    at: str
    label: str
    service: str
    x: float
    parts: tuple[tuple[str, int, float, float], ...]
    counts: tuple[int, ...]
    date: str


class Trend(msgspec.Struct, frozen=True):
    """The ledger's history as a chart of stacked bars; widths and heights in SVG user units."""

    bars: tuple[Bar, ...]
    width: float
    height: float
    base: float
    bar_width: float
    ticks: tuple[tuple[int, float], ...]
    left_out: int
    levels: tuple[str, ...]


def json_markup(lines: Sequence[str]) -> Markup:
    """Lines of JSON with keys, texts, numbers and words told apart."""
    return Markup("\n").join(_line_markup(one) for one in lines)


def prose(text: str, limit: int = 2000) -> Markup:
    """One line of text; what stands between backticks is code."""
    parts = cell(text, limit).split("`")
    if len(parts) % 2 == 0:  # a lone backtick is text
        parts[-2:] = ["`".join(parts[-2:])]
    escaped = [html_text(part) for part in parts]
    escaped[1::2] = [f"<code>{part}</code>" if part else "``" for part in escaped[1::2]]
    return Markup("".join(escaped))  # noqa: S704 - each part is escaped above


def difference(before: Any, after: Any) -> tuple[DiffRow, ...]:
    """Two JSON values line by line beside each other; ``None`` is nothing at all on that side."""
    old = [] if before is None else pretty(before, 44, lines=_LINES)
    new = [] if after is None else pretty(after, 44, lines=_LINES)
    return tuple(_rows(old, new))


def sent(exchange: Exchange) -> Sent:
    """An exchange without secrets, bodies bounded."""
    shown = shown_exchange(exchange)
    request, response = shown.request, shown.response
    answer = None
    if response is not None:
        note = " (cut off)" if response.truncated else ""
        line = f"{response.status} in {response.seconds * 1000:.0f} ms{note}"
        answer = Message(line, _headers(response.headers), _body(response.body))
    return Sent(
        Message(cell(f"{request.method} {request.url}", 1000), _headers(request.headers), _body(request.body)),
        answer,
        "" if response is not None else cell(f"{shown.error or 'no answer'} {shown.error_text}".strip(), 1000),
    )


def trend_chart(points: Sequence[TrendPoint], shown: int = 40) -> Trend | None:
    """The chart of the last entries of a ledger, ``None`` where there is none."""
    if not points:
        return None
    latest = points[-shown:]
    totals = [sum(max(0, one.counts.get(level.value, 0)) for level in LEVELS) for one in latest]
    top = _round_up(max(totals))
    left, right, upper, base = 44.0, 12.0, 14.0, 174.0
    step = min(64.0, (880.0 - left - right) / len(latest))
    width = left + right + step * len(latest)
    bars = []
    for position, one in enumerate(latest):
        y, parts = base, []
        counts = tuple(max(0, one.counts.get(level.value, 0)) for level in LEVELS)
        for level, count in zip(LEVELS, counts, strict=True):
            height = (base - upper) * count / top
            y -= height
            if count:
                parts.append((level.value, count, round(y, 2), round(height, 2)))
        every = max(1, round(56 / step))
        date = cell(one.at[:10], 10) if position % every == 0 else ""
        x = round(left + step * position + step * 0.16, 2)
        bars.append(Bar(cell(one.at, 40), cell(one.label, 200), cell(one.service, 80), x, tuple(parts), counts, date))
    ticks = tuple((count, round(base - (base - upper) * count / top, 2)) for count in dict.fromkeys((0, top // 2, top)))
    return Trend(
        tuple(bars),
        max(width, 240.0),
        base + 30,
        base,
        round(step * 0.68, 2),
        ticks,
        len(points) - len(latest),
        tuple(level.value for level in LEVELS),
    )


def _round_up(count: int) -> int:
    """The least number at or above a count that is a whole number of even steps, at most six of them."""
    step: int = next(unit * 10**power for power in range(30) for unit in (2, 4, 10) if unit * 10**power * 6 >= count)
    return max(2, -(-count // step) * step)


def _line_markup(text: str) -> Markup:
    pieces: list[str] = []
    position = 0
    for found in _TOKEN.finditer(text):
        pieces.append(html_text(text[position : found.start()]))
        token = found[0]
        kind = ("k" if found[1] else "s") if token.startswith('"') else "n" if token[0] in "-0123456789" else "w"
        # html_text guards `::` within one piece; a colon after a key would meet none.
        pieces.append(f'<span class="{kind}">{html_text(token)}</span>')
        position = found.end()
    pieces.append(html_text(text[position:]))
    return Markup("".join(pieces))  # noqa: S704 - each piece is escaped above


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffRow]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        left, right = old[a:b], new[c:d]
        for index in range(max(len(left), len(right))):
            one = left[index] if index < len(left) else None
            other = right[index] if index < len(right) else None
            kind = "same" if tag == "equal" else "removed" if other is None else "added" if one is None else "changed"
            yield DiffRow(
                kind, None if one is None else _line_markup(one), None if other is None else _line_markup(other)
            )


def _headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple((cell(name, 100), cell(value, 400)) for name, value in headers[:40])


def _body(body: bytes | None) -> Markup | None:
    if not body:
        return None
    text = body_text(body)
    if text is None:
        return Markup(html_text(f"({len(body)} bytes that are no text)"))  # noqa: S704 - escaped
    try:
        return json_markup(pretty(json.loads(text), 60, lines=_LINES))
    except (ValueError, RecursionError):
        rows = text[:20_000].splitlines()
        more = [f"… {len(rows) - _LINES} more lines"] if len(rows) > _LINES else []
        return Markup(html_text("\n".join([*rows[:_LINES], *more])))  # noqa: S704 - escaped
