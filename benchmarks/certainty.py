# Verdicts with intervals for a million customers: how long the steps take.
"""State made-up customers with three documents each, then find how sure each temperature is, and select.

python benchmarks/certainty.py [CUSTOMERS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

import custfolio as cf

ROUNDS = 3


def stated(customers: int) -> cf.Statement:
    """Return a statement of customers with a document in three of twelve months."""
    rng = np.random.default_rng(1)
    rows = 3 * customers
    month = rng.integers(1, 13, rows)
    revenue = rng.lognormal(6, 1, rows)
    lines = pd.DataFrame(
        {
            "customer": np.repeat(np.arange(customers), 3),
            "date": np.array([f"2021-{k:02}-15" for k in range(1, 13)], dtype="datetime64[s]")[month - 1],
            "revenue": revenue,
            "cost": revenue * rng.normal(0.75, 0.05, rows),
        }
    )
    costs = cf.CostModel({"deliveries": 40.0, "lines": 5.0}, revenue_share=0.1)
    return cf.statement(cf.Ledger(lines), costs, period=("2021-01-01", "2021-12-31"))


def timed(name: str, call: Callable[[], Any]) -> Any:
    """Run a step several times and print the median of its times."""
    clock: list[float] = []
    processors: list[float] = []
    for _ in range(ROUNDS):
        began, spent = time.perf_counter(), time.process_time()
        found = call()
        clock.append(time.perf_counter() - began)
        processors.append(time.process_time() - spent)
    print(f"{name:60} {median(clock):6.2f} s by the clock {median(processors):6.2f} s of processor")
    return found


def main(customers: int) -> None:
    """Time the steps."""
    statement = stated(customers)
    print(f"{len(statement.portfolio):,} customers")
    uncertainty = timed("chances and intervals by rates", lambda: statement.uncertain(0.05, 0.25))
    timed("the same with own months, found in the rows", lambda: statement.uncertain(0.05, 0.25, months=True))
    timed("verdicts, sure or undecided", lambda: cf.select(statement, 0.05, uncertainty=uncertainty))
    timed("verdicts without intervals", lambda: cf.select(statement, 0.05))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
