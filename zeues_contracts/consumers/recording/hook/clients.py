"""Watchers for requests, urllib3, httpx and aiohttp. Each hop of a redirect is an exchange of its own."""

from __future__ import annotations

import contextlib
import json
from typing import Any
from urllib.parse import urlencode

from .cleaning import FILE
from .headers import track_headers
from .patching import Patch, replace
from .recorder import Entry, active
from .sites import site_above

__all__ = ["PATCHES"]

_MARK = "_zeues_contracts_entry"


def _entry_of(response: Any) -> Entry | None:
    try:
        entry = response.__dict__.get(_MARK)
    except AttributeError:
        return None
    return entry if isinstance(entry, Entry) else None


def _mark(response: Any, entry: Entry | None) -> None:
    with contextlib.suppress(Exception):
        response.__dict__[_MARK] = entry


def _track(response: Any, entry: Entry | None) -> None:
    if entry is not None:
        track_headers(response.headers, entry.reads)


def _receive(entry: Entry | None, chunk: Any) -> None:
    with contextlib.suppress(Exception):
        if entry is not None and not entry.done:
            if isinstance(chunk, str):
                chunk = chunk.encode("utf-8", "surrogatepass")
            if isinstance(chunk, bytes | bytearray | memoryview):
                entry.receive(bytes(chunk))


def _end(entry: Entry | None, *, truncated: bool = False) -> None:
    recorder = active()
    if recorder is not None and entry is not None:
        recorder.end(entry, truncated=truncated)


def _tee(original: Any) -> Any:
    """A generator of chunks that are kept as they go by."""

    def watched(self: Any, *args: Any, **options: Any) -> Any:
        entry = _entry_of(self)
        chunks = original(self, *args, **options)
        return chunks if entry is None or entry.done else _kept(entry, chunks)

    return watched


def _kept(entry: Entry, chunks: Any) -> Any:
    try:
        for chunk in chunks:
            _receive(entry, chunk)
            yield chunk
    except GeneratorExit:
        _end(entry, truncated=True)
        raise
    except BaseException:
        _end(entry, truncated=True)
        raise
    _end(entry)


def _tee_async(original: Any) -> Any:
    async def kept(self: Any, *args: Any, **options: Any) -> Any:
        entry = _entry_of(self)
        complete = False
        try:
            async for chunk in original(self, *args, **options):
                _receive(entry, chunk)
                yield chunk
            complete = True
        finally:
            _end(entry, truncated=not complete)

    return kept


def _json(original: Any) -> Any:
    def watched(self: Any, *args: Any, **options: Any) -> Any:
        value = original(self, *args, **options)
        recorder = active()
        return value if recorder is None else recorder.decoded(_entry_of(self), value)

    return watched


def _wanting(kind: str) -> Any:
    """A watcher of what asks an answer for success: ``raise_for_status()``, ``ok``."""

    def make(original: Any) -> Any:
        def watched(self: Any, *args: Any, **options: Any) -> Any:
            with contextlib.suppress(Exception):
                entry = _entry_of(self)
                if entry is not None:
                    entry.reads.add_status(kind, None, site_above(2))
            return original(self, *args, **options)

        return watched

    return make


# -- requests -----------------------------------------------------------------------------------------------------


def _requests_adapters(module: Any) -> None:
    def make(original: Any) -> Any:
        def send(self: Any, request: Any, *args: Any, **options: Any) -> Any:
            recorder = active()
            if recorder is None:
                return original(self, request, *args, **options)
            entry = None
            with contextlib.suppress(Exception):
                entry = recorder.begin("requests", request.method, request.url, request.headers, request.body)
            recorder.enter()
            try:
                response = original(self, request, *args, **options)
            except BaseException as error:
                recorder.fail(entry, error)
                raise
            finally:
                recorder.leave()
            with contextlib.suppress(Exception):
                response.status_code = recorder.respond(entry, response.status_code, response.headers)
                _mark(response, entry)
                _track(response, entry)
            return response

        return send

    replace(module.HTTPAdapter, "send", make)


def _requests_models(module: Any) -> None:
    replace(module.Response, "iter_content", _tee)
    replace(module.Response, "json", _json)
    replace(module.Response, "raise_for_status", _wanting("raise"))
    replace(module.Response, "ok", _wanting("ok"))


# -- urllib3 ------------------------------------------------------------------------------------------------------


