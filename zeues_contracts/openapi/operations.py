"""From a document to operations: paths, webhooks, servers and security, whatever the OpenAPI version.

OpenAPI 3.0.4, 3.1.1 and 3.2.0, section 4.8 each; Swagger 2.0 by ``swagger2``. Nothing is copied: what is built names
its place in the document. What is not clean is taken leniently and told to a ``note`` function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.openapi import parts
from zeues_contracts.openapi.model import (
    METHODS,
    Callback,
    Document,
    Operation,
    OperationKey,
    SecurityScheme,
    Server,
)
from zeues_contracts.openapi.references import MISSING, Note, Spot, child, follow, note_nowhere, root_spot, target_of
from zeues_contracts.schema.types import Dialect

__all__ = [
    "build_operation",
    "build_security_schemes",
    "build_servers",
    "build_webhook",
    "build_webhooks",
    "normalised_path",
    "operation_keys",
    "silent",
]

_CALLBACK_DEPTH = 2
"""Callbacks of callbacks: a document that references itself would go on for ever."""


def silent(place: str, message: str, kind: str = "unclean") -> None:
    """Take a note and forget it: operations are built for what they say, ``notes`` tells what was not clean."""


def normalised_path(path: str) -> str:
    """A path template with its parameters made nameless: ``/a/{id}`` becomes ``/a/{}``."""
    return re.sub(r"\{[^{}]*\}", "{}", path) if "{" in path else path


def operation_keys(document: Document, note: Note = silent) -> Mapping[OperationKey, tuple[str, str]]:
    """Every operation's key with its path template and method (upper case) as written, in document order.

    Two templates that differ in names alone are one path (OpenAPI 3.1, 4.8.8). Where a document has both with the same
    method, the first by name has the nameless key and the others keep their names in theirs: none is lost.
    """
    keys: dict[OperationKey, tuple[str, str]] = {}
    found: dict[OperationKey, list[tuple[str, str]]] = {}
    for path, item in _path_items(document, note):
        for method, _ in _methods_of(item, note, document.dialect):
            found.setdefault(OperationKey(method, normalised_path(path)), []).append((path, method))
    for key, written in found.items():
        first = min(written)
        for path, method in written:
            if (path, method) == first:
                keys[key] = (path, method)
            else:
                note(
                    child(root_spot(document.resource), "paths", path).place,
                    f"the same path as {first[0]}: kept apart",
                    "duplicate",
                )
                keys[OperationKey(method, path)] = (path, method)
    return keys


def build_operation(document: Document, path: str, method: str, note: Note = silent) -> Operation:
    """The operation of a path template and a method, as :func:`operation_keys` names them. ``KeyError`` if none."""
    raw = child(root_spot(document.resource), "paths", path)
    items = _path_item(raw, note)
    for name, spot in _methods_of(items, silent, document.dialect):
        if name == method:
            key = OperationKey(method, normalised_path(path))
            if document.keys.get(key, (path, method)) != (path, method):
                key = OperationKey(method, path)
            return _operation(document, key, path, items, spot, note, depth=0)
    raise KeyError(f"{method} {path}")


def build_webhooks(document: Document, note: Note = silent) -> Mapping[str, tuple[Operation, ...]]:
    """Webhooks by name (OpenAPI 3.1, 4.8.1); before 3.1 the extension ``x-webhooks`` is read alike."""
    hooks: dict[str, tuple[Operation, ...]] = {}
    root = root_spot(document.resource)
    for key in ("webhooks", "x-webhooks"):
        table = child(root, key)
        if not isinstance(table.value, Mapping):
            if table.value is not MISSING:
                note(table.place, f"`{key}` is no object: taken as absent")
            continue
        for name in table.value:
            if not str(name).startswith("x-") and name not in hooks:
                hooks[str(name)] = _webhook(document, table, name, note)
    return hooks


def build_webhook(document: Document, name: str) -> tuple[Operation, ...]:
    """The operations of one webhook; none where there is no such."""
    for key in ("webhooks", "x-webhooks"):
        table = child(root_spot(document.resource), key)
        if isinstance(table.value, Mapping) and name in table.value and not name.startswith("x-"):
            return _webhook(document, table, name, silent)
    return ()


def _webhook(document: Document, table: Spot, name: Any, note: Note) -> tuple[Operation, ...]:
    return _all_operations(document, str(name), _path_item(child(table, name), note), note, depth=0)


def build_servers(document: Document, note: Note = silent) -> tuple[Server, ...]:
    """The document's own servers; one with the URL ``/`` where it names none (OpenAPI 3.1, 4.8.1)."""
    if document.dialect is Dialect.SWAGGER_2_0:
        from zeues_contracts.openapi import swagger2

        return swagger2.servers(document)
    return _servers(root_spot(document.resource), note) or (Server("/", ""),)


