"""``zeues-contracts contracts record``: run a command and write the contract of what it does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import config_option, say
from zeues_contracts.cli.rehearse import WithCommand
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.consumers.model import Contract
    from zeues_contracts.consumers.recording.building import Built
    from zeues_contracts.consumers.recording.spool import Recording
    from zeues_contracts.openapi.model import Document

__all__ = ["command", "consumer_name"]


@click.command("record", cls=WithCommand)
@click.option("--consumer", default="", metavar="NAME", help="Who the consumer is; by default the command's script.")
@click.option("--service", default="", metavar="NAME", help="The service that the contract is with.")
@click.option("--output", "-o", default="", metavar="FILE", help="By default contracts/CONSUMER.yaml.")
@click.option("--url", default="", metavar="URL", help="Base URL of the service, where the command talks to several.")
@click.option("--document", default="", metavar="FILE", help="An OpenAPI document, for the templates of paths.")
@click.option("--prune", is_flag=True, help="Leave out interactions that were not seen this time.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@click.option("--proxy", is_flag=True, help="Record by a local proxy: for commands that are not Python.")
@click.option("--target", default="", metavar="URL", help="With --proxy: the service behind it.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="With --proxy: its port; by default a free one.")
@click.option("--url-env", "names", multiple=True, metavar="NAME", help="With --proxy: a variable for its URL.")
@config_option
@click.pass_context
def command(
    ctx: click.Context,
    consumer: str,
    service: str,
    output: str,
    url: str,
    document: str,
    prune: bool,
    dry_run: bool,
    proxy: bool,
    target: str,
    port: int,
    names: Sequence[str],
    config_file: Path | None,
) -> int:
    r"""Run a command, unchanged, and write the contract of what it sends and reads.

    Python processes (3.11 and later; a script, pytest, and their children) are watched by a hook: requests, httpx,
    urllib3, aiohttp and http.client. Each exchange belongs to the test that made it (pytest's, or a function named
    test_*). What is expected of an answer is what the code reads of it and compares it with, whatever came. For
    everything else there is --proxy: the command finds it in the variable ZEUES_CONTRACTS_URL, in those of --url-env,
    and in the place of {url} in its arguments.

    A contract that is there already is merged, and what changed is told. Secrets are taken out before anything is
    written.

    \b
    The exit code is the command's own; 2 where it cannot be run or nothing was recorded.

    \b
    Examples:
      zeues-contracts contracts record -- python tests/e2e.py
      zeues-contracts contracts record --consumer web -- pytest -q tests/e2e
      zeues-contracts contracts record --proxy --target http://127.0.0.1:8000 -- npm test
    """
    from zeues_contracts.config import load_config
    from zeues_contracts.consumers.recording.documents import document_at_hand

    words: tuple[str, ...] = ctx.meta["command"]
    if not words or not words[0].strip():
        raise UsageError("there is no command to record", hint="give it after `--`: record -- python tests/e2e.py")
    from zeues_contracts.consumers.reading import contract_file

    config = load_config(config_file)
    service = _service(config, service)
    who = consumer or consumer_name(words)
    known = document_at_hand(config, service, document)
    file = Path(output) if output else contract_file(config, _slug(who))
    existing = _existing(file)  # what is wrong with it is said before the command has run for nothing
    if proxy:
        recording, code = _by_proxy(config, service, words, target, port, names)
    else:
        recording, code = _by_hook(words)
    if not recording.exchanges:
        raise UsageError(
            f"{words[0]}: no request was seen (the command ended with {code})",
            hint="Python 3.11 and later is watched unless started with -I, -E or -S; for anything else give --proxy",
        )
    base = [url] if url else _bases(config, service)
    built, notes = _built(recording, who, service, base, known, existing)
    _write(built, existing, file, notes, prune=prune, dry_run=dry_run)
    return code


def consumer_name(words: Sequence[str]) -> str:
    """What a consumer is called by its command: the script's name, or the module's, or the program's."""
    plain = [word for word in words if not word.startswith("-")]
    for word in plain[1:]:
        stem = Path(word.partition("::")[0]).stem
        if word.endswith((".py", ".js", ".mjs", ".cjs", ".ts", ".sh", ".rb")) and stem not in ("__main__", "main"):
            return _slug(stem)
    runner = Path(plain[0]).name if plain else "consumer"
    if runner in ("pytest", "py.test") or "pytest" in words[:4]:
        return _slug(Path.cwd().name) or "tests"
    return _slug(runner.partition(".")[0]) or "consumer"


