"""A person's way through a review, in a real terminal."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.snapshots.documents import raw
from zeues_contracts.openapi import load
from zeues_contracts.snapshots import SnapshotFiles
from zeues_contracts.snapshots.ledger import read_ledger
from zeues_contracts.snapshots.verify import verify_files
from zeues_contracts.snapshots.waivers import read_waivers

pexpect = pytest.importorskip("pexpect")
pytestmark = pytest.mark.e2e

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

CONTRACT = """
version: 1
consumer: web-shop
service: shop
interactions:
  - id: make an order
    operation: POST /orders
    request:
      body: {id: 7}
    expect:
      status: 201
"""


def new_document() -> dict[str, Any]:
    """Three changes: a property became required, one was added, and an operation is new."""
    value = raw(
        Order={
            "type": "object",
            "required": ["id", "when"],
            "properties": {"id": {"type": "integer"}, "when": {"type": "string"}},
        }
    )
    value["paths"]["/carts"] = {"get": {"responses": {"200": {"description": "carts"}}}}
    return value


class Shop:
    """A project with a snapshot, a newer live document, and a terminal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "zeues-contracts.toml").write_text('[services.shop]\ndocument = "live.json"\n')
        (folder / "live.json").write_text(json.dumps(raw()))
        self.files = SnapshotFiles(folder / "snapshots" / "shop.json")
        self.run("snapshot", "update")
        (folder / "live.json").write_text(json.dumps(new_document()))

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key not in ("CI", "NO_COLOR", "FORCE_COLOR")}
        return {**kept, "ZEUES_CONTRACTS_ACTOR": "Ada", "TERM": "xterm-256color", **more}

    def spawn(self, *arguments: str, columns: int = 100, **more: str) -> Any:
        return pexpect.spawn(
            sys.executable,
            ["-m", "zeues_contracts", *arguments],
            cwd=str(self.folder),
            env=self.environment(COLUMNS=str(columns), **more),
            dimensions=(40, columns),
            encoding="utf-8",
            timeout=20,
        )

    def run(self, *arguments: str) -> str:
        child = self.spawn(*arguments)
        child.expect(pexpect.EOF)
        child.close()
        return str(child.before)

    def contents(self) -> Any:
        return load(str(self.files.snapshot)).raw

    def entries(self) -> Any:
        ledger = read_ledger(self.files.ledger)
        assert ledger is not None
        return ledger.entries

    def untouched(self, before: tuple[bytes, bytes]) -> bool:
        return (self.files.snapshot.read_bytes(), self.files.ledger.read_bytes()) == before

    def state(self) -> tuple[bytes, bytes]:
        return self.files.snapshot.read_bytes(), self.files.ledger.read_bytes()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def at_change(child: Any, number: int, total: int) -> str:
    child.expect(f"{number} of {total} ")
    child.expect(r"\[\?\]")
    return ESCAPE.sub("", child.before)


def ended(child: Any) -> int:
    child.expect(pexpect.EOF)
    child.close()
    return int(child.exitstatus)


def total_of(child: Any) -> int:
    child.expect(r"(\d+) changes of shop, (\d+) breaking")
    return int(child.match[1])


def test_accept_reject_waive_and_write(shop: Shop) -> None:
    child = shop.spawn("snapshot", "review")
    total = total_of(child)
    assert total >= 3
    shown = at_change(child, 1, total)
    # The widest effect first: the breaking one, with direction, witness and who is hit.
    assert "error ZC260" in shown
    assert "POST /orders" in shown
    assert "what the service takes; breaks clients" in shown
    assert "witness:" in shown
    assert "hits:" in shown
    child.send("m")
    child.expect("why:")
    child.send("w")
    child.expect("until")
    child.sendline("yesterday")
    child.expect("not a date")
    child.sendline("2001-01-01")
    child.expect("is past")
    child.sendline("30d")
    child.expect("waived [0-9a-f]{12} until")
    texts = []
    for number in range(2, total + 1):
        text = at_change(child, number, total)
        texts.append(text)
        child.send("a" if "/carts" in text else "r")
    child.expect("summary")
    child.expect(r"\[w\]rite")
    assert "accepted:" in child.before
    assert "rejected:" in child.before
    before = shop.state()
    child.send("w")
    child.expect("reason")
    assert shop.untouched(before)
    child.sendline("")
    child.expect("want a reason")
    child.sendline("carts are out; the app follows")
    child.expect(f"Wrote snapshots/shop.ledger.jsonl: 1 accepted, {total - 2} rejected, 1 waived")
    assert ended(child) == 0
    contents = shop.contents()
    assert "/carts" in contents["paths"]
    assert contents["components"] == raw()["components"]
    entry = shop.entries()[-1]
    assert (entry.action, entry.actor, entry.reason) == ("review", "Ada", "carts are out; the app follows")
    assert len(entry.accepted) == 1
    assert len(entry.rejected) == total - 2
    assert [one.fingerprint for one in read_waivers(shop.files.waivers)] == [one.fingerprint for one in entry.waived]
    assert verify_files(shop.files) == ()
    assert not shop.files.review.exists()


