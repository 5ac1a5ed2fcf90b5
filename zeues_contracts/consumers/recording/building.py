"""From a recording to a contract: an interaction for each request of a test, with what it reads of the answer."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload
from zeues_contracts.consumers.recording.conditions import canonical
from zeues_contracts.consumers.recording.drafts import (
    Draft,
    give_names,
    outline_of_answer,
    outline_of_request,
    said,
    same_as,
    same_test,
    test_name,
    text_of,
)
from zeues_contracts.consumers.recording.expecting import expectation_of, joined
from zeues_contracts.consumers.recording.sent import request_spec
from zeues_contracts.consumers.recording.spool import Outcome, Recorded, Recording
from zeues_contracts.openapi.matching import match_operation
from zeues_contracts.openapi.model import Document

__all__ = [
    "BY_PROXY",
    "Built",
    "OperationOf",
    "build_contract",
    "interaction_of",
    "operation_finder",
    "origin_and_path",
    "passed_by",
    "plain_operation",
    "same_test",
    "service_exchanges",
    "test_name",
]

BY_PROXY = "proxy"
"""The library of exchanges that the proxy saw: nothing is known of what was read of them."""

OperationOf = Callable[[str, str], tuple[str, Mapping[str, str]] | None]
"""From a method and a path (without query) to ``METHOD /template`` and the values of its parameters."""

_IDENTIFIER = re.compile(r"\d+|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}|[0-9a-fA-F]{16,}|\*\*\*")
_SAME_SHAPE = 8
"""Requests of one test to one operation that differ in values only: so many are kept as examples."""


@dataclass(frozen=True, slots=True)
class Built:
    """A contract, and which exchange became which interaction: (exchange, id) in order of time."""

    contract: Contract
    exchanges: tuple[tuple[Recorded, str], ...]
    notes: tuple[str, ...] = ()


def operation_finder(document: Document | None) -> OperationOf | None:
    """From method and path to the documented operation; ``None`` without a document."""
    if document is None:
        return None

    def find(method: str, path: str) -> tuple[str, Mapping[str, str]] | None:
        match = match_operation(document, method, path)
        return None if match is None else (match.operation.name, match.path)

    return find


def origin_and_path(url: str) -> tuple[str, str]:
    """``http://host:port`` and the path of a URL, percent-encoding kept."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower(), parts.path or "/"


def _aliased(origin: str) -> str:
    """An origin with one name for this machine, and without the usual port."""
    plain = re.sub(r"^(https?://)(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?=:|$)", r"\1localhost", origin)
    return re.sub(r"^(http://.*):80$|^(https://.*):443$", lambda found: found[1] or found[2], plain)


def service_exchanges(
    recording: Recording, base_urls: Sequence[str] = (), operation_of: OperationOf | None = None
) -> tuple[tuple[Recorded, ...], Mapping[str, int]]:
    """The exchanges with the service, and how many went elsewhere, by origin.

    The service is at one of ``base_urls`` if anything went there; else at the origins at which most requests are
    documented ones; else at the one that was asked most.
    """
    origins = Counter(origin_and_path(one.exchange.request.url)[0] for one in recording.exchanges)
    told = {_aliased(origin_and_path(url)[0]) for url in base_urls if url}
    wanted = {origin for origin in origins if _aliased(origin) in told}
    if not wanted and operation_of is not None:
        documented: Counter[str] = Counter()
        for one in recording.exchanges:
            origin, path = origin_and_path(one.exchange.request.url)
            documented[origin] += operation_of(one.exchange.request.method, path) is not None
        wanted = {origin for origin, count in documented.items() if count * 2 > origins[origin]}
    if not wanted and origins:
        wanted = {origins.most_common(1)[0][0]}
    kept = tuple(one for one in recording.exchanges if origin_and_path(one.exchange.request.url)[0] in wanted)
    return kept, {origin: count for origin, count in sorted(origins.items()) if origin not in wanted}


