"""A snapshot that holds some of the changes and not others, and the proof that it does.

From the differences of both documents those are taken that belong to accepted changes, with the components that they
need. Where an accepted and a rejected change lie in one component, the parts of operations that are accepted as a whole
get copies of their own. What comes out counts only if drift says so: from it to the live document there must be exactly
the changes that were not accepted. Where that cannot be had, it is told which changes hang together.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zeues_contracts.findings import Finding
from zeues_contracts.openapi.model import Document
from zeues_contracts.snapshots.placing import follows
from zeues_contracts.snapshots.separating import Judge, Patched, Search

__all__ = ["Inseparable", "Judge", "Patched", "patch"]

_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Inseparable:
    """No such snapshot was found. ``together`` are changes that would have to be accepted besides; they hang together.

    Taking these too, ``patch`` succeeds. ``in_time`` is false where the search ended for want of time.
    """

    together: tuple[Finding, ...]
    in_time: bool = True


def patch(
    old: Document,
    contents: Mapping[str, Any],
    changes: Sequence[Finding],
    accepted: Collection[str],
    judge: Judge,
    *,
    seconds: float = _SECONDS,
) -> Patched | Inseparable:
    """The snapshot that holds the accepted changes (by fingerprint) and no others.

    ``contents`` is the live document, ``changes`` is all that ``judge`` says of ``old`` and it.
    """
    solid = [one for one in changes if not follows(one)]
    everything = {one.fingerprint for one in solid}
    wanted = everything & set(accepted)
    if wanted == everything:
        return Patched(contents)
    if not wanted:
        return Patched(old.raw)
    began = time.monotonic()
    search = Search(old, contents, solid, judge, began + seconds / 2)
    found = search.near_or_far(wanted)
    if found is not None:
        return found
    search.deadline = began + seconds
    # What hangs together: as little as will do, from what came along by itself to all that touches the same operations.
    for more in search.supersets(wanted):
        if search.near_or_far(more, climb=False) is not None:
            break
        if search.late:
            more = everything
            break
    else:
        more = everything
    return Inseparable(tuple(one for one in solid if one.fingerprint in more - wanted), not search.late)
