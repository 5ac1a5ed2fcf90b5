"""A request as its operation documents it: what is refused, converted and ignored, and the values that it speaks of.

In the order in which FastAPI solves a request: path, query, header, cookie, body; all refusals in one answer, but for a
body that is no JSON, which is refused alone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from zeues_contracts.exchange import Request
from zeues_contracts.live.mock.parts import parts_of
from zeues_contracts.live.mock.refusals import Refusal, refusals_of
from zeues_contracts.live.mock.undeclared import Undeclared, undeclared
from zeues_contracts.openapi.model import MediaType, Operation, Parameter
from zeues_contracts.schema.references import node_at
from zeues_contracts.schema.types import Direction, Schema

__all__ = ["Reading", "read", "says_nothing"]

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_WORDS = frozenset({"title", "description", "example", "examples"})
_MAX_FIELDS = 2000
_MAX_ECHO = 1000
_MAX_BRANCHES = 200


@dataclass(slots=True)
class Reading:
    """What a request is to its operation.

    ``refused`` are the entries of a 422; ``pointers`` holds, for each, the place in the document. ``converted`` and
    ``ignored`` are sentences' parts: (loc, place, what). ``known`` are the values that the request speaks of, by name.
    """

    refused: list[Refusal] = field(default_factory=list)
    pointers: list[str | Schema] = field(default_factory=list)
    converted: list[tuple[tuple[str | int, ...], str | Schema, str]] = field(default_factory=list)
    ignored: list[Undeclared] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    """Query parameters that no document declares."""
    known: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    unreadable: bool = False
    """The body is no text at all: a 400 of the framework's own."""

    def refuse(self, kind: str, loc: tuple[str | int, ...], msg: str, value: Any, at: str | Schema, **ctx: Any) -> None:
        """Add an entry of our own."""
        self.refused.append(Refusal(kind, loc, msg, value, None, ctx))
        self.pointers.append(at)

    def judge(self, schema: Schema, value: Any, loc: tuple[str | int, ...], *, text: bool) -> None:
        """Add what is wrong with a value."""
        told = refusals_of(schema, value, loc, text=text)
        for one in told.entries:
            self.refused.append(one)
            self.pointers.append(one.place or schema)
        self.converted += told.converted


def read(
    operation: Operation,
    request: Request,
    path_values: Mapping[str, str],
    keys: Collection[str] = (),
    ignored: Collection[str] = (),
) -> Reading:
    """Read a request of an operation. Pure; never raises for what a request holds.

    ``keys`` are query parameters that carry credentials, which no operation declares; ``ignored`` are the header
    parameters, in lower case, that say nothing.
    """
    found = Reading()
    query = _pairs(urlsplit(request.url).query)
    cookies = _cookies(request)
    declared: set[str] = set()
    for location in ("path", "query", "header", "cookie"):
        for parameter in operation.parameters:
            if parameter.location != location or (location == "header" and parameter.name.lower() in ignored):
                continue
            if location == "query":
                declared |= _names(parameter, query)
            _parameter(found, parameter, _given(parameter, request, query, cookies, path_values))
    if not any(parameter.location == "querystring" for parameter in operation.parameters):
        found.stray = [name for name in query if name not in declared and name not in keys]
    _body(found, operation, request)
    return found


def _given(
    parameter: Parameter,
    request: Request,
    query: Mapping[str, list[str]],
    cookies: Mapping[str, str],
    path_values: Mapping[str, str],
) -> list[str]:
    if parameter.location == "path":
        return [path_values[parameter.name]] if parameter.name in path_values else []
    if parameter.location == "query":
        return query.get(parameter.name, [])
    if parameter.location == "header":
        value = request.header(parameter.name)
        return [] if value is None else [value]
    return [cookies[parameter.name]] if parameter.name in cookies else []


def _parameter(found: Reading, parameter: Parameter, values: list[str]) -> None:
    loc = (parameter.location, parameter.name)
    schema = parameter.schema
    if schema is None:
        _content(found, parameter, values, loc)
        return
    kinds = _kinds(schema)
    if "object" in kinds and "string" not in kinds:
        return  # spread over several names; what is there is told by the names alone
    if not values:
        if parameter.required and parameter.location != "path":
            found.refuse("missing", loc, "Field required", None, parameter.pointer)
        return
    if "array" in kinds:
        found.judge(schema, _several(parameter, values), loc, text=True)
        return
    found.judge(schema, values[-1], loc, text=True)
    found.known.setdefault(parameter.name, _typed(values[-1], kinds))


def _several(parameter: Parameter, values: list[str]) -> list[str]:
    separator = _SEPARATORS.get(parameter.style, ",")
    if parameter.location == "query" and parameter.explode and parameter.style in ("", "form"):
        return values
    return [part for value in values for part in value.split(separator)][:_MAX_FIELDS]


def _content(found: Reading, parameter: Parameter, values: list[str], loc: tuple[str | int, ...]) -> None:
    media = parameter.content.get("application/json")
    if not values:
        if parameter.required:
            found.refuse("missing", loc, "Field required", None, parameter.pointer)
        return
    if media is None or media.schema is None:
        return
    try:
        value = json.loads(values[-1])
    except (ValueError, RecursionError):
        found.refuse("json_invalid", loc, "JSON decode error", values[-1], media.pointer)
        return
    found.judge(media.schema, value, loc, text=False)


