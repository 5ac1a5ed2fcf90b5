"""From a documentation page to where its document may be: candidates, best first, none of them trusted.

Knows how Swagger UI (FastAPI, Django, Flask, springdoc, Swashbuckle, NestJS and express, Litestar), ReDoc, Scalar,
RapiDoc and Stoplight Elements name their document. Pages are scanned, not parsed as trees: FastAPI puts the title into
the page unescaped, so that the tree can be anything.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from zeues_contracts.openapi.addresses import joined
from zeues_contracts.openapi.javascript import Call, Pair, read_script
from zeues_contracts.openapi.loading import looks_like_document

__all__ = [
    "Candidate",
    "Page",
    "candidates_of_config",
    "candidates_of_header",
    "candidates_of_page",
    "candidates_of_script",
    "loaded_scripts",
    "may_be_document_text",
    "read_page",
]

MAX_PAGE = 32 * 1024 * 1024


class Candidate(msgspec.Struct, frozen=True):
    """Where a document may be. ``url`` is absolute, or that of the page for a document inside of it (``inline``).

    ``name`` is how a page with several documents calls it; ``group`` is set for those: they are alternatives that a
    person chooses from. ``config`` says that the URL leads to Swagger UI's configuration. ``how`` says where it was
    found. ``rank`` orders candidates, lowest first.
    """

    url: str
    how: str
    rank: int
    inline: Any = None
    name: str = ""
    group: bool = False
    config: bool = False


class Page(msgspec.Struct):
    """What of a page matters: elements with their attributes, scripts, the base and the title."""

    url: str
    base: str
    title: str = ""
    elements: list[tuple[str, dict[str, str]]] = msgspec.field(default_factory=list)
    scripts: list[tuple[dict[str, str], str]] = msgspec.field(default_factory=list)
    asks_password: bool = False


_URL_KEYS = (
    "url", "specurl", "swaggerurl", "apidescriptionurl", "openapiurl", "schemaurl", "swaggerjsonurl", "apidocsurl",
    "documenturl", "openapispecurl",
)  # fmt: skip
_DOCUMENT_KEYS = (
    "spec", "swaggerdoc", "content", "definition", "apidescriptiondocument", "document", "openapispec", "redocstate",
    "swaggerspec", "apispec",
)  # fmt: skip
_LIST_KEYS = ("urls", "swaggerurls", "sources", "specs", "documents", "definitions")
_CONFIG_KEYS = ("configurl", "swaggerconfigurl")
_KEYS = frozenset((*_URL_KEYS, *_DOCUMENT_KEYS, *_LIST_KEYS, *_CONFIG_KEYS))
_CALLS = frozenset(
    {"SwaggerUIBundle", "SwaggerUi", "SwaggerUI", "init", "createApiReference", "loadSpec", "hydrate", "ApiReference"}
)
_ATTRIBUTES = frozenset(
    {"spec-url", "specurl", "data-url", "data-spec-url", "data-specurl", "apidescriptionurl", "api-description-url",
     "data-openapi-url", "data-swagger-url", "openapi-url", "schema-url", "data-schema-url", "src-url"}
)  # fmt: skip
_INLINE_ATTRIBUTES = frozenset(
    {"apidescriptiondocument", "api-description-document", "data-configuration", "data-spec"}
)
# Relations of RFC 8631, 4 and RFC 9727, 5; `alternate` is used for it with the media types of OpenAPI.
_RELATIONS = frozenset({"service-desc", "describedby", "openapi", "swagger"})

_RANK_QUERY, _RANK_LINK, _RANK_ATTRIBUTE, _RANK_CONFIG, _RANK_INLINE, _RANK_LIST, _RANK_URL, _RANK_LOOSE = range(8)


def read_page(text: str, url: str) -> Page:
    """Scan a page. Every step moves forward: the time grows with the length alone."""
    text = text[:MAX_PAGE]
    page = Page(url, url)
    position = 0
    while (position := text.find("<", position)) >= 0:
        if text.startswith("<!--", position):
            end = text.find("-->", position + 4)
            if end < 0:
                break
            position = end + 3
            continue
        found = _TAG.match(text, position)
        if found is None:
            position += 1
            continue
        tag = found.group(1).lower()
        attributes, position = _attributes(text, found.end())
        if tag in ("script", "title", "textarea", "style"):
            end = _closing(text, tag, position)
            inside = text[position:end]
            position = end
            if tag == "script":
                page.scripts.append((attributes, inside))
                page.elements.append((tag, attributes))
            elif tag == "title" and not page.title:
                page.title = html.unescape(" ".join(inside.split()))[:200]
            continue
        if tag == "base" and attributes.get("href") and page.base == url:
            page.base = joined(url, attributes["href"].strip()) or url
        if tag == "input" and attributes.get("type", "").lower() == "password":
            page.asks_password = True
        page.elements.append((tag, attributes))
    return page


def candidates_of_page(page: Page, link_header: str = "") -> list[Candidate]:
    """Where a page says its document is, best first; what its scripts load is not in it (:func:`loaded_scripts`)."""
    found = [*_of_query(page), *_of_links(page, link_header), *_of_attributes(page)]
    for attributes, text in page.scripts:
        kind = attributes.get("type", "").strip().lower()
        if kind.endswith("json") or attributes.get("id") == "api-reference":
            found += _of_json_script(text, page)
        elif text.strip() and (kind in ("", "module") or "javascript" in kind or "babel" in kind):
            found += candidates_of_script(text, page.base, page.url)
    return _ordered(found)


def candidates_of_header(header: str, url: str) -> Iterator[Candidate]:
    """Where a Link header says the document is (``rel="service-desc"``, RFC 8631)."""
    for target, parameters in _links(header):
        if _names_description(parameters.get("rel", ""), parameters.get("type", "")):
            yield Candidate(joined(url, target), "the Link header", _RANK_LINK)


def loaded_scripts(page: Page) -> list[str]:
    """Scripts of the same origin that the page loads and that are no vendor's bundle: they may name the document."""
    own = urlsplit(page.url)[:2]
    urls: list[str] = []
    for attributes, _ in page.scripts:
        source = attributes.get("src", "").strip()
        if not source:
            continue
        url = joined(page.base, source)
        if url and urlsplit(url)[:2] == own and not _VENDOR.search(urlsplit(url).path.rpartition("/")[2]):
            urls.append(url)
    return list(dict.fromkeys(urls))


