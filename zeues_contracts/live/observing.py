"""Observing: what a consumer's own tests met at the real service, and which cause each failure has.

The exchanges come from a recording. Each is classified in the company of all others and of the probes, judged against
the document, and compared with what its test expects. A test passes if its runner says so; for a script that has no
runner, if every answer was one that its code takes (the very values that it compares with, too).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from zeues_contracts.consumers.merging import merge_contracts
from zeues_contracts.consumers.model import Contract, Expectation, Interaction
from zeues_contracts.consumers.recording.building import (
    BY_PROXY,
    build_contract,
    interaction_of,
    operation_finder,
    passed_by,
    same_test,
    service_exchanges,
    test_name,
)
from zeues_contracts.consumers.recording.spool import Outcome, Recorded, Recording
from zeues_contracts.exchange import Exchange
from zeues_contracts.findings import Cause, Evidence, Finding, Forecast, Hit, Layer, Stage
from zeues_contracts.live.building import operation_of_interaction
from zeues_contracts.live.replay import Sent, judge_replayed
from zeues_contracts.openapi.model import Document
from zeues_contracts.redact import PLACEHOLDER
from zeues_contracts.rules import rule
from zeues_contracts.triage.model import ProbeResult, Replayed, Verdict

__all__ = ["Observed", "believable", "forecast_tests", "judge_recording", "with_outcomes", "wrong_reasons"]

# What can be said of an answer whose body was not read to its end.
_BODILESS = frozenset({"ZC401", "ZC402", "ZC403", "ZC404", "ZC407", "ZC408", "ZC430", "ZC431", "ZC442"})


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen: the consumer's contract (the known one with what was recorded now), findings, and each exchange.

    ``elsewhere`` counts requests to other services by origin.
    """

    contract: Contract
    replayed: tuple[Replayed, ...]
    exchanges: tuple[Exchange, ...]
    findings: tuple[Finding, ...]
    stage: Stage
    outage: Verdict | None
    elsewhere: Mapping[str, int]
    notes: tuple[str, ...] = ()


def judge_recording(
    recording: Recording,
    document: Document | None,
    consumer: str,
    service: str = "",
    *,
    base_urls: Sequence[str] = (),
    contracts: Sequence[Contract] = (),
    probes: Sequence[ProbeResult] = (),
    traffic: Sequence[Exchange] = (),
    began: float = 0.0,
    passed: bool | None = None,
) -> Observed:
    """Judge what a command did at the service. Pure.

    ``contracts`` are those known of the service's consumers: the one of this consumer, or the one that shares most
    tests with the recording, tells what stands behind a test's first failure. ``passed`` is whether the command as a
    whole did, which is all that is known of what the proxy saw and no contract tells of.
    """
    finder = operation_finder(document)
    kept, elsewhere = service_exchanges(recording, base_urls, finder)
    existing = _existing(contracts, consumer, kept)
    name = existing.consumer if existing is not None else consumer
    built = build_contract(kept, name, service, operation_of=finder, existing=existing, outcomes=recording.outcomes)
    contract = built.contract if existing is None else merge_contracts(existing, built.contract).contract
    known = {one.id: one for one in contract.interactions}
    before = {} if existing is None else {one.id: one for one in existing.interactions}
    sent: list[Sent] = []
    for recorded, number in built.exchanges:
        if recorded.library != BY_PROXY:
            interaction = _own(recorded, known[number], passed_by(recording.outcomes, recorded.test))
        else:
            interaction = before.get(number) or replace(known[number], expect=_hoped(passed))
        operation = operation_of_interaction(document, interaction)
        exchange = recorded.exchange
        sent.append(Sent(contract, interaction, operation, exchange, [exchange]))
    result = judge_replayed(
        sent,
        document,
        service=service,
        probes=probes,
        traffic=traffic,
        began=began,
        stage="observe",
        believe=believable,
    )
    return Observed(
        contract,
        result.replayed,
        result.exchanges,
        result.findings,
        result.stage,
        result.outage,
        elsewhere,
        (*recording.notes, *built.notes),
    )


def _existing(contracts: Sequence[Contract], consumer: str, kept: Sequence[Recorded]) -> Contract | None:
    for contract in contracts:
        if contract.consumer == consumer:
            return contract
    tests = {test_name(one.test) for one in kept if one.test}
    shared = [
        (sum(any(same_test(test, one.test) for one in contract.interactions) for test in tests), contract)
        for contract in contracts
    ]
    best = max(shared, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] * 2 > len(tests) else None


def _hoped(passed: bool | None) -> Expectation:
    """A command that passed has got what it wanted; of another one an error may be the reason."""
    return Expectation() if passed else Expectation(("2XX", "3XX"))


