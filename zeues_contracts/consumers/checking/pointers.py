"""Places in a value, and how people call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.consumers.checking.model import NONE
from zeues_contracts.schema.references import escape, unescape

__all__ = ["path_words", "value_at"]


def path_words(pointer: str, name: str = "") -> str:
    """``/items/0/sku`` as people write it: ``items[0].sku``."""
    text = ""
    for token in [*pointer.split("/")[1:], *([escape(name)] if name else [])]:
        part = unescape(token)
        text += f"[{part}]" if part.isdigit() else f".{part}" if text else part
    return text


def value_at(value: Any, pointer: str) -> Any:
    """What stands at a pointer of a value, or ``NONE``."""
    here = value
    for token in pointer.split("/")[1:]:
        part = unescape(token)
        if isinstance(here, Mapping) and part in here:
            here = here[part]
        elif isinstance(here, list) and part.isdigit() and int(part) < len(here):
            here = here[int(part)]
        else:
            return NONE
    return here