def _names(parameter: Parameter, query: Mapping[str, list[str]]) -> set[str]:
    """The names in a query that belong to a parameter: its own, and those that an object is spread over."""
    names = {parameter.name, f"{parameter.name}[]"}
    names |= {name for name in query if name.startswith(f"{parameter.name}[")}
    if parameter.schema is not None and "object" in _kinds(parameter.schema):
        for part in parts_of([parameter.schema], Direction.REQUEST):
            names |= set(part.read.get("properties", {}))
            if part.read.get("additionalProperties") is not False and not part.read.get("properties"):
                names |= set(query)
    return names


@lru_cache(maxsize=1024)
def _kinds(schema: Schema) -> frozenset[str]:
    """The JSON types that a schema names, those of its unions too."""
    kinds: set[str] = set()
    waiting = [schema]
    for _ in range(_MAX_BRANCHES):
        if not waiting or len(kinds) == 7:
            break
        for part in parts_of([waiting.pop()], Direction.REQUEST):
            kinds.update(part.read.get("type", ()))
            waiting += [*part.branches("anyOf"), *part.branches("oneOf")]
    return frozenset(kinds)


def _typed(text: str, kinds: frozenset[str]) -> Any:
    """What a text stands for where it is given back: a number if the document says so."""
    if "integer" in kinds and len(text) < 18 and text.lstrip("-").isdigit():
        return int(text)
    return text


def _pairs(text: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    try:
        for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS):
            values.setdefault(name, []).append(value)
    except ValueError:
        return {}
    return values


def _cookies(request: Request) -> dict[str, str]:
    try:
        jar: SimpleCookie = SimpleCookie((request.header("cookie") or "")[:16384])
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


# --- bodies ----------------------------------------------------------------------------------------------------------


def _body(found: Reading, operation: Operation, request: Request) -> None:
    documented = operation.request_body
    if documented is None or not documented.content:
        return
    if not request.body:
        if documented.required:
            found.refuse("missing", ("body",), "Field required", None, documented.pointer)
        return
    kind = (request.header("content-type") or "").split(";")[0].strip().lower()
    media = _media(documented.content, kind)
    if media is None:
        expected = ", ".join(documented.content)
        message = f"Input should be sent as {expected}, not {kind or 'without a Content-Type'}"
        found.refuse("model_attributes_type", ("body",), message, _text(request.body), documented.pointer)
        return
    if kind in _FORMS and media.name.split(";")[0] in _FORMS:
        _form(found, media, request, kind)
        return
    if not (kind == "application/json" or kind.endswith("+json")):
        return  # bytes, texts: nothing is refused for its content
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        position = getattr(error, "pos", 0)
        found.refused.clear()
        found.pointers.clear()
        found.unreadable = isinstance(error, UnicodeDecodeError)
        reason = getattr(error, "msg", "too deep")
        found.refuse("json_invalid", ("body", position), "JSON decode error", {}, media.pointer, error=reason)
        return
    _value(found, media, value, text=False)


def _value(found: Reading, media: MediaType, value: Any, *, text: bool) -> None:
    found.body = value
    if media.schema is not None:
        found.judge(media.schema, value, ("body",), text=text)
        found.ignored += undeclared(media.schema, value, ("body",))
    if isinstance(value, dict) and len(value) <= _MAX_ECHO:
        found.known |= value


def _form(found: Reading, media: MediaType, request: Request, kind: str) -> None:
    fields = _pairs(_text(request.body or b"")) if kind == _FORMS[0] else _multipart(request)
    lists = _list_fields(media)
    value: dict[str, Any] = {name: given if name in lists else given[-1] for name, given in fields.items()}
    _value(found, media, value, text=True)


def _list_fields(media: MediaType) -> set[str]:
    if media.schema is None:
        return set()
    names: set[str] = set()
    for part in parts_of([media.schema], Direction.REQUEST):
        for name, one in part.read.get("properties", {}).items():
            if isinstance(one, Mapping) and one.get("type") == "array":
                names.add(name)
    return names


def _multipart(request: Request) -> dict[str, list[str]]:
    """The fields of a multipart body (RFC 7578); of a file its text as far as it is one."""
    head = f"content-type: {request.header('content-type')}\r\n\r\n".encode("latin-1", "replace")
    fields: dict[str, list[str]] = {}
    try:
        message = BytesParser(policy=HTTP).parsebytes(head + (request.body or b""))
        for part in list(message.iter_parts())[:_MAX_FIELDS]:
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(content, bytes):
                fields.setdefault(name, []).append(_text(content[:4096]))
    except Exception:  # the email package raises many things for hostile input: no field was read then
        return {}
    return fields


def _media(content: Mapping[str, MediaType], kind: str) -> MediaType | None:
    main = kind.partition("/")[0]
    for wanted in (kind, f"{main}/*", "*/*"):
        for name, media in content.items():
            if name.split(";")[0].strip().lower() == wanted:
                return media
    # FastAPI reads every JSON alike, and a body that names no type.
    if kind.endswith("+json") or not kind:
        return content.get("application/json")
    return None


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def says_nothing(schema: Schema | None) -> bool:
    """Whether a schema allows any value: ``{}`` as FastAPI writes it where a route promises nothing."""
    if schema is None:
        return True
    node = node_at(schema)
    return node is True or (
        isinstance(node, Mapping) and not set(node) - {"title", "description", "example", "examples"}
    )
