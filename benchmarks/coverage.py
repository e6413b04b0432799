# Do the intervals of customer-base models hold the truth as often as they say? Recovery from simulated customers.
"""Usage: python benchmarks/coverage.py [REPLICATIONS]

Customers are drawn from known parameters and the model is fitted to them, over and over; told is how often the intervals (symmetric on the log
scale, from the observed information) hold the parameter, and by how much the estimates are off at the median.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import custfolio as cf

LEVELS = (0.5, 0.8, 0.95)
SIZES = (300, 3_000)
MODELS: dict[type[cf.lifetime.PurchaseModel], dict[str, float]] = {
    cf.lifetime.BGNBD: {"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 2.2},
    cf.lifetime.MBGNBD: {"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 2.2},
    cf.lifetime.ParetoNBD: {"r": 0.6, "alpha": 6.0, "s": 0.8, "beta": 20.0},
    cf.lifetime.NBD: {"r": 0.6, "alpha": 6.0},
}


def coverage(kind: type[Any], truth: dict[str, float], customers: int, replications: int) -> list[list[Any]]:
    """One row a parameter: share of intervals that hold it at each level, median estimate over truth, fits that count."""
    hits = np.zeros((len(truth), len(LEVELS)))
    estimates = []
    known = kind.from_params(**truth)
    for seed in range(replications):
        model = kind(threads=1).fit(**known.simulate(customers, np.linspace(30.0, 60.0, customers), seed=seed))
        if not model.converged_:
            continue
        estimates.append(list(model.params_.values()))
        for j, level in enumerate(LEVELS):
            for i, (name, (low, high)) in enumerate(model.confidence_intervals(level).items()):
                hits[i, j] += low <= truth[name] <= high
    count = len(estimates)
    middle = np.median(estimates, axis=0) / list(truth.values())
    return [[name, *(hits[i] / count), middle[i], count] for i, name in enumerate(truth)]


if __name__ == "__main__":
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    print(f"{replications:,} replications; standard error of a share near 0.8: {np.sqrt(0.16 / replications):.3f}")
    print(
        "| Model | Customers | Parameter | "
        + " | ".join(f"{level:.0%}" for level in LEVELS)
        + " | Median / truth | Fits |"
    )
    print("|---" * (6 + len(LEVELS) - 1) + "|")
    for kind, truth in MODELS.items():
        for customers in SIZES:
            for name, *shares, middle, count in coverage(kind, truth, customers, replications):
                told = " | ".join(f"{100 * share:.1f} %" for share in shares)
                print(f"| {kind.__name__} | {customers:,} | {name} | {told} | {middle:.3f} | {count:,} |", flush=True)
