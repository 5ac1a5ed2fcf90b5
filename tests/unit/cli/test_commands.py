"""The command line as a whole: every command is there and explains itself, every end has its exit code."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from tests.unit.report.hostile import TEXTS
from zeues_contracts import cli
from zeues_contracts.cli import COMMANDS, main, run
from zeues_contracts.errors import CannotJudgeError, DefectError, UsageError, ZeuesContractsError

COMMAND_NAMES = sorted(COMMANDS)


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def leaves(name: str, found: click.Command) -> list[tuple[str, click.Command]]:
    """A command, or those of a group."""
    if not isinstance(found, click.Group):
        return [(name, found)]
    context = click.Context(found)
    inner = [(one, found.get_command(context, one)) for one in found.list_commands(context)]
    return [leaf for one, sub in inner if sub is not None for leaf in leaves(f"{name} {one}", sub)]


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Usage: zeues-contracts ")
    for path, leaf in leaves(name, command(name)):
        assert leaf.help, path
        for parameter in leaf.params:
            if isinstance(parameter, click.Option):
                assert parameter.help or parameter.hidden, f"{path} {parameter.opts}"


def every_page() -> list[tuple[str, click.Command]]:
    """All commands, groups among them, by the words that call them."""

    def below(name: str, found: click.Command) -> list[tuple[str, click.Command]]:
        if not isinstance(found, click.Group):
            return [(name, found)]
        context = click.Context(found)
        inner = [(one, found.get_command(context, one)) for one in found.list_commands(context)]
        return [(name, found), *(page for one, sub in inner if sub is not None for page in below(f"{name} {one}", sub))]

    return [page for name in COMMAND_NAMES for page in below(name, command(name))]


PAGES = every_page()


def examples(page: click.Command) -> list[str]:
    """The calls of the command line that a page shows."""
    _, _, rest = (page.help or "").partition("Examples")
    return [line.strip() for line in rest.splitlines() if re.match(r"\s{5}.*zeues-contracts ", line)]


@pytest.mark.parametrize(("name", "page"), PAGES, ids=[name for name, _ in PAGES])
def test_every_page_has_an_example_of_its_command(name: str, page: click.Command) -> None:
    shown = examples(page)
    assert shown, f"{name} has no example"
    assert any(f"zeues-contracts {name}" in line for line in shown), shown


@pytest.mark.parametrize(("name", "page"), PAGES, ids=[name for name, _ in PAGES])
def test_the_examples_call_commands_with_options_that_exist(name: str, page: click.Command) -> None:
    for line in examples(page):
        call = line[line.index("zeues-contracts ") :].split(" -- ")[0]
        words = re.split(r"\s{2,}", call)[0] if re.search(r"\s{2,}", call) else call
        _, *given = shlex.split(words.split(" | ")[0].split(" > ")[0].rstrip(")").replace('"', "").replace("'", ""))
        found: click.Command = main
        while isinstance(found, click.Group) and given and not given[0].startswith("-"):
            inner = found.get_command(click.Context(found), given.pop(0))
            assert inner is not None, line
            found = inner
        assert not isinstance(found, click.Group) or "%O" in line, line
        known = {option for one in found.params for option in (*one.opts, *one.secondary_opts)}
        assert {word.partition("=")[0] for word in given if re.match(r"--?[a-z]", word)} <= known, line


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("name", sorted(name for name in COMMANDS if isinstance(command(name), click.Group)))
def test_a_group_tells_its_commands_whole(name: str, width: int) -> None:
    page = command(name).get_help(click.Context(command(name), info_name=name, terminal_width=width))
    assert not re.search(r"\.\.\.$", page.partition("Commands:")[2], re.MULTILINE)
    assert "Commands:" in page


@pytest.mark.parametrize(("name", "page"), PAGES, ids=[name for name, _ in PAGES])
def test_no_page_has_words_of_programmers_for_numbers(name: str, page: click.Command) -> None:
    text = page.get_help(click.Context(page, info_name=name, terminal_width=100))
    assert not re.search(r"\b(INTEGER|FLOAT)\b( RANGE)?", text)


def test_the_top_says_the_first_line_of_every_command() -> None:
    for name, (_, text) in COMMANDS.items():
        assert text.endswith("."), name
        assert len(text) < 90, name


def test_an_unknown_command_is_told_its_neighbour(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["chek"]) == 2
    assert "check" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("bad", hint="do this"), 2),
        (CannotJudgeError("gone", hint="do this"), 3),
        (DefectError("ours", hint="do this"), 4),
        (click.UsageError("bad"), 2),
        (click.FileError("x", "no"), 2),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (RuntimeError("surprise\nin two lines"), 4),
    ],
)
def test_every_end_has_its_code_and_no_traceback(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ZEUES_CONTRACTS_DEBUG", raising=False)

    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cli.main, "main", broken)
    assert run([]) == code
    told = capsys.readouterr().err
    assert "Traceback" not in told
    if isinstance(error, ZeuesContractsError):
        assert told == f"Error: {error.message}\nNext: do this\n"


@pytest.mark.parametrize("name", TEXTS)
def test_a_message_of_any_text_is_two_lines_and_moves_no_terminal(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for error in (UsageError(TEXTS[name], hint=TEXTS[name]), RuntimeError(TEXTS[name])):

        def broken(*_: object, _error: Exception = error, **__: object) -> None:
            raise _error

        monkeypatch.setattr(cli.main, "main", broken)
        run([])
        told = capsys.readouterr().err
        assert [line.partition(": ")[0] for line in told.split("\n")] == ["Error", "Next", ""]
        assert told.replace("\n", "").isprintable() or name in ("rtl", "tags", "wide", "zalgo")
        assert "\x1b" not in told
        assert not re.search(r"##\w{0,20}\[", told)
        assert len(told) < 9000


def test_names_that_are_repeated_to_keep_start_up_light_are_the_same() -> None:
    from zeues_contracts.check import STAGES
    from zeues_contracts.cli.check import STAGE_NAMES
    from zeues_contracts.cli.demo import SCENARIO_NAMES
    from zeues_contracts.cli.options import FORMAT_NAMES
    from zeues_contracts.report import FORMATS
    from zeues_contracts.standin.scenarios import SCENARIOS

    assert STAGE_NAMES == STAGES
    assert set(FORMAT_NAMES) == set(FORMATS)
    assert set(SCENARIO_NAMES) == set(SCENARIOS)


def test_the_version_is_that_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))
    assert run(["--version"]) == 0
    assert re.search(rf"\b{re.escape(project['project']['version'])}\b", capsys.readouterr().out)


def test_check_refuses_what_it_cannot_do_before_it_does_anything(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["check", "--only", "drif"]) == 2
    assert "--only drif: there is no such stage" in capsys.readouterr().err
    assert run(["check"]) == 2
    assert "no service is configured" in capsys.readouterr().err
    assert run(["check", "--url", "http://x", "--app", "m:a"]) == 2
    assert "--url and --app were both given" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", *COMMAND_NAMES])
def test_no_mark_of_ours_and_no_backslash_is_left_in_a_page(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*filter(None, [name]), "--help"]) == 0
    printed = capsys.readouterr().out
    assert "\\b" not in printed
    assert "\b" not in printed
