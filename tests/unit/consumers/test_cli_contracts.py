"""``zeues-contracts contracts`` on the command line."""

import json
import shutil
from pathlib import Path

import pytest

from zeues_contracts.cli import run

DATA = Path(__file__).parents[3] / "zeues_contracts" / "standin" / "data"


@pytest.fixture
def repo(tmp_path, monkeypatch):
    """A user's repository on the morning of the day."""
    shutil.copytree(DATA / "incident" / "contracts", tmp_path / "contracts")
    (tmp_path / "snapshots").mkdir()
    shutil.copy(DATA / "incident" / "snapshot.json", tmp_path / "snapshots" / "zeues.json")
    (tmp_path / "zeues-contracts.toml").write_text('[services.zeues]\nurl = "http://127.0.0.1:9"\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_check_needs_no_service(repo, capsys):
    assert run(["contracts", "check"]) == 1
    out = capsys.readouterr().out
    assert "does not send `fecha_operacion`" in " ".join(out.split())
    assert "the list is at `sessions`: read `sessions`" in " ".join(out.split())
    assert "contracts/e2e-suite.yaml:32" in out


def test_check_in_every_format(repo, capsys):
    assert run(["contracts", "check", "--format", "json"]) == 1
    value = json.loads(capsys.readouterr().out)
    assert {one["rule"] for one in value["findings"]} >= {"ZC323", "ZC325", "ZC331", "ZC340"}
    for name in ("junit", "sarif", "github", "markdown", "html"):
        assert run(["contracts", "check", "--format", name]) == 1
        assert "ZC323" in capsys.readouterr().out


def test_levels_of_the_configuration_apply(repo, capsys):
    text = (repo / "zeues-contracts.toml").read_text("utf-8")
    (repo / "zeues-contracts.toml").write_text(
        text + '[services.zeues.levels]\nZC323 = "off"\nZC340 = "info"\n', "utf-8"
    )
    assert run(["contracts", "check"]) == 0
    assert run(["contracts", "check", "--fail-level", "warning"]) == 1
    capsys.readouterr()


def test_check_a_file_against_a_document(repo, capsys):
    good = DATA / "healthy"
    arguments = ["--document", str(good / "snapshot.json"), "--contract", str(good / "contracts" / "e2e-suite.yaml")]
    assert run(["contracts", "check", *arguments]) == 0
    capsys.readouterr()


def test_without_a_snapshot_it_is_said_what_to_do(repo, capsys):
    shutil.rmtree(repo / "snapshots")
    assert run(["contracts", "check"]) == 2
    told = capsys.readouterr().err
    assert "there is no snapshot at" in told
    assert "zeues-contracts init" in told


def test_a_service_that_is_not_there_is_nobody_s_mismatch(repo, capsys):
    assert run(["contracts", "check", "--live"]) == 3
    assert "ZC3" not in capsys.readouterr().out


def test_list(repo, capsys):
    assert run(["contracts", "list", "-v"]) == 0
    out = capsys.readouterr().out
    assert "e2e-suite  14 interactions, 6 operations  contracts/e2e-suite.yaml" in out
    assert "arm-completar  POST /api/occupation/completar  200" in out
    assert run(["contracts", "list", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["interactions"][0]["line"] == 7


def test_lint(repo, capsys):
    (repo / "contracts" / "bad.yaml").write_text("version: 1\nconsumer: b\ninteractions: [{id: a}]\n", "utf-8")
    one = "{id: a, operation: 'GET /a/{k}', request: {path: {j: 1}, headers: {x: $env:NOT_SET}}}"
    text = f"version: 1\nconsumer: e\ninteractions: [{one}]\n"
    (repo / "contracts" / "empty.yaml").write_text(text, "utf-8")
    assert run(["contracts", "lint"]) == 2
    out = capsys.readouterr().out
    assert "error  contracts/bad.yaml:3:16: `operation` is missing in `interactions[0]`" in out
    assert "ok     contracts/e2e-suite.yaml: 14 interactions of e2e-suite" in out
    assert "note   contracts/empty.yaml:3: `a` expects nothing of the answer" in out
    assert "`a` has no value for the path's `k`" in out
    assert "`a` has a value for `j`, which the path does not have" in out
    told = "note   contracts/empty.yaml: 1 interaction uses NOT_SET, a variable of the environment that is not set here"
    assert told in out
    assert run(["contracts", "lint", "contracts/e2e-suite.yaml"]) == 0


def test_lint_names_a_variable_that_is_not_set_once(repo, capsys, monkeypatch):
    monkeypatch.setenv("SET_KEY", "k")
    keyed = "request: {headers: {x: '${GONE_KEY}', y: 'Bearer ${SET_KEY} ${OTHER_KEY}'}}, expect: {status: 200}"
    ones = ", ".join(f"{{id: i{n}, operation: GET /a, {keyed}}}" for n in range(3))
    plain = "{id: plain, operation: GET /a, expect: {status: 200}}"
    text = f"version: 1\nconsumer: e\ninteractions: [{ones}, {plain}]\n"
    (repo / "contracts" / "keyed.yaml").write_text(text, "utf-8")
    assert run(["contracts", "lint", "contracts/keyed.yaml"]) == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note")]
    where, what = "note   contracts/keyed.yaml:", "a variable of the environment that is not set here"
    assert notes == [f"{where} 3 interactions use GONE_KEY, {what}", f"{where} 3 interactions use OTHER_KEY, {what}"]


def test_without_a_configuration(repo, capsys):
    (repo / "zeues-contracts.toml").unlink()
    assert run(["contracts", "list"]) == 0
    assert "contracts/: 1 contract\n  e2e-suite" in capsys.readouterr().out
    assert run(["contracts", "lint"]) == 0
    assert run(["contracts", "check", "--document", "snapshots/zeues.json"]) == 1
    assert "fecha_operacion" in capsys.readouterr().out


def test_import_and_export(repo, capsys):
    assert run(["contracts", "export", "contracts/e2e-suite.yaml", "--output", "pact.json"]) == 0
    assert run(["contracts", "import", "pact.json", "--consumer", "again"]) == 0
    assert "contracts/again.yaml: 14 interactions of again" in capsys.readouterr().out
    assert run(["contracts", "lint", "contracts/again.yaml"]) == 0
    assert run(["contracts", "import", "pact.json", "--consumer", "again"]) == 2
    assert "--merge puts this over it" in capsys.readouterr().err
    assert run(["contracts", "import", "pact.json", "--consumer", "again", "--merge"]) == 0
    assert run(["contracts", "import", "pact.json", "--output", "-"]) == 0
    assert "consumer: e2e-suite" in capsys.readouterr().out


def test_a_provider_is_the_one_service_there_is(repo, capsys):
    call = {"description": "d", "request": {"method": "GET", "path": "/api/workers"}, "response": {"status": 200}}
    pact = {"consumer": {"name": "web"}, "provider": {"name": "Spools API"}, "interactions": [call]}
    Path("web.json").write_text(json.dumps(pact), "utf-8")
    assert run(["contracts", "import", "web.json"]) == 0
    assert "the provider `Spools API` is taken as the service `zeues`" in capsys.readouterr().err
    assert run(["contracts", "check", "--fail-level", "off", "--format", "json"]) == 0
    file = repo / "zeues-contracts.toml"
    file.write_text(file.read_text("utf-8") + '[services.other]\nurl = "http://127.0.0.1:9"\n', "utf-8")
    capsys.readouterr()
    assert run(["contracts", "import", "web.json", "--force"]) == 2
    assert "--service says which it is: zeues, other" in capsys.readouterr().err


def test_a_log_is_read_with_the_templates_of_the_snapshot(repo, capsys):
    entry = {
        "request": {"method": "GET", "url": "https://x.example.com/api/history/A-1", "headers": []},
        "response": {"status": 200, "headers": [], "content": {"mimeType": "application/json", "text": "{}"}},
    }
    Path("x.har").write_text(json.dumps({"log": {"entries": [entry]}}), "utf-8")
    assert run(["contracts", "import", "x.har", "--output", "-"]) == 0
    assert "operation: GET /api/history/{tag_spool}" in capsys.readouterr().out


def test_import_what_is_none(repo, capsys):
    Path("x.json").write_text("{}", "utf-8")
    assert run(["contracts", "import", "x.json"]) == 2
    assert run(["contracts", "import", "gone.json"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_help_names_every_command(capsys):
    assert run(["contracts", "--help"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("list", "check", "lint", "record", "import", "export"))
    for name in ("list", "check", "lint", "import", "export"):
        assert run(["contracts", name, "--help"]) == 0
