# Budgets from any source: totals that add up in any order, and the distribution of every cell.
"""``cf.Budget``: lines, totals, bands."""

from __future__ import annotations

import itertools
import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import custfolio as cf
from custfolio.budget import FiscalCalendar

DIMENSIONS = ["month", "account", "source", "customer", "manager"]


def _cents(values: object) -> int:
    return round(100 * math.fsum(np.asarray(values, dtype=float)))


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(1, 60))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "month": random.choice(["2022-01", "2022-02", "2022-04", "2022-07"], rows),
            "account": random.choice(["revenue", "costs"], rows),
            "source": random.choice(["baseline", "growth"], rows),
            "customer": random.choice(list("abcdef"), rows),
            "manager": random.choice(["Ann", "Bob"], rows),
            "amount": np.where(
                random.random(rows) < 0.3, random.integers(-5, 5, rows) / 200, random.normal(0, 9, rows)
            ),
        }
    )


def _sums(keys: list[tuple[str, ...]], amounts: list[float]) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for key, amount in zip(keys, amounts, strict=True):
        found[key] = found.get(key, 0.0) + amount
    return found


@settings(max_examples=40, deadline=None)
@given(frames())
def test_totals_add_up_in_any_order_of_dimensions(frame: pd.DataFrame) -> None:
    budget = cf.Budget(frame)
    finest = budget.totals(DIMENSIONS).columns()
    assert _cents(finest["amount"]) == _cents(budget.totals(["account"]).columns()["amount"])
    columns = {name: frame[name].tolist() for name in (*DIMENSIONS, "amount")}
    outer = sorted(["customer", "manager"], key=lambda name: frame[name].nunique())
    nearest = [["month"], ["account"], ["account", "source"], ["account", "source", outer[0]], ["month", "account"]]
    nearest += [["month", "account", "source"], ["month", "account", "source", outer[0]], DIMENSIONS]
    orders = [list(by) for count in range(1, 5) for by in itertools.combinations(DIMENSIONS, count)]
    orders += [by[::-1] for by in orders if len(by) > 2]
    for by in [*orders, *nearest]:
        if "account" not in by:
            by = [*by, "account"]
        found = budget.totals(by).columns()
        keys = list(zip(*(found[name] for name in by), strict=True))
        summed = _sums(list(zip(*(finest[name] for name in by), strict=True)), finest["amount"].tolist())
        # Every total is the same sum, whichever way it is come to.
        assert max(abs(summed[key] - amount) for key, amount in zip(keys, found["amount"], strict=True)) < 1e-9
    for by in nearest:
        true = _sums(list(zip(*(columns[name] for name in by), strict=True)), columns["amount"])
        rounded = _sums(list(zip(*(finest[name] for name in by), strict=True)), finest["amount"].tolist())
        assert max(abs(rounded[key] - amount) for key, amount in true.items()) < 0.01 + 1e-9
    assert abs(math.fsum(finest["amount"]) - math.fsum(columns["amount"])) <= 0.005 + 1e-9


def test_level_and_heat_by_types_of_accounts() -> None:
    frame = pd.DataFrame(
        {
            "month": ["2022-01"] * 4,
            "account": ["sales", "cost of goods", "cost to serve", "rebate"],
            "amount": [100.0, 60.0, 15.0, 5.0],
        }
    )
    budget = cf.Budget(frame, accounts={"rebate": "expense"})
    assert budget.total == (100.0, 20.0)
    assert budget.accounts["cost to serve"] == "expense"
    assert budget.totals("month").to_frame("pandas").temperature[0] == pytest.approx(0.2)
    with pytest.raises(cf.InputError, match="'rebate' has no type"):
        cf.Budget(frame)
    with pytest.raises(cf.InputError, match="'luck'"):
        cf.Budget(frame, accounts={"rebate": "luck"})


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame, pa.table])
def test_results_come_in_the_library_of_the_lines(library) -> None:
    budget = cf.Budget(library({"month": ["2022-01"], "level": [10.0], "heat": [4.0], "customer_id": ["a"]}))
    frame = budget.to_frame()
    assert type(frame).__module__.partition(".")[0] == library.__module__.partition(".")[0]
    assert budget.total == (10.0, 4.0)
    assert list(budget.to_frame("pandas").columns) == ["month", "source", "customer", "level", "heat"]


