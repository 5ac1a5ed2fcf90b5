"""From what a mock logged and a command printed to findings. Pure.

A request that does not fit is a mismatch of its own. What the command says of failing is put beside the request that it
came after, where the output tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zeues_contracts.findings import Evidence, Finding, Forecast, Hit, Level, Place, Stage, StageStatus
from zeues_contracts.live.curl import clean, curl
from zeues_contracts.live.mock.expectations import Awaited
from zeues_contracts.live.mock.remarks import Remark
from zeues_contracts.live.mock.server import MOCK_ORIGIN, Logged
from zeues_contracts.openapi.model import Document
from zeues_contracts.redact import redact_text
from zeues_contracts.rules import rule

__all__ = ["Failure", "Rehearsal", "Run", "failures_in", "rehearsal_findings", "replay_line", "same_test", "senders_of"]

_CODES = {"unknown": "ZC381", "credentials": "ZC384", "refused": "ZC380", "ignored": "ZC382", "converted": "ZC383"}
_REFUSALS = frozenset({"unknown", "credentials", "refused"})
_FAILING = re.compile(
    r"(?:^|[^\w.])(?:FAIL(?:ED|URE)?|ERROR|not ok|✗|✘|✖|AssertionError|Traceback)(?:[^\w]|$)"
    r"|^\s*(?:E\s{2,}\S|[A-Za-z_.]*(?:Error|Exception)\b\s*:)"
)
_IS_PLACE = re.compile(r"[^\s:]+\.py:\d+: [\w.]+$")
"""Where a test of pytest failed: whose it is, the summary says."""
_TEST = re.compile(r"\b(test_\w{1,120})")
_MAX_LINES = 40
_MAX_LINE = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """A line by which the command says that something failed; ``after`` is the request that it came after."""

    line: str
    test: str = ""
    after: Logged | None = None

    @property
    def sentence(self) -> str:
        """The line with its test and the request before it."""
        where = f"{self.test}: " if self.test and self.test not in self.line else ""
        after = f" (after {self.after.line})" if self.after is not None else ""
        return f"{where}{self.line}{after}"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command: the mock's log, the exit code (``None`` if it did not end in time), what it printed.

    ``total`` is the number of requests, if more came than were logged. What follows is known of watched processes
    alone: ``tests`` by the number of the request, the answers that were not what tests wait for, what the static check
    says of the expectations that were seen, and which refusals are ``meant`` (and whether by their very status).
    """

    log: tuple[Logged, ...]
    exit_code: int | None = 0
    output: bytes = b""
    total: int = 0
    tests: Mapping[int, str] = field(default_factory=dict)
    awaited: tuple[Awaited, ...] = ()
    expectations: tuple[Finding, ...] = ()
    meant: Mapping[int, bool] = field(default_factory=dict)

    def text(self, first: int, last: int | None = None) -> str:
        """What was printed between two marks of the log."""
        return self.output[first:last].decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of a rehearsal. ``notes`` are what the mock had to leave open, ``forecast`` tells of each test."""

    findings: tuple[Finding, ...]
    stage: Stage
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    forecast: tuple[Forecast, ...] = ()


@dataclass(slots=True)
class _Group:
    """One thing that is wrong, however often it was met."""

    remark: Remark
    first: Logged
    tests: dict[str, None] = field(default_factory=dict)
    count: int = 0
    meant: list[bool | None] = field(default_factory=list)


def rehearsal_findings(
    document: Document, runs: Sequence[Run], *, consumer: str, service: str = "", seconds: float = 0.0
) -> Rehearsal:
    """The findings of a rehearsal. The last run tells what is waited for; the requests of all of them are judged."""
    last = runs[-1]
    passed = last.exit_code == 0
    groups: dict[tuple[str, str, str], _Group] = {}
    notes: dict[str, None] = {}
    for run in reversed(runs):
        mine: dict[tuple[str, str, str], _Group] = {}
        tests = senders_of(run)
        for logged in run.log:
            for remark in logged.remarks:
                if remark.kind not in _CODES:
                    notes.setdefault(remark.message)
                    continue
                where = logged.operation or logged.line.partition("?")[0].partition(" → ")[0]
                group = mine.setdefault((remark.kind, where, remark.subject), _Group(remark, logged))
                group.count += 1
                group.meant.append(run.meant.get(logged.number))
                if tests.get(logged.number):
                    group.tests.setdefault(tests[logged.number])
        groups = {**mine, **groups}
    findings = [
        _finding(document, group, where, consumer, service, passed=passed) for (_, where, _), group in groups.items()
    ]
    failures = failures_in(last, senders_of(last))
    findings += _expected(last)
    findings += [_needing(document, one, consumer, service) for one in last.awaited if one.reachable]
    if not passed:
        findings += _failed(document, last, failures, consumer, service, explained=bool(groups))
    if len(runs) > 1:
        notes.setdefault(f"the command was run {len(runs)} times: its tests wait for answers that take a state")
    return Rehearsal(tuple(findings), _stage(document, last, service, seconds), tuple(notes), tuple(failures))


def _expected(run: Run) -> list[Finding]:
    """What the static check says; what a test failed on in the rehearsal is an error."""
    failed = {one.test for one in run.awaited if not one.reachable}
    return [
        finding.with_(level=Level.ERROR)
        if finding.level is Level.WARNING and any(hit.interaction in failed for hit in finding.hits)
        else finding
        for finding in run.expectations
    ]


def _needing(document: Document, one: Awaited, consumer: str, service: str) -> Finding:
    entry, wanted, status = rule("ZC386"), " or ".join(one.wanted), one.logged.exchange.status
    values = f"certain values ({status}), and the mock answered others that are documented as well"
    told = f"{wanted}, and the mock answered {status}" if one.possible else values
    return entry.finding(
        f"{one.test or consumer} waits for {told}",
        service=service,
        operations=(one.logged.operation,),
        subject=f"{consumer} {one.test}".strip(),
        place=_responses(document, one.logged.operation),
        evidence=Evidence(exchange=clean(one.logged.exchange), replay=replay_line(one.logged), details=one.why[:5]),
        hits=(Hit(consumer, one.test or one.logged.operation),),
        hint=entry.mend if one.possible else "give the document an example with these values, or take it as it is",
        confidence="certain",
    )


def _finding(
    document: Document, group: _Group, operation: str, consumer: str, service: str, *, passed: bool
) -> Finding:
    remark, entry = group.remark, rule(_CODES[group.remark.kind])
    tests = list(group.tests)
    details = [f"sent {group.count} times"] if group.count > 1 else []
    if tests:
        details.append(f"by {', '.join(tests[:10])}" + (f" and {len(tests) - 10} more" if len(tests) > 10 else ""))
    level = entry.level
    if remark.kind in _REFUSALS and all(group.meant):
        level = Level.INFO
        details.append("its test waits for this very status: it is a test of just that")
    elif remark.kind in _REFUSALS and (passed or None not in group.meant):
        # A test of what is refused passes because it is; nobody else can tell it from a mistake.
        level = Level.WARNING
        what = "its test takes any such status" if None not in group.meant else "the command passed all the same"
        details.append(f"{what}: it may be a test of just that, or pass for the wrong reason")
    return entry.finding(
        remark.message,
        level=level,
        service=service,
        operations=(operation,),
        subject=remark.subject,
        place=document.place(remark.at, "snapshot") if remark.at else Place(document.source, role="snapshot"),
        evidence=Evidence(
            witness=remark.witness,
            exchange=clean(group.first.exchange),
            replay=replay_line(group.first),
            details=tuple(details),
        ),
        hits=tuple(Hit(consumer, test) for test in tests) or (Hit(consumer, operation),),
        hint=remark.hint or entry.mend,
        confidence="certain",
    )


def _failed(
    document: Document,
    run: Run,
    failures: Sequence[Failure],
    consumer: str,
    service: str,
    *,
    explained: bool,
) -> list[Finding]:
    """What fails although the answer kept to the document, and nothing else has said why.

    One finding per test and operation where that is known, else one for the command.
    """
    settled = {one.test for one in run.awaited if one.reachable}
    settled |= {hit.interaction for one in run.expectations if one.level.rank >= 2 for hit in one.hits}
    by_place: dict[tuple[str, str], list[Failure]] = {}
    for one in run.awaited:
        if one.test not in settled:
            by_place.setdefault((one.test, one.logged.operation), []).extend(
                Failure(why, one.test, one.logged) for why in one.why
            )
    # A test whose request does not fit has its finding; what it says of failing, at the end, is of that.
    sent = senders_of(run)
    refused = {sent[one.number] for one in run.log if one.wrong and sent.get(one.number)}
    loose: list[Failure] = []
    known = False
    for failure in failures:
        if any(same_test(failure.test, test) for test in settled) or (failure.after and failure.after.wrong):
            known = True
        elif failure.after is None:
            told = {test for test, _ in by_place} | refused
            if any(same_test(failure.test, test) for test in told):
                known = True
            else:
                loose.append(failure)
        else:
            by_place.setdefault((failure.test, failure.after.operation), []).append(failure)
    if known and all(_IS_PLACE.match(one.line) for one in loose):
        loose = []
    found = [
        _unmet(document, group, consumer, service, test, operation) for (test, operation), group in by_place.items()
    ]
    if run.exit_code is not None and not loose and (found or known or settled):
        return found
    how = "did not end in time" if run.exit_code is None else f"failed (exit code {run.exit_code})"
    message = f"{consumer} {how} on answers that keep to the document"
    lines = [failure.sentence for failure in loose] or ["it printed nothing that reads like a failure"]
    entry = rule("ZC385")
    found.append(
        entry.finding(
            f"{message}, besides what is told apart" if found or explained else message,
            service=service,
            subject=consumer,
            evidence=Evidence(details=tuple(lines[:_MAX_LINES])),
            hits=tuple(Hit(consumer, test) for test in dict.fromkeys(one.test for one in loose) if test),
            hint=entry.mend,
            confidence="likely" if explained else "certain",
        )
    )
    return found


def same_test(one: str, other: str) -> bool:
    """Whether two names are of one test: a runner's name holds the file's as well."""
    return bool(one) and (one == other or other.endswith((f"::{one}", f".{one}")) or one.endswith((f"::{other}",)))


def _responses(document: Document, operation: str) -> Place | None:
    known = next((one for one in document.operations.values() if one.name == operation), None)
    return document.place(f"{known.pointer}/responses", "snapshot") if known is not None else None


def _unmet(
    document: Document, group: Sequence[Failure], consumer: str, service: str, test: str, operation: str
) -> Finding:
    logged = group[0].after
    assert logged is not None
    known = next((one for one in document.operations.values() if one.name == operation), None)
    documented = f"documented: {', '.join(known.responses) or 'none'}" if known is not None else ""
    entry = rule("ZC385")
    return entry.finding(
        f"{test or consumer} fails although the answer ({logged.exchange.status}) keeps to the document: "
        f"{group[0].line[:120]}",
        service=service,
        operations=(operation,) if operation else (),
        subject=f"{consumer} {test}".strip(),
        place=_responses(document, operation),
        evidence=Evidence(
            exchange=clean(logged.exchange),
            replay=replay_line(logged),
            details=tuple(one for one in (*(failure.line for failure in group[:5]), documented) if one),
        ),
        hits=(Hit(consumer, test or operation),),
        hint=entry.mend,
        confidence="likely",
    )


def replay_line(logged: Logged) -> str:
    """A curl line for a request, to whatever ``ZEUES_CONTRACTS_URL`` names."""
    line = curl(logged.exchange.request)
    return line.replace(f"'{MOCK_ORIGIN}", '"$ZEUES_CONTRACTS_URL"\'').replace(MOCK_ORIGIN, '"$ZEUES_CONTRACTS_URL"')


def _stage(document: Document, run: Run, service: str, seconds: float) -> Stage:
    names = tuple(dict.fromkeys(one.operation for one in run.log if one.operation))
    counts = {
        "requests": run.total or len(run.log),
        "refused": sum(one.wrong for one in run.log),
        "operations": len(names),
        "documented operations": len(document.keys),
    }
    status = StageStatus.RAN if run.log else StageStatus.BLOCKED
    reason = "" if run.log else "the command sent nothing to the mock"
    return Stage("rehearse", status, service, reason, seconds, counts, names)


# --- what was printed -------------------------------------------------------------------------------------------------


def senders_of(run: Run) -> dict[int, str]:
    """The test that sent each request, by the request's number, where it is known.

    The recorder says it; else the last ``test_…`` that was printed before the request, for scripts that name their
    tests as they run them.
    """
    found: dict[int, str] = {}
    current, mark = "", 0
    for logged in run.log:
        if logged.mark > mark:
            named = _TEST.findall(run.text(mark, logged.mark))
            current = named[-1] if named else current
            mark = logged.mark
        name = run.tests.get(logged.number) or logged.test or current
        if name:
            found[logged.number] = name
    return found


def failures_in(run: Run, tests: Mapping[int, str]) -> list[Failure]:
    """The lines by which the command says that something failed, each beside what it came after."""
    found: list[Failure] = []
    before: Logged | None = None
    mark = 0
    for following in (*run.log, None):
        last = following.mark if following is not None else None
        if last is None or last > mark:
            lines = _failing(run.text(mark, last))
            # Many failures in one piece are a summary at the end: each line speaks for itself.
            summary = len({name for line in lines for name in _TEST.findall(line)}) > 1
            for line in lines:
                named = _TEST.findall(line)
                own = named[-1] if named else tests.get(before.number, "") if before is not None and not summary else ""
                found.append(Failure(line, own, None if summary else before))
            mark = last if last is not None else mark
        before = following or before
    return found[:_MAX_LINES]


def _failing(text: str) -> list[str]:
    lines = (_shown(line) for line in text[-1_000_000:].splitlines())
    return list(dict.fromkeys(line for line in lines if _FAILING.search(line)))[:_MAX_LINES]


def _shown(line: str) -> str:
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line[: 4 * _MAX_LINE])
    return redact_text(" ".join(plain.split())[:_MAX_LINE])
