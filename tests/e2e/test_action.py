"""The composite action, its steps run in their order as a runner runs them, against a live service."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from tests.e2e.runner import Expression, Ran, run_action
from zeues_contracts.standin import scenes
from zeues_contracts.standin.server import hold_streams, running_standin

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")]

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "check"
DATA = Path(scenes.__file__).parent / "data" / "incident"
QUICK = "health,drift,contracts,replay"


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with running_standin("incident") as running:
        yield running.url


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A checkout of that morning: the snapshot and the suite's contract."""
    folder = tmp_path / "workspace"
    (folder / "snapshots").mkdir(parents=True)
    shutil.copy(DATA / "snapshot.json", folder / "snapshots" / "zeues.json")
    shutil.copytree(DATA / "contracts", folder / "contracts")
    text = '[services.zeues]\nurl = "http://127.0.0.1:9/docs"\nreplay = {unsafe = ["GET /api/health/clear-cache"]}\n'
    (folder / "zeues-contracts.toml").write_text(text)
    return folder


def act(
    workspace: Path,
    inputs: dict[str, str],
    github: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
) -> Ran:
    """Run the action. Our command and Python are first on the path; pip installs nothing, and says what it was told."""
    programs, temporary = workspace.parent / "bin", workspace.parent / "temporary"
    programs.mkdir(exist_ok=True)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    python = shlex.quote(sys.executable)
    texts = {
        "zeues-contracts": f'exec {python} -m zeues_contracts "$@"',
        "python": f'if [ "$1 $2" = "-m pip" ]; then printf "pip:%s\\n" "$@"; exit 0; fi\nexec {python} "$@"',
    }
    for name, text in texts.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "INPUT_", "ZEUES_", "PYTHON"))}
    return run_action(
        ACTION,
        inputs=inputs,
        github={"event_name": "push", "token": "t0ken-of-the-job", "repository": "o/r", **(github or {})},
        environment={**kept, "PATH": f"{programs}:{kept['PATH']}", "PYTHONPATH": str(ROOT), **(environment or {})},
        workspace=workspace,
        temporary=temporary,
    )


def test_findings_fail_the_step_after_every_report_went_out(workspace: Path, service: str) -> None:
    ran = act(workspace, {"url": service, "only": QUICK, "sarif": "true", "artifact": "reports", "comment": "true"})
    assert ran.conclusions == {
        "Install": "success",
        "Check": "success",
        "Job summary": "success",
        "Code scanning": "success",
        "Comment": "skipped",  # a push has no pull request
        "Reports": "success",
        "Verdict": "failure",
    }, ran.printed
    assert "pip:zeues-contracts" in ran.printed.splitlines()
    assert ran.codes["Verdict"] == 1
    folder = Path(ran.outputs["folder"])
    report = json.loads((folder / "report.json").read_text("utf-8"))
    levels = report["summary"]["levels"]
    assert ran.outputs["exit-code"] == "1"
    assert ran.outputs["verdict"] == report["verdict"] == "fail"
    assert (ran.outputs["errors"], ran.outputs["warnings"]) == (str(levels["error"]), str(levels["warning"]))
    assert levels["error"] >= 1
    assert ran.summary == (folder / "report.md").read_text("utf-8")
    assert "**Fail**" in ran.summary
    scanning = ran.used["github/codeql-action/upload-sarif@v4"]
    assert scanning == {"sarif_file": f"{folder}/report.sarif", "category": "zeues-contracts/check"}
    sarif = json.loads((folder / "report.sarif").read_text("utf-8"))
    assert {one["ruleId"] for one in sarif["runs"][0]["results"]} == {one["rule"] for one in report["findings"]}
    assert ran.used["actions/upload-artifact@v4"] == {"name": "reports", "path": str(folder)}
    assert {one.name for one in folder.iterdir()} == {
        "report.json",
        "report.sarif",
        "report.md",
        "report.html",
        "junit.xml",
    }
    annotations = [line for line in ran.printed.splitlines() if line.startswith("::error ")]
    assert 1 <= len(annotations) <= 10
    assert any("file=contracts/e2e-suite.yaml,line=" in line for line in annotations)


