"""An ASGI application as a service, in process: the same exchanges without a socket (ASGI 3.0, HTTP and lifespan)."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import sysconfig
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from zeues_contracts.errors import CannotJudgeError
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.live.limits import Bounds
from zeues_contracts.live.sending import decoded, is_stream, stop_reading

__all__ = ["AsgiSender"]

Message = dict[str, Any]
App = Callable[
    [dict[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


class AsgiSender:
    """Runs an application in an event loop of its own thread, with its lifespan, and sends to it.

    An exception that escapes the application is what a server makes of it: a 500 with a plain text. What it was is in
    the exchange's ``error_text``.
    """

    trusted = True

    def __init__(
        self,
        app: App,
        *,
        headers: Mapping[str, str] | None = None,
        bounds: Bounds | None = None,
        base_url: str = "http://testserver",
    ) -> None:
        """Start the application. Raises :class:`CannotJudgeError` when its start-up fails."""
        self.app = app
        self.base_url = base_url.rstrip("/")
        self.bounds = bounds or Bounds()
        self.headers = {name.lower(): value for name, value in (headers or {}).items()}
        self.state: dict[str, Any] = {}
        self.running: set[asyncio.Future[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="asgi-app", daemon=True)
        self._thread.start()
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._started: concurrent.futures.Future[str] = concurrent.futures.Future()
        self._stopped = threading.Event()
        self._life = asyncio.run_coroutine_threadsafe(self._lifespan(), self._loop)
        self._loop.call_soon_threadsafe(self._events.put_nowait, {"type": "lifespan.startup"})
        try:
            failed = self._started.result(self.bounds.seconds * 3)
        except concurrent.futures.TimeoutError:
            failed = "no answer to lifespan.startup in time"
        if failed:
            self.close()
            raise CannotJudgeError(f"the application does not start: {failed}", hint="look at its lifespan handler")

    async def _lifespan(self) -> None:
        async def send(message: Message) -> None:
            kind = message["type"]
            if kind == "lifespan.startup.complete" and not self._started.done():
                self._started.set_result("")
            elif kind == "lifespan.startup.failed" and not self._started.done():
                self._started.set_result(str(message.get("message") or "start-up failed"))
            elif kind.startswith("lifespan.shutdown"):
                self._stopped.set()

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.3"}, "state": self.state}
        try:
            await self.app(scope, self._events.get, send)
        except Exception as error:
            # An application without a lifespan raises on the scope; one that has begun and raises has failed.
            if not self._started.done():
                name = type(error).__name__
                unsupported = not self._events.empty() or isinstance(error, AssertionError | NotImplementedError)
                self._started.set_result("" if unsupported else f"{name}: {error}")
        finally:
            if not self._started.done():
                self._started.set_result("")
            self._stopped.set()

    def close(self) -> None:
        """Stop the application and its loop."""
        if not self._loop.is_running():
            return
        self._loop.call_soon_threadsafe(self._events.put_nowait, {"type": "lifespan.shutdown"})
        self._stopped.wait(2.0)
        self._life.cancel()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2.0)

    def send(self, request: Request, bounds: Bounds | None = None) -> Exchange:
        """One exchange."""
        limits = bounds or self.bounds
        at = time.time()
        own = {name.lower() for name, _ in request.headers}
        more = [(name, value) for name, value in self.headers.items() if name not in own]
        sent = Request(request.method, request.url, (*request.headers, *more), request.body)
        call = _Call(self, sent, limits)
        future = asyncio.run_coroutine_threadsafe(call.run(), self._loop)
        try:
            response = future.result(limits.seconds + 2.0)
        except concurrent.futures.TimeoutError:
            future.cancel()
            return Exchange(sent, None, "timeout", f"no answer within {limits.seconds:g} s", at)
        if response is None:
            return Exchange(sent, None, "timeout", f"no answer within {limits.seconds:g} s", at)
        return Exchange(sent, response, error_text=call.raised, at=at)


def told_exception(error: BaseException) -> str:
    """An exception in one line: type, message and where it was raised, and the same of what is behind it."""
    lines: list[str] = []
    link: BaseException | None = error
    while link is not None and len(lines) < 3:
        while isinstance(link, BaseExceptionGroup) and link.exceptions:
            link = link.exceptions[0]  # what a task group of a middleware wraps
        kind = type(link)
        name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        try:
            text = " ".join(str(link).split())[:300]
        except Exception:  # an exception of the application may fail at this as well
            text = ""
        where = _raised_at(link)
        lines.append(f"{name}: {text}".rstrip(": ") + (f" ({where})" if where else ""))
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return ", behind it ".join(lines)


def _raised_at(error: BaseException) -> str:
    """The innermost line of the application's own code, ``main.py:12 in create``; a library's where there is none."""
    frames = [
        (frame.f_code.co_filename, number, frame.f_code.co_name)
        for frame, number in traceback.walk_tb(error.__traceback__)
    ]
    outside = str(Path(sysconfig.get_paths()["stdlib"]).resolve())
    own = [one for one in frames if not {"site-packages", "dist-packages"} & set(Path(one[0]).parts)]
    own = [one for one in own if not one[0].startswith((outside, "<")) and not one[0].startswith(_HERE)]
    if not (own or frames):
        return ""
    file, number, name = (own or frames)[-1]
    path = Path(file)
    with contextlib.suppress(ValueError):
        return f"{path.relative_to(Path.cwd())}:{number} in {name}"
    return f"{'/'.join(path.parts[-2:])}:{number} in {name}"


_HERE = str(Path(__file__).parent)


class _Call:
    """One request into the application."""

    def __init__(self, sender: AsgiSender, request: Request, bounds: Bounds) -> None:
        self.sender = sender
        self.request = request
        self.bounds = bounds
        self.status = 0
        self.headers: tuple[tuple[str, str], ...] = ()
        self.body = bytearray()
        self.stream = False
        self.truncated = False
        self.raised = ""

    def scope(self) -> dict[str, Any]:
        parts = urlsplit(self.request.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        headers = [(b"host", parts.netloc.rpartition("@")[2].encode("ascii", "replace"))]
        headers += [
            (name.lower().encode("ascii", "replace"), value.encode("utf-8", "surrogatepass"))
            for name, value in self.request.headers
            if name.lower() not in ("host", "content-length")
        ]
        if self.request.body is not None or self.request.method in ("POST", "PUT", "PATCH"):
            headers.append((b"content-length", str(len(self.request.body or b"")).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.request.method,
            "scheme": parts.scheme,
            "path": unquote(parts.path or "/"),
            "raw_path": (parts.path or "/").encode("utf-8", "surrogatepass"),
            "query_string": parts.query.encode("utf-8", "surrogatepass"),
            "root_path": "",
            "headers": headers,
            "server": (parts.hostname or "testserver", port),
            "client": ("127.0.0.1", 50000),
            "state": dict(self.sender.state),
        }

    async def run(self) -> Response | None:
        started = time.monotonic()
        gone = asyncio.Event()
        pending = [{"type": "http.request", "body": self.request.body or b"", "more_body": False}]

        async def receive() -> Message:
            if pending:
                return pending.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = int(message["status"])
                self.headers = tuple(
                    (bytes(name).decode("latin-1").lower(), bytes(value).decode("latin-1"))
                    for name, value in message.get("headers", ())
                )
                kind = next((value for name, value in self.headers if name == "content-type"), "")
                self.stream = is_stream(kind.split(";")[0].strip().lower())
            elif message["type"] == "http.response.body":
                self.body += message.get("body", b"")
                if not message.get("more_body", False):
                    gone.set()
                elif stop_reading(self.body, self.stream, started, self.bounds):
                    self.truncated = True
                    gone.set()
            # Let the watcher run even when the application never waits for anything else.
            await asyncio.sleep(0)

        task: asyncio.Future[Any] = asyncio.ensure_future(self.sender.app(self.scope(), receive, send))
        watch: asyncio.Future[Any] = asyncio.ensure_future(gone.wait())
        await self._until_done(task, watch, started)
        finished = gone.is_set() or task.done()
        watch.cancel()
        await self._let_go(task, complete=finished and not self.truncated)
        if not self.status:
            if not finished:
                return None
            plain = (("content-type", "text/plain; charset=utf-8"),)
            return Response(500, plain, b"Internal Server Error", time.monotonic() - started)
        self.truncated = self.truncated or not finished
        encoding = next((value for name, value in self.headers if name == "content-encoding"), "")
        body = decoded(bytes(self.body[: self.bounds.max_bytes]), encoding, self.bounds.max_bytes)
        return Response(self.status, self.headers, body, time.monotonic() - started, self.truncated)

    async def _until_done(self, task: asyncio.Future[Any], watch: asyncio.Future[Any], started: float) -> None:
        """Wait for the response's end, the application's, or the limit; a stream's limit is known with its headers."""
        while not (task.done() or watch.done()):
            limit = self.bounds.stream_seconds if self.stream else self.bounds.seconds
            left = started + limit - time.monotonic()
            if left <= 0:
                return
            # Short steps only while it is not known whether this is a stream.
            step = left if self.stream else min(left, max(0.05, self.bounds.stream_seconds / 4))
            await asyncio.wait({task, watch}, timeout=step, return_when=asyncio.FIRST_COMPLETED)

    async def _let_go(self, task: asyncio.Future[Any], *, complete: bool) -> None:
        """Let the application finish after the response: background tasks run on, an endless one is ended."""
        if not task.done():
            await asyncio.wait({task}, timeout=1.0 if complete else 0.2)
        if not task.done() and not complete:
            task.cancel()
            await asyncio.wait({task}, timeout=1.0)
        if not task.done():
            self.sender.running.add(task)
            task.add_done_callback(self.sender.running.discard)
        elif not task.cancelled() and (error := task.exception()) is not None:
            self.raised = told_exception(error)
