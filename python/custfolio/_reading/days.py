# Cells that are days.
"""Read a column as days, settling the order of day and month once for the whole column."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
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
    SHORT_YEAR,
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


_TIME = (
    r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
)
_ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}})(?:\.0)?{_TIME}")
_NUMERIC = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}")
_SHORT = re.compile(rf"\d{{1,2}}([-/.])\d{{1,2}}\1\d{{2}}{_TIME}")
_DAY_MONTH = re.compile(rf"(\d{{1,2}})[-/. ]+([A-Za-z]{{3,9}})[-/., ]+(\d{{4}}){_TIME}")
_MONTH_DAY = re.compile(rf"([A-Za-z]{{3,9}})[-/. ]+(\d{{1,2}})[-/, ]+(\d{{4}}){_TIME}")
_BARE = re.compile(r"[+-]?\d+(\.\d*)?")
_MONTHS: Final = {
    word: month
    for month, words in enumerate(
        (
            "jan january januari", "feb february februari", "mar march mrt maart", "apr april", "may mei", "jun june juni",
            "jul july juli", "aug august augustus", "sep sept september", "oct october okt oktober", "nov november",
            "dec december",
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


def _read_days(
    texts: Sequence[str | None], what: str, reading: Reading, decide: bool
) -> tuple[NDArray[np.int32], Faults]:
    """Read distinct texts as days; where `decide`, settle the order of day and month first."""
    days = np.zeros(len(texts), dtype=np.int32)
    faults = np.zeros(len(texts), dtype=np.uint8)
    numeric: list[tuple[int, str, str, int | None, int | None]] = []
    for k, raw in enumerate(texts):
        text = "" if raw is None else raw.strip()
        if text.casefold() in NO_VALUE:
            faults[k] = MISSING
            continue
        day: int | None = None
        fault = IMPOSSIBLE
        if reading.format is not None:
            try:
                day = datetime.datetime.strptime(text, reading.format).date().toordinal() - EPOCH
            except ValueError:
                fault = OTHER_FORMAT
        elif match := _ISO.fullmatch(text):
            day = _day(int(match[1]), int(match[3]), int(match[4]))
        elif match := _NUMERIC.fullmatch(text):
            first, second, year = int(match[1]), int(match[3]), int(match[4])
            readings = _day(year, second, first), _day(year, first, second)
            numeric.append((k, text, match[2], *readings))
            continue
        elif match := _COMPACT.fullmatch(text):
            day = _day(int(match[1]), int(match[2]), int(match[3]))
            fault = SERIAL
        elif match := _DAY_MONTH.fullmatch(text):
            month = _MONTHS.get(match[2].casefold())
            day = None if month is None else _day(int(match[3]), month, int(match[1]))
            fault = NOT_DATE if month is None else IMPOSSIBLE
        elif match := _MONTH_DAY.fullmatch(text):
            month = _MONTHS.get(match[1].casefold())
            day = None if month is None else _day(int(match[3]), month, int(match[2]))
            fault = NOT_DATE if month is None else IMPOSSIBLE
        elif _SHORT.fullmatch(text):
            fault = SHORT_YEAR
        else:
            fault = SERIAL if _BARE.fullmatch(text) else NOT_DATE
        if day is None:
            faults[k] = fault
        else:
            days[k] = day
    if decide and reading.order is None:
        reading.order = _day_month_order(numeric, what)
    for k, _, _, dmy, mdy in numeric:
        day = dmy if reading.order == "dmy" else mdy if reading.order == "mdy" else dmy if dmy is not None else mdy
        if day is None:
            faults[k] = IMPOSSIBLE
        else:
            days[k] = day
    return days, faults


def _day_month_order(numeric: Iterable[tuple[int, str, str, int | None, int | None]], what: str) -> str | None:
    """Settle whether the numeric dates of a column have the day or the month first."""
    day_first = month_first = either = None
    pointed = True
    for _, text, sign, dmy, mdy in numeric:
        pointed = pointed and sign == "."
        if dmy is not None and mdy is None:
            day_first = min(text, day_first or text)
        elif mdy is not None and dmy is None:
            month_first = min(text, month_first or text)
        elif dmy != mdy:
            either = min(text, either or text)
    if either is None:
        return "each" if day_first and month_first else "dmy" if day_first else "mdy" if month_first else None
    if day_first and month_first:
        raise InputError(
            f"{what} mixes day/month/year ({day_first!r}) and month/day/year ({month_first!r}), so that {either!r} can be read in "
            'two ways; pass date_format="%d/%m/%Y" or date_format="%m/%d/%Y"'
        )
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    if pointed:  # points are written between day, month and year, never between month, day and year
        return "dmy"
    raise InputError(
        f"{what} can be read as day/month/year or as month/day/year: {either!r}; pass "
        'date_format="%d/%m/%Y" or date_format="%m/%d/%Y"'
    )


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
    found, faults = _read_days(distinct.to_pylist(), what, reading, decide)
    outside = (faults == OK) & ((found < FIRST_DAY) | (found > LAST_DAY))
    faults[outside] = OUTSIDE
    cell_faults = spread(codes, faults, MISSING)
    return spread(codes, found, 0), cell_faults if cell_faults.any() else None


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
