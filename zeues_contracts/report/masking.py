"""The last line before a report leaves: what this process was told is secret stands in none of its texts.

Findings are made without secrets. This is for what no rule about names and shapes can tell, wherever it was put.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from zeues_contracts.redact import PLACEHOLDER, is_known_value, knows_values, redact_known, redact_known_bytes

if TYPE_CHECKING:
    from zeues_contracts.findings import Report

__all__ = ["masked"]

# Words of ours, and names that the configuration and the document gave: they say what a finding is about.
_KEPT = frozenset({
    "rule", "level", "cause", "service", "operations", "group", "state", "confidence", "consumer", "name", "status",
    "role", "fingerprint", "counts",
})  # fmt: skip
# Where values of requests, responses and documents stand: a text that is one of ours as a whole goes there, however
# short. Everywhere else a short one is a word of a sentence, or the name of something.
_VALUES = frozenset({"value", "before", "after", "headers"})
_MAX_DEPTH = 220
_CUT = "… (nested too deeply to be kept)"


def masked(report: Report) -> Report:
    """The report with every known secret value replaced; the same object where none is known."""
    if not knows_values():
        return report
    clean: Report = _masked(report, _MAX_DEPTH)
    return clean


def _masked(value: Any, depth: int, *, whole: bool = False) -> Any:
    if isinstance(value, Enum) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return PLACEHOLDER if whole and is_known_value(value) else redact_known(value)
    if isinstance(value, bytes):
        return redact_known_bytes(value)
    if isinstance(value, int | float):
        return 0 if redact_known(repr(value)) == PLACEHOLDER else value
    if depth <= 0:
        return _CUT
    if isinstance(value, msgspec.Struct):
        changes = {}
        for name in value.__struct_fields__:
            one = getattr(value, name)
            clean = one if name in _KEPT else _masked(one, depth - 1, whole=whole or name in _VALUES)
            if clean is not one:
                changes[name] = clean
        return msgspec.structs.replace(value, **changes) if changes else value
    if isinstance(value, Mapping):
        return {_masked(key, depth - 1): _masked(one, depth - 1, whole=whole) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(_masked(one, depth - 1, whole=whole) for one in value)
    if isinstance(value, list):
        return [_masked(one, depth - 1, whole=whole) for one in value]
    return value
