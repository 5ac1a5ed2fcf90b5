"""Markdown as GitHub renders it: a pull request comment that is updated in place, or a job summary.

A hidden marker in the first line tells the comment of one check from every other. Foreign text is written as character
references, so nothing in it is structure, a link, an image or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from zeues_contracts.findings import Finding, Forecast, Level, Place, Report, in_report_order
from zeues_contracts.report.exchanges import body_text, shown_exchange
from zeues_contracts.report.options import RenderOptions
from zeues_contracts.report.safe import clip, markdown_code, markdown_pre, markdown_text, pretty
from zeues_contracts.report.words import (
    CAUSES,
    LEVELS,
    counts_text,
    forecast_text,
    has_difference,
    hits_text,
    layers_text,
    operations_text,
    place_text,
    plural,
    point_text,
    short_message,
    stage_lines,
    verdict,
)

__all__ = ["MAX_CHARACTERS", "marker", "render"]

MAX_CHARACTERS = 60_000
"""GitHub refuses comments of more than 65,536 characters; details past this are left out, and it says so."""

_ICONS = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.INFO: "ℹ️"}
_WORDS = {"PASS": "✅ **Pass**", "FAIL": "❌ **Fail**", "CANNOT JUDGE": "🚧 **Cannot judge**"}
_TABLE_ROWS = 50


def marker(name: str) -> str:
    """The hidden first line by which a comment is found again; ``name`` tells one check from another."""
    safe = re.sub(r"[^A-Za-z0-9._/ ]+", "-", name)[:80].strip("- ")
    return f"<!-- zeues-contracts: {safe or 'report'} -->"


def render(report: Report, options: RenderOptions) -> str:
    """The report as Markdown of at most :data:`MAX_CHARACTERS` characters, the verdict and the table always whole."""
    findings = in_report_order(report.findings)
    head = [
        marker(options.marker or report.title),
        *_head(report, options),
        *_table(findings),
        *_forecast(report.forecast),
    ]
    tail = [*_waived(report.waived), *_notes(report)]
    room = MAX_CHARACTERS - sum(len(row) + 1 for row in (*head, *tail)) - 300
    limit = options.max_findings or len(findings)
    details: list[str] = []
    shown = 0
    for finding in findings[:limit]:
        block = "\n".join(_details(finding, options))
        if len(block) > room:
            break
        room -= len(block) + 1
        details.append(block)
        shown += 1
    if shown < len(findings):
        details += [
            "",
            f"Details of {plural(len(findings) - shown, 'more finding')} are left out: see the full report.",
        ]
    return "\n".join([*head, *details, *tail]).rstrip() + "\n"


def _head(report: Report, options: RenderOptions) -> Iterator[str]:
    outcome = verdict(report, options.fail_level)
    title = f" · {markdown_text(report.title, 100)}" if report.title else ""
    waived = f" ({len(report.waived)} waived)" if report.waived else ""
    yield f"### zeues-contracts{title}"
    yield ""
    yield f"{_WORDS[outcome.word]} — {outcome.sentence}{waived}"
    if report.cannot_judge:
        yield ""
        yield f"> {markdown_text(report.cannot_judge, 600)}"
    if report.findings:
        yield ""
        yield "| cause | errors | warnings | info |"
        yield "| :--- | ---: | ---: | ---: |"
        for cause in CAUSES:
            counts = [
                sum(finding.cause is cause and finding.level is level for finding in report.findings)
                for level in LEVELS
            ]
            if any(counts):
                yield f"| {cause.value} | {' | '.join(str(count) if count else '' for count in counts)} |"
    rows = stage_lines(report)
    if rows:
        yield ""
        for name, reason in rows:
            yield f"- {markdown_text(name, 60)}: {markdown_text(reason, 300)}"
    sentence = forecast_text(report.forecast)
    if sentence:
        yield ""
        yield f"**Forecast:** {markdown_text(sentence, 600)}"


def _table(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        return
    yield ""
    yield "| | rule | operation | what | hits |"
    yield "| :--- | :--- | :--- | :--- | :--- |"
    for finding in findings[:_TABLE_ROWS]:
        hits = str(len(finding.hits)) if finding.hits else ""
        more = f" +{len(finding.operations) - 1}" if len(finding.operations) > 1 else ""
        where = (
            markdown_code(finding.operation, 120) + more if finding.operation else markdown_text(finding.service, 60)
        )
        yield (
            f"| {_ICONS[finding.level]} | {markdown_text(finding.rule, 20)} {finding.cause.value} | {where} | "
            f"{markdown_text(short_message(finding), 200)} | {hits} |"
        )
    if len(findings) > _TABLE_ROWS:
        yield ""
        yield f"… and {counts_text(findings[_TABLE_ROWS:])} more."


def _forecast(forecasts: Sequence[Forecast]) -> Iterator[str]:
    if not forecasts:
        return
    yield ""
    yield "<details><summary>Forecast: what stands between each test and passing</summary>"
    yield ""
    yield "| test | now | what stands before it |"
    yield "| :--- | :--- | :--- |"
    for one in forecasts[:100]:
        word = {True: "passes", False: "fails", None: "unknown"}[one.passes]
        yield f"| {markdown_text(one.test, 120)} | {word} | {markdown_text(layers_text(one), 500)} |"
    if len(forecasts) > 100:
        yield ""
        yield f"… and {len(forecasts) - 100} more."
    yield ""
    yield "</details>"


def _details(finding: Finding, options: RenderOptions) -> Iterator[str]:
    evidence = finding.evidence
    yield ""
    where = f" {markdown_code(finding.operation, 120)}" if finding.operation else ""
    sure = f", {markdown_text(finding.confidence, 20)}" if finding.confidence not in ("", "certain") else ""
    yield (
        f"<details><summary>{_ICONS[finding.level]} <b>{markdown_text(finding.rule, 20)}</b> "
        f"{finding.cause.value}{sure}{where}</summary>"
    )
    yield ""
    yield markdown_text(finding.message)
    yield ""
    if len(finding.operations) > 1:
        yield f"- under {markdown_text(operations_text(finding, 5), 600)}"
    for place in [finding.place, *finding.related][:6]:
        if place is not None:
            yield f"- at {_place(place, options)}"
    if evidence.explanation:
        yield f"- because {markdown_text(evidence.explanation, 600)}"
    for hit in hits_text(finding)[:8]:
        yield f"- hits {markdown_text(hit, 300)}"
    for detail in evidence.details[:6]:
        yield f"- {markdown_text(detail, 300)}"
    if finding.hint:
        yield f"- **hint:** {markdown_text(finding.hint, 500)}"
    yield f"- id {markdown_code(finding.fingerprint)}"
    if evidence.witness is not None:
        point = point_text(evidence.witness)
        at = f" (the point is made at {markdown_code(point, 400)})" if point else ""
        yield from _block(f"Witness{at}", pretty(evidence.witness.value, 90, lines=30))
    if has_difference(evidence):
        for name, value in (("Before", evidence.before), ("After", evidence.after)):
            yield from _block(name, ["(nothing)"] if value is None else pretty(value, 90, lines=30))
    if evidence.exchange is not None:
        exchange = shown_exchange(evidence.exchange)
        rows = [f"{exchange.request.method} {exchange.request.url}", *_body(exchange.request.body)]
        if exchange.response is None:
            rows.append(f"no answer: {exchange.error} {exchange.error_text}")
        else:
            rows += [f"{exchange.response.status} {exchange.response.media_type}", *_body(exchange.response.body)]
        yield from _block("Request and response", rows)
    if evidence.replay:
        yield from _block("Replay", [clip(evidence.replay, 4000)])
    yield ""
    yield "</details>"


def _block(title: str, rows: Sequence[str]) -> Iterator[str]:
    yield ""
    yield title
    yield ""
    yield markdown_pre("\n".join(rows), 6000)


def _body(body: bytes | None) -> list[str]:
    if not body:
        return []
    import json

    text = body_text(body)
    if text is None:
        return [f"({len(body)} bytes that are no text)"]
    try:
        return pretty(json.loads(text), 90, lines=30)
    except (ValueError, RecursionError):
        return [clip(text, 2000)]


def _place(place: Place, options: RenderOptions) -> str:
    role = f" ({markdown_text(place.role, 20)})" if place.role else ""
    return f"{markdown_code(place_text(place, options.root), 300)}{role}"


def _waived(waived: Sequence[Finding]) -> Iterator[str]:
    if not waived:
        return
    yield ""
    yield f"<details><summary>{plural(len(waived), 'waived finding')}</summary>"
    yield ""
    for finding in in_report_order(waived)[:50]:
        where = f"{markdown_code(finding.operation, 120)} " if finding.operation else ""
        name = f"{markdown_code(finding.fingerprint)} {markdown_text(finding.rule, 20)}"
        yield f"- {name} {where}{markdown_text(finding.message, 200)}"
    yield ""
    yield "</details>"


def _notes(report: Report) -> Iterator[str]:
    if report.notes:
        yield ""
        for note in report.notes[:10]:
            yield f"- note: {markdown_text(note, 400)}"
