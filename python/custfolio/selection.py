# Step 1, selection: profit and loss of every customer, the whale curve, and a verdict for each.
"""Statement, whale curve and verdict."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._reading.dimensions import DIMENSIONS, Dimension
from custfolio._reading.events import EventRows, gather_events, names_of
from custfolio._reading.receivables import receivables_of
from custfolio._tables.arguments import checked, real, reals
from custfolio._tables.dates import DayLike, day_date, day_number
from custfolio._tables.frames import FrameLike, customer_column, eager, numbers_of, require, require_columns, texts_of
from custfolio._tables.result import Listing, Result
from custfolio._tables.wording import identity_text
from custfolio.costing import CostModel
from custfolio.errors import InputError
from custfolio.ledger import Ledger, LedgerColumns
from custfolio.portfolio import NO_HEAT, Portfolio, portfolio_facts

__all__ = [
    "Activities", "CostingComparison", "GroupedStatement", "Pools", "ReconciledElements", "Reconciliation", "Selection", "Statement",
    "WhaleCurve", "compare_costing", "select", "statement", "whale_curve",
]  # fmt: skip


@checked
class WhaleCurve(Result):
    """Cumulative contribution over customers from the most to the least profitable (Kaplan & Narayanan 2001).

    The table has rank, customer_id, name, contribution and cumulative; row in place of the customer for bare contributions.

    ``plot`` draws the curve, with the options of :func:`custfolio.plots.whale`.

    Attributes
    ----------
    total, peak, loss : float
        Contribution of all customers, the curve's highest point, and peak - total, currency.
    peak_share : float
        peak / total; NaN where the total is not positive.
    customers_at_peak : int
        Customers with a positive contribution.
    gini : float
        Gini coefficient of contribution; NaN where the total is not positive. Losses may raise it above 1, where it is no share and is not shown.
    """

    def __init__(self, core: _core.WhaleCurve, library: str | None = None, portfolio: Portfolio | None = None) -> None:
        self.core = core
        self._library = library
        self._portfolio = portfolio
        self.total, self.peak, self.loss = core.total, core.peak, core.loss
        self.peak_share, self.customers_at_peak, self.gini = core.peak_share, core.customers_at_peak, core.gini

    @property
    def cumulative(self) -> NDArray[np.float64]:
        """Contribution of the first k + 1 customers, currency."""
        return self.core.cumulative

    @property
    def order(self) -> NDArray[np.int64]:
        """Customers from the highest to the lowest contribution, as rows of the portfolio or of the contributions."""
        return self.core.order

    def share(self, fraction: float) -> float:
        """Share of the total that the most profitable customers bring.

        Parameters
        ----------
        fraction : float
            Of all customers, in [0, 1]; the curve is linear between customers.

        Returns
        -------
        float
            Share of the total as a fraction; NaN where the total is not positive.

        Raises
        ------
        InputError
            If the fraction is not in [0, 1].
        """
        return self.core.share(fraction)

    def _columns(self) -> Mapping[str, Any]:
        order, core = self.order, None if self._portfolio is None else self._portfolio.core
        columns: dict[str, Any] = {"rank": np.arange(1, order.size + 1)}
        if core is None:
            columns["row"] = order
        else:
            columns |= {
                label: [texts[k] for k in order.tolist()]
                for label, texts in (("customer_id", core.id), ("name", core.name))
            }
            columns["contribution"] = core.contribution[order]
        return columns | {"cumulative": self.cumulative}

    def _title(self) -> str:
        return "Whale curve"

    def _facts(self) -> Mapping[str, Any]:
        return {
            "total": self.total,
            "peak": self.peak,
            "peak share": self.peak_share,
            "customers at the peak": self.customers_at_peak,
            "loss": self.loss,
            "Gini": self.gini if self.gini <= 1 else None,
        }

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        if not self.order.size:
            raise InputError(f"the whale curve has no customer{'; ' + NO_HEAT if np.isnan(self.total) else ''}")
        columns = self._columns()
        who = {label: columns[label] for label in ("customer_id", "name", "contribution") if label in columns}
        return plots.whale(self.cumulative, who=who, **options)


@checked
def whale_curve(contribution: ArrayLike) -> WhaleCurve:
    """Draw the whale curve of contributions.

    Parameters
    ----------
    contribution : array_like, shape (n,)
        One per customer, currency.

    Returns
    -------
    WhaleCurve
        The curve.

    Raises
    ------
    InputError
        If a number is not finite; the text names its position.
    """
    return WhaleCurve(_core.whale_curve(np.asarray(contribution, dtype=np.float64)))


class _Bars(Listing):
    """A listing that draws an amount of each row as a bar."""

    _bars: tuple[str, str, str]
    """Column of names, column of amounts, and its title."""

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        names, amounts, title = self._bars
        rows = zip(self._entries[names], np.asarray(self._entries[amounts]).tolist(), strict=True)
        bars = alt.Chart(alt.Data(values=[{"name": name, "amount": amount} for name, amount in rows])).mark_bar()
        return bars.encode(
            x=alt.X("amount:Q", title=title), y=alt.Y("name:N", sort=None, title=None), tooltip=["name:N", "amount:Q"]
        ).properties(**options)


class ReconciledElements(_Bars):
    """Each cost element: spent = charged + unused + not_attributed + difference.

    Columns: element, spent (as given, or the cost of the pool, or rate x driver), charged, unused (negative: over capacity), not_attributed,
    difference (what nothing explains), source of `spent`. Currency.

    ``plot`` draws the differences as bars.
    """

    _heading = "Cost to serve by element"
    _bars = ("element", "difference", "Not explained")

    def __init__(self, columns: Mapping[str, Any], library: str | None) -> None:
        given = columns["given"].astype(bool).tolist()
        source = ["given" if one else "rate x driver" for one in given]
        shown = {name: values for name, values in columns.items() if name != "given"}
        super().__init__(shown | {"source": source}, library)


class Pools(_Bars):
    """What became of the capacity of each pool: cost = charged + unused + not_attributed.

    Columns: pool, first_day (of the figures), cost, capacity and used (minutes), rate (of a minute), charged, unused, not_attributed
    (currency), note (over capacity, or nothing).

    ``plot`` draws the cost of unused capacity as bars.
    """

    _bars = ("pool", "unused", "Unused capacity")

    def __init__(self, columns: Mapping[str, Any], library: str | None) -> None:
        days = columns["first_day"].astype("datetime64[D]")
        note = ["over capacity" if unused < -0.005 else "" for unused in columns["unused"].tolist()]
        super().__init__({**columns, "first_day": days, "note": note}, library)


class Activities(_Bars):
    """Each activity over all customers.

    Columns: activity, pool, event, events (their number), minutes, charged and not_attributed (currency).

    ``plot`` draws what is charged as bars.
    """

    _bars = ("activity", "charged", "Charged")


class Reconciliation(Result):
    """Input against statement: rows, revenue, cost of goods, cost to serve, cost of credit.

    The cost to serve compares what was spent with charged + unused capacity + not attributed. The difference is shown, and `exact` is then False.

    Two ways to the same number: the input is summed over rows, the statement over customers.

    ``plot`` draws the amounts as bars.
    """

    def __init__(self, core: Mapping[str, Any], ledger: Ledger, elements: Mapping[str, Any]) -> None:
        self._library = ledger.library
        self.rows_read: int = ledger.rows_read
        """Rows of the data: accepted + rejected + left out."""
        self.rows_accepted: int = ledger.rows_accepted
        """Accepted rows."""
        self.rows_rejected: int = ledger.rows_rejected
        """Rejected rows; ``ledger.rejected`` lists them."""
        self.rows_in_period: int = core["rows_in_period"]
        """Entries that the statement sums: rows, or an engine's sums by customer and day."""
        self.revenue_accepted: float = ledger.revenue
        """Net revenue of all accepted rows, currency."""
        self.revenue_in: float = core["revenue_in"]
        """Net revenue of the rows in the period, currency."""
        self.revenue_stated: float = core["revenue_stated"]
        """Net revenue over the customers, currency."""
        self.goods_in: float = core["goods_in"]
        """Cost of goods of the rows in the period, currency."""
        self.goods_stated: float = core["goods_stated"]
        """Cost of goods over the customers, currency."""
        self.cost_in: float = core["cost_in"]
        """Cost to serve that was spent: the sum over the elements, currency."""
        self.charged: float = core["charged"]
        """Cost to serve charged to customers, currency."""
        self.unused_capacity: float = core["unused_capacity"]
        """Cost of unused capacity, currency; negative where pools are over their capacity."""
        self.not_attributed: float = core["not_attributed"]
        """Cost of events and drivers outside the ledger's customers, currency."""
        self.revenue_outside_period: float = core["revenue_outside_period"]
        """Net revenue of accepted rows outside the period, currency."""
        self.credit_in: float = core["credit_in"]
        """Cost of credit of the invoices of the period, currency."""
        self.credit_charged: float = core["credit_charged"]
        """Cost of credit charged to customers, currency."""
        self.credit_not_attributed: float = core["credit_not_attributed"]
        """Cost of credit of customers outside the ledger, currency."""
        self.elements = ReconciledElements(elements, ledger.library)
        """The cost to serve by element: spent, charged, unused, not attributed, and what nothing explains."""
        self.exact: bool = (
            core["exact"] and self.rows_accepted + self.rows_rejected + ledger.rows_left_out == self.rows_read
        )
        """Whether everything adds up: the rows exactly, the amounts to half a cent."""

    def _columns(self) -> Mapping[str, Any]:
        rows = {
            "rows read": (self.rows_read, None),
            "rows accepted": (self.rows_accepted, None),
            "rows rejected": (self.rows_rejected, None),
            "revenue of all rows accepted": (None, self.revenue_accepted),
            "revenue outside of the period": (None, self.revenue_outside_period),
            "revenue in": (None, self.revenue_in),
            "revenue stated": (None, self.revenue_stated),
            "cost of goods in": (None, self.goods_in),
            "cost of goods stated": (None, self.goods_stated),
            "cost to serve in": (None, self.cost_in),
            "charged to customers": (None, self.charged),
            "unused capacity": (None, self.unused_capacity),
            "not attributed": (None, self.not_attributed),
        }
        if self.credit_in or self.credit_not_attributed:
            rows |= {
                "cost of credit in": (None, self.credit_in),
                "cost of credit charged": (None, self.credit_charged),
                "cost of credit not attributed": (None, self.credit_not_attributed),
            }
        return {
            "item": list(rows),
            "rows": [count for count, _ in rows.values()],
            "amount": [amount for _, amount in rows.values()],
        }

    _shown_rows = 16

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        table = self._columns()
        values = [
            {"item": item, "amount": amount}
            for item, amount in zip(table["item"], table["amount"], strict=True)
            if amount is not None
        ]
        bars = alt.Chart(alt.Data(values=values)).mark_bar()
        return bars.encode(x=alt.X("amount:Q", title="Currency"), y=alt.Y("item:N", sort=None, title=None)).properties(
            **options
        )


