"""Every rule of ZC1xx fires on its own example, and a clean document brings none."""

import pytest

from tests.unit.openapi.servers import Site
from zeues_contracts.config import LimitsConfig
from zeues_contracts.http import Client
from zeues_contracts.openapi import discover, document_findings, parse_document
from zeues_contracts.openapi.preflight import discovery_findings
from zeues_contracts.rules import all_rules
from zeues_contracts.rules.acquire import RULES

CLEAN = """
openapi: 3.1.0
info: {title: T, version: "1"}
paths: {/a: {get: {operationId: a, responses: {"200": {description: A}}}}}
"""


def findings_of(example):
    if example.document:
        return document_findings(
            parse_document(example.document.encode(), "example.yaml", location="file:///example.yaml")
        )
    with Site({path: (status, body) for path, status, body in example.answers}) as site:
        found = discover(site.url + example.answers[0][0], Client({}, LimitsConfig()))
        if found.document is not None:
            return document_findings(found.document, notes=found.notes)
        return discovery_findings(found, site.url)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_example(rule):
    assert rule.example is not None
    fired = findings_of(rule.example)
    assert [finding.rule for finding in fired] == [rule.code]
    (finding,) = fired
    assert finding.message
    assert "\n" not in finding.message
    assert finding.level is rule.level
    assert finding.place is not None


def test_a_clean_document_brings_none():
    assert document_findings(parse_document(CLEAN.encode(), "clean.yaml")) == ()


def test_every_rule_of_the_hundred_is_in_the_catalogue():
    assert [one.code for one in all_rules() if one.code.startswith("ZC1")] == [one.code for one in RULES]


def test_many_places_are_one_finding():
    paths = "".join(f"  /a{i}: text\n" for i in range(50))
    (finding,) = document_findings(parse_document(f"openapi: 3.1.0\npaths:\n{paths}".encode(), "d.yaml"))
    assert "and 49 more places" in finding.message
    assert finding.place.line == 3
    assert len(finding.evidence.details) == 21
