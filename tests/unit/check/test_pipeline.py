"""The pipeline over documents and small real servers: which stage says what, and what an outage leaves standing."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from zeues_contracts.check import STAGES, Event, FindingFound, StageBegan, StageEnded, check
from zeues_contracts.config import Config, load_config
from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Cause, Level, StageStatus
from zeues_contracts.snapshots import snapshot_files
from zeues_contracts.snapshots.updating import Approval, approve, current_digest

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/items/{id}": {
            "get": {
                "operationId": "get_item",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
                                    "required": ["id", "name"],
                                }
                            }
                        },
                    }
                },
            }
        },
        "/health": {
            "get": {
                "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {}}}}},
            }
        },
    },
}

CONTRACT = """
version: 1
consumer: till
service: shop
interactions:
  - id: one-item
    operation: GET /items/{id}
    request:
      path: {id: 7}
    expect:
      status: 200
      body: {name: str}
"""


def narrowed() -> dict[str, Any]:
    """A later document, in which a name need not be there."""
    document = copy.deepcopy(DOCUMENT)
    item = document["paths"]["/items/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    item["required"] = ["id"]
    return document


def project(folder: Path, *, live: Any = None, url: str = "", contract: str = CONTRACT, more: str = "") -> Config:
    """A repository with a snapshot and, where given, a contract and the live document in a file."""
    (folder / "contracts").mkdir()
    if contract:
        (folder / "contracts" / "till.yaml").write_text(contract, "utf-8")
    source = f'url = "{url}"' if url else 'document = "live.json"'
    (folder / "live.json").write_text(json.dumps(DOCUMENT if live is None else live), "utf-8")
    (folder / "zeues-contracts.toml").write_text(f"[services.shop]\n{source}\n{more}", "utf-8")
    config = load_config(folder / "zeues-contracts.toml", environ={})
    files = snapshot_files(config, "shop")
    approve(files, DOCUMENT, Approval(reason="first", actor="t"), action="create", seen=current_digest(files))
    return config


@contextlib.contextmanager
def service(document: Any, answers: dict[str, tuple[int, Any]]) -> Iterator[str]:
    """A service that publishes a document and answers some paths; the URL of its document."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(self.path)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.answer(f"POST {self.path}")

        def answer(self, asked: str) -> None:
            status, body = answers.get(asked, (404, {"detail": "Not Found"}))
            if self.path == "/openapi.json":
                status, body = 200, document
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/openapi.json"
    finally:
        server.shutdown()
        server.server_close()


def status_of(report: Any) -> dict[str, StageStatus]:
    return {stage.name: stage.status for stage in report.stages}


def test_a_service_as_approved_has_nothing_to_say(tmp_path: Path) -> None:
    report = check(project(tmp_path))
    assert report.at_least(Level.INFO) == ()
    assert report.exit_code() == 0
    found = status_of(report)
    assert (found["drift"], found["contracts"]) == (StageStatus.RAN, StageStatus.RAN)
    # Nothing runs, so nothing was sent: said, not passed over.
    assert (found["replay"], found["fuzz"], found["health"]) == (StageStatus.SKIPPED,) * 3


def test_drift_names_the_interactions_that_it_hits(tmp_path: Path) -> None:
    report = check(project(tmp_path, live=narrowed()), only=("drift", "contracts"))
    drift = [one for one in report.findings if one.cause is Cause.DRIFT and one.level is Level.ERROR]
    assert len(drift) == 1
    assert [(hit.consumer, hit.interaction) for hit in drift[0].hits] == [("till", "one-item")]
    assert drift[0].evidence.witness is not None
    assert "name" not in drift[0].evidence.witness.value
    # The consumer relies on what may be missing now: another cause, another finding.
    assert [one.rule for one in report.findings if one.cause is Cause.MISMATCH] == ["ZC342"]
    assert report.exit_code() == 1


