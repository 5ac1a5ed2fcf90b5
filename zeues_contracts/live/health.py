"""Probes tell whether anybody is there, and whether the service and what it depends on answer as themselves.

Runs before everything else, again at the end and whenever errors cluster. Only GET is sent, to endpoints that look like
health and not like a lever: `GET /api/health/clear-cache` is never probed. Where they answer with a page, up to three
operations without input are asked whether they do as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from zeues_contracts.config import HealthConfig, LimitsConfig, ProbeConfig, ServiceConfig
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.findings import Evidence, Finding, Level
from zeues_contracts.live.curl import clean, curl
from zeues_contracts.live.health_bodies import PAGE, Part, read_health
from zeues_contracts.live.limits import Bounds, is_lever, is_listed
from zeues_contracts.live.outages import dishonest, outage_finding
from zeues_contracts.live.same_page import gives_json, one_page_for_all
from zeues_contracts.live.sending import HttpSender, Sender
from zeues_contracts.openapi.model import Document, Operation
from zeues_contracts.rules import rule
from zeues_contracts.triage.classify import classify, classify_exchange
from zeues_contracts.triage.fingerprints import dependency_in
from zeues_contracts.triage.model import Confidence, ProbeResult, Verdict
from zeues_contracts.triage.texts import stalled, texts
from zeues_contracts.triage.wording import bug_in, outage_in, quote, quoted_in_bug

__all__ = ["HealthResult", "ProbeResult", "discover", "judge_health", "preflight", "probe_all", "read_probe"]

_USUAL = (
    "/health",
    "/healthz",
    "/api/health",
    "/ready",
    "/readyz",
    "/livez",
    "/health/ready",
    "/actuator/health",
    "/_health",
    "/status",
)
_HEALTH_WORD = re.compile(
    r"(?:^|[-_.])(?:health|healthz|healthcheck|ready|readyz|readiness|live|livez|liveness|alive|ping|heartbeat)(?:$|[-_.])",
    re.IGNORECASE,
)
_BELOW = frozenset(
    {"status", "startup", "deep", "full", "detail", "details", "detailed", "dependencies", "checks", "all"}
)
_MAX_PROBES = 20


@dataclass(frozen=True, slots=True)
class HealthResult:
    """What the probes found. ``outage`` is the verdict when something is out, else ``None``."""

    probes: tuple[ProbeResult, ...]
    findings: tuple[Finding, ...]
    outage: Verdict | None
    exchanges: tuple[Exchange, ...] = ()


def looks_like_health(operation: Operation) -> bool:
    """Whether a documented operation is a health endpoint that may be probed: a GET without input, no lever."""
    if operation.method != "GET" or operation.request_body is not None:
        return False
    if any(parameter.required for parameter in operation.parameters):
        return False
    return _may_be_probed(operation.path, operation.operation_id)


def _may_be_probed(path: str, operation_id: str) -> bool:
    segments = [segment for segment in path.split("/") if segment]
    if "{" in path or not segments:
        return False
    # Only the end of the path counts: `/health/reports/yearly` is not a probe.
    last = segments[-1].lower()
    named = any(_HEALTH_WORD.search(segment) for segment in segments[-2:]) or (last == "status" and len(segments) <= 2)
    if not named or is_lever(path, operation_id.split("_api_")[0]):
        return False
    # Below `/health/` only what names a dependency or a depth is asked; `/health/drain` may be anything.
    return last in _BELOW or bool(_HEALTH_WORD.search(last)) or bool(dependency_in(last))


def _openly_json(document: Document | None, unsafe: Sequence[str]) -> tuple[Operation, ...]:
    """The operations that may be asked whether a page stands before the service: no lever, no input, and JSON."""
    return tuple(
        one
        for one in (document.operations.values() if document is not None else ())
        if gives_json(one)
        and not is_lever(one.path, one.operation_id)
        and not is_listed(one.name, one.operation_id, unsafe)
    )


def _told_by_service(line: Sender, bounds: Bounds, unsafe: Sequence[str]) -> tuple[ProbeConfig, ...]:
    """The health endpoints that the service itself documents at the usual place, where no document was given."""
    wanted = replace(bounds, max_bytes=4 * 1024 * 1024)
    exchange = line.send(Request("GET", line.base_url + "/openapi.json", (("accept", "application/json"),)), wanted)
    if exchange.response is None or exchange.response.status != 200 or exchange.response.truncated:
        return ()
    try:
        paths = json.loads(exchange.response.body).get("paths", {})
        entries = [(path, item["get"]) for path, item in paths.items() if "get" in item]
    except (ValueError, RecursionError, AttributeError, TypeError):
        return ()
    found = []
    for path, operation in entries[:5000]:
        if not isinstance(operation, dict) or not isinstance(path, str):
            continue
        parameters = operation.get("parameters")
        asks = any(not isinstance(one, dict) or one.get("required") for one in parameters or ())
        name = str(operation.get("operationId", ""))
        if not asks and _may_be_probed(path, name) and not is_listed(f"GET {path}", name, unsafe):
            found.append(ProbeConfig(path=path))
    return tuple(found[:_MAX_PROBES])


def discover(document: Document | None, config: HealthConfig, unsafe: Sequence[str] = ()) -> tuple[ProbeConfig, ...]:
    """The probes to send: those configured, those documented, and the usual paths that the document is silent about."""
    found: dict[str, ProbeConfig] = {probe.path: probe for probe in config.probes}
    if config.discover:
        documented: set[str] = set()
        if document is not None:
            for operation in document.operations.values():
                documented.add(operation.path)
                if looks_like_health(operation) and not is_listed(operation.name, operation.operation_id, unsafe):
                    found.setdefault(operation.path, ProbeConfig(path=operation.path))
        for path in _USUAL:
            if path not in documented and not is_listed(f"GET {path}", "", unsafe):
                found.setdefault(path, ProbeConfig(path=path))
    return tuple(found.values())[: _MAX_PROBES + len(config.probes)]


def read_probe(probe: ProbeConfig, exchange: Exchange, *, configured: bool = False) -> tuple[ProbeResult, ...]:
    """What one probe's exchange says: about the whole, and about each part that it says is not healthy. Pure."""
    dependency = probe.dependency or dependency_in(probe.path.replace("-", " ").replace("_", " "))
    url = exchange.request.url
    response = exchange.response
    if response is None:
        text = exchange.error_text or exchange.error
        silent = exchange.error == "timeout" and not configured
        healthy = None if silent and not dependency else False
        return (ProbeResult(url, probe.path, None, healthy, dependency, text, exchange, configured=configured),)
    if response.status in (404, 405, 410, 501) and not probe.healthy:
        healthy = None
        return (ProbeResult(url, probe.path, response.status, None, dependency, "not there", exchange, (), configured),)
    if response.status in (401, 403, 429):
        text = f"status {response.status}"
        return (ProbeResult(url, probe.path, response.status, None, dependency, text, exchange, (), configured),)
    if stalled(response):
        text = f"the answer stops after {len(response.body)} bytes"
        return (ProbeResult(url, probe.path, response.status, False, dependency, text, exchange, (), configured),)
    reading = read_health(response, probe.healthy)
    if response.status >= 500 and not reading.parts and (bug := _bug_of(response, exchange.request)):
        # A health check that breaks tells of itself, not of what it was to look at.
        whole = ProbeResult(url, probe.path, response.status, None, dependency, bug, exchange, (), configured)
        return (whole,)
    covers = tuple(sorted({part.dependency for part in reading.parts} | ({dependency} if dependency else set())))
    whole = ProbeResult(
        url, probe.path, response.status, reading.healthy, dependency, reading.text, exchange, covers, configured
    )
    return (whole, *(_sick(whole, part) for part in reading.parts if part.healthy is False))


