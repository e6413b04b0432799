# The ledger: sales by customer and day, checked row by row before anything is summed.
"""Read a sales ledger from any frame, file, folder or database query.

Every row is either accepted or listed in :attr:`Ledger.rejected` with its reason. Nothing is dropped in silence, and nothing is
summed before its check.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from custfolio._reading.columns import Usual
from custfolio._reading.currencies import Currencies
from custfolio._reading.dimensions import of_customers, renamed_ids, unknown_customers
from custfolio._reading.exact_sum import exact_sum
from custfolio._reading.findings import no_row
from custfolio._reading.first_days import first_days
from custfolio._reading.gather import gather
from custfolio._reading.origins import at_origins, origin_columns
from custfolio._reading.rows import GAP_LEFT_OUT, PRICES, Gathered, LedgerColumns, MissingCost
from custfolio._tables.arguments import checked, text
from custfolio._tables.dates import DayLike, day_date, day_number
from custfolio._tables.frames import FrameLike, TableLike, customer_days, eager, require
from custfolio._tables.result import Listing, Reasons, Result
from custfolio._tables.wording import counted
from custfolio.errors import InputError

__all__ = ["Gaps", "Ledger", "LedgerColumns", "LeftOut", "Rejected", "UnmatchedReturns"]

Column = str | Literal[False, Usual.NAMES] | None
"""A column's name; None or False: there is none; Usual.NAMES: recognise it by its name."""


_OF_CUSTOMERS = ("group", "manager")
"""Dimensions that a customer has without rows, too."""

_SHOWN_GAPS = ("column", "rows", "taken_as")


class Rejected(Reasons):
    """The rejected rows, one entry each, in the order of the data.

    Columns: row (in the sheet of a workbook; otherwise from 1, the first row of data; within its file), file (where several were
    read), column and value (the first cell with a fault, verbatim as text, missing where there is none), reason (of all such
    cells of the row).

    ``plot`` draws the number of rows by reason as bars.
    """

    _things = "Rows"

    def _title(self) -> str:
        return f"{counted(len(self), 'row')} rejected"

    def _facts(self) -> Mapping[str, Any]:
        return dict(sorted(self.reasons.items(), key=lambda item: (-item[1], item[0])))


class LeftOut(Rejected):
    """The rows that are no sale, one entry each, with the columns of :class:`Rejected`.

    ``plot`` draws the number of rows by reason as bars.
    """

    def _title(self) -> str:
        return f"{counted(len(self), 'row')} left out"


class UnmatchedReturns(Listing):
    """Returns whose sale is not found; they count on their own day.

    Columns: customer_id, date, reference, item, revenue (currency), reason. An engine's entries sum rows of a customer and day.

    ``plot`` draws their revenue by reason as bars.
    """

    def _title(self) -> str:
        return f"{counted(len(self), 'return')} without a sale"

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        sums: dict[str, float] = {}
        for reason, revenue in zip(self._entries["reason"], self._entries["revenue"].tolist(), strict=True):
            sums[reason] = sums.get(reason, 0.0) + revenue
        return plots.bars(list(sums), list(sums.values()), title="Revenue", **options)


class Gaps(Listing):
    """Cells without a usable value in optional columns; their rows are accepted.

    Columns: role, column, rows, revenue (of the accepted rows with a gap, currency), taken_as (what stands in the gap).

    ``plot`` draws the revenue of the rows with a gap as bars.
    """

    def _title(self) -> str:
        return f"{counted(len(self), 'column')} with gaps"

    def assumed_cost(self) -> str:
        """Return the rows without a cost of goods and what is assumed, as a sentence; empty where all rows have one."""
        table = zip(*(self._entries[name] for name in ("role", "rows", "revenue", "taken_as")), strict=True)
        for role, rows, revenue, taken in table:
            if role == "cost" and taken != GAP_LEFT_OUT:
                return (
                    f"No cost of goods in {counted(int(rows), 'row')} with revenue of {revenue:,.0f}; assumed: {taken}."
                )
        return ""

    def _draw(self, **options: Any) -> Any:
        alt = require("altair")
        table = zip(self._entries["column"], self._entries["revenue"].tolist(), strict=True)
        values = [{"column": column, "revenue": revenue} for column, revenue in table]
        bars = alt.Chart(alt.Data(values=values)).mark_bar()
        return bars.encode(x=alt.X("revenue:Q", title="Revenue"), y=alt.Y("column:N", title=None)).properties(**options)


