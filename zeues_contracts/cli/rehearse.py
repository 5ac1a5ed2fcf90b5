"""``zeues-contracts rehearse``: a consumer's command against a mock made from the snapshot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from zeues_contracts.cli.options import Output, Target, report_options, service_options
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.findings import Report
    from zeues_contracts.live.mock.rehearsal import Rehearsal
    from zeues_contracts.openapi.model import Document

__all__ = ["WithCommand", "command"]


class WithCommand(click.Command):
    """A command that runs another one: what stands after ``--`` is that one's, word by word."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Set what follows the first ``--`` aside."""
        given: Sequence[str] = ()
        if "--" in args:
            at = args.index("--")
            args, given = args[:at], args[at + 1 :]
        ctx.meta["command"] = tuple(given)
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The usage line, with the command at its end."""
        return [*super().collect_usage_pieces(ctx), "-- COMMAND..."]


@click.command("rehearse", cls=WithCommand)
@service_options
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Another seed gives other answers, all documented."
)
@click.option("--url-env", "names", multiple=True, metavar="NAME", help="A variable to put the URL in; repeatable.")
@click.option(
    "--consumer", default="", metavar="NAME", help="What the consumer is called; by default the name of its script."
)
@click.option(
    "--timeout", type=click.FloatRange(min=0.1), default=600.0, show_default=True, help="How long the command may run."
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the mock; by default a free one.")
@click.option(
    "--once", is_flag=True, help="Run the command once, even where its tests wait for other documented answers."
)
@click.option("--show/--no-show", default=True, help="Pass on to standard error what the command prints.")
@report_options
@click.pass_context
def command(
    ctx: click.Context,
    target: Target,
    output: Output,
    seed: int,
    names: Sequence[str],
    consumer: str,
    timeout: float,
    port: int,
    once: bool,
    show: bool,
) -> int:
    r"""Run a consumer's command against a mock made from the snapshot: no service, no dependency, no network.

    The mock judges requests as the service would (422 and its body) and answers what the document promises. It is made
    from the snapshot, or from --document, --url or --app. The command finds it by the variable ZEUES_CONTRACTS_URL, by
    those named with --url-env, and in the place of {url} in its arguments. A request header "Prefer: status=404"
    chooses a documented status. Where a Python test waits for a documented answer that takes a state (409 the second
    time, a `status` that is "ok"), the command is run again with that answer; what the service's contracts expect is
    answered at once.

    \b
    Exit codes: 0 all requests fit and the command passed; 1 findings; 2 usage or configuration;
    3 the command sent nothing to the mock.

    \b
    Examples:
      zeues-contracts rehearse -- python tests/e2e.py {url}
      zeues-contracts rehearse --url-env API_URL -- pytest -q tests/e2e
      zeues-contracts rehearse --document openapi.json --seed 7 -- npm test
    """
    from zeues_contracts.consumers import read_contracts
    from zeues_contracts.live.mock.rehearsing import rehearse

    words: tuple[str, ...] = ctx.meta["command"]
    if not words or not words[0].strip():
        raise UsageError(
            "there is no command to rehearse", hint="give it after `--`: rehearse -- python tests/e2e.py {url}"
        )
    for name in names:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise UsageError(f"--url-env {name[:40]!r}: no name of a variable", hint="give for instance API_URL")
    selection = target.load(fail_level=output.fail_level)
    config, service = selection.config, selection.service
    document = _document(target, config, service, selection.headers)
    result = rehearse(
        document,
        words,
        consumer=consumer,
        service=service,
        seed=seed,
        port=port,
        url_variables=names,
        seconds=timeout,
        runs=1 if once else 3,
        contracts=read_contracts(config, service),
        echo=_echo if show and not output.quiet else None,
    )
    return output.emit(_report(result, config, service, document), config)


def _echo(text: str) -> None:
    click.echo(text, nl=False, err=True)


def _document(target: Target, config: Config, service: str, headers: Sequence[str]) -> Document:
    """The snapshot, unless flags say where another document is, or there is none and the service is a file."""
    from zeues_contracts.openapi.sources import live_document
    from zeues_contracts.snapshots import read_snapshot, snapshot_path

    if target.url or target.app or target.document:
        return live_document(config, service, headers)
    path = snapshot_path(config, service)
    if not path.is_file() and config.services[service].document:
        return live_document(config, service)
    return read_snapshot(path, config)


def _report(result: Rehearsal, config: Config, service: str, document: Document) -> Report:
    from zeues_contracts.findings import Report, StageStatus
    from zeues_contracts.levels import apply_levels

    stage: Any = result.stage
    counts = stage.counts
    silent = stage.status is StageStatus.BLOCKED
    done = f"{counts['requests']} requests to {counts['operations']} of {counts['documented operations']} operations"
    does = "does" if counts["refused"] == 1 else "do"
    notes = [
        f"rehearsal against {document.source}: {done}, {counts['refused']} of them {does} not fit",
        *result.notes,
    ]
    reason = "the command sent nothing to the mock: does it take its URL from ZEUES_CONTRACTS_URL or {url}?"
    return Report(
        apply_levels(result.findings, config, service),
        (stage,),
        forecast=result.forecast,
        cannot_judge=reason if silent else "",
        title="rehearse",
        sources={service: f"mock of {document.source}"},
        notes=tuple(notes),
    )
