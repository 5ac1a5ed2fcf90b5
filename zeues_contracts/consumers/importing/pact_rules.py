"""Pact's matching rules (versions 2, 3 and 4), and the form that an example body means under them.

Specification: https://github.com/pact-foundation/pact-specification (Matching rules). A rule belongs to a path; of the
rules that fit a place the most specific counts, and rules on types hold for all that is below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zeues_contracts.consumers.forms.shortening import written_name

__all__ = ["Rules", "body_form"]

_SEGMENT = re.compile(
    r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\[\*\]|\['(?P<quoted>[^']*)'\]|\[\"(?P<double>[^\"]*)\"\]"
)
_ANY = "*"
_DEEPEST = 60
# Matchers that hold for everything below their place.
_CASCADE = frozenset({"type", "equality", "number", "min", "max"})
_NAMES: Mapping[str, str] = {
    "integer": "int",
    "decimal": "num",
    "number": "num",
    "boolean": "bool",
    "null": "null",
    "date": "date",
    "time": "time",
    "timestamp": "datetime",
    "datetime": "datetime",
    "semver": "str",
    "contentType": "str",
}
_ISO = {
    "date": ("yyyy-MM-dd",),
    "time": ("HH:mm:ssXXX", "HH:mm:ss.SSSXXX"),
    "timestamp": ("yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "yyyy-MM-dd'T'HH:mm:ss'Z'"),
    "datetime": ("yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "yyyy-MM-dd'T'HH:mm:ss'Z'"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one part of a message (the body, the headers …): a path in segments, and its matchers."""

    entries: tuple[tuple[tuple[str, ...], tuple[Mapping[str, Any], ...]], ...] = ()

    @classmethod
    def of(cls, given: Any, part: str, *, version: int) -> Rules:
        """The rules of a part from ``matchingRules`` as a Pact of some version has them."""
        if not isinstance(given, Mapping):
            return cls()
        entries: list[tuple[tuple[str, ...], tuple[Mapping[str, Any], ...]]] = []
        if version <= 2:
            for path, matcher in given.items():
                segments = _segments(str(path))
                wanted = "header" if part == "header" else part
                if segments[:1] in ((wanted,), (f"{wanted}s",)) and isinstance(matcher, Mapping):
                    entries.append((segments[1:], (_named(matcher),)))
            return cls(tuple(entries))
        section = given.get(part)
        if not isinstance(section, Mapping):
            return cls()
        if isinstance(section.get("matchers"), list):  # path, status: the part itself
            section = {"$": section}
        for path, rule in section.items():
            matchers = rule.get("matchers") if isinstance(rule, Mapping) else None
            if isinstance(matchers, list):
                segments = _segments(str(path)) if str(path).startswith("$") else (str(path).lower(),)
                entries.append((segments, tuple(_named(one) for one in matchers if isinstance(one, Mapping))))
        return cls(tuple(entries))

    def at(self, path: Sequence[str]) -> Mapping[str, Any] | None:
        """The matcher in force at a place, its own or one that holds from above."""
        best: tuple[tuple[int, int], Mapping[str, Any]] | None = None
        for segments, matchers in self.entries:
            if not matchers or len(segments) > len(path):
                continue
            if not all(one in (_ANY, two) for one, two in zip(segments, path, strict=False)):
                continue
            own = len(segments) == len(path)
            # What is said of the keys of a map leaves its values open.
            matcher = next((one for one in matchers if one.get("match") != "eachKey"), matchers[0])
            if not own and str(matcher.get("match")) not in _CASCADE:
                continue
            weight = (len(segments), sum(one != _ANY for one in segments))
            if best is None or weight > best[0]:
                # What holds below is the type alone: how many items there are is said of the list itself.
                best = (weight, matcher if own else {"match": str(matcher.get("match", "type"))})
        return best[1] if best is not None else None

    def below(self, path: tuple[str, ...], matchers: Any) -> Rules:
        """These rules, and the matchers that one of them holds for whatever is below its place."""
        if not isinstance(matchers, list):
            return self
        told = tuple(_named(one) for one in matchers if isinstance(one, Mapping))
        return Rules((*self.entries, ((*path, _ANY), told))) if told else self


