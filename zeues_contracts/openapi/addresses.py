"""URLs as the search for a document sees them: what their paths promise, and the addresses that frameworks use."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urljoin, urlsplit, urlunsplit

from zeues_contracts.http import is_loopback, origin_of
from zeues_contracts.openapi.model import Document

__all__ = [
    "AT_PREFIX",
    "PAGES",
    "WELL_KNOWN",
    "at",
    "base_url",
    "is_login_path",
    "is_sample",
    "names_document",
    "names_page",
    "prefixes_of",
    "primary_name",
]

AT_PREFIX = ("openapi.json", "openapi.yaml", "openapi.yml", "swagger.json")
WELL_KNOWN = (
    "schema/openapi.json", "api/schema/", "v3/api-docs", ".well-known/api-catalog", "api/openapi.json",
    "docs/openapi.json",
    "api-docs", "v2/api-docs", "swagger/v1/swagger.json", "swagger/doc.json", "apispec_1.json", "api-json", "docs-json",
    "q/openapi", "openapi", "api/docs/openapi.json", "docs/api.json", "api/v1/openapi.json", "swagger.yaml",
)  # fmt: skip
PAGES = (
    "docs", "redoc", "api/docs", "swagger-ui/index.html", "swagger/index.html", "swagger-ui/", "swagger/", "scalar",
    "api-docs/", "apidocs/", "schema", "documentation", "reference", "elements", "rapidoc",
)  # fmt: skip
_LOGIN = re.compile(r"(?i)/(login|log-in|signin|sign-in|sso|oauth2?|saml2?|authorize|auth/realms)(/|$|\.|\?)")


def prefixes_of(url: str) -> list[str]:
    """The path of a URL and its parents, nearest first, without a final slash; the last one is empty."""
    path = urlsplit(url).path
    parts = [part for part in path.split("/") if part]
    if parts and (names_page(url) or "." in parts[-1]):
        parts.pop()
    return ["".join(f"/{part}" for part in parts[:length]) for length in range(min(len(parts), 8), -1, -1)]


def names_page(url: str) -> bool:
    """Whether a path ends as documentation pages do, so that it is no prefix of the service itself."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2].lower()
    return bool(
        re.fullmatch(r"(api-?)?docs?|redoc|swagger(-ui)?|scalar|rapidoc|elements|reference|index|.*\.html?", last)
    )


def names_document(url: str) -> bool:
    """Whether a path ends as documents do: what is given so is a document's own address."""
    return urlsplit(url).path.lower().endswith((".json", ".yaml", ".yml"))


def at(url: str, path: str) -> str:
    """A path on the server of a URL."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def is_login_path(url: str) -> bool:
    """Whether a path is one at which people log in."""
    return _LOGIN.search(urlsplit(url).path) is not None


def is_sample(url: str) -> bool:
    """Whether this is the sample document that Swagger UI names until somebody configures it."""
    return (urlsplit(url).hostname or "").endswith("petstore.swagger.io") or "petstore3.swagger.io" in url


def primary_name(url: str) -> str:
    """The name that Swagger UI's own query string chooses (``urls.primaryName``)."""
    return parse_qs(urlsplit(url).query).get("urls.primaryName", [""])[0]


def joined(base: str, reference: str) -> str:
    """The address that a reference leads to from another (RFC 3986, 5); "" where what was written is none.

    A page may say anything: a bracket that nothing closes, a port that is no number.
    """
    try:
        url = urljoin(base, reference)
        _ = urlsplit(url).port
    except ValueError:
        return ""
    return url


def base_url(document: Document, url: str, prefix: str) -> str:
    """Where the operations are: the document's server if it is on the document's own origin, else its prefix.

    Server URLs are relative to the document (OpenAPI 3.1, 4.8.5). A server elsewhere (production, while a local
    instance is under test) is not the one that this document came from.
    """
    origin = at(url, "")
    given = [server for server in document.servers if server.pointer]
    for server in given:
        there = joined(url, server.expanded)
        if not there:
            continue
        if origin_of(there) == origin_of(url) or (is_loopback(there) and is_loopback(url) and ":" not in server.url):
            path = urlsplit(there).path.rstrip("/")
            return origin + (path if not prefix or path.startswith(prefix) else prefix + path)
    return origin + prefix
