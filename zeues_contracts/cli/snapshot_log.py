"""``zeues-contracts snapshot log``: who approved what, when and why; and when each field came and went."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import config_option, load_configuration, service_argument, wants_color, write_out
from zeues_contracts.cli.snapshot_common import below, env_option
from zeues_contracts.errors import UsageError
from zeues_contracts.report.safe import cell, guard_log, json_text, markdown_code, markdown_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from zeues_contracts.snapshots.ledger import Change, Entry

__all__ = ["log"]

_SHOWN = 10
_STYLES = {"error": "red", "warning": "yellow", "info": "blue"}


@click.command("log")
@service_argument()
@config_option
@env_option
@click.option(
    "--format", "-f", "style", type=click.Choice(["text", "json", "markdown"]), default="text", help="Format."
)
@click.option(
    "--output",
    "-o",
    "file",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="A file to write instead of printing.",
)
@click.option("--graph", is_flag=True, help="When each field came and went, and which consumers each change hit.")
@click.option("--limit", "-n", type=click.IntRange(min=1), default=None, help="The latest entries alone.")
@click.option("--verbose", "-v", is_flag=True, help="All changes of every entry, all fields of the graph.")
def log(
    services: tuple[str, ...],
    config_file: Path | None,
    environment: str,
    style: str,
    file: Path | None,
    graph: bool,
    limit: int | None,
    verbose: bool,
) -> int:
    r"""Who approved what, when and why, from the ledger.

    \b
    Examples:
      zeues-contracts snapshot log
      zeues-contracts snapshot log --format markdown --output API-CHANGELOG.md
      zeues-contracts snapshot log --graph
    """
    from zeues_contracts.files import write_atomically
    from zeues_contracts.snapshots import snapshot_files
    from zeues_contracts.snapshots.ledger import read_ledger

    selection = load_configuration(config_file, services)
    service = selection.service
    files = snapshot_files(selection.config, service, environment)
    ledger = read_ledger(files.ledger)
    if ledger is None:
        raise UsageError(
            f"{below(files.ledger)}: there is no ledger",
            hint="take the first snapshot: zeues-contracts snapshot update",
        )
    entries = ledger.entries[-limit:] if limit else ledger.entries
    if graph:
        from zeues_contracts.cli.snapshot_graph import graph_text
        from zeues_contracts.snapshots.graph import graph_of

        found = graph_of(files, ledger, selection.config)
        color = file is None and wants_color(None)
        text = graph_text(found, style, service, color=color, verbose=verbose)
    elif style == "json":
        from zeues_contracts.snapshots.history import log_json

        text = json_text(log_json(entries, service))
    elif style == "markdown":
        text = "\n".join(_markdown(entries, service)) + "\n"
    else:
        paint = _painter(color=file is None and wants_color(None))
        text = guard_log("\n".join(_text(entries, paint, verbose=verbose)) + "\n")
    if ledger.broken:
        click.echo(f"{below(files.ledger)}: not whole; see `zeues-contracts snapshot verify`", err=True)
    if file is not None:
        write_atomically(file, text)
    else:
        write_out(text)
    return 0


def _painter(*, color: bool) -> Callable[[str, str], str]:
    return (lambda text, style: click.style(text, fg=style)) if color else (lambda text, _: text)


def _text(entries: Sequence[Entry], paint: Callable[[str, str], str], *, verbose: bool) -> Iterator[str]:
    from zeues_contracts.snapshots.history import log_rows, what_of

    for index, entry in enumerate(reversed(entries)):
        if index:
            yield ""
        mark = "" if entry.whole else "  (changed after it was written: see snapshot verify)"
        yield paint(cell(f"{entry.time}  {entry.actor or 'unknown'} {what_of(entry)}"), "cyan") + mark
        if entry.reason:
            yield cell(f"  {entry.reason}", 2000)
        if entry.source:
            yield cell(f"  from {entry.source}", 500)
        for word, changes in (("accepted", entry.accepted), ("rejected", entry.rejected), ("waived", entry.waived)):
            rows = log_rows(changes)
            shown = rows if verbose else rows[:_SHOWN]
            for one in shown:
                until = f" until {one.until}" if one.until else ""
                level = paint(f"{one.level:7}", _STYLES.get(one.level, "blue"))
                yield f"  {word}{until} {level} " + cell(
                    f"{one.fingerprint} {one.rule} {_where(one)}{one.message}", 300
                )
                if one.hits:
                    yield cell(f"           hits {', '.join(one.hits[: None if verbose else 3])}", 300)
            if len(rows) > len(shown):
                yield f"  {word} {len(rows) - len(shown)} more (--verbose shows them)"


def _markdown(entries: Sequence[Entry], service: str) -> Iterator[str]:
    from zeues_contracts.snapshots.history import breaking_count, log_rows, what_of

    yield f"# Changes of {markdown_text(service)}"
    for entry in reversed(entries):
        day = entry.time[:10]
        yield ""
        yield f"## {markdown_text(day)}" + (f": {markdown_text(entry.reason)}" if entry.reason else "")
        yield ""
        count = breaking_count(entry)
        breaking = f", {count} of them breaking" if count else ""
        many = (
            f", {len(entry.accepted)} change{'s' if len(entry.accepted) != 1 else ''}{breaking}"
            if entry.accepted
            else ""
        )
        yield f"{markdown_text(entry.actor or 'unknown')} {what_of(entry)}{many}."
        for word, changes in (("", entry.accepted), ("not accepted: ", entry.rejected), ("waived: ", entry.waived)):
            rows = log_rows(changes)
            if rows:
                yield ""
            for one in rows:
                bold = "**breaking** " if one.level == "error" else ""
                until = f" (until {one.until})" if one.until else ""
                others = len(one.operations) - 1
                named = bool(one.operations) and not one.message.startswith(one.operations[0])
                where = f"{markdown_code(one.operations[0])} " if named else ""
                more = f" (and {others} more operation{'s' if others > 1 else ''})" if others > 0 else ""
                yield f"- {word}{bold}{where}{markdown_text(one.message)}{more}{until} ({one.rule})"


def _where(change: Change) -> str:
    if not change.operations or change.message.startswith(change.operations[0]):
        return ""
    more = f" (+{len(change.operations) - 1})" if len(change.operations) > 1 else ""
    return f"{change.operations[0]}{more}: "
