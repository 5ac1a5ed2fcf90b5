"""Which level a finding has: its rule's, the preset's, or what the configuration says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from zeues_contracts.config import Config, load_config
from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Level
from zeues_contracts.levels import apply_levels, level_of
from zeues_contracts.rules import all_rules, rule

CODE = "ZC101"


def configured(folder: Path, text: str) -> Config:
    file = folder / "zeues-contracts.toml"
    file.write_text(text, "utf-8")
    return load_config(file, environ={})


def test_without_settings_a_finding_keeps_its_level() -> None:
    finding = rule(CODE).finding("m", service="a")
    assert apply_levels([finding], Config()) == (finding,)


def test_the_narrowest_setting_wins(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        f"""
levels.{CODE} = "error"
[services.a.levels]
{CODE} = "warning"
[services.a.operation-levels."get /x/{{name}}"]
{rule(CODE).slug} = "off"
[services.b]
""",
    )
    one = rule(CODE).finding("m", service="a")
    assert apply_levels([one], config)[0].level is Level.WARNING
    assert apply_levels([one.with_(service="b")], config)[0].level is Level.ERROR
    here = one.with_(operations=("GET /x/{id}",))
    assert apply_levels([here], config) == ()
    # Silencing one operation silences nobody else's finding.
    both = one.with_(operations=("GET /x/{id}", "GET /y"))
    assert apply_levels([both], config)[0].level is Level.WARNING
    assert level_of(CODE, config, "a", "GET /x/{id}") is Level.OFF


def test_presets_move_rules_and_leave_what_a_finding_got_on_purpose() -> None:
    moved = next((one for one in all_rules() if one.strict not in (None, one.level)), None)
    assert moved is not None
    assert moved.strict is not None
    config = Config(preset="strict")
    assert apply_levels([moved.finding("m")], config)[0].level is moved.strict
    purpose = next(level for level in (Level.INFO, Level.WARNING, Level.ERROR) if level is not moved.level)
    assert apply_levels([moved.finding("m", level=purpose)], config)[0].level is purpose


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("levels.ZC1001 = 'off'\n", "`levels`: there is no rule `ZC1001`", "did you mean `ZC10"),
        ("[services.a.levels]\nnothing-like-a-rule = 'off'\n", "`services.a.levels`", "zeues-contracts rules"),
    ],
)
def test_a_rule_that_does_not_exist_is_refused(tmp_path: Path, text: str, says: str, hint: str) -> None:
    with pytest.raises(UsageError) as told:
        apply_levels([], configured(tmp_path, text))
    assert says in told.value.message
    assert hint in told.value.hint
