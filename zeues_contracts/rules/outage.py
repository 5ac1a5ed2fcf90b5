"""ZC5xx, outage and health: the environment."""

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
  /health:
    get: {responses: {"200": {description: Health}}}
  /redis-health:
    get: {responses: {"200": {description: Health of Redis}}}
  /spools:
    get: {responses: {"200": {description: Spools}}}
    post: {responses: {"200": {description: Taken}, "422": {description: Refused}}}
"""

_CLOSED = """\
openapi: 3.1.0
info: {title: Spools, version: "1"}
security: [{key: []}]
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Api-Key}}
paths:
  /spools:
    get: {responses: {"200": {description: Spools}, "401": {description: Who are you}}}
"""


def _rule(code: str, slug: str, title: str, level: Level, why: str, mend: str, *exchanges: Mapping[str, Any]) -> Rule:
    example = ExchangeExample(_DOCUMENT, exchanges) if exchanges else None
    return Rule(code, slug, title, level, Cause.OUTAGE, why, mend, example)


RULES: tuple[Rule, ...] = (
    _rule(
        "ZC501",
        "service-unreachable",
        "The service cannot be reached",
        Level.ERROR,
        "Nothing listens at the address, its name does not resolve, the connection breaks, or no answer comes in "
        "time. Nothing "
        "can be said about the service's behaviour, and no drift is claimed.",
        "Start the service, or mend the address in the configuration.",
        {"method": "GET", "path": "/spools", "error": "refused"},
    ),
    _rule(
        "ZC502",
        "dependency-down",
        "Something that the service depends on is out",
        Level.ERROR,
        "An answer's text is that of a database, cache, broker or network that does not do its part. What fails "
        "because of it "
        "says nothing about the contract.",
        "Bring the dependency back, then run the check again.",
        {
            "method": "POST",
            "path": "/spools",
            "status": 500,
            "body": {"detail": "Error 111 connecting to localhost:6379. Connection refused."},
        },
    ),
    _rule(
        "ZC503",
        "service-unavailable",
        "The service, or a proxy before it, says that it is not available",
        Level.ERROR,
        "502, 503 and 504 are said of the moment, not of the request (RFC 9110, 15.6).",
        "Wait for the service to come back, then run the check again.",
        {"method": "GET", "path": "/spools", "status": 502, "body": "<h1>502 Bad Gateway</h1>"},
    ),
    _rule(
        "ZC504",
        "rate-limited",
        "The service slows us down",
        Level.WARNING,
        "429 with Retry-After is said of our pace, not of the request (RFC 6585, 4).",
        "Set `rate-limit` in the fuzz configuration, or raise the limit of the test environment.",
        {"method": "GET", "path": "/spools", "status": 429, "headers": {"retry-after": "3"}, "body": {}},
    ),
    _rule(
        "ZC505",
        "errors-cluster",
        "Many operations began to fail at once",
        Level.ERROR,
        "Operations that answered well a moment ago now fail alike: something that they share is out, even though no "
        "text "
        "names it.",
        "Look at what these operations share, and at the service's log.",
        {"method": "GET", "path": "/spools", "status": 200, "body": []},
        {"method": "GET", "path": "/spools", "status": 500, "body": "Internal Server Error"},
    ),
    Rule(
        "ZC506",
        "credentials-refused",
        "Whatever needs credentials is closed to us",
        Level.ERROR,
        Cause.OUTAGE,
        "A service that answers 401 to everything keeps its promise and shows nothing of what is behind the door: a "
        "run without the right credentials finds nothing, and that is no good sign.",
        "Configure the credentials (`headers`, with `${NAME}` for what must not be written down), or give --header.",
        ExchangeExample(
            _CLOSED,
            ({"method": "GET", "path": "/spools", "status": 401, "body": {"detail": "Not authenticated"}},),
        ),
    ),
    _rule(
        "ZC507",
        "another-service",
        "What answers at the address is not the service",
        Level.ERROR,
        "The live document shares no operation with the approved one, and nothing speaks for a newer version of the "
        "same service: neither title, components nor paths, or not even what it documents is there. Or none of the "
        "documented operations is where requests go. A gateway with a document of its own, another service on a port "
        "that was used again and a route that leads nowhere look as if everything had changed; no drift is claimed.",
        "Point `url` (or `base-url`) at the service. If it is its successor after all, approve the new document with "
        "`zeues-contracts snapshot update`.",
    ),
    _rule(
        "ZC508",
        "changed-underway",
        "The service's document changed while it was checked",
        Level.ERROR,
        "It was deployed in the middle of the run, or two versions of it answer in turn: part of what was seen is of "
        "the one, part of the other. Only what holds for each document that was read is claimed.",
        "Run the check again when the deployment is through.",
    ),
    _rule(
        "ZC510",
        "probe-unhealthy",
        "A health probe says that the service or a dependency is not healthy",
        Level.ERROR,
        "The service knows by itself that it cannot do its work. What fails meanwhile says nothing about the contract.",
        "Bring back what the probe names, then run the check again.",
        {
            "method": "GET",
            "path": "/redis-health",
            "status": 200,
            "body": {
                "status": "unhealthy",
                "message": "Redis not responding: Too many connections",
                "operational": False,
            },
        },
    ),
    _rule(
        "ZC511",
        "dishonest-health",
        "A health endpoint says healthy while a dependency or the traffic says otherwise",
        Level.ERROR,
        "Load balancers, monitors and people trust it: with an endpoint that looks at half of what the service "
        "needs, an "
        "outage looks like a bug and a broken instance keeps its traffic.",
        "Let the health endpoint look at every dependency that requests need, or give each its own probe and say which "
        "one it covers.",
        {"method": "GET", "path": "/health", "status": 200, "body": {"status": "healthy"}},
        {
            "method": "GET",
            "path": "/redis-health",
            "status": 200,
            "body": {
                "status": "unhealthy",
                "message": "Redis not responding: Too many connections",
                "operational": False,
            },
        },
    ),
    _rule(
        "ZC512",
        "probe-missing",
        "A configured health probe is not there",
        Level.WARNING,
        "A probe that answers 404 watches nothing.",
        "Mend the path in the configuration.",
    ),
    _rule(
        "ZC513",
        "probe-unreadable",
        "A health probe's answer does not say whether the service is healthy",
        Level.INFO,
        "The answer has neither a status nor a shape that is known (application/health+json, Spring Boot's actuator, "
        "`status`, `ok`), so it is no evidence.",
        'Say what a healthy answer looks like: `healthy = {status = "ok"}` at the probe\'s configuration.',
        {"method": "GET", "path": "/health", "status": 200, "body": {"uptime": 5}},
    ),
    _rule(
        "ZC520",
        "passes-for-the-wrong-reason",
        "A test passes only because of an outage",
        Level.WARNING,
        "A test that takes any status but one for a success takes an outage for one as well: it would pass with the "
        "service "
        "switched off.",
        "Assert the status that is meant, not the one that is not.",
    ),
    _rule(
        "ZC521",
        "not-judged",
        "Something could not be judged because of an outage",
        Level.INFO,
        "What an outage hides is neither right nor wrong: it is named so that nobody takes silence for a pass.",
        "Run the check again when the outage is over.",
    ),
)
