# The agenda as an .ics file that calendar programs open: stable identifiers, no clock, all text escaped and folded.
"""Events of the agenda as iCalendar text (RFC 5545)."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from custfolio._tables.wording import control_free
from custfolio.errors import InputError

__all__ = ["Event", "from_agenda", "to_ics", "write"]

PRODID = "-//custfolio//agenda//EN"


@dataclass(frozen=True)
class Event:
    """One appointment.

    Parameters
    ----------
    customer
        The customer's code; code and day are the appointment's identifier.
    when
        A date for an appointment of a whole day; a time without zone for one at the reader's own time; a time with zone
        is written in UTC.
    summary
        Text of an event.
    description
        Text of the opened appointment.
    minutes
        Length of an appointment with a time.
    manager
        Account manager, written as a category.
    location
        Its place.
    """

    customer: str
    when: datetime.date | datetime.datetime
    summary: str
    description: str = ""
    minutes: int = 60
    manager: str = ""
    location: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.when, datetime.date):
            raise InputError(f"appointment of {self.customer!r}: {self.when!r} is not a date or a time")
        if self.minutes <= 0:
            raise InputError(f"appointment of {self.customer!r}: it must last some minutes; found {self.minutes}")

    @property
    def uid(self) -> str:
        """An identifier that stays the same as long as customer and day do, so that a second import changes nothing."""
        day = self.when.date() if isinstance(self.when, datetime.datetime) else self.when
        digest = hashlib.sha256(f"{self.customer}\0{day.isoformat()}".encode("utf-8", "surrogatepass")).hexdigest()
        return f"{digest[:32]}@custfolio"


def from_agenda(agenda: Mapping[str, Any]) -> list[Event]:
    """Appointments from the columns of an agenda.

    Parameters
    ----------
    agenda
        ``customer`` and ``day`` (dates or times, array_like), and optionally ``name``, ``manager``,
        ``reason`` and ``location``.

    Returns
    -------
    list of Event
        One a row, in the order of the rows.

    Raises
    ------
    InputError
        If a day is missing; the message names the row and the customer.
    """
    from custfolio.report.data import Column, Table

    kinds = {"day": "date"}
    table = Table(
        "agenda",
        tuple(
            Column(name, name, kinds.get(name, "text"))
            for name in ("customer", "day", "name", "manager", "reason", "location")
            if name in agenda or name in ("customer", "day")
        ),
        agenda,
    )
    events = []
    for row in range(len(table)):
        value = {name: cells[row] for name, cells in table.cells.items()}
        day = value["day"]
        if isinstance(day, str):
            with contextlib.suppress(ValueError):
                day = datetime.date.fromisoformat(day)
        if not isinstance(day, datetime.date):
            raise InputError(
                f"agenda row {row + 1}, customer {value['customer']!r}: day {value['day']!r} is not a date"
            )
        who = str(value.get("name") or value["customer"])
        events.append(
            Event(
                customer=str(value["customer"]),
                when=day,
                summary=f"Review: {who}",
                description=str(value.get("reason") or ""),
                manager=str(value.get("manager") or ""),
                location=str(value.get("location") or ""),
            )
        )
    return events


def _clean(text: str) -> str:
    """One text of an event: line ends are kept as escaped ones, other control characters are left out."""
    return control_free(text.replace("\r\n", "\n").replace("\r", "\n"))


def _line(text: str) -> str:
    """A text of one line such as summaries, places and categories."""
    return " ".join(_clean(text).split())


def to_ics(events: Iterable[Event], stamp: datetime.datetime, *, name: str = "Agenda") -> bytes:
    """Return events as iCalendar bytes; the same events and stamp give the same bytes.

    Parameters
    ----------
    events
        The appointments; of several appointments of one customer on one day the first counts.
    stamp
        Time of making (``DTSTAMP``); UTC if it has no zone.
    name
        Name of the calendar.

    Returns
    -------
    bytes
        An iCalendar file (RFC 5545), by rising time and then customer.

    Raises
    ------
    InputError
        If the stamp is not a time.
    """
    from icalendar import Calendar
    from icalendar import Event as Component

    if not isinstance(stamp, datetime.datetime):
        raise InputError(f"the stamp must be a time; found {stamp!r}")
    made = (
        stamp.replace(tzinfo=datetime.timezone.utc) if stamp.tzinfo is None else stamp.astimezone(datetime.timezone.utc)
    )
    made = made.replace(microsecond=0)
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _line(name))
    seen: set[str] = set()
    for event in sorted(events, key=_order):
        if event.uid in seen:
            continue
        seen.add(event.uid)
        component = Component()
        component.add("uid", event.uid)
        component.add("dtstamp", made)
        component.add("summary", _line(event.summary))
        if isinstance(event.when, datetime.datetime):
            start = event.when.replace(microsecond=0)
            if start.tzinfo is not None:
                start = start.astimezone(datetime.timezone.utc)
            component.add("dtstart", start)
            component.add("dtend", start + datetime.timedelta(minutes=event.minutes))
        else:
            component.add("dtstart", event.when)
            component.add("dtend", event.when + datetime.timedelta(days=1))
            component.add("transp", "TRANSPARENT")
        if event.description:
            component.add("description", _clean(event.description))
        if event.location:
            component.add("location", _line(event.location))
        if event.manager:
            component.add("categories", [_line(event.manager)])
        calendar.add_component(component)
    written: bytes = calendar.to_ical()
    return written


def _order(event: Event) -> tuple[str, str, str]:
    when = event.when
    if isinstance(when, datetime.datetime) and when.tzinfo is not None:
        when = when.astimezone(datetime.timezone.utc)
    return when.isoformat(), event.customer, event.summary


def write(
    file: str | os.PathLike[str], events: Iterable[Event], stamp: datetime.datetime, *, name: str = "Agenda"
) -> None:
    """Write events to an iCalendar file, whole or not at all.

    Parameters
    ----------
    file
        Path of the file.
    events, stamp, name
        As for :func:`to_ics`.

    Raises
    ------
    ValueError
        As :func:`to_ics`.
    OSError
        If the file cannot be written.
    """
    from custfolio.report.whole_file import write_whole

    write_whole(file, to_ics(events, stamp, name=name))
