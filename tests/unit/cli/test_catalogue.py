"""`explain` and `rules`: every rule is explained, in every format, and a wrong name leads to the right one."""

from __future__ import annotations

import json

import pytest
from markdown_it import MarkdownIt

from zeues_contracts.cli import run
from zeues_contracts.cli.explain import words_of
from zeues_contracts.report.catalogue import example_blocks, explain_markdown, explain_text, rules_text
from zeues_contracts.rules import ContractExample, DriftExample, all_rules
from zeues_contracts.rules.oasdiff import table

EVERY = all_rules()


@pytest.mark.parametrize("name", ["ZC502", "zc502", "dependency-down", " Dependency-Down "])
def test_a_rule_is_explained_by_code_and_by_slug(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", name]) == 0
    text = capsys.readouterr().out
    assert text.startswith("ZC502  dependency-down\nSomething that the service depends on is out\n")
    assert "Why it matters" in text
    assert "Bring the dependency back" in text
    assert "POST /spools\n    → 500 {" in text


def test_several_rules_are_explained_once_each_in_the_order_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "ZC502", "ZC501", "dependency-down", "--format", "json"]) == 0
    assert [one["code"] for one in json.loads(capsys.readouterr().out)] == ["ZC502", "ZC501"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ZC50", "ZC501"),
        ("dependancy-down", "ZC502 dependency-down"),
        ("unreachable", "ZC501 service-unreachable"),
        ("\x1b[31mnothing", "`zeues-contracts rules` lists them all"),
    ],
)
def test_an_unknown_rule_leads_to_the_nearest(name: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", name]) == 2
    error = capsys.readouterr().err
    assert hint in error
    assert "\x1b" not in error


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry.code)
def test_every_rule_has_an_explanation(entry) -> None:
    text = explain_text([entry], width=80)
    assert entry.title in text
    for line in text.splitlines():
        # Prose is wrapped; what is an example stands as it is.
        assert len(line) <= 80 or line.startswith("  ")
    for caption, _, lines in example_blocks(entry.example):
        assert caption
        assert any(line.strip() for line in lines)


def test_the_example_of_a_drift_rule_is_what_changes() -> None:
    for entry in EVERY:
        for _, language, lines in example_blocks(entry.example):
            if language == "diff":
                assert any(line.startswith(("+", "-")) for line in lines), entry.code
                assert not any(line.startswith(("+++", "---", "@@")) for line in lines), entry.code


def test_the_markdown_of_the_whole_catalogue_is_well_formed() -> None:
    tokens = MarkdownIt().parse(explain_markdown(EVERY))
    headings = [tokens[index + 1].content for index, one in enumerate(tokens) if one.type == "heading_open"]
    assert headings == [f"{entry.code} {entry.slug}" for entry in EVERY]
    fences = [one for one in tokens if one.type == "fence"]
    assert len(fences) == sum(len(example_blocks(entry.example)) for entry in EVERY)


@pytest.mark.parametrize("cause", ["outage", "mismatch", "violation", "drift"])
def test_rules_of_a_cause(cause: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--cause", cause, "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [one["code"] for one in shown] == [entry.code for entry in EVERY if entry.cause.value == cause]
    assert {one["cause"] for one in shown} == {cause}
    assert set(shown[0]["levels"]) == {"default", "strict", "tolerant-reader"}


def test_the_table_names_every_rule_and_every_hundred(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules"]) == 0
    text = capsys.readouterr().out
    assert text == rules_text(EVERY)
    for entry in EVERY:
        assert f"  {entry.code}  {entry.level.value:<7}  {entry.slug}" in text
    assert text.endswith(f"{len(EVERY)} rules; zeues-contracts explain CODE tells more of one\n")
    assert "\x1b" not in text
    assert run(["rules", "--color", "--level", "error"]) == 0
    assert "\x1b[" in capsys.readouterr().out


def test_the_markdown_table_has_a_row_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--format", "markdown"]) == 0
    rows = [row for row in capsys.readouterr().out.splitlines() if row.startswith("| ZC")]
    assert len(rows) == len(EVERY)
    assert all(row.count(" | ") == 3 for row in rows)


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry.code)
def test_what_the_tool_says_of_the_example_is_said(entry) -> None:
    said = words_of(entry)
    if not isinstance(entry.example, DriftExample | ContractExample):
        assert said == ()
        return
    assert said[0].startswith(f"{entry.level.value}  ")
    text = explain_text([entry], said={entry.code: said})
    assert "\nit says\n" in text
    assert " ".join(said[0].split()) in " ".join(text.split())


@pytest.mark.parametrize(
    "entry", [one for one in EVERY if isinstance(one.example, ContractExample)], ids=lambda entry: entry.code
)
def test_the_part_of_the_document_that_is_shown_is_enough(entry) -> None:
    """What is left out of an example's document has no part in what the rule says of it."""
    from zeues_contracts.consumers import check_contracts, parse_contract
    from zeues_contracts.openapi import parse_document

    (_, _, contract), (_, _, shown) = example_blocks(entry.example)
    document = parse_document("\n".join(shown).encode(), "example.yaml")
    findings = check_contracts([parse_contract("\n".join(contract), "contract.yaml")], document)
    assert entry.code in [one.rule for one in findings]


# --- ids of oasdiff ------------------------------------------------------------------------------------------------


def test_the_ids_of_oasdiff_lead_to_our_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--oasdiff", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(one["oasdiff"], one["slug"]) for one in rows] == list(table())
    codes = {entry.slug: entry.code for entry in EVERY}
    assert all(one["code"] == codes.get(one["slug"], "") for one in rows)
    assert run(["rules", "--oasdiff"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("| oasdiff |")
    assert all(f"| {one['oasdiff']} | {one['code'] or 'nothing'} " in text for one in rows)


def test_an_id_of_oasdiff_is_explained_by_our_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "request-property-min-length-increased"]) == 0
    assert "request-bound-tightened" in capsys.readouterr().out
    assert run(["explain", "api-schema-removed"]) == 2
    assert "no value changed" in capsys.readouterr().err


def test_a_slug_names_one_rule() -> None:
    assert len({entry.slug for entry in EVERY}) == len(EVERY)
