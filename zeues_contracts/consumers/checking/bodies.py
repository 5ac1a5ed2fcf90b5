"""The request body of one interaction against what its operation takes."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zeues_contracts.consumers.checking.discriminators import discriminated
from zeues_contracts.consumers.checking.form_bodies import as_form
from zeues_contracts.consumers.checking.mends import described, schema_text
from zeues_contracts.consumers.checking.model import NONE, REQUESTS, Problem, Scene, ask, schema_of
from zeues_contracts.consumers.checking.pointers import path_words, value_at
from zeues_contracts.consumers.checking.undeclared import undeclared_problems
from zeues_contracts.consumers.checking.views import (
    declared_names,
    places_at,
    property_of,
    values_of,
)
from zeues_contracts.consumers.checking.wire import readings
from zeues_contracts.consumers.model import Payload
from zeues_contracts.findings import Level
from zeues_contracts.openapi.model import MediaType
from zeues_contracts.redact import is_secret_name, redact_json
from zeues_contracts.schema.complaints import Complaint, complaints
from zeues_contracts.schema.references import escape
from zeues_contracts.schema.types import Refuted, Schema, Unknown
from zeues_contracts.schema.validators import judge

__all__ = ["body_problems", "fits_media_type", "is_json"]

_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def is_json(name: str) -> bool:
    """Whether a media type is JSON (RFC 8259, RFC 6839), or a range that JSON falls under."""
    kind = name.partition(";")[0].strip().lower()
    return kind.endswith(("/json", "+json")) or kind in ("*/*", "application/*", "")


def fits_media_type(name: str, documented: str) -> bool:
    """Whether a media type falls under a documented one, which may be a range (``application/*``)."""
    ours, theirs = (one.partition(";")[0].strip().lower() for one in (name, documented))
    if theirs in ("*/*", ours):
        return True
    if theirs.endswith("/*"):
        return ours.startswith(theirs[:-1])
    # application/vnd.thing+json is read by what reads application/json.
    return theirs == "application/json" and ours.endswith("+json")


def body_problems(scene: Scene) -> Iterator[Problem]:
    """A body that is missing, too much, of another media type, or not accepted; properties that will be ignored."""
    request = scene.interaction.request
    documented = scene.operation.request_body
    if request.body is None:
        if documented is not None and documented.required and not scene.expects_refusal():
            media = next(iter(documented.content.values()), None)
            what = f": {described(media.schema, REQUESTS)}" if media is not None and media.schema is not None else ""
            yield Problem(
                "ZC320",
                "sends no body, and one is required",
                "body",
                "/request",
                document=documented.pointer,
                hint=f"send a body{what}",
                side="request",
                path="body",
            )
        return
    if documented is None or not documented.content:
        if documented is None and request.body.shown not in (None, "", {}):
            yield Problem(
                "ZC321",
                "sends a body, and none is documented: it will be ignored",
                "body",
                "/request/body",
                document=scene.operation.pointer,
                side="request",
                path="body",
            )
        return
    media = _media(documented.content, request.media_type)
    if media is None:
        if not any(one in ("415", "422", "4XX") for one in scene.interaction.expect.statuses):
            listed = " or ".join(documented.content)
            yield Problem(
                "ZC322",
                f"sends {request.media_type}, and only {listed} is accepted",
                f"body {request.media_type}",
                "/request/media-type",
                document=documented.pointer,
                hint=f"send the body as {next(iter(documented.content))}",
                side="request",
                path="body",
            )
        return
    if media.schema is None:
        return
    kind = request.media_type.partition(";")[0].strip().lower()
    if is_json(kind):
        yield from _judged(scene, request.body, media.schema)
    elif kind in _FORMS:
        payload = as_form(request.body, media, request.media_type)
        if payload is not None:
            yield from _judged(scene, payload, media.schema)
    elif kind.startswith("text/") and isinstance(request.body.value, str):
        yield from _judged(scene, request.body, media.schema)
    else:
        yield Problem(
            "ZC349",
            f"cannot be judged by the body that is sent: {kind} is not read here",
            f"body {kind}",
            "/request/body",
            document=media.pointer,
            level=Level.INFO,
            side="request",
            path="body",
        )


def _media(content: Mapping[str, MediaType], name: str) -> MediaType | None:
    """The documented media type that a body falls under: the most concrete one."""
    fitting = [one for key, one in content.items() if fits_media_type(name, key)]
    return min(fitting, key=lambda one: one.name.count("*")) if fitting else None


def _judged(scene: Scene, payload: Payload, schema: Schema) -> Iterator[Problem]:
    refusal = scene.expects_refusal()
    if payload.is_example:
        verdict = judge(schema, payload.value, REQUESTS)
        if verdict.valid is False and not refusal:
            found = discriminated(schema, payload.value, payload.shown)
            found = found or complaints(schema, payload.value, REQUESTS, shown=payload.shown)
            yield from _refused(scene, payload, schema, payload.value, payload.shown, found)
        elif verdict.valid is None and not refusal:
            yield _undecided(verdict.reason)
    elif not refusal:
        answer = ask(schema_of(payload.schema), schema, REQUESTS)
        if isinstance(answer, Refuted):
            found = complaints(schema, answer.witness, REQUESTS)
            yield from _refused(scene, payload, schema, answer.witness, answer.witness, found)
        elif isinstance(answer, Unknown):
            yield _undecided(answer.reason)
    yield from undeclared_problems(scene, payload, schema)


def _undecided(reason: str) -> Problem:
    return Problem(
        "ZC349",
        f"cannot be judged by the body that is sent: {reason}",
        "body",
        "/request/body",
        side="request",
        path="body",
    )


def _refused(
    scene: Scene, payload: Payload, schema: Schema, value: Any, shown: Any, found: tuple[Complaint, ...]
) -> Iterator[Problem]:
    """One problem for each thing that is wrong, missing properties first."""
    known = [one for one in found if not any(_below(one.pointer, unset) for unset in payload.unset)]
    if found and not known:
        return  # what is wrong is the name that stands for a variable that is not set
    witness = redact_json(shown)
    if not known:
        yield _refusal(scene, payload, Complaint("", "", "the body is not accepted"), schema, witness, value)
        return
    for one in known[:20]:
        if one.keyword == "required":
            yield _missing(scene, payload, one, schema, value, witness)
        else:
            yield _refusal(scene, payload, one, schema, witness, value)


def _below(pointer: str, above: str) -> bool:
    return pointer == above or pointer.startswith(above + "/")


def _missing(scene: Scene, payload: Payload, one: Complaint, schema: Schema, value: Any, witness: Any) -> Problem:
    path = path_words(one.pointer, one.name)
    places = places_at(schema, one.pointer, REQUESTS, value)
    sent = value_at(value, one.pointer)
    described_by = [inner for place in places for inner in property_of(place, one.name, REQUESTS, sent)]
    what = _one_of(one.allowed) or (described(described_by[0], REQUESTS) if described_by else "any value")
    declared = {name for place in places for name in declared_names(place, REQUESTS)}
    spare = [str(name) for name in sent if name not in declared] if isinstance(sent, Mapping) else []
    near = difflib.get_close_matches(one.name, spare, n=1, cutoff=0.8)
    hint = f"send `{one.name}`: {what}"
    if near:
        hint = f"`{near[0]}` is sent and not declared; is it meant to be `{one.name}`? it is {what}"
    verb = "does not send" if payload.is_example else "may leave out"
    return Problem(
        "ZC323",
        f"{verb} `{path}`, which the body requires",
        f"body {path}",
        f"/request/body{one.pointer if payload.is_example else ''}",
        schema=described_by[0] if described_by else places[0] if places else schema,
        witness=witness,
        witness_pointer=one.pointer,
        explanation=f"`{path}` is missing",
        hint=hint,
        details=(f"its schema: {schema_text(described_by[0])}",) if described_by and not one.allowed else (),
        side="request",
        path=f"body{one.pointer}/{escape(one.name)}",
        keyword="required",
    )


def _refusal(scene: Scene, payload: Payload, one: Complaint, schema: Schema, witness: Any, value: Any) -> Problem:
    path = path_words(one.pointer, one.name)
    places = places_at(schema, one.pointer + (f"/{escape(one.name)}" if one.name else ""), REQUESTS, value)
    what = described(places[0], REQUESTS) if places and one.keyword != "additionalProperties" else ""
    what = _one_of(one.allowed) or what
    secret = any(is_secret_name(part) for part in one.pointer.split("/"))
    meant = (
        ""
        if secret
        else _meant(value_at(payload.shown if payload.is_example else witness, one.pointer), places, one.allowed)
    )
    fallback = f"`{path}` is documented as {what}" if path else f"documented is {what}"
    return Problem(
        "ZC324",
        f"sends a body that is not accepted: {one.sentence}" + (f" (at `{path}`)" if path.count(".") else ""),
        f"body {path or 'as a whole'} {one.keyword}".strip(),
        f"/request/body{one.pointer if payload.is_example else ''}",
        schema=places[0] if places else schema,
        witness=witness,
        witness_pointer=one.pointer,
        explanation=one.sentence,
        hint=meant or (fallback if what else ""),
        side="request",
        path=f"body{one.pointer}" + (f"/{escape(one.name)}" if one.name else ""),
        keyword=one.keyword,
    )


def _one_of(allowed: Sequence[Any]) -> str:
    """``"card" or "transfer"``, of the values that tell the branches of a choice apart."""
    shown = [json.dumps(one, ensure_ascii=False) for one in allowed[:8]]
    if not shown:
        return ""
    more = [f"{len(allowed) - 8} more"] if len(allowed) > 8 else []
    *first, last = [*shown, *more]
    return f"{', '.join(first)} or {last}" if first else last


def _meant(value: Any, places: list[Schema], allowed: Sequence[Any] = ()) -> str:
    """The value that was probably meant: of another type, or spelled a little differently.

    Each place has to take it; of a choice, whose branches have one of the ``allowed`` each, one of them.
    """
    if isinstance(value, list | Mapping) or value is NONE or value is None or not places:
        return ""
    candidates = [one for one in readings(value) if type(one) is not type(value)]
    if isinstance(value, str):
        listed = allowed or [one for place in places for one in values_of(place, REQUESTS)]
        values = [one for one in listed if isinstance(one, str)]
        near = difflib.get_close_matches(value.lower(), [one.lower() for one in values], n=1, cutoff=0.75)
        candidates += [one for one in values if near and one.lower() == near[0]]
    which = any if allowed else all
    fitting = (one for one in candidates if which(judge(place, one, REQUESTS).valid for place in places))
    found = next(fitting, NONE)
    return "" if found is NONE else f"is {json.dumps(found, ensure_ascii=False)} meant?"
