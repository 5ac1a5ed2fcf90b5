"""Findings: fingerprints that stay, an order that depends on nothing else, and what a report comes to."""

from __future__ import annotations

import itertools

from zeues_contracts.findings import Cause, Finding, Level, Report, in_report_order


def finding(rule: str = "ZC201", level: Level = Level.ERROR, **fields: object) -> Finding:
    return Finding(rule, level, Cause.DRIFT, "message", **fields)  # type: ignore[arg-type]


def test_a_fingerprint_does_not_depend_on_words_levels_or_evidence() -> None:
    one = finding(service="a", operations=("GET /x",), subject="200/id")
    other = one.with_(message="other words", level=Level.INFO, hint="h", state="s", confidence="likely")
    assert one.fingerprint == other.fingerprint
    assert len(one.fingerprint) == 12


def test_a_fingerprint_tells_rule_service_operation_and_subject_apart() -> None:
    base = {"service": "a", "operations": ("GET /x",), "subject": "s"}
    every = [
        finding(**base),
        finding("ZC202", **base),
        finding(**{**base, "service": "b"}),
        finding(**{**base, "operations": ("GET /y",)}),
        finding(**{**base, "subject": "t"}),
    ]
    assert len({one.fingerprint for one in every}) == len(every)


def test_a_shared_finding_keeps_its_fingerprint_when_operations_come_and_go() -> None:
    two = finding(operations=("GET /a", "GET /b"), subject="#/components/schemas/X")
    three = finding(operations=("GET /b", "GET /c", "GET /d"), subject="#/components/schemas/X")
    assert two.fingerprint == three.fingerprint


def test_the_order_of_a_report_is_that_of_its_findings_alone() -> None:
    some = [
        finding(level=Level.INFO),
        finding(level=Level.ERROR, subject="b"),
        finding(level=Level.ERROR, subject="a"),
        finding(level=Level.WARNING),
    ]
    orders = {in_report_order(one) for one in itertools.permutations(some)}
    assert len(orders) == 1
    assert [one.level.value for one in orders.pop()] == ["error", "error", "warning", "info"]


def test_the_exit_code_says_what_the_run_came_to() -> None:
    warning = Report((finding(level=Level.WARNING),))
    assert Report().exit_code() == 0
    assert (warning.exit_code(), warning.exit_code(Level.WARNING), warning.exit_code(Level.OFF)) == (0, 1, 0)
    assert Report((finding(),), cannot_judge="the service is out").exit_code() == 3
