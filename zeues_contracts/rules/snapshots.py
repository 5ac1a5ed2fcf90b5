"""ZC6xx, snapshots, ledger and waivers."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from zeues_contracts.findings import Cause, Finding, Level
from zeues_contracts.rules.model import HistoryExample, Rule

__all__ = ["RULES"]


def _snapshot(version: str) -> str:
    value = {"info": {"title": "Shop", "version": version}, "openapi": "3.1.0", "paths": {}}
    return json.dumps(value, sort_keys=True, indent=2) + "\n"


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _entry(day: int, before: str, after: str, previous: str = "") -> tuple[str, str]:
    """A ledger's line as ``snapshots.ledger`` documents it, and its hash."""
    value = {
        "v": 1,
        "time": f"2026-03-0{day}T09:00:00Z",
        "actor": "Ada",
        "action": "update" if before else "create",
        "reason": "released",
        "source": "http://localhost:8000",
        "before": before,
        "after": after,
        "previous": _hash_of(previous),
    }
    own = _digest(_compact(value))
    return _compact({**value, "hash": own}) + "\n", own


def _hash_of(line: str) -> str:
    return str(json.loads(line)["hash"]) if line else ""


_V1, _V2, _V3 = (_snapshot(version) for version in ("1", "2", "3"))
_FIRST = _entry(1, "", _digest(_V1))[0]
_SECOND = _entry(2, _digest(_V1), _digest(_V2), _FIRST)[0]
_THIRD = _entry(3, _digest(_V2), _digest(_V3), _SECOND)[0]
_OTHER_BRANCH = _entry(4, _digest(_V1), _digest(_V3), _FIRST)[0]
_LEDGER = _FIRST + _SECOND + _THIRD


_ORDERS = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders:
    get:
      responses: {"200": {description: All orders}}
