"""The other files that a document refers to, loaded before anything is judged, within bounds.

Files must lie in the document's own folder tree (or the project's, where the caller says so): a document that somebody
else wrote must not make us read what it likes. URLs are fetched only when that was allowed. What cannot be loaded
becomes a note; the references to it dangle.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit
from urllib.request import url2pathname

from zeues_contracts.config import LimitsConfig
from zeues_contracts.errors import UsageError, ZeuesContractsError
from zeues_contracts.openapi import loading, swagger2
from zeues_contracts.openapi.model import LoadNote
from zeues_contracts.redact import redact_url
from zeues_contracts.schema.references import escape, joined_uri
from zeues_contracts.schema.types import Dialect, Resource

__all__ = ["MAX_FILES", "load_others", "outside_references"]

MAX_FILES = 400
"""Files besides the document; with them all the size limit, twice over, holds as well."""

_VALUES = frozenset({"example", "default", "const", "enum"})
_NAMED = frozenset({"properties", "patternProperties", "schemas", "definitions", "$defs", "parameters", "responses"})


def load_others(
    contents: Any,
    dialect: Dialect,
    uri: str,
    limits: LimitsConfig,
    mode: str,
    notes: list[LoadNote],
    *,
    headers: Mapping[str, str],
    tree: Path | None = None,
) -> tuple[dict[str, Resource], dict[str, tuple[str, bytes]]]:
    """Every file that is referred to, directly or through others: resources by absolute URI, and their texts.

    All resources share one mapping of each other; the caller adds the document itself to it.
    """
    loader = _Loader(uri, limits, mode, headers, tree)
    shared: dict[str, Resource] = {}
    texts: dict[str, tuple[str, bytes]] = {}
    root = urldefrag(uri)[0]
    waiting: list[tuple[str, Any, Dialect]] = [(root, contents, dialect)]
    tried: set[str] = {root}
    total = 0
    while waiting:
        base, value, parent = waiting.pop()
        for pointer, reference in outside_references(value):
            target = joined_uri(base, reference)[0]
            if target in tried:
                continue
            tried.add(target)
            place = pointer if base == root else f"{base}#{pointer}"
            if len(tried) > MAX_FILES or total > 2 * limits.max_bytes:
                notes.append(LoadNote(place, f"too many other files: {reference!r} was not loaded", "external"))
                continue
            try:
                display, data = loader.read(target, reference)
                found = loading.parse_fragment(data, display, limits, notes)
            except ZeuesContractsError as error:
                notes.append(
                    LoadNote(place, f"the reference {reference!r} was not loaded: {error.message}", "external")
                )
                continue
            total += len(data)
            own = _dialect(found, parent, display)
            if own is Dialect.SWAGGER_2_0:
                is_document = loading.looks_like_document(found)
                found = swagger2.overlay(found) if is_document else swagger2.fragment_overlay(found)
            shared[target] = Resource(found, own, target, shared)
            texts[target] = (display, data)
            waiting.append((target, found, own))
    return shared, texts


def outside_references(contents: Any) -> Iterator[tuple[str, str]]:
    """Each reference that leads out of its file, with the pointer of the object that has it, in document order."""
    stack: list[tuple[Any, str, str]] = [(contents, "", "")]
    while stack:
        node, pointer, key = stack.pop()
        below: list[tuple[Any, str, str]] = []
        if isinstance(node, Mapping):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference.strip() and not reference.strip().startswith("#"):
                yield pointer, reference.strip()
            if key == "discriminator":
                mapping = node.get("mapping")
                for one in mapping.values() if isinstance(mapping, Mapping) else ():
                    # A mapping's value is a name or a reference (OpenAPI 3.1, 4.8.25): a file's has its ending.
                    if isinstance(one, str) and one.partition("#")[0].endswith((".json", ".yaml", ".yml")):
                        yield pointer, one
            for name, value in node.items():
                if isinstance(value, Mapping | list) and (name not in _VALUES or key in _NAMED):
                    below.append((value, f"{pointer}/{escape(str(name))}", str(name)))
        else:
            below = [(one, f"{pointer}/{i}", "") for i, one in enumerate(node) if isinstance(one, Mapping | list)]
        stack.extend(reversed(below))


class _Loader:
    def __init__(
        self, uri: str, limits: LimitsConfig, mode: str, headers: Mapping[str, str], tree: Path | None
    ) -> None:
        self.limits = limits
        self.mode = mode
        self.headers = headers
        self.root = urlsplit(uri)
        self.tree: Path | None = None
        if self.root.scheme == "file":
            self.tree = (tree or _path(uri).parent).resolve()

    def read(self, uri: str, reference: str) -> tuple[str, bytes]:
        """How the file is named to people, and its bytes. Raises for what may not or cannot be read."""
        try:
            scheme = urlsplit(uri).scheme
        except ValueError:
            raise UsageError("it is no address") from None
        if scheme == "file" and self.tree is not None:
            return self._file(uri)
        if scheme in ("http", "https"):
            if self.mode != "network":
                raise UsageError('references over the network are off (`external-refs = "network"` allows them)')
            return self._fetched(uri)
        if not scheme:
            raise UsageError("the document has no location that it could be relative to")
        raise UsageError(f"references by {scheme}: are not followed")

    def _file(self, uri: str) -> tuple[str, bytes]:
        assert self.tree is not None
        path = _path(uri)
        try:
            real = path.resolve()
        except (OSError, ValueError, RuntimeError):
            raise UsageError(f"{path}: cannot be read") from None
        if not real.is_relative_to(self.tree):
            raise UsageError(f"{_shown(path)} lies outside of {_shown(self.tree)}")
        if real.exists() and not real.is_file():
            raise UsageError(f"{_shown(path)} is no file")
        data = loading.read_bounded(real, self.limits.max_bytes)
        return _shown(path), data

    def _fetched(self, uri: str) -> tuple[str, bytes]:
        from zeues_contracts.http import Client

        # What the user gave for the document's own server goes there and nowhere else.
        own = (self.root.scheme, self.root.netloc) == urlsplit(uri)[:2]
        with Client(self.headers if own else {}, self.limits) as client:
            got = client.get(uri, "application/json, application/yaml, text/yaml;q=0.9, */*;q=0.1")
        if got.error:
            raise UsageError(f"{redact_url(uri)}: {got.error}")
        if got.status != 200:
            raise UsageError(f"{redact_url(uri)} answers {got.status}")
        return redact_url(got.url), got.body


def _dialect(contents: Any, parent: Dialect, display: str) -> Dialect:
    if loading.looks_like_document(contents):
        try:
            return loading.dialect_of(contents, display, [])[1]
        except UsageError:
            return parent
    declared = contents.get("$schema") if isinstance(contents, Mapping) else None
    known = loading.schema_dialect(declared) if isinstance(declared, str) else None
    return known or parent


def _path(uri: str) -> Path:
    return Path(url2pathname(urlsplit(uri).path))  # decodes percent-encoding as well


def _shown(path: Path) -> str:
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
    return relative if not relative.startswith("..") else str(path)
