"""Expectations in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["kind_words", "shape_words", "value_words", "wants_list"]

_NAMES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "null": "null",
    "array": "a list",
    "object": "an object",
}


def kind_words(kinds: list[str]) -> str:
    """Types as people call them: ``a string or null``."""
    return " or ".join(_NAMES.get(one, one) for one in kinds)


def wants_list(atom: Any) -> bool:
    """Whether a list is among what is expected."""
    if not isinstance(atom, Mapping):
        return False
    return atom.get("type") == "array" or any(wants_list(one) for one in atom.get("anyOf", []))


def shape_words(atom: Any) -> str:
    """An expectation in a few words."""
    if not isinstance(atom, Mapping):
        return "nothing"
    if "anyOf" in atom and isinstance(atom["anyOf"], list):
        return " or ".join(dict.fromkeys(shape_words(one) for one in atom["anyOf"][:6]))
    kind = atom.get("type")
    text = kind_words([kind] if isinstance(kind, str) else [str(one) for one in kind]) if kind else "another value"
    if atom.get("required") and kind == "object":
        return f"{text} with {', '.join(f'`{one}`' for one in atom['required'][:6])}"
    if "const" in atom or "enum" in atom:
        return value_words("const" if "const" in atom else "enum", atom.get("const", atom.get("enum")))
    return text


def value_words(keyword: str, wanted: Any) -> str:
    """What a keyword expects of a value, in words."""

    def short(value: Any) -> str:
        text = json.dumps(value, ensure_ascii=False, default=str)
        return text if len(text) <= 60 else text[:57] + "..."

    if keyword == "const":
        return short(wanted)
    if keyword == "type":
        return str(wanted)
    if keyword == "enum":
        return " or ".join(short(one) for one in wanted[:6])
    if keyword == "pattern":
        return f"a text that matches {str(wanted)[:80]}"
    if keyword == "format":
        return f"a text of the format {wanted}"
    words = {
        "minItems": f"a list of at least {wanted}",
        "maxItems": f"a list of at most {wanted}",
        "minimum": f"at least {wanted}",
        "maximum": f"at most {wanted}",
        "exclusiveMinimum": f"more than {wanted}",
        "exclusiveMaximum": f"less than {wanted}",
        "minLength": f"at least {wanted} characters",
        "maxLength": f"at most {wanted} characters",
    }
    return words.get(keyword, f"{keyword} {short(wanted)}")
