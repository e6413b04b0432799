# The command agenda: the review calendar from a file of settings, planned again, with what calendars changed.
"""``custfolio agenda``."""

from __future__ import annotations

import csv
import datetime
import json
from pathlib import Path
from typing import Any

import icalendar
import pytest
from typer.testing import CliRunner

from custfolio.cli import app
from custfolio.cli.config import read
from custfolio.errors import InputError

SETTINGS = """
[ledger]
files = "sales.csv"
[anchoring]
managers = "managers.csv"
customers = "customers.csv"
absences = "absences.csv"
cadence = { A = "2 months", B = "3 months", C = "3 months" }
rules = [ { figure = "risk", at_least = 0.5, every = "1 month" } ]
closing_days = ["2022-01-05", 2022-01-06]
minutes = { keep = 30, remediate = 60 }
timezone = "Europe/Brussels"
language = "nl"
[strategy]
start = "2022-01"
months = 6
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a year of sales to eight customers, and their managers."""
    rows = [f"2021-{month:02d}-10,c{k},{100 * (k + 1)},{60 * (k + 1)},5,2" for month in range(1, 13) for k in range(8)]
    (tmp_path / "sales.csv").write_text("date,customer,revenue,cost,quantity,lines\n" + "\n".join(rows) + "\n")
    (tmp_path / "managers.csv").write_text("manager,reviews_per_day,hours\nAn,2,9:00-12:00\nBo,2,9:00-12:00\n")
    (tmp_path / "customers.csv").write_text("customer_id,days,risk\nc1,first Monday,0.1\nc2,,0.9\n")
    (tmp_path / "absences.csv").write_text("manager,first,last\nAn,2022-02-01,2022-02-28\n")
    (tmp_path / "custfolio.toml").write_text(SETTINGS)
    return tmp_path


