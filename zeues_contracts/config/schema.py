"""The JSON Schema of the configuration file, made from its types; ``data/config.schema.json`` is this, written down."""

from __future__ import annotations

from typing import Any

import msgspec

from zeues_contracts.config.model import Config
from zeues_contracts.config.structure import OWN_FIELDS, SERVICE_NAME

__all__ = ["json_schema"]


def json_schema() -> dict[str, Any]:
    """The schema (2020-12) of ``zeues-contracts.toml`` and of ``[tool.zeues-contracts]``.

    It says less than the loader does: that a service has one place for its document, and that rules exist, is checked
    there alone.
    """
    made = msgspec.json.schema(Config)
    definitions: dict[str, Any] = made["$defs"]
    top = definitions.pop("Config")
    top["properties"] = {key: one for key, one in top["properties"].items() if key not in OWN_FIELDS}
    top["properties"]["services"]["propertyNames"] = {"pattern": f"^{SERVICE_NAME}$"}
    for one in definitions.values():
        one["title"] = one["title"].removesuffix("Config").lower()
        one["description"] = " ".join(one["description"].replace("``", "`").split())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:zeues-contracts:config:1",
        **top,
        "title": "zeues-contracts configuration",
        "description": "The file zeues-contracts.toml, or the table [tool.zeues-contracts] of pyproject.toml.",
        "$defs": definitions,
    }
