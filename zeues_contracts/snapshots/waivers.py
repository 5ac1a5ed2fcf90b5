"""Waivers: findings that are known and tolerated until a date, with a reason, in ``SERVICE.waivers.toml``.

A waiver holds the level and the state (a digest of what was found) of the finding as it was waived. A finding that is
worse than that, or that is about something else by now, is no longer covered: it comes back, and a finding says why.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Cause, Finding, Level, Place
from zeues_contracts.redact import redact_text
from zeues_contracts.rules import rule

__all__ = [
    "Waiver",
    "apply_waivers",
    "parse_until",
    "parse_waivers",
    "read_waivers",
    "unused_waivers",
    "waiver_of",
    "with_waiver",
    "without_waivers",
]

HEADER = """\
# Findings that are known and tolerated until a date, each with its reason.
# `zeues-contracts snapshot waive FINGERPRINT --until DATE --reason TEXT` adds one; comments here are kept.
"""
_KEYS = ("fingerprint", "rule", "level", "place", "reason", "until", "state", "by")
_MAX_BYTES = 4 * 1024 * 1024
_FINGERPRINT = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver. ``until`` is the last day on which it holds; ``line`` is where it stands in ``source``, from 1.

    ``place`` is for people: operation and subject. ``state`` and ``level`` may be empty in a waiver that somebody
    wrote by hand: then it covers the finding whatever it is.
    """

    fingerprint: str
    until: date
    reason: str
    rule: str = ""
    level: str = ""
    place: str = ""
    state: str = ""
    by: str = ""
    source: str = ""
    line: int | None = None


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file; none where there is no file. Raises :class:`UsageError` with the line."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{path}: larger than {_MAX_BYTES} bytes", hint="are these waivers?")
    try:
        return parse_waivers(data.decode("utf-8"), str(path))
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8") from None


def parse_waivers(text: str, source: str = "waivers") -> tuple[Waiver, ...]:
    """The waivers of TOML text. Raises :class:`UsageError` with source and line for what is none."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{source}: no valid TOML: {error}") from None
    unknown = [key for key in table if key != "waiver"]
    entries = table.get("waiver", [])
    if unknown or not isinstance(entries, list):
        what = f"`{unknown[0]}` is not known here" if unknown else "`waiver` is no list of tables"
        raise UsageError(f"{source}: {what}", hint="each waiver is a table: [[waiver]]")
    lines = [start for start, _ in _blocks(text)]
    return tuple(
        _waiver(entry, source, lines[index] + 1 if index < len(lines) else None) for index, entry in enumerate(entries)
    )


def apply_waivers(
    findings: Sequence[Finding],
    waivers: Sequence[Waiver],
    today: date,
    *,
    service: str = "",
    causes: Collection[Cause] | None = None,
) -> tuple[tuple[Finding, ...], tuple[Finding, ...], tuple[Finding, ...]]:
    """What counts, what is tolerated, and what there is to say about the waivers themselves (ZC61x).

    ``causes`` are those that the run has looked for: a waiver of any other cause is not called unused; ``None`` means
    all. Where a fingerprint is waived twice the later waiver stands.
    """
    by_fingerprint = {one.fingerprint: one for one in waivers}
    kept: list[Finding] = []
    waived: list[Finding] = []
    extra = [_expired(one, service, today) for one in waivers if one.until < today]
    for finding in findings:
        waiver = by_fingerprint.get(finding.fingerprint)
        if waiver is None or waiver.until < today:
            kept.append(finding)
            continue
        worse = _grown(waiver, finding)
        if worse:
            kept.append(finding)
            extra.append(_outgrown(waiver, finding, worse, service))
        else:
            waived.append(finding)
    extra += [
        _unused(one, service, superseded=by_fingerprint[one.fingerprint] is not one)
        for one in unused_waivers(findings, waivers, causes=causes)
        if one.until >= today
    ]
    return tuple(kept), tuple(waived), tuple(extra)


def unused_waivers(
    findings: Sequence[Finding], waivers: Sequence[Waiver], *, causes: Collection[Cause] | None = None
) -> tuple[Waiver, ...]:
    """The waivers that no finding needs: it is gone, or a later waiver stands for it."""
    present = {one.fingerprint for one in findings}
    by_fingerprint = {one.fingerprint: one for one in waivers}
    return tuple(
        one
        for one in waivers
        if by_fingerprint[one.fingerprint] is not one or (one.fingerprint not in present and _looked_for(one, causes))
    )


def parse_until(text: str, today: date) -> date:
    """The last day of a waiver: ``2027-01-31``, or ``30d``, ``6w`` from today. Raises :class:`UsageError`."""
    given = text.strip()
    found = re.fullmatch(r"([0-9]{1,4})\s*([dw])", given)
    if found:
        until = today + timedelta(days=int(found[1]) * (7 if found[2] == "w" else 1))
    else:
        try:
            until = date.fromisoformat(given)
        except ValueError:
            raise UsageError(
                f"{text[:40]!r}: not a date", hint="write it as 2027-01-31, or 30d or 6w from now"
            ) from None
    if until < today:
        raise UsageError(f"{until}: is past", hint="a waiver ends in the future")
    return until


def waiver_of(finding: Finding, until: date, reason: str, by: str = "") -> Waiver:
    """The waiver of a finding as it is now."""
    place = " ".join(part for part in (finding.operation, finding.subject) if part)
    return Waiver(finding.fingerprint, until, reason, finding.rule, finding.level.value, place[:300], finding.state, by)


def with_waiver(text: str, waiver: Waiver) -> str:
    """The file's text with a waiver: in the place of one of the same fingerprint, else at the end. All else is kept."""
    values: list[tuple[str, str]] = [
        ("fingerprint", _quoted(waiver.fingerprint)),
        ("rule", _quoted(waiver.rule)),
        ("level", _quoted(waiver.level)),
        ("place", _quoted(redact_text(waiver.place))),
        ("reason", _quoted(redact_text(waiver.reason))),
        ("until", waiver.until.isoformat()),
        ("state", _quoted(waiver.state)),
        ("by", _quoted(redact_text(waiver.by))),
    ]
    block = "[[waiver]]\n" + "".join(f"{key} = {value}\n" for key, value in values if value != '""')
    entries = tomllib.loads(text).get("waiver", [])
    blocks = _blocks(text)
    same = [index for index, one in enumerate(entries) if one.get("fingerprint") == waiver.fingerprint]
    if same and len(blocks) == len(entries):
        rows = text.splitlines(keepends=True)
        start, end = blocks[same[-1]]
        return "".join((*rows[:start], block, *rows[end:]))
    kept = text if text.strip() else HEADER
    return kept + ("" if kept.endswith("\n") else "\n") + "\n" + block


