from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Cause, Finding, Hit, Level
from zeues_contracts.snapshots.review import Choice, Decision, Review, find_change, in_review_order, load, save, take_up

TODAY = date(2026, 3, 1)


def change(subject: str, level: Level = Level.INFO, operations: int = 1, hits: tuple[str, ...] = ()) -> Finding:
    names = tuple(f"GET /{n}" for n in range(operations))
    found = tuple(Hit(one, f"i{number}") for number, one in enumerate(hits))
    return Finding("ZC260", level, Cause.DRIFT, subject, "shop", names, subject, hits=found, state=f"state {subject}")


ACCEPT, REJECT = Decision(Choice.ACCEPT), Decision(Choice.REJECT)
CHANGES = (change("a"), change("b"), change("c"))


def test_the_widest_effect_comes_first() -> None:
    ordered = [
        change("breaks two consumers", Level.ERROR, 1, ("x", "y")),
        change("breaks one in two places", Level.ERROR, 1, ("x", "x")),
        change("breaks one", Level.ERROR, 9, ("x",)),
        change("breaks many operations", Level.ERROR, 3),
        change("breaks one operation", Level.ERROR),
        change("warns", Level.WARNING, 9, ("x", "y", "z")),
        change("tells", Level.INFO, 20),
    ]
    assert list(in_review_order(reversed(ordered))) == ordered


def test_decide_undo_and_decide_again() -> None:
    a, b, c = (one.fingerprint for one in CHANGES)
    review = Review(CHANGES).decide(a, ACCEPT).decide(b, REJECT).decide(a, REJECT)
    assert [one.subject for one in review.open] == ["c"]
    assert [one.subject for one in review.chosen(Choice.REJECT)] == ["a", "b"]
    review, name = review.undo()
    assert (name, review.decisions[a]) == (a, ACCEPT)
    review, _ = review.undo()
    assert b not in review.decisions
    review, _ = review.undo()
    assert review.decisions == {}
    assert review.undo() == (review, "")
    assert review.decide(c, None).decisions == {}


def test_a_change_is_found_by_the_beginning_of_its_name() -> None:
    name = CHANGES[0].fingerprint
    assert find_change(CHANGES, name) is CHANGES[0]
    assert find_change(CHANGES, f" {name[:5].upper()} ") is CHANGES[0]
    for text in ("", name[:3], "ffffffffffff", "nonsense"):
        with pytest.raises(UsageError, match="there is no change"):
            find_change(CHANGES, text)
    twins = (CHANGES[0], CHANGES[0].with_(message="again"))
    with pytest.raises(UsageError, match="several changes"):
        find_change(twins, name)


def test_what_was_decided_is_kept_privately_and_taken_up(tmp_path: Path) -> None:
    a, b, c = (one.fingerprint for one in CHANGES)
    review = Review(CHANGES).decide(a, ACCEPT).decide(b, Decision(Choice.WAIVE, date(2026, 6, 1))).decide(c, REJECT)
    path = tmp_path / "snapshots" / "shop.review.json"
    save(path, review, snapshot="sha256:1", source="live")
    assert path.stat().st_mode & 0o777 == 0o600
    saved = load(path, snapshot="sha256:1")
    again, lost = take_up(Review(CHANGES), saved, TODAY)
    assert (again.decisions, lost) == (review.decisions, 0)
    # One change is gone, one is another by now, and of one the waiver would be over.
    now = (change("a").with_(state="another"), CHANGES[1])
    assert take_up(Review(now), saved, date(2026, 7, 1))[0].decisions == {}
    assert take_up(Review(now), saved, TODAY) == (Review(now, {b: review.decisions[b]}), 2)
    assert load(path, snapshot="sha256:2") == {}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1, "snapshot": "s", "decisions": {"a": 7}}', "{" * 999])
def test_a_damaged_state_is_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "shop.review.json"
    path.write_text(text)
    assert load(path, snapshot="s") == {}
    assert load(tmp_path / "missing", snapshot="s") == {}
