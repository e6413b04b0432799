# The input of customer-base models: frequency, recency, age and money per customer of a ledger, and a holdout.
"""Summarise a ledger per customer for customer-base models."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import DayLike, day_date, day_number
from custfolio._tables.frames import FrameLike, customer_days
from custfolio._tables.result import Listing, NamedColumns, Reasons
from custfolio._tables.wording import counted
from custfolio.costing import CostModel
from custfolio.errors import InputError
from custfolio.ledger import Ledger
from custfolio.lifetime._ledger_costs import state_alone
from custfolio.lifetime._units import DAYS_PER

__all__ = ["LeftOut", "PeriodSummary", "Summary", "summary"]

_NONE = np.iinfo(np.int32).max
Day = str | datetime.date


class LeftOut(Reasons):
    """The customers of the ledger that are not in the summary: customer_id, reason.

    ``plot`` draws their number by reason.
    """

    _heading = "Customers left out"
    _things = "Customers"

    def _facts(self) -> Mapping[str, Any]:
        return self.reasons


class PeriodSummary(Listing):
    """Purchases counted by calendar period, for discrete-time models. Made by :meth:`Summary.periods`.

    Columns: customer_id; frequency (periods with a purchase after the one of the first purchase), recency (the last such period,
    0 where there is none), periods (opportunities: whole periods after the one of the first purchase).

    ``plot`` draws the number of customers by frequency.
    """

    def __init__(self, columns: Mapping[str, Any], period: str, left_out: LeftOut, library: str | None) -> None:
        super().__init__(columns, library)
        self.period = period
        """The period: ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``."""
        self.left_out = left_out
        """Customers of the summary without a whole period behind their first one."""

    def _title(self) -> str:
        return f"Purchases by {self.period}"

    def _facts(self) -> Mapping[str, Any]:
        return {"customers": len(self), "left out": len(self.left_out)}

    @property
    def frequency(self) -> NDArray[np.float64]:
        """Periods with a repeat purchase, shape (n,)."""
        return np.asarray(self._entries["frequency"])

    @property
    def recency(self) -> NDArray[np.float64]:
        """The last period with a repeat purchase, counted from the first purchase's, shape (n,)."""
        return np.asarray(self._entries["recency"])

    @property
    def opportunities(self) -> NDArray[np.float64]:
        """Whole periods after that of the first purchase, shape (n,)."""
        return np.asarray(self._entries["periods"])

    def _draw(self, **options: Any) -> Any:
        return _frequencies(self.frequency, f"{self.period.capitalize()}s with a repeat purchase", options)