def _bug_of(response: Response, request: Request) -> str:
    """The text of a programming error that a failing probe shows, where nothing beside it speaks of an outage."""
    said = texts(response, request)
    for text in said:
        sign = outage_in(text, any_text=True)
        if sign is not None and not quoted_in_bug(text, sign):
            return ""
    for text in said:
        bug = bug_in(text)
        # A client that was never set up is None: that may be the outage.
        if bug is not None and bug.slug != "none":
            return f"status {response.status}: {quote(text, bug)}"
    return ""


def _sick(whole: ProbeResult, part: Part) -> ProbeResult:
    return replace(
        whole, path=f"{whole.path}#{part.name}", healthy=False, dependency=part.dependency, text=part.text, covers=()
    )


def probe_all(
    sender: Sender, probes: Sequence[ProbeConfig], bounds: Bounds, configured: Sequence[str] = ()
) -> tuple[tuple[ProbeResult, ...], tuple[Exchange, ...]]:
    """Send every probe. Where nothing listens the first exchange tells, and the rest is not sent."""
    results: list[ProbeResult] = []
    exchanges: list[Exchange] = []
    silent = 0
    for probe in probes:
        url = sender.base_url + (probe.path if probe.path.startswith("/") else f"/{probe.path}")
        accept = ("accept", "application/health+json, application/json, text/plain;q=0.5, */*;q=0.1")
        exchange = sender.send(Request("GET", url, (accept,)), bounds)
        own = probe.path in configured
        there = exchange.response is None or exchange.response.status not in (404, 405, 410, 501)
        exchanges.append(exchange)
        if own or there:
            results += read_probe(probe, exchange, configured=own)
        if exchange.error in ("refused", "dns", "tls"):
            break
        hangs = exchange.response is not None and stalled(exchange.response)
        silent = silent + 1 if exchange.error or hangs else 0
        if silent >= 3:
            break  # nobody answers: more of it would only cost time
    return tuple(results), tuple(exchanges)


