"""The stages of a check, each a function of one subject: it reads what is known and adds what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from zeues_contracts.check.doors import access
from zeues_contracts.check.events import Progress
from zeues_contracts.check.identity import identity, is_foreign
from zeues_contracts.check.subject import Subject
from zeues_contracts.findings import Finding, StageStatus

if TYPE_CHECKING:
    import datetime as dt

    from zeues_contracts.consumers.model import Contract
    from zeues_contracts.drift import DriftResult
    from zeues_contracts.exchange import Exchange
    from zeues_contracts.live.health import HealthResult
    from zeues_contracts.live.replay import ReplayResult
    from zeues_contracts.live.sending import Sender
    from zeues_contracts.openapi.model import Document
    from zeues_contracts.triage.model import Verdict

__all__ = [
    "NOTHING_RUNS",
    "STAGES",
    "compared",
    "contracts",
    "drift",
    "fits",
    "fuzz",
    "health",
    "health_again",
    "probe",
    "replay",
]

STAGES: tuple[str, ...] = ("health", "drift", "contracts", "replay", "fuzz")
"""What ``--only`` takes, in the order in which it is run."""

NOTHING_RUNS = "no running service: the document comes from a file, and there is no base URL"


def health(subject: Subject) -> None:
    """Preflight: whether anything can be judged at all."""
    began = subject.begin("health")
    if not subject.runs():
        subject.end("health", began, StageStatus.SKIPPED, NOTHING_RUNS)
        return
    result = probe(subject)
    subject.probes = result.probes
    subject.outage = result.outage
    subject.traffic += result.exchanges
    subject.add(result.findings)
    identity(subject)
    if subject.outage is None and subject.live is not None:
        access(subject, subject.live)
    subject.end("health", began, counts={"probes": len(result.probes)})


def probe(subject: Subject, traffic: tuple[Exchange, ...] = ()) -> HealthResult:
    """What the probes say now; ``traffic`` tells whether they were honest.

    Raises :class:`UsageError` or :class:`CannotJudgeError` for an application that cannot be imported.
    """
    from zeues_contracts.live.health import preflight

    with subject.in_process() as sender:
        return preflight(
            subject.base_url(),
            subject.document,
            subject.settings,
            subject.headers,
            service=subject.name,
            limits=subject.config.limits,
            sender=sender,
            traffic=traffic,
        )


def health_again(subject: Subject) -> None:
    """Look again when traffic has gone by: what was out on the way, and whether the health check was honest."""
    from zeues_contracts.triage.confined import spared

    # What one operation does for itself is told already, and no health endpoint answers for it.
    result = probe(subject, spared(subject.traffic, subject.apart, subject.document))
    subject.add(result.findings)
    subject.probes = result.probes
    if subject.outage is None:
        subject.outage = result.outage
    elif result.outage is None:
        # The probes are well, and what was sent is not: which of them should have known?
        from zeues_contracts.live.outages import dishonest

        subject.add(dishonest(result.probes, subject.outage, subject.name, subject.document))


def drift(subject: Subject, today: dt.date | None = None) -> None:
    """Whether the promise changed: the live document against the approved one."""
    began = subject.begin("drift")
    if subject.live is None:
        subject.end("drift", began, StageStatus.BLOCKED, "there is no live document to compare")
        return
    if subject.snapshot is None:
        reason = "no snapshot yet: take the first one with `zeues-contracts snapshot update`"
        subject.end("drift", began, StageStatus.SKIPPED, reason)
        return
    _verify(subject)
    if is_foreign(subject):
        what = "shares no operation with the snapshot" if subject.live.keys else "is empty"
        why = "" if subject.is_stranger else " while something is out"
        subject.end("drift", began, StageStatus.BLOCKED, f"the live document {what}{why}")
        return
    result = compared(subject, subject.snapshot, subject.live, today)
    subject.changed = result.operations_changed
    subject.notes += result.notes
    findings: tuple[Finding, ...] = result.findings
    if subject.contracts and findings:
        from zeues_contracts.consumers.impact import with_hits

        findings = tuple(with_hits(findings, subject.contracts, subject.snapshot, subject.live))
    subject.add(findings)
    names = dict.fromkeys(str(key) for document in (subject.snapshot, subject.live) for key in document.keys)
    subject.end("drift", began, counts={"changed": len(result.operations_changed)}, subjects=tuple(names))


def compared(subject: Subject, before: Document, after: Document, today: dt.date | None) -> DriftResult:
    """What changed from one document of the service to another, by its settings."""
    from zeues_contracts.drift import drift as compare

    return compare(before, after, service=subject.name, config=subject.settings.drift, today=today)


def _verify(subject: Subject) -> None:
    """Whether the snapshot is what was approved, where somebody keeps a ledger of that."""
    from zeues_contracts.snapshots import snapshot_files
    from zeues_contracts.snapshots.verify import verify_files

    files = snapshot_files(subject.config, subject.name)
    if files.ledger.is_file():
        subject.add(verify_files(files, subject.name))


def _promise(subject: Subject) -> Document | None:
    """The document that consumers are held against: the live one, or the approved where that is not the service's."""
    return subject.snapshot if is_foreign(subject) else subject.document


