"""The client against real sockets: limits, redirects, and where credentials go."""

import gzip
import socket
import threading
import time
import zlib

import pytest

from tests.unit.openapi.servers import Site
from zeues_contracts.config import LimitsConfig
from zeues_contracts.errors import UsageError
from zeues_contracts.http import Client, collect_headers, is_loopback, origin_of
from zeues_contracts.redact import redact_text

SECRETS = {"X-API-Key": "k1", "Authorization": "Bearer t1", "Cookie": "a=1"}


def fetch(url, headers=None, **limits):
    with Client(headers or {}, LimitsConfig(**limits)) as client:
        return client.get(url)


def sent_secrets(site):
    return [sorted(set(headers) & {"x-api-key", "authorization", "cookie"}) for _, headers in site.asked]


def test_get():
    with Site({"/a": (200, "hello", {"content-type": "text/plain; charset=x"})}) as site:
        got = fetch(site.url + "/a", SECRETS)
        assert (got.status, got.body, got.media_type, got.error, got.hops) == (200, b"hello", "text/plain", "", ())
        assert sent_secrets(site) == [["authorization", "cookie", "x-api-key"]]


def test_redirects_keep_credentials_at_home():
    with Site({"/b": (200, "there")}) as other:
        pages = {
            "/a": (302, "", {"location": "/a2"}),
            "/a2": (307, "", {"location": other.url + "/b"}),
        }
        with Site(pages) as site:
            got = fetch(site.url + "/a", SECRETS)
            assert got.body == b"there"
            assert got.url == other.url + "/b"
            assert got.hops == ((site.url + "/a", 302), (site.url + "/a2", 307))
            assert sent_secrets(site) == [["authorization", "cookie", "x-api-key"]] * 2
        assert sent_secrets(other) == [[]]


def test_credentials_do_not_come_back_by_another_way():
    """A hop over a foreign server back home carries the user's headers only to the home."""
    with Site({}) as other, Site({"/home": (200, "home")}) as site:
        other.pages["/b"] = (302, "", {"location": site.url + "/home"})
        site.pages["/a"] = (302, "", {"location": other.url + "/b"})
        assert fetch(site.url + "/a", SECRETS).body == b"home"
        assert sent_secrets(other) == [[]]


def test_another_url_gets_no_credentials():
    with Site({"/b": (200, "x")}) as other, Site({"/a": (200, "y")}) as site:
        with Client(SECRETS, LimitsConfig()) as client:
            client.get(site.url + "/a")
            client.get(other.url + "/b")
        assert sent_secrets(other) == [[]]


def test_redirect_limit_and_circles():
    with Site({"/a": (302, "", {"location": "/a"})}) as site:
        got = fetch(site.url + "/a", max_redirects=3)
        assert got.error == "protocol"
        assert "more than 3 redirects" in got.error_text
        assert len(site.asked) == 4


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://x/y", "javascript:alert(1)", "http://[::1"])
def test_redirects_elsewhere(location):
    with Site({"/a": (302, "", {"location": location})}) as site:
        got = fetch(site.url + "/a")
        assert got.error == "protocol"


def test_size_limit():
    with Site({"/a": (200, "x" * 5000)}) as site:
        got = fetch(site.url + "/a", max_bytes=1000)
        assert got.truncated
        assert len(got.body) == 1000


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", lambda b: zlib.compress(b)[2:-4])],
)
def test_content_codings(coding, pack):
    with Site({"/a": (200, pack(b"hello " * 1000), {"content-encoding": coding})}) as site:
        assert fetch(site.url + "/a").body == b"hello " * 1000


def test_decompression_bomb():
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    with Site({"/a": (200, bomb, {"content-encoding": "gzip"})}) as site:
        got = fetch(site.url + "/a", max_bytes=1_000_000)
        assert got.truncated
        assert len(got.body) == 1_000_000


def test_broken_coding():
    with Site(
        {"/a": (200, b"no gzip", {"content-encoding": "gzip"}), "/b": (200, b"x", {"content-encoding": "br"})}
    ) as site:
        assert fetch(site.url + "/a").error == "protocol"
        assert fetch(site.url + "/b").error == "protocol"


