"""``zeues-contracts diff``: any two documents, judged by what their difference means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import Output, complete_documents, config_option, destinations, report_options
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.drift import DriftResult
    from zeues_contracts.findings import Finding, Report
    from zeues_contracts.openapi import Document

__all__ = ["command"]


@click.command("diff")
@click.argument("old", shell_complete=complete_documents)
@click.argument("new", shell_complete=complete_documents)
@click.option("--service", default="", metavar="SERVICE", help="Judge by this service's settings and levels.")
@click.option(
    "--base-dir",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    metavar="FOLDER",
    help="Where files and git revisions are looked for; by default here.",
)
@click.option("--header", "-H", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header to send to URLs.")
@click.option(
    "--preset",
    type=click.Choice(["default", "strict", "tolerant-reader"]),
    default=None,
    help="How strictly changes are judged; by default as the configuration says.",
)
@click.option(
    "--deprecation-days",
    type=click.IntRange(0, 36500),
    default=None,
    help="Days that a deprecated operation must be given before its sunset; by default the configuration's.",
)
@config_option
@report_options
def command(
    old: str,
    new: str,
    service: str,
    base_dir: Path | None,
    headers: tuple[str, ...],
    preset: str | None,
    deprecation_days: int | None,
    config_file: Path | None,
    output: Output,
) -> int:
    r"""Compare two documents and say of every change whom it breaks.

    OLD and NEW are each a file (JSON or YAML), a URL (of the document, or of a page such as /docs), `-` for standard
    input, REV:path for a file of a git revision, the name of a service for its snapshot, or live:SERVICE for the
    document that it serves now.

    With --format markdown a changelog is printed, to paste into release notes.

    \b
    Exit codes: 0 nothing at or above the fail level; 1 findings; 2 usage; 3 a document could not be had.

    \b
    Examples:
      zeues-contracts diff old.yaml new.yaml
      zeues-contracts diff main:openapi.json openapi.json --format markdown
      zeues-contracts diff shop http://localhost:8000/docs
      zeues-contracts diff v1.0:api.json v2.0:api.json --preset strict --fail-level warning
    """
    import msgspec

    from zeues_contracts.config import DriftConfig, Flag, resolve
    from zeues_contracts.drift import drift
    from zeues_contracts.findings import Report, Stage, StageStatus, in_report_order
    from zeues_contracts.levels import apply_levels

    flags: dict[tuple[str, ...], Flag] = {("preset",): Flag(preset, "--preset")} if preset else {}
    config = resolve(config_file, flags=flags).config
    if service and service not in config.services:
        raise UsageError(f"there is no service {service!r}", hint=f"there are: {', '.join(config.services) or 'none'}")
    if old == "-" and new == "-":
        raise UsageError("OLD and NEW cannot both be standard input")
    with _few_collections() as loaded:
        one = _document(old, config, headers, base_dir)
        other = _document(new, config, headers, base_dir)
        loaded()
        name = service or next((text for text in (old, new) if text in config.services), "")
        settings = config.services[name].drift if name else DriftConfig()
        if deprecation_days is not None:
            settings = msgspec.structs.replace(settings, deprecation_days=deprecation_days)
        result = drift(one, other, service=name, config=settings, roles=("old", "new"), values=output.verbose)
        findings = in_report_order(apply_levels(result.findings, config, name))
        report = Report(
            findings=findings,
            stages=(Stage("drift", StageStatus.RAN, name, counts={"changed": len(result.operations_changed)}),),
            title=f"{one.source} → {other.source}",
            sources={"old": one.source, "new": other.source},
            notes=result.notes,
        )
        return _emit(report, result, findings, (one, other), output, config)


@contextmanager
def _few_collections() -> Iterator[Callable[[], None]]:
    """Look for cycles seldom: a document is a million objects that live to the end, and each look visits them all.

    What is given is called when everything is loaded. From then on what there is counts as there for good, and so does
    the rest when all is done: it lives as long as the process, and looking through it again would find nothing.
    """
    import gc

    before, enabled = gc.get_threshold(), gc.isenabled()

    def loaded() -> None:
        gc.freeze()
        gc.enable()

    gc.set_threshold(200_000, 50, 1000)
    gc.disable()
    try:
        yield loaded
    finally:
        gc.freeze()
        gc.set_threshold(*before)
        (gc.enable if enabled else gc.disable)()


def _emit(
    report: Report,
    result: DriftResult,
    findings: tuple[Finding, ...],
    documents: tuple[Document, Document],
    output: Output,
    config: Config,
) -> int:
    """Write everything that is wanted; a Markdown of two documents is a changelog."""
    from zeues_contracts.cli.options import emit, write_out
    from zeues_contracts.findings import Level

    wanted = destinations(output.formats, output.files, quiet=output.quiet)
    level = output.fail_level or config.fail_level
    others = [(name, file) for name, file in wanted if name != "markdown"]
    emit(
        report,
        others,
        fail_level=level,
        root=config.root,
        source=config.source,
        color=output.color,
        quiet=output.quiet,
        verbose=output.verbose,
    )
    for name, file in wanted:
        if name != "markdown":
            continue
        from zeues_contracts.drift.changelog import changelog
        from zeues_contracts.files import write_atomically

        old, new = documents
        text = changelog(
            result,
            title=new.title or new.source,
            old_version=_version(old),
            new_version=_version(new),
            findings=findings,
        )
        if file:
            write_atomically(Path(file), text)
        else:
            write_out(text)
    return report.exit_code(Level(level))


def _document(spec: str, config: Config, headers: tuple[str, ...], base: Path | None) -> Document:
    """The document that a word of the command line means."""
    from zeues_contracts.openapi.acquiring import is_url

    if is_url(spec):
        from zeues_contracts.http import collect_headers
        from zeues_contracts.openapi import load

        return load(spec, config=config, headers=collect_headers({}, headers), base=base)
    if spec.startswith("live:") and spec[5:] in config.services:
        from zeues_contracts.openapi.sources import live_document

        return live_document(config, spec[5:], headers)
    if spec in config.services and not ((base or Path()) / spec).is_file():
        from zeues_contracts.snapshots.store import read_snapshot, snapshot_path

        return read_snapshot(snapshot_path(config, spec), config)
    if ":" in spec and not ((base or Path()) / spec).exists():
        from zeues_contracts.snapshots.git import git_document, is_git_spec

        if is_git_spec(spec):
            return git_document(spec, config, base)
    from zeues_contracts.openapi import load

    return load(spec, config=config, base=base)


def _version(document: Document) -> str:
    info = document.raw.get("info")
    return str(info.get("version", "")) if isinstance(info, dict) else ""
