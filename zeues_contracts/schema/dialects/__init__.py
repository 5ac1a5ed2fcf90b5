"""The dialects of JSON Schema, each brought to 2020-12 at the door."""

from zeues_contracts.schema.dialects.bundle import BundleError, bundle, closes, in_place, target_of
from zeues_contracts.schema.dialects.translate import Note, origin, translate

__all__ = ["BundleError", "Note", "bundle", "closes", "in_place", "origin", "target_of", "translate"]
