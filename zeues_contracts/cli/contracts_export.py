"""``zeues-contracts contracts export``."""

from __future__ import annotations

from pathlib import Path

import click

from zeues_contracts.cli.options import config_option

__all__ = ["command"]


@click.command("export")
@click.argument("name", metavar="CONTRACT")
@config_option
@click.option("--provider", default="", metavar="NAME", help="The provider's name; the contract's service by default.")
@click.option("--output", "-o", default="-", metavar="FILE", help="By default it is printed.")
def command(name: str, config_file: Path | None, provider: str, output: str) -> int:
    r"""Write a contract as a Pact file, version 4. What a Pact cannot say is told on standard error.

    CONTRACT is a file, or a consumer of the configured contracts.

    \b
    Examples:
      zeues-contracts contracts export contracts/shop.yaml --output shop.pact.json
      zeues-contracts contracts export shop --provider orders
    """
    from zeues_contracts.cli.contracts_named import contract_named
    from zeues_contracts.cli.options import say, write_out
    from zeues_contracts.consumers.exporting import pact_of
    from zeues_contracts.files import canonical_json, write_atomically

    pact, notes = pact_of(contract_named(name, config_file), provider=provider)
    for note in notes:
        say(f"note: {note}", err=True)
    text = canonical_json(pact).decode("utf-8", "surrogatepass")
    if output == "-":
        write_out(text)
    else:
        write_atomically(Path(output), text)
        say(f"{output}: {len(pact['interactions'])} interactions of {pact['consumer']['name']}")
    return 0
