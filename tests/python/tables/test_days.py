# Days and months of arguments: one reader, whatever the door.
"""Days and months in every form that is none raise an InputError that names the argument."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio._tables.dates import day_number, days_array, month_index
from custfolio.errors import InputError

NO_DAYS = [
    pd.NaT, None, np.datetime64("NaT"), float("nan"), 5, np.int64(5), "", "x", "é", "a\ud800", "２０２２-01-01", np.str_("x"),
    b"2022-01-01", [], object, np.datetime64("12000-01-01"), pd.NA,
]  # fmt: skip
DAYS = [
    "2022-03-04", np.str_("2022-03-04"), datetime.date(2022, 3, 4), datetime.datetime(2022, 3, 4, 23), pd.Timestamp("2022-03-04"),
    np.datetime64("2022-03-04"), np.datetime64("2022-03-04T12:00"),
]  # fmt: skip
STEPS = {"customer": ["a"], "step": ["x"], "probability": [0.5]}
PORTFOLIO = cf.Portfolio.from_frame(pd.DataFrame({"customer_id": ["a"], "revenue": [1.0], "contribution": [1.0]}))
LEDGER = cf.Ledger(pd.DataFrame({"date": ["2021-01-04", "2021-02-05"], "customer": ["a", "a"], "revenue": [1.0, 2.0]}))
DOORS: dict[str, Callable[[Any], Any]] = {
    "start": lambda day: cf.grow(STEPS, start=day),
    "period": lambda day: cf.statement(LEDGER, cf.CostModel(), period=(day, "2021-12-31")),
    "first": lambda day: cf.grow(STEPS, start="2022-01").distribution(first=day),
    "seen": lambda day: cf.growth.win_rate_by_age(["2022-01-01"], ["2022-02-01"], ["won"], seen=day),
    "end": lambda day: cf.lifetime.summary(LEDGER, end=day),
    "day": lambda day: cf.budget.FiscalCalendar().period_of(day),
    "year": lambda day: cf.anchor(PORTFOLIO, cf.select(PORTFOLIO), start=day),
}
OPTIONAL = {"first", "seen", "end"}


@pytest.mark.parametrize("value", NO_DAYS, ids=repr)
def test_no_day_and_no_month_is_read_from_anything_else(value: Any) -> None:
    with pytest.raises(InputError, match="the day is '2022-02-30'"):
        day_number("2022-02-30", "the day")
    for reader in (day_number, month_index):
        with pytest.raises(InputError, match="the day is"):
            reader(value, "the day")


@pytest.mark.parametrize("value", DAYS, ids=repr)
def test_a_day_has_many_forms(value: Any) -> None:
    assert day_number(value, "x") == (datetime.date(2022, 3, 4) - datetime.date(1970, 1, 1)).days
    assert month_index(value, "x") == 52 * 12 + 2


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("value", NO_DAYS, ids=repr)
def test_every_door_refuses_what_is_no_day(door: str, value: Any) -> None:
    if value is None and door in OPTIONAL:
        return
    with pytest.raises(InputError):
        DOORS[door](value)


def test_columns_of_days_name_the_row() -> None:
    found = days_array(["2022-01-01", None, pd.NaT, "", datetime.date(2022, 1, 2)], "x")
    np.testing.assert_array_equal(np.isnat(found), [False, True, True, True, False])
    for bad in ("x", "é", 5, "a\ud800"):
        with pytest.raises(InputError, match="planned, row 2 is"):
            cf.growth.slippage(["2022-01-01", bad], ["2022-01-01", "2022-01-02"])
        with pytest.raises(InputError, match="end, row 2 is"):
            cf.growth.win_rate_by_age(["2022-01-01"] * 2, ["2022-01-01", bad], ["won", "lost"])


@pytest.mark.parametrize("year", [-5, 0, 1, 9_999, 10_000, 2**31 - 1])
def test_years_outside_of_the_calendar_are_refused(year: int) -> None:
    with pytest.raises(InputError, match="year"):
        cf.budget.FiscalCalendar(4).periods(year)
