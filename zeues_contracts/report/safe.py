"""Hostile text made harmless, once for each kind of output.

Names, messages and bodies come from services and files. Whatever they hold — terminal escapes, workflow commands,
markup, bidirectional controls, a megabyte of letters — may change nothing outside of its own cell. Every renderer
passes each piece of foreign text through exactly one function of this module.

Sources: Unicode Technical Report 36 and Standard Annex 9 (bidirectional controls), XML 1.0 section 2.2 (characters),
CommonMark 0.31 section 6 (entities are text, never structure), the workflow-command syntax of GitHub Actions, whose
runner also looks for ``##[`` anywhere in a line and for ``::`` after leading blanks.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

__all__ = [
    "ELLIPSIS",
    "bounded",
    "cell",
    "clip",
    "display_width",
    "github_data",
    "github_property",
    "guard_log",
    "html_text",
    "isolate",
    "json_text",
    "markdown_code",
    "markdown_pre",
    "markdown_text",
    "pad",
    "pretty",
    "uri_path",
    "visible",
    "xml_text",
]

ELLIPSIS = "…"

# What a reader cannot see or what moves other text: controls, line separators, bidirectional and invisible formatting,
# tag characters, lone surrogates, non-characters.
_UNSEEN = (
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARKS = (
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_OURS = dict.fromkeys(map(ord, "→…–·⊆×"))
"""Signs of our own sentences, which need no looking after. Most text is ASCII besides."""
_RTL = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"


def clip(text: str, limit: int) -> str:
    """At most ``limit`` characters; what is cut off leaves an ellipsis."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + ELLIPSIS


def visible(text: str) -> str:
    r"""Everything that cannot be seen, or that moves what stands beside it, spelled out (``\x1b``, ``\u202e``)."""
    if _is_plain(text):
        return text
    return re.sub(_MARKS, r"\1", re.sub(_UNSEEN, _spelled, text))


def cell(text: str, limit: int = 2000) -> str:
    """One line of seeable text of at most ``limit`` characters: what a table cell or a sentence may hold."""
    return clip(visible(text[: limit + 1]), limit) if len(text) > limit else clip(visible(text), limit)


def isolate(text: str) -> str:
    """Text whose right-to-left letters do not reorder its neighbours (first-strong isolate, UAX 9 section 2.4)."""
    return f"\u2068{text}\u2069" if not _is_plain(text) and re.search(_RTL, text) else text


def _is_plain(text: str) -> bool:
    """Whether there is nothing to look for: ASCII that can be seen, and signs of ours."""
    bare = text if text.isascii() else text.translate(_OURS)
    return bare.isascii() and bare.isprintable()


def guard_log(text: str) -> str:
    """Lines that a CI runner would take for commands (``::error::``, ``##[group]``, ``##vso[``), made plain text."""
    if "::" in text:
        text = re.sub(r"(?m)^(\s*)::", r"\1\\::", text)
    return _no_old_command(text)


def html_text(text: str, limit: int = 20_000) -> str:
    """Text for HTML, in content or in a quoted attribute. Line breaks and tabs stay, for ``<pre>``."""
    return _entities(_seen_lines(clip(text, limit)))


def xml_text(text: str, limit: int = 100_000) -> str:
    """Text for XML 1.0, in content or in a quoted attribute: characters that XML cannot hold are spelled out."""
    return _entities(_seen_lines(clip(text, limit))).replace("\t", "&#9;")


def markdown_text(text: str, limit: int = 2000) -> str:
    """One line of prose for GitHub-flavoured Markdown; what stands between backticks becomes code.

    Punctuation is written as character references, which are never structure. A zero-width space keeps ``@name`` from
    mentioning people and ``#1`` from linking, which GitHub does after rendering.
    """
    parts = cell(text, limit).split("`")
    if len(parts) % 2 == 0:  # a lone backtick is text
        parts[-2:] = ["`".join(parts[-2:])]
    # Nothing between two backticks is no code: it is two backticks.
    return "".join(
        _markdown(part) if not index % 2 else f"<code>{_markdown(part)}</code>" if part else _markdown("``")
        for index, part in enumerate(parts)
    )


def markdown_code(text: str, limit: int = 500) -> str:
    """One line of code for Markdown: a ``<code>`` element, since a hostile backtick would end a code span."""
    return f"<code>{_markdown(cell(text, limit))}</code>"


def markdown_pre(text: str, limit: int = 10_000) -> str:
    """A block of code for Markdown: a ``<pre>`` element, which CommonMark leaves alone up to ``</pre>``."""
    safe = _entities(_seen_lines(clip(text, limit)))
    # A blank line ends some HTML blocks where the element does not stand at the start of a line.
    return f"<pre>{safe.replace(chr(10), '&#10;')}</pre>"


def github_data(text: str, limit: int = 4000) -> str:
    """The message of a workflow command: line breaks are kept, as ``%0A``."""
    return _no_old_command(_seen_lines(clip(text, limit)).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def github_property(text: str, limit: int = 500) -> str:
    """A property of a workflow command, where colons and commas have a meaning too."""
    return _no_old_command(cell(text, limit).replace("%", "%25").replace(":", "%3A").replace(",", "%2C"))


def json_text(value: Any) -> str:
    """A JSON value as text, two spaces deep, that a terminal or a CI log can show without harm.

    Letters stay readable; what :func:`visible` would spell out is written as a JSON escape, so the value is the same.
    """
    text = _indented(value)
    if not text.replace("\n", "").isprintable():  # which all is that can be seen
        text = re.sub(_UNSEEN, lambda found: found[0] if found[0] == "\n" else _json_escape(found[0]), text)
    return (re.sub(r"##(?=\w{0,20}\[)", r"#\\u0023", text) if "##" in text else text) + "\n"


def _indented(value: Any) -> str:
    import orjson

    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except TypeError:  # half of a surrogate pair, or a number of more than 64 bits
        return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)


