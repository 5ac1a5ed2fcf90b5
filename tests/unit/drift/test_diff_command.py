"""`zeues-contracts diff`: where documents come from, formats, exit codes, and what is not imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from zeues_contracts.cli import run
from zeues_contracts.rules.drift.examples import given, taken

OLD = taken("{type: object, properties: {a: {type: integer}}}")
NEW = taken("{type: object, required: [a], properties: {a: {type: integer}}}")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    (tmp_path / "old.yaml").write_text(OLD)
    (tmp_path / "new.yaml").write_text(NEW)
    monkeypatch.chdir(tmp_path)
    return "old.yaml", "new.yaml"


def report(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_breaking_change_exits_with_1_and_names_witness_and_places(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", *files, "--format", "json"]) == 1
    finding = next(one for one in report(capsys)["findings"] if one["rule"] == "ZC260")
    assert finding["evidence"]["witness"]["value"] == {}
    assert finding["place"]["source"] == "new.yaml"
    assert finding["place"]["role"] == "new"
    assert finding["related"][0]["source"] == "old.yaml"


def test_nothing_exits_with_0(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", files[0], files[0]]) == 0
    assert run(["diff", files[1], files[0]]) == 0
    assert run(["diff", *files, "--fail-level", "off"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize("name", ["text", "json", "junit", "sarif", "github", "markdown", "html"])
def test_every_format(name: str, files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", *files, "--format", name]) == 1
    assert "must" in (out := capsys.readouterr().out) or "required" in out


def test_markdown_is_a_changelog_with_a_version_step(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(["diff", *files, "--format", "markdown"])
    out = capsys.readouterr().out
    assert out.startswith("## Things\n")
    assert "Suggested version step: **a major step**." in out
    assert "### Breaking\n\n- `POST /things`: request body" in out


def test_several_outputs_at_once(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--format", "markdown", "--output", "changes.md", "--format", "json", "--output", "changes.json"]
    assert run(["diff", *files, *arguments]) == 1
    assert Path("changes.md").read_text().startswith("## ")
    assert json.loads(Path("changes.json").read_text())["findings"]
    assert capsys.readouterr().out == ""


def test_levels_of_a_service_and_presets(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("zeues-contracts.toml").write_text(
        '[services.shop]\ndocument = "new.yaml"\n[services.shop.levels]\nrequest-property-became-required = "info"\n'
    )
    assert run(["diff", *files, "--service", "shop"]) == 0
    assert run(["diff", *files]) == 1
    Path("a.yaml").write_text(given("{type: string, enum: [a]}"))
    Path("b.yaml").write_text(given("{type: string, enum: [a, b]}"))
    assert run(["diff", "a.yaml", "b.yaml"]) == 0
    assert run(["diff", "a.yaml", "b.yaml", "--preset", "strict"]) == 1
    assert run(["diff", "a.yaml", "b.yaml", "--fail-level", "warning"]) == 1
    assert run(["diff", "a.yaml", "b.yaml", "--fail-level", "warning", "--preset", "tolerant-reader"]) == 0
    assert run(["diff", "old.yaml", "live:shop"]) == 1
    assert run(["diff", "old.yaml", "new.yaml", "--service", "none"]) == 2
    capsys.readouterr()


def test_the_snapshot_of_a_service(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("zeues-contracts.toml").write_text('[services.shop]\ndocument = "new.yaml"\nsnapshot = "old.yaml"\n')
    assert run(["diff", "shop", "new.yaml", "--format", "json"]) == 1
    assert {one["service"] for one in report(capsys)["findings"]} == {"shop"}


def test_a_file_of_a_git_revision(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e@example.com", *arguments], check=True)

    git("init", "-q", ".")
    git("add", "old.yaml")
    git("commit", "-qm", "first")
    Path("old.yaml").write_text(NEW)
    capsys.readouterr()
    assert run(["diff", "HEAD:old.yaml", "old.yaml"]) == 1
    assert run(["diff", "HEAD:none.yaml", "old.yaml"]) == 2
    assert run(["diff", "nowhere:old.yaml", "old.yaml"]) == 2
    assert "Next:" in capsys.readouterr().err


def test_what_cannot_be_had_is_one_line(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "old.yaml", "missing.yaml"]) == 2
    assert run(["diff", "-", "-"]) == 2
    assert run(["diff", "old.yaml", "http://127.0.0.1:9/openapi.json"]) == 3
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert "missing.yaml" in err


def test_a_diff_of_two_files_imports_what_it_needs(files: tuple[str, str]) -> None:
    code = (
        "import sys\nfrom zeues_contracts.cli import run\n"
        "run(['diff', 'old.yaml', 'new.yaml', '--format', 'json', '--output', 'out.json'])\n"
        "print(sorted(set(sys.modules) & set(sys.argv[1:])))"
    )
    heavy = ["schemathesis", "rich", "httpx", "fastapi", "starlette", "pydantic", "deepdiff", "hypothesis", "requests"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_diff_that_finds_nothing_starts_no_validator(files: tuple[str, str]) -> None:
    code = (
        "import sys\nfrom zeues_contracts.cli import run\nrun(['diff', 'old.yaml', 'old.yaml', '--quiet'])\n"
        "print(sorted(set(sys.modules) & {'jsonschema', 'jsonschema_rs', 'deepdiff', 'click_completion'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
