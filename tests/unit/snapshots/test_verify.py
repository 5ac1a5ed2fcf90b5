from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from zeues_contracts.drift import drift
from zeues_contracts.files import canonical_json
from zeues_contracts.findings import Finding
from zeues_contracts.openapi import parse_document
from zeues_contracts.rules import HistoryExample, all_rules
from zeues_contracts.snapshots.ledger import make_entry, parse_ledger, tips
from zeues_contracts.snapshots.store import SnapshotFiles, digest
from zeues_contracts.snapshots.verify import verify_files
from zeues_contracts.snapshots.waivers import apply_waivers, parse_waivers

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def snapshot(version: int) -> bytes:
    return canonical_json({"openapi": "3.1.0", "info": {"title": "Shop", "version": str(version)}, "paths": {}})


def chain(count: int) -> list[bytes]:
    """A ledger of ``count`` entries; entry N approves snapshot N."""
    lines: list[bytes] = []
    previous, before = "", ""
    for number in range(1, count + 1):
        after = digest(snapshot(number))
        line = make_entry(
            action="update", previous=previous, before=before, after=after, actor="Ada", reason=f"r{number}", now=NOW
        )
        lines.append(line)
        previous, before = json.loads(line)["hash"], after
    return lines


def write(folder: Path, data: bytes | None, ledger: bytes | None) -> SnapshotFiles:
    files = SnapshotFiles(folder / "shop.json")
    for path, content in ((files.snapshot, data), (files.ledger, ledger)):
        if content is not None:
            path.write_bytes(content)
    return files


def codes(files: SnapshotFiles) -> list[str]:
    return [one.rule for one in verify_files(files)]


def test_all_is_well(tmp_path: Path) -> None:
    assert codes(write(tmp_path, snapshot(3), b"".join(chain(3)))) == []
    assert codes(SnapshotFiles(tmp_path / "other.json")) == []


@pytest.mark.parametrize("lost", [0, 1])
def test_a_removed_entry(tmp_path: Path, lost: int) -> None:
    lines = chain(3)
    del lines[lost]
    assert codes(write(tmp_path, snapshot(3), b"".join(lines))) == ["ZC604"]


def test_the_last_entry_removed_is_seen_by_the_snapshot(tmp_path: Path) -> None:
    assert codes(write(tmp_path, snapshot(3), b"".join(chain(3)[:2]))) == ["ZC601"]


@pytest.mark.parametrize("changed", [0, 1, 2])
@pytest.mark.parametrize("what", [b'"r', b'"Ada"', b"2026-03-01"])
def test_a_changed_entry(tmp_path: Path, changed: int, what: bytes) -> None:
    lines = chain(3)
    lines[changed] = lines[changed].replace(what, {b'"r': b'"R', b'"Ada"': b'"Eve"'}.get(what, b"2026-03-02"), 1)
    assert codes(write(tmp_path, snapshot(3), b"".join(lines))) == ["ZC603"]


def test_an_entry_rewritten_with_its_hash_is_missed_by_its_successor(tmp_path: Path) -> None:
    lines = chain(3)
    value = json.loads(lines[1])
    lines[1] = make_entry(
        action="update", previous=value["previous"], before=value["before"], after=value["after"], actor="Eve", now=NOW
    )
    assert codes(write(tmp_path, snapshot(3), b"".join(lines))) == ["ZC604"]


def test_reordered_and_doubled_entries(tmp_path: Path) -> None:
    one, two, three = chain(3)
    assert "ZC605" in codes(write(tmp_path, snapshot(3), one + three + two))
    assert codes(write(tmp_path, snapshot(3), one + two + two + three)) == ["ZC603"]


def test_a_snapshot_edited_by_hand(tmp_path: Path) -> None:
    files = write(tmp_path, snapshot(9), b"".join(chain(3)))
    (finding,) = verify_files(files)
    assert finding.rule == "ZC601"
    assert "Ada" in finding.message
    write(tmp_path, snapshot(2), None)
    (finding,) = verify_files(files)
    assert "line 2" in finding.message


