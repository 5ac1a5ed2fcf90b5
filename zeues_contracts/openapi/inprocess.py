"""Documents of applications that are imported rather than called: ``--app module:attribute``.

The attribute may be dotted, and may be a factory that takes no arguments. An application that can say its document
(``app.openapi()``, as FastAPI's) is asked; any other ASGI or WSGI application is searched through its own routes,
without a socket, with its lifespan running.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import msgspec

from zeues_contracts.config import LimitsConfig
from zeues_contracts.errors import CannotJudgeError, UsageError
from zeues_contracts.http import Fetched, transport_error
from zeues_contracts.openapi.model import Document

if TYPE_CHECKING:
    import types

    from zeues_contracts.config import Config

__all__ = ["AppClient", "document_of_app", "import_app"]

_USUAL = ("app", "application", "api", "create_app", "make_app", "get_app", "asgi")
_BASE = "http://app.localhost"


def import_app(spec: str, base: Path | None = None) -> Any:
    """The application that ``module:attribute`` names, modules being looked for in ``base`` (the working folder) first.

    What the module prints goes to standard error: standard output is for results. Raises :class:`UsageError` on one
    line, with the module's file and line where its import failed.
    """
    name, _, attribute = spec.strip().partition(":")
    if name.endswith(".py"):
        name = name[:-3].replace("\\", "/").strip("/").replace("/", ".")
    if not name or not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"--app {spec}: not of the form module:attribute", hint="for example --app main:app")
    folder = str((base or Path.cwd()).resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    importlib.invalidate_caches()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            module = importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may do anything, sys.exit() included
        raise UsageError(
            f"--app {spec}: {_import_problem(name, error)}", hint=_import_hint(name, error, folder)
        ) from None
    found = _attribute(module, attribute, spec)
    return _made(found, spec)


def document_of_app(app: Any, name: str, *, config: Config | None = None, document_name: str = "") -> Document:
    """The document of an application. ``name`` is how it is called in messages.

    Raises :class:`UsageError` when it cannot say its document, :class:`CannotJudgeError` when it does not start.
    """
    from zeues_contracts.openapi.loading import document_from_mapping

    limits = config.limits if config is not None else LimitsConfig()
    mode = config.external_refs if config is not None else "local"
    source = f"app {name}"
    tell = getattr(app, "openapi", None)
    if callable(tell) and not inspect.iscoroutinefunction(tell):
        try:
            with contextlib.redirect_stdout(sys.stderr):
                told = tell()
        except Exception as error:
            where = _where(error)
            raise UsageError(f"{source}: its openapi() failed: {_one_line(error)}{where}") from None
        if isinstance(told, Mapping):
            return document_from_mapping(_as_json(told, source), source, limits=limits, external_refs=mode)
    from msgspec.structs import replace

    from zeues_contracts.openapi.discovery import acquire

    with AppClient(app, limits) as client:
        try:
            document = acquire(f"{_BASE}/", client, document_name=document_name, external_refs=mode)
        except CannotJudgeError as error:
            raise UsageError(
                f"{source}: {error.message.replace(_BASE, '')}", hint="give its document as a file"
            ) from None
    return replace(document, source=source, base_url="")


class AppClient(msgspec.Struct):
    """GETs from an application without a socket, its lifespan running meanwhile (ASGI 3.0)."""

    app: Any
    limits: LimitsConfig = msgspec.field(default_factory=LimitsConfig)
    _loop: asyncio.AbstractEventLoop = msgspec.field(default_factory=asyncio.new_event_loop)
    _stop: asyncio.Event = msgspec.field(default_factory=asyncio.Event)
    _life: Any = None

    def __enter__(self) -> AppClient:  # noqa: PYI034 - slots and a plain class: nobody derives from it
        threading.Thread(target=self._loop.run_forever, name="app", daemon=True).start()
        if not _is_wsgi(self.app):
            started = threading.Event()
            problems: list[str] = []
            self._life = asyncio.run_coroutine_threadsafe(self._lifespan(started, problems), self._loop)
            started.wait(self.limits.timeout)
            if problems:
                self._loop.call_soon_threadsafe(self._loop.stop)
                raise CannotJudgeError(f"the application does not start: {problems[0]}", hint="look at its lifespan")
        return self

    def __exit__(self, *_: object) -> None:
        if self._life is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            with contextlib.suppress(Exception):
                self._life.result(2.0)
        self._loop.call_soon_threadsafe(self._loop.stop)

    def get(self, url: str, accept: str = "*/*") -> Fetched:
        """GET a URL of the application; redirects are followed within it."""
        hops: list[tuple[str, int]] = []
        here = url
        while True:
            got = self._one(here, accept, tuple(hops))
            target = got.header("location")
            if got.error or got.status not in (301, 302, 303, 307, 308) or not target:
                return got
            hops.append((here, got.status))
            here = urljoin(here, target)
            if len(hops) > self.limits.max_redirects or urlsplit(here).netloc != urlsplit(_BASE).netloc:
                return Fetched(here, got.status, got.headers, b"", tuple(hops), "protocol", "redirected elsewhere")

    def _one(self, url: str, accept: str, hops: tuple[tuple[str, int], ...]) -> Fetched:
        import concurrent.futures

        if urlsplit(url).netloc != urlsplit(_BASE).netloc:
            return Fetched(url, hops=hops, error="refused", error_text="not a URL of the application")
        future = asyncio.run_coroutine_threadsafe(self._fetched(url, accept, hops), self._loop)
        try:
            return future.result(self.limits.timeout)
        except concurrent.futures.TimeoutError:
            future.cancel()
            return Fetched(url, hops=hops, error="timeout", error_text=f"no answer within {self.limits.timeout:g} s")
        except Exception as error:
            word, text = transport_error(error)
            return Fetched(url, hops=hops, error=word, error_text=text)

    async def _fetched(self, url: str, accept: str, hops: tuple[tuple[str, int], ...]) -> Fetched:
        import httpx

        if _is_wsgi(self.app):
            return await asyncio.to_thread(self._from_wsgi, url, accept, hops)
        # What the application raises becomes the 500 that a server would send.
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            response = await client.get(url, headers={"accept": accept})
        return self._answer(response, url, hops)

    def _from_wsgi(self, url: str, accept: str, hops: tuple[tuple[str, int], ...]) -> Fetched:
        import httpx

        transport = httpx.WSGITransport(app=self.app, raise_app_exceptions=False)
        with httpx.Client(transport=transport, trust_env=False) as client:
            return self._answer(client.get(url, headers={"accept": accept}), url, hops)

    def _answer(self, response: Any, url: str, hops: tuple[tuple[str, int], ...]) -> Fetched:
        got = tuple((name.lower(), value) for name, value in response.headers.multi_items())
        body = response.content
        limit = self.limits.max_bytes
        return Fetched(url, response.status_code, got, body[:limit], hops, truncated=len(body) > limit)

    async def _lifespan(self, started: threading.Event, problems: list[str]) -> None:
        """The lifespan protocol (ASGI 3.0, lifespan): start-up before the first request, shutdown after the last."""
        begun = False
        self._stop = asyncio.Event()

        async def receive() -> dict[str, Any]:
            nonlocal begun
            if not begun:
                begun = True
                return {"type": "lifespan.startup"}
            await self._stop.wait()
            return {"type": "lifespan.shutdown"}

        async def send(message: Mapping[str, Any]) -> None:
            if message["type"] == "lifespan.startup.failed":
                problems.append(_one_line(str(message.get("message") or "start-up failed")))
            started.set()

        try:
            await self.app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
        except Exception as error:
            # An application without a lifespan raises at once; one that has begun and raises does not start.
            if (
                begun
                and not started.is_set()
                and not isinstance(error, AssertionError | NotImplementedError | KeyError)
            ):
                problems.append(_one_line(error))
        finally:
            started.set()


def _attribute(module: types.ModuleType, attribute: str, spec: str) -> Any:
    if not attribute:
        for usual in _USUAL:
            if callable(getattr(module, usual, None)):
                return getattr(module, usual)
        raise UsageError(
            f"--app {spec}: which attribute? none of {', '.join(_USUAL[:3])} is there", hint="module:attribute"
        )
    found: Any = module
    for part in attribute.removesuffix("()").split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            import difflib

            near = difflib.get_close_matches(part, [name for name in dir(found) if not name.startswith("_")], n=1)
            hint = f"did you mean {near[0]}?" if near else "check the attribute"
            raise UsageError(f"--app {spec}: {module.__name__} has no attribute {attribute!r}", hint=hint) from None
    return found


def _made(found: Any, spec: str) -> Any:
    """The application itself, or what a factory without arguments makes."""
    for _ in range(2):
        if inspect.ismodule(found) or not callable(found):
            kind = "a module" if inspect.ismodule(found) else f"a {type(found).__name__}"
            raise UsageError(f"--app {spec}: is {kind}, not an application", hint="give module:attribute")
        if not _is_factory(found):
            return found
        try:
            with contextlib.redirect_stdout(sys.stderr):
                found = found()
        except Exception as error:
            raise UsageError(f"--app {spec}: the factory failed: {_one_line(error)}{_where(error)}") from None
        if inspect.iscoroutine(found):
            found.close()
            raise UsageError(f"--app {spec}: is an asynchronous function without arguments, not an application")
    return found


def _is_factory(found: Any) -> bool:
    if not (inspect.isroutine(found) or inspect.isclass(found)):
        return False
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return False
    return not any(
        one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
        for one in parameters
    )


def _is_wsgi(app: Any) -> bool:
    """Whether an application takes `(environ, start_response)` (PEP 3333) rather than ASGI's three."""
    if hasattr(app, "wsgi_app"):
        return True
    call: Callable[..., Any] = app if inspect.isroutine(app) else type(app).__call__
    if inspect.iscoroutinefunction(call):
        return False
    try:
        parameters = [one for one in inspect.signature(call).parameters if one != "self"]
    except (TypeError, ValueError):
        return False
    return len(parameters) == 2


