"""Every exchange ends: with an answer, with what came until the limit, or with the name of what went wrong."""

import asyncio
import gzip
import json
import re
import socket
import struct
import threading

import pytest

from zeues_contracts.config import ReplayConfig
from zeues_contracts.exchange import Request
from zeues_contracts.live.addresses import Target, resolve
from zeues_contracts.live.curl import clean
from zeues_contracts.live.inprocess import AsgiSender
from zeues_contracts.live.limits import Bounds, is_listed, may_send
from zeues_contracts.live.sending import HttpSender

from .services import free_url, raw, serving

FAST = Bounds(seconds=1.0, max_bytes=50_000, stream_seconds=0.3, events=3)


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    path = scope["path"]

    async def start(status=200, kind=b"application/json", *more):
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind), *more]})

    async def end(body=b""):
        await send({"type": "http.response.body", "body": body})

    if path == "/echo":
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        text = b"|".join(
            [scope["method"].encode(), scope["query_string"], body]
            + [name + b"=" + value for name, value in scope["headers"] if name.startswith(b"x-")]
        )
        await start()
        await end(text)
    elif path == "/events" or path == "/silent-events":
        await start(200, b"text/event-stream")
        for _ in range(200):
            if path == "/events":
                await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
            else:
                await send({"type": "http.response.body", "body": b"", "more_body": True})
            await asyncio.sleep(0.02)
    elif path == "/drip":
        await start()
        for _ in range(200):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.05)
    elif path == "/flood":
        await start()
        for _ in range(500):
            await send({"type": "http.response.body", "body": b"x" * 20_000, "more_body": True})
            await asyncio.sleep(0)
    elif path == "/gzip":
        await start(200, b"application/json", (b"content-encoding", b"gzip"))
        await end(gzip.compress(b"0" * 10_000_000))
    elif path == "/never":
        await asyncio.sleep(4)
    elif path == "/crash":
        raise RuntimeError("boom")
    else:
        await start(404)
        await end(b"{}")


@pytest.fixture(scope="module")
def url():
    with serving(app) as base:
        yield base


@pytest.fixture(params=["http", "in process"])
def sender(request, url):
    one = HttpSender(url, bounds=FAST) if request.param == "http" else AsgiSender(app, bounds=FAST)
    yield one
    one.close()


def get(sender, path, method="GET", headers=(), body=None):
    return sender.send(Request(method, sender.base_url + path, headers, body))


def test_what_was_sent_arrives(sender):
    exchange = get(sender, "/echo?a=1&b=%20", "POST", (("x-one", "ä"), ("x-two", "2")), b'{"a":1}')
    assert exchange.status == 200
    assert exchange.response.body.startswith(b'POST|a=1&b=%20|{"a":1}|x-one=')
    assert exchange.response.body.endswith(b"x-two=2")
    assert exchange.response.media_type == "application/json"


def test_own_headers_win():
    one = AsgiSender(app, headers={"X-A": "configured", "X-B": "configured"})
    body = get(one, "/echo", headers=(("x-a", "own"),)).response.body
    one.close()
    assert b"x-a=own" in body
    assert b"x-b=configured" in body
    assert b"x-a=configured" not in body


def test_stream_is_sampled(sender):
    exchange = get(sender, "/events")
    assert exchange.response.truncated
    assert exchange.response.body.count(b"data: 1\n\n") >= 3


@pytest.mark.parametrize("path", ["/silent-events", "/drip", "/flood"])
def test_a_body_without_end_is_cut(sender, path):
    exchange = get(sender, path)
    assert exchange.status == 200
    assert exchange.response.truncated
    assert len(exchange.response.body) <= FAST.max_bytes


def test_a_bomb_is_not_unpacked_whole(sender):
    assert len(get(sender, "/gzip").response.body) == FAST.max_bytes


def test_no_answer_is_a_timeout(sender):
    exchange = get(sender, "/never")
    assert (exchange.response, exchange.error) == (None, "timeout")


def test_an_exception_is_a_500(sender):
    assert get(sender, "/crash").status == 500