@checked
class Statement(Result):
    """Profit and loss per customer over a period: revenue - goods - cost to serve - cost of credit = contribution.

    A ledger without costs of goods has levels, but neither heat nor temperature: they are NaN.

    Made by :func:`statement`.

    ``plot`` draws the whale curve, with the options of :func:`custfolio.plots.whale`.
    """

    def __init__(self, core: _core.Statement, ledger: Ledger, costs: CostModel) -> None:
        self.core = core
        self._library = ledger.library
        self.costs = costs
        """The cost model."""
        self._rows: LedgerColumns | None = ledger.rows
        self.reconciliation = Reconciliation(core.reconciliation, ledger, core.reconciled_elements)
        """Input against statement."""

    @cached_property
    def portfolio(self) -> Portfolio:
        """The customers: those with a row in the period, and those with a driver only."""
        return Portfolio(self.core.portfolio, self._library, self.costs)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle or a copy stores: all but the rows of the ledger."""
        return super().__getstate__() | {"_rows": None}

    @property
    def identity(self) -> _core.Identity:
        """The portfolio of the statement."""
        return self.core.portfolio.identity

    @checked
    def by(self, *dimensions: str, key: str = "lines") -> GroupedStatement:
        """State the profit of groups.

        Cost arises where the event is, then it is shared: the cost of a delivery or return over its rows by `key`; lines, units and drivers
        of rows where they are; any other cost of a customer over its rows by lines. Every level and every cross sums to the statement.

        Parameters
        ----------
        *dimensions : str
            ``"customer"``, ``"month"``, or those of the ledger: ``"item"``, ``"family"``, ``"ship_to"``, ``"group"``, ``"manager"``.
        key : str
            What the rows of a delivery share its cost by: ``"lines"``, ``"quantity"``, ``"revenue"`` (without its sign), or a driver of the rows.

        Returns
        -------
        GroupedStatement
            One row per group that occurs; "none" where rows have no value.

        Raises
        ------
        InputError
            If the ledger has no such dimension or key, one is named twice, or the statement was stored: its rows are not.
        """
        rows = self._rows
        if rows is None:
            raise InputError("a stored statement has no rows to group; state the ledger again")
        if not dimensions:
            raise InputError('by() needs a dimension, such as by("month")')
        known = ["customer", "month", *rows.dimensions]
        arguments: list[dict[str, Any]] = []
        values: list[list[str] | None] = []
        first = self.core.portfolio.period[0]
        for place, name in enumerate(dimensions):
            if name not in known:
                named = f"; name its column: {name}=..." if name in DIMENSIONS else ""
                raise InputError(f"the ledger has no {name!r}{named}; there are {', '.join(known)}")
            if name in dimensions[:place]:
                raise InputError(f"by() names {name!r} twice")
            if name == "month":
                arguments.append({"name": name})
                values.append(None)
                continue
            dimension = rows.dimensions.get(name)
            if dimension is None:
                dimension = Dimension(rows.ids, rows.customer, np.arange(len(rows.ids), dtype=np.int32))
            arguments.append(dimension.argument(name))
            values.append(dimension.values)
        core = _core.group_by(self.core, **rows.arguments(), dimensions=arguments, key=_weights(rows, key))
        month = np.datetime64(day_date(first), "M")
        texts = {
            name: [
                "none" if code < 0 else str(month + code) if known is None else known[code] for code in codes.tolist()
            ]
            for name, known, codes in zip(dimensions, values, core.pop("value"), strict=True)
        }
        charged = core.pop("charged")
        elements = {f"cost of {name}": charged[:, k] for k, name in enumerate(self.core.elements)}
        return GroupedStatement({**texts, **core, **elements}, dimensions, self._library)

    @property
    def bucket(self) -> _core.Bucket:
        """All customers as one bucket."""
        return self.portfolio.bucket

    @cached_property
    def pools(self) -> Pools:
        """What became of the capacity of each pool."""
        return Pools(self.core.pools, self._library)

    @cached_property
    def activities(self) -> Activities:
        """Each activity over all customers."""
        return Activities(self.core.activities, self._library)

    @cached_property
    def whale(self) -> WhaleCurve:
        """The whale curve of contribution; empty, with NaN figures, where the costs of goods are not known."""
        return WhaleCurve(self.core.whale, self._library, self.portfolio)

    def _columns(self) -> Mapping[str, Any]:
        columns = dict(self.portfolio.columns())
        charged = self.core.charged
        columns["avoidable_contribution"] = self.portfolio.core.avoidable_heat()
        columns |= {f"cost of {name}": charged[:, k] for k, name in enumerate(self.core.elements)}
        pools = dict.fromkeys(pool.name for pool in self.costs.pools)
        minutes = self.core.minutes
        return columns | {f"minutes_freed of {name}": minutes[:, k] for k, name in enumerate(pools)}

    def _facts(self) -> Mapping[str, Any]:
        rows = self.reconciliation
        left_out = rows.rows_read - rows.rows_accepted - rows.rows_rejected
        return {
            **portfolio_facts(self.portfolio),
            "rows": f"{rows.rows_read:,} read = {rows.rows_accepted:,} accepted + {rows.rows_rejected:,} rejected"
            + (f" + {left_out:,} left out" if left_out else ""),
        }

    def _draw(self, **options: Any) -> Any:
        return self.whale.plot(**options)

    def pages(self, *, title: str = "The statement", unit: str = "", source: str = "", locale: str = "en") -> Any:
        """Return the content of the page and the workbook.

        Parameters
        ----------
        title, unit, source, locale : str
            Heading, unit of all amounts in words, origin of the data, and locale of numbers and dates.

        Returns
        -------
        custfolio.report.statement_pages.StatementPages
            The pages.
        """
        from custfolio.report.data import Numbers
        from custfolio.report.statement_pages import StatementPages

        core, bucket, numbers = self.portfolio.core, self.bucket, Numbers(locale)
        people: dict[str, Any] = {"customer": core.id, "name": core.name, "revenue": core.revenue}
        names = ("goods", "cost_to_serve", "credit_cost", "dso", "days_late")
        people |= {name: getattr(core, name) for name in names if getattr(core, name) is not None}
        figures = [("Level", bucket.level, False)]
        whale = None
        if core.has_heat:
            people |= {"contribution": core.contribution, "temperature": core.temperature()}
            figures += [("Heat", bucket.heat, False), ("Temperature", bucket.temperature, True)]
            parts = ("cumulative", "total", "peak", "peak_share", "customers_at_peak", "gini", "loss")
            whale = {name: getattr(self.whale, name) for name in parts}
            whale["names"] = self.whale.columns()["name"]
            summary = [
                f"The level is {numbers.amount(bucket.level, 0)}, the heat {numbers.amount(bucket.heat, 0)}: "
                f"a temperature of {numbers.share(bucket.temperature)}."
            ]
        else:
            order = np.argsort(-core.revenue, kind="stable").tolist()
            people = {name: [values[k] for k in order] for name, values in people.items()}
            summary = [f"The level is {numbers.amount(bucket.level, 0)}. There is no heat: {NO_HEAT}."]
        days = self.portfolio.period
        return StatementPages(
            figures=figures,
            statement=people,
            reconciliation=self.reconciliation.columns(),
            whale=whale,
            title=title,
            period="" if days is None else f"{numbers.day(days[0])} to {numbers.day(days[1])}",
            unit=unit,
            summary=summary,
            source=source,
            locale=locale,
        )

    def report(self, path: str | PathLike[str], **texts: str) -> None:
        """Write the statement as one self-contained HTML page, whole or not at all.

        Parameters
        ----------
        path : str or path
            The .html file.
        **texts
            As for :meth:`pages`.

        Raises
        ------
        InputError
            If the file's name has another ending.
        OSError
            If the file cannot be written.
        """
        from custfolio.report import html
        from custfolio.report.whole_file import check_kind

        check_kind(path, ".html")
        html.write(path, self.pages(**texts))

    def to_excel(self, path: str | PathLike[str], *, stamp: datetime.datetime | None = None, **texts: str) -> None:
        """Write the statement as a workbook, whole or not at all.

        Parameters
        ----------
        path : str or path
            The .xlsx file.
        stamp : datetime, optional
            Time of the workbook; default now. The same stamp gives the same bytes.
        **texts
            As for :meth:`pages`.

        Raises
        ------
        InputError
            If the file's name has another ending.
        OSError
            If the file cannot be written.
        """
        from custfolio.report import workbook
        from custfolio.report.whole_file import check_kind

        check_kind(path, ".xlsx")
        pages = self.pages(**texts)
        workbook.write(path, pages.sheets, title=pages.title, stamp=stamp)


def _weights(rows: LedgerColumns, key: str) -> NDArray[np.float64] | None:
    """Return what the rows of a delivery share its cost by; None: lines."""
    if key == "lines":
        return None
    columns = {"quantity": rows.quantity, "revenue": rows.revenue, **rows.drivers}
    known = {name: column for name, column in columns.items() if column is not None}
    if key not in known:
        raise InputError(f"key is {key!r}; it must be one of lines, {', '.join(known)}")
    return np.abs(known[key])


class GroupedStatement(Result):
    """Profit and loss of groups. Made by :meth:`Statement.by`.

    Columns: the dimensions; customers (with a part in the group), revenue, goods, cost_to_serve, credit_cost, contribution, temperature,
    the drivers, and the cost of each element. Deliveries and returns are fractions where their rows are of several groups. Amounts and drivers
    of all groups sum to the statement's; temperature comes from the sums.

    ``plot`` draws the contribution of the groups as bars, those of the first dimension.

    Attributes
    ----------
    dimensions : tuple of str
        What the rows are grouped by.
    """

    def __init__(self, columns: Mapping[str, Any], dimensions: Sequence[str], library: str | None) -> None:
        self._table = dict(columns)
        self._library = library
        self.dimensions = tuple(dimensions)

    def _columns(self) -> Mapping[str, Any]:
        return self._table

    def _title(self) -> str:
        return f"Statement by {', '.join(self.dimensions)}"

    def _facts(self) -> Mapping[str, Any]:
        table = self._table
        facts: dict[str, Any] = {"groups": len(table["revenue"])}
        return facts | {name: float(table[name].sum()) for name in ("revenue", "contribution") if name in table}

    def _draw(self, **options: Any) -> Any:
        alt = require("altair")
        amount = "contribution" if "contribution" in self._table else "revenue"
        first = self.dimensions[0]
        sums: dict[str, float] = {}
        for name, value in zip(self._table[first], self._table[amount].tolist(), strict=True):
            sums[name] = sums.get(name, 0.0) + value
        data = alt.Data(values=[{"group": name, "amount": value} for name, value in sums.items()])
        bars = alt.Chart(data).mark_bar()
        return bars.encode(
            x=alt.X("amount:Q", title=amount.capitalize()), y=alt.Y("group:N", sort=None, title=first.capitalize())
        ).properties(**options)


@checked
def statement(
    ledger: Ledger,
    costs: CostModel | None = None,
    period: Sequence[DayLike] | None = None,
    *,
    drivers: FrameLike | None = None,
    receivables: FrameLike | None = None,
    customer: str | None = None,
    events: Mapping[str, FrameLike] | None = None,
    horizon: int = 12,
    spent: Mapping[str, float] | None = None,
    threads: int = 0,
) -> Statement:
    """State the profit of every customer.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    costs : CostModel, optional
        The cost to serve; without it the statement is of gross margins.
    period : (date, date), optional
        First and last day, both included; text as 2021-12-31. Default: all days of the ledger.
    drivers : frame, optional
        Further drivers per customer (visits, hours): a column of customers and columns of numbers, totals over the period.
        Amounts of other customers are charged to nobody and shown as not attributed.
    receivables : frame, optional
        What customers owe, for the cost of credit: a row per invoice with columns customer, invoice (its day), due, paid and amount. An invoice
        that was paid in parts has a row per payment; without a day of payment it is open to the end of the period. Invoices of the
        period count from their day to their payment. Or a row per customer, with columns customer, dso and perhaps terms, in days.
    customer : str, optional
        The customers' column of `drivers`; by default customer_id, else customer.
    events : mapping of str to frame, optional
        Events beside the ledger, by name: visits, calls, tickets, trips. A frame has a row per event: customer_id, else customer; date; and
        columns of numbers, the drivers of the event. An engine (DuckDB, Polars lazily, Spark) sums its rows by customer and day itself. An
        activity names its event; a rate names an event, for their number, or one of its drivers. Events of other customers are not attributed.
    horizon : int
        Months after a change, for avoidable shares by horizon: `avoidable_contribution` is that of the horizon.
    spent : mapping of str to float, optional
        What was spent on an element (a driver with a rate, a pool, ``"revenue_share"``), as the accounts have it, currency. By default the cost
        of a pool, and rate x driver. The reconciliation shows the difference.
    threads : int
        0 for all cores; the result has the same bits for any number.

    Returns
    -------
    Statement
        Profit and loss per customer, reconciled to the cent. Linear in rows.

    Raises
    ------
    InputError
        If the period ends before it begins or has no row, or a column of `drivers`, `events` or `receivables` cannot be used.
    NotFoundError
        If the ledger has no driver, event or element of that name (the message lists what there is), or the model has a credit rate and
        there are no `receivables`.
    """
    costs = CostModel() if costs is None else costs
    first, last = 0, -1
    if period is not None:
        if len(period) != 2:
            raise InputError(
                f"period is {period!r}; it must be a first and a last day, such as ('2021-01-01', '2021-12-31')"
            )
        first, last = day_number(period[0], "period"), day_number(period[1], "period")
        if last < first:
            raise InputError(f"the period ends ({period[1]}) before it begins ({period[0]})")
    rows = ledger.rows
    if period is not None and not ((rows.day >= first) & (rows.day <= last)).any():
        raise InputError(
            f"the ledger has no row from {period[0]} to {period[1]}; its days are {ledger.first_day} to {ledger.last_day}"
        )
    known, strangers = _customer_drivers(drivers, customer, rows.ids)
    core = _core.statement(
        **rows.arguments(),
        delivery_drivers=dict(rows.delivery_drivers),
        name=rows.names,
        costs=costs.core,
        first=first,
        last=last,
        customer_drivers=known,
        not_attributed=strangers,
        first_day=rows.first_day,
        **({} if receivables is None else receivables_of(receivables, rows.ids)),
        events=[_event_rows(name, frame, costs, rows.ids) for name, frame in (events or {}).items()],
        horizon=horizon,
        spent={_ELEMENTS.get(name, name): real(amount, f"spent on {name!r}") for name, amount in (spent or {}).items()},
        threads=threads,
    )
    return Statement(core, ledger, costs.at_horizon(horizon))


_ELEMENTS = {"revenue_share": "revenue share"}
"""The name in the statement of an element that an argument names otherwise."""


def _event_rows(name: str, frame: FrameLike, costs: CostModel, ids: Sequence[str]) -> EventRows:
    """Return the events that the model needs, by customer and day."""
    columns = names_of(frame)
    products = [factors for event, factors in costs.core.event_factors if event == name and factors]
    products += [[driver] for driver in costs.rates if driver in columns and [driver] not in products]
    return gather_events(name, frame, products, ids)


def _customer_drivers(
    frame: FrameLike | None, customer: str | None, ids: Sequence[str]
) -> tuple[dict[str, NDArray[np.float64]], dict[str, float]]:
    """Return the drivers per customer code, and the amounts of customers outside the ledger."""
    if frame is None:
        return {}, {}
    table = eager(frame)
    customer = customer_column(table.columns) if customer is None else customer
    require_columns(table.columns, [customer], "the drivers; they have", "; name it with customer=")
    codes = {identity: k for k, identity in enumerate(ids)}
    code = np.array([codes.get(identity, -1) for identity in texts_of(table[customer], customer)], dtype=np.int32)
    known: dict[str, NDArray[np.float64]] = {}
    strangers: dict[str, float] = {}
    for name in table.columns:
        if name == customer:
            continue
        values = numbers_of(table[name], name)
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise InputError(f"drivers, row {bad[0] + 1}: {name} is {values[bad[0]]}; it must be a finite number")
        known[name], strangers[name] = _core.attribute_driver(code, values, len(ids))
    return known, strangers


@checked
class CostingComparison(Result):
    """Contribution of each customer by several ways of costing. Made by :func:`compare_costing`.

    The table has customer_id, name, revenue, a column per way, spread (highest less lowest) and changes_sides, the largest spread first.

    ``plot`` draws the customers that change sides, or else those of the largest spread, a line from lowest to highest contribution each.
    """

    def __init__(self, statements: Mapping[str, Statement], library: str | None) -> None:
        found = _core.compare_costing([each.core for each in statements.values()])
        self._library = library
        self.statements = dict(statements)
        """The statement of each way, by its name."""
        self.loss_makers: dict[str, int] = dict(zip(statements, found["loss_makers"].tolist(), strict=True))
        """Number of customers that cost money, by way of costing."""
        core = next(iter(statements.values())).portfolio.core
        order = np.lexsort((np.arange(found["spread"].size), -found["spread"]))
        self._entries: dict[str, Any] = {
            "customer_id": [core.id[k] for k in order.tolist()],
            "name": [core.name[k] for k in order.tolist()],
            "revenue": core.revenue[order],
            **{f"by {name}": found["contribution"][order, k] for k, name in enumerate(statements)},
            "spread": found["spread"][order],
            "changes_sides": found["changes_sides"][order].astype(bool),
        }

    @property
    def changing(self) -> list[str]:
        """Identities of the customers that cost money by one way and not by another, the largest spread first."""
        pairs = zip(self._entries["customer_id"], self._entries["changes_sides"].tolist(), strict=True)
        return [identity for identity, changes in pairs if changes]

    def __len__(self) -> int:
        return len(self._entries["customer_id"])

    def _columns(self) -> Mapping[str, Any]:
        return self._entries

    def _title(self) -> str:
        return f"Contribution by {len(self.statements)} ways of costing"

    def _facts(self) -> Mapping[str, Any]:
        heats = {f"heat by {name}": each.bucket.heat for name, each in self.statements.items()}
        losses = {f"cost money by {name}": count for name, count in self.loss_makers.items()}
        return heats | losses | {"change sides": len(self.changing)}

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        ways = [f"by {name}" for name in self.statements]
        chosen = [k for k, changes in enumerate(self._entries["changes_sides"].tolist()) if changes] or range(len(self))
        values = [
            {
                "customer": self._entries["name"][k],
                "id": self._entries["customer_id"][k],
                "way": way,
                "heat": float(self._entries[way][k]),
            }
            for k in chosen[:30]
            for way in ways
        ]
        base = alt.Chart(alt.Data(values=values)).encode(y=alt.Y("customer:N", sort=None, title=None))
        tips = ["id:N", "customer:N", "way:N", alt.Tooltip("heat:Q", format=",.0f")]
        points = base.mark_point(filled=True).encode(
            x=alt.X("heat:Q", title="Contribution"), color=alt.Color("way:N", title=None), tooltip=tips
        )
        return alt.layer(base.mark_line(color="#b9c4c9").encode(x="heat:Q", detail="id:N"), points).properties(
            **options
        )


@checked
def compare_costing(
    ledger: Ledger, models: Mapping[str, CostModel], period: Sequence[DayLike] | None = None, **options: Any
) -> CostingComparison:
    """State the same sales by several cost models, and show who changes sides.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    models : mapping of str to CostModel
        At least two ways of costing, by name: ``{"share of revenue": m1, "rates": m2, "time": m3}``.
    period : (date, date), optional
        As for :func:`statement`.
    **options
        Further arguments of :func:`statement`, the same for each way.

    Returns
    -------
    CostingComparison
        Contribution by customer and way.

    Raises
    ------
    InputError
        If there are fewer than two models, or the costs of goods are not known; and as for :func:`statement`.
    """
    for name, model in models.items():
        if not isinstance(model, CostModel):
            raise InputError(f"models[{name!r}] is of type {type(model).__name__}; it must be a CostModel")
    if len(models) < 2:
        raise InputError(f"there {'is 1 model' if models else 'are 0 models'}; at least two are compared")
    statements = {str(name): statement(ledger, model, period, **options) for name, model in models.items()}
    return CostingComparison(statements, ledger.library)


@checked
class Selection(Result):
    """Verdict and reason per customer. Made by :func:`select`.

    ``plot`` draws temperature against revenue, coloured by verdict.

    Attributes
    ----------
    target : float
        Least temperature of a warm customer, a fraction.
    verdict : list of str
        ``"keep"``, ``"remediate"`` or ``"too young"``, in the portfolio's order.
    reason : list of str
        The reason, one sentence each.
    cls : list of str
        Pareto class by net revenue: ``"A"``, ``"B"`` or ``"C"``.
    """

    def __init__(self, portfolio: Portfolio, core: Mapping[str, Any], target: float) -> None:
        self._library = portfolio.library
        self.portfolio = portfolio
        """The customers with a verdict."""
        self.target = target
        self.verdict: list[str] = core["verdict"]
        self.reason: list[str] = core["reason"]
        self.cls: list[str] = core["cls"]
        self._temperature = core["temperature"]

    @property
    def identity(self) -> _core.Identity:
        """The portfolio of the verdicts."""
        return self.portfolio.identity

    @property
    def warm(self) -> NDArray[np.bool_]:
        """Whether each customer's temperature is at the target or above."""
        return np.asarray(self._temperature >= self.target)

    def rows(self, verdict: str) -> NDArray[np.int64]:
        """Rows of the portfolio that have a verdict.

        Parameters
        ----------
        verdict : {"keep", "remediate", "too young"}
            The verdict.

        Returns
        -------
        array of int
            The rows, ascending.

        Raises
        ------
        InputError
            If there is no such verdict.
        """
        if verdict not in ("keep", "remediate", "too young"):
            raise InputError(f"verdict is {verdict!r}; it must be 'keep', 'remediate' or 'too young'")
        return np.flatnonzero(np.asarray(self.verdict) == verdict).astype(np.int64)

    def __len__(self) -> int:
        return len(self.verdict)

    def _columns(self) -> Mapping[str, Any]:
        core = self.portfolio.core
        return {
            "customer_id": core.id,
            "name": core.name,
            "cls": self.cls,
            "revenue": core.revenue,
            "contribution": core.contribution,
            "temperature": self._temperature,
            "verdict": self.verdict,
            "reason": self.reason,
        }

    def _facts(self) -> Mapping[str, Any]:
        verdicts = np.asarray(self.verdict)
        counts = {name: int(np.count_nonzero(verdicts == name)) for name in ("keep", "remediate", "too young")}
        return {"target": f"{self.target:.1%}", **counts}

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        table = self._columns()
        names = ("customer_id", "name", "revenue", "temperature", "verdict", "reason")
        values = [
            dict(zip(names, row, strict=True))
            for row in zip(*(np.asarray(table[name]).tolist() for name in names), strict=True)
            if row[2] > 0
        ]
        points = alt.Chart(alt.Data(values=values)).mark_circle(opacity=0.6)
        return points.encode(
            x=alt.X("revenue:Q", scale=alt.Scale(type="log"), title="Net revenue"),
            y=alt.Y("temperature:Q", axis=alt.Axis(format="%"), title="Temperature"),
            color=alt.Color("verdict:N", title="Verdict"),
            tooltip=["customer_id:N", "name:N", "reason:N"],
        ).properties(**options)


