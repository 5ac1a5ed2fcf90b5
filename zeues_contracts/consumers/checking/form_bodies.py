"""Bodies of forms: fields of text, read as what their schemas take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from zeues_contracts.consumers.checking.model import REQUESTS
from zeues_contracts.consumers.checking.views import property_of
from zeues_contracts.consumers.checking.wire import readings
from zeues_contracts.consumers.model import Payload
from zeues_contracts.schema.types import Schema
from zeues_contracts.schema.validators import judge

__all__ = ["as_form", "form_fields"]


def as_form(payload: Payload, schema: Schema, media_type: str) -> Payload | None:
    """A form's fields are text: each is read as what its schema takes. ``None`` for a form that cannot be read."""
    fields = payload.value if isinstance(payload.value, Mapping) else form_fields(payload.value, media_type)
    if fields is None:
        return None
    value: dict[str, Any] = {}
    for name, given in fields.items():
        places = property_of(schema, str(name), REQUESTS)
        value[str(name)] = _read(places, given)
    return Payload({"const": value}, value, True, payload.pointer, public=None, unset=payload.unset)


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


def _read(places: list[Schema], given: Any) -> Any:
    if isinstance(given, Mapping | list):
        return given
    options = readings(given)
    fitting = (one for one in options if places and all(judge(place, one, REQUESTS).valid for place in places))
    return next(fitting, given)
