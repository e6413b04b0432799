# Calendars of the agenda: read by independent readers, put on a server, moved, cancelled and read back.
"""Feeds, invitations, resources and what comes back."""

from __future__ import annotations

import base64
import datetime
import threading
import wsgiref.simple_server
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import icalendar
import numpy as np
import pandas as pd
import pytest
import recurring_ical_events

import custfolio as cf

STAMP = datetime.datetime(2022, 1, 1, 8, 0, tzinfo=datetime.timezone.utc)
ZONE = "Europe/Brussels"
MANAGERS = {
    "manager": ["An", "Bo"],
    "reviews_per_day": [2, 2],
    "hours": ["9:00-12:00", "9:00-12:00"],
    "email": ["an@example.org", "bo@example.org"],
}
QUARTER = cf.Cadence(A="3 months", B="3 months", C="3 months")


@pytest.fixture(scope="module")
def portfolio() -> cf.Portfolio:
    frame = pd.DataFrame(
        {"customer_id": [f"c{k}" for k in range(10)], "revenue": 1_000.0, "contribution": np.linspace(100, 300, 10)}
    )
    return cf.Portfolio.from_frame(frame)


@pytest.fixture(scope="module")
def agenda(portfolio: cf.Portfolio) -> cf.Agenda:
    return planned(portfolio)


def planned(portfolio: cf.Portfolio, **options: object) -> cf.Agenda:
    settings = {"managers": MANAGERS, "start": "2022-01", "cadence": QUARTER, "calendar": "BE"}
    customers = {"customer_id": ["c1"], "email": ["buyer@example.com"], "with": ["Bo"], "place": ["Ghent; quay 3"]}
    return cf.anchor(portfolio, cf.select(portfolio), **{**settings, "customers": customers, **options})  # type: ignore[arg-type]


def test_feeds_are_one_file_per_manager_at_a_stable_name(agenda: cf.Agenda, tmp_path: Path) -> None:
    names = agenda.to_feeds(tmp_path, stamp=STAMP, timezone=ZONE)
    assert names == agenda.to_feeds(tmp_path, stamp=STAMP, timezone=ZONE)
    rows = agenda.to_frame("pandas")
    for manager, name in names.items():
        calendar = icalendar.Calendar.from_ical((tmp_path / name).read_bytes())
        assert calendar["METHOD"] == "PUBLISH"
        assert str(calendar["X-PUBLISHED-TTL"]) == "PT12H"
        assert calendar["REFRESH-INTERVAL"].dt == datetime.timedelta(hours=12)
        assert len(calendar.walk("VTIMEZONE")) == 1
        own = rows[rows.manager == manager]
        events = recurring_ical_events.of(calendar).between((2022, 1, 1), (2023, 1, 1))
        found = sorted((event["DTSTART"].dt.strftime("%Y-%m-%d %H:%M"), str(event["SUMMARY"])) for event in events)
        expected = sorted(
            (f"{row.day:%Y-%m-%d} {row.start}", f"Review: {row.name_}")
            for row in own.rename(columns={"name": "name_"}).itertuples()
        )
        assert found == expected
        assert not any("RRULE" in event for event in calendar.walk("VEVENT"))
        organisers = {str(event["ORGANIZER"]) for event in calendar.walk("VEVENT")}
        assert organisers == {f"mailto:{agenda.emails[manager]}"}
        assert not any("ATTENDEE" in event for event in calendar.walk("VEVENT"))
        offsets = {event["DTSTART"].dt.utcoffset() for event in calendar.walk("VEVENT")}
        assert offsets == {datetime.timedelta(hours=1), datetime.timedelta(hours=2)}


