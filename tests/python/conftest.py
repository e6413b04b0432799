# What all Python tests share: the hypothesis profile, the plan of the demo, rows from every source, and the full data.
"""Shared fixtures."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, settings

import custfolio as cf
from custfolio import demo
from custfolio._flow import Outcome, run
from custfolio.demo import scenario

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
def demo_outcome() -> Outcome:
    """Return all steps of the demo."""
    return run(demo.inputs())


@pytest.fixture(scope="session")
def outcome() -> Outcome:
    """Return all steps of the demo for every eighth store: twenty times faster to plan."""

    def eighth(rows: dict[str, Any], store: str) -> dict[str, Any]:
        kept = np.array([int(one) % 8 == 0 for one in rows[store]])
        return {name: column[kept] for name, column in rows.items()}

    deliveries = scenario.deliveries
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scenario, "deliveries", lambda year: eighth(deliveries(year), "store"))
        inputs = demo.inputs()
        for table in ("action_plans", "managers"):
            inputs = replace(inputs, **{table: eighth(getattr(inputs, table), "customer")})
        return run(inputs)


@pytest.fixture(scope="session")
def full_data() -> Path:
    """Return the folder of the full data, skipping the test where ``CUSTFOLIO_DATA`` does not name it."""
    folder = os.environ.get("CUSTFOLIO_DATA")
    if not folder:
        pytest.skip("CUSTFOLIO_DATA names no folder of full data")
    return Path(folder)


@pytest.fixture(params=["polars", "pandas", "polars lazy", "duckdb", "csv"])
def read_rows(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., cf.Ledger]:
    """Return a function that makes a ledger of rows: in memory, in an engine, or from a file."""

    def read(rows: pl.DataFrame | dict[str, Any], **options: Any) -> cf.Ledger:
        frame = pl.DataFrame(rows)
        if request.param == "csv":
            frame.write_csv(tmp_path / "sales.csv")
            return cf.Ledger.read(tmp_path / "sales.csv", **options)
        if request.param == "pandas":
            return cf.Ledger(frame.to_pandas() if isinstance(rows, pl.DataFrame) else pd.DataFrame(rows), **options)
        if request.param == "duckdb":
            return cf.Ledger(duckdb.from_arrow(frame.to_arrow()), **options)
        return cf.Ledger(frame if request.param == "polars" else frame.lazy(), **options)

    return read
