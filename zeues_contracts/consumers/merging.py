"""A recording and what is in the file already: what is merged, and what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from zeues_contracts.consumers.forms.words import union
from zeues_contracts.consumers.lists import list_schema, list_shape
from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload, RequestSpec

__all__ = ["Merged", "join", "merge_contracts"]


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged contract and what changed, a sentence per interaction. ``unseen`` are ids that did not come again."""

    contract: Contract
    changes: tuple[str, ...]
    unseen: tuple[str, ...] = ()


def merge_contracts(old: Contract, new: Contract, *, prune: bool = False) -> Merged:
    """Put a new recording over an old contract, interaction by interaction (by id).

    Requests are those that were sent now. Of the answers, what either relies on is relied on (see :func:`join`).
    Descriptions that a person wrote stay, and so does the order. What was not seen again stays, or goes with ``prune``.
    """
    fresh = {one.id: one for one in new.interactions}
    kept: list[Interaction] = []
    changes: list[str] = []
    unseen: list[str] = []
    for one in old.interactions:
        again = fresh.pop(one.id, None)
        if again is None:
            unseen.append(one.id)
            if prune:
                changes.append(f"{one.id}: gone: it was not sent this time")
            else:
                kept.append(one)
            continue
        merged, told = _merge(one, again)
        changes += [f"{one.id}: {text}" for text in told]
        kept.append(merged)
    for one in fresh.values():
        changes.append(f"{one.id}: new: {one.operation}")
        kept.append(one)
    contract = replace(
        old,
        interactions=tuple(kept),
        service=old.service or new.service,
        description=old.description or new.description,
    )
    return Merged(contract, tuple(changes), tuple(unseen))


def _merge(old: Interaction, new: Interaction) -> tuple[Interaction, list[str]]:
    told: list[str] = []
    if old.operation != new.operation:
        told.append(f"the operation is {new.operation}, it was {old.operation}")
    request, differs = _request(old.request, new.request)
    told += differs
    expect, differs = _expect(old.expect, new.expect)
    told += differs
    merged = replace(
        old, operation=new.operation, request=request, expect=expect, test=new.test or old.test, place=old.place
    )
    return merged, told


def _request(old: RequestSpec, new: RequestSpec) -> tuple[RequestSpec, list[str]]:
    told: list[str] = []
    parts: dict[str, dict[str, Payload]] = {}
    for key in ("path", "query", "headers", "cookies"):
        before: Mapping[str, Payload] = getattr(old, key)
        after: Mapping[str, Payload] = getattr(new, key)
        word = {"path": "path parameter", "query": "query parameter", "headers": "header", "cookies": "cookie"}[key]
        told += [f"the {word} {name} is sent now" for name in after if name not in before]
        told += [f"the {word} {name} is no longer sent" for name in before if name not in after]
        parts[key] = {}
        for name, payload in after.items():
            known = before.get(name)
            parts[key][name] = known if known is not None and _covers(known, payload) else payload
            if known is not None and parts[key][name] is not known:
                told.append(f"the {word} {name} has another value")
    body = new.body
    if old.body is not None and new.body is not None and _covers(old.body, new.body):
        body = old.body
    elif old.body is None and new.body is not None:
        told.append("a body is sent now")
    elif old.body is not None and new.body is None:
        told.append("no body is sent any more")
    elif old.body is not None and new.body is not None:
        told += _members(old.body.value, new.body.value) or ["the body has other values"]
    return RequestSpec(parts["path"], parts["query"], parts["headers"], parts["cookies"], body, new.media_type), told


def _members(old: Any, new: Any) -> list[str]:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return []
    told = [f"the body has `{name}` now" for name in new if name not in old]
    return told + [f"the body has no `{name}` any more" for name in old if name not in new]


def _covers(old: Payload, new: Payload) -> bool:
    """Whether what is written already says what was sent now: ``$today`` says any day's date."""
    if old.value == new.value and old.is_example == new.is_example:
        return True
    if old.is_example:
        return False
    from zeues_contracts.schema.validators import judge_document

    return new.is_example and bool(judge_document(old.schema, new.value).valid)


def _expect(old: Expectation, new: Expectation) -> tuple[Expectation, list[str]]:
    told: list[str] = []
    statuses = old.statuses
    if not statuses or not new.statuses:
        statuses = new.statuses or old.statuses
    for one in new.statuses:
        if one not in statuses and not any(_in_range(one, known) for known in statuses):
            told.append(f"status {one} came too")
            statuses = (*statuses, one)
    headers = dict(old.headers)
    for name, payload in new.headers.items():
        known = headers.get(name)
        if known is None:
            told.append(f"the header {name} is relied on now")
        headers[name] = payload if known is None else _joined(known, payload)
    body = old.body
    if new.body is not None:
        body = new.body if old.body is None else _joined(old.body, new.body)
        if old.body is None:
            told.append("the answer's body is relied on now")
        elif body is not old.body:
            told += _told(old.body.schema, body.schema) or ["something else is relied on in the answer's body"]
    return Expectation(statuses, headers, body, new.media_type or old.media_type), told


def _in_range(status: str, known: str) -> bool:
    return len(status) == len(known) and all(b in ("X", a) for a, b in zip(status, known, strict=True))


def _joined(old: Payload, new: Payload) -> Payload:
    schema = join(old.schema, new.schema)
    if schema == old.schema:
        return old
    return Payload(schema, None, False, old.pointer, old.optional and new.optional)


def _told(old: Any, new: Any, at: str = "") -> list[str]:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return []
    before, after = old.get("properties", {}), new.get("properties", {})
    told = [f"the answer's `{at}{name}` is relied on now" for name in after if name not in before]
    for name in after:
        if name in before and before[name] != after[name]:
            told += _told(before[name], after[name], f"{at}{name}.")
    return told


def join(old: Any, new: Any) -> Any:
    """What a consumer relies on that relied on this once and on that another time.

    Where one of them did not look, the other counts. Objects: the properties of both; one that either can do without
    is optional. Lists: of what both read in items. Otherwise any of the two.
    """
    if old == new or new in ({}, True):
        return old
    if old in ({}, True):
        return new
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return old
    kinds = {str(old.get("type")), str(new.get("type"))}
    plain = {"type", "properties", "required"}
    if kinds == {"object"} and set(old) <= plain and set(new) <= plain:
        return _join_objects(old, new)
    before, after = list_shape(old, join), list_shape(new, join)
    if before is not None and after is not None:
        return list_schema(before.with_(after, join), join)
    return union([old, new])


def _join_objects(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    before, after = old.get("properties", {}), new.get("properties", {})
    names = [*before, *(name for name in after if name not in before)]
    properties = {name: join(before.get(name, {}), after.get(name, {})) for name in names}

    def needs(schema: Mapping[str, Any], known: Mapping[str, Any], name: str) -> bool:
        return name not in known or name in schema.get("required", [])

    required = [name for name in names if needs(old, before, name) and needs(new, after, name)]
    schema: dict[str, Any] = {"type": "object"}
    if properties:
        schema["properties"] = properties
    if required:
        schema["required"] = required
    return schema
