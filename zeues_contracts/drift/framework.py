"""Another version of FastAPI or Pydantic: told by the shape of what they write, not by what people write.

FastAPI documents hold ``HTTPValidationError`` and ``ValidationError``, which no author touches. Between versions they
and the spelling of schemas change: ``enum`` of one value to ``const``, ``allOf`` of one reference to the reference,
``format: binary`` to ``contentMediaType``, ``Item`` to ``Item-Input`` and ``Item-Output``, an optional field to
``anyOf`` with null (Pydantic 2), a tuple's ``items`` to ``prefixItems``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from zeues_contracts.openapi.model import Document

__all__ = ["GROUP", "Upgrade", "upgrade"]

GROUP = "framework upgrade"
_MAX_DEPTH = 40
_OWN = ("HTTPValidationError", "ValidationError")


class Upgrade(msgspec.Struct, frozen=True):
    """What a step from one version to another rewrote: how often each spelling changed, and the signs of it."""

    spellings: Mapping[str, int] = msgspec.field(default_factory=dict)
    signs: tuple[str, ...] = ()
    nulls: bool = False
    """Pydantic 1 to 2: from here on optional fields document null."""

    @property
    def sentence(self) -> str:
        """One line for a person."""
        count = sum(self.spellings.values())
        parts = ", ".join(f"{name} ({number})" for name, number in sorted(self.spellings.items()))
        rewritten = f"{count} place{'s' if count != 1 else ''} spelled anew: {parts}" if count else ""
        said = "; ".join(one for one in (", ".join(self.signs), rewritten) if one)
        return f"another version of FastAPI or Pydantic wrote this document ({said})"


def upgrade(old: Document, new: Document) -> Upgrade | None:
    """The step between two FastAPI documents; ``None`` where there is no sign of one."""
    before, after = _schemas(old), _schemas(new)
    if not all(_OWN[0] in table for table in (before, after)):
        return None
    signs: list[str] = []
    if old.version != new.version:
        signs.append(f"OpenAPI {old.version} became {new.version}")
    if any(_plain(before.get(name)) != _plain(after.get(name)) for name in _OWN):
        signs.append("its own error schemas changed")
    counts: Counter[str] = Counter()
    for name, schema in before.items():
        for twin in _twins(name, before, after):
            if twin != name:
                counts["a schema for input and output"] += 1
            counts.update(_spellings(schema, after[twin], 0))
    counts.update(_of_paths(old, new))
    nulls = counts.pop("null", 0)
    was_silent = not any(_documents_null(schema) for schema in before.values())
    steps_to_two = was_silent and nulls >= 2
    if steps_to_two:
        signs.append("optional fields document null from here on, as under Pydantic 2")
    elif nulls >= 2 and not any(_documents_null(schema) for schema in after.values()):
        signs.append("optional fields no longer document null, as under Pydantic 1")
    if not signs and not counts:
        return None
    return Upgrade(dict(counts), tuple(signs), steps_to_two)


def _schemas(document: Document) -> Mapping[str, Any]:
    components = document.raw.get("components")
    table = components.get("schemas") if isinstance(components, Mapping) else None
    return table if isinstance(table, Mapping) else {}


def _twins(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What a schema is called in the newer document."""
    if name in after:
        yield name
        return
    base = name.removesuffix("-Input").removesuffix("-Output")
    for candidate in (f"{base}-Input", f"{base}-Output", base):
        if candidate in after and candidate not in before:
            yield candidate


def _of_paths(old: Document, new: Document) -> Counter[str]:
    counts: Counter[str] = Counter()
    before, after = old.raw.get("paths"), new.raw.get("paths")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for path, item in before.items():
            if path in after and item != after[path]:
                counts.update(_spellings(item, after[path], 0))
    return counts


def _spellings(old: Any, new: Any, depth: int) -> Counter[str]:
    """Which spellings changed between two values of one place."""
    counts: Counter[str] = Counter()
    if depth > _MAX_DEPTH or old == new:
        return counts
    if isinstance(old, list) and isinstance(new, list):
        for one, other in zip(old, new, strict=False):
            counts.update(_spellings(one, other, depth + 1))
        return counts
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return counts
    for one, other in ((old, new), (new, old)):
        if (isinstance(one.get("enum"), list) and "const" not in one and one["enum"] == [other.get("const")]) or (
            "const" in one and "const" in other and "enum" in one and "enum" not in other
        ):
            counts["enum and const"] += 1
        if one.get("format") == "binary" and "contentMediaType" in other and "contentMediaType" not in one:
            counts["bytes"] += 1
        if isinstance(one.get("allOf"), list) and len(one["allOf"]) == 1 and "allOf" not in other and "$ref" in other:
            counts["a lone allOf"] += 1
        if isinstance(one.get("items"), list) and "prefixItems" in other:
            counts["tuples"] += 1
        if (
            one.get("additionalProperties") is True
            and "additionalProperties" not in other
            and "properties" not in other
        ):
            counts["open objects"] += 1
        if _with_null(other) and not _with_null(one) and "anyOf" not in one:
            counts["null"] += 1
    for key in old:
        if key in new:
            counts.update(_spellings(old[key], new[key], depth + 1))
    return counts


def _with_null(node: Mapping[str, Any]) -> bool:
    branches = node.get("anyOf")
    return isinstance(branches, list) and {"type": "null"} in branches


def _documents_null(node: Any, depth: int = 0) -> bool:
    if depth > _MAX_DEPTH:
        return False
    if isinstance(node, Mapping):
        return node.get("type") == "null" or any(_documents_null(one, depth + 1) for one in node.values())
    return isinstance(node, list) and any(_documents_null(one, depth + 1) for one in node)


def _plain(node: Any) -> Any:
    """A schema without titles and the order of keys."""
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.items() if key not in ("title", "description")}
    return [_plain(one) for one in node] if isinstance(node, list) else node
