# Benchmark of two versions of custfolio: one list of works, run alternately, and shown as ratios of processor time.
"""Run the same works under two Python installations, such as an earlier commit's and this one's: ratios.py OLD_PYTHON NEW_PYTHON."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

ROUNDS = 5


def rows(customers: int, orders: int) -> dict[str, Any]:
    """Return the orders of three years: some customers buy often, some rarely."""
    random = np.random.default_rng(1)
    size = customers * orders
    return {
        "customer": (customers * random.random(size) ** 2).astype(np.int64),
        "date": np.datetime64("2019-01-01") + random.integers(0, 3 * 365, size),
        "revenue": np.round(random.lognormal(5, 1, size), 2),
        "cost": np.round(random.lognormal(4.9, 1, size), 2),
    }


def works() -> dict[str, Callable[[], Callable[[], object]]]:
    """Return the works: each makes its input, and returns what is timed."""
    import pyarrow as pa

    import custfolio as cf
    from custfolio import demo
    from custfolio._flow import run

    costs = cf.CostModel(rates={"deliveries": 60.0})

    def ledger() -> Any:
        return cf.Ledger(pa.table(rows(20_000, 50)))

    def purchases() -> tuple[Any, Any, Any]:
        random = np.random.default_rng(2)
        age = random.uniform(20, 100, 100_000)
        frequency = random.poisson(0.05 * age * random.gamma(1, 1, age.size))
        return frequency, np.where(frequency > 0, age * random.random(age.size), 0.0), age

    def plans(number: int) -> list[Any]:
        random = np.random.default_rng(3)
        return [
            cf.ActionPlan(
                f"c{k}",
                "plan",
                [
                    cf.ActionStep("first", random.random(), earliest=int(random.integers(1, 6)), hours=2),
                    cf.ActionStep("second", random.random(), revenue=1e3 * random.random(), contribution=1e2),
                ],
            )
            for k in range(number)
        ]

    def reading() -> Callable[[], object]:
        table = pa.table(rows(20_000, 50))
        return lambda: cf.Ledger(table)

    def stating() -> Callable[[], object]:
        of_orders = ledger()
        return lambda: cf.statement(of_orders, costs, threads=1)

    def offering() -> Callable[[], object]:
        portfolio = cf.statement(ledger(), costs).portfolio
        selection = cf.select(portfolio, target=0.05)
        terms = [cf.Terms.price(0.03), cf.Terms.delivery_fee(25)]
        return lambda: cf.remediate(portfolio, selection, terms)

    def predicting() -> Callable[[], object]:
        table = dict(zip(("frequency", "recency", "T"), purchases(), strict=True))
        model = cf.lifetime.BGNBD().fit(table)
        return lambda: model.predict(table, 39)

    def fitting() -> Callable[[], object]:
        histories = purchases()
        return lambda: cf.lifetime.BGNBD().fit(*histories)

    def expecting() -> Callable[[], object]:
        of_orders = ledger()
        return lambda: cf.lifetime.baseline(of_orders, costs=costs, start="2022-01", months=12)

    def growing() -> Callable[[], object]:
        steps = plans(1_000)
        return lambda: cf.grow(steps, start="2022-01", months=12)

    def banding() -> Callable[[], object]:
        growth = cf.grow(plans(200), start="2022-01", months=12, correlation=0.1)
        return lambda: cf.Budget.from_growth(growth).bands

    def choosing() -> Callable[[], object]:
        random = np.random.default_rng(4)
        value, usage = random.normal(size=(100_000, 5)), random.random((100_000, 5, 4))
        return lambda: cf.optimise(value, usage, upper=np.full(4, 1e4), threads=1)

    def planning() -> Callable[[], object]:
        return lambda: run(demo.inputs())

    return {
        "read 1,000,000 orders": reading,
        "statement of them": stating,
        "offers of two levers": offering,
        "BG/NBD: fit 100,000 customers": fitting,
        "BG/NBD: predict them": predicting,
        "baseline of 12 months": expecting,
        "growth of 1,000 plans of two steps": growing,
        "bands of a budget, common factor": banding,
        "optimise 100,000 x 5, four limits": choosing,
        "the demo's five steps": planning,
    }


def timed(name: str) -> None:
    """Print the processor seconds of one work, the least of three runs."""
    work = works()[name]()
    seconds = []
    for _ in range(3):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    print(json.dumps(min(seconds)))


def measured(python: str, name: str) -> float | None:
    """Return the seconds of a work under a Python installation; None where it cannot do the work."""
    # Another folder: that of the caller may have a package of the same name.
    result = subprocess.run(
        [python, "-W", "ignore", __file__, "--work", name],
        capture_output=True, text=True, check=False, cwd=tempfile.gettempdir(),
    )  # fmt: skip
    if result.returncode:
        print(result.stderr.strip().splitlines()[-1], file=sys.stderr)
        return None
    return float(json.loads(result.stdout.splitlines()[-1]))


def main() -> None:
    """Print a row per work: seconds under both installations, and the ratio of their medians."""
    if sys.argv[1:2] == ["--work"]:
        timed(sys.argv[2])
        return
    old, new = sys.argv[1:3]
    for name in works():
        pairs = [(measured(old, name), measured(new, name)) for _ in range(ROUNDS)]
        medians = [statistics.median(column) if None not in column else None for column in zip(*pairs, strict=True)]
        if None in medians:
            print(f"{name}: not in both", flush=True)
            continue
        print(f"{name}: {medians[0]:.3f} s, {medians[1]:.3f} s, ratio {medians[1] / medians[0]:.2f}", flush=True)


if __name__ == "__main__":
    main()
