"""Lines of a TOML file: where a key stands. Only asked when there is something to report; tomllib keeps no places."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from zeues_contracts.config.structure import Path

__all__ = ["line_of"]

_TRIPLE = re.compile(r'"""|\'\'\'')


def line_of(text: str, path: Path) -> int | None:
    """The line (from 1) of a key, or of the nearest table around it; ``None`` when neither is found.

    A table header or a key is read with tomllib itself, line by line, so that quoting and dots are those of TOML.
    """
    best: tuple[int, int] | None = None
    table: Path = ()
    open_quote = ""
    for number, row in enumerate(text.splitlines(), 1):
        if open_quote:
            if open_quote in row:
                open_quote = ""
            continue
        stripped = row.strip()
        here: Path | None = None
        if stripped.startswith("["):
            here = table = _keys(f"{stripped}\n") or table
        elif "=" in stripped and not stripped.startswith("#"):
            key = re.match(r"""(?:[A-Za-z0-9_.\s-]|"(?:[^"\\]|\\.)*"|'[^']*')+?(?==)""", stripped)
            if key is not None:
                inner = _keys(f"{key[0]}= 0\n")
                here = (*table, *inner) if inner else None
            quotes = _TRIPLE.findall(stripped)
            if len(quotes) % 2:
                open_quote = quotes[-1]
        if here is not None and path[: len(here)] == here and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best else None


def _keys(text: str) -> Path | None:
    try:
        value: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    path: list[str] = []
    while isinstance(value, list | dict) and value:
        if isinstance(value, list):
            value = value[0]
            continue
        key, value = next(iter(value.items()))
        path.append(key)
    return tuple(path)
