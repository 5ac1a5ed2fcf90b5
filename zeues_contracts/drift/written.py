"""What is read out of documents as bytes: references and the components that they lead to."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import orjson

from zeues_contracts.schema.references import escape, unescape

__all__ = ["OddError", "bytes_of", "component_of", "is_schema", "lone_references", "references_in", "references_of"]

_REFERENCE = re.compile(rb'"\$ref":"([^"]*)"')
_LONE = re.compile(rb'\{"\$ref":"[^"]*"\}')
_ODD = (b'"$dynamicRef":', b'"$recursiveRef":', b'"$id":')


class OddError(Exception):
    """A document that cannot be taken apart."""


def bytes_of(value: Any) -> bytes:
    """A value as JSON text. Raises :class:`OddError` where it has identifiers or dynamic references."""
    text = orjson.dumps(value)
    if any(odd in text for odd in _ODD):
        raise OddError
    return text


def lone_references(text: bytes) -> list[bytes]:
    """The reference objects in a text that hold nothing else."""
    return _LONE.findall(text)


def references_of(text: bytes) -> list[bytes]:
    """What the references in a text say, as it is written."""
    return _REFERENCE.findall(text)


def references_in(text: bytes) -> tuple[str, ...]:
    """The components that references in a text lead to. Raises :class:`OddError` for one that leads elsewhere."""
    found: dict[str, None] = {}
    for raw in _REFERENCE.findall(text) if b'"$ref":' in text else ():
        if b"\\" in raw:
            raise OddError
        reference = raw.decode("utf-8")
        if not reference.startswith("#"):
            if reference.strip() == "":
                continue
            raise OddError
        found[component_of(reference[1:])] = None
    return tuple(found)


def component_of(pointer: str) -> str:
    """The component that a reference leads into."""
    tokens = pointer.split("/")
    depth = 4 if tokens[1:2] == ["components"] else 3
    if len(tokens) < depth or tokens[1] not in ("components", "definitions", "parameters", "responses"):
        raise OddError
    head = "/".join(tokens[:depth])
    if "%" in head:
        head = "/".join(escape(unescape(unquote(token))) for token in head.split("/"))
    return head


def is_schema(pointer: str) -> bool:
    """Whether a component is a schema."""
    return pointer.startswith(("/components/schemas/", "/definitions/"))
