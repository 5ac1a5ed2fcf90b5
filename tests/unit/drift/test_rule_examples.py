"""Every rule's example through all rules: the one that is named fires, and a document never differs from itself."""

from __future__ import annotations

import pytest

from tests.unit.drift.documents import compare, document
from zeues_contracts.findings import Level
from zeues_contracts.rules import all_rules, rule
from zeues_contracts.rules.model import DriftExample, Rule

RULES = [one for one in all_rules() if one.code.startswith("ZC2")]
EXAMPLES = [one for one in RULES if isinstance(one.example, DriftExample)]
# What comes along with an example without being its point.
COMPANIONS = {"text-changed", "version-not-raised"}


def names(entry: Rule) -> str:
    return entry.slug


def example(entry: Rule) -> DriftExample:
    assert isinstance(entry.example, DriftExample)
    return entry.example


def test_every_rule_has_an_example() -> None:
    assert [one.slug for one in RULES if one.example is None] == []


@pytest.mark.parametrize("entry", EXAMPLES, ids=names)
def test_the_rule_fires_on_its_example(entry: Rule) -> None:
    result = compare(example(entry).old, example(entry).new)
    found = [one for one in result.findings if one.rule == entry.code]
    assert found, [(one.rule, one.message) for one in result.findings]
    assert all((one.message and one.place is not None) or entry.slug == "framework-upgrade" for one in found)
    assert all(one.level is entry.level for one in found)


@pytest.mark.parametrize("entry", EXAMPLES, ids=names)
def test_nothing_worse_than_the_rule_fires_on_its_example(entry: Rule) -> None:
    """An example shows one thing: what else is found there is no worse, and above information it is nothing else."""
    if entry.slug == "version-not-raised":
        return  # it takes something that breaks
    result = compare(example(entry).old, example(entry).new)
    others = {rule(one.rule).slug for one in result.findings if one.level is not Level.INFO} - {entry.slug}
    assert others <= ALLOWED.get(entry.slug, set())


ALLOWED = {
    # One scheme more is asked for, or another thing of the same place.
    "server-added": set(),
    "tags-changed": set(),
}


@pytest.mark.parametrize("entry", EXAMPLES, ids=names)
def test_a_document_never_differs_from_itself(entry: Rule) -> None:
    for text in (example(entry).old, example(entry).new):
        assert compare(text, text).findings == ()
        assert compare(document(text, "a.yaml"), document(text, "b.yaml")).findings == ()


@pytest.mark.parametrize("entry", EXAMPLES, ids=names)
def test_fingerprints_are_stable_and_their_own(entry: Rule) -> None:
    first = compare(example(entry).old, example(entry).new)
    again = compare(example(entry).old + "\n# a line more\n", "\n" + example(entry).new)
    prints = [one.fingerprint for one in first.findings]
    assert prints == [one.fingerprint for one in again.findings]
    assert len(set(prints)) == len(prints)
    assert [one.state for one in first.findings] == [one.state for one in again.findings]


# Each rule about what the service takes with its mirror about what it gives. A rule without one has a reason.
MIRRORS = {
    "request-property-became-required": "response-property-became-optional",
    "request-property-required-with-default": "a response has no defaults that stand in",
    "request-property-removed": "response-property-removed",
    "request-type-changed": "response-type-changed",
    "request-values-removed": "response-values-added",
    "request-null-refused": "response-may-be-null",
    "request-bound-tightened": "response-bound-loosened",
    "request-pattern-tightened": "response-pattern-loosened",
    "request-format-tightened": "response-format-loosened",
    "request-choice-removed": "response-choice-added",
    "request-object-closed": "response-object-opened",
    "request-narrowed": "response-widened",
    "request-property-added": "response-property-added",
    "request-widened": "response-narrowed",
    "request-media-type-removed": "response-media-type-removed",
    "request-media-type-added": "response-media-type-added",
    "request-body-required": "a response always has the body that its status says",
    "request-body-relaxed": "a response always has the body that its status says",
    "request-body-removed": "a response without a body has no media type: response-media-type-removed",
    "operation-removed": "operation-added",
    "callback-removed": "callback-added",
    "server-removed": "server-added",
    "success-status-removed": "status-added",
    "status-removed": "status-added",
    "parameter-removed": "optional-parameter-added",
    "parameter-became-required": "parameter-relaxed",
    "required-parameter-added": "parameter-removed",
    "response-header-removed": "response-header-added",
    "optional-response-header-removed": "response-header-added",
    "response-header-became-optional": "response-narrowed",
    "security-stronger": "security-weaker",
    "response-required-property-removed": "response-property-added",
    "response-values-opened": "request-values-removed",
    "response-write-only-shown": "what was read-only and is taken now is request-property-added",
    "discriminator-changed": "discriminator-extended",
}
ALONE = {
    "announced-removal", "deprecation-changed", "sunset-policy", "sunset-withdrawn", "stability-lowered",
    "operation-id-changed", "tags-changed", "parameter-serialisation-changed", "parameter-default-changed",
    "response-header-rewritten",
    "encoding-changed", "link-changed", "security-scheme-changed", "security-declaration-changed", "marks-changed",
    "default-changed", "content-encoding-changed", "schema-undecided", "framework-upgrade", "idle-bound-changed",
    "text-changed", "version-not-raised",
}  # fmt: skip


def test_every_rule_has_its_mirror_or_a_reason() -> None:
    slugs = {one.slug for one in RULES}
    mirrored = set(MIRRORS) | {mirror for mirror in MIRRORS.values() if " " not in mirror}
    assert slugs - mirrored - ALONE == set()
    assert {mirror for mirror in MIRRORS.values() if " " not in mirror} <= slugs
    assert set(MIRRORS) | ALONE <= slugs


@pytest.mark.parametrize(
    ("taken", "given"),
    [(one, other) for one, other in MIRRORS.items() if one.startswith("request-") and " " not in other
     and one != "request-property-became-required" and not one.startswith(("request-media", "request-body"))],
)  # fmt: skip
def test_the_reverse_of_an_example_is_compatible(taken: str, given: str) -> None:
    """What narrows in one direction widens in the other: an error there is information here."""
    entry = rule(taken)
    back = compare(example(entry).new, example(entry).old)
    worst = max((one.level.rank for one in back.findings), default=0)
    if entry.level is not Level.INFO and taken != "request-type-changed":
        assert worst <= Level.INFO.rank, [(one.rule, one.message) for one in back.findings]


def test_rules_read_well() -> None:
    for entry in RULES:
        assert entry.why.endswith("."), entry.slug
        assert entry.mend.endswith("."), entry.slug
        assert not entry.title.endswith("."), entry.slug
        assert len(entry.title) < 80, entry.slug
