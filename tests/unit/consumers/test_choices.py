"""Bodies of several shapes, told apart by a property: what is wrong is told of the shape that is meant."""

import pytest

from tests.unit.consumers.documents import check, document, rules, taking
from zeues_contracts.schema.branches import tag_of

PAYMENTS = """
paths:
  /x:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              DISCRIMINATOR
              CHOICE: [{$ref: "#/components/schemas/Card"}, {$ref: "#/components/schemas/Transfer"}NULL]
      responses: {"200": {description: X}}
components:
  schemas:
    Card:
      type: object
      required: [kind, last4, amount]
      properties: {kind: MARK_CARD, last4: {type: string}, amount: {type: number},
        currency: {enum: [EUR, USD]}}
    Transfer:
      type: object
      required: [kind, iban, amount]
      properties: {kind: MARK_TRANSFER, iban: {type: string}, amount: {type: string}}
"""
DISCRIMINATOR = "discriminator: {propertyName: kind, mapping: {card: '#/components/schemas/Card'}}"


def payments(choice="oneOf", discriminator="", null="", card="{const: card}", transfer="{enum: [transfer, sepa]}"):
    text = PAYMENTS.replace("DISCRIMINATOR", discriminator or "title: Payment").replace("CHOICE", choice)
    return document(text.replace("NULL", null).replace("MARK_CARD", card).replace("MARK_TRANSFER", transfer))


EVERY = pytest.mark.parametrize(
    "found",
    [
        payments(),
        payments(discriminator=DISCRIMINATOR),
        payments("anyOf", null=", {type: 'null'}"),
        payments(card="{allOf: [{type: string}, {const: card}]}"),
    ],
    ids=["plain", "discriminator", "anyOf and null", "allOf"],
)


def told(found, body):
    return [(one.rule, one.evidence.explanation) for one in check(found, f"{{operation: POST /x, request: {body}}}")]


@EVERY
def test_a_kind_that_no_branch_has_is_the_one_thing_that_is_wrong(found):
    (one,) = check(found, "{operation: POST /x, request: {body: {kind: cash, amount: 1}}}")
    assert one.rule == "ZC324"
    assert '`kind` is "cash", it has to be one of "card", "transfer" or "sepa"' in one.message
    assert one.hint == '`kind` is documented as "card", "transfer" or "sepa"'


@EVERY
def test_a_kind_that_is_missing_is_the_one_thing_that_is_missing(found):
    (one,) = check(found, "{operation: POST /x, request: {body: {amount: 1}}}")
    assert (one.rule, one.evidence.explanation) == ("ZC323", "`kind` is missing")
    assert one.hint == 'send `kind`: "card", "transfer" or "sepa"'


@EVERY
def test_of_a_known_kind_its_own_branch_speaks(found):
    assert told(found, "{body: {kind: sepa, amount: '1'}}") == [("ZC323", "`iban` is missing")]
    assert told(found, "{body: {kind: card, last4: '1', iban: DE, amount: '1'}}") == [
        ("ZC324", '`amount` is "1", it has to be a number')
    ]
    # By the number of errors the other branch would be nearer.
    assert told(found, "{body: {kind: card, iban: DE, amount: '1', currency: GBP}}") == [
        ("ZC323", "`last4` is missing"),
        ("ZC324", '`amount` is "1", it has to be a number'),
        ("ZC324", '`currency` is "GBP", it has to be one of "EUR" or "USD"'),
    ]
    assert told(found, "{body: {kind: card, last4: '1', amount: 1}}") == []


PLAIN = {"card": "{type: string}", "transfer": "{type: string}"}
MAPPED = "discriminator: {propertyName: kind, mapping: {card: '#/components/schemas/Card', transfer: Transfer}}"


