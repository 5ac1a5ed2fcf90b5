"""``zeues-contracts init``: from nothing to a passing check in three questions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import Output, report_options
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import Config, ServiceConfig
    from zeues_contracts.openapi.model import Document

__all__ = ["command"]

_PRESETS = ("default", "strict", "tolerant-reader")
_HERE = "http://127.0.0.1:8000/docs"


@click.command("init")
@click.argument("source", required=False, default="", metavar="[URL|MODULE:APP|FILE]")
@click.option("--name", default="", help="What the service is called here; by default its document's title tells.")
@click.option("--preset", type=click.Choice(_PRESETS), default=None, help="How strictly changes are judged.")
@click.option(
    "--header", "-H", "headers", multiple=True, metavar="NAME:VALUE", help="A header to send; it is not written down."
)
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: take what is given, found or usual.")
@report_options
def command(output: Output, source: str, name: str, preset: str | None, headers: tuple[str, ...], yes: bool) -> int:
    r"""Find the service, take the first snapshot, write the configuration.

    Asks three questions where it runs on a terminal, writes zeues-contracts.toml and snapshots/NAME.json with its
    ledger, and ends with a check.

    \b
    Examples:
      zeues-contracts init
      zeues-contracts init http://127.0.0.1:8000/docs --yes
      zeues-contracts init main:app --name shop
    """
    from zeues_contracts.check import starting
    from zeues_contracts.config import CONFIG_FILE, Config, load_config
    from zeues_contracts.openapi.sources import live_document

    folder = Path.cwd()
    ask = not yes and sys.stdin.isatty()
    service = _service(source, folder, ask=ask)
    document = live_document(Config(services={"service": service}, root=str(folder)), "service", headers)
    usual = starting.service_name(document.title)
    click.echo(f"Found {_shown(document)}", err=True)
    name = name or (click.prompt("What is it called here?", default=usual, err=True) if ask else usual)
    file = folder / CONFIG_FILE
    if preset is None:
        wants = ask and not file.exists()
        preset = (
            click.prompt("How strictly?", default="default", type=click.Choice(_PRESETS), err=True)
            if wants
            else "default"
        )
    text = starting.configuration_text(name, service, preset, first=not file.exists())
    starting.write_configuration(file, name, text)
    click.echo(f"Wrote {file.name}", err=True)
    config = load_config(file)
    _first_snapshot(config, name, document)
    return _check(config, name, headers, output)


def _service(source: str, folder: Path, *, ask: bool) -> ServiceConfig:
    from zeues_contracts.check.starting import find_apps, service_from

    if source:
        return service_from(source, folder)
    apps = find_apps(folder)
    if ask:
        if apps:
            click.echo(f"Applications in this folder: {', '.join(apps[:5])}", err=True)
        question = "Where is the service? (the URL of its /docs, MODULE:APP, or a file)"
        return service_from(click.prompt(question, default=apps[0] if apps else _HERE, err=True), folder)
    if len(apps) == 1:
        return service_from(apps[0], folder)
    found = f"there are several applications here: {', '.join(apps[:5])}" if apps else "no application was found here"
    raise UsageError(f"which service? {found}", hint=f"name it: zeues-contracts init {apps[0] if apps else _HERE}")


def _shown(document: Document) -> str:
    from zeues_contracts.report.safe import cell

    title = document.title or "a service without a title"
    return cell(f"{title}: OpenAPI {document.version}, {len(document.keys)} operations, {document.source}", 200)


def _first_snapshot(config: Config, name: str, document: Document) -> None:
    from zeues_contracts.snapshots import snapshot_files
    from zeues_contracts.snapshots.contents import contents_of
    from zeues_contracts.snapshots.updating import Approval, actor_for, approve, current_digest

    files = snapshot_files(config, name)
    if files.snapshot.exists():
        click.echo(f"{files.snapshot} is there already and was left as it is", err=True)
        return
    approval = Approval(reason="the first snapshot", source=document.source, actor=actor_for(files))
    approve(files, contents_of(document), approval, action="create", seen=current_digest(files))
    click.echo(f"Took the first snapshot: {_below(files.snapshot)}", err=True)


def _check(config: Config, name: str, headers: tuple[str, ...], output: Output) -> int:
    from zeues_contracts.check import check
    from zeues_contracts.cli.check import telling

    with output.progress() as progress:
        report = check(
            config, (name,), only=("health", "drift", "contracts"), headers=headers, listen=telling(progress)
        )
    code = output.emit(report, config)
    click.echo("Next: commit zeues-contracts.toml and snapshots/, then run `zeues-contracts check`.", err=True)
    return code


def _below(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
