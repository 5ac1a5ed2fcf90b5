"""A replay that failed as the document foretold is evidence of the mismatch, not a second finding."""

from __future__ import annotations

from zeues_contracts.check.folding import folded
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.findings import Evidence, Finding, Hit, Level
from zeues_contracts.rules import rule

EXCHANGE = Exchange(Request("POST", "http://127.0.0.1/x"), Response(422))


def told(*hits: str, level: Level = Level.ERROR) -> Finding:
    return rule("ZC323").finding("requires `a`", hits=tuple(Hit("till", one) for one in hits), level=level)


def seen(*hits: str) -> Finding:
    return rule("ZC450").finding(
        "would fail",
        hits=tuple(Hit("till", one) for one in hits),
        evidence=Evidence(exchange=EXCHANGE, replay="curl …"),
        subject=" ".join(hits),
    )


def test_what_was_foretold_becomes_evidence() -> None:
    found = folded([told("one", "two"), seen("one"), seen("two")])
    assert [finding.rule for finding in found] == ["ZC323"]
    assert found[0].evidence.exchange == EXCHANGE
    assert found[0].evidence.replay == "curl …"
    assert found[0].fingerprint == told("one", "two").fingerprint


def test_what_nobody_foretold_stays() -> None:
    other = seen("three")
    assert folded([told("one"), other])[1] == other


def test_a_mere_warning_explains_no_failure() -> None:
    both = [told("one", level=Level.WARNING), seen("one")]
    assert folded(both) == tuple(both)


def test_a_failure_of_two_is_explained_only_where_both_are() -> None:
    both = [told("one"), seen("one", "two")]
    assert folded(both) == tuple(both)
