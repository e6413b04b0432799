# Calendars read back: appointments by their identifier, moved or deleted; all other entries are busy times.
"""What calendars made of the agenda."""

from __future__ import annotations

import datetime
import os
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio._tables.arguments import checked
from custfolio._tables.calendar import identifier, zone_of
from custfolio._tables.dates import DayLike, day_date, day_number
from custfolio._tables.result import Listing
from custfolio.errors import InputError

__all__ = ["Agreed", "BusyTimes", "read_back", "read_busy"]


class BusyTimes(Listing):
    """Times without reviews: manager, start and end, local. Pass them as ``busy=``.

    ``plot`` draws the busy hours by month.
    """

    _heading = "Busy times"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        hours: dict[str, float] = {}
        for start, end in zip(self._entries["start"], self._entries["end"], strict=True):
            month = f"{start:%Y-%m}"
            hours[month] = hours.get(month, 0.0) + (end - start).total_seconds() / 3600
        bars = alt.Chart(alt.Data(values=[{"month": month, "hours": each} for month, each in hours.items()])).mark_bar()
        return bars.encode(x=alt.X("month:O", title=None), y=alt.Y("hours:Q", title="Busy hours")).properties(**options)


def _calendars(files: Iterable[str | os.PathLike[str]]) -> list[Any]:
    """Return the calendars of files."""
    from icalendar import Calendar

    found = []
    for file in files:
        content = Path(file).read_bytes()
        try:
            calendars = Calendar.from_ical(content, multiple=True)
        except (ValueError, KeyError, IndexError) as error:
            raise InputError(f"{os.fspath(file)!r} is no calendar: {error}; it must be an .ics file") from None
        if not calendars:
            raise InputError(f"{os.fspath(file)!r} has no calendar; it must be an .ics file")
        found += calendars
    return found


def _local(value: Any, zone: zoneinfo.ZoneInfo | None) -> datetime.datetime:
    """Return a time of a calendar on the managers' clocks; a date is its midnight."""
    if not isinstance(value, datetime.datetime):
        return datetime.datetime(value.year, value.month, value.day)
    if value.tzinfo is not None and zone is not None:
        value = value.astimezone(zone)
    local: datetime.datetime = value.replace(tzinfo=None)
    return local


def _ends(event: Any, zone: zoneinfo.ZoneInfo | None) -> tuple[datetime.datetime, datetime.datetime]:
    """Return start and end of an event; without an end it lasts a day where it is a date, else no time."""
    begin = event["DTSTART"].dt
    if "DTEND" in event:
        end = event["DTEND"].dt
    elif "DURATION" in event:
        end = begin + event["DURATION"].dt
    else:
        end = begin + datetime.timedelta(days=0 if isinstance(begin, datetime.datetime) else 1)
    return _local(begin, zone), _local(end, zone)


