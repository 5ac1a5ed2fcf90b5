"""ZC3xx, mismatch: a consumer against the document.

Errors are what a consumer meets on any day: a request that is refused, an answer that is of another shape than the one
it reads. Warnings are what it may meet on some day, or what it does not notice: a property that is ignored, one that is
optional or null, a refusal that nobody documented. What the document leaves open is information.
"""

from __future__ import annotations

from zeues_contracts.findings import Cause, Level
from zeues_contracts.rules.model import ContractExample, Rule

__all__ = ["RULES"]

_DOCUMENT = """\
openapi: 3.1.0
info: {title: Orders, version: "1"}
paths:
  /orders:
    get:
      parameters:
        - {name: status, in: query, required: true, schema: {enum: [open, done]}}
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
      responses:
        "200":
          description: Orders
          headers: {X-Total: {schema: {type: integer}}}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Page"}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/NewOrder"}
      responses:
        "201":
          description: Created
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
        "422": {description: Refused}
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
    get:
      responses:
        "200":
          description: The order
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
    delete:
      deprecated: true
      security: [{key: []}]
      responses: {"204": {description: Gone}}
  /private:
    get:
      security: [{key: []}]
      responses: {"200": {description: Private}}
  /health:
    get:
      responses:
        "200": {description: Health, content: {application/json: {schema: {}}}}
  /odd:
    get:
      responses:
        "200":
          description: Something that nobody can decide
          content:
            application/json:
              schema: {type: string, pattern: '^(a+)\\1$'}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-API-Key}
  schemas:
    NewOrder:
      type: object
      properties:
        sku: {type: string}
        amount: {type: integer, minimum: 1}
        colour: {type: string, deprecated: true}
      required: [sku, amount]
    Order:
      type: object
      properties:
        id: {type: integer}
        state: {type: string}
        note: {type: [string, "null"]}
        due: {type: string, format: date}
        currency: {enum: [EUR, USD]}
      required: [id, state, note, currency]
    Page:
      type: object
      properties:
        orders: {type: array, items: {$ref: "#/components/schemas/Order"}}
        total: {type: integer}
      required: [orders, total]
"""
_HEAD = "version: 1\nconsumer: shop\ninteractions:\n"


def _rule(
    code: str,
    slug: str,
    title: str,
    level: Level,
    why: str,
    mend: str,
    interaction: str,
    *,
    strict: Level | None = None,
    tolerant: Level | None = None,
) -> Rule:
    example = ContractExample(_DOCUMENT, f"{_HEAD}  - {interaction}\n")
    return Rule(code, slug, title, level, Cause.MISMATCH, why, mend, example, strict, tolerant)


