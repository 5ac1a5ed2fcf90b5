"""Is there a value that all of some schemas have? The driver: conjunctions, and what they depend on.

Every conjunction is taken for empty until a value of it is found: the smallest value of a conjunction is made of
smaller ones, so the least fixed point is what there is. A conjunction is evaluated again when one that it depends on
was found; when nothing is left to be evaluated, all that is still taken for empty is empty. The nearest conjunctions
are looked at first, so that what is found is shallow.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from zeues_contracts.schema.containment.graph import ALL, NONE, Conjunction, Graph, UndecidableError
from zeues_contracts.schema.containment.members import Members
from zeues_contracts.schema.containment.results import ASSUMED, EMPTY, MISSING, Asking, Result, found, maybe
from zeues_contracts.schema.containment.values import TYPES, size_of, type_of
from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern
from zeues_contracts.schema.types import Budget

__all__ = ["ExhaustedError", "Solver"]

MAX_FINITE = 20_000
MAX_NESTED = 24
MAX_INLINE = 10
LEVELS = 32
"""Parts of parts that are looked into, for each level of the budget: one level of a schema may be several of these."""
MAX_OPEN = 60_000
MAX_SORTED = 64
TICKS = 32
SIMPLE: tuple[Any, ...] = (None, False, True, 0, "", [], {})
"""All values of two types, and of the others one that is worth a try before anything is computed."""


class ExhaustedError(Exception):
    """A bound of the budget was reached; ``reason`` names it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _plainness(value: Any) -> tuple[int, int, int]:
    return (*size_of(value), TYPES.index(type_of(value)))


class _Entry:
    """A conjunction in which nothing has been found so far."""

    __slots__ = ("asked", "due", "level", "result", "users")

    def __init__(self, level: int = 0) -> None:
        self.level = level
        self.result = ASSUMED
        """Taken for empty, or known to be not quite so."""
        self.asked: set[Conjunction] = set()
        """Those that it was last evaluated by and that were not settled."""
        self.users: dict[Conjunction, None] = {}
        """Those to be evaluated again when this one changes."""
        self.due = True


