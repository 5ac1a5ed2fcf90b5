"""Which value is in force, where it came from, and what a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from zeues_contracts.config import Flag, expand_environment, find_config_file, load_config, resolve, unknown_variables
from zeues_contracts.errors import UsageError

OWN = """
fail-level = "warning"
preset = "strict"

[limits]
timeout = 3

[services.shop]
url = "http://localhost:8000/docs"
headers = {X-Api-Key = "${SHOP_KEY}"}

[services.shop.fuzz]
seconds = 5
phases = ["examples"]

[services.shop.operation-levels."GET /a/{id}"]
ZC201 = "off"
"""


def written(folder: Path, text: str, name: str = "zeues-contracts.toml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def test_a_file_is_read_into_one_typed_object(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, OWN), environ={})
    assert (config.fail_level, config.preset, config.limits.timeout) == ("warning", "strict", 3)
    shop = config.services["shop"]
    assert (shop.fuzz.seconds, shop.fuzz.phases, shop.fuzz.cases) == (5, ["examples"], 2000)
    assert shop.operation_levels == {"GET /a/{id}": {"ZC201": "off"}}
    assert config.root == str(tmp_path)


def test_the_table_of_pyproject_is_read_too(tmp_path: Path) -> None:
    file = written(tmp_path, '[tool.zeues-contracts]\npreset = "strict"\n', "pyproject.toml")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_config_file(below) == file
    assert load_config(start=below, environ={}).preset == "strict"


def test_a_project_that_does_not_speak_of_us_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    written(tmp_path / "inner", "[project]\nname = 'x'\n", "pyproject.toml")
    own = written(tmp_path, "")
    assert find_config_file(tmp_path / "inner") == own


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, OWN)
    environ = {"ZEUES_CONTRACTS_PRESET": "default", "ZEUES_CONTRACTS_SERVICES_SHOP_FUZZ_SECONDS": "7"}
    found = resolve(file, environ=environ, flags={("preset",): Flag("tolerant-reader", "--preset")})
    assert found.config.preset == "tolerant-reader"
    assert found.origins["preset",] == "--preset"
    assert found.config.services["shop"].fuzz.seconds == 7
    seconds = found.origins["services", "shop", "fuzz", "seconds"]
    assert seconds == "environment ZEUES_CONTRACTS_SERVICES_SHOP_FUZZ_SECONDS"
    assert found.origins["fail-level",].endswith("zeues-contracts.toml:2")


def test_a_stronger_source_of_the_document_takes_the_weaker_away(tmp_path: Path) -> None:
    flags = {("services", "shop", "app"): Flag("main:app", "--app")}
    shop = resolve(written(tmp_path, OWN), environ={}, flags=flags).config.services["shop"]
    assert (shop.app, shop.url) == ("main:app", "")


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("presett = 'strict'\n", ":1: unknown key `presett`", "did you mean `preset`?"),
        ("[services.shop]\nfuz = 1\n", ":2: unknown key `fuz` in [services.shop]", "did you mean `fuzz`?"),
        ("timeout = 3\n", ":1: unknown key `timeout`", "belongs in [limits]"),
        ("preset = 'stric'\n", "`preset`: 'stric' is not one of", "did you mean `strict`?"),
        ("[limits]\n\ntimeout = 0\n", ":3: `limits.timeout`", ""),
        ("[limits]\ntimeout = 'soon'\n", ":2: `limits.timeout`", ""),
        ("[services.'a b']\n", "'a b' cannot name a service", "use letters"),
        ("[services.a]\nurl = 'x'\napp = 'm:a'\n", "both `url` and `app`", "keep the one"),
        ("services = 3\n", "`services` is not a table", "[services.NAME]"),
        ("preset = \n", "not valid TOML", ""),
        ("[services.a.operation-levels.nonsense]\nZC201 = 'off'\n", "METHOD /path", ""),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_nearest_key(tmp_path: Path, text: str, says: str, hint: str) -> None:
    with pytest.raises(UsageError) as told:
        load_config(written(tmp_path, text), environ={})
    assert says in told.value.message
    assert hint in told.value.hint
    assert "\n" not in told.value.message


def test_a_variable_of_the_wrong_kind_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ZEUES_CONTRACTS_LIMITS_TIMEOUT: 'soon' is not a number"):
        load_config(written(tmp_path, OWN), environ={"ZEUES_CONTRACTS_LIMITS_TIMEOUT": "soon"})


def test_a_variable_that_sets_nothing_is_found_with_its_neighbour(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, OWN), environ={})
    environ = {"ZEUES_CONTRACTS_PRESETS": "x", "ZEUES_CONTRACTS_HEADER_X": "y", "HOME": "/"}
    assert unknown_variables(config, environ) == [("ZEUES_CONTRACTS_PRESETS", "ZEUES_CONTRACTS_PRESET")]


def test_environment_in_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", "s3cret")
    monkeypatch.delenv("NO_SUCH", raising=False)
    assert expand_environment("Bearer ${SHOP_KEY}") == "Bearer s3cret"
    with pytest.raises(UsageError, match="NO_SUCH is not set"):
        expand_environment("${NO_SUCH}")
