"""What is told of an expectation that is not promised: the problem, with its place and its words."""

from __future__ import annotations

from typing import Any

from zeues_contracts.consumers.checking.asking import Spot
from zeues_contracts.consumers.checking.mends import described
from zeues_contracts.consumers.checking.model import NONE, RESPONSES, Problem
from zeues_contracts.consumers.checking.views import declared_names, kinds_of
from zeues_contracts.findings import Level
from zeues_contracts.schema.types import Refuted, Schema

__all__ = ["Telling", "only_list", "sentence"]


class Telling:
    """Makes the problems of one body; ``pointer`` is where the expectation stands below its interaction."""

    def __init__(self, schema: Schema, status: str, pointer: str) -> None:
        self.schema = schema
        self.status = status
        self.pointer = pointer
        self.told = False
        self.unknowns = 0

    def at(self, spot: Spot) -> str:
        """Where it is, as the end of a sentence."""
        return f" at `{spot.path}` ({self.status})" if spot.path else f" as the body ({self.status})"

    def what(self, spot: Spot) -> str:
        """What is documented there."""
        return described(spot.documented[0], RESPONSES) if spot.documented else "not described"

    def shape_details(self, spot: Spot) -> tuple[str, ...]:
        """The first properties that are documented there."""
        if not spot.documented:
            return ()
        names = declared_names(spot.documented[0], RESPONSES)
        return tuple(f"`{name}` is {described(place, RESPONSES)}" for name, place in list(names.items())[:8])

    def undescribed(self, spot: Spot, at: str = "") -> Problem:
        """That something is relied on of which the document says nothing."""
        what = f"`{spot.path}`" if spot.path else "the body"
        self.told = True
        return Problem(
            "ZC345",
            f"relies on {what} ({self.status}), which is not described",
            f"response {self.status} {spot.path or 'body'} undescribed".strip(),
            f"{self.pointer}{at or spot.pointer}",
            schema=spot.documented[0] if spot.documented else self.schema,
            explanation="its schema is empty: every value is documented, whatever the service sends",
            hint="have the service declare what it answers",
            side="response",
            path=f"body{at or spot.pointer}",
            status=self.status,
        )

    def undecided(self, spot: Spot, reason: str) -> Problem:
        """That nobody can say whether it is promised."""
        self.told = True
        self.unknowns += 1
        where = f"`{spot.path}`" if spot.path else "the body"
        return Problem(
            "ZC349",
            f"cannot be judged by {where} of the answer ({self.status}): {reason}",
            f"response {self.status} {spot.path or 'body'} undecided",
            f"{self.pointer}{spot.pointer}",
            schema=spot.documented[0] if spot.documented else self.schema,
            side="response",
            path=f"body{spot.pointer}",
            status=self.status,
        )

    def problem(
        self,
        rule: str,
        spot: Spot,
        text: str,
        *,
        witness: Any = NONE,
        explanation: str = "",
        hint: str = "",
        details: tuple[str, ...] = (),
        level: Level | None = None,
        places: tuple[Schema, ...] = (),
        at: str = "",
        keyword: str = "",
        aside: str = "",
    ) -> Problem:
        """One thing that is not promised. ``aside`` keeps it apart from the same thing that weighs otherwise."""
        self.told = True
        documented = places or spot.documented
        return Problem(
            rule,
            text,
            f"response {self.status} {spot.path or 'body'} {aside}".rstrip(),
            f"{self.pointer}{at or spot.pointer}",
            schema=documented[0] if documented else self.schema,
            witness=witness,
            explanation=explanation,
            hint=hint,
            details=details,
            level=level,
            side="response",
            path=f"body{at or spot.pointer}",
            status=self.status,
            keyword=keyword,
        )


def sentence(answer: Refuted) -> str:
    """Why an answer is no, empty where nothing says it."""
    return answer.explanation.sentence if answer.explanation is not None else ""


def only_list(spot: Spot, inner: Any) -> str:
    """The one list of an object, where something is looked for that may be it."""
    if inner not in ({}, True) or not spot.documented:
        return ""
    lists = [
        name
        for name, place in declared_names(spot.documented[0], RESPONSES).items()
        if kinds_of(place, RESPONSES) == {"array"}
    ]
    where = lists[0] if len(lists) == 1 else ""
    return f"{spot.path}.{where}" if spot.path and where else where
