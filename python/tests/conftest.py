"""What tests share."""

from __future__ import annotations

import pytest

import shadowflow as sf

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _names(doctest_namespace):
    import numpy as np

    doctest_namespace.update(sf=sf, np=np)


@pytest.fixture
def banana():
    return sf.loss("(1 - x)^2 + 100*(y - x^2)^2")


@pytest.fixture
def well():
    return sf.loss("param x = 1/2\nloss x^4/4 + x^2/2\n")
