"""The parts of a fuzz run: who is fuzzed and how much, what is smaller, what is suspected."""

import json
import shutil
import subprocess

import pytest

from zeues_contracts.errors import UsageError
from zeues_contracts.exchange import Request
from zeues_contracts.live.candidates import Candidates, judge_all, reduce
from zeues_contracts.live.curl import clean, curl
from zeues_contracts.live.fuzz_plan import parse_rate, parse_shard, plan, restricted
from zeues_contracts.live.shrinking import size, smaller
from zeues_contracts.rules import rule

from .documents import document, exchange

PATHS = {
    path: {method: {"responses": {"200": {"description": "fine"}}} for method in methods}
    for path, methods in {
        "/a": ["get", "post"],
        "/a/{id}": ["get", "delete"],
        "/b": ["get"],
        "/c": ["get", "post"],
        "/d/{x}/e": ["put"],
    }.items()
}
DOC = document({"openapi": "3.1.0", "info": {}, "paths": PATHS, "components": {"schemas": {"A": {}}}})


def names(tiers):
    return [operation.name for tier in tiers for operation in tier.operations]


def test_changed_operations_come_first_with_the_larger_share():
    tiers, _ = plan(DOC, changed=["GET /b"], used=["POST /a", "GET /b"])
    assert [(tier.name, len(tier.operations)) for tier in tiers] == [("changed", 1), ("used", 1), ("rest", 6)]
    assert sum(tier.share for tier in tiers) == pytest.approx(1)
    assert tiers[0].share == pytest.approx(2 * tiers[1].share)


def test_each_operation_is_in_one_shard_and_resources_stay_together():
    shards = [set(names(plan(DOC, shard=(part, 3))[0])) for part in (1, 2, 3)]
    assert sorted(one for shard in shards for one in shard) == sorted(names(plan(DOC)[0]))
    assert any({"GET /a", "POST /a", "GET /a/{id}", "DELETE /a/{id}"} <= shard for shard in shards)
    assert all(shards)


def test_what_is_not_safe_stays_at_home():
    tiers, left_out = plan(DOC, trusted=False, safe=["POST /c"])
    assert set(names(tiers)) == {"GET /a", "GET /a/{id}", "GET /b", "GET /c", "POST /c"}
    assert len(left_out) == 3


def test_excluded_and_only():
    assert "GET /b" not in names(plan(DOC, exclude=["GET /b"])[0])
    assert names(plan(DOC, only=["* /a/{other}"])[0]) == ["GET /a/{id}", "DELETE /a/{id}"]


def test_the_restricted_document_keeps_what_operations_need():
    small = restricted(DOC, {"GET /a", "PUT /d/{x}/e"})
    assert {(path, method) for path, item in small["paths"].items() for method in item} == {
        ("/a", "get"),
        ("/d/{x}/e", "put"),
    }
    assert small["components"] is DOC.raw["components"]


@pytest.mark.parametrize(("text", "parts"), [("1/4", (1, 4)), ("4/4", (4, 4)), ("", None)])
def test_shards(text, parts):
    assert parse_shard(text) == parts


@pytest.mark.parametrize("text", ["0/4", "5/4", "4", "a/b", "1/0"])
def test_no_shards(text):
    with pytest.raises(UsageError):
        parse_shard(text)


def test_rates():
    assert [parse_rate(text) for text in ("", "100/s", "30/m", "3600/hour")] == [0, 100, 0.5, 1]
    with pytest.raises(UsageError):
        parse_rate("fast")


def test_smaller_requests_are_smaller_and_end():
    body = {"a": [1, 2, {"b": "text"}], "c": 123456, "d": None}
    request = Request("POST", "http://x/p?q=abc&r=1", (("x-more", "1"),), json.dumps(body).encode())
    candidates = list(smaller(request))
    assert all(size(one) < size(request) or one.body == request.body for one in candidates)
    assert any(one.url == "http://x/p?r=1" for one in candidates)
    assert any(json.loads(one.body) == {"a": [1, 2, {"b": "text"}], "d": None} for one in candidates)
    for _ in range(200):
        following = next((one for one in smaller(request) if size(one) < size(request)), None)
        if following is None:
            break
        request = following
    assert (request.url, request.headers) == ("http://x/p", ())


