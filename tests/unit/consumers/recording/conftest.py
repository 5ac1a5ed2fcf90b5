from __future__ import annotations

import pytest

from tests.unit.consumers.recording.serving import running_service


@pytest.fixture(scope="session")
def service():
    with running_service() as url:
        yield url