def _own(recorded: Recorded, known: Interaction, passed: bool | None) -> Interaction:
    """The interaction as this exchange's own test has it, with the values that it compares with."""
    strict = interaction_of(recorded, strict=True, passed=passed)
    return replace(known, expect=strict.expect, test=strict.test or known.test)


def believable(finding: Finding, exchange: Exchange) -> bool:
    """Whether a violation may be told from a recorded exchange: not of what was taken out of it, or never read."""
    response = exchange.response
    if response is not None and response.truncated and finding.rule not in _BODILESS:
        return False
    witness = finding.evidence.witness
    if witness is None:
        return True
    value: Any = _as_recorded(witness.value, exchange)
    for token in witness.pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (LookupError, TypeError, ValueError):
            break
    return PLACEHOLDER not in json.dumps(value, ensure_ascii=False, default=str)


def _as_recorded(shown: Any, exchange: Exchange) -> Any:
    """The body itself where the witness is all of it: witnesses have further secrets taken out to be shown."""
    response = exchange.response
    try:
        body: Any = json.loads(response.body) if response is not None else None
    except (ValueError, RecursionError):
        return shown
    if isinstance(body, dict) and isinstance(shown, dict):
        return body if set(body) == set(shown) else shown
    if isinstance(body, list) and isinstance(shown, list):
        return body if len(body) == len(shown) else shown
    return shown


def forecast_tests(
    observed: Observed, findings: Sequence[Finding], outcomes: Sequence[Outcome], probes: Sequence[ProbeResult] = ()
) -> tuple[Forecast, ...]:
    """What stands between each test and passing, in layers; the runner's word on what passed goes before ours."""
    from zeues_contracts.triage.forecast import forecast

    told = forecast([observed.contract], findings, observed.replayed, probes)
    return with_outcomes(told, outcomes, observed.contract.consumer)


def with_outcomes(forecasts: Sequence[Forecast], outcomes: Sequence[Outcome], consumer: str) -> tuple[Forecast, ...]:
    """Forecasts with what a test runner said. A failure without any cause that we know is a real one."""
    results: dict[str, Outcome] = {}
    for outcome in outcomes:
        name = test_name(outcome.test)
        known = results.get(name)
        if known is None or outcome.outcome == "failed":
            results[name] = outcome
    found: list[Forecast] = []
    for one in forecasts:
        match = next((name for name in results if same_test(name, one.test)), None)
        found.append(one if match is None else _told(one, results.pop(match)))
    for name, outcome in results.items():
        if outcome.outcome == "failed":
            layer = Layer(None, f"it failed without a request that explains it: {_line(outcome.text)}")
            found.append(Forecast(consumer, name, passes=False, layers=(layer,)))
    return tuple(found)


def _told(one: Forecast, outcome: Outcome) -> Forecast:
    if outcome.outcome == "passed" and one.passes is not True:
        return msgspec.structs.replace(one, passes=True, layers=())
    if outcome.outcome == "failed" and one.passes is not False:
        layers = one.layers or (Layer(None, f"every answer was as expected: {_line(outcome.text)}"),)
        return msgspec.structs.replace(one, passes=False, layers=layers, wrong_reason="")
    if outcome.outcome in ("skipped", "xfailed"):
        return msgspec.structs.replace(one, passes=None)
    return one


def _line(text: str) -> str:
    first = text.strip().splitlines()[0] if text.strip() else "no message"
    return first[:200]


def wrong_reasons(forecasts: Sequence[Forecast], contract: Contract, service: str = "") -> tuple[Finding, ...]:
    """A finding for each test that passes although an outage decided."""
    found = []
    for one in forecasts:
        if not one.wrong_reason or not one.passes:
            continue
        own = [each for each in contract.interactions if (each.test or each.id) == one.test]
        entry = rule("ZC520")
        found.append(
            entry.finding(
                f"{one.test} passes for the wrong reason: {one.wrong_reason}",
                service=service,
                operations=tuple(dict.fromkeys(each.operation for each in own))[:1],
                subject=f"{one.consumer} {one.test}",
                place=own[0].at("/expect") if own else None,
                evidence=Evidence(explanation=one.wrong_reason),
                hits=tuple(Hit(one.consumer, each.id, each.place) for each in own),
                hint=entry.mend,
                confidence="likely",
            )
        )
    return tuple(found)


def cause_of(one: Forecast) -> Cause | None:
    """The cause that decides: the outermost layer's; ``None`` for a pass and for a failure that has none."""
    return one.layers[0].cause if one.layers else None
