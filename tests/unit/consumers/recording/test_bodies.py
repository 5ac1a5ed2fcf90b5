"""What is expected of a body: what the code reads and demands, whatever came."""

from __future__ import annotations

import pytest

from tests.unit.consumers.recording.reading_code import expected_of

DAY = {"tag_spool": "T", "sessions": [{"worker_id": 93, "end": None}, {"worker_id": 94, "end": "x"}], "total": 2}
OBJECT = {"type": "object"}
HISTORY = {"type": "object", "required": ["history"]}
TEST_5 = """
if r.status_code != 200:
    return failed()
data = r.json()
if isinstance(data, list):
    return passed(f"{len(data)} events")
if isinstance(data, dict) and "history" in data:
    return passed(f"{len(data['history'])} events")
return failed()
"""


def need(**properties):
    inner = {name: one for name, one in properties.items() if one}
    schema = {"type": "object", "required": list(properties)}
    return {**schema, "properties": inner} if inner else schema


def first(*schemas):
    return {"type": "array", "prefixItems": list(schemas)}


STRING, NUMBER, BOOL, ARRAY = ({"type": kind} for kind in ("string", "number", "boolean", "array"))

READS = [
    ("print(r.json()['tag_spool'])", need(tag_spool=STRING)),
    ("data = r.json()\nassert data['total'] == 2", need(total=NUMBER)),
    ("for s in r.json()['sessions']:\n    print(s['worker_id'])",
     need(sessions={"type": "array", "items": need(worker_id=NUMBER)})),
    ("[s['end'] for s in r.json()['sessions']]", need(sessions={"type": "array", "items": need(end={})})),
    ("assert r.json()['sessions'][0]['worker_id'] > 1", need(sessions=first(need(worker_id=NUMBER)))),
    ("assert len(r.json()['sessions']) == 2", need(sessions=ARRAY)),
    ("assert 'tag_spool' in r.json()", need(tag_spool={})),
    ("assert 'history' in r.json()", need(history={})),
    ("if 'history' not in r.json():\n    return failed()", need(history={})),
    ("r.json()['history']", need(history={})),
    ("assert isinstance(r.json(), list)", ARRAY),
    ("data = r.json()\nassert isinstance(data['sessions'], dict)", need(sessions=OBJECT)),
    ("data = r.json()\nif not isinstance(data, dict) or not isinstance(data.get('rows'), list):\n    return failed()",
     need(rows=ARRAY)),
    ("assert r.json().get('history') is not None", need(history={})),
    ("h = r.json().get('history')\nprint(len(h))", need(history={})),
    ("print(r.json().get('tag_spool'))", {"type": "object", "properties": {"tag_spool": STRING}}),
    ("print(r.json().get('nothing', 5))", OBJECT),
    ("rows = r.json().get('rows') or r.json().get('sessions') or []",
     {"type": "object", "properties": {"sessions": ARRAY}}),
    ("if r.json().get('state') != 'ready':\n    return failed()\nreturn passed()", need(state=STRING)),
    ("assert r.json()['state'] in ('a', 'b')", need(state=STRING)),
    ("assert r.json() == {'a': 1, 'b': [{'c': 'x'}]}", need(a=NUMBER, b={"type": "array", "items": need(c=STRING)})),
    ("assert 'x' in r.json()['tag_spool'] or True\nassert 'T' in r.json()['tag_spool']", need(tag_spool=STRING)),
    ("assert {'tag_spool', 'rows'} <= r.json().keys()", need(tag_spool={}, rows={})),
    ("assert set(r.json()) >= {'tag_spool', 'rows'}", need(tag_spool={}, rows={})),
    ("assert {'rows'}.issubset(r.json())", need(rows={})),
    ("assert all(key in r.json() for key in ('rows', 'more'))", need(rows={}, more={})),
    ("for key in ('rows', 'total'):\n    assert key in r.json()", need(rows={})),
    ("for key in ('total', 'rows'):\n    assert key in r.json()", need(total={}, rows={})),
    ("state = r.json().get('state')\nassert state == 'ready'", need(state=STRING)),
    ("h = r.json().get('history')\nif h is None:\n    return failed()", need(history={})),
    ("h = r.json().get('history')\nif not h:\n    raise Failed", need(history={})),
    ("h = r.json().get('sessions')\nassert isinstance(h, list) and len(h) > 0", need(sessions=ARRAY)),
    ("h = r.json()['sessions']\nassert isinstance(h, dict)", need(sessions=OBJECT)),
    ("h = r.json().get('maybe')\nif h:\n    print(h)", OBJECT),
    ("if (h := r.json().get('rows')) is None:\n    return failed()", need(rows={})),
    ("if 'debug' in r.json():\n    print('x')", OBJECT),
    (TEST_5, {"anyOf": [ARRAY, HISTORY]}),
    ("try:\n    v = r.json()['missing']\nexcept KeyError:\n    v = r.json()['total']", need(total=NUMBER)),
    ("try:\n    v = r.json()['total']\nexcept Exception as error:\n    said = str(error)", need(total=NUMBER)),
    ("data = r.json()\nif 'total' in data:\n    assert data['total'] == 2",
     {"type": "object", "properties": {"total": NUMBER}}),
    ("assert dict(r.json())['tag_spool'] == 'T'", OBJECT),
    ("data = {**r.json()}\nassert data['tag_spool'] == 'T'", OBJECT),
    ("(lambda **more: more)(**r.json())", OBJECT),
    ("from operator import itemgetter\nassert sorted(r.json()['sessions'], key=itemgetter('worker_id'))",
     need(sessions={"type": "array", "items": need(worker_id=NUMBER)})),
    ("print(r.text)", None),
    ("json.dumps(r.json())", None),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), READS, ids=lambda value: str(value)[:70])
