"""Tracked values are what they stand for."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import orjson
import pytest
import yaml

from zeues_contracts.consumers.recording.hook.reads import Reads
from zeues_contracts.consumers.recording.hook.tracking import Status, plain, wrap

VALUE = {"a": [1, {"b": "x"}, [2]], "c": {"d": None}, "e": 1.5}


@pytest.fixture
def tracked():
    return wrap(json.loads(json.dumps(VALUE)), Reads())


def test_equality_and_order(tracked):
    assert tracked == VALUE
    assert VALUE == tracked  # noqa: SIM300 - from either side
    assert not tracked != VALUE  # noqa: SIM202 - each sign is asked
    assert tracked["a"] == VALUE["a"]
    assert tracked["a"] != [1]
    assert sorted(tracked) == ["a", "c", "e"]
    assert tracked["a"][1:] == VALUE["a"][1:]
    assert list(reversed(tracked["a"])) == VALUE["a"][::-1]


def test_types(tracked):
    assert isinstance(tracked, dict)
    assert isinstance(tracked, Mapping)
    assert isinstance(tracked["a"], list)
    assert isinstance(tracked["a"], Sequence)
    assert not isinstance(tracked, list)
    assert tracked.__class__ is dict
    assert type(tracked) == dict  # noqa: E721 - what consumers write
    assert {dict: "object", list: "array"}[type(tracked["a"])] == "array"
    assert type(tracked) != list  # noqa: E721


def test_encoding(tracked):
    assert json.dumps(tracked) == json.dumps(VALUE)
    assert json.dumps(tracked, indent=1, sort_keys=True) == json.dumps(VALUE, indent=1, sort_keys=True)
    assert orjson.dumps(tracked) == orjson.dumps(VALUE)
    assert yaml.safe_load(yaml.dump(plain(tracked))) == VALUE
    assert repr(tracked) == repr(VALUE)
    assert f"{tracked['a']}" == str(VALUE["a"])


@pytest.mark.parametrize(
    "twin", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one)), lambda one: {**one}, dict, plain]
)
def test_copies_and_pickles_are_plain(tracked, twin):
    made = twin(tracked)
    assert made == VALUE
    assert type(made) is dict
    assert type(copy.deepcopy(tracked)["a"][1]) is dict


def test_changes_stay(tracked):
    tracked["c"]["new"] = 1
    inner = tracked["a"][1]
    inner["b"] = "y"
    assert tracked["a"][1] is inner
    assert plain(tracked) == {"a": [1, {"b": "y"}, [2]], "c": {"d": None, "new": 1}, "e": 1.5}
    tracked["a"].append(3)
    tracked.update(f=2)
    assert (tracked["a"][-1], tracked["f"], tracked.pop("f"), tracked.get("f")) == (3, 2, 2, None)


def test_errors_are_those_of_dict_and_list(tracked):
    with pytest.raises(KeyError, match="'zz'"):
        tracked["zz"]
    with pytest.raises(IndexError):
        tracked["a"][9]
    with pytest.raises(TypeError):
        hash(tracked)
    with pytest.raises(KeyError):
        tracked.pop("zz")


def test_a_status_is_a_number():
    status = Status.of(404, Reads())
    assert status == 404
    assert status == HTTPStatus.NOT_FOUND
    assert status in {404}  # noqa: FURB171 - by its hash
    assert {404: "x"}[status] == "x"
    assert HTTPStatus(status) is HTTPStatus.NOT_FOUND
    assert f"{status} {status:d} {status!r}" == "404 404 404"
    assert json.dumps({"s": status}) == '{"s": 404}'
    assert type(pickle.loads(pickle.dumps(status))) is int
    assert status // 100 == 4
    assert status + 1 == 405
    assert not status < 400


def test_reading_never_ends_in_an_error_of_ours(monkeypatch):
    from zeues_contracts.consumers.recording.hook import reads

    def broken(depth):
        raise RuntimeError("of ours")

    monkeypatch.setattr(reads, "consumer_site", broken)
    value = wrap({"a": [1]}, Reads())
    assert value["a"][0] == 1
    assert "b" not in value
    assert Status.of(200, Reads()) == 200


def test_large_bodies_are_wrapped_as_they_are_read():
    reads = Reads()
    value = wrap([{"n": number, "inner": {"x": number}} for number in range(50_000)], reads)
    assert sum(one["inner"]["x"] for one in value) == sum(range(50_000))
    assert len(reads.body) < 10