class Solver:
    """Answers for conjunctions of one graph; answers that hold for certain are remembered."""

    def __init__(self, graph: Graph, same: Callable[[int, int], bool]) -> None:
        self.graph = graph
        self.members = Members(graph)
        self.same = same
        self._known: dict[Conjunction, Result] = {}
        self._contradictions: dict[Conjunction, bool] = {}
        self._finite: dict[int, tuple[Any, ...] | None] = {}
        self._open: dict[Conjunction, _Entry] = {}
        self._again: deque[Conjunction] = deque()
        self._new: deque[Conjunction] = deque()
        self._inline = 0
        self._deadline = 0.0
        self._ticks = 0
        self.budget = Budget()

    def solve(self, conjunction: Conjunction, budget: Budget, deadline: float) -> Result:
        """What is known of a conjunction. Raises :class:`ExhaustedError` and :class:`UndecidableError`."""
        self.budget = budget
        self._deadline = deadline
        if self.contradicts(conjunction):
            return EMPTY
        self._again.clear()
        self._new.clear()
        self._inline = 0
        while conjunction not in self._known:
            if self._again:
                self._evaluate(self._again.popleft())
                continue
            if self._new:
                self._evaluate(self._new.popleft())
                continue
            # What an earlier question has left undone may be needed now.
            unsettled = self._unsettled(conjunction)
            self._new.extend(one for one in unsettled if self._open[one].due)
            if not self._new:
                # Nothing is due: the least fixed point. What was taken for empty is empty.
                for one in unsettled:
                    result = self._open.pop(one).result
                    self._known[one] = EMPTY if result is ASSUMED else result
        return self._known[conjunction]

    def known(self, conjunction: Conjunction) -> Result | None:
        """What was found out of a conjunction before; ``None`` where it was not asked about, or is open."""
        return self._known.get(conjunction)

    def _unsettled(self, start: Conjunction) -> list[Conjunction]:
        """What a conjunction depends on and is not settled, the nearest first; itself among it."""
        if start in self._known:
            return []
        self._open.setdefault(start, _Entry())
        found_, seen = [start], {start}
        for one in found_:
            for other in sorted(self._open[one].asked - seen, key=sorted):
                if other in self._open:
                    seen.add(other)
                    found_.append(other)
        return found_

    def _evaluate(self, conjunction: Conjunction) -> None:
        """Look at a conjunction once, with all that is known by now."""
        entry = self._open.get(conjunction)
        if entry is None or not entry.due:
            return
        self.tick()
        entry.due = False
        entry.asked = set()
        asking, answer = self._value(conjunction), None
        if entry.level > self.budget.depth * LEVELS:
            entry.due = True
            raise ExhaustedError(f"the budget of {self.budget.depth} levels of nesting was spent")
        try:
            while True:
                wanted = asking.send(answer)  # type: ignore[arg-type]
                answer = self._answer(wanted, conjunction, entry)
        except StopIteration as stop:
            result: Result = stop.value
        except BaseException:
            entry.due = True  # what was concluded is not complete
            raise
        if result.state == "found" or not entry.asked:
            self._known[conjunction] = result
            del self._open[conjunction]
            if result.state == "empty":
                return  # as everybody assumed
        elif result.state == "empty" or entry.result is not ASSUMED:
            return
        else:
            entry.result = result
        for user in entry.users:
            other = self._open.get(user)
            if other is not None and not other.due:
                other.due = True
                self._again.append(user)

    def _answer(self, wanted: Conjunction, asker: Conjunction, entry: _Entry) -> Result:
        """What is known of a part by now."""
        if self.contradicts(wanted):
            return EMPTY
        known = self._known.get(wanted)
        if known is not None:
            return known
        part = self._open.get(wanted)
        if part is None:
            part = self._open[wanted] = _Entry(entry.level + 1)
            if self._inline < MAX_INLINE and self._is_plain(wanted):
                self._inline += 1
                try:
                    self._evaluate(wanted)
                finally:
                    self._inline -= 1
                known = self._known.get(wanted)
                if known is not None:
                    return known
            else:
                if len(self._open) > MAX_OPEN:
                    raise ExhaustedError(f"more than {MAX_OPEN} combinations of schemas depend on each other")
                self._new.append(wanted)
        entry.asked.add(wanted)
        part.users.setdefault(asker)
        return part.result

    def _is_plain(self, conjunction: Conjunction) -> bool:
        """Whether a conjunction is looked at at once: values of one schema, or of schemas without parts."""
        if not any(literal & 1 for literal in conjunction):
            return True
        return all(self.graph.node(literal).leaf for literal in conjunction)

    def tick(self) -> None:
        """Count a step against the time. Raises :class:`ExhaustedError`."""
        self._ticks += 1
        if self._ticks % TICKS == 0 and time.thread_time() > self._deadline:
            raise ExhaustedError(f"the budget of {self.budget.seconds:g} seconds was spent")

    def contradicts(self, conjunction: Conjunction) -> bool:
        """Whether a conjunction is empty at first sight."""
        known = self._contradictions.get(conjunction)
        if known is None:
            known = self._contradictions[conjunction] = self._contradicts(conjunction)
        return known

    def _contradicts(self, conjunction: Conjunction) -> bool:
        if NONE in conjunction:
            return True
        for literal in conjunction:
            if literal & 1:
                if literal ^ 1 in conjunction:
                    return True
                if any(not other & 1 and self.same(other, literal ^ 1) for other in conjunction):
                    return True
        return False

    # One value.

    def _value(self, conjunction: Conjunction) -> Asking:
        """What is known of the values of a conjunction, asking about their parts."""
        finite = self._finite_values(conjunction)
        if finite is not None:
            return self._among(conjunction, finite)
        unsure: Result | None = None
        kinds = self._kinds(conjunction)
        for value in SIMPLE if kinds is None else [one for one in SIMPLE if type_of(one) in kinds]:
            inside = self.members.among(value, conjunction)
            if inside:
                return found(value)
            if inside is None and (value is None or isinstance(value, bool)):
                unsure = maybe(self._unread(), value)
        for kind in ("number", "string", "array", "object"):
            if kinds is not None and kind not in kinds:
                continue
            try:
                if kind == "string":
                    result = self._strings(conjunction)
                else:
                    result = yield from self._tableau(conjunction, kind)
            except (UnsupportedPattern, PatternBudget) as error:
                result = maybe(error.reason)
            except UndecidableError as error:
                result = maybe(error.reason)
            if result.state == "found":
                return result
            if result.state == "maybe" and (unsure is None or unsure.value is MISSING):
                unsure = result
        return unsure or EMPTY

    def _tableau(self, conjunction: Conjunction, kind: str) -> Asking:
        # Imported here, as strings are below: most questions are settled by structure, or by a value that is near.
        from zeues_contracts.schema.containment.arrays import solve_array
        from zeues_contracts.schema.containment.objects import solve_object
        from zeues_contracts.schema.containment.tableau import Tableau

        solve = solve_array if kind == "array" else solve_object if kind == "object" else None
        return Tableau(self, conjunction, kind, solve).run()

    def _kinds(self, conjunction: Conjunction) -> set[str] | None:
        """The types that the values of a conjunction may have, where that is seen at once; ``None``: any."""
        kinds: set[str] | None = None
        for literal in conjunction:
            words = self.graph.node(literal).words
            if not literal & 1 and "type" in words and "nullable" not in words:
                named = {"number" if one == "integer" else one for one in words["type"]}
                kinds = named if kinds is None else kinds & named
        return kinds

    def _among(self, conjunction: Conjunction, values: tuple[Any, ...]) -> Result:
        unsure: Result | None = None
        for value in sorted(values, key=_plainness) if len(values) < MAX_SORTED else values:
            self.tick()
            inside = self.members.among(value, conjunction)
            if inside:
                return found(value)
            if inside is None and unsure is None:
                unsure = maybe(self._unread(), value)
        return unsure or EMPTY

    def _unread(self) -> str:
        return self.members.reason or "something that a schema asks cannot be evaluated"

    def _strings(self, conjunction: Conjunction) -> Result:
        from zeues_contracts.schema.containment.strings import listed, strings_of
        from zeues_contracts.schema.patterns import ALL as ALL_STRINGS

        inner = outer = ALL_STRINGS
        reason = ""
        banned: list[int] = []
        for literal in sorted(conjunction, key=lambda one: (one & 1, one)):
            self.tick()
            if literal & 1 and self.finite_of(literal ^ 1) is not None:
                banned.append(literal)
                continue
            strings = strings_of(self.graph, literal)
            exact = inner is outer and strings.inner is strings.outer
            outer = outer.intersect(strings.outer)
            inner = outer if exact else inner.intersect(strings.inner)
            reason = reason or strings.reason
            if outer.is_empty():
                return EMPTY
        taken = sum(len(self.finite_of(literal ^ 1) or ()) for literal in banned)
        unsure: Result | None = None
        texts, complete = listed(inner, taken + 1)
        for text in texts:
            inside = all(self.members.check(text, literal) for literal in banned)
            if inside:
                return found(text)
        if inner is outer:
            # All of them were looked at, there are no more than are banned; or the others are too long to be written.
            return EMPTY if complete else maybe("strings that are too long to be written out")
        texts, complete = listed(outer, taken + 8)
        candidates = [text for text in texts if self._free(text, banned)]
        if not candidates and complete and len(texts) < taken + 8:
            return EMPTY
        if self._impossible(conjunction):
            return EMPTY
        for text in candidates:
            if self.members.among(text, frozenset(conjunction)) is not False:
                unsure = maybe(reason, text)
                break
        return unsure or maybe(reason)

    def _impossible(self, conjunction: Conjunction) -> bool:
        """Whether there is no string whatever the formats and patterns that are not known exactly may mean."""
        from zeues_contracts.schema.containment.strings import supposed

        try:
            return all(one.is_empty() for one in supposed(self.graph, sorted(conjunction)))
        except (UndecidableError, PatternBudget):
            return False

    def _free(self, text: str, banned: list[int]) -> bool:
        return all(self.members.check(text, literal) is not False for literal in banned)

    # Finite sets.

    def _finite_values(self, conjunction: Conjunction) -> tuple[Any, ...] | None:
        best: tuple[Any, ...] | None = None
        for literal in conjunction:
            if not literal & 1:
                values = self.finite_of(literal)
                if values is not None and (best is None or len(values) < len(best)):
                    best = values
        return best

    def finite_of(self, literal: int, depth: int = 0) -> tuple[Any, ...] | None:
        """Finitely many values of which all values of a schema are, where that is seen at once."""
        if literal in self._finite:
            return self._finite[literal]
        if depth > MAX_NESTED:
            return None
        self._finite[literal] = None  # for a reference that leads back to itself
        values = self._list(literal, depth + 1)
        if values is not None and len(values) > MAX_FINITE:
            values = None
        self._finite[literal] = values
        return values

    def _list(self, literal: int, depth: int) -> tuple[Any, ...] | None:
        if literal in (ALL, NONE):
            return () if literal == NONE else None
        node = self.graph.node(literal)
        if node.kind == "const":
            return (node.value,)
        if node.kind != "schema":
            return None
        words = node.words
        also_null = (None,) if words.get("nullable") else ()
        if "const" in words:
            return (words["const"], *also_null)
        if "enum" in words:
            return (*words["enum"], *also_null)
        if "type" in words and set(words["type"]) <= {"null", "boolean"}:
            plain: tuple[Any, ...] = (None,) if "null" in words["type"] else also_null
            return (*plain, False, True) if "boolean" in words["type"] else plain
        for target in self.graph.in_place(node):
            values = self.finite_of(target, depth)
            if values is not None:
                return (*values, *also_null)
        for keyword in ("anyOf", "oneOf"):
            if keyword in words:
                parts = [self.finite_of(one, depth) for one in self.graph.children(node, keyword)]
                if all(part is not None for part in parts):
                    return tuple(value for part in parts for value in part or ()) + also_null
        return None
