"""Whatever a consumer's code looks like, reading it comes to an answer and never to an error."""

from __future__ import annotations

import argparse
import ast
import collections
import subprocess
import unittest.case

import pytest

from zeues_contracts.consumers.recording.bodies import body_expectation
from zeues_contracts.consumers.recording.conditions import condition_schema, holds_for_none
from zeues_contracts.consumers.recording.hook.recorder import error_word
from zeues_contracts.consumers.recording.sources import demand_on, load_source
from zeues_contracts.consumers.recording.spool import BodyRead, Site, StatusRead, read_spool
from zeues_contracts.consumers.recording.statuses import accepted_statuses, status_words

MODULES = (argparse, collections, subprocess, unittest.case)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_code_of_any_kind(module):
    source = load_source(module.__file__)
    nodes = [node for node in ast.walk(source.tree) if isinstance(node, ast.expr)][::7]
    for number, node in enumerate(nodes):
        demand = demand_on(source, node)
        if demand is not None:
            condition_schema(demand.expression, ast.dump(node), wanted=demand.wanted)
            holds_for_none(demand.expression, ast.dump(node))
        if number % 10:
            continue
        site = Site(module.__file__, "f", node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
        kinds = ("==", "!=", "hash", "ok", "//", "raise")
        status_words(accepted_statuses([StatusRead(kinds[number % 6], 200, site)]))
        reads = [BodyRead(("a", 0, 1), kind, "k", True, site) for kind in ("get", "maybe", "in", "type", "len", "iter")]
        body_expectation(reads, b'{"a": [{"x": {"k": 1}}]}')


def test_sites_that_lead_nowhere(tmp_path):
    (tmp_path / "broken.py").write_text("def f(:\n")
    for file in (str(tmp_path / "broken.py"), str(tmp_path / "none.py"), "<string>", "", str(tmp_path)):
        site = Site(file, "f", 10_000, 10_000, 3, 5)
        assert status_words(accepted_statuses([StatusRead("==", 201, site)])) == ("201",)
        assert body_expectation([BodyRead((), "get", "k", True, site)], b'{"k": "x"}') == {
            "type": "object",
            "required": ["k"],
            "properties": {"k": {"type": "string"}},
        }
    assert body_expectation([BodyRead((), "get", "k", True, None)], b"no JSON") is not None


def test_lines_that_are_cut_short_are_counted(tmp_path):
    (tmp_path / "a.jsonl").write_text(
        '{"k": "exchange", "id": "1"}\n{"k": "reads", "id": "2", "reads": {}}\n[]\n{"k": "ex'
    )
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe\n")
    recording = read_spool(tmp_path)
    assert recording.exchanges == ()
    assert recording.notes == ("5 lines of the recording were cut short and left out",)


def test_words_of_errors():
    inner = ConnectionRefusedError(111, "refused")
    wrapped = RuntimeError("Max retries", inner)
    assert error_word(wrapped) == "refused"
    assert error_word(TimeoutError()) == "timeout"
    assert error_word(RuntimeError("x")) == "protocol"
    assert error_word(ConnectionResetError()) == "reset"
