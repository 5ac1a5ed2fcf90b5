"""`health` and `fuzz` on the command line: exit codes, what is printed, and one line for each mistake."""

import json

import pytest
from fastapi import FastAPI, HTTPException

from zeues_contracts.cli import run

from .services import free_url, serving

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "healthy"}


@app.get("/half/{number}")
def half(number: int) -> float:
    if number == 0:
        raise HTTPException(500, "'Half' object has no attribute 'zero'")
    return number / 2


@pytest.fixture(scope="module")
def url():
    with serving(app) as base:
        yield base


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_health(url, capsys):
    assert run(["health", "--url", f"{url}/docs"]) == 0
    assert "healthy      200  /health" in capsys.readouterr().out


def test_health_of_nobody(capsys):
    assert run(["health", "--url", free_url(), "--format", "json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert [finding["rule"] for finding in told["findings"]] == ["ZC501"]


def test_fuzz(url, capsys):
    assert run(["fuzz", "--url", url, "--cases", "60", "--phases", "coverage"]) == 1
    out = capsys.readouterr().out
    assert "ZC401" in out
    assert f"{url}/half/0" in out
    assert f"again: zeues-contracts fuzz --url {url} --seed 1 --operation 'GET /half/{{number}}'" in out
    assert run(["fuzz", "--url", url, "--operation", "GET /health", "--cases", "20", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["operations"] == 1


def test_fuzz_against_the_snapshot(url, tmp_path, capsys):
    promise = app.openapi()
    promise = {**promise, "paths": {"/health": {"get": {"responses": {"200": {"content": {"text/plain": {}}}}}}}}
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "shop.json").write_text(json.dumps(promise))
    (tmp_path / "zeues-contracts.toml").write_text(f'[services.shop]\nurl = "{url}"\n')
    assert run(["fuzz", "shop", "--against", "snapshot", "--phases", "coverage"]) == 1
    assert "ZC404" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["fuzz"], 2, "nothing to fuzz"),
        (["health"], 2, "no URL"),
        (["fuzz", "--app", "nowhere:app"], 2, "cannot be imported"),
        (["fuzz", "--app", "nowhere"], 2, "not MODULE:APP"),
        (["fuzz", "--url", "http://127.0.0.1:1", "--phases", "all"], 2, "there are examples"),
        (["fuzz", "nobody"], 2, "no service 'nobody'"),
        (["health", "--url", "http://127.0.0.1:1", "-H", "broken"], 2, "NAME:VALUE"),
    ],
)
def test_mistakes_are_one_line(arguments, code, said, capsys):
    assert run(arguments) == code
    assert said in capsys.readouterr().err


def test_nobody_to_fuzz(capsys):
    assert run(["fuzz", "--url", free_url()]) == 3
    assert "refused" in capsys.readouterr().err
