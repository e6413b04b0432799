# Days and hours as people write them: "Mon-Thu", "first Monday morning", "9:00-17:00".
"""Read patterns of days, parts of the day and clock times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

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
        If a word is none of these.
    """
    if is_missing(value) or not str(value).strip():
        return DayPattern()
    weekdays = weeks = part = 0
    since: int | None = None
    for word in re.findall(r"[^\W_]+|[-–]", str(value).lower()):
        if word in ("-", "–"):
            continue
        day, week, half = _place(word, _WEEKDAYS), _place(word, _WEEKS), _place(word, _PARTS)
        if day is not None:
            ranged = since is not None and re.search(rf"[-–]\s*{re.escape(word)}\b", str(value).lower())
            first = since if ranged and since is not None and since <= day else day
            for each in range(first, day + 1):
                weekdays |= 1 << each
            since = day
        elif week is not None:
            weeks |= 1 << week
        elif half:
            part = half
        elif word not in _FILLERS:
            raise InputError(
                f"{what} is {value!r}: {word!r} is no day; days are written as 'Mon-Thu', 'first Monday' or 'Tuesday morning'"
            )
    return DayPattern(weekdays or 0x7F, weeks or 0x3F, part)


def hours_of(value: Any, what: str) -> tuple[int, int]:
    """Return working hours such as "9:00-17:00" as minutes; (-1, -1) for an empty cell."""
    if is_missing(value) or not str(value).strip():
        return -1, -1
    ends = re.split(r"\s*[-–]\s*", str(value).strip())
    if len(ends) != 2:
        raise InputError(f"{what} is {value!r}; working hours are written as 9:00-17:00")
    first = minute_of(ends[0], what)
    last = 24 * 60 if ends[1] == "24:00" else minute_of(ends[1], what)
    if last <= first:
        raise InputError(f"{what} is {value!r}; working hours must end after they begin")
    return first, last
