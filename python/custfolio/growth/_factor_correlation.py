# The shares of a common factor and of one with labels in successes, estimated from successes by period.
"""Estimation of the factors' shares from history."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import is_missing
from custfolio._tables.result import Result
from custfolio.errors import InputError
from custfolio.growth._plans import MARKET

__all__ = ["FactorCorrelation", "estimate_correlation"]


class FactorCorrelation(Result):
    """The shares of factors in successes, estimated from history. Made by :func:`estimate_correlation`.

    ``plot`` draws the success rate of each period beside the chance over all of them.
    """

    def __init__(
        self,
        periods: list[Any],
        successes: NDArray[np.float64],
        trials: NDArray[np.float64],
        groups: list[Any] | None = None,
    ) -> None:
        self.periods = periods
        """The periods, in the order of the table."""
        self.groups = groups
        """The label of the factor in each row of the table; None where there is no such factor."""
        self.successes = successes
        """Successes by period, and label if there are any."""
        self.trials = trials
        """Trials by period, and label if there are any."""
        self.shares: dict[str, float] = {}
        """Estimated share of each factor, for ``correlation`` of :func:`grow`: "market", and that of the labels by its name."""
        self.intervals: dict[str, tuple[float, float]] = {}
        """Interval of each share by profile likelihood."""
        self.correlation = 0.0
        """Maximum likelihood estimate of the share of the factor common to all, in [0, 1), for :func:`grow`."""
        self.low = 0.0
        """Lower end of its interval by profile likelihood."""
        self.high = 0.0
        """Upper end of its interval by profile likelihood."""
        self.level = 0.9
        """Level of the interval, for one parameter and many periods (Wilks); at a share of 0 it is wider than needed."""
        self.probability = 0.0
        """Estimated chance of success over all values of the factor."""
        self.by_moments = 0.0
        """Share of the common factor by the method of moments: from pairs of trials of one period (and different labels)."""
        self.between_successes = 0.0
        """Correlation of two successes of one period (0 or 1 each), by moments: the overdispersion 1 / (alpha + beta + 1) of a
        beta-binomial model. The correlation of the normal variables behind the successes is larger."""

    def _columns(self) -> Mapping[str, Any]:
        return {
            "period": self.periods,
            **({} if self.groups is None else {"group": self.groups}),
            "trials": self.trials,
            "successes": self.successes,
            "rate": self.successes / self.trials,
        }

    def _facts(self) -> Mapping[str, Any]:
        return {
            "correlation": self.correlation,
            "from": self.low,
            "to": self.high,
            **{f"share of {name}": share for name, share in self.shares.items() if name != MARKET},
            "by moments": self.by_moments,
            "between successes": self.between_successes,
            "chance of success": self.probability,
        }

    def _title(self) -> str:
        return "Correlation of successes"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        won: dict[str, float] = {}
        tried: dict[str, float] = {}
        for period, k, n in zip(map(str, self.periods), self.successes.tolist(), self.trials.tolist(), strict=True):
            won[period] = won.get(period, 0.0) + k
            tried[period] = tried.get(period, 0.0) + n
        rows = [{"period": period, "rate": k / tried[period]} for period, k in won.items()]
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


@checked
def estimate_correlation(
    successes: ArrayLike,
    trials: ArrayLike | None = None,
    *,
    periods: Iterable[Hashable] | None = None,
    groups: Iterable[Hashable] | None = None,
    factor: str = "group",
    level: float = 0.9,
) -> FactorCorrelation:
    """Estimate the correlation of successes of one period, for ``correlation`` of :func:`grow`.

    The model is a one-factor Gaussian copula. All trials of a period have the same chance and share one standard normal factor Z; periods are
    independent. Given Z the chance is ``Phi((Phi^-1(p) - sqrt(r) Z) / sqrt(1 - r))``. The likelihood of k successes in n trials is the mean
    of the binomial over Z, maximised over p and r (Gordy & Heitfield 2002). Estimate the share within one kind of trial: different
    chances within a period hide some of the correlation.

    With `groups`, trials of one label (a manager, a product) share a second factor in each period. Given both factors the chance is
    ``Phi((Phi^-1(p) - sqrt(r_market) Z - sqrt(r) Z_label) / sqrt(1 - r_market - r))``. Both shares and p are estimated together.

    Parameters
    ----------
    successes : array_like
        Number of successes by period; with `periods` and no `trials`, the outcome of each trial (1 or 0).
    trials : array_like, optional
        Number of trials by period; with `groups`, by row of `periods` and `groups`.
    periods : iterable, optional
        The period of each trial (of each row, with `trials` and `groups`).
    groups : iterable, optional
        The label of each trial (of each row, with `trials`).
    factor : str
        Name of the factor that the labels belong to, for ``shares``.
    level : float
        Level of the interval, in (0, 1).

    Returns
    -------
    FactorCorrelation
        Estimates, intervals by profile likelihood, and the estimate by moments; Pass ``shares`` to :func:`grow`.

    Raises
    ------
    InputError
        If neither or both of `trials` and `periods` are given (with `groups`: no periods), lengths differ, or a number is out of range. If
        there are fewer than two periods with trials, no two trials to compare, or only one outcome.

    References
    ----------
    M. B. Gordy, E. Heitfield (2002), Estimating default correlations from short panels of credit rating performance data, Federal Reserve
    Board.
    """
    if not 0 < level < 1:
        raise InputError(f"level is {level:g}; it must be between 0 and 1")
    if groups is not None and factor in ("", MARKET):
        raise InputError(f"factor is {factor!r}; the labels belong to a factor of another name, such as 'manager'")
    counts = np.asarray(successes, dtype=np.float64)
    tried = None if trials is None else np.asarray(trials, dtype=np.float64)
    if counts.ndim != 1 or (tried is not None and tried.shape != counts.shape):
        shapes = f"successes of shape {counts.shape}" + ("" if tried is None else f" and trials of shape {tried.shape}")
        raise InputError(f"there are {shapes}; both must be lists of one length")
    if groups is None and (trials is None) == (periods is None):
        raise InputError("either trials (by period) or periods (of each trial) must be given, and not both")
    if groups is not None and periods is None:
        raise InputError("groups are given without periods; each trial, or row of trials, has both")
    names, period = (
        (list(range(counts.size)), np.arange(counts.size)) if periods is None else _codes(periods, "periods")
    )
    labels, label = ([], None) if groups is None else _codes(groups, "groups")
    k, n, number, row = _core.factor_cells(counts, tried, period, label)
    result = FactorCorrelation(
        [names[at] for at in period[row]], k, n, None if label is None else [labels[at] for at in label[row]]
    )
    estimate = _core.estimate_correlation(k, n, number, groups is not None, level)
    result.level = level
    result.probability = estimate["probability"]
    result.by_moments = estimate["by_moments"]
    result.between_successes = estimate["between_successes"]
    estimates = (
        {MARKET: estimate["common"]} if groups is None else {MARKET: estimate["common"], factor: estimate["own"]}
    )
    result.correlation, result.low, result.high = estimate["common"]
    result.shares = {name: share for name, (share, _, _) in estimates.items()}
    result.intervals = {name: (low, high) for name, (_, low, high) in estimates.items()}
    return result


def _codes(values: Iterable[Hashable], what: str) -> tuple[list[Any], NDArray[np.int64]]:
    """Return the distinct values in the order in which they first occur, and the position of each value among them."""
    order: dict[Any, int] = {}
    codes = []
    for row, value in enumerate(values):
        if is_missing(value):
            raise InputError(f"{what}: position {row + 1} is missing; each trial, or row of trials, must have one")
        codes.append(order.setdefault(value, len(order)))
    return list(order), np.array(codes, dtype=np.int64)
