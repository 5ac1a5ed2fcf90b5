"""What was logged and printed becomes findings; each rule of a rehearsal fires on its example."""

import os
import sys
import time

import pytest

from tests.unit.live.documents import document, exchange
from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload, RequestSpec
from zeues_contracts.errors import UsageError
from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.findings import Cause, Level, StageStatus
from zeues_contracts.live.mock.answering import Mock
from zeues_contracts.live.mock.rehearsal import Run, failures_in, rehearsal_findings, senders_of
from zeues_contracts.live.mock.rehearsing import consumer_of, rehearse
from zeues_contracts.live.mock.running import CommandRun
from zeues_contracts.live.mock.server import Logged
from zeues_contracts.rules.rehearsal import RULES

PROMISE = """\
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    get: {responses: {"200": {description: Things, content: {application/json: {schema: {type: array}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {
        type: object, required: [name], properties: {name: {type: string}}}}}}
      responses: {"201": {description: Made}, "422": {description: Refused}}
"""


def logged(text, *requests):
    """The log of a mock that was sent some requests; each (method, path, body, test, mark)."""
    mock = Mock(document(text))
    log = []
    for number, (method, path, body, test, mark) in enumerate(requests, 1):
        sent = exchange(method, path, request_body=body).request
        request = Request(method, f"http://mock{path}", sent.headers, sent.body)
        answered = mock.answer(request)
        name = answered.operation.name if answered.operation else ""
        log.append(Logged(number, Exchange(request, answered.response), name, answered.remarks, test, mark))
    return mock.document, tuple(log)


def findings(promise, log, code=1, text=""):
    return rehearsal_findings(promise, [Run(log, code, text.encode())], consumer="suite")


@pytest.mark.parametrize("entry", [one for one in RULES if one.example], ids=lambda one: one.code)
def test_example_fires(entry):
    one = dict(entry.example.exchanges[0])
    promise, log = logged(entry.example.document, (one["method"], one["path"], one.get("request_body"), "", 0))
    result = findings(promise, log)
    found = {finding.rule: finding for finding in result.findings}
    assert entry.code in found
    assert found[entry.code].level is entry.level
    assert found[entry.code].cause is Cause.MISMATCH
    if "status" in one:
        assert log[0].exchange.status == one["status"]
    clean = findings(promise, (), 0)
    assert clean.findings == ()
    assert clean.stage.status is StageStatus.BLOCKED


def test_only_the_command_itself_needs_no_example():
    assert [one.code for one in RULES if one.example is None] == ["ZC385", "ZC386"]


def test_one_finding_however_often_it_was_sent():
    promise, log = logged(PROMISE, *[("POST", "/things", {}, f"test_{n % 2}", 0) for n in range(5)])
    (finding,) = findings(promise, log, 0).findings
    assert finding.message == "the body lacks name, which is required"
    assert [hit.interaction for hit in finding.hits] == ["test_0", "test_1"]
    assert "sent 5 times" in finding.evidence.details
    assert finding.evidence.replay.endswith('"$ZEUES_CONTRACTS_URL"/things')
    assert finding.place.pointer.startswith("/paths/~1things/post/requestBody")


def test_a_refusal_that_the_command_takes_is_a_warning():
    promise, log = logged(PROMISE, ("POST", "/things", {}, "", 0))
    taken = findings(promise, log, 0).findings
    assert [(one.rule, one.level) for one in taken] == [("ZC380", Level.WARNING)]


def test_a_failure_is_put_beside_the_request_that_it_came_after():
    text = "test_1: one\ntest_2: two\n  FAIL: no list\ntest_3: three\n  FAIL: refused\n"
    promise, log = logged(
        PROMISE,
        ("GET", "/things", None, "", text.index("test_2")),
        ("GET", "/things", None, "", text.index("  FAIL: no")),
        ("POST", "/things", {}, "", text.index("  FAIL: refused")),
    )
    assert senders_of(Run(log, 1, text.encode())) == {1: "test_1", 2: "test_2", 3: "test_3"}
    result = findings(promise, log, 1, text)
    assert [(one.rule, one.message) for one in result.findings] == [
        ("ZC380", "the body lacks name, which is required"),
        ("ZC385", "test_2 fails although the answer (200) keeps to the document: FAIL: no list"),
    ]
    assert result.findings[1].evidence.details[:2] == ("FAIL: no list", "documented: 200")
    assert [failure.after.number for failure in result.failures] == [2, 3]