def build_security_schemes(document: Document, note: Note = silent) -> Mapping[str, SecurityScheme]:
    """Security schemes by name; those of Swagger 2.0 in the words of OpenAPI 3."""
    root = root_spot(document.resource)
    old = document.dialect is Dialect.SWAGGER_2_0
    table = child(root, "securityDefinitions") if old else child(root, "components", "securitySchemes")
    schemes: dict[str, SecurityScheme] = {}
    if not isinstance(table.value, Mapping):
        return schemes
    for name in table.value:
        spot = follow(child(table, name), note)
        if spot is None or not isinstance(spot.value, Mapping):
            if spot is not None:
                note(spot.place, "a security scheme is no object: taken as absent")
            continue
        raw = spot.value
        if old:
            from zeues_contracts.openapi import swagger2

            raw = swagger2.security_scheme(raw)
        schemes[str(name)] = SecurityScheme(str(name), spot.place, raw)
    return schemes


def _path_items(document: Document, note: Note) -> Iterator[tuple[str, tuple[Spot, ...]]]:
    paths = child(root_spot(document.resource), "paths")
    if not isinstance(paths.value, Mapping):
        if paths.value is not MISSING:
            note(paths.place, "`paths` is no object: taken as empty")
        return
    for path in paths.value:
        if str(path).startswith("x-"):
            continue
        if not str(path).startswith("/"):
            note(child(paths, path).place, "the path does not start with a slash: taken as written")
        yield str(path), _path_item(child(paths, path), note)


def _path_item(spot: Spot, note: Note) -> tuple[Spot, ...]:
    """A path item and what its ``$ref`` adds, nearest first: fields beside ``$ref`` stand (OpenAPI 3.1, 4.8.9)."""
    spots: list[Spot] = []
    seen: set[str] = set()
    here: Spot | None = spot
    while here is not None and here.place not in seen:
        seen.add(here.place)
        if not isinstance(here.value, Mapping):
            if here.value is not MISSING:
                note(here.place, "a path item is no object: taken as empty")
            break
        spots.append(here)
        if "$ref" not in here.value:
            break
        here = _one_hop(here, note)
    return tuple(spots)


def _one_hop(spot: Spot, note: Note) -> Spot | None:
    reference = spot.value["$ref"]
    found = target_of(spot, reference.strip()) if isinstance(reference, str) and reference.strip() else None
    if found is None:
        note_nowhere(spot, reference, note)
    return found


def _methods_of(items: tuple[Spot, ...], note: Note, dialect: Dialect) -> Iterator[tuple[str, Spot]]:
    """Method (upper case) and place of each operation of a path item, in the order of the document."""
    given: set[str] = set()
    for item in items:
        for name in item.value:
            if name == "additionalOperations" and isinstance(item.value[name], Mapping):
                # OpenAPI 3.2, 4.8.9: methods by their own spelling.
                more = [(str(one), child(item, name, one)) for one in item.value[name]]
            elif isinstance(name, str) and name.lower() in METHODS:
                if name != name.lower():
                    note(child(item, name).place, f"the method is written {name}: taken as {name.lower()}")
                more = [(name.upper(), child(item, name))]
            else:
                continue
            for method, spot in more:
                if method in given:
                    continue
                if not isinstance(spot.value, Mapping):
                    note(spot.place, "an operation is no object: taken as absent")
                    continue
                given.add(method)
                yield method, spot


