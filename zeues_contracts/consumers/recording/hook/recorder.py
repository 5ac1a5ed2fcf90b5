"""Exchanges as they happen, their bodies as they are read, and the spool that they are written to, redacted."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from .cleaning import Cleaner, multipart_fields
from .reads import Reads
from .sites import current_test, resolve
from .tracking import Status, wrap

__all__ = ["MAX_BODY", "SPOOL_VARIABLE", "Entry", "Recorder", "activate", "active", "deactivate"]

SPOOL_VARIABLE = "ZEUES_CONTRACTS_SPOOL"
"""The environment variable that names the folder to which a watched process writes."""
MAX_BODY = 1024 * 1024
"""Bytes of a body that are kept; what comes after it counts as truncated."""

_MAX_OPEN = 500
_plain_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # json.dumps may be watched


def _encoder() -> Callable[[Any], str]:
    """An encoder that is made once: ``JSONEncoder`` makes its machinery anew for every value."""
    try:
        from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]

        made = c_make_encoder(None, str, encode_basestring, None, ":", ",", False, False, True)
        if "".join(made({"a": [1, "é"]}, 0)) == '{"a":[1,"é"]}':
            return lambda value: "".join(made(value, 0))
    except Exception:
        return _plain_encode
    return _plain_encode


_encode = _encoder()


class Entry:
    """One exchange in the making. ``done`` says that its answer is complete as far as it was read."""

    __slots__ = (
        "at", "body", "done", "error", "error_text", "form", "headers", "id", "library", "method", "reads", "received",
        "response_headers", "seconds", "size", "started", "status", "test", "truncated", "url", "written",
    )  # fmt: skip

    def __init__(self, number: str, library: str, test: str) -> None:
        self.id = number
        self.library = library
        self.test = test
        self.at = time.time()
        self.started = time.perf_counter()
        self.method = "GET"
        self.url = ""
        self.headers: list[tuple[str, str]] = []
        self.body: bytes | None = None
        self.form: dict[str, Any] | None = None
        self.status: int | None = None
        self.response_headers: list[tuple[str, str]] = []
        self.received: list[bytes] = []
        self.size = 0
        self.seconds = 0.0
        self.truncated = False
        self.error = ""
        self.error_text = ""
        self.reads = Reads()
        self.done = False
        self.written = False

    def receive(self, chunk: bytes) -> None:
        """A part of the answer's body has been read."""
        if self.done or not chunk:
            return
        if self.size < MAX_BODY:
            self.received.append(bytes(chunk[: MAX_BODY - self.size]))
        self.size += len(chunk)
        if self.size > MAX_BODY:
            self.truncated = True

    def end(self, *, truncated: bool = False) -> None:
        """The body has come to its end, or nobody reads on."""
        if not self.done:
            self.seconds = time.perf_counter() - self.started
            self.truncated = self.truncated or truncated
            self.done = True

    @property
    def content(self) -> bytes:
        """What was read of the body."""
        return b"".join(self.received)