def test_what_is_well_passes_and_what_was_not_asked_for_is_not_done(workspace: Path, service: str) -> None:
    shutil.rmtree(workspace / "contracts")
    ran = act(workspace, {"url": service, "only": "drift", "annotations": "false", "summary": "false", "package": ""})
    assert not ran.failed, ran.printed
    assert ran.outputs["exit-code"] == "0"
    assert (ran.outputs["verdict"], ran.outputs["errors"]) == ("pass", "0")
    assert ran.used == {}
    assert ran.summary == ""
    assert "::" not in ran.printed
    assert ran.conclusions["Install"] == "skipped"


def test_an_outage_is_let_through_only_where_that_is_wanted(workspace: Path) -> None:
    with running_standin("incident", pool=10) as running:
        streams = hold_streams(running.url, 20)
        try:
            strict = act(workspace, {"url": running.url, "only": QUICK})
            lenient = act(workspace, {"url": running.url, "only": QUICK, "fail-on-outage": "false"})
        finally:
            streams.release()
    for ran in (strict, lenient):
        assert (ran.outputs["exit-code"], ran.outputs["verdict"]) == ("3", "cannot-judge"), ran.printed
        assert "**Cannot judge**" in ran.summary
    assert (strict.failed, strict.codes["Verdict"]) == (True, 3)
    assert not lenient.failed
    assert "::warning title=Cannot judge::" in lenient.printed


def test_a_wrong_call_fails_and_uploads_nothing(workspace: Path) -> None:
    ran = act(workspace, {"only": "drif", "sarif": "true", "artifact": "reports"})
    assert ran.codes["Verdict"] == 2
    assert (ran.outputs["exit-code"], ran.outputs["verdict"]) == ("2", "")
    assert ran.used == {}
    assert ran.summary == ""
    assert "--only drif: there is no such stage" in ran.printed


def test_a_package_that_cannot_be_installed_says_that_nothing_was_checked(workspace: Path) -> None:
    programs = workspace.parent / "no-pip"
    programs.mkdir()
    (programs / "python").write_text("#!/bin/sh\nexit 7\n")
    (programs / "python").chmod(0o755)
    (workspace.parent / "bin").mkdir()
    # The name of the first folder of the path is ours: put the broken one before it.
    ran = act(workspace, {"package": "zeues-contracts==0"}, environment={"PATH": f"{programs}:{os.environ['PATH']}"})
    assert ran.conclusions["Install"] == "failure"
    assert ran.conclusions["Check"] == "skipped"
    assert ran.codes["Verdict"] == 1
    assert "::error title=zeues-contracts::The check did not run" in ran.printed


HOSTILE = (
    "x\" ' $(touch hacked) `touch hacked` ; touch hacked # \n touch hacked\n::set-output name=a::b\n${{ github.token }}"
)
WORDS = (
    "services",
    "config",
    "url",
    "app",
    "document",
    "only",
    "since",
    "seconds",
    "fail-level",
    "preset",
    "package",
)


@pytest.mark.parametrize("name", WORDS)
def test_inputs_of_any_text_are_words_and_no_more(workspace: Path, name: str) -> None:
    ran = act(workspace, {"package": "", name: HOSTILE})
    assert not list(workspace.rglob("hacked"))
    assert ran.failed
    assert "t0ken-of-the-job" not in ran.printed
    if name == "package":
        assert "pip:" + HOSTILE in ran.printed  # one argument, as it is, after `--`
        return
    assert ran.outputs["exit-code"] in ("2", "3"), ran.printed
    assert not [line for line in ran.printed.splitlines() if line.startswith("::set-output")]


