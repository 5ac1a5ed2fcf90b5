"""What schemas say besides the set of values: discriminators, announcements, bounds that bind nothing, and text.

Two schema objects at the same place are walked side by side as they are written; references are not followed, since
what lies behind them has a place of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from zeues_contracts.drift.discriminators import Discriminated, compare_discriminators
from zeues_contracts.drift.labels import value_path
from zeues_contracts.drift.model import Sense, Use
from zeues_contracts.drift.policy import STABILITY, stability, sunset_of
from zeues_contracts.findings import Level
from zeues_contracts.schema.references import escape
from zeues_contracts.schema.types import Proven, Refuted, Resource, Schema

if TYPE_CHECKING:
    from zeues_contracts.drift.pair import Pair

__all__ = ["NAMED", "TEXTS", "Extras", "alike"]

Say = Callable[..., None]

TEXTS = frozenset(
    {
        "title", "description", "summary", "example", "examples", "externalDocs", "$comment", "xml",
        "contact", "license", "termsOfService",
    }
)  # fmt: skip

_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
NAMED = frozenset(
    (
        *_MAPS, "dependentRequired", "dependencies", "responses", "content", "headers", "links", "encoding",
        "callbacks", "variables", "mapping", "scopes", "security",
    )
)  # fmt: skip
"""Keywords of OpenAPI's objects whose members are named by the author; ``security`` holds a list of such tables."""
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_ONES = (
    "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems",
    "unevaluatedProperties", "additionalItems", "contentSchema",
)  # fmt: skip
_MAX_DEPTH = 64
_VALUES = frozenset({"default", "const", "enum"})

_NUMBERS = frozenset({"integer", "number"})
# Keyword: the types that it speaks of, and whether a greater value is the tighter one.
_BOUNDS: Mapping[str, tuple[frozenset[str], bool]] = {
    "minimum": (_NUMBERS, True),
    "maximum": (_NUMBERS, False),
    "exclusiveMinimum": (_NUMBERS, True),
    "exclusiveMaximum": (_NUMBERS, False),
    "minLength": (frozenset({"string"}), True),
    "maxLength": (frozenset({"string"}), False),
    "minItems": (frozenset({"array"}), True),
    "maxItems": (frozenset({"array"}), False),
    "minProperties": (frozenset({"object"}), True),
    "maxProperties": (frozenset({"object"}), False),
}


