"""Small documents that the tests of snapshots share."""

from __future__ import annotations

from typing import Any

from zeues_contracts.openapi import document_from_mapping
from zeues_contracts.openapi.model import Document


def raw(**schemas: Any) -> dict[str, Any]:
    """A shop: one operation that takes an Order and one that gives Orders."""
    order = schemas.pop("Order", {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}})
    reference = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {
            "/orders": {
                "post": {
                    "requestBody": {"required": True, "content": reference},
                    "responses": {"201": {"description": "made"}},
                },
                "get": {"responses": {"200": {"description": "all", "content": reference}}},
            }
        },
        "components": {"schemas": {"Order": order, **schemas}},
    }


def document(value: dict[str, Any] | None = None, source: str = "live") -> Document:
    return document_from_mapping(raw() if value is None else value, source)
