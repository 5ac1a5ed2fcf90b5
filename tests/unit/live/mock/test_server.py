"""The mock on a port: what clients of all kinds send arrives, and nobody keeps it from answering."""

import contextlib
import http.client
import json
import socket
import threading
from urllib.parse import urlsplit

import pytest

from tests.unit.live.documents import document
from zeues_contracts.errors import UsageError
from zeues_contracts.live.mock.answering import Mock
from zeues_contracts.live.mock.server import TEST_HEADER, MockServer

DOCUMENT = """\
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    get: {responses: {"200": {description: Things, content: {application/json: {schema: {type: array}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name]}}}}
      responses: {"201": {description: Made}}
    options: {responses: {"200": {description: Own, content: {application/json: {schema: {const: own}}}}}}
"""


@pytest.fixture
def server():
    with MockServer(Mock(document(DOCUMENT))) as running:
        yield running


def ask(server, method, path, body=None, headers=None, **more):
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=5)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers or {}, **more)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def raw(server, data, *, until_closed=True):
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port), timeout=5) as line:
        line.sendall(data)
        got = b""
        while until_closed or b"\r\n\r\n" not in got:
            part = line.recv(65536)
            if not part:
                break
            got += part
        return got


def test_it_answers_and_logs(server):
    assert ask(server, "GET", "/things?a=1")[0] == 200
    status, headers, body = ask(server, "POST", "/things", "{}", {"content-type": "application/json"})
    assert (status, json.loads(body)["detail"][0]["loc"]) == (422, ["body", "name"])
    assert headers["content-type"] == "application/json"
    assert [(one.number, one.line, one.operation) for one in server.log] == [
        (1, "GET /things?a=1 → 200", "GET /things"),
        (2, "POST /things → 422", "POST /things"),
    ]
    assert server.log[1].exchange.request.url == "http://mock/things"
    assert [one.wrong for one in server.log] == [False, True]


def test_the_test_that_sends_is_noted_and_not_judged(server):
    ask(server, "GET", "/things", headers={TEST_HEADER: "test_things"})
    assert server.log[0].test == "test_things"
    assert server.log[0].exchange.request.header(TEST_HEADER) is None


def test_head_and_options(server):
    status, _, body = ask(server, "HEAD", "/things")
    assert (status, body) == (200, b"")
    assert ask(server, "OPTIONS", "/things")[2] == b'"own"', "documented is documented"


def test_pages_of_other_origins_may_ask(server):
    preflight = {"origin": "http://localhost:3000", "access-control-request-method": "POST",
                 "access-control-request-headers": "content-type, x-key"}  # fmt: skip
    status, headers, _ = ask(server, "OPTIONS", "/things", headers=preflight)
    assert status == 204
    assert headers["access-control-allow-origin"] == "http://localhost:3000"
    assert headers["access-control-allow-methods"] == "POST"
    assert headers["access-control-allow-headers"] == "content-type, x-key"
    assert ask(server, "GET", "/things", headers={"origin": "http://a"})[1]["access-control-allow-origin"] == "http://a"
    assert "access-control-allow-origin" not in ask(server, "GET", "/things")[1]
    assert [one.exchange.request.method for one in server.log] == ["GET", "GET"], "a preflight is the browser's"


def test_connections_are_kept(server):
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=5)
    with contextlib.closing(connection):
        for _ in range(150):
            connection.request("GET", "/things")
            assert connection.getresponse().read() == b'["item-1"]'


def test_chunks(server):
    parts = iter([b'{"name"', b': "a"}'])
    assert ask(server, "POST", "/things", parts, {"content-type": "application/json"}, encode_chunked=True)[0] == 201
    assert server.log[0].exchange.request.body == b'{"name": "a"}'


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST /things HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n", b"413"),
        (b"POST /things HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n", b"400"),
        (b"POST /things HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFF\r\n", b"413"),
        (b"POST /things HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nnothing\r\n", b"400"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET /things HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", b"431"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET http://[ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", b"400"),
        (b"GET //evil/things HTTP/1.1\r\nconnection: close\r\n\r\n", b"404"),
        (b"FROB /things HTTP/1.1\r\nconnection: close\r\n\r\n", b"405"),
        (b"GET http://elsewhere/things HTTP/1.1\r\nconnection: close\r\n\r\n", b"200"),
    ],
)
def test_hostile_requests(server, sent, status):
    got = raw(server, sent)
    assert status in got.split(b"\r\n")[0] + got[:400]
    assert ask(server, "GET", "/things")[0] == 200


def test_header_values_cannot_break_out(server):
    got = raw(server, b"GET /things HTTP/1.1\r\norigin: a\x07b\xff\r\nconnection: close\r\n\r\n")
    assert b"access-control-allow-origin: a?b?" in got


def test_many_at_once(server):
    made = []

    def post():
        made.append(ask(server, "POST", "/things", '{"name": "a"}', {"content-type": "application/json"})[0])

    threads = [threading.Thread(target=post) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert made == [201] * 40
    assert sorted(one.number for one in server.log) == list(range(1, 41))


def test_a_port_that_is_taken(server):
    with pytest.raises(UsageError, match="port"):
        MockServer(Mock(document(DOCUMENT)), port=urlsplit(server.url).port)


def test_a_peer_that_breaks_off_harms_nobody(server, capfd):
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port)) as line:
        line.sendall(b"POST /things HTTP/1.1\r\ncontent-length: 100\r\n\r\n{")
    assert ask(server, "GET", "/things")[0] == 200
    assert capfd.readouterr().err == ""
