"""From a URL (documentation page, base URL, document) to the OpenAPI document, every step of it told.

The ladder: the URL itself; what its page names (see ``pages``); scripts that the page loads; the same below the
prefixes of the page's own path, for proxies that strip one; the addresses that frameworks use. Every candidate is
verified by its content, never trusted by its match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

import msgspec

from zeues_contracts.errors import CannotJudgeError, UsageError, ZeuesContractsError
from zeues_contracts.http import Fetched, origin_of
from zeues_contracts.openapi import loading, pages
from zeues_contracts.openapi.addresses import (
    AT_PREFIX,
    PAGES,
    WELL_KNOWN,
    at,
    base_url,
    is_sample,
    names_document,
    names_page,
    prefixes_of,
    primary_name,
)
from zeues_contracts.openapi.looking import Attempt, Fetcher, Look, Looker, candidates_of_catalog, title_of
from zeues_contracts.openapi.model import Document, LoadNote
from zeues_contracts.openapi.pages import Candidate
from zeues_contracts.redact import redact_url

__all__ = ["Attempt", "Discovery", "Fetcher", "Found", "acquire", "discover"]

_MAX_SCRIPTS = 8
_MAX_GROUP = 30


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


class _Search:
    def __init__(
        self, target: str, client: Fetcher, document_name: str, external_refs: str, headers: Mapping[str, str]
    ) -> None:
        self.target = target.partition("#")[0]
        self.looker = Looker(self.target, client)
        self.limits = client.limits
        self.document_name = document_name
        self.external_refs = external_refs
        self.headers = headers
        self.seen_pages: set[str] = set()

    # -- the ladder ---------------------------------------------------------------------------------------------------

    def run(self) -> Discovery:
        first = self.looker.look(self.target)
        if first.kind == "error" and first.fetched is not None:
            return self._failed(_unreachable(self.target, first.fetched), "start the service, or mend its address")
        if first.kind == "document":
            return self._ended(first, "", "")
        if first.kind == "broken":
            return self._failed(first.problem, "")
        if names_document(self.target) and first.kind != "page":
            return self._wrong_address(first)
        return (
            self._from_look(first)
            or self._below_prefixes(first)
            or (self._auth_problem(first) if first.kind == "auth" and names_page(self.target) else None)
            or self._usual_addresses(first)
            or self._nothing(first)
        )

    def _from_look(self, look: Look) -> Discovery | None:
        """The document that a page or a configuration names."""
        if look.kind == "config":
            return self._first_of(
                pages.candidates_of_config(look.value, look.url, look.url) + candidates_of_catalog(look)
            )
        if look.kind == "catalog":
            return self._first_of(candidates_of_catalog(look))
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
            script = self.looker.look(url)
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
        candidates = [one for one in candidates if one.url]  # what is no address leads nowhere
        # What is on the same server comes first: a page may name a vendor's sample document elsewhere.
        ordered = sorted(candidates, key=lambda one: (one.rank >= 10, origin_of(one.url) != own))
        for one in ordered:
            if one.group:
                found = self._of_group([other for other in ordered if other.group])
                if found is not None:
                    return found
                ordered = [other for other in ordered if not other.group]
                return self._first_of(ordered)
            if is_sample(one.url) and not is_sample(self.target):
                continue
            look = self.looker.verify(one)
            if look.kind == "document":
                return self._ended(look, "", one.how)
            if look.kind in ("config", "catalog") or (one.config and look.kind == "page"):
                found = self._from_config(look)
                if found is not None:
                    return found
        return None

    def _from_config(self, look: Look) -> Discovery | None:
        if look.url in self.seen_pages or not isinstance(look.value, Mapping):
            return None
        self.seen_pages.add(look.url)
        return self._first_of(_of_config(look))

    def _of_group(self, group: Sequence[Candidate]) -> Discovery | None:
        """One of several documents: the one that was named, or the only one that is there."""
        wanted = self.document_name or primary_name(self.target)
        if wanted:
            for one in group:
                if _is_called(one, wanted):
                    look = self.looker.verify(one)
                    if look.kind == "document":
                        return self._ended(look, "", one.how)
        valid: list[tuple[Candidate, Look]] = []
        for one in group[:_MAX_GROUP]:
            look = self.looker.verify(one)
            if look.kind == "document" and all(look.url != other.url or one.inline is not None for _, other in valid):
                valid.append((one, look))
        if not valid:
            return None
        if len(valid) == 1 and not self.document_name:
            return self._ended(valid[0][1], "", valid[0][0].how)
        found = tuple(
            Found(one.name, redact_url(look.url), title_of(look.value), str(look.value.get("openapi", "")))
            for one, look in valid
        )
        return Discovery(candidates=found, tried=tuple(self.looker.tried))

    def _below_prefixes(self, first: Look) -> Discovery | None:
        """What the page names, below the prefixes of the page's own path: a proxy strips one and does not tell.

        And the other way round: without the first parts of a path that only a proxy would understand.
        """
        start = first.fetched.url if first.fetched is not None else self.target
        prefixes = prefixes_of(start)
        named: list[str] = []
        if first.kind == "page":
            own = origin_of(start)
            candidates = pages.candidates_of_page(first.value, "")
            named = [urlsplit(one.url).path for one in candidates if _is_named(one) and origin_of(one.url) == own]
        for path in dict.fromkeys(named):
            for prefix in prefixes:
                if prefix and not path.startswith(prefix + "/"):
                    look = self.looker.look(at(start, prefix + path))
                    if look.kind == "document":
                        return self._ended(look, prefix, "the page's own prefix")
            parts = path.strip("/").split("/")
            for cut in range(1, min(len(parts), 5)):
                look = self.looker.look(at(start, "/" + "/".join(parts[cut:])))
                if look.kind == "document":
                    return self._ended(look, "", "the page, without a prefix")
        for prefix in prefixes:
            for name in AT_PREFIX[:1] if prefix != prefixes[0] else AT_PREFIX:
                look = self.looker.look(at(start, f"{prefix}/{name}"))
                if look.kind == "document":
                    return self._ended(look, prefix, "a usual address")
        return None

    def _usual_addresses(self, first: Look) -> Discovery | None:
        start = first.fetched.url if first.fetched is not None else self.target
        path = urlsplit(start).path.rstrip("/")
        if path:
            for ending in ("-json", "-yaml", "/json", "/schema"):  # NestJS serves `<path>-json`
                look = self.looker.look(at(start, path + ending))
                if look.kind == "document":
                    return self._ended(look, "", "a usual address")
        prefixes = prefixes_of(start)
        for prefix in dict.fromkeys((prefixes[0], "")):
            for name in (*AT_PREFIX, *WELL_KNOWN):
                look = self.looker.look(at(start, f"{prefix}/{name}"))
                if look.kind == "document":
                    return self._ended(look, "", "a usual address")
                if look.kind == "catalog":
                    found = self._from_look(look)
                    if found is not None:
                        return found
            for name in PAGES:
                look = self.looker.look(at(start, f"{prefix}/{name}"))
                if look.kind == "document":
                    return self._ended(look, "", "a usual address")
                if look.kind == "page":
                    found = self._from_look(look) or self._below_prefixes(look)
                    if found is not None:
                        return found
        return None

    # -- ends ---------------------------------------------------------------------------------------------------------

    def _ended(self, look: Look, prefix: str, how: str) -> Discovery:
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
        document = msgspec.structs.replace(document, base_url=base_url(document, look.url, prefix))
        notes: list[LoadNote] = []
        broken = [one for one in self.looker.tried[1:] if one.status >= 400]
        if how.startswith(("a usual", "the page")) and broken and self._is_page_given():
            text = f"the page names {broken[0].url} ({broken[0].status}); the document was found at {source}"
            notes.append(LoadNote("", text, "elsewhere"))
        return Discovery(document, tried=tuple(self.looker.tried), notes=tuple(notes))

    def _is_page_given(self) -> bool:
        look = self.looker.looks.get(self.target)
        if look is None or look.kind != "page":
            return False
        return any(_is_named(one) for one in pages.candidates_of_page(look.value, ""))

    def _failed(self, problem: str, hint: str) -> Discovery:
        return Discovery(tried=tuple(self.looker.tried), problem=problem, hint=hint)

    def _auth_problem(self, look: Look) -> Discovery:
        what = (
            "a login page" if isinstance(look.value, pages.Page) else str(look.fetched.status if look.fetched else "")
        )
        return self._failed(
            f"{redact_url(look.fetched.url if look.fetched else look.url)} answers with {what}: we are not let in",
            "give credentials with --header 'Authorization: Bearer …' (or the configuration's headers), "
            "or read the document in process with --app module:attribute",
        )

    def _wrong_address(self, first: Look) -> Discovery:
        """A document's own address that has none: never another document instead, but a hint where one is."""
        if first.kind == "auth":
            return self._auth_problem(first)
        if first.kind in ("config", "catalog"):
            found = self._from_look(first)
            if found is not None:
                return found
        status = first.fetched.status if first.fetched is not None else 0
        what = f"answers {status}" if status >= 400 else f"is no OpenAPI document ({self.looker.tried[0].what})"
        hint = "check the address"
        if status < 500:
            other = self._below_prefixes(first)
            if other is not None and other.document is not None:
                hint = f"there is a document at {other.document.source}"
        return self._failed(f"{redact_url(self.target)} {what}", hint)

    def _nothing(self, first: Look) -> Discovery:
        blocked = next((look for look in self.looker.looks.values() if look.kind == "auth"), None)
        if blocked is not None:
            return self._auth_problem(blocked)
        broken = next((look for look in self.looker.looks.values() if look.kind == "broken"), None)
        if broken is not None:
            return self._failed(broken.problem, "")
        return self._failed(
            f"no OpenAPI document found from {redact_url(self.target)}; tried {_told(self.looker.tried, self.target)}",
            "give the document's own URL, a file, or --app module:attribute",
        )


def _of_config(look: Look) -> list[Candidate]:
    return pages.candidates_of_config(look.value, look.url, look.url) + candidates_of_catalog(look)


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


def _is_named(one: Candidate) -> bool:
    """Whether the page names this address as its document's, and does not merely mention it somewhere."""
    return one.inline is None and one.rank < 10


def _named(candidates: Sequence[Candidate], script: str) -> list[Candidate]:
    name = urlsplit(script).path.rpartition("/")[2]
    return [msgspec.structs.replace(one, how=one.how.replace("in the page", f"in {name}")) for one in candidates]


def _is_called(one: Candidate, wanted: str) -> bool:
    path = urlsplit(one.url).path.rstrip("/")
    last = path.rpartition("/")[2]
    names = {one.name, one.url, path, last, last.rpartition(".")[0]}
    return wanted.strip().casefold() in {name.casefold() for name in names if name}
