"""Parameters, request bodies, responses, headers and media types of OpenAPI 3, references resolved.

Defaults follow OpenAPI 3.1.1, 4.8.12 (parameters), 4.8.14 (media types) and 4.8.21 (headers), and their 3.2 forms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from zeues_contracts.openapi.model import Header, MediaType, Parameter, RequestBody, Response
from zeues_contracts.openapi.references import MISSING, Note, Spot, child, follow
from zeues_contracts.schema.types import Schema

__all__ = [
    "media_type_name",
    "merged_parameters",
    "parameter",
    "positioned",
    "request_body",
    "responses",
    "status_key",
    "text",
]

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple", "querystring": ""}


def merged_parameters(lists: Sequence[Spot], note: Note) -> list[Spot]:
    """The parameter objects in force: an operation's own come first and beat those of its path item.

    A parameter is told by name and place; header names by name in any case (OpenAPI 3.1, 4.8.10).
    """
    merged: dict[tuple[str, str], Spot] = {}
    for table in lists:
        if not isinstance(table.value, list):
            if table.value is not MISSING:
                note(table.place, "`parameters` is no list: taken as absent")
            continue
        own: set[tuple[str, str]] = set()
        for index in range(len(table.value)):
            spot = follow(child(table, index), note)
            if spot is None:
                continue
            if not isinstance(spot.value, Mapping) or not isinstance(spot.value.get("in"), str):
                note(spot.place, "a parameter has no `in`, or is no object: left out")
                continue
            location = spot.value["in"]
            name = text(spot.value.get("name"))
            if not name and location not in ("body", "querystring"):
                note(spot.place, "a parameter has no name: left out")
                continue
            key = (location, name.lower() if location == "header" else name)
            if key in own:
                note(spot.place, f"the {location} parameter {name!r} is given twice: the first counts", "duplicate")
                continue
            own.add(key)
            merged.setdefault(key, spot)
    return list(merged.values())


def parameter(spot: Spot, note: Note) -> Parameter:
    """A parameter object (OpenAPI 3). Path parameters are required whatever is written."""
    raw: Mapping[str, Any] = spot.value
    name, location = text(raw.get("name")), text(raw.get("in"))
    required = raw.get("required") is True
    if location == "path" and not required:
        note(spot.place, f"the path parameter {name!r} does not say `required: true`: taken as required", "parameter")
        required = True
    style = text(raw.get("style")) or _STYLES.get(location, "form")
    explode = raw.get("explode")
    return Parameter(
        name=name,
        location=location,
        pointer=spot.place,
        required=required,
        deprecated=raw.get("deprecated") is True,
        style=style,
        explode=explode if isinstance(explode, bool) else style in ("form", "cookie"),
        allow_reserved=raw.get("allowReserved") is True,
        allow_empty_value=raw.get("allowEmptyValue") is True,
        schema=_schema(child(spot, "schema"), note),
        content=_content(child(spot, "content"), note),
        raw=raw,
    )


def positioned(
    parameters: Sequence[Parameter], path: str, operation: Spot, items: Sequence[Spot], note: Note
) -> tuple[Parameter, ...]:
    """Parameters with the positions of those of the path; a name of the template that nobody declared gets one.

    The template alone says that the parameter is there and required; of its value nothing is known.
    """
    templated = re.findall(r"\{([^{}]*)\}", path) if "{" in path else ()
    names = [found.partition(":")[0] for found in templated]
    placed: list[Parameter] = []
    declared: set[str] = set()
    for one in parameters:
        if one.location != "path":
            placed.append(one)
            continue
        declared.add(one.name)
        if one.name in names:
            placed.append(replace(one, position=names.index(one.name)))
        else:
            note(one.pointer, f"the path parameter {one.name!r} is not in the template {path}", "parameter")
            placed.append(one)
    for index, name in enumerate(names):
        if name not in declared:
            declared.add(name)
            note(
                operation.place,
                f"the path parameter {name!r} is not declared: taken as required, of any value",
                "parameter",
            )
            place = items[0].place
            placed.append(Parameter(name, "path", place, required=True, style="simple", position=index))
    return tuple(placed)


def request_body(spot: Spot, note: Note) -> RequestBody | None:
    """A request body object, or ``None`` where there is none."""
    if spot.value is MISSING:
        return None
    found = follow(spot, note)
    if found is None:
        return None
    if not isinstance(found.value, Mapping):
        note(found.place, "a request body is no object: taken as absent")
        return None
    content = child(found, "content")
    if not isinstance(content.value, Mapping):
        note(found.place, "a request body has no `content`: taken as any body")
    return RequestBody(found.place, found.value.get("required") is True, _content(content, note), found.value)


def responses(spot: Spot, note: Note) -> Mapping[str, Response]:
    """Responses by status key (``200``, ``4XX``, ``default``), in the order of the document."""
    if not isinstance(spot.value, Mapping):
        if spot.value is not MISSING:
            note(spot.place, "`responses` is no object: taken as empty")
        return {}
    found: dict[str, Response] = {}
    for key in spot.value:
        status = status_key(key)
        if status is None:
            if not str(key).startswith("x-"):
                note(child(spot, key).place, f"{key!r} is no status: left out")
            continue
        one = follow(child(spot, key), note)
        if one is None:
            # The status is documented; what it refers to is not there, so nothing is said about its body.
            found[status] = Response(status, child(spot, key).place, "", {}, {})
            continue
        if not isinstance(one.value, Mapping):
            note(one.place, "a response is no object: taken as empty")
            found[status] = Response(status, one.place, "", {}, {})
            continue
        links = one.value.get("links")
        found[status] = Response(
            status=status,
            pointer=one.place,
            description=text(one.value.get("description")),
            content=_content(child(one, "content"), note),
            headers=_headers(child(one, "headers"), note),
            links=_links(child(one, "links"), note) if isinstance(links, Mapping) else {},
            raw=one.value,
        )
    return found


def status_key(key: object) -> str | None:
    """A key of `responses` as it is compared: ``200``, ``4XX`` or ``default``; ``None`` for another."""
    written = str(key).strip()
    if re.fullmatch(r"[1-9][0-9]{2}", written) or written == "default":
        return written
    if re.fullmatch(r"[1-5][xX]{2}", written):
        return written.upper()
    return None


def media_type_name(name: object) -> str:
    """A media type in lower case, its parameters kept, without blanks around semicolons (RFC 9110, 8.3.1)."""
    return "; ".join(part.strip() for part in str(name).lower().split(";") if part.strip())


def text(value: object) -> str:
    """A string as it is, anything else as an empty one."""
    return value if isinstance(value, str) else ""


def _content(spot: Spot, note: Note) -> Mapping[str, MediaType]:
    if not isinstance(spot.value, Mapping):
        if spot.value is not MISSING:
            note(spot.place, "`content` is no object: taken as empty")
        return {}
    content: dict[str, MediaType] = {}
    for key in spot.value:
        if str(key).startswith("x-") and "/" not in str(key):
            continue
        name = media_type_name(key)
        one = follow(child(spot, key), note)  # OpenAPI 3.2 allows a reference here
        if one is None or not isinstance(one.value, Mapping):
            if one is not None:
                note(one.place, "a media type is no object: taken as any body")
            content.setdefault(name, MediaType(name, child(spot, key).place))
            continue
        encoding = one.value.get("encoding")
        content.setdefault(
            name,
            MediaType(
                name=name,
                pointer=one.place,
                schema=_schema(child(one, "schema"), note),
                item_schema=_schema(child(one, "itemSchema"), note),
                encoding=encoding if isinstance(encoding, Mapping) else {},
                raw=one.value,
            ),
        )
    return content


def _headers(spot: Spot, note: Note) -> Mapping[str, Header]:
    if not isinstance(spot.value, Mapping):
        if spot.value is not MISSING:
            note(spot.place, "`headers` is no object: taken as empty")
        return {}
    headers: dict[str, Header] = {}
    for key in spot.value:
        one = follow(child(spot, key), note)
        if one is None or not isinstance(one.value, Mapping):
            headers[str(key)] = Header(str(key), child(spot, key).place)
            continue
        raw = one.value
        schema = _schema(child(one, "schema"), note)
        headers[str(key)] = Header(
            name=str(key),
            pointer=one.place,
            required=raw.get("required") is True,
            deprecated=raw.get("deprecated") is True,
            schema=schema,
            raw=raw,
            content=_content(child(one, "content"), note),
        )
    return headers


def _links(spot: Spot, note: Note) -> Mapping[str, Any]:
    links: dict[str, Any] = {}
    for key in spot.value:
        one = follow(child(spot, key), note)
        if one is not None and isinstance(one.value, Mapping):
            links[str(key)] = one.value
    return links


def _schema(spot: Spot, note: Note) -> Schema | None:
    if spot.value is MISSING:
        return None
    if not isinstance(spot.value, Mapping | bool):
        note(spot.place, "a schema is neither an object nor a boolean: taken as any value")
        return None
    return spot.schema
