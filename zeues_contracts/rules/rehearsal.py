"""ZC38x, mismatch: what a rehearsal against the mock shows of a consumer's own requests and expectations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.findings import Cause, Level
from zeues_contracts.rules.model import ExchangeExample, Rule

__all__ = ["RULES"]

_DOCUMENT = """\
openapi: 3.1.0
info: {title: Spools, version: "1"}
paths:
  /spools:
    post:
      security: [{key: []}, {}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [tag, length]
              properties: {tag: {type: string}, length: {type: integer}}
      responses: {"201": {description: Made}, "422": {description: Refused}}
    delete:
      security: [{key: []}]
      responses: {"204": {description: Gone}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
"""


def _rule(
    code: str,
    slug: str,
    title: str,
    level: Level,
    why: str,
    mend: str,
    *exchanges: Mapping[str, Any],
    strict: Level | None = None,
    tolerant: Level | None = None,
) -> Rule:
    example = ExchangeExample(_DOCUMENT, exchanges) if exchanges else None
    return Rule(code, slug, title, level, Cause.MISMATCH, why, mend, example, strict, tolerant)


RULES: tuple[Rule, ...] = (
    _rule(
        "ZC380",
        "rehearsed-request-refused",
        "A request of the consumer does not fit the document",
        Level.ERROR,
        "The command sent it to the mock, which judges requests as the service does: the service will answer 422 as "
        "well, whatever state it is in.",
        "Mend the request. A test that waits for just this status (422) is taken to be about the refusal, which is "
        "information then; one that takes any error, or a command that passes all the same, makes it a warning.",
        {"method": "POST", "path": "/spools", "request_body": {"tag": "A-1"}, "status": 422},
    ),
    _rule(
        "ZC381",
        "rehearsed-unknown-operation",
        "The consumer calls something that the document does not describe",
        Level.ERROR,
        "There is no such path, or no such method for it: the service will answer 404 or 405.",
        "Mend the path or the method, or run the rehearsal against the document that has it.",
        {"method": "GET", "path": "/spool", "status": 404},
    ),
    _rule(
        "ZC382",
        "rehearsed-input-ignored",
        "The consumer sends what the document does not declare",
        Level.WARNING,
        "The service takes the request and ignores this part of it. A consumer that sends it believes that it counts.",
        "Declare it in the service, or leave it out.",
        {
            "method": "POST",
            "path": "/spools",
            "request_body": {"tag": "A-1", "length": 1, "colour": "red"},
            "status": 201,
        },
        strict=Level.ERROR,
        tolerant=Level.INFO,
    ),
    _rule(
        "ZC383",
        "rehearsed-input-converted",
        "A request fits only because the service converts what is sent",
        Level.INFO,
        'The document says integer and the consumer sends "5": a lenient parser takes it, and another one, or the same '
        "one in its strict mode, does not.",
        "Send the type that the document says.",
        {"method": "POST", "path": "/spools", "request_body": {"tag": "A-1", "length": "5"}, "status": 201},
        strict=Level.WARNING,
    ),
    _rule(
        "ZC384",
        "rehearsed-without-credentials",
        "The consumer sends no credentials where the document asks for them",
        Level.ERROR,
        "The service will answer 401 or 403.",
        "Send what the security scheme names; any value will do for a rehearsal.",
        {"method": "DELETE", "path": "/spools", "status": 401},
    ),
    _rule(
        "ZC385",
        "rehearsed-command-failed",
        "The command fails on answers that keep to the document",
        Level.ERROR,
        "What it expects is not promised, or needs a state that no mock has. Requests that do not fit are told apart "
        "from it.",
        "Look at what the command printed. Where the document promises what is expected, give it an example; where it "
        "does not, mend the expectation.",
        tolerant=Level.WARNING,
    ),
    _rule(
        "ZC386",
        "rehearsed-answer-needs-state",
        "A test waits for a documented answer that the mock could not be brought to give",
        Level.INFO,
        "The document allows what the test waits for; it needs a state of the service. Nothing is said against the "
        "test, "
        "and nothing behind this answer was rehearsed.",
        'Send "Prefer: status=409" (or whichever is meant) in the rehearsal, or take it as it is.',
    ),
)
