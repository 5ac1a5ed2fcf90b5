"""The only module that touches schemathesis: it makes the requests, nothing else.

The engine's own checks, probes and reports are off. Every request goes out through our sender (bounded, to a checked
address, or in process), and every answer is judged by our own rules. What is used beyond the documented API, and
what a release may therefore change, is kept in this file and tried by ``tests/unit/live/test_engine.py``:

- ``schemathesis.engine.core.Engine._create_execution_plan`` (its ``phases`` are filtered),
- ``BaseSchema.transport`` (replaced by ours), ``RequestsTransport.serialize_case``, ``core.transport.Response``,
- ``Case.meta.generation.mode``, ``Case.operation.label``, ``EventStream.stop``.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zeues_contracts.errors import DefectError, UsageError
from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.live.standalone import standalone

__all__ = ["PHASES", "EngineEnd", "Generated", "run_engine"]

# What the engine and its HTTP library add for themselves.
_OWN_HEADERS = frozenset({"content-length", "connection", "accept-encoding", "user-agent", "x-schemathesis-testcaseid"})
PHASES = ("examples", "coverage", "fuzzing", "stateful")


@dataclass(frozen=True, slots=True)
class Generated:
    """A request that the engine made up.

    ``positive`` tells whether the engine meant it to fit the document (``None``: it does not say).
    """

    request: Request
    operation: str
    phase: str
    positive: bool | None
    description: str = ""


@dataclass(frozen=True, slots=True)
class EngineEnd:
    """How a run of the engine ended. ``errors`` are what it could not do, as ``(operation, text)``."""

    finished: bool
    errors: tuple[tuple[str, str], ...] = ()


def run_engine(
    document: Mapping[str, Any],
    base_url: str,
    send: Callable[[Generated], Exchange | None],
    *,
    stop: threading.Event,
    left: Callable[[], float],
    seed: int = 1,
    phases: Sequence[str] = PHASES,
    examples: int = 20,
    workers: int = 1,
    headers: Mapping[str, str] | None = None,
) -> EngineEnd:
    """Let the engine generate requests for every operation of a document until it is done or told to stop.

    ``send`` is called from the engine's threads; ``None`` from it means that the request was not sent. ``stop`` ends
    the run with the next request; the run is left to itself when ``left`` says that no seconds are left, whatever the
    engine is doing then. Raises :class:`UsageError` for a document that the engine cannot read.
    """
    import schemathesis
    from schemathesis.config import ConfigError
    from schemathesis.core.errors import SchemathesisError

    settings: dict[str, Any] = {
        "base-url": base_url,
        "seed": seed,
        "workers": max(1, workers),
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "checks": {"enabled": False},
        "generation": {
            "max-examples": max(1, examples),
            "database": "none",
            "no-shrink": True,
            # NUL is refused by PostgreSQL, C strings and shells alike: every service would have this one "bug".
            "allow-x00": False,
            "with-security-parameters": not headers,
        },
        "phases": {name: {"enabled": name in phases} for name in PHASES},
    }
    if headers:
        settings["headers"] = dict(headers)
    try:
        config = schemathesis.Config.from_dict(settings)
        schema = schemathesis.openapi.from_dict(standalone(document), config=config)
    except (ConfigError, SchemathesisError, ValueError, TypeError, KeyError, RecursionError) as error:
        text = " ".join(str(error).split())[:300]
        raise UsageError(f"the document cannot be fuzzed: {text}", hint="check the document, or use --only") from None
    _use_transport(schema, _transport(send, stop))
    return _drive(schema, stop, left)


def _use_transport(schema: Any, transport: Any) -> None:
    kind = type(schema)
    if not isinstance(getattr(kind, "transport", None), property):
        raise DefectError(
            "this release of schemathesis has no `transport` property on schemas", hint="pin schemathesis"
        )
    schema.__class__ = type(kind.__name__, (kind,), {"transport": property(lambda _: transport)})


def _transport(send: Callable[[Generated], Exchange | None], stop: threading.Event) -> Any:
    import requests
    from schemathesis.core.transport import Response
    from schemathesis.transport.requests import REQUESTS_TRANSPORT, RequestsTransport

    preparer = requests.Session()

    class Ours(RequestsTransport):
        """Serialises as the engine does, and sends as we do."""

        def send(self, case: Any, *, session: Any = None, **kwargs: Any) -> Any:
            wanted = {name: kwargs[name] for name in ("base_url", "headers", "params", "cookies") if name in kwargs}
            if session is not None and session.headers:
                merged = dict(wanted.get("headers") or {})
                for name, value in session.headers.items():
                    merged.setdefault(name, value)
                wanted["headers"] = merged
            prepared = preparer.prepare_request(requests.Request(**_plain(self.serialize_case(case, **wanted))))
            exchange = None if stop.is_set() else send(_generated(case, prepared))
            answer = exchange.response if exchange is not None else None
            if answer is None:
                # To the engine an answer that says nothing about the data; what really happened is recorded by `send`.
                return Response(599, {}, b"", prepared, 0.0, True)
            got: dict[str, list[str]] = {}
            for name, value in answer.headers:
                got.setdefault(name, []).append(value)
            return Response(
                answer.status, got, answer.body, prepared, answer.seconds, True,
                encoding="utf-8", stream_cut_short=answer.truncated,
            )  # fmt: skip

    transport = Ours()
    transport._copy_serializers_from(REQUESTS_TRANSPORT)
    return transport


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    known = ("method", "url", "headers", "files", "data", "params", "auth", "cookies", "json")
    return {name: value for name, value in data.items() if name in known}


def _generated(case: Any, prepared: Any) -> Generated:
    body = prepared.body
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogatepass")
    elif body is not None and not isinstance(body, bytes):
        body = b"".join(body)
    headers = tuple(
        (_word(name).lower(), _word(value))
        for name, value in prepared.headers.items()
        if _word(name).lower() not in _OWN_HEADERS
    )
    meta = getattr(case, "meta", None)
    mode = getattr(getattr(getattr(meta, "generation", None), "mode", None), "value", "")
    positive = {"positive": True, "negative": False}.get(mode)
    phase = getattr(getattr(getattr(meta, "phase", None), "name", None), "value", "")
    data = getattr(getattr(meta, "phase", None), "data", None)
    description = str(getattr(data, "description", "") or "")
    method = str(prepared.method or case.method).upper()
    return Generated(
        Request(method, str(prepared.url), headers, body), case.operation.label, phase, positive, description
    )


def _word(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _drive(schema: Any, stop: threading.Event, left: Callable[[], float]) -> EngineEnd:
    """Consume the engine's events in a thread of its own: generation cannot be interrupted, only be left behind."""
    from schemathesis.engine import events, from_schema

    engine = from_schema(schema)
    plan = engine._create_execution_plan

    def ours() -> Any:
        made = plan()
        # No probes, no sign-up calls: nothing leaves but what is generated.
        made.phases = [one for one in made.phases if one.name.value.lower() not in _FOREIGN]
        return made

    # The engine is a dataclass with slots: a subclass is the only place for the method.
    kind = type(engine)
    engine = type(kind.__name__, (kind,), {"_create_execution_plan": lambda _: ours()})(schema=schema)
    done: queue.Queue[object] = queue.Queue()
    errors: list[tuple[str, str]] = []

    def consume() -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                stream = engine.execute()
                for event in stream:
                    if isinstance(event, events.NonFatalError):
                        errors.append((str(event.label), " ".join(str(event.value).split())[:300]))
                    elif isinstance(event, events.FatalError):
                        errors.append(("", " ".join(str(event.exception).split())[:300]))
                    if stop.is_set():
                        stream.stop()
            done.put(None)
        except BaseException as error:
            done.put(error)

    thread = threading.Thread(target=consume, name="fuzz-engine", daemon=True)
    with _quiet(), _no_traces():
        thread.start()
        outcome: object = _WAITING
        while outcome is _WAITING:
            # What is left changes on the way: the time of a run begins with its first request.
            with contextlib.suppress(queue.Empty):
                outcome = done.get(timeout=min(1.0, max(0.05, left())))
            if outcome is _WAITING and left() <= 0:
                stop.set()
                with contextlib.suppress(queue.Empty):
                    done.get(timeout=3.0)
                return EngineEnd(False, tuple(errors))
    if isinstance(outcome, KeyboardInterrupt):
        raise outcome
    if isinstance(outcome, BaseException):
        errors.append(("", f"{type(outcome).__name__}: {' '.join(str(outcome).split())[:300]}"))
        return EngineEnd(False, tuple(errors))
    return EngineEnd(not stop.is_set(), tuple(errors))


