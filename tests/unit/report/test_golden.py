"""Each format of a report with something of everything, as a file that a change has to change on purpose.

``UPDATE_GOLDEN=1 pytest tests/unit/report/test_golden.py`` writes them anew; never in CI.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.unit.report.sample import DOWN, EMPTY, REPORT, TREND
from zeues_contracts.findings import Level, Report
from zeues_contracts.report import FORMATS, RenderOptions, render

GOLDEN = Path(__file__).parent / "golden"
SUFFIX = {"text": "txt", "json": "json", "junit": "xml", "sarif": "sarif", "github": "log", "markdown": "md"}

CASES: dict[str, tuple[str, Report, RenderOptions]] = {
    f"{name}-{format_}": (format_, report, RenderOptions(width=96, trend=TREND if report is REPORT else ()))
    for name, report in (("full", REPORT), ("empty", EMPTY), ("down", DOWN))
    for format_ in FORMATS
} | {
    "verbose-text": ("text", REPORT, RenderOptions(width=96, verbose=True)),
    "color-text": ("text", REPORT, RenderOptions(width=80, color=True)),
    "quiet-text": ("text", REPORT, RenderOptions(quiet=True)),
    "warning-junit": ("junit", REPORT, RenderOptions(fail_level=Level.WARNING)),
}


def _kept(text: str, format_: str) -> str:
    if format_ == "html":  # style and script are files of their own, the digests follow from them
        text = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", text, flags=re.DOTALL)
        text = re.sub(r"sha256-[A-Za-z0-9+/=]{44}", "sha256-…", text)
    return text


@pytest.mark.usefixtures("fixed_catalogue")
@pytest.mark.parametrize("case", CASES)
def test_the_report_is_as_it_was(case: str) -> None:
    format_, report, options = CASES[case]
    text = _kept(render(report, format_, options=options), format_)
    file = GOLDEN / f"{case}.{SUFFIX.get(format_, format_)}"
    if os.environ.get("UPDATE_GOLDEN") and not os.environ.get("CI"):
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8"), f"{file.name} differs; UPDATE_GOLDEN=1 writes it anew"


def test_there_is_no_golden_file_too_many() -> None:
    wanted = {f"{case}.{SUFFIX.get(format_, format_)}" for case, (format_, _, _) in CASES.items()}
    assert {file.name for file in GOLDEN.iterdir()} == wanted


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_report_gives_the_same_text(format_: str) -> None:
    options = RenderOptions(trend=TREND)
    assert render(REPORT, format_, options=options) == render(REPORT, format_, options=options)
    shuffled = Report(
        **{name: getattr(REPORT, name) for name in REPORT.__slots__} | {"findings": REPORT.findings[::-1]}
    )
    assert render(shuffled, format_, options=options) == render(REPORT, format_, options=options)