def _named(matcher: Mapping[str, Any]) -> Mapping[str, Any]:
    """A matcher with its kind: version 2 leaves ``match`` out where ``regex`` or ``min`` tells."""
    if "match" in matcher:
        return matcher
    kind = "regex" if "regex" in matcher else next((one for one in ("date", "time", "timestamp") if one in matcher), "")
    return {**matcher, "match": kind or "type"}


def _segments(path: str) -> tuple[str, ...]:
    found: list[str] = []
    for one in _SEGMENT.finditer(path[:2000], 1 if path.startswith("$") else 0):
        name = one["name"] or one["quoted"] or one["double"]
        found.append(name if name is not None else one["index"] if one["index"] is not None else _ANY)
    return tuple(found)


def body_form(value: Any, rules: Rules, path: tuple[str, ...] = ()) -> Any:
    """The form of an answer's body: what the rules leave open by type, the rest by value.

    Objects of an answer may have other properties (Pact: unexpected keys are ignored).
    """
    if len(path) > _DEEPEST:
        return "any"
    matcher = rules.at(path)
    kind = str(matcher.get("match")) if matcher is not None else "equality"
    if matcher is not None and kind == "regex" and isinstance(matcher.get("regex"), str):
        form = {"$regex": matcher["regex"]}
        return {**form, "$example": value} if isinstance(value, str) else form
    if kind == "include" and matcher is not None:
        return {"$regex": re.escape(str(matcher.get("value", "")))}
    if kind in _NAMES and matcher is not None:
        given = str(matcher.get("format") or matcher.get(kind) or "")
        return _NAMES[kind] if kind not in _ISO or not given or given in _ISO[kind] else "str"
    if isinstance(value, Mapping):
        return _object(value, rules, path, kind, matcher)
    if isinstance(value, list):
        return _list(value, rules, path, kind, matcher)
    if kind in ("type", "notEmpty"):
        return "any" if value is None else {"$like": value}
    return _exactly(value)


def _exactly(value: Any) -> Any:
    return {"$const": value} if isinstance(value, str) else value


def _object(
    value: Mapping[str, Any], rules: Rules, path: tuple[str, ...], kind: str, matcher: Mapping[str, Any] | None
) -> Any:
    if kind in ("values", "eachValue", "eachKey"):
        own = rules.below(path, (matcher or {}).get("rules")) if kind == "eachValue" else rules
        forms: list[Any] = []
        for name, one in list(value.items())[:50]:
            form = body_form(one, own, (*path, str(name)))
            if form not in forms:
                forms.append(form)
        return {"$map": "any" if not forms else forms[0] if len(forms) == 1 else {"$any-of": forms}}
    return {written_name(str(name)): body_form(one, rules, (*path, str(name))) for name, one in value.items()}


def _list(
    value: Sequence[Any], rules: Rules, path: tuple[str, ...], kind: str, matcher: Mapping[str, Any] | None
) -> Any:
    if kind == "arrayContains":
        return _containing(value, (matcher or {}).get("variants"))
    if not value:
        return "list"
    if kind in ("type", "eachValue", "notEmpty"):
        own = rules.below(path, (matcher or {}).get("rules")) if kind == "eachValue" else rules
        form: dict[str, Any] = {"$each": body_form(value[0], own, (*path, "0"))}
        for key in ("min", "max"):
            bound = (matcher or {}).get(key)
            if isinstance(bound, int) and not isinstance(bound, bool) and bound >= 0:
                form[f"${key}"] = bound
        return [form["$each"]] if len(form) == 1 else form
    return [body_form(one, rules, (*path, str(index))) for index, one in enumerate(value[:50])]


def _containing(value: Sequence[Any], variants: Any) -> Any:
    """A list in which something like each variant is found, among others (version 4)."""
    forms: list[Any] = []
    for variant in variants[:20] if isinstance(variants, list) else []:
        index = variant.get("index", 0) if isinstance(variant, Mapping) else -1
        if isinstance(index, int) and 0 <= index < len(value):
            told = Rules.of({"body": variant.get("rules")}, "body", version=4)
            forms.append({"$some": body_form(value[index], told)})
    if not forms:
        return "list"
    return forms[0] if len(forms) == 1 else {"$all-of": forms}
