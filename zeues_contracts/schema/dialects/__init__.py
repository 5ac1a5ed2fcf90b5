"""The dialects of JSON Schema, each brought to 2020-12 at the door."""

from zeues_contracts.schema.dialects.translate import Note, origin, translate

__all__ = ["Note", "origin", "translate"]
