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
    """A folder with a configuration of its own: none above it counts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zeues-contracts.toml").write_text("")


def test_health(url, capsys):
    assert run(["health", "--url", f"{url}/docs"]) == 0
    assert "/health: healthy (200)" in capsys.readouterr().out


def test_health_of_nobody(capsys):
    assert run(["health", "--url", free_url(), "--format", "json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert [finding["rule"] for finding in told["findings"]] == ["ZC501"]
    assert "refused" in told["cannot_judge"].lower()


def test_health_in_process(tmp_path, capsys):
    write_app(tmp_path, "sick")
    assert run(["health", "--app", "sick:app"]) == 3
    assert "/redis-health (Redis): NOT healthy (503)" in capsys.readouterr().out


def test_health_endpoints_that_a_file_documents(url, tmp_path, capsys):
    promise = {**app.openapi(), "paths": {"/half/health": {"get": {"responses": {"200": {"description": "x"}}}}}}
    (tmp_path / "promise.json").write_text(json.dumps(promise))
    run(["health", "--document", "promise.json", "--base-url", url])
    assert "/half/health: cannot tell (422)" in " ".join(capsys.readouterr().out.split())


def test_levels_and_the_fail_level_hold_for_health_too(tmp_path, capsys):
    write_app(tmp_path, "blind")
    assert run(["health", "--app", "blind:app", "--fail-level", "info"]) == 1
    (tmp_path / "zeues-contracts.toml").write_text('levels = { ZC513 = "off" }\n')
    assert run(["health", "--app", "blind:app", "--fail-level", "info"]) == 0
    assert "no findings" in capsys.readouterr().out


APPS = {
    "sick": 'return {"status": "unhealthy", "message": "Too many connections"}',
    "blind": 'return ["?"]',
}


def write_app(folder, name):
    path = "/redis-health" if name == "sick" else "/health"
    status = ", status_code=503" if name == "sick" else ""
    text = (
        f"from fastapi import FastAPI\napp = FastAPI()\n@app.get('{path}'{status})\ndef health():\n    {APPS[name]}\n"
    )
    (folder / f"{name}.py").write_text(text)


def test_fuzz(url, capsys):
    assert run(["fuzz", "--url", url, "--cases", "60", "--phases", "coverage"]) == 1
    out = capsys.readouterr().out
    assert "ZC401" in out
    assert f"{url}/half/0" in out
    assert "replay    curl" in out
    assert run(["fuzz", "--url", url, "--operation", "GET /health", "--cases", "20", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["stages"][0]["counts"]["operations"] == 1


@pytest.mark.parametrize("command", ["fuzz", "health"])
def test_every_format_can_be_written(command, url, tmp_path, capsys):
    names = ["a.json", "a.xml", "a.sarif", "a.md", "a.html", "a.txt"]
    outputs = [one for name in names for one in ("--output", name)]
    more = ["--cases", "40", "--phases", "coverage"] if command == "fuzz" else []
    run([command, "--url", url, *more, *outputs])
    for name in names:
        assert (tmp_path / name).stat().st_size > 50, name
    assert capsys.readouterr().out == ""


def test_fuzz_against_the_snapshot(url, tmp_path, capsys):
    promise = app.openapi()
    promise = {**promise, "paths": {"/health": {"get": {"responses": {"200": {"content": {"text/plain": {}}}}}}}}
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "shop.json").write_text(json.dumps(promise))
    (tmp_path / "zeues-contracts.toml").write_text(f'[services.shop]\nurl = "{url}"\n')
    assert run(["fuzz", "shop", "--against", "snapshot", "--phases", "coverage"]) == 1
    assert "ZC404" in capsys.readouterr().out


def test_a_document_of_a_file_and_a_service_elsewhere(url, tmp_path, capsys):
    promise = {**app.openapi(), "paths": {"/health": {"get": {"responses": {"201": {"description": "x"}}}}}}
    (tmp_path / "promise.json").write_text(json.dumps(promise))
    arguments = ["fuzz", "--document", "promise.json", "--base-url", url, "--phases", "coverage"]
    assert run(arguments) == 1
    assert "answers 200, which is not documented" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["fuzz"], 2, "no service is configured"),
        (["health"], 2, "no service is configured"),
        (["fuzz", "--app", "nowhere:app"], 2, "nowhere"),
        (["fuzz", "--app", "nowhere"], 2, "nowhere"),
        (["fuzz", "--url", "http://127.0.0.1:1", "--phases", "all"], 2, "there are examples"),
        (["fuzz", "--url", "http://127.0.0.1:1", "--shard", "9/4"], 2, "shard"),
        (["fuzz", "nobody"], 2, "no service 'nobody'"),
        (["fuzz", "--document", "nothing.json"], 2, "nothing to fuzz"),
        (["health", "--document", "nothing.json"], 2, "nothing to probe"),
        (["health", "--url", "http://127.0.0.1:1", "-H", "broken"], 2, "no colon"),
        (["health", "--url", "nonsense"], 2, "nonsense"),
    ],
)
def test_mistakes_are_one_line(arguments, code, said, capsys):
    assert run(arguments) == code
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_a_misspelt_operation_is_a_mistake(url, capsys):
    assert run(["fuzz", "--url", url, "--operation", "GET /helth"]) == 2
    assert "did you mean 'GET /health'?" in capsys.readouterr().err


def test_nothing_that_could_be_sent_is_not_judged(url, tmp_path, capsys):
    (tmp_path / "empty.json").write_text(json.dumps({**app.openapi(), "paths": {}}))
    assert run(["fuzz", "--document", "empty.json", "--base-url", url]) == 3
    assert "the document has no operations" in " ".join(capsys.readouterr().out.split())


def test_nobody_to_fuzz(capsys):
    assert run(["fuzz", "--url", free_url()]) == 3
    assert "refused" in capsys.readouterr().err


def test_shards_are_joined(url, tmp_path, capsys):
    """Two halves of the operations, each by itself; merged they are what one run is."""
    for part in ("1/2", "2/2"):
        run(["fuzz", "--url", url, "--cases", "80", "--phases", "coverage", "--shard", part, "-o", f"{part[0]}.json"])
    halves = [json.loads((tmp_path / f"{n}.json").read_text()) for n in (1, 2)]
    assert sorted(half["stages"][0]["counts"]["operations"] for half in halves) == [1, 1]
    capsys.readouterr()
    assert run(["report", "merge", "1.json", "2.json", "--format", "json"]) == 1
    merged = json.loads(capsys.readouterr().out)
    assert [one["rule"] for one in merged["findings"] if one["level"] == "error"] == ["ZC401"]