def candidates_of_script(text: str, base: str, url: str) -> list[Candidate]:
    """Where a script says the document is. ``base`` is what its relative URLs are relative to: the page's base."""
    parts = urlsplit(url)
    found: list[Candidate] = []
    for one in read_script(text, _KEYS, _CALLS, f"{parts.scheme}://{parts.netloc}"):
        if isinstance(one, Call):
            for argument in one.arguments[:3]:
                if looks_like_document(argument):
                    found.append(Candidate(url, f"the page's {one.name}(…)", _RANK_INLINE, inline=argument))
                elif isinstance(argument, Mapping):
                    found += candidates_of_config(argument, base, url)
                elif isinstance(argument, str) and one.name in ("init", "loadSpec") and _may_be_url(argument):
                    found.append(Candidate(joined(base, argument), f"the page's {one.name}(…)", _RANK_URL))
        elif isinstance(one, Pair):
            found += _of_pair(one, base, url)
    return found


def candidates_of_config(config: Mapping[str, Any], base: str, url: str) -> list[Candidate]:
    """Where a configuration of Swagger UI, ReDoc or Scalar says the document is.

    Swagger UI (its docs, usage/configuration): ``configUrl`` beats the object; ``spec`` beats ``urls`` beats ``url``.
    """
    found: list[Candidate] = []
    for key, value in config.items():
        found += _of_pair(Pair(str(key), value), base, url, loose=0)
    return found


