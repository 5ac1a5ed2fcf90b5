"""What stands between each test and passing, and how many pass if each layer is taken away."""

import pytest

from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload, RequestSpec
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.findings import Cause, Finding, Forecast, Hit, Layer, Level
from zeues_contracts.triage.forecast import count_if_mended, forecast, forecast_sentence
from zeues_contracts.triage.model import Confidence, ProbeResult, Replayed, Verdict

TOMAR, PAUSAR = "POST /api/occupation/tomar", "POST /api/occupation/pausar"
COMPLETAR, HISTORY, HEALTH = "POST /api/occupation/completar", "GET /api/history/{tag_spool}", "GET /api/health"
POOL = "Too many connections"


def interaction(name, test, operation, statuses=("200",), **body):
    sent = RequestSpec(body=Payload({"const": body}, body, is_example=True) if body else None)
    return Interaction(name, operation, sent, Expectation(statuses), test)


SUITE = Contract(
    "e2e-suite",
    "zeues",
    (
        interaction("arm-tomar", "test_1", TOMAR, tag="TEST-01", worker=93),
        interaction("arm-completar", "test_1", COMPLETAR, tag="TEST-01"),
        interaction("race-first", "test_2", TOMAR, tag="TEST-01", worker=93),
        interaction("race-second", "test_2", TOMAR, ("409",), tag="TEST-01", worker=94),
        interaction("pausar", "test_3", PAUSAR, ("4XX", "5XX"), tag="TEST-03"),
        interaction("unknown", "test_4", TOMAR, ("404",), tag="NO"),
        interaction("history", "test_5", HISTORY),
        interaction("health", "test_6", HEALTH),
        interaction("sold-tomar", "test_7", TOMAR, ("200", "409", "500"), tag="SOLD-01"),
        interaction("sold-completar", "test_7", COMPLETAR, tag="SOLD-01"),
        interaction("metro-completar", "test_8", COMPLETAR, tag="METRO-01"),
    ),
)
OPERATIONS = {one.id: one.operation for one in SUITE.interactions}
TESTS = {one.id: one.test for one in SUITE.interactions}
COMPLETARS = ("arm-completar", "sold-completar", "metro-completar")

LACKING = Finding(
    "ZC323", Level.ERROR, Cause.MISMATCH, "completar requires `fecha_operacion`", "zeues", (COMPLETAR,), "fecha",
    hits=tuple(Hit("e2e-suite", name) for name in COMPLETARS),
)  # fmt: skip
NO_LIST = Finding(
    "ZC340", Level.ERROR, Cause.MISMATCH, "the list is at `sessions`", "zeues", (HISTORY,), "history",
    hits=(Hit("e2e-suite", "history"),),
)  # fmt: skip
REDIS = Finding("ZC502", Level.ERROR, Cause.OUTAGE, "Redis is out", "zeues", (TOMAR,), "Redis")
BLIND = Finding("ZC511", Level.ERROR, Cause.OUTAGE, "/api/health says healthy while Redis is out", "zeues", (HEALTH,))
BUG = Finding("ZC401", Level.ERROR, Cause.VIOLATION, "completar answers 500: no attribute", "zeues", (COMPLETAR,), "x")
FINE = Verdict(None, Confidence.CERTAIN)
OUT = Verdict(Cause.OUTAGE, Confidence.CERTAIN, "Redis", "pool", (f"500 with “{POOL}”",))


def replayed(name, status, met, verdict=FINE, unmet=()):
    request = Request("POST", "http://127.0.0.1:8000/x")
    exchange = Exchange(request, Response(status)) if status else None
    return Replayed("e2e-suite", name, TESTS[name], OPERATIONS[name], exchange, met, unmet, verdict=verdict)


def unexpected(name, status):
    return replayed(name, status, False, unmet=(f"status {status}, expected 200",))


