"""The wheel: what is in it, and that it works where nothing but it and what it asks for is installed."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="no pip"),
]

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
KEPT = {
    key: value
    for key, value in os.environ.items()
    if not key.startswith(("PYTHON", "VIRTUAL_ENV", "ZEUES_", "PIP_", "COV")) and key != "CI"
}


def _run(*command: str | Path, folder: Path, codes: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=KEPT | {"COLUMNS": "100", "PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode in codes, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this tree, built with what `[build-system]` names and without any network."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(
        *(*PIP, "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", folder, ROOT),
        folder=folder,
    )
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def _closure() -> Iterator[metadata.Distribution]:
    """The distributions that ours asks for without an extra, and what these ask for."""
    seen: set[str] = set()
    wanted = [(Requirement(text), "") for text in PROJECT["dependencies"]]
    while wanted:
        asked, extra = wanted.pop()
        if asked.marker is not None and not asked.marker.evaluate({"extra": extra}):
            continue
        found = metadata.distribution(asked.name)
        for one in ("", *asked.extras):
            key = f"{found.name.lower()}[{one}]"
            if key not in seen:
                seen.add(key)
                wanted += [(Requirement(text), one) for text in found.requires or ()]
        yield found


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and its dependencies (lent by ours), and nothing else; its programs."""
    folder = tmp_path_factory.mktemp("bare")
    venv.EnvBuilder(symlinks=True).create(folder)
    programs = folder / "bin"
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    for one in _closure():
        for top in {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}:
            link = packages / top
            if not link.exists():
                link.symlink_to(Path(str(one.locate_file(top))))
    _run(
        *(*PIP[:3], "--python", programs / "python", "install", "--quiet", "--no-deps", "--no-index", wheel),
        folder=folder,
    )
    return programs


def test_it_holds_the_package_with_its_data_and_nothing_else(names: set[str]) -> None:
    of_the_tree = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "zeues_contracts").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and file.suffix not in (".pyc", ".tmp")
    }
    inside = {name for name in names if ".dist-info/" not in name}
    assert of_the_tree == inside
    assert {
        "zeues_contracts/py.typed",
        "zeues_contracts/report/templates/report.html.jinja",
        "zeues_contracts/report/data/report.schema.json",
        "zeues_contracts/config/data/config.schema.json",
        "zeues_contracts/consumers/data/contract.schema.json",
        "zeues_contracts/standin/data/incident/snapshot.json",
        "zeues_contracts/standin/data/incident/contracts/e2e-suite.yaml",
    } <= inside
    assert not {name for name in names if name.startswith(("tests", "snapshots", "contracts/", ".github"))}


def test_its_metadata_is_that_of_the_project(wheel: Path, names: set[str]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (where,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        said = Parser().parsestr(archive.read(where).decode("utf-8"))
        (entries,) = [name for name in names if name.endswith(".dist-info/entry_points.txt")]
        points = archive.read(entries).decode("utf-8")
    assert wheel.name.startswith("zeues_contracts-")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert said["Version"] == PROJECT["version"]
    assert said["Description-Content-Type"] == "text/markdown"
    light = [text for text in said.get_all("Requires-Dist", []) if "extra ==" not in text]
    assert {Requirement(text).name for text in light} == {Requirement(text).name for text in PROJECT["dependencies"]}
    assert set(said.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])
    assert "zeues-contracts = zeues_contracts.__main__:main" in points
    assert "[pytest11]" in points
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_it_is_our_package_that_runs_and_no_extra_is_there(bare: Path, tmp_path: Path) -> None:
    code = """
import importlib.util, json, zeues_contracts as ours
found = [name for name in ("fastapi", "uvicorn", "redis", "mypy") if importlib.util.find_spec(name)]
print(json.dumps([ours.__file__, ours.__version__, found]))
"""
    file, version, extras = json.loads(_run(bare / "python", "-c", code, folder=tmp_path))
    assert Path(file).is_relative_to(bare.parent)
    assert version == PROJECT["version"]
    assert extras == []


def test_every_module_that_needs_no_extra_can_be_imported(bare: Path, tmp_path: Path) -> None:
    """A dependency that is used and not asked for shows here: the environment has what is asked for and no more."""
    code = """
import importlib, json, pkgutil, zeues_contracts
broken = {}
for one in pkgutil.walk_packages(zeues_contracts.__path__, "zeues_contracts.", onerror=lambda name: None):
    if one.name.startswith(("zeues_contracts.standin", "zeues_contracts.__main__")):
        continue
    try:
        importlib.import_module(one.name)
    except ModuleNotFoundError as error:
        broken[one.name] = error.name
print(json.dumps(broken))
"""
    broken = json.loads(_run(bare / "python", "-c", code, folder=tmp_path))
    # The plugin is for pytest, which is there when pytest loads it.
    assert {name: lacks for name, lacks in broken.items() if lacks != "pytest"} == {}


def _document(kind: str) -> str:
    schema = {"type": "object", "properties": {"a": {"type": kind}}, "required": ["a"]}
    answers = {"200": {"description": "A", "content": {"application/json": {"schema": schema}}}}
    return json.dumps(
        {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {"/a": {"get": {"responses": answers}}}}
    )


def test_the_command_works(bare: Path, tmp_path: Path) -> None:
    ours = bare / "zeues-contracts"
    (tmp_path / "old.json").write_text(_document("integer"))
    (tmp_path / "new.json").write_text(_document("string"))
    assert _run(ours, "--version", folder=tmp_path).strip().endswith(PROJECT["version"])
    assert _run(ours, "--help", folder=tmp_path).startswith("Usage: zeues-contracts ")
    assert "ZC" in _run(ours, "diff", "old.json", "new.json", folder=tmp_path, codes=(1,))
    assert _run(ours, "diff", "old.json", "old.json", folder=tmp_path)
    assert "ZC260" in _run(ours, "explain", "ZC260", folder=tmp_path)
    for style in ("json", "junit", "sarif", "github", "markdown", "html"):
        written = _run(ours, "diff", "old.json", "new.json", "--format", style, folder=tmp_path, codes=(1,))
        assert written, style
    for name in ("config", "contract", "report"):
        schema = json.loads(_run(ours, "config", "schema", name, folder=tmp_path))
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema", name
        assert schema["$id"]


def test_a_first_check_works_without_an_extra(bare: Path, tmp_path: Path) -> None:
    """From a document in a file to a finding: init, a change, check."""
    ours = bare / "zeues-contracts"
    (tmp_path / "api.json").write_text(_document("integer"))
    _run(ours, "init", "api.json", "--yes", folder=tmp_path)
    assert (tmp_path / "snapshots").is_dir()
    (tmp_path / "api.json").write_text(_document("string"))
    told = _run(ours, "check", "--only", "drift", folder=tmp_path, codes=(1,))
    assert told.startswith("FAIL")


def test_the_demo_says_which_extra_it_needs(bare: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [bare / "zeues-contracts", "demo"],
        cwd=tmp_path,
        env=KEPT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "zeues-contracts[demo]" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_source_distribution_gives_the_same_wheel(names: set[str], tmp_path: Path) -> None:
    build = importlib.util.find_spec("hatchling")
    assert build is not None, "the extra `test` has the build backend"
    _run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path / "sdist", folder=ROOT)
    (source,) = (tmp_path / "sdist").iterdir()
    _run(
        *(*PIP, "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", "out", source),
        folder=tmp_path,
    )
    (again,) = (tmp_path / "out").iterdir()
    with zipfile.ZipFile(again) as archive:
        assert set(archive.namelist()) == names
