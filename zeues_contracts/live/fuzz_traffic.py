"""The traffic of a fuzz run: budgets, pace, and the watch for outages. Every request of the run passes here."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.live.access import refused, shut
from zeues_contracts.live.apart import ask_others
from zeues_contracts.live.limits import Bounds
from zeues_contracts.live.sending import Sender
from zeues_contracts.openapi.model import Document
from zeues_contracts.triage.classify import classify_exchange, operation_of, retry_after
from zeues_contracts.triage.confined import can_be_confined, confined, fails_as
from zeues_contracts.triage.gateways import lost_route
from zeues_contracts.triage.model import Confidence, ProbeResult, Verdict
from zeues_contracts.triage.texts import page_of

__all__ = ["Traffic"]

_WINDOW = 200
_KEPT_BODY = 8 * 1024
_LOOKED = (1, 5, 25)
"""At which of the failures that tell nothing the others are looked at as well; from the last on, each so many."""


@dataclass(slots=True)
class Traffic:
    """Sends, counts, waits and watches; safe to use from several threads.

    ``deadline`` is on the monotonic clock; with ``seconds`` it is that of the first request, from which on there is so
    much time. ``look`` probes the service when something looks like an outage. When one is
    confirmed, ``outage`` holds the verdict, ``outage_at`` when it began (seconds since the epoch), and ``stop`` is set.
    """

    sender: Sender
    document: Document
    bounds: Bounds
    deadline: float
    cases: int
    seconds: float | None = None
    rate: float = 0.0
    before: Sequence[Exchange] = ()
    """What was seen before the run: the company of its failures, and what was answered well."""
    look: Callable[[], tuple[Sequence[ProbeResult], Verdict | None]] = lambda: ((), None)
    unsafe: Sequence[str] = ()
    """What is never asked for."""
    stop: threading.Event = field(default_factory=threading.Event)
    sent: int = 0
    outage: Verdict | None = None
    outage_at: float = 0.0
    probes: tuple[ProbeResult, ...] = ()
    apart: dict[str, Verdict] = field(default_factory=dict)
    """The operations that are out for themselves, others being well: they end nothing."""
    passing: list[str] = field(default_factory=list)
    """What looked like an outage for a moment and was over when it was looked at again."""
    methods: Counter[str] = field(default_factory=Counter)
    """How many requests of each method were sent, of which ``recent`` holds but the latest."""
    _recent: deque[Exchange] = field(default_factory=lambda: deque(maxlen=_WINDOW))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turn: float = 0.0
    _untold: int = 0
    _good: Exchange | None = None
    """A GET that was answered well: it is asked again when others are not let through."""
    _barred: int = 0
    """How many answers in a row were pages, or refused us, the first of them ``_barred_at``."""
    _barred_at: float = 0.0

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.deadline - time.monotonic()

    @property
    def spent(self) -> bool:
        """Whether the budget is used up or an outage ended the run."""
        return self.stop.is_set() or self.left <= 0

    def __post_init__(self) -> None:
        for exchange in self.before:
            self._remember(exchange)

    def company(self) -> tuple[Exchange, ...]:
        """The latest exchanges with what went before the run, in order of time."""
        return (*self.before[-_WINDOW:], *self.recent())

    def recent(self) -> tuple[Exchange, ...]:
        """The latest exchanges in order of time."""
        with self._lock:
            return tuple(self._recent)

    def send(self, request: Request, *, counted: bool = True) -> Exchange | None:
        """One exchange within the budget; ``None`` when there is none left. Only ``counted`` ones use up cases."""
        if self.stop.is_set():
            return None
        with self._lock:
            if counted and (self.sent >= self.cases or self.left <= 0):
                self.stop.set()
                return None
            if counted and not self.sent and self.seconds is not None:
                self.deadline = time.monotonic() + self.seconds
            self.sent += counted
        self._wait()
        exchange = self.sender.send(request, self._within())
        exchange = self._paced(exchange)
        with self._lock:
            self._recent.append(_light(exchange))
            self.methods[request.method] += 1
        self._watch(exchange)
        return exchange

    def _within(self) -> Bounds:
        return replace(self.bounds, seconds=max(0.2, min(self.bounds.seconds, self.left + 1.0)))

    @property
    def briefly(self) -> Bounds:
        """The bounds of a request that is sent though the budget may be used up."""
        return replace(self.bounds, seconds=min(self.bounds.seconds, 3.0))

    def _wait(self) -> None:
        if self.rate <= 0:
            return
        with self._lock:
            now = time.monotonic()
            self._turn = max(now, self._turn) + 1.0 / self.rate
            pause = self._turn - 1.0 / self.rate - now
        if pause > 0:
            self.stop.wait(min(pause, max(0.0, self.left)))

    def _paced(self, exchange: Exchange) -> Exchange:
        """Keep to the service's own pace: what it asks for with Retry-After is waited for, a few times."""
        for _ in range(3):
            response = exchange.response
            wait = retry_after(response) if response is not None and response.status == 429 else None
            if wait is None or wait > min(5.0, self.left):
                break
            self.stop.wait(max(0.1, wait))
            exchange = self.sender.send(exchange.request, self._within())
        return exchange

    def _watch(self, exchange: Exchange) -> None:
        """Ask for an outage where an exchange gives a reason to."""
        response = exchange.response
        if self._is_shut(exchange):
            return
        if response is not None and response.status < 500 and response.status != 429:
            suspicious = b"false" in response.body or (response.status >= 400 and response.status not in (404, 422))
            if not suspicious and not lost_route(response, exchange.request):
                return
        verdict = classify_exchange(exchange, (), self.probes, self.document)
        if verdict.is_outage:
            if not self._is_apart(exchange):
                self._look_again(exchange, verdict)
        elif response is None or response.status >= 500:
            with self._lock:
                self._untold += 1
                asked = self._untold in _LOOKED or self._untold % _LOOKED[-1] == 0
            if response is None or asked:
                company = self.company()
                verdict = classify_exchange(company[-1], company, self.probes, self.document)
                if verdict.is_outage or response is None:
                    self._look_again(exchange, verdict)

    def _is_shut(self, exchange: Exchange) -> bool:
        """Whether nothing is let through any more, though it was before: the run ends then."""
        response = exchange.response
        if response is None or self.stop.is_set():
            return False
        with self._lock:
            if not refused(exchange) and page_of(response) is None:
                self._barred = 0
                self._remember(exchange)
                return False
            self._barred_at = self._barred_at if self._barred else exchange.at
            self._barred += 1
            good, asked = self._good, self._barred in _LOOKED or self._barred % _LOOKED[-1] == 0
        if good is None or not asked or (refused(exchange) and self._barred == 1):
            return False
        now = self.sender.send(good.request, self._within())
        verdict = shut(good, now)
        if verdict is None:
            return False
        self._end(verdict, self._barred_at)
        return True

    def _remember(self, exchange: Exchange) -> None:
        """Keep a GET that was answered well, to be asked again."""
        response = exchange.response
        if response is None or exchange.request.method != "GET" or response.status != 200 or response.truncated:
            return
        if response.media_type.endswith("json"):
            self._good = exchange

    def _end(self, verdict: Verdict, at: float, probes: Sequence[ProbeResult] = ()) -> None:
        with self._lock:
            if self.outage is None:
                self.outage = verdict
                self.outage_at = at
                self.apart.clear()  # they were the first of what is out now
                self.probes = tuple(probes)
        self.stop.set()

    def _is_apart(self, exchange: Exchange) -> bool:
        """Whether an operation fails as it is known to do by itself."""
        known = self.apart.get(operation_of(exchange, self.document)) if self.apart else None
        return known is not None and fails_as(known, exchange)

    def _set_apart(self, again: Exchange, verdict: Verdict) -> bool:
        """Whether an outage is that of an operation alone, which is told for itself then."""
        if not can_be_confined(verdict):
            return False
        name = operation_of(again, self.document)
        others = ask_others(self.document, name, self.company(), self.sender, self._within(), self.unsafe)
        lines = confined(verdict, (*self.company(), again, *others), self.probes, self.document)
        if not lines:
            return False
        with self._lock:
            self.apart[name] = replace(verdict, evidence=tuple(dict.fromkeys((*verdict.evidence, *lines))))
        return True

    def _sibling(self, exchange: Exchange) -> Request | None:
        """The latest other request to the operation of an exchange that was answered well."""
        operation = operation_of(exchange, self.document)
        for one in reversed(self.company()):
            well = one.status is not None and one.status < 300
            if well and one.request != exchange.request and operation_of(one, self.document) == operation:
                return one.request
        return None

    def _look_again(self, exchange: Exchange, verdict: Verdict) -> None:
        """An outage ends the run only if it is still there when it is looked at again."""
        if self.stop.is_set():
            return
        certain_rate = verdict.sign == "rate-limited"
        probes, said = self.look()
        if said is None and not certain_rate:
            self.stop.wait(0.25)
            again = self.sender.send(exchange.request, self._within())
            second = classify_exchange(again, (*self.company(), again), probes, self.document)
            sibling = self._sibling(exchange) if second.is_outage and again.response is not None else None
            if sibling is not None:
                # One input that fails while another is answered well is no outage, however the text reads.
                asked = [again, *(self.sender.send(one, self._within()) for one in (sibling, exchange.request))]
                again = asked[-1]
                second = classify_exchange(again, (*self.company(), *asked), probes, self.document)
            alone = again.response is None and second.confidence is not Confidence.CERTAIN
            if not second.is_outage or alone or second.sign == "alike":
                # Over again, or this request alone is not answered while the probes are, or they see nothing amiss
                # with operations that never did anything but fail: each of those is looked at for itself.
                with self._lock:
                    line = (verdict.evidence or (verdict.sign,))[0]
                    if verdict.is_outage and line not in self.passing:
                        self.passing.append(line)
                return
            if self._set_apart(again, second):
                return
            said = second
        self._end(_named(said or verdict, verdict), exchange.at, probes)


def _named(first: Verdict, second: Verdict) -> Verdict:
    """The verdict that names more, with the other's evidence behind its own."""
    best, other = (first, second) if first.dependency or not second.dependency else (second, first)
    if not other.is_outage:
        return best
    return replace(best, evidence=tuple(dict.fromkeys((*best.evidence, *other.evidence)))[:8])


def _light(exchange: Exchange) -> Exchange:
    """An exchange as history needs it: without a large body."""
    response = exchange.response
    if response is None or len(response.body) <= _KEPT_BODY:
        return exchange
    return msgspec.structs.replace(
        exchange, response=msgspec.structs.replace(response, body=response.body[:_KEPT_BODY], truncated=True)
    )