AT_ALL_TIMES = (
    replayed("unknown", 404, True),
    unexpected("history", 200),
    replayed("health", 200, True),
    *(unexpected(name, 422) for name in COMPLETARS),
)
WHILE_OUT = (
    *AT_ALL_TIMES,
    *(replayed(name, 500, False, OUT) for name in ("arm-tomar", "race-first", "race-second")),
    replayed("pausar", 500, True, OUT),
    replayed("sold-tomar", 500, True, OUT),
)
WHILE_UP = (
    *AT_ALL_TIMES,
    replayed("arm-tomar", 200, True),
    unexpected("race-first", 409),
    replayed("race-second", 409, True),
    replayed("pausar", 400, True),
    replayed("sold-tomar", 200, True),
)


def causes(forecasts):
    return {one.test: [layer.cause for layer in one.layers] for one in forecasts}


def test_the_day_of_the_outage():
    told = forecast([SUITE], [LACKING, NO_LIST, REDIS, BLIND], WHILE_OUT)

    assert [one.test for one in told if one.passes] == ["test_3", "test_4", "test_6"]
    assert causes(told) == {
        "test_1": [Cause.OUTAGE, Cause.MISMATCH],
        "test_2": [Cause.OUTAGE],
        "test_3": [],
        "test_4": [],
        "test_5": [Cause.MISMATCH],
        "test_6": [Cause.OUTAGE],
        "test_7": [Cause.OUTAGE, Cause.MISMATCH],
        "test_8": [Cause.MISMATCH],
    }
    by_test = {one.test: one for one in told}
    assert by_test["test_3"].wrong_reason == f"it takes 4XX or 5XX, and the 500 was an outage: 500 with “{POOL}”"
    assert [one.test for one in told if one.wrong_reason] == ["test_3"], "test 7 takes a 500 as well, and fails"
    assert by_test["test_6"].layers[0].message == "/api/health says healthy while Redis is out"
    assert by_test["test_1"].layers[0].fingerprint == REDIS.fingerprint
    assert by_test["test_1"].layers[1].fingerprint == LACKING.fingerprint
    assert (
        by_test["test_2"]
        .layers[0]
        .message.endswith("what test_1 leaves behind may decide too: it has sent the same request before")
    )
    assert forecast_sentence(told) == (
        "now 3 of 8; with Redis back 4; with the requests mended too 8 (1 passes for the wrong reason)"
    )


def test_with_redis_back_the_same_three_pass_for_other_reasons():
    told = forecast([SUITE], [LACKING, NO_LIST, BUG], WHILE_UP)

    assert [one.test for one in told if one.passes] == ["test_3", "test_4", "test_6"]
    assert not any(one.wrong_reason for one in told)
    assert causes(told)["test_1"] == [Cause.MISMATCH, Cause.VIOLATION], "the bug stands behind the request"
    assert causes(told)["test_2"] == [None]
    assert "test_1 leaves behind" in told[1].layers[0].message
    # As it came out: 4 with the requests mended, 7 with the bugs mended too, for test 1 leaves its spool completed.
    assert forecast_sentence(told) == ("now 3 of 8; with the requests mended 4; with the service's bugs mended too 7")


def test_with_nothing_sent_the_contracts_alone_speak():
    told = forecast([SUITE], [LACKING, NO_LIST])
    assert {one.test: one.passes for one in told} == {
        "test_1": False, "test_2": None, "test_3": None, "test_4": None,
        "test_5": False, "test_6": None, "test_7": False, "test_8": False,
    }  # fmt: skip
    assert count_if_mended(told, [Cause.MISMATCH]) == 4


def test_a_bug_does_not_stand_before_what_was_answered_well():
    told = forecast([SUITE], [BUG], [replayed("metro-completar", 200, True)])
    assert (told[7].passes, told[7].layers) == (True, ())
    unsent = forecast([SUITE], [BUG])
    assert causes(unsent)["test_8"] == [Cause.VIOLATION]
    assert unsent[7].passes is None


def test_what_replay_says_is_not_told_twice():
    again = Finding("ZC450", Level.ERROR, Cause.MISMATCH, "status 422, expected 200", "zeues", (COMPLETAR,), "m",
                    hits=(Hit("e2e-suite", "metro-completar"),))  # fmt: skip
    told = forecast([SUITE], [LACKING, again], [unexpected("metro-completar", 422)])
    assert [layer.fingerprint for layer in told[7].layers] == [LACKING.fingerprint]
    alone = forecast([SUITE], [again], [unexpected("metro-completar", 422)])
    assert [layer.fingerprint for layer in alone[7].layers] == [again.fingerprint]