def raw_server(answer):
    """A server that does with its one connection what ``answer`` says."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(5)

    def serve():
        connection, _ = listener.accept()
        try:
            connection.recv(65536)
            answer(connection)
        except OSError:
            pass
        finally:
            connection.close()
            listener.close()

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


def dripping(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(200):
        connection.sendall(b"x-a: b\r\n")
        time.sleep(0.05)


def test_headers_that_drip_end_at_the_limit():
    assert fetch(raw_server(dripping), timeout=0.3).error == "timeout"


def silent(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc")
    time.sleep(3)


def test_body_that_does_not_come():
    assert fetch(raw_server(silent), timeout=0.3).error == "timeout"


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (reset, "reset"),
        (lambda c: None, "reset"),
        (lambda c: c.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"), "protocol"),
        (lambda c: c.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"), "reset"),
    ],
)
def test_transport_errors(answer, word):
    assert fetch(raw_server(answer)).error == word


def test_nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert fetch(f"http://127.0.0.1:{port}/").error == "refused"


def test_tls_to_a_plain_server():
    with Site({}) as site:
        assert fetch(site.url.replace("http:", "https:") + "/").error == "tls"


def test_unknown_name():
    assert fetch("http://nowhere.invalid/", timeout=5).error in ("dns", "timeout")


def test_proxies_of_the_environment_are_not_used_for_loopback(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Site({"/a": (200, "x")}) as site:
        assert fetch(site.url + "/a").status == 200


@pytest.mark.parametrize(
    "url", ["", "no-url", "ftp://x/", "http://", "http://[::1", "http://h:99999/", "file:///etc/passwd"]
)
def test_no_urls(url):
    with pytest.raises(UsageError):
        fetch(url)


def test_password_of_a_url_goes_to_its_origin_alone():
    with Site({"/b": (200, "x")}) as other:
        with Site({"/a": (302, "", {"location": other.url + "/b"})}) as site:
            got = fetch(site.url.replace("//", "//u:p@") + "/a")
            assert site.asked[0][1]["authorization"] == "Basic dTpw"
            assert "u:p" not in str(got)
        assert sent_secrets(other) == [[]]


def test_collect_headers():
    environ = {
        "TOK": "t",
        "ZEUES_CONTRACTS_HEADER_X_API_KEY": "env",
        "ZEUES_CONTRACTS_HEADER_ACCEPT_LANGUAGE": "es",
        "OTHER": "x",
    }
    got = collect_headers({"x-api-key": "conf", "A": "b"}, ["authorization:  Bearer x:y "], environ)
    assert got == {"X-Api-Key": "env", "A": "b", "Accept-Language": "es", "authorization": "Bearer x:y"}


def test_collect_headers_expands_the_environment(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "abc")
    assert collect_headers({"Authorization": "Bearer ${MY_TOKEN}"}, (), {}) == {"Authorization": "Bearer abc"}
    with pytest.raises(UsageError, match="UNSET_ONE"):
        collect_headers({"A": "${UNSET_ONE}"}, (), {})


@pytest.mark.parametrize(
    "flag", ["Bearer secret-value", "bad name: secret-value", ": secret-value", "A: secret-value\r\nB: c"]
)
def test_bad_headers_never_show_their_value(flag):
    with pytest.raises(UsageError) as told:
        collect_headers({}, [flag], {})
    assert "secret-value" not in told.value.message


def test_origins():
    assert origin_of("HTTP://A.b:80/x") == origin_of("http://a.b./y") == "http://a.b:80"
    assert origin_of("https://a.b") != origin_of("http://a.b")
    assert [
        is_loopback(u) for u in ("http://localhost", "http://127.0.0.9:1", "http://[::1]:2/", "http://a.localhost")
    ] == [True] * 4
    assert not any(is_loopback(u) for u in ("http://example.com", "http://10.0.0.1", "http://localhost.example.com"))


def test_a_password_in_a_url_is_known_from_then_on():
    with Site({"/a": (200, "hello")}) as site:
        fetch(site.url.replace("://", "://someone:pl4nted%2Fword@") + "/a")
    assert redact_text("someone said pl4nted/word, pl4nted%2Fword") == "someone said ***, ***"


def test_variables_with_secret_names_are_known_from_then_on(monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "planted-value")
    collect_headers({"Accept": "text/plain; q=${SHOP_TOKEN}"}, (), {})
    assert redact_text("planted-value") == "***"