def test_pivot_has_a_column_a_month_and_exact_totals() -> None:
    budget = cf.Budget(
        {"month": ["2022-01", "2022-02", "2022-02"], "revenue": [0.1, 0.2, 1.0], "customer": ["a", "a", "b"]}
    )
    found = budget.pivot("customer", measure="level").to_frame("pandas")
    assert found.columns.tolist() == ["customer", "2022-01", "2022-02", "total"]
    assert found.total.tolist() == [0.3, 1.0]
    assert budget.pivot("customer", columns="quarter", measure="revenue").to_frame("pandas")["2022 Q1"].tolist() == [
        0.3,
        1.0,
    ]
    budget.pivot("customer").plot().to_dict()


def _plans() -> list[cf.ActionPlan]:
    step = cf.ActionStep
    return [
        cf.ActionPlan(
            "a",
            "range",
            [
                step("trial", 0.5, revenue=100, contribution=40),
                step("roll out", 0.6, duration=2, revenue=300, contribution=90),
            ],
        ),
        cf.ActionPlan("b", "range", [step("offer", 0.3, duration=1, one_off_revenue=900, one_off_contribution=300)]),
        cf.ActionPlan("c", "help", [step("visit", 0.8, after="a/range/trial", duration=1, revenue=50, contribution=20)]),
    ]  # fmt: skip


def test_growth_keeps_its_distribution_in_every_cell() -> None:
    growth = cf.grow(_plans(), start="2022-01", months=6)
    budget = cf.Budget.from_growth(growth, labels={"manager": {"a": "Ann", "b": "Bob", ("c", "help"): "Bob"}})
    months = budget.bands("month").to_frame("pandas")
    for k, month in enumerate(months.month):
        own = growth.distribution(month, month)
        assert months.expected[k] == pytest.approx(own.mean, abs=0.011)
        assert [months.p10[k], months.p50[k], months.p90[k]] == [own.quantile(q) for q in (0.1, 0.5, 0.9)]
    # Bob's plans are b and c; c waits for a step of a, whose own amounts are not Bob's.
    bob = budget.distribution(where={"manager": "Bob"})
    values, chances = [], []
    for trial, roll, offer, visit in itertools.product((0, 1), repeat=4):
        p = 0.5 * (0.6 if roll else 0.4) * (0.3 if offer else 0.7) * (0.8 if visit else 0.2)
        values.append(300 * offer + 20 * 5 * trial * visit)  # from February on: five months
        chances.append(p)
    assert bob.mean == pytest.approx(np.dot(values, chances))
    for amount in (50, 100, 300, 400):
        exact = sum(p for v, p in zip(values, chances, strict=True) if v >= amount - 1e-9)
        assert bob.probability_at_least(amount) == pytest.approx(exact)
    # Levels too, and quantiles that are never sums of quantiles.
    year = budget.bands("year", measure="level").to_frame("pandas")
    assert year.p90[0] == growth.distribution(payoff="revenue").quantile(0.9)
    assert year.p90[0] != pytest.approx(budget.bands("month", measure="level").to_frame("pandas").p90.sum())
    # What is known of a step goes on in every cell.
    known = cf.Budget.from_growth(growth.given({("a", "range", "trial"): "failed"}), labels={"manager": {"c": "Bob"}})
    assert known.distribution(where={"customer": "b"}).mean == pytest.approx(90)


def test_a_common_factor_holds_in_every_cell() -> None:
    plans = [
        cf.ActionPlan(str(k), "deal", [cf.ActionStep("won", 0.5, one_off_revenue=100, one_off_contribution=50)])
        for k in range(20)
    ]
    labels = {"manager": {str(k): "Ann" if k < 10 else "Bob" for k in range(20)}}
    budget = cf.Budget.from_growth(cf.grow(plans, start="2022-01", months=2, correlation=0.3), labels=labels)
    own = cf.grow(plans[:10], start="2022-01", months=2, correlation=0.3)
    assert budget.distribution(where={"manager": "Ann"}).quantile(0.1) == own.quantile(0.1)
    apart = cf.Budget.from_growth(cf.grow(plans, start="2022-01", months=2), labels=labels)
    assert budget.distribution().standard_deviation > 1.5 * apart.distribution().standard_deviation


