# How sure verdicts are: figures of the demo, a year's back-test, months, segments, and bad input.
"""``Statement.uncertain``, and verdicts that are sure or undecided."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio import _core, demo


@pytest.fixture(scope="module")
def years() -> dict[int, cf.Statement]:
    costs = cf.CostModel(**demo.COSTS)
    return {
        year: cf.statement(
            cf.Ledger.read(demo.deliveries_path(year), customer="store", quantity="bottles"),
            costs,
            (f"{year}-01-01", f"{year}-12-31"),
        )
        for year in (2020, 2021)
    }


def test_rates_uncertain_by_a_quarter_leave_843_of_the_demo_undecided(years: dict[int, cf.Statement]) -> None:
    found = years[2021].uncertain(target=0.05, rates=0.25)
    assert (found.surely_warm, found.surely_cold, found.undecided) == (524, 581, 843)
    table = found.to_frame("pandas")
    assert (table.verdict == "undecided").sum() == 843
    # An independent computation: a normal whose deviation is the root of the squares of the three charges.
    from scipy.stats import norm

    stated = years[2021].to_frame("pandas")
    charges = stated[[f"cost of {name}" for name in ("deliveries", "lines", "quantity")]].to_numpy()
    deviation = 0.25 * np.sqrt((charges**2).sum(axis=1)) / stated.revenue
    np.testing.assert_allclose(
        found.probability_below, norm.cdf((0.05 - stated.temperature) / deviation), rtol=1e-9, atol=1e-14
    )
    np.testing.assert_allclose(table.temperature_p10, norm.ppf(0.1, stated.temperature, deviation), rtol=1e-9)
    np.testing.assert_allclose(table.temperature_p90, norm.ppf(0.9, stated.temperature, deviation), rtol=1e-9)


def test_most_of_the_demo_below_the_target_are_so_by_deliveries_that_stay(years: dict[int, cf.Statement]) -> None:
    ledger = cf.Ledger.read(demo.deliveries_path(2021), customer="store", quantity="bottles")
    costs = cf.CostModel(**demo.COSTS, avoidable={"deliveries": 0})
    found = cf.select(cf.statement(ledger, costs, demo.PERIOD), target=demo.TARGET).to_frame("pandas")
    assert (found.temperature < demo.TARGET).sum() == 1_153
    assert found.only_by_cost_that_stays.sum() == 1_044
    assert not cf.select(years[2021]).to_frame("pandas").only_by_cost_that_stays.any()


def test_a_year_later_few_of_those_surely_below_are_at_the_target(years: dict[int, cf.Statement]) -> None:
    """The back-test of own months: nothing is done about temperatures in Iowa, where one price is law."""
    before = years[2020].uncertain(target=0.05, rates=0.0, months=True).to_frame("pandas").set_index("customer_id")
    after = years[2021].to_frame("pandas").set_index("customer_id")
    both = before.index.intersection(after.index)
    at_target = after.temperature[both] >= 0.05
    chance = before.probability_below[both]
    below = before.temperature[both] < 0.05
    shares = {
        "all below": at_target[below],
        "surely below": at_target[chance > 0.95],
        "undecided and below": at_target[below & chance.between(0.05, 0.95)],
        "surely warm": at_target[chance < 0.05],
    }
    assert {name: len(values) for name, values in shares.items()} == {
        "all below": 1_020,
        "surely below": 724,
        "undecided and below": 296,
        "surely warm": 490,
    }
    found = {name: round(100 * float(values.mean()), 1) for name, values in shares.items()}
    assert found == {"all below": 12.0, "surely below": 8.3, "undecided and below": 20.9, "surely warm": 96.5}


def test_segments_shrink_customers_towards_their_own(years: dict[int, cf.Statement]) -> None:
    statement = years[2021]
    ids, revenue = statement.portfolio.ids, statement.portfolio.core.revenue
    small = {"customer_id": ids, "segment": np.where(revenue < np.median(revenue), "small", "large")}
    one_segment, two = (
        statement.uncertain(rates=0.0, months=True, segments=segments).columns()["expected_temperature"]
        for segments in (None, small)
    )
    assert not np.allclose(one_segment, two)
    with pytest.raises(cf.InputError, match="give months=True"):
        statement.uncertain(segments=small)
    with pytest.raises(cf.InputError, match="customer '2106' has none"):
        statement.uncertain(months=True, segments={"customer_id": ["x"], "segment": ["y"]})
    with pytest.raises(cf.InputError, match="customer '2106' has none"):
        statement.uncertain(months=True, segments={"customer_id": ids, "segment": [None] * len(ids)})
    twice = {"customer_id": [*ids, ids[0]], "segment": ["a"] * len(ids) + ["b"]}
    with pytest.raises(cf.InputError, match=f"customer '{ids[0]}' is in 'a' and in 'b'; each must be in one segment"):
        statement.uncertain(months=True, segments=twice)
    with pytest.raises(cf.InputError, match=f"customer '{ids[0]}' is in 'a' and in 'b'"):
        cf.anchor(
            statement.portfolio,
            cf.select(statement),
            start="2022-01",
            managers={"manager": ["x"], "reviews_per_day": [8]},
            cadence={"a": 1, "b": 2},
            segments=twice,
        )
    one = {"customer_id": [*ids, "x"], "segment": ["a"] * (len(ids) + 1)}  # other customers do not count
    assert np.allclose(
        statement.uncertain(rates=0.0, months=True, segments=one).columns()["expected_temperature"], one_segment
    )


def test_verdicts_are_sure_or_undecided(years: dict[int, cf.Statement]) -> None:
    statement = years[2021]
    uncertainty = statement.uncertain(target=0.04)
    found = cf.select(statement, 0.04, uncertainty=uncertainty).to_frame("pandas")
    assert found.probability_below.tolist() == uncertainty.probability_below.tolist()
    assert found.certainty.tolist() == uncertainty.columns()["verdict"]
    judged = found[found.verdict != "too young"]
    assert judged.reason[judged.certainty == "sure"].str.endswith("; sure").all()
    assert judged.reason[judged.certainty == "undecided"].str.contains("; undecided: ").all()
    with pytest.raises(cf.InputError, match="that of the uncertainty"):
        cf.select(statement, 0.05, uncertainty=uncertainty)
    with pytest.raises(cf.InputError, match="the uncertainty is"):
        cf.select(years[2020], 0.04, uncertainty=uncertainty)


def test_own_months_that_shrink_across_the_target_leave_a_customer_undecided() -> None:
    rows = [(f"w{k}", f"2021-{m:02}-08", 100.0, 70.0 + m % 2) for k in range(40) for m in range(1, 13)]
    rows += [("odd", "2021-03-08", 100.0, 70.0), ("odd", "2021-04-08", 10.0, 60.0)]
    ledger = cf.Ledger(pd.DataFrame(rows, columns=["customer", "date", "revenue", "cost"]))
    statement = cf.statement(ledger, period=("2021-01-01", "2021-12-31"))
    sure = statement.uncertain(rates=0.0, months=True)
    row = statement.portfolio.core.index("odd")
    assert sure.columns()["temperature"][row] < 0.05 < sure.columns()["expected_temperature"][row]
    assert sure.probability_below[row] < 0.05
    assert (sure.surely_warm, sure.surely_cold, sure.undecided) == (40, 0, 1)
    assert sure.groups[row] == "undecided"
    assert sure.columns()["verdict"] == cf.select(statement, uncertainty=sure).columns()["certainty"]


def test_a_pool_deviates_by_its_name() -> None:
    ledger = cf.Ledger(
        pd.DataFrame({"customer": ["a", "b"], "date": "2021-01-04", "revenue": [100.0, 50.0], "cost": [60, 40]})
    )
    costs = cf.CostModel(
        rates={"lines": 2.0}, pools=[cf.Pool("desk", 100, 100)], activities=[cf.Activity("order", "desk", "9")]
    )
    statement = cf.statement(ledger, costs)
    found = statement.uncertain(0.1, {"desk": 0.5})
    expected = 1.2815515655446004 * 0.5 * 9.0 / np.array([100.0, 50.0])
    table = found.to_frame("pandas")
    np.testing.assert_allclose(table.temperature_p90 - table.temperature, expected)
    assert found.plot().to_dict()


def test_the_months_of_a_customer_sum_to_its_row_with_pools_and_credit() -> None:
    rng = np.random.default_rng(3)
    rows = 300
    lines = pd.DataFrame(
        {
            "customer": rng.choice(list("abcdefgh"), rows),
            "date": pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 365, rows), "D"),
            "revenue": rng.normal(100, 60, rows),
            "cost": rng.normal(60, 20, rows),
        }
    )
    costs = cf.CostModel(
        {"deliveries": {"2021-01-01": 4.0, "2021-07-01": 6.0}},
        pools=[cf.Pool("desk", 900, 3_000)],
        activities=[cf.Activity("order", "desk", "5 + 2*lines")],
        credit_rate=0.1,
        revenue_share=0.02,
    )
    owed = {"customer": list("abcdefgh"), "dso": [30.0, 45, 10, 60, 0, 20, 90, 5]}
    statement = cf.statement(cf.Ledger(lines), costs, period=("2021-01-01", "2021-12-31"), receivables=owed)
    found = statement.uncertain(0.1, {"desk": 0.2}, months=True).to_frame("pandas")
    months = statement.by("customer", "month").to_frame("pandas")
    level = np.array(months.pivot(index="customer", columns="month", values="revenue").fillna(0))
    heat = np.array(months.pivot(index="customer", columns="month", values="contribution").fillna(0))
    np.testing.assert_allclose(heat.sum(axis=1), statement.portfolio.core.contribution)
    for row in range(len(level)):  # months without a positive level join the month before, else the one after
        for amounts in (level, heat):
            assert np.isfinite(amounts[row]).all()
        for t in range(11, 0, -1):
            if level[row, t] <= 0:
                level[row, t - 1] += level[row, t]
                heat[row, t - 1] += heat[row, t]
                level[row, t] = heat[row, t] = 0
        for t in range(11):
            if level[row, t] > 0:
                break
            level[row, t + 1] += level[row, t]
            heat[row, t + 1] += heat[row, t]
            level[row, t] = heat[row, t] = 0
    shrunk = _core.shrink_temperature(level, heat, np.zeros(len(level), dtype=np.int32), 1)
    np.testing.assert_allclose(found.expected_temperature, shrunk["expected"], rtol=1e-9)
    desk = 0.2 * statement.to_frame("pandas")["cost of desk"] / statement.portfolio.core.revenue
    deviation = np.sqrt(shrunk["variance"] + desk**2)
    np.testing.assert_allclose(found.temperature_p90, shrunk["expected"] + 1.2815515655446004 * deviation, rtol=1e-9)


BAD: dict[str, tuple[Callable[[cf.Statement], Any], str]] = {
    "target": (lambda s: s.uncertain(target=5), "fraction between -1 and 1"),
    "rates": (lambda s: s.uncertain(rates=25), "0.25 for 25 %"),
    "NaN": (lambda s: s.uncertain(rates=float("nan")), "deviation of rates is nan"),
    "negative": (lambda s: s.uncertain(rates={"lines": -1}), "deviation of lines is -1"),
    "text": (lambda s: s.uncertain(rates={"lines": "x"}), "rates: lines"),
    "share": (lambda s: s.uncertain(rates={"revenue share": 0.1}), "revenue share is agreed"),
    "element": (lambda s: s.uncertain(rates={"luck": 0.1}), "luck"),
    "stored": (lambda s: pickle.loads(pickle.dumps(s)).uncertain(months=True), "stored statement has no rows"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_names_its_remedy(years: dict[int, cf.Statement], name: str) -> None:
    call, text = BAD[name]
    with pytest.raises(cf.CustfolioError, match=text):
        call(years[2021])


def test_a_ledger_without_costs_of_goods_has_no_temperature_to_be_sure_of() -> None:
    ledger = cf.Ledger(pd.DataFrame({"customer": ["a"], "date": ["2021-01-04"], "revenue": [100.0]}))
    with pytest.raises(cf.InputError, match="costs of goods"):
        cf.statement(ledger).uncertain()
