"""The engine fetches nothing that a document names: no other host, no file of this machine."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from tests.unit.check.test_origins import serving
from zeues_contracts.exchange import Exchange, Response
from zeues_contracts.live.engine import Generated, run_engine
from zeues_contracts.live.standalone import standalone


def test_only_what_leads_out_is_taken_out() -> None:
    shared = {"$ref": "#/components/schemas/A"}
    got = standalone(
        {
            "a": shared,
            "b": [shared, {"$ref": "http://other/x.json#/A", "title": "t"}, {"$ref": "/etc/hostname"}],
            "properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}},
            "examples": {"x": {"externalValue": "http://other/x"}},
        }
    )
    assert got["b"] == [{"$ref": "#/components/schemas/A"}, {"title": "t"}, {}]
    assert got["a"] is got["b"][0]
    assert got["properties"] == {"$ref": {"type": "string"}, "$id": {"type": "string"}}
    assert got["examples"] == {"x": {}}


def test_the_engine_stays_where_it_is(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"const": "a-secret-of-this-machine"}')
    sent: list[bytes] = []

    def send(one: Generated) -> Exchange:
        sent.append(one.request.url.encode() + (one.request.body or b""))
        return Exchange(one.request, Response(200, (("content-type", "application/json"),), b"{}"))

    with serving() as other:
        content: dict[str, Any] = {
            "schema": {
                "$id": f"{other.url}/base/",
                "type": "object",
                "required": ["a", "b", "c"],
                "properties": {
                    "a": {"$ref": f"{other.url}/a.json"},
                    "b": {"$ref": secret.as_uri()},
                    "c": {"$ref": str(secret)},
                    "d": {"$ref": "#/components/schemas/D"},
                },
            },
            "examples": {"e": {"externalValue": f"{other.url}/e.json"}},
        }
        document = {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "servers": [{"url": other.url}],
            "components": {"schemas": {"D": {"type": "integer"}}},
            "paths": {
                "/x": {
                    "post": {
                        "operationId": "x",
                        "requestBody": {"required": True, "content": {"application/json": content}},
                        "responses": {
                            "200": {
                                "description": "ok",
                                "content": {"application/json": {"schema": {"$ref": f"{other.url}/r.json"}}},
                                "links": {"n": {"operationRef": f"{other.url}/o.json#/paths/~1y/get"}},
                            }
                        },
                    }
                },
                "/y": {"$ref": f"{other.url}/item.json"},
            },
        }
        run_engine(document, "http://127.0.0.1:1", send, stop=threading.Event(), left=lambda: 20.0, examples=5)
        assert other.requests == []
    assert sent
    assert not any(b"a-secret-of-this-machine" in one for one in sent)
