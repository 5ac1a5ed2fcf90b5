# ruff: noqa: E501 - tables of documents and pages read best with a row each
"""What a secret looks like, and what merely resembles one."""

import base64

import pytest

from zeues_contracts.redact import (
    forget,
    is_secret_name,
    is_secret_parameter,
    know,
    know_headers,
    redact_body,
    redact_headers,
    redact_json,
    redact_text,
    redact_url,
)

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://u:p@h.x:8/a?x=1", "https://***@h.x:8/a?x=1"),
        ("http://h/a?token=abc&x=1&api_key=2", "http://h/a?token=***&x=1&api_key=***"),
        ("http://h/a?X-Amz-Signature=f&X-Amz-Date=1", "http://h/a?X-Amz-Signature=***&X-Amz-Date=1"),
        ("http://h/cb#access_token=abc&state=1", "http://h/cb#access_token=***&state=1"),
        ("http://h/a?page_token=abc&next_page_token=d", "http://h/a?page_token=abc&next_page_token=d"),
        (f"http://h/share/{JWT}", "http://h/share/***"),
        ("http://h/a?q=plain%20text", "http://h/a?q=plain%20text"),
        ("http://[::1/broken", "http://[::1/broken"),
    ],
)
def test_urls(url, clean):
    assert redact_url(url) == clean


def test_headers():
    given = {
        "Authorization": "Bearer abc", "X-API-Key": "k", "Cookie": "a=1; b=2", "Set-Cookie": "sid=1; Path=/; HttpOnly",
        "X-Request-Id": "abc", "Location": "/x?token=1", "X-CSRF-Token": "t", "Content-Type": "text/plain", "ETag": '"x"',
    }  # fmt: skip
    assert dict(redact_headers(given)) == {
        "Authorization": "Bearer ***", "X-API-Key": "***", "Cookie": "a=***; b=***",
        "Set-Cookie": "sid=***; Path=/; HttpOnly", "X-Request-Id": "abc", "Location": "/x?token=***",
        "X-CSRF-Token": "***", "Content-Type": "text/plain", "ETag": '"x"',
    }  # fmt: skip


def test_json():
    value = {
        "password": "x", "pin": 1234, "max_tokens": 5, "accessToken": "a", "n": None, "ok": True,
        "user": {"credentials": {"login": "a", "tries": 1}}, "passwordResetRequired": True,
        "password_changed_at": "2020", "broker": "redis://:pw@h:1/0", "list": [{"client_secret": "s"}, JWT],
        "token": None, "token_type": "bearer", "secret": "", "tokens": ["a"],
    }  # fmt: skip
    assert redact_json(value) == {
        "password": "***", "pin": 0, "max_tokens": 5, "accessToken": "***", "n": None, "ok": True,
        "user": {"credentials": {"login": "***", "tries": 0}}, "passwordResetRequired": True,
        "password_changed_at": "2020", "broker": "redis://***@h:1/0", "list": [{"client_secret": "***"}, "***"],
        "token": None, "token_type": "bearer", "secret": "", "tokens": ["***"],
    }  # fmt: skip


def test_json_of_any_depth():
    value = "deep"
    for _ in range(5000):
        value = [value]
    assert redact_json(value) is not None


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Error 111 connecting to redis://user:p@ss@host:6379/0.", "Error 111 connecting to redis://***@host:6379/0."),
        (
            "curl -H 'Authorization: Bearer abc' -H 'Accept: */*'",
            "curl -H 'Authorization: Bearer ***' -H 'Accept: */*'",
        ),
        ("curl -H 'X-API-Key: abc' http://h", "curl -H 'X-API-Key: ***' http://h"),
        ("dsn password=hunter2 host=db", "dsn password=*** host=db"),
        ('{"api_key": "abc", "a": "b"}', '{"api_key": "***", "a": "b"}'),
        (f"token {JWT} expired", "token *** expired"),
        ("key AKIAABCDEFGHIJKLMNOP used", "key *** used"),
        ("ghp_" + "a1" * 20, "***"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "***"),
        ("Basic authentication is required", "Basic authentication is required"),
        ("token: field required", "token: field required"),
        ("a=b&c=d", "a=b&c=d"),
        ("http://h/a:b@c", "http://h/a:b@c"),
        ("password: hunter2", "password: ***"),
        ("db_pass = hunter and more", "db_pass = *** and more"),
        ("login (password: abc) failed", "login (password: ***) failed"),
        ("password: must be longer than 8", "password: must be longer than 8"),
        ("body.password: required", "body.password: required"),
        ("session: 3 of 4", "session: 3 of 4"),
        ('{"pin": 4321, "tokens": 7, "a', '{"pin": 0, "tokens": 7, "a'),
        ("<a><password>x y</password><b>c</b></a>", "<a><password>***</password><b>c</b></a>"),
        ('<n:apiKey v="1"><![CDATA[x]]></n:apiKey>', '<n:apiKey v="1">***</n:apiKey>'),
    ],
)
def test_text(text, clean):
    assert redact_text(text) == clean


def test_known_values():
    assert redact_text("sent s3cr3tvalue and es", known=["s3cr3tvalue", "es"]) == "sent *** and es"


@pytest.mark.parametrize(
    "piece", ["a.a", "eyJ", "a=b", "x://", '"a', "Bearer ", "-----BEGIN PRIVATE KEY-----", "cookie:"]
)
def test_long_texts_are_read_once(piece):
    text = piece * 100_000
    assert len(redact_text(text)) <= len(text) + 3 * 100_000


