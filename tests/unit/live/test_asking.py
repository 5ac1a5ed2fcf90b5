"""A request to an application in process: the line that repeats it, and the exception behind its 500."""

import os
import shlex
import subprocess
import sys

import pytest

from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.findings import Cause
from zeues_contracts.live.asking import ask, asked, asked_in_process
from zeues_contracts.live.judging import judge
from zeues_contracts.triage.classify import classify_exchange

from .documents import document

APP = """
async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    message = await receive()
    if scope["path"] == "/boom":
        {}["key"]
    told = [scope["method"], scope["query_string"].decode(), repr(message["body"])]
    told += [name.decode() + "=" + value.decode() for name, value in scope["headers"] if name.startswith(b"x-")]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": " ".join(told).encode()})
"""
DOC = document(
    {"openapi": "3.1.0", "info": {}, "paths": {"/boom": {"get": {"responses": {"200": {"description": "fine"}}}}}}
)


@pytest.mark.parametrize("body", ['{"it\'s": "é"}'.encode(), b"\xff\x00\n", b"line\nline"])
def test_the_line_sends_the_same(tmp_path, body):
    (tmp_path / "shop.py").write_text(APP)
    headers = (("x-api-key", "***"), ("x-more", "a 'b'"), ("x-token", "Bearer ***"), ("host", "testserver"))
    line = asked(Request("POST", "http://testserver/a?b=%20c", headers, body), "shop:app")
    assert "testserver" not in line
    words = shlex.split(line)
    assert words[:2] == ["python", "-c"]
    secrets = {"X_API_KEY": "k3y", "X_TOKEN": "t0ken"}
    path = os.pathsep.join(one for one in sys.path if one)
    told = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=tmp_path,
        env={**os.environ, **secrets, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    wanted = f"POST b=%20c {body!r} x-api-key=k3y x-more=a 'b' x-token=Bearer t0ken"
    assert told.splitlines() == ["200 text/plain", wanted]


def test_the_exception_is_told(tmp_path, monkeypatch, capsys):
    (tmp_path / "booming.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    ask("booming:app", "GET", "/boom")
    status, body, raised = capsys.readouterr().out.splitlines()
    assert (status.split()[0], body) == ("500", "Internal Server Error")
    assert raised == "raised: KeyError: 'key' (booming.py:7 in app)"


def failed(raised):
    answer = Response(500, (("content-type", "text/plain"),), b"Internal Server Error")
    return Exchange(Request("GET", "http://testserver/boom"), answer, error_text=raised)


def test_the_exception_decides_the_cause():
    bug = classify_exchange(failed("ZeroDivisionError: division by zero (main.py:3 in total)"))
    out = classify_exchange(failed("redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6379."))
    assert bug.cause is Cause.VIOLATION
    assert (out.cause, out.dependency) == (Cause.OUTAGE, "Redis")


def test_a_finding_of_an_application_in_process_has_no_curl_line():
    (finding,) = judge(DOC, failed("ZeroDivisionError: division by zero (main.py:3 in total)"))
    assert finding.message.endswith("ZeroDivisionError: division by zero (main.py:3 in total)")
    assert finding.evidence.details == ("raised: ZeroDivisionError: division by zero (main.py:3 in total)",)
    (without,) = judge(DOC, failed(""))
    assert without.fingerprint == finding.fingerprint
    assert without.message.endswith("Internal Server Error")
    (told,) = asked_in_process([finding], "main:app")
    assert told.evidence.replay.startswith("python -c ")
    assert any("in process" in line for line in told.evidence.details)
