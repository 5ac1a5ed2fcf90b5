"""``zeues-contracts rules``: the catalogue."""

from __future__ import annotations

import click

from zeues_contracts.cli.options import text_width, wants_color, write_out

__all__ = ["command"]


@click.command("rules")
@click.option(
    "--cause", type=click.Choice(("outage", "mismatch", "violation", "drift")), default=None, help="Of one cause alone."
)
@click.option(
    "--level", type=click.Choice(("error", "warning", "info")), default=None, help="Of one default level alone."
)
@click.option(
    "--format",
    "-f",
    "style",
    type=click.Choice(("text", "json", "markdown")),
    default="text",
    show_default=True,
    help="Format.",
)
@click.option("--oasdiff", is_flag=True, help="The table of oasdiff's rule ids and ours, as Markdown or JSON.")
@click.option("--color/--no-color", default=None, help="Colours; by default on a terminal, unless NO_COLOR is set.")
def command(cause: str | None, level: str | None, style: str, oasdiff: bool, color: bool | None) -> int:
    r"""List the rules: code, default level, slug and title.

    \b
    Examples:
      zeues-contracts rules --cause drift
      zeues-contracts rules --format markdown
      zeues-contracts rules --oasdiff
    """
    if oasdiff:
        from zeues_contracts.report.catalogue import oasdiff_json
        from zeues_contracts.rules.oasdiff import markdown

        write_out(oasdiff_json() if style == "json" else markdown())
        return 0
    from zeues_contracts.report.catalogue import rules_json, rules_markdown, rules_text
    from zeues_contracts.rules import all_rules

    chosen = [
        entry
        for entry in all_rules()
        if (cause is None or entry.cause.value == cause) and (level is None or entry.level.value == level)
    ]
    if style == "json":
        write_out(rules_json(chosen))
    elif style == "markdown":
        write_out(rules_markdown(chosen))
    else:
        write_out(rules_text(chosen, width=text_width(), color=wants_color(color)))
    return 0
