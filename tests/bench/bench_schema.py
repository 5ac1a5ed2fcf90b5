"""How fast the containment engine is: ratios, never times.

    python tests/bench/bench_schema.py [FOLDER] [--rivals PYTHON]

- a typical pair of Pydantic models, the first question against each later one, and the later one against parsing both
  documents as JSON;
- two recursive models of n components, for n = 25 to 400: the cost per component, against that of the smallest;
- the difference of two documents of 400 components of which one changed, against one of which all changed;
- with FOLDER (`cases.jsonl`): the time jsonsubschema takes, against ours, on the questions that both decide.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import score_schema

from zeues_contracts.schema import contains
from zeues_contracts.schema.difference import differ
from zeues_contracts.schema.types import Dialect, Proven, Resource, Schema, Unknown

ITEM = {
    "title": "Item",
    "type": "object",
    "properties": {
        "id": {"title": "Id", "type": "integer", "exclusiveMinimum": 0},
        "name": {"title": "Name", "type": "string", "minLength": 1, "maxLength": 80},
        "tags": {"title": "Tags", "type": "array", "items": {"type": "string"}, "default": []},
        "state": {"$ref": "#/$defs/State"},
        "price": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"}]},
        "parent": {"anyOf": [{"$ref": "#/$defs/Item"}, {"type": "null"}], "default": None},
        "made": {"title": "Made", "type": "string", "format": "date-time"},
    },
    "required": ["id", "name", "state", "price"],
}
STATE = {"title": "State", "type": "string", "enum": ["new", "open", "done"]}


def document(**changes: Any) -> dict[str, Any]:
    item = copy.deepcopy(ITEM)
    item["properties"] |= changes
    orders = {
        "title": "Order",
        "type": "object",
        "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/Item"}}, "total": {"type": "number"}},
        "required": ["items"],
    }
    return {"$ref": "#/$defs/Order", "$defs": {"Item": item, "State": copy.deepcopy(STATE), "Order": orders}}


def timed(question: Callable[[], object]) -> float:
    started = time.perf_counter()
    question()
    return time.perf_counter() - started


def pydantic_pair() -> None:
    wider = {"type": "string", "minLength": 1, "maxLength": 120}
    pairs = [(json.dumps(document()), json.dumps(document(name=wider))) for _ in range(30)]
    timed(lambda: contains(Resource(json.loads(pairs[0][0])).schema(), Resource(json.loads(pairs[0][1])).schema()))
    first, later, parse = [], [], []
    for old_text, new_text in pairs:
        parse.append(timed(lambda old=old_text, new=new_text: (json.loads(old), json.loads(new))))  # type: ignore[misc]
        old, new = Resource(json.loads(old_text)).schema(), Resource(json.loads(new_text)).schema()
        first.append(timed(lambda old=old, new=new: contains(old, new)))  # type: ignore[misc]
        later.append(timed(lambda old=old, new=new: contains(old, new)))  # type: ignore[misc]
    one, again, read = (statistics.median(times) for times in (first, later, parse))
    under = "under" if again < 1e-3 else "NOT under"
    print(f"Pydantic pair: fresh documents take {one / read:.1f} times their parsing, known ones {again / read:.2f}")
    print(f"Pydantic pair: {under} a millisecond after the first time, {1e-3 / again:.0f} of them in one")


def chain(size: int, least: int) -> dict[str, Any]:
    """`size` components, each of which refers to the next, to one further on and to the first."""
    found = {
        f"C{i}": {
            "type": "object",
            "properties": {
                "next": {"$ref": f"#/$defs/C{(i + 1) % size}"},
                "jump": {"anyOf": [{"$ref": f"#/$defs/C{(i * 7 + 3) % size}"}, {"type": "null"}]},
                "all": {"type": "array", "items": {"$ref": "#/$defs/C0"}},
                "count": {"type": "integer", "minimum": least},
            },
            "required": ["count"],
        }
        for i in range(size)
    }
    return {"$ref": "#/$defs/C0", "$defs": found}


def recursive() -> None:
    base = 0.0
    for size in (25, 50, 100, 200, 400):
        old, new = Resource(chain(size, 1)).schema(), Resource(chain(size, 0)).schema()
        answer: list[object] = []
        taken = timed(lambda old=old, new=new, answer=answer: answer.append(contains(old, new))) / size  # type: ignore[misc]
        base = base or taken
        name = type(answer[0]).__name__
        print(f"{size:4} recursive components: {taken / base:.2f} times the cost per component, {name}")


def differences() -> None:
    def tree(size: int, changed: int) -> dict[str, Any]:
        leaves = {f"C{i}": {"type": "integer", "minimum": int(i < changed)} for i in range(size)}
        properties = {name: {"$ref": f"#/$defs/{name}"} for name in leaves}
        return {"type": "object", "properties": properties, "$defs": leaves}

    times = []
    for changed in (1, 400):
        old, new = Resource(tree(400, 0)).schema(), Resource(tree(400, changed)).schema()
        count: list[int] = []
        times.append(timed(lambda old=old, new=new, count=count: count.append(len(differ().changes(old, new)))))  # type: ignore[misc]
        print(f"difference with {changed} of 400 components changed: {count[0]} changes told")
    print(f"one change costs {100 * times[0] / times[1]:.0f} % of 400 changes")


def against(folder: Path, python: str) -> None:
    asked = list(score_schema.claims(folder))
    answers = score_schema.ask_rival("jsonsubschema", python, asked)
    if answers is None:
        print("jsonsubschema is not installed (pip install jsonsubschema; --rivals PYTHON)")
        return
    ratios, ours_total, theirs_total = [], 0.0, 0.0
    for claim, theirs in zip(asked, answers, strict=True):
        if theirs["answer"] is None:
            continue
        sub, sup = Schema(Resource(claim.sub, claim.dialect)), Schema(Resource(claim.sup, claim.dialect))
        started = time.perf_counter()
        answer = contains(sub, sup)
        ours = time.perf_counter() - started
        if isinstance(answer, Unknown):
            continue
        ratios.append(theirs["seconds"] / max(ours, 1e-9))
        ours_total += ours
        theirs_total += theirs["seconds"]
    ratios.sort()
    print(
        f"jsonsubschema takes {theirs_total / ours_total:.1f} times as long on {len(ratios)} questions both decide "
        f"(median {statistics.median(ratios):.1f}, worst for us {ratios[0]:.2f}, first time each)"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rivals", default=sys.executable)
    options = parser.parse_args()
    # Libraries are loaded before anything is timed: validators come with the first refutation.
    contains(Resource(True).schema(), Resource({"type": "string"}, Dialect.OPENAPI_3_0).schema())
    assert isinstance(contains(Resource({}).schema(), Resource(True).schema()), Proven)
    pydantic_pair()
    recursive()
    differences()
    if options.folder:
        against(options.folder, options.rivals)


if __name__ == "__main__":
    main()
