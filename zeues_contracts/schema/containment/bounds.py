"""Whether bounds that some schemas set are as tight as those of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.schema.containment.graph import Node
from zeues_contracts.schema.containment.numbers import exact

__all__ = ["at_most", "largest", "meets_numbers", "meets_strings"]


def largest(nodes: list[Node], keyword: str) -> int:
    """The largest of the counts that some schemas give under a keyword; 0 where none does."""
    return max((int(node.words.get(keyword, 0)) for node in nodes), default=0)


def at_most(nodes: list[Node], keyword: str, bound: int) -> bool:
    """Whether one of some schemas gives a count under a keyword that is no larger than a bound."""
    return any(keyword in node.words and node.words[keyword] <= bound for node in nodes)


def meets_numbers(nodes: list[Node], kinds: frozenset[str], words: Mapping[str, Any]) -> bool:
    """Whether numbers that some schemas take meet the bounds and steps of another, as far as one of them says."""
    for keyword, strict, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        for name, open_ in ((keyword, False), (strict, True)):
            if name not in words:
                continue
            bound = exact(words[name]) * sign
            closed_bounds = [exact(node.words[keyword]) * sign for node in nodes if keyword in node.words]
            open_bounds = [exact(node.words[strict]) * sign for node in nodes if strict in node.words]
            fits = any(one > bound or (one == bound and not open_) for one in closed_bounds)
            if not fits and not any(one >= bound for one in open_bounds):
                return False
    if "multipleOf" not in words:
        return True
    step = exact(words["multipleOf"])
    if "number" not in kinds and (1 / step).denominator == 1:
        return True
    return any(
        "multipleOf" in node.words and (exact(node.words["multipleOf"]) / step).denominator == 1 for node in nodes
    )


def meets_strings(nodes: list[Node], words: Mapping[str, Any]) -> bool:
    """The same for strings: lengths, and patterns and formats that are given in the same words."""
    if words.get("minLength", 0) > largest(nodes, "minLength"):
        return False
    if "maxLength" in words and not at_most(nodes, "maxLength", words["maxLength"]):
        return False
    return all(
        any(node.words.get(keyword) == words[keyword] for node in nodes)
        for keyword in ("pattern", "format")
        if keyword in words
    )