def call(folder: Path, *arguments: str) -> Any:
    return CliRunner().invoke(
        app, ["agenda", str(folder / "custfolio.toml"), "--out", str(folder / "agenda"), *arguments]
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_the_agenda_is_planned_and_planned_again(folder: Path) -> None:
    first = call(folder, "--json")
    assert first.exit_code == 0, first.output
    figures = json.loads(first.stdout)
    tables = {Path(path).stem for path in figures["files"] if path.endswith(".csv")}
    assert tables == {"agenda", "assigned", "deleted", "unplaced", "changes", "capacity", "by_manager"}
    rows = rows_of(folder / "agenda" / "agenda.csv")
    assert figures["appointments"] == len(rows) > 12 and figures["without_place"] == 0
    assert {row["minutes"] for row in rows} == {"30"}
    assert len([row for row in rows if row["customer_id"] == "c2"]) == 6  # the rule: every month
    assert not [row for row in rows if row["manager"] == "An" and row["day"].startswith("2022-02")]
    assert not [row for row in rows if row["day"] in ("2022-01-05", "2022-01-06")]
    assert all(int(row["day"][8:]) <= 7 for row in rows if row["customer_id"] == "c1")
    feed = next(path for path in figures["files"] if path.endswith(".ics"))
    content = Path(feed).read_bytes()
    assert b"TZID=Europe/Brussels" in content and b"Klantbespreking" in content
    calendar = icalendar.Calendar.from_ical(content)
    gone, later = calendar.walk("VEVENT")[:2]
    calendar.subcomponents.remove(gone)
    for name in ("DTSTART", "DTEND"):
        later[name].dt += datetime.timedelta(days=7)
    changed = folder / "changed.ics"
    changed.write_bytes(calendar.to_ical())
    others = [path for path in figures["files"] if path.endswith(".ics") and path != feed]
    (folder / "before.csv").write_bytes((folder / "agenda" / "agenda.csv").read_bytes())
    again = call(folder, "--fixed", str(folder / "before.csv"), "--json")
    assert json.loads(again.stdout)["changes"] == {}
    calendars = [part for path in [str(changed), *others] for part in ("--back", path)]
    back = call(folder, "--fixed", str(folder / "before.csv"), *calendars)
    assert back.exit_code == 0, back.output
    assert "Deleted in a calendar, ask the customer" in back.stdout
    assert f"review 1: {later['DTSTART'].dt:%Y-%m-%d %H:%M} instead of " in back.stdout


def test_wrong_usage_and_settings_are_named(folder: Path) -> None:
    assert call(folder, "--back", "x.ics").exit_code != 0
    for old, new, told in (
        ('"2 months"', '"often"', "cadence"),
        ('every = "1 month"', 'each = "1 month"', "a rule has"),
        ("months = 6", "months = 0", "months"),
        ('managers = "managers.csv"', 'managers = "nobody.csv"', "nobody.csv"),
    ):
        (folder / "custfolio.toml").write_text(SETTINGS.replace(old, new))
        with pytest.raises((InputError, OSError), match=told):
            read(folder / "custfolio.toml")
    (folder / "custfolio.toml").write_text(SETTINGS.replace('managers = "managers.csv"\n', ""))
    result = call(folder)
    assert isinstance(result.exception, InputError) and "there are no managers" in str(result.exception)


def test_interesting_customers_are_kept_as_in_a_run(folder: Path) -> None:
    settings = SETTINGS + '[costs]\nrevenue_share = 0.5\n[selection]\ninteresting = "answers.csv"\n'
    (folder / "custfolio.toml").write_text(settings)
    (folder / "answers.csv").write_text("customer_id,interesting\nc3,1\n")
    assert call(folder).exit_code == 0
    minutes = {(row["customer_id"] == "c3", row["minutes"]) for row in rows_of(folder / "agenda" / "agenda.csv")}
    assert minutes == {(True, "30"), (False, "60")}


def test_calendars_and_answers_go_through_the_command(folder: Path) -> None:
    sales = (folder / "sales.csv").read_text().replace(",c1,", ",+00001,")
    (folder / "sales.csv").write_text(sales)
    for name, old, new in (("customers", "c1", "+00001"), ("managers", "An,", "-An,"), ("absences", "An,", "-An,")):
        path = folder / f"{name}.csv"
        path.write_text(path.read_text().replace(old, new))
    first = json.loads(call(folder, "--json").stdout)
    out = folder / "agenda"
    marked = {row["customer_id"] for row in rows_of(out / "agenda.csv")}
    assert "'+00001" in marked
    assert "'-An" in {row["manager"] for row in rows_of(out / "agenda.csv")}
    assert {row["customer_id"] for row in rows_of(out / "assigned.csv")} == marked
    before = folder / "before"
    before.mkdir()
    for path in out.glob("*.csv"):
        (before / path.name).write_bytes(path.read_bytes())
    again = json.loads(call(folder, "--fixed", str(before / "agenda.csv"), "--json").stdout)
    assert again["changes"] == {} and again["appointments"] == first["appointments"]
    assert {row["customer_id"] for row in rows_of(out / "agenda.csv")} == marked
    feed = next(path for path in map(Path, first["files"]) if path.suffix == ".ics")
    calendar = icalendar.Calendar.from_ical(feed.read_bytes())
    gone = calendar.walk("VEVENT")[0]
    assert "Temperatuur" in gone["DESCRIPTION"]
    calendar.subcomponents.remove(gone)
    all_day = icalendar.Event()
    all_day.add("uid", "holiday")
    for name, day in (("dtstart", 1), ("dtend", 30)):
        all_day.add(name, datetime.date(2022, 6, day))
    calendar.add_component(all_day)
    changed = folder / "changed.ics"
    changed.write_bytes(calendar.to_ical())
    back = json.loads(call(folder, "--fixed", str(before / "agenda.csv"), "--back", str(changed), "--json").stdout)
    assert len(back["deleted_in_calendars"]) == 1 and back["appointments"] == first["appointments"] - 1
    (row,) = rows_of(out / "deleted.csv")
    for answer, count in (("drop", 1), ("again", 0)):
        for path in out.glob("*.csv"):
            (before / path.name).write_bytes(path.read_bytes())
        text = (before / "deleted.csv").read_text().replace('""\n', f'"{answer}"\n')
        (before / "deleted.csv").write_text(text)
        later = json.loads(call(folder, "--fixed", str(before / "agenda.csv"), "--json").stdout)
        assert later["deleted_in_calendars"] == []
        assert later["appointments"] == first["appointments"] - count
        (before / "deleted.csv").write_text(text.replace(answer, ""))
        assert row["answer"] == ""
        call(folder, "--fixed", str(before / "agenda.csv"))


def test_entries_have_the_change_of_temperature(folder: Path) -> None:
    (folder / "custfolio.toml").write_text(SETTINGS + '[statement]\nagainst = ["2020-01-01", 2020-12-31]\n')
    missing = call(folder)
    assert isinstance(missing.exception, InputError) and "against: " in str(missing.exception)
    with (folder / "sales.csv").open("a") as sales:
        sales.write("2020-05-10,c3,1000,700,5,2\n")
    text = (
        (folder / "custfolio.toml")
        .read_text()
        .replace("[anchoring]", 'period = ["2021-01-01", "2021-12-31"]\n[anchoring]')
    )
    (folder / "custfolio.toml").write_text(text)
    first = call(folder, "--json")
    assert first.exit_code == 0, first.exception
    feeds = [path for path in json.loads(first.stdout)["files"] if path.endswith(".ics")]
    events = [each for path in feeds for each in icalendar.Calendar.from_ical(Path(path).read_bytes()).walk("VEVENT")]
    lines = {str(each["DESCRIPTION"]).splitlines()[0] for each in events if "c3" in str(each["SUMMARY"])}
    assert lines == {"Temperatuur 40,0 %, +10,0 punten sinds de vorige periode"}
    assert any("sinds" not in str(each["DESCRIPTION"]) for each in events)


def test_foreign_entries_of_a_calendar_are_busy_times(folder: Path) -> None:
    first = json.loads(call(folder, "--json").stdout)
    (folder / "before.csv").write_bytes((folder / "agenda" / "agenda.csv").read_bytes().splitlines(True)[0])
    (folder / "assigned.csv").write_bytes((folder / "agenda" / "assigned.csv").read_bytes())
    manager = first["managers"][0]["manager"]
    text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:away\r\nDTSTART;VALUE=DATE:20220101\r\n"
    text += "DTEND;VALUE=DATE:20220701\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    (folder / "away.ics").write_text(text)
    back = call(folder, "--fixed", str(folder / "before.csv"), "--back", f"{manager}={folder / 'away.ics'}", "--json")
    assert back.exit_code == 0, back.exception
    by_manager = {each["manager"]: each for each in json.loads(back.stdout)["managers"]}
    assert by_manager[manager]["appointments"] == 0 < by_manager[manager]["unplaced"]
    named = call(folder, "--fixed", str(folder / "before.csv"), "--back", str(folder / "away.ics"))
    assert isinstance(named.exception, InputError) and "name its manager" in str(named.exception)
