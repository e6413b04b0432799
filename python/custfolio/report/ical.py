# The agenda as calendar files: stable identifiers, time zones, feeds, invitations and resources; no clock.
"""Events of the agenda as iCalendar text (RFC 5545, RFC 5546)."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from custfolio._tables.calendar import feed_name, identifier, local_time, minute_of, zone_of
from custfolio._tables.wording import control_free
from custfolio.errors import InputError

__all__ = [
    "Event",
    "from_agenda",
    "invited",
    "to_ics",
    "write",
    "write_feeds",
    "write_invitations",
    "write_resources",
]

PRODID = "-//custfolio//agenda//EN"
_ALARM = datetime.timedelta(days=-1)
_WORDS = {
    "en": {
        "review": "Review",
        "ready": "Figures ready by",
        "with": "With",
        "purpose": "We review our cooperation.",
    },
    "nl": {
        "review": "Klantbespreking",
        "ready": "Cijfers klaar tegen",
        "with": "Met",
        "purpose": "We bespreken onze samenwerking.",
    },
}


@dataclass(frozen=True)
class Event:
    """One appointment.

    Parameters
    ----------
    customer
        The customer's code.
    when
        A date for an appointment of a whole day; a time without zone for one at the reader's own time; a time with zone
        keeps its clock in summer and winter.
    summary
        Text of an event.
    description
        Text of the opened appointment.
    minutes
        Length of an appointment with a time.
    manager
        Account manager: a category, and the organiser of invitations.
    location
        Its place.
    number, sequence
        Running number of the customer's appointments, and number of changes of this one.
    organiser, attendees
        E-mail addresses, for invitations.
    """

    customer: str
    when: datetime.date | datetime.datetime
    summary: str
    description: str = ""
    minutes: int = 60
    manager: str = ""
    location: str = ""
    number: int = 1
    sequence: int = 0
    organiser: str = ""
    attendees: Sequence[str] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        if not isinstance(self.when, datetime.date):
            raise InputError(f"appointment of {self.customer!r}: {self.when!r} is not a date or a time")
        if self.minutes <= 0:
            raise InputError(f"appointment of {self.customer!r}: it must last some minutes; found {self.minutes}")

    @property
    def uid(self) -> str:
        """The identifier, the same for any day."""
        return identifier(self.customer, self.number)


def from_agenda(
    agenda: Mapping[str, Any],
    *,
    timezone: str | None = None,
    language: str = "en",
    texts: Mapping[str, str] | None = None,
    emails: Mapping[str, str] | None = None,
) -> list[Event]:
    """Appointments from the columns of an agenda.

    Parameters
    ----------
    agenda
        ``customer_id`` (or ``customer``) and ``day``, and optionally the other columns of an agenda.
    timezone
        Zone of the clock times.
    language
        "en" or "nl".
    texts
        Text of the opened appointment by customer; default: the reason.
    emails
        Addresses of managers and customers.

    Returns
    -------
    list of Event
        One a row, in the order of the rows.

    Raises
    ------
    InputError
        If a day is missing, or the time zone or language is unknown; the message names the row and the customer.
    """
    from custfolio._tables.dates import day_date, day_number

    if language not in _WORDS:
        raise InputError(f"language is {language!r}; it must be 'en' or 'nl'")
    words, zone, mail = _WORDS[language], zone_of(timezone), dict(emails or {})
    for customer, text in (texts or {}).items():
        if not isinstance(text, str):
            raise InputError(f"the text of {customer!r} is {text!r}; it must be text")
    customers = [str(cell) for cell in agenda["customer_id" if "customer_id" in agenda else "customer"]]

    def cell(name: str, row: int, empty: Any) -> Any:
        values = agenda.get(name)
        return empty if values is None or values[row] is None else values[row]

    days = [
        day_number(cell, f"agenda row {row}, customer {customer!r}: day")
        for row, (customer, cell) in enumerate(zip(customers, agenda["day"], strict=True), start=1)
    ]
    numbers = _numbers(customers, days) if agenda.get("number") is None else [int(each) for each in agenda["number"]]
    events = []
    for row, customer in enumerate(customers):
        day = day_date(days[row])
        start = str(cell("start", row, ""))
        when: datetime.date = day
        if start:
            when = local_time(day, minute_of(start, f"agenda row {row + 1}: start"), zone)
        text = (texts or {}).get(customer) or str(cell("reason", row, ""))
        notes = []
        if agenda.get("ready") is not None:
            notes.append(f"{words['ready']} {day_date(day_number(agenda['ready'][row], 'ready')).isoformat()}")
        companion = str(cell("with", row, ""))
        if companion:
            notes.append(f"{words['with']} {companion}")
        manager = str(cell("manager", row, ""))
        events.append(
            Event(
                customer=customer,
                when=when,
                summary=f"{words['review']}: {cell('name', row, '') or customer}",
                description="\n".join(part for part in (text, *notes) if part),
                minutes=int(cell("minutes", row, 60)),
                manager=manager,
                location=str(cell("place", row, "")),
                number=numbers[row],
                sequence=int(cell("sequence", row, 0)),
                organiser=mail.get(manager, ""),
                attendees=tuple(mail[name] for name in (customer, companion) if mail.get(name)),
            )
        )
    return events


def invited(
    agenda: Mapping[str, Any],
    *,
    timezone: str | None,
    language: str,
    texts: Mapping[str, str] | None,
    emails: Mapping[str, str],
) -> list[Event]:
    """Return appointments as customers may see them: the text for the customer, no reason and no figures.

    Parameters
    ----------
    agenda, timezone, language, emails
        As for :func:`from_agenda`.
    texts
        Text for the customer by customer; default: the purpose of the review.

    Returns
    -------
    list of Event
        One a row.

    Raises
    ------
    InputError
        As for :func:`from_agenda`.
    """
    shown = {name: values for name, values in agenda.items() if name not in ("reason", "ready")}
    purpose = _WORDS[language]["purpose"] if language in _WORDS else ""
    shown["reason"] = [purpose] * len(agenda["day"])
    return from_agenda(shown, timezone=timezone, language=language, texts=texts, emails=emails)


def _numbers(customers: Sequence[str], days: Sequence[int]) -> list[int]:
    """Return a running number of each customer's appointments, by day."""
    numbers, counts = [0] * len(customers), dict.fromkeys(customers, 0)
    for row in sorted(range(len(customers)), key=lambda row: days[row]):
        counts[customers[row]] += 1
        numbers[row] = counts[customers[row]]
    return numbers


