"""From a request to an answer: judged as the service would judge it, answered with what the document promises.

One :class:`Mock` per document; it is to be asked from one thread at a time. Every answer is of the documented schema;
where no value of it is found the answer is 501, and what was asked is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from zeues_contracts.exchange import Headers, Request, Response
from zeues_contracts.live.judging import documented_response
from zeues_contracts.live.judging_requests import identifier_of, item_operation
from zeues_contracts.live.mock.fitting import fitted
from zeues_contracts.live.mock.preferring import Preference, Wish, Wishes, accepted, preference_of, wish_of
from zeues_contracts.live.mock.reading import Reading, read, says_nothing
from zeues_contracts.live.mock.remarks import Remark, remarks_of, unknown_remark
from zeues_contracts.live.mock.state import Store
from zeues_contracts.live.mock.values import Sampler
from zeues_contracts.live.requests_read import carries_credentials
from zeues_contracts.openapi.model import Document, MediaType, Operation
from zeues_contracts.openapi.model import Response as Documented
from zeues_contracts.openapi.security import ignored_headers
from zeues_contracts.schema.types import Direction, Settings
from zeues_contracts.schema.validators import judge
from zeues_contracts.triage.matching import Match, known_methods, match_operation

__all__ = ["Answered", "Mock", "first_success"]

_RESPONSE = Settings(format_assertion=True, direction=Direction.RESPONSE)
_EVENTS = 3
_STREAMS = frozenset({"text/event-stream", "application/x-ndjson", "application/jsonl", "application/json-seq"})


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, the operation that it is one of, and what is to be said of the request."""

    response: Response
    operation: Operation | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request to an operation. ``key`` tells apart what is created at the same path."""

    operation: Operation
    request: Request
    reading: Reading
    wanted: Preference
    path: str
    key: str = ""


class Mock:
    """A service made from a document; ``seed`` chooses among the values that it allows, 0 is the plain one."""

    def __init__(self, document: Document, *, seed: int = 0, wishes: Wishes | None = None) -> None:
        """``wishes`` are documented answers to known requests, as if these preferred them."""
        self.document = document
        self.seed = seed
        self.store = Store()
        self._wishes = wishes or {}
        self._times: dict[Wish, int] = {}
        self._sampler = Sampler(Direction.RESPONSE, seed)
        schemes = [scheme.raw for scheme in document.security_schemes.values()]
        self._keys = frozenset(str(one.get("name")) for one in schemes if one.get("in") == "query")

    def answer(self, request: Request) -> Answered:
        """Answer a request. Never raises for what a request holds."""
        path = urlsplit(request.url).path or "/"
        method = request.method.upper()
        match = match_operation(self.document, method, path)
        if match is None and method == "HEAD":
            match = match_operation(self.document, "GET", path)
        if match is None:
            return self._elsewhere(request, method, path)
        answered = self._answer(match, request, method, path)
        if method == "HEAD":
            return replace(answered, response=msgspec.structs.replace(answered.response, body=b""))
        return answered

    # --- requests that are of no operation ---------------------------------------------------------------------------

    def _elsewhere(self, request: Request, method: str, path: str) -> Answered:
        methods = known_methods(self.document, path)
        allow = ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])}))
        if method == "OPTIONS" and methods:
            return Answered(Response(204, (("allow", allow),)))
        if path.rstrip("/") == "/openapi.json" and method in ("GET", "HEAD"):
            return Answered(_json_response(200, self.document.raw))
        if methods:
            remark = unknown_remark(self.document, method, path, methods)
            return Answered(_json_response(405, {"detail": "Method Not Allowed"}, (("allow", allow),)), None, (remark,))
        other = path.rstrip("/") if path.endswith("/") else path + "/"
        if path != "/" and known_methods(self.document, other):
            # Starlette's redirect_slashes.
            query = urlsplit(request.url).query
            return Answered(Response(307, (("location", other + (f"?{query}" if query else "")),)))
        if method == "OPTIONS":
            return Answered(_json_response(404, {"detail": "Not Found"}))
        remark = unknown_remark(self.document, method, path, ())
        return Answered(_json_response(404, {"detail": "Not Found"}), None, (remark,))

    # --- requests of an operation ------------------------------------------------------------------------------------

    def _answer(self, match: Match, request: Request, method: str, path: str) -> Answered:
        operation = match.operation
        wished = self._wished(request)
        ignored = ignored_headers(self.document, operation)
        reading = read(operation, request, match.path, self._keys, ignored)
        carried = carries_credentials(self.document, operation, request)
        remarks = remarks_of(operation, reading, credentials=carried is not False)
        if carried is False:
            status = "403" if "403" in operation.responses and "401" not in operation.responses else "401"
            response = self._told(operation, status, {"detail": "Not authenticated"})
            headers = (*response.headers, *((("www-authenticate", "Bearer"),) if status == "401" else ()))
            return Answered(msgspec.structs.replace(response, headers=headers), operation, remarks)
        if reading.refused:
            return Answered(self._refusal(operation, reading), operation, remarks)
        preference = preference_of(request)
        asked = _Asked(operation, request, reading, preference if preference.status else wished or preference, path)
        if asked.wanted.status:
            return Answered(self._preferred(asked), operation, remarks)
        if self.store.is_gone(path) and method != "PUT":
            return Answered(self._told(operation, "404", {"detail": "Not Found"}), operation, remarks)
        response, more = self._success(asked, method)
        return Answered(response, operation, (*remarks, *more))

    def _wished(self, request: Request) -> Preference | None:
        """What is wished for the request, this time that it is sent."""
        if not self._wishes:
            return None
        key = wish_of(request)
        wishes = self._wishes.get(key)
        if wishes is None:
            return None
        time = self._times[key] = self._times.get(key, -1) + 1
        return wishes[time] if time < len(wishes) and wishes[time].any else None

    def _refusal(self, operation: Operation, reading: Reading) -> Response:
        if reading.unreadable:
            return self._told(operation, "400", {"detail": "There was an error parsing the body"})
        status = "422" if "422" in operation.responses or "400" not in operation.responses else "400"
        return self._told(operation, status, {"detail": [one.entry() for one in reading.refused]})

    def _told(self, operation: Operation, status: str, body: Any) -> Response:
        """An error of a status, in FastAPI's words where the document allows them, else in the document's."""
        documented = documented_response(operation, int(status))
        media = _json_media(documented) if documented is not None else None
        headers = self._headers(operation, documented) if documented is not None else ()
        if media is not None and media.schema is not None and judge(media.schema, body, _RESPONSE).valid is False:
            sample = self._sampler.sample(media.schema, f"{operation.name} {status}", first=_examples(media))
            if sample.found:
                return _json_response(int(status), sample.value, headers, media.name)
        return _json_response(int(status), body, headers)

    def _preferred(self, asked: _Asked) -> Response:
        operation, status = asked.operation, asked.wanted.status
        documented = documented_response(operation, status)
        if documented is None:
            told = ", ".join(operation.responses) or "none"
            return _json_response(501, {"detail": f"{operation.name} documents no {status}; documented: {told}"})
        response, _, _ = self._documented(asked, documented, status)
        return msgspec.structs.replace(
            response, headers=(*response.headers, ("preference-applied", f"status={status}"))
        )

    def _success(self, asked: _Asked, method: str) -> tuple[Response, tuple[Remark, ...]]:
        operation, path, body = asked.operation, asked.path, asked.reading.body
        status, documented = first_success(operation)
        if documented is None:
            return Response(status), ()
        item = item_operation(self.document, operation.path) if method == "POST" else None
        if item is not None:
            return self._create(asked, item, documented, status)
        response, remarks, value = self._documented(asked, documented, status)
        if method in ("PUT", "PATCH"):
            layers = [one for one in (self.store.get(path), body, value) if isinstance(one, dict)]
            if layers:
                self.store.put(path, {name: one for layer in layers for name, one in layer.items()})
        elif method == "DELETE":
            self.store.delete(path)
        return response, remarks

    def _create(
        self, asked: _Asked, item: Operation, documented: Documented, status: int
    ) -> tuple[Response, tuple[Remark, ...]]:
        """Answer a POST to a collection whose items can be read: what is created gets an identifier of its own."""
        reading, path = asked.reading, asked.path
        number = self.store.next_number(path)
        sent = reading.body if isinstance(reading.body, dict) else {}
        name = item.path.rstrip("/").rpartition("{")[2].rstrip("}").partition(":")[0]
        known = reading.known if name in sent else {**reading.known, **_identifiers(name, number)}
        asked = replace(asked, reading=replace(reading, known=known), key=f"#{number}")
        response, remarks, value = self._documented(asked, documented, status)
        # Where neither the answer nor the request tells the identifier, the Location header does (RFC 9110, 10.2.2).
        identifier = identifier_of(item, value) or identifier_of(item, sent) or str(number)
        place = f"{path.rstrip('/')}/{quote(identifier, safe='')}"
        self.store.put(place, {**sent, **value} if isinstance(value, dict) else sent)
        if response.status == 201 and response.header("location") is None:
            response = msgspec.structs.replace(response, headers=(*response.headers, ("location", place)))
        return response, remarks

    def _documented(
        self, asked: _Asked, documented: Documented, status: int
    ) -> tuple[Response, tuple[Remark, ...], Any]:
        """A documented response with a body of its schema; the body's value too, where it is JSON."""
        operation = asked.operation
        headers = self._headers(operation, documented)
        if status in (204, 205, 304) or not documented.content:
            return Response(status, headers), (), None
        media = accepted(documented.content, asked.request.header("accept") or "")
        kind = media.name.split(";")[0].strip().lower()
        kind = "application/json" if "*" in kind else kind
        if kind in _STREAMS:
            return self._stream(operation, media, kind, status, headers), (), None
        examples = _examples(media, asked.wanted.example) or _swagger_examples(documented, media)
        if not (kind == "application/json" or kind.endswith("+json")):
            body = self._plain(operation, media, examples)
            return Response(status, (*headers, ("content-type", kind)), body), (), None
        subject = f"{operation.name} {status}"
        if says_nothing(media.schema) and not examples:
            remark = Remark("unsaid", subject, f"{subject}: the document says nothing about the body", media.pointer)
            return _json_response(status, {}, headers, kind), (remark,), {}
        if media.schema is None:
            return _json_response(status, examples[0], headers, kind), (), examples[0]
        key = f"{subject} {asked.path}{asked.key}"
        sample = self._sampler.sample(media.schema, key, self._known(asked), first=examples)
        if not sample.found:
            text = f"{subject}: {sample.why}"
            return _json_response(501, {"detail": text}), (Remark("no-value", subject, text, media.pointer),), None
        value = self._listed(media, sample.value, asked.path) if operation.method == "GET" else sample.value
        if asked.wanted.body is not None:
            value = fitted(media, asked.wanted.body, value)
        return _json_response(status, value, headers, kind), (), value

    def _known(self, asked: _Asked) -> Mapping[str, Any]:
        """What the answer should speak of: the request's values, and what stands at its path."""
        known = asked.reading.known
        stored = self.store.get(asked.path)
        if not isinstance(stored, dict):
            return known
        if asked.operation.method in ("PUT", "PATCH"):
            return {**stored, **known}
        return {**known, **stored}

    def _listed(self, media: MediaType, value: Any, path: str) -> Any:
        """A list of a collection with what was created in it, where the document allows these to stand there."""
        made = list(self.store.below(path))
        if not made or media.schema is None:
            return value
        options: list[Any] = []
        if isinstance(value, list):
            options.append(made)
        elif isinstance(value, dict):
            for name, one in value.items():
                if isinstance(one, list):
                    counts = {key: len(made) for key in ("total", "count") if isinstance(value.get(key), int)}
                    options.append({**value, name: made, **counts})
        for option in options:
            if judge(media.schema, option, _RESPONSE).valid:
                return option
        return value

    def _plain(self, operation: Operation, media: MediaType, examples: list[Any]) -> bytes:
        """A body that is no JSON: the document's example, a text, or nothing."""
        value: Any = examples[0] if examples else None
        if value is None and media.schema is not None and media.name.startswith("text/"):
            sample = self._sampler.sample(media.schema, operation.name)
            value = sample.value if sample.found else ""
        if value is None:
            return b""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return text.encode("utf-8", "surrogatepass")

    def _stream(self, operation: Operation, media: MediaType, kind: str, status: int, headers: Headers) -> Response:
        """A few events; then the stream ends, for a test waits for one and not for ever."""
        schema = media.item_schema or media.schema
        lines = []
        for number in range(_EVENTS):
            value: Any = {}
            if schema is not None:
                sample = self._sampler.sample(schema, f"{operation.name} {status} {number}")
                value = sample.value if sample.found else {}
            text = json.dumps(value, ensure_ascii=False)
            lines.append(f"data: {text}\n\n" if kind == "text/event-stream" else f"{text}\n")
        return Response(status, (*headers, ("content-type", kind)), "".join(lines).encode("utf-8", "surrogatepass"))

    def _headers(self, operation: Operation, documented: Documented) -> Headers:
        found: list[tuple[str, str]] = []
        for name, header in documented.headers.items():
            if header.schema is None or name.lower() in ("content-type", "content-length", "transfer-encoding"):
                continue
            sample = self._sampler.sample(header.schema, f"{operation.name} {documented.status} {name}")
            if sample.found:
                text = sample.value if isinstance(sample.value, str) else json.dumps(sample.value)
                found.append((name.lower(), re.sub(r"[\r\n\0]", " ", text)))
        return tuple(found)


