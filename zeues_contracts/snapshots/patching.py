"""A snapshot that holds some of the changes and not others, and the proof that it does.

From the differences of both documents those are taken that belong to accepted changes, with the components that they
need. Where an accepted and a rejected change lie in one component, the parts of operations that are accepted as a whole
get copies of their own. What comes out counts only if drift says so: from it to the live document there must be exactly
the changes that were not accepted. Where that cannot be had, it is told which changes hang together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
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

_SECONDS = 10.0
_TRIALS = 60
_DERIVED = frozenset({"version-not-raised", "framework-upgrade"})
_BEGINNINGS = {
    "request": ("request", "parameter", "required-parameter", "optional-parameter"),
    "response": ("response", "optional-response", "status", "success-status"),
}
_EITHER = frozenset(
    {"schema-undecided", "marks-changed", "default-changed", "discriminator-changed", "discriminator-extended"}
)


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
    solid = [one for one in changes if not _follows(one)]
    everything = {one.fingerprint for one in solid}
    wanted = everything & set(accepted)
    if wanted == everything:
        return Patched(contents)
    if not wanted:
        return Patched(old.raw)
    search = _Search(old, contents, solid, judge, time.monotonic() + seconds)
    found = search.run(wanted)
    if found is not None:
        return found
    # What hangs together: as little as will do, from what came along by itself to all that touches the same operations.
    for more in search.supersets(wanted):
        if search.run(more, climb=len(more) < len(everything) // 2) is not None:
            break
    else:
        more = everything
    return Inseparable(tuple(one for one in solid if one.fingerprint in more - wanted))


def _follows(finding: Finding) -> bool:
    """Whether a finding only follows from others: it is there as long as they are, and cannot be taken in by itself."""
    return rule(finding.rule).slug in _DERIVED


class Way(Enum):
    """How a candidate is made: of units alone; with free parts of operations taken whole; with sides of their own."""

    PLAIN = "plain"
    GRAFTED = "grafted"
    SIDED = "sided"


@dataclass(slots=True)
class _Trial:
    """A candidate: what it is made of and how far it is from what is wanted."""

    units: frozenset[Unit]
    way: Way
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
        self.known: dict[tuple[frozenset[Unit], Way], _Trial] = {}

    def run(self, wanted: Collection[str], *, climb: bool = True) -> Patched | None:
        """The snapshot that holds exactly the wanted changes, or ``None``."""
        self.known.clear()
        self.best = None
        self.trials = 0
        rest = {one.fingerprint for one in self.changes} - set(wanted)
        of_wanted = self._all_units(wanted)
        of_rest = self._all_units(rest)
        mixed = {one for one in wanted if self._contexts([one]) & self._contexts(rest)}
        for units, way in (
            (of_wanted, Way.PLAIN),
            (of_wanted - of_rest, Way.PLAIN),
            (self._all_units(mixed) - of_rest, Way.GRAFTED),
            (self._all_units(mixed), Way.GRAFTED),
            (frozenset(), Way.GRAFTED),
            (of_wanted - of_rest, Way.SIDED),
            (frozenset(), Way.SIDED),
        ):
            trial = self._try(frozenset(units), way, wanted, rest)
            if not trial.wrong:
                return Patched(trial.contents, trial.copies)
        for way in Way if climb else ():
            found = self._climb(wanted, rest, way)
            if found is not None:
                return found
        return None

    def supersets(self, wanted: Collection[str]) -> Iterator[set[str]]:
        """Ever larger sets of changes that may be separable from the rest."""
        seen = [set(wanted)]
        along = set(wanted) | self._came_along(wanted)
        by_both = self._closure(wanted, self._spots)
        by_place = self._closure(wanted, lambda one: self.touching[one])
        by_context = self._closure(wanted, lambda one: self._contexts([one]))
        by_operation = self._closure(wanted, lambda one: set(self.by_fingerprint[one].operations))
        sets = (along, by_both, by_both | along, by_place, by_place | along, by_context, by_context | by_place)
        for more in (*sets, by_operation | by_place):
            if more not in seen and len(more) < len(self.changes):
                seen.append(more)
                yield more

    def _spots(self, fingerprint: str) -> set[tuple[Unit, str]]:
        """The units that a change touches, each with the side on which it does."""
        return {
            (unit, side) for unit in self.touching[fingerprint] for side in _sides(self.by_fingerprint[fingerprint])
        }

    def _came_along(self, wanted: Collection[str]) -> set[str]:
        """Changes that the best candidate took without being asked."""
        if self.best is None:
            return set()
        present = {one.fingerprint for one in self.best.findings}
        return {one.fingerprint for one in self.changes if one.fingerprint not in present} - set(wanted)

    def _closure(self, wanted: Collection[str], parts_of: Callable[[str], Collection[Any]]) -> set[str]:
        """The wanted changes and all that share a part with any of them, directly or through others."""
        more = set(wanted)
        while True:
            parts = {part for one in more for part in parts_of(one)}
            grown = more | {one.fingerprint for one in self.changes if parts & set(parts_of(one.fingerprint))}
            if grown == more:
                return more
            more = grown

    def _climb(self, wanted: Collection[str], rest: Collection[str], way: Way) -> Patched | None:
        """From the best candidate, take or leave one unit or a group of them as long as that helps."""
        starts = [one for one in self.known.values() if one.way is way]
        here = min(starts, key=lambda one: (len(one.wrong), len(one.units)))
        while here.wrong:
            better = None
            for group in self._steps(here, wanted):
                if self.trials >= _TRIALS or time.monotonic() > self.deadline:
                    return None
                trial = self._try(here.units ^ group, way, wanted, rest)
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

    def _try(self, units: frozenset[Unit], way: Way, wanted: Collection[str], rest: Collection[str]) -> _Trial:
        key = (units, way)
        known = self.known.get(key)
        if known is not None:
            return known
        self.trials += 1
        contents = blend(self.old.raw, self.aligned, units)
        copies: tuple[str, ...] = ()
        if way is Way.GRAFTED:
            contents, copies = graft(contents, self.aligned, self._free_contexts(wanted, rest))
        elif way is Way.SIDED:
            contents, copies = self._sided(contents, units, wanted)
        contents = _complete(contents, self.aligned)
        findings = [one for one in self.judge(_document(contents, "snapshot"), self.live) if not _follows(one)]
        wrong = {one.fingerprint for one in findings} ^ set(rest)
        trial = self.known[key] = _Trial(units, way, contents, copies, findings, frozenset(wrong))
        if self.best is None or len(trial.wrong) < len(self.best.wrong):
            self.best = trial
        return trial

    def _sided(
        self, contents: Mapping[str, Any], units: frozenset[Unit], wanted: Collection[str]
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """With requests as the changes accepted of requests make them, and responses likewise."""
        copies: tuple[str, ...] = ()
        for side in ("request", "response"):
            of_side = [one for one in wanted if side in _sides(self.by_fingerprint[one])]
            contexts = {one for one in self._contexts(of_side) if one[1] == side}
            if contexts:
                source = blend(self.old.raw, self.aligned, units | self._all_units(of_side))
                contents, more = graft(contents, _complete(source, self.aligned), contexts)
                copies += more
        return contents, copies

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
        """The parts of operations (``request``, ``response``, ``rest``) that changes touch."""
        return {
            (operation, side)
            for one in fingerprints
            for operation in self.by_fingerprint[one].operations
            for side in _sides(self.by_fingerprint[one])
        }

    def _free_contexts(self, wanted: Collection[str], rest: Collection[str]) -> set[tuple[str, str]]:
        """The parts of operations that may be taken as the live document has them: nothing in them is refused.

        Where nothing of an operation is refused all of it is taken.
        """
        asked, refused = self._contexts(wanted), self._contexts(rest)
        free = {one for one in asked if one[1] != "rest"} - refused
        for operation in {name for name, _ in asked}:
            whole = {(operation, side) for side in ("request", "response", "rest")}
            if not whole & refused:
                free |= whole
        return free


def _sides(finding: Finding) -> tuple[str, ...]:
    slug = rule(finding.rule).slug
    for side, beginnings in _BEGINNINGS.items():
        if slug.startswith(beginnings):
            return (side,)
    return ("request", "response") if slug in _EITHER else ("rest",)


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
