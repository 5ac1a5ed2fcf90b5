"""The recording proxy: passes on what comes as it comes, and keeps a redacted copy."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from tests.unit.consumers.recording.serving import running_service
from zeues_contracts.consumers.recording.building import build_contract
from zeues_contracts.errors import UsageError
from zeues_contracts.live.proxy import RecordingProxy, record_by_proxy, running_proxy


@pytest.fixture(scope="module")
def service():
    with running_service() as url:
        yield url


def ask(url, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_what_comes_is_passed_on_and_kept(service):
    with running_proxy(service) as proxy:
        status, headers, body = ask(proxy.url, "GET", "/things/7?q=1")
        assert (status, json.loads(body)["name"], headers["Content-Type"]) == (200, "seven", "application/json")
        status, _, body = ask(proxy.url, "POST", "/echo", '{"n": 1}', {"Content-Type": "application/json"})
        assert (status, json.loads(body)) == (201, {"method": "POST", "body": '{"n": 1}'})
        assert ask(proxy.url, "HEAD", "/things/7")[::2] == (200, b"")
        assert ask(proxy.url, "DELETE", "/status/204")[0] == 204
        seen = proxy.recording().exchanges
    assert [(one.exchange.request.method, one.exchange.status) for one in seen] == [
        ("GET", 200),
        ("POST", 201),
        ("HEAD", 200),
        ("DELETE", 204),
    ]
    assert seen[0].exchange.request.url == f"{service}/things/7?q=1"
    assert seen[1].exchange.request.body == b'{"n": 1}'
    assert json.loads(seen[0].exchange.response.body)["name"] == "seven"


def test_a_body_in_chunks(service):
    with running_proxy(service) as proxy:
        _status, _, body = ask(proxy.url, "POST", "/echo", iter([b"a" * 10, b"b" * 5]))
        assert json.loads(body)["body"] == "a" * 10 + "b" * 5
        assert proxy.recording().exchanges[0].exchange.request.body == b"a" * 10 + b"b" * 5


def test_redirects_lead_back_to_the_proxy(service):
    with running_proxy(service) as proxy:
        status, headers, _ = ask(proxy.url, "GET", "/redirect")
        assert (status, headers["location"]) == (302, "/things/7")
        assert proxy.recording().exchanges[0].exchange.request.header("host") is None


def test_an_absolute_redirect_to_the_service_is_one_to_the_proxy():
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = f"http://127.0.0.1:{server.getsockname()[1]}"

        def serve():
            connection, _ = server.accept()
            connection.recv(65536)
            connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {here}/b?x=1\r\nContent-Length: 0\r\n\r\n".encode())

        threading.Thread(target=serve, daemon=True).start()
        with running_proxy(here) as proxy:
            assert ask(proxy.url, "GET", "/a")[1]["Location"] == f"{proxy.own}/b?x=1"


def test_streams_come_through_and_are_kept_as_far_as_they_came(service):
    with running_proxy(service) as proxy:
        connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=10)
        connection.request("GET", "/stream")
        answer = connection.getresponse()
        assert answer.readline() == b"data: 0\n"
        first = proxy.recording().exchanges
        connection.close()
    assert first[0].exchange.response.body.startswith(b"data: 0")


def test_a_service_that_is_gone_is_a_502_to_the_command_and_its_reason_to_us():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with running_proxy(f"http://127.0.0.1:{port}") as proxy:
        status, _, body = ask(proxy.url, "GET", "/x")
        (seen,) = proxy.recording().exchanges
    assert status == 502
    assert b"recording proxy" in body
    assert (seen.exchange.error, seen.exchange.response) == ("refused", None)


def test_a_service_that_breaks_off_breaks_off(service):
    with socket.create_server(("127.0.0.1", 0)) as broken:

        def serve():
            connection, _ = broken.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            time.sleep(0.05)
            connection.close()

        threading.Thread(target=serve, daemon=True).start()
        with running_proxy(f"http://127.0.0.1:{broken.getsockname()[1]}") as proxy:
            with pytest.raises(http.client.IncompleteRead):
                ask(proxy.url, "GET", "/x")
            for _ in range(100):
                if proxy.recording().exchanges:
                    break
                time.sleep(0.02)
            (seen,) = proxy.recording().exchanges
    assert seen.exchange.response.truncated
    assert seen.exchange.response.body == b"half"


def test_secrets_stay_out(service):
    with running_proxy(service) as proxy:
        headers = {"Authorization": "Bearer PLANTED-a1", "X-Api-Key": "PLANTED-2", "Content-Type": "application/json"}
        _status, got, body = ask(proxy.url, "POST", "/login?token=PLANTED-3", '{"password": "PLANTED-4"}', headers)
        assert b"PLANTED-1" in body, "the command gets all of it"
        assert "PLANTED-3" in got["set-cookie"]
        recording = proxy.recording()
    assert "PLANTED" not in repr(recording)
    built = build_contract(recording.exchanges, "web")
    assert "PLANTED" not in repr(built)


def test_a_test_may_be_named_by_a_header(service):
    with running_proxy(service) as proxy:
        ask(proxy.url, "GET", "/list", headers={"Zeues-Contracts-Test": "checkout"})
        (seen,) = proxy.recording().exchanges
    assert seen.test == "checkout"
    assert seen.exchange.request.header("zeues-contracts-test") is None


def test_the_command_is_told_where(service):
    told = {}

    def run(words, environment):
        told.update(words=words, url=environment["ZEUES_CONTRACTS_URL"], api=environment["API"])
        return 7

    recording, code = record_by_proxy(["x", "{url}/a"], service + "/base", variables=["API"], run=run)
    assert code == 7
    assert recording.exchanges == ()
    assert told["url"].startswith("http://127.0.0.1:")
    assert told["url"].endswith("/base")
    assert told["words"] == ["x", told["url"] + "/a"]
    assert told["api"] == told["url"]


@pytest.mark.parametrize("target", ["", "ftp://x", "http://", "http://[::1"])
def test_targets_that_are_none(target):
    with pytest.raises(UsageError):
        RecordingProxy(target)


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="--port"):
        RecordingProxy("http://127.0.0.1:1", taken.getsockname()[1])


def test_shapes_not_values_are_expected(service):
    with running_proxy(service) as proxy:
        for number in (1, 2, 3):
            ask(proxy.url, "GET", f"/things/{number}")
        ask(proxy.url, "GET", "/status/404")
        ask(proxy.url, "GET", "/status/500")
        contract = build_contract(proxy.recording().exchanges, "web").contract
    things = [one for one in contract.interactions if one.operation == "GET /things/{thing_id}"]
    assert [one.request.path["thing_id"].value for one in things] == [1, 2, 3]
    schema = things[0].expect.body.schema
    assert schema["properties"]["name"] == {"type": "string"}
    assert schema["properties"]["note"] == {}, "null says nothing about what else may come"
    assert set(schema["required"]) == {"id", "name", "tags", "owner", "note"}
    rest = [one.expect.statuses for one in contract.interactions if "status" in one.operation]
    assert rest == [("404",), ()]
