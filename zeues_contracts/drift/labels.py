"""What people call a place: its owner (a component, or the operation itself) and the path into the value.

Subjects are made of these, so that a fingerprint does not change when lines, indices or the order of keys do.
"""

from __future__ import annotations

import msgspec

from zeues_contracts.openapi.references import split_place
from zeues_contracts.schema.references import unescape

__all__ = ["Owner", "owner_of", "value_path"]

_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
_SAME_VALUE = frozenset({"not", "if", "then", "else"})
_KINDS = {
    "schemas": "schema",
    "parameters": "parameter",
    "responses": "response",
    "requestBodies": "request body",
    "headers": "header",
    "securitySchemes": "security scheme",
    "links": "link",
    "callbacks": "callback",
    "pathItems": "path item",
    "mediaTypes": "media type",
}


class Owner(msgspec.Struct, frozen=True):
    """A component (or an external file's part) that a place lies in; ``rest`` are the tokens below it."""

    kind: str
    name: str
    rest: tuple[str, ...]

    @property
    def label(self) -> str:
        """``schema Item``."""
        return f"{self.kind} {self.name}"


def owner_of(place: str) -> Owner | None:
    """The component that a place lies in; ``None`` where it is an operation's own."""
    uri, pointer = split_place(place)
    tokens = [unescape(token) for token in pointer.split("/")[1:]]
    if len(tokens) >= 3 and tokens[0] == "components":
        return Owner(_KINDS.get(tokens[1], tokens[1]), tokens[2], tuple(tokens[3:]))
    if len(tokens) >= 2 and tokens[0] in ("definitions", "parameters", "responses", "securityDefinitions"):
        kind = {"definitions": "schema", "securityDefinitions": "security scheme"}.get(tokens[0], tokens[0][:-1])
        return Owner(kind, tokens[1], tuple(tokens[2:]))
    if uri:
        return Owner("file", uri.rsplit("/", 1)[-1] + ("#" + pointer if pointer else ""), ())
    if tokens[:1] == ["paths"] and len(tokens) >= 4 and tokens[2] == "parameters":
        return Owner("path", tokens[1], tuple(tokens[2:]))
    return None


def value_path(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The way into the value that a way into a schema object stands for.

    ``("properties", "a", "items", "anyOf", "0")`` is ``a/[]``: choices have no part in it, nor has the keyword at the
    end.
    """
    path: list[str] = []
    index = 0
    while index < len(tokens):
        word = tokens[index]
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if word in _NAMED and following is not None:
            if word == "properties":
                path.append(following)
            elif word == "patternProperties":
                path.append(f"{{{following}}}")
            index += 2
        elif word in _LISTS and following is not None:
            index += 2
        elif word == "prefixItems" and following is not None:
            path.append(f"[{following}]")
            index += 2
        elif word in ("items", "unevaluatedItems", "additionalItems", "contains") and following is not None:
            if following.isdigit() and word == "items":
                path.append(f"[{following}]")
                index += 2
            else:
                path.append("[?]" if word == "contains" else "[]")
                index += 1
        elif word in ("additionalProperties", "unevaluatedProperties") and following is not None:
            path.append("{*}")
            index += 1
        elif word == "propertyNames" and following is not None:
            path.append("{names}")
            index += 1
        elif word in _SAME_VALUE or word == "schema":
            index += 1
        else:
            break
    return tuple(path)
