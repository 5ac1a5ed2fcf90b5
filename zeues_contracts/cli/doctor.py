"""``zeues-contracts doctor``: what works here and what does not, each with the next step."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import Target, service_options, text_width, wants_color, write_out
from zeues_contracts.errors import CannotJudgeError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from zeues_contracts.check.subject import Subject
    from zeues_contracts.config import Config
    from zeues_contracts.openapi.model import Document

__all__ = ["Line", "command"]

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at: ``status`` is ok, warn or fail; ``next_step`` says what to do about it."""

    section: str
    status: str
    text: str
    next_step: str = ""


@click.command("doctor")
@service_options(several=True)
@click.option(
    "--format", "-f", "style", type=click.Choice(("text", "json")), default="text", show_default=True, help="Format."
)
@click.option("--color/--no-color", default=None, help="Colours; by default on a terminal, unless NO_COLOR.")
def command(target: Target, style: str, color: bool | None) -> int:
    r"""Say what works here and what does not: service, document, credentials, health, Redis, git, terminal.

    Sends nothing but GET, to the documentation and to health endpoints. Exits 0 where nothing fails, 2 where the
    configuration or a file does, 3 where a service does.

    \b
    Examples:
      zeues-contracts doctor
      zeues-contracts doctor shop
      zeues-contracts doctor --url http://127.0.0.1:8000/docs
    """
    lines: list[Line] = []
    codes: set[int] = set()
    with _progress() as say:
        for line, code in _examined(target, say):
            lines.append(line)
            codes.add(code)
    write_out(_json(lines) if style == "json" else _text(lines, color=wants_color(color)))
    return 2 if 2 in codes else 3 if 3 in codes else 0


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    from zeues_contracts.cli.options import Progress

    with Progress() as progress:
        yield progress.show


def _examined(target: Target, say: Callable[[str], None]) -> Iterator[tuple[Line, int]]:
    """Each line with the exit code that it asks for (0 where nothing fails)."""
    for line in (*_installation(), *_terminal()):
        yield line, 0
    try:
        config = target.resolve().config
        for line in (*_configuration(config), *_git(config)):
            yield line, 0
        if not config.services and not target.services:
            return
        selection = target.load()
    except UsageError as error:
        yield Line("configuration", FAIL, error.message, error.hint or "mend the configuration"), 2
        return
    for name in selection.services:
        say(f"looking at {name} …")
        yield from _service(config, name, selection.headers)


def _installation() -> Iterator[Line]:
    from importlib import metadata

    from zeues_contracts import __version__

    python = ".".join(str(part) for part in sys.version_info[:3])
    yield Line("tool", OK, f"zeues-contracts {__version__}, Python {python}, click {metadata.version('click')}")
    wanted = {"schemathesis": "fuzzing", "httpx": "requests", "jsonschema": "validation", "jsonschema-rs": "validation"}
    found = {name: _version(name) for name in wanted}
    missing = [f"{name} ({wanted[name]})" for name, version in found.items() if not version]
    if missing:
        yield Line("tool", FAIL, f"not installed: {', '.join(missing)}", "install zeues-contracts again")
    else:
        yield Line("tool", OK, ", ".join(f"{name} {version}" for name, version in found.items()))
    extra = [name for name in ("fastapi", "uvicorn") if not _version(name)]
    if extra:
        yield Line(
            "tool",
            WARN,
            f"`demo` cannot run: {' and '.join(extra)} not installed",
            "pip install 'zeues-contracts[demo]', if you want to try the demo",
        )


