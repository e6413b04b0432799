# The baseline: level and heat per customer and month without any action, and how sure that is.
"""Forecast what the bucket holds without any action."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._days import day_date, month_first_day, month_index, month_text
from custfolio._frames import lists_of, make_frame, require_columns
from custfolio._result import Listing, Result
from custfolio.costing import CostModel
from custfolio.errors import InputError, NotFoundError
from custfolio.ledger import Ledger
from custfolio.lifetime._counts import BGBB
from custfolio.portfolio import Portfolio
from custfolio.selection import Statement, statement

__all__ = ["Baseline", "HoltWinters", "baseline", "holt_winters"]

SEASON = 12
"""Months of a season."""
REGULAR = 0.75
"""Who bought in at least this share of its last twelve months is regular."""
TEMPERATURE_MONTHS = 24
"""Last months whose temperatures are looked at."""
ORIGIN_STEP = 3
"""Months between rolling origins: four of them stand in all quarters of a year."""
QUARTERS = 4
"""Methods are compared from at least so many origins, so that no season decides."""
FEW = 6
"""Months from which quantiles of errors tell more than their mean square."""
NEARER = 0.9
"""Trading days are used where they lower the squared error of seasonal naive at least to this share."""
METHODS = ("seasonal_naive", "drift", "holt_winters")
"""What regular customers may be forecast by, the simplest first."""
AGES = (2, 4, 7)
"""Ages in months at which classes of newcomers begin, after those of less."""
LEANING = 10.0
"""So many cases does a frequency class count for beside those of one standing, and no change for newcomers."""
MODELLED, COUNTED = "BG/BB", "counted standing"
"""How the chance that an irregular customer buys is found."""
_T90 = (3.0777, 1.8856, 1.6377, 1.5332, 1.4759, 1.4398, 1.4149, 1.3968, 1.3830, 1.3722)
"""90 % quantiles of Student's t with 1, 2, ... degrees of freedom (tabulated in any textbook)."""
_Z90 = 1.2815515655446004
"""90 % quantile of the normal distribution."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class HoltWinters:
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


class _Table(Listing):
    """One table of a baseline."""

    def __init__(self, title: str, columns: Mapping[str, Any], library: str | None, x: str, y: str) -> None:
        super().__init__(columns, library)
        self._heading = title
        self._x, self._y = x, y

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        values = [
            {"x": str(x), "y": None if y is None or y != y else y}
            for x, y in zip(list(self._entries[self._x]), list(self._entries[self._y]), strict=True)
        ]
        return (
            alt.Chart(alt.Data(values=values))
            .mark_bar()
            .encode(x=alt.X("x:O", title=self._x), y=alt.Y("y:Q", title=self._y))
            .properties(**options)
        )


class Baseline(Result):
    """What every customer is expected to bring in each month without any action. Made by :func:`baseline`.

    As a table: one row a customer and month.

    ``plot`` draws the company's level: its history, what is expected, and the band from P10 to P90.

    Attributes
    ----------
    level, heat, variance : array of float, shape (customers, months)
        Expected net revenue and contribution, currency; variance of the level.
    """

    def __init__(
        self,
        portfolio: Portfolio,
        start: int,
        found: _Forecast,
        temperature: Mapping[str, Any],
        band: _Band,
        history: tuple[list[str], NDArray[np.float64]],
    ) -> None:
        self.portfolio = portfolio
        """The customers, in the order of the rows."""
        self._library = portfolio._library
        self._start = start
        self._found = found
        self._warmth = temperature
        self._band = band
        self._history = history
        self.level: Matrix = found.level
        self.heat: Matrix = found.level * temperature["expected"][:, None] if found.heat is None else found.heat
        self.variance: Matrix = found.variance
        self.months: int = self.level.shape[1]
        """Number of months."""
        total = self.level.sum(axis=0)
        deviation = np.abs(total) * (band.quantiles[2] - band.quantiles[0]) / (2.0 * _Z90)
        warmth = self.heat.sum(axis=0) / np.where(total == 0, 1.0, total)
        own = (self.level**2 * np.nan_to_num(temperature["variance"])[:, None]).sum(axis=0)
        known = np.isfinite(deviation).all()
        self._deviation = deviation
        self._core = _core.Baseline(
            start,
            self.level,
            self.heat,
            self.variance,
            deviation if known else None,
            np.sqrt((warmth * deviation) ** 2 + own) if known else None,
            notes=found.notes,
        )

    @property
    def notes(self) -> list[str]:
        """What is worth knowing about how it was made."""
        return self._core.notes

    def _month_texts(self) -> list[str]:
        return [month_text(self._start + k) for k in range(self.months)]

    @cached_property
    def company(self) -> Listing:
        """The whole bucket per month: level, heat, temperature, and P10, P50 and P90 of the level.

        The band holds the errors that the company's own level had in the last year, seen from earlier origins; NaN where there was too
        little history for any.
        """
        level, heat = self.level.sum(axis=0), self.heat.sum(axis=0)
        errors = self._band.quantiles
        columns = {
            "month": self._month_texts(),
            "level": level,
            "heat": heat,
            "temperature": heat / np.where(level == 0, np.nan, level),
            **{name: level + np.abs(level) * error for name, error in zip(("p10", "p50", "p90"), errors, strict=True)},
        }
        return _Table("Baseline of the company", columns, self._library, "month", "level")

    @cached_property
    def customers(self) -> Listing:
        """Per customer: method and why, origins compared, scaled errors, and the temperature observed and expected."""
        found, warmth = self._found, self._warmth
        columns = {
            "customer_id": list(self.portfolio._core.id),
            "method": found.method,
            "why": found.why,
            "origins": found.origins,
            **{f"error_{name}": found.error[:, k] for k, name in enumerate(METHODS)},
            "observed_temperature": warmth["observed"],
            "temperature": warmth["expected"],
            "own_weight": warmth["weight"],
        }
        return _Table("Methods", columns, self._library, "customer_id", "temperature")

    @cached_property
    def backtest(self) -> Listing:
        """The company's level at earlier origins, by months ahead: number of origins, bias and root mean squared error, as shares."""
        band = self._band
        columns = {
            "months_ahead": np.arange(1, len(band.origins) + 1),
            "origins": band.origins,
            "bias": band.bias,
            "error": band.error,
        }
        return _Table("Backtest of the company", columns, self._library, "months_ahead", "error")

    def _columns(self) -> Mapping[str, Any]:
        count = len(self.portfolio)
        return {
            "customer_id": np.repeat(np.asarray(self.portfolio._core.id, dtype=object), self.months),
            "month": self._month_texts() * count,
            "level": self.level.ravel(),
            "heat": self.heat.ravel(),
            "variance": self.variance.ravel(),
        }

    def to_frame(self, library: str | None = None, *, wide: bool = False) -> Any:
        """Return the table as a frame.

        Parameters
        ----------
        library : str, optional
            As for every result.
        wide : bool
            One row a customer and one column of level a month, instead of one row a customer and month.

        Returns
        -------
        frame
            customer_id, month, level, heat, variance; or customer_id and the months.
        """
        if not wide:
            return super().to_frame(library)
        columns: dict[str, Any] = {"customer_id": list(self.portfolio._core.id)}
        columns |= {month: self.level[:, k] for k, month in enumerate(self._month_texts())}
        return make_frame(columns, library or self._library)

    def _facts(self) -> Mapping[str, Any]:
        months = self._month_texts()
        methods = sorted(set(self._found.method))
        return {
            "months": f"{months[0]} to {months[-1]}",
            "level": float(self.level.sum()),
            "heat": float(self.heat.sum()),
            **{f"by {name}": self._found.method.count(name) for name in methods},
        }

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        company = self.company._columns()
        shown = [("history", *pair) for pair in zip(*self._history, strict=True)]
        # The last month known is where what is expected begins.
        shown += [("expected", *pair[1:]) for pair in shown[-1:]]
        shown += [("expected", *pair) for pair in zip(company["month"], company["level"], strict=True)]
        lines = [{"series": series, "month": f"{month}-01", "level": float(level)} for series, month, level in shown]
        band = [
            {"month": f"{month}-01", "p10": float(low), "p90": float(high)}
            for month, low, high in zip(*(company[name] for name in ("month", "p10", "p90")), strict=True)
        ]
        x = alt.X("month:T", title=None, axis=alt.Axis(format="%b %Y", labelOverlap=True))
        amount = alt.Axis(format="~s")
        scale = alt.Scale(domain=["history", "expected"], range=["#3a454b", "#c9613a"])
        dash = alt.Scale(domain=["history", "expected"], range=[[1, 0], [6, 3]])
        layers = []
        if np.isfinite(self._deviation).all():
            area = alt.Chart(alt.Data(values=band)).mark_area(opacity=0.2, color="#c9613a")
            layers.append(
                area.encode(
                    x=x,
                    y=alt.Y("p10:Q", title="Level", axis=amount),
                    y2="p90:Q",
                    tooltip=["month:T", alt.Tooltip("p10:Q", format=",.0f"), alt.Tooltip("p90:Q", format=",.0f")],
                )
            )
        layers.append(
            alt.Chart(alt.Data(values=lines))
            .mark_line()
            .encode(
                x=x,
                y=alt.Y("level:Q", title="Level", axis=amount),
                color=alt.Color("series:N", title=None, scale=scale),
                strokeDash=alt.StrokeDash("series:N", title=None, scale=dash),
                tooltip=["month:T", "series:N", alt.Tooltip("level:Q", format=",.0f")],
            )
        )
        return alt.layer(*layers).properties(**options)


