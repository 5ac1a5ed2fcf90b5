"""Does the service treat requests as its document says: invalid refused, valid accepted, the protected guarded.

Pure: each judgement is made from an exchange, or from a series of them in order of time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from zeues_contracts.exchange import Exchange, Response
from zeues_contracts.findings import Finding, Level, Witness
from zeues_contracts.live.judging import violation
from zeues_contracts.live.requests_read import InputProblem, RequestReading, carries_credentials, read_request
from zeues_contracts.openapi.model import Document, Operation
from zeues_contracts.redact import redact_json
from zeues_contracts.triage.matching import Match, match_operation

__all__ = ["identifier_of", "item_operation", "judge_request", "judge_series", "places_of"]

# Error types of Pydantic that a schema cannot exclude: what the parser cannot hold, not what the author forbids.
_PARSERS_OWN = re.compile(
    r"parsing|_size$|inexact|unicode|finite|json_invalid|decimal_|too_short_to|date_|time_|timezone|url_|uuid_|bytes_"
)


def judge_request(document: Document, exchange: Exchange, *, service: str = "") -> tuple[Finding, ...]:
    """What the treatment of one request breaks: ZC410 to ZC413, and ZC420."""
    response = exchange.response
    if response is None:
        return ()
    match = match_operation(document, exchange.request.method, urlsplit(exchange.request.url).path or "/")
    if match is None:
        return ()
    operation = match.operation
    status = response.status
    if 200 <= status < 300:
        unguarded = carries_credentials(document, operation, exchange.request) is False
        found = [_unguarded(document, operation, exchange, service)] if unguarded else []
        if exchange.request.method == "HEAD" and "HEAD" not in operation.method:
            return tuple(found)
        reading = read_request(document, operation, exchange.request, match.path)
        if reading.valid is False:
            found += _accepted(document, operation, exchange, reading, service)
        return tuple(found)
    if status in (400, 422):
        reading = read_request(document, operation, exchange.request, match.path)
        if reading.valid and reading.plain and _refused_for_input(operation, exchange):
            return (_refused(document, operation, exchange, service),)
    return ()


def _unguarded(document: Document, operation: Operation, exchange: Exchange, service: str) -> Finding:
    assert exchange.response is not None
    schemes = " or ".join(" and ".join(one) for one in operation.security)
    return violation(
        "ZC420",
        f"{operation.name} answers {exchange.response.status} without credentials; documented is {schemes}",
        document,
        operation,
        exchange,
        service=service,
        subject="no credentials",
        pointer=f"{operation.pointer}/security" if "security" in operation.raw else "/security",
    )


def _accepted(
    document: Document, operation: Operation, exchange: Exchange, reading: RequestReading, service: str
) -> list[Finding]:
    """One finding per input that is wrong. An input that is only coercible is stock behaviour."""
    assert exchange.response is not None
    found: list[Finding] = []
    seen: set[tuple[str, str, str]] = set()
    # With several problems it is not known which of them is not enforced, but that at least one is not, each of them is
    # not: the request went through with all of them.
    for problem in reading.problems:
        code = "ZC410" if problem.missing else "ZC413" if problem.coercible else "ZC411"
        key = (code, problem.where, problem.name)
        if key in seen:
            continue
        seen.add(key)
        found.append(
            violation(
                code,
                f"{operation.name} accepts ({exchange.response.status}) a request outside of its document: "
                f"{problem.message}",
                document,
                operation,
                exchange,
                service=service,
                subject=f"{problem.where} {problem.name}".strip(),
                pointer=problem.pointer,
                witness=_input_witness(problem),
                explanation=problem.message,
            )
        )
    return found


def _input_witness(problem: InputProblem) -> Witness | None:
    if problem.where == "body" and problem.value is not None:
        small = len(json.dumps(problem.value, default=str)) <= 4096
        return Witness(redact_json(problem.value), problem.value_pointer) if small else None
    return Witness(problem.value) if problem.value is not None else None


def _refused_for_input(operation: Operation, exchange: Exchange) -> bool:
    """Whether a refusal is about the input as documented, and not about what parsers or the business may refuse."""
    response = exchange.response
    assert response is not None
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        body = None
    detail = body.get("detail") if isinstance(body, dict) else None
    if response.status == 400:
        # A documented 400 announces that there are rules beyond the schema.
        return "400" not in operation.responses and "4XX" not in operation.responses
    if isinstance(detail, list) and detail:
        kinds = [str(one.get("type", "")) for one in detail if isinstance(one, dict)]
        return not all(_PARSERS_OWN.search(kind) for kind in kinds)
    return True


def _refused(document: Document, operation: Operation, exchange: Exchange, service: str) -> Finding:
    response = exchange.response
    assert response is not None
    said = _said(response)
    return violation(
        "ZC412",
        f"{operation.name} refuses ({response.status}) a request that fits its document: {said[:160]}",
        document,
        operation,
        exchange,
        service=service,
        subject=f"{response.status} {_reason(exchange)}".strip(),
        explanation=said,
        # 400 is also how many services refuse what the state does not allow, whatever the input.
        level=Level.INFO if response.status == 400 else None,
        confidence="likely",
    )


def _said(response: Response) -> str:
    """What a refusal says, in a line: of FastAPI's list each place with its message, else the text as it came."""
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        body = None
    detail = body.get("detail") if isinstance(body, dict) else None
    if isinstance(detail, str) and detail.strip():
        return " ".join(detail[:300].split())
    entries = detail if isinstance(detail, list) else []
    told = [_entry(one) for one in entries[:3] if isinstance(one, dict) and isinstance(one.get("msg"), str)]
    if told and len(told) == len(entries[:3]):
        more = f" and {len(entries) - 3} more" if len(entries) > 3 else ""
        return " ".join(f"{'; '.join(told)}{more}"[:300].split())
    return " ".join(response.body[:300].decode("utf-8", "replace").split())


