"""Regular languages for ``pattern``, ``format``, lengths and property names.

>>> from zeues_contracts.schema.patterns import compile_pattern, length
>>> compile_pattern("^[a-z]{2,}$").intersect(length(0, 3)).shortest()
'aa'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zeues_contracts.schema.patterns.errors import PatternBudget, UnsupportedPattern

if TYPE_CHECKING:
    from zeues_contracts.schema.patterns.formats import FormatBounds, from_format
    from zeues_contracts.schema.patterns.language import ALL, EMPTY, Language, length, literal, literals

__all__ = [
    "ALL",
    "EMPTY",
    "FormatBounds",
    "Language",
    "PatternBudget",
    "UnsupportedPattern",
    "compile_pattern",
    "format_bounds",
    "from_format",
    "length",
    "literal",
    "literals",
]


def compile_pattern(pattern: str) -> Language:
    """The strings in which an ECMA-262 pattern is found (``pattern`` is not anchored: JSON Schema Validation 6.3.3).

    Raises :class:`UnsupportedPattern` for what is no regular language, no pattern, or read differently by engines, and
    :class:`PatternBudget` for what is too large; both carry ``reason``. Answers are remembered.
    """
    # Automata are imported with the first pattern: most schemas that change have none.
    from zeues_contracts.schema.patterns import language

    return language.compile_pattern(pattern)


def format_bounds(name: str) -> FormatBounds | None:
    """The two languages of a format of strings; ``None`` where nothing is known of it (then it asserts nothing)."""
    from zeues_contracts.schema.patterns import formats

    return formats.format_bounds(name)


def __getattr__(name: str) -> Any:
    # As above, for those who compute with languages anyway (PEP 562).
    if name in ("FormatBounds", "from_format"):
        from zeues_contracts.schema.patterns import formats

        return getattr(formats, name)
    if name in __all__:
        from zeues_contracts.schema.patterns import language

        return getattr(language, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
