"""Reports to their published JSON form and back, and several reports made one."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zeues_contracts.errors import UsageError
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.findings import (
    Cause,
    Evidence,
    Finding,
    Forecast,
    Hit,
    Layer,
    Level,
    Place,
    Report,
    Stage,
    StageStatus,
    Witness,
    in_report_order,
)
from zeues_contracts.report.exchanges import body_text, shown_exchange
from zeues_contracts.report.safe import json_text
from zeues_contracts.report.words import CAUSES, LEVELS, forecast_text, rule_slug, rule_title, verdict

if TYPE_CHECKING:
    from zeues_contracts.report.options import RenderOptions
    from zeues_contracts.report.wire import WireEvidence, WireFinding, WirePlace, WireReport

__all__ = ["merge_reports", "render", "report_from_json", "report_to_json"]

_MAX_DEPTH = 200
_CUT = "… (nested too deeply to be kept)"


def render(report: Report, options: RenderOptions) -> str:
    """The report as JSON, version 1 (``report.schema.json``)."""
    return json_text(report_to_json(report, options.fail_level))


def report_to_json(report: Report, fail_level: Level = Level.ERROR) -> dict[str, Any]:
    """The report as JSON values. Secrets in exchanges are replaced, bodies bounded; all else is kept whole."""
    from zeues_contracts import __version__
    from zeues_contracts.report.masking import masked

    report = masked(report)
    outcome = verdict(report, fail_level)
    levels = [finding.level for finding in report.findings]
    causes = [finding.cause for finding in report.findings]
    return {
        "version": 1,
        "tool": {"name": "zeues-contracts", "version": __version__},
        "verdict": outcome.word.lower().replace(" ", "-"),
        "exit_code": outcome.exit_code,
        "fail_level": fail_level.value,
        "title": report.title,
        "summary": {
            "levels": {level.value: levels.count(level) for level in LEVELS},
            "causes": {cause.value: causes.count(cause) for cause in CAUSES},
            "waived": len(report.waived),
            "forecast": forecast_text(report.forecast),
        },
        "cannot_judge": report.cannot_judge,
        "sources": dict(report.sources),
        "stages": [_stage(stage) for stage in report.stages],
        "findings": [_finding(finding) for finding in in_report_order(report.findings)],
        "waived": [_finding(finding) for finding in in_report_order(report.waived)],
        "forecast": [_forecast(one) for one in report.forecast],
        "notes": list(report.notes),
    }


def report_from_json(data: Any, *, source: str = "the report") -> Report:
    """The report of JSON values that :func:`report_to_json` made.

    ``source`` names it in messages. Raises :class:`UsageError` with the place (JSONPath) for anything else.
    """
    import msgspec

    from zeues_contracts.report.wire import VERSION, WireReport

    if not isinstance(data, Mapping) or "version" not in data or "findings" not in data:
        raise UsageError(f"{source}: not a report of zeues-contracts", hint="make one with --format json --output FILE")
    if data["version"] != VERSION:
        raise UsageError(
            f"{source}: a report of version {str(data['version'])[:20]}; this release reads version {VERSION}",
            hint="render it with the release that wrote it",
        )
    try:
        wire = msgspec.convert(data, WireReport)
    except msgspec.ValidationError as error:
        raise UsageError(f"{source}: not a valid report: {error}") from None
    except UnicodeEncodeError:
        raise UsageError(f"{source}: not a valid report: half of a surrogate pair where a word is expected") from None
    _require_times(wire, source)
    return Report(
        findings=tuple(_read_finding(one) for one in wire.findings),
        stages=tuple(
            Stage(
                one.name, StageStatus(one.status), one.service, one.reason, one.seconds, one.counts, tuple(one.subjects)
            )
            for one in wire.stages
        ),
        waived=tuple(_read_finding(one) for one in wire.waived),
        forecast=tuple(
            Forecast(
                one.consumer,
                one.test,
                one.passes,
                tuple(
                    Layer(Cause(layer.cause) if layer.cause else None, layer.message, layer.fingerprint)
                    for layer in one.layers
                ),
                one.wrong_reason,
            )
            for one in wire.forecast
        ),
        cannot_judge=wire.cannot_judge,
        title=wire.title,
        sources=wire.sources,
        notes=tuple(wire.notes),
    )


def _require_times(wire: WireReport, source: str) -> None:
    """Python reads NaN and what is too large for a float where JSON has no such number; no time is one of them."""
    times = [(f"$.stages[{index}].seconds", one.seconds) for index, one in enumerate(wire.stages)]
    for name, findings in (("findings", wire.findings), ("waived", wire.waived)):
        for index, one in enumerate(findings):
            seen, place = one.evidence.exchange, f"$.{name}[{index}].evidence.exchange"
            if seen is not None:
                times.append((f"{place}.at", seen.at))
                times.append((f"{place}.response.seconds", seen.response.seconds if seen.response is not None else 0.0))
    for place, value in times:
        if not math.isfinite(value):
            raise UsageError(f"{source}: not a valid report: {value} is no time - at `{place}`")


def merge_reports(reports: Sequence[Report]) -> Report:
    """One report of several, as of shards of a run: equal findings are told once, what is known of them is joined.

    Findings are equal by fingerprint. The worst level wins; operations and hits are united in order. Forecasts of one
    test are kept where most is known; a test passes only if it passes in every report that saw it.
    """
    forecasts: dict[tuple[str, str], Forecast] = {}
    sources: dict[str, str] = {}
    for report in reports:
        sources |= report.sources
        for one in report.forecast:
            seen = forecasts.get((one.consumer, one.test))
            forecasts[one.consumer, one.test] = one if seen is None else _worse(seen, one)
    findings = _united(finding for report in reports for finding in report.findings)
    open_ones = {finding.fingerprint for finding in findings}
    waived = _united(finding for report in reports for finding in report.waived)
    return Report(
        findings=findings,
        stages=_distinct(stage for report in reports for stage in report.stages),
        waived=tuple(finding for finding in waived if finding.fingerprint not in open_ones),
        forecast=tuple(forecasts.values()),
        cannot_judge="; ".join(dict.fromkeys(report.cannot_judge for report in reports if report.cannot_judge)),
        title=" + ".join(dict.fromkeys(report.title for report in reports if report.title)),
        sources=sources,
        notes=tuple(dict.fromkeys(note for report in reports for note in report.notes)),
    )


def plain(value: Any, depth: int = _MAX_DEPTH) -> Any:
    """A value that JSON can hold: keys are text, what nests too deeply is cut, numbers are finite."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one, depth - 1) for key, one in value.items()} if depth else _CUT
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [plain(one, depth - 1) for one in value] if depth else _CUT
    return str(value)


