"""What the service answers to a body that no parser can take apart says nothing about its promise."""

import pytest

from zeues_contracts.consumers.model import Expectation, Interaction, Payload, RequestSpec
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.live.building import CannotBuildError, build_request
from zeues_contracts.live.candidates import judge_all
from zeues_contracts.live.multipart import is_malformed

from .documents import document

DOC = document(
    """
openapi: 3.1.0
info: {}
paths:
  /files:
    post:
      requestBody:
        required: true
        content: {multipart/form-data: {schema: {type: object, properties: {file: {type: string}}}}}
      responses: {"201": {description: made}}
"""
)
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


def upload(kind, body):
    return Request("POST", "http://127.0.0.1:8000/files", (("content-type", kind),), body)


@pytest.mark.parametrize(
    ("kind", "body", "malformed"),
    [
        ("multipart/form-data; boundary=x", PART + b"text\r\n--x--\r\n", False),
        ("multipart/form-data; boundary=x", PART + b"\r\n" + PART + b"--\r\n--x--", False),
        ('Multipart/Form-Data; charset=utf-8; boundary="x"', PART + b"--y\r\n\r\n--x--\r\n", False),
        ("multipart/form-data; boundary=x", b"--x--\r\n", False),
        ("multipart/form-data; boundary=x", b"--x\r\nTrue--x--\r\n", True),
        ("multipart/form-data; boundary=x", b"--x\r\nTrue\r\n--x--\r\n", True),
        ("multipart/form-data; boundary=x", PART + b"text", True),
        ("multipart/form-data; boundary=y", PART + b"text\r\n--x--\r\n", True),
        ("multipart/form-data", PART + b"text\r\n--x--\r\n", True),
        ("multipart/form-data; boundary=x", b"", True),
        ("multipart/form-data; boundary=x", None, False),
        ("multipart/form-data; boundary=", b"", True),
        ("text/plain", b"--x", False),
        ("application/json", b"{}", False),
    ],
)
def test_what_a_parser_can_take_apart(kind, body, malformed):
    assert is_malformed(upload(kind, body)) is malformed


@pytest.mark.parametrize("status", [400, 415, 422])
def test_an_answer_to_a_malformed_form_is_not_judged(status):
    answer = Response(status, (("content-type", "application/json"),), b'{"detail": "Invalid multipart data."}')
    torn = upload("multipart/form-data; boundary=x", b"--x\r\nTrue--x--\r\n")
    assert judge_all(DOC, Exchange(torn, answer), positive=False) == ()
    assert judge_all(DOC, Exchange(upload("multipart/form-data", b""), answer)) == ()


def test_other_answers_to_forms_are():
    whole = upload("multipart/form-data; boundary=x", PART + b"\r\n--x--\r\n")
    answer = Response(409, (("content-type", "application/json"),), b'{"detail": "no"}')
    assert [one.rule for one in judge_all(DOC, Exchange(whole, answer))] == ["ZC402"]
    torn = upload("multipart/form-data", b"")
    assert [one.rule for one in judge_all(DOC, Exchange(torn, Response(500)))] == ["ZC401"]


@pytest.mark.parametrize(("kind", "built"), [("multipart/form-data", False), ("multipart/form-data; boundary=x", True)])
def test_a_contracts_form_is_sent_as_it_is_or_not_at_all(kind, built):
    body = Payload({}, (PART + b"\r\n--x--\r\n").decode(), True)
    upload = Interaction("up", "POST /files", RequestSpec({}, {}, body=body, media_type=kind), Expectation(("201",)))
    if built:
        assert build_request(upload, "http://127.0.0.1:8000", None).header("content-type") == kind
    else:
        with pytest.raises(CannotBuildError, match="several parts"):
            build_request(upload, "http://127.0.0.1:8000", None)