def test_a_body_is_expected_as_it_is_read(code, expected, tmp_path):
    told = expected_of(tmp_path, code, DAY)
    if told is not None and "anyOf" in told:
        assert sorted(told["anyOf"], key=str) == sorted(expected["anyOf"], key=str)
    else:
        assert told == expected


@pytest.mark.parametrize("body", [DAY, [], [{"x": 1}], {"history": [1]}, {"history": "odd"}], ids=str)
def test_a_test_that_takes_one_of_two_is_recorded_so_whatever_came(body, tmp_path):
    told = expected_of(tmp_path, TEST_5, body)
    assert sorted(told["anyOf"], key=str) == [ARRAY, HISTORY]


def test_objects_that_are_walked_have_no_names_of_their_own(tmp_path):
    body = {"by_id": {"7": {"n": 1}, "8": {"n": 2}}}
    each = {"type": "object", "additionalProperties": need(n=NUMBER)}
    assert expected_of(tmp_path, "for k, v in r.json()['by_id'].items():\n    v['n']", body) == need(by_id=each)
    assert expected_of(tmp_path, "for v in r.json()['by_id'].values():\n    v['n']", body) == need(by_id=each)
    walked = expected_of(tmp_path, "d = r.json()['by_id']\nfor k in d:\n    d[k]", body)
    assert walked["properties"]["by_id"].get("required") is None


def test_values_count_in_the_run_and_types_in_the_contract(tmp_path):
    code = "if r.json().get('status') != 'healthy':\n    return failed()\nreturn passed()"
    strict = expected_of(tmp_path, code, {"status": "sick"}, strict=True)
    assert strict["properties"]["status"] == {"const": "healthy"}
    assert expected_of(tmp_path, code, {"status": "sick"}) == need(status=STRING)


def test_values_are_followed_through_names(tmp_path):
    code = "state = r.json()['status']\nif state != 'healthy':\n    return failed()\nreturn passed()"
    assert expected_of(tmp_path, code, {"status": "sick"}, strict=True)["properties"] == {
        "status": {"const": "healthy"}
    }
    code = "n = r.json()['n']\nassert n == 3\nn = 5\nassert n == 5"
    assert expected_of(tmp_path, code, {"n": 3}, strict=True)["properties"] == {"n": {"const": 3}}


def test_secrets_that_a_test_compares_with_are_not_kept(tmp_path):
    code = "data = r.json()\nassert data['token'] == 'PLANTED-1'"
    for body in ({"token": "***"}, {"token": "x"}):
        assert expected_of(tmp_path, code, body, strict=True) == need(token=STRING)
    value = "assert r.json()['value'] == 'PLANTED-2'"
    assert expected_of(tmp_path, value, {"value": "Bearer ***"}, strict=True) == need(value=STRING)
    assert expected_of(tmp_path, code, {}, strict=True)["properties"]["token"] == STRING
    code = "assert [one['value'] == 'PLANTED' for one in r.json()]\nassert r.json()[0]['value'] == 'PLANTED-3'"
    assert "PLANTED" not in str(expected_of(tmp_path, code, [{"value": "***"}], strict=True))


def test_what_is_read_to_be_shown_is_not_relied_on(tmp_path):
    from tests.unit.consumers.recording.reading_code import recorded_of
    from zeues_contracts.consumers.recording.building import interaction_of

    code = "if r.status_code != 200:\n    print(r.json()['detail'])\n    return failed()\nreturn passed()"
    expect = interaction_of(recorded_of(tmp_path, code, {"detail": "no"}, 500)).expect
    assert (expect.statuses, expect.body) == (("200",), None)
