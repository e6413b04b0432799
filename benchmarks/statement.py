# Statement over the order lines of a year in memory: custfolio against DuckDB and Polars, alternately in one process.
"""Usage: python benchmarks/statement.py FOLDER, which holds sales_2020.parquet and items.parquet (see benchmarks/README.md).

Each engine gets the same typed columns in its own memory and does the same work: per customer the deliveries (distinct days), lines,
bottles, revenue, cost of goods, first and last day and revenue of each month, then cost to serve and contribution. Each engine has two
ways of writing it where two are usual; the faster one counts. The order changes from round to round; the median of the rounds counts.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

import custfolio as cf
from custfolio import _core

ROUNDS = 15
COSTS = cf.CostModel(rates={"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.20)
MONTHS = range(1, 13)


def columns(folder: Path) -> dict[str, np.ndarray]:
    """Order lines of 2020 as typed columns; goods that had left the price list cost revenue / 1.5."""
    query = """
        select dense_rank() over (order by store) - 1 as customer, date, bottles::double as bottles, sale::double as revenue,
               coalesce(bottles * bottle_cost, sale / 1.5)::double as cost
        from read_parquet(?) left join read_parquet(?) using (item) order by date, store
    """
    with duckdb.connect() as connection:
        found = connection.execute(
            query, [str(folder / "sales_2020.parquet"), str(folder / "items.parquet")]
        ).fetchnumpy()
    kinds = {"customer": np.int32, "bottles": np.float64, "revenue": np.float64, "cost": np.float64}
    taken = {name: np.ascontiguousarray(found[name], dtype=kind) for name, kind in kinds.items()}
    taken["day"] = np.ascontiguousarray(np.asarray(found["date"]).astype("datetime64[D]").astype(np.int32))
    return taken


def with_custfolio(rows: dict[str, np.ndarray]) -> Callable[[], np.ndarray]:
    ids = [str(code) for code in range(int(rows["customer"].max()) + 1)]

    def run() -> np.ndarray:
        stated = _core.statement(
            rows["customer"], rows["day"], rows["revenue"], cost=rows["cost"], quantity=rows["bottles"], id=ids,
            costs=COSTS.core,
        )  # fmt: skip
        return np.asarray(stated.portfolio.contribution)

    return run


def with_duckdb(rows: dict[str, np.ndarray], nested: bool) -> Callable[[], np.ndarray]:
    connection = duckdb.connect()
    lines = pl.DataFrame(rows).with_columns(pl.col("day").cast(pl.Date))
    connection.register("lines_in", lines.to_arrow())
    connection.execute("create table lines as select * from lines_in")
    months = ", ".join(f"sum(revenue) filter (where month(day) = {m}) as m{m}" for m in MONTHS)
    flat = f"""
        select customer, count(distinct day) as deliveries, count(*) as n, sum(bottles) as bottles, sum(revenue) as revenue,
               sum(cost) as cost, min(day) as first, max(day) as last, {months} from lines group by customer
    """
    inner = """
        select customer, day, count(*) as n, sum(bottles) as bottles, sum(revenue) as revenue, sum(cost) as cost
        from lines group by customer, day
    """
    deep = f"""
        select customer, count(*) as deliveries, sum(n) as n, sum(bottles) as bottles, sum(revenue) as revenue,
               sum(cost) as cost, min(day) as first, max(day) as last, {months} from ({inner}) group by customer
    """
    query = f"""
        select *, 90 * deliveries + 2.5 * n + 0.12 * bottles + 0.2 * revenue as serve,
               revenue - cost - (90 * deliveries + 2.5 * n + 0.12 * bottles + 0.2 * revenue) as contribution
        from ({deep if nested else flat}) order by customer
    """

    def run() -> np.ndarray:
        return np.asarray(connection.execute(query).fetchnumpy()["contribution"])

    return run


def with_polars(rows: dict[str, np.ndarray], nested: bool) -> Callable[[], np.ndarray]:
    lines = pl.DataFrame(rows).with_columns(pl.col("day").cast(pl.Date))
    month = [pl.col("revenue").filter(pl.col("day").dt.month() == m).sum().alias(f"m{m}") for m in MONTHS]
    sums = [pl.col(name).sum() for name in ("bottles", "revenue", "cost")]
    span = [pl.col("day").min().alias("first"), pl.col("day").max().alias("last")]
    frame = lines.lazy()
    if nested:
        days = frame.group_by("customer", "day").agg(pl.len().alias("n"), *sums)
        grouped = days.group_by("customer").agg(pl.len().alias("deliveries"), pl.col("n").sum(), *sums, *span, *month)
    else:
        grouped = frame.group_by("customer").agg(
            pl.col("day").n_unique().alias("deliveries"), pl.len().alias("n"), *sums, *span, *month
        )
    serve = 90 * pl.col("deliveries") + 2.5 * pl.col("n") + 0.12 * pl.col("bottles") + 0.2 * pl.col("revenue")
    stated = grouped.with_columns(serve.alias("serve")).with_columns(
        (pl.col("revenue") - pl.col("cost") - pl.col("serve")).alias("contribution")
    )
    query = stated.sort("customer")
    return lambda: query.collect()["contribution"].to_numpy()


def main() -> None:
    """Time all engines and print the table."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rows = columns(Path(sys.argv[1]))
    engines: dict[str, Callable[[], np.ndarray]] = {
        "custfolio": with_custfolio(rows),
        "DuckDB, one group-by": with_duckdb(rows, False),
        "DuckDB, by day first": with_duckdb(rows, True),
        "Polars, one group-by": with_polars(rows, False),
        "Polars, by day first": with_polars(rows, True),
    }
    expected = engines["custfolio"]()
    for name, run in engines.items():
        np.testing.assert_allclose(run(), expected, atol=0.005, err_msg=name)
    times: dict[str, list[float]] = {name: [] for name in engines}
    for turn in range(ROUNDS):
        names = list(engines)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            start = time.perf_counter()
            engines[name]()
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(f"{rows['day'].size:,} lines, {expected.size:,} customers, median of {ROUNDS} rounds")
    for name, seconds in medians.items():
        print(f"{name:<22} {1000 * seconds:8.1f} ms   {seconds / medians['custfolio']:5.2f} x custfolio")


if __name__ == "__main__":
    main()
