"""What a consumer sends and expects, as values. Reading it from files is ``consumers.reading``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zeues_contracts.findings import Place

__all__ = ["Contract", "Expectation", "Interaction", "Payload", "RequestSpec"]


@dataclass(frozen=True, slots=True)
class Payload:
    """A body or a parameter value: one concrete value (``is_example``), or a JSON Schema of all that may come.

    ``schema`` (2020-12) is always there: for an example that is sent it is ``{"const": value}``, for a short form of an
    expectation it is the schema that the short form means. ``value`` is the example, or one sample of the schema.
    ``optional`` says that it is not always sent, or not always expected. ``written`` is the form in which a file has it
    (``None`` where it comes from no file), ``public`` the value as it may be shown where parts of it come from the
    environment, ``unset`` are the JSON pointers into the value of what stands for a variable that is not set, and
    ``variables`` the names of those.
    """

    schema: Any
    value: Any = None
    is_example: bool = False
    pointer: str = ""
    optional: bool = False
    written: Any = None
    public: Any = None
    unset: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    @property
    def shown(self) -> Any:
        """The value without what the environment put into it: what reports and files may hold."""
        return self.value if self.public is None else self.public


@dataclass(frozen=True, slots=True)
class RequestSpec:
    """What the consumer sends. Names of headers are in lower case. ``body`` is ``None`` when none is sent."""

    path: Mapping[str, Payload] = field(default_factory=dict)
    query: Mapping[str, Payload] = field(default_factory=dict)
    headers: Mapping[str, Payload] = field(default_factory=dict)
    cookies: Mapping[str, Payload] = field(default_factory=dict)
    body: Payload | None = None
    media_type: str = "application/json"

    @property
    def payloads(self) -> tuple[Payload, ...]:
        """All that is sent: parameters in their order, then the body."""
        parameters = (*self.path.values(), *self.query.values(), *self.headers.values(), *self.cookies.values())
        return parameters if self.body is None else (*parameters, self.body)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the consumer relies on. ``status`` is ``200``, ``4XX`` or empty (any); several are alternatives."""

    statuses: tuple[str, ...] = ()
    headers: Mapping[str, Payload] = field(default_factory=dict)
    body: Payload | None = None
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request and what is expected of its answer.

    ``operation`` is as written: ``METHOD /path`` or an operationId. ``test`` names the test it belongs to, if known.
    ``place`` is its own place in the contract file; ``lines`` maps pointers below it to line and column, from 1.
    """

    id: str
    operation: str
    request: RequestSpec
    expect: Expectation
    test: str = ""
    description: str = ""
    place: Place | None = None
    lines: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def at(self, pointer: str) -> Place | None:
        """The place of a JSON pointer below this interaction (``/request/body``), or the nearest one above it."""
        if self.place is None:
            return None
        here = pointer
        while True:
            if here in self.lines or not here:
                line, column = self.lines.get(here, (self.place.line, self.place.column))
                return Place(self.place.source, self.place.pointer + pointer, line, column, "contract")
            here = here.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Contract:
    """What one consumer sends to and expects of one service. ``source`` is the file it came from."""

    consumer: str
    service: str
    interactions: tuple[Interaction, ...]
    source: str = ""
    description: str = ""
