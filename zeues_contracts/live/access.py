"""Do the credentials open the door? A service that answers 401 to everything keeps its promise and tells nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from zeues_contracts.findings import Evidence, Finding
from zeues_contracts.live.credentials import credentials_of, every_credential, how_to_give

if TYPE_CHECKING:
    from zeues_contracts.consumers.model import Contract
    from zeues_contracts.exchange import Exchange
    from zeues_contracts.live.limits import Bounds
    from zeues_contracts.live.sending import Sender
    from zeues_contracts.openapi.model import Document, Operation
    from zeues_contracts.triage.model import Verdict

__all__ = [
    "CREDENTIALS",
    "brings_credentials",
    "judge_access",
    "needs_credentials",
    "one_answer",
    "probe_access",
    "refused",
    "shut",
]

_ASKED = 3
"""Operations that are tried: one may be closed to a role that others are open to."""
_REFUSED = frozenset({401, 403})
CREDENTIALS = "credentials"
"""The sign of a verdict that what was open is closed to us."""


def needs_credentials(operation: Operation) -> bool:
    """Whether an operation cannot be called without: no alternative of its security is empty (OpenAPI 3.1, 4.8.30)."""
    return bool(operation.security) and all(operation.security)


def refused(exchange: Exchange) -> bool:
    """Whether an answer says that we are not let in."""
    return exchange.status in _REFUSED


def shut(before: Exchange, now: Exchange) -> Verdict | None:
    """The verdict that a request which was answered well ``before`` is not let through any more. Pure.

    Credentials ran out or were withdrawn, we were shut out, or a page (a login, a notice of maintenance) stands before
    everything.
    """
    from zeues_contracts.findings import Cause
    from zeues_contracts.triage.model import Confidence, Verdict
    from zeues_contracts.triage.texts import page_of

    if before.response is None or now.response is None:
        return None
    what = f"{now.request.method} {urlsplit(now.request.url).path or '/'}"
    if refused(now) and not refused(before):
        line = f"{what} answered {before.status} before and {now.status} now, for the same request"
        lines = (line, "the credentials ran out or were withdrawn, or we are shut out")
        return Verdict(Cause.OUTAGE, Confidence.CERTAIN, "", CREDENTIALS, lines, now)
    page = page_of(now.response)
    if page is not None and page_of(before.response) is None and before.response.media_type.endswith("json"):
        line = f"{what} answered with JSON before, and now with {page if page.startswith('a ') else f'the page {page}'}"
        return Verdict(Cause.OUTAGE, Confidence.CERTAIN, "", "page", (line,), now)
    return None


def one_answer(before: Sequence[Exchange], now: Sequence[Exchange]) -> Verdict | None:
    """The verdict that everything is answered alike ``now``, though each had an answer of its own ``before``. Pure."""
    from zeues_contracts.findings import Cause
    from zeues_contracts.triage.model import Confidence, Verdict
    from zeues_contracts.triage.texts import texts
    from zeues_contracts.triage.wording import clip

    bodies = {one.response.body for one in now if one.response is not None}
    owns = {one.response.body for one in before if one.response is not None}
    if len(now) < 2 or len(owns) != len(now) or len(bodies) != 1 or bodies & owns or now[0].response is None:
        return None
    names = ", ".join(f"{one.request.method} {urlsplit(one.request.url).path or '/'}" for one in now)
    heard = next(iter(texts(now[0].response)), "") or "nothing"
    line = f"{names} had answers of their own, and are all answered with {clip(heard)} now"
    return Verdict(Cause.OUTAGE, Confidence.CERTAIN, "", "page", (line,), now[0])


def probe_access(
    document: Document, sender: Sender, bounds: Bounds, unsafe: Sequence[str] = ()
) -> tuple[Exchange, ...]:
    """Call up to three GET operations that need credentials, with what ``sender`` adds to every request."""
    from zeues_contracts.live.building import CannotBuildError, build_request

    seen: list[Exchange] = []
    for operation, interaction in _candidates(document, unsafe):
        try:
            request = build_request(interaction, sender.base_url, operation)
        except CannotBuildError:
            continue
        exchange = sender.send(request, bounds)
        if exchange.response is None:
            return ()  # another question, which preflight answers
        seen.append(exchange)
        if exchange.response.status not in _REFUSED:
            break
        if len(seen) == _ASKED:
            break
    return tuple(seen)


def judge_access(
    document: Document, exchanges: Sequence[Exchange], service: str = "", *, configured: Sequence[str] = ()
) -> Finding | None:
    """A finding where every operation that needs credentials answered 401 or 403. Pure.

    ``configured`` are the names of the headers that are sent: the hint says whether one is missing or was refused.
    """
    from zeues_contracts.live.curl import clean, curl
    from zeues_contracts.openapi.matching import match_operation
    from zeues_contracts.rules import rule

    refused: dict[str, Exchange] = {}
    closed: Operation | None = None
    for exchange in exchanges:
        match = match_operation(document, exchange.request.method, urlsplit(exchange.request.url).path or "/")
        if match is None or not needs_credentials(match.operation):
            continue
        if exchange.status not in _REFUSED:
            return None
        closed = closed or match.operation
        refused.setdefault(match.operation.name, exchange)
    if closed is None:
        return None
    wanted = credentials_of(document, closed)
    sent = [one for one in wanted if one.header.lower() in {name.lower() for name in configured}]
    first = refused[closed.name]
    shown = " or ".join(one.told for one in wanted) or "credentials"
    known = f"{shown} was refused" if sent else f"no {shown} is configured"
    many = f" as did {len(refused) - 1} more" if len(refused) > 1 else ""
    entry = rule("ZC506")
    return entry.finding(
        f"{closed.name} answered {first.status}{many}: {known}",
        service=service,
        operations=tuple(refused),
        subject="credentials",
        evidence=Evidence(exchange=clean(first), replay=curl(first.request)),
        hint="see that the value is the right one" if sent else how_to_give(service, wanted),
    )


def brings_credentials(contracts: Sequence[Contract], document: Document) -> bool:
    """Whether interactions send credentials of their own, so that they can be replayed without configured ones."""
    names = {one.name.lower() for one in every_credential(document)} | {"authorization", "cookie"}
    return any(
        name.lower() in names
        for contract in contracts
        for one in contract.interactions
        for name in (*one.request.headers, *one.request.query, *one.request.cookies)
    )


def _candidates(document: Document, unsafe: Sequence[str]) -> Iterator[tuple[Operation, Any]]:
    """GET operations that need credentials, those with the fewest required parameters first, with a request each."""
    from zeues_contracts.consumers.model import Expectation, Interaction, Payload, RequestSpec
    from zeues_contracts.live.limits import is_listed
    from zeues_contracts.live.mock.values import Sampler
    from zeues_contracts.schema.types import Direction

    sampler = Sampler(Direction.REQUEST)
    closed = [
        one
        for one in document.operations.values()
        if one.method == "GET" and needs_credentials(one) and not is_listed(one.name, one.operation_id, unsafe)
    ]
    for operation in sorted(closed, key=lambda one: sum(parameter.required for parameter in one.parameters)):
        given: dict[str, dict[str, Payload]] = {"path": {}, "query": {}, "header": {}}
        for parameter in operation.parameters:
            if not parameter.required or parameter.schema is None or parameter.location not in given:
                continue
            made = sampler.sample(parameter.schema, f"{operation.name} {parameter.name}")
            if made.found:
                payload = Payload({"const": made.value}, made.value, is_example=True)
                given[parameter.location][parameter.name] = payload
        spec = RequestSpec(path=given["path"], query=given["query"], headers=given["header"])
        yield operation, Interaction("access", operation.name, spec, Expectation())
