"""`doctor` and `completion`: what works, what does not, the next step; shells complete commands and names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Header, HTTPException
from fastapi.security import HTTPBearer

from tests.unit.live.services import free_url, serving
from zeues_contracts.cli import run
from zeues_contracts.cli.completion import SHELLS, VARIABLE

app = FastAPI(title="Shop")
state = {"redis": True}


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "healthy"}


@app.get("/redis-health")
def redis_health() -> dict[str, Any]:
    if state["redis"]:
        return {"status": "healthy", "redis": "connected"}
    raise HTTPException(503, {"status": "unhealthy", "redis": "disconnected", "error": "Too many connections"})


guarded = FastAPI(title="Guarded", openapi_url=None)


@guarded.get("/docs")
@guarded.get("/openapi.json")
def document(authorization: str = Header("")) -> dict[str, Any]:
    if authorization != "Bearer good":
        raise HTTPException(401, "Not authenticated", {"www-authenticate": "Bearer"})
    inner = FastAPI(title="Guarded")
    inner.get("/things", dependencies=[])(health)
    found = inner.openapi()
    found["components"] = {"securitySchemes": {"bearer": HTTPBearer().model.model_dump(exclude_none=True)}}
    found["components"]["securitySchemes"]["bearer"] = {"type": "http", "scheme": "bearer"}
    return found


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(app) as base:
        yield base


@pytest.fixture(scope="module")
def guarded_url() -> Iterator[str]:
    with serving(guarded) as base:
        yield base


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    state["redis"] = True
    return tmp_path


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    lines: list[dict[str, str]] = json.loads(capsys.readouterr().out)
    assert all(one["status"] in ("ok", "warn", "fail") for one in lines)
    assert all(one["next_step"] for one in lines if one["status"] != "ok")
    return lines


def _about(lines: list[dict[str, str]], word: str) -> dict[str, str]:
    return next(one for one in lines if word in one["text"])


def test_in_an_empty_folder_nothing_fails_and_init_is_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--format", "json"]) == 0
    lines = _lines(capsys)
    assert _about(lines, "no configuration file")["next_step"] == "run `zeues-contracts init`"
    assert {one["section"] for one in lines} >= {"tool", "terminal", "configuration", "git"}


def test_a_service_that_is_well(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--url", f"{url}/docs", "--format", "json"]) == 0
    lines = _lines(capsys)
    assert _about(lines, "Shop, OpenAPI 3.1.0")["status"] == "ok"
    assert _about(lines, "/redis-health (Redis): healthy")["status"] == "ok"
    assert _about(lines, "asks for no credentials")["status"] == "ok"
    assert "snapshot update service" in _about(lines, "there is no snapshot")["next_step"]


def test_redis_that_is_out_fails_with_the_next_step(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    state["redis"] = False
    assert run(["doctor", "--url", url, "--format", "json"]) == 3
    line = _about(_lines(capsys), "/redis-health (Redis): not healthy")
    assert line["status"] == "fail"
    assert line["next_step"].startswith("bring Redis back")


def test_a_service_that_is_not_there_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--url", f"{free_url()}/docs", "--format", "json"]) == 3
    failing = [one for one in _lines(capsys) if one["status"] == "fail"]
    assert len(failing) == 1
    assert "nothing listens there" in failing[0]["text"]


def test_a_document_behind_a_login(guarded_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--url", f"{guarded_url}/openapi.json", "--format", "json"]) == 3
    assert any(one["status"] == "fail" and "401" in one["text"] for one in _lines(capsys))
    run(["doctor", "--url", f"{guarded_url}/openapi.json", "-H", "Authorization: Bearer good", "--format", "json"])
    lines = _lines(capsys)
    assert _about(lines, "Guarded, OpenAPI")["status"] == "ok"
    assert _about(lines, "headers that are sent: Authorization")["status"] == "ok"
    assert "good" not in json.dumps(lines)


def test_credentials_that_the_document_asks_for_and_nobody_configured(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "api.json").write_text(
        json.dumps(
            {
                "openapi": "3.1.0",
                "info": {"title": "A", "version": "1"},
                "paths": {"/a": {"get": {"responses": {"200": {"description": "A"}}}}},
                "components": {"securitySchemes": {"key\x1b[31m": {"type": "apiKey", "in": "header", "name": "k"}}},
            }
        )
    )
    assert run(["doctor", "--document", "api.json"]) == 0
    text = capsys.readouterr().out
    assert "asks for credentials" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("scheme", "step"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Api-Key"}, 'headers = { X-Api-Key = "${API_KEY}" }'),
        ({"type": "apiKey", "in": "cookie", "name": "session"}, 'headers = { Cookie = "session=${SESSION}" }'),
        ({"type": "apiKey", "in": "query", "name": "api_key"}, '`query: {api_key: "$env:API_KEY"}`'),
        ({"type": "http", "scheme": "bearer"}, 'headers = { Authorization = "Bearer ${TOKEN}" }'),
        ({"type": "http", "scheme": "Basic"}, 'headers = { Authorization = "Basic ${CREDENTIALS}" }'),
        ({"type": "oauth2", "flows": {}}, 'headers = { Authorization = "Bearer ${TOKEN}" }'),
    ],
    ids=["header", "cookie", "query", "bearer", "basic", "oauth2"],
)
def test_the_next_step_names_what_carries_the_credentials(
    scheme: dict[str, Any], step: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {"/a": {"get": {"security": [{"door": []}], "responses": {"200": {"description": "A"}}}}},
        # What no operation asks for is not what is missing.
        "components": {"securitySchemes": {"other": {"type": "http", "scheme": "digest"}, "door": scheme}},
    }
    (folder / "api.json").write_text(json.dumps(document))
    assert run(["doctor", "--document", "api.json", "--format", "json"]) == 0
    line = _about(_lines(capsys), "asks for credentials")
    assert "door" in line["text"]
    assert step in line["next_step"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("fail_level = 'error'", "did you mean `fail-level`?"),
        ("[services.a]\nheaders = {X = '${GONE_VARIABLE}'}", "GONE_VARIABLE"),
    ],
)
def test_what_is_wrong_in_the_configuration_fails(
    folder: Path, content: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "zeues-contracts.toml").write_text(content)
    assert run(["doctor", "--format", "json"]) == 2
    assert any(word in one["text"] + one["next_step"] for one in _lines(capsys) if one["status"] == "fail")


def test_the_text_puts_each_thing_on_a_line_with_its_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--no-color"]) == 0
    text = capsys.readouterr().out
    assert "warn  there is no configuration file\n      → run `zeues-contracts init`\n" in text
    assert text.splitlines()[-1].endswith(" failing")


# --- completion ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_for_each_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"{VARIABLE}={shell}_complete" in script
    assert script.endswith("\n")


def test_the_shell_in_use_is_taken_or_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/zsh")
    assert run(["completion"]) == 0
    assert "zsh_complete" in capsys.readouterr().out
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert run(["completion"]) == 2
    assert "bash|zsh|fish" in capsys.readouterr().err


def _completed(folder: Path, *words: str) -> list[str]:
    command = "zeues-contracts"
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv[0] = 'zeues-contracts'; from zeues_contracts.__main__ import main as m; m()",
        ],
        env=os.environ
        | {VARIABLE: "bash_complete", "COMP_WORDS": " ".join((command, *words)), "COMP_CWORD": str(len(words))},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [row.partition(",")[2] for row in told.stdout.splitlines()]


def test_commands_options_rules_and_services_are_completed(folder: Path) -> None:
    assert _completed(folder, "exp") == ["explain"]
    assert _completed(folder, "report", "re") == ["render"]
    assert _completed(folder, "rules", "--ca") == ["--cause"]
    assert _completed(folder, "explain", "ZC50")[:2] == ["ZC501", "ZC502"]
    (folder / "zeues-contracts.toml").write_text("[services.shop]\ndocument = 'a.json'\n[services.other]\n")
    assert _completed(folder, "config", "show", "sh") == ["shop"]
    (folder / "zeues-contracts.toml").write_text("not toml")
    assert not any(_completed(folder, "config", "show", "sh"))


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_takes_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    told = subprocess.run(
        ["bash", "-c", f"{script}\ncomplete -p zeues-contracts"], capture_output=True, text=True, timeout=30, check=True
    )
    assert "-F _zeues_contracts_completion" in told.stdout
