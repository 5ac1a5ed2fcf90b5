"""A user's project in a folder: a configuration, a live document in a file, and the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.snapshots.documents import raw
from zeues_contracts.cli import run
from zeues_contracts.openapi import load
from zeues_contracts.snapshots import SnapshotFiles
from zeues_contracts.snapshots.ledger import Entry, read_ledger

IDENTITY = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]


class Project:
    """What a test does in it; the working folder is the project's while it exists."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, service: str = "shop"
    ) -> None:
        self.folder = folder
        self.capsys = capsys
        self.service = service
        for name in ("CI", "GITHUB_ACTOR"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("ZEUES_CONTRACTS_ACTOR", "Ada")
        monkeypatch.chdir(folder)
        (folder / "zeues-contracts.toml").write_text(f'[services.{service}]\ndocument = "live.json"\n')
        (folder / ".gitignore").write_text("live.json\n")
        self.live(raw())

    @property
    def files(self) -> SnapshotFiles:
        return SnapshotFiles(self.folder / "snapshots" / f"{self.service}.json")

    def live(self, value: Any) -> None:
        (self.folder / "live.json").write_text(value if isinstance(value, str) else json.dumps(value))

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code, standard output, standard error."""
        code = run(list(arguments))
        out = self.capsys.readouterr()
        return code, out.out, out.err

    def ok(self, *arguments: str) -> str:
        code, out, err = self.run(*arguments)
        assert code == 0, (out, err)
        return out

    def git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", *IDENTITY, *arguments], cwd=self.folder, check=check, capture_output=True, text=True
        )

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", message)

    def contents(self) -> Any:
        return load(str(self.files.snapshot)).raw

    def entries(self) -> tuple[Entry, ...]:
        ledger = read_ledger(self.files.ledger)
        assert ledger is not None
        return ledger.entries

    def use_merge_driver(self) -> None:
        command = shutil.which("zeues-contracts") or str(Path(sys.executable).with_name("zeues-contracts"))
        self.git("config", "merge.zeues-contracts.driver", f"{command} snapshot merge-driver %O %A %B %P")
        (self.folder / ".gitattributes").write_text(
            "snapshots/*.json merge=zeues-contracts\nsnapshots/*.ledger.jsonl merge=zeues-contracts\n"
        )


def with_property(name: str, *, required: bool = False, base: dict[str, Any] | None = None) -> dict[str, Any]:
    """The shop with one more property of an Order."""
    value = json.loads(json.dumps(base or raw()))
    order = value["components"]["schemas"]["Order"]
    order["properties"][name] = {"type": "string"}
    if required:
        order["required"] = [*order["required"], name]
    return dict(value)