def preflight(
    base_url: str,
    document: Document | None = None,
    config: ServiceConfig | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    service: str = "",
    limits: LimitsConfig | None = None,
    sender: Sender | None = None,
    traffic: Sequence[Exchange] = (),
) -> HealthResult:
    """Probe a service and what it depends on; ends in bounded time, raises nothing of the network.

    ``sender`` is used instead of a new one where it is given (and not closed). ``traffic`` are exchanges seen so far:
    at the end of a run they tell whether the health endpoints were honest.
    """
    settings = config or ServiceConfig()
    own = sender is None
    line = sender or HttpSender(base_url, headers=headers or {})
    bounds = Bounds.of(limits or LimitsConfig())
    bounds = replace(bounds, seconds=min(bounds.seconds, 5.0), max_bytes=min(bounds.max_bytes, 256 * 1024))
    try:
        configured = [probe.path for probe in settings.health.probes]
        wanted = discover(document, settings.health, settings.replay.unsafe)
        if document is None and settings.health.discover:
            told = _told_by_service(line, bounds, settings.replay.unsafe)
            known = {probe.path for probe in wanted}
            wanted = (
                *wanted[: len(configured)],
                *(one for one in told if one.path not in known),
                *wanted[len(configured) :],
            )
        probes, exchanges = probe_all(line, wanted, bounds, configured)
        apart, more = one_page_for_all(
            document, exchanges, line, bounds, _openly_json(document, settings.replay.unsafe)
        )
        probes, exchanges = (*probes, *apart), (*exchanges, *more)
        if not exchanges:
            exchanges = (line.send(Request("GET", line.base_url + "/"), bounds),)
    finally:
        if own:
            line.close()
    return judge_health(probes, exchanges, document, service=service, traffic=traffic)


def judge_health(
    probes: Sequence[ProbeResult],
    exchanges: Sequence[Exchange],
    document: Document | None = None,
    *,
    service: str = "",
    traffic: Sequence[Exchange] = (),
) -> HealthResult:
    """The findings of probes and traffic. Pure.

    What the probes themselves say decides whether something is out; the traffic is asked as well where it is given.
    """
    findings: list[Finding] = []
    outage: Verdict | None = None
    transport = [classify_exchange(one, exchanges) for one in exchanges if one.response is None]
    gone = [verdict for verdict in transport if verdict.is_outage and verdict.confidence is Confidence.CERTAIN]
    nobody = bool(exchanges) and all(one.response is None for one in exchanges)
    if gone or nobody:
        outage = gone[0] if gone else classify(exchanges)
        findings.append(outage_finding(outage, service, document))
        return HealthResult(tuple(probes), tuple(findings), outage, tuple(exchanges))
    sick: dict[str, Finding] = {}
    for probe in probes:
        if probe.healthy is not False:
            continue
        verdict = classify((), [probe])
        # One finding per thing that is out, however many probes speak of it; its own probe is the better witness.
        known = sick.get(probe.dependency)
        if known is None or (not probe.dependency and "#" not in probe.path):
            sick[probe.dependency] = outage_finding(verdict, service, document)
    if "" in sick and len(sick) > 1:
        del sick[""]  # the whole is sick because a part is
    findings += sick.values()
    seen = [one for one in exchanges if one.response is not None and one.response.status not in (404, 405, 410)]
    state = classify([*seen, *traffic], [probe for probe in probes if probe.healthy is not None], document)
    if state.is_outage:
        outage = state
        if not sick:
            findings.append(outage_finding(state, service, document))
    findings += dishonest(probes, outage, service, document)
    documented = {one.path for one in document.operations.values()} if document is not None else set()
    findings += _about_probes(probes, service, documented)
    return HealthResult(tuple(probes), tuple(findings), outage, tuple(exchanges))


def _about_probes(probes: Sequence[ProbeResult], service: str, documented: Collection[str]) -> list[Finding]:
    found = []
    for probe in probes:
        if probe.healthy is not None or probe.exchange is None:
            continue
        missing = probe.configured and probe.status in (404, 405, 410, 501)
        code = "ZC512" if missing else "ZC513"
        silent = probe.exchange.error == "timeout"
        if not probe.configured and probe.status != 200 and not (silent and probe.path in documented):
            continue  # a discovered path that is guarded or redirects was only a guess
        if not probe.configured and probe.text == PAGE and probe.path not in documented:
            continue  # whoever asks for what is not there gets the page of a single-page application
        unsaid = f"does not say whether it is healthy ({probe.text or 'unknown shape'})"
        late = "gives no answer in time: whoever asks it takes the service for dead"
        what = "is not there" if missing else late if silent else unsaid
        found.append(
            rule(code).finding(
                f"the probe {probe.path} {what}",
                level=Level.WARNING if silent else rule(code).level,
                service=service,
                subject=probe.path,
                evidence=Evidence(exchange=clean(probe.exchange), replay=curl(probe.exchange.request)),
                hint=rule(code).mend,
            )
        )
    return found
