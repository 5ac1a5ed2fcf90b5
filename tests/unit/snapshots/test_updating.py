from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.snapshots.documents import document, raw
from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Cause, Finding, Level
from zeues_contracts.snapshots.journal import read_journal
from zeues_contracts.snapshots.ledger import read_ledger
from zeues_contracts.snapshots.locking import locked
from zeues_contracts.snapshots.pending import read_pending, write_pending
from zeues_contracts.snapshots.store import SnapshotFiles, read_snapshot
from zeues_contracts.snapshots.updating import (
    Approval,
    adopt,
    approve,
    current_digest,
    in_ci,
    repair,
    require_may_write,
    require_reason,
)
from zeues_contracts.snapshots.verify import verify_files
from zeues_contracts.snapshots.waivers import read_waivers

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FINDING = Finding("ZC201", Level.ERROR, Cause.DRIFT, "a property became required", "shop", ("POST /orders",), "/id")


def version(number: int) -> dict[str, Any]:
    return {**raw(), "info": {"title": "Shop", "version": str(number)}}


@pytest.fixture
def files(tmp_path: Path) -> SnapshotFiles:
    return SnapshotFiles(tmp_path / "snapshots" / "shop.json")


def write(files: SnapshotFiles, number: int, **more: Any) -> Any:
    approval = Approval(accepted=[FINDING], reason=f"release {number}", actor="Ada", source="http://localhost")
    return approve(files, version(number), approval, action="update", seen=current_digest(files), now=NOW, **more)


def codes(files: SnapshotFiles) -> list[str]:
    return [one.rule for one in verify_files(files)]


def test_the_first_snapshot_creates_the_ledger_and_the_next_one_follows(files: SnapshotFiles) -> None:
    assert write(files, 1).action == "create"
    assert write(files, 2).action == "update"
    ledger = read_ledger(files.ledger)
    assert ledger is not None
    assert [(one.action, one.reason, one.actor, one.time) for one in ledger.entries] == [
        ("create", "release 1", "Ada", "2026-03-01T12:00:00Z"),
        ("update", "release 2", "Ada", "2026-03-01T12:00:00Z"),
    ]
    assert ledger.entries[1].accepted[0].fingerprint == FINDING.fingerprint
    assert codes(files) == []
    assert read_snapshot(files.snapshot).raw["info"]["version"] == "2"
    assert sorted(one.name for one in files.snapshot.parent.iterdir()) == ["shop.json", "shop.ledger.jsonl"]


def test_a_snapshot_without_a_ledger_is_put_on_record_first(files: SnapshotFiles) -> None:
    files.snapshot.parent.mkdir()
    files.snapshot.write_text(json.dumps(version(1)))
    write(files, 2)
    ledger = read_ledger(files.ledger)
    assert ledger is not None
    assert [one.action for one in ledger.entries] == ["adopt", "update"]
    assert codes(files) == []


def test_nothing_to_write_writes_nothing(files: SnapshotFiles) -> None:
    write(files, 1)
    before = files.ledger.read_bytes()
    approve(files, version(1), Approval(), action="update", seen=current_digest(files))
    assert files.ledger.read_bytes() == before


def test_a_decision_on_another_snapshot_is_refused(files: SnapshotFiles) -> None:
    write(files, 1)
    seen = current_digest(files)
    write(files, 2)
    with pytest.raises(UsageError, match="was changed while"):
        approve(files, version(3), Approval(reason="x"), action="update", seen=seen)
    assert codes(files) == []


def test_a_snapshot_edited_by_hand_is_not_updated_over(files: SnapshotFiles) -> None:
    write(files, 1)
    files.snapshot.write_text(json.dumps(version(9)))
    with pytest.raises(UsageError, match="ZC601"):
        write(files, 2)
    adopt(files, "edited on purpose", actor="Ada", now=NOW)
    assert codes(files) == []
    write(files, 2)
    assert codes(files) == []


def test_a_reformatted_snapshot_is_repaired_and_can_be_updated(files: SnapshotFiles) -> None:
    write(files, 1)
    good = files.snapshot.read_bytes()
    files.snapshot.write_bytes(good.replace(b"\n", b"\r\n"))
    assert codes(files) == ["ZC609"]
    assert repair(files) == ("shop.json",)
    assert files.snapshot.read_bytes() == good
    files.snapshot.write_text(json.dumps(version(1)))
    write(files, 2)
    assert codes(files) == []


def test_waivers_are_written_with_the_entry(files: SnapshotFiles) -> None:
    write(files, 1)
    approval = Approval(waived=[FINDING], until={FINDING.fingerprint: date(2027, 1, 31)}, reason="app follows")
    approve(files, None, approval, action="waive", seen=current_digest(files), now=NOW)
    (waiver,) = read_waivers(files.waivers)
    assert (waiver.fingerprint, waiver.until, waiver.reason) == (FINDING.fingerprint, date(2027, 1, 31), "app follows")
    ledger = read_ledger(files.ledger)
    assert ledger is not None
    assert ledger.entries[-1].waived[0].until == "2027-01-31"
    assert ledger.entries[-1].before == ledger.entries[-1].after
    assert codes(files) == []


