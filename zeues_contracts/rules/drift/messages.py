"""Parameters, bodies, statuses, headers: the parts of a message."""

from __future__ import annotations

from zeues_contracts.findings import Cause, Level
from zeues_contracts.rules.drift.examples import things
from zeues_contracts.rules.model import DriftExample, Rule

__all__ = ["RULES"]


def _query(members: str) -> str:
    return things(f"parameters: [{{name: q, in: query, {members}}}]", method="get")


def _body(members: str) -> str:
    return things(f"requestBody: {{{members}}}")


def _answers(responses: str) -> str:
    return things(f"responses: {{{responses}}}", method="get")


def _headers(headers: str) -> str:
    return _answers(f'"200": {{description: Things, headers: {{{headers}}}}}')


_TEXT = "schema: {type: string}"
_JSON = "content: {application/json: {schema: {type: string}}}"
_BOTH = "content: {application/json: {schema: {type: string}}, text/csv: {schema: {type: string}}}"

RULES: tuple[Rule, ...] = (
    Rule(
        "ZC215",
        "required-parameter-added",
        "A new parameter must be sent",
        Level.ERROR,
        Cause.DRIFT,
        "Older clients do not send it: their requests are turned down, with 422 as a rule.",
        "Make it optional with a default.",
        DriftExample(things("", method="get"), _query(f"required: true, {_TEXT}")),
    ),
    Rule(
        "ZC216",
        "optional-parameter-added",
        "A new parameter may be sent",
        Level.INFO,
        Cause.DRIFT,
        "Older clients do not send it and need not.",
        "Nothing.",
        DriftExample(things("", method="get"), _query(_TEXT)),
    ),
    Rule(
        "ZC217",
        "parameter-removed",
        "A parameter is gone",
        Level.WARNING,
        Cause.DRIFT,
        "Clients that send it are not refused, as a rule; what they asked for is ignored, which is worse to notice.",
        "Bring it back, or deprecate it first.",
        DriftExample(_query(_TEXT), things("", method="get")),
        strict=Level.ERROR,
    ),
    Rule(
        "ZC218",
        "parameter-became-required",
        "A parameter must be sent that could be left out",
        Level.ERROR,
        Cause.DRIFT,
        "Clients that leave it out are turned down.",
        "Keep it optional, with a default.",
        DriftExample(_query(_TEXT), _query(f"required: true, {_TEXT}")),
    ),
    Rule(
        "ZC219",
        "parameter-relaxed",
        "More may be sent in a parameter, or it may be left out",
        Level.INFO,
        Cause.DRIFT,
        "Requests of older clients are still taken.",
        "Nothing.",
        DriftExample(_query(f"required: true, {_TEXT}"), _query(_TEXT)),
    ),
    Rule(
        "ZC220",
        "parameter-serialisation-changed",
        "A parameter is written in another way",
        Level.ERROR,
        Cause.DRIFT,
        "Clients write lists and objects as they were told; the service reads them in another way and takes other "
        "values from them.",
        "Keep `style`, `explode` and `content` as they were.",
        DriftExample(
            _query("schema: {type: array, items: {type: string}}"),
            _query("explode: false, schema: {type: array, items: {type: string}}"),
        ),
    ),
    Rule(
        "ZC221",
        "parameter-default-changed",
        "The default of a parameter changed",
        Level.WARNING,
        Cause.DRIFT,
        "Clients that leave it out get another answer for the same request.",
        "Keep the default, or ask clients to say what they want.",
        DriftExample(_query("schema: {type: integer, default: 10}"), _query("schema: {type: integer, default: 100}")),
        strict=Level.ERROR,
        tolerant=Level.INFO,
    ),
    Rule(
        "ZC225",
        "request-body-required",
        "A request body must be sent",
        Level.ERROR,
        Cause.DRIFT,
        "Clients that send none are turned down.",
        "Keep it optional.",
        DriftExample(_body(_JSON), _body(f"required: true, {_JSON}")),
    ),
    Rule(
        "ZC226",
        "request-body-relaxed",
        "A request body may be sent, or left out",
        Level.INFO,
        Cause.DRIFT,
        "Requests of older clients are still taken.",
        "Nothing.",
        DriftExample(things(""), _body(_JSON)),
    ),
    Rule(
        "ZC227",
        "request-body-removed",
        "There is no request body any more",
        Level.ERROR,
        Cause.DRIFT,
        "What clients send in it is ignored, or turned down.",
        "Keep taking it until clients have moved.",
        DriftExample(_body(_JSON), things("")),
    ),
    Rule(
        "ZC228",
        "request-media-type-removed",
        "A media type of requests is no longer taken",
        Level.ERROR,
        Cause.DRIFT,
        "Clients that send it get 415 or 422.",
        "Go on taking it.",
        DriftExample(_body(_BOTH), _body(_JSON)),
    ),
    Rule(
        "ZC229",
        "request-media-type-added",
        "Requests may be of another media type too",
        Level.INFO,
        Cause.DRIFT,
        "What older clients send is still taken.",
        "Nothing.",
        DriftExample(_body(_JSON), _body(_BOTH)),
    ),
    Rule(
        "ZC230",
        "encoding-changed",
        "Parts of a form are encoded in another way",
        Level.WARNING,
        Cause.DRIFT,
        "Clients write the part as they were told (`encoding`); the service expects something else.",
        "Keep the encoding as it was.",
        DriftExample(
            _body(
                "content: {multipart/form-data: {schema: {type: object, properties: {a: {type: object}}}, "
                "encoding: {a: {contentType: application/json}}}}"
            ),
            _body(
                "content: {multipart/form-data: {schema: {type: object, properties: {a: {type: object}}}, "
                "encoding: {a: {contentType: application/xml}}}}"
            ),
        ),
        strict=Level.ERROR,
    ),
    Rule(
        "ZC231",
        "success-status-removed",
        "A status of success is no longer documented",
        Level.ERROR,
        Cause.DRIFT,
        "Clients that compare with the status they know take success for failure.",
        "Answer with the status that was documented.",
        DriftExample(_answers('"200": {description: Done}'), _answers('"201": {description: Created}')),
    ),
    Rule(
        "ZC232",
        "status-removed",
        "A status of failure is no longer documented",
        Level.INFO,
        Cause.DRIFT,
        "It should not come any more; a client that handles it does so for nothing.",
        "Nothing; document it if it still comes.",
        DriftExample(
            _answers('"200": {description: Done}, "404": {description: None such}'),
            _answers('"200": {description: Done}'),
        ),
        strict=Level.WARNING,
    ),
    Rule(
        "ZC233",
        "status-added",
        "There is a new status",
        Level.INFO,
        Cause.DRIFT,
        "A client may meet a status that it has not heard of.",
        "See that clients handle it as they handle its class (2xx, 4xx, 5xx).",
        DriftExample(
            _answers('"200": {description: Done}'),
            _answers('"200": {description: Done}, "409": {description: Taken}'),
        ),
        strict=Level.WARNING,
    ),
    Rule(
        "ZC235",
        "response-media-type-removed",
        "A media type of responses is no longer given",
        Level.ERROR,
        Cause.DRIFT,
        "Clients that ask for it get 406, or something that they cannot read.",
        "Go on giving it.",
        DriftExample(
            _answers(f'"200": {{description: Things, {_BOTH}}}'), _answers(f'"200": {{description: Things, {_JSON}}}')
        ),
    ),
    Rule(
        "ZC236",
        "response-media-type-added",
        "Responses may be of another media type too",
        Level.INFO,
        Cause.DRIFT,
        "Clients that say what they accept (`Accept`) get what they got.",
        "See that it is only given to those who ask for it.",
        DriftExample(
            _answers(f'"200": {{description: Things, {_JSON}}}'), _answers(f'"200": {{description: Things, {_BOTH}}}')
        ),
        strict=Level.WARNING,
    ),
    Rule(
        "ZC237",
        "response-header-removed",
        "A header that was always there is gone",
        Level.ERROR,
        Cause.DRIFT,
        "Clients that read it find nothing.",
        "Go on sending it.",
        DriftExample(_headers(f"X-Total: {{required: true, {_TEXT}}}"), _headers("")),
    ),
    Rule(
        "ZC238",
        "optional-response-header-removed",
        "A header that could be there is gone",
        Level.WARNING,
        Cause.DRIFT,
        "Clients that read it where it is there never find it again.",
        "Go on sending it.",
        DriftExample(_headers(f"X-Total: {{{_TEXT}}}"), _headers("")),
        tolerant=Level.INFO,
    ),
    Rule(
        "ZC239",
        "response-header-became-optional",
        "A header may be missing that was always there",
        Level.ERROR,
        Cause.DRIFT,
        "Clients that read it may find nothing.",
        "Go on sending it always.",
        DriftExample(_headers(f"X-Total: {{required: true, {_TEXT}}}"), _headers(f"X-Total: {{{_TEXT}}}")),
    ),
    Rule(
        "ZC240",
        "response-header-added",
        "There is a new header",
        Level.INFO,
        Cause.DRIFT,
        "Clients that do not know it pass it over.",
        "Nothing.",
        DriftExample(_headers(""), _headers(f"X-Total: {{{_TEXT}}}")),
    ),
    Rule(
        "ZC242",
        "response-header-rewritten",
        "A header of responses is written in another way",
        Level.WARNING,
        Cause.DRIFT,
        "Clients that take it apart as they were told (`explode`, `content`) read something else.",
        "Keep the header as it was written, or give it another name.",
        DriftExample(
            _headers("X-Page: {schema: {type: object, properties: {size: {type: integer}}}}"),
            _headers("X-Page: {explode: true, schema: {type: object, properties: {size: {type: integer}}}}"),
        ),
        strict=Level.ERROR,
    ),
    Rule(
        "ZC241",
        "link-changed",
        "A link of a response changed",
        Level.INFO,
        Cause.DRIFT,
        "Clients that follow links by the document go elsewhere.",
        "Nothing.",
        DriftExample(
            _answers('"200": {description: Things, links: {next: {operationId: a}}}'),
            _answers('"200": {description: Things, links: {next: {operationId: b}}}'),
        ),
    ),
)
