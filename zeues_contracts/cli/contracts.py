"""``zeues-contracts contracts``: what consumers send and expect, listed, checked, linted, recorded and imported."""

from __future__ import annotations

import importlib
from typing import Any

import click

from zeues_contracts.cli import prepare

__all__ = ["command"]

# Name -> (module below zeues_contracts.cli, one-line help); imported when it is run.
COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("contracts_list", "List the contracts and what they use."),
    "check": ("contracts_check", "Check contracts against the snapshot or a document; no request is sent."),
    "lint": ("contracts_lint", "Read contract files and say what is wrong with them."),
    "record": ("record", "Run a command and write the contract of what it does."),
    "import": ("contracts_import", "Make contracts from Pact files, HAR logs and VCR cassettes."),
    "schema": ("contracts_schema", "Print the JSON Schema of contract files, for editors."),
    "export": ("contracts_export", "Write a contract as a Pact file (version 4)."),
}


class _Contracts(click.Group):
    """The group; its commands are imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which a person meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module: Any = importlib.import_module(f"zeues_contracts.cli.{entry[0]}")
        found: click.Command = module.command
        prepare(found)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group("contracts", cls=_Contracts)
def command() -> None:
    r"""List, check, lint, record, import and export consumer contracts.

    A contract says what one consumer sends and what it reads of the answers, in contracts/CONSUMER.yaml:

    \b
      version: 1
      consumer: shop
      interactions:
        - id: place-order
          operation: POST /orders/{shop}
          request:
            path: {shop: 7}
            headers: {authorization: "Bearer ${TOKEN}"}
            body: {sku: A-1, amount: {$type: int}, due: $today+3d}
          expect:
            status: [200, 201]
            body: {id: int, items: [{sku: str, note: opt str}], state: {$const: open}}

    What is sent is written by example: $today, $now, $env:NAME and ${NAME} are filled in, {$type: int} and
    {$schema: ...} say that any such value may be sent, and `name?` that it is sent at times. What is expected is
    written by type: str, int, num, bool, date, datetime, uuid, any, `opt str`, `str | null`, 'ARM' | 'SOLD', [str];
    numbers and booleans mean themselves. {$const}, {$enum}, {$regex}, {$each, $min, $max}, {$first}, {$some}, {$map},
    {$any-of}, {$all-of}, {$like} and {$schema} say the rest. A text or a name that begins with a `$` of its own is
    written with two.

    \b
    Examples:
      zeues-contracts contracts record -- pytest tests/e2e      what the tests send and read, written down
      zeues-contracts contracts check                           against the snapshot
      zeues-contracts contracts list --verbose
    """
