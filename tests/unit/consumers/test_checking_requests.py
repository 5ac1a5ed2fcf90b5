"""Requests against the document: what is accepted, what is refused, what is ignored."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.consumers.documents import answering, check, contract, document, query, rules, taking
from zeues_contracts.config import ServiceConfig
from zeues_contracts.consumers import check_contracts
from zeues_contracts.findings import Level
from zeues_contracts.schema.types import Direction, Settings
from zeues_contracts.schema.validators import judge

PATHS = """
paths:
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: get_a, responses: {"200": {description: A}}}
    delete: {responses: {"204": {description: Gone}}}
  /a/mine: {get: {responses: {"200": {description: Mine}}}}
  /a/{name}/b: {get: {parameters: [{name: name, in: path, required: true, schema: {type: string}}],
    responses: {"200": {description: B}}}}
"""


@pytest.mark.parametrize(
    ("operation", "fired", "hint"),
    [
        ("GET /a/{whatever}", ["ZC310"], "send `id`"),
        ("GET /a/7", [], ""),
        ("GET /a/x", ["ZC312"], "`id` is documented as an integer"),
        ("GET /a/mine", [], ""),
        ("get_a", ["ZC310"], "send `id`"),
        ("get_b", ["ZC301"], "did you mean `get_a`?"),
        ("GET /a/x/b", [], ""),
        ("GET /a/x/b?q=1", ["ZC311"], ""),
        ("PUT /a/7", ["ZC302"], ""),
        ("PUT /a/mine", ["ZC302"], ""),
        ("GET /b/7", ["ZC301"], "GET /a/{id}"),
        ("GET /a/7/c", ["ZC301"], "GET /a/{name}/b"),
        ("GET /something/else/altogether", ["ZC301"], ""),
    ],
)
def test_operations(operation, fired, hint):
    found = check(document(PATHS), f"{{operation: '{operation}'}}")
    assert rules(found) == fired
    if fired:
        assert hint in found[0].hint


def test_path_parameters_go_by_position():
    assert check(document(PATHS), "{operation: 'GET /a/{key}', request: {path: {key: 7}}}") == ()
    found = check(document(PATHS), "{operation: 'GET /a/{key}', request: {path: {key: seven}}}")
    assert rules(found) == ["ZC312"]
    assert found[0].place.pointer == "/interactions/0/request/path/key"


def test_what_is_expected_not_to_be_there_is_no_error():
    (found,) = check(document(PATHS), "{operation: GET /b/7, expect: {status: 404}}")
    assert (found.rule, found.level) == ("ZC301", Level.INFO)


def test_paths_may_begin_with_the_service_s_prefix():
    settings = ServiceConfig(base_url="http://example.com/api")
    assert check(document(PATHS), "{operation: GET /api/a/7}", settings=settings) == ()
    assert rules(check(document(PATHS), "{operation: GET /api/a/7}")) == ["ZC301"]
    served = document("servers: [{url: /api/v1}]\n" + PATHS)
    assert check(served, "{operation: GET /api/v1/a/7}") == ()


DEEP = (
    "{name: q, in: query, style: deepObject, explode: true, schema: {type: object, properties: {a: {type: integer}, "
    "b: {type: object, properties: {c: {type: integer}}}}}}"
)
PARAMETERS = [
    ("{name: q, in: query, schema: {type: integer}}", "{q: 5}", True),
    ("{name: q, in: query, schema: {type: integer}}", "{q: '5'}", True),
    ("{name: q, in: query, schema: {type: integer}}", "{q: x}", False),
    ("{name: q, in: query, schema: {type: integer}}", "{q: 5.5}", False),
    ("{name: q, in: query, schema: {type: integer, maximum: 4}}", "{q: 5}", False),
    ("{name: q, in: query, schema: {type: string}}", "{q: 5}", True),
    ("{name: q, in: query, schema: {type: string}}", "{q: [a, b]}", False),
    ("{name: q, in: query, schema: {type: boolean}}", "{q: 'true'}", True),
    ("{name: q, in: query, schema: {type: boolean}}", "{q: 'yes'}", False),
    ("{name: q, in: query, schema: {type: string, format: date}}", "{q: $today}", True),
    ("{name: q, in: query, schema: {type: string, format: date}}", "{q: today}", False),
    ("{name: q, in: query, schema: {enum: [a, b]}}", "{q: c}", False),
    ("{name: q, in: query, schema: {enum: [1, 2]}}", "{q: '2'}", True),
    ("{name: q, in: query, schema: {type: array, items: {type: integer}}}", "{q: [1, 2]}", True),
    ("{name: q, in: query, schema: {type: array, items: {type: integer}}}", "{q: 1}", True),
    ("{name: q, in: query, schema: {type: array, items: {type: integer}}}", "{q: [1, x]}", False),
    ("{name: q, in: query, explode: false, schema: {type: array, items: {type: integer}}}", "{q: '1,2'}", True),
    ("{name: q, in: query, explode: false, schema: {type: array, items: {type: integer}}}", "{q: '1,x'}", False),
    ("{name: q, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: integer}}}",
     "{q: '1|2'}", True),
    (DEEP, "{'q[a]': 1, 'q[b][c]': '2'}", True),
    (DEEP, "{'q[a]': x}", False),
    (DEEP, "{'q[b][c]': x}", False),
    ("{name: q, in: query, schema: {type: object, properties: {a: {type: integer}}}}", "{a: 1}", True),
    ("{name: q, in: query, schema: {type: object, properties: {a: {type: integer}}}}", "{a: x}", False),
    ("{name: q, in: query, content: {application/json: {schema: {type: object, required: [a]}}}}", "{q: '{\"a\": 1}'}",
     True),
    ("{name: q, in: query, content: {application/json: {schema: {type: object, required: [a]}}}}", "{q: '{}'}", False),
    ("{name: q, in: query, schema: {type: integer}}", "{q: {$type: int}}", True),
    ("{name: q, in: query, schema: {type: integer, minimum: 1}}", "{q: {$type: int}}", False),
    ("{name: q, in: query, schema: {type: string}}", "{q: {$type: int}}", True),
    ("{name: q, in: query, schema: {anyOf: [{type: integer}, {type: 'null'}]}}", "{q: 5}", True),
]  # fmt: skip


@pytest.mark.parametrize(("parameter", "sent", "accepted"), PARAMETERS)
def test_parameters_are_read_as_servers_read_them(parameter, sent, accepted):
    found = check(query(parameter), f"{{operation: GET /x, request: {{query: {sent}}}}}")
    assert rules(found) == ([] if accepted else ["ZC312"])


@pytest.mark.parametrize(
    ("style", "path", "accepted"),
    [
        ("simple", "/p/1,2", True),
        ("simple", "/p/1,x", False),
        ("label", "/p/.1,2", True),
        ("matrix", "/p/;v=1,2", True),
        ("matrix", "/p/;v=1,x", False),
    ],
)
def test_styles_of_paths(style, path, accepted):
    found = document(
        f"paths: {{'/p/{{v}}': {{get: {{parameters: [{{name: v, in: path, required: true, style: {style}, "
        "schema: {type: array, items: {type: integer}}}], responses: {'200': {description: P}}}}}\n"
    )
    assert rules(check(found, f"{{operation: 'GET {path}'}}")) == ([] if accepted else ["ZC312"])


def test_what_is_deprecated_and_used():
    old = query("{name: q, in: query, deprecated: true, schema: {type: string}}")
    (one,) = check(old, "{operation: GET /x, request: {query: {q: a}}}")
    assert (one.rule, one.level, one.message) == (
        "ZC305", Level.INFO, "c sends the query parameter `q`, which is deprecated"
    )  # fmt: skip
    assert check(old, "{operation: GET /x}") == ()
    read = answering("{type: array, items: {properties: {a: {deprecated: true}, b: {type: string}}, required: [a, b]}}")
    (one,) = [
        one for one in check(read, "{operation: GET /x, expect: {body: [{a?: any, b: str}]}}") if one.rule == "ZC305"
    ]
    assert one.message == "c reads `[].a` (200), which is deprecated"
    assert one.place.pointer == "/interactions/0/expect/body/0/a"


def test_undeclared_parameters():
    found = check(
        query("{name: limit, in: query, schema: {type: integer}}"),
        "{operation: GET /x, request: {query: {limt: 5}, headers: {x-mine: a, user-agent: me, accept: '*/*'}}}",
    )
    assert [(one.rule, one.level, one.hint) for one in found] == [
        ("ZC311", Level.WARNING, "is `limit` meant?"),
        ("ZC311", Level.INFO, ""),
    ]


def test_variables_that_are_not_set_are_not_judged(monkeypatch):
    monkeypatch.delenv("NUMBER", raising=False)
    number = query("{name: q, in: query, schema: {type: integer}}")
    assert check(number, "{operation: GET /x, request: {query: {q: $env:NUMBER}}}") == ()
    monkeypatch.setenv("NUMBER", "seven")
    (found,) = check(number, "{operation: GET /x, request: {query: {q: $env:NUMBER}}}")
    assert found.evidence.witness.value == "$env:NUMBER"
    body = taking("{type: object, properties: {a: {type: integer}, b: {type: integer}}}")
    monkeypatch.delenv("NUMBER")
    assert check(body, "{operation: POST /x, request: {body: {a: $env:NUMBER}}}") == ()
    (found,) = check(body, "{operation: POST /x, request: {body: {a: $env:NUMBER, b: x}}}")
    assert found.subject == "c: body b type"


CLOSED = "{type: object, properties: {a: {}}, patternProperties: {'^x': {}}, additionalProperties: false}"
MARKED = (
    "{oneOf: [{properties: {k: {const: a}, x: {type: integer}}, required: [k, x]}, "
    "{properties: {k: {const: b}}, required: [k]}]}"
)
THING = "{type: object, properties: {a: {type: string}, n: {type: integer, minimum: 1}}, required: [a, n]}"


@pytest.mark.parametrize(
    ("schema", "body", "fired", "says"),
    [
        (THING, "{a: x, n: 1}", [], ""),
        (THING, "{a: x}", ["ZC323"], "does not send `n`, which the body requires"),
        (THING, "{}", ["ZC323", "ZC323"], "does not send `a`"),
        (THING, "{a: 1, n: 0}", ["ZC324", "ZC324"], "`a` is 1, it has to be a string"),
        (THING, "[]", ["ZC324"], "the value is a list of 0, it has to be an object"),
        (THING, "{a: x, n: 1, z: 1}", ["ZC325"], "sends `z`, which the body does not declare"),
        ("{type: object, properties: {a: {}}, additionalProperties: false}", "{z: 1}", ["ZC324"], "`z` is not allowed"),
        (CLOSED, "{a: 1, x1: 1, z: 1}", ["ZC324"], "`z` is not allowed"),
        ("{allOf: [{properties: {a: {}}}], unevaluatedProperties: false}", "{a: 1, z: 1}", ["ZC324"], "`z`"),
        ("{type: object, properties: {a: {}}, additionalProperties: true}", "{z: 1}", [], ""),
        ("{type: object, properties: {a: {}}, patternProperties: {'^z': {}}}", "{z1: 1}", [], ""),
        ("{type: object}", "{z: 1}", [], ""),
        ("{}", "{z: 1}", [], ""),
        ("{allOf: [{properties: {a: {}}}, {properties: {b: {}}}]}", "{a: 1, b: 1}", [], ""),
        ("{anyOf: [{properties: {a: {}}}, {properties: {b: {}}}]}", "{a: 1, c: 1}", ["ZC325"], "`c`"),
        ("{type: array, items: {properties: {a: {}}}}", "[{a: 1}, {b: 1}]", ["ZC325"], "`[].b`"),
        ("{properties: {o: {properties: {a: {}}}}}", "{o: {b: 1}}", ["ZC325"], "`o.b`"),
        ("{type: string, format: date}", "$today", [], ""),
        ("{type: string, format: date}", "soon", ["ZC324"], "which is no date"),
        ("{anyOf: [{type: integer}, {type: 'null'}]}", "x", ["ZC324"], "it has to be an integer or null"),
        (MARKED, "{k: a}", ["ZC323"], "does not send `x`"),
        ("{properties: {id: {type: integer, readOnly: true}, a: {}}, required: [id, a]}", "{a: 1}", [], ""),
        (THING, "{a: {$type: str}, n: {$schema: {type: integer, minimum: 5}}}", [], ""),
        (THING, "{a: {$type: str}, n: {$type: int}}", ["ZC324"], "it has to be at least 1"),
        (THING, "{a: {$type: str}, n?: 1}", ["ZC323"], "may leave out `n`"),
        (THING, "{a: {$type: str}, n: 1, z?: 1}", ["ZC325"], "`z`"),
    ],
)  # fmt: skip
def test_bodies(schema, body, fired, says):
    found = check(taking(schema), f"{{operation: POST /x, request: {{body: {body}}}}}")
    assert rules(found) == fired
    if fired:
        assert says in found[0].message


def test_missing_properties_come_first():
    found = check(taking(THING), "{operation: POST /x, request: {body: {n: 0}}}")
    assert rules(found) == ["ZC323", "ZC324"]
    assert found[0].evidence.witness.value == {"n": 0}


def test_a_property_that_is_nearly_named_is_told():
    (found,) = [
        one
        for one in check(taking(THING), "{operation: POST /x, request: {body: {a: x, nn: 1}}}")
        if one.rule == "ZC323"
    ]
    assert found.hint.startswith("send `n`")
    near = taking("{type: object, properties: {worker_id: {type: integer}}, required: [worker_id]}")
    found = check(near, "{operation: POST /x, request: {body: {workerid: 1}}}")
    assert found[0].hint == "`workerid` is sent and not declared; is it meant to be `worker_id`? it is an integer"


@pytest.mark.parametrize(
    ("schema", "value", "hint"),
    [
        ("{type: integer}", "'93'", "is 93 meant?"),
        ("{type: boolean}", "'true'", "is true meant?"),
        ("{type: string}", "93", 'is "93" meant?'),
        ("{enum: [ARM, SOLD]}", "arm", 'is "ARM" meant?'),
        ("{enum: [ARM, SOLD]}", "SOLDD", 'is "SOLD" meant?'),
        ("{enum: [ARM, SOLD]}", "PAINT", "`a` is documented as a string (ARM, SOLD)"),
        ("{type: integer, minimum: 5}", "'3'", "`a` is documented as an integer (>= 5)"),
    ],
)
def test_what_was_probably_meant(schema, value, hint):
    found = taking(f"{{type: object, properties: {{a: {schema}}}}}")
    (one,) = check(found, f"{{operation: POST /x, request: {{body: {{a: {value}}}}}}}")
    assert one.hint == hint


def test_secrets_of_a_body_are_never_shown():
    found = check(taking(THING), "{operation: POST /x, request: {body: {a: x, password: hunter22}}}")
    assert "hunter22" not in repr(found)


FORM = """
paths:
  /x:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            encoding: {comma: {explode: false}}
            schema:
              type: object
              properties:
                ids: {type: array, items: {type: integer}}
                comma: {type: array, items: {type: integer}}
                flags: {type: array, items: {type: boolean}, maxItems: 2}
                name: {type: string}
                deep: {type: object, properties: {n: {type: integer}}}
      responses: {"200": {description: X}}
