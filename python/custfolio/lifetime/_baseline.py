# The baseline: level and heat per customer and month without any action, and how sure that is.
"""Forecast what the bucket holds without any action."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.dates import day_date, month_first_day, month_index, month_text
from custfolio.costing import CostModel
from custfolio.errors import InputError
from custfolio.ledger import Ledger
from custfolio.lifetime._baseline_frames import brought_in, segments_of, take
from custfolio.lifetime._baseline_result import Baseline
from custfolio.lifetime._evaporation import TEMPERATURE_MONTHS, Matrix
from custfolio.lifetime._holt_winters import SEASON
from custfolio.lifetime._level_band import band_of
from custfolio.lifetime._level_forecast import METHODS, How, TradingDays, forecast_level, reconcile_levels
from custfolio.portfolio import Portfolio
from custfolio.selection import Statement, statement

__all__ = ["baseline"]


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
    known = costs if costs is not None or given is None else given.costs
    if not isinstance(known, CostModel):
        raise InputError("what serving costs is not known: give costs=cf.CostModel(...), or a statement's portfolio")
    begin, end = ledger.first_day, ledger.last_day
    if begin is None or end is None or month_index(begin, "ledger") >= first:
        raise InputError(f"the ledger holds nothing before {month_text(first)}, so there is no history to go by")
    costs = known
    oldest = month_index(begin, "ledger")
    newest = min(month_index(end, "ledger"), first - 1)
    if history_years is not None:
        oldest = max(oldest, newest + 1 - SEASON * history_years)
    how = How(months, first - 1 - newest, origins, allowed, reconcile == "mint", threads)

    # Drivers known per customer and period only are in the temperature of the portfolio, not in that of months.
    monthly_costs = costs if given is None else _by_month(costs, ledger)

    def stated(month: int, last: int) -> Portfolio:
        days = (day_date(month_first_day(month)), day_date(month_first_day(last + 1) - 1))
        return statement(ledger, monthly_costs, days, threads=threads).portfolio

    whole = stated(oldest, newest)
    customers = whole if given is None else given
    ids = list(customers.core.id)
    rows = {identity: k for k, identity in enumerate(whole.core.id)}
    brought = None if forecast is None else brought_in(forecast, ids, first, months)
    strangers = [name for k, name in enumerate(ids) if name not in rows and (brought is None or not brought.known[k])]
    if strangers:
        raise InputError(
            f"customers without history before {month_text(first)}: {', '.join(map(repr, strangers[:5]))}"
            f"{f' and {len(strangers) - 5} more' if len(strangers) > 5 else ''}; give them a forecast="
        )
    place = np.array([rows.get(name, -1) for name in ids], dtype=np.intp)
    monthly: Matrix = np.asarray(whole.core.monthly_revenue)
    if not ids:
        raise InputError("the portfolio has no customers")
    # From all customers of the ledger: those that left before the reference period are part of what evaporation is.
    rows_of = ledger.rows
    read = (rows_of.day >= month_first_day(oldest)) & (rows_of.day < month_first_day(newest + 1))
    trading = TradingDays(rows_of.day[read].astype(np.int64), rows_of.revenue[read], oldest)
    factors = trading.factors(monthly.shape[1], how.ahead)
    found = forecast_level(monthly, how, factors, progress).of(place)
    if factors is not None:
        found.notes.append("months are compared by their trading days: what the weekdays in them bring")
    outside = np.setdiff1d(np.arange(len(rows)), place)
    last = float(monthly[outside, -SEASON:].sum()) if outside.size else 0.0
    if outside.size:
        found.notes.append(
            f"{outside.size} customers of the ledger are not in the portfolio; their level of the last "
            f"{min(SEASON, monthly.shape[1])} months was {last:,.0f}"
        )
    code, names = segments_of(segments, ids)
    if how.reconciled:
        own = np.where(place[:, None] >= 0, monthly[place], 0.0)
        if not reconcile_levels(found, own, monthly, code, how, factors):
            found.notes.append("too little history to reconcile: sums are sums of customers")
    warm_first = max(oldest, newest - TEMPERATURE_MONTHS + 1)
    levels = np.zeros((len(ids), newest - warm_first + 1))
    heats = np.zeros_like(levels)
    at = {name: k for k, name in enumerate(ids)}
    for k in range(levels.shape[1]):
        core = stated(warm_first + k, warm_first + k).core
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
        take(found, brought, warmth["expected"])
    band = band_of(monthly, trading, how)
    if not np.isfinite(band.quantiles).all():
        found.notes.append("too little history for P10 and P90: they need more than a year before the first origin")
    past = ([month_text(oldest + k) for k in range(monthly.shape[1])], monthly[place[place >= 0]].sum(axis=0))
    return Baseline(customers, first, found, warmth, band, past)


def _by_month(costs: CostModel, ledger: Ledger) -> CostModel:
    """Return the costs whose drivers the ledger itself has."""
    own = {"deliveries", "lines", "quantity", *ledger.rows.drivers}
    rates = {name: rate for name, rate in costs.rates.items() if name in own}
    if len(rates) == len(costs.rates):
        return costs
    kept = {name: share for name, share in costs.avoidable.items() if name in rates or name == "revenue_share"}
    return CostModel(rates, revenue_share=costs.revenue_share, avoidable=kept)


def _other_costs(ledger: Ledger, portfolio: Portfolio, costs: CostModel, threads: int) -> NDArray[np.float64]:
    """Return per customer what its other drivers cost in the reference period, as a share of its revenue; 0 without revenue."""
    plain = statement(ledger, costs, portfolio.period, threads=threads).portfolio.core
    without = dict(zip(plain.id, np.asarray(plain.contribution).tolist(), strict=True))
    revenue, heat = np.asarray(portfolio.core.revenue), np.asarray(portfolio.core.contribution)
    full = np.array([without.get(name, float(heat[k])) for k, name in enumerate(portfolio.core.id)])
    return np.asarray(np.divide(full - heat, revenue, out=np.zeros_like(revenue), where=revenue > 0))
