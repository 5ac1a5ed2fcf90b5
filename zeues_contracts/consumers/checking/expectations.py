"""What is expected of a body against what is documented: every documented body has to be one that is expected.

The whole is asked first. Where it does not hold, each single thing that is relied on (a type, a property, a value) is
asked for itself, so that every finding has a place, a sentence and a witness of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from zeues_contracts.consumers.checking.mends import described, find_place, find_property
from zeues_contracts.consumers.checking.model import NONE, RESPONSES, Problem, Scene, ask, schema_of
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
from zeues_contracts.findings import Level
from zeues_contracts.schema.dialects.bundle import BundleError, bundle
from zeues_contracts.schema.references import escape
from zeues_contracts.schema.types import Proven, Refuted, Schema, Unknown

__all__ = ["expectation_problems"]

_MOST_ATOMS = 200
_MOST_UNKNOWNS = 2


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place of the expectation: the way there in steps, as a path for people, and in the document."""

    steps: tuple[tuple[str, Any], ...]
    path: str
    pointer: str
    documented: tuple[Schema, ...]
    chosen: bool = False
    """Whether the way leads through a choice, of which some branches may not describe the place."""


def expectation_problems(
    scene: Scene, schema: Schema, expected: Any, *, status: str, pointer: str = "/expect/body"
) -> Iterator[Problem]:
    """What of an expectation the documented schema does not promise."""
    if expected in ({}, True):
        return
    whole = ask(schema, schema_of(expected), RESPONSES)
    if isinstance(whole, Proven):
        return
    walk = _Walk(scene, schema, status, pointer, expected)
    yield from walk.visit(expected, _Spot((), "", "", (schema,)))
    if walk.found:
        return
    if isinstance(whole, Refuted):
        text = f"expects a body ({status}) that is not promised"
        yield walk.problem("ZC340", _Spot((), "", "", (schema,)), text, witness=whole.witness)
    else:
        yield walk.undecided(_Spot((), "", "", (schema,)), whole.reason)


