"""The mock refuses what FastAPI refuses, in its words: FastAPI itself is asked."""

import datetime as dt
import enum
import json
import uuid
from typing import Annotated, Literal

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from fastapi import Cookie, FastAPI, Header, Query
from pydantic import BaseModel, ConfigDict, Field

from zeues_contracts.exchange import Request
from zeues_contracts.live.inprocess import AsgiSender
from zeues_contracts.live.mock.answering import Mock
from zeues_contracts.openapi import document_from_mapping

app = FastAPI()


class Action(enum.StrEnum):
    ARM = "ARM"
    SOLD = "SOLD"


class Inner(BaseModel):
    n: int = Field(gt=0)
    name: str = Field(min_length=1, max_length=5)


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    good: bool


class Thing(BaseModel):
    tag: str = Field(min_length=1)
    worker_id: int = Field(gt=0)
    action: Action
    when: dt.date
    at: dt.datetime | None = None
    uid: uuid.UUID | None = None
    items: list[Inner] = Field(default=[], max_length=2)
    counts: dict[str, int] = {}
    factor: float = Field(default=1, le=5)
    flag: bool = False
    text: str | None = Field(default=None, pattern="^a+$")
    either: int | list[str] | None = None
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    five: int = Field(default=5, multiple_of=5)
    span: dt.timedelta | None = None
    clock: dt.time | None = None


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int


@app.post("/things")
def things(thing: Thing):
    return {}


@app.post("/strict")
def strict(strict: Strict):
    return {}


@app.get("/search/{number}")
def search(
    number: int,
    q: Annotated[str, Query(min_length=2)],
    size: Annotated[int, Query(ge=1, le=10)] = 5,
    tags: Annotated[list[int], Query()] = [],  # noqa: B006
    exact: bool = False,
    x_trace: Annotated[int | None, Header()] = None,
    level: Annotated[Action | None, Cookie()] = None,
):
    return {}


GOOD = {"tag": "a", "worker_id": 1, "action": "ARM", "when": "2026-01-01"}
BODIES = [
    {},
    GOOD,
    *(
        {**GOOD, **change}
        for change in (
            {"tag": ""},
            {"tag": 3},
            {"tag": None},
            {"worker_id": "x"},
            {"worker_id": "3"},
            {"worker_id": 0},
            {"worker_id": 1.5},
            {"worker_id": 2.0},
            {"worker_id": None},
            {"worker_id": True},
            {"worker_id": []},
            {"action": "X"},
            {"when": "no date at all"},
            {"when": "2026-13-01"},
            {"at": "2026-01-01T00:00:00"},
            {"at": "nonsense and more"},
            {"uid": "nonsense"},
            {"uid": "6b1f6f4e5f0c4b5e9d580a3e7c9f1d2b"},
            {"items": [{"n": 0, "name": "too long"}, {}]},
            {"items": [1]},
            {"items": 3},
            {"items": [{"n": 1, "name": "a"}] * 3},
            {"counts": {"a": "b"}},
            {"counts": 3},
            {"factor": 7},
            {"factor": "1.5"},
            {"factor": "x"},
            {"flag": "maybe"},
            {"flag": "yes"},
            {"flag": []},
            {"text": "b"},
            {"either": {}},
            {"either": 3},
            {"pet": {"kind": "cat"}},
            {"pet": {"kind": "dog", "good": True}},
            {"five": 7},
            {"span": False},
            {"span": 1.5},
            {"span": "PT1H"},
            {"clock": 3},
            {"clock": True},
            {"clock": 90_000},
            {"at": 0},
            {"at": True},
            {"when": 86400},
            {"when": 5},
            {"when": True},
            {"uid": 5},
            {"span": []},
        )
    ),
    [],
    "x",
    3,
    None,
]


@pytest.fixture(scope="module")
def sides():
    real = AsgiSender(app)
    mock = Mock(document_from_mapping(app.openapi(), "app"))
    yield real, mock
    real.close()


def told(response):
    """Status, and of each refusal its type, place and words up to the reason that a parser adds."""
    if response.status != 422:
        return response.status, []
    entries = json.loads(response.body)["detail"]
    return 422, [(one["type"], one["loc"], _words(one)) for one in entries]


def _words(entry):
    return entry["msg"].partition(", ")[0] if "parsing" in entry["type"] else entry["msg"]


def same(sides, method, path, body=None, headers=()):
    real, mock = sides
    request = Request(method, real.base_url + path, headers, body)
    theirs, ours = real.send(request).response, mock.answer(request).response
    assert told(ours) == told(theirs)
    return ours


@pytest.mark.parametrize("body", BODIES, ids=lambda body: json.dumps(body)[:60])
def test_bodies(sides, body):
    answer = same(sides, "POST", "/things", json.dumps(body).encode(), (("content-type", "application/json"),))
    if answer.status == 422 and isinstance(body, dict):
        assert all("input" in one for one in json.loads(answer.body)["detail"])


@pytest.mark.parametrize("body", [{"a": 1, "b": 2}, {"a": 1}, {"a": "x", "b": 2}])
def test_further_properties_where_they_are_forbidden(sides, body):
    same(sides, "POST", "/strict", json.dumps(body).encode(), (("content-type", "application/json"),))


@pytest.mark.parametrize("body", [b"{", b"", b'{"tag": }', b"\xff"])
def test_what_is_no_json(sides, body):
    same(sides, "POST", "/things", body, (("content-type", "application/json"),))


@pytest.mark.parametrize(
    "path",
    [
        "/search/1?q=ab",
        "/search/x?q=ab",
        "/search/1",
        "/search/1?q=a",
        "/search/1?q=ab&size=0",
        "/search/1?q=ab&size=11",
        "/search/1?q=ab&size=many",
        "/search/1?q=ab&size=",
        "/search/1?q=ab&tags=1&tags=2",
        "/search/1?q=ab&tags=1&tags=x",
        "/search/1?q=ab&exact=yes",
        "/search/1?q=ab&exact=perhaps",
        "/search/x?size=y",
        "/search/1?q=ab&unknown=1",
    ],
)
def test_parameters(sides, path):
    same(sides, "GET", path)


@pytest.mark.parametrize("headers", [(("x-trace", "7"),), (("x-trace", "y"),), (("cookie", "level=ARM"),)])
def test_headers_and_cookies(sides, headers):
    same(sides, "GET", "/search/1?q=ab", None, headers)


def test_deep_bodies_end(sides):
    deep = b'{"items": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    answer = sides[1].answer(Request("POST", "http://x/things", (("content-type", "application/json"),), deep))
    assert answer.response.status == 422
