# Calendars: read back by icalendar, stable, and closed to what hostile texts try.
from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import icalendar
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custfolio.report import ical
from custfolio.report.ical import Event

STAMP = datetime.datetime(2022, 1, 1, 8, 0)
AGENDA = {
    "customer": ["2106", "2190", "2190"],
    "name": ["HILLSTREET", "CENTRAL CITY", "CENTRAL CITY"],
    "manager": ["Manager north-centre", "", "South, east; west"],
    "day": np.array(["2022-03-01", "2022-01-05", "2022-07-05"], dtype="datetime64[D]"),
    "reason": ["A: every 3 months", "", "B"],
}


def _events(content: bytes) -> list[Any]:
    read = icalendar.Calendar.from_ical(content)
    assert not read.errors
    return list(read.walk("VEVENT"))


def test_an_agenda_is_read_back_as_it_was() -> None:
    content = ical.to_ics(ical.from_agenda(AGENDA), STAMP, name="Reviews")
    read = icalendar.Calendar.from_ical(content)
    assert read["version"] == "2.0" and "custfolio" in read["prodid"] and read["x-wr-calname"] == "Reviews"
    events = _events(content)
    assert [event.decoded("dtstart") for event in events] == [
        datetime.date(2022, 1, 5),
        datetime.date(2022, 3, 1),
        datetime.date(2022, 7, 5),
    ]
    assert str(events[1]["summary"]) == "Review: HILLSTREET"
    assert str(events[1]["description"]) == "A: every 3 months"
    assert events[0].decoded("dtend") == datetime.date(2022, 1, 6)
    assert events[0].decoded("dtstamp") == STAMP.replace(tzinfo=datetime.timezone.utc)
    assert "categories" not in events[0]


def test_same_events_and_stamp_give_the_same_bytes_in_any_order() -> None:
    events = ical.from_agenda(AGENDA)
    assert ical.to_ics(events, STAMP) == ical.to_ics(reversed(events), STAMP)


def test_an_appointment_keeps_its_identifier_on_any_day() -> None:
    first, *_ = ical.from_agenda(AGENDA)
    moved = Event("2106", datetime.datetime(2022, 5, 10, 9, 30), "Another text", "and more", number=1)
    assert first.uid == moved.uid
    assert first.uid != Event("2106", datetime.date(2022, 3, 1), first.summary, number=2).uid
    assert first.uid.endswith("@custfolio")
    with pytest.raises(ValueError, match="'2106' has two appointments with number 1"):
        ical.to_ics([first, moved], STAMP)


def test_two_reviews_of_a_customer_on_one_day_are_two_entries() -> None:
    day = datetime.date(2022, 3, 1)
    assert len(_events(ical.to_ics(ical.from_agenda({"customer": ["a", "a"], "day": [day, day]}), STAMP))) == 2


def test_times_keep_their_clock_in_summer_and_winter() -> None:
    agenda = {
        "customer": ["a", "a"],
        "day": ["2022-03-01", "2022-07-01"],
        "start": ["09:30", "09:30"],
        "minutes": [45, 45],
    }
    content = ical.to_ics(ical.from_agenda(agenda), STAMP)
    assert b"DTSTART:20220301T093000\r\n" in content and b"DTEND:20220301T101500\r\n" in content
    zoned = ical.to_ics(ical.from_agenda(agenda, timezone="Europe/Brussels"), STAMP)
    assert zoned.count(b"BEGIN:VTIMEZONE") == 1 and b"TZID:Europe/Brussels" in zoned
    utc = [event.decoded("dtstart").astimezone(datetime.timezone.utc) for event in _events(zoned)]
    assert [(moment.hour, moment.minute) for moment in utc] == [(8, 30), (7, 30)]
    for line in (b"DTSTART;TZID=Europe/Brussels:20220701T093000", b"TRANSP:OPAQUE", b"SEQUENCE:0", b"BEGIN:VALARM"):
        assert line in zoned


def test_a_clock_time_that_summer_time_leaves_out_is_an_hour_later() -> None:
    agenda = {"customer": ["a"], "day": ["2022-03-27"], "start": ["02:30"]}
    (event,) = ical.from_agenda(agenda, timezone="Europe/Brussels")
    assert isinstance(event.when, datetime.datetime)
    assert (event.when.hour, event.when.minute) == (3, 30)
    with pytest.raises(ValueError, match="time zone 'Europe/Atlantis' is unknown"):
        ical.from_agenda(agenda, timezone="Europe/Atlantis")
    with pytest.raises(ValueError, match="language is 'fr'"):
        ical.from_agenda(agenda, language="fr")


def test_entries_in_dutch_with_their_text() -> None:
    agenda = {"customer": ["a"], "day": ["2022-03-01"], "ready": ["2022-02-22"], "with": ["Eve"], "place": ["Ghent"]}
    (event,) = ical.from_agenda(agenda, language="nl", texts={"a": "Temperatuur 3 %"})
    assert event.summary == "Klantbespreking: a" and event.location == "Ghent"
    assert event.description == "Temperatuur 3 %\nCijfers klaar tegen 2022-02-22\nMet Eve"


def test_hostile_texts_stay_texts() -> None:
    name = "Evil\r\nEND:VEVENT\nBEGIN:VALARM\x00\u2028;,\\n <script>"
    content = ical.to_ics([Event("x\r\ny", datetime.date(2022, 1, 3), name, name, manager=name, location=name)], STAMP)
    (event,) = _events(content)
    assert len(event.subcomponents) == 1  # the alarm that every entry has
    assert str(event["summary"]) == "Evil END:VEVENT BEGIN:VALARM ;,\\n <script>"
    assert content.count(b"\nBEGIN:VALARM") == 1 and b"\x00" not in content
    assert content.count(b"END:VEVENT\r\n") == 1


@given(
    st.lists(st.tuples(st.text(max_size=60), st.dates(datetime.date(1990, 1, 1)), st.text(max_size=200)), max_size=6)
)
def test_any_text_is_read_back(rows: list[tuple[str, datetime.date, str]]) -> None:
    events = [Event(customer, day, text, text, number=k) for k, (customer, day, text) in enumerate(rows)]
    content = ical.to_ics(events, STAMP)
    assert len(_events(content)) == len({event.uid for event in events})
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert content == ical.to_ics(events, STAMP)


def test_bad_input(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"agenda row 2, customer 'b': day is 'soon'; a day is written as 2021-12-31"):
        ical.from_agenda({"customer": ["a", "b"], "day": ["2022-01-03", "soon"]})
    with pytest.raises(ValueError, match="must last some minutes; found 0"):
        Event("a", datetime.date(2022, 1, 3), "x", minutes=0)
    with pytest.raises(ValueError, match="is not a date or a time"):
        Event("a", "2022-01-03", "x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="stamp must be a time"):
        ical.to_ics([], datetime.date(2022, 1, 3))  # type: ignore[arg-type]
    ical.write(tmp_path / "agenda.ics", [], STAMP)
    assert _events((tmp_path / "agenda.ics").read_bytes()) == []
