"""A contract as a Pact file, version 4, for those whose provider verification runs on Pact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from zeues_contracts.consumers.checking.wire import text_of
from zeues_contracts.consumers.forms.sampling import sample
from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload, RequestSpec
from zeues_contracts.redact import redact_json

__all__ = ["pact_of"]

_DEEPEST = 60
_JSON = "application/json"
_CLASSES = {"1": "info", "2": "success", "3": "redirect", "4": "clientError", "5": "serverError"}
_KINDS = {"integer": "integer", "number": "number", "boolean": "boolean", "null": "null"}
_FORMATS = {
    "date": {"match": "date", "format": "yyyy-MM-dd"},
    "date-time": {"match": "timestamp", "format": "yyyy-MM-dd'T'HH:mm:ssXXX"},
    "time": {"match": "time", "format": "HH:mm:ssXXX"},
}
_Rules = dict[str, dict[str, Any]]


def pact_of(contract: Contract, *, provider: str = "") -> tuple[dict[str, Any], tuple[str, ...]]:
    """The Pact of a contract, and what it cannot say.

    Expectations become example values with matching rules: types, regular expressions, lists of such items. Operations
    by operationId are left out: a Pact has a method and a path. Environment variables stay names.
    """
    notes: list[str] = []
    interactions: list[dict[str, Any]] = []
    for one in contract.interactions:
        if " " not in one.operation:
            notes.append(f"{one.id}: `{one.operation}` is an operationId; a Pact needs method and path: left out")
            continue
        interactions.append(_interaction(one, notes))
    pact = {
        "consumer": {"name": contract.consumer},
        "provider": {"name": provider or contract.service or "provider"},
        "interactions": interactions,
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }
    return pact, tuple(notes)


def _interaction(one: Interaction, notes: list[str]) -> dict[str, Any]:
    description = f"{one.description} ({one.id})" if one.description else one.id
    return {
        "type": "Synchronous/HTTP",
        "description": description,
        "pending": False,
        "request": _request(one, one.request),
        "response": _response(one, one.expect, notes),
    }


def _request(one: Interaction, spec: RequestSpec) -> dict[str, Any]:
    method, _, path = one.operation.partition(" ")

    def filled(found: re.Match[str]) -> str:
        payload = spec.path.get(found[1])
        return quote(text_of(payload.shown), safe="") if payload is not None else found[0]

    request: dict[str, Any] = {"method": method, "path": re.sub(r"\{([^{}/]*)\}", filled, path)}
    if spec.query:
        request["query"] = {name: _texts(payload) for name, payload in spec.query.items()}
    headers = {name: _texts(payload) for name, payload in spec.headers.items()}
    if spec.cookies:
        headers["cookie"] = ["; ".join(f"{name}={text_of(one.shown)}" for name, one in spec.cookies.items())]
    if spec.body is not None:
        headers.setdefault("content-type", [spec.media_type])
        request["body"] = {
            "content": redact_json(spec.body.shown), "contentType": spec.media_type, "encoded": False
        }  # fmt: skip
    if headers:
        request["headers"] = headers
    return request


def _texts(payload: Payload) -> list[str]:
    value = payload.shown
    return [text_of(one) for one in value] if isinstance(value, list) else [text_of(value)]


def _response(one: Interaction, expect: Expectation, notes: list[str]) -> dict[str, Any]:
    statuses = expect.statuses or ("2XX",)
    rules: dict[str, Any] = {}
    response: dict[str, Any] = {"status": _status(statuses, rules)}
    headers: dict[str, list[str]] = {}
    if expect.body is not None:
        headers["content-type"] = [expect.media_type or _JSON]
    for name, payload in expect.headers.items():
        value = sample(payload.schema)
        headers[name] = [text_of(value if value is not None else "text")]
        matcher = _scalar(payload.schema, value) or {"match": "type"}
        rules.setdefault("header", {})[name] = _combined(matcher)
    if headers:
        response["headers"] = headers
    if expect.body is not None:
        body: _Rules = {}
        content = _body(expect.body.schema, "$", body, f"{one.id}: the body", notes, 0)
        response["body"] = {
            "content": redact_json(content), "contentType": expect.media_type or _JSON, "encoded": False
        }  # fmt: skip
        if body:
            rules["body"] = body
    if rules:
        response["matchingRules"] = rules
    return response


def _status(statuses: tuple[str, ...], rules: dict[str, Any]) -> int:
    if len(statuses) == 1 and statuses[0].isdigit():
        return int(statuses[0])
    if all(one.isdigit() for one in statuses):
        wanted: Any = [int(one) for one in statuses]
    elif len(statuses) == 1:
        wanted = _CLASSES[statuses[0][0]]
    else:
        wanted = "error" if all(one[0] in "45" for one in statuses) else "nonError"
    rules["status"] = _combined({"match": "statusCode", "status": wanted})
    first = statuses[0]
    return int(first) if first.isdigit() else int(first[0]) * 100


def _combined(matcher: Mapping[str, Any]) -> dict[str, Any]:
    return {"combine": "AND", "matchers": [dict(matcher)]}


def _body(schema: Any, path: str, rules: _Rules, where: str, notes: list[str], depth: int) -> Any:
    """An example of a schema; the rules that say how far it stands for others are added."""
    if not isinstance(schema, Mapping) or not schema or depth > _DEEPEST:
        rules[path] = _combined({"match": "type"})
        return None if schema is False else "any"
    if "const" in schema:
        return schema["const"]
    if isinstance(schema.get("enum"), list):
        texts = [one for one in schema["enum"] if isinstance(one, str)]
        if len(texts) == len(schema["enum"]):
            rules[path] = _combined({"match": "regex", "regex": "|".join(re.escape(one) for one in texts)})
        else:
            rules[path] = _combined({"match": "type"})
        return schema["enum"][0]
    kind = _kind(schema, where, path, notes)
    if kind == "object":
        return _object(schema, path, rules, where, notes, depth)
    if kind == "array":
        return _array(schema, path, rules, where, notes, depth)
    value = sample({**schema, "type": kind} if "type" in schema else schema)
    rules[path] = _combined(_scalar({**schema, "type": kind}, value) or {"match": "type"})
    return value


def _kind(schema: Mapping[str, Any], where: str, path: str, notes: list[str]) -> str:
    """The one type of which an example is given: a Pact has no choices."""
    kind = schema.get("type")
    if isinstance(kind, list):
        notes.append(f"{where} at {path} may be {' or '.join(map(str, kind))}: a Pact says the first")
        return str(next((one for one in kind if one != "null"), "null"))
    if isinstance(kind, str):
        return kind
    if "anyOf" in schema or "oneOf" in schema:
        notes.append(f"{where} at {path} has alternatives: a Pact has one example of them")
    return "object" if "properties" in schema else "any"


def _scalar(schema: Any, value: Any) -> dict[str, Any] | None:
    if not isinstance(schema, Mapping):
        return None
    if isinstance(schema.get("pattern"), str) and isinstance(value, str):
        return {"match": "regex", "regex": schema["pattern"]}
    if schema.get("format") in _FORMATS:
        return dict(_FORMATS[str(schema["format"])])
    kind = schema.get("type")
    return {"match": _KINDS[kind]} if isinstance(kind, str) and kind in _KINDS else None


def _object(
    schema: Mapping[str, Any], path: str, rules: _Rules, where: str, notes: list[str], depth: int
) -> dict[str, Any]:
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    value: dict[str, Any] = {}
    if not required:
        rules[path] = _combined({"match": "type"})
    for name, one in properties.items():
        if name not in required:
            notes.append(f"{where} at {path} may have `{name}`: a Pact has no optional properties")
            continue
        value[name] = _body(one, f"{path}{_step(name)}", rules, where, notes, depth + 1)
    for name in required:
        if name not in value:
            rules[f"{path}{_step(name)}"] = _combined({"match": "type"})
            value[name] = "any"
    return value


def _step(name: str) -> str:
    return f".{name}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else f"['{name}']"


def _array(schema: Mapping[str, Any], path: str, rules: _Rules, where: str, notes: list[str], depth: int) -> list[Any]:
    first = schema.get("prefixItems")
    if isinstance(first, list):
        return [_body(one, f"{path}[{index}]", rules, where, notes, depth + 1) for index, one in enumerate(first)]
    matcher: dict[str, Any] = {"match": "type"}
    for key, keyword in (("min", "minItems"), ("max", "maxItems")):
        if isinstance(schema.get(keyword), int):
            matcher[key] = schema[keyword]
    rules[path] = _combined(matcher)
    inner = _body(schema.get("items", {}), f"{path}[*]", rules, where, notes, depth + 1)
    return [inner] * max(1, min(int(matcher.get("min", 1)), 20))
