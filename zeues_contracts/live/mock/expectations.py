"""What a consumer's tests wait for, as the recorder saw it read: can the document's answers be that? Pure.

An answer that the document allows and that a mock does not give by itself (a 409 on a second request) can be wished for
in another run; one that it does not allow is a mismatch, whatever the service does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from zeues_contracts.consumers.checking.bodies import is_json
from zeues_contracts.consumers.checking.model import RESPONSES, ask, schema_of
from zeues_contracts.consumers.model import Contract, Expectation, Payload
from zeues_contracts.consumers.recording.building import interaction_of, operation_finder, service_exchanges, test_name
from zeues_contracts.consumers.recording.conditions import loosened
from zeues_contracts.consumers.recording.spool import Recorded, Recording
from zeues_contracts.exchange import Exchange
from zeues_contracts.findings import Finding, Hit
from zeues_contracts.live.building import CannotBuildError, build_request, operation_of_interaction
from zeues_contracts.live.expecting import status_fits, unmet
from zeues_contracts.live.judging import documented_response
from zeues_contracts.live.mock.answering import first_success
from zeues_contracts.live.mock.fitting import with_entries
from zeues_contracts.live.mock.preferring import Preference, Wish, Wishes, wish_of
from zeues_contracts.live.mock.server import MOCK_ORIGIN, Logged
from zeues_contracts.openapi.model import Document, MediaType, Operation
from zeues_contracts.schema.types import Proven

__all__ = ["Awaited", "awaited", "expectation_findings", "meant", "pairs_of", "wishes_of", "wishes_of_contracts"]

# The static check's rules about answers; those about requests are judged by the mock itself.
_OF_ANSWERS = ("ZC33", "ZC34")


@dataclass(frozen=True, slots=True)
class Awaited:
    """An answer that was not what its test waits for, although the request fits.

    ``possible`` is a documented status that the test would take, 0 where there is none; ``why`` says what is not met.
    ``body`` is what the test expects of a body of this status, where only values differ that the document leaves open.
    """

    logged: Logged
    test: str
    why: tuple[str, ...]
    wanted: tuple[str, ...] = ()
    possible: int = 0
    body: Any = None

    @property
    def reachable(self) -> bool:
        """Whether the document allows an answer that the test would take."""
        return bool(self.possible) or self.body is not None


def wishes_of(log: Sequence[Logged], unmet_ones: Sequence[Awaited], before: Wishes | None = None) -> Wishes:
    """The documented answers to give in another run: by request, for each time that it is sent."""
    possible = {one.logged.number: Preference(one.possible, body=one.body) for one in unmet_ones if one.reachable}
    found: dict[Wish, list[Preference]] = {}
    for logged in log:
        key = wish_of(logged.exchange.request)
        times = found.setdefault(key, [])
        given = (before or {}).get(key, ())
        already = given[len(times)] if len(times) < len(given) else Preference()
        new = possible.get(logged.number, already)
        times.append(new if new.status else replace(new, status=already.status))
    return {key: tuple(times) for key, times in found.items() if any(one.any for one in times)}


Pairs = Sequence[tuple[Recorded, Logged]]


def wishes_of_contracts(contracts: Sequence[Contract], document: Document) -> Wishes:
    """The documented statuses that known contracts expect of their very requests, in the order of the interactions."""
    found: dict[Wish, list[Preference]] = {}
    owner: dict[Wish, str] = {}
    for contract in contracts:
        for interaction in contract.interactions:
            operation = operation_of_interaction(document, interaction)
            if operation is None:
                continue
            try:
                key = wish_of(build_request(interaction, MOCK_ORIGIN, operation))
            except CannotBuildError:
                continue
            # Two consumers may send the same and expect different things: the first one is who is meant.
            if owner.setdefault(key, contract.consumer) == contract.consumer:
                expect = interaction.expect
                status = _possible(operation, expect, first_success(operation)[0])
                body = expect.body.schema if expect.body is not None else None
                found.setdefault(key, []).append(Preference(status, body=body))
    return {key: tuple(times) for key, times in found.items() if any(one.any for one in times)}


def pairs_of(recording: Recording, log: Sequence[Logged], url: str, document: Document) -> Pairs:
    """The recorded exchanges with the mock, each with what the mock logged of it, in order of time."""
    kept, _ = service_exchanges(recording, [url], operation_finder(document))
    waiting: dict[tuple[str, str], list[Logged]] = {}
    for logged in log:
        method, target, _ = wish_of(logged.exchange.request)
        waiting.setdefault((method, target), []).append(logged)
    found = []
    for recorded in kept:
        method, target, body = wish_of(recorded.exchange.request)
        options = waiting.get((method, target), [])
        # Bodies are redacted in a recording: the first that is equal, else the first.
        chosen = next((one for one in options if wish_of(one.exchange.request)[2] == body), None)
        chosen = chosen or (options[0] if options else None)
        if chosen is not None:
            options.remove(chosen)
            found.append((recorded, chosen))
    return found


def awaited(document: Document, pairs: Pairs) -> list[Awaited]:
    """The answers that were not what their tests wait for; those to requests that do not fit are no matter here."""
    operations = {operation.name: operation for operation in document.operations.values()}
    found = []
    for recorded, logged in pairs:
        if logged.wrong or logged.operation not in operations:
            continue
        expect = interaction_of(recorded, strict=True).expect
        why = unmet(expect, logged.exchange)
        if why:
            operation = operations[logged.operation]
            possible = _possible(operation, expect, logged.exchange.status or 0)
            body = None if possible else _open_values(operation, expect, logged.exchange)
            found.append(Awaited(logged, test_name(recorded.test), why, expect.statuses, possible, body))
    return found


def _open_values(operation: Operation, expect: Expectation, exchange: Exchange) -> Any:
    """What is expected of the body, where it came in the right shape and the document allows the values as well."""
    documented = documented_response(operation, exchange.status or 0)
    if documented is None or expect.body is None:
        return None
    media = next((one for name, one in documented.content.items() if is_json(name)), None)
    if media is None or media.schema is None or unmet(_loose(expect), _with_entries(media, expect, exchange)):
        return None
    never = ask(media.schema, schema_of({"not": expect.body.schema}), RESPONSES)
    return None if isinstance(never, Proven) else expect.body.schema


def _with_entries(media: MediaType, expect: Expectation, exchange: Exchange) -> Exchange:
    """The exchange with the entries of maps in it that are waited for."""
    if exchange.response is None or expect.body is None or not unmet(_loose(expect), exchange):
        return exchange
    try:
        value = json.loads(exchange.response.body)
    except (ValueError, RecursionError):
        return exchange
    body = json.dumps(with_entries(media, expect.body.schema, value)).encode()
    return msgspec.structs.replace(exchange, response=msgspec.structs.replace(exchange.response, body=body))


def _loose(expect: Expectation) -> Expectation:
    return replace(expect, body=Payload(loosened(expect.body.schema)) if expect.body is not None else None)


def _possible(operation: Operation, expect: Expectation, status: int) -> int:
    """A documented status that an expectation takes, where the one that came is none.

    422 is what a request that fits does not get: it has to be waited for by its number.
    """
    if any(status_fits(status, one) for one in expect.statuses):
        return 0
    documented = sorted(int(key) for key in operation.responses if key.isdigit())
    documented = [one for one in documented if one != 422 or "422" in expect.statuses]
    return next((one for one in documented if any(status_fits(one, wanted) for wanted in expect.statuses)), 0)


def meant(pairs: Pairs) -> dict[int, bool]:
    """The refused requests whose tests wait for a refusal, by number: whether for just this status, or for any such."""
    found = {}
    for recorded, logged in pairs:
        if logged.wrong:
            expect = interaction_of(recorded, strict=True).expect
            if expect.statuses and not unmet(expect, logged.exchange):
                found[logged.number] = expect.statuses == (str(logged.exchange.status),)
    return found


def expectation_findings(document: Document, pairs: Pairs, consumer: str, service: str) -> tuple[Finding, ...]:
    """What the static check says of the expectations that were seen, with the tests as the ones that are hit."""
    from zeues_contracts.consumers import check_contracts
    from zeues_contracts.consumers.recording.building import build_contract

    fitting = [recorded for recorded, logged in pairs if not logged.wrong]
    built = build_contract(fitting, consumer, service, operation_of=operation_finder(document))
    tests = {one.id: one.test for one in built.contract.interactions}
    return tuple(
        finding.with_(hits=_by_test(finding.hits, tests))
        for finding in check_contracts([built.contract], document, service=service)
        if finding.rule.startswith(_OF_ANSWERS)
    )


def _by_test(hits: Sequence[Hit], tests: Mapping[str, str]) -> tuple[Hit, ...]:
    named = (Hit(hit.consumer, tests.get(hit.interaction) or hit.interaction) for hit in hits)
    return tuple(dict.fromkeys(named))
