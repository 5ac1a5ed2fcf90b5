"""``zeues-contracts contracts schema``."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command("schema")
def command() -> int:
    r"""Print the JSON Schema of contract files, for editors.

    \b
    Examples:
      zeues-contracts contracts schema > contract.schema.json
    """
    from zeues_contracts.cli.options import write_out
    from zeues_contracts.consumers.structure import meta_schema_text

    write_out(meta_schema_text())
    return 0
