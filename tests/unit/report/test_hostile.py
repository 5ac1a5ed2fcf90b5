"""Hostile text changes nothing outside of its own cell: the frame around it is that of a harmless report."""

from __future__ import annotations

import functools
import html
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.report.hostile import TEXTS, options, poisoned
from zeues_contracts.findings import Cause, Finding, Level, Place, Report
from zeues_contracts.report import FORMATS, render, report_from_json
from zeues_contracts.report.words import rule_title

HARMLESS = "harmless"
# Controls but the line break, bidirectional and invisible formatting, lone surrogates, non-characters.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066\u2067\ufeff\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)

hostile = pytest.mark.parametrize("name", TEXTS)


@functools.cache
def _rendered(text: str, format_: str) -> str:
    if format_ == "json":  # it keeps all of every text: a megabyte in a hundred places takes its time
        text = text[:20_000]
    return render(poisoned(text), format_, options=options(text))


@hostile
@pytest.mark.parametrize("format_", FORMATS)
def test_nothing_unseen_and_no_command_of_a_runner_is_in_it(name: str, format_: str) -> None:
    text = _rendered(TEXTS[name], format_)
    text.encode("utf-8")  # no lone surrogate
    found = UNSEEN.search(text)
    assert found is None, ascii(text[max(0, found.start() - 60) : found.end() + 60])
    assert not re.search(r"##\w{0,20}\[", text)
    if format_ != "github":
        assert not re.search(r"(?m)^\s*::", text)
    if name.startswith("long") and format_ != "json":  # JSON alone keeps all
        assert len(text) < 2_000_000


@hostile
def test_the_terminal_gets_no_escapes_but_ours(name: str) -> None:
    text = render(poisoned(TEXTS[name]), "text", options=options(TEXTS[name], color=True))
    assert UNSEEN.search(re.sub(r"\x1b\[[0-9;]{0,12}m", "", text)) is None


@hostile
def test_text_keeps_its_lines(name: str) -> None:
    # Without blanks there is nothing to wrap: as many lines as a harmless word of one's own length gives.
    word = re.sub(r"[ \t\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+", "_", TEXTS[name])[:40]
    heads = [_head(line) for line in _rendered(word, "text").splitlines()]
    plain = [_head(line) for line in _rendered(HARMLESS, "text").splitlines()]
    # JSON is laid out by its width; all other lines stand where they stood.
    assert [head for head in heads if head in LABELS] == [head for head in plain if head in LABELS]


LABELS = ("at", "because", "witness", "before", "after", "sent", "got", "hits", "hint", "replay", "id", "under")


def _head(line: str) -> str:
    return line[2:12].strip() if line.startswith("  ") else line.split(" ")[0]


@hostile
def test_json_is_the_report(name: str) -> None:
    text = TEXTS[name][:20_000]
    report = poisoned(text)
    data = json.loads(_rendered(text, "json"))
    assert _skeleton(data) == _skeleton(json.loads(_rendered(HARMLESS, "json")))
    again = report_from_json(data)
    assert [one.message for one in again.findings] == [text] * 5
    assert {one.fingerprint for one in again.findings} == {one.fingerprint for one in report.findings}


@hostile
def test_sarif_keeps_its_shape(name: str) -> None:
    shape = _skeleton(json.loads(_rendered(TEXTS[name], "sarif")), ignore={"locations", "relatedLocations"})
    assert shape == _skeleton(json.loads(_rendered(HARMLESS, "sarif")), ignore={"locations", "relatedLocations"})


@hostile
def test_junit_keeps_its_elements(name: str) -> None:
    assert _elements(_rendered(TEXTS[name], "junit")) == _elements(_rendered(HARMLESS, "junit"))


@hostile
def test_github_gives_as_many_commands_with_properties_of_ours(name: str) -> None:
    rows = _rendered(TEXTS[name], "github").split("\n")
    assert [_command(row)[0] for row in rows if row] == [
        _command(row)[0] for row in _rendered(HARMLESS, "github").split("\n") if row
    ]
    for row in rows[:-1]:
        assert _command(row)[1] <= {"file", "line", "col", "title"}, row[:200]


@hostile
def test_markdown_keeps_its_blocks_and_gets_no_link_or_image(name: str) -> None:
    text = _rendered(TEXTS[name], "markdown")
    blocks, inlines, tags = _markdown(text)
    plain = _markdown(_rendered(HARMLESS, "markdown"))[0]
    if name.startswith("long"):  # GitHub's limit is kept: some details are left out, and nothing else changes
        assert re.search(r"Details of \d more findings? are left out", text)
        assert set(blocks) == set(plain)
    else:
        assert blocks == plain
    assert inlines <= {"text", "softbreak", "html_inline", "strong_open", "strong_close", "text_special"}
    assert tags <= {"details", "summary", "b", "code", "pre", "!--"}


@hostile
def test_html_keeps_its_elements(name: str) -> None:
    assert _page(_rendered(TEXTS[name], "html")) == _page(_rendered(HARMLESS, "html"))


