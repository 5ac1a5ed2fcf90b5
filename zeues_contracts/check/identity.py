"""Whether what answers is the service at all, asked before anything is held against its document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zeues_contracts.check.subject import Subject

if TYPE_CHECKING:
    from zeues_contracts.openapi.model import Document
    from zeues_contracts.triage.model import ProbeResult, Verdict

__all__ = ["identity", "is_foreign"]


def identity(subject: Subject) -> None:
    """See whether another service answers, or none at all where requests go: an outage, and no drift is claimed.

    Nothing is asked where the document comes from an application in process, or where an outage is known already.
    """
    if subject.document is None or subject.outage is not None or subject.is_in_process or not subject.base_url():
        return
    verdict = _another(subject) or _nowhere(subject)
    if verdict is not None:
        subject.is_out(verdict)


def _another(subject: Subject) -> Verdict | None:
    live, snapshot = subject.live, subject.snapshot
    if live is None or snapshot is None or not subject.is_fetched:
        return None
    from zeues_contracts.live.kinship import shares_nothing

    if not shares_nothing(snapshot, live):
        return None
    from zeues_contracts.live.identity import ask_identity, judge_identity
    from zeues_contracts.live.limits import Bounds

    bounds = Bounds.of(subject.config.limits)
    with subject.line() as line:
        old, new = ask_identity(snapshot, live, line, bounds, subject.settings.replay.unsafe)
    subject.traffic += [one.exchange for one in (*old, *new)]
    return judge_identity(snapshot, live, old, new)


def _nowhere(subject: Subject) -> Verdict | None:
    """Asked only where requests are to be sent, and no documented path of a document that was read answered a probe."""
    document = subject.document
    if document is None or not subject.sends or (subject.live is not None and _reached(document, subject.probes)):
        return None
    from zeues_contracts.live.identity import ask_whereabouts, judge_whereabouts
    from zeues_contracts.live.limits import Bounds

    bounds = Bounds.of(subject.config.limits)
    with subject.line() as line:
        asked, nowhere = ask_whereabouts(document, line, bounds, subject.settings.replay.unsafe)
    subject.traffic += [one.exchange for one in asked]
    return judge_whereabouts(asked, nowhere, readable=subject.live is not None)


def _reached(document: Document, probes: Sequence[ProbeResult]) -> bool:
    documented = {one.path for one in document.operations.values()}
    return any(one.status is not None and one.status < 400 and one.path in documented for one in probes)


def is_foreign(subject: Subject) -> bool:
    """Whether, while something is out, what was read is no document of this service: a gateway's own, or an empty one.

    What is asked for health is no sign of the service: a gateway has its own.
    """
    if subject.live is None or subject.snapshot is None or subject.outage is None:
        return False
    from zeues_contracts.live.kinship import shares_nothing

    return shares_nothing(subject.snapshot, subject.live)