@dataclass
class _Forecast:
    """Forecasts of all customers, and how they were made."""

    level: Matrix
    variance: Matrix
    method: list[str]
    why: list[str]
    origins: NDArray[np.int64]
    error: Matrix
    notes: list[str]
    heat: Matrix | None = None

    def of(self, rows: NDArray[np.intp]) -> _Forecast:
        """Return the forecasts of some rows; -1 stands for a customer without history, of whom nothing is expected."""
        known = rows >= 0
        return _Forecast(
            np.where(known[:, None], self.level[rows], 0.0),
            np.where(known[:, None], self.variance[rows], 0.0),
            [self.method[k] if k >= 0 else "none" for k in rows.tolist()],
            [self.why[k] if k >= 0 else "no history" for k in rows.tolist()],
            np.where(known, self.origins[rows], 0),
            np.where(known[:, None], self.error[rows], np.nan),
            list(self.notes),
        )


@dataclass
class _Band:
    """Relative errors of the company's level: by months ahead, and P10, P50 and P90 of each month of the baseline."""

    origins: NDArray[np.int64]
    bias: NDArray[np.float64]
    error: NDArray[np.float64]
    quantiles: NDArray[np.float64]


def _standing(history: Matrix) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Return each customer's frequency class 0..4 and its months since the last purchase (at most a season), and who is irregular."""
    months = history.shape[1]
    bought = history != 0
    ever = bought.any(axis=1)
    own = np.minimum(months - np.where(ever, bought.argmax(axis=1), months), SEASON)
    share = bought[:, -SEASON:].sum(axis=1) / np.maximum(own, 1)
    gap = np.where(ever, np.minimum(bought[:, ::-1].argmax(axis=1), SEASON), SEASON)
    return np.ceil(4 * share).astype(np.intp), gap.astype(np.intp), ever & (share < REGULAR)


