"""How the parts of a form are written: ``encoding`` of multipart and form bodies (OpenAPI 3.1, 4.8.15).

What is not said has a default, so writing the default out is no change. What clients may write must stay among what
the service reads; what the service writes itself (callbacks) must stay among what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.drift.media import covers
from zeues_contracts.drift.model import Sense, Use
from zeues_contracts.drift.walk import Side
from zeues_contracts.findings import Level
from zeues_contracts.openapi.model import MediaType
from zeues_contracts.openapi.references import look_up
from zeues_contracts.schema.references import escape, resolve
from zeues_contracts.schema.types import Schema

__all__ = ["compare_encodings"]

_FORM = "application/x-www-form-urlencoded"
_MAX_DEPTH = 8
_PLAIN = frozenset({"string", "integer", "number", "boolean", "null"})


def compare_encodings(side: Side, use: Use, one: MediaType, other: MediaType, label: str) -> None:
    """Compare the encodings of two contents of a form; other media types have none."""
    essence = other.name.partition(";")[0].strip()
    if not essence.startswith("multipart/") and essence != _FORM:
        return
    for name, before, after, old, new in _pairs(one, other):
        if before == after:
            continue
        broken = [
            *_types(use, before, after, old, new),
            *(_style(before, after, new) if essence == _FORM or essence == "multipart/form-data" else ()),
            *_headers(use, before, after),
        ]
        side.say(
            "encoding-changed",
            f"{label}, encoding of {name}",
            ", ".join(broken) or "changed, and what was written is still read",
            old=one.pointer,
            new=other.pointer,
            before=before or None,
            after=after or None,
            level=None if broken else Level.INFO,
        )


def _pairs(
    one: MediaType, other: MediaType
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any], Schema | None, Schema | None]]:
    """What is said of each part that both have: by name, and of 3.2's lists by position."""
    before, after = _table(one), _table(other)
    for name in sorted({*before, *after}):
        old, new = (_part(media.schema, name) for media in (one, other))
        if name[:1] != "[" and (old is False or new is False):
            continue  # OpenAPI 3.1, 4.8.15: it is ignored where the schema has no property of the name
        yield name, before.get(name, {}), after.get(name, {}), _known(old), _known(new)


def _known(part: Schema | bool | None) -> Schema | None:
    return None if isinstance(part, bool) else part


def _table(media: MediaType) -> dict[str, Mapping[str, Any]]:
    table = {str(name): _binding(one) for name, one in media.encoding.items() if isinstance(one, Mapping)}
    prefix = media.raw.get("prefixEncoding")
    for index, one in enumerate(prefix if isinstance(prefix, list) else ()):
        if isinstance(one, Mapping):
            table[f"[{index}]"] = _binding(one)
    if isinstance(media.raw.get("itemEncoding"), Mapping):
        table["[]"] = _binding(media.raw["itemEncoding"])
    return table


def _binding(one: Mapping[str, Any]) -> Mapping[str, Any]:
    return {str(key): value for key, value in one.items() if not str(key).startswith("x-")}


def _types(
    use: Use, before: Mapping[str, Any], after: Mapping[str, Any], old: Schema | None, new: Schema | None
) -> Iterator[str]:
    """The media types of a part that are no longer among those that are read."""
    was, now = _content_types(before, old), _content_types(after, new)
    if was == now or "contentType" not in {*before, *after}:
        return
    written, read = (was, now) if use.sense is Sense.TAKES else (now, was)
    if not read or not written:
        yield "its media type changed"  # one of them is what the schema makes it, which is not known
        return
    lost = [one for one in written if not any(covers(wide, one) for wide in read)]
    if lost:
        yield f"{', '.join(lost)} {'is no longer read' if use.sense is Sense.TAKES else 'may be sent now'}"


def _content_types(encoding: Mapping[str, Any], schema: Schema | None) -> tuple[str, ...]:
    said = encoding.get("contentType")
    if isinstance(said, str) and said.strip():
        return tuple(sorted(one.strip().lower() for one in said.split(",") if one.strip()))
    return _default_type(schema, 0)


def _default_type(schema: Schema | None, depth: int) -> tuple[str, ...]:
    """What a part is without ``contentType`` (OpenAPI 3.1, 4.8.15.1); nothing where the schema does not tell."""
    node = look_up(schema.resource.contents, schema.pointer) if schema is not None else None
    if schema is None or not isinstance(node, Mapping) or depth > _MAX_DEPTH:
        return ()
    if isinstance(node.get("$ref"), str):
        return _default_type(resolve(schema, node["$ref"]), depth + 1)
    kind = node.get("type")
    if kind == "object":
        return ("application/json",)
    if kind == "array":
        return _default_type(Schema(schema.resource, f"{schema.pointer}/items"), depth + 1)
    if not isinstance(kind, str) or kind not in _PLAIN:
        return ()
    if isinstance(node.get("contentMediaType"), str):
        return (node["contentMediaType"].lower(),)
    return (
        "application/octet-stream" if node.get("format") == "binary" or "contentEncoding" in node else "text/plain",
    )


def _style(before: Mapping[str, Any], after: Mapping[str, Any], schema: Schema | None) -> Iterator[str]:
    """``style``, ``explode`` and ``allowReserved``, which mean what they mean to a query parameter."""
    was, now = (str(one.get("style", "form")) for one in (before, after))
    exploded, explodes = _explodes(before, was), _explodes(after, now)
    if was != now:
        yield f"style {was} became {now}"
    elif exploded is not explodes and _is_compound(schema):
        yield f"explode {str(exploded).lower()} became {str(explodes).lower()}"
    if before.get("allowReserved") is True and after.get("allowReserved") is not True:
        yield "reserved characters may no longer be written"


def _explodes(encoding: Mapping[str, Any], style: str) -> bool:
    said = encoding.get("explode")
    return said if isinstance(said, bool) else style == "form"


def _is_compound(schema: Schema | None) -> bool:
    node = look_up(schema.resource.contents, schema.pointer) if schema is not None else None
    kind = node.get("type") if isinstance(node, Mapping) else None
    return not isinstance(kind, str) or kind not in _PLAIN


def _headers(use: Use, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Headers of a part that must be written now, or mean something else."""
    was, now = ({str(k).lower(): v for k, v in (_mapping(one.get("headers"))).items()} for one in (before, after))
    for name in sorted({*was, *now} - {"content-type"}):
        old, new = _mapping(was.get(name)), _mapping(now.get(name))
        if use.sense is Sense.TAKES and new.get("required") is True and old.get("required") is not True:
            yield f"its header {name} must be written now"
        elif name in was and name in now and old.get("schema") != new.get("schema"):
            yield f"its header {name} means something else"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _part(schema: Schema | None, name: str) -> Schema | bool | None:
    """The schema of a property; ``False`` where there is none of the name, ``None`` where that is not known."""
    for _ in range(_MAX_DEPTH):
        node = look_up(schema.resource.contents, schema.pointer) if schema is not None else None
        if schema is None or not isinstance(node, Mapping):
            return None
        if not isinstance(node.get("$ref"), str):
            properties = node.get("properties")
            if isinstance(properties, Mapping) and name in properties:
                return Schema(schema.resource, f"{schema.pointer}/properties/{escape(name)}")
            return None if {"allOf", "anyOf", "oneOf", "patternProperties"} & set(node) or properties is None else False
        schema = resolve(schema, node["$ref"])
    return None
