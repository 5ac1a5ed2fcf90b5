"""Reports: findings in, text of every format out. Each renderer is a pure function from a report to a string."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from zeues_contracts.report.options import RenderOptions, TrendPoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from zeues_contracts.findings import Report
    from zeues_contracts.report.serial import merge_reports, report_from_json, report_to_json

__all__ = [
    "FORMATS",
    "RenderOptions",
    "TrendPoint",
    "merge_reports",
    "render",
    "report_from_json",
    "report_to_json",
]

# Format -> module of this package that holds its `render`, imported when it is asked for.
_RENDERERS = {
    "text": "text",
    "json": "serial",
    "junit": "junit",
    "sarif": "sarif",
    "github": "github",
    "markdown": "markdown",
    "html": "html",
}

FORMATS: tuple[str, ...] = tuple(_RENDERERS)
"""The names that :func:`render` takes."""


def render(report: Report, format: str, *, options: RenderOptions | None = None) -> str:  # noqa: A002 - the flag's word
    """A report as text of a format, ending in a line break. Raises ``KeyError`` for an unknown format.

    The same report and options give the same text: no clock, no environment, no I/O. What this process was told is
    secret (``redact.know``) is in none.
    """
    from zeues_contracts.report.masking import masked

    module = importlib.import_module(f"{__name__}.{_RENDERERS[format]}")
    renderer: Callable[[Report, RenderOptions], str] = module.render
    return renderer(masked(report), options or RenderOptions())


def __getattr__(name: str) -> Any:
    if name in ("merge_reports", "report_from_json", "report_to_json"):
        return getattr(importlib.import_module(f"{__name__}.serial"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
