"""Why a value is none of a schema's, told to a person: the path, the two places, the keyword and a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from zeues_contracts.schema.containment.numbers import exact
from zeues_contracts.schema.containment.values import key_of, type_of
from zeues_contracts.schema.dialects.bundle import target_of
from zeues_contracts.schema.dialects.translate import origin
from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern, compile_pattern
from zeues_contracts.schema.references import child, escape, node_at
from zeues_contracts.schema.types import Explanation, Schema

if TYPE_CHECKING:
    from zeues_contracts.schema.containment.context import Context

__all__ = ["explained"]

MAX_DEPTH = 60
_ARTICLE = {
    "null": "null",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "array": "an array",
    "object": "an object",
}
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")

Path = tuple[str | int, ...]


class _Failure(msgspec.Struct, frozen=True):
    """What is not met: where in the value, by which keyword at which place; ``says`` follows the path in a sentence."""

    path: Path
    place: Schema
    keyword: str
    says: str
    value: Any


def explained(context: Context, sub: Schema, sup: Schema, value: Any) -> Explanation | None:
    """Why a value is none of the second schema's, as the engine reads it; ``None`` where it sees no reason."""
    failure = _Reader(context).failure(sup, value, (), 0)
    if failure is None:
        return None
    place = _Reader(context).describing(sub, value, failure.path)
    node = node_at(failure.place)
    written = origin(failure.keyword, node, failure.place.resource.dialect)
    pointer = failure.place.pointer
    if isinstance(node, Mapping) and written in node:
        pointer += f"/{escape(written)}"
    return Explanation(
        "".join(f"/{escape(str(one))}" for one in failure.path),
        place.pointer,
        pointer,
        failure.keyword,
        f"{_name(failure.path)} {failure.says}",
    )


def _name(path: Path) -> str:
    return f"`{'/'.join(map(str, path))}`" if path else "the value"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


