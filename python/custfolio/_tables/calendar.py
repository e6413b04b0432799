# Clock times, time zones and identifiers of calendar entries.
"""Read and write the parts of a calendar that rooms and files share."""

from __future__ import annotations

import datetime
import hashlib
import re
import zoneinfo
from typing import Any

from custfolio.errors import InputError

__all__ = ["clock_text", "feed_name", "identifier", "local_time", "minute_of", "zone_of"]


def identifier(customer: str, number: int) -> str:
    """Return the identifier of an appointment: of the customer and the running number, never of the day.

    Parameters
    ----------
    customer
        Identity of the customer.
    number
        Running number of the customer's appointments.

    Returns
    -------
    str
        The identifier, always the same.
    """
    digest = hashlib.sha256(f"{customer}\0{number}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"{digest[:32]}@custfolio"


def feed_name(manager: str) -> str:
    """Return the name of a manager's file: readable, and different for different managers."""
    slug = re.sub(r"[^a-z0-9]+", "-", manager.lower()).strip("-")[:40]
    digest = hashlib.sha256(manager.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug or 'manager'}-{digest}.ics"


def minute_of(value: Any, what: str) -> int:
    """Return a clock time, such as "9:30" or a time, as minutes after midnight."""
    if isinstance(value, datetime.datetime | datetime.time):
        return value.hour * 60 + value.minute
    match = re.fullmatch(r"\s*(\d{1,2})[:.h](\d{2})(?::00)?\s*", str(value))
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise InputError(f"{what} is {value!r}; a clock time is written as 9:30")
    return int(match[1]) * 60 + int(match[2])


def clock_text(minute: int) -> str:
    """Return minutes after midnight as a clock time, such as "09:30"; nothing for an appointment without a time."""
    return "" if minute < 0 else f"{minute // 60:02d}:{minute % 60:02d}"


def zone_of(timezone: str | None) -> zoneinfo.ZoneInfo | None:
    """Return a time zone by its name; InputError where it is unknown."""
    if timezone is None:
        return None
    try:
        return zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"the time zone {timezone!r} is unknown; it must be a name such as 'Europe/Brussels'"
        ) from None


def local_time(day: datetime.date, minute: int, zone: zoneinfo.ZoneInfo | None) -> datetime.datetime:
    """Return a clock time of a day; one that the change to summer time leaves out is as much later.

    Parameters
    ----------
    day
        The day.
    minute
        Minutes after midnight.
    zone
        Time zone; None for the reader's own.

    Returns
    -------
    datetime
        The time.
    """
    wall = datetime.datetime.combine(day, datetime.time(minute // 60, minute % 60))
    if zone is None:
        return wall
    utc = datetime.timezone.utc
    return wall.replace(tzinfo=zone).astimezone(utc).astimezone(zone)
