"""OpenAPI documents: finding, loading and reading them, whatever their version, into one model."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zeues_contracts.openapi.loading import document_from_mapping, load_file, parse_document
    from zeues_contracts.openapi.model import Document, LoadNote, Operation, OperationKey

__all__ = [
    "Document",
    "LoadNote",
    "Operation",
    "OperationKey",
    "document_from_mapping",
    "load_file",
    "parse_document",
]

# Name -> module: imported on first use (PEP 562), so that a comparison of two files does not import an HTTP client.
_HOMES = {
    "Document": "model",
    "LoadNote": "model",
    "Operation": "model",
    "OperationKey": "model",
    "document_from_mapping": "loading",
    "load_file": "loading",
    "parse_document": "loading",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
