"""From problems of single interactions to findings: one for each thing that is wrong, with all that it hits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from zeues_contracts.consumers.checking.model import NONE, Problem
from zeues_contracts.consumers.model import Contract, Interaction
from zeues_contracts.drift.labels import owner_of, value_path
from zeues_contracts.findings import Evidence, Finding, Hit, Level, Place, Witness, in_report_order
from zeues_contracts.openapi.model import Document
from zeues_contracts.openapi.references import place_of
from zeues_contracts.redact import redact_json
from zeues_contracts.rules import rule

__all__ = ["Noted", "findings_of"]

Noted = tuple[Contract, Interaction, str, Problem]
"""A problem of an interaction, and the operation as findings name it (empty where it is not documented)."""
_MOST_RELATED = 20


def findings_of(noted: Iterable[Noted], document: Document, service: str) -> tuple[Finding, ...]:
    """The findings, in the order of a report. The same thing in several interactions of a consumer is one finding."""
    grouped: dict[tuple[str, str, str, str], list[Noted]] = {}
    for contract, interaction, operation, problem in noted:
        key = (problem.rule, operation or interaction.operation, contract.consumer, problem.subject)
        grouped.setdefault(key, []).append((contract, interaction, operation, problem))
    return in_report_order(_gathered([_finding(group, document, service) for group in grouped.values()]))


def _gathered(findings: list[Finding]) -> list[Finding]:
    """What one component does to a consumer under several operations is told as one group."""
    shared: dict[tuple[str, str, Level], list[int]] = {}
    for index, finding in enumerate(findings):
        owner = _owner(finding)
        if owner:
            shared.setdefault((owner, finding.rule, finding.level), []).append(index)
    told = list(findings)
    for (owner, code, _), members in shared.items():
        if len(members) > 1:
            for index in members:
                told[index] = told[index].with_(group=f"{owner}: {_lowered(rule(code).title)}")
    return told


def _owner(finding: Finding) -> str:
    """The consumer and the component's part that a finding is about, empty where it is no component's."""
    place = next((one for one in finding.related if one.role == "document"), None)
    owner = owner_of(place.pointer) if place is not None else None
    if owner is None or owner.kind not in ("schema", "response", "parameter"):
        return ""
    inner = "/".join(value_path(owner.rest))
    consumer = finding.hits[0].consumer if finding.hits else ""
    return f"{consumer}, {owner.label}{f' `{inner}`' if inner else ''}"


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _finding(group: list[Noted], document: Document, service: str) -> Finding:
    contract, interaction, operation, problem = _leading(group)
    entry = rule(problem.rule)
    places: list[Place] = []
    for _, one, _, each in group:
        place = one.at(each.pointer)
        if place is not None and place not in places:
            places.append(place)
    own = interaction.at(problem.pointer)
    related = [place for place in places if place != own][: _MOST_RELATED - 1]
    documented = _documented(problem, document)
    if documented is not None:
        related.insert(0, documented)
    hits = tuple(dict.fromkeys(Hit(one.consumer, each.id, each.place) for one, each, _, _ in group))
    witness = None
    if problem.witness is not NONE:
        witness = Witness(redact_json(problem.witness), problem.witness_pointer)
    return entry.finding(
        f"{contract.consumer} {problem.message}",
        level=min((_level(each, entry.level) for _, _, _, each in group), key=lambda one: -one.rank),
        service=service,
        operations=(operation or interaction.operation,),
        subject=f"{contract.consumer}: {problem.subject}",
        place=own,
        related=tuple(related),
        evidence=Evidence(
            witness=witness,
            explanation=problem.explanation,
            details=tuple(dict.fromkeys(text for _, _, _, each in group for text in each.details)),
        ),
        hits=hits,
        hint=problem.hint,
        state=_digest((problem.rule, problem.message, sorted(one.id for _, one, _, _ in group))),
    )


def _leading(group: list[Noted]) -> Noted:
    """The first of the worst: its witness and words are those of the finding."""
    return min(enumerate(group), key=lambda one: (-_level(one[1][3], rule(one[1][3].rule).level).rank, one[0]))[1]


def _level(problem: Problem, default: Level) -> Level:
    return problem.level or default


def _documented(problem: Problem, document: Document) -> Place | None:
    if problem.document:
        return document.place(problem.document, "document")
    if problem.schema is not None:
        return document.place(place_of(document.resource, problem.schema), "document")
    return None


def _digest(parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
