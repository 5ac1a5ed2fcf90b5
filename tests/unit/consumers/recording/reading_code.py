"""Running a piece of a consumer's code on an answer, in process: what is read of it, and what that comes to."""

from __future__ import annotations

import contextlib
import itertools
import json
import textwrap
from typing import Any

from zeues_contracts.consumers.recording.bodies import body_expectation
from zeues_contracts.consumers.recording.conditions import loosened
from zeues_contracts.consumers.recording.hook.recorder import Entry, Recorder
from zeues_contracts.consumers.recording.hook.tracking import Status, wrap
from zeues_contracts.consumers.recording.spool import Recorded, read_line
from zeues_contracts.consumers.recording.statuses import accepted_statuses, status_words

_numbers = itertools.count()
PRELUDE = """\
import json
from http import HTTPStatus
GOOD = (200, 201)
class Failed(Exception): pass
def failed(*a): return False
def passed(*a): return True
"""


class Answer:
    """As a client's response."""

    def __init__(self, status: int, body: Any, entry: Entry) -> None:
        self.status_code = Status.of(status, entry.reads)
        self.text = json.dumps(body)
        self._body = wrap(json.loads(self.text), entry.reads)

    def json(self) -> Any:
        return self._body


def recorded_of(folder, code: str, body: Any = None, status: int = 200) -> Recorded:
    """What is recorded of ``def test_it(r)`` when it gets this answer."""
    file = folder / f"consumer_{next(_numbers)}.py"
    text = PRELUDE + "def test_it(r):\n" + textwrap.indent(textwrap.dedent(code), "    ")
    file.write_text(text, "utf-8")
    entry = Entry("1", "requests", "test_it")
    entry.url = "http://127.0.0.1/x"
    entry.status = status
    entry.received = [json.dumps(body).encode()]
    names: dict[str, Any] = {"__name__": "consumer"}
    exec(compile(text, str(file), "exec"), names)
    with contextlib.suppress(Exception):
        names["test_it"](Answer(status, body, entry))
    return read_line(json.loads(json.dumps(Recorder().line(entry))))


def statuses_of(folder, code: str, status: int = 200) -> tuple[str, ...]:
    return status_words(accepted_statuses(recorded_of(folder, code, {"a": 1}, status).status_reads))


def expected_of(folder, code: str, body: Any, *, strict: bool = False) -> Any:
    one = recorded_of(folder, code, body)
    schema = body_expectation(one.body_reads, json.dumps(body).encode())
    return schema if strict or schema is None else loosened(schema)
