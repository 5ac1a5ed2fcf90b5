"""The fields of a document: what a message is made of, by the operation, side and path that a person would say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from zeues_contracts.openapi.references import MISSING, look_up

if TYPE_CHECKING:
    from zeues_contracts.openapi.model import Document

__all__ = ["fields_of"]

_MAX_DEPTH = 12
_MAX_FIELDS = 20_000


def fields_of(document: Document) -> dict[str, tuple[str, ...]]:
    """By operation (``POST /a``), its fields: ``query page``, ``request body.items[].name``, ``response 200 body.id``.

    A schema that holds itself is followed once. Bounded in depth and number.
    """
    found: dict[str, tuple[str, ...]] = {}
    count = 0
    for operation in document.operations.values():
        names: dict[str, None] = {}
        for parameter in operation.parameters:
            names[f"{parameter.location} {parameter.name}"] = None
        if operation.request_body is not None:
            for media in operation.request_body.content.values():
                _schema(document, media.schema, "request body", names)
        for status, response in operation.responses.items():
            for header in response.headers:
                names[f"response {status} header {header}"] = None
            for media in response.content.values():
                _schema(document, media.schema, f"response {status} body", names)
        found[operation.name] = tuple(names)
        count += len(names)
        if count > _MAX_FIELDS:
            break
    return found


def _schema(document: Document, schema: Any, path: str, names: dict[str, None]) -> None:
    if schema is None or schema.resource is not document.resource:
        return
    contents = document.resource.contents
    names.update(dict.fromkeys(_walk(contents, look_up(contents, schema.pointer), path, frozenset(), 0)))


def _walk(contents: Any, schema: Any, path: str, above: frozenset[str], depth: int) -> Iterator[str]:
    if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        if reference in above:
            return
        target = look_up(contents, reference[1:])
        if target is not MISSING:
            yield from _walk(contents, target, path, above | {reference}, depth + 1)
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        for name, below in properties.items():
            here = f"{path}.{name}"
            yield here
            yield from _walk(contents, below, here, above, depth + 1)
    items = schema.get("items")
    if isinstance(items, Mapping):
        yield from _walk(contents, items, f"{path}[]", above, depth + 1)
    extra = schema.get("additionalProperties")
    if isinstance(extra, Mapping):
        yield from _walk(contents, extra, f"{path}.*", above, depth + 1)
    for key in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(key)
        for branch in branches if isinstance(branches, list) else ():
            yield from _walk(contents, branch, path, above, depth + 1)