def test_invitations_request_what_is_new_or_moved_and_cancel_what_is_gone(
    portfolio: cf.Portfolio, agenda: cf.Agenda, tmp_path: Path
) -> None:
    first = agenda.to_invitations(tmp_path / "first", stamp=STAMP, timezone=ZONE)
    assert len(first["REQUEST"]) == len(agenda) and first["CANCEL"] == []
    assert agenda.to_invitations(tmp_path / "none", since=agenda, stamp=STAMP) == {"REQUEST": [], "CANCEL": []}
    rows = agenda.to_frame("pandas")
    rows.loc[rows.index[-1], "day"] -= pd.Timedelta(days=7)
    changed = cf.Agenda.from_frame(rows.iloc[1:], portfolio)
    changed.emails = agenda.emails
    second = changed.to_invitations(tmp_path / "second", since=agenda, stamp=STAMP, timezone=ZONE)
    assert len(second["REQUEST"]) == len(second["CANCEL"]) == 1
    for method, names in second.items():
        calendar = icalendar.Calendar.from_ical((tmp_path / "second" / names[0]).read_bytes())
        (event,) = calendar.walk("VEVENT")
        assert calendar["METHOD"] == method
        assert event["SEQUENCE"] == 1
        assert str(event["ORGANIZER"]) in ("mailto:an@example.org", "mailto:bo@example.org")
        assert str(event["STATUS"]) == {"REQUEST": "CONFIRMED", "CANCEL": "CANCELLED"}[method]
        known = {name.split("-")[0] for name in first["REQUEST"]}
        assert names[0].split("-")[0] in known
    buyer = [
        name
        for name in first["REQUEST"]
        if b"mailto:buyer@example.com" in (tmp_path / "first" / name).read_bytes().replace(b"\r\n ", b"")
    ]
    assert len(buyer) == (rows.customer_id == "c1").sum()
    agenda_without = cf.Agenda.from_frame(rows, portfolio)
    with pytest.raises(cf.InputError, match="has no e-mail address"):
        agenda_without.to_invitations(tmp_path / "third")


def test_what_calendars_moved_is_agreed_and_what_they_deleted_is_asked(
    portfolio: cf.Portfolio, agenda: cf.Agenda, tmp_path: Path
) -> None:
    names = agenda.to_feeds(tmp_path, stamp=STAMP, timezone=ZONE)
    path = tmp_path / names["An"]
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    events = sorted(calendar.walk("VEVENT"), key=lambda event: event["DTSTART"].dt)
    moved, deleted = events[0], events[-1]
    for name, hour in (("DTSTART", 15), ("DTEND", 16)):
        del moved[name]
        moved.add(name, datetime.datetime(2022, 5, 10, hour, 30, tzinfo=datetime.timezone.utc))
    calendar.subcomponents.remove(deleted)
    weekly = icalendar.Event()
    weekly.add("uid", "sales meeting")
    weekly.add("dtstart", datetime.datetime(2022, 1, 3, 9, 0))
    weekly.add("dtend", datetime.datetime(2022, 1, 3, 11, 0))
    weekly.add("rrule", {"freq": "weekly", "count": 40})
    calendar.add_component(weekly)
    path.write_bytes(calendar.to_ical())
    back = agenda.read_back(path, manager="An", timezone=ZONE)
    ((customer, number),) = back.moved
    assert back.moved[customer, number][1] == "2022-05-10 17:30"
    assert len(back.deleted) == 1 and len(back.agenda) == len(agenda) - 1
    assert len(back.busy) >= 38 and set(back.busy.columns()["manager"]) == {"An"}
    due = {(row.customer_id, row.number): row.due for row in agenda.to_frame("pandas").itertuples()}
    again = planned(portfolio, fixed=back.agenda, busy=back.busy.to_frame("pandas")).to_frame("pandas")
    kept = again[(again.customer_id == customer) & (again.number == number)].iloc[0]
    assert (str(kept.day.date()), kept.start, kept.due) == ("2022-05-10", "17:30", due[customer, number])
    own = again[again.customer_id == customer]
    assert own.fixed.all()  # it is not planned again for the day that it had
    fresh = again[
        ~again.fixed
        & (again.manager == "An")
        & again.day.map(lambda day: day.weekday() == 0)
        & (again.day < "2022-10-01")
    ]
    assert (fresh.start >= "11:00").all()


