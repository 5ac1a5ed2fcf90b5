"""``zeues-contracts contracts check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import Output, Selection, Target, report_options, service_options
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.consumers import Contract
    from zeues_contracts.findings import Finding, Stage
    from zeues_contracts.openapi.model import Document

__all__ = ["command"]


@click.command("check")
@service_options(several=True)
@click.option(
    "--contract",
    "contract_files",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="Check this contract instead of the configured ones; repeatable.",
)
@click.option("--live", is_flag=True, help="Against the live document of the configuration, not the snapshot.")
@report_options
def command(target: Target, output: Output, contract_files: tuple[Path, ...], live: bool) -> int:
    r"""Check contracts against the snapshot, or against a document; no request of a contract is sent.

    \b
    Exit codes: 0 nothing at or above the fail level; 1 findings; 2 usage or configuration.

    \b
    Examples:
      zeues-contracts contracts check
      zeues-contracts contracts check --document openapi.json --contract contracts/shop.yaml
    """
    from zeues_contracts.findings import Report, in_report_order
    from zeues_contracts.levels import apply_levels

    selection = target.load(fail_level=output.fail_level)
    findings: list[Finding] = []
    stages: list[Stage] = []
    sources: dict[str, str] = {}
    named = bool(target.url or target.app or target.document)
    for service in selection.services:
        contracts = _contracts(selection.config, service, contract_files, alone=len(selection.services) == 1)
        document = _document(selection, service, live=live or named)
        sources[service] = document.source
        found, stage = _checked(selection.config, service, contracts, document)
        findings += apply_levels(found, selection.config, service)
        stages.append(stage)
    report = Report(in_report_order(findings), tuple(stages), title=", ".join(selection.services), sources=sources)
    return output.emit(report, selection.config)


def _contracts(config: Config, service: str, files: tuple[Path, ...], *, alone: bool) -> tuple[Contract, ...]:
    from zeues_contracts.consumers import read_contract, read_contracts

    if not files:
        return read_contracts(config, service)
    found = tuple(read_contract(file) for file in files)
    # With one service it is about that one, whatever name a contract has for it; of several each has its own.
    return found if alone else tuple(one for one in found if one.service in ("", service))


def _document(selection: Selection, service: str, *, live: bool) -> Document:
    """The snapshot, unless something else was asked for."""
    if live:
        from zeues_contracts.openapi.sources import live_document

        return live_document(selection.config, service, selection.headers)
    from zeues_contracts.snapshots import read_snapshot, snapshot_files

    files = snapshot_files(selection.config, service)
    if not files.snapshot.is_file():
        raise UsageError(
            f"{service}: there is no snapshot at {files.snapshot}",
            hint="`zeues-contracts init` takes one; --document FILE or --live checks against something else",
        )
    return read_snapshot(files.snapshot, selection.config)


def _checked(
    config: Config, service: str, contracts: tuple[Contract, ...], document: Document
) -> tuple[tuple[Finding, ...], Stage]:
    import time

    from zeues_contracts.consumers import check_contracts
    from zeues_contracts.findings import Stage, StageStatus

    began = time.monotonic()
    if not contracts:
        reason = "no consumer has a contract"
        return (), Stage("contracts", StageStatus.SKIPPED, service, reason)
    found = check_contracts(contracts, document, service=service, settings=config.services.get(service))
    subjects = tuple(f"{one.consumer}: {each.id}" for one in contracts for each in one.interactions)
    counts = {"consumers": len(contracts), "interactions": len(subjects)}
    seconds = time.monotonic() - began
    return found, Stage("contracts", StageStatus.RAN, service, "", seconds, counts, subjects)
