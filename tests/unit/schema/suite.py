"""The official JSON-Schema-Test-Suite as facts: a schema, a value, and whether it is valid.

The suite is not in this repository. The sdist of `jsonschema` ships it (`pip download --no-binary jsonschema
--no-deps jsonschema`, folder `json`); `JSON_SCHEMA_TEST_SUITE` names the folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zeues_contracts.schema.types import Dialect, Resource, Schema

FOLDERS = {
    "draft4": Dialect.DRAFT_4,
    "draft6": Dialect.DRAFT_6,
    "draft7": Dialect.DRAFT_7,
    "draft2019-09": Dialect.DRAFT_2019_09,
    "draft2020-12": Dialect.DRAFT_2020_12,
}


@dataclass(frozen=True)
class Fact:
    """One test of the suite."""

    name: str
    schema: Schema
    value: Any
    valid: bool


def suite_folder() -> Path | None:
    """The suite's folder, where the environment names one."""
    named = os.environ.get("JSON_SCHEMA_TEST_SUITE")
    return Path(named) if named else None


def facts(folder: Path) -> Iterator[Fact]:
    """Every fact of the mandatory tests, remote schemas loaded."""
    for name, dialect in FOLDERS.items():
        remotes = _remotes(folder / "remotes", dialect, name)
        for file in sorted((folder / "tests" / name).glob("*.json")):
            for group in json.loads(file.read_text("utf-8")):
                resource = Resource(group["schema"], dialect, others=remotes)
                for test in group["tests"]:
                    where = f"{name}/{file.stem}: {group['description']}: {test['description']}"
                    yield Fact(where, resource.schema(), test["data"], test["valid"])


def _remotes(folder: Path, dialect: Dialect, draft: str) -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    for file in sorted(folder.rglob("*.json")):
        place = file.relative_to(folder).as_posix()
        if place.startswith("draft") and not place.startswith(draft):
            continue
        uri = f"http://localhost:1234/{place}"
        found[uri] = Resource(json.loads(file.read_text("utf-8")), dialect, uri, found)
    return found
