"""No outage is called drift, mismatch or violation; no bug is called an outage; what is neither is called neither."""

import msgspec
import pytest

from zeues_contracts.findings import Cause
from zeues_contracts.triage.classify import classify, classify_exchange, outage_began
from zeues_contracts.triage.model import Confidence, ProbeResult

from .exchanges import BUGS, NEITHER, OUTAGES, detail, exchange

GENERIC = {"status": 500, "body": "Internal Server Error", "content_type": "text/plain"}


def test_the_table_is_large_enough():
    assert len(OUTAGES) + len(BUGS) >= 60


@pytest.mark.parametrize(("name", "dependency", "one"), OUTAGES, ids=[row[0] for row in OUTAGES])
def test_outage_is_called_outage(name, dependency, one):
    verdict = classify_exchange(one)
    assert verdict.cause is Cause.OUTAGE
    assert verdict.confidence is not Confidence.CANNOT_TELL
    assert verdict.evidence
    if dependency is not None:
        assert verdict.dependency == dependency


@pytest.mark.parametrize(("name", "one"), BUGS, ids=[row[0] for row in BUGS])
def test_bug_is_called_violation(name, one):
    verdict = classify_exchange(one)
    assert verdict.cause is Cause.VIOLATION
    assert verdict.confidence is Confidence.CERTAIN


@pytest.mark.parametrize(("name", "one"), NEITHER, ids=[row[0] for row in NEITHER])
def test_neither_is_called_neither(name, one):
    assert classify_exchange(one).cause not in (Cause.OUTAGE, Cause.VIOLATION, Cause.DRIFT)


@pytest.mark.parametrize(("name", "dependency", "one"), OUTAGES, ids=[row[0] for row in OUTAGES])
def test_outage_outweighs_a_bug_in_the_same_run(name, dependency, one):
    assert classify([BUGS[0][1], one, exchange(status=200, body={})]).cause is Cause.OUTAGE


def test_nothing_failed():
    verdict = classify([exchange(status=200, body={}), exchange(status=404, body={})])
    assert (verdict.cause, verdict.confidence) == (None, Confidence.CERTAIN)


def test_the_probe_names_what_the_text_does_not():
    probe = ProbeResult(
        "http://x/api/redis-health",
        "/api/redis-health",
        200,
        False,
        "Redis",
        "Redis not responding: Too many connections",
    )
    verdict = classify([detail("Internal server error: Too many connections")], [probe])
    assert (verdict.cause, verdict.dependency, verdict.confidence) == (Cause.OUTAGE, "Redis", Confidence.CERTAIN)


def test_an_untold_500_while_a_probe_says_down():
    probe = ProbeResult("http://x/redis", "/redis", 503, False, "Redis", "")
    verdict = classify_exchange(exchange(**GENERIC), (), [probe])
    assert (verdict.cause, verdict.dependency) == (Cause.OUTAGE, "Redis")


def test_an_untold_500_that_repeats_on_a_healthy_service():
    probe = ProbeResult("http://x/health", "/health", 200, True)
    same = [exchange(**GENERIC, sent={"a": 1}), exchange(**GENERIC, sent={"a": 1})]
    verdict = classify_exchange(same[1], same, [probe])
    assert (verdict.cause, verdict.confidence) == (Cause.VIOLATION, Confidence.LIKELY)
    assert classify_exchange(same[1], same, []).cause is None


def test_the_same_request_that_answered_well_a_moment_ago():
    well = exchange("GET", "/a", 200, {})
    bad = exchange("GET", "/a", **GENERIC)
    verdict = classify_exchange(bad, [well, bad])
    assert (verdict.cause, verdict.confidence) == (Cause.OUTAGE, Confidence.LIKELY)


def test_a_write_in_between_may_have_poisoned_it():
    series = [exchange("GET", "/a", 200, {}), exchange("POST", "/a", 201, {}), exchange("GET", "/a", **GENERIC)]
    verdict = classify_exchange(series[2], series)
    assert (verdict.cause, verdict.confidence) == (Cause.VIOLATION, Confidence.LIKELY)