RULES: tuple[Rule, ...] = (
    _rule(
        "ZC301",
        "unknown-operation",
        "A consumer calls an operation that is not documented",
        Level.ERROR,
        "The call ends in a 404 once the service is what its document says, or it relies on something that nobody "
        "promises to keep.",
        "Mend the path, or have the service document the operation.",
        "{id: list, operation: GET /order}",
    ),
    _rule(
        "ZC302",
        "wrong-method",
        "A consumer calls a documented path with a method that it does not have",
        Level.ERROR,
        "The service answers 405 Method Not Allowed.",
        "Use one of the documented methods.",
        "{id: change, operation: PATCH /orders}",
    ),
    _rule(
        "ZC303",
        "deprecated-operation-used",
        "A consumer uses a deprecated operation",
        Level.WARNING,
        "It will go, and the consumer breaks on that day.",
        "Move to what replaces it.",
        "{id: remove, operation: 'DELETE /orders/{id}', request: {path: {id: 1}, headers: {x-api-key: $env:KEY}}}",
        tolerant=Level.INFO,
    ),
    _rule(
        "ZC304",
        "security-not-sent",
        "A consumer sends no credentials where they are required",
        Level.ERROR,
        "The service answers 401 or 403, whatever else the request holds. A warning for OAuth 2 and OpenID Connect, of "
        "which a document does not say where the token goes.",
        "Send the credentials; in the contract they come from the environment (`$env:NAME`, `Bearer ${NAME}`).",
        "{id: private, operation: GET /private}",
        tolerant=Level.WARNING,
    ),
    _rule(
        "ZC305",
        "deprecated-part-used",
        "A consumer uses a deprecated parameter or property",
        Level.INFO,
        "It will go, and whoever sends or reads it breaks on that day.",
        "Move to what replaces it.",
        "{id: create, operation: POST /orders, request: {body: {sku: a, amount: 1, colour: red}}, "
        "expect: {status: 201}}",
        strict=Level.WARNING,
    ),
    _rule(
        "ZC310",
        "request-parameter-missing",
        "A consumer leaves out a required parameter",
        Level.ERROR,
        "The service refuses the request (FastAPI: 422).",
        "Send the parameter.",
        "{id: list, operation: GET /orders}",
    ),
    _rule(
        "ZC311",
        "request-parameter-undeclared",
        "A consumer sends a parameter that is not declared",
        Level.WARNING,
        "Most services ignore it: a filter that does not filter, a page that is always the first.",
        "Mend the name, or stop sending it.",
        "{id: list, operation: GET /orders, request: {query: {status: open, page: 2}}}",
        tolerant=Level.INFO,
    ),
    _rule(
        "ZC312",
        "request-parameter-not-accepted",
        "A consumer sends a parameter's value that is not accepted",
        Level.ERROR,
        "The service refuses the request. A value counts as what its text on the wire can be read as, by the "
        "parameter's style and schema.",
        "Send a value that the parameter's schema takes.",
        "{id: list, operation: GET /orders, request: {query: {status: closed}}}",
    ),
    _rule(
        "ZC320",
        "request-body-missing",
        "A consumer sends no body where one is required",
        Level.ERROR,
        "The service refuses the request.",
        "Send the body.",
        "{id: create, operation: POST /orders, expect: {status: 201}}",
    ),
    _rule(
        "ZC321",
        "request-body-undeclared",
        "A consumer sends a body where none is documented",
        Level.WARNING,
        "What it holds is ignored; some proxies and servers refuse such a request.",
        "Stop sending it, or have the service document it.",
        "{id: one, operation: 'GET /orders/{id}', request: {path: {id: 1}, body: {verbose: true}}}",
        tolerant=Level.INFO,
    ),
    _rule(
        "ZC322",
        "request-media-type-not-accepted",
        "A consumer sends a body in a media type that is not accepted",
        Level.ERROR,
        "The service answers 415 Unsupported Media Type, or reads nothing of the body.",
        "Send the body in a documented media type.",
        "{id: create, operation: POST /orders, request: {media-type: text/csv, body: 'a,1'}, expect: {status: 201}}",
    ),
    _rule(
        "ZC323",
        "request-property-missing",
        "A consumer leaves out a required property of the body",
        Level.ERROR,
        "The service refuses the request (FastAPI: 422), whatever state it is in.",
        "Send the property.",
        "{id: create, operation: POST /orders, request: {body: {sku: a}}, expect: {status: 201}}",
    ),
    _rule(
        "ZC324",
        "request-body-not-accepted",
        "A consumer sends a body that is not accepted",
        Level.ERROR,
        "The service refuses the request.",
        "Send a value that the schema of the body takes.",
        "{id: create, operation: POST /orders, request: {body: {sku: a, amount: 0}}, expect: {status: 201}}",
    ),
    _rule(
        "ZC325",
        "request-property-ignored",
        "A consumer sends a property that the body's schema does not declare",
        Level.WARNING,
        "The service does not read it, or reads it behind its own document's back: what the consumer means by it does "
        "not happen, and no error says so. Where the schema allows other properties explicitly, nothing is said.",
        "Have the service declare the property if it is needed, else stop sending it.",
        "{id: create, operation: POST /orders, request: {body: {sku: a, amount: 1, gift: true}}, "
        "expect: {status: 201}}",
        strict=Level.ERROR,
        tolerant=Level.INFO,
    ),
    _rule(
        "ZC330",
        "status-not-documented",
        "A consumer relies on a success or redirect that is not documented",
        Level.ERROR,
        "Nothing says that the service ever answers so.",
        "Expect a documented status, or have the service document this one.",
        "{id: create, operation: POST /orders, request: {body: {sku: a, amount: 1}}, expect: {status: 200}}",
    ),
    _rule(
        "ZC331",
        "error-status-not-documented",
        "A consumer relies on an error status that is not documented",
        Level.WARNING,
        "Services often refuse with statuses that their documents do not name (FastAPI: any HTTPException). They are "
        "no promise: a change of them is no breaking change to anybody.",
        "Have the service document the status (FastAPI: `responses={404: ...}`).",
        "{id: none, operation: 'GET /orders/{id}', request: {path: {id: 0}}, expect: {status: 404}}",
        strict=Level.ERROR,
        tolerant=Level.INFO,
    ),
    _rule(
        "ZC332",
        "response-media-type-not-documented",
        "A consumer accepts none of the media types that are answered",
        Level.ERROR,
        "The service answers 406 Not Acceptable, or something that the consumer cannot read.",
        "Accept a documented media type.",
        "{id: one, operation: 'GET /orders/{id}', request: {path: {id: 1}}, "
        "expect: {status: 200, media-type: text/csv}}",
    ),
    _rule(
        "ZC333",
        "response-header-not-documented",
        "A consumer relies on a header that is not documented",
        Level.ERROR,
        "Nothing says that the service sends it. For standard headers, which few documents name, a warning.",
        "Have the service document the header, or do without it.",
        "{id: list, operation: GET /orders, request: {query: {status: open}}, "
        "expect: {status: 200, headers: {x-next: str}}}",
        tolerant=Level.WARNING,
    ),
    _rule(
        "ZC340",
        "response-not-as-expected",
        "A documented answer is not one that the consumer expects",
        Level.ERROR,
        "The witness is an answer that the document allows and that breaks the consumer.",
        "Read what is documented: the hint says where the expected thing is, if it is anywhere.",
        "{id: list, operation: GET /orders, request: {query: {status: open}}, "
        "expect: {status: 200, body: [{id: int}]}}",
    ),
    _rule(
        "ZC341",
        "response-property-not-documented",
        "A consumer relies on a property that is not documented",
        Level.ERROR,
        "Nothing says that the service ever sends it.",
        "Read a documented property, or have the service document this one.",
        "{id: list, operation: GET /orders, request: {query: {status: open}}, "
        "expect: {status: 200, body: {items: [any]}}}",
    ),
    _rule(
        "ZC342",
        "response-property-optional",
        "A consumer relies on an optional property as if it were always there",
        Level.INFO,
        "The document allows an answer without it. Frameworks mark properties with a default as optional although they "
        "always send them, so that this is information; where a property becomes optional, that is drift.",
        "Do without it, or have the service document it as required (Pydantic: a field without a default, or "
        "`json_schema_serialization_defaults_required`).",
        "{id: one, operation: 'GET /orders/{id}', request: {path: {id: 1}}, expect: {status: 200, body: {due: str}}}",
        strict=Level.ERROR,
    ),
    _rule(
        "ZC343",
        "response-null-not-expected",
        "A consumer relies on a value that may be null",
        Level.WARNING,
        "The document allows null, and the consumer expects something else.",
        "Handle null and write `opt str` or `str | null`, or have the service promise a value.",
        "{id: one, operation: 'GET /orders/{id}', request: {path: {id: 1}}, expect: {status: 200, body: {note: str}}}",
        strict=Level.ERROR,
    ),
    _rule(
        "ZC344",
        "response-value-not-promised",
        "A consumer expects a certain value where others are documented too",
        Level.INFO,
        "Whether the value comes depends on the state that the test prepares; the document does not say.",
        "Nothing needs to be done where the test sees to the state.",
        "{id: one, operation: 'GET /orders/{id}', request: {path: {id: 1}}, "
        "expect: {status: 200, body: {state: {$const: open}}}}",
        strict=Level.WARNING,
    ),
    _rule(
        "ZC345",
        "response-body-undescribed",
        "A consumer relies on a body that is not described",
        Level.INFO,
        "The schema is empty: whatever the service answers keeps its promise.",
        "Have the service declare what it answers (FastAPI: a return type or `response_model`).",
        "{id: health, operation: GET /health, expect: {status: 200, body: {status: str}}}",
        strict=Level.WARNING,
    ),
    _rule(
        "ZC346",
        "response-body-undocumented",
        "A consumer relies on a body where none is documented",
        Level.WARNING,
        "The document has no content for this status, or a media type without a schema. An error for answers that are "
        "wanted; refusals are often documented by their status alone.",
        "Have the service document the body, or do without it.",
        "{id: create, operation: POST /orders, request: {body: {sku: a}}, expect: {status: 422, body: {detail: any}}}",
        strict=Level.ERROR,
        tolerant=Level.INFO,
    ),
    _rule(
        "ZC347",
        "expected-example-not-documented",
        "A contract shows an answer by example that the document does not allow",
        Level.WARNING,
        "The consumer's own tests run on an answer that the service never gives.",
        "Show an example that the document allows.",
        "{id: list, operation: GET /orders, request: {query: {status: open}}, "
        "expect: {status: 200, body: {orders: [{id: int, currency: {$like: GBP}}]}}}",
        strict=Level.ERROR,
    ),
    _rule(
        "ZC349",
        "mismatch-not-decided",
        "Whether a consumer fits could not be decided",
        Level.WARNING,
        "The question was too hard, or something stood in the way that the message names. That is never "
        "taken as fitting.",
        "Write the expectation or the schema in simpler words.",
        "{id: odd, operation: GET /odd, expect: {status: 200, body: {$regex: '^a+$'}}}",
    ),
)
