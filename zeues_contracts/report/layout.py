"""Lines of styled text, and how they become a string: plain, or through rich with colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from zeues_contracts.report.safe import display_width, guard_log

__all__ = ["Line", "Span", "line", "paint", "wrap"]


class Span(msgspec.Struct, frozen=True):
    """A piece of a line. ``style`` is one of rich's style texts (``bold red``); empty for plain."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


def line(*parts: str | Span) -> Line:
    """A line of plain and styled pieces; empty pieces are left out."""
    spans = (part if isinstance(part, Span) else Span(part) for part in parts)
    return tuple(span for span in spans if span.text)


def paint(lines: Sequence[Line], *, color: bool) -> str:
    """The lines as text. Without colour not one escape is in it; with colour rich writes them."""
    plain = [guard_log("".join(span.text for span in one).rstrip()) for one in lines]
    if not color:
        return "\n".join(plain) + "\n"
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    out = StringIO()
    console = Console(
        file=out, force_terminal=True, color_system="standard", width=100_000, highlight=False, legacy_windows=False
    )
    for one in lines:
        text = Text(no_wrap=True, overflow="ignore")
        for span in one:
            text.append(guard_log(span.text), span.style or None)
        text.rstrip()
        console.print(text, soft_wrap=True)
    return out.getvalue()


def wrap(text: str, width: int) -> list[str]:
    """Prose in lines of at most ``width`` columns, broken at blanks; a longer word has a line to itself."""
    lines: list[str] = []
    current, used = "", 0
    for word in _words(text):
        size = display_width(word)
        if current and used + 1 + size > width:
            lines.append(current)
            current, used = word, size
        else:
            current, used = (f"{current} {word}", used + 1 + size) if current else (word, size)
    return [*lines, current] if current else lines


def _words(text: str) -> Iterable[str]:
    return text.split()