def test_an_untold_500_alone_is_told_by_how_the_service_is_otherwise():
    bad = exchange("GET", "/a", **GENERIC)
    assert classify([bad]).confidence is Confidence.CANNOT_TELL
    healthy = ProbeResult("http://x/health", "/health", 200, True)
    for verdict in (
        classify([exchange("GET", "/b", 200, {}), bad]),
        classify([bad, exchange("GET", "/b", 200, {})]),
        classify([bad], [healthy]),
    ):
        assert (verdict.cause, verdict.confidence) == (Cause.VIOLATION, Confidence.LIKELY)
        assert len(verdict.evidence) == 2


def test_many_operations_that_begin_to_fail_alike_while_another_answers():
    before = [exchange("POST", f"/op{n}", 200, {}, sent={"n": n}) for n in range(4)]
    after = [exchange("POST", f"/op{n}", **GENERIC, sent={"n": n, "again": True}) for n in range(4)]
    other = [exchange("GET", "/workers", 200, [])]
    verdict = classify_exchange(after[3], before + after + other)
    assert (verdict.cause, verdict.confidence) == (Cause.OUTAGE, Confidence.LIKELY)
    assert any("/workers" in line for line in verdict.evidence)


def test_most_operations_that_never_answer_anything_else_may_share_what_is_out():
    series = [exchange("POST", f"/op{n}", **GENERIC, sent={"n": n}) for n in range(4)] * 2
    other = [exchange("GET", "/workers", 200, [])]
    verdict = classify_exchange(series[0], series + other)
    assert (verdict.cause, verdict.confidence, verdict.sign) == (Cause.OUTAGE, Confidence.LIKELY, "alike")


def test_a_few_that_failed_from_the_start_are_bugs_of_their_own():
    series = [exchange("POST", f"/op{n}", **GENERIC, sent={"n": n}) for n in range(3)] * 2
    others = [exchange("GET", f"/fine{n}", 200, []) for n in range(3)]
    assert classify_exchange(series[0], series + others).cause is Cause.VIOLATION
    once_otherwise = [*series, exchange("POST", "/op1", 422, {})]
    assert classify_exchange(series[0], once_otherwise).cause is not Cause.OUTAGE
    one_resource = [exchange(method, "/op/1", **GENERIC) for method in ("GET", "PUT", "PATCH", "DELETE")]
    assert classify_exchange(one_resource[0], one_resource).cause is not Cause.OUTAGE


def test_one_of_the_many_that_answers_again_is_no_cluster():
    before = [exchange("POST", f"/op{n}", 200, {}, sent={"n": n}) for n in range(4)]
    after = [exchange("POST", f"/op{n}", **GENERIC, sent={"n": n, "again": True}) for n in range(4)]
    later = [exchange("POST", "/op1", 200, {}, sent={"n": 9})]
    assert classify_exchange(after[3], before + after + later).cause is not Cause.OUTAGE


def test_a_missing_client_during_an_outage_cannot_be_told():
    probe = ProbeResult("http://x/redis", "/redis", 503, False, "Redis", "")
    verdict = classify_exchange(detail("'NoneType' object has no attribute 'get'"), (), [probe])
    assert (verdict.cause, verdict.confidence) == (None, Confidence.CANNOT_TELL)


def test_a_bug_of_its_own_during_an_outage_is_no_outage():
    probe = ProbeResult("http://x/redis", "/redis", 503, False, "Redis", "")
    verdict = classify_exchange(detail("'CompletarRequest' object has no attribute 'operacion'"), (), [probe])
    assert (verdict.cause, verdict.confidence) == (Cause.VIOLATION, Confidence.LIKELY)


def test_a_timeout_alone_cannot_be_told_and_two_are_likely():
    alone = exchange("GET", "/slow", error="timeout")
    fine = exchange("GET", "/fast", 200, {})
    assert classify_exchange(alone, [fine, alone]).cause is None
    other = exchange("GET", "/slow2", error="timeout")
    assert classify_exchange(alone, [fine, alone, other]).cause is Cause.OUTAGE


def test_a_request_that_breaks_the_connection_each_time_while_others_answer():
    series = [exchange(error="reset"), exchange("GET", "/fast", 200, {}), exchange(error="reset")]
    verdict = classify_exchange(series[2], series)
    assert (verdict.cause, verdict.confidence) == (Cause.VIOLATION, Confidence.LIKELY)


