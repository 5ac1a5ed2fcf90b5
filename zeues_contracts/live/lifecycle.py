"""Small stories played after the generated requests: without credentials, and a resource from cradle to grave.

They take what worked during the run and play it again in order, so that nothing else interferes: a violation found here
is a story of two to four requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from msgspec.structs import replace

from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.findings import Finding
from zeues_contracts.live.judging_requests import judge_request, judge_series, places_of
from zeues_contracts.openapi.model import Document, Operation
from zeues_contracts.triage.matching import match_operation

__all__ = ["play_lives", "play_unguarded", "without_credentials"]

Send = Callable[[Request], Exchange | None]


def play_unguarded(
    document: Document, good: Sequence[Exchange], send: Send, *, service: str = "", secret_names: Iterable[str] = ()
) -> list[Finding]:
    """Send what a protected operation answered well once more without credentials, and with made-up ones."""
    found: list[Finding] = []
    seen: set[str] = set()
    for exchange in good:
        match = match_operation(document, exchange.request.method, urlsplit(exchange.request.url).path)
        if match is None or match.operation.name in seen:
            continue
        operation = match.operation
        if not operation.security or any(not alternative for alternative in operation.security):
            continue
        seen.add(operation.name)
        bare = send(without_credentials(document, operation, exchange.request, secret_names))
        if bare is not None:
            found += [one for one in judge_request(document, bare, service=service) if one.rule == "ZC420"]
    return found


def without_credentials(
    document: Document, operation: Operation, request: Request, secret_names: Iterable[str] = ()
) -> Request:
    """A request without anything that a security scheme of the operation could take for credentials.

    Headers that our sender would add by itself are sent empty: an absent one would be filled in again.
    """
    names = {"authorization", *(name.lower() for name in secret_names)}
    queries: set[str] = set()
    for alternative in operation.security:
        for scheme in alternative:
            known = document.security_schemes.get(scheme)
            raw = known.raw if known is not None else {}
            if raw.get("type") == "apiKey" and raw.get("in") == "header":
                names.add(str(raw.get("name", "")).lower())
            elif raw.get("type") == "apiKey" and raw.get("in") == "query":
                queries.add(str(raw.get("name", "")))
            elif raw.get("type") == "apiKey" and raw.get("in") == "cookie":
                names.add("cookie")
    headers = tuple((name, value) for name, value in request.headers if name.lower() not in names)
    parts = urlsplit(request.url)
    url = request.url
    if queries:
        pairs = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in queries]
        url = urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(pairs), ""))
    return replace(request, url=url, headers=headers)


def play_lives(document: Document, good: Sequence[Exchange], send: Send, *, service: str = "") -> list[Finding]:
    """Create once more what was created, read it, delete it, read it again; each story is judged as a series."""
    found: dict[str, Finding] = {}
    told: set[str] = set()
    for made in good:
        if made.request.method not in ("POST", "PUT"):
            continue
        match = match_operation(document, made.request.method, urlsplit(made.request.url).path)
        if match is None or match.operation.name in told or not list(places_of(document, made)):
            continue
        told.add(match.operation.name)
        story = _story(document, made, send)
        for finding in judge_series(document, story, service=service):
            found.setdefault(finding.fingerprint, finding)
    return list(found.values())


def _story(document: Document, made: Exchange, send: Send) -> list[Exchange]:
    story: list[Exchange] = []

    def step(request: Request) -> Exchange | None:
        exchange = send(request)
        if exchange is not None:
            story.append(exchange)
        return exchange

    again = step(made.request)
    if again is None or again.response is None or not 200 <= again.response.status < 300:
        # What may exist only once was created before; its own exchange begins the story.
        story[:] = [made]
        again = made
    place = next(iter(places_of(document, again)), None)
    if place is None or match_operation(document, "GET", place) is None:
        return []
    parts = urlsplit(made.request.url)
    url = urlunsplit((parts.scheme, parts.netloc, place, "", ""))
    kept = tuple(
        (name, value) for name, value in made.request.headers if name not in ("content-type", "content-length")
    )
    read = step(Request("GET", url, kept))
    if read is None or read.response is None or match_operation(document, "DELETE", place) is None:
        return story
    step(Request("DELETE", url, kept))
    step(Request("GET", url, kept))
    return story
