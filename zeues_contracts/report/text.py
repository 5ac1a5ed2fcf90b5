"""Text for a terminal or a CI log: the verdict first, a table that reads in ten seconds, then each finding.

Nothing is coloured unless asked for; nothing foreign reaches the output but through :mod:`safe`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from zeues_contracts.findings import Finding, Level, Place, Report, in_report_order
from zeues_contracts.report.exchanges import body_text, shown_exchange
from zeues_contracts.report.layout import Line, Span, line, paint, wrap
from zeues_contracts.report.options import RenderOptions
from zeues_contracts.report.safe import cell, display_width, isolate, pad, pretty
from zeues_contracts.report.words import (
    CAUSES,
    Verdict,
    causes_text,
    counts_text,
    forecast_text,
    has_difference,
    hits_text,
    layers_text,
    place_text,
    plural,
    point_text,
    short_message,
    stage_lines,
    verdict,
)

__all__ = ["render"]

_LEVEL_STYLE = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.INFO: "cyan"}
_SHORT_LEVEL = {Level.ERROR: "error", Level.WARNING: "warn", Level.INFO: "info"}
_VERDICT_STYLE = {"PASS": "bold green", "FAIL": "bold red", "CANNOT JUDGE": "bold magenta"}
_DIM = "dim"
_INDENT = "  "
_LABEL = 10
_TABLE_ROWS = 20
_WITNESS_LINES = 12
_DIFFERENCE_LINES = 8
_OPERATIONS = 5


def render(report: Report, options: RenderOptions) -> str:
    """The report as text of ``options.width`` columns; commands, places and JSON may be longer."""
    outcome = verdict(report, options.fail_level)
    if options.quiet:
        return paint([_verdict_line(report, outcome)], color=options.color)
    findings = in_report_order(report.findings)
    lines = [*_head(report, outcome, options)]
    if len(findings) > 1:
        lines += _table(findings, options)
    lines += _details(findings, options)
    lines += _forecast(report, options)
    lines += _waived(report.waived, options)
    lines += _foot(report, findings, outcome)
    return paint(lines, color=options.color)


def _verdict_line(report: Report, outcome: Verdict) -> Line:
    waived = f" ({len(report.waived)} waived)" if report.waived else ""
    title = f"  {_say(report.title, 60)}" if report.title else ""
    return line(Span(outcome.word, _VERDICT_STYLE[outcome.word]), f"  {outcome.sentence}{waived}", Span(title, _DIM))


def _head(report: Report, outcome: Verdict, options: RenderOptions) -> Iterator[Line]:
    yield _verdict_line(report, outcome)
    causes = causes_text(report.findings, " · ")
    if causes:
        yield line(_INDENT, causes)
    if report.cannot_judge:
        yield from _labelled("why", report.cannot_judge, options.width)
    for name, url in list(report.sources.items())[:10]:
        yield line(_INDENT, Span(_label(_say(name, 30)), _DIM), _say(url, 300))
    for name, reason in stage_lines(report):
        yield from _labelled(_say(name, 30), reason, options.width)
    sentence = forecast_text(report.forecast)
    if sentence:
        yield from _labelled("forecast", sentence, options.width)


def _table(findings: Sequence[Finding], options: RenderOptions) -> Iterator[Line]:
    """One row per finding, by cause; findings of a group, and those past the twentieth, are told together."""
    groups = sorted(_grouped(findings), key=lambda group: CAUSES.index(group[0].cause))
    rows = groups[:_TABLE_ROWS]
    # What happened is worth more columns than where: the details name the operation in full.
    limit = 30 if options.width >= 100 else 22
    where_width = max(display_width(_short_where(group[0], limit)) for group in rows)
    what_width = max(20, options.width - where_width - 18)
    cause = None
    yield ()
    for group in rows:
        lead = group[0]
        if lead.cause is not cause:
            cause = lead.cause
            yield line(Span(cause.value.upper(), "bold"))
        notes = [f"×{len(group)}"] if len(group) > 1 else []
        notes += [f"hits {len(lead.hits)}"] if lead.hits and options.width >= 100 else []
        note = f" ({', '.join(notes)})" if notes else ""
        what = lead.group if lead.group and len(group) > 1 else short_message(lead)
        short = pad(cell(what, 200), what_width - len(note)).rstrip()
        where = pad(_short_where(lead, limit), where_width)
        yield line(
            _INDENT,
            Span(f"{_SHORT_LEVEL[lead.level]:<5}", _LEVEL_STYLE[lead.level]),
            f"  {pad(cell(lead.rule, 20), 5)}  {isolate(where)}  {isolate(short)}",
            Span(note, _DIM),
        )
    rest = [finding for group in groups[_TABLE_ROWS:] for finding in group]
    if rest:
        yield line(_INDENT, Span(f"… and {counts_text(rest)} more", _DIM))


def _details(findings: Sequence[Finding], options: RenderOptions) -> Iterator[Line]:
    shown = 0
    for group in _grouped(findings):
        if options.max_findings and shown >= options.max_findings and not options.verbose:
            rest = len(findings) - shown
            yield ()
            yield line(Span(f"… {plural(rest, 'more finding')}; all of them: --verbose, or --format json", _DIM))
            return
        shown += len(group)
        if group[0].group and len(group) > 1 and not options.verbose:
            yield from _group(group, options)
        elif group[0].level is Level.INFO and not options.verbose:
            yield from _brief(group[0], options)
        else:
            for finding in group:
                yield from _finding(finding, options)


def _finding(finding: Finding, options: RenderOptions) -> Iterator[Line]:
    yield ()
    yield _title(finding)
    for row in wrap(_say(finding.message, 4000), options.width - 2):
        yield line(_INDENT, row)
    everything = options.verbose
    if len(finding.operations) > 1:
        limit = len(finding.operations) if everything else _OPERATIONS
        more = len(finding.operations) - limit
        for index, operation in enumerate(finding.operations[:limit]):
            yield line(_INDENT, Span(_label("under" if not index else ""), _DIM), _say(operation, 200))
        if more > 0:
            yield line(_INDENT, _label(""), Span(f"… and {more} more operations (--verbose)", _DIM))
    for place in [finding.place, *finding.related][: None if everything else 6]:
        if place is not None:
            yield from _at(place, options)
    evidence = finding.evidence
    if evidence.explanation:
        yield from _labelled("because", evidence.explanation, options.width)
    # Before the bodies: below one they would read as a part of it.
    for index, detail in enumerate(evidence.details[: None if everything else 8]):
        yield from _labelled("note" if not index else "", detail, options.width)
    if evidence.witness is not None:
        at = point_text(evidence.witness)
        rows = pretty(evidence.witness.value, options.width - 2 - _LABEL, lines=0 if everything else _WITNESS_LINES)
        yield from _block("witness", rows, "green")
        if at:
            yield line(_INDENT, _label(""), Span(f"the point is made at {_say(at, 400)}", _DIM))
    if has_difference(evidence):
        limit = 0 if everything else _DIFFERENCE_LINES
        for label, value, style in (("before", evidence.before, "red"), ("after", evidence.after, "green")):
            rows = pretty(value, options.width - 2 - _LABEL, lines=limit) if value is not None else ["(nothing)"]
            yield from _block(label, rows, style)
    yield from _exchange(finding, options)
    for index, hit in enumerate(hits_text(finding, 1000 if everything else 6)[: None if everything else 8]):
        yield from _labelled("hits" if not index else "", hit, options.width)
    if finding.hint:
        yield from _labelled("hint", finding.hint, options.width, style="bold")
    if evidence.replay:
        yield line(_INDENT, Span(_label("replay"), _DIM), _say(evidence.replay, 8000))
    tail = f"{finding.fingerprint}   zeues-contracts explain {_say(finding.rule, 20)}"
    yield line(_INDENT, Span(_label("id") + tail, _DIM))


def _at(place: Place, options: RenderOptions) -> Iterator[Line]:
    """A place on one line where it fits; else its pointer on a second, which a terminal would not indent."""
    file = Span(
        _place(Place(place.source, "", place.line, place.column), options.root), "underline" if place.line else ""
    )
    pointer = _say(f"#{place.pointer}", 400) if place.pointer else ""
    role = Span(f"  {_say(place.role, 20)}" if place.role else "", _DIM)
    start = (_INDENT, Span(_label("at"), _DIM), *((file, " ") if file.text and pointer else (file,)))
    if sum(map(display_width, (_INDENT, _label("at"), file.text, " ", pointer, role.text))) <= options.width:
        yield line(*start, Span(pointer, _DIM), role)
    else:
        yield line(*start[:3], role)
        if pointer:
            yield line(_INDENT, _label(""), Span(pointer, _DIM))


def _exchange(finding: Finding, options: RenderOptions) -> Iterator[Line]:
    if finding.evidence.exchange is None:
        return
    exchange = shown_exchange(finding.evidence.exchange)
    yield from _block("sent", [_say(f"{exchange.request.method} {exchange.request.url}", 500)], "")
    if exchange.request.body:
        yield from _block("", _body(exchange.request.body, options), "")
    if exchange.response is None:
        yield from _labelled("got", f"no answer ({exchange.error or 'unknown'}) {exchange.error_text}", options.width)
        return
    media = exchange.response.media_type
    yield from _block("got", [_say(f"{exchange.response.status} {media}", 200)], "")
    if exchange.response.body:
        yield from _block("", _body(exchange.response.body, options), "")


def _body(body: bytes, options: RenderOptions) -> list[str]:
    import json

    text = body_text(body)
    if text is None:
        return [f"({len(body)} bytes that are no text)"]
    width, lines = options.width - 2 - _LABEL, 0 if options.verbose else _WITNESS_LINES
    try:
        return pretty(json.loads(text), width, lines=lines)
    except (ValueError, RecursionError):
        rows = [cell(row, max(width, 40)) for row in text[:8000].splitlines() if row.strip()]
        return rows if options.verbose or len(rows) <= 4 else [*rows[:3], f"… {len(rows) - 3} more lines"]


def _group(group: Sequence[Finding], options: RenderOptions) -> Iterator[Line]:
    lead = group[0]
    yield ()
    yield line(
        Span(lead.level.value, _LEVEL_STYLE[lead.level]),
        "  ",
        Span(_say(lead.group, 100), "bold"),
        f"  {plural(len(group), 'finding')} of one kind: {counts_text(group)}",
    )
    for finding in group[:8]:
        where = f"{_say(finding.operation, 80)}: " if finding.operation else ""
        yield line(
            _INDENT,
            Span(f"{_say(finding.rule, 20)} ", _DIM),
            cell(f"{where}{short_message(finding)}", options.width - 9),
        )
    if len(group) > 8:
        yield line(_INDENT, Span(f"… and {len(group) - 8} more (--verbose)", _DIM))


def _brief(finding: Finding, options: RenderOptions) -> Iterator[Line]:
    yield ()
    yield _title(finding)
    for row in wrap(_say(finding.message, 600), options.width - 2):
        yield line(_INDENT, row)
    if finding.place is not None:
        yield line(_INDENT, Span(_label("at"), _DIM), _place(finding.place, options.root))


def _forecast(report: Report, options: RenderOptions) -> Iterator[Line]:
    stands = any(not one.passes or one.wrong_reason or one.layers for one in report.forecast)
    if not stands and not (options.verbose and report.forecast):
        return  # the count at the top says it all
    words: dict[bool | None, tuple[str, str]] = {
        True: ("passes", "green"),
        False: ("fails", "red"),
        None: ("unknown", "yellow"),
    }
    yield ()
    yield line(Span("FORECAST", "bold"), Span("  what stands between each test and passing", _DIM))
    width = min(36, max(display_width(cell(one.test, 80)) for one in report.forecast))
    for one in report.forecast:
        word, style = words[one.passes]
        if one.passes and one.wrong_reason:
            style = "yellow"
        rows = wrap(_say(layers_text(one), 600), max(30, options.width - width - 13)) or [""]
        head = (_INDENT, f"{pad(cell(one.test, 80), width)}  ", Span(f"{word:<7}", style))
        yield line(*head, f"  {rows[0]}")
        for row in rows[1:]:
            yield line(" " * (width + 13), row)


def _waived(waived: Sequence[Finding], options: RenderOptions) -> Iterator[Line]:
    if not waived:
        return
    yield ()
    yield line(Span("WAIVED", "bold"), Span("  known and tolerated; not counted", _DIM))
    limit = len(waived) if options.verbose else 10
    for finding in in_report_order(waived)[:limit]:
        text = f"{finding.rule}  {_where(finding)}: {short_message(finding)}"
        yield line(_INDENT, Span(f"{finding.fingerprint}  ", _DIM), cell(text, max(40, options.width - 16)))
    if len(waived) > limit:
        yield line(_INDENT, Span(f"… and {len(waived) - limit} more (--verbose)", _DIM))


def _foot(report: Report, findings: Sequence[Finding], outcome: Verdict) -> Iterator[Line]:
    if report.notes:
        yield ()
        for note in report.notes[:20]:
            yield line(Span("note  ", _DIM), _say(note, 1000))
    if len(findings) > 3 or report.forecast:  # a long log is read from its end
        yield ()
        yield _verdict_line(report, outcome)


def _title(finding: Finding) -> Line:
    where = finding.operation or finding.service
    service = f"  [{_say(finding.service, 40)}]" if finding.service and finding.operation else ""
    sure = f", {_say(finding.confidence, 20)}" if finding.confidence and finding.confidence != "certain" else ""
    return line(
        Span(finding.level.value, _LEVEL_STYLE[finding.level]),
        " ",
        Span(_say(finding.rule, 20), "bold"),
        f" {finding.cause.value}{sure}",
        f"  {_say(where, 200)}" if where else "",
        Span(service, _DIM),
    )


def _grouped(findings: Sequence[Finding]) -> Iterable[list[Finding]]:
    """Findings of one group and level together, at the place of the first; the others alone."""
    seen: dict[tuple[Level, str], list[Finding]] = {}
    for index, finding in enumerate(findings):
        key = (finding.level, finding.group or f"\0{index}")
        seen.setdefault(key, []).append(finding)
    return seen.values()


def _short_where(finding: Finding, limit: int) -> str:
    """The operation in at most ``limit`` columns: of a long path its end is kept, which tells it from its siblings."""
    more = f" +{len(finding.operations) - 1}" if len(finding.operations) > 1 else ""
    where = cell(finding.operation or finding.service or "–", 200)
    room = limit - len(more)
    method, blank, path = where.partition(" ")
    if display_width(where) > room and blank:
        parts = path.strip("/").split("/")
        while len(parts) > 1 and display_width(f"{method} …/{'/'.join(parts)}") > room:
            del parts[0]
        where = f"{method} …/{'/'.join(parts)}"
    return pad(where, room).rstrip() + more


def _where(finding: Finding) -> str:
    more = f" +{len(finding.operations) - 1}" if len(finding.operations) > 1 else ""
    return (finding.operation + more) if finding.operation else finding.service or "–"


def _labelled(label: str, text: str, width: int, *, style: str = "") -> Iterator[Line]:
    rows = wrap(_say(text, 4000), max(30, width - 2 - _LABEL))
    for index, row in enumerate(rows):
        yield line(_INDENT, Span(_label(label if not index else ""), _DIM), Span(row, style))


def _block(label: str, rows: Sequence[str], style: str) -> Iterator[Line]:
    for index, row in enumerate(rows):
        yield line(_INDENT, Span(_label(label if not index else ""), _DIM), Span(isolate(row), style))


def _label(text: str) -> str:
    return pad(text, _LABEL) if display_width(text) < _LABEL else text + " "


def _place(place: Place, root: str) -> str:
    return _say(place_text(place, root), 400)


def _say(text: str, limit: int) -> str:
    return isolate(cell(text, limit))