def without_waivers(text: str, fingerprints: Collection[str]) -> str:
    """The file's text without the waivers of some fingerprints. A comment above a waiver goes with it, no other."""
    entries = tomllib.loads(text).get("waiver", [])
    blocks = _blocks(text)
    if len(entries) != len(blocks):
        # Written in a way that we do not write (inline tables): taking lines out of it would be guesswork.
        if any(one.get("fingerprint") in fingerprints for one in entries):
            raise UsageError(
                "the waivers are not written as [[waiver]] tables", hint="rewrite them so, or edit them by hand"
            )
        return text
    rows = text.splitlines(keepends=True)
    gone: set[int] = set()
    for (start, end), entry in zip(blocks, entries, strict=True):
        if entry.get("fingerprint") in fingerprints:
            above = start
            while above > 0 and rows[above - 1].lstrip().startswith("#") and above - 1 not in _head(rows):
                above -= 1
            gone |= set(range(above, end))
            if above > 0 and not rows[above - 1].strip():
                gone.add(above - 1)
    return "".join(row for index, row in enumerate(rows) if index not in gone)


def _waiver(entry: Any, source: str, line: int | None) -> Waiver:
    where = f"{source}:{line}" if line else source
    if not isinstance(entry, dict):
        raise UsageError(f"{where}: a waiver is a table")
    for key, value in entry.items():
        if key not in _KEYS:
            raise UsageError(f"{where}: `{key}` is not known in a waiver", hint=f"known are {', '.join(_KEYS)}")
        if key != "until" and not isinstance(value, str):
            raise UsageError(f"{where}: `{key}` is no text")
    for key in ("fingerprint", "until", "reason"):
        if not entry.get(key):
            raise UsageError(f"{where}: a waiver needs `{key}`")
    if not _FINGERPRINT.fullmatch(entry["fingerprint"]):
        raise UsageError(f"{where}: {entry['fingerprint'][:40]!r} is no fingerprint", hint="twelve hexadecimal digits")
    level = entry.get("level", "")
    if level and level not in ("error", "warning", "info"):
        raise UsageError(f"{where}: `level` is one of error, warning, info")
    return Waiver(
        entry["fingerprint"],
        _date(entry["until"], where),
        entry["reason"],
        entry.get("rule", ""),
        level,
        entry.get("place", ""),
        entry.get("state", ""),
        entry.get("by", ""),
        source,
        line,
    )


