"""A small service on loopback, and scripts that are run against it under the hook."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from zeues_contracts.consumers.recording.running import recording_environment
from zeues_contracts.consumers.recording.spool import Recorded, Recording, read_spool

THING = {"id": 7, "name": "seven", "tags": ["a", "b"], "owner": {"id": 1, "mail": "x@example.org"}, "note": None}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def _send(self, status, body=b"", kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        if path.startswith("/things/"):
            self._send(200, json.dumps(THING).encode())
        elif path == "/things":
            self._send(200, json.dumps({"items": [THING, {**THING, "id": 8}], "total": 2}).encode())
        elif path == "/paged":
            self._send(200, json.dumps([THING]).encode(), X_Total="41", ETag='"a"', X_Request_Id="r-1")
        elif path == "/list":
            self._send(200, json.dumps([THING]).encode())
        elif path == "/echo":
            self._send(201, json.dumps({"method": self.command, "body": body.decode("utf-8", "replace")}).encode())
        elif path == "/redirect":
            self._send(303 if self.command == "POST" else 302, b"", location="/things/7")
        elif path.startswith("/status/"):
            self._send(int(path.rpartition("/")[2]), b'{"detail": "as asked"}')
        elif path == "/login":
            self._send(
                200,
                json.dumps({"access_token": "tok-PLANTED-1", "user": {"password": "PLANTED-2"}, "ok": True}).encode(),
                set_cookie="session=PLANTED-3; Path=/",
            )
        elif path == "/stream":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            with contextlib.suppress(OSError):
                for number in range(1000):
                    self.wfile.write(f"data: {number}\n\n".encode())
                    self.wfile.flush()
        else:
            self._send(404, b'{"detail": "Not Found"}')

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _answer  # noqa: N815


@contextlib.contextmanager
def running_service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def run_script(
    folder: Path, code: str, *arguments: str, name: str = "script.py", spool: Path | None = None
) -> tuple[Recording, subprocess.CompletedProcess[str]]:
    """Run a script under the hook; what was recorded, and how it ended."""
    file = folder / name
    file.write_text(textwrap.dedent(code), "utf-8")
    spool = spool or folder / "spool"
    spool.mkdir(mode=0o700, exist_ok=True)
    ended = subprocess.run(
        [sys.executable, str(file), *arguments],
        env=recording_environment(spool),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return read_spool(spool), ended


def said(recorded: Recorded) -> tuple[str, str, str, int | None]:
    """Test, method, path and query, status."""
    request = recorded.exchange.request
    return (recorded.test, request.method, "/" + request.url.split("/", 3)[3], recorded.exchange.status)
