# Action plans as people write them: dates, empty cells, text, missing and wrong values, and names that stand there twice.
"""Reading action plans: what is taken, and the errors that name what is not."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import custfolio as cf

STEPS: dict[str, list[Any]] = {
    "customer": ["Ann", "Ann", "Bob"],
    "plan": ["range", "range", "trial"],
    "step": ["offer", "listing", "trial"],
    "probability": [0.5, 0.5, 0.7],
    "contribution": [10.0, 20.0, 30.0],
}
MARCH = datetime.date(2022, 3, 15)


def _expected(columns: dict[str, Any], frame: Any = pd.DataFrame) -> list[float]:
    return cf.grow(frame(STEPS | columns), start="2022-01", months=4).expected.round(9).tolist()


def _step(**fields: Any) -> cf.Growth:
    step = cf.ActionStep(**{"name": "offer", "probability": 0.5, "contribution": 1.0} | fields)
    return cf.grow([cf.ActionPlan("Ann", "range", [step])], start="2022-01", months=4)


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, dict])
@pytest.mark.parametrize("march", [MARCH, "2022-03", "2022-03-15", "3", datetime.datetime(2022, 3, 15)])
def test_a_month_may_be_a_date(frame: Any, march: Any) -> None:
    assert _expected({"earliest": [march] * 3}, frame) == [0, 0, 31, 31]
    if not isinstance(march, str):
        assert _step(earliest=march).expected.tolist() == [0, 0, 0.5, 0.5]
    assert _step(earliest=np.datetime64("2022-03")).expected.tolist() == [0, 0, 0.5, 0.5]
    with pytest.raises(cf.InputError, match=r"customer Ann, plan 'range', step 'offer': .*2022-03.*2022-01"):
        _expected({"earliest": [march] * 3, "latest": [datetime.date(2022, 1, 1)] * 3}, frame)


@pytest.mark.parametrize(
    "columns",
    [
        {"earliest": ["", "2", None], "latest": [" ", "", ""]},
        {"earliest": pd.to_datetime([None, "2022-02-01", None])},
        {"earliest": ["1.0", "2.0", ""], "duration": ["0", "", " "], "hazard": ["", "0", ""]},
        {"earliest": pd.array([None, 2, None], dtype="Int64"), "retries": pd.array([None, 0, 0], dtype="Int64")},
    ],
)
def test_an_empty_cell_says_nothing(columns: dict[str, Any]) -> None:
    assert _expected(columns) == [26, 31, 31, 31]


def test_names_of_columns_are_told_without_case() -> None:
    named = {name.title(): values for name, values in STEPS.items()}
    assert cf.grow(pd.DataFrame(named), start="2022-01", months=4).expected.tolist() == [31] * 4


def test_a_frame_tells_sizes_seasons_and_chances_by_month() -> None:
    season = "1 2 3 4 5 6 7 8 9 10 11 12"
    found = cf.grow(
        {
            "customer": ["Ann"],
            "step": ["offer"],
            "probability": [0.5],
            "contribution": [10.0],
            "retries": [1],
            "by_month": ["1 0.4"],
            "season": [season],
            "size": ["0.5: 0.25, 1.5: 0.75"],
        },
        start="2022-01",
        months=2,
    )
    # Won in January with 0.5, in February with 0.5 x 0.5 x 0.4 = 0.1; 1.25 times the amount on average, twice that in February.
    np.testing.assert_allclose(found.expected, [12.5 * 0.5, 25.0 * 0.6])
    assert found.probability(reach=45) == pytest.approx(0.5 * 0.75)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"probability": [0.5, None, 0.7]}, "row 2: no probability; every step must have one"),
        ({"probability": [0.5, math.nan, 0.7]}, "row 2: no probability"),
        ({"probability": ["0.5", "50 %", "0.7"]}, r"row 2: probability is '50 %'; it must be a number \(0.5 is 50 %\)"),
        ({"probability": [50, 50, 70]}, r"customer Ann, plan 'range', step 'offer': .* is 50; .*\(50 % is 0.5\)"),
        ({"customer": ["Ann", " ", "Bob"]}, "row 2: no customer"),
        ({"step": ["offer", None, "trial"]}, "row 2: no step"),
        ({"contribution": ["1", "1.000,50", "3"]}, "row 2: contribution is '1.000,50'; it must be a number"),
        ({"contribution": [1.0, math.inf, 3.0]}, "customer Ann, plan 'range', step 'listing': contribution .* is inf"),
        ({"duration": [0, math.inf, 0]}, "row 2: duration is inf; it must be a whole number"),
        ({"duration": [0, 1.5, 0]}, "row 2: duration is 1.5; it must be a whole number"),
        ({"earliest": ["2022-01", "2022-13", "2022-01"]}, "step 'listing': earliest is '2022-13'; .* 2022-01"),
        (
            {"earliest": [1, 0, 1]},
            "customer Ann, plan 'range', step 'listing': earliest is 0; .* from 1, the first month",
        ),
        ({"number": [10, 20, 10], "after": [None, "1", None]}, "row 2: after is 1; .* have the numbers 10, 20"),
        ({"after": ["", "offer & x | y", ""]}, r"customer Ann, plan 'range', step 'listing': after is .* not both"),
        ({"after": ["", "x", ""]}, "customer Ann, plan 'range', step 'listing': comes after 'x', which is neither"),
        ({"season": ["1 2 3", "", ""]}, "customer Ann, plan 'range', step 'offer': the season has 3 factors"),
        ({"season": ["1;2", "", ""]}, "row 1: season is '1;2'; it must be numbers with blanks between"),
        ({"size": ["big", "", ""]}, "row 1: size is 'big'; it must be a table"),
        ({"size": ["1: 0.5", "", ""]}, "customer Ann, plan 'range', step 'offer': probabilities of the sizes: .* 0.5"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_row_or_step(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(cf.InputError, match=message):
        _expected(columns)


def test_columns_have_the_same_length() -> None:
    with pytest.raises(cf.InputError, match="column 'probability' has 1 values, another has 3"):
        cf.grow(STEPS | {"probability": [0.5]}, start="2022-01")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"probability": "0.5"}, "probability is '0.5'; it must be a number"),
        ({"probability": None}, "probability is None; it must be a number"),
        ({"retries": 1.5}, "retries is 1.5; it must be a whole number"),
        ({"lasts": math.nan}, "lasts is nan; it must be a whole number"),
        ({"duration": (3, 2, 1)}, "durations 3, 2, 1 must be 0 to 1200 months and in ascending order"),
        ({"duration": "2"}, "duration is '2'; it must be whole months"),
        ({"duration": {1: 0.5, 10**9: 0.5}}, ".*; a table of durations has whole numbers of months, 0 to 1200"),
        ({"duration": {math.nan: 1.0}}, ".*; a table of durations has whole numbers of months"),
        ({"earliest": 0}, "earliest is 0; .* from 1, the first month"),
        ({"earliest": math.nan}, "earliest is nan"),
        ({"after": math.nan}, r"after is nan; the plan's steps are 1 to 1 \(0: none\)"),
        ({"after": "7"}, "after is 7; the plan's steps are 1 to 1"),
        ({"join": "xor"}, "join is 'xor'; it must be 'all' or 'any'"),
    ],
)
def test_a_step_that_cannot_be_is_told_with_its_plan(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(cf.InputError, match=f"customer Ann, plan 'range', step 'offer': {message}"):
        _step(**fields)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"months": 1.5}, "months is 1.5; it must be a whole number"),
        ({"months": "12"}, "months is '12'"),
        ({"correlation": "much"}, "correlation is 'much'; it must be a number"),
        ({"correlation": math.nan}, "correlation is nan"),
        ({"events": {"held": "perhaps"}}, "event 'held': probability is 'perhaps'; it must be a number"),
        ({"events": {"held": (0.5, "soon")}}, "event 'held' is 'soon'; a month is written as 2022-01"),
    ],
)
def test_options_that_cannot_be_are_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(cf.InputError, match=message):
        cf.grow(STEPS, start="2022-01", **options)


def test_plans_may_be_one_or_come_one_by_one() -> None:
    plan = cf.ActionPlan("Ann", "range", [cf.ActionStep("offer", 0.5, contribution=10.0)])
    assert cf.grow(plan, start="2022-01", months=1).expected.tolist() == [5]
    assert cf.grow((each for each in [plan, plan]), start="2022-01", months=1).expected.tolist() == [10]
    with pytest.raises(cf.InputError, match="number 2 is str"):
        cf.grow([plan, "plan"], start="2022-01")
    with pytest.raises(cf.InputError, match=r"probability is 80; it must lie in \[0, 1\] \(80 % is 0.8\)"):
        cf.grow(plan, start="2022-01").needed(10.0, 80)


def test_steps_of_the_same_name_all_count_and_cannot_be_asked_by_name() -> None:
    steps = [cf.ActionStep("offer", 0.5, contribution=10.0), cf.ActionStep("offer", 0.25, contribution=20.0)]
    growth = cf.grow([cf.ActionPlan("Ann", "range", steps)] * 2, start="2022-01", months=1)
    assert any("customer Ann has 2 plans named 'range'" in note for note in growth.notes)
    assert len(growth.sensitivity()) == len(growth.uncertainty()) == len(growth.needed(10.0)) == 4
    assert len(cf.growth.next_actions(growth)) == 2
    with pytest.raises(cf.InputError, match="4 steps are named 'offer' in plan 'range' of customer 'Ann'"):
        growth.success("Ann", "range", "offer")
    with pytest.raises(cf.InputError, match="4 steps are named"):
        growth.given({("Ann", "range", "offer"): "failed"})
    third = cf.ActionStep("third", after="offer")
    with pytest.raises(cf.InputError, match="after is 'offer', and 2 steps of the plan have that name"):
        cf.grow([cf.ActionPlan("Ann", "range", [*steps, third])], start="2022-01")


def test_a_misspelt_column_is_refused() -> None:
    columns = {"customer": ["a"], "step": ["offer"], "probability": [0.5], "contributon": [10.0]}
    with pytest.raises(
        cf.InputError, match="column 'contributon' of the action plans is unknown; did you mean 'contribution'"
    ):
        cf.grow(columns, start="2022-01", months=3)
    other = {**columns, "contribution": [10.0], "customer_name": ["A"], "remark": ["-"]}
    del other["contributon"]
    assert cf.grow(other, start="2022-01", months=3).expected.sum() == pytest.approx(15.0)
    places = {"id": ["x"], "latitude": [50.0], "longitude": [4.0]}
    portfolio = cf.Portfolio.from_frame(pd.DataFrame({"customer_id": ["a"], "revenue": [1.0], "contribution": [1.0]}))
    with pytest.raises(cf.InputError, match="'nam' of the candidates is unknown; did you mean 'name'"):
        cf.acquire(pd.DataFrame({**places, "nam": ["X"]}), portfolio)
    with pytest.raises(cf.InputError, match="'varience' of the budget lines is unknown; did you mean 'variance'"):
        cf.Budget.from_frame(pd.DataFrame({"month": ["2024-01"], "revenue": [1.0], "varience": [1.0]}))


def test_two_steps_of_a_plan_have_no_common_number() -> None:
    columns = {"customer": ["A"] * 3, "step": ["x", "y", "z"], "number": [1, 1, 2], "probability": [0.5] * 3}
    with pytest.raises(cf.InputError, match="rows 1 and 2: two steps of one plan have the number 1"):
        cf.grow({**columns, "after": ["0", "0", "1"]}, start="2022-01")
    assert len(cf.grow({**columns, "customer": ["A", "B", "B"]}, start="2022-01").plans) == 2


@pytest.mark.parametrize("name", ["retries", "lasts", "ramp", "spacing", "duration", "contribution"])
def test_numbers_that_the_core_cannot_represent_are_named(name: str) -> None:
    with pytest.raises(cf.InputError, match=name):
        cf.grow([cf.ActionPlan("A", "p", [cf.ActionStep("s", 0.5, **{name: 10**400})])], "2022-01")


def test_events_have_names_that_are_text() -> None:
    with pytest.raises(cf.InputError, match="surrogates"):
        cf.grow([cf.ActionPlan("A", "p", [cf.ActionStep("s", 0.5)])], "2022-01", events={"\ud800": 0.5})