def test_a_summary_at_the_end_speaks_for_itself():
    text = "..F.F\nFAILED test_a.py::test_one - KeyError\nFAILED test_a.py::test_two - assert 200 == 404\n"
    promise, log = logged(PROMISE, ("GET", "/things", None, "", 0), ("GET", "/things", None, "", 3))
    run = Run(log, 1, text.encode())
    failures = failures_in(run, senders_of(run))
    assert [(one.test, one.after) for one in failures] == [("test_one", None), ("test_two", None)]
    (finding,) = findings(promise, log, 1, text).findings
    assert [hit.interaction for hit in finding.hits] == ["test_one", "test_two"]


def test_a_recorder_knows_better_than_the_output():
    text = "test_1\ntest_2\n"
    _, log = logged(PROMISE, ("GET", "/things", None, "test_9", 7))
    assert senders_of(Run(log, 1, text.encode())) == {1: "test_9"}
    assert senders_of(Run(log, 1, text.encode(), tests={1: "test_8"})) == {1: "test_8"}


@pytest.mark.parametrize(("code", "words"), [(3, "exit code 3"), (None, "did not end in time")])
def test_a_command_that_fails_without_a_word(code, words):
    promise, log = logged(PROMISE, ("GET", "/things", None, "", 0))
    (finding,) = findings(promise, log, code).findings
    assert (finding.rule, finding.level) == ("ZC385", Level.ERROR)
    assert words in finding.message


def test_output_is_bounded_and_plain():
    text = "\x1b[31mFAIL\x1b[0m " + "x" * 5000 + "\n" + "".join(f"FAIL: {n}\n" for n in range(500))
    _, log = logged(PROMISE, ("GET", "/things", None, "", 0))
    failures = failures_in(Run(log, 1, text.encode()), {})
    assert len(failures) <= 40
    assert failures[0].line.startswith("FAIL xxx")
    assert max(len(one.line) for one in failures) <= 300


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["python", "tests/e2e.py", "{url}"], "e2e"),
        (["python", "-m", "pytest", "tests"], "pytest"),
        (["/usr/bin/npm", "test"], "npm"),
        (["node", "--test", "a/smoke.mjs"], "smoke"),
    ],
)
def test_names_of_consumers(command, name):
    assert consumer_of(command) == name


# --- the command -----------------------------------------------------------------------------------------------------

SCRIPT = """
import os, sys, urllib.request
print("test_1: things", flush=False)
url = os.environ["ZEUES_CONTRACTS_URL"]
assert url == sys.argv[1] == os.environ["API"]
print(urllib.request.urlopen(url + "/things").read().decode(), file=sys.stderr)
print("FAIL: after")
sys.exit(4)
"""


def python(text, *arguments):
    return [sys.executable, "-c", text, *arguments]


def test_a_command_finds_the_mock_and_its_output_keeps_its_place():
    said = []
    result = rehearse(
        document(PROMISE), python(SCRIPT, "{url}"), consumer="suite", url_variables=("API",), echo=said.append
    )
    assert [one.message for one in result.findings] == [
        "test_1 fails although the answer (200) keeps to the document: FAIL: after"
    ]
    assert "".join(said) == 'test_1: things\n["item-1"]\nFAIL: after\n'
    assert result.stage.counts["requests"] == 1


WAITING = """
import json, sys, urllib.request
from urllib.error import HTTPError

def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(sys.argv[1] + path, data, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except HTTPError as error:
        return error.code, None

def test_twice():
    assert ask("POST", "/things", {"name": "a"})[0] == 201
    assert ask("POST", "/things", {"name": "a"})[0] == 409
    assert ask("GET", "/things")[0] == 200

def test_unknown():
    assert ask("GET", "/things")[0] == 404

def test_shape():
    status, body = ask("GET", "/one")
    assert status == 200
    assert body["title"]

def test_refused():
    assert ask("POST", "/things", {})[0] == 422

def test_not_taken():
    assert ask("POST", "/things", {})[0] != 201

def test_value():
    assert ask("GET", "/one")[1]["name"] == "Ada"

failed = 0
for name in sys.argv[2:]:
    try:
        globals()[name]()
    except Exception:
        failed += 1
        print("FAIL", name)
sys.exit(bool(failed))
"""
STATEFUL = """\
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    get: {responses: {"200": {description: Things, content: {application/json: {schema: {type: array}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {
        type: object, required: [name], properties: {name: {type: string}}}}}}
      responses: {"201": {description: Made}, "409": {description: There already}, "422": {description: Refused}}
  /one:
    get: {responses: {"200": {description: One, content: {application/json: {schema: {
      type: object, required: [name], properties: {name: {type: string}}}}}}}}
"""


