# How strongly successes go together: the correlation of the one-factor model, learned from successes by period.
"""Estimation of the common factor's share from history."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio._result import Result
from custfolio.errors import InputError

__all__ = ["FactorCorrelation", "estimate_correlation"]

_NORMAL = NormalDist()


class FactorCorrelation(Result):
    """The share of a common factor in successes, learned from history. Made by :func:`estimate_correlation`."""

    def __init__(self, periods: list[Any], successes: NDArray[np.float64], trials: NDArray[np.float64]) -> None:
        self.periods = periods
        """The periods (or other groups), in the order of the table."""
        self.successes = successes
        """Successes by period."""
        self.trials = trials
        """Trials by period."""
        self.correlation = 0.0
        """Maximum likelihood estimate of the one-factor model's correlation: what :func:`grow` takes, in [0, 1)."""
        self.low = 0.0
        """Lower end of its interval by profile likelihood."""
        self.high = 0.0
        """Upper end of its interval by profile likelihood."""
        self.level = 0.9
        """Level of the interval, for one parameter and many periods (Wilks); at 0 it is wider than it need be."""
        self.probability = 0.0
        """Estimated chance of success over all values of the factor."""
        self.by_moments = 0.0
        """Correlation of the one-factor model by the method of moments: from pairs of trials of one period."""
        self.between_successes = 0.0
        """Correlation of two successes of one period (0 or 1 each), by moments: the overdispersion 1 / (alpha + beta + 1) of a
        beta-binomial model. It is smaller than the correlation of the normal variables behind the successes."""

    def _columns(self) -> Mapping[str, Any]:
        return {
            "period": self.periods,
            "trials": self.trials,
            "successes": self.successes,
            "rate": self.successes / self.trials,
        }

    def _facts(self) -> Mapping[str, Any]:
        return {
            "correlation": self.correlation,
            "from": self.low,
            "to": self.high,
            "by moments": self.by_moments,
            "between successes": self.between_successes,
            "chance of success": self.probability,
        }

    def _title(self) -> str:
        return "How successes go together"

    def plot(self, **options: Any) -> Any:
        """Draw the success rate of each period beside the chance over all of them.

        Parameters
        ----------
        **options
            Properties of the chart, as for ``altair.Chart.properties``.

        Returns
        -------
        altair.Chart
            The chart.
        """
        import altair as alt

        rates = (self.successes / self.trials).tolist()
        rows = [{"period": str(p), "rate": r} for p, r in zip(self.periods, rates, strict=True)]
        bars = (
            alt.Chart(alt.InlineData(values=rows))
            .mark_bar()
            .encode(
                x=alt.X("period:O", title=None, sort=None),
                y=alt.Y("rate:Q", title="Success rate", axis=alt.Axis(format="%")),
            )
        )
        mean = alt.Chart(alt.InlineData(values=[{"rate": self.probability}])).mark_rule().encode(y="rate:Q")
        return alt.layer(bars, mean).properties(**options)


def estimate_correlation(
    successes: ArrayLike, trials: ArrayLike | None = None, *, periods: Iterable[Any] | None = None, level: float = 0.9
) -> FactorCorrelation:
    """Estimate how strongly successes of one period go together, for ``correlation`` of :func:`grow`.

    In each period all trials have the same chance and share one standard normal factor (one-factor Gaussian copula); periods are
    independent. The likelihood of k successes in n trials is the mean over Z of the binomial with the chance
    ``Phi((Phi^-1(p) - sqrt(r) Z) / sqrt(1 - r))``; it is maximised over p and r (Gordy & Heitfield 2002). Where chances differ within a
    period the spread between them hides some of the correlation: estimate it within one kind of trial.

    Parameters
    ----------
    successes : array_like
        Number of successes by period; with `periods`, the outcome of each trial (1 or 0).
    trials : array_like, optional
        Number of trials by period.
    periods : iterable, optional
        The period of each trial.
    level : float
        Level of the interval, in (0, 1).

    Returns
    -------
    FactorCorrelation
        Estimate, interval by profile likelihood, and the estimate by moments.

    Raises
    ------
    InputError
        If neither or both of `trials` and `periods` are given, lengths differ, a number is out of range, there are fewer than two
        periods with trials, no period has two trials, or all trials went the same way.

    References
    ----------
    M. B. Gordy, E. Heitfield (2002), Estimating default correlations from short panels of credit rating performance data, Federal Reserve
    Board.
    """
    if not 0 < level < 1:
        raise InputError(f"level is {level:g}; it must lie between 0 and 1")
    names, k, n = _counts(successes, trials, periods)
    result = FactorCorrelation(names, k, n)
    result.level = level
    p = float(k.sum() / n.sum())
    if not 0 < p < 1:
        raise InputError(
            f"{k.sum():g} of {n.sum():g} trials succeeded; a correlation needs both successes and failures"
        )
    pairs = float((n * (n - 1)).sum())
    if pairs == 0:
        raise InputError("no period has two trials; a correlation needs trials that went together")
    both = float((k * (k - 1)).sum()) / pairs
    result.between_successes = (both - p * p) / (p * (1 - p))
    spacing = min(1 / 16, 1 / (2 * math.sqrt(float(n.max()))))
    reach = math.floor(8.5 / spacing)
    z = np.linspace(-reach * spacing, reach * spacing, 2 * reach + 1, dtype=np.float64)
    log_weight = np.log(spacing / math.sqrt(2 * math.pi)) - 0.5 * z * z
    result.by_moments = _root(lambda r: _pair(_NORMAL.inv_cdf(p), r, z, log_weight) - both, 0.0, 0.999)

    kinds, times = np.unique(np.column_stack([k, n]), axis=0, return_counts=True)
    won, lost = kinds[:, :1], kinds[:, 1:] - kinds[:, :1]

    def likelihood(threshold: float, loading: float) -> float:
        """Log-likelihood but for the binomial coefficients; `loading` is the square root of the correlation."""
        argument = (threshold - loading * z) / math.sqrt(1 - loading * loading)
        terms = won * _log_cdf(argument) + lost * _log_cdf(-argument) + log_weight
        top = terms.max(axis=1)
        return float(times @ (top + np.log(np.exp(terms - top[:, None]).sum(axis=1))))

    start = [_NORMAL.inv_cdf(p)]

    def profile(loading: float) -> float:
        """Greatest likelihood at a loading, by Newton's method from where the last one was."""
        threshold, h = start[0], 1e-3
        for _ in range(12):
            below, here, above = (likelihood(threshold + d, loading) for d in (-h, 0.0, h))
            bend = (above - 2 * here + below) / (h * h)
            slope = (above - below) / (2 * h)
            step = max(-0.3, min(0.3, -slope / bend if bend < 0 else math.copysign(0.3, slope)))
            threshold += step
            if abs(step) < 1e-6:
                break
        start[0] = threshold
        return likelihood(threshold, loading)

    grid = np.linspace(0.0, 0.99, 17)
    heights = [profile(float(loading)) for loading in grid]
    at = int(np.argmax(heights))
    start[0] = _NORMAL.inv_cdf(p)
    best = _greatest(profile, float(grid[max(at - 1, 0)]), float(grid[min(at + 1, grid.size - 1)]))
    if heights[0] >= profile(best):
        best = 0.0
    top = profile(best)
    threshold = start[0]
    drop = top - 0.5 * _NORMAL.inv_cdf(0.5 + 0.5 * level) ** 2
    low = _root(lambda u: profile(u) - drop, 0.0, best) if heights[0] < drop else 0.0
    high = _root(lambda u: drop - profile(u), best, 0.99) if heights[-1] < drop else 0.99
    result.correlation, result.low, result.high = best * best, low * low, high * high
    result.probability = _NORMAL.cdf(threshold)
    return result


