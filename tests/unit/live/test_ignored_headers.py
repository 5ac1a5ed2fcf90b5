"""Header parameters that say nothing (OpenAPI 3.1, 4.8.12.2): the check, the mock and the judge of traffic agree."""

from __future__ import annotations

import pytest

from tests.unit.consumers.documents import check, rules
from tests.unit.live.documents import document
from zeues_contracts.exchange import Request
from zeues_contracts.live.mock.answering import Mock
from zeues_contracts.live.requests_read import read_request

TEXT = """\
openapi: 3.1.0
info: {title: T, version: "1"}
components: {securitySchemes: {b: {type: http, scheme: bearer}}}
paths:
  /plain: {get: {parameters: [PARAMETER], responses: {"200": {description: X}}}}
  /secured: {get: {security: [{b: []}], parameters: [PARAMETER], responses: {"200": {description: X}}}}
"""


@pytest.mark.parametrize("path", ["/plain", "/secured"])
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("Authorization", None, "/plain"),
        ("Authorization", "a", "/plain"),
        ("Authorization", "abcd", ""),
        ("Accept", None, ""),
        ("Accept", "a", ""),
        ("Content-Type", None, ""),
        ("X-Other", None, "/plain /secured"),
        ("X-Other", "a", "/plain /secured"),
    ],
)
def test_readers_agree(path, name, value, said):
    parameter = f"{{name: {name}, in: header, required: true, schema: {{type: string, minLength: 4}}}}"
    described = document(TEXT.replace("PARAMETER", parameter))
    sent = {} if value is None else {name: value}
    if path == "/secured":
        sent.setdefault("Authorization", "Bearer abcd")
    refused = path in said.split()

    headers = ", ".join(f"{key}: '{one}'" for key, one in sent.items())
    found = check(described, f"{{operation: GET {path}, request: {{headers: {{{headers}}}}}}}")
    assert bool({"ZC310", "ZC312"} & set(rules(found))) is refused

    request = Request("GET", f"http://mock{path}", tuple(sent.items()), None)
    answered = Mock(described).answer(request)
    assert answered.response.status == (422 if refused else 200)

    reading = read_request(described, answered.operation, request, {})
    assert (reading.valid is False) is refused
