# Summary for customer-base models over 25 million order lines in memory: custfolio against DuckDB and Polars, alternately in one process.
"""Usage: CUSTFOLIO_DATA=FOLDER python benchmarks/summary.py; the folder holds iowa/sales_*.parquet (see benchmarks/README.md).

Each engine has the same typed columns in its own memory (customer as dense codes, day, revenue, cost) and does the same work: the lines of a
day become one purchase, then per customer first and last day, purchases, repeat revenue and contribution. The results agree to half a cent
before anything is timed. The order changes from round to round; the median of the rounds counts.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from custfolio import _core

ROUNDS = 7
LINES = 25_000_000
THREADS = 2
Rows = dict[str, np.ndarray]


def columns(folder: Path, order: str) -> Rows:
    """Order lines of 2012 to 2021, the first of them again under new customers until there are 25 million."""
    query = f"""
        with lines as (
            select dense_rank() over (order by store) - 1 as store, date, sale from read_parquet(?)
        ), every as (
            select store, date, sale from lines union all select store + (select max(store) + 1 from lines), date, sale from lines
        )
        select store::integer as customer, (date - date '1970-01-01')::integer as day, sale::double as revenue,
               round(sale / 1.5, 2)::double as cost
        from (select * from every limit {LINES}) order by {order}
    """
    files = [str(path) for path in sorted((folder / "iowa").glob("sales_*.parquet"))]
    with duckdb.connect() as connection:
        found = connection.execute(query, [files]).fetchnumpy()
    kinds = {"customer": np.int32, "day": np.int32, "revenue": np.float64, "cost": np.float64}
    taken = {name: np.ascontiguousarray(found[name], dtype=kind) for name, kind in kinds.items()}
    codes = np.unique(taken["customer"])
    taken["customer"] = np.searchsorted(codes, taken["customer"]).astype(np.int32)
    return taken


def with_custfolio(rows: Rows) -> Callable[[], Rows]:
    customers = int(rows["customer"].max()) + 1
    last = int(rows["day"].max())

    def run() -> Rows:
        days = _core.purchase_days(
            rows["customer"], rows["day"], rows["revenue"], cost=rows["cost"], customers=customers, threads=THREADS
        )
        found = days.summary(int(rows["day"].min()), last, last, threads=THREADS)
        return {
            "first": found["first_day"],
            "last": found["last_day"],
            "purchases": found["purchases"],
            "repeat": found["revenue"] - found["first_revenue"],
            "contribution": found["contribution"],
        }

    return run


def with_duckdb(rows: Rows) -> Callable[[], Rows]:
    connection = duckdb.connect()
    connection.execute(f"set threads = {THREADS}")
    given = pl.DataFrame(rows)  # noqa: F841 -- read by name
    connection.execute("create table lines as select * from given")
    query = """
        with days as (
            select customer, day, sum(revenue) as revenue, sum(revenue) - sum(cost) as contribution
            from lines group by customer, day
        )
        select min(day) filter (revenue >= 0) as first, max(day) filter (revenue >= 0) as last,
               count(*) filter (revenue >= 0)::double as purchases,
               coalesce(sum(revenue) filter (revenue >= 0), 0) - coalesce(arg_min(revenue, day) filter (revenue >= 0), 0) as repeat,
               sum(contribution) as contribution
        from days group by customer order by customer
    """
    return lambda: {name: np.asarray(column) for name, column in connection.execute(query).fetchnumpy().items()}


def with_polars(rows: Rows) -> Callable[[], Rows]:
    frame = pl.DataFrame(rows)
    bought = pl.col("revenue") >= 0

    def run() -> Rows:
        days = (
            frame.lazy()
            .group_by("customer", "day")
            .agg(pl.col("revenue").sum(), (pl.col("revenue").sum() - pl.col("cost").sum()).alias("contribution"))
        )
        found = (
            days.group_by("customer")
            .agg(
                pl.col("day").filter(bought).min().alias("first"),
                pl.col("day").filter(bought).max().alias("last"),
                bought.sum().cast(pl.Float64).alias("purchases"),
                (
                    pl.col("revenue").filter(bought).sum()
                    - pl.col("revenue").filter(bought).sort_by(pl.col("day").filter(bought)).first()
                ).alias("repeat"),
                pl.col("contribution").sum(),
            )
            .sort("customer")
            .collect()
        )
        return {name: found[name].to_numpy() for name in ("first", "last", "purchases", "repeat", "contribution")}

    return run


def compare(rows: Rows, order: str) -> None:
    """Check that the results agree, then time the engines in turn."""
    engines = {"custfolio": with_custfolio(rows), "DuckDB": with_duckdb(rows), "Polars": with_polars(rows)}
    results = {name: run() for name, run in engines.items()}
    ours = results["custfolio"]
    for name, found in results.items():
        there = np.asarray(ours["purchases"]) > 0
        for column, values in found.items():
            np.testing.assert_allclose(
                values[there], ours[column][there], rtol=0, atol=0.005, err_msg=f"{name}: {column}"
            )
    times: dict[str, list[float]] = {name: [] for name in engines}
    names = list(engines)
    for turn in range(ROUNDS):
        for name in names[turn % 3 :] + names[: turn % 3]:
            begun = time.perf_counter()
            engines[name]()
            times[name].append(time.perf_counter() - begun)
    base = statistics.median(times["custfolio"])
    print(
        f"{rows['day'].size:,} lines ordered by {order}, {int(rows['customer'].max()) + 1:,} customers, {THREADS} threads"
    )
    for name, taken in times.items():
        print(
            f"  {name:10s} {statistics.median(taken) / base:5.2f} x custfolio's time (median {statistics.median(taken):.2f} s)"
        )


if __name__ == "__main__":
    folder = Path(os.environ["CUSTFOLIO_DATA"])
    for order in ("day, customer", "customer, day", "hash(day, customer, revenue)"):
        compare(columns(folder, order), order)
