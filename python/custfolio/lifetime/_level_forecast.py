# Levels of all customers ahead: regular ones by the method that was nearest, irregular ones by evaporation, in trading days, reconciled.
"""Forecast the levels of all customers from their months."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.dates import month_first_day
from custfolio.lifetime._evaporation import REGULAR, TEMPERATURE_MONTHS, Matrix, evaporation, settling
from custfolio.lifetime._holt_winters import SEASON

__all__ = ["METHODS", "ORIGIN_STEP", "Forecast", "How", "TradingDays", "forecast_level", "reconcile_levels"]

METHODS = ("seasonal_naive", "drift", "holt_winters")
"""What regular customers may be forecast by, the simplest first."""
ORIGIN_STEP = 3
"""Months between rolling origins: four of them stand in all quarters of a year."""
QUARTERS = 4
"""Methods are compared from at least so many origins, so that no season decides."""
NEARER = 0.9
"""Trading days are used where they lower the squared error of seasonal naive at least to this share."""


@dataclass
class Forecast:
    """Forecasts of all customers, and how they were made."""

    level: Matrix
    variance: Matrix
    method: list[str]
    why: list[str]
    origins: NDArray[np.int64]
    error: Matrix
    notes: list[str]
    heat: Matrix | None = None

    def of(self, rows: NDArray[np.intp]) -> Forecast:
        """Return the forecasts of some rows; -1 stands for a customer without history, of whom nothing is expected."""
        known = rows >= 0
        return Forecast(
            np.where(known[:, None], self.level[rows], 0.0),
            np.where(known[:, None], self.variance[rows], 0.0),
            [self.method[k] if k >= 0 else "none" for k in rows.tolist()],
            [self.why[k] if k >= 0 else "no history" for k in rows.tolist()],
            np.where(known, self.origins[rows], 0),
            np.where(known[:, None], self.error[rows], np.nan),
            list(self.notes),
        )


@dataclass(frozen=True)
class How:
    """How forecasts are made: the same from every origin."""

    horizon: int
    lead: int
    origins: int
    methods: tuple[str, ...]
    reconciled: bool
    threads: int

    @property
    def ahead(self) -> int:
        """Months from the last one known to the last one forecast."""
        return self.lead + self.horizon

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of the backtest."""
        names = {"origins": self.origins, "methods": list(self.methods), "threads": self.threads}
        return {"fewest": min(self.origins, QUARTERS), "step": ORIGIN_STEP, "season": SEASON, **names}


def forecast_level(
    history: Matrix, how: How, factors: NDArray[np.float64] | None = None, progress: Any = None
) -> Forecast:
    """Forecast every row: the months after the first `lead` ones that follow the history.

    `factors`: trading days of the months of the history and of all months ahead, in those of a mean month; 1 where not given.
    """
    months = history.shape[1]
    ahead = how.ahead
    days = np.ones(months + ahead) if factors is None else factors
    found = _core.backtest(history / days[:months], horizon=ahead, progress=progress, **how.options)
    last = history[:, -SEASON:]
    bought = (last != 0).sum(axis=1)
    began = np.where((history != 0).any(axis=1), (history != 0).argmax(axis=1), months)
    own = np.minimum(months - began, SEASON)
    share = bought / np.maximum(own, 1)
    level: Matrix = np.array(found["forecast"][:, how.lead :])
    # A level below nothing is expected of nobody who never had one.
    negative: NDArray[np.bool_] = np.asarray((history < 0).any(axis=1))
    level = np.where(negative[:, None], level, np.maximum(level, 0.0))
    spread = last.var(axis=1)
    variance = np.where(np.isfinite(found["variance"]), found["variance"], spread[:, None])[:, how.lead :]
    method: list[str] = list(found["method"])
    why = [_reason(how, count, length) for count, length in zip(found["origins"].tolist(), months - began, strict=True)]
    error: Matrix = np.array(found["error"])
    young = (began > 0) & (months - began < SEASON) & (share >= REGULAR)
    if young.any():
        level[young] *= settling(history / days[:months], ahead)[months - began[young]][:, None]
        for i in np.flatnonzero(young).tolist():
            why[i] = f"a newcomer of {months - began[i]} months, as newcomers of that age turned out"
    irregular = np.flatnonzero(share < REGULAR)
    notes: list[str] = []
    if irregular.size:
        chances, by, note = evaporation(history, ahead)
        notes.append(note)
        chance = chances[irregular][:, how.lead :]
        recent = (history / days[:months])[irregular, -TEMPERATURE_MONTHS:]
        active = np.maximum((recent != 0).sum(axis=1), 1)[:, None]
        mean = recent.sum(axis=1)[:, None] / active
        second = (recent**2).sum(axis=1)[:, None] / active
        level[irregular] = chance * mean
        variance[irregular] = np.maximum(chance * second - (chance * mean) ** 2, 0.0)
        for i in irregular.tolist():
            method[i] = "evaporation"
            why[i] = f"irregular: bought in {bought[i]} of its last {own[i]} months; by {by}"
    then = days[months + how.lead :]
    return Forecast(
        level * then, variance * then**2, method, why, np.array(found["origins"], dtype=np.int64), error, notes
    )


