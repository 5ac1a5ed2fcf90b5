"""The words of the check: what one interaction is judged with, and what is found about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from zeues_contracts.consumers.model import Interaction
from zeues_contracts.findings import Level
from zeues_contracts.openapi.model import Document, Operation
from zeues_contracts.schema.types import Answer, Direction, Resource, Schema, Settings, Unknown

__all__ = ["NONE", "REQUESTS", "RESPONSES", "Problem", "Scene", "ask", "remembering", "schema_of"]

REQUESTS = Settings(format_assertion=True, direction=Direction.REQUEST)
"""What is sent is judged with formats: servers parse dates, identifiers and the like."""
RESPONSES = Settings(direction=Direction.RESPONSE)


class _NoValue:
    __slots__ = ()

    def __repr__(self) -> str:
        return "NONE"


NONE: Any = _NoValue()
"""No witness; ``None`` is JSON's null."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing about one interaction.

    ``subject`` names it, stable from run to run; ``pointer`` is its place below the interaction, ``schema`` or
    ``document`` its place in the document. ``side`` is ``request``, ``response`` or empty, ``path`` the way into the
    body or the parameter's name, ``keyword`` what of a schema decides: by these a change of the document is told to be
    the reason of a problem.
    """

    rule: str
    message: str
    subject: str
    pointer: str = ""
    document: str = ""
    schema: Schema | None = None
    witness: Any = NONE
    witness_pointer: str = ""
    explanation: str = ""
    hint: str = ""
    details: tuple[str, ...] = ()
    level: Level | None = None
    state: str = ""
    side: str = ""
    path: str = ""
    status: str = ""
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """An interaction, its operation, and the values of path parameters that a concrete path holds."""

    document: Document
    interaction: Interaction
    operation: Operation
    path_values: Mapping[str, str] = field(default_factory=dict)
    headers: frozenset[str] = frozenset()
    """Names (lower case) of headers that the configuration adds to every request."""

    @property
    def name(self) -> str:
        """``POST /api/things``, as every message names it."""
        return self.operation.name

    def expects_refusal(self) -> bool:
        """Whether the interaction is there to be refused: then its request need not be one that is accepted.

        404 and 409 are no such: a request has to be understood before a thing is missing or in the way.
        """
        return any(one in _REFUSALS or one in ("4XX", "5XX") for one in self.interaction.expect.statuses) and not any(
            one[:1] in "23" for one in self.interaction.expect.statuses
        )


_REFUSALS = frozenset({"400", "401", "403", "405", "406", "411", "412", "413", "414", "415", "416", "417", "422"})


_contexts: ContextVar[dict[Any, Any] | None] = ContextVar("contexts", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Within it, what was found out about schemas is remembered from question to question."""
    token = _contexts.set({}) if _contexts.get() is None else None
    try:
        yield
    finally:
        if token is not None:
            _contexts.reset(token)


def schema_of(contents: Any) -> Schema:
    """A schema that stands for itself; the same one for the same contents, so that answers are remembered."""
    known = _contexts.get()
    if known is None:
        return Schema(Resource(contents))
    key = json.dumps(contents, sort_keys=True, default=str)
    found: Schema | None = known.get(key)
    if found is None:
        found = known[key] = Schema(Resource(contents))
    return found


def ask(sub: Schema, sup: Schema, settings: Settings) -> Answer:
    """Whether every value of the first schema is one of the second; what goes wrong in between is unknown."""
    from zeues_contracts.schema import Context, contains

    known = _contexts.get()
    context = known.get(settings) if known is not None else None
    if context is None:
        context = Context(settings)
        if known is not None:
            known[settings] = context
    try:
        return contains(sub, sup, context)
    except RecursionError:
        return Unknown("the schemas nest too deep")
