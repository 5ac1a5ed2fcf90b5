"""Why it failed: from exchanges and probes to a cause, with evidence and a stated confidence. Pure; no I/O.

What is asked of each failure, in this order:

1. Did a response come at all? Refused, unresolved and TLS failures are the environment's.
2. Does the text say it? A fingerprint of a dependency (``fingerprints.OUTAGES``) is an outage, a programming error's
   text (``fingerprints.BUGS``) a violation. What the request itself sent does not count.
3. Does the status say it (RFC 9110: 502, 503, 504; RFC 6585: 429 with Retry-After)?
4. Do the probes say it?
5. Does the company it keeps say it: the same request that answered well a moment ago, many operations that fail alike
   at once while others answer, most operations that answer nothing else?

A 5xx for which none of these speaks, on a service whose probes or other operations are well, is the service's own: a
violation, likely. Where nothing else is known either, the answer is ``cannot tell``. A wrong name is worse than none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from zeues_contracts.exchange import Exchange, Response
from zeues_contracts.findings import Cause
from zeues_contracts.openapi.model import Document
from zeues_contracts.triage.company import alike_from_the_start, bound_to_input, cluster
from zeues_contracts.triage.fingerprints import dependency_in
from zeues_contracts.triage.gateways import lost_route
from zeues_contracts.triage.history import History, Seen, operation_of
from zeues_contracts.triage.model import Confidence, ProbeResult, Verdict
from zeues_contracts.triage.texts import error_texts, json_body, page_of, stalled, texts
from zeues_contracts.triage.wording import bug_in, clip, dependency_of, outage_in, quote, quoted_in_bug

__all__ = ["classify", "classify_exchange", "operation_of", "outage_began", "retry_after"]

_GATEWAY = {
    502: "502 Bad Gateway: a proxy found nobody, or nobody sane, behind it",
    504: "504 Gateway Timeout: a proxy waited in vain for the service behind it",
    507: "507 Insufficient Storage",
    509: "509 Bandwidth Limit Exceeded",
    520: "520: the proxy got an answer from the service that it does not understand",
    521: "521: the service refuses the proxy's connections",
    522: "522: the proxy's connection to the service timed out",
    523: "523: the service cannot be reached by the proxy",
    524: "524: the service did not answer the proxy in time",
    525: "525: the TLS handshake between proxy and service failed",
    526: "526: the service's certificate is not valid for the proxy",
    529: "529: the service is overloaded",
    530: "530: the proxy cannot resolve the service's name",
}
_UNAVAILABLE = re.compile(
    r"unavailable|overload|maintenance|temporar|try (?:again|later)|upstream|no (?:healthy|available) (?:serv|backend)"
    r"|capacity|starting up|shutting down|not ready|warming up|timed? ?out|no disponible|mantenimiento|capacidad",
    re.IGNORECASE,
)
_LIMITED = re.compile(r"too many requests|rate.?limit|throttl|quota|slow down|requests per", re.IGNORECASE)
# What is asked of a client of a database, cache or broker, and of little else.
_CLIENT = re.compile(
    r"'NoneType' object has no attribute '(?:get|m?set|setn?ex|incr|h(?:get|set|getall)|exists|keys|scan(?:_iter)?|lock"
    r"|eval|xadd|[lr]push|publish|ping|pipeline|execute(?:many)?|fetch\w*|cursor|acquire|connect(?:ion)?|session|begin"
    r"|commit|rollback|query|find(?:_one)?|insert_one|collection|basic_publish|send|produce|request|worksheet\w*"
    r"|open_by_key|put_object|search|index)'",
    re.IGNORECASE,
)


def retry_after(response: Response) -> float | None:
    """Seconds of the ``Retry-After`` header (RFC 9110, 10.2.3) where they are given as a number; a date counts as 0."""
    text = response.header("retry-after")
    if text is None:
        return None
    return float(text) if re.fullmatch(r"\d{1,9}", text.strip()) else 0.0


def classify_exchange(
    exchange: Exchange,
    exchanges: Sequence[Exchange] = (),
    probes: Sequence[ProbeResult] = (),
    document: Document | None = None,
) -> Verdict:
    """Why one exchange came out as it did, in the light of the others (in order of time) and of the probes.

    ``exchanges`` may hold the exchange itself; where it does not, it is taken as the latest. The cause is ``None`` with
    ``certain`` when nothing failed, and ``None`` with ``cannot tell`` when more than one cause fits.
    """
    company = list(exchanges)
    if not any(other is exchange for other in company):
        company.append(exchange)
    history = History.of(company, probes, document)
    here = next(one for one in history.seen if one.exchange is exchange)
    return _verdict(here, history, document)


def classify(
    exchanges: Sequence[Exchange],
    probes: Sequence[ProbeResult] = (),
    document: Document | None = None,
) -> Verdict:
    """What state the environment was in, judged from all that was seen: the weightiest of the single verdicts.

    An outage outweighs a violation (what it hides cannot be judged), a violation outweighs a refused request. Where
    exchanges failed and no cause can be told, that is the answer.
    """
    history = History.of(exchanges, probes, document)
    verdicts = [_verdict(one, history, document) for one in history.seen]
    outages = [verdict for verdict in verdicts if verdict.is_outage]
    probed = [_probe_verdict(probe) for probe in history.down]
    if outages or probed:
        return _joined(outages + probed)
    for cause in (Cause.VIOLATION, Cause.MISMATCH):
        found = [verdict for verdict in verdicts if verdict.cause is cause]
        if found:
            return max(found, key=lambda verdict: verdict.confidence.rank)
    unsure = [verdict for verdict in verdicts if verdict.confidence is Confidence.CANNOT_TELL]
    if unsure:
        return unsure[0]
    return Verdict(None, Confidence.CERTAIN, evidence=("nothing failed",))


def outage_began(
    exchanges: Sequence[Exchange], probes: Sequence[ProbeResult] = (), document: Document | None = None
) -> float | None:
    """When the first of the exchanges was sent that an outage decided (seconds since the epoch), ``None`` for none."""
    history = History.of(exchanges, probes, document)
    return min((one.exchange.at for one in history.seen if _verdict(one, history, document).is_outage), default=None)


def _joined(outages: list[Verdict]) -> Verdict:
    best = max(outages, key=lambda verdict: (verdict.confidence.rank, bool(verdict.dependency)))
    named = Counter(verdict.dependency for verdict in outages if verdict.dependency)
    dependency = named.most_common(1)[0][0] if named else ""
    lines = [line for verdict in (best, *outages) for line in verdict.evidence]
    waits = [verdict.retry_after for verdict in outages if verdict.retry_after is not None]
    return Verdict(
        Cause.OUTAGE,
        best.confidence,
        dependency or best.dependency,
        best.sign,
        tuple(dict.fromkeys(lines))[:8],
        best.exchange,
        max(waits, default=None),
    )


def _probe_verdict(probe: ProbeResult) -> Verdict:
    said = f": {probe.text}" if probe.text else ""
    who = probe.dependency or "the service"
    line = f"the probe {probe.path} says that {who} is not healthy{said}"
    return Verdict(Cause.OUTAGE, Confidence.CERTAIN, probe.dependency, "probe", (line,), probe.exchange)


def _verdict(here: Seen, history: History, document: Document | None) -> Verdict:
    exchange = here.exchange
    if exchange.response is None:
        return _transport(here, history)
    response = exchange.response
    if response.status < 400:
        return _success(here, history)
    if response.status < 500:
        return _client_error(here, history)
    return _server_error(here, history, document)


def _transport(here: Seen, history: History) -> Verdict:
    exchange = here.exchange
    said = f" ({exchange.error_text})" if exchange.error_text else ""
    sentences = {
        "refused": f"nothing listens at {_host(exchange)}{said}",
        "dns": f"the name {_host(exchange)} does not resolve{said}",
        "tls": f"no TLS connection to {_host(exchange)}{said}",
        "timeout": f"no answer in time to {here.operation}{said}",
        "reset": f"the connection broke during {here.operation}{said}",
        "protocol": f"what {_host(exchange)} answered is no HTTP{said}",
    }
    line = sentences.get(exchange.error, f"no answer to {here.operation}{said}")
    dependency = {"dns": "DNS", "tls": "TLS"}.get(exchange.error, "")
    if exchange.error in ("refused", "dns", "tls"):
        return Verdict(Cause.OUTAGE, Confidence.CERTAIN, dependency, exchange.error, (line,), exchange)
    later = history.seen[here.index + 1 :]
    gone = next((one for one in later if one.exchange.error in ("refused", "dns")), None)
    if gone is not None and not any(one.well for one in later[: gone.index - here.index - 1]):
        return Verdict(
            Cause.OUTAGE, Confidence.CERTAIN, "", exchange.error, (line, "nothing listens there any more"), exchange
        )
    if history.down:
        probe = history.down[0]
        lines = (line, *_probe_verdict(probe).evidence)
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, probe.dependency, exchange.error, lines, exchange)
    same = history.by_identity[here.identity]
    answered = [one for one in history.seen if one.status is not None and one.status < 500]
    if len(same) > 1 and all(one.exchange.error == exchange.error for one in same):
        others = [one for one in answered if one.operation != here.operation and one.index > same[0].index]
        if others:
            # One request that never gets its answer while others do: a crash or a deadlock of ours, or a dependency
            # that hangs. Only the broken connection tells: a dependency does not break our connection.
            lines = (line, f"{len(same)} of {len(same)} times, while {others[-1].operation} answers")
            if exchange.error in ("reset", "protocol"):
                return Verdict(Cause.VIOLATION, Confidence.LIKELY, "", exchange.error, lines, exchange)
            return Verdict(None, Confidence.CANNOT_TELL, "", exchange.error, lines, exchange)
    if any(one.well for one in same) and not history.wrote_between(same[0].index, here.index):
        lines = (line, "the same request was answered a moment ago")
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, "", exchange.error, lines, exchange)
    # All methods of one path go through the same code.
    silent = {one.operation.partition(" ")[2] for one in history.seen if one.exchange.error == exchange.error}
    if len(silent) >= 2 or not answered:
        lines = (line, f"{len(silent)} paths went the same way") if len(silent) > 1 else (line,)
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, "", exchange.error, lines, exchange)
    return Verdict(None, Confidence.CANNOT_TELL, "", exchange.error, (line,), exchange)


def _host(exchange: Exchange) -> str:
    return exchange.request.url.split("://", 1)[-1].split("/", 1)[0] or exchange.request.url


def _success(here: Seen, history: History) -> Verdict:
    """A success by status; some services wrap a failure in it (``{"success": false, "message": …}``)."""
    response = here.exchange.response
    assert response is not None
    for text in error_texts(response, here.exchange.request):
        sign = outage_in(text, any_text=True)
        if sign is not None:
            dependency = dependency_of(sign, text, history, response)
            line = f"status {response.status}, but the body tells of a failure: {quote(text, sign)}"
            return Verdict(Cause.OUTAGE, Confidence.LIKELY, dependency, sign.slug, (line,), here.exchange)
    page = page_of(response)
    for probe in history.down if page is not None else ():
        met = probe.exchange.response if probe.exchange is not None else None
        if met is not None and page_of(met) == page:
            lines = (f"{here.operation} answers with {page}", *_probe_verdict(probe).evidence)
            return Verdict(Cause.OUTAGE, Confidence.LIKELY, probe.dependency, "page", lines, here.exchange)
    if stalled(response) and history.down:
        probe = history.down[0]
        line = f"{here.operation} answered {response.status}, and stopped in the middle of the body"
        lines = (line, *_probe_verdict(probe).evidence)
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, probe.dependency, "stalled", lines, here.exchange)
    return Verdict(None, Confidence.CERTAIN, exchange=here.exchange)


def _client_error(here: Seen, history: History) -> Verdict:
    response = here.exchange.response
    assert response is not None
    status = response.status
    said = texts(response, here.exchange.request)
    if status == 429:
        wait = retry_after(response)
        limited = wait is not None or response.header("x-ratelimit-reset") or response.header("ratelimit-reset")
        if limited or response.header("ratelimit"):
            after = f", Retry-After {wait:g} s" if wait else ""
            line = f"429 Too Many Requests{after}: we are being slowed down"
            return Verdict(Cause.OUTAGE, Confidence.CERTAIN, "", "rate-limited", (line,), here.exchange, wait)
        if not said or any(_LIMITED.search(text) for text in said):
            line = "429 Too Many Requests: the text speaks of a limit on requests" if said else "429 Too Many Requests"
            return Verdict(Cause.OUTAGE, Confidence.LIKELY, "", "rate-limited", (line,), here.exchange)
        line = "429 without Retry-After: a limit of the business or of the requests, the answer does not tell"
        return Verdict(None, Confidence.CANNOT_TELL, "", "rate-limited", (line,), here.exchange)
    if status == 408:
        line = "408 Request Timeout: the service or a proxy gave up waiting"
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, "", "timeout", (line,), here.exchange)
    gateway = lost_route(response, here.exchange.request)
    if gateway:
        line = f"{status} from {gateway}, which knows of no service behind it"
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, "", "no-backend", (line,), here.exchange)
    # A driver's own words under a 4xx: an exception handler that maps everything to "bad request". Pages are left
    # alone: an article on `Connection refused` is not one.
    if json_body(response) is not None and status not in (401, 403, 404, 410):
        for text in said:
            sign = outage_in(text)
            if sign is not None and bug_in(text) is None:
                line = f"status {status}, but the text is a dependency's: {quote(text, sign)}"
                dependency = dependency_of(sign, text, history, response)
                return Verdict(Cause.OUTAGE, Confidence.LIKELY, dependency, sign.slug, (line,), here.exchange)
    if status == 424:
        line = "424 Failed Dependency"
        dependency = dependency_in(" ".join(said)[:4096])
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, dependency, "dependency", (line,), here.exchange)
    if status in (400, 415, 422):
        line = f"the service refuses the request with {status}"
        return Verdict(Cause.MISMATCH, Confidence.LIKELY, "", "refused-request", (line,), here.exchange)
    return Verdict(None, Confidence.CERTAIN, evidence=(f"answered with {status}",), exchange=here.exchange)


def _server_error(here: Seen, history: History, document: Document | None) -> Verdict:
    exchange, response = here.exchange, here.exchange.response
    assert response is not None
    status = response.status
    said = texts(response, exchange.request)
    if exchange.error_text:
        said = (*said, exchange.error_text)  # the exception, where the application runs in our process
    wait = retry_after(response)
    worded = _worded(here, said, history, response)
    if worded is not None:
        return worded
    if status in _GATEWAY:
        text = " ".join(said)
        # A 502 with the service's own JSON is the service speaking about something that it calls.
        own = json_body(response) is not None
        confidence = Confidence.LIKELY if own else Confidence.CERTAIN
        dependency = dependency_in(text[:4096]) if own else ""
        sign = "gateway-timeout" if status in (504, 522, 524) else "gateway"
        return Verdict(Cause.OUTAGE, confidence, dependency, sign, (_GATEWAY[status],), exchange, wait)
    if status == 503:
        return _unavailable(here, said, history, document, wait)
    if status == 501:
        return Verdict(Cause.VIOLATION, Confidence.LIKELY, "", "not-implemented", ("501 Not Implemented",), exchange)
    return _by_company(here, history)


def _worded(here: Seen, said: Sequence[str], history: History, response: Response) -> Verdict | None:
    """What the text of a 5xx decides by itself, if it does."""
    exchange = here.exchange
    bugs = [(text, bug) for text in said if (bug := bug_in(text)) is not None]
    outs = [(text, sign) for text in said if (sign := outage_in(text, any_text=True)) is not None]
    if outs:
        text, sign = outs[0]
        bound = bound_to_input(here, history)
        if bugs and quoted_in_bug(text, sign):
            outs = []
        elif bound:
            line = f"{here.operation} answered {response.status} with {quote(text, sign)}"
            return Verdict(Cause.VIOLATION, Confidence.LIKELY, "", "input", (line, *bound), exchange)
        else:
            line = f"{here.operation} answered {response.status} with {quote(text, sign)}"
            dependency = dependency_of(sign, text, history, response)
            # An error while an error is handled shows both: the outage came first, the bug may be its child.
            confidence = Confidence.LIKELY if bugs else Confidence.CERTAIN
            more = (f"behind it {quote(*bugs[0])}",) if bugs else ()
            wait = retry_after(response)
            return Verdict(Cause.OUTAGE, confidence, dependency, sign.slug, (line, *more), exchange, wait)
    if bugs:
        text, bug = bugs[0]
        line = f"{here.operation} answered {response.status} with an exception's text: {quote(text, bug)}"
        if history.down and bug.slug == "none":
            # A client that was never set up is None: what looks like a bug may be the outage.
            probe = _probe_verdict(history.down[0]).evidence[0]
            return Verdict(None, Confidence.CANNOT_TELL, "", "exception", (line, probe), exchange)
        if bug.slug == "none":
            together = cluster(here, history)
            if together:
                return Verdict(Cause.OUTAGE, Confidence.LIKELY, "", "cluster", (line, *together), exchange)
            together = alike_from_the_start(here, history, most=False) if _CLIENT.search(text) else ()
            if together:
                lines = (line, *together, "a client that could not be set up at the start is None")
                return Verdict(Cause.OUTAGE, Confidence.LIKELY, "", "alike", lines, exchange)
        again = [one for one in history.by_identity[here.identity] if one.alike == here.alike]
        repeats = (f"the same answer {len(again)} times",) if len(again) > 1 else ()
        well = ("the probes say that the service is healthy",) if history.healthy else ()
        confidence = Confidence.LIKELY if history.down else Confidence.CERTAIN
        return Verdict(Cause.VIOLATION, confidence, "", "exception", (line, *repeats, *well), exchange)
    return None


def _unavailable(
    here: Seen, said: Sequence[str], history: History, document: Document | None, wait: float | None
) -> Verdict:
    """503 is temporary by definition (RFC 9110, 15.6.4), yet some services use it for a rule of their business."""
    exchange, response = here.exchange, here.exchange.response
    assert response is not None
    text = " ".join(said)[:4096]
    dependency = dependency_in(text)
    line = f"{here.operation} answered 503"
    if wait is not None:
        line += f" with Retry-After {wait:g} s" if wait else " with Retry-After"
        return Verdict(Cause.OUTAGE, Confidence.CERTAIN, dependency, "unavailable", (line,), exchange, wait)
    lines: tuple[str, ...]
    if history.down:
        probe = history.down[0]
        lines = (line, *_probe_verdict(probe).evidence)
        return Verdict(Cause.OUTAGE, Confidence.CERTAIN, dependency or probe.dependency, "unavailable", lines, exchange)
    if not said or json_body(response) is None:
        return Verdict(Cause.OUTAGE, Confidence.CERTAIN, "", "unavailable", (f"{line}, a proxy's page",), exchange)
    if _UNAVAILABLE.search(text) or dependency:
        lines = (f"{line}: {clip(text)}",)
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, dependency, "unavailable", lines, exchange)
    lines = (f"{line} with a reason that may be the business's own: {clip(text)}",)
    return Verdict(None, Confidence.CANNOT_TELL, "", "unavailable", lines, exchange)


def _by_company(here: Seen, history: History) -> Verdict:
    """A 5xx whose text decides nothing: what happened around it has to."""
    exchange = here.exchange
    line = f"{here.operation} answered {here.status} without a telling text"
    if history.down:
        probe = history.down[0]
        lines = (line, *_probe_verdict(probe).evidence)
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, probe.dependency, "probe", lines, exchange)
    same = history.by_identity[here.identity]
    together = cluster(here, history)
    if together:
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, "", "cluster", (line, *together), exchange)
    before = [one for one in same if one.well and one.index < here.index]
    after = [one for one in same if one.well and one.index > here.index]
    if before and not history.wrote_between(before[-1].index, here.index):
        lines = (line, "the same request was answered well a moment ago, and nothing was written in between")
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, "", "answered-before", lines, exchange)
    if after and not history.wrote_between(here.index, after[0].index):
        lines = (line, "the same request was answered well a moment later, and nothing was written in between")
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, "", "answered-later", lines, exchange)
    together = alike_from_the_start(here, history)
    if together:
        return Verdict(Cause.OUTAGE, Confidence.LIKELY, "", "alike", (line, *together), exchange)
    again = [one for one in same if one.alike == here.alike]
    around = [one for one in history.seen if one.well and one.operation != here.operation]
    meanwhile = [one for one in around if one.index > again[0].index]
    if not (history.healthy or around):
        return Verdict(None, Confidence.CANNOT_TELL, "", "server-error", (line,), exchange)
    well = "the probes say healthy" if history.healthy else f"{(meanwhile or around)[-1].operation} answers well"
    if len(again) > 1 and len(again) == len([one for one in same if one.index >= again[0].index]):
        lines = (line, f"the same answer {len(again)} times", well)
        return Verdict(Cause.VIOLATION, Confidence.LIKELY, "", "repeats", lines, exchange)
    # Nothing points elsewhere: a server that fails at one thing while it is well otherwise fails by itself.
    return Verdict(Cause.VIOLATION, Confidence.LIKELY, "", "server-error", (line, well), exchange)
