# The budget: lines from any source, rounded once so that every total adds up; its versions, and their variance.
"""Budget lines from any source."""

from __future__ import annotations

import datetime
import inspect
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import DayLike, MonthLike, day_date, day_number, month_index, month_text
from custfolio._tables.frames import TableLike, library_of
from custfolio._tables.rates import Rates
from custfolio._tables.result import STATE_FORMAT, check_state_format
from custfolio.budget._calendar import FiscalCalendar
from custfolio.budget._frozen_file import FORMAT, checksum, read_content, write_content
from custfolio.budget._lines import FrameOptions, account_types, budget_settings, labels_of, lines_from_frame
from custfolio.budget._listings import Bands, SideBySide
from custfolio.budget._stored_lines import stored_lines, stored_numbers, stored_parts
from custfolio.budget._totals import USUAL_QUANTILES, BudgetTables, bands_of, names_of
from custfolio.budget._variance import Variance
from custfolio.distribution import MonthlyAmounts, Recipe
from custfolio.errors import InputError
from custfolio.portfolio import HasPortfolio, Portfolio, portfolio_of

__all__ = ["Budget", "FrozenBudget", "side_by_side"]

_FIGURES = ("payoffs", "spend", "hours")


class MonthlyForecast(Protocol):
    """A forecast per customer and month: a baseline."""

    portfolio: Portfolio
    core: _core.Baseline

    @property
    def library(self) -> str | None:
        """Library of its frames."""

    @property
    def notes(self) -> list[str]:
        """Facts about how it was made."""


@runtime_checkable
class PlanForecast(Protocol):
    """A forecast of action plans."""

    @property
    def library(self) -> str | None:
        """Library of its frames."""

    def monthly_amounts(self, figure: str = "payoffs") -> MonthlyAmounts:
        """Return the amounts per plan and month, with their distribution."""