def first_success(operation: Operation) -> tuple[int, Documented | None]:
    """The status that a request which fits is answered with: the first documented success, else the first at all."""
    exact = sorted(key for key in operation.responses if key.isdigit() and key.startswith("2"))
    if exact:
        return int(exact[0]), operation.responses[exact[0]]
    for key in ("2XX", "2xx", "default"):
        if key in operation.responses:
            return 200, operation.responses[key]
    rest = sorted(key for key in operation.responses if key.isdigit() and 100 < int(key) < 600)
    return (int(rest[0]), operation.responses[rest[0]]) if rest else (200, None)


def _identifiers(name: str, number: int) -> dict[str, Any]:
    """What a new thing may be called; the schema takes what fits."""
    found: dict[str, Any] = {name: number}
    if name.lower().endswith("id"):
        found["id"] = number
    return found


def _json_media(documented: Documented) -> MediaType | None:
    for name, media in documented.content.items():
        kind = name.split(";")[0].strip().lower()
        if kind == "application/json" or kind.endswith("+json"):
            return media
    return None


def _examples(media: MediaType, name: str = "") -> list[Any]:
    """The media type's examples, the one of a name first."""
    found: list[Any] = []
    given = media.raw.get("examples")
    if isinstance(given, Mapping):
        ordered = sorted(given, key=lambda key: key != name) if name in given else list(given)
        found += [given[key]["value"] for key in ordered if isinstance(given[key], Mapping) and "value" in given[key]]
    if "example" in media.raw:
        found.insert(0 if not name or not found else len(found), media.raw["example"])
    return found[:20]


def _swagger_examples(documented: Documented, media: MediaType) -> list[Any]:
    """Swagger 2.0 has the examples at the response, by media type."""
    given = documented.raw.get("examples")
    return [given[media.name]] if isinstance(given, Mapping) and media.name in given else []


def _json_response(status: int, value: Any, headers: Headers = (), media_type: str = "application/json") -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "surrogatepass")
    return Response(status, (*headers, ("content-type", media_type)), body)