class Recorder:
    """Collects entries of one process and hands them to a sink: by default a file in the spool folder.

    No method raises. ``listeners`` are called with every entry when it is complete and its test goes on to something
    else; they get unredacted values.
    """

    def __init__(self, folder: str = "", *, listeners: Iterable[Callable[[Entry], None]] = ()) -> None:
        self.folder = folder
        self.listeners = list(listeners)
        self._numbers = itertools.count(1)
        self._prefix = f"{os.getpid():x}-{os.urandom(3).hex()}"
        self._open: list[Entry] = []
        self._late: list[Entry] = []
        self._lock = threading.RLock()
        self._file = -1
        self._known_cleaner: Cleaner | None = None
        self._busy = threading.local()
        self._recent: dict[bytes, Entry] = {}

    @property
    def _cleaner(self) -> Cleaner:
        # Made when there is something to write: most processes send nothing.
        if self._known_cleaner is None:
            with self._lock:  # it loads a module: nobody may see that half done
                if self._known_cleaner is None:
                    self._known_cleaner = Cleaner()
        return self._known_cleaner

    # -- what libraries tell ------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a library above is being watched already: what it does by lower ones is the same exchange."""
        return getattr(self._busy, "depth", 0) > 0

    def enter(self) -> None:
        """Begin of what a watched library does by lower ones."""
        self._busy.depth = getattr(self._busy, "depth", 0) + 1

    def leave(self) -> None:
        """End of it."""
        self._busy.depth = max(0, getattr(self._busy, "depth", 0) - 1)

    def begin(
        self, library: str, method: Any, url: Any, headers: Any = (), body: Any = None, test: str | None = None
    ) -> Entry | None:
        """A request leaves."""
        try:
            self.flush()
            entry = Entry(f"{self._prefix}-{next(self._numbers)}", library, current_test() if test is None else test)
            entry.method = _text(method).upper() or "GET"
            entry.url = _text(url)
            entry.headers = _pairs(headers)
            entry.body = _bytes(body) or None
            with self._lock:
                self._open.append(entry)
        except Exception:
            return None
        return entry

    def respond(self, entry: Entry | None, status: Any, headers: Any) -> Any:
        """The head of an answer has come. Gives back the status, as one that notes what it is compared with."""
        try:
            if entry is None or entry.status is not None:
                return status
            entry.status = int(status)
            entry.response_headers = _pairs(headers)
            return Status.of(entry.status, entry.reads)
        except Exception:
            return status

    def fail(self, entry: Entry | None, error: BaseException) -> None:
        """No answer came."""
        with contextlib.suppress(Exception):
            if entry is None or entry.status is not None:
                return
            if isinstance(error, KeyboardInterrupt | GeneratorExit | SystemExit):
                entry.error, entry.error_text = "stopped", type(error).__name__
            else:
                entry.error = error_word(error)
                entry.error_text = (str(error) or type(error).__name__)[:500]
            entry.end()

    def end(self, entry: Entry | None, *, truncated: bool = False) -> None:
        """The body of an answer is complete; it may be decoded from now on."""
        with contextlib.suppress(Exception):
            if entry is None or entry.done:
                return
            entry.end(truncated=truncated)
            if 0 < entry.size <= MAX_BODY and len(entry.received):
                content = entry.content
                entry.received = [content]
                if content.lstrip()[:1] in (b"{", b"["):
                    self._recent[content] = entry
                    if len(self._recent) > 16:
                        self._recent.pop(next(iter(self._recent)), None)

    def decoded(self, entry: Entry | None, value: Any) -> Any:
        """A decoded body, as one that notes what is read of it."""
        try:
            return value if entry is None else wrap(value, entry.reads)
        except Exception:
            return value

    def recognised(self, source: Any, value: Any) -> Any:
        """What a JSON decoder made of a text: tracked where that text is a body that has just been read."""
        try:
            if not self._recent or (type(value) is not dict and type(value) is not list):
                return value
            if isinstance(source, str):
                if len(source) > MAX_BODY:
                    return value
                raw = source.encode("utf-8", "surrogatepass")
            else:
                raw = bytes(source)
            entry = self._recent.get(raw)
            return value if entry is None else wrap(value, entry.reads)
        except Exception:
            return value

    def outcome(self, test: str, outcome: str, phase: str = "", text: str = "") -> None:
        """A test runner's own word on a test."""
        with contextlib.suppress(Exception):
            if self.folder:
                self.flush()
                line = {"k": "test", "test": test, "outcome": outcome, "phase": phase}
                line["text"] = self._cleaner.text(text[:1000])
                self._write([line])

    # -- what is written ------------------------------------------------------------------------------------------

    def flush(self, *, final: bool = False) -> None:
        """Write what is complete, and what was read of earlier answers since; at the end everything."""
        with contextlib.suppress(Exception):
            if not self._open and not self._late:
                return
            with self._lock:
                crowded = len(self._open) > _MAX_OPEN
                ready: list[Entry] = []
                waiting: list[Entry] = []
                for entry in self._open:  # each is asked once: another thread may end it at any moment
                    (ready if final or crowded or entry.done else waiting).append(entry)
                self._open = waiting
                late = [entry for entry in self._late if entry.reads.changed]
                self._late = [*self._late[-256:], *ready]
            lines: list[dict[str, Any]] = []
            for entry in ready:
                entry.end(truncated=True)
                for listener in self.listeners:
                    with contextlib.suppress(Exception):
                        listener(entry)
                if self.folder:
                    with contextlib.suppress(Exception):  # what cannot be written takes nothing else with it
                        lines.append(self.line(entry))
            if self.folder:
                lines += [self._reads(entry) for entry in late]
            if lines:
                self._write(lines)

    def line(self, entry: Entry) -> dict[str, Any]:
        """An entry as it is written: redacted, a JSON value."""
        clean = self._cleaner
        line: dict[str, Any] = {
            "k": "exchange",
            "id": entry.id,
            "at": entry.at,
            "test": entry.test,
            "library": entry.library,
            "request": {
                "method": entry.method,
                "url": clean.url(entry.url),
                "headers": clean.headers(entry.headers),
                "body": _stored(clean.body(entry.body, _kind(entry.headers))),
            },
        }
        form = entry.form or multipart_fields(entry.body, _kind(entry.headers))
        if form is not None:
            line["form"] = clean.value(form)
        if entry.status is not None:
            line["response"] = {
                "status": entry.status,
                "headers": clean.headers(entry.response_headers, {event[1].lower() for event in entry.reads.headers}),
                "body": _stored(clean.body(entry.content, _kind(entry.response_headers))),
                "seconds": round(entry.seconds, 6),
                "truncated": entry.truncated,
            }
        else:
            line["error"] = entry.error or "protocol"
            line["error_text"] = clean.text(entry.error_text)
        if entry.reads.body or entry.reads.status or entry.reads.headers:
            line["reads"] = self._noted(entry)
        entry.written = True
        entry.received = []
        return line

    def _reads(self, entry: Entry) -> dict[str, Any]:
        return {"k": "reads", "id": entry.id, "reads": self._noted(entry)}

    def _noted(self, entry: Entry) -> dict[str, Any]:
        entry.reads.changed = False
        return {
            "status": [[kind, operand, resolve(site)] for kind, operand, site in list(entry.reads.status)],
            "body": [
                [[self._key(step) for step in path], kind, self._key(key), found, resolve(site)]
                for path, kind, key, found, site in list(entry.reads.body)
            ],
            "headers": [
                [kind, self._key(name), found, resolve(site)] for kind, name, found, site in list(entry.reads.headers)
            ],
        }

    def _key(self, key: Any) -> Any:
        return self._cleaner.text(key) if isinstance(key, str) else key

    def _write(self, lines: list[dict[str, Any]]) -> None:
        data = "".join(_encode(line) + "\n" for line in lines).encode("utf-8", "surrogatepass")
        with self._lock:
            if self._file < 0:
                name = os.path.join(self.folder, f"{self._prefix}.jsonl")  # noqa: PTH118 - cheap to import
                self._file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            view = memoryview(data)
            while view:
                view = view[os.write(self._file, view) :]

    def forked(self) -> None:
        """Begin anew in a child process: what the parent has in hand is the parent's to write."""
        with contextlib.suppress(Exception):
            self._lock = threading.RLock()
            self._prefix = f"{os.getpid():x}-{os.urandom(3).hex()}"
            self._open, self._late = [], []
            if self._file >= 0:
                os.close(self._file)
            self._file = -1


