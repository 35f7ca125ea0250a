"""The plugin for pytest: the fixture ``series_snapshot`` and ``--series-update``."""

from __future__ import annotations

from typing import Any

import pytest


def pytest_addoption(parser: Any) -> None:
    """The option that writes series anew."""
    group = parser.getgroup("shadowflow")
    group.addoption("--series-update", action="store_true", default=False, help="write the series that tests keep anew")


@pytest.fixture
def series_snapshot(request: Any) -> Any:
    """Keeps derived series in files beside the test: ``series_snapshot(shadowflow.derive(3))``."""
    from ._snapshot import _fixture

    return _fixture(request)
