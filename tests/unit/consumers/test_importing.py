"""Contracts from Pact files, HAR logs and cassettes; and back to a Pact. Secrets never come along."""

import base64
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.consumers.documents import contract, document, rules
from zeues_contracts.consumers import check_contracts, parse_contract, write_contract
from zeues_contracts.consumers.exporting import pact_of
from zeues_contracts.consumers.importing import import_file, import_text
from zeues_contracts.consumers.importing.secrets import clean_form
from zeues_contracts.consumers.lists import some_item
from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Level
from zeues_contracts.schema.validators import judge_document

SECRETS = ["hunter22-secret", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "AKIAABCDEFGHIJKLMNOP"]


def pact(*interactions, version=2, **more):
    metadata = {"pactSpecification": {"version": f"{version}.0.0"}}
    return {"consumer": {"name": "web"}, "provider": {"name": "shop"}, "interactions": list(interactions),
            "metadata": metadata, **more}  # fmt: skip


def call(request=None, response=None, **more):
    return {
        "description": "a request for it",
        "request": {"method": "get", "path": "/things/1", **(request or {})},
        "response": {"status": 200, **(response or {})},
        **more,
    }


def imported(value, **options):
    text = json.dumps(value).encode()
    found, notes = import_text(text, "x.json", **options)
    return found, notes


def only(value, **options):
    (one,) = imported(value, **options)[0].interactions
    return one


def test_a_pact_becomes_a_contract():
    found, notes = imported(
        pact(
            call(
                {
                    "method": "post",
                    "path": "/things",
                    "query": "page=1&tag=a&tag=b",
                    "headers": {"Content-Type": "application/json", "X-Mine": "1", "User-Agent": "me"},
                    "body": {"name": "x", "$ref": "int"},
                },
                {"status": 201, "headers": {"Content-Type": "application/json; charset=utf-8"}, "body": {"id": 1}},
                providerState="nothing is there",
            )
        )
    )
    one = found.interactions[0]
    assert (found.consumer, found.service, notes) == ("web", "shop", ())
    assert (one.id, one.operation) == ("a-request-for-it", "POST /things")
    assert one.description == "a request for it (given nothing is there)"
    assert {name: payload.value for name, payload in one.request.query.items()} == {"page": "1", "tag": ["a", "b"]}
    assert {name: payload.value for name, payload in one.request.headers.items()} == {"x-mine": "1"}
    assert one.request.body.value == {"name": "x", "$ref": "int"}
    assert one.expect.statuses == ("201",)
    assert one.expect.media_type == "application/json"
    assert one.expect.body.schema == {"type": "object", "properties": {"id": {"const": 1}}, "required": ["id"]}


STR, NUM = {"type": "string"}, {"type": "number"}