"""


@pytest.mark.parametrize(
    ("body", "fired", "message"),
    [
        ("{ids: ['1', '2']}", [], ""),
        ("{ids: [1, 2]}", [], ""),
        ("{ids: '1'}", [], ""),
        ("ids=1&ids=2", [], ""),
        ("ids=7", [], ""),
        ("{comma: '1,2'}", [], ""),
        ("'comma=1,2'", [], ""),
        ("{flags: ['true', false]}", [], ""),
        ("{name: 5}", [], ""),
        ("""{deep: '{"n": 1}'}""", [], ""),
        ("{ids: ['1', x]}", ["ZC324"], 'item 1 is "x"'),
        ("ids=1&ids=x", ["ZC324"], 'item 1 is "x"'),
        ("{ids: x}", ["ZC324"], 'item 0 is "x"'),
        ("{ids: '1,2'}", ["ZC324"], 'item 0 is "1,2"'),
        ("{flags: ['true', 'false', 'true']}", ["ZC324"], "flags"),
        ("{name: [a, b]}", ["ZC324"], "name"),
    ],
)
def test_fields_of_forms_are_text_and_judged_by_what_that_can_be_read_as(body, fired, message):
    form = f"{{operation: POST /x, request: {{media-type: application/x-www-form-urlencoded, body: {body}}}}}"
    found = check(document(FORM), form)
    assert rules(found) == fired
    assert all(message in one.message for one in found)


PART = '"--b\\r\\nContent-Disposition: form-data; name=\\"n\\"\\r\\n\\r\\n5\\r\\n--b--"'
MEDIA = """
paths:
  /x:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded: {schema: {type: object, properties: {n: {type: integer}}, required: [n]}}
          multipart/form-data: {schema: {type: object, properties: {n: {type: integer}}, required: [n]}}
          application/vnd.x+json: {schema: {type: integer}}
          text/*: {schema: {type: string, maxLength: 3}}
          application/xml: {schema: {type: object}}
      responses: {"200": {description: X}}
"""


@pytest.mark.parametrize(
    ("kind", "body", "fired"),
    [
        ("application/x-www-form-urlencoded", "{n: '5'}", []),
        ("application/x-www-form-urlencoded", "n=5", []),
        ("application/x-www-form-urlencoded", "n=x", ["ZC324"]),
        ("application/x-www-form-urlencoded", "m=5", ["ZC323", "ZC325"]),
        ("multipart/form-data; boundary=b", PART, []),
        ("multipart/form-data; boundary=b", '"--b--"', ["ZC323"]),
        ("application/vnd.x+json", "5", []),
        ("application/vnd.x+json", "a", ["ZC324"]),
        ("application/json", "5", ["ZC322"]),
        ("text/csv", "'a,b'", []),
        ("text/csv", "'a,b,c'", ["ZC324"]),
        ("application/xml", "<a/>", ["ZC349"]),
    ],
)  # fmt: skip
def test_media_types(kind, body, fired):
    found = check(document(MEDIA), f"{{operation: POST /x, request: {{media-type: '{kind}', body: {body}}}}}")
    assert rules(found) == fired


def test_a_request_that_is_there_to_be_refused_need_not_be_accepted():
    for status in ("422", "400", "[400, 404]", "4XX"):
        found = check(taking(THING), f"{{operation: POST /x, request: {{body: {{}}}}, expect: {{status: {status}}}}}")
        assert set(rules(found)) == {"ZC331"}
    # A conflict is found out after a request was understood.
    found = check(taking(THING), "{operation: POST /x, request: {body: {}}, expect: {status: 409}}")
    assert rules(found) == ["ZC323", "ZC323", "ZC331"]


SECURED = """
paths:
  /bearer: {get: {security: [{bearer: []}], responses: {"200": {description: X}}}}
  /either: {get: {security: [{key: []}, {cookie: []}], responses: {"200": {description: X}}}}
  /both: {get: {security: [{key: [], query: []}], responses: {"200": {description: X}}}}
  /may: {get: {security: [{key: []}, {}], responses: {"200": {description: X}}}}
  /oauth: {get: {security: [{oauth: [read]}], responses: {"200": {description: X}}}}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
    key: {type: apiKey, in: header, name: X-Key}
    cookie: {type: apiKey, in: cookie, name: sid}
    query: {type: apiKey, in: query, name: token}
    oauth: {type: oauth2, flows: {}}
"""


@pytest.mark.parametrize(
    ("path", "request_", "sent"),
    [
        ("/bearer", "{}", False),
        ("/bearer", "{headers: {Authorization: 'Bearer ${TOKEN}'}}", True),
        ("/bearer", "{headers: {authorization: $env:TOKEN}}", True),
        ("/bearer", "{headers: {authorization: Basic abc}}", False),
        ("/bearer", "{headers: {authorization: 'Basic ${TOKEN}'}}", False),
        ("/either", "{}", False),
        ("/either", "{headers: {x-key: $env:KEY}}", True),
        ("/either", "{cookies: {sid: $env:SID}}", True),
        ("/both", "{headers: {x-key: $env:KEY}}", False),
        ("/both", "{headers: {x-key: $env:KEY}, query: {token: $env:TOKEN}}", True),
        ("/may", "{}", True),
        ("/oauth", "{}", False),
        ("/oauth", "{headers: {authorization: $env:TOKEN}}", True),
        ("/oauth", "{query: {access_token: $env:TOKEN}}", True),
    ],
)
def test_security(path, request_, sent):
    found = check(document(SECURED), f"{{operation: GET {path}, request: {request_}}}")
    assert rules(found) == ([] if sent else ["ZC304"])
    if not sent:
        assert found[0].level is (Level.WARNING if path == "/oauth" else Level.ERROR)


def test_the_configuration_s_headers_are_sent():
    settings = ServiceConfig(headers={"X-Key": "${KEY}"})
    assert check(document(SECURED), "{operation: GET /either}", settings=settings) == ()
    assert rules(check(document(SECURED), "{operation: GET /either, expect: {status: 401}}")) == ["ZC331"]


def test_the_same_thing_is_one_finding_per_consumer():
    found = check(
        taking(THING),
        "{operation: POST /x, request: {body: {a: x}}}",
        "{operation: POST /x, request: {body: {a: y}}}",
    )
    (one,) = found
    assert [hit.interaction for hit in one.hits] == ["i0", "i1"]
    assert [place.role for place in one.related] == ["document", "contract"]
    other = check_contracts([contract("{operation: POST /x, request: {body: {a: x}}}")], taking(THING))
    assert other[0].fingerprint == one.fingerprint
    assert other[0].state != one.state


scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "2026-01-01", "x" * 9])
bodies = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
pieces = st.sampled_from(
    [
        {}, True, {"type": "string"}, {"type": "integer", "minimum": 0}, {"type": ["string", "null"]},
        {"type": "string", "format": "date"}, {"minLength": 2}, {"type": "array", "minItems": 1}, {"const": None},
        {"enum": ["a", 1]},
        {"type": "object", "additionalProperties": False}, {"not": {"type": "boolean"}},
    ]
)  # fmt: skip
schemas = st.recursive(
    pieces,
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda a, b: {"anyOf": [a, b]}, inner, inner),
        st.builds(lambda a, b: {"oneOf": [a, b]}, inner, inner),
        st.builds(lambda a, b: {"allOf": [a, b]}, inner, inner),
        st.builds(
            lambda properties, required: {"properties": properties, "required": sorted(required)},
            st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            st.sets(st.sampled_from("abc"), max_size=2),
        ),
    ),
    max_leaves=6,
)
ACCEPTED = Settings(format_assertion=True, direction=Direction.REQUEST)


@settings(max_examples=120, deadline=None)
@given(schemas, bodies)
def test_what_is_validated_as_accepted_is_never_called_a_mismatch(schema, body):
    import json

    found = taking(json.dumps(schema))
    place = next(iter(found.operations.values())).request_body.content["application/json"].schema
    fired = rules(check(found, f"{{operation: POST /x, request: {{body: {{$const: {json.dumps(body)}}}}}}}"))
    verdict = judge(place, body, ACCEPTED).valid
    if verdict is True:
        assert set(fired) <= {"ZC325"}
    elif verdict is False:
        assert {"ZC323", "ZC324"} & set(fired)


@settings(max_examples=60, deadline=None)
@given(schemas)
def test_a_consumer_that_sends_what_is_documented_and_expects_what_is_documented_fits(schema):
    import json

    text = json.dumps(schema)
    sent = check(taking(text), f"{{operation: POST /x, request: {{body: {{$schema: {text}}}}}}}")
    expected = check(answering(text), f"{{operation: GET /x, expect: {{status: 200, body: {{$schema: {text}}}}}}}")
    assert not set(rules(sent) + rules(expected)) - {"ZC349"}


def test_no_word_of_what_is_secret(monkeypatch):
    monkeypatch.setenv("LONG", "s3cr3t-from-the-environment")
    monkeypatch.setenv("SHORT", "s3")
    body = taking(
        "{properties: {password: {type: string, minLength: 50}, a: {type: string, maxLength: 3}, b: {enum: [x]}, "
        "o: {type: object, properties: {token: {type: integer}}}}}"
    )
    sent = "{password: hunter22-secret, a: $env:LONG, b: $env:SHORT, o: {token: eyJhb}}"
    found = check(body, f"{{operation: POST /x, request: {{body: {sent}}}}}")
    assert rules(found) == ["ZC324"] * 4
    for secret in ("hunter22", "s3cr3t", '"s3"', "eyJhb"):
        assert secret not in repr(found)
    keyed = query("{name: api_key, in: query, schema: {type: string, minLength: 50}}")
    (one,) = check(keyed, "{operation: GET /x, request: {query: {api_key: hunter22-secret}}}")
    assert "hunter22" not in repr(one)
    limited = query("{name: limit, in: query, schema: {type: integer}}")
    (one,) = check(limited, "{operation: GET /x, request: {query: {limit: $env:LONG}}}")
    assert "s3cr3t" not in repr(one)
    assert one.evidence.witness.value == "$env:LONG"


HEADED = """
paths:
  /plain: {get: {parameters: [{name: authorization, in: header, required: true, schema: {type: string}}],
    responses: {"200": {description: X}}}}
  /secured: {get: {security: [{bearer: []}],
    parameters: [{name: Authorization, in: header, required: true, schema: {type: string}}],
    responses: {"200": {description: X}}}}
components: {securitySchemes: {bearer: {type: http, scheme: bearer}}}
"""


@pytest.mark.parametrize(
    ("path", "headers", "told"),
    [
        ("/plain", "", ["ZC310"]),
        ("/plain", "authorization: 'Bearer ${TOKEN}'", []),
        ("/secured", "", ["ZC304"]),
        ("/secured", "authorization: 'Bearer ${TOKEN}'", []),
    ],
)
def test_a_required_authorization_header_that_no_scheme_tells_of(path, headers, told):
    found = check(document(HEADED), f"{{operation: GET {path}, request: {{headers: {{{headers}}}}}}}")
    assert rules(found) == told
