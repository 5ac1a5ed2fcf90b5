"""Rules as people and machines read them: one explained with its example, or the catalogue as a table."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from zeues_contracts.findings import Cause, Level
from zeues_contracts.report.layout import Line, Span, line, paint, wrap
from zeues_contracts.report.safe import cell, json_text, markdown_text
from zeues_contracts.rules import (
    ContractExample,
    DriftExample,
    Example,
    ExchangeExample,
    HistoryExample,
    PreflightExample,
    Rule,
)

__all__ = [
    "HUNDREDS",
    "example_blocks",
    "explain_markdown",
    "explain_text",
    "oasdiff_json",
    "rule_to_json",
    "rules_json",
    "rules_markdown",
    "rules_text",
]

HUNDREDS: Mapping[str, str] = {
    "1": "acquiring and preflight",
    "2": "drift: the live document against the snapshot",
    "3": "mismatch: consumers against the document",
    "4": "violation: the service's behaviour against its document",
    "5": "outage and health: the environment",
    "6": "snapshots, ledger and waivers",
}
_LEVEL_STYLE = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.INFO: "cyan", Level.OFF: "dim"}
_WHOSE = {
    Cause.DRIFT: "drift: the live document against the snapshot",
    Cause.MISMATCH: "mismatch: a consumer against the document",
    Cause.VIOLATION: "violation: the service against its own document",
    Cause.OUTAGE: "outage: the environment, about which the document says nothing",
}

Block = tuple[str, str, tuple[str, ...]]
"""A caption, a language for highlighting (``diff``, ``yaml``, ``text``, …), and lines."""


def explain_text(
    rules: Sequence[Rule], *, said: Mapping[str, Sequence[str]] | None = None, width: int = 80, color: bool = False
) -> str:
    """Rules with why they matter, how to mend them and an example each.

    ``said`` are, by code, the lines that the tool itself says of the example.
    """
    lines: list[Line] = []
    for entry in rules:
        if lines:
            lines.append(())
        lines += _explained(entry, width, (said or {}).get(entry.code, ()))
    return paint(lines, color=color)


def explain_markdown(rules: Sequence[Rule], *, said: Mapping[str, Sequence[str]] | None = None) -> str:
    """The same as Markdown."""
    rows: list[str] = []
    for entry in rules:
        rows += [
            f"## {entry.code} {entry.slug}",
            "",
            f"**{markdown_text(entry.title)}**",
            "",
            f"- level: {_levels_text(entry)}",
            f"- cause: {_WHOSE[entry.cause]}",
            "",
            f"**Why it matters.** {markdown_text(entry.why)}",
            "",
            f"**How to mend it.** {markdown_text(entry.mend)}",
            "",
        ]
        for caption, language, lines in _with_words(entry, said):
            # No line of an example is a fence: the fence is longer than any run of backticks.
            fence = "`" * max(3, 1 + max((len(run) for one in lines for run in _runs(one)), default=0))
            rows += [f"{caption}:", "", f"{fence}{language}", *lines, fence, ""]
    return "\n".join(rows).rstrip() + "\n"


def rules_text(rules: Sequence[Rule], *, width: int = 80, color: bool = False) -> str:
    """The catalogue as a table, a hundred after the other."""
    lines: list[Line] = []
    for name, members in _by_hundred(rules):
        if lines:
            lines.append(())
        lines.append(line(Span(f"ZC{name}xx", "bold"), f"  {HUNDREDS.get(name, '')}"))
        slug = min(44, max(len(entry.slug) for entry in members))
        for entry in members:
            first, *rest = wrap(entry.title, max(24, width - slug - 20)) or [""]
            lines.append(
                line(
                    f"  {entry.code}  ",
                    Span(f"{entry.level.value:<7}", _LEVEL_STYLE[entry.level]),
                    f"  {entry.slug:<{slug}}  {first}",
                )
            )
            lines += [line(" " * (slug + 20), row) for row in rest]
    lines += [(), line(Span(f"{len(rules)} rules; zeues-contracts explain CODE tells more of one", "dim"))]
    return paint(lines, color=color)


def rules_markdown(rules: Sequence[Rule]) -> str:
    """The catalogue as Markdown tables."""
    rows: list[str] = []
    for name, members in _by_hundred(rules):
        rows += [
            f"### ZC{name}xx, {HUNDREDS.get(name, '')}",
            "",
            "| code | slug | level | title |",
            "| --- | --- | --- | --- |",
        ]
        rows += [
            f"| {entry.code} | `{entry.slug}` | {_levels_text(entry)} | {markdown_text(entry.title)} |"
            for entry in members
        ]
        rows.append("")
    return "\n".join(rows).rstrip() + "\n"


def rules_json(rules: Sequence[Rule], *, said: Mapping[str, Sequence[str]] | None = None) -> str:
    """The rules as a JSON array."""
    return json_text([rule_to_json(entry) | {"example": _example_json(entry, said)} for entry in rules])


def oasdiff_json() -> str:
    """Oasdiff's ids with the rules that stand for them; an empty code where nothing that is sent or given changes."""
    from zeues_contracts.rules import rule
    from zeues_contracts.rules.oasdiff import table

    return json_text(
        [{"oasdiff": theirs, "code": rule(slug).code if slug else "", "slug": slug} for theirs, slug in table()]
    )


