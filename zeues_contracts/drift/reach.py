"""Who reaches what: references of one document, carried along for all operations at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from zeues_contracts.drift.extras import NAMED
from zeues_contracts.drift.model import Use
from zeues_contracts.drift.narrowing import marked
from zeues_contracts.schema.types import Direction

__all__ = ["MARKS", "Graph", "travelling", "with_users"]

MARKS = {Direction.REQUEST: "readOnly", Direction.RESPONSE: "writeOnly"}
"""What the properties say that leave a message of each direction."""


class Graph:
    """The references of one document: from operations (by use) into components, and among components."""

    def __init__(self) -> None:
        self.texts: dict[str, bytes] = {}
        self.links: dict[str, tuple[str, ...]] = {}
        self.travelling: dict[Direction, dict[str, tuple[str, ...]]] = {}
        """Links of those components of which one direction leaves out some."""
        self.deep: set[str] = set()
        """Components that some reference leads into."""
        self.contents: Any = None
        """The document, if it has such marks."""
        self.marked: dict[Direction, set[str]] = {}
        """Component schemas that are marked as a whole."""
        self.roots: dict[Use, dict[str, int]] = {}
        self.callbacks: dict[str, Any] = {}
        self.called: dict[str, int] = {}
        """Of each callback component the operations that name it, as bits: what it holds is used in both directions."""
        self.mentioned: dict[str, set[str]] = {}
        """Of each path template, the components that its operations refer to."""

    def enter(self, use: Use, pointers: Iterable[str], bit: int) -> None:
        """Note that an operation refers to components."""
        table = self.roots.setdefault(use, {})
        for pointer in pointers:
            table[pointer] = table.get(pointer, 0) | bit

    def targets(self) -> set[str]:
        """All that operations and components refer to."""
        found = {target for targets in self.links.values() for target in targets}
        return found.union(*self.roots.values(), *self.mentioned.values())

    def reached(self, use: Use) -> Mapping[str, int]:
        """For each component, the operations that reach it, as bits."""
        masks = dict(self.roots.get(use, {}))
        if not masks:
            return masks
        links = {**self.links, **self.travelling.get(use.direction, {})}
        order = list(_components(links))
        home = {pointer: index for index, members in enumerate(order) for pointer in members}
        gathered = [0] * len(order)
        for pointer, mask in masks.items():
            if pointer in home:
                gathered[home[pointer]] |= mask
        # Components come with what they refer to first: from the last on, everything has been gathered already.
        for index in range(len(order) - 1, -1, -1):
            mask = gathered[index]
            if not mask:
                continue
            for pointer in order[index]:
                masks[pointer] = masks.get(pointer, 0) | mask
                for target in links[pointer]:
                    below = home.get(target)
                    if below is not None and below != index:
                        gathered[below] |= mask
        return masks


def travelling(node: Any, mark: str, contents: Any, names: bool = False) -> Any:
    """What is written somewhere, without the properties that have a mark; ``names``: it is a table of the author's."""
    if isinstance(node, list):
        return [travelling(one, mark, contents) if isinstance(one, (dict, list)) else one for one in node]
    if not isinstance(node, dict):
        return node
    out = {}
    for key, value in node.items():
        if not names and key == "properties" and isinstance(value, dict):
            value = {name: one for name, one in value.items() if not marked(one, mark, contents)}
        if isinstance(value, (dict, list)):
            value = travelling(value, mark, contents, not names and key in NAMED)
        out[key] = value
    return out


def _components(links: Mapping[str, tuple[str, ...]]) -> Iterator[list[str]]:
    """Strongly connected components, each after all that it refers to (Tarjan 1972, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    inside: set[str] = set()
    for start in links:
        if start in index:
            continue
        work = [(start, iter(links[start]))]
        index[start] = low[start] = len(index)
        stack.append(start)
        inside.add(start)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in links:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    inside.add(target)
                    work.append((target, iter(links[target])))
                    break
                if target in inside:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    above = work[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == index[node]:
                    members = []
                    while True:
                        member = stack.pop()
                        inside.discard(member)
                        members.append(member)
                        if member == node:
                            break
                    yield members


def with_users(
    start: Iterable[str], graphs: Iterable[Graph], counts: Callable[[str], bool] = lambda _: True
) -> set[str]:
    """Some components with all that refer to them, there and on; ``counts`` says which users do."""
    users: dict[str, list[str]] = {}
    for graph in graphs:
        for pointer, targets in graph.links.items():
            if counts(pointer):
                for target in targets:
                    users.setdefault(target, []).append(pointer)
    found = set(start)
    queue = list(found)
    while queue:
        for user in users.get(queue.pop(), ()):
            if user not in found:
                found.add(user)
                queue.append(user)
    return found
