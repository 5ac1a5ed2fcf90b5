"""Agreement with a comparator of the field on Pact files: ``python tests/bench/score_pact.py FOLDER [-v]``.

Each case is a folder with ``pact.json``, ``oas.json`` or ``oas.yaml`` and ``expected.json``, the comparator's results.
A case agrees when both or neither blame it at level error, and when the same interactions are blamed. Exit code 1
below 95 of 100.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from zeues_contracts.config import ServiceConfig
from zeues_contracts.consumers import check_contracts
from zeues_contracts.consumers.importing import import_file
from zeues_contracts.errors import ZeuesContractsError
from zeues_contracts.findings import Level
from zeues_contracts.openapi import load_file

WANTED = 0.95


def theirs(case: Path) -> dict[int, list[str]]:
    """The interactions that the comparator blames (by index), with its words."""
    found: dict[int, list[str]] = {}
    given: Any = json.loads((case / "expected.json").read_text("utf-8"))
    for one in given if isinstance(given, list) else given.get("results", []):
        if one["type"] == "error":
            location = str((one.get("mockDetails") or {}).get("location", ""))
            index = re.search(r"interactions\[(\d+)\]", location)
            found.setdefault(int(index[1]) if index else -1, []).append(f"{one['code']}: {one['message'][:110]}")
    return found


def ours(case: Path) -> dict[int, list[str]]:
    """The interactions that we blame (by index), with our words."""
    document = next(file for file in (case / "oas.yaml", case / "oas.json", case / "oas.yml") if file.is_file())
    contract, _ = import_file(case / "pact.json", kind="pact")
    given = json.loads((case / "pact.json").read_text("utf-8")).get("interactions", [])
    positions = [i for i, one in enumerate(given) if "request" in one]
    index = {one.id: positions[i] for i, one in enumerate(contract.interactions)}
    found: dict[int, list[str]] = {}
    described = load_file(document)
    # The comparator's own setting: where the provider's paths begin.
    prefix = str((described.raw.get("info") or {}).get("x-opc-config-base-path", ""))
    settings = ServiceConfig(base_url=f"http://provider{prefix}")
    for finding in check_contracts([contract], described, settings=settings):
        if finding.level is Level.ERROR:
            for hit in finding.hits:
                text = f"{finding.rule}: {finding.message[:110]} ({hit.interaction})"
                found.setdefault(index[hit.interaction], []).append(text)
    return found


def main(arguments: list[str]) -> int:
    """Print the agreement over all cases of a folder."""
    verbose = "-v" in arguments
    folder = Path(next(one for one in arguments if not one.startswith("-")))
    cases = sorted(one for one in folder.iterdir() if (one / "expected.json").is_file())
    by_case = by_interaction = 0
    for case in cases:
        wanted = theirs(case)
        try:
            found = ours(case)
        except ZeuesContractsError as error:
            print(f"{case.name}: cannot be read: {error.message}")
            continue
        agrees = bool(wanted) == bool(found)
        same = set(wanted) == set(found)
        by_case += agrees
        by_interaction += same
        if not same or verbose:
            verdict = "agrees" if same else "the case agrees, the interactions differ" if agrees else "DIFFERS"
            print(f"{case.name}: {verdict}")
            for index in sorted(set(wanted) | set(found)):
                if (index in wanted) != (index in found) or verbose:
                    for side, told in (("theirs", wanted), ("ours", found)):
                        for text in told.get(index, []):
                            print(f"    [{index}] {side}: {text}")
    total = len(cases) or 1
    print(f"cases: {by_case} of {len(cases)} agree ({100 * by_case / total:.1f} of 100)")
    print(f"interactions blamed alike: {by_interaction} of {len(cases)} ({100 * by_interaction / total:.1f} of 100)")
    return 0 if by_interaction / total >= WANTED else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python tests/bench/score_pact.py FOLDER [-v]")
    sys.exit(main(sys.argv[1:]))
