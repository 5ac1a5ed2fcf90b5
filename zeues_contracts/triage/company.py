"""The company that a failure keeps: what happened around it, where its own text decides nothing. Pure.

Each answers with evidence in sentences, or with nothing.
"""

from __future__ import annotations

import re

from zeues_contracts.triage.history import History, Seen, path_of

__all__ = ["alike_from_the_start", "bound_to_input", "cluster", "resource_of"]

_ABSENT = frozenset({404, 405, 410})
_RESOURCE = re.compile(r"/\{[^{}]*\}.*$")


def bound_to_input(here: Seen, history: History) -> tuple[str, ...]:
    """Evidence that a failure belongs to what was sent, however its text reads; empty where nothing shows that.

    The request failed, the same operation did what it is for with another input, and the request failed again; nothing
    else failed with these words. What is out does not come back for one input and go for another.
    """
    same = history.by_identity[here.identity]
    if len(same) < 2 or any(one.alike != here.alike for one in same):
        return ()
    if {one.operation for one in history.by_failure[here.alike]} != {here.operation}:
        return ()
    first, last = same[0].index, same[-1].index
    between = [one for one in history.by_operation[here.operation] if first < one.index < last]
    well = [one for one in between if one.status is not None and one.status < 300]
    if not well or any(one.failed and one.identity != here.identity and one.alike != here.alike for one in between):
        return ()
    other = well[-1].exchange.request
    told = f"{other.method} {path_of(other.url)} answered {well[-1].status} in between: it is what is sent"
    return (f"the same answer {len(same)} times", told)


def resource_of(operation: str) -> str:
    """The path of an operation before its first parameter: ``/items`` of ``GET /items/{id}/parts``."""
    return _RESOURCE.sub("", operation.partition(" ")[2])


def alike_from_the_start(here: Seen, history: History, *, most: bool = True) -> tuple[str, ...]:
    """Evidence that something which most operations share is out since before we came, empty where there is none.

    At least three operations of two resources, and ``most`` of all that were asked, never answered anything but this.
    Fewer are bugs, each its own.
    """
    silent = {
        one.operation
        for one in history.by_failure.get(here.alike, [])
        if all(other.alike == here.alike for other in history.by_operation[one.operation])
    }
    resources = {resource_of(name) for name in silent}
    if here.operation not in silent or len(silent) < 3 or len(resources) < 2:
        return ()
    # A path that is not there (the usual places of health endpoints) is no operation that is well.
    there = [name for name, seen in history.by_operation.items() if any(one.status not in _ABSENT for one in seen)]
    if most and 2 * len(silent) <= len(there):
        return ()
    return (f"{len(silent)} of {len(there)} operations answer nothing else",)


def cluster(here: Seen, history: History) -> tuple[str, ...]:
    """Evidence that many operations began to fail alike at once, empty where they did not.

    At least three operations fail with the same text, at least two of them answered well before, none answers well
    after its first failure. A bug shared by many operations fails from the start; a bug of one is one operation.
    """
    alike = history.by_failure.get(here.alike, [])
    first: dict[str, int] = {}
    for one in alike:
        first.setdefault(one.operation, one.index)
    if len(first) < 3:
        return ()
    began = min(first.values())
    well_before = 0
    for operation, index in first.items():
        seen = history.by_operation[operation]
        if any(one.well and one.index > index for one in seen):
            return ()
        well_before += any(one.well and one.index < began for one in seen)
    if well_before < 2:
        return ()
    others = {one.operation for one in history.seen if one.well and one.index > began}
    lines = [f"{len(first)} operations began to fail alike at once, {well_before} of them had answered well before"]
    if others:
        lines.append(f"meanwhile {min(others)} answers")
    return tuple(lines)
