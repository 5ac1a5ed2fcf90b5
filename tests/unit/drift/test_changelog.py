"""The changelog: headings, versions, hostile text."""

from __future__ import annotations

import pytest

from tests.unit.drift.documents import compare
from zeues_contracts.drift.bump import stepped, version_step
from zeues_contracts.drift.changelog import changelog
from zeues_contracts.rules.drift.examples import api, given, taken


@pytest.mark.parametrize(
    ("version", "bump", "next_version"),
    [
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("v1.2.3", "patch", "v1.2.4"),
        ("0.2.3", "major", "0.3.0"),
        ("0.2.3", "minor", "0.2.4"),
        ("1.2.3-beta.1+7", "minor", "1.3.0"),
        ("1.2", "major", ""),
        ("1.2.3", "none", ""),
    ],
)
def test_the_next_version(version: str, bump: str, next_version: str) -> None:
    assert stepped(version, bump) == next_version


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        (taken("{type: integer}"), taken("{type: string}"), "major"),
        (given("{type: string, enum: [a]}"), given("{type: string, enum: [a, b]}"), "major"),
        (taken("{type: object}"), taken("{type: object, properties: {a: {type: string}}}"), "minor"),
        (given("{type: string, description: a}"), given("{type: string, description: b}"), "patch"),
        (taken("{type: integer}"), taken("{type: integer}"), "none"),
    ],
)
def test_the_step_that_changes_ask_for(old: str, new: str, step: str) -> None:
    result = compare(old, new)
    assert result.bump == step == version_step(result.findings)


def test_a_changelog_has_what_breaks_first() -> None:
    get = '{get: {responses: {"200": {description: OK}}}}'
    result = compare(api(f"{{/a: {get}, /b: {get}}}"), api(f"{{/a: {get}, /c: {get}}}"))
    text = changelog(result, title="Shop", old_version="1.0.0", new_version="1.1.0")
    assert text == (
        "## Shop\n\n"
        "Suggested version step: **a major step**, 1.0.0 to 2.0.0. The document says 1.1.0.\n\n"
        "### Breaking\n\n- `GET /b`: was removed (ZC201)\n\n"
        "### Added\n\n- `GET /c`: was added (ZC203)\n\n"
        "### Without effect\n\n- info.version is still '1', and something changed that breaks somebody (ZC299)\n"
    )


def test_nothing_changed() -> None:
    assert "Nothing changed." in changelog(compare(api(), api()))


def test_foreign_text_is_no_structure() -> None:
    hostile = "a](http://evil) <script> @everyone `x` | # \\u202e"
    result = compare(taken(f'{{type: object, properties: {{"{hostile}": {{type: string}}}}}}'), taken("{type: object}"))
    text = changelog(result, title="# @here <b>")
    assert "<script>" not in text
    assert "@everyone" not in text
    assert "](http" not in text
    assert "@here" not in text
    assert "<b>" not in text
    assert not text.startswith("## #")


def test_names_in_messages_are_code() -> None:
    result = compare(taken("{type: object, properties: {a_b: {type: string}}}"), taken("{type: object}"))
    assert "`a_b`" in changelog(result)
    assert "\\`" not in changelog(result)
