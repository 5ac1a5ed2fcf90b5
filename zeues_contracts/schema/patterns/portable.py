r"""Patterns rewritten so that every engine reads them as ECMA-262 does.

Python's ``$`` also matches before a last newline, its ``\d`` and ``\w`` know all of Unicode, Rust's ``.`` takes U+2028.
The rewritten text spells every class of characters out and anchors with lookaheads, which both engines know.
"""

from __future__ import annotations

from functools import lru_cache

from zeues_contracts.schema.patterns import charsets
from zeues_contracts.schema.patterns.charsets import CharSet
from zeues_contracts.schema.patterns.syntax import (
    Alternation,
    Chars,
    Edge,
    Look,
    Node,
    Repeat,
    Sequence,
    parse,
)

__all__ = ["portable"]


@lru_cache(maxsize=2048)
def portable(pattern: str) -> str:
    """The same language in the words that ECMA-262, Python and Rust agree on.

    Raises what :func:`~zeues_contracts.schema.patterns.syntax.parse` raises.
    """
    return _write(parse(pattern))


def _write(node: Node) -> str:
    match node:
        case Chars(chars):
            return _write_class(chars)
        case Edge(end):
            return r"(?![\s\S])" if end else "^"
        case Sequence(parts):
            return "".join(f"(?:{_write(part)})" if isinstance(part, Alternation) else _write(part) for part in parts)
        case Alternation(options):
            return "|".join(_write(option) for option in options)
        case Look(body, behind, negative):
            return f"(?{'<' if behind else ''}{'!' if negative else '='}{_write(body)})"
        case Repeat(body, least, most):
            inner = _write(body)
            unit = inner if isinstance(body, Chars) else f"(?:{inner})"
            if most is None:
                return unit + ("*" if least == 0 else "+" if least == 1 else f"{{{least},}}")
            return f"{unit}{{{least}}}" if least == most else f"{unit}{{{least},{most}}}"


def _write_class(chars: CharSet) -> str:
    if chars == charsets.ANY:
        return r"[\s\S]"
    if not chars:
        return "(?!)"
    if len(chars) == 1 and chars[0][1] - chars[0][0] == 1:
        return _write_character(chars[0][0])
    runs = (
        _write_character(low) if high - low == 1 else f"{_write_character(low)}-{_write_character(high - 1)}"
        for low, high in chars
    )
    return f"[{''.join(runs)}]"


def _write_character(scalar: int) -> str:
    char = charsets.character(scalar)
    if char.isascii() and not char.isalnum():
        return f"\\x{ord(char):02x}"
    return char
