# Tests of ledgers in several currencies: by hand, against a slow computation, in every engine, and bad input.
"""``currency=``, ``rates=`` and the column of currencies."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

import custfolio as cf
from custfolio.errors import InputError

ENGINES: list[Callable[[pd.DataFrame], Any]] = [
    lambda frame: frame,
    lambda frame: pl.from_pandas(frame).lazy(),
    duckdb.from_df,
]
RATES = pd.DataFrame({
    "month": ["2021-01", "2021-02", "2021-01", "2021-02"],
    "currency": ["USD", "USD", "gbp", "gbp"],
    "rate": [0.8, 0.9, 1.1, 1.2],
})  # fmt: skip


def sales() -> pd.DataFrame:
    return pd.DataFrame({
        "customer": ["a", "a", "b", "b"], "date": ["2021-01-04", "2021-02-04", "2021-01-09", "2021-02-09"],
        "revenue": [100.0, 100.0, 50.0, 10.0], "cost": [60.0, 50.0, 20.0, 5.0], "currency": ["USD", "usd", "EUR", None],
        "km": [1.0, 2.0, 3.0, 4.0],
    })  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES, ids=["memory", "polars", "duckdb"])
def test_rates_by_month_by_hand(engine: Callable[[pd.DataFrame], Any]) -> None:
    ledger = cf.Ledger(engine(sales()), currency="EUR", rates=RATES, drivers={"km": "km"})
    assert ledger.currency == "EUR"
    assert ledger.revenue == pytest.approx(80 + 90 + 50 + 10)
    stated = cf.statement(ledger)
    assert stated.portfolio.core.goods.sum() == pytest.approx(48 + 45 + 20 + 5)
    assert stated.portfolio.core.further.sum() == 10.0  # kilometres are no money
    gap = ledger.gaps.to_frame("pandas").set_index("role").loc["currency"]
    assert (gap["rows"], gap["revenue"], gap["taken_as"]) == (1, 10.0, "the currency of the figures")


def test_a_sign_beside_an_amount_is_not_turned_twice(read_rows: Callable[..., cf.Ledger]) -> None:
    rows: dict[str, Any] = {
        "date": ["2021-01-04", "2021-02-04"],
        "customer": ["a", "b"],
        "revenue": ["$ 50.00", "€ 100.00"],
    }
    rows["currency"] = ["USD", "EUR"]
    assert read_rows(rows, rates={"USD": 0.9}).revenue == pytest.approx(145.0)
    assert read_rows(rows, currency="EUR", rates=RATES).revenue == pytest.approx(140.0)


@pytest.mark.parametrize("engine", ENGINES, ids=["memory", "polars", "duckdb"])
def test_random_rows_against_a_slow_computation(engine: Callable[[pd.DataFrame], Any]) -> None:
    rng = random.Random(4)
    worth = {("2021-01", "USD"): 0.8, ("2021-02", "USD"): 0.9, ("2021-01", "GBP"): 1.1, ("2021-02", "GBP"): 1.2}
    frame = pd.DataFrame([
        {"customer": rng.choice("abc"), "date": f"2021-0{rng.randrange(1, 3)}-{rng.randrange(1, 29):02d}", "revenue": round(rng.uniform(-20, 99), 2),
         "cost": rng.choice([None, 7.0]), "rebate": 1.5, "coin": rng.choice(["EUR", "USD", "GBP"])}
        for _ in range(300)
    ])  # fmt: skip
    ledger = cf.Ledger(engine(frame), currency_column="coin", rates=RATES, rebate="rebate", missing_cost=0.5)
    expected = dict.fromkeys("abc", 0.0)
    goods = dict.fromkeys("abc", 0.0)
    for row in frame.to_dict("records"):
        rate = worth.get((row["date"][:7], row["coin"]), 1.0)
        expected[row["customer"]] += rate * (row["revenue"] - 1.5)
        goods[row["customer"]] += rate * (row["cost"] if row["cost"] == 7.0 else 0.5 * row["revenue"])
    core = cf.statement(ledger).portfolio.core
    assert ledger.currency == "EUR"
    assert core.revenue.tolist() == pytest.approx(list(expected.values()))
    assert core.goods.tolist() == pytest.approx(list(goods.values()))


def test_a_rate_for_all_months() -> None:
    ledger = cf.Ledger(sales(), rates={"USD": 0.5})
    assert (ledger.currency, ledger.revenue) == ("EUR", 160.0)
    assert cf.Ledger(sales(), currency_column=False).revenue == 260.0
    assert cf.Ledger(sales().assign(currency="chf")).currency == "CHF"
    assert cf.Ledger(sales().drop(columns="currency")).currency is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {},
            r"column 'currency' has amounts in EUR and in USD.*rates=\{'USD'|column 'currency' has amounts in USD and in EUR",
        ),
        ({"currency": "EUR", "rates": RATES[RATES["month"] == "2021-01"]}, "no rate for USD in 2021-02"),
        ({"rates": {"USD": 0.5, "EUR": 0.7}}, r"every currency of column 'currency' has a rate.*currency="),
        ({"currency": "EUR", "rates": RATES.drop(columns="month")}, "month"),
        ({"rates": {"USD": -1.0}}, r"rates\['USD'\] is -1.0"),
    ],
)
def test_a_missing_rate_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        cf.Ledger(sales(), **options)


def test_signs_in_cells_need_a_column_for_rates_by_month() -> None:
    frame = pd.DataFrame({"customer": ["a", "b"], "date": ["2021-01-04"] * 2, "revenue": ["$ 10.00", "€ 5.00"]})
    with pytest.raises(InputError, match="rates by month need a column of currencies"):
        cf.Ledger(frame, currency="EUR", rates=RATES)
    assert cf.Ledger(frame, rates={"USD": 0.5}).currency == "EUR"


def test_the_plan_takes_the_currency_of_the_ledger() -> None:
    days = [f"2021-{month:02d}-{day}" for month in range(1, 13) for day in ("01", "28")]
    frame = pd.DataFrame({"customer": "a", "date": days, "revenue": 10_000.0, "cost": 6_000.0, "currency": "JPY"})
    stated = cf.statement(cf.Ledger(frame))
    strategy = cf.Strategy(start="2022-01", months=2)
    plan = strategy.optimise(stated.portfolio)
    assert plan.strategy.currency == "JPY"
    assert plan.core.minor_digits == 0
    assert plan.pages().unit == "Japanese yen"
    named = cf.Strategy(start="2022-01", months=2, currency="CHF").optimise(stated.portfolio)
    assert named.strategy.currency == "CHF"
    other = cf.statement(cf.Ledger(frame.drop(columns="currency")))
    assert strategy.optimise(other.portfolio).strategy.currency == "EUR"


def test_bare_costs_beside_sales_in_two_currencies_are_an_error() -> None:
    """Nothing shows in which currency they are."""
    frame = pd.DataFrame(
        {"customer": ["a", "a"], "date": ["2021-01-04"] * 2, "revenue": ["€ 100", "$ 100"], "cost": [60, 60]}
    )
    with pytest.raises(
        InputError, match=r"several currencies, EUR, USD, but those of cost \(column 'cost'\) have none"
    ):
        cf.Ledger(frame, rates={"USD": 0.5})
    ledger = cf.Ledger(frame.assign(cost=["€ 60", "$ 60"]), rates={"USD": 0.5})
    assert cf.statement(ledger).bucket.heat == 60.0
