"""The live document of a configured service: from its URL, its application or its file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from zeues_contracts.errors import UsageError
from zeues_contracts.redact import redact_url

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.openapi.model import Document

__all__ = ["live_document", "live_source", "with_scheme"]


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


def live_source(config: Config, service: str) -> str:
    """How the source of a service's document is named to people: no credentials; empty where there is none."""
    entry = config.services.get(service)
    if entry is None:
        return ""
    return entry.app or entry.document or redact_url(entry.url or entry.base_url)
