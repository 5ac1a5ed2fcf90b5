"""What the code needs a body to be is expected, whatever came; and of which items it is expected."""

from __future__ import annotations

import pytest

from tests.unit.consumers.recording.reading_code import expected_of, recorded_of
from tests.unit.consumers.recording.test_bodies import ARRAY, NUMBER, OBJECT, STRING, first, need
from zeues_contracts.consumers.forms import short_expectation
from zeues_contracts.consumers.recording.building import interaction_of
from zeues_contracts.consumers.recording.conditions import canonical

DAY = {"tag_spool": "T", "sessions": [{"worker_id": 93, "end": None}], "total": 2, "none": None}
ROWS = [{"id": 1, "kind": "a", "name": "x"}, {"id": 2, "kind": "b", "name": "y"}]
IDS = {"type": "array", "items": need(id={})}

A_DICT_CAME = [
    ("for one in r.json():\n    print(one['id'])", IDS),
    ("data = r.json()\nfor one in data:\n    print(one['id'])", IDS),
    ("ids = [one['id'] for one in r.json()]", IDS),
    ("ids = {one['id'] for one in r.json() if one['id'] > 1}", IDS),
    ("for i, one in enumerate(r.json()):\n    one['id']", IDS),
    ("rows = sorted(r.json(), key=lambda one: one['id'])", IDS),
    ("assert any(one['id'] == 93 for one in r.json())", IDS),
    ("for one in r.json():\n    row = one\n    row['id']", IDS),
    ("for one in r.json():\n    one.get('id')", {"type": "array", "items": OBJECT}),
    ("one = next(iter(r.json()))\none['id']",
     {"type": "array", "anyOf": [{"maxItems": 0}, {"contains": need(id={})}]}),
    ("data = r.json()\nprint(data[0])", ARRAY),
    ("data = r.json()\nprint(data[:3])", ARRAY),
    ("data = r.json()\nassert data[0]['id'] == 1", first(need(id=NUMBER))),
    ("data = r.json()\nassert len(data) > 0\nassert data[0]['id'] == 1", first(need(id=NUMBER))),
    ("assert r.json()[0].get('id') == 5", first(need(id=NUMBER))),
    ("rows = list(r.json())\nrows[0]['id']", first(need(id={}))),
    ("rows = r.json()\nrows.append(1)", ARRAY),
    ("rows = r.json()\nrows.sort()", ARRAY),
    ("try:\n    rows = r.json()\n    rows[0]['id']\nexcept Exception as error:\n    print(error)", first(need(id={}))),
    ("for one in r.json()['tag_spool']:\n    one['id']", need(tag_spool=IDS)),
    ("for one in r.json()['none']:\n    one['id']", need(none=IDS)),
    ("for one in r.json()['missing']:\n    one['id']", need(missing=IDS)),
    ("rows = r.json()\none = rows[0] if rows else None", {"type": ["array", "null"]}),
]  # fmt: skip

KEYS_ARE_MEANT = [
    "for key in r.json():\n    print(key)",
    "data = r.json()\nfor key in data:\n    print(data[key])",
    "for key in r.json():\n    print(key.upper(), key[0], key[:3])",
    "names = sorted(r.json())\nassert names[0] == 'none'",
    "print(len(r.json()), list(r.json()), next(iter(r.json())))",
    "for one in r.json():\n    if isinstance(one, dict):\n        print(one['id'])",
    "for one in r.json():\n    if not isinstance(one, dict):\n        continue\n    print(one['id'])",
    "ids = [one['id'] for one in r.json() if not isinstance(one, str)]",
    "data = r.json()\ntry:\n    one = data[0]\nexcept (KeyError, TypeError):\n    one = data",
    "data = r.json()\nwith contextlib.suppress(KeyError):\n    data[0]",
    "data = r.json()\nwith pytest.raises(KeyError):\n    data[0]",
    "data = r.json()\nif hasattr(data, 'append'):\n    print(1)",
    "data = r.json()\none = data[0] if isinstance(data, list) else data",
]

A_LIST_CAME = [
    ("r.json()['total']", need(total={})),
    ("data = r.json()\nassert data.get('status') == 'ok'", need(status=STRING)),
    ("for one in r.json()['items']:\n    one['id']", need(items=IDS)),
    ("for key, value in r.json().items():\n    print(key)", OBJECT),
]


