"""Media types and their parameters, encodings of parts, headers, and the statuses that `default` speaks of."""

from __future__ import annotations

import pytest

from tests.unit.drift.documents import above_info, compare, only, slugs
from zeues_contracts.drift.media import covers
from zeues_contracts.rules.drift.examples import things

OBJECT = "{type: object, properties: {a: {type: string}}}"


def body(media: str, schema: str = OBJECT, more: str = "") -> str:
    return things(f"requestBody: {{content: {{'{media}': {{schema: {schema}{more}}}}}}}")


def answer(media: str, schema: str = OBJECT) -> str:
    return answers(f"'200': {{description: x, content: {{'{media}': {{schema: {schema}}}}}}}")


def answers(responses: str) -> str:
    return things(f"responses: {{{responses}}}", method="get")


def rules(old: str, new: str) -> list[str]:
    return [one.rule for one in above_info(compare(old, new))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("application/json", "application/json; charset=utf-8"),
        ("application/json; charset=UTF-8", "Application/JSON;charset=iso-8859-1"),
        ("text/plain", "text/plain; charset=utf-8"),
        ('application/json; profile="a"', "application/json; profile=a"),
        ("multipart/x; a=1; b=2", "multipart/x; B=2; A=1"),
    ],
)
def test_media_types_that_mean_the_same(one: str, other: str) -> None:
    assert covers(one, other)
    assert covers(other, one)
    for old, new in ((one, other), (other, one)):
        assert rules(body(old), body(new)) == []
        assert rules(answer(old), answer(new)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("application/json; version=1", "application/json; version=2"),
        ("text/plain; charset=utf-8", "text/plain; charset=ascii"),
        ('application/json; profile="a;b"', 'application/json; profile="a"'),
    ],
)
def test_parameters_that_tell_contents_apart(old: str, new: str) -> None:
    assert not covers(old, new)
    assert not covers(new, old)
    assert rules(body(old), body(new)) == ["ZC228"]
    assert rules(answer(old), answer(new)) == ["ZC235"]


def test_a_parameter_narrows_and_its_loss_widens() -> None:
    plain, versioned = "application/json", "application/json; version=2"
    assert rules(body(plain), body(versioned)) == ["ZC228"]
    assert rules(body(versioned), body(plain)) == []


def test_one_of_two_versions_that_goes_is_gone() -> None:
    both = things("requestBody: {content: {'application/json; v=1': {}, 'application/json; v=2': {}}}")
    assert rules(both, body("application/json; v=2", "{}")) == ["ZC228"]


def test_a_body_that_is_not_described_any_more_takes_anything() -> None:
    old, new = body("application/json"), things("requestBody: {content: {application/json: {}}}")
    assert rules(old, new) == []
    assert "request-widened" in slugs(compare(old, new))
    assert rules(new, old) != []


def part(kind: str, encoding: str, media: str = "multipart/form-data") -> str:
    schema = f"{{type: object, properties: {{a: {kind}}}}}"
    return body(media, schema, f", encoding: {{{encoding}}}" if encoding else "")


FILE, TEXT, THING = "{type: string, format: binary}", "{type: string}", "{type: object}"


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        (TEXT, "", "a: {contentType: text/plain}"),
        (THING, "", "a: {contentType: application/json}"),
        (FILE, "", "a: {contentType: application/octet-stream}"),
        ("{type: array, items: {type: string, format: binary}}", "", "a: {contentType: application/octet-stream}"),
        (FILE, "a: {contentType: image/png}", "a: {contentType: 'image/jpeg, image/png'}"),
        (FILE, "a: {contentType: 'image/jpeg,image/png'}", "a: {contentType: 'image/png, image/jpeg'}"),
        (FILE, "a: {contentType: image/png}", "a: {contentType: image/*}"),
        (TEXT, "", "nobody: {contentType: image/png}"),
        (TEXT, "", "a: {headers: {X-A: {schema: {type: string}}}}"),
        (TEXT, "a: {headers: {X-A: {required: true, schema: {type: string}}}}", ""),
    ],
)
def test_an_encoding_that_reads_what_was_written_breaks_nobody(kind: str, old: str, new: str) -> None:
    assert rules(part(kind, old), part(kind, new)) == []


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        (FILE, "a: {contentType: 'image/png, image/jpeg'}", "a: {contentType: image/png}"),
        (FILE, "a: {contentType: image/*}", "a: {contentType: image/png}"),
        (THING, "", "a: {contentType: application/xml}"),
        (TEXT, "", "a: {headers: {X-A: {required: true, schema: {type: string}}}}"),
        (
            TEXT,
            "a: {headers: {X-A: {schema: {type: string}}}}",
            "a: {headers: {X-A: {schema: {type: integer}}}}",
        ),
    ],
)
def test_an_encoding_that_no_longer_reads_what_was_written_breaks(kind: str, old: str, new: str) -> None:
    assert rules(part(kind, old), part(kind, new)) == ["ZC230"]


def test_styles_of_form_fields_are_those_of_query_parameters() -> None:
    form = "application/x-www-form-urlencoded"
    many = "{type: array, items: {type: string}}"
    assert rules(part(many, "", form), part(many, "a: {style: form, explode: true}", form)) == []
    assert rules(part(many, "", form), part(many, "a: {explode: false}", form)) == ["ZC230"]
    assert rules(part(TEXT, "", form), part(TEXT, "a: {explode: false}", form)) == []
    assert rules(part(many, "", form), part(many, "a: {style: pipeDelimited}", form)) == ["ZC230"]
    assert rules(part(TEXT, "a: {allowReserved: true}", form), part(TEXT, "", form)) == ["ZC230"]