def waited(*tests, **more):
    return rehearse(document(STATEFUL), python(WAITING, "{url}", *tests), consumer="suite", **more)


def test_a_documented_answer_that_a_test_waits_for_is_given_in_another_run():
    said = []
    result = waited("test_twice", echo=said.append)
    assert result.findings == ()
    assert result.stage.counts["requests"] == 3, "what lies behind the answer was rehearsed too"
    assert any("run 2 times" in note for note in result.notes)
    assert "once more, with 1 documented answers" in "".join(said)


def test_what_a_contract_expects_is_answered_at_once():
    """For commands that cannot be watched as well: here one that is started so that the recorder is left out."""
    body = {"name": "a"}
    sent = RequestSpec(body=Payload({"const": body}, body, is_example=True))
    expected = [("make", "201"), ("again", "409"), ("tolerant", "2XX")]
    interactions = tuple(Interaction(name, "POST /things", sent, Expectation((status,))) for name, status in expected)
    contract = Contract("suite", "things", (*interactions, Interaction("odd", "GET /nowhere", sent, Expectation())))
    command = [sys.executable, "-I", "-c", WAITING, "{url}", "test_twice"]
    result = rehearse(document(STATEFUL), command, consumer="suite", contracts=[contract])
    assert result.findings == ()
    assert result.stage.counts["requests"] == 3
    assert not any("run 2 times" in note for note in result.notes)
    without = rehearse(document(STATEFUL), command, consumer="suite")
    assert [one.rule for one in without.findings] == ["ZC385"]


def test_once_is_once():
    result = waited("test_twice", runs=1)
    (finding,) = result.findings
    assert (finding.rule, finding.level) == ("ZC386", Level.INFO)
    assert finding.message == "test_twice waits for 409, and the mock answered 201"
    assert finding.hits[0].interaction == "test_twice"
    assert [one.passes for one in result.forecast] == [None], "what lies behind was not seen"


def test_an_answer_that_is_not_documented_is_a_mismatch_whatever_the_service_does():
    result = waited("test_unknown", "test_twice")
    (finding,) = result.findings
    assert [(one.test, one.passes) for one in result.forecast] == [("test_unknown", False), ("test_twice", True)]
    assert [layer.fingerprint for layer in result.forecast[0].layers] == [finding.fingerprint]
    assert (finding.level, finding.cause, finding.operation) == (Level.ERROR, Cause.MISMATCH, "GET /things")
    assert "404" in finding.message
    assert [hit.interaction for hit in finding.hits] == ["test_unknown"]


def test_what_is_read_and_not_documented_is_named():
    (finding,) = [one for one in waited("test_shape").findings if one.level is Level.ERROR]
    assert finding.rule.startswith("ZC34")
    assert "title" in finding.message


def test_a_value_that_nobody_promises_is_the_tests_own():
    failing = [one for one in waited("test_value").findings if one.level is Level.ERROR]
    assert [(one.rule, one.hits[0].interaction) for one in failing] == [("ZC385", "test_value")]


@pytest.mark.parametrize(
    ("tests", "level"),
    [
        (["test_refused"], Level.INFO),
        (["test_not_taken"], Level.WARNING),
        (["test_refused", "test_not_taken"], Level.WARNING),
        (["test_refused", "test_value"], Level.INFO),
    ],
)
def test_a_refusal_that_is_waited_for_is_what_the_test_is_about(tests, level):
    (refused,) = [one for one in waited(*tests).findings if one.rule == "ZC380"]
    assert refused.level is level


