"""How each test of a rehearsal fared, as every report shows it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from zeues_contracts.findings import Finding, Forecast, Layer, Level
from zeues_contracts.live.mock.rehearsal import Failure, Run, same_test, senders_of

__all__ = ["forecasts_of"]


def forecasts_of(
    run: Run, findings: Sequence[Finding], failures: Sequence[Failure], consumer: str
) -> tuple[Forecast, ...]:
    """One forecast per test that sent something, in the order in which they came.

    What stands between it and passing are the findings of level error that hit it. A test of which nothing of the kind
    is known passes if the command did, or if it was watched to its end and nothing says otherwise; else it is open.
    """
    senders = senders_of(run)
    watched = {run.tests[number] for number in run.tests}
    waiting = {one.test for one in run.awaited if one.possible}
    found = []
    for test in dict.fromkeys(senders.values()):
        layers = tuple(
            Layer(one.cause, one.message, one.fingerprint)
            for one in findings
            if one.level is Level.ERROR and any(hit.interaction == test for hit in one.hits)
        )
        failed = any(same_test(failure.test, test) for failure in failures)
        passes: bool | None = None
        if layers:
            passes = False
        elif run.exit_code == 0 or (test in watched and not failed and test not in waiting):
            passes = True
        found.append(Forecast(consumer, test, passes, layers))
    return tuple(found)