def _entry(one: dict[str, Any]) -> str:
    place = one.get("loc")
    where = ".".join(str(step) for step in place) if isinstance(place, list) else ""
    return f"{where}: {one['msg']}" if where else str(one["msg"])


def _reason(exchange: Exchange) -> str:
    """Which input the refusal blames, stable from run to run."""
    assert exchange.response is not None
    try:
        detail = json.loads(exchange.response.body).get("detail")
        first = detail[0]
        return ".".join("*" if isinstance(part, int) else str(part) for part in first["loc"]) + f" {first['type']}"
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError, IndexError):
        return ""


# --- series ----------------------------------------------------------------------------------------------------------


def judge_series(document: Document, exchanges: Sequence[Exchange], *, service: str = "") -> tuple[Finding, ...]:
    """What a series of exchanges in order of time shows: use after delete (ZC421), missing after create (ZC422).

    A resource is its path. Anything written to the path in between, or to the collection above it, ends what was known.
    """
    found: list[Finding] = []
    deleted: dict[str, Exchange] = {}
    created: dict[str, Exchange] = {}
    for exchange in exchanges:
        response = exchange.response
        if response is None:
            continue
        method = exchange.request.method
        path = urlsplit(exchange.request.url).path.rstrip("/") or "/"
        well = 200 <= response.status < 300
        if method == "GET":
            match = match_operation(document, "GET", path)
            if well and path in deleted and match is not None:
                found.append(_used(document, match.operation, deleted[path], exchange, service))
                del deleted[path]
            elif response.status in (404, 410) and path in created and match is not None:
                found.append(_missing(document, match.operation, created[path], exchange, service))
                del created[path]
        elif method == "DELETE" and well:
            created = {one: made for one, made in created.items() if one != path and not one.startswith(path + "/")}
            if response.status != 202 and match_operation(document, "DELETE", path) is not None:
                deleted[path] = exchange
        elif well:
            for one in [one for one in deleted if one == path or one.startswith(path + "/") or path.startswith(one)]:
                del deleted[one]
            if method in ("PUT", "PATCH"):
                created.pop(path, None)
            if method in ("POST", "PUT") and response.status != 202:
                for place in places_of(document, exchange):
                    created[place] = exchange
        elif method in ("PUT", "PATCH", "POST") and response.status >= 500:
            deleted.clear()  # half done is done as far as anybody knows
            created.clear()
    return tuple(found)


def _used(document: Document, operation: Operation, gone: Exchange, used: Exchange, service: str) -> Finding:
    from zeues_contracts.live.curl import curl

    assert used.response is not None
    assert gone.response is not None
    path = urlsplit(used.request.url).path
    return violation(
        "ZC421",
        f"{operation.name} answers {used.response.status} for {path}, which was deleted ({gone.response.status})",
        document,
        operation,
        used,
        service=service,
        subject="after delete",
        details=(f"before: {curl(gone.request)}",),
    )


def _missing(document: Document, operation: Operation, made: Exchange, missing: Exchange, service: str) -> Finding:
    from zeues_contracts.live.curl import curl

    assert missing.response is not None
    assert made.response is not None
    path = urlsplit(missing.request.url).path
    return violation(
        "ZC422",
        f"{operation.name} answers {missing.response.status} for {path}, which was created ({made.response.status})",
        document,
        operation,
        missing,
        service=service,
        subject="after create",
        details=(f"before: {curl(made.request)}",),
    )


def item_operation(document: Document, collection: str, method: str = "GET") -> Operation | None:
    """The operation on one item of a collection: its path is the collection's with one parameter more."""
    pattern = re.compile(re.escape(collection.rstrip("/")) + r"/\{[^{}/]+\}/?")
    for operation in document.operations.values():
        if operation.method == method and pattern.fullmatch(operation.path):
            return operation
    return None


def identifier_of(operation: Operation, body: Any) -> str | None:
    """The identifier that a created resource's representation gives for an item operation's path parameter.

    Only a property that is named like the parameter, or ``id`` for a parameter ``…id``, is trusted.
    """
    if not isinstance(body, Mapping):
        return None
    name = operation.path.rstrip("/").rpartition("{")[2].rstrip("}").partition(":")[0]
    for candidate in (name, *(("id",) if name.lower().endswith("id") else ())):
        value = body.get(candidate)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            return str(value)
    return None


def places_of(document: Document, exchange: Exchange) -> Iterable[str]:
    """Where a created resource is to be found: what Location says of a 201, and what its identifier says."""
    response = exchange.response
    assert response is not None
    if response.status == 201 and (location := response.header("location")):
        target = urlsplit(urljoin(exchange.request.url, location))
        if target.netloc == urlsplit(exchange.request.url).netloc:
            yield target.path.rstrip("/") or "/"
    if exchange.request.method != "POST":
        return
    path = urlsplit(exchange.request.url).path
    match: Match | None = match_operation(document, "POST", path)
    item = item_operation(document, match.operation.path) if match is not None else None
    # A POST that creates is 201, or lies on a collection with items that can be read.
    if item is None or response.status not in (200, 201):
        return
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        return
    identifier = identifier_of(item, body)
    if identifier is not None:
        yield f"{path.rstrip('/')}/{quote(identifier, safe='')}"