"""
_NO_ORDERS = """\
openapi: 3.1.0
info: {title: Shop, version: "2"}
paths: {}
"""
_REMOVED = Finding("ZC201", Level.ERROR, Cause.DRIFT, "", operations=("GET /orders",)).fingerprint


def _waiver(fingerprint: str, until: str, **more: str) -> str:
    rows = {"fingerprint": f'"{fingerprint}"', "until": until, "reason": '"the app follows in spring"'}
    rows |= {key: f'"{value}"' for key, value in more.items()}
    return "[[waiver]]\n" + "".join(f"{key} = {value}\n" for key, value in rows.items())


def _rule(
    code: str, slug: str, title: str, level: Level, why: str, mend: str, example: HistoryExample, **more: Any
) -> Rule:
    return Rule(code, slug, title, level, Cause.DRIFT, why, mend, example, **more)


RULES: tuple[Rule, ...] = (
    _rule(
        "ZC601",
        "snapshot-edited-by-hand",
        "The snapshot is not the one that was approved last",
        Level.ERROR,
        "Whoever changes the snapshot past the ledger approves a change without a name, a reason or a review; a check "
        "against it proves nothing.",
        "Put it back (`git checkout -- SNAPSHOT`), or approve it as it is: `zeues-contracts snapshot verify --adopt "
        "--reason …`.",
        HistoryExample(snapshot=_V3, ledger=_FIRST + _SECOND),
    ),
    _rule(
        "ZC602",
        "ledger-missing",
        "A snapshot has no ledger",
        Level.WARNING,
        "Nobody can tell who approved the snapshot, when and why.",
        "If it is right, begin a ledger with it: `zeues-contracts snapshot verify --adopt --reason …`. If the ledger "
        "was removed, put it back from git.",
        HistoryExample(snapshot=_V1),
        strict=Level.ERROR,
    ),
    _rule(
        "ZC603",
        "ledger-entry-changed",
        "An entry of the ledger was changed after it was written",
        Level.ERROR,
        "An entry says who approved what; its hash no longer fits its contents.",
        "Put the ledger back from git (`git log -p -- LEDGER` shows the change) and append what has to be added.",
        HistoryExample(snapshot=_V3, ledger=_LEDGER.replace("released", "reviewed", 1)),
    ),
    _rule(
        "ZC604",
        "ledger-entry-missing",
        "An entry of the ledger is missing",
        Level.ERROR,
        "The ledger is append-only: an entry that was there is gone, or was rewritten with another hash.",
        "Put the ledger back from git (`git log -p -- LEDGER` shows the change).",
        HistoryExample(snapshot=_V3, ledger=_FIRST + _THIRD),
    ),
    _rule(
        "ZC605",
        "ledger-reordered",
        "Entries of the ledger stand in another order than they were written in",
        Level.ERROR,
        "The order of the entries is the history of the approvals.",
        "Put the ledger back from git.",
        HistoryExample(snapshot=_V3, ledger=_FIRST + _THIRD + _SECOND),
    ),
    _rule(
        "ZC606",
        "ledger-forked",
        "A merge took both sides of the ledger",
        Level.ERROR,
        "Two branches approved changes, and nobody has said that the merged snapshot is what both together mean.",
        "`zeues-contracts snapshot resolve` joins both branches and records the merged snapshot.",
        HistoryExample(snapshot=_V3, ledger=_FIRST + _SECOND + _OTHER_BRANCH),
    ),
    _rule(
        "ZC607",
        "update-cut-off",
        "An update of the snapshot was cut off",
        Level.ERROR,
        "The run that was writing was killed: the snapshot, its ledger or its waivers may be the old ones still.",
        "`zeues-contracts snapshot verify --repair` completes it; the next update does so too.",
        HistoryExample(snapshot=_V1, ledger=_FIRST, journal='{"version": 1, "parts": {}}'),
    ),
    _rule(
        "ZC608",
        "snapshot-missing",
        "There is a ledger and no snapshot",
        Level.ERROR,
        "The ledger speaks of a snapshot that is not there: drift cannot be told.",
        "Put it back from git, or take it again: `zeues-contracts snapshot update --reason …`.",
        HistoryExample(ledger=_FIRST),
    ),
    _rule(
        "ZC609",
        "snapshot-reformatted",
        "The snapshot was written in another form",
        Level.INFO,
        "Its content is what was approved, its bytes are not (a formatter, line ends that a checkout changed): diffs "
        "of it become noise.",
        "`zeues-contracts snapshot verify --repair` writes it in its own form; keep formatters and `autocrlf` off it.",
        HistoryExample(snapshot=_V1.replace("\n", "\r\n"), ledger=_FIRST),
    ),
    _rule(
        "ZC611",
        "waiver-expired",
        "A waiver has expired",
        Level.WARNING,
        "What it tolerated counts again. A waiver that nobody ends is an ignore list.",
        "Mend what was waived, or waive it anew with a date and a reason; `zeues-contracts snapshot waive --prune` "
        "removes those that are over.",
        HistoryExample(waivers=_waiver("0123456789ab", "2026-01-31")),
        strict=Level.ERROR,
    ),
    _rule(
        "ZC612",
        "waiver-unused",
        "A waiver is not used",
        Level.WARNING,
        "There is no such finding any more; left there, the waiver would hide it when it comes back.",
        "`zeues-contracts snapshot waive --prune` removes it.",
        HistoryExample(waivers=_waiver("0123456789ab", "9999-12-31")),
        tolerant=Level.INFO,
    ),
    _rule(
        "ZC613",
        "waiver-outgrown",
        "A waiver no longer covers what it was given for",
        Level.WARNING,
        "The finding has got worse, or what is found at its place is something else by now: nobody has tolerated that.",
        "Look at the finding; mend it, or waive it anew.",
        HistoryExample(
            snapshot=_ORDERS, live=_NO_ORDERS, waivers=_waiver(_REMOVED, "9999-12-31", rule="ZC201", level="warning")
        ),
        strict=Level.ERROR,
    ),
)
