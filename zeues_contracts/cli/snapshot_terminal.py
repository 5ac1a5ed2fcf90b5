"""A review in a terminal: one change at a time, one key each, a summary before anything is written.

What was decided is kept after every key, so that Ctrl-C, a closed window or a crash loses nothing; nothing but that
state is written before the summary is confirmed.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.snapshot_common import Work, below
from zeues_contracts.cli.snapshot_keys import Keys
from zeues_contracts.cli.snapshot_review import plan_of, today, told, write
from zeues_contracts.errors import UsageError
from zeues_contracts.report.safe import cell, display_width, pretty

if TYPE_CHECKING:
    from zeues_contracts.findings import Finding
    from zeues_contracts.snapshots.review import Review

__all__ = ["run"]

_KEYS = (
    ("a", "accept"),
    ("r", "reject"),
    ("w", "waive until a date"),
    ("s", "skip"),
    ("m", "show more"),
    ("u", "undo"),
    ("A", "accept all that are left"),
    ("g", "accept all of this one's group"),
    ("q", "quit"),
)
_COLORS = {"error": "red", "warning": "yellow", "info": "blue"}
_WORDS = {"accept": "accepted", "reject": "rejected", "waive": "waived"}


def run(work: Work, pending_file: Path | None, *, reason: str, color: bool) -> int:
    """Go through the changes. Exit code 0 when it was written, 1 when it was left, 130 when it was broken off."""
    return _Session(work, pending_file, reason, color).run()


class _Session:
    def __init__(self, work: Work, pending_file: Path | None, reason: str, color: bool) -> None:
        from zeues_contracts.snapshots import read_waivers
        from zeues_contracts.snapshots.review import Review, load, take_up

        self.work = work
        self.pending_file = pending_file
        self.reason = reason
        self.color = color
        self.keys = Keys()
        self.waivers = {one.fingerprint: one for one in read_waivers(work.files.waivers)}
        saved = load(work.files.review, snapshot=work.seen)
        self.review, lost = take_up(Review(work.changes), saved, today())
        if self.review.decisions:
            self.say(f"Taking up a review: {len(self.review.decisions)} of {len(work.changes)} decided.", "cyan")
        if lost:
            self.say(f"Earlier decisions that no longer fit, since the changes are not the same: {lost}.")

    def run(self) -> int:
        try:
            with self.keys:
                return self.go()
        except (KeyboardInterrupt, EOFError, click.Abort):
            click.echo("")
            self.say(self.kept())
            return 130

    def go(self) -> int:
        total = len(self.work.changes)
        bad = sum(1 for one in self.work.changes if one.level.value == "error")
        self.say(
            f"{total} change{'s' if total != 1 else ''} of {self.work.service}, {bad} breaking; from {self.work.source}"
        )
        skipped: set[str] = set()
        while True:
            waiting = [one for one in self.review.open if one.fingerprint not in skipped]
            if waiting:
                key = self.one(waiting[0])
                if key == "s":
                    skipped.add(waiting[0].fingerprint)
                elif key == "u":
                    self.undo(skipped)
                elif key == "q":
                    self.say(self.kept())
                    return 1
                continue
            answer = self.summary()
            if answer == "w":
                done = self.write()
                if done:
                    return 0
            elif answer == "u":
                skipped.clear() if not self.review.steps else self.undo(skipped)
            else:
                self.say(self.kept())
                return 1

    def one(self, change: Finding) -> str:
        """Show a change and take keys until something is decided, skipped, undone or ended."""
        self.show(change)
        while True:
            key = self.key("".join(name for name, _ in _KEYS) + "?")
            if key == "m":
                self.more(change)
            elif key == "?":
                for name, meaning in _KEYS:
                    self.say(f"  {name}  {meaning}")
            elif key == "w":
                if self.waive(change):
                    return key
            elif key in "ar":
                self.decide(change, key)
                return key
            elif key == "g":
                group = [one for one in self.review.open if one.group and one.group == change.group]
                if not group:
                    self.say("this change belongs to no group")
                    continue
                for one in group:
                    self.decide(one, "a", quiet=True)
                self.say(f"accepted {len(group)} of the group {change.group}", "green")
                return key
            elif key == "A":
                for one in self.review.open:
                    self.decide(one, "a", quiet=True)
                self.say("accepted all that were left", "green")
                return key
            else:
                return key

    def decide(self, change: Finding, key: str, *, quiet: bool = False) -> None:
        from zeues_contracts.snapshots.review import Choice, Decision

        choice = Choice.ACCEPT if key == "a" else Choice.REJECT
        self.keep(self.review.decide(change.fingerprint, Decision(choice)))
        if not quiet:
            self.say(f"{_WORDS[choice.value]} {change.fingerprint}", "green" if key == "a" else "red")

    def waive(self, change: Finding) -> bool:
        from zeues_contracts.snapshots.review import Choice, Decision
        from zeues_contracts.snapshots.waivers import parse_until

        while True:
            text = self.line("until (2027-01-31, 30d, 6w; empty to go back)")
            if not text:
                return False
            try:
                day = parse_until(text, today())
            except UsageError as error:
                self.say(f"{error.message}: {error.hint}", "yellow")
                continue
            self.keep(self.review.decide(change.fingerprint, Decision(Choice.WAIVE, day)))
            self.say(f"waived {change.fingerprint} until {day}", "yellow")
            return True

    def undo(self, skipped: set[str]) -> None:
        review, fingerprint = self.review.undo()
        if fingerprint:
            self.keep(review)
            skipped.discard(fingerprint)
            self.say(f"took back the decision about {fingerprint}")
        elif skipped:
            skipped.clear()
            self.say("back to what was skipped")
        else:
            self.say("there is nothing to take back")

    def summary(self) -> str:
        """Say what would be written, and ask."""
        from zeues_contracts.snapshots.review import Choice

        self.rule("summary")
        for choice in Choice:
            for one in self.review.chosen(choice):
                until = self.review.decisions[one.fingerprint].until
                word = _WORDS[choice.value] + (f" until {until}" if until else "")
                self.wrapped(cell(f"{word}: {one.fingerprint} {one.operation} {one.message}"), hang=4)
        left = self.review.open
        if left:
            self.say(f"left open: {len(left)}")
        if not self.review.decisions:
            self.say("nothing was decided")
            return self.asked("[u]ndo skips  [q]uit", "uq")
        return self.asked("[w]rite  [u]ndo  [q]uit and keep what was decided", "wuq")

    def write(self) -> bool:
        from zeues_contracts.snapshots.review import Choice
        from zeues_contracts.snapshots.updating import breaking

        accepted = self.review.chosen(Choice.ACCEPT)
        needed = bool(breaking(accepted) or self.review.chosen(Choice.WAIVE))
        while not self.reason.strip():
            self.reason = self.line(f"reason{'' if needed else ' (may be empty)'}")
            if not needed or self.reason.strip():
                break
            self.say("breaking changes and waivers want a reason", "yellow")
        try:
            plan = plan_of(self.work, self.review)
        except UsageError as error:
            self.wrapped(error.message)
            if self.asked("[t]ake them together  [b]ack", "tb") == "b":
                return False
            plan = plan_of(self.work, self.review, together=True)
        done = write(self.work, plan, self.reason, self.pending_file)
        self.say(told(self.work, plan, done), "green")
        return True

    def keep(self, review: Review) -> None:
        from zeues_contracts.snapshots.review import save

        self.review = review
        save(self.work.files.review, review, snapshot=self.work.seen, source=self.work.source)

    def kept(self) -> str:
        count = len(self.review.decisions)
        if not count:
            return "Stopped; nothing was decided and nothing was written."
        return (
            f"Stopped; nothing was written. {count} decision{'s are' if count != 1 else ' is'} kept in "
            f"{below(self.work.files.review)}: run the same command to go on."
        )

    def show(self, change: Finding) -> None:
        number = [one.fingerprint for one in self.work.changes].index(change.fingerprint) + 1
        self.rule(f"{number} of {len(self.work.changes)}")
        self.wrapped(
            f"{change.level.value} {change.rule} {_slug(change.rule)}  {change.fingerprint}", change.level.value
        )
        more = f" (and {len(change.operations) - 1} more)" if len(change.operations) > 1 else ""
        if change.operation:
            self.wrapped(cell(change.operation) + more, bold=True)
        self.wrapped(cell(change.message))
        self.labelled("direction", _direction(change))
        self.labelled("group", change.group)
        evidence = change.evidence
        if evidence.witness is not None:
            at = f" at {evidence.witness.pointer}" if evidence.witness.pointer else ""
            self.labelled("witness", *pretty(evidence.witness.value, self.width - 12, lines=6), after=at)
        if evidence.explanation:
            self.labelled("because", evidence.explanation)
        self.labelled("hits", _hits(change))
        waiver = self.waivers.get(change.fingerprint)
        if waiver is not None:
            ended = "until" if waiver.until >= today() else "but no longer since"
            self.labelled("waived", f"{ended} {waiver.until}: {waiver.reason}")

    def more(self, change: Finding) -> None:
        from zeues_contracts.rules import rule

        evidence = change.evidence
        for label, value in (("before", evidence.before), ("after", evidence.after)):
            if value is not None:
                self.labelled(label, *pretty(value, self.width - 12, lines=40))
        for detail in evidence.details:
            self.labelled("", detail)
        self.labelled("operations", *change.operations)
        self.labelled("hits", *(f"{hit.consumer}: {hit.interaction}" for hit in change.hits))
        for place in (change.place, *change.related):
            if place is not None:
                line = f", line {place.line}" if place.line else ""
                self.labelled(place.role or "place", f"{place.source}{line}: {place.pointer}")
        try:
            entry = rule(change.rule)
        except KeyError:
            return
        self.labelled("why", entry.why)
        self.labelled("mend", change.hint or entry.mend)

    def key(self, allowed: str) -> str:
        """The next key that means something. Capitals count as small letters, but for A."""
        prompt = "[a]ccept [r]eject [w]aive [s]kip [m]ore [u]ndo [q]uit [?]"
        self.wrapped(prompt, dim=True)
        return self.read(allowed)

    def asked(self, prompt: str, allowed: str) -> str:
        self.wrapped(prompt, dim=True)
        return self.read(allowed)

    def read(self, allowed: str) -> str:
        while True:
            key = self.keys.key()
            if key and key in allowed:
                return key
            if key and key.lower() in allowed and key != "A":
                return key.lower()

    def line(self, prompt: str) -> str:
        return self.keys.line(prompt)

    @property
    def width(self) -> int:
        return max(20, min(shutil.get_terminal_size().columns, 100) - 1)

    def rule(self, title: str) -> None:
        click.echo("")
        self.say(f"── {title} ".ljust(self.width, "─")[: self.width], "cyan")

    def say(self, text: str, color: str = "") -> None:
        for row in text.splitlines():
            for line in _wrap(cell(row, 4000), self.width):
                self.echo(line, color)

    def wrapped(self, text: str, level: str = "", *, bold: bool = False, dim: bool = False, hang: int = 0) -> None:
        for row in text.splitlines():
            for line in _wrap(cell(row, 4000), self.width, hang=hang):
                self.echo(line, _COLORS.get(level, ""), bold=bold, dim=dim)

    def labelled(self, label: str, *rows: str, after: str = "") -> None:
        indent = 11 if self.width >= 50 else 2
        shown = [one for one in rows if one]
        if not shown:
            return
        head = f"{label}:".ljust(indent) if label else " " * indent
        if indent < len(label) + 2 and label:
            self.echo(f"{label}:", dim=True)
            head = " " * indent
        for index, row in enumerate(shown):
            text = cell(row, 4000) + (cell(after) if index == len(shown) - 1 else "")
            for line in _wrap(text, self.width - indent):
                self.echo((head if index == 0 and head.strip() else " " * indent) + line)
                head = " " * indent

    def echo(self, line: str, color: str = "", *, bold: bool = False, dim: bool = False) -> None:
        if self.color and (color or bold or dim):
            line = click.style(line, fg=color or None, bold=bold, dim=dim)
        click.echo(line, color=self.color)


def _wrap(text: str, width: int, hang: int = 0) -> Iterator[str]:
    """A text in lines of a width, words that are longer cut; wide characters count twice."""
    width = max(width, 10)
    indent = " " * hang
    for line in textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False) or [""]:
        shown = line.rstrip()
        while display_width(shown) > width:
            cut = len(shown)
            while display_width(shown[:cut]) > width:
                cut -= 1
            yield shown[:cut]
            shown = shown[cut:]
        yield shown


def _slug(code: str) -> str:
    from zeues_contracts.rules import rule

    try:
        return rule(code).slug
    except KeyError:
        return ""


def _direction(change: Finding) -> str:
    slug = _slug(change.rule)
    effect = "breaks clients" if change.level.value == "error" else ""
    if slug.startswith("request"):
        side = "what the service takes"
    elif slug.startswith("response"):
        side = "what the service gives"
    else:
        side = "the operation itself"
    return f"{side}; {effect}" if effect else side


def _hits(change: Finding) -> str:
    if not change.hits:
        return "no consumer under contract"
    counts: dict[str, int] = {}
    for hit in change.hits:
        counts[hit.consumer] = counts.get(hit.consumer, 0) + 1
    return ", ".join(f"{name} ({count} interaction{'s' if count != 1 else ''})" for name, count in counts.items())
