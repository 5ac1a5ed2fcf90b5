"""``zeues-contracts contracts check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import Output, Selection, Target, report_options, service_options
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.cli.contracts_named import Named
    from zeues_contracts.config import Config
    from zeues_contracts.consumers import Contract
    from zeues_contracts.findings import Finding, Stage
    from zeues_contracts.openapi.model import Document

__all__ = ["command"]


@click.command("check")
@service_options(several=True, metavar="[NAME]...")
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

    NAME is a service, the file of a contract, or a consumer; by default all is checked that is configured.

    \b
    Exit codes: 0 nothing at or above the fail level; 1 findings; 2 usage or configuration.

    \b
    Examples:
      zeues-contracts contracts check
      zeues-contracts contracts check contracts/shop.yaml
      zeues-contracts contracts check shop --document openapi.json
    """
    from zeues_contracts.findings import Report, in_report_order
    from zeues_contracts.levels import apply_levels

    target, named, given = _meant(target, contract_files)
    selection = target.load(fail_level=output.fail_level)
    findings: list[Finding] = []
    stages: list[Stage] = []
    sources: dict[str, str] = {}
    elsewhere = bool(target.url or target.app or target.document)
    for service in selection.services:
        alone = len(selection.services) == 1
        contracts = _contracts(selection.config, service, given, named.consumers, alone=alone)
        if named.consumers and not contracts:
            continue  # of several services these consumers use others
        document = _document(selection, service, live=live or elsewhere)
        sources[service] = document.source
        found, stage = _checked(selection, service, contracts, document)
        findings += apply_levels(found, selection.config, service)
        stages.append(stage)
    if not stages:
        raise UsageError(
            f"{' and '.join(named.consumers)}: no contract about {' or '.join(selection.services)}",
            hint="`zeues-contracts contracts list` lists them",
        )
    report = Report(in_report_order(findings), tuple(stages), title=", ".join(sources), sources=sources)
    return output.emit(report, selection.config)


def _meant(target: Target, files: tuple[Path, ...]) -> tuple[Target, Named, tuple[Contract, ...]]:
    """The target with services alone, what the names are, and the contracts of the files that are named."""
    from zeues_contracts.cli.contracts_named import sorted_names
    from zeues_contracts.config import load_config
    from zeues_contracts.consumers import read_contract

    config = load_config(target.config_file)
    named = sorted_names(target.services, config)
    given = tuple(read_contract(file) for file in (*files, *named.files))
    services = named.services
    about = tuple(dict.fromkeys(one.service for one in given))
    if not services and not named.consumers and about and all(one in config.services for one in about):
        services = about  # a contract says which service it is about: the others are not looked at
    return target._replace(services=services), named, given


def _contracts(
    config: Config, service: str, given: tuple[Contract, ...], consumers: tuple[str, ...], *, alone: bool
) -> tuple[Contract, ...]:
    from zeues_contracts.consumers import read_contracts

    # With one service it is about that one, whatever name a contract has for it; of several each has its own.
    found = given if alone else tuple(one for one in given if one.service in ("", service))
    if given and not consumers:
        return found
    configured = read_contracts(config, service)
    return (*found, *(one for one in configured if not consumers or one.consumer in consumers))


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
    selection: Selection, service: str, contracts: tuple[Contract, ...], document: Document
) -> tuple[tuple[Finding, ...], Stage]:
    import time

    from zeues_contracts.consumers import check_contracts
    from zeues_contracts.findings import Stage, StageStatus
    from zeues_contracts.http import collect_headers

    began = time.monotonic()
    if not contracts:
        reason = "no consumer has a contract"
        return (), Stage("contracts", StageStatus.SKIPPED, service, reason)
    settings = selection.config.services.get(service)
    added = collect_headers({}, selection.headers)
    found = check_contracts(contracts, document, service=service, settings=settings, added=added)
    subjects = tuple(f"{one.consumer}: {each.id}" for one in contracts for each in one.interactions)
    counts = {"consumers": len(contracts), "interactions": len(subjects)}
    seconds = time.monotonic() - began
    return found, Stage("contracts", StageStatus.RAN, service, "", seconds, counts, subjects)