def test_variances_and_chances_make_the_band() -> None:
    frame = pd.DataFrame(
        {
            "month": ["2022-01", "2022-01", "2022-02"],
            "customer": ["a", "b", "a"],
            "revenue": [1000.0, 500.0, 1000.0],
            "contribution": [200.0, 50.0, 200.0],
            "variance": [900.0, 1600.0, 900.0],
        }
    )
    budget = cf.Budget(frame)
    level = budget.bands("month", measure="level").to_frame("pandas")
    assert level.p90[0] == pytest.approx(1500 + 50 * NormalDist().inv_cdf(0.9))
    heat = budget.bands("month").to_frame("pandas")  # costs move with the revenue: heat varies by the temperature
    assert heat.p10[0] == pytest.approx(250 + math.hypot(0.2 * 30, 0.1 * 40) * NormalDist().inv_cdf(0.1))
    offers = cf.Budget(
        {
            "month": ["2022-01", "2022-02", "2022-01"],
            "source": ["remediation"] * 3,
            "item": ["offer a", "offer a", "offer b"],
            "probability": [0.7, 0.7, 0.5],
            "account": ["contribution"] * 3,
            "amount": [70.0, 70.0, 50.0],
        }
    )
    # one acceptance brings both months: 200 with 0.7, not twice 100
    assert offers.distribution().probability_at_least(200) == pytest.approx(0.7)
    both = budget + offers
    assert both.distribution().mean == pytest.approx(640, rel=1e-6)
    assert both.distribution().variance == pytest.approx(
        0.04 * 1800 + 0.01 * 1600 + 200**2 * 0.21 + 100**2 * 0.25, rel=1e-3
    )
    certain = cf.Budget({"month": ["2022-01"], "revenue": [10.0]})
    row = certain.bands("month", measure="level").to_frame("pandas").iloc[0]
    assert row[["expected", "p10", "p50", "p90"]].tolist() == [10.0] * 4


def test_budgets_add_and_show_themselves() -> None:
    growth = cf.grow(_plans(), start="2022-01", months=6)
    base = cf.Budget(
        {"month": [f"2022-{m:02d}" for m in range(1, 7)], "customer": ["a"] * 6, "level": [1e3] * 6, "heat": [1e2] * 6}
    )
    flow = cf.Budget({"month": ["2022-05"], "source": ["overflow"], "level": [-200.0], "heat": [30.0]})
    budget = base + cf.Budget.from_growth(growth) + flow
    assert budget.total[1] == pytest.approx(600 + growth.expected.sum() + 30, abs=0.005)
    assert budget.source_total("overflow") == (-200.0, 30.0)
    assert budget.source_total("acquisition") == (0.0, 0.0)
    assert "(none)" in budget.to_frame("pandas").customer.tolist()
    assert budget.bands("quarter").to_frame("pandas").quarter.tolist() == ["2022 Q1", "2022 Q2"]
    for result in (budget, budget.totals(["source", "account"]), budget.totals(), budget.bands(["source", "month"])):
        assert "<table" in result._repr_html_()
        assert result.plot().to_dict()
    assert budget.plot("sources").to_dict()
    with pytest.raises(cf.InputError, match="'months' or 'sources'"):
        budget.plot("pie")
    with pytest.raises(cf.InputError, match="cannot be added"):
        budget + cf.Budget({"month": ["2022-01"], "revenue": [1.0]}, currency="USD")
    with pytest.raises(cf.InputError, match=r"'costs' is expense"):
        budget + cf.Budget({"month": ["2022-01"], "account": ["costs"], "amount": [1.0]}, accounts={"costs": "income"})


