"""Observing."""

from __future__ import annotations

from collections.abc import Mapping

from zeues_contracts.consumers.recording.building import OperationOf
from zeues_contracts.openapi.model import Document
from zeues_contracts.triage.matching import match_operation

__all__ = ["operation_finder"]


def operation_finder(document: Document | None) -> OperationOf | None:
    """From method and path to the documented operation; ``None`` without a document."""
    if document is None:
        return None

    def find(method: str, path: str) -> tuple[str, Mapping[str, str]] | None:
        match = match_operation(document, method, path)
        return None if match is None else (match.operation.name, match.path)

    return find
