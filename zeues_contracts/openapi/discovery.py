"""From a URL (documentation page, base URL, document) to the OpenAPI document, every step of it told.

The ladder: the URL itself; what its page names (see ``pages``); scripts that the page loads; the same below the
prefixes of the page's own path, for proxies that strip one; the addresses that frameworks use. Every candidate is
verified by its content, never trusted by its match.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qs, urljoin, urlsplit, urlunsplit

import msgspec

from zeues_contracts.config import LimitsConfig
from zeues_contracts.errors import CannotJudgeError, UsageError, ZeuesContractsError
from zeues_contracts.http import Fetched, is_loopback, origin_of
from zeues_contracts.openapi import loading, pages
from zeues_contracts.openapi.model import Document, LoadNote
from zeues_contracts.openapi.pages import Candidate
from zeues_contracts.redact import redact_url

__all__ = ["Attempt", "Discovery", "Fetcher", "Found", "acquire", "discover"]

ACCEPT = (
    "application/vnd.oai.openapi+json, application/json;q=0.9, application/yaml;q=0.8, text/yaml;q=0.8, "
    "text/html;q=0.7, */*;q=0.1"
)
_MAX_ATTEMPTS = 60
_MAX_SCRIPTS = 8
_MAX_GROUP = 30
_PATIENCE = 4
"""Times the time limit of one request that the whole search may take."""

_AT_PREFIX = ("openapi.json", "openapi.yaml", "openapi.yml", "swagger.json")
_WELL_KNOWN = (
    "schema/openapi.json", "api/schema/", "v3/api-docs", ".well-known/api-catalog", "api/openapi.json",
    "docs/openapi.json",
    "api-docs", "v2/api-docs", "swagger/v1/swagger.json", "swagger/doc.json", "apispec_1.json", "api-json", "docs-json",
    "q/openapi", "openapi", "api/docs/openapi.json", "docs/api.json", "api/v1/openapi.json", "swagger.yaml",
)  # fmt: skip
_PAGES = (
    "docs", "redoc", "api/docs", "swagger-ui/index.html", "swagger/index.html", "swagger-ui/", "swagger/", "scalar",
    "api-docs/", "apidocs/", "schema", "documentation", "reference", "elements", "rapidoc",
)  # fmt: skip
_YAML_KEY = re.compile(rb"""(?m)^["']?(?:openapi|swagger)["']?\s*:""")
_LOGIN = re.compile(r"(?i)/(login|log-in|signin|sign-in|sso|oauth2?|saml2?|authorize|auth/realms)(/|$|\.|\?)")


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


class Found(msgspec.Struct, frozen=True):
    """One of several documents: how the page calls it, where it is, and how it calls itself."""

    name: str
    url: str
    title: str
    version: str


class Discovery(msgspec.Struct, frozen=True):
    """How the search ended.

    ``document`` is set when one was found; ``candidates`` when several were, of which one has to be named; neither when
    none was, and ``problem`` then says why. ``notes`` are what a person should know although a document was found.
    """

    document: Document | None = None
    candidates: tuple[Found, ...] = ()
    tried: tuple[Attempt, ...] = ()
    problem: str = ""
    hint: str = ""
    notes: tuple[LoadNote, ...] = ()


def acquire(
    target: str,
    client: Fetcher,
    *,
    document_name: str = "",
    external_refs: str = "local",
    headers: Mapping[str, str] | None = None,
) -> Document:
    """The document that a URL leads to.

    Raises :class:`CannotJudgeError` when the service does not answer, does not let us in or has no document to be
    found, and :class:`UsageError` when there are several to choose from.
    """
    found = discover(target, client, document_name=document_name, external_refs=external_refs, headers=headers)
    if found.document is not None:
        return (
            msgspec.structs.replace(found.document, notes=(*found.document.notes, *found.notes))
            if found.notes
            else found.document
        )
    if found.candidates:
        names = ", ".join(f"{one.name!r} ({one.title or one.url})" for one in found.candidates[:12])
        more = f" and {len(found.candidates) - 12} more" if len(found.candidates) > 12 else ""
        wanted = f"no document is called {document_name!r}" if document_name else "there are several documents"
        raise UsageError(f"{redact_url(target)}: {wanted}: {names}{more}", hint="choose one with --document NAME")
    raise CannotJudgeError(found.problem, hint=found.hint)


def discover(
    target: str,
    client: Fetcher,
    *,
    document_name: str = "",
    external_refs: str = "local",
    headers: Mapping[str, str] | None = None,
) -> Discovery:
    """Search from a URL. Raises :class:`UsageError` only for a target that is no URL."""
    search = _Search(target, client, document_name, external_refs, dict(headers or {}))
    return search.run()


class _Look(msgspec.Struct):
    """What a URL turned out to be: its ``kind`` is document, config, catalog, page, script, auth, broken or error."""

    kind: str
    url: str
    value: Any = None
    data: bytes = b""
    fetched: Fetched | None = None
    notes: list[LoadNote] = msgspec.field(default_factory=list)
    problem: str = ""


class _Search:
    def __init__(
        self, target: str, client: Fetcher, document_name: str, external_refs: str, headers: Mapping[str, str]
    ) -> None:
        self.target = target.partition("#")[0]
        self.client = client
        self.limits = client.limits
        self.document_name = document_name
        self.external_refs = external_refs
        self.headers = headers
        self.tried: list[Attempt] = []
        self.looks: dict[str, _Look] = {}
        self.seen_pages: set[str] = set()
        self.deadline = time.monotonic() + _PATIENCE * self.limits.timeout
        self.silent = 0  # requests that brought no answer

    # -- the ladder ---------------------------------------------------------------------------------------------------

    def run(self) -> Discovery:
        first = self.look(self.target)
        if first.kind == "error" and first.fetched is not None:
            return self._failed(_unreachable(self.target, first.fetched), "start the service, or mend its address")
        if first.kind == "document":
            return self._ended(first, "", "")
        if first.kind == "broken":
            return self._failed(first.problem, "")
        if _names_document(self.target) and first.kind != "page":
            return self._wrong_address(first)
        return (
            self._from_look(first)
            or self._below_prefixes(first)
            or (self._auth_problem(first) if first.kind == "auth" and _names_page(self.target) else None)
            or self._usual_addresses(first)
            or self._nothing(first)
        )

    def _from_look(self, look: _Look) -> Discovery | None:
        """The document that a page or a configuration names."""
        if look.kind == "config":
            return self._first_of(pages.candidates_of_config(look.value, look.url, look.url) + _of_catalog(look))
        if look.kind == "catalog":
            return self._first_of(_of_catalog(look))
        if look.fetched is None or look.url in self.seen_pages:
            return None
        if look.kind != "page":
            return self._first_of(list(pages.candidates_of_header(look.fetched.header("link"), look.url)))
        self.seen_pages.add(look.url)
        page: pages.Page = look.value
        found = self._first_of(pages.candidates_of_page(page, look.fetched.header("link")))
        if found is not None:
            return found
        for url in pages.loaded_scripts(page)[:_MAX_SCRIPTS]:
            script = self.look(url)
            if script.kind == "document":
                return self._ended(script, "", "")
            if script.kind in ("script", "other") and script.data:
                text = script.data.decode("utf-8", "replace")
                found = self._first_of(_named(pages.candidates_of_script(text, page.base, page.url), url))
                if found is not None:
                    return found
        return None

    def _first_of(self, candidates: Sequence[Candidate]) -> Discovery | None:
        """The first candidate that proves to be a document; a list of documents is one candidate."""
        own = origin_of(self.target)
        # What is on the same server comes first: a page may name a vendor's sample document elsewhere.
        ordered = sorted(candidates, key=lambda one: (one.rank >= 10, origin_of(one.url) != own))
        for one in ordered:
            if one.group:
                found = self._of_group([other for other in ordered if other.group])
                if found is not None:
                    return found
                ordered = [other for other in ordered if not other.group]
                return self._first_of(ordered)
            if _is_sample(one.url) and not _is_sample(self.target):
                continue
            look = self._verify(one)
            if look.kind == "document":
                return self._ended(look, "", one.how)
            if look.kind in ("config", "catalog") or (one.config and look.kind == "page"):
                found = self._from_config(look)
                if found is not None:
                    return found
        return None

    def _from_config(self, look: _Look) -> Discovery | None:
        if look.url in self.seen_pages or not isinstance(look.value, Mapping):
            return None
        self.seen_pages.add(look.url)
        return self._first_of(pages.candidates_of_config(look.value, look.url, look.url) + _of_catalog(look))

    def _of_group(self, group: Sequence[Candidate]) -> Discovery | None:
        """One of several documents: the one that was named, or the only one that is there."""
        wanted = self.document_name or _primary_name(self.target)
        if wanted:
            for one in group:
                if _is_called(one, wanted):
                    look = self._verify(one)
                    if look.kind == "document":
                        return self._ended(look, "", one.how)
        valid: list[tuple[Candidate, _Look]] = []
        for one in group[:_MAX_GROUP]:
            look = self._verify(one)
            if look.kind == "document" and all(look.url != other.url or one.inline is not None for _, other in valid):
                valid.append((one, look))
        if not valid:
            return None
        if len(valid) == 1 and not self.document_name:
            return self._ended(valid[0][1], "", valid[0][0].how)
        found = tuple(
            Found(one.name, redact_url(look.url), _title(look.value), str(look.value.get("openapi", "")))
            for one, look in valid
        )
        return Discovery(candidates=found, tried=tuple(self.tried))

    def _below_prefixes(self, first: _Look) -> Discovery | None:
        """What the page names, below the prefixes of the page's own path: a proxy strips one and does not tell.

        And the other way round: without the first parts of a path that only a proxy would understand.
        """
        start = first.fetched.url if first.fetched is not None else self.target
        prefixes = _prefixes(start)
        named: list[str] = []
        if first.kind == "page":
            own = origin_of(start)
            candidates = pages.candidates_of_page(first.value, "")
            named = [urlsplit(one.url).path for one in candidates if _is_named(one) and origin_of(one.url) == own]
        for path in dict.fromkeys(named):
            for prefix in prefixes:
                if prefix and not path.startswith(prefix + "/"):
                    look = self.look(_at(start, prefix + path))
                    if look.kind == "document":
                        return self._ended(look, prefix, "the page's own prefix")
            parts = path.strip("/").split("/")
            for cut in range(1, min(len(parts), 5)):
                look = self.look(_at(start, "/" + "/".join(parts[cut:])))
                if look.kind == "document":
                    return self._ended(look, "", "the page, without a prefix")
        for prefix in prefixes:
            for name in _AT_PREFIX[:1] if prefix != prefixes[0] else _AT_PREFIX:
                look = self.look(_at(start, f"{prefix}/{name}"))
                if look.kind == "document":
                    return self._ended(look, prefix, "a usual address")
        return None

    def _usual_addresses(self, first: _Look) -> Discovery | None:
        start = first.fetched.url if first.fetched is not None else self.target
        path = urlsplit(start).path.rstrip("/")
        if path:
            for ending in ("-json", "-yaml", "/json", "/schema"):  # NestJS serves `<path>-json`
                look = self.look(_at(start, path + ending))
                if look.kind == "document":
                    return self._ended(look, "", "a usual address")
        prefixes = _prefixes(start)
        for prefix in dict.fromkeys((prefixes[0], "")):
            for name in (*_AT_PREFIX, *_WELL_KNOWN):
                look = self.look(_at(start, f"{prefix}/{name}"))
                if look.kind == "document":
                    return self._ended(look, "", "a usual address")
                if look.kind == "catalog":
                    found = self._from_look(look)
                    if found is not None:
                        return found
            for name in _PAGES:
                look = self.look(_at(start, f"{prefix}/{name}"))
                if look.kind == "document":
                    return self._ended(look, "", "a usual address")
                if look.kind == "page":
                    found = self._from_look(look) or self._below_prefixes(look)
                    if found is not None:
                        return found
        return None

    # -- looking ------------------------------------------------------------------------------------------------------

    def look(self, url: str) -> _Look:
        """Fetch a URL once and say what it is."""
        url = url.partition("#")[0]
        if url in self.looks:
            return self.looks[url]
        if len(self.looks) >= _MAX_ATTEMPTS or time.monotonic() > self.deadline or self.silent >= 3:
            return _Look("skipped", url)
        try:
            fetched = self.client.get(url, ACCEPT)
        except UsageError:
            if url == self.target:
                raise
            return _Look("other", url)  # a page may name anything
        if fetched.error:
            self.silent += 1
            look = _Look("error", url, fetched=fetched)
            what = fetched.error
        else:
            look, what = self._classified(url, fetched)
        self.looks[url] = look
        self.tried.append(Attempt(redact_url(url), fetched.status, what))
        return look

    def _classified(self, url: str, fetched: Fetched) -> tuple[_Look, str]:
        look = _Look("other", fetched.url, data=fetched.body, fetched=fetched)
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
            look.kind = "broken" if _names_document(url) or _says_openapi(start) else "other"
            look.problem = f"{redact_url(url)}: larger than {self.limits.max_bytes} bytes"
            return look, "too large"
        return self._parsed(url, look, start)

    def _parsed(self, url: str, look: _Look, start: bytes) -> tuple[_Look, str]:
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
                return look, f"a document: {_title(look.value)!r}"
        except UsageError as error:
            if _says_openapi(start) or _names_document(url):
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

    def _verify(self, one: Candidate) -> _Look:
        if one.inline is None:
            return self.look(one.url)
        value = one.inline
        look = _Look("other", one.url)
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

    # -- ends ---------------------------------------------------------------------------------------------------------

    def _ended(self, look: _Look, prefix: str, how: str) -> Discovery:
        source = redact_url(look.url)
        try:
            if look.data:
                document = loading.build_document(
                    look.value, source, look.data, self.limits, look.notes, self.external_refs, look.url, self.headers
                )
            else:
                document = loading.document_from_mapping(
                    look.value, source, limits=self.limits, external_refs=self.external_refs, location=look.url
                )
        except ZeuesContractsError as error:
            return self._failed(error.message, error.hint)
        document = msgspec.structs.replace(document, base_url=_base_url(document, look.url, prefix))
        notes: list[LoadNote] = []
        broken = [one for one in self.tried[1:] if one.status >= 400]
        if how.startswith(("a usual", "the page")) and broken and self._is_page_given():
            text = f"the page names {broken[0].url} ({broken[0].status}); the document was found at {source}"
            notes.append(LoadNote("", text, "elsewhere"))
        return Discovery(document, tried=tuple(self.tried), notes=tuple(notes))

    def _is_page_given(self) -> bool:
        look = self.looks.get(self.target)
        if look is None or look.kind != "page":
            return False
        return any(_is_named(one) for one in pages.candidates_of_page(look.value, ""))

    def _failed(self, problem: str, hint: str) -> Discovery:
        return Discovery(tried=tuple(self.tried), problem=problem, hint=hint)

    def _auth_problem(self, look: _Look) -> Discovery:
        what = (
            "a login page" if isinstance(look.value, pages.Page) else str(look.fetched.status if look.fetched else "")
        )
        return self._failed(
            f"{redact_url(look.fetched.url if look.fetched else look.url)} answers with {what}: we are not let in",
            "give credentials with --header 'Authorization: Bearer …' (or the configuration's headers), "
            "or read the document in process with --app module:attribute",
        )

    def _wrong_address(self, first: _Look) -> Discovery:
        """A document's own address that has none: never another document instead, but a hint where one is."""
        if first.kind == "auth":
            return self._auth_problem(first)
        if first.kind in ("config", "catalog"):
            found = self._from_look(first)
            if found is not None:
                return found
        status = first.fetched.status if first.fetched is not None else 0
        what = f"answers {status}" if status >= 400 else f"is no OpenAPI document ({self.tried[0].what})"
        hint = "check the address"
        if status < 500:
            other = self._below_prefixes(first)
            if other is not None and other.document is not None:
                hint = f"there is a document at {other.document.source}"
        return self._failed(f"{redact_url(self.target)} {what}", hint)

    def _nothing(self, first: _Look) -> Discovery:
        blocked = next((look for look in self.looks.values() if look.kind == "auth"), None)
        if blocked is not None:
            return self._auth_problem(blocked)
        broken = next((look for look in self.looks.values() if look.kind == "broken"), None)
        if broken is not None:
            return self._failed(broken.problem, "")
        return self._failed(
            f"no OpenAPI document found from {redact_url(self.target)}; tried {_told(self.tried, self.target)}",
            "give the document's own URL, a file, or --app module:attribute",
        )


def _told(tried: Sequence[Attempt], target: str) -> str:
    """What was tried, by answer, on one line: ``404: /docs, /openapi.json; HTML page: /``."""
    own = origin_of(target)
    groups: dict[str, list[str]] = {}
    for one in tried:
        shown = one.url
        if origin_of(one.url) == own:
            parts = urlsplit(one.url)
            shown = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        groups.setdefault(one.what, []).append(shown)
    parts_told = []
    for what, urls in groups.items():
        more = f" and {len(urls) - 6} more" if len(urls) > 6 else ""
        parts_told.append(f"{', '.join(urls[:6])}{more} ({what})")
    return "; ".join(parts_told)


def _unreachable(target: str, fetched: Fetched) -> str:
    words = {
        "refused": "nothing listens there (connection refused)",
        "reset": "the connection was broken off",
        "timeout": "no answer in time",
        "dns": "the name cannot be resolved",
        "tls": f"no secure connection: {fetched.error_text[:120]}",
        "protocol": f"no proper HTTP answer: {fetched.error_text[:120]}",
    }
    at = redact_url(fetched.url)
    via = f" (redirected to {at})" if fetched.hops else ""
    return f"{redact_url(target)}{via}: {words.get(fetched.error, fetched.error)}"


def _prefixes(url: str) -> list[str]:
    """The path of a URL and its parents, nearest first, without a final slash; the last one is empty."""
    path = urlsplit(url).path
    parts = [part for part in path.split("/") if part]
    if parts and (_names_page(url) or "." in parts[-1]):
        parts.pop()
    return ["".join(f"/{part}" for part in parts[:length]) for length in range(min(len(parts), 8), -1, -1)]


def _names_page(url: str) -> bool:
    """Whether a path ends as documentation pages do, so that it is no prefix of the service itself."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2].lower()
    return bool(
        re.fullmatch(r"(api-?)?docs?|redoc|swagger(-ui)?|scalar|rapidoc|elements|reference|index|.*\.html?", last)
    )


def _names_document(url: str) -> bool:
    return urlsplit(url).path.lower().endswith((".json", ".yaml", ".yml"))


def _says_openapi(start: bytes) -> bool:
    return re.search(rb"""["']?(openapi|swagger)["']?\s*:\s*["']?[0-9]""", start) is not None


def _at(url: str, path: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _is_login(page: pages.Page, fetched: Fetched) -> bool:
    if pages.candidates_of_page(page, ""):
        return False
    return page.asks_password or (bool(fetched.hops) and _LOGIN.search(urlsplit(fetched.url).path) is not None)


def _is_named(one: Candidate) -> bool:
    """Whether the page names this address as its document's, and does not merely mention it somewhere."""
    return one.inline is None and one.rank < 10


def _is_sample(url: str) -> bool:
    return (urlsplit(url).hostname or "").endswith("petstore.swagger.io") or "petstore3.swagger.io" in url


def _named(candidates: Sequence[Candidate], script: str) -> list[Candidate]:
    name = urlsplit(script).path.rpartition("/")[2]
    return [msgspec.structs.replace(one, how=one.how.replace("in the page", f"in {name}")) for one in candidates]


def _primary_name(url: str) -> str:
    """The name that Swagger UI's own query string chooses (``urls.primaryName``)."""
    return parse_qs(urlsplit(url).query).get("urls.primaryName", [""])[0]


def _is_called(one: Candidate, wanted: str) -> bool:
    path = urlsplit(one.url).path.rstrip("/")
    last = path.rpartition("/")[2]
    names = {one.name, one.url, path, last, last.rpartition(".")[0]}
    return wanted.strip().casefold() in {name.casefold() for name in names if name}


def _title(value: Any) -> str:
    info = value.get("info") if isinstance(value, Mapping) else None
    title = info.get("title") if isinstance(info, Mapping) else None
    return " ".join(title.split())[:80] if isinstance(title, str) else ""


def _of_catalog(look: _Look) -> list[Candidate]:
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


def _base_url(document: Document, url: str, prefix: str) -> str:
    """Where the operations are: the document's server if it is on the document's own origin, else its prefix.

    Server URLs are relative to the document (OpenAPI 3.1, 4.8.5). A server elsewhere (production, while a local
    instance is under test) is not the one that this document came from.
    """
    origin = _at(url, "")
    given = [server for server in document.servers if server.pointer]
    for server in given:
        joined = urljoin(url, server.expanded)
        if origin_of(joined) == origin_of(url) or (is_loopback(joined) and is_loopback(url) and ":" not in server.url):
            path = urlsplit(joined).path.rstrip("/")
            return origin + (path if not prefix or path.startswith(prefix) else prefix + path)
    return origin + prefix
