"""In a stock FastAPI service of many features there is nothing to be found, whatever the seed."""

from __future__ import annotations

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from tests.e2e import stock
from zeues_contracts.config import FuzzConfig, ServiceConfig
from zeues_contracts.findings import Level, StageStatus
from zeues_contracts.live.fuzzing import fuzz
from zeues_contracts.live.inprocess import AsgiSender
from zeues_contracts.live.mock.answering import Mock
from zeues_contracts.live.mock.server import MockServer
from zeues_contracts.openapi import document_from_mapping

pytestmark = pytest.mark.e2e

HEADERS = {"authorization": "Bearer letmein", "x-key": "letmein"}


def above_info(result):
    return [(one.rule, one.message) for one in result.findings if one.level.rank > Level.INFO.rank]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("seed", [1, 7])
def test_the_service(seed):
    sender = AsgiSender(stock.app)
    document = document_from_mapping(stock.app.openapi(), "stock")
    config = ServiceConfig(fuzz=FuzzConfig(seed=seed, seconds=120, cases=400))
    result = fuzz(document, sender.base_url, config, headers=HEADERS, sender=sender)
    sender.close()
    assert above_info(result) == []
    assert result.stage.status is StageStatus.RAN
    assert result.stage.counts["operations"] >= 12


def test_its_mock():
    document = document_from_mapping(stock.app.openapi(), "stock")
    with MockServer(Mock(document)) as server:
        config = ServiceConfig(fuzz=FuzzConfig(seconds=120, cases=250))
        result = fuzz(document, server.url, config, headers=HEADERS)
    assert above_info(result) == []
    assert result.stage.status is StageStatus.RAN