def test_who_is_hit(shop: Shop) -> None:
    (shop.folder / "contracts").mkdir()
    (shop.folder / "contracts" / "web-shop.yaml").write_text(CONTRACT)
    child = shop.spawn("snapshot", "review")
    total = total_of(child)
    assert "web-shop (1 interaction)" in at_change(child, 1, total)
    child.send("q")
    assert ended(child) == 1


def test_undo_skip_and_accept_all(shop: Shop) -> None:
    child = shop.spawn("snapshot", "review")
    total = total_of(child)
    at_change(child, 1, total)
    child.send("u")
    child.expect("nothing to take back")
    at_change(child, 1, total)
    child.send("r")
    child.expect("rejected")
    at_change(child, 2, total)
    child.send("u")
    child.expect("took back")
    at_change(child, 1, total)
    child.send("s")
    at_change(child, 2, total)
    child.send("A")
    child.expect("accepted all")
    child.expect(r"\[w\]rite")
    child.send("u")  # the last of those accepted is open again
    child.expect("took back")
    child.expect(r"\[\?\]")
    child.send("a")
    child.expect(r"\[w\]rite")
    child.send("w")
    child.expect("reason")
    child.sendline("all of it")
    child.expect("Wrote snapshots/shop.json")
    assert ended(child) == 0
    assert shop.contents()["paths"].keys() == new_document()["paths"].keys()
    assert len(shop.entries()[-1].accepted) == total


@pytest.mark.parametrize(
    ("how", "where"),
    [
        *(("ctrl-c", where) for where in ("first", "second", "date", "summary", "reason")),
        ("ctrl-d", "first"),
        ("ctrl-d", "date"),
        ("q", "second"),
        ("q", "summary"),
        ("hangup", "summary"),
        ("kill", "second"),
        ("kill", "reason"),
    ],
)
def test_broken_off_anywhere_nothing_is_half_written_and_decisions_are_taken_up(
    shop: Shop, how: str, where: str
) -> None:
    before = shop.state()
    child = shop.spawn("snapshot", "review")
    total = total_of(child)
    at_change(child, 1, total)
    decided = 0
    if where != "first":
        child.send("a")
        child.expect("accepted")
        decided = 1
        at_change(child, 2, total)
    if where == "date":
        child.send("w")
        child.expect("until")
    if where in ("summary", "reason"):
        child.send("A")
        child.expect(r"\[w\]rite")
        decided = total
    if where == "reason":
        child.send("w")
        child.expect("reason")
    if how == "ctrl-c":
        child.sendintr()
    elif how == "ctrl-d":
        child.sendeof()
    elif how == "q":
        child.send("q")
    else:
        child.kill(signal.SIGHUP if how == "hangup" else signal.SIGKILL)
    child.expect(pexpect.EOF)
    told = child.before
    child.close()
    if how in ("ctrl-c", "ctrl-d", "q"):
        assert "nothing was written" in told
        assert child.exitstatus == (1 if how == "q" else 130)
    assert shop.untouched(before)
    assert verify_files(shop.files) == ()
    assert shop.files.review.exists() is (decided > 0)
    if decided:
        assert shop.files.review.stat().st_mode & 0o077 == 0
    again = shop.spawn("snapshot", "review")
    if decided:
        again.expect(f"Taking up a review: {decided} of {total} decided")
    if decided < total:
        at_change(again, decided + 1, total)
        again.send("A")
    again.expect(r"\[w\]rite")
    again.send("w")
    again.expect("reason")
    again.sendline("second attempt")
    again.expect("Wrote snapshots/shop.json")
    assert ended(again) == 0
    assert len(shop.entries()[-1].accepted) == total
    assert verify_files(shop.files) == ()