def thing(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


@pytest.mark.parametrize(
    ("version", "rules_", "body", "schema"),
    [
        (2, {}, {"a": "x", "n": None}, thing(a={"const": "x"}, n={"type": "null"})),
        (2, {"$.body": {"match": "type"}}, {"a": "x", "b": {"c": 1}}, thing(a=STR, b=thing(c=NUM))),
        (2, {"$.body.a": {"match": "type"}}, {"a": "x", "b": 1}, thing(a=STR, b={"const": 1})),
        (2, {"$.body.a": {"regex": "^x+$"}}, {"a": "x"}, thing(a={"type": "string", "pattern": "^x+$"})),
        (2, {"$.body.l": {"min": 1}, "$.body.l[*].*": {"match": "type"}}, {"l": [{"i": 1}]},
         thing(l={"type": "array", "items": thing(i=NUM), "minItems": 1})),
        (2, {"$['body']['a b']": {"match": "type"}}, {"a b": "x"}, thing(**{"a b": STR})),
        (3, {"body": {"$.a": {"matchers": [{"match": "integer"}]}}}, {"a": 1}, thing(a={"type": "integer"})),
        (3, {"body": {"$.a": {"matchers": [{"match": "decimal"}]}}}, {"a": 1.5}, thing(a=NUM)),
        (3, {"body": {"$.a": {"matchers": [{"match": "timestamp", "timestamp": "yyyy"}]}}}, {"a": "26"}, thing(a=STR)),
        (3, {"body": {"$.a": {"matchers": [{"match": "date", "date": "yyyy-MM-dd"}]}}}, {"a": "2026-01-01"},
         thing(a={"type": "string", "format": "date"})),
        (3, {"body": {"$.a": {"matchers": [{"match": "include", "value": "x.y"}]}}}, {"a": "ax.yb"},
         thing(a={"type": "string", "pattern": "x\\.y"})),
        (3, {"body": {"$": {"matchers": [{"match": "type", "max": 3}]}}}, [1], {"type": "array", "items": NUM,
                                                                               "maxItems": 3}),
        (4, {"body": {"$": {"matchers": [{"match": "eachValue"}]}, "$.*": {"matchers": [{"match": "type"}]}}},
         {"k": 1}, {"type": "object", "additionalProperties": NUM}),
        (4, {"body": {"$.a": {"matchers": [{"match": "arrayContains"}]}}}, {"a": [1, 2]}, thing(a={"type": "array"})),
        (4, {"body": {"$.a": {"matchers": [{"match": "boolean"}]}}}, {"a": True}, thing(a={"type": "boolean"})),
        (4, {"body": {"$.a": {"matchers": [{"match": "notEmpty"}]}}}, {"a": 5}, thing(a=NUM)),
        (4, {"body": {"$.a": {"matchers": [{"match": "eachKey", "rules": []}, {"match": "eachValue", "rules": [
            {"match": "integer"}]}]}}}, {"a": {"k": 1}},
         thing(a={"type": "object", "additionalProperties": {"type": "integer"}})),
        (4, {"body": {"$.a": {"matchers": [{"match": "eachKey"}]}}}, {"a": {"k": 1, "l": "x"}},
         thing(a={"type": "object", "additionalProperties": {"enum": [1, "x"]}})),
        (4, {"body": {"$": {"matchers": [{"match": "arrayContains", "variants": [
            {"index": 1, "rules": {"$.k": {"matchers": [{"match": "integer"}]}}}, {"index": 9}]}]}}}, [0, {"k": 1}],
         some_item(thing(k={"type": "integer"}))),
    ],
)  # fmt: skip
def test_matching_rules_become_schemas(version, rules_, body, schema):
    content = {"content": body, "contentType": "application/json", "encoded": False} if version == 4 else body
    one = only(pact(call(None, {"body": content, "matchingRules": rules_}), version=version))
    assert one.expect.body.schema == schema
    # The example of a Pact is one of the answers that it expects.
    assert judge_document(one.expect.body.schema, body).valid


@pytest.mark.parametrize(
    ("version", "kind", "body", "sent"),
    [
        (2, "application/json", '{"a": 1}', {"a": 1}),
        (3, "application/vnd.x+json; charset=utf-8", "[1]", [1]),
        (2, "application/json", "plain", "plain"),
        (2, "application/json", "5", "5"),
        (2, "text/plain", '{"a": 1}', '{"a": 1}'),
        (4, "application/json", {"content": '{"a": 1}', "encoded": False}, {"a": 1}),
        (4, "application/json", {"content": "eyJhIjogMX0=", "encoded": "base64"}, {"a": 1}),
        (4, "text/plain", {"content": "aGk=", "encoded": "base64"}, "hi"),
        (4, "application/octet-stream", {"content": "/w==", "encoded": "base64"}, "(binary)"),
    ],
)
def test_bodies_are_what_their_media_type_and_encoding_say(version, kind, body, sent):
    body = {"contentType": kind, **body} if version == 4 else body
    headers = {} if version == 4 else {"Content-Type": kind}
    one = only(pact(call({"method": "POST", "headers": headers, "body": body}), version=version))
    assert one.request.body.value == sent


def test_version_4_has_types_of_interactions_and_classes_of_statuses():
    found, notes = imported(
        pact(
            {"type": "Asynchronous/Messages", "description": "m", "contents": {}},
            call(
                {"query": {"q": ["1"]}, "headers": {"accept": ["a/b", "c/d"]}},
                {"matchingRules": {"status": {"$": {"matchers": [{"match": "statusCode", "status": "clientError"}]}}}},
                type="Synchronous/HTTP",
            ),
            version=4,
        )
    )
    assert notes == ("interactions[0] (Asynchronous/Messages) is no request: left out",)
    (one,) = found.interactions
    assert one.expect.statuses == ("4XX",)
    assert one.request.headers["accept"].value == "a/b, c/d"


def test_headers_of_an_answer():
    one = only(
        pact(
            call(
                None,
                {
                    "headers": {"X-Total": "3", "Location": "/things/1"},
                    "matchingRules": {"$.header.Location": {"match": "regex", "regex": "^/things/"}},
                },
            )
        )
    )
    assert one.expect.headers["x-total"].schema == {"const": "3"}


SHOP = """
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200":
          description: X
          content: {application/json: {schema: {type: object, properties: {a: {type: string}, kind: {enum: [k, l]}},
            required: [a]}}}
"""


def test_an_imported_pact_is_checked_as_any_contract():
    good, _ = imported(pact(call(None, {"body": {"a": "x"}, "matchingRules": {"$.body": {"match": "type"}}})))
    assert check_contracts([good], document(SHOP)) == ()
    bad, _ = imported(pact(call({"path": "/things/x"}, {"body": {"a": 1, "kind": "z"}})))
    found = check_contracts([bad], document(SHOP))
    assert {one.rule for one in found if one.level is Level.ERROR} == {"ZC312", "ZC340"}
    sample, _ = imported(pact(call(None, {"body": {"kind": "z"}, "matchingRules": {"$.body": {"match": "type"}}})))
    assert "ZC347" in rules(check_contracts([sample], document(SHOP)))


def har(*entries):
    return {"log": {"version": "1.2", "entries": list(entries)}}


def seen(method="GET", url="https://api.example.com/v1/things/1", status=200, body=None, **more):
    text = json.dumps(body) if body is not None else ""
    return {
        "request": {"method": method, "url": url, "headers": more.get("headers", []),
                    **({"postData": more["post"]} if "post" in more else {})},
        "response": {"status": status, "headers": [], "content": {"mimeType": more.get("kind", "application/json"),
                                                                  "text": text}},
    }  # fmt: skip


def test_a_browser_s_log_becomes_a_contract():
    value = har(
        seen(body={"a": "x", "n": 1, "gone": None}),
        seen(url="https://api.example.com/v1/things/2", body={"a": "y", "n": 2.5, "b": True}),
        seen("OPTIONS"),
        seen(url="https://cdn.example.com/app.js", kind="application/javascript"),
        seen(url="https://api.example.com/v1/style.css", kind="text/css"),
        seen("POST", "https://api.example.com/v1/things", 201, {"id": 1},
             post={"mimeType": "application/json", "text": '{"name": "x"}'},
             headers=[{"name": "Content-Type", "value": "application/json"}, {"name": ":authority", "value": "x"}]),
    )  # fmt: skip
    found, notes = imported(value, consumer="web", document=document("servers: [{url: /v1}]\n" + SHOP))
    first, second = found.interactions
    assert first.operation == "GET /things/{id}"
    assert first.request.path["id"].value == "1"
    assert first.expect.body.schema == {
        "type": "object",
        "properties": {"a": STR, "n": NUM, "gone": {}, "b": {"type": "boolean"}},
        "required": ["a", "n"],
    }
    assert second.operation == "POST /v1/things"
    assert second.request.body.value == {"name": "x"}
    assert any("exchanges were left out" in note for note in notes)
    based, _ = imported(value, base_url="https://api.example.com/v1")
    assert [one.operation for one in based.interactions] == ["GET /things/1", "GET /things/2", "POST /things"]


def test_of_several_hosts_the_one_that_was_called_most():
    value = har(seen(), seen(), seen(url="https://other.example.com/x"))
    found, notes = imported(value)
    assert [one.operation for one in found.interactions] == ["GET /v1/things/1"]
    assert "left out: other.example.com" in notes[0]
    with pytest.raises(UsageError, match="no call of a service in it below https://nobody"):
        imported(value, base_url="https://nobody.example.com")


CASSETTE = """
version: 1
interactions:
- request:
    method: POST
    uri: https://api.example.com/things?page=2
    body: '{"name": "x", "password": "hunter22-secret"}'
    headers:
      Content-Type: [application/json]
      Authorization: [Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl]
  response:
    status: {code: 201, message: Created}
    headers: {Content-Type: [application/json]}
    body: {string: '{"id": 5}'}
- request: {method: GET, uri: https://api.example.com/zipped, body: null, headers: {}}
  response:
    status: {code: 200, message: OK}
    headers: {Content-Type: [application/json], Content-Encoding: [gzip]}
    body: {string: !!binary "%s"}
"""


def test_a_cassette_becomes_a_contract(tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text(CASSETTE % base64.b64encode(gzip.compress(b'{"z": [1]}')).decode(), "utf-8")
    found, _ = import_file(file)
    assert found.consumer == "shop"
    first, second = found.interactions
    assert (first.operation, first.expect.statuses) == ("POST /things", ("201",))
    assert first.request.query["page"].value == "2"
    assert first.request.body.shown == {"name": "x", "password": "$env:PASSWORD"}
    assert first.request.headers["authorization"].shown == "Bearer ${TOKEN}"
    assert second.expect.body.schema == thing(z={"type": "array", "items": NUM})


RUBY = """
http_interactions:
- request: {method: get, uri: "http://localhost:3000/zoo", body: {string: ""}, headers: {Accept: [x/y]}}
  response:
    status: {code: 404, message: Not Found}
    headers: {Content-Type: [application/json]}
    body: {encoding: UTF-8, base64_string: "eyJlIjogMX0="}
recorded_with: VCR 6.0.0
"""


def test_a_cassette_of_ruby_becomes_a_contract():
    (one,) = import_text(RUBY.encode(), "zoo.yml")[0].interactions
    assert (one.operation, one.expect.statuses) == ("GET /zoo", ("404",))
    assert one.expect.body.schema == thing(e=NUM)
    assert one.request.headers["accept"].value == "x/y"


def planted(kind):
    password, token, key = SECRETS
    headers = {"Authorization": f"Bearer {token}", "Cookie": f"sid={password}; other={token}", "X-Api-Key": key}
    body = {"password": password, "note": f"key {key}", "list": [{"token": token}]}
    query = f"api_key={key}&page=1&token={token}"
    if kind == "pact":
        return pact(
            call({"headers": headers, "body": body, "query": query}, {"body": body, "headers": {"X-Auth-Token": token}})
        )
    pairs = [{"name": name, "value": value} for name, value in headers.items()]
    post = {"mimeType": "application/json", "text": json.dumps(body)}
    form = {"mimeType": "application/x-www-form-urlencoded", "text": f"password={password}&a=1"}
    url = f"https://user:{password}@api.example.com/things/{token}?{query}"
    return har(
        seen("POST", url, body=body, headers=pairs, post=post),
        seen("PUT", url, body=body, headers=[{"name": "content-type", "value": form["mimeType"]}], post=form),
    )


@pytest.mark.parametrize("kind", ["pact", "har"])
def test_planted_secrets_are_not_to_be_found(kind):
    found, notes = imported(planted(kind))
    text = write_contract(found) + repr(notes)
    for secret in SECRETS:
        assert secret not in text
    assert "$env:PASSWORD" in text
    assert parse_contract(write_contract(found)).interactions
    exported = json.dumps(pact_of(found)[0])
    assert not any(secret in exported for secret in SECRETS)
    assert not any(secret in repr(check_contracts([found], document(SHOP))) for secret in SECRETS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"{", "not valid JSON"),
        (b"[1]", "neither a Pact file, nor a HAR log, nor a VCR cassette"),
        (b"{}", "neither a Pact file"),
        (b"a: [", "not valid YAML"),
        (b'{"consumer": {"name": "a"}, "provider": {}, "interactions": 3}', "`interactions` is no list"),
        (b'{"consumer": {"name": "a"}, "provider": {}, "interactions": [3]}', "interactions[0] is no object"),
        (b'{"consumer": {"name": "a"}, "provider": {}, "interactions": [{"request": 3}]}', "`request` is no object"),
        (b'{"log": {"entries": []}}', "no call of a service in it"),
        (b'{"log": {"entries": 3}}', "no call of a service in it"),
        (
            b'{"log": {"entries": [3, {"request": {"url": 5}}, {"request": {"url": "ftp://x"}}]}}',
            "no call of a service",
        ),
        (b"{" * 100_000, "not valid JSON"),
        (b"\xff\xfe", "x.json"),
    ],
)
def test_what_cannot_be_imported_is_told_in_one_line(text, says):
    with pytest.raises(UsageError) as told:
        import_text(text, "x.json")
    assert says in told.value.message
    assert "\n" not in told.value.message


