"""What the formats for machines promise: our published schema, the SARIF standard's, the shape of JUnit."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.unit.report.hostile import TEXTS, options, poisoned
from tests.unit.report.sample import DOWN, EMPTY, REPORT
from zeues_contracts.errors import UsageError
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.findings import Cause, Evidence, Finding, Level, Place, Report, Stage, StageStatus, Witness
from zeues_contracts.report import RenderOptions, merge_reports, render, report_from_json, report_to_json
from zeues_contracts.report.wire import json_schema

REPORTS = {
    "full": REPORT,
    "empty": EMPTY,
    "down": DOWN,
    "nothing": Report(),
    **{f"hostile-{name}": poisoned(text[:5000]) for name, text in TEXTS.items()},
}
every_report = pytest.mark.parametrize("name", REPORTS)


def published() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(
        files("zeues_contracts.report").joinpath("data", "report.schema.json").read_text()
    )
    return schema


def test_the_published_schema_is_that_of_the_types() -> None:
    file = Path(str(files("zeues_contracts.report"))) / "data" / "report.schema.json"
    text = json.dumps(json_schema(), indent=2) + "\n"
    if os.environ.get("UPDATE_GOLDEN") and not os.environ.get("CI"):
        file.write_text(text, "utf-8")
    assert file.read_text("utf-8") == text, "UPDATE_GOLDEN=1 writes it anew"
    jsonschema.Draft202012Validator.check_schema(published())


@every_report
def test_json_is_valid_and_comes_back(name: str) -> None:
    data = json.loads(render(REPORTS[name], "json"))
    jsonschema.Draft202012Validator(published()).validate(data)
    again = report_from_json(data)
    assert report_to_json(again) == data
    assert [one.fingerprint for one in again.findings] == [one["fingerprint"] for one in data["findings"]]


def test_the_schema_refuses_what_is_no_report() -> None:
    validator = jsonschema.Draft202012Validator(published())
    data = json.loads(render(REPORT, "json"))
    for change in ({"version": 2}, {"findings": [{}]}, {"verdict": "maybe"}, {"stages": [{"name": "x"}]}, {"title": 3}):
        assert not validator.is_valid(data | change), change


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ([], "not a report"),
        ({}, "not a report"),
        ({"version": 7, "findings": []}, "version 7"),
        ({"version": 1, "findings": [{"rule": "ZC204"}]}, r"findings\[0\]"),
        ({"version": 1, "findings": {}}, "findings"),
        ({"version": 1, "findings": [], "stages": [{"name": "x", "status": "bad"}]}, r"stages\[0\]"),
    ],
)
def test_what_is_no_report_is_refused_with_its_place(data: Any, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        report_from_json(data, source="x.json")


def test_secrets_of_an_exchange_are_in_no_format() -> None:
    for format_ in ("text", "json", "junit", "sarif", "github", "markdown", "html"):
        text = render(REPORT, format_, options=RenderOptions(verbose=True))
        assert "very-secret-token" not in text
        assert "k-123456" not in text


def test_bodies_of_bytes_come_back() -> None:
    exchange = Exchange(Request("PUT", "http://127.0.0.1/x", (), b"\xff\x00"), Response(200, (), b"\x89PNG"))
    finding = Finding("ZC401", Level.ERROR, Cause.VIOLATION, "m", evidence=Evidence(exchange=exchange))
    again = report_from_json(json.loads(render(Report((finding,)), "json"))).findings[0].evidence.exchange
    assert again == exchange


def test_numbers_that_json_cannot_hold_and_deep_values_are_kept_out() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    for value in (float("nan"), float("inf"), deep, 10**400, {1: b"x"}):
        finding = Finding("ZC401", Level.ERROR, Cause.VIOLATION, "m", evidence=Evidence(witness=Witness(value)))
        for format_ in ("text", "json", "junit", "sarif", "github", "markdown", "html"):
            text = render(Report((finding,)), format_)
            if format_ in ("json", "sarif"):
                json.loads(text, parse_constant=pytest.fail)


# --- SARIF ---------------------------------------------------------------------------------------------------------


def sarif_schema() -> dict[str, Any]:
    """The schema of the standard as Microsoft's npm package ships it; .ci/run installs it."""
    folder = os.environ.get("NODE_MODULES_FOR_TESTS")
    if not folder:
        pytest.skip("NODE_MODULES_FOR_TESTS does not say where the npm packages of the tests are")
    file = Path(folder) / "@microsoft" / "jest-sarif" / "lib" / "schemas" / "sarif-2.1.0-rtm.5.json"
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return schema