_active: list[Recorder] = []


def active() -> Recorder | None:
    """The recorder of this process, if it is watched."""
    return _active[-1] if _active else None


def activate(recorder: Recorder) -> None:
    """Let a recorder hear what the patched libraries tell."""
    _active.append(recorder)


def deactivate(recorder: Recorder) -> None:
    """Stop it."""
    with contextlib.suppress(ValueError):
        _active.remove(recorder)


def error_word(error: BaseException) -> str:
    """The stable word for a transport error, as ``Exchange.error`` has it. By names: no library is imported."""
    import socket
    import ssl

    chain: list[BaseException] = []
    todo: list[Any] = [error]
    while todo and len(chain) < 30:
        one = todo.pop(0)
        if isinstance(one, BaseException) and one not in chain:
            chain.append(one)
            # requests and urllib3 keep the reason among the arguments.
            todo += [one.__cause__, one.__context__, getattr(one, "reason", None), getattr(one, "os_error", None)]
            todo += list(one.args)
    names = " ".join(type(one).__name__ for one in chain)
    if any(isinstance(one, ssl.SSLError) for one in chain):
        return "tls"
    if any(isinstance(one, socket.gaierror) for one in chain) or "NameResolution" in names or "DNSError" in names:
        return "dns"
    if any(isinstance(one, ConnectionRefusedError) for one in chain):
        return "refused"
    if any(isinstance(one, TimeoutError) for one in chain) or "Timeout" in names:
        return "timeout"
    reset = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)
    if any(isinstance(one, reset) for one in chain) or "Disconnected" in names or "IncompleteRead" in names:
        return "reset"
    return "protocol"


def _kind(headers: list[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name == "content-type"), "")


def _stored(body: bytes | None) -> Any:
    """Bytes as JSON holds them: text where they are, else base64."""
    if body is None:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def _pairs(headers: Any) -> list[tuple[str, str]]:
    if not headers:
        return []
    items = headers.items() if hasattr(headers, "items") else headers
    return [(_text(name).lower(), _text(value)) for name, value in items]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("latin-1")
    return "" if value is None else str(value)


def _bytes(body: Any) -> bytes | None:
    """A request's body where it is at hand; what is read as it goes is left alone."""
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)[:MAX_BODY]
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")[:MAX_BODY]
    return None
