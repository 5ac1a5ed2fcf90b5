"""The strings of a schema as languages: one of what is certainly in it, one of what may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

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

__all__ = ["Strings", "listed", "strings_of", "supposed"]


MAX_DEPTH = 60
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


class Strings(msgspec.Struct, frozen=True):
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


def strings_of(graph: Graph, literal: int) -> Strings:
    """The strings of a literal.

    Raises :class:`UndecidableError` where they cannot be told at all, as for a reference that leads back to itself.
    """
    return _Reader(graph).of(literal, 0)


def supposed(graph: Graph, literals: Iterable[int], limit: int = 4) -> Iterator[Language]:
    """All that a conjunction may hold, case by case: what is not known exactly holds or does not, everywhere alike.

    Raises :class:`UndecidableError` where more than ``limit`` formats and patterns are not known exactly.
    """
    first = _Reader(graph)
    wanted = list(literals)
    for literal in wanted:
        first.atoms(literal)
    if len(first.inexact) > limit:
        raise UndecidableError("too many formats and patterns that are not known exactly")
    names = sorted(first.inexact)
    for case in range(1 << len(names)):
        holds = {name: bool(case >> i & 1) for i, name in enumerate(names)}
        found = ALL
        for name, bounds in first.inexact.items():
            found = found.intersect(bounds.outer if holds[name] else bounds.inner.complement())
        reader = _Reader(graph, holds)
        for literal in wanted:
            if found.is_empty():
                break
            found = found.intersect(reader.of(literal, 0).outer)
        yield found


class _Reader:
    """Reads nodes as languages; under ``holds``, what is not known exactly is every string or none."""

    def __init__(self, graph: Graph, holds: Mapping[str, bool] | None = None) -> None:
        self.graph = graph
        self.holds = holds
        self.inexact: dict[str, Strings] = {}
        self.known: dict[int, Strings] = {}

    def of(self, literal: int, depth: int) -> Strings:
        """The strings of a literal."""
        if literal < 2:
            return NO if literal & 1 else EVERY
        node = self.graph.nodes[literal >> 1]
        known: Strings | None = self.known.get(node.number) if self.holds is not None else node.language
        if known is None:
            if depth > MAX_DEPTH:
                raise UndecidableError("strings below too many references")
            self.graph.check_loops(node)
            try:
                known = self.of_node(node, depth + 1)
            except PatternBudget as error:
                if self.holds is not None:
                    raise UndecidableError(error.reason) from None
                known = Strings(EMPTY, ALL, f"patterns that are too large together: {error.reason}")
            if self.holds is not None:
                self.known[node.number] = known
            else:
                node.language = known
        return known.others() if literal & 1 else known

    def atoms(self, literal: int) -> None:
        """Gather the formats and patterns below a literal that are not known exactly."""
        stack, seen = [literal & ~1], {literal & ~1}
        while stack:
            node = self.graph.node(stack.pop())
            if node.kind == "opaque" and node.number > 1:
                self.inexact[f"schema {node.number}"] = Strings(EMPTY, ALL, node.reason)
            for name, strings in _own_atoms(node.words):
                if strings.inner is not strings.outer:
                    self.inexact[name] = strings
            for inner in self.graph.same_value(node):
                if inner > 1 and inner & ~1 not in seen:
                    seen.add(inner & ~1)
                    stack.append(inner & ~1)

    def atom(self, name: str, strings: Strings) -> Strings:
        """A format or a pattern, as it is known or as it is supposed."""
        if strings.inner is strings.outer or self.holds is None:
            return strings
        return EVERY if self.holds[name] else NO

    def of_node(self, node: Node, depth: int) -> Strings:
        graph = self.graph
        if node.kind == "opaque":
            return self.atom(f"schema {node.number}", Strings(EMPTY, ALL, node.reason))
        if node.kind == "const":
            return _exact(literals((node.value,))) if isinstance(node.value, str) else NO
        if node.kind == "union":
            return _union(self.of(one, depth) for one in node.literals)
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
        for name, strings in _own_atoms(words):
            found = found.both(self.atom(name, strings))
        for literal in graph.in_place(node):
            found = found.both(self.of(literal, depth))
        if "anyOf" in words:
            found = found.both(_union(self.of(one, depth) for one in graph.children(node, "anyOf")))
        if "oneOf" in words:
            found = found.both(_exactly_one([self.of(one, depth) for one in graph.children(node, "oneOf")]))
        if "not" in words:
            found = found.both(self.of(graph.child(node, "not"), depth).others())
        if "if" in words:
            test = self.of(graph.child(node, "if"), depth)
            then = self.of(graph.child(node, "then"), depth) if "then" in words else EVERY
            other = self.of(graph.child(node, "else"), depth) if "else" in words else EVERY
            found = found.both(test.both(then).either(test.others().both(other)))
        return found


def _own_atoms(words: Mapping[str, Any]) -> Iterator[tuple[str, Strings]]:
    """The pattern and the format of a schema object."""
    if "pattern" in words:
        yield f"pattern {words['pattern']}", _pattern(words["pattern"])
    if "format" in words:
        bounds = format_bounds(words["format"])
        if bounds is not None:
            reason = "" if bounds.exact else f"the format {words['format']} is not known exactly"
            yield f"format {words['format']}", Strings(bounds.inner, bounds.outer, reason)


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
