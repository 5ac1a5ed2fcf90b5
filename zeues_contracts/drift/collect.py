"""Findings while they are gathered: one for each place, however many operations it touches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from zeues_contracts.drift.framework import GROUP, Upgrade
from zeues_contracts.drift.model import NOTHING, absent
from zeues_contracts.findings import Evidence, Finding, Level, Place, Witness, in_report_order
from zeues_contracts.openapi.model import Document
from zeues_contracts.rules import rule

__all__ = ["Collector", "Draft"]

MAX_FRAGMENT = 4000
"""Characters of a fragment (as JSON) that a finding shows; what is longer is named by its keys."""
MAX_DETAILS = 50


class Draft(msgspec.Struct):
    """A finding in the making. ``old`` and ``new`` are places of the two documents, empty for none."""

    code: str
    level: Level
    subject: str
    message: str
    old: str = ""
    new: str = ""
    before: Any = NOTHING
    after: Any = NOTHING
    witness: Any = NOTHING
    witness_pointer: str = ""
    explanation: str = ""
    remarks: list[str] = msgspec.field(default_factory=list)
    """Details that explain and say nothing new: they are no part of the change's state."""
    details: list[str] = msgspec.field(default_factory=list)
    operations: dict[str, None] = msgspec.field(default_factory=dict)
    hint: str = ""
    group: str = ""
    confidence: str = ""
    keyword: str = ""


class Collector:
    """Takes what the walk sees; places are looked up and lines counted only for what is reported."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.drafts: dict[tuple[str, str, str], Draft] = {}
        self.upgrade: Upgrade | None = None
        self.unstable: set[str] = set()
        """Operations that promised nothing (`x-stability-level` draft or alpha): what changes there is information."""

    def add(
        self,
        name: str,
        subject: str,
        message: str,
        operations: Iterable[str],
        *,
        shared: bool = False,
        level: Level | None = None,
        **fields: Any,
    ) -> Draft:
        """Note a change. ``shared`` says that the place belongs to no operation of its own.

        What is said again of the same place joins the finding that is there: its operations are added, and another
        sentence becomes a detail.
        """
        entry = rule(name)
        touched = dict.fromkeys(operations)
        own = "" if shared else next(iter(touched), "")
        key = (entry.code, subject, own)
        known = self.drafts.get(key)
        if known is None:
            known = Draft(entry.code, level or entry.level, subject, message, operations=touched, **fields)
            self.drafts[key] = known
            return known
        known.operations |= touched
        if message != known.message and message not in known.details and len(known.details) < MAX_DETAILS:
            known.details.append(message)
        wanted = level or entry.level
        if wanted.rank > known.level.rank:
            known.level = wanted
        if known.witness is NOTHING and fields.get("witness", NOTHING) is not NOTHING:
            known.witness = fields["witness"]
            known.witness_pointer = fields.get("witness_pointer", "")
        return known

    def findings(self, old: Document, new: Document, roles: tuple[str, str]) -> tuple[Finding, ...]:
        """Everything noted, in the order of a report."""
        return in_report_order([self._finding(draft, old, new, roles) for draft in self.drafts.values()])

    def _finding(self, draft: Draft, old: Document, new: Document, roles: tuple[str, str]) -> Finding:
        before, after = _shown(draft.before), _shown(draft.after)
        if draft.operations and self.unstable.issuperset(draft.operations):
            draft.level = Level.INFO
        if self.upgrade is not None and belongs(draft, self.upgrade):
            draft.group = GROUP
            if draft.level is Level.ERROR:
                draft.level = Level.WARNING
        places: list[Place] = []
        if draft.new:
            places.append(new.place(draft.new, roles[1]))
        if draft.old:
            places.append(old.place(draft.old, roles[0]))
        witness = None if draft.witness is NOTHING else Witness(draft.witness, draft.witness_pointer)
        state = _digest((draft.code, draft.message, sorted(draft.details), before, after))
        return rule(draft.code).finding(
            draft.message,
            level=draft.level,
            service=self.service,
            operations=tuple(sorted(draft.operations, key=_operation_order)),
            subject=draft.subject,
            place=places[0] if places else None,
            related=tuple(places[1:]),
            evidence=Evidence(
                witness=witness,
                explanation=draft.explanation,
                before=before,
                after=after,
                details=(*sorted(draft.details), *draft.remarks),
            ),
            hint=draft.hint,
            group=draft.group,
            state=state,
            confidence=draft.confidence,
        )


def belongs(draft: Draft, step: Upgrade) -> bool:
    """Whether a finding is of the framework's making: its own error schemas, and null that was always there."""
    if draft.subject.startswith(("schema HTTPValidationError", "schema ValidationError")):
        return True
    return step.nulls and draft.keyword == "nullable" and not draft.details


def _operation_order(name: str) -> tuple[str, str]:
    method, _, path = name.partition(" ")
    return path, method


def _shown(value: Any) -> Any:
    """A fragment of bounded size: ``None`` for nothing; of what is large the keys, or the first members."""
    if absent(value):
        return None
    if isinstance(value, (list, tuple)) and len(value) > 100:
        return [*value[:100], f"… and {len(value) - 100} more"]
    if isinstance(value, (Mapping, list)) and len(_text(value)) > MAX_FRAGMENT:
        return {str(key): "…" for key in list(value)[:100]} if isinstance(value, Mapping) else f"{len(value)} entries"
    if isinstance(value, str) and len(value) > MAX_FRAGMENT:
        return value[:MAX_FRAGMENT] + "…"
    return value


def _digest(parts: Any) -> str:
    import hashlib

    return hashlib.blake2b(_text(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
