"""Watchers for ``http.client`` (and with it ``urllib.request``), JSON decoders, threads and tasks, and test runners."""

from __future__ import annotations

import contextlib
import contextvars
from typing import Any

from .headers import track_headers
from .patching import Patch, replace
from .recorder import MAX_BODY, Entry, active
from .sites import current_test, inherited_test

__all__ = ["PATCHES"]

_MARK = "_zeues_contracts_entry"
_REQUEST = "_zeues_contracts_request"


# -- http.client --------------------------------------------------------------------------------------------------


def _http_client(module: Any) -> None:
    def putrequest(original: Any) -> Any:
        def watched(self: Any, method: Any, url: Any, *args: Any, **options: Any) -> Any:
            recorder = active()
            if recorder is None or recorder.busy:
                self.__dict__.pop(_REQUEST, None)
                return original(self, method, url, *args, **options)
            with contextlib.suppress(Exception):
                self.__dict__[_REQUEST] = [method, _address(self, url, module), [], b"", False]
            return original(self, method, url, *args, **options)

        return watched

    def putheader(original: Any) -> Any:
        def watched(self: Any, header: Any, *values: Any) -> Any:
            request = self.__dict__.get(_REQUEST)
            if request is not None:
                with contextlib.suppress(Exception):
                    words = [one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in values]
                    request[2].append((header, ", ".join(words)))
            return original(self, header, *values)

        return watched

    def endheaders(original: Any) -> Any:
        def watched(self: Any, message_body: Any = None, **options: Any) -> Any:
            request = self.__dict__.get(_REQUEST)
            if request is None:
                return original(self, message_body, **options)
            if isinstance(message_body, bytes | str):
                request[3] = message_body
            request[4] = False  # what is sent from here on until it returns is the head
            try:
                result = original(self, message_body, **options)
            except BaseException as error:
                _unsent(self, error)
                raise
            request[4] = True
            return result

        return watched

    def send(original: Any) -> Any:
        def watched(self: Any, data: Any) -> Any:
            request = self.__dict__.get(_REQUEST)
            if request is not None and request[4] and isinstance(data, bytes) and len(request[3]) < MAX_BODY:
                request[3] = (request[3] if isinstance(request[3], bytes) else b"") + data
            return original(self, data)

        return watched

    def getresponse(original: Any) -> Any:
        def watched(self: Any, *args: Any, **options: Any) -> Any:
            request = self.__dict__.get(_REQUEST)
            recorder = active()
            if request is None or recorder is None:
                return original(self, *args, **options)
            self.__dict__[_REQUEST] = None
            entry = recorder.begin("http.client", request[0], request[1], request[2], request[3] or None)
            try:
                response = original(self, *args, **options)
            except BaseException as error:
                recorder.fail(entry, error)
                raise
            with contextlib.suppress(Exception):
                response.__dict__[_MARK] = entry
                response.status = recorder.respond(entry, response.status, response.headers)
                if "code" in response.__dict__:
                    response.code = response.status
                if entry is not None:
                    track_headers(response.headers, entry.reads)
                if response.length == 0 or entry is None or entry.method == "HEAD":
                    recorder.end(entry)
            return response

        return watched

    connection = module.HTTPConnection
    for name, make in (
        ("putrequest", putrequest),
        ("putheader", putheader),
        ("endheaders", endheaders),
        ("send", send),
        ("getresponse", getresponse),
    ):
        replace(connection, name, make)
    for name in ("read", "read1"):
        replace(module.HTTPResponse, name, _read)
    replace(module.HTTPResponse, "readinto", _readinto)
    replace(module.HTTPResponse, "readline", _read)
    replace(module.HTTPResponse, "close", _closing)
    replace(module.HTTPResponse, "getheader", _getheader)


def _getheader(original: Any) -> Any:
    def watched(self: Any, name: Any, *default: Any, **options: Any) -> Any:
        value = original(self, name, *default, **options)
        with contextlib.suppress(Exception):
            entry = self.__dict__.get(_MARK)
            if isinstance(entry, Entry):
                entry.reads.note_header("maybe", name, found=self.headers.get_all(name) is not None)
        return value

    return watched


def _address(connection: Any, url: Any, module: Any) -> str:
    text = url if isinstance(url, str) else str(url)
    if "://" in text:
        return text
    secure = isinstance(connection, getattr(module, "HTTPSConnection", ()))
    host = getattr(connection, "_tunnel_host", None) or connection.host
    port = getattr(connection, "_tunnel_port", None) or connection.port
    usual = 443 if secure else 80
    host = f"[{host}]" if ":" in host else host
    return f"{'https' if secure else 'http'}://{host}{'' if port == usual else f':{port}'}{text}"


def _unsent(connection: Any, error: BaseException) -> None:
    """A connection that was refused, or broke while the request went out."""
    with contextlib.suppress(Exception):
        request = connection.__dict__.get(_REQUEST)
        recorder = active()
        if request is not None and recorder is not None:
            connection.__dict__[_REQUEST] = None
            entry = recorder.begin("http.client", request[0], request[1], request[2], request[3] or None)
            recorder.fail(entry, error)


def _entry(response: Any) -> Entry | None:
    entry = response.__dict__.get(_MARK)
    return entry if isinstance(entry, Entry) and not entry.done else None


def _read(original: Any) -> Any:
    def watched(self: Any, *args: Any, **options: Any) -> Any:
        entry = _entry(self)
        if entry is None:
            return original(self, *args, **options)
        # read() may be made of readinto(), and readline() of read1(): what is inside is the same bytes.
        self.__dict__[_MARK] = None
        try:
            data = original(self, *args, **options)
        finally:
            self.__dict__[_MARK] = entry
        _took(self, entry, data)
        return data

    return watched