def contracts(subject: Subject) -> None:
    """Whether each consumer fits the promise. No request is sent."""
    began = subject.begin("contracts")
    if not subject.contracts:
        where = ", ".join(subject.settings.contracts)
        subject.end("contracts", began, StageStatus.SKIPPED, f"no consumer has a contract ({where})")
        return
    document = _promise(subject)
    if document is None:
        subject.end("contracts", began, StageStatus.BLOCKED, "there is neither a live document nor a snapshot")
        return
    subject.add(fits(subject, document))
    if document is not subject.live:
        subject.notes.append(f"{subject.name}: contracts were checked against the snapshot")
    every = [f"{one.consumer}: {two.id}" for one in subject.contracts for two in one.interactions]
    counts = {"consumers": len(subject.contracts), "interactions": len(every)}
    subject.end("contracts", began, counts=counts, subjects=every)


def fits(subject: Subject, document: Document) -> Sequence[Finding]:
    """Where consumers do not fit a document of the service."""
    from zeues_contracts.consumers import check_contracts

    return check_contracts(
        subject.contracts, document, service=subject.name, settings=subject.settings, added=subject.headers
    )


def replay(subject: Subject) -> None:
    """Send the consumers' interactions where that is safe, and compare with expectation and promise."""
    began = subject.begin("replay")
    reason = _why_not_live(subject)
    if not reason and not subject.contracts:
        reason = "no consumer has a contract"
    if reason:
        subject.end("replay", began, StageStatus.SKIPPED, reason)
        return
    gone = _gone(subject) or _closed(subject, "replay")
    if gone:
        subject.end("replay", began, StageStatus.BLOCKED, gone)
        return
    result = _replayed(
        subject,
        subject.contracts,
        _promise(subject),
        lambda done, total: subject.listen(Progress(subject.name, "replay", f"{done} of {total}")),
    )
    subject.replayed = result.replayed
    subject.add(result.findings)
    if subject.outage is None and subject.document is not None:
        _look_behind(subject, subject.document)
    subject.close(result.stage)


def _replayed(
    subject: Subject,
    wanted: Sequence[Contract],
    document: Document | None,
    progress: Callable[[int, int], None] | None = None,
) -> ReplayResult:
    """Send interactions; what went over the line, and an outage that it showed, is the subject's from then on."""
    from zeues_contracts.live.replay import replay as send

    with subject.in_process() as sender:
        result = send(
            wanted,
            document,
            subject.base_url(),
            subject.settings,
            service=subject.name,
            headers=subject.headers,
            limits=subject.config.limits,
            sender=None if sender is None else headed(sender, subject.headers),
            probes=subject.probes,
            traffic=tuple(subject.traffic),
            progress=progress,
        )
    subject.traffic += result.exchanges
    subject.sent.update(one.request.method for one in result.exchanges)
    subject.outage = subject.outage or result.outage
    subject.apart |= result.apart
    return result


