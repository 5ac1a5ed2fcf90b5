"""The words of the containment engine: resources, schemas, and the three answers.

A schema is never copied out of its document: it is a *place* (a resource and a JSON pointer), so that `$ref`s resolve,
answers are remembered per pair of places, and every verdict can say where it was decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

__all__ = [
    "Answer",
    "Budget",
    "Dialect",
    "Direction",
    "Explanation",
    "Proven",
    "Refuted",
    "Resource",
    "Schema",
    "Settings",
    "Unknown",
]


class Dialect(StrEnum):
    """How a schema's keywords are to be read. Everything is brought to 2020-12 semantics at the door."""

    DRAFT_4 = "draft-04"
    DRAFT_6 = "draft-06"
    DRAFT_7 = "draft-07"
    DRAFT_2019_09 = "2019-09"
    DRAFT_2020_12 = "2020-12"
    SWAGGER_2_0 = "swagger-2.0"
    OPENAPI_3_0 = "openapi-3.0"
    OPENAPI_3_1 = "openapi-3.1"
    """2020-12 with OpenAPI's base vocabulary (discriminator); also OpenAPI 3.2."""


class Direction(StrEnum):
    """Which way a message goes: ``readOnly`` leaves requests, ``writeOnly`` leaves responses (OpenAPI 3.0, 4.7.24)."""

    REQUEST = "request"
    RESPONSE = "response"


class Resource(msgspec.Struct, frozen=True, eq=False):
    """A JSON document that schemas live in. Compared by identity; nobody writes to ``contents``.

    ``uri`` is the base URI for relative references; ``others`` are further resources by absolute URI, for external
    references that were loaded beforehand. The engine itself never does I/O.
    """

    contents: Any
    dialect: Dialect = Dialect.DRAFT_2020_12
    uri: str = ""
    others: Mapping[str, Resource] = msgspec.field(default_factory=dict)

    def schema(self, pointer: str = "") -> Schema:
        """The schema at a JSON pointer (RFC 6901) of this resource."""
        return Schema(self, pointer)


class Schema(msgspec.Struct, frozen=True):
    """A schema at its place: a resource and a JSON pointer into it."""

    resource: Resource
    pointer: str = ""


class Budget(msgspec.Struct, frozen=True):
    """Bounds on one question. Past them the answer is :class:`Unknown` with the bound named.

    ``seconds`` of processor time (so that a busy machine changes no answer), ``branches`` of a union after expansion,
    ``depth`` of nesting, ``samples`` generated in the search for a counterexample.
    """

    seconds: float = 2.0
    branches: int = 512
    depth: int = 64
    samples: int = 200


class Settings(msgspec.Struct, frozen=True):
    """What changes the sets that schemas stand for.

    ``format_assertion``: ``format`` restricts strings (default: annotation only, JSON Schema 2020-12 Validation 7.2.1).
    ``direction``: drop ``readOnly`` or ``writeOnly`` properties as OpenAPI does; with ``marked_stay`` they are only no
    longer required, for what really travels: they should not be sent, and where they are, they are what is described.
    ``closed_world``: objects that do not speak of additional properties have none.
    """

    format_assertion: bool = False
    direction: Direction | None = None
    closed_world: bool = False
    budget: Budget = msgspec.field(default_factory=Budget)
    marked_stay: bool = False


class Proven(msgspec.Struct, frozen=True):
    """Every value of the first schema is a value of the second."""


class Explanation(msgspec.Struct, frozen=True):
    """Why a value is not in the second schema, for a person.

    ``value_pointer`` points into the witness; ``sub_pointer`` and ``sup_pointer`` are the two schema places that decide
    it (JSON pointers into their resources); ``keyword`` is the deciding keyword of the second schema.
    """

    value_pointer: str
    sub_pointer: str
    sup_pointer: str
    keyword: str
    sentence: str


class Refuted(msgspec.Struct, frozen=True):
    """``witness`` is a value of the first schema and not of the second, confirmed by two validators."""

    witness: Any
    explanation: Explanation | None = None


class Unknown(msgspec.Struct, frozen=True):
    """Neither proven nor refuted; ``reason`` names what stood in the way."""

    reason: str


Answer = Proven | Refuted | Unknown
