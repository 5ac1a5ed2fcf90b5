"""The search for a document between two others that holds some of the changes and not the rest.

A candidate is made of units of difference (``blending``), with parts of operations and copies of components where one
component serves accepted and refused changes (``grafting``). Drift is asked of each whether it is the one.
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
from zeues_contracts.openapi.references import look_up
from zeues_contracts.rules import rule
from zeues_contracts.snapshots.aligning import align, renamed_components
from zeues_contracts.snapshots.blending import Unit, blend, references, units_of
from zeues_contracts.snapshots.completing import complete
from zeues_contracts.snapshots.grafting import graft
from zeues_contracts.snapshots.placing import (
    follows,
    is_soft,
    is_text,
    names_in,
    only,
    overlap,
    path_pointer,
    region,
    sides_of,
)

__all__ = ["Judge", "Patched", "Search", "Way"]

Judge = Callable[[Document, Document], Sequence[Finding]]
"""Drift, at the levels of the configuration."""

_TRIALS = 60


@dataclass(frozen=True, slots=True)
class Patched:
    """The contents of a snapshot between the two, from which the live document drifts by exactly the rest.

    ``copies`` are components that had to be copied, so that some operations see them changed and others not. ``texts``
    are changes of texts for people that came along with others, or that are told besides the rest: such a finding
    counts what differs in a whole component, and so follows what else is accepted in there.
    """

    contents: Mapping[str, Any]
    copies: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


class Way(Enum):
    """How a candidate is made.

    Of units alone; with parts of operations in which nothing is refused taken whole; with the accepted side of shared
    components in copies; or with the refused side in copies.
    """

    PLAIN = "plain"
    GRAFTED = "grafted"
    SIDED = "sided"
    REFUSED = "refused"


@dataclass(slots=True)
class _Trial:
    """A candidate: what it is made of and how far it is from what is wanted."""

    units: frozenset[Unit]
    way: Way
    contents: Mapping[str, Any]
    copies: tuple[str, ...]
    findings: Sequence[Finding]
    wrong: frozenset[str]
    """What is there and should not be, or is not and should; texts for people apart (``soft``)."""
    soft: frozenset[str] = frozenset()


class Search:
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
        self.present = set(self.by_fingerprint)
        self.found: tuple[frozenset[Unit], Way] = (frozenset(), Way.PLAIN)
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
        texts = self._texts_near(of_wanted)
        close: _Trial | None = None
        for units, way in (
            (of_wanted | texts, Way.PLAIN),
            (of_wanted, Way.PLAIN),
            (of_wanted - of_rest, Way.PLAIN),
            # With what no finding speaks of: a rewrite that meant the same before may not, beside what is accepted.
            (set(self.units) - of_rest, Way.PLAIN),
            (of_wanted - of_rest, Way.SIDED),
            (of_wanted, Way.REFUSED),
            (of_wanted | self._under_new(wanted), Way.REFUSED),
            (self._all_units(mixed) - of_rest, Way.GRAFTED),
            (self._all_units(mixed), Way.GRAFTED),
            (frozenset(), Way.GRAFTED),
            (frozenset(), Way.SIDED),
        ):
            if self.late:
                return None
            trial = self._try(frozenset(units), way, wanted, rest)
            if not trial.wrong and (close is None or len(trial.soft) < len(close.soft)):
                close = trial
            if close is not None and not close.soft:
                break
        if close is not None:
            self.found = (close.units, close.way)
            return Patched(close.contents, close.copies, self._texts(close.soft))
        for way in (Way.PLAIN, Way.GRAFTED, Way.SIDED) if climb else ():
            found = self._climb(wanted, rest, way)
            if found is not None:
                return found
        return None

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self.deadline

    def near_or_far(self, wanted: Collection[str], *, climb: bool = True) -> Patched | None:
        """As :meth:`run`, searched for among the operations that the wanted changes touch, then checked at large.

        A comparison costs as much as what differs: most of a large upgrade has nothing to do with what is accepted.
        """
        near = self._closure(wanted, lambda one: self.by_fingerprint[one].operations)
        operations = {name for one in near for name in self.by_fingerprint[one].operations}
        if not operations or len(near) > 0.7 * len(self.changes):
            return self.run(wanted, climb=climb)
        old, live = _document(only(self.old, operations), "snapshot"), only(self.live, operations)
        told = [one for one in self.judge(old, _document(live, "live")) if not follows(one)]
        if not set(wanted) <= {one.fingerprint for one in told}:
            return self.run(wanted, climb=climb)
        small = Search(old, live, told, self.judge, self.deadline)
        found = small.run(wanted, climb=climb)
        self.present = small.present | (set(self.by_fingerprint) - near)
        if found is None:
            return None
        rest = set(self.by_fingerprint) - set(wanted)
        # The parts that lie outside of what was looked at are chosen by nobody: the same recipe leaves them alone.
        trial = self._try(*small.found, wanted, rest)
        if trial.wrong:
            return self.run(wanted, climb=climb)
        return Patched(trial.contents, trial.copies, self._texts(trial.soft))

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
            (unit, side) for unit in self.touching[fingerprint] for side in sides_of(self.by_fingerprint[fingerprint])
        }

    def _came_along(self, wanted: Collection[str]) -> set[str]:
        """Changes that the best candidate took without being asked."""
        return {one.fingerprint for one in self.changes if one.fingerprint not in self.present} - set(wanted)

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
                if self.trials >= _TRIALS or self.late:
                    return None
                trial = self._try(here.units ^ group, way, wanted, rest)
                if len(trial.wrong) < len((better or here).wrong):
                    better = trial
                    if not trial.wrong or len(trial.wrong) < len(here.wrong) - 1:
                        break
            if better is None:
                return None
            here = better
        self.found = (here.units, here.way)
        return Patched(here.contents, here.copies, self._texts(here.soft))

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
        elif way is Way.REFUSED:
            contents, copies = self._refused(contents, units, wanted, rest)
        contents = complete(contents, self.aligned)
        findings = [one for one in self.judge(_document(contents, "snapshot"), self.live) if not follows(one)]
        off = {one.fingerprint for one in findings} ^ set(rest)
        known_texts = {one.fingerprint for one in (*findings, *self.changes) if is_soft(one)}
        wrong, soft = frozenset(off - known_texts), frozenset(off & known_texts)
        trial = self.known[key] = _Trial(units, way, contents, copies, findings, wrong, soft)
        if self.best is None or len(trial.wrong) < len(self.best.wrong):
            self.best = trial
            self.present = {one.fingerprint for one in findings}
        return trial

    def _sided(
        self, contents: Mapping[str, Any], units: frozenset[Unit], wanted: Collection[str]
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """With requests as the changes accepted of requests make them, and responses likewise."""
        copies: tuple[str, ...] = ()
        for side in ("request", "response"):
            of_side = [one for one in wanted if side in sides_of(self.by_fingerprint[one])]
            contexts = {one for one in self._contexts(of_side) if one[1] == side}
            if contexts:
                source = blend(self.old.raw, self.aligned, units | self._all_units(of_side))
                contents, more = graft(contents, complete(source, self.aligned), contexts)
                copies += more
        return contents, copies

    def _refused(
        self, contents: Mapping[str, Any], units: frozenset[Unit], wanted: Collection[str], rest: Collection[str]
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """With requests kept as the changes refused of requests keep them, and responses likewise."""
        copies: tuple[str, ...] = ()
        for side in ("request", "response"):
            refused = [one for one in rest if side in sides_of(self.by_fingerprint[one])]
            asked = [one for one in wanted if side in sides_of(self.by_fingerprint[one])]
            contexts = {one for one in self._contexts(refused) if one[1] == side}
            taken = (units - self._all_units(refused)) | self._all_units(asked)
            if contexts and taken != units:
                source = complete(blend(self.old.raw, self.aligned, taken), self.aligned)
                contents, more = graft(contents, source, contexts)
                copies += more
        return contents, copies

    def _under_new(self, wanted: Collection[str]) -> frozenset[Unit]:
        """What differs in components that operations use which are new and accepted: they bring them as they are."""
        waiting: list[str] = []
        for one in wanted:
            finding = self.by_fingerprint[one]
            if rule(finding.rule).slug == "operation-added" and finding.place is not None:
                waiting += references(look_up(self.aligned, finding.place.pointer))
        reached: set[str] = set()
        while waiting:
            pointer = waiting.pop().removeprefix("#")
            if pointer not in reached:
                reached.add(pointer)
                value = look_up(self.aligned, pointer) if pointer.startswith("/") else None
                waiting += references(value)
        return frozenset(
            unit for unit in self.units if not is_text(unit) and any(unit.startswith(f"{one}/") for one in reached)
        )

    def _texts_near(self, units: Collection[Unit]) -> frozenset[Unit]:
        """Texts that no finding speaks of, in operations and components from which something is taken."""
        spoken = {unit for touched in self.touching.values() for unit in touched}
        regions = {region(unit) for unit in units}
        return frozenset(
            unit for unit in self.units if unit not in spoken and region(unit) in regions and is_text(unit)
        )

    def _all_units(self, fingerprints: Iterable[str]) -> frozenset[Unit]:
        return frozenset(unit for one in fingerprints for unit in self.touching[one])

    def _units_at(self, finding: Finding) -> frozenset[Unit]:
        """The units that lie where a finding points to, narrowed by the name of what it is about."""
        # What is said of `required` is about a property, which may come or go along with its entry there.
        told = [one.pointer for one in (finding.place, *finding.related) if one is not None]
        places = [self._aligned(one).removesuffix("/required") for one in told]
        about = finding.subject.rpartition(":")[2].strip()
        name = (about.rpartition("/")[2] if "/" in about else about.rpartition(" ")[2]).removesuffix("[]")
        found = {unit for unit in self.units if any(overlap(unit.partition("#")[0], one) for one in places)}
        if is_soft(finding):
            return frozenset(unit for unit in found if is_text(unit))
        found = {unit for unit in found if not is_text(unit)} or found
        named = {unit for unit in found if name and name in names_in(unit)}
        deep = [one for one in places if any(unit.partition("#")[0] == one for unit in found)]
        exact = {unit for unit in found if unit.partition("#")[0] in deep}
        near = frozenset(named or exact or found)
        # A component that comes as a whole takes another one's place: where it is referred to, something changed too.
        whole = all(unit.count("/") <= 3 for unit in near)
        return near | self._swaps(finding, places) if whole else near

    def _swaps(self, finding: Finding, places: Sequence[str]) -> frozenset[Unit]:
        """Where an operation refers to another component by now, if a finding compares two different ones."""
        owners = {"/".join(one.split("/")[:4]) for one in places if one.startswith(("/components/", "/definitions/"))}
        if len(owners) < 2:
            return frozenset()
        return frozenset(unit for unit in self._units_of_operations(finding) if unit.endswith(("/$ref", "#structure")))

    def _texts(self, soft: Collection[str]) -> tuple[str, ...]:
        return tuple(one for one in self.by_fingerprint if one in soft)

    def _aligned(self, pointer: str) -> str:
        for after, before in self.renamed.items():
            if pointer == after or pointer.startswith(after + "/"):
                return before + pointer[len(after) :]
        return pointer

    def _units_of_operations(self, finding: Finding) -> frozenset[Unit]:
        prefixes = [path_pointer(self.live, one) for one in finding.operations]
        prefixes += [path_pointer(self.old, one) for one in finding.operations]
        return frozenset(unit for unit in self.units if any(one and unit.startswith(one) for one in prefixes))

    def _contexts(self, fingerprints: Iterable[str]) -> set[tuple[str, str]]:
        """The parts of operations (``request``, ``response``, ``rest``) that changes touch."""
        return {
            (operation, side)
            for one in fingerprints
            for operation in self.by_fingerprint[one].operations
            for side in sides_of(self.by_fingerprint[one])
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


def _document(contents: Mapping[str, Any], name: str) -> Document:
    return document_from_mapping(contents, name, external_refs="none")