def _clean(text: str) -> str:
    """One text of an event: line ends are kept as escaped ones, other control characters are left out."""
    return control_free(text.replace("\r\n", "\n").replace("\r", "\n"))


def _line(text: str) -> str:
    """A text of one line such as summaries, places and categories."""
    return " ".join(_clean(text).split())


def _utc(stamp: datetime.datetime) -> datetime.datetime:
    if not isinstance(stamp, datetime.datetime):
        raise InputError(f"the stamp must be a time; found {stamp!r}")
    utc = datetime.timezone.utc
    made = stamp.replace(tzinfo=utc) if stamp.tzinfo is None else stamp.astimezone(utc)
    return made.replace(microsecond=0)


def _component(event: Event, stamp: datetime.datetime) -> Any:
    """Return an event as a component with an alarm a day before."""
    from icalendar import Alarm
    from icalendar import Event as Component

    component = Component()
    component.add("uid", event.uid)
    component.add("dtstamp", stamp)
    component.add("sequence", event.sequence)
    component.add("summary", _line(event.summary))
    component.add("dtstart", event.when)
    if isinstance(event.when, datetime.datetime):
        component.add("dtend", event.when + datetime.timedelta(minutes=event.minutes))
        component.add("transp", "OPAQUE")
    else:
        component.add("dtend", event.when + datetime.timedelta(days=1))
        component.add("transp", "TRANSPARENT")
    if event.description:
        component.add("description", _clean(event.description))
    if event.location:
        component.add("location", _line(event.location))
    if event.manager:
        component.add("categories", [_line(event.manager)])
    if event.organiser:
        from icalendar import vCalAddress, vText

        organiser = vCalAddress(f"mailto:{event.organiser}")
        organiser.params["CN"] = vText(_line(event.manager))
        component.add("organizer", organiser, encode=False)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _line(event.summary))
    alarm.add("trigger", _ALARM)
    component.add_component(alarm)
    return component