@every_report
def test_sarif_is_valid_against_the_schema_of_the_standard(name: str) -> None:
    validator = jsonschema.Draft4Validator(sarif_schema())
    validator.validate(json.loads(render(REPORTS[name], "sarif", options=options(name))))


def test_the_sarif_schema_refuses() -> None:
    data = json.loads(render(REPORT, "sarif"))
    data["runs"][0]["results"][0]["level"] = "fatal"
    assert not jsonschema.Draft4Validator(sarif_schema()).is_valid(data)


@every_report
def test_sarif_keeps_what_code_scanning_asks_for(name: str) -> None:
    data = json.loads(render(REPORTS[name], "sarif", options=RenderOptions(fallback_file="zeues-contracts.toml")))
    assert data["version"] == "2.1.0"
    run = data["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert len(result["locations"]) == 1
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri
        assert re.fullmatch(r"[!-~]+", uri)
        assert not re.match(r"/|[A-Za-z][A-Za-z0-9+.-]*:|.*(^|/)\.\.(/|$)", uri)
        region = result["locations"][0]["physicalLocation"].get("region")
        assert region is None or region["startLine"] >= 1
        assert re.fullmatch(r"[0-9a-f]{12}", result["partialFingerprints"]["zeuesContracts/v1"])


def test_sarif_places_are_in_snapshots_and_contracts() -> None:
    results = json.loads(render(REPORT, "sarif"))["runs"][0]["results"]
    places = {
        result["ruleId"]: result["locations"][0]["physicalLocation"]
        for result in results
        if result["ruleId"] in ("ZC301", "ZC204")
    }
    assert places["ZC301"]["artifactLocation"]["uri"] == "contracts/e2e-suite.yaml"
    assert places["ZC301"]["region"] == {"startLine": 31, "startColumn": 7}
    # The live document is no file of the repository: the snapshot is shown.
    assert places["ZC204"]["artifactLocation"]["uri"] == "snapshots/zeues.json"
    suppressed = [result for result in results if "suppressions" in result]
    assert [result["ruleId"] for result in suppressed] == ["ZC205"]


def test_files_out_of_the_root_are_no_places() -> None:
    for source in ("/etc/passwd", "../x.yaml", "-", "http://h/x", "a/../../b", "", "C:/x/../../y"):
        finding = Finding("ZC204", Level.ERROR, Cause.DRIFT, "m", place=Place(source, "/x", 3))
        shown = RenderOptions(root="/home/me/repo", fallback_file="/home/me/repo/pyproject.toml")
        result = json.loads(render(Report((finding,)), "sarif", options=shown))["runs"][0]["results"][0]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "pyproject.toml", source
        assert "file=" not in render(Report((finding,)), "github", options=shown)


# --- JUnit ---------------------------------------------------------------------------------------------------------

# The elements and attributes of the Jenkins XSD (junit-10) that we use, with what each may hold.
SHAPE: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"name", "tests", "failures", "errors"}, set(), {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"name", "tests"}, {"testcase"}),
    "testcase": (
        {"classname", "name", "time"},
        {"classname", "name"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "skipped": ({"message"}, set(), set()),
    "error": ({"message", "type"}, set(), set()),
    "failure": ({"message", "type"}, set(), set()),
    "system-out": (set(), set(), set()),
}


@every_report
def test_junit_has_the_shape_and_the_sums(name: str) -> None:
    root = ET.fromstring(render(REPORTS[name], "junit").encode("utf-8"))
    assert root.tag == "testsuites"
    for element in root.iter():
        allowed, required, inner = SHAPE[element.tag]
        assert required <= set(element.attrib) <= allowed, element.tag
        assert {one.tag for one in element} <= inner
    cases = root.findall("./testsuite/testcase")
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases) or name.startswith(
        "hostile"
    )
    for suite in root:
        counts = {
            "tests": len(suite),
            "failures": len(suite.findall("./testcase/failure")),
            "errors": len(suite.findall("./testcase/error")),
            "skipped": len(suite.findall("./testcase/skipped")),
        }
        assert {key: int(suite.get(key, "")) for key in counts} == counts
        assert all(len(case.findall("*")) - len(case.findall("system-out")) <= 1 for case in suite)
    assert int(root.get("tests", "")) == len(cases)
    assert int(root.get("failures", "")) == len(root.findall(".//failure"))
    assert int(root.get("errors", "")) == len(root.findall(".//error"))


