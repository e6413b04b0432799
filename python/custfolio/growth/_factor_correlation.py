# The shares of a common factor and of one with labels in successes, estimated from successes by period.
"""Estimation of the factors' shares from history."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
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
    if groups is None:
        names, k, n = _counts(successes, trials, periods)
        period = np.arange(k.size)
        result = FactorCorrelation(names, k, n)
    else:
        names, labels, period, k, n = _cells(successes, trials, periods, groups)
        result = FactorCorrelation(names, k, n, labels)
    estimate = _core.estimate_correlation(k, n, period, groups is not None, level)
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


def _cells(
    successes: ArrayLike, trials: ArrayLike | None, periods: Iterable[Hashable] | None, groups: Iterable[Hashable]
) -> tuple[list[Any], list[Any], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Period and label of each cell with trials, the period's number, and the cell's successes and trials; by period."""
    if periods is None:
        raise InputError("groups are given without periods; each trial, or row of trials, has both")
    found = np.asarray(successes, dtype=np.float64)
    rows = list(zip(list(periods), list(groups), strict=False))
    lengths = {"successes": found.size, "periods and groups": len(rows)}
    count = np.ones(found.size) if trials is None else np.asarray(trials, dtype=np.float64)
    if found.ndim != 1 or count.shape != found.shape or len(rows) != found.size:
        sizes = ", ".join(f"{length} {name}" for name, length in lengths.items())
        raise InputError(f"there are {sizes} and {count.size} trials; there must be as many")
    good = (found >= 0) & (found <= count) & np.isfinite(count) & (found % 1 == 0) & (count % 1 == 0)
    bad = np.flatnonzero(~good)
    if bad.size:
        i = int(bad[0])
        raise InputError(
            f"row {i + 1}: {found[i]:g} successes of {count[i]:g} trials; whole numbers are needed, 0 to all"
        )
    numbers: dict[Any, int] = {}
    cells: dict[tuple[int, Any], list[float]] = {}
    for (name, label), won, tried in zip(rows, found.tolist(), count.tolist(), strict=True):
        if tried > 0:
            cell = cells.setdefault((numbers.setdefault(name, len(numbers)), label), [0.0, 0.0])
            cell[0] += won
            cell[1] += tried
    if len(numbers) < 2:
        raise InputError(f"there are {len(numbers)} periods with trials; a correlation needs at least two")
    order = sorted(cells, key=lambda key: key[0])
    names = list(numbers)
    return (
        [names[at] for at, _ in order],
        [label for _, label in order],
        np.array([at for at, _ in order], dtype=np.int64),
        np.array([cells[key][0] for key in order]),
        np.array([cells[key][1] for key in order]),
    )


def _counts(
    successes: ArrayLike, trials: ArrayLike | None, periods: Iterable[Hashable] | None
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
                f"period {i + 1}: {found[i]:g} successes of {count[i]:g} trials; whole numbers are needed, 0 to all"
            )
        names: list[Any] = list(range(found.size))
    else:
        labels = [] if periods is None else list(periods)
        if len(labels) != found.size:
            raise InputError(f"there are {found.size} outcomes and {len(labels)} periods; there must be as many")
        odd = np.flatnonzero((found != 0) & (found != 1))
        if odd.size:
            raise InputError(f"outcome {int(odd[0]) + 1} is {found[odd[0]]:g}; it must be 1 (success) or 0")
        order: dict[Any, int] = {}
        place = np.array([order.setdefault(label, len(order)) for label in labels], dtype=np.int64)
        names = list(order)
        count = np.bincount(place, minlength=len(order)).astype(np.float64)
        found = np.bincount(place, weights=found, minlength=len(order)).astype(np.float64)
    kept = np.flatnonzero(count > 0)
    if kept.size < 2:
        raise InputError(f"there are {kept.size} periods with trials; a correlation needs at least two")
    return [names[i] for i in kept.tolist()], found[kept], count[kept]
