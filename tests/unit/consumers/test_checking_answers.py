"""Expectations against what is documented: every documented answer has to be one that is expected."""

import pytest

from tests.unit.consumers.documents import answering, check, document, rules
from zeues_contracts.findings import Level
from zeues_contracts.schema.types import Direction, Resource, Schema, Settings
from zeues_contracts.schema.validators import confirm

THING = (
    "{type: object, properties: {id: {type: integer}, name: {type: string, enum: [a, b]}, "
    "note: {type: [string, 'null']}, extra: {type: string}, tags: {type: array, items: {type: string}}, "
    "owner: {type: object, properties: {mail: {type: string, format: email}}, required: [mail]}}, "
    "required: [id, name, note, tags, owner]}"
)
PAGE = (
    f"{{type: object, properties: {{things: {{type: array, items: {THING}}}, total: {{type: integer}}}}, "
    "required: [things, total]}"
)
MARKED = (
    "{oneOf: [{type: object, properties: {k: {const: a}, x: {type: integer}}, required: [k, x]}, "
    "{type: object, properties: {k: {const: b}}, required: [k]}]}"
)
HIDDEN = "{type: object, properties: {s: {type: string, writeOnly: true}}, required: [s]}"


def expecting(schema: str, body: str, status: str = "200"):
    return check(answering(schema), f"{{operation: GET /x, expect: {{status: {status}, body: {body}}}}}")


@pytest.mark.parametrize(
    ("schema", "body", "fired", "message", "hint"),
    [
        (THING, "{id: int, name: str, tags: [str], owner: {mail: str}}", [], "", ""),
        (THING, "{id: num}", [], "", ""),
        (THING, "{extra?: str}", [], "", ""),
        (THING, "{extra: opt str}", [], "", ""),
        (THING, "{gone?: str}", ["ZC341"], "reads `gone` where it is there (200), and it is not documented", ""),
        (THING, "{note: opt str}", [], "", ""),
        (THING, "any", [], "", ""),
        (THING, "object", [], "", ""),
        (THING, "{id: str}", ["ZC340"], "expects a string at `id` (200), and it is an integer", ""),
        (THING, "{tags: [int]}", ["ZC340"], "expects an integer at `tags[]` (200), and it is a string", ""),
        (THING, "{owner: {mail: int}}", ["ZC340"], "at `owner.mail` (200), and it is a string (email)", ""),
        (THING, "[any]", ["ZC340"], "expects a list as the body (200), and it is an object {", "read it at `tags`"),
        (THING, "{note: str}", ["ZC343"], "expects a string at `note` (200), and it may be null", "| null"),
        (THING, "{extra: str}", ["ZC342"], "relies on `extra` (200), which is optional", "expect `extra?`"),
        (THING, "{naem: str}", ["ZC341"], "relies on `naem` (200), which is not documented", "is `name` meant?"),
        (THING, "{mail: str}", ["ZC341"], "relies on `mail`", "`mail` is at `owner.mail`"),
        (THING, "{labels: [str]}", ["ZC341"], "relies on `labels`", "documented at `tags`: read `tags`"),
        (THING, "{owner: {labels: [str]}}", ["ZC341"], "relies on `owner.labels`", "do without it"),
        (THING, "{name: {$const: a}}", ["ZC344"], 'expects "a" at `name` (200), and it may be another', ""),
        (THING, "{name: {$const: z}}", ["ZC340"], 'expects "z" at `name` (200), and it is a string (a, b): never', ""),
        (THING, "{name: {$enum: [a, b, c]}}", [], "", ""),
        (THING, "{name: {$regex: '^[abc]$'}}", [], "", ""),
        (THING, "{tags: {$each: str, $min: 1}}", ["ZC344"], "expects a list of at least 1 at `tags`", ""),
        (THING, "{tags: [str, str]}", ["ZC344"], "a list of at least 2", ""),
        (PAGE, "[{id: int}]", ["ZC340"], "expects a list as the body", "read it at `things`"),
        (PAGE, "{things: [{id: str}]}", ["ZC340"], "at `things[].id`", ""),
        (PAGE, "{things: [{gone: str}], total: str}", ["ZC340", "ZC341"], "at `total`", ""),
        (PAGE, "{history: list}", ["ZC341"], "`history`", "read `things`"),
        (PAGE, "{history: any}", ["ZC341"], "`history`", "the list is at `things`: read `things`"),
        ("{}", "{a: int}", ["ZC345"], "relies on the body (200), which is not described", ""),
        ("{type: object}", "{a: int}", ["ZC345"], "relies on `a` (200), which is not described", ""),
        ("{type: object, additionalProperties: true, properties: {b: {}}}", "{a: int}", ["ZC345"], "`a`", ""),
        ("{type: object, properties: {a: {}}, required: [a]}", "{a: int}", ["ZC345"], "`a`", ""),
        ("{type: object, additionalProperties: {type: integer}}", "{$map: int}", [], "", ""),
        ("{type: object, additionalProperties: {type: integer}}", "{$map: str}", ["ZC340"], "a string at `*`", ""),
        ("{type: object, additionalProperties: {type: integer}}", "{$map: 1}", ["ZC344"], "expects 1 at `*`", ""),
        ("{type: object, properties: {a: {type: integer}}, additionalProperties: {type: string}}",
         "{$map: str}", ["ZC340"], "expects a string at `*`", ""),
        ("{type: object, additionalProperties: {type: integer}}", "{a: int}", ["ZC342"], "relies on `a`", ""),
        ("{type: object, additionalProperties: {type: integer}}", "{a?: str}", ["ZC340"], "it is an integer", ""),
        ("{anyOf: [{type: string}, {type: integer}]}", "str", ["ZC340"], "an integer or a string", ""),
        ("{anyOf: [{type: string}, {type: 'null'}]}", "str", ["ZC343"], "may be null", ""),
        ("{type: array, items: {anyOf: [{type: integer}, {type: 'null'}]}}", "[int]", ["ZC343"], "at `[]`", ""),
        ("{type: [string, 'null']}", "null", ["ZC344"], "expects null", ""),
        ("{type: string}", "null", ["ZC340"], "never that", ""),
        (HIDDEN, "{s: str}", ["ZC345"], "", ""),
        ("{type: boolean}", "true", ["ZC344"], "expects true", ""),
        ("{type: number}", "int", ["ZC340"], "expects an integer", ""),
        ("{type: string}", "date", [], "", ""),
        (MARKED, "{k: str}", [], "", ""),
        (MARKED, "{x: int}", ["ZC342"], "`x`", ""),
        (MARKED, "{x: str}", ["ZC340", "ZC342"], "expects a string at `x` (200), and it is an integer", ""),
        (PAGE, "{$any-of: [list, {history: list}]}", ["ZC340"],
         "expects an object with `history` or a list as the body (200), and it is an object {things, total}",
         "the list is at `things`: read `things`"),
    ],
)  # fmt: skip
def test_bodies(schema, body, fired, message, hint):
    found = expecting(schema, body)
    assert rules(found) == fired
    if fired:
        assert message in found[0].message
        assert hint in found[0].hint


