"""The forecast: what stands between each test and passing, in layers, and how many pass if each layer is taken away.

Fixing what is seen first shows what is behind it. The layers are in the order in which a test meets them: the outage,
then its own request, then the service's bug, then what changed under it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zeues_contracts.consumers.model import Contract, Interaction
from zeues_contracts.findings import Cause, Finding, Forecast, Layer, Level
from zeues_contracts.triage.model import ProbeResult, Replayed

__all__ = ["count_if_mended", "forecast", "forecast_sentence"]

_UNMET, _SERVER_ERROR, _DISHONEST = "ZC450", "ZC401", "ZC511"
_ORDER = (Cause.OUTAGE, Cause.MISMATCH, Cause.VIOLATION, Cause.DRIFT)


def forecast(
    contracts: Sequence[Contract],
    findings: Sequence[Finding],
    exchanges: Sequence[Replayed] = (),
    probes: Sequence[ProbeResult] = (),
) -> tuple[Forecast, ...]:
    """One forecast per test (interactions without a test stand for themselves), in the order of the contracts.

    ``exchanges`` are what replay or a recording saw of each interaction; where nothing was seen, the findings alone
    speak, and a test without any is ``passes=None``. Findings below ``warning`` stand in nobody's way. ``probes``
    name the outage where the exchanges' own texts do not. A server error that was found on an operation otherwise (by
    fuzzing) stands behind whatever keeps an interaction from being answered well. The layers are those that are known:
    what is behind a request that never got through shows when it is mended, so that each count is at most so many.
    """
    known = _Known.of(findings, exchanges, probes)
    found: list[Forecast] = []
    for contract in contracts:
        tests: dict[str, list[Interaction]] = {}
        for interaction in contract.interactions:
            tests.setdefault(interaction.test or interaction.id, []).append(interaction)
        sent: dict[tuple[str, str], str] = {}
        for name, interactions in tests.items():
            found.append(_one(contract.consumer, name, interactions, known, _left_by(interactions, sent)))
            for interaction in interactions:
                if _changes(interaction):
                    sent.setdefault(_identity(interaction), name)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known, by what a test is asked about: its interactions and their operations."""

    seen: Mapping[tuple[str, str], Sequence[Replayed]]
    hit: Mapping[tuple[str, str], Sequence[Finding]]
    outages: Mapping[str, Finding]
    dishonest: Mapping[str, Finding]
    bugs: Mapping[str, Sequence[Finding]]
    down: ProbeResult | None

    @classmethod
    def of(cls, findings: Sequence[Finding], exchanges: Sequence[Replayed], probes: Sequence[ProbeResult]) -> _Known:
        seen: dict[tuple[str, str], list[Replayed]] = {}
        for one in exchanges:
            seen.setdefault((one.consumer, one.interaction), []).append(one)
        hit: dict[tuple[str, str], list[Finding]] = {}
        bugs: dict[str, list[Finding]] = {}
        for finding in findings:
            if finding.level.rank < Level.WARNING.rank:
                continue
            for consumer in finding.hits:
                hit.setdefault((consumer.consumer, consumer.interaction), []).append(finding)
            if finding.rule == _SERVER_ERROR and finding.level is Level.ERROR:
                for operation in finding.operations:
                    bugs.setdefault(_nameless(operation), []).append(finding)
        outages = {finding.subject: finding for finding in findings if finding.cause is Cause.OUTAGE}
        dishonest = {
            _nameless(operation): finding
            for finding in findings
            if finding.rule == _DISHONEST
            for operation in finding.operations
        }
        return cls(seen, hit, outages, dishonest, bugs, next((one for one in probes if one.healthy is False), None))


