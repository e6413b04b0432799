# Distribution of what action plans bring, by month and year, against a Monte Carlo in NumPy; and one outcome made known.
"""Usage: python benchmarks/growth.py

1,000 plans of six steps over twelve months: chains of fixed durations, and graphs with all-of and any-of, uncertain durations and a
retry. The figures agree before anything is timed; the order alternates; the median of the rounds counts.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

import custfolio as cf

ROUNDS = 5
MONTHS = 12
STEPS = 6
PATHS = 10_000


def chains(count: int, seed: int) -> list[cf.ActionPlan]:
    """Chains of six steps of fixed duration, amounts in whole hundreds."""
    rng = np.random.default_rng(seed)
    return [
        cf.ActionPlan(
            f"c{i}",
            "plan",
            [
                cf.ActionStep(
                    f"s{k}",
                    probability=float(rng.uniform(0.3, 0.95)),
                    duration=int(rng.integers(0, 3)),
                    contribution=100.0 * int(rng.integers(1, 50)),
                )
                for k in range(STEPS)
            ],
        )
        for i in range(count)
    ]


def graphs(count: int, seed: int) -> list[cf.ActionPlan]:
    """Graphs of six steps: two ways to the fourth, durations that are uncertain, a retry."""
    rng = np.random.default_rng(seed)
    after = ("", "1", "1", "2 | 3", "4", "2 & 4")
    return [
        cf.ActionPlan(
            f"c{i}",
            "plan",
            [
                cf.ActionStep(
                    f"s{k}",
                    probability=float(rng.uniform(0.3, 0.95)),
                    duration=(0, 1, 2) if k % 2 else int(rng.integers(0, 2)),
                    contribution=100.0 * int(rng.integers(1, 50)),
                    retries=1 if k == 3 else 0,
                    after=after[k],
                )
                for k in range(STEPS)
            ],
        )
        for i in range(count)
    ]


def monte_carlo(plans: list[cf.ActionPlan]) -> np.ndarray:
    """Contribution by path and month of chains, drawn with NumPy, all paths of a step at once."""
    rng = np.random.default_rng(1)
    total = np.zeros((PATHS, MONTHS))
    for plan in plans:
        alive, month = np.ones(PATHS, dtype=bool), 0
        for step in plan.steps:
            month += int(step.duration)  # type: ignore[call-overload]
            alive &= rng.random(PATHS) < step.probability
            if month < MONTHS:
                total[:, month:] += (alive * step.contribution)[:, None]
    return total


def every_distribution(growth: cf.Growth) -> list[float]:
    """P10, P50 and P90 of each month and of the year."""
    return [one.quantile(q) for one in growth.distributions() for q in (0.1, 0.5, 0.9)]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that a call takes, and seconds of processors."""
    begin, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begin, time.process_time() - busy


def main() -> None:
    """Compare, and print a table."""
    plans = chains(1_000, 1)
    growth = cf.grow(plans, start="2022-01", months=MONTHS)
    drawn = monte_carlo(plans).sum(axis=1)
    total = growth.distribution()
    assert abs(drawn.mean() - total.mean) < 5 * total.standard_deviation / np.sqrt(PATHS)
    assert abs(np.mean(drawn <= total.quantile(0.9)) - 0.9) < 0.02
    many = chains(10_000, 3)
    large = cf.grow(many, start="2022-01", months=MONTHS)
    one = {("c7", "plan", "s1"): "2022-02"}
    several = {(f"c{i}", "plan", "s0"): "failed" for i in range(0, 10_000, 500)}
    large.given(one)  # the names of the steps are looked up once

    joined = cf.grow(graphs(1_000, 2), start="2022-01", months=MONTHS)
    calls: dict[str, Callable[[], object]] = {
        "exact, chains: 12 months and the year": lambda: every_distribution(growth),
        "exact, graphs: 12 months and the year": lambda: every_distribution(joined),
        f"NumPy, chains: {PATHS:,} paths": lambda: monte_carlo(plans),
        "reading 1,000 chains": lambda: cf.grow(plans, start="2022-01", months=MONTHS),
        "10,000 plans: one outcome known, expectations": lambda: large.given(one).expected,
        "10,000 plans: one outcome known, the year": lambda: large.given(one).distribution(),
        "10,000 plans: 20 outcomes known, the year": lambda: large.given(several).distribution(),
        "10,000 plans: distribution of the year": lambda: large.distribution(),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for turn in range(ROUNDS):
        for name in list(calls) if turn % 2 else reversed(list(calls)):
            times[name].append(timed(calls[name]))
    for name, found in times.items():
        wall, busy = zip(*found, strict=True)
        print(
            f"{name:48} {1e3 * statistics.median(wall):10.1f} ms (fastest {1e3 * min(wall):.1f}), "
            f"processors {1e3 * statistics.median(busy):.1f} ms (least {1e3 * min(busy):.1f})"
        )


if __name__ == "__main__":
    main()
