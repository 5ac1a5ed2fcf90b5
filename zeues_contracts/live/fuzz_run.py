"""The state of one fuzz run: what is sent is judged at once, and what worked is kept for the stories."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.findings import Finding
from zeues_contracts.live.access import needs_credentials, refused
from zeues_contracts.live.candidates import Candidate, Candidates, judge_all, reduce, showing
from zeues_contracts.live.engine import Generated
from zeues_contracts.live.fuzz_traffic import Traffic
from zeues_contracts.live.lifecycle import play_unguarded
from zeues_contracts.live.limits import SAFE_METHODS, is_listed
from zeues_contracts.live.sending import with_headers
from zeues_contracts.openapi.model import Document
from zeues_contracts.triage.matching import match_operation

__all__ = ["FuzzProgress", "FuzzRun"]

_GOOD_PER_OPERATION = 3
_AT_ONCE = 15
"""How many smaller requests are tried as soon as a 5xx came back."""
_PAST_THE_DOOR = frozenset({404, 409, 410})
"""Statuses of a request with credentials that was looked at: only those who are let in hear of what is there."""
_STREAM_SAMPLES = 4
"""Each sample of a stream takes its time, and so does silence; after a few of an operation there is nothing new."""


@dataclass(frozen=True, slots=True)
class FuzzProgress:
    """Where a run stands: requests sent, seconds gone, suspicions so far, and what is being tried."""

    cases: int
    seconds: float
    suspected: int
    operation: str
    phase: str


@dataclass(slots=True)
class FuzzRun:
    """One run. Its methods are called from the engine's threads."""

    document: Document
    traffic: Traffic
    service: str
    headers: tuple[tuple[str, str], ...]
    progress: Callable[[FuzzProgress], None] | None
    began: float
    safe: Sequence[str] = ()
    candidates: Candidates = field(default_factory=Candidates)
    good: dict[str, list[Exchange]] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    dropped: dict[str, list[Exchange]] = field(default_factory=dict)
    stories: dict[str, Finding] = field(default_factory=dict)
    streams: dict[str, int] = field(default_factory=dict)
    requests: set[int] = field(default_factory=set)
    fresh: int = 0
    doors: dict[str, Exchange] = field(default_factory=dict)
    """Of each operation that needs credentials: an answer by which we were let in, or else a refusal."""
    suspected: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    locked: frozenset[str] = field(init=False)
    """The operations that need credentials."""

    def __post_init__(self) -> None:
        self.locked = frozenset(one.name for one in self.document.operations.values() if needs_credentials(one))

    def send(self, made: Generated) -> Exchange | None:
        """Send what the engine made, and judge the answer."""
        if self.streams.get(made.operation, 0) >= _STREAM_SAMPLES:
            return None
        if made.request.method not in SAFE_METHODS and not self._may_change(made.request):
            return None
        request = msgspec.structs.replace(made.request, headers=with_headers(made.request.headers, self.headers))
        exchange = self.traffic.send(request)
        if exchange is None:
            return None
        self._count(request, made.operation, exchange)
        self._knock(made.operation, exchange)
        found = judge_all(self.document, exchange, positive=made.positive, service=self.service)
        new = self.candidates.add(exchange, found) if found else 0
        for candidate in self.candidates.unproved(found):
            self._prove(candidate, exchange)
        first = False
        with self.lock:
            self.suspected += new
            self.reached.add(made.operation)
            if exchange.response is None:
                self.dropped.setdefault(made.operation, []).append(exchange)
            elif exchange.response.status < 300 and not exchange.response.truncated:
                kept = self.good.setdefault(made.operation, [])
                first = not kept
                if len(kept) < _GOOD_PER_OPERATION and len(exchange.response.body) < 64 * 1024:
                    kept.append(exchange)
        if first:
            self.guarded(exchange)
        if self.progress is not None:
            gone = time.monotonic() - self.began
            self.progress(FuzzProgress(self.traffic.sent, gone, self.suspected, made.operation, made.phase))
        return exchange

    def _knock(self, name: str, exchange: Exchange) -> None:
        """Keep whether an operation that needs credentials let us in. Bad input is often refused before we are."""
        status = exchange.status
        if status is None or name not in self.locked or exchange.request.method != name.partition(" ")[0]:
            return  # other methods are tried in its name, and answered by whoever has them
        if status < 400 or (self.headers and status in _PAST_THE_DOOR):
            self.doors[name] = exchange
        elif refused(exchange):
            self.doors.setdefault(name, exchange)

    def _prove(self, candidate: Candidate, exchange: Exchange) -> None:
        """Send a 5xx again at once, and reduce it while what it refers to is still there."""
        again = self.resend(exchange.request)
        if again is None:
            return
        same = showing(self.document, again, candidate.fingerprint, service=self.service)
        if same is None:
            candidate.otherwise.append(again)
            return
        candidate.proof = (again, same)
        candidate.repeats = [exchange, again]
        # Not at the cost of the operations that wait: a tenth of what is left at most.
        until = time.monotonic() + min(1.0, self.traffic.left / 10)

        def soon(request: Request) -> Exchange | None:
            return self.resend(request) if time.monotonic() < until else None

        proof = reduce(self.document, (again, same), soon, tries=_AT_ONCE, service=self.service)
        if proof[0] is not again:
            candidate.proof, candidate.repeats = proof, [proof[0]]

    def _may_change(self, request: Request) -> bool:
        """Whether a method that is not safe may be sent: the engine also tries methods that nobody documented."""
        if self.traffic.sender.trusted:
            return True
        match = match_operation(self.document, request.method, urlsplit(request.url).path or "/")
        return match is not None and is_listed(match.operation.name, match.operation.operation_id, self.safe)

    def _count(self, request: Request, operation: str, exchange: Exchange) -> None:
        identity = hash((request.method, request.url, request.body))
        response = exchange.response
        with self.lock:
            if identity not in self.requests:
                self.requests.add(identity)
                self.fresh += 1
            if response.truncated if response is not None else exchange.error == "timeout":
                self.streams[operation] = self.streams.get(operation, 0) + 1

    def guarded(self, exchange: Exchange) -> None:
        """Ask for the same without credentials, as soon as an operation has answered well with them."""
        unguarded = play_unguarded(
            self.document, [exchange], self.traffic.send, service=self.service, secret_names=self.secret_names
        )
        for finding in unguarded:
            with self.lock:
                self.stories.setdefault(finding.fingerprint, finding)

    @property
    def secret_names(self) -> list[str]:
        """The configured headers: any of them may be a credential."""
        return [name for name, _ in self.headers]

    def resend(self, request: Request) -> Exchange | None:
        """Send outside of the count of cases: confirming and reducing."""
        return None if self.traffic.spent else self.traffic.send(request, counted=False)