EXAMPLE = rule("ZC411").example.document


def test_a_candidate_is_reduced_to_what_shows_it():
    doc = document(EXAMPLE)
    sent = {"name": "", "made": "2020-01-01", "more": [1, 2, 3]}

    def answer(request):
        value = json.loads(request.body or b"{}")
        status = 201 if value.get("name") == "" else 422
        made = exchange("POST", "/things", status, {"id": 1, "name": ""}, headers={"location": "/things/1"})
        return type(made)(request, made.response)

    first = answer(exchange("POST", "/things", request_body=sent).request)
    candidates = Candidates()
    assert candidates.add(first, judge_all(doc, first, positive=False)) == 1
    (candidate,) = candidates.all()
    reduced, finding = reduce(doc, candidate.smallest, answer)
    assert json.loads(reduced.request.body) == {"name": ""}
    assert finding.rule == "ZC411"


def test_two_opinions_on_a_request():
    doc = document(EXAMPLE)
    one = exchange("POST", "/things", 201, {"id": 1, "name": ""}, {"name": ""}, {"location": "/things/1"})
    assert [finding.rule for finding in judge_all(doc, one, positive=False)] == ["ZC411"]
    assert not judge_all(doc, one, positive=True)


def test_the_same_cause_is_one_candidate_with_the_smallest_first():
    doc = document(EXAMPLE)
    candidates = Candidates()
    for text in ("xxxxxxxx", "", "yyy"):
        one = exchange("GET", f"/things/1?{text}", 409, {"why": text})
        candidates.add(one, judge_all(doc, one))
    one = exchange("GET", "/things/1", 418, {})
    candidates.add(one, judge_all(doc, one))
    (candidate,) = candidates.all()
    assert (candidate.rule, candidate.count, candidate.states) == ("ZC402", 4, {"409", "418"})
    assert candidate.smallest[0].request.url.endswith("/things/1")


def test_curl_is_one_line_without_secrets():
    request = Request(
        "POST",
        "http://user:pw@127.0.0.1:1/a?token=abc&x=[1]",
        (("authorization", "Bearer s3cret"), ("content-type", "application/json"), ("x-empty", "")),
        b'{"password": "hunter2", "it\'s": "@\\n"}',
    )
    line = curl(request)
    assert "\n" not in line
    for secret in ("s3cret", "hunter2", "abc", "pw@"):
        assert secret not in line
    assert '-H "authorization: Bearer ${AUTHORIZATION}"' in line
    assert " -g " in line


def test_curl_repeats_the_bytes():
    import shlex

    body = "it's \t \x01 \\ $HOME `x` é ☃\nnew".encode()
    line = curl(Request("POST", "http://127.0.0.1:1/", (("content-type", "text/plain"),), body))
    words = line.partition("--data-raw ")[2].rpartition(" ")[0]
    shown = subprocess.run(["bash", "-c", f"printf %s {words}"], capture_output=True, check=True).stdout
    assert shown == body
    assert shlex.split("curl -X POST")


def test_clean_exchanges_hold_no_secrets():
    one = exchange(
        "POST",
        "/login?api_key=abc",
        200,
        {"access_token": "abc", "name": "x"},
        {"password": "abc", "nested": [{"client_secret": "abc"}]},
        {"set-cookie": "session=abc"},
        request_headers={"Cookie": "session=abc", "X-API-Key": "abc"},
    )
    shown = clean(one)
    assert "abc" not in repr(shown)
    assert b'"name": "x"' in shown.response.body


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("name", ["x`touch hit`-token", "x$(touch hit)-secret", "x|touch hit|token", "'x'-token"])
def test_what_a_document_calls_its_headers_is_never_run(name, tmp_path):
    headers = ((name, "abc"), (name[:3], "$(touch hit)"))
    line = curl(Request("GE;touch hit", "http://h/`touch hit`?a=$(touch hit)", headers))
    line = line.replace("curl", "printf '%s\\n'", 1)
    shell = ["bash", "-c", line]
    ran = subprocess.run(
        shell, cwd=tmp_path, capture_output=True, check=True, timeout=20, env={"PATH": "/usr/bin:/bin"}
    )
    assert ran.stderr == b""
    assert f"{name}: " in ran.stdout.decode().splitlines()
    assert list(tmp_path.iterdir()) == []