class Extras(msgspec.Struct):
    """Walks pairs of schema objects. ``say(rule, path, sentence, old, new, …)`` takes what is found."""

    use: Use
    pair: Pair
    say: Say

    def walk(
        self, old: Any, new: Any, old_place: str, new_place: str, path: tuple[str, ...] = (), depth: int = 0
    ) -> None:
        """Compare two schema objects at their places."""
        if old is new or depth > _MAX_DEPTH or not isinstance(old, Mapping) or not isinstance(new, Mapping):
            return
        if old == new:
            return
        at = {"old": old_place, "new": new_place}
        self._announced(old, new, path, at)
        self._discriminator(old, new, path, at)
        self._extensible(old, new, path, at)
        self._held(old, new, path, at)
        self._idle_bounds(old, new, path, at)
        for step, one, other in _children(old, new):
            inner = (*path, *value_path((*step, "")))
            below = "".join(f"/{escape(token)}" for token in step)
            self.walk(one, other, old_place + below, new_place + below, inner, depth + 1)

    def _announced(
        self, old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...], at: dict[str, str]
    ) -> None:
        was, now = old.get("deprecated") is True, new.get("deprecated") is True
        if was is not now:
            sunset = sunset_of(new)
            until = f", until {sunset}" if now and sunset else ""
            self.say("deprecation-changed", path, f"is deprecated{until}" if now else "is in use again", **at)
        if now and (not was or old.get("x-sunset") != new.get("x-sunset")):
            problem = self.pair.policy.problem(new)
            earlier = (sunset_of(old), sunset_of(new))
            if was and "x-sunset" in old and "x-sunset" not in new:
                self.say("sunset-withdrawn", path, f"its sunset on {old['x-sunset']} was taken back", **at)
            elif problem:
                self.say("sunset-policy", path, problem, **at)
            elif earlier[0] and earlier[1] and earlier[1] < earlier[0]:
                self.say("sunset-withdrawn", path, f"its sunset moved forward from {earlier[0]} to {earlier[1]}", **at)
        if old.get("x-stability-level") == new.get("x-stability-level"):
            return
        before, after = stability(old), stability(new)
        for node, (_, known) in ((old, before), (new, after)):
            if not known:
                text = str(node["x-stability-level"])[:40]
                self.say("stability-lowered", path, f"{text!r} is no stability level: {', '.join(STABILITY)}", **at)
                return
        if STABILITY[after[0]] < STABILITY[before[0]] and "x-stability-level" in old:
            self.say("stability-lowered", path, f"its stability fell from {before[0]} to {after[0]}", **at)

    def _discriminator(
        self, old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...], at: dict[str, str]
    ) -> None:
        before, after = old.get("discriminator"), new.get("discriminator")
        if before == after:
            return
        fields = {**at, "before": before, "after": after}
        if not isinstance(before, Mapping) or not isinstance(after, Mapping):
            words = "a discriminator was added" if isinstance(after, Mapping) else "the discriminator was removed"
            self.say("discriminator-extended", path, words, **fields)
            return
        if before.get("propertyName") != after.get("propertyName"):
            words = f"the discriminating property {before.get('propertyName')!r} became {after.get('propertyName')!r}"
            self.say("discriminator-extended", path, words, **fields)
        one = Discriminated(self.pair.old, at["old"], old)
        other = Discriminated(self.pair.new, at["new"], new)

        def say(rule: str, sentence: str, **more: Any) -> None:
            self.say(rule, path, sentence, **fields, **more)

        compare_discriminators(self.pair, self.use, one, other, say)

    def _extensible(
        self, old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...], at: dict[str, str]
    ) -> None:
        before, after = old.get("x-extensible-enum"), new.get("x-extensible-enum")
        if before == after or not isinstance(before, list) or not isinstance(after, list):
            return
        gone = [one for one in before if one not in after]
        come = [one for one in after if one not in before]
        fields = {**at, "before": before, "after": after}
        if gone and self.use.sense is Sense.TAKES:
            words = f"{', '.join(map(repr, gone))} left the extensible enumeration"
            self.say("request-values-removed", path, words, **fields)
        elif come and self.use.sense is Sense.GIVES:
            words = f"{', '.join(map(repr, come))} joined the extensible enumeration"
            self.say("response-values-added", path, words, level=Level.INFO, **fields)

    def _held(self, old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...], at: dict[str, str]) -> None:
        """What a text holds: ``contentSchema``, which needs a media type to mean anything (2020-12 Validation, 8.5)."""
        before, after = (_held_schema(node) for node in (old, new))
        if alike(before, after) or not at["old"].startswith("/") or not at["new"].startswith("/"):
            return
        one, other = (
            Resource(True).schema() if held is True else Schema(document.resource, f"{place}/contentSchema")
            for held, document, place in (
                (before, self.pair.old, at["old"]),
                (after, self.pair.new, at["new"]),
            )
        )
        takes = self.use.sense is Sense.TAKES
        answer = self.pair.contains(self.use.direction, *((one, other) if takes else (other, one)))
        fields = {**at, "before": old.get("contentSchema"), "after": new.get("contentSchema")}
        if isinstance(answer, Refuted):
            words = "what the text may hold is restricted" if takes else "the text may hold something else"
            text = json.dumps(answer.witness, ensure_ascii=False)
            self.say("content-encoding-changed", path, words, **fields, witness=text)
        elif isinstance(answer, Proven):
            words = "what the text holds changed, and whatever was written is still read"
            self.say("content-encoding-changed", path, words, **fields, level=Level.INFO)
        else:
            self.say("schema-undecided", path, f"what the text holds changed: {answer.reason}", **fields)

    def _idle_bounds(
        self, old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...], at: dict[str, str]
    ) -> None:
        """Bounds beside a type that they say nothing of: nothing changed by the sets, but somebody meant something."""
        types = {_types(old), _types(new)}
        if len(types) != 1 or not (kinds := types.pop()):
            return
        takes = self.use.sense is Sense.TAKES
        for keyword, (speaks, rising) in _BOUNDS.items():
            if kinds & speaks:
                continue
            before, after = old.get(keyword), new.get(keyword)
            if before == after or not _is_number(before, None) or not _is_number(after, None):
                continue
            tighter = after is not None and (before is None or _above(after, before) is rising)
            if tighter is takes:
                words = (
                    f"{keyword} {before} became {after}"
                    if before is not None and after is not None
                    else (f"{keyword} {after} was added" if before is None else f"{keyword} {before} was removed")
                )
                kind = " or ".join(sorted(kinds))
                self.say(
                    "idle-bound-changed",
                    path,
                    f"{words}, which says nothing of a value of type {kind}",
                    before=before,
                    after=after,
                    **at,
                )
        if "array" in kinds and "contains" not in old and "contains" not in new:
            for keyword, rising in (("minContains", True), ("maxContains", False)):
                before, after = old.get(keyword), new.get(keyword)
                if before == after or not _is_number(before) or not _is_number(after):
                    continue
                if (_above(after, before) is rising) is takes:
                    words = f"{keyword} {before} became {after}, which says nothing without `contains`"
                    self.say("idle-bound-changed", path, words, before=before, after=after, **at)


