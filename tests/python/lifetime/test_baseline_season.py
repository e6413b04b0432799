# The baseline of irregular customers with a season, against last year's months.
"""Seasonal companies of irregular customers."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import custfolio as cf

TOP = Path(__file__).parents[1]


def _strangers() -> ModuleType:
    spec = importlib.util.spec_from_file_location("strangers", TOP / "strangers.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _months(rows: list[dict[str, str]], year: str) -> Any:
    sums = np.zeros(12)
    for row in rows:
        if row["date"].startswith(year):
            sums[int(row["date"][5:7]) - 1] += float(row["revenue"])
    return sums


def test_irregular_customers_have_their_season(tmp_path: Path) -> None:
    errors = []
    for seed in ("1", "2"):
        _strangers().write(tmp_path / seed, "seasonal", seed)
        path = tmp_path / seed / "ledger.csv"
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        ledger = cf.Ledger.read(path)
        baseline = cf.lifetime.baseline(ledger, start="2024-01", months=12, costs=cf.CostModel({"deliveries": 20.0}))
        assert any("have a season: the company's index of the month from 2 years" in note for note in baseline.notes)
        actual, last, before = (_months(rows, year) for year in ("2024", "2023", "2022"))
        level = np.asarray(baseline.company.columns()["level"])
        assert level[10] > 1.8 * level[0]
        scale = np.abs(last - before).mean()
        errors.append([np.abs(found - actual).mean() / scale for found in (level, last, (last + before) / 2)])
    ours, last_year, seasonal_mean = np.mean(errors, axis=0)
    assert ours <= 1.05 * min(last_year, seasonal_mean)


def test_without_a_season_there_is_none() -> None:
    rng = np.random.default_rng(3)
    days = np.sort(rng.integers(0, 3 * 365, 1500)) + np.datetime64("2021-01-01")
    frame = {
        "customer": rng.integers(0, 200, 1500).astype(str).tolist(),
        "date": days.astype(str).tolist(),
        "revenue": rng.lognormal(5, 0.5, 1500).tolist(),
        "cost": [50.0] * 1500,
    }
    baseline = cf.lifetime.baseline(
        cf.Ledger(pa.table(frame)), start="2024-01", costs=cf.CostModel({"deliveries": 20.0})
    )
    assert any(note.startswith("no season: ") for note in baseline.notes)
    level = np.asarray(baseline.company.columns()["level"])
    assert level.max() < 1.25 * level.min()
    assert level.sum() == pytest.approx(float(np.sum(frame["revenue"])) / 3, rel=0.15)
