"""What we use of schemathesis beyond its documented API is still there and does what we rely on.

This fails loudly when a release changes it: read `live/engine.py`, whose docstring names every such thing.
"""

import sys
import threading
import time
import types

import pytest

from zeues_contracts.errors import UsageError
from zeues_contracts.exchange import Exchange, Response
from zeues_contracts.live.engine import CODECS, PHASES, _no_traces, run_engine

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things": {
            "post": {
                "operationId": "make",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {"name": {"type": "string", "minLength": 1}},
                                "required": ["name"],
                            },
                            "example": {"name": "an example"},
                        }
                    },
                },
                "responses": {
                    "201": {
                        "description": "made",
                        "content": {"application/json": {"schema": {"properties": {"id": {"type": "integer"}}}}},
                        "links": {
                            "get": {"operationId": "read", "parameters": {"id": "$response.body#/id"}},
                        },
                    }
                },
            }
        },
        "/things/{id}": {
            "get": {
                "operationId": "read",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "a thing"}},
            }
        },
    },
}


def collect(**options):
    seen = []

    def send(made):
        seen.append(made)
        body = b'{"id": 5}' if made.request.method == "POST" else b"{}"
        status = 201 if made.request.method == "POST" else 200
        return Exchange(made.request, Response(status, (("content-type", "application/json"),), body, 0.001))

    settings = {"stop": threading.Event(), "left": lambda: 60.0, "examples": 5, **options}
    end = run_engine(DOCUMENT, "http://127.0.0.1:1", send, **settings)
    return seen, end


@pytest.mark.parametrize("phase", PHASES)
def test_each_phase_makes_requests_through_our_sender(phase):
    seen, end = collect(phases=[phase])
    assert end.finished
    assert not end.errors
    assert {made.phase for made in seen} == {phase}
    assert all(made.operation in ("POST /things", "GET /things/{id}") for made in seen)


def test_the_example_is_sent_as_it_stands():
    seen, _ = collect(phases=["examples"])
    assert [(made.request.body, made.positive) for made in seen] == [(b'{"name": "an example"}', True)]


def test_coverage_means_both_ways_and_says_so():
    seen, _ = collect(phases=["coverage"])
    assert {made.positive for made in seen} == {True, False}
    assert any(not made.request.body for made in seen if made.positive is False)


def test_stories_use_what_was_answered():
    seen, _ = collect(phases=["stateful"])
    assert any(made.request.url.endswith("/things/5") for made in seen)


def test_the_same_seed_makes_the_same_requests():
    first, _ = collect(phases=["coverage", "fuzzing"], seed=7)
    second, _ = collect(phases=["coverage", "fuzzing"], seed=7)
    other, _ = collect(phases=["coverage", "fuzzing"], seed=8)
    assert [made.request for made in first] == [made.request for made in second]
    assert [made.request for made in first] != [made.request for made in other]


def test_nothing_of_the_engines_own_is_sent():
    seen, _ = collect()
    names = {name for made in seen for name, _ in made.request.headers}
    assert "user-agent" not in names
    assert not [name for name in names if "schemathesis" in name]
    assert {made.request.url.split("?")[0].rpartition("/")[0] for made in seen} <= {
        "http://127.0.0.1:1",
        "http://127.0.0.1:1/things",
    }


def test_stop_ends_it():
    stop = threading.Event()
    count = []

    def send(made):
        count.append(made)
        if len(count) == 3:
            stop.set()
        return Exchange(made.request, Response(200))

    end = run_engine(DOCUMENT, "http://127.0.0.1:1", send, stop=stop, left=lambda: 60.0)
    assert not end.finished
    assert len(count) == 3


def test_workers_send_at_the_same_time():
    threads = set()

    def send(made):
        threads.add(threading.get_ident())
        time.sleep(0.002)
        return Exchange(made.request, Response(200))

    operation = {"get": {"responses": {"200": {"description": "fine"}}}}
    document = {**DOCUMENT, "paths": {f"/{name}": operation for name in "abcdef"}}
    run_engine(
        document, "http://127.0.0.1:1", send, stop=threading.Event(), left=lambda: 60.0, workers=2, phases=["coverage"]
    )
    assert len(threads) == 2


def test_a_document_that_cannot_be_fuzzed_is_a_usage_error():
    with pytest.raises(UsageError, match="cannot be fuzzed"):
        run_engine({"info": {}}, "http://127.0.0.1:1", lambda _: None, stop=threading.Event(), left=lambda: 5.0)


def test_no_files_are_left_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    collect(phases=["fuzzing"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(CODECS))
def test_what_the_engine_is_told_of_codecs_is_so(name):
    known = {point for first, last in CODECS[name] for point in (first, last)}
    for first, last in CODECS[name]:
        for point in (first, (first + last) // 2, last):
            assert chr(point).encode(name).decode(name) == chr(point)
        for outside in {first - 1, last + 1} - known:
            if 0 <= outside <= sys.maxunicode:
                with pytest.raises(UnicodeEncodeError):
                    chr(outside).encode(name)


def test_hypothesis_finds_what_it_is_told_of_codecs(monkeypatch):
    """Without it, it asks a million code points, in the time of the run."""
    from hypothesis.internal import charmap

    monkeypatch.setattr(charmap, "sys", types.SimpleNamespace(maxunicode=-1))  # whoever counts finds nothing
    with _no_traces():
        for name in CODECS:
            read = charmap.intervals_from_codec.__wrapped__(name)
            assert [list(one) for one in read[0].intervals] == CODECS[name]


def test_hypothesis_does_not_parse_our_own_source():
    """What it would draw from there says nothing about a service, and takes seconds from the time of the run."""
    from hypothesis.internal.conjecture import providers

    with _no_traces():
        ours = [id(module) for name, module in sys.modules.items() if name.startswith("zeues_contracts.")]
        assert ours
        assert set(ours) <= providers._seen_modules