class Summary(NamedColumns):
    """The input of customer-base models: one row per customer. Made by :func:`summary`.

    Columns: customer_id; frequency (repeat purchases x); recency (age t_x at the last purchase); T (age at the end of the calibration);
    monetary_value (mean revenue of the repeat purchases, NaN where there is none); contribution (per purchase, returns counted
    against it; NaN where the ledger has no cost); purchases; first_purchase; returned. With a holdout also
    frequency_holdout, duration_holdout, monetary_value_holdout and contribution_holdout.

    ``plot`` draws the number of customers by frequency.

    Attributes
    ----------
    time_unit : str
        Unit of recency, T and duration.
    start, calibration_end, end : datetime.date
        First day, last day of the calibration, last day of the holdout (equal to the one before where there is none).
    left_out : LeftOut
        The ledger's other customers, each with its reason: kept + left out = customers of the ledger.
    """

    _what = "the summary; it has"

    def __init__(
        self,
        columns: dict[str, Any],
        places: NDArray[np.intp],
        days: _core.PurchaseDays,
        left_out: LeftOut,
        frame: tuple[int, int, int, str],
        library: str | None,
    ) -> None:
        super().__init__(columns, library)
        self._places = places
        self._days = days
        self._first, self._cut, self._last, self.time_unit = frame
        self.left_out = left_out
        self.start, self.calibration_end, self.end = map(day_date, (self._first, self._cut, self._last))

    def _title(self) -> str:
        return f"Purchases of {counted(len(self), 'customer')}"

    def _facts(self) -> Mapping[str, Any]:
        facts = {
            "calibration": f"{self.start} to {self.calibration_end}",
            "holdout": f"to {self.end}" if self.has_holdout else "none",
            "time unit": self.time_unit,
            "repeat purchases": float(self.frequency.sum()),
            "customers with a repeat purchase": int((self.frequency > 0).sum()),
        }
        facts |= {f"left out: {reason}": count for reason, count in self.left_out.reasons.items()}
        return facts | ({"note": "; ".join(self.notes)} if self.notes else {})

    @property
    def notes(self) -> list[str]:
        """Remarks on the days: whether the observation ends after the last purchase of the ledger."""
        day = self._days.day
        idle = self._last - int(day.max()) if day.size else 0
        if idle <= 0:
            return []
        return [
            f"the last purchase is on {day_date(int(day.max()))}; the {counted(idle, 'day')} after it, up to {self.end}, count as "
            f"{'a day' if idle == 1 else 'days'} without purchases"
        ]

    @property
    def customer_id(self) -> list[str]:
        """Ids of the customers."""
        return list(self._entries["customer_id"])

    @property
    def frequency(self) -> NDArray[np.float64]:
        """Repeat purchases, shape (n,)."""
        return np.asarray(self._entries["frequency"])

    @property
    def recency(self) -> NDArray[np.float64]:
        """Age at the last purchase, in `time_unit`, shape (n,)."""
        return np.asarray(self._entries["recency"])

    @property
    def T(self) -> NDArray[np.float64]:  # noqa: N802 -- the literature's name
        """Age at the end of the calibration, in `time_unit`, shape (n,)."""
        return np.asarray(self._entries["T"])

    @property
    def monetary_value(self) -> NDArray[np.float64]:
        """Mean revenue of a repeat purchase, currency, NaN where there is none, shape (n,)."""
        return np.asarray(self._entries["monetary_value"])

    @property
    def contribution(self) -> NDArray[np.float64]:
        """Contribution per purchase, currency, NaN where the ledger has no cost, shape (n,)."""
        return np.asarray(self._entries["contribution"])

    @property
    def has_holdout(self) -> bool:
        """Whether days are kept back to test a model on."""
        return self._last > self._cut

    @cached_property
    def repeat_purchases(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The place of the customer, and the day (since 1970-01-01), of every repeat purchase up to the end of the holdout."""
        begin = self._days.begin.astype(np.int64)
        size = np.diff(begin)
        place = np.full(size.size, -1, dtype=np.int64)
        place[self._places] = np.arange(self._places.size)
        owner = np.repeat(place, size)
        day = self._days.day.astype(np.int64)
        first = self.first_purchase_days
        repeated = (owner >= 0) & (self._days.revenue >= 0) & (day <= self._last)
        repeated &= day > first[owner]
        return owner[repeated], day[repeated]

    @cached_property
    def first_purchase_days(self) -> NDArray[np.int64]:
        """First purchase of every customer, days since 1970-01-01."""
        return np.asarray(self._entries["first_purchase"]).astype("datetime64[D]").astype(np.int64)

    def periods(self, period: Literal["week", "month", "quarter", "year"] = "year") -> PeriodSummary:
        """Count by calendar period in place of exact days, as discrete-time models such as BG/BB do.

        Parameters
        ----------
        period : {"week", "month", "quarter", "year"}
            Calendar period; a week begins on Monday. A last period that the calibration does not reach the end of is not counted.

        Returns
        -------
        PeriodSummary
            Frequency, recency and opportunities per customer. Linear in purchases.

        Raises
        ------
        InputError
            If the period is not known.
        """
        if period not in ("week", "month", "quarter", "year"):
            raise InputError(f"period is {period!r}; it must be 'week', 'month', 'quarter' or 'year'")
        first = np.full(len(self._days.begin) - 1, self._cut + 1, dtype=np.int32)
        first[self._places] = self.first_purchase_days
        counts = {name: column[self._places] for name, column in self._days.periods(first, self._cut, period).items()}
        whole = counts["periods"] > 0
        ids = np.asarray(self._entries["customer_id"], dtype=object)
        others = LeftOut(
            {"customer_id": list(ids[~whole]), "reason": [f"no whole {period} after the first"] * int((~whole).sum())},
            self._library,
        )
        columns = {"customer_id": list(ids[whole]), **{name: column[whole] for name, column in counts.items()}}
        return PeriodSummary(columns, period, others, self._library)

    def _draw(self, **options: Any) -> Any:
        return _frequencies(self.frequency, "Repeat purchases", options)


def _frequencies(frequency: NDArray[np.float64], title: str, options: Mapping[str, Any]) -> Any:
    """Draw the number of customers by frequency; frequencies of 20 and more are one bar."""
    import altair as alt

    most = 20
    counts = np.bincount(np.minimum(frequency, most).astype(np.int64))
    values = [
        {"frequency": f"{k}+" if k == most else str(k), "customers": int(count)} for k, count in enumerate(counts)
    ]
    bars = alt.Chart(alt.Data(values=values)).mark_bar()
    return bars.encode(
        x=alt.X("frequency:O", sort=None, title=title, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("customers:Q", title="Customers"),
        tooltip=["frequency:O", "customers:Q"],
    ).properties(**options)


@checked
def summary(
    ledger: Ledger | FrameLike,
    *,
    start: Day | None = None,
    calibration_end: Day | None = None,
    end: Day | None = None,
    time_unit: Literal["day", "week", "month", "quarter", "year"] = "week",
    costs: CostModel | None = None,
    include_first: bool = False,
    born: Mapping[str, DayLike] | FrameLike | None = None,
    threads: int = 0,
    **columns: Any,
) -> Summary:
    """Summarise the purchases of every customer.

    A purchase is a day on which a customer bought: all lines of a day are one. A day whose net revenue is negative is a return and no
    purchase; its amount is in `returned`, and counts against the contribution.

    Parameters
    ----------
    ledger : Ledger or frame
        A ledger, or a frame of any library, whose rows become one (its `rejected` lists what cannot be used). Lazy engines
        (DuckDB, Polars lazily, Spark) merge the lines of a day where they are.
    start : date or str, optional
        First day that counts; customers who bought before it are left out, since their first purchase is not seen. The ledger's first
        day by default.
    calibration_end : date or str, optional
        Last day of the fit; purchases after it are the holdout. Customers who first buy after it are left out. After the ledger's last
        day it is the end of the observation: the days between are days without purchases (see :attr:`Summary.notes`).
    end : date or str, optional
        Last day of the observation. Default: the later of the ledger's last day and `calibration_end`.
    time_unit : {"day", "week", "month", "quarter", "year"}
        Unit of recency and T: 1, 7, 365.25 / 12, 365.25 / 4 or 365.25 days.
    costs : CostModel, optional
        The cost model: the contribution is then that of :func:`custfolio.statement` over the calibration, of the ledger alone: without
        events, drivers per customer and receivables.
    include_first : bool
        Whether the first purchase is part of monetary_value too.
    born : frame or mapping, optional
        First days of customers: columns customer_id and date, or a mapping of customer to date. Those born before the start are left out.
    threads : int
        0 for all cores; the result has the same bits for any number.
    **columns
        The columns of a frame, as for :class:`custfolio.Ledger` (``customer=``, ``date=``, ``revenue=``, ...).

    Returns
    -------
    Summary
        One row a customer, in the ledger's order. Linear in rows.

    Raises
    ------
    InputError
        If dates are out of order, the time unit is not known, no customer is left, or the columns cannot be used.
    NotFoundError
        If `costs` needs events, drivers per customer or receivables.

    Notes
    -----
    frequency = purchases - 1; recency = (last purchase - first purchase) / unit; T = (end of calibration - first purchase) / unit, as in
    Fader, Hardie & Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2), section 3.
    """
    if time_unit not in DAYS_PER:
        raise InputError(f"time_unit is {time_unit!r}; it must be {', '.join(map(repr, DAYS_PER))}")
    if not isinstance(ledger, Ledger):
        ledger = Ledger(ledger, **columns)
    elif columns:
        name = next(iter(columns))
        raise InputError(
            f"{name}= is an option of Ledger(), but the data is a Ledger already; leave {name}= out. The options of summary() are start, "
            "calibration_end, end, time_unit, costs, include_first, born and threads"
        )
    rows = ledger.rows
    if not rows.day.size:
        raise InputError("the ledger has no rows; a summary needs at least one")
    newest = int(rows.day.max())
    last = None if end is None else day_number(end, "end")
    first = int(rows.day.min()) if start is None else day_number(start, "start")
    cut = (
        (newest if last is None else last)
        if calibration_end is None
        else day_number(calibration_end, "calibration_end")
    )
    last = max(newest, cut) if last is None else last
    if cut < first:
        what = "end" if calibration_end is None else "calibration_end"
        begin = "the first day of the ledger" if start is None else "start"
        raise InputError(f"{what} is {day_date(cut)}; it must not be before {begin}, {day_date(first)}")
    if last < cut:
        raise InputError(f"end is {day_date(last)}; it must not be before calibration_end, {day_date(cut)}")
    days = _core.purchase_days(
        rows.customer,
        rows.day,
        rows.revenue,
        cost=rows.cost,
        rebate=rows.drivers.get("rebate"),
        customers=len(rows.ids),
        threads=threads,
    )
    summaries = days.summary(first, cut, last, threads=threads)
    reasons = _reasons(summaries, customer_days(born, rows.codes(), len(rows.ids), "born", _NONE), rows, first, cut)
    taken = np.flatnonzero(reasons == "")
    if not taken.size:
        counts = ", ".join(f"{reason}: {int((reasons == reason).sum()):,}" for reason in dict.fromkeys(reasons))
        raise InputError(f"no customer is left to summarise ({counts})")
    histories = _core.customer_histories(
        summaries,
        rows.cost is not None,
        first,
        cut,
        last,
        days_per_unit=DAYS_PER[time_unit],
        include_first=include_first,
        contribution=_contribution(ledger, costs, first, cut, threads),
        customers=taken,
    )
    ids = np.asarray(rows.ids, dtype=object)
    calibration = ("frequency", "recency", "T", "monetary_value", "contribution")
    table: dict[str, Any] = {
        "customer_id": list(ids[taken]),
        **{name: histories.pop(name) for name in calibration},
        "purchases": summaries["purchases"][taken],
        "first_purchase": summaries["first_day"][taken].astype("datetime64[D]"),
        "returned": summaries["returned"][taken],
        **histories,
    }
    others = np.flatnonzero(reasons != "")
    left_out = LeftOut({"customer_id": list(ids[others]), "reason": list(reasons[others])}, ledger.library)
    return Summary(table, taken, days, left_out, (first, cut, last, time_unit), ledger.library)


def _contribution(
    ledger: Ledger, costs: CostModel | None, first: int, cut: int, threads: int
) -> NDArray[np.float64] | None:
    """Return the contribution of every customer of the ledger over the calibration, by a cost model."""
    if costs is None:
        return None
    stated = state_alone(ledger, costs, first, cut, threads)
    by_id = dict(zip(stated.portfolio.id, stated.portfolio.contribution, strict=True))
    return np.array([by_id.get(identity, 0.0) for identity in ledger.rows.ids], dtype=np.float64)


def _reasons(found: Mapping[str, Any], born: NDArray[np.int64], rows: Any, first: int, cut: int) -> NDArray[Any]:
    """Return why each customer is left out; an empty text where it is not."""
    first_day = found["first_day"].astype(np.int64)
    before = (first_day < first) | (born < first)
    later = (first_day > cut) & (first_day != _NONE)
    reasons = np.full(first_day.size, "", dtype=object)
    reasons[first_day == _NONE] = "no purchase up to the end"
    reasons[later] = f"first purchase after {day_date(cut)}"
    reasons[before] = f"a customer already before {day_date(first)}"
    if rows.customer.size and len(rows.ids) != np.unique(rows.customer).size:
        present = np.zeros(len(rows.ids), dtype=bool)
        present[rows.customer] = True
        reasons[~present] = "no row in the ledger's period"
    return reasons