def entry(uid: str, *lines: str) -> bytes:
    """Return a calendar with one entry."""
    parts = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(parts).encode()


def with_entry(path: Path, *lines: str) -> None:
    """Add an entry to a calendar file."""
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    calendar.add_component(icalendar.Calendar.from_ical(entry("dentist", *lines)).walk("VEVENT")[0])
    path.write_bytes(calendar.to_ical())


def test_foreign_entries_are_busy_times_of_the_manager_of_the_file(agenda: cf.Agenda, tmp_path: Path) -> None:
    names = agenda.to_feeds(tmp_path, stamp=STAMP, timezone=ZONE)
    with_entry(tmp_path / names["An"], "DTSTART:20220402T090000", "DTEND:20220402T170000")
    with_entry(tmp_path / names["Bo"], "DTSTART:20230402T090000", "DTEND:20230402T170000")
    back = agenda.read_back(*(tmp_path / name for name in names.values()), timezone=ZONE)
    found = back.busy.to_frame("pandas")
    assert found.manager.tolist() == ["An", "Bo"]  # the second one is after the last appointment
    assert back.deleted == [] and back.moved == {}
    (tmp_path / names["Bo"]).write_bytes(entry("x", "DTSTART:20220402T090000", "DTEND:20220402T170000"))
    back = agenda.read_back(tmp_path / names["Bo"], timezone=ZONE)
    own = [key for key, name in zip(agenda_keys(agenda), agenda.columns()["manager"], strict=True) if name == "Bo"]
    assert sorted(back.deleted) == sorted(own) and back.busy.columns()["manager"] == ["Bo"]
    (tmp_path / "unknown.ics").write_bytes(entry("x", "DTSTART:20220402T090000", "DTEND:20220402T170000"))
    with pytest.raises(cf.InputError, match=r"unknown\.ics' has no appointment of the agenda; name its manager"):
        agenda.read_back(tmp_path / "unknown.ics")
    with pytest.raises(cf.InputError, match="there is no calendar file"):
        agenda.read_back()


def agenda_keys(agenda: cf.Agenda) -> list[tuple[str, int]]:
    columns = agenda.columns()
    return [(customer, int(number)) for customer, number in zip(columns["customer_id"], columns["number"], strict=True)]


def test_a_deleted_review_waits_for_an_answer_and_keeps_its_number(
    portfolio: cf.Portfolio, agenda: cf.Agenda, tmp_path: Path
) -> None:
    path = tmp_path / agenda.to_feeds(tmp_path, stamp=STAMP, timezone=ZONE)["An"]
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    last = max(calendar.walk("VEVENT"), key=lambda event: event["DTSTART"].dt)
    calendar.subcomponents.remove(last)
    path.write_bytes(calendar.to_ical())
    back = agenda.read_back(path, timezone=ZONE)
    ((customer, number),) = back.deleted
    assert back.agenda.deleted.columns()["answer"] == [""]
    due = next(
        row.due for row in agenda.to_frame("pandas").itertuples() if (row.customer_id, row.number) == (customer, number)
    )
    for before in (back.agenda, back.agenda.answered({(customer, number): "drop"})):
        again = planned(portfolio, fixed=before)
        rows = again.to_frame("pandas")
        assert len(again) == len(agenda) - 1 and len(again.changes) == 0
        assert due not in set(rows[rows.customer_id == customer].due)
        assert again.deleted.to_frame("pandas").number.tolist() == [number]
        frames = {"assigned": again.assigned.to_frame("pandas"), "deleted": again.deleted.to_frame("pandas")}
        read = cf.Agenda.from_frame(rows, portfolio, **frames)
        assert read.deleted.columns()["answer"] == again.deleted.columns()["answer"]
        assert len(planned(portfolio, fixed=read)) == len(again)
        cancelled = again.to_invitations(tmp_path / "cancelled", since=agenda, stamp=STAMP, timezone=ZONE)
        assert len(cancelled["CANCEL"]) == 1 and cancelled["REQUEST"] == []
        assert b"SEQUENCE:1" in (tmp_path / "cancelled" / cancelled["CANCEL"][0]).read_bytes()
    due_again = planned(portfolio, fixed=back.agenda.answered({(customer, number): "again"})).to_frame("pandas")
    fresh = due_again[~due_again.fixed]
    assert fresh.customer_id.tolist() == [customer] and fresh.number.tolist() == [number + 1]
    with pytest.raises(cf.InputError, match="is not among the deleted ones"):
        back.agenda.answered({("nobody", 1): "drop"})
    with pytest.raises(cf.InputError, match="it must be 'again' or 'drop'"):
        back.agenda.answered({(customer, number): "perhaps"})


