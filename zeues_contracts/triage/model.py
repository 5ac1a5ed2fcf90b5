"""The words of triage: what a probe said, and the verdict on why something failed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zeues_contracts.exchange import Exchange
from zeues_contracts.findings import Cause

__all__ = ["Confidence", "ProbeResult", "Replayed", "Verdict"]


class Confidence(StrEnum):
    """How sure a verdict is. ``CANNOT_TELL`` is an answer: what was seen fits more than one cause, or none."""

    CERTAIN = "certain"
    LIKELY = "likely"
    CANNOT_TELL = "cannot tell"

    @property
    def rank(self) -> int:
        """0 for ``cannot tell`` up to 2 for ``certain``."""
        return {Confidence.CANNOT_TELL: 0, Confidence.LIKELY: 1, Confidence.CERTAIN: 2}[self]


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a health probe answered.

    ``healthy`` is ``None`` when the answer does not tell. ``dependency`` is what the probe looks at (``Redis``), empty
    for the service as a whole. ``covers`` are the dependencies that the answer itself speaks of: a probe that
    does not look at Redis is not a witness for it. ``text`` is the part of the answer that decided.
    """

    url: str
    path: str
    status: int | None
    healthy: bool | None
    dependency: str = ""
    text: str = ""
    exchange: Exchange | None = None
    covers: tuple[str, ...] = ()
    configured: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an exchange, or a group of them, came out as it did.

    ``cause`` is ``None`` when nothing is wrong (confidence ``certain``) or when it cannot be told. ``dependency`` names
    what is out (``Redis``; empty for the service itself or an unnamed one), ``sign`` is the stable slug of what gave
    it away (``refused``, ``pool-exhausted``, ``exception``), ``evidence`` are sentences, the deciding one first.
    """

    cause: Cause | None
    confidence: Confidence
    dependency: str = ""
    sign: str = ""
    evidence: tuple[str, ...] = ()
    exchange: Exchange | None = None
    retry_after: float | None = None

    @property
    def is_outage(self) -> bool:
        """Whether the environment is to blame."""
        return self.cause is Cause.OUTAGE

    @property
    def sentence(self) -> str:
        """The verdict in one sentence, for a report."""
        if self.cause is None:
            what = "nothing is wrong" if self.confidence is Confidence.CERTAIN else "the cause cannot be told"
        else:
            what = f"{self.cause.value} of {self.dependency}" if self.dependency else self.cause.value
        why = f": {self.evidence[0]}" if self.evidence else ""
        sure = f" ({self.confidence.value})" if self.cause is not None else ""
        return f"{what}{sure}{why}"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one interaction of a consumer, whether we sent it or its own test did.

    ``met`` tells whether the answer is what the interaction expects, ``None`` when that cannot be told. ``skipped`` is
    the reason why it was not sent. ``attempts`` are all exchanges, retries included, the last one being ``exchange``.
    """

    consumer: str
    interaction: str
    test: str = ""
    operation: str = ""
    exchange: Exchange | None = None
    met: bool | None = None
    unmet: tuple[str, ...] = ()
    skipped: str = ""
    verdict: Verdict | None = None
    attempts: tuple[Exchange, ...] = ()
