"""Operations, their life, security, servers, callbacks: what changes without a schema saying so."""

from __future__ import annotations

from zeues_contracts.findings import Cause, Level
from zeues_contracts.rules.drift.examples import api, things
from zeues_contracts.rules.model import DriftExample, Rule

__all__ = ["RULES"]

_GET = '{get: {responses: {"200": {description: Things}}}}'
_KEY = (
    "components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, token: {type: http, scheme: bearer}}}"
)
_CALLBACK = (
    '{{done: {{"{{$request.body#/url}}": {{post: {{responses: {{"200": {{description: Taken}}}}}}}}}}}}'.format()
)

RULES: tuple[Rule, ...] = (
    Rule(
        "ZC201",
        "operation-removed",
        "An operation is gone",
        Level.ERROR,
        Cause.DRIFT,
        "Whoever calls it gets 404 or 405 from now on.",
        "Bring it back, or deprecate it with a sunset date and remove it after that date.",
        DriftExample(api(f"{{/things: {_GET}, /old: {_GET}}}"), api(f"{{/things: {_GET}}}")),
    ),
    Rule(
        "ZC202",
        "announced-removal",
        "Something deprecated or unstable was removed",
        Level.INFO,
        Cause.DRIFT,
        "Its end was announced, so its users were warned; those who did not listen get an error from now on.",
        "Nothing, if no consumer of yours uses it any more.",
        DriftExample(
            api(
                f'{{/things: {_GET}, /old: {{get: {{deprecated: true, responses: {{"200": {{description: Old}}}}}}}}}}'
            ),
            api(f"{{/things: {_GET}}}"),
        ),
        strict=Level.WARNING,
    ),
    Rule(
        "ZC203",
        "operation-added",
        "There is a new operation",
        Level.INFO,
        Cause.DRIFT,
        "Nobody uses it yet.",
        "Nothing; approve the snapshot.",
        DriftExample(api(f"{{/things: {_GET}}}"), api(f"{{/things: {_GET}, /new: {_GET}}}")),
    ),
    Rule(
        "ZC204",
        "deprecation-changed",
        "Something was deprecated, or taken back into use",
        Level.INFO,
        Cause.DRIFT,
        "What is deprecated still works, and may go later.",
        "Plan to leave what is deprecated, before its sunset.",
        DriftExample(things(""), things("deprecated: true")),
    ),
    Rule(
        "ZC205",
        "sunset-policy",
        "A deprecation announces its end badly",
        Level.ERROR,
        Cause.DRIFT,
        "A sunset (`x-sunset`) that cannot be read, is missing or comes too soon for `drift.deprecation-days` leaves "
        "users without time to move.",
        "Give `x-sunset` a date such as 2030-12-31 that is far enough away.",
        DriftExample(things(""), things("deprecated: true, x-sunset: soon")),
    ),
    Rule(
        "ZC206",
        "sunset-withdrawn",
        "A sunset date was taken back or moved forward",
        Level.ERROR,
        Cause.DRIFT,
        "Users planned by the date that was given; without it, or with an earlier one, they are late.",
        "Keep the date, or give a later one.",
        DriftExample(
            things('deprecated: true, x-sunset: "2099-12-31"'), things('deprecated: true, x-sunset: "2099-01-01"')
        ),
    ),
    Rule(
        "ZC207",
        "stability-lowered",
        "A promise of stability fell",
        Level.ERROR,
        Cause.DRIFT,
        "`x-stability-level` said that it would stay as it is; now it may change without notice, or says nothing that "
        "can be read.",
        "Give one of draft, alpha, beta, stable, not below what it was.",
        DriftExample(things("x-stability-level: stable"), things("x-stability-level: alpha")),
    ),
    Rule(
        "ZC208",
        "operation-id-changed",
        "An operationId changed",
        Level.INFO,
        Cause.DRIFT,
        "Nothing on the wire changed, but generated clients name their methods by it.",
        "Keep the operationId where clients are generated.",
        DriftExample(things("operationId: listThings"), things("operationId: getThings")),
    ),
    Rule(
        "ZC209",
        "tags-changed",
        "Tags changed",
        Level.INFO,
        Cause.DRIFT,
        "Nothing on the wire changed, but generated clients group their methods by tags.",
        "Nothing.",
        DriftExample(things("tags: [a]"), things("tags: [b]")),
    ),
    Rule(
        "ZC245",
        "security-stronger",
        "Callers must show more than before",
        Level.ERROR,
        Cause.DRIFT,
        "Credentials that sufficed are turned down: 401 or 403.",
        "Take the older credentials too until clients have moved.",
        DriftExample(things("", _KEY), things("security: [{key: []}]", _KEY)),
    ),
    Rule(
        "ZC246",
        "security-weaker",
        "Callers need less than before",
        Level.INFO,
        Cause.DRIFT,
        "Older callers still get in. Make sure that it was meant.",
        "Check that the operation should be open to these callers.",
        DriftExample(things("security: [{key: []}]", _KEY), things("security: [{key: []}, {token: []}]", _KEY)),
    ),
    Rule(
        "ZC247",
        "security-scheme-changed",
        "A security scheme in use takes another credential",
        Level.ERROR,
        Cause.DRIFT,
        "Callers send the older credential, to the older place: it is not seen.",
        "Declare the new scheme beside the old one, as an alternative.",
        DriftExample(
            things("security: [{key: []}]", _KEY),
            things("security: [{key: []}]", _KEY.replace("in: header", "in: query")),
        ),
    ),
    Rule(
        "ZC248",
        "security-declaration-changed",
        "The declaration of a security scheme changed",
        Level.INFO,
        Cause.DRIFT,
        "No credential that was taken is refused for it: nobody asks for the scheme, or only addresses and scopes that "
        "can be asked for changed.",
        "Nothing; look at token addresses that moved.",
        DriftExample(things("", _KEY), things("", _KEY.replace("scheme: bearer", "scheme: basic"))),
    ),
    Rule(
        "ZC249",
        "server-removed",
        "A server is no longer named",
        Level.WARNING,
        Cause.DRIFT,
        "Clients that were given its address may not reach anything there.",
        "Keep it while it answers, or set `drift.ignore-servers` where servers say nothing.",
        DriftExample(
            api(f"{{/things: {_GET}}}", "servers: [{url: https://api.example.com/v1}]"),
            api(f"{{/things: {_GET}}}", "servers: [{url: https://api.example.com/v2}]"),
        ),
        tolerant=Level.INFO,
    ),
    Rule(
        "ZC250",
        "server-added",
        "There is a new server",
        Level.INFO,
        Cause.DRIFT,
        "The older ones still serve.",
        "Nothing.",
        DriftExample(
            api(f"{{/things: {_GET}}}", "servers: [{url: https://api.example.com/v1}]"),
            api(f"{{/things: {_GET}}}", "servers: [{url: https://api.example.com/v1}, {url: https://eu.example.com}]"),
        ),
    ),
    Rule(
        "ZC251",
        "callback-removed",
        "A callback or webhook is no longer sent",
        Level.WARNING,
        Cause.DRIFT,
        "Whoever waits for it waits in vain.",
        "Go on sending it until its takers have moved.",
        DriftExample(things(f"callbacks: {_CALLBACK}"), things("")),
        strict=Level.ERROR,
    ),
    Rule(
        "ZC252",
        "callback-added",
        "There is a new callback or webhook",
        Level.INFO,
        Cause.DRIFT,
        "Nobody takes it yet.",
        "Nothing.",
        DriftExample(things(""), things(f"callbacks: {_CALLBACK}")),
    ),
)
