"""Contracts as YAML in the published format: short forms where there are any, the same contract the same text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.consumers.forms import short_expectation, short_sent
from zeues_contracts.consumers.forms.shortening import written_name
from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload, RequestSpec
from zeues_contracts.consumers.yaml_writing import entry

__all__ = ["SCHEMA_FILE", "contract_yaml", "write_contract"]

SCHEMA_FILE = "contract.schema.json"
"""Where editors find the meta-schema: beside the contract (see ``structure.publish_schema``)."""
_JSON = "application/json"


def write_contract(contract: Contract) -> str:
    """The YAML text of a contract; reading it gives the contract back. Nothing is redacted here: see ``redact``."""
    value: dict[str, Any] = {"version": 1, "consumer": contract.consumer}
    if contract.service:
        value["service"] = contract.service
    if contract.description:
        value["description"] = contract.description
    value["interactions"] = [_interaction(one) for one in contract.interactions]
    return contract_yaml(value)


def contract_yaml(value: Mapping[str, Any]) -> str:
    """The YAML text of the value that a contract file holds, its forms already written."""
    lines = [f"# yaml-language-server: $schema={SCHEMA_FILE}"]
    for key, one in value.items():
        if key != "interactions":
            lines += entry(key, one, 0)
    interactions = value.get("interactions", [])
    if not interactions:
        return "\n".join([*lines, "interactions: []", ""])
    lines.append("interactions:")
    for interaction in interactions:
        inner: list[str] = []
        for key, one in interaction.items():
            inner += _member(key, one)
        lines.append(f"  - {inner[0][4:]}")
        lines += inner[1:]
    return "\n".join([*lines, ""])


def _member(key: str, value: Any) -> list[str]:
    if key in ("request", "expect"):
        lines = [f"    {key}:"]
        for name, one in value.items():
            lines += entry(name, one, 6)
        return lines
    return entry(key, value, 4)


def _interaction(one: Interaction) -> dict[str, Any]:
    value: dict[str, Any] = {"id": one.id}
    if one.test:
        value["test"] = one.test
    if one.description:
        value["description"] = one.description
    value["operation"] = one.operation
    request = _request(one.request)
    if request:
        value["request"] = request
    expect = _expect(one.expect)
    if expect:
        value["expect"] = expect
    return value


def _request(spec: RequestSpec) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key in ("path", "query", "headers", "cookies"):
        payloads: Mapping[str, Payload] = getattr(spec, key)
        if payloads:
            value[key] = {_name(name, payload): _sent(payload) for name, payload in payloads.items()}
    if spec.body is not None:
        if spec.media_type and spec.media_type != _JSON:
            value["media-type"] = spec.media_type
        value["body"] = _sent(spec.body)
    return value


def _expect(expect: Expectation) -> dict[str, Any]:
    value: dict[str, Any] = {}
    statuses: list[Any] = [int(one) if one.isdigit() else one for one in expect.statuses]
    if statuses:
        value["status"] = statuses[0] if len(statuses) == 1 else statuses
    if expect.media_type:
        value["media-type"] = expect.media_type
    if expect.headers:
        value["headers"] = {_name(name, payload): _expected(payload) for name, payload in expect.headers.items()}
    if expect.body is not None:
        value["body"] = _expected(expect.body)
    return value


def _name(name: str, payload: Payload) -> str:
    """The key of a parameter; that it is optional is said there, unless its own form says so."""
    said = isinstance(payload.written, Mapping) and "$opt" in payload.written
    return written_name(name, optional=payload.optional and not said)


def _sent(payload: Payload) -> Any:
    if payload.written is not None:
        return payload.written
    return short_sent(payload.shown, payload.schema, example=payload.is_example)


def _expected(payload: Payload) -> Any:
    if payload.written is not None:
        return payload.written
    return short_expectation(payload.schema)
