"""The containment engine: whether every value of one JSON Schema is a value of another.

>>> from zeues_contracts.schema import Resource, contains
>>> old = Resource({"type": "integer", "minimum": 1}).schema()
>>> new = Resource({"type": "number", "exclusiveMinimum": 0}).schema()
>>> contains(old, new)
Proven()
>>> contains(new, old).witness
0.1
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from zeues_contracts.schema.types import (
    Answer,
    Budget,
    Dialect,
    Direction,
    Explanation,
    Proven,
    Refuted,
    Resource,
    Schema,
    Settings,
    Unknown,
)

if TYPE_CHECKING:
    from zeues_contracts.schema.containment.context import Context

__all__ = [
    "Answer",
    "Budget",
    "Context",
    "Dialect",
    "Direction",
    "Explanation",
    "Proven",
    "Refuted",
    "Resource",
    "Schema",
    "Settings",
    "Unknown",
    "contains",
    "explain",
    "witness",
]

_contexts: OrderedDict[tuple[int, int], tuple[Resource, Resource, Context]] = OrderedDict()
_KEPT = 16


def contains(sub: Schema, sup: Schema, context: Context | None = None) -> Answer:
    """Whether every value of ``sub`` is a value of ``sup``.

    - :class:`Proven`: it is so, for every JSON value there is.
    - :class:`Refuted`: it is not; ``witness`` is a small value of ``sub`` that is none of ``sup``. Both jsonschema and
      jsonschema-rs have said so of it before it is returned; ``explanation`` tells where and why.
    - :class:`Unknown`: neither could be shown; ``reason`` names what stood in the way, a spent budget among them.

    Values are compared as JSON Schema does (Core 2020-12, 4.2.2): 1 and 1.0 are one value, 1 and true are two; numbers
    are the decimals that are written; lengths count code points. Patterns mean what ECMA-262 says with the ``u`` flag.
    ``format`` is an annotation unless the settings say otherwise. Schemas of other dialects are read as 2020-12
    (:mod:`zeues_contracts.schema.dialects`). No reference is loaded: one that leads nowhere makes what depends on it
    unknown. Nothing is raised for what a schema says, however hostile.

    ``context`` carries the settings and all that is remembered; take one for all questions on a pair of documents.
    Without one, the settings are the defaults and the last few documents asked about are remembered.
    """
    return (context or _context_for(sub.resource, sup.resource)).contains(sub, sup)


def witness(schema: Schema, context: Context | None = None) -> Answer:
    """Whether a schema has no value: the answer to *every value of it is a value of* ``false``.

    :class:`Refuted` holds a small value of the schema, :class:`Proven` means that it has none.
    """
    return (context or _context_for(schema.resource, schema.resource)).witness(schema)


def explain(sub: Schema, sup: Schema, refuted: Refuted, context: Context | None = None) -> Explanation | None:
    """Why a witness is none of the second schema's values: path, the two places, keyword and a sentence.

    ``None`` where the engine cannot say by itself what the validators say of the value.
    """
    if refuted.explanation is not None:
        return refuted.explanation
    return (context or _context_for(sub.resource, sup.resource)).explained(sub, sup, refuted.witness)


def _context_for(one: Resource, other: Resource) -> Context:
    from zeues_contracts.schema.containment.context import Context

    low, high = (one, other) if id(one) <= id(other) else (other, one)
    key = (id(low), id(high))
    known = _contexts.get(key)
    if known is None:
        known = _contexts[key] = (low, high, Context())
        while len(_contexts) > _KEPT:
            _contexts.popitem(last=False)
    else:
        _contexts.move_to_end(key)
    return known[2]


def __getattr__(name: str) -> Any:
    # The engine is imported with the first question: `--help` and the words of this package do not need it.
    if name == "Context":
        from zeues_contracts.schema.containment.context import Context

        return Context
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
