# The budget: lines from any source, rounded once so that every total adds up, with the distribution of every total; and its frozen versions.
"""Budget lines from any source."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.dates import DayLike, MonthLike, day_date, day_number, month_index, month_text
from custfolio._tables.frames import TableLike, library_of
from custfolio._tables.result import STATE_FORMAT, Listing, Result, check_state_format
from custfolio.budget._calendar import FiscalCalendar
from custfolio.budget._frozen_file import FORMAT, checksum, read_content, write_content
from custfolio.budget._lines import FrameOptions, Labels, Rates, account_types, lines_from_frame
from custfolio.budget._listings import Bands, Pivot, SideBySide, Totals, source_waterfall
from custfolio.budget._out import Sheet, file_dimensions, write_csv, write_excel
from custfolio.budget._variance import Variance
from custfolio.distribution import Distribution, MonthlyAmounts, Recipe
from custfolio.errors import InputError

__all__ = ["Budget", "FrozenBudget", "side_by_side"]

_SOURCES = ("baseline", "remediation", "growth", "acquisition", "overflow")
_TIMES = ("month", "period", "quarter", "year")
_MEASURES = ("level", "heat")
_USUAL_QUANTILES = (0.1, 0.5, 0.9)
_FIGURES = ("payoffs", "spend", "hours")


class Budget(Result):
    """Amounts by month, account, source and any other dimension, rounded once so that all totals add up exactly.

    Every total is the sum of its lines, which are whole units of the currency. These totals are less than one unit from the sum of their
    unrounded amounts:

    - each line and each month;
    - each group of the dimensions in their order (account, source, then from few values to many);
    - each such group in each month.

    The sum of all amounts is rounded to the nearest unit. An account of type income adds to level and heat, an expense is subtracted from
    the heat, and a result adds to the heat. Budgets are immutable.

    Parameters
    ----------
    lines : frame or mapping of columns
        As for :meth:`from_frame`.
    **options
        As for :meth:`from_frame`.
    """

    def __init__(self, lines: TableLike, **options: Any) -> None:
        self.__dict__.update(Budget.from_frame(lines, **options).__dict__)

    core: _core.LineItemBudget
    """The budget of the compiled library."""
    calendar: FiscalCalendar
    """How months belong to years, quarters and periods."""
    currency: str
    """Code of the currency."""
    digits: int
    """Digits after the decimal point to which lines are rounded."""
    rates: Rates
    """Rates of exchange of the budget."""

    @classmethod
    def _of_core(
        cls, core: _core.LineItemBudget, calendar: FiscalCalendar, rates: Rates, digits: int, library: str | None
    ) -> Budget:
        budget = Budget.__new__(cls)
        budget.core, budget.calendar, budget.rates = core, calendar, rates
        budget.currency, budget.digits = rates.reporting, digits
        budget._library = library
        return budget

    def _changed(
        self, core: _core.LineItemBudget, recipe: Recipe | None = None, calendar: FiscalCalendar | None = None
    ) -> Budget:
        budget = Budget._of_core(core, calendar or self.calendar, self.rates, self.digits, self.library)
        budget._recipe = recipe
        return budget

    _recipe: Recipe | None = None
    """The call that makes the budget again; None where its lines suffice."""

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle or a copy stores: the call that makes the budget again, or its lines."""
        state = {"format": STATE_FORMAT, "library": self._library, "recipe": self._recipe}
        return state if self._recipe is not None else state | self._lines()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make the budget of a state again; InputError where its format is another one."""
        check_state_format(state.get("format"), "Budget")
        recipe = state["recipe"]
        made = Budget._of_lines(state) if recipe is None else recipe.make()
        vars(self).update(vars(made), _library=state["library"])

    def _lines(self) -> dict[str, Any]:
        """Return the lines and settings of a budget without forecasts, as plain columns."""
        columns = self.core.columns
        rates = self.rates.core
        return {
            "currency": self.currency,
            "digits": self.digits,
            "calendar": self.calendar.described,
            "accounts": self.accounts,
            "dimensions": list(columns["dimensions"]),
            "rates": [rates.always, [[*key, rate] for key, rate in sorted(rates.monthly.items())]],
            "correlation": self.correlation,
            "lines": {
                "month": [month_text(month) for month in columns["month"].tolist()],
                "amount": columns["amount"],
                **{f"dimension {name}": texts for name, texts in columns["dimensions"].items()},
                **{name: columns[name] for name in ("deviation", "probability", "quantity", "stated")},
                **{name: columns[name] for name in ("item", "state", "currency")},
            },
        }

    @classmethod
    def _of_lines(cls, content: Mapping[str, Any]) -> Budget:
        """Make the budget of lines and settings."""
        rows = content["lines"]
        columns: dict[str, Any] = {
            "month": np.array([month_index(month, "month") for month in rows["month"]], dtype=np.int32),
            "dimensions": [(name, *Labels.of(rows[f"dimension {name}"]).pair()) for name in content["dimensions"]],
        }
        columns |= {
            name: np.array(rows[name], dtype=np.float64) for name in ("deviation", "probability", "quantity", "stated")
        }
        columns |= {name: Labels.of(rows[name]).pair() for name in ("item", "state", "currency")}
        rates = Rates(None, content["currency"])
        always, monthly = content["rates"]
        for code, rate in always.items():
            rates.core.set(code, float(rate))
        for month, code, rate in monthly:
            rates.core.set(str(code), float(rate), int(month))
        calendar = FiscalCalendar.from_description(content["calendar"])
        settings = _settings(rates, content["digits"], calendar, content["accounts"])
        if "units" in rows:
            units = np.array(rows["units"], dtype=np.int64)
            columns["amount"] = units / 10.0 ** content["digits"]
            columns["frozen"] = np.array(rows["plans"], dtype=bool)
            core = _core.LineItemBudget.of_units(_core.LineItems(columns), settings, units)
        else:
            columns["amount"] = np.array(rows["amount"], dtype=np.float64)
            core = _core.LineItemBudget(_core.LineItems(columns), settings)
        budget = Budget._of_core(core, calendar, rates, content["digits"], None)
        return budget.with_correlation(content["correlation"]) if content["correlation"] else budget

    @classmethod
    def from_plan(cls, plan: _core.Budget, library: str | None = None) -> Budget:
        """Make a budget of level and heat by month and source, which are rounded already.

        Parameters
        ----------
        plan : core budget
            Level and heat of a plan of the strategy.
        library : str, optional
            Library of returned frames.

        Returns
        -------
        Budget
            Accounts revenue and costs.
        """
        core = _core.LineItemBudget.of_plan(plan)
        return cls._of_core(core, FiscalCalendar(), Rates(None, "EUR"), 2, library)

    @classmethod
    def from_frame(
        cls,
        lines: TableLike,
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
            One row an amount, with columns month ("2022-01" or a date), account and amount. Or one row with revenue (or level), and costs or
            contribution (or heat). A cost is a positive amount of an account of type expense. Optional columns:

            - source, customer, manager, segment, entity, quantity, currency;
            - variance of the amount, or of the revenue, with which the costs move;
            - item and probability: the opportunity of an all-or-nothing amount, which is already multiplied by the probability;
            - state: open, won or lost.
        month : str
            Name of the column of months.
        dimensions : sequence of str, optional
            Columns that lines are grouped by, in their order; by default the usual ones that the frame has.
        accounts : mapping of str to {"income", "expense", "result"}, optional
            Types of accounts whose names are not usual ones.
        source : str
            Source of the lines where the frame has no such column.
        currency, digits : str, int
            Reporting currency and its digits after the decimal point.
        rates : mapping or frame, optional
            What a unit of each other currency is worth: ``{"USD": 0.9}``, or a frame with columns month, currency, rate.
        calendar : FiscalCalendar, optional
            The fiscal calendar; calendar years by default.
        correlation : float, or mapping of str to float
            Share of the market in uncertain amounts, as for :meth:`with_correlation`.
        library : str, optional
            Library of returned frames; that of `lines` by default.

        Returns
        -------
        Budget
            All lines.

        Raises
        ------
        InputError
            If a column is missing, a cell is not valid (the text names its row), an account has no type or a rate is missing (the text names
            month and currency).
        """
        if library is None and not isinstance(lines, Mapping):
            try:
                library = library_of(lines)
            except InputError:
                raise InputError(f"budget lines: a frame was expected; found {type(lines).__name__}") from None
        table = Rates(rates, currency)
        items = lines_from_frame(lines, FrameOptions(month, dimensions, source, currency, table))
        types = account_types(items.accounts, accounts)
        settings = _settings(table, digits, calendar, types)
        core = _core.LineItemBudget(items, settings)
        budget = cls._of_core(core, calendar or FiscalCalendar(), table, int(digits), library)
        return budget.with_correlation(correlation)

    @classmethod
    def from_baseline(
        cls, baseline: Any, *, labels: Mapping[str, Mapping[str, str]] | None = None, **options: Any
    ) -> Budget:
        """Make a budget of the amounts that customers bring without any action.

        Parameters
        ----------
        baseline : Baseline
            From :func:`custfolio.lifetime.baseline`. Its variances make the bands; customers and months are independent.
        labels : mapping of str to mapping, optional
            Further dimensions: ``{"manager": {"2633": "Ann"}}``, by customer; "(none)" for customers without a label.
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
        growth: Any,
        *,
        labels: Mapping[str, Mapping[Any, str]] | None = None,
        figure: str = "payoffs",
        source: str = "growth",
        currency: str = "EUR",
        digits: int = 2,
        calendar: FiscalCalendar | None = None,
    ) -> Budget:
        """Make a budget of the expected amounts of action plans, with their whole distribution behind them.

        Parameters
        ----------
        growth : Growth
            From :func:`custfolio.grow`.
        labels : mapping of str to mapping, optional
            Further dimensions by customer, or by (customer, plan): ``{"manager": plans.labels("owner")}``; "(none)" for plans without a label.
        figure : {"payoffs", "spend", "hours"}
            Revenue and costs; or the spend of attempts, which is part of the costs; or the hours of attempts. Spend and hours count in the
            month in which an attempt starts, in an account of that name.
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
            If `figure` is unknown.
        """
        if figure not in _FIGURES:
            raise InputError(f"figure is {figure!r}; it can be {', '.join(map(repr, _FIGURES))}")
        amounts: MonthlyAmounts = growth.monthly_amounts(figure)
        dimensions = {
            str(name): [str(table.get(key, table.get(key[0], "(none)"))) for key in amounts.keys]
            for name, table in (labels or {}).items()
        }
        account = "costs" if figure == "payoffs" else figure
        rates = Rates(None, currency)
        settings = _settings(rates, digits, calendar, {"revenue": "income", account: "expense"})
        core = _core.LineItemBudget.of_forecast(amounts.core, settings, source, account, dimensions)
        budget = cls._of_core(core, calendar or FiscalCalendar(), rates, int(digits), growth.library)
        options = {"labels": labels, "figure": figure, "source": source, "currency": currency}
        budget._recipe = Recipe(Budget.from_growth, (growth,), {**options, "digits": digits, "calendar": calendar})
        return budget

    def __add__(self, other: Any) -> Budget:
        """Return the lines of both, rounded together."""
        if not isinstance(other, Budget):
            return NotImplemented
        if (self.currency, self.digits) != (other.currency, other.digits):
            raise InputError(
                f"budgets in {self.currency} and {other.currency} cannot be added; give one of them rates= and the other's currency"
            )
        if self.correlation and other.correlation and self.correlation != other.correlation:
            raise InputError(
                f"budgets with the correlations {self.correlation} and {other.correlation} cannot be added; "
                "give it to their sum: (a + b).with_correlation(...)"
            )
        return self._changed(self.core.plus(other.core), Recipe(self.__add__, (other,)))

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
        return self._changed(self.core.with_calendar(calendar.core), Recipe(self.with_calendar, (calendar,)), calendar)

    def with_correlation(self, correlation: float | Mapping[str, float]) -> Budget:
        """Return the same budget whose parts share a market: one standard normal factor Z, the same in all months.

        With the share r of the market:

        - an amount with a variance is ``mean - deviation (sqrt(r) Z + sqrt(1 - r) e)`` with its own normal e;
        - an all-or-nothing amount comes with the chance ``Phi((Phi^-1(p) - sqrt(r) Z) / sqrt(1 - r))``;
        - action plans take part with the correlation that :func:`custfolio.grow` was given, or with its "market" where it has several.

        Given Z all are independent, and a high Z is bad luck for all. Expected amounts and the variance of each amount stay the same; the
        variance of sums grows.

        Parameters
        ----------
        correlation : float, or mapping of str to float
            r in [0, 1), for all sources or by source; sources without a name in the mapping do not take part. 0: the parts are independent.

        Returns
        -------
        Budget
            The same lines; :meth:`bands` and :meth:`distribution` include the market.

        Raises
        ------
        InputError
            If a share is not in [0, 1) or no line has a source that is named.
        """
        by_source = dict(correlation) if isinstance(correlation, Mapping) else {}
        share = 0.0 if isinstance(correlation, Mapping) else float(correlation)
        plain = type(self) is Budget and self._recipe is None
        recipe = None if plain else Recipe(self.with_correlation, (correlation,))
        return self._changed(self.core.with_correlation(share, by_source), recipe)

    @property
    def correlation(self) -> float | dict[str, float]:
        """Share of the market in uncertain amounts, by source if they differ; see :meth:`with_correlation`."""
        share, by_source = self.core.correlation
        return by_source or share

    # Totals

    @property
    def dimensions(self) -> list[str]:
        """Names that lines are grouped by besides the month: account, source and others."""
        others = [name for name in self.core.dimensions if name not in ("account", "source")]
        return ["account", "source", *others]

    def __len__(self) -> int:
        return len(self.core)

    @property
    def accounts(self) -> dict[str, str]:
        """Type of each account: income, expense or result."""
        return self.core.accounts

    @property
    def months(self) -> list[str]:
        """Months that have lines, as "2022-01"."""
        return [month_text(month) for month in self.core.months]

    def totals(self, by: str | Sequence[str] = ()) -> Totals:
        """Return totals over the lines.

        Parameters
        ----------
        by : str or sequence of str
            What the lines are grouped by, in any order: month, period, quarter, year, account, source, item and the other dimensions.

        Returns
        -------
        Totals
            With "account" among the names the amount of each account, otherwise level, heat and temperature. O(n log n).

        Raises
        ------
        InputError
            If a name is unknown.
        """
        names = _names(by)
        return Totals(self._totals(names), names, self.library)

    def _totals(self, names: Sequence[str], account: str = "") -> dict[str, Any]:
        keys, figures = self.core.totals(list(names), account)
        order = ("amount", "level", "heat", "temperature")
        return dict(zip(names, keys, strict=True)) | {name: figures[name] for name in order if name in figures}

    def to_frame(self, library: str | None = None, *, by: str | Sequence[str] | None = None) -> Any:
        """Return lines or totals as a frame.

        Parameters
        ----------
        library : str, optional
            As for every result.
        by : str or sequence of str, optional
            As for :meth:`totals`; by default all dimensions but the account: month, source, ..., level, heat.

        Returns
        -------
        frame
            One row a total.

        Raises
        ------
        InputError
            If a name is unknown.
        """
        return super().to_frame(library) if by is None else self.totals(by).to_frame(library)

    def pivot(self, rows: str | Sequence[str], *, columns: str = "month", measure: str = "heat") -> Listing:
        """Return totals with one column a month (or quarter, year, ...).

        Parameters
        ----------
        rows : str or sequence of str
            What the rows are grouped by.
        columns : str
            What the columns are grouped by.
        measure : str
            "level", "heat", or an account.

        Returns
        -------
        Listing
            The rows' names, a column each, and ``total``, the exact sum of the row.

        Raises
        ------
        InputError
            If a name is unknown.
        """
        names = _names(rows)
        totals = self._totals([*names, columns], "" if measure in _MEASURES else measure)
        figure = "amount" if "account" in (*names, columns) else measure if measure in _MEASURES else "heat"
        heads = sorted(set(totals[columns])) if columns in _TIMES else list(dict.fromkeys(totals[columns]))
        row_names = list(zip(*(totals[name] for name in names), strict=True)) if names else [()] * len(totals[columns])
        keys = list(dict.fromkeys(row_names)) if names else [()]
        place = {key: k for k, key in enumerate(keys)}
        column = {head: k for k, head in enumerate(heads)}
        units = np.zeros((len(keys), len(heads)), dtype=np.int64)
        for key, head, amount in zip(row_names, totals[columns], self._whole(totals[figure]).tolist(), strict=True):
            units[place[key], column[head]] = amount
        table: dict[str, Any] = {name: [key[k] for key in keys] for k, name in enumerate(names)}
        for k, head in enumerate(heads):  # a customer may be called "total"
            table[f"{head} ({columns})" if head in (*names, "total") else head] = self._money(units[:, k])
        table["total"] = self._money(units.sum(axis=1))
        return Pivot(table, names, self.library)

    def _money(self, units: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(units, dtype=np.float64) / 10.0**self.digits

    def _whole(self, amounts: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.rint(np.asarray(amounts) * 10.0**self.digits).astype(np.int64)

    @property
    def total(self) -> tuple[float, float]:
        """Level and heat of all lines, currency."""
        totals = self._totals(())
        return float(totals["level"][0]), float(totals["heat"][0])

    def month_total(self, month: MonthLike) -> tuple[float, float]:
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
        return self._total_of("month", month_text(month_index(month, "month")))

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
        known = list(dict.fromkeys((*_SOURCES, *self.core.dimensions["source"])))
        if source not in known:
            raise InputError(f"source is {source!r}; it can be {', '.join(known)}")
        return self._total_of("source", source)

    def _total_of(self, name: str, value: str) -> tuple[float, float]:
        totals = self._totals([name])
        if value not in totals[name]:
            return 0.0, 0.0
        at = totals[name].index(value)
        return float(totals["level"][at]), float(totals["heat"][at])

    @cached_property
    def _table(self) -> dict[str, Any]:
        table = self._totals(["month", *(name for name in self.dimensions if name != "account")])
        del table["temperature"]
        return table

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
        quantiles: Sequence[float] = _USUAL_QUANTILES,
    ) -> Bands:
        """Return P10, P50 and P90 of groups of lines, each from the distribution of the group's own sum.

        Parameters
        ----------
        by : str or sequence of str
            What the lines are grouped by, as for :meth:`totals`.
        measure : str
            "level", "heat", or an account.
        quantiles : sequence of float
            Probabilities in ascending order, in (0, 1); each gives a column: p10, p50, p90.

        Returns
        -------
        Bands
            The names, ``expected`` (the rounded total) and the quantiles. Action plans bring the exact distribution of their sum over the group's
            months, all-or-nothing amounts that of their sum, and variances a normal distribution; other lines are certain. Sources are
            independent, or share a market: :meth:`with_correlation`.

            In a calendar of weeks the amount of a month falls on its days evenly, whatever it turns out to be. The amount of a period is
            then the sum of shares of months, and its band comes from the joint distribution of these months.

        Raises
        ------
        InputError
            If a name is unknown.
        """
        names = _names(by)
        chosen = [float(q) for q in quantiles]
        if not all(0 < q < 1 for q in chosen) or sorted(chosen) != chosen:
            raise InputError(f"quantiles are {chosen}; they must ascend and lie between 0 and 1")
        return _bands(names, measure, chosen, self.core.bands(names, measure, chosen), self.library)

    def distribution(
        self,
        measure: str = "heat",
        *,
        where: Mapping[str, str] | None = None,
        first: MonthLike | None = None,
        last: MonthLike | None = None,
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
            The distribution behind :meth:`bands`.

        Raises
        ------
        InputError
            If a name is unknown.
        """
        begin = None if first is None else month_index(first, "first")
        end = None if last is None else month_index(last, "last")
        return Distribution(
            self.core.distribution(measure, list((where or {}).items()), begin, end),
            Recipe(self.distribution, (), {"measure": measure, "first": first, "last": last, "where": where}),
        )

    # Versions

    def freeze(
        self, name: str, *, on: DayLike, bands: Sequence[str | Sequence[str]] = ("month", "quarter", "year")
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
            If the day is not valid.
        """
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"name is {name!r}; a version has a name, such as '2026'")
        day = day_number(on, "on")
        groups = [_names(by) for by in bands]
        core, results = _core.freeze_budget(self.core, name, day, groups)
        kept = [
            _bands(names, "heat", _USUAL_QUANTILES, one, self.library)
            for names, one in zip(groups, results, strict=True)
        ]
        return FrozenBudget._frozen(self._changed(core), name, day, kept)

    def forecast(
        self, actuals: Budget | TableLike, through: MonthLike, *, remaining: Budget | None = None, **options: Any
    ) -> Budget:
        """Return the rolling forecast: actual amounts through the last close, expected ones after it.

        Parameters
        ----------
        actuals : Budget, or frame as for :meth:`from_frame`
            The actual amounts.
        through : str or date
            The last month closed.
        remaining : Budget, optional
            The amounts expected now for the months after it; those of this budget by default.
        **options
            For a frame, as for :meth:`from_frame`; its source is "actual" by default.

        Returns
        -------
        Budget
            Lines of both; actual ones are certain.

        Raises
        ------
        InputError
            If actual lines lie after the last close, or are not valid.
        """
        last = month_index(through, "through")
        actual = self._actual(actuals, options)
        later = self if remaining is None else remaining
        core = _core.rolling_forecast(self.core, actual.core, last, later.core)
        return self._changed(core, Recipe(self.forecast, (actual, through), {"remaining": remaining}))

    def compare(
        self,
        actuals: Budget | TableLike,
        *,
        through: MonthLike | None = None,
        by: str | Sequence[str] = ("month", "account"),
        outcomes: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Variance:
        """Return the variance of actual amounts, or of another version, with its causes.

        Parameters
        ----------
        actuals : Budget, or frame as for :meth:`from_frame`
            The actual amounts, or those expected now.
        through : str or date, optional
            The last month compared; all months of either by default.
        by : str or sequence of str
            What the rows are grouped by.
        outcomes : mapping of str to {"won", "lost", "open"}, optional
            The outcomes of items, where column state of the actual lines does not have them.
        **options
            For a frame, as for :meth:`from_frame`; its source is "actual" by default.

        Returns
        -------
        Variance
            planned, actual, variance, and the causes won, lost, slipped, resized, new, price, volume and currency, which add up to it exactly.

            An all-or-nothing item is judged by all its months, also those after `through`. Its plan is moved to begin in the month of the
            first actual amount. The moved plan through `through` is the least that the planned size brings by then, and the whole plan is the
            most. A plan that runs to the budget's last month may also bring its largest month in each month since it began. Amounts within
            these limits are slipped; less or more is resized. All of the difference is resized where the amounts keep the plan's shape
            over two months or more, to a tenth.

        Raises
        ------
        InputError
            If lines are not valid, or the budget has no rate for a currency.
        """
        names = _names(by)
        given = {str(item): str(outcome) for item, outcome in (outcomes or {}).items()}
        last = None if through is None else month_index(through, "through")
        actual = self._actual(actuals, options)
        keys, columns, totals = _core.compare_budgets(self.core, actual.core, names, last, given)
        words = {1: "favourable", -1: "unfavourable", 0: ""}
        judgement = [words[sign] for sign in columns.pop("judgement").tolist()]
        causes = {name: columns.pop(name) for name in ("planned", "actual", "variance")} | columns
        table = {**dict(zip(names, keys, strict=True)), **causes, "judgement": judgement}
        return Variance(table, names, self.library, totals)

    def _actual(self, data: Budget | TableLike, options: Mapping[str, Any]) -> Budget:
        """Return actual amounts as a budget, in this budget's currency, digits and calendar."""
        if isinstance(data, Budget):
            if options:
                raise InputError(f"{next(iter(options))!r} is for frames; the actual amounts are a budget already")
            if (data.currency, data.digits) != (self.currency, self.digits):
                raise InputError(f"the budget is in {self.currency}, the actual amounts in {data.currency}")
            return data
        defaults = {
            "source": "actual",
            "currency": self.currency,
            "digits": self.digits,
            "calendar": self.calendar,
            "rates": self.rates,
        }
        accounts = {**self.accounts, **(options.get("accounts") or {})}
        return Budget.from_frame(data, **{**defaults, **options, "accounts": accounts})

    # Files and charts

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
            The dimensions, besides month and account; all by default.
        version : str
            Name of the version.

        Raises
        ------
        InputError
            If a name is unknown.
        OSError
            If the file cannot be written.
        """
        write_csv(self._sheet(by, ()), path, shape, version)

    def to_excel(
        self, path: str | os.PathLike[str], *, by: Sequence[str] | None = None, title: str = "Budget", stamp: Any = None
    ) -> None:
        """Write a workbook with live totals: rows grouped by account and dimensions, columns by month, quarter and year.

        Parameters
        ----------
        path : str or path
            The .xlsx file.
        by : sequence of str, optional
            The dimensions of the rows below the account, from the outside in; all by default.
        title : str
            Title of the sheet.
        stamp : datetime, optional
            When it was made; the same stamp gives the same bytes. Now by default.

        Raises
        ------
        InputError
            If a name is unknown or there are more rows than a sheet can have.
        OSError
            If the file cannot be written.
        """
        write_excel(self._sheet(by, ("year", "quarter")), path, title, stamp)

    def _sheet(self, by: Sequence[str] | None, times: Sequence[str]) -> Sheet:
        names = file_dimensions(self.dimensions, by)
        time = "period" if self.calendar.has_weeks else "month"
        order = [time, *names, "account"] if not times else ["account", *names, *times, time]
        return Sheet(names, time, self._totals(order), self.accounts, self.currency, self.digits)

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
            If the kind is unknown.
        """
        return super().plot(kind=kind, **options)

    def _draw(self, *, kind: str = "months", **options: Any) -> Any:
        if not len(self):
            raise InputError("the budget has no lines, and nothing to draw")
        if kind == "months":
            from custfolio import plots

            totals = self._totals(["month", "source"])
            return plots.budget(totals["month"], totals["source"], totals["heat"], **options)
        if kind != "sources":
            raise InputError(f"kind is {kind!r}; it can be 'months' or 'sources'")
        totals = self._totals(["source"])
        heat_of = dict(zip(totals["source"], totals["heat"].tolist(), strict=True))
        order = [name for name in _SOURCES if name in heat_of] + [name for name in heat_of if name not in _SOURCES]
        return source_waterfall({name: heat_of[name] for name in order}, self.total[1], self.currency, **options)


class FrozenBudget(Budget):
    """A version of a budget that does not change: rounded lines, a name, a day and a checksum. Made by :meth:`Budget.freeze`."""

    name: str
    """Name of the version."""
    on: datetime.date
    """The day on which it was agreed."""
    _kept: list[Bands]

    def __init__(self) -> None:
        raise InputError("a frozen budget is made by Budget.freeze, or read by FrozenBudget.load")

    @classmethod
    def _frozen(cls, budget: Budget, name: str, day: int, bands: list[Bands]) -> FrozenBudget:
        frozen = FrozenBudget.__new__(cls)
        frozen.__dict__.update(budget.__dict__)
        frozen.name, frozen.on, frozen._kept = name, day_date(day), bands
        return frozen

    @property
    def checksum(self) -> str:
        """SHA-256 of its content, in hexadecimal; a file whose content has another one is refused."""
        return checksum(self._content())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrozenBudget) and self.checksum == other.checksum

    __hash__ = None  # type: ignore[assignment]

    def bands(
        self,
        by: str | Sequence[str] = ("month",),
        *,
        measure: str = "heat",
        quantiles: Sequence[float] = _USUAL_QUANTILES,
    ) -> Bands:
        """Return the bands that were kept when the budget was frozen; others only for budgets without action plans.

        Parameters
        ----------
        by, measure, quantiles
            As for :meth:`Budget.bands`.

        Returns
        -------
        Bands
            The bands.

        Raises
        ------
        InputError
            If they were not kept and need the distribution of action plans, which a frozen version does not have.
        """
        names = _names(by)
        for kept in self._kept:
            if kept.by == names and measure == "heat" and tuple(quantiles) == _USUAL_QUANTILES:
                return kept
        if self.core.frozen:
            raise InputError(
                f"the version keeps no bands by {', '.join(names) or 'nothing'}; name them when it is frozen: freeze(..., bands=[{names!r}])"
            )
        return super().bands(names, measure=measure, quantiles=quantiles)

    def _facts(self) -> Mapping[str, Any]:
        return {"version": self.name, "frozen on": str(self.on), **super()._facts()}

    def _content(self) -> dict[str, Any]:
        content = self._lines()
        lines = content["lines"]
        del lines["amount"]
        plain = {name: lines[name].tolist() for name in ("deviation", "probability", "quantity", "stated")}
        frozen = self.core.columns["frozen"]
        return {
            "format": FORMAT,
            "format_version": 1,
            "name": self.name,
            "on": str(self.on),
            **content,
            "bands": [{"by": bands.by, "columns": bands.plain_columns()} for bands in self._kept],
            "lines": {**lines, **plain, "units": self.core.units.tolist(), "plans": frozen.tolist()},
        }

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle or a copy stores: the content of a file."""
        return {"format": STATE_FORMAT, "library": self._library, "content": self._content()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make the version of a state again; InputError where its format is another one."""
        check_state_format(state.get("format"), "FrozenBudget")
        vars(self).update(vars(FrozenBudget._of_content(state["content"])), _library=state["library"])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the version to a .json or .parquet file with its checksum, whole or not at all.

        Parameters
        ----------
        path : str or path
            The file. A file that exists must have the same version; another version is never overwritten.

        Raises
        ------
        InputError
            If the file has other content, or its name ends in neither .json nor .parquet.
        OSError
            If it cannot be written.
        """
        target = Path(path)
        if not target.exists():
            write_content(self._content(), target)
        elif FrozenBudget.load(target) != self:
            raise InputError(f"{target} has another version; a frozen budget is never overwritten")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FrozenBudget:
        """Read a version that :meth:`save` wrote.

        Parameters
        ----------
        path : str or path
            The file.

        Returns
        -------
        FrozenBudget
            Equal to the one saved.

        Raises
        ------
        InputError
            If it is no such file, or its content does not fit its checksum.
        OSError
            If it cannot be read.
        """
        target = Path(path)
        content = read_content(target)
        try:
            return cls._of_content(content)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise InputError(f"{target} is no frozen budget: {error}") from None

    @classmethod
    def _of_content(cls, content: Mapping[str, Any]) -> FrozenBudget:
        kept = []
        for one in content["bands"]:
            names = list(one["by"])
            figures = {name: (v if name in names else np.asarray(v)) for name, v in one["columns"].items()}
            kept.append(Bands(figures, names, "heat", None))
        return cls._frozen(Budget._of_lines(content), content["name"], day_number(content["on"], "on"), kept)


def side_by_side(
    budgets: Mapping[str, Budget], by: str | Sequence[str] = ("year",), *, measure: str = "heat"
) -> SideBySide:
    """Put budgets beside each other: a version and what-if copies of it.

    Parameters
    ----------
    budgets : mapping of str to Budget
        Two or more, by name, in one currency.
    by : str or sequence of str
        What the rows are grouped by, as for :meth:`Budget.totals`.
    measure : str
        "level", "heat" or an account.

    Returns
    -------
    SideBySide
        One row a cell of any of them: the amount of each, and the change of each other from the first.

    Raises
    ------
    InputError
        If there is only one, currencies differ or a name is unknown.
    """
    names = _names(by)
    for name in budgets:
        if name in names:
            raise InputError(f"budget {name!r} has the name of a column; give it another")
    pairs = [(name, budget.core) for name, budget in budgets.items()]
    keys, amounts, changes = _core.budgets_side_by_side(pairs, names, measure)
    columns: dict[str, Any] = dict(zip(names, keys, strict=True)) | dict(zip(budgets, amounts, strict=True))
    first = next(iter(budgets))
    for name, change in list(zip(budgets, changes, strict=True))[1:]:
        columns[f"{name} - {first}"] = change
    return SideBySide(columns, names, list(budgets), budgets[first].library)


def _names(by: str | Sequence[str]) -> list[str]:
    return [by] if isinstance(by, str) else [str(name) for name in by]


def _bands(names: list[str], measure: str, quantiles: Sequence[float], found: Any, library: str | None) -> Bands:
    keys, expected, values = found
    columns = dict(zip(names, keys, strict=True)) | {"expected": expected}
    columns |= {f"p{100 * q:g}": value for q, value in zip(quantiles, values, strict=True)}
    return Bands(columns, names, measure, library)


def _settings(
    rates: Rates, digits: int, calendar: FiscalCalendar | None, accounts: Mapping[str, str]
) -> dict[str, Any]:
    """Return what all lines have in common, for the compiled library."""
    if isinstance(digits, bool) or not isinstance(digits, (int, np.integer)) or not 0 <= digits <= 6:
        raise InputError(f"digits is {digits!r}; it must be a whole number of digits after the decimal point, 0 to 6")
    return {
        "currency": rates.reporting,
        "digits": int(digits),
        "calendar": (calendar or FiscalCalendar()).core,
        "rates": rates.core,
        "accounts": dict(accounts),
        "correlation": 0.0,
        "correlation_of": {},
    }
