# What all Python tests share: the hypothesis profile and the folder of the full data.
"""Shared fixtures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "custfolio",
    deadline=None,
    max_examples=int(os.environ.get("CUSTFOLIO_EXAMPLES", "40")),
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("custfolio")


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show results in their full width, whatever the terminal of the tests."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def full_data() -> Path:
    """Return the folder of the full data, skipping the test where ``CUSTFOLIO_DATA`` does not name it."""
    folder = os.environ.get("CUSTFOLIO_DATA")
    if not folder:
        pytest.skip("CUSTFOLIO_DATA names no folder of full data")
    return Path(folder)
