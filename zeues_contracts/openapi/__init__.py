"""OpenAPI documents: finding, loading and reading them, whatever their version, into one model."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zeues_contracts.openapi.acquiring import load, load_app
    from zeues_contracts.openapi.discovery import acquire, discover
    from zeues_contracts.openapi.loading import document_from_mapping, load_file, parse_document
    from zeues_contracts.openapi.model import Document, LoadNote, Operation, OperationKey
    from zeues_contracts.openapi.notes import document_notes
    from zeues_contracts.openapi.preflight import document_findings

__all__ = [
    "Document",
    "LoadNote",
    "Operation",
    "OperationKey",
    "acquire",
    "discover",
    "document_findings",
    "document_from_mapping",
    "document_notes",
    "load",
    "load_app",
    "load_file",
    "parse_document",
]

# Name -> module: imported on first use (PEP 562), so that a comparison of two files does not import an HTTP client.
_HOMES = {
    "Document": "model",
    "LoadNote": "model",
    "Operation": "model",
    "OperationKey": "model",
    "acquire": "discovery",
    "discover": "discovery",
    "document_findings": "preflight",
    "document_from_mapping": "loading",
    "document_notes": "notes",
    "load": "acquiring",
    "load_app": "acquiring",
    "load_file": "loading",
    "parse_document": "loading",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