def rule_to_json(entry: Rule) -> dict[str, Any]:
    """One rule as JSON values; ``levels`` are those of the presets."""
    return {
        "code": entry.code,
        "slug": entry.slug,
        "title": entry.title,
        "cause": entry.cause.value,
        "levels": {preset: entry.level_in(preset).value for preset in ("default", "strict", "tolerant-reader")},
        "why": entry.why,
        "mend": entry.mend,
        "example": _example_json(entry, None),
    }


def example_blocks(example: Example | None) -> list[Block]:
    """An example as blocks to print: what changed, or the document and what was seen."""
    if isinstance(example, DriftExample):
        return [("For example, this change", "diff", tuple(_changes(example.old, example.new)))]
    if isinstance(example, ContractExample):
        return [
            ("For example, this contract", "yaml", _lines(example.contract)),
            ("with this document", "yaml", tuple(_about(example.document, example.contract))),
        ]
    if isinstance(example, ExchangeExample):
        shown = tuple(row for one in example.exchanges for row in _exchange(one))
        return [
            ("For example, with this document", "yaml", _lines(example.document)),
            ("this was seen" if len(example.exchanges) == 1 else "these were seen", "text", shown),
        ]
    if isinstance(example, PreflightExample):
        blocks: list[Block] = []
        if example.answers:
            answers = tuple(f"GET {url} → {status} {_short(body)}".rstrip() for url, status, body in example.answers)
            blocks.append(("For example, on the way to the document", "text", answers))
        if example.document:
            blocks.append(("For example, this document", "yaml", _lines(example.document)))
        return blocks
    if isinstance(example, HistoryExample):
        named = (("snapshot", "json", example.snapshot), ("ledger", "json", example.ledger))
        blocks = [(f"For example, this {name}", kind, _lines(text)) for name, kind, text in named if text]
        return blocks + ([("these waivers", "toml", _lines(example.waivers))] if example.waivers else [])
    return []


def _with_words(entry: Rule, said: Mapping[str, Sequence[str]] | None) -> list[Block]:
    words = tuple((said or {}).get(entry.code, ()))
    return [*example_blocks(entry.example), *([("it says", "text", words)] if words else [])]


def _example_json(entry: Rule, said: Mapping[str, Sequence[str]] | None) -> list[dict[str, str]]:
    return [
        {"caption": caption, "language": language, "text": "\n".join(lines)}
        for caption, language, lines in _with_words(entry, said)
    ]


def _explained(entry: Rule, width: int, words: Sequence[str]) -> Iterator[Line]:
    yield line(Span(entry.code, "bold"), "  ", entry.slug)
    yield line(Span(entry.title, "bold"))
    yield ()
    yield line(Span("  level   ", "dim"), Span(entry.level.value, _LEVEL_STYLE[entry.level]), _presets_text(entry))
    yield line(Span("  cause   ", "dim"), _WHOSE[entry.cause])
    for heading, text in (("Why it matters", entry.why), ("How to mend it", entry.mend)):
        yield ()
        yield line(Span(heading, "bold"))
        for row in wrap(text, width - 2):
            yield line("  ", row)
    for caption, language, rows in _with_words(entry, {entry.code: words}):
        yield ()
        yield line(Span(caption, "bold"))
        for row in rows:
            style = {"+": "green", "-": "red"}.get(row[:1], "") if language == "diff" else ""
            for part in wrap(row, width - 2) if caption == "it says" else [row]:
                yield line("  ", Span(cell(part, 400), style))
    yield ()
    yield line(Span(f'  To set its level: levels."{entry.code}" = "off" in the configuration.', "dim"))


