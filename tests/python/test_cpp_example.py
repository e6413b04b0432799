# The same figures from C++ and from Python, to the cent, on all deliveries that ship.
"""The C++ example against the Python face."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import custfolio as cf
from custfolio import demo


def test_cpp_and_python_give_the_same_figures(tmp_path: Path) -> None:
    folder = os.environ.get("CUSTFOLIO_CPP_EXAMPLES")
    if not folder:
        pytest.skip("CUSTFOLIO_CPP_EXAMPLES names no folder of built C++ examples")
    rows = pd.DataFrame(demo.deliveries(2021))
    columns = ["date", "store", "lines", "bottles", "revenue", "cost"]
    rows[columns].to_csv(tmp_path / "deliveries.csv", index=False)
    printed = subprocess.run(
        [str(Path(folder) / "example_plan"), str(tmp_path / "deliveries.csv")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [line.rsplit(" ", 1) for line in printed.splitlines() if not line.startswith("2022-")]
    told = {name: float(value) for name, value in lines}

    ledger = cf.Ledger(
        rows, customer="store", date="date", revenue="revenue", cost="cost", quantity="bottles", lines="lines"
    )
    costs = cf.CostModel(rates={"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.20)
    statement = cf.statement(ledger, costs, period=("2021-01-01", "2021-12-31"))
    bucket = statement.bucket
    assert told["customers"] == bucket.customers
    assert told["level"] == pytest.approx(bucket.level, abs=0.005)
    assert told["heat"] == pytest.approx(bucket.heat, abs=0.005)
    selection = cf.select(statement.portfolio, target=0.05)
    terms = [cf.Terms.delivery_fee(25), cf.Terms.minimum_order(2_000), cf.Terms.price(0.03)]
    offers = cf.remediate(statement.portfolio, selection, terms, acceptance=cf.Acceptance(base=0.7))
    assert told["to remediate"] == len(selection.rows("remediate"))
    assert told["offers"] == len(offers)
    plan = cf.Strategy(start="2022-01", months=12).optimise(statement.portfolio, offers=offers)
    assert told["value"] == pytest.approx(plan.value, abs=0.005)
    assert told["bound"] == pytest.approx(plan.bound, abs=0.005)
    assert (told["actions"], told["overflow"]) == (len(plan.actions), len(plan.overflow))
    months = [line.split() for line in printed.splitlines() if line.startswith("2022-")]
    table = plan.trajectory.columns()
    for k, (month, level, heat) in enumerate(months):
        assert month == table["month"][k]
        assert float(level) == pytest.approx(table["level"][k], abs=0.005)
        assert float(heat) == pytest.approx(table["heat"][k], abs=0.005)
