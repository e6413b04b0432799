# The budget: lines from any source, rounded once so that every total adds up, with the distribution of every cell.
"""Budget lines from any source."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.dates import month_index, month_text
from custfolio._tables.frames import library_of
from custfolio._tables.result import Listing, Result
from custfolio.budget._calendar import FiscalCalendar
from custfolio.budget._chances import Chances
from custfolio.budget._lines import Lines, Rates, account_types, lines_from_frame
from custfolio.budget._listings import Bands, Totals, bands_of, pivot_of, source_waterfall, totals_of
from custfolio.budget._rounded import LEVEL_HEAT, RoundedLines
from custfolio.budget._sources import lines_of_growth, lines_of_plan
from custfolio.errors import InputError

if TYPE_CHECKING:
    from custfolio.budget._variance import Variance
    from custfolio.budget._versions import FrozenBudget
    from custfolio.growth import Distribution, Growth

__all__ = ["Budget"]

_SOURCES = ("baseline", "remediation", "growth", "acquisition", "overflow")


class Budget(RoundedLines, Result):
    """Amounts by month, account, source and any other dimension, rounded once so that all totals add up exactly.

    Every total, over any dimensions in any order, is the sum of its lines, which are whole units of the currency. Besides, each line, each
    month, each group of the dimensions in their order (account, source, and the others from few values to many: segment, manager,
    customer) and each such group in each month is less than one unit from the sum of its true amounts, and the sum of all amounts is the
    nearest unit. Accounts are income (they count in level and heat),
    expense (they are taken off the heat) or result (they count in the heat). Immutable.

    Parameters
    ----------
    lines : frame or mapping of columns
        As for :meth:`from_frame`.
    **options
        As for :meth:`from_frame`.
    """

    def __init__(self, lines: Any, **options: Any) -> None:
        make = self._of_plan if isinstance(lines, _core.Budget) else self.from_frame
        self.__dict__.update(make(lines, **options).__dict__)

    @classmethod
    def _of_lines(
        cls,
        lines: Lines,
        types: Mapping[str, str],
        currency: str,
        digits: int,
        calendar: FiscalCalendar | None,
        library: str | None,
        parts: Sequence[Any] = (),
        rates: Rates | None = None,
        correlation: float | Mapping[str, float] = 0.0,
    ) -> Budget:
        if isinstance(digits, bool) or not isinstance(digits, (int, np.integer)) or not 0 <= digits <= 6:
            raise InputError(
                f"digits is {digits!r}; it must be a whole number of digits after the decimal point, 0 to 6"
            )
        budget = Budget.__new__(cls)
        budget._lines = lines
        budget._types = dict(types)
        budget._parts = tuple(parts)
        budget._library = library
        budget._rates = rates or Rates(None, currency)
        budget.currency = currency
        budget.digits = int(digits)
        budget.calendar = calendar or FiscalCalendar()
        budget.correlation = correlation
        return budget

    _parts: tuple[Any, ...]
    _rates: Rates
    currency: str
    """Code of the currency."""
    correlation: float | Mapping[str, float]
    """Share of the market in what is uncertain, by source if they differ; see :meth:`with_correlation`."""

    @classmethod
    def _of_plan(cls, core: _core.Budget, library: str | None = None) -> Budget:
        """Return a plan's level and heat as revenue and costs; both are rounded already."""
        lines, types = lines_of_plan(core)
        return cls._of_lines(lines, types, "EUR", 2, None, library)

    @classmethod
    def from_frame(
        cls,
        lines: Any,
        *,
        month: str = "month",
        dimensions: Sequence[str] | None = None,
        accounts: Mapping[str, str] | None = None,
        source: str = "baseline",
        currency: str = "EUR",
        digits: int = 2,
        rates: Any = None,
        calendar: FiscalCalendar | None = None,
        correlation: float | Mapping[str, float] = 0.0,
        library: str | None = None,
    ) -> Budget:
        """Make a budget of a frame of lines.

        Parameters
        ----------
        lines : frame or mapping of columns
            One row an amount, with columns month ("2022-01" or a date), account and amount; or one row with its revenue (or level), and
            costs or contribution (or heat). Where there are: source, customer, manager, segment, entity; variance (of the amount, or of the
            revenue, whose costs move with it); item and probability (an all-or-nothing amount, already weighted: the opportunity that it comes
            from); state (open, won, lost); quantity; currency. A cost is a positive amount of an account of type expense.
        month : str
            Name of the column of months.
        dimensions : sequence of str, optional
            Columns that tell lines apart, in their order; the usual ones that there are if not given.
        accounts : mapping of str to {"income", "expense", "result"}, optional
            Types of accounts whose names do not say it.
        source : str
            Source of the lines where the frame has no such column.
        currency, digits : str, int
            Reporting currency and its digits after the decimal point.
        rates : mapping or frame, optional
            What a unit of each other currency is worth: ``{"USD": 0.9}``, or a frame with columns month, currency, rate.
        calendar : FiscalCalendar, optional
            The fiscal calendar; calendar years if not given.
        correlation : float, or mapping of str to float
            Share of the market in what is uncertain, as for :meth:`with_correlation`.
        library : str, optional
            Library of the frames given back; that of `lines` if not given.

        Returns
        -------
        Budget
            All lines.

        Raises
        ------
        InputError
            If a column is missing, a cell cannot be used (the text names its row), an account has no type or a rate is missing (month and
            currency are named).
        """
        if library is None and not isinstance(lines, Mapping):
            try:
                library = library_of(lines)
            except InputError:
                raise InputError(f"budget lines: a frame was expected; found {type(lines).__name__}") from None
        found = lines_from_frame(
            lines, month=month, dimensions=dimensions, source=source, currency=currency, rates=rates
        )
        types = account_types(found.dimensions["account"].names, accounts)
        made = cls._of_lines(found, types, currency, digits, calendar, library, rates=Rates(rates, currency))
        return made.with_correlation(correlation)

    @classmethod
    def from_baseline(
        cls, baseline: Any, *, labels: Mapping[str, Mapping[str, str]] | None = None, **options: Any
    ) -> Budget:
        """Make a budget of what customers bring without any action.

        Parameters
        ----------
        baseline : Baseline
            From :func:`custfolio.lifetime.baseline`; its variances make the bands, customers and months being independent.
        labels : mapping of str to mapping, optional
            Further dimensions: ``{"manager": {"2633": "Ann"}}``, by customer; "(none)" where there is none.
        **options
            currency, digits, calendar and correlation, as for :meth:`from_frame`.

        Returns
        -------
        Budget
            Source "baseline".

        Raises
        ------
        InputError
            If an option is not valid.
        """
        columns = dict(baseline.columns())
        for name, table in (labels or {}).items():
            columns[name] = [str(table.get(customer, "(none)")) for customer in columns["customer_id"]]
        names = ["source", "customer", *(labels or {})]
        columns["source"] = ["baseline"] * len(columns["month"])
        options = {"library": baseline.library, "dimensions": names, **options}
        return cls.from_frame(columns, **options)

    @classmethod
    def from_growth(
        cls,
        growth: Growth,
        *,
        labels: Mapping[str, Mapping[Any, str]] | None = None,
        what: str = "payoffs",
        source: str = "growth",
        currency: str = "EUR",
        digits: int = 2,
        calendar: FiscalCalendar | None = None,
    ) -> Budget:
        """Make a budget of what action plans bring, or take: the expected amounts, with their whole distribution behind them.

        Parameters
        ----------
        growth : Growth
            From :func:`custfolio.grow`.
        labels : mapping of str to mapping, optional
            Further dimensions by customer, or by (customer, plan): ``{"manager": plans.labels("owner")}``; "(none)" where there is none.
        what : {"payoffs", "spend", "hours"}
            Revenue and costs; or, in accounts of their own, what attempts cost (which the costs hold too) or the hours that they take. Those
            of an attempt are counted in the month in which it starts.
        source : str
            Source of the lines.
        currency, digits, calendar
            As for :meth:`from_frame`; the currency may be "hours".

        Returns
        -------
        Budget
            Lines per month and plan; each plan is an item of its own.

        Raises
        ------
        InputError
            If `what` is not known.
        """
        growth, lines, types = lines_of_growth(growth, labels or {}, what, source, currency)
        return cls._of_lines(lines, types, currency, digits, calendar, growth.library, parts=(growth,))

    def __add__(self, other: Any) -> Budget:
        """Return the lines of both, rounded together."""
        if not isinstance(other, Budget):
            return NotImplemented
        if (self.currency, self.digits) != (other.currency, other.digits):
            raise InputError(
                f"budgets in {self.currency} and {other.currency} cannot be added; give one of them rates= and the other's currency"
            )
        for name, kind in other._types.items():
            if self._types.get(name, kind) != kind:
                raise InputError(f"account {name!r} is {self._types[name]} in one budget and {kind} in the other")
        if self.correlation and other.correlation and self.correlation != other.correlation:
            raise InputError(
                f"budgets with the correlations {self.correlation} and {other.correlation} cannot be added; "
                "give it to their sum: (a + b).with_correlation(...)"
            )
        lines = self._lines.joined(other._lines, len(self._parts))
        return Budget._of_lines(
            lines, self._types | other._types, self.currency, self.digits, self.calendar, self._library,
            (*self._parts, *other._parts), self._rates, self.correlation or other.correlation,
        )  # fmt: skip

    def with_calendar(self, calendar: FiscalCalendar) -> Budget:
        """Return the same budget in another fiscal calendar.

        Parameters
        ----------
        calendar : FiscalCalendar
            The calendar; with weeks, monthly amounts are divided over its periods by days, each exactly.

        Returns
        -------
        Budget
            The same lines.
        """
        changed = Budget.__new__(type(self))
        changed.__dict__.update(self.__dict__, calendar=calendar)
        changed.__dict__.pop("_periods", None)
        return changed

    def with_correlation(self, correlation: float | Mapping[str, float]) -> Budget:
        """Return the same budget whose parts share a market: one standard normal factor Z, the same in all months.

        With the share r of the market, an amount with a variance is ``mean - deviation (sqrt(r) Z + sqrt(1 - r) e)`` with its own normal e; an
        all-or-nothing amount comes with the chance ``Phi((Phi^-1(p) - sqrt(r) Z) / sqrt(1 - r))``; action plans take part with the
        correlation that :func:`custfolio.grow` was given (that with "market" where it has several; none: not at all). Given Z all are
        independent, and a high Z is bad luck for all. What is expected and the variance of each amount stay as they are; the variance of
        sums grows.

        Parameters
        ----------
        correlation : float, or mapping of str to float
            r in [0, 1), for all sources or by source; sources that are not named do not take part. 0: the parts are independent.

        Returns
        -------
        Budget
            The same lines; :meth:`bands` and :meth:`distribution` count the market.

        Raises
        ------
        InputError
            If a share is not in [0, 1) or no line has a source.
        """
        named = dict(correlation) if isinstance(correlation, Mapping) else {"": correlation}
        for name, share in named.items():
            if name and name not in self._lines.dimensions["source"].names:
                known = ", ".join(map(repr, self._lines.dimensions["source"].names))
                raise InputError(f"correlation names source {name!r}; the budget has {known}")
            if not 0 <= share < 1:
                raise InputError(f"correlation is {share!r}; it must be within 0 and 1, and below 1")
        changed = Budget.__new__(type(self))
        changed.__dict__.update(self.__dict__, correlation=named if "" not in named else float(named[""]))
        return changed

    def _market_shares(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the market's share in each line."""
        source = self._lines.dimensions["source"]
        if not isinstance(self.correlation, Mapping):
            return np.full(rows.size, self.correlation)
        table = np.array([float(self.correlation.get(name, 0.0)) for name in source.names])
        return table[source.codes[rows]]

    # Totals

    @property
    def accounts(self) -> dict[str, str]:
        """Type of each account: income, expense or result."""
        return {name: self._types[name] for name in self._lines.dimensions["account"].names}

    @property
    def months(self) -> list[str]:
        """Months that have lines, as "2022-01"."""
        return [month_text(int(month)) for month in np.unique(self._lines.month)]

    def totals(self, by: str | Sequence[str] = ()) -> Totals:
        """Return totals over the lines.

        Parameters
        ----------
        by : str or sequence of str
            What the totals are told apart by, in any order: month, period, quarter, year, account, source and the other dimensions.

        Returns
        -------
        Totals
            With "account" among them the amount of each account, otherwise level, heat and temperature. O(n log n).

        Raises
        ------
        InputError
            If a name is not known.
        """
        return totals_of(self, by)

    def to_frame(self, library: str | None = None, *, by: str | Sequence[str] | None = None) -> Any:
        """Return lines or totals as a frame.

        Parameters
        ----------
        library : str, optional
            As for every result.
        by : str or sequence of str, optional
            As for :meth:`totals`; all dimensions but the account if not given: month, source, ..., level, heat.

        Returns
        -------
        frame
            One row a total.

        Raises
        ------
        InputError
            If a name is not known.
        """
        return super().to_frame(library) if by is None else self.totals(by).to_frame(library)

    def pivot(self, rows: str | Sequence[str], *, columns: str = "month", measure: str = "heat") -> Listing:
        """Return totals with one column a month (or quarter, year, ...).

        Parameters
        ----------
        rows : str or sequence of str
            What the rows are told apart by.
        columns : str
            What the columns are told apart by.
        measure : str
            "level", "heat", or an account.

        Returns
        -------
        Listing
            The rows' names, a column each, and ``total``, the exact sum of the row.

        Raises
        ------
        InputError
            If a name is not known.
        """
        return pivot_of(self, rows, columns, measure)

    @property
    def total(self) -> tuple[float, float]:
        """Level and heat of all lines, currency."""
        found = self.totals()._entries
        return float(found["level"][0]), float(found["heat"][0])

    def month_total(self, month: Any) -> tuple[float, float]:
        """Level and heat of a month.

        Parameters
        ----------
        month : str or date
            "2022-01".

        Returns
        -------
        (float, float)
            Level and heat, currency: the sums of the month's lines.

        Raises
        ------
        InputError
            If it is no month.
        """
        return self._sum_of(np.flatnonzero(self._lines.month == month_index(month, "month")))

    def source_total(self, source: str) -> tuple[float, float]:
        """Level and heat of a source.

        Parameters
        ----------
        source : str
            "baseline", "remediation", "growth", "acquisition", "overflow", or another source of the lines.

        Returns
        -------
        (float, float)
            Level and heat, currency: the sums of the source's lines.

        Raises
        ------
        InputError
            If there is no such source.
        """
        sources = self._lines.dimensions["source"]
        if source not in sources.names:
            if source in _SOURCES:
                return 0.0, 0.0
            known = ", ".join(dict.fromkeys((*_SOURCES, *sources.names)))
            raise InputError(f"source is {source!r}; it can be {known}")
        return self._sum_of(np.flatnonzero(sources.codes == sources.names.index(source)))

    def _sum_of(self, rows: NDArray[np.int64]) -> tuple[float, float]:
        level, heat = (int((self._units[rows] * self._signs(rows, which)).sum()) for which in (0, 1))
        return float(self._money(np.array(level))), float(self._money(np.array(heat)))

    @cached_property
    def _table(self) -> dict[str, Any]:
        names = ["month", *(name for name in self.dimensions if name != "account")]
        found = dict(self.totals(names)._entries)
        del found["temperature"]
        return found

    def _columns(self) -> Mapping[str, Any]:
        return self._table

    def _facts(self) -> Mapping[str, Any]:
        level, heat = self.total
        return {"currency": self.currency, "level": level, "heat": heat}

    # Distributions

    def bands(
        self,
        by: str | Sequence[str] = ("month",),
        *,
        measure: str = "heat",
        quantiles: Sequence[float] = (0.1, 0.5, 0.9),
    ) -> Bands:
        """Return P10, P50 and P90 of cells, each from the cell's own distribution.

        Parameters
        ----------
        by : str or sequence of str
            What the cells are told apart by, as for :meth:`totals`.
        measure : str
            "level", "heat", or an account.
        quantiles : sequence of float
            Three probabilities in ascending order, in (0, 1); the columns keep the names p10, p50, p90 for the usual ones.

        Returns
        -------
        Bands
            The names, ``expected`` (the rounded total) and the quantiles. Action plans bring the exact distribution of their sum over the cell's own
            months; all-or-nothing amounts that of their sum; variances a normal distribution; the others are certain. Sources are
            independent of each other, or share a market: :meth:`with_correlation`.

            In a calendar of weeks the amount of a month falls on its days evenly, whatever it turns out to be, as expected amounts do. So a
            period's amount is the sum of the shares of its months, and its band comes from the joint distribution of these months: exact
            for plans that do not spend on attempts; else what they spend and earn is played 16,384 times (standard error of a chance: at
            most 0.4 %).

        Raises
        ------
        InputError
            If a name is not known.
        """
        return bands_of(self, by, measure, quantiles)

    def distribution(
        self, measure: str = "heat", *, where: Mapping[str, str] | None = None, first: Any = None, last: Any = None
    ) -> Distribution:
        """Return the distribution of a total.

        Parameters
        ----------
        measure : str
            "level", "heat", or an account.
        where : mapping of str to str, optional
            Only lines with these values of dimensions: ``{"manager": "Ann"}``.
        first, last : str or date, optional
            Only these months, both included.

        Returns
        -------
        Distribution
            As :meth:`bands` has it.

        Raises
        ------
        InputError
            If a name is not known.
        """
        measured, figure = self._of_measure(measure)
        lines = measured._lines
        kept = np.ones(len(lines), dtype=bool)
        for name, value in (where or {}).items():
            if name not in lines.dimensions or value not in lines.dimensions[name].names:
                raise InputError(f"where is {name}: {value!r}; there are no such lines")
            kept &= lines.dimensions[name].codes == lines.dimensions[name].names.index(value)
        begin = None if first is None else month_index(first, "first")
        end = None if last is None else month_index(last, "last")
        if begin is not None and end is not None and begin > end:
            raise InputError(f"first is {month_text(begin)} and last is {month_text(end)}; the first month comes first")
        if begin is not None:
            kept &= lines.month >= begin
        if end is not None:
            kept &= lines.month <= end
        rows = np.flatnonzero(kept)
        signs = measured._signs(rows, LEVEL_HEAT.index(figure))
        return Chances.of(measured, rows, signs, np.ones(rows.size)).distribution()

    # Versions: in modules of their own

    def freeze(
        self, name: str, *, on: Any, bands: Sequence[str | Sequence[str]] = ("month", "quarter", "year")
    ) -> FrozenBudget:
        """Return an immutable version with a name and a date.

        Parameters
        ----------
        name : str
            Name of the version: "2026".
        on : str or date
            The day on which it was agreed.
        bands : sequence
            Bands of the heat that the version keeps, each as for :meth:`bands`.

        Returns
        -------
        FrozenBudget
            The rounded lines; ``save`` and ``FrozenBudget.load`` write and read it.

        Raises
        ------
        InputError
            If the day is none.
        """
        from custfolio.budget._versions import freeze

        return freeze(self, name, on, bands)

    def forecast(self, actuals: Any, through: Any, *, rest: Budget | None = None, **options: Any) -> Budget:
        """Return the rolling forecast: actual amounts through the last close, expected ones after it.

        Parameters
        ----------
        actuals : Budget, or frame as for :meth:`from_frame`
            What was.
        through : str or date
            The last month closed.
        rest : Budget, optional
            What is expected now of the months after it; those of this budget if not given.
        **options
            For a frame, as for :meth:`from_frame`; its source is "actual" if not given.

        Returns
        -------
        Budget
            Lines of both; actual ones are certain.

        Raises
        ------
        InputError
            If actual lines lie after the last close, or cannot be read.
        """
        from custfolio.budget._versions import forecast

        return forecast(self, actuals, through, rest, options)

    def compare(
        self,
        actuals: Any,
        *,
        through: Any = None,
        by: str | Sequence[str] = ("month", "account"),
        outcomes: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Variance:
        """Return the variance of actual amounts, or of another version, with its causes.

        Parameters
        ----------
        actuals : Budget, or frame as for :meth:`from_frame`
            What was, or what is expected now.
        through : str or date, optional
            The last month compared; all months of either if not given.
        by : str or sequence of str
            What the rows are told apart by.
        outcomes : mapping of str to {"won", "lost", "open"}, optional
            What became of items, where the actual lines do not say it in column state.
        **options
            For a frame, as for :meth:`from_frame`; its source is "actual" if not given.

        Returns
        -------
        Variance
            planned, actual, variance, and the causes won, lost, slipped, resized, new, price, volume and currency, which add up to it exactly.
            An all-or-nothing item is judged by all its months, also those after `through`: what comes before or after its planned months is
            slipped, and only what no timing explains is resized. Its plan, moved to begin in the month of the first actual amount, tells the
            least that the planned size brings through `through`, the whole plan the most (where it runs to the budget's last month also its
            largest month in each month since it began); less or more is resized, as is all of the difference where the plan's shape is kept
            over two months or more, to a tenth.

        Raises
        ------
        InputError
            If lines cannot be read, or a rate of the budget is missing for a currency.
        """
        from custfolio.budget._variance import compare

        return compare(self, actuals, through, by, outcomes or {}, options)

    # Out

    def to_csv(
        self,
        path: str | os.PathLike[str],
        *,
        shape: str = "long",
        by: Sequence[str] | None = None,
        version: str = "budget",
    ) -> None:
        """Write the lines in the shape that planning systems load, whole or not at all.

        Parameters
        ----------
        path : str or path
            The .csv file.
        shape : {"long", "wide"}
            One row a month, dimensions and account: period, ..., account, version, currency, amount; or one column a month.
        by : sequence of str, optional
            The dimensions, besides month and account; all if not given.
        version : str
            Name of the version.

        Raises
        ------
        InputError
            If a name is not known.
        OSError
            If the file cannot be written.
        """
        from custfolio.budget._out import write_csv

        write_csv(self, path, shape, by, version)

    def to_excel(
        self, path: str | os.PathLike[str], *, by: Sequence[str] | None = None, title: str = "Budget", stamp: Any = None
    ) -> None:
        """Write a workbook with live totals: rows grouped by account and dimensions, columns by month, quarter and year.

        Parameters
        ----------
        path : str or path
            The .xlsx file.
        by : sequence of str, optional
            The dimensions of the rows below the account, from the outside in; all if not given.
        title : str
            Title of the sheet.
        stamp : datetime, optional
            When it was made; the same stamp gives the same bytes. Now if not given.

        Raises
        ------
        InputError
            If a name is not known or there are more rows than a sheet can hold.
        OSError
            If the file cannot be written.
        """
        from custfolio.budget._out import write_excel

        write_excel(self, path, by, title, stamp)

    def plot(self, kind: str = "months", **options: Any) -> Any:
        """Draw the heat.

        Parameters
        ----------
        kind : {"months", "sources"}
            Stacked by month and source, or a waterfall of the sources.
        **options
            For "months" as for :func:`custfolio.plots.budget`; for "sources" properties of the chart.

        Returns
        -------
        altair.Chart
            The chart.

        Raises
        ------
        InputError
            If the kind is not known.
        """
        return super().plot(kind=kind, **options)

    def _draw(self, *, kind: str = "months", **options: Any) -> Any:
        if not len(self):
            raise InputError("the budget has no lines, and nothing to draw")
        if kind == "months":
            from custfolio import plots

            found = self.totals(["month", "source"])._entries
            return plots.budget(found["month"], found["source"], found["heat"], **options)
        if kind != "sources":
            raise InputError(f"kind is {kind!r}; it can be 'months' or 'sources'")
        return source_waterfall(self, _SOURCES, **options)
