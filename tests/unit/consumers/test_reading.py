"""Reading contract files: every error names file, line and column; hostile files end in one line."""

import json
from pathlib import Path

import msgspec
import pytest

from tests.unit.consumers.documents import contract
from zeues_contracts.config import Config, ServiceConfig
from zeues_contracts.consumers import parse_contract, read_contract, read_contracts
from zeues_contracts.consumers.forms import Surroundings
from zeues_contracts.consumers.structure import meta_schema
from zeues_contracts.errors import UsageError
from zeues_contracts.redact import redact_text

HEAD = "version: 1\nconsumer: shop\ninteractions:\n"
ONE = HEAD + "  - id: a\n    operation: GET /a\n"

# fmt: off
ERRORS = {
    "": "shop.yaml: the file is empty",
    "- 1\n": "shop.yaml:1:1: `the contract` is a list, it has to be a mapping",
    "consumer: shop\ninteractions: []\n": "shop.yaml:1:1: `version` is missing in `the contract`",
    "version: 2\nconsumer: shop\ninteractions: []\n": "shop.yaml:1:1: version 2 of the format is not known",
    "version: 1\nconsumer: 3\ninteractions: []\n": "shop.yaml:2:1: `consumer` is a number (3), it has to be text",
    "version: 1\nconsumer: shop\ninteractions:\n": "shop.yaml:3:1: `interactions` is empty, it has to be a list",
    "version: 1\nconsumer: shop\ninteraction: []\n": "shop.yaml:3:1: `interaction` is not known in `the contract`",
    HEAD + "  - id: a\n": "shop.yaml:4:5: `operation` is missing in `interactions[0]`",
    HEAD
    + "  - {id: a, operation: GET /a, expects: {}}\n": "shop.yaml:4:32: `expects` is not known in `interactions[0]`",
    HEAD + "  - id: a\n    operation: GET a\n": "shop.yaml:5:5: `GET a` is no operation",
    ONE + "    expect:\n      status: 99\n": "shop.yaml:7:7: 99 is no status",
    ONE + "    expect:\n      status: [200, OK]\n": 'shop.yaml:7:21: "OK" is no status',
    ONE + "    expect:\n      body: {a: healthy}\n": "shop.yaml:7:14: `healthy` is no type",
    ONE + "    expect:\n      body:\n        - a: str\n          b: {$regx: x}\n": (
        "shop.yaml:9:15: there is no matcher `$regx`"
    ),
    HEAD + "  - id: a\n    operation: POST /a\n    request:\n      body: {when: $tomorrow}\n": (
        "shop.yaml:7:14: there is no `$tomorrow`"
    ),
    ONE + "    expect:\n      body: {$schema: {type: strin}}\n": (
        "shop.yaml:7:7: this is no JSON Schema (2020-12): at type: "
    ),
    HEAD
    + "  - {id: a, operation: GET /a}\n  - {id: a, operation: GET /b}\n": "shop.yaml:5:6: the id `a` is given twice",
    HEAD + "  - {id: a, id: b, operation: GET /a}\n": "shop.yaml:4: the key 'id' is given twice",
    "version: 1\n\tconsumer: shop\n": "shop.yaml:2:1: not valid YAML",
    "version: 1\nconsumer: &a [*a]\n": "shop.yaml:2:15: the alias *a stands inside of what it names",
    "a: 1\n---\nb: 2\n": "shop.yaml:2: there is a second YAML document",
}
# fmt: on


@pytest.mark.parametrize("text", ERRORS, ids=range(len(ERRORS)))
def test_what_is_wrong_is_told_with_its_place(text):
    with pytest.raises(UsageError) as told:
        parse_contract(text, "shop.yaml")
    assert told.value.message.startswith(ERRORS[text])
    assert "\n" not in told.value.message
    assert told.value.exit_code == 2


def test_hints_tell_the_next_step():
    with pytest.raises(UsageError) as told:
        parse_contract(HEAD + "  - {id: a, operation: GET /a, expects: {}}\n", "shop.yaml")
    assert told.value.hint.startswith("did you mean `expect`?")


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe\x00",
        b"\x00" * 50,
        b"a: " + b"[" * 5000,
        b"{" * 300,
        b"a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (c + 1, c + 1, b", ".join([b"*%c" % c] * 10)) for c in range(97, 107)),
        (HEAD + "  - {id: a, operation: GET /a, expect: {body: '" + "[" * 900 + "'}}\n").encode(),
        (HEAD + "  - {id: a, operation: GET /a, expect: {body: '" + "opt " * 900 + "str'}}\n").encode(),
        (HEAD + "  - {id: a, operation: GET /a, expect: {body: '" + "x" * 30_000 + "'}}\n").encode(),
    ],
    ids=range(8),
)  # fmt: skip
def test_hostile_text_ends_in_one_line(text):
    with pytest.raises(UsageError) as told:
        parse_contract(text, "shop.yaml")
    assert told.value.message.startswith("shop.yaml")
    assert "\n" not in told.value.message
    assert len(told.value.message) < 500


def test_everything_has_its_place():
    found = parse_contract(
        HEAD + "  - id: a\n    operation: post  /a/{id}\n    request:\n      body: {x: 1}\n", "shop.yaml"
    )
    one = found.interactions[0]
    assert one.operation == "POST /a/{id}"
    assert (one.place.line, one.place.column, one.place.pointer) == (4, 5, "/interactions/0")
    at = one.at("/request/body/x")
    assert (at.line, at.column, at.pointer) == (7, 14, "/interactions/0/request/body/x")
    nearest = one.at("/request/body/y/z")
    assert (nearest.line, nearest.pointer) == (7, "/interactions/0/request/body/y/z")


