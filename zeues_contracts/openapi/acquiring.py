"""One door for every way to a document: URL, file, standard input, application in process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from zeues_contracts.errors import UsageError
from zeues_contracts.openapi.model import Document
from zeues_contracts.redact import redact_url

if TYPE_CHECKING:
    from zeues_contracts.config import Config

__all__ = ["is_url", "load", "load_app"]


def is_url(target: str) -> bool:
    """Whether a target is a URL rather than the name of a file."""
    return "://" in target and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", target) is not None


def load(
    target: str,
    *,
    config: Config | None = None,
    headers: Mapping[str, str] | None = None,
    document_name: str = "",
    base: Path | None = None,
) -> Document:
    """The document that a target leads to.

    ``target`` is an http(s) URL (of the document, a documentation page, or a service), a file (JSON or YAML; relative
    to ``base``, by default the working folder), or ``-`` for standard input. ``headers`` are sent to the target's own
    origin alone. ``document_name`` chooses where a page has several.

    Raises :class:`UsageError` (exit 2) for a file or target that cannot be used and :class:`CannotJudgeError` (exit 3)
    for a service that does not answer, does not let us in, or has no document.
    """
    from zeues_contracts.config import Config, LimitsConfig

    limits = config.limits if config is not None else LimitsConfig()
    mode = config.external_refs if config is not None else Config().external_refs
    if mode not in ("none", "local", "network"):
        raise UsageError(f"external-refs = {mode!r}: it is one of none, local, network")
    if is_url(target):
        scheme = target.partition("://")[0].lower()
        if scheme not in ("http", "https"):
            raise UsageError(f"{redact_url(target)[:200]}: {scheme}: is not supported", hint="give http(s) or a file")
        from zeues_contracts.http import Client
        from zeues_contracts.openapi.discovery import acquire

        with Client(dict(headers or {}), limits) as client:
            return acquire(target, client, document_name=document_name, external_refs=mode, headers=headers)
    from zeues_contracts.openapi.loading import load_file

    if not target.strip():
        raise UsageError("no document: the name is empty", hint="give a file or a URL")
    path = target if target == "-" else (base or Path()) / target
    return load_file(path, limits=limits, external_refs=mode, display=target, tree=_tree(path, config))


def load_app(spec: str, *, base: Path | None = None, config: Config | None = None, document_name: str = "") -> Document:
    """The document of an ASGI (or WSGI) application, imported from ``base``; see ``inprocess``."""
    from zeues_contracts.openapi.inprocess import document_of_app, import_app

    return document_of_app(import_app(spec, base), spec, config=config, document_name=document_name)


def _tree(path: Path | str, config: Config | None) -> Path | None:
    """The folder tree that references may lead through: the project's, if the document lies in it."""
    if config is None or not config.source or isinstance(path, str):
        return None
    root = Path(config.root).resolve()
    try:
        return root if path.resolve().is_relative_to(root) else None
    except (OSError, ValueError, RuntimeError):
        return None