def _blocks(event: Any) -> bool:
    return str(event.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT" and str(event.get("STATUS", "")) != "CANCELLED"


def _busy(
    calendars: Sequence[Any],
    manager: str,
    own: set[str],
    first: datetime.date,
    last: datetime.date,
    zone: zoneinfo.ZoneInfo | None,
) -> list[tuple[str, datetime.datetime, datetime.datetime]]:
    """Return the busy times of a manager's calendars, with every occurrence of repeated entries."""
    import recurring_ical_events

    found = []
    for calendar in calendars:
        for event in recurring_ical_events.of(calendar, skip_bad_series=True).between(
            first, last + datetime.timedelta(days=1)
        ):
            if str(event.get("UID", "")) in own or not _blocks(event):
                continue
            begin, end = _ends(event, zone)
            if end > begin:
                found.append((manager, begin, end))
    return sorted(found)


def _times(rows: Sequence[tuple[str, datetime.datetime, datetime.datetime]], library: str | None) -> BusyTimes:
    managers, starts, ends = ([row[k] for row in rows] for k in range(3))
    return BusyTimes({"manager": managers, "start": starts, "end": ends}, library)


@checked
def read_busy(
    file: str | os.PathLike[str],
    manager: str,
    *,
    first: DayLike,
    last: DayLike,
    timezone: str | None = None,
) -> BusyTimes:
    """Read a manager's own calendar: every entry that blocks time is a busy time, repeated ones at each occurrence.

    Parameters
    ----------
    file : str or path
        The .ics file.
    manager : str
        The manager.
    first, last : str or date
        First and last day to read.
    timezone : str, optional
        Zone of the manager's clock, such as "Europe/Brussels". Times of other zones are turned into it.

    Returns
    -------
    BusyTimes
        Pass it as ``busy=`` to :func:`custfolio.anchor`.

    Raises
    ------
    InputError
        If the file is no calendar, a day is none, or the time zone is unknown.
    """
    begin, end = day_date(day_number(first, "first")), day_date(day_number(last, "last"))
    if end < begin:
        raise InputError(f"last is {end} and first {begin}; the two must be in order")
    return _times(_busy(_calendars([file]), manager, set(), begin, end, zone_of(timezone)), None)


@dataclass
class Agreed:
    """What calendars made of appointments: their columns, which are still there, what moved, what is deleted, and busy times."""

    columns: dict[str, Any]
    keep: NDArray[np.bool_]
    moved: dict[tuple[str, int], tuple[str, str]]
    deleted: list[tuple[str, int]]
    busy: BusyTimes


def read_back(
    agenda: Mapping[str, Any],
    managers: Sequence[str],
    files: Sequence[str | os.PathLike[str]],
    manager: str | None,
    timezone: str | None,
) -> Agreed:
    """Read calendars back; see :meth:`custfolio.Agenda.read_back`."""
    zone = zone_of(timezone)
    calendars = _calendars(files)
    entries = _newest(calendars)
    columns = {
        name: values.copy() if isinstance(values, np.ndarray) else list(values) for name, values in agenda.items()
    }
    keep = np.ones(len(columns["day"]), dtype=bool)
    found = Agreed(columns, keep, {}, [], _times([], None))
    own: set[str] = set()
    for k, customer in enumerate(columns["customer_id"]):
        key = (customer, int(columns["number"][k]))
        uid = identifier(*key)
        own.add(uid)
        if manager is not None and columns["manager"][k] != manager:
            continue
        event = entries.get(uid)
        if event is None or str(event.get("STATUS", "")) == "CANCELLED":
            keep[k] = False
            found.deleted.append(key)
            continue
        _agree(columns, k, event, zone, found.moved, key)
    days = agenda["day"]
    busy: list[tuple[str, datetime.datetime, datetime.datetime]] = []
    if len(days):
        first, last = days.min().item(), days.max().item()
        for name in managers if manager is None else [manager]:
            busy += _busy(calendars, name, own, first, last, zone)
    found.busy = _times(busy, None)
    return found


def _newest(calendars: Sequence[Any]) -> dict[str, Any]:
    """Return the entry of each identifier with the greatest sequence."""
    entries: dict[str, Any] = {}
    for calendar in calendars:
        for event in calendar.walk("VEVENT"):
            uid = str(event.get("UID", ""))
            newest = uid not in entries or int(event.get("SEQUENCE", 0)) >= int(entries[uid].get("SEQUENCE", 0))
            if newest and "DTSTART" in event:
                entries[uid] = event
    return entries


def _agree(
    columns: dict[str, Any],
    k: int,
    event: Any,
    zone: zoneinfo.ZoneInfo | None,
    moved: dict[tuple[str, int], tuple[str, str]],
    key: tuple[str, int],
) -> None:
    """Take the day, time and length of an entry; one that differs has moved."""
    begin, end = _ends(event, zone)
    timed = isinstance(event["DTSTART"].dt, datetime.datetime)
    day = np.datetime64(begin.date(), "D")
    start = f"{begin:%H:%M}" if timed else columns["start"][k]
    if (day, start) != (columns["day"][k], columns["start"][k]):
        moved[key] = (f"{columns['day'][k]} {columns['start'][k]}".strip(), f"{day} {start}".strip())
    length = int((end - begin).total_seconds() // 60)
    if timed and length > 0:
        columns["minutes"][k] = length
    columns["day"][k], columns["start"][k] = day, start
    columns["sequence"][k] = max(int(columns["sequence"][k]), int(event.get("SEQUENCE", 0)))
    columns["fixed"][k] = True