def test_a_reset_after_which_nothing_listens():
    series = [exchange("GET", "/fast", 200, {}), exchange(error="reset"), exchange(error="refused")]
    verdict = classify_exchange(series[1], series)
    assert (verdict.cause, verdict.confidence) == (Cause.OUTAGE, Confidence.CERTAIN)


def test_a_body_that_nests_without_end_is_no_trouble():
    deep = "[" * 100_000 + "]" * 100_000
    assert classify_exchange(exchange(status=500, body=deep)).cause is None
    assert classify_exchange(exchange(status=200, body=deep)).confidence is Confidence.CERTAIN


def test_a_refused_request_is_the_consumers():
    verdict = classify([exchange(status=422, body={"detail": []})])
    assert verdict.cause is Cause.MISMATCH


def order(number, status=200, **more):
    return exchange("GET", f"/orders/{number}", status, **more)


SHARD = {"detail": "Could not connect to Redis shard 2: Connection refused"}


def test_a_failure_that_comes_and_goes_with_the_input_is_a_bug_however_it_reads():
    company = [order(2, 500, body=SHARD), order(3, body={"id": 3}), order(2, 500, body=SHARD)]
    verdict = classify_exchange(company[-1], company)
    assert (verdict.cause, verdict.confidence) == (Cause.VIOLATION, Confidence.LIKELY)
    assert "GET /orders/3 answered 200 in between: it is what is sent" in verdict.evidence
    assert classify(company).cause is Cause.VIOLATION


@pytest.mark.parametrize(
    "company",
    [
        # Once only; another input that never got to Redis; others that fail alike; the same one answered before.
        [order(2, 500, body=SHARD), order(3, body={"id": 3})],
        [order(2, 500, body=SHARD), order(3, 404, body={}), order(2, 500, body=SHARD)],
        [
            order(2, 500, body=SHARD),
            order(3, body={}),
            exchange("GET", "/b", 500, body=SHARD),
            order(2, 500, body=SHARD),
        ],
        [order(2, body={}), order(2, 500, body=SHARD), order(3, body={}), order(2, 500, body=SHARD)],
    ],
    ids=["once", "not found", "others", "was well"],
)
def test_an_outage_stays_one_where_the_input_need_not_be_it(company):
    assert classify(company).cause is Cause.OUTAGE


NOBODY = {"detail": "'NoneType' object has no attribute 'get'"}


def test_a_client_that_was_never_set_up_is_an_outage():
    company = [exchange("GET", path, 500, body=NOBODY) for path in ("/items", "/stock/1", "/carts", "/items")]
    company += [exchange("GET", path, 200, body=[]) for path in ("/a", "/b", "/c", "/d")]
    verdict = classify(company)
    assert (verdict.cause, verdict.confidence) == (Cause.OUTAGE, Confidence.LIKELY)
    # One operation alone is a bug, and so is an attribute that no client has.
    assert classify([company[0], *company[4:]]).cause is Cause.VIOLATION
    other = {"detail": "'NoneType' object has no attribute 'surname'"}
    assert classify([exchange("GET", path, 500, body=other) for path in ("/a", "/b/1", "/c")]).cause is Cause.VIOLATION


def test_all_methods_of_a_silent_path_are_one_witness():
    silent = [exchange(method, "/health", error="timeout") for method in ("GET", "TRACE", "POST")]
    well = exchange("GET", "/items", 200, body=[])
    assert classify_exchange(silent[-1], [silent[0], well, *silent[1:]]).cause is not Cause.OUTAGE
    beside = exchange("GET", "/stock", error="timeout")
    assert classify_exchange(beside, [well, silent[0], beside]).cause is Cause.OUTAGE


def test_when_it_began():
    first = exchange("GET", "/a", 200, body=[])
    company = [first, order(2, 500, body=SHARD), exchange("GET", "/a", error="refused")]
    company = [msgspec.structs.replace(one, at=10.0 + index) for index, one in enumerate(company)]
    assert outage_began(company) == 11.0
    assert outage_began(company[:1]) is None