def _readinto(original: Any) -> Any:
    def watched(self: Any, buffer: Any) -> Any:
        entry = _entry(self)
        if entry is None:
            return original(self, buffer)
        self.__dict__[_MARK] = None
        try:
            count = original(self, buffer)
        finally:
            self.__dict__[_MARK] = entry
        with contextlib.suppress(Exception):
            _took(self, entry, bytes(memoryview(buffer).cast("B")[:count]))
        return count

    return watched


def _took(response: Any, entry: Entry, data: Any) -> None:
    with contextlib.suppress(Exception):
        entry.receive(data)
        recorder = active()
        if recorder is not None and (not data or response.isclosed() or response.length == 0):
            recorder.end(entry)


def _closing(original: Any) -> Any:
    def watched(self: Any) -> Any:
        entry = _entry(self)
        result = original(self)
        if entry is not None:
            recorder = active()
            if recorder is not None:
                recorder.end(entry, truncated=bool(getattr(self, "length", 0)))
        return result

    return watched


# -- decoders -----------------------------------------------------------------------------------------------------


def _decoder(module: Any) -> None:
    def make(original: Any) -> Any:
        def loads(s: Any, *args: Any, **options: Any) -> Any:
            value = original(s, *args, **options)
            recorder = active()
            return value if recorder is None else recorder.recognised(s, value)

        return loads

    replace(module, "loads", make)


# -- threads and tasks --------------------------------------------------------------------------------------------


def _in_test(test: str, run: Any) -> Any:
    def inside(*args: Any, **options: Any) -> Any:
        token = inherited_test.set(test)
        try:
            return run(*args, **options)
        finally:
            inherited_test.reset(token)

    return inside


def _threading(module: Any) -> None:
    def start(original: Any) -> Any:
        def watched(self: Any) -> Any:
            with contextlib.suppress(Exception):
                test = current_test() if active() is not None else ""
                if test:
                    self.run = _in_test(test, self.run)
            return original(self)

        return watched

    replace(module.Thread, "start", start)


def _futures(module: Any) -> None:
    def submit(original: Any) -> Any:
        def watched(self: Any, fn: Any, /, *args: Any, **options: Any) -> Any:
            test = ""
            with contextlib.suppress(Exception):
                test = current_test() if active() is not None else ""
            return original(self, _in_test(test, fn) if test else fn, *args, **options)

        return watched

    replace(module.ThreadPoolExecutor, "submit", submit)


def _asyncio(module: Any) -> None:
    def create_task(original: Any) -> Any:
        def watched(self: Any, coro: Any, **options: Any) -> Any:
            with contextlib.suppress(Exception):
                test = current_test() if active() is not None else ""
                if test and test != inherited_test.get():
                    context = options.get("context") or contextvars.copy_context()
                    context.run(inherited_test.set, test)
                    options["context"] = context
            return original(self, coro, **options)

        return watched

    replace(module.BaseEventLoop, "create_task", create_task)


# -- test runners -------------------------------------------------------------------------------------------------


def _pytest_reports(module: Any) -> None:
    def make(original: Any) -> Any:
        def from_item_and_call(cls: Any, item: Any, call: Any) -> Any:
            report = original(cls, item, call)
            with contextlib.suppress(Exception):
                recorder = active()
                if recorder is not None and (report.when == "call" or report.outcome != "passed"):
                    text = "" if call.excinfo is None else str(call.excinfo.value)
                    outcome = "xfailed" if item.get_closest_marker("xfail") else report.outcome
                    recorder.outcome(report.nodeid, outcome, report.when, text)
            return report

        return from_item_and_call

    replace(module.TestReport, "from_item_and_call", make)


def _unittest_result(module: Any) -> None:
    def telling(outcome: str) -> Any:
        def make(original: Any) -> Any:
            def watched(self: Any, test: Any, *args: Any) -> Any:
                with contextlib.suppress(Exception):
                    recorder = active()
                    if recorder is not None:
                        name = getattr(test, "_testMethodName", "")
                        qualified = f"{type(test).__qualname__.rpartition('<locals>.')[2]}.{name}"
                        text = str(args[0][1]) if args and isinstance(args[0], tuple) else ""
                        recorder.outcome(qualified if name else str(test), outcome, "call", text)
                return original(self, test, *args)

            return watched

        return make

    for name, outcome in (("addSuccess", "passed"), ("addFailure", "failed"), ("addError", "failed")):
        replace(module.TestResult, name, telling(outcome))


def _unittest_case(module: Any) -> None:
    def run(original: Any) -> Any:
        def watched(self: Any, *args: Any, **options: Any) -> Any:
            name = getattr(self, "_testMethodName", "")
            if active() is None or not name:
                return original(self, *args, **options)
            # setUp and tearDown belong to the test as well.
            qualified = f"{type(self).__qualname__.rpartition('<locals>.')[2]}.{name}"
            return _in_test(qualified, original)(self, *args, **options)

        return watched

    replace(module.TestCase, "run", run)


PATCHES: dict[str, Patch] = {
    "http.client": _http_client,
    "json": _decoder,
    "orjson": _decoder,
    "threading": _threading,
    "concurrent.futures.thread": _futures,
    "asyncio.base_events": _asyncio,
    "_pytest.reports": _pytest_reports,
    "unittest.case": _unittest_case,
    "unittest.result": _unittest_result,
}
