"""ZC4xx, violation: the service's behaviour against its document.

Levels are tuned so that a stock service with a truthful document has nothing above ``info``. Where a framework does
something of its own that few documents mention, the rule's text says so.
"""

from __future__ import annotations

from zeues_contracts.findings import Cause, Level
from zeues_contracts.rules.model import ExchangeExample, Rule

__all__ = ["RULES"]

_DOCUMENT = """\
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/NewThing"}
      responses:
        "201":
          description: Created
          headers:
            Location: {required: true, schema: {type: string}}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Thing"}
        "422": {description: Refused}
  /things/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
      responses:
        "200":
          description: The thing
          headers:
            X-Version: {schema: {type: integer}}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Thing"}
        "404": {description: No such thing}
    delete:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
      responses:
        "204": {description: Gone}
        "404": {description: No such thing}
  /private:
    get:
      security: [{key: []}]
      responses:
        "200": {description: Private}
        "401": {description: No credentials}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-API-Key}
  schemas:
    NewThing:
      type: object
      properties: {name: {type: string, minLength: 1}, made: {type: string, format: date}}
      required: [name]
    Thing:
      type: object
      properties: {id: {type: integer}, name: {type: string}, made: {type: string, format: date}}
      required: [id, name]
"""

_EVENTS = """\
openapi: 3.1.0
info: {title: Events, version: "1"}
paths:
  /stream:
    get:
      responses:
        "200":
          description: Events
          content:
            text/event-stream:
              itemSchema:
                type: object
                properties: {data: {type: string, pattern: "^\\\\{"}}
                required: [data]
  /list:
    get:
      responses:
        "200":
          description: A list
          content:
            application/json:
              schema: {type: array}
"""

_LOCATION = {"location": "/things/1"}


def _rule(
    code: str, slug: str, title: str, level: Level, why: str, mend: str, *exchanges: dict[str, object], **more: object
) -> Rule:
    document = str(more.pop("document", _DOCUMENT))
    strict = more.pop("strict", None)
    return Rule(
        code,
        slug,
        title,
        level,
        Cause(str(more.pop("cause", Cause.VIOLATION))),
        why,
        mend,
        ExchangeExample(document, exchanges) if exchanges else None,
        strict=Level(str(strict)) if strict is not None else None,
    )