def test_the_sequence_rises_with_each_change_through_frames(
    portfolio: cf.Portfolio, agenda: cf.Agenda, tmp_path: Path
) -> None:
    before = agenda
    for step in (1, 2, 3):
        rows = before.to_frame("pandas")
        rows.loc[0, "day"] += pd.Timedelta(days=7)
        read = cf.Agenda.from_frame(rows, portfolio, assigned=before.assigned.to_frame("pandas"))
        after = planned(portfolio, fixed=read)
        row = after.to_frame("pandas")
        key = tuple(rows.loc[0, ["customer_id", "number"]])
        moved = row[(row.customer_id == key[0]) & (row.number == key[1])].iloc[0]
        assert moved.sequence == step
        sent = after.to_invitations(tmp_path / str(step), since=before, stamp=STAMP, timezone=ZONE)
        assert len(sent["REQUEST"]) == 1 and f"-{step}-request" in sent["REQUEST"][0] and not sent["CANCEL"]
        assert planned(portfolio, fixed=after).columns()["sequence"].tolist() == after.columns()["sequence"].tolist()
        before = cf.Agenda.from_frame(row.sort_values("day", ignore_index=True), portfolio, assigned=read.assigned)
        if key != tuple(before.to_frame("pandas").loc[0, ["customer_id", "number"]]):
            break


def test_another_manager_cancels_and_requests(portfolio: cf.Portfolio, agenda: cf.Agenda, tmp_path: Path) -> None:
    customer = agenda.columns()["customer_id"][0]
    other = "Bo" if agenda.columns()["manager"][0] == "An" else "An"
    handover = {"customer_id": [customer], "manager": [other], "day": ["2022-01-01"]}
    passed = planned(portfolio, fixed=agenda, handover=handover)
    count = agenda.columns()["customer_id"].count(customer)
    sent = passed.to_invitations(tmp_path, since=agenda, stamp=STAMP, timezone=ZONE)
    assert len(sent["CANCEL"]) == len(sent["REQUEST"]) == count
    organisers = {
        method: {
            str(icalendar.Calendar.from_ical((tmp_path / name).read_bytes()).walk("VEVENT")[0]["ORGANIZER"])
            for name in names
        }
        for method, names in sent.items()
    }
    assert organisers["REQUEST"] == {f"mailto:{other.lower()}@example.org"} != organisers["CANCEL"]
    assert passed.columns()["sequence"].max() == 2
    assert {name.split("-")[1] for name in sent["REQUEST"]} == {"2"}