def uri_path(path: str) -> str:
    """A file path as a relative URI reference (RFC 3986, 4.2)."""
    return quote(path.replace("\\", "/"), safe="/~!$&'()*+,;=@._-", errors="replace")


def bounded(value: Any, *, depth: int = 12, items: int = 100, text: int = 1000) -> Any:
    """A JSON value cut down to what can be shown: its depth, the members of a container, the letters of a text."""
    if isinstance(value, str):
        return clip(value, text)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        if depth <= 0:
            return ELLIPSIS if value else {}
        shown = {
            clip(str(key), text): bounded(one, depth=depth - 1, items=items, text=text)
            for key, one in _first(value.items(), items)
        }
        if len(value) > items:
            shown[ELLIPSIS] = f"{len(value) - items} more"
        return shown
    if isinstance(value, list | tuple):
        if depth <= 0:
            return ELLIPSIS if value else []
        rows = [bounded(one, depth=depth - 1, items=items, text=text) for one in _first(value, items)]
        if len(value) > items:
            rows.append(f"{ELLIPSIS} {len(value) - items} more")
        return rows
    return clip(str(value), text)


def pretty(value: Any, width: int = 72, *, lines: int = 0, items: int = 100, text: int = 1000) -> list[str]:
    """A JSON value as lines: what fits into ``width`` on one, the rest indented; at most ``lines`` of them (0: all).

    The last line says how many were left out.
    """
    rows = list(_laid_out(bounded(value, items=items, text=text), "", "", width))
    if lines and len(rows) > lines:
        rows[lines - 1 :] = [f"{ELLIPSIS} {len(rows) - lines + 1} more lines"]
    return rows


def _laid_out(value: Any, indent: str, lead: str, width: int, tail: str = "") -> Iterator[str]:
    # JSON's own escapes are in the text by then; `visible` spells out what JSON leaves as it is (bidi controls).
    flat = f"{indent}{lead}{visible(json.dumps(value, ensure_ascii=False))}{tail}"
    if display_width(flat) <= width or not isinstance(value, dict | list) or not value:
        yield flat
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{lead}{opening}"
    rows = list(value.items()) if isinstance(value, dict) else [(None, one) for one in value]
    for index, (key, one) in enumerate(rows):
        name = "" if key is None else f"{visible(json.dumps(key, ensure_ascii=False))}: "
        yield from _laid_out(one, indent + "  ", name, width, "," if index < len(rows) - 1 else "")
    yield f"{indent}{closing}{tail}"


def display_width(text: str) -> int:
    """The columns that a text takes on a terminal: wide characters (UAX 11) take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(one) or one in "\u2068\u2069\u200d\ufe0f" else 2 if _wide(one) else 1 for one in text
    )


def pad(text: str, width: int) -> str:
    """A text cut or filled with blanks to exactly ``width`` columns."""
    if display_width(text) > width:
        kept, used = [], 1
        for one in text:
            used += display_width(one)
            if used > width:
                break
            kept.append(one)
        text = "".join(kept) + ELLIPSIS
    return text + " " * (width - display_width(text))


def _no_old_command(text: str) -> str:
    return re.sub(r"##(?=\w{0,20}\[)", r"#\\#", text) if "##" in text else text


def _wide(one: str) -> bool:
    return unicodedata.east_asian_width(one) in "WF"


def _spelled(found: re.Match[str]) -> str:
    one = found[0]
    code = ord(one)
    return _SHORT.get(one) or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def _json_escape(one: str) -> str:
    code = ord(one)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _seen_lines(text: str) -> str:
    """As :func:`visible`, but line breaks and tabs stay."""
    text = text.replace("\r\n", "\n")
    return "\n".join("\t".join(visible(part) for part in line.split("\t")) for line in text.split("\n"))


_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


_PAIRED = r"#(?=#)|:(?=:)"


def _entities(text: str) -> str:
    text = text.translate(_ENTITIES)
    # Neither means anything in markup, but both do in the log of a CI that the markup may be printed to.
    return re.sub(_PAIRED, lambda found: f"&#{ord(found[0])};", text)


# Letters, digits, blanks and what is never structure in Markdown or HTML stay as they are.
_MARKDOWN = r"[^\w ,;/?%=()$^.-]|[_^$.](?!\w)|(?<!\w)[-.=]|\bwww(?=\.)|(?<=\bGH)-(?=\d)"


def _markdown(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        piece = found[0]
        if piece == "www":
            return "&#119;ww"
        if not piece.isascii():
            return piece
        # GitHub looks for `GH-1` too.
        links = piece in "@#" or (piece == "-" and found.string[max(0, found.start() - 2) : found.start()] == "GH")
        return f"&#{ord(piece)};" + ("&#8203;" if links else "")

    return re.sub(_MARKDOWN, one, text).replace("_", "&#95;")


def _first(values: Any, count: int) -> Any:
    import itertools

    return itertools.islice(values, count)
