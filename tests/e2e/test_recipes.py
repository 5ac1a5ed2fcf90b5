"""The recipes for CI: the README's own, and the workflow by which this repository checks itself."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

pytest.importorskip("fastapi", reason="needs the extra: demo")

from tests.e2e.runner import run_action
from zeues_contracts.standin import scenes
from zeues_contracts.standin.server import running_standin

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")]

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DATA = Path(scenes.__file__).parent / "data" / "healthy"


def recipe(name: str) -> Any:
    """The YAML after the line that names a CI."""
    found = re.search(rf"^{name}[^\n]*:\n\n```yaml\n(.*?)```", README, re.DOTALL | re.MULTILINE)
    assert found is not None
    return yaml.safe_load(found[1])


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a job: our command and Python first on the path, a pip that installs nothing."""
    programs = tmp_path / "bin"
    programs.mkdir()
    python = shlex.quote(sys.executable)
    for name, text in {
        "zeues-contracts": f'exec {python} -m zeues_contracts "$@"',
        "python": f'exec {python} "$@"',
        "pip": 'printf "%s\\n" "$*" >>installed',
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "INPUT_", "ZEUES_", "PYTHON"))}
    return {**kept, "PATH": f"{programs}:{kept['PATH']}", "PYTHONPATH": str(ROOT), "CI": "true"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a snapshot; the service is where the configuration says."""
    folder = tmp_path / "checkout"
    (folder / "snapshots").mkdir(parents=True)
    shutil.copy(DATA / "snapshot.json", folder / "snapshots" / "zeues.json")
    return folder


@pytest.mark.parametrize(("scenario", "code"), [("healthy", 0), ("drifted", 1)])
def test_the_recipe_for_gitlab(environment: dict[str, str], checkout: Path, scenario: str, code: int) -> None:
    job = recipe("GitLab")["contracts"]
    with running_standin(scenario) as service:
        (checkout / "zeues-contracts.toml").write_text(
            f'[services.zeues]\nurl = "{service.docs}"\nreplay = {{unsafe = ["GET /api/health/clear-cache"]}}\n'
            'fuzz = {seconds = 1, exclude = ["GET /api/health/clear-cache"]}\n'
        )
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])],
            cwd=checkout,
            env=environment | {"GITLAB_CI": "true"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    assert done.returncode == code, done.stdout + done.stderr
    assert (checkout / "installed").read_text() == "install zeues-contracts\n"
    assert done.stdout.startswith("FAIL" if code else "PASS")
    suites = ET.parse(checkout / job["artifacts"]["reports"]["junit"]).getroot()
    assert (int(suites.get("failures", "0")) > 0) is bool(code)
    pending = [file for pattern in job["artifacts"]["paths"] for file in checkout.glob(pattern)]
    assert len(pending) == code  # what changed is left for `snapshot review --from`
    assert job["artifacts"]["when"] == "always"


def test_the_recipe_for_github(environment: dict[str, str], checkout: Path, tmp_path: Path) -> None:
    """Its last step, with what it gives to the action; the application is one in the checkout."""
    *_, step = recipe("GitHub")["contracts"]["steps"]
    (checkout / "zeues-contracts.toml").write_text("[services.zeues]\nfuzz = {seconds = 1}\n")
    (checkout / "main.py").write_text("from zeues_contracts.standin.asgi import healthy as app\n")
    (tmp_path / "temporary").mkdir()
    given = {name: _word(value) for name, value in step["with"].items()}
    ran = run_action(
        ROOT / step["uses"].partition("zeues-contracts/")[2].partition("@")[0],
        inputs=given | {"only": "drift", "package": ""},
        github={"event_name": "push"},
        environment=environment,
        workspace=checkout,
        temporary=tmp_path / "temporary",
    )
    assert not ran.failed, ran.printed
    assert ran.outputs["verdict"] == "pass"
    assert list(ran.used) == ["github/codeql-action/upload-sarif@v4"]


def test_the_workflow_of_this_repository_passes(environment: dict[str, str], tmp_path: Path) -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "contracts.yml").read_text("utf-8"))
    (step,) = [one for one in workflow["jobs"]["check"]["steps"] if one.get("uses", "").startswith("./")]
    workspace = tmp_path / "workspace"
    for name in ("snapshots", "contracts"):
        shutil.copytree(ROOT / name, workspace / name)
    shutil.copy(ROOT / "pyproject.toml", workspace)
    (tmp_path / "temporary").mkdir()
    given = {name: _word(value) for name, value in step["with"].items()}
    assert given["comment"] == "${{ github.event_name == 'pull_request' }}"
    ran = run_action(
        ROOT / step["uses"],
        inputs=given | {"comment": "false", "sarif": "true"},
        github={"event_name": "push"},
        environment=environment,
        workspace=workspace,
        temporary=tmp_path / "temporary",
    )
    assert not ran.failed, ran.printed
    assert (ran.outputs["verdict"], ran.outputs["errors"]) == ("pass", "0"), ran.printed
    report = json.loads((Path(ran.outputs["folder"]) / "report.json").read_text("utf-8"))
    assert {stage["name"]: stage["status"] for stage in report["stages"]} == {
        "document": "ran",
        "health": "ran",
        "drift": "ran",
        "contracts": "ran",
        "replay": "ran",
    }
    assert ran.used["actions/upload-artifact@v4"]["name"] == "contracts"


def _word(value: object) -> str:
    """What `with:` gives to an action: a string."""
    return str(value).lower() if isinstance(value, bool) else str(value)
