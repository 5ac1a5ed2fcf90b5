"""From bytes to a document: JSON or YAML, told apart by content, bounded, leniently.

JSON goes through orjson and never through a YAML parser; nothing walks the whole document in Python on the way, so that
loading costs little more than parsing. What was not clean is told in ``LoadNote``s.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

from zeues_contracts.config import LimitsConfig
from zeues_contracts.errors import UsageError
from zeues_contracts.openapi.model import Document, LoadNote
from zeues_contracts.redact import know
from zeues_contracts.schema.types import Dialect, Resource

__all__ = [
    "build_document",
    "dialect_of",
    "document_from_mapping",
    "load_file",
    "looks_like_document",
    "parse_document",
    "parse_fragment",
    "parse_value",
    "read_bounded",
    "schema_dialect",
]

_STDIN = "-"
_YAML_GROWTH = 4
"""Times the size limit that a YAML document may have with its aliases written out."""
_ORJSON_DEPTH = 254
"""Levels that orjson writes; see :func:`_check_depth`."""


def load_file(
    path: Path | str,
    *,
    limits: LimitsConfig | None = None,
    external_refs: str = "local",
    display: str = "",
    tree: Path | None = None,
) -> Document:
    """The document of a file (JSON or YAML), or of standard input for ``-``.

    ``display`` is how the file is named in messages; by default as given. Raises :class:`UsageError`.
    """
    bounds = limits or LimitsConfig()
    if str(path) == _STDIN:
        data = sys.stdin.buffer.read(bounds.max_bytes + 1)
        here = Path.cwd() / _STDIN
        return parse_document(
            data, "standard input", limits=bounds, external_refs=external_refs, location=here, tree=tree
        )
    file = Path(path)
    return parse_document(
        read_bounded(file, bounds.max_bytes),
        display or str(path),
        limits=bounds,
        external_refs=external_refs,
        location=file.absolute(),
        tree=tree,
    )


def read_bounded(file: Path, limit: int) -> bytes:
    """The bytes of a file, at most ``limit`` and one. Raises :class:`UsageError` for what is no readable file."""
    try:
        if file.is_dir():
            raise UsageError(f"{file}: is a folder, not a document", hint="name the file in it")
        with file.open("rb") as stream:
            return stream.read(limit + 1)
    except FileNotFoundError:
        raise UsageError(f"{file}: there is no such file", hint=_nearby(file)) from None
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{file}: cannot be read: {what}") from None


def parse_document(
    data: bytes,
    source: str,
    *,
    limits: LimitsConfig | None = None,
    external_refs: str = "local",
    location: Path | str | None = None,
    headers: Mapping[str, str] | None = None,
    tree: Path | None = None,
) -> Document:
    """The document in ``data``.

    ``location`` is where it came from, for relative references: a path, or an absolute URL. ``external_refs`` says what
    may be loaded besides: ``none``, ``local`` (files below ``tree``, by default the document's folder) or ``network``
    (also URLs; ``headers`` go to the document's own origin alone).
    Raises :class:`UsageError` with what is wrong and where.
    """
    bounds = limits or LimitsConfig()
    notes: list[LoadNote] = []
    raw = parse_value(data, source, bounds, notes)
    return build_document(raw, source, data, bounds, notes, external_refs, location, headers, tree)


def document_from_mapping(
    mapping: Mapping[str, Any],
    source: str,
    *,
    limits: LimitsConfig | None = None,
    external_refs: str = "local",
    location: Path | str | None = None,
) -> Document:
    """The document that a mapping is (an application's own ``openapi()``). Nobody may write to it afterwards."""
    if not isinstance(mapping, Mapping):
        raise UsageError(f"{source}: is a {type(mapping).__name__}, not an OpenAPI document")
    bounds = limits or LimitsConfig()
    _check_depth(mapping, source, bounds.max_depth)
    return build_document(mapping, source, b"", bounds, [], external_refs, location)


def looks_like_document(value: Any) -> bool:
    """Whether a value is an OpenAPI document by its first look: an object with ``openapi`` or ``swagger``."""
    return isinstance(value, Mapping) and any(
        isinstance(value.get(key), str | int | float) and not isinstance(value.get(key), bool)
        for key in ("openapi", "swagger")
    )


def dialect_of(raw: Mapping[str, Any], source: str, notes: list[LoadNote]) -> tuple[str, Dialect]:
    """The version as text and the dialect of the schemas. Raises :class:`UsageError` for what is not OpenAPI."""
    key = "openapi" if "openapi" in raw else "swagger"
    if key not in raw:
        seen = ", ".join(sorted(str(one) for one in raw)[:8])
        more = f" and {len(raw) - 8} more" if len(raw) > 8 else ""
        raise UsageError(
            f"{source}: not an OpenAPI document: no `openapi` or `swagger` at the top, but {seen + more or 'nothing'}",
            hint="give the document itself (often /openapi.json), not something that it describes",
        )
    given = raw[key]
    if isinstance(given, float | int) and not isinstance(given, bool):
        version = f"{float(given):.1f}"
        notes.append(LoadNote(f"/{key}", f"the version is a number: taken as {version!r}", "version"))
    elif isinstance(given, str) and given.strip():
        version = given.strip()
    else:
        raise UsageError(f"{source}: `{key}` at the top is no version: {str(given)[:40]!r}")
    if version == "2" or version.startswith("2."):
        if key == "openapi":
            notes.append(LoadNote("/openapi", f"`openapi: {version}`: taken as Swagger 2.0", "version"))
        return version, Dialect.SWAGGER_2_0
    if key == "swagger" and (version == "3" or version.startswith("3.")):
        notes.append(LoadNote("/swagger", f"`swagger: {version}`: taken as OpenAPI {version}", "version"))
    elif key == "swagger":
        raise UsageError(f"{source}: Swagger {version} is not supported; 2.0 and OpenAPI 3 are")
    if version in ("3", "3.0") or version.startswith(("3.0.", "3.0-")):
        return version, Dialect.OPENAPI_3_0
    if version.startswith("3."):
        if version not in ("3.1", "3.2") and not version.startswith(("3.1.", "3.1-", "3.2.", "3.2-")):
            notes.append(LoadNote(f"/{key}", f"OpenAPI {version} is not known: read as 3.2", "version"))
        return version, _declared_dialect(raw, notes)
    raise UsageError(f"{source}: OpenAPI {version[:40]} is not supported; 2.0 and 3.0 to 3.2 are")


def parse_value(data: bytes, source: str, limits: LimitsConfig, notes: list[LoadNote]) -> Any:
    """The object in JSON or YAML text. Raises :class:`UsageError`."""
    value = parse_fragment(data, source, limits, notes)
    if not isinstance(value, dict):
        what = {list: "a list", str: "text", type(None): "nothing"}.get(type(value), "a single value")
        raise UsageError(f"{source}: holds {what}, not an OpenAPI document (an object)")
    return value


def parse_fragment(data: bytes, source: str, limits: LimitsConfig, notes: list[LoadNote]) -> Any:
    """The value in JSON or YAML text, whatever it is. Raises :class:`UsageError`."""
    if len(data) > limits.max_bytes:
        raise UsageError(
            f"{source}: larger than {limits.max_bytes} bytes", hint="raise `limits.max-bytes` in the configuration"
        )
    text = _recoded(data, source)
    start = text[:4096].lstrip()
    if not start:
        if text.strip():
            start = text.lstrip()[:4096]
        else:
            raise UsageError(f"{source}: is empty")
    if start[:1] in (b"{", b"["):
        return _json(text, source, limits, notes)
    _check_utf8(text, source)
    if start[:1] == b"<":
        raise UsageError(f"{source}: {_markup(start)}, not an OpenAPI document", hint="give the document's own address")
    return _yaml(text, source, limits, notes)


def _json(data: bytes, source: str, limits: LimitsConfig, notes: list[LoadNote]) -> Any:
    import orjson

    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        _check_utf8(data, source)
        value = _json_or_error(data, source, limits, notes, error)
    _check_depth(value, source, limits.max_depth)
    return value


def _json_or_error(data: bytes, source: str, limits: LimitsConfig, notes: list[LoadNote], error: ValueError) -> Any:
    """What orjson refuses: lone surrogates, NaN and YAML in flow style are taken, the rest is told with its place."""
    import json

    message = str(error)
    line, column = getattr(error, "lineno", 0), getattr(error, "colno", 0)
    if "depth limit" in message:
        raise UsageError(f"{source}:{line}:{column}: nested deeper than {limits.max_depth} levels") from None
    if source.endswith((".yaml", ".yml")):
        try:
            return _yaml(data, source, limits, notes)
        except UsageError:
            pass  # the JSON reader's complaint is about the same place, in plainer words
    if any(word in message for word in ("surrogate", "infinity", "unexpected character")):
        try:
            value = json.loads(data, parse_constant=str, parse_float=_finite)
        except (ValueError, RecursionError):
            pass
        else:
            notes.append(LoadNote("", "the JSON is not clean (NaN, infinities or lone surrogates): taken as text"))
            return value
    if re.search(r"end of data|EOF|unterminated|unexpected end", message) or error_at_end(data, error):
        raise UsageError(f"{source}:{line}:{column}: the JSON ends too early: it looks truncated") from None
    what = message.rpartition(": line ")[0] or message
    raise UsageError(f"{source}:{line}:{column}: not valid JSON: {what}") from None


def error_at_end(data: bytes, error: ValueError) -> bool:
    """Whether reading failed where the text ends."""
    position = getattr(error, "pos", None)
    return isinstance(position, int) and position >= len(data.decode("utf-8", "replace").rstrip())


def _yaml(data: bytes, source: str, limits: LimitsConfig, notes: list[LoadNote]) -> Any:
    from zeues_contracts.openapi.yaml_reading import YamlBounds, read_yaml

    def note(line: int, message: str) -> None:
        if len(notes) < 1000:
            notes.append(LoadNote("", f"line {line}: {message}"))

    bounds = YamlBounds(limits.max_depth, limits.max_bytes * _YAML_GROWTH)
    return read_yaml(data, source, bounds, note)[0]


def build_document(
    raw: Mapping[str, Any],
    source: str,
    text: bytes,
    limits: LimitsConfig,
    notes: list[LoadNote],
    external_refs: str,
    location: Path | str | None,
    headers: Mapping[str, str] | None = None,
    tree: Path | None = None,
) -> Document:
    """The document that a value is; see :func:`parse_document` for the rest."""
    version, dialect = dialect_of(raw, source, notes)
    if not isinstance(raw.get("paths", {}), Mapping):
        notes.append(LoadNote("/paths", "`paths` is no object: taken as empty"))
    uri = location.as_uri() if isinstance(location, Path) else (location or "")
    contents = raw
    if dialect is Dialect.SWAGGER_2_0:
        from zeues_contracts.openapi import swagger2

        contents = swagger2.overlay(raw)
    if external_refs == "none" or not _may_point_outside(raw, text):
        return _with_known_keys(Document(raw, source, version, Resource(contents, dialect, uri), tuple(notes), text))
    from zeues_contracts.openapi.externals import load_others

    others, texts = load_others(contents, dialect, uri, limits, external_refs, notes, headers=headers or {}, tree=tree)
    resource = Resource(contents, dialect, uri, others)
    if others:
        others[urldefrag(uri)[0]] = resource  # a file may point back into the document
    return _with_known_keys(Document(raw, source, version, resource, tuple(notes), text, texts))


def _with_known_keys(document: Document) -> Document:
    """The document; what it calls its API keys is from now on known to hold secrets, whatever the names are."""
    schemes = itertools.islice(document.security_schemes.values(), _MAX_KEYS)
    names = [one.raw.get("name") for one in schemes if one.raw.get("type") == "apiKey"]
    know(names=[name for name in names if isinstance(name, str) and len(name) <= _MAX_KEY_NAME])
    return document


_MAX_KEYS = 200
_MAX_KEY_NAME = 200
_OUTSIDE = rb"""\$ref["']?\s*:\s*(?:[>|][-+0-9]*\s*)?["']?(?!["']?#)[^\s"']"""


def _may_point_outside(raw: Mapping[str, Any], text: bytes) -> bool:
    """Whether a reference may lead out of the document: a search through the text, which is far faster than a walk."""
    if not text:
        import orjson

        try:
            text = orjson.dumps(raw, option=orjson.OPT_NON_STR_KEYS)
        except TypeError:
            return True
    return b"$ref" in text and re.search(_OUTSIDE, text) is not None


def _declared_dialect(raw: Mapping[str, Any], notes: list[LoadNote]) -> Dialect:
    """The dialect that ``jsonSchemaDialect`` names (OpenAPI 3.1, 4.8.24.4)."""
    given = raw.get("jsonSchemaDialect")
    if given is None:
        return Dialect.OPENAPI_3_1
    name = str(given).rstrip("#")
    if re.fullmatch(r"https://spec\.openapis\.org/oas/3\.\d/dialect/.*", name) or name.endswith("/2020-12/schema"):
        return Dialect.OPENAPI_3_1
    known = schema_dialect(name)
    if known is not None:
        return known
    notes.append(LoadNote("/jsonSchemaDialect", f"the dialect {name[:80]!r} is not known: read as OpenAPI's own"))
    return Dialect.OPENAPI_3_1


def schema_dialect(identifier: str) -> Dialect | None:
    """The dialect of a ``$schema`` or ``jsonSchemaDialect``, ``None`` for an unknown one."""
    name = identifier.rstrip("#")
    for ending, dialect in (
        ("/2020-12/schema", Dialect.DRAFT_2020_12),
        ("/2019-09/schema", Dialect.DRAFT_2019_09),
        ("/draft-07/schema", Dialect.DRAFT_7),
        ("/draft-06/schema", Dialect.DRAFT_6),
        ("/draft-04/schema", Dialect.DRAFT_4),
    ):
        if name.endswith(ending):
            return dialect
    return None


def _check_depth(value: Any, source: str, limit: int) -> None:
    """Refuse nesting beyond the limit before anything recurses into it.

    orjson refuses to write more than 254 levels, and writing is many times faster than a walk: only a document that it
    refuses, or a lower limit, is walked.
    """
    import orjson

    if limit >= _ORJSON_DEPTH:
        try:
            orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
        except (TypeError, RecursionError):
            pass  # too deep, or something that it cannot write: the walk tells
        else:
            return
    stack: list[tuple[Any, int]] = [(value, 1)]
    budget = 20_000_000
    while stack:
        node, depth = stack.pop()
        budget -= 1
        if depth > limit or budget < 0:
            raise UsageError(f"{source}: nested deeper than {limit} levels, or endless")
        if isinstance(node, Mapping):
            stack.extend((one, depth + 1) for one in node.values() if isinstance(one, dict | list))
        elif isinstance(node, list):
            stack.extend((one, depth + 1) for one in node if isinstance(one, dict | list))


def _recoded(data: bytes, source: str) -> bytes:
    """The text without a byte order mark; UTF-16 and UTF-32 are recoded to UTF-8 (RFC 4627, 3, for old files)."""
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:]
    head = data[:4]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head:
        import json

        encoding = json.detect_encoding(data)
        try:
            return data.decode(encoding).lstrip("\ufeff").encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise UsageError(f"{source}: not text: bytes that are no {encoding.upper()}") from None
    return data


def _check_utf8(data: bytes, source: str) -> None:
    """Refuse what is no UTF-8. What orjson reads is: only what it does not read is looked at."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{source}:{line}: not UTF-8 text (byte {error.start})", hint="save it as UTF-8") from None


def _markup(start: bytes) -> str:
    import html

    if start[:5].lower() == b"<?xml" and b"<html" not in start.lower():
        return "an XML document"
    found = re.search(rb"<title[^>]*>([^<]{1,200})", start, re.IGNORECASE)
    title = html.unescape(" ".join(found.group(1).decode("utf-8", "replace").split())) if found else ""
    return f"an HTML page ({title[:60]!r})" if title else "an HTML page"


def _finite(text: str) -> Any:
    number = float(text)
    return text if number in (float("inf"), float("-inf")) else number


def _nearby(file: Path) -> str:
    import difflib

    try:
        names = [one.name for one in file.parent.iterdir()]
    except OSError:
        return "check the path"
    near = difflib.get_close_matches(file.name, names, n=1)
    return f"did you mean {near[0]}?" if near else "check the path"