def test_bodies():
    assert redact_body(b'{"password": "x", "a": 1}', "application/json") == b'{"password": "***", "a": 1}'
    assert redact_body(b'{"a":1}', "application/json") == b'{"a":1}'
    assert redact_body(b"user=a&password=x%26", "application/x-www-form-urlencoded") == b"user=a&password=***"
    assert redact_body(b"\xff\x00", "image/png") == b"\xff\x00"


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "userPassword",
        "X-API-Key",
        "apiKey",
        "api_key",
        "client-secret",
        "AWS_SECRET_ACCESS_KEY",
        "id_token",
        "sessionId",
        "csrf",
        "Authorization",
        "password1",
        "newPassword2",
        "passwords",
        "tokens",
        "token_value",
        "tokenValue",
        "apiKeys",
        "passcode",
        "pass_code",
        "db_pass",
        "userpass",
        "session",
        "auth",
        "X-Auth",
        "X-Session",
        "mfa_code",
        "refresh_token_2",
        "x-functions-key",
        "hmac",
        "sas",
    ],
)
def test_secret_names(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "author",
        "max_tokens",
        "total_tokens",
        "token_count",
        "sessions",
        "session_count",
        "quiz_session",
        "passed",
        "compass",
        "pass_rate",
        "boarding_pass",
        "oauth2",
        "key",
        "keyboard",
        "passenger",
        "pagetoken_count",
        "secretary",
        "tokenType",
        "nextPageToken",
        "operacion",
        "id",
    ],
)
def test_plain_names(name):
    assert not is_secret_name(name)


def test_weak_words_take_texts_alone():
    value = {"session": {"id": 7, "title": "Algebra"}, "sessions": [{"worker": "x"}], "tokens": 12, "auth": "abc"}
    assert redact_json(value) == {**value, "auth": "***"}


def test_parts_of_a_form():
    kind = "multipart/form-data; boundary=xx"
    body = (
        b'--xx\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n'
        b'--xx\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n\xff\x00\r\n--xx--\r\n'
    )
    assert redact_body(body, kind) == body.replace(b"hunter2", b"***")


@pytest.fixture
def known():
    forget()
    know_headers({"X-Tenant-Proof": 'Bearer pl4nt"ed/é', "Accept": "application/json", "X-Short": "abc"})
    know(names=["key", "content-type"])
    yield 'pl4nt"ed/é'
    forget()


def test_what_is_known_goes_however_it_is_spelt(known):
    texts = [known, f"x{known}y", "pl4nt%22ed%2F%C3%A9", "pl4nt%22ed/%C3%A9", 'pl4nt\\"ed/é', 'pl4nt\\"ed/\\u00e9']
    for text in texts:
        assert "pl4nt" not in redact_text(text)
        assert "pl4nt" not in redact_url(f"http://h/{text}/a?q={text}#{text}")
        assert b"pl4nt" not in redact_body(b"\xff" + text.encode(), "image/png")
    assert redact_json({"echo": [known]}) == {"echo": ["***"]}
    assert redact_headers({"X-Echo": known}) == (("X-Echo", "***"),)
    assert redact_text("application/json abc") == "application/json abc"


def test_a_short_value_goes_where_it_is_a_whole_value_and_tears_no_word_up(known):
    assert redact_headers({"X-Echo": "abc", "X-Word": "abcd"}) == (("X-Echo", "***"), ("X-Word", "abcd"))
    assert redact_url("http://h/abc/b?q=abc&r=abcd") == "http://h/abc/b?q=***&r=abcd"
    assert redact_json({"abc": ["abc", "abcd", 1]}) == {"abc": ["***", "abcd", 1]}
    assert redact_body(b"a=abc&b=xabc", "application/x-www-form-urlencoded") == b"a=***&b=xabc"
    assert redact_text("alphabet abc") == "alphabet abc"


@pytest.mark.parametrize("value", ["1", "de", "true", "None", ""])
def test_values_that_say_nothing_are_told_by_their_name_alone(value):
    forget()
    know_headers({"X-Flag": value})
    assert redact_json([value, value.encode().decode()]) == [value, value]
    assert redact_headers({"X-Flag": "5", "Other": value}) == (("X-Flag", "***"), ("Other", value))
    forget()


def test_a_short_number_stays(known):
    know_headers({"X-Pin": "4711"})
    assert redact_json({"count": 4711, "said": "4711"}) == {"count": 4711, "said": "***"}


def test_short_passwords_of_basic_authorization_are_known():
    forget()
    know_headers({"Authorization": "Basic " + base64.b64encode(b"me:h1nt").decode()})
    assert redact_json(["h1nt", "hint", "me"]) == ["***", "hint", "me"]
    forget()


def test_known_names_are_those_of_parameters(known):
    given = {"x-short": "abc", "KEY": "k", "content-type": "text/plain"}
    assert dict(redact_headers(given)) == {"x-short": "***", "KEY": "***", "content-type": "text/plain"}
    assert redact_url("http://h/a?key=1&kay=1") == "http://h/a?key=***&kay=1"
    assert redact_json({"key": "a", "X-Short": "abc"}) == {"key": "a", "X-Short": "***"}
    assert is_secret_parameter("Key")
    assert not is_secret_name("Key")
    forget()
    assert not is_secret_parameter("Key")
