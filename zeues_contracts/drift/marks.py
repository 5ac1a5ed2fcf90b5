"""What is marked as going one direction only, and which components reach something that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from zeues_contracts.drift.model import Use
from zeues_contracts.drift.narrowing import marked
from zeues_contracts.drift.reach import MARKS, Graph, travelling, with_users
from zeues_contracts.drift.written import component_of, is_schema, references_in, references_of
from zeues_contracts.openapi.model import Document
from zeues_contracts.openapi.references import look_up
from zeues_contracts.schema.types import Direction

__all__ = ["has_marks", "links_kept", "marks_of", "prune", "reaching_marks"]

_HOMES = (b"#/components/", b"#/definitions/", b"#/parameters/", b"#/responses/")


def has_marks(text: bytes) -> bool:
    """Whether a text may have such a mark."""
    return b'"readOnly"' in text or b'"writeOnly"' in text


def marks_of(raw: Mapping[str, Any], pointer: str) -> list[bool]:
    """Whether a component schema is itself ``readOnly``, and ``writeOnly``, whatever it refers to."""
    return [marked({"$ref": f"#{pointer}"}, mark, raw) for mark in ("readOnly", "writeOnly")]


def prune(document: Document, graph: Graph) -> None:
    """Note which components references lead into, and which links each direction leaves out with the properties there.

    Where a reference leads deeper than to a component, that may be into what is left out: then nothing is pruned.
    """
    text = orjson.dumps(document.raw)
    graph.deep = {
        component_of(raw.decode("utf-8")[1:])
        for raw in set(references_of(text))
        if raw.startswith(_HOMES) and raw.count(b"/") > (3 if raw.startswith(b"#/components/") else 2)
    }
    if graph.deep or not has_marks(text):
        return
    graph.contents = document.raw
    for direction, mark in MARKS.items():
        graph.marked[direction] = {
            pointer
            for pointer in graph.texts
            if is_schema(pointer) and marked({"$ref": f"#{pointer}"}, mark, document.raw)
        }
        graph.travelling[direction] = {
            pointer: kept
            for pointer, links in graph.links.items()
            if (kept := _kept(graph, look_up(document.raw, pointer), links, direction, graph.texts[pointer]))
            is not links
        }


def links_kept(graph: Graph, node: Any, links: tuple[str, ...], use: Use) -> tuple[str, ...]:
    """Those of an operation's links that are left in a use of it."""
    return _kept(graph, node, links, use.direction, b"") if graph.contents is not None else links


def _kept(graph: Graph, node: Any, links: tuple[str, ...], direction: Direction, text: bytes) -> tuple[str, ...]:
    """Those of some links that are left where a direction leaves out properties."""
    if not links or (graph.marked[direction].isdisjoint(links) and not has_marks(text or orjson.dumps(node))):
        return links
    return references_in(orjson.dumps(travelling(node, MARKS[direction], graph.contents)))


def reaching_marks(graphs: tuple[Graph, ...]) -> frozenset[str]:
    """Components that reach one that has a mark of a direction, in either document."""
    marked = {pointer for graph in graphs for pointer, text in graph.texts.items() if has_marks(text)}
    return frozenset(with_users(marked, graphs))
