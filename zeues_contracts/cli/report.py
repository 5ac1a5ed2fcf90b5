"""``zeues-contracts report``: reports that were written as JSON, rendered again or made one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli import WholeGroup
from zeues_contracts.cli.options import Output, complete_files, config_option, report_options
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from zeues_contracts.config import Config
    from zeues_contracts.findings import Report

__all__ = ["command", "read_report"]

MAX_BYTES = 256 * 1024 * 1024
"""A report past this is not read."""


@click.group("report", cls=WholeGroup)
def command() -> None:
    r"""Render and merge reports that were written with --format json.

    \b
    Examples:
      zeues-contracts check --format json --output report.json
      zeues-contracts report render report.json --format html --output report.html
      zeues-contracts report merge shard-*.json --output report.sarif
    """


@command.command("render")
@click.argument("file", metavar="FILE", shell_complete=complete_files)
@config_option
@report_options
def render(file: str, config_file: Path | None, output: Output) -> int:
    r"""Render a report in other formats; the exit code is that of the run, under the fail level of now.

    FILE is a report in JSON, or - for standard input.

    \b
    Examples:
      zeues-contracts report render report.json
      zeues-contracts report render report.json --format junit --output junit.xml
      zeues-contracts report render - --format markdown < report.json
    """
    report, level = read_report(file)
    return _emit(report, output, config_file, level)


@command.command("merge")
@click.argument("reports", nargs=-1, required=True, metavar="FILE...", shell_complete=complete_files)
@config_option
@report_options
def merge(reports: tuple[str, ...], config_file: Path | None, output: Output) -> int:
    r"""Make one report of several, as of the shards of a run: each finding is told once.

    \b
    Examples:
      zeues-contracts report merge shard-1.json shard-2.json
      zeues-contracts report merge shard-1.json shard-2.json --output report.html
    """
    from zeues_contracts.findings import Level
    from zeues_contracts.report import merge_reports

    if reports.count("-") > 1:
        raise UsageError("standard input can be read once only", hint="give files")
    read = [read_report(file) for file in reports]
    strictest = min((level for _, level in read if level != "off"), key=lambda one: Level(one).rank, default="off")
    return _emit(merge_reports([report for report, _ in read]), output, config_file, strictest)


def read_report(file: str) -> tuple[Report, str]:
    """The report of a JSON file and the fail level that it was written under. Raises :class:`UsageError`."""
    import json

    from zeues_contracts.report import report_from_json

    name = "standard input" if file == "-" else file
    try:
        data = json.loads(_read(file))
    except RecursionError:
        raise UsageError(f"{name}: not a report of zeues-contracts: nested too deeply") from None
    except ValueError as error:
        raise UsageError(
            f"{name}: not JSON: {error}", hint="render reports that were written with --format json"
        ) from None
    report = report_from_json(data, source=name)
    level = data.get("fail_level", "error")
    return report, level


def _read(file: str) -> bytes:
    from pathlib import Path

    try:
        if file == "-":
            text = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(file).open("rb") as stream:
                text = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror or error}") from None
    if len(text) > MAX_BYTES:
        raise UsageError(f"{file}: larger than {MAX_BYTES // 1024 // 1024} MiB, which no report should be")
    return text


def _emit(report: Report, output: Output, config_file: Path | None, written_under: str) -> int:
    """Emit under the flag's fail level, else the configuration's where one is there, else the report's own."""
    config = _config(config_file)
    if not output.fail_level:
        output = output._replace(fail_level=written_under)
    return output.emit(report, config)


def _config(config_file: Path | None) -> Config | None:
    """The configuration, only for the names of files; a report is rendered without one as well."""
    from zeues_contracts.config import load_config

    if config_file is not None:
        return load_config(config_file)
    try:
        config = load_config()
    except UsageError:
        return None
    return config if config.source else None
