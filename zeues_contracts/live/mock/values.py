"""Values of a schema: what the document gives as an example, else one made to read well; valid, or none at all.

Deterministic: the seed and the key (which operation, which item) decide. Seed 0 is the plain one, the first of
every choice; other seeds choose among enumeration members, branches, optional properties and lengths of lists.
"""

from __future__ import annotations

import copy
import itertools
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zeues_contracts.live.mock.choices import YES, Try, examples_of, implied_type, singular
from zeues_contracts.live.mock.parts import Part, parts_of, read_schema
from zeues_contracts.live.mock.scalars import numbers, texts
from zeues_contracts.schema.dialects.translate import origin
from zeues_contracts.schema.references import child, node_at, resolve
from zeues_contracts.schema.types import Direction, Schema, Settings
from zeues_contracts.schema.validators import judge

__all__ = ["Sample", "Sampler"]

_MAX_DEPTH = 12
_MAX_PARTS = 200
_MAX_ITEMS = 200
_MAX_VALUES = 20_000
_TRIES = 12
_SECONDS = 3.0
_MAX_REMEMBERED, _MAX_KEY = 2000, 4000
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Sample:
    """A value of a schema. ``certain`` is false where the validators cannot tell; without a value ``why`` says why."""

    value: Any = None
    found: bool = True
    certain: bool = True
    why: str = ""


class _TooMuchError(Exception):
    """The value would be larger than anybody reads."""