class Ledger(Result):
    """A sales ledger: rows of sales by customer and day.

    Rows are checked before anything is summed. A row needs a customer, a date in the calendar, and a finite
    revenue (or quantity and price); other rows are listed in :attr:`rejected`. Negative and zero revenue is legal (returns, gifts). Rows that
    repeat another row whole are accepted and counted in :attr:`duplicates`. A row whose customer begins with a word for total and whose
    amount is the sum of the rows above is one of totals: :attr:`left_out` lists it.

    Credit notes of SAF-T (InvoiceType NC, amounts in DebitAmount) and UBL (InvoiceTypeCode 381, CreditNoteLine,
    CreditedQuantity) lower revenue, quantity and cost, whichever sign the source writes.

    Text is read column by column: dates such as 2021-12-31, 20211231, 31/12/2021, 12/31/2021, 31-12-21, 31 Dec 2021, with or without a
    time of day, which is cut off; amounts such as 1234.5, 1,234.50, 1.234,50, 1'234.50, 1 234,50, (30.00), 50-, 30.00 CR and € 2.000,00. If a
    whole column can be read in two ways, the error names both; pass `date_format` or `decimal`. A year of two digits is in 1969 to 2068.

    The core gets the rows of frames in memory, without a copy of float64 columns without missing values. Engines (a DuckDB relation, a Polars
    LazyFrame, Spark, files) check and group the rows where they are. Their sums have the same bits in any order of the rows.

    ``plot`` draws the revenue of each month as bars.

    Parameters
    ----------
    frame : frame
        pandas, Polars (eager or lazy), PyArrow, DuckDB relation, PySpark, or any other frame that narwhals reads.
    customer, date, revenue : str, optional
        Columns of the customer's id, the day, and the net revenue of the row. Usual names in English, Dutch, German and French are
        recognised, and those of the common systems; so is quantity and unit price in place of revenue. An amount without VAT is
        preferred over one with VAT. Without an id the customer's name is its id. :attr:`notes` has such choices.
    cost, quantity, document, lines, name : str, None or False, optional
        Columns of the cost of goods of the row, the quantity, the document (a delivery is a document; without, a
        day on which a customer bought), the number of lines that the row stands for, and the customer's display name. Usual names
        are recognised; None and False leave a column out. A gap in one of them or in a further driver costs no row;
        :attr:`gaps` counts it. A column that was only recognised and is empty is left out.
    drivers : mapping of str to str, optional
        Further drivers of cost and their columns: ``{"kilometres": "km"}``.
    delivery_drivers : mapping of str to str, optional
        Drivers of the document and their columns, where each row of a document repeats them: ``{"rush": "express"}``. They count once
        a delivery, at the largest of its rows.
    date_format : str, optional
        Format of text dates, as in ``datetime.strptime``: ``"%d/%m/%Y"``.
    decimal : {".", ","}, optional
        The decimal sign of text amounts.
    currency : str, optional
        The currency of the figures; by default the one without a rate.
    rates : mapping of str to float, or frame, optional
        What a unit of each other currency is worth: ``{"USD": 0.9}``; or by month, a frame with the columns month, currency and rate.
    currency_column : str, None or False, optional
        Column of the currency of each row, such as "USD"; a usual name is recognised. A row without a currency is in that of the figures.
        A sign beside an amount then changes nothing.
        Revenue, costs of goods and the five price amounts below are turned into the currency of the figures, each at its rate.
    customer_since : mapping of customer to day, or frame, optional
        First days of customers that bought before the data begins; a frame has a column customer_id, else customer, and a column
        date, with days as a ledger has them. The first day of a customer is this one or its first in the data, whichever is earlier.
    missing_cost : float or {"customer", "family", "company", "reject"}
        The cost of a row without one: a ratio of its revenue (0.6 is 60 %; at most 10), or the mean ratio of cost to revenue of
        the rows of its customer, its product family or the company that have a cost. Where the customer or family has no such
        revenue above 0, the company's ratio counts. "reject" rejects the row. :attr:`gaps` has the rows and their revenue.
    item, family, ship_to : str, optional
        Columns of the product, the product family (also for ``missing_cost="family"``), and the place of delivery; they group a
        statement: :meth:`custfolio.Statement.by`.
    group, manager : str or frame, optional
        Columns of the customer's group and account manager. Managers in one cell, separated by ";", share equally. A customer without
        rows in a period has those of its latest rows. Or a frame with
        a row per customer: customer_id, else customer; group or manager; and share, where a customer has several.
    merged : mapping of old to new id, or frame, optional
        Customers that were merged or renamed; a frame has the columns old and new. The old ids count as the new one in every table beside the
        ledger, too.
    price : str, optional
        Column of the unit price; revenue is then quantity x price. It is recognised where there is no amount.
    unit_cost : str, None or False, optional
        Column of the cost of a unit; the cost of the row is then quantity x unit cost. It is recognised where there is a quantity
        and no cost of the row. The cost is below 0, given back, where the quantity or the revenue is below 0. A row without a
        quantity or a unit cost has no cost, so `missing_cost` fills it. None and False leave the column out.
    status : str, optional
        Column of the status; False leaves it out. Rows that failed, were cancelled or are not final are no sale: :attr:`left_out`
        lists them. So are refunded rows, unless `refunded` has their refunds.
    kind : str, None or False, optional
        Column of the kind of document, such as "Invoice" and "Credit note"; a usual name is recognised. The rows of credit notes
        lower revenue, quantity and cost, whichever sign the source writes. :attr:`notes` has the kinds that are read as credit
        notes, and the unknown ones, whose rows are read as they are. None and False leave the column out.
    refunded, tax : str, optional
        Columns of amounts that lower revenue: what was paid back, of either sign, and tax that is part of the amount.
    list_price : str, optional
        Column of the list price of a unit; it needs a quantity. Without one, a row's list price is what was invoiced and its discount.
    discount, rebate, freight, commission : str, optional
        Columns of amounts of the row, with the sign of its sale. Revenue is after the discount. The rebate is paid later and lowers
        net revenue. Freight and commission are costs of the customer, charged as they are unless the cost model has a rate for them.
        :attr:`custfolio.Statement.waterfall` shows all five; one that is missing counts 0.
    returns : {"booked", "origin"}
        The period in which a return counts: that of its own day, or of the sale that it comes from. That sale is of the document in
        `reference`, else the latest of the same customer and `item` on its day or before. :attr:`unmatched_returns` lists returns without
        one, which stay on their day.
    reference : str, optional
        Column of the document that a return refers to; it needs `document`.
    layout : str, False or None
        The layout of another system's export, such as "shopify": its rules choose the columns, the rows that count and what is
        revenue, where no argument does. "auto" (default) recognises it by its columns; "none", False or None: there is none.
        :attr:`layout` states the rules.
    revenue_accounts : str or sequence of str, optional
        What the numbers of revenue accounts begin with, for journal lines such as those of Exact Online: ``"44"`` or ``["44", "48"]``.
        By default 8, or 70 if no account begins with 8.

    Raises
    ------
    InputError
        If a column is missing or ambiguous, there are no rows, every row is rejected, or a column can be read in two ways.
        If amounts have two currencies and a rate is missing.
    """

    def __init__(
        self,
        frame: FrameLike | _Opened,
        *,
        customer: str | None = None,
        date: str | None = None,
        revenue: str | None = None,
        cost: Column = Usual.NAMES,
        quantity: Column = Usual.NAMES,
        document: Column = Usual.NAMES,
        lines: Column = Usual.NAMES,
        drivers: Mapping[str, str] | None = None,
        delivery_drivers: Mapping[str, str] | None = None,
        date_format: str | None = None,
        decimal: Literal[".", ","] | None = None,
        name: Column = Usual.NAMES,
        currency: str | None = None,
        rates: Mapping[str, float] | TableLike | None = None,
        currency_column: Column = Usual.NAMES,
        customer_since: Mapping[str, DayLike] | FrameLike | None = None,
        missing_cost: float | Literal["customer", "family", "company", "reject"] = "company",
        item: str | None = None,
        family: str | None = None,
        ship_to: str | None = None,
        group: str | FrameLike | None = None,
        manager: str | FrameLike | None = None,
        merged: Mapping[str, str] | FrameLike | None = None,
        price: str | None = None,
        unit_cost: Column = Usual.NAMES,
        status: str | Literal[False] | None = None,
        kind: Column = Usual.NAMES,
        refunded: str | None = None,
        tax: str | None = None,
        list_price: str | None = None,
        discount: str | None = None,
        rebate: str | None = None,
        freight: str | None = None,
        commission: str | None = None,
        returns: Literal["booked", "origin"] = "booked",
        reference: str | None = None,
        layout: str | Literal[False] | None = "auto",
        revenue_accounts: str | Sequence[str] | Literal[False] | None = None,
    ) -> None:
        for what, value in (("currency", currency), ("date_format", date_format)):
            if value is not None:
                text(value, what)
        if decimal not in (None, ".", ","):
            raise InputError(f'decimal is {decimal!r}; it must be "." or ","')
        if isinstance(frame, (str, PathLike)):
            raise InputError(f"frame is the path {str(frame)!r}; it must be a frame (read a file with cf.Ledger.read)")
        given = {
            "customer": customer, "date": date, "revenue": revenue, "cost": cost, "quantity": quantity, "document": document,
            "lines": lines, "name": name, "price": price, "unit_cost": unit_cost, "status": status, "refunded": refunded,
            "tax": tax, "kind": kind,
        }  # fmt: skip
        prices = {
            "list_price": list_price, "discount": discount, "rebate": rebate, "freight": freight, "commission": commission,
        }  # fmt: skip
        for role, column in {**prices, "reference": reference, "currency_column": currency_column or None}.items():
            if not (column is None or column is Usual.NAMES or isinstance(column, str)):
                raise InputError(f"{role}= must be the name of a column, not {type(column).__name__}")
        for what, columns_of in (("drivers", drivers), ("delivery_drivers", delivery_drivers)):
            _require_columns_by_name(what, columns_of)
        for driver in (*(drivers or {}), *(delivery_drivers or {})):
            if driver in PRICES:
                raise InputError(
                    f"driver {driver!r} is the name of an amount of money: pass {driver}=..., or name it otherwise"
                )
        if returns not in ("booked", "origin"):
            raise InputError(f'returns is {returns!r}; it must be "booked" or "origin"')
        dimensions = {"item": item, "family": family, "ship_to": ship_to, "group": group, "manager": manager}
        data, origin, library, sources = frame, None, None, ()
        opened: Sequence[str] = ()
        if isinstance(frame, _Opened):
            data, origin, library = frame.source.relation, frame.source.origin, "pandas" if _has_pandas() else "pyarrow"
            sources, opened = frame.source.facts, frame.source.notes
        named = [] if revenue_accounts is None or revenue_accounts is False else revenue_accounts
        if not isinstance(named, Sequence):
            raise InputError(f"revenue_accounts is {revenue_accounts!r}; it must be text or a sequence of texts")
        accounts = [
            text(each, "an account of revenue_accounts").strip()
            for each in ([named] if isinstance(named, str) else named)
        ]
        wrong = [account for account in accounts if not account.replace(".", "").isalnum()]
        if wrong:
            raise InputError(f"revenue_accounts has {wrong[0]!r}; an account must have letters, digits and points only")
        renamed = {} if merged is None else renamed_ids(merged)
        gathered = gather(
            data,
            given,
            {**(drivers or {}), **{role: column for role, column in prices.items() if column}},
            delivery_drivers,
            date_format,
            decimal,
            Currencies(currency, rates),
            MissingCost(missing_cost, renamed),
            {role: column for role, column in dimensions.items() if isinstance(column, str)}
            | {"currency": currency_column}
            | (origin_columns(item, reference) if returns == "origin" else {}),
            origin,
            library,
            sources,
            layout,
            accounts,
        )
        notes = unknown_customers("merged", renamed, gathered.columns.ids)
        if renamed:
            gathered.columns = gathered.columns.merged(renamed)
        if returns == "origin":
            gathered.columns, gathered.unmatched = at_origins(gathered.columns)
        tables: dict[str, Any] = {
            role: given for role, given in dimensions.items() if given is not None and not isinstance(given, str)
        }
        for role in tables:
            if role not in _OF_CUSTOMERS:
                raise InputError(f"{role}= must be the name of a column, not {type(tables[role]).__name__}")
        # An engine runs a lazy table each time that it is collected.
        tables = {role: eager(table, role, "the name of a column, or a frame") for role, table in tables.items()}
        ids = gathered.columns.ids
        codes = gathered.columns.codes() if tables or customer_since is not None else {}
        of_tables = {role: of_customers(role, table, codes, ids) for role, table in tables.items()}
        columns = gathered.columns
        all_dimensions = {**columns.dimensions, **of_tables}
        latest = {
            role: all_dimensions[role].with_latest(columns.customer, columns.day)
            for role in _OF_CUSTOMERS
            if role in all_dimensions
        }
        gathered.columns = dataclasses.replace(columns, dimensions=all_dimensions | latest)
        if customer_since is not None:
            tables["customer_since"] = customer_since = first_days(customer_since)
            columns = gathered.columns
            since = customer_days(customer_since, codes, len(ids), "customer_since", np.iinfo(np.int32).max)
            first_day = np.minimum(columns.first_days(), since).astype(np.int32)
            gathered.columns = dataclasses.replace(columns, first_day=first_day)
        notes += [note for what, table in tables.items() for note in unknown_customers(what, table, codes)]
        gathered.notes = [*opened, *gathered.notes, *notes]
        self._take(gathered)

    def _take(self, gathered: Gathered) -> None:
        if not gathered.columns.ids:
            rejected, left_out = gathered.rejected["reason"], gathered.left_out["reason"]
            raise InputError(no_row(gathered.rows_read, rejected, left_out, gathered.recognised, gathered.notes))
        self._gathered = gathered
        self._library = gathered.library
        self._period: tuple[int, int] | None = None
        self._view: LedgerColumns = gathered.columns

    @classmethod
    @checked
    def read(
        cls,
        path: str | PathLike[str] | Sequence[str | PathLike[str]],
        *,
        sheet: str | Sequence[str] | None = None,
        **options: Any,
    ) -> Ledger:
        """Read a ledger from files.

        Title lines above the header are skipped. Totals below the rows are in :attr:`left_out`. A line of a CSV file without its last cells
        is a row whose last cells are empty; :attr:`notes` counts such lines.

        Parameters
        ----------
        path : str, path, or sequence of them
            A file, a folder, a pattern such as ``"sales_*.parquet"``, or several of them: CSV (also .txt and .tsv; delimiter,
            spaces too, and encoding are detected), Excel (.xlsx, .xls) and OpenDocument (.ods) workbooks, Parquet, or JSON (an array or one object
            a line). CSV, JSON and workbooks may be packed with gzip, or alone in a zip file.
        sheet : str or sequence of str, optional
            The sheet of workbooks, or several, one after the other; by default the first. "all" stands for every sheet that shares a
            column with most sheets. Where several are read, the file of a row names its sheet.
        **options
            As for :class:`Ledger`.

        Returns
        -------
        Ledger
            The ledger.

        Raises
        ------
        InputError
            If a file is missing, empty, damaged, or of another kind than its name, unpacks to more than 4 GiB, or has a sheet that
            spans more than 100 million cells; and as for :class:`Ledger`.
        """
        from custfolio._reading.files import open_files

        return cls(_Opened(open_files(path, sheet)), **options)

    @classmethod
    @checked
    def read_query(cls, connection: Any, sql: str, **options: Any) -> Ledger:
        """Read a ledger from a query to a database.

        Parameters
        ----------
        connection : connection
            A DuckDB connection, which groups the rows itself. Or any connection with ``cursor()`` as in Python's database
            interface (sqlite3, psycopg, ADBC, ...); its rows are fetched.
        sql : str
            The query; each row of its result is a row of the ledger.
        **options
            As for :class:`Ledger`.

        Returns
        -------
        Ledger
            The ledger.

        Raises
        ------
        InputError
            If the database refuses the query; and as for :class:`Ledger`.
        """
        from custfolio._reading.queries import run_query

        return cls(run_query(connection, sql), **options)

    # ------------------------------------------------------------------------------------------------------------ the reading

    @cached_property
    def rejected(self) -> Rejected:
        """Every rejected row, with its reason."""
        return Rejected(self._gathered.rejected, self._library)

    @cached_property
    def gaps(self) -> Gaps:
        """Optional columns with gaps: rows, their revenue, and what is taken instead."""
        return Gaps(self._gathered.gaps, self._library)

    @cached_property
    def left_out(self) -> LeftOut:
        """Every row that is no sale, such as a failed or cancelled one, with its reason."""
        return LeftOut(self._gathered.left_out, self._library)

    @cached_property
    def unmatched_returns(self) -> UnmatchedReturns:
        """The returns without a sale, where ``returns="origin"``; else none."""
        return UnmatchedReturns(self._gathered.unmatched, self._library)

    @property
    def currency(self) -> str | None:
        """The code of the currency of the figures; None where neither the caller nor the data names one."""
        return self._gathered.currency

    @property
    def recognised(self) -> dict[str, str]:
        """The column of each role, or what a layout computes: customer, date, revenue and those of the others that the data has."""
        return dict(self._gathered.recognised)

    @property
    def unused(self) -> list[str]:
        """The columns without a role that no rule of a layout reads."""
        return list(self._gathered.unused)

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Each file's name, and its kind, encoding, sheet and header; empty for frames and queries."""
        return list(self._gathered.sources)

    @property
    def formats(self) -> dict[str, str]:
        """How the days and amounts of each role are written, with an example."""
        return dict(self._gathered.formats)

    @property
    def notes(self) -> list[str]:
        """What the reading assumed and what looks wrong, as sentences: which of two amounts was chosen, for example."""
        return list(self._gathered.notes)

    @property
    def layout(self) -> dict[str, str]:
        """The rules of the layout that was read, as sentences by subject; empty where there is none."""
        return dict(self._gathered.layout)

    @property
    def rows_read(self) -> int:
        """Rows of the data: accepted + rejected + left out."""
        return self._gathered.rows_read

    @property
    def rows_accepted(self) -> int:
        """Accepted rows, of all days."""
        return self.rows_read - self.rows_rejected - self.rows_left_out

    @property
    def rows_rejected(self) -> int:
        """Rejected rows."""
        return len(self._gathered.rejected["row"])

    @property
    def rows_left_out(self) -> int:
        """Rows that are no sale."""
        return len(self._gathered.left_out["row"])

    @cached_property
    def duplicates(self) -> int:
        """Accepted rows that repeat an earlier one in every column of the data. Counted on first use."""
        return int(self._gathered.duplicates())

    @property
    def customers(self) -> int:
        """Number of customers with a row in the period."""
        columns = self._view
        return len(columns.ids) if self._period is None else int(np.unique(columns.customer).size)

    @property
    def first_day(self) -> datetime.date | None:
        """First day with a row; None where there is none."""
        return day_date(int(self._view.day.min())) if self._view.day.size else None

    @property
    def last_day(self) -> datetime.date | None:
        """Last day with a row; None where there is none."""
        return day_date(int(self._view.day.max())) if self._view.day.size else None

    @cached_property
    def revenue(self) -> float:
        """Net revenue of the accepted rows, in the period; the same bits in any order of the rows."""
        invoiced = self._gathered.revenue_accepted() if self._period is None else exact_sum(self._view.revenue)
        return invoiced - _rebates(self._view)

    @cached_property
    def reconciliation(self) -> dict[str, Any]:
        """Counts and revenue of rows read, accepted and rejected.

        Keys: rows_read = rows_accepted + rows_rejected + rows_left_out; duplicates (among the rows read); revenue_accepted; revenue_rejected
        (of rejected rows with a readable amount); revenue_outside_period (accepted, but outside the period of
        :meth:`between`; 0 without a period).
        """
        accepted = self._gathered.revenue_accepted() - _rebates(self._gathered.columns)
        return {
            "rows_read": self.rows_read,
            "rows_accepted": self.rows_accepted,
            "rows_rejected": self.rows_rejected,
            "rows_left_out": self.rows_left_out,
            "duplicates": self.duplicates,
            "revenue_accepted": accepted,
            "revenue_rejected": self._gathered.revenue_rejected,
            "revenue_outside_period": 0.0 if self._period is None else accepted - self.revenue,
        }

    # ---------------------------------------------------------------------------------------------------------------- the rows

    def between(self, first: DayLike, last: DayLike) -> Ledger:
        """Return the ledger of a period.

        Parameters
        ----------
        first, last : date or str
            First and last day, both within it; text as 2021-12-31.

        Returns
        -------
        Ledger
            The rows of those days. Counts of read and rejected rows and the first days of customers stay those of the whole ledger.

        Raises
        ------
        InputError
            If a day is no date, or the last is before the first.
        """
        low, high = day_number(first, "the first day"), day_number(last, "the last day")
        if high < low:
            raise InputError(f"the period ends ({last}) before it begins ({first})")
        view = Ledger.__new__(Ledger)
        view._take(self._gathered)
        view._period = (low, high) if self._period is None else (max(low, self._period[0]), min(high, self._period[1]))
        view.__dict__.update({key: self.__dict__[key] for key in ("duplicates", "rejected") if key in self.__dict__})
        whole = self._view
        rows = np.flatnonzero((whole.day >= low) & (whole.day <= high))

        def of(values: Any) -> Any:
            return None if values is None else values[rows]

        view._view = dataclasses.replace(
            whole,
            first_day=whole.first_days(),
            customer=of(whole.customer),
            day=of(whole.day),
            revenue=of(whole.revenue),
            cost=of(whole.cost),
            quantity=of(whole.quantity),
            document=of(whole.document),
            lines=of(whole.lines),
            drivers={driver: of(values) for driver, values in whole.drivers.items()},
            delivery_drivers={driver: of(values) for driver, values in whole.delivery_drivers.items()},
            dimensions={role: dimension.of(rows) for role, dimension in whole.dimensions.items()},
        )
        return view

    @property
    def rows(self) -> LedgerColumns:
        """The accepted rows of the period, as columns that the core reads in place."""
        return self._view

    def _columns(self) -> Mapping[str, Any]:
        view = self._view
        codes = pa.array(view.customer)
        columns: dict[str, Any] = {"customer_id": pa.array(view.ids, pa.string()).take(codes)}
        if view.names is not None:
            columns["name"] = pa.array(view.names, pa.string()).take(codes)
        columns["date"] = pa.array(view.day).cast(pa.date32())
        for label in ("revenue", "cost", "quantity", "document", "lines"):
            values = getattr(view, label)
            if values is not None:
                columns[label] = values
        return columns | dict(view.drivers) | dict(view.delivery_drivers)

    def _facts(self) -> Mapping[str, Any]:
        period = "none" if self.first_day is None else f"{self.first_day} to {self.last_day}"
        return {
            "rows read": self.rows_read,
            "rows accepted": self.rows_accepted,
            "rows rejected": self.rows_rejected,
            **({"rows left out": self.rows_left_out} if self.rows_left_out else {}),
            **{
                f"gaps in {column}": f"{counted(rows, 'row')}; {taken}"
                for column, rows, taken in zip(*(self._gathered.gaps[name] for name in _SHOWN_GAPS), strict=True)
            },
            "customers": self.customers,
            "days": period,
            "revenue": self.revenue,
            **{"note" if k == 1 else f"note {k}": note for k, note in enumerate(self.notes, start=1)},
        }

    def _draw(self, **options: Any) -> Any:
        alt = require("altair")
        months = self._view.day.astype("datetime64[D]").astype("datetime64[M]")
        each, place = np.unique(months, return_inverse=True)
        net = self._view.revenue - self._view.drivers.get("rebate", 0.0)
        sums = np.bincount(place, weights=net, minlength=each.size)
        data = alt.Data(values=[{"month": str(m), "revenue": float(v)} for m, v in zip(each, sums, strict=True)])
        bars = alt.Chart(data).mark_bar()
        return bars.encode(
            x=alt.X("month:O", title="Month"), y=alt.Y("revenue:Q", title="Revenue"), tooltip=["month:O", "revenue:Q"]
        ).properties(**options)


def _require_columns_by_name(what: str, given: Any) -> None:
    """Refuse drivers that are no mapping of names to columns."""
    if given is None:
        return
    if not isinstance(given, Mapping):
        raise InputError(
            f'{what} is {given!r}; it must be a mapping of drivers to columns, such as {{"miles": "miles"}}'
        )
    for driver, column in given.items():
        text(driver, f"a driver of {what}")
        text(column, f"{what}[{driver!r}]")


def _rebates(columns: LedgerColumns) -> float:
    """Return the sum of the rows' rebates."""
    return exact_sum(columns.drivers["rebate"]) if "rebate" in columns.drivers else 0.0


@dataclasses.dataclass
class _Opened:
    """Files that are open for a ledger."""

    source: Any


def _has_pandas() -> bool:
    """Whether pandas is installed, for results."""
    from importlib.util import find_spec

    return find_spec("pandas") is not None
