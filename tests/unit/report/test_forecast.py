"""A forecast of tests before which nothing stands is a number; whoever wants the list asks for it."""

from __future__ import annotations

import pytest

from zeues_contracts.findings import Cause, Forecast, Layer, Report
from zeues_contracts.report import RenderOptions, render

WELL = Forecast("web", "test_a", True)
NOT_WELL = {
    "fails": Forecast("web", "test_b", False),
    "unknown": Forecast("web", "test_b", None),
    "wrong reason": Forecast("web", "test_b", True, wrong_reason="it takes any status"),
    "layers": Forecast("web", "test_b", True, (Layer(Cause.OUTAGE, "Redis is out"),)),
}


def test_nothing_stands_before_any_of_them() -> None:
    report = Report(forecast=(WELL, WELL))
    text = render(report, "text", options=RenderOptions())
    assert "now 2 of 2" in text
    assert "FORECAST" not in text
    assert "FORECAST" in render(report, "text", options=RenderOptions(verbose=True))
    html = render(report, "html", options=RenderOptions())
    assert '<details class="sub"><summary>What stands between' in html


@pytest.mark.parametrize("name", NOT_WELL)
def test_something_stands_before_one_of_them(name: str) -> None:
    report = Report(forecast=(WELL, NOT_WELL[name]))
    text = render(report, "text", options=RenderOptions())
    assert "FORECAST" in text
    assert "test_a" in text
    html = render(report, "html", options=RenderOptions())
    assert '<details class="sub" open><summary>What stands between' in html


def test_no_forecast_is_none_however_much_is_asked_for() -> None:
    assert "FORECAST" not in render(Report(), "text", options=RenderOptions(verbose=True))