async def failing(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    try:
        try:
            json.loads("{")
        except ValueError as error:
            raise LookupError("token=abc is nowhere") from error
    except LookupError as error:
        if scope["path"] == "/group":
            raise ExceptionGroup("of a middleware", [error]) from None
        raise


@pytest.mark.parametrize("path", ["/", "/group"])
def test_an_exception_in_process_is_told_with_its_place(path):
    sender = AsgiSender(failing)
    exchange = get(sender, path)
    sender.close()
    assert exchange.status == 500
    here = r"\S*test_sending\.py:\d+ in failing"
    told = rf"LookupError: token=abc is nowhere \({here}\), behind it json\.decoder\.JSONDecodeError: .* \({here}\)"
    assert re.fullmatch(told, exchange.error_text)
    assert "abc" not in clean(exchange).error_text


def test_the_sender_goes_on_after_all_that(sender):
    get(sender, "/events")
    get(sender, "/never")
    assert get(sender, "/nothing").status == 404


def test_threads_share_a_sender(sender):
    found = []
    threads = [
        threading.Thread(target=lambda n=n: found.append((n, get(sender, f"/echo?n={n}").response.body)))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [(n, f"GET|n={n}|".encode()) for n in range(8)]


def test_refused():
    one = HttpSender(free_url())
    assert get(one, "/").error == "refused"


def test_unresolved():
    one = HttpSender("http://name.invalid:8000")
    assert get(one, "/").error == "dns"


def reset(connection, done):
    connection.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER 0: close with RST


def no_http(connection, done):
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


def header_drip(connection, done):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not done.wait(0.05):
        connection.sendall(b"X")


def half(connection, done):
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")


@pytest.mark.parametrize(
    ("handle", "errors"), [(reset, {"reset"}), (no_http, {"protocol"}), (header_drip, {"timeout"}), (half, {"reset"})]
)
def test_misbehaviour_has_a_name(handle, errors):
    with raw(handle) as base:
        one = HttpSender(base, bounds=FAST)
        assert get(one, "/").error in errors


ANSWER = b"HTTP/1.1 500 Oops\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nno"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_kept_connection_that_is_closed_under_us_is_no_answer(method):
    """uvicorn after a 500: the answer, and then the end of the connection, whatever is sent on it."""
    connections = []

    def handle(connection, done):
        connections.append(1)
        connection.sendall(ANSWER)
        connection.recv(65536)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with raw(handle) as base:
        sender = HttpSender(base, bounds=FAST)
        assert [sender.send(Request(method, f"{base}/{n}")).status for n in range(3)] == [500, 500, 500]
        sender.close()
    assert len(connections) == 3


def test_a_new_connection_that_breaks_is_told_at_once():
    asked = []

    def handle(connection, done):
        asked.append(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with raw(handle) as base:
        sender = HttpSender(base, bounds=FAST)
        assert sender.send(Request("GET", f"{base}/")).error == "reset"
        sender.close()
    assert len(asked) == 1


def test_half_an_answer_on_a_kept_connection_is_not_asked_for_again():
    asked = []

    def handle(connection, done):
        asked.append(1)
        connection.sendall(ANSWER)
        connection.recv(65536)
        asked.append(2)
        connection.sendall(ANSWER[:20])

    with raw(handle) as base:
        sender = HttpSender(base, bounds=FAST)
        assert sender.send(Request("GET", f"{base}/1")).status == 500
        assert sender.send(Request("GET", f"{base}/2")).error in ("reset", "protocol")
        sender.close()
    assert asked == [1, 2]


def test_tls_to_a_server_without_it(url):
    one = HttpSender(url.replace("http://", "https://"))
    assert get(one, "/").error == "tls"


def test_requests_go_to_the_checked_address(url):
    """The name is not looked up again: what was checked is what is connected to."""
    port = int(url.rpartition(":")[2])
    target = Target("http", "name.invalid", port, "", "127.0.0.1", trusted=True)
    one = HttpSender("http://name.invalid", target=target)
    assert get(one, "/echo").status == 200


def test_nothing_goes_to_another_origin(url):
    one = HttpSender(url)
    exchange = one.send(Request("GET", "http://other.invalid/"))
    assert exchange.error == "protocol"
    assert "not sent" in exchange.error_text


def test_a_name_that_leads_elsewhere_is_not_trusted(monkeypatch):
    """A name that resolves to loopback and to somewhere else is not loopback, nor is one that only sounds like it."""
    import socket

    def answer(*addresses):
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 9)) for one in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: rows)
        monkeypatch.setattr(socket, "create_connection", lambda *a, **k: socket.socket())

    answer("192.0.2.7")
    assert not resolve("http://localhost:9").trusted
    assert resolve("http://localhost:9", ["localhost"]).trusted
    answer("127.0.0.1", "192.0.2.7")
    assert not resolve("http://localhost:9").trusted
    answer("127.0.0.53")
    assert resolve("http://anything:9").trusted


@pytest.mark.parametrize(
    ("method", "operation", "trusted", "config", "sent"),
    [
        ("GET", "GET /a", False, {}, True),
        ("HEAD", "HEAD /a", False, {}, True),
        ("POST", "POST /a", False, {}, False),
        ("OPTIONS", "OPTIONS /a", False, {}, False),
        ("POST", "POST /a", True, {}, True),
        ("POST", "POST /search", False, {"safe": ["POST /search"]}, True),
        ("GET", "GET /api/health/clear-cache", True, {"unsafe": ["GET /api/health/clear-cache"]}, False),
        ("POST", "POST /a/{id}", True, {"safe": ["POST /a/{x}"], "unsafe": ["POST /a/{y}"]}, False),
    ],
)
def test_what_may_be_sent(method, operation, trusted, config, sent):
    assert (may_send(method, operation, "", trusted=trusted, config=ReplayConfig(**config)) == "") is sent


def test_lists_of_operations():
    assert is_listed("GET /a/{id}", "read_a", ["read_a"])
    assert is_listed("GET /a/{id}", "", ["GET /a/*"])
    assert is_listed("GET /a/{id}", "", ["/a/{other}"])
    assert not is_listed("GET /a/{id}", "", ["POST /a/{id}", "GET /a"])
