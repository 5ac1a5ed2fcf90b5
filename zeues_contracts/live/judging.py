"""Is an observed response one of the documented responses? Pure; used by replay, fuzzing and observing alike.

Status, media type, body and headers are asked in this order, as a client meets them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from zeues_contracts.exchange import Exchange
from zeues_contracts.exchange import Response as Answer
from zeues_contracts.findings import Evidence, Finding, Level, Place, Witness
from zeues_contracts.live.curl import clean, curl
from zeues_contracts.live.multipart import is_malformed
from zeues_contracts.live.sending import is_stream
from zeues_contracts.live.streams import events_of
from zeues_contracts.live.validating import problems
from zeues_contracts.openapi.model import Document, MediaType, Operation, Response
from zeues_contracts.redact import redact_headers, redact_json, redact_text
from zeues_contracts.rules import rule
from zeues_contracts.schema.faults import Fault
from zeues_contracts.schema.types import Direction, Schema
from zeues_contracts.triage.matching import known_methods, match_operation

__all__ = ["documented_response", "judge", "violation"]

_ROUTERS_OWN = frozenset({405, 413, 414, 415, 431})
_WITNESS_LIMIT = 4096


def judge(document: Document, exchange: Exchange, *, service: str = "") -> tuple[Finding, ...]:
    """The violations that one exchange shows by itself; empty where there is no response or no such operation.

    A 5xx is reported as ZC401 whatever its reason: ask ``triage.classify`` before believing it.
    """
    response = exchange.response
    if response is None:
        return ()
    path = urlsplit(exchange.request.url).path or "/"
    match = match_operation(document, exchange.request.method, path)
    if match is None:
        return _undocumented_method(document, exchange, path, service)
    operation = match.operation
    if response.status >= 500:
        documented = documented_response(operation, response.status)
        if documented is not None and documented.status != "default" and response.status != 500:
            return ()  # a documented 501 or 503 is kept promise
        return (_server_error(document, operation, exchange, service),)
    if response.status >= 400 and is_malformed(exchange.request):
        return ()  # we made a body that no parser can take apart: the answer is about that
    documented = documented_response(operation, response.status)
    if documented is None:
        return _undocumented_status(document, operation, exchange, service)
    return (
        *_judge_content(document, operation, documented, exchange, service),
        *_judge_headers(document, operation, documented, exchange, service),
    )


def documented_response(operation: Operation, status: int) -> Response | None:
    """The response object in force for a status: the exact one, its range, ``default`` (OpenAPI 3.1, 4.8.16)."""
    for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
        if key in operation.responses:
            return operation.responses[key]
    return None


def violation(
    code: str,
    message: str,
    document: Document,
    operation: Operation,
    exchange: Exchange,
    *,
    service: str,
    subject: str,
    pointer: str = "",
    witness: Witness | None = None,
    explanation: str = "",
    details: tuple[str, ...] = (),
    level: Level | None = None,
    state: str = "",
    confidence: str = "certain",
) -> Finding:
    """A finding of ZC4xx about an operation, with the exchange and the curl line as evidence."""
    entry = rule(code)
    place = Place(document.source, pointer or operation.pointer, None, None, "live")
    return entry.finding(
        message,
        level=level or entry.level,
        service=service,
        operations=(operation.name,),
        subject=subject,
        place=place,
        evidence=Evidence(
            witness=witness,
            explanation=explanation,
            exchange=clean(exchange),
            replay=curl(exchange.request),
            details=details,
        ),
        state=state,
        hint=entry.mend,
        confidence=confidence,
    )


def _server_error(document: Document, operation: Operation, exchange: Exchange, service: str) -> Finding:
    from zeues_contracts.triage.texts import alike_text, texts

    response = exchange.response
    assert response is not None
    said = next(iter(texts(response, exchange.request)), "")
    shown = " ".join(said.split())[:160]
    # Of an application in process the exception itself is at hand.
    raised = redact_text(exchange.error_text)
    why = f": {raised or shown}" if raised or shown else ""
    # The subject is what failed, without values: two bugs of one operation are two findings.
    return violation(
        "ZC401",
        f"{operation.name} answers {response.status}{why}",
        document,
        operation,
        exchange,
        service=service,
        subject=alike_text(response),
        explanation=shown,
        details=(f"raised: {raised}",) if raised else (),
    )


def _undocumented_method(document: Document, exchange: Exchange, path: str, service: str) -> tuple[Finding, ...]:
    response = exchange.response
    method = exchange.request.method
    methods = known_methods(document, path)
    assert response is not None
    if (
        not methods
        or response.status >= 400
        or method in ("OPTIONS", "TRACE")
        or (method == "HEAD" and "GET" in methods)
    ):
        return ()
    sibling = match_operation(document, methods[0], path)
    if sibling is None:
        return ()
    operation = sibling.operation
    finding = violation(
        "ZC442",
        f"{method} {operation.path} is answered with {response.status}; the document describes {', '.join(methods)} "
        f"only",
        document,
        operation,
        exchange,
        service=service,
        subject=method,
        pointer=operation.path_item,
    )
    return (finding.with_(operations=(f"{method} {operation.path}",)),)


def _undocumented_status(
    document: Document, operation: Operation, exchange: Exchange, service: str
) -> tuple[Finding, ...]:
    response = exchange.response
    assert response is not None
    status = response.status
    documented = ", ".join(operation.responses) or "none"
    if status >= 400 and _is_stock(operation, exchange):
        return ()
    code = "ZC402" if status >= 400 else "ZC403"
    return (
        violation(
            code,
            f"{operation.name} answers {status}, which is not documented (documented: {documented})",
            document,
            operation,
            exchange,
            service=service,
            # One finding per operation for error statuses: the list of them is its state.
            subject="error statuses" if code == "ZC402" else str(status),
            pointer=f"{operation.pointer}/responses",
            state=str(status),
        ),
    )


def _is_stock(operation: Operation, exchange: Exchange) -> bool:
    """What routers, parsers and security layers answer by themselves, and no document of theirs mentions."""
    response = exchange.response
    assert response is not None
    status = response.status
    if status in _ROUTERS_OWN or (status in (401, 403) and operation.security):
        return True
    body = _json(response.body)
    detail = body.get("detail") if isinstance(body, Mapping) else None
    if status == 400:
        # Starlette and FastAPI on a body that cannot be decoded or parsed.
        return isinstance(detail, str) and detail.startswith(("There was an error parsing the body", "Invalid HTTP"))
    if status == 404:
        if response.media_type.startswith("text/"):
            return True
        # The router's own words: the path parameter held a slash or did not fit the route's convertor.
        return detail == "Not Found" and len(body) == 1 if isinstance(body, Mapping) else False
    if status == 422 and not operation.parameters and operation.request_body is None:
        return False
    return status == 429


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _judge_content(
    document: Document, operation: Operation, documented: Response, exchange: Exchange, service: str
) -> tuple[Finding, ...]:
    response = exchange.response
    assert response is not None
    status = response.status
    if exchange.request.method == "HEAD" or status in (204, 205, 304) or status < 200 or not documented.content:
        return ()
    kind = response.media_type
    media = _media(documented.content, kind)
    if is_stream(kind) and media is None:
        message = f"{operation.name} answers with an endless {kind}; documented is {', '.join(documented.content)}"
        return (
            violation(
                "ZC430", message, document, operation, exchange,
                service=service, subject=f"{status} {kind}", pointer=f"{documented.pointer}/content",
            ),
        )  # fmt: skip
    if media is None:
        if not kind and not response.body:
            return _no_body(document, operation, documented, exchange, service)
        message = (
            f"{operation.name} answers {status} with {kind or 'no Content-Type'}; "
            f"documented is {', '.join(documented.content)}"
        )
        return (
            violation(
                "ZC404", message, document, operation, exchange,
                service=service, subject=f"{status} {kind or 'none'}", pointer=f"{documented.pointer}/content",
            ),
        )  # fmt: skip
    if is_stream(kind):
        return _judge_events(document, operation, media, exchange, service)
    if response.truncated:
        message = f"{operation.name} answers {status}, and the body had not ended after {response.seconds:.1f} s"
        message += f" and {len(response.body)} bytes"
        return (
            violation(
                "ZC432", message, document, operation, exchange,
                service=service, subject=str(status), pointer=documented.pointer, confidence="likely",
            ),
        )  # fmt: skip
    return _judge_body(document, operation, documented, media, exchange, service)


def _media(content: Mapping[str, MediaType], kind: str) -> MediaType | None:
    """The documented media type that an actual one falls under, the most specific (OpenAPI 3.1, 4.8.14.1)."""
    main = kind.partition("/")[0]
    for wanted in (kind, f"{main}/*", "*/*"):
        for name, media in content.items():
            if wanted and name.split(";")[0].strip().lower() == wanted:
                return media
    return None


def _no_body(
    document: Document, operation: Operation, documented: Response, exchange: Exchange, service: str
) -> tuple[Finding, ...]:
    response = exchange.response
    assert response is not None
    if all(media.schema is None for media in documented.content.values()):
        return ()
    return (
        violation(
            "ZC406",
            f"{operation.name} answers {response.status} without a body; documented is {', '.join(documented.content)}",
            document,
            operation,
            exchange,
            service=service,
            subject=f"{response.status} empty",
            pointer=f"{documented.pointer}/content",
        ),
    )


def _judge_body(
    document: Document,
    operation: Operation,
    documented: Response,
    media: MediaType,
    exchange: Exchange,
    service: str,
) -> tuple[Finding, ...]:
    response = exchange.response
    assert response is not None
    kind = response.media_type
    value: Any
    if kind == "application/json" or kind.endswith("+json"):
        try:
            value = json.loads(response.body)
        except (ValueError, RecursionError) as error:
            message = f"{operation.name} answers {response.status} with a body that is no JSON: {error}"
            return (
                violation(
                    "ZC406", message[:300], document, operation, exchange,
                    service=service, subject=f"{response.status} {kind}", pointer=media.pointer,
                ),
            )  # fmt: skip
    elif kind.startswith("text/"):
        value = response.body.decode("utf-8", "replace")
    else:
        return ()
    if media.schema is None:
        return ()
    found = problems(media.schema, value, Direction.RESPONSE)
    if not found:
        return ()
    by_subject: dict[tuple[str, str], list[Fault]] = {}
    for problem in found:
        code = "ZC409" if problem.format else "ZC405"
        by_subject.setdefault((code, problem.place), []).append(problem)
    return tuple(
        _body_finding(code, place, group, document, operation, media, exchange, value, service)
        for (code, place), group in by_subject.items()
    )


def _body_finding(
    code: str,
    place: str,
    group: list[Fault],
    document: Document,
    operation: Operation,
    media: MediaType,
    exchange: Exchange,
    value: Any,
    service: str,
) -> Finding:
    response = exchange.response
    assert response is not None
    first = group[0]
    where = f"at {first.pointer}" if first.pointer else "as a whole"
    what = "a body outside of its schema" if code == "ZC405" else f"a text that is no {first.format}"
    naive = code == "ZC409" and first.format in ("date-time", "time") and _is_naive(first.instance)
    return violation(
        code,
        f"{operation.name} answers {response.status} with {what} {where}: {first.message}",
        document,
        operation,
        exchange,
        service=service,
        subject=f"{response.status} {place or '/'} {first.keyword} {first.missing}".strip(),
        pointer=first.schema_pointer or media.pointer,
        witness=_witness(value, first),
        explanation=first.message,
        details=tuple(dict.fromkeys(problem.message for problem in group[1:5])),
        level=Level.INFO if naive else None,
    )


def _witness(value: Any, problem: Fault) -> Witness:
    """The whole body where it is small enough to be read, else the part that is at fault."""
    if len(json.dumps(value, ensure_ascii=False, default=str)) <= _WITNESS_LIMIT:
        return Witness(redact_json(value), problem.pointer)
    return Witness(redact_json(problem.instance), "")


def _is_naive(text: Any) -> bool:
    """A time without an offset, as Pydantic writes naive values."""
    return isinstance(text, str) and bool(re.fullmatch(r"(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:\.\d+)?", text))


def _judge_events(
    document: Document, operation: Operation, media: MediaType, exchange: Exchange, service: str
) -> tuple[Finding, ...]:
    response = exchange.response
    assert response is not None
    schema = media.item_schema
    if schema is None:
        return ()
    for number, event in enumerate(events_of(response.media_type, response.body, complete=not response.truncated), 1):
        found = problems(schema, event, Direction.RESPONSE)
        if found:
            first = found[0]
            return (
                violation(
                    "ZC431",
                    f"{operation.name}: event {number} of the stream is outside of its schema: {first.message}",
                    document,
                    operation,
                    exchange,
                    service=service,
                    subject=f"{response.status} {first.place or '/'} {first.keyword} {first.missing}".strip(),
                    pointer=first.schema_pointer or media.pointer,
                    witness=Witness(redact_json(event), first.pointer),
                    explanation=first.message,
                ),
            )
    return ()


def _judge_headers(
    document: Document, operation: Operation, documented: Response, exchange: Exchange, service: str
) -> tuple[Finding, ...]:
    response = exchange.response
    assert response is not None
    found: list[Finding] = []
    for name, header in documented.headers.items():
        if name.lower() == "content-type":
            continue  # OpenAPI 3.1, 4.8.17: to be ignored, the media type says it
        value = response.header(name)
        if value is None:
            if header.required:
                message = f"{operation.name} answers {response.status} without the header {name}, which is required"
                found.append(
                    violation(
                        "ZC407", message, document, operation, exchange,
                        service=service, subject=f"{response.status} {name.lower()}", pointer=header.pointer,
                    )
                )  # fmt: skip
            continue
        if header.schema is None:
            continue
        outside = _header_problem(document, header.schema, value, response)
        if outside is not None:
            value = redact_headers(((name, value),))[0][1]
            message = f"{operation.name} answers {response.status} with {name}: {value[:80]}, outside of its schema"
            found.append(
                violation(
                    "ZC408", f"{message}: {outside.message}", document, operation, exchange,
                    service=service, subject=f"{response.status} {name.lower()}", pointer=header.pointer,
                    witness=Witness(value, outside.pointer), explanation=outside.message,
                )
            )  # fmt: skip
    return tuple(found)


def _header_problem(document: Document, schema: Schema, value: str, response: Answer) -> Fault | None:
    """A header is text; by its schema it may stand for a number, a boolean or a list (style simple, RFC 6570)."""
    first: Fault | None = None
    for reading in readings(value):
        found = problems(schema, reading, Direction.RESPONSE, formats=False)
        if not found:
            return None
        first = first or found[0]
    return first


def readings(text: str) -> list[Any]:
    """The JSON values that a parameter's or header's text can stand for, the plain text first."""
    found: list[Any] = [text]
    if re.fullmatch(r"[+-]?\d{1,400}", text):
        found.append(int(text))
    elif re.fullmatch(r"[+-]?(?:\d{1,400}\.?\d{0,400}|\.\d{1,400})(?:[eE][+-]?\d{1,3})?", text):
        found.append(float(text))
    if text.lower() in ("true", "false"):
        found.append(text.lower() == "true")
    if text in ("", "null"):
        found.append(None)
    parts = text.split(",")
    found.append(parts)
    if all(re.fullmatch(r"[+-]?\d{1,400}", part) for part in parts):
        found.append([int(part) for part in parts])
    elif all(re.fullmatch(r"[+-]?\d{1,20}(?:\.\d{1,20})?", part) for part in parts):
        found.append([float(part) for part in parts])
    return found