def test_the_waiver_of_what_is_accepted_goes_with_it(files: SnapshotFiles) -> None:
    write(files, 1)
    other = FINDING.with_(subject="/other")
    until = {one.fingerprint: date(2027, 1, 31) for one in (FINDING, other)}
    approval = Approval(waived=[FINDING, other], until=until, reason="later")
    approve(files, None, approval, action="waive", seen=current_digest(files), now=NOW)
    write(files, 2)
    assert [one.fingerprint for one in read_waivers(files.waivers)] == [other.fingerprint]
    assert codes(files) == []


def test_breaking_changes_want_a_reason_and_ci_wants_to_be_told() -> None:
    with pytest.raises(UsageError, match="1 breaking change would be approved without a reason"):
        require_reason([FINDING], " ")
    require_reason([FINDING], "because")
    require_reason([FINDING.with_(level=Level.WARNING)], "")
    assert in_ci({"CI": "true"})
    assert in_ci({"CI": "1"})
    assert not in_ci({"CI": "false"})
    assert not in_ci({})
    with pytest.raises(UsageError, match="CI is set"):
        require_may_write(told=False, environ={"CI": "true"})
    require_may_write(told=True, environ={"CI": "true"})


def killed_at(files: SnapshotFiles, step: int) -> bool:
    """Write in a child that kills itself at a step that reaches the disk; false when it got to its end before."""
    child = os.fork()
    if child == 0:
        count = 0

        def dying(real: Any) -> Any:
            def wrapped(*args: Any, **more: Any) -> Any:
                nonlocal count
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **more)

            return wrapped

        for name in ("replace", "fsync", "chmod", "unlink"):
            setattr(os, name, dying(getattr(os, name)))
        Path.unlink = dying(Path.unlink)  # type: ignore[method-assign]
        try:
            write(files, 2)
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL)
    return status != 0


def cut_off(folder: Path) -> SnapshotFiles:
    """Files of an update that was killed after it had happened and before all of it was written."""
    for step in range(1, 60):
        files = SnapshotFiles(folder / str(step) / "shop.json")
        write(files, 1)
        assert killed_at(files, step)
        if read_journal(files) is not None:
            return files
    raise AssertionError("no step leaves a journal")


def test_killed_at_any_write_the_pair_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    seen = set()
    for step in range(1, 60):
        files = SnapshotFiles(tmp_path / str(step) / "shop.json")
        write(files, 1)
        if not killed_at(files, step):
            break
        journal = read_journal(files)
        state = (read_snapshot(files.snapshot).raw["info"]["version"], len(read_ledger(files.ledger).entries))  # type: ignore[union-attr]
        found = codes(files)
        if journal is None:
            assert state in (("1", 1), ("2", 2))
            assert found == []
        else:
            assert found == ["ZC607"]
        seen.add((state, tuple(found)))
        after_kill = state
        repair(files)
        state = (read_snapshot(files.snapshot).raw["info"]["version"], len(read_ledger(files.ledger).entries))  # type: ignore[union-attr]
        assert state == (("2", 2) if journal is not None else after_kill)
        assert codes(files) == []
        write(files, 3)
        assert codes(files) == []
        names = {one.name for one in files.snapshot.parent.iterdir()}
        assert names == {"shop.json", "shop.ledger.jsonl"}, names
    else:
        pytest.fail("the child never got to its end")
    # Every stage of a write was met: nothing written, the snapshot alone, both with the journal still there.
    assert {(("1", 1), ("ZC607",)), (("2", 1), ("ZC607",)), (("2", 2), ("ZC607",))} <= seen


