"""Shell completion: a script for each shell, and what a shell is told when it asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from zeues_contracts.cli import COMMANDS, run
from zeues_contracts.cli.completion import SHELLS, VARIABLE

ROOT = Path(__file__).parents[3]


def _ask(folder: Path, arguments: list[str], environment: Mapping[str, str]) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("COMP_", "ZEUES_"))}
    done = subprocess.run(
        [sys.executable, "-m", "zeues_contracts", *arguments],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def told(folder: Path, *words: str) -> list[str]:
    """What the program offers for the last of the words, asked as the script for bash asks."""
    line = " ".join(("zeues-contracts", *words))
    asked = {VARIABLE: "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    return [row.partition(",")[2] for row in _ask(folder, [], asked).splitlines() if row]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    printed = capsys.readouterr().out
    assert f"{VARIABLE}={shell}_complete" in printed
    assert "zeues-contracts" in printed
    assert printed.endswith("\n")
    assert (shell == "fish") == ("string split -m 1" in printed)  # what click writes now; else ours does nothing
    program = shutil.which(shell)
    if program is not None:
        subprocess.run([program, "-n", "/dev/stdin"], input=printed, text=True, check=True, timeout=30)


@pytest.mark.parametrize("shell", ["/bin/bash", "/usr/bin/fish", "/usr/local/bin/zsh"])
def test_the_shell_in_use_is_the_one_meant(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELL", shell)
    assert run(["completion"]) == 0
    assert f"{VARIABLE}={Path(shell).name}_complete" in capsys.readouterr().out


@pytest.mark.parametrize("shell", ["", "/bin/tcsh"])
def test_without_a_shell_that_is_known_one_is_asked_for(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELL", shell)
    assert run(["completion"]) == 2
    assert "Next: name one: zeues-contracts completion bash|zsh|fish" in capsys.readouterr().err


def test_commands_are_completed(tmp_path: Path) -> None:
    assert told(tmp_path, "") == list(COMMANDS)
    assert told(tmp_path, "co") == [name for name in COMMANDS if name.startswith("co")]
    assert told(tmp_path, "snapshot", "re") == ["resolve", "review"]


def test_options_and_their_values_are_completed(tmp_path: Path) -> None:
    assert "--fail-level" in told(tmp_path, "check", "--f")
    assert told(tmp_path, "check", "--fail-level", "w") == ["warning"]
    assert told(tmp_path, "diff", "--format", "ma") == ["markdown"]
    assert told(tmp_path, "demo", "--scenario", "dr") == ["drifted"]


def test_services_of_the_configuration_are_completed(tmp_path: Path) -> None:
    assert told(tmp_path, "check", "") == []
    (tmp_path / "zeues-contracts.toml").write_text(
        '[services.shop]\ndocument = "a.json"\n[services.stock]\ndocument = "b.json"\n'
    )
    assert told(tmp_path, "check", "") == ["shop", "stock"]
    assert told(tmp_path, "snapshot", "review", "st") == ["stock"]
    (tmp_path / "zeues-contracts.toml").write_text("[services.shop\n")  # half a line, as one is being typed
    assert told(tmp_path, "check", "") == []


def test_rules_are_completed_by_code_and_by_slug(tmp_path: Path) -> None:
    assert "ZC260" in told(tmp_path, "explain", "ZC26")
    assert told(tmp_path, "explain", "response-may-be") == ["response-may-be-null"]


def test_files_are_left_to_the_shell_and_services_come_before_them(tmp_path: Path) -> None:
    """The kind `file` makes each shell look at its folder; the word itself comes back."""
    for words in (
        ("report", "render", "rep"),
        ("schema", "compare", "rep"),
        ("diff", "rep"),
        ("check", "--output", "rep"),
    ):
        asked = {VARIABLE: "bash_complete", "COMP_WORDS": f"zeues-contracts {' '.join(words)}"}
        asked["COMP_CWORD"] = str(len(words))
        assert _ask(tmp_path, [], asked) == "file,rep\n", words
    (tmp_path / "zeues-contracts.toml").write_text('[services.shop]\ndocument = "a.json"\n')
    assert told(tmp_path, "diff", "sh") == ["shop"]
    assert told(tmp_path, "diff", "shop", "live:") == ["live:shop"]


def test_zsh_and_fish_are_told_the_help_beside(tmp_path: Path) -> None:
    zsh = {VARIABLE: "zsh_complete", "COMP_WORDS": "zeues-contracts dif", "COMP_CWORD": "1"}
    kind, name, text = _ask(tmp_path, [], zsh).splitlines()
    assert (kind, name) == ("plain", "diff")
    assert text
    fish = {VARIABLE: "fish_complete", "COMP_WORDS": "zeues-contracts dif", "COMP_CWORD": "dif"}
    assert _ask(tmp_path, [], fish).startswith("plain,diff")


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes_a_word_once_the_script_was_read(tmp_path: Path) -> None:
    (tmp_path / "zeues-contracts").write_text(f'#!/bin/sh\nexec {sys.executable} -m zeues_contracts "$@"\n')
    (tmp_path / "zeues-contracts").chmod(0o755)
    script = """
source <(zeues-contracts completion bash)
complete -p zeues-contracts
COMP_WORDS=(zeues-contracts snapshot ver) COMP_CWORD=2
_zeues_contracts_completion zeues-contracts
printf 'told:%s\\n' "${COMPREPLY[@]}"
"""
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", script],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "_zeues_contracts_completion zeues-contracts" in done.stdout
    assert "told:verify" in done.stdout