class _Walk:
    def __init__(self, scene: Scene, schema: Schema, status: str, pointer: str, expected: Any) -> None:
        self.scene = scene
        self.schema = schema
        self.status = status
        self.pointer = pointer
        self.unfolding = Unfolding(expected)
        self.found = False
        self.atoms = 0
        self.unknowns = 0

    # --- the walk ----------------------------------------------------------------------------------------------------

    def visit(self, expected: Any, spot: _Spot) -> Iterator[Problem]:
        if self.atoms > _MOST_ATOMS or self.unknowns > _MOST_UNKNOWNS:
            return  # what is left was found out to be too hard, or is too much to be told
        if not isinstance(expected, Mapping) or not set(expected) - NOTES:
            if expected is False:
                yield from self.atom(False, spot)
            return
        if all(is_anything(one, RESPONSES) for one in spot.documented):
            yield self.undescribed(spot)
            return
        parts = self.unfolding.parts(expected, tuple(one.pointer for one in spot.documented), len(spot.steps))
        if parts is not None:
            for one in parts:
                yield from self.visit(one, spot)
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

    def properties(self, expected: Mapping[str, Any], spot: _Spot) -> Iterator[Problem]:
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
            yield from self.atom({"properties": known, "additionalProperties": others}, spot, splits=False)
        elif others is False:
            yield from self.atom({"properties": known, "additionalProperties": False}, spot)

    def items(self, expected: Mapping[str, Any], spot: _Spot) -> Iterator[Problem]:
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

    def below(
        self, spot: _Spot, step: tuple[str, Any], path: str, pointer: str, documented: tuple[Schema, ...]
    ) -> _Spot:
        chosen = spot.chosen or any(has_choice(one, RESPONSES) for one in spot.documented)
        return _Spot((*spot.steps, step), path, spot.pointer + pointer, documented, chosen)

    # --- single questions --------------------------------------------------------------------------------------------

    def ask(self, atom: Any, spot: _Spot) -> Any:
        """Whether every documented body has this at the place, if it has the place at all."""
        self.atoms += 1
        wrapped: Any = atom
        for step, name in reversed(spot.steps):
            if step == "property":
                wrapped = {"properties": {name: wrapped}}
            elif step == "index":
                wrapped = {"prefixItems": [*[{}] * name, wrapped]}
            else:
                wrapped = {"items": wrapped}
        if self.unfolding.definitions is not None:
            wrapped = {"$defs": self.unfolding.definitions, **wrapped} if isinstance(wrapped, Mapping) else wrapped
        answer = ask(self.schema, schema_of(wrapped), RESPONSES)
        if isinstance(answer, Refuted) and spot.chosen and spot.documented and self.is_beside_the_point(wrapped, spot):
            self.found = True
            return Proven()
        return answer

    def is_beside_the_point(self, wrapped: Any, spot: _Spot) -> bool:
        """Whether only values refute that no branch describes.

        Of a choice of objects, those that do not name a property allow any value of it; a consumer reads it where it is
        named. So each documented body either has what is expected, or something at the place that nobody describes.
        """
        try:
            known: Any = [bundle(one, RESPONSES) for one in spot.documented]
        except BundleError:
            return False
        described: Any = {"anyOf": [{**one, "$id": f"urn:described:{i}"} for i, one in enumerate(known)]}
        for step, name in reversed(spot.steps):
            if step == "property":
                described = {"properties": {name: described}}
            elif step == "index":
                described = {"prefixItems": [*[{}] * name, described]}
            else:
                described = {"items": described}
        relaxed = {"anyOf": [wrapped, {"not": described}]}
        return isinstance(ask(self.schema, schema_of(relaxed), RESPONSES), Proven)

    def kind(self, expected: Mapping[str, Any], spot: _Spot) -> Iterator[Problem]:
        kind = expected["type"]
        kinds = [kind] if isinstance(kind, str) else list(kind)
        answer = self.ask({"type": kind}, spot)
        if isinstance(answer, Proven):
            return
        if isinstance(answer, Unknown):
            yield self.undecided(spot, answer.reason)
            return
        if "null" not in kinds:
            relaxed = self.ask({"type": [*kinds, "null"]}, spot)
            if isinstance(relaxed, Proven):
                yield self.problem(
                    "ZC343",
                    spot,
                    f"expects {kind_words(kinds)}{self.at(spot)}, and it may be null",
                    witness=answer.witness,
                    explanation=_sentence(answer),
                    hint="expect `opt` or `| null` there, and handle null",
                    keyword="null",
                )
                return
            answer = relaxed if isinstance(relaxed, Refuted) else answer
        mend = find_place(spot.documented[0], expected, RESPONSES) if spot.documented else ""
        where = f"{spot.path}.{mend}" if spot.path and mend else mend
        what = self.what(spot)
        yield self.problem(
            "ZC340",
            spot,
            f"expects {kind_words(kinds)}{self.at(spot)}, and it is {what}",
            witness=answer.witness,
            explanation=_sentence(answer),
            hint=f"read it at `{where}`" if where else "",
            details=self.shape_details(spot),
            keyword="type",
        )

    def present(self, name: str, inner: Any, spot: _Spot) -> Iterator[Problem]:
        answer = self.ask({"required": [name]}, spot)
        if isinstance(answer, Proven):
            return
        path = f"{spot.path}.{name}" if spot.path else name
        below = replace(spot, path=path)
        if isinstance(answer, Unknown):
            yield self.undecided(below, answer.reason)
            return
        places = self.describing(spot, name)
        pointer = f"{spot.pointer}/{escape(name)}"
        if places:
            yield self.problem(
                "ZC342",
                below,
                f"relies on `{path}` ({self.status}), which is optional",
                witness=answer.witness,
                explanation=_sentence(answer),
                hint=f"expect `{name}?` and do without it, or have the service document it as required",
                places=places,
                at=pointer,
                keyword="required",
            )
            return
        if all(is_free(place, RESPONSES) for place in spot.documented):
            yield self.undescribed(below, at=pointer)
            return
        yield self.not_documented(name, inner, spot, below, answer, pointer)

    def not_documented(
        self, name: str, inner: Any, spot: _Spot, below: _Spot, answer: Refuted, pointer: str
    ) -> Problem:
        names = list(dict.fromkeys(one for place in spot.documented for one in declared_names(place, RESPONSES)))
        mend, how = find_property(spot.documented[0], name, inner, RESPONSES) if spot.documented else ("", "")
        where = f"{spot.path}.{mend}" if spot.path and mend else mend
        hint = {
            "same": f"`{name}` is at `{where}`",
            "like": f"is `{where}` meant?",
            "shape": f"what is expected at `{name}` is documented at `{where}`: read `{where}`",
        }.get(how, "")
        if not hint:
            lists = _only_list(spot, inner)
            hint = f"the list is at `{lists}`: read `{lists}`" if lists else ""
        return self.problem(
            "ZC341",
            below,
            f"relies on `{below.path}` ({self.status}), which is not documented",
            witness=answer.witness,
            explanation=_sentence(answer),
            hint=hint or "have the service document it, or do without it",
            details=(f"documented there: {', '.join(f'`{one}`' for one in names[:20])}",) if names else (),
            places=spot.documented,
            at=pointer,
            keyword="required",
        )

    def describing(self, spot: _Spot, name: str) -> tuple[Schema, ...]:
        """The places that describe a property: by its name, else as one of others."""
        named = [one for place in spot.documented for one in property_of(place, name, RESPONSES)]
        return tuple(named or [one for place in spot.documented for one in others_of(place, RESPONSES)])

    def never_there(self, name: str, inner: Any, spot: _Spot, path: str) -> Iterator[Problem]:
        """A property that is read where it is there, and nothing says that it ever is."""
        self.found = True
        if all(is_free(place, RESPONSES) for place in spot.documented):
            return
        mend, how = find_property(spot.documented[0], name, inner, RESPONSES) if spot.documented else ("", "")
        where = f"{spot.path}.{mend}" if spot.path and mend else mend
        yield self.problem(
            "ZC341",
            replace(spot, path=path),
            f"reads `{path}` where it is there ({self.status}), and it is not documented",
            hint=f"is `{where}` meant?" if how in ("like", "same") else "",
            level=Level.INFO,
            places=spot.documented,
            at=f"{spot.pointer}/{escape(name)}",
            keyword="required",
        )

    def value(self, keyword: str, wanted: Any, spot: _Spot) -> Iterator[Problem]:
        atom = {keyword: wanted}
        answer = self.ask(atom, spot)
        if isinstance(answer, Proven):
            return
        said = value_words(keyword, wanted)
        if isinstance(answer, Unknown):
            yield self.undecided(spot, answer.reason)
            return
        never = self.ask({"not": atom}, spot)
        if isinstance(never, Proven) and spot.documented and not _may_be_empty(keyword):
            yield self.problem(
                "ZC340",
                spot,
                f"expects {said}{self.at(spot)}, and it is {self.what(spot)}: never that",
                witness=answer.witness,
                explanation=_sentence(answer),
                keyword=keyword,
            )
            return
        nullable = keyword in ("const", "enum") and self.null_alone(atom, spot)
        yield self.problem(
            "ZC343" if nullable else "ZC344",
            spot,
            f"expects {said}{self.at(spot)}, and it may be {'null' if nullable else 'another'}",
            witness=answer.witness,
            explanation=_sentence(answer),
            keyword="null" if nullable else keyword,
        )

    def null_alone(self, atom: Mapping[str, Any], spot: _Spot) -> bool:
        return isinstance(self.ask({"anyOf": [atom, {"type": "null"}]}, spot), Proven)

    def atom(self, atom: Any, spot: _Spot, *, splits: bool = True) -> Iterator[Problem]:
        """Something that is asked as one, such as a choice of shapes."""
        answer = self.ask(atom, spot)
        if isinstance(answer, Proven):
            return
        if isinstance(answer, Unknown):
            yield self.undecided(spot, answer.reason)
            return
        if isinstance(self.ask({"anyOf": [atom, {"type": "null"}]}, spot), Proven):
            yield self.problem(
                "ZC343",
                spot,
                f"expects no null{self.at(spot)}, and it may be null",
                witness=answer.witness,
                explanation=_sentence(answer),
                keyword="null",
            )
            return
        mend = find_place(spot.documented[0], atom, RESPONSES) if spot.documented and splits else ""
        where = f"{spot.path}.{mend}" if spot.path and mend else mend
        kinds = sorted(kinds_of(spot.documented[0], RESPONSES)) if spot.documented else []
        what = "the list" if wants_list(atom) and kinds == ["object"] else "it"
        yield self.problem(
            "ZC340",
            spot,
            f"expects {shape_words(atom)}{self.at(spot)}, and it is {self.what(spot)}",
            witness=answer.witness,
            explanation=_sentence(answer),
            hint=f"{what} is at `{where}`: read `{where}`" if where else "",
            details=self.shape_details(spot),
        )

    # --- words -------------------------------------------------------------------------------------------------------

    def at(self, spot: _Spot) -> str:
        return f" at `{spot.path}` ({self.status})" if spot.path else f" as the body ({self.status})"

    def what(self, spot: _Spot) -> str:
        return described(spot.documented[0], RESPONSES) if spot.documented else "not described"

    def shape_details(self, spot: _Spot) -> tuple[str, ...]:
        if not spot.documented:
            return ()
        names = declared_names(spot.documented[0], RESPONSES)
        return tuple(f"`{name}` is {described(place, RESPONSES)}" for name, place in list(names.items())[:8])

    def undescribed(self, spot: _Spot, at: str = "") -> Problem:
        what = f"`{spot.path}`" if spot.path else "the body"
        self.found = True
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

    def undecided(self, spot: _Spot, reason: str) -> Problem:
        self.found = True
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
        spot: _Spot,
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
    ) -> Problem:
        self.found = True
        documented = places or spot.documented
        return Problem(
            rule,
            text,
            f"response {self.status} {spot.path or 'body'}",
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


def _sentence(answer: Refuted) -> str:
    return answer.explanation.sentence if answer.explanation is not None else ""


def _only_list(spot: _Spot, inner: Any) -> str:
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


def _may_be_empty(keyword: str) -> bool:
    """Bounds hold for values of other types too: their negation says nothing there."""
    return keyword not in ("const", "enum", "pattern", "type")
