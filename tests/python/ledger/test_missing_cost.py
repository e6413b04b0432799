# A row without a cost keeps its revenue; its cost follows from the rule, counted and shown.
"""Room ``ledger``: rows without a cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pytest

import custfolio as cf

ROWS: dict[str, list[Any]] = {
    "date": ["2025-01-06", "2025-01-06", "2025-01-07", "2025-01-07", "2025-01-08"],
    "customer": ["a", "a", "b", "b", "c"],
    "revenue": [100.0, 50.0, 200.0, 80.0, 10.0],
    "cost": [60.0, None, 100.0, None, None],
    "group": ["x", "y", "y", "x", None],
}
COMPANY = 160.0 / 300.0


@pytest.mark.parametrize(
    ("options", "costs", "taken"),
    [
        ({}, [60 + 50 * COMPANY, 100 + 80 * COMPANY, 10 * COMPANY], "of the company"),
        ({"missing_cost": "company"}, [60 + 50 * COMPANY, 100 + 80 * COMPANY, 10 * COMPANY], "of the company"),
        (
            {"missing_cost": "customer"},
            [60 + 50 * 0.6, 100 + 80 * 0.5, 10 * COMPANY],
            "of the customer, or of the company where the customer has no known cost",
        ),
        (
            {"missing_cost": "family", "family": "group"},
            [60 + 50 * 0.5, 100 + 80 * 0.6, 10 * COMPANY],
            "of the family, or of the company where the family has no known cost",
        ),
        ({"missing_cost": 0.25}, [72.5, 120.0, 2.5], "0.25 of revenue"),
    ],
)
def test_a_row_without_a_cost_keeps_its_revenue(
    read_rows: Callable[..., cf.Ledger], options: dict[str, Any], costs: list[float], taken: str
) -> None:
    ledger = read_rows(ROWS, **options)
    assert (ledger.rows_rejected, ledger.revenue) == (0, 440.0)
    gaps = ledger.gaps.columns()
    assert [gaps[name][0] for name in ("role", "rows", "revenue")] == ["cost", 3, 140.0]
    assert gaps["taken_as"][0].endswith(taken)
    goods = cf.statement(ledger, cf.CostModel()).portfolio.columns()["goods"]
    assert goods.tolist() == pytest.approx(costs, rel=1e-14)


@pytest.mark.parametrize(
    ("families", "taken"),
    [
        (["x", "y", "x", "y", "y"], "mean cost ratio of the company; the family has no known cost"),
        (
            ["x", "x", "x", "y", "y"],
            "mean cost ratio of the family, or of the company where the family has no known cost",
        ),
        (["x", "x", "x", "x", "x"], "mean cost ratio of the family"),
    ],
)
def test_the_gaps_name_the_ratio_that_was_used(
    read_rows: Callable[..., cf.Ledger], families: list[str], taken: str
) -> None:
    ledger = read_rows({**ROWS, "group": families}, missing_cost="family", family="group")
    assert ledger.gaps.columns()["taken_as"] == [taken]
    assert taken in ledger.gaps.assumed_cost()


def test_rows_without_a_cost_are_rejected_where_the_user_wants_it(read_rows: Callable[..., cf.Ledger]) -> None:
    ledger = read_rows(ROWS, missing_cost="reject")
    assert (ledger.rows_rejected, ledger.revenue) == (3, 300.0)
    assert ledger.rejected.reasons == {"missing cost": 3}


def test_a_recognised_cost_that_is_empty_is_no_cost() -> None:
    ledger = cf.Ledger(pl.DataFrame(ROWS).with_columns(cost=pl.lit(None, dtype=pl.Float64)))
    assert ledger.rows.cost is None
    assert ledger.gaps.columns()["taken_as"] == ["empty, so left out"]


def test_a_mean_needs_a_cost() -> None:
    rows = pl.DataFrame(ROWS).with_columns(goods=pl.lit(None, dtype=pl.Float64))
    with pytest.raises(cf.InputError, match="revenue of rows with a cost is 0"):
        cf.Ledger(rows, cost="goods")
    assert cf.Ledger(rows, cost="goods", missing_cost=0.5).rows.cost.tolist() == [50.0, 25.0, 100.0, 40.0, 5.0]


@pytest.mark.parametrize("rule", ["mean", -0.1, float("nan"), True, None])
def test_another_rule_is_refused(rule: Any) -> None:
    with pytest.raises(cf.InputError, match="missing_cost is"):
        cf.Ledger(pl.DataFrame(ROWS), missing_cost=rule)


def test_a_percentage_is_no_ratio() -> None:
    with pytest.raises(cf.InputError, match=r"missing_cost is 60; .* 60 % is 0\.6"):
        cf.Ledger(pl.DataFrame(ROWS), missing_cost=60)
    assert cf.Ledger(pl.DataFrame(ROWS), missing_cost=10).rows_rejected == 0


def test_a_family_needs_its_column() -> None:
    with pytest.raises(cf.InputError, match=r"family=\.\.\."):
        cf.Ledger(pl.DataFrame(ROWS), missing_cost="family")
    with pytest.raises(cf.InputError, match="no column 'kind' for family"):
        cf.Ledger(pl.DataFrame(ROWS), missing_cost="family", family="kind")


def test_a_column_of_percentages_is_noted_and_no_cost() -> None:
    rows = {"customer": ["a", "b"], "date": ["2025-01-07"] * 2, "revenue": [100.0, 200.0]}
    for frame in (
        pd.DataFrame({**rows, "cost": ["60%", "55 %"]}),
        pl.DataFrame({**rows, "cost": ["60%", "55 %"]}).lazy(),
    ):
        ledger = cf.Ledger(frame)
        assert ledger.notes == [
            "cost has percentages, such as '60%', which are no amounts: give a column of amounts, or one ratio: missing_cost=0.6."
        ]
        assert ledger.gaps.columns()["rows"].tolist() == [2]


@pytest.mark.parametrize(
    ("cost", "noted"), [([0.6, 0.55], True), ([0.6, 1.2], False), ([0.0, 0.0], False), ([0.9, -0.9], False)]
)
def test_costs_that_look_like_ratios_are_noted(cost: list[float], noted: bool) -> None:
    frame = pd.DataFrame({"customer": ["a", "b"], "date": ["2025-01-07"] * 2, "revenue": [100.0, 200.0], "cost": cost})
    notes = cf.Ledger(frame).notes
    assert [note for note in notes if "as if it had ratios" in note] == (notes if noted else [])
    small = frame.assign(revenue=[1.0, 0.9])
    assert not [note for note in cf.Ledger(small).notes if "as if it had ratios" in note]
