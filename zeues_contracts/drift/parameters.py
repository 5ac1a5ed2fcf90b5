"""Parameters: which there are, whether they must be sent, how they travel, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.drift.bodies import compare_media_types
from zeues_contracts.drift.model import NOTHING, Sense
from zeues_contracts.drift.texts import kinds_of
from zeues_contracts.drift.walk import Side
from zeues_contracts.openapi.model import Operation, Parameter
from zeues_contracts.openapi.references import look_up
from zeues_contracts.openapi.security import ignored_headers

__all__ = ["compare_parameters"]

_SCALARS = frozenset({"string", "integer", "number", "boolean", "null"})


def compare_parameters(side: Side, old: Operation, new: Operation) -> None:
    """Compare the parameters in force of two operations; those of the path by position, their names mean nothing."""
    pair = side.walk.pair
    ignored = ignored_headers(pair.old, old) | ignored_headers(pair.new, new)
    before, after = _table(old, ignored), _table(new, ignored)
    for key, one in before.items():
        other = after.get(key)
        if other is None:
            _removed(side, one, after)
        else:
            _compare(side, one, other)
    for key, other in after.items():
        if key not in before:
            _added(side, other)


def _table(operation: Operation, ignored: frozenset[str]) -> dict[tuple[str, str], Parameter]:
    table: dict[tuple[str, str], Parameter] = {}
    for one in operation.parameters:
        if one.location == "header" and one.name.lower() in ignored:
            continue
        name = str(one.position) if one.location == "path" and one.position >= 0 else one.name
        table.setdefault((one.location, name.lower() if one.location == "header" else name), one)
    return table


def _label(one: Parameter) -> str:
    return f"{one.location} parameter {one.name}"


def _removed(side: Side, one: Parameter, after: Mapping[tuple[str, str], Parameter]) -> None:
    if one.location == "path" and one.position < 0:
        return  # it was in no template: nobody could send it
    moved = [other.location for (_, name), other in after.items() if other.name == one.name]
    sentence = f"was moved to {moved[0]}" if moved else "was removed"
    hint = "" if moved else "what clients send there is not read any more"
    if side.requests.sense is Sense.GIVES:
        name = "response-required-property-removed" if one.required else "response-property-removed"
    elif side.walk.pair.policy.over(one.raw):
        name = "announced-removal"
    else:
        name = "parameter-removed"
    side.say(name, _label(one), sentence, old=one.pointer, before=one.raw, hint=hint)


def _added(side: Side, other: Parameter) -> None:
    if other.location == "path" and other.position < 0:
        return
    if side.requests.sense is Sense.GIVES:
        side.say("response-property-added", _label(other), "was added", new=other.pointer, after=other.raw)
        return
    if not other.required:
        side.say("optional-parameter-added", _label(other), "was added", new=other.pointer, after=other.raw)
        return
    default = _default(side, other)
    sentence = "was added and must be sent" + (f" (the document says that {default!r} stands in)" if default else "")
    side.say("required-parameter-added", _label(other), sentence, new=other.pointer, after=other.raw)


def _compare(side: Side, one: Parameter, other: Parameter) -> None:
    label = _label(other)
    places: dict[str, Any] = {"old": one.pointer, "new": other.pointer}
    takes = side.requests.sense is Sense.TAKES
    if one.required is not other.required:
        if other.required is takes:
            name = "parameter-became-required" if takes else "response-property-became-optional"
            side.say(
                name,
                label,
                "must be sent now" if takes else "may be left out now",
                before=one.required,
                after=other.required,
                **places,
            )
        else:
            side.say("parameter-relaxed", label, "may be left out now" if takes else "is always sent now", **places)
    _serialisation(side, one, other, label)
    _lifecycle(side, one, other, label)
    if one.content or other.content:
        if bool(one.content) is bool(other.content):
            compare_media_types(side, side.requests, one.content, other.content, label, places)
        else:
            side.say(
                "parameter-serialisation-changed",
                label,
                "is written by a media type now" if other.content else "is no longer written by a media type",
                **places,
            )
        return
    side.walk.schemas.compare(
        side.requests,
        one.schema,
        other.schema,
        (side.name,),
        f"{side.prefix}{label}",
        text=1,
        parameter=one.raw.get("required") is not True,
        repeated=0
        if other.explode and all(each.location in ("query", "cookie") and each.style == "form" for each in (one, other))
        else None,
        delimited=_in_one_text(one) and _in_one_text(other),
    )


def _in_one_text(one: Parameter) -> bool:
    """Whether a list is written as one text (OpenAPI 3.1, 4.8.12.4)."""
    if one.style in ("spaceDelimited", "pipeDelimited"):
        return not one.explode
    return one.style == "simple" or (one.style in ("form", "label", "matrix") and not one.explode)


def _serialisation(side: Side, one: Parameter, other: Parameter, label: str) -> None:
    if one.content or other.content:
        return
    changes: list[str] = []
    kinds = kinds_of(one.schema) | kinds_of(other.schema)
    scalar = kinds <= _SCALARS
    if one.style != other.style and not (scalar and _alike(one, other)):
        changes.append(f"style {one.style} became {other.style}")
    if one.explode is not other.explode and one.style == other.style and _explode_matters(one.style, kinds):
        changes.append(f"explode {_word(one.explode)} became {_word(other.explode)}")
    if changes:
        side.say(
            "parameter-serialisation-changed",
            label,
            ", ".join(changes),
            old=one.pointer,
            new=other.pointer,
            before={"style": one.style, "explode": one.explode},
            after={"style": other.style, "explode": other.explode},
        )
    for mark, was, is_ in (
        ("reserved characters", one.allow_reserved, other.allow_reserved),
        ("an empty value", one.allow_empty_value, other.allow_empty_value),
    ):
        if was is not is_:
            plain = mark != "an empty value" and kinds <= {"integer", "boolean", "null"}  # no reserved character in it
            name = "parameter-relaxed" if is_ or plain else "parameter-serialisation-changed"
            side.say(
                name,
                label,
                f"{mark} {'may be sent now' if is_ else 'may no longer be sent'}",
                old=one.pointer,
                new=other.pointer,
                before=was,
                after=is_,
            )


def _alike(one: Parameter, other: Parameter) -> bool:
    """Whether a scalar is written the same in two styles: ``form`` in a query is like all but ``deepObject``."""
    plain = {"form", "spaceDelimited", "pipeDelimited", "simple", "cookie"}
    return one.style in plain and other.style in plain and one.location == other.location


def _lifecycle(side: Side, one: Parameter, other: Parameter, label: str) -> None:
    places: dict[str, Any] = {"old": one.pointer, "new": other.pointer}
    if one.deprecated is not other.deprecated:
        side.say("deprecation-changed", label, "is deprecated" if other.deprecated else "is in use again", **places)
    announced(side, one.raw, other.raw, label, places)


def announced(
    side: Side, old: Mapping[str, Any], new: Mapping[str, Any], label: str, places: Mapping[str, Any]
) -> None:
    """Compare what is announced of the end of something deprecated, and of its stability."""
    from zeues_contracts.drift.policy import STABILITY, stability, sunset_of

    policy = side.walk.pair.policy
    fresh = old.get("deprecated") is not True or old.get("x-sunset") != new.get("x-sunset")
    if new.get("deprecated") is True and fresh:
        problem = policy.problem(new) or _unreadable(old)
        was, now = sunset_of(old), sunset_of(new)
        if "x-sunset" in old and "x-sunset" not in new:
            side.say("sunset-withdrawn", label, f"its sunset on {old['x-sunset']} was taken back", **places)
        elif problem:
            side.say("sunset-policy", label, problem, before=old.get("x-sunset"), after=new.get("x-sunset"), **places)
        elif was is not None and now is not None and now < was:
            side.say("sunset-withdrawn", label, f"its sunset moved forward from {was} to {now}", **places)
    elif "x-sunset" in old and "x-sunset" not in new and old.get("deprecated") is True:
        side.say("sunset-withdrawn", label, f"its sunset on {old['x-sunset']} was taken back", **places)
    before, after = stability(old), stability(new)
    if old.get("x-stability-level") == new.get("x-stability-level"):
        return
    for node, (_, known) in ((old, before), (new, after)):
        if not known:
            sentence = f"{str(node['x-stability-level'])[:40]!r} is no stability level: {', '.join(STABILITY)}"
            side.say("stability-lowered", label, sentence, **places)
            return
    if STABILITY[after[0]] < STABILITY[before[0]] and "x-stability-level" in old:
        side.say("stability-lowered", label, f"its stability fell from {before[0]} to {after[0]}", **places)


def _unreadable(old: Mapping[str, Any]) -> str:
    from zeues_contracts.drift.policy import sunset_of

    broken = "x-sunset" in old and sunset_of(old) is None
    return f"its `x-sunset` was no date: {str(old['x-sunset'])[:40]!r}" if broken else ""


def _explode_matters(style: str, kinds: frozenset[str]) -> bool:
    """Whether ``explode`` changes how values of these types are written (OpenAPI 3.1, 4.8.12.3)."""
    if style == "deepObject":
        return False
    return "object" in kinds or ("array" in kinds and style != "simple")


def _default(side: Side, one: Parameter) -> Any:
    if one.schema is None:
        return NOTHING
    node = look_up(one.schema.resource.contents, one.schema.pointer)
    return node.get("default", NOTHING) if isinstance(node, Mapping) else NOTHING


def _word(value: bool) -> str:
    return "true" if value else "false"