@pytest.mark.parametrize("other", [snapshot(3).replace(b"\n", b"\r\n"), json.dumps(json.loads(snapshot(3))).encode()])
def test_a_snapshot_in_another_form_is_the_same_snapshot(tmp_path: Path, other: bytes) -> None:
    assert codes(write(tmp_path, other, b"".join(chain(3)))) == ["ZC609"]


def test_line_ends_of_a_checkout_do_the_ledger_no_harm(tmp_path: Path) -> None:
    assert codes(write(tmp_path, snapshot(3), b"".join(chain(3)).replace(b"\n", b"\r\n"))) == []


def test_missing_halves(tmp_path: Path) -> None:
    files = write(tmp_path, None, b"".join(chain(1)))
    assert codes(files) == ["ZC608"]
    files.ledger.unlink()
    assert codes(write(tmp_path, snapshot(1), None)) == ["ZC602"]
    assert codes(write(tmp_path, snapshot(1), b"\n")) == ["ZC602"]


def test_a_merge_that_took_both_sides(tmp_path: Path) -> None:
    one, two, three = chain(3)
    fork = make_entry(
        action="update",
        previous=json.loads(one)["hash"],
        before=digest(snapshot(1)),
        after=digest(snapshot(7)),
        actor="Bob",
        now=NOW,
    )
    files = write(tmp_path, snapshot(5), one + two + three + fork)
    assert codes(files) == ["ZC606"]
    ends = tips(parse_ledger(files.ledger.read_bytes()))
    join = make_entry(
        action="merge",
        previous=ends[0].hash,
        joins=[ends[1].hash],
        before=ends[0].after,
        after=digest(snapshot(5)),
        now=NOW,
    )
    files.ledger.write_bytes(files.ledger.read_bytes() + join)
    assert codes(files) == []


def test_conflict_markers(tmp_path: Path) -> None:
    one, two, _ = chain(3)
    text = one + b"<<<<<<< HEAD\n" + two + b"=======\n>>>>>>> topic\n"
    assert "ZC606" in codes(write(tmp_path, snapshot(2), text))


@pytest.mark.parametrize(
    "line", [b"{}\n", b"[1]\n", b"no json\n", b"\xff\xfe\n", b'{"v": 2}\n', b'{"v":1,"accepted":7}\n', b"[" * 5000]
)
def test_a_line_that_is_no_entry(tmp_path: Path, line: bytes) -> None:
    one, two, three = chain(3)
    assert codes(write(tmp_path, snapshot(3), one + two + three + line)) == ["ZC603"]


def test_secrets_do_not_get_into_an_entry() -> None:
    line = make_entry(
        action="update",
        previous="",
        before="",
        after="x",
        source="https://ada:hunter2@example.org/openapi.json?token=abcdefgh",
        reason="see password=hunter2 " + "x" * 5000,
        now=NOW,
    )
    assert b"hunter2" not in line
    assert b"abcdefgh" not in line
    assert len(line) < 3000


EXAMPLES = [one for one in all_rules() if isinstance(one.example, HistoryExample)]


def run_example(example: HistoryExample, folder: Path) -> set[str]:
    found: set[str] = set()
    drifted: tuple[Finding, ...] = ()
    if example.live:
        old, new = (parse_document(one.encode(), "x") for one in (example.snapshot, example.live))
        drifted = drift(old, new).findings
    else:
        files = write(folder, example.snapshot.encode() or None, example.ledger.encode() or None)
        if example.journal:
            files.journal.write_text(example.journal)
        found = {one.rule for one in verify_files(files)}
    _, _, extra = apply_waivers(drifted, parse_waivers(example.waivers), date(2026, 3, 1))
    return found | {one.rule for one in extra}


@pytest.mark.parametrize("rule", EXAMPLES, ids=lambda rule: rule.code)
def test_examples_fire_their_rule_and_no_other(rule: object, tmp_path: Path) -> None:
    assert run_example(rule.example, tmp_path) == {rule.code}  # type: ignore[attr-defined]


def test_every_rule_of_this_hundred_has_an_example() -> None:
    assert {one.code for one in all_rules() if one.code.startswith("ZC6")} == {one.code for one in EXAMPLES}
    assert len(EXAMPLES) >= 12