def test_ctrl_c_while_writing_waits_until_all_is_written(files: SnapshotFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    write(files, 1)
    from zeues_contracts.snapshots import journal

    real = journal.write_atomically

    def interrupted(path: Path, data: bytes, **more: bool) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        real(path, data, **more)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(journal, "write_atomically", interrupted)
    write(files, 2)
    monkeypatch.undo()
    assert codes(files) == []
    assert read_snapshot(files.snapshot).raw["info"]["version"] == "2"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler  # and it counts again


def test_the_next_update_completes_one_that_was_cut_off(tmp_path: Path) -> None:
    files = cut_off(tmp_path)
    written = write(files, 3)
    assert written.finished
    ledger = read_ledger(files.ledger)
    assert ledger is not None
    assert [one.reason for one in ledger.entries] == ["release 1", "release 2", "release 3"]


def test_a_file_changed_after_the_cut_is_not_overwritten(tmp_path: Path) -> None:
    files = cut_off(tmp_path)
    files.snapshot.write_text("{}")
    with pytest.raises(UsageError, match="was changed after"):
        repair(files)
    assert files.snapshot.read_text() == "{}"


@pytest.mark.parametrize("text", ["", "{}", '{"version": 1, "parts": {"../x": {}}}', "[]", '{"version":1,"parts":[]}'])
def test_a_journal_of_somebody_else_is_not_followed(files: SnapshotFiles, text: str) -> None:
    write(files, 1)
    files.journal.write_text(text)
    with pytest.raises(UsageError, match="not a journal"):
        write(files, 2)
    assert codes(files) == ["ZC607"]


def test_a_writer_waits_for_another_one(files: SnapshotFiles) -> None:
    write(files, 1)
    held = threading.Event()

    def hold() -> None:
        with locked(files.lock):
            held.set()
            time.sleep(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    began = time.monotonic()
    write(files, 2)
    assert time.monotonic() - began > 0.1
    thread.join()
    assert codes(files) == []


def test_a_writer_is_refused_when_the_lock_is_held_too_long(files: SnapshotFiles) -> None:
    write(files, 1)
    holder = f"another process \\(process {os.getpid()}\\) is writing here"
    with locked(files.lock), pytest.raises(UsageError, match=holder):
        write(files, 2, wait=0.15)
    assert codes(files) == []
    write(files, 2)


def _race(path: str, number: int, results: Any) -> None:
    files = SnapshotFiles(Path(path))
    try:
        approval = Approval(reason=f"release {number}", actor=f"process {number}")
        approve(files, version(number), approval, action="update", seen=os.environ["SEEN"], wait=20)
        results.put("written")
    except UsageError as error:
        results.put(error.message)


def test_two_processes_at_once(files: SnapshotFiles) -> None:
    write(files, 1)
    context = multiprocessing.get_context("fork")
    os.environ["SEEN"] = current_digest(files)
    try:
        results = context.Queue()
        processes = [context.Process(target=_race, args=(str(files.snapshot), n, results)) for n in range(2, 6)]
        for one in processes:
            one.start()
        answers = [results.get(timeout=30) for _ in processes]
        for one in processes:
            one.join()
    finally:
        del os.environ["SEEN"]
    # One decided on what was there; the others are told that it is no longer what they saw.
    assert answers.count("written") == 1
    assert all("was changed while this was being decided" in one for one in answers if one != "written")
    assert codes(files) == []
    assert len(read_ledger(files.ledger).entries) == 2  # type: ignore[union-attr]


def test_pending_holds_the_document_that_was_seen(files: SnapshotFiles) -> None:
    write(files, 1)
    write_pending(files.pending, document(version(2)), [FINDING], "https://ada:pw@example.org/openapi.json", now=NOW)
    pending = read_pending(files.pending)
    assert pending.document.raw["info"]["version"] == "2"
    assert pending.snapshot == current_digest(files)
    assert pending.fingerprints == (FINDING.fingerprint,)
    assert "pw" not in pending.source
    assert pending.named.endswith("as of 2026-03-01T12:00:00Z")


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b'{"version": 1}'])
def test_a_damaged_pending_file_is_refused(files: SnapshotFiles, damage: bytes) -> None:
    write(files, 1)
    write_pending(files.pending, document(version(2)), [])
    data = files.pending.read_bytes()
    files.pending.write_bytes(damage or data.replace(b'"Shop"', b'"Ship"'))
    with pytest.raises(UsageError, match="not a pending file"):
        read_pending(files.pending)


def test_what_a_repository_planted_as_links_is_not_written_through(files: SnapshotFiles, tmp_path: Path) -> None:
    from zeues_contracts.snapshots.review import Review, save

    outside = tmp_path / "outside"
    outside.write_text("precious")
    files.snapshot.parent.mkdir()
    for one in (files.pending, files.review, files.lock, files.journal):
        one.symlink_to(outside)
    files.journal.unlink()
    with locked(files.lock):
        assert not files.lock.is_symlink()
    write_pending(files.pending, document(version(2)), [FINDING])
    save(files.review, Review(()), snapshot="sha256:1", source="live")
    assert outside.read_text() == "precious"
    assert not any(one.is_symlink() for one in (files.pending, files.review))
    assert files.review.stat().st_mode & 0o077 == 0


def test_the_journal_is_not_written_through_a_link(files: SnapshotFiles, tmp_path: Path) -> None:
    from zeues_contracts.snapshots.journal import commit

    outside = tmp_path / "outside"
    files.snapshot.parent.mkdir()
    files.journal.symlink_to(outside)
    commit(files, {"snapshot": b"{}", "ledger": b"x\n"})
    assert (files.snapshot.read_bytes(), files.ledger.read_bytes()) == (b"{}", b"x\n")
    assert not outside.exists()


def test_a_snapshot_that_is_a_link_out_of_the_project_is_refused(files: SnapshotFiles, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text("precious")
    (files.snapshot.parent / ".git").mkdir(parents=True)
    files.snapshot.symlink_to(outside)
    with pytest.raises(UsageError, match="leads out of"):
        write(files, 1)
    assert outside.read_text() == "precious"
    assert not files.journal.exists()
    assert not files.ledger.exists()


def test_a_journal_that_is_nested_without_end_is_refused(files: SnapshotFiles) -> None:
    files.snapshot.parent.mkdir()
    files.journal.write_text("[" * 100_000)
    with pytest.raises(UsageError, match="not a journal"):
        read_journal(files)
