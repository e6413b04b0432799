# Cells that are days.
"""Read a column as days, settling the order of day and month once for the whole column."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from custfolio._reading.cells import (
    IMPOSSIBLE,
    MISSING,
    NO_VALUE,
    NOT_DATE,
    OK,
    OTHER_FORMAT,
    OUTSIDE,
    SERIAL,
    Faults,
    Reading,
    distinct_values,
    is_typed_text,
    number_text,
    one_array,
    spread,
)
from custfolio._tables.dates import EPOCH
from custfolio.errors import InputError

__all__ = ["FIRST_DAY", "LAST_DAY", "days_of"]


FIRST_DAY: Final = -25_567
"""1900-01-01 in days since 1970-01-01; earlier dates are errors."""
LAST_DAY: Final = 84_005
"""2199-12-31 in days since 1970-01-01; later dates are errors (9999-12-31 stands for "open" in many systems)."""


_CLOCK_TEXT = (
    r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)"
)
_TIME = f"{_CLOCK_TEXT}?"
_CLOCK = re.compile(f"{_CLOCK_TEXT}$")
_ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}})(?:\.0)?{_TIME}")
_NUMERIC = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}")
_WORD = r"([^\W\d_]{3,9})"
_DAY_MONTH = re.compile(rf"(\d{{1,2}})[-/. ]+{_WORD}[-/., ]+(\d{{4}}|\d{{2}}){_TIME}")
_MONTH_DAY = re.compile(rf"{_WORD}[-/. ]+(\d{{1,2}})[-/, ]+(\d{{4}}){_TIME}")
_LONGEST: Final = 100
"""Signs that a day has at most, with its time; the patterns would search long runs of spaces without end."""
_BARE = re.compile(r"[+-]?\d+(\.\d*)?")
_MONTHS: Final = {
    word: month
    for month, words in enumerate(
        (
            "jan january januari januar jänner janv janvier", "feb february februari februar fév févr février",
            "mar march mrt maart mär märz mars", "apr april avr avril", "may mei mai", "jun june juni juin",
            "jul july juli juil juillet", "aug august augustus aoû août", "sep sept september septembre",
            "oct october okt oktober octobre", "nov november novembre", "dec december dez dezember déc décembre",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip


def _day(year: int, month: int, day: int) -> int | None:
    """Return days since 1970-01-01, None where the calendar has no such day."""
    try:
        return datetime.date(year, month, day).toordinal() - EPOCH
    except ValueError:
        return None


def _year(digits: str) -> int:
    """Return a year; one of two digits is in 1969 to 2068, as in C and Python."""
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year > 68 else 2000)


@dataclass(frozen=True)
class _Numeric:
    """A date of three numbers, whose last is the year."""

    place: int
    text: str
    parts: tuple[str, str, str]
    sign: str
    """What separates the numbers."""
    dmy: int | None
    mdy: int | None

    @property
    def short(self) -> bool:
        """Whether the year has two digits."""
        return len(self.parts[2]) == 2


def _read_days(
    texts: Sequence[str | None], what: str, reading: Reading, decide: bool
) -> tuple[NDArray[np.int32], Faults]:
    """Read distinct texts as days; where `decide`, settle the order of day and month first."""
    days = np.zeros(len(texts), dtype=np.int32)
    faults = np.zeros(len(texts), dtype=np.uint8)
    numeric: list[_Numeric] = []
    forms: dict[str, str] = {}
    for k, raw in enumerate(texts):
        text = "" if raw is None else raw.strip()
        if text.casefold() in NO_VALUE:
            faults[k] = MISSING
            continue
        if len(text) > _LONGEST:
            faults[k] = NOT_DATE
            continue
        day: int | None = None
        fault = IMPOSSIBLE
        form = ""
        if reading.format is not None:
            form = reading.format
            bare = text if re.search("%[HIXTcr]", form) else _CLOCK.sub("", text)
            try:
                day = datetime.datetime.strptime(bare, form).date().toordinal() - EPOCH
            except ValueError:
                fault = OTHER_FORMAT
        elif match := _ISO.fullmatch(text):
            form = "year-month-day"
            day = _day(int(match[1]), int(match[3]), int(match[4]))
        elif match := _NUMERIC.fullmatch(text):
            first, second, year = int(match[1]), int(match[3]), _year(match[4])
            parts = (match[1], match[3], match[4])
            numeric.append(_Numeric(k, text, parts, match[2], _day(year, second, first), _day(year, first, second)))
            continue
        elif match := _COMPACT.fullmatch(text):
            form, fault = "year, month and day without a sign between", SERIAL
            day = _day(int(match[1]), int(match[2]), int(match[3]))
        elif match := _DAY_MONTH.fullmatch(text):
            form, month = "day, month by name, year", _MONTHS.get(match[2].casefold())
            day = None if month is None else _day(_year(match[3]), month, int(match[1]))
            fault = NOT_DATE if month is None else IMPOSSIBLE
        elif match := _MONTH_DAY.fullmatch(text):
            form, month = "month by name, day, year", _MONTHS.get(match[1].casefold())
            day = None if month is None else _day(int(match[3]), month, int(match[2]))
            fault = NOT_DATE if month is None else IMPOSSIBLE
        else:
            fault = SERIAL if _BARE.fullmatch(text) else NOT_DATE
        if day is None:
            faults[k] = fault
        else:
            days[k] = day
            forms[form] = min(text, forms.get(form, text))
    if decide and reading.order is None:
        reading.order = _day_month_order(numeric, what, reading.beside)
    for date in numeric:
        day_first = reading.order == "dmy" or (reading.order != "mdy" and date.dmy is not None)
        day = date.dmy if day_first else date.mdy
        if day is None:
            faults[date.place] = IMPOSSIBLE
        else:
            days[date.place] = day
            form = "day/month/year" if day_first else "month/day/year"
            forms[form] = min(date.text, forms.get(form, date.text))
    if decide:
        reading.written = "; ".join(f"{form}, as {text!r}" for form, text in sorted(forms.items()))
    return days, faults


def _day_month_order(numeric: Sequence[_Numeric], what: str, beside: bool) -> str | None:
    """Settle whether the numeric dates of a column have the day or the month first."""
    day_first = [date.text for date in numeric if date.dmy is not None and date.mdy is None]
    month_first = [date.text for date in numeric if date.mdy is not None and date.dmy is None]
    either = [date.text for date in numeric if date.dmy is not None and date.mdy is not None and date.dmy != date.mdy]
    short = [date for date in numeric if date.short]
    sign, year = min((date.sign for date in short or numeric), default=""), "%y" if short else "%Y"
    dmy, mdy, ymd = (
        f'date_format="{sign.join(order)}"' for order in (("%d", "%m", year), ("%m", "%d", year), (year, "%m", "%d"))
    )

    def remedy(formats: Sequence[str]) -> str:
        return "write days as 2021-12-31, or give a column of dates" if beside else f"pass {' or '.join(formats)}"

    if short and _may_begin_with_year(short):
        fits = ((dmy, [date.dmy for date in short]), (mdy, [date.mdy for date in short]))
        last = [form for form, days in fits if None not in days]
        raise InputError(
            f"{what} has years of two digits, and the year can be the last or the first number: "
            f"{min(date.text for date in short)!r}; {remedy([*last, ymd])}"
        )
    if not either:
        return "each" if day_first and month_first else "dmy" if day_first else "mdy" if month_first else None
    if day_first and month_first:
        raise InputError(
            f"{what} mixes day/month/year ({min(day_first)!r}) and month/day/year ({min(month_first)!r}), so that "
            f"{min(either)!r} can be read in two ways; {remedy([dmy, mdy])}"
        )
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    if all(
        date.sign == "." for date in numeric
    ):  # points are written between day, month and year, never month, day and year
        return "dmy"
    raise InputError(
        f"{what} can be read as day/month/year or as month/day/year: {min(either)!r}; {remedy([dmy, mdy])}"
    )


def _may_begin_with_year(dates: Sequence[_Numeric]) -> bool:
    """Whether dates with a year of two digits may have it in front.

    All of them must be days of the calendar so, and no fewer years may come from their ends than from their beginnings: sales
    have few years and many days.
    """
    if all(date.sign == "." for date in dates):
        return False
    read = [_day(_year(date.parts[0].zfill(2)), int(date.parts[1]), int(date.parts[2])) for date in dates]
    first, last = ({date.parts[k].zfill(2) for date in dates} for k in (0, 2))
    return None not in read and len(first) <= len(last)


def days_of(
    values: pa.Array | NDArray[Any], role: str, column: str, reading: Reading, decide: bool = True
) -> tuple[NDArray[np.int32], Faults | None]:
    """Read a column as days since 1970-01-01.

    Parameters
    ----------
    values : Arrow array or NumPy array of datetime64, shape (n,)
        The cells; times of day are cut off, in the column's own time zone.
    role, column : str
        Role and name of the column, for messages.
    reading : Reading
        How text is read; settled here where `decide`.
    decide : bool
        Whether to settle the reading by these cells.

    Returns
    -------
    days : ndarray of int32, shape (n,)
        0 where a cell is not a date.
    faults : ndarray of uint8, shape (n,), or None
        The fault of each cell; None where there is none at all.

    Raises
    ------
    InputError
        If the column has no dates, or its text can be read in two ways.
    """
    what = f"{role} (column {column!r})"
    if isinstance(values, np.ndarray):
        return _ranged(values)
    kind = values.type
    if pa.types.is_null(kind):
        return np.zeros(len(values), dtype=np.int32), np.full(len(values), MISSING, dtype=np.uint8)
    if pa.types.is_date32(kind):
        if values.null_count == 0:
            days = values.view(pa.int32()).to_numpy(zero_copy_only=True)
            if days.size == 0 or (days.min() >= FIRST_DAY and days.max() <= LAST_DAY):
                return days, None
        return _ranged(values.to_numpy(zero_copy_only=False).astype("datetime64[D]"))
    if pa.types.is_timestamp(kind) or pa.types.is_date64(kind):
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            values = pc.local_timestamp(values)
        return _ranged(values.to_numpy(zero_copy_only=False))
    if is_typed_text(kind):
        codes, distinct = distinct_values(values)
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        codes, distinct = distinct_values(values)
        distinct = pa.array(
            [None if n is None or n != n else number_text(n) for n in distinct.to_pylist()], pa.string()
        )
    elif pa.types.is_dictionary(kind):
        return days_of(one_array(values.dictionary_decode()), role, column, reading, decide)
    else:
        raise InputError(f"{what} must contain dates; found {kind}")
    numbers, faults = _read_days(distinct.to_pylist(), what, reading, decide)
    outside = (faults == OK) & ((numbers < FIRST_DAY) | (numbers > LAST_DAY))
    faults[outside] = OUTSIDE
    cell_faults = spread(codes, faults, MISSING)
    return spread(codes, numbers, 0), cell_faults if cell_faults.any() else None


def _ranged(moments: NDArray[Any]) -> tuple[NDArray[np.int32], Faults | None]:
    """Cut moments to days and check that they are there and in range."""
    whole = moments.astype("datetime64[D]")
    days = whole.astype(np.int64)
    none = np.isnat(whole)
    outside = ~none & ((days < FIRST_DAY) | (days > LAST_DAY))
    if not none.any() and not outside.any():
        return days.astype(np.int32), None
    faults = np.zeros(days.size, dtype=np.uint8)
    faults[none] = MISSING
    faults[outside] = OUTSIDE
    return np.where(faults == OK, days, 0).astype(np.int32), faults
