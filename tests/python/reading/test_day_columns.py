# Columns of days: years of two digits, months by name in four languages, and formats that the caller gives.
"""The order of day, month and year, settled once for a whole column."""

from __future__ import annotations

import datetime
import random
from typing import Any

import polars as pl
import pytest

import custfolio as cf


def ledger_of(days: list[str], lazy: bool = False, **options: Any) -> cf.Ledger:
    frame = pl.DataFrame({"customer": ["a"] * len(days), "date": days, "revenue": [1.0] * len(days)})
    return cf.Ledger(frame.lazy() if lazy else frame, **options)


def days_of(ledger: cf.Ledger) -> list[datetime.date]:
    return [datetime.date(1970, 1, 1) + datetime.timedelta(days=int(day)) for day in ledger.rows.day]


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(
    ("written", "form"),
    [("%d-%m-%y", "day/month/year"), ("%m/%d/%y", "month/day/year"), ("%d.%m.%y", "day/month/year")],
)
def test_a_column_settles_years_of_two_digits(written: str, form: str, lazy: bool) -> None:
    start = datetime.date(2019, 11, 1)
    days = [start + datetime.timedelta(days=k) for k in range(0, 800, 3)]
    texts = [day.strftime(written) for day in days]
    random.Random(4).shuffle(texts)
    ledger = ledger_of(texts, lazy)
    assert sorted(days_of(ledger)) == days
    assert ledger.formats["date"].startswith(f"{form}, as ")
    assert days_of(ledger_of(texts, lazy, date_format=written)) == days_of(ledger)


def test_years_of_two_digits_are_in_1969_to_2068() -> None:
    found = days_of(ledger_of(["31-12-68", "30-12-69", "29-12-00", "28.12.99"]))
    assert [day.year for day in found] == [2068, 1969, 2000, 1999]


def test_a_day_above_12_settles_the_rest_of_the_column() -> None:
    assert days_of(ledger_of(["03-04-21", "13-04-21", "05-04-2021"]))[0] == datetime.date(2021, 4, 3)
    assert days_of(ledger_of(["03/04/21", "03/13/21", "03/15/21"]))[0] == datetime.date(2021, 3, 4)


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(
    ("days", "options"),
    [
        (["03-04-21", "04-04-21"], ["%d-%m-%y", "%m-%d-%y"]),
        (["21/04/03", "21/04/17", "22/05/30"], ["%d/%m/%y", "%y/%m/%d"]),
        (["15-03-21"], ["%d-%m-%y", "%y-%m-%d"]),
        (["03-04-21", "13-04-21", "04-13-21"], ["%d-%m-%y", "%m-%d-%y"]),
        (["03 - 04", "01/02/2021 13:45"], ["%d/%m/%Y", "%m/%d/%Y"]),
    ],
)
def test_an_order_that_the_column_leaves_open_is_an_error_with_the_options(
    days: list[str], options: list[str], lazy: bool
) -> None:
    with pytest.raises(cf.InputError, match=r"^date \(column 'date'\)") as error:
        ledger_of(days, lazy)
    for option in options:
        assert f'date_format="{option}"' in str(error.value)
        assert ledger_of(days, lazy, date_format=option).rows_accepted >= len(days) - 1


def test_a_year_in_front_is_read_by_its_format() -> None:
    days = ["21/04/03", "21/04/17", "22/05/30"]
    assert days_of(ledger_of(days, date_format="%y/%m/%d"))[2] == datetime.date(2022, 5, 30)


def test_points_never_have_the_year_in_front() -> None:
    assert days_of(ledger_of(["21.04.03"])) == [datetime.date(2003, 4, 21)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15-Mar-21", "2021-03-15"), ("1 mrt 2021", "2021-03-01"), ("3. März 2021", "2021-03-03"), ("15. Dez. 2021", "2021-12-15"),
        ("2 août 2021", "2021-08-02"), ("1 févr. 2021", "2021-02-01"), ("31 décembre 2021", "2021-12-31"),
        ("05-JAN-99", "1999-01-05"), ("7 Jänner 2021", "2021-01-07"), ("mei 5, 2021", "2021-05-05"),
    ],
)  # fmt: skip
def test_months_by_name_are_read_in_four_languages(text: str, day: str) -> None:
    assert [str(found) for found in days_of(ledger_of([text]))] == [day]


def test_a_day_that_is_none_is_rejected_beside_years_of_two_digits() -> None:
    ledger = ledger_of(["13-04-21", "31-02-21", "soon"])
    assert ledger.rejected.reasons == {
        "date is not in the calendar": 1,
        "date is not a date; write it as 2021-12-31": 1,
    }


@pytest.mark.parametrize("text", ["2021-01-05 10:00{}x", "T{}x", "13/04/2021{}x"])
def test_a_day_with_a_long_run_of_spaces_is_rejected_and_does_not_hang(text: str) -> None:
    cell = text.format(" " * 100_000)  # the patterns alone would search it for many minutes
    assert ledger_of(["2021-01-04", cell]).rows_rejected == 1
    assert ledger_of(["2021-01-04", cell], date_format="%Y-%m-%d").rows_rejected == 1
