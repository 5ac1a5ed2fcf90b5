"""What the pytest plugin does: watching the exchanges of each test, and saying why a test failed.

Nothing here changes the outcome of a test; :meth:`Watch.gated` alone names tests that are to fail before they run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zeues_contracts.consumers.recording.building import same_test, test_name
from zeues_contracts.consumers.recording.hook.install import patch_libraries
from zeues_contracts.consumers.recording.hook.recorder import Entry, Recorder, activate, deactivate
from zeues_contracts.consumers.recording.spool import Outcome, Recorded, Recording, read_line
from zeues_contracts.errors import UsageError
from zeues_contracts.exchange import Exchange
from zeues_contracts.findings import Cause, Finding, Level

if TYPE_CHECKING:
    from zeues_contracts.config import Config, ServiceConfig
    from zeues_contracts.consumers.model import Contract
    from zeues_contracts.openapi.model import Document
    from zeues_contracts.triage.model import ProbeResult

__all__ = ["Watch"]

Pairs = tuple[tuple[str, str], ...]

_PROBES_LAST = 10.0
_MOST_COMPANY = 500
_UNMET = "ZC450"


@dataclass(slots=True)
class Watch:
    """One run of pytest. ``mode`` is ``check``, ``record`` or empty (the gate alone)."""

    mode: str
    config: Config
    service: str
    consumer: str
    document: Document | None
    contracts: tuple[Contract, ...]
    url: str = ""
    is_worker: bool = False
    gates: dict[str, str] = field(default_factory=dict)
    recorder: Recorder | None = None
    written: str = ""
    _entries: list[Entry] = field(default_factory=list)
    _lines: list[Mapping[str, Any]] = field(default_factory=list)
    _company: list[Exchange] = field(default_factory=list)
    _probes: tuple[float, tuple[ProbeResult, ...]] = (float("-inf"), ())
    _checked: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        mode: str,
        *,
        root: Path,
        gate: bool = False,
        service: str = "",
        consumer: str = "",
        document: str = "",
        url: str = "",
        is_worker: bool = False,
    ) -> Watch:
        """Begin to watch this process. Raises :class:`UsageError` for a configuration that cannot be used."""
        from zeues_contracts.config import find_config_file, load_config
        from zeues_contracts.consumers.reading import read_contracts
        from zeues_contracts.consumers.recording.documents import document_at_hand

        config = load_config(find_config_file(root))
        if service and service not in config.services and not document:
            raise UsageError(f"there is no service {service!r} in {config.source or 'the configuration'}")
        if not service and len(config.services) > 1:
            raise UsageError(f"which service? there are {', '.join(config.services)}", hint="--contracts-service NAME")
        name = service or next(iter(config.services), "")
        known = document_at_hand(config, name, document)
        contracts = read_contracts(config, name) if name in config.services else ()
        if known is None and (gate or mode == "check"):
            raise UsageError("there is no document to check against", hint="--contracts-document FILE, or a snapshot")
        watch = cls(mode, config, name, consumer or root.name.lower(), known, contracts, url, is_worker)
        if gate and known is not None:
            watch.gates = _gates(contracts, known, name, config)
        if mode:
            watch.recorder = Recorder(listeners=[watch._entries.append])
            activate(watch.recorder)
            patch_libraries()
        return watch

    @property
    def settings(self) -> ServiceConfig:
        """The configuration of the service."""
        from zeues_contracts.config import ServiceConfig

        return self.config.services.get(self.service, ServiceConfig())

    def gated(self, nodeid: str) -> str:
        """Why a test is to fail before it runs, or empty."""
        if not self.gates:
            return ""
        name = test_name(nodeid)
        return next((reason for test, reason in self.gates.items() if same_test(test, name)), "")

    def judge(self, nodeid: str, *, failed: bool, text: str = "") -> Pairs:
        """What the exchanges of a test that has just run say, as properties of its report."""
        recorder = self.recorder
        if recorder is None:
            return ()
        recorder.flush(final=True)
        lines = [recorder.line(entry) for entry in self._entries]
        self._entries.clear()
        if self.mode == "record":
            self._lines += lines
        else:
            self._lines.clear()
        own = [one for one in map(read_line, lines) if test_name(one.test) == test_name(nodeid)]
        self._company += [read_line(line).exchange for line in lines]
        del self._company[:-_MOST_COMPANY]
        if self.document is None or (not own and not failed):
            return ()
        return self._explained(own, nodeid, failed=failed, text=text)

    def _explained(self, own: Sequence[Recorded], nodeid: str, *, failed: bool, text: str) -> Pairs:
        from zeues_contracts.consumers import check_contracts
        from zeues_contracts.levels import apply_levels
        from zeues_contracts.live.observing import forecast_tests, judge_recording

        outcome = Outcome(nodeid, "failed" if failed else "passed", "call", text)
        recording = Recording(tuple(own), (outcome,))
        probes = self._probed(own) if failed else ()
        traffic = self._company[: -len(own)] if own else self._company
        observed = judge_recording(
            recording,
            self.document,
            self.consumer,
            self.service,
            base_urls=[self.url] if self.url else [],
            probes=probes,
            traffic=traffic,
        )
        assert self.document is not None
        static: Sequence[Finding] = ()
        said = {repr((one.operation, one.request, one.expect)) for one in observed.contract.interactions}
        if failed or not said <= self._checked:  # what fitted once fits again
            static = check_contracts([observed.contract], self.document, service=self.service, settings=self.settings)
            self._checked |= said
        findings = apply_levels([*observed.findings, *static], self.config, self.service)
        grave = [one for one in findings if one.level is Level.ERROR and one.cause is not Cause.OUTAGE]
        pairs: list[tuple[str, str]] = []
        forecasts = forecast_tests(observed, findings, recording.outcomes, probes)
        told = next((one for one in forecasts if same_test(one.test, test_name(nodeid))), None)
        if failed:
            layers = told.layers if told is not None else ()
            cause = layers[0].cause if layers else None
            why = layers[0].message if layers else "every answer was as expected"
            pairs += [("contracts_cause", cause.value if cause is not None else "none"), ("contracts_why", why)]
            pairs += [("contracts_behind", f"{one.cause or 'none'}: {one.message}") for one in layers[1:4]]
        elif told is not None and told.wrong_reason:
            pairs.append(("contracts_wrong_reason", told.wrong_reason))
        pairs += [("contracts_finding", f"{one.rule} {one.message}") for one in _told_once(grave)[:10]]
        return tuple(pairs)

    def _probed(self, own: Sequence[Recorded]) -> tuple[ProbeResult, ...]:
        """What the service's probes say now; asked again after ten seconds at the earliest."""
        bad = [one for one in own if one.exchange.status is None or one.exchange.status >= 500]
        if not bad:
            return ()
        at, probes = self._probes
        if time.monotonic() - at < _PROBES_LAST:
            return probes
        from zeues_contracts.consumers.recording.building import origin_and_path
        from zeues_contracts.http import collect_headers
        from zeues_contracts.live.health import preflight

        base = self.url or self.settings.base_url or origin_and_path(bad[0].exchange.request.url)[0]
        before = self.recorder
        if before is not None:
            deactivate(before)
        try:
            sent = collect_headers(self.settings.headers)
            result = preflight(base, self.document, self.settings, sent, limits=self.config.limits)
        finally:
            if before is not None:
                activate(before)
        self._probes = (time.monotonic(), result.probes)
        return result.probes

    # -- recording ------------------------------------------------------------------------------------------------

    def lines(self) -> list[Mapping[str, Any]]:
        """What this process has recorded, as JSON values."""
        if self.recorder is not None:
            self.recorder.flush(final=True)
            self._lines += [self.recorder.line(entry) for entry in self._entries]
            self._entries.clear()
        return self._lines if self.mode == "record" else []

    def take(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """What another process has recorded."""
        self._lines += lines

    def finish(self) -> None:
        """Write the contract, where that is wanted and something was recorded."""
        if self.mode != "record" or self.is_worker:
            return
        from zeues_contracts.consumers.merging import merge_contracts
        from zeues_contracts.consumers.reading import contract_file, read_contract
        from zeues_contracts.consumers.recording.building import build_contract, operation_finder, service_exchanges
        from zeues_contracts.consumers.writing import write_contract
        from zeues_contracts.files import write_atomically

        recorded = sorted(map(read_line, self.lines()), key=lambda one: one.exchange.at)
        finder = operation_finder(self.document)
        kept, _ = service_exchanges(Recording(tuple(recorded)), [self.url], finder)
        if not kept:
            self.written = "no request was seen: nothing is written"
            return
        file = contract_file(self.config, self.consumer)
        existing = read_contract(file) if file.is_file() else None
        built = build_contract(kept, self.consumer, self.service, operation_of=finder, existing=existing)
        contract = built.contract
        changes: tuple[str, ...] = ("new",)
        if existing is not None:
            merged = merge_contracts(existing, contract)
            contract, changes = merged.contract, merged.changes
        if changes:
            write_atomically(file, write_contract(contract))
        state = "unchanged" if not changes else "written" if existing is None else f"{len(changes)} changes"
        self.written = f"{file}: {len(contract.interactions)} interactions, {state}"

    # -- telling --------------------------------------------------------------------------------------------------

    def summary(self, told: Mapping[str, Sequence[tuple[str, str]]]) -> list[str]:
        """Lines for the end of the run."""
        lines: list[str] = []
        others: dict[str, list[str]] = {}
        for nodeid, pairs in told.items():
            values: dict[str, list[str]] = {}
            for name, value in pairs:
                values.setdefault(name.removeprefix("contracts_"), []).append(value)
            if "cause" in values:
                word = values["cause"][0]
                what = "no cause outside of the test" if word == "none" else word
                lines.append(f"FAILED {nodeid}: {what}: {values.get('why', [''])[0]}")
                lines += [f"       behind it, {one}" for one in values.get("behind", ())]
            elif "wrong_reason" in values:
                lines.append(f"PASSED {nodeid} for the wrong reason: {values['wrong_reason'][0]}")
            lines += [f"{nodeid} could not be judged: {one}" for one in values.get("error", ())]
            for one in values.get("finding", ()):
                others.setdefault(one, []).append(nodeid)
        for one, tests in others.items():
            more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
            lines.append(f"{one} ({tests[0].rpartition('::')[2]}{more})")
        if self.written:
            lines.append(self.written)
        return lines

    def close(self) -> None:
        """Stop watching."""
        if self.recorder is not None:
            deactivate(self.recorder)


def _gates(contracts: Sequence[Contract], document: Document, service: str, config: Config) -> dict[str, str]:
    """For each test of a contract that does not fit: the first finding."""
    from zeues_contracts.consumers import check_contracts
    from zeues_contracts.levels import apply_levels

    settings = config.services.get(service)
    findings: Sequence[Finding] = check_contracts(contracts, document, service=service, settings=settings)
    tests = {
        (contract.consumer, one.id): one.test for contract in contracts for one in contract.interactions if one.test
    }
    reasons: dict[str, str] = {}
    for finding in apply_levels(findings, config, service):
        if finding.level is Level.ERROR and finding.cause is Cause.MISMATCH:
            for hit in finding.hits:
                test = tests.get((hit.consumer, hit.interaction))
                if test:
                    reasons.setdefault(test, f"{finding.rule} {finding.message}")
    return reasons


def _told_once(findings: Sequence[Finding]) -> list[Finding]:
    """Without what came of an exchange where the contract's check has said why it does."""
    known = {
        (hit.consumer, hit.interaction)
        for one in findings
        if one.cause is Cause.MISMATCH and one.rule != _UNMET
        for hit in one.hits
    }
    return [
        one
        for one in findings
        if one.rule != _UNMET or not {(hit.consumer, hit.interaction) for hit in one.hits} & known
    ]
