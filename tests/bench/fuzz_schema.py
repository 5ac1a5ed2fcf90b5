"""Fuzz the containment engine with random pairs of schemas.

    python tests/bench/fuzz_schema.py --pairs 100000 --seed 1 [--values 12]

Half of the pairs are unrelated, half are a schema and a mutation of it. Checked: nothing is raised; what is refuted
is so by both validators; of what is proven, no generated value says otherwise; a schema contains itself; a pair takes
no longer than the engine's own budget allows. Ends with 1 when anything failed.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import sys
import time
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "schema"))

import generation
import jsonschema_rs

from zeues_contracts.schema import contains
from zeues_contracts.schema.types import Proven, Refuted, Resource
from zeues_contracts.schema.validators import confirm

PATIENCE = 10.0
"""Seconds after which one question is reported as hanging."""


def pair_of(rng: random.Random) -> tuple[Any, Any]:
    one = generation.schema(rng)
    roll = rng.random()
    if roll < 0.5:
        return one, generation.schema(rng)
    if roll < 0.52:
        return one, one
    other = generation.mutation(one, rng)
    return (one, other) if rng.random() < 0.5 else (other, one)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--values", type=int, default=12, help="values generated for each side of a proven pair")
    parser.add_argument("--stop", type=int, default=20, help="end after this many failures")
    options = parser.parse_args()

    counts: collections.Counter[str] = collections.Counter()
    reasons: collections.Counter[str] = collections.Counter()
    failures: list[str] = []
    slowest = (0.0, "")

    def fail(kind: str, sub: Any, sup: Any, why: str) -> None:
        counts[kind] += 1
        failures.append(f"{kind}: {why}\n  sub {json.dumps(sub)}\n  sup {json.dumps(sup)}")
        print(failures[-1], flush=True)

    for number in range(options.pairs):
        if len(failures) >= options.stop:
            break
        rng = random.Random(f"{options.seed}/{number}")
        sub, sup = pair_of(rng)
        one, other = Resource(sub).schema(), Resource(sup).schema()
        started = time.perf_counter()
        try:
            answer = contains(one, other)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # whatever it is, it is the finding
            fail("crash", sub, sup, traceback.format_exc(limit=-3))
            continue
        taken = time.perf_counter() - started
        slowest = max(slowest, (taken, f"seed {options.seed}/{number}"))
        if taken > PATIENCE:
            fail("hang", sub, sup, f"{taken / PATIENCE:.1f} times the patience")
        if isinstance(answer, Refuted):
            counts["refuted"] += 1
            why_not = confirm(one, other, answer.witness)
            if why_not:
                fail("unconfirmed witness", sub, sup, f"{json.dumps(answer.witness)}: {why_not}")
        elif isinstance(answer, Proven):
            counts["proven"] += 1
            found = counterexample(sub, sup, rng, options.values)
            if found is not None and not confirm(one, other, found[0]):
                fail("wrong proof", sub, sup, json.dumps(found[0]))
        else:
            counts["unknown"] += 1
            reasons[answer.reason[:90]] += 1
            if sub is sup:
                fail("not reflexive", sub, sup, answer.reason)
        if number % 10_000 == 9_999:
            print(f"{number + 1} pairs: {dict(counts)}", flush=True)
    print(dict(counts))
    print(f"slowest: {slowest[1]}, {slowest[0] / PATIENCE:.3f} times the patience")
    for reason, count in reasons.most_common(25):
        print(f"  {count:6}  {reason}")
    print(f"failures: {len(failures)}")
    return 1 if failures else 0


def counterexample(sub: Any, sup: Any, rng: random.Random, count: int) -> tuple[Any] | None:
    """A generated value that the first schema has and the second has not, by the fast validator alone."""
    try:
        inside, outside = jsonschema_rs.Draft202012Validator(sub), jsonschema_rs.Draft202012Validator(sup)
    except (ValueError, jsonschema_rs.ValidationError):
        return None
    for _ in range(count):
        for maker in (sub, sup):
            found = generation.value_of(maker, rng, maker)
            if inside.is_valid(found) and not outside.is_valid(found):
                return (found,)
        found = generation.value(rng)
        if inside.is_valid(found) and not outside.is_valid(found):
            return (found,)
    return None


if __name__ == "__main__":
    sys.exit(main())