def test_odd_pacts_are_taken_as_far_as_they_go():
    found, _ = imported(
        pact(
            call(
                {"method": None, "path": "things {a}?x=1#y", "headers": 3, "query": 5},
                {"status": "404", "body": "text"},
            ),
            call({"path": "/"}, {"status": 999, "headers": {"A": None, "B": ["x", 1]}}),
            call(),
        )
    )
    assert [one.operation for one in found.interactions] == ["GET /things%20%7Ba%7D", "GET /", "GET /things/1"]
    assert [one.id for one in found.interactions] == ["a-request-for-it", "a-request-for-it-2", "a-request-for-it-3"]
    assert found.interactions[1].expect.statuses == ()


def test_a_contract_becomes_a_pact():
    found = contract(
        "{id: a, operation: 'PUT /things/{id}', request: {path: {id: a/b}, query: {q: [1, 2]}, body: {n: 1}}, "
        "expect: {status: 2XX, body: {id: int, at: datetime, kind: {$enum: [k, l]}, list: [{x: str}], ok: true, "
        "'a b': {$regex: '^x$'}, note: opt str}}}",
        "{id: b, operation: get_b}",
    )
    value, notes = pact_of(found, provider="shop")
    (one,) = value["interactions"]
    assert one["request"]["path"] == "/things/a%2Fb"
    assert one["request"]["query"] == {"q": ["1", "2"]}
    assert one["request"]["body"]["content"] == {"n": 1}
    rules_ = one["response"]["matchingRules"]
    assert rules_["status"]["matchers"] == [{"match": "statusCode", "status": "success"}]
    assert rules_["body"]["$.id"]["matchers"] == [{"match": "integer"}]
    assert rules_["body"]["$.list"]["matchers"] == [{"match": "type"}]
    assert rules_["body"]["$['a b']"]["matchers"] == [{"match": "regex", "regex": "^x$"}]
    assert one["response"]["body"]["content"]["ok"] is True
    assert any("`note`" in note for note in notes)
    assert any("operationId" in note for note in notes)
    # And back again it says the same of what a Pact can say.
    again = only(value)
    schema = again.expect.body.schema
    assert schema["properties"]["id"] == {"type": "integer"}
    assert schema["properties"]["list"] == {"type": "array", "items": thing(x=STR)}
    assert again.expect.statuses == ("2XX",)


