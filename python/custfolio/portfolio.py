# The customers of a company: columns, one customer as a light row, and the bridge between two periods.
"""Portfolio, Customer and TemperatureBridge."""

from __future__ import annotations

import datetime
import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, text
from custfolio._tables.dates import DayLike, day_date, day_number, days_array, is_blank
from custfolio._tables.frames import (
    FrameLike,
    customer_column,
    eager,
    identity_or_empty,
    library_of,
    number_or_nan,
    numbers_of,
    require_columns,
    texts_of,
)
from custfolio._tables.result import Reasons, Result, Stored
from custfolio._tables.wording import counted
from custfolio.errors import InputError

__all__ = [
    "NO_HEAT",
    "Costs",
    "Customer",
    "HasPortfolio",
    "Orders",
    "Portfolio",
    "RejectedPlaces",
    "TemperatureBridge",
    "Verdicts",
    "bridge",
    "portfolio_of",
    "pour",
    "require_common",
    "unlike_lengths",
]

NO_HEAT = (
    "the costs of goods are not known; name their column with cost=, or pass missing_cost=, a ratio of cost to revenue"
)
"""Why a portfolio has a level, but neither heat nor temperature."""

_DRIVERS = ("deliveries", "lines", "quantity", "returns", "returned_quantity")
_AMOUNTS = ("goods", "cost_to_serve", "avoidable_cost", *_DRIVERS, "latitude", "longitude")
"""Optional columns of amounts of a portfolio."""


class Costs(Protocol):
    """The cost model of a portfolio, for remediation: a :class:`custfolio.CostModel`."""

    core: _core.CostModel


class HasPortfolio(Protocol):
    """An object with a portfolio, such as a :class:`custfolio.Statement`."""

    @property
    def portfolio(self) -> Portfolio:
        """The customers."""
        ...


@runtime_checkable
class _Bridged(Protocol):
    """An object with rows, whose change can be split over groups."""

    def bridge_from(self, before: Any, by: Sequence[str]) -> TemperatureBridge:
        """Return the bridge from an earlier one."""
        ...


@runtime_checkable
class Verdicts(Protocol):
    """The part of a :class:`custfolio.Selection` that later steps use."""

    portfolio: Portfolio
    target: float
    verdict: list[str]
    cls: list[str]

    @property
    def identity(self) -> _core.Identity:
        """The portfolio of the verdicts."""
        ...

    def rows(self, verdict: str) -> NDArray[np.int64]:
        """Rows of the portfolio that have a verdict."""
        ...


@dataclass(frozen=True)
class Customer(Stored):
    """One customer of a portfolio.

    Attributes
    ----------
    id, name : str
        Identity, and name for people.
    level, heat : float
        Net revenue and contribution of the period, currency.
    temperature : float
        heat / level as a fraction; NaN at or below a level of 0, or without known costs of goods.
    avoidable_heat : float
        Heat that leaves with the customer: revenue - goods - avoidable cost, currency. Decisions count this.
    columns : dict
        Every other column of the portfolio, by name.
    """

    id: str
    name: str
    level: float
    heat: float
    temperature: float
    avoidable_heat: float
    columns: dict[str, Any]


class RejectedPlaces(Reasons):
    """Rows of places that cannot be used, each with the reason. See :attr:`Portfolio.rejected_places`.

    ``plot`` draws their number by reason.
    """

    _heading = "Rejected places"
    _things = "Rows"


def _degrees(latitude: Any, longitude: Any) -> tuple[float, float, str]:
    """Return the degrees of a row, and which cell is no number; "" where none is. The degrees are then missing."""
    cells = {"latitude": latitude, "longitude": longitude}
    for name, cell in cells.items():
        if not is_blank(cell) and np.isnan(number_or_nan(cell)):
            return float("nan"), float("nan"), f"{name} is {reprlib.repr(cell)}; it must be a number of degrees"
    return number_or_nan(latitude), number_or_nan(longitude), ""


