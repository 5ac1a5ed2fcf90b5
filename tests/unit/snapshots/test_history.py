"""A history of reviews: log, verify and graph are right throughout."""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.snapshots.documents import raw
from tests.unit.snapshots.project import Project, with_property
from zeues_contracts.openapi import document_from_mapping, load
from zeues_contracts.snapshots import verify_files
from zeues_contracts.snapshots.fields import fields_of
from zeues_contracts.snapshots.graph import Span, Version, build_graph


def corpus() -> list[Path]:
    """Documents of one service over time; the folder is given from outside."""
    given = os.environ.get("ZEUES_CONTRACTS_HISTORY", "")
    folders = [Path(given)] if given else []
    near = os.environ.get("ZEUES_CONTRACTS_CORPUS", "")
    folders += [Path(near).parent / "zeues" / "openapi"] if near else []
    for folder in folders:
        if folder.is_dir():
            return sorted(folder.glob("*.json"))
    return []


HISTORY = corpus()


@pytest.mark.skipif(len(HISTORY) < 5, reason="ZEUES_CONTRACTS_HISTORY names no folder of documents")
def test_a_real_history_replayed_as_reviews(project: Project) -> None:
    """Each document is reviewed: part of it accepted, part rejected, then the rest; a few are updated at once."""
    rng = random.Random(7)
    project.git("init", "-q", "-b", "main")
    reasons = []
    written = 0
    for number, file in enumerate(HISTORY):
        project.live(file.read_text())
        if number == 0:
            project.ok("snapshot", "update", "--reason", file.stem)
            reasons.append(file.stem)
        else:
            out = project.ok("snapshot", "review", "--list")
            names = re.findall(r"(?m)^([0-9a-f]{12}) ", out)
            chosen = rng.sample(names, len(names) // 2) if len(names) > 1 and number % 4 else []
            if chosen:
                arguments = [f"--accept={one}" for one in chosen]
                reasons.append(f"{file.stem}, first half")
                project.ok("snapshot", "review", *arguments, "--together", "--reason", reasons[-1])
                accepted = {one.fingerprint for one in project.entries()[-1].accepted}
                rest = project.ok("snapshot", "review", "--list")
                left = set(re.findall(r"(?m)^([0-9a-f]{12}) ", rest))
                derived = {one.split()[0] for one in (out + rest).splitlines() if re.search(" ZC2(99|59|98) ", one)}
                assert left - derived == set(names) - accepted - derived, file.name
            if names:
                before = project.files.snapshot.read_bytes()
                reasons.append(f"{file.stem}, all")
                project.ok("snapshot", "update", "--reason", reasons[-1])
                if project.files.snapshot.read_bytes() == before:
                    reasons.pop()
        written += 1
        assert verify_files(project.files, "shop", "HEAD" if number else "") == (), file.name
        assert load(str(project.files.snapshot)).raw == json.loads(file.read_text())
        assert [one.reason for one in project.entries()] == reasons
        project.commit(file.stem)
    assert written == len(HISTORY)
    log = json.loads(project.ok("snapshot", "log", "--format", "json"))["entries"]
    assert all(one["whole"] for one in log)
    assert [one["before"] for one in log[1:]] == [one["after"] for one in log[:-1]]
    assert project.ok("snapshot", "log", "-f", "markdown").count("\n## ") == len(log)
    graph = json.loads(project.ok("snapshot", "log", "--graph", "--format", "json"))
    assert [one["digest"] for one in graph["versions"]] == [one["after"] for one in log]
    last = {(one["operation"], one["field"]) for one in graph["fields"] if one["spans"][-1]["went"] is None}
    expected = fields_of(load(str(HISTORY[-1])))
    assert last == {(name, "") for name in expected} | {(name, one) for name, many in expected.items() for one in many}


def test_the_graph_says_when_a_field_came_and_went_and_whom_it_hit(project: Project) -> None:
    (project.folder / "contracts").mkdir()
    (project.folder / "contracts" / "web.yaml").write_text(
        "version: 1\nconsumer: web-shop\nservice: shop\ninteractions:\n  - id: make\n    operation: POST /orders\n"
        "    request:\n      body: {id: 7}\n    expect:\n      status: 201\n"
    )
    project.git("init", "-q", "-b", "main")
    project.ok("snapshot", "update")
    project.commit("1")
    project.live(with_property("when", required=True))
    project.ok("snapshot", "update", "--reason", "with a date")
    project.commit("2")
    project.live(raw())
    project.ok("snapshot", "update", "--reason", "without it again")
    project.commit("3")
    graph = json.loads(project.ok("snapshot", "log", "--graph", "-f", "json"))
    assert [one["reason"] for one in graph["versions"]] == ["", "with a date", "without it again"]
    assert all(one["known"] for one in graph["versions"])
    lines = {(one["operation"], one["field"]): one for one in graph["fields"]}
    when = lines["POST /orders", "request body.when"]
    assert when["spans"] == [{"came": 1, "went": 2}]
    assert when["hits"] == ["web-shop"]
    assert lines["POST /orders", "request body.id"]["spans"] == [{"came": 0, "went": None}]
    text = project.ok("snapshot", "log", "--graph")
    assert "·●○  request body.when" in text
    assert "hits web-shop" in text
    assert "request body.id" not in text
    markdown = project.ok("snapshot", "log", "--graph", "-f", "markdown")
    assert "web-shop" in markdown


def test_the_graph_without_git_knows_the_last_document_alone(project: Project) -> None:
    project.ok("snapshot", "update")
    project.live(with_property("when"))
    project.ok("snapshot", "update")
    graph = json.loads(project.ok("snapshot", "log", "--graph", "-f", "json"))
    assert [one["known"] for one in graph["versions"]] == [False, True]
    assert "its document was not found" in project.ok("snapshot", "log", "--graph")


def test_spans() -> None:
    versions = [Version(f"2026-01-0{n}T00:00:00Z", "Ada", "", str(n), True) for n in range(1, 5)]
    graph = build_graph(versions, [{"GET /a": ("x",)}, {"GET /a": ()}, None, {"GET /a": ("x", "y")}])
    lines = {one.field: one.spans for one in graph.lines}
    assert lines == {"": (Span(0, None),), "x": (Span(0, 1), Span(3, None)), "y": (Span(3, None),)}
    assert build_graph([], []).lines == ()


def test_fields_of_a_document_that_holds_itself() -> None:
    value: dict[str, Any] = raw(
        Order={
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
                "extra": {"type": "object", "additionalProperties": {"properties": {"deep": {}}}},
            },
            "allOf": [{"properties": {"base": {}}}],
        }
    )
    value["paths"]["/orders"]["get"]["parameters"] = [{"name": "page", "in": "query", "schema": {"type": "integer"}}]
    fields = fields_of(document_from_mapping(value, "x"))
    assert fields["GET /orders"] == (
        "query page",
        "response 200 body.id",
        "response 200 body.parts",
        "response 200 body.extra",
        "response 200 body.extra.*.deep",
        "response 200 body.base",
    )
    assert "request body.parts" in fields["POST /orders"]
