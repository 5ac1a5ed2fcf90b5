"""How a mismatch in shape can be mended: where in the documented answer the expected thing is to be found."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.consumers.checking.model import ask, schema_of
from zeues_contracts.consumers.checking.views import declared_names, faces, is_anything, items_of, kinds_of
from zeues_contracts.schema.references import node_at
from zeues_contracts.schema.types import Proven, Schema, Settings

__all__ = ["described", "find_place", "find_property", "schema_text"]

_DEEPEST = 4
_MOST = 150
_MOST_ASKED = 12


def described(schema: Schema, settings: Settings, depth: int = 0) -> str:
    """A schema in a few words: ``a string (date)``, ``a list of {tag_spool, sessions}``."""
    if is_anything(schema, settings):
        return "anything"
    kinds = sorted(kinds_of(schema, settings), key=lambda one: (one == "null", one))
    words: list[str] = []
    for kind in kinds or ["value"]:
        if kind == "object":
            names = list(declared_names(schema, settings))
            more = ", …" if len(names) > 6 else ""
            words.append(f"an object {{{', '.join(names[:6])}{more}}}" if names else "an object")
        elif kind == "array" and depth < 2:
            items = items_of(schema, 10**6, settings)
            inner = described(items[0], settings, depth + 1) if items else "anything"
            words.append(f"a list of {_plural(inner)}")
        else:
            words.append(_PLAIN.get(kind, "a value"))
    text = " or ".join(dict.fromkeys(words))
    marks = [] if "object" in kinds or "array" in kinds else _marks(schema, settings)
    return f"{text} ({', '.join(marks)})" if marks else text


def schema_text(schema: Schema) -> str:
    """A schema as it is written, on one line of bounded length; what it is called and told is left out."""
    try:
        node = node_at(schema)
    except KeyError:
        return "any value"
    if isinstance(node, Mapping):
        node = {key: one for key, one in node.items() if key not in ("title", "description", "examples", "example")}
    text = json.dumps(node, ensure_ascii=False, default=str)
    return text if len(text) <= 300 else f"{text[:297]}..."


_PLAIN = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "null": "null",
    "array": "a list",
}


def _plural(text: str) -> str:
    for single, many in (
        ("an object", "objects"),
        ("a string", "strings"),
        ("an integer", "integers"),
        ("a number", "numbers"),
        ("a boolean", "booleans"),
        ("a list", "lists"),
    ):
        if text.startswith(single):
            return many + text[len(single) :]
    return text


_BOUNDS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}


def _marks(schema: Schema, settings: Settings) -> list[str]:
    """What restricts a scalar: its format, its values, its bounds."""
    found: list[str] = []
    for _, translated in faces(schema, settings)[:10]:
        if isinstance(translated.get("format"), str):
            found.append(translated["format"])
        if translated.get("enum"):
            values = [str(one) for one in translated["enum"] if one is not None]
            found.append(", ".join(values[:8]) + (", …" if len(values) > 8 else ""))
        if "const" in translated:
            found.append(str(translated["const"]))
        if isinstance(translated.get("pattern"), str):
            found.append(translated["pattern"][:60])
        for keyword, word in _BOUNDS.items():
            if keyword in translated:
                bound = translated[keyword]
                # FastAPI writes the bounds of integers as 0.0.
                found.append(f"{word} {int(bound) if isinstance(bound, float) and bound.is_integer() else bound}")
    return list(dict.fromkeys(found))[:4]


def find_place(schema: Schema, expected: Any, settings: Settings) -> str:
    """Where below a documented schema something lies that is all that is expected: ``sessions``, ``data.items``.

    The nearest place, in the order of the document; empty where there is none.
    """
    wanted = schema_of(expected)
    kinds = _expected_kinds(expected)
    asked = 0
    for path, place in _below(schema, settings):
        found = kinds_of(place, settings)
        if not found or (kinds and not found <= kinds):
            continue
        asked += 1
        if asked > _MOST_ASKED:
            break
        if isinstance(ask(place, wanted, settings), Proven):
            return path
    return ""


def find_property(schema: Schema, name: str, expected: Any, settings: Settings) -> tuple[str, str]:
    """Where a property that is not here is to be found: of the same name deeper down, or of a like name.

    The path and how sure that is (``same``, ``like``, ``shape``); empty texts where there is nothing.
    """
    wanted = schema_of(expected)
    places = list(_below(schema, settings))
    for path, place in places:
        if path.rpartition(".")[2] == name and isinstance(ask(place, wanted, settings), Proven):
            return path, "same"
    here = {path: place for path, place in places if "." not in path and "[]" not in path}
    for near in difflib.get_close_matches(name, list(here), n=2, cutoff=0.6):
        if isinstance(ask(here[near], wanted, settings), Proven):
            return near, "like"
    kinds = _expected_kinds(expected)
    if kinds and kinds <= {"array", "object"}:
        path = find_place(schema, expected, settings)
        if path:
            return path, "shape"
    return "", ""


def _below(schema: Schema, settings: Settings) -> Iterator[tuple[str, Schema]]:
    """Places below a schema with their paths, level by level."""
    queue: list[tuple[str, Schema, int]] = [("", schema, 0)]
    count = 0
    while queue:
        path, place, depth = queue.pop(0)
        if path:
            yield path, place
        if depth >= _DEEPEST or count > _MOST:
            continue
        for name, inner in declared_names(place, settings).items():
            count += 1
            queue.append((f"{path}.{name}" if path else name, inner, depth + 1))


def _expected_kinds(expected: Any) -> frozenset[str]:
    if not isinstance(expected, Mapping):
        return frozenset()
    kind = expected.get("type")
    if isinstance(kind, str):
        return frozenset({kind} | ({"integer"} if kind == "number" else set()))
    if isinstance(kind, list):
        return frozenset(str(one) for one in kind)
    if isinstance(expected.get("anyOf"), list):
        parts = [_expected_kinds(one) for one in expected["anyOf"]]
        return frozenset().union(*parts) if all(parts) else frozenset()
    return frozenset()
