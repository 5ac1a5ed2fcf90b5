"""``zeues-contracts fuzz``: look for violations of the document with generated requests."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zeues_contracts.errors import CannotJudgeError, UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import ServiceConfig
    from zeues_contracts.findings import Finding
    from zeues_contracts.live.fuzzing import FuzzProgress, FuzzResult
    from zeues_contracts.live.sending import Sender
    from zeues_contracts.openapi.model import Document

__all__ = ["command"]


@click.command("fuzz")
@click.argument("service", required=False, default="")
@click.option("--url", default="", help="Base URL of the service; overrides the configuration.")
@click.option("--app", "app_name", default="", metavar="MODULE:APP", help="An ASGI application, fuzzed in process.")
@click.option(
    "--document", "document_file", type=click.Path(path_type=Path), default=None, help="The document, a file."
)
@click.option("--against", type=click.Choice(["live", "snapshot"]), default=None, help="Whose promise is to be kept.")
@click.option("--seconds", type=click.FloatRange(min=0.5), default=None, help="Time budget of the run.")
@click.option("--cases", type=click.IntRange(min=1), default=None, help="Budget of requests.")
@click.option("--seed", type=int, default=None, help="The same seed makes the same requests.")
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Requests at the same time.")
@click.option("--shard", default="", metavar="PART/PARTS", help="Fuzz one part of the operations, for CI matrices.")
@click.option("--phases", default="", help="Comma-separated: examples, coverage, fuzzing, stateful.")
@click.option("--operation", "only", multiple=True, metavar="'METHOD /path'", help="Fuzz these alone; repeatable.")
@click.option("--header", "-H", "headers", multiple=True, metavar="NAME:VALUE", help="A header to send; repeatable.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), default=None, help="Configuration file.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    service: str,
    url: str,
    app_name: str,
    document_file: Path | None,
    against: str | None,
    seconds: float | None,
    cases: int | None,
    seed: int | None,
    workers: int | None,
    shard: str,
    phases: str,
    only: Sequence[str],
    headers: Sequence[str],
    config_file: Path | None,
    style: str,
) -> int:
    """Look for violations of the document with generated requests.

    Methods other than GET and HEAD go to loopback only, unless the configuration allows more. Exit codes: 0 nothing at
    level error; 1 violations; 3 the service, or something it depends on, went out.
    """
    import msgspec

    from zeues_contracts.cli.health import _base, _headers, _service
    from zeues_contracts.config import expand_environment, load_config
    from zeues_contracts.live.fuzz_plan import parse_shard
    from zeues_contracts.live.fuzzing import fuzz

    config = load_config(config_file)
    name, settings = _service(config, service, bool(url or app_name))
    given = {"seconds": seconds, "cases": cases, "seed": seed, "workers": workers, "phases": _phases(phases)}
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    chosen = msgspec.structs.replace(settings.fuzz, **changes)
    settings = msgspec.structs.replace(settings, fuzz=chosen)
    sent = {key: expand_environment(value) for key, value in settings.headers.items()} | _headers(headers)
    app_name = app_name or ("" if url else settings.app)
    base = "" if app_name else _base(url or settings.base_url or settings.url)
    if not base and not app_name:
        raise click.UsageError("nothing to fuzz: give --url, --app, or `url` in the configuration of the service")
    sender = _sender(app_name, base, settings)
    try:
        snapshot = Path(config.root or ".") / (settings.snapshot or f"{config.snapshots}/{name or 'service'}.json")
        use_snapshot = (against or chosen.against) == "snapshot"
        document = _document(document_file or (snapshot if use_snapshot else None), sender, sent)
        began = time.monotonic()
        result = fuzz(
            document,
            sender.base_url,
            settings,
            service=name,
            headers=sent,
            limits=config.limits,
            sender=sender,
            shard=parse_shard(shard),
            only=only,
            progress=_progress(began) if sys.stderr.isatty() else None,
        )
    finally:
        sender.close()
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    click.echo(_json(result) if style == "json" else _text(result, chosen.seed, name, url, app_name))
    if result.outage is not None:
        return 3
    return 1 if any(finding.level.rank >= 3 for finding in result.findings) else 0


def _phases(text: str) -> list[str] | None:
    from zeues_contracts.live.engine import PHASES

    if not text:
        return None
    named = [one.strip() for one in text.split(",") if one.strip()]
    unknown = [one for one in named if one not in PHASES]
    if unknown or not named:
        raise click.UsageError(f"--phases {text}: there are {', '.join(PHASES)}")
    return named


def _sender(app_name: str, base: str, settings: ServiceConfig) -> Sender:
    from zeues_contracts.live.inprocess import AsgiSender
    from zeues_contracts.live.sending import HttpSender

    if not app_name:
        return HttpSender(base, allow_unsafe_hosts=tuple(settings.replay.allow_unsafe_hosts))
    module_name, colon, attribute = app_name.partition(":")
    if not colon:
        raise UsageError(f"--app {app_name}: not MODULE:APP", hint="give for instance main:app")
    sys.path.insert(0, str(Path.cwd()))
    try:
        app: Any = importlib.import_module(module_name)
        for part in attribute.split("."):
            app = getattr(app, part)
    except Exception as error:  # whatever the application's import does
        raise UsageError(f"--app {app_name}: cannot be imported: {type(error).__name__}: {error}") from None
    return AsgiSender(app)


def _document(file: Path | None, sender: Sender, headers: dict[str, str]) -> Document:
    """The document of a file, or the one that the service publishes at ``/openapi.json``."""
    from zeues_contracts.exchange import Request
    from zeues_contracts.openapi.model import Document
    from zeues_contracts.schema.types import Dialect, Resource

    if file is not None:
        try:
            text = file.read_bytes()
        except OSError as error:
            raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
        source = str(file)
    else:
        source = f"{sender.base_url}/openapi.json"
        sent = tuple((name.lower(), value) for name, value in headers.items())
        exchange = sender.send(Request("GET", source, (("accept", "application/json"), *sent)))
        if exchange.response is None:
            raise CannotJudgeError(f"{source}: {exchange.error_text or exchange.error}", hint="start the service")
        if exchange.response.status != 200:
            raise CannotJudgeError(f"{source}: status {exchange.response.status}", hint="give --document FILE")
        text = exchange.response.body
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{source}: not JSON: {error}") from None
    version = str(raw.get("openapi", raw.get("swagger", ""))) if isinstance(raw, dict) else ""
    if not version:
        raise UsageError(f"{source}: not an OpenAPI document: neither `openapi` nor `swagger` at the top")
    old = {"2": Dialect.SWAGGER_2_0, "3.0": Dialect.OPENAPI_3_0}
    dialect = next((one for start, one in old.items() if version.startswith(start)), Dialect.OPENAPI_3_1)
    return Document(raw, source, version, Resource(raw, dialect), (), text)


def _progress(began: float) -> Callable[[FuzzProgress], None]:
    shown = [began]

    def show(one: FuzzProgress) -> None:
        now = time.monotonic()
        if now - shown[0] > 0.2:
            shown[0] = now
            line = f"{one.cases} requests, {one.suspected} suspected, {one.seconds:.0f} s  {one.phase} {one.operation}"
            click.echo(f"\r\x1b[K{line[:100]}", nl=False, err=True)

    return show


def _text(result: FuzzResult, seed: int, service: str, url: str, app_name: str) -> str:
    from zeues_contracts.findings import in_report_order

    target = service or (f"--url {url}" if url else f"--app {app_name}" if app_name else "")
    lines: list[str] = []
    for finding in in_report_order(result.findings):
        lines.append(f"{finding.level.value:7} {finding.rule}  {finding.message}")
        lines += [f"        {line}" for line in finding.evidence.details]
        if finding.evidence.replay:
            lines.append(f"        {finding.evidence.replay}")
        if finding.operation and finding.cause.value == "violation":
            again = f"zeues-contracts fuzz {target} --seed {seed} --operation '{finding.operation}'"
            lines.append(f"        again: {' '.join(again.split())}")
        lines.append("")
    counts = result.stage.counts
    lines += [f"note: {note}" for note in result.notes]
    done = f"{counts.get('cases', 0)} requests to {counts.get('operations', 0)} operations"
    lines.append(f"fuzz {result.stage.status.value}: {done} in {result.stage.seconds:.1f} s, seed {seed}")
    if result.stage.reason:
        lines.append(result.stage.reason)
    return "\n".join(lines)


def _json(result: FuzzResult) -> str:
    value = {
        "status": result.stage.status.value,
        "reason": result.stage.reason,
        "counts": dict(result.stage.counts),
        "findings": [_plain(finding) for finding in result.findings],
        "notes": list(result.notes),
    }
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "cause": finding.cause.value,
        "operation": finding.operation,
        "message": finding.message,
        "confidence": finding.confidence,
        "fingerprint": finding.fingerprint,
        "replay": finding.evidence.replay,
        "details": list(finding.evidence.details),
    }