VALUES = """\
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /one:
    get: {responses: {"200": {description: One, content: {application/json: {schema: {
      type: object, required: [state, kind, note, rows], properties: {
        state: {type: string}, kind: {enum: [a, b]}, note: {type: [string, 'null']},
        rows: {type: array, minItems: 1, items: {type: object, required: [name], properties: {name: {type: string}}}}
    }}}}}}}
"""
COMPARING = """\
import json, sys, urllib.request

def test_it():
    body = json.loads(urllib.request.urlopen(sys.argv[1] + "/one").read())
    {code}

try:
    test_it()
except Exception as error:
    print("FAIL", error)
    sys.exit(1)
"""


def compared(folder, *lines, **more):
    script = folder / "suite.py"
    script.write_text(COMPARING.replace("{code}", "\n    ".join(lines)))
    return rehearse(document(VALUES), [sys.executable, str(script), "{url}"], consumer="suite", **more)


@pytest.mark.parametrize(
    "lines",
    [
        ["assert body['state'] == 'ok'"],
        ["assert body['kind'] == 'b'", "assert body['state'] == 'ok'"],
        ["assert body['note'] == 'fine'"],
        ["assert body['rows'][0]['name'] == 'Ada'"],
        ["assert body['rows'][-1]['name'] == 'Ada'"],
    ],
    ids=str,
)
def test_a_value_that_the_document_allows_is_answered_in_another_run(lines, tmp_path):
    result = compared(tmp_path, *lines)
    assert [one for one in result.findings if one.level.rank >= Level.ERROR.rank] == []
    assert [one.passes for one in result.forecast] == [True]
    once = [one for one in compared(tmp_path, *lines, runs=1).findings if one.level is Level.ERROR]
    assert once == [], "a value may be any that is documented: nobody is wrong"


@pytest.mark.parametrize(
    "line", ["assert body['kind'] == 'c'", "assert body['state'] == 5", "assert body['rows'] == {}"], ids=str
)
def test_a_value_that_no_answer_has_is_an_error(line, tmp_path):
    result = compared(tmp_path, line)
    assert any(one.level is Level.ERROR for one in result.findings)


def test_pytest_itself(tmp_path):
    (tmp_path / "test_api.py").write_text(
        "import json, os, urllib.request\n"
        "URL = os.environ['API']\n"
        "def get(path):\n"
        "    return json.loads(urllib.request.urlopen(URL + path).read())\n"
        "def test_good():\n    assert get('/one')['name']\n"
        "def test_bad():\n    assert get('/one')['title']\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    result = rehearse(document(STATEFUL), command, url_variables=("API",))
    errors = [one for one in result.findings if one.level is Level.ERROR]
    assert len(errors) == 1
    assert "title" in errors[0].message
    assert [hit.interaction.rpartition("::")[2] for hit in errors[0].hits] == ["test_bad"]


def test_a_command_that_does_not_end_is_ended_with_its_children():
    child = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    text = f"import subprocess, sys, time; {child}; print('up', flush=True); time.sleep(600)"
    run = CommandRun(python(text), dict(os.environ))
    while run.mark() < 3:
        time.sleep(0.02)
    assert run.wait(0.1) is None
    run.close()
    assert run.data == b"up\n"


def test_a_child_that_lives_on_does_not_hold_the_run():
    text = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); print(1)"
    run = CommandRun(python(text), dict(os.environ))
    assert run.wait(30) == 0
    run.close()


def test_much_output_is_cut():
    run = CommandRun(python("import sys; [sys.stdout.write('x' * 65536) for _ in range(200)]"), dict(os.environ))
    assert run.wait(30) == 0
    assert len(run.data) == 8 * 1024 * 1024
    run.close()


@pytest.mark.parametrize("command", [["/nowhere/at-all"], ["/"], ["a\0b"]])
def test_a_command_that_cannot_be_run(command):
    with pytest.raises(UsageError, match="cannot be run"):
        CommandRun(command, dict(os.environ))


def test_secrets_stay_in_the_command():
    secret = "hunter2hunter2"
    text = PROMISE.replace(
        "properties: {name: {type: string}}", "properties: {name: {type: string}, pin: {type: integer}}"
    )
    promise, log = logged(text, ("POST", f"/things?token={secret}", {"password": secret, "pin": "424242"}, "", 0))
    output = f"FAIL: sent password={secret}\nAuthorization: Bearer {secret}9 failed: Error:\n"
    result = findings(promise, log, 1, output)
    assert len(result.findings) >= 3
    assert secret not in repr(result.findings)
    assert "424242" not in repr([one.message for one in result.findings])
