"""A snapshot that holds some of the changes and not others, and the proof that it does.

From the differences of both documents those are taken that belong to accepted changes, with the components that they
need. Where an accepted and a rejected change lie in one component, the parts of operations that are accepted as a whole
get copies of their own. What comes out counts only if drift says so: from it to the live document there must be exactly
the changes that were not accepted. Where that cannot be had, it is told which changes hang together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zeues_contracts.findings import Finding
from zeues_contracts.openapi import document_from_mapping
from zeues_contracts.openapi.model import Document
from zeues_contracts.openapi.references import MISSING, look_up
from zeues_contracts.rules import rule
from zeues_contracts.schema.references import escape, unescape
from zeues_contracts.snapshots.aligning import align, renamed_components
from zeues_contracts.snapshots.blending import Unit, blend, references, units_of
from zeues_contracts.snapshots.grafting import graft

__all__ = ["Inseparable", "Judge", "Patched", "patch"]

Judge = Callable[[Document, Document], Sequence[Finding]]
"""Drift, at the levels of the configuration."""

_SECONDS = 20.0
_TRIALS = 120


@dataclass(frozen=True, slots=True)
class Patched:
    """The contents of a snapshot between the two, from which the live document drifts by exactly the rest.

    ``copies`` are components that had to be copied, so that some operations see them changed and others not.
    """

    contents: Mapping[str, Any]
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inseparable:
    """No such snapshot was found. ``together`` are changes that would have to be accepted besides; they hang together.

    Taking these too, ``patch`` succeeds.
    """

    together: tuple[Finding, ...]


def patch(
    old: Document,
    contents: Mapping[str, Any],
    changes: Sequence[Finding],
    accepted: Collection[str],
    judge: Judge,
    *,
    seconds: float = _SECONDS,
) -> Patched | Inseparable:
    """The snapshot that holds the accepted changes (by fingerprint) and no others.

    ``contents`` is the live document, ``changes`` is all that ``judge`` says of ``old`` and it.
    """
    everything = {one.fingerprint for one in changes}
    wanted = everything & set(accepted)
    if wanted == everything:
        return Patched(contents)
    if not wanted:
        return Patched(old.raw)
    search = _Search(old, contents, changes, judge, time.monotonic() + seconds)
    found = search.run(wanted)
    if found is not None:
        return found
    # What comes along by itself is asked for too, until nothing more does. It ends: all together are `contents`.
    more = set(wanted)
    while more != everything:
        grown = more | search.comes_along(more)
        if grown == more:
            grown = more | {search.nearest(more)}
        more = grown
        if more == everything:
            break
        again = _Search(old, contents, changes, judge, time.monotonic() + seconds / 2)
        if again.run(more) is not None:
            break
    return Inseparable(tuple(one for one in changes if one.fingerprint in more - wanted))


@dataclass(slots=True)
class _Trial:
    """A candidate: what it is made of and how far it is from what is wanted."""

    units: frozenset[Unit]
    grafted: bool
    contents: Mapping[str, Any]
    copies: tuple[str, ...]
    findings: Sequence[Finding]
    wrong: frozenset[str]


class _Search:
    """Looks for the snapshot between two documents."""

    def __init__(
        self, old: Document, contents: Mapping[str, Any], changes: Sequence[Finding], judge: Judge, deadline: float
    ) -> None:
        self.old = old
        self.contents = contents
        self.changes = changes
        self.judge = judge
        self.deadline = deadline
        self.trials = 0
        self.live = _document(contents, "live")
        self.renamed = renamed_components(old.raw, contents)
        self.aligned = align(contents, self.renamed)
        self.units = units_of(old.raw, self.aligned)
        self.touching = {one.fingerprint: self._units_at(one) for one in changes}
        self.by_fingerprint = {one.fingerprint: one for one in changes}
        self.best: _Trial | None = None
        self.known: dict[tuple[frozenset[Unit], bool], _Trial] = {}

    def run(self, wanted: Collection[str]) -> Patched | None:
        """The snapshot that holds exactly the wanted changes, or ``None``."""
        rest = {one.fingerprint for one in self.changes} - set(wanted)
        of_wanted = self._all_units(wanted)
        of_rest = self._all_units(rest)
        mixed = {one for one in wanted if self._contexts([one]) & self._contexts(rest)}
        for units, grafted in (
            (of_wanted, False),
            (of_wanted - of_rest, False),
            (self._all_units(mixed) - of_rest, True),
            (self._all_units(mixed), True),
            (frozenset(), True),
        ):
            trial = self._try(frozenset(units), grafted, wanted, rest)
            if not trial.wrong:
                return Patched(trial.contents, trial.copies)
        for grafted in (False, True):
            found = self._climb(wanted, rest, grafted)
            if found is not None:
                return found
        return None

    def comes_along(self, wanted: Collection[str]) -> set[str]:
        """Changes that the best candidate took without being asked, or that stand where it failed."""
        if self.best is None:
            return set()
        present = {one.fingerprint for one in self.best.findings}
        return {one.fingerprint for one in self.changes if one.fingerprint not in present} - set(wanted)

    def nearest(self, wanted: Collection[str]) -> str:
        """The change that shares most with the wanted ones: the next to be taken along."""
        units = self._all_units(wanted)
        contexts = self._contexts(wanted)
        left = [one for one in self.changes if one.fingerprint not in wanted]
        best = max(
            left,
            key=lambda one: (
                len(units & self.touching[one.fingerprint]),
                len(contexts & self._contexts([one.fingerprint])),
                one.fingerprint,
            ),
        )
        return best.fingerprint

    def _climb(self, wanted: Collection[str], rest: Collection[str], grafted: bool) -> Patched | None:
        """From the best candidate, take or leave one unit or a group of them as long as that helps."""
        starts = [one for one in self.known.values() if one.grafted is grafted]
        here = min(starts, key=lambda one: (len(one.wrong), len(one.units)))
        while here.wrong:
            better = None
            for group in self._steps(here, wanted):
                if self.trials >= _TRIALS or time.monotonic() > self.deadline:
                    return None
                trial = self._try(here.units ^ group, grafted, wanted, rest)
                if len(trial.wrong) < len((better or here).wrong):
                    better = trial
                    if not trial.wrong or len(trial.wrong) < len(here.wrong) - 1:
                        break
            if better is None:
                return None
            here = better
        return Patched(here.contents, here.copies)

    def _steps(self, trial: _Trial, wanted: Collection[str]) -> Iterable[frozenset[Unit]]:
        """Groups of units that may mend a candidate: those where something is wrong, all at once and one by one."""
        told = {one.fingerprint: one for one in trial.findings}
        near: dict[Unit, None] = {}
        groups: list[frozenset[Unit]] = []
        for name in sorted(trial.wrong):
            finding = told.get(name) or self.by_fingerprint.get(name)
            if finding is None:
                continue
            take = name in told  # it should not be there: more has to be taken
            spots = set(self._units_at(finding)) | set(self.touching.get(name, ()))
            for units in (spots, self._units_of_operations(finding)):
                group = frozenset(one for one in units if (one not in trial.units) is take)
                if group:
                    groups.append(group)
                    near |= dict.fromkeys(sorted(units))
        yield from dict.fromkeys(groups)
        for unit in near:
            yield frozenset((unit,))

    def _try(self, units: frozenset[Unit], grafted: bool, wanted: Collection[str], rest: Collection[str]) -> _Trial:
        key = (units, grafted)
        known = self.known.get(key)
        if known is not None:
            return known
        self.trials += 1
        contents = blend(self.old.raw, self.aligned, units)
        copies: tuple[str, ...] = ()
        if grafted:
            contexts = self._contexts(wanted) - self._contexts(rest)
            contents, copies = graft(contents, self.aligned, contexts)
        contents = _complete(contents, self.aligned)
        findings = self.judge(_document(contents, "snapshot"), self.live)
        wrong = {one.fingerprint for one in findings} ^ set(rest)
        trial = self.known[key] = _Trial(units, grafted, contents, copies, findings, frozenset(wrong))
        if self.best is None or len(trial.wrong) < len(self.best.wrong):
            self.best = trial
        return trial

    def _all_units(self, fingerprints: Iterable[str]) -> frozenset[Unit]:
        return frozenset(unit for one in fingerprints for unit in self.touching[one])

    def _units_at(self, finding: Finding) -> frozenset[Unit]:
        """The units that lie where a finding points to, narrowed by the name of what it is about."""
        # What is said of `required` is about a property, which may come or go along with its entry there.
        told = [one.pointer for one in (finding.place, *finding.related) if one is not None]
        places = [self._aligned(one).removesuffix("/required") for one in told]
        name = finding.subject.rpartition(":")[2].strip().rpartition("/")[2].removesuffix("[]")
        found = {unit for unit in self.units if any(_overlap(unit.partition("#")[0], one) for one in places)}
        named = {unit for unit in found if name and name in _last_names(unit)}
        deep = [one for one in places if any(unit.partition("#")[0] == one for unit in found)]
        exact = {unit for unit in found if unit.partition("#")[0] in deep}
        return frozenset(named or exact or found)

    def _aligned(self, pointer: str) -> str:
        for after, before in self.renamed.items():
            if pointer == after or pointer.startswith(after + "/"):
                return before + pointer[len(after) :]
        return pointer

    def _units_of_operations(self, finding: Finding) -> frozenset[Unit]:
        prefixes = [_operation_pointer(self.live, one) for one in finding.operations]
        prefixes += [_operation_pointer(self.old, one) for one in finding.operations]
        return frozenset(unit for unit in self.units if any(one and unit.startswith(one) for one in prefixes))

    def _contexts(self, fingerprints: Iterable[str]) -> set[tuple[str, str]]:
        """The parts of operations (``request``, ``response``) that changes touch."""
        found = set()
        for one in fingerprints:
            finding = self.by_fingerprint[one]
            slug = rule(finding.rule).slug
            sides = [side for side in ("request", "response") if slug.startswith(side)] or ["request", "response"]
            found |= {(operation, side) for operation in finding.operations for side in sides}
        return found


def _document(contents: Mapping[str, Any], name: str) -> Document:
    return document_from_mapping(contents, name, external_refs="none")


def _complete(contents: Mapping[str, Any], source: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the components that are referred to and are in the other document alone."""
    result: dict[str, Any] = dict(contents)
    waiting = list(references(contents))
    waiting += [f"#/components/securitySchemes/{escape(name)}" for name in _schemes(contents)]
    waiting += [f"#/securityDefinitions/{escape(name)}" for name in _schemes(contents) if "swagger" in contents]
    done: set[str] = set()
    while waiting:
        reference = waiting.pop()
        pointer = reference.removeprefix("#")
        if reference in done or not pointer.startswith("/"):
            continue
        done.add(reference)
        if look_up(result, pointer) is MISSING and (value := look_up(source, pointer)) is not MISSING:
            result = put(result, [unescape(token) for token in pointer.split("/")[1:]], value)
            waiting += references(value)
    return result


