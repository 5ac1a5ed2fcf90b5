"""What a run tells while it goes on: one stream of events, which progress and reports alike consume."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zeues_contracts.findings import Finding, Stage

__all__ = ["Event", "FindingFound", "Listener", "Progress", "StageBegan", "StageEnded"]


@dataclass(frozen=True, slots=True)
class StageBegan:
    """A part of the run on a service has begun."""

    service: str
    stage: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a part of the run is, as one short line."""

    service: str
    stage: str
    text: str


@dataclass(frozen=True, slots=True)
class FindingFound:
    """A finding, as soon as it is known. Its level, hits and whether it is waived are settled at the end."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class StageEnded:
    """A part of the run on a service has ended."""

    stage: Stage


Event = StageBegan | Progress | FindingFound | StageEnded
Listener = Callable[[Event], None]
