"""The forecast: what stands between each test and passing, in layers, and how many pass if each layer is taken away.

Fixing what is seen first shows what is behind it. The layers are in the order in which a test meets them: the outage,
then its own request, then the service's bug, then what changed under it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zeues_contracts.consumers.model import Contract, Interaction
from zeues_contracts.findings import Cause, Finding, Forecast, Layer, Level
from zeues_contracts.triage.model import ProbeResult, Replayed

__all__ = ["count_if_mended", "forecast", "forecast_sentence"]

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
    name the outage where the exchanges' own texts do not.
    """
    seen: dict[tuple[str, str], list[Replayed]] = {}
    for one in exchanges:
        seen.setdefault((one.consumer, one.interaction), []).append(one)
    hit: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if finding.level.rank >= Level.WARNING.rank:
            for consumer in finding.hits:
                hit.setdefault((consumer.consumer, consumer.interaction), []).append(finding)
    outages = {finding.subject: finding for finding in findings if finding.cause is Cause.OUTAGE}
    down = next((probe for probe in probes if probe.healthy is False), None)
    found: list[Forecast] = []
    for contract in contracts:
        tests: dict[str, list[Interaction]] = {}
        for interaction in contract.interactions:
            tests.setdefault(interaction.test or interaction.id, []).append(interaction)
        for name, interactions in tests.items():
            found.append(_one(contract.consumer, name, interactions, seen, hit, outages, down))
    return tuple(found)


def _one(
    consumer: str,
    test: str,
    interactions: Sequence[Interaction],
    seen: Mapping[tuple[str, str], Sequence[Replayed]],
    hit: Mapping[tuple[str, str], Sequence[Finding]],
    outages: Mapping[str, Finding],
    down: ProbeResult | None,
) -> Forecast:
    layers: dict[tuple[Cause | None, str], Layer] = {}
    met: list[bool | None] = []
    wrong = ""
    for interaction in interactions:
        key = (consumer, interaction.id)
        for one in seen.get(key, ()):
            met.append(one.met)
            verdict = one.verdict
            if verdict is not None and verdict.is_outage:
                if one.met:
                    wrong = wrong or _wrong_reason(interaction, one)
                    continue
                layer = _outage_layer(one, outages, down)
                layers.setdefault((Cause.OUTAGE, layer.fingerprint or layer.message), layer)
            elif one.met is False and not _explained(hit.get(key, ())):
                cause = verdict.cause if verdict is not None else None
                message = one.unmet[0] if one.unmet else "the answer is not as expected"
                layers.setdefault((cause, message), Layer(cause, message))
        for finding in hit.get(key, ()):
            if finding.cause is not Cause.OUTAGE and finding.level is Level.ERROR:
                layers.setdefault(
                    (finding.cause, finding.fingerprint), Layer(finding.cause, finding.message, finding.fingerprint)
                )
    ordered = tuple(sorted(layers.values(), key=_rank))
    if not met:
        passes: bool | None = False if any(layer.cause is Cause.MISMATCH for layer in ordered) else None
    elif any(one is False for one in met):
        passes = False
    else:
        passes = True if all(met) else None
    return Forecast(consumer, test, passes, () if passes else ordered, wrong if passes else "")


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


def _outage_layer(one: Replayed, outages: Mapping[str, Finding], down: ProbeResult | None) -> Layer:
    verdict = one.verdict
    assert verdict is not None
    dependency = verdict.dependency or (down.dependency if down is not None else "")
    finding = outages.get(dependency) or outages.get(verdict.sign)
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
    """``now 3 of 8; with Redis back 4; with the requests mended too 7; with the service's bugs mended too 8``."""
    total = len(forecasts)
    parts = [f"now {count_if_mended(forecasts, ())} of {total}"]
    mended: list[Cause] = []
    names = sorted(
        {
            layer.message.partition(" is out")[0]
            for one in forecasts
            for layer in one.layers
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
        if not any(layer.cause is cause for one in forecasts for layer in one.layers):
            continue
        mended.append(cause)
        too = " too" if len(mended) > 1 else ""
        parts.append(f"{words[cause]}{too} {count_if_mended(forecasts, mended)}")
    wrong = sum(bool(one.wrong_reason) for one in forecasts)
    text = "; ".join(parts)
    if wrong:
        text += f" ({wrong} pass{'es' if wrong == 1 else ''} for the wrong reason)"
    return text
