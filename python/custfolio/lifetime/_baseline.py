# The baseline: level and heat per customer and month without any action, with its band.
"""Forecast the bucket without any action."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import MonthLike, month_first_day, month_index, month_text
from custfolio._tables.frames import TableLike
from custfolio._tables.segments import segments_of
from custfolio.costing import CostModel
from custfolio.errors import InputError
from custfolio.ledger import Ledger
from custfolio.lifetime._baseline_frames import brought_in
from custfolio.lifetime._baseline_result import METHODS, Baseline
from custfolio.lifetime._holt_winters import SEASON
from custfolio.lifetime._ledger_costs import state_alone
from custfolio.portfolio import Costs, HasPortfolio, Portfolio, portfolio_of

__all__ = ["baseline"]


@checked
def baseline(
    ledger: Ledger,
    portfolio: Portfolio | HasPortfolio | None = None,
    *,
    start: MonthLike,
    months: int = 12,
    costs: CostModel | None = None,
    segments: TableLike | None = None,
    forecast: TableLike | None = None,
    methods: Sequence[str] | str = METHODS,
    reconcile: Literal["mint"] | None = None,
    history_years: int | None = None,
    origins: int = 4,
    threads: int = 0,
    progress: Callable[[float], object] | None = None,
) -> Baseline:
    """Forecast level and heat of every customer and month without any action.

    Only rows before `start` are read.

    **Regular customers** bought in at least three quarters of their last twelve months, or of all their months where they are younger.

    - They are forecast by seasonal naive, drift or Holt-Winters. The method with the smallest mean absolute error wins; the simplest of
      equals.
    - All methods are compared from the same rolling origins over the same months. Seasonal naive needs 12 months before the earliest
      origin, drift 2, Holt-Winters 24.
    - Drift is a line through the first and the last month. It is not compared where a month has more returns than sales.
    - Without enough history to compare, the method is seasonal naive.
    - A level is not negative unless the customer's history has a negative month.
    - A newcomer of less than a year is multiplied by the share to which newcomers of its age settled. A first order fills the shelves.

    **Irregular customers** evaporate: the chance to be still a customer and to buy, times the mean of the months with a purchase.

    - The chance is that of BG/BB (:class:`BGBB`), fitted to all customers with a month as an opportunity; or
    - how often irregular customers of the same standing bought so many months later. A standing is the share of months with a purchase
      and the months since the last one. Cases are counted from every origin of the last two years.
    - The method with the smaller Brier score over the last year is used. Evaporation has a season where
      earlier years foresee the shape of the last one.

    **Heat** is level times the expected temperature. It is the customer's own temperature of its last 24 months, shrunk towards its
    segment (see :class:`custfolio._core.ShrunkTemperature`). A bad year is not yet a bad customer.

    **Trading days.** Amounts are compared per trading day where that foresees better, by the squared error of the company's growth on the
    year before. A month counts by the revenue that its weekdays brought in the last two years.

    **Band.** The last twelve months are forecast from earlier origins with the information of that time.

    - The company's variance is the mean squared error of its level over these months, in proportion to the level.
    - With less than a year of months Student's t widens it.
    - What the customers' own errors do not explain of it is shared by all customers, in proportion to their levels.
    - P10, P50 and P90 are those of a normal variable with this variance. Where no customer ever had a month below 0, they are not below 0
      either.
    - A customer's own errors have a correlation between months, pooled over all customers of the back-test.

    Parameters
    ----------
    ledger : Ledger
        The history; the longer, the better.
    portfolio : Portfolio or Statement, optional
        The customers, in this order. Default: all customers of the ledger.
    start : str or date
        First month, "2022-01".
    months : int
        Number of months, 1 to 120.
    costs : CostModel, optional
        Cost to serve. Default: the portfolio's. Costs that the ledger's months do not have (pools, events, drivers per customer, credit) lower
        the temperature as in the portfolio's period.
    segments : frame or mapping, optional
        Columns customer_id and segment. Temperatures are shrunk towards a segment, and it may have a season of its own. Default: one segment.
    forecast : frame or mapping, optional
        Your own forecast: columns customer_id, month, level, and optionally heat and variance. It replaces the baseline of its customers.
    methods : sequence of str, or str
        Methods for regular customers: "seasonal_naive", "drift", "holt_winters".
    reconcile : "mint", optional
        "mint" reconciles customers with forecasts of the company and of the segments by minimum trace. Default: sums are sums of
        customers (bottom-up).
    history_years : int, optional
        Number of last years to read. Default: all.
    origins : int
        Rolling origins, a quarter apart, that compare the methods.
    threads : int
        0 for all cores; the result has the same bits for any number.
    progress : callable, optional
        Called with the fraction done. If it returns False, the computation ends with :class:`custfolio.errors.Cancelled`.

    Returns
    -------
    Baseline
        Level, heat and variance per customer and month.

    Raises
    ------
    InputError
        If the ledger has no row before `start`, or there is no cost model. If a customer has neither history nor a forecast. If a
        segment, customer or month is missing in a frame. The message names it.
    NotFoundError
        If there is no portfolio, and `costs` needs events, drivers per customer or receivables.
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
    given = None if portfolio is None else portfolio_of(portfolio, "portfolio")
    rows = getattr(portfolio, "reconciliation", None)  # a statement's
    if rows is not None and (rows.rows_accepted, rows.revenue_accepted) != (ledger.rows_accepted, ledger.revenue):
        raise InputError("the statement is of another ledger; pass its portfolio if its customers are meant")
    known = costs if costs is not None else None if given is None else given.costs
    if known is None:
        raise InputError("no cost model: give costs=cf.CostModel(...), or a statement's portfolio")
    customers = given if given is not None else _all_customers(ledger, known, first, history_years, threads)
    ids = list(customers.core.id)
    core = _core.baseline(
        **ledger.rows.arguments(),
        costs=known.core,
        portfolio=customers.core,
        start=first,
        months=months,
        segment=segments_of(segments, ids),
        brought_in=brought_in(forecast, ids, first, months),
        methods=allowed,
        reconcile=reconcile == "mint",
        history_years=history_years or 0,
        origins=origins,
        threads=threads,
        progress=progress,
    )
    return Baseline(customers, core)


def _all_customers(ledger: Ledger, costs: Costs, first: int, years: int | None, threads: int) -> Portfolio:
    """Return the customers of the ledger over the history before the month `first`."""
    begin, end = ledger.first_day, ledger.last_day
    if begin is None or end is None or month_index(begin, "ledger") >= first:
        raise InputError(f"the ledger has no row before {month_text(first)}; a baseline needs a history")
    newest = min(month_index(end, "ledger"), first - 1)
    oldest = month_index(begin, "ledger")
    if years is not None:
        oldest = max(oldest, newest + 1 - SEASON * years)
    last = month_first_day(newest + 1) - 1
    remedy = "; pass a statement that has them as portfolio="
    stated = state_alone(ledger, costs, month_first_day(oldest), last, threads, remedy)
    return Portfolio(stated.portfolio, ledger.library, costs, ledger.currency)
