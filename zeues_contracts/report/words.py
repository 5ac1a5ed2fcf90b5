"""What every report for people says in the same words: verdict, counts, places, what was not judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

import msgspec

from zeues_contracts.findings import Cause, Evidence, Finding, Forecast, Level, Place, Report, StageStatus, Witness
from zeues_contracts.findings import in_report_order as in_report_order
from zeues_contracts.report.safe import pretty

__all__ = [
    "CAUSES",
    "CAUSE_OF_STAGE",
    "LEVELS",
    "Verdict",
    "causes_text",
    "consumers_of",
    "counts_text",
    "exit_meaning",
    "forecast_text",
    "hits_text",
    "is_url",
    "layers_text",
    "operations_text",
    "place_text",
    "placed_message",
    "plural",
    "point_text",
    "relative",
    "rule_slug",
    "rule_title",
    "short_message",
    "silence_text",
    "stage_lines",
    "verdict",
]

LEVELS = (Level.ERROR, Level.WARNING, Level.INFO)
CAUSES = (Cause.OUTAGE, Cause.MISMATCH, Cause.VIOLATION, Cause.DRIFT)
"""In the order in which they are read: an outage explains what follows it."""

CAUSE_OF_STAGE: Mapping[str, Cause] = {
    "health": Cause.OUTAGE,
    "preflight": Cause.OUTAGE,
    "contracts": Cause.MISMATCH,
    "replay": Cause.VIOLATION,
    "fuzz": Cause.VIOLATION,
    "observe": Cause.VIOLATION,
    "drift": Cause.DRIFT,
    "snapshots": Cause.DRIFT,
}
"""Which question a stage of a run answers."""


class Verdict(msgspec.Struct, frozen=True):
    """The first thing that a reader sees. ``word`` is PASS, FAIL or CANNOT JUDGE; ``sentence`` has no hostile text."""

    word: str
    sentence: str
    exit_code: int


def verdict(report: Report, fail_level: Level) -> Verdict:
    """The verdict of a report under a fail level, and the exit code that goes with it."""
    code = report.exit_code(fail_level)
    counts = counts_text(report.findings)
    if code == 3:
        return Verdict("CANNOT JUDGE", counts, code)
    if code == 1:
        return Verdict("FAIL", counts, code)
    return Verdict(
        "PASS",
        "no findings"
        if not report.findings
        else f"{counts}, none at level {fail_level.value}"
        if fail_level is not Level.OFF
        else counts,
        code,
    )


def exit_meaning(code: int) -> str:
    """What an exit code means, in a few words."""
    return {
        0: "nothing at or above the fail level",
        1: "findings",
        3: "cannot judge: the service, or something it depends on, is down",
    }.get(code, "")


def counts_text(findings: Iterable[Finding]) -> str:
    """``3 errors, 1 warning``; ``no findings`` for none."""
    levels = [finding.level for finding in findings]
    named = {Level.ERROR: ("error", ""), Level.WARNING: ("warning", ""), Level.INFO: ("info", "info")}
    parts = [plural(levels.count(level), *named[level]) for level in LEVELS if level in levels]
    return ", ".join(parts) or "no findings"


def causes_text(findings: Iterable[Finding], separator: str = ", ") -> str:
    """``mismatch 2, drift 1``, in reading order; empty for none."""
    causes = [finding.cause for finding in findings]
    return separator.join(f"{cause.value} {causes.count(cause)}" for cause in CAUSES if cause in causes)


def plural(count: int, noun: str, many: str = "") -> str:
    """``1 error``, ``2 errors``."""
    return f"{count} {noun}" if count == 1 else f"{count} {many or noun + 's'}"


def rule_title(code: str) -> str:
    """The title of a rule, empty for a code that is not in this version's catalogue."""
    from zeues_contracts.rules import rule

    try:
        return rule(code).title
    except KeyError:
        return ""


def rule_slug(code: str) -> str:
    """The slug of a rule, or the code in lower case where the catalogue has none."""
    from zeues_contracts.rules import rule

    try:
        return rule(code).slug
    except KeyError:
        return code.lower()


def is_url(source: str) -> bool:
    """Whether a source is a URL and not a file."""
    return "://" in source and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source) is not None


def relative(source: str, root: str) -> str:
    """A file's path below ``root`` as a relative one with forward slashes; anything else as it is."""
    if not source or is_url(source):
        return source
    try:
        path = PurePath(source)
        if root and path.is_absolute():
            path = path.relative_to(root)
    except ValueError:
        return source.replace("\\", "/") if "\\" in root else source
    return path.as_posix()