_WAITING = object()
_FOREIGN = frozenset({"probing", "api probing", "auth bootstrap", "auth_bootstrap"})


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the loggers of what the engine is made of out of our output."""
    names = ("hypothesis", "schemathesis", "urllib3")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


@contextlib.contextmanager
def _no_traces() -> Iterator[None]:
    """Let hypothesis keep what it remembers of a run outside of the user's project, and throw it away.

    A process of the user's own (a test suite that calls us) gets its folder back.
    """
    from hypothesis import configuration

    before = getattr(configuration, "__hypothesis_home_directory", None)
    with tempfile.TemporaryDirectory(prefix="zeues-contracts-", ignore_cleanup_errors=True) as folder:
        configuration.set_hypothesis_home_dir(folder)
        _give_codecs()
        _pass_over_own_modules()
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)


CODECS = {"ascii": [[0, 0x7F]], "iso8859-1": [[0, 0xFF]], "utf-8": [[0, 0xD7FF], [0xE000, 0x10FFFF]]}
"""The code points that each of these can encode, as intervals; all of them decode to what they were."""


def _give_codecs() -> None:
    """Put what hypothesis would find out about codecs where it looks for it.

    It asks each of a million code points, which takes seconds, and would take them from the time of the run. Where
    a release looks elsewhere, it finds out by itself.
    """
    import gzip
    import json

    with contextlib.suppress(Exception):
        from hypothesis.internal.charmap import charmap_file

        for name, intervals in CODECS.items():
            file = charmap_file(f"codec-v2-{name}")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(gzip.compress(json.dumps([intervals, []]).encode(), 1))


def _pass_over_own_modules() -> None:
    """Keep hypothesis from parsing our own source for constants to draw, which takes seconds where it is not installed.

    Those of an application in process are worth drawing; ours say nothing about any service, and change with releases.
    """
    with contextlib.suppress(Exception):
        from hypothesis.internal.conjecture import providers

        ours = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "zeues_contracts"]
        providers._seen_modules.update(id(module) for module in ours)