class Sampler:
    """Makes values that go one way: what responses hold, or what requests hold."""

    def __init__(self, direction: Direction = Direction.RESPONSE, seed: int = 0) -> None:
        self.direction = direction
        self.seed = seed
        self.settings = Settings(format_assertion=True, direction=direction)
        self._memory: dict[tuple[Any, ...], Sample] = {}
        self._by_engine: dict[Schema, Sample] = {}

    def sample(
        self, schema: Schema, key: str, known: Mapping[str, Any] | None = None, *, first: Sequence[Any] = ()
    ) -> Sample:
        """A value of a schema.

        ``known`` are values by property name that are taken over where they fit (what the request spoke of); ``first``
        are tried before all else (the media type's examples).
        """
        given = known or {}
        mark = self._memory_key(schema, key, given, first)
        found = self._memory.get(mark) if mark else None
        if found is None:
            found = self._sample(schema, key, given, first)
            if mark and len(self._memory) < _MAX_REMEMBERED:
                self._memory[mark] = found
        return found

    def _memory_key(self, schema: Schema, key: str, known: Mapping[str, Any], first: Sequence[Any]) -> tuple[Any, ...]:
        """What a value depends on, empty where that is too much to compare."""
        try:
            text = json.dumps([known, first], sort_keys=True)
        except (TypeError, ValueError, RecursionError):
            return ()
        return (schema, key, text) if len(text) <= _MAX_KEY else ()

    def _sample(self, schema: Schema, key: str, given: Mapping[str, Any], first: Sequence[Any]) -> Sample:
        unsure: Sample | None = None
        hard = self._by_engine.get(schema)  # its nice values were tried in vain before
        made = self._candidates(schema, key, given) if hard is None else ()
        began = time.monotonic()
        for value in itertools.chain(self._overlaid(schema, first, given), made):
            verdict = judge(schema, value, self.settings)
            if verdict.valid:
                return Sample(value)
            if verdict.valid is None and unsure is None:
                unsure = Sample(value, certain=False, why=verdict.reason)
            if time.monotonic() - began > _SECONDS:
                break  # a schema that takes the validators so long is left to the engine, which has a budget
        if unsure is not None:
            return unsure
        if hard is None:
            hard = self._by_engine[schema] = self._ask_engine(schema)
        return hard

    def _overlaid(self, schema: Schema, first: Sequence[Any], known: Mapping[str, Any]) -> Iterator[Any]:
        for value in first:
            if isinstance(value, dict) and known.keys() & value.keys():
                yield {name: known.get(name, one) for name, one in value.items()}
            yield value

    def _candidates(self, schema: Schema, key: str, known: Mapping[str, Any]) -> Iterator[Any]:
        for number in range(_TRIES):
            # The first attempts are the nicest; what follows gives up one nicety after the other.
            attempt = Try(
                random.Random(f"{self.seed}\0{key}\0{number}"),  # noqa: S311 - repeatable, not secret
                plain=self.seed == 0 and number in (0, 1, 2),
                sparse=number in (2, 3, 7),
                examples=number not in (3, 5, 7),
                known=known if number in (0, 4) else {},
                key=key,
                number=number,
            )
            try:
                value = self._value([schema], attempt, (), "", 0)
            except (_TooMuchError, RecursionError):
                continue
            if value is not _NOTHING:
                yield value

    def _ask_engine(self, schema: Schema) -> Sample:
        """What the containment engine makes of a schema that is too intricate for good looks."""
        from zeues_contracts.schema import Context, Proven, Refuted, witness

        answer = witness(schema, Context(self.settings))
        if isinstance(answer, Refuted):
            return Sample(answer.witness)
        why = "its schema has no value" if isinstance(answer, Proven) else f"no value was found: {answer.reason}"
        return Sample(found=False, why=why)

    # --- one value ---------------------------------------------------------------------------------------------------

    def _value(self, places: Sequence[Schema], attempt: Try, above: tuple[str, ...], name: str, number: int) -> Any:
        attempt.made += 1
        if attempt.made > _MAX_VALUES:
            raise _TooMuchError
        parts = self._parts(places, attempt, above)
        if parts is None:
            return _NOTHING
        fixed = self._fixed(parts, attempt, places)
        if fixed is not _NOTHING:
            return copy.deepcopy(fixed)
        for kind in self._kinds(parts, attempt, above):
            value = self._of_kind(kind, parts, attempt, above, name, number)
            if value is not _NOTHING:
                return value
        return _NOTHING

    def _parts(self, places: Sequence[Schema], attempt: Try, above: tuple[str, ...]) -> list[Part] | None:
        """All schema objects that describe the value at some places, with one branch of each union."""
        found: list[Part] = []
        waiting = list(places)
        while waiting:
            for part in parts_of([waiting.pop(0)], self.direction):
                if any(part.place == one.place for one in found):
                    continue
                found.append(part)
                if len(found) > _MAX_PARTS or ("not" in part.read and part.read["not"] in ({}, True)):
                    return None
                for keyword in ("anyOf", "oneOf"):
                    branches = part.branches(keyword)
                    if branches:
                        waiting.append(self._branch(branches, attempt, above))
                if "if" in part.read and attempt.chance.random() < 0.5:
                    chosen = attempt.chance.choice([("if", "then"), ("else",)])
                    waiting += [child(part.place, keyword) for keyword in chosen if keyword in part.read]
        return found

    def _branch(self, branches: list[Schema], attempt: Try, above: tuple[str, ...]) -> Schema:
        """A branch of a union: the first that is something, and nothing where the value would hold itself again."""
        nulls = [one for one in branches if self._is_null(one)]
        others = [one for one in branches if one not in nulls] or branches
        again = [one for one in others if self._mark(one) in above]
        if nulls and (again or len(above) > _MAX_DEPTH or attempt.sparse):
            return nulls[0]
        fresh = [one for one in others if one not in again] or others
        if attempt.plain:
            return fresh[0]
        if nulls and attempt.chance.random() < 0.2:
            return nulls[0]
        return attempt.chance.choice(fresh)

    def _is_null(self, place: Schema) -> bool:
        node = node_at(place)
        return isinstance(node, Mapping) and node.get("type") in ("null", ["null"])

    def _mark(self, place: Schema) -> str:
        """What tells a schema that holds itself: where a reference leads."""
        node = node_at(place)
        if isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            target = resolve(place, node["$ref"])
            if target is not None:
                return f"{id(target.resource)}{target.pointer}"
        return f"{id(place.resource)}{place.pointer}"

    def _fixed(self, parts: Sequence[Part], attempt: Try, places: Sequence[Schema]) -> Any:
        """A value that the document itself gives: constant, example, default, member of an enumeration."""
        for part in parts:
            if "const" in part.read:
                return part.read["const"]
        if attempt.examples:
            for part in parts:
                for value in examples_of(part.raw):
                    if all(judge(place, value, self.settings).valid is not False for place in places):
                        return value
        for part in parts:
            members = part.read.get("enum")
            if members:
                fitting = [
                    one
                    for one in members[:1000]
                    if all("enum" not in other.read or one in other.read["enum"] for other in parts)
                ]
                something = [one for one in fitting if one is not None] or fitting
                if something:
                    return something[0] if attempt.plain else attempt.chance.choice(something)
        return _NOTHING

    def _kinds(self, parts: Sequence[Part], attempt: Try, above: tuple[str, ...]) -> list[str]:
        """The types that the value may have, the one to try first in front."""
        allowed: list[str] | None = None
        for part in parts:
            kinds = part.read.get("type")
            if kinds is None:
                continue
            if allowed is None:
                allowed = list(kinds)
            else:
                wide = set(kinds) | ({"integer"} if "number" in kinds else set())
                more = ["integer"] if "number" in allowed and "integer" in kinds else []
                allowed = [one for one in [*allowed, *more] if one in wide]
        if allowed is None:
            allowed = [implied_type(parts)]
        something = [one for one in allowed if one != "null"]
        if "null" in allowed and (
            not something
            or len(above) > _MAX_DEPTH
            or attempt.sparse
            or (not attempt.plain and attempt.chance.random() < 0.2)
        ):
            return ["null", *something]
        return [*something, *(one for one in allowed if one == "null")]

    def _of_kind(
        self, kind: str, parts: Sequence[Part], attempt: Try, above: tuple[str, ...], name: str, number: int
    ) -> Any:
        read = [part.read for part in parts]
        if kind == "object":
            return self._object(parts, attempt, above, name)
        if kind == "array":
            return self._array(parts, attempt, above, name)
        if kind == "string":
            key = f"{attempt.key}/{name}"
            found = list(itertools.islice(texts(read, name, key, number), 3))
            if not found:
                return _NOTHING
            # A format's own text is worth more than a name; the last attempts doubt that too.
            settled = attempt.plain or (attempt.number < _TRIES - 3 and any("format" in one for one in read))
            return found[0] if settled else attempt.chance.choice(found)
        if kind in ("integer", "number"):
            options = numbers(read, whole=kind == "integer", number=number)
            offered = list(itertools.islice(options, 1 if attempt.plain else 4))
            return attempt.chance.choice(offered) if offered else _NOTHING
        if kind == "boolean":
            return name.lower() in YES or number == 0 if attempt.plain else attempt.chance.random() < 0.6
        return None

    # --- objects and arrays ------------------------------------------------------------------------------------------

    def _object(self, parts: Sequence[Part], attempt: Try, above: tuple[str, ...], name: str) -> Any:
        described: dict[str, list[Schema]] = {}
        required: dict[str, None] = {}
        for part in parts:
            for one in part.read.get("properties", {}):
                described.setdefault(one, []).append(child(part.place, "properties", one))
            required.update(dict.fromkeys(part.read.get("required", ())))
        below = self._below(parts, above)
        out: dict[str, Any] = {}
        names = [*described, *(one for one in required if one not in described)]
        for one in names:
            if one not in required and not self._wanted(described[one], attempt, below):
                continue
            places = [*described.get(one, ()), *self._patterned(parts, one, one in described)]
            if one in attempt.known and not above and self._fits(places, attempt.known[one]):
                value = attempt.known[one]
            else:
                value = self._value(places, attempt, below, one, 0) if places else one
            if value is not _NOTHING:
                out[one] = value
            elif one in required:
                return _NOTHING
        self._depending(parts, described, out, attempt, below)
        self._more(parts, out, attempt, below, name)
        return out

    def _fits(self, places: Sequence[Schema], value: Any) -> bool:
        return all(judge(place, value, self.settings).valid for place in places)

    def _wanted(self, places: Sequence[Schema], attempt: Try, below: tuple[str, ...]) -> bool:
        """Whether an optional property is there: not if it would hold its owner again."""
        if attempt.sparse or len(below) > _MAX_DEPTH:
            return False
        if any(mark in below for place in places for mark in self._marks(place)):
            return False
        return attempt.plain or attempt.chance.random() < 0.7

    def _marks(self, place: Schema) -> Iterator[str]:
        """Where a property leads, through a union and through the items of a list."""
        node = node_at(place)
        if not isinstance(node, Mapping):
            return
        yield self._mark(place)
        for keyword in ("anyOf", "oneOf", "allOf"):
            branches = node.get(keyword)
            for index in range(len(branches) if isinstance(branches, list) else 0):
                yield self._mark(child(place, keyword, index))
        if isinstance(node.get("items"), Mapping):
            yield self._mark(child(place, "items"))

    def _below(self, parts: Sequence[Part], above: tuple[str, ...]) -> tuple[str, ...]:
        if len(above) > 4 * _MAX_DEPTH:
            raise _TooMuchError
        return (*above, *(f"{id(part.place.resource)}{part.place.pointer}" for part in parts))

    def _patterned(self, parts: Sequence[Part], name: str, described: bool) -> list[Schema]:
        """What ``patternProperties``, and else ``additionalProperties``, say of a property."""
        from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern, compile_pattern

        found: list[Schema] = []
        for part in parts:
            matched = False
            for pattern in part.read.get("patternProperties", {}):
                try:
                    if compile_pattern(pattern).accepts(name):
                        found.append(child(part.place, "patternProperties", pattern))
                        matched = True
                except (UnsupportedPattern, PatternBudget):
                    continue
            if not matched and not described and isinstance(part.read.get("additionalProperties"), Mapping):
                found.append(child(part.place, "additionalProperties"))
        return found

    def _depending(
        self,
        parts: Sequence[Part],
        described: Mapping[str, list[Schema]],
        out: dict[str, Any],
        attempt: Try,
        below: tuple[str, ...],
    ) -> None:
        for part in parts:
            for name, names in part.read.get("dependentRequired", {}).items():
                for one in names if name in out else ():
                    if one not in out:
                        places = described.get(one, [])
                        value = self._value(places, attempt, below, one, 0) if places else one
                        if value is not _NOTHING:
                            out[one] = value

    def _more(
        self, parts: Sequence[Part], out: dict[str, Any], attempt: Try, below: tuple[str, ...], name: str
    ) -> None:
        """Entries of a mapping: one where nothing else is described, and as many as ``minProperties`` asks for."""
        least = max((part.read.get("minProperties", 0) for part in parts), default=0)
        maps = any(isinstance(part.read.get("additionalProperties"), Mapping) for part in parts)
        patterned = [pattern for part in parts for pattern in part.read.get("patternProperties", {})]
        if not out and (maps or patterned) and not attempt.sparse and len(below) <= _MAX_DEPTH:
            least = max(least, 1)
        names = self._entry_names(parts, patterned, name)
        while len(out) < min(least, _MAX_ITEMS):
            one = next((candidate for candidate in names if candidate not in out), None)
            if one is None:
                return
            places = self._patterned(parts, one, False)
            value = self._value(places, attempt, below, one, len(out)) if places else one
            if value is _NOTHING:
                return
            out[one] = value

    def _entry_names(self, parts: Sequence[Part], patterned: Sequence[str], name: str) -> Iterator[str]:
        for pattern in patterned:
            yield from itertools.islice(texts([{"pattern": pattern}], "", "", 0), 3)
        rules = []
        for part in parts:
            if isinstance(part.read.get("propertyNames"), Mapping):
                place = child(part.place, "propertyNames")
                rules.append(read_schema(place, node_at(place), self.direction))
        for rule in rules:
            yield from (str(one) for one in rule.get("enum", ()))
        for number in range(_MAX_ITEMS):
            yield from itertools.islice(texts(rules, "key", name, number), 1)

    def _array(self, parts: Sequence[Part], attempt: Try, above: tuple[str, ...], name: str) -> Any:
        least = max((part.read.get("minItems", 0) for part in parts), default=0)
        most = min((part.read["maxItems"] for part in parts if "maxItems" in part.read), default=_MAX_ITEMS)
        prefix = max((len(part.read.get("prefixItems", ())) for part in parts), default=0)
        containing = [child(part.place, "contains") for part in parts if "contains" in part.read]
        least = max(least, len(containing), *(part.read.get("minContains", 0) for part in parts), prefix)
        if least > _MAX_ITEMS:
            return _NOTHING
        below = self._below(parts, above)
        wanted = 0 if attempt.sparse or len(above) > _MAX_DEPTH else 1 if attempt.plain else attempt.chance.randrange(4)
        out: list[Any] = []
        for index in range(max(least, min(wanted, most))):
            places = []
            for part in parts:
                if index < len(part.read.get("prefixItems", ())):
                    under = origin("prefixItems", part.raw, part.place.resource.dialect)
                    places.append(child(part.place, under, index))
                elif "items" in part.read:
                    places.append(child(part.place, origin("items", part.raw, part.place.resource.dialect)))
            if containing:
                places.append(containing[index % len(containing)])
            if index >= least and any(mark in below for place in places for mark in self._marks(place)):
                break
            value = self._value(places, attempt, below, singular(name), index) if places else f"item-{index + 1}"
            if value is _NOTHING:
                return _NOTHING if index < least else out
            out.append(value)
        return out
