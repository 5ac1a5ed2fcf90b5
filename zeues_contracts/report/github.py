"""GitHub annotations: workflow commands on standard output, the worst findings first.

Source: GitHub's documentation of workflow commands. A step shows at most 10 annotations of each kind and a job 50; what
is past that is dropped without a word, so the last annotation says how many there were.
"""

from __future__ import annotations

from zeues_contracts.findings import Finding, Level, Report, in_report_order
from zeues_contracts.report.locate import file_places
from zeues_contracts.report.options import RenderOptions
from zeues_contracts.report.safe import cell, github_data, github_property, pretty
from zeues_contracts.report.words import counts_text, hits_text, placed_message, rule_title, verdict

__all__ = ["PER_KIND", "render"]

PER_KIND = 10
"""Annotations of one kind (error, warning, notice) that a step shows."""

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def render(report: Report, options: RenderOptions) -> str:
    """One workflow command per finding, at most ten of a kind; the last notice tells how many were left out."""
    rows: list[str] = []
    left_out: list[Finding] = []
    findings = in_report_order(report.findings)
    if report.cannot_judge:
        rows.append(_command("error", "", None, None, "Cannot judge", report.cannot_judge))
    for level, command in _COMMANDS.items():
        ones = [finding for finding in findings if finding.level is level]
        # One place is kept for what cannot be judged, and of the notices one for the summary.
        room = PER_KIND - 1 if (level is Level.INFO or (level is Level.ERROR and report.cannot_judge)) else PER_KIND
        rows += [_annotation(one, command, options) for one in ones[:room]]
        left_out += ones[room:]
    if left_out:
        outcome = verdict(report, options.fail_level)
        text = (
            f"{outcome.word}: {outcome.sentence}. Not annotated: {counts_text(left_out)}; see the log or the summary."
        )
        rows.append(_command("notice", "", None, None, "zeues-contracts", text))
    return "".join(f"{row}\n" for row in rows)


def _annotation(finding: Finding, command: str, options: RenderOptions) -> str:
    places = file_places(finding, options.root)
    path, line, column = (places[0].path, places[0].line, places[0].column) if places else ("", None, None)
    title = f"{finding.rule} {finding.cause.value}: {rule_title(finding.rule)}".rstrip(": ")
    rows = [cell(placed_message(finding), 1500)]
    if finding.evidence.witness is not None:
        rows.append("witness: " + " ".join(pretty(finding.evidence.witness.value, 400, lines=12))[:600])
    rows += [cell(f"hits {hit}", 300) for hit in hits_text(finding)[:3]]
    if finding.hint:
        rows.append(cell(f"hint: {finding.hint}", 500))
    return _command(command, path, line, column, title, "\n".join(rows))


def _command(name: str, path: str, line: int | None, column: int | None, title: str, text: str) -> str:
    given = {"file": path, "line": line, "col": column, "title": title}
    properties = ",".join(
        f"{key}={github_property(str(value))}" for key, value in given.items() if value not in ("", None)
    )
    return f"::{name} {properties}::{github_data(text)}" if properties else f"::{name}::{github_data(text)}"