@pytest.mark.parametrize(("code", "expected"), A_DICT_CAME, ids=lambda value: str(value)[:70])
def test_a_list_is_expected_where_the_code_needs_one_and_an_object_came(code, expected, tmp_path):
    assert expected_of(tmp_path, code, DAY) == expected


@pytest.mark.parametrize("code", KEYS_ARE_MEANT, ids=lambda value: value[:70])
def test_an_object_is_expected_where_the_code_can_do_with_one(code, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.unit.consumers.recording.reading_code.PRELUDE", "import contextlib, pytest\n")
    assert expected_of(tmp_path, code, DAY)["type"] == "object"


@pytest.mark.parametrize(("code", "expected"), A_LIST_CAME, ids=lambda value: str(value)[:70])
def test_an_object_is_expected_where_the_code_needs_one_and_a_list_came(code, expected, tmp_path):
    assert expected_of(tmp_path, code, ROWS) == expected


def test_nobody_needs_what_a_test_that_passed_did_without(tmp_path):
    one = recorded_of(tmp_path, "data = r.json()\ndata[0]['id']", DAY)
    assert interaction_of(one).expect.body.schema == canonical(first(need(id={})))
    assert interaction_of(one, passed=True).expect.body is None


PICKED = [
    ("assert r.json()[0]['name'] == 'x'", {"$first": [{"name": "str"}]}),
    ("assert r.json()[1]['name'] == 'y'", {"$first": ["any", {"name": "str"}]}),
    ("index = 0\nassert r.json()[index]['name'] == 'x'", {"$first": [{"name": "str"}]}),
    ("assert r.json()[-1]['name'] == 'y'", {"$some": {"name": "str"}}),
    ("rows = r.json()\nrows.sort(key=lambda one: one['id'])\nassert rows[0]['name'] == 'x'",
     {"$all-of": [[{"id": "num"}], {"$some": {"name": "str"}}]}),
    ("one = next(one for one in r.json() if one['id'] == 2)\nassert one['name'] == 'y'",
     {"$all-of": [[{"id": "num"}], {"$some": {"name": "str"}}]}),
    ("one = [one for one in r.json() if one['id'] == 1][0]\nassert one['name'] == 'x'",
     {"$all-of": [[{"id": "num"}], {"$some": {"name": "str"}}]}),
    ("for one in r.json():\n    if one['kind'] == 'a':\n        assert one['name'] == 'x'",
     {"$all-of": [[{"kind": "str"}], {"$some": {"name": "str"}}]}),
    ("last = None\nfor one in r.json():\n    if one['id'] == 2:\n        last = one\nassert last['name']",
     {"$all-of": [[{"id": "num"}], {"$some": {"name": "str"}}]}),
    ("one, two = r.json()\none['id']", {"$some": {"id": "num"}}),
    ("for one in r.json()[1:]:\n    one['name']", {"$some": {"name": "str"}}),
    ("one = r.json().pop()\none['id']", {"$some": {"id": "num"}}),
    ("for one in r.json():\n    if 'name' in one:\n        print(one['name'])", [{"name?": "str"}]),
    ("for one in r.json():\n    assert one['name']", [{"name": "str"}]),
    ("rows = r.json()\nfor index in range(len(rows)):\n    rows[index]['name']", [{"name": "str"}]),
    ("rows = r.json()\nassert rows[0]['id'] == 1\nfor one in rows:\n    one['name']",
     {"$all-of": [[{"name": "str"}], {"$first": [{"id": "num"}]}]}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), PICKED, ids=lambda value: str(value)[:70])
def test_what_is_read_of_one_item_is_not_expected_of_every_item(code, expected, tmp_path):
    assert short_expectation(canonical(expected_of(tmp_path, code, ROWS))) == expected


def test_values_of_single_items_are_those_of_single_items(tmp_path):
    def fits(code):
        import jsonschema

        schema = expected_of(tmp_path, code, ROWS, strict=True)
        assert "const" in str(schema)
        return jsonschema.Draft202012Validator(schema).is_valid(ROWS)

    assert fits("assert r.json()[0]['name'] == 'x'")
    assert not fits("assert r.json()[0]['name'] == 'y'")
    assert fits("rows = r.json()\nassert rows[-1]['id'] == 2\nassert rows[-2]['id'] == 1")
    assert not fits("assert r.json()[-1]['id'] == 3")
    assert fits("assert r.json()[0]['name'] == 'x'\nassert r.json()[1]['name'] == 'y'")
