"""What a run has to say: findings with their cause, place and evidence, and the report that holds them.

Everything here is an immutable value; no I/O, no formatting. ``report/`` turns a :class:`Report` into text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from zeues_contracts.exchange import Exchange

__all__ = [
    "Cause",
    "Evidence",
    "Finding",
    "Forecast",
    "Hit",
    "Layer",
    "Level",
    "Place",
    "Report",
    "Stage",
    "StageStatus",
    "Witness",
    "in_report_order",
]


class Level(StrEnum):
    """How much a finding matters. ``OFF`` only appears in settings, never in a finding."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    OFF = "off"

    @property
    def rank(self) -> int:
        """0 for ``off`` up to 3 for ``error``: higher is worse."""
        return _RANK[self]


_RANK = {Level.OFF: 0, Level.INFO: 1, Level.WARNING: 2, Level.ERROR: 3}


class Cause(StrEnum):
    """Which of the four questions a finding answers."""

    DRIFT = "drift"
    """The live document against the snapshot."""
    MISMATCH = "mismatch"
    """A consumer against the document."""
    VIOLATION = "violation"
    """The service's behaviour against its document."""
    OUTAGE = "outage"
    """The environment: nothing can be judged about what it hides."""


class Place(msgspec.Struct, frozen=True):
    """Where to look: a file or URL, a JSON pointer (RFC 6901) into it, and a line where there is one.

    ``role`` says what the source is to the finding: ``snapshot``, ``live``, ``contract``, ``configuration``, ….
    Lines and columns count from 1.
    """

    source: str
    pointer: str = ""
    line: int | None = None
    column: int | None = None
    role: str = ""


class Witness(msgspec.Struct, frozen=True):
    """A concrete JSON value that proves the point, and the JSON pointer inside of it where the point is made.

    ``value`` may be ``None`` (JSON null); a finding without a witness has ``Evidence.witness`` set to ``None``.
    """

    value: Any
    pointer: str = ""


class Evidence(msgspec.Struct, frozen=True):
    """What supports a finding.

    ``before`` and ``after`` are the differing fragments (JSON), for side-by-side display; ``details`` are
    further sentences, one line each; ``replay`` is a shell command that repeats what was seen.
    """

    witness: Witness | None = None
    explanation: str = ""
    exchange: Exchange | None = None
    replay: str = ""
    before: Any = None
    after: Any = None
    details: tuple[str, ...] = ()


class Hit(msgspec.Struct, frozen=True):
    """An interaction of a consumer that a finding breaks."""

    consumer: str
    interaction: str
    place: Place | None = None


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong or has changed.

    ``rule`` is a code of the catalogue (``ZC204``). ``operations`` are all operations that it touches, as
    ``METHOD /path``, the one that leads first; a change of a shared component is one finding with many operations.
    ``subject`` names what was found out about, stable from run to run (a path into the message, a property, a status):
    with rule, service and operation it makes the fingerprint. ``state`` digests *what* was found there, so that a
    waiver can tell that a tolerated finding has got worse.
    """

    rule: str
    level: Level
    cause: Cause
    message: str
    service: str = ""
    operations: tuple[str, ...] = ()
    subject: str = ""
    place: Place | None = None
    related: tuple[Place, ...] = ()
    evidence: Evidence = msgspec.field(default_factory=Evidence)
    hits: tuple[Hit, ...] = ()
    hint: str = ""
    group: str = ""
    state: str = ""
    confidence: str = ""

    @property
    def operation(self) -> str:
        """The leading operation, or an empty string for a finding about the whole service."""
        return self.operations[0] if self.operations else ""

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that stay the same from run to run and machine to machine."""
        import hashlib

        # A shared component's operations come and go: the leading operation counts only where the subject is its own.
        own = self.operation if len(self.operations) <= 1 else ""
        text = "\x1f".join((self.service, self.rule, own, self.subject))
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()

    def with_(self, **changes: Any) -> Finding:
        """A copy with some fields replaced."""
        return msgspec.structs.replace(self, **changes)


class StageStatus(StrEnum):
    """How a part of a run ended."""

    RAN = "ran"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    """It could not be judged: an outage stood before it."""


class Stage(msgspec.Struct, frozen=True):
    """One part of a run on a service (``drift``, ``contracts``, ``replay``, ``fuzz``, ``health``) and how it ended.

    ``subjects`` are the operations (``METHOD /path``) or interactions (``consumer: interaction``) that it judged, so
    that a dashboard can count those about which there is nothing to say.
    """

    name: str
    status: StageStatus
    service: str = ""
    reason: str = ""
    seconds: float = 0.0
    counts: Mapping[str, int] = msgspec.field(default_factory=dict)
    subjects: tuple[str, ...] = ()


class Layer(msgspec.Struct, frozen=True):
    """One thing that stands between a test and passing, outermost first."""

    cause: Cause | None
    message: str
    fingerprint: str = ""


class Forecast(msgspec.Struct, frozen=True):
    """What stands between one test (or interaction) and passing.

    ``passes`` is what happens now; ``wrong_reason`` tells why a pass proves nothing (empty when it proves something).
    """

    consumer: str
    test: str
    passes: bool | None
    layers: tuple[Layer, ...] = ()
    wrong_reason: str = ""


class Report(msgspec.Struct, frozen=True):
    """The result of a run, over one service or several.

    ``waived`` are findings that a waiver tolerates: shown apart, never counted. ``cannot_judge`` is the reason why the
    run ends with exit code 3, or empty.
    """

    findings: tuple[Finding, ...] = ()
    stages: tuple[Stage, ...] = ()
    waived: tuple[Finding, ...] = ()
    forecast: tuple[Forecast, ...] = ()
    cannot_judge: str = ""
    title: str = ""
    sources: Mapping[str, str] = msgspec.field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def at_least(self, level: Level) -> tuple[Finding, ...]:
        """The findings at or above a level, in report order."""
        return tuple(f for f in self.findings if f.level.rank >= level.rank)

    def exit_code(self, fail_level: Level = Level.ERROR) -> int:
        """3 when nothing can be judged, 1 when a finding is at or above the fail level, else 0."""
        if self.cannot_judge:
            return 3
        return 1 if fail_level is not Level.OFF and self.at_least(fail_level) else 0


_CAUSE_ORDER = {Cause.OUTAGE: 0, Cause.MISMATCH: 1, Cause.VIOLATION: 2, Cause.DRIFT: 3}


def in_report_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings sorted as every report prints them: worst level first, then cause, operation, rule, subject.

    The order depends on nothing but the findings, so that output is the same from run to run.
    """
    return tuple(
        sorted(
            findings,
            key=lambda f: (-f.level.rank, f.service, _CAUSE_ORDER[f.cause], f.operation, f.rule, f.subject, f.message),
        )
    )
