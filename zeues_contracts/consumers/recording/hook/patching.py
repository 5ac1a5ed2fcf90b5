"""Putting watchers around functions of libraries, once, in a way that leaves no trace when they fail."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

__all__ = ["Patch", "replace"]

Patch = Callable[[Any], None]


def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Put ``make(original)`` in the place of a function of a class or module; where there is none, do nothing."""
    original = owner.__dict__.get(name) if isinstance(owner, type) else getattr(owner, name, None)
    if original is None or getattr(original, "__zeues_contracts__", False):
        return
    if isinstance(original, property):
        getter = original.fget
        if getter is None or getattr(getter, "__zeues_contracts__", False):
            return
        made = functools.wraps(getter)(make(getter))
        made.__zeues_contracts__ = True  # type: ignore[attr-defined]
        setattr(owner, name, property(made, original.fset, original.fdel, original.__doc__))
        return
    if isinstance(original, classmethod):
        inner = original.__func__
        if getattr(inner, "__zeues_contracts__", False):
            return
        made = functools.wraps(inner)(make(inner))
        made.__zeues_contracts__ = True  # type: ignore[attr-defined]
        setattr(owner, name, classmethod(made))
        return
    made = functools.wraps(original)(make(original))
    made.__zeues_contracts__ = True  # type: ignore[attr-defined]
    setattr(owner, name, made)
