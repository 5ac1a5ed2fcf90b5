"""Regular languages for ``pattern``, ``format``, lengths and property names.

>>> from zeues_contracts.schema.patterns import compile_pattern, length
>>> compile_pattern("^[a-z]{2,}$").intersect(length(0, 3)).shortest()
'aa'
"""

from zeues_contracts.schema.patterns.formats import FormatBounds, format_bounds, from_format
from zeues_contracts.schema.patterns.language import (
    ALL,
    EMPTY,
    Language,
    compile_pattern,
    length,
    literal,
    literals,
)
from zeues_contracts.schema.patterns.syntax import PatternBudget, UnsupportedPattern

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