def _date(value: Any, where: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UsageError(f"{where}: `until` is no date", hint="write it as 2027-01-31") from None


def _grown(waiver: Waiver, finding: Finding) -> str:
    """Why a waiver no longer covers its finding; empty when it does."""
    if waiver.level and finding.level.rank > Level(waiver.level).rank:
        return f"it was waived as {waiver.level} and is {finding.level.value} now"
    if waiver.state and finding.state and waiver.state != finding.state:
        return "what is found there is not what was waived"
    return ""


def _looked_for(waiver: Waiver, causes: Collection[Cause] | None) -> bool:
    if causes is None:
        return True
    try:
        return rule(waiver.rule).cause in causes
    except KeyError:
        return len(causes) == len(Cause)


def _expired(waiver: Waiver, service: str, today: date) -> Finding:
    days = (today - waiver.until).days
    ended = f"ended on {waiver.until} ({days} day{'s' if days != 1 else ''} ago)"
    return _about("ZC611", waiver, service, f"the waiver of {_named(waiver)} {ended}: {waiver.reason}")


def _unused(waiver: Waiver, service: str, *, superseded: bool) -> Finding:
    why = "a later waiver stands for it" if superseded else "there is no such finding"
    subject = f"{waiver.fingerprint}{f' line {waiver.line}' if superseded else ''}"
    return _about("ZC612", waiver, service, f"the waiver of {_named(waiver)} is not used: {why}", subject)


def _outgrown(waiver: Waiver, finding: Finding, why: str, service: str) -> Finding:
    message = f"the waiver of {_named(waiver)} no longer covers it: {why}"
    return _about("ZC613", waiver, finding.service or service, message).with_(operations=finding.operations[:1])


def _about(code: str, waiver: Waiver, service: str, message: str, subject: str = "") -> Finding:
    place = Place(waiver.source, "", waiver.line, None, "waivers") if waiver.source else None
    return rule(code).finding(message, service=service, subject=subject or waiver.fingerprint, place=place)


def _named(waiver: Waiver) -> str:
    return " ".join(
        part for part in (waiver.rule, waiver.fingerprint, f"({waiver.place})" if waiver.place else "") if part
    )


def _quoted(text: str) -> str:
    """A TOML basic string (TOML 1.0: control characters and the quote escaped)."""
    out = []
    for one in " ".join(text.split()) if re.search(r"[\r\n\t]", text) else text:
        if one in '"\\':
            out.append("\\" + one)
        elif ord(one) < 0x20 or ord(one) == 0x7F or 0xD800 <= ord(one) <= 0xDFFF:
            out.append(f"\\u{0xFFFD if 0xD800 <= ord(one) <= 0xDFFF else ord(one):04X}")
        else:
            out.append(one)
    return '"' + "".join(out) + '"'


def _blocks(text: str) -> list[tuple[int, int]]:
    """The lines (from 0) of each ``[[waiver]]`` table: its header and the one after its last key.

    A header counts where what stands before it is TOML by itself: one inside of a multi-line string is not.
    """
    rows = text.splitlines(keepends=True)
    headers = [index for index, row in enumerate(rows) if re.match(r"\s*\[", row)]
    if '"""' in text or "'''" in text:
        headers = [index for index in headers if _is_toml("".join(rows[:index]))]
    found = []
    for position, start in enumerate(headers):
        if not re.match(r"\s*\[\[\s*(waiver|\"waiver\"|'waiver')\s*\]\]", rows[start]):
            continue
        end = headers[position + 1] if position + 1 < len(headers) else len(rows)
        while end > start + 1 and (not rows[end - 1].strip() or rows[end - 1].lstrip().startswith("#")):
            end -= 1
        found.append((start, end))
    return found


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _head(rows: Sequence[str]) -> range:
    """The comment at the top of the file, which belongs to no waiver: up to its first blank line."""
    for index, row in enumerate(rows):
        if not row.strip():
            return range(index)
        if not row.lstrip().startswith("#"):
            return range(0)
    return range(len(rows))
