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
from custfolio._days import month_index, month_text
from custfolio._frames import library_of
from custfolio._result import Listing, Result
from custfolio.budget._calendar import FiscalCalendar
from custfolio.budget._chances import Chances
from custfolio.budget._lines import (
    SIGNS,
    Dimension,
    Lines,
    Rates,
    account_types,
    distinct,
    lines_from_frame,
    plain_lines,
)
from custfolio.budget._listings import Bands, Pivot, Totals, waterfall
from custfolio.budget._plan_shares import taken
from custfolio.errors import InputError

if TYPE_CHECKING:
    from custfolio.budget._variance import Variance
    from custfolio.budget._versions import FrozenBudget
    from custfolio.growth import Distribution, Growth

__all__ = ["Budget"]

_TIMES = ("month", "period", "quarter", "year")
_SOURCES = ("baseline", "remediation", "growth", "acquisition", "overflow")
_LEVEL_HEAT = ("level", "heat")


class Budget(Result):
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
        budget = Budget.__new__(cls)
        budget._lines = lines
        budget._types = dict(types)
        budget._parts = tuple(parts)
        budget._library = library
        budget._rates = rates or Rates(None, currency)
        budget.currency = currency
        budget.digits = digits
        budget.calendar = calendar or FiscalCalendar()
        budget.correlation = correlation
        return budget

    _lines: Lines
    _types: dict[str, str]
    _parts: tuple[Any, ...]
    _rates: Rates
    currency: str
    """Code of the currency."""
    digits: int
    """Digits after the decimal point to which lines are rounded."""
    calendar: FiscalCalendar
    """How months belong to years, quarters and periods."""
    correlation: float | Mapping[str, float]
    """Share of the market in what is uncertain, by source if they differ; see :meth:`with_correlation`."""

    @classmethod
    def _of_plan(cls, core: _core.Budget, library: str | None = None) -> Budget:
        """Return a plan's level and heat as revenue and costs; both are rounded already."""
        found = core.lines
        month = np.asarray(found["month"], dtype=np.int64)
        source = Dimension.of(list(found["source"]))
        level = np.asarray(found["level"], dtype=np.float64)
        costs = np.round(level - np.asarray(found["heat"], dtype=np.float64), 2)
        rows = month.size

        def part(account: str, amount: NDArray[np.float64]) -> Lines:
            dimensions = {"account": Dimension.one(account, rows), "source": source}
            return plain_lines(month, dimensions, amount, "EUR")

        lines = part("revenue", level).joined(part("costs", costs))
        return cls._of_lines(lines, account_types(("revenue", "costs"), None), "EUR", 2, None, library)

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
        columns = dict(baseline._columns())
        for name, table in (labels or {}).items():
            columns[name] = [str(table.get(customer, "(none)")) for customer in columns["customer_id"]]
        names = ["source", "customer", *(labels or {})]
        columns["source"] = ["baseline"] * len(columns["month"])
        options = {"library": baseline._library, "dimensions": names, **options}
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
        if what not in ("payoffs", "spend", "hours"):
            raise InputError(f"what is {what!r}; it can be 'payoffs', 'spend' or 'hours'")
        if what != "payoffs":
            growth = taken(growth, what)
        revenue = np.asarray(growth._core.expected_revenue, dtype=np.float64)
        costs = revenue - np.asarray(growth._core.expected_contribution, dtype=np.float64)
        count, months = revenue.shape
        plan = np.repeat(np.arange(count), months)
        month = np.tile(growth._start + np.arange(months), count)
        keys = [(each.customer, each.name) for each in growth.plans]
        chance = [
            min(1.0, growth._core.success(at, len(each.steps) - 1)) if each.steps else 0.0
            for at, each in enumerate(growth.plans)
        ]
        columns = {"customer": [customer for customer, _ in keys]}
        for name, table in (labels or {}).items():
            columns[str(name)] = [str(table.get(key, table.get(key[0], "(none)"))) for key in keys]
        encoded = {name: Dimension.of(values).take(plan) for name, values in columns.items()}
        item = Dimension.of([f"{customer}/{name}" for customer, name in keys]).take(plan)
        probability = np.array(chance, dtype=np.float64)[plan]

        def part(account: str, amount: NDArray[np.float64]) -> Lines:
            rows = np.flatnonzero(amount.ravel() != 0)
            dimensions = {
                "account": Dimension.one(account, rows.size),
                "source": Dimension.one(source, rows.size),
                **{name: values.take(rows) for name, values in encoded.items()},
            }
            return plain_lines(
                month[rows],
                dimensions,
                amount.ravel()[rows],
                currency,
                probability=probability[rows],
                item=item.take(rows),
                part=np.zeros(rows.size, dtype=np.int32),
            )

        if what == "payoffs":
            lines = part("revenue", revenue).joined(part("costs", costs))
            types = account_types(("revenue", "costs"), None)
        else:
            lines, types = part(what, costs), {what: "expense"}
        return cls._of_lines(lines, types, currency, digits, calendar, growth._library, parts=(growth,))

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
    def dimensions(self) -> list[str]:
        """What lines are told apart by besides the month: account, source and others."""
        rest = [name for name in self._lines.dimensions if name not in ("account", "source")]
        return ["account", "source", *rest]

    @property
    def accounts(self) -> dict[str, str]:
        """Type of each account: income, expense or result."""
        return {name: self._types[name] for name in self._lines.dimensions["account"].names}

    @property
    def months(self) -> list[str]:
        """Months that have lines, as "2022-01"."""
        return [month_text(int(month)) for month in np.unique(self._lines.month)]

    def __len__(self) -> int:
        return len(self._lines)

    @cached_property
    def _units(self) -> NDArray[np.int64]:
        """Whole units of every line."""
        lines = self._lines
        # Account and source, then from few values to many: groups come before what they hold.
        sizes = {name: len(lines.dimensions[name].names) for name in self.dimensions[2:]}
        names = [*self.dimensions[:2], *sorted(sizes, key=sizes.__getitem__)]
        codes = [lines.dimensions[name].codes for name in names]
        month = (lines.month - lines.month.min() if len(self) else lines.month).astype(np.int32)
        times = [] if self.calendar.has_weeks else [self._periods["year"], self._periods["quarter"]]
        first, second = [*codes, *times], [*times, month, *codes[:-1]]
        outer, inner = ([np.ascontiguousarray(level, dtype=np.int32) for level in side] for side in (first, second))
        return _core.round_nested(self._lines.amount, outer, inner, self.digits)

    @cached_property
    def _periods(self) -> dict[str, NDArray[Any]]:
        """Fiscal year, quarter and period of each line; for calendars of weeks those of parts of lines, with the line of each part."""
        months = self._lines.month
        if self.calendar.has_weeks:
            found = self.calendar._core.spread(months.astype(np.int32), self._units)
            begin, end = ((months + k).astype("datetime64[M]").astype("datetime64[D]") for k in (0, 1))
            length = (end - begin).astype(np.int64)
            own = np.asarray(self.calendar._core.spread(months.astype(np.int32), length)["units"])
            share = own / length[np.asarray(found["line"])]
            return {**{name: np.asarray(values) for name, values in found.items()}, "share": share}
        keys, places = distinct(months)
        days = [np.datetime64(int(month), "M").astype("datetime64[D]").astype(int).item() for month in keys]
        table = np.array([self.calendar._core.period_of(day)[:3] for day in days], dtype=np.int64).reshape(-1, 3)
        return {name: table[places, k] for k, name in enumerate(("year", "quarter", "period"))}

    def _in_weeks(self, by: Sequence[str]) -> bool:
        """Whether rows told apart by these names are parts of lines."""
        return self.calendar.has_weeks and any(name in ("year", "quarter", "period") for name in by)

    def _keys(self, by: Sequence[str]) -> tuple[list[Dimension], NDArray[np.int64], NDArray[np.int64]]:
        """Return a column for each name in `by`, and the line and units of each of their rows."""
        rows = np.arange(len(self), dtype=np.int64)
        units = self._units
        weeks = self._in_weeks(by)
        if weeks:
            rows, units = self._periods["line"], self._periods["units"]
        columns = []
        for name in by:
            if name == "month":
                if weeks:
                    raise InputError("the fiscal periods are weeks, which are no parts of a month; leave 'month' out")
                keys, places = distinct(self._lines.month)
                texts = tuple(month_text(int(key)) for key in keys)
                columns.append(Dimension(places.astype(np.int32), texts))
            elif name in _TIMES:
                year, number = self._periods["year"], self._periods["year" if name == "year" else name]
                names = self.calendar._names(np.asarray(year), name, np.asarray(number))
                order = tuple(sorted(set(names)))
                place = {text: k for k, text in enumerate(order)}
                columns.append(Dimension(np.array([place[text] for text in names], dtype=np.int32), order))
            elif name in self._lines.dimensions:
                columns.append(self._lines.dimensions[name].take(rows))
            else:
                possible = ", ".join(map(repr, (*_TIMES, *self.dimensions)))
                raise InputError(f"by names {name!r}; a budget can be totalled by {possible}")
        return columns, rows, units

    def _grouped(
        self, by: Sequence[str]
    ) -> tuple[list[list[str]], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the groups' names by column, the group of each row, and the line and units of each row."""
        if len(set(by)) != len(by):
            raise InputError(f"by is {list(by)!r}; a name may stand there once")
        columns, rows, units = self._keys(by)
        code = np.zeros(rows.size, dtype=np.int64)
        for column in columns:
            code = code * max(1, len(column.names)) + column.codes
        keys, group = distinct(code)
        names: list[list[str]] = []
        rest = keys
        for column in reversed(columns):
            size = max(1, len(column.names))
            names.append([column.names[k] for k in (rest % size).tolist()])
            rest = rest // size
        return names[::-1], group, rows, units

    def _sums(self, group: NDArray[np.int64], values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """Return exact sums of units by group."""
        sums = np.zeros(count, dtype=np.int64)
        np.add.at(sums, group, values)
        return sums

    def _money(self, units: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(units, dtype=np.float64) / 10.0**self.digits

    def _whole(self, amounts: Any) -> NDArray[np.int64]:
        """Return rounded amounts in whole units again: what :meth:`_money` was made of."""
        return np.rint(np.asarray(amounts) * 10.0**self.digits).astype(np.int64)

    def _signs(self, rows: NDArray[np.int64], which: int) -> NDArray[np.int64]:
        account = self._lines.dimensions["account"]
        table = np.array([SIGNS[self._types[name]][which] for name in account.names], dtype=np.int64)
        return table[account.codes[rows]] if len(account.names) else np.zeros(rows.size, dtype=np.int64)

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
        names = [by] if isinstance(by, str) else list(by)
        texts, group, rows, units = self._grouped(names)
        count = len(texts[0]) if texts else 1
        columns: dict[str, Any] = dict(zip(names, texts, strict=True))
        if "account" in names:
            columns["amount"] = self._money(self._sums(group, units, count))
        else:
            for which, name in enumerate(_LEVEL_HEAT):
                signed = units * self._signs(rows, which)
                columns[name] = self._money(self._sums(group, signed, count if rows.size else 0))
                if not names and not rows.size:
                    columns[name] = np.zeros(1)
            level = columns["level"]
            columns["temperature"] = np.divide(
                columns["heat"], level, out=np.full(level.shape, np.nan), where=level != 0
            )
        return Totals(columns, names, self._library)

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
        names = [rows] if isinstance(rows, str) else list(rows)
        measured, figure = self._of_measure(measure)
        found = measured.totals([*names, columns])._entries
        heads = sorted(set(found[columns])) if columns in _TIMES else list(dict.fromkeys(found[columns]))
        keys = list(dict.fromkeys(zip(*(found[name] for name in names), strict=True))) if names else [()]
        place = {key: k for k, key in enumerate(keys)}
        column = {head: k for k, head in enumerate(heads)}
        table = np.zeros((len(keys), len(heads)))
        units = self._whole(found[figure])
        all_names = zip(*(found[name] for name in names), strict=True) if names else [()] * len(units)
        for key, head, amount in zip(all_names, found[columns], units.tolist(), strict=True):
            table[place[key], column[head]] = amount
        result: dict[str, Any] = {name: [key[k] for key in keys] for k, name in enumerate(names)}
        result |= {head: self._money(table[:, k]) for k, head in enumerate(heads)}
        result["total"] = self._money(table.sum(axis=1))
        return Pivot(result, names, self._library)

    def _of_measure(self, measure: str) -> tuple[Budget, str]:
        """Return a budget and the column of its totals that holds a measure."""
        if measure in _LEVEL_HEAT:
            return self, measure
        if measure not in self._types:
            possible = ", ".join(map(repr, (*_LEVEL_HEAT, *self._types)))
            raise InputError(f"measure is {measure!r}; it can be {possible}")
        account = self._lines.dimensions["account"]
        rows = np.flatnonzero(account.codes == account.names.index(measure))
        only = Budget.__new__(type(self))
        only.__dict__.update(self.__dict__)
        for name in ("_units", "_periods"):
            only.__dict__.pop(name, None)
        only._lines = self._lines.take(rows)
        only._types = {**self._types, measure: "result"}
        only.__dict__["_units"] = self._units[rows]
        return only, "heat"

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
        names = [by] if isinstance(by, str) else list(by)
        chosen = [float(q) for q in quantiles]
        if not all(0 < q < 1 for q in chosen) or sorted(chosen) != chosen:
            raise InputError(f"quantiles are {chosen}; they must ascend and lie between 0 and 1")
        measured, figure = self._of_measure(measure)
        texts, group, rows, units = measured._grouped(names)
        count = len(texts[0]) if texts else 1
        signs = measured._signs(rows, _LEVEL_HEAT.index(figure))
        days = measured._periods["share"] if measured._in_weeks(names) else np.ones(rows.size)
        columns: dict[str, Any] = dict(zip(names, texts, strict=True))
        columns["expected"] = measured._money(measured._sums(group, units * signs, count))
        order = np.argsort(group, kind="stable")
        ends = np.searchsorted(group[order], np.arange(count + 1))
        heads = [f"p{100 * q:g}" for q in chosen]
        values = np.empty((count, len(chosen)))
        for k in range(count):
            own = order[ends[k] : ends[k + 1]]
            values[k] = Chances.of(measured, rows[own], signs[own], days[own]).quantiles(chosen)
        columns |= {head: values[:, k] for k, head in enumerate(heads)}
        return Bands(columns, names, measure, self._library)

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
        if first is not None:
            kept &= lines.month >= month_index(first, "first")
        if last is not None:
            kept &= lines.month <= month_index(last, "last")
        rows = np.flatnonzero(kept)
        signs = measured._signs(rows, _LEVEL_HEAT.index(figure))
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
        if kind == "months":
            from custfolio import plots

            found = self.totals(["month", "source"])._entries
            return plots.budget(found["month"], found["source"], found["heat"], **options)
        if kind != "sources":
            raise InputError(f"kind is {kind!r}; it can be 'months' or 'sources'")
        return self._waterfall(**options)

    def _waterfall(self, **options: Any) -> Any:
        import altair as alt

        found = self.totals("source")._entries
        names = list(found["source"])
        order = [name for name in _SOURCES if name in names] + [name for name in names if name not in _SOURCES]
        rows, at = [], 0.0
        for name in order:
            heat = float(found["heat"][names.index(name)])
            rows.append(
                {"source": name, "from": at, "to": at + heat, "heat": heat, "kind": "more" if heat >= 0 else "less"}
            )
            at += heat
        heat = self.total[1]
        rows.append({"source": "total", "from": 0.0, "to": heat, "heat": heat, "kind": "total"})
        y = alt.Y("from:Q", title=f"Heat, {self.currency}", axis=alt.Axis(format="~s"))
        tips = ["source:N", alt.Tooltip("heat:Q", format=",.2f")]
        return waterfall(rows, "source", y).encode(tooltip=tips).properties(**{"width": 420, "height": 240, **options})
