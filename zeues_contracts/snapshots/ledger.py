"""The ledger: who approved what, when and why. One JSON object a line, each bound to the one before it by its hash.

An entry's ``hash`` is SHA-256 over its other fields (compact JSON, sorted keys); its ``previous`` is the hash of the
entry that it was appended to, its ``joins`` those of further branches that a merge brought in. So a changed entry no
longer has its own hash, a removed one is missed by its successor, and two entries with the same predecessor are a merge
that took both sides. It is a chain, not a signature: who rewrites the whole file is told by git, which ``verify`` asks.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Finding
from zeues_contracts.redact import redact_text

__all__ = [
    "Broken",
    "Change",
    "Entry",
    "Ledger",
    "changes_of",
    "make_entry",
    "parse_ledger",
    "read_ledger",
    "tips",
    "who",
]

VERSION = 1
_MAX_BYTES = 64 * 1024 * 1024
_MAX_TEXT = 2000
_MAX_OPERATIONS = 50
_CONFLICT = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")


@dataclass(frozen=True, slots=True)
class Change:
    """A change as the ledger remembers it. ``hits`` are ``CONSUMER: INTERACTION``; ``until`` ends a waiver."""

    fingerprint: str
    rule: str
    level: str
    message: str
    operations: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()
    subject: str = ""
    until: str = ""

    def to_json(self) -> dict[str, Any]:
        """The change as JSON values, without what is empty."""
        value = {
            "fingerprint": self.fingerprint,
            "rule": self.rule,
            "level": self.level,
            "message": self.message,
            "operations": list(self.operations),
            "hits": list(self.hits),
            "subject": self.subject,
            "until": self.until,
        }
        return {key: one for key, one in value.items() if one}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``line`` counts from 1. ``before`` and ``after`` are digests of the snapshot, empty for none.

    ``action`` is ``create`` (the first snapshot), ``adopt`` (one that had no ledger, or was changed past it),
    ``update``, ``review``, ``waive`` or ``merge``.
    """

    line: int
    time: str
    actor: str
    action: str
    reason: str
    source: str
    before: str
    after: str
    previous: str
    hash: str
    accepted: tuple[Change, ...] = ()
    rejected: tuple[Change, ...] = ()
    waived: tuple[Change, ...] = ()
    joins: tuple[str, ...] = ()
    computed: str = ""
    """What the hash should be by the entry's contents."""

    @property
    def whole(self) -> bool:
        """Whether the entry has the hash that its contents give."""
        return self.hash == self.computed


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is no entry, and why. ``conflict`` for a marker that git left there."""

    line: int
    why: str
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger as read: its entries and broken lines in order, and its bytes as they are."""

    entries: tuple[Entry, ...] = ()
    broken: tuple[Broken, ...] = ()
    data: bytes = b""

    @property
    def last(self) -> Entry | None:
        """The entry in the last line."""
        return self.entries[-1] if self.entries else None

    def appended(self, line: bytes) -> bytes:
        """The bytes of the ledger with one more line; what is there is kept as it is."""
        data = self.data if not self.data or self.data.endswith(b"\n") else self.data + b"\n"
        return data + line