def _presets_text(entry: Rule) -> str:
    named = (("strict", entry.strict), ("tolerant-reader", entry.tolerant))
    parts = [f"{level.value} in the preset {preset}" for preset, level in named if level is not None]
    return f" ({', '.join(parts)})" if parts else ""


def _levels_text(entry: Rule) -> str:
    return entry.level.value + _presets_text(entry)


def _by_hundred(rules: Iterable[Rule]) -> Iterator[tuple[str, list[Rule]]]:
    found: dict[str, list[Rule]] = {}
    for entry in rules:
        found.setdefault(entry.code[2:3], []).append(entry)
    yield from found.items()


def _changes(old: str, new: str) -> Iterator[str]:
    """The lines that differ, two around them; both laid out alike, so that nothing but the change differs."""
    before, after = _block_yaml(old), _block_yaml(new)
    found = list(difflib.unified_diff(before, after, n=3, lineterm=""))[2:]
    for index, row in enumerate(found or [f" {one}" for one in before]):
        if not row.startswith("@@"):
            yield row
        elif index:
            yield "  ⋮"


def _about(document: str, contract: str) -> list[str]:
    """What a contract speaks of in a document: its operations, and the components that they lead to."""
    whole = _parsed(document)
    operations = [str(one["operation"]).split(" ", 1) for one in _parsed(contract)["interactions"]]
    paths: dict[str, Any] = {}
    for method, path in operations:
        item = whole["paths"].get(path)
        if item is None:
            continue
        one = {method.lower(): item[method.lower()]} if method.lower() in item else _methods(item)
        paths[path] = paths.get(path, {}) | {key: item[key] for key in item if key == "parameters"} | one
    # A contract of what the document does not have is about all that it has.
    kept = {key: value for key, value in whole.items() if key not in ("paths", "components")}
    kept["paths"] = paths or {path: _methods(item) for path, item in whole["paths"].items()}
    components: dict[str, Any] = {}
    wanted = list(_references(kept))
    while wanted:
        kind, name = wanted.pop().split("/")[2:4]
        if name not in components.setdefault(kind, {}):
            components[kind][name] = whole["components"][kind][name]
            wanted += _references(components[kind][name])
    if "security" in str(paths):
        components["securitySchemes"] = whole["components"].get("securitySchemes", {})
    if components:
        kept["components"] = components
    return _dumped(kept)


def _methods(item: Mapping[str, Any]) -> dict[str, Any]:
    return {method: {} for method in item if method != "parameters"}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _block_yaml(text: str) -> list[str]:
    import yaml

    try:
        return _dumped(_parsed(text))
    except yaml.YAMLError:
        return text.rstrip().splitlines()


def _parsed(text: str) -> Any:
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader


def _dumped(value: Any) -> list[str]:
    import yaml

    laid_out: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10_000)
    return laid_out.rstrip().splitlines()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.rstrip().splitlines())


def _exchange(one: Mapping[str, Any]) -> Iterator[str]:
    sent = f" {_short(json.dumps(one['request_body'], ensure_ascii=False))}" if "request_body" in one else ""
    yield f"{one['method']} {one['path']}{sent}"
    if one.get("error"):
        yield f"  → no answer: {one['error']}"
        return
    headers = "".join(f" {name}: {value};" for name, value in dict(one.get("headers") or {}).items())
    body = one.get("body")
    shown = "" if body is None else _short(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))
    yield f"  → {one.get('status', '')}{headers} {shown}".rstrip()


def _short(text: str) -> str:
    return cell(" ".join(text.split()), 200)


def _runs(text: str) -> list[str]:
    import re

    return re.findall("`+", text)