class _Reader:
    """Walks a schema beside a value."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def inside(self, place: Schema, value: Any, *, whole: bool = True) -> bool | None:
        return self.context.judged(place, value, whole=whole)

    def words(self, place: Schema) -> Mapping[str, Any] | bool:
        node = node_at(place)
        return node if isinstance(node, bool) else self.context.graph.words_at(place)

    # Why not.

    def failure(self, place: Schema, value: Any, path: Path, depth: int, *, whole: bool = True) -> _Failure | None:
        """The first thing that is not met, plain assertions before what lies below."""
        if depth > MAX_DEPTH or self.inside(place, value, whole=whole) is True:
            return None
        words = self.words(place)
        if isinstance(words, bool):
            says = f"is {_shown(value)}, where no value is allowed"
            return None if words else _Failure(path, place, "false", says, value)
        for keyword, says in _plain(value, words):
            return _Failure(path, place, keyword, says, value)
        found = self.below(place, words, value, path, depth)
        if found is None:
            found = self.combined(place, words, value, path, depth)
        if found is None and isinstance(value, (dict, list)):
            found = self.left_over(place, words, value, path, whole)
        return found

    def below(self, place: Schema, words: Mapping[str, Any], value: Any, path: Path, depth: int) -> _Failure | None:
        for token, keyword, inner in _parts(place, words, value):
            one = value[token]
            if self.inside(inner, one) is False:
                if node_at(inner) is False:
                    says = "is not allowed: " + (
                        "no other properties are"
                        if keyword == "additionalProperties"
                        else f"`{keyword}` is false for it"
                    )
                    return _Failure((*path, token), place, keyword, says, one)
                found = self.failure(inner, one, (*path, token), depth + 1)
                return found or _Failure((*path, token), inner, keyword, f"is {_shown(one)}, which does not fit", one)
        if isinstance(value, dict) and "propertyNames" in words:
            inner = child(place, "propertyNames")
            for name in value:
                if self.inside(inner, name) is False:
                    return _Failure(
                        path, place, "propertyNames", f"has a member {_shown(name)}: no such name is allowed", value
                    )
        if isinstance(value, list) and "contains" in words:
            inner = child(place, "contains")
            held = sum(self.inside(inner, one) is True for one in value)
            least, most = words.get("minContains", 1), words.get("maxContains")
            if held < least:
                keyword = "minContains" if "minContains" in words and held else "contains"
                says = f"has {_count(held, 'item')} of the kind that it must contain, fewer than {least}"
                return _Failure(path, place, keyword, says, value)
            if most is not None and held > most:
                says = f"has {_count(held, 'item')} of a kind of which there may be {most}"
                return _Failure(path, place, "maxContains", says, value)
        return None

    def combined(self, place: Schema, words: Mapping[str, Any], value: Any, path: Path, depth: int) -> _Failure | None:
        for keyword in _REFERENCES:
            target = target_of(place, words, keyword) if keyword in words else None
            if target is not None and self.inside(target, value, whole=False) is False:
                return self.failure(target, value, path, depth + 1, whole=False)
        for position in range(len(words.get("allOf", ()))):
            inner = child(place, "allOf", position)
            if self.inside(inner, value, whole=False) is False:
                return self.failure(inner, value, path, depth + 1, whole=False)
        for keyword in ("anyOf", "oneOf"):
            if keyword in words:
                found = self.choice(place, words, keyword, value, path, depth)
                if found is not None:
                    return found
        if "not" in words and self.inside(child(place, "not"), value, whole=False) is True:
            return _Failure(path, place, "not", f"is {_shown(value)}, which `not` rules out", value)
        if "if" in words:
            holds = self.inside(child(place, "if"), value, whole=False)
            branch = "then" if holds else "else"
            if holds is not None and branch in words:
                inner = child(place, branch)
                if self.inside(inner, value, whole=False) is False:
                    return self.failure(inner, value, path, depth + 1, whole=False)
        if isinstance(value, dict):
            for name in words.get("dependentSchemas", ()):
                written = origin("dependentSchemas", node_at(place), place.resource.dialect)
                inner = child(place, written, name)
                if name in value and self.inside(inner, value, whole=False) is False:
                    return self.failure(inner, value, path, depth + 1, whole=False)
        return None

    def choice(
        self, place: Schema, words: Mapping[str, Any], keyword: str, value: Any, path: Path, depth: int
    ) -> _Failure | None:
        branches = [child(place, keyword, i) for i in range(len(words[keyword]))]
        verdicts = [self.inside(one, value, whole=False) for one in branches]
        if True in verdicts:
            if keyword == "oneOf" and verdicts.count(True) > 1:
                first, second = [i for i, one in enumerate(verdicts) if one][:2]
                says = f"is {_shown(value)}, which fits branches {first} and {second} of `oneOf`, and only one may"
                return _Failure(path, place, "oneOf", says, value)
            return None
        failures = [
            found for one in branches if (found := self.failure(one, value, path, depth + 1, whole=False)) is not None
        ]
        if not failures:
            return None
        if len(failures) > 1 and all(one.keyword == "type" and one.path == path for one in failures):
            wanted = [one.says.partition(", not ")[2] for one in failures]
            kinds = list(dict.fromkeys(wanted))
            says = f"is {_shown(value)}, {'neither' if len(kinds) > 1 else 'not'} {' nor '.join(kinds)}"
            return _Failure(path, place, keyword, says, value)
        # The branch that was meant: of the right type, told apart by a constant that fits, and failing deepest.
        return max(failures, key=lambda one: _closeness(one, path))

    def left_over(
        self, place: Schema, words: Mapping[str, Any], value: Any, path: Path, whole: bool
    ) -> _Failure | None:
        for keyword, kind in (("unevaluatedProperties", dict), ("unevaluatedItems", list)):
            if keyword in words and isinstance(value, kind):
                tokens: Iterator[Any] = iter(value) if isinstance(value, dict) else iter(range(len(value)))
                for token in tokens:
                    less = _without(value, token)
                    if self.inside(place, less, whole=whole) is True:
                        says = f"is {_shown(value[token])}, which `{keyword}` does not allow"
                        return _Failure((*path, token), place, keyword, says, value[token])
                return _Failure(path, place, keyword, f"is {_shown(value)}, which `{keyword}` does not allow", value)
        if whole and self.context.settings.closed_world and isinstance(value, dict):
            for name in value:
                if self.inside(place, _without(value, name)) is True:
                    says = "is not described, and objects are closed"
                    return _Failure((*path, name), place, "additionalProperties", says, value[name])
        return None

    # Where from.

    def describing(self, place: Schema, value: Any, path: Path) -> Schema:
        """The place of a schema that describes the part of one of its values at a path, as far as one does."""
        for token in path:
            here = self.narrowed(place, value, token, 0)
            if here is None:
                return self.followed(place)
            place, value = here, value[token]
        return self.followed(place)

    def followed(self, place: Schema) -> Schema:
        """Where a place that is but a reference leads."""
        for _ in range(MAX_DEPTH):
            words = self.words(place)
            if isinstance(words, bool) or words.keys() != {"$ref"}:
                return place
            target = target_of(place, words, "$ref")
            if target is None:
                return place
            place = target
        return place

    def narrowed(self, place: Schema, value: Any, token: str | int, depth: int) -> Schema | None:
        """The place below that describes a member or an item."""
        words = self.words(place)
        if isinstance(words, bool) or depth > MAX_DEPTH:
            return None
        for one, _, inner in _parts(place, words, value):
            if one == token:
                return inner
        inside: list[Schema] = []
        for keyword in _REFERENCES:
            target = target_of(place, words, keyword) if keyword in words else None
            if target is not None:
                inside.append(target)
        for keyword in ("allOf", "anyOf", "oneOf"):
            inside += [child(place, keyword, i) for i in range(len(words.get(keyword, ())))]
        inside += [child(place, keyword) for keyword in ("then", "else") if keyword in words]
        for one_place in inside:
            if self.inside(one_place, value, whole=False) is True:
                found = self.narrowed(one_place, value, token, depth + 1)
                if found is not None:
                    return found
        return None


def _closeness(failure: _Failure, path: Path) -> tuple[bool, bool, int]:
    at_root = failure.path == path
    wrong_type = at_root and failure.keyword == "type"
    told_apart = failure.keyword in ("const", "enum") and len(failure.path) == len(path) + 1
    return (not wrong_type, not told_apart, len(failure.path))


def _without(value: Any, token: Any) -> Any:
    if isinstance(value, dict):
        return {name: one for name, one in value.items() if name != token}
    return value[:token] + value[token + 1 :]


def _parts(place: Schema, words: Mapping[str, Any], value: Any) -> Iterator[tuple[Any, str, Schema]]:
    """The parts of a value that a schema object describes itself, each with the keyword and the place that do."""
    if isinstance(value, dict):
        properties = words.get("properties", {})
        for name in value:
            described = name in properties
            if described:
                yield name, "properties", child(place, "properties", name)
            for pattern in words.get("patternProperties", ()):
                try:
                    if compile_pattern(pattern).accepts(name):
                        described = True
                        yield name, "patternProperties", child(place, "patternProperties", pattern)
                except (UnsupportedPattern, PatternBudget):
                    described = True
            if not described and "additionalProperties" in words:
                yield name, "additionalProperties", child(place, "additionalProperties")
    elif isinstance(value, list):
        node, dialect = node_at(place), place.resource.dialect
        prefix = len(words.get("prefixItems", ()))
        for position in range(len(value)):
            if position < prefix:
                yield position, "prefixItems", child(place, origin("prefixItems", node, dialect), position)
            elif "items" in words:
                yield position, "items", child(place, origin("items", node, dialect))


def _plain(value: Any, words: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a schema object asserts of the value itself and is not met."""
    kind = type_of(value)
    shown = _shown(value)
    if words.get("nullable") and value is None:
        return
    types = words.get("type")
    whole = kind == "number" and exact(value).denominator == 1
    if types is not None and kind not in types and not (whole and "integer" in types):
        yield "type", f"is {shown}, not {' or '.join(_ARTICLE[one] for one in types)}"
    if "const" in words and key_of(words["const"]) != key_of(value):
        yield "const", f"is {shown}, not {_shown(words['const'])}"
    if "enum" in words and all(key_of(one) != key_of(value) for one in words["enum"]):
        listed = ", ".join(map(_shown, words["enum"][:6])) + (", ..." if len(words["enum"]) > 6 else "")
        yield "enum", f"is {shown}, not one of {listed}"
    if kind == "number":
        yield from _number(value, words, shown)
    elif kind == "string":
        yield from _text(value, words, shown)
    elif kind == "array":
        if len(value) < words.get("minItems", 0):
            yield "minItems", f"has {_count(len(value), 'item')}, fewer than {words['minItems']}"
        if len(value) > words.get("maxItems", len(value)):
            yield "maxItems", f"has {_count(len(value), 'item')}, more than {words['maxItems']}"
        if words.get("uniqueItems") and len({key_of(one) for one in value}) < len(value):
            yield "uniqueItems", f"is {shown}, in which items are equal"
    elif kind == "object":
        for name in words.get("required", ()):
            if name not in value:
                yield "required", f"lacks the required member `{name}`"
        if len(value) < words.get("minProperties", 0):
            yield "minProperties", f"has {_count(len(value), 'member')}, fewer than {words['minProperties']}"
        if len(value) > words.get("maxProperties", len(value)):
            yield "maxProperties", f"has {_count(len(value), 'member')}, more than {words['maxProperties']}"
        for name, needed in words.get("dependentRequired", {}).items():
            for other in needed:
                if name in value and other not in value:
                    yield "dependentRequired", f"has `{name}` and lacks `{other}`"


