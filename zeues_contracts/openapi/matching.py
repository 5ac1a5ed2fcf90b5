"""Which operation of a document a request belongs to: path templating (OpenAPI 3.1, 4.8.8.2) read backwards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit
from weakref import WeakKeyDictionary

import msgspec

from zeues_contracts.openapi.model import Document, Operation, OperationKey

__all__ = ["Match", "all_matches", "known_methods", "match_operation"]


class Match(msgspec.Struct, frozen=True):
    """An operation and what its path parameters hold, decoded."""

    operation: Operation
    path: Mapping[str, str]


class _Template(msgspec.Struct, frozen=True):
    regex: re.Pattern[str]
    names: tuple[str, ...]
    literal: tuple[bool, ...]
    keys: Mapping[str, OperationKey]


_TABLES: WeakKeyDictionary[Document, tuple[tuple[str, ...], list[_Template]]] = WeakKeyDictionary()


def match_operation(document: Document, method: str, path: str) -> Match | None:
    """The operation of a method and a path (without query), or ``None``.

    The path may start with the path of one of the document's servers. Concrete segments are preferred to templated ones
    (OpenAPI 3.1, 4.8.8.1: concrete definitions are matched first).
    """
    return next(all_matches(document, method, path), None)


def all_matches(document: Document, method: str, path: str) -> Iterator[Match]:
    """Every operation that a method and a path may mean, the likeliest first."""
    prefixes, templates = _table(document)
    for prefix in prefixes:
        if prefix and not path.startswith(prefix + "/") and path != prefix:
            continue
        rest = path[len(prefix) :] or "/"
        for template in templates:
            key = template.keys.get(method.upper())
            if key is None:
                continue
            found = template.regex.fullmatch(rest)
            if found is not None:
                values = (unquote(value) for value in found.groups())
                yield Match(document.operation(key), dict(zip(template.names, values, strict=True)))


def known_methods(document: Document, path: str) -> tuple[str, ...]:
    """The methods that a document describes for a path, sorted; empty for a path that it does not know."""
    prefixes, templates = _table(document)
    methods: set[str] = set()
    for prefix in prefixes:
        if prefix and not path.startswith(prefix + "/") and path != prefix:
            continue
        rest = path[len(prefix) :] or "/"
        for template in templates:
            if template.regex.fullmatch(rest):
                methods.update(template.keys)
    return tuple(sorted(methods))


def _table(document: Document) -> tuple[tuple[str, ...], list[_Template]]:
    cached = _TABLES.get(document)
    if cached is not None:
        return cached
    by_path: dict[str, dict[str, OperationKey]] = {}
    for key, (path, method) in document.keys.items():
        by_path.setdefault(path, {})[method.upper()] = key
    templates = [_compiled(path, keys) for path, keys in by_path.items()]
    # Literal beats template, segment by segment from the left.
    templates.sort(key=lambda one: tuple(not literal for literal in one.literal))
    prefixes = {""}
    for server in document.servers:
        text = server.url
        prefix = urlsplit(text).path if "://" in text else text.split("?")[0]
        if "{" not in prefix and prefix.startswith("/"):
            prefixes.add(prefix.rstrip("/"))
    table = (tuple(sorted(prefixes, key=lambda one: (-len(one), one))), templates)
    _TABLES[document] = table
    return table


def _compiled(path: str, keys: Mapping[str, OperationKey]) -> _Template:
    names: list[str] = []
    pattern = ""
    for part in re.split(r"(\{[^{}/]*\})", path):
        if part.startswith("{") and part.endswith("}"):
            # Starlette writes `{name:path}` for a parameter that holds slashes; documents show `{name}`.
            names.append(part[1:-1].partition(":")[0])
            pattern += "(.+)" if part.endswith(":path}") else "([^/]+)"
        else:
            pattern += re.escape(part)
    literal = tuple("{" not in segment for segment in path.split("/"))
    return _Template(re.compile(pattern), tuple(names), literal, keys)