def _evaporation(history: Matrix, ahead: int) -> tuple[Matrix, str, str]:
    """Return the chance that each customer is still there and buys, by months ahead; by what, and why by that.

    By BG/BB or by counted standing: whichever would have foreseen the last year's months of irregular customers better, by the Brier
    score; BG/BB where there are not two years to compare by.
    """
    modelled = _modelled(history, ahead)
    cut = history.shape[1] - SEASON
    if modelled is None:
        return _counted(history, ahead), COUNTED, f"irregular customers evaporate by {COUNTED}: nobody has two months"
    irregular = _standing(history[:, :cut])[2] if cut >= SEASON else np.zeros(0, dtype=np.bool_)
    earlier = _modelled(history[:, :cut], SEASON) if irregular.any() else None
    if earlier is None:
        return modelled, MODELLED, f"irregular customers evaporate by {MODELLED}: too little history to compare"
    came = history[irregular, cut:] != 0
    scores = {
        name: float(np.mean((chance[irregular] - came) ** 2))
        for name, chance in ((MODELLED, earlier), (COUNTED, _counted(history[:, :cut], SEASON)))
    }
    better = min(scores, key=scores.__getitem__)
    other = MODELLED if better == COUNTED else COUNTED
    reason = (
        f"irregular customers evaporate by {better}: Brier score {scores[better]:.4f} in the last year, "
        f"{scores[other]:.4f} by {other}"
    )
    return (modelled if better == MODELLED else _counted(history, ahead)), better, reason


