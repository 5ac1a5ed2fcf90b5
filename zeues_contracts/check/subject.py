"""One service under check: where it is, what it promises, and what was found so far."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zeues_contracts.check.events import FindingFound, Listener, StageBegan, StageEnded
from zeues_contracts.errors import CannotJudgeError
from zeues_contracts.findings import Finding, Stage, StageStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zeues_contracts.config import Config, ServiceConfig
    from zeues_contracts.consumers.model import Contract
    from zeues_contracts.exchange import Exchange
    from zeues_contracts.live.sending import Sender
    from zeues_contracts.openapi.model import Document
    from zeues_contracts.triage.model import ProbeResult, Replayed, Verdict

__all__ = ["Subject"]


@dataclass(slots=True)
class Subject:
    """The state of the run on one service. Stages read what earlier ones found and add to it."""

    config: Config
    name: str
    settings: ServiceConfig
    headers: Mapping[str, str]
    flags: tuple[str, ...]
    """Headers given by flags, as written; they are in ``headers`` too."""
    listen: Listener
    live: Document | None = None
    snapshot: Document | None = None
    baseline: str = ""
    """What the snapshot is called: its file, or the revision that it was taken from."""
    contracts: tuple[Contract, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    traffic: list[Exchange] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    """How many requests of each method replay and fuzzing sent: of many, ``traffic`` holds but the latest."""
    probes: tuple[ProbeResult, ...] = ()
    replayed: tuple[Replayed, ...] = ()
    changed: tuple[str, ...] = ()
    outage: Verdict | None = None
    apart: dict[str, Verdict] = field(default_factory=dict)
    """The operations that are out for themselves while others are well."""
    sends: bool = True
    """Whether requests of consumers or generated ones are to be sent, for which credentials have to be right."""
    closed: Finding | None = None
    """That the credentials are refused or missing."""
    unreachable: str = ""
    """Why there is no live document, or empty."""
    notes: list[str] = field(default_factory=list)
    _app: Any = None

    @property
    def source(self) -> str:
        """Where the live document is said to be, without credentials."""
        from zeues_contracts.redact import redact_url

        return redact_url(self.settings.url) if self.settings.url else self.settings.app or self.settings.document

    def acquire(self) -> None:
        """Get the live document. What does not let itself be reached is noted, not raised; bad input is raised."""
        from zeues_contracts.openapi.sources import live_document, request_base

        began = self.begin("document")
        try:
            self.live = live_document(self.config, self.name, self.flags)
        except CannotJudgeError as error:
            self.unreachable = error.message
            if error.hint:
                self.notes.append(error.hint)
            self.end("document", began, StageStatus.BLOCKED, error.message)
            return
        note = request_base(self.settings, self.name, self.live).note
        if note and not self.is_in_process:
            self.notes.append(note)
        self.end("document", began, counts={"operations": len(self.live.keys)})

    def read_snapshot(self, since: str = "") -> None:
        """Get the approved document: that of the working folder, or of a git revision. Missing is no error here."""
        from zeues_contracts.snapshots import read_snapshot, snapshot_path

        path = snapshot_path(self.config, self.name)
        if since:
            from zeues_contracts.snapshots import snapshot_at

            self.snapshot = snapshot_at(self.config, self.name, since)
            self.baseline = f"{since}:{path.name}"
        elif path.is_file():
            self.snapshot = read_snapshot(path, self.config)
            self.baseline = str(path)

    @property
    def document(self) -> Document | None:
        """The promise that consumers are checked against: the live one, else the one that was approved."""
        return self.live or self.snapshot

    def base_url(self) -> str:
        """Where requests go, or empty where nothing is running."""
        from zeues_contracts.openapi.sources import request_base

        return request_base(self.settings, self.name, self.live).url

    @property
    def is_fetched(self) -> bool:
        """Whether the live document comes over the network: what stands in between may have put its own there."""
        from zeues_contracts.openapi.acquiring import is_url

        if self.settings.app:
            return False
        return is_url(self.settings.document) if self.settings.document else bool(self.base_url())

    @property
    def is_stranger(self) -> bool:
        """Whether what answers was found not to be the service."""
        from zeues_contracts.live.outages import ANOTHER_SERVICE

        return self.outage is not None and self.outage.sign == ANOTHER_SERVICE

    @property
    def is_in_process(self) -> bool:
        """Whether requests go into the application, not over HTTP."""
        return bool(self.settings.app) and not self.settings.base_url

    def repeatable(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """The findings with a command that repeats each request where it was sent."""
        if not self.is_in_process:
            return findings
        from zeues_contracts.live.asking import asked_in_process

        return asked_in_process(findings, self.settings.app)

    def sender(self) -> Sender | None:
        """A sender into the application in process, or ``None`` where requests go over HTTP."""
        if not self.is_in_process:
            return None
        from zeues_contracts.live.inprocess import AsgiSender
        from zeues_contracts.openapi.inprocess import import_app

        if self._app is None:
            self._app = import_app(self.settings.app, Path(self.config.root or "."))
        return AsgiSender(self._app)

    @contextlib.contextmanager
    def in_process(self) -> Iterator[Sender | None]:
        """A sender into the application while it is needed, ``None`` where requests go over HTTP.

        Raises as :meth:`sender`.
        """
        sender = self.sender()
        try:
            yield sender
        finally:
            if sender is not None:
                sender.close()

    @contextlib.contextmanager
    def line(self) -> Iterator[Sender]:
        """A sender to the service, wherever it is, that adds the configured headers to every request."""
        from zeues_contracts.live.limits import Bounds
        from zeues_contracts.live.sending import Headed, HttpSender

        inner = self.sender() or HttpSender(self.base_url(), bounds=Bounds.of(self.config.limits))
        try:
            yield Headed(inner, tuple((name.lower(), value) for name, value in self.headers.items()))
        finally:
            inner.close()

    def runs(self) -> bool:
        """Whether there is anything to send requests to."""
        return bool(self.base_url() or self.settings.app)

    def begin(self, stage: str) -> float:
        """Say that a stage begins; the time goes to :meth:`end`."""
        self.listen(StageBegan(self.name, stage))
        return time.monotonic()

    def end(
        self,
        stage: str,
        began: float,
        status: StageStatus = StageStatus.RAN,
        reason: str = "",
        *,
        counts: Mapping[str, int] | None = None,
        subjects: Sequence[str] = (),
    ) -> None:
        """Note how a stage ended."""
        self.close(
            Stage(stage, status, self.name, reason, time.monotonic() - began, dict(counts or {}), tuple(subjects))
        )

    def close(self, stage: Stage) -> None:
        """Note a stage that says itself how it ended."""
        self.stages.append(stage)
        self.listen(StageEnded(stage))

    def withdraw(self, findings: Iterable[Finding]) -> None:
        """Take back what was found before more was known."""
        gone = {one.fingerprint for one in findings}
        self.findings = [one for one in self.findings if one.fingerprint not in gone]

    def reword(self, finding: Finding) -> None:
        """Put a finding in the place of the one with its fingerprint."""
        self.findings = [finding if one.fingerprint == finding.fingerprint else one for one in self.findings]

    def is_out(self, verdict: Verdict) -> None:
        """Take an outage in, which ends what can be judged, and tell it."""
        from zeues_contracts.live.outages import outage_finding

        self.outage = verdict
        self.add([outage_finding(verdict, self.name, self.document)])

    def add(self, findings: Iterable[Finding]) -> None:
        """Take findings in; one fingerprint once.

        The later reading of it stands, unless only the earlier one was seen with a consumer's own request.
        """
        known = {one.fingerprint: index for index, one in enumerate(self.findings)}
        for finding in findings:
            one = finding if finding.service else finding.with_(service=self.name)
            index = known.get(one.fingerprint)
            if index is None:
                known[one.fingerprint] = len(self.findings)
                self.findings.append(one)
                self.listen(FindingFound(one))
            else:
                before = self.findings[index]
                chosen = before if before.hits and not one.hits else one
                self.findings[index] = chosen.with_(hits=tuple(dict.fromkeys((*before.hits, *one.hits))))
