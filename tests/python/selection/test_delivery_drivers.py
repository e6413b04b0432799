# Drivers of the document that its rows repeat: once a delivery, in every engine, in the file of settings and on the command line.
"""Delivery drivers in a statement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from typer.testing import CliRunner

import custfolio as cf
from custfolio.cli import app

SALES = pd.DataFrame(
    {
        "customer": ["a", "a", "a", "b", "b", "b"],
        "date": ["2021-01-05", "2021-01-05", "2021-02-01", "2021-03-01", "2021-03-01", "2021-03-02"],
        "document": [1, 1, 2, 3, 3, 4],
        "revenue": [60.0, 40.0, 80.0, 100.0, -20.0, -30.0],
        "cost": [30.0, 20.0, 40.0, 50.0, -10.0, -15.0],
        "km": [12.0, 12.0, 7.0, 30.0, 30.0, 30.0],
        "express": [1, 1, 0, 1, 1, 1],
    }
)
COSTS = cf.CostModel(
    {"kilometres": 2.0},
    pools=[cf.Pool("desk", 1_000, 2_000)],
    activities=[cf.Activity("order", "desk", "5 + 10*rush*lines")],
)
DRIVERS = {"kilometres": "km", "rush": "express"}


@pytest.mark.parametrize(
    "frame",
    [
        lambda: SALES,
        lambda: pl.from_pandas(SALES).lazy(),
        lambda: duckdb.connect().from_df(SALES),
        lambda: SALES.sample(frac=1, random_state=3),
    ],
    ids=["pandas", "polars lazily", "duckdb", "rows in another order"],
)
def test_a_document_counts_once(frame: Any) -> None:
    stated = cf.statement(cf.Ledger(frame(), delivery_drivers=DRIVERS), COSTS)
    columns = stated.columns()
    # The return of document 4 is no delivery: its kilometres are not counted.
    assert columns["cost of kilometres"].tolist() == [2.0 * (12 + 7), 2.0 * 30]
    # Rush orders of two lines: 5 + 10 * 2 minutes; the other order 5 minutes; half a unit of currency per minute.
    assert columns["cost of desk"].tolist() == [0.5 * (25 + 5), 0.5 * 25]
    assert stated.reconciliation.exact


def test_as_a_driver_of_the_rows_the_same_column_counts_each_row() -> None:
    stated = cf.statement(cf.Ledger(SALES, drivers={"kilometres": "km"}), cf.CostModel({"kilometres": 2.0}))
    assert stated.columns()["cost of kilometres"].tolist() == [2.0 * 31, 2.0 * 90]


def test_a_gap_counts_as_nothing() -> None:
    sales = SALES.assign(km=[12.0, np.nan, np.nan, 30.0, 30.0, 30.0])
    for frame in (sales, pl.from_pandas(sales).lazy()):
        ledger = cf.Ledger(frame, delivery_drivers={"kilometres": "km"})
        assert ledger.rows_rejected == 0
        assert ledger.gaps.columns()["rows"].tolist() == [2]
        stated = cf.statement(ledger, cf.CostModel({"kilometres": 2.0}))
        assert stated.columns()["cost of kilometres"].tolist() == [24.0, 60.0]


def test_the_rows_of_a_period() -> None:
    ledger = cf.Ledger(SALES, delivery_drivers=DRIVERS).between("2021-01-01", "2021-01-31")
    assert cf.statement(ledger, COSTS).columns()["cost of kilometres"].tolist() == [24.0]
    assert ledger.columns()["rush"].tolist() == [1.0, 1.0]


def test_a_driver_has_one_place() -> None:
    with pytest.raises(cf.InputError, match="'kilometres' is in drivers= and in delivery_drivers="):
        cf.Ledger(SALES, drivers={"kilometres": "km"}, delivery_drivers=DRIVERS)
    with pytest.raises(cf.InputError, match="'lines' is a usual driver"):
        cf.Ledger(SALES, delivery_drivers={"lines": "km"})
    with pytest.raises(cf.InputError, match="no column 'miles' for driver rush"):
        cf.Ledger(SALES, delivery_drivers={"rush": "miles"})


def test_on_the_command_line(tmp_path: Path) -> None:
    SALES.to_csv(tmp_path / "sales.csv", index=False)
    rates = ["--rate", "kilometres=2", "--rate", "pallets=1"]
    drivers = ["--delivery-driver", "kilometres=km", "--driver", "pallets=express"]
    result = CliRunner().invoke(app, ["statement", str(tmp_path / "sales.csv"), *rates, *drivers, "--json"])
    assert json.loads(result.stdout)["heat"] == pytest.approx(230 - 115 - 2 * (12 + 7 + 30) - 5)
