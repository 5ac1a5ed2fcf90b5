"""Starting and stopping a stand-in as a process of its own, and holding the streams that starve it.

Needs nothing but the standard library: who starts a stand-in need not import it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from zeues_contracts.errors import CannotJudgeError, UsageError

__all__ = ["HeldStreams", "RunningStandin", "hold_streams", "running_standin", "wait_until_ready"]

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback never goes through a proxy


@dataclass(slots=True)
class HeldStreams:
    """Open streams of events, each a real HTTP connection. ``refused`` counts those that were not let in."""

    sockets: list[socket.socket] = field(default_factory=list)
    refused: int = 0

    def __len__(self) -> int:
        return len(self.sockets)

    def release(self, count: int | None = None) -> None:
        """Close some of them, or all."""
        for _ in range(len(self.sockets) if count is None else min(count, len(self.sockets))):
            self.sockets.pop().close()


@dataclass(slots=True)
class RunningStandin:
    """A stand-in that answers. ``url`` is its base URL, without a slash at the end."""

    url: str
    process: subprocess.Popen[bytes]

    @property
    def docs(self) -> str:
        """The documentation page."""
        return f"{self.url}/docs"


@contextlib.contextmanager
def running_standin(
    scenario: str = "healthy",
    *,
    mend: Sequence[str] = (),
    fill_pool: int = 0,
    environment: Mapping[str, str] | None = None,
    redis_url: str = "",
    pool: int | None = None,
    port: int = 0,
    arguments: Sequence[str] = (),
    timeout: float = 60.0,
) -> Iterator[RunningStandin]:
    """Start a stand-in on a free loopback port, wait until it answers, and stop it at the end.

    ``mend`` names flags of the scenario, ``fill_pool`` streams that it holds open against itself. ``redis_url`` alone
    says where its Redis is, whatever the environment has. Raises :class:`UsageError` when it cannot be started (the
    extra ``demo`` is missing) and :class:`CannotJudgeError` when it does not answer within ``timeout`` seconds.
    """
    command = [sys.executable, "-m", "zeues_contracts.standin", "--scenario", scenario, "--port", str(port)]
    command += [f"--mend={flag}" for flag in mend]
    command += ["--fill-pool", str(fill_pool), "--redis-url", redis_url, "--die-with-parent", *arguments]
    if pool is not None:
        command += ["--pool", str(pool)]
    variables = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
    process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=variables
    )
    try:
        yield RunningStandin(_address(process, timeout), process)
    finally:
        _stop(process)


def wait_until_ready(url: str, timeout: float = 60.0) -> None:
    """Return when the service answers at all. Raises :class:`CannotJudgeError` after ``timeout`` seconds."""
    end = time.monotonic() + timeout
    while True:
        try:
            _OPENER.open(f"{url}/openapi.json", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError as error:
            if time.monotonic() > end:
                raise CannotJudgeError(f"{url}: the stand-in does not answer: {error}") from None
            time.sleep(0.02)
        else:
            return


def hold_streams(url: str, count: int, *, timeout: float = 10.0) -> HeldStreams:
    """Open ``count`` streams of events at a service and keep them: each takes one of its Redis connections.

    What is refused (503) is counted and not held. The connections stay until they are released or this process ends.
    """
    held = HeldStreams()
    target = urlsplit(url)
    for _ in range(count):
        connection = socket.create_connection((target.hostname or "127.0.0.1", target.port or 80), timeout=timeout)
        request = f"GET /api/sse/stream HTTP/1.1\r\nHost: {target.netloc}\r\nAccept: text/event-stream\r\n\r\n"
        connection.sendall(request.encode("ascii"))
        # The status line is enough: the subscription stands before it is sent.
        with connection.makefile("rb") as answer:
            status = answer.readline(1024).split(b" ")
        if len(status) > 1 and status[1] == b"200":
            held.sockets.append(connection)
        else:
            held.refused += 1
            connection.close()
    return held


def _address(process: subprocess.Popen[bytes], timeout: float) -> str:
    """The first line that the process prints."""
    assert process.stdout is not None
    end = time.monotonic() + timeout
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, end - time.monotonic())):
                raise CannotJudgeError(f"the stand-in did not start within {timeout:g} s")
            chunk = os.read(process.stdout.fileno(), 4096)
            if not chunk:
                raise UsageError(
                    f"the stand-in could not be started: {_last_words(process)}",
                    hint="install the extra: pip install 'zeues-contracts[demo]'",
                )
            line += chunk
    return line.decode("ascii").strip()


def _last_words(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None
    process.wait(timeout=10)
    lines = process.stderr.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"it ended with {process.returncode}"


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, then end it."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