WHOLE = """{$schema: {$ref: "#/$defs/Thing", $defs: {Thing: {type: object, required: [id, note, parts], properties: {
  id: {type: integer}, note: {anyOf: [{$ref: "#/$defs/Text"}, {type: "null"}]},
  parts: {type: array, items: {$ref: "#/$defs/Thing"}}}}, Text: {type: string}}}}"""


def test_full_json_schema_is_taken_apart_as_short_forms_are():
    schema = "{type: object, required: [id, note], properties: {id: {type: string}, note: {type: [integer, 'null']}}}"
    found = expecting(schema, WHOLE.replace("\n", " "))
    assert [one.message for one in found] == [
        "c expects an integer at `id` (200), and it is a string",
        "c expects a string or null at `note` (200), and it is an integer or null",
        "c relies on `parts` (200), which is not documented",
    ]


RECURSIVE = """
paths: {/x: {get: {responses: {"200": {description: X, content: {application/json: {schema:
  {$ref: "#/components/schemas/Node"}}}}}}}}
components: {schemas: {Node: {type: object, properties: {value: {type: integer}, children: {type: array, items:
  {$ref: "#/components/schemas/Node"}}}, required: [value, children]}}}
"""


def test_cycles_are_normal():
    found = document(RECURSIVE)
    assert check(found, "{operation: GET /x, expect: {body: {children: [{children: [{value: int}]}]}}}") == ()
    (one,) = check(found, "{operation: GET /x, expect: {body: {children: [{children: [{value: str}]}]}}}")
    assert "at `children[].children[].value` (200)" in one.message
    assert one.related[0].pointer == "/components/schemas/Node/properties/value"
    assert rules(check(found, "{operation: GET /x, expect: {body: [int]}}")) == ["ZC340"]