@checked
class Portfolio(Result):
    """The customers of a company over a reference period.

    Made by :func:`custfolio.statement`, or by :meth:`from_frame` from your own figures. Immutable.

    ``plot`` draws the bucket, with the options of :func:`custfolio.plots.bucket`.

    Parameters
    ----------
    core : custfolio._core.Portfolio
        The columns, checked.
    library : str, optional
        The frame library of results.
    costs : CostModel, optional
        The cost model; :func:`custfolio.remediate` needs it.
    currency : str, optional
        Code of the currency of all amounts.
    list_orders : callable, optional
        Returns the core with the orders of the customers; called when :attr:`orders` is first used.
    """

    _rejected: Mapping[str, list[Any]] = {"row": [], "customer_id": [], "reason": []}
    """Rows of places that cannot be used; of the class, so that a portfolio without them stores nothing."""

    def __init__(
        self,
        core: _core.Portfolio,
        library: str | None = None,
        costs: Costs | None = None,
        currency: str | None = None,
        list_orders: Callable[[_core.Portfolio], _core.Portfolio] | None = None,
    ) -> None:
        self.core = core
        """The customers in the core: columns in one order, for other rooms."""
        self._library = library
        self.costs = costs
        """The cost model; None without one."""
        self.currency = currency
        """Code of the currency of all amounts; None where the data does not name it."""
        self._list_orders = list_orders

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle or a copy stores: the orders where they were used, not the ledger that they come from."""
        return super().__getstate__() | {"_list_orders": None}

    @property
    def orders(self) -> Orders:
        """The orders of the period, one customer after another: what terms replay, such as a minimum order.

        They are listed from the ledger when they are first used; until then the portfolio refers to the rows of the ledger. An order takes 29
        bytes, 21 without quantities, and 8 for each further driver.

        Raises
        ------
        InputError
            If the portfolio was not made by :func:`custfolio.statement`, or was stored before its orders were used.
        """
        core = self.with_orders()
        if core.orders is None:
            raise InputError(
                "the portfolio has no orders; state the ledger again with cf.statement, and use its orders before it is stored"
            )
        return Orders(core, self._library)

    def with_orders(self) -> _core.Portfolio:
        """Return the customers in the core, with their orders where these can be listed; for rooms that replay them."""
        if self.core.orders is None and self._list_orders is not None:
            self.core = self._list_orders(self.core)
        return self.core

    @classmethod
    def from_frame(
        cls,
        frame: FrameLike,
        *,
        customer: str | None = None,
        revenue: str = "revenue",
        contribution: str = "contribution",
        period: tuple[DayLike, DayLike] | None = None,
        costs: Costs | None = None,
        **columns: str,
    ) -> Portfolio:
        """Make a portfolio from one row per customer.

        Parameters
        ----------
        frame : frame
            pandas, Polars, PyArrow, DuckDB relation, PySpark, or any other frame that narwhals reads.
        customer : str, optional
            Column of the identity; by default customer_id, else customer.
        revenue, contribution : str
            Columns of the net revenue and the contribution, currency.
        period : (date, date), optional
            First and last day of the amounts; default: the amounts are those of a year.
        costs : CostModel, optional
            The cost model, for remediation.
        **columns : str
            Further columns by role: name, goods, cost_to_serve, avoidable_cost, deliveries, lines, quantity (units sold), returns,
            returned_quantity, latitude, longitude, first_day, last_day. Columns of the frame with such a name are recognised.
            A bad place is in :attr:`rejected_places`.

        Returns
        -------
        Portfolio
            The portfolio.

        Raises
        ------
        InputError
            If a column is missing or cannot be used, an identity is empty or repeated, or a number is not finite.
        """
        library = library_of(frame)
        table = eager(frame)
        known = ("name", *_AMOUNTS, "first_day", "last_day")
        unknown = sorted(set(columns) - set(known))
        if unknown:
            raise InputError(f"{unknown[0]}= is not a column of a portfolio; it must be one of {', '.join(known)}")
        customer = customer_column(table.columns) if customer is None else customer
        wanted = {"customer": customer, "revenue": revenue, "contribution": contribution, **columns}
        wanted |= {key: key for key in known if key not in wanted and key in table.columns}
        for key, column in wanted.items():
            if column not in table.columns:
                raise InputError(
                    f"column {column!r} ({key}) is not in the frame; it has {', '.join(map(repr, table.columns))}"
                )
        places = {key: wanted.pop(key) for key in ("latitude", "longitude") if key in wanted}
        for key in ("latitude", "longitude"):
            if places and key not in places:
                raise InputError(f"{key} is missing, and places need both coordinates; name its column with {key}=")
        taken: dict[str, Any] = {
            key: numbers_of(table[column], column)
            for key, column in wanted.items()
            if key in ("revenue", "contribution", *_AMOUNTS)
        }
        taken["id"] = texts_of(table[wanted["customer"]], customer)
        if "name" in wanted:
            taken["name"] = texts_of(table[wanted["name"]], wanted["name"])
        for key in ("first_day", "last_day"):
            if key in wanted:
                taken[key] = days_array(table[wanted[key]].to_numpy(), f"column {wanted[key]!r}")
        first, last = (0, -1) if period is None else (day_number(period[0], "period"), day_number(period[1], "period"))
        if period is not None and last < first:
            raise InputError(f"the period ends ({period[1]}) before it begins ({period[0]})")
        portfolio = cls(_core.Portfolio(first=first, last=last, **taken), library, costs)
        return portfolio.located(frame, customer=customer, **places) if places else portfolio

    def located(
        self,
        frame: FrameLike,
        *,
        customer: str | None = None,
        latitude: str = "latitude",
        longitude: str = "longitude",
    ) -> Portfolio:
        """Return the portfolio with places.

        Parameters
        ----------
        frame : frame
            Places by customer; rows of other customers are ignored, and customers without a row stay without a place. A decimal comma is
            read. A customer with several rows has the first one.
        customer : str, optional
            Column of the identity; by default customer_id, else customer.
        latitude, longitude : str
            Columns of degrees north and east.

        Returns
        -------
        Portfolio
            The same customers, located. A row that cannot be used is in :attr:`rejected_places` with its reason.

        Raises
        ------
        InputError
            If a column is missing.
        """
        library_of(frame)  # raises unless it is a frame
        table = eager(frame)
        customer = customer_column(table.columns) if customer is None else customer
        require_columns(table.columns, (customer, latitude, longitude), "the frame; it has")
        ids, *cells = (table[name].to_list() for name in (customer, latitude, longitude))
        names = [identity_or_empty(value) for value in ids]
        rows = [_degrees(*row) for row in zip(*cells, strict=True)]
        core, bad = self.core.located(names, *(np.array([row[k] for row in rows], dtype=np.float64) for k in (0, 1)))
        listed = {row for row, _, _ in bad}
        own = set(self.ids)
        bad += [
            (row, name, fault)
            for row, (name, (_, _, fault)) in enumerate(zip(names, rows, strict=True))
            if fault and name in own and row not in listed
        ]
        found = Portfolio(core, self._library, self.costs, self.currency, self._list_orders)
        if bad:
            entries = [(row + 1, name, reason) for row, name, reason in sorted(bad)]
            found._rejected = dict(zip(Portfolio._rejected, map(list, zip(*entries, strict=True)), strict=True))
        return found

    @property
    def rejected_places(self) -> RejectedPlaces:
        """Rows of places that :meth:`located` cannot use: row (from 1 on), customer_id and reason."""
        return RejectedPlaces(self._rejected, self._library)

    @property
    def swapped_places(self) -> list[str]:
        """Identities of the customers whose latitude and longitude look swapped: among the others only the other way round."""
        return [self.ids[row] for row in _core.swapped_places(self.core)]

    @cached_property
    def bucket(self) -> _core.Bucket:
        """All customers as one bucket."""
        return self.core.bucket()

    @property
    def period(self) -> tuple[datetime.date, datetime.date] | None:
        """First and last day of the amounts; None: the amounts are those of a year."""
        first, last = self.core.period
        return None if last < first else (day_date(first), day_date(last))

    @property
    def ids(self) -> list[str]:
        """Identities, in the portfolio's order."""
        return self.core.id

    @property
    def identity(self) -> _core.Identity:
        """Which portfolio this is; a result of another portfolio raises :class:`InputError`."""
        return self.core.identity

    @property
    def temperature(self) -> NDArray[np.float64]:
        """Temperature per customer as a fraction; NaN at or below a revenue of 0."""
        return self.core.temperature()

    def __len__(self) -> int:
        return len(self.core)

    def __contains__(self, customer: object) -> bool:
        try:
            self.core.index(str(customer))
        except KeyError:
            return False
        return True

    def __getitem__(self, customer: str) -> Customer:
        """Return one customer by identity; NotFoundError (a KeyError) where there is none."""
        return self._row(self.core.index(str(customer)))

    def __iter__(self) -> Iterator[Customer]:
        return (self._row(k) for k in range(len(self)))

    def _row(self, k: int) -> Customer:
        columns = self._table
        fixed = ("customer_id", "name", "revenue", "contribution", "temperature")
        return Customer(
            id=columns["customer_id"][k],
            name=columns["name"][k],
            level=float(columns["revenue"][k]),
            heat=float(columns["contribution"][k]),
            temperature=float(columns["temperature"][k]),
            avoidable_heat=float(self._avoidable[k]),
            columns={name: values[k].item() for name, values in columns.items() if name not in fixed},
        )

    @cached_property
    def _avoidable(self) -> NDArray[np.float64]:
        return self.core.avoidable_heat()

    @cached_property
    def _table(self) -> dict[str, Any]:
        core = self.core
        columns: dict[str, Any] = {"customer_id": core.id, "name": core.name, "revenue": core.revenue}
        for name in ("goods", "cost_to_serve", "credit_cost"):
            if getattr(core, name) is not None:
                columns[name] = getattr(core, name)
        columns["contribution"] = core.contribution
        columns["temperature"] = core.temperature()
        for name in ("avoidable_cost", "dso", "days_late", *_DRIVERS):
            if getattr(core, name) is not None:
                columns[name] = getattr(core, name)
        for name in ("first_day", "last_day"):
            days = getattr(core, name)
            if days is not None:
                columns[name] = np.asarray(days).astype("datetime64[D]")
        for name in ("latitude", "longitude"):
            if getattr(core, name) is not None:
                columns[name] = getattr(core, name)
        if core.further is not None:
            columns |= {name: core.further[:, k] for k, name in enumerate(core.driver_names)}
        return columns

    def _columns(self) -> Mapping[str, Any]:
        return self._table

    def _facts(self) -> Mapping[str, Any]:
        return portfolio_facts(self)

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        return plots.bucket(self.bucket, **options)


