"""The contracts in the repository say what the suite's scripts really send."""

from __future__ import annotations

import importlib
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("fastapi", reason="needs the extra: demo")
pytest.importorskip("requests")

import requests

from zeues_contracts.standin import scenes
from zeues_contracts.standin.server import running_standin

pytestmark = pytest.mark.e2e

REPOSITORY = Path(__file__).parents[2]
SUITE = Path(__file__).parent / "suite"
DATA = Path(scenes.__file__).parent / "data"

Sent = tuple[str, str, str, Any]


def sent_by(script: str, scenario: str, monkeypatch: pytest.MonkeyPatch, race_spool: str = "") -> list[Sent]:
    """What a script sends, as (test function, method, path, body or query)."""
    monkeypatch.syspath_prepend(str(SUITE))
    for name in ("zeues_suite", "zeues_suite_mended"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    module = importlib.import_module(script)
    if race_spool:
        monkeypatch.setattr(module, "RACE_SPOOL", race_spool)
    seen: list[Sent] = []
    real = requests.sessions.Session.request

    def spy(session: Any, method: str, url: str, **options: Any) -> Any:
        frame: Any = sys._getframe()
        while not frame.f_code.co_name.startswith("test_"):
            frame = frame.f_back
        path = "/" + url.split("/", 3)[3]
        seen.append((frame.f_code.co_name, method.upper(), path, options.get("json") or options.get("params") or None))
        return real(session, method, url, **options)

    monkeypatch.setattr(requests.sessions.Session, "request", spy)
    with running_standin(scenario) as service:
        importlib.import_module("zeues_suite").run(vars(module), [service.url])
    return seen


def told_by(contract: Path) -> list[Sent]:
    """What a contract says is sent, in the same form."""
    today = date.today().isoformat()
    told: list[Sent] = []
    for interaction in yaml.safe_load(contract.read_text("utf-8"))["interactions"]:
        method, path = interaction["operation"].split(" ")
        request = interaction.get("request", {})
        for name, value in request.get("path", {}).items():
            path = path.replace(f"{{{name}}}", value)
        given = request.get("body") or request.get("query") or None
        if given:
            given = {name: today if value == "$today" else value for name, value in given.items()}
        told.append((interaction["test"], method, path, given))
    return told


def test_the_mended_suite_sends_what_its_contract_says(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = sent_by("zeues_suite_mended", "healthy", monkeypatch, race_spool="TEST-02")
    assert sent == told_by(REPOSITORY / "contracts" / "e2e-suite.yaml")


def test_the_suite_of_the_day_sends_what_its_contract_says(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = sent_by("zeues_suite", "incident", monkeypatch)
    told = told_by(DATA / "incident" / "contracts" / "e2e-suite.yaml")
    # It stops at its first failure in a test, so it sends a part of what it would; nothing else.
    assert [one for one in sent if one not in told] == []
    unsent = [one for one in told if one not in sent]
    assert unsent == [
        ("test_2_carrera", "POST", "/api/occupation/tomar", {**_TOMAR, "worker_id": 94, "worker_nombre": "JP(94)"}),
        ("test_7_flujo_sold", "GET", "/api/spools/iniciar", {"operacion": "METROLOGIA"}),
    ]


_TOMAR = {"tag_spool": "TEST-01", "operacion": "ARM", "worker_id": 93, "worker_nombre": "MR(93)"}


def test_the_demonstration_shows_the_contract_and_the_snapshot_of_the_repository() -> None:
    assert (DATA / "healthy" / "contracts" / "e2e-suite.yaml").read_bytes() == (
        REPOSITORY / "contracts" / "e2e-suite.yaml"
    ).read_bytes()
    assert (DATA / "healthy" / "snapshot.json").read_bytes() == (REPOSITORY / "snapshots" / "zeues.json").read_bytes()
