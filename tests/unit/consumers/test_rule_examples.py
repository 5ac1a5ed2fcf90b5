"""Every rule of ZC3xx fires on its own example, alone; and the rules keep what they promise of each other."""

import pytest

from tests.unit.consumers.documents import document
from zeues_contracts.consumers import check_contracts, parse_contract
from zeues_contracts.rules.mismatch import RULES
from zeues_contracts.rules.model import ContractExample

OWN = [rule for rule in RULES if isinstance(rule.example, ContractExample)]


def findings_of(example):
    return check_contracts([parse_contract(example.contract, "example.yaml")], document(example.document))


@pytest.mark.parametrize("rule", OWN, ids=lambda rule: rule.code)
def test_example(rule):
    fired = findings_of(rule.example)
    assert [one.rule for one in fired] == [rule.code]
    (finding,) = fired
    assert finding.level is rule.level
    assert finding.cause is rule.cause
    assert finding.message.startswith("shop ")
    assert "\n" not in finding.message
    assert finding.place is not None
    assert finding.place.source == "example.yaml"
    assert finding.place.line == 4
    assert [(hit.consumer, hit.interaction) for hit in finding.hits] == [
        ("shop", parse_contract(rule.example.contract).interactions[0].id)
    ]


@pytest.mark.parametrize("rule", OWN, ids=lambda rule: rule.code)
def test_fingerprints_do_not_depend_on_where_things_stand(rule):
    moved = ContractExample(rule.example.document, "# a comment\n\n" + rule.example.contract)
    assert [one.fingerprint for one in findings_of(moved)] == [one.fingerprint for one in findings_of(rule.example)]
    (finding,) = findings_of(moved)
    assert finding.place.line == 6


def test_there_is_an_example_for_each_rule_of_the_static_check():
    assert len(OWN) >= 24
    assert all(rule.code.startswith("ZC3") for rule in RULES)