def _version(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _terminal() -> Iterator[Line]:
    encoding = getattr(sys.stdout, "encoding", "") or "unknown"
    shown = "a terminal" if sys.stdout.isatty() else "no terminal (plain text, no progress)"
    colours = "colours" if wants_color(None) else "no colours"
    status = OK if encoding.lower().replace("-", "") == "utf8" else WARN
    step = "" if status == OK else "set PYTHONIOENCODING=utf-8: what the encoding lacks is spelled out until then"
    yield Line("terminal", status, f"standard output is {shown}, {encoding}, {colours}", step)
    for name in ("NO_COLOR", "FORCE_COLOR", "CI", "TERM"):
        if os.environ.get(name) and (name != "TERM" or os.environ[name] == "dumb"):
            yield Line("terminal", OK, f"{name} is set")


def _configuration(config: Config) -> Iterator[Line]:
    from zeues_contracts.cli.config import stray_variables

    if not config.source:
        yield Line("configuration", WARN, "there is no configuration file", "run `zeues-contracts init`")
    elif not config.services:
        yield Line("configuration", WARN, f"{config.source} has no service", "run `zeues-contracts init`")
    else:
        yield Line("configuration", OK, f"{config.source}: {', '.join(config.services)}")
    for name, near in stray_variables(config):
        yield Line("configuration", WARN, f"{name} sets nothing", f"did you mean {near}?" if near else "unset it")


def _git(config: Config) -> Iterator[Line]:
    import shutil
    from pathlib import Path

    from zeues_contracts.snapshots.git import is_repo

    if shutil.which("git") is None:
        yield Line("git", WARN, "git is not on PATH", "install git: --since, REV:path and the ledger's check need it")
    elif is_repo(Path(config.root or ".")):
        yield Line("git", OK, f"{config.root or '.'} is in a git working tree")
    else:
        yield Line("git", WARN, "this folder is in no git working tree", "keep snapshots/ and contracts/ under git")


def _service(config: Config, name: str, flags: Sequence[str]) -> Iterator[tuple[Line, int]]:
    from zeues_contracts.check.subject import Subject
    from zeues_contracts.http import collect_headers

    section = f"service {name}"
    settings = config.services[name]
    try:
        headers = collect_headers(settings.headers, flags)
    except UsageError as error:
        yield Line(section, FAIL, error.message, error.hint), 2
        return
    subject = Subject(config, name, settings, headers, tuple(flags), lambda _: None)
    try:
        subject.acquire()
    except UsageError as error:
        yield Line(section, FAIL, error.message, error.hint), 2
        return
    if subject.live is None:
        yield Line(section, FAIL, subject.unreachable, " ".join(subject.notes) or "start the service"), 3
    else:
        yield _document(section, subject.live), 0
        yield from ((line, 0) for line in _credentials(section, subject.live, subject))
    yield from _health(section, subject)
    yield from _files(section, config, name)


def _document(section: str, document: Document) -> Line:
    text = f"{document.title or 'a document without a title'}, OpenAPI {document.version}, {document.source}"
    count = len(document.keys)
    if not count:
        return Line(section, WARN, f"{text}: it has no operations", "see whether it is the document that you mean")
    notes = len(document.notes)
    if notes:
        return Line(
            section,
            WARN,
            f"{text}: {count} operations; {notes} places are not clean and were read leniently",
            "see them with `zeues-contracts check --only drift --verbose`",
        )
    return Line(section, OK, f"{text}: {count} operations")


def _credentials(section: str, document: Document, subject: Subject) -> Iterator[Line]:
    from zeues_contracts.live.credentials import every_credential, how_to_give

    wanted = list(every_credential(document))
    sent = {name.lower() for name in subject.headers}
    if subject.headers:
        yield Line(section, OK, f"headers that are sent: {', '.join(sorted(subject.headers))}")
    if not wanted:
        if not subject.headers:
            yield Line(section, OK, "the document asks for no credentials")
        return
    if not any(one.header.lower() in sent for one in wanted):
        named = ", ".join(one.told for one in wanted[:5])
        what = f"the document asks for credentials ({named}) and none are configured"
        yield Line(section, WARN, what, how_to_give(subject.name, wanted[:1]))


def _health(section: str, subject: Subject) -> Iterator[tuple[Line, int]]:
    if not subject.runs() or (subject.live is None and subject.settings.app):
        yield Line(section, OK, "nothing runs here: the document alone is compared"), 0
        return
    from zeues_contracts.check import stages

    try:
        result = stages.probe(subject)
    except (UsageError, CannotJudgeError) as error:
        yield Line(section, FAIL, error.message, error.hint), 3
        return
    if subject.live is None and all(one.response is None for one in result.exchanges):
        return  # told already, with the document
    for probe in result.probes:
        if probe.healthy is None and not probe.configured and probe.status != 200:
            continue  # a usual path that is not there
        what = f"{probe.path}{f' ({probe.dependency})' if probe.dependency else ''}"
        if probe.healthy:
            yield Line(section, OK, f"{what}: healthy"), 0
        elif probe.healthy is None:
            said = probe.text or (f"status {probe.status}" if probe.status else "no answer")
            yield Line(section, WARN, f"{what}: cannot tell ({said})", "describe it under health.probes"), 0
        else:
            step = f"bring {probe.dependency or 'the service'} back; until then `check` cannot judge behaviour"
            yield Line(section, FAIL, f"{what}: not healthy: {probe.text or probe.status}", step), 3
    if subject.live is not None and not any(probe.dependency for probe in result.probes):
        yield Line(section, OK, "no probe speaks of Redis or another dependency"), 0
    for finding in result.findings:
        if finding.rule == "ZC511":
            yield Line(section, WARN, finding.message, finding.hint), 0
    if result.outage is not None and not any(probe.healthy is False for probe in result.probes):
        yield Line(section, FAIL, result.outage.sentence, "bring it back, then run the check again"), 3


def _files(section: str, config: Config, name: str) -> Iterator[tuple[Line, int]]:
    from zeues_contracts.consumers import read_contracts
    from zeues_contracts.snapshots import snapshot_files, verify_files

    files = snapshot_files(config, name)
    shown = _below(files.snapshot, config)
    if not files.snapshot.exists():
        step = f"zeues-contracts snapshot update {name} --reason 'first snapshot'"
        yield Line(section, WARN, f"there is no snapshot ({shown})", step), 0
    else:
        try:
            found = verify_files(files, name)
        except UsageError as error:
            yield Line(section, FAIL, error.message, error.hint), 2
        else:
            worst = max(found, key=lambda one: one.level.rank, default=None)
            if worst is None:
                yield Line(section, OK, f"{shown} is what its ledger approved"), 0
            else:
                yield Line(section, WARN, worst.message, worst.hint or f"zeues-contracts explain {worst.rule}"), 0
    try:
        contracts = read_contracts(config, name)
    except UsageError as error:
        yield Line(section, FAIL, error.message, error.hint or "zeues-contracts contracts lint"), 2
        return
    count = sum(len(one.interactions) for one in contracts)
    if contracts:
        consumers = ", ".join(dict.fromkeys(one.consumer for one in contracts))
        yield Line(section, OK, f"contracts of {consumers}: {count} interactions"), 0
    else:
        step = "record one from the tests: zeues-contracts contracts record -- pytest"
        yield Line(section, WARN, "no consumer has a contract", step), 0


def _below(file: Path, config: Config) -> str:
    try:
        return str(file.relative_to(config.root))
    except ValueError:
        return str(file)


def _text(lines: Sequence[Line], *, color: bool) -> str:
    from zeues_contracts.report.layout import Line as LayoutLine
    from zeues_contracts.report.layout import Span, line, paint, wrap
    from zeues_contracts.report.safe import cell

    styles = {OK: "green", WARN: "yellow", FAIL: "bold red"}
    width = text_width() - 6
    rows: list[LayoutLine] = []
    section = ""
    for one in lines:
        if one.section != section:
            section = one.section
            rows += [(), line(Span(cell(section, 80), "bold"))] if rows else [line(Span(cell(section, 80), "bold"))]
        for index, row in enumerate(wrap(cell(one.text, 1000), width)):
            rows.append(line(Span(f"{'' if index else one.status:<6}", styles[one.status]), row))
        if one.next_step:
            for index, row in enumerate(wrap(cell(one.next_step, 1000), width - 2)):
                rows.append(line(" " * 6, Span("→ " if not index else "  ", "dim"), row))
    counts = {status: sum(one.status == status for one in lines) for status in (OK, WARN, FAIL)}
    rows += [(), line(f"{counts[OK]} ok, {counts[WARN]} to look at, {counts[FAIL]} failing")]
    return paint(rows, color=color)


def _json(lines: Sequence[Line]) -> str:
    from zeues_contracts.report.safe import json_text

    return json_text(
        [{"section": one.section, "status": one.status, "text": one.text, "next_step": one.next_step} for one in lines]
    )
