"""How often drift agrees with the expectations of another tool's own tests.

    python tests/bench/score_drift.py FOLDER [--list] [--case NAME]

FOLDER holds `expected.jsonl` and one folder for each case (see its README). A pair is *called breaking* where an ERR or
a WARN is expected. We agree where we give an error or a warning to a pair that is called breaking, and none to one that
is not. What we say beyond counts as *argued* where each of our errors and warnings there carries a witness that both
validators confirm, or a message that both documents were asked about (credentials, media types, statuses): something
that was fine and is not. What we are silent about counts as *proven* where the containment engine proves for every
place of every operation that no client can tell the documents apart (`proving.py`), which asks no rule of ours.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from proving import unproven

from zeues_contracts.config import Config, DriftConfig
from zeues_contracts.drift import DriftResult, drift
from zeues_contracts.errors import ZeuesContractsError
from zeues_contracts.findings import Finding, Level
from zeues_contracts.openapi import Document, load


def documents(folder: Path, case: dict[str, Any]) -> tuple[Document, Document]:
    """The older and the newer document of a case."""
    home = folder / case["case"]
    config = Config(root=str(home), source=str(home / "zeues-contracts.toml"))
    return load(case["base"], config=config, base=home), load(case["revision"], config=config, base=home)


def judge(folder: Path, case: dict[str, Any]) -> DriftResult:
    """What drift says of a case."""
    old, new = documents(folder, case)
    days = (case.get("options") or {}).get("deprecation_days") or [0]
    return drift(old, new, config=DriftConfig(deprecation_days=max(days)))


def breaking(result: DriftResult) -> list[Finding]:
    """The errors and warnings."""
    return [one for one in result.findings if one.level.rank >= Level.WARNING.rank]


def _told(finding: Finding) -> str:
    witness = finding.evidence.witness
    shown = f" [witness {json.dumps(witness.value, default=str)[:80]}]" if witness is not None else ""
    return f"{finding.rule} {finding.message}{shown}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", action="store_true", help="print every case")
    parser.add_argument("--case", default="", help="one case in full")
    given = parser.parse_args(arguments)
    cases = [json.loads(line) for line in (given.folder / "expected.jsonl").read_text("utf-8").splitlines() if line]
    if given.case:
        cases = [case for case in cases if case["case"] == given.case]
    tally: Counter[tuple[str, str]] = Counter()
    disagreements: list[str] = []
    began = time.monotonic()
    for case in cases:
        levels = {one["level"] for one in case["expected"]}
        expected = next((level for level in ("ERR", "WARN", "INFO") if level in levels), "none")
        try:
            result = judge(given.folder, case)
        except ZeuesContractsError as error:
            tally[expected, "not loaded"] += 1
            disagreements.append(f"{case['case']}: {expected}: not loaded: {error.message}")
            continue
        ours = breaking(result)
        called = expected in ("ERR", "WARN")
        open_places: list[str] = []
        if called is bool(ours):
            verdict = "agree"
        elif called:
            open_places = unproven(*documents(given.folder, case))
            verdict = "missed" if open_places else "proven"
        elif case.get("threshold") == "ERR" and all(one.level is Level.WARNING for one in ours):
            verdict = "agree"  # that test looked at errors alone
        else:
            verdict = "argued" if all(one.evidence.witness is not None for one in ours) else "more"
        tally[expected, verdict] += 1
        if given.case:
            for one in result.findings:
                print(f"  {one.level} {one.rule} {one.message}  witness={one.evidence.witness}")
        if verdict != "agree" or given.list:
            ids = ", ".join(sorted({one["id"] for one in case["expected"]} - {"api-version-not-bumped"})) or "-"
            said = "; ".join(map(_told, ours[:3]))
            said = f"- (not proven: {'; '.join(open_places)})" if verdict == "missed" else said
            disagreements.append(f"{case['case']}: {verdict}: expected {expected} ({ids}); ours: {said or '-'}")
    for line in disagreements:
        print(line[:700])
    print()
    print(f"{len(cases)} pairs in {time.monotonic() - began:.1f} s")
    for expected in ("ERR", "WARN", "INFO", "none"):
        row = {verdict: number for (level, verdict), number in tally.items() if level == expected}
        print(f"{expected:>5}: {sum(row.values())} pairs, " + ", ".join(f"{row[key]} {key}" for key in sorted(row)))
    called = sum(number for (level, _), number in tally.items() if level in ("ERR", "WARN"))
    caught = sum(tally[level, "agree"] for level in ("ERR", "WARN"))
    proven = sum(tally[level, "proven"] for level in ("ERR", "WARN"))
    quiet = sum(number for (level, _), number in tally.items() if level in ("INFO", "none"))
    fine = sum(tally[level, verdict] for level in ("INFO", "none") for verdict in ("agree", "argued"))
    if called:
        share = 100 * (caught + proven) / called
        print(f"called breaking: {caught} of {called} caught, {proven} proven not to break ({share:.1f} % together)")
    if quiet:
        print(f"not called breaking: {fine} of {quiet} silent or argued by witness ({100 * fine / quiet:.1f} %)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
