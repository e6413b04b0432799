# Opportunities as one-step plans: what each plan says, and what the forecast makes of it.
"""``Opportunities.to_plans``: chances, months, amounts, currencies, and what cannot be used."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio import InputError
from custfolio.growth import read_opportunities, success_rates

DEALS = {
    "deal_id": ["a", "b", "c", "d", "e", "f"],
    "client": ["x", "y", "z", "x", "y", ""],
    "owner": ["u", "v", "u", "u", "v", "v"],
    "product": ["A", "B", "A", "A", "B", "A"],
    "value": [1000.0, 2000.0, None, 500.0, 800.0, 100.0],
    "probability": [0.4, 0.5, 0.9, 1.0, 0.0, 0.3],
    "stage": ["talking", "talking", "talking", "won", "lost", "talking"],
    "close_date": ["2022-03-31", "2021-11-30", None, "2021-12-01", "2021-12-02", "2022-02-01"],
}


def _frame(**changes: object) -> pd.DataFrame:
    return pd.DataFrame({**DEALS, **changes})


def test_plans_are_what_the_pipeline_says() -> None:
    pipeline = read_opportunities(_frame())
    plans = pipeline.to_plans("2022-01", margin={"product": {"A": 0.5, "B": 0.1}}, incomplete="leave out")
    assert len(plans) + len(plans.left_out) == len(pipeline.open) == 4
    reasons = plans.left_out.to_frame("pandas").reason.tolist()
    assert reasons[0].startswith("no amount")
    assert reasons[1].startswith("no customer")
    growth = cf.grow(plans, start="2022-01", months=4)
    # b should have closed in November: still open, so it is decided in the first month
    assert growth.expected_revenue.tolist() == pytest.approx([1000, 0, 400, 0])
    assert growth.expected.tolist() == pytest.approx([100, 0, 200, 0])
    assert plans.labels("owner") == {("x", "a"): "u", ("y", "b"): "v"}
    table = plans.to_frame()
    assert isinstance(table, pd.DataFrame)
    assert table.month.tolist() == ["2022-03", "2022-01"]
    plans.plot().to_dict()
    plans.left_out.plot().to_dict()


def test_what_lacks_is_given_or_told() -> None:
    pipeline = read_opportunities(_frame())
    given = {"customer": "(none)", "amount": {"product": {"A": 600.0}}, "undated": {0: 0.25, 2: 0.75}}
    plans = pipeline.to_plans("2022-01", margin=0.5, **given)
    growth = cf.grow(plans, start="2022-01", months=4)
    expected = [1000 + 0.9 * 0.25 * 600, 0.3 * 100, 400 + 0.9 * 0.75 * 600, 0]
    assert growth.expected_revenue.tolist() == pytest.approx(expected)
    for lacking, word in (("customer", "no customer"), ("amount", "row 3: no amount"), ("undated", "no date")):
        rest = {name: value for name, value in given.items() if name != lacking}
        with pytest.raises(InputError, match=word):
            pipeline.to_plans("2022-01", margin=0.5, **rest)


def test_slipping_deals_keep_their_months_ahead() -> None:
    pipeline = read_opportunities(_frame().iloc[:2])
    slip = {0: 0.5, 1: 0.2, 2: 0.2, 4: 0.1}
    growth = cf.grow(pipeline.to_plans("2022-01", margin=0.5, slip=slip), start="2022-01", months=6)
    # b, due in November, is open in January: two months late with 0.2 / 0.3, four with 0.1 / 0.3
    b = 0.5 * 2000 * np.array([2 / 3, 0, 1 / 3, 0, 0, 0])
    a = 0.4 * 1000 * np.array([0, 0, 0.5, 0.2, 0.2, 0])
    assert growth.expected_revenue.tolist() == pytest.approx((a + b).tolist())


def test_months_may_differ_by_opportunity() -> None:
    pipeline = read_opportunities(_frame(close_date=[None] * 6).iloc[:2])
    undated = {"opportunity": {"a": {0: 0.5, 3: 0.5}, "b": 1}}
    growth = cf.grow(pipeline.to_plans("2022-01", margin=0.5, undated=undated), start="2022-01", months=4)
    assert growth.expected_revenue.tolist() == pytest.approx([200, 1000, 0, 200])
    left = pipeline.to_plans("2022-01", margin=0.5, undated={"opportunity": {"a": 0}}, incomplete="leave out").left_out
    assert left.to_frame("pandas").reason.tolist() == ["no date of close; pass the months until its close as undated"]


def test_nearly_certain_deals_stay_within_one() -> None:
    """Chances over months and sizes, given a very good common factor, sum to a shade more than 1 before they are rounded."""
    pipeline = read_opportunities(_frame(close_date=[None] * 6, probability=[0.97, 0.5, 0.9, 1.0, 0.0, 0.3]).iloc[:2])
    size = {0.9 + 0.025 * k: 1 / 9 for k in range(9)}
    plans = pipeline.to_plans("2022-01", margin=0.5, undated={0: 1 / 3, 1: 1 / 3, 2: 1 / 3}, size=size)
    for correlation in np.linspace(0.05, 0.95, 19):
        growth = cf.grow(plans, start="2022-01", months=3, correlation=float(correlation))
        assert growth.distribution(payoff="revenue").mean == pytest.approx(0.97 * 1000 + 0.5 * 2000, rel=1e-6)


def test_learned_rates_answer_by_their_own_columns() -> None:
    pipeline = read_opportunities(_frame())
    rates = success_rates(pipeline, by=["owner", "product"])
    assert rates.by == ("owner", "product")
    plans = pipeline.to_plans("2022-01", margin=1.0, probability=rates, incomplete="leave out")
    assert plans[0].steps[0].probability == pytest.approx(rates["u / A"])
    assert plans[1].steps[0].probability == pytest.approx(rates["v / B"])


def test_amounts_over_months_and_recurring_revenue() -> None:
    pipeline = read_opportunities(_frame().iloc[:1])
    growth = cf.grow(pipeline.to_plans("2022-01", margin=0.5, months=2), start="2022-01", months=6)
    assert growth.expected_revenue.tolist() == pytest.approx([0, 0, 200, 200, 0, 0])
    odoo = {
        "name": ["a"],
        "partner_name": ["x"],
        "stage_id": ["Proposition"],
        "expected_revenue": [1000.0],
        "recurring_revenue_monthly": [50.0],
        "probability": [40.0],
        "date_deadline": ["2022-03-31"],
    }
    pipeline = read_opportunities(pd.DataFrame(odoo))
    plans = pipeline.to_plans("2022-01", margin=0.5, months=2, recurring_months=3)
    growth = cf.grow(plans, start="2022-01", months=6)
    assert growth.expected_revenue.tolist() == pytest.approx([0, 0, 220, 220, 20, 0])
    plans = pipeline.to_plans("2022-01", margin=0.5)
    assert cf.grow(plans, start="2022-01", months=4).expected_revenue.tolist() == pytest.approx([0, 0, 420, 20])


def test_sizes_keep_the_mean() -> None:
    pipeline = read_opportunities(_frame().iloc[:1])
    plans = pipeline.to_plans("2022-01", margin=1.0, size={"product": {"A": {0.5: 0.5, 1.5: 0.5}}})
    distribution = cf.grow(plans, start="2022-01", months=3).distribution()
    assert distribution.mean == pytest.approx(400)
    assert distribution.probability_at_least(1500) == pytest.approx(0.2)


def test_currencies_are_never_added() -> None:
    mixed = _frame(currency=["EUR", "USD", "EUR", "EUR", "EUR", "EUR"]).iloc[:2]
    pipeline = read_opportunities(mixed)
    with pytest.raises(InputError, match=r"EUR, USD.*exchange_rates"):
        pipeline.to_plans("2022-01", margin=1.0)
    plans = pipeline.to_plans("2022-01", margin=1.0, currency="EUR", exchange_rates={"USD": 0.5})
    assert cf.grow(plans, start="2022-01", months=3).expected_revenue.tolist() == pytest.approx([500, 0, 400])
    with pytest.raises(InputError, match=r"row 2.*USD"):
        pipeline.to_plans("2022-01", margin=1.0, exchange_rates={"EUR": 1.0})
    with pytest.raises(InputError, match="in EUR, not in GBP"):
        read_opportunities(mixed.iloc[:1]).to_plans("2022-01", margin=1.0, currency="GBP")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"probability": 1.4}, "row 1: probability is 1.4"),
        ({"probability": "guess"}, "'stated'"),
        ({"margin": float("nan")}, "margin is nan"),
        ({"margin": {"product": {"B": 0.1}}}, "no margin"),
        ({"margin": {"A": 0.1, "B": 0.1}}, "names one column"),
        ({"slip": {0: 0.5}}, "sum to 1"),
        ({"slip": "late"}, "slip is 'late'"),
        ({"undated": {-1: 1.0}}, "cannot be negative"),
        ({"months": 0}, "months is 0"),
        ({"incomplete": "drop"}, "'leave out'"),
        ({"exchange_rates": "bank"}, "'export'"),
    ],
)
def test_bad_settings_are_told(change: dict[str, object], word: str) -> None:
    pipeline = read_opportunities(_frame().iloc[:1])
    with pytest.raises(InputError, match=word):
        pipeline.to_plans("2022-01", **{"margin": 0.5, **change})


def test_equal_names_stay_apart() -> None:
    pipeline = read_opportunities(_frame(deal_id=["same"] * 6, client=["x"] * 6).iloc[:2])
    plans = pipeline.to_plans("2022-01", margin=0.5)
    assert [plan.name for plan in plans] == ["same", "same (row 2)"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"margin": 30}, "row 1: margin is 30; it must be a fraction of the amount, such as 0.3 for 30 %"),
        ({"margin": float("nan")}, "row 1: margin is nan; it must be a fraction"),
        ({"margin": 0.3, "amount": -5.0}, "row 1: amount is -5; it must be 0 or more"),
        (
            {"margin": 0.3, "amount": 5.0, "probability": 60.0},
            r"row 1: probability is 60; a probability lies in \[0, 1\] \(60 % is 0.6\)",
        ),
    ],
)
def test_settings_out_of_range_are_told_with_their_row(setting: dict[str, float], message: str) -> None:
    deal = {"opportunity": ["a"], "customer": ["x"], "stage": ["New"], "amount": [None if "amount" in setting else 1.0]}
    deal |= {"probability": [40.0], "expected_close": ["2022-02-01"]}
    pipeline = cf.growth.read_opportunities(pd.DataFrame(deal))
    with pytest.raises(cf.InputError, match=message):
        pipeline.to_plans("2022-01", **setting)


def test_the_options_of_plans_are_shown_and_checked() -> None:
    shown = list(inspect.signature(cf.growth.Opportunities.to_plans).parameters)
    assert shown[:4] == ["self", "start", "margin", "probability"]
    deals = read_opportunities(pd.DataFrame({"deal_id": ["d"], "value": [1.0], "stage": ["open"]}))
    with pytest.raises(InputError, match="margin is missing; it must be the contribution as a share of the amount"):
        deals.to_plans("2026-01")
    with pytest.raises(InputError, match="has no option 'chance'; its options are margin, probability"):
        deals.to_plans("2026-01", margin=0.3, chance=0.5)
    assert "rejected: 0" in repr(deals)
