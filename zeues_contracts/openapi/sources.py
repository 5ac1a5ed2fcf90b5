"""The live document of a configured service: from its URL, its application or its file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import msgspec

from zeues_contracts.errors import UsageError
from zeues_contracts.redact import redact_url

if TYPE_CHECKING:
    from zeues_contracts.config import Config, ServiceConfig
    from zeues_contracts.openapi.model import Document

__all__ = ["Base", "live_document", "live_source", "request_base", "with_scheme"]


class Base(msgspec.Struct, frozen=True):
    """Where requests go: ``url`` without credentials, empty for nowhere; ``note`` says what people did not expect."""

    url: str = ""
    note: str = ""


def live_document(config: Config, service: str, headers: Mapping[str, str] | Iterable[str] = ()) -> Document:
    """The document that a service has now.

    ``headers`` are flags (``Name: value``), which go over those of the environment and the configuration, or a mapping
    of all headers as collected already; they are sent to the service's own origin alone. Raises :class:`UsageError`
    (exit 2) where the configuration does not say where the document is or the file cannot be used, and
    :class:`CannotJudgeError` (exit 3) where the service does not give it.
    """
    entry = config.services.get(service)
    if entry is None:
        raise UsageError(f"there is no service {service!r} in {config.source or 'the configuration'}")
    root = Path(config.root) if config.root else Path.cwd()
    from zeues_contracts.openapi.acquiring import load, load_app

    if entry.app:
        return load_app(entry.app, base=root, config=config, document_name=entry.document_name)
    if entry.document:
        return load(entry.document, config=config, document_name=entry.document_name, base=root)
    url = entry.url or entry.base_url
    if not url:
        raise UsageError(
            f"service {service!r}: nothing says where its document is",
            hint=f"give --url, --app or --document, or set one under services.{service} in the configuration",
        )
    from zeues_contracts.http import collect_headers

    url = with_scheme(url, f"services.{service}.url")
    sent = dict(headers) if isinstance(headers, Mapping) else collect_headers(entry.headers, headers)
    return load(url, config=config, headers=sent, document_name=entry.document_name)


def with_scheme(url: str, place: str = "--url") -> str:
    """A URL as it is, or ``http://`` before ``localhost:8000/docs``. Raises :class:`UsageError` for what is no URL."""
    from zeues_contracts.openapi.acquiring import is_url

    if is_url(url):
        return url
    if re.fullmatch(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}(?:/\S*)?", url):
        return f"http://{url}"
    raise UsageError(f"{place}: {url[:80]!r} is no URL", hint="write it as http://HOST:PORT/docs; a file is a document")


def request_base(settings: ServiceConfig, service: str, document: Document | None = None) -> Base:
    """Where the requests of a service go, always an origin that the configuration or a flag names.

    A page, a redirect or ``servers`` can lead to a document on another origin. Whoever writes those would choose where
    credentials and unsafe requests arrive, so that only the path of such a base is taken, and the user is told. Raises
    :class:`UsageError` for a configured URL that is none.
    """
    from zeues_contracts.config import expand_environment

    if settings.base_url:
        return Base(expand_environment(settings.base_url))
    found = document.base_url if document is not None else ""
    named = _named(settings, service)
    if not named:
        told = f"service {service!r}: {redact_url(found)} gets no request, since nobody named it: set `base-url` to it"
        return Base(note=told if found else "")
    own = _without_page(named)
    if not found or not own or (settings.url and settings.document):
        return Base(own)  # who names a document of its own and a URL has said where requests go
    from zeues_contracts.http import is_same_service, origin_of

    if is_same_service(origin_of(own), origin_of(found)):
        return Base(found)
    parts = urlsplit(own)
    url = urlunsplit((parts.scheme, parts.netloc, parts.path or urlsplit(found).path.rstrip("/"), "", ""))
    told = (
        f"service {service!r}: its document leads to {redact_url(found)}, which is another origin than the one that is "
        f"configured; requests go to {redact_url(url)}: set `base-url` if that is not the service"
    )
    return Base(url, told)


def _named(settings: ServiceConfig, service: str) -> str:
    """The URL that the user wrote for the service: its own, or that of its document."""
    from zeues_contracts.config import expand_environment
    from zeues_contracts.openapi.acquiring import is_url

    if settings.url:
        return with_scheme(expand_environment(settings.url), f"services.{service}.url")
    return settings.document if is_url(settings.document) else ""


def _without_page(url: str) -> str:
    """The base of a URL that may be that of a documentation page or of the document itself; no user, no password."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise UsageError(f"{redact_url(url)[:80]}: not a URL", hint="give http://HOST:PORT") from None
    path = re.sub(r"/(?:docs|redoc|scalar|swagger(?:-ui)?(?:/index\.html)?|[\w.-]*\.(?:json|ya?ml))/?$", "", parts.path)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path.rstrip("/"), "", ""))


def live_source(config: Config, service: str) -> str:
    """How the source of a service's document is named to people: no credentials; empty where there is none."""
    entry = config.services.get(service)
    if entry is None:
        return ""
    return entry.app or entry.document or redact_url(entry.url or entry.base_url)
