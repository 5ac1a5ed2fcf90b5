"""The command line: one thin click command per file, imported only when it is asked for."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
from typing import Any

import click

from zeues_contracts import __version__
from zeues_contracts.errors import ZeuesContractsError

__all__ = ["WholeGroup", "main", "prepare", "run"]

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG, errno.EIO})
"""What a disk, or whatever else takes the output, says when it takes no more."""

# Name -> (module below zeues_contracts.cli, one-line help). The help stands here so that `--help` imports nothing.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Find the service, take the first snapshot, write the configuration."),
    "check": ("check", "Check a service: health, drift, contracts, replay and fuzzing."),
    "diff": ("diff", "Compare two documents: files, URLs, services, git revisions or snapshots."),
    "snapshot": ("snapshot", "Update, review, log and verify snapshots."),
    "contracts": ("contracts", "List, check, lint, record and import consumer contracts."),
    "rehearse": ("rehearse", "Run a consumer's tests against a mock made from the snapshot."),
    "observe": ("observe", "Run a consumer's tests against the service and name each failure's cause."),
    "fuzz": ("fuzz", "Look for violations of the document with generated requests."),
    "health": ("health", "Probe the service and what it depends on."),
    "schema": ("schema", "Compare JSON Schemas by the values they accept."),
    "explain": ("explain", "Explain a rule: why it matters, how to mend it, an example."),
    "rules": ("rules", "List the rules."),
    "report": ("report", "Render and merge reports."),
    "config": ("config", "Show what is in force and where it came from."),
    "doctor": ("doctor", "Say what works here and what does not."),
    "completion": ("completion", "Print the shell completion script."),
    "demo": ("demo", "Run the check against the embedded stand-in backend."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run, not when help is printed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which a person meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"zeues_contracts.cli.{entry[0]}")
        command: click.Command = module.command
        prepare(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve as click does, with the nearest command as a hint."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1) if args else []
            if near and "did you mean" not in error.message.lower():
                raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", error.ctx) from None
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def prepare(command: click.Command) -> None:
    """Make a command's page readable: what click would print of numbers and of groups is for programmers.

    Help texts are raw strings, as linters want them; click's mark for *do not wrap* is the character itself.
    """
    if command.help:
        command.help = command.help.replace("\\b\n", "\b\n")
    numbers = (click.types.IntParamType, click.types.FloatParamType)
    for parameter in command.params:
        if parameter.metavar is None and isinstance(parameter.type, numbers):
            parameter.metavar = _NUMBERS.get(parameter.name or "", "N")
    if isinstance(command, click.Group):
        for one in command.commands.values():
            prepare(one)


_NUMBERS = {"seconds": "SECONDS", "timeout": "SECONDS", "port": "PORT", "deprecation_days": "DAYS"}


class WholeGroup(click.Group):
    """A group whose page tells the first sentence of each command whole, however narrow the page is."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the commands, each sentence wrapped instead of cut."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(500)) for name, one in self.commands.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "ZEUES_CONTRACTS"},
)
@click.version_option(__version__, "-V", "--version", prog_name="zeues-contracts")
def main() -> None:
    r"""Know what your end-to-end tests would get wrong, before they run.

    Compares a live OpenAPI document with its snapshot, consumers with the document and the service's behaviour with its
    promise, and says of every finding which cause it has: drift, mismatch, violation or outage.

    \b
    Start here:
      zeues-contracts demo      see it at work; there is nothing to set up
      zeues-contracts init      put a service under contract
      zeues-contracts check     what would go wrong, and why
      zeues-contracts doctor    what works here and what does not

    \b
    Exit codes: 0 nothing at or above the fail level; 1 findings; 2 usage or
    configuration; 3 cannot judge: something is out; 4 a defect of this tool.
    """


prepare(main)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code (see the README for what each code means)."""
    try:
        result: Any = main.main(args=arguments, prog_name="zeues-contracts", standalone_mode=False)
        sys.stdout.flush()  # now, while what goes wrong can still be told
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()  # UsageError and file errors alike: the way it was called is wrong
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return 130
    except ZeuesContractsError as error:
        _tell("Error", error.message)
        if error.hint:
            _tell("Next", error.hint)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output has gone; nothing is wrong and nobody is there to tell.
        _drop_output()
        return 141
    except Exception as error:  # the last resort: a defect of ours is told in one line, the rest on demand
        if isinstance(error, OSError) and error.errno in _FULL:
            _drop_output()
            _tell("Error", f"{error.filename or 'the output'} cannot be written: {error.strerror}")
            return 2
        if os.environ.get("ZEUES_CONTRACTS_DEBUG"):
            raise
        text = " ".join(str(error).split())[:300]
        _tell("Error", f"a defect of zeues-contracts: {type(error).__name__}: {text}")
        _tell("Next", "run again with ZEUES_CONTRACTS_DEBUG=1 and report the traceback")
        return 4
    return result if isinstance(result, int) else 0


def _drop_output() -> None:
    """Lead standard output to nowhere: the interpreter flushes it once more at its end, and would fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(word: str, text: str) -> None:
    """One line on standard error. Messages repeat what files and services say: nothing of it may move a terminal."""
    from zeues_contracts.report.safe import cell, guard_log

    click.echo(f"{word}: {guard_log(cell(text, 4000))}", err=True)
