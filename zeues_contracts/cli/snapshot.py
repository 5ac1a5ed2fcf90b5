"""``zeues-contracts snapshot``: take, review, explain and check snapshots."""

from __future__ import annotations

import click

from zeues_contracts.cli.snapshot_log import log
from zeues_contracts.cli.snapshot_review import review
from zeues_contracts.cli.snapshot_verify import diff, verify
from zeues_contracts.cli.snapshot_waive import waive
from zeues_contracts.cli.snapshot_write import merge_driver, pending, resolve, update

__all__ = ["command"]


@click.group("snapshot")
def command() -> None:
    """Take, review, explain and check snapshots: the documents that were approved, and who approved them."""


for _one in (update, review, log, verify, diff, waive, pending, resolve, merge_driver):
    command.add_command(_one)
