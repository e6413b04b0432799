# Days and months as users write them.
"""Room-free: reading of days and months."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custfolio._tables.dates import day_date, day_number, month_index, month_text
from custfolio.errors import InputError


@given(st.dates())
def test_a_day_is_the_same_in_every_form(date: datetime.date) -> None:
    expected = (date - datetime.date(1970, 1, 1)).days
    assert day_number(date, "start") == expected
    assert day_number(date.isoformat(), "start") == expected
    assert day_number(datetime.datetime.combine(date, datetime.time(23, 59)), "start") == expected
    assert day_number(np.datetime64(date), "start") == expected
    assert day_date(expected) == date


@given(st.dates())
def test_a_month_is_the_same_in_every_form(date: datetime.date) -> None:
    text = f"{date.year:04d}-{date.month:02d}"
    index = month_index(text, "start")
    assert month_index(date, "start") == index
    assert month_index(date.isoformat(), "start") == index
    assert month_text(index) == text
    assert index == (date.year - 1970) * 12 + date.month - 1


def test_a_pandas_timestamp_is_a_day() -> None:
    assert day_number(pd.Timestamp("2021-12-31 23:00"), "start") == day_number("2021-12-31", "start")


@pytest.mark.parametrize("value", ["2021-13-01", "31/12/2021", "soon", 5, None, ""])
def test_what_is_no_day_is_named(value: object) -> None:
    with pytest.raises(InputError, match=r"start is .*2021-12-31"):
        day_number(value, "start")


@pytest.mark.parametrize("value", ["2022-13", "2022", "January", "0000-01", "2022-00"])
def test_what_is_no_month_is_named(value: str) -> None:
    with pytest.raises(InputError, match=r"start is .*2022-01"):
        month_index(value, "start")
