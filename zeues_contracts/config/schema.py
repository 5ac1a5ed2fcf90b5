"""The JSON Schema of the configuration file, made from its types; ``data/config.schema.json`` is this, written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from zeues_contracts.config.model import Config
from zeues_contracts.config.structure import OWN_FIELDS, SERVICE_NAME

__all__ = ["DESCRIPTIONS", "json_schema"]

DESCRIPTIONS: Mapping[str, Mapping[str, str]] = {
    "Config": {
        "services": "The services under contract, by the name that files and findings call them.",
        "fail-level": "Exit with 1 from findings of this level on.",
        "preset": "How strictly changes are judged; `levels` goes over it.",
        "levels": 'Levels of rules, by code or slug: ZC204 = "off".',
        "snapshots": "The folder of snapshots, ledgers and waivers.",
        "external-refs": "Whether `$ref` may lead to other files (local) or other hosts as well (network).",
        "limits": "Bounds on what a service may make us do.",
    },
    "ServiceConfig": {
        "url": "Base URL, documentation page (/docs) or document. One of url, app, document.",
        "app": "An ASGI application that is called in process: module:attribute.",
        "document": "The live document as a file.",
        "base-url": "Where requests go, where it is not where the document comes from.",
        "document-name": "Which document, where a page offers several.",
        "snapshot": "The file of the snapshot; by default snapshots/NAME.json.",
        "contracts": "Files of consumers' contracts; globs are allowed.",
        "headers": "Headers to send; ${NAME} stands for an environment variable.",
        "levels": "Levels of rules for this service.",
        "operation-levels": "Levels of rules for single operations of this service.",
        "health": "Probes of the service and of what it depends on.",
        "replay": "Which interactions of consumers are sent to the service.",
        "fuzz": "Looking for violations with generated requests.",
        "drift": "How a changed document is judged.",
    },
    "LimitsConfig": {
        "timeout": "Seconds for one request, from the name's resolution to the last byte.",
        "max-bytes": "Bytes of one body; what is beyond is not read.",
        "max-redirects": "Redirects that are followed.",
        "max-depth": "How deeply documents and values may nest.",
    },
    "ProbeConfig": {
        "path": "The path of the probe, asked for with GET.",
        "dependency": "What the probe looks at (Redis); empty for the service as a whole.",
        "healthy": "What the answer says when all is well, as a part of its JSON.",
    },
    "HealthConfig": {
        "enabled": "Whether the service is probed before it is judged.",
        "discover": "Whether documented and usual health endpoints are probed besides those given.",
        "probes": "Probes to send.",
    },
    "ReplayConfig": {
        "enabled": "Whether interactions are sent.",
        "safe": "Operations that may be sent though their method is not safe.",
        "unsafe": "Operations that are never sent; goes over `safe`.",
        "allow-unsafe-hosts": "Hosts besides loopback to which other methods than GET and HEAD may go.",
    },
    "FuzzConfig": {
        "enabled": "Whether generated requests are sent.",
        "seconds": "Time budget of the run on this service.",
        "cases": "Requests of the run on this service at most.",
        "examples-per-operation": "Generated requests per operation and turn.",
        "seed": "The same seed makes the same requests.",
        "workers": "Requests at a time.",
        "phases": "Phases of schemathesis to run.",
        "checks": "Checks to run; all of ours by default.",
        "exclude": "Operations that are never fuzzed.",
        "against": "Whether answers are judged by the live document or by the snapshot.",
        "rate-limit": "Requests per time at most: 100/m.",
    },
    "DriftConfig": {
        "ignore-servers": "Whether changes of `servers` are passed over.",
        "format-assertion": "Whether `format` restricts values.",
        "closed-world": "Whether clients refuse properties that the document does not name.",
        "deprecation-days": "Days at least between a deprecation and its sunset.",
    },
}
"""What each key is for: types and defaults are in the types."""


def json_schema() -> dict[str, Any]:
    """The schema (2020-12) of ``zeues-contracts.toml`` and of ``[tool.zeues-contracts]``.

    It says less than the loader does: that a service has one place for its document, and that rules exist, is checked
    there alone.
    """
    made = msgspec.json.schema(Config)
    definitions: dict[str, Any] = made["$defs"]
    definitions["Config"]["properties"] = {
        key: one for key, one in definitions["Config"]["properties"].items() if key not in OWN_FIELDS
    }
    for name, one in definitions.items():
        one["properties"] = {
            key: {"description": DESCRIPTIONS[name][key], **inner} for key, inner in one["properties"].items()
        }
    top = definitions.pop("Config")
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
