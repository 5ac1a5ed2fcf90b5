"""The README is run: every command of it, in its order, in a fresh project beside a real service."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

pytest.importorskip("fastapi", reason="needs the extra: demo")

from zeues_contracts.cli import COMMANDS, main
from zeues_contracts.standin.server import running_standin

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
HERE = "http://127.0.0.1:8000"

CONSUMER = """
import sys

import requests

URL = sys.argv[1]
WHO = {"operacion": "ARM", "worker_id": 93, "worker_nombre": "MR(93)"}


def test_take():
    answer = requests.post(f"{URL}/api/occupation/tomar", json={"tag_spool": "TEST-01", **WHO}, timeout=10)
    assert answer.status_code in (200, 409)


def test_history():
    answer = requests.get(f"{URL}/api/history/TEST-01", timeout=10)
    assert answer.status_code == 200
    for session in answer.json()["sessions"]:
        assert session["worker_id"] > 0


for test in (test_take, test_history):
    test()
"""


def blocks(mark: str) -> list[str]:
    """The commands of the blocks with a mark, comments taken off."""
    found = re.findall(rf"<!-- run: {mark} -->\n```sh\n(.*?)```", README, re.DOTALL)
    return [
        shlex.join(shlex.split(line, comments=True)) for block in found for line in block.splitlines() if line.strip()
    ]


LINES = blocks("project")


def block(language: str, first: str) -> str:
    """The first block of a language that has a text."""
    return next(one for one in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if first in one)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A project that has nothing of ours yet, and the URL of its service."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "e2e.py").write_text(CONSUMER, "utf-8")
    (folder / "old.schema.json").write_text('{"type": "integer"}')
    (folder / "new.schema.json").write_text('{"type": "integer", "minimum": 1}')
    for command in ("git init -q -b main", "git config user.email qa@example.org", "git config user.name QA"):
        subprocess.run(shlex.split(command), cwd=folder, check=True)
    with running_standin("healthy") as service:
        yield folder, service.url


def run(line: str, folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    arguments = shlex.split(line.replace(HERE, url))
    assert arguments[0] == "zeues-contracts"
    words = [sys.executable if word == "python" else word for word in arguments[1:]]
    environ = {key: value for key, value in os.environ.items() if key not in ("CI", "REDIS_URL")}
    environ |= {"ZEUES_CONTRACTS_SERVICES_ZEUES_FUZZ_SECONDS": "2", "COLUMNS": "100"}
    command = [sys.executable, "-m", "zeues_contracts", *words]
    return subprocess.run(
        command,
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_every_line_runs_in_its_order(project: tuple[Path, str]) -> None:
    folder, url = project
    assert len(LINES) > 20
    for number, line in enumerate(LINES):
        done = run(line, folder, url)
        told = f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        # Comparing what differs exits with 1; all else in the README is about a service that is well.
        wanted = (0, 1) if "schema compare" in line else (0,)
        assert done.returncode in wanted, told
        assert "Traceback" not in done.stderr, told
        if number == 0:
            (folder / "contracts").mkdir(exist_ok=True)
            (folder / "contracts" / "web.yaml").write_text(block("yaml", "# contracts/web.yaml"), "utf-8")
            subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
            subprocess.run(["git", "commit", "-qm", "First"], cwd=folder, check=True)
    assert (folder / "report.html").read_text("utf-8").lstrip().lower().startswith("<!doctype html>")
    assert json.loads((folder / "contracts.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert (folder / "contracts" / "e2e.yaml").is_file()
    # What its user asked for, and no more: nothing that a library of ours remembers.
    ours = {"zeues-contracts.toml", "snapshots", "contracts", "report.json", "report.html", "contracts.sarif"}
    given = {"e2e.py", "old.schema.json", "new.schema.json", ".git", "__pycache__"}
    assert {one.name for one in folder.iterdir()} - given == ours


def test_the_configuration_and_the_recipes_are_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zeues_contracts.config import load_config
    from zeues_contracts.levels import check_levels

    (tmp_path / "zeues-contracts.toml").write_text(block("toml", "preset ="), "utf-8")
    monkeypatch.chdir(tmp_path)
    config = load_config(environ={})
    check_levels(config)
    assert config.services["zeues"].fuzz.seconds == 20
    for text in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL):
        assert yaml.safe_load(text)
    action = yaml.safe_load((ROOT / ".github/actions/check/action.yml").read_text("utf-8"))
    step = yaml.safe_load(block("yaml", "- uses: actions/checkout"))["contracts"]["steps"][-1]
    assert set(step["with"]) <= set(action["inputs"])


def test_the_python_example_runs(project: tuple[Path, str], tmp_path: Path) -> None:
    _, url = project
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {"responses": {}}}}}
    (tmp_path / "old.json").write_text(json.dumps(document))
    (tmp_path / "new.json").write_text(json.dumps({**document, "paths": {}}))
    code = block("python", "from zeues_contracts.api").replace(HERE, url)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    first, bump, answer = done.stdout.splitlines()
    assert first == "0 []"
    assert bump == "major"
    assert answer.startswith("False 0 ")


def options_of(command: click.Command) -> set[str]:
    found = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found |= options_of(inner)
    return found


def test_every_command_and_option_that_is_spoken_of_exists() -> None:
    known = options_of(main) | {"--help"}
    from zeues_contracts import pytest_plugin

    known |= set(re.findall(r"--contracts[a-z-]*", Path(pytest_plugin.__file__).read_text("utf-8")))
    ours = re.sub(r"(?s)<!-- tests -->.*?<!-- /tests -->", "", README)
    spoken = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours))
    assert spoken <= known, spoken - known
    for name in re.findall(r"`zeues-contracts ([a-z]+)", ours):
        assert name in COMMANDS, name
    unsaid: Any = [name for name in COMMANDS if not re.search(rf"zeues-contracts {name}\b", ours)]
    assert not unsaid, f"the README says nothing of {unsaid}"