def portfolio_facts(portfolio: Portfolio) -> dict[str, Any]:
    """Return the figures that sum a portfolio up, by label."""
    bucket = portfolio.bucket
    facts = {"customers": bucket.customers, "level": bucket.level}
    if not portfolio.core.has_heat:
        return facts | {"no heat": NO_HEAT}
    return facts | {
        "heat": bucket.heat,
        "temperature": f"{bucket.temperature:.1%}" if bucket.level > 0 else None,
        "below freezing": int(np.count_nonzero(np.asarray(portfolio.core.contribution) < 0)),
    }


class Orders(Result):
    """Orders of customers: documents, or days of a customer where the ledger has no documents. See :attr:`Portfolio.orders`.

    Columns: customer_id, day (the first in the period), kind (delivery, return or neither), amount (net revenue, currency), lines, quantity
    (units sold), and the further drivers of deliveries that a rate or an activity uses. The amounts of a customer sum to its revenue.

    ``plot`` draws the amount of each month as bars.

    Attributes
    ----------
    nbytes : int
        Memory of the orders, bytes.
    begin : array of int
        First order of each customer, in the portfolio's order, and one past the last.
    """

    def __init__(self, core: _core.Portfolio, library: str | None) -> None:
        orders = core.orders
        assert orders is not None
        self._library = library
        self.nbytes: int = orders["nbytes"]
        self.begin: NDArray[np.uint64] = orders["begin"]
        counts = np.diff(self.begin.astype(np.int64))
        kinds = np.array(["neither", "delivery", "return"])  # of 0, 1 and -1
        self._entries: dict[str, Any] = {
            "customer_id": np.repeat(np.array(core.id, dtype=object), counts),
            "day": np.asarray(orders["day"]).astype("datetime64[D]"),
            "kind": kinds[orders["kind"]],
            "amount": orders["amount"],
            "lines": orders["lines"],
        }
        if orders["quantity"] is not None:
            self._entries["quantity"] = orders["quantity"]
        self._entries |= {name: orders["drivers"][:, k] for k, name in enumerate(orders["driver_names"])}

    def __len__(self) -> int:
        return len(self._entries["day"])

    def _columns(self) -> Mapping[str, Any]:
        return self._entries

    def _facts(self) -> Mapping[str, Any]:
        return {"orders": len(self), "memory": f"{self.nbytes:,} bytes"}

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        months, place = np.unique(self._entries["day"].astype("datetime64[M]"), return_inverse=True)
        sums = np.bincount(place, weights=self._entries["amount"], minlength=months.size)
        return plots.bars([str(month) for month in months], sums, title="Net revenue", **options)


