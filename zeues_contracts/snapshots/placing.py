"""What findings are about and where differences lie: the words that the search for a snapshot between two uses."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from zeues_contracts.findings import Finding
from zeues_contracts.openapi.model import METHODS, Document
from zeues_contracts.rules import rule
from zeues_contracts.schema.references import escape, unescape
from zeues_contracts.snapshots.blending import Unit

__all__ = [
    "follows",
    "is_soft",
    "is_text",
    "names_in",
    "only",
    "overlap",
    "path_pointer",
    "region",
    "sides_of",
]

_DERIVED = frozenset({"version-not-raised", "framework-upgrade"})
_SOFT = frozenset({"text-changed"})
_BEGINNINGS = {
    "request": ("request", "parameter", "required-parameter", "optional-parameter"),
    "response": ("response", "optional-response", "status", "success-status"),
}
_TEXTS = frozenset({"title", "description", "summary", "example", "examples", "externalDocs"})
_EITHER = frozenset(
    {"schema-undecided", "marks-changed", "default-changed", "discriminator-changed", "discriminator-extended"}
)


def follows(finding: Finding) -> bool:
    """Whether a finding only follows from others: it is there as long as they are, and cannot be taken in by itself."""
    return rule(finding.rule).slug in _DERIVED


def is_soft(finding: Finding) -> bool:
    """Whether a finding counts texts for people, which follow what else changes beside them."""
    return rule(finding.rule).slug in _SOFT


def sides_of(finding: Finding) -> tuple[str, ...]:
    """The parts of its operations that a finding is about: ``request``, ``response``, or the ``rest``."""
    slug = rule(finding.rule).slug
    for side, beginnings in _BEGINNINGS.items():
        if slug.startswith(beginnings):
            return (side,)
    return ("request", "response") if slug in _EITHER else ("rest",)


def overlap(one: str, other: str) -> bool:
    """Whether one of two places lies in the other."""
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")


def names_in(unit: Unit) -> set[str]:
    """What a unit's place is made of: keys, and of parameters and list entries their names."""
    pointer, _, word = unit.partition("#")
    first, *below = word.split("/")
    return {first.rpartition(":")[2], *(unescape(token) for token in (*pointer.split("/"), *below))}


def _nameless(operation: str) -> str:
    """An operation's name as it is the same whatever the path parameters are called."""
    return re.sub(r"{[^{}/]*}", "{}", operation)


def is_text(unit: Unit) -> bool:
    """Whether a unit is a text for people, or an example; a property that is called so is none."""
    tokens = unit.split("/")
    return any(
        token in _TEXTS and tokens[index - 1] not in ("properties", "patternProperties")
        for index, token in enumerate(tokens)
        if index
    )


def region(unit: Unit) -> str:
    """The operation or component that a unit lies in."""
    return "/".join(unit.split("/")[:4])


def only(document: Document, operations: Collection[str]) -> dict[str, Any]:
    """A document with some of its operations alone."""
    kept: dict[str, set[str]] = {}
    names = {_nameless(one) for one in operations}
    for path, method in document.keys.values():
        if f"{method.upper()} {path}" in operations or _nameless(f"{method.upper()} {path}") in names:
            kept.setdefault(path, set()).add(method)
    paths = document.raw.get("paths")
    items = paths if isinstance(paths, Mapping) else {}
    return {
        **document.raw,
        "paths": {
            path: {key: one for key, one in items[path].items() if key.lower() not in METHODS or key in methods}
            for path, methods in kept.items()
            if isinstance(items.get(path), Mapping)
        },
    }


def path_pointer(document: Document, name: str) -> str:
    """The pointer of the path item of an operation as findings name it; empty where there is none."""
    for path, method in document.keys.values():
        if f"{method.upper()} {path}" == name:
            return f"/paths/{escape(path)}"
    return ""