@pytest.mark.parametrize(
    "body", ["{id: str}", "{gone: str}", "{note: str}", "{extra: str}", "{name: {$const: a}}", "[any]"]
)
def test_a_witness_is_a_documented_answer_that_breaks_the_consumer(body):
    from tests.unit.consumers.documents import contract

    found = answering(THING)
    (one,) = check(found, f"{{operation: GET /x, expect: {{body: {body}}}}}")
    schema = next(iter(found.operations.values())).responses["200"].content["application/json"].schema
    wanted = contract(f"{{operation: GET /x, expect: {{body: {body}}}}}").interactions[0].expect.body.schema
    direction = Settings(direction=Direction.RESPONSE)
    assert confirm(schema, Schema(Resource(wanted)), one.evidence.witness.value, direction) == ""


def test_what_a_component_does_under_several_operations_is_one_group():
    found = document(
        """
        paths:
          /a: {get: {responses: {"200": {description: A, content: {application/json: {schema: {type: array, items:
            {$ref: "#/components/schemas/T"}}}}}}}}
          /b: {get: {responses: {"200": {description: B, content: {application/json: {schema:
            {$ref: "#/components/schemas/T"}}}}}}}
        components: {schemas: {T: {type: object, properties: {n: {type: [string, "null"]}}, required: [n]}}}
        """
    )
    first, second = "{operation: GET /a, expect: {body: [{n: str}]}}", "{operation: GET /b, expect: {body: {n: str}}}"
    both = check(found, first, second)
    assert [one.group for one in both] == ["c, schema T `n`: a consumer relies on a value that may be null"] * 2
    (alone,) = check(found, second)
    assert alone.group == ""


STATUSES = """
paths:
  /x:
    get:
      responses:
        "200":
          description: X
          content: {application/json: {schema: {type: object, properties: {a: {}}, required: [a]}}}
        "422": {description: Refused}
        "5XX": {description: Down, content: {application/json: {schema: {type: string}}}}
  /d: {get: {responses: {default: {description: X, content: {application/json: {schema: {type: string}}}}}}}
"""


@pytest.mark.parametrize(
    ("path", "expect", "fired"),
    [
        ("/x", "{status: 200}", []),
        ("/x", "{status: 201}", ["ZC330"]),
        ("/x", "{status: 404}", ["ZC331"]),
        ("/x", "{status: [404, 409]}", ["ZC331", "ZC331"]),
        ("/x", "{status: [200, 404]}", []),
        ("/x", "{status: 4XX}", []),
        ("/x", "{status: 3XX}", ["ZC330"]),
        ("/x", "{status: 503, body: str}", []),
        ("/x", "{status: 503, body: int}", ["ZC340"]),
        ("/x", "{status: [200, 500], body: {a: any}}", ["ZC340"]),
        ("/x", "{body: {a: any}}", []),
        ("/x", "{status: 422, body: {detail: any}}", ["ZC346"]),
        ("/d", "{status: 418}", []),
        ("/d", "{status: 200, body: int}", ["ZC340"]),
    ],
)
def test_statuses(path, expect, fired):
    assert rules(check(document(STATUSES), f"{{operation: GET {path}, expect: {expect}}}")) == fired


def test_levels_tell_what_is_certain_to_break():
    def level(schema, body):
        return expecting(schema, body)[0].level

    assert level(THING, "{gone: str}") is Level.ERROR
    assert level(THING, "{id: str}") is Level.ERROR
    assert level(THING, "{note: str}") is Level.WARNING
    assert level(THING, "{extra: str}") is Level.INFO
    assert level(THING, "{name: {$const: a}}") is Level.INFO
    empty = document('paths: {/x: {get: {responses: {"200": {description: X}, "404": {description: No}}}}}\n')
    assert check(empty, "{operation: GET /x, expect: {status: 200, body: {a: any}}}")[0].level is Level.ERROR
    assert check(empty, "{operation: GET /x, expect: {status: 404, body: {a: any}}}")[0].level is Level.WARNING
    bare = document('paths: {/x: {get: {responses: {"200": {description: X, content: {application/json: {}}}}}}}\n')
    (one,) = check(bare, "{operation: GET /x, expect: {status: 200, body: {a: any}}}")
    assert (one.rule, one.level) == ("ZC346", Level.ERROR)


HEADERS = """
paths:
  /x:
    get:
      responses:
        "200":
          description: X
          headers: {X-Total: {schema: {type: integer}}, X-Kind: {schema: {enum: [a, b]}}}
          content: {application/json: {schema: {type: string}}, text/plain: {schema: {type: string}}}
"""