def _united(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    known: dict[str, Finding] = {}
    for finding in findings:
        seen = known.get(finding.fingerprint)
        if seen is None:
            known[finding.fingerprint] = finding
            continue
        lead, other = (finding, seen) if finding.level.rank > seen.level.rank else (seen, finding)
        joined = lead.with_(hits=tuple(dict.fromkeys((*seen.hits, *finding.hits))))
        operations = tuple(dict.fromkeys((*lead.operations, *other.operations)))
        # Only the operations of a shared component may grow: a finding's own operation is part of its fingerprint.
        known[finding.fingerprint] = joined.with_(operations=operations) if len(lead.operations) > 1 else joined
    return in_report_order(tuple(known.values()))


def _worse(one: Forecast, other: Forecast) -> Forecast:
    rank = {False: 2, None: 0, True: 1}
    return max(one, other, key=lambda it: (rank[it.passes], len(it.layers)))


def _distinct(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    found: list[Stage] = []
    for stage in stages:
        if stage not in found:
            found.append(stage)
    return tuple(found)


def _finding(finding: Finding) -> dict[str, Any]:
    evidence = finding.evidence
    witness = evidence.witness
    return {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "slug": rule_slug(finding.rule),
        "title": rule_title(finding.rule),
        "level": finding.level.value,
        "cause": finding.cause.value,
        "service": finding.service,
        "operations": list(finding.operations),
        "message": finding.message,
        "hint": finding.hint,
        "subject": finding.subject,
        "place": _place(finding.place),
        "related": [_place(one) for one in finding.related],
        "evidence": {
            "witness": None if witness is None else {"value": plain(witness.value), "pointer": witness.pointer},
            "explanation": evidence.explanation,
            "exchange": None if evidence.exchange is None else _exchange(evidence.exchange),
            "replay": evidence.replay,
            "before": plain(evidence.before),
            "after": plain(evidence.after),
            "details": list(evidence.details),
        },
        "hits": [
            {"consumer": hit.consumer, "interaction": hit.interaction, "place": _place(hit.place)}
            for hit in finding.hits
        ],
        "group": finding.group,
        "state": finding.state,
        "confidence": finding.confidence,
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {
        "source": place.source,
        "pointer": place.pointer,
        "line": place.line,
        "column": place.column,
        "role": place.role,
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "status": stage.status.value,
        "service": stage.service,
        "reason": stage.reason,
        "seconds": stage.seconds,
        "counts": dict(stage.counts),
        "subjects": list(stage.subjects),
    }


def _forecast(one: Forecast) -> dict[str, Any]:
    return {
        "consumer": one.consumer,
        "test": one.test,
        "passes": one.passes,
        "layers": [
            {
                "cause": layer.cause.value if layer.cause else None,
                "message": layer.message,
                "fingerprint": layer.fingerprint,
            }
            for layer in one.layers
        ],
        "wrong_reason": one.wrong_reason,
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    exchange = shown_exchange(exchange)
    request, response = exchange.request, exchange.response
    return {
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": [list(one) for one in request.headers],
            "body": None if request.body is None else _body(request.body),
        },
        "response": None
        if response is None
        else {
            "status": response.status,
            "headers": [list(one) for one in response.headers],
            "body": _body(response.body),
            "seconds": response.seconds,
            "truncated": response.truncated,
        },
        "error": exchange.error,
        "error_text": exchange.error_text,
        "at": exchange.at,
    }


def _body(body: bytes) -> dict[str, str | None]:
    text = body_text(body)
    if text is not None:
        return {"text": text, "base64": None}
    return {"text": None, "base64": base64.b64encode(body).decode("ascii")}


def _read_finding(wire: WireFinding) -> Finding:
    return Finding(
        rule=wire.rule,
        level=Level(wire.level),
        cause=Cause(wire.cause),
        message=wire.message,
        service=wire.service,
        operations=tuple(wire.operations),
        subject=wire.subject,
        place=_read_place(wire.place),
        related=tuple(Place(one.source, one.pointer, one.line, one.column, one.role) for one in wire.related),
        evidence=_read_evidence(wire.evidence),
        hits=tuple(Hit(one.consumer, one.interaction, _read_place(one.place)) for one in wire.hits),
        hint=wire.hint,
        group=wire.group,
        state=wire.state,
        confidence=wire.confidence,
    )


def _read_place(wire: WirePlace | None) -> Place | None:
    return None if wire is None else Place(wire.source, wire.pointer, wire.line, wire.column, wire.role)


def _read_evidence(wire: WireEvidence) -> Evidence:
    exchange = None
    if wire.exchange is not None:
        sent, got = wire.exchange.request, wire.exchange.response
        exchange = Exchange(
            Request(sent.method, sent.url, tuple(sent.headers), None if sent.body is None else _read_body(sent.body)),
            None
            if got is None
            else Response(got.status, tuple(got.headers), _read_body(got.body), got.seconds, got.truncated),
            wire.exchange.error,
            wire.exchange.error_text,
            wire.exchange.at,
        )
    return Evidence(
        witness=None if wire.witness is None else Witness(wire.witness.value, wire.witness.pointer),
        explanation=wire.explanation,
        exchange=exchange,
        replay=wire.replay,
        before=wire.before,
        after=wire.after,
        details=tuple(wire.details),
    )


def _read_body(wire: Any) -> bytes:
    if wire.text is not None:
        return str(wire.text).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(wire.base64 or "")
    except ValueError:
        return b""