class TemperatureBridge(Result):
    """Why the temperature changed between two periods: four causes that sum to the change, in total and per customer.

    ``plot`` draws the bridge, with the options of :func:`custfolio.plots.bridge`.

    Attributes
    ----------
    before, after : float
        The two temperatures, fractions.
    poured_in, gone, mix, warming : float
        Effect of new customers, of those gone, of changed weights at old temperatures, and of changed temperatures at
        new weights; fractions that sum to after - before.
    """

    note: str = ""
    """The lengths of the two periods, where they differ by more than a tenth; else empty."""

    def __init__(self, before: Portfolio, after: Portfolio) -> None:
        self.note = unlike_lengths(before, after)
        totals, self._entries = _core.bridge(before.core, after.core)
        self.before, self.after, self.poured_in, self.gone, self.mix, self.warming = totals
        self._library = after.library

    def _columns(self) -> Mapping[str, Any]:
        parts = ("poured_in", "gone", "mix", "warming", "total")
        return {"customer_id": self._entries["id"], **{name: self._entries[name] for name in parts}}

    def _title(self) -> str:
        return f"Temperature from {self.before:.2%} to {self.after:.2%}"

    def _facts(self) -> Mapping[str, Any]:
        facts = {
            label.replace("_", " "): f"{getattr(self, label) * 100:+.3f} points"
            for label in ("poured_in", "gone", "mix", "warming")
        }
        return facts | ({"note": self.note} if self.note else {})

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        parts = {name: getattr(self, name) for name in ("poured_in", "gone", "mix", "warming")}
        return plots.bridge(parts, start=self.before, **options)


