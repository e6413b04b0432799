# What is read from a budget: totals that add up, tables, the distribution of every total, files and charts.
"""Totals, bands, files and charts of a budget."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import MonthLike, month_index, month_text
from custfolio._tables.rates import Rates
from custfolio._tables.result import Listing, Result
from custfolio.budget._calendar import FiscalCalendar
from custfolio.budget._listings import Bands, Pivot, Totals, source_waterfall
from custfolio.budget._out import Sheet, file_dimensions, write_csv, write_excel
from custfolio.distribution import Distribution, Recipe
from custfolio.errors import InputError

__all__ = ["USUAL_QUANTILES", "BudgetTables", "bands_of", "names_of"]

USUAL_QUANTILES = (0.1, 0.5, 0.9)
"""Quantiles of bands where none are given."""

_SOURCES = ("baseline", "new business", "remediation", "growth", "acquisition", "overflow")
_TIMES = ("month", "period", "quarter", "year")
_MEASURES = ("level", "heat")


@checked
class BudgetTables(Result):
    """Totals, bands, files and charts of lines; :class:`Budget` has what makes and changes them."""

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

    _notes: tuple[str, ...] = ()

    @property
    def notes(self) -> list[str]:
        """Facts about how its baseline was made, such as too little history for P10 and P90."""
        return list(self._notes)

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
        names = names_of(by)
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
        names = names_of(rows)
        keys, heads, amounts, total = self.core.pivot(names, columns, measure)
        table: dict[str, Any] = dict(zip(names, keys, strict=True))
        for k, head in enumerate(heads):  # a customer may be called "total"
            table[f"{head} ({columns})" if head in (*names, "total") else head] = amounts[:, k]
        table["total"] = total
        return Pivot(table, names, self.library)

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
            "baseline", "new business", "remediation", "growth", "acquisition", "overflow", or another source of the lines.

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
        quantiles: Sequence[float] = USUAL_QUANTILES,
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
            independent, or share a market: :meth:`with_correlation`. Where many amounts share a factor, quantiles are right to 1/1000 of the
            expected amount; :meth:`distribution` is finer. A baseline has its joint error; where that is not known, quantiles are NaN.

            In a calendar of weeks the amount of a month falls on its days evenly, whatever it turns out to be. The amount of a period is
            then the sum of shares of months, and its band comes from the joint distribution of these months.

        Raises
        ------
        InputError
            If a name is unknown.
        """
        names = names_of(by)
        chosen = [float(q) for q in quantiles]
        if not all(0 < q < 1 for q in chosen) or sorted(chosen) != chosen:
            raise InputError(f"quantiles are {chosen}; they must ascend and lie between 0 and 1")
        return bands_of(names, measure, chosen, self.core.bands(names, measure, chosen), self.library)

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
            If a name, or the joint error of a baseline, is unknown.
        """
        begin = None if first is None else month_index(first, "first")
        end = None if last is None else month_index(last, "last")
        return Distribution(
            self.core.distribution(measure, list((where or {}).items()), begin, end),
            Recipe(self.distribution, (), {"measure": measure, "first": first, "last": last, "where": where}),
        )

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
        self,
        path: str | os.PathLike[str],
        *,
        by: Sequence[str] | None = None,
        title: str = "Budget",
        stamp: datetime | None = None,
    ) -> None:
        """Write a workbook with live totals: rows grouped by account and dimensions, columns by month, quarter and year.

        A second sheet has P10, P50 and P90 of the heat by month, and the notes, where an amount is uncertain.

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
        write_excel(self._sheet(by, ("year", "quarter")), path, title, stamp, self._uncertain_months(), self.notes)

    def _uncertain_months(self) -> Mapping[str, Any]:
        """Return the heat's band by month or period; nothing where all is certain, or a frozen version has no such band."""
        try:
            bands = self.bands("period" if self.calendar.has_weeks else "month").columns()
        except InputError:
            return {}
        return {} if np.array_equal(bands["p10"], bands["p90"]) else bands

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


def names_of(by: str | Sequence[str]) -> list[str]:
    """Return the names that lines are grouped by."""
    return [by] if isinstance(by, str) else [str(name) for name in by]


def bands_of(names: list[str], measure: str, quantiles: Sequence[float], found: Any, library: str | None) -> Bands:
    """Return the bands that the compiled library computed."""
    keys, expected, values = found
    columns = dict(zip(names, keys, strict=True)) | {"expected": expected}
    columns |= {f"p{100 * q:g}": value for q, value in zip(quantiles, values, strict=True)}
    return Bands(columns, names, measure, library)
