"""``zeues-contracts config``: what is in force and where it came from, and the published schemas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from zeues_contracts.cli import WholeGroup
from zeues_contracts.cli.options import Target, service_names, service_options, write_out

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.config.showing import Value

__all__ = ["command", "stray_variables"]

_SCHEMAS = {
    "config": ("zeues_contracts.config", "config.schema.json"),
    "contract": ("zeues_contracts.consumers", "contract.schema.json"),
    "report": ("zeues_contracts.report", "report.schema.json"),
}


@click.group("config", cls=WholeGroup)
def command() -> None:
    r"""Show the configuration in force, and the schemas of our files.

    \b
    Examples:
      zeues-contracts config show
      zeues-contracts config schema contract > contract.schema.json
    """


@command.command("show")
@service_options(several=True)
@click.option("--changed", is_flag=True, help="Only what is not left to its default.")
@click.option(
    "--format", "-f", "style", type=click.Choice(("text", "json")), default="text", show_default=True, help="Format."
)
def show(target: Target, changed: bool, style: str) -> int:
    r"""Print what is in force, and for each value where it came from: flag, environment, file and line, default.

    The text is valid TOML. Values of headers that are secrets are shown as ***.

    \b
    Examples:
      zeues-contracts config show
      zeues-contracts config show shop --changed
      ZEUES_CONTRACTS_FAIL_LEVEL=warning zeues-contracts config show --format json
    """
    import json

    from zeues_contracts.config.showing import DEFAULT, values_in_force
    from zeues_contracts.levels import check_levels

    resolved = target.resolve()
    config = resolved.config
    check_levels(config)
    wanted = set(service_names(config, target.services)) if target.services else set(config.services)
    values = [
        one
        for one in values_in_force(resolved)
        if (one.path[0] != "services" or len(one.path) == 1 or one.path[1] in wanted)
        and not (changed and one.origin == DEFAULT)
    ]
    if style == "json":
        rows = [{"path": list(one.path), "value": one.value, "origin": one.origin} for one in values]
        write_out(json.dumps({"file": config.source, "values": rows}, indent=2, ensure_ascii=False) + "\n")
    else:
        head = config.source or "no configuration file was found; these are the defaults"
        write_out("\n".join([f"# {head}", *_toml(values)]) + "\n")
    for name, near in stray_variables(config):
        click.echo(f"Note: {name} sets nothing" + (f"; did you mean {near}?" if near else ""), err=True)
    return 0


@command.command("schema")
@click.argument("name", type=click.Choice(tuple(_SCHEMAS)), default="config")
def schema(name: str) -> int:
    r"""Print the JSON Schema of the configuration, of contracts, or of reports in JSON, for editors.

    \b
    Examples:
      zeues-contracts config schema > zeues-contracts.schema.json
      zeues-contracts config schema report
    """
    from importlib.resources import files

    package, file = _SCHEMAS[name]
    write_out(files(package).joinpath("data", file).read_text("utf-8"))
    return 0


def stray_variables(config: Config) -> list[tuple[str, str]]:
    """Environment variables with our prefix that set nothing, each with the nearest one that would."""
    from zeues_contracts.cli import COMMANDS
    from zeues_contracts.config import unknown_variables

    # Options of commands have variables too (click's auto_envvar_prefix), and these are read elsewhere.
    prefixes = tuple(f"ZEUES_CONTRACTS_{name.upper()}_" for name in COMMANDS)
    known = {"ZEUES_CONTRACTS_CONFIG", "ZEUES_CONTRACTS_DEBUG", "ZEUES_CONTRACTS_CORPUS"}
    return [
        (name, near) for name, near in unknown_variables(config) if name not in known and not name.startswith(prefixes)
    ]


def _toml(values: Sequence[Value]) -> Iterator[str]:
    """TOML with comments that stand below each other within a table."""
    from zeues_contracts.config.structure import dotted

    tables: dict[tuple[str, ...], list[tuple[str, Any]]] = {}
    for one in values:
        row = f"{dotted(one.path[-1:])} = {one.text}"
        tables.setdefault(one.path[:-1], []).append((row, one.origin))
    for table, rows in tables.items():
        if table:
            yield ""
            yield f"[{dotted(table)}]"
        width = min(48, max(len(row) for row, _ in rows))
        for row, origin in rows:
            yield f"{row:<{width}}  # {origin}"
