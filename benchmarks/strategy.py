# Benchmark of plans: many customers, a bare choice problem, and the same beside HiGHS and CP-SAT.
"""Plan for many customers, and choose courses on bare arrays beside HiGHS and CP-SAT where they are installed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

import custfolio as cf

MONTHS = 12
GAP = 1e-6  # at which the others may stop
LIMIT = 120.0  # seconds that the others may take


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


def with_highs(value: np.ndarray, usage: np.ndarray, upper: np.ndarray) -> float | None:
    """Return the value of the same choice by HiGHS's mixed-integer solver, at a relative gap of 1e-6."""
    try:
        import highspy
    except ImportError:
        print("  HiGHS is not installed")
        return None
    count = value.size
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("mip_rel_gap", GAP)
    model.setOptionValue("time_limit", LIMIT)
    model.addVars(count, np.zeros(count), np.ones(count))
    every = np.arange(count, dtype=np.int32)
    model.changeColsCost(count, every, -value.ravel())
    model.changeColsIntegrality(count, every, np.full(count, highspy.HighsVarType.kInteger))
    courses = value.shape[1]
    for i in range(len(value)):
        model.addRow(1.0, 1.0, courses, every[courses * i : courses * (i + 1)], np.ones(courses))
    for r, most in enumerate(upper):
        model.addRow(-highspy.kHighsInf, most, count, every, np.ascontiguousarray(usage[:, :, r].ravel()))
    model.run()
    return float(-model.getInfo().objective_function_value)


def with_cp_sat(value: np.ndarray, usage: np.ndarray, upper: np.ndarray) -> float | None:
    """Return the value of the same choice by CP-SAT; its amounts are whole millionths, usages rounded up."""
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        print("  CP-SAT is not installed")
        return None
    unit = 1e-6
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in range(value.size)]
    courses = value.shape[1]
    for i in range(len(value)):
        model.add_exactly_one(taken[courses * i : courses * (i + 1)])
    for r, most in enumerate(upper):
        used = np.ceil(usage[:, :, r].ravel() / unit).astype(np.int64).tolist()
        model.add(cp_model.LinearExpr.weighted_sum(taken, used) <= int(most / unit))
    worth = np.round(value.ravel() / unit).astype(np.int64).tolist()
    model.maximize(cp_model.LinearExpr.weighted_sum(taken, worth))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = LIMIT
    solver.parameters.relative_gap_limit = GAP
    solver.parameters.num_workers = 2
    solver.solve(model)
    return float(value.ravel()[np.array([solver.value(one) for one in taken], dtype=bool)].sum())


def beside_others(customers: int) -> None:
    """Time the same choice by HiGHS and by CP-SAT."""
    value, usage, upper = arrays(customers)
    ours, clock = timed(f"cf.optimise, {customers:,} x 5 x 4", lambda: cf.optimise(value, usage, upper=upper))
    print(f"  value {ours.value:.7f}, bound {ours.bound:.7f}")
    for name, solve in (("HiGHS", with_highs), ("CP-SAT", with_cp_sat)):
        best, theirs = timed(f"  {name}", partial(solve, value, usage, upper))
        if best is not None:
            print(f"  {name} takes {theirs / clock:.0f} times as long; ours is better by {ours.value - best:.2e}")


def main() -> None:
    """Run all parts; sizes of plans may be given."""
    for customers in [int(one) for one in sys.argv[1:]] or [10_000, 50_000, 200_000]:
        plan(customers)
    value, usage, upper = arrays(1_000_000)
    chosen, _ = timed("cf.optimise, 1,000,000 x 5 x 4", lambda: cf.optimise(value, usage, upper=upper))
    print(f"  gap {chosen.gap:.1e}")
    for customers in (1_000, 10_000):
        beside_others(customers)


if __name__ == "__main__":
    main()
