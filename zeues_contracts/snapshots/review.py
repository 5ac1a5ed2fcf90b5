"""A review: the changes in order, what was decided about each, and how that is taken back or taken up again. Pure.

Only :func:`save` and :func:`load` touch a file: ``SERVICE.review.json``, one person's, readable for nobody else.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from zeues_contracts.errors import UsageError
from zeues_contracts.files import canonical_json, write_atomically
from zeues_contracts.findings import Finding

__all__ = ["Choice", "Decision", "Review", "find_change", "in_review_order", "load", "save", "take_up"]

_VERSION = 1
_PREFIX = 4


class Choice(StrEnum):
    """What can be decided about a change. To skip one is to decide nothing."""

    ACCEPT = "accept"
    REJECT = "reject"
    WAIVE = "waive"


@dataclass(frozen=True, slots=True)
class Decision:
    """A choice; a waiver's has the last day on which it holds."""

    choice: Choice
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """The changes, the decisions by fingerprint, and the steps that can be taken back, the latest last.

    A step is what a fingerprint had before: a decision, or ``None`` for none.
    """

    changes: tuple[Finding, ...]
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    steps: tuple[tuple[str, Decision | None], ...] = ()

    def decide(self, fingerprint: str, decision: Decision | None) -> Review:
        """With a decision on a change; ``None`` takes it away (a skip)."""
        before = self.decisions.get(fingerprint)
        decisions = {key: one for key, one in self.decisions.items() if key != fingerprint}
        if decision is not None:
            decisions[fingerprint] = decision
        return replace(self, decisions=decisions, steps=(*self.steps, (fingerprint, before)))

    def undo(self) -> tuple[Review, str]:
        """Without the last step, and the fingerprint that it was about; empty where there is none to take back."""
        if not self.steps:
            return self, ""
        fingerprint, before = self.steps[-1]
        decisions = {key: one for key, one in self.decisions.items() if key != fingerprint}
        if before is not None:
            decisions[fingerprint] = before
        return replace(self, decisions=decisions, steps=self.steps[:-1]), fingerprint

    def chosen(self, choice: Choice) -> tuple[Finding, ...]:
        """The changes of which something was decided, in order."""
        return tuple(
            one
            for one in self.changes
            if (found := self.decisions.get(one.fingerprint)) is not None and found.choice is choice
        )

    @property
    def open(self) -> tuple[Finding, ...]:
        """The changes of which nothing was decided."""
        return tuple(one for one in self.changes if one.fingerprint not in self.decisions)

    @property
    def until(self) -> dict[str, date]:
        """The end of each waiver by fingerprint."""
        return {key: one.until for key, one in self.decisions.items() if one.until is not None}


def in_review_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The widest effect first: by level, consumers hit, their interactions, operations touched."""
    return tuple(
        sorted(
            findings,
            key=lambda one: (
                -one.level.rank,
                -len({hit.consumer for hit in one.hits}),
                -len(one.hits),
                -len(one.operations),
                one.operation,
                one.rule,
                one.subject,
                one.fingerprint,
            ),
        )
    )


def find_change(changes: Sequence[Finding], text: str) -> Finding:
    """The change of a fingerprint, or of the beginning of one. Raises :class:`UsageError` for none or several."""
    wanted = text.strip().lower()
    found = [one for one in changes if one.fingerprint == wanted]
    if not found and len(wanted) >= _PREFIX:
        found = [one for one in changes if one.fingerprint.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(one.fingerprint for one in found[:5])
        raise UsageError(f"{text[:40]!r} is the beginning of several changes: {names}", hint="give more of it")
    raise UsageError(
        f"there is no change {text[:40]!r}", hint="`zeues-contracts snapshot review` without a terminal lists them"
    )


def save(path: Path, review: Review, *, snapshot: str, source: str) -> None:
    """Keep what was decided so far. ``snapshot`` is the digest of the snapshot that it is decided on."""
    states = {one.fingerprint: one.state for one in review.changes}
    value = {
        "version": _VERSION,
        "snapshot": snapshot,
        "source": source,
        "decisions": {
            key: {
                "choice": one.choice.value,
                "until": one.until.isoformat() if one.until is not None else "",
                "state": states.get(key, ""),
            }
            for key, one in review.decisions.items()
        },
    }
    if path.is_symlink() or not path.exists():
        # Made private before anything is in it; write_atomically keeps the mode of a file.
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)  # a link: what it leads to is nobody's review
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    write_atomically(path, canonical_json(value), follow=False)


def load(path: Path, *, snapshot: str) -> dict[str, tuple[Decision, str]]:
    """What was decided before, by fingerprint, each with the state of the change that it was decided on.

    Nothing where there is no file, it is not one of ours, or the snapshot is another one by now.
    """
    try:
        value: Any = json.loads(path.read_bytes())
        if value["version"] != _VERSION or value["snapshot"] != snapshot:
            return {}
        return {
            str(key): (
                Decision(Choice(one["choice"]), date.fromisoformat(one["until"]) if one["until"] else None),
                str(one["state"]),
            )
            for key, one in value["decisions"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def take_up(review: Review, saved: Mapping[str, tuple[Decision, str]], today: date) -> tuple[Review, int]:
    """With the saved decisions that still fit, and how many do not: their change is gone or is another one by now."""
    fits = {
        one.fingerprint: saved[one.fingerprint][0]
        for one in review.changes
        if one.fingerprint in saved
        and saved[one.fingerprint][1] == one.state
        and ((until := saved[one.fingerprint][0].until) is None or until >= today)
    }
    return replace(review, decisions={**review.decisions, **fits}), len(saved) - len(fits)