def test_invitations_have_no_internal_text(portfolio: cf.Portfolio, agenda: cf.Agenda, tmp_path: Path) -> None:
    sent = agenda.to_invitations(tmp_path / "a", stamp=STAMP, timezone=ZONE)
    for name in sent["REQUEST"]:
        (event,) = icalendar.Calendar.from_ical((tmp_path / "a" / name).read_bytes()).walk("VEVENT")
        assert str(event["DESCRIPTION"]).splitlines()[0] == "We review our cooperation."
        assert "Figures" not in event["DESCRIPTION"] and "class" not in event["DESCRIPTION"]
    own = {"c1": "Please bring your forecast."}
    sent = agenda.to_invitations(tmp_path / "b", stamp=STAMP, timezone=ZONE, invitation=own, language="nl")
    texts = {
        str(icalendar.Calendar.from_ical((tmp_path / "b" / name).read_bytes()).walk("VEVENT")[0]["DESCRIPTION"])
        for name in sent["REQUEST"]
    }
    assert "Please bring your forecast." in texts and "We bespreken onze samenwerking." in texts


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("DTSTART:20220305T090000", "RRULE:FREQ=SECONDLY"), "repeats by 'SECONDLY'"),
        (("DTSTART:20220305T090000", "RRULE:FREQ=WEEKLY;INTERVAL=0"), "INTERVAL of its rule is 0"),
        (("DTSTART:20220305T090000", "RRULE:INTERVAL=2"), "repeats by 'nothing'"),
        (
            ("DTSTART:20220305T090000", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
            "repeats on day 30; day 29 is the last",
        ),
        (("DTSTART:20220305T090000", "RRULE:FREQ=MONTHLY;BYMONTH=4,6;BYMONTHDAY=-31"), "day 30 is the last"),
        (("SUMMARY:no start",), "has no start"),
        (("DTSTART:hello",), "DTSTART is hello; it must be one day or time"),
        (("DTSTART:99990101T090000", "DTEND:99991231T235959"), "the year must be at most 9000"),
        (("DTSTART;VALUE=DATE:20220305", "DTEND:20220305T100000Z"), "both must be days, or both times"),
        (("DTSTART:20220305T090000", "SEQUENCE:abc"), "SEQUENCE is"),
    ],
)
def test_wrong_entries_are_named(agenda: cf.Agenda, tmp_path: Path, lines: tuple[str, ...], message: str) -> None:
    (tmp_path / "wrong.ics").write_bytes(entry("zz", *lines))
    with pytest.raises(cf.InputError, match=r"wrong\.ics', entry 'zz'.*") as error:
        cf.anchoring.read_busy(tmp_path / "wrong.ics", "An", first="2022-01-01", last="2022-12-31")
    assert message in str(error.value)
    with pytest.raises(cf.InputError, match=r"wrong\.ics', entry 'zz'"):
        agenda.read_back(tmp_path / "wrong.ics", manager="An")


