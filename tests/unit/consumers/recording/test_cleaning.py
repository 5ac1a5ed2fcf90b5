"""What is let by without a look holds no secret: the quick way comes to what the long way does."""

from __future__ import annotations

import json
import os
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeues_contracts.consumers.recording.hook.cleaning import _SUSPICIOUS, SECRETS_VARIABLE, Cleaner
from zeues_contracts.consumers.recording.running import recording_environment, run_command
from zeues_contracts.consumers.recording.spool import read_spool
from zeues_contracts.redact import know, redact_json, redact_text

WORDS = st.sampled_from(
    ["Bearer", "token", "password", "eyJhbGciOi", ".", "AKIA", "ABCDEFGHIJKLMNOP", "sk-", "-----BEGIN", "PRIVATE KEY",
     "://", "@", "=", ":", " ", "a1b2c3d4", "basic", "x" * 30, '"', "'", "\n", "cookie", "xoxb-", "1234567890"]
)  # fmt: skip
TEXTS = st.lists(WORDS | st.text(max_size=6), max_size=8).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.sampled_from(["token", "id"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_text_that_is_let_by_has_nothing_to_redact(text):
    if _SUSPICIOUS.search(text) is None:
        assert redact_text(text) == text
    assert Cleaner().text(text) == redact_text(text)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_bodies_come_out_as_the_one_place_that_knows_secrets_has_them(value):
    body = json.dumps(value).encode()
    clean = Cleaner().body(body, "application/json")
    assert json.loads(clean) == redact_json(value)


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "image/png", "application/octet-stream"])
def test_bodies_in_which_no_name_tells_are_left_out_or_cleaned(kind):
    body = b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nPLANTED-1\r\n--x--'
    clean = Cleaner().body(body, kind)
    assert kind.startswith("application") or clean == b""


def test_what_the_process_is_told_is_taken_out_of_what_no_sign_tells():
    know(["plain words"])
    clean = Cleaner()
    assert clean.text("plain words here") == "*** here"
    assert json.loads(clean.body(b'{"a": ["plain words", 1]}', "application/json")) == {"a": ["***", 1]}
    assert clean.url("http://x/a?b=plain%20words").endswith("b=***")
    know(["four"])
    assert json.loads(Cleaner().body(b'{"a": "four", "b": "four more"}', "application/json")) == {
        "a": "***",
        "b": "four more",
    }


def test_a_watched_process_is_told_the_names_of_what_is_secret_and_no_value(tmp_path):
    environ = {"SKU": "sesame opens", "PLAIN": "open"}
    assert SECRETS_VARIABLE not in recording_environment(tmp_path, environ)
    know(["sesame opens"])
    told = recording_environment(tmp_path, environ)
    assert told[SECRETS_VARIABLE] == "SKU"
    script = tmp_path / "suite.py"
    script.write_text(
        "import http.client, os\n"
        "try:\n"
        "    link = http.client.HTTPConnection('127.0.0.1', 9, timeout=2)\n"
        "    link.request('POST', '/x', body='{\"sku\": \"' + os.environ['SKU'] + '\"}')\n"
        "except OSError:\n"
        "    pass\n"
    )
    spool = tmp_path / "spool"
    spool.mkdir()
    assert run_command([sys.executable, str(script)], recording_environment(spool, {**os.environ, **environ})) == 0
    text = "".join(one.read_text() for one in spool.glob("*.jsonl"))
    assert '"body":"{\\"sku\\": \\"***\\"}"' in text
    assert "sesame" not in text


def test_what_is_known_here_alone_is_taken_out_when_the_spool_is_read(tmp_path):
    line = {
        "k": "exchange", "id": "1", "at": 1, "test": "t", "library": "x",
        "request": {"method": "POST", "url": "http://h/sesame", "headers": [],
                    "body": '{"n": "sesame"}'},
        "response": {"status": 200, "headers": [], "body": '{"m": ["sesame"]}', "seconds": 0.1, "truncated": False},
        "form": {"f": "sesame"},
    }  # fmt: skip
    outcome = {"k": "test", "test": "t", "outcome": "failed", "text": "it said sesame"}
    (tmp_path / "1.jsonl").write_text(json.dumps(line) + "\n" + json.dumps(outcome) + "\n")
    assert "sesame" in str(read_spool(tmp_path))
    know(["sesame"])
    recording = read_spool(tmp_path)
    assert "sesame" not in str(recording)
    assert recording.exchanges[0].exchange.response.body == b'{"m": ["***"]}'
