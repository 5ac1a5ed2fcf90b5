"""Files of a report are called as they are from the working folder, which is where editors and CI look for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from zeues_contracts.cli.places import from_here
from zeues_contracts.findings import Cause, Finding, Hit, Level, Place, Report


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A configuration's folder in a repository, with a contract."""
    folder = tmp_path / "repository" / "backend"
    (folder / "contracts").mkdir(parents=True)
    (folder / "contracts" / "web.yaml").touch()
    return folder


def _report(source: str) -> Report:
    place = Place(source, "/interactions/0", 7, 3, "contract")
    finding = Finding(
        "ZC323",
        Level.ERROR,
        Cause.MISMATCH,
        "m",
        place=place,
        related=(place, Place("http://h/openapi.json")),
        hits=(Hit("web", "a", place), Hit("web", "b")),
    )
    return Report((finding,), waived=(finding,))


def _sources(report: Report) -> set[str]:
    found = set()
    for finding in (*report.findings, *report.waived):
        places = [finding.place, *finding.related, *(hit.place for hit in finding.hits)]
        found |= {place.source for place in places if place is not None}
    return found - {"http://h/openapi.json"}


@pytest.mark.parametrize(
    ("here", "wanted"),
    [
        ("repository", "backend/contracts/web.yaml"),
        ("repository/backend", "contracts/web.yaml"),
        ("repository/backend/contracts", "web.yaml"),
        ("repository/backend/tests", "../contracts/web.yaml"),
        ("elsewhere", "contracts/web.yaml"),  # a demonstration's own folder is nowhere to go
    ],
)
def test_from_where_one_stands(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str, wanted: str
) -> None:
    (tmp_path / here).mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path / here)
    report = _report("contracts/web.yaml")
    found = from_here(report, str(root))
    assert _sources(found) == {wanted}
    (finding,) = found.findings
    assert finding.fingerprint == report.findings[0].fingerprint
    assert finding.place is not None
    assert (finding.place.line, finding.place.column, finding.place.pointer) == (7, 3, "/interactions/0")
    assert finding.hits[1].place is None


@pytest.mark.parametrize("source", ["gone.yaml", "x\0y", "a" * 5000, "", "-", "/abs/olute.json"])
def test_what_is_no_file_there_keeps_its_name(root: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.chdir(root.parent)
    assert _sources(from_here(_report(source), str(root))) == {source}


def test_a_name_from_the_command_line_is_from_here_already(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    (root.parent / "contracts").mkdir()
    (root.parent / "contracts" / "web.yaml").touch()
    assert _sources(from_here(_report("contracts/web.yaml"), str(root))) == {"contracts/web.yaml"}