RULES: tuple[Rule, ...] = (
    _rule(
        "ZC401",
        "server-error",
        "The service answers a request with an error of its own",
        Level.ERROR,
        "A 5xx that comes back for the same request on a healthy service is a bug: whatever was sent, the service "
        "owes an "
        "answer that says what is wrong with it. A 5xx while a dependency is out is an outage and never reported here.",
        "Repeat it with the replay command, read the exception in the service's log, and answer bad input with 4xx.",
        {
            "method": "GET",
            "path": "/things/1",
            "status": 500,
            "body": {"detail": "'Thing' object has no attribute 'nmae'"},
        },
    ),
    _rule(
        "ZC402",
        "undocumented-status",
        "The service answers with an error status that its document does not mention",
        Level.WARNING,
        "Clients generated from the document have no branch for it. Most frameworks document the success and their own "
        "validation error alone (FastAPI: 200 and 422), and every `raise HTTPException(404)` goes unmentioned: all the "
        "statuses of an operation are therefore one finding, a warning. What routers and servers answer by themselves "
        "(405 to another method, 400 to a body that cannot be parsed, 404 to a path parameter that does not fit the "
        "route, "
        "413, 414, 415, 431) is not counted.",
        "Document the statuses (FastAPI: `responses={404: {…}}`), or stop sending them.",
        {"method": "GET", "path": "/things/1", "status": 409, "body": {}},
        strict=Level.ERROR,
    ),
    _rule(
        "ZC403",
        "undocumented-success",
        "The service answers well with a status that its document does not mention",
        Level.ERROR,
        "A success under another status has another shape by contract, namely none: clients that dispatch on the "
        "status do "
        "not find their result.",
        "Answer with the documented status or document the one that is sent (FastAPI: `status_code=`).",
        {"method": "GET", "path": "/things/1", "status": 202, "body": {"id": 1, "name": "a"}},
    ),
    _rule(
        "ZC404",
        "undocumented-media-type",
        "The response has a media type that its document does not mention",
        Level.ERROR,
        "Clients parse by the documented media type and fail on another one.",
        "Send the documented media type or document the one that is sent (FastAPI: `response_class=`).",
        {
            "method": "GET",
            "path": "/things/1",
            "status": 200,
            "body": "<p>A thing</p>",
            "headers": {"content-type": "text/html"},
        },
    ),
    _rule(
        "ZC405",
        "response-body-outside-schema",
        "The body of a response is outside of its schema",
        Level.ERROR,
        "What the document promises, consumers rely on: a missing property, another type or a dict where a list is "
        "documented breaks them at run time. Two independent validators agree on every such finding.",
        "Mend what the service answers, or the schema. A response object of its own (FastAPI: `JSONResponse`) is not "
        "validated, and a number that is not finite becomes null.",
        {"method": "GET", "path": "/things/1", "status": 200, "body": {"id": "one", "name": "a"}},
    ),
    _rule(
        "ZC406",
        "response-body-malformed",
        "The body of a response is not what its media type says",
        Level.ERROR,
        "A body that is labelled as JSON and is none, or that is missing where one is documented, cannot be read by "
        "anybody.",
        "Send what the Content-Type header says.",
        {
            "method": "GET",
            "path": "/things/1",
            "status": 200,
            "body": "{'id': 1}",
            "headers": {"content-type": "application/json"},
        },
    ),
    _rule(
        "ZC407",
        "response-header-missing",
        "A response lacks a header that its document requires",
        Level.ERROR,
        "Clients that read the header (a location, a page, a version) get nothing.",
        "Send the header, or do not mark it as required.",
        {
            "method": "POST",
            "path": "/things",
            "status": 201,
            "request_body": {"name": "a"},
            "body": {"id": 1, "name": "a"},
        },
    ),
    _rule(
        "ZC408",
        "response-header-outside-schema",
        "A response header is outside of its schema",
        Level.ERROR,
        "Clients parse the header by its schema.",
        "Send a value of the documented type, or document what is sent.",
        {
            "method": "GET",
            "path": "/things/1",
            "status": 200,
            "body": {"id": 1, "name": "a"},
            "headers": {"x-version": "two"},
        },
    ),
    _rule(
        "ZC409",
        "response-format",
        "A string of a response does not have the format that its schema names",
        Level.WARNING,
        "JSON Schema calls `format` an annotation, so this is no breach by the letter, yet generated clients parse "
        "dates and "
        "UUIDs by it. A date-time without an offset, which Pydantic writes for naive values, is reported as "
        "information.",
        "Send the format, or take it out of the schema.",
        {"method": "GET", "path": "/things/1", "status": 200, "body": {"id": 1, "name": "a", "made": "yesterday"}},
        strict=Level.ERROR,
    ),
    _rule(
        "ZC410",
        "required-input-not-enforced",
        "A request without a required input is accepted",
        Level.ERROR,
        "The document says that the request cannot do without it; the service does. Consumers that forget it notice "
        "nothing "
        "until it matters.",
        "Enforce the input, or document it as optional.",
        {
            "method": "POST",
            "path": "/things",
            "status": 201,
            "request_body": {},
            "headers": _LOCATION,
            "body": {"id": 1, "name": ""},
        },
    ),
    _rule(
        "ZC411",
        "invalid-input-accepted",
        "A request outside of its schema is accepted",
        Level.ERROR,
        "What the schema forbids is processed and stored; the promise about requests is not kept.",
        "Enforce the constraint, or take it out of the schema.",
        {
            "method": "POST",
            "path": "/things",
            "status": 201,
            "request_body": {"name": ""},
            "headers": _LOCATION,
            "body": {"id": 1, "name": ""},
        },
    ),
    _rule(
        "ZC412",
        "valid-input-refused",
        "A request that fits its schema is refused",
        Level.WARNING,
        "The service demands more than it documents (a cross-field rule, a list without duplicates): consumers that "
        "keep to "
        "the document are turned away. Values that a schema cannot exclude but a parser must (numbers beyond the "
        "machine's, "
        "year 0, leap seconds, NUL) are not counted.",
        "Put the rule into the schema where it can be said, else into the description and a documented 4xx.",
        {
            "method": "POST",
            "path": "/things",
            "status": 422,
            "request_body": {"name": "a"},
            "body": {"detail": "Not today"},
        },
        strict=Level.ERROR,
    ),
    _rule(
        "ZC413",
        "coerced-input-accepted",
        "An input of another type is accepted because it can be converted",
        Level.INFO,
        'Pydantic and others take `"5"` for an integer, 1 for a boolean, a timestamp for a date unless they are told '
        "not to: "
        "by the schema the request is invalid, and it is stock behaviour. Reported as information, never above.",
        "Nothing needs to be done; `ConfigDict(strict=True)` makes Pydantic keep to the schema.",
        {
            "method": "POST",
            "path": "/things",
            "status": 201,
            "request_body": {"name": "a", "made": 1700000000},
            "headers": _LOCATION,
            "body": {"id": 1, "name": "a"},
        },
    ),
    _rule(
        "ZC420",
        "auth-not-enforced",
        "An operation that is documented as protected answers without credentials",
        Level.ERROR,
        "Either the protection is missing or the document misleads: both want to be known before anybody else finds "
        "out.",
        "Enforce the security scheme, or take it out of the operation's document.",
        {"method": "GET", "path": "/private", "status": 200, "body": {}},
    ),
    _rule(
        "ZC421",
        "use-after-delete",
        "A resource can still be used after it was deleted",
        Level.ERROR,
        "The deletion was confirmed and did not happen, or an index or cache still serves what is gone.",
        "Delete for good, or document that deletion is deferred (202).",
        {"method": "DELETE", "path": "/things/1", "status": 204},
        {"method": "GET", "path": "/things/1", "status": 200, "body": {"id": 1, "name": "a"}},
    ),
    _rule(
        "ZC422",
        "missing-after-create",
        "A resource cannot be found after it was created",
        Level.ERROR,
        "The creation was confirmed with an address or identifier that leads nowhere.",
        "Store it before confirming, or document that creation is deferred (202).",
        {
            "method": "POST",
            "path": "/things",
            "status": 201,
            "request_body": {"name": "a"},
            "headers": _LOCATION,
            "body": {"id": 1, "name": "a"},
        },
        {"method": "GET", "path": "/things/1", "status": 404, "body": {}},
    ),
    _rule(
        "ZC430",
        "undocumented-stream",
        "The response is an endless stream, which its document does not say",
        Level.WARNING,
        "Clients and tools that wait for the end of a documented JSON body wait for ever. Frameworks document a "
        "streaming "
        "response as JSON unless told otherwise (FastAPI: `StreamingResponse` without `responses`).",
        "Document `text/event-stream` (FastAPI: `response_class=` or `responses={200: {'content': {…}}}`).",
        {
            "method": "GET",
            "path": "/list",
            "status": 200,
            "body": "data: {}\n\n",
            "headers": {"content-type": "text/event-stream"},
        },
        document=_EVENTS,
    ),
    _rule(
        "ZC431",
        "stream-event-outside-schema",
        "An event of a stream is outside of its schema",
        Level.ERROR,
        "Consumers of the stream parse each event by the documented item schema (OpenAPI 3.2, `itemSchema`).",
        "Mend the events or the schema.",
        {
            "method": "GET",
            "path": "/stream",
            "status": 200,
            "body": "data: hello\n\n",
            "headers": {"content-type": "text/event-stream"},
        },
        document=_EVENTS,
    ),
    _rule(
        "ZC432",
        "response-never-ends",
        "A response that is documented as finite does not end",
        Level.ERROR,
        "The status and headers came, the body went on until the limit. Clients hang or run out of memory.",
        "End the response, or document it as a stream.",
    ),
    _rule(
        "ZC441",
        "connection-dropped",
        "The service drops the connection on a request",
        Level.ERROR,
        "The same request breaks the connection each time while others are answered: the worker crashes on it.",
        "Repeat it with the replay command and look for the crash in the service's log.",
    ),
    _rule(
        "ZC442",
        "undocumented-method-answered",
        "A method that the document does not describe for a path is answered well",
        Level.WARNING,
        "What is not described is not under contract and often not under test. Answers to OPTIONS, and to HEAD where "
        "GET is "
        "described, are what routers give by themselves and are not counted.",
        "Describe the operation, or refuse the method with 405.",
        {"method": "PUT", "path": "/things/1", "status": 200, "body": {}},
    ),
    _rule(
        "ZC450",
        "live-answer-not-as-expected",
        "The service's answer keeps to its document, but is not what a consumer expects",
        Level.ERROR,
        "The interaction was sent as the consumer sends it, and the answer would fail the consumer's test although "
        "the service "
        "does what it promised.",
        "Mend the consumer's request or expectation; where the data of the service is in the way, prepare it first.",
        cause=Cause.MISMATCH,
    ),
)