def _modelled(history: Matrix, ahead: int) -> Matrix | None:
    """Return the chances by BG/BB, for which a month is an opportunity to buy; None where nobody has had one after its first purchase.

    Fitted to regular customers too, since who is irregular was chosen by what it bought.
    """
    months = history.shape[1]
    bought = history != 0
    ever = bought.any(axis=1)
    began = bought.argmax(axis=1)
    frequency = bought.sum(axis=1) - 1
    recency = np.where(frequency > 0, months - 1 - bought[:, ::-1].argmax(axis=1) - began, 0)
    rows = np.stack([frequency, recency, months - 1 - began], axis=1)[ever]
    cells, cell, count = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    if not (cells[:, 2] > 0).any():
        return None
    x, t_x, n = cells.T.astype(np.float64)
    # The prior is too weak to be seen beside some dozens of customers; it keeps the parameters of fewer from running away.
    model = BGBB(prior=dict.fromkeys(BGBB._parameters, (1.0, 3.0)), threads=1).fit(x, t_x, n, count.astype(np.float64))
    expected = [model.conditional_expected_purchases(float(h), x, t_x, n) for h in range(1, ahead + 1)]
    found = np.zeros((history.shape[0], ahead))
    found[ever] = np.clip(np.diff(np.stack(expected, axis=1), axis=1, prepend=0.0), 0.0, 1.0)[cell.ravel()]
    return found


def _counted(history: Matrix, ahead: int) -> Matrix:
    """Return the chances by counted standing.

    How often irregular customers of the same standing (share of months with a purchase, months since the last one) bought so many
    months later, counted from every origin of the last two years; a thin standing leans on all of its frequency class.
    """
    count, months = history.shape
    bought = history != 0
    cells = (5, SEASON + 1)
    seen, came = np.zeros((*cells, ahead)), np.zeros((*cells, ahead))
    for origin in range(max(SEASON, months - 2 * SEASON), months):
        frequency, gap, irregular = _standing(history[:, :origin])
        cell = (frequency * cells[1] + gap)[irregular]
        there = np.bincount(cell, minlength=seen[:, :, 0].size).reshape(cells)
        for h in range(min(ahead, months - origin)):
            seen[:, :, h] += there
            hits = bought[irregular, origin + h].astype(np.float64)
            came[:, :, h] += np.bincount(cell, weights=hits, minlength=there.size).reshape(cells)
    share = bought[:, -SEASON:].mean(axis=1)
    frequency, gap, _ = _standing(history)
    cases = seen.sum(axis=(1, 2))
    pooled = np.where(cases > 0, came.sum(axis=(1, 2)) / np.maximum(cases, 1.0), np.nan)[frequency]
    pooled = np.where(np.isfinite(pooled), pooled, share)
    found = np.empty((count, ahead))
    before = pooled
    for h in range(ahead):
        # Beyond what any origin has seen, the chance stays what it was.
        prior = pooled if h == 0 else np.minimum(before, pooled)
        there, hits = seen[frequency, gap, h], came[frequency, gap, h]
        before = np.where(there > 0, (hits + LEANING * prior) / (there + LEANING), before)
        found[:, h] = before
    return found


def _forecast(
    history: Matrix, how: _How, factors: NDArray[np.float64] | None = None, progress: Any = None
) -> _Forecast:
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
        level[young] *= _settling(history / days[:months], ahead)[months - began[young]][:, None]
        for i in np.flatnonzero(young).tolist():
            why[i] = f"a newcomer of {months - began[i]} months, as newcomers of that age turned out"
    irregular = np.flatnonzero(share < REGULAR)
    notes: list[str] = []
    if irregular.size:
        chances, by, note = _evaporation(history, ahead)
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
    return _Forecast(
        level * then, variance * then**2, method, why, np.array(found["origins"], dtype=np.int64), error, notes
    )


