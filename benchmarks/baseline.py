# How far off the baseline is: rolling origins on seven years of real deliveries, coverage of the band, and time.
"""Forecast the wholesaler's months from earlier origins and compare; CUSTFOLIO_DATA names the folder of the full data."""

from __future__ import annotations

import os
import time
from pathlib import Path

import duckdb
import numpy as np

import custfolio as cf
from custfolio import _core
from custfolio._days import month_index, month_text

FIRST, LAST = "2015-01", "2018-01"
MONTHS = 12
STEP = 3
"""Months between two origins."""


def monthly() -> duckdb.DuckDBPyRelation:
    """One row a store and month of 2012 to 2018."""
    path = Path(os.environ["CUSTFOLIO_DATA"]) / "iowa" / "sales_2012_2018.parquet"
    return duckdb.sql(
        "select date_trunc('month', date)::date as date, store::varchar as customer_id, sum(sale) as revenue, "
        f"sum(sale) / 1.5 as cost from read_parquet('{path}') group by all order by all"
    )


def coverage(ledger: cf.Ledger) -> None:
    """Print, by months ahead, error, bias and how often the month lay within P10 and P90."""
    costs = cf.CostModel({"deliveries": 20.0})
    inside: list[list[bool]] = [[] for _ in range(MONTHS)]
    errors: list[list[float]] = [[] for _ in range(MONTHS)]
    naive: list[list[float]] = [[] for _ in range(MONTHS)]
    whole = cf.statement(ledger, costs).portfolio._core
    row = {name: k for k, name in enumerate(whole.id)}
    history = np.asarray(whole.monthly_revenue)
    oldest = month_index(ledger.first_day, "ledger")
    for origin in range(month_index(FIRST, "first"), month_index(LAST, "last") + 1, STEP):
        found = cf.lifetime.baseline(ledger, start=month_text(origin), months=MONTHS, costs=costs)
        mine = [row[name] for name in found.portfolio._core.id]
        at = origin - oldest
        actual = history[mine, at : at + MONTHS].sum(axis=0)
        last = history[mine, at - MONTHS : at].sum(axis=0)
        company = found.company._columns()
        for h in range(MONTHS):
            inside[h].append(bool(company["p10"][h] <= actual[h] <= company["p90"][h]))
            errors[h].append(company["level"][h] / actual[h] - 1)
            naive[h].append(last[h] / actual[h] - 1)
    print("months ahead  origins  rmse   rmse of seasonal naive  bias    within P10-P90")
    for h in range(MONTHS):
        mine_rmse, naive_rmse = (np.sqrt(np.mean(np.square(found[h]))) for found in (errors, naive))
        print(
            f"{h + 1:12d}  {len(errors[h]):7d}  {mine_rmse:5.3f}  {naive_rmse:22.3f}  {np.mean(errors[h]):+6.3f}  "
            f"{np.mean(inside[h]):14.2f}"
        )
    print(f"all months: {np.mean(inside):.2f} within P10-P90; 0.80 is promised")


def speed() -> None:
    """Print the time of a backtest of 10,000 customers and 84 months."""
    rng = np.random.default_rng(1)
    months = np.arange(84)
    history = (
        1000
        + 200 * np.sin(months * np.pi / 6)
        + rng.normal(0, 100, (10_000, 84))
        + rng.normal(0, 3, (10_000, 1)) * months
    )
    for threads in (1, 2):
        begun = time.perf_counter()
        _core.backtest(history, threads=threads)
        print(
            f"backtest of 10,000 x 84, 6 origins, 12 months ahead, {threads} threads: {time.perf_counter() - begun:.1f} s"
        )


if __name__ == "__main__":
    speed()
    coverage(cf.Ledger(monthly(), customer="customer_id", date="date", revenue="revenue", cost="cost"))
