"""Swagger 2.0 in the words of OpenAPI 3, every place still that of the original document.

Schemas must be readable as such where they stand, which parameters of Swagger 2.0 are not (``required: true`` and
``in`` live beside ``type``). So the resource of a document holds an overlay: the document with the same pointers, its
parameter objects reduced to their schemas, and one schema per form beside the parameters that it is made of.
Source: Swagger 2.0 Specification, Parameter Object, Response Object, Security Scheme Object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from zeues_contracts.openapi.model import METHODS, Document, Header, MediaType, Parameter, RequestBody, Response, Server
from zeues_contracts.openapi.parts import media_type_name, status_key, text
from zeues_contracts.openapi.references import MISSING, Note, Spot, child, follow, look_up
from zeues_contracts.schema.references import escape

__all__ = [
    "FORM_KEY",
    "MARKS",
    "fragment_overlay",
    "is_plain",
    "overlay",
    "parameter",
    "request_body",
    "responses",
    "security_scheme",
    "servers",
]

FORM_KEY = "x-form-schema"
"""Where the overlay keeps the schema of a form, inside of the operation that takes it."""

_REQUIRED, _FILE = "x-was-required", "x-was-file"
MARKS = frozenset({FORM_KEY, _REQUIRED, _FILE})
"""What the overlay writes into a document by itself."""
_STYLES = {"csv": "", "ssv": "spaceDelimited", "tsv": "tabDelimited", "pipes": "pipeDelimited", "multi": "form"}
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_DEFAULT_TYPE = "application/json"
_FLOWS = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}


def overlay(contents: Any) -> Any:
    """The contents with parameters reduced to their schemas. Everything else is the same object as before."""
    if not isinstance(contents, Mapping):
        return contents
    changed = dict(contents)
    for table, change in (("parameters", _reduced), ("responses", _response)):
        if isinstance(contents.get(table), Mapping):
            changed[table] = {key: change(one) for key, one in contents[table].items()}
    paths = contents.get("paths")
    if isinstance(paths, Mapping):
        changed["paths"] = {
            path: _path_item(contents, item, path) if isinstance(item, Mapping) else item
            for path, item in paths.items()
        }
    return changed


def fragment_overlay(contents: Any, depth: int = 0) -> Any:
    """The same for a file that is no document: parameter objects are told by their ``in``, wherever they stand."""
    if depth > 16:
        return contents
    if isinstance(contents, Mapping):
        if isinstance(contents.get("in"), str) and isinstance(contents.get("name"), str):
            return _reduced(contents)
        return {key: fragment_overlay(value, depth + 1) for key, value in contents.items()}
    if isinstance(contents, list):
        return [fragment_overlay(value, depth + 1) for value in contents]
    return contents


def is_plain(spot: Spot) -> bool:
    """Whether a parameter stays one in OpenAPI 3, being no body and no part of a form."""
    return text(_raw(spot).get("in")) not in ("body", "formData")


def parameter(spot: Spot, note: Note) -> Parameter:
    """A query, header or path parameter; ``collectionFormat`` becomes style and explode."""
    raw = _raw(spot)
    name, location = text(raw.get("name")), text(raw.get("in"))
    required = raw.get("required") is True
    if location == "path" and not required:
        note(spot.place, f"the path parameter {name!r} does not say `required: true`: taken as required", "parameter")
        required = True
    plain = "simple" if location in ("path", "header") else "form"
    collection = text(raw.get("collectionFormat")) or "csv"
    style = _STYLES.get(collection, "") or plain
    # A single value is written alike with and without explode: it gets OpenAPI 3's default, so that nothing differs.
    explode = collection == "multi" if raw.get("type") == "array" else style == "form"
    return Parameter(
        name=name,
        location=location,
        pointer=spot.place,
        required=required,
        deprecated=raw.get("x-deprecated") is True or raw.get("deprecated") is True,
        style=style if raw.get("type") == "array" else plain,
        explode=explode,
        allow_empty_value=raw.get("allowEmptyValue") is True,
        schema=spot.schema,
        raw=raw,
    )


def request_body(document: Document, operation: Spot, parameters: Sequence[Spot], note: Note) -> RequestBody | None:
    """The body that ``in: body`` or the ``formData`` parameters describe."""
    bodies = [spot for spot in parameters if _raw(spot).get("in") == "body"]
    form = [spot for spot in parameters if _raw(spot).get("in") == "formData"]
    consumes = _media_types(document, operation, "consumes")
    if bodies:
        if len(bodies) > 1 or form:
            note(operation.place, "more than one parameter describes the body: the first `in: body` counts")
        spot = bodies[0]
        raw = _raw(spot)
        schema = child(spot, "schema")
        place = schema.schema if isinstance(schema.value, Mapping | bool) else None
        content = {name: MediaType(name, spot.place, place, raw=raw) for name in consumes or (_DEFAULT_TYPE,)}
        return RequestBody(spot.place, raw.get("required") is True, content, raw)
    if not form:
        return None
    files = any(_raw(spot).get("type") == "file" for spot in form)
    names = [name for name in consumes if name in _FORMS] or [_FORMS[0] if files else _FORMS[1]]
    synthetic = child(operation, FORM_KEY)
    place = synthetic.schema if synthetic.value is not MISSING else None
    required = any(_raw(spot).get("required") is True for spot in form)
    encoding = _encoding(form)
    content = {name: MediaType(name, operation.place, place, encoding=encoding) for name in names}
    return RequestBody(operation.place, required, content, {})


def responses(document: Document, spot: Spot, operation: Spot, note: Note) -> Mapping[str, Response]:
    """Responses, with the schema under each media type that is produced."""
    if not isinstance(spot.value, Mapping):
        return {}
    produces = _media_types(document, operation, "produces") or (_DEFAULT_TYPE,)
    found: dict[str, Response] = {}
    for key in spot.value:
        status = status_key(key)
        if status is None:
            continue
        one = follow(child(spot, key), note)
        if one is None or not isinstance(one.value, Mapping):
            found[status] = Response(status, child(spot, key).place, "", {}, {})
            continue
        schema = child(one, "schema")
        content: dict[str, MediaType] = {}
        if schema.value is not MISSING:
            place = schema.schema if isinstance(schema.value, Mapping | bool) else None
            content = {name: MediaType(name, one.place, place, raw=one.value) for name in produces}
        headers = child(one, "headers")
        found[status] = Response(
            status=status,
            pointer=one.place,
            description=text(one.value.get("description")),
            content=content,
            headers={
                str(name): Header(str(name), child(headers, name).place, schema=child(headers, name).schema, raw=header)
                for name, header in headers.value.items()
                if isinstance(header, Mapping)
            }
            if isinstance(headers.value, Mapping)
            else {},
            raw=one.value,
        )
    return found


def servers(document: Document) -> tuple[Server, ...]:
    """Servers out of ``schemes``, ``host`` and ``basePath``; ``/`` where the document says nothing."""
    raw = document.raw
    host, base = text(raw.get("host")), text(raw.get("basePath")) or "/"
    if not base.startswith("/"):
        base = "/" + base
    if not host:
        return (Server(base, "/basePath" if "basePath" in raw else ""),)
    schemes = raw.get("schemes")
    named = [one for one in schemes if isinstance(one, str)] if isinstance(schemes, list) else []
    path = "" if base == "/" else base
    # Without `schemes` the one counts that the document itself was fetched by: a URL without a scheme says just that.
    return tuple(Server(f"{one}://{host}{path}" if one else f"//{host}{path}", "/host") for one in named or [""])


def security_scheme(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """A security scheme in the words of OpenAPI 3."""
    kind = raw.get("type")
    kept = {key: value for key, value in raw.items() if key == "description" or str(key).startswith("x-")}
    if kind == "basic":
        return {"type": "http", "scheme": "basic", **kept}
    if kind != "oauth2":
        return raw
    flow = {key: raw[key] for key in ("authorizationUrl", "tokenUrl", "scopes") if key in raw}
    name = _FLOWS.get(text(raw.get("flow")), text(raw.get("flow")) or "implicit")
    return {"type": "oauth2", "flows": {name: flow}, **kept}


def _raw(spot: Spot) -> Mapping[str, Any]:
    """A parameter as the document has it."""
    if not isinstance(spot.value, Mapping):
        return {}
    raw = dict(spot.value)
    if raw.pop(_REQUIRED, False):
        raw["required"] = True
    if raw.pop(_FILE, False):
        raw["type"] = "file"
        raw.pop("format", None)
    return raw


def _reduced(raw: Any) -> Any:
    """A parameter that is a schema where it stands. Names and places may stay: they are no keywords."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("in"), str) or raw["in"] == "body":
        return raw
    schema = {key: value for key, value in raw.items() if key != "required"}
    if raw.get("required") is True:
        schema[_REQUIRED] = True
    if raw.get("type") == "file":
        schema |= {"type": "string", "format": "binary", _FILE: True}
    return schema


