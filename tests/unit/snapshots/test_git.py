from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from zeues_contracts.config import Config, ServiceConfig
from zeues_contracts.errors import UsageError
from zeues_contracts.snapshots import git

DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": {}}


def run(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, version: str, message: str) -> None:
    file = folder / "snapshots" / "shop.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({**DOCUMENT, "info": {"title": "Shop", "version": version}}))
    run(folder, "add", ".")
    run(folder, "commit", "-qm", message)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    run(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path, "1", "First")
    run(tmp_path, "tag", "v1")
    commit(tmp_path, "2", "Second")
    return tmp_path


def version(data: bytes) -> str:
    return str(json.loads(data)["info"]["version"])


def test_files_of_revisions(repo: Path) -> None:
    assert version(git.show_file("v1:snapshots/shop.json", repo)) == "1"
    assert version(git.show_file("main:snapshots/shop.json", repo)) == "2"
    assert version(git.show_file("HEAD~1:snapshots/shop.json", repo)) == "1"
    assert version(git.show_file("v1:./shop.json", repo / "snapshots")) == "1"
    assert git.git_document("v1:snapshots/shop.json", cwd=repo).source == "v1:snapshots/shop.json"


def test_the_merge_base_of_a_pull_request(repo: Path) -> None:
    run(repo, "checkout", "-qb", "topic", "v1")
    commit(repo, "1.1", "Topic")
    assert git.merge_base("main", "topic", repo) == git.resolve_revision("v1", repo)
    assert version(git.show("main...", "snapshots/shop.json", repo)) == "1"
    assert version(git.show("main...topic", "snapshots/shop.json", repo)) == "1"


@pytest.mark.parametrize("revision", ["--output=/tmp/x", "-p", "", " ", "a b", "main\nx", "a:b"])
def test_what_is_no_revision_is_refused(repo: Path, revision: str) -> None:
    with pytest.raises(UsageError, match="not a git revision"):
        git.show(revision, "snapshots/shop.json", repo)


def test_unknown_revision_file_and_repository(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(UsageError, match="no such revision") as caught:
        git.show("v9", "snapshots/shop.json", repo)
    assert "fetch" in caught.value.hint
    with pytest.raises(UsageError, match="no such file in main"):
        git.show("main", "other.json", repo)
    with pytest.raises(UsageError, match="no such file in main") as caught:
        git.show("main", "shop.json", repo / "snapshots")
    assert caught.value.hint == "from this folder it is main:./shop.json"
    with pytest.raises(UsageError, match="no such file"):
        git.show("main", "snapshots", repo)  # a folder is no file
    with pytest.raises(UsageError, match="not in a git repository"):
        git.show("main", "x", tmp_path_factory.mktemp("bare"))


def test_a_large_file_is_refused(repo: Path) -> None:
    with pytest.raises(UsageError, match="larger than 10 bytes"):
        git.show("main", "snapshots/shop.json", repo, limit=10)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("main:snapshots/shop.json", True),
        ("HEAD~2:a.json", True),
        ("https://example.org/openapi.json", False),
        ("C:\\docs\\a.json", False),
        ("c:/docs/a.json", False),
        ("a.json", False),
        (":a.json", False),
        ("/tmp/a:b", False),
    ],
)
def test_the_shape_of_a_revision_and_path(spec: str, expected: bool) -> None:
    assert git.is_git_spec(spec) is expected


def test_an_existing_file_with_a_colon_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a:b.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert not git.is_git_spec("a:b.json")


def test_the_snapshot_of_a_service_at_a_revision(repo: Path) -> None:
    config = Config(services={"shop": ServiceConfig()}, root=str(repo))
    document = git.snapshot_at(config, "shop", "v1")
    assert document.raw["info"]["version"] == "1"
    assert document.source == "v1:shop.json"


def test_the_commits_of_a_file(repo: Path) -> None:
    commits = git.commits_of(repo / "snapshots" / "shop.json")
    assert [one.subject for one in commits] == ["First", "Second"]
    assert commits[0].author == "Ada"
    assert git.commits_of(repo / "snapshots" / "other.json") == ()