@pytest.mark.parametrize("format_", FORMATS)
def test_a_name_of_a_megabyte_is_kept_by_json_and_cut_by_the_others(format_: str) -> None:
    name = "GET /" + "x" * 1_000_000
    finding = Finding("ZC204", Level.ERROR, Cause.DRIFT, name, name, (name,), name, Place(name, f"/{name}", 1))
    text = render(Report((finding,)), format_)
    if format_ == "json":
        again = report_from_json(json.loads(text)).findings[0]
        assert again == finding
    else:
        assert len(text) < 60_000


def test_markdown_never_mentions_or_links() -> None:
    first, _, text = _rendered(TEXTS["mention"], "markdown").partition("\n")
    assert re.fullmatch(r"<!-- zeues-contracts: [A-Za-z0-9._/ -]+ -->", first)
    # GitHub looks at what is rendered, and makes no links in code blocks.
    text = html.unescape(re.sub(r"<pre>.*?</pre>", "", text))
    assert not re.search(r"GH-\d", text)
    assert not re.search(r"@\w", text)
    assert not re.search(r"#\d", text)


def _skeleton(value: Any, ignore: frozenset[str] | set[str] = frozenset()) -> Any:
    """Types and our own keys: a mapping whose keys come from the document counts by its size alone."""
    if isinstance(value, dict):
        own = all(re.fullmatch(r"[$A-Za-z0-9_./]+", key) and len(key) < 30 and key != HARMLESS for key in value)
        if not own:
            return {"*": len(value)}
        return {key: _skeleton(one, ignore) for key, one in value.items() if key not in ignore}
    if isinstance(value, list):
        return [_skeleton(one, ignore) for one in value]
    return type(value).__name__


def _elements(text: str) -> Any:
    def shape(element: ET.Element) -> Any:
        return element.tag, sorted(element.attrib), [shape(one) for one in element]

    return shape(ET.fromstring(text.encode("utf-8")))


def _command(row: str) -> tuple[str, set[str]]:
    """A workflow command as the runner reads it (ActionCommand.TryParseV2)."""
    assert row.startswith("::"), row[:100]
    head, _, _ = row[2:].partition("::")
    name, _, rest = head.partition(" ")
    return name, {pair.partition("=")[0] for pair in rest.split(",") if pair}


def _markdown(text: str) -> tuple[list[tuple[str, str, int]], set[str], set[str]]:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    blocks = [(one.type, one.tag, one.level) for one in tokens]
    inlines = {child.type for one in tokens for child in one.children or ()}
    raw = [one.content for one in tokens if one.type == "html_block"]
    raw += [child.content for one in tokens for child in one.children or () if child.type == "html_inline"]
    tags = set(re.findall(r"<\s*/?\s*([A-Za-z!][^\s>/]*)", "\n".join(raw)))
    return blocks, inlines, tags


class _Reader(HTMLParser):
    """The elements of a page with the names of their attributes; colours of JSON and code in prose are left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Any] = []
        self.inside_difference = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("code", "bdi") or (tag == "span" and given.get("class") in ("k", "s", "n", "w")):
            return
        if given.get("class") == "diff":
            self.inside_difference = True  # JSON takes the lines that it needs
        if self.inside_difference or given.get("class") == "message-long":
            return
        own = {key: value for key, value in given.items() if key in ("class", "id", "data-level", "data-cause", "type")}
        if own.get("id", "").startswith("f-"):  # type: ignore[union-attr]
            own["id"] = "f-"
        self.found.append((tag, sorted(given), sorted(own.items(), key=str)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.inside_difference = False
        elif tag not in ("code", "span", "p", "bdi") and not self.inside_difference:
            self.found.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append(decl)

    def unknown_decl(self, data: str) -> None:
        self.found.append("unknown")


def _page(text: str) -> list[Any]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.found


def _names_no_rule(text: str) -> bool:
    """A name of our own brings its explanation along; hypothesis takes texts out of our sources."""
    return bool(text.strip(" ")) and rule_title(text) == ""


PIECES = st.sampled_from(
    [
        "::",
        "##[",
        "\n",
        "\r",
        "`",
        "|",
        "<",
        ">",
        "&",
        '"',
        "'",
        "%",
        "]]>",
        "-->",
        "\x1b[",
        "@a",
        "#1",
        "\\",
        "{{",
        "_",
    ]
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(st.text(max_size=8), PIECES), max_size=10).map("".join).filter(_names_no_rule))
def test_any_text_at_all_keeps_the_frames(text: str) -> None:
    for format_ in FORMATS:
        printed = render(poisoned(text), format_, options=options(text))
        assert UNSEEN.search(printed) is None
        assert not re.search(r"##\w{0,20}\[", printed)
        if format_ in ("json", "sarif"):
            json.loads(printed)
        elif format_ == "junit":
            assert _elements(printed) == _elements(_rendered(HARMLESS, "junit"))
        elif format_ == "html":
            assert _page(printed) == _page(_rendered(HARMLESS, "html"))
        elif format_ == "github":
            rows = printed.splitlines()
            assert len(rows) == len(_rendered(HARMLESS, "github").splitlines())
            assert all(_command(row)[1] <= {"file", "line", "col", "title"} for row in rows)
        elif format_ == "markdown":
            blocks, inlines, tags = _markdown(printed)
            assert blocks == _markdown(_rendered(HARMLESS, "markdown"))[0]
            assert not {"link_open", "image", "code_inline", "em_open"} & inlines
            assert tags <= {"details", "summary", "b", "code", "pre", "!--"}
