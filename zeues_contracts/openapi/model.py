"""The one model that documents of every OpenAPI version are read into.

Values are frozen; schemas stay where they are in the document and are named by JSON pointer, never copied or inlined.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec

from zeues_contracts.findings import Place
from zeues_contracts.schema.types import Dialect, Resource, Schema

__all__ = [
    "METHODS",
    "Callback",
    "Document",
    "Header",
    "LoadNote",
    "MediaType",
    "Operation",
    "OperationKey",
    "Parameter",
    "RequestBody",
    "Response",
    "SecurityScheme",
    "Server",
]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


class OperationKey(msgspec.Struct, frozen=True, order=True):
    """What makes two operations the same one: the method (upper case) and the path, its parameters made nameless.

    ``/a/{id}`` and ``/a/{key}`` are the same path: templated paths are identical whatever the names
    (OpenAPI 3.1, 4.8.8).
    """

    method: str
    path: str
    """The normalised template: ``/a/{}``."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class LoadNote(msgspec.Struct, frozen=True):
    """Something in a document that was not clean, and how it was taken. ``pointer`` is the place in the document."""

    pointer: str
    message: str
    kind: str = "unclean"
    """What sort of thing it is, by which a rule is told: see ``openapi.preflight``."""


class MediaType(msgspec.Struct, frozen=True):
    """A media type's content: ``schema`` is ``None`` when nothing is said about the body (any value)."""

    name: str
    pointer: str
    schema: Schema | None = None
    item_schema: Schema | None = None
    encoding: Mapping[str, Any] = msgspec.field(default_factory=dict)
    raw: Mapping[str, Any] = msgspec.field(default_factory=dict)


class Parameter(msgspec.Struct, frozen=True):
    """A parameter after references are resolved and path-item parameters are merged in.

    ``location`` is ``path``, ``query``, ``header``, ``cookie`` or ``querystring``. ``style`` and ``explode`` hold the
    defaults where the document is silent (OpenAPI 3.1, 4.8.12). ``position`` is the index of a path parameter in the
    template, else -1. Exactly one of ``schema`` and ``content`` is in use.
    """

    name: str
    location: str
    pointer: str
    required: bool = False
    deprecated: bool = False
    style: str = ""
    explode: bool = False
    allow_reserved: bool = False
    allow_empty_value: bool = False
    schema: Schema | None = None
    content: Mapping[str, MediaType] = msgspec.field(default_factory=dict)
    position: int = -1
    raw: Mapping[str, Any] = msgspec.field(default_factory=dict)


class Header(msgspec.Struct, frozen=True):
    """A response header. ``name`` is as written; compare in lower case."""

    name: str
    pointer: str
    required: bool = False
    deprecated: bool = False
    schema: Schema | None = None
    raw: Mapping[str, Any] = msgspec.field(default_factory=dict)
    content: Mapping[str, MediaType] = msgspec.field(default_factory=dict)
    """By media type, where the header is written by one; then ``schema`` is ``None``."""


class RequestBody(msgspec.Struct, frozen=True):
    """A request body: its media types by name (lower case, parameters kept)."""

    pointer: str
    required: bool
    content: Mapping[str, MediaType]
    raw: Mapping[str, Any] = msgspec.field(default_factory=dict)


class Response(msgspec.Struct, frozen=True):
    """A response by its status key: ``200``, ``4XX`` or ``default``."""

    status: str
    pointer: str
    description: str
    content: Mapping[str, MediaType]
    headers: Mapping[str, Header]
    links: Mapping[str, Any] = msgspec.field(default_factory=dict)
    raw: Mapping[str, Any] = msgspec.field(default_factory=dict)


class Server(msgspec.Struct, frozen=True):
    """A server's URL as written and the place where it stands (empty for the one that is meant by silence)."""

    url: str
    pointer: str
    raw: Mapping[str, Any] = msgspec.field(default_factory=dict)

    @property
    def expanded(self) -> str:
        """The URL with its variables at their defaults (OpenAPI 3.1, 4.8.6)."""
        variables = self.raw.get("variables")
        if not isinstance(variables, Mapping):
            return self.url
        text = self.url
        for name, variable in variables.items():
            if isinstance(variable, Mapping) and "default" in variable:
                text = text.replace("{" + str(name) + "}", str(variable["default"]))
        return text


class SecurityScheme(msgspec.Struct, frozen=True):
    """A security scheme by its component name."""

    name: str
    pointer: str
    raw: Mapping[str, Any]


class Callback(msgspec.Struct, frozen=True):
    """A callback of an operation: the expression and the operations under it."""

    name: str
    expression: str
    pointer: str
    operations: tuple[Operation, ...]