@pytest.mark.parametrize("name", ["annotations", "summary", "sarif", "comment", "fail-on-outage", "comment-name"])
def test_switches_of_any_text_are_words_and_no_more(workspace: Path, service: str, name: str) -> None:
    ran = act(workspace, {"package": "", "url": service, "only": "drift", name: HOSTILE})
    assert not list(workspace.rglob("hacked"))
    assert ran.outputs["exit-code"] == "0", ran.printed
    assert not ran.failed


def test_a_configuration_in_a_folder_has_its_files_told_from_the_root_of_the_repository(
    workspace: Path, service: str
) -> None:
    """Annotations and code scanning know files by their paths in the repository alone."""
    inner = workspace / "backend"
    inner.mkdir()
    for name in ("snapshots", "contracts", "zeues-contracts.toml"):
        shutil.move(workspace / name, inner / name)
    given = {"url": service, "only": "contracts", "config": "backend/zeues-contracts.toml", "package": ""}
    ran = act(workspace, given)
    assert ran.outputs["exit-code"] == "1", ran.printed
    annotations = [line for line in ran.printed.splitlines() if line.startswith("::error ")]
    assert any("file=backend/contracts/e2e-suite.yaml,line=" in line for line in annotations), annotations
    sarif = json.loads((Path(ran.outputs["folder"]) / "report.sarif").read_text("utf-8"))
    places = {
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in sarif["runs"][0]["results"]
        for place in result["locations"]
    }
    assert all((workspace / place).is_file() for place in places), places


# --- the comment of a pull request, against a server that speaks as GitHub's does -------------------------------------


class Api(ThreadingHTTPServer):
    """The five calls that a comment needs. Comments are kept; what was asked for is told."""

    def __init__(self, *, user: str = "", refuse: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Calls)
        self.user, self.refuse = user, refuse
        self.comments: list[dict[str, Any]] = []
        self.calls: list[tuple[str, str]] = []
        self.tokens: set[str | None] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add(self, body: str, *, login: str = "github-actions[bot]", kind: str = "Bot") -> dict[str, Any]:
        one = {"id": 1000 + len(self.comments), "body": body, "user": {"login": login, "type": kind}}
        self.comments.append(one)
        return one