def test_keys_typed_ahead_count_and_arrows_do_not(shop: Shop) -> None:
    child = shop.spawn("snapshot", "review")
    total = total_of(child)
    at_change(child, 1, total)
    child.send("\x1b[A\x1b[B\x1bOA\x1b[3~")  # arrows and Delete: none of them is the A that accepts all
    child.send("rr")
    at_change(child, 2, total)
    at_change(child, 3, total)
    child.send("q")
    assert ended(child) == 1
    decisions = json.loads(shop.files.review.read_text())["decisions"]
    assert [one["choice"] for one in decisions.values()] == ["reject", "reject"]


def test_decisions_about_another_snapshot_are_not_taken_up(shop: Shop) -> None:
    child = shop.spawn("snapshot", "review")
    total = total_of(child)
    at_change(child, 1, total)
    child.send("r")
    child.expect("rejected")
    child.send("q")
    ended(child)
    live = new_document()
    live["paths"].pop("/carts")
    (shop.folder / "live.json").write_text(json.dumps(live))
    child = shop.spawn("snapshot", "review")
    child.expect(f"Taking up a review: 1 of {total - 1} decided")  # the same change, so it still fits
    child.send("q")
    ended(child)
    shop.run("snapshot", "update", "--reason", "all")
    (shop.folder / "live.json").write_text(json.dumps(raw()))
    child = shop.spawn("snapshot", "review")
    child.expect(r"changes of shop")
    assert "Taking up" not in child.before
    child.send("q")
    ended(child)


@pytest.mark.parametrize("columns", [24, 40, 60])
def test_a_narrow_window_cuts_nothing_off(shop: Shop, columns: int) -> None:
    child = shop.spawn("snapshot", "review", columns=columns)
    child.expect(r"1 of \d ")
    child.expect(r"\[\?\]")
    child.send("m")
    child.expect("mend:")
    child.expect(r"\[\?\]")
    child.send("q")
    ended(child)
    shown = ESCAPE.sub("", child.before)
    assert max(len(line.rstrip("\r")) for line in shown.split("\n")) <= columns


def test_no_color_means_no_escapes(shop: Shop) -> None:
    def seen(**more: str) -> str:
        child = shop.spawn("snapshot", "review", **more)
        child.expect(r"1 of \d")
        first = child.before
        child.expect(r"\[\?\]")
        first += child.before
        child.send("q")
        ended(child)
        return str(first + child.before)

    assert "\x1b[" in seen()
    assert "\x1b[" not in seen(NO_COLOR="1")
    assert "\x1b[" not in seen(TERM="dumb")


def test_what_another_process_wrote_in_the_meantime_is_not_overwritten(shop: Shop) -> None:
    child = shop.spawn("snapshot", "review")
    total = total_of(child)
    at_change(child, 1, total)
    child.send("A")
    child.expect(r"\[w\]rite")
    shop.run("snapshot", "update", "--reason", "somebody was quicker")
    before = shop.state()
    child.send("w")
    child.expect("reason")
    child.sendline("mine")
    child.expect("was changed while this was being decided")
    assert ended(child) == 2
    assert shop.untouched(before)


def test_a_review_of_what_a_build_saw(shop: Shop) -> None:
    shop.run("snapshot", "pending")
    assert shop.files.pending.exists()
    later = new_document()
    later["paths"]["/later"] = {"get": {"responses": {"200": {"description": "later"}}}}
    (shop.folder / "live.json").write_text(json.dumps(later))
    child = shop.spawn("snapshot", "review", "--from", "snapshots/shop.pending.json")
    total = total_of(child)
    at_change(child, 1, total)
    child.send("A")
    child.expect(r"\[w\]rite")
    child.send("w")
    child.expect("reason")
    child.sendline("as the build saw it")
    assert ended(child) == 0
    assert "/carts" in shop.contents()["paths"]
    assert "/later" not in shop.contents()["paths"]
    assert " as of 20" in shop.entries()[-1].source
    assert not shop.files.pending.exists()


def test_in_ci_a_review_is_refused(shop: Shop) -> None:
    child = shop.spawn("snapshot", "review", CI="true")
    child.expect("CI is set")
    assert ended(child) == 2
