"""`config show` says what is in force and where from; `config schema` prints what is published."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from zeues_contracts.cli import run

TEXT = """\
fail-level = "warning"
[levels]
ZC204 = "off"
[services.shop]
url = "http://user:password@127.0.0.1:8000/docs"
headers = {Authorization = "Bearer abcdefghijklmnop", X-Trace = "1"}
[[services.shop.health.probes]]
path = "/health \\u0001"
healthy = {status = "ok"}
[services.other]
document = "other.json"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zeues-contracts.toml").write_text(TEXT)
    return tmp_path


def _shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, tuple[object, str]]:
    assert run(["config", "show", "--format", "json", *arguments]) == 0
    return {
        ".".join(one["path"]): (one["value"], one["origin"]) for one in json.loads(capsys.readouterr().out)["values"]
    }


def test_every_value_says_where_it_came_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZEUES_CONTRACTS_LIMITS_TIMEOUT", "3")
    monkeypatch.setenv("ZEUES_CONTRACTS_SERVICES_SHOP_FUZZ_SEED", "7")
    shown = _shown(capsys, "shop", "--preset", "strict")
    assert shown["fail-level"] == ("warning", "zeues-contracts.toml:1")
    assert shown["preset"] == ("strict", "--preset")
    assert shown["limits.timeout"] == (3.0, "environment ZEUES_CONTRACTS_LIMITS_TIMEOUT")
    assert shown["services.shop.fuzz.seed"] == (7, "environment ZEUES_CONTRACTS_SERVICES_SHOP_FUZZ_SEED")
    assert shown["levels.ZC204"] == ("off", "zeues-contracts.toml:3")
    assert shown["snapshots"] == ("snapshots", "default")
    assert not any(name.startswith("services.other") for name in shown)


def test_a_flag_takes_the_place_of_the_files_source(capsys: pytest.CaptureFixture[str]) -> None:
    shown = _shown(capsys, "other", "--url", "http://127.0.0.1:1/docs")
    assert shown["services.other.url"] == ("http://127.0.0.1:1/docs", "--url")
    assert shown["services.other.document"] == ("", "default")


def test_only_what_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "default" not in {origin for _, origin in _shown(capsys, "--changed").values()}


def test_the_text_is_toml_that_says_the_same(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(["config", "show"]) == 0
    text = capsys.readouterr().out
    read = tomllib.loads(text)
    assert read["services"]["shop"]["health"]["probes"] == [
        {"path": "/health \x01", "dependency": "", "healthy": {"status": "ok"}}
    ]
    assert read["services"]["shop"]["headers"]["X-Trace"] == "1"
    assert "\x01" not in text
    # Written down and read again it is the same configuration, but for what was hidden.
    (folder / "zeues-contracts.toml").write_text(text)
    assert run(["config", "show"]) == 0
    again = tomllib.loads(capsys.readouterr().out)
    assert again == read


def test_secrets_are_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    for style in ("text", "json"):
        assert run(["config", "show", "--format", style]) == 0
        text = capsys.readouterr().out
        assert "abcdefghijklmnop" not in text
        assert "password" not in text
        assert "***" in text


def test_variables_that_set_nothing_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZEUES_CONTRACTS_LIMITS_TIMEOUTS", "3")
    monkeypatch.setenv("ZEUES_CONTRACTS_CHECK_SEED", "3")
    assert run(["config", "show"]) == 0
    told = capsys.readouterr().err.splitlines()
    assert told == ["Note: ZEUES_CONTRACTS_LIMITS_TIMEOUTS sets nothing; did you mean ZEUES_CONTRACTS_LIMITS_TIMEOUT?"]


def test_without_a_file_the_defaults_are_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "zeues-contracts.toml").unlink()
    assert run(["config", "show"]) == 0
    assert capsys.readouterr().out.startswith("# no configuration file was found; these are the defaults\n")


def test_an_unknown_service_and_a_wrong_file_are_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "show", "shopp"]) == 2
    assert "did you mean 'shop'?" in capsys.readouterr().err
    (folder / "zeues-contracts.toml").write_text("fail_level = 'error'")
    assert run(["config", "show"]) == 2
    assert "did you mean `fail-level`?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("config", "zeues_contracts.config"),
        ("contract", "zeues_contracts.consumers"),
        ("report", "zeues_contracts.report"),
    ],
)
def test_the_published_schemas_are_printed(name: str, package: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "schema", name]) == 0
    text = capsys.readouterr().out
    assert json.loads(text) == json.loads((files(package) / "data" / f"{name}.schema.json").read_text("utf-8"))
    assert json.loads(text)["$schema"].startswith("https://json-schema.org/")
