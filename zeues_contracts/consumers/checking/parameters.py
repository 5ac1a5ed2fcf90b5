"""Parameters of one interaction against those of its operation."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.consumers.checking.model import NONE, REQUESTS, Problem, Scene, ask, schema_of
from zeues_contracts.consumers.checking.views import kinds_of
from zeues_contracts.consumers.checking.wire import object_names, read_parameter
from zeues_contracts.consumers.model import Payload
from zeues_contracts.findings import Level
from zeues_contracts.openapi.model import Document, Parameter
from zeues_contracts.openapi.security import ignored_headers
from zeues_contracts.redact import PLACEHOLDER, is_secret_parameter
from zeues_contracts.schema.complaints import complaints
from zeues_contracts.schema.types import Refuted, Schema, Unknown
from zeues_contracts.schema.validators import judge

__all__ = ["parameter_problems", "value_fits"]

# Told of elsewhere than by parameters, or sent by every client.
_OWN_HEADERS = frozenset({"accept", "content-type", "authorization"})
_EVERYDAY = frozenset(
    {
        "user-agent", "host", "connection", "content-length", "accept-encoding", "accept-language", "accept-charset",
        "cookie", "origin", "referer", "cache-control", "pragma", "date", "dnt", "te", "transfer-encoding", "upgrade",
        "via", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "traceparent", "tracestate",
        "x-request-id", "x-requested-with", "if-none-match", "if-modified-since", "expect", "keep-alive", "priority",
        "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-user", "sec-ch-ua", "sec-ch-ua-mobile",
        "sec-ch-ua-platform", "upgrade-insecure-requests", "content-encoding",
    }
)  # fmt: skip
_WORDS = {"path": "path parameter", "query": "query parameter", "header": "header", "cookie": "cookie"}
_SECTIONS = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies"}


def parameter_problems(scene: Scene) -> Iterator[Problem]:
    """Missing, unknown and unfit parameters."""
    used: dict[str, set[str]] = {"query": set(), "header": set(), "cookie": set(), "path": set()}
    ignored = ignored_headers(scene.document, scene.operation)
    for parameter in scene.operation.parameters:
        if parameter.location not in used:
            continue  # `querystring` (3.2): the query as a whole is not read here
        if parameter.location == "header" and parameter.name.lower() in ignored:
            continue
        payload, names = _sent(scene, parameter)
        used[parameter.location] |= names
        if payload is None and parameter.required and not scene.expects_refusal():
            yield from _missing(scene, parameter)
        if payload is not None and parameter.deprecated:
            yield _deprecated(parameter, payload, min(names, default=parameter.name))
        if payload is not None and not scene.expects_refusal():
            yield from _unfit(scene, parameter, payload, min(names, default=parameter.name))
    if not any(one.location == "querystring" for one in scene.operation.parameters):
        yield from _unknown(scene, used)


def value_fits(parameter: Parameter, given: Any) -> bool:
    """Whether a server that reads a value as it may be read has one that the parameter's schema takes."""
    schema = _schema(parameter)
    if schema is None:
        return True
    # What cannot be judged is not called unfit.
    return any(judge(schema, one, REQUESTS).valid is not False for one in read_parameter(parameter, given))


def _schema(parameter: Parameter) -> Schema | None:
    if parameter.schema is not None:
        return parameter.schema
    return next((media.schema for media in parameter.content.values() if media.schema is not None), None)


def _sent(scene: Scene, parameter: Parameter) -> tuple[Payload | None, set[str]]:
    """What is sent for a parameter, and under which names."""
    request = scene.interaction.request
    name = parameter.name
    if parameter.location == "path":
        return _path_value(scene, parameter), {name}
    if parameter.location == "header":
        payload = request.headers.get(name.lower())
        if payload is None and name.lower() in scene.headers:
            return Payload({}, None), {name.lower()}  # the configuration sends it; its value is not looked at
        return payload, {name.lower()}
    if parameter.location == "cookie":
        return request.cookies.get(name), {name}
    query = request.query
    if name in query:
        return query[name], {name}
    if parameter.style == "deepObject":
        members = {key: one for key, one in query.items() if key.startswith(f"{name}[")}
        if members:
            return _gathered({_deep(key, name): one for key, one in members.items()}), set(members)
    names = object_names(parameter)
    members = {key: one for key, one in query.items() if key in names}
    if members:
        return _gathered(members), set(members)
    return None, {name}