def test_junit_has_one_case_per_operation_and_interaction_also_of_those_that_are_well() -> None:
    report = Report(
        findings=(Finding("ZC204", Level.ERROR, Cause.DRIFT, "m", "shop", ("GET /a",)),),
        stages=(
            Stage("drift", StageStatus.RAN, "shop", seconds=0.5, subjects=("GET /a", "GET /b", "POST /c")),
            Stage("contracts", StageStatus.RAN, "shop", subjects=("app: list", "app: buy")),
        ),
    )
    root = ET.fromstring(render(report, "junit"))
    names = {suite.get("name"): [case.get("name") for case in suite] for suite in root}
    assert names == {"shop.mismatch": ["app: list", "app: buy"], "shop.drift": ["GET /a", "GET /b", "POST /c"]}
    assert [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None] == ["GET /a"]


def test_junit_fails_from_the_fail_level_on() -> None:
    counts = {
        level: len(
            ET.fromstring(render(REPORT, "junit", options=RenderOptions(fail_level=level))).findall(".//failure")
        )
        for level in (Level.OFF, Level.ERROR, Level.WARNING)
    }
    assert counts[Level.OFF] == 0
    assert counts[Level.ERROR] + 1 == counts[Level.WARNING]


# --- GitHub and Markdown -------------------------------------------------------------------------------------------


def _many(count: int, level: Level) -> tuple[Finding, ...]:
    return tuple(Finding("ZC204", level, Cause.DRIFT, f"m{n}", subject=str(n)) for n in range(count))


def test_github_keeps_ten_of_a_kind_and_says_how_many_it_left_out() -> None:
    report = Report(findings=(*_many(25, Level.ERROR), *_many(3, Level.WARNING), *_many(30, Level.INFO)))
    rows = render(report, "github").splitlines()
    kinds = [row[2:].split(" ")[0] for row in rows]
    assert kinds == ["error"] * 10 + ["warning"] * 3 + ["notice"] * 10
    assert rows[-1].endswith("Not annotated: 15 errors, 21 info; see the log or the summary.")
    assert "FAIL: 25 errors, 3 warnings, 30 info" in rows[-1]


def test_github_keeps_ten_errors_where_nothing_can_be_judged() -> None:
    rows = render(Report(_many(25, Level.ERROR), cannot_judge="down"), "github").splitlines()
    assert rows[0] == "::error title=Cannot judge::down"
    assert sum(row.startswith("::error") for row in rows) == 10


def test_markdown_stays_below_the_limit_of_a_comment_and_says_what_is_left_out() -> None:
    text = render(Report(_many(5000, Level.ERROR), title="a"), "markdown", options=RenderOptions(max_findings=0))
    assert len(text) <= 60_000
    assert "and 4950 errors more" in text
    assert re.search(r"Details of \d+ more findings are left out", text)


def test_a_comment_is_found_again_by_its_marker() -> None:
    first = {
        render(REPORT, "markdown", options=RenderOptions(marker=name)).splitlines()[0]
        for name in ("shop", "other", "a -->\n<b>", "a\n")
    }
    assert len(first) == 4
    assert all(re.fullmatch(r"<!-- zeues-contracts: [\w ./-]+ -->", line) and "--" not in line[4:-3] for line in first)


# --- merging -------------------------------------------------------------------------------------------------------


def test_merging_tells_each_finding_once_and_keeps_the_worst() -> None:
    one = Finding("ZC204", Level.WARNING, Cause.DRIFT, "m", "s", ("GET /a", "GET /b"), "x")
    worse = one.with_(level=Level.ERROR, operations=("GET /a", "GET /c"))
    merged = merge_reports([Report((one,), title="a"), Report((worse,), title="b", cannot_judge="down")])
    assert [(f.level, f.operations) for f in merged.findings] == [(Level.ERROR, ("GET /a", "GET /c", "GET /b"))]
    assert merged.title == "a + b"
    assert merged.exit_code() == 3
    assert merge_reports([REPORT, REPORT, EMPTY]).findings == REPORT.findings


def test_a_finding_that_is_open_in_one_report_is_not_waived_in_the_merge() -> None:
    one = Finding("ZC204", Level.ERROR, Cause.DRIFT, "m", subject="x")
    merged = merge_reports([Report(waived=(one,)), Report((one,))])
    assert merged.waived == ()
    assert len(merged.findings) == 1