def _response(raw: Any) -> Any:
    """A response whose schema is a file's: any bytes, of which JSON Schema says nothing."""
    schema = raw.get("schema") if isinstance(raw, Mapping) else None
    if isinstance(schema, Mapping) and schema.get("type") == "file":
        return {**raw, "schema": {key: value for key, value in schema.items() if key not in ("type", "format")}}
    return raw


def _path_item(contents: Mapping[str, Any], item: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    changed = dict(item)
    shared = item.get("parameters")
    place = f"/paths/{escape(path)}"
    if isinstance(shared, list):
        changed["parameters"] = [_reduced(one) for one in shared]
    for method, operation in item.items():
        if not (isinstance(method, str) and method.lower() in METHODS and isinstance(operation, Mapping)):
            continue
        own = operation.get("parameters")
        made = dict(operation)
        if isinstance(own, list):
            made["parameters"] = [_reduced(one) for one in own]
        if isinstance(operation.get("responses"), Mapping):
            made["responses"] = {key: _response(one) for key, one in operation["responses"].items()}
        form = _form(
            [
                *_placed(contents, own, f"{place}/{escape(method)}/parameters"),
                *_placed(contents, shared, f"{place}/parameters"),
            ]
        )
        if form is not None:
            made[FORM_KEY] = form
        changed[method] = made
    return changed


def _placed(contents: Mapping[str, Any], table: Any, place: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Each parameter with the pointer of its object, local references resolved."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for index, entry in enumerate(table if isinstance(table, list) else ()):
        pointer, value = f"{place}/{index}", entry
        for _ in range(8):
            reference = value.get("$ref") if isinstance(value, Mapping) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            pointer = unquote(reference[1:])
            value = look_up(contents, pointer)
        if isinstance(value, Mapping) and isinstance(value.get("name"), str):
            found.append((pointer, value))
    return found


def _form(parameters: Sequence[tuple[str, Mapping[str, Any]]]) -> Mapping[str, Any] | None:
    """The schema of a form: its parameters are the properties, each by reference to where it stands."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    for pointer, raw in parameters:
        if raw.get("in") != "formData" or raw["name"] in properties:
            continue
        properties[raw["name"]] = {"$ref": "#" + quote(pointer, safe="/~")}
        if raw.get("required") is True:
            required.append(raw["name"])
    if not properties:
        return None
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _encoding(form: Sequence[Spot]) -> Mapping[str, Any]:
    """How the arrays of a form are written (OpenAPI 3.1, 4.8.15: style and explode per property)."""
    encoding: dict[str, Any] = {}
    for spot in form:
        raw = _raw(spot)
        if raw.get("type") == "array":
            collection = text(raw.get("collectionFormat")) or "csv"
            encoding[text(raw.get("name"))] = {
                "style": _STYLES.get(collection, "") or "form",
                "explode": collection == "multi",
            }
    return encoding


def _media_types(document: Document, operation: Spot, key: str) -> tuple[str, ...]:
    own = operation.value.get(key, document.raw.get(key))
    if not isinstance(own, list):
        return ()
    return tuple(dict.fromkeys(media_type_name(one) for one in own if isinstance(one, str)))
