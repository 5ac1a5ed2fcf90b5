"""What an outage that was seen late does to what was claimed before: each claim is judged again with all that is known.

Replay cannot know what fuzzing will see, and a database that dies slowly shows a few answers of its own before it says
what it is. At the end there are all exchanges and the last probes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from zeues_contracts.check.subject import Subject
from zeues_contracts.findings import Cause, Finding, Level

if TYPE_CHECKING:
    from zeues_contracts.exchange import Exchange
    from zeues_contracts.triage.model import Replayed, Verdict

__all__ = ["one_outage", "settle"]

_DROPPED = "ZC441"
_SERVER_ERROR = "ZC401"
_FAILED = frozenset({_SERVER_ERROR, _DROPPED})
"""Findings of a request that got no answer, or one of 5xx."""
_DEPENDENCY, _UNAVAILABLE, _PROBED = "ZC502", "ZC503", "ZC510"
_DISHONEST = "ZC511"
_ONE = frozenset({"ZC504", "ZC505", "ZC506"})
"""Findings of which a run has one, whichever operation they were seen at."""
_OUT = frozenset({_DEPENDENCY, _UNAVAILABLE, _PROBED})
_NAMELESS = frozenset({"", "probe", "gateway", "gateway-timeout", "unavailable", "no-backend", "page", "stalled"})
"""Signs of outages that name nothing that is out, besides those of the table."""
_NOT_ASKED = frozenset({"rate-limited", "credentials", "another-service"})
"""Signs of outages that are not over because one request is let through, or that asking makes worse."""
_UNMET = "ZC450"
_STRANGE = "ZC442"


def settle(subject: Subject) -> None:
    """Take back what the outage explains, and state what it casts doubt on as no more than a warning."""
    if subject.outage is None:
        return
    subject.findings = one_outage(subject.findings)
    _note_if_over(subject, subject.outage)
    subject.replayed = tuple(_blamed(subject, one, subject.outage) for one in subject.replayed)
    claims = [one for one in subject.findings if one.cause is Cause.VIOLATION or one.rule == _UNMET]
    if not claims:
        return
    from zeues_contracts.triage.classify import outage_began

    began = outage_began(subject.traffic, subject.probes, subject.document)
    alike = [one.at for one in subject.traffic if _fails_alike(subject.outage, one)]
    began = min([*alike, *([began] if began is not None else [])], default=None)
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


def one_outage(findings: Sequence[Finding]) -> list[Finding]:
    """The findings with each outage told once, however many stages met it.

    Of a nameless one and a named one of the same rule it is the same, if there is one name only; of "not available" and
    "a probe says so" the first.
    """
    from zeues_contracts.triage.outage_signs import OUTAGES

    slugs = {sign.slug for sign in OUTAGES} | _NAMELESS
    names = {one.subject for one in findings if one.rule in _OUT and one.subject not in slugs}
    first = next((one.subject for one in findings if one.rule == _UNAVAILABLE), "")
    kept: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        key = (finding.service, finding.rule, finding.subject)
        if finding.rule in _OUT and finding.subject in slugs and len(names) == 1:
            key = (finding.service, _DEPENDENCY, next(iter(names)))
        elif finding.rule in _OUT and finding.subject in slugs and finding.rule != _DEPENDENCY and first:
            key = (finding.service, _UNAVAILABLE, first)
        elif finding.rule in _ONE:
            key = (finding.service, finding.rule, "")
        elif finding.rule not in _OUT:
            key = (finding.service, finding.rule, finding.fingerprint)
        known = kept.get(key)
        kept[key] = finding if known is None else _joined(known, finding, key[1:])
    return list(kept.values())


def _joined(one: Finding, other: Finding, wanted: tuple[str, str]) -> Finding:
    best, more = (other, one) if (other.rule, other.subject) == wanted != (one.rule, one.subject) else (one, other)
    evidence = best.evidence
    told = (*evidence.details, more.evidence.explanation, *more.evidence.details)
    lines = [line for line in dict.fromkeys(told) if line and line != evidence.explanation]
    return best.with_(evidence=msgspec.structs.replace(evidence, details=tuple(lines[:8])))


def _note_if_over(subject: Subject, outage: Verdict) -> None:
    """Say so where what the outage was seen by is answered well at the end."""
    from zeues_contracts.live.limits import SAFE_METHODS, Bounds

    seen = outage.exchange
    if seen is None or seen.request.method not in SAFE_METHODS or outage.sign in _NOT_ASKED or not subject.runs():
        return
    with subject.line() as line:
        now = line.send(seen.request, Bounds.of(subject.config.limits))
    if now.status is not None and now.status < 400 and now.status != seen.status:
        path = urlsplit(seen.request.url).path or "/"
        what = f"{seen.request.method} {path} is answered again ({now.status}) at the end of the run"
        subject.notes.append(f"{subject.name}: {what}: if the outage is over, run the check once more")
        # Health said so when it was asked, and by then it was so: only another probe can contradict it.
        said = [one for one in subject.findings if one.rule == _DISHONEST]
        subject.withdraw(one for one in said if one.evidence.explanation.startswith("the traffic says otherwise"))


def _blamed(subject: Subject, one: Replayed, outage: Verdict) -> Replayed:
    """What came of an interaction, with the outage as the reason where it is: the forecast is made from it."""
    from zeues_contracts.triage.classify import classify_exchange

    if one.exchange is None or one.met is not False or (one.verdict is not None and one.verdict.is_outage):
        return one
    if _is_of(outage, one.exchange) or _fails_alike(outage, one.exchange):
        return dataclasses.replace(one, verdict=outage)
    verdict = classify_exchange(one.exchange, subject.traffic, subject.probes, subject.document)
    return dataclasses.replace(one, verdict=verdict) if verdict.is_outage else one


def _seen(subject: Subject, finding: Finding) -> Exchange | None:
    """The exchange that a finding was made from, as it went over the line: what is in the finding lacks secrets."""
    shown = finding.evidence.exchange
    if shown is None:
        return None
    return next((one for one in subject.traffic if one.at == shown.at and one.status == shown.status), shown)


def _is_explained(subject: Subject, finding: Finding, exchange: Exchange | None, *, after: bool) -> bool:
    """Whether the outage alone may have made what a finding was made from."""
    from zeues_contracts.triage.classify import classify_exchange

    if exchange is None:
        return finding.rule in _FAILED
    if subject.outage is not None and _is_of(subject.outage, exchange):
        return True
    if finding.rule == _SERVER_ERROR and subject.outage is not None and _fails_alike(subject.outage, exchange):
        return True
    verdict = classify_exchange(exchange, subject.traffic, subject.probes, subject.document)
    if finding.rule == _DROPPED and finding.confidence == "certain":
        return False  # the service was stopped by it twice
    if finding.rule in _FAILED:
        # Of an answer without a telling text only its company speaks, and that is in doubt from the outage on.
        doubt = verdict.cause is not Cause.VIOLATION or finding.confidence == "cannot tell"
        return doubt or (after and verdict.sign != "exception")
    return verdict.is_outage or (after and finding.rule == _STRANGE)


def _is_of(outage: Verdict, exchange: Exchange) -> bool:
    """Whether an answer is what stands before everything: a refusal of our credentials, or one page."""
    from zeues_contracts.live.access import CREDENTIALS, refused
    from zeues_contracts.triage.texts import page_of

    if outage.sign == CREDENTIALS:
        return refused(exchange)
    met = outage.exchange.response if outage.exchange is not None else None
    page = page_of(met) if met is not None else None
    response = exchange.response
    if met is None or response is None:
        return False
    if outage.sign == "page" and (met.status, met.body) == (response.status, response.body):
        return True
    return page is not None and page_of(response) == page


def _fails_alike(outage: Verdict, exchange: Exchange) -> bool:
    """Whether an answer is the failure by which the outage was seen, word for word."""
    from zeues_contracts.triage.texts import alike_text

    seen = outage.exchange.response if outage.exchange is not None else None
    response = exchange.response
    if seen is None or response is None or seen.status < 500 or response.status != seen.status:
        return False
    return alike_text(seen) == alike_text(response)


def _doubtful(finding: Finding, outage: Verdict) -> Finding:
    what = outage.dependency or "something"
    evidence = finding.evidence
    return finding.with_(
        level=min(finding.level, Level.WARNING, key=lambda one: one.rank),
        confidence="cannot tell",
        evidence=msgspec.structs.replace(evidence, details=(*evidence.details, f"seen while {what} was out")),
    )
