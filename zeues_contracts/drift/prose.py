"""What is only text: descriptions, examples, titles, extensions. Told once for each owner, so that it is no noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from zeues_contracts.drift.extras import TEXTS
from zeues_contracts.drift.model import NOTHING
from zeues_contracts.openapi.swagger2 import MARKS

__all__ = ["Prose", "described", "prose"]

_NAMES = frozenset(
    {
        "properties",
        "patternProperties",
        "$defs",
        "definitions",
        "dependentSchemas",
        "dependentRequired",
        "dependencies",
        "encoding",
        "callbacks",
        "schemas",
        "responses",
        "headers",
        "content",
        "links",
        "mapping",
        "securitySchemes",
        "scopes",
        "variables",
    }
)
_VALUES = frozenset({"default", "enum", "const", "required", "tags", "security", "servers"})
# These have rules of their own, or are ours.
_TOLD = frozenset({"x-sunset", "x-stability-level", "x-extensible-enum", "x-nullable", "x-webhooks"}) | MARKS
_MAX_DEPTH = 64
MAX_PROSE = 200


class Prose(msgspec.Struct, frozen=True):
    """One text that changed: the way to it, and what it was and is (``NOTHING`` for none)."""

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def sentence(self) -> str:
        """``properties/a/description changed``."""
        verb = "was added" if self.before is NOTHING else "was removed" if self.after is NOTHING else "changed"
        return f"{'/'.join(self.path)} {verb}"


def prose(old: Any, new: Any) -> list[Prose]:
    """The texts that differ between two values of the same place, at most :data:`MAX_PROSE`."""
    found: list[Prose] = []
    for one in _walk(old, new, (), False, 0):
        found.append(one)
        if len(found) >= MAX_PROSE:
            break
    return found


def _walk(old: Any, new: Any, path: tuple[str, ...], names: bool, depth: int) -> Iterator[Prose]:
    if old is new or depth > _MAX_DEPTH or old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({str(one) for one in (*old, *new)}):
            before, after = old.get(key, NOTHING), new.get(key, NOTHING)
            if not names and key in _VALUES:
                continue
            if not names and (key in TEXTS or key.startswith("x-")):
                if key not in _TOLD and (before is NOTHING or after is NOTHING or before != after):
                    yield Prose((*path, key), before, after)
            elif before is not NOTHING and after is not NOTHING:
                yield from _walk(before, after, (*path, key), not names and key in _NAMES, depth + 1)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _walk(before, after, (*path, str(index)), False, depth + 1)


def described(one: Prose) -> list[str]:
    """How a compound text changed, in at most a few lines, as deepdiff takes it apart; nothing of others."""
    if one.before is NOTHING or one.after is NOTHING or not isinstance(one.before, (dict, list)):
        return []
    from deepdiff import DeepDiff

    where = "/".join(one.path)
    try:
        difference = DeepDiff(one.before, one.after, ignore_order=False, view="text", max_passes=1)
        lines = difference.pretty().splitlines()
    except Exception:  # a value that it cannot take apart: that it changed is known
        return []
    return [f"{where}: {line.strip()[:200]}" for line in lines[:5]]
