"""Two validators: a verdict only where they agree, and no value that brings one down."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from zeues_contracts.schema.types import Resource, Settings
from zeues_contracts.schema.validators import confirm, judge


def verdict(contents: Any, value: Any, **settings: Any) -> bool | None:
    return judge(Resource(contents).schema(), value, Settings(**settings)).valid


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"const": 1}, 1.0, True),
        ({"const": 1}, True, False),
        ({"enum": [0]}, False, False),
        ({"type": "integer"}, 1.0, True),
        ({"uniqueItems": True}, [1, True], True),
        ({"uniqueItems": True}, [1, 1.0], False),
        ({"type": "integer"}, 2**70, True),
        ({"minimum": 2**70}, 2**70 - 1, False),
        ({"const": 2**53 + 1}, 2**53, False),
        ({"type": "number"}, 1e300, True),
        ({"multipleOf": 0.01}, 4.35, None),  # binary floating point: they differ
    ],
)
def test_numbers(schema: Any, value: Any, expected: bool | None) -> None:
    assert verdict(schema, value) is expected


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("^a$", "a\n", False),  # Python's `$` would take it
        (r"^\d$", "٣", False),  # so would its `\d`
        (r"^\w$", "é", False),
        (r"^\p{Lu}$", "É", True),  # and its `re` has no properties
        (r"^[\w-.]$", "-", True),  # which Rust refuses as it stands
        (r"^(?<y>a)$", "a", True),  # and this is none of Python's
        ("^(?!a)", "b", True),
        ("^(a+)+$", "a" * 30 + "b", False),
        ("{", "{", True),
    ],
)
def test_patterns_mean_what_ecma_262_says(pattern: str, value: str, expected: bool) -> None:
    assert verdict({"pattern": pattern}, value) is expected
    assert verdict({"patternProperties": {pattern: False}}, {value: 1}) is not expected


def test_patterns_in_values_are_left_alone() -> None:
    assert verdict({"enum": [{"pattern": "^a$"}]}, {"pattern": "^a$"}) is True
    assert verdict({"properties": {"pattern": {"type": "string"}}}, {"pattern": "x"}) is True


@pytest.mark.parametrize("value", [float("inf"), float("nan"), "\ud800", {"\udfff": 1}, {1: 2}, (1,), b"x", [object()]])
def test_what_is_no_json_is_not_judged(value: Any) -> None:
    judgement = judge(Resource(True).schema(), value)
    assert judgement.valid is None
    assert judgement.reason.startswith("cannot validate")


def test_deep_and_cyclic_values_are_not_judged() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert verdict({"items": {"$ref": "#"}}, deep) is None
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    assert verdict(True, cyclic) is None


@pytest.mark.parametrize("pattern", ["(", r"\Z", "a**"])
def test_a_pattern_that_nobody_compiles_is_said(pattern: str) -> None:
    judgement = judge(Resource({"pattern": pattern}).schema(), "a")
    assert judgement.valid is None
    assert "cannot validate" in judgement.reason


def test_a_schema_that_refers_to_itself_in_place_ends() -> None:
    schema = {"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}, {"type": "string"}]}}}
    assert verdict(schema, 1) in (None, False)


def test_formats_are_annotations_unless_asserted() -> None:
    assert verdict({"format": "uuid"}, "x") is True
    assert verdict({"format": "uuid"}, "x", format_assertion=True) is False
    assert verdict({"format": "date"}, "2024-02-30", format_assertion=True) is False
    for name, good, bad in (
        ("date-time", "2024-02-29T12:00:00Z", "2024-02-30T12:00:00Z"),
        ("date-time", "2024-02-29T12:00:00.5+01:00", "2024-02-29 12:00"),
        ("time", "12:00:00Z", "25:00:00Z"),
        ("duration", "P1DT2H", "P"),
        ("hostname", "a.bc", "-a"),
        ("uri", "https://a.bc/x", "x y"),
        ("json-pointer", "/a", "a"),
    ):
        assert verdict({"format": name}, good, format_assertion=True) is True, name
        assert verdict({"format": name}, bad, format_assertion=True) is False, name


def test_a_witness_is_confirmed_by_both() -> None:
    sub, sup = Resource({"type": "integer"}).schema(), Resource({"minimum": 0}).schema()
    assert confirm(sub, sup, -1) == ""
    assert "second" in confirm(sub, sup, 1)
    assert "first" in confirm(sub, sup, "a")
    assert "cannot validate" in confirm(Resource({"$ref": "#/no"}).schema(), sup, 1)


def test_neither_validator_is_loaded_before_the_first_question() -> None:
    code = (
        "import sys, zeues_contracts.schema.validators\n"
        "assert not {'jsonschema', 'jsonschema_rs'} & set(sys.modules), 'loaded'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