def _counts(
    successes: ArrayLike, trials: ArrayLike | None, periods: Iterable[Any] | None
) -> tuple[list[Any], NDArray[np.float64], NDArray[np.float64]]:
    """Periods with trials, and their successes and trials."""
    found = np.asarray(successes, dtype=np.float64)
    if (trials is None) == (periods is None):
        raise InputError("either trials (by period) or periods (of each trial) must be given, and not both")
    if found.ndim != 1:
        raise InputError(
            f"successes have {found.ndim} dimensions; one number a period, or an outcome a trial, is needed"
        )
    if trials is not None:
        count = np.asarray(trials, dtype=np.float64)
        if count.shape != found.shape:
            raise InputError(f"there are {found.size} successes and {count.size} trials; there must be as many")
        bad = np.flatnonzero(
            ~((found >= 0) & (found <= count) & np.isfinite(count) & (found % 1 == 0) & (count % 1 == 0))
        )
        if bad.size:
            i = int(bad[0])
            raise InputError(
                f"period {i}: {found[i]:g} successes of {count[i]:g} trials; whole numbers are needed, 0 to all"
            )
        names: list[Any] = list(range(found.size))
    else:
        labels = list(periods or ())
        if len(labels) != found.size:
            raise InputError(f"there are {found.size} outcomes and {len(labels)} periods; there must be as many")
        odd = np.flatnonzero((found != 0) & (found != 1))
        if odd.size:
            raise InputError(f"outcome {int(odd[0])} is {found[odd[0]]:g}; it must be 1 (success) or 0")
        order: dict[Any, int] = {}
        place = np.array([order.setdefault(label, len(order)) for label in labels], dtype=np.int64)
        names = list(order)
        count = np.bincount(place, minlength=len(order)).astype(np.float64)
        found = np.bincount(place, weights=found, minlength=len(order)).astype(np.float64)
    kept = np.flatnonzero(count > 0)
    if kept.size < 2:
        raise InputError(f"there are {kept.size} periods with trials; a correlation needs at least two")
    return [names[i] for i in kept.tolist()], found[kept], count[kept]


def _log_cdf(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the normal distribution function; by its asymptotic series where it underflows."""
    far = x < -30
    near = np.where(far, 0.0, x)
    inside = np.log(np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in near.tolist()]))
    square = np.where(far, x * x, 900.0)
    tail = -0.5 * square - 0.5 * math.log(2 * math.pi) - 0.5 * np.log(square) + np.log1p(-1 / square)
    return np.where(far, tail, inside)


def _pair(threshold: float, correlation: float, z: NDArray[np.float64], log_weight: NDArray[np.float64]) -> float:
    """Chance that two trials of one period both succeed."""
    argument = (threshold - math.sqrt(correlation) * z) / math.sqrt(1 - correlation)
    return float(np.exp(2 * _log_cdf(argument) + log_weight).sum())


def _root(f: Callable[[float], float], low: float, high: float) -> float:
    """Where an increasing function passes 0, by halving; an end where it does not."""
    if f(low) >= 0:
        return low
    if f(high) <= 0:
        return high
    for _ in range(26):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if f(middle) > 0 else (middle, high)
    return 0.5 * (low + high)


def _greatest(f: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one peak is greatest, by golden section."""
    ratio = 0.5 * (math.sqrt(5) - 1)
    a, b = high - ratio * (high - low), low + ratio * (high - low)
    fa, fb = f(a), f(b)
    for _ in range(22):
        if fa >= fb:
            high, b, fb = b, a, fa
            a = high - ratio * (high - low)
            fa = f(a)
        else:
            low, a, fa = a, b, fb
            b = low + ratio * (high - low)
            fb = f(b)
    return 0.5 * (low + high)
