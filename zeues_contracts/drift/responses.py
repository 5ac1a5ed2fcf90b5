"""Responses: which statuses there are, their headers, their contents, their links."""

from __future__ import annotations

from typing import Any

from zeues_contracts.drift.bodies import compare_media, compare_media_types
from zeues_contracts.drift.exhibits import of_status
from zeues_contracts.drift.model import NOTHING, Sense
from zeues_contracts.drift.texts import kinds_of
from zeues_contracts.drift.walk import Side
from zeues_contracts.findings import Level
from zeues_contracts.openapi.model import Header, Operation, Response

__all__ = ["compare_responses"]


def compare_responses(side: Side, old: Operation, new: Operation) -> None:
    """Compare the responses of two operations by status; a range or ``default`` stands for what is not named."""
    before, after = old.responses, new.responses
    for status, one in before.items():
        other = after.get(status)
        if other is not None:
            _compare(side, one, other)
            continue
        stand_in = _stand_in(status, after)
        if stand_in is not None and (stand_in.status != "default" or status[0] not in "23"):
            # `default` speaks of what is not named, but that a success comes under it promises no success.
            if status[0] in "23":
                _compare(side, one, stand_in)
            else:
                _compare_values(side, one, stand_in)
            if stand_in.status == "default":
                _removed(side, one, old, new)
            continue
        if _is_range(status) and any(_in_range(key, status) for key in after):
            for key, narrower in after.items():
                if _in_range(key, status):
                    (_compare if status[0] in "23" else _compare_values)(side, one, narrower)
            continue
        _removed(side, one, old, new)
    for status, other in after.items():
        if status in before:
            continue
        stand_in = _stand_in(status, before)
        if stand_in is not None and stand_in.status in after:
            # It was spoken of by a range or `default`: what it says has to be what those said.
            if status[0] not in "23":
                _compare_values(side, stand_in, other)
            elif stand_in.status != "default":
                _compare(side, stand_in, other)
            _added(side, other)
        elif not (_is_range(status) and any(_in_range(key, status) for key in before)):
            if stand_in is None:
                _added(side, other)
        else:
            _added(side, other)


def _removed(side: Side, one: Response, old: Operation, new: Operation) -> None:
    label = f"response {one.status}"
    if side.responses.sense is Sense.TAKES:
        side.say("response-narrowed", label, "is no longer expected", old=one.pointer, new=new.pointer)
        return
    success = one.status[0] in "23"
    name = "success-status-removed" if success else "status-removed"
    now = [key for key in new.responses if key[0] in "23"] if success else []
    more = f"; there is {', '.join(now)} now" if now else ""
    shown = of_status(new.responses, old.responses) if success else None
    side.say(
        name,
        label,
        "is no longer documented" + more,
        old=one.pointer,
        new=new.pointer,
        before=one.status,
        after=sorted(new.responses),
        witness=NOTHING if shown is None else shown,
        explanation="this status may come now, and was spoken of nowhere" if shown else "",
    )


def _added(side: Side, other: Response) -> None:
    level = Level.INFO
    side.say("status-added", f"response {other.status}", "may come now", new=other.pointer, level=level)


def _compare_values(side: Side, one: Response, other: Response) -> None:
    """Compare what two answers hold where they are written alike, and nothing else that they promise."""
    for name, media in one.content.items():
        if name in other.content:
            compare_media(side, side.responses, media, other.content[name], f"response {one.status} as {other.status}")


def _compare(side: Side, one: Response, other: Response) -> None:
    label = f"response {one.status if one.status == other.status else f'{one.status} as {other.status}'}"
    places: dict[str, Any] = {"old": one.pointer, "new": other.pointer}
    compare_headers(side, one, other, label)
    if one.content or other.content:
        if one.content or side.responses.sense is Sense.TAKES:
            compare_media_types(side, side.responses, one.content, other.content, label, places)
        else:
            for name, media in other.content.items():
                side.say("response-media-type-added", f"{label}, media type {name}", "was added", new=media.pointer)
    if one.links != other.links:
        for name in sorted({*one.links, *other.links}):
            before, after = one.links.get(name), other.links.get(name)
            if before != after:
                words = "was added" if before is None else "was removed" if after is None else "changed"
                side.say("link-changed", f"{label}, link {name}", words, before=before, after=after, **places)


def compare_headers(side: Side, one: Response, other: Response, label: str) -> None:
    """Compare the headers of two responses; names in any case are the same."""
    before = {name.lower(): header for name, header in one.headers.items() if name.lower() != "content-type"}
    after = {name.lower(): header for name, header in other.headers.items() if name.lower() != "content-type"}
    gives = side.responses.sense is Sense.GIVES
    for name, header in before.items():
        mine = f"{label}, header {header.name}"
        twin = after.get(name)
        if twin is None:
            rule = "response-header-removed" if header.required else "optional-response-header-removed"
            side.say(rule if gives else "response-narrowed", mine, "was removed", old=header.pointer, new=other.pointer)
            continue
        _compare_header(side, header, twin, mine)
    for name, header in after.items():
        if name not in before:
            rule = "response-header-added"
            if not gives and header.required:
                rule = "request-property-became-required"
            side.say(rule, f"{label}, header {header.name}", "was added", new=header.pointer)


def _compare_header(side: Side, one: Header, other: Header, label: str) -> None:
    places: dict[str, Any] = {"old": one.pointer, "new": other.pointer}
    gives = side.responses.sense is Sense.GIVES
    if one.required is not other.required:
        if one.required is gives:
            rule = "response-header-became-optional" if gives else "parameter-became-required"
            side.say(rule, label, "may be left out now" if gives else "must be sent now", **places)
        else:
            side.say("response-narrowed", label, "is always there now" if gives else "may be left out now", **places)
    if one.deprecated is not other.deprecated:
        side.say("deprecation-changed", label, "is deprecated" if other.deprecated else "is in use again", **places)
    if one.content or other.content:
        if one.content and other.content:
            compare_media_types(side, side.responses, one.content, other.content, label, places)
        else:
            words = "is written by a media type now" if other.content else "is no longer written by a media type"
            side.say("response-header-rewritten", label, words, **places)
        return
    if _explodes(one) is not _explodes(other) and "object" in kinds_of(one.schema) | kinds_of(other.schema):
        side.say("response-header-rewritten", label, "its objects are written in another way (`explode`)", **places)
    if one.schema is not None or other.schema is not None:
        side.walk.schemas.compare(
            side.responses, one.schema, other.schema, (side.name,), f"{side.prefix}{label}", text=1, delimited=True
        )


def _explodes(header: Header) -> bool:
    return header.raw.get("explode") is True


def _stand_in(status: str, responses: object) -> Response | None:
    """What speaks of a status that is not named: its range, else ``default`` (OpenAPI 3.1, 4.8.16)."""
    assert isinstance(responses, dict)
    found = None if status == "default" else responses.get(f"{status[0]}XX") or responses.get("default")
    return found if isinstance(found, Response) else None


def _is_range(status: str) -> bool:
    return status.endswith("XX")


def _in_range(status: str, wide: str) -> bool:
    return status != wide and status[0] == wide[0] and status != "default"