def _number(value: Any, words: Mapping[str, Any], shown: str) -> Iterator[tuple[str, str]]:
    number = exact(value)
    if "minimum" in words and number < exact(words["minimum"]):
        yield "minimum", f"is {shown}, below the minimum {words['minimum']}"
    if "exclusiveMinimum" in words and number <= exact(words["exclusiveMinimum"]):
        yield "exclusiveMinimum", f"is {shown}, not greater than {words['exclusiveMinimum']}"
    if "maximum" in words and number > exact(words["maximum"]):
        yield "maximum", f"is {shown}, above the maximum {words['maximum']}"
    if "exclusiveMaximum" in words and number >= exact(words["exclusiveMaximum"]):
        yield "exclusiveMaximum", f"is {shown}, not less than {words['exclusiveMaximum']}"
    if "multipleOf" in words and (number / exact(words["multipleOf"])).denominator != 1:
        yield "multipleOf", f"is {shown}, no multiple of {words['multipleOf']}"


def _text(value: str, words: Mapping[str, Any], shown: str) -> Iterator[tuple[str, str]]:
    if len(value) < words.get("minLength", 0):
        yield "minLength", f"is {shown}, shorter than {_count(words['minLength'], 'character')}"
    if len(value) > words.get("maxLength", len(value)):
        yield "maxLength", f"is {shown}, longer than {_count(words['maxLength'], 'character')}"
    if "pattern" in words:
        try:
            fits = compile_pattern(words["pattern"]).accepts(value)
        except (UnsupportedPattern, PatternBudget):
            fits = True
        if not fits:
            yield "pattern", f"is {shown}, which does not match the pattern {words['pattern']}"
    if "format" in words:
        yield from _format(value, words["format"], shown)


def _format(value: str, name: str, shown: str) -> Iterator[tuple[str, str]]:
    from zeues_contracts.schema.patterns import format_bounds

    bounds = format_bounds(name)
    if bounds is not None and not bounds.inner.accepts(value):
        yield "format", f"is {shown}, which is not of the format {name}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