def _one(consumer: str, test: str, interactions: Sequence[Interaction], known: _Known, left: str) -> Forecast:
    layers: dict[tuple[Cause | None, str], Layer] = {}
    tolerated: dict[tuple[Cause | None, str], Layer] = {}
    met: list[bool | None] = []
    wrong = ""
    for interaction in interactions:
        key = (consumer, interaction.id)
        hits = _told_once(known.hit.get(key, ()))
        answered = False
        for one in known.seen.get(key, ()):
            met.append(one.met)
            verdict = one.verdict
            if verdict is not None and verdict.is_outage:
                layer = _outage_layer(one, known)
                where = tolerated if one.met else layers
                where.setdefault((Cause.OUTAGE, layer.fingerprint or layer.message), layer)
                if one.met:
                    wrong = wrong or _wrong_reason(interaction, one)
            elif one.met is False and not _explained(hits):
                cause = verdict.cause if verdict is not None else None
                message = one.unmet[0] if one.unmet else "the answer is not as expected"
                layers.setdefault((cause, message), Layer(cause, message))
            answered = answered or one.met is True
        for finding in hits:
            if finding.cause is not Cause.OUTAGE and finding.level is Level.ERROR:
                layers.setdefault(
                    (finding.cause, finding.fingerprint), Layer(finding.cause, finding.message, finding.fingerprint)
                )
        if not answered:
            # What a request that fits has met on this operation is what this one will meet, once it fits.
            for finding in known.bugs.get(_operation(interaction, known.seen.get(key, ())), ()):
                layers.setdefault(
                    (finding.cause, finding.fingerprint), Layer(finding.cause, finding.message, finding.fingerprint)
                )
    passes = _passes(met, layers)
    if passes:
        honest = [known.dishonest.get(_operation(one, known.seen.get((consumer, one.id), ()))) for one in interactions]
        shown = tuple(Layer(one.cause, one.message, one.fingerprint) for one in honest if one is not None)
        return Forecast(consumer, test, passes, shown, wrong)
    if layers:
        layers = {**tolerated, **layers}
    ordered = sorted(layers.values(), key=_rank)
    if left and ordered:
        last = ordered[-1]
        ordered[-1] = Layer(last.cause, f"{last.message}; {left}", last.fingerprint)
    return Forecast(consumer, test, passes, tuple(ordered))


def _passes(met: Sequence[bool | None], layers: Mapping[tuple[Cause | None, str], Layer]) -> bool | None:
    if any(one is False for one in met):
        return False
    if met and all(met):
        return True
    # What was not sent, or not to its end, can be known to fail and not to pass.
    return False if any(layer.cause is Cause.MISMATCH for layer in layers.values()) else None


def _told_once(findings: Sequence[Finding]) -> list[Finding]:
    """Without what replay says of an answer where the contract's check has said why it comes.

    Neither with the change of a property that a mismatch tells of: the contract is held against the document as it is
    now, so that a test that is mended fits, whatever becomes of the drift.
    """
    static = [
        one for one in findings if one.cause is Cause.MISMATCH and one.rule != _UNMET and one.level is Level.ERROR
    ]
    told = {(operation, _property(one)) for one in static if one.subject for operation in one.operations}

    def again(one: Finding) -> bool:
        if one.rule == _UNMET:
            return bool(static)
        return one.cause is Cause.DRIFT and any((operation, _property(one)) in told for operation in one.operations)

    return [one for one in findings if not again(one)]


def _property(finding: Finding) -> str:
    """The name of the property that a finding is about, by the last word of its subject."""
    return re.split(r"[ ./]", finding.subject)[-1]


def _operation(interaction: Interaction, seen: Sequence[Replayed]) -> str:
    """The operation of an interaction, as findings name it where it was sent."""
    name = next((one.operation for one in seen if one.operation), interaction.operation)
    return _nameless(name)


def _nameless(operation: str) -> str:
    method, _, path = operation.partition(" ")
    return f"{method.upper()} {re.sub(r'{[^{}/]*}', '{}', path.partition('?')[0])}"


# --- what one test leaves behind for another --------------------------------------------------------------------------


def _changes(interaction: Interaction) -> bool:
    return interaction.operation.partition(" ")[0].upper() in ("POST", "PUT", "PATCH", "DELETE")


