# Days and months as the core counts them: days since 1970-01-01, months since January 1970.
"""Read days and months in the forms that users write, and write them back."""

from __future__ import annotations

import datetime
import re
import reprlib
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from custfolio.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "EPOCH",
    "DayLike",
    "MonthLike",
    "day_date",
    "day_number",
    "day_numbers",
    "days_array",
    "is_missing",
    "month_first_day",
    "month_index",
    "month_text",
]

DayLike: TypeAlias = "str | datetime.date | np.datetime64"
"""A day: text as 2021-12-31, a date, or a NumPy date."""
MonthLike: TypeAlias = "str | datetime.date | np.datetime64"
"""A month: text as 2022-01, or any day in it."""

EPOCH = datetime.date(1970, 1, 1).toordinal()
"""1970-01-01 as an ordinal of the calendar."""


def day_number(value: DayLike, what: str) -> int:
    """Return a day as days since 1970-01-01.

    Parameters
    ----------
    value : date, datetime, str or numpy.datetime64
        The day; text as 2021-12-31.
    what : str
        The argument's name, for the message.

    Returns
    -------
    int
        Days since 1970-01-01.

    Raises
    ------
    InputError
        If it is no day.
    """
    day: Any = value
    if isinstance(value, str):
        try:
            day = datetime.date.fromisoformat(str(value).strip())
        except ValueError:
            raise InputError(f"{what} is {reprlib.repr(str(value))}; a day is written as 2021-12-31") from None
    elif type(value).__name__ == "datetime64":
        day = cast("np.datetime64", value).astype("datetime64[D]").item()
    if is_missing(day) or not isinstance(day, datetime.date):
        raise InputError(f"{what} is {reprlib.repr(value)}; it must be a date, or text such as 2021-12-31")
    return day.toordinal() - EPOCH


def is_missing(value: Any) -> bool:
    """Whether a value is empty; missing values of libraries are not equal to themselves, or have no comparison."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:
        return True


def is_blank(value: Any) -> bool:
    """Whether a value is missing, or a text without any character but space."""
    return is_missing(value) or (isinstance(value, str) and not value.strip())


def days_array(values: Any, what: str) -> NDArray[np.datetime64]:
    """Return days as dates of NumPy; NaT where a cell is empty. InputError names the row of any other cell."""
    import numpy as np

    array = np.asarray(values)
    if array.dtype.kind == "M":
        return array.astype("datetime64[D]")
    cells = list(array) if array.ndim == 1 else [values]
    days = [
        np.datetime64("NaT", "D")
        if is_missing(cell) or cell in ("", "NaT")
        else np.datetime64(day_number(cell, f"{what}, row {row}"), "D")
        for row, cell in enumerate(cells, start=1)
    ]
    return np.array(days, dtype="datetime64[D]")


def day_numbers(dates: NDArray[np.datetime64]) -> NDArray[np.int32]:
    """Return dates as days since 1970-01-01, as the core reads them; a missing one as its `no_day`."""
    import numpy as np

    from custfolio import _core

    return np.where(np.isnat(dates), _core.no_day, dates.astype("datetime64[D]").astype(np.int64)).astype(np.int32)


def day_date(day: int) -> datetime.date:
    """Return the date of days since 1970-01-01.

    Parameters
    ----------
    day : int
        Days since 1970-01-01, within the years 1 to 9999.

    Returns
    -------
    date
        The date.

    Raises
    ------
    InputError
        If no calendar has the day.
    """
    try:
        return datetime.date.fromordinal(EPOCH + int(day))
    except (OverflowError, ValueError):
        raise InputError(f"day {day} since 1970-01-01 is outside of the years 1 to 9999") from None


def month_index(value: MonthLike, what: str) -> int:
    """Return a month as months since January 1970.

    Parameters
    ----------
    value : str, date or numpy.datetime64
        The month: "2022-01", or any day in it; a month of pandas.
    what : str
        The argument's name, for the message.

    Returns
    -------
    int
        Months since January 1970.

    Raises
    ------
    InputError
        If it is no month.
    """
    if type(value).__name__ == "Period":
        value = str(value)
    if isinstance(value, str):
        match = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})(?:-[0-9]{1,2})?", value.strip())
        if match is None or not 1 <= int(match[2]) <= 12 or int(match[1]) == 0:
            raise InputError(f"{what} is {reprlib.repr(str(value))}; a month is written as 2022-01")
        return (int(match[1]) - 1970) * 12 + int(match[2]) - 1
    if is_missing(value) or not (isinstance(value, datetime.date) or type(value).__name__ == "datetime64"):
        raise InputError(f"{what} is {reprlib.repr(value)}; a month is written as 2022-01, or is any day in it")
    date = day_date(day_number(value, what))
    return (date.year - 1970) * 12 + date.month - 1


def month_first_day(index: int) -> int:
    """Return the first day of a month.

    Parameters
    ----------
    index : int
        Months since January 1970.

    Returns
    -------
    int
        Days since 1970-01-01.
    """
    return datetime.date(1970 + index // 12, index % 12 + 1, 1).toordinal() - EPOCH


def month_text(index: int) -> str:
    """Return a month as text.

    Parameters
    ----------
    index : int
        Months since January 1970.

    Returns
    -------
    str
        The month as "2022-01".
    """
    return f"{1970 + int(index) // 12:04d}-{int(index) % 12 + 1:02d}"
