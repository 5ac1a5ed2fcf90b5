"""Running a command under the hook: as it is, on the terminal that it has, with a spool folder of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from zeues_contracts.consumers.recording.hook.cleaning import SECRETS_VARIABLE
from zeues_contracts.consumers.recording.hook.recorder import SPOOL_VARIABLE
from zeues_contracts.errors import UsageError
from zeues_contracts.redact import is_known_value

__all__ = ["TIME_IS_UP", "bootstrap_folder", "recording_environment", "run_command", "spool_folder"]

TIME_IS_UP = 124
"""The exit code of a command that was stopped, as ``timeout(1)`` has it."""
_GRACE = 3.0


def bootstrap_folder() -> Path:
    """The folder that goes on ``PYTHONPATH``."""
    return Path(__file__).parent / "bootstrap"


@contextlib.contextmanager
def spool_folder() -> Iterator[Path]:
    """A private folder (mode 0700) for what is recorded; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="zeues-contracts-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def recording_environment(spool: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment in which Python processes, and their children, are watched."""
    own = dict(os.environ if environ is None else environ)
    before = own.get("PYTHONPATH", "")
    here = str(bootstrap_folder())
    own["PYTHONPATH"] = f"{here}{os.pathsep}{before}" if before else here
    own[SPOOL_VARIABLE] = str(spool)
    # By their names: what the environment does not hold is taken out when the spool is read.
    secret = [name for name, value in own.items() if is_known_value(value) and "," not in name]
    if secret:
        own[SECRETS_VARIABLE] = ",".join(secret)
    own.pop("PYTEST_CURRENT_TEST", None)  # a test that runs us is none of the command's
    return own


def run_command(command: Sequence[str], environment: Mapping[str, str], seconds: float | None = None) -> int:
    """Run a command on the terminal, as it is; its exit code (128 and the number for a signal, as shells have it).

    After ``seconds`` it is stopped, and the code is :data:`TIME_IS_UP`. Raises :class:`UsageError` where it cannot be
    started.
    """
    # With a terminal it stays in its group, or Ctrl-C and what it asks there would not reach it.
    apart = seconds is not None and not _has_terminal()
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command
            list(command), env=dict(environment), start_new_session=apart
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{command[0][:200]}: cannot be run: {why}", hint="give the command after `--`") from None
    # Ctrl-C reaches the command too: it ends as it wants to, and what it did is written down.
    before = signal.getsignal(signal.SIGINT)
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        _stop(process, apart=apart)
        return TIME_IS_UP
    except BaseException:
        process.terminate()
        raise
    finally:
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, before)
    return 128 - code if code < 0 else code


def _has_terminal() -> bool:
    try:
        return os.isatty(0)
    except OSError:
        return False


def _stop(process: subprocess.Popen[bytes], *, apart: bool) -> None:
    """Ask a command to end, with its children where it has a group of its own; then make it.

    First as Ctrl-C asks: Python then writes down what it did.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(OSError):
            if apart:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
            return
