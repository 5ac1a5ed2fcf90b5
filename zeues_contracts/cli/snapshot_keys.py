"""Single keys from a terminal, without losing what is typed ahead and without leaving the terminal changed behind."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any, Self

import click

__all__ = ["Keys"]

_ESCAPE = "\x1b"
_PAUSE = 0.03
"""Seconds in which the rest of an escape sequence follows its first byte."""


class Keys:
    """Keys of standard input while the context is open. Ctrl-C raises ``KeyboardInterrupt``, Ctrl-D ``EOFError``.

    The terminal gives keys at once and shows none (cbreak mode) for the whole time, but for :meth:`line`. Where there
    is no such terminal (Windows) click's way is taken.
    """

    def __init__(self) -> None:
        self._cooked: Any = None
        self._woken = -1

    def __enter__(self) -> Self:
        if sys.platform != "win32":
            import termios
            import tty

            self._cooked = termios.tcgetattr(sys.stdin.fileno())
            self._term = signal.signal(signal.SIGTERM, _interrupt)
            # A signal between two waits must end the next one; Python alone would notice it at the next key.
            self._woken, self._wake = os.pipe()
            os.set_blocking(self._wake, False)
            self._wakeup = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
            tty.setcbreak(sys.stdin.fileno(), termios.TCSADRAIN)
        return self

    def __exit__(self, *_: object) -> None:
        if sys.platform != "win32":
            self._restore()
            signal.set_wakeup_fd(self._wakeup)
            os.close(self._woken)
            os.close(self._wake)
            signal.signal(signal.SIGTERM, self._term)

    def key(self) -> str:
        """The next key; an empty text for one that is no character (an arrow, a function key)."""
        if self._cooked is None:
            pressed = click.getchar()
            return pressed if len(pressed) == 1 else ""
        handle = sys.stdin.fileno()
        self._wait(handle)
        first = _read(handle)
        if first == _ESCAPE.encode():
            _rest_of_escape(handle)
            return ""
        if first == b"\x04":
            raise EOFError
        if first == b"\x03":
            raise KeyboardInterrupt
        # UTF-8 (RFC 3629): the first byte tells how many follow.
        more = 3 if first[0] >= 0xF0 else 2 if first[0] >= 0xE0 else 1 if first[0] >= 0xC0 else 0
        return (first + b"".join(_read(handle) for _ in range(more))).decode("utf-8", "replace")

    def line(self, prompt: str) -> str:
        """A line, edited as the terminal lets one edit."""
        if self._cooked is None:
            asked: str = click.prompt(prompt, default="", show_default=False, prompt_suffix=": ")
            return asked.strip()
        handle = sys.stdin.fileno()
        data = b""
        with self._as_before():
            click.echo(f"{prompt}: ", nl=False)
            while not data.endswith(b"\n"):
                self._wait(handle)
                data += _read(handle, 4096)
        return data.decode("utf-8", "replace").strip()

    def _wait(self, handle: int) -> None:
        """Until there is something to read; a signal's handler runs when it wakes this."""
        while True:
            ready = select.select([handle, self._woken], [], [])[0]
            if self._woken in ready:
                os.read(self._woken, 4096)
            if handle in ready:
                return

    @contextlib.contextmanager
    def _as_before(self) -> Iterator[None]:
        if self._cooked is None or sys.platform == "win32":
            yield
            return
        import termios
        import tty

        self._restore()
        try:
            yield
        finally:
            tty.setcbreak(sys.stdin.fileno(), termios.TCSADRAIN)

    def _restore(self) -> None:
        if sys.platform != "win32":
            import termios

            # The terminal may be gone by now.
            with contextlib.suppress(termios.error, OSError, ValueError):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._cooked)


def _rest_of_escape(handle: int) -> None:
    """Read what belongs to an escape sequence (ECMA-48, 5.4): CSI up to its final byte, SS3 and one, or one."""

    def follows() -> bytes:
        return _read(handle) if select.select([handle], [], [], _PAUSE)[0] else b""

    second = follows()
    if second == b"O":
        follows()
    elif second == b"[":
        while (one := follows()) and not 0x40 <= one[0] <= 0x7E:
            pass


def _read(handle: int, count: int = 1) -> bytes:
    try:
        data = os.read(handle, count)
    except OSError:  # the terminal has gone
        data = b""
    if not data:
        raise EOFError
    return data


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt
