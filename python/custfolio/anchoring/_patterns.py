# Days and hours as people write them: "Mon-Thu", "first Monday morning", "9:00-17:00".
"""Read patterns of days, parts of the day and clock times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from custfolio import _core
from custfolio._tables.calendar import minute_of
from custfolio._tables.dates import is_missing
from custfolio.errors import InputError

__all__ = ["DayPattern", "hours_of", "pattern_of"]

_WEEKDAYS = (
    ("monday", "mon", "maandag", "ma"),
    ("tuesday", "tue", "tues", "dinsdag", "di"),
    ("wednesday", "wed", "woensdag", "wo"),
    ("thursday", "thu", "thur", "thurs", "donderdag", "do"),
    ("friday", "fri", "vrijdag", "vr"),
    ("saturday", "sat", "zaterdag", "za"),
    ("sunday", "sun", "zondag", "zo"),
)
_WEEKS = (
    ("first", "1st", "eerste", "1e"),
    ("second", "2nd", "tweede", "2e"),
    ("third", "3rd", "derde", "3e"),
    ("fourth", "4th", "vierde", "4e"),
    ("fifth", "5th", "vijfde", "5e"),
    ("last", "laatste"),
)
_PARTS = (("",), ("morning", "am", "voormiddag", "ochtend"), ("afternoon", "pm", "namiddag", "middag"))
_NOON = 12 * 60
_FILLERS = frozenset(("and", "or", "en", "of", "the", "month", "van", "de", "maand", "every", "each", "elke"))


@dataclass(frozen=True)
class DayPattern:
    """Weekdays (bit 0 is Monday), weeks of the month (bit 5 is the last), and the part of the day (0: any)."""

    weekdays: int = 0x7F
    weeks: int = 0x3F
    part: int = 0


def _place(word: str, names: tuple[tuple[str, ...], ...]) -> int | None:
    """Return the place of a word among names; a weekday may have a plural s."""
    for place, each in enumerate(names):
        if word in each or (word.endswith("s") and word[:-1] in each and len(word) > 3):
            return place
    return None


def pattern_of(value: Any, what: str) -> DayPattern:
    """Return the days of a text such as "Mon-Thu", "first Monday", "Tuesday and Thursday afternoon"; all days for an empty cell.

    Parameters
    ----------
    value : str or None
        The text, in English or Dutch.
    what : str
        Its name, for the message.

    Returns
    -------
    DayPattern
        The days.

    Raises
    ------
    InputError
        If a word is none of these, or the text has more than one pattern.
    """
    if is_missing(value) or not str(value).strip():
        return DayPattern()
    days: list[int] = []
    weeks = part = 0
    ranged = False
    for word in re.findall(r"[^\W_]+|[-–]", str(value).lower()):
        day, week, half = _place(word, _WEEKDAYS), _place(word, _WEEKS), _place(word, _PARTS)
        again = part if half is None else part and half != part
        if (again and (day is not None or week is not None or half)) or (week is not None and days):
            raise InputError(
                f"{what} is {value!r}: {word!r} begins a second pattern; one pattern has weeks, then weekdays, then a part "
                "of the day, as in 'first and third Monday morning'"
            )
        if day is not None:
            if ranged and days:
                # A range may go over the week's end: "Thu-Tue".
                days += [(days[-1] + k) % 7 for k in range(1, (day - days[-1]) % 7)]
            days.append(day)
        elif week is not None:
            weeks |= 1 << week
        elif half:
            part = half
        elif word not in _FILLERS and word not in ("-", "–"):
            raise InputError(
                f"{what} is {value!r}: {word!r} is no day; days are written as 'Mon-Thu', 'first Monday' or 'Tuesday morning'"
            )
        ranged = word in ("-", "–")
    weekdays = sum(1 << day for day in set(days))
    return DayPattern(weekdays or 0x7F, weeks or 0x3F, part)


def hours_of(value: Any, part: int, what: str) -> tuple[int, int]:
    """Return the hours of a cell such as "9:00-17:00" within a part of the day, as minutes.

    Parameters
    ----------
    value : str or None
        The hours; from nine to five where the cell is empty.
    part : int
        0 for the whole day, 1 up to noon, 2 from noon.
    what : str
        Their name, for the message.

    Returns
    -------
    (int, int)
        First minute, and end.

    Raises
    ------
    InputError
        If the text is none, or no hour is left.
    """
    first, last = _core.default_hours if is_missing(value) or not str(value).strip() else _hours(value, what)
    first, last = (max(first, _NOON) if part == 2 else first), (min(last, _NOON) if part == 1 else last)
    if last <= first:
        raise InputError(
            f"{what} is {value!r}, and its days have {_PARTS[part][0]}s only; the two must share some time"
        )
    return first, last


def _hours(value: Any, what: str) -> tuple[int, int]:
    ends = re.split(r"\s*[-–]\s*", str(value).strip())
    if len(ends) != 2:
        raise InputError(f"{what} is {value!r}; working hours are written as 9:00-17:00")
    first = minute_of(ends[0], what)
    last = 24 * 60 if ends[1] == "24:00" else minute_of(ends[1], what)
    if last <= first:
        raise InputError(f"{what} is {value!r}; working hours must end after they begin")
    return first, last
