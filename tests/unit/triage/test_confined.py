"""Whose outage it is: the service's, or that of one operation while others are answered well."""

from __future__ import annotations

import msgspec
import pytest

from zeues_contracts.exchange import Exchange
from zeues_contracts.triage.classify import classify_exchange
from zeues_contracts.triage.confined import can_be_confined, confined, fails_as, spared

from .exchanges import detail, exchange


def out(path: str = "/report", status: int = 503, text: str = "Service Unavailable") -> Exchange:
    return detail(text, status, method="GET", path=path)


def well(path: str) -> Exchange:
    return exchange("GET", path, 200, {"a": 1})


def timed(*exchanges: Exchange) -> tuple[Exchange, ...]:
    return tuple(msgspec.structs.replace(one, at=float(number)) for number, one in enumerate(exchanges))


def lines(*exchanges: Exchange) -> tuple[str, ...]:
    known = timed(*exchanges)
    failing = next(one for one in known if one.status is None or one.status >= 500)
    return confined(classify_exchange(failing, known), known)


OTHERS = (well("/things"), well("/prices"), well("/items"))


def test_one_operation_that_is_out_while_others_answer() -> None:
    told = lines(*OTHERS, out(), *OTHERS, out())
    assert told[0].startswith("meanwhile GET /items, GET /prices, GET /things answer well")
    assert told[1] == "GET /report was never answered well, 2 times 503"


@pytest.mark.parametrize(
    "exchanges",
    [
        # What was well before says nothing of what is well since.
        (*OTHERS, out()),
        (*OTHERS, out(), well("/things")),
        # It spreads.
        (out(), out("/a"), out("/b"), out("/c"), *OTHERS, well("/d"), well("/e"), well("/f"), well("/g"), well("/h")),
        (out(), out("/a"), *OTHERS),
        (out(), exchange("GET", "/a", error="timeout"), *OTHERS),
        # A dependency that is named may be needed by others.
        (out(text="max number of clients reached"), *OTHERS),
    ],
    ids=["before", "too few", "many", "half", "silence", "dependency"],
)
def test_what_may_be_the_service_s(exchanges: tuple[Exchange, ...]) -> None:
    assert lines(*exchanges) == ()


def test_only_a_status_can_be_confined() -> None:
    assert can_be_confined(classify_exchange(out()))
    assert not can_be_confined(classify_exchange(out(text="max number of clients reached")))
    assert not can_be_confined(classify_exchange(exchange("GET", "/a", error="timeout")))
    assert not can_be_confined(classify_exchange(well("/a")))


def test_what_is_known_of_an_operation_is_spared() -> None:
    verdict = classify_exchange(out())
    exchanges = (*OTHERS, out(), out("/other"), out(status=502))
    assert spared(exchanges, {"GET /report": verdict}) == (*OTHERS, out("/other"), out(status=502))
    assert spared(exchanges, {}) == exchanges
    assert fails_as(verdict, out())
    assert not fails_as(verdict, out(status=502))
