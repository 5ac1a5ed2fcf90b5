"""What is to be said of a request: which input of it does not fit, and where the document says so."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zeues_contracts.findings import Witness
from zeues_contracts.live.mock.reading import Reading
from zeues_contracts.openapi.model import Document, Operation
from zeues_contracts.redact import is_secret_name, redact_json
from zeues_contracts.schema.types import Schema

__all__ = ["Remark", "remarks_of", "unknown_remark"]

_MAX_REMARKS = 50


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about a request.

    ``kind`` is ``unknown``, ``credentials``, ``refused``, ``ignored``, ``converted`` (each a finding), ``unsaid`` or
    ``no-value`` (each a note). ``subject`` is the same from run to run; ``at`` is a place in the document.
    """

    kind: str
    subject: str
    message: str
    at: str | Schema = ""
    witness: Witness | None = None
    hint: str = ""


def unknown_remark(document: Document, method: str, path: str, methods: Sequence[str]) -> Remark:
    """A request to no operation, with the nearest one as a hint."""
    if methods:
        message = f"{method} {path}: the document describes {', '.join(methods)} for this path only"
        return Remark("unknown", method, message, hint=f"use {' or '.join(methods)}")
    names = [operation.path for operation in document.operations.values()]
    near = difflib.get_close_matches(path, list(dict.fromkeys(names)), n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else ""
    return Remark("unknown", "path", f"{method} {path}: the document has no such path", hint=hint)


def remarks_of(operation: Operation, reading: Reading, *, credentials: bool = True) -> tuple[Remark, ...]:
    """What is to be said of a request to an operation, the worst first."""
    found: list[Remark] = []
    if not credentials:
        schemes = " or ".join(" and ".join(one) for one in operation.security)
        message = f"sent without credentials; the document asks for {schemes}"
        found.append(Remark("credentials", "credentials", message, f"{operation.pointer}/security"))
    for refusal, at in zip(reading.refused, reading.pointers, strict=True):
        where = _where(refusal.loc)
        witness = _witness(reading, refusal.loc, refusal.input, missing=refusal.type == "missing")
        if refusal.type == "missing":
            message = f"{_lacking(refusal.loc)}, which is required"
            hint = f"send {refusal.loc[-1]}"
        else:
            message = f"{where} is not accepted: {refusal.msg}"
            hint = ""
        subject = f"{_where(_nameless(refusal.loc))} {refusal.type}"
        found.append(Remark("refused", subject, message, at, witness, hint))
    for ignored in reading.ignored:
        where = _where(ignored.loc)
        message = f"{where} is not declared: the service ignores it"
        near = difflib.get_close_matches(ignored.name, list(ignored.declared), n=1, cutoff=0.8)
        hint = f"did you mean {near[0]}?" if near else f"declare {ignored.name}, or leave it out"
        witness = _witness(reading, ignored.loc, None)
        found.append(Remark("ignored", _where(_nameless(ignored.loc)), message, ignored.place, witness, hint))
    for stray in reading.stray[:20]:
        message = f"the query parameter {stray} is not declared: the service ignores it"
        known = [one.name for one in operation.parameters if one.location == "query"]
        near = difflib.get_close_matches(stray, known, n=1)
        hint = f"did you mean {near[0]}?" if near else ""
        found.append(Remark("ignored", f"query {stray}", message, operation.pointer, None, hint))
    for loc, place, what in reading.converted:
        if is_secret_name(str(loc[-1])):
            what = f"*** for {what.rpartition(' for ')[2]}"
        message = f"{_where(loc)} fits only because the service converts it: {what}"
        found.append(Remark("converted", _where(_nameless(loc)), message, place, _witness(reading, loc, None)))
    return tuple(found[:_MAX_REMARKS])


def _where(loc: tuple[str | int, ...]) -> str:
    """``body.items.0.name``, ``query operacion``: where an input is, in one word or two."""
    if loc[:1] == ("body",):
        return ".".join(str(step) for step in loc)
    return " ".join(str(step) for step in loc)


def _lacking(loc: tuple[str | int, ...]) -> str:
    """``the body lacks fecha_operacion``, ``body.items.0 lacks name``, ``the query lacks operacion``."""
    if loc == ("body",):
        return "the request lacks its body"
    around = _where(loc[:-1]) if len(loc) > 2 else f"the {loc[0]}"
    return f"{around} lacks {loc[-1]}"


def _nameless(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return tuple("*" if isinstance(step, int) else step for step in loc)


def _witness(reading: Reading, loc: tuple[str | int, ...], value: Any, *, missing: bool = False) -> Witness | None:
    """The whole body with the pointer to the place where it is one, else the value."""
    if loc[:1] != ("body",) or reading.body is None:
        return None  # a parameter's value stands in the request that is shown
    steps = loc[1:-1] if missing else loc[1:]
    here: Any = reading.body
    pointer = ""
    for step in steps:
        # A union's branch is a step of FastAPI's own, not of the body.
        if isinstance(here, dict) and step in here:
            here = here[str(step)]
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            continue
        pointer += "/" + str(step).replace("~", "~0").replace("/", "~1")
    return Witness(redact_json(reading.body), pointer)
