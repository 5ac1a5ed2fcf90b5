"""Looking behind a mismatch: what the service would answer if the request were mended.

A request that the document refuses never reaches the code behind it, so a bug there stays hidden until the consumer is
mended. Here the request is mended by the document, as little as possible, and sent once: what the service then does
wrong is a violation of its own, that hits the same interaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from zeues_contracts.live.building import operation_of_interaction
from zeues_contracts.schema.types import Direction, Schema, Settings

if TYPE_CHECKING:
    from zeues_contracts.consumers.model import Contract, Interaction, Payload
    from zeues_contracts.findings import Finding
    from zeues_contracts.openapi.model import Document, Operation

__all__ = ["Mended", "behind", "mended"]


@dataclass(frozen=True, slots=True)
class Mended:
    """Contracts with only the interactions that could be mended, and what was done to each, in words."""

    contracts: tuple[Contract, ...]
    notes: Mapping[tuple[str, str], str]


def mended(contracts: Sequence[Contract], document: Document) -> Mended:
    """The interactions whose request the document refuses, with the least that makes it acceptable.

    What the consumer sends is kept wherever it fits; members and parameters that are missing are added with values of
    their schemas. Interactions that fit, or that cannot be mended so, are left out.
    """
    notes: dict[tuple[str, str], str] = {}
    found: list[Contract] = []
    for contract in contracts:
        kept = []
        for interaction in contract.interactions:
            operation = operation_of_interaction(document, interaction)
            one = _mended(interaction, operation) if operation is not None else None
            if one is not None:
                kept.append(one[0])
                notes[contract.consumer, interaction.id] = one[1]
        if kept:
            found.append(replace(contract, interactions=tuple(kept)))
    return Mended(tuple(found), notes)


def behind(findings: Sequence[Finding], notes: Mapping[tuple[str, str], str]) -> tuple[Finding, ...]:
    """Of the findings of mended requests those about the service alone, each saying what it took to see it."""
    from zeues_contracts.findings import Cause

    told = []
    for finding in findings:
        if finding.cause is not Cause.VIOLATION:
            continue
        words = tuple(
            f"behind the mismatch of {hit.consumer}: {hit.interaction}, seen when {notes[key]}"
            for hit in finding.hits
            if (key := (hit.consumer, hit.interaction)) in notes
        )
        evidence = msgspec.structs.replace(finding.evidence, details=(*finding.evidence.details, *words))
        told.append(finding.with_(evidence=evidence))
    return tuple(told)


def _mended(interaction: Interaction, operation: Operation) -> tuple[Interaction, str] | None:
    spec = interaction.request
    changes: dict[str, Any] = {}
    words: list[str] = []
    body = _body(spec.body, spec.media_type, operation)
    if body is not None:
        changes["body"], said = body
        words.append(said)
    for location in ("query", "headers"):
        given: Mapping[str, Payload] = getattr(spec, location)
        added = _missing(given, location, operation)
        if added:
            changes[location] = {**given, **added}
            words.append(f"{', '.join(f'`{name}`' for name in added)} was added")
    if not changes:
        return None
    return replace(interaction, request=replace(spec, **changes)), " and ".join(words)


def _body(payload: Payload | None, media_type: str, operation: Operation) -> tuple[Payload, str] | None:
    if operation.request_body is None:
        return None
    content = operation.request_body.content.get(media_type)
    if content is None or content.schema is None:
        return None
    if payload is None:
        if not operation.request_body.required:
            return None
        value = _sample(content.schema, operation.name, {})
        return None if value is None else (_payload(value), "a body was sent")
    if payload.unset:
        return None  # mended or not, what stands for a variable that is not set is not to be sent
    if _fits(content.schema, payload.value) is not False:
        return None
    value = _nearest(content.schema, payload.value, operation.name)
    if value is None:
        return None
    return _payload(value), _told(payload.value, value)


def _missing(given: Mapping[str, Payload], location: str, operation: Operation) -> dict[str, Payload]:
    """Required parameters that the consumer does not send, with a value each."""
    place = {"query": "query", "headers": "header"}[location]
    names = {name.lower() for name in given} if place == "header" else set(given)
    found = {}
    for parameter in operation.parameters:
        name = parameter.name.lower() if place == "header" else parameter.name
        if parameter.location == place and parameter.required and parameter.schema is not None and name not in names:
            value = _sample(parameter.schema, f"{operation.name} {name}", {})
            if value is not None:
                found[name] = _payload(value)
    return found


def _nearest(schema: Schema, sent: Any, key: str) -> Any:
    """A value that fits and keeps what was sent wherever it can; ``None`` where none is found."""
    full = _sample(schema, key, sent if isinstance(sent, dict) else {})
    if not isinstance(sent, dict) or not isinstance(full, dict):
        return full
    value = dict(full)
    for name, one in sent.items():
        if _fits(schema, {**value, name: one}):
            value[name] = one
    for name in [one for one in value if one not in sent]:
        rest = {key: one for key, one in value.items() if key != name}
        if _fits(schema, rest):
            value = rest
    return value


def _told(sent: Any, value: Any) -> str:
    if not isinstance(sent, dict) or not isinstance(value, dict):
        return "the body was replaced by one that fits"
    added = [f"`{name}`" for name in value if name not in sent]
    other = [f"`{name}`" for name in value if name in sent and value[name] != sent[name]]
    gone = [f"`{name}`" for name in sent if name not in value]
    parts = [
        f"{', '.join(names)} {'was' if len(names) == 1 else 'were'} {verb}"
        for names, verb in ((added, "added"), (other, "changed"), (gone, "left out"))
        if names
    ]
    return " and ".join(parts) or "the body was mended"


def _sample(schema: Schema, key: str, known: Mapping[str, Any]) -> Any:
    from zeues_contracts.live.mock.values import Sampler

    made = Sampler(Direction.REQUEST).sample(schema, key, known)
    return made.value if made.found else None


def _fits(schema: Schema, value: Any) -> bool | None:
    from zeues_contracts.schema.validators import judge

    # A service refuses what is no date where the document says `format: date`, as FastAPI does.
    return judge(schema, value, Settings(format_assertion=True, direction=Direction.REQUEST)).valid


def _payload(value: Any) -> Payload:
    from zeues_contracts.consumers.model import Payload as _Payload

    return _Payload(schema={"const": value}, value=value, is_example=True)
