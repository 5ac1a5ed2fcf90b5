"""What a browser saw of the service becomes a contract that fits the service's document."""

import json

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from zeues_contracts.consumers import check_contracts, parse_contract, write_contract
from zeues_contracts.consumers.exporting import pact_of
from zeues_contracts.consumers.importing import import_text
from zeues_contracts.exchange import Request
from zeues_contracts.findings import Level
from zeues_contracts.live.inprocess import AsgiSender
from zeues_contracts.openapi import document_from_mapping
from zeues_contracts.standin.app import create_app

TOMAR = {"tag_spool": "TEST-01", "operacion": "ARM", "worker_id": 93, "worker_nombre": "MR(93)"}
CALLS = [
    ("GET", "/api/workers", None),
    ("GET", "/api/spools/iniciar?operacion=ARM", None),
    ("POST", "/api/occupation/tomar", TOMAR),
    ("GET", "/api/history/TEST-01", None),
    ("GET", "/api/history/SOLD-01", None),
    ("GET", "/api/health", None),
    ("POST", "/api/occupation/tomar", {**TOMAR, "tag_spool": "NO-EXISTE-999"}),
]


@pytest.fixture(scope="module")
def app():
    return create_app("healthy")


@pytest.fixture(scope="module")
def log(app):
    """The network log of a browser that used the service."""
    sender = AsgiSender(app)
    entries = []
    for method, path, body in CALLS:
        data = json.dumps(body).encode() if body else None
        headers = (("content-type", "application/json"),) if body else ()
        exchange = sender.send(Request(method, f"{sender.base_url}{path}", headers, data))
        assert exchange.response is not None
        entries.append(
            {
                "request": {
                    "method": method,
                    "url": f"https://spools.example.com{path}",
                    "headers": [{"name": name, "value": value} for name, value in headers],
                    **({"postData": {"mimeType": "application/json", "text": data.decode()}} if data else {}),
                },
                "response": {
                    "status": exchange.response.status,
                    "headers": [{"name": name, "value": value} for name, value in exchange.response.headers],
                    "content": {"mimeType": "application/json", "text": exchange.response.body.decode()},
                },
            }
        )
    sender.close()
    return json.dumps({"log": {"version": "1.2", "entries": entries}}).encode()


def worst(contract, document):
    return [one.message for one in check_contracts([contract], document) if one.level is Level.ERROR]


def test_a_log_becomes_a_contract_that_fits(app, log):
    document = document_from_mapping(app.openapi(), "live")
    contract, _ = import_text(log, "browser.har", consumer="web", document=document)
    assert len(contract.interactions) == 6
    assert {one.operation for one in contract.interactions} >= {"GET /api/history/{tag_spool}", "GET /api/workers"}
    assert worst(contract, document) == []
    assert worst(parse_contract(write_contract(contract)), document) == []


def test_and_so_does_the_pact_that_it_is_exported_to(app, log):
    document = document_from_mapping(app.openapi(), "live")
    contract, _ = import_text(log, "browser.har", consumer="web", document=document)
    pact, _ = pact_of(contract)
    again, _ = import_text(json.dumps(pact).encode(), "web.json")
    assert len(again.interactions) == 6
    assert worst(again, document) == []
