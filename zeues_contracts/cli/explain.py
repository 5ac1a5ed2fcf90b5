"""``zeues-contracts explain``: what a rule is about, why it matters, how to mend it, and an example."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import text_width, wants_color, write_out
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from zeues_contracts.openapi import Document
    from zeues_contracts.rules import Rule

__all__ = ["command", "words_of"]


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
@click.option("--color/--no-color", default=None, help="Colours; by default on a terminal, unless NO_COLOR is set.")
def command(names: tuple[str, ...], style: str, color: bool | None) -> int:
    r"""Explain rules: what each is about, why it matters, how to mend it, an example.

    RULE is a code or a slug; ids of oasdiff lead to the rule that stands for them.

    \b
    Examples:
      zeues-contracts explain ZC204
      zeues-contracts explain dependency-down ZC501
      zeues-contracts explain ZC204 --format markdown
    """
    from zeues_contracts.report.catalogue import explain_markdown, explain_text, rules_json

    found = list({entry.code: entry for entry in map(_named, names)}.values())
    said = {entry.code: words_of(entry) for entry in found}
    if style == "json":
        write_out(rules_json(found, said=said))
    elif style == "markdown":
        write_out(explain_markdown(found, said=said))
    else:
        write_out(explain_text(found, said=said, width=text_width(), color=wants_color(color)))
    return 0


def words_of(entry: Rule) -> tuple[str, ...]:
    """What the tool itself says of a rule's example, run now; nothing for examples that take a running service."""
    import json

    from zeues_contracts.rules import ContractExample, DriftExample

    example = entry.example
    if isinstance(example, DriftExample):
        from zeues_contracts.drift import drift

        findings = drift(_document(example.old), _document(example.new)).findings
    elif isinstance(example, ContractExample):
        from zeues_contracts.consumers import check_contracts, parse_contract

        contract = parse_contract(example.contract, "contract.yaml")
        findings = check_contracts([contract], _document(example.document))
    else:
        return ()
    lines = []
    for finding in [one for one in findings if one.rule == entry.code][:2]:
        where = f"{finding.operation}: " if finding.operation and finding.operation not in finding.message else ""
        lines.append(f"{finding.level.value}  {where}{finding.message}")
        if finding.evidence.witness is not None:
            lines.append(f"witness: {json.dumps(finding.evidence.witness.value, ensure_ascii=False)[:300]}")
        if finding.hint:
            lines.append(f"hint: {finding.hint}")
    return tuple(lines)


def _document(text: str) -> Document:
    from zeues_contracts.openapi import parse_document

    return parse_document(text.encode(), "example.yaml")


def _named(name: str) -> Rule:
    from zeues_contracts.rules import all_rules, rule

    try:
        return rule(name)
    except KeyError:
        pass
    from zeues_contracts.rules.oasdiff import ours

    slug = ours(name.strip().lower())
    if slug:
        return rule(slug)
    if slug == "":
        raise UsageError(f"{name.strip()}: an id of oasdiff for which there is no rule: no value changed")
    import difflib

    wanted = name.strip().lower()
    known = {key: entry for entry in all_rules() for key in (entry.code.lower(), entry.slug)}
    near = [code for code in known if wanted.startswith("zc") and code.startswith(wanted)]
    near += difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    near += [slug for slug, entry in known.items() if len(wanted) > 3 and slug == entry.slug and wanted in slug]
    named = list(dict.fromkeys(f"{known[key].code} {known[key].slug}" for key in near))[:3]
    hint = f"did you mean {', or '.join(named)}?" if named else "`zeues-contracts rules` lists them all"
    raise UsageError(f"there is no rule {name[:80]!r}", hint=hint)
