"""Findings about the document itself (ZC1xx): what was noted while it was acquired, grouped so that it can be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zeues_contracts.findings import Evidence, Finding, Place
from zeues_contracts.openapi.discovery import Discovery
from zeues_contracts.openapi.model import Document, LoadNote
from zeues_contracts.openapi.notes import document_notes
from zeues_contracts.redact import redact_url
from zeues_contracts.rules import rule

__all__ = ["discovery_findings", "document_findings"]

_RULES = {
    "unclean": "ZC101",
    "schema": "ZC102",
    "dangling": "ZC103",
    "external": "ZC104",
    "parameter": "ZC105",
    "duplicate": "ZC106",
    "swagger2": "ZC107",
    "version": "ZC108",
    "elsewhere": "ZC110",
}
_DETAILS = 20


def document_findings(
    document: Document, service: str = "", *, role: str = "live", notes: Iterable[LoadNote] | None = None
) -> tuple[Finding, ...]:
    """One finding per rule: a document that is unclean in a thousand places has one habit, not a thousand faults.

    ``notes`` are those to report, by default all of :func:`document_notes`.
    """
    by_rule: dict[str, list[LoadNote]] = {}
    for note in document_notes(document) if notes is None else notes:
        by_rule.setdefault(_RULES.get(note.kind, "ZC101"), []).append(note)
    return tuple(_finding(document, service, role, code, by_rule[code]) for code in sorted(by_rule))


def discovery_findings(discovery: Discovery, target: str, service: str = "") -> tuple[Finding, ...]:
    """What the way to the document says where it did not end in one: several of them, no entry, nothing there."""
    place = Place(redact_url(target), role="live")
    if discovery.document is not None:
        return ()
    tried = tuple(f"{one.url}: {one.what}" for one in discovery.tried[:_DETAILS])
    if discovery.candidates:
        names = ", ".join(repr(one.name) for one in discovery.candidates[:12])
        message = f"{redact_url(target)} leads to {len(discovery.candidates)} documents: {names}"
        details = tuple(f"{one.name}: {one.title} at {one.url}" for one in discovery.candidates[:_DETAILS])
        code = "ZC111"
    else:
        message, details = discovery.problem, tried
        locked = any(one.status in (401, 403, 407) or one.what == "a login page" for one in discovery.tried)
        code = "ZC112" if locked else "ZC113"
    finding = rule(code).finding(
        message, service=service, subject=target and "document", place=place, evidence=Evidence(details=details)
    )
    return (finding.with_(hint=discovery.hint),) if discovery.hint else (finding,)


def _finding(document: Document, service: str, role: str, code: str, notes: Sequence[LoadNote]) -> Finding:
    entry = rule(code)
    first = notes[0]
    shown = tuple(f"{one.pointer or '/'}: {one.message}" for one in notes[:_DETAILS])
    if len(notes) > _DETAILS:
        shown = (*shown, f"and {len(notes) - _DETAILS} more")
    many = f" (and {len(notes) - 1} more places)" if len(notes) > 1 else ""
    return entry.finding(
        f"{first.message}{many}",
        service=service,
        subject=f"{role} document",
        place=document.place(first.pointer, role),
        related=tuple(document.place(one.pointer, role) for one in notes[1:_DETAILS]),
        evidence=Evidence(details=shown),
        hint=entry.mend,
    )