@pytest.mark.parametrize(
    ("expect", "fired"),
    [
        ("{headers: {x-total: int}}", []),
        ("{headers: {x-total: str}}", []),
        ("{headers: {x-kind: {$enum: [a, b, c]}}}", []),
        ("{headers: {x-kind: {$const: a}}}", ["ZC344"]),
        ("{headers: {x-kind: {$const: c}}}", ["ZC340"]),
        ("{headers: {x-total: {$const: '3'}}}", ["ZC344"]),
        ("{headers: {x-totl: int}}", ["ZC333"]),
        ("{headers: {x-totl?: int}}", ["ZC333"]),
        ("{headers: {content-type: str}}", []),
        ("{media-type: application/json}", []),
        ("{media-type: text/plain; charset=utf-8}", []),
        ("{media-type: text/html}", ["ZC332"]),
        ("{media-type: text/*}", []),
    ],
)
def test_headers_and_media_types(expect, fired):
    assert rules(check(document(HEADERS), f"{{operation: GET /x, expect: {expect}}}")) == fired


def test_standard_headers_are_seldom_documented():
    (one,) = check(document(HEADERS), "{operation: GET /x, expect: {headers: {location: str}}}")
    assert (one.rule, one.level) == ("ZC333", Level.WARNING)


def test_what_the_consumer_accepts():
    found = document(HEADERS)
    assert check(found, "{operation: GET /x, request: {headers: {accept: 'text/html, */*;q=0.1'}}}") == ()
    assert rules(check(found, "{operation: GET /x, request: {headers: {accept: 'text/html, a/b'}}}")) == ["ZC332"]
    assert rules(check(found, "{operation: GET /x, request: {headers: {accept: 'text/html, */*;q=0'}}}")) == ["ZC332"]


def test_examples_that_no_answer_is():
    (one,) = expecting(THING, "{name: {$like: z}}")
    assert (one.rule, one.evidence.witness.value) == ("ZC347", {"name": "z"})
    assert '`name` is "z", it has to be one of "a" or "b"' in one.message
    assert expecting(THING, "{name: {$like: a}, owner: {$like: {mail: x}}}") == ()


OLD = """
swagger: "2.0"
info: {title: T, version: "1"}
produces: [application/json]
paths:
  /x:
    get: {responses: {"200": {description: X, schema: {type: object, properties: {a: {type: string}}, required: [a]}}}}
    post:
      parameters: [{name: b, in: body, required: true, schema: {type: object, required: [n],
        properties: {n: {type: number, minimum: 0, exclusiveMinimum: true}}}}]
      responses: {"201": {description: X}}
"""
OLDER = """
openapi: 3.0.3
info: {title: T, version: "1"}
paths: {/x: {get: {responses: {"200": {description: X, content: {application/json: {schema: {type: object,
  properties: {a: {type: string, nullable: true}}, required: [a]}}}}}}}}
"""


def test_older_dialects():
    assert rules(check(document(OLD), "{operation: POST /x, request: {body: {n: 0}}}")) == ["ZC324"]
    assert check(document(OLD), "{operation: POST /x, request: {body: {n: 1}}}") == ()
    assert rules(check(document(OLD), "{operation: GET /x, request: {headers: {accept: text/csv}}}")) == ["ZC332"]
    assert rules(check(document(OLDER), "{operation: GET /x, expect: {body: {a: str}}}")) == ["ZC343"]
    assert check(document(OLDER), "{operation: GET /x, expect: {body: {a: opt str}}}") == ()


SEVERAL = "{anyOf: [{type: object, properties: {a: {type: string}}, required: [a]}, {type: string}]}"
CHOSEN = (
    "{type: object, required: [kind, n], properties: {kind: {enum: [a, b]}, n: {}}, "
    "if: {properties: {kind: {const: a}}}, then: {properties: {n: {type: integer}}}, "
    "else: {properties: {n: {type: string}}}}"
)


@pytest.mark.parametrize(
    ("body", "level"),
    [
        ("{a: {$const: x}}", Level.WARNING),
        ("{a: {$like: x}}", Level.WARNING),
        ("{a: str}", Level.ERROR),
        ("object", Level.ERROR),
        ("list", Level.ERROR),
        ("{a: {$const: 1}}", Level.ERROR),
    ],
)
def test_one_documented_kind_of_several_by_an_example_is_up_to_the_state(body, level):
    found = expecting(SEVERAL, body)
    assert max(one.level.rank for one in found) == level.rank
    assert all(one.evidence.witness is not None for one in found if one.rule == "ZC340")


@pytest.mark.parametrize(
    ("body", "fired"),
    [
        ("{kind: {$const: a}, n: 1}", False),
        ("{kind: {$const: b}, n: {$const: x}}", False),
        ("{kind: {$const: a}, n: {$const: x}}", True),
        ("{kind: {$const: b}, n: 1}", True),
    ],
)
def test_parts_that_never_come_together(body, fired):
    told = [one.message for one in expecting(CHOSEN, body) if one.level is Level.ERROR]
    assert bool(told) is fired
    assert all("no documented body is as a whole" in one for one in told)