def test_fiscal_calendars_divide_months_exactly() -> None:
    months = [f"{2022 + m // 12}-{m % 12 + 1:02d}" for m in range(24)]
    budget = cf.Budget({"month": months, "revenue": [100 / 3] * 24, "customer": ["a"] * 24}, calendar=FiscalCalendar(4))
    years = budget.to_frame("pandas", by="year")
    assert years.year.tolist() == ["FY2022", "FY2023", "FY2024"]
    assert years.level.tolist() == pytest.approx([100, 400, 300], abs=0.011)
    retail = budget.with_calendar(FiscalCalendar.weeks("4-5-4", month=1, rule="nearest", named_by="begin"))
    periods = retail.to_frame("pandas", by=["period", "customer"])
    assert periods.period.tolist()[:3] == ["FY2021 P11", "FY2021 P12", "FY2022 P01"]
    for by in ("period", "quarter", "year"):
        assert _cents(retail.totals(by).columns()["level"]) == _cents([budget.total[0]])
    april = periods[periods.period == "FY2022 P03"].level.iloc[0]  # 3 to 30 April 2022
    assert april == pytest.approx(100 / 3 * 28 / 30, abs=0.02)
    with pytest.raises(cf.InputError, match="weeks"):
        retail.totals(["month", "year"])
    nrf = FiscalCalendar.weeks("4-5-4", month=1, rule="nearest", named_by="begin")
    assert [str(day) for day in nrf.periods(2023)[11][3:]] == ["2023-12-31", "2024-02-03"]
    assert nrf.periods(2023)[11].weeks == 5
    assert nrf.period_of("2024-02-04").year == 2024
    assert "4-5-4" in repr(nrf)
    for wrong in ({"ends": "payday"}, {"rule": "maybe"}, {"month": 13}, {"named_by": "chance"}, {"pattern": "4-4-4"}):
        with pytest.raises(cf.InputError):
            FiscalCalendar.weeks(**wrong)
    with pytest.raises(cf.InputError):
        FiscalCalendar(13)


def test_currencies_are_converted_at_the_month_s_rate() -> None:
    frame = {
        "month": ["2022-01", "2022-02", "2022-02"],
        "currency": ["USD", "USD", "EUR"],
        "revenue": [100.0, 100.0, 100.0],
    }
    rates = pd.DataFrame({"month": ["2022-01", "2022-02"], "currency": ["USD"] * 2, "rate": [0.9, 0.8]})
    assert cf.Budget(frame, rates=rates).to_frame("pandas", by="month").level.tolist() == [90.0, 180.0]
    assert cf.Budget(frame, rates={"USD": 0.5}).total[0] == 200.0
    with pytest.raises(cf.InputError, match=r"no rate for USD in 2022-02"):
        cf.Budget(frame, rates=rates.iloc[:1])
    with pytest.raises(cf.InputError, match="two rates"):
        cf.Budget(frame, rates=pd.concat([rates, rates]))
    with pytest.raises(cf.InputError, match="above 0"):
        cf.Budget(frame, rates={"USD": 0.0})


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"month": ["2022-01", "soon"]}, "row 2"),
        ({"month": ["2022-01", None]}, "row 2"),
        ({"revenue": [1.0, float("nan")]}, "row 2"),
        ({"revenue": [1.0, "much"]}, "'much'"),
        ({"probability": [1.0, 1.5], "item": ["a", "b"]}, "row 2"),
        ({"probability": [1.0, 0.5]}, "'item'"),
        ({"variance": [0.0, -1.0]}, "row 2"),
        ({"state": ["open", "maybe"]}, "row 2"),
        ({"contribution": [0.5, 0.5], "costs": [0.5, 0.9]}, "leave one of the three out"),
        ({"revenue": None}, "no amounts"),
        ({"month": None}, "'month'"),
    ],
)
def test_what_cannot_be_read_is_named(change: dict[str, object], word: str) -> None:
    frame = {"month": ["2022-01", "2022-02"], "revenue": [1.0, 2.0], **change}
    with pytest.raises(cf.InputError, match=word):
        cf.Budget({name: values for name, values in frame.items() if values is not None})


def test_questions_that_cannot_be_answered_say_so() -> None:
    budget = cf.Budget({"month": ["2022-01"], "revenue": [1.0]})
    for by in (["luck"], ["month", "month"]):
        with pytest.raises(cf.InputError):
            budget.totals(by)
    with pytest.raises(cf.InputError, match="measure is 'luck'"):
        budget.bands("month", measure="luck")
    with pytest.raises(cf.InputError, match="quantiles"):
        budget.bands("month", quantiles=(0.9, 0.1))
    with pytest.raises(cf.InputError, match="no such lines"):
        budget.distribution(where={"source": "luck"})
    with pytest.raises(cf.InputError, match="it must be a frame"):
        cf.Budget(3)
    assert len(cf.Budget({"month": pa.array([], pa.string()), "revenue": pa.array([], pa.float64())})) == 0


