"""A consumer's command, run to its end, with all that it prints; how much was printed when is told exactly.

What a process writes before it sends a request is in the pipe when the request arrives: reading the pipe empty at each
request puts its output and its requests in one order, without a change to the command.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from zeues_contracts.errors import UsageError

__all__ = ["CommandRun"]

_MAX_OUTPUT = 8 * 1024 * 1024
_GRACE = 3.0


class CommandRun:
    """One run of a command. ``data`` is what it printed so far, both streams in one, cut at 8 MiB."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], echo: Callable[[str], None] | None = None
    ) -> None:
        """Start it in an environment. Raises :class:`UsageError` for a command that cannot be started."""
        self._echo = echo
        self._lock = threading.Lock()
        self._output = bytearray()
        # Python buffers what it writes into a pipe: unbuffered, its output keeps its place among the requests.
        own = {**environment, "PYTHONUNBUFFERED": "1"}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command, no shell in between
                list(command),
                env=own,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise UsageError(
                f"{command[0]}: cannot be run: {error.strerror or error}", hint="give the command after `--`"
            ) from None
        except ValueError as error:
            raise UsageError(
                f"{command[0][:40]!r}: cannot be run: {error}", hint="give the command after `--`"
            ) from None
        assert self._process.stdout is not None
        self._pipe = self._process.stdout
        os.set_blocking(self._pipe.fileno(), False)

    @property
    def data(self) -> bytes:
        """What it printed so far."""
        with self._lock:
            return bytes(self._output)

    def mark(self) -> int:
        """Read all that is there; how many bytes were printed until now."""
        with self._lock:
            self._drain()
            return len(self._output)

    def wait(self, seconds: float) -> int | None:
        """Wait for the end; the exit code, ``None`` if the time was up (then it is stopped, with its children)."""
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._pipe, selectors.EVENT_READ)
            open_ = True
            while open_ or self._process.poll() is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    self.stop()
                    return None
                if open_:
                    selector.select(min(left, 0.2))
                    with self._lock:
                        open_ = self._drain()
                    if self._process.poll() is not None and not selector.select(0.05):
                        break  # a child that lives on holds the pipe: the command itself has ended
                else:
                    with suppress(subprocess.TimeoutExpired):
                        self._process.wait(min(left, 0.2))
        with self._lock:
            self._drain()
        return self._process.wait()

    def stop(self) -> None:
        """Ask the command and its children to end, then make them."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(OSError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
                return

    def close(self) -> None:
        """Stop it if it still runs, and give back the pipe."""
        if self._process.poll() is None:
            self.stop()
        self._pipe.close()

    def _drain(self) -> bool:
        """Read what is in the pipe; false at its end. To be called with the lock held."""
        while True:
            try:
                data = os.read(self._pipe.fileno(), 65536)
            except (BlockingIOError, InterruptedError):
                return True
            except (OSError, ValueError):
                return False
            if not data:
                return False
            room = _MAX_OUTPUT - len(self._output)
            if room > 0:
                self._output += data[:room]
            if self._echo is not None:
                self._echo(data.decode("utf-8", "replace"))
