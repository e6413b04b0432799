# Cadence: the time between reviews by segment, and rules that come before it.
"""Intervals as text, cadence by segment, and rules by customer."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from custfolio._tables.arguments import checked
from custfolio._tables.result import Stored
from custfolio.errors import InputError

__all__ = ["Cadence", "CadenceRule", "interval_of", "interval_text", "intervals_of_segments"]

_UNITS = {"day": (0, 1), "week": (0, 7), "month": (1, 0), "quarter": (3, 0), "year": (12, 0)}


def interval_of(value: object, what: str) -> tuple[int, int]:
    """Return the months and days of an interval: text such as "3 months" or "10 days", or a number of months.

    Parameters
    ----------
    value : str or int
        The interval.
    what : str
        Its name, for the message.

    Returns
    -------
    (int, int)
        Months and days; one of them is 0.

    Raises
    ------
    InputError
        If it is not an interval.
    """
    text = f"{value} months" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    match = re.fullmatch(r"\s*(\d{1,5})\s*(day|week|month|quarter|year)s?\s*", text)
    if match is None or int(match[1]) == 0:
        raise InputError(f"{what} is {value!r}; it must be written as '3 months', '6 weeks' or '10 days'")
    months, days = _UNITS[match[2]]
    return int(match[1]) * months, int(match[1]) * days


def interval_text(months: int, days: int) -> str:
    """Return an interval as text, such as "3 months"; nothing for an interval of 0."""
    number, unit = (months, "month") if months else (days, "day")
    return f"{number} {unit}{'s' if number > 1 else ''}" if number else ""


@checked
@dataclass(frozen=True)
class Cadence(Stored):
    """Time between two reviews of a customer, by Pareto class.

    Parameters
    ----------
    A, B, C : str
        Such as "3 months", "6 weeks" or "10 days".

    Raises
    ------
    InputError
        If one of them is not an interval.
    """

    A: str = "3 months"
    B: str = "6 months"
    C: str = "12 months"

    def __post_init__(self) -> None:
        for cls in "ABC":
            self.of(cls)

    def of(self, cls: str) -> tuple[int, int]:
        """Interval of a class.

        Parameters
        ----------
        cls : {"A", "B", "C"}
            The class.

        Returns
        -------
        (int, int)
            Months and days; one of them is 0.

        Raises
        ------
        InputError
            If the text is not an interval.
        """
        return interval_of(getattr(self, cls), f"cadence {cls}")


@checked
@dataclass(frozen=True)
class CadenceRule(Stored):
    """An interval for customers with a figure in a range; it comes before the interval of their segment.

    Parameters
    ----------
    figure : str
        "value" (of the review), "revenue", "contribution" or "temperature", or a column of `customers`: the risk of leaving, or whether
        terms were accepted (true counts as 1, false as 0).
    every : str
        The interval, such as "1 month".
    at_least, at_most : float
        The range, both included.

    Raises
    ------
    InputError
        If the interval is none, or the range is empty.
    """

    figure: str
    every: str
    at_least: float = -math.inf
    at_most: float = math.inf

    def __post_init__(self) -> None:
        interval_of(self.every, "every")
        if not self.at_least <= self.at_most:
            raise InputError(
                f"the rule on {self.figure!r} goes from {self.at_least} to {self.at_most}; "
                "its least figure must not exceed its greatest"
            )


def intervals_of_segments(
    cadence: Cadence | Mapping[str, str | int], segments: list[str]
) -> dict[str, tuple[int, int]]:
    """Return the interval of each segment.

    Parameters
    ----------
    cadence : Cadence or mapping
        Intervals by class, or by segment: text, or a number of months.
    segments : list of str
        The segments that occur.

    Returns
    -------
    dict
        Months and days by segment.

    Raises
    ------
    InputError
        If a segment has no interval.
    """
    if isinstance(cadence, Cadence):
        cadence = {"A": cadence.A, "B": cadence.B, "C": cadence.C}
    interval_of_segment = {
        str(segment): interval_of(every, f"cadence of segment {segment!r}") for segment, every in cadence.items()
    }
    for segment in segments:
        if segment not in interval_of_segment:
            raise InputError(
                f"segment {segment!r} has no cadence; it must be one of {', '.join(interval_of_segment)}, or get an interval of its own"
            )
    return interval_of_segment
