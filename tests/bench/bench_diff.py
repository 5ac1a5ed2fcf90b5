"""Time and memory of `diff` on large documents, beside a process that only parses both with orjson.

    python tests/bench/bench_diff.py [--history FOLDER] [--runs N] [--offline]

Whole processes, median of 5 runs each, in turn. The GitHub REST documents come from npm (`@octokit/openapi` 22.0.0 and
23.0.2, fetched with `npm pack` into a temporary folder); the document of Stripe's kind is generated: 700 components
that refer to one another in circles, 300 operations, 50 changes. With --history every pair of neighbours in a folder
is measured too.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

PARSE = "import sys, orjson\nfor name in sys.argv[1:]: orjson.loads(open(name, 'rb').read())\n"
COMPONENTS, OPERATIONS, CHANGES = 700, 300, 50


def generated(seed: int = 7) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Two documents of Stripe's kind, and the components that differ."""
    chance = random.Random(seed)
    names = [f"resource_{index:03}" for index in range(COMPONENTS)]

    def reference(name: str) -> dict[str, str]:
        return {"$ref": f"#/components/schemas/{name}"}

    def component(index: int) -> dict[str, Any]:
        properties: dict[str, Any] = {
            "id": {"type": "string", "maxLength": 5000},
            "object": {"type": "string", "enum": [names[index]]},
            "created": {"type": "integer", "format": "unix-time"},
            "status": {"type": "string", "enum": ["active", "canceled", "pending"]},
            "amount": {"type": "integer", "minimum": 0, "maximum": 99999999},
            "metadata": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 500}},
        }
        for number in range(chance.randint(2, 5)):
            target = names[(index + chance.randint(1, COMPONENTS - 1)) % COMPONENTS]
            kind = chance.random()
            if kind < 0.4:
                # Expandable, as Stripe has it: an identifier or the thing itself.
                value: dict[str, Any] = {"anyOf": [{"type": "string", "maxLength": 5000}, reference(target)]}
            elif kind < 0.7:
                value = {"type": "array", "items": reference(target)}
            else:
                value = reference(target)
            properties[f"part_{number}"] = value
        properties["next"] = reference(names[(index + 1) % COMPONENTS])
        return {"type": "object", "required": ["id", "object"], "properties": properties}

    schemas = {name: component(index) for index, name in enumerate(names)}
    paths: dict[str, Any] = {}
    for index in range(OPERATIONS):
        name = names[index * COMPONENTS // OPERATIONS]
        answer = {"200": {"description": "OK", "content": {"application/json": {"schema": reference(name)}}}}
        paths[f"/v1/{name}"] = {"get": {"operationId": f"Get{name}", "responses": answer}}
        if index % 3 == 0:
            body = {"required": True, "content": {"application/json": {"schema": reference(name)}}}
            paths[f"/v1/{name}"]["post"] = {"operationId": f"Post{name}", "requestBody": body, "responses": answer}
    old = {
        "openapi": "3.0.0",
        "info": {"title": "Generated", "version": "1.0.0"},
        "paths": paths,
        "components": {"schemas": schemas},
    }
    new = copy.deepcopy(old)
    changed = sorted(chance.sample(names, CHANGES))
    for number, name in enumerate(changed):
        properties = new["components"]["schemas"][name]["properties"]
        match number % 5:
            case 0:
                properties["status"]["enum"] = ["active", "canceled", "pending", "paused"]
            case 1:
                properties["amount"]["maximum"] = 999999999
            case 2:
                new["components"]["schemas"][name]["required"] = ["id"]
            case 3:
                properties["created"]["nullable"] = True
            case 4:
                properties["extra"] = {"type": "string"}
    return old, new, changed


def measured(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds of wall time and the peak of memory in MB of one process.

    Byte code is cached in a folder of the benchmark's own, as it is for an installed package.
    """
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "cache")
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(child.pid, 0)
    took = time.perf_counter() - began
    child.returncode = status
    if status and os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{command[:3]} failed: {status}")
    return took, usage.ru_maxrss / 1024


def compare(name: str, old: Path, new: Path, runs: int, folder: Path) -> dict[str, Any]:
    """Both processes in turn; medians, ratio, peak, and what was found."""
    out = folder / "out.json"
    parse, diff, peaks = [], [], []
    for _ in range(runs):
        parse.append(measured([sys.executable, "-c", PARSE, str(old), str(new)], folder)[0])
        command = ["diff", str(old), str(new), "--format", "json", "--output", str(out)]
        seconds, peak = measured([sys.executable, "-m", "zeues_contracts", *command], folder)
        diff.append(seconds)
        peaks.append(peak)
    report = json.loads(out.read_text("utf-8"))
    one, other = statistics.median(parse), statistics.median(diff)
    found = report.get("findings", [])
    print(
        f"{name:34} parse {one:6.3f} s   diff {other:6.3f} s   ratio {other / one:5.2f}   "
        f"peak {max(peaks):5.0f} MB   findings {len(found)}"
    )
    return {"findings": found, "ratio": other / one, "peak": max(peaks)}


def github(folder: Path) -> tuple[Path, Path] | None:
    """Both GitHub documents, fetched with npm; ``None`` where that cannot be done."""
    files = []
    for version in ("22.0.0", "23.0.2"):
        try:
            subprocess.run(
                ["npm", "pack", f"@octokit/openapi@{version}", "--silent"],
                cwd=folder,
                check=True,
                capture_output=True,
                timeout=300,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        with tarfile.open(folder / f"octokit-openapi-{version}.tgz") as archive:
            member = archive.extractfile("package/generated/api.github.com.json")
            assert member is not None
            file = folder / f"github-{version}.json"
            file.write_bytes(member.read())
            files.append(file)
    return files[0], files[1]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--history", type=Path, default=None)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--offline", action="store_true")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old, new, changed = generated()
        for label, value in (("old", old), ("new", new)):
            (folder / f"{label}.json").write_text(json.dumps(value), "utf-8")
        result = compare("generated (700 components)", folder / "old.json", folder / "new.json", given.runs, folder)
        subjects = {finding["subject"].partition(":")[0] for finding in result["findings"]}
        print(f"    {len(changed)} components changed, {len(subjects & {f'schema {one}' for one in changed})} told")
        pair = None if given.offline else github(folder)
        if pair is not None:
            compare("GitHub 22.0.0 to 23.0.2", *pair, given.runs, folder)
        elif not given.offline:
            print("GitHub: npm did not give the documents")
        if given.history is not None:
            documents = sorted(given.history.glob("*.json"))
            for one, other in pairwise(documents):
                compare(f"{one.name[:13]} to {other.name[:13]}", one, other, given.runs, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
