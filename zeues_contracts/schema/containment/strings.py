"""The strings of a schema as languages: one of what is certainly in it, one of what may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from zeues_contracts.schema.containment.graph import Graph, Node, UndecidableError
from zeues_contracts.schema.patterns import (
    ALL,
    EMPTY,
    Language,
    PatternBudget,
    UnsupportedPattern,
    compile_pattern,
    format_bounds,
    length,
    literals,
)
from zeues_contracts.schema.patterns.language import MAX_WITNESS

__all__ = ["Strings", "listed", "strings_of"]


LONGEST = 2_000_000
"""Characters of a string that is written out where any will do."""


def listed(language: Language, limit: int) -> tuple[tuple[str, ...], bool]:
    """Up to ``limit`` strings, and whether that many were found or there are no more.

    Strings too long to be spelled one by one are one of one letter, where such a one is in the language.
    """
    found = language.members(limit)
    if len(found) >= limit:
        return found, True
    beyond = language.intersect(length(MAX_WITNESS + 1))
    if beyond.is_empty():
        return found, True
    bounds = beyond.lengths()
    if bounds is not None and bounds[0] <= LONGEST:
        found += tuple(text for text in (letter * bounds[0] for letter in "0aA ") if beyond.accepts(text))[:1]
    return found, len(found) >= limit


@dataclass(frozen=True, slots=True)
class Strings:
    """``inner`` ⊆ the set ⊆ ``outer``; ``reason`` says what keeps the two apart."""

    inner: Language
    outer: Language
    reason: str = ""

    def both(self, other: Strings) -> Strings:
        """The strings of both."""
        outer = self.outer.intersect(other.outer)
        if self.inner is self.outer and other.inner is other.outer:
            return Strings(outer, outer)
        return Strings(self.inner.intersect(other.inner), outer, self.reason or other.reason)

    def either(self, other: Strings) -> Strings:
        """The strings of either."""
        outer = self.outer.union(other.outer)
        if self.inner is self.outer and other.inner is other.outer:
            return Strings(outer, outer)
        return Strings(self.inner.union(other.inner), outer, self.reason or other.reason)

    def others(self) -> Strings:
        """All other strings."""
        outer = self.inner.complement()
        if self.inner is self.outer:
            return Strings(outer, outer)
        return Strings(self.outer.complement(), outer, self.reason)


EVERY = Strings(ALL, ALL)
NO = Strings(EMPTY, EMPTY)


def strings_of(graph: Graph, literal: int, above: tuple[int, ...] = ()) -> Strings:
    """The strings of a literal.

    Raises :class:`UndecidableError` where they cannot be told at all, as for a reference that leads back to itself.
    """
    if literal < 2:
        return NO if literal & 1 else EVERY
    node = graph.nodes[literal >> 1]
    known = node.language
    if known is None:
        if node.number in above or len(above) > 60:
            raise UndecidableError("strings below a reference that leads back to itself")
        try:
            known = _of_node(graph, node, (*above, node.number))
        except PatternBudget as error:
            known = Strings(EMPTY, ALL, f"patterns that are too large together: {error.reason}")
        node.language = known
    found: Strings = known
    return found.others() if literal & 1 else found


def _of_node(graph: Graph, node: Node, above: tuple[int, ...]) -> Strings:
    if node.kind == "opaque":
        return Strings(EMPTY, ALL, node.reason)
    if node.kind == "const":
        return _exact(literals((node.value,))) if isinstance(node.value, str) else NO
    if node.kind == "union":
        return _union(strings_of(graph, one, above) for one in node.literals)
    words = node.words
    if "type" in words and "string" not in words["type"]:
        return NO
    found = EVERY
    if "const" in words:
        found = _exact(literals((words["const"],))) if isinstance(words["const"], str) else NO
    if "enum" in words:
        found = found.both(_exact(literals(one for one in words["enum"] if isinstance(one, str))))
    if "minLength" in words or "maxLength" in words:
        found = found.both(_exact(length(words.get("minLength", 0), words.get("maxLength"))))
    if "pattern" in words:
        found = found.both(_pattern(words["pattern"]))
    if "format" in words:
        bounds = format_bounds(words["format"])
        if bounds is not None:
            reason = "" if bounds.exact else f"the format {words['format']} is not known exactly"
            found = found.both(Strings(bounds.inner, bounds.outer, reason))
    for literal in graph.in_place(node):
        found = found.both(strings_of(graph, literal, above))
    if "anyOf" in words:
        found = found.both(_union(strings_of(graph, one, above) for one in graph.children(node, "anyOf")))
    if "oneOf" in words:
        found = found.both(_exactly_one([strings_of(graph, one, above) for one in graph.children(node, "oneOf")]))
    if "not" in words:
        found = found.both(strings_of(graph, graph.child(node, "not"), above).others())
    if "if" in words:
        test = strings_of(graph, graph.child(node, "if"), above)
        then = strings_of(graph, graph.child(node, "then"), above) if "then" in words else EVERY
        other = strings_of(graph, graph.child(node, "else"), above) if "else" in words else EVERY
        found = found.both(test.both(then).either(test.others().both(other)))
    return found


def _pattern(pattern: str) -> Strings:
    try:
        return _exact(compile_pattern(pattern))
    except UnsupportedPattern as error:
        return Strings(EMPTY, ALL, f"the pattern {pattern!r}: {error.reason}")
    except PatternBudget as error:
        return Strings(EMPTY, ALL, f"the pattern {pattern!r} is too large: {error.reason}")


def _exact(language: Language) -> Strings:
    return Strings(language, language)


def _union(parts: Iterable[Strings]) -> Strings:
    found = NO
    for one in parts:
        found = found.either(one)
    return found


def _exactly_one(parts: list[Any]) -> Strings:
    once, twice = NO, NO
    for one in parts:
        twice = twice.either(once.both(one))
        once = once.either(one)
    return once.both(twice.others())