def _urllib3_pool(module: Any) -> None:
    def make(original: Any) -> Any:
        def urlopen(self: Any, method: Any, url: Any, *args: Any, **options: Any) -> Any:
            recorder = active()
            if recorder is None or recorder.busy:
                return original(self, method, url, *args, **options)
            entry = _urllib3_begins(recorder, self, method, url, args, options)
            recorder.enter()
            try:
                response = original(self, method, url, *args, **options)
            except BaseException as error:
                recorder.fail(entry, error)
                raise
            finally:
                recorder.leave()
            with contextlib.suppress(Exception):
                if entry is not None and _entry_of(response) is None:
                    response.status = recorder.respond(entry, response.status, response.headers)
                    _mark(response, entry)
                    _track(response, entry)
                    if options.get("preload_content", True):
                        _receive(entry, response.data)
                        recorder.end(entry)
            return response

        return urlopen

    replace(module.HTTPConnectionPool, "urlopen", make)


def _urllib3_begins(recorder: Any, pool: Any, method: Any, url: Any, args: Any, options: Any) -> Entry | None:
    with contextlib.suppress(Exception):
        body = args[0] if args else options.get("body")
        headers = args[1] if len(args) > 1 else options.get("headers")
        address = str(url)
        if "://" not in address:
            port = f":{pool.port}" if pool.port else ""
            address = f"{pool.scheme}://{pool.host}{port}{address}"
        begun: Entry | None = recorder.begin("urllib3", method, address, headers or pool.headers, body)
        return begun
    return None


def _urllib3_response(module: Any) -> None:
    def make(original: Any) -> Any:
        def read(self: Any, *args: Any, **options: Any) -> Any:
            entry = _entry_of(self)
            data = original(self, *args, **options)
            if entry is not None and not entry.done:
                _receive(entry, data)
                whole = not args and options.get("amt") is None
                if whole or not data:
                    _end(entry)
            return data

        return read

    replace(module.HTTPResponse, "read", make)
    replace(module.HTTPResponse, "json", _json)


# -- httpx --------------------------------------------------------------------------------------------------------


def _httpx_body(request: Any) -> Any:
    return request.__dict__.get("_content")


def _httpx_begins(recorder: Any, request: Any) -> Entry | None:
    with contextlib.suppress(Exception):
        headers = request.headers.multi_items()
        begun: Entry | None = recorder.begin("httpx", request.method, request.url, headers, _httpx_body(request))
        fields = getattr(request.stream, "fields", None)
        if begun is not None and begun.body is None and isinstance(fields, list):
            # A form with files is sent from where they lie: only its names are looked at.
            begun.form = {str(one.name): _form_text(getattr(one, "value", FILE)) for one in fields}
        return begun
    return None


def _form_text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _httpx_arrived(recorder: Any, entry: Entry | None, response: Any) -> None:
    with contextlib.suppress(Exception):
        response.status_code = recorder.respond(entry, response.status_code, response.headers.multi_items())
        _mark(response, entry)
        _track(response, entry)
        content = response.__dict__.get("_content")
        if isinstance(content, bytes):
            _receive(entry, content)
            recorder.end(entry)


def _httpx_client(module: Any) -> None:
    def sync(original: Any) -> Any:
        def send(self: Any, request: Any, *args: Any, **options: Any) -> Any:
            recorder = active()
            if recorder is None:
                return original(self, request, *args, **options)
            entry = _httpx_begins(recorder, request)
            recorder.enter()
            try:
                response = original(self, request, *args, **options)
            except BaseException as error:
                recorder.fail(entry, error)
                raise
            finally:
                recorder.leave()
            _httpx_arrived(recorder, entry, response)
            return response

        return send

    def asynchronous(original: Any) -> Any:
        async def send(self: Any, request: Any, *args: Any, **options: Any) -> Any:
            recorder = active()
            if recorder is None:
                return await original(self, request, *args, **options)
            entry = _httpx_begins(recorder, request)
            try:
                response = await original(self, request, *args, **options)
            except BaseException as error:
                recorder.fail(entry, error)
                raise
            _httpx_arrived(recorder, entry, response)
            return response

        return send

    replace(module.Client, "_send_single_request", sync)
    replace(module.AsyncClient, "_send_single_request", asynchronous)