@checked
def select(
    portfolio: Portfolio | Statement,
    target: float = 0.05,
    interesting: Mapping[str, float] | FrameLike | ArrayLike | None = None,
    *,
    min_months: int = 6,
    interesting_threshold: float = 0.5,
) -> Selection:
    """Give every customer a verdict with its reason: too young, keep, or remediate.

    Parameters
    ----------
    portfolio : Portfolio or Statement
        The customers.
    target : float
        Least temperature of a warm customer, a fraction in (-1, 1).
    interesting : mapping, frame or array_like, optional
        How interesting customers are, in [0, 1]: by identity; or a frame with the columns ``customer_id`` and ``interesting``; or one
        number per customer in the portfolio's order. Other customers count 0.
    min_months : int
        Whole months as a customer that a verdict needs.
    interesting_threshold : float
        Least answer that keeps a cold customer.

    Returns
    -------
    Selection
        Verdict and reason per customer.

    Raises
    ------
    InputError
        If a setting is out of range (for a percentage the message has the fraction), or an answer is not in [0, 1].
    NotFoundError
        If `interesting` names a customer outside the portfolio.
    """
    if isinstance(portfolio, Statement):
        portfolio = portfolio.portfolio
    answers = _answers(portfolio, interesting)
    core = _core.select(
        portfolio.core,
        target=target,
        min_months=min_months,
        interesting=answers,
        interesting_threshold=interesting_threshold,
    )
    return Selection(portfolio, core, target)


def _answers(
    portfolio: Portfolio, interesting: Mapping[str, float] | FrameLike | ArrayLike | None
) -> NDArray[np.float64] | None:
    """Return how interesting each customer is, in the portfolio's order."""
    if interesting is None:
        return None
    pairs: Mapping[str, float]
    if isinstance(interesting, Mapping):
        pairs = interesting
    elif isinstance(interesting, FrameLike):
        table = eager(interesting)
        customer = customer_column(table.columns)
        require_columns(table.columns, (customer, "interesting"), "the answers; they have")
        values = numbers_of(table["interesting"], "interesting")
        pairs = dict(zip(texts_of(table[customer], customer), values.tolist(), strict=True))
    else:
        return reals(interesting, "interesting")
    answers = np.zeros(len(portfolio))
    for identity, value in pairs.items():
        answers[portfolio.core.index(identity_text(identity))] = real(value, f"interesting of {identity!r}")
    return answers
