# Customers and buckets at or below a level of 0 have no temperature, on every face.
"""No temperature without a positive level: NaN, shown as a dash."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import custfolio as cf
from custfolio import _core, plots
from custfolio.portfolio import portfolio_facts
from custfolio.report import bucket_picture
from custfolio.report.data import NOTHING, BucketFigures

SALES = pd.DataFrame(
    {
        "customer": ["returns", "returns", "buys", "warm"],
        "date": pd.to_datetime(["2021-01-05", "2021-02-05", "2021-01-07", "2021-03-01"]),
        "revenue": [1000.0, -5000.0, 1000.0, 400.0],
        "cost": [800.0, -3910.0, 900.0, 200.0],
    }
)


@pytest.fixture
def stated() -> cf.Statement:
    return cf.statement(cf.Ledger(SALES), cf.CostModel())


def test_a_customer_with_net_returns_has_no_temperature(stated: cf.Statement) -> None:
    customer = stated.portfolio["returns"]
    assert (customer.level, customer.heat) == (-4000.0, -890.0)
    assert math.isnan(customer.temperature)
    table = stated.to_frame("pandas").sort_values("temperature", ascending=False)
    assert list(table["customer_id"]) == ["warm", "buys", "returns"]
    assert "22.2" not in repr(stated.portfolio) + stated.portfolio._repr_html_()


def test_a_bucket_of_net_returns_has_no_temperature(stated: cf.Statement) -> None:
    assert stated.bucket.level == -2600.0
    assert math.isnan(stated.bucket.temperature)
    assert f"temperature={NOTHING}," in repr(stated.bucket)
    assert portfolio_facts(stated.portfolio)["temperature"] is None
    with pytest.raises(cf.InputError, match="positive level"):
        cf.bridge(stated.portfolio, stated.portfolio)


def test_temperature_elementwise() -> None:
    level, heat = np.array([-3500.0, 0.0, -0.0, 200.0]), np.array([-880.0, -5.0, 3.0, -10.0])
    assert np.array_equal(_core.temperature_of(level, heat), [math.nan, math.nan, math.nan, -0.05], equal_nan=True)


def test_charts_show_a_dash() -> None:
    figures = BucketFigures(-3500.0, -880.0, 3)
    assert math.isnan(figures.temperature)
    assert bucket_picture.svg(figures, figures).count(f"at {NOTHING}") == 2
    rows = plots.bucket(figures).data.values
    assert (rows[0]["temperature"], rows[0]["shown"]) == (None, NOTHING)
    months = np.arange("2022-01", "2022-04", dtype="datetime64[M]")
    level, heat = np.array([10.0, 0.0, -5.0]), np.array([1.0, 1.0, -1.0])
    rows = plots.trajectory(months, level, heat, without=(level, heat)).data.values
    assert [row["temperature"] for row in rows] == [0.1, None, None]
    assert [row["temperature_without"] for row in rows] == [0.1, None, None]


def test_a_budget_of_net_returns_has_no_temperature(tmp_path: Path) -> None:
    budget = cf.Budget(
        {"month": ["2022-01", "2022-02"], "account": ["revenue", "revenue"], "amount": [-3500.0, 100.0]},
    )
    totals = budget.totals("month").to_frame("pandas")
    assert np.isnan(totals["temperature"][0])
    assert totals["temperature"][1] == 1.0
    budget.to_excel(tmp_path / "budget.xlsx")
    cells = [cell.value for row in openpyxl.load_workbook(tmp_path / "budget.xlsx").active for cell in row]
    assert [value for value in cells if str(value).startswith("=IF(")]
    assert not [value for value in cells if str(value).startswith("=IF(") and ">0," not in str(value)]


def test_the_command_line_and_its_workbook(tmp_path: Path) -> None:
    SALES.to_csv(tmp_path / "sales.csv", index=False)
    found = subprocess.run(
        [sys.executable, "-c", "from custfolio.cli import main; main()", "statement", "sales.csv", "--out", "stated.xlsx"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"temperature {NOTHING}," in found.stdout
    assert "22.2" not in found.stdout
    heads, *rows = openpyxl.load_workbook(tmp_path / "stated.xlsx")["Statement"].iter_rows(values_only=True)
    temperature = {row[heads.index("Customer")]: row[heads.index("Temperature")] for row in rows}
    assert temperature == {"returns": None, "buys": 0.1, "warm": 0.5, "Total": ""}
