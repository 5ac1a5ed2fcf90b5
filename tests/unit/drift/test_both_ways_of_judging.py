"""Judging two documents as one and judging them from their roots come to the same."""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.drift.sample import SAMPLE
from zeues_contracts.drift import compare as comparing
from zeues_contracts.drift import drift
from zeues_contracts.openapi import Document, document_from_mapping, load

CORPUS = os.environ.get("ZEUES_CONTRACTS_CORPUS", "")
CHANGES: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("Kind", "enum"), ["small", "large", "huge"]),
    (("Kind", "enum"), ["small"]),
    (("Base", "properties", "id", "minimum"), 5),
    (("Base", "properties", "id", "type"), "string"),
    (("Base", "required"), []),
    (("NewThing", "required"), ["name", "kind", "size"]),
    (("NewThing", "properties", "name"), {"type": "string", "pattern": "^a"}),
    (("Made", "properties", "event"), {"type": "string"}),
    (("Lost", "properties", "id"), {"type": ["integer", "null"]}),
    (("Problem", "properties", "status", "type"), "string"),
    (("Thing", "allOf"), [{"$ref": "#/components/schemas/Base"}]),
)


def both(old: Document, new: Document, monkeypatch: pytest.MonkeyPatch) -> tuple[set[Any], set[Any]]:
    joined = {(one.rule, one.message) for one in drift(old, new).findings if one.level != "info"}
    with monkeypatch.context() as patch:
        patch.setattr(comparing, "survey", lambda one, other: None)
        roots = {(one.rule, one.message) for one in drift(old, new).findings if one.level != "info"}
    return joined, roots


@pytest.mark.parametrize(("path", "value"), CHANGES, ids=lambda one: "/".join(one) if isinstance(one, tuple) else "")
def test_a_change_is_told_alike(path: tuple[str, ...], value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = yaml.safe_load(SAMPLE)
    changed = json.loads(json.dumps(raw))
    node = changed["components"]["schemas"]
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    old, new = document_from_mapping(raw, "old"), document_from_mapping(changed, "new")
    for one, other in ((old, new), (new, old)):
        joined, roots = both(one, other, monkeypatch)
        assert joined <= roots
        # From the roots a change that only the interplay of branches makes is told of each root besides.
        assert all(message.endswith(" than before") for _, message in roots - joined)
    assert drift(old, new).findings


@pytest.mark.skipif(not CORPUS, reason="ZEUES_CONTRACTS_CORPUS names no folder")
def test_real_neighbours_are_told_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for what only an operation's own shape hides: a page that became an object, and the items' schema with it."""
    files = sorted(Path(CORPUS, "fastapi_history").glob("*.json"))[2:]
    for one, other in pairwise(files):
        joined, roots = both(load(str(one)), load(str(other)), monkeypatch)
        assert joined == roots, (one.name, other.name)
