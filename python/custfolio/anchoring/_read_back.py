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
from custfolio._tables.calendar import feed_name, identifier, zone_of
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


@dataclass
class _File:
    """A calendar file, its calendars and the managers whose it is."""

    name: str
    calendars: list[Any]
    managers: list[str]

    def events(self) -> Iterable[Any]:
        """Return the entries of all its calendars."""
        for calendar in self.calendars:
            yield from calendar.walk("VEVENT")


def _read(file: str | os.PathLike[str]) -> _File:
    """Read a calendar file, and check each entry."""
    from icalendar import Calendar

    name = os.fspath(file)
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"{name!r} cannot be read: {error.strerror}; it must be an .ics file") from None
    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except (ValueError, KeyError, IndexError) as error:
        raise InputError(f"{name!r} is no calendar: {error}; it must be an .ics file") from None
    if not calendars:
        raise InputError(f"{name!r} has no calendar; it must be an .ics file")
    parsed = _File(name, list(calendars), [])
    for event in parsed.events():
        _check(event, f"{name!r}, entry {str(event.get('UID', 'without UID'))!r}")
    return parsed


def _value(part: Any) -> Any:
    """Return the day, time or duration of a property; None where it has none."""
    try:
        return part.dt
    except (AttributeError, ValueError):
        return None


_REPEATED = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_MOST_A_DAY = 96
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Most days of each month."""


def _check(event: Any, what: str) -> None:
    """Check what an entry must have: a start, an end of the same kind, a number as sequence, and a rule that ends."""
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        if name in event and not isinstance(_value(event[name]), datetime.date):
            raise InputError(f"{what}: {name} is {event[name]!s}; it must be one day or time")
    if "DTSTART" not in event:
        raise InputError(f"{what} has no start; each entry needs a DTSTART")
    if "DURATION" in event and not isinstance(_value(event["DURATION"]), datetime.timedelta):
        raise InputError(f"{what}: DURATION is {event['DURATION']!s}; it must be a duration such as PT1H")
    begin, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else event["DTSTART"].dt
    if isinstance(begin, datetime.datetime) != isinstance(end, datetime.datetime):
        raise InputError(f"{what} goes from {begin} to {end}; both must be days, or both times")
    if max(begin.year, end.year) > 9000:
        raise InputError(f"{what} goes from {begin} to {end}; the year must be at most 9000")
    if not str(event.get("SEQUENCE", 0)).isdigit():
        raise InputError(f"{what}: SEQUENCE is {event['SEQUENCE']!s}; it must be a whole number, 0 or more")
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        _check_rule(rule, what)


def _check_rule(rule: Any, what: str) -> None:
    """Check that a rule repeats an entry by days, and not without end on one day."""
    parts = {str(name).upper(): values for name, values in rule.items()} if hasattr(rule, "items") else {}
    frequency = str(next(iter(parts.get("FREQ", [])), ""))
    if frequency not in _REPEATED:
        raise InputError(f"{what} repeats by {frequency or 'nothing'!r}; it must be {', '.join(_REPEATED)}")
    for name in ("INTERVAL", "COUNT"):
        for value in parts.get(name, []):
            if not 1 <= int(value) <= 10**6:
                raise InputError(f"{what}: {name} of its rule is {value}; it must be 1 to 1,000,000")
    months, days = ([int(each) for each in parts.get(name, [])] for name in ("BYMONTH", "BYMONTHDAY"))
    longest = max((_LONGEST[month - 1] for month in months if 1 <= month <= 12), default=31)
    if days and min(map(abs, days)) > longest:
        # The reader would look for such a day in every year up to 9999.
        raise InputError(f"{what} repeats on day {days[0]}; day {longest} is the last one of the months of its rule")
    times = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= max(1, len(parts.get(name, [])))
    if times > _MOST_A_DAY:
        raise InputError(f"{what} repeats {times} times a day; it must be at most {_MOST_A_DAY}")


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


def _occurrences(components: Any, first: datetime.date, last: datetime.date) -> list[Any]:
    """Return the entries between two days, repeated ones at each occurrence."""
    import recurring_ical_events

    return list(recurring_ical_events.of(components).between(first, last + datetime.timedelta(days=1)))


def _busy(
    file: _File,
    manager: str,
    identifiers: set[str],
    first: datetime.date,
    last: datetime.date,
    zone: zoneinfo.ZoneInfo | None,
) -> list[tuple[str, datetime.datetime, datetime.datetime]]:
    """Return the busy times of a manager's file, with every occurrence of repeated entries."""
    intervals = []
    for calendar in file.calendars:
        try:
            events = _occurrences(calendar, first, last)
        except Exception as error:  # the readers of rules raise many kinds
            raise InputError(f"{file.name!r} has {_wrong_entry(calendar, first, last)}: {error}") from None
        for event in events:
            if str(event.get("UID", "")) in identifiers or not _blocks(event):
                continue
            begin, end = _ends(event, zone)
            if end > begin:
                intervals.append((manager, begin, end))
    return sorted(intervals)


