"""What is told of any place: defaults, marks, encodings, what could not be decided, and what is only text."""

from __future__ import annotations

from zeues_contracts.findings import Cause, Level
from zeues_contracts.rules.drift.examples import api, given, of_request, taken, things
from zeues_contracts.rules.model import DriftExample, Rule

__all__ = ["RULES"]

_PETS = (
    "components: {schemas: {Cat: {type: object, properties: {kind: {type: string}}}, "
    "Dog: {type: object, properties: {kind: {type: string}, bark: {type: boolean}}}}}"
)
_UNION = (
    "requestBody: {content: {application/json: {schema: {anyOf: [{$ref: '#/components/schemas/Cat'}, "
    "{$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind, mapping: %s}}}}}"
)


def _fastapi(kind: str) -> str:
    """A document as FastAPI writes it, with a literal."""
    answer = "{description: OK, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}"
    thing = f"Thing: {{title: Thing, type: object, properties: {{kind: {{title: Kind, {kind}, type: string}}}}}}"
    return api(
        f"{{/things: {{get: {{responses: {{'200': {answer}}}}}}}}}",
        f"components: {{schemas: {{{thing}, HTTPValidationError: {{title: HTTPValidationError, type: object}}}}}}",
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "ZC253",
        "marks-changed",
        "A property became read-only or write-only, or is no longer",
        Level.INFO,
        Cause.DRIFT,
        "It leaves or joins requests (`readOnly`) or responses (`writeOnly`); where that breaks somebody, a finding of "
        "its own says so.",
        "Nothing.",
        of_request(
            "{type: object, properties: {a: {type: string}}}",
            "{type: object, properties: {a: {type: string, readOnly: true}}}",
        ),
    ),
    Rule(
        "ZC254",
        "default-changed",
        "A default changed",
        Level.INFO,
        Cause.DRIFT,
        "A request without the value may mean something else.",
        "Nothing, unless clients count on the default.",
        of_request("{type: integer, default: 1}", "{type: integer, default: 2}"),
        strict=Level.WARNING,
    ),
    Rule(
        "ZC255",
        "discriminator-changed",
        "A discriminator leads elsewhere",
        Level.WARNING,
        Cause.DRIFT,
        "A value of the discriminating property that clients send is not known any more, or clients get one that they "
        "do not know.",
        "Keep the mapping of every value.",
        DriftExample(
            things(_UNION % "{c: '#/components/schemas/Cat', d: '#/components/schemas/Dog'}", _PETS),
            things(_UNION % "{c: '#/components/schemas/Cat'}", _PETS),
        ),
        strict=Level.ERROR,
    ),
    Rule(
        "ZC256",
        "discriminator-extended",
        "A discriminator was added, or knows more values",
        Level.INFO,
        Cause.DRIFT,
        "What was sent and given keeps its meaning.",
        "Nothing.",
        DriftExample(
            things(_UNION % "{c: '#/components/schemas/Cat'}", _PETS),
            things(_UNION % "{c: '#/components/schemas/Cat', d: '#/components/schemas/Dog'}", _PETS),
        ),
    ),
    Rule(
        "ZC257",
        "content-encoding-changed",
        "A text holds something else, or is encoded in another way",
        Level.WARNING,
        Cause.DRIFT,
        "`contentEncoding` and `contentMediaType` say how to read the text: base64 read as plain is noise.",
        "Keep the encoding.",
        of_request("{type: string, contentEncoding: base64}", "{type: string, contentEncoding: base32}"),
        strict=Level.ERROR,
    ),
    Rule(
        "ZC258",
        "schema-undecided",
        "A schema changed, and what that means could not be decided",
        Level.WARNING,
        Cause.DRIFT,
        "Silence would say that it is compatible, which nobody knows.",
        "Look at the two fragments; write the schema in simpler words if that can be done.",
        DriftExample(
            taken("{type: string, pattern: '^(a)\\1$'}"),
            taken("{type: string, pattern: '^aa$'}"),
        ),
    ),
    Rule(
        "ZC259",
        "framework-upgrade",
        "Another version of the framework wrote the document",
        Level.INFO,
        Cause.DRIFT,
        "FastAPI and Pydantic spell the same thing in new ways from version to version. What they rewrote without a "
        "change of meaning is counted here; what changed on the wire has findings of its own, in the same group.",
        "Approve the snapshot once, with the upgrade.",
        DriftExample(_fastapi("enum: [a]"), _fastapi("const: a")),
    ),
    Rule(
        "ZC268",
        "idle-bound-changed",
        "A bound changed that binds nothing",
        Level.INFO,
        Cause.DRIFT,
        "It stands beside a type that it says nothing of, so by the sets nothing changed. Whoever wrote it meant "
        "something, and the service may enforce what was meant: the document does not tell.",
        "Give the bound to the type that it is meant for.",
        of_request("{type: string, maximum: 9}", "{type: string, maximum: 5}"),
        strict=Level.WARNING,
    ),
    Rule(
        "ZC298",
        "text-changed",
        "Descriptions, examples or extensions changed",
        Level.INFO,
        Cause.DRIFT,
        "Nothing on the wire changed.",
        "Nothing.",
        DriftExample(given("{type: string, description: A thing}"), given("{type: string, description: The thing}")),
    ),
    Rule(
        "ZC299",
        "version-not-raised",
        "Something changed, and the version says that nothing did",
        Level.INFO,
        Cause.DRIFT,
        "`info.version` is how people tell one document from another; it should step as the changes ask for.",
        "Raise `info.version` as the report suggests.",
        of_request("{type: integer}", "{type: string}"),
    ),
)
