# Pools over many customers, and groups of a year of order lines: time, and whether all reconciles to the cent.
"""Usage: python benchmarks/costing.py FOLDER, which has sales_2020.parquet and items.parquet (see benchmarks/README.md).

100 activities use 2 pools each, at every one of 50,000 customers: 10 million amounts. NumPy multiplies and adds the same amounts. Then the
statement of 2.6 million order lines is grouped by three dimensions. The median of the rounds counts.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

import custfolio as cf

ROUNDS = 7
CUSTOMERS, ACTIVITIES = 50_000, 100


def taken(run: Callable[[], Any]) -> str:
    """Median time of a call: of its processors, and of the clock, which other programs on the machine lengthen."""
    processors, clock = [], []
    for _ in range(ROUNDS):
        starts = time.process_time(), time.perf_counter()
        run()
        processors.append(time.process_time() - starts[0])
        clock.append(time.perf_counter() - starts[1])
    return f"{statistics.median(processors):.2f} s of processors, {statistics.median(clock):.2f} s"


def pools() -> None:
    """Charge 100 activities of two pools to 50,000 customers."""
    random = np.random.default_rng(1)
    ids = [f"c{k:05}" for k in range(CUSTOMERS)]
    sales = pa.table(
        {"customer": ids, "date": np.full(CUSTOMERS, "2021-06-01"), "revenue": random.gamma(2.0, 500.0, CUSTOMERS)}
    )
    units = random.integers(0, 50, (CUSTOMERS, ACTIVITIES)).astype(np.float64)
    minutes = random.uniform(0.5, 20.0, (2, ACTIVITIES)).round(1)
    events = [f"event {k}" for k in range(ACTIVITIES)]
    drivers = pa.table({"customer_id": ids, **{name: units[:, k] for k, name in enumerate(events)}})
    costs = cf.CostModel(
        pools=[cf.Pool("office", 5e7, 1.0e9), cf.Pool("warehouse", 8e7, 1.5e9)],
        activities=[
            cf.Activity(f"activity {k}", pool, minutes=float(minutes[p, k]), event=name)
            for k, name in enumerate(events)
            for p, pool in enumerate(("office", "warehouse"))
        ],
    )
    ledger = cf.Ledger(sales)
    stated = cf.statement(ledger, costs, drivers=drivers)
    amounts = np.asarray(stated.core.activity_cost)
    charged = stated.core.charged
    gaps = [np.abs(amounts[:, p::2].sum(axis=1) - charged[:, p]).max() for p in range(2)]
    pool = stated.pools.columns()
    gap = np.abs(pool["cost"] - pool["charged"] - pool["unused"] - pool["not_attributed"]).max()
    assert stated.reconciliation.exact and max(*gaps, gap) < 0.005
    rate = np.array([5e7 / 1.0e9, 8e7 / 1.5e9])

    def with_numpy() -> Any:
        found = units[:, :, None] * (minutes.T * rate)[None, :, :]
        return found, found.sum(axis=1), found.sum(axis=0)

    print(f"{amounts.size:,} amounts of {CUSTOMERS:,} customers, {ACTIVITIES} activities, 2 pools")
    print(f"  custfolio: {taken(lambda: cf.statement(ledger, costs, drivers=drivers))}")
    print(f"  NumPy: {taken(with_numpy)}")
    print(f"  not reconciled: {max(*gaps, gap):.1e}")


def groups(folder: Path) -> None:
    """Group the order lines of a year by three dimensions."""
    query = """
        select store, date, sale, coalesce(bottles * bottle_cost, sale / 1.5) as goods, bottles, category, chain
        from read_parquet(?) left join read_parquet(?) using (item) left join
             (select store, regexp_extract(upper(store_name), '[A-Z]+ ?[A-Z]*') as chain from read_parquet(?)) using (store)
    """
    files = [str(folder / f"{name}.parquet") for name in ("sales_2020", "items", "stores")]
    with duckdb.connect() as connection:
        frame = connection.sql(query, params=files).to_arrow_table()
    ledger = cf.Ledger(
        frame, customer="store", revenue="sale", cost="goods", quantity="bottles", family="category", group="chain"
    )
    costs = cf.CostModel({"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.20)
    stated = cf.statement(ledger, costs)
    found = stated.by("family", "group", "month").columns()
    assert abs(found["contribution"].sum() - stated.bucket.heat) < 0.005
    print(f"{frame.num_rows:,} lines by family, group and month: {len(found['month']):,} groups")
    print(f"  by: {taken(lambda: stated.by('family', 'group', 'month'))}")
    print(f"  the statement: {taken(lambda: cf.statement(ledger, costs))}")


def main() -> None:
    """Time both."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    pools()
    groups(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