def _settling(history: Matrix, ahead: int) -> NDArray[np.float64]:
    """Return by age in months, 0 to 11, what regular newcomers bought later in a month, as a share of their mean month until then.

    A first order fills the shelves, and some who try do not stay. Counted from every origin of the last two years by age class; few
    cases lean on a share of 1.
    """
    months = history.shape[1]
    bought = history != 0
    began = np.where(bought.any(axis=1), bought.argmax(axis=1), months)
    classes = np.searchsorted(AGES, np.arange(SEASON), side="right")
    cases, expected, came = (np.zeros(len(AGES) + 1) for _ in range(3))
    for origin in range(max(1, months - TEMPERATURE_MONTHS), months):
        age = origin - began
        rows = np.flatnonzero((began > 0) & (age > 0) & (age < SEASON))
        rows = rows[bought[rows, :origin].sum(axis=1) >= REGULAR * age[rows]]
        later = history[rows, origin : origin + ahead]
        kind = classes[age[rows]]
        mean = history[rows, :origin].sum(axis=1) / age[rows] * later.shape[1]
        cases += np.bincount(kind, minlength=cases.size)
        expected += np.bincount(kind, weights=mean, minlength=cases.size)
        came += np.bincount(kind, weights=later.sum(axis=1), minlength=cases.size)
    leaning = LEANING * expected / np.maximum(cases, 1.0)
    share = np.divide(came + leaning, expected + leaning, out=np.ones(cases.size), where=expected + leaning > 0)
    return np.maximum(share, 0.0)[classes]


def _reason(how: _How, origins: int, length: int) -> str:
    """Say why a regular customer got its method."""
    if len(how.methods) == 1:
        return "the only method allowed"
    if not origins:
        return f"too little history to compare ({length} months)"
    return f"smallest error from {origins} origin" + "s" * (origins > 1)


@dataclass(frozen=True)
class _How:
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


class _TradingDays:
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


