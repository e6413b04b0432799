# The agenda: working days, capacity, what is fixed stays, and planning twice gives the same.
"""Room ``anchoring``."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

import holidays
import icalendar
import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio import demo

MANAGERS = pd.DataFrame({"manager": ["An", "Bert"], "reviews_per_day": [1, 2]})


@pytest.fixture(scope="module")
def portfolio() -> cf.Portfolio:
    count = 60
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{k}" for k in range(count)],
            "revenue": np.linspace(100, 9_000, count),
            "contribution": np.linspace(-50, 900, count),
        }
    )
    return cf.Portfolio.from_frame(frame)


@pytest.fixture(scope="module")
def selection(portfolio: cf.Portfolio) -> cf.Selection:
    return cf.select(portfolio)


@pytest.fixture(scope="module")
def agenda(portfolio: cf.Portfolio, selection: cf.Selection) -> cf.Agenda:
    return cf.anchor(portfolio, selection, managers=MANAGERS, start="2022-01", calendar="BE")


def test_reviews_are_on_working_days_within_capacity(agenda: cf.Agenda, selection: cf.Selection) -> None:
    rows = agenda.to_frame("pandas")
    closed = holidays.country_holidays("BE", years=2022)
    for day in rows.day.dt.date:
        assert day.weekday() < 5
        assert day not in closed
        assert day.year == 2022
    load = Counter(zip(rows.manager, rows.day, strict=True))
    assert all(count <= {"An": 1, "Bert": 2}[manager] for (manager, _), count in load.items())
    late = abs((rows.day - rows.due).dt.days) > 14
    assert set(rows.number[late]) <= {1}  # a first review may be on any day of its first interval
    expected = {"A": 4, "B": 2, "C": 1}
    seen = Counter(rows.customer_id) + Counter(agenda.unplaced.to_frame("pandas").customer_id)
    for k, identity in enumerate(selection.portfolio.ids):
        assert seen[identity] == expected[selection.cls[k]]


def test_planning_again_changes_nothing(portfolio: cf.Portfolio, selection: cf.Selection, agenda: cf.Agenda) -> None:
    for fixed in (agenda, agenda.to_frame("pandas"), agenda.to_frame("polars")):
        again = cf.anchor(portfolio, selection, managers=MANAGERS, start="2022-01", calendar="BE", fixed=fixed)
        columns = ["customer_id", "manager", "day", "start", "due", "number", "every"]
        pd.testing.assert_frame_equal(again.to_frame("pandas")[columns], agenda.to_frame("pandas")[columns])
        assert again.to_frame("pandas").fixed.all()


def test_a_fixed_appointment_never_moves(portfolio: cf.Portfolio, selection: cf.Selection) -> None:
    fixed = pd.DataFrame({"customer_id": ["c59", "c3"], "manager": ["An", "An"], "day": ["2022-03-05", "2022-03-05"]})
    found = cf.anchor(portfolio, selection, managers=MANAGERS, start="2022-01", fixed=fixed).to_frame("pandas")
    kept = found[found.fixed]
    assert set(kept.customer_id) == {"c59", "c3"}
    assert (kept.day == "2022-03-05").all()  # a Saturday, and beyond the capacity


def test_last_reviews_count(portfolio: cf.Portfolio, selection: cf.Selection) -> None:
    last = pd.DataFrame({"customer_id": ["c59"], "day": [datetime.date(2021, 12, 15)]})
    found = cf.anchor(portfolio, selection, managers=MANAGERS, start="2022-01", last_review=last).to_frame("pandas")
    assert found[found.customer_id == "c59"].due.min() == pd.Timestamp("2022-03-15")


def test_customers_stay_with_their_own_manager(portfolio: cf.Portfolio, selection: cf.Selection) -> None:
    own = {"customer": portfolio.ids, "manager": ["Zoe"] * 59 + ["Kim"], "reviews_per_day": [5] * 60}
    found = cf.anchor(portfolio, selection, managers=own, start="2022-01").to_frame("pandas")
    assert set(found[found.customer_id == "c59"].manager) == {"Kim"}
    assert set(found[found.customer_id != "c59"].manager) == {"Zoe"}


def test_the_calendar_file_opens_and_text_is_text(tmp_path: Path, selection: cf.Selection) -> None:
    frame = pd.DataFrame(
        {"customer_id": ["1"], "name": ["a;b,c\r\nBEGIN:VALARM"], "revenue": [5.0], "contribution": [1.0]}
    )
    portfolio = cf.Portfolio.from_frame(frame)
    agenda = cf.anchor(portfolio, cf.select(portfolio), managers=MANAGERS, start="2022-01")
    stamp = datetime.datetime(2022, 1, 1, tzinfo=datetime.timezone.utc)
    agenda.to_ics(tmp_path / "a.ics", stamp=stamp)
    calendar = icalendar.Calendar.from_ical((tmp_path / "a.ics").read_bytes())
    assert len(calendar.walk("VEVENT")) == len(calendar.walk("VALARM")) == len(agenda) == 4
    agenda.to_ics(tmp_path / "b.ics", stamp=stamp)
    assert (tmp_path / "a.ics").read_bytes() == (tmp_path / "b.ics").read_bytes()


def test_the_shipped_managers_find_a_place_for_all() -> None:
    inputs = demo.inputs()
    stated = cf.statement(inputs.ledger(), inputs.costs, period=inputs.period)
    found = cf.anchor(
        stated.portfolio, cf.select(stated.portfolio), managers=demo.managers(), start="2022-01", calendar="US"
    )
    assert len(found.unplaced) == 0
    assert len(found) > 3_000


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"calendar": "XX"}, "XX"),
        ({"months": 0}, "months is 0"),
        ({"managers": pd.DataFrame({"manager": ["An"]})}, "reviews_per_day"),
        ({"managers": pd.DataFrame({"manager": ["An", "An"], "reviews_per_day": [1, 2]})}, "one number"),
        ({"managers": pd.DataFrame({"manager": ["An"], "reviews_per_day": [1.5]})}, "whole"),
        ({"managers": 5}, "managers"),
        ({"tolerance_days": -1}, "tolerance"),
        ({"start": "soon"}, "start"),
        (
            {"fixed": pd.DataFrame({"customer_id": ["c1"], "manager": [None], "day": ["2022-01-03"]})},
            "row 1: the manager",
        ),
        ({"managers": pd.DataFrame({"manager": [None], "reviews_per_day": [1]})}, "the manager is"),
        ({"managers": pd.DataFrame({"manager": ["An"], "reviews_per_day": [float("nan")]})}, "whole number"),
        ({"managers": pd.DataFrame({"manager": ["An"], "reviews_per_day": [-1]})}, "0 or more"),
        ({"managers": {"manager": ["An", "Bo"], "reviews_per_day": [1, 1], "customer": ["c1", "c1"]}}, "two managers"),
        ({"managers": {"manager": ["An"], "reviews_per_day": [1], "hours": ["17:00-9:00"]}}, "end after"),
        ({"managers": {"manager": ["An"], "reviews_per_day": [1], "days": ["someday"]}}, "'someday' is no day"),
        ({"tolerance_days": 1.5}, "tolerance_days is 1.5"),
        ({"calendar": "BE-XYZ"}, "the parts of BE are"),
        ({"last_review": {"customer_id": ["c1"], "day": ["31/12/2021"]}}, "31/12/2021"),
        ({"least_gap": 0}, "least_gap is 0"),
        ({"least_gap": 90}, "at most 84 days, the shortest cadence"),
        ({"minutes": 0}, "minutes is 0"),
        ({"minutes": {"keep": 60}}, "no length for reviews of kind 'remediate'"),
        ({"value": {"customer_id": ["c1"], "value": [0.0]}}, "above 0"),
        ({"cadence": {"A": "3 months"}}, "segment 'B' has no cadence"),
        ({"rules": [cf.CadenceRule("risk", "1 month")]}, "has no figure"),
        ({"absences": {"manager": ["Eve"], "first": ["2022-01-03"]}}, "Eve"),
        ({"busy": {"manager": ["An"], "start": ["soon"], "end": ["2022-01-03 10:00"]}}, "a time is written as"),
        ({"handover": {"customer_id": ["c1"], "manager": ["Eve"], "day": ["2022-01-03"]}}, "Eve"),
        ({"customers": {"customer_id": ["c1", "c1"], "days": ["Mon", "Tue"]}}, "listed twice"),
        ({"ready_days": -1}, "ready_days is -1"),
        ({"fixed": pd.DataFrame({"customer_id": ["c1"], "manager": ["An"], "day": ["soon"]})}, "row 1"),
    ],
)
def test_bad_settings_are_named(
    portfolio: cf.Portfolio, selection: cf.Selection, options: dict[str, object], told: str
) -> None:
    with pytest.raises(cf.InputError, match=told):
        cf.anchor(portfolio, selection, **{"managers": MANAGERS, "start": "2022-01", **options})  # type: ignore[arg-type]


def test_cadences_are_checked() -> None:
    assert cf.Cadence(A="6 weeks").of("A") == (0, 42)
    assert cf.Cadence(A="1 quarter", B="2 years").of("B") == (24, 0)
    for text in ("often", "0 months", "3", ""):
        with pytest.raises(cf.InputError, match="cadence A"):
            cf.Cadence(A=text)


def test_the_agenda_shows_itself(agenda: cf.Agenda) -> None:
    assert "appointments" in repr(agenda)
    assert agenda.plot().to_dict()
    assert agenda.unplaced.plot().to_dict()


def test_without_managers_one_manager_has_four_reviews_a_day(portfolio: cf.Portfolio, selection: cf.Selection) -> None:
    found = cf.anchor(portfolio, selection, start="2022-01").to_frame("pandas")
    assert set(found.manager) == {"account manager"}
    given = {"manager": ["account manager"], "reviews_per_day": [4]}
    same = cf.anchor(portfolio, selection, managers=given, start="2022-01").to_frame("pandas")
    assert found.equals(same)
    assert found.groupby("day").size().max() <= 4
