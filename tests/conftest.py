"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zeues_contracts import redact


@pytest.fixture(autouse=True)
def _no_secret_of_another_test() -> Iterator[None]:
    """What one test gives as a header is an ordinary word to the next."""
    redact.forget()
    yield
    redact.forget()
