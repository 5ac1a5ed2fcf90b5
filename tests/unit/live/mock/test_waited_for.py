"""What a test waits for that no schema names: entries of maps, forms of any boundary, what a summary says again."""

import pytest

from tests.unit.live.documents import document
from tests.unit.live.mock.test_rehearsal import PROMISE, findings, logged
from zeues_contracts.exchange import Request
from zeues_contracts.live.mock.fitting import with_entries
from zeues_contracts.live.mock.preferring import wish_of


@pytest.mark.parametrize(
    ("schema", "wanted", "given"),
    [
        ({"additionalProperties": {"type": "string"}}, {"const": "ok"}, {"key": "a", "status": "ok"}),
        ({"additionalProperties": {"type": "string"}}, {"type": "string"}, {"key": "a", "status": "a"}),
        ({"additionalProperties": {"type": "string"}}, {"const": 3}, {"key": "a"}),
        ({"additionalProperties": True}, {"type": "string"}, {"key": "a"}),
        ({"properties": {"key": {"type": "string"}}}, {"type": "string"}, {"key": "a"}),
    ],
)
def test_a_map_is_given_the_entry_that_is_waited_for(schema, wanted, given):
    content = {"application/json": {"schema": {"type": "object", **schema}}}
    operation = {"responses": {"200": {"description": "x", "content": content}}}
    promise = document(
        {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/h": {"get": operation}}}
    )
    (found,) = promise.operations.values()
    media = found.responses["200"].content["application/json"]
    expected = {"type": "object", "properties": {"status": wanted}, "required": ["status"]}
    assert with_entries(media, expected, {"key": "a"}) == given


def test_a_form_is_the_same_request_whatever_its_boundary():
    def form(boundary):
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--{boundary}--\r\n'
        return wish_of(Request("POST", "http://x/a", (), body.encode()))

    assert form("11aa") == form("22bb")


def test_what_a_summary_says_of_a_refused_request_is_told_once():
    text = "t_api.py:25: AssertionError\nFAILED t_api.py::test_one - assert 422 == 201\n"
    promise, log = logged(PROMISE, ("POST", "/things", {}, "test_one", 0))
    assert log[0].wrong
    result = findings(promise, log, 1, text)
    assert [one.rule for one in result.findings] == ["ZC380"]
