"""Servers and paths together are the addresses that clients call; security is what they show there."""

from __future__ import annotations

import pytest

from tests.unit.drift.documents import above_info, compare, document, only, slugs
from zeues_contracts.config import DriftConfig
from zeues_contracts.rules.drift.examples import api, things

GET = '{get: {responses: {"200": {description: x}}}}'


def served(path: str, *urls: str, item: str = "", operation: str = "") -> str:
    names = ", ".join(f"{{url: '{url}'}}" for url in urls)
    member = f"{{get: {{{operation}responses: {{'200': {{description: x}}}}}}{item}}}"
    return api(f"{{{path}: {member}}}", f"servers: [{names}]" if urls else "")


ROOT = served("/v1/things", "https://a.example")


@pytest.mark.parametrize(
    "new",
    [
        served("/things", "https://a.example/v1"),
        served("/things", "https://A.example:443/v1/"),
        served("/things", "https://a.example", item=", servers: [{url: 'https://a.example/v1'}]"),
        served("/things", "https://a.example", operation="servers: [{url: 'https://a.example/v1'}], "),
        served("/things", "https://a.example", operation="servers: [{url: /v1}], "),
        served("/v1/things", "https://a.example", operation="servers: [{url: 'https://a.example'}], "),
        served("/v1/things", "HTTPS://A.EXAMPLE/"),
    ],
)
def test_the_same_address_written_in_another_way(new: str) -> None:
    assert above_info(compare(ROOT, new)) == []
    assert above_info(compare(new, ROOT)) == []


def test_another_address_is_another_operation() -> None:
    gone = above_info(compare(ROOT, served("/things", "https://a.example/v2")))
    assert "ZC201" in [one.rule for one in gone]
    own = served("/things", "https://a.example", item=", servers: [{url: 'https://a.example/v2'}]")
    assert [one.rule for one in above_info(compare(ROOT, own))] == ["ZC201"]


def test_what_changed_behind_a_moved_address_is_judged() -> None:
    def taking(path: str, server: str, kind: str) -> str:
        body = f"{{required: true, content: {{application/json: {{schema: {{type: {kind}}}}}}}}}"
        responses = "{'200': {description: x}}"
        return api(
            f"{{{path}: {{post: {{requestBody: {body}, responses: {responses}}}}}}}", f"servers: [{{url: '{server}'}}]"
        )

    old = taking("/v1/a", "https://a.example", "number")
    assert [one.rule for one in above_info(compare(old, taking("/a", "https://a.example/v1", "integer")))] == ["ZC264"]


def test_an_operation_that_moves_to_another_host_is_not_reached_any_more() -> None:
    old = served("/things", "https://a.example")
    new = served("/things", "https://a.example", operation="servers: [{url: 'https://b.example'}], ")
    (found,) = above_info(compare(old, new))
    assert found.rule == "ZC249"
    assert found.operations == ("GET /things",)
    assert found.evidence.witness is not None
    assert found.evidence.witness.value == {"method": "GET", "url": "https://a.example/things"}
    both = served(
        "/things",
        "https://a.example",
        operation="servers: [{url: 'https://b.example'}, {url: 'https://a.example'}], ",
    )
    result = compare(old, both)
    assert above_info(result) == []
    assert "server-added" in slugs(result)
    assert above_info(compare(old, new, config=DriftConfig(ignore_servers=True))) == []


@pytest.mark.parametrize("url", ["http://[bad", "https://a.example:99999999/x", "//", "::", "http://[::1]:80/v1"])
def test_addresses_that_are_none_do_no_harm(url: str) -> None:
    for old, new in ((served("/things", url), ROOT), (ROOT, served("/things", url))):
        assert compare(old, new).findings


def oauth(*flows: str) -> str:
    told = ", ".join(f"{flow}: {{tokenUrl: 'https://a.example/t', scopes: {{r: ''}}}}" for flow in flows)
    schemes = f"components: {{securitySchemes: {{oa: {{type: oauth2, flows: {{{told}}}}}}}}}"
    return things("security: [{oa: [r]}]", schemes)


def test_a_further_flow_takes_no_credential_away() -> None:
    one, two = oauth("clientCredentials"), oauth("clientCredentials", "password")
    result = compare(one, two)
    assert above_info(result) == []
    only(result, "security-declaration-changed")
    assert [found.rule for found in above_info(compare(two, one))] == ["ZC247"]


def form(*fields: str) -> str:
    listed = ", ".join(f"{{in: formData, {one}}}" for one in fields)
    return (
        "swagger: '2.0'\ninfo: {title: T, version: '1'}\npaths:\n  /things:\n    post:\n"
        "      consumes: [application/x-www-form-urlencoded]\n"
        f"      parameters: [{listed}]\n      responses: {{'200': {{description: x}}}}\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (["name: a, type: string"], ["name: a, type: integer"], "ZC264"),
        (["name: a, type: integer"], ["name: a, type: integer, maximum: 4"], "ZC267"),
        (["name: a, type: string"], ["name: a, type: string, required: true"], "ZC260"),
        (["name: a, type: string", "name: b, type: string"], ["name: a, type: string"], "ZC262"),
        (["name: a, type: file"], ["name: a, type: string"], "ZC230"),
    ],
)
def test_forms_of_swagger_2_are_judged(old: list[str], new: list[str], rule: str) -> None:
    result = compare(form(*old), form(*new))
    assert rule in [one.rule for one in above_info(result)]
    assert not any("x-was" in one.message + "".join(one.evidence.details) for one in result.findings)
    assert document(form(*old)).operations