def test_encodings_beside_json_say_nothing() -> None:
    old, new = (part(TEXT, text, "application/json") for text in ("", "a: {contentType: image/png}"))
    assert rules(old, new) == []


@pytest.mark.parametrize("key", ["itemEncoding: {contentType: %s}", "prefixEncoding: [{contentType: %s}]"])
def test_encodings_by_position(key: str) -> None:
    schema = "{type: array}"
    old, new = (body("multipart/mixed", schema, ", " + key % kind) for kind in ("image/png", "image/gif"))
    assert rules(old, new) == ["ZC230"]
    wider = body("multipart/mixed", schema, ", " + key % "image/*")
    assert rules(old, wider) == []


def test_a_file_that_becomes_a_text_is_another_part() -> None:
    assert rules(part(FILE, ""), part(TEXT, "")) == ["ZC230"]
    assert rules(part(TEXT, ""), part(FILE, "")) == ["ZC230"]
    spelled = "{type: string, contentMediaType: application/octet-stream}"
    assert rules(part(FILE, ""), part(spelled, "")) == []
    bytes_, encoded = "{type: string, format: byte}", "{type: string, contentEncoding: base64}"
    assert rules(body("application/json", bytes_), body("application/json", encoded)) == []
    assert rules(body("application/json", encoded), body("application/json", bytes_)) == []
    other = "{type: string, contentEncoding: base32}"
    assert rules(body("application/json", bytes_), body("application/json", other)) == ["ZC257"]


def header(members: str) -> str:
    return answers(f"'200': {{description: x, headers: {{X-A: {{{members}}}}}}}")


def test_headers_written_by_a_media_type_are_judged_by_their_schema() -> None:
    wide, narrow = (
        header(f"content: {{application/json: {{schema: {{type: object, {more}}}}}}}")
        for more in ("properties: {a: {}}", "properties: {a: {}}, required: [a]")
    )
    assert rules(narrow, wide) == ["ZC280"]
    assert rules(wide, narrow) == []
    assert rules(header("schema: {type: object}"), wide) == ["ZC242"]


def test_how_the_objects_of_a_header_are_written() -> None:
    thing, many = "{type: object, properties: {a: {type: string}}}", "{type: array, items: {type: string}}"
    assert rules(header(f"schema: {thing}"), header(f"explode: true, schema: {thing}")) == ["ZC242"]
    assert rules(header(f"schema: {many}"), header(f"explode: true, schema: {many}")) == []


def failing(*responses: tuple[str, str]) -> str:
    parts = [
        f"'{status}': {{description: x, content: {{application/json: {{schema: {schema}}}}}}}"
        for status, schema in (("200", "{}"), *responses)
    ]
    return answers(", ".join(parts))


MESSAGE = "{type: object, required: [m], properties: {m: {type: string}}}"
NUMBER = "{type: object, required: [m], properties: {m: {type: integer}}}"


def test_a_failure_that_default_spoke_of_is_held_to_what_it_said() -> None:
    old = failing(("default", MESSAGE))
    assert rules(old, failing(("default", MESSAGE), ("404", NUMBER))) == ["ZC283"]
    assert rules(old, failing(("default", MESSAGE), ("404", MESSAGE))) == []
    assert rules(failing(("404", NUMBER), ("default", MESSAGE)), old) == ["ZC283"]
    folded = compare(failing(("404", MESSAGE), ("default", MESSAGE)), old)
    assert above_info(folded) == []
    assert "404" in only(folded, "status-removed").message


def bodies(*contents: tuple[str, str]) -> str:
    told = ", ".join(f"'{media}': {{schema: {schema}}}" for media, schema in contents)
    return things(f"requestBody: {{content: {{{told}}}}}")


TEXT_, NUMBER_ = "{type: string}", "{type: integer}"


def test_a_range_speaks_of_what_is_not_named() -> None:
    named = bodies(("*/*", TEXT_), ("application/json", NUMBER_))
    assert rules(named, bodies(("application/json", NUMBER_))) == ["ZC228"]
    assert rules(bodies(("*/*", TEXT_)), named) == ["ZC264"]
    assert rules(bodies(("*/*", TEXT_)), bodies(("*/*", TEXT_), ("application/json", TEXT_))) == []
    assert rules(named, bodies(("*/*", TEXT_))) == ["ZC264"]


def test_a_failure_that_default_stands_in_for_is_held_to_its_values_alone() -> None:
    csv = "'404': {description: x, content: {text/csv: {schema: {type: string}}}, headers: {X-A: {required: true}}}"
    default = "default: {description: x, content: {application/json: {schema: {type: object}}}}"
    ok = "'200': {description: x}"
    assert rules(answers(f"{ok}, {csv}, {default}"), answers(f"{ok}, {default}")) == []
    assert rules(answers(f"{ok}, {default}"), answers(f"{ok}, {csv}, {default}")) == []


def test_a_failure_in_a_range_is_held_to_its_values_alone() -> None:
    assert rules(failing(("4XX", MESSAGE)), failing(("4XX", MESSAGE), ("404", NUMBER))) == ["ZC283"]
    assert rules(failing(("4XX", MESSAGE), ("404", NUMBER)), failing(("4XX", MESSAGE))) == ["ZC283"]
    bare = answers("'200': {description: x, content: {application/json: {schema: {}}}}, '404': {description: x}")
    assert rules(failing(("4XX", MESSAGE)), bare) == []
