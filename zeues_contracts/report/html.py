"""One HTML file that needs nothing else: every finding with its evidence, filters, the forecast, the ledger's trend.

The page is whole without its script: findings are ``<details>``, the filters alone are added by it. A content security
policy in the page lets exactly our style sheet and our script run (by hash) and nothing be fetched. Every text that the
template prints goes through :func:`safe.html_text`, by jinja's ``finalize``, so that no expression can forget it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

import msgspec
from markupsafe import Markup

from zeues_contracts.findings import Cause, Finding, Forecast, Level, Place, Report, StageStatus, in_report_order
from zeues_contracts.report.html_parts import DiffRow, Sent, difference, json_markup, prose, sent, trend_chart
from zeues_contracts.report.options import RenderOptions
from zeues_contracts.report.safe import cell, html_text, pretty
from zeues_contracts.report.words import (
    CAUSES,
    LEVELS,
    consumers_of,
    counts_text,
    forecast_text,
    has_difference,
    place_text,
    plural,
    point_text,
    rule_title,
    short_message,
    silence_text,
    stage_lines,
    verdict,
)

__all__ = ["render"]

_QUESTIONS: Mapping[Cause, str] = {
    Cause.OUTAGE: "can anything be judged?",
    Cause.MISMATCH: "do the consumers fit the document?",
    Cause.VIOLATION: "does the service keep its promise?",
    Cause.DRIFT: "did the promise change?",
}
_MENDED: Mapping[Cause, str] = {
    Cause.OUTAGE: "with the outage over",
    Cause.MISMATCH: "with the requests mended",
    Cause.VIOLATION: "with the service's bugs mended",
    Cause.DRIFT: "with the drift settled",
}
_FULL = 1000
"""Findings that are shown with their evidence: past that the page would be slow; the rest have message and place."""
_ROWS = 10_000
_NAMES = 3000
"""Operations that the filter offers."""
_LISTED = 60


class _Choice(msgspec.Struct, frozen=True):
    """One entry of a filter; ``index`` is its value, so that no foreign text is ever a value."""

    index: int
    label: str


class _View(msgspec.Struct, frozen=True):
    """A finding as the template shows it."""

    finding: Finding
    anchor: str
    title: str
    message: str
    why: str
    mend: str
    operations: str
    consumers: str
    service: str
    where: str
    more: int
    full: bool
    places: tuple[tuple[str, str], ...] = ()
    listed: tuple[str, ...] = ()
    witness: Markup | None = None
    point: str = ""
    rows: tuple[DiffRow, ...] = ()
    exchange: Sent | None = None
    hits: tuple[tuple[str, tuple[str, ...], int], ...] = ()


class _Group(msgspec.Struct, frozen=True):
    """Findings that are told together, or one alone (``name`` empty)."""

    name: str
    level: Level
    cause: Cause
    counts: str
    views: tuple[_View, ...]


class _Tile(msgspec.Struct, frozen=True):
    """One of the four questions and its answer in numbers; ``silence`` says why there is none."""

    cause: str
    question: str
    count: int
    counts: tuple[tuple[str, int], ...]
    silence: str


class _Step(msgspec.Struct, frozen=True):
    """How many tests pass once a cause is out of the way."""

    label: str
    count: int
    share: float
    cause: str


def render(report: Report, options: RenderOptions) -> str:
    """The report as one HTML page."""
    findings = in_report_order(report.findings)
    style, script = _asset("report.css"), _asset("report.js")
    shown = findings[:_ROWS]
    operations = _choices(operation for one in shown for operation in one.operations)
    consumers = _choices(consumer for one in shown for consumer in consumers_of(one))
    services = _choices(one.service for one in shown if one.service)
    views = _views(shown, options, operations, consumers, services)
    outcome = verdict(report, options.fail_level)
    page = _template().render(
        report=report,
        outcome=outcome,
        title=cell(report.title or "zeues-contracts", 200),
        policy=Markup(_policy(style, script)),  # noqa: S704 - made here, of hashes
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        tiles=_tiles(report),
        levels=[(level.value, sum(one.level is level for one in findings)) for level in LEVELS],
        causes=[(cause.value, sum(one.cause is cause for one in findings)) for cause in CAUSES],
        groups=_groups(views),
        shown=len(shown),
        total=len(findings),
        brief=max(0, len(shown) - _FULL),
        operations=_listed_choices(operations),
        consumers=_listed_choices(consumers),
        services=_listed_choices(services) if len(services) > 1 else [],
        sources=list(report.sources.items())[:20],
        stages=report.stages,
        ran=StageStatus.RAN,
        unjudged=stage_lines(report),
        waived=in_report_order(report.waived)[:500],
        forecast=[_ForecastRow.of(one) for one in report.forecast[:1000]],
        forecast_sentence=forecast_text(report.forecast),
        steps=_steps(report.forecast),
        # A list of tests before which nothing stands is opened by whoever wants to see it.
        stands=any(not one.passes or one.wrong_reason or one.layers for one in report.forecast),
        trend=trend_chart(options.trend),
        fail_level=options.fail_level.value,
        version=_version(),
        plural=plural,
    )
    return f"{page.rstrip()}\n"


class _ForecastRow(msgspec.Struct, frozen=True):
    """One test of the forecast; ``state`` is pass, hollow (passes for the wrong reason), fail or unknown."""

    one: Forecast
    state: str
    word: str

    @classmethod
    def of(cls, one: Forecast) -> _ForecastRow:
        if one.passes and one.wrong_reason:
            return cls(one, "hollow", "passes, proves nothing")
        state = {True: "pass", False: "fail", None: "unknown"}[one.passes]
        return cls(one, state, {True: "passes", False: "fails", None: "not known"}[one.passes])


def _views(
    findings: Sequence[Finding],
    options: RenderOptions,
    operations: Mapping[str, int],
    consumers: Mapping[str, int],
    services: Mapping[str, int],
) -> list[_View]:
    taken: dict[str, int] = {}
    views = []
    for position, finding in enumerate(findings):
        number = taken[finding.fingerprint] = taken.get(finding.fingerprint, 0) + 1
        anchor = f"f-{finding.fingerprint}" + (f"-{number}" if number > 1 else "")
        full = position < _FULL
        title, why, mend = _rule(finding.rule)
        view = _View(
            finding=finding,
            anchor=anchor,
            title=title,
            message=short_message(finding),
            why=why,
            mend=mend,
            operations=_indices(finding.operations, operations),
            consumers=_indices(consumers_of(finding), consumers),
            service=_indices((finding.service,), services),
            where=finding.operation or finding.service or "–",
            more=max(0, len(finding.operations) - 1),
            full=full,
            places=_places(finding, options.root),
            **(_evidence(finding) if full else {}),
        )
        views.append(view)
    return views


def _evidence(finding: Finding) -> dict[str, Any]:
    evidence = finding.evidence
    return {
        "listed": finding.operations[:_LISTED] if len(finding.operations) > 1 else (),
        "witness": None if evidence.witness is None else json_markup(pretty(evidence.witness.value, 88, lines=200)),
        "point": "" if evidence.witness is None else point_text(evidence.witness),
        "rows": difference(evidence.before, evidence.after) if has_difference(evidence) else (),
        "exchange": None if evidence.exchange is None else sent(evidence.exchange),
        "hits": tuple(_hits(finding)),
    }


def _hits(finding: Finding) -> Iterable[tuple[str, tuple[str, ...], int]]:
    for consumer in consumers_of(finding)[:50]:
        names = tuple(hit.interaction for hit in finding.hits if hit.consumer == consumer)
        yield consumer, names[:_LISTED], max(0, len(names) - _LISTED)


def _places(finding: Finding, root: str) -> tuple[tuple[str, str], ...]:
    places: list[Place | None] = [finding.place, *finding.related]
    return tuple((place.role, place_text(place, root)) for place in places[:12] if place is not None)


def _groups(views: Sequence[_View]) -> list[_Group]:
    """Findings of one group and level together, at the place of the first."""
    found: dict[tuple[Level, str], list[_View]] = {}
    for position, view in enumerate(views):
        key = (view.finding.level, view.finding.group or f"\0{position}")
        found.setdefault(key, []).append(view)
    groups = []
    for members in found.values():
        lead = members[0].finding
        name = lead.group if len(members) > 1 else ""
        counts = counts_text(view.finding for view in members)
        groups.append(_Group(name, lead.level, lead.cause, counts, tuple(members)))
    return groups


def _tiles(report: Report) -> list[_Tile]:
    tiles = []
    for cause in CAUSES:
        ones = [one for one in report.findings if one.cause is cause]
        counts = [(level.value, sum(one.level is level for one in ones)) for level in LEVELS]
        shown = tuple(pair for pair in counts if pair[1])
        tiles.append(_Tile(cause.value, _QUESTIONS[cause], len(ones), shown, silence_text(report, cause)))
    return tiles


def _steps(forecasts: Sequence[Forecast]) -> list[_Step]:
    if not forecasts:
        return []
    from zeues_contracts.triage.forecast import count_if_mended

    total = len(forecasts)
    now = count_if_mended(forecasts, ())
    steps = [_Step("now", now, 100 * now / total, "")]
    mended: list[Cause] = []
    for cause in CAUSES:
        if any(layer.cause is cause for one in forecasts for layer in one.layers):
            mended.append(cause)
            count = count_if_mended(forecasts, mended)
            label = _MENDED[cause] + (" too" if len(mended) > 1 else "")
            steps.append(_Step(label, count, 100 * count / total, cause.value))
    return steps


def _choices(names: Iterable[str]) -> dict[str, int]:
    """Each name once, with its number."""
    found: dict[str, int] = {}
    for name in names:
        if name not in found and len(found) < _NAMES:
            found[name] = len(found)
    return found


def _listed_choices(names: Mapping[str, int]) -> list[_Choice]:
    choices = [_Choice(index, cell(name, 120)) for name, index in names.items()]
    return sorted(choices, key=lambda choice: (choice.label.partition(" ")[2], choice.label))


def _indices(names: Iterable[str], known: Mapping[str, int]) -> str:
    return " ".join(str(known[name]) for name in names if name in known)


def _rule(code: str) -> tuple[str, str, str]:
    from zeues_contracts.rules import rule

    try:
        entry = rule(code)
    except KeyError:
        return rule_title(code), "", ""
    return entry.title, entry.why, entry.mend


def _version() -> str:
    from zeues_contracts import __version__

    return __version__


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


@functools.cache
def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text("utf-8").replace("\r\n", "\n")


@functools.cache
def _template() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        finalize=_printed,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clip"] = cell
    environment.filters["prose"] = prose
    return environment.get_template("report.html.jinja")


def _printed(value: Any) -> Markup:
    """What an expression of the template prints: our own markup as it is, all else as harmless text."""
    if isinstance(value, Markup):
        return value
    return Markup(html_text("" if value is None else str(value)))  # noqa: S704 - escaped by html_text
