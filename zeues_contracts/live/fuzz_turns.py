"""The order of a run: every operation a little, then each its part of what is left, the stories across them last.

The engine goes through one operation after the other, as long as each takes. Here each pass of the engine is bounded
so that none takes what belongs to those behind it: the time that is left is dealt out anew with every operation that
begins, and cases are capped.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zeues_contracts.config import FuzzConfig, ServiceConfig
from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.live.engine import PHASES, Generated, run_engine
from zeues_contracts.live.fuzz_plan import Tier, restricted
from zeues_contracts.live.fuzz_run import FuzzRun

__all__ = ["AFTER", "generate"]

AFTER = 0.25
"""The part of the time that is kept for confirming, reducing and the stories."""
_WORTHWHILE = 0.2
"""A turn of which fewer requests than this were new is the last one."""
_FIRST = 4
"""How many requests each operation gets, of each phase, before any gets more."""
_ASIDE = 7919
"""So far is the seed of the first look from those of the turns: what is drawn in one is not drawn again."""
_GENEROUS = 3.0
"""Once each operation was reached, a slow one may take of the time of quick ones, which seldom need theirs."""
_LEAST = 0.2
"""Seconds for which it is not worth to begin anything."""
_ENUMERATED = frozenset({"examples", "coverage"})
"""The phases that make the same requests each time."""


def generate(run: FuzzRun, tiers: Sequence[Tier], settings: ServiceConfig, *, base_url: str) -> list[str]:
    """Let the engine run within the budget; what it could not do, as notes."""
    turns = _Turns(run, settings.fuzz, base_url)
    turns.first_look(tiers)
    turns.all_of_it(tiers)
    run.traffic.cases = turns.cases
    if run.traffic.outage is None:
        run.traffic.stop.clear()
    return list(dict.fromkeys(turns.notes))[:20]


@dataclass(slots=True)
class _Pass:
    """One pass of the engine: how much an operation may take of it.

    ``seconds`` is for all of it, from the first request on; ``pairs`` counts the operations of each phase that have not
    begun; ``cases`` is for one operation in one phase, ``together`` for one operation in all of them. ``generous`` says
    how many times its even part of the time an operation may take.
    """

    seconds: float
    pairs: int
    cases: int
    together: int
    workers: int
    generous: float = 1.0
    until: float = 0.0
    ends: dict[tuple[str, str], float] = field(default_factory=dict)
    taken: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        return self.until > 0 and time.monotonic() > self.until

    def takes(self, made: Generated) -> bool:
        """Whether an operation may have one more request. The first one is never refused."""
        now = time.monotonic()
        self.until = self.until or now + self.seconds
        key = (made.phase, made.operation)
        if key not in self.ends:
            self.ends[key] = now + max(0.0, self.until - now) * self.workers * self.generous / max(1, self.pairs)
            self.pairs -= 1
        elif now >= self.ends[key] or self.taken.get(key, 0) >= self.cases:
            return False
        both = ("", made.operation)
        if self.taken.get(both, 0) >= self.together:
            return False
        for one in (key, both):
            self.taken[one] = self.taken.get(one, 0) + 1
        return True


class _Turns:
    """The passes of one run."""

    def __init__(self, run: FuzzRun, wanted: FuzzConfig, base_url: str) -> None:
        self.run = run
        self.wanted = wanted
        self.base_url = base_url
        self.cases = run.traffic.cases
        self.notes: list[str] = []
        self.phases = [phase for phase in PHASES if phase in wanted.phases]
        self.single = [phase for phase in self.phases if phase != "stateful"]
        self.made: set[Request] = set()
        self.cut: set[str] = set()

    @property
    def left(self) -> float:
        """The seconds that are left for generated requests."""
        if not self.run.traffic.sent:
            return self.wanted.seconds * (1 - AFTER)  # the time has not begun
        return self.run.traffic.deadline - self.wanted.seconds * AFTER - time.monotonic()

    @property
    def over(self) -> bool:
        traffic = self.run.traffic
        return traffic.stop.is_set() or self.left <= _LEAST or traffic.sent >= self.cases

    def first_look(self, tiers: Sequence[Tier]) -> None:
        """A few requests to every operation, so that each is reached however small the budget is.

        What is drawn goes before what is enumerated: the enumeration of an operation begins with what nobody sends.
        """
        drawn = [phase for phase in self.single if phase != "coverage"]
        phases = drawn if "fuzzing" in drawn else self.single
        if not phases:
            return
        names = [name for tier in tiers for name in tier.names]
        few = max(1, min(_FIRST, self.cases // (2 * len(names) * len(phases))))
        shape = _Pass(self.left, len(names) * len(phases), few, few * 2, self.workers)
        document, seed = restricted(self.run.document, names), self.wanted.seed + _ASIDE
        self.go(document, phases, shape, self.cases, seed, examples=few)

    def all_of_it(self, tiers: Sequence[Tier]) -> None:
        """All phases over the tiers in order, and further draws for as long as they are new."""
        traffic = self.run.traffic
        everything = frozenset().union(*(tier.names for tier in tiers))
        stories = 0.2 if "stateful" in self.phases and self.single else 0.0
        turn = 0
        while not self.over:
            # The first turn goes through all phases; those that enumerate are taken up again where they were cut short,
            # those that draw take further turns with further seeds for as long as the budget lasts.
            here = [phase for phase in self.single if turn == 0 or phase == "fuzzing" or phase in self.cut]
            self.cut.clear()
            before, known = traffic.sent, self.run.fresh
            left_share = 1.0
            for tier in tiers if here else ():
                if self.over:
                    break
                part = (1.0 - stories) * min(1.0, tier.share / left_share)
                limit = int((self.cases - traffic.sent) * part)
                # Where cases are scarce no operation takes them all: its part, and never less than a few.
                most = max(8, limit // len(tier.names))
                seconds = max(1.0, self.left * part)
                shape = _Pass(seconds, len(tier.names) * len(here), most, most, self.workers, _GENEROUS)
                self.go(restricted(self.run.document, tier.names), here, shape, limit, self.wanted.seed + turn)
                left_share = max(1e-6, left_share - tier.share)
            if "stateful" in self.phases and not self.over:
                # A story costs several requests: in a turn, stories get their part of the cases, not all that is left.
                limit = max(1, int((self.cases - traffic.sent) * (0.5 if here else 1.0)))
                shape = _Pass(self.left, 1, limit, limit, self.workers)
                self.go(restricted(self.run.document, everything), ["stateful"], shape, limit, self.wanted.seed + turn)
            turn += 1
            fresh = self.run.fresh - known
            drawn = set(self.phases) & {"fuzzing", "stateful"}
            if fresh <= (traffic.sent - before) * _WORTHWHILE or not (drawn or self.cut & _ENUMERATED):
                break  # a small document is soon exhausted: what is drawn now was sent before

    @property
    def workers(self) -> int:
        return max(1, self.wanted.workers)

    def go(
        self,
        document: Mapping[str, Any],
        phases: Sequence[str],
        shape: _Pass,
        limit: int,
        seed: int,
        *,
        examples: int = 0,
    ) -> None:
        """One pass of the engine over a document, in which at most ``limit`` requests are sent."""
        traffic = self.run.traffic
        traffic.cases = min(self.cases, traffic.sent + max(1, limit))
        local = threading.Event()

        def send(made: Generated) -> Exchange | None:
            if shape.over:
                local.set()
                return None
            if made.phase in _ENUMERATED and made.request in self.made:
                return None
            if "stateful" not in phases and not shape.takes(made):
                self.cut.add(made.phase)
                return None
            if made.phase in _ENUMERATED:
                self.made.add(made.request)
            shape.until = shape.until or time.monotonic() + shape.seconds
            return self.run.send(made)

        def rest() -> float:
            # Setting up is not the service's time, but it has its own bound.
            return (shape.until - time.monotonic() if shape.until else traffic.left) + 5.0

        told = run_engine(
            document,
            self.base_url,
            send,
            stop=_Either(local, traffic.stop),
            left=rest,
            seed=seed,
            phases=phases,
            examples=examples or self.wanted.examples_per_operation,
            workers=self.workers,
            headers=dict(self.run.headers),
        )
        self.notes.extend(f"{label}: {text}" if label else text for label, text in told.errors)
        if traffic.outage is None and traffic.sent < self.cases:
            traffic.stop.clear()  # a part of the cases was used up, not the whole


class _Either(threading.Event):
    """An event that is set when one of two is."""

    def __init__(self, first: threading.Event, second: threading.Event) -> None:
        super().__init__()
        self.first = first
        self.second = second

    def is_set(self) -> bool:
        return self.first.is_set() or self.second.is_set()

    def set(self) -> None:
        self.first.set()
