"""What an outage that was seen late does to what was claimed before: each claim is judged again with all that is known.

Replay cannot know what fuzzing will see, and a database that dies slowly shows a few answers of its own before it says
what it is. At the end there are all exchanges and the last probes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from zeues_contracts.check.subject import Subject
from zeues_contracts.findings import Cause, Finding, Level

if TYPE_CHECKING:
    from zeues_contracts.exchange import Exchange
    from zeues_contracts.triage.model import Verdict

__all__ = ["settle"]

_FAILED = frozenset({"ZC401", "ZC441"})
"""Findings of a request that got no answer, or one of 5xx."""
_UNMET = "ZC450"
_STRANGE = "ZC442"


def settle(subject: Subject) -> None:
    """Take back what the outage explains, and state what it casts doubt on as no more than a warning."""
    if subject.outage is None:
        return
    claims = [one for one in subject.findings if one.cause is Cause.VIOLATION or one.rule == _UNMET]
    if not claims:
        return
    from zeues_contracts.triage.classify import outage_began

    began = outage_began(subject.traffic, subject.probes, subject.document)
    gone: list[Finding] = []
    for finding in claims:
        exchange = _seen(subject, finding)
        after = exchange is None or (began is not None and exchange.at >= began)
        if _is_explained(subject, finding, exchange, after=after):
            gone.append(finding)
        elif after and finding.rule not in _FAILED:
            subject.reword(_doubtful(finding, subject.outage))
    subject.withdraw(gone)
    if gone:
        count = f"{len(gone)} findings are" if len(gone) > 1 else "1 finding is"
        listed = ", ".join(dict.fromkeys(f"{one.rule} {one.operation}".strip() for one in gone[:5]))
        subject.notes.append(f"{subject.name}: {count} not claimed, since an outage explains as much: {listed}")


def _seen(subject: Subject, finding: Finding) -> Exchange | None:
    """The exchange that a finding was made from, as it went over the line: what is in the finding lacks secrets."""
    shown = finding.evidence.exchange
    if shown is None:
        return None
    return next((one for one in subject.traffic if one.at == shown.at and one.status == shown.status), shown)


def _is_explained(subject: Subject, finding: Finding, exchange: Exchange | None, *, after: bool) -> bool:
    from zeues_contracts.triage.classify import classify_exchange
    from zeues_contracts.triage.texts import page_of

    if exchange is None:
        return finding.rule in _FAILED
    if finding.rule in _FAILED:
        verdict = classify_exchange(exchange, subject.traffic, subject.probes, subject.document)
        if verdict.cause is not Cause.VIOLATION or finding.confidence == "cannot tell":
            return True
        # Of an answer without a telling text only its company speaks, and that is in doubt from the outage on.
        return verdict.sign != "exception" and after
    if not after:
        return False
    page = exchange.response is not None and page_of(exchange.response) is not None
    return page or finding.rule == _STRANGE


def _doubtful(finding: Finding, outage: Verdict) -> Finding:
    what = outage.dependency or "something"
    evidence = finding.evidence
    return finding.with_(
        level=min(finding.level, Level.WARNING, key=lambda one: one.rank),
        confidence="cannot tell",
        evidence=msgspec.structs.replace(evidence, details=(*evidence.details, f"seen while {what} was out")),
    )
