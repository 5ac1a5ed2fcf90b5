"""The proof that the benchmark asks for is one: it fails for every example that breaks somebody."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.drift.documents import document
from zeues_contracts.findings import Level
from zeues_contracts.rules.drift import RULES
from zeues_contracts.rules.drift.examples import given, taken, things
from zeues_contracts.rules.model import DriftExample, Rule

_PLACE = Path(__file__).parents[2] / "bench" / "proving.py"
# What these tell of is no matter of the values that are sent or given: announcements, and what formats and marks mean.
_NOT_OF_VALUES = {
    "sunset-policy", "sunset-withdrawn", "stability-lowered", "request-format-tightened", "response-format-loosened",
    "content-encoding-changed", "discriminator-changed", "response-write-only-shown", "request-property-removed",
    "parameter-removed", "server-removed",
}  # fmt: skip


def _unproven() -> Callable[[Any, Any], list[str]]:
    spec = importlib.util.spec_from_file_location("proving", _PLACE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[Any, Any], list[str]] = module.unproven
    return found


unproven = _unproven()


@pytest.mark.parametrize(
    "entry",
    [one for one in RULES if one.level is not Level.INFO and one.slug not in _NOT_OF_VALUES],
    ids=lambda entry: entry.slug,
)
def test_what_breaks_is_not_proven(entry: Rule) -> None:
    assert isinstance(entry.example, DriftExample)
    assert unproven(document(entry.example.old), document(entry.example.new))


@pytest.mark.parametrize("entry", RULES, ids=lambda entry: entry.slug)
def test_nothing_breaks_where_nothing_changes(entry: Rule) -> None:
    assert isinstance(entry.example, DriftExample)
    if entry.slug != "schema-undecided":
        assert unproven(document(entry.example.old), document(entry.example.old)) == []


def _query(schema: str) -> str:
    return things(f"parameters: [{{name: q, in: query, style: deepObject, schema: {schema}}}]", method="get")


def test_texts_are_proven_part_by_part() -> None:
    one = "{type: object, properties: {a: {type: %s}, b: {type: array, items: {type: %s}}}}"
    assert unproven(document(_query(one % ("integer", "integer"))), document(_query(one % ("string", "string")))) == []
    assert unproven(document(_query(one % ("string", "string"))), document(_query(one % ("integer", "string"))))
    assert unproven(document(_query("{type: object}")), document(_query("{type: object, maxProperties: 1}")))


def test_directions_are_told_apart() -> None:
    wide, narrow = "{type: string}", "{type: string, maxLength: 3}"
    assert unproven(document(taken(narrow)), document(taken(wide))) == []
    assert unproven(document(taken(wide)), document(taken(narrow)))
    assert unproven(document(given(wide)), document(given(narrow))) == []
    assert unproven(document(given(narrow)), document(given(wide)))
