"""An expectation taken apart: what means the same in parts that can be asked for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.schema.references import unescape

__all__ = ["NOTES", "SHAPE", "VALUES", "Unfolding"]

VALUES = (
    "const", "enum", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
)  # fmt: skip
SHAPE = frozenset({"type", "properties", "required", "items", "prefixItems", "additionalProperties"})
NOTES = frozenset({"title", "description", "default", "examples", "$schema", "$comment", "$id", "deprecated", "$defs"})
_DEEPEST = 12


class Unfolding:
    """Follows the references of one expectation, each once for each place of the document."""

    def __init__(self, expected: Any) -> None:
        self.definitions = expected.get("$defs") if isinstance(expected, Mapping) else None
        self.followed: set[tuple[Any, ...]] = set()

    def parts(self, expected: Mapping[str, Any], places: tuple[str, ...], depth: int) -> list[Any] | None:
        """What means the same in parts; ``None`` where the expectation is one. ``places`` are the document's.

        References into the expectation are followed, ``allOf`` is each of its branches, and a choice of something or
        null is that thing with null among its types.
        """
        keys = set(expected) - NOTES
        if keys == {"$ref"}:
            target = self.target(expected["$ref"])
            if target is None or depth > _DEEPEST:
                return None
            key = (expected["$ref"], places)
            if key in self.followed:
                return []  # it is looked at elsewhere already
            self.followed.add(key)
            return [target]
        if keys == {"allOf"} and isinstance(expected["allOf"], list):
            return list(expected["allOf"])
        if keys == {"anyOf"} and isinstance(expected["anyOf"], list):
            branches = [one for one in expected["anyOf"] if one != {"type": "null"}]
            if len(branches) == 1 and len(expected["anyOf"]) == 2:
                nullable = self.with_null(branches[0])
                return None if nullable is None else [nullable]
        return None

    def target(self, reference: Any) -> Any:
        """What a reference of the expectation leads to, where that is a definition of its own."""
        if not isinstance(reference, str) or not reference.startswith("#/$defs/"):
            return None
        name = unescape(reference.removeprefix("#/$defs/"))
        return self.definitions.get(name) if isinstance(self.definitions, Mapping) else None

    def with_null(self, schema: Any) -> Any:
        """A schema with null among its types, ``None`` where that would mean something else."""
        for _ in range(20):
            if isinstance(schema, Mapping) and set(schema) - NOTES == {"$ref"}:
                schema = self.target(schema["$ref"])
        if not isinstance(schema, Mapping) or not set(schema) - NOTES <= SHAPE | set(VALUES) - {"const", "enum"}:
            return None
        kind = schema.get("type")
        if kind is None:
            return None
        kinds = [kind] if isinstance(kind, str) else list(kind)
        return {**schema, "type": [*kinds, *([] if "null" in kinds else ["null"])]}
