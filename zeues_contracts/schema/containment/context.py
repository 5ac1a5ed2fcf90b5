"""One context holds everything that is remembered about a pair of documents."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

from zeues_contracts.schema.containment.graph import Conjunction, Graph, UndecidableError
from zeues_contracts.schema.containment.members import TOO_MUCH
from zeues_contracts.schema.containment.nearby import Nearby
from zeues_contracts.schema.containment.results import EMPTY, MISSING, Result, found, maybe
from zeues_contracts.schema.containment.shrinking import shrunk
from zeues_contracts.schema.containment.solver import ExhaustedError, Solver
from zeues_contracts.schema.containment.structure import Structure
from zeues_contracts.schema.containment.values import respelled, too_deep, too_large
from zeues_contracts.schema.dialects.bundle import target_of
from zeues_contracts.schema.difference.sameness import Sameness
from zeues_contracts.schema.references import escape, mentions_dynamic, node_at
from zeues_contracts.schema.types import Answer, Explanation, Proven, Refuted, Resource, Schema, Settings, Unknown
from zeues_contracts.schema.validators import MAX_DEPTH, confirm

__all__ = ["Context"]

NOWHERE = Resource(False)
MAX_KEPT_ANSWERS = 100_000
MAX_COST = 300_000
"""Schemas applied by a validator, for one witness."""
MAX_CONFIRMED = 40
"""Candidates for a witness that the validators are asked about."""


class Context:
    """Settings, and all that was found out under them: schemas read, answers per pair of places.

    One for a pair of documents is right: it holds on to the documents that it was asked about. Threads take turns.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.graph = Graph(self.settings)
        self._sameness = Sameness()
        self._solver = Solver(self.graph, self._same)
        self._structure = Structure(self.graph, self._solver.members, self._same, self._solver.finite_of)
        self._nearby = Nearby(self.graph, self._structure, self._sample)
        self._deadline = 0.0
        self._answers: dict[tuple[int, str, int, str], Answer] = {}
        self._decided: dict[tuple[int, str, int, str], bool | None] = {}
        self._keep: dict[int, Resource] = {}
        self._lock = threading.RLock()

    def contains(self, sub: Schema, sup: Schema) -> Answer:
        """See :func:`zeues_contracts.schema.contains`."""
        key = (id(sub.resource), sub.pointer, id(sup.resource), sup.pointer)
        known = self._answers.get(key)
        if known is not None:
            return known
        with self._lock:
            self._keep[id(sub.resource)] = sub.resource
            self._keep[id(sup.resource)] = sup.resource
            known = self._answer(sub, sup)
            if len(self._answers) < MAX_KEPT_ANSWERS:
                self._answers[key] = known
            return known

    def lies_within(self, sub: Schema, sup: Schema) -> bool | None:
        """Whether containment holds, for those who need no witness: nothing is confirmed and nothing explained.

        ``None`` where the engine does not know. "No" rests on the engine alone, "yes" is what :meth:`contains` proves.
        """
        key = (id(sub.resource), sub.pointer, id(sup.resource), sup.pointer)
        known = self._answers.get(key)
        if known is None and key not in self._decided:
            with self._lock:
                self._keep[id(sub.resource)] = sub.resource
                self._keep[id(sup.resource)] = sup.resource
                self._decided[key] = self._decide(sub, sup)
        if known is not None:
            return None if isinstance(known, Unknown) else isinstance(known, Proven)
        return self._decided[key]

    def _decide(self, sub: Schema, sup: Schema) -> bool | None:
        if not (self._is_dynamic(sub) or self._is_dynamic(sup)):
            budget = self.settings.budget
            try:
                result = self._solved(self.graph.at(sub), self.graph.at(sup), time.thread_time() + budget.seconds)
            except (ExhaustedError, UndecidableError, RecursionError):
                return None
            if result.state == "empty":
                return True
            if result.state == "found":
                return False
        answer = self.contains(sub, sup)
        return None if isinstance(answer, Unknown) else isinstance(answer, Proven)

    def _solved(self, one: int, other: int, deadline: float) -> Result:
        """What is known of values of one literal that are none of another: by structure, near by, by search.

        Raises :class:`ExhaustedError` and :class:`UndecidableError`.
        """
        conjunction: Conjunction = frozenset({one, other ^ 1})
        known = self._solver.known(conjunction)
        if known is not None:
            return known
        now = time.thread_time()
        # What is seen without a search is seen soon: half of the time is left to the search.
        self._structure.deadline = now + (deadline - now) / 4
        if self._structure.shows(one, other):
            return EMPTY
        self._structure.deadline = self._deadline = now + (deadline - now) / 2
        near = self._nearby.witness(one, other)
        if near is not MISSING:
            return found(near)
        return self._solver.solve(conjunction, self.settings.budget, deadline)

    def _sample(self, conjunction: Conjunction) -> Any:
        """A value of a conjunction, where one is found in time; else ``MISSING``."""
        try:
            result = self._solver.solve(conjunction, self.settings.budget, self._deadline)
        except (ExhaustedError, UndecidableError):
            return MISSING
        return result.value if result.state == "found" else MISSING

    def witness(self, schema: Schema) -> Answer:
        """See :func:`zeues_contracts.schema.witness`."""
        return self.contains(schema, NOWHERE.schema())

    def judged(self, schema: Schema, value: Any, *, whole: bool = True) -> bool | None:
        """Whether a value is one of a schema's, as the engine reads it; ``None`` where it cannot tell.

        ``whole``: the schema describes the value as a whole, which the closed world closes.
        """
        try:
            return self._solver.members.check(value, self.graph.at(schema, value=whole))
        except UndecidableError:
            return None

    def _answer(self, sub: Schema, sup: Schema) -> Answer:
        for place in (sub, sup):
            if self._is_dynamic(place):
                equal = sub.pointer == sup.pointer and self._sameness(sub, sup)
                if equal and sub.resource.contents == sup.resource.contents:
                    return Proven()
                return Unknown("where a dynamic reference leads depends on the caller")
        budget = self.settings.budget
        deadline = time.thread_time() + budget.seconds
        try:
            result = self._solved(self.graph.at(sub), self.graph.at(sup), deadline)
        except (ExhaustedError, UndecidableError) as error:
            result = maybe(error.reason)
        except RecursionError:
            result = maybe("schemas nested too deep")
        if result.state == "empty":
            return Proven()
        try:
            return self._refutation(sub, sup, result)
        except RecursionError:
            return Unknown(result.reason or "a witness nested too deep")

    def _refutation(self, sub: Schema, sup: Schema, result: Result) -> Answer:
        """A confirmed witness near the one found; else what stood in the way."""
        defect = ""
        tried = 0
        if result.value is not MISSING and too_large(result.value):
            return Unknown("every witness that was found has more members than can be written out")
        if result.value is not MISSING and too_deep(result.value, MAX_DEPTH):
            return Unknown(f"every witness that was found is nested more than {MAX_DEPTH} deep")
        patience = time.thread_time() + self.settings.budget.seconds / 2

        def holds(one: Any) -> bool:
            return time.thread_time() < patience and self.is_witness(sub, sup, one) is True

        for value in self._values(sub, sup, result, patience):
            with self._solver.members.remembering():
                small = shrunk(value, holds)
            for one in (small, value, respelled(small)):
                tried += 1
                why_not = self._confirmed(sub, sup, one)
                if not why_not:
                    return Refuted(one, self.explained(sub, sup, one))
                defect = defect or why_not
            if tried > MAX_CONFIRMED or time.thread_time() > patience:
                break
            if result.state == "found" and defect.startswith("cannot validate"):
                break  # there is a witness, and nobody to confirm it
        if result.state == "found":
            if defect.startswith("cannot validate"):
                return Unknown(f"a witness was found that the validators cannot judge ({defect})")
            return Unknown(f"a witness was found that the validators do not confirm: {defect}")
        return Unknown(result.reason or "it cannot be told")

    def _confirmed(self, sub: Schema, sup: Schema, value: Any) -> str:
        """Why a witness is none, as both validators say; "" if it is one."""
        members = self._solver.members
        for place in (sub, sup):
            members.reason = ""
            members.cost = 0
            self.judged(place, value)
            # What is too much for us would be so for them, and they have no memory.
            if members.reason == TOO_MUCH or members.cost > MAX_COST:
                return f"cannot validate: {TOO_MUCH}"
        return confirm(sub, sup, value, self.settings)

    def _values(self, sub: Schema, sup: Schema, result: Result, patience: float) -> Iterator[Any]:
        sure = result.state == "found"
        if result.value is not MISSING and (sure or self.is_witness(sub, sup, result.value) is not False):
            yield result.value
        from zeues_contracts.schema.containment.search import candidates

        yield from candidates(self, sub, sup, self.settings.budget.samples, patience)

    def is_witness(self, sub: Schema, sup: Schema, value: Any) -> bool | None:
        """Whether a value is of the first schema and not of the second, as the engine reads them."""
        inside = self.judged(sub, value)
        if inside is False:
            return False
        outside = self.judged(sup, value)
        if outside is True:
            return False
        return None if inside is None or outside is None else True

    def explained(self, sub: Schema, sup: Schema, value: Any) -> Explanation | None:
        """See :func:`zeues_contracts.schema.explain`."""
        from zeues_contracts.schema.containment.explaining import explained

        try:
            return explained(self, sub, sup, value)
        except (UndecidableError, KeyError, RecursionError):
            return None

    def _same(self, one: int, other: int) -> bool:
        """Whether two literals say the same in the same words."""
        first, second = self.graph.node(one), self.graph.node(other)
        if first.place is None or second.place is None or first.closed is not second.closed:
            return False
        return self._sameness(first.place, second.place)

    def _is_dynamic(self, place: Schema) -> bool:
        """Whether a place reaches a dynamic reference that leads to different places from different callers."""
        return mentions_dynamic(place.resource) and _leads_astray(place)


def _leads_astray(start: Schema) -> bool:
    places, seen = [start], {(id(start.resource), start.pointer)}
    while places:
        place = places.pop()
        try:
            stack: list[tuple[Any, str]] = [(node_at(place), place.pointer)]
        except KeyError:
            continue
        while stack:
            node, pointer = stack.pop()
            here = Schema(place.resource, pointer)
            if isinstance(node, dict):
                for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
                    if isinstance(node.get(keyword), str):
                        found = target_of(here, node, keyword)
                        if found is None:
                            if keyword != "$ref":
                                return True
                        elif (id(found.resource), found.pointer) not in seen:
                            seen.add((id(found.resource), found.pointer))
                            places.append(found)
                for name, one in node.items():
                    if isinstance(one, (dict, list)) and name not in ("$defs", "definitions"):
                        stack.append((one, f"{pointer}/{escape(str(name))}"))
            elif isinstance(node, list):
                stack.extend((one, f"{pointer}/{i}") for i, one in enumerate(node) if isinstance(one, (dict, list)))
    return False
