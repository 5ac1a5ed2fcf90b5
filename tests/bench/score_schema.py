"""Score the containment engine on a folder of cases, beside jsonsubschema and jsoncompat.

    python tests/bench/score_schema.py FOLDER [--rivals PYTHON] [--list]

FOLDER holds `cases.jsonl` (`id`, `dialect`, `old`, `new`, `old_subset_new`, `new_subset_old`, `unverified`). PYTHON is
an interpreter with `pip install jsonsubschema jsoncompat`; without it the rivals are looked for in this one.
A claim that the engine refutes with a witness which both validators confirm is wrong in the table: listed, counted for
the engine, and counted against nobody else.
"""

from __future__ import annotations

import argparse
import collections
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zeues_contracts.schema import contains
from zeues_contracts.schema.types import Dialect, Proven, Refuted, Resource, Schema
from zeues_contracts.schema.validators import confirm

RIVALS = ("jsonsubschema", "jsoncompat")


@dataclass(frozen=True)
class Claim:
    """`sub` ⊆ `sup` is said to be `truth`."""

    name: str
    sub: Any
    sup: Any
    dialect: Dialect
    truth: bool
    verified: bool


@dataclass
class Score:
    right: int = 0
    wrong: int = 0
    unknown: int = 0
    seconds: float = 0.0

    @property
    def asked(self) -> int:
        return self.right + self.wrong + self.unknown

    def line(self, name: str) -> str:
        share = 100 * (self.right + self.wrong) / max(self.asked, 1)
        return (
            f"{name:16} asked {self.asked:5}  right {self.right:5}  wrong {self.wrong:4}  unknown {self.unknown:4}"
            f"  decided {share:5.1f} %"
        )


def claims(folder: Path) -> Iterator[Claim]:
    """Every claim of the table that is true or false."""
    for line in (folder / "cases.jsonl").read_text("utf-8").splitlines():
        if not line.strip():
            continue
        case = json.loads(line)
        unverified = case.get("unverified") or ()
        for name, sub, sup in (("old_subset_new", "old", "new"), ("new_subset_old", "new", "old")):
            if isinstance(case.get(name), bool):
                yield Claim(
                    f"{case['id']} {name}",
                    case[sub],
                    case[sup],
                    Dialect(case.get("dialect", "2020-12")),
                    case[name],
                    name not in unverified,
                )


def ask_rival(tool: str, python: str, asked: list[Claim]) -> list[dict[str, Any]] | None:
    """A rival's answers, or `None` where it is not installed. One that dies of a case is started again after it."""
    answers: list[dict[str, Any]] = []
    command = [python, str(Path(__file__).with_name("rivals.py"))]
    while len(answers) < len(asked):
        rest = asked[len(answers) :]
        lines = "".join(json.dumps({"tool": tool, "sub": c.sub, "sup": c.sup}) + "\n" for c in rest)
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
        found = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
        answers += found
        if len(found) < len(rest):
            answers.append({"answer": None, "error": "died", "seconds": 0.0})
        if answers and answers[0]["error"] == "not installed":
            return None
    return answers


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rivals", default=sys.executable, help="a Python with jsonsubschema and jsoncompat")
    parser.add_argument("--no-rivals", action="store_true")
    parser.add_argument("--list", action="store_true", help="name every unknown")
    options = parser.parse_args()

    asked = list(claims(options.folder))
    verified, unverified = Score(), Score()
    reasons: collections.Counter[str] = collections.Counter()
    refuted: list[str] = []
    wrong: list[str] = []
    disputed: list[str] = []
    unknown: list[str] = []
    corrected: dict[str, bool] = {}
    resources: dict[int, Resource] = {}
    slowest = (0.0, "")

    for claim in asked:
        sub, sup = (
            Schema(resources.setdefault(id(one), Resource(one, claim.dialect))) for one in (claim.sub, claim.sup)
        )
        score = verified if claim.verified else unverified
        started = time.perf_counter()
        answer = contains(sub, sup)
        taken = time.perf_counter() - started
        score.seconds += taken
        slowest = max(slowest, (taken, claim.name))
        if isinstance(answer, Refuted):
            why_not = confirm(sub, sup, answer.witness)
            if why_not:
                score.wrong += 1
                wrong.append(f"{claim.name}: witness {json.dumps(answer.witness)} is not confirmed: {why_not}")
            elif claim.truth:
                score.right += 1
                corrected[claim.name] = False
                refuted.append(f"{claim.name}: {json.dumps(answer.witness)} is in the first and not in the second")
            else:
                score.right += 1
        elif isinstance(answer, Proven):
            if claim.truth:
                score.right += 1
            elif claim.verified:
                score.wrong += 1
                wrong.append(f"{claim.name}: proven, and a value is known that refutes it")
            else:
                score.wrong += 1
                disputed.append(f"{claim.name}: proven, said to be false by a claim without a witness")
        else:
            score.unknown += 1
            reasons[answer.reason[:100]] += 1
            unknown.append(f"{claim.name}: {answer.reason}")

    print("verified claims")
    print("  " + verified.line("zeues-contracts"))
    rivals: dict[str, list[dict[str, Any]] | None] = {}
    if not options.no_rivals:
        rivals = {tool: ask_rival(tool, options.rivals, asked) for tool in RIVALS}
    for mark in (True, False):
        if not mark:
            print("unverified claims (their authors' word alone)")
            print("  " + unverified.line("zeues-contracts"))
        for tool, answers in rivals.items():
            if answers is None:
                print(f"  {tool:16} is not installed (pip install {tool}; --rivals PYTHON)")
                continue
            score = Score()
            for claim, answer in zip(asked, answers, strict=True):
                if claim.verified is not mark:
                    continue
                truth = corrected.get(claim.name, claim.truth)
                score.seconds += answer["seconds"]
                if answer["answer"] is None:
                    score.unknown += 1
                elif answer["answer"] is truth:
                    score.right += 1
                else:
                    score.wrong += 1
            print("  " + score.line(tool))
            if mark and verified.seconds:
                print(f"  {'':16} takes {score.seconds / verified.seconds:.1f} times as long as zeues-contracts")
    mean = max(verified.seconds / max(verified.asked, 1), 1e-9)
    print(f"slowest question: {slowest[1]}, {slowest[0] / mean:.0f} times the mean")
    for title, lines in (
        ("claims of the table that are refuted, with a witness that both validators confirm", refuted),
        ("disputed", disputed),
        ("WRONG", wrong),
    ):
        print(f"{title}: {len(lines)}")
        for line in lines:
            print("  " + line)
    print(f"unknown: {len(unknown)}")
    for reason, count in reasons.most_common():
        print(f"  {count:4}  {reason}")
    if options.list:
        for line in unknown:
            print("  " + line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
