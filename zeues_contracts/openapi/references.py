"""Places in a document and the references between them (OpenAPI Reference Object; RFC 6901; RFC 3986, 5).

A place of the document itself is named by its JSON pointer (``/paths/~1a``); a place in another file by that file's URI
with the pointer as fragment (``file:///api/common.yaml#/parameters/Page``), so that one string always says where.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import unquote

import msgspec

from zeues_contracts.schema.references import escape, joined_uri, unescape
from zeues_contracts.schema.types import Resource, Schema

__all__ = [
    "MISSING",
    "Note",
    "Spot",
    "child",
    "follow",
    "look_up",
    "note_nowhere",
    "place_of",
    "root_spot",
    "split_place",
    "target_of",
]

MISSING: Any = object()
"""What :func:`look_up` returns where nothing stands."""


class Note(Protocol):
    """Takes something that was not clean: the place, the sentence, and the kind (see ``LoadNote.kind``)."""

    def __call__(self, place: str, message: str, kind: str = "unclean") -> None:
        """Take a note."""
        ...


_MAX_HOPS = 64
"""References in a row; more is a chain that nobody wrote by hand."""


class Spot(msgspec.Struct, frozen=True):
    """A value at its place: the resource it lives in, the JSON pointer in there, and the document's own resource."""

    root: Resource
    resource: Resource
    pointer: str
    value: Any

    @property
    def place(self) -> str:
        """The one string that says where: a pointer, or a URI with a pointer as fragment."""
        return self.pointer if self.resource is self.root else f"{self.resource.uri}#{self.pointer}"

    @property
    def schema(self) -> Schema:
        """The place as a schema."""
        return Schema(self.resource, self.pointer)


def root_spot(resource: Resource) -> Spot:
    """The whole document as a spot."""
    return Spot(resource, resource, "", resource.contents)


def child(spot: Spot, *tokens: str | int) -> Spot:
    """The spot below a spot; its value is :data:`MISSING` where there is none."""
    value = spot.value
    for token in tokens:
        value = _step(value, token)
    return Spot(spot.root, spot.resource, spot.pointer + "".join(f"/{escape(str(one))}" for one in tokens), value)


def look_up(contents: Any, pointer: str) -> Any:
    """What stands at a JSON pointer, or :data:`MISSING`."""
    value = contents
    for token in pointer.split("/")[1:]:
        value = _step(value, unescape(token))
        if value is MISSING:
            return MISSING
    return value


def split_place(place: str) -> tuple[str, str]:
    """The URI and the pointer of a place; the URI of a place in the document itself is empty."""
    if not place or place.startswith("/"):
        return "", place
    uri, _, pointer = place.partition("#")
    return uri, pointer


def place_of(root: Resource, schema: Schema) -> str:
    """The place of a schema, as :attr:`Spot.place` names places."""
    return schema.pointer if schema.resource is root else f"{schema.resource.uri}#{schema.pointer}"


def target_of(spot: Spot, reference: str) -> Spot | None:
    """Where a reference that stands at a spot leads; ``None`` where that is nowhere or not loaded."""
    target, _, fragment = reference.partition("#")
    resource = spot.resource
    if target:
        uri = joined_uri(spot.resource.uri, target)[0]
        if uri != spot.resource.uri.partition("#")[0]:
            found = spot.root if uri == spot.root.uri.partition("#")[0] else spot.root.others.get(uri)
            if found is None:
                return None
            resource = found
    if fragment and not fragment.startswith("/"):
        return None  # an anchor: OpenAPI objects other than schemas have none
    # Percent-encoding belongs to the fragment (RFC 6901, 6); what is written without it is found as written.
    for pointer in dict.fromkeys((unquote(fragment), fragment)):
        value = look_up(resource.contents, pointer)
        if value is not MISSING:
            return Spot(spot.root, resource, pointer, value)
    return None


def follow(spot: Spot, note: Note) -> Spot | None:
    """The spot at the end of a chain of Reference Objects; ``None`` for one that dangles or turns in a circle.

    Siblings of ``$ref`` other than ``summary`` and ``description`` are ignored (OpenAPI 3.1, 4.8.23) and noted.
    """
    seen: set[str] = set()
    here = spot
    while isinstance(here.value, Mapping) and "$ref" in here.value:
        reference = here.value["$ref"]
        if not isinstance(reference, str) or not reference.strip():
            note(here.place, "`$ref` is empty or no string: taken as absent", "dangling")
            return None
        extra = sorted(str(key) for key in here.value if key not in ("$ref", "summary", "description"))
        extra = [key for key in extra if not key.startswith("x-")]
        if extra:
            note(here.place, f"`$ref` stands beside {', '.join(extra)}: only the reference counts")
        if here.place in seen or len(seen) > _MAX_HOPS:
            note(spot.place, f"the reference {reference!r} leads back to itself: taken as absent", "dangling")
            return None
        seen.add(here.place)
        found = target_of(here, reference.strip())
        if found is None:
            note_nowhere(here, reference, note)
            return None
        here = found
    return here


def note_nowhere(spot: Spot, reference: object, note: Note) -> None:
    """Note a reference that leads nowhere; one into another file was not loaded, which has its own reasons."""
    outside = isinstance(reference, str) and bool(reference.partition("#")[0])
    what = "was not loaded" if outside else "leads nowhere"
    note(
        spot.place,
        f"the reference {str(reference)[:200]!r} {what}: taken as absent",
        "external" if outside else "dangling",
    )


def _step(value: Any, token: str | int) -> Any:
    if isinstance(value, (dict, Mapping)):  # a dict nearly always, and that is seen soonest
        return value.get(str(token), MISSING)
    if isinstance(value, list):
        text = str(token)
        # ASCII digits without a leading zero (RFC 6901, 4); nine of them index any list there is.
        if text.isascii() and text.isdigit() and len(text) < 10 and (text == "0" or text[0] != "0"):
            index = int(text)
            return value[index] if index < len(value) else MISSING
    return MISSING
