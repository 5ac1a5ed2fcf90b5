"""Writing contracts: what is written reads back as what it was; the same contract gives the same text."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.consumers.documents import contract
from zeues_contracts.consumers import merge_contracts, parse_contract, read_contract, write_contract
from zeues_contracts.consumers.forms.words import union
from zeues_contracts.consumers.merging import join
from zeues_contracts.consumers.yaml_writing import entry
from zeues_contracts.openapi.yaml_reading import YamlBounds, read_yaml

ROOT = Path(__file__).parents[3]
FILES = [*(ROOT / "contracts").glob("*.yaml"), *(ROOT / "zeues_contracts/standin/data").glob("*/contracts/*.yaml")]


def bare(found):
    """A contract without places, and without the forms in which a file had it."""

    def plain(payload):
        return payload and replace(payload, written=None, pointer="")

    def each(payloads):
        return {name: plain(one) for name, one in payloads.items()}

    return replace(
        found,
        source="",
        interactions=tuple(
            replace(
                one,
                place=None,
                lines={},
                request=replace(
                    one.request,
                    path=each(one.request.path),
                    query=each(one.request.query),
                    headers=each(one.request.headers),
                    cookies=each(one.request.cookies),
                    body=plain(one.request.body),
                ),
                expect=replace(one.expect, headers=each(one.expect.headers), body=plain(one.expect.body)),
            )
            for one in found.interactions
        ),
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_what_is_written_reads_back(file):
    found = read_contract(file)
    assert bare(parse_contract(write_contract(found))) == bare(found)
    # Without the forms of the file the meaning is the same, though dates are those of today.
    again = bare(parse_contract(write_contract(bare(found))))
    assert again == bare(found)


def test_names_and_what_is_optional_read_back():
    found = contract(
        "{operation: GET /a, request: {query: {$select: a, 'q?': b, 'x??': c, $$$y: d, o: {$opt: e}}, "
        "headers: {h?: f}, body: {a?: 1, b: 2, 'c??': 3, $$d: 4}}, expect: {headers: {i?: int}, body: {e?: str}}}"
    )
    one = found.interactions[0]
    assert list(one.request.query) == ["$select", "q", "x?", "$$y", "o"]
    assert [payload.optional for payload in one.request.query.values()] == [False, True, False, False, True]
    for contract_ in (found, bare(found)):
        again = bare(parse_contract(write_contract(contract_)))
        assert again == bare(found)


def test_what_is_written_looks_like_what_people_write():
    text = write_contract(
        bare(
            contract(
                "{id: a, operation: 'POST /a/{id}', test: test_1, request: {path: {id: 1}, body: {b: x, 'on': 'yes', "
                "n: '1', v: 4XX}}, expect: {status: [200, 4XX], body: [{id: int, note: opt str, s: {$const: ok}}]}}"
            )
        )
    )
    assert text.splitlines()[3:] == [
        "interactions:",
        "  - id: a",
        "    test: test_1",
        "    operation: POST /a/{id}",
        "    request:",
        "      path: {id: 1}",
        '      body: {b: x, "on": "yes", "n": "1", v: 4XX}',
        "    expect:",
        "      status: [200, 4XX]",
        "      body: [{id: int, note: opt str, s: {$const: ok}}]",
    ]


keys = st.text(min_size=1, max_size=8) | st.sampled_from(
    ["on", "no", "~", "a: b", "- a", "x #y", "é", "0x1", "=", "<<"]
)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(keys, values, min_size=1, max_size=3), st.sampled_from([20, 60, 110]))
def test_any_value_reads_back(value, width):
    lines = [line for key, one in value.items() for line in entry(key, one, 0, width)]
    back = read_yaml("\n".join(lines).encode(), "x", YamlBounds(), lambda *_: None)[0]
    assert back == value


def test_merging_keeps_what_a_person_wrote_and_tells_what_changed():
    old = contract(
        "{id: a, description: mine, operation: GET /a, expect: {status: 200, body: {x: int}}}",
        "{id: b, operation: POST /b, request: {body: {when: $today, n: 1}}, expect: {status: 201}}",
        "{id: c, operation: GET /c}",
    )
    new = contract(
        "{id: a, operation: GET /a, request: {query: {q: 1}}, expect: {status: 404, body: {y: str}}}",
        "{id: b, operation: POST /b, request: {body: {when: $today, n: 2, m: 3}}, expect: {status: 201}}",
        "{id: d, operation: GET /d}",
    )
    merged = merge_contracts(old, new)
    assert [one.id for one in merged.contract.interactions] == ["a", "b", "c", "d"]
    assert merged.contract.interactions[0].description == "mine"
    assert merged.contract.interactions[0].expect.statuses == ("200", "404")
    assert merged.contract.interactions[0].expect.body.schema["required"] == ["x", "y"]
    assert merged.changes == (
        "a: the query parameter q is sent now",
        "a: status 404 came too",
        "a: the answer's `y` is relied on now",
        "b: the body has `m` now",
        "d: new: GET /d",
    )
    assert merged.unseen == ("c",)
    assert [one.id for one in merge_contracts(old, new, prune=True).contract.interactions] == ["a", "b", "d"]


def test_merging_the_same_changes_nothing():
    for file in FILES:
        found = read_contract(file)
        merged = merge_contracts(found, found)
        assert merged.contract == found
        assert merged.changes == ()


STR, INT = {"type": "string"}, {"type": "integer"}


def thing(required=(), **properties):
    schema = {"type": "object", "properties": properties}
    return {**schema, "required": list(required)} if required else schema


@pytest.mark.parametrize(
    ("old", "new", "both"),
    [
        ({}, STR, STR),
        (STR, {}, STR),
        (STR, INT, {"type": ["string", "integer"]}),
        (thing(["a"], a=STR), thing(["b"], b=INT), thing(["a", "b"], a=STR, b=INT)),
        (thing(["a"], a=STR), thing(a=STR), thing(a=STR)),
        (thing(["a"], a=thing(["x"], x=INT)), thing(["a"], a=thing(["y"], y=INT)),
         thing(["a"], a=thing(["x", "y"], x=INT, y=INT))),
        ({"type": "array", "items": STR}, {"type": "array"}, {"type": "array", "items": STR}),
        ({"const": 1}, {"const": 2}, {"enum": [1, 2]}),
        (thing(["a"], a=STR), {"type": "array"}, {"anyOf": [thing(["a"], a=STR), {"type": "array"}]}),
    ],
)  # fmt: skip
def test_what_two_recordings_rely_on(old, new, both):
    assert join(old, new) == both
    assert join(both, new) == both


def test_a_union_is_spelled_plainly():
    assert union([STR, {"type": "null"}]) == {"type": ["string", "null"]}
    assert union([STR, {}]) == {}
    assert union([{"anyOf": [STR, {"const": 1}]}, {"const": 1}]) == {"anyOf": [{"const": 1}, STR]}
