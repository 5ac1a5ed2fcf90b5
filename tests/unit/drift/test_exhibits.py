"""What no schema tells of is shown, too: a request that was answered, a status that was not spoken of, a tag."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.drift.documents import above_info, compare, document, only, slugs
from zeues_contracts.drift.exhibits import of_media_type, of_status
from zeues_contracts.rules.drift.examples import api, given, taken, things

SCHEMES = (
    "components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, "
    "query: {type: apiKey, in: query, name: k}, basic: {type: http, scheme: basic}, "
    "oa: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a.example/t', scopes: {r: '', w: ''}}}}}}"
)


def secured(requirement: str) -> str:
    return things(f"security: {requirement}", SCHEMES, method="get")


def witness(old: str, new: str) -> Any:
    (found,) = above_info(compare(old, new))
    assert found.evidence.witness is not None
    assert found.evidence.explanation
    return found.evidence.witness.value


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("[]", "[{key: []}]", {}),
        ("[{key: []}]", "[{basic: []}]", {"headers": {"X-Key": "…"}}),
        ("[{query: []}, {key: []}]", "[{key: []}]", {"query": {"k": "…"}}),
        ("[{basic: []}]", "[{basic: [], key: []}]", {"headers": {"Authorization": "Basic …"}}),
        ("[{oa: [r]}]", "[{oa: [r, w]}]", {"headers": {"Authorization": "Bearer …"}, "scopes": ["r"]}),
        ("[{gone: []}]", "[{key: []}]", {"security": {"gone": "…"}}),
    ],
)
def test_credentials_that_sufficed(old: str, new: str, shown: dict[str, Any]) -> None:
    assert witness(secured(old), secured(new)) == {"method": "GET", "path": "/things", **shown}


def test_a_credential_that_is_taken_elsewhere_now() -> None:
    moved = secured("[{key: []}]").replace("in: header", "in: query")
    assert witness(secured("[{key: []}]"), moved)["headers"] == {"X-Key": "…"}


@pytest.mark.parametrize(
    ("name", "others", "shown"),
    [
        ("application/json", ["text/csv"], "application/json"),
        ("application/*", ["application/json"], "application/x-other"),
        ("*/*", ["application/*"], "x-other/x-other"),
        ("image/*", ["*/*"], ""),
        ("application/json; v=1", ["application/json; v=2"], "application/json; v=1"),
        ("application/json", ["application/json; v=2"], "application/json"),
    ],
)
def test_a_media_type_that_only_one_takes_in(name: str, others: list[str], shown: str) -> None:
    assert of_media_type(name, dict.fromkeys(others)) == shown


def test_a_body_of_a_media_type_that_is_taken_no_more() -> None:
    schema = "{type: object, required: [a], properties: {a: {type: integer}}}"
    new = taken(schema).replace("application/json", "text/plain")
    request = witness(taken(schema), new)
    assert request["headers"] == {"Content-Type": "application/json"}
    assert isinstance(request["body"]["a"], int)


def test_a_media_type_of_answers_that_comes_in_place_of_another() -> None:
    new = given("{type: string}").replace("application/json", "text/csv")
    assert witness(given("{type: string}"), new) == {"headers": {"Content-Type": "text/csv"}}


def answering(*statuses: str) -> str:
    told = ", ".join(f"'{one}': {{description: x}}" for one in statuses)
    return things(f"responses: {{{told}}}", method="get")


def test_a_status_of_success_in_place_of_another() -> None:
    assert witness(answering("200"), answering("201")) == {"status": 201}
    (found,) = above_info(compare(answering("200", "404"), answering("404")))
    assert found.rule == "ZC231"
    assert found.evidence.witness is None


def test_statuses_that_a_range_or_default_spoke_of_show_nothing() -> None:
    def responses(*statuses: str) -> Any:
        return next(iter(document(answering(*statuses)).operations.values())).responses

    assert of_status(responses("201"), responses("2XX")) is None
    assert of_status(responses("201"), responses("200", "default")) is None
    assert of_status(responses("2XX", "404"), responses("200")) is None
    assert of_status(responses("404", "302"), responses("200")) == {"status": 302}


def test_a_server_that_is_gone_is_shown() -> None:
    def served(url: str) -> str:
        return api("{/a: {get: {responses: {'200': {description: x}}}}}", f"servers: [{{url: '{url}'}}]")

    (found,) = above_info(compare(served("https://a.example"), served("https://b.example")))
    assert found.evidence.witness is not None
    assert found.evidence.witness.value == {"url": "https://a.example"}


PETS = (
    "components: {schemas: {Cat: {type: object, required: [kind], properties: {kind: {type: string}, "
    "paws: {type: integer}}}, "
    "Dog: {type: object, required: [kind], properties: {kind: {type: string}, paws: {type: boolean}}}}}"
)


def chosen(mapping: str, keyword: str = "anyOf", pets: str = PETS, out: bool = False) -> str:
    choice = (
        f"{{{keyword}: [{{$ref: '#/components/schemas/Cat'}}, {{$ref: '#/components/schemas/Dog'}}], "
        f"discriminator: {{propertyName: kind, mapping: {mapping}}}}}"
    )
    content = f"content: {{application/json: {{schema: {choice}}}}}"
    if out:
        return things(f"responses: {{'200': {{description: x, {content}}}}}", pets, method="get")
    return things(f"requestBody: {{required: true, {content}}}", pets)


C, D = "'#/components/schemas/Cat'", "'#/components/schemas/Dog'"


def test_a_tag_that_is_not_mapped_any_more() -> None:
    value = witness(chosen(f"{{c: {C}, d: {D}}}"), chosen(f"{{c: {C}}}"))
    assert value["kind"] == "d"
    assert above_info(compare(chosen(f"{{c: {C}}}"), chosen(f"{{c: {C}, d: {D}}}"))) == []


def test_a_tag_that_comes_new_in_answers() -> None:
    assert witness(chosen(f"{{c: {C}}}", out=True), chosen(f"{{c: {C}, d: {D}}}", out=True))["kind"] == "d"


def test_a_tag_tells_like_schemas_apart_though_one_of_them_by_the_letter_has_no_value() -> None:
    alike = PETS.replace("{type: boolean}", "{type: integer}")
    old, new = (chosen(mapping, "oneOf", alike) for mapping in (f"{{c: {C}, d: {D}}}", f"{{c: {C}}}"))
    assert witness(old, new)["kind"] == "d"


def test_a_tag_that_no_value_carries_hits_nobody() -> None:
    closed = PETS.replace("kind: {type: string}", "kind: {enum: [Cat, Dog]}")
    result = compare(chosen(f"{{c: {C}, d: {D}}}", pets=closed), chosen(f"{{c: {C}}}", pets=closed))
    assert above_info(result) == []
    assert "discriminator-extended" in slugs(result)


def test_a_tag_that_leads_elsewhere_breaks_where_the_other_schema_takes_less() -> None:
    value = witness(chosen(f"{{c: {C}, d: {D}}}"), chosen(f"{{c: {D}, d: {D}}}"))
    assert value["kind"] == "c"
    assert isinstance(value["paws"], int)
    alike = PETS.replace("{type: boolean}", "{type: integer}")
    old, new = (chosen(mapping, pets=alike) for mapping in (f"{{c: {C}, d: {D}}}", f"{{c: {D}, d: {D}}}"))
    assert above_info(compare(old, new)) == []
    named = f"{{c: {C}, d: Dog}}"
    assert "discriminator-changed" not in slugs(compare(chosen(f"{{c: {C}, d: {D}}}"), chosen(named)))


def held(schema: str, media: str = "contentMediaType: application/json, ") -> str:
    return f"{{type: string, {media}contentSchema: {schema}}}"


def test_what_a_text_holds_is_judged_by_its_schema() -> None:
    wide, narrow = "{type: object}", "{type: object, required: [a]}"
    (found,) = above_info(compare(taken(held(wide)), taken(held(narrow))))
    assert found.rule == "ZC257"
    assert found.evidence.witness is not None
    assert found.evidence.witness.value == "{}"
    assert above_info(compare(taken(held(narrow)), taken(held(wide)))) == []
    assert above_info(compare(given(held(wide)), given(held(narrow)))) == []
    assert [one.rule for one in above_info(compare(given(held(narrow)), given(held(wide))))] == ["ZC257"]
    only(compare(taken(held(narrow)), taken(held(wide))), "content-encoding-changed")


def test_a_schema_of_contents_without_a_media_type_means_nothing() -> None:
    old, new = (held(schema, "") for schema in ("{type: object}", "{type: array}"))
    assert above_info(compare(taken(old), taken(new))) == []
