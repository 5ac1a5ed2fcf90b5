"""What is chosen while a value is made, and what names and schemas suggest."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zeues_contracts.live.mock.parts import Part

__all__ = ["YES", "Try", "examples_of", "implied_type", "singular"]

YES = frozenset({"success", "ok", "succeeded", "active", "activo", "enabled", "operational", "healthy", "valid"})
"""Names of booleans that are true in a plain answer, wherever they stand."""


@dataclass(slots=True)
class Try:
    """The choices of one attempt."""

    chance: random.Random
    plain: bool
    sparse: bool = False
    examples: bool = True
    known: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    number: int = 0
    made: int = 0


def examples_of(raw: Mapping[str, Any]) -> Iterator[Any]:
    """What the document gives as an example of a schema, the nearest first."""
    if "example" in raw:
        yield raw["example"]
    given = raw.get("examples")
    if isinstance(given, list):
        yield from given[:20]
    if "default" in raw and raw["default"] is not None:
        yield raw["default"]


def implied_type(parts: Sequence[Part]) -> str:
    """The type that keywords speak of where none is given."""
    words = {keyword for part in parts for keyword in part.read}
    if words & {"properties", "required", "additionalProperties", "patternProperties", "minProperties"}:
        return "object"
    if words & {"items", "prefixItems", "minItems", "uniqueItems", "contains"}:
        return "array"
    if words & {"minLength", "maxLength", "pattern", "format"}:
        return "string"
    if words & {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}:
        return "number"
    return "object"  # anything at all: `{}` in FastAPI's documents, which is an object far more often than not


def singular(name: str) -> str:
    """What one of several is called."""
    return name[:-1] if name.endswith("s") and not name.endswith("ss") and len(name) > 3 else name
