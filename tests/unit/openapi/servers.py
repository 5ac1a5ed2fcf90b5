"""Local servers that answer from a table, and real applications under uvicorn."""

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """Answers by path: ``pages[path] = (status, body)`` or ``(status, body, headers)``; keeps what it was asked."""

    def __init__(self, pages):
        self.pages = pages
        self.asked = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                entry = site.pages.get(self.path)
                if entry is None:
                    entry = site.pages.get(self.path.partition("?")[0], (404, "not found"))
                if callable(entry):
                    entry(self)
                    return
                status, body, *more = entry
                headers = dict(more[0]) if more else {}
                data = (
                    body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
                )
                self.send_response(status)
                headers.setdefault("content-length", str(len(data)))
                headers.setdefault("connection", "close")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def paths(self):
        return [path for path, _ in self.asked]


@contextlib.contextmanager
def uvicorn_server(app, **settings):
    """A real server on a free port; gives its base URL."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", **settings))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(5)


def document(title="T", **more):
    return {"openapi": "3.1.0", "info": {"title": title, "version": "1"}, "paths": {}, **more}
