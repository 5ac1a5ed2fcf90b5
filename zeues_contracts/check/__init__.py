"""The pipeline: acquire → preflight → drift → contracts → replay → fuzz → report."""

from __future__ import annotations

from zeues_contracts.check.events import Event, FindingFound, Listener, Progress, StageBegan, StageEnded
from zeues_contracts.check.pipeline import check
from zeues_contracts.check.stages import STAGES

__all__ = ["STAGES", "Event", "FindingFound", "Listener", "Progress", "StageBegan", "StageEnded", "check"]