def bridge(
    before: Portfolio | HasPortfolio, after: Portfolio | HasPortfolio, by: str | Sequence[str] = ()
) -> TemperatureBridge:
    """Split the change of temperature between two periods over its causes, without a residual.

    With `by`, the change between two statements is split further: price, volume, product mix, cost of goods, use and rate of each cost
    element, and credit, per group.

    Parameters
    ----------
    before, after : Portfolio or Statement
        The customers of the two periods, matched by identity; statements where `by` is given.
    by : str or sequence of str
        ``"customer"``, and dimensions that both ledgers have: ``("manager", "family")``.

    Returns
    -------
    TemperatureBridge
        The four causes, in total and per customer; with `by` a :class:`custfolio.selection.StatementBridge`, which has the finer parts per group.

    Raises
    ------
    InputError
        If one of them has no positive level, and so no temperature, they have no customer in common, or their periods share some days
        without being the same; with `by`, if one of them is no statement with its rows, or a ledger does not have the dimension.
    """
    first, second = portfolio_of(before, "before"), portfolio_of(after, "after")
    require_common(first, second, "before", "after")
    if not isinstance(by, (str, Sequence)):
        raise InputError(f"by is {by!r}; it must be a dimension such as 'manager', or a sequence of dimensions")
    names = tuple(text(one, "by") for one in ([by] if isinstance(by, str) else by))
    if not names:
        return TemperatureBridge(first, second)
    if not isinstance(after, _Bridged):
        raise InputError(f"by is {by!r}, but after is a {type(after).__name__}; groups need two statements")
    return after.bridge_from(before, names)


def require_common(before: Portfolio, after: Portfolio, first: str, second: str) -> None:
    """Raise an InputError if two portfolios have no customer or currency in common; `first` and `second` name them."""
    if None not in (before.currency, after.currency) and before.currency != after.currency:
        raise InputError(
            f"{first} is in {before.currency}, {second} in {after.currency}; read both ledgers in one currency: currency=, rates="
        )
    known = set(before.core.id)
    if len(before) and len(after) and known.isdisjoint(after.core.id):
        of_both = ", and ".join(
            f"{what} has {counted(len(portfolio), 'customer')}, such as {portfolio.core.id[0]!r}"
            for what, portfolio in ((first, before), (second, after))
        )
        raise InputError(f"the two have no customer in common: {of_both}; they must be of the same company")


def unlike_lengths(before: Portfolio, after: Portfolio) -> str:
    """Return the lengths of two periods in a sentence, where they differ by more than a tenth; else an empty text."""
    if before.period is None or after.period is None:
        return ""
    first, second = ((last - first).days + 1 for first, last in (before.period, after.period))
    if 10 * abs(first - second) <= max(first, second):
        return ""
    return f"The periods have {first:,} and {second:,} days, so amounts differ by their lengths too."


def portfolio_of(value: Portfolio | HasPortfolio, what: str) -> Portfolio:
    """Return the portfolio of a portfolio or statement."""
    portfolio = getattr(value, "portfolio", value)
    if not isinstance(portfolio, Portfolio):
        raise InputError(f"{what} is of type {type(value).__name__}; it must be a Portfolio or a Statement")
    return portfolio


@checked
def pour(revenue: ArrayLike, contribution: ArrayLike) -> _core.Bucket:
    """Pour customers into a bucket.

    Parameters
    ----------
    revenue, contribution : array_like, shape (n,)
        Net revenue and contribution, one per customer, currency.

    Returns
    -------
    Bucket
        Level, heat and temperature; the same bits on every machine.

    Raises
    ------
    InputError
        If the lengths differ or a number is not finite.
    """
    return _core.pour(revenue, contribution)
