"""What a ``format`` asks of a text, where jsonschema leaves it to packages that may not be installed.

Only where formats are asserted: by default they are annotations (JSON Schema 2020-12 Validation, 7.2.1).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

__all__ = ["format_checker"]


@lru_cache(maxsize=1)
def format_checker() -> Any:
    """The checks of jsonschema, and ours for the formats that it leaves to packages that may not be installed."""
    import jsonschema

    checker = jsonschema.FormatChecker()
    checker.checkers = dict(jsonschema.Draft202012Validator.FORMAT_CHECKER.checkers)
    for name, check in _CHECKS.items():
        if name not in checker.checkers:
            checker.checks(name)(lambda value, check=check: not isinstance(value, str) or check(value))
    return checker


def _is_time(text: str) -> bool:
    """RFC 3339, 5.6; a leap second only at 23:59 UTC (appendix D)."""
    found = re.fullmatch(_TIME, text)
    if found is None:
        return False
    hour, minute, second = (int(found[i]) for i in (1, 2, 3))
    off_hour, off_minute = int(found[5] or 0), int(found[6] or 0)
    if hour > 23 or minute > 59 or second > 60 or off_hour > 23 or off_minute > 59:
        return False
    ahead = (off_hour * 60 + off_minute) * (-1 if found[4] == "-" else 1)
    return second < 60 or (hour * 60 + minute - ahead) % 1440 == 1439


def _is_date_time(text: str) -> bool:
    return len(text) > 11 and text[10] in "Tt" and _is_date(text[:10]) and _is_time(text[11:])


def _is_date(text: str) -> bool:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        return False
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:])
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year or 2000, month)[1]


_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
_DURATION = (
    r"P(?:[0-9]+W"
    r"|(?=[0-9T])(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)?"
    r"(?:T(?=[0-9])(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))?)"
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "time": _is_time,
    "date-time": _is_date_time,
    "duration": lambda text: re.fullmatch(_DURATION, text) is not None,
    "hostname": lambda text: len(text) <= 253 and re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*", text) is not None,
    "json-pointer": lambda text: re.fullmatch(r"(?:/(?:[^~/]|~[01])*)*", text) is not None,
    "relative-json-pointer": lambda text: (
        re.fullmatch(r"(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~[01])*)*)", text) is not None
    ),
    "uri": lambda text: re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~%]*", text) is not None,
    "uri-reference": lambda text: re.fullmatch(r"[!#-;=?-\[\]_a-z~%]*", text) is not None,
}