def test_a_service_that_is_gone_is_an_outage_and_no_drift(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    contract = CONTRACT.replace("{name: str}", "{price: number}")
    report = check(project(tmp_path, url=f"http://127.0.0.1:{port}/docs", contract=contract))
    assert report.exit_code() == 3
    assert "nothing listens" in report.cannot_judge
    causes = {one.cause for one in report.findings}
    assert Cause.DRIFT not in causes
    assert Cause.VIOLATION not in causes
    # What needs no service is judged all the same, against what was approved.
    assert Cause.MISMATCH in causes
    found = status_of(report)
    assert (found["drift"], found["replay"], found["fuzz"]) == (StageStatus.BLOCKED,) * 3
    assert found["contracts"] is StageStatus.RAN


def test_a_service_that_answers_without_a_document_is_not_judged(tmp_path: Path) -> None:
    with service({"hello": 1}, {}) as url:
        report = check(project(tmp_path, url=url))
    assert report.exit_code() == 3
    assert not any(one.cause is Cause.DRIFT for one in report.findings)


def test_interactions_are_replayed_and_bugs_are_violations(tmp_path: Path) -> None:
    answers = {"/health": (200, {"status": "ok"}), "/items/7": (200, {"id": 7})}
    with service(DOCUMENT, answers) as url:
        report = check(project(tmp_path, url=url), only=("replay",))
    violations = [one for one in report.findings if one.cause is Cause.VIOLATION]
    assert violations
    assert all("GET /items/{id}" in one.operations for one in violations)
    assert {one.cause for one in report.findings} == {Cause.VIOLATION}
    assert report.exit_code() == 1


def test_an_outage_of_a_dependency_claims_no_violation(tmp_path: Path) -> None:
    words = {"detail": "Internal server error: Too many connections"}
    answers = {
        "/health": (200, {"status": "healthy"}),
        "/redis-health": (200, {"status": "unhealthy", "message": "Redis not responding: Too many connections"}),
        "/items/7": (500, words),
    }
    document = copy.deepcopy(DOCUMENT)
    document["paths"]["/redis-health"] = copy.deepcopy(document["paths"]["/health"])
    with service(document, answers) as url:
        config = project(tmp_path, url=url)
        report = check(config)
    assert report.exit_code() == 3
    assert "Redis" in report.cannot_judge
    assert not any(one.cause is Cause.VIOLATION for one in report.at_least(Level.WARNING))
    assert status_of(report)["fuzz"] is StageStatus.BLOCKED
    # The health check that said "healthy" meanwhile is a finding of its own.
    assert any("/health" in one.message and "healthy" in one.message for one in report.findings)


def test_a_waiver_takes_a_finding_out_of_the_count_until_its_day(tmp_path: Path) -> None:
    config = project(tmp_path, live=narrowed(), contract="")
    finding = check(config, only=("drift",)).at_least(Level.ERROR)[0]
    waivers = snapshot_files(config, "shop").waivers
    waivers.write_text(
        f'[[waiver]]\nfingerprint = "{finding.fingerprint}"\nreason = "known"\nuntil = 2026-12-31\n', "utf-8"
    )
    before = check(config, only=("drift",), today=dt.date(2026, 12, 31))
    assert [one.fingerprint for one in before.waived] == [finding.fingerprint]
    assert before.exit_code() == 0
    after = check(config, only=("drift",), today=dt.date(2027, 1, 1))
    assert finding.fingerprint in [one.fingerprint for one in after.findings]
    assert after.exit_code() == 1
    # A run that did not look for drift does not call the waiver unused.
    assert check(config, only=("contracts",), today=dt.date(2026, 12, 1)).findings == ()


def test_a_snapshot_edited_by_hand_is_told(tmp_path: Path) -> None:
    config = project(tmp_path)
    file = snapshot_files(config, "shop").snapshot
    file.write_text(file.read_text("utf-8").replace("Shop", "Shopp"), "utf-8")
    assert any(one.rule.startswith("ZC6") for one in check(config, only=("drift",)).at_least(Level.ERROR))


def test_pending_drift_is_left_for_a_review(tmp_path: Path) -> None:
    config = project(tmp_path, live=narrowed())
    report = check(config, only=("drift",), pending=True)
    pending = snapshot_files(config, "shop").pending
    assert pending.is_file()
    assert any(pending.name in note for note in report.notes)
    assert pending.stat().st_size > 0
    # Without drift there is nothing to leave.
    other = tmp_path / "other"
    other.mkdir()
    quiet = project(other)
    check(quiet, only=("drift",), pending=True)
    assert not snapshot_files(quiet, "shop").pending.exists()


def test_the_events_tell_what_the_report_holds(tmp_path: Path) -> None:
    seen: list[Event] = []
    report = check(project(tmp_path, live=narrowed()), listen=seen.append)
    began = [one.stage for one in seen if isinstance(one, StageBegan)]
    ended = [one.stage for one in seen if isinstance(one, StageEnded)]
    assert began == ["document", *STAGES]
    assert tuple(ended) == report.stages
    told = {one.finding.fingerprint for one in seen if isinstance(one, FindingFound)}
    assert told == {one.fingerprint for one in report.findings}


def test_the_same_check_twice_is_the_same_report(tmp_path: Path) -> None:
    config = project(tmp_path, live=narrowed())
    first, second = check(config), check(config)
    assert first.findings == second.findings


def test_a_stage_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no stage 'drif'"):
        check(project(tmp_path), only=("drif",))


def test_a_broken_contract_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"till\.yaml"):
        check(project(tmp_path, url="http://127.0.0.1:9/docs", contract="version: 1\nconsumer: [\n"))