def test_the_change_that_a_mismatch_tells_of_is_not_told_twice():
    def drift(name):
        return Finding("ZC260", Level.ERROR, Cause.DRIFT, f"`{name}` is required", "zeues", (COMPLETAR,),
                       f"schema CompletarRequest: {name}", hits=(Hit("e2e-suite", "metro-completar"),))  # fmt: skip

    lacking = LACKING.with_(subject="e2e-suite: body fecha")
    assert causes(forecast([SUITE], [lacking, drift("fecha")]))["test_8"] == [Cause.MISMATCH]
    assert causes(forecast([SUITE], [lacking, drift("turno")]))["test_8"] == [Cause.MISMATCH, Cause.DRIFT]
    elsewhere = drift("fecha").with_(operations=(TOMAR,))
    assert causes(forecast([SUITE], [lacking, elsewhere]))["test_8"] == [Cause.MISMATCH, Cause.DRIFT]


def test_warnings_stand_in_nobodys_way():
    ignored = Finding("ZC325", Level.WARNING, Cause.MISMATCH, "operacion is ignored", "zeues", (COMPLETAR,), "o",
                      hits=(Hit("e2e-suite", "metro-completar"),))  # fmt: skip
    told = forecast([SUITE], [ignored], [replayed("metro-completar", 200, True)])
    assert (told[7].passes, told[7].layers) == (True, ())


def test_a_probe_names_what_the_text_does_not():
    nameless = Verdict(Cause.OUTAGE, Confidence.CERTAIN, "", "pool", (f"500 with “{POOL}”",))
    probe = ProbeResult("http://x/redis-health", "/redis-health", 200, False, "Redis", POOL)
    told = forecast([SUITE], [REDIS], [replayed("race-first", 500, False, nameless)], [probe])
    assert told[1].layers[0].message.startswith("Redis is out: ")
    assert told[1].layers[0].fingerprint == REDIS.fingerprint


def test_what_nobody_can_explain_is_never_counted_as_mended():
    strange = Verdict(None, Confidence.CANNOT_TELL)
    told = forecast([SUITE], [], [replayed("metro-completar", 500, False, strange, ("status 500, expected 200",))])
    assert told[7].layers == (Layer(None, "status 500, expected 200"),)
    assert count_if_mended(told, list(Cause)) == 0


def test_interactions_without_a_test_stand_for_themselves():
    contract = Contract("ui", "zeues", (interaction("a", "", HEALTH), interaction("b", "", HISTORY)))
    assert [(one.consumer, one.test) for one in forecast([contract], [])] == [("ui", "a"), ("ui", "b")]


def test_a_part_that_was_not_sent_leaves_it_open():
    skipped = Replayed("e2e-suite", "arm-completar", "test_1", COMPLETAR, skipped="not sent: unsafe")
    told = forecast([SUITE], [], [replayed("arm-tomar", 200, True), skipped])
    assert told[0].passes is None


@pytest.mark.parametrize(
    ("forecasts", "sentence"),
    [
        ((), "now 0 of 0"),
        ((Forecast("a", "t", True),), "now 1 of 1"),
        ((Forecast("a", "t", True), Forecast("a", "u", None), Forecast("a", "v", None)), "now 1 of 3, 2 unknown"),
        (
            (Forecast("a", "t", None), Forecast("a", "u", False, (Layer(Cause.MISMATCH, "lacks"),))),
            "now 0 of 2, 1 unknown; with the requests mended 1",
        ),
        ((Forecast("a", "t", False, (Layer(Cause.OUTAGE, "gone"),)),), "now 0 of 1; with the service back 1"),
        ((Forecast("a", "t", None, (Layer(Cause.DRIFT, "moved"),)),), "now 0 of 1; with the drift settled 1"),
        (
            (Forecast("a", "t", True, (Layer(Cause.OUTAGE, "health is out of its mind"),)),),
            "now 1 of 1",
        ),
    ],
)
def test_sentences(forecasts, sentence):
    assert forecast_sentence(forecasts) == sentence
