"""``zeues-contracts explain``: what a rule is about, why it matters, how to mend it, and an example."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import text_width, wants_color, write_out
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from zeues_contracts.rules import Rule

__all__ = ["command"]


def _complete(_: click.Context, __: click.Parameter, start: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from zeues_contracts.rules import all_rules

    named = ((name, entry.title) for entry in all_rules() for name in (entry.code, entry.slug))
    return [CompletionItem(name, help=title) for name, title in named if name.lower().startswith(start.lower())]


@click.command("explain")
@click.argument("names", nargs=-1, required=True, metavar="RULE...", shell_complete=_complete)
@click.option(
    "--format",
    "-f",
    "style",
    type=click.Choice(("text", "json", "markdown")),
    default="text",
    show_default=True,
    help="Format.",
)
@click.option("--color/--no-color", default=None, help="Colours; by default on a terminal, unless NO_COLOR.")
def command(names: tuple[str, ...], style: str, color: bool | None) -> int:
    r"""Explain rules: what each is about, why it matters, how to mend it, an example.

    RULE is a code or a slug.

    \b
    Examples:
      zeues-contracts explain ZC204
      zeues-contracts explain dependency-down ZC501
      zeues-contracts explain ZC204 --format markdown
    """
    from zeues_contracts.report.catalogue import explain_markdown, explain_text, rules_json

    found = list({entry.code: entry for entry in map(_named, names)}.values())
    if style == "json":
        write_out(rules_json(found))
    elif style == "markdown":
        write_out(explain_markdown(found))
    else:
        write_out(explain_text(found, width=text_width(), color=wants_color(color)))
    return 0


def _named(name: str) -> Rule:
    from zeues_contracts.rules import all_rules, rule

    try:
        return rule(name)
    except KeyError:
        pass
    import difflib

    wanted = name.strip().lower()
    known = {key: entry for entry in all_rules() for key in (entry.code.lower(), entry.slug)}
    near = [code for code in known if wanted.startswith("zc") and code.startswith(wanted)]
    near += difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    near += [slug for slug, entry in known.items() if len(wanted) > 3 and slug == entry.slug and wanted in slug]
    named = list(dict.fromkeys(f"{known[key].code} {known[key].slug}" for key in near))[:3]
    hint = f"did you mean {', or '.join(named)}?" if named else "`zeues-contracts rules` lists them all"
    raise UsageError(f"there is no rule {name[:80]!r}", hint=hint)
