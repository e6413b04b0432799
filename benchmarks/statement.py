# Statement over the order lines of a year in memory: custfolio against DuckDB and Polars, alternately in one process.
"""Usage: python benchmarks/statement.py FOLDER [LINES]; the folder has sales_2020.parquet and items.parquet (see benchmarks/README.md).

With LINES, the lines are repeated under new customers until there are so many. Memory is the highest resident memory of a run, less that
before it, when each engine has the lines already (Linux).

Each engine gets the same typed columns in its own memory and does the same work: per customer the deliveries (distinct days), lines,
bottles, revenue, cost of goods, first and last day and revenue of each month, then cost to serve and contribution. Each engine has two
ways of writing it where two are usual; the faster one counts. The order changes from round to round; the median of the rounds counts.
"""

from __future__ import annotations

import gc
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
YEAR_LINES = 2_614_365
COSTS = cf.CostModel(rates={"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.20)
MONTHS = range(1, 13)


def columns(folder: Path, lines: int) -> dict[str, np.ndarray]:
    """Order lines of 2020 as typed columns; goods that had left the price list cost revenue / 1.5."""
    query = f"""
        with year as (
            select dense_rank() over (order by store) - 1 as store, date, bottles::double as bottles, sale::double as revenue,
                   coalesce(bottles * bottle_cost, sale / 1.5)::double as cost
            from read_parquet(?) left join read_parquet(?) using (item)
        )
        select (store + copy * (select max(store) + 1 from year))::integer as customer, date, bottles, revenue, cost
        from year, range({-(-lines // YEAR_LINES)}) as copies(copy) order by date, customer
    """
    with duckdb.connect() as connection:
        found = connection.execute(
            query, [str(folder / "sales_2020.parquet"), str(folder / "items.parquet")]
        ).fetchnumpy()
    kinds = {"customer": np.int32, "bottles": np.float64, "revenue": np.float64, "cost": np.float64}
    taken = {name: np.ascontiguousarray(found[name], dtype=kind) for name, kind in kinds.items()}
    taken["day"] = np.ascontiguousarray(np.asarray(found["date"]).astype("datetime64[D]").astype(np.int32))
    # Every 1 line of so many is left out, so that all customers keep their days.
    kept = np.linspace(0, taken["day"].size - 1, min(lines, taken["day"].size)).astype(np.int64)
    return {name: np.ascontiguousarray(values[kept]) for name, values in taken.items()}


def with_memory(run: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """The result of a run, and its highest resident memory, less that before it, MB."""

    def status(name: str) -> int:
        text = Path("/proc/self/status").read_text(encoding="ascii")
        return int(next(line for line in text.splitlines() if line.startswith(name)).split()[1])

    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = status("VmRSS:")
    found = run()
    return found, (status("VmHWM:") - before) / 1024


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
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    rows = columns(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) == 3 else YEAR_LINES)
    engines: dict[str, Callable[[], np.ndarray]] = {
        "custfolio": with_custfolio(rows),
        "DuckDB, one group-by": with_duckdb(rows, False),
        "DuckDB, by day first": with_duckdb(rows, True),
        "Polars, one group-by": with_polars(rows, False),
        "Polars, by day first": with_polars(rows, True),
    }
    memory: dict[str, float] = {}
    expected = np.empty(0)
    for name, run in engines.items():  # later runs find the memory of earlier ones
        found, memory[name] = with_memory(run)
        expected = found if name == "custfolio" else expected
        np.testing.assert_allclose(found, expected, atol=0.005, err_msg=name)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in engines}
    rounds = max(3, ROUNDS * YEAR_LINES // rows["day"].size)
    for turn in range(rounds):
        names = list(engines)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            starts = time.perf_counter(), time.process_time()
            engines[name]()
            times[name].append((time.perf_counter() - starts[0], time.process_time() - starts[1]))
    # The clock, and the processors of all threads, which other programs on the machine do not lengthen.
    medians = {name: np.median(found, axis=0) for name, found in times.items()}
    size = sum(values.nbytes for values in rows.values()) / 2**20
    print(
        f"{rows['day'].size:,} lines, {expected.size:,} customers, columns of {size:,.0f} MB, median of {rounds} rounds"
    )
    for name, (clock, processors) in medians.items():
        ratios = np.array([clock, processors]) / medians["custfolio"]
        print(
            f"{name:<22} {1000 * clock:8.1f} ms {ratios[0]:6.2f} x   processors {1000 * processors:8.1f} ms {ratios[1]:6.2f} x"
            f"   {memory[name]:7.1f} MB beside the columns"
        )


if __name__ == "__main__":
    main()
