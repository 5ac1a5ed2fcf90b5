"""The action, the workflows and the pre-commit hooks: what they call exists, and what others wrote is never code."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from zeues_contracts.cli import main

ROOT = Path(__file__).parents[3]
ACTION = ROOT / ".github" / "actions" / "check"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BASH = shutil.which("bash")


def _yaml(file: Path) -> Any:
    return yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)  # `on` stays a word


def _command(words: list[str]) -> click.Command:
    """The command that words name, groups gone through."""
    found: click.Command = main
    for word in words:
        assert isinstance(found, click.Group), words
        inner = found.get_command(click.Context(found), word)
        assert inner is not None, f"there is no command {' '.join(words)}"
        found = inner
    return found


def _options(command: click.Command) -> set[str]:
    return {name for one in command.params for name in (*one.opts, *one.secondary_opts)}


# --- the action ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def action() -> Any:
    return _yaml(ACTION / "action.yml")


def test_every_input_is_described_has_a_default_and_is_used(action: Any) -> None:
    text = (ACTION / "action.yml").read_text("utf-8")
    used = set(re.findall(r"\binputs\.([a-z-]+)", text))
    assert used == set(action["inputs"])
    for name, one in action["inputs"].items():
        assert one["description"], name
        assert "default" in one, name


def test_every_output_is_written_by_the_script(action: Any) -> None:
    script = (ACTION / "check.sh").read_text("utf-8")
    written = set(re.findall(r'echo "([a-z-]+)=', script))
    assert written == set(action["outputs"])
    for name, one in action["outputs"].items():
        assert one["value"] == f"${{{{ steps.check.outputs.{name} }}}}"


def _scripts() -> Iterator[tuple[str, str]]:
    for step in _yaml(ACTION / "action.yml")["runs"]["steps"]:
        if "run" in step:
            yield f"action: {step['name']}", step["run"]
    for file in WORKFLOWS:
        for job in _yaml(file)["jobs"].values():
            for step in job["steps"]:
                if "run" in step:
                    yield f"{file.name}: {step.get('name', step['run'])}", step["run"]


@pytest.mark.parametrize(("name", "script"), list(_scripts()))
def test_nothing_is_interpolated_into_a_script(name: str, script: str) -> None:
    assert "${{" not in script


def test_what_the_script_reads_is_what_the_action_gives(action: Any) -> None:
    for step, file in (("Check", "check.sh"), ("Comment", "comment.py")):
        given = next(one["env"] for one in action["runs"]["steps"] if one["name"] == step)
        read = set(re.findall(r"\bINPUT_[A-Z_]+", (ACTION / file).read_text("utf-8")))
        assert read == {name for name in given if name.startswith("INPUT_")}
        for name in read:
            assert given[name] == f"${{{{ inputs.{name.removeprefix('INPUT_').lower().replace('_', '-')} }}}}"
    asked = set(re.findall(r"environ\.get\(['\"]([A-Z_]+)['\"]", (ACTION / "comment.py").read_text("utf-8")))
    # The runner itself sets the one that the step does not.
    assert asked == set(given) | {"GITHUB_API_URL"}


def test_the_options_that_the_script_gives_exist() -> None:
    known = _options(_command(["check"]))
    given = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", (ACTION / "check.sh").read_text("utf-8")))
    assert given
    assert given <= known


@pytest.mark.skipif(BASH is None, reason="no bash")
def test_the_script_is_bash() -> None:
    assert BASH is not None
    subprocess.run([BASH, "-n", str(ACTION / "check.sh")], check=True, timeout=30)


def test_the_comment_is_written_with_the_standard_library_alone() -> None:
    """It runs with the Python of the job, whatever is installed there."""
    tree = ast.parse((ACTION / "comment.py").read_text("utf-8"))
    names = {one.module or "" for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
    names |= {name.name for one in ast.walk(tree) if isinstance(one, ast.Import) for name in one.names}
    assert names
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.fixture
def run_script(tmp_path: Path) -> Any:
    """Run a script of the action with a folder of programs before the others on PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()

    def program(name: str, text: str) -> None:
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)

    program("zeues-contracts", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m zeues_contracts "$@"\n')
    program("python", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')

    def run(name: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("INPUT_", "GITHUB_", "ZEUES_"))}
        return subprocess.run(
            [str(BASH), str(ACTION / name)],
            env=kept | {"PATH": f"{programs}:{kept['PATH']}", "PYTHONPATH": str(ROOT)} | dict(environment),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {"/a": {"get": {"responses": {"200": {"description": "A"}}}}},
}


@pytest.mark.skipif(BASH is None, reason="no bash")
def test_the_script_writes_every_report_and_the_outputs(tmp_path: Path, run_script: Any) -> None:
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "shop.json").write_text(json.dumps(DOCUMENT | {"paths": {}}))
    (tmp_path / "zeues-contracts.toml").write_text("[services.shop]\ndocument = 'api.json'\n")
    output = tmp_path / "output"
    done = run_script(
        "check.sh",
        {"GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(tmp_path), "INPUT_SERVICES": "shop", "INPUT_ONLY": "drift"},
    )
    assert done.returncode == 0, done.stderr
    found = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert found["exit-code"] == "0", done.stdout + done.stderr
    assert found["verdict"] == "pass"
    assert found["errors"] == "0"
    names = {one.name for one in Path(found["folder"]).iterdir()}
    assert names == {"report.json", "report.sarif", "report.md", "report.html", "junit.xml"}
    assert done.stdout.startswith("PASS")


@pytest.mark.skipif(BASH is None, reason="no bash")
def test_the_script_works_where_the_command_is_not_on_the_path(tmp_path: Path, run_script: Any) -> None:
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "shop.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "zeues-contracts.toml").write_text("[services.shop]\ndocument = 'api.json'\n")
    (tmp_path / "bin" / "zeues-contracts").unlink()
    for name in ("bash", "mktemp", "sh"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "bin" / name).symlink_to(found)
    output = tmp_path / "output"
    given = {"GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(tmp_path), "INPUT_ONLY": "drift"}
    done = run_script("check.sh", given | {"PATH": str(tmp_path / "bin")})
    assert "exit-code=0" in output.read_text().splitlines(), done.stdout + done.stderr


@pytest.mark.skipif(BASH is None, reason="no bash")
@pytest.mark.parametrize(
    "given",
    [
        {"INPUT_SERVICES": "$(touch hacked) `touch hacked` ; touch hacked"},
        {"INPUT_SERVICES": "--output hacked"},
        {"INPUT_URL": "'; touch hacked; '"},
        {"INPUT_DOCUMENT": "x\ntouch hacked"},
        {"INPUT_CONFIG": "$(touch hacked)"},
        {"INPUT_ONLY": "drift,--output,hacked"},
    ],
)
def test_hostile_inputs_are_words_and_no_more(tmp_path: Path, run_script: Any, given: dict[str, str]) -> None:
    output = tmp_path / "output"
    done = run_script("check.sh", {"GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(tmp_path), **given})
    assert done.returncode == 0
    found = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert found["exit-code"] in ("2", "3")
    assert found["verdict"] == ("" if found["exit-code"] == "2" else "cannot-judge")
    assert not (tmp_path / "hacked").exists()


# --- workflows and hooks -------------------------------------------------------------------------------------------


def _steps() -> Iterator[tuple[str, Any]]:
    for file in WORKFLOWS:
        for name, job in _yaml(file)["jobs"].items():
            for step in job["steps"]:
                yield f"{file.name} {name}", step


def _keys(value: Any, wanted: set[str], allowed: set[str], where: str) -> None:
    assert isinstance(value, dict), where
    assert wanted <= set(value) <= wanted | allowed, f"{where}: {sorted(set(value) ^ wanted)}"


def _step(step: Any, where: str, *, composite: bool) -> None:
    """A step runs a script or an action, and says nothing that a step cannot say."""
    common = {"name", "id", "if", "env", "continue-on-error", "working-directory"}
    if "run" in step:
        _keys(step, {"run", "shell"} if composite else {"run"}, common | {"shell"}, where)
    else:
        _keys(step, {"uses"}, {"name", "id", "if", "env", "with", "continue-on-error"}, where)


def test_the_action_has_the_shape_that_github_reads(action: Any) -> None:
    """By the published schema of action metadata: a key that it does not know makes a runner refuse the file."""
    _keys(action, {"name", "description", "inputs", "outputs", "runs"}, {"author", "branding"}, "action")
    _keys(action["branding"], {"icon", "color"}, set(), "branding")
    assert action["branding"]["color"] in {"white", "black", "yellow", "blue", "green", "orange", "red", "purple"}
    _keys(action["runs"], {"using", "steps"}, set(), "runs")
    assert action["runs"]["using"] == "composite"
    for name, one in action["inputs"].items():
        assert re.fullmatch(r"[a-z][a-z-]*", name)
        _keys(one, {"description", "default"}, {"required", "deprecationMessage"}, name)
    for name, one in action["outputs"].items():
        _keys(one, {"description", "value"}, set(), name)
    ids = [step["id"] for step in action["runs"]["steps"] if "id" in step]
    for number, step in enumerate(action["runs"]["steps"]):
        _step(step, f"step {number}", composite=True)
    assert set(re.findall(r"steps\.([a-z-]+)\.", (ACTION / "action.yml").read_text("utf-8"))) == set(ids)


def test_workflows_have_the_shape_that_github_reads() -> None:
    for file in WORKFLOWS:
        workflow = _yaml(file)
        _keys(workflow, {"name", "on", "permissions", "jobs"}, {"concurrency", "env", "defaults"}, file.name)
        for name, job in workflow["jobs"].items():
            more = {"permissions", "strategy", "env", "needs", "if", "outputs"}
            _keys(job, {"runs-on", "steps", "timeout-minutes"}, more, f"{file.name} {name}")
            for number, step in enumerate(job["steps"]):
                _step(step, f"{file.name} {name} {number}", composite=False)


def test_our_own_workflow_uses_our_own_action_with_inputs_that_it_has(action: Any) -> None:
    ours = [step for name, step in _steps() if step.get("uses") == "./.github/actions/check"]
    assert len(ours) == 1
    assert set(ours[0]["with"]) <= set(action["inputs"])
    assert (ROOT / ours[0]["uses"] / "action.yml").is_file()


def test_the_readme_uses_the_action_with_inputs_that_it_has(action: Any) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    used = [
        step
        for block in blocks
        for job in (yaml.load(block, Loader=yaml.BaseLoader) or {}).values()
        if isinstance(job, dict)
        for step in job.get("steps", ())
        if "/.github/actions/check@" in step.get("uses", "")
    ]
    assert used
    for step in used:
        assert set(step.get("with", {})) <= set(action["inputs"])


def test_the_readme_tells_the_outputs_of_the_action(action: Any) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    told = re.search(r"Its outputs are (.*?),\s+where the reports are", readme, re.DOTALL)
    assert told is not None
    assert re.findall(r"`([a-z-]+)`", told[1]) == list(action["outputs"])
    named = re.findall(r"`([a-z]+(?:-[a-z]+)+): false`", readme)
    assert named
    assert set(named) <= set(action["inputs"])


def test_workflows_have_least_permissions_and_an_end() -> None:
    for file in WORKFLOWS:
        workflow = _yaml(file)
        assert workflow["permissions"] == {"contents": "read"}, file.name
        for job in workflow["jobs"].values():
            assert int(job["timeout-minutes"]) <= 60


def test_actions_of_others_are_pinned_to_a_version(action: Any) -> None:
    for step in (*(step for _, step in _steps()), *action["runs"]["steps"]):
        uses = step.get("uses", "./")
        assert uses.startswith("./") or re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", uses), uses


def test_the_hooks_call_commands_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {hook["id"] for hook in hooks} == {"zeues-contracts-lint", "zeues-contracts-snapshot-verify"}
    for hook in hooks:
        program, *words = shlex.split(hook["entry"])
        assert program == "zeues-contracts"
        found = _command([word for word in words if not word.startswith("-")])
        assert not isinstance(found, click.Group)
        assert {word for word in words if word.startswith("-")} <= _options(found)
        assert re.compile(hook["files"]).search("zeues-contracts.toml")
        assert not re.compile(hook["files"]).search("src/app.py")
    lint, verify = (re.compile(hook["files"]) for hook in hooks)
    assert lint.search("contracts/app.yaml")
    assert verify.search("snapshots/shop.json")
