"""From a changed keyword to the rule that speaks of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.drift.model import Sense
from zeues_contracts.schema.difference import MISSING, Change, Way

__all__ = ["both_ways", "breaks", "format_way", "kind_of", "may_break", "rule_of"]

_KINDS: Mapping[str, str] = {
    "type": "type",
    "enum": "values",
    "const": "values",
    "nullable": "null",
    **dict.fromkeys(
        (
            "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
            "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "minContains", "maxContains",
        ),
        "bound",
    ),
    "pattern": "pattern",
    "format": "format",
    "anyOf": "choice",
    "oneOf": "choice",
    "allOf": "choice",
    "additionalProperties": "extras",
    "patternProperties": "extras",
    "propertyNames": "extras",
    "unevaluatedProperties": "extras",
    "unevaluatedItems": "extras",
    "properties": "property",
    "required": "required",
    "default": "default",
    "deprecated": "deprecated",
    "readOnly": "marks",
    "writeOnly": "marks",
    "contentEncoding": "content",
    "contentMediaType": "content",
}  # fmt: skip

_TAKES = {
    "type": "request-type-changed",
    "values": "request-values-removed",
    "null": "request-null-refused",
    "bound": "request-bound-tightened",
    "pattern": "request-pattern-tightened",
    "choice": "request-choice-removed",
    "extras": "request-object-closed",
}
_GIVES = {
    "type": "response-type-changed",
    "values": "response-values-added",
    "null": "response-may-be-null",
    "bound": "response-bound-loosened",
    "pattern": "response-pattern-loosened",
    "choice": "response-choice-added",
    "extras": "response-object-opened",
}

# A value of the first is a value of the second, whatever reads it.
_WITHIN = frozenset({("uuid4", "uuid"), ("ipv4", "ipvanyaddress")})
_COSMETIC = frozenset(
    {"", "password", "textarea", "multiline", "markdown", "html", "int64", "double", "decimal", "string", "integer"}
)
"""Formats that hint at an input field, or are as wide as the type: no reader turns a value down for them."""


def kind_of(keyword: str) -> str:
    """What sort of change a keyword's is; ``other`` for conditions, negations and wholes."""
    return _KINDS.get(keyword, "other")


def breaks(way: Way, sense: Sense) -> bool:
    """Whether a way breaks somebody: what is taken must not narrow, what is given must not widen."""
    return way in ((Way.NARROWED, Way.BOTH) if sense is Sense.TAKES else (Way.WIDENED, Way.BOTH))


def both_ways(one: Way, other: Way) -> Way:
    """What two ways have in common, each of which is at most what it says."""
    narrowed = all(way in (Way.NARROWED, Way.BOTH) for way in (one, other))
    widened = all(way in (Way.WIDENED, Way.BOTH) for way in (one, other))
    return (Way.BOTH if narrowed else Way.WIDENED) if widened else Way.NARROWED if narrowed else Way.EQUAL


def may_break(change: Change, sense: Sense) -> bool:
    """Whether a change of a component is more than an addition or a matter of course."""
    if change.direction is Way.UNKNOWN or change.keyword in ("default", "format"):
        return True
    if change.keyword == "properties":
        return change.after is MISSING or (sense is Sense.GIVES and breaks(change.direction, sense))
    return breaks(change.direction, sense)


def rule_of(kind: str, sense: Sense) -> str:
    """The rule of a breaking change of a schema."""
    if sense is Sense.TAKES:
        return _TAKES.get(kind, "request-narrowed")
    return _GIVES.get(kind, "response-widened")


def format_way(before: Any, after: Any) -> Way:
    """What a changed ``format`` means to those who read by it."""
    old = "" if before is MISSING or not isinstance(before, str) else before
    new = "" if after is MISSING or not isinstance(after, str) else after
    old, new = ("" if one in _COSMETIC else one for one in (old, new))
    if old == new:
        return Way.EQUAL
    if not new or (old, new) in _WITHIN:
        return Way.WIDENED
    if not old or (new, old) in _WITHIN:
        return Way.NARROWED
    return Way.BOTH
