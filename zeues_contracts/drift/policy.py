"""Deprecation and sunset: what was announced, and when it may go.

``deprecated: true`` (OpenAPI 3.1, 4.8.10) with ``x-sunset``, a date (RFC 3339 full-date or date-time, as the Sunset
header of RFC 8594 announces); ``x-stability-level`` is one of draft, alpha, beta, stable.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["STABILITY", "Policy", "stability", "sunset_of"]

STABILITY: Mapping[str, int] = {"draft": 0, "alpha": 1, "beta": 2, "stable": 3}
KEY = "x-sunset"


class Policy(msgspec.Struct, frozen=True):
    """``days`` is the least time between a deprecation and its sunset; 0 asks for no sunset at all."""

    today: dt.date
    days: int = 0

    def problem(self, node: Mapping[str, Any]) -> str:
        """What is wrong with how something deprecated announces its end; "" for nothing."""
        if KEY not in node:
            return "is deprecated without an `x-sunset` date" if self.days > 0 else ""
        date = sunset_of(node)
        if date is None:
            return f"its `x-sunset` is no date: {str(node[KEY])[:40]!r}"
        if self.days > 0 and (date - self.today).days < self.days:
            return f"its sunset on {date} is less than {self.days} days away"
        return ""

    def over(self, node: Mapping[str, Any]) -> bool:
        """Whether something was announced to go and its time has come: deprecated, and no sunset in the future."""
        if node.get("deprecated") is not True:
            return False
        if KEY not in node:
            return True
        date = sunset_of(node)
        return date is not None and date <= self.today


def sunset_of(node: Mapping[str, Any]) -> dt.date | None:
    """The date of ``x-sunset``; ``None`` where there is none or it cannot be read."""
    value = node.get(KEY)
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        return dt.date.fromisoformat(text[:10]) if len(text) == 10 else dt.datetime.fromisoformat(text).date()
    except ValueError:
        return None


def stability(node: Mapping[str, Any]) -> tuple[str, bool]:
    """The stability level ("stable" where nothing is said), and whether what is written is one."""
    if "x-stability-level" not in node:
        return "stable", True
    value = node["x-stability-level"]
    if isinstance(value, str) and value in STABILITY:
        return value, True
    return "stable", False