def build_contract(
    exchanges: Sequence[Recorded],
    consumer: str,
    service: str = "",
    *,
    operation_of: OperationOf | None = None,
    existing: Contract | None = None,
    outcomes: Sequence[Outcome] = (),
    description: str = "",
) -> Built:
    """The contract of what was seen.

    ``operation_of`` gives the template of a path where a document is known; else identifiers in a path are made
    parameters. Interactions that ``existing`` knows keep its ids. Equal requests of a test are one interaction.
    ``outcomes`` tell which tests passed: what came was what they wanted, whatever their code seems to want.
    """
    shapes = _shapes(exchanges, operation_of)
    groups: dict[tuple[str, str], list[Draft]] = {}
    order: list[Draft] = []
    owner: dict[str, Draft] = {}
    left_out = 0
    for one in exchanges:
        draft = _draft(one, operation_of, passed=passed_by(outcomes, one.test))
        if one.library == BY_PROXY:
            draft.expect = _unread(draft, one, shapes)
        group = groups.setdefault((draft.test, draft.operation), [])
        same = same_as(group, order, draft)
        if same is None and sum(other.outline == draft.outline for other in group) >= _SAME_SHAPE:
            same = next(other for other in group if other.outline == draft.outline)
            left_out += 1
        if same is None:
            group.append(draft)
            order.append(draft)
            owner[one.id] = draft
        else:
            same.expect = joined(same.expect, draft.expect)
            owner[one.id] = same
    give_names(order, existing)
    interactions = tuple(
        Interaction(draft.id, draft.operation, draft.request, draft.expect, draft.test) for draft in order
    )
    notes: tuple[str, ...] = ()
    if left_out:
        notes = (f"{left_out} requests differ from others of their test in values only: {_SAME_SHAPE} of each stay",)
    contract = Contract(consumer, service, interactions, description=description)
    return Built(contract, tuple((one, owner[one.id].id) for one in exchanges), notes)


def _shapes(exchanges: Sequence[Recorded], operation_of: OperationOf | None) -> Mapping[tuple[str, int], Payload]:
    """What the answers of each operation and status have in common, of those that no hook saw read."""
    from zeues_contracts.consumers.recording.generalising import generalised

    values: dict[tuple[str, int], list[Any]] = {}
    for one in exchanges:
        response = one.exchange.response
        if one.library != BY_PROXY or response is None or response.truncated:
            continue
        operation = _operation(one, operation_of)[0]
        try:
            values.setdefault((operation, response.status), []).append(json.loads(response.body))
        except (ValueError, RecursionError):
            continue
    return {key: Payload(canonical(generalised(many))) for key, many in values.items()}


def _unread(draft: Draft, one: Recorded, shapes: Mapping[tuple[str, int], Payload]) -> Expectation:
    status = one.exchange.status
    if status is None or status >= 500:
        return Expectation()
    return Expectation((str(status),), body=shapes.get((draft.operation, status)) if status < 400 else None)


def _operation(one: Recorded, operation_of: OperationOf | None) -> tuple[str, Mapping[str, str]]:
    request = one.exchange.request
    _, path = origin_and_path(request.url)
    found = operation_of(request.method, path) if operation_of is not None else None
    return found if found is not None else plain_operation(request.method, path)


def _draft(one: Recorded, operation_of: OperationOf | None, *, passed: bool | None) -> Draft:
    interaction = interaction_of(one, operation_of, passed=passed)
    shape = text_of([outline_of_request(interaction.request), outline_of_answer(interaction.expect)])
    return Draft(
        interaction.test,
        interaction.operation,
        interaction.request,
        interaction.expect,
        shape,
        said(interaction.request),
    )


def passed_by(outcomes: Sequence[Outcome], test: str) -> bool | None:
    """Whether a runner said that a test passed; ``None`` where it said nothing."""
    told = [one.outcome for one in outcomes if one.test == test]
    return None if not told else all(one == "passed" for one in told)


def interaction_of(
    one: Recorded, operation_of: OperationOf | None = None, *, strict: bool = False, passed: bool | None = None
) -> Interaction:
    """The interaction that one exchange is. It has no id yet.

    A ``strict`` one expects the very values that the test compares with, as the test does in this run; a contract
    expects their types. ``passed`` is what a runner said of its test.
    """
    operation, values = _operation(one, operation_of)
    request = request_spec(one.exchange.request, values, one.exchange.at, one.form)
    return Interaction("", operation, request, expectation_of(one, strict=strict, passed=passed), test_name(one.test))


def plain_operation(method: str, path: str) -> tuple[str, Mapping[str, str]]:
    """An operation told by its path alone: numbers, UUIDs and long hexadecimal texts are parameters."""
    values: dict[str, str] = {}
    parts: list[str] = []
    before = ""
    for segment in path.split("/"):
        if _IDENTIFIER.fullmatch(segment):
            stem = re.sub(r"\W+", "_", before).strip("_").lower()
            name = f"{stem.removesuffix('s')}_id" if stem else "id"
            while name in values:
                name += "_2"
            values[name] = unquote(segment)
            parts.append("{" + name + "}")
        else:
            parts.append(segment)
            before = segment
    return f"{method} {'/'.join(parts) or '/'}", values
