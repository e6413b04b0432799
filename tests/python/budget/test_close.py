# Closing a month: what is refused, what is restated, and the causes of usual business.
"""A budget of 150 a month through the year, and the causes of usual business."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

import custfolio as cf

MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]


def _lines(months: list[str], amount: float = 150.0) -> dict[str, list[Any]]:
    return {"month": list(months), "customer": ["Acme"] * len(months), "revenue": [amount] * len(months)}


YEAR = cf.Budget(_lines(MONTHS)).freeze("2026", on="2025-12-01")
REST = cf.Budget(_lines(MONTHS[3:], 100.0))


def test_months_closed_and_months_left_make_the_year() -> None:
    forecast = YEAR.forecast(_lines(MONTHS[:3]), "2026-03", remaining=REST)
    assert forecast.total == (1350.0, 1350.0)
    assert (YEAR.closed, forecast.closed) == (None, "2026-03")
    assert YEAR.forecast(_lines(MONTHS[:3]), "2026-03").total == (1800.0, 1800.0)
    assert forecast.freeze("March", on="2026-04-02").closed == "2026-03"


def test_a_closed_month_without_actual_amounts_is_named() -> None:
    with pytest.raises(cf.InputError, match="no actual amounts in 2026-03, 2026-04, 2026-05, 2026-06, and the last"):
        YEAR.forecast(_lines(MONTHS[:2]), "2026-06")
    gap = _lines([MONTHS[0], MONTHS[2]])
    for call in (YEAR.forecast, YEAR.compare):
        with pytest.raises(cf.InputError, match="no actual amounts in 2026-02, and the last"):
            call(gap, through="2026-03")
    assert YEAR.forecast(gap, "2026-03", remaining=REST, missing="zero").total == (1200.0, 1200.0)
    assert YEAR.compare(gap, through="2026-03", missing="zero").actual == 300.0
    with pytest.raises(cf.InputError, match="missing is 'none'; it can be 'error' or 'zero'"):
        YEAR.forecast(gap, "2026-03", missing="none")


def test_repeated_lines_are_listed() -> None:
    twice = _lines(MONTHS[:3] * 2)
    for call in (YEAR.forecast, YEAR.compare):
        with pytest.raises(cf.InputError, match="repeat an earlier line: 2026-01 revenue Acme actual 150, 2026-02"):
            call(twice, through="2026-03")
    assert YEAR.forecast(twice, "2026-03", remaining=REST, repeated="add").total == (1800.0, 1800.0)
    parts = _lines([*MONTHS[:3], MONTHS[0]])
    parts["revenue"][-1] = 20.0  # another amount is another line
    assert YEAR.forecast(parts, "2026-03", remaining=REST).total == (1370.0, 1370.0)


def test_what_remains_covers_exactly_the_months_left() -> None:
    actual = _lines(MONTHS[:3])
    without_april = cf.Budget(_lines(MONTHS[4:], 100.0))
    with pytest.raises(cf.InputError, match="no amounts in 2026-04; it must cover exactly"):
        YEAR.forecast(actual, "2026-03", remaining=without_april)
    other_year = cf.Budget(_lines([month.replace("2026", "2027") for month in MONTHS[3:]], 100.0))
    with pytest.raises(cf.InputError, match="no amounts in 2026-04, 2026-05"):
        YEAR.forecast(actual, "2026-03", remaining=other_year)
    with pytest.raises(cf.InputError, match="amounts in 2027-04, 2027-05"):
        YEAR.forecast(actual, "2026-03", remaining=REST + other_year)


def test_a_part_of_a_month_cannot_be_closed() -> None:
    actual = _lines(MONTHS[:2])
    for day in ("2026-02-12", datetime.date(2026, 2, 1)):
        with pytest.raises(
            cf.InputError, match=f"through is {day}; a part of a month cannot be closed: pass '2026-02'"
        ):
            YEAR.forecast(actual, day)
    for whole in ("2026-02-28", datetime.date(2026, 2, 28), "2026-02", np.datetime64("2026-02")):
        assert YEAR.forecast(actual, whole).closed == "2026-02"


def test_a_frame_is_compared_through_its_last_month() -> None:
    found = YEAR.compare(_lines(MONTHS[:3]), by=())
    assert (found.planned, found.actual) == (450.0, 450.0)
    assert found.by("month").columns()["month"] == MONTHS[:3]
    assert YEAR.compare(cf.Budget(_lines(MONTHS[:3]))).planned == 1800.0  # a version
    with pytest.raises(cf.InputError, match="actual amounts in 2026-05, after the last close 2026-03"):
        YEAR.compare(_lines(MONTHS[:5]), through="2026-03")


def test_months_outside_of_the_budget_and_costs_alone_are_refused() -> None:
    for call in (YEAR.forecast, YEAR.compare):
        with pytest.raises(cf.InputError, match="in 2025-12, before the budget's first month 2026-01"):
            call(_lines(["2025-12", *MONTHS[:3]]), through="2026-03")
        with pytest.raises(cf.InputError, match="2027-01, after the budget's last month 2026-12"):
            call(_lines(MONTHS), through="2027-01")
        costs = {"month": MONTHS[:1], "account": ["costs"], "amount": [90.0]}
        with pytest.raises(cf.InputError, match="in 2026-01 are costs alone"):
            call(costs, through="2026-01")


def test_unknown_options_and_other_digits_are_named() -> None:
    actual = _lines(MONTHS[:3])
    with pytest.raises(cf.InputError, match=r"forecast\(\) has no option 'rest'; its options are through, remaining"):
        YEAR.forecast(actual, "2026-03", rest=REST)
    with pytest.raises(cf.InputError, match=r"compare\(\) has no option 'throug'; its options are through, by"):
        YEAR.compare(cf.Budget(actual), throug="2026-03")
    with pytest.raises(cf.InputError, match="'source' is for frames"):
        YEAR.compare(cf.Budget(actual), source="ledger")
    with pytest.raises(cf.InputError, match="is rounded to digits= 2, the actual amounts rounded to digits= 0"):
        YEAR.compare(cf.Budget(actual, digits=0))


def test_accounts_and_names_are_read_without_case_and_space() -> None:
    other = {"month": MONTHS[:1], "customer": [" Acme "], "account": ["Revenue"], "amount": [150.0]}
    found = YEAR.compare(other, by="account")
    assert (found.columns()["account"], found.columns()["variance"].tolist()) == (["revenue"], [0.0])
    assert list(YEAR.forecast(other, "2026-01").accounts.values()) == ["income"]
    fees = {"month": MONTHS, "account": ["Own_fees"] * 12, "amount": [5.0] * 12}
    budget = cf.Budget(fees, accounts={"own fees": "income"})
    assert budget.compare(fees | {"account": [" OWN FEES"] * 12}).causes["resized"] == 0


def test_two_plans_with_one_key_are_refused() -> None:
    step = cf.ActionStep("won", 0.5, earliest="2026-06", one_off_revenue=1000, one_off_contribution=300)
    growth = cf.grow([cf.ActionPlan("A/B", "C", [step]), cf.ActionPlan("A", "B/C", [step])], start="2026-01", months=12)
    with pytest.raises(cf.InputError, match="two action plans have the key 'A/B/C'"):
        cf.Budget.from_growth(growth)


def test_months_of_opportunities_alone_may_have_no_actual_amount() -> None:
    deal = {"month": ["2026-02"], "revenue": [400.0], "item": ["Acme/press"], "probability": [0.4]}
    assert cf.Budget(deal).compare({"month": ["2026-01"], "revenue": [0.0]}, through="2026-03").planned == 400.0


def test_a_closed_month_can_be_restated() -> None:
    march = YEAR.forecast(_lines(MONTHS[:3]), "2026-03", remaining=REST)
    again = _lines(MONTHS[:4])
    again["revenue"] = [150.0, 160.0, 150.0, 130.0]
    april = march.forecast(again, "2026-04")
    changes = march.compare(april, by="month").to_frame("pandas").set_index("month")
    assert changes.restated.to_dict() == {**dict.fromkeys(MONTHS, 0.0), "2026-02": 10.0}
    assert changes.resized.to_dict() == {**dict.fromkeys(MONTHS, 0.0), "2026-04": 30.0}
    assert "restated" in repr(march.compare(april))
    assert "product_mix" not in repr(march.compare(april))  # the text shows the causes that occur


def test_a_forecast_has_the_causes_of_its_budget_in_open_months() -> None:
    def sales(months: list[str], pieces: float, price: float) -> dict[str, list[Any]]:
        return {
            "month": [month for month in months for _ in range(2)],
            "customer": ["Acme"] * 2 * len(months),
            "account": ["revenue", "cost of goods"] * len(months),
            "amount": [pieces * price, pieces * price * 0.6] * len(months),
            "quantity": [pieces] * 2 * len(months),
        }

    frozen = cf.Budget(sales(MONTHS[:3], 10.0, 10.0)).freeze("2026", on="2025-12-01")
    forecast = frozen.forecast(sales(MONTHS[:1], 12.0, 11.0), "2026-01")
    actual = sales(MONTHS[:2], 12.0, 11.0)
    # February: 100 planned, 12 pieces at 11 came.
    february = {"price": 12.0, "volume": 20.0 - 12.0, "cost_of_goods": -7.2}
    for found in (forecast.compare(actual, through="2026-02"), forecast.compare(forecast.forecast(actual, "2026-02"))):
        assert {name: amount for name, amount in found.causes.items() if amount} == february
        assert found.actual - found.planned == pytest.approx(12.8)


def test_an_item_that_began_after_the_freeze_and_was_lost_is_listed() -> None:
    found = YEAR.compare(_lines(MONTHS[:3]), through="2026-03", outcomes={"Acme/late": "lost"})
    assert found.without_lines == {"Acme/late": "lost"}
    assert "Acme/late (lost)" in repr(found)
    assert found.causes["lost"] == 0.0


def _trade(rows: list[tuple[str, str, float, float, float, float]]) -> dict[str, list[Any]]:
    """Return lines of customer, family, quantity, price, unit cost and cost to serve of one month."""
    lines: dict[str, list[Any]] = {
        "month": [],
        "customer": [],
        "family": [],
        "account": [],
        "amount": [],
        "quantity": [],
    }
    for customer, family, quantity, price, unit_cost, serving in rows:
        for account, amount, pieces in (
            ("revenue", quantity * price, quantity),
            ("cost of goods", quantity * unit_cost, quantity),
            ("cost to serve", serving, 0.0),
        ):
            if amount == 0:
                continue
            for name, value in zip(lines, ("2026-01", customer, family, account, amount, pieces), strict=True):
                lines[name].append(value)
    return lines


def test_causes_of_usual_business_are_the_parts_of_the_bridge() -> None:
    plan = cf.Budget(
        _trade([("Acme", "beer", 100, 10, 6, 150), ("Acme", "wine", 50, 20, 15, 0), ("Bakker", "beer", 10, 10, 6, 5)])
    )
    actual = _trade(
        [("Acme", "beer", 150, 9, 6.5, 200), ("Acme", "wine", 40, 21, 15, 0), ("Cohen", "beer", 5, 10, 6, 1)]
    )
    found = plan.compare(actual, through="2026-01", by=())
    growth = (150 * 10 + 40 * 20) / (100 * 10 + 50 * 20)  # sales at planned prices
    margin = 100 * (10 - 6) + 50 * (20 - 15)
    serving = 150
    expected = {
        "volume": (growth - 1) * (margin - serving),
        "product_mix": 150 * (10 - 6) + 40 * (20 - 15) - growth * margin,
        "price": 150 * (9 - 10) + 40 * (21 - 20),
        "cost_of_goods": -150 * (6.5 - 6),
        "cost_to_serve": -(200 - growth * serving),
        "customers_lost": -(10 * (10 - 6) - 5),
        "customers_gained": 5 * (10 - 6) - 1,
    }
    causes = {name: value for name, value in found.causes.items() if value}
    assert causes == pytest.approx(expected, abs=0.02)
    assert sum(found.causes.values()) == pytest.approx(found.actual - found.planned, abs=1e-9)


def test_sales_in_a_month_planned_at_0_are_volume_with_their_costs() -> None:
    months = ["2026-01", "2026-01", "2026-02", "2026-02"]
    rows = {"customer": ["Acme"] * 4, "account": ["revenue", "cost of goods"] * 2}
    plan = cf.Budget(
        {"month": months, **rows, "amount": [0.0, 0.0, 100.0, 60.0], "quantity": [0.0, 0.0, 10.0, 10.0]}
    )  # as a baseline writes a month without sales
    rows = {name: column[:2] for name, column in ({"month": months} | rows).items()}

    def causes(price: float, cost: float) -> dict[str, float]:
        actual = rows | {"amount": [10 * price, 10 * cost], "quantity": [10.0, 10.0]}
        return {name: amount for name, amount in plan.compare(actual, through="2026-01").causes.items() if amount}

    assert causes(10.0, 6.0) == {"volume": 100.0 - 60.0}
    assert causes(11.0, 6.5) == {"volume": 100.0 - 60.0, "price": 10.0, "cost_of_goods": -5.0}


def test_costs_and_sales_without_quantities_have_the_causes_that_are_known() -> None:
    plan = {
        "month": ["2026-01"] * 3,
        "customer": ["Acme"] * 3,
        "account": ["revenue", "cost of goods", "cost to serve"],
    }
    budget = cf.Budget(plan | {"amount": [1000.0, 600.0, 100.0]})
    found = budget.compare(plan | {"amount": [1100.0, 630.0, 130.0]}, through="2026-01")
    assert {name: value for name, value in found.causes.items() if value} == {
        "resized": 100.0,
        "cost_of_goods": -30.0,
        "cost_to_serve": -30.0,
    }
    # An actual amount without a quantity does not mean that nothing was bought.
    planned = cf.Budget(plan | {"amount": [1000.0, 600.0, 100.0], "quantity": [10.0, 10.0, 0.0]})
    assert planned.compare(plan | {"amount": [1100.0, 630.0, 130.0]}, through="2026-01").causes == found.causes
