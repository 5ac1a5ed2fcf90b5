"""Our fuzzing beside ``st run`` on the same service with planted bugs, seed and budget.

    python tests/bench/bench_fuzz.py [--seconds 30] [--seed 1]

Prints, for both: requests a second, how many of the planted bugs were reported, and for each bug when its first
exchange showed it, as a share of the budget. The service records every exchange for both alike.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

import planted

from zeues_contracts.config import FuzzConfig, ServiceConfig
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.live.candidates import judge_all
from zeues_contracts.live.fuzzing import fuzz
from zeues_contracts.live.judging_requests import judge_series
from zeues_contracts.openapi.model import Document
from zeues_contracts.schema.types import Dialect, Resource

# Which of our rules is which type of failure in its report.
TYPES = {
    "ZC401": "ServerError",
    "ZC402": "UndefinedStatusCode",
    "ZC403": "UndefinedStatusCode",
    "ZC404": "UndefinedContentType",
    "ZC405": "JsonSchemaError",
    "ZC406": "MalformedJson",
    "ZC407": "MissingHeaders",
    "ZC408": "JsonSchemaError",
    "ZC410": "AcceptedNegativeData",
    "ZC411": "AcceptedNegativeData",
    "ZC412": "RejectedPositiveData",
    "ZC420": "IgnoredAuth",
    "ZC421": "UseAfterFree",
    "ZC422": "EnsureResourceAvailability",
    "ZC430": "UndefinedContentType",
}


def recording(app, log):
    """The application with every exchange noted, with the time."""

    async def recorded(scope, receive, send):
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        sent, got = bytearray(), bytearray()
        head: dict = {}

        async def listen():
            message = await receive()
            sent.extend(message.get("body", b""))
            return message

        async def answer(message):
            if message["type"] == "http.response.start":
                head.update(message)
            else:
                got.extend(message.get("body", b"")[:4096])
            await send(message)

        at = time.time()
        try:
            await app(scope, listen, answer)
        finally:
            if head:
                headers = tuple((name.decode(), value.decode("latin-1")) for name, value in scope["headers"])
                query = scope["query_string"].decode("latin-1")
                url = f"http://127.0.0.1{scope['raw_path'].decode('latin-1')}" + (f"?{query}" if query else "")
                request = Request(scope["method"], url, headers, bytes(sent) or None)
                kept = tuple((name.decode(), value.decode("latin-1")) for name, value in head["headers"])
                log.append(Exchange(request, Response(head["status"], kept, bytes(got), 0.0), at=at))

    return recorded


@contextlib.contextmanager
def serving(log):
    """The planted service with all its bugs on a free port."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    app = recording(planted.make(planted.BUGS), log)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = server.force_exit = True
    thread.join(5)


def shown(document, log, began):
    """When each planted bug was first shown by an exchange, in seconds from the start."""
    first: dict[str, float] = {}
    where = {bug: name for name, bug in planted.BUGS.items()}
    for exchange in log:
        for finding in judge_all(document, exchange):
            name = where.get((finding.operation, finding.rule))
            if name is not None:
                first.setdefault(name, exchange.at - began)
    for number in range(len(log)):
        if log[number].request.method == "GET" and not {"use-after-delete", "missing-after-create"} <= first.keys():
            for finding in judge_series(document, log[max(0, number - 12) : number + 1]):
                name = where.get((finding.operation, finding.rule))
                if name is not None:
                    first.setdefault(name, log[number].at - began)
    return first


def ours(url, document, seconds, seed):
    """Run our fuzzing; the planted bugs that it reports."""
    config = ServiceConfig(fuzz=FuzzConfig(seconds=seconds, seed=seed, cases=1_000_000))
    result = fuzz(document, url, config, headers={"X-API-Key": "letmein"})
    found = {(finding.operation, finding.rule) for finding in result.findings}
    return {name for name, bug in planted.BUGS.items() if bug in found}


def theirs(url, seconds, seed):
    """Run ``st run`` with the same seed and budget; the planted bugs that it reports."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        bin_ = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        command = [
            shutil.which("st", path=bin_) or "st",
            "run", f"{url}/openapi.json", "--seed", str(seed), "--max-time", str(int(seconds)),
            "--max-examples", "20", "-H", "X-API-Key: letmein", "--request-timeout", "10",
            "--report-json-path", str(report), "--continue-on-failure",
        ]  # fmt: skip
        subprocess.run(command, cwd=folder, capture_output=True, timeout=seconds * 4 + 60, check=False)
        failures = json.loads(report.read_text())["failures"]
    pairs = {(failure["type"], operation) for failure in failures for operation in failure["operations"]}
    # What its stories show goes by their own label there.
    return {
        name
        for name, (operation, rule) in planted.BUGS.items()
        if pairs & {(TYPES[rule], operation), (TYPES[rule], "Stateful tests")}
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", category=UserWarning)  # the planted service serializes what does not fit
    rows = {}
    for label in ("ours", "st run"):
        log: list[Exchange] = []
        with serving(log) as url:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            raw = json.load(opener.open(f"{url}/openapi.json"))
            document = Document(raw, url, raw["openapi"], Resource(raw, Dialect.OPENAPI_3_1))
            log.clear()
            began = time.time()
            if label == "ours":
                reported = ours(url, document, arguments.seconds, arguments.seed)
            else:
                reported = theirs(url, arguments.seconds, arguments.seed)
            took = time.time() - began
        rows[label] = (reported, took, list(log), shown(document, log, began))
    print(f"planted bugs: {len(planted.BUGS)}; seed {arguments.seed}, budget {arguments.seconds:g} s")
    for label, (reported, took, log, _) in rows.items():
        rate = len(log) / took
        print(f"{label:8} {len(log):6} requests, {rate:7.1f} a second, {took / arguments.seconds:4.2f} of the budget, "
              f"{len(reported)} bugs reported")  # fmt: skip
    print(f"\nrequests a second, ours / st run: {_ratio(rows):.2f}")
    print(f"\n{'bug':26} {'ours':>8} {'st run':>8}   first shown, share of the budget (* reported)")
    for name in planted.BUGS:
        cells = []
        for label in rows:
            reported, _, _, first = rows[label]
            when = f"{first[name] / arguments.seconds:.3f}" if name in first else "-"
            cells.append(f"{when}{'*' if name in reported else ' '}")
        print(f"{name:26} {cells[0]:>8} {cells[1]:>8}")
    return 0 if len(rows["ours"][0]) >= len(rows["st run"][0]) else 1


def _ratio(rows):
    return (len(rows["ours"][2]) / rows["ours"][1]) / max(1e-9, len(rows["st run"][2]) / rows["st run"][1])


if __name__ == "__main__":
    sys.exit(main())
