"""From formulas to boxes: choices are made one after the other, those first that leave the least.

A box holds the atoms of one branch. A choice of which no option is compatible with the box closes the branch, one with
a single option left is no choice. What is compatible is asked of the parts of the value, whose answers are remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from zeues_contracts.schema.containment.boxes import ArrayBox, Box, ObjectBox
from zeues_contracts.schema.containment.formulas import And, Atom, Exactly, Formula, Or, formula_of
from zeues_contracts.schema.containment.graph import ALL, NONE, Conjunction
from zeues_contracts.schema.containment.numberbox import NumberAtoms
from zeues_contracts.schema.containment.results import EMPTY, MISSING, Asking, Result, found, maybe

if TYPE_CHECKING:
    from zeues_contracts.schema.containment.solver import Solver

__all__ = ["Tableau"]

Telling = Generator[Conjunction, Result, bool]
"""A computation that asks about parts and ends with whether something may be."""

MAX_FORMULA_DEPTH = 40
MAX_PROBED = 4000
"""Parts of one option that are looked at before it counts as possible."""


def _preference(choice: Or | Exactly) -> tuple[bool, int]:
    """Unions that a schema names come before what is left of a negation: they say what the value is."""
    parts = choice.parts if isinstance(choice, Or) else choice.literals
    named = all(_is_named(part) for part in parts)
    return not named, len(parts)


def _is_named(part: Formula) -> bool:
    if isinstance(part, And) and part.parts:
        part = part.parts[0]
    return isinstance(part, int) and not part & 1


def _negative_last(literal: int) -> tuple[int, int]:
    return literal & 1, literal


class _State:
    """One branch: the box, what is still to be chosen, and what has been asserted."""

    __slots__ = ("box", "choices", "opaque", "seen", "todo")

    def __init__(self, box: Box) -> None:
        self.box = box
        self.choices: list[Or | Exactly] = []
        self.seen: set[int] = set()
        self.opaque: dict[int, tuple[bool, str]] = {}
        self.todo: list[Formula] = []

    def copy(self) -> _State:
        other = _State(self.box.copy())
        other.choices = list(self.choices)
        other.seen = set(self.seen)
        other.opaque = dict(self.opaque)
        return other


class Tableau:
    """The values of one type in a conjunction."""

    def __init__(
        self,
        solver: Solver,
        conjunction: Conjunction,
        kind: str,
        solve: Callable[[Solver, Any], Asking] | None,
        strict: bool = False,
    ) -> None:
        self.solver = solver
        self.conjunction = conjunction
        self.kind = kind
        self.solve = solve
        self.strict = strict
        """Whether *one and no other* rules out all others, not only those that look as if they could be."""
        self.passed_over = False
        self.made = 0
        self.probed = 0

    def run(self) -> Asking:
        """What is known of the values of this type."""
        unsure: Result | None = None
        first = _State({"number": NumberAtoms, "array": ArrayBox, "object": ObjectBox}[self.kind]())
        ordered: list[int] = sorted(self.conjunction, key=_negative_last)
        first.todo.extend(ordered)
        stack = [first]
        while stack:
            self.solver.tick()
            state = stack.pop()
            open_ = yield from self.settle(state)
            if not open_:
                continue
            if not state.choices:
                result = yield from self.leaf(state)
                if result.state == "found":
                    if self.passed_over and self.solver.members.among(result.value, self.conjunction) is False:
                        # What was passed over as empty was only taken for empty so far.
                        return (yield from Tableau(self.solver, self.conjunction, self.kind, self.solve, True).run())
                    return result
                if result.state == "maybe" and (unsure is None or unsure.value is MISSING):
                    unsure = result
                continue
            choice = min(state.choices, key=_preference)
            assert isinstance(choice, Or)
            state.choices.remove(choice)
            for option in reversed(choice.parts):
                self.made += 1
                branch = state.copy()
                branch.todo.append(option)
                stack.append(branch)
            if len(stack) > self.solver.budget.branches or self.made > self.solver.budget.branches * 16:
                return unsure or maybe(f"the budget of {self.solver.budget.branches} branches was spent")
        return unsure or EMPTY

    def leaf(self, state: _State) -> Asking:
        """A branch without choices."""
        if self.solve is None:
            assert isinstance(state.box, NumberAtoms)
            some, value = state.box.box.find()
            result = EMPTY if not some else maybe("a number that cannot be written") if value is None else found(value)
        else:
            result = yield from self.solve(self.solver, state.box)
        if result.state == "found" and state.opaque:
            return maybe(next(iter(state.opaque.values()))[1], result.value)
        return result

    def settle(self, state: _State) -> Telling:
        """Assert what is to be asserted and thin out the choices; false where the branch closes."""
        while True:
            if not self.asserted(state):
                return False
            fits = yield from state.box.consistent(self.solver)
            if not fits:
                return False
            progress = False
            kept: list[Or | Exactly] = []
            pending, state.choices = state.choices, []
            for choice in pending:
                self.solver.tick()
                options = yield from self.options(state, choice)
                if options is None:
                    continue
                if not options:
                    return False
                if len(options) == 1:
                    state.todo.append(options[0])
                    progress = True
                else:
                    kept.append(Or(tuple(options)))
            state.choices = kept
            if not progress:
                return True

    def options(self, state: _State, choice: Or | Exactly) -> Generator[Conjunction, Result, list[Formula] | None]:
        """The options of a choice that are compatible with the box; ``None`` where one holds already."""
        if isinstance(choice, Exactly):
            choice = yield from self.spelled(state, choice)
        found_: list[Formula] = []
        for option in choice.parts:
            if isinstance(option, int) and option in state.seen:
                return None
            alive = yield from self.alive(state, option, 0)
            if alive:
                if isinstance(option, Atom):
                    implied = yield from state.box.implies(self.solver, option)
                    if implied:
                        return None
                found_.append(option)
        return found_

    def spelled(self, state: _State, choice: Exactly) -> Generator[Conjunction, Result, Or]:
        """*One and no other* (or its opposite) as a choice between the literals that can hold at all."""
        live: list[int] = []
        for literal in choice.literals:
            alive = yield from self.alive(state, literal, 0)
            if alive:
                live.append(literal)
        if len(live) < len(choice.literals):
            if self.strict:
                live = list(choice.literals)
            self.passed_over = True
        if choice.one:
            # By position: a literal that is there twice holds twice.
            others = [[other ^ 1 for other in live[:at] + live[at + 1 :]] for at in range(len(live))]
            return Or(tuple(And((one, *rest)) for one, rest in zip(live, others, strict=True)))
        none = And(tuple(one ^ 1 for one in live))
        return Or((none, *(And((one, other)) for at, one in enumerate(live) for other in live[at + 1 :])))

    def alive(self, state: _State, option: Formula, depth: int) -> Telling:
        """Whether an option is compatible with the box, as far as is seen without making choices."""
        if not depth:
            self.probed = 0
        self.probed += 1
        self.solver.tick()
        if depth > MAX_FORMULA_DEPTH or self.probed > MAX_PROBED:
            return True
        if isinstance(option, int):
            if option in (ALL, NONE):
                return option == ALL
            if option in state.seen:
                return True
            if option ^ 1 in state.seen:
                return False
            if option & 1 and any(not one & 1 and self.solver.same(one, option ^ 1) for one in state.seen):
                return False
            return (yield from self.alive(state, formula_of(self.solver.graph, option, self.kind), depth + 1))
        if isinstance(option, And):
            for part in option.parts:
                fits = yield from self.alive(state, part, depth + 1)
                if not fits:
                    return False
            if len(option.parts) > 1 and any(isinstance(part, int) for part in option.parts):
                return (yield from self.together(state, option))
            return True
        if isinstance(option, Or):
            for part in option.parts:
                fits = yield from self.alive(state, part, depth + 1)
                if fits:
                    return True
            return False
        if isinstance(option, Exactly):
            return True
        if option.kind in ("opaque", "clear"):
            known = state.opaque.get(option.literal)
            return known is None or known[0] is (option.kind == "opaque")
        return (yield from state.box.admits(self.solver, option))

    def together(self, state: _State, option: Formula) -> Telling:
        """Whether an option is compatible with the box, tried on a copy."""
        trial = state.copy()
        trial.choices = []
        trial.todo = [option]
        if not self.asserted(trial):
            return False
        return (yield from trial.box.consistent(self.solver))

    def asserted(self, state: _State) -> bool:
        """Put what is to be asserted into the box; false where that contradicts itself at once."""
        todo = state.todo
        while todo:
            formula = todo.pop()
            if isinstance(formula, int):
                if formula == ALL or formula in state.seen:
                    continue
                if formula == NONE or formula ^ 1 in state.seen:
                    return False
                state.seen.add(formula)
                todo.append(formula_of(self.solver.graph, formula, self.kind))
            elif isinstance(formula, And):
                todo.extend(reversed(formula.parts))
            elif isinstance(formula, (Or, Exactly)):
                if isinstance(formula, Or) and not formula.parts:
                    return False
                state.choices.append(formula)
            elif formula.kind in ("opaque", "clear"):
                holds = formula.kind == "opaque"
                known = state.opaque.get(formula.literal)
                if known is not None and known[0] is not holds:
                    return False
                state.opaque[formula.literal] = (holds, str(formula.what))
            elif not state.box.add(formula):
                return False
        return True