def _look_behind(subject: Subject, document: Document) -> None:
    """Send the requests that the document refuses once more, mended: a bug behind a mismatch is a bug all the same."""
    from zeues_contracts.live.behind import behind, mended

    repaired = mended(subject.contracts, document)
    if not repaired.contracts:
        return
    result = _replayed(subject, repaired.contracts, document)
    subject.add(behind(result.findings, repaired.notes))


def fuzz(subject: Subject, *, shard: tuple[int, int] | None = None) -> None:
    """Whether the service keeps its promise under requests that nobody thought of."""
    began = subject.begin("fuzz")
    reason = _why_not_live(subject)
    if reason:
        subject.end("fuzz", began, StageStatus.SKIPPED, reason)
        return
    document = subject.snapshot if subject.settings.fuzz.against == "snapshot" else subject.document
    if document is None:
        subject.end("fuzz", began, StageStatus.SKIPPED, "there is no document to make requests from")
        return
    gone = _gone(subject) or (f"no violation is claimed: {subject.outage.sentence}" if subject.outage else "")
    gone = gone or _closed(subject, "fuzz")
    if gone:
        subject.end("fuzz", began, StageStatus.BLOCKED, gone)
        return
    from zeues_contracts.live.fuzzing import fuzz as run

    with subject.in_process() as sender:
        result = run(
            document,
            subject.base_url(),
            subject.settings,
            service=subject.name,
            headers=subject.headers,
            limits=subject.config.limits,
            sender=sender,
            shard=shard,
            changed=subject.changed,
            used=_used(subject, document),
            before=tuple(subject.traffic),
            progress=lambda one: subject.listen(Progress(subject.name, "fuzz", f"{one.cases} requests")),
        )
    subject.traffic += result.exchanges
    subject.sent.update(result.methods)
    subject.outage = subject.outage or result.outage
    subject.apart = {} if subject.outage is not None else subject.apart | dict(result.apart)
    if subject.closed is None and result.closed is not None:
        subject.closed = result.closed
        subject.add([result.closed])
    subject.notes += result.notes
    subject.add(result.findings)
    subject.close(result.stage)


def headed(sender: Sender, headers: Mapping[str, str]) -> Sender:
    """A sender that adds the configured headers to every request."""
    from zeues_contracts.live.sending import Headed

    return Headed(sender, tuple((name.lower(), value) for name, value in headers.items()))


def _why_not_live(subject: Subject) -> str:
    return "" if subject.runs() else NOTHING_RUNS


def _gone(subject: Subject) -> str:
    """Why no request can be answered at all, or empty: a dependency that is out leaves much that can be."""
    verdict = subject.outage
    if verdict is not None and (subject.is_stranger or _unanswered(verdict)):
        return verdict.sentence
    if subject.live is None and subject.unreachable and subject.snapshot is None:
        return subject.unreachable
    return ""


def _unanswered(verdict: Verdict) -> bool:
    return verdict.exchange is not None and verdict.exchange.response is None


def _closed(subject: Subject, stage: str) -> str:
    """Why a stage would only meet closed doors, or empty."""
    if subject.closed is None or subject.live is None:
        return ""
    from zeues_contracts.live.access import brings_credentials, needs_credentials

    if stage == "replay" and brings_credentials(subject.contracts, subject.live):
        return ""
    if not all(needs_credentials(one) for one in subject.live.operations.values() if one.path not in _probed(subject)):
        return ""  # some of it is open, and can be judged
    return subject.closed.message


def _probed(subject: Subject) -> frozenset[str]:
    return frozenset(probe.path for probe in subject.probes)


def _used(subject: Subject, document: Document) -> tuple[str, ...]:
    """The operations that consumers use, by name."""
    from zeues_contracts.live.building import operation_of_interaction

    found = (
        operation_of_interaction(document, interaction)
        for contract in subject.contracts
        for interaction in contract.interactions
    )
    return tuple(dict.fromkeys(operation.name for operation in found if operation is not None))
