# Lines of a budget in whole units of its currency, and their groups by month, fiscal period and dimension: what all totals are made of.
"""Rounded lines and their groups."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.dates import month_text
from custfolio.budget._calendar import FiscalCalendar
from custfolio.budget._lines import SIGNS, Dimension, Lines, distinct
from custfolio.errors import InputError

__all__ = ["LEVEL_HEAT", "TIMES", "RoundedLines"]

TIMES = ("month", "period", "quarter", "year")
"""What lines can be told apart by besides their dimensions."""

LEVEL_HEAT = ("level", "heat")
"""Measures over all accounts, in the order of their signs."""

_Own = TypeVar("_Own", bound="RoundedLines")


class RoundedLines:
    """Lines rounded once, so that every total over them adds up exactly; sums over groups of them are sums of integers."""

    _lines: Lines
    _types: dict[str, str]
    digits: int
    """Digits after the decimal point to which lines are rounded."""
    calendar: FiscalCalendar
    """How months belong to years, quarters and periods."""

    @property
    def dimensions(self) -> list[str]:
        """What lines are told apart by besides the month: account, source and others."""
        rest = [name for name in self._lines.dimensions if name not in ("account", "source")]
        return ["account", "source", *rest]

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
            elif name in TIMES:
                year, number = self._periods["year"], self._periods["year" if name == "year" else name]
                names = self.calendar._names(np.asarray(year), name, np.asarray(number))
                order = tuple(sorted(set(names)))
                place = {text: k for k, text in enumerate(order)}
                columns.append(Dimension(np.array([place[text] for text in names], dtype=np.int32), order))
            elif name in self._lines.dimensions:
                columns.append(self._lines.dimensions[name].take(rows))
            else:
                possible = ", ".join(map(repr, (*TIMES, *self.dimensions)))
                raise InputError(f"by names {name!r}; a budget can be totalled by {possible}")
        return columns, rows, units

    def _grouped(
        self, by: Sequence[str]
    ) -> tuple[list[list[str]], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the groups' names by column, the group of each row, and the line and units of each row."""
        if len(set(by)) != len(by):
            raise InputError(f"by is {list(by)!r}; a name may stand there once")
        columns, rows, units = self._keys(by)
        code, size = np.zeros(rows.size, dtype=np.int64), 1
        for column in columns:
            if size * max(1, len(column.names)) >= 1 << 62:  # as many different codes as there are rows at most
                keys, code = distinct(code)
                size = keys.size
            code, size = code * max(1, len(column.names)) + column.codes, size * max(1, len(column.names))
        keys, group = distinct(code)
        first = np.zeros(keys.size, dtype=np.int64)
        first[group[::-1]] = np.arange(group.size)[::-1]
        return [column.texts(first) for column in columns], group, rows, units

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

    def _of_measure(self: _Own, measure: str) -> tuple[_Own, str]:
        """Return these lines, or those of an account, and the column of its totals that holds a measure."""
        if measure in LEVEL_HEAT:
            return self, measure
        if measure not in self._types:
            possible = ", ".join(map(repr, (*LEVEL_HEAT, *self._types)))
            raise InputError(f"measure is {measure!r}; it can be {possible}")
        account = self._lines.dimensions["account"]
        rows = np.flatnonzero(account.codes == account.names.index(measure))
        only = object.__new__(type(self))
        only.__dict__.update(self.__dict__)
        for name in ("_units", "_periods"):
            only.__dict__.pop(name, None)
        only._lines = self._lines.take(rows)
        only._types = {**self._types, measure: "result"}
        only.__dict__["_units"] = self._units[rows]
        return only, "heat"