def _of_pair(pair: Pair, base: str, url: str, loose: int = 10) -> list[Candidate]:
    """Candidates of one key; ``loose`` is added to the rank of those that stand anywhere in a script."""
    key = pair.key.lower().replace("-", "").replace("_", "")
    value = pair.value
    how = f"`{pair.key}` in the page"
    if looks_like_document(value):
        return [Candidate(url, how, _RANK_INLINE + loose, inline=value)]
    if key in _CONFIG_KEYS and _may_be_url(value):
        return [Candidate(joined(base, value), how, _RANK_CONFIG + loose, config=True)]
    if key in _LIST_KEYS and isinstance(value, list):
        return _of_list(value, base, url, how, loose)
    if key in _URL_KEYS and _may_be_url(value):
        return [Candidate(joined(base, value), how, _RANK_URL + loose)]
    if key in _DOCUMENT_KEYS and isinstance(value, str):
        if may_be_document_text(value):
            return [Candidate(url, how, _RANK_INLINE + loose, inline=value)]
        if key in ("spec", "definition", "document") and _may_be_url(value):
            return [Candidate(joined(base, value), how, _RANK_URL + loose)]
    if isinstance(value, Mapping):
        inner = value.get("data")  # ReDoc's state: {spec: {data: …}}
        if looks_like_document(inner):
            return [Candidate(url, how, _RANK_INLINE + loose, inline=inner)]
        if key in _KEYS or loose:
            return [
                one
                for name, below in value.items()
                if str(name).lower().replace("_", "") in _KEYS
                for one in _of_pair(Pair(str(name), below), base, url, loose)
            ]
    return []


def _of_list(entries: list[Any], base: str, url: str, how: str, loose: int) -> list[Candidate]:
    found: list[Candidate] = []
    for index, entry in enumerate(entries[:50]):
        if _may_be_url(entry):
            found.append(Candidate(joined(base, entry), how, _RANK_LIST + loose, name=entry, group=True))
        if not isinstance(entry, Mapping):
            continue
        name = next((str(entry[key]) for key in ("name", "title", "slug") if isinstance(entry.get(key), str)), "")
        inside = next((entry[key] for key in ("content", "spec") if entry.get(key)), None)
        name = name or f"document {index + 1}"
        if looks_like_document(inside) or (isinstance(inside, str) and may_be_document_text(inside)):
            found.append(Candidate(url, how, _RANK_LIST + loose, inline=inside, name=name, group=True))
        elif _may_be_url(entry.get("url")):
            found.append(Candidate(joined(base, entry["url"]), how, _RANK_LIST + loose, name=name, group=True))
    return found


def _of_query(page: Page) -> list[Candidate]:
    """Swagger UI takes `url` and `configUrl` from its own query string, before anything else."""
    query = parse_qs(urlsplit(page.url).query)
    found = [
        Candidate(joined(page.base, value), "the page's own query", _RANK_QUERY, config=True)
        for value in query.get("configUrl", [])
    ]
    found += [
        Candidate(joined(page.base, value), "the page's own query", _RANK_QUERY) for value in query.get("url", [])
    ]
    return found


def _of_links(page: Page, header: str) -> Iterator[Candidate]:
    yield from candidates_of_header(header, page.url)
    for tag, attributes in page.elements:
        target = attributes.get("href", "").strip()
        if tag == "link" and target and _names_description(attributes.get("rel", ""), attributes.get("type", "")):
            yield Candidate(joined(page.base, target), "a <link> in the page", _RANK_LINK)


def _of_attributes(page: Page) -> Iterator[Candidate]:
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            if name in _ATTRIBUTES and _may_be_url(value):
                yield Candidate(joined(page.base, value.strip()), f"<{tag} {name}> in the page", _RANK_ATTRIBUTE)
            elif name in _INLINE_ATTRIBUTES and value.strip():
                yield from _of_json_script(value, page)


