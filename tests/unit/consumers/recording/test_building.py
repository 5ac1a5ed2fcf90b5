"""From exchanges to interactions: operations, values, secrets, names, merging."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import msgspec
import pytest

from zeues_contracts.consumers.merging import merge_contracts
from zeues_contracts.consumers.reading import parse_contract
from zeues_contracts.consumers.recording.building import (
    build_contract,
    operation_finder,
    plain_operation,
    same_test,
    service_exchanges,
)
from zeues_contracts.consumers.recording.building import test_name as name_of_test
from zeues_contracts.consumers.recording.spool import BodyRead, Recorded, Recording, StatusRead
from zeues_contracts.consumers.writing import write_contract
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.openapi import document_from_mapping

NOW = 1_770_033_600.0  # 2026-02-02T12:00:00Z
DOCUMENT = document_from_mapping(
    {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {
            "/things/{thing_id}": {"get": {"responses": {"200": {"description": "ok"}}}},
            "/things/new": {"get": {"responses": {"200": {"description": "ok"}}}},
        },
    },
    "shop.json",
)


def recorded(
    method="GET",
    url="http://shop/things/7",
    body=None,
    *,
    headers=(),
    status=200,
    answer=None,
    test="test_it",
    reads=(),
    number="1",
    kind="application/json",
):
    sent = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    more = (("content-type", kind),) if body is not None else ()
    response = Response(status, (("content-type", "application/json"),), json.dumps(answer).encode())
    exchange = Exchange(Request(method, url, (*headers, *more), sent), response, at=NOW)
    return Recorded(number, exchange, test, "requests", (StatusRead("==", 200, None),), tuple(reads))


def only(one, **options):
    (interaction,) = build_contract([one], "web", **options).contract.interactions
    return interaction


def values(part):
    return {name: payload.value for name, payload in part.items()}


def test_paths_are_those_of_the_document_or_told_by_their_identifiers():
    finder = operation_finder(DOCUMENT)
    one = only(recorded(url="http://shop/things/a%2Fb"), operation_of=finder)
    assert (one.operation, values(one.request.path)) == ("GET /things/{thing_id}", {"thing_id": "a/b"})
    assert only(recorded(url="http://shop/things/new"), operation_of=finder).operation == "GET /things/new"
    assert plain_operation("GET", "/users/12/orders/8a7b6c5d-1234-1234-1234-123456789abc") == (
        "GET /users/{user_id}/orders/{order_id}",
        {"user_id": "12", "order_id": "8a7b6c5d-1234-1234-1234-123456789abc"},
    )
    assert plain_operation("GET", "/") == ("GET /", {})
    assert plain_operation("GET", "/7/8")[0] == "GET /{id}/{id_2}"
    assert plain_operation("GET", "/api/v1/things") == ("GET /api/v1/things", {})


def test_queries_bodies_and_media_types():
    one = only(recorded(url="http://shop/a?q=x+y&n=10&n=20&on=true&zip=007&empty="))
    assert values(one.request.query) == {"q": "x y", "n": [10, 20], "on": True, "zip": "007", "empty": ""}
    one = only(recorded("POST", body=b"a=1&b=x&b=y", kind="application/x-www-form-urlencoded"))
    assert (one.request.media_type, one.request.body.value) == (
        "application/x-www-form-urlencoded",
        {"a": "1", "b": ["x", "y"]},
    )
    assert only(recorded("POST", body=b"plain", kind="text/plain")).request.body.value == "plain"
    assert only(recorded("POST", body=b"\xff\xfe", kind="application/octet-stream")).request.body is None


def test_headers_that_say_something():
    headers = (
        ("accept", "application/vnd.shop+json"),
        ("x-tenant", "north"),
        ("authorization", "Bearer ***"),
        ("x-api-key", "***"),
        ("user-agent", "x"),
        ("cookie", "session=***; theme=***"),
        ("sec-fetch-mode", "cors"),
    )
    one = only(recorded(headers=headers))
    assert set(one.request.headers) == {"accept", "x-tenant", "authorization", "x-api-key"}
    text = write_contract(build_contract([recorded(headers=headers)], "web").contract)
    assert "Bearer ${AUTHORIZATION}" in text
    assert "${X_API_KEY}" in text
    assert "${SESSION}" in text
    assert "***" not in text
    parse_contract(text)


def test_todays_date_and_secrets_are_written_as_what_they_mean():
    body = {"day": "2026-02-02", "past": "2025-01-01", "password": "***", "price": "$today", "odd?": 1, "${X}": "${Y}"}
    text = write_contract(build_contract([recorded("POST", body=body)], "web").contract)
    again = parse_contract(text).interactions[0].request.body
    today = dt.date.today().isoformat()
    assert again.value["day"] == today
    assert (again.value["past"], again.value["price"], again.value["odd?"]) == ("2025-01-01", "$today", 1)
    assert again.value["${X}"] == "${Y}"
    assert again.schema["properties"]["password"] == {"type": "string"}


def test_equal_requests_are_one_and_many_alike_are_a_few():
    polled = [recorded(number=str(number)) for number in range(50)]
    built = build_contract(polled, "web")
    assert len(built.contract.interactions) == 1
    assert len(built.exchanges) == 50
    many = [recorded(url=f"http://shop/things/{number}", number=str(number)) for number in range(50)]
    built = build_contract(many, "web")
    assert len(built.contract.interactions) == 8
    assert "42 requests differ from others" in built.notes[0]
    assert len({one.id for one in built.contract.interactions}) == 8
    steps = [recorded(url=f"http://shop/{path}", number=str(n)) for n, path in enumerate(("a", "b", "a", "c"))]
    assert [one.operation for one in build_contract(steps, "web").contract.interactions] == [
        "GET /a",
        "GET /b",
        "GET /a",
        "GET /c",
    ]


def test_what_came_in_several_turns_is_joined():
    def read(key):
        return BodyRead((), "get", key, True, None)

    first = recorded(answer={"a": 1}, reads=[read("a")])
    second = recorded(answer={"a": "x"}, reads=[read("a")], number="2")
    schema = build_contract([first, second], "web").contract.interactions[0].expect.body.schema
    assert schema["properties"]["a"] == {"type": ["number", "string"]}


def test_ids_stay_and_changes_are_told():
    first = build_contract([recorded("POST", "http://shop/things", {"a": 1}, number="1")], "web").contract
    text = write_contract(first).replace("id: it-things", "id: my-own-name")
    existing = parse_contract(text)
    again = build_contract([recorded("POST", "http://shop/things", {"a": 1}, number="1")], "web", existing=existing)
    assert merge_contracts(existing, again.contract).changes == ()
    other = build_contract(
        [
            recorded("POST", "http://shop/things", {"a": 2, "b": 1}, number="1"),
            recorded("GET", "http://shop/others", number="2"),
        ],
        "web",
        existing=existing,
    )
    assert [one.id for one in other.contract.interactions] == ["my-own-name", "it-others"]
    merged = merge_contracts(existing, other.contract)
    assert any("my-own-name" in one and "`b`" in one for one in merged.changes)
    assert any("it-others" in one for one in merged.changes)


def test_the_service_is_told_from_others():
    shop = [recorded(url="http://shop/things/1", number=str(n)) for n in range(2)]
    pay = [recorded(url="http://pay:99/cards", number=str(n + 5)) for n in range(3)]
    recording = Recording((*shop, *pay))
    assert service_exchanges(recording)[0] == tuple(pay), "the one that was asked most"
    kept, elsewhere = service_exchanges(recording, operation_of=operation_finder(DOCUMENT))
    assert (kept, elsewhere) == (tuple(shop), {"http://pay:99": 3})
    assert service_exchanges(recording, ["http://pay:99/base"])[0] == tuple(pay)
    assert service_exchanges(recording, ["http://nobody"], operation_finder(DOCUMENT))[0] == tuple(shop)
    assert service_exchanges(Recording()) == ((), {})
    here = Recording((recorded(url="http://127.0.0.1:8000/a"), *pay))
    assert len(service_exchanges(here, ["http://localhost:8000/docs"])[0]) == 1
    assert len(service_exchanges(Recording((*shop, *pay)), ["http://shop:80"])[0]) == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("test_a", "test_a", True),
        ("tests/x.py::test_a", "test_a", True),
        ("tests/x.py::TestB::test_a", "TestB.test_a", True),
        ("tests/x.py::test_a[1-2]", "tests/x.py::test_a", False),
        ("tests/x.py::test_a", "tests/y.py::test_a", False),
        ("test_a", "test_b", False),
        ("", "test_b", False),
        ("", "", True),
    ],
)
def test_names_of_tests(one, other, same):
    assert same_test(one, other) is same
    assert name_of_test("tests/x.py::test_a[1-[2]]") == "tests/x.py::test_a"


def test_what_the_document_calls_its_keys_is_not_recorded():
    from zeues_contracts.exchange import Request
    from zeues_contracts.redact import know

    request = Request("GET", "http://h/a?k=planted-1&page=2", (("x-pass-through", "planted-2"),))
    know(names=["k", "x-pass-through"])
    one = recorded("GET")
    text = write_contract(
        build_contract(
            [dataclasses.replace(one, exchange=msgspec.structs.replace(one.exchange, request=request))], "web"
        ).contract
    )
    assert "planted" not in text
    assert "${X_PASS_THROUGH}" in text
    assert "page" in text