def _as_json(told: Mapping[str, Any], source: str) -> Mapping[str, Any]:
    """The document as JSON has it: text keys, no enumerations or models, nothing that the application may change."""
    import json

    import orjson

    try:
        return dict(orjson.loads(orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS, default=str)))
    except (TypeError, ValueError):
        pass
    try:
        return dict(json.loads(json.dumps(told, default=str)))
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"{source}: its document is no JSON: {_one_line(error)}") from None


def _import_problem(name: str, error: BaseException) -> str:
    if (
        isinstance(error, ModuleNotFoundError)
        and error.name
        and (name == error.name or name.startswith(f"{error.name}."))
    ):
        return f"there is no module {error.name!r}"
    if isinstance(error, SyntaxError):
        return f"cannot be imported: {error.msg} ({error.filename}:{error.lineno})"
    if isinstance(error, SystemExit):
        return f"cannot be imported: it exits with {error.code}{_where(error)}"
    return f"cannot be imported: {_one_line(error)}{_where(error)}"


def _import_hint(name: str, error: BaseException, folder: str) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name and not name.startswith(error.name):
        return f"install {error.name}, or run with the application's own environment"
    return f"modules are looked for in {folder}" if isinstance(error, ModuleNotFoundError) else ""


def _where(error: BaseException) -> str:
    """The file and line of the application that raised: the last frame that is neither ours nor the import system's."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if not one.filename.startswith("<frozen") and "zeues_contracts" not in one.filename]
    first = [one for one in own if "site-packages" not in one.filename and "/importlib/" not in one.filename]
    chosen = (first or own)[-1:] if own else []
    return f" ({chosen[0].filename}:{chosen[0].lineno})" if chosen else ""


def _one_line(error: BaseException | str) -> str:
    if isinstance(error, str):
        return " ".join(error.split())[:300]
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
