"""``zeues-contracts contracts list``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zeues_contracts.cli.options import config_option, service_argument, write_out

if TYPE_CHECKING:
    from zeues_contracts.consumers import Contract

__all__ = ["command"]


@click.command("list")
@service_argument(several=True)
@config_option
@click.option("--verbose", "-v", is_flag=True, help="List the interactions too.")
@click.option(
    "--format", "-f", "style", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Format."
)
def command(services: tuple[str, ...], config_file: Path | None, verbose: bool, style: str) -> int:
    r"""List the contracts of services: who they are of, and what they use.

    \b
    Examples:
      zeues-contracts contracts list
      zeues-contracts contracts list shop --verbose
      zeues-contracts contracts list --format json
    """
    from zeues_contracts.cli.options import load_configuration
    from zeues_contracts.config import load_config
    from zeues_contracts.consumers import read_contracts

    config = load_config(config_file)
    chosen: tuple[str, ...] = ("",)  # without a configuration: whatever contract is where contracts usually are
    if config.services or services:
        selection = load_configuration(config_file, services)
        config, chosen = selection.config, selection.services
    found = {name: read_contracts(config, name) for name in chosen}
    write_out(_json(found) if style == "json" else _text(found, verbose))
    return 0


def _text(found: dict[str, tuple[Contract, ...]], verbose: bool) -> str:
    from zeues_contracts.report.safe import cell, guard_log

    lines: list[str] = []
    for service, contracts in found.items():
        lines.append(f"{service or 'contracts/'}: {_many(len(contracts), 'contract')}")
        for one in contracts:
            operations = len({each.operation for each in one.interactions})
            lines.append(
                f"  {cell(one.consumer, 60)}  {_many(len(one.interactions), 'interaction')}, "
                f"{_many(operations, 'operation')}  {cell(one.source, 100)}"
            )
            if verbose:
                for each in one.interactions:
                    status = " or ".join(each.expect.statuses)
                    lines.append(f"    {cell(each.id, 60)}  {cell(each.operation, 100)}  {status}".rstrip())
    return guard_log("\n".join([*lines, ""]))


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _json(found: dict[str, tuple[Contract, ...]]) -> str:
    from zeues_contracts.report.safe import json_text

    value: list[dict[str, Any]] = [
        {
            "service": service,
            "consumer": one.consumer,
            "file": one.source,
            "description": one.description,
            "interactions": [
                {
                    "id": each.id,
                    "operation": each.operation,
                    "test": each.test,
                    "statuses": list(each.expect.statuses),
                    "line": each.place.line if each.place is not None else None,
                }
                for each in one.interactions
            ],
        }
        for service, contracts in found.items()
        for one in contracts
    ]
    return json_text(value)
