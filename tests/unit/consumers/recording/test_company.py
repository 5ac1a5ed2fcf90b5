"""Tracked values in the hands of other libraries and of the language itself."""
# ruff: noqa: PT009, UP031 - each way is one that consumers go

from __future__ import annotations

import collections
import functools
import json
import pprint
import unittest
from typing import Any

import deepdiff
import jsonschema
import jsonschema_rs
import msgspec
import orjson
import pytest
import yaml

from zeues_contracts.consumers.recording.hook.reads import Reads
from zeues_contracts.consumers.recording.hook.tracking import wrap

VALUE: dict[str, Any] = {"a": [1, {"b": "x"}, [2]], "c": {"d": None}, "e": 1.5}
SCHEMA = {"type": "object", "properties": {"a": {"type": "array"}, "c": {"type": "object"}}}
CASE = unittest.TestCase()


@functools.singledispatch
def kind(value):
    return "other"


@kind.register
def _(value: dict):
    return "dict"


def matched(value):
    match value:
        case {"a": [1, {"b": b}, [*_]], **rest}:
            return b == "x" and rest == {"c": {"d": None}, "e": 1.5}
    return False


def without_a(value):
    del value["a"]
    return value == {"c": {"d": None}, "e": 1.5}


USES = {
    "orjson": lambda one: orjson.dumps(one) == orjson.dumps(VALUE),
    "msgspec": lambda one: msgspec.json.encode(one) == msgspec.json.encode(VALUE),
    "msgspec.convert": lambda one: msgspec.convert(one, dict[str, Any]) == VALUE,
    "yaml": lambda one: yaml.safe_load(yaml.safe_dump(one)) == VALUE,
    "jsonschema": lambda one: jsonschema.validate(one, SCHEMA) is None,
    "jsonschema_rs": lambda one: jsonschema_rs.is_valid(SCHEMA, one),
    "deepdiff": lambda one: deepdiff.DeepDiff(one, VALUE) == {},
    "pprint": lambda one: pprint.pformat(one) == pprint.pformat(VALUE),
    "ChainMap": lambda one: dict(collections.ChainMap(one)) == VALUE,
    "|": lambda one: (one | {"z": 1}) == {**VALUE, "z": 1} == ({"z": 1} | one),
    "format": lambda one: "{a}".format(**one) == str(VALUE["a"]) and "{e}".format_map(one) == "1.5",
    "%": lambda one: "%(e)s" % one == "1.5",
    "+": lambda one: one["a"] + [1] == VALUE["a"] + [1] and [1] + one["a"] == [1] + VALUE["a"],
    "*": lambda one: one["a"] * 2 == VALUE["a"] * 2,
    "unpacking": lambda one: (lambda *parts: list(parts))(*one["a"]) == VALUE["a"],
    "match": matched,
    "keys": lambda one: set(one) == {"a", "c", "e"} and one.keys() - {"a"} == {"c", "e"},
    "index": lambda one: one["a"].index([2]) == 2 and one["a"].count(1) == 1,
    "del": without_a,
    "order": lambda one: one["a"][2] < [3],
    "dispatch": lambda one: kind(one) == "dict",
    "abstract": lambda one: (
        isinstance(one, collections.abc.MutableMapping) and not isinstance(one, collections.abc.Sequence)
    ),
    "name": lambda one: type(one).__name__ == "dict" and repr(type(one["a"])) == "<class 'list'>",
    "unittest": lambda one: CASE.assertEqual(one, VALUE) is None and CASE.assertDictEqual(one, VALUE) is None,
    "unittest.list": lambda one: CASE.assertListEqual(one["a"], VALUE["a"]) is None,
}


@pytest.mark.parametrize("touched", [False, True], ids=["fresh", "read before"])
@pytest.mark.parametrize("use", USES)
def test_a_tracked_value_goes_where_a_plain_one_does(use, touched):
    value = wrap(json.loads(json.dumps(VALUE)), Reads())
    if touched:
        list(value["a"])
        value["c"].get("d")
        list(value.items())
    assert USES[use](value)


def test_pydantic_takes_it_strictly():
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Model", a=(list, ...), c=(dict, ...), e=(float, ...))
    value = wrap(json.loads(json.dumps(VALUE)), Reads())
    assert model.model_validate(value, strict=True).model_dump() == VALUE
    assert model(**value).model_dump() == VALUE
