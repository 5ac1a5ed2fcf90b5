"""Bodies of forms: fields of text, read as what their schemas take."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from msgspec.structs import replace

from zeues_contracts.consumers.checking.model import REQUESTS
from zeues_contracts.consumers.checking.views import kinds_of, property_of
from zeues_contracts.consumers.checking.wire import read_parameter
from zeues_contracts.consumers.model import Payload
from zeues_contracts.openapi.model import MediaType, Parameter
from zeues_contracts.schema.types import Schema
from zeues_contracts.schema.validators import judge

__all__ = ["as_form", "form_fields"]


def as_form(payload: Payload, media: MediaType, media_type: str) -> Payload | None:
    """A form's fields are text: each is read as what its schema takes. ``None`` for a form that cannot be read."""
    value = _as_read(payload.value, media, media_type)
    if value is None:
        return None
    public = None if payload.public is None else _as_read(payload.public, media, media_type)
    return Payload({"const": value}, value, True, payload.pointer, public=public, unset=payload.unset)


def _as_read(given: Any, media: MediaType, media_type: str) -> dict[str, Any] | None:
    fields = given if isinstance(given, Mapping) else form_fields(given, media_type)
    if fields is None or media.schema is None:
        return None
    value: dict[str, Any] = {}
    for name, one in fields.items():
        places = property_of(media.schema, str(name), REQUESTS)
        value[str(name)] = _read(places, one, _as_parameter(str(name), media))
    return value


def _as_parameter(name: str, media: MediaType) -> Parameter:
    """A field is written as a parameter of the query is (OpenAPI 3.1, 4.8.15.1); a list by repeating its name."""
    told = media.encoding.get(name)
    encoding: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    style = str(encoding.get("style") or "form")
    explode = encoding.get("explode")
    return Parameter(
        name, "query", media.pointer, style=style, explode=style == "form" if explode is None else bool(explode)
    )


def form_fields(text: Any, media_type: str) -> dict[str, Any] | None:
    """The fields of a form that is written out; several values of a name become a list."""
    if not isinstance(text, str):
        return None
    kind, _, parameters = media_type.partition(";")
    if kind.strip().lower() == "application/x-www-form-urlencoded":
        pairs = parse_qsl(text, keep_blank_values=True)
    else:
        found = re.search(r'boundary="?([^";]{1,200})"?', parameters)
        if found is None:
            return None
        pairs = list(_parts(text, found[1]))
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            fields[name] = [*(fields[name] if isinstance(fields[name], list) else [fields[name]]), value]
        else:
            fields[name] = value
    return fields


def _parts(text: str, boundary: str) -> Iterator[tuple[str, str]]:
    """The named parts of a multipart body (RFC 7578), as far as they are text."""
    for part in text.split(f"--{boundary}")[:1000]:
        head, _, body = part.partition("\r\n\r\n" if "\r\n\r\n" in part else "\n\n")
        name = re.search(r'\bname="?([^";\r\n]*)"?', head)
        if name is not None:
            yield name[1], body.strip("\r\n")


def _read(places: list[Schema], given: Any, parameter: Parameter) -> Any:
    """The first of all readings that the schemas take; else the one of which it can be told best what is wrong."""
    options: list[Any] = []
    for place in places:
        options += read_parameter(replace(parameter, schema=place), given)
        if isinstance(given, str) and kinds_of(place, REQUESTS) & {"object", "array"}:
            with contextlib.suppress(ValueError, RecursionError):
                options.append(json.loads(given))  # what is no scalar may be JSON in its field
    options.append(given)
    fitting = (one for one in options if places and all(judge(place, one, REQUESTS).valid for place in places))
    found = next(fitting, given)
    if found is given and isinstance(given, str) and places and kinds_of(places[0], REQUESTS) == {"array"}:
        return options[0]
    if found is given and isinstance(given, list) and options[0] != given:
        return options[0]
    return found
