"""What of a document goes into a snapshot: all of it, and the further files that it refers to, in one JSON value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin, urlsplit

from zeues_contracts.errors import UsageError
from zeues_contracts.schema.references import escape

if TYPE_CHECKING:
    from zeues_contracts.openapi.model import Document

__all__ = ["FILES_KEY", "contents_of"]

FILES_KEY = "x-zeues-contracts-files"
"""Where further files stand in a snapshot: a specification extension of the document (OpenAPI 3.1, 4.9)."""
_MAX_DEPTH = 300


def contents_of(document: Document) -> Mapping[str, Any]:
    """The document as a snapshot holds it, meaning the same wherever the file lies.

    Keys are text, as JSON has them. References to files that were loaded lead to copies of these under
    :data:`FILES_KEY`; references that lead nowhere stay as they are.
    """
    raw = document.raw
    root = urldefrag(document.resource.uri)[0]
    others = {uri: one for uri, one in document.resource.others.items() if urldefrag(uri)[0] != root}
    if not others:
        plain = _plain(raw, 0)
        assert isinstance(plain, Mapping)
        return plain
    names = _names(others)
    rewriter = _Rewriter(root, names)
    bundled = rewriter.value(raw, root, "", 0)
    bundled[FILES_KEY] = {
        names[uri]: rewriter.value(one.contents, urldefrag(uri)[0], f"/{FILES_KEY}/{escape(names[uri])}", 0)
        for uri, one in others.items()
    }
    result: Mapping[str, Any] = bundled
    return result


class _Rewriter:
    """Copies values with their references turned towards the copies."""

    def __init__(self, root: str, names: Mapping[str, str]) -> None:
        self.root = root
        self.names = {urldefrag(uri)[0]: name for uri, name in names.items()}

    def value(self, value: Any, base: str, prefix: str, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            raise UsageError("the document is nested too deeply to be kept", hint="see `limits.max-depth`")
        if isinstance(value, Mapping):
            return {
                str(key): self.reference(one, base, prefix)
                if key == "$ref" and isinstance(one, str)
                else self.value(one, base, prefix, depth + 1)
                for key, one in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.value(one, base, prefix, depth + 1) for one in value]
        return value

    def reference(self, text: str, base: str, prefix: str) -> str:
        target, fragment = urldefrag(text.strip())
        uri = urldefrag(urljoin(base, target))[0] if target else base
        if uri == self.root:
            return f"#{fragment}"
        if uri not in self.names or (fragment and not fragment.startswith("/")):
            return text
        return f"#/{FILES_KEY}/{escape(self.names[uri])}{fragment}"


def _names(others: Mapping[str, Any]) -> dict[str, str]:
    """A short name for each file, the same from run to run and from machine to machine."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for uri in sorted(others):
        parts = PurePosixPath(urlsplit(uri).path).parts
        for count in range(1, len(parts) + 1):
            name = "/".join(part for part in parts[-count:] if part != "/") or "file"
            if name not in taken:
                break
        while name in taken:
            name += "_"
        taken.add(name)
        names[uri] = name
    return names


def _plain(value: Any, depth: int) -> Any:
    """A value with text for keys; what is as it should be is given back itself."""
    if depth > _MAX_DEPTH:
        raise UsageError("the document is nested too deeply to be kept", hint="see `limits.max-depth`")
    if isinstance(value, Mapping):
        copied = {str(key): _plain(one, depth + 1) for key, one in value.items()}
        same = isinstance(value, dict) and all(
            isinstance(key, str) and copied[key] is one for key, one in value.items()
        )
        return value if same else copied
    if isinstance(value, list):
        items = [_plain(one, depth + 1) for one in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    return value