def read_ledger(path: Path) -> Ledger | None:
    """The ledger of a file, leniently: what is broken is told, not raised. ``None`` where there is no file."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{path}: larger than {_MAX_BYTES} bytes", hint="is this the ledger?")
    return parse_ledger(data)


def parse_ledger(data: bytes) -> Ledger:
    """The ledger of bytes; blank lines and a carriage return at a line's end (a checkout's) are no harm."""
    entries: list[Entry] = []
    broken: list[Broken] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.strip()
        if not text:
            continue
        if text.startswith(_CONFLICT):
            broken.append(Broken(number, "a conflict marker that git left", conflict=True))
            continue
        try:
            entries.append(_entry(text, number))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            broken.append(Broken(number, f"not an entry: {_why(error)}"))
    return Ledger(tuple(entries), tuple(broken), data)


def tips(ledger: Ledger) -> tuple[Entry, ...]:
    """The entries that no other one follows, in order: one in a ledger that is in order."""
    followed = {name for entry in ledger.entries for name in (entry.previous, *entry.joins)}
    return tuple(entry for entry in ledger.entries if entry.hash not in followed)


def make_entry(
    *,
    action: str,
    previous: str,
    before: str,
    after: str,
    reason: str = "",
    source: str = "",
    actor: str = "",
    accepted: Sequence[Change] = (),
    rejected: Sequence[Change] = (),
    waived: Sequence[Change] = (),
    joins: Sequence[str] = (),
    now: datetime | None = None,
) -> bytes:
    """The line of a new entry, with its line break. Texts are bounded and secrets in them replaced."""
    value: dict[str, Any] = {
        "v": VERSION,
        "time": (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "actor": _clean(actor),
        "action": action,
        "reason": _clean(reason),
        "source": _clean(source),
        "before": before,
        "after": after,
        "previous": previous,
        "accepted": [one.to_json() for one in accepted],
        "rejected": [one.to_json() for one in rejected],
        "waived": [one.to_json() for one in waived],
        "joins": list(joins),
    }
    value = {key: one for key, one in value.items() if one or key in ("after", "previous")}
    value["hash"] = _hash(value)
    return _compact(value) + b"\n"


def changes_of(findings: Sequence[Finding], until: Mapping[str, str] | None = None) -> tuple[Change, ...]:
    """Findings as the ledger remembers them; ``until`` by fingerprint for those that are waived."""
    return tuple(
        Change(
            one.fingerprint,
            one.rule,
            one.level.value,
            _clean(one.message, 300),
            tuple(_clean(name, 300) for name in one.operations[:_MAX_OPERATIONS]),
            tuple(_clean(f"{hit.consumer}: {hit.interaction}", 200) for hit in one.hits[:_MAX_OPERATIONS]),
            _clean(one.subject, 300),
            (until or {}).get(one.fingerprint, ""),
        )
        for one in findings
    )


def who(folder: Path, environ: Mapping[str, str] | None = None) -> str:
    """Who acts: ``ZEUES_CONTRACTS_ACTOR``, else git's author, else the CI's actor, else the login name."""
    env = os.environ if environ is None else environ
    if env.get("ZEUES_CONTRACTS_ACTOR"):
        return _clean(env["ZEUES_CONTRACTS_ACTOR"], 200)
    from zeues_contracts.snapshots.git import identity

    name = env.get("GIT_AUTHOR_NAME", ""), env.get("GIT_AUTHOR_EMAIL", "")
    found = name if name[0] else identity(folder)
    if found[0]:
        return _clean(f"{found[0]} <{found[1]}>" if found[1] else found[0], 200)
    for variable in ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "USER", "LOGNAME", "USERNAME"):
        if env.get(variable):
            return _clean(env[variable], 200)
    return "unknown"


def _entry(text: bytes, number: int) -> Entry:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise TypeError("no JSON object")
    if value.get("v") != VERSION:
        raise ValueError(f"version {str(value.get('v'))[:20]}, this release reads version {VERSION}")

    def plain(key: str) -> str:
        return _text(value.get(key, ""), key)

    def changes(key: str) -> tuple[Change, ...]:
        return tuple(_change(one) for one in value.get(key, []))

    return Entry(
        line=number,
        time=plain("time"),
        actor=plain("actor"),
        action=plain("action"),
        reason=plain("reason"),
        source=plain("source"),
        before=plain("before"),
        after=plain("after"),
        previous=plain("previous"),
        hash=plain("hash"),
        accepted=changes("accepted"),
        rejected=changes("rejected"),
        waived=changes("waived"),
        joins=tuple(_text(one, "joins") for one in value.get("joins", [])),
        computed=_hash({key: one for key, one in value.items() if key != "hash"}),
    )


def _change(value: Mapping[str, Any]) -> Change:
    return Change(
        fingerprint=_text(value["fingerprint"], "fingerprint"),
        rule=_text(value.get("rule", ""), "rule"),
        level=_text(value.get("level", ""), "level"),
        message=_text(value.get("message", ""), "message"),
        operations=tuple(_text(one, "operations") for one in value.get("operations", [])),
        hits=tuple(_text(one, "hits") for one in value.get("hits", [])),
        subject=_text(value.get("subject", ""), "subject"),
        until=_text(value.get("until", ""), "until"),
    )


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"`{key}` is no text")
    return value


def _hash(value: Mapping[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(_compact(value)).hexdigest()


def _compact(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _clean(text: str, limit: int = _MAX_TEXT) -> str:
    flat = " ".join(redact_text(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _why(error: BaseException) -> str:
    if isinstance(error, json.JSONDecodeError):
        return "no valid JSON"
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return " ".join(str(error).split())[:100] or type(error).__name__
