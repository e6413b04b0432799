# Benchmark of new terms: orders under a new minimum, and eight levers for a million customers.
"""Regroup ten million orders, and offer eight levers to a million customers."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import custfolio as cf

CUSTOMERS, ORDERS = 1_000_000, 10


def timed(name: str, work: Callable[[], object]) -> None:
    """Print the clock and the processor time of a piece of work."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    print(f"{name}: {time.perf_counter() - clock:.2f} s, processors {time.process_time() - processor:.2f} s")


def main() -> None:
    """Make the orders, and time both."""
    random = np.random.default_rng(1)
    rows = CUSTOMERS * ORDERS
    frame = pd.DataFrame(
        {
            "customer": np.repeat(np.arange(CUSTOMERS), ORDERS),
            "date": np.datetime64("2021-01-01") + np.tile(36 * np.arange(ORDERS), CUSTOMERS),
            "revenue": np.round(200 + 1_000 * random.random(rows), 2),
            "quantity": np.full(rows, 30),
        }
    )
    frame["cost"] = frame["revenue"] * np.repeat(0.5 + 0.3 * random.random(CUSTOMERS), ORDERS)
    costs = cf.CostModel(rates={"deliveries": 60.0, "lines": 2.0, "quantity": 0.1}, revenue_share=0.1)
    portfolio = cf.statement(cf.Ledger(frame), costs).portfolio
    assert len(portfolio.orders) == rows
    customers = np.arange(CUSTOMERS)
    one = [cf.Terms.minimum_order(2_000, step=2_000)]
    timed("one minimum for 10,000,000 orders", lambda: cf.remediate(portfolio, customers, one, target=0.25))
    levers = [
        cf.Terms.delivery_fee(25, step=5),
        cf.Terms.minimum_order(2_000, step=100),
        cf.Terms.price(0.03, step=0.005),
        cf.Terms.price(0.1, elasticity=-0.5),
        cf.Terms.frequency(28),
        cf.Terms.service_charge(20, step=5),
        cf.Terms.delivery_fee(25, below=500, step=5),
        cf.Terms.fixed_days("Tuesday", "Friday"),
    ]
    timed("8 levers for 1,000,000 customers", lambda: cf.remediate(portfolio, customers, levers, target=0.25))


if __name__ == "__main__":
    main()
