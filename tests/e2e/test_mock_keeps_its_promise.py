"""Our own fuzzing against our own mock: two readings of one document have nothing against each other."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from tests.unit.live.mock.test_refusals import app
from zeues_contracts.config import FuzzConfig, ServiceConfig
from zeues_contracts.findings import Level, StageStatus
from zeues_contracts.live.fuzzing import fuzz
from zeues_contracts.live.inprocess import AsgiSender
from zeues_contracts.live.mock.answering import Mock
from zeues_contracts.live.mock.server import MockServer
from zeues_contracts.openapi import document_from_mapping, load
from zeues_contracts.standin import scenes

pytestmark = pytest.mark.e2e

DATA = Path(scenes.__file__).parent / "data"


def above_info(result):
    return [(one.rule, one.message) for one in result.findings if one.level.rank > Level.INFO.rank]


@pytest.mark.parametrize("seed", [0, 5])
def test_the_mock_of_the_snapshot(seed):
    promise = load(str(DATA / "healthy" / "snapshot.json"))
    config = ServiceConfig(fuzz=FuzzConfig(cases=200, seconds=120))
    with MockServer(Mock(promise, seed=seed)) as server:
        result = fuzz(promise, server.url, config)
    assert above_info(result) == []
    assert result.stage.status is StageStatus.RAN
    assert result.cases > 150


def test_a_service_of_unions_and_conversions_and_its_mock():
    """What Pydantic converts inside of a union is stock behaviour, in the service as in the mock."""
    promise = document_from_mapping(app.openapi(), "app")
    config = ServiceConfig(fuzz=FuzzConfig(cases=250, seconds=120))
    with MockServer(Mock(promise)) as server:
        assert above_info(fuzz(promise, server.url, config)) == []
    real = AsgiSender(app)
    found = above_info(fuzz(promise, real.base_url, config, sender=real))
    real.close()
    assert found == []