def _slug(name: str) -> str:
    return re.sub(r"[^0-9A-Za-z._-]+", "-", name.replace("_", "-")).strip("-.").lower()


def _service(config: Config, name: str) -> str:
    if name or len(config.services) != 1:
        return name
    return next(iter(config.services))


def _bases(config: Config, service: str) -> list[str]:
    from zeues_contracts.config import expand_environment

    settings = config.services.get(service)
    if settings is None:
        return []
    return [expand_environment(one) for one in (settings.base_url, settings.url) if one]


def _by_hook(words: Sequence[str]) -> tuple[Recording, int]:
    from zeues_contracts.consumers.recording.running import recording_environment, run_command, spool_folder
    from zeues_contracts.consumers.recording.spool import read_spool

    with spool_folder() as folder:
        code = run_command(words, recording_environment(folder))
        return read_spool(folder), code


def _by_proxy(
    config: Config, service: str, words: Sequence[str], target: str, port: int, names: Sequence[str]
) -> tuple[Recording, int]:
    from zeues_contracts.live.proxy import record_by_proxy

    bases = _bases(config, service)
    if not target and not bases:
        raise UsageError("--proxy: for which service?", hint="give --target URL, or `url` of the service")
    return record_by_proxy(words, target or bases[0], port=port, variables=names)


def _existing(file: Path) -> Contract | None:
    from zeues_contracts.consumers.reading import read_contract

    return read_contract(file) if file.is_file() else None


def _built(
    recording: Recording,
    who: str,
    service: str,
    base: Sequence[str],
    known: Document | None,
    existing: Contract | None,
) -> tuple[Built, list[str]]:
    from zeues_contracts.consumers.recording.building import build_contract, operation_finder, service_exchanges

    finder = operation_finder(known)
    kept, elsewhere = service_exchanges(recording, base, finder)
    built = build_contract(kept, who, service, operation_of=finder, existing=existing, outcomes=recording.outcomes)
    return built, [*recording.notes, *built.notes, *_elsewhere(elsewhere)]


def _elsewhere(counts: Mapping[str, int]) -> list[str]:
    return [f"{count} requests to {origin} are left out: another service" for origin, count in counts.items()]


def _write(
    built: Built, existing: Contract | None, file: Path, notes: Sequence[str], *, prune: bool, dry_run: bool
) -> None:
    from zeues_contracts.consumers.merging import merge_contracts
    from zeues_contracts.consumers.structure import publish_schema
    from zeues_contracts.consumers.writing import write_contract
    from zeues_contracts.files import write_atomically

    contract = built.contract
    changes: Sequence[str] = ()
    unseen: Sequence[str] = ()
    if existing is not None:
        merged = merge_contracts(existing, contract, prune=prune)
        contract, changes, unseen = merged.contract, merged.changes, merged.unseen
    tests = len({one.test for one in contract.interactions if one.test})
    counts = f"{len(contract.interactions)} interactions" + (f" of {tests} tests" if tests else "")
    lines = [*changes[:50]]
    if len(changes) > 50:
        lines.append(f"… and {len(changes) - 50} more changes")
    if unseen and not prune:
        lines.append(f"not seen this time: {', '.join(unseen[:10])}{', …' if len(unseen) > 10 else ''} (--prune drops)")
    lines += notes
    if existing is not None and not changes:
        click.echo(f"{file}: unchanged, {counts}", err=True)
    elif dry_run:
        click.echo(f"{file}: would be written, {counts}", err=True)
    else:
        write_atomically(file, write_contract(contract))
        publish_schema(file.parent)
        click.echo(f"{file}: {counts}" + (f", {len(changes)} changes" if existing is not None else ""), err=True)
    for line in lines:
        say(f"  {line}", err=True)
