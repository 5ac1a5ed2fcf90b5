"""Closed doors, misspelt guards and what was sent: a check says what it could not see and what it did."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from zeues_contracts.check import check
from zeues_contracts.check.sent import told_sent
from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Cause, Level, StageStatus

from .test_pipeline import DOCUMENT, project, service, status_of

CLOSED: dict[str, Any] = {
    **copy.deepcopy(DOCUMENT),
    "security": [{"key": []}],
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}}},
}
CLOSED["paths"]["/health"]["get"]["security"] = []
REFUSED = {"/health": (200, {"status": "ok"})}


class AnyItem(dict[str, Any]):
    """Answers every item with the same."""

    def __init__(self, status: int) -> None:
        super().__init__(REFUSED)
        self.status = status

    def get(self, path: str, default: Any = None) -> Any:
        return (self.status, {"detail": "who are you"}) if path.startswith("/items/") else super().get(path, default)


@pytest.mark.parametrize("status", [401, 403])
def test_a_service_that_is_closed_to_us_is_not_called_well(status: int, tmp_path: Path) -> None:
    with service(CLOSED, AnyItem(status)) as url:
        report = check(project(tmp_path, url=url))
    found = [one for one in report.findings if one.rule == "ZC506"]
    assert [(one.level, one.cause) for one in found] == [(Level.ERROR, Cause.OUTAGE)]
    assert f"answered {status}: no key (header X-Api-Key) is configured" in found[0].message
    assert "X-Api-Key" in found[0].hint
    assert report.exit_code() == 3
    assert "GET /items/{id}" in report.cannot_judge
    assert (status_of(report)["replay"], status_of(report)["fuzz"]) == (StageStatus.BLOCKED,) * 2
    assert not any(one.rule == "ZC450" for one in report.findings)


def test_what_needs_no_credentials_is_judged_without_them(tmp_path: Path) -> None:
    with service(CLOSED, AnyItem(401)) as url:
        report = check(project(tmp_path, url=url), only=("health", "drift", "contracts"))
    assert report.exit_code() in (0, 1)
    assert [one.level for one in report.findings if one.rule == "ZC506"] == [Level.WARNING]


def test_a_wrong_key_is_told_from_a_missing_one_and_not_shown(tmp_path: Path) -> None:
    with service(CLOSED, AnyItem(401)) as url:
        report = check(project(tmp_path, url=url), headers=["x-api-key: hunter2-hunter2"])
    (found,) = (one for one in report.findings if one.rule == "ZC506")
    assert "was refused" in found.message
    assert "hunter2" not in repr(report)


WRITES = copy.deepcopy(CLOSED)
WRITES["security"] = []
WRITES["paths"]["/items/{id}"]["post"] = {
    **copy.deepcopy(WRITES["paths"]["/items/{id}"]["get"]),
    "operationId": "change_item",
    "security": [{"key": []}],
}


class Guarded(AnyItem):
    """Lets everybody read, and those who have a key write; bad input is refused before anybody is."""

    def __init__(self, status: int) -> None:
        super().__init__(200)
        self.written = status

    def get(self, path: str, default: Any = None) -> Any:
        if not path.startswith("POST "):
            return 200, {"id": 7, "name": "a"}
        return (self.written, {"detail": "x"}) if path.removeprefix("POST /items/").isdigit() else (422, {})


@pytest.mark.parametrize("key", [(), ("x-api-key: hunter2-hunter2",)])
def test_writes_alone_that_are_closed_to_us_are_not_called_well(key: tuple[str, ...], tmp_path: Path) -> None:
    more = "[services.shop.fuzz]\ncases = 60\nseconds = 3.0\n"
    with service(WRITES, Guarded(401)) as url:
        report = check(project(tmp_path, live=WRITES, url=url, more=more), headers=list(key))
    (found,) = (one for one in report.findings if one.rule == "ZC506")
    said = "was refused" if key else "no key (header X-Api-Key) is configured"
    assert found.message.startswith("POST /items/{id} answered 401: ")
    assert said in found.message
    assert (report.exit_code(), status_of(report)["fuzz"]) == (3, StageStatus.RAN)


def test_a_write_that_is_let_in_says_nothing(tmp_path: Path) -> None:
    more = "[services.shop.fuzz]\ncases = 60\nseconds = 3.0\n"
    with service(WRITES, Guarded(404)) as url:
        report = check(project(tmp_path, live=WRITES, url=url, more=more), headers=["x-api-key: hunter2-hunter2"])
    assert not any(one.rule == "ZC506" for one in report.findings)
    assert not report.cannot_judge


def test_an_open_door_says_nothing(tmp_path: Path) -> None:
    with service(CLOSED, AnyItem(404)) as url:
        report = check(project(tmp_path, url=url), only=("health",))
    assert not any(one.rule == "ZC506" for one in report.findings)


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ('[services.shop.replay]\nunsafe = ["GET /item/{id}"]\n', "replay.unsafe"),
        ('[services.shop.fuzz]\nexclude = ["GET /itemz/{id}"]\n', "fuzz.exclude"),
        ('[services.shop.operation-levels."GET /items/{id}/x"]\nZC201 = "off"\n', "operation-levels"),
    ],
)
def test_a_guard_that_names_no_operation_is_refused(more: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        check(project(tmp_path, more=more), only=("drift",))
    assert f"services.shop.{place}" in told.value.message
    assert told.value.hint == "did you mean `GET /items/{id}`?"


def test_a_guard_may_name_what_is_gone_by_now_or_use_a_pattern(tmp_path: Path) -> None:
    live = copy.deepcopy(DOCUMENT)
    del live["paths"]["/items/{id}"]
    more = '[services.shop.replay]\nunsafe = ["GET /items/{other}", "GET /heal*"]\n'
    assert check(project(tmp_path, live=live, more=more), only=("drift",)).exit_code() == 1


def test_what_may_have_changed_something_is_told() -> None:
    assert told_sent({"GET": 2, "HEAD": 1}, "http://127.0.0.1") == ""
    told = told_sent({"GET": 1, "DELETE": 1, "POST": 2}, "http://u:secret@127.0.0.1")
    assert told.endswith(": 2 POST, 1 DELETE")
    assert "secret" not in told
