"""Each rule with exchanges as its example fires on them, and no other rule of its hundred fires louder."""

import pytest

from zeues_contracts.config import ProbeConfig
from zeues_contracts.findings import Cause, Level
from zeues_contracts.live.access import judge_access
from zeues_contracts.live.health import judge_health, looks_like_health, read_probe
from zeues_contracts.live.judging import judge
from zeues_contracts.live.judging_requests import judge_request, judge_series
from zeues_contracts.live.outages import outage_finding
from zeues_contracts.rules import rule
from zeues_contracts.rules.model import ExchangeExample
from zeues_contracts.rules.outage import RULES as OUTAGE
from zeues_contracts.rules.violation import RULES as VIOLATION
from zeues_contracts.triage.classify import classify
from zeues_contracts.triage.matching import match_operation

from .documents import document, exchange

# What has no example: it needs a service that hangs or crashes, a consumer, or a whole run; tested elsewhere.
WITHOUT = {"ZC432", "ZC441", "ZC450", "ZC507", "ZC508", "ZC512", "ZC520", "ZC521"}


def all_findings(example):
    doc = document(example.document)
    exchanges = [exchange(**one) for one in example.exchanges]
    found = [finding for one in exchanges for finding in (*judge(doc, one), *judge_request(doc, one))]
    found += judge_series(doc, exchanges)
    probes = []
    for one in exchanges:
        match = match_operation(doc, "GET", one.request.url.removeprefix("http://127.0.0.1:8000"))
        if one.response is not None and match is not None and looks_like_health(match.operation):
            probes += read_probe(ProbeConfig(path=match.operation.path), one)
    if probes:
        found += judge_health(probes, exchanges, doc).findings
    closed = judge_access(doc, exchanges)
    if closed is not None:
        found.append(closed)
    verdict = classify(exchanges, probes, doc)
    if verdict.is_outage:
        found.append(outage_finding(verdict, "", doc))
    return found


@pytest.mark.parametrize("entry", [one for one in VIOLATION + OUTAGE if one.example], ids=lambda one: one.code)
def test_example_fires(entry):
    assert isinstance(entry.example, ExchangeExample)
    found = all_findings(entry.example)
    assert entry.code in {finding.rule for finding in found}
    mine = next(finding for finding in found if finding.rule == entry.code)
    assert mine.cause is entry.cause
    assert mine.message
    assert mine.evidence.replay.startswith("curl ") or not mine.evidence.exchange
    # In the other direction: what an example is not about does not drown it.
    others = {finding.rule for finding in found if finding.level is Level.ERROR} - {entry.code}
    if entry.level is Level.ERROR:
        assert len(others) <= 2, others


def test_every_rule_has_an_example_or_a_reason():
    assert {one.code for one in VIOLATION + OUTAGE if one.example is None} == WITHOUT


def test_codes_tell_the_cause():
    for entry in VIOLATION:
        assert entry.cause is Cause.VIOLATION or entry.code == "ZC450"
    for entry in OUTAGE:
        assert entry.cause is Cause.OUTAGE
    assert rule("dishonest-health").code == "ZC511"
