"""``zeues-contracts observe``: run a consumer's tests against the service and name each failure's cause."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from zeues_contracts.cli.options import Output, Target, report_options, service_options
from zeues_contracts.cli.rehearse import WithCommand
from zeues_contracts.errors import CannotJudgeError, UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import Config, ServiceConfig
    from zeues_contracts.consumers.model import Contract
    from zeues_contracts.consumers.recording.spool import Recording
    from zeues_contracts.findings import Finding
    from zeues_contracts.openapi.model import Document

__all__ = ["command"]


@click.command("observe", cls=WithCommand)
@service_options
@click.option("--consumer", default="", metavar="NAME", help="Who the consumer is; by default the command's script.")
@click.option("--proxy", is_flag=True, help="Watch by a local proxy: for commands that are not Python.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="With --proxy: its port; by default a free one.")
@click.option(
    "--url-env", "names", multiple=True, metavar="NAME", help="With --proxy: a variable to put its URL in; repeatable."
)
@click.option("--timeout", type=click.FloatRange(min=0.1), default=3600.0, show_default=True, help="Seconds to run.")
@report_options
@click.pass_context
def command(
    ctx: click.Context,
    target: Target,
    output: Output,
    consumer: str,
    proxy: bool,
    port: int,
    names: Sequence[str],
    timeout: float,
) -> int:
    r"""Run a consumer's tests against the real service and say of each failure which cause it has.

    The command is run unchanged, as by `contracts record`. Before and after it the health of the service is probed. Of
    each test it is told what stands between it and passing, outermost first: an outage, its own request or expectation
    (mismatch), the service's behaviour (violation); and whether it passes for the wrong reason.

    Whether a test passed is pytest's or unittest's own word. Of a plain script a test is a function named test_*, and
    it passes if every answer is one that its code takes: what it compares the status and the body with. What such a
    script prints is not read.

    \b
    Exit codes: 0 nothing is wrong; 1 findings, or a test failed; 2 usage; 3 an outage: the rest cannot be judged.

    \b
    Examples:
      zeues-contracts observe -- python tests/e2e.py http://127.0.0.1:8000
      zeues-contracts observe --url http://127.0.0.1:8000 -- pytest -q tests/e2e
      zeues-contracts observe --proxy -- npm test
    """
    from zeues_contracts.check.folding import folded
    from zeues_contracts.consumers.recording.running import TIME_IS_UP
    from zeues_contracts.findings import Level, Report, in_report_order
    from zeues_contracts.levels import apply_levels
    from zeues_contracts.live.health import preflight
    from zeues_contracts.live.observing import forecast_tests, judge_recording, wrong_reasons
    from zeues_contracts.redact import redact_url

    words: tuple[str, ...] = ctx.meta["command"]
    if not words or not words[0].strip():
        raise UsageError("there is no command to observe", hint="give it after `--`: observe -- python tests/e2e.py")
    selection = target.load(fail_level=output.fail_level)
    config, service = selection.config, selection.service
    settings = config.services[service]
    headers = _headers(settings, selection.headers)
    notes: list[str] = []
    document = _document(target, config, service, selection.headers, notes)
    contracts = _contracts(config, service)
    began = time.monotonic()
    base = _base(settings, service, document, notes)
    before = preflight(base, document, settings, headers, service=service, limits=config.limits) if base else None
    recording, code = _run(words, base, proxy=proxy, port=port, names=names, seconds=timeout)
    stopped = code == TIME_IS_UP and time.monotonic() - began >= timeout
    if not recording.exchanges:
        raise CannotJudgeError(
            f"{words[0]}: no request was seen (the command ended with {code})",
            hint="Python 3.11 and later is watched unless started with -I, -E or -S; for anything else give --proxy",
        )
    if not base:
        base, headers = _seen_base(recording), {}  # the command chose it, nobody named it for the credentials
    traffic = tuple(one.exchange for one in recording.exchanges)
    after = preflight(base, document, settings, headers, service=service, limits=config.limits, traffic=traffic)
    probes = after.probes or (before.probes if before is not None else ())
    observed = judge_recording(
        recording,
        document,
        consumer or _consumer(words),
        service,
        base_urls=[base],
        contracts=contracts,
        probes=probes,
        began=began,
        passed=code == 0,
    )
    findings = [*(before.findings if before is not None else ()), *after.findings, *observed.findings]
    if document is not None:
        from zeues_contracts.consumers import check_contracts

        findings += check_contracts([observed.contract], document, service=service, settings=settings)
    outage = observed.outage or after.outage or (before.outage if before is not None else None)
    levelled = folded(apply_levels(_each_once(findings), config, service))
    forecasts = forecast_tests(observed, levelled, recording.outcomes, probes)
    reasons = apply_levels(wrong_reasons(forecasts, observed.contract, service), config, service)
    notes += observed.notes
    notes += [f"{count} requests to {origin} are left out" for origin, count in observed.elsewhere.items()]
    ended = f"was stopped: it did not end in {timeout:g} s (--timeout)" if stopped else f"ended with {code}"
    notes.append(f"the command {ended}")
    report = Report(
        findings=in_report_order([*levelled, *reasons]),
        stages=(observed.stage,),
        forecast=forecasts,
        cannot_judge=f"{service}: {outage.sentence}" if outage is not None else "",
        title="observe",
        sources={service: redact_url(base)},
        notes=tuple(notes),
    )
    failed = [one.test for one in forecasts if one.passes is False]
    level = Level(output.fail_level or config.fail_level)
    if (failed or stopped) and level is not Level.OFF and not report.exit_code(level):
        what = "the command did not end" if stopped else f"{len(failed)} of {len(forecasts)} tests failed"
        told = f"{what}, though no finding is at level {level}: the exit code is 1"
        output.emit(replace(report, notes=(*report.notes, told)), config)
        return 1
    return output.emit(report, config)


def _headers(settings: ServiceConfig, flags: Sequence[str]) -> dict[str, str]:
    from zeues_contracts.http import collect_headers

    return collect_headers(settings.headers, flags)


def _document(
    target: Target, config: Config, service: str, headers: Sequence[str], notes: list[str]
) -> Document | None:
    """The promise: what flags give, the snapshot, the live document; without any, causes alone can be told."""
    from zeues_contracts.openapi.sources import live_document
    from zeues_contracts.snapshots import read_snapshot, snapshot_path

    path = snapshot_path(config, service)
    if path.is_file() and not (target.document or target.app):
        return read_snapshot(path, config)
    try:
        return live_document(config, service, headers)
    except CannotJudgeError as error:
        notes.append(f"without a document: {error.message}")
    except UsageError:
        if target.document or target.app:
            raise
        notes.append("without a document: there is no snapshot, and no URL of one")
    return None


def _base(settings: ServiceConfig, service: str, document: Document | None, notes: list[str]) -> str:
    from zeues_contracts.openapi.sources import request_base

    base = request_base(settings, service, document)
    if base.note:
        notes.append(base.note)
    return base.url


def _seen_base(recording: Recording) -> str:
    from zeues_contracts.consumers.recording.building import origin_and_path, service_exchanges

    kept, _ = service_exchanges(recording)
    return origin_and_path(kept[0].exchange.request.url)[0]


def _contracts(config: Config, service: str) -> tuple[Contract, ...]:
    from zeues_contracts.consumers.reading import read_contracts

    return read_contracts(config, service)


def _consumer(words: Sequence[str]) -> str:
    from zeues_contracts.cli.record import consumer_name

    return consumer_name(words)


def _run(
    words: Sequence[str], base: str, *, proxy: bool, port: int, names: Sequence[str], seconds: float
) -> tuple[Recording, int]:
    from zeues_contracts.consumers.recording.running import recording_environment, run_command, spool_folder
    from zeues_contracts.consumers.recording.spool import read_spool

    if proxy:
        from zeues_contracts.live.proxy import record_by_proxy

        if not base:
            raise UsageError("--proxy: for which service?", hint="give --url, or `url` of the service")
        bounded = partial(run_command, seconds=seconds)
        return record_by_proxy(words, base, port=port, variables=names, run=bounded)
    with spool_folder() as folder:
        code = run_command(words, recording_environment(folder), seconds)
        return read_spool(folder), code


def _each_once(findings: Sequence[Finding]) -> list[Finding]:
    """One finding per fingerprint, the later reading in place of the earlier, with all that are hit."""
    known: dict[str, Finding] = {}
    for finding in findings:
        before = known.get(finding.fingerprint)
        hits = () if before is None else before.hits
        known[finding.fingerprint] = finding.with_(hits=tuple(dict.fromkeys((*hits, *finding.hits))))
    return list(known.values())
