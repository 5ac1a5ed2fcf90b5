"""Redaction at the speed of a test suite: the rules are those of ``zeues_contracts.redact``, most text is let by.

``redact`` is loaded by its path where this package is not installed. Where it cannot be loaded nothing is written.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterable
from typing import Any

__all__ = ["FILE", "SECRETS_VARIABLE", "Cleaner", "multipart_fields"]

SECRETS_VARIABLE = "ZEUES_CONTRACTS_SECRETS"
"""The environment variable that names, with commas between, those whose values are secret."""

FILE = "(file)"
"""What stands for the content of a file in a form."""

# What no secret of `redact_text` does without: a sign between name and value, a long run, or a word that leads one in.
_SUSPICIOUS = re.compile(
    r"[=:]|-----|[A-Za-z0-9_.-]{13}|bearer|basic|digest|token|negotiate|apikey|aws4", re.IGNORECASE
)
# Headers that say nothing about a contract; the rest is kept.
_NOISE = frozenset({
    "user-agent", "accept-encoding", "connection", "content-length", "host", "date", "server", "keep-alive",
    "transfer-encoding", "vary", "x-request-id", "x-process-time", "server-timing", "age", "via", "etag",
})  # fmt: skip


class Cleaner:
    """Takes secrets out. What was asked before is remembered."""

    def __init__(self) -> None:
        self._redact: Any = _load()
        names = os.environ.get(SECRETS_VARIABLE, "").split(",")
        self._redact.know(os.environ[name] for name in names if name in os.environ)
        self._texts: dict[str, str] = {}
        self._headers: dict[tuple[str, str], tuple[str, str]] = {}
        self._urls: dict[str, str] = {}
        self._bodies: dict[tuple[bytes, str], bytes] = {}

    def text(self, text: str) -> str:
        """Any text."""
        if self._is_plain(text):
            return text
        if len(text) > 300:
            return str(self._redact.redact_text(text))
        return self._remembered(self._texts, text, self._redact.redact_text)

    def _is_plain(self, text: str) -> bool:
        """Whether there is no secret in a text, as a quick look tells."""
        if _SUSPICIOUS.search(text) is not None:
            return False
        known = self._redact.knows_values()
        return not known or (self._redact.redact_known(text) == text and not self._redact.is_known_value(text))

    def url(self, url: str) -> str:
        """A URL."""
        return self._remembered(self._urls, url, self._redact.redact_url)

    def headers(self, headers: list[tuple[str, str]], wanted: Iterable[str] = ()) -> list[tuple[str, str]]:
        """Headers without those that say nothing, unless they are wanted (names in lower case)."""
        found = []
        for pair in headers:
            if pair[0] in _NOISE and pair[0] not in wanted:
                continue
            clean = self._headers.get(pair)
            if clean is None:
                clean = self._redact.redact_headers((pair,))[0]
                if len(self._headers) < 2000:
                    self._headers[pair] = clean
            found.append(clean)
        return found

    def body(self, body: bytes | None, kind: str) -> bytes | None:
        """A message body, told by its media type. Suites send the same small bodies over and over."""
        if not body:
            return body
        known = self._bodies.get((body, kind))
        if known is None:
            known = self._clean_body(body, kind)
            if len(body) < 4096 and len(self._bodies) < 1000:
                self._bodies[body, kind] = known
        return known

    def _clean_body(self, body: bytes, kind: str) -> bytes:
        if body[:1] in (b"{", b"[") or "json" in kind:
            try:
                value = _loads(body)
            except (ValueError, RecursionError):
                return bytes(self._redact.redact_body(body, kind))
            clean = self._value(value, 0)
            if clean is value:
                return body
            return json.JSONEncoder(ensure_ascii=False).encode(clean).encode("utf-8", "surrogatepass")
        main = kind.partition(";")[0].strip().lower()
        if main.startswith(("image/", "audio/", "video/", "font/", "multipart/")):
            return b""  # nothing of a contract is in there, and no secret is to be found by its name
        return bytes(self._redact.redact_body(body, kind))

    def value(self, value: Any) -> Any:
        """A JSON value."""
        return self._redact.redact_json(value)

    def _value(self, value: Any, depth: int) -> Any:
        """As ``redact_json``, but the same object where nothing is taken out."""
        kind = type(value)
        if kind is str:
            if self._is_plain(value):
                return value
            if self._redact.is_known_value(value):
                return self._redact.redact_json(value)
            text = self.text(value)
            return value if text == value else text
        if kind is dict and depth < 150:
            for name in value:
                if self._redact.is_secret_name(name) or self.text(name) != name:
                    return self._redact.redact_json(value)
            changed: dict[str, Any] = {}
            for name, one in value.items():
                clean = self._value(one, depth + 1)
                if clean is not one:
                    changed[name] = clean
            return {**value, **changed} if changed else value
        if kind is list and depth < 150:
            items = [self._value(one, depth + 1) for one in value]
            return value if all(a is b for a, b in zip(items, value, strict=True)) else items
        if kind is dict or kind is list or ((kind is int or kind is float) and self._redact.knows_values()):
            clean = self._redact.redact_json(value)
            return value if clean == value else clean
        return value

    @staticmethod
    def _remembered(table: dict[str, str], key: str, clean: Any) -> str:
        known = table.get(key)
        if known is None:
            known = str(clean(key))
            if len(table) < 5000:
                table[key] = known
        return known


def _loads(body: bytes) -> Any:
    """Decode without ``json.loads``, which may be watched."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode(json.detect_encoding(body), "surrogatepass")
    return _DECODER.decode(text)


_DECODER = json.JSONDecoder()


def multipart_fields(body: bytes | None, kind: str) -> dict[str, Any] | None:
    """The fields of a multipart form (RFC 7578): texts, and a word in the place of files. ``None`` for no such form."""
    boundary = (
        re.search(r'boundary="?([^";,]{1,100})', kind) if kind.lower().startswith("multipart/form-data") else None
    )
    if not body or boundary is None:
        return None
    fields: dict[str, Any] = {}
    for part in body.split(b"--" + boundary[1].encode("latin-1", "replace"))[1:500]:
        head, blank, content = part.partition(b"\r\n\r\n")
        named = re.search(rb'name="([^"]{0,200})"', head)
        if not blank or named is None:
            continue
        name = named[1].decode("utf-8", "replace")
        text = FILE if b"filename" in head else content[:10_000].removesuffix(b"\r\n").decode("utf-8", "replace")
        known = fields.get(name)
        fields[name] = text if known is None else [*(known if isinstance(known, list) else [known]), text]
    return fields


def _load() -> Any:
    """The package ``redact``: the one beside this package, whatever else is installed."""
    name = "_zeues_contracts_redact"
    if name not in sys.modules:
        here = os.path.abspath(__file__)  # noqa: PTH100 - runs in strangers' processes: as few imports as can be
        folder = os.path.normpath(os.path.join(here, *[os.pardir] * 4, "redact"))  # noqa: PTH118
        path = os.path.join(folder, "__init__.py")  # noqa: PTH118
        ours = sys.modules.get("zeues_contracts.redact")
        if ours is not None and ours.__file__ == path:
            return ours  # in a process of our own: what that was told counts here
        spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[folder])
        if spec is None or spec.loader is None:
            raise ImportError(path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]
