"""Interactions that take variables of the environment: what is not set is named, or left to the configuration."""

import pytest
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import APIKeyHeader

from zeues_contracts.consumers.forms.sending import Surroundings
from zeues_contracts.consumers.reading import parse_contract
from zeues_contracts.findings import Report, StageStatus
from zeues_contracts.live.replay import replay
from zeues_contracts.report.words import stage_lines
from zeues_contracts.triage.forecast import forecast, forecast_sentence

from .documents import document
from .services import serving

KEYED = """
version: 1
consumer: suite
interactions:
  - {id: open, operation: GET /open, expect: {status: 200}}
  - {id: one, operation: GET /one, request: {headers: {X-Api-Key: "${SUITE_KEY}"}}, expect: {status: 200}}
  - {id: two, operation: GET /two, request: {headers: {X-Api-Key: "$env:SUITE_KEY"}}, expect: {status: 200}}
  - {id: wrong, operation: GET /one, request: {headers: {X-Api-Key: "${WRONG_KEY}"}}, expect: {status: 401}}
"""


@pytest.fixture(scope="module")
def app():
    found = FastAPI()

    def key(given: str | None = Depends(APIKeyHeader(name="X-Api-Key", auto_error=False))):
        if given != "right":
            raise HTTPException(401, "wrong key")

    @found.get("/open")
    def opened():
        return {}

    @found.get("/one", dependencies=[Depends(key)], responses={401: {}})
    def one():
        return {}

    @found.get("/two", dependencies=[Depends(key)], responses={401: {}})
    def two():
        return {}

    return found


@pytest.fixture(scope="module")
def url(app):
    with serving(app) as at:
        yield at


def replayed(app, url, headers=None, **environ):
    contract = parse_contract(KEYED, "suite.yaml", surroundings=Surroundings(environ=environ))
    result = replay([contract], document(app.openapi()), url, headers=headers)
    return contract, result, {one.interaction: one for one in result.replayed}


def test_what_lacks_a_variable_is_named_and_counted(app, url):
    contract, result, seen = replayed(app, url)
    assert seen["open"].met is True
    assert [seen[name].skipped for name in ("one", "two")] == ["not sent: SUITE_KEY is not set"] * 2
    assert result.stage.status is StageStatus.RAN
    assert result.stage.reason == "3 interactions not replayed: set SUITE_KEY, WRONG_KEY"
    told = stage_lines(Report(stages=(result.stage,)))
    assert told == [("replay", f"in part: {result.stage.reason}")]
    every = forecast([contract], result.findings, result.replayed)
    assert forecast_sentence(every) == "now 1 of 4, 3 unknown"


def test_where_nothing_can_be_sent_it_is_the_stage_s_reason(app, url):
    text = "version: 1\nconsumer: c\ninteractions: [{id: a, operation: GET /one, request: {query: {q: '${LOST}'}}}]\n"
    contract = parse_contract(text, "c.yaml", surroundings=Surroundings(environ={}))
    result = replay([contract], document(app.openapi()), url, headers={"X-Api-Key": "right"})
    assert result.stage.status is StageStatus.SKIPPED
    assert result.stage.reason == "1 interaction not replayed: set LOST"


def test_a_header_without_its_variable_is_the_configured_one(app, url):
    _, result, seen = replayed(app, url, {"x-api-KEY": "right"})
    assert [name for name, one in seen.items() if one.met] == ["open", "one", "two"]
    # What expects to be refused takes its own key: the configured one would be another question.
    assert seen["wrong"].exchange is None
    assert result.stage.reason == "1 interaction not replayed: set WRONG_KEY"


def test_a_variable_that_is_set_wins_over_the_configuration(app, url):
    _, result, seen = replayed(app, url, {"X-Api-Key": "right"}, SUITE_KEY="another", WRONG_KEY="another")
    assert [name for name, one in seen.items() if one.met] == ["open", "wrong"]
    assert result.stage.reason == ""
