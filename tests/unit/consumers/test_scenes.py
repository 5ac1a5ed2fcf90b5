"""The day it all went wrong, as the static check sees it: without a request sent."""

from pathlib import Path

import msgspec
import pytest

from zeues_contracts.config import Config, ServiceConfig
from zeues_contracts.consumers import check_contracts, read_contracts
from zeues_contracts.findings import Level
from zeues_contracts.openapi import load_file

DATA = Path(__file__).parents[3] / "zeues_contracts" / "standin" / "data"


def findings(day):
    config = msgspec.structs.replace(Config(), services={"zeues": ServiceConfig()}, root=str(DATA / day))
    return check_contracts(read_contracts(config, "zeues"), load_file(DATA / day / "snapshot.json"), service="zeues")


def test_nothing_is_wrong_when_all_is_well():
    assert [one.message for one in findings("healthy") if one.level is not Level.INFO] == []


def the(rule, found, says=""):
    (one,) = [one for one in found if one.rule == rule and says in one.message]
    return one


@pytest.fixture(scope="module")
def incident():
    return findings("incident")


def test_completar_lacks_its_date(incident):
    one = the("ZC323", incident)
    assert one.operation == "POST /api/occupation/completar"
    assert one.message == "e2e-suite does not send `fecha_operacion`, which the body requires"
    # The witness is the very body that the suite sends.
    assert one.evidence.witness.value == {
        "tag_spool": "TEST-01",
        "operacion": "ARM",
        "worker_id": 93,
        "worker_nombre": "MR(93)",
    }
    assert [hit.interaction for hit in one.hits] == ["arm-completar", "sold-completar", "metrologia-completar"]
    assert one.level is Level.ERROR
    assert "a string (date)" in one.hint
    assert one.evidence.details == ('its schema: {"format": "date", "type": "string"}',)


def test_the_history_is_no_list(incident):
    one = the("ZC340", incident)
    assert one.operation == "GET /api/history/{tag_spool}"
    assert one.hint == "the list is at `sessions`: read `sessions`"
    assert "{sessions, tag_spool}" in one.message
    assert one.evidence.witness.value == {"tag_spool": ""}
    assert [hit.interaction for hit in one.hits] == ["history"]


def test_what_is_sent_though_undeclared(incident):
    operacion = the("ZC325", incident, "`operacion`")
    resultado = the("ZC325", incident, "`resultado`")
    assert operacion.operation == resultado.operation == "POST /api/occupation/completar"
    assert operacion.level is resultado.level is Level.WARNING
    assert len(operacion.hits) == 3
    assert [hit.interaction for hit in resultado.hits] == ["metrologia-completar"]
    assert "declares `operacion`" in operacion.hint


def test_what_is_relied_on_though_undocumented(incident):
    assert [hit.interaction for hit in the("ZC331", incident, "404").hits] == ["unknown-spool"]
    assert [hit.interaction for hit in the("ZC331", incident, "409").hits] == ["race-second-tomar"]


def test_these_are_all_errors_of_the_day(incident):
    assert sorted(one.rule for one in incident if one.level is Level.ERROR) == ["ZC323", "ZC340"]
