"""Files are written whole or not at all, and one value has one form."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from zeues_contracts.cli import run
from zeues_contracts.errors import UsageError
from zeues_contracts.files import canonical_json, write_atomically


def test_the_same_value_gives_the_same_bytes() -> None:
    assert canonical_json({"b": 1, "a": [True, None]}) == b'{\n  "a": [\n    true,\n    null\n  ],\n  "b": 1\n}\n'
    assert canonical_json({"a": [True, None], "b": 1}) == canonical_json({"b": 1, "a": [True, None]})


def test_numbers_beyond_64_bits_keep_their_digits() -> None:
    assert b"123456789012345678901234567890" in canonical_json({"n": 123456789012345678901234567890})


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be written as JSON"):
        canonical_json({1, 2})


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.json"
    write_atomically(file, "old")

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(UsageError, match=r"a\.json: cannot be written: No space left"):
        write_atomically(file, "new")
    assert file.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


def test_mode_and_links_are_kept(tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_text("old")
    real.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(real)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (project / "snapshots").mkdir()
    outside = tmp_path / "precious"
    outside.write_text("old")
    link = project / "snapshots" / "a.json"
    link.symlink_to(outside)
    with pytest.raises(UsageError, match="leads out of"):
        write_atomically(link, "new")
    assert outside.read_text() == "old"
    inside = project / "docs.json"
    link.unlink()
    link.symlink_to(inside)
    write_atomically(link, "new")
    assert (link.is_symlink(), inside.read_text()) == (True, "new")


def test_a_link_is_replaced_where_it_must_not_be_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    real.chmod(0o700)
    link.symlink_to(real)
    write_atomically(link, "new", follow=False)
    assert not link.is_symlink()
    assert (real.read_text(), link.read_text()) == ("old", "new")
    assert stat.S_IMODE(link.stat().st_mode) != 0o700  # nothing is made executable


def test_a_device_and_a_pipe_are_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, "told")
        assert os.read(read, 100) == b"told"
    finally:
        os.close(read)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]
    with pytest.raises(UsageError, match="cannot be written"):
        write_atomically(tmp_path, "a folder is no file")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a configuration, and beside it a folder that is not its business."""
    (tmp_path / "outside").mkdir()
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    (folder / "zeues-contracts.toml").write_text('[services.shop]\ndocument = "api.json"\n')
    (folder / "api.json").write_text('{"openapi": "3.1.0", "info": {"title": "S", "version": "1"}, "paths": {}}')
    monkeypatch.chdir(folder)
    monkeypatch.delenv("CI", raising=False)  # where snapshots are not written
    return folder


CONTRACT = "version: 1\nconsumer: web\nservice: shop\ninteractions: []\n"


def test_a_folder_of_snapshots_that_leads_out_of_the_project_is_not_followed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = project.parent / "outside"
    # What is planted may look like a project of its own.
    (outside / "pyproject.toml").touch()
    (project / "snapshots").symlink_to(outside)
    assert run(["snapshot", "update"]) == 2
    told = capsys.readouterr().err
    assert "snapshots/shop.json: a symbolic link leads out of" in told
    assert "give the real path as `snapshots` in the configuration" in told
    assert run(["check", "--only", "drift"]) == 2
    assert run(["snapshot", "verify"]) == 2
    assert [one.name for one in outside.iterdir()] == ["pyproject.toml"]


def test_a_folder_of_contracts_that_leads_out_of_the_project_is_not_followed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = project.parent / "outside"
    (outside / "web.yaml").write_text(CONTRACT)
    (project / "contracts").symlink_to("../outside")
    assert run(["contracts", "list"]) == 2
    assert "contracts/web.yaml: a symbolic link leads out of" in capsys.readouterr().err
    (outside / "web.yaml").unlink()
    (project / "web.har").write_text(HAR)
    assert run(["contracts", "import", "web.har", "--consumer", "web", "--service", "shop"]) == 2
    assert "a symbolic link leads out of" in capsys.readouterr().err
    assert list(outside.iterdir()) == []


ENTRY = {
    "request": {"method": "GET", "url": "http://shop/a", "headers": [], "queryString": []},
    "response": {"status": 200, "headers": [], "content": {"mimeType": "application/json", "text": "1"}},
}
HAR = json.dumps({"log": {"version": "1.2", "entries": [ENTRY]}})


def test_links_within_the_project_and_folders_that_are_named_by_the_configuration_are_followed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "kept").mkdir()
    (project / "snapshots").symlink_to("kept")
    assert run(["snapshot", "update"]) == 0
    assert (project / "kept" / "shop.json").is_file()
    config = project / "zeues-contracts.toml"
    config.write_text(config.read_text() + 'snapshot = "../outside/shop.json"\n')
    assert run(["snapshot", "update"]) == 0, capsys.readouterr().err
    assert (project.parent / "outside" / "shop.json").is_file()


def test_a_project_that_is_reached_by_a_link_is_one(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = project.parent / "link"
    link.symlink_to(project)
    monkeypatch.chdir(project.parent)
    assert run(["snapshot", "update", "--config", "link/zeues-contracts.toml"]) == 0
    assert (project / "snapshots" / "shop.json").is_file()
