"""A drift as a changelog to paste: what breaks first, then what came, then the rest, with the version step it asks for.

Pure: text out of findings. Foreign text is escaped, so that nothing in it is structure, a link or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from zeues_contracts.drift.bump import ADDS, stepped
from zeues_contracts.drift.model import DriftResult
from zeues_contracts.findings import Finding, Level
from zeues_contracts.rules import rule

__all__ = ["changelog"]

MAX_OPERATIONS = 12
"""Operations that one entry names; the others are counted."""

_QUIET = frozenset({"text-changed", "version-not-raised", "framework-upgrade"})


def changelog(
    result: DriftResult,
    *,
    title: str = "",
    old_version: str = "",
    new_version: str = "",
    findings: Sequence[Finding] | None = None,
) -> str:
    """Markdown with one entry for each finding, ending in a line break.

    ``findings`` are those at the levels in force, where they are not the result's own. Entries stand under the
    operation that they are about; what touches several operations stands once and names them.
    """
    shown = list(result.findings if findings is None else findings)
    lines = [f"## {_text(title) or 'API changes'}", ""]
    lines += [_versions(result, old_version, new_version), ""]
    parts = (
        ("Breaking", [one for one in shown if one.level is Level.ERROR]),
        ("Possibly breaking", [one for one in shown if one.level is Level.WARNING]),
        ("Added", [one for one in shown if one.level is Level.INFO and _slug(one) in ADDS]),
        ("Changed", [one for one in shown if one.level is Level.INFO and _slug(one) not in ADDS | _QUIET]),
        ("Without effect", [one for one in shown if one.level is Level.INFO and _slug(one) in _QUIET]),
    )
    for heading, entries in parts:
        if entries:
            lines += [f"### {heading}", "", *_entries(entries), ""]
    if not shown:
        lines += ["Nothing changed.", ""]
    return "\n".join(lines).rstrip() + "\n"


def _versions(result: DriftResult, old: str, new: str) -> str:
    words = {"major": "a major", "minor": "a minor", "patch": "a patch", "none": "no"}[result.bump]
    suggested = stepped(old, result.bump)
    said = f"Suggested version step: **{words} step**" + (f", {_text(old)} to {suggested}" if suggested else "") + "."
    if old and new and result.bump != "none":
        said += f" The document says {_text(new)}." if new != old else f" The document still says {_text(new)}."
    return said


def _entries(findings: Sequence[Finding]) -> Iterable[str]:
    alone: dict[str, list[Finding]] = {}
    shared: list[Finding] = []
    for one in findings:
        if len(one.operations) == 1:
            alone.setdefault(one.operation, []).append(one)
        else:
            shared.append(one)
    for operation in sorted(alone, key=lambda name: name.partition(" ")[::-1]):
        entries = alone[operation]
        if len(entries) == 1:
            yield f"- {_code(operation)}: {_sentence(entries[0], operation)}"
        else:
            yield f"- {_code(operation)}"
            yield from (f"  - {_sentence(one, operation)}" for one in entries)
    for one in shared:
        yield f"- {_sentence(one, '')}{_operations(one.operations)}"


def _sentence(finding: Finding, operation: str) -> str:
    text = finding.message.removeprefix(f"{operation} ") if operation else finding.message
    more = f" (and {len(finding.evidence.details)} more there)" if finding.evidence.details else ""
    return f"{_prose(text)}{more} ({finding.rule})"


def _operations(names: Sequence[str]) -> str:
    if not names:
        return ""
    first = ", ".join(_code(name) for name in names[:MAX_OPERATIONS])
    rest = f" and {len(names) - MAX_OPERATIONS} more" if len(names) > MAX_OPERATIONS else ""
    return f" — {len(names)} operations: {first}{rest}"


def _slug(finding: Finding) -> str:
    return rule(finding.rule).slug


# Controls, bidirectional and invisible formatting, tag characters, non-characters: what cannot be seen or moves others.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def _flat(text: str, limit: int) -> str:
    return " ".join(_UNSEEN.sub(" ", text[: limit * 4]).split())[:limit]


def _text(text: str) -> str:
    """Prose. GitHub looks for names and numbers to link after rendering: a zero-width space stands after @ and #."""
    return re.sub(
        r"[\\`*_{}\[\]<>()#@|~!&]",
        lambda found: f"&#{ord(found[0])};{'&#8203;' * (found[0] in '@#')}" if found[0] in "<>&@#" else f"\\{found[0]}",
        _flat(text, 500),
    )


def _prose(text: str) -> str:
    """Text in which names stand between backticks, as in messages of ours: these become code."""
    parts = _flat(text, 500).split("`")
    if len(parts) % 2 == 0:  # a lone backtick is text
        parts[-2:] = ["`".join(parts[-2:])]
    pieces = []
    for index, part in enumerate(parts):
        if not index % 2:
            lead, tail = " " * part.startswith(" "), " " * (part != " " and part.endswith(" "))
            pieces.append(f"{lead}{_text(part)}{tail}" if part else "")
        else:
            pieces.append(_code(part) if part.strip() else _text(f"`{part}`"))
    return "".join(pieces)


def _code(text: str) -> str:
    flat = _flat(text, 300)
    if not re.search(r"[`<>&@]|##", flat):
        return f"`{flat}`"
    # A backtick would end a code span, `##[` would be a command to a CI that prints this, and the rest is for those who
    # read Markdown less well.
    return "<code>" + re.sub(r"[^\w /{}.,:;=?()-]|_", lambda found: f"&#{ord(found[0])};", flat) + "</code>"