class Operation(msgspec.Struct, frozen=True):
    """An operation with everything that it inherits already merged in.

    ``path`` is the template as written. ``security`` is the requirement in force (the operation's own, else the
    document's): alternatives, each a mapping from scheme name to scopes; an empty tuple means none is needed.
    ``servers`` are those in force. ``raw`` is the operation object, ``path_item`` the path item's pointer.
    """

    key: OperationKey
    method: str
    path: str
    pointer: str
    path_item: str
    operation_id: str = ""
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    deprecated: bool = False
    parameters: tuple[Parameter, ...] = ()
    request_body: RequestBody | None = None
    responses: Mapping[str, Response] = msgspec.field(default_factory=dict)
    security: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    servers: tuple[Server, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    raw: Mapping[str, Any] = msgspec.field(default_factory=dict)

    @property
    def name(self) -> str:
        """``POST /api/things/{id}``, as every finding names it."""
        return f"{self.method} {self.path}"


class Document(msgspec.Struct, frozen=True, eq=False, dict=True, weakref=True):
    """A loaded OpenAPI document. Compared by identity.

    ``source`` is the file or URL it came from, without credentials. ``version`` is the text of ``openapi`` or
    ``swagger``. Operations are built when first asked for: a diff of two large documents builds only what changed.
    """

    raw: Mapping[str, Any]
    source: str
    version: str
    resource: Resource
    notes: tuple[LoadNote, ...] = ()
    text: bytes = b""
    """The bytes it was read from, for line numbers; empty for an in-process document."""
    texts: Mapping[str, tuple[str, bytes]] = msgspec.field(default_factory=dict)
    """Of each further file by its URI: how it is named to people, and its bytes."""
    base_url: str = ""
    """Where its operations are reached, as far as acquiring it could tell; empty for a file."""

    @property
    def dialect(self) -> Dialect:
        """The dialect of its schema objects."""
        return self.resource.dialect

    @property
    def title(self) -> str:
        """``info.title``, or an empty string."""
        info = self.raw.get("info")
        return str(info.get("title", "")) if isinstance(info, Mapping) else ""

    def schema(self, pointer: str) -> Schema:
        """The schema at a pointer of this document."""
        return Schema(self.resource, pointer)

    @cached_property
    def keys(self) -> Mapping[OperationKey, tuple[str, str]]:
        """Every operation's key, with the path template and the method as they are written in the document."""
        from zeues_contracts.openapi.operations import operation_keys

        return operation_keys(self)

    def operation(self, key: OperationKey) -> Operation:
        """The operation of a key. Raises ``KeyError`` where there is none."""
        cache = self._built
        if key not in cache:
            from zeues_contracts.openapi.operations import build_operation

            path, method = self.keys[key]
            cache[key] = build_operation(self, path, method)
        return cache[key]

    @cached_property
    def _built(self) -> dict[OperationKey, Operation]:
        return {}

    @cached_property
    def operations(self) -> Mapping[OperationKey, Operation]:
        """All operations, in the order of the document."""
        return {key: self.operation(key) for key in self.keys}

    @cached_property
    def webhooks(self) -> Mapping[str, tuple[Operation, ...]]:
        """Webhooks by name (OpenAPI 3.1)."""
        from zeues_contracts.openapi.operations import build_webhooks

        return build_webhooks(self)

    def webhook(self, name: str) -> tuple[Operation, ...]:
        """The operations of one webhook, without a look at the others; none where there is no such."""
        cache = self._hooks
        if name not in cache:
            from zeues_contracts.openapi.operations import build_webhook

            cache[name] = build_webhook(self, name)
        return cache[name]

    @cached_property
    def _hooks(self) -> dict[str, tuple[Operation, ...]]:
        return {}

    @cached_property
    def servers(self) -> tuple[Server, ...]:
        """The document's own servers."""
        from zeues_contracts.openapi.operations import build_servers

        return build_servers(self)

    @cached_property
    def security_schemes(self) -> Mapping[str, SecurityScheme]:
        """Security schemes by name, references resolved."""
        from zeues_contracts.openapi.operations import build_security_schemes

        return build_security_schemes(self)

    def line_of(self, pointer: str) -> int | None:
        """The line (from 1) of a place in ``text``: that of its key, or of what is nearest around it.

        ``None`` when it cannot be told. Computed when there is something to report, never on the way.
        """
        from zeues_contracts.openapi.lines import line_of

        return line_of(self, pointer)

    def place(self, at: str | Schema, role: str = "") -> Place:
        """A place of this document as findings name it: source, JSON pointer and line.

        ``at`` is what ``pointer`` of an operation, parameter or the like holds, or a schema. A place in a further file
        (``file:///…/common.yaml#/parameters/Page``) is named by that file.
        """
        from zeues_contracts.openapi.references import place_of, split_place

        where = at if isinstance(at, str) else place_of(self.resource, at)
        uri, pointer = split_place(where)
        source = self.texts[uri][0] if uri in self.texts else uri or self.source
        return Place(source, pointer, self.line_of(where), None, role)
