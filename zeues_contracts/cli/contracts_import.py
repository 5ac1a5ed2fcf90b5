"""``zeues-contracts contracts import``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import config_option, say
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.consumers import Contract
    from zeues_contracts.openapi.model import Document

__all__ = ["command"]


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE...")
@click.option("--from", "kind", type=click.Choice(["pact", "har", "vcr"]), default=None, help="Told by the content.")
@click.option("--consumer", default="", metavar="NAME", help="Who sends; a Pact file says so itself.")
@click.option("--service", default="", metavar="NAME", help="Which service; a Pact file's provider by default.")
@click.option("--base-url", default="", metavar="URL", help="Of captured traffic: the calls below this address.")
@click.option(
    "--document",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    metavar="FILE",
    help="An OpenAPI document: captured paths become its templates.",
)
@click.option("--output", "-o", default="", metavar="FILE", help="By default contracts/CONSUMER.yaml; - prints it.")
@click.option("--merge", is_flag=True, help="Merge into a contract that is there, and say what changed.")
@click.option("--force", is_flag=True, help="Replace a contract that is there.")
@config_option
def command(
    files: tuple[Path, ...],
    kind: str | None,
    consumer: str,
    service: str,
    base_url: str,
    document: Path | None,
    output: str,
    merge: bool,
    force: bool,
    config_file: Path | None,
) -> int:
    r"""Make contracts from Pact files (versions 1 to 4), HAR logs and VCR cassettes.

    Secrets are taken out before anything is written: what stood there comes from the environment.

    \b
    Examples:
      zeues-contracts contracts import pacts/web-shop.json
      zeues-contracts contracts import browser.har --consumer web --base-url https://api.example.com/v1
    """
    from zeues_contracts.consumers.importing import import_file

    if output and len(files) > 1:
        raise UsageError("--output takes one contract, and several files are given", hint="import them one by one")
    from zeues_contracts.config import load_config

    config = load_config(config_file)
    described = _load(document, config, service)
    for file in files:
        contract, notes = import_file(
            file, kind=kind or "", consumer=consumer, service=service, base_url=base_url, document=described
        )
        contract, told = _about(contract, config, service)
        for note in (*notes, *told):
            say(f"note: {note}", err=True)
        _write(contract, output, config, merge=merge, force=force)
    return 0


def _load(document: Path | None, config: Config, service: str) -> Document | None:
    """The document whose templates paths become: the one given, else the service's snapshot if there is one."""
    if document is not None:
        from zeues_contracts.openapi import load_file

        return load_file(document)
    name = service or (next(iter(config.services)) if len(config.services) == 1 else "")
    if name not in config.services:
        return None
    from zeues_contracts.snapshots import read_snapshot, snapshot_files

    snapshot = snapshot_files(config, name).snapshot
    return read_snapshot(snapshot, config) if snapshot.is_file() else None


def _about(contract: Contract, config: Config, service: str) -> tuple[Contract, tuple[str, ...]]:
    """The contract about a service of the configuration: what a Pact calls its provider may have another name here."""
    from dataclasses import replace

    if service or not config.services or contract.service in ("", *config.services):
        return contract, ()
    if len(config.services) > 1:
        raise UsageError(
            f"the provider `{contract.service[:60]}` is no service of the configuration",
            hint=f"--service says which it is: {', '.join(config.services)}",
        )
    name = next(iter(config.services))
    return replace(contract, service=name), (f"the provider `{contract.service}` is taken as the service `{name}`",)


def _write(contract: Contract, output: str, config: Config, *, merge: bool, force: bool) -> None:
    from zeues_contracts.cli.options import write_out
    from zeues_contracts.consumers import merge_contracts, read_contract, write_contract
    from zeues_contracts.consumers.reading import contract_file
    from zeues_contracts.consumers.structure import publish_schema
    from zeues_contracts.files import write_atomically

    if output == "-":
        write_out(write_contract(contract))
        return
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", contract.consumer).strip("-.") or "consumer"
    target = Path(output) if output else contract_file(config, name)
    if target.exists() and not force:
        if not merge:
            raise UsageError(f"{target} is there already", hint="--merge puts this over it, --force replaces it")
        merged = merge_contracts(read_contract(target), contract)
        for change in merged.changes:
            say(f"  {change}")
        contract = merged.contract
    write_atomically(target, write_contract(contract))
    publish_schema(target.parent)
    many = len(contract.interactions)
    say(f"{target}: {many} interaction{'' if many == 1 else 's'} of {contract.consumer}")
