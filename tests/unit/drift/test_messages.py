"""The parts of messages: security, statuses, media types, headers, callbacks, webhooks, files, announcements."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.unit.drift.documents import above_info, compare, document, only, slugs, told
from zeues_contracts.config import Config, DriftConfig
from zeues_contracts.drift import drift
from zeues_contracts.findings import Level
from zeues_contracts.openapi import load
from zeues_contracts.rules.drift.examples import api, given, taken, things

SCHEMES = (
    "components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, "
    "token: {type: http, scheme: bearer}, o: {type: oauth2, flows: {implicit: {authorizationUrl: https://a.example, "
    "scopes: {r: r, w: w}}}}}}\n"
)


def secured(requirement: str) -> str:
    return things(f"security: {requirement}" if requirement else "", SCHEMES)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[{key: []}]", "[{key: []}, {token: []}]", "security-weaker"),
        ("[{key: []}, {token: []}]", "[{key: []}]", "security-stronger"),
        ("[{key: []}]", "[{key: [], token: []}]", "security-stronger"),
        ("[{key: [], token: []}]", "[{key: []}]", "security-weaker"),
        ("[{o: [r]}]", "[{o: [r, w]}]", "security-stronger"),
        ("[{o: [r, w]}]", "[{o: [r]}]", "security-weaker"),
        ("", "[{key: []}]", "security-stronger"),
        ("", "[{key: []}, {}]", None),
        ("[{key: []}]", "[]", "security-weaker"),
        ("[{key: []}, {token: []}]", "[{token: []}, {key: []}]", None),
    ],
)
def test_security_is_judged_by_who_still_gets_in(old: str, new: str, expected: str | None) -> None:
    found = [slug for slug in slugs(compare(secured(old), secured(new))) if slug.startswith("security")]
    assert found == ([expected] if expected else [])


def test_a_scheme_under_another_name_is_the_same_scheme() -> None:
    new = secured("[{other: []}]").replace("key: {type: apiKey", "other: {type: apiKey")
    assert above_info(compare(secured("[{key: []}]"), new)) == []


def test_security_of_the_document_and_of_the_operation_are_one() -> None:
    old = api("{/a: {get: {responses: {'200': {description: OK}}}}}", "security: [{key: []}]\n" + SCHEMES)
    new = api("{/a: {get: {security: [{key: []}], responses: {'200': {description: OK}}}}}", SCHEMES)
    assert told(compare(old, new)) == []


def answers(text: str) -> str:
    return things(f"responses: {{{text}}}", method="get")


@pytest.mark.parametrize(
    ("old", "new", "worst"),
    [
        ("'200': {description: a}", "'2XX': {description: a}", Level.INFO),
        ("'2XX': {description: a}", "'200': {description: a}", Level.INFO),
        ("'200': {description: a}", "default: {description: a}", Level.ERROR),
        ("'404': {description: a}, '200': {description: a}", "'200': {description: a}", Level.INFO),
        (
            "'200': {description: a}, default: {description: d}",
            "'200': {description: a}, '409': {description: c}, default: {description: d}",
            Level.INFO,
        ),
    ],
)  # fmt: skip
def test_statuses_ranges_and_default(old: str, new: str, worst: Level) -> None:
    found = compare(answers(old), answers(new)).findings
    assert max((one.level.rank for one in found), default=1) == worst.rank


def test_what_a_range_said_is_what_its_status_has_to_say() -> None:
    body = "content: {application/json: {schema: {type: %s}}}"
    old = answers(f"'2XX': {{description: a, {body % 'integer'}}}")
    assert "response-type-changed" in slugs(compare(old, answers(f"'200': {{description: a, {body % 'string'}}}")))


def sent(media: str) -> str:
    return things(f"requestBody: {{content: {{{media}: {{schema: {{type: object}}}}}}}}")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("application/json", "'application/*'", "request-media-type-added"),
        ("'*/*'", "application/json", "request-media-type-removed"),
        ("application/json", "application/xml", "request-media-type-removed"),
        ("application/json", "'application/json; charset=utf-8'", None),
        ("Application/JSON", "application/json", None),
    ],
)
def test_media_types_and_ranges_of_requests(old: str, new: str, expected: str | None) -> None:
    assert [one for one, _ in told(compare(sent(old), sent(new)))][:1] == ([expected] if expected else [])


def test_a_form_field_travels_as_text() -> None:
    def form(kind: str) -> str:
        schema = f"{{type: object, properties: {{a: {{type: {kind}}}}}}}"
        return things(f"requestBody: {{content: {{application/x-www-form-urlencoded: {{schema: {schema}}}}}}}")

    assert above_info(compare(form("integer"), form("string"))) == []
    assert [one.rule for one in above_info(compare(form("string"), form("integer")))] == ["ZC264"]


def headers(text: str) -> str:
    return answers(f"'200': {{description: a, headers: {{{text}}}}}")


def test_headers_are_told_by_name_in_any_case() -> None:
    old, new = headers("X-A: {schema: {type: integer}}"), headers("x-a: {schema: {type: integer}}")
    assert told(compare(old, new)) == []
    assert slugs(compare(old, headers("X-A: {schema: {type: string}}")))[0] == "response-type-changed"
    assert above_info(compare(headers("X-A: {schema: {type: string}}"), old)) == []


def hook(schema: str, where: str = "webhook") -> str:
    body = f"requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}, "
    body += "responses: {'200': {description: a}}"
    if where == "webhook":
        return api("{}", f"webhooks: {{made: {{post: {{{body}}}}}}}\n")
    return things(f"callbacks: {{made: {{'{{$request.body#/url}}': {{post: {{{body}}}}}}}}}")


@pytest.mark.parametrize("where", ["webhook", "callback"])
def test_what_is_sent_is_judged_as_what_is_given(where: str) -> None:
    """A webhook's request is the service's to send: more of it surprises the receiver, less of it does not."""
    narrow, wide = "{type: string, enum: [a]}", "{type: string}"
    found = compare(hook(narrow, where), hook(wide, where))
    assert only(found, "response-values-opened").level is Level.ERROR
    assert above_info(compare(hook(wide, where), hook(narrow, where))) == []
    required = "{type: object, required: [a], properties: {a: {type: string}}}"
    plain = "{type: object, properties: {a: {type: string}}}"
    assert above_info(compare(hook(plain, where), hook(required, where))) == []
    assert slugs(compare(hook(required, where), hook(plain, where)))[0] == "response-property-became-optional"


def test_a_component_that_only_webhooks_reach_is_compared() -> None:
    rest = "components: {{schemas: {{E: {{type: object, required: [a], properties: {{a: {{type: {0}}}}}}}}}}}\n"
    old = hook("{$ref: '#/components/schemas/E'}") + rest.format("integer")
    new = hook("{$ref: '#/components/schemas/E'}") + rest.format("number")
    finding = only(compare(old, new), "response-type-changed")
    assert finding.operations == ("POST made",)
    assert finding.message == "schema E `a`, in requests that it sends: type integer became number"


def test_read_only_leaves_requests_and_write_only_leaves_responses() -> None:
    schema = "{type: object, required: [a], properties: {a: {type: string, %s: true}}}"
    grown = "{type: object, required: [a], properties: {a: {type: string, maxLength: 1, %s: true}}}"
    assert above_info(compare(taken(schema % "readOnly"), taken(grown % "readOnly"))) == []
    assert above_info(compare(taken(schema % "writeOnly"), taken(grown % "writeOnly"))) != []
    assert above_info(compare(given(grown % "writeOnly"), given(schema % "writeOnly"))) == []
    assert above_info(compare(given(grown % "readOnly"), given(schema % "readOnly"))) != []


def test_external_files_are_compared(tmp_path: Path) -> None:
    main = taken("{$ref: 'common.yaml#/Thing'}")
    for name, kind in (("old", "integer"), ("new", "string")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "api.yaml").write_text(main)
        (tmp_path / name / "common.yaml").write_text(f"Thing: {{type: object, properties: {{a: {{type: {kind}}}}}}}\n")
    config = Config(root=str(tmp_path), source=str(tmp_path / "zeues-contracts.toml"))
    old, new = (load(str(tmp_path / name / "api.yaml"), config=config) for name in ("old", "new"))
    assert "request-type-changed" in slugs(drift(old, new))
    assert drift(old, old).findings == ()


@pytest.mark.parametrize(
    ("old", "new", "days", "expected"),
    [
        ("", "deprecated: true", 0, "deprecation-changed"),
        ("", "deprecated: true", 30, "sunset-policy"),
        ("", "deprecated: true, x-sunset: '2026-01-15'", 30, "sunset-policy"),
        ("", "deprecated: true, x-sunset: '2026-03-15'", 30, "deprecation-changed"),
        ("", "deprecated: true, x-sunset: '2026-03-15T00:00:00Z'", 30, "deprecation-changed"),
        ("deprecated: true, x-sunset: '2026-03-15'", "deprecated: true", 0, "sunset-withdrawn"),
        ("deprecated: true, x-sunset: '2026-03-15'", "deprecated: true, x-sunset: '2026-02-15'", 0, "sunset-withdrawn"),
        ("deprecated: true, x-sunset: '2026-03-15'", "deprecated: true, x-sunset: '2026-04-15'", 0, None),
        ("deprecated: true", "", 0, "deprecation-changed"),
    ],
)
def test_deprecation_and_sunset(old: str, new: str, days: int, expected: str | None) -> None:
    result = drift(
        document(things(old)),
        document(things(new)),
        config=DriftConfig(deprecation_days=days),
        today=dt.date(2026, 1, 1),
    )
    assert [one for one, _ in told(result)][:1] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("", "operation-removed"),
        ("deprecated: true, ", "announced-removal"),
        ("deprecated: true, x-sunset: '2025-12-31', ", "announced-removal"),
        ("deprecated: true, x-sunset: '2026-12-31', ", "operation-removed"),
        ("x-stability-level: draft, ", "announced-removal"),
    ],
)
def test_a_removal_is_judged_by_what_was_announced(marks: str, expected: str) -> None:
    old = api(f"{{/a: {{get: {{{marks}responses: {{'200': {{description: OK}}}}}}}}}}")
    assert slugs(compare(old, api()))[0] == expected


def test_a_default_of_a_parameter_is_a_warning_and_of_a_property_information() -> None:
    def query(default: int) -> str:
        schema = f"{{type: integer, default: {default}}}"
        return things(f"parameters: [{{name: q, in: query, schema: {schema}}}]", method="get")

    assert only(compare(query(1), query(2)), "parameter-default-changed").level is Level.WARNING
    body = "{type: object, properties: {a: {type: integer, default: %s}}}"
    assert above_info(compare(taken(body % 1), taken(body % 2))) == []


def test_a_parameter_that_refers_to_a_changed_component_is_judged_as_text() -> None:
    def query(kind: str) -> str:
        parameter = "{name: q, in: query, schema: {$ref: '#/components/schemas/Q'}}"
        return things(f"parameters: [{parameter}]", f"components: {{schemas: {{Q: {{type: {kind}}}}}}}\n", "get")

    assert above_info(compare(query("integer"), query("string"))) == []
    assert slugs(compare(query("string"), query("integer")))[0] == "request-type-changed"
    listed = query("string").replace("{type: string}", "{type: string, enum: [a, b]}")
    assert slugs(compare(listed, listed.replace("[a, b]", "[a]")))[0] == "request-values-removed"


def test_an_item_schema_of_a_stream_is_compared() -> None:
    def stream(kind: str) -> str:
        body = f"{{application/jsonl: {{itemSchema: {{type: {kind}}}}}}}"
        return answers(f"'200': {{description: a, content: {body}}}").replace("3.1.0", "3.2.0")

    assert slugs(compare(stream("integer"), stream("number")))[0] == "response-type-changed"


def test_closed_world_is_a_setting() -> None:
    old = given("{type: object, properties: {a: {type: string}}}")
    new = given("{type: object, properties: {a: {type: string}, b: {type: string}}}")
    assert above_info(compare(old, new)) == []
    closed = drift(document(old), document(new), config=DriftConfig(closed_world=True))
    assert above_info(closed) != []
    formats = DriftConfig(format_assertion=True)
    dated = drift(document(taken("{type: string}")), document(taken("{type: string, format: date}")), config=formats)
    assert only(dated, "request-format-tightened").level is Level.WARNING


def test_a_prefix_that_moves_between_server_and_paths_is_no_change() -> None:
    def service(server: str, path: str, kind: str = "integer") -> str:
        answer = f"{{description: OK, content: {{application/json: {{schema: {{type: {kind}}}}}}}}}"
        return api(f"{{'{path}': {{get: {{responses: {{'200': {answer}}}}}}}}}", f"servers: [{{url: '{server}'}}]\n")

    old = service("https://a.example", "/v1/things/{id}")
    assert told(compare(old, service("https://a.example/v1", "/things/{key}"))) == []
    assert told(compare(service("/", "/api/things"), service("/api", "/things"))) == []
    changed = compare(old, service("https://a.example/v1", "/things/{id}", "string"))
    assert slugs(changed)[0] == "response-type-changed"
    gone = compare(old, service("https://a.example/v2", "/things/{id}"))
    assert {"operation-removed", "operation-added", "server-removed"} <= set(slugs(gone))
    host = compare(old, service("https://b.example/v1", "/things/{id}"))
    assert slugs(host)[0] == "server-removed"


@pytest.mark.parametrize(
    ("place", "style", "kind", "matters"),
    [
        ("query", "form", "{type: array, items: {type: string}}", True),
        ("query", "form", "{type: object}", True),
        ("query", "form", "{type: string}", False),
        ("query", "form", "{anyOf: [{type: string}, {type: 'null'}]}", False),
        ("query", "deepObject", "{type: object}", False),
        ("header", "simple", "{type: array, items: {type: string}}", False),
        ("header", "simple", "{type: object}", True),
        ("query", "pipeDelimited", "{type: array, items: {type: string}}", True),
    ],
)
def test_explode_is_told_where_it_changes_what_is_written(place: str, style: str, kind: str, matters: bool) -> None:
    def with_(explode: str) -> str:
        parameter = f"{{name: p, in: {place}, style: {style}, explode: {explode}, schema: {kind}}}"
        return things(f"parameters: [{parameter}]", method="get")

    assert ("parameter-serialisation-changed" in slugs(compare(with_("true"), with_("false")))) is matters


def test_an_authorization_header_is_told_where_no_scheme_tells_of_it() -> None:
    header = "parameters: [{name: authorization, in: header, required: true, schema: {type: string}}]"
    assert slugs(compare(things(""), things(header)))[0] == "required-parameter-added"
    old, new = (things(f"security: [{{token: []}}], {more}".rstrip(", "), SCHEMES) for more in ("", header))
    assert told(compare(old, new)) == []
    # The scheme that is new says it already.
    assert [slug for slug, _ in told(compare(things("", SCHEMES), new))] == ["security-stronger"]
