"""What a fuzz run suspects: one entry per operation and cause, with the smallest requests that showed it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.findings import Finding, Level
from zeues_contracts.live.judging import judge
from zeues_contracts.live.judging_requests import judge_request
from zeues_contracts.live.shrinking import size, smaller
from zeues_contracts.openapi.model import Document

__all__ = ["Candidate", "Candidates", "judge_all", "reduce", "showing"]

_KEPT = 4
_REPEATS = 3
"""So many sightings of a 5xx are sent again at once, unless one comes back before."""
_INPUT_RULES = frozenset({"ZC410", "ZC411", "ZC413"})


@dataclass(slots=True)
class Candidate:
    """A suspected violation. ``seen`` are the smallest exchanges that showed it, with their findings.

    ``count`` is how often it was seen, ``requests`` are the different requests that showed it. ``proof`` came back when
    it was sent again at once, with ``repeats`` as the answers to it; ``otherwise`` are other answers to a repeat.
    """

    fingerprint: str
    seen: list[tuple[Exchange, Finding]] = field(default_factory=list)
    states: set[str] = field(default_factory=set)
    count: int = 0
    requests: set[int] = field(default_factory=set)
    proof: tuple[Exchange, Finding] | None = None
    repeats: list[Exchange] = field(default_factory=list)
    otherwise: list[Exchange] = field(default_factory=list)

    @property
    def smallest(self) -> tuple[Exchange, Finding]:
        """The smallest of what was seen."""
        return self.seen[0]

    @property
    def rule(self) -> str:
        """The rule's code."""
        return self.seen[0][1].rule


def judge_all(
    document: Document, exchange: Exchange, *, positive: bool | None = None, service: str = ""
) -> tuple[Finding, ...]:
    """All that one exchange shows. ``positive`` is what the generator meant the request to be.

    Two opinions are asked about a request: what its maker meant, and what our reading of the document says. Only where
    they agree is the treatment of the request judged.
    """
    found = list(judge(document, exchange, service=service))
    for finding in judge_request(document, exchange, service=service):
        if finding.rule in _INPUT_RULES and positive is True:
            continue
        if finding.rule == "ZC412" and positive is False:
            continue
        found.append(finding)
    return tuple(found)


def showing(document: Document, exchange: Exchange, fingerprint: str, *, service: str = "") -> Finding | None:
    """The finding of that fingerprint, if an exchange shows it."""
    return next((one for one in judge_all(document, exchange, service=service) if one.fingerprint == fingerprint), None)


class Candidates:
    """The suspicions of a run; safe to fill from several threads."""

    def __init__(self) -> None:
        self._all: dict[str, Candidate] = {}
        self._lock = threading.Lock()

    def add(self, exchange: Exchange, findings: Sequence[Finding]) -> int:
        """Note what an exchange shows; the number of new suspicions of level warning and above."""
        new = 0
        with self._lock:
            for finding in findings:
                key = finding.fingerprint
                candidate = self._all.get(key)
                if candidate is None:
                    candidate = self._all[key] = Candidate(key)
                    new += finding.level.rank >= Level.WARNING.rank
                candidate.count += 1
                candidate.requests.add(hash((exchange.request.method, exchange.request.url, exchange.request.body)))
                if finding.state:
                    candidate.states.add(finding.state)
                candidate.seen.append((exchange, finding))
                candidate.seen.sort(key=lambda one: size(one[0].request))
                del candidate.seen[_KEPT:]
        return new

    def unproved(self, findings: Sequence[Finding]) -> tuple[Candidate, ...]:
        """The server errors among findings that are worth sending again now: state moves on, later may be too late."""
        with self._lock:
            known = [self._all[one.fingerprint] for one in findings if one.rule == "ZC401"]
            return tuple(one for one in known if one.proof is None and len(one.otherwise) < _REPEATS)

    def all(self) -> tuple[Candidate, ...]:
        """All suspicions, by operation and rule."""
        with self._lock:
            return tuple(
                sorted(self._all.values(), key=lambda one: (one.smallest[1].operation, one.rule, one.fingerprint))
            )


def reduce(
    document: Document,
    shown: tuple[Exchange, Finding],
    send: Callable[[Request], Exchange | None],
    *,
    tries: int = 30,
    service: str = "",
) -> tuple[Exchange, Finding]:
    """The smallest request found that still shows the same finding; at most ``tries`` requests are sent."""
    exchange, finding = shown
    # What our reading says about a smaller request stands alone: nobody meant it to be anything.
    left = tries
    progress = True
    while progress and left > 0:
        progress = False
        for request in smaller(exchange.request):
            if left <= 0:
                break
            left -= 1
            answer = send(request)
            if answer is None:
                return exchange, finding
            same = showing(document, answer, finding.fingerprint, service=service)
            if same is not None and size(request) < size(exchange.request):
                exchange, finding = answer, same
                progress = True
                break
    return exchange, finding
