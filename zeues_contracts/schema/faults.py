"""What both validators have against a value that really came, each fault with the two places that it stands at.

jsonschema-rs tells what is wrong; what it refuses has to be refused by jsonschema too, else nothing is claimed. Formats
are annotations (JSON Schema 2020-12 Validation, 7.2.1): where they are asked for they are told apart from the rest, and
by the one validator alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import msgspec

from zeues_contracts.schema.dialects.translate import origin
from zeues_contracts.schema.references import child, escape, node_at
from zeues_contracts.schema.types import Resource, Schema, Settings
from zeues_contracts.schema.validators import Pair, pair_for, unfit

__all__ = ["Fault", "faults"]

MAX_FAULTS = 20


class Fault(msgspec.Struct, frozen=True):
    """One reason why a value is outside of a schema.

    ``pointer`` points into the value, ``schema_pointer`` into the document that the schema is of, to the keyword that
    decides (empty where that stands in another document). ``missing`` is the name of the property for ``required``,
    ``format`` that of a format that the text has not.
    """

    pointer: str
    keyword: str
    message: str
    schema_pointer: str = ""
    instance: Any = None
    missing: str = ""
    format: str = ""

    @property
    def place(self) -> str:
        """The pointer into the value with positions made nameless, stable from value to value."""
        return re.sub(r"/\d+(?=/|$)", "/*", self.pointer)


def faults(schema: Schema, value: Any, settings: Settings, *, formats: bool = False) -> tuple[Fault, ...] | None:
    """Why a value is outside of a schema, at most :data:`MAX_FAULTS`; empty when it is inside.

    ``None`` when it cannot be told: no validator can read the schema or the value, or they disagree.
    """
    plain = pair_for(schema, value, msgspec.structs.replace(settings, format_assertion=False))
    if isinstance(plain, str) or unfit(value):
        return None
    pair = plain.with_formats() if formats else plain
    try:
        found = [_fault(error, value, pair, schema.resource) for error in islice(pair.errors(value), MAX_FAULTS)]
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # whatever a validator stumbles over, a panic of Rust too: it cannot tell
        return None
    if any(not one.format for one in found) and plain.judge(value).valid is not False:
        return None
    return tuple(found)


def _fault(error: Any, value: Any, pair: Pair, resource: Resource) -> Fault:
    instance = value
    for part in error.instance_path:
        instance = instance[part]
    path = list(error.schema_path)
    keyword = str(path[-1]) if path else ""
    kind = type(error.kind).__name__
    missing = ""
    if kind == "Required":
        keyword, missing = "required", str(getattr(error.kind, "property", ""))
    return Fault(
        "".join(f"/{escape(str(part))}" for part in error.instance_path),
        keyword,
        str(error.message)[:300],
        _written(path, pair.places, resource),
        instance,
        missing,
        str(getattr(error.kind, "format", "")) if kind == "Format" else "",
    )


# After these stands a name or a position, and only then a schema.
_HOLDERS = frozenset({
    "properties", "patternProperties", "dependentSchemas", "allOf", "anyOf", "oneOf", "prefixItems",
})  # fmt: skip


def _written(path: Iterable[Any], places: Mapping[str, Schema], resource: Resource) -> str:
    """Where it is written what a path into a bundle leads to; as far as it is written there in the same words."""
    steps = [str(step) for step in path]
    if len(steps) < 2 or steps[0] != "$defs" or steps[1] not in places:
        return ""
    place = places[steps[1]]
    rest = iter(steps[2:])
    for keyword in rest:
        node = node_at(place)
        stands = origin(keyword, node, place.resource.dialect)
        place = child(place, stands)
        if not isinstance(node, Mapping) or stands not in node:
            break  # the reader's word, as `nullable` becomes a choice
        if keyword in _HOLDERS:
            step = next(rest, None)
            if step is None:
                break
            place = child(place, step)
    return place.pointer if place.resource is resource else ""
