"""What a gateway says when it has no route: the words and headers by which it is told from the service behind it.

A service behind a proxy has the proxy's name in each of its answers (``Server``, ``Via``), in its own 404s as well. So
a name in a header counts only where the body is not the service's own JSON; a body counts by its words.
"""

from __future__ import annotations

import re

from zeues_contracts.exchange import Request, Response
from zeues_contracts.triage.texts import json_body, texts

__all__ = ["gateway_mark", "lost_route"]

# Words that nobody but a gateway says, in JSON or not -> who says so.
_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("Kong", r"no Route matched with those values|no API found with those values"),
        ("Apigee", r"Unable to identify proxy for host"),
        ("AWS API Gateway", r"^Missing Authentication Token$"),
        ("Traefik or Go's router", r"^404 page not found$"),
        ("an ingress without a backend", r"default backend - 404|response 404 \(backend NotFound\)"),
        ("Heroku", r"no such app\b|there's nothing here, yet"),
        ("a platform's router", r"application not found|no webservice deployed|tunnel \S{1,80} not found"),
        ("ngrok", r"ngrok.{0,40}(?:offline|not found)"),
        ("Azure", r"404 Web Site not found"),
        ("S3", r"^(?:NoSuchBucket|NoSuchWebsiteConfiguration)$"),
        ("APISIX", r"^404 Route Not Found$"),
        ("Tyk", r"^Requested endpoint is forbidden$|^API not found$"),
        ("WSO2", r"No matching resource found for given API Request"),
        ("nginx", r"<center>\s*(?:nginx|openresty|tengine)\b|^(?:nginx|openresty)(?:/[\d.]+)?$"),
        ("Apache", r"<address>\s*Apache|^Apache/[\d.]+ .{0,80} Server at \S{1,200} Port \d+$"),
    )
)
# Of these only an answer that names no route at all counts, whatever its media type.
_LOST = frozenset({"Kong", "Apigee", "AWS API Gateway", "an ingress without a backend", "APISIX", "WSO2"})
_LOST_PAGES = frozenset({"Heroku", "a platform's router", "ngrok", "Azure"})
_SERVERS = re.compile(
    r"nginx|openresty|envoy|kong|traefik|haproxy|caddy|apisix|awselb|cloudfront|cloudflare|akamai|varnish|apache"
    r"|microsoft-azure|apigee|gws|google frontend|krakend|tyk|fastly|squid",
    re.IGNORECASE,
)


def _worded(response: Response, request: Request | None) -> tuple[str, str]:
    """Who says that there is no route, and in which words; empty where nobody does."""
    said = texts(response, request)
    raw = response.body[:4096].decode("utf-8", "replace")
    # Who made a page stands in its tags, which its texts lack.
    searched = (*said, raw) if raw.lstrip()[:1] == "<" else said
    for name, pattern in _WORDS:
        for text in searched:
            found = pattern.search(text.strip())
            if found is not None:
                return name, found.group(0)
    return "", ""


def gateway_mark(response: Response, request: Request | None = None) -> str:
    """How a 4xx shows that a gateway made it, in words; empty where nothing shows it. What was sent does not count."""
    name, words = _worded(response, request)
    if name:
        return f"“{words.strip('<> ')[:80]}”, as {name} says"
    if json_body(response) is not None:
        amazon = response.header("apigw-requestid") or response.header("x-amzn-errortype")
        return "as AWS API Gateway answers" if amazon else ""
    for header, value in response.headers:
        if header == "via" or (header == "server" and _SERVERS.search(value)):
            return f"not in JSON, with `{header}: {value[:60]}`"
    return ""


def lost_route(response: Response, request: Request | None = None) -> str:
    """The gateway that says that it knows of no service behind it, empty where none does."""
    if response.status not in (403, 404):
        return ""
    name, _ = _worded(response, request)
    if name in _LOST or (name in _LOST_PAGES and json_body(response) is None):
        return name
    return ""
