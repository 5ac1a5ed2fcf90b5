"""The rehearsal: a consumer's command against a mock, with no service, no dependency and no network."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import PurePath

from zeues_contracts.live.mock.answering import Mock
from zeues_contracts.live.mock.rehearsal import Rehearsal, rehearsal_findings
from zeues_contracts.live.mock.running import CommandRun
from zeues_contracts.live.mock.server import MockServer
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
    echo: Callable[[str], None] | None = None,
) -> Rehearsal:
    """Run a command against a mock of a document and judge what it sent.

    The command finds the mock by ``ZEUES_CONTRACTS_URL``, by the variables named, and in the place of ``{url}`` in its
    arguments. ``echo`` is given what it prints, as it comes. After ``seconds`` it is stopped. Raises
    :class:`UsageError` for a command that cannot be run.
    """
    began = time.monotonic()
    running: list[CommandRun] = []
    name = consumer or consumer_of(command)
    mock = Mock(document, seed=seed)
    with MockServer(mock, port=port, on_request=lambda: running[0].mark() if running else 0) as server:
        arguments = [one.replace("{url}", server.url) for one in command]
        run = CommandRun(arguments, _environment(server.url, url_variables), echo)
        running.append(run)
        try:
            code = run.wait(seconds)
        finally:
            run.close()
        return rehearsal_findings(
            document,
            tuple(server.log),
            consumer=name,
            exit_code=code,
            output=run.text,
            service=service,
            total=server.count,
            seconds=time.monotonic() - began,
        )


def consumer_of(command: Sequence[str]) -> str:
    """What a consumer is called by its command: the script's name, else the module's, else the program's."""
    for index, one in enumerate(command):
        if PurePath(one).suffix in _SCRIPTS and not one.startswith("-"):
            return PurePath(one).stem
        if one == "-m" and index + 1 < len(command):
            return command[index + 1]
    return PurePath(command[0]).name if command else ""


def _environment(url: str, names: Sequence[str]) -> dict[str, str]:
    found = dict.fromkeys((URL_VARIABLE, *names), url)
    # No proxy can reach this machine's loopback.
    for name in ("NO_PROXY", "no_proxy"):
        before = os.environ.get(name, "")
        found[name] = f"{before},127.0.0.1,localhost" if before else "127.0.0.1,localhost"
    return found
