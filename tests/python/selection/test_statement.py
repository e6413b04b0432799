# Statement, whale curve and verdict: published cases, the shipped data, and slow computations beside the fast ones.
"""Room ``selection``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import custfolio as cf
from custfolio import demo, segmentation

COSTS = cf.CostModel(rates={"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.20)
YEAR = ("2021-01-01", "2021-12-31")


@pytest.fixture(scope="module")
def ledger() -> cf.Ledger:
    return cf.Ledger(
        pd.DataFrame(demo.deliveries(2021)),
        customer="store",
        date="date",
        revenue="revenue",
        cost="cost",
        quantity="bottles",
        lines="lines",
    )


@pytest.fixture(scope="module")
def statement(ledger: cf.Ledger) -> cf.Statement:
    return cf.statement(ledger, COSTS, period=YEAR)


def test_the_shipped_year_has_its_published_figures(statement: cf.Statement) -> None:
    assert statement.bucket.customers == 1948
    assert round(statement.bucket.level / 1e6, 1) == 428.1
    assert round(100 * statement.bucket.temperature, 1) == 7.5
    assert np.count_nonzero(statement.portfolio.temperature < 0) == 185
    assert np.count_nonzero(statement.portfolio.temperature < 0.03) == 678


def test_the_shipped_year_agrees_with_pandas(statement: cf.Statement) -> None:
    rows = pd.DataFrame(demo.deliveries(2021))
    slow = rows.groupby("store").agg(
        revenue=("revenue", "sum"),
        cost=("cost", "sum"),
        deliveries=("date", "nunique"),
        lines=("lines", "sum"),
        bottles=("bottles", "sum"),
    )
    heat = slow.revenue * 0.8 - slow.cost - 90 * slow.deliveries - 2.5 * slow.lines.astype(float) - 0.12 * slow.bottles
    found = statement.to_frame("pandas").set_index("customer_id")
    assert set(found.index) == set(slow.index)
    np.testing.assert_allclose(found.contribution, heat[found.index], atol=1e-6)
    np.testing.assert_allclose(found.revenue, slow.revenue[found.index], atol=1e-6)


def test_everything_that_went_in_is_stated(statement: cf.Statement) -> None:
    rows = statement.reconciliation
    assert rows.exact
    assert rows.rows_accepted + rows.rows_rejected == rows.rows_read == 70_137
    assert rows.revenue_in == pytest.approx(rows.revenue_stated, abs=0.005)
    assert rows.cost_in == pytest.approx(rows.charged + rows.unused_capacity + rows.not_attributed, abs=0.005)


def test_what_lies_outside_of_the_period_is_shown(ledger: cf.Ledger) -> None:
    quarter = cf.statement(ledger, COSTS, period=("2021-01-01", "2021-03-31")).reconciliation
    rest = cf.statement(ledger, COSTS, period=("2021-04-01", "2021-12-31")).reconciliation
    assert quarter.revenue_outside_period == pytest.approx(rest.revenue_in, abs=0.005)
    assert quarter.revenue_accepted == pytest.approx(428_123_535.40, abs=0.005)
    assert quarter.exact
    assert quarter.rows_in_period + rest.rows_in_period == 70_137


@pytest.mark.parametrize("threads", [2, 7])
def test_the_bits_do_not_depend_on_threads(ledger: cf.Ledger, threads: int) -> None:
    one = cf.statement(ledger, COSTS, period=YEAR, threads=1)
    many = cf.statement(ledger, COSTS, period=YEAR, threads=threads)
    for column, values in one.columns().items():
        np.testing.assert_array_equal(np.asarray(values), np.asarray(many.columns()[column]))


def test_results_leave_in_the_library_that_the_data_came_in() -> None:
    rows = {"customer": ["a", "b"], "date": ["2021-01-04", "2021-02-01"], "revenue": [10.0, 5.0]}
    kinds: dict[str, Any] = {"pandas": pd.DataFrame, "polars": pl.DataFrame}
    for frame in kinds.values():
        stated = cf.statement(cf.Ledger(frame(rows)), cf.CostModel())
        assert isinstance(stated.to_frame(), frame)
        assert isinstance(stated.to_frame("polars"), pl.DataFrame)


HORNGREN = pd.DataFrame(
    {
        "customer": list("PQRST"),
        "cases": [2_080, 8_750, 60_800, 31_800, 3_900],
        "price": [14.40, 14.16, 13.20, 13.92, 12.96],
        "orders": [15, 25, 30, 25, 30],
        "visits": [2, 3, 6, 2, 3],
        "drops": [10, 30, 60, 40, 20],
        "miles_each": [14, 4, 3, 8, 40],
        "expedited": [0, 0, 0, 0, 1],
    }
)


def test_horngren_spring_distribution() -> None:
    """Horngren, Cost Accounting: Spring Distribution, operating income by customer."""
    frame = HORNGREN.assign(
        date="2021-06-01",
        revenue=HORNGREN.cases * HORNGREN.price,
        cost=HORNGREN.cases * 12.0,
        miles=HORNGREN.drops * HORNGREN.miles_each,
    )
    ledger = cf.Ledger(frame, customer="customer", date="date", revenue="revenue", cost="cost", quantity="cases")
    drivers = frame.rename(columns={"customer": "customer_id"})[
        ["customer_id", "orders", "visits", "miles", "expedited"]
    ]
    costs = cf.CostModel(rates={"orders": 100, "visits": 80, "miles": 2, "quantity": 0.5, "expedited": 300})
    stated = cf.statement(ledger, costs, drivers=drivers)
    np.testing.assert_allclose(stated.portfolio.core.contribution, [2_012, 11_545, 38_720, 41_856, -3_346], atol=1e-6)
    np.testing.assert_allclose(stated.portfolio.core.cost_to_serve, [2_980, 7_355, 34_240, 19_200, 7_090], atol=1e-6)
    assert stated.bucket.heat == pytest.approx(90_787)
    assert stated.reconciliation.exact


def test_two_pharmacies() -> None:
    """Two pharmacies (activity-based customer profitability): Charleston 725, Chapel Hill -220."""
    rows = []
    for name, drops, revenue, goods in (("Charleston", 7, 2_400, 2_100), ("Chapel Hill", 10, 1_800, 1_650)):
        rows += [(name, f"2021-03-{day + 1:02d}", revenue, goods) for day in range(drops)]
    frame = pl.DataFrame(rows, schema=["customer", "date", "revenue", "cost"], orient="row")
    drivers = pl.DataFrame(
        {
            "customer_id": ["Charleston", "Chapel Hill"],
            "orders": [13, 10],
            "order lines": [13 * 9, 10 * 18],
            "cartons": [7 * 22, 10 * 20],
            "shelf hours": [0.0, 10 * 0.5],
        }
    )
    costs = cf.CostModel(rates={"orders": 40, "order lines": 3, "deliveries": 50, "cartons": 1, "shelf hours": 16})
    stated = cf.statement(cf.Ledger(frame), costs, drivers=drivers)
    assert stated.portfolio["Charleston"].heat == pytest.approx(725)
    assert stated.portfolio["Chapel Hill"].heat == pytest.approx(-220)


def test_drivers_of_strangers_are_shown_and_charged_to_nobody() -> None:
    frame = pd.DataFrame({"customer": ["a"], "date": ["2021-01-04"], "revenue": [100.0]})
    drivers = pd.DataFrame({"customer_id": ["a", "stranger"], "visits": [2.0, 3.0]})
    stated = cf.statement(cf.Ledger(frame), cf.CostModel(rates={"visits": 10}), drivers=drivers)
    rows = stated.reconciliation
    assert (rows.cost_in, rows.charged, rows.not_attributed) == (50, 20, 30)
    assert rows.exact


def test_bad_arguments_are_named(ledger: cf.Ledger) -> None:
    with pytest.raises(cf.InputError, match="before it begins"):
        cf.statement(ledger, COSTS, period=("2021-12-31", "2021-01-01"))
    with pytest.raises(cf.InputError, match="period is '2021', of type str; it must be a sequence"):
        cf.statement(ledger, COSTS, period="2021")
    with pytest.raises(cf.NotFoundError, match="miles"):
        cf.statement(ledger, cf.CostModel(rates={"miles": 2}))
    with pytest.raises(cf.InputError, match="Ledger"):
        cf.statement(pd.DataFrame(), COSTS)  # type: ignore[arg-type]
    with pytest.raises(cf.InputError, match="customer_id"):
        cf.statement(ledger, COSTS, drivers=pd.DataFrame({"store": ["2106"]}))
    with pytest.raises(cf.InputError, match="row 1: visits"):
        cf.statement(ledger, COSTS, drivers=pd.DataFrame({"customer_id": ["2106"], "visits": [math.nan]}))


amounts = st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=60)


@given(amounts)
def test_the_whale_curve_agrees_with_numpy(contribution: list[float]) -> None:
    curve = cf.whale_curve(contribution)
    ordered = np.sort(np.asarray(contribution))[::-1]
    np.testing.assert_allclose(curve.cumulative, np.cumsum(ordered), atol=1e-6)
    assert curve.peak == pytest.approx(ordered[ordered > 0].sum(), abs=1e-6)
    assert curve.customers_at_peak == np.count_nonzero(ordered > 0)
    assert curve.loss == pytest.approx(curve.peak - curve.total, abs=1e-6)
    if curve.total > 1e-3:
        n = ordered.size
        gini = 2 * np.cumsum(ordered).sum() / (n * curve.total) - (n + 1) / n
        assert curve.gini == pytest.approx(gini, rel=1e-6, abs=1e-6)
        assert curve.share(1.0) == pytest.approx(1.0)


def test_kanthal_twenty_percent_bring_225_percent() -> None:
    """The best 20 % of customers bring 225 % of profit (Kanthal; Kaplan & Narayanan 2001)."""
    assert cf.whale_curve([225.0, -30.0, -30.0, -30.0, -35.0]).share(0.2) == pytest.approx(2.25)


def test_the_whale_curve_names_what_is_not_finite() -> None:
    with pytest.raises(cf.InputError, match="1"):
        cf.whale_curve([1.0, math.nan])
    with pytest.raises(cf.InputError, match="fraction"):
        cf.whale_curve([1.0]).share(20)


@given(amounts, st.floats(0.1, 1.0), st.floats(0.0, 1.0))
def test_pareto_classes_agree_with_a_loop(value: list[float], a: float, rest: float) -> None:
    b = a + (1 - a) * rest
    classes = segmentation.abc(value, a, b)
    total = math.fsum(v for v in value if v > 0)
    for one, cls in zip(value, classes, strict=True):
        before = math.fsum(v for v in value if v > one and v > 0)
        if one <= 0:
            assert cls == "C"
        elif abs(before - a * total) > 1e-6 * total and abs(before - b * total) > 1e-6 * total:
            assert cls == ("A" if before < a * total else "B" if before < b * total else "C")


def test_verdicts_agree_with_a_loop(statement: cf.Statement) -> None:
    portfolio = statement.portfolio
    answers = {portfolio.ids[k]: 0.9 for k in range(0, 200)}
    found = cf.select(portfolio, target=0.05, interesting=answers)
    columns = portfolio.to_frame("pandas")
    end = pd.Timestamp("2021-12-31")
    for k, row in enumerate(columns.itertuples()):
        first = row.first_day
        months = (end.year - first.year) * 12 + end.month - first.month + (first.day == 1)
        if months < 6:
            expected = "too young"
        elif row.temperature >= 0.05 or row.customer_id in answers:
            expected = "keep"
        else:
            expected = "remediate"
        assert found.verdict[k] == expected, row
        assert found.reason[k]
    assert len(found.rows("keep")) + len(found.rows("remediate")) + len(found.rows("too young")) == len(found)


def test_interest_in_every_form_and_bad_settings(statement: cf.Statement) -> None:
    portfolio = statement.portfolio
    array = np.zeros(len(portfolio))
    array[3] = 1.0
    frame = pl.DataFrame({"customer_id": [portfolio.ids[3]], "interesting": [1.0]})
    verdicts = [cf.select(portfolio, interesting=form).verdict for form in (array, frame, {portfolio.ids[3]: 1.0})]
    assert verdicts[0] == verdicts[1] == verdicts[2]
    with pytest.raises(cf.InputError, match=r"0\.05"):
        cf.select(portfolio, target=5)
    with pytest.raises(cf.NotFoundError, match="nobody"):
        cf.select(portfolio, interesting={"nobody": 1.0})
    with pytest.raises(cf.InputError, match="verdict"):
        cf.select(portfolio).rows("fire")


def test_cost_models_are_checked() -> None:
    with pytest.raises(cf.InputError, match="lines"):
        cf.CostModel(rates={"lines": -1.0})
    with pytest.raises(cf.InputError, match="'much'"):
        cf.CostModel(rates={"lines": "much"})  # type: ignore[dict-item]
    with pytest.raises(cf.InputError, match=r"0\.2"):
        cf.CostModel(revenue_share=20)
    with pytest.raises(cf.InputError, match="must name an element"):
        cf.CostModel(rates={"lines": 1.0}, avoidable={"line": 0.5})


def test_results_show_themselves(statement: cf.Statement) -> None:
    selection = cf.select(statement.portfolio)
    for result in (statement, statement.whale, statement.reconciliation, selection, COSTS, statement.portfolio):
        assert "<table" in result._repr_html_()
        assert repr(result)
        assert result.plot().to_dict()
        assert len(result.to_frame("pyarrow")) == len(next(iter(result.columns().values())))


def test_a_period_without_sales_is_an_error() -> None:
    ledger = cf.Ledger(
        pd.DataFrame({"customer": ["a", "b"], "date": ["2024-01-05", "2024-03-07"], "revenue": [1.0, 2.0]})
    )
    with pytest.raises(
        cf.InputError, match="no row from 2024-02-01 to 2024-02-29; its days are 2024-01-05 to 2024-03-07"
    ):
        cf.statement(ledger, cf.CostModel(), period=("2024-02-01", "2024-02-29"))


def test_a_rate_on_a_driver_that_the_ledger_does_not_have_names_both() -> None:
    rows = {"date": ["2025-01-06"], "customer": ["a"], "revenue": [100.0]}
    for driver in ("quantity", "visits"):
        with pytest.raises(cf.NotFoundError, match=f"rate of 3 for '{driver}', but the ledger has no '{driver}'"):
            cf.statement(cf.Ledger(pl.DataFrame(rows)), cf.CostModel({driver: 3.0}))
    empty = pl.DataFrame(rows | {"quantity": pl.Series([None], dtype=pl.Float64)})
    with pytest.raises(cf.NotFoundError, match="has no 'quantity'"):
        cf.statement(cf.Ledger(empty), cf.CostModel({"quantity": 3.0}))
    stated = cf.statement(cf.Ledger(pl.DataFrame(rows | {"qty": [2]})), cf.CostModel({"quantity": 3.0, "lines": 1.0}))
    assert stated.reconciliation.charged == 7.0


def test_the_ledger_of_a_period_has_the_verdicts_of_the_period() -> None:
    years = pl.concat([pl.from_pandas(pd.DataFrame(demo.deliveries(year))) for year in (2020, 2021)])
    whole = cf.Ledger(years, customer="store", date="date", revenue="revenue", cost="cost")
    costs = cf.CostModel({"deliveries": 90.0})
    cut = cf.select(cf.statement(whole.between(*YEAR), costs).portfolio, target=0.05)
    assert cut.verdict == cf.select(cf.statement(whole, costs, period=YEAR).portfolio, target=0.05).verdict
