"""The stand-in as a process: it starts on a free port, says where, holds what it is told to hold, and stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from zeues_contracts.errors import UsageError
from zeues_contracts.standin.server import hold_streams, running_standin

pytestmark = pytest.mark.e2e


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_it_answers_when_it_is_given_and_is_gone_afterwards() -> None:
    with running_standin() as service, urllib.request.urlopen(service.docs, timeout=10) as page:
        assert b"/openapi.json" in page.read()
    assert service.process.returncode is not None
    with pytest.raises(urllib.error.URLError):
        status_of(service.url)


def test_it_holds_streams_against_itself() -> None:
    with running_standin("incident", pool=3, fill_pool=3) as service:
        with urllib.request.urlopen(f"{service.url}/api/redis-health", timeout=10) as answer:
            assert json.load(answer)["message"] == "Redis not responding: Too many connections"
        assert hold_streams(service.url, 2).refused == 2


def test_a_stream_ends_with_the_stop_of_the_service() -> None:
    with running_standin() as service:
        streams = hold_streams(service.url, 2)
        assert len(streams) == 2
    assert service.process.returncode is not None
    streams.release()


def test_a_stream_tells_what_happens() -> None:
    with running_standin() as service, urllib.request.urlopen(f"{service.url}/api/sse/stream", timeout=10) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        body = {"tag_spool": "TEST-01", "worker_id": 93, "worker_nombre": "MR(93)", "operacion": "ARM"}
        request = urllib.request.Request(
            f"{service.url}/api/occupation/tomar", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200
        lines = [stream.readline().decode().strip() for _ in range(7)]
    assert lines[:3] == ["retry: 3000", "event: connected", 'data: {"message": "connected"}']
    assert lines[4] == "event: TOMAR"
    assert json.loads(lines[5].removeprefix("data: "))["tag_spool"] == "TEST-01"


def test_flags_can_be_mended_from_outside() -> None:
    with running_standin("incident", mend=["honest_health"], arguments=["--sheets-down"]) as service:
        assert status_of(f"{service.url}/api/health") == 503


def test_a_start_that_fails_says_why() -> None:
    with pytest.raises(UsageError, match="no flag 'gravity'"), running_standin(mend=["gravity"]):
        pass
    with (
        pytest.raises(UsageError, match="ZEUES_STANDIN_POOL is not a number: 'many'"),
        running_standin(environment={"ZEUES_STANDIN_POOL": "many"}),
    ):
        pass


def test_it_goes_when_its_parent_is_killed() -> None:
    program = (
        "import sys, time; from zeues_contracts.standin.server import running_standin\n"
        "with running_standin() as service:\n"
        "    print(service.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    for _ in range(200):
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.05)
    pytest.fail("the stand-in outlived its parent")


def test_it_prints_its_document_as_a_snapshot() -> None:
    command = [sys.executable, "-m", "zeues_contracts.standin", "--scenario", "incident", "--document"]
    text = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    assert text.startswith(b'{\n  "components": {\n')
    assert text.endswith(b"}\n")
    assert json.loads(text)["info"]["title"] == "ZEUES API"