def _of_json_script(text: str, page: Page) -> list[Candidate]:
    import json

    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return (
            [Candidate(page.url, "a script in the page", _RANK_INLINE, inline=text)]
            if may_be_document_text(text)
            else []
        )
    if looks_like_document(value):
        return [Candidate(page.url, "a script in the page", _RANK_INLINE, inline=value)]
    return candidates_of_config(value, page.base, page.url) if isinstance(value, Mapping) else []


def _links(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Targets and parameters of a Link header (RFC 8288, 3)."""
    for found in re.finditer(
        r"<([^<>]{1,2000})>((?:\s*;\s*[^,;=\s]{1,40}(?:=(?:\"[^\"]*\"|[^,;\s]*))?)*)", header[:20000]
    ):
        parameters = {
            name.lower(): (quoted or plain)
            for name, quoted, plain in re.findall(r";\s*([^,;=\s]+)=(?:\"([^\"]*)\"|([^,;\s]*))", found[2])
        }
        yield found[1].strip(), parameters


def _names_description(relations: str, media_type: str) -> bool:
    names = set(relations.lower().split())
    kind = media_type.lower()
    if "alternate" in names and re.search(r"openapi|vnd\.oai", kind):
        return True
    return bool(names & _RELATIONS) and "html" not in kind


def _may_be_url(value: object) -> bool:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= 4000 or re.search(r"[\s<>{}]", value.strip()):
        return False
    return not re.match(r"(?i)(javascript|data|mailto|blob|about):|#", value.strip())


def may_be_document_text(value: str) -> bool:
    """Whether text looks like a document in JSON or YAML."""
    return re.search(r"""(?m)^[\s{]*["']?(?:openapi|swagger)["']?\s*:""", value[:100_000]) is not None


def _ordered(found: list[Candidate]) -> list[Candidate]:
    """By rank, within it in order; of what one object says twice the later was kept by its reader already."""
    seen: set[tuple[str, int | None]] = set()
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda candidate: candidate.rank):
        key = (one.url, None if one.inline is None else id(one.inline))
        if key not in seen:
            seen.add(key)
            kept.append(one)
    return kept


_TAG = re.compile(r"<([A-Za-z][^\s/>]{0,60})")
_NAME = re.compile(r"[\s/]*([^\s=>/\"'<]+)[\s]*(=?)[\s]*")
_VENDOR = re.compile(
    r"(?i)^(swagger-ui(-es)?(-bundle|-standalone-preset)?|swagger-ui-bundle-\w+|redoc([.-]standalone)?|rapidoc(-min)?|"
    r"web-components|standalone|api-reference|jquery([.-].*)?|bootstrap([.-].*)?|react([.-].*)?|oauth2-redirect)"
    r"(\.min)?\.(m?js|css)$"
)


def _attributes(text: str, position: int) -> tuple[dict[str, str], int]:
    """A tag's attributes, names in lower case, and the position behind the tag."""
    found: dict[str, str] = {}
    while True:
        match = _NAME.match(text, position)
        if match is None:
            end = text.find(">", position)
            return found, len(text) if end < 0 else end + 1
        position = match.end()
        value = ""
        if match[2]:
            quote = text[position : position + 1]
            if quote in ('"', "'") and quote:
                end = text.find(quote, position + 1)
                if end < 0:
                    return found, len(text)
                value, position = text[position + 1 : end], end + 1
            else:
                plain = _UNQUOTED.match(text, position)
                value = plain.group() if plain else ""
                position += len(value)
        found.setdefault(match[1].lower(), html.unescape(value))


_UNQUOTED = re.compile(r"[^\s>]*")


def _closing(text: str, tag: str, position: int) -> int:
    found = re.compile(f"</{tag}", re.IGNORECASE).search(text, position)
    return found.start() if found else len(text)
