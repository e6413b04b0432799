# The orders of a portfolio: sums to the cent, a slow list beside the fast one, memory, storing, bad input.
"""Portfolio.orders."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest

import custfolio as cf


def sales(seed: int, n: int = 4_000) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer": random.integers(0, 60, n).astype(str),
            "date": np.datetime64("2020-07-01") + random.integers(0, 540, n),
            "document": [f"INV {k}" for k in random.integers(0, 1_200, n)],
            "revenue": random.normal(50, 40, n).round(2),
            "quantity": random.integers(-2, 9, n),
            "km": random.integers(0, 90, n),
            "pallets": random.integers(0, 4, n),
        }
    )


COSTS = cf.CostModel(
    {"pallets": 2.0},
    pools=[cf.Pool("trucks", 1_000, 9e5)],
    activities=[cf.Activity("drive", "trucks", "20 + kilometres*lines")],
)
YEAR = ("2021-01-01", "2021-12-31")


def stated(frame: object) -> cf.Statement:
    return cf.statement(
        cf.Ledger(frame, drivers={"pallets": "pallets"}, delivery_drivers={"kilometres": "km"}), COSTS, YEAR
    )


@pytest.mark.parametrize("lazy", [False, True])
def test_orders_are_the_documents_of_each_customer(lazy: bool) -> None:
    frame = sales(1)
    portfolio = stated(pl.from_pandas(frame).lazy() if lazy else frame).portfolio
    orders = portfolio.orders
    assert list(orders.columns()) == [
        "customer_id",
        "day",
        "kind",
        "amount",
        "lines",
        "quantity",
        "kilometres",
        "pallets",
    ]
    rows = frame[(frame["date"] >= YEAR[0]) & (frame["date"] <= YEAR[1])]
    slow = rows.assign(sold=rows["quantity"].clip(lower=0), one=1).groupby(["customer", "document"], as_index=False)
    slow = slow.agg(
        day=("date", "min"), amount=("revenue", "sum"), lines=("one", "sum"), quantity=("sold", "sum"),
        kilometres=("km", "max"), pallets=("pallets", "sum"),
    )  # fmt: skip
    found = orders.to_frame("pandas")
    assert len(found) == len(slow)
    keys = ["customer", "day", "lines", "quantity", "kilometres", "pallets", "amount"]
    left = slow[keys].sort_values(keys[:6], ignore_index=True)
    right = found.rename(columns={"customer_id": "customer"})[keys].sort_values(keys[:6], ignore_index=True)
    pd.testing.assert_frame_equal(left, right, check_dtype=False, atol=1e-9)
    assert (found.groupby("customer_id")["day"].diff().dropna() >= pd.Timedelta(0)).all()


def test_amounts_and_drivers_sum_to_the_statement() -> None:
    portfolio = stated(sales(2)).portfolio
    orders, columns = portfolio.orders, portfolio.columns()
    assert (
        orders.columns()["customer_id"].tolist() == np.repeat(portfolio.ids, np.diff(orders.begin.astype(int))).tolist()
    )
    for order, column in (("amount", "revenue"), ("lines", "lines"), ("quantity", "quantity"), ("pallets", "pallets")):
        sums = np.add.reduceat(orders.columns()[order], orders.begin[:-1].astype(int))
        np.testing.assert_allclose(sums, columns[column], atol=0.005)
    kind = orders.columns()["kind"]
    assert np.count_nonzero(kind == "delivery") == columns["deliveries"].sum()
    assert np.count_nonzero(kind == "return") == columns["returns"].sum()


def test_memory_is_as_stated() -> None:
    orders = stated(sales(3)).portfolio.orders
    assert orders.nbytes == len(orders) * (29 + 2 * 8) + len(orders.begin) * 8
    bare = cf.statement(cf.Ledger(sales(3).drop(columns=["quantity", "pallets"]), quantity=None)).portfolio.orders
    assert bare.nbytes == len(bare) * 21 + len(bare.begin) * 8


def test_rebates_per_customer_lower_the_orders_in_proportion() -> None:
    frame = sales(5).assign(bonus=1.25)
    prices = pd.DataFrame({"customer": ["1", "2", "no one"], "element": "rebate", "amount": [90.0, 30.0, 7.0]})
    rows = cf.Ledger(frame, rebate="bonus", document="document")
    portfolio, plain = (cf.statement(rows, None, YEAR, prices=each).portfolio for each in (prices, None))
    lowered, before = (each.orders.to_frame("pandas").set_index("customer_id")["amount"] for each in (portfolio, plain))
    for customer, rebate in (("1", 90.0), ("2", 30.0), ("3", 0.0)):
        expected = before[customer] * (1.0 - rebate / before[customer].sum())
        np.testing.assert_allclose(lowered[customer], expected, rtol=1e-12)
    columns = portfolio.columns()
    np.testing.assert_allclose(lowered.groupby(level=0).sum()[columns["customer_id"]], columns["revenue"], rtol=1e-12)
    assert (lowered["3"].to_numpy() == before["3"].to_numpy()).all()


def test_orders_survive_storing_where_they_were_used() -> None:
    portfolio = stated(sales(4)).portfolio
    with pytest.raises(cf.InputError, match="use its orders before it is stored"):
        _ = pickle.loads(pickle.dumps(portfolio)).orders
    amount = portfolio.orders.columns()["amount"]
    again = pickle.loads(pickle.dumps(portfolio))
    assert again.orders.columns()["amount"].tolist() == amount.tolist()
    assert again.identity == portfolio.identity


def test_a_located_portfolio_keeps_its_orders() -> None:
    portfolio = stated(sales(5)).portfolio
    places = pd.DataFrame({"customer_id": portfolio.ids, "latitude": 50.0, "longitude": 4.0})
    before = portfolio.located(places).orders
    assert len(before) == len(portfolio.orders) == len(portfolio.located(places).orders)
    assert len(before.plot().to_dict()["data"]["values"]) == 12


def test_a_portfolio_of_figures_has_no_orders() -> None:
    figures = pd.DataFrame({"customer_id": ["a"], "revenue": [10.0], "contribution": [1.0]})
    with pytest.raises(cf.InputError, match="the portfolio has no orders; state the ledger again"):
        _ = cf.Portfolio.from_frame(figures).orders
