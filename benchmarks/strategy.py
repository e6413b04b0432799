# Benchmark of plans: many customers, a bare choice problem, and the same against HiGHS.
"""Plan for many customers, and choose courses on bare arrays beside HiGHS's mixed-integer solver where it is installed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import custfolio as cf

MONTHS = 12


def timed(name: str, work: Callable[[], Any]) -> tuple[Any, float]:
    """Print the clock and the processor time of a piece of work; return its result and the clock."""
    clock, processor = time.perf_counter(), time.process_time()
    result = work()
    clock = time.perf_counter() - clock
    print(f"{name}: {clock:.2f} s, processors {time.process_time() - processor:.2f} s")
    return result, clock


def company(customers: int) -> tuple[cf.Portfolio, cf.Offers, cf.growth.Growth]:
    """Return customers with an order a month, three offers to the cold ones, and an action plan for each tenth."""
    random = np.random.default_rng(1)
    rows = customers * MONTHS
    size = np.repeat(np.exp(5 + 2 * random.random(customers)), MONTHS)
    frame = pd.DataFrame(
        {
            "customer": np.repeat(np.arange(customers), MONTHS),
            "date": np.tile(pd.date_range("2021-01-01", periods=MONTHS, freq="MS").to_numpy(), customers),
            "revenue": np.round(size * (0.5 + random.random(rows)), 2),
            "quantity": np.full(rows, 30),
        }
    )
    frame["cost"] = frame["revenue"] * np.repeat(0.5 + 0.3 * random.random(customers), MONTHS)
    costs = cf.CostModel(rates={"deliveries": 60.0})
    portfolio = cf.statement(cf.Ledger(frame), costs, period=("2021-01-01", "2021-12-31")).portfolio
    levers = [cf.Terms.delivery_fee(25, step=5), cf.Terms.minimum_order(1_000, step=100), cf.Terms.price(0.1)]
    offers = cf.remediate(portfolio, np.arange(customers), levers, target=0.15)
    plans = [
        cf.ActionPlan(
            str(i),
            "range",
            [cf.ActionStep("listing", 0.4, earliest=1 + i % 6, revenue=900.0, contribution=150.0, hours=3.0)],
        )
        for i in range(0, customers, 10)
    ]
    return portfolio, offers, cf.grow(plans, start="2022-01", months=MONTHS)


def plan(customers: int) -> None:
    """Time a plan with floors and hours by month: 36 rows, the replacement among them."""
    portfolio, offers, growth = company(customers)
    strategy = cf.Strategy(
        start="2022-01",
        floor="baseline",
        floor_every="month",
        limits={"sales_hours": [customers / 50] * MONTHS},
        hours_per_offer=1.0,
    )
    made, _ = timed(
        f"plan, {customers:,} customers", lambda: strategy.optimise(portfolio, offers=offers, growth=growth)
    )
    print(
        f"  gap {made.gap:.1e} of heat (duality {made.duality_gap / made.value:.1e}, order {made.order_gap / made.value:.1e})"
    )


def arrays(customers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values and usages of five courses in four rows, and the rows' upper bounds."""
    random = np.random.default_rng(3)
    value, usage = random.random((customers, 5)), random.random((customers, 5, 4))
    value[:, 0] = usage[:, 0] = 0
    return value, usage, np.full(4, 0.15 * customers)


def beside_highs(customers: int) -> None:
    """Time the same choice by HiGHS, at a relative gap of 1e-6."""
    try:
        import highspy
    except ImportError:
        print("HiGHS is not installed")
        return
    value, usage, upper = arrays(customers)
    ours, clock = timed(f"cf.optimise, {customers:,} x 5 x 4", lambda: cf.optimise(value, usage, upper=upper))
    count = value.size
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("mip_rel_gap", 1e-6)
    model.setOptionValue("time_limit", 120.0)
    model.addVars(count, np.zeros(count), np.ones(count))
    every = np.arange(count, dtype=np.int32)
    model.changeColsCost(count, every, -value.ravel())
    model.changeColsIntegrality(count, every, np.full(count, highspy.HighsVarType.kInteger))
    for i in range(customers):
        model.addRow(1.0, 1.0, 5, every[5 * i : 5 * i + 5], np.ones(5))
    for r in range(4):
        model.addRow(-highspy.kHighsInf, upper[r], count, every, np.ascontiguousarray(usage[:, :, r].ravel()))
    _, theirs = timed("  HiGHS", model.run)
    best = -model.getInfo().objective_function_value
    print(f"  HiGHS takes {theirs / clock:.0f} times as long; ours is better by {ours.value - best:.2e} of {best:.6g}")


def main() -> None:
    """Run all parts; sizes of plans may be given."""
    for customers in [int(one) for one in sys.argv[1:]] or [10_000, 50_000, 200_000]:
        plan(customers)
    value, usage, upper = arrays(1_000_000)
    chosen, _ = timed("cf.optimise, 1,000,000 x 5 x 4", lambda: cf.optimise(value, usage, upper=upper))
    print(f"  gap {chosen.gap:.1e}")
    for customers in (1_000, 10_000):
        beside_highs(customers)


if __name__ == "__main__":
    main()
