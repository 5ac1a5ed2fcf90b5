"""Values as YAML that people like to read: short ones on one line, the rest in blocks; the same value every time so."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from zeues_contracts.openapi.yaml_reading import scalar_value

__all__ = ["entry", "flow", "scalar"]

WIDTH = 110
_PLAIN = re.compile(r"(?:[A-Za-z_$/]|[1-5](?=XX))[A-Za-z0-9_$/.()+*@-]*(?: [A-Za-z0-9_$/.()+*@|-]+)*")
# Where no brackets enclose it, a text may hold brackets and commas.
_BLOCK = re.compile(r"[A-Za-z_$/][^\x00-\x1f\x7f-\x9f:#\ud800-\udfff\u2028\u2029\ufeff]*(?<! )")
# YAML 1.1 has these as booleans; other readers than ours still do.
_OLD_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def scalar(value: Any, *, block: bool = False) -> str:
    """A scalar: plain where nothing else could be meant, else in double quotes. ``block``: outside of brackets."""
    if isinstance(value, str):
        if (
            (_BLOCK if block else _PLAIN).fullmatch(value)
            and isinstance(scalar_value(value), str)
            and value.lower() not in _OLD_WORDS
            and len(value) < 200
        ):
            return value
        return _quoted(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return f"{value:.1f}"
    return json.dumps(value)


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(str(name))}: {flow(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    return scalar(value)


def entry(key: str, value: Any, indent: int, width: int = WIDTH) -> list[str]:
    """The lines of one member of a block mapping."""
    lead = " " * indent + f"{_key(key)}:"
    line = scalar(value, block=True) if isinstance(value, str) else flow(value)
    if len(lead) + 1 + len(line) <= width or not isinstance(value, Mapping | list | tuple) or not value:
        return [f"{lead} {line}"]
    return [lead, *_block(value, indent + 2, width)]


def _block(value: Any, indent: int, width: int) -> list[str]:
    lines: list[str] = []
    if isinstance(value, Mapping):
        for name, one in value.items():
            lines += entry(str(name), one, indent, width)
        return lines
    for one in value:
        short = flow(one)
        if indent + 2 + len(short) <= width or not isinstance(one, Mapping | list | tuple) or not one:
            lines.append(f"{' ' * indent}- {short}")
            continue
        inner = _block(one, indent + 2, width)
        lines.append(f"{' ' * indent}- {inner[0][indent + 2 :]}")
        lines += inner[1:]
    return lines


def _key(name: str) -> str:
    # A question mark at the end is how a property is said to be optional: it reads well plain.
    bare = name.removesuffix("?")
    if len(name) <= 100 and re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$.-]*", bare) and scalar(bare) == bare:
        return name
    return _quoted(name)


def _quoted(text: str) -> str:
    text = _SURROGATE.sub("\ufffd", text)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