def _reconcile(
    found: _Forecast,
    history: Matrix,
    everyone: Matrix,
    code: NDArray[np.int32],
    how: _How,
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


def _band(history: Matrix, trading: _TradingDays, how: _How) -> _Band:
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
        found = _forecast(known[active], then, factors)
        if how.reconciled:
            mine = known[active]
            _reconcile(found, mine, mine, np.zeros(mine.shape[0], dtype=np.int32), then, factors)
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
    return _Band(counts, bias, rmse, quantiles[:, how.lead :])


def _quantiles(errors: list[float], months: int) -> NDArray[np.float64]:
    """Return P10, P50 and P90 of relative errors shape (3, 1), wider for few months by Student's t."""
    quantile = _T90[months - 1] if months <= len(_T90) else _Z90 + 0.85 / months
    if months < FEW:
        width = math.sqrt(np.mean(np.square(errors))) * quantile
        return np.array([[-width], [0.0], [width]])
    low, middle, high = np.quantile(errors, (0.1, 0.5, 0.9))
    wider = quantile / _Z90
    return np.array([[middle - wider * (middle - low)], [middle], [middle + wider * (high - middle)]])


def baseline(
    ledger: Ledger,
    portfolio: Portfolio | Statement | None = None,
    *,
    start: Any,
    months: int = 12,
    costs: CostModel | None = None,
    segments: Any = None,
    forecast: Any = None,
    methods: Sequence[str] | str = METHODS,
    reconcile: Literal["mint"] | None = None,
    history_years: int | None = None,
    origins: int = 4,
    threads: int = 0,
    progress: Callable[[float], object] | None = None,
) -> Baseline:
    """Forecast level and heat of every customer and month without any action.

    **Level.** A customer that bought in at least three quarters of its last twelve months (of all its months, where it is younger)
    is regular: seasonal naive, drift or Holt-Winters, whichever had the smallest mean absolute error from the same rolling origins
    over the same months; the simplest of equals; seasonal naive where the history is too short to compare. Seasonal naive needs 12
    months, drift 2, Holt-Winters 24, each before the earliest origin. No level is negative unless the customer's history is somewhere.
    An irregular customer evaporates: the chance that it is still there and buys, times what it bought in a month in which it bought.
    The chance is that of BG/BB (:class:`BGBB`, fitted to all customers with a month as an opportunity), or how often irregular customers
    of the same standing (share of months with a purchase, months since the last one) bought so many months later, counted from every
    origin of the last two years: whichever has the smaller Brier score in the last year, seen from its beginning; without season. A
    regular newcomer (less than a year)
    is taken at the share of its mean month to which newcomers of its age settled, since a first order fills the shelves.

    **Heat.** Level times the expected temperature: the customer's own, from its last 24 months, shrunk towards its segment
    (:class:`custfolio._core.ShrunkTemperature` gives the model): a bad year is not yet a bad customer.

    **Trading days.** Where months are foreseen better so (by the squared error of the company's year-on-year growth), amounts are
    compared per trading day: a month counts by what its weekdays have brought the company in the last two years.

    **Band.** The last twelve months are forecast from earlier origins with what was known then, and the company's level compared: P10,
    P50 and P90 are the quantiles of its relative errors, pooled over the months of each year ahead, widened by Student's t for the number
    of months compared. They are the company's own errors, not a sum of customers' quantiles, so that what moves all customers at once
    is in them. Only the last year counts, since how well a company can be foreseen changes.

    Only what lies before `start` is read.

    Parameters
    ----------
    ledger : Ledger
        The history, as long as there is.
    portfolio : Portfolio or Statement, optional
        The customers, in their order; all customers of the ledger if not given.
    start : str or date
        First month, "2022-01".
    months : int
        Number of months, 1 to 120.
    costs : CostModel, optional
        What serving costs; the portfolio's if not given.
    segments : frame or mapping, optional
        Columns customer_id and segment; one segment for all if not given.
    forecast : frame or mapping, optional
        A forecast brought in: customer_id, month, level, and heat and variance where known. Its customers take it instead.
    methods : sequence of str, or str
        What regular customers may be forecast by: "seasonal_naive", "drift", "holt_winters".
    reconcile : "mint", optional
        Whether customers are reconciled with forecasts of the company, and of its segments where these are given, by minimum trace
        (:class:`custfolio._core.reconcile_minimum_trace` gives the formula). Otherwise sums are sums of customers: bottom-up.
    history_years : int, optional
        Only so many last years are read; all if not given.
    origins : int
        Rolling origins, a quarter apart, by which methods are compared.
    threads : int
        0 for all cores; the result has the same bits for any number.
    progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    Baseline
        Level, heat and variance per customer and month.

    Raises
    ------
    InputError
        If there is no full month before `start`, no cost model, a customer of the portfolio that the ledger does not have before
        `start`, or a segment, customer or month missing in a frame (the text names it).
    """
    first = month_index(start, "start")
    allowed = (methods,) if isinstance(methods, str) else tuple(methods)
    if not allowed or set(allowed) - set(METHODS):
        raise InputError(f"methods is {methods!r}; it can be {', '.join(map(repr, METHODS))}, or several of them")
    if reconcile not in (None, "mint"):
        raise InputError(f"reconcile is {reconcile!r}; it can be 'mint' or None")
    if history_years is not None and history_years < 1:
        raise InputError(f"history_years is {history_years}; it must be at least 1")
    if not 1 <= months <= 120:
        raise InputError(f"months is {months}; it must lie in 1..120")
    if not isinstance(ledger, Ledger):
        raise InputError(f"ledger is of type {type(ledger).__name__}; it must be a Ledger: cf.Ledger(frame, ...)")
    given = portfolio.portfolio if isinstance(portfolio, Statement) else portfolio
    costs = costs if costs is not None else None if given is None else given.costs
    if costs is None:
        raise InputError("what serving costs is not known: give costs=cf.CostModel(...), or a statement's portfolio")
    begin, end = ledger.first_day, ledger.last_day
    if begin is None or end is None or month_index(begin, "ledger") >= first:
        raise InputError(f"the ledger holds nothing before {month_text(first)}, so there is no history to go by")
    oldest = month_index(begin, "ledger")
    newest = min(month_index(end, "ledger"), first - 1)
    if history_years is not None:
        oldest = max(oldest, newest + 1 - SEASON * history_years)
    how = _How(months, first - 1 - newest, origins, allowed, reconcile == "mint", threads)

    # Drivers known per customer and period only are in the temperature of the portfolio, not in that of months.
    monthly_costs = costs if given is None else _by_month(costs, ledger)

    def stated(month: int, last: int) -> Portfolio:
        days = (day_date(month_first_day(month)), day_date(month_first_day(last + 1) - 1))
        return statement(ledger, monthly_costs, days, threads=threads).portfolio

    whole = stated(oldest, newest)
    customers = whole if given is None else given
    ids = list(customers._core.id)
    rows = {identity: k for k, identity in enumerate(whole._core.id)}
    brought = None if forecast is None else _brought(forecast, ids, first, months)
    strangers = [name for k, name in enumerate(ids) if name not in rows and (brought is None or not brought.known[k])]
    if strangers:
        raise InputError(
            f"customers without history before {month_text(first)}: {', '.join(map(repr, strangers[:5]))}"
            f"{f' and {len(strangers) - 5} more' if len(strangers) > 5 else ''}; give them a forecast="
        )
    place = np.array([rows.get(name, -1) for name in ids], dtype=np.intp)
    monthly: Matrix = np.asarray(whole._core.monthly_revenue)
    if not ids:
        raise InputError("the portfolio has no customers")
    # From all customers of the ledger: those that left before the reference period are part of what evaporation is.
    rows_of = ledger._core_columns()
    read = (rows_of.day >= month_first_day(oldest)) & (rows_of.day < month_first_day(newest + 1))
    trading = _TradingDays(rows_of.day[read].astype(np.int64), rows_of.revenue[read], oldest)
    factors = trading.factors(monthly.shape[1], how.ahead)
    found = _forecast(monthly, how, factors, progress).of(place)
    if factors is not None:
        found.notes.append("months are compared by their trading days: what the weekdays in them bring")
    outside = np.setdiff1d(np.arange(len(rows)), place)
    last = float(monthly[outside, -SEASON:].sum()) if outside.size else 0.0
    if outside.size:
        found.notes.append(
            f"{outside.size} customers of the ledger are not in the portfolio; their level of the last "
            f"{min(SEASON, monthly.shape[1])} months was {last:,.0f}"
        )
    code, names = _segments(segments, ids)
    if how.reconciled:
        own = np.where(place[:, None] >= 0, monthly[place], 0.0)
        if not _reconcile(found, own, monthly, code, how, factors):
            found.notes.append("too little history to reconcile: sums are sums of customers")
    warm_first = max(oldest, newest - TEMPERATURE_MONTHS + 1)
    levels = np.zeros((len(ids), newest - warm_first + 1))
    heats = np.zeros_like(levels)
    at = {name: k for k, name in enumerate(ids)}
    for k in range(levels.shape[1]):
        core = stated(warm_first + k, warm_first + k)._core
        there = np.array([at.get(name, -1) for name in core.id], dtype=np.intp)
        mine = there >= 0
        levels[there[mine], k] = np.asarray(core.revenue)[mine]
        heats[there[mine], k] = np.asarray(core.contribution)[mine]
    warmth = _core.shrink_temperature(levels, heats, code, len(names))
    blank = ~np.isfinite(warmth["expected"])
    if blank.any():
        total = levels.sum()
        warmth["expected"] = np.where(blank, heats.sum() / total if total else 0.0, warmth["expected"])
        warmth["variance"] = np.where(np.isfinite(warmth["variance"]), warmth["variance"], 0.0)
    if given is not None and monthly_costs is not costs:
        warmth["expected"] = warmth["expected"] - _other_costs(ledger, given, monthly_costs, threads)
    if brought is not None:
        _take(found, brought, warmth["expected"])
    band = _band(monthly, trading, how)
    if not np.isfinite(band.quantiles).all():
        found.notes.append("too little history for P10 and P90: they need more than a year before the first origin")
    past = ([month_text(oldest + k) for k in range(monthly.shape[1])], monthly[place[place >= 0]].sum(axis=0))
    return Baseline(customers, first, found, warmth, band, past)


def _by_month(costs: CostModel, ledger: Ledger) -> CostModel:
    """Return the costs whose drivers the ledger itself has."""
    own = {"deliveries", "lines", "quantity", *ledger._core_columns().drivers}
    rates = {name: rate for name, rate in costs.rates.items() if name in own}
    if len(rates) == len(costs.rates):
        return costs
    kept = {name: share for name, share in costs.avoidable.items() if name in rates or name == "revenue_share"}
    return CostModel(rates, revenue_share=costs.revenue_share, avoidable=kept)


def _other_costs(ledger: Ledger, portfolio: Portfolio, costs: CostModel, threads: int) -> NDArray[np.float64]:
    """Return per customer what its other drivers cost in the reference period, as a share of its revenue; 0 without revenue."""
    plain = statement(ledger, costs, portfolio.period, threads=threads).portfolio._core
    without = dict(zip(plain.id, np.asarray(plain.contribution).tolist(), strict=True))
    revenue, heat = np.asarray(portfolio._core.revenue), np.asarray(portfolio._core.contribution)
    full = np.array([without.get(name, float(heat[k])) for k, name in enumerate(portfolio._core.id)])
    return np.asarray(np.divide(full - heat, revenue, out=np.zeros_like(revenue), where=revenue > 0))


def _segments(frame: Any, ids: list[str]) -> tuple[NDArray[np.int32], list[str]]:
    """Return the segment of each customer as a code, and the segments' names."""
    if frame is None:
        return np.zeros(len(ids), dtype=np.int32), ["all"]
    columns = lists_of(frame, "segments must be a frame, or a mapping of columns, with customer_id and segment")
    require_columns(columns, ("customer_id", "segment"), "segments; they have")
    of = {str(name): str(segment) for name, segment in zip(columns["customer_id"], columns["segment"], strict=True)}
    missing = [name for name in ids if name not in of]
    if missing:
        raise InputError(f"segments: customer {missing[0]!r} has none" + _more(missing))
    names = sorted({of[name] for name in ids})
    code = {name: k for k, name in enumerate(names)}
    return np.array([code[of[name]] for name in ids], dtype=np.int32), names


@dataclass
class _Brought:
    """A forecast of the user's own; NaN where it says nothing."""

    known: NDArray[np.bool_]
    level: Matrix
    heat: Matrix
    variance: Matrix


def _more(names: list[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""


def _brought(frame: Any, ids: list[str], first: int, months: int) -> _Brought:
    """Read a forecast brought in, and check that each of its customers has every month."""
    columns = lists_of(frame, "forecast must be a frame, or a mapping of columns, with customer_id, month and level")
    require_columns(columns, ("customer_id", "month", "level"), "the forecast; it has")
    at = {name: k for k, name in enumerate(ids)}
    shape = (len(ids), months)
    amounts = {name: np.full(shape, np.nan) for name in ("level", "heat", "variance")}
    known = np.zeros(len(ids), dtype=np.bool_)
    for row, (customer, month) in enumerate(zip(columns["customer_id"], columns["month"], strict=True)):
        k = at.get(str(customer))
        if k is None:
            raise NotFoundError(f"forecast, row {row + 1}: the portfolio has no customer {str(customer)!r}")
        m = month_index(month, f"forecast, row {row + 1}: month") - first
        known[k] = True
        if not 0 <= m < months:
            continue
        if np.isfinite(amounts["level"][k, m]):
            raise InputError(f"forecast, row {row + 1}: customer {str(customer)!r} has {month_text(first + m)} twice")
        for name, values in amounts.items():
            if name not in columns:
                continue
            try:
                values[k, m] = float(columns[name][row])
            except (TypeError, ValueError):
                raise InputError(
                    f"forecast, row {row + 1}: {name} is {columns[name][row]!r}; it must be a number"
                ) from None
            if not math.isfinite(values[k, m]) or (name == "variance" and values[k, m] < 0):
                raise InputError(
                    f"forecast, row {row + 1}: {name} is {columns[name][row]!r}; it must be a finite number"
                )
    gaps = np.argwhere(known[:, None] & ~np.isfinite(amounts["level"]))
    if gaps.size:
        k, m = gaps[0]
        raise InputError(
            f"forecast: customer {ids[k]!r} has no level for {month_text(first + int(m))}; every month from "
            f"{month_text(first)} to {month_text(first + months - 1)} is needed"
        )
    return _Brought(known, amounts["level"], amounts["heat"], amounts["variance"])


def _take(found: _Forecast, brought: _Brought, temperature: NDArray[np.float64]) -> None:
    """Put a forecast brought in where it says something."""
    known = brought.known[:, None]
    found.level = np.where(known, brought.level, found.level)
    found.variance = np.where(known & np.isfinite(brought.variance), brought.variance, found.variance)
    heat = found.level * temperature[:, None]
    found.heat = np.where(known & np.isfinite(brought.heat), brought.heat, heat)
    for i in np.flatnonzero(brought.known).tolist():
        found.method[i], found.why[i] = "brought in", "the user's own forecast"
