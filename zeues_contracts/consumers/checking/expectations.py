"""What is expected of a body against what is documented: every documented body has to be one that is expected.

The whole is asked first. Where it does not hold, each single thing that is relied on (a type, a property, a value) is
asked for itself, so that every finding has a place, a sentence and a witness of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from zeues_contracts.consumers.checking.asking import Asking, Spot
from zeues_contracts.consumers.checking.mends import find_place, find_property
from zeues_contracts.consumers.checking.model import NONE, RESPONSES, Problem, ask, schema_of
from zeues_contracts.consumers.checking.pointers import value_at
from zeues_contracts.consumers.checking.telling import Telling, only_list, sentence
from zeues_contracts.consumers.checking.unfolding import NOTES, SHAPE, VALUES, Unfolding
from zeues_contracts.consumers.checking.views import (
    declared_names,
    has_choice,
    is_anything,
    is_free,
    items_of,
    kinds_of,
    others_of,
    property_of,
)
from zeues_contracts.consumers.checking.wording import kind_words, shape_words, value_words, wants_list
from zeues_contracts.consumers.lists import of_some
from zeues_contracts.findings import Level
from zeues_contracts.schema.references import escape
from zeues_contracts.schema.types import Proven, Refuted, Schema, Unknown

__all__ = ["expectation_problems"]

_MOST_ATOMS = 200
_MOST_UNKNOWNS = 2


def expectation_problems(
    schema: Schema, expected: Any, *, status: str, pointer: str = "/expect/body", shown: Any = NONE
) -> Iterator[Problem]:
    """What of an expectation the documented schema does not promise.

    ``shown`` is a documented answer that the contract shows, as far as it does: of what stands there the consumer
    expects one documented kind where there are several.
    """
    if expected in ({}, True):
        return
    whole = ask(schema, schema_of(expected), RESPONSES)
    if isinstance(whole, Proven):
        return
    walk = _Walk(schema, status, pointer, expected, shown)
    certain = False
    for problem in walk.visit(expected, Spot((), "", "", (schema,))):
        certain = certain or problem.rule in ("ZC340", "ZC341", "ZC349")
        yield problem
    if not certain and isinstance(whole, Refuted):
        yield from _never_together(walk, schema, expected, whole)
    if walk.tell.told or walk.passed_over or walk.asking.passed_over:
        return
    if isinstance(whole, Refuted):
        text = f"expects a body ({status}) that is not promised"
        yield walk.tell.problem("ZC340", Spot((), "", "", (schema,)), text, witness=whole.witness)
    else:
        yield walk.tell.undecided(Spot((), "", "", (schema,)), whole.reason)


def _never_together(walk: _Walk, schema: Schema, expected: Any, whole: Refuted) -> Iterator[Problem]:
    """Parts of which each may come, and that never come together."""
    if not isinstance(ask(schema, schema_of({"not": expected}), RESPONSES), Proven):
        return
    yield walk.tell.problem(
        "ZC340",
        Spot((), "", "", (schema,)),
        f"expects a body ({walk.status}) of which each part is documented, and which no documented body is as a whole",
        witness=whole.witness,
        explanation=sentence(whole),
    )


class _Walk:
    def __init__(self, schema: Schema, status: str, pointer: str, expected: Any, shown: Any) -> None:
        self.status = status
        self.shown = shown
        self.unfolding = Unfolding(expected)
        self.asking = Asking(schema, self.unfolding.definitions)
        self.tell = Telling(schema, status, pointer)
        self.passed_over = False

    # --- the walk ----------------------------------------------------------------------------------------------------

    def visit(self, expected: Any, spot: Spot) -> Iterator[Problem]:
        if self.asking.asked > _MOST_ATOMS or self.tell.unknowns > _MOST_UNKNOWNS:
            return  # what is left was found out to be too hard, or is too much to be told
        if not isinstance(expected, Mapping) or not set(expected) - NOTES:
            if expected is False:
                yield from self.atom(False, spot)
            return
        if all(is_anything(one, RESPONSES) for one in spot.documented):
            yield self.tell.undescribed(spot)
            return
        parts = self.unfolding.parts(expected, tuple(one.pointer for one in spot.documented), len(spot.steps))
        if parts is not None:
            for one in parts:
                yield from self.visit(one, spot)
            return
        picked = of_some(expected)
        if picked is not None:
            yield from self.some(expected, picked, spot)
            return
        rest = set(expected) - NOTES - SHAPE - set(VALUES)
        if rest:
            # Combinations, references and the like are asked as one.
            yield from self.atom({key: one for key, one in expected.items() if key not in NOTES}, spot)
            return
        if expected.get("type") == "null":
            yield from self.value("type", "null", spot)
            return
        if "type" in expected:
            stop = False
            for problem in self.kind(expected, spot):
                yield problem
                stop = stop or problem.rule in ("ZC340", "ZC349")
            if stop:
                return
        for keyword in VALUES:
            if keyword in expected:
                yield from self.value(keyword, expected[keyword], spot)
        yield from self.properties(expected, spot)
        yield from self.items(expected, spot)

    def properties(self, expected: Mapping[str, Any], spot: Spot) -> Iterator[Problem]:
        known: Mapping[str, Any] = expected.get("properties", {})
        required = [str(one) for one in expected.get("required", [])]
        missing: set[str] = set()
        for name in required:
            for problem in self.present(name, known.get(name, {}), spot):
                yield problem
                if problem.rule in ("ZC341", "ZC345", "ZC349"):
                    missing.add(name)
        for name, inner in known.items():
            if name in missing:
                continue
            documented = self.describing(spot, str(name))
            path = f"{spot.path}.{name}" if spot.path else str(name)
            if not documented and name not in required:
                yield from self.never_there(str(name), inner, spot, path)
                continue
            below = self.below(spot, ("property", name), path, f"/{escape(str(name))}", documented)
            yield from self.visit(inner, below)
        others = expected.get("additionalProperties")
        if isinstance(others, Mapping) and others:
            yield from self.others(others, tuple(known), spot)
        elif others is False:
            yield from self.atom({"properties": known, "additionalProperties": False}, spot)

    def others(self, expected: Any, known: tuple[str, ...], spot: Spot) -> Iterator[Problem]:
        """What is expected of every property that has no name of its own here."""
        documented: list[Schema] = []
        for place in spot.documented:
            documented += others_of(place, RESPONSES)
            documented += [one for name, one in declared_names(place, RESPONSES).items() if name not in known]
        if not documented:
            atom = {"properties": {key: {} for key in known}, "additionalProperties": expected}
            yield from self.atom(atom, spot, splits=False)
            return
        path = f"{spot.path}.*" if spot.path else "*"
        yield from self.visit(expected, self.below(spot, ("others", known), path, "", tuple(documented)))

    def items(self, expected: Mapping[str, Any], spot: Spot) -> Iterator[Problem]:
        first = expected.get("prefixItems", [])
        for index, inner in enumerate(first):
            documented = tuple(one for place in spot.documented for one in items_of(place, index, RESPONSES))
            below = self.below(spot, ("index", index), f"{spot.path}[{index}]", f"/{index}", documented)
            yield from self.visit(inner, below)
        inner = expected.get("items", {})
        if inner in ({}, True):
            return
        if first:
            yield from self.atom({"prefixItems": [{}] * len(first), "items": inner}, spot, splits=False)
            return
        documented = tuple(one for place in spot.documented for one in items_of(place, 10**6, RESPONSES))
        below = self.below(spot, ("items", None), f"{spot.path}[]", "/0", documented)
        yield from self.visit(inner, below)

    def some(self, expected: Mapping[str, Any], inner: Any, spot: Spot) -> Iterator[Problem]:
        """An item that is picked may be any that is documented: what they lack is told as of every item."""
        stop = False
        for problem in self.kind({"type": "array", "items": inner}, spot):
            yield problem
            stop = stop or problem.rule in ("ZC340", "ZC349")
        if stop or isinstance(self.asking.ask(expected, spot), Proven):
            return
        yield from self.items({"items": inner}, spot)

    def below(self, spot: Spot, step: tuple[str, Any], path: str, pointer: str, documented: tuple[Schema, ...]) -> Spot:
        chosen = spot.chosen or any(has_choice(one, RESPONSES) for one in spot.documented)
        return Spot((*spot.steps, step), path, spot.pointer + pointer, documented, chosen)

    # --- single questions --------------------------------------------------------------------------------------------

    def kind(self, expected: Mapping[str, Any], spot: Spot) -> Iterator[Problem]:
        kind = expected["type"]
        kinds = [kind] if isinstance(kind, str) else list(kind)
        answer = self.asking.ask({"type": kind}, spot)
        if isinstance(answer, Proven):
            return
        if isinstance(answer, Unknown):
            yield self.tell.undecided(spot, answer.reason)
            return
        if "null" not in kinds:
            relaxed = self.asking.ask({"type": [*kinds, "null"]}, spot)
            if isinstance(relaxed, Proven):
                yield self.tell.problem(
                    "ZC343",
                    spot,
                    f"expects {kind_words(kinds)}{self.tell.at(spot)}, and it may be null",
                    witness=answer.witness,
                    explanation=sentence(answer),
                    hint="expect `opt` or `| null` there, and handle null",
                    keyword="null",
                )
                return
            answer = relaxed if isinstance(relaxed, Refuted) else answer
        mend = find_place(spot.documented[0], expected, RESPONSES) if spot.documented else ""
        where = f"{spot.path}.{mend}" if spot.path and mend else mend
        what = self.tell.what(spot)
        # One kind of several, by an example of it: which one comes is up to the state that the consumer prepares.
        one_of_several = value_at(self.shown, spot.pointer) is not NONE and not self.never(kind, spot)
        yield self.tell.problem(
            "ZC340",
            spot,
            f"expects {kind_words(kinds)}{self.tell.at(spot)}, and it is {what}",
            level=Level.WARNING if one_of_several else None,
            aside="one of several" if one_of_several else "",
            witness=answer.witness,
            explanation=sentence(answer),
            hint=f"read it at `{where}`" if where else "",
            details=self.tell.shape_details(spot),
            keyword="type",
        )

    def never(self, kind: Any, spot: Spot) -> bool:
        return isinstance(self.asking.ask({"not": {"type": kind}}, spot), Proven)

    def present(self, name: str, inner: Any, spot: Spot) -> Iterator[Problem]:
        answer = self.asking.ask({"required": [name]}, spot)
        if isinstance(answer, Proven):
            return
        path = f"{spot.path}.{name}" if spot.path else name
        below = replace(spot, path=path)
        if isinstance(answer, Unknown):
            yield self.tell.undecided(below, answer.reason)
            return
        places = self.describing(spot, name)
        pointer = f"{spot.pointer}/{escape(name)}"
        if places:
            yield self.tell.problem(
                "ZC342",
                below,
                f"relies on `{path}` ({self.status}), which is optional",
                witness=answer.witness,
                explanation=sentence(answer),
                hint=f"expect `{name}?` and do without it, or have the service document it as required",
                places=places,
                at=pointer,
                keyword="required",
            )
            return
        if all(is_free(place, RESPONSES) for place in spot.documented):
            yield self.tell.undescribed(below, at=pointer)
            return
        yield self.not_documented(name, inner, spot, below, answer, pointer)

    def not_documented(self, name: str, inner: Any, spot: Spot, below: Spot, answer: Refuted, pointer: str) -> Problem:
        names = list(dict.fromkeys(one for place in spot.documented for one in declared_names(place, RESPONSES)))
        mend, how = find_property(spot.documented[0], name, inner, RESPONSES) if spot.documented else ("", "")
        where = f"{spot.path}.{mend}" if spot.path and mend else mend
        hint = {
            "same": f"`{name}` is at `{where}`",
            "like": f"is `{where}` meant?",
            "shape": f"what is expected at `{name}` is documented at `{where}`: read `{where}`",
        }.get(how, "")
        if not hint:
            lists = only_list(spot, inner)
            hint = f"the list is at `{lists}`: read `{lists}`" if lists else ""
        return self.tell.problem(
            "ZC341",
            below,
            f"relies on `{below.path}` ({self.status}), which is not documented",
            witness=answer.witness,
            explanation=sentence(answer),
            hint=hint or "have the service document it, or do without it",
            details=(f"documented there: {', '.join(f'`{one}`' for one in names[:20])}",) if names else (),
            places=spot.documented,
            at=pointer,
            keyword="required",
        )

    def describing(self, spot: Spot, name: str) -> tuple[Schema, ...]:
        """The places that describe a property: by its name, else as one of others."""
        named = [one for place in spot.documented for one in property_of(place, name, RESPONSES)]
        return tuple(named or [one for place in spot.documented for one in others_of(place, RESPONSES)])

    def never_there(self, name: str, inner: Any, spot: Spot, path: str) -> Iterator[Problem]:
        """A property that is read where it is there, and nothing says that it ever is."""
        self.passed_over = True
        if all(is_free(place, RESPONSES) for place in spot.documented):
            return
        mend, how = find_property(spot.documented[0], name, inner, RESPONSES) if spot.documented else ("", "")
        where = f"{spot.path}.{mend}" if spot.path and mend else mend
        yield self.tell.problem(
            "ZC341",
            replace(spot, path=path),
            f"reads `{path}` where it is there ({self.status}), and it is not documented",
            hint=f"is `{where}` meant?" if how in ("like", "same") else "",
            level=Level.INFO,
            places=spot.documented,
            at=f"{spot.pointer}/{escape(name)}",
            keyword="required",
        )

    def value(self, keyword: str, wanted: Any, spot: Spot) -> Iterator[Problem]:
        atom = {keyword: wanted}
        answer = self.asking.ask(atom, spot)
        if isinstance(answer, Proven):
            return
        said = value_words(keyword, wanted)
        if isinstance(answer, Unknown):
            yield self.tell.undecided(spot, answer.reason)
            return
        never = self.asking.ask({"not": atom}, spot)
        if isinstance(never, Proven) and spot.documented and not _may_be_empty(keyword):
            yield self.tell.problem(
                "ZC340",
                spot,
                f"expects {said}{self.tell.at(spot)}, and it is {self.tell.what(spot)}: never that",
                witness=answer.witness,
                explanation=sentence(answer),
                keyword=keyword,
            )
            return
        nullable = keyword in ("const", "enum") and self.null_alone(atom, spot)
        yield self.tell.problem(
            "ZC343" if nullable else "ZC344",
            spot,
            f"expects {said}{self.tell.at(spot)}, and it may be {'null' if nullable else 'another'}",
            witness=answer.witness,
            explanation=sentence(answer),
            keyword="null" if nullable else keyword,
        )

    def null_alone(self, atom: Mapping[str, Any], spot: Spot) -> bool:
        return isinstance(self.asking.ask({"anyOf": [atom, {"type": "null"}]}, spot), Proven)

    def atom(self, atom: Any, spot: Spot, *, splits: bool = True) -> Iterator[Problem]:
        """Something that is asked as one, such as a choice of shapes."""
        answer = self.asking.ask(atom, spot)
        if isinstance(answer, Proven):
            return
        if isinstance(answer, Unknown):
            yield self.tell.undecided(spot, answer.reason)
            return
        if isinstance(self.asking.ask({"anyOf": [atom, {"type": "null"}]}, spot), Proven):
            yield self.tell.problem(
                "ZC343",
                spot,
                f"expects no null{self.tell.at(spot)}, and it may be null",
                witness=answer.witness,
                explanation=sentence(answer),
                keyword="null",
            )
            return
        mend = find_place(spot.documented[0], atom, RESPONSES) if spot.documented and splits else ""
        where = f"{spot.path}.{mend}" if spot.path and mend else mend
        kinds = sorted(kinds_of(spot.documented[0], RESPONSES)) if spot.documented else []
        what = "the list" if wants_list(atom) and kinds == ["object"] else "it"
        yield self.tell.problem(
            "ZC340",
            spot,
            f"expects {shape_words(atom)}{self.tell.at(spot)}, and it is {self.tell.what(spot)}",
            witness=answer.witness,
            explanation=sentence(answer),
            hint=f"{what} is at `{where}`: read `{where}`" if where else "",
            details=self.tell.shape_details(spot),
        )


def _may_be_empty(keyword: str) -> bool:
    """Bounds hold for values of other types too: their negation says nothing there."""
    return keyword not in ("const", "enum", "pattern", "type")
