"""SARIF 2.1.0 (OASIS), with what GitHub code scanning reads of it.

Source: the OASIS standard, sections 3.13 (sarifLog) to 3.52 (fingerprints: 3.27.17); GitHub's limits for code scanning
(5,000 results shown per run, 10 locations per result, a location that is a file).
"""

from __future__ import annotations

import json
from typing import Any

from zeues_contracts.findings import Finding, Level, Report, StageStatus, in_report_order
from zeues_contracts.report.locate import FilePlace, file_places
from zeues_contracts.report.options import RenderOptions
from zeues_contracts.report.safe import cell, clip, json_text, pretty, uri_path
from zeues_contracts.report.words import hits_text, place_text, placed_message

__all__ = ["render"]

_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note", Level.OFF: "none"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MAX_LOCATIONS = 10


def render(report: Report, options: RenderOptions) -> str:
    """The report as one SARIF run. Waived findings are results with a suppression."""
    from zeues_contracts import __version__

    findings = in_report_order(report.findings)
    waived = in_report_order(report.waived)
    codes = sorted({cell(finding.rule, 100) for finding in (*findings, *waived)})
    index = {code: position for position, code in enumerate(codes)}
    results = [_result(one, index, options) for one in findings]
    results += [_result(one, index, options) | {"suppressions": [{"kind": "external"}]} for one in waived]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "zeues-contracts",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(code) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": results,
    }
    if report.title:
        run["automationDetails"] = {"id": f"zeues-contracts/{uri_path(cell(report.title, 100)).replace('/', '-')}/"}
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str) -> dict[str, Any]:
    from zeues_contracts.rules import rule

    try:
        entry = rule(code)
    except KeyError:
        return {"id": code}
    text = f"{entry.why}\n\nHow to mend it: {entry.mend}"
    name = "".join(word.capitalize() for word in entry.slug.split("-"))
    return {
        "id": entry.code,
        "name": name,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": clip(entry.why, 1000)},
        "help": {"text": text, "markdown": f"{entry.why}\n\n**How to mend it:** {entry.mend}"},
        "defaultConfiguration": {"level": _LEVELS[entry.level]},
        "properties": {"tags": [entry.cause.value, "openapi", "contract"], "problem.severity": _severity(entry.level)},
    }


def _severity(level: Level) -> str:
    return {Level.ERROR: "error", Level.WARNING: "warning"}.get(level, "recommendation")


def _invocation(report: Report) -> dict[str, Any]:
    notifications = [
        {"level": "warning", "message": {"text": cell(f"{stage.service} {stage.name}: {stage.reason}".strip(), 1000)}}
        for stage in report.stages
        if stage.status is StageStatus.BLOCKED
    ]
    if report.cannot_judge:
        notifications.insert(0, {"level": "error", "message": {"text": cell(report.cannot_judge, 1000)}})
    found: dict[str, Any] = {"executionSuccessful": not report.cannot_judge}
    if notifications:
        found["toolExecutionNotifications"] = notifications
    return found


def _result(finding: Finding, index: dict[str, int], options: RenderOptions) -> dict[str, Any]:
    places = file_places(finding, options.root)
    locations = [_location(one) for one in places[:1]] or [_fallback(options)]
    if finding.operations:
        # What is cut off may have been all the difference between two names, and the schema wants each once.
        names = dict.fromkeys(cell(one, 300) for one in finding.operations[:_MAX_LOCATIONS])
        locations[0]["logicalLocations"] = [
            {"name": name, "fullyQualifiedName": cell(f"{finding.service} {name}".strip(), 400), "kind": "function"}
            for name in names
        ]
    result: dict[str, Any] = {
        "ruleId": cell(finding.rule, 100),
        "ruleIndex": index[cell(finding.rule, 100)],
        "level": _LEVELS[finding.level],
        "message": {"text": _message(finding, options)},
        "locations": locations,
        "partialFingerprints": {"zeuesContracts/v1": finding.fingerprint},
        "properties": {
            "cause": finding.cause.value,
            "service": cell(finding.service, 100),
            "subject": cell(finding.subject, 500),
            "operations": len(finding.operations),
        },
    }
    related = [_location(one) | {"id": number} for number, one in enumerate(places[1:_MAX_LOCATIONS], 1)]
    if related:
        result["relatedLocations"] = related
    return result


def _message(finding: Finding, options: RenderOptions) -> str:
    rows = [placed_message(finding)]
    if finding.evidence.explanation:
        rows.append(finding.evidence.explanation)
    if finding.evidence.witness is not None:
        rows.append("Witness: " + " ".join(pretty(finding.evidence.witness.value, 10_000, lines=40)))
    rows += [f"Hits {hit}" for hit in hits_text(finding)[:5]]
    if finding.hint:
        rows.append(f"Hint: {finding.hint}")
    if finding.place is not None and not file_places(finding, options.root):
        rows.append(f"At {place_text(finding.place, options.root)}")
    # `[text](1)` is a link in SARIF messages (3.11.6), and a backslash escapes it.
    return "\n".join(cell(row, 4000).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") for row in rows)


def _location(one: FilePlace) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri_path(clip(one.path, 1000)), "uriBaseId": "%SRCROOT%"}}
    if one.line is not None:
        physical["region"] = {"startLine": one.line} | ({"startColumn": one.column} if one.column else {})
    location: dict[str, Any] = {"physicalLocation": physical}
    words = " ".join(part for part in (one.place.role, one.place.pointer) if part)
    if words:
        location["message"] = {"text": json.dumps(cell(words, 500), ensure_ascii=False)[1:-1]}
    return location


def _fallback(options: RenderOptions) -> dict[str, Any]:
    """Code scanning refuses results without a file: what has none is shown at the configuration."""
    from zeues_contracts.findings import Place
    from zeues_contracts.report.locate import file_place

    found = file_place(Place(options.fallback_file), options.root) if options.fallback_file else None
    path = found.path if found is not None else "zeues-contracts.toml"
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri_path(path), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 1},
        }
    }
