"""From verdicts to findings: which rule of ZC5xx an outage is."""

from __future__ import annotations

from collections.abc import Sequence

from zeues_contracts.exchange import Exchange
from zeues_contracts.findings import Evidence, Finding
from zeues_contracts.live.access import CREDENTIALS
from zeues_contracts.live.curl import clean, curl
from zeues_contracts.openapi.model import Document
from zeues_contracts.rules import rule
from zeues_contracts.triage.classify import operation_of
from zeues_contracts.triage.model import ProbeResult, Verdict

__all__ = ["ANOTHER_SERVICE", "CHANGED_UNDERWAY", "dishonest", "not_judged", "outage_finding"]

_TRANSPORT = frozenset({"refused", "dns", "tls", "reset", "timeout", "protocol"})
_COMPANY = frozenset({"cluster", "alike", "answered-before", "answered-later"})
_STATUS = frozenset({"gateway", "gateway-timeout", "unavailable", "no-backend", "page"})
ANOTHER_SERVICE = "another-service"
"""The sign of a verdict that what answers is not the service."""
CHANGED_UNDERWAY = "changed-underway"
"""The sign of a verdict that the service's document changed while it was checked."""
_STRANGE = {ANOTHER_SERVICE: "ZC507", CHANGED_UNDERWAY: "ZC508", CREDENTIALS: "ZC506"}
_NOT_OF_HEALTH = frozenset({"rate-limited", *_STRANGE})
"""Signs of outages that no health endpoint can know of: what is between us and the service, or who answers at all."""
# What says "the process lives" and nothing more, by the convention of Kubernetes: it need not know of dependencies.
_LIVENESS = frozenset({"live", "livez", "liveness", "alive", "ping", "heartbeat", "up"})


def outage_finding(verdict: Verdict, service: str = "", document: Document | None = None) -> Finding:
    """The finding of an outage verdict. The subject is what is out, so that one outage is one finding."""
    exchange = verdict.exchange
    no_response = exchange is not None and exchange.response is None
    if no_response and verdict.sign in _TRANSPORT:
        code = "ZC501"
    elif verdict.sign == "rate-limited":
        code = "ZC504"
    elif verdict.sign in _STRANGE:
        code = _STRANGE[verdict.sign]
    elif verdict.sign == "probe":
        code = "ZC510"
    elif verdict.sign in _COMPANY:
        code = "ZC505"
    elif verdict.sign in _STATUS and not verdict.dependency:
        code = "ZC503"
    else:
        code = "ZC502"
    what = {
        "ZC501": "The service cannot be reached",
        "ZC502": f"{verdict.dependency or 'Something that the service depends on'} is out",
        "ZC503": "The service is not available",
        "ZC504": "The service slows us down",
        "ZC505": "Most operations fail alike" if verdict.sign == "alike" else "Many operations began to fail at once",
        "ZC506": "What was open is closed to us",
        "ZC507": "The service is not where requests go",
        "ZC508": "The service changed while it was checked",
        "ZC510": f"{verdict.dependency or 'The service'} is not healthy",
    }[code]
    why = verdict.evidence[0] if verdict.evidence else ""
    return rule(code).finding(
        f"{what}: {why}" if why else what,
        service=service,
        operations=_operations(exchange, document),
        subject=verdict.dependency or verdict.sign,
        evidence=Evidence(
            explanation=why,
            exchange=clean(exchange) if exchange else None,
            replay=curl(exchange.request) if exchange else "",
            details=verdict.evidence[1:],
        ),
        confidence=verdict.confidence.value,
        hint=rule(code).mend,
    )


def _operations(exchange: Exchange | None, document: Document | None) -> tuple[str, ...]:
    if exchange is None or document is None:
        return ()
    name = operation_of(exchange, document)
    known = {operation.name for operation in document.operations.values()}
    return (name,) if name in known else ()


def dishonest(
    probes: Sequence[ProbeResult], verdict: Verdict | None, service: str = "", document: Document | None = None
) -> tuple[Finding, ...]:
    """A finding for each health endpoint that says healthy while a dependency's probe or the traffic says otherwise.

    A probe for one dependency is only asked about that one. Endpoints of mere liveness are exempt.
    """
    sick: dict[str, str] = {}
    for probe in probes:
        if probe.healthy is False:
            said = f" ({probe.text})" if probe.text else ""
            sick.setdefault(probe.dependency, f"{probe.path} says otherwise{said}")
    answered = verdict is not None and (verdict.exchange is None or verdict.exchange.response is not None)
    if verdict is not None and verdict.is_outage and answered and verdict.sign not in _NOT_OF_HEALTH:
        why = verdict.evidence[0] if verdict.evidence else verdict.sign
        sick.setdefault(verdict.dependency, f"the traffic says otherwise: {why}")
    if not sick:
        return ()
    found: list[Finding] = []
    for probe in probes:
        last = probe.path.partition("#")[0].rstrip("/").rpartition("/")[2].lower()
        if probe.healthy is not True or "#" in probe.path or last in _LIVENESS:
            continue
        if probe.dependency and probe.dependency not in sick:
            continue
        names = [probe.dependency] if probe.dependency else sorted(sick)
        out = ", ".join(name or "the service" for name in names)
        blind = [name for name in names if name and name not in probe.covers]
        details = [sick[name] for name in names]
        if blind and not probe.dependency:
            names_of = ", ".join(blind)
            looks = f"it looks at {', '.join(probe.covers)} only, not at" if probe.covers else "it says nothing of"
            details.append(f"{looks} {names_of}")
        found.append(
            rule("ZC511").finding(
                f"{probe.path} says healthy while {out} is out: {details[0]}",
                service=service,
                operations=_operations(probe.exchange, document),
                subject=probe.path,
                evidence=Evidence(
                    explanation=details[0],
                    exchange=clean(probe.exchange) if probe.exchange else None,
                    replay=curl(probe.exchange.request) if probe.exchange else "",
                    details=tuple(details[1:]),
                ),
                confidence="certain" if any(one.healthy is False for one in probes) else verdict_word(verdict),
                hint=rule("ZC511").mend,
            )
        )
    return tuple(found)


def verdict_word(verdict: Verdict | None) -> str:
    """The confidence of a verdict as a finding states it."""
    return verdict.confidence.value if verdict else ""


def not_judged(what: Sequence[str], noun: str, verdict: Verdict, stage: str, service: str = "") -> Finding:
    """The finding that names what an outage kept from being judged: ``what``, one of which is a ``noun``."""
    states = {"rate-limited": "we are slowed down", CREDENTIALS: "we are not let in"}
    while_ = states.get(verdict.sign, f"{verdict.dependency or 'the service'} is out")
    count = f"{len(what)} {noun}s" if len(what) != 1 else f"1 {noun}"
    return rule("ZC521").finding(
        f"{stage}: {count} could not be judged while {while_}",
        service=service,
        subject=stage,
        evidence=Evidence(explanation=verdict.sentence, details=tuple(what[:50])),
        confidence=verdict.confidence.value,
    )