@pytest.mark.parametrize(("discriminator", "card"), [(MAPPED, "card"), ("discriminator: {propertyName: kind}", "Card")])
def test_a_discriminator_alone_names_the_branch(discriminator, card):
    found = payments(discriminator=discriminator, **PLAIN)
    transfer = "transfer" if card == "card" else "Transfer"
    allowed = f'"{card}" or "{transfer}"'
    assert told(found, "{body: {kind: cash, amount: 1}}") == [
        ("ZC324", f'`kind` is "cash", it has to be one of {allowed}')
    ]
    (one,) = check(found, "{operation: POST /x, request: {body: {amount: 1}}}")
    assert (one.evidence.explanation, one.hint) == ("`kind` is missing", f"send `kind`: {allowed}")
    assert told(found, f"{{body: {{kind: {transfer}, amount: '1'}}}}") == [("ZC323", "`iban` is missing")]
    assert told(found, f"{{body: {{kind: {card}, amount: x}}}}") == [
        ("ZC323", "`last4` is missing"),
        ("ZC324", '`amount` is "x", it has to be a number'),
    ]
    assert told(found, f"{{body: {{kind: {card}, last4: '1', amount: 1}}}}") == []


def test_the_hint_is_of_the_branch_that_is_meant():
    for kind, amount, owner, hint in (
        ("card", "'x'", "Card", "`amount` is documented as a number"),
        ("transfer", "7", "Transfer", 'is "7" meant?'),
    ):
        body = f"{{kind: {kind}, last4: '1', iban: DE, amount: {amount}}}"
        (one,) = check(payments(), f"{{operation: POST /x, request: {{body: {body}}}}}")
        assert one.hint == hint
        assert [place.pointer for place in one.related] == [f"/components/schemas/{owner}/properties/amount"]


def test_a_kind_that_is_spelled_a_little_differently():
    (one,) = check(payments(), "{operation: POST /x, request: {body: {kind: tranfer, amount: 1}}}")
    assert one.hint == 'is "transfer" meant?'


def test_inside_of_a_list():
    one = "{type: object, required: [t, a], properties: {t: {const: 1}, a: {type: integer}}}"
    two = "{type: object, required: [t, b], properties: {t: {const: 2}, b: {type: integer}}}"
    found = taking(f"{{type: array, items: {{oneOf: [{one}, {two}]}}}}")
    assert told(found, "{body: [{t: 1, a: 1}, {t: 2}, {t: 3}]}") == [
        ("ZC323", "`[1].b` is missing"),
        ("ZC324", "`t` is 3, it has to be one of 1 or 2"),
    ]


def test_what_does_not_tell_branches_apart_is_no_tag():
    shared = payments(card="{enum: [card, sepa]}")
    assert "ZC323" in rules(check(shared, "{operation: POST /x, request: {body: {kind: cash, amount: 1}}}"))
    one = {"properties": {"k": {"const": 1}}}
    assert tag_of([one, {"properties": {"k": {"const": True}}}], {}) is not None
    assert tag_of([one, {"properties": {"k": {"const": 1}}}], {}) is None
    assert tag_of([one, {"properties": {"k": {"type": "integer"}}}], {}) is None
    assert tag_of([one, {"type": "null"}], {}) is None
    assert tag_of([one], {}) is None


def test_branches_of_branches():
    def kind(value):
        return {"properties": {"k": {"$ref": f"#/$defs/{value}"}}}

    values = {name: {"const": name} for name in "abc"}
    tag = tag_of([{"oneOf": [kind("a"), kind("b")]}, {"allOf": [{"$ref": "#/$defs/C"}]}], {**values, "C": kind("c")})
    assert (tag.name, dict(tag.values)) == ("k", {0: ("a", "b"), 1: ("c",)})
    assert [tag.branches(one) for one in "abcd"] == [(0,), (0,), (1,), ()]


def test_schemas_that_lead_back_to_themselves_end():
    knot = {"anyOf": [{"$ref": "#/$defs/A"}] * 3, "allOf": [{"$ref": "#/$defs/A"}] * 3}
    assert tag_of([{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/A"}], {"A": knot}) is None
