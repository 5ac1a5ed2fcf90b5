"""Request bodies and whatever has media types: which there are, how they are encoded, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.drift.encodings import compare_encodings
from zeues_contracts.drift.exhibits import of_content, of_media_type
from zeues_contracts.drift.media import covers, is_json, text_depth
from zeues_contracts.drift.model import NOTHING, Sense, Use
from zeues_contracts.drift.walk import Side
from zeues_contracts.openapi.model import MediaType, Operation, RequestBody
from zeues_contracts.schema.types import Direction

__all__ = ["compare_media", "compare_media_types", "compare_request_bodies"]


_BODY = "request body"


def compare_request_bodies(side: Side, old: Operation, new: Operation) -> None:
    """Compare the request bodies of two operations."""
    one, other = old.request_body, new.request_body
    takes = side.requests.sense is Sense.TAKES
    label = _BODY
    if one is None and other is None:
        return
    if one is None:
        assert other is not None
        if other.required and takes:
            side.say("request-body-required", label, "was added and must be sent", new=other.pointer)
        else:
            side.say("request-body-relaxed", label, "was added", new=other.pointer)
        return
    if other is None:
        name = "request-body-removed" if takes else "response-required-property-removed"
        side.say(name, label, "was removed", old=one.pointer, new=new.pointer)
        return
    _compare(side, one, other, label)


def _compare(side: Side, one: RequestBody, other: RequestBody, label: str) -> None:
    takes = side.requests.sense is Sense.TAKES
    places: dict[str, Any] = {"old": one.pointer, "new": other.pointer}
    if one.required is not other.required:
        if other.required is takes:
            name = "request-body-required" if takes else "response-property-became-optional"
            side.say(name, label, "must be sent now" if takes else "may be left out now", **places)
        else:
            side.say("request-body-relaxed", label, "may be left out now" if takes else "is always sent now", **places)
    compare_media_types(side, side.requests, one.content, other.content, label, places)


def compare_media_types(
    side: Side,
    use: Use,
    old: Mapping[str, MediaType],
    new: Mapping[str, MediaType],
    label: str,
    places: Mapping[str, Any],
) -> None:
    """Compare the contents of a body by media type. ``places`` are those of what has the contents."""
    takes = use.sense is Sense.TAKES
    response = use.direction.value == "response"
    paired: set[str] = set()
    for name, media in old.items():
        partner = _partner(name, new)
        if partner is None:
            if not old or (not new and not takes and not response):
                continue
            _gone(side, use, name, media, old, new, label, places)
            continue
        paired.add(partner)
        if partner != name and not (covers(name, partner) and covers(partner, name)):
            narrower = covers(name, partner) and not covers(partner, name)
            if narrower is takes:
                words = f"was narrowed to {partner}" if takes else f"became {partner}"
                _gone(side, use, name, media, old, new, label, places, words)
            else:
                _came(side, use, partner, new[partner], label, f"was widened from {name}" if takes else f"from {name}")
        if partner not in old or covers(partner, name):  # what is named by itself was not spoken of by a range
            compare_media(
                side, use, media, new[partner], label if len(old) == 1 == len(new) else f"{label} ({partner})"
            )
    for name, media in new.items():
        if name in paired:
            continue
        wider = [one for one in old if _speaks_of(one, name)]
        if not wider:
            _came(side, use, name, media, label, "was added")
        elif name not in old:
            spoken = min(wider, key=lambda one: (one.count("*"), one))
            compare_media(side, use, old[spoken], media, f"{label} ({name})")


def _gone(
    side: Side,
    use: Use,
    name: str,
    media: MediaType,
    old: Mapping[str, MediaType],
    new: Mapping[str, MediaType],
    label: str,
    places: Mapping[str, Any],
    sentence: str = "",
) -> None:
    takes = use.sense is Sense.TAKES
    rule = "request-media-type-removed" if takes else "response-media-type-removed"
    instead = f"; there is {', '.join(new)} now" if new and not sentence else ""
    shown: dict[str, Any] = {}
    if takes and label == _BODY:
        sent = of_media_type(name, new)
        if sent:
            value = side.walk.pair.example(use.direction, media.schema) if is_json(name) else NOTHING
            request = of_content(side.name, sent, value)
            shown = {"witness": request, "explanation": "its content type was taken, and no newer one takes it in"}
    elif not takes and use.direction is Direction.RESPONSE:
        given = next(filter(None, (of_media_type(one, old) for one in new)), "")
        if given:
            response = {"headers": {"Content-Type": given}}
            shown = {"witness": response, "explanation": "its content type is given now, and no older one takes it in"}
    side.say(
        rule,
        f"{label}, media type {name}",
        (sentence or ("is no longer taken" if takes else "is no longer given")) + instead,
        old=media.pointer,
        new=places["new"],
        before=sorted([name]),
        after=sorted(new),
        **shown,
    )


def _came(side: Side, use: Use, name: str, media: MediaType, label: str, sentence: str) -> None:
    rule = "request-media-type-added" if use.sense is Sense.TAKES else "response-media-type-added"
    side.say(rule, f"{label}, media type {name}", sentence, new=media.pointer)


def compare_media(side: Side, use: Use, one: MediaType, other: MediaType, label: str) -> None:
    """Compare what two media types hold, and how its parts are written."""
    depth = text_depth(other.name)
    side.walk.schemas.compare(
        use,
        one.schema,
        other.schema,
        (side.name,),
        f"{side.prefix}{label}",
        text=depth,
        repeated=1 if depth == 1 else None,
    )  # a form names a field once for each item of a list (OpenAPI 3.1, 4.8.15)
    if one.item_schema is not None or other.item_schema is not None:
        side.walk.schemas.compare(
            use, one.item_schema, other.item_schema, (side.name,), f"{side.prefix}{label}, each item"
        )
    compare_encodings(side, use, one, other, label)


def _speaks_of(wide: str, narrow: str) -> bool:
    """Whether a media type or range stands for another in a document: `application/json` for no `+json` beside it."""
    essence = wide.partition(";")[0].strip().lower()
    return covers(wide, narrow) and ("*" in essence or essence == narrow.partition(";")[0].strip().lower())


def _partner(name: str, new: Mapping[str, MediaType]) -> str | None:
    """The media type of the newer side that takes the place of one: itself, what means the same, a range around it."""
    if name in new:
        return name
    wider = [one for one in new if covers(one, name)]
    alike = [one for one in wider if covers(name, one)]
    if alike:
        return alike[0]
    if wider:
        return min(wider, key=lambda one: (one.count("*"), one))
    narrower = [one for one in new if covers(name, one)]
    return min(narrower) if narrower else None
