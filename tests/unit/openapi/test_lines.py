# ruff: noqa: E501 - tables of documents and pages read best with a row each
"""Lines of places, in JSON and YAML, and of places that are not there."""

import json
import random

import pytest

from zeues_contracts.openapi import parse_document
from zeues_contracts.openapi.lines import JsonLines
from zeues_contracts.schema.references import escape

JSON = """{
  "openapi": "3.1.0", "x": [1, [2,
    3], {"a": "]"}],
  "paths": {
    "/a~b\\u002fc": {
      "get": {"x": "{ \\" }",
        "y": null}
    }
  }
}
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", 1), ("/openapi", 2), ("/x", 2), ("/x/1", 2), ("/x/1/1", 3), ("/x/2/a", 3), ("/paths", 4),
        ("/paths/~1a~0b~1c", 1), ("/paths/~1a~0b/c", 4), ("/paths/~1a~0b~1c/get/y", 4), ("/gone/x", 1), ("/paths/gone", 4),
    ],
)  # fmt: skip
def test_json(pointer, line):
    document = parse_document(JSON.encode(), "d.json")
    if pointer.startswith("/paths/~1a~0b~1c"):
        line = 5 if pointer.endswith("c") else 7
    assert document.line_of(pointer) == line


YAML = """\
openapi: 3.1.0
x: [1,
  {a: 2}]
paths:
  /a: &a
    get:
      responses:
        200:
          description: x
  /b: *a
  /c:
    <<: *a
    post: {}
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", 1), ("/x", 2), ("/x/1/a", 3), ("/paths/~1a/get/responses/200/description", 9), ("/paths/~1b", 10),
        ("/paths/~1b/get", 6), ("/paths/~1c/get", 6), ("/paths/~1c/post", 13), ("/paths/~1c/gone/x", 11),
    ],
)  # fmt: skip
def test_yaml(pointer, line):
    document = parse_document(YAML.encode(), "d.yaml")
    assert document.line_of(pointer) == line
    assert document.place(pointer, "live").line == line


def pointers(value, pointer=""):
    yield pointer, value
    if isinstance(value, dict):
        for key, one in value.items():
            yield from pointers(one, f"{pointer}/{escape(key)}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from pointers(one, f"{pointer}/{index}")


def generated(chance, depth=0):
    kind = chance.random()
    texts = ["", "a", 'q"q', "back\\slash", "{", "]", "é", "\n", "a/b~c", ","]
    if depth > 4 or kind < 0.3:
        return chance.choice([None, True, 1, 2.5, *texts])
    if kind < 0.65:
        return [generated(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(texts) + str(i): generated(chance, depth + 1) for i in range(chance.randrange(4))}


def test_any_json():
    """Against what the printer itself put on each line: every value on a line of its own, found there."""
    chance = random.Random(7)
    for _ in range(60):
        value = {"openapi": "3.1.0", "x": generated(chance)}
        text = json.dumps(value, indent=1, ensure_ascii=chance.random() < 0.5)
        table = JsonLines(text.encode(), chance.choice([None, value, {**value, "openapi": 1}, {"y": 2}]))
        lines = text.split("\n")
        for pointer, found in pointers(value):
            line = table.line([part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]])
            shown = lines[line - 1].strip().rstrip(",")
            start = json.dumps(found, indent=1).split("\n")[0]
            same = json.dumps(found, indent=1, ensure_ascii=False).split("\n")[0]
            assert shown.endswith((start, same)), (pointer, shown)


def test_lines_of_one_indentation_that_are_not_of_one_object():
    text = '{\n "a": {\n "b": 1,\n "c": 2},\n "d": {\n  "e": 1\n }\n}'
    table = JsonLines(text.encode(), json.loads(text))
    assert [table.line(place.split("/")) for place in ("a", "a/b", "a/c", "d", "d/e")] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("text", ['{"a": [1, {"b": ', '{"a', "[", '{"a": "x', "{]}", "{" * 1000])
def test_broken_text_does_not_break_the_search(text):
    assert JsonLines(text.encode()).line(["a", "1", "b"]) == 1


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('{\n"a": {\n"b": 1\n},\n"b": 2\n}', {"a": 2, "a/b": 3, "b": 5}),  # json.dumps(…, indent=0)
        ('{\n "a": {"x": 1,\n "b": 1},\n "b": 2\n}', {"a": 2, "a/b": 3, "b": 4}),
        # What is there twice is what is there last.
        ('{\n "a": {\n  "x": 1\n },\n "b": 1,\n "a": {\n  "x": 2\n }\n}', {"b": 5, "a/x": 7, "a": 6}),
        # Lines in between that stand less deep than what they are part of.
        (
            '{\n "s": {\n  "o": {\n   "x": {\n\n"y": 1\n},\n"e": {},\n  "z": {\n  }\n  }\n }\n}',
            {"s/o/e": 8, "s/o/z": 9},
        ),
    ],
)
def test_indentation_that_tells_nothing(text, lines):
    for contents in (None, json.loads(text)):
        table = JsonLines(text.encode(), contents)
        assert {place: table.line(place.split("/")) for place in lines} == lines
