"""The atoms of one branch for numbers."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from zeues_contracts.schema.containment.graph import Conjunction
from zeues_contracts.schema.containment.numbers import NumberBox
from zeues_contracts.schema.containment.results import Result

__all__ = ["NumberAtoms"]


class NumberAtoms:
    """A :class:`NumberBox` that atoms are put into."""

    __slots__ = ("box",)

    def __init__(self, box: NumberBox | None = None) -> None:
        self.box = box or NumberBox()

    def copy(self) -> NumberAtoms:
        """A box that is changed on its own."""
        return NumberAtoms(self.box.copy())

    def add(self, atom: Any) -> bool:
        """Put an atom in; false where nothing is left."""
        kind, what, _ = atom
        box = self.box
        if kind in ("ge", "gt"):
            box.at_least(what, kind == "gt")
        elif kind in ("le", "lt"):
            box.at_most(what, kind == "lt")
        elif kind == "multiple":
            box.multiple_of(what)
        elif kind == "no-multiple":
            box.no_multiple_of(what)
        elif kind == "in":
            box.one_of(what)
        else:
            box.none_of(what)
        return True

    def consistent(self, _solver: Any) -> Generator[Conjunction, Result, bool]:
        """Whether a number is left."""
        yield from ()
        return self.box.find()[0]

    def admits(self, _solver: Any, atom: Any) -> Generator[Conjunction, Result, bool]:
        """Whether a number is left when an atom is put in."""
        yield from ()
        trial = self.copy()
        return trial.add(atom) and trial.box.find()[0]

    def implies(self, _solver: Any, _atom: Any) -> Generator[Conjunction, Result, bool]:
        """Whether an atom holds already; not looked for, since choices between numbers are cheap."""
        yield from ()
        return False
