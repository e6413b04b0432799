# How wrong the company's level would have been in the last year: its band ahead.
"""The band of the company's level."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from custfolio.lifetime._evaporation import Matrix
from custfolio.lifetime._holt_winters import SEASON
from custfolio.lifetime._level_forecast import ORIGIN_STEP, How, TradingDays, forecast_level, reconcile_levels

__all__ = ["Z90", "Band", "band_of"]

FEW = 6
"""Months from which quantiles of errors tell more than their mean square."""
_T90 = (3.0777, 1.8856, 1.6377, 1.5332, 1.4759, 1.4398, 1.4149, 1.3968, 1.3830, 1.3722)
"""90 % quantiles of Student's t with 1, 2, ... degrees of freedom (tabulated in any textbook)."""
Z90 = 1.2815515655446004
"""90 % quantile of the normal distribution."""


@dataclass
class Band:
    """Relative errors of the company's level: by months ahead, and P10, P50 and P90 of each month of the baseline."""

    origins: NDArray[np.int64]
    bias: NDArray[np.float64]
    error: NDArray[np.float64]
    quantiles: NDArray[np.float64]


def band_of(history: Matrix, trading: TradingDays, how: How) -> Band:
    """Forecast the last twelve months from earlier origins as from now, with what was known then, and compare the sums of customers.

    Months ahead are pooled by year ahead: one year's errors hold every season once, and what was long ago is left out, since how well
    a company can be foreseen changes.
    """
    ahead, months = how.ahead, history.shape[1]
    then = replace(how, horizon=ahead, lead=0)
    first = max(SEASON, months - SEASON - ahead + 1)
    step = 1 if months - first <= SEASON else ORIGIN_STEP
    errors: list[list[float]] = [[] for _ in range(ahead)]
    targets: list[set[int]] = [set() for _ in range(ahead)]
    for origin in range(first, months, step):
        known = history[:, :origin]
        active = (known != 0).any(axis=1)
        if not active.any():
            continue
        factors = trading.factors(origin, ahead)
        found = forecast_level(known[active], then, factors)
        if how.reconciled:
            mine = known[active]
            reconcile_levels(found, mine, mine, np.zeros(mine.shape[0], dtype=np.int32), then, factors)
        expected = found.level.sum(axis=0)
        actual = history[active, origin : origin + ahead].sum(axis=0)
        for h, (came, foreseen) in enumerate(zip(actual, expected, strict=False)):
            if foreseen != 0 and origin + h >= months - SEASON:
                errors[h].append(float(came / foreseen - 1.0))
                targets[h].add(origin + h)
    nan = math.nan
    bias = np.array([np.mean(found) if found else nan for found in errors])
    rmse = np.array([math.sqrt(np.mean(np.square(found))) if found else nan for found in errors])
    quantiles = np.full((3, ahead), nan)
    for year in range(0, ahead, SEASON):
        span = slice(year, min(year + SEASON, ahead))
        seen = [error for found in errors[span] for error in found]
        # Farther ahead than any origin, the errors stay what they were.
        quantiles[:, span] = _quantiles(seen, len(set().union(*targets[span]))) if seen else quantiles[:, [year - 1]]
    counts = np.array([len(found) for found in errors], dtype=np.int64)
    return Band(counts, bias, rmse, quantiles[:, how.lead :])


def _quantiles(errors: list[float], months: int) -> NDArray[np.float64]:
    """Return P10, P50 and P90 of relative errors shape (3, 1), wider for few months by Student's t."""
    quantile = _T90[months - 1] if months <= len(_T90) else Z90 + 0.85 / months
    if months < FEW:
        width = math.sqrt(np.mean(np.square(errors))) * quantile
        return np.array([[-width], [0.0], [width]])
    low, middle, high = np.quantile(errors, (0.1, 0.5, 0.9))
    wider = quantile / Z90
    return np.array([[middle - wider * (middle - low)], [middle], [middle + wider * (high - middle)]])