def alike(one: Any, other: Any, names: bool = False) -> bool:
    """Whether two schema objects, or other objects of OpenAPI, differ in text at most; ``names``: tables of them.

    1, 1.0 and true are three values, though Python holds them for one.
    """
    if one is other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys() and (
            names or {key for key in one if key not in TEXTS} != {key for key in other if key not in TEXTS}
        ):
            return False
        for key, value in one.items():
            if not names and key in TEXTS:
                continue
            if not names and key in _VALUES:
                if repr(value) != repr(other[key]):
                    return False
            elif not alike(value, other[key], not names and key in NAMED):
                return False
        return True
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other, [names] * len(one)))
    return type(one) is type(other) and bool(one == other)


def _children(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    for keyword in _MAPS:
        one, other = old.get(keyword), new.get(keyword)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            for name, value in one.items():
                if name in other:
                    yield (keyword, str(name)), value, other[name]
    for keyword in _LISTS:
        one, other = old.get(keyword), new.get(keyword)
        if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            for index, (value, twin) in enumerate(zip(one, other, strict=True)):
                if not (
                    isinstance(value, Mapping) and isinstance(twin, Mapping) and value.get("$ref") != twin.get("$ref")
                ):
                    yield (keyword, str(index)), value, twin
    for keyword in _ONES:
        one, other = old.get(keyword), new.get(keyword)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield (keyword,), one, other


def _held_schema(node: Mapping[str, Any]) -> Any:
    return node.get("contentSchema", True) if isinstance(node.get("contentMediaType"), str) else True


def _types(node: Mapping[str, Any]) -> frozenset[str]:
    kinds = node.get("type")
    if isinstance(kinds, str):
        return frozenset({kinds})
    return frozenset(map(str, kinds)) if isinstance(kinds, list) else frozenset()


def _above(one: Any, other: Any) -> bool:
    return bool(one > other)


def _is_number(value: Any, *also: Any) -> bool:
    return value in also if value is None else isinstance(value, (int, float)) and not isinstance(value, bool)
