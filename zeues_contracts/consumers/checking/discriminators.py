"""Bodies whose branch a discriminator names by its schema alone (OpenAPI 3.1, 4.8.25): no ``const`` says which it is.

A validator does not read discriminators. Whether a body is accepted is the schemas' business; of which branch is spoken
where it is not is this module's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from zeues_contracts.consumers.checking.model import REQUESTS
from zeues_contracts.consumers.checking.views import faces, property_of, values_of
from zeues_contracts.redact import PLACEHOLDER, is_secret_name
from zeues_contracts.schema.complaints import Complaint, complaints
from zeues_contracts.schema.references import child, escape, resolve, unescape
from zeues_contracts.schema.types import Schema

__all__ = ["discriminated"]

_MOST_BRANCHES = 200


def discriminated(schema: Schema, value: Any, shown: Any) -> tuple[Complaint, ...]:
    """What is wrong with a body that is not accepted, where a discriminator says of which branch to speak.

    Empty where none does, and where the branches say by values of their own which is meant. ``shown`` is the value as
    it may be shown.
    """
    if not isinstance(value, Mapping) or not isinstance(shown, Mapping):
        return ()
    for place, translated in faces(schema, REQUESTS):
        given = translated.get("discriminator")
        name = given.get("propertyName") if isinstance(given, Mapping) else None
        if not isinstance(given, Mapping) or not isinstance(name, str):
            continue
        mapping = given.get("mapping")
        branches = _branches(place, translated, mapping if isinstance(mapping, Mapping) else {})
        if len(branches) < 2 or any(_speaks(branch, name) for branch in branches.values()):
            continue
        return _told(name, branches, value, shown)
    return ()


def _told(name: str, branches: Mapping[str, Schema], value: Mapping[str, Any], shown: Any) -> tuple[Complaint, ...]:
    allowed = tuple(branches)
    if name not in value:
        return (Complaint("", "required", f"`{name}` is missing", name, allowed),)
    kind = value[name]
    if not isinstance(kind, str):
        return ()
    if kind in branches:
        return complaints(branches[kind], value, REQUESTS, shown=shown)
    listed = [json.dumps(one, ensure_ascii=False) for one in allowed[:8]]
    sent = json.dumps(PLACEHOLDER if is_secret_name(name) else shown.get(name), ensure_ascii=False, default=str)[:60]
    sentence = f"`{name}` is {sent}, it has to be one of {', '.join(listed[:-1])} or {listed[-1]}"
    return (Complaint(f"/{escape(name)}", "enum", sentence, allowed=allowed),)


def _branches(place: Schema, translated: Mapping[str, Any], mapping: Mapping[Any, Any]) -> dict[str, Schema]:
    """The branches by the values that stand for them: those of the mapping, else the names of their schemas."""
    found: dict[str, Schema] = {}
    for keyword in ("oneOf", "anyOf"):
        choice = translated.get(keyword)
        for at, one in enumerate(choice[:_MOST_BRANCHES] if isinstance(choice, list) else ()):
            reference = one.get("$ref") if isinstance(one, Mapping) else None
            target = resolve(child(place, keyword, at), reference) if isinstance(reference, str) else None
            if not isinstance(reference, str) or target is None:
                continue
            own = unescape(reference.rpartition("/")[2])
            keys = [str(key) for key, to in mapping.items() if to in (reference, own)]
            found.update((key, target) for key in keys or [own])
    return found


def _speaks(branch: Schema, name: str) -> bool:
    return any(values_of(place, REQUESTS) for place in property_of(branch, name, REQUESTS))
