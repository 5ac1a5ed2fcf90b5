"""Which interactions a change of the document breaks, and which it does not although they use the same operation."""

import pytest

from tests.unit.consumers.documents import contract, document
from zeues_contracts.consumers.impact import with_hits
from zeues_contracts.drift import drift
from zeues_contracts.findings import Level

T = "{type: object, properties: {a: {type: string}, b: {type: integer}, c: {type: string}}, required: [a, b]}"
N = "{type: object, properties: {k: {enum: [one, two]}, n: {type: integer}}, required: [k]}"
TEXT = f"""\
openapi: 3.1.0
info: {{title: T, version: "1"}}
paths:
  /x/{{id}}:
    parameters: [{{name: id, in: path, required: true, schema: {{type: integer}}}}]
    get:
      responses:
        "200":
          description: X
          content: {{application/json: {{schema: {{$ref: "#/components/schemas/T"}}}}}}
  /x:
    post:
      requestBody: {{required: true, content: {{application/json: {{schema: {{$ref: "#/components/schemas/N"}}}}}}}}
      responses: {{"201": {{description: X}}, "409": {{description: Taken}}}}
components:
  schemas:
    T: {T}
    N: {N}
"""


def api():
    return document(TEXT)


CONTRACT = contract(
    "{id: reads-a, operation: 'GET /x/{id}', request: {path: {id: 1}}, expect: {status: 200, body: {a: str}}}",
    "{id: reads-b, operation: 'GET /x/{id}', request: {path: {id: 999}}, expect: {status: 200, body: {b: int}}}",
    "{id: reads-c, operation: 'GET /x/{id}', request: {path: {id: 1}}, expect: {status: 200, body: {c?: str}}}",
    "{id: sends-one, operation: POST /x, request: {body: {k: one}}, expect: {status: 201}}",
    "{id: sends-two, operation: POST /x, request: {body: {k: two, n: 5}}, expect: {status: 409}}",
)


def changed(old, new):
    """A document with one piece of its text replaced."""
    assert TEXT.count(old) == 1
    return document(TEXT.replace(old, new))


CASES = [
    ("a property is removed", T, T.replace("a: {type: string}, ", "").replace("[a, b]", "[b]"), ["reads-a"]),
    ("a property becomes optional", T, T.replace("[a, b]", "[a]"), ["reads-b"]),
    ("a type changes", T, T.replace("b: {type: integer}", "b: {type: string}"), ["reads-b"]),
    ("may be null now", T, T.replace("a: {type: string}", "a: {type: [string, 'null']}"), ["reads-a"]),
    ("an optional one changes", T, T.replace("c: {type: string}", "c: {type: integer}"), ["reads-c"]),
    ("a bound that nobody reads by", T, T.replace("a: {type: string}", "a: {type: string, maxLength: 9}"), []),
    ("a value is lost", N, N.replace("[one, two]", "[one]"), ["sends-two"]),
    ("a bound is added", N, N.replace("n: {type: integer}", "n: {type: integer, maximum: 4}"), ["sends-two"]),
    ("a bound that all keep", N, N.replace("n: {type: integer}", "n: {type: integer, maximum: 9}"), []),
    ("a property becomes required", N, N.replace("[k]", "[k, n]"), ["sends-one"]),
    ("a property is removed from the body", N, N.replace(", n: {type: integer}", ""), ["sends-two"]),
    ("the body is closed", N, N[:-1] + ", additionalProperties: false}", []),
    ("a parameter's bound", "schema: {type: integer}}]", "schema: {type: integer, maximum: 9}}]", ["reads-b"]),
    ("a status goes", ', "409": {description: Taken}', "", ["sends-two"]),
    ("the success goes", '"201": {description: X}, ', "", ["sends-one"]),
    ("an operation goes", "  /x:\n    post:", "  /y:\n    post:", ["sends-one", "sends-two"]),
    (
        "a parameter is added",
        "      requestBody:",
        "      parameters: [{name: q, in: query, required: true, schema: {type: string}}]\n      requestBody:",
        ["sends-one", "sends-two"],
    ),
    (
        "credentials are required",
        "    post:\n",
        "    post:\n      security: [{key: []}]\n",
        ["sends-one", "sends-two"],
    ),
]


@pytest.mark.parametrize(("old", "new", "hit"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_change_hits_those_that_it_breaks(old, new, hit):
    before, after = api(), changed(old, new)
    if "security" in new:
        text = after.text.decode() + "  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}\n"
        after = document(text)
    found = with_hits(drift(before, after).findings, [CONTRACT], before, after)
    assert found
    assert sorted({one.interaction for finding in found for one in finding.hits}) == hit


def test_of_two_changes_each_hits_its_own():
    before = api()
    after = changed(
        T,
        T.replace("b: {type: integer}", "b: {type: string}")
        .replace("a: {type: string}, ", "")
        .replace("[a, b]", "[b]"),
    )
    found = with_hits(drift(before, after).findings, [CONTRACT], before, after)
    hits = {finding.subject: [one.interaction for one in finding.hits] for finding in found if finding.hits}
    assert hits == {"schema T: a": ["reads-a"], "schema T: b": ["reads-b"]}


def test_a_choice_of_shapes_breaks_by_what_lies_below_it():
    before = api()
    after = changed(T, T.replace("a: {type: string}, ", "").replace("[a, b]", "[b]"))
    choosing = contract(
        "{operation: 'GET /x/{id}', request: {path: {id: 1}}, expect: {body: {$any-of: [list, {a: str}]}}}"
    )
    (one,) = [f for f in with_hits(drift(before, after).findings, [choosing], before, after) if f.hits]
    assert one.subject == "schema T: a"


def test_what_breaks_below_a_place_that_changed_as_a_whole():
    before = api()
    after = changed(T, f"{{anyOf: [{T}, {{type: object}}]}}")
    found = with_hits(drift(before, after).findings, [CONTRACT], before, after)
    assert {hit.interaction for one in found for hit in one.hits} >= {"reads-a", "reads-b"}


def test_a_breaking_change_that_hits_nobody_says_so():
    before = api()
    after = changed(N, N.replace("n: {type: integer}", "n: {type: integer, maximum: 9}"))
    found = with_hits(drift(before, after).findings, [CONTRACT], before, after)
    (one,) = [finding for finding in found if finding.level is Level.ERROR]
    assert one.evidence.details[-1] == "it breaks none of the 5 known interactions of consumers"


def test_without_contracts_nothing_is_claimed():
    before = api()
    after = changed(N, N.replace("[one, two]", "[one]"))
    given = drift(before, after).findings
    assert with_hits(given, [], before, after) == given


def test_what_was_wrong_before_is_no_change_s_doing():
    before = api()
    after = changed(N, N.replace("[one, two]", "[one]"))
    wrong = contract("{operation: POST /x, request: {body: {k: three}}, expect: {status: 201}}")
    assert all(not one.hits for one in with_hits(drift(before, after).findings, [wrong], before, after))
