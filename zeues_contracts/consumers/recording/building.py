"""From a recording to a contract: an interaction for each request of a test, with what it reads of the answer."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from zeues_contracts.consumers.merging import join
from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload, RequestSpec
from zeues_contracts.consumers.recording.bodies import body_expectation
from zeues_contracts.consumers.recording.conditions import loosened
from zeues_contracts.consumers.recording.sent import request_spec
from zeues_contracts.consumers.recording.spool import Outcome, Recorded, Recording
from zeues_contracts.consumers.recording.statuses import accepted_statuses, status_words
from zeues_contracts.openapi.matching import match_operation
from zeues_contracts.openapi.model import Document

__all__ = [
    "BY_PROXY",
    "Built",
    "OperationOf",
    "build_contract",
    "canonical",
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


def test_name(told: str) -> str:
    """The name of a test without what a runner adds to it: parameters in brackets."""
    return re.sub(r"\[.*\]$", "", told.strip(), flags=re.DOTALL)


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
    groups: dict[tuple[str, str], list[_Draft]] = {}
    order: list[_Draft] = []
    owner: dict[str, _Draft] = {}
    left_out = 0
    for one in exchanges:
        draft = _draft(one, operation_of, passed=passed_by(outcomes, one.test))
        if one.library == BY_PROXY:
            draft.expect = _unread(draft, one, shapes)
        group = groups.setdefault((draft.test, draft.operation), [])
        same = _same(group, order, draft)
        if same is None and sum(other.outline == draft.outline for other in group) >= _SAME_SHAPE:
            same = next(other for other in group if other.outline == draft.outline)
            left_out += 1
        if same is None:
            group.append(draft)
            order.append(draft)
            owner[one.id] = draft
        else:
            same.expect = _joined(same.expect, draft.expect)
            owner[one.id] = same
    _name(order, existing)
    interactions = tuple(
        Interaction(draft.id, draft.operation, draft.request, draft.expect, draft.test) for draft in order
    )
    notes: tuple[str, ...] = ()
    if left_out:
        notes = (f"{left_out} requests differ from others of their test in values only: {_SAME_SHAPE} of each stay",)
    contract = Contract(consumer, service, interactions, description=description)
    return Built(contract, tuple((one, owner[one.id].id) for one in exchanges), notes)


@dataclass(slots=True)
class _Draft:
    test: str
    operation: str
    request: RequestSpec
    expect: Expectation
    outline: str
    said: str
    id: str = ""


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


def _unread(draft: _Draft, one: Recorded, shapes: Mapping[tuple[str, int], Payload]) -> Expectation:
    status = one.exchange.status
    if status is None or status >= 500:
        return Expectation()
    return Expectation((str(status),), body=shapes.get((draft.operation, status)) if status < 400 else None)


def _operation(one: Recorded, operation_of: OperationOf | None) -> tuple[str, Mapping[str, str]]:
    request = one.exchange.request
    _, path = origin_and_path(request.url)
    found = operation_of(request.method, path) if operation_of is not None else None
    return found if found is not None else plain_operation(request.method, path)


def _draft(one: Recorded, operation_of: OperationOf | None, *, passed: bool | None) -> _Draft:
    interaction = interaction_of(one, operation_of, passed=passed)
    shape = _text([_outline(interaction.request), _outline_of(interaction.expect)])
    return _Draft(
        interaction.test,
        interaction.operation,
        interaction.request,
        interaction.expect,
        shape,
        _said(interaction.request),
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
    return Interaction("", operation, request, _expect(one, strict, passed), test_name(one.test))


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


# -- expectations -------------------------------------------------------------------------------------------------


def _expect(one: Recorded, strict: bool, passed: bool | None) -> Expectation:
    observed = one.exchange.status
    accepted = accepted_statuses(one.status_reads)
    statuses = status_words(accepted)
    if passed and observed is not None and observed not in accepted:
        # Something around the comparison wants it to fail: pytest.raises, a retry. An outage may please it as well.
        return Expectation() if strict or observed >= 500 else Expectation((str(observed),))
    body: Payload | None = None
    response = one.exchange.response
    # What is read of an answer that the test does not want is read to be shown.
    if response is not None and observed in accepted and not (response.status >= 400 and not statuses):
        reads = one.body_reads
        if passed:  # a use that needs something else was taken, whatever its code looks like
            reads = tuple(replace(each, found=None) if each.kind == "iter" else each for each in reads)
            reads = tuple(each for each in reads if each.kind != "wants")
        schema = body_expectation(reads, response.body)
        if schema is not None:
            body = Payload(canonical(schema if strict else loosened(schema)))
        if not statuses and (one.body_reads or one.status_reads):
            statuses = (str(observed),)
    return Expectation(statuses, body=body)


def canonical(schema: Any) -> Any:
    """A schema in the spelling in which the short forms are read: each required property is among the properties."""
    if not isinstance(schema, Mapping):
        return schema
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            continue
        if key in ("anyOf", "allOf", "prefixItems"):
            result[key] = [canonical(one) for one in value]
        elif key in ("items", "additionalProperties", "not", "contains"):
            result[key] = canonical(value)
        else:
            result[key] = value
    required = list(schema.get("required", ()))
    inner = schema.get("properties", {})
    if required or inner:
        names = dict.fromkeys([*required, *inner])
        result["properties"] = {name: canonical(inner.get(name, {})) for name in names}
    return result


def _joined(old: Expectation, new: Expectation) -> Expectation:
    if new == old:
        return old
    body = old.body or new.body
    if old.body is not None and new.body is not None:
        body = Payload(canonical(join(old.body.schema, new.body.schema)))
    statuses = old.statuses or new.statuses
    statuses = (*statuses, *(one for one in new.statuses if one not in statuses))
    return replace(old, statuses=statuses, body=body)


# -- names --------------------------------------------------------------------------------------------------------


def _same(group: Sequence[_Draft], order: Sequence[_Draft], draft: _Draft) -> _Draft | None:
    """An interaction that says the same: the one before it, or one that came over and over."""
    equal = [other for other in group if other.said == draft.said]
    alike = [other for other in equal if other.expect.statuses == draft.expect.statuses]
    if alike and ((order and order[-1] is alike[-1]) or len(alike) >= 3):
        return alike[-1]
    return None


def _said(spec: RequestSpec) -> str:
    parts = [{name: one.value for name, one in part.items()} for part in _parts(spec)]
    body = None if spec.body is None else [spec.body.value]
    return _text([*parts, body, spec.media_type])


def _text(value: Any) -> str:
    """A value as text, equal for equal values."""
    import orjson

    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, UnicodeError):  # integers beyond 64 bits, lone surrogates
        return json.dumps(value, sort_keys=True, default=str)


def _outline(spec: RequestSpec) -> list[Any]:
    body = spec.body.value if spec.body is not None else None
    return [*(sorted(part) for part in _parts(spec)), _keys(body), spec.media_type]


def _parts(spec: RequestSpec) -> tuple[Mapping[str, Payload], ...]:
    return (spec.path, spec.query, spec.headers, spec.cookies)


def _keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _keys(one) for name, one in value.items()}
    return [_keys(value[0])] if isinstance(value, list) and value else type(value).__name__


def _outline_of(expect: Expectation) -> list[Any]:
    return [expect.statuses, expect.body.schema if expect.body is not None else None]


def _name(drafts: Iterable[_Draft], existing: Contract | None) -> None:
    """Ids: those of the existing contract for what is the same, else words of the test and the path."""
    known = list(existing.interactions) if existing is not None else []
    waiting = list(drafts)
    taken = {one.id for one in known}
    for strict in (True, False):
        for draft in list(waiting):
            fits = [one for one in known if _is_it(one, draft, strict=strict)]
            if fits:
                draft.id = fits[0].id
                known.remove(fits[0])
                waiting.remove(draft)
    for draft in waiting:
        base = _words(draft)
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        draft.id = name
        taken.add(name)


def _is_it(one: Interaction, draft: _Draft, *, strict: bool) -> bool:
    nameless = re.sub(r"\{[^{}/]*\}", "{}", one.operation.strip())
    if nameless != re.sub(r"\{[^{}/]*\}", "{}", draft.operation):
        return False
    if not same_test(one.test, draft.test):
        return False
    return _said(one.request) == draft.said if strict else True


def same_test(one: str, other: str) -> bool:
    """Whether two names are of the same test: equal, or one has the file and class that the other leaves out."""
    if one == other:
        return True
    short = [re.split(r"::|\.", name)[-1] for name in (test_name(one), test_name(other))]
    return bool(one and other) and short[0] == short[1] and ("::" not in one or "::" not in other)


def _words(draft: _Draft) -> str:
    test = re.split(r"::|\.", draft.test)[-1]
    test = re.sub(r"^test_?(?=\D)", "", test)
    method, _, path = draft.operation.partition(" ")
    segments = [one for one in path.split("/") if one and not one.startswith("{")]
    last = segments[-1] if segments else "root"
    verb = "" if method in ("GET", "POST") else f"{method.lower()}-"
    text = f"{test}-{verb}{last}" if test else f"{method.lower()}-{last}"
    text = re.sub(r"[^0-9A-Za-z]+", "-", re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", text)).strip("-").lower()
    return text[:80] or "interaction"