def _identity(interaction: Interaction) -> tuple[str, str]:
    request = interaction.request
    parts = {"path": request.path, "query": request.query}
    sent = {name: {key: one.value for key, one in table.items()} for name, table in parts.items()}
    body = request.body.value if request.body is not None else None
    return interaction.operation, json.dumps([sent, body], sort_keys=True, default=str)


def _left_by(interactions: Sequence[Interaction], sent: Mapping[tuple[str, str], str]) -> str:
    """What is to be said of a test that begins with the very request by which an earlier one changed something."""
    first = next((one for one in interactions if _changes(one)), None)
    earlier = sent.get(_identity(first)) if first is not None else None
    return f"what {earlier} leaves behind may decide too: it has sent the same request before" if earlier else ""


def _rank(layer: Layer) -> int:
    return _ORDER.index(layer.cause) if layer.cause in _ORDER else len(_ORDER)


def _explained(findings: Sequence[Finding]) -> bool:
    return any(finding.level is Level.ERROR and finding.cause is not Cause.OUTAGE for finding in findings)


def _wrong_reason(interaction: Interaction, one: Replayed) -> str:
    status = one.exchange.status if one.exchange is not None else None
    wanted = " or ".join(interaction.expect.statuses) or "any status"
    verdict = one.verdict
    why = verdict.evidence[0] if verdict is not None and verdict.evidence else "an outage"
    return f"it takes {wanted}, and the {status or 'missing answer'} was an outage: {why}"


def _outage_layer(one: Replayed, known: _Known) -> Layer:
    verdict = one.verdict
    assert verdict is not None
    dependency = verdict.dependency or (known.down.dependency if known.down is not None else "")
    finding = known.outages.get(dependency) or known.outages.get(verdict.sign)
    why = verdict.evidence[0] if verdict.evidence else verdict.sign
    message = f"{dependency} is out: {why}" if dependency else why
    return Layer(Cause.OUTAGE, message, finding.fingerprint if finding is not None else "")


def count_if_mended(forecasts: Sequence[Forecast], mended: Sequence[Cause]) -> int:
    """How many tests pass once every layer of some causes is gone."""
    gone = set(mended)
    return sum(
        one.passes is True or (bool(one.layers) and all(layer.cause in gone for layer in one.layers))
        for one in forecasts
    )


def forecast_sentence(forecasts: Sequence[Forecast]) -> str:
    """``now 3 of 8; with Redis back 4; with the requests mended too 7; with the service's bugs mended too 8``.

    Tests of which nothing is known (not sent, or not to their end) are counted apart: ``now 1 of 8, 7 unknown``.
    """
    total = len(forecasts)
    unknown = sum(one.passes is None and not one.layers for one in forecasts)
    parts = [f"now {count_if_mended(forecasts, ())} of {total}" + (f", {unknown} unknown" if unknown else "")]
    mended: list[Cause] = []
    # A test that passes has nothing before it: what its layers tell of is only said.
    before = [layer for one in forecasts if one.passes is not True for layer in one.layers]
    names = sorted(
        {
            layer.message.partition(" is out")[0]
            for layer in before
            if layer.cause is Cause.OUTAGE and " is out" in layer.message
        }
    )
    back = " and ".join(names) if names else "the service"
    words = {
        Cause.OUTAGE: f"with {back} back",
        Cause.MISMATCH: "with the requests mended",
        Cause.VIOLATION: "with the service's bugs mended",
        Cause.DRIFT: "with the drift settled",
    }
    for cause in _ORDER:
        if not any(layer.cause is cause for layer in before):
            continue
        mended.append(cause)
        too = " too" if len(mended) > 1 else ""
        parts.append(f"{words[cause]}{too} {count_if_mended(forecasts, mended)}")
    wrong = sum(bool(one.wrong_reason) for one in forecasts)
    text = "; ".join(parts)
    if wrong:
        text += f" ({wrong} pass{'es' if wrong == 1 else ''} for the wrong reason)"
    return text