def _httpx_models(module: Any) -> None:
    replace(module.Response, "iter_bytes", _tee)
    replace(module.Response, "aiter_bytes", _tee_async)
    replace(module.Response, "json", _json)
    replace(module.Response, "raise_for_status", _wanting("raise"))
    replace(module.Response, "is_success", _wanting("ok"))
    replace(module.Response, "is_error", _wanting("error"))


# -- aiohttp ------------------------------------------------------------------------------------------------------


def _aiohttp_client(module: Any) -> None:
    def make(original: Any) -> Any:
        async def request(self: Any, method: Any, str_or_url: Any, *args: Any, **options: Any) -> Any:
            recorder = active()
            if recorder is None:
                return await original(self, method, str_or_url, *args, **options)
            entry = _aiohttp_begins(recorder, self, method, str_or_url, options)
            try:
                response = await original(self, method, str_or_url, *args, **options)
            except BaseException as error:
                recorder.fail(entry, error)
                raise
            with contextlib.suppress(Exception):
                if entry is not None:
                    _aiohttp_hops(recorder, entry, response)
                    response.status = recorder.respond(entry, response.status, response.headers)
                    _mark(response, entry)
            return response

        return request

    replace(module.ClientSession, "_request", make)


def _aiohttp_begins(recorder: Any, session: Any, method: Any, url: Any, options: Any) -> Entry | None:
    with contextlib.suppress(Exception):
        body, kind = _aiohttp_body(options)
        headers = dict(options.get("headers") or {})
        if kind and not any(str(name).lower() == "content-type" for name in headers):
            headers["content-type"] = kind
        address = _aiohttp_url(session, url, options.get("params"))
        begun: Entry | None = recorder.begin("aiohttp", method, address, headers, body)
        return begun
    return None


def _aiohttp_url(session: Any, url: Any, params: Any) -> Any:
    with contextlib.suppress(Exception):
        built = session._build_url(url)
        return built.extend_query(params) if params else built
    return url


def _aiohttp_hops(recorder: Any, entry: Entry, response: Any) -> None:
    """The redirects on the way become exchanges of their own, and this one gets the last hop's address."""
    hops = list(getattr(response, "history", ()))
    for hop in hops:
        info = hop.request_info
        first = hop is hops[0]
        one = recorder.begin(
            "aiohttp", info.method, info.url, info.headers, entry.body if first else None, test=entry.test
        )
        recorder.respond(one, hop.status, hop.headers)
        recorder.end(one)
    info = response.request_info
    entry.method, entry.url = str(info.method), str(info.url)
    entry.headers = [(str(name).lower(), str(value)) for name, value in info.headers.items()]
    if hops and entry.method == "GET":
        entry.body = None


def _aiohttp_body(options: dict[str, Any]) -> tuple[Any, str]:
    if options.get("json") is not None:
        # The session may know how to encode what plain JSON cannot hold.
        return json.JSONEncoder(default=str).encode(options["json"]), "application/json"
    data = options.get("data")
    if isinstance(data, dict) and all(isinstance(one, str | int | float) for one in data.values()):
        return urlencode(data), "application/x-www-form-urlencoded"
    return data, ""


def _aiohttp_response(module: Any) -> None:
    def make_read(original: Any) -> Any:
        async def read(self: Any, *args: Any, **options: Any) -> Any:
            entry = _entry_of(self)
            data = await original(self, *args, **options)
            if entry is not None and not entry.done:
                _receive(entry, data)
                _end(entry)
            return data

        return read

    def make_json(original: Any) -> Any:
        async def decoded(self: Any, *args: Any, **options: Any) -> Any:
            value = await original(self, *args, **options)
            recorder = active()
            return value if recorder is None else recorder.decoded(_entry_of(self), value)

        return decoded

    replace(module.ClientResponse, "read", make_read)
    replace(module.ClientResponse, "json", make_json)
    replace(module.ClientResponse, "raise_for_status", _wanting("raise"))
    replace(module.ClientResponse, "ok", _wanting("ok"))


PATCHES: dict[str, Patch] = {
    "requests.adapters": _requests_adapters,
    "requests.models": _requests_models,
    "urllib3.connectionpool": _urllib3_pool,
    "urllib3.response": _urllib3_response,
    "httpx._client": _httpx_client,
    "httpx._models": _httpx_models,
    "httpx2._client": _httpx_client,
    "httpx2._models": _httpx_models,
    "aiohttp.client": _aiohttp_client,
    "aiohttp.client_reqrep": _aiohttp_response,
}