def put(value: Any, path: Sequence[str], new: Any) -> Any:
    """A copy of a value with something at a path; only what leads there is copied."""
    if not path:
        return new
    if isinstance(value, list):
        index = int(path[0])
        return [put(one, path[1:], new) if place == index else one for place, one in enumerate(value)]
    below = value.get(path[0], {}) if isinstance(value, Mapping) else {}
    return {**(value if isinstance(value, Mapping) else {}), path[0]: put(below, path[1:], new)}


def _schemes(contents: Mapping[str, Any]) -> set[str]:
    """Names of security schemes that are required somewhere."""
    found: set[str] = set()
    paths = contents.get("paths")
    holders: list[Any] = [contents]
    for item in paths.values() if isinstance(paths, Mapping) else ():
        holders += item.values() if isinstance(item, Mapping) else ()
    for holder in holders:
        security = holder.get("security") if isinstance(holder, Mapping) else None
        for one in security if isinstance(security, list) else ():
            found |= {str(name) for name in one} if isinstance(one, Mapping) else set()
    return found


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")


def _last_names(unit: Unit) -> set[str]:
    pointer, _, word = unit.partition("#")
    return {word.rpartition(":")[2], *(unescape(token) for token in pointer.split("/"))}


def _operation_pointer(document: Document, name: str) -> str:
    for path, method in document.keys.values():
        if f"{method.upper()} {path}" == name:
            return f"/paths/{escape(path)}"
    return ""
