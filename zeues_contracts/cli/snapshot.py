"""``zeues-contracts snapshot``: take, review, explain and check snapshots."""

from __future__ import annotations

import click

from zeues_contracts.cli import WholeGroup
from zeues_contracts.cli.snapshot_log import log
from zeues_contracts.cli.snapshot_review import review
from zeues_contracts.cli.snapshot_verify import diff, verify
from zeues_contracts.cli.snapshot_waive import waive
from zeues_contracts.cli.snapshot_write import merge_driver, pending, resolve, update

__all__ = ["command"]


@click.group("snapshot", cls=WholeGroup)
def command() -> None:
    r"""Take, review, explain and check snapshots: the documents that were approved, and who approved them.

    A snapshot is the document that a team last agreed to, in snapshots/SERVICE.json. The ledger beside it says who
    approved which change, when and why; waivers tolerate findings until a date.

    \b
    Examples:
      zeues-contracts snapshot review                           decide about each change
      zeues-contracts snapshot update --reason "2.0"            approve all of them
      zeues-contracts snapshot log                              what was approved so far
      zeues-contracts snapshot verify                           nothing but what was approved is in it
    """


for _one in (update, review, log, verify, diff, waive, pending, resolve, merge_driver):
    command.add_command(_one)