def _reason(how: How, origins: int, length: int) -> str:
    """Say why a regular customer got its method."""
    if len(how.methods) == 1:
        return "the only method allowed"
    if not origins:
        return f"too little history to compare ({length} months)"
    return f"smallest error from {origins} origin" + "s" * (origins > 1)


class TradingDays:
    """What the weekdays bring to the company: months differ by how often each weekday is in them."""

    def __init__(self, day: NDArray[np.int64], revenue: NDArray[np.float64], oldest: int) -> None:
        self._begin = month_first_day(oldest)
        self._oldest = oldest
        self._daily = np.bincount(day - self._begin, weights=revenue)

    def factors(self, months: int, ahead: int) -> NDArray[np.float64] | None:
        """Return trading days of `months` months from the oldest on and of those `ahead`, in those of a mean month.

        What the weekdays bring is read from the last two years of the `months`. None where seasonal naive would not have been nearer
        with them than without, by the squared error of the company's year-on-year growth.
        """
        edges = np.array([month_first_day(self._oldest + k) - self._begin for k in range(months + ahead + 1)])
        known = np.zeros(edges[months])
        known[: self._daily.size] = self._daily[: edges[months]]
        total = np.add.reduceat(known, edges[:months])
        if months < 2 * SEASON or (total <= 0).any():
            return None
        first = edges[max(0, months - TEMPERATURE_MONTHS)]
        weekday = (np.arange(edges[-1]) + self._begin) % 7
        brought = np.bincount(weekday[first : edges[months]], weights=known[first:], minlength=7)
        weight = np.maximum(brought, 0.0) / np.bincount(weekday[first : edges[months]], minlength=7)
        found = np.add.reduceat(weight[weekday], edges[:-1])
        found /= found.mean()
        if not (found > 0).all():
            return None
        growth = np.log(total[SEASON:] / total[:-SEASON])
        adjusted = growth - np.log(found[SEASON:months] / found[: months - SEASON])
        return found if adjusted.var() < NEARER * growth.var() else None


def _like_for_like(history: Matrix, code: NDArray[np.int32], groups: int, everyone: Matrix) -> Matrix:
    """Return each group's history as if it always had the customers of its last year: groups x months.

    Chained backwards by growth over a year of the customers who were there in both years, so that newcomers are no growth. `everyone`
    is the history of all customers of the ledger: those of them who left are missed in groups of customers chosen later.
    """
    months = history.shape[1]

    def growth(rows: Matrix, month: int) -> float:
        # Whoever began in the first of the two months may have been there for a part of it only; in the first one of all nobody knows.
        there = (rows[:, : max(month - SEASON, 1)] != 0).any(axis=1)
        before = float(rows[there, month - SEASON].sum())
        return float(rows[there, month].sum()) / before if before > 0 else math.nan

    found = np.zeros((groups, months))
    for g in range(groups):
        rows = history[code == g] if groups > 1 else history
        found[g, -SEASON:] = rows[:, -SEASON:].sum(axis=0)
        for month in range(months - 1, SEASON - 1, -1):
            ratio = growth(rows, month) * growth(everyone, month) / growth(history, month)
            if not (math.isfinite(ratio) and ratio > 0):
                found[g, : month - SEASON + 1] = 0.0
                break
            found[g, month - SEASON] = found[g, month] / ratio
    return found


def reconcile_levels(
    found: Forecast,
    history: Matrix,
    everyone: Matrix,
    code: NDArray[np.int32],
    how: How,
    factors: NDArray[np.float64] | None,
) -> bool:
    """Reconcile the levels with forecasts of the segments and the company; tell whether there was enough history for that."""
    months = history.shape[1]
    days = np.ones(months + how.ahead) if factors is None else factors
    groups = int(code.max()) + 1
    history, everyone = history / days[:months], everyone / days[:months]
    sums = _like_for_like(history, np.zeros(code.size, dtype=np.int32), 1, everyone)
    if groups > 1:
        sums = np.concatenate([_like_for_like(history, code, groups, everyone), sums])
    tested = _core.backtest(sums, horizon=how.ahead, **how.options)
    variance = np.asarray(tested["variance"])[:, how.lead :]
    if not np.isfinite(variance).all():
        return False
    then = days[months + how.lead :]
    forecast = np.asarray(tested["forecast"])[:, how.lead :] * then
    found.level = _core.reconcile_minimum_trace(found.level, found.variance, code, forecast, variance * then**2)
    return True
