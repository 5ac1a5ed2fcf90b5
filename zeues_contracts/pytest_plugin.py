"""The pytest plugin: off unless ``--contracts`` or the ini option ``contracts`` says otherwise.

This file is imported by every pytest that finds the package installed: it imports nothing of the package before it is
asked for. What it does is in ``zeues_contracts.live.testing``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest

__all__ = ["pytest_addoption", "pytest_configure"]

_MODES = ("check", "record")
_NAME = "zeues-contracts-watch"


def _mode(text: str) -> str:
    """The mode that ``--contracts`` names; a path behind a bare flag is taken for one by argparse."""
    if text not in _MODES:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"{text[:80]!r} is not check or record; before a path write --contracts=check")
    return text


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, all in one group."""
    group = parser.getgroup("contracts", "contracts with HTTP services")
    group.addoption(
        "--contracts",
        nargs="?",
        const="check",
        type=_mode,
        metavar="check|record",
        default=None,
        help="check each exchange of each test against the document, and tell the cause of each failure; or record; "
        "alone it means check, but before a path write --contracts=check",
    )
    group.addoption(
        "--contracts-gate",
        action="store_true",
        default=None,
        help="fail tests whose contract is known not to fit before they run",
    )
    group.addoption("--contracts-service", metavar="NAME", default=None, help="the service, where several are known")
    group.addoption("--contracts-consumer", metavar="NAME", default=None, help="the consumer; by default the folder")
    group.addoption("--contracts-document", metavar="FILE", default=None, help="the document, if not the snapshot")
    group.addoption("--contracts-url", metavar="URL", default=None, help="base URL of the service")
    parser.addini("contracts", "check, record or off", default="off")
    parser.addini("contracts_gate", "fail tests whose contract does not fit before they run", type="bool")
    parser.addini("contracts_service", "the service, where several are known", default="")
    parser.addini("contracts_consumer", "the consumer; by default the folder", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch, if that is wanted."""
    mode = config.getoption("--contracts") or str(config.getini("contracts") or "off").strip().lower()
    gate = config.getoption("--contracts-gate")
    gate = bool(config.getini("contracts_gate")) if gate is None else gate
    if mode in ("off", "false", "no", "0", "") and not gate:
        return
    if mode not in (*_MODES, "off"):
        raise pytest.UsageError(f"contracts = {mode!r}: it is one of check, record, off")
    if os.environ.get("ZEUES_CONTRACTS_SPOOL"):
        return  # `contracts record` or `observe` watches this process already
    from zeues_contracts.errors import ZeuesContractsError
    from zeues_contracts.live.testing import Watch

    def told(name: str) -> str:
        given = config.getoption(f"--contracts-{name}")
        return str(given or (config.getini(f"contracts_{name}") if name in ("service", "consumer") else "") or "")

    try:
        watch = Watch.of(
            mode if mode in _MODES else "",
            root=config.rootpath,
            gate=gate,
            service=told("service"),
            consumer=told("consumer"),
            document=told("document"),
            url=told("url"),
            is_worker=hasattr(config, "workerinput"),
        )
    except ZeuesContractsError as error:
        hint = f"; {error.hint}" if error.hint else ""
        raise pytest.UsageError(f"contracts: {error.message}{hint}") from None
    config.pluginmanager.register(_Plugin(config, watch), _NAME)


class _Plugin:
    """Hands what pytest tells to the watch, and what the watch has to say to pytest."""

    def __init__(self, config: pytest.Config, watch: Any) -> None:
        self.config = config
        self.watch = watch
        self.told: dict[str, list[tuple[str, str]]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """A test whose contract is known not to fit fails before it runs."""
        reason = self.watch.gated(item.nodeid)
        if not reason:
            return None
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for when in ("setup", "call", "teardown"):
            failed = when == "call"
            report = pytest.TestReport(
                nodeid=item.nodeid,
                location=item.location,
                keywords=dict.fromkeys(item.keywords, 1),
                outcome="failed" if failed else "passed",
                longrepr=f"failed by contract: {reason}" if failed else None,
                when=when,
                user_properties=[("contracts_cause", "mismatch"), ("contracts_why", f"failed by contract: {reason}")],
            )
            hook.pytest_runtest_logreport(report=report)
        # What earlier tests set up for this one, and no later test wants, has to go.
        state = getattr(item.session, "_setupstate", None)
        if state is not None:
            state.teardown_exact(nextitem)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
        """After a test has run: what its exchanges say, as properties of its report."""
        outcome: Any = yield
        report: pytest.TestReport = outcome.get_result()
        if report.when == "teardown" or (report.when == "setup" and report.outcome != "failed"):
            return
        text = "" if call.excinfo is None else str(call.excinfo.value)
        expected = hasattr(report, "wasxfail")
        failed = report.outcome == "failed" and not expected
        for pair in self._judged(item.nodeid, failed=failed, text=text):
            report.user_properties.append(pair)
            item.user_properties.append(pair)

    def _judged(self, nodeid: str, *, failed: bool, text: str) -> Sequence[tuple[str, str]]:
        """What the watch says; a defect of it is told and ends nobody's run."""
        try:
            pairs: Sequence[tuple[str, str]] = self.watch.judge(nodeid, failed=failed, text=text)
        except Exception as error:
            return (("contracts_error", f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"),)
        return pairs

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what reports say, from this process or from xdist's workers."""
        pairs = [(name, str(value)) for name, value in report.user_properties if str(name).startswith("contracts_")]
        if pairs and report.when != "teardown":
            self.told[report.nodeid] = pairs

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:
        """Take what a worker of xdist has recorded."""
        output = getattr(node, "workeroutput", None) or {}
        self.watch.take(output.get("contracts_lines", ()))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand on what was recorded, or write it."""
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output["contracts_lines"] = self.watch.lines()
            return
        try:
            self.watch.finish()
        except Exception as error:
            self.watch.written = f"nothing could be written: {error}"

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say for each failed test which cause it has."""
        lines = self.watch.summary(self.told)
        if lines:
            terminalreporter.section("contracts", sep="=")
            for line in lines:
                terminalreporter.write_line(line)

    def pytest_unconfigure(self) -> None:
        """Stop watching."""
        self.watch.close()