class _Calls(BaseHTTPRequestHandler):
    server: Api

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def _answer(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _begin(self) -> tuple[str, dict[str, list[str]], Any]:
        parts = urlsplit(self.path)
        self.server.calls.append((self.command, parts.path))
        self.server.tokens.add(self.headers["Authorization"])
        length = int(self.headers["Content-Length"] or 0)
        return parts.path, parse_qs(parts.query), json.loads(self.rfile.read(length)) if length else None

    def do_GET(self) -> None:
        path, query, _ = self._begin()
        if path == "/user":
            if self.server.user:
                self._answer(200, {"login": self.server.user})
            else:
                self._answer(403, {"message": "Resource not accessible by integration"})
        elif path == "/repos/o/r/issues/7/comments":
            size, page = int(query["per_page"][0]), int(query["page"][0])
            self._answer(200, self.server.comments[(page - 1) * size : page * size])
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        path, _, body = self._begin()
        if self.server.refuse or path != "/repos/o/r/issues/7/comments" or len(body["body"]) > 65536:
            self._answer(403, {"message": "Resource not accessible by integration"})
        else:
            self._answer(201, self.server.add(body["body"], login=self.server.user or "github-actions[bot]"))

    def do_PATCH(self) -> None:
        path, _, body = self._begin()
        found = [one for one in self.server.comments if path == f"/repos/o/r/issues/comments/{one['id']}"]
        if self.server.refuse or not found:
            self._answer(403 if self.server.refuse else 404, {})
        else:
            found[0]["body"] = body["body"]
            self._answer(200, found[0])


@pytest.fixture
def api() -> Iterator[Any]:
    servers: list[Api] = []

    def start(**settings: Any) -> Api:
        servers.append(Api(**settings))
        threading.Thread(target=servers[-1].serve_forever, args=(0.02,), daemon=True).start()
        return servers[-1]

    yield start
    for one in servers:
        one.shutdown()
        one.server_close()


PULL = {"event_name": "pull_request", "event": {"pull_request": {"number": 7}}}


def comment(workspace: Path, service: str, server: Api, **inputs: str) -> Ran:
    """The action on a pull request, drift and contracts alone."""
    given = {"url": service, "only": "drift,contracts", "comment": "true", "package": "", **inputs}
    return act(workspace, given, PULL, {"GITHUB_API_URL": server.url, "no_proxy": "127.0.0.1"})


def test_a_comment_is_made_once_and_then_updated_in_place(workspace: Path, service: str, api: Any) -> None:
    server = api()
    for number in range(150):  # ours is on the second page
        server.add(f"remark {number}", login="somebody", kind="User")
    ran = comment(workspace, service, server)
    assert ran.conclusions["Comment"] == "success", ran.printed
    assert len(server.comments) == 151
    ours = server.comments[-1]
    assert ours["body"].startswith("<!-- zeues-contracts comment: check -->\n")
    assert "**Fail**" in ours["body"]
    assert ours["body"].partition("\n")[2] == ran.summary.partition("\n")[2]
    shutil.rmtree(workspace / "contracts")
    ran = comment(workspace, service, server)
    assert not ran.failed, ran.printed
    assert len(server.comments) == 151
    assert "**Pass**" in ours["body"]
    assert "**Fail**" not in ours["body"]
    assert server.tokens == {"Bearer t0ken-of-the-job"}
    assert [call for call in server.calls if call[0] != "GET"] == [
        ("POST", "/repos/o/r/issues/7/comments"),
        ("PATCH", f"/repos/o/r/issues/comments/{ours['id']}"),
    ]


def test_several_checks_have_a_comment_each(workspace: Path, service: str, api: Any) -> None:
    server = api(user="maintainer")
    for name in ("api", 'web --> "$(touch hacked)"', "api"):
        comment(workspace, service, server, **{"comment-name": name})
    firsts = [one["body"].partition("\n")[0] for one in server.comments]
    assert firsts[0] == "<!-- zeues-contracts comment: api -->"
    assert len(firsts) == 2
    assert firsts[1].count("-->") == 1
    assert not list(workspace.rglob("hacked"))


@pytest.mark.parametrize("user", ["", "maintainer"])
def test_a_comment_of_somebody_else_with_our_marker_stays(workspace: Path, service: str, api: Any, user: str) -> None:
    server = api(user=user)
    theirs = server.add("<!-- zeues-contracts comment: check -->\nmine", login="somebody", kind="User")
    comment(workspace, service, server)
    assert theirs["body"].endswith("mine")
    assert len(server.comments) == 2


def test_a_token_that_may_not_write_is_said_and_the_verdict_stays(workspace: Path, service: str, api: Any) -> None:
    shutil.rmtree(workspace / "contracts")
    ran = comment(workspace, service, api(refuse=True))
    assert not ran.failed
    assert "::The comment could not be written (POST is answered with 403)" in ran.printed


# --- the runner itself --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("inputs.a != ''", True),
        ("inputs.none != ''", False),
        ("inputs.a == 'TRUE' && !cancelled()", True),
        ("(inputs.a == 'no' || github.event.number == 7) && startsWith(github.event_name, 'pull')", True),
        ("!(inputs.a == 'true')", False),
        ("github.event.nothing.at.all", None),
        ("inputs.none || 'it''s'", "it's"),
    ],
)
def test_the_runner_reads_expressions(text: str, wanted: object) -> None:
    contexts = {"inputs": {"a": "true", "none": ""}, "github": {"event_name": "pull_request", "event": {"number": 7}}}
    functions = {"cancelled": lambda: False, "startsWith": lambda whole, start: whole.startswith(start)}
    assert Expression(text, contexts, functions).value() == wanted
