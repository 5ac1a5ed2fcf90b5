"""What the command costs before it does anything: CPU time as a multiple of what click's own help page costs.

    python tests/bench/bench_startup.py [--runs N] [--strict]

Each command is run N times as a process of its own and its best user and system time is taken, which other work on the
machine disturbs least; byte code is cached in a folder of the benchmark's own, as it is for an installed package.
``--strict`` exits with 1 where a ratio is above its bound.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CLICK_ALONE = """\
import click


@click.group()
def main():
    "A group with seventeen commands, as ours has."


for name in [f"command-{number}" for number in range(17)]:
    main.command(name, help="One line of help that is about as long as those of our commands are.")(lambda: None)

main()
"""

# Command -> the bound of its ratio, where there is one.
BOUNDS = {
    "--help": 1.5,
    "check --help": None,
    "explain ZC204": None,
    "rules": None,
    "diff, nothing differs": 3.0,
    "diff, an operation goes": 3.0,
    "diff, a type changes (with a witness)": 3.0,
}


def document(kind: str, *, operations: int = 5) -> dict[str, Any]:
    """A small document: ``operations`` operations that give objects with an ``id`` of a type."""
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": kind}, "name": {"type": "string"}}}
    answer = {"200": {"description": "Things", "content": {"application/json": {"schema": schema}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {f"/things/{number}": {"get": {"responses": answer}} for number in range(operations)},
    }


def cost(command: list[str], folder: Path, runs: int) -> float:
    """The least CPU time of a command in seconds; the first run fills the cache of byte code and does not count."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(folder / "cache"), "PYTHONPATH": str(Path(__file__).parents[2])}
    best = float("inf")
    for number in range(runs + 1):
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.stderr is not None
        with process.stderr as stream:
            said = stream.read()
        if process.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(command)}: exit {process.returncode}: {said.decode()[:500]}")
        if number:
            best = min(best, usage.ru_utime + usage.ru_stime)
    return best


def measure(runs: int) -> dict[str, float]:
    """The ratio of each command to click's own help page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "click_alone.py").write_text(CLICK_ALONE)
        (folder / "old.json").write_text(json.dumps(document("integer")))
        (folder / "same.json").write_text(json.dumps(document("integer"), indent=1))
        (folder / "fewer.json").write_text(json.dumps(document("integer", operations=4)))
        (folder / "type.json").write_text(json.dumps(document("string")))
        commands = {
            "--help": ["--help"],
            "check --help": ["check", "--help"],
            "explain ZC204": ["explain", "ZC204"],
            "rules": ["rules"],
            "diff, nothing differs": ["diff", "old.json", "same.json"],
            "diff, an operation goes": ["diff", "old.json", "fewer.json"],
            "diff, a type changes (with a witness)": ["diff", "old.json", "type.json"],
        }
        base = cost([sys.executable, "click_alone.py", "--help"], folder, runs)
        return {
            name: cost([sys.executable, "-m", "zeues_contracts", *arguments], folder, runs) / base
            for name, arguments in commands.items()
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--strict", action="store_true")
    given = parser.parse_args()
    above = []
    print(f"{'command':<40} {'ratio to click --help':>22}  bound")
    for name, ratio in measure(given.runs).items():
        bound = BOUNDS[name]
        print(f"{name:<40} {ratio:>22.2f}  {bound or '–'}")
        if bound is not None and ratio > bound:
            above.append(name)
    if above:
        print(f"above the bound: {', '.join(above)}")
        if given.strict:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
