"""Pact files, versions 1 to 4, as contracts. Messages are left out: they are no requests."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from zeues_contracts.consumers.forms.shortening import written_name
from zeues_contracts.consumers.importing.model import Imported, unique_id
from zeues_contracts.consumers.importing.pact_rules import Rules, body_form
from zeues_contracts.consumers.importing.secrets import clean_form, clean_header, clean_text
from zeues_contracts.errors import UsageError
from zeues_contracts.redact import redact_text

__all__ = ["import_pact", "is_pact"]

_STATUS_CLASSES = {
    "info": "1XX",
    "success": "2XX",
    "redirect": "3XX",
    "clientError": "4XX",
    "serverError": "5XX",
}
# What every client sends, and what tells how a body is encoded: no part of what a consumer relies on.
_LEFT_OUT = frozenset({"content-type", "content-length", "host", "connection", "user-agent", "accept-encoding"})
_BINARY = "(binary)"


def is_pact(value: Any) -> bool:
    """Whether a JSON value is a Pact file."""
    return isinstance(value, Mapping) and isinstance(value.get("consumer"), Mapping) and "provider" in value


def import_pact(value: Mapping[str, Any], source: str, *, consumer: str = "", service: str = "") -> Imported:
    """The contract (as the value that a contract file holds) of a Pact file."""
    version = _version(value)
    interactions = value.get("interactions", [])
    if not isinstance(interactions, list):
        raise UsageError(f"{source}: `interactions` is no list")
    notes: list[str] = []
    found: list[dict[str, Any]] = []
    ids: set[str] = set()
    for index, given in enumerate(interactions):
        if not isinstance(given, Mapping):
            raise UsageError(f"{source}: interactions[{index}] is no object")
        kind = str(given.get("type", "Synchronous/HTTP"))
        if "request" not in given or kind != "Synchronous/HTTP":
            notes.append(f"interactions[{index}] ({kind}) is no request: left out")
            continue
        found.append(_interaction(given, version, ids, f"{source}: interactions[{index}]"))
    if isinstance(value.get("messages"), list) and value["messages"]:
        notes.append(f"{len(value['messages'])} messages are no requests: left out")
    contract: dict[str, Any] = {"version": 1, "consumer": consumer or _name(value, "consumer")}
    named = service or _name(value, "provider")
    if named:
        contract["service"] = named
    contract["interactions"] = found
    return Imported(contract, tuple(notes))


def _name(value: Mapping[str, Any], key: str) -> str:
    given = value.get(key)
    name = given.get("name") if isinstance(given, Mapping) else None
    return str(name)[:200] if name else ("consumer" if key == "consumer" else "")


def _version(value: Mapping[str, Any]) -> int:
    metadata = value.get("metadata")
    if isinstance(metadata, Mapping):
        for key in ("pactSpecification", "pact-specification"):
            given = metadata.get(key)
            text = str(given.get("version", "")) if isinstance(given, Mapping) else str(given or "")
            if text[:1].isdigit():
                return int(text[0])
        if str(metadata.get("pactSpecificationVersion", ""))[:1].isdigit():
            return int(str(metadata["pactSpecificationVersion"])[0])
    # Not said: version 3 is told by its sections of rules.
    for one in value.get("interactions", []) if isinstance(value.get("interactions"), list) else []:
        rules = one.get("response", {}).get("matchingRules") if isinstance(one, Mapping) else None
        if isinstance(rules, Mapping) and rules and not any(str(key).startswith("$") for key in rules):
            return 3
    return 2


def _interaction(given: Mapping[str, Any], version: int, ids: set[str], where: str) -> dict[str, Any]:
    request, response = given.get("request"), given.get("response")
    if not isinstance(request, Mapping):
        raise UsageError(f"{where}: `request` is no object")
    path = str(request.get("path") or "/").partition("?")[0]
    operation = f"{str(request.get('method') or 'GET').upper()} {_path(path)}"
    description = str(given.get("description") or "")
    one: dict[str, Any] = {"id": unique_id(description or operation, ids)}
    told = _described(given, description)
    if told:
        one["description"] = redact_text(told)
    one["operation"] = operation
    sent = _request(request, version)
    if sent:
        one["request"] = sent
    expected = _response(response if isinstance(response, Mapping) else {}, version)
    if expected:
        one["expect"] = expected
    return one


def _path(path: str) -> str:
    clean = path if path.startswith("/") else f"/{path}"
    # Braces of a concrete path would be read as parameters.
    return clean.replace("{", "%7B").replace("}", "%7D").replace(" ", "%20").replace("#", "%23")


def _described(given: Mapping[str, Any], description: str) -> str:
    states: list[str] = []
    old = given.get("providerState") or given.get("provider_state")
    if isinstance(old, str):
        states.append(old)
    listed = given.get("providerStates")
    given_states = listed if isinstance(listed, list) else []
    states += [str(one["name"]) for one in given_states if isinstance(one, Mapping) and one.get("name")]
    return f"{description} (given {', '.join(states)})" if states else description


def _request(request: Mapping[str, Any], version: int) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    query = _query(request.get("query"))
    if query:
        sent["query"] = {
            written_name(name): clean_text(name, values[0])
            if len(values) == 1
            else [clean_text(name, one) for one in values]
            for name, values in query.items()
        }
    headers = dict(_headers(request.get("headers")))
    left_out = _LEFT_OUT | {"cookie"}
    kept = {written_name(name): clean_header(name, one) for name, one in headers.items() if name not in left_out}
    cookies = dict(_cookies(headers.get("cookie", "")))
    if kept:
        sent["headers"] = kept
    if cookies:
        sent["cookies"] = cookies
    elif "cookie" in headers:
        sent.setdefault("headers", {})["cookie"] = "$env:COOKIE"  # not written as cookies are
    present, body, kind = _content(request, version)
    kind = headers.get("content-type", kind)
    if kind and present:
        sent["media-type"] = kind
    if present:
        sent["body"] = clean_form(body, "BODY")
    return sent


def _content(message: Mapping[str, Any], version: int) -> tuple[bool, Any, str]:
    """Whether there is a body, its value, and its media type where the body itself tells (version 4)."""
    if "body" not in message:
        return False, None, ""
    body = message["body"]
    if version >= 4 and isinstance(body, Mapping) and ("content" in body or "contentType" in body):
        kind = str(body.get("contentType") or "")
        if "content" not in body:
            return False, None, kind
        content = body["content"]
        if body.get("encoded") not in (None, False) and isinstance(content, str):
            content = _decoded(content)
        return True, _as_json(content, _media_type(message) or kind), kind
    if body is None or body == "":
        # Version 1 to 3: null and the empty text are an empty body.
        return False, None, ""
    return True, _as_json(body, _media_type(message)), ""


def _decoded(content: str) -> str:
    """The text of content in base64; a word in the place of what is no text."""
    try:
        return base64.b64decode(content, validate=True).decode("utf-8")
    except ValueError:
        return _BINARY


def _as_json(body: Any, kind: str) -> Any:
    """Text that is sent as JSON and is an object or a list written out is that (as Pact's own libraries read it)."""
    if not isinstance(body, str) or not kind.partition(";")[0].strip().lower().endswith("json"):
        return body
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body
    return value if isinstance(value, Mapping | list) else body


def _media_type(message: Mapping[str, Any]) -> str:
    return dict(_headers(message.get("headers"))).get("content-type", "")


def _query(given: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if isinstance(given, str):
        for name, value in parse_qsl(given.lstrip("?"), keep_blank_values=True):
            found.setdefault(name, []).append(value)
    elif isinstance(given, Mapping):
        for name, value in given.items():
            values = value if isinstance(value, list) else [value]
            found[str(name)] = [_scalar(one) for one in values]
    return found


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _headers(given: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(given, Mapping):
        return
    for name, value in given.items():
        values = value if isinstance(value, list) else [value]
        yield str(name).lower(), ", ".join(_scalar(one) for one in values)


def _cookies(text: str) -> Iterator[tuple[str, str]]:
    from zeues_contracts.consumers.importing.secrets import variable

    for part in text.split(";"):
        name, equals, _ = part.strip().partition("=")
        if equals and re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):  # a token (RFC 6265, 4.1.1)
            yield unquote(name), f"$env:{variable(name)}"


def _response(response: Mapping[str, Any], version: int) -> dict[str, Any]:
    expected: dict[str, Any] = {}
    rules = response.get("matchingRules")
    status = _status(response.get("status", 200), Rules.of(rules, "status", version=version) if version >= 3 else None)
    if status is not None:
        expected["status"] = status
    headers = dict(_headers(response.get("headers")))
    present, body, kind = _content(response, version)
    kind = headers.get("content-type", kind).partition(";")[0].strip()
    if kind:
        expected["media-type"] = kind
    relied = {
        name: _header_form(name, value, rules, version) for name, value in headers.items() if name not in _LEFT_OUT
    }
    if relied:
        expected["headers"] = relied
    if present:
        from zeues_contracts.redact import redact_json

        form = body_form(redact_json(body), Rules.of(rules, "body", version=version))
        expected["body"] = form
    return expected


def _header_form(name: str, value: str, rules: Any, version: int) -> Any:
    matcher = Rules.of(rules, "header", version=version).at((name,))
    if matcher is not None and isinstance(matcher.get("regex"), str):
        return {"$regex": matcher["regex"]}
    if matcher is not None and matcher.get("match") == "type":
        return "any"
    clean = clean_header(name, value)
    return "str" if clean.startswith("$env") or "${" in clean else {"$const": redact_text(value)}


def _status(given: Any, rules: Rules | None) -> Any:
    matcher = rules.at(()) if rules is not None else None
    if matcher is not None and matcher.get("match") == "statusCode":
        named = matcher.get("status")
        if isinstance(named, list):
            return [one for one in named if isinstance(one, int)] or None
        if str(named) in _STATUS_CLASSES:
            return _STATUS_CLASSES[str(named)]
        if str(named) == "error":
            return ["4XX", "5XX"]
        if str(named) == "nonError":
            return ["1XX", "2XX", "3XX"]
    if isinstance(given, str) and re.fullmatch(r"[1-5][0-9]{2}", given):
        return int(given)
    return given if isinstance(given, int) and 100 <= given <= 599 else None
