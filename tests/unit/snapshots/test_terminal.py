"""The review's dialogue with keys from a script; ``tests/e2e/test_review.py`` has it in a real terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import pytest

from tests.unit.snapshots.documents import document, raw
from tests.unit.snapshots.project import Project
from zeues_contracts.cli import snapshot_terminal
from zeues_contracts.cli.snapshot_common import Work
from zeues_contracts.config import load_config
from zeues_contracts.findings import Cause, Evidence, Finding, Hit, Level, Place, Witness
from zeues_contracts.openapi import load
from zeues_contracts.snapshots.review import load as load_decisions
from zeues_contracts.snapshots.updating import current_digest


def change(subject: str, group: str = "", **more: Any) -> Finding:
    return Finding(
        "ZC260",
        Level.ERROR,
        Cause.DRIFT,
        f"{subject} is required",
        "shop",
        ("POST /orders",),
        subject,
        group=group,
        **more,
    )


CHANGES = (change("a", "upgrade"), change("b", "upgrade"), change("c"), change("d"))
Review = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture
def review(project: Project, monkeypatch: pytest.MonkeyPatch) -> Review:
    """Run a review on a script of keys and lines; the exit code, what was said, and the decisions that were kept."""
    project.ok("snapshot", "update")

    def run(script: str, *, changes: tuple[Finding, ...] = CHANGES, columns: int = 100) -> tuple[int, str, list[str]]:
        waiting = list(script)

        class Keys:
            def __enter__(self) -> Self:
                return self

            def __exit__(self, *_: object) -> None:
                pass

            def key(self) -> str:
                if not waiting:
                    raise KeyboardInterrupt
                return waiting.pop(0)

            def line(self, prompt: str) -> str:
                text = "".join(waiting).partition("\n")[0]
                del waiting[: len(text) + 1]
                return text

        monkeypatch.setattr(snapshot_terminal, "Keys", Keys)
        monkeypatch.setenv("COLUMNS", str(columns))
        files = project.files
        config = load_config(project.folder / "zeues-contracts.toml")
        old = load(str(files.snapshot))
        work = Work(config, "shop", files, old, document(raw()), "live.json", current_digest(files), changes)
        code = snapshot_terminal.run(work, None, reason="", color=False)
        kept = load_decisions(files.review, snapshot=current_digest(files))
        return code, project.capsys.readouterr().out, [one.choice.value for one, _ in kept.values()]

    return run


def test_a_group_is_accepted_at_once(review: Review) -> None:
    code, out, kept = review("gq")
    assert code == 1
    assert "accepted 2 of the group upgrade" in out
    assert kept == ["accept", "accept"]
    assert "3 of 4" in out
    assert "2 of 4" not in out


def test_a_change_without_a_group(review: Review) -> None:
    _, out, kept = review("rrgq")
    assert "belongs to no group" in out
    assert kept == ["reject", "reject"]


def test_keys_are_explained_and_unknown_ones_ignored(review: Review) -> None:
    _, out, kept = review("?xyzRq")
    assert "waive until a date" in out
    assert kept == ["reject"]


def test_undo_goes_back_through_a_group(review: Review) -> None:
    _, out, kept = review("guuq")
    assert out.count("took back") == 2
    assert kept == []


def test_skipped_changes_come_back_by_undo_at_the_summary(review: Review) -> None:
    code, out, kept = review("ssssuq")
    assert code == 1
    assert "nothing was decided" in out
    assert out.count("1 of 4") == 2
    assert kept == []


def test_the_scripts_end_is_an_interrupt_and_keeps_what_was_decided(review: Review) -> None:
    code, out, kept = review("ar")
    assert code == 130
    assert "2 decisions are kept" in " ".join(out.split())
    assert sorted(kept) == ["accept", "reject"]
    code, out, _ = review("q")
    assert "Taking up a review: 2 of 4 decided" in out


def test_rejections_are_written_without_a_reason(review: Review, project: Project) -> None:
    before = project.files.snapshot.read_bytes()
    code, out, _ = review("rrrrw\n")
    assert code == 0
    assert "4 rejected" in out
    assert project.files.snapshot.read_bytes() == before
    assert len(project.entries()[-1].rejected) == 4


@pytest.mark.parametrize("columns", [20, 33, 60, 200])
def test_hostile_and_wide_text_fits_and_moves_nothing(review: Review, columns: int) -> None:
    nasty = "\x1b[2J\u202e" + "漢字" * 60 + "\r\n::error::x " + "é" * 300
    one = change(
        nasty,
        hits=(Hit(nasty, nasty),),
        evidence=Evidence(Witness({nasty: [nasty, {"a": None}]}, nasty), nasty, before=nasty, after=[nasty]),
        place=Place(nasty, nasty, 7),
    )
    _, out, _ = review("mq", changes=(one,), columns=columns)
    assert "\x1b" not in out
    assert "\u202e" not in out
    from zeues_contracts.report.safe import display_width

    assert max(display_width(line) for line in out.splitlines() if "snapshots/" not in line) <= columns
