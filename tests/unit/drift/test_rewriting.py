"""A document against its own rewrite: nothing above information, whatever the spelling."""

from __future__ import annotations

import json
import os
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rewriting import REWRITES, rewritten
from tests.unit.drift.documents import above_info
from tests.unit.drift.sample import SAMPLE
from zeues_contracts.drift import drift
from zeues_contracts.openapi import document_from_mapping, load

CORPUS = os.environ.get("ZEUES_CONTRACTS_CORPUS", "")
SAMPLES: Any = yaml.safe_load(SAMPLE)


def difference(old: Any, new: Any) -> list[str]:
    result = drift(document_from_mapping(old, "old"), document_from_mapping(new, "new"))
    return [f"{one.rule} {one.message} {one.evidence.witness}" for one in above_info(result)]


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda one: str(one.__name__))
@pytest.mark.parametrize("seed", range(4))
def test_a_rewrite_means_the_same(rewrite: Any, seed: int) -> None:
    new = rewrite(SAMPLES, random.Random(seed))
    assert difference(SAMPLES, new) == []
    assert difference(new, SAMPLES) == []


@pytest.mark.parametrize("seed", range(6))
def test_all_rewrites_together_mean_the_same(seed: int) -> None:
    new = rewritten(SAMPLES, seed)
    assert difference(SAMPLES, new) == []
    assert difference(new, SAMPLES) == []


def test_the_rewriter_rewrites() -> None:
    """A test that cannot fail is none: every rewrite changes the text of the sample."""
    for rewrite in REWRITES:
        assert json.dumps(rewrite(SAMPLES, random.Random(1))) != json.dumps(SAMPLES), rewrite


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("components", "schemas", "Kind", "enum"), ["small"]),
        (("components", "schemas", "NewThing", "properties", "name", "maxLength"), 40),
        (("components", "schemas", "Base", "required"), []),
        (("components", "schemas", "Lost", "properties", "id", "type"), "string"),
    ],
)
def test_a_change_is_found_under_any_rewrite(path: tuple[str, ...], value: Any) -> None:
    """What is really different is found whatever else was rewritten: by its error or warning."""
    changed = json.loads(json.dumps(SAMPLES))
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    assert difference(SAMPLES, changed)
    for seed in range(3):
        assert difference(SAMPLES, rewritten(changed, seed))


def corpus(folder: str) -> list[Path]:
    return sorted(Path(CORPUS, folder).glob("*.json")) if CORPUS else []


@pytest.mark.skipif(not CORPUS, reason="ZEUES_CONTRACTS_CORPUS names no folder")
@pytest.mark.parametrize(
    "file", [*corpus("fastapi_versions"), *corpus("fastapi_history")[::4]], ids=lambda one: one.name
)
def test_real_documents_under_rewrites(file: Path) -> None:
    raw = json.loads(file.read_text("utf-8"))
    assert difference(raw, rewritten(raw, 1)) == []


@pytest.mark.skipif(not CORPUS, reason="ZEUES_CONTRACTS_CORPUS names no folder")
def test_real_neighbours_both_ways() -> None:
    """No crash, no unknown without a reason, and a witness under every error that rests on a schema."""
    for folder in ("fastapi_history", "fastapi_versions"):
        files = corpus(folder)
        for one, other in pairwise(files):
            for old, new in ((one, other), (other, one)):
                for finding in drift(load(str(old)), load(str(new))).findings:
                    if finding.rule == "ZC258":
                        assert ": " in finding.message
                    if finding.level == "error" and "ZC260" <= finding.rule <= "ZC297":
                        parameter = finding.subject.partition(": ")[0].endswith(("parameter", "body"))
                        assert finding.evidence.witness is not None or parameter, finding.message
