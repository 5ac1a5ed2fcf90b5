"""The installed command on what is no document: one clear line, the right exit code, no traceback, no drift claimed."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

GOOD = json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {}}}}).encode()
NESTING = b'{"openapi": "3.1.0", "x": ' + b"[" * (25 * 1024 * 1024) + b"]" * (25 * 1024 * 1024) + b"}"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("ZEUES_CONTRACTS_")}
    command = [sys.executable, "-m", "zeues_contracts", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environ, timeout=120, check=False)


@contextlib.contextmanager
def answering(body: bytes, kind: str, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Iterator[str]:
    """A service that answers everything with the same; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in (("content-type", kind), ("content-length", str(len(body))), *headers):
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


BAD = {
    "html": (b"<!doctype html><title>Hello</title><p>Nothing here.", "text/html"),
    "truncated": (GOOD[:-20], "application/json"),
    "nesting": (NESTING, "application/json"),
    "not-openapi": (b'{"hello": "world"}', "application/json"),
    "empty": (b"", "application/json"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "image/png"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_a_url_that_is_no_document(name: str, tmp_path: Path) -> None:
    body, kind = BAD[name]
    with answering(body, kind) as url:
        done = run("check", "--url", f"{url}/openapi.json", "--only", "drift", "--format", "json", cwd=tmp_path)
    assert done.returncode in (2, 3)
    assert "Traceback" not in done.stderr
    if done.returncode == 2:
        assert done.stdout == ""
        assert done.stderr.startswith("Error: ")
        assert url in done.stderr
    else:
        report = json.loads(done.stdout)
        assert url in report["cannot_judge"]
        assert not any(one["cause"] == "drift" for one in report["findings"])
        assert "\n" not in report["cannot_judge"]
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", list(BAD))
def test_a_file_that_is_no_document(name: str, tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    file.write_bytes(BAD[name][0])
    good = tmp_path / "good.json"
    good.write_bytes(GOOD)
    done = run("diff", "good.json", "openapi.json", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0].startswith("Error: openapi.json")
    assert len(lines) <= 2
    assert len(lines[0]) < 500


def test_a_service_that_is_not_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = run("check", "--url", f"http://127.0.0.1:{port}/docs", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stdout.startswith("CANNOT JUDGE")
    assert "nothing listens" in done.stdout
    assert " drift " not in done.stdout.splitlines()[0]
    assert "DRIFT" not in done.stdout


@pytest.mark.parametrize(("status", "says"), [(401, "--header"), (403, "--header"), (503, ""), (502, "")])
def test_a_service_that_does_not_let_us_in_or_is_down(status: int, says: str, tmp_path: Path) -> None:
    with answering(b'{"detail": "no"}', "application/json", status) as url:
        done = run("check", "--url", f"{url}/docs", cwd=tmp_path)
    assert done.returncode == 3
    assert says in " ".join(done.stdout.split())
    assert "DRIFT" not in done.stdout
    assert "VIOLATION" not in done.stdout


def test_a_secret_is_in_no_output(tmp_path: Path) -> None:
    with answering(b"no", "text/plain", 401) as url:
        secret = "s3cr3t-t0ken-value"
        with_user = url.replace("http://", f"http://user:{secret}@")
        done = run(
            "check", "--url", f"{with_user}/docs?api_key={secret}", "-H", f"Authorization: Bearer {secret}",
            "--format", "json", "--verbose", cwd=tmp_path,
        )  # fmt: skip
    assert done.returncode == 3
    assert secret not in done.stdout + done.stderr


def test_a_missing_file_and_a_bad_configuration(tmp_path: Path) -> None:
    done = run("diff", "nowhere.json", "nowhere.json", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: nowhere.json")
    (tmp_path / "zeues-contracts.toml").write_text("[services.a]\nurll = 'x'\n")
    done = run("check", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith("Error: zeues-contracts.toml:2: unknown key `urll`")
    assert "did you mean `url`?" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", [["rules"], ["--help"], ["explain", "ZC201"]])
def test_output_that_takes_no_more_is_told_in_one_line(command: list[str], tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "zeues_contracts", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "Error: the output cannot be written: No space left on device\n"
