"""Runs the steps of a composite action as a runner of GitHub does: conditions, expressions, files of commands.

Only what actions of ours use, and what is not known is an error: an expression is never taken for a string.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<sign>&&|\|\||==|!=|[!(),])|(?P<number>\d+)|(?P<name>[A-Za-z_][\w.-]*))"
)


class Expression:
    """One expression of workflow syntax: ``==``, ``!=``, ``!``, ``&&``, ``||``, calls and names of contexts."""

    def __init__(self, text: str, contexts: Mapping[str, Any], functions: Mapping[str, Any]) -> None:
        self.tokens: list[tuple[str, str]] = []
        at, text = 0, text.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            assert found is not None, f"no expression: {text[at:]}"
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()
        self.contexts, self.functions = contexts, functions

    def value(self) -> Any:
        """What it is, all of it read."""
        found = self._either()
        assert not self.tokens, self.tokens
        return found

    def _next(self, *signs: str) -> bool:
        if self.tokens and self.tokens[0] in {("sign", sign) for sign in signs}:
            self.tokens.pop(0)
            return True
        return False

    def _either(self) -> Any:
        found = self._both()
        while self._next("||"):
            other = self._both()
            found = found or other
        return found

    def _both(self) -> Any:
        found = self._same()
        while self._next("&&"):
            other = self._same()
            found = found and other
        return found

    def _same(self) -> Any:
        found = self._one()
        if self._next("=="):
            return _loose(found) == _loose(self._one())
        if self._next("!="):
            return _loose(found) != _loose(self._one())
        return found

    def _one(self) -> Any:
        if self._next("!"):
            return not self._one()
        if self._next("("):
            found = self._either()
            assert self._next(")")
            return found
        kind, text = self.tokens.pop(0)
        if kind == "string":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return int(text)
        assert kind == "name", text
        if self._next("("):
            arguments = []
            while not self._next(")"):
                arguments.append(self._either())
                self._next(",")
            return self.functions[text](*arguments)
        if text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text]
        found = self.contexts
        for part in text.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found


def _loose(value: Any) -> Any:
    """Strings are compared without case, and nothing is an empty string to one."""
    return "" if value is None else value.lower() if isinstance(value, str) else value


def _shown(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@dataclass
class Ran:
    """What came of an action: its outputs, what its steps printed, and which of them ran how."""

    outputs: dict[str, str] = field(default_factory=dict)
    printed: str = ""
    summary: str = ""
    conclusions: dict[str, str] = field(default_factory=dict)
    """Step -> success, failure or skipped."""
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    """What would be done by actions of others: their name -> what they are given."""
    codes: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether the step of the job that uses the action fails."""
        return "failure" in self.conclusions.values()


def run_action(
    action: Path,
    *,
    inputs: Mapping[str, str],
    github: Mapping[str, Any],
    environment: Mapping[str, str],
    workspace: Path,
    temporary: Path,
) -> Ran:
    """Run a composite action in a workspace. ``inputs`` are strings, as ``with:`` gives them."""
    definition = yaml.safe_load((action / "action.yml").read_text("utf-8"))
    assert definition["runs"]["using"] == "composite"
    assert set(inputs) <= set(definition["inputs"])
    contexts: dict[str, Any] = {"github": github, "steps": {}}
    ran = Ran()
    functions = {
        "cancelled": lambda: False,
        "always": lambda: True,
        "success": lambda: not ran.failed,
        "failure": lambda: ran.failed,
        "startsWith": lambda text, start: _shown(text).lower().startswith(_shown(start).lower()),
    }

    def evaluate(text: str) -> Any:
        return Expression(text, contexts, functions).value()

    def expand(text: Any) -> str:
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: _shown(evaluate(found[1])), _shown(text))

    contexts["inputs"] = {
        name: inputs[name] if name in inputs else expand(one.get("default"))
        for name, one in definition["inputs"].items()
    }
    summary = temporary / "summary"
    summary.touch()
    for number, step in enumerate(definition["runs"]["steps"]):
        condition = str(step.get("if", "success()"))
        if not re.search(r"\b(success|failure|always|cancelled)\(", condition):
            condition = f"success() && ({condition})"
        if not evaluate(condition):
            ran.conclusions[step["name"]] = "skipped"
            continue
        if "uses" in step:
            ran.used[step["uses"]] = {name: expand(one) for name, one in step.get("with", {}).items()}
            ran.conclusions[step["name"]] = "success"
            continue
        assert step["shell"] == "bash"
        output, script = temporary / f"output-{number}", temporary / f"script-{number}.sh"
        output.touch()
        script.write_text(expand(step["run"]), "utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=workspace,
            env={
                **environment,
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(action),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_WORKSPACE": str(workspace),
                "RUNNER_TEMP": str(temporary),
                **{name: expand(one) for name, one in step.get("env", {}).items()},
            },
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        ran.printed += done.stdout + done.stderr
        ran.codes[step["name"]] = done.returncode
        ran.conclusions[step["name"]] = "success" if done.returncode == 0 else "failure"
        if "id" in step:
            contexts["steps"][step["id"]] = {"outputs": _outputs(output.read_text("utf-8"))}
    ran.summary = summary.read_text("utf-8")
    ran.outputs = {name: expand(one["value"]) for name, one in definition["outputs"].items()}
    return ran


def _outputs(text: str) -> dict[str, str]:
    """The file of outputs: ``name=value``, one a line. A line without a name is an error, as it is to the runner."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        assert equals, f"no output: {line}"
        found[name] = value
    return found
