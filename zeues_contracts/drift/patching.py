"""What a finding rests on: the places of both documents that have to be taken over to approve it.

A review that accepts some findings and not others edits the older document at these places; findings whose places lie
in one another cannot be parted, which is the reviewer's to say.
"""

from __future__ import annotations

import msgspec

from zeues_contracts.findings import Finding

__all__ = ["Unit", "unit_of"]

_OLDER = frozenset({"snapshot", "old"})


class Unit(msgspec.Struct, frozen=True):
    """An editable unit: the JSON pointers in the older and the newer document, and the operations that it touches.

    ``old`` is empty for what was added, ``new`` for what was removed and leaves nothing behind. A pointer may name a
    keyword (``…/minimum``), a schema object, or the object that lacks what the other side has.
    """

    fingerprint: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    operations: tuple[str, ...]


def unit_of(finding: Finding) -> Unit:
    """The places that a drift finding rests on."""
    places = [place for place in (finding.place, *finding.related) if place is not None]
    return Unit(
        finding.fingerprint,
        tuple(dict.fromkeys(place.pointer for place in places if place.role in _OLDER)),
        tuple(dict.fromkeys(place.pointer for place in places if place.role not in _OLDER)),
        finding.operations,
    )
