"""``zeues-contracts contracts lint``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import config_option, say
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.consumers import Contract

__all__ = ["command", "remarks", "unset_variables"]


@click.command("lint")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@config_option
@click.option("--quiet", "-q", is_flag=True, help="Print what is wrong alone.")
def command(files: tuple[Path, ...], config_file: Path | None, quiet: bool) -> int:
    r"""Read contract files and say what is wrong with them; by default those of the configuration.

    \b
    Exit codes: 0 all can be read; 2 one cannot.

    \b
    Examples:
      zeues-contracts contracts lint
      zeues-contracts contracts lint contracts/shop.yaml
    """
    from zeues_contracts.consumers import read_contract

    wrong = 0
    read = 0
    for file, shown in _files(files, config_file):
        try:
            contract = read_contract(file, shown=shown)
        except UsageError as error:
            wrong += 1
            say(f"error  {error.message}" + (f"\n       next: {error.hint}" if error.hint else ""))
            continue
        read += 1
        if not quiet:
            many = len(contract.interactions)
            say(f"ok     {shown}: {many} interaction{'' if many == 1 else 's'} of {contract.consumer}")
        for remark in [*remarks(contract), *unset_variables(contract)]:
            say(f"note   {remark}")
    if not read and not wrong:
        raise UsageError("there is no contract to read", hint="name files, or `contracts` in the configuration")
    return 2 if wrong else 0


def _files(files: tuple[Path, ...], config_file: Path | None) -> list[tuple[Path, str]]:
    if files:
        return [(file, file.as_posix()) for file in files]
    from zeues_contracts.config import load_config
    from zeues_contracts.consumers.reading import contract_files

    config = load_config(config_file)
    # Without a configuration the contracts are where they usually are.
    found = dict.fromkeys(file for name in config.services or ("",) for file in contract_files(config, name))
    root = Path(config.root or ".")
    return [
        (file, file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()) for file in found
    ]


def remarks(contract: Contract) -> list[str]:
    """What is allowed and yet says little: interactions that expect nothing, values that a path has no place for."""
    found: list[str] = []
    for one in contract.interactions:
        where = f"{contract.source}:{one.place.line}" if one.place is not None else contract.source
        if not one.expect.statuses and one.expect.body is None and not one.expect.headers:
            found.append(f"{where}: `{one.id}` expects nothing of the answer")
        request = one.request
        names = re.findall(r"\{([^{}/]*)\}", one.operation)
        missing = [name for name in names if name not in request.path]
        spare = [name for name in request.path if names and name not in names]
        found += [f"{where}: `{one.id}` has no value for the path's `{name}`" for name in missing]
        found += [f"{where}: `{one.id}` has a value for `{name}`, which the path does not have" for name in spare]
    return found


def unset_variables(contract: Contract) -> list[str]:
    """Each variable of the environment that is not set, once, with how many interactions use it."""
    users: dict[str, int] = {}
    for one in contract.interactions:
        for name in dict.fromkeys(name for payload in one.request.payloads for name in payload.variables):
            users[name] = users.get(name, 0) + 1
    return [
        f"{contract.source}: {many} interaction{' uses' if many == 1 else 's use'} {name}, "
        "a variable of the environment that is not set here"
        for name, many in users.items()
    ]