def place_text(place: Place, root: str = "") -> str:
    """``contracts/suite.yaml:31:5 #/interactions/3``: what an editor and a person can follow."""
    text = relative(place.source, root)
    if place.line is not None:
        text += f":{place.line}" + (f":{place.column}" if place.column is not None else "")
    if place.pointer:
        text += f" #{place.pointer}" if text else f"#{place.pointer}"
    return text


def operations_text(finding: Finding, limit: int = 3) -> str:
    """The leading operations, and how many more there are."""
    shown = ", ".join(finding.operations[:limit])
    more = len(finding.operations) - limit
    return f"{shown} and {more} more" if more > 0 else shown


def consumers_of(finding: Finding) -> tuple[str, ...]:
    """The consumers that a finding hits, each once, in order."""
    return tuple(dict.fromkeys(hit.consumer for hit in finding.hits))


def hits_text(finding: Finding, limit: int = 6) -> list[str]:
    """One line per consumer: ``e2e-suite: arm-completar, sold-completar and 3 more``."""
    lines = []
    for consumer in consumers_of(finding):
        names = [hit.interaction for hit in finding.hits if hit.consumer == consumer]
        more = f" and {len(names) - limit} more" if len(names) > limit else ""
        lines.append(f"{consumer}: {', '.join(names[:limit])}{more}")
    return lines


def placed_message(finding: Finding) -> str:
    """The message after the operations that it is about, each told once."""
    where = operations_text(finding)
    if len(finding.operations) == 1 and finding.message.startswith(f"{where} "):
        return finding.message
    return f"{where}: {finding.message}" if where else finding.message


def point_text(witness: Witness) -> str:
    """``/roles, which is null``: where in a witness the point is made, and what stands there; empty for its top."""
    if not witness.pointer:
        return ""
    value = witness.value
    for part in witness.pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, list | tuple) and key.isascii() and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return witness.pointer  # what is missing there is the point
    shown = " ".join(pretty(value, 10_000, items=8, text=80))
    return f"{witness.pointer}, which is {shown if len(shown) <= 120 else shown[:119] + '…'}"


def short_message(finding: Finding) -> str:
    """The message without the operation that it begins with, for where the operation stands beside it."""
    operation = finding.operation
    if operation and finding.message.startswith(f"{operation} "):
        return finding.message[len(operation) + 1 :].lstrip()
    return finding.message


def stage_lines(report: Report) -> list[tuple[str, str]]:
    """The stages that did not run to their end, as (name, what happened), blocked ones first.

    One that ran and has a reason left something out for it.
    """
    lines = []
    for status in StageStatus.BLOCKED, StageStatus.SKIPPED, StageStatus.RAN:
        for stage in report.stages:
            if stage.status is status and (stage.reason or status is not StageStatus.RAN):
                name = f"{stage.service} {stage.name}".strip() if _many_services(report) else stage.name
                word = {StageStatus.BLOCKED: "not judged", StageStatus.SKIPPED: "skipped"}.get(status, "in part")
                lines.append((name, f"{word}: {stage.reason}" if stage.reason else word))
    return lines


def silence_text(report: Report, cause: Cause) -> str:
    """Why there is no finding of a cause: nothing is wrong, or nobody could, or should, look."""
    stages = [stage for stage in report.stages if CAUSE_OF_STAGE.get(stage.name) is cause]
    if any(stage.status is StageStatus.BLOCKED for stage in stages):
        return "not judged"
    if report.stages and not any(stage.status is StageStatus.RAN for stage in stages):
        return "not looked at"
    return "nothing found"


def forecast_text(forecasts: Sequence[Forecast]) -> str:
    """The forecast in one sentence, empty where there is none."""
    if not forecasts:
        return ""
    from zeues_contracts.triage.forecast import forecast_sentence

    return forecast_sentence(forecasts)


def layers_text(one: Forecast) -> str:
    """What stands between a test and passing, outermost first."""
    if one.wrong_reason:
        return f"passes for the wrong reason: {one.wrong_reason}"
    named = [f"{layer.cause.value}: {layer.message}" if layer.cause else layer.message for layer in one.layers]
    return "; then ".join(named)


def has_difference(evidence: Evidence) -> bool:
    """Whether there are fragments to show side by side."""
    return evidence.before is not None or evidence.after is not None


def _many_services(report: Report) -> bool:
    return len({stage.service for stage in report.stages}) > 1
