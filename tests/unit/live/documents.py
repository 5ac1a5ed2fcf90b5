"""Documents and exchanges for the tests, from text."""

import json

import yaml

from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.openapi.model import Document
from zeues_contracts.schema.types import Dialect, Resource


def document(text, source="document.yaml"):
    """A document of YAML text or of a value."""
    raw = yaml.safe_load(text) if isinstance(text, str) else text
    version = str(raw.get("openapi", raw.get("swagger", "")))
    dialect = Dialect.OPENAPI_3_0 if version.startswith("3.0") else Dialect.OPENAPI_3_1
    return Document(raw, source, version, Resource(raw, dialect))


def exchange(method="GET", path="/", status=200, body=None, request_body=None, headers=None, error="", **more):
    """An exchange as an ``ExchangeExample`` describes it."""
    sent = {"content-type": "application/json"} if request_body is not None else {}
    sent |= more.pop("request_headers", {})
    raw = None if request_body is None else json.dumps(request_body).encode()
    request = Request(method, f"http://127.0.0.1:8000{path}", tuple(sent.items()), raw)
    if error:
        return Exchange(request, None, error, error)
    got = dict(headers or {})
    if body is None:
        answer = b""
    elif isinstance(body, str):
        answer = body.encode()
        got.setdefault("content-type", "text/html")
    else:
        answer = json.dumps(body).encode()
    if body is not None:
        got.setdefault("content-type", "application/json")
    return Exchange(request, Response(status, tuple(got.items()), answer, 0.1, more.pop("truncated", False)))
