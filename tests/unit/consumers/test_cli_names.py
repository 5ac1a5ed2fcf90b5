"""Contracts on the command line by the names of services, files and consumers."""

import json

import pytest

from zeues_contracts.cli import run

DOCUMENT = """
openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /a:
    get:
      security: [{key: []}]
      parameters: [{name: q, in: query, required: true, schema: {type: integer}}]
      responses: {"200": {description: A}, "401": {description: No}, "403": {description: No}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
"""
SHOP = """
version: 1
consumer: shop
service: goods
interactions: [{id: s, operation: GET /a, request: {query: {q: x}, headers: {X-Key: "${KEY}"}}, expect: {status: 200}}]
"""
DESK = """
version: 1
consumer: "@org/desk"
service: bills
interactions: [{id: d, operation: GET /a, request: {headers: {X-Key: "${KEY}"}}, expect: {status: 200}}]
"""


@pytest.fixture
def repo(tmp_path, monkeypatch):
    """Two services with one document, and a consumer of each."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "doc.yaml").write_text(DOCUMENT, "utf-8")
    (tmp_path / "contracts" / "shop.yaml").write_text(SHOP, "utf-8")
    (tmp_path / "contracts" / "desk.yaml").write_text(DESK, "utf-8")
    text = '[services.goods]\ndocument = "doc.yaml"\n[services.bills]\ndocument = "doc.yaml"\n'
    (tmp_path / "zeues-contracts.toml").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(capsys, *arguments):
    code = run(["contracts", "check", "--live", "--format", "json", *arguments])
    value = json.loads(capsys.readouterr().out)
    assert code == (1 if value["findings"] else 0)
    return sorted((one["service"], one["rule"]) for one in value["findings"])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], [("bills", "ZC310"), ("goods", "ZC312")]),
        (["goods"], [("goods", "ZC312")]),
        (["contracts/desk.yaml"], [("bills", "ZC310")]),
        (["shop"], [("goods", "ZC312")]),
        (["@org/desk"], [("bills", "ZC310")]),
        (["shop", "contracts/desk.yaml"], [("bills", "ZC310"), ("goods", "ZC312")]),
        (["bills", "contracts/shop.yaml"], [("bills", "ZC312")]),
    ],
)
def test_check_takes_services_files_and_consumers(repo, capsys, names, expected):
    assert found(capsys, *names) == expected


def test_check_takes_a_file_without_a_configuration(repo, capsys):
    (repo / "zeues-contracts.toml").unlink()
    code = run(["contracts", "check", "contracts/shop.yaml", "--document", "doc.yaml", "--format", "json"])
    value = json.loads(capsys.readouterr().out)
    assert (code, [one["rule"] for one in value["findings"]]) == (1, ["ZC312"])


def test_what_is_none_of_them(repo, capsys):
    assert run(["contracts", "check", "shpo"]) == 2
    error = capsys.readouterr().err
    assert "there is no service, consumer or file 'shpo'" in error
    assert "did you mean 'shop'?" in error
    assert run(["contracts", "check", "contracts/gone.yaml"]) == 2
    assert "contracts/gone.yaml: cannot be read" in capsys.readouterr().err
    assert run(["contracts", "check", "goods", "@org/desk"]) == 2
    assert "@org/desk: no contract about goods" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["contracts/shop.yaml", "shop", "goods"])
def test_export_takes_them_too(repo, capsys, name):
    assert run(["contracts", "export", name]) == 0
    assert json.loads(capsys.readouterr().out)["consumer"] == {"name": "shop"}


def test_export_needs_one(repo, capsys):
    (repo / "contracts" / "more.yaml").write_text(SHOP.replace("id: s", "id: t"), "utf-8")
    assert run(["contracts", "export", "shop"]) == 2
    error = capsys.readouterr().err
    assert "which contract of shop? there are 2" in error
    assert "contracts/more.yaml, contracts/shop.yaml" in error
    for name in ("shpo", "contracts/gone.yaml"):
        assert run(["contracts", "export", name]) == 2
        assert name in capsys.readouterr().err


KEYLESS = """
version: 1
consumer: tests
interactions:
  - {id: works, operation: GET /a, request: {query: {q: 1}}, expect: {status: 200}}
  - {id: closed, operation: GET /a, request: {query: {q: 1}}, expect: {status: 401}}
  - {id: barred, operation: GET /a, request: {query: {q: 1}}, expect: {status: 403}}
"""


def test_a_test_that_sends_no_key_and_expects_to_be_served(repo, capsys, monkeypatch):
    (repo / "keyless.yaml").write_text(KEYLESS, "utf-8")
    arguments = ["contracts", "check", "goods", "keyless.yaml", "--live", "--format", "json"]
    assert run(arguments) == 1
    (one,) = json.loads(capsys.readouterr().out)["findings"]
    assert (one["rule"], [hit["interaction"] for hit in one["hits"]]) == ("ZC304", ["works"])
    assert "the header `X-Key`" in one["message"]
    # A header that goes with every request is sent, whoever says so.
    assert run([*arguments, "--header", "X-Key: k"]) == 0
    monkeypatch.setenv("ZEUES_CONTRACTS_HEADER_X_KEY", "k")
    assert run(arguments) == 0
    monkeypatch.delenv("ZEUES_CONTRACTS_HEADER_X_KEY")
    text = (repo / "zeues-contracts.toml").read_text("utf-8")
    headed = text.replace("[services.bills]", '[services.goods.headers]\nX-Key = "k"\n[services.bills]')
    (repo / "zeues-contracts.toml").write_text(headed, "utf-8")
    assert run(arguments) == 0


def test_the_whole_check_knows_the_headers_that_flags_give(repo, capsys):
    (repo / "contracts" / "keyless.yaml").write_text(KEYLESS, "utf-8")
    (repo / "contracts" / "shop.yaml").unlink()
    arguments = ["check", "goods", "--only", "contracts", "--format", "json"]
    assert run(arguments) == 1
    assert [one["rule"] for one in json.loads(capsys.readouterr().out)["findings"]] == ["ZC304"]
    assert run([*arguments, "--header", "X-Key: k"]) == 0
