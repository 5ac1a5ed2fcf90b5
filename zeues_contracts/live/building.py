"""From an interaction to the request that its consumer sends. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from zeues_contracts.consumers.model import Interaction, Payload, RequestSpec
from zeues_contracts.exchange import Request
from zeues_contracts.live.multipart import is_malformed
from zeues_contracts.openapi.model import Document, Operation, OperationKey
from zeues_contracts.triage.matching import match_operation

__all__ = ["CannotBuildError", "UnsetVariableError", "build_request", "operation_of_interaction"]


class CannotBuildError(ValueError):
    """An interaction from which no request can be made; the text says why."""


class UnsetVariableError(CannotBuildError):
    """A request takes variables of the environment that are not set: ``names``."""

    def __init__(self, names: tuple[str, ...]) -> None:
        listed = " and ".join(names)
        super().__init__(f"{listed or 'a variable of the environment'} {'are' if len(names) > 1 else 'is'} not set")
        self.names = names


def operation_of_interaction(document: Document | None, interaction: Interaction) -> Operation | None:
    """The documented operation of an interaction: by operationId, by template, or by a concrete path."""
    if document is None:
        return None
    method, blank, path = interaction.operation.strip().partition(" ")
    if not blank:
        return next((one for one in document.operations.values() if one.operation_id == method), None)
    path = path.strip().partition("?")[0]
    key = OperationKey(method.upper(), re.sub(r"\{[^{}/]*\}", "{}", path))
    if key in document.keys:
        return document.operation(key)
    match = match_operation(document, method, path)
    return match.operation if match is not None else None


def build_request(
    interaction: Interaction, base_url: str, operation: Operation | None = None, configured: Collection[str] = ()
) -> Request:
    """The request of an interaction, with the values that the consumer sends (or one sample of them).

    ``configured`` are the names (lower case) of headers that the sender adds: a header of the interaction whose
    variable is not set is left to it. Raises :class:`CannotBuildError` for a path parameter without a value, an unknown
    operationId, or a media type that cannot be written from a JSON value, :class:`UnsetVariableError` for a variable.
    """
    spec = _left_to_sender(interaction.request, configured)
    unset = [one for one in spec.payloads if one.unset]
    if unset:
        raise UnsetVariableError(tuple(dict.fromkeys(name for one in unset for name in one.variables)))
    method, blank, path = interaction.operation.strip().partition(" ")
    if not blank:
        if operation is None:
            raise CannotBuildError(f"no operation {interaction.operation!r} in the document")
        method, path = operation.method, operation.path
    path = path.strip()
    names = re.findall(r"\{([^{}/]*)\}", path)
    for name in names:
        payload = spec.path.get(name)
        if payload is None and len(names) == len(spec.path) == 1:
            payload = next(iter(spec.path.values()))
        if payload is None or payload.value is None:
            raise CannotBuildError(f"the path parameter {name} has no value")
        path = path.replace("{" + name + "}", quote(_text(payload.value), safe=""))
    query: list[tuple[str, str]] = []
    for name, payload in spec.query.items():
        query += _pairs(name, payload, operation)
    url = base_url.rstrip("/") + (path if path.startswith("/") else f"/{path}")
    if query:
        url += ("&" if "?" in url else "?") + urlencode(query)
    headers = [(name.lower(), _text(payload.value)) for name, payload in spec.headers.items()]
    if spec.cookies:
        headers.append(("cookie", "; ".join(f"{name}={_text(one.value)}" for name, one in spec.cookies.items())))
    body: bytes | None = None
    if spec.body is not None:
        body = _body(spec.body, spec.media_type)
        if not any(name == "content-type" for name, _ in headers):
            headers.append(("content-type", spec.media_type))
    if not any(name == "accept" for name, _ in headers):
        headers.append(("accept", interaction.expect.media_type or "application/json, */*;q=0.5"))
    request = Request(method.upper(), url, tuple(headers), body)
    if is_malformed(request):
        raise CannotBuildError("its body has several parts, but not as its boundary says, or without one")
    return request


def _left_to_sender(spec: RequestSpec, configured: Collection[str]) -> RequestSpec:
    """A request without the headers whose variable is not set, where the sender has one of the same name."""
    headers = {name: one for name, one in spec.headers.items() if not (one.unset and name.lower() in configured)}
    bare = "cookie" in configured and any(one.unset for one in spec.cookies.values())
    return replace(spec, headers=headers, cookies={} if bare else spec.cookies)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(_text(one) for one in value)
    return json.dumps(value, ensure_ascii=False)


def _pairs(name: str, payload: Payload, operation: Operation | None) -> list[tuple[str, str]]:
    """A query parameter in its style (OpenAPI 3.1, 4.8.12.2): form, exploded or not, or deepObject."""
    value = payload.value
    described = None
    if operation is not None:
        described = next((one for one in operation.parameters if one.location == "query" and one.name == name), None)
    explode = described.explode if described is not None else True
    if isinstance(value, list):
        return [(name, _text(one)) for one in value] if explode else [(name, _text(value))]
    if isinstance(value, Mapping):
        if described is not None and described.style == "deepObject":
            return [(f"{name}[{key}]", _text(one)) for key, one in value.items()]
        if explode:
            return [(key, _text(one)) for key, one in value.items()]
        return [(name, ",".join(f"{key},{_text(one)}" for key, one in value.items()))]
    return [] if value is None and not payload.is_example else [(name, "" if value is None else _text(value))]


def _body(payload: Payload, media_type: str) -> bytes:
    kind = media_type.split(";")[0].strip().lower()
    value = payload.value
    if kind == "application/json" or kind.endswith("+json") or not kind:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if kind == "application/x-www-form-urlencoded" and isinstance(value, Mapping):
        return urlencode([(name, _text(one)) for name, one in value.items()]).encode()
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    raise CannotBuildError(f"a body of {kind} cannot be written from what the contract holds")
