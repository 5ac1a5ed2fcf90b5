"""The rehearsal: a consumer's command against a mock, with no service, no dependency and no network."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from zeues_contracts.consumers.model import Contract
from zeues_contracts.consumers.recording.running import recording_environment, spool_folder
from zeues_contracts.consumers.recording.spool import read_spool
from zeues_contracts.live.mock.answering import Mock
from zeues_contracts.live.mock.expectations import (
    awaited,
    expectation_findings,
    meant,
    pairs_of,
    wishes_of,
    wishes_of_contracts,
)
from zeues_contracts.live.mock.preferring import Wishes
from zeues_contracts.live.mock.rehearsal import Rehearsal, Run, rehearsal_findings
from zeues_contracts.live.mock.running import CommandRun
from zeues_contracts.live.mock.server import MockServer
from zeues_contracts.live.mock.telling import forecasts_of
from zeues_contracts.openapi.model import Document

__all__ = ["URL_VARIABLE", "consumer_of", "rehearse"]

URL_VARIABLE = "ZEUES_CONTRACTS_URL"
"""The environment variable by which every command is told where the mock is."""

_SCRIPTS = (".py", ".js", ".mjs", ".cjs", ".ts", ".sh", ".rb", ".php")


def rehearse(
    document: Document,
    command: Sequence[str],
    *,
    consumer: str = "",
    service: str = "",
    seed: int = 0,
    port: int = 0,
    url_variables: Sequence[str] = (),
    seconds: float = 600.0,
    runs: int = 3,
    contracts: Sequence[Contract] = (),
    echo: Callable[[str], None] | None = None,
) -> Rehearsal:
    """Run a command against a mock of a document and judge what it sent and what it waited for.

    The command finds the mock by ``ZEUES_CONTRACTS_URL``, by the variables named, and in the place of ``{url}`` in its
    arguments. Python processes are watched as by a recording. Where a test waits for a documented answer that the mock
    did not give (a 409 that takes a state), the command is run again with that answer, up to ``runs`` times in all;
    what known ``contracts`` expect of the same requests is given at once.
    ``echo`` is given what it prints, as it comes. After ``seconds`` it is stopped. Raises :class:`UsageError` for a
    command that cannot be run.
    """
    began = time.monotonic()
    name = consumer or consumer_of(command)
    wishes: Wishes = wishes_of_contracts(contracts, document)
    done: list[Run] = []
    while True:
        left = seconds - (time.monotonic() - began)
        mock = Mock(document, seed=seed, wishes=wishes)
        run = _run(document, mock, command, name, service, port, url_variables, left, echo)
        done.append(run)
        waiting = any(one.reachable for one in run.awaited)
        late = run.exit_code is None or seconds - (time.monotonic() - began) <= 0
        if not waiting or late or len(done) >= runs:
            break
        wishes = {**wishes, **wishes_of(run.log, run.awaited, wishes)}
        if echo is not None:
            count = sum(one.any for several in wishes.values() for one in several)
            echo(f"\n--- once more, with {count} documented answers that the tests wait for ---\n")
    result = rehearsal_findings(document, done, consumer=name, service=service, seconds=time.monotonic() - began)
    return replace(result, forecast=forecasts_of(done[-1], result.findings, result.failures, name))


def _run(
    document: Document,
    mock: Mock,
    command: Sequence[str],
    consumer: str,
    service: str,
    port: int,
    url_variables: Sequence[str],
    seconds: float,
    echo: Callable[[str], None] | None,
) -> Run:
    running: list[CommandRun] = []
    with (
        spool_folder() as spool,
        MockServer(mock, port=port, on_request=lambda: running[0].mark() if running else 0) as server,
    ):
        arguments = [one.replace("{url}", server.url) for one in command]
        run = CommandRun(arguments, _environment(server.url, url_variables, spool), echo)
        running.append(run)
        try:
            code = run.wait(seconds)
        finally:
            run.close()
        log = tuple(server.log)
        pairs = pairs_of(read_spool(spool), log, server.url, document)
        return Run(
            log,
            code,
            run.data,
            total=server.count,
            tests={logged.number: recorded.test for recorded, logged in pairs if recorded.test},
            awaited=tuple(awaited(document, pairs)),
            expectations=expectation_findings(document, pairs, consumer, service),
            meant=meant(pairs),
        )


def consumer_of(command: Sequence[str]) -> str:
    """What a consumer is called by its command: the script's name, else the module's, else the program's."""
    for index, one in enumerate(command):
        if PurePath(one).suffix in _SCRIPTS and not one.startswith("-"):
            return PurePath(one).stem
        if one == "-m" and index + 1 < len(command):
            return command[index + 1]
    return PurePath(command[0]).name if command else ""


def _environment(url: str, names: Sequence[str], spool: Path) -> dict[str, str]:
    found = recording_environment(spool)
    found |= dict.fromkeys((URL_VARIABLE, *names), url)
    # No proxy can reach this machine's loopback.
    for name in ("NO_PROXY", "no_proxy"):
        before = os.environ.get(name, "")
        found[name] = f"{before},127.0.0.1,localhost" if before else "127.0.0.1,localhost"
    return found
