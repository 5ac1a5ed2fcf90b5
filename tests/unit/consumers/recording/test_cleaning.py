"""What is let by without a look holds no secret: the quick way comes to what the long way does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeues_contracts.consumers.recording.hook.cleaning import _SUSPICIOUS, Cleaner
from zeues_contracts.redact import redact_json, redact_text

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
