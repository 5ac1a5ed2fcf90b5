"""JUnit XML as CI dashboards read it: one suite per service and cause, one case per operation or interaction.

Source: the XSD of Jenkins' xunit plugin (junit-10), which Surefire's and GitLab's readers accept as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from zeues_contracts.findings import Cause, Finding, Report, Stage, StageStatus, in_report_order
from zeues_contracts.report.options import RenderOptions
from zeues_contracts.report.safe import cell, pretty, xml_text
from zeues_contracts.report.words import (
    CAUSE_OF_STAGE,
    CAUSES,
    hits_text,
    operations_text,
    place_text,
    plural,
    rule_title,
)

__all__ = ["render"]


class _Case(msgspec.Struct):
    """One row of a dashboard."""

    name: str
    failing: list[Finding] = msgspec.field(default_factory=list)
    told: list[Finding] = msgspec.field(default_factory=list)
    waived: list[Finding] = msgspec.field(default_factory=list)
    skipped: str = ""
    error: str = ""


class _Suite(msgspec.Struct):
    """The cases of one service and cause, by name."""

    service: str
    cause: Cause
    seconds: float = 0.0
    cases: dict[str, _Case] = msgspec.field(default_factory=dict)

    def case(self, name: str) -> _Case:
        return self.cases.setdefault(name, _Case(name))


def render(report: Report, options: RenderOptions) -> str:
    """The report as JUnit XML. Findings at or above the fail level are failures, the others are told in the output."""
    suites = _suites(report, options)
    rows = [row for suite in suites for row in _suite_xml(suite, options)]
    tests, failures, errors, _ = _totals(case for suite in suites for case in suite.cases.values())
    name = xml_text(cell(report.title or "zeues-contracts", 200))
    head = f'<testsuites name="{name}" tests="{tests}" failures="{failures}" errors="{errors}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *rows, "</testsuites>"]) + "\n"


def _suites(report: Report, options: RenderOptions) -> list[_Suite]:
    suites: dict[tuple[str, Cause], _Suite] = {}

    def suite(service: str, cause: Cause) -> _Suite:
        return suites.setdefault((service, cause), _Suite(service, cause))

    for stage in report.stages:
        one = suite(stage.service, CAUSE_OF_STAGE.get(stage.name, Cause.OUTAGE))
        one.seconds += stage.seconds
        _stage_cases(one, stage)
    for finding in in_report_order(report.findings):
        fails = options.fail_level.rank > 0 and finding.level.rank >= options.fail_level.rank
        for name in _names(finding):
            case = suite(finding.service, finding.cause).case(name)
            (case.failing if fails else case.told).append(finding)
    for finding in in_report_order(report.waived):
        for name in _names(finding):
            suite(finding.service, finding.cause).case(name).waived.append(finding)
    if report.cannot_judge:
        service = report.stages[0].service if report.stages else ""
        suite(service, Cause.OUTAGE).case("can anything be judged?").error = report.cannot_judge
    order = {cause: index for index, cause in enumerate(CAUSES)}
    return sorted(suites.values(), key=lambda it: (it.service, order[it.cause]))


def _stage_cases(suite: _Suite, stage: Stage) -> None:
    for subject in stage.subjects:
        suite.case(subject)
    if stage.status is not StageStatus.RAN:
        word = "not judged" if stage.status is StageStatus.BLOCKED else "skipped"
        suite.case(stage.name).skipped = f"{word}: {stage.reason}" if stage.reason else word
    elif not stage.subjects:
        suite.case(stage.name)


def _names(finding: Finding) -> list[str]:
    """The interactions that a mismatch hits, else the leading operation: what is shared is one failure only."""
    if finding.cause is Cause.MISMATCH and finding.hits:
        return list(dict.fromkeys(f"{hit.consumer}: {hit.interaction}" for hit in finding.hits))
    return [finding.operation or finding.subject or finding.rule]


def _totals(cases: Iterable[_Case]) -> tuple[int, int, int, int]:
    tests = failures = errors = skipped = 0
    for case in cases:
        tests += 1
        if case.error:
            errors += 1
        elif case.failing:
            failures += 1
        elif case.skipped or (case.waived and not case.told):
            skipped += 1
    return tests, failures, errors, skipped


def _suite_xml(suite: _Suite, options: RenderOptions) -> Iterator[str]:
    cases = list(suite.cases.values())
    tests, failures, errors, skipped = _totals(cases)
    name = xml_text(cell(".".join(part for part in (suite.service, suite.cause.value) if part), 200))
    yield (
        f'  <testsuite name="{name}" tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}" '
        f'time="{suite.seconds:.3f}">'
    )
    for case in cases:
        yield from _case_xml(case, name, options)
    yield "  </testsuite>"


def _case_xml(case: _Case, classname: str, options: RenderOptions) -> Iterator[str]:
    inner = list(_outcome(case, options))
    opening = f'    <testcase classname="{classname}" name="{xml_text(cell(case.name, 300))}"'
    if not inner:
        yield f"{opening}/>"
        return
    yield f"{opening}>"
    yield from inner
    yield "    </testcase>"


def _outcome(case: _Case, options: RenderOptions) -> Iterator[str]:
    if case.error:
        yield _element("error", "cannot-judge", case.error, "")
    elif case.failing:
        first = case.failing[0]
        more = f" (and {plural(len(case.failing) - 1, 'more finding')})" if len(case.failing) > 1 else ""
        text = "\n\n".join(_told(one, options) for one in case.failing[:20])
        yield _element("failure", first.rule, f"{first.rule} {first.message}{more}", text)
    elif case.skipped:
        yield _element("skipped", "", case.skipped, "")
    elif case.waived and not case.told:
        yield _element("skipped", "", f"waived: {case.waived[0].rule} {case.waived[0].message}", "")
    told = [*case.told, *(case.waived if case.failing else ())]
    if told:
        text = "\n\n".join(_told(one, options) for one in told[:20])
        yield f"      <system-out>{xml_text(text)}</system-out>"


def _element(name: str, kind: str, message: str, text: str) -> str:
    type_ = f' type="{xml_text(cell(kind, 40))}"' if kind else ""
    opening = f'      <{name}{type_} message="{xml_text(cell(message, 1000))}"'
    return f"{opening}>{xml_text(text)}</{name}>" if text else f"{opening}/>"


def _told(finding: Finding, options: RenderOptions) -> str:
    """A finding in the lines that a dashboard shows when a case is opened."""
    rows: list[str] = [f"{finding.level.value} {finding.rule} {finding.cause.value}: {cell(rule_title(finding.rule))}"]
    rows.append(cell(finding.message, 4000))
    if len(finding.operations) > 1:
        rows.append(f"under    {cell(operations_text(finding, 5))}")
    places = [finding.place, *finding.related]
    rows += [f"at       {cell(place_text(place, options.root), 400)}" for place in places if place is not None]
    evidence = finding.evidence
    if evidence.explanation:
        rows.append(f"because  {cell(evidence.explanation)}")
    if evidence.witness is not None:
        rows += _labelled("witness", pretty(evidence.witness.value, 100, lines=40))
    rows += [f"hits     {cell(hit, 400)}" for hit in hits_text(finding)[:10]]
    if finding.hint:
        rows.append(f"hint     {cell(finding.hint)}")
    if evidence.replay:
        rows.append(f"replay   {cell(evidence.replay, 8000)}")
    rows.append(f"id       {finding.fingerprint}")
    return "\n".join(rows)


def _labelled(label: str, rows: Sequence[str]) -> list[str]:
    return [f"{label if not index else '':<9}{row}" for index, row in enumerate(rows)]
