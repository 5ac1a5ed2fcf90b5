"""The service dies, falls silent or never stops talking while a check is under way.

The run ends by itself, says what it could not judge, and loses nothing that it has found.
"""

from __future__ import annotations

import json
import signal
import socket
import threading
import time

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from tests.e2e.test_planted_bugs import KEY, running
from zeues_contracts.check import Progress, StageBegan, check
from zeues_contracts.config import load_config
from zeues_contracts.findings import Cause, StageStatus

pytestmark = pytest.mark.e2e

# The second interaction lacks what is required: that needs no service to be told.
CONTRACT = """\
version: 1
consumer: ui
service: planted
interactions:
  - {id: colours, operation: GET /colours, expect: {status: 200}}
  - {id: order, operation: POST /orders, request: {body: {}}, expect: {status: 201}}
  - {id: again, operation: GET /colours, expect: {status: 200}}
  - {id: nowhere, operation: GET /nowhere, expect: {status: 200}}
"""


def config(folder, text, limits=""):
    (folder / "contracts").mkdir()
    (folder / "contracts" / "ui.yaml").write_text(CONTRACT)
    (folder / "zeues-contracts.toml").write_text(f"{limits}[services.planted]\n{text}")
    return load_config(folder / "zeues-contracts.toml")


def run(configuration, listen=lambda event: None):
    return check(configuration, ["planted"], headers=[f"{name}: {value}" for name, value in KEY.items()], listen=listen)


def check_nothing_is_lost(report):
    assert report.exit_code() == 3
    assert report.cannot_judge
    told = [one.message for one in report.findings if one.cause is Cause.MISMATCH]
    assert any("/nowhere" in one for one in told), told
    assert any(one.rule == "ZC501" for one in report.findings)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("stage", ["replay", "fuzz"])
def test_killed(stage, tmp_path):
    with running("dict-for-list") as (url, process):
        seen = []

        def kill(event):
            if isinstance(event, Progress) and event.stage == stage and process.poll() is None:
                seen.append(event.text)
                if stage == "replay" or int(event.text.split(" ")[0]) > 60:
                    process.send_signal(signal.SIGKILL)
                    process.wait(10)

        report = run(config(tmp_path, f'url = "{url}"\n'), kill)
    assert seen
    check_nothing_is_lost(report)
    blocked = [one.name for one in report.stages if one.status is StageStatus.BLOCKED]
    assert stage in blocked
    if stage == "fuzz":
        assert any(one.cause is Cause.VIOLATION for one in report.findings), "what replay found before is kept"


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs SIGSTOP")
def test_silent(tmp_path):
    """As if the network had swallowed it."""
    with running("dict-for-list") as (url, process):

        def freeze(event):
            if isinstance(event, StageBegan) and event.stage == "fuzz":
                process.send_signal(signal.SIGSTOP)

        report = run(config(tmp_path, f'url = "{url}"\n', "[limits]\ntimeout = 0.5\n"), freeze)
    check_nothing_is_lost(report)


@pytest.mark.parametrize("way", ["stream", "drip", "header"])
def test_endless(way, tmp_path):
    """Every answer goes on for ever: an event stream that is called JSON, a body that drips, a header that drips."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Endless", "version": "1"},
        "paths": {
            path: {"get": {"responses": {"200": {"description": "x", "content": {"application/json": {"schema": {}}}}}}}
            for path in ("/colours", "/health", "/more/{id}")
        },
    }
    (tmp_path / "endless.json").write_text(json.dumps(document))
    starts = {
        "stream": b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n",
        "drip": b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[",
        "header": b"HTTP/1.1 200 OK\r\nx-a: ",
    }
    done = threading.Event()

    def answer(line):
        try:
            line.recv(65536)
            line.sendall(starts[way])
            while not done.is_set():
                line.sendall(b"data: 1\n\n" if way == "stream" else b"1")
                time.sleep(0.01)
        except OSError:
            pass
        finally:
            line.close()

    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while not done.is_set():
            try:
                line, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(line,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    port = listener.getsockname()[1]
    text = f'document = "endless.json"\nbase-url = "http://127.0.0.1:{port}"\n[services.planted.fuzz]\nseconds = 5\n'
    try:
        report = run(config(tmp_path, text, "[limits]\ntimeout = 0.3\n"))
    finally:
        done.set()
        listener.close()
    told = {one.rule for one in report.findings}
    # A drip that never ends, from every probe too, is no answer: the service is not there.
    expected = {"stream": {"ZC430"}, "drip": {"ZC510"}, "header": {"ZC501"}}[way]
    assert expected <= told
