"""While something is out, a gateway's own document is not the service's: nothing is claimed of what could not be read.

The other way round, a service that is well may well have changed all of its operations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.check.test_pipeline import project, service, status_of
from zeues_contracts.check import check
from zeues_contracts.findings import Cause, StageStatus

GATEWAY: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "Gateway", "version": "3"},
    "paths": {
        "/services": {"get": {"responses": {"200": {"description": "ok"}}}},
        "/health": {"get": {"responses": {"200": {"description": "ok"}}}},
    },
}
EMPTY: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": {}}


@pytest.mark.parametrize("live", [GATEWAY, EMPTY], ids=["gateway", "empty"])
def test_a_foreign_document_while_something_is_out_is_no_drift(tmp_path: Path, live: dict[str, Any]) -> None:
    down = (502, {"message": "upstream unavailable"})
    with service(live, dict.fromkeys(("/health", "/items/7", "/services"), down)) as url:
        report = check(project(tmp_path, url=url))
    assert report.exit_code() == 3
    assert {one.cause for one in report.findings} == {Cause.OUTAGE}
    found = status_of(report)
    assert found["drift"] is StageStatus.BLOCKED
    assert found["contracts"] is StageStatus.RAN
    assert any("against the snapshot" in note for note in report.notes)


def test_a_successor_is_drift_where_nothing_is_out(tmp_path: Path) -> None:
    successor = {
        "openapi": "3.0.1",
        "info": {"title": "Shop", "version": "2"},
        "paths": {"/goods": {"get": {"responses": {"200": {"description": "ok"}}}}},
    }
    with service(successor, {"/health": (200, {"status": "ok"}), "/goods": (200, {})}) as url:
        report = check(project(tmp_path, url=url), only=("health", "drift"))
    assert status_of(report)["drift"] is StageStatus.RAN
    assert any(one.cause is Cause.DRIFT for one in report.findings)


def test_another_service_at_the_address_is_no_drift_though_it_is_well(tmp_path: Path) -> None:
    with service(GATEWAY, {"/health": (200, {"status": "ok"}), "/services": (200, {})}) as url:
        report = check(project(tmp_path, url=url), only=("drift",))
    assert report.exit_code() == 3
    assert status_of(report)["drift"] is StageStatus.BLOCKED
    assert [one.rule for one in report.findings] == ["ZC507"]
