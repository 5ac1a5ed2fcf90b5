"""The document asked for once more when requests have gone by: what was claimed from it has to hold for it still.

A document may have been read from a gateway, from an application that had just left routes out since something was
down, or from the version before a deployment that came in the middle. Only what holds for each document that was read
is claimed; where the document came back the same, what was claimed stands and says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from zeues_contracts.check.identity import is_foreign
from zeues_contracts.check.stages import compared, fits
from zeues_contracts.check.subject import Subject
from zeues_contracts.errors import CannotJudgeError, UsageError
from zeues_contracts.findings import Cause, Finding, Level

if TYPE_CHECKING:
    from zeues_contracts.openapi.model import Document
    from zeues_contracts.triage.model import Verdict

__all__ = ["again"]

_UNMET = "ZC450"
_REMOVED = "operation-removed"


def again(subject: Subject, today: dt.date, *, sent: bool) -> None:
    """Ask for the document again where an outage was seen or requests were ``sent``, and settle what was claimed."""
    if subject.live is None or not subject.is_fetched or is_foreign(subject) or subject.is_stranger:
        return
    if subject.outage is None and not sent:
        return
    second = _read(subject)
    if isinstance(second, str):
        _say(subject, f"it could not be read again while something is out ({second})")
        return
    if _is_same(subject, subject.live, second, today):
        if subject.outage is not None:
            _say(subject, "the document was read again while something is out, and is the same")
        return
    third = _read(subject)
    others = [second, third] if not isinstance(third, str) else [second]
    if len(others) == 2 and _is_volatile(subject, (subject.live, *others), today):
        return
    _changed(subject, today, others)


def _read(subject: Subject) -> Document | str:
    """The document as it is now, or why it cannot be had."""
    from zeues_contracts.live.kinship import shares_nothing
    from zeues_contracts.openapi.sources import live_document

    try:
        document = live_document(subject.config, subject.name, subject.flags)
    except (CannotJudgeError, UsageError) as error:
        return error.message
    before = subject.live
    if before is not None and shares_nothing(before, document) and not (before.keys and not document.keys):
        return f"what is there now, “{document.title[:80]}”, shares no operation with it"
    return document


def _is_same(subject: Subject, one: Document, other: Document, today: dt.date) -> bool:
    if one.text and one.text == other.text:
        return True
    return _version(one) == _version(other) and not compared(subject, one, other, today).findings


def _is_volatile(subject: Subject, documents: Sequence[Document], today: dt.date) -> bool:
    """Whether each reading has a text of its own that binds nobody: a time, a random example, a build number."""
    first, second, third = documents
    for one, other in ((first, second), (second, third), (first, third)):
        if one.text == other.text:
            return False
        if any(finding.level is not Level.INFO for finding in compared(subject, one, other, today).findings):
            return False
    return not _is_same(subject, second, third, today)


def _version(document: Document) -> str:
    info = document.raw.get("info")
    return str(info.get("version", "")) if isinstance(info, dict) else ""


def _say(subject: Subject, what: str) -> None:
    """Tell with each drift what became of the document that it was read from."""
    for finding in [one for one in subject.findings if one.cause is Cause.DRIFT]:
        subject.reword(_with(finding, what))
    _doubt_removals(subject)


def _doubt_removals(subject: Subject) -> None:
    """An operation that is missing while something is out may be left out, not removed.

    Where it still answers, or where operations are all that is missing from the same version, nobody can tell.
    """
    from zeues_contracts.rules import rule

    drifted = [one for one in subject.findings if one.cause is Cause.DRIFT and one.level is not Level.INFO]
    removed = [one for one in drifted if one.rule == rule(_REMOVED).code]
    if not removed or subject.live is None or subject.snapshot is None or subject.outage is None:
        return
    answering = _answering(subject, frozenset(one.operation for one in removed))
    alone = len(removed) == len(drifted) and _version(subject.live) == _version(subject.snapshot)
    looks = "a service that leaves routes out when it starts without what it depends on looks the same"
    for finding in removed:
        here = answering.get(finding.operation, "")
        told = _with(finding, f"{here}, though the document lacks it" if here else looks)
        if here or (alone and not _is_gone(subject.outage)):
            subject.reword(told.with_(level=Level.WARNING, confidence="cannot tell"))
        else:
            subject.reword(told.with_(confidence="likely"))
    doubted = {one.operation for one in subject.findings if one.confidence == "cannot tell"} & {
        one.operation for one in removed
    }
    if doubted:
        _doubt_mismatches(subject, subject.snapshot, doubted)


def _doubt_mismatches(subject: Subject, snapshot: Document, operations: set[str]) -> None:
    """What a consumer was said to do wrong only because an operation is missing is as doubtful as that."""
    held = {one.fingerprint for one in fits(subject, snapshot)}
    for finding in [one for one in subject.findings if one.cause is Cause.MISMATCH and one.rule != _UNMET]:
        if finding.fingerprint not in held and operations & set(finding.operations):
            told = _with(finding, "the approved document has it: see what is said of its removal")
            level = min(finding.level, Level.WARNING, key=lambda one: one.rank)
            subject.reword(told.with_(level=level, confidence="cannot tell"))


def _answering(subject: Subject, operations: frozenset[str]) -> dict[str, str]:
    """Of some operations of the snapshot those that answer still, as far as they can be asked for, with what came."""
    from zeues_contracts.live.identity import ask_these
    from zeues_contracts.live.limits import Bounds

    assert subject.snapshot is not None
    wanted = [one for one in subject.snapshot.operations.values() if one.name in operations]
    with subject.line() as line:
        asked = ask_these(wanted, line, Bounds.of(subject.config.limits), subject.settings.replay.unsafe)
    return {
        one.operation.name: one.told
        for one in asked
        if one.exchange.response is not None and one.state in ("there", "out")
    }


def _is_gone(outage: Verdict) -> bool:
    """Whether nobody answers any more: what was read before was read from a service that ran."""
    return outage.exchange is not None and outage.exchange.response is None


def _with(finding: Finding, line: str) -> Finding:
    evidence = finding.evidence
    return finding.with_(evidence=msgspec.structs.replace(evidence, details=(*evidence.details, line)))


def _changed(subject: Subject, today: dt.date, others: Sequence[Document]) -> None:
    """Take back what does not hold for each of the documents, and say that there are several."""
    from zeues_contracts.live.outages import outage_finding

    assert subject.live is not None
    last = others[-1]
    steady = len(others) < 2 or _is_same(subject, others[0], last, today)
    changes = [compared(subject, subject.live, other, today) for other in others]
    touched = frozenset(name for one in changes for name in one.operations_changed)
    gone = [*_unsteady(subject, others, today), *_of_changed(subject, touched)]
    subject.withdraw(gone)
    verdict = _verdict(subject.live, last, sorted(touched), steady=steady)
    subject.add([outage_finding(verdict, subject.name, last)])
    if gone:
        count = f"{len(gone)} findings hold" if len(gone) > 1 else "1 finding holds"
        listed = ", ".join(dict.fromkeys(f"{one.rule} {one.operation}".strip() for one in gone[:5]))
        subject.notes.append(f"{subject.name}: {count} for one of its documents only and not claimed: {listed}")
    subject.outage = subject.outage or verdict


def _unsteady(subject: Subject, others: Iterable[Document], today: dt.date) -> list[Finding]:
    """The drift and the mismatches that one of the other documents does not have."""
    drifted = [one for one in subject.findings if one.cause is Cause.DRIFT]
    unfit = [one for one in subject.findings if one.cause is Cause.MISMATCH and one.rule != _UNMET]
    gone: dict[str, Finding] = {}
    for other in others:
        if subject.snapshot is not None and drifted:
            held = {one.fingerprint for one in compared(subject, subject.snapshot, other, today).findings}
            gone |= {one.fingerprint: one for one in drifted if one.fingerprint not in held}
        if unfit:
            held = {one.fingerprint for one in fits(subject, other)}
            gone |= {one.fingerprint: one for one in unfit if one.fingerprint not in held}
    return list(gone.values())


def _of_changed(subject: Subject, touched: frozenset[str]) -> list[Finding]:
    """What was seen of operations whose documentation changed meanwhile: nobody knows which promise was to be kept."""
    seen = [one for one in subject.findings if one.cause is Cause.VIOLATION or one.rule == _UNMET]
    return [one for one in seen if touched & set(one.operations)]


def _verdict(first: Document, last: Document, touched: Sequence[str], *, steady: bool) -> Verdict:
    from zeues_contracts.live.outages import CHANGED_UNDERWAY
    from zeues_contracts.triage.model import Confidence, Verdict

    before, after = _version(first), _version(last)
    versions = f" from version {before[:40]} to {after[:40]}" if before != after else ""
    what = (
        f"the document changed{versions} during the run: it was deployed in the middle"
        if steady
        else "the document is another with each reading: two versions of the service answer in turn"
    )
    lines = [what]
    if touched:
        listed = ", ".join(touched[:5]) + (f" and {len(touched) - 5} more" if len(touched) > 5 else "")
        lines.append(f"changed: {listed}")
    return Verdict(Cause.OUTAGE, Confidence.CERTAIN, "", CHANGED_UNDERWAY, tuple(lines))
