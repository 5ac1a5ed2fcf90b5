"""What recording costs: a suite of 1,000 requests with and without the hook, as a ratio.

    python tests/bench/bench_record.py [REQUESTS] [ROUNDS]

The suite is a plain script on ``requests`` against the stand-in, each request with a JSON body, its answer read. Runs
with and without the hook take turns, so that what else the machine does falls on both, and the best of each is
compared. Recording waits for nothing, so what it costs is processor time: that of the hook and that of making the
contract. It is told apart. What else runs on the machine only ever adds to either number: the smaller one counts.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUITE = """
import sys, requests
base, count = sys.argv[1], int(sys.argv[2])


def one(number):
    body = {"tag_spool": f"TEST-{number % 5:02}", "operacion": "ARM", "worker_id": 93, "worker_nombre": "MR(93)"}
    answer = requests.post(base + "/api/occupation/pausar", json=body, timeout=10)
    assert answer.status_code in (400, 403, 404, 409, 410)
    assert answer.json()["detail"]

def test_many():
    for number in range(count):
        one(number)

test_many()
"""


def run(url: str, count: int, script: Path, *, recorded: bool) -> tuple[float, float, int]:
    """Seconds by the clock and of the processor of one run of the suite, and how many exchanges were recorded."""
    from zeues_contracts.consumers.recording.building import build_contract
    from zeues_contracts.consumers.recording.running import recording_environment, spool_folder
    from zeues_contracts.consumers.recording.spool import read_spool

    with spool_folder() as spool:
        environment = recording_environment(spool) if recorded else dict(os.environ)
        began, worked = time.perf_counter(), _worked()
        subprocess.run([sys.executable, str(script), url, str(count)], env=environment, check=True)
        seconds = time.perf_counter() - began
        lines = sum(file.read_bytes().count(b"\n") for file in spool.glob("*.jsonl"))
        work = _worked() - worked
        if recorded:
            began = time.process_time()
            build_contract(read_spool(spool).exchanges, "bench")
            work += time.process_time() - began
    return seconds, work, lines


def _worked() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    from zeues_contracts.standin.server import running_standin

    count = int((sys.argv[1:] or ["1000"])[0])
    rounds = int((sys.argv[2:] or ["5"])[0])
    clock: dict[bool, list[float]] = {True: [], False: []}
    work: dict[bool, list[float]] = {True: [], False: []}
    seen = 0
    with running_standin("healthy") as service, tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "suite.py"
        script.write_text(SUITE, "utf-8")
        run(service.url, 50, script, recorded=False)
        for number in range(rounds):
            for hooked in (number % 2 == 0, number % 2 == 1):
                seconds, worked, lines = run(service.url, count, script, recorded=hooked)
                clock[hooked].append(seconds)
                work[hooked].append(worked)
                seen = max(seen, lines)
    without, with_hook = min(clock[False]), min(clock[True])
    more = min(work[True]) - min(work[False])
    print(f"{count} requests: {without:.3f} s without, {with_hook:.3f} s with the hook ({seen} lines recorded)")
    print(f"by the clock recording costs {with_hook / without - 1:+.1%} of the suite's time")
    print(f"its work is {more / without:.1%} of the suite's time, {more / count * 1e6:.0f} µs a request")
    return 0 if min(with_hook / without - 1, more / without) < 0.1 else 1


if __name__ == "__main__":
    sys.exit(main())
