# Do the intervals of customer-base models hold the truth as often as they say? Recovery from simulated customers.
"""Usage: python benchmarks/coverage.py [REPLICATIONS [SIZE,... [MODEL ...]]]

Customers are drawn from known parameters and the model is fitted to them, over and over; told is how often the intervals hold the parameter, by both
methods (from the observed information, symmetric on the log scale; by profile likelihood), and the median of the estimates over the truth. By default
400 replications, 300 and 3,000 customers, all models; MODEL is a name such as BGBB.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import custfolio.lifetime as lt

LEVELS = (0.8, 0.95)
SIZES = (300, 3_000)
MARGINS = {"mean": 20.0, "between_variance": 150.0, "within_variance": 400.0}
Draw = Callable[[Any, int, int], dict[str, NDArray[np.float64]]]


class Case(NamedTuple):
    """A model, its true parameters, and how customers are drawn from them: by the model, their number and a seed."""

    truth: dict[str, float]
    draw: Draw


def observed(model: Any, customers: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Customers observed for 30 to 60 weeks."""
    return model.simulate(customers, np.linspace(30.0, 60.0, customers), seed=seed)


def donors(model: Any, customers: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Six opportunities, as the donors of Fader, Hardie and Shang (2010) had."""
    return model.simulate(customers, 6, seed=seed)


def contracts(model: Any, customers: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Eight periods, seven renewals, as in Fader and Hardie (2007)."""
    return model.simulate(customers, 8, seed=seed)


def repeat_purchases(customers: int, seed: int) -> NDArray[np.float64]:
    """Numbers of purchases, at least one, of customers as CDNOW's."""
    history = lt.BGNBD.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426).simulate(6 * customers, 39.0, seed=seed)
    return history["frequency"][history["frequency"] > 0][:customers]


def spend(model: Any, customers: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Amounts of customers who came back."""
    return model._simulate({"frequency": repeat_purchases(customers, seed)}, None, seed)[0]


def margins(model: Any, customers: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Averages alone, without the squares of single amounts."""
    rows = {"frequency": repeat_purchases(customers, seed)}
    return {name: column for name, column in model._simulate(rows, None, seed)[0].items() if name != "sum_of_squares"}


def margins_with_squares(model: Any, customers: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Averages with the sums of squares around them."""
    rows = {"frequency": repeat_purchases(customers, seed), "sum_of_squares": np.zeros(customers)}
    return model._simulate(rows, None, seed)[0]


MODELS: dict[str, tuple[type[Any], Case]] = {
    "BGNBD": (lt.BGNBD, Case({"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 2.2}, observed)),
    "MBGNBD": (lt.MBGNBD, Case({"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 2.2}, observed)),
    "ParetoNBD": (lt.ParetoNBD, Case({"r": 0.6, "alpha": 6.0, "s": 0.8, "beta": 20.0}, observed)),
    "NBD": (lt.NBD, Case({"r": 0.6, "alpha": 6.0}, observed)),
    # Estimates of the literature: donations; high-end and regular contracts; CDNOW's repeat spend.
    "BGBB": (lt.BGBB, Case({"alpha": 1.2035, "beta": 0.7497, "gamma": 0.6568, "delta": 2.7838}, donors)),
    "SBG high-end": (lt.ShiftedBetaGeometric, Case({"alpha": 0.668, "beta": 3.806}, contracts)),
    "SBG regular": (lt.ShiftedBetaGeometric, Case({"alpha": 0.704, "beta": 1.182}, contracts)),
    "BdW high-end": (lt.BetaDiscreteWeibull, Case({"alpha": 0.214, "beta": 1.427, "c": 1.724}, contracts)),
    "BdW regular": (lt.BetaDiscreteWeibull, Case({"alpha": 0.456, "beta": 0.779, "c": 1.283}, contracts)),
    "GammaGamma": (lt.GammaGamma, Case({"p": 6.25, "q": 3.74, "gamma": 15.44}, spend)),
    "NormalNormal": (lt.NormalNormal, Case(MARGINS, margins)),
    "NormalNormal, squares": (lt.NormalNormal, Case(MARGINS, margins_with_squares)),
}
METHODS = ("information", "profile")


def coverage(kind: type[Any], case: Case, customers: int, replications: int) -> tuple[str, int, list[str]]:
    """Return medians over truth, fits that converged, and by method each parameter's share of intervals that hold it."""
    hits = np.zeros((len(METHODS), len(case.truth), len(LEVELS)))
    estimates = []
    known = kind.from_params(**case.truth)
    known.threads = 1
    for seed in range(replications):
        model = kind(threads=1).fit(**case.draw(known, customers, seed))
        if not model.converged_:
            continue
        estimates.append(list(model.params_.values()))
        for m, method in enumerate(METHODS):
            for j, level in enumerate(LEVELS):
                for i, (name, (low, high)) in enumerate(model.confidence_intervals(level, method=method).items()):
                    hits[m, i, j] += low <= case.truth[name] <= high
    count = len(estimates)
    middle = np.median(estimates, axis=0) / list(case.truth.values())
    told = [
        ", ".join(
            f"{name} {' / '.join(f'{100 * share:.1f}' for share in row / count)}"
            for name, row in zip(case.truth, of, strict=True)
        )
        for of in hits
    ]
    return ", ".join(f"{value:.2f}" for value in middle), count, told


if __name__ == "__main__":
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    sizes = [int(size) for size in sys.argv[2].split(",")] if len(sys.argv) > 2 else SIZES
    print(
        f"{replications:,} replications; standard error of a share near 0.8: {np.sqrt(0.16 / replications):.3f}, near 0.95: "
        f"{np.sqrt(0.0475 / replications):.3f}"
    )
    levels = " / ".join(f"{level:.0%}" for level in LEVELS)
    print(f"| Model | Customers | Fits | {' | '.join(f'{method}: {levels}' for method in METHODS)} | Median / truth |")
    print("|---" * (4 + len(METHODS)) + "|")
    for name in sys.argv[3:] or MODELS:
        kind, case = MODELS[name]
        for customers in sizes:
            middle, count, told = coverage(kind, case, customers, replications)
            print(f"| {name} | {customers:,} | {count:,} | {' | '.join(told)} | {middle} |", flush=True)