def test_requests_and_expectations_are_read():
    found = contract(
        "{id: a, operation: 'PUT /a/{id}', request: {path: {id: 7}, query: {q?: [a, b]}, headers: {X-Key: $env:KEY, "
        "Content-Type: text/plain}, cookies: {s: '1'}, body: hi}, "
        "expect: {status: [200, 2xx], media-type: a/b, headers: {X-N: int}, body: {n: opt int}}}",
        surroundings=Surroundings(environ={"KEY": "s3cr3t"}),
    )
    one = found.interactions[0]
    assert one.request.path["id"].value == 7
    assert one.request.query["q"].optional
    assert one.request.headers["x-key"].value == "s3cr3t"
    assert one.request.headers["x-key"].shown == "$env:KEY"
    assert one.request.media_type == "text/plain"
    assert one.request.cookies["s"].value == "1"
    assert one.expect.statuses == ("200", "2XX")
    assert one.expect.media_type == "a/b"
    assert one.expect.headers["x-n"].schema == {"type": "integer"}
    assert one.expect.body.schema == {"type": "object", "properties": {"n": {"type": ["integer", "null"]}}}


def test_what_is_read_from_the_environment_is_secret_from_then_on():
    around = Surroundings(environ={"KEY": "plain words", "OTHER": "never asked for"})
    contract("{operation: GET /a, request: {query: {a: $env:KEY, b: '${NONE:-by default}'}}}", surroundings=around)
    assert redact_text("plain words, never asked for, by default") == "***, never asked for, by default"


def test_an_operation_may_be_written_with_its_query():
    (one,) = contract("{operation: 'GET /a?page=2&tag=x&tag=y', request: {query: {page: 3}}}").interactions
    assert one.operation == "GET /a"
    assert {name: payload.value for name, payload in one.request.query.items()} == {"page": 3, "tag": ["x", "y"]}


def test_a_variable_that_is_not_set_is_no_error():
    found = contract(
        "{operation: GET /a, request: {headers: {x-key: $env:GONE}}}", surroundings=Surroundings(environ={})
    )
    assert found.interactions[0].request.headers["x-key"].unset == ("",)


def config(root: Path, **services: ServiceConfig) -> Config:
    return msgspec.structs.replace(
        Config(), services=services, root=str(root), source=str(root / "zeues-contracts.toml")
    )


def write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")


def test_the_contracts_of_a_service_are_those_of_its_files(tmp_path):
    write(tmp_path / "contracts", "b.yaml", "version: 1\nconsumer: b\nservice: two\ninteractions: []\n")
    write(tmp_path / "contracts", "a.yaml", "version: 1\nconsumer: a\nservice: one\ninteractions: []\n")
    write(tmp_path / "contracts", "c.yaml", "version: 1\nconsumer: c\ninteractions: []\n")
    found = config(tmp_path, one=ServiceConfig(), two=ServiceConfig())
    assert [one.consumer for one in read_contracts(found, "one")] == ["a", "c"]
    assert [one.consumer for one in read_contracts(found, "two")] == ["b", "c"]
    assert read_contracts(found, "one")[0].source == "contracts/a.yaml"


def test_a_contract_about_nobody_is_told(tmp_path):
    write(tmp_path / "contracts", "a.yaml", "version: 1\nconsumer: a\nservice: zeus\ninteractions: []\n")
    with pytest.raises(UsageError, match=r"contracts/a\.yaml: the service `zeus` is not in the configuration") as told:
        read_contracts(config(tmp_path, zeues=ServiceConfig()), "zeues")
    assert told.value.hint.startswith("did you mean `zeues`?")


def test_without_a_configuration_file_every_contract_counts(tmp_path):
    write(tmp_path / "contracts", "a.yaml", "version: 1\nconsumer: a\nservice: shop\ninteractions: []\n")
    found = msgspec.structs.replace(config(tmp_path, service=ServiceConfig()), source="")
    assert [one.consumer for one in read_contracts(found, "service")] == ["a"]


def test_a_named_file_has_to_be_there_and_a_glob_may_name_nothing(tmp_path):
    assert read_contracts(config(tmp_path, one=ServiceConfig()), "one") == ()
    with pytest.raises(UsageError, match=r"`contracts` names shop\.yaml, which is no file"):
        read_contracts(config(tmp_path, one=ServiceConfig(contracts=["shop.yaml"])), "one")


def test_an_interaction_is_given_once_per_consumer(tmp_path):
    for name in ("a", "b"):
        write(tmp_path / "contracts", f"{name}.yaml", HEAD + "  - {id: x, operation: GET /x}\n")
    with pytest.raises(
        UsageError, match=r"contracts/b\.yaml:4: the interaction `x` of `shop` is in contracts/a\.yaml too"
    ):
        read_contracts(config(tmp_path, one=ServiceConfig()), "one")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_contract(tmp_path / "gone.yaml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_contract(tmp_path)


def test_the_published_meta_schema_is_one_and_takes_the_repository_s_contracts():
    import jsonschema
    import yaml

    schema = json.loads(json.dumps(meta_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    root = Path(__file__).parents[3]
    files = [*(root / "contracts").glob("*.yaml"), *(root / "zeues_contracts/standin/data").glob("*/contracts/*.yaml")]
    assert len(files) >= 3
    for file in files:
        jsonschema.validate(yaml.safe_load(file.read_text("utf-8")), schema)
