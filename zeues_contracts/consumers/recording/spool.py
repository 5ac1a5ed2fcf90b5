"""What the watched processes wrote down, read back as values."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace as replace_fields

from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.redact import knows_values, redact_body, redact_headers, redact_json, redact_text, redact_url

__all__ = [
    "BodyRead",
    "HeaderRead",
    "Outcome",
    "Recorded",
    "Recording",
    "Site",
    "StatusRead",
    "read_line",
    "read_spool",
]

_MAX_LINE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the consumer's code. Lines count from 1, columns (in bytes of UTF-8, as ``ast`` has them) from 0."""

    file: str
    function: str
    line: int
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, slots=True)
class StatusRead:
    """A comparison of the status: ``kind`` is an operator of Python, ``raise``, ``ok``, ``error`` or ``hash``."""

    kind: str
    operand: int | None
    site: Site | None


@dataclass(frozen=True, slots=True)
class BodyRead:
    """A read of the body at ``path``: keys, 0 for any item of a list, 1 for any value of an object.

    ``kind`` is ``get`` (``[key]``), ``maybe`` (``.get(key)``), ``in``, ``iter``, ``len``, ``item``, ``has``, ``equal``
    (``found`` is then the shape compared with) or ``type`` (an ``isinstance`` that the type alone did not settle).
    """

    path: tuple[str | int, ...]
    kind: str
    key: str | None
    found: Any
    site: Site | None


@dataclass(frozen=True, slots=True)
class HeaderRead:
    """A header of the answer that was asked for, by ``get`` (``[name]``), ``maybe`` (``.get(name)``) or ``in``.

    ``name`` is as the consumer writes it; ``found`` says whether the answer had it.
    """

    kind: str
    name: str
    found: bool
    site: Site | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange of a consumer: the test that made it, and what was read of the answer.

    ``form`` are the fields of a multipart form that was sent, files by a word.
    """

    id: str
    exchange: Exchange
    test: str = ""
    library: str = ""
    status_reads: tuple[StatusRead, ...] = ()
    body_reads: tuple[BodyRead, ...] = ()
    form: Mapping[str, Any] | None = None
    header_reads: tuple[HeaderRead, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test runner said of a test: ``passed``, ``failed``, ``skipped`` or ``xfailed``."""

    test: str
    outcome: str
    phase: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """All that was seen of a command, in order of time."""

    exchanges: tuple[Recorded, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    notes: tuple[str, ...] = field(default=())


def read_spool(folder: Path) -> Recording:
    """All files of a spool folder. A line that is cut short (its process was killed) is left out and counted."""
    exchanges: dict[str, Recorded] = {}
    outcomes: list[Outcome] = []
    broken = 0
    for file in sorted(folder.glob("*.jsonl")):
        with file.open("rb") as lines:
            for raw in lines:
                try:
                    line = _decoded(raw) if len(raw) <= _MAX_LINE else None
                    broken += not _take(line, exchanges, outcomes)
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                    broken += 1
    notes = (f"{broken} lines of the recording were cut short and left out",) if broken else ()
    ordered = sorted(exchanges.values(), key=lambda one: one.exchange.at)
    if knows_values():
        # A watched process knows what the environment holds; what else is secret is known here alone.
        ordered = [_cleaned(one) for one in ordered]
        outcomes = [replace(one, text=redact_text(one.text)) for one in outcomes]
    return Recording(tuple(ordered), tuple(outcomes), notes)


def _cleaned(one: Recorded) -> Recorded:
    asked, came = one.exchange.request, one.exchange.response
    request = replace_fields(
        asked,
        url=redact_url(asked.url),
        headers=redact_headers(asked.headers),
        body=None if asked.body is None else redact_body(asked.body, asked.header("content-type") or ""),
    )
    response = came
    if came is not None:
        body = redact_body(came.body, came.media_type)
        response = replace_fields(came, headers=redact_headers(came.headers), body=body)
    text = redact_text(one.exchange.error_text)
    exchange = replace_fields(one.exchange, request=request, response=response, error_text=text)
    return replace(one, exchange=exchange, form=None if one.form is None else redact_json(one.form))


def _decoded(raw: bytes) -> Any:
    import orjson

    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:  # lone surrogates are none to it
        return json.loads(raw)


def _take(line: Any, exchanges: dict[str, Recorded], outcomes: list[Outcome]) -> bool:
    kind = line["k"] if isinstance(line, Mapping) else ""
    if kind == "exchange":
        recorded = read_line(line)
        exchanges[recorded.id] = recorded
    elif kind == "reads":
        known = exchanges.get(line["id"])
        if known is None:
            return False
        status, body, headers = _reads(line["reads"])
        exchanges[known.id] = replace(known, status_reads=status, body_reads=body, header_reads=headers)
    elif kind == "test":
        outcomes.append(Outcome(line["test"], line["outcome"], line.get("phase") or "", line.get("text") or ""))
    else:
        return False
    return True


def read_line(line: Mapping[str, Any]) -> Recorded:
    """One exchange. Raises ``KeyError`` or ``TypeError`` for anything else."""
    asked = line["request"]
    request = Request(asked["method"], asked["url"], _headers(asked["headers"]), _bytes(asked["body"]))
    response = None
    if line.get("response") is not None:
        came = line["response"]
        response = Response(
            int(came["status"]),
            _headers(came["headers"]),
            _bytes(came["body"]) or b"",
            float(came["seconds"]),
            bool(came["truncated"]),
        )
    exchange = Exchange(
        request, response, line.get("error") or "", line.get("error_text") or "", float(line.get("at") or 0.0)
    )
    status, body, headers = _reads(line.get("reads") or {})
    test, library = line.get("test") or "", line.get("library") or ""
    return Recorded(line["id"], exchange, test, library, status, body, line.get("form"), headers)


def _headers(pairs: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in pairs)


def _bytes(stored: Any) -> bytes | None:
    if stored is None:
        return None
    if isinstance(stored, str):
        return stored.encode("utf-8", "surrogatepass")
    return base64.b64decode(stored["base64"])


def _reads(
    noted: Mapping[str, Any],
) -> tuple[tuple[StatusRead, ...], tuple[BodyRead, ...], tuple[HeaderRead, ...]]:
    status = tuple(StatusRead(kind, operand, _site(site)) for kind, operand, site in noted.get("status", ()))
    body = tuple(
        BodyRead(tuple(path), kind, key, _frozen(found), _site(site))
        for path, kind, key, found, site in noted.get("body", ())
    )
    headers = tuple(
        HeaderRead(kind, name, bool(found), _site(site)) for kind, name, found, site in noted.get("headers", ())
    )
    return status, body, headers


def _frozen(shape: Any) -> Any:
    return tuple(_frozen(one) for one in shape) if isinstance(shape, list) else shape


def _site(value: Any) -> Site | None:
    return None if value is None else _known_site(*value)


@lru_cache(maxsize=20_000)
def _known_site(*parts: Any) -> Site:
    return Site(*parts)
