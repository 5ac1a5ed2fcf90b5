"""Lines of a TOML file: where a key stands. Only asked when there is something to report; tomllib keeps no places."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from zeues_contracts.config.structure import Path

__all__ = ["lines_of", "nearest_line"]


def nearest_line(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of a key, or of the nearest table around it; ``None`` when neither is there."""
    return next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), None)


def lines_of(text: str) -> dict[Path, int]:
    """The lines (from 1) of all keys and tables, each where it is first written.

    A table header or a key is read with tomllib itself, line by line, so that quoting and dots are those of TOML.
    """
    lines: dict[Path, int] = {}
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
            quotes = re.findall(r"'''|\"\"\"", stripped)
            if len(quotes) % 2:
                open_quote = quotes[-1]
        if here:
            lines.setdefault(here, number)
    return lines


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
