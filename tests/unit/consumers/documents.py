"""Documents and contracts for the tests of this room, written as people write them."""

from __future__ import annotations

import textwrap
from typing import Any

from zeues_contracts.config import ServiceConfig
from zeues_contracts.consumers import Contract, check_contracts, parse_contract
from zeues_contracts.findings import Finding
from zeues_contracts.openapi import parse_document
from zeues_contracts.openapi.model import Document

HEAD = 'openapi: 3.1.0\ninfo: {title: T, version: "1"}\n'


def document(text: str) -> Document:
    """A document from YAML; the head is put before it where it has none."""
    plain = textwrap.dedent(text).lstrip("\n")
    return parse_document((plain if plain.startswith(("openapi", "swagger")) else HEAD + plain).encode(), "doc.yaml")


def answering(schema: str, status: str = "200") -> Document:
    """A document whose GET /x answers a schema (YAML on one line)."""
    return document(
        f"paths: {{/x: {{get: {{responses: {{'{status}': {{description: X, content: "
        f"{{application/json: {{schema: {schema}}}}}}}}}}}}}}}\n"
    )


def taking(schema: str) -> Document:
    """A document whose POST /x takes a body of a schema (YAML on one line)."""
    return document(
        f"paths: {{/x: {{post: {{requestBody: {{required: true, content: {{application/json: {{schema: {schema}}}}}}}, "
        "responses: {'200': {description: X}}}}}\n"
    )


def query(parameter: str) -> Document:
    """A document whose GET /x has one parameter (YAML on one line)."""
    return document(
        f"paths: {{/x: {{get: {{parameters: [{parameter}], responses: {{'200': {{description: X}}}}}}}}}}\n"
    )


def contract(*interactions: str, **surroundings: Any) -> Contract:
    """A contract from interactions, each YAML on one line; ids are given where they are not."""
    lines = [
        f"  - {one if 'id:' in one.split(',')[0] else one.replace('{', f'{{id: i{index}, ', 1)}"
        for index, one in enumerate(interactions)
    ]
    return parse_contract(
        "version: 1\nconsumer: c\ninteractions:\n" + "\n".join(lines) + "\n", "c.yaml", **surroundings
    )


def check(found: Document, *interactions: str, settings: ServiceConfig | None = None) -> tuple[Finding, ...]:
    """The findings on interactions written as in :func:`contract`."""
    return check_contracts([contract(*interactions)], found, settings=settings)


def rules(findings: tuple[Finding, ...]) -> list[str]:
    """Their codes, in order."""
    return [one.rule for one in findings]
