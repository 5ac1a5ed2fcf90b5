"""One operation against its successor, and operations that came or went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.drift.bodies import compare_request_bodies
from zeues_contracts.drift.parameters import announced, compare_parameters
from zeues_contracts.drift.policy import STABILITY, stability, sunset_of
from zeues_contracts.drift.responses import compare_responses
from zeues_contracts.drift.security import compare_security
from zeues_contracts.drift.servers import compare_operation_servers
from zeues_contracts.drift.walk import Side
from zeues_contracts.findings import Level
from zeues_contracts.openapi.model import Callback, Operation

__all__ = ["compare_callbacks", "compare_operation", "operation_added", "operation_removed"]


def compare_operation(side: Side, old: Operation, new: Operation) -> None:
    """Compare everything that two operations say; schemas that both refer to by one name are left to ``compare``."""
    _lifecycle(side, old, new)
    compare_parameters(side, old, new)
    compare_request_bodies(side, old, new)
    compare_responses(side, old, new)
    compare_security(side, old, new)
    compare_operation_servers(side, old, new)
    compare_callbacks(side, old.callbacks, new.callbacks, (old.pointer, new.pointer))


def operation_removed(side: Side, old: Operation, new_place: str = "") -> None:
    """Tell of an operation that is gone, by what was announced of it."""
    policy = side.walk.pair.policy
    level, known = stability(old.raw)
    if not known:
        side.say("stability-lowered", "", f"its stability level is none of {', '.join(STABILITY)}", old=old.pointer)
    if STABILITY[level] < STABILITY["beta"]:
        sentence = f"was removed; it was {level}, which promises nothing"
        side.say("announced-removal", "", f"{old.name} {sentence}", old=old.pointer, new=new_place)
    elif policy.over(old.raw):
        sunset = sunset_of(old.raw)
        side.say(
            "announced-removal",
            "",
            f"{old.name} was removed; it was deprecated" + (f", with its sunset on {sunset}" if sunset else ""),
            old=old.pointer,
            new=new_place,
        )
    else:
        sunset = sunset_of(old.raw)
        early = f" before its sunset on {sunset}" if old.deprecated and sunset is not None else ""
        if old.deprecated and sunset is None and "x-sunset" in old.raw:
            side.say("sunset-policy", "", policy.problem(old.raw), old=old.pointer)
        gone = "is no longer sent" if side.flipped else "was removed"
        rule = "callback-removed" if side.flipped else "operation-removed"
        side.say(rule, "", f"{old.name} {gone}{early}", old=old.pointer, new=new_place)


def operation_added(side: Side, name: str, place: str) -> None:
    """Tell of an operation that came, by its name and where it stands."""
    rule = "callback-added" if side.flipped else "operation-added"
    side.say(rule, "", f"{name} {'is sent now' if side.flipped else 'was added'}", new=place)


def compare_callbacks(
    side: Side, old: tuple[Callback, ...], new: tuple[Callback, ...], pointers: tuple[str, str]
) -> None:
    """Compare callbacks: there the service sends, so that the directions are turned round."""
    before, after = _by_key(old), _by_key(new)
    for key, (callback, one) in before.items():
        inner = Side(side.walk, side.name, not side.flipped, f"{side.prefix}callback {callback.name}, ")
        entry = after.get(key)
        if entry is None:
            operation_removed(inner, one, pointers[1])
        else:
            compare_operation(inner, one, entry[1])
    for key, (callback, other) in after.items():
        if key not in before:
            operation_added(
                Side(side.walk, side.name, True, f"{side.prefix}callback {callback.name}, "), other.name, other.pointer
            )


def _by_key(callbacks: tuple[Callback, ...]) -> Mapping[tuple[str, str, str], tuple[Callback, Operation]]:
    return {
        (callback.name, callback.expression, operation.method): (callback, operation)
        for callback in callbacks
        for operation in callback.operations
    }


def _lifecycle(side: Side, old: Operation, new: Operation) -> None:
    places: dict[str, Any] = {"old": old.pointer, "new": new.pointer}
    if old.deprecated is not new.deprecated:
        sunset = sunset_of(new.raw)
        until = f", until {sunset}" if new.deprecated and sunset else ""
        side.say("deprecation-changed", "", f"is deprecated{until}" if new.deprecated else "is in use again", **places)
    announced(side, old.raw, new.raw, "operation", places)
    if old.operation_id != new.operation_id:
        side.say(
            "operation-id-changed",
            "operationId",
            f"{old.operation_id or 'none'} became {new.operation_id or 'none'}",
            before=old.operation_id,
            after=new.operation_id,
            **places,
        )
    if set(old.tags) != set(new.tags):
        side.say(
            "tags-changed",
            "tags",
            f"{', '.join(old.tags) or 'none'} became {', '.join(new.tags) or 'none'}",
            before=sorted(old.tags),
            after=sorted(new.tags),
            level=Level.INFO,
            **places,
        )
