# One series by additive Holt-Winters with a damped trend.
"""Holt-Winters for one series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.result import Stored

__all__ = ["SEASON", "HoltWinters", "holt_winters"]

SEASON = 12
"""Months of a season."""


@dataclass(frozen=True)
class HoltWinters(Stored):
    """A fitted :func:`holt_winters`.

    Attributes
    ----------
    alpha, beta, gamma, phi : float
        Smoothing of level, trend and season, and damping of the trend.
    level, trend : float
        Final state.
    season : array of float, shape (season,)
        Final seasonal terms of the next values, the next one first.
    squared_error : float
        Mean squared one-step error over the history.
    forecast : array of float, shape (horizon,)
        The values after the last.
    """

    alpha: float
    beta: float
    gamma: float
    phi: float
    level: float
    trend: float
    season: NDArray[np.float64]
    squared_error: float
    forecast: NDArray[np.float64]


@checked
def holt_winters(
    history: ArrayLike,
    horizon: int = 12,
    *,
    season: int = SEASON,
    parameters: tuple[float, float, float, float] | None = None,
) -> HoltWinters:
    """Forecast one series by additive Holt-Winters with a damped trend.

    Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., sections 8.2 and 8.3.

    Parameters
    ----------
    history : array_like, shape (n,)
        Equally spaced values, oldest first; at least two seasons.
    horizon : int
        Values ahead.
    season : int
        Values of a season.
    parameters : (alpha, beta, gamma, phi), optional
        Each in [0, 1]. Where not given: those with the smallest mean squared one-step error, phi within [0.8, 0.98].

    Returns
    -------
    HoltWinters
        Parameters, state and forecast.

    Raises
    ------
    InputError
        If the history is shorter than two seasons, or a parameter is out of range.
    """
    values = np.asarray(history, dtype=np.float64)
    return HoltWinters(**_core.holt_winters(values, horizon=horizon, season=season, parameters=parameters))