def test_numbers_name_customers_without_a_point() -> None:
    names = [2633.0, math.inf, math.nan, 1.5]
    budget = cf.Budget({"month": ["2022-01"] * 4, "customer": names, "revenue": [1.0] * 4})
    assert budget.to_frame("pandas", by="customer").customer.tolist() == ["2633", "inf", "(none)", "1.5"]


LINES: dict[str, Any] = {
    "month": ["2022-01", "2022-01", "2022-02"],
    "customer": ["a", "b", "a"],
    "account": ["revenue", "cost of goods", "revenue"],
    "amount": [10.0, 3.0, 7.0],
}


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({}, {"rates": {"EUR": 2.0}}, "currency EUR: rate is 2.0, and EUR is the reporting currency, whose rate is 1"),
        ({"probability": [1, 0.5, 1]}, {}, "row 2: the probability is 0.5 and no item is named"),
        (
            {"quarter": ["x", "y", "z"]},
            {"dimensions": ["quarter"]},
            "dimensions name 'quarter', which every budget has",
        ),
        ({}, {"digits": 7}, "digits is 7; it must be a whole number of digits after the decimal point, 0 to 6"),
        ({}, {"digits": 1.5}, "digits is 1.5"),
        (
            {"month": pd.period_range("2022-01", periods=3, freq="M")},
            {},
            "column 'month' contains pandas.period; it must contain dates",
        ),
    ],
)
def test_what_would_silently_be_another_budget_is_refused(
    columns: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(cf.InputError, match=message):
        cf.Budget(pd.DataFrame(LINES | columns), **options)


def test_questions_that_make_no_sense_are_refused() -> None:
    budget = cf.Budget(LINES)
    with pytest.raises(cf.InputError, match="first is 2022-02 and last is 2022-01"):
        budget.distribution(first="2022-02", last="2022-01")
    with pytest.raises(cf.InputError, match="name is ' '; a version has a name"):
        budget.freeze(" ", on="2021-12-01")
    with pytest.raises(cf.InputError, match="no lines, and nothing to draw"):
        cf.Budget({name: values[:0] for name, values in LINES.items()}).plot()


def test_accounts_and_customers_of_any_name_can_be_set_out_in_columns() -> None:
    budget = cf.Budget(LINES | {"customer": ["total", "account", "total"]})
    table = budget.pivot("account", columns="customer").to_frame("pandas").set_index("account")
    assert table.loc["revenue"].to_dict() == {"total (customer)": 17.0, "account (customer)": 0.0, "total": 17.0}
    assert table.loc["cost of goods"].to_dict() == {"total (customer)": 0.0, "account (customer)": 3.0, "total": 3.0}


def test_many_dimensions_of_many_values_are_told_apart() -> None:
    """More combinations than a 64-bit number counts: each line stays a group of its own."""
    rows = 40_000
    names = [f"d{k}" for k in range(5)]
    lines = {name: [f"{name}-{(7 * k + 1) * (row + k) % rows}" for row in range(rows)] for k, name in enumerate(names)}
    lines |= {"month": ["2022-01"] * rows, "revenue": [1.0] * rows, "costs": [0.25] * rows}
    budget = cf.Budget(lines, dimensions=names)
    found = budget.totals(names).to_frame("pandas")
    assert len(found) == rows
    assert set(found["heat"]) == {0.75}
    assert set(zip(*(found[name] for name in names), strict=True)) == set(zip(*(lines[n] for n in names), strict=True))


@given(st.lists(st.tuples(st.sampled_from("12"), st.sampled_from("AB"), st.floats(0.01, 9)), min_size=1, max_size=30))
def test_the_finest_groups_of_a_month_are_less_than_a_cent_off(rows: list[tuple[str, str, float]]) -> None:
    """Several lines of one month, customer and account together could be several cents off."""
    month, customer, revenue = zip(*rows, strict=True)
    lines = {"month": [f"2026-0{m}" for m in month], "customer": list(customer), "revenue": list(revenue)}
    found = cf.Budget(lines | {"costs": [0.0] * len(rows)}).totals(["month", "customer", "account"]).to_frame("pandas")
    for at, who, account, amount in found[["month", "customer", "account", "amount"]].itertuples(index=False):
        exact = math.fsum(r for m, c, r in rows if at.endswith(m) and c == who) if account == "revenue" else 0.0
        assert abs(amount - exact) < 0.01
