"""The table of oasdiff's ids, and the places that findings rest on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.unit.drift.documents import compare, only
from zeues_contracts.cli import run
from zeues_contracts.drift.patching import unit_of
from zeues_contracts.rules import all_rules, rule
from zeues_contracts.rules.drift.examples import given, taken
from zeues_contracts.rules.oasdiff import EXACT, SCHEMA_CHANGES, ours, table

CORPUS = os.environ.get("ZEUES_CONTRACTS_CORPUS", "")


def test_every_row_leads_to_a_rule_of_drift() -> None:
    for theirs, slug in table():
        if slug:
            assert rule(slug).code.startswith("ZC2"), theirs


@pytest.mark.parametrize(
    ("theirs", "slug"),
    [
        ("request-property-min-length-increased", "request-bound-tightened"),
        ("response-body-min-length-increased", "response-narrowed"),
        ("response-property-became-nullable", "response-may-be-null"),
        ("request-parameter-property-enum-value-removed", "request-values-removed"),
        ("request-parameter-default-value-changed", "parameter-default-changed"),
        ("request-property-default-value-changed", "default-changed"),
        ("api-schema-removed", ""),
        ("no-such-rule", None),
        ("request-body-no-such-thing", None),
    ],
)
def test_the_rule_of_an_id(theirs: str, slug: str | None) -> None:
    assert ours(theirs) == slug


def test_the_table_names_our_rules_in_both_directions() -> None:
    named = {slug for slug in (*EXACT.values(), *(one for pair in SCHEMA_CHANGES.values() for one in pair)) if slug}
    unknown_to_them = {
        "encoding-changed", "response-header-rewritten", "link-changed", "server-removed", "server-added",
        "callback-removed", "callback-added", "schema-undecided", "framework-upgrade", "idle-bound-changed",
        "request-format-tightened", "response-format-loosened",
    }  # fmt: skip
    slugs = {one.slug for one in all_rules() if one.code.startswith("ZC2")}
    assert slugs - named == unknown_to_them


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--oasdiff"]) == 0
    out = capsys.readouterr().out
    assert "| request-PLACE-min-length-increased | ZC267 request-bound-tightened |" in out
    assert len(out.splitlines()) > len(table())


@pytest.mark.skipif(not CORPUS, reason="ZEUES_CONTRACTS_CORPUS names no folder")
def test_every_id_that_is_met_is_known() -> None:
    ids: set[str] = set()
    for line in Path(CORPUS, "drift", "expected.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        ids |= {one["id"] for one in case["expected"]}
        ids |= set(case["scope_ids"]) if isinstance(case.get("scope_ids"), list) else set()
    assert sorted(one for one in ids if ours(one) is None) == []


def test_a_finding_names_the_places_to_take_over() -> None:
    changed = only(
        compare(taken("{type: integer, minimum: 0}"), taken("{type: integer, minimum: 1}")), "request-bound-tightened"
    )
    schema = "/paths/~1things/post/requestBody/content/application~1json/schema"
    unit = unit_of(changed)
    assert (unit.old, unit.new) == ((f"{schema}/minimum",), (f"{schema}/minimum",))
    assert unit.operations == ("POST /things",)
    added = unit_of(
        only(compare(given("{type: object}"), given("{type: object, properties: {a: {}}}")), "response-property-added")
    )
    answer = "/paths/~1things/get/responses/200/content/application~1json/schema"
    assert (added.old, added.new) == ((answer,), (f"{answer}/properties/a",))
