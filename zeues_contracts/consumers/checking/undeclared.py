"""What is sent in a body and named nowhere in its schema: a service that is silent about it does not read it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.consumers.checking.model import NONE, REQUESTS, Problem, Scene
from zeues_contracts.consumers.checking.pointers import value_at
from zeues_contracts.consumers.checking.views import (
    declared_names,
    is_closed,
    is_deprecated,
    is_free,
    items_of,
    property_of,
)
from zeues_contracts.consumers.model import Payload
from zeues_contracts.redact import redact_json
from zeues_contracts.schema.references import escape
from zeues_contracts.schema.types import Schema

__all__ = ["undeclared_problems"]


def undeclared_problems(scene: Scene, payload: Payload, schema: Schema) -> Iterator[Problem]:
    """Properties that are sent and that no branch of the schema names, where nothing is said of others."""
    seen: set[str] = set()
    outline = payload.value if payload.is_example else _outline(payload.schema, 0)
    stack: list[tuple[Any, list[Schema], str, str]] = [(outline, [schema], "", "")]
    count = 0
    while stack:
        value, places, pointer, path = stack.pop()
        count += 1
        if count > 5000:
            return
        if isinstance(value, list):
            for index, one in enumerate(value[:50]):
                below = [inner for place in places for inner in items_of(place, index, REQUESTS)]
                if below:
                    stack.append((one, below, f"{pointer}/{index}", f"{path}[]"))
            continue
        if not isinstance(value, Mapping):
            continue
        for name, one in value.items():
            here = f"{path}.{name}" if path else str(name)
            below = [inner for place in places for inner in property_of(place, str(name), REQUESTS)]
            if below:
                stack.append((one, below, f"{pointer}/{escape(str(name))}", here))
                if here not in seen and is_deprecated(below, REQUESTS):
                    seen.add(here)
                    yield _deprecated(payload, below[0], here, f"{pointer}/{escape(str(name))}")
            elif here not in seen and not any(_speaks_of_others(place) for place in places):
                seen.add(here)
                yield _undeclared(scene, payload, places[0], str(name), here, f"{pointer}/{escape(str(name))}")


def _deprecated(payload: Payload, place: Schema, path: str, pointer: str) -> Problem:
    return Problem(
        "ZC305",
        f"sends `{path}`, which is deprecated",
        f"body {path} deprecated",
        f"/request/body{pointer if payload.is_example else ''}",
        schema=place,
        side="request",
        path=f"body{pointer}",
        keyword="deprecated",
    )


def _speaks_of_others(place: Schema) -> bool:
    """Whether a schema takes other properties on purpose, or refuses them (which is told as a refusal)."""
    return is_free(place, REQUESTS) or is_closed(place, REQUESTS)


def _undeclared(scene: Scene, payload: Payload, place: Schema, name: str, path: str, pointer: str) -> Problem:
    declared = declared_names(place, REQUESTS)
    near = difflib.get_close_matches(name, list(declared), n=1, cutoff=0.8)
    elsewhere = _declared_elsewhere(scene, name)
    details = [f"declared are {', '.join(f'`{one}`' for one in list(declared)[:20])}"] if declared else []
    hint = "stop sending it, or have the service declare it"
    if elsewhere:
        details.append(f"`{name}` is declared by {_and(elsewhere)}")
        hint = f"{elsewhere[0]} declares `{name}`: if it is needed here too, have the service declare it"
    if near:
        hint = f"is `{near[0]}` meant?"
    value = value_at(payload.shown, pointer)
    return Problem(
        "ZC325",
        f"sends `{path}`, which the body does not declare: it is ignored",
        f"body {path} undeclared",
        f"/request/body{pointer if payload.is_example else ''}",
        schema=place,
        witness=NONE if value is NONE else redact_json({name: value}),
        witness_pointer=f"/{escape(name)}",
        explanation=f"the schema of the body names no `{name}`, and takes any property without reading it",
        hint=hint,
        details=tuple(details),
        side="request",
        path=f"body{pointer}",
        keyword="properties",
    )


def _declared_elsewhere(scene: Scene, name: str) -> list[str]:
    """Neighbours (operations below the same path) that declare a property of this name in their body."""
    above = scene.operation.path.rpartition("/")[0]
    found: list[str] = []
    for key, (path, _) in scene.document.keys.items():
        if key == scene.operation.key or path.rpartition("/")[0] != above:
            continue
        operation = scene.document.operation(key)
        body = operation.request_body
        for media in body.content.values() if body is not None else ():
            if media.schema is not None and name in declared_names(media.schema, REQUESTS):
                found.append(operation.name)
                break
        if len(found) >= 3:
            break
    return found


def _outline(schema: Any, depth: int) -> Any:
    """The properties that a schema's values may have, as a value of that shape: for the names alone."""
    if depth > 20 or not isinstance(schema, Mapping):
        return None
    if isinstance(schema.get("const"), Mapping | list):
        return schema["const"]
    for key in ("allOf", "anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            parts = [_outline(one, depth + 1) for one in schema[key]]
            merged: dict[str, Any] = {}
            for part in parts:
                merged |= part if isinstance(part, dict) else {}
            if merged:
                return merged
    if isinstance(schema.get("properties"), Mapping):
        return {str(name): _outline(one, depth + 1) for name, one in schema["properties"].items()}
    if isinstance(schema.get("prefixItems"), list):
        return [_outline(one, depth + 1) for one in schema["prefixItems"]]
    if "items" in schema:
        return [_outline(schema["items"], depth + 1)]
    return None


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