def _all_operations(
    document: Document, path: str, items: tuple[Spot, ...], note: Note, depth: int
) -> tuple[Operation, ...]:
    # The expression of a callback may hold braces; it is one name, not a template.
    return tuple(
        _operation(document, OperationKey(method, path), path, items, spot, note, depth, template=False)
        for method, spot in _methods_of(items, note, document.dialect)
    )


def _operation(
    document: Document,
    key: OperationKey,
    path: str,
    items: tuple[Spot, ...],
    spot: Spot,
    note: Note,
    depth: int,
    *,
    template: bool = True,
) -> Operation:
    raw: Mapping[str, Any] = spot.value
    shared = [child(item, "parameters") for item in items]
    merged = parts.merged_parameters([child(spot, "parameters"), *shared], note)
    if document.dialect is Dialect.SWAGGER_2_0:
        from zeues_contracts.openapi import swagger2

        raw = {name: value for name, value in raw.items() if name != swagger2.FORM_KEY}
        request_body = swagger2.request_body(document, spot, merged, note)
        parameters = tuple(swagger2.parameter(one, note) for one in merged if swagger2.is_plain(one))
        responses = swagger2.responses(document, child(spot, "responses"), spot, note)
    else:
        request_body = parts.request_body(child(spot, "requestBody"), note)
        parameters = tuple(parts.parameter(one, note) for one in merged)
        responses = parts.responses(child(spot, "responses"), note)
    if template:
        parameters = parts.positioned(parameters, path, spot, items, note)
    servers = _servers(spot, note)
    for item in items:
        servers = servers or _servers(item, note)
    tags = raw.get("tags")
    return Operation(
        key=key,
        method=key.method,
        path=path,
        pointer=spot.place,
        path_item=items[0].place,
        operation_id=_text(raw.get("operationId")),
        summary=_text(raw.get("summary")),
        description=_text(raw.get("description")),
        tags=tuple(str(tag) for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        deprecated=raw.get("deprecated") is True,
        parameters=parameters,
        request_body=request_body,
        responses=responses,
        security=_security(spot, document, note),
        servers=servers or document.servers,
        callbacks=_callbacks(document, spot, note, depth),
        raw=raw,
    )


def _security(spot: Spot, document: Document, note: Note) -> tuple[Mapping[str, tuple[str, ...]], ...]:
    own = child(spot, "security")
    if own.value is MISSING:
        own = child(root_spot(document.resource), "security")
    if own.value is MISSING:
        return ()
    if not isinstance(own.value, list):
        note(own.place, "`security` is no list: taken as absent")
        return ()
    alternatives: list[Mapping[str, tuple[str, ...]]] = []
    for index, entry in enumerate(own.value):
        if not isinstance(entry, Mapping):
            note(child(own, index).place, "a security requirement is no object: left out")
            continue
        alternatives.append(
            {
                str(name): tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else ()
                for name, scopes in entry.items()
            }
        )
    return tuple(alternatives)


def _servers(owner: Spot, note: Note) -> tuple[Server, ...]:
    table = child(owner, "servers")
    if not isinstance(table.value, list):
        if table.value is not MISSING:
            note(table.place, "`servers` is no list: taken as absent")
        return ()
    servers: list[Server] = []
    for index, entry in enumerate(table.value):
        spot = child(table, index)
        url = entry.get("url") if isinstance(entry, Mapping) else None
        if not isinstance(url, str):
            note(spot.place, "a server has no URL: left out")
            continue
        servers.append(Server(url, spot.place, entry))
    return tuple(servers)


def _callbacks(document: Document, spot: Spot, note: Note, depth: int) -> tuple[Callback, ...]:
    table = child(spot, "callbacks")
    if not isinstance(table.value, Mapping) or depth >= _CALLBACK_DEPTH:
        return ()
    callbacks: list[Callback] = []
    for name in table.value:
        if str(name).startswith("x-"):
            continue
        found = follow(child(table, name), note)
        if found is None or not isinstance(found.value, Mapping):
            continue
        for expression in found.value:
            if str(expression).startswith("x-"):
                continue
            items = _path_item(child(found, expression), note)
            operations = _all_operations(document, str(expression), items, note, depth + 1)
            place = child(found, expression).place
            callbacks.append(Callback(str(name), str(expression), place, operations))
    return tuple(callbacks)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