@pytest.mark.parametrize("url", ["http://[::1", "//\\x:y@[/"])
def test_a_call_of_no_url_is_left_out(url):
    found, _ = imported(har(seen(), seen(url=url)), consumer="web")
    assert [one.operation for one in found.interactions] == ["GET /v1/things/1"]
    with pytest.raises(UsageError, match="no call of a service"):
        imported(har(seen(url=url)), consumer="web")
    with pytest.raises(UsageError, match="not a URL"):
        imported(har(seen()), consumer="web", base_url="http://[::1")


def test_names_that_are_secrets_themselves_stay_apart():
    names = [f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkw{one}.abcdefghijklmnopqrstuvwx" for one in ("In0", "MX0")]
    form = clean_form({names[0]: 1, "plain": {"x": 2}, names[1]: 3})
    assert sorted(json.dumps(one) for one in form.values()) == ["1", "3", '{"x": 2}']
    assert not any(one in json.dumps(form) for one in names)


@pytest.mark.skipif(not os.environ.get("ZEUES_CONTRACTS_CORPUS"), reason="needs ZEUES_CONTRACTS_CORPUS")
def test_agreement_with_a_comparator_of_the_field():
    root = Path(__file__).parents[3]
    folder = Path(os.environ["ZEUES_CONTRACTS_CORPUS"]) / "pact"
    run = subprocess.run(
        [sys.executable, str(root / "tests/bench/score_pact.py"), str(folder)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr
