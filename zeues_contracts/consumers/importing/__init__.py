"""Contracts from what other tools wrote: Pact files, HAR logs, VCR cassettes. Secrets never come along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from zeues_contracts.consumers.importing.captures import cassette_exchanges, har_exchanges, is_cassette, is_har
from zeues_contracts.consumers.importing.model import Imported
from zeues_contracts.consumers.importing.pact import import_pact, is_pact
from zeues_contracts.consumers.importing.traffic import import_exchanges
from zeues_contracts.consumers.model import Contract
from zeues_contracts.errors import UsageError
from zeues_contracts.openapi.model import Document

__all__ = ["KINDS", "Imported", "contract_text", "import_file", "import_text"]

KINDS = ("pact", "har", "vcr")
MAX_BYTES = 256 * 1024 * 1024


def import_file(
    path: Path,
    *,
    kind: str = "",
    consumer: str = "",
    service: str = "",
    base_url: str = "",
    document: Document | None = None,
) -> tuple[Contract, tuple[str, ...]]:
    """The contract of a file of another tool, and what was left out. Raises :class:`UsageError`.

    ``kind`` is one of :data:`KINDS`, or empty to tell it by the content.
    """
    try:
        with path.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path}: larger than {MAX_BYTES // 1024 // 1024} MiB")
    return import_text(
        data, str(path), kind=kind, consumer=consumer, service=service, base_url=base_url, document=document
    )


def import_text(
    data: bytes,
    source: str,
    *,
    kind: str = "",
    consumer: str = "",
    service: str = "",
    base_url: str = "",
    document: Document | None = None,
) -> tuple[Contract, tuple[str, ...]]:
    """The contract of a text of another tool; see :func:`import_file`."""
    from zeues_contracts.consumers.reading import parse_contract

    value = _value(data, source)
    kind = kind or _kind(value, source)
    if kind == "pact":
        if not is_pact(value):
            raise UsageError(f"{source}: no Pact file: it has no `consumer` and `provider`")
        imported = import_pact(value, source, consumer=consumer, service=service)
    elif kind == "har":
        if not is_har(value):
            raise UsageError(f"{source}: no HAR log: it has no `log` with `entries`")
        name = consumer or "browser"
        imported = import_exchanges(
            har_exchanges(value), source, consumer=name, service=service, base_url=base_url, document=document
        )
    else:
        if not is_cassette(value):
            raise UsageError(f"{source}: no cassette: it has no `interactions` with a request's `uri`")
        name = consumer or Path(source).stem
        imported = import_exchanges(
            cassette_exchanges(value), source, consumer=name, service=service, base_url=base_url, document=document
        )
    # What was imported is read as any contract is: nothing is written that could not be read again.
    return parse_contract(contract_text(imported), source), imported.notes


def contract_text(imported: Imported) -> str:
    """The YAML text of what was imported."""
    from zeues_contracts.consumers.writing import contract_yaml

    return contract_yaml(imported.value)


def _value(data: bytes, source: str) -> Any:
    from zeues_contracts.openapi.yaml_reading import YamlBounds, read_yaml

    text = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] in (b"{", b"["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            first = " ".join(str(error).split())[:150]
            raise UsageError(f"{source}: not valid JSON: {first}") from None
    return read_yaml(data, source, YamlBounds(depth=100, size=MAX_BYTES), lambda *_: None)[0]


def _kind(value: Any, source: str) -> str:
    for name, tells in (("pact", is_pact), ("har", is_har), ("vcr", is_cassette)):
        if tells(value):
            return name
    raise UsageError(
        f"{source}: neither a Pact file, nor a HAR log, nor a VCR cassette", hint="--from pact|har|vcr says which it is"
    )
