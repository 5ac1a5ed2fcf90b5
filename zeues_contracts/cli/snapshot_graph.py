"""The graph of a snapshot's history as text, Markdown and JSON."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from zeues_contracts.report.safe import cell, markdown_code, markdown_text

if TYPE_CHECKING:
    from zeues_contracts.snapshots.graph import Graph, Line

__all__ = ["graph_text"]

_MAX_COLUMNS = 30


def graph_text(graph: Graph, style: str, service: str, *, color: bool, verbose: bool = False) -> str:
    """The graph in a format: ``text``, ``markdown`` or ``json``.

    Fields that came and went with their operation are counted, and listed with ``verbose``; JSON has them all.
    """
    if style == "json":
        from zeues_contracts.snapshots.graph import graph_json

        return json.dumps(graph_json(graph, service), indent=2, ensure_ascii=False) + "\n"
    whole = {one.operation: one.spans for one in graph.lines if not one.field}
    alone = [one for one in graph.lines if _has_changed(one)]
    along: Counter[str] = Counter()
    if not verbose:
        along.update(one.operation for one in alone if one.field and one.spans == whole.get(one.operation))
        alone = [one for one in alone if not one.field or one.spans != whole.get(one.operation)]
    lines = _markdown(graph, alone, along, service) if style == "markdown" else _text(graph, alone, along, color=color)
    return "\n".join(lines) + "\n"


def _text(graph: Graph, changed: Sequence[Line], along: Mapping[str, int], *, color: bool) -> Iterator[str]:
    width = max(60, shutil.get_terminal_size().columns - 1)
    offset = max(0, len(graph.versions) - _MAX_COLUMNS)
    for index, version in enumerate(graph.versions[offset:], offset):
        known = "" if version.known else "  (its document was not found)"
        yield cell(f"{index + 1:4}  {version.time[:10]}  {version.actor}: {version.reason}", width) + known
    if offset:
        yield f"      and {offset} before these"
    if not changed:
        yield "No field came or went since the first of these."
    operation = ""
    for one in changed:
        if one.operation != operation:
            operation = one.operation
            yield ""
            yield click.style(cell(operation, width), bold=True) if color else cell(operation, width)
        bar = _bar(one, offset, len(graph.versions))
        name = one.field or _operation(along.get(operation, 0))
        hits = f"  hits {', '.join(one.hits)}" if one.hits else ""
        yield f"  {bar}  " + cell(f"{name}  {_life(graph, one)}{hits}", max(width - len(bar) - 4, 30))


def _markdown(graph: Graph, changed: Sequence[Line], along: Mapping[str, int], service: str) -> Iterator[str]:
    yield f"# Fields of {markdown_text(service)}"
    yield ""
    yield "| operation | field | came and went | hits |"
    yield "| --- | --- | --- | --- |"
    for one in changed:
        name = markdown_code(one.field) if one.field else _operation(along.get(one.operation, 0))
        hits = markdown_text(", ".join(one.hits))
        yield f"| {markdown_code(one.operation)} | {name} | {markdown_text(_life(graph, one))} | {hits} |"


def _operation(fields: int) -> str:
    return f"(the operation with {fields} field{'s' if fields != 1 else ''})" if fields else "(the operation)"


def _has_changed(line: Line) -> bool:
    return len(line.spans) > 1 or line.spans[0].came > 0 or line.spans[0].went is not None


def _bar(line: Line, offset: int, count: int) -> str:
    """One sign for each version: ``●`` came, ``━`` is there, ``○`` went, ``·`` is not there."""
    signs = ["·"] * count
    for span in line.spans:
        end = span.went if span.went is not None else count
        for index in range(span.came, end):
            signs[index] = "━"
        signs[span.came] = "●"
        if span.went is not None:
            signs[span.went] = "○"
    return "".join(signs[offset:])


def _life(graph: Graph, line: Line) -> str:
    parts = []
    for span in line.spans:
        if span.came > 0:
            parts.append(f"came {graph.versions[span.came].time[:10]}")
        if span.went is not None:
            parts.append(f"went {graph.versions[span.went].time[:10]}")
    return ", ".join(parts)
