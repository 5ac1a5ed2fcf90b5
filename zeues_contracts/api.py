"""The public Python API, with the words of the command line: check, diff, contains.

>>> from zeues_contracts.api import contains
>>> contains({"type": "integer", "minimum": 1}, {"type": "integer"}).holds
True
>>> contains({"type": "integer"}, {"type": "integer", "minimum": 1}).witness
0
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zeues_contracts.check import Listener
    from zeues_contracts.config import Config
    from zeues_contracts.drift import DriftResult
    from zeues_contracts.findings import Report
    from zeues_contracts.openapi.model import Document
    from zeues_contracts.schema.types import Answer, Schema, Settings

__all__ = ["Containment", "check", "contains", "diff"]


@dataclass(frozen=True, slots=True)
class Containment:
    """Whether every value of one schema is a value of another.

    ``holds`` is ``None`` where that cannot be told, and ``reason`` says why. Where it is ``False``, ``witness`` is a
    value of the first schema that is not one of the second (confirmed by two validators), and ``reason`` explains it.
    """

    holds: bool | None
    witness: Any = None
    reason: str = ""


def check(
    service: str = "",
    *,
    config: Config | Path | str | None = None,
    url: str = "",
    app: str = "",
    document: str = "",
    only: Sequence[str] = (),
    headers: Sequence[str] = (),
    since: str = "",
    listen: Listener | None = None,
) -> Report:
    """Check a service, or all that are configured, as ``zeues-contracts check`` does.

    ``config`` is a configuration or its file, by default the nearest one. ``url``, ``app`` and ``document`` say where
    the live document comes from, over the configuration. ``only`` are stages: health, drift, contracts, replay, fuzz.
    ``report.exit_code()`` is what the command would exit with. Raises :class:`UsageError` for unusable input.
    """
    from zeues_contracts.check import check as run
    from zeues_contracts.config import Config as _Config
    from zeues_contracts.config import Flag, resolve
    from zeues_contracts.errors import UsageError

    given = {key: value for key, value in (("url", url), ("app", app), ("document", document)) if value}
    if isinstance(config, _Config):
        if given:
            raise UsageError(f"{next(iter(given))} goes with a configuration file, not with a configuration object")
        chosen = config
    else:
        file = Path(config) if config is not None else None
        known = list(resolve(file).config.services)
        if given and not service and len(known) > 1:
            raise UsageError(f"for which service? there are {', '.join(known)}", hint="name it: check(SERVICE, …)")
        name = service or next(iter(known), "service")
        if "document" in given:
            given["document"] = str(Path(given["document"]).absolute())
        flags: dict[tuple[str, ...], Flag] = {("services", name, key): Flag(value, key) for key, value in given.items()}
        chosen = resolve(file, flags=flags).config
    if service and service not in chosen.services:
        raise UsageError(f"there is no service {service!r}", hint=f"there are: {', '.join(chosen.services) or 'none'}")
    if not chosen.services:
        raise UsageError("no service is configured", hint="give url, app or document, or a configuration")
    return run(chosen, (service,) if service else (), only=only, headers=headers, since=since, listen=listen)


def diff(old: Document | Mapping[str, Any] | Path | str, new: Document | Mapping[str, Any] | Path | str) -> DriftResult:
    """What changed from one document to another, judged by what it means.

    Each side is a loaded document, its contents, a file or a URL. Raises :class:`UsageError` for what is no document
    and :class:`CannotJudgeError` for a service that does not give it.
    """
    from zeues_contracts.drift import drift

    return drift(_document(old, "old"), _document(new, "new"))


def contains(
    sub: Schema | Mapping[str, Any] | bool, sup: Schema | Mapping[str, Any] | bool, *, settings: Settings | None = None
) -> Containment:
    """Whether every value of ``sub`` is a value of ``sup``: JSON Schemas (2020-12), or places in a document.

    For other dialects, many questions on the same documents, or the places that decide, take
    :mod:`zeues_contracts.schema`.
    """
    from zeues_contracts.schema import Context
    from zeues_contracts.schema import contains as ask
    from zeues_contracts.schema.types import Settings as _Settings

    return _told(ask(_schema(sub), _schema(sup), Context(settings or _Settings())))


def _told(answer: Answer) -> Containment:
    from zeues_contracts.schema.types import Proven, Refuted

    if isinstance(answer, Proven):
        return Containment(True)
    if isinstance(answer, Refuted):
        return Containment(False, answer.witness, answer.explanation.sentence if answer.explanation else "")
    return Containment(None, None, answer.reason)


def _schema(given: Schema | Mapping[str, Any] | bool) -> Schema:
    from zeues_contracts.schema.types import Resource
    from zeues_contracts.schema.types import Schema as _Schema

    return given if isinstance(given, _Schema) else Resource(given).schema()


def _document(given: Document | Mapping[str, Any] | Path | str, name: str) -> Document:
    from zeues_contracts.openapi import document_from_mapping, load

    if isinstance(given, Path | str):
        return load(str(given))
    if isinstance(given, Mapping):
        return document_from_mapping(given, source=name)
    return given
