# Fiscal calendars: years that begin in any month, and years of 52 or 53 weeks.
"""Fiscal years, quarters and periods."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import DayLike, day_date, day_number
from custfolio._tables.result import STATE_FORMAT, check_state_format
from custfolio.errors import InputError

__all__ = ["FiscalCalendar", "FiscalPeriod"]

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class FiscalPeriod(NamedTuple):
    """A period of a fiscal year: a month of it, or four to six weeks."""

    year: int
    """Name of the fiscal year."""
    quarter: int
    """1 to 4."""
    number: int
    """1 to 12 within the year."""
    first: datetime.date
    """Its first day."""
    last: datetime.date
    """Its last day, included."""

    @property
    def weeks(self) -> float:
        """Length in weeks."""
        return ((self.last - self.first).days + 1) / 7


@checked
class FiscalCalendar:
    """How months and days belong to fiscal years, quarters and periods.

    Parameters
    ----------
    first_month : int
        The month in which the year begins, 1 to 12.
    named_by : {"end", "begin"}
        The calendar year that gives the fiscal year its name: that in which it ends, or in which it begins.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> from custfolio.budget import FiscalCalendar
    >>> FiscalCalendar(4).period_of("2022-02-10")[:3]
    (2022, 4, 11)
    """

    def __init__(self, first_month: int = 1, *, named_by: str = "end") -> None:
        self.core = _core.FiscalCalendar.of_months(int(first_month), _named_by_end(named_by))
        self.described: dict[str, Any] = {"first_month": int(first_month), "named_by": named_by}
        """The arguments that the calendar was made with."""

    @classmethod
    def weeks(
        cls,
        pattern: str = "4-4-5",
        *,
        ends: str = "saturday",
        month: int = 12,
        rule: str = "last",
        named_by: str = "end",
        week_53: int = 12,
    ) -> FiscalCalendar:
        """Make a calendar whose years have 52 or 53 whole weeks.

        Parameters
        ----------
        pattern : {"4-4-5", "4-5-4", "5-4-4"}
            Weeks of the three periods of a quarter.
        ends : {"monday", ..., "sunday"}
            Last day of the week, and of the year.
        month : int
            The month at whose end the year ends, 1 to 12.
        rule : {"last", "nearest"}
            The year ends on the last such weekday of the month, or on the one nearest to the month's last day.
        named_by : {"end", "begin"}
            The year has the name of the calendar year of its end month, or of the year before.
        week_53 : int
            The period with the 53rd week, 1 to 12.

        Returns
        -------
        FiscalCalendar
            ``weeks("4-5-4", month=1, rule="nearest", named_by="begin")`` is that of the National Retail Federation.

        Raises
        ------
        InputError
            If an argument is out of range.
        """
        if ends.lower() not in _WEEKDAYS:
            raise InputError(f"ends is {ends!r}; it can be {', '.join(map(repr, _WEEKDAYS))}")
        if rule not in ("last", "nearest"):
            raise InputError(f"rule is {rule!r}; it can be 'last' or 'nearest'")
        if not 1 <= month <= 12:
            raise InputError(f"month is {month}; it must be within 1 to 12")
        calendar = cls()
        calendar.core = _core.FiscalCalendar.of_weeks(
            pattern, month, _WEEKDAYS.index(ends.lower()) + 1, rule == "nearest", _named_by_end(named_by), week_53
        )
        calendar.described = {
            "pattern": pattern,
            "ends": ends.lower(),
            "month": month,
            "rule": rule,
            "named_by": named_by,
            "week_53": week_53,
        }
        return calendar

    @classmethod
    def from_description(cls, described: dict[str, Any]) -> FiscalCalendar:
        """Make a calendar of the arguments in :attr:`described`.

        Parameters
        ----------
        described : dict
            The arguments.

        Returns
        -------
        FiscalCalendar
            The calendar.

        Raises
        ------
        InputError
            If an argument is out of range.
        """
        return cls.weeks(**described) if "pattern" in described else cls(**described)

    def __reduce__(self) -> tuple[Any, ...]:
        """Store the rule of the calendar, with the number of the format."""
        return _restored, (STATE_FORMAT, self.described)

    @property
    def has_weeks(self) -> bool:
        """Whether the year has whole weeks, so that its periods are no calendar months."""
        return "pattern" in self.described

    def periods(self, year: int) -> list[FiscalPeriod]:
        """Return the twelve periods of a fiscal year.

        Parameters
        ----------
        year : int
            Name of the fiscal year.

        Returns
        -------
        list of FiscalPeriod
            In order, without gaps.

        Raises
        ------
        InputError
            If the year is not within 1 to 9998.
        """
        return [_period(period) for period in self.core.periods(year)]

    def period_of(self, day: DayLike) -> FiscalPeriod:
        """Return the period that contains a day.

        Parameters
        ----------
        day : str or date
            The day.

        Returns
        -------
        FiscalPeriod
            Its period.

        Raises
        ------
        InputError
            If it is no day.
        """
        return _period(self.core.period_of(day_number(day, "day")))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FiscalCalendar) and self.described == other.described

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.described.items())
        return f"FiscalCalendar{'.weeks' if self.has_weeks else ''}({inside})"


def _restored(state_format: int, described: dict[str, Any]) -> FiscalCalendar:
    """Return the calendar of a stored rule."""
    check_state_format(state_format, "FiscalCalendar")
    return FiscalCalendar.from_description(described)


def _named_by_end(named_by: str) -> bool:
    if named_by not in ("end", "begin"):
        raise InputError(f"named_by is {named_by!r}; it can be 'end' or 'begin'")
    return named_by == "end"


def _period(found: tuple[int, int, int, int, int]) -> FiscalPeriod:
    year, quarter, number, first, last = found
    return FiscalPeriod(year, quarter, number, day_date(first), day_date(last))
