"""Everything in a document that is not clean, and how it was taken. Walks the whole document: only when asked.

Operations are built once more with an ear for notes; schema objects are read by the same translation that judges them,
so that what is told is what was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.openapi import operations
from zeues_contracts.openapi.model import Document, LoadNote, MediaType, Operation
from zeues_contracts.openapi.references import Spot, child, note_nowhere, place_of, root_spot
from zeues_contracts.schema.references import child as below
from zeues_contracts.schema.references import node_at, resolve
from zeues_contracts.schema.types import Dialect, Schema

__all__ = ["document_notes", "schema_children", "schemas_of"]

MAX_NOTES = 5000
MAX_SCHEMAS = 500_000

_ONE = (
    "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else", "unevaluatedItems",
    "unevaluatedProperties", "additionalItems", "contentSchema",
)  # fmt: skip
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")


def document_notes(document: Document) -> tuple[LoadNote, ...]:
    """What was noted at loading, then of operations, then of schemas; each place and sentence once, in that order."""
    found: dict[LoadNote, None] = dict.fromkeys(document.notes)

    told = {note.pointer for note in document.notes if note.kind == "external"}

    def note(place: str, message: str, kind: str = "unclean") -> None:
        if kind == "external" and place in told:
            return  # loading has said why
        if len(found) < MAX_NOTES:
            found.setdefault(LoadNote(place, message, kind))

    identifiers: dict[str, str] = {}
    for path, method in operations.operation_keys(document, note).values():
        operation = operations.build_operation(document, path, method, note)
        if operation.operation_id:
            first = identifiers.setdefault(operation.operation_id, operation.name)
            if first != operation.name:
                text = f"the operationId {operation.operation_id!r} is that of {first} as well"
                note(f"{operation.pointer}/operationId", text, "duplicate")
        _security_notes(document, operation, note)
    operations.build_webhooks(document, note)
    operations.build_servers(document, note)
    operations.build_security_schemes(document, note)
    if document.dialect is Dialect.SWAGGER_2_0:
        note("/swagger", "Swagger 2.0: read in the words of OpenAPI 3", "swagger2")
    for schema in schemas_of(document):
        _schema_notes(document, schema, note)
    return tuple(found)


def schemas_of(document: Document) -> Iterator[Schema]:
    """Every schema object that operations, webhooks or components hold, and all below them; each place once."""
    seen: set[tuple[int, str]] = set()
    stack = [*reversed(list(_roots(document)))]
    while stack and len(seen) < MAX_SCHEMAS:
        schema = stack.pop()
        key = (id(schema.resource), schema.pointer)
        if key in seen:
            continue
        seen.add(key)
        yield schema
        stack.extend(reversed(list(schema_children(schema))))


def schema_children(schema: Schema) -> Iterator[Schema]:
    """The subschemas of a schema object, in order, and where its ``$ref`` leads."""
    try:
        node = node_at(schema)
    except KeyError:
        return
    if not isinstance(node, Mapping):
        return
    reference = node.get("$ref")
    if isinstance(reference, str) and reference:
        target = resolve(schema, reference)
        if target is not None:
            yield target
    for keyword, value in node.items():
        if keyword in _ONE or keyword == "items":
            if isinstance(value, Mapping):
                yield below(schema, keyword)
            elif isinstance(value, list) and keyword == "items":
                yield from (below(schema, keyword, i) for i, one in enumerate(value) if isinstance(one, Mapping))
        elif keyword in _LISTS and isinstance(value, list):
            yield from (below(schema, keyword, i) for i, one in enumerate(value) if isinstance(one, Mapping))
        elif keyword in _MAPS and isinstance(value, Mapping):
            yield from (below(schema, keyword, name) for name, one in value.items() if isinstance(one, Mapping))


def _roots(document: Document) -> Iterator[Schema]:
    root = root_spot(document.resource)
    for table in (child(root, "components", "schemas"), child(root, "definitions")):
        if isinstance(table.value, Mapping):
            yield from (child(table, name).schema for name in table.value)
    hooks = (operation for many in document.webhooks.values() for operation in many)
    for operation in (*document.operations.values(), *hooks):
        yield from _of_operation(operation)


def _of_operation(operation: Operation) -> Iterator[Schema]:
    contents: list[Mapping[str, MediaType]] = []
    for parameter in operation.parameters:
        if parameter.schema is not None:
            yield parameter.schema
        contents.append(parameter.content)
    if operation.request_body is not None:
        contents.append(operation.request_body.content)
    for response in operation.responses.values():
        contents.append(response.content)
        yield from (header.schema for header in response.headers.values() if header.schema is not None)
    for content in contents:
        for media in content.values():
            yield from (one for one in (media.schema, media.item_schema) if one is not None)
    for callback in operation.callbacks:
        for inner in callback.operations:
            yield from _of_operation(inner)


def _schema_notes(document: Document, schema: Schema, note: Any) -> None:
    from zeues_contracts.schema.dialects import Note as SchemaNote
    from zeues_contracts.schema.dialects import translate

    try:
        node = node_at(schema)
    except KeyError:
        return
    if not isinstance(node, Mapping):
        return
    place = place_of(document.resource, schema)
    said: list[SchemaNote] = []
    translate(node, schema.resource.dialect, notes=said)
    for one in said:
        note(f"{place}/{one.keyword}" if one.keyword in node else place, one.message, "schema")
    reference = node.get("$ref")
    if isinstance(reference, str) and reference and resolve(schema, reference) is None:
        note_nowhere(Spot(document.resource, schema.resource, schema.pointer, node), reference, note)


def _security_notes(document: Document, operation: Operation, note: Any) -> None:
    for alternative in operation.security:
        for name in alternative:
            # OpenAPI 3.2 lets a requirement name its scheme by URI.
            if name not in document.security_schemes and "/" not in name:
                note(operation.pointer, f"the security scheme {name!r} is not declared", "dangling")