def _calendar(components: Iterable[Any], method: str = "", further: Mapping[str, Any] | None = None) -> bytes:
    """Return components as the bytes of a calendar with the time zones that they use."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    for name, value in (further or {}).items():
        calendar.add(name, value)
    for component in components:
        calendar.add_component(component)
    calendar.add_missing_timezones()
    # The zones come first, so that readers know them when they meet the events.
    calendar.subcomponents.sort(key=lambda each: each.name != "VTIMEZONE")
    written: bytes = calendar.to_ical()
    return written


def to_ics(
    events: Iterable[Event], stamp: datetime.datetime, *, name: str = "Agenda", refresh: str | None = None
) -> bytes:
    """Return events as iCalendar bytes; the same events and stamp give the same bytes.

    Parameters
    ----------
    events
        The appointments, each with an identifier of its own.
    stamp
        Time of making (``DTSTAMP``); UTC if it has no zone.
    name
        Name of the calendar.
    refresh
        How often programs should read the calendar again, as an ISO 8601 duration such as "PT12H".

    Returns
    -------
    bytes
        An iCalendar file (RFC 5545), by rising time and then customer.

    Raises
    ------
    InputError
        If the stamp is not a time, the duration is none, or two events have one identifier.
    """
    made = _utc(stamp)
    further: dict[str, Any] = {"x-wr-calname": _line(name)}
    if refresh is not None:
        if not re.fullmatch(r"P(\d+[DW]|T\d+[HM]|\d+DT\d+[HM])", refresh):
            raise InputError(f"refresh is {refresh!r}; it must be a duration such as 'PT12H' or 'P1D'")
        from icalendar.prop import vDuration

        period = vDuration(vDuration.from_ical(refresh))  # type: ignore[no-untyped-call]
        period.params["VALUE"] = "DURATION"
        further |= {"refresh-interval": period, "x-published-ttl": refresh}
    seen: dict[str, Event] = {}
    components = []
    for event in sorted(events, key=_order):
        if event.uid in seen:
            raise InputError(
                f"customer {event.customer!r} has two appointments with number {event.number}; each has its own number"
            )
        seen[event.uid] = event
        components.append(_component(event, made))
    return _calendar(components, "PUBLISH", further)


def _order(event: Event) -> tuple[str, str, int]:
    when = event.when
    if isinstance(when, datetime.datetime) and when.tzinfo is not None:
        when = when.astimezone(datetime.timezone.utc)
    return when.isoformat(), event.customer, event.number


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


def write_feeds(
    path: str | os.PathLike[str],
    managers: Sequence[str],
    events: Sequence[Event],
    stamp: datetime.datetime,
    refresh: str,
) -> dict[str, str]:
    """Write one calendar per manager, also for a manager without appointments; return the name of each file."""
    from custfolio.report.whole_file import write_all_whole

    names = {manager: feed_name(manager) for manager in managers}
    files: dict[str, bytes | str] = {}
    for manager, name in names.items():
        of_manager = [event for event in events if event.manager == manager]
        files[name] = to_ics(of_manager, stamp, name=f"Agenda: {manager}", refresh=refresh)
    write_all_whole(path, files)
    return names


def _invitation(event: Event, stamp: datetime.datetime, method: str) -> bytes:
    from icalendar import vCalAddress

    if not event.organiser:
        raise InputError(
            f"manager {event.manager!r} has no e-mail address, so it cannot organise; add a column email to the managers"
        )
    component = _component(event, stamp)
    component.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    for address in event.attendees:
        attendee = vCalAddress(f"mailto:{address}")
        attendee.params["RSVP"] = "TRUE"
        attendee.params["PARTSTAT"] = "NEEDS-ACTION"
        component.add("attendee", attendee, encode=False)
    return _calendar([component], method)


def write_invitations(
    path: str | os.PathLike[str], events: Sequence[Event], before: Sequence[Event], stamp: datetime.datetime
) -> dict[str, list[str]]:
    """Write requests for events that are new or changed, and cancellations of those that are gone; return the names by method.

    A changed event gets a greater sequence number than before, since programs keep the entry with the greatest.
    """
    from dataclasses import replace

    from custfolio.report.whole_file import write_all_whole

    made = _utc(stamp)
    files: dict[str, bytes | str] = {}
    known = {event.uid: event for event in before}
    written: dict[str, list[str]] = {"REQUEST": [], "CANCEL": []}

    def put(event: Event, method: str) -> None:
        name = f"{event.uid.partition('@')[0]}-{event.sequence}-{method.lower()}.ics"
        files[name] = _invitation(event, made, method)
        written[method].append(name)

    for event in events:
        old = known.pop(event.uid, None)
        if old is None:
            put(event, "REQUEST")
        elif old.manager != event.manager:
            # The former manager withdraws its entry, then the new one sends it with a greater number.
            put(replace(old, sequence=old.sequence + 1), "CANCEL")
            put(replace(event, sequence=max(event.sequence, old.sequence + 2)), "REQUEST")
        elif replace(event, sequence=old.sequence, description=old.description) != old:
            put(replace(event, sequence=max(event.sequence, old.sequence + 1)), "REQUEST")
    for old in known.values():
        put(replace(old, sequence=old.sequence + 1), "CANCEL")
    write_all_whole(path, files)
    return written


def write_resources(path: str | os.PathLike[str], events: Sequence[Event], stamp: datetime.datetime) -> dict[str, str]:
    """Write one resource per event: one identifier, no method, under the name of the identifier; return identifiers by name."""
    from custfolio.report.whole_file import write_all_whole

    made = _utc(stamp)
    files: dict[str, bytes | str] = {
        f"{event.uid.partition('@')[0]}.ics": _calendar([_component(event, made)]) for event in events
    }
    write_all_whole(path, files)
    return dict(zip(files, (event.uid for event in events), strict=True))
