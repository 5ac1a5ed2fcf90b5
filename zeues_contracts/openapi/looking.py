"""Fetching a URL once and telling what it is: by its content alone, never by its address or what it calls itself."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import msgspec

from zeues_contracts.config import LimitsConfig
from zeues_contracts.errors import UsageError
from zeues_contracts.http import Fetched
from zeues_contracts.openapi import loading, pages
from zeues_contracts.openapi.addresses import is_login_path, names_document
from zeues_contracts.openapi.model import LoadNote
from zeues_contracts.openapi.pages import Candidate
from zeues_contracts.redact import redact_url

__all__ = ["Attempt", "Fetcher", "Look", "Looker", "candidates_of_catalog", "title_of"]

ACCEPT = (
    "application/vnd.oai.openapi+json, application/json;q=0.9, application/yaml;q=0.8, text/yaml;q=0.8, "
    "text/html;q=0.7, */*;q=0.1"
)
_MAX_ATTEMPTS = 60
_PATIENCE = 4
"""Times the time limit of one request that the whole search may take."""

_YAML_KEY = re.compile(rb"""(?m)^["']?(?:openapi|swagger)["']?\s*:""")


class Fetcher(Protocol):
    """Whatever GETs a URL: :class:`zeues_contracts.http.Client`, or an application in process."""

    limits: LimitsConfig

    def get(self, url: str, accept: str = "*/*") -> Fetched:
        """GET a URL; transport errors are in the answer."""
        ...


class Attempt(msgspec.Struct, frozen=True):
    """A URL that was tried, the status that it answered (0 for none), and what that was in a few words."""

    url: str
    status: int
    what: str


class Look(msgspec.Struct):
    """What a URL turned out to be: its ``kind`` is document, config, catalog, page, script, auth, broken or error."""

    kind: str
    url: str
    value: Any = None
    data: bytes = b""
    fetched: Fetched | None = None
    notes: list[LoadNote] = msgspec.field(default_factory=list)
    problem: str = ""


class Looker:
    """Looks at URLs, each once and all within a time: ``tried`` tells what came of them, ``looks`` keeps it."""

    def __init__(self, target: str, client: Fetcher) -> None:
        self.target = target
        self.client = client
        self.limits = client.limits
        self.tried: list[Attempt] = []
        self.looks: dict[str, Look] = {}
        self.deadline = time.monotonic() + _PATIENCE * self.limits.timeout
        self.silent = 0  # requests that brought no answer

    def look(self, url: str) -> Look:
        """Fetch a URL once and say what it is."""
        url = url.partition("#")[0]
        if url in self.looks:
            return self.looks[url]
        if len(self.looks) >= _MAX_ATTEMPTS or time.monotonic() > self.deadline or self.silent >= 3:
            return Look("skipped", url)
        try:
            fetched = self.client.get(url, ACCEPT)
        except UsageError:
            if url == self.target:
                raise
            return Look("other", url)  # a page may name anything
        if fetched.error:
            self.silent += 1
            look = Look("error", url, fetched=fetched)
            what = fetched.error
        else:
            look, what = self._classified(url, fetched)
        self.looks[url] = look
        self.tried.append(Attempt(redact_url(url), fetched.status, what))
        return look

    def _classified(self, url: str, fetched: Fetched) -> tuple[Look, str]:
        look = Look("other", fetched.url, data=fetched.body, fetched=fetched)
        status = fetched.status
        if status in (401, 403, 407):
            look.kind = "auth"
            return look, str(status)
        start = fetched.body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
        if start[:1] == b"<" or "html" in fetched.media_type:
            page = pages.read_page(fetched.body.decode("utf-8", "replace"), fetched.url)
            look.value = page
            if status < 400 and _is_login(page, fetched):
                look.kind = "auth"
                return look, "a login page"
            # An error page may name nothing, and a page behind an error is none to rely on.
            look.kind = "page" if status < 400 else "other"
            return look, f"HTML page{f' {page.title[:40]!r}' if page.title else ''}" if status < 400 else str(status)
        if status >= 400 or not start:
            return look, str(status) if status >= 400 else "an empty body"
        if fetched.truncated:
            look.kind = "broken" if names_document(url) or _says_openapi(start) else "other"
            look.problem = f"{redact_url(url)}: larger than {self.limits.max_bytes} bytes"
            return look, "too large"
        return self._parsed(url, look, start)

    def _parsed(self, url: str, look: Look, start: bytes) -> tuple[Look, str]:
        script = "javascript" in (look.fetched.media_type if look.fetched else "") or urlsplit(url).path.endswith(".js")
        # YAML is slow to read and takes nearly anything for text: only what begins like a document is tried.
        if start[:1] not in (b"{", b"[") and (script or not _YAML_KEY.search(look.data[:100_000])):
            look.kind = "script" if script else "other"
            return look, "a script" if script else "no document"
        try:
            look.value = loading.parse_fragment(look.data, redact_url(url), self.limits, look.notes)
            if loading.looks_like_document(look.value):
                loading.dialect_of(look.value, redact_url(url), [])
                look.kind = "document"
                return look, f"a document: {title_of(look.value)!r}"
        except UsageError as error:
            if _says_openapi(start) or names_document(url):
                look.kind, look.problem = "broken", error.message
            return look, error.message.removeprefix(redact_url(url)).lstrip(":")[:80].strip() or "no document"
        if isinstance(look.value, Mapping):
            if "linkset" in look.value or "apis" in look.value:
                look.kind = "catalog"
                return look, "an API catalog"
            if pages.candidates_of_config(look.value, look.url, look.url):
                look.kind = "config"
                return look, "a configuration"
        return look, "JSON without `openapi`"

    def verify(self, one: Candidate) -> Look:
        """What a candidate is: fetched, or read where the page itself holds it."""
        if one.inline is None:
            return self.look(one.url)
        value = one.inline
        look = Look("other", one.url)
        try:
            if isinstance(value, str):
                look.data = value.encode("utf-8", "surrogatepass")
                value = loading.parse_fragment(look.data, redact_url(one.url), self.limits, look.notes)
            if loading.looks_like_document(value):
                loading.dialect_of(value, redact_url(one.url), [])
                look.kind, look.value = "document", value
        except UsageError:
            return look
        return look


def _says_openapi(start: bytes) -> bool:
    return re.search(rb"""["']?(openapi|swagger)["']?\s*:\s*["']?[0-9]""", start) is not None


def _is_login(page: pages.Page, fetched: Fetched) -> bool:
    if pages.candidates_of_page(page, ""):
        return False
    return page.asks_password or (bool(fetched.hops) and is_login_path(fetched.url))


def title_of(value: Any) -> str:
    """How a document calls itself, on one line; empty where it does not."""
    info = value.get("info") if isinstance(value, Mapping) else None
    title = info.get("title") if isinstance(info, Mapping) else None
    return " ".join(title.split())[:80] if isinstance(title, str) else ""


def candidates_of_catalog(look: Look) -> list[Candidate]:
    """Documents in an API catalog (RFC 9727; linkset of RFC 9264) or an APIs.json."""
    return list(_catalog_entries(look.value, look.url)) if isinstance(look.value, Mapping) else []


def _catalog_entries(value: Mapping[str, Any], base: str) -> Iterator[Candidate]:
    contexts = value.get("linkset")
    for context in contexts[:50] if isinstance(contexts, list) else []:
        links = context.get("service-desc") if isinstance(context, Mapping) else None
        for link in links[:20] if isinstance(links, list) else []:
            href = link.get("href") if isinstance(link, Mapping) else None
            if isinstance(href, str):
                name = str(link.get("title") or context.get("anchor") or href)
                yield Candidate(urljoin(base, href), "the API catalog", 5, name=name, group=True)
    apis = value.get("apis")
    for api in apis[:50] if isinstance(apis, list) else []:
        properties = api.get("properties") if isinstance(api, Mapping) else None
        for entry in properties[:20] if isinstance(properties, list) else []:
            if isinstance(entry, Mapping) and str(entry.get("type", "")).lower() in ("openapi", "swagger"):
                url = entry.get("url")
                if isinstance(url, str):
                    yield Candidate(urljoin(base, url), "APIs.json", 5, name=str(api.get("name", url)), group=True)
