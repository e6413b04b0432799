# Odd agendas: nothing to plan, no room, agreed days that are off, and ten thousand reviews on one day.
"""Bad and extreme input of the agenda; each ends in a right agenda or a clear message."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import custfolio as cf

QUARTER = cf.Cadence(A="3 months", B="3 months", C="3 months")


def selected(count: int) -> tuple[cf.Portfolio, cf.Selection]:
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{k}" for k in range(count)],
            "revenue": 1_000.0,
            "contribution": np.linspace(100, 300, count),
        }
    )
    portfolio = cf.Portfolio.from_frame(frame)
    return portfolio, cf.select(portfolio)


def test_no_capacity_leaves_all_out_with_a_reason_and_no_remedy_of_this_manager() -> None:
    portfolio, selection = selected(3)
    none = {"manager": ["An"], "reviews_per_day": [0]}
    with pytest.raises(cf.InputError, match="capacity"):
        cf.anchor(portfolio, selection, start="2022-01", managers=none)
    own = {"customer": portfolio.ids, "manager": ["An"] * 3, "reviews_per_day": [0] * 3}
    found = cf.anchor(portfolio, selection, start="2022-01", managers=own, cadence=QUARTER)
    assert len(found) == 0 and len(found.unplaced) == 12
    assert all("has no free working day" in reason for reason in found.unplaced.columns()["reason"])
    assert found.capacity is not None and found.capacity.columns()["hours_available"].sum() == 0


def test_an_absence_of_all_days_leaves_all_out() -> None:
    portfolio, selection = selected(2)
    away = {"manager": ["An"], "first": ["2022-01-01"], "last": ["2022-12-31"]}
    managers = {"manager": ["An", "Bo"], "reviews_per_day": [4, 4], "customer": ["c0", "c1"]}
    found = cf.anchor(portfolio, selection, start="2022-01", managers=managers, absences=away, cadence=QUARTER)
    assert set(found.unplaced.columns()["customer_id"]) == {"c0"}
    assert all("Bo on 2022-" in remedy for remedy in found.unplaced.columns()["remedy"])


def test_windows_without_a_working_day_say_so() -> None:
    portfolio, selection = selected(1)
    last = {"customer_id": ["c0"], "day": ["2021-12-24"]}
    closed = pd.date_range("2022-03-10", "2022-04-10").date
    found = cf.anchor(
        portfolio, selection, start="2022-01", months=4, last_review=last, cadence=QUARTER, closing_days=closed
    )
    assert list(found.unplaced.columns()["reason"]) == ["there is no working day from 2022-03-10 to 2022-04-07"]
    remedy = found.unplaced.columns()["remedy"][0]
    assert remedy.startswith("a tolerance of 15 days")


def test_a_manager_without_customers_and_customers_without_verdict() -> None:
    portfolio, selection = selected(2)
    managers = {"manager": ["An", "Bo"], "reviews_per_day": [4, 4], "customer": [None, "c0"]}
    found = cf.anchor(portfolio, selection, start="2022-01", managers=managers)
    assert found.managers == ["An", "Bo"]
    young = cf.Portfolio.from_frame(
        pd.DataFrame({"customer_id": ["x"], "revenue": [10.0], "contribution": [1.0], "months_as_customer": [1.0]})
    )
    nobody = cf.anchor(young, cf.select(young, min_months=6), start="2022-01")
    assert len(nobody) in (0, 4)
    assert nobody.to_frame("pandas").columns.tolist()[:3] == ["customer_id", "name", "manager"]
    assert nobody.plot().to_dict() and repr(nobody)


def test_agreed_days_that_are_off_are_kept_and_noted() -> None:
    portfolio, selection = selected(4)
    fixed = pd.DataFrame(
        {
            "customer_id": ["c0", "c1", "c2", "c3"],
            "manager": ["An"] * 4,
            "day": ["2022-05-26", "2022-06-07", "2022-06-07", "2021-12-20"],
            "start": ["10:00", "10:00", "10:30", None],
        }
    )
    managers = {"manager": ["An"], "reviews_per_day": [4]}
    found = cf.anchor(
        portfolio, selection, start="2022-01", managers=managers, calendar="BE", fixed=fixed, cadence=QUARTER
    )
    rows = found.to_frame("pandas")
    kept = rows[rows.fixed].set_index("customer_id")
    assert [str(kept.day[each].date()) for each in portfolio.ids] == list(fixed.day)
    assert kept.start["c1"] == "10:00" and kept.start["c2"] == "10:30"
    notes = found.changes.to_frame("pandas")
    notes = notes[notes.change == "kept"]
    assert list(notes.reason) == [
        "the agreed day is no working day",  # Ascension Day
        "the agreed time is not free: another appointment, a busy time or the end of the working hours",
    ]


def test_ten_thousand_reviews_on_one_day() -> None:
    portfolio, selection = selected(10_000)
    last = {"customer_id": portfolio.ids, "day": ["2021-12-15"] * 10_000}
    managers = {"manager": ["An"], "reviews_per_day": [10]}
    found = cf.anchor(
        portfolio, selection, start="2022-01", months=4, managers=managers, cadence=QUARTER, last_review=last
    )
    assert len(found) == 168  # 21 working days within 14 days of 15 March, with 8 hours each
    assert found.gap == 0
    rows = found.to_frame("pandas")
    assert set(rows.customer_id) == set(portfolio.ids[-168:])
    assert rows.groupby("day").size().max() == 8
    assert found.by_manager is not None and found.by_manager.columns()["days_needed"][0] == 1229


def test_working_days_hours_and_two_managers() -> None:
    portfolio, selection = selected(6)
    managers = {
        "manager": ["An", "Bo"],
        "reviews_per_day": [4, 4],
        "days": ["Mon-Thu", "Tue, Fri"],
        "hours": ["8:30-12:00", "10:00-16:00"],
        "reviews_per_week": [3, None],
        "region": ["north", "south; west"],
    }
    customers = {
        "customer_id": portfolio.ids,
        "region": ["north", "north", "south", "south", None, None],
        "with": [None, "Bo", None, None, None, None],
        "preferred": [None, None, "Friday afternoon", None, None, None],
    }
    found = cf.anchor(
        portfolio, selection, start="2022-01", managers=managers, customers=customers, cadence=QUARTER,
        minutes={"keep": 90, "remediate": 30}, slack=0.2,
    )  # fmt: skip
    rows = found.to_frame("pandas")
    assert len(found.unplaced) == 0
    weekdays = {name: {day.weekday() for day in rows[rows.manager == name].day} for name in ("An", "Bo")}
    assert weekdays["An"] <= {0, 1, 2, 3} and weekdays["Bo"] <= {1, 4}
    assert set(rows[rows.customer_id.isin(["c2", "c3"])].manager) == {"Bo"}
    met = rows[rows["with"] == "Bo"]
    assert len(met) == 4 and {day.weekday() for day in met.day} == {1} and (met.start >= "10:00").all()
    assert (rows[rows.customer_id == "c2"].day.map(lambda day: day.weekday()) == 4).all()
    assert (rows[rows.customer_id == "c2"].start >= "12:00").all()
    assert (rows.ready <= rows.day - pd.Timedelta(days=7)).sum() >= len(rows) - 2


def test_busy_times_of_all_years_count_within_the_agenda() -> None:
    portfolio, selection = selected(2)
    managers = {"manager": ["An"], "reviews_per_day": [2]}
    busy = {"manager": ["An"], "start": ["0001-01-01"], "end": ["9999-12-31 23:59"]}
    found = cf.anchor(portfolio, selection, start="2022-01", managers=managers, cadence=QUARTER, busy=busy)
    assert len(found) == 0 < len(found.unplaced)
    zoned = {"manager": ["An"], "start": ["2022-01-01T10:00+05:00"], "end": ["2022-01-01T11:00+05:00"]}
    with pytest.raises(cf.InputError, match="it must be the manager's own time, without a zone"):
        cf.anchor(portfolio, selection, start="2022-01", managers=managers, busy=zoned)
    with pytest.raises(cf.InputError, match="until of 'c0' is 'x'"):
        cf.anchor(portfolio, selection, start="2022-01", managers=managers, until={"c0": "x"})
    with pytest.raises(cf.InputError, match="column 'lst' of the absences is unknown"):
        cf.anchor(
            portfolio,
            selection,
            start="2022-01",
            managers=managers,
            absences={"manager": ["An"], "first": ["2022-01-01"], "lst": [None]},
        )
    wrong = {**managers, "email": ["a@x\r\nEVIL:1"]}
    with pytest.raises(cf.InputError, match="manager 'An': email is"):
        cf.anchor(portfolio, selection, start="2022-01", managers=wrong)
    fixed = {"customer_id": ["c0"], "manager": ["An"], "day": ["2022-03-01"], "fixed": ["maybe"]}
    with pytest.raises(cf.InputError, match="fixed, row 1: fixed is 'maybe'; it must be true or false"):
        cf.anchor(portfolio, selection, start="2022-01", managers=managers, fixed=fixed)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"day": ["2022-03-01", "2022-05-02"], "minutes": [60, 2_000]},
            "customer 'c3' on 2022-05-02 lasts 2000 minutes",
        ),
        ({"day": ["2022-03-01", "2022-05-02"], "number": [4, 4]}, "customer 'c3' on 2022-05-02 has number 4"),
    ],
)
def test_a_wrong_agreed_review_is_named_by_its_customer(columns: dict[str, list[object]], message: str) -> None:
    portfolio, selection = selected(5)
    fixed = {"customer_id": ["c3", "c3"], "manager": ["An", "An"], **columns}
    with pytest.raises(cf.InputError, match=message):
        cf.anchor(
            portfolio,
            selection,
            start="2022-01",
            managers={"manager": ["An"], "reviews_per_day": [2]},
            fixed=fixed,
        )


def test_a_closed_day_needs_no_last_day() -> None:
    portfolio, selection = selected(1)
    closed = {"customer_id": ["c0", "c0"], "first": ["2022-01-01", "2022-03-01"], "last": ["2022-02-15", None]}
    found = cf.anchor(portfolio, selection, start="2022-01", cadence=QUARTER, closed=closed, tolerance_days=60)
    days = found.to_frame("pandas").day
    assert len(days) == 4 and (days > "2022-02-15").all() and "2022-03-01" not in set(days.astype(str))


@pytest.mark.parametrize(("start", "months"), [("9999-12", 2), ("9899-12-15", 2), ("9801-01", 1_200)])
def test_an_agenda_beyond_the_calendar_names_start_and_months(start: str, months: int) -> None:
    portfolio, selection = selected(1)
    with pytest.raises(
        cf.InputError, match=f"start is {start} and months is {months}; the agenda must end by the year 9899"
    ):
        cf.anchor(portfolio, selection, start=start, months=months)


def test_two_reviews_of_a_customer_on_one_day_have_their_own_reason() -> None:
    portfolio, selection = selected(1)
    found = cf.anchor(
        portfolio,
        selection,
        start="2022-01",
        months=1,
        managers={"manager": ["An"], "reviews_per_day": [1]},
        cadence={"A": "1 day", "B": "1 day", "C": "1 day"},
        tolerance_days=0,
        least_gap=1,
        fixed={"customer_id": ["c0"], "manager": ["An"], "day": ["2022-01-04"], "due": ["2021-12-01"]},
    )
    reason = found.unplaced.columns()["reason"][0]
    assert reason == "every working day from 2022-01-05 to 2022-01-05 has another appointment of the customer"