@checked
class Budget(BudgetTables):
    """Amounts by month, account, source and any other dimension, rounded once so that all totals add up exactly.

    Every total is the sum of its lines, which are whole units of the currency. These totals are less than one unit from the sum of their
    unrounded amounts:

    - each line and each month;
    - each group of the dimensions in their order (account, source, then from few values to many);
    - each such group in each month.

    The sum of all amounts is rounded to the nearest unit. An account of type income adds to level and heat, an expense is subtracted from
    the heat, and a result adds to the heat. Budgets are immutable.

    Amounts are expected amounts. A line with an item and a probability is all or nothing: 100 with a probability of 0.4 is 250 or nothing.

    Parameters
    ----------
    lines : frame or mapping of columns
        As for :meth:`from_frame`.
    **options
        As for :meth:`from_frame`.
    """

    def __init__(self, lines: TableLike, **options: Any) -> None:
        self.__dict__.update(Budget.from_frame(lines, **options).__dict__)

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
        budget._recipe, budget._notes = recipe, self._notes
        return budget

    def _with_notes(self, notes: Iterable[str]) -> Budget:
        """Add notes that it does not have yet, in place."""
        self._notes = tuple(dict.fromkeys((*self._notes, *notes)))
        return self

    _recipe: Recipe | None = None
    """The call that makes the budget again; None where its lines suffice."""

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle or a copy stores: the call that makes the budget again, or its lines."""
        state = {"format": STATE_FORMAT, "library": self._library, "recipe": self._recipe}
        return state if self._recipe is not None else state | stored_lines(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make the budget of a state again; InputError where its format is another one."""
        check_state_format(state.get("format"), "Budget")
        recipe = state["recipe"]
        made = Budget._of_stored(state) if recipe is None else recipe.make()
        vars(self).update(vars(made), _library=state["library"])

    @classmethod
    def _of_stored(cls, content: Mapping[str, Any]) -> Budget:
        """Make the budget of stored lines and settings."""
        core, calendar, rates = stored_parts(content)
        return Budget._of_core(core, calendar, rates, content["digits"], None)._with_notes(content.get("notes", ()))

    @classmethod
    def from_plan(
        cls, plan: _core.Budget, library: str | None = None, *, currency: str = "EUR", digits: int = 2
    ) -> Budget:
        """Make a budget of level and heat by month and source, which are rounded already.

        Parameters
        ----------
        plan : core budget
            Level and heat of a plan of the strategy.
        library : str, optional
            Library of returned frames.
        currency : str
            Code of the currency that the plan was made in.
        digits : int
            Digits of its amounts after the decimal point.

        Returns
        -------
        Budget
            Accounts revenue and costs.
        """
        core = _core.LineItemBudget.of_plan(plan)
        return cls._of_core(core, FiscalCalendar(), Rates(None, currency), digits, library)

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
        rates: Mapping[str, float] | TableLike | Rates | None = None,
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

            - source, customer, manager, segment, entity, family, quantity, currency;
            - variance of the amount, or of the revenue, with which the costs move;
            - item and probability of an all-or-nothing amount. The column of amounts has the expected amount: the whole amount times the
              probability;
            - state: open, won or lost; an empty cell states nothing, and counts as won once the item is certain.
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
            except InputError as error:
                raise InputError(f"budget lines: {error}") from None
        table = Rates(rates, currency)
        items = lines_from_frame(lines, FrameOptions(month, dimensions, source, currency, table))
        types = account_types(items.accounts, accounts)
        settings = budget_settings(table, digits, calendar, types)
        core = _core.LineItemBudget(items, settings)
        budget = cls._of_core(core, calendar or FiscalCalendar(), table, int(digits), library)
        return budget.with_correlation(correlation)

    @classmethod
    def from_baseline(
        cls,
        baseline: MonthlyForecast,
        *,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        sales: Portfolio | HasPortfolio | None = None,
        currency: str = "EUR",
        digits: int = 2,
        calendar: FiscalCalendar | None = None,
        correlation: float | Mapping[str, float] = 0.0,
        library: str | None = None,
    ) -> Budget:
        """Make a budget of what comes without any action: the amounts of customers, and new business as usual.

        The bands of any customers and months follow from the joint error of the baseline. So the company's month has the same band as in
        ``baseline.company`` and in a plan's trajectory. Bands are NaN where the baseline has too little history for P10 and P90.

        Parameters
        ----------
        baseline : Baseline
            From :func:`custfolio.lifetime.baseline`.
        labels : mapping of str to mapping, optional
            Further dimensions: ``{"manager": {"2633": "Ann"}}``, by customer; "(none)" for customers without a label, or with an empty one.
        sales : Portfolio or Statement, optional
            Recent sales of the customers, with quantities: then :meth:`compare` has the causes volume, price and the costs. Revenue and cost of
            goods have the quantity that the revenue buys at the customer's price in these sales. Costs are split into cost of goods and
            cost to serve in the customer's proportion, else in that of all.
        currency, digits, calendar, correlation, library
            As for :meth:`from_frame`.

        Returns
        -------
        Budget
            Source "baseline" by customer, and source "new business" of customer "(none)".

        Raises
        ------
        InputError
            If an option is not valid, amounts are too large to be exact in its digits, a dimension has a name that every budget has, no
            customer has a label of it, or the sales have no quantities.
        """
        if not isinstance(getattr(baseline, "core", None), _core.Baseline):
            raise InputError(
                f"baseline is of type {type(baseline).__name__}; it must be a baseline, of custfolio.lifetime.baseline"
            )
        customers = list(baseline.portfolio.core.id)
        dimensions = labels_of(labels, [(customer,) for customer in customers], "baseline")
        rates = Rates(None, currency)
        core = _core.LineItemBudget.of_baseline(
            baseline.core,
            customers,
            budget_settings(rates, digits, calendar, {}),
            dimensions,
            None if sales is None else portfolio_of(sales, "sales").core,
        )
        budget = cls._of_core(core, calendar or FiscalCalendar(), rates, int(digits), library or baseline.library)
        return budget._with_notes(baseline.notes).with_correlation(correlation)

    @classmethod
    def from_growth(
        cls,
        growth: PlanForecast,
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
        dimensions = labels_of(labels, [(key[0], key) for key in amounts.keys])
        account = "costs" if figure == "payoffs" else figure
        rates = Rates(None, currency)
        settings = budget_settings(rates, digits, calendar, {"revenue": "income", account: "expense"})
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
        return self._changed(self.core.plus(other.core), Recipe(self.__add__, (other,)))._with_notes(other.notes)

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

    # Versions

    @property
    def closed(self) -> str | None:
        """The last month with actual amounts, of a forecast; None of a budget."""
        return None if self.core.closed is None else month_text(self.core.closed)

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
        groups = [names_of(by) for by in bands]
        core, results = _core.freeze_budget(self.core, name, day, groups)
        frozen = [
            bands_of(names, "heat", USUAL_QUANTILES, one, self.library)
            for names, one in zip(groups, results, strict=True)
        ]
        return FrozenBudget._frozen(self._changed(core), name, day, frozen)

    def forecast(
        self,
        actuals: Budget | TableLike,
        through: MonthLike,
        *,
        remaining: Budget | None = None,
        missing: str = "error",
        repeated: str = "error",
        **options: Any,
    ) -> Budget:
        """Return the rolling forecast: actual amounts through the last close, expected ones after it.

        Parameters
        ----------
        actuals : Budget, or frame as for :meth:`from_frame`
            The actual amounts.
        through : str or date
            The last month closed: "2026-03", or its last day. A part of a month cannot be closed.
        remaining : Budget, optional
            The amounts expected now for exactly the months of this budget after it; those of this budget by default. Its lines up to
            `through` are not read.
        missing : {"error", "zero"}
            What a month of the budget without actual lines is.
        repeated : {"error", "add"}
            What lines are that repeat another: the same month, dimensions, item, currency, quantity and amount.
        **options
            For a frame, as for :meth:`from_frame`; its source is "actual" by default.

        Returns
        -------
        Budget
            Lines of both; actual ones are certain. :attr:`closed` is `through`. A later forecast of it may have other amounts in closed
            months: :meth:`compare` shows them as restated.

        Raises
        ------
        InputError
            If the last close lies after this budget's last month. If actual lines lie after the last close or before this budget's first
            month, miss a month, are costs alone where the budget has income, repeat another or are not valid. If `remaining` has other months
            than this budget after `through`, or repeats lines where this budget does not. The text names months and lines.
        """
        last = _closed_month(through)
        actual = self._actual(actuals, options, "forecast")
        later = self if remaining is None else remaining
        accept = _accepted(missing, repeated)
        core = _core.rolling_forecast(self.core, actual.core, last, later.core, *accept)
        recipe_options = {"remaining": remaining, "missing": missing, "repeated": repeated}
        made = self._changed(core, Recipe(self.forecast, (actual, through), recipe_options))
        made._notes = later._notes  # only these months are expected
        return made

    def compare(
        self,
        actuals: Budget | TableLike,
        *,
        through: MonthLike | None = None,
        by: str | Sequence[str] = ("month", "account"),
        outcomes: Mapping[str, str] | None = None,
        missing: str = "error",
        repeated: str = "error",
        **options: Any,
    ) -> Variance:
        """Return the variance of actual amounts, or of another version, with its causes.

        Parameters
        ----------
        actuals : Budget, or frame as for :meth:`from_frame`
            The actual amounts, or those expected now.
        through : str or date, optional
            The last month closed, as for :meth:`forecast`: months after it are not compared. By default the last month with usual business
            of a frame, and all months of another version.
        by : str or sequence of str
            What the rows are grouped by.
        outcomes : mapping of str to {"won", "lost", "open"}, optional
            The outcomes of items, where column state of the actual lines does not have them. An item is named as in column item; that of an
            action plan is "customer/plan". Items without a line on either side are listed in :attr:`Variance.without_lines`.
            One state counts for all lines of an item.
        missing, repeated : str
            As for :meth:`forecast`; not read where versions are compared without `through`.
        **options
            For a frame, as for :meth:`from_frame`; its source is "actual" by default.

        Returns
        -------
        Variance
            planned, actual, variance, and the causes of :attr:`Variance.causes`, which add up to it exactly.

            An all-or-nothing item is judged by all its months, also those after `through`. Its plan is moved to begin in the month of the
            first actual amount. The moved plan through `through` is the least that the planned size brings by then, and the whole plan is the
            most. A plan that runs to the budget's last month may also bring its largest month in each month since it began. Amounts within
            these limits are slipped; less or more is resized. All of the difference is resized where the amounts keep the plan's shape
            over two months or more, to a tenth.

        Raises
        ------
        InputError
            If lines are not valid, the budget has no rate for a currency, or an item is won in one line and lost in another, or in `outcomes`.
            Where months are closed, also as for :meth:`forecast`.
        """
        names = names_of(by)
        given = {str(item): str(outcome) for item, outcome in (outcomes or {}).items()}
        actual = self._actual(actuals, options, "compare")
        last = None if through is None else _closed_month(through)
        if not isinstance(actuals, Budget):
            last = _last_month(self, actual, last)
        accept = _accepted(missing, repeated)
        keys, columns, totals, without_lines = _core.compare_budgets(
            self.core, actual.core, names, last, given, *accept
        )
        words = {1: "favourable", -1: "unfavourable", 0: ""}
        judgement = [words[sign] for sign in columns.pop("judgement").tolist()]
        causes = {name: columns.pop(name) for name in ("planned", "actual", "variance")} | columns
        table = {**dict(zip(names, keys, strict=True)), **causes, "judgement": judgement}
        closed = None if last is None else month_text(last)
        again = {"through": closed, "outcomes": outcomes, "missing": missing, "repeated": repeated}
        recipe = Recipe(self.compare, (actual,), again)
        return Variance(table, names, self.library, totals, without_lines, (self, actual), recipe)

    def _actual(self, data: Budget | TableLike, options: Mapping[str, Any], call: str) -> Budget:
        """Return actual amounts as a budget, in this budget's currency, digits and calendar; `call` is the method's name."""
        of_frame = list(inspect.signature(Budget.from_frame).parameters)[1:]
        for name in options:
            if name not in of_frame:
                own = list(inspect.signature(getattr(Budget, call)).parameters)[2:-1]
                raise InputError(
                    f"{call}() has no option {name!r}; its options are {', '.join(own)}, and for a frame {', '.join(of_frame)}"
                )
        if isinstance(data, Budget):
            if options:
                raise InputError(f"{next(iter(options))!r} is for frames; the actual amounts are a budget already")
            for of_budget, of_actual, what in (
                (self.currency, data.currency, "in"), (self.digits, data.digits, "rounded to digits="),
            ):  # fmt: skip
                if of_budget != of_actual:
                    raise InputError(f"the budget is {what} {of_budget}, the actual amounts {what} {of_actual}")
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


def _closed_month(through: MonthLike) -> int:
    """Return the number of a month that is closed; InputError where a day in the middle of it is given."""
    month = month_index(through, "through")
    is_day = isinstance(through, datetime.date) or (isinstance(through, str) and len(through.strip()) > 7)
    if is_day and month_index(day_date(day_number(through, "through") + 1), "through") == month:
        raise InputError(
            f"through is {through}; a part of a month cannot be closed: pass '{month_text(month)}' once all of it is booked, "
            f"or '{month_text(month - 1)}'"
        )
    return month


def _last_month(budget: Budget, actual: Budget, through: int | None) -> int | None:
    """Return the last month to compare with a frame of actual amounts; InputError where usual business lies after `through`."""
    last = actual.core.last_usual_month
    if through is None:
        return None if last is None or not budget.months else min(last, budget.core.months[-1])
    if last is not None and last > through:
        raise InputError(
            f"there are actual amounts in {month_text(last)}, after the last close {month_text(through)}; leave them out, or close later"
        )
    return through


def _accepted(missing: str, repeated: str) -> tuple[bool, bool]:
    """Return whether missing months are zero, and whether repeated lines are added."""
    for name, value, known in (("missing", missing, "zero"), ("repeated", repeated, "add")):
        if value not in ("error", known):
            raise InputError(f"{name} is {value!r}; it can be 'error' or {known!r}")
    return missing == "zero", repeated == "add"


@checked
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

    @property
    def kept_bands(self) -> list[tuple[str, ...]]:
        """What the bands that were kept when the budget was frozen are by, such as ``("manager", "month")``."""
        return [tuple(bands.by) for bands in self._kept]

    def bands(
        self,
        by: str | Sequence[str] = ("month",),
        *,
        measure: str = "heat",
        quantiles: Sequence[float] = USUAL_QUANTILES,
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
        names = names_of(by)
        for stored in self._kept:
            if stored.by == names and measure == "heat" and tuple(quantiles) == USUAL_QUANTILES:
                return stored
        if self.core.frozen:
            raise InputError(
                f"the version keeps no bands by {', '.join(names) or 'nothing'}; name them when it is frozen: freeze(..., bands=[{names!r}])"
            )
        return super().bands(names, measure=measure, quantiles=quantiles)

    def _facts(self) -> Mapping[str, Any]:
        return {"version": self.name, "frozen on": str(self.on), **super()._facts()}

    def _content(self) -> dict[str, Any]:
        content = stored_lines(self)
        lines = content["lines"]
        del lines["amount"]
        plain = {name: lines[name].tolist() for name in stored_numbers(self.core.columns)}
        # A deviation that is not known is null in a file.
        plain["deviation"] = [None if value != value else value for value in plain["deviation"]]
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
        bands = []
        for one in content["bands"]:
            names = list(one["by"])
            figures = {
                name: (v if name in names else np.asarray(v, dtype=np.float64)) for name, v in one["columns"].items()
            }
            bands.append(Bands(figures, names, "heat", None))
        return cls._frozen(Budget._of_stored(content), content["name"], day_number(content["on"], "on"), bands)


@checked
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
    names = names_of(by)
    for name, budget in budgets.items():
        if not isinstance(budget, BudgetTables):
            raise InputError(f"budget {name!r} is of type {type(budget).__name__}; it must be a Budget")
        if name in names:
            raise InputError(f"budget {name!r} has the name of a column; give it another")
    pairs = [(name, budget.core) for name, budget in budgets.items()]
    keys, amounts, changes = _core.budgets_side_by_side(pairs, names, measure)
    columns: dict[str, Any] = dict(zip(names, keys, strict=True)) | dict(zip(budgets, amounts, strict=True))
    first = next(iter(budgets))
    for name, change in list(zip(budgets, changes, strict=True))[1:]:
        columns[f"{name} - {first}"] = change
    return SideBySide(columns, names, list(budgets), budgets[first].library)