def _wrong_entry(calendar: Any, first: datetime.date, last: datetime.date) -> str:
    """Return the words for the first entry that cannot be read."""
    from icalendar import Calendar

    for event in calendar.walk("VEVENT"):
        alone = Calendar()
        for part in (*calendar.walk("VTIMEZONE"), event):
            alone.add_component(part)
        try:
            _occurrences(alone, first, last)
        except Exception:
            return f"an entry that cannot be repeated, {str(event.get('UID', 'without UID'))!r}"
    return "entries that cannot be repeated"


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
        If the file is no calendar, an entry cannot be read or repeats without end, a day is none, or the time zone is unknown.
    """
    begin, end = day_date(day_number(first, "first")), day_date(day_number(last, "last"))
    if end < begin:
        raise InputError(f"last is {end} and first {begin}; the two must be in order")
    return _times(_busy(_read(file), manager, set(), begin, end, zone_of(timezone)), None)


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
    if not files:
        raise InputError("there is no calendar file; read_back needs at least one")
    zone = zone_of(timezone)
    columns = {
        name: values.copy() if isinstance(values, np.ndarray) else list(values) for name, values in agenda.items()
    }
    keys = [(customer, int(number)) for customer, number in zip(columns["customer_id"], columns["number"], strict=True)]
    rows = {identifier(*key): k for k, key in enumerate(keys)}
    read = [_read(file) for file in files]
    for file in read:
        file.managers = [manager] if manager is not None else _managers_of(file, agenda, rows, managers)
    entries = {
        name: _newest([file for file in read if name in file.managers]) for file in read for name in file.managers
    }
    agreed = Agreed(columns, np.ones(len(keys), dtype=bool), {}, [], _times([], None))
    for uid, k in rows.items():
        # A manager's files show nothing of the reviews of others.
        events = entries.get(columns["manager"][k])
        if events is None:
            continue
        event = events.get(uid)
        if event is None or str(event.get("STATUS", "")) == "CANCELLED":
            agreed.keep[k] = False
            agreed.deleted.append(keys[k])
        else:
            _agree(columns, k, event, zone, agreed.moved, keys[k])
    first, last = _span(agenda["day"], read)
    busy = [each for file in read for name in file.managers for each in _busy(file, name, set(rows), first, last, zone)]
    agreed.busy = _times(sorted(set(busy)), None)
    return agreed


_YEARS_AHEAD = 2
"""Years after the last appointment until which repeated entries are busy times."""


def _span(days: Any, read: Sequence[_File]) -> tuple[datetime.date, datetime.date]:
    """Return the first and last day of the busy times: a year before the first appointment to two years after the last."""
    if len(days):
        first, last = days.min().item(), days.max().item()
    else:
        starts = [_local(event["DTSTART"].dt, None).date() for file in read for event in file.events()]
        first, last = min(starts, default=datetime.date(1970, 1, 1)), max(starts, default=datetime.date(1970, 1, 1))
    year = datetime.timedelta(days=366)
    return first - year, last + _YEARS_AHEAD * year


def _managers_of(file: _File, agenda: Mapping[str, Any], rows: Mapping[str, int], managers: Sequence[str]) -> list[str]:
    """Return whose calendar a file is: by its appointments, else by the name of a feed."""
    rows_of_file = [rows[uid] for event in file.events() if (uid := str(event.get("UID", ""))) in rows]
    if rows_of_file:
        present = dict.fromkeys(agenda["manager"][k] for k in rows_of_file)
        # Who attends all of them, as manager or as the second one.
        for name in present:
            if all(name in (agenda["manager"][k], agenda["with"][k]) for k in rows_of_file):
                return [name]
        return list(present)
    for name in managers:
        if Path(file.name).name == feed_name(name):
            return [name]
    if len(managers) == 1:
        return list(managers)
    raise InputError(f"{file.name!r} has no appointment of the agenda; name its manager with manager=")


def _newest(read: Sequence[_File]) -> dict[str, Any]:
    """Return the entry of each identifier with the greatest sequence."""
    entries: dict[str, Any] = {}
    for file in read:
        for event in file.events():
            uid = str(event.get("UID", ""))
            if uid not in entries or int(event.get("SEQUENCE", 0)) >= int(entries[uid].get("SEQUENCE", 0)):
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