def test_bad_calendars_are_named(agenda: cf.Agenda, tmp_path: Path) -> None:
    with pytest.raises(cf.InputError, match="the text of 'c1' is 5; it must be text"):
        agenda.to_ics(tmp_path / "y.ics", texts={"c1": 5})  # type: ignore[dict-item]
    with pytest.raises(cf.InputError, match=r"none\.ics' cannot be read"):
        agenda.read_back(tmp_path / "none.ics")
    (tmp_path / "x.ics").write_text("BEGIN:VEVENT\nno calendar")
    with pytest.raises(cf.InputError, match=r"x\.ics' .*calendar"):
        agenda.read_back(tmp_path / "x.ics")
    with pytest.raises(cf.InputError, match="Eve"):
        agenda.read_back(tmp_path / "x.ics", manager="Eve")
    with pytest.raises(cf.InputError, match="time zone 'Mars' is unknown"):
        agenda.to_ics(tmp_path / "y.ics", timezone="Mars")
    with pytest.raises(cf.InputError, match="refresh is 'often'"):
        agenda.to_feeds(tmp_path, refresh="often")
    assert not (tmp_path / "y.ics").exists()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HTTPConnection]:
    """Run a CalDAV server with one calendar, on a port of this machine alone."""
    import radicale.app
    import radicale.config

    settings = radicale.config.load()
    settings.update(
        {
            "auth": {"type": "none"},
            "storage": {"filesystem_folder": str(tmp_path / "store")},
            "logging": {"level": "critical"},
        },
        "test",
    )

    class Silent(wsgiref.simple_server.WSGIRequestHandler):
        def log_message(self, *args: object) -> None:
            """Write no log."""

    httpd = wsgiref.simple_server.make_server("127.0.0.1", 0, radicale.app.Application(settings), handler_class=Silent)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    connection = HTTPConnection("127.0.0.1", httpd.server_port, timeout=30)
    yield connection
    connection.close()
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def call(server: HTTPConnection, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """Return status and body of a request of a user without password."""
    user = base64.b64encode(b"an:").decode()
    server.request(
        method, path, body, {"Authorization": f"Basic {user}", "Content-Type": "text/calendar; charset=utf-8"}
    )
    answer = server.getresponse()
    return answer.status, answer.read()


def test_a_server_takes_moves_and_cancels_appointments(
    portfolio: cf.Portfolio, agenda: cf.Agenda, server: HTTPConnection, tmp_path: Path
) -> None:
    assert call(server, "MKCALENDAR", "/an/agenda/")[0] == 201
    names = agenda.to_caldav(tmp_path / "resources", stamp=STAMP, timezone=ZONE)
    assert len(names) == len(set(names.values())) == len(agenda)
    contents = {name: (tmp_path / "resources" / name).read_bytes() for name in names}
    assert not any(b"METHOD:" in content for content in contents.values())
    for name, content in contents.items():
        assert call(server, "PUT", f"/an/agenda/{name}", content)[0] == 201
    first = next(iter(names))
    # the server keeps one resource per identifier
    assert call(server, "PUT", "/an/agenda/other.ics", contents[first])[0] in (403, 409)
    rows = agenda.to_frame("pandas")
    rows.loc[rows.index[0], "day"] += pd.Timedelta(days=1)
    rows.loc[rows.index[0], "sequence"] += 1
    moved = cf.Agenda.from_frame(rows, portfolio)
    assert moved.to_caldav(tmp_path / "moved", stamp=STAMP, timezone=ZONE) == names
    for name in names:
        content = (tmp_path / "moved" / name).read_bytes()
        if content != contents[name]:
            assert call(server, "PUT", f"/an/agenda/{name}", content)[0] in (200, 201, 204)
    last = list(names)[-1]
    assert call(server, "DELETE", f"/an/agenda/{last}")[0] == 200
    status, whole = call(server, "GET", "/an/agenda/")
    assert status == 200
    (tmp_path / "server.ics").write_bytes(whole)
    back = agenda.read_back(tmp_path / "server.ics", timezone=ZONE)
    assert len(back.moved) == len(back.deleted) == 1
    assert len(back.agenda) == len(agenda) - 1
    assert len(back.busy) == 0


def test_the_text_of_a_review_has_temperature_terms_and_steps(portfolio: cf.Portfolio, agenda: cf.Agenda) -> None:
    earlier = cf.Portfolio.from_frame(
        pd.DataFrame({"customer_id": ["c1"], "revenue": [1_000.0], "contribution": [100.0]})
    )
    texts = agenda.to_texts(
        portfolio, before=earlier, terms={"c1": ["a fee of 25"]}, steps={"c1": ["trial"]}, questions=["More?"]
    )
    assert texts["c1"] == (
        "Temperature 12.2 %, +2.2 points since the period before\nNet revenue 1,000\nTerms: a fee of 25\nSteps due: trial\nQuestions: More?"
    )
    dutch = agenda.to_texts(portfolio, before=earlier, language="nl")["c1"]
    assert dutch.startswith("Temperatuur 12,2 %, +2,2 punten sinds de vorige periode\nNetto-omzet 1.000\nVragen: Wat")
    assert set(texts) == set(agenda.columns()["customer_id"])
    with pytest.raises(cf.InputError, match="language is 'fr'"):
        agenda.to_texts(portfolio, language="fr")