def _deep(key: str, name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\[([^\[\]]*)\]", key[len(name) :]))


def _gathered(members: Mapping[Any, Payload]) -> Payload:
    value: dict[str, Any] = {}
    for key, one in members.items():
        tokens = key if isinstance(key, tuple) else (key,)
        here = value
        for token in tokens[:-1]:
            below = here.setdefault(token, {})
            if not isinstance(below, dict):
                break
            here = below
        here[tokens[-1] if tokens else ""] = one.shown
    unset = any(one.unset for one in members.values())
    return Payload(
        {"const": value}, value, all(one.is_example for one in members.values()), unset=("",) if unset else ()
    )


def _path_value(scene: Scene, parameter: Parameter) -> Payload | None:
    """Path parameters are matched by position; their names carry no meaning."""
    given = scene.interaction.request.path
    if parameter.name in given:
        return given[parameter.name]
    if parameter.name in scene.path_values:
        value = scene.path_values[parameter.name]
        return Payload({"const": value}, value, True, "/operation")
    _, _, path = scene.interaction.operation.partition(" ")
    ours = re.findall(r"\{([^{}/]*)\}", path.partition("?")[0])
    if 0 <= parameter.position < len(ours):
        return given.get(ours[parameter.position])
    return None


def _missing(scene: Scene, parameter: Parameter) -> Iterator[Problem]:
    word = _WORDS[parameter.location]
    schema = _schema(parameter)
    details = (f"`{parameter.name}` is documented as {_described(schema)}",) if schema is not None else ()
    section = _SECTIONS[parameter.location]
    given: Mapping[str, Payload] = getattr(scene.interaction.request, section)
    near = difflib.get_close_matches(parameter.name, list(given), n=1)
    yield Problem(
        "ZC310",
        f"does not send the {word} `{parameter.name}`, which is required",
        f"{parameter.location} {parameter.name}",
        f"/request/{section}" if given else "/request",
        document=parameter.pointer,
        hint=f"is `{near[0]}` meant to be `{parameter.name}`?" if near else f"send `{parameter.name}`",
        details=details,
        side="request",
        path=f"{parameter.location}/{parameter.name}",
    )


def _deprecated(parameter: Parameter, payload: Payload, name: str) -> Problem:
    word = _WORDS[parameter.location]
    return Problem(
        "ZC305",
        f"sends the {word} `{parameter.name}`, which is deprecated",
        f"{parameter.location} {parameter.name} deprecated",
        payload.pointer or f"/request/{_SECTIONS[parameter.location]}/{name}",
        document=parameter.pointer,
        side="request",
        path=f"{parameter.location}/{parameter.name}",
        keyword="deprecated",
    )


def _described(schema: Schema) -> str:
    from zeues_contracts.consumers.checking.mends import described

    return described(schema, REQUESTS)


def _spelled(parameter: Parameter, schema: Schema) -> str:
    """How a list or an object of the query is written into it (OpenAPI 3.1, 4.8.12.4)."""
    name, kinds = parameter.name, kinds_of(schema, REQUESTS)
    if parameter.location != "query" or not kinds & {"array", "object"}:
        return ""
    if "array" in kinds:
        sign = {"spaceDelimited": "%20", "pipeDelimited": "|"}.get(parameter.style, ",")
        return f", written {name}=a&{name}=b" if parameter.explode else f", written {name}=a{sign}b"
    if parameter.style == "deepObject":
        return f", written {name}[key]=a"
    return ", written key=a" if parameter.explode else f", written {name}=key,a"


def _unfit(scene: Scene, parameter: Parameter, payload: Payload, name: str) -> Iterator[Problem]:
    schema = _schema(parameter)
    if schema is None or payload.unset or payload.schema == {}:
        return
    witness: Any = NONE
    if payload.is_example:
        if not value_fits(parameter, payload.value):
            witness = payload.shown
    else:
        answer = ask(schema_of(payload.schema), schema, REQUESTS)
        if isinstance(answer, Refuted) and not value_fits(parameter, answer.witness):
            witness = answer.witness
        elif isinstance(answer, Unknown):
            yield _undecided(parameter, name, answer.reason)
    if witness is NONE:
        return
    hidden = is_secret_parameter(parameter.name) or (payload.is_example and payload.value != payload.shown)
    if hidden and payload.is_example:
        witness = payload.shown if payload.value != payload.shown else PLACEHOLDER
    readings = read_parameter(parameter, payload.value if payload.is_example else witness)
    told = [one for reading in readings for one in complaints(schema, reading, REQUESTS)]
    # Of several readings the one of the right type says best what is wrong.
    told.sort(key=lambda one: (one.keyword == "type" and not one.pointer, one.pointer.count("/") == 0))
    why = told[0].sentence if told else "the schema does not accept it"
    if hidden and told:
        why = f"what is sent there breaks its `{told[0].keyword}`"
    where = told[0].pointer if told else ""
    why = why.removeprefix("the value is ") if why.startswith("the value is ") else why
    section = _SECTIONS[parameter.location]
    yield Problem(
        "ZC312",
        f"sends a {_WORDS[parameter.location]} `{parameter.name}` that is not accepted: {why}",
        f"{parameter.location} {parameter.name}",
        payload.pointer or f"/request/{section}/{name}",
        document=parameter.pointer,
        schema=schema,
        witness=witness,
        witness_pointer=where,
        explanation=why,
        hint=f"`{parameter.name}` is documented as {_described(schema)}{_spelled(parameter, schema)}",
        side="request",
        path=f"{parameter.location}/{parameter.name}",
        keyword=told[0].keyword if told else "",
    )


def _undecided(parameter: Parameter, name: str, reason: str) -> Problem:
    return Problem(
        "ZC349",
        f"cannot be judged by the {_WORDS[parameter.location]} `{parameter.name}`: {reason}",
        f"{parameter.location} {parameter.name}",
        f"/request/{_SECTIONS[parameter.location]}/{name}",
        document=parameter.pointer,
        side="request",
        path=f"{parameter.location}/{parameter.name}",
    )


def _unknown(scene: Scene, used: Mapping[str, set[str]]) -> Iterator[Problem]:
    """What is sent and not documented: a query parameter is ignored; other headers may mean something on the way."""
    request = scene.interaction.request
    secured = _security_names(scene.document, scene)
    declared = [one for one in scene.operation.parameters if one.location == "query"]
    for name, payload in request.query.items():
        if name in used["query"] or ("query", name.lower()) in secured:
            continue
        near = difflib.get_close_matches(name, [one.name for one in declared], n=1, cutoff=0.6)
        yield Problem(
            "ZC311",
            f"sends the query parameter `{name}`, which is not declared and will be ignored",
            f"query {name}",
            payload.pointer or f"/request/query/{name}",
            document=scene.operation.pointer,
            hint=f"is `{near[0]}` meant?" if near else "",
            side="request",
            path=f"query/{name}",
        )
    for name in request.headers:
        if name in used["header"] | _OWN_HEADERS | _EVERYDAY or ("header", name) in secured:
            continue
        yield Problem(
            "ZC311",
            f"sends the header `{name}`, which is not declared",
            f"header {name}",
            f"/request/headers/{name}",
            document=scene.operation.pointer,
            level=Level.INFO,
            side="request",
            path=f"header/{name}",
        )
    for name in request.path:
        if name not in used["path"] and "{" + name + "}" not in scene.interaction.operation and scene.path_values:
            yield Problem(
                "ZC311",
                f"sends the path parameter `{name}`, which the path does not have",
                f"path {name}",
                f"/request/path/{name}",
                document=scene.operation.pointer,
                side="request",
                path=f"path/{name}",
            )


def _security_names(document: Document, scene: Scene) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for alternative in scene.operation.security:
        for name in alternative:
            scheme = document.security_schemes.get(name)
            if scheme is not None and scheme.raw.get("type") == "apiKey":
                found.add((str(scheme.raw.get("in")), str(scheme.raw.get("name", "")).lower()))
            if scheme is not None and scheme.raw.get("type") in ("oauth2", "openIdConnect"):
                found.add(("query", "access_token"))
    return found
