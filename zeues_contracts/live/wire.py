"""Sockets that keep a deadline: the part of sending that needs httpcore, imported with the first request.

httpcore bounds each read; a peer that drips a byte now and then is never caught by that. Here every read, write and
connect gets at most what is left of the whole exchange's time, which the sending thread sets beforehand.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore
from httpcore import SOCKET_OPTION

__all__ = ["DeadlineBackend", "make_pool", "transport_error"]


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens connections whose every wait ends by the sending thread's deadline."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()
        self._local = threading.local()

    def set_deadline(self, deadline: float) -> None:
        """Set when the current thread's exchange has to be over (``time.monotonic()``)."""
        self._local.deadline = deadline

    def begin(self) -> None:
        """Say that the current thread begins an exchange, for :attr:`stale`."""
        self._local.fresh = self._local.received = False

    @property
    def stale(self) -> bool:
        """Whether the current thread's exchange uses a connection of an earlier one, and nothing came back on it."""
        return not (getattr(self._local, "fresh", True) or getattr(self._local, "received", True))

    def note(self, *, fresh: bool = False, received: bool = False) -> None:
        """Note what happened in the current thread's exchange."""
        self._local.fresh = fresh or getattr(self._local, "fresh", False)
        self._local.received = received or getattr(self._local, "received", False)

    def left(self, timeout: float | None) -> float:
        """The seconds that a wait may take, at least a hundredth: zero would mean a socket that never blocks."""
        rest = float(getattr(self._local, "deadline", time.monotonic() + 10.0)) - time.monotonic()
        return max(0.01, rest if timeout is None else min(rest, timeout))

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to an address."""
        self.note(fresh=True)
        stream = self._inner.connect_tcp(host, port, self.left(timeout), local_address, socket_options)
        return _DeadlineStream(stream, self)


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, backend: DeadlineBackend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._acknowledge_at_once()
        got = self._inner.read(max_bytes, self._backend.left(timeout))
        if got:
            self._backend.note(received=True)
        return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._backend.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._backend.left(timeout))
        return _DeadlineStream(inner, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def _acknowledge_at_once(self) -> None:
        """Do without delayed acknowledgements (tcp(7), TCP_QUICKACK; the kernel forgets it, so before each read).

        A server that writes head and body in two pieces without TCP_NODELAY waits for our acknowledgement in between:
        40 ms for each answer, with uvicorn on a socket that was handed to it.
        """
        if _QUICKACK is None:
            return
        sock = self._inner.get_extra_info("socket")
        if isinstance(sock, socket.socket):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)


_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)


def make_pool(backend: DeadlineBackend) -> httpcore.ConnectionPool:
    """A pool of connections. Idle ones are dropped before a usual server drops them (uvicorn: 5 seconds)."""
    return httpcore.ConnectionPool(
        max_connections=64, max_keepalive_connections=16, keepalive_expiry=2.0, network_backend=backend
    )


def transport_error(error: BaseException) -> tuple[str, str]:
    """The stable word for a transport error (see ``Exchange.error``), and the library's text."""
    text = str(error) or type(error).__name__
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and len(chain) < 10:
        chain.append(link)
        link = link.__cause__ or link.__context__
    if any(isinstance(one, ssl.SSLError) for one in chain):
        return "tls", text
    if any(isinstance(one, ConnectionRefusedError) for one in chain):
        return "refused", text
    if any(isinstance(one, httpcore.TimeoutException | TimeoutError) for one in chain):
        return "timeout", text
    if any(isinstance(one, ConnectionResetError | BrokenPipeError | ConnectionAbortedError) for one in chain):
        return "reset", text
    if isinstance(error, httpcore.RemoteProtocolError):
        return ("reset" if "disconnected" in text or "closed" in text else "protocol"), text
    if isinstance(error, httpcore.ConnectError):
        return "refused", text
    if isinstance(error, httpcore.NetworkError | httpcore.ConnectionNotAvailable):
        return "reset", text
    return "protocol", text
