# The trace of a customer: adds up on real and random sales, by hand, against an earlier year, as text and chart, bad input.
"""Statement.trace, and messages of the activities that it shows."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import custfolio as cf

SALES = pd.DataFrame(
    {
        "customer": ["a", "b", "a", "a", "a", "b"],
        "date": ["2020-03-01", "2020-04-01", "2021-01-05", "2021-01-05", "2021-02-01", "2021-03-01"],
        "document": [1, 2, 3, 3, 4, 5],
        "revenue": [80.0, 100.0, 60.0, 40.0, -30.0, 90.0],
        "cost": [40.0, 50.0, 30.0, 20.0, -15.0, 45.0],
        "quantity": [4, 5, 3, 2, -1, 4],
        "product": ["gin", "rum", "gin", "rum", "gin", "rum"],
        "express": [0, 0, 1, 1, 0, 0],
    }
)
VISITS = pl.DataFrame(
    {"customer_id": ["a", "a", "x"], "date": ["2021-01-20", "2020-05-01", "2021-01-21"], "km": [30, 10, 5]}
)
INVOICES = pd.DataFrame(
    {
        "customer": ["a", "b"],
        "invoice": ["2021-01-05", "2021-03-01"],
        "due": None,
        "paid": ["2021-02-04", None],
        "amount": [100.0, 90.0],
    }
)


def model(delivery: float = 9.0) -> cf.CostModel:
    return cf.CostModel(
        {"deliveries": delivery, "returns": 4.0, "rush": 6.0, "hours": 20.0},
        pools=[cf.Pool("desk", 1_000, 2_000)],
        activities=[
            cf.Activity("order", "desk", "5 + 3*lines"),
            cf.Activity("drive", "desk", "0.5*km", event="visits"),
        ],
        revenue_share=0.1,
        credit_rate=0.073,
    )


def state(year: int, delivery: float = 9.0, sales: Any = SALES) -> cf.Statement:
    hours = pd.DataFrame({"customer_id": ["a", "b"], "hours": [0.5, 0.0]})
    ledger = cf.Ledger(sales, delivery_drivers={"rush": "express"}, item="product")
    return cf.statement(
        ledger,
        model(delivery),
        (f"{year}-01-01", f"{year}-12-31"),
        drivers=hours,
        events={"visits": VISITS},
        receivables=INVOICES,
    )


def sums(columns: Any, amount: str) -> list[tuple[float, float]]:
    """The amount of each node that has parts, and the sum of these."""
    parts: dict[int, float] = {}
    for k in range(1, len(columns["node"])):
        parent = int(columns["parent"][k])
        parts[parent] = parts.get(parent, 0.0) + float(columns[amount][k])
    return [(float(columns[amount][k]), total) for k, total in parts.items()]


def test_the_nodes_of_a_customer() -> None:
    trace = state(2021).trace("a")
    columns = trace.columns()
    nodes = {
        (level, node): float(amount)
        for level, node, amount in zip(columns["level"], columns["node"], columns["amount"], strict=True)
    }
    assert nodes[("amount", "revenue")] == 70
    assert nodes[("amount", "cost of goods")] == -35
    assert nodes[("element", "deliveries")] == -9
    assert nodes[("element", "returns")] == -4
    assert nodes[("element", "rush")] == -6
    assert nodes[("element", "hours")] == -10
    assert nodes[("event", "per customer")] == -10
    assert nodes[("activity", "order")] == -0.5 * 11
    assert nodes[("term", "3*lines")] == -0.5 * 6
    assert nodes[("activity", "drive")] == -0.5 * 15
    assert nodes[("element", "desk")] == -13
    assert nodes[("element", "revenue share")] == pytest.approx(-7)
    assert nodes[("amount", "cost of credit")] == pytest.approx(-0.073 * 100 * 30 / 365)
    assert nodes[("total", "contribution")] == pytest.approx(70 - 35 - 9 - 4 - 6 - 10 - 13 - 7 - 0.6)
    gin = [k for k, item in enumerate(columns["item"]) if item == "gin" and columns["level"][k] == "line"]
    assert [columns["amount"][k] for k in gin[:2]] == [60.0, -30.0]
    assert str(columns["day"][gin[0]]) == "2021-01-05"
    assert all(total == pytest.approx(amount) for amount, total in sums(columns, "amount"))


def test_the_tree_as_text() -> None:
    text = state(2021).trace("a").tree(to="event")
    assert text.splitlines()[0] == "Contribution of customer a"
    assert any(line.split() == ["delivery", "2021-01-05:", "1", "x", "9", "-9.00"] for line in text.splitlines())
    assert "drive: 15 x 0.5" in text
    few = state(2021).trace("a").tree(to="element", most=2)
    assert "4 others" in few
    assert repr(state(2021).trace("a")) == state(2021).trace("a").tree()
    assert "<pre>Contribution" in state(2021).trace("a")._repr_html_()


def test_hostile_names_stay_text() -> None:
    sales = SALES.assign(product="<b>\n\x1b[31m")
    trace = state(2021, sales=sales).trace("a")
    assert "<b>" not in trace._repr_html_()
    assert all(len(line) < 120 for line in trace.tree(to="line").splitlines())


def test_against_an_earlier_year() -> None:
    found = state(2021, delivery=10.0).trace("a", against=state(2020))
    columns = found.columns()
    at = {(level, node): k for k, (level, node) in enumerate(zip(columns["level"], columns["node"], strict=True))}
    assert {level for level, _ in at} == {"total", "amount", "element", "activity", "term"}
    total = at[("total", "contribution")]
    assert columns["difference"][total] == pytest.approx(columns["now"][total] - columns["then"][total])
    deliveries = at[("element", "deliveries")]
    figures = [columns[name][deliveries] for name in ("then", "now", "difference", "volume", "rate")]
    assert figures == [-9, -10, -1, 0, -1]
    drive = at[("activity", "drive")]
    assert [columns[name][drive] for name in ("then_units", "now_units", "volume", "rate")] == [5, 15, -5, 0]
    assert np.isnan(columns["volume"][at[("amount", "revenue")]])
    assert all(total == pytest.approx(amount) for amount, total in sums(columns, "difference"))
    assert found.tree().splitlines()[1].split() == ["then", "now", "difference", "volume", "rate"]


def test_a_customer_of_one_year_only() -> None:
    later = SALES[(SALES["customer"] == "b") | (SALES["date"] > "2021")]
    found = state(2021).trace("a", against=state(2020, sales=later.assign(cost=1.0))).columns()
    assert found["then"].tolist()[0] == pytest.approx(-0.5 * 20 - 0.5 * 0.5 * 10)  # hours and a visit, no sale
    gone = cf.statement(cf.Ledger(later[later["date"] < "2021"]), cf.CostModel({"deliveries": 9.0}))
    fresh = cf.statement(cf.Ledger(SALES), cf.CostModel({"deliveries": 9.0})).trace("a", against=gone).columns()
    assert fresh["then"].tolist() == [0.0] * len(fresh["node"])
    assert fresh["volume"].tolist() == fresh["difference"].tolist()


@pytest.mark.parametrize("seed", range(4))
def test_random_sales_in_an_engine_add_up(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = 3_000
    sales = pl.DataFrame(
        {
            "customer": random.integers(0, 40, n),
            "date": np.datetime64("2021-01-01") + random.integers(0, 365, n),
            "document": random.integers(0, 900, n),
            "revenue": random.normal(50, 40, n).round(2),
            "cost": random.normal(30, 20, n).round(2),
            "quantity": random.integers(-2, 9, n),
        }
    )
    costs = cf.CostModel(
        {"deliveries": 9.17, "lines": {"2021-01-01": 1.31, "2021-05-01": 1.57}, "quantity": 0.113},
        pools=[cf.Pool("desk", 10_007, 2e6)],
        activities=[
            cf.Activity("order", "desk", "15*new_customer + 5 + 3*lines"),
            cf.Activity("back", "desk", 7, event="return"),
        ],
    )
    stated = cf.statement(cf.Ledger(sales.lazy()), costs)
    heat = dict(zip(stated.portfolio.ids, stated.portfolio.core.contribution, strict=True))
    for customer in stated.portfolio.ids[::7]:
        columns = stated.trace(customer).columns()
        assert columns["amount"][0] == heat[customer]
        assert all(abs(total - amount) < 0.005 for amount, total in sums(columns, "amount"))
        assert all(round(100 * total) == round(100 * amount) for amount, total in sums(columns, "rounded"))


def test_a_customer_without_rows_in_the_period() -> None:
    sales = pd.DataFrame(
        {"customer": ["a", "b"], "date": ["2021-01-04", "2021-02-05"], "revenue": [100.0, 50.0], "quantity": [1, 2]}
    ).assign(cost=0.0)
    visits = pd.DataFrame({"customer": ["b"], "date": ["2021-01-04"]})
    costs = cf.CostModel(
        {"visits": 3.0, "quantity": 1.0, "returned_quantity": 1.0},
        pools=[cf.Pool("desk", 100, 100)],
        activities=[cf.Activity("pick", "desk", "2*quantity", event="line")],
    )
    january, february = (
        cf.statement(cf.Ledger(sales), costs, days, events={"visits": visits})
        for days in (("2021-01-01", "2021-01-31"), ("2021-02-01", "2021-02-28"))
    )
    columns = january.trace("b").columns()
    amounts = dict(zip(columns["node"], columns["amount"].tolist(), strict=True))
    assert amounts["contribution"] == amounts["visits"] == -3
    assert amounts["quantity"] == amounts["pick"] == 0
    against = february.trace("b", against=january).columns()
    assert [against["then"][0], against["now"][0]] == [-3, 50 - 2 - 4]


def test_an_activity_and_a_term_of_one_year_only() -> None:
    sales = pd.DataFrame(
        {
            "customer": "a",
            "date": ["2020-05-04", "2021-01-05", "2021-03-08"],
            "revenue": [400.0, 350.0, 300.0],
            "cost": 0.0,
            "lines": [5.0, 4.0, 2.0],
        }
    )
    ledger = cf.Ledger(sales)

    def year(number: int, cost: float, **minutes: str) -> cf.Statement:
        activities = [cf.Activity(name, "svc", text) for name, text in minutes.items()]
        costs = cf.CostModel(pools=[cf.Pool("svc", cost, 400)], activities=activities)
        return cf.statement(ledger, costs, (f"{number}-01-01", f"{number}-12-31"))

    before = year(2020, 100, order="10 + 2*lines")
    after = year(2021, 200, order="12 + 2*lines", pick="4*lines")
    for now, then, sign in ((after, before, 1), (before, after, -1)):
        columns = now.trace("a", against=then).columns()
        at = {(level, node): k for k, (level, node) in enumerate(zip(columns["level"], columns["node"], strict=True))}
        for node in (at[("activity", "pick")], at[("term", "4*lines")]):
            # 24 minutes, at 0.25 then and 0.50 now.
            figures = [float(columns[name][node]) for name in ("difference", "volume", "rate")]
            assert figures == ([-12, -6, -6] if sign == 1 else [12, 12, 0])
        for figure in ("difference", "volume", "rate"):
            for amount, total in sums(columns, figure):
                assert np.isnan(amount) or amount == pytest.approx(total)
        assert np.isfinite(columns["volume"][at[("element", "svc")] :]).all()


def test_an_activity_of_one_year_is_not_split_where_its_pool_has_several_rates() -> None:
    ledger = cf.Ledger(SALES)
    order, pick = cf.Activity("order", "desk", "5"), cf.Activity("pick", "desk", "4*lines")
    dated = [cf.Pool("desk", 100, 200), cf.Pool("desk", 300, 200, valid_from="2020-03-15")]
    then = cf.statement(ledger, cf.CostModel(pools=dated, activities=[order]), ("2020-01-01", "2020-12-31"))
    now = cf.statement(ledger, cf.CostModel(pools=dated[:1], activities=[order, pick]), ("2021-01-01", "2021-12-31"))
    columns = now.trace("a", against=then).columns()
    assert np.isnan([columns["volume"][k] for k, node in enumerate(columns["node"]) if node in ("desk", "pick")]).all()


@pytest.mark.parametrize("size", [1e9, 1e12, 8e13, 3e17])
def test_amounts_of_any_size_are_rounded(size: float) -> None:
    random = np.random.default_rng(1)
    n = 300
    sales = pd.DataFrame(
        {
            "customer": random.integers(0, 20, n),
            "date": np.datetime64("2021-01-01") + random.integers(0, 365, n),
            "revenue": (random.uniform(0, 1, n) * size).round(2),
            "cost": (random.uniform(0, 0.6, n) * size).round(2),
        }
    )
    stated = cf.statement(cf.Ledger(sales), cf.CostModel({"deliveries": 3.7}, revenue_share=0.013))
    for customer in stated.portfolio.ids:
        columns = stated.trace(customer).columns()
        unit = 0.01
        while np.abs(columns["amount"]).max() > 2.0**47 * unit:
            unit *= 10
        units = np.round(columns["rounded"] / unit)
        np.testing.assert_allclose(units * unit, columns["rounded"], rtol=1e-15)
        slack = 1e-15 * np.abs(columns["amount"]) + unit
        assert (np.abs(columns["rounded"] - columns["amount"]) <= slack).all()
        assert all(amount == total for amount, total in sums({**columns, "units": units}, "units"))


def test_a_stored_statement_keeps_the_orders_that_were_used() -> None:
    stated = state(2021)
    with pytest.raises(cf.InputError, match="no orders"):
        pickle.loads(pickle.dumps(stated)).portfolio.orders  # noqa: B018
    expected = stated.portfolio.orders.columns()
    for again in (pickle.loads(pickle.dumps(stated)), copy.copy(stated), copy.deepcopy(stated)):
        found = again.portfolio.orders.columns()
        assert list(found) == list(expected)
        for name, values in expected.items():
            assert list(found[name]) == list(values)
        again = pickle.loads(pickle.dumps(again))
        assert len(again.portfolio.orders) == len(stated.portfolio.orders)


def test_an_activity_below_0_minutes_names_the_customer_and_the_days() -> None:
    costs = cf.CostModel(pools=[cf.Pool("desk", 10, 10)], activities=[cf.Activity("order", "desk", "5 - 4*lines")])
    message = r"customer 'b': activity 'order' takes -3 minutes from 2020-04-01 to 2020-04-30; .* finite and >= 0"
    with pytest.raises(cf.InputError, match=message):
        cf.statement(cf.Ledger(SALES.assign(lines=[1, 2, 1, 1, 1, 1])), costs, ("2020-04-01", "2020-04-30"))


def test_charts() -> None:
    values = state(2021).trace("a").plot().to_dict()["data"]["values"]
    shown = {row["name"]: row["amount"] for row in values}
    assert sum(shown.values()) == pytest.approx(state(2021).trace("a").columns()["amount"][0])
    assert state(2021).trace("a", against=state(2020)).plot(width=300).to_dict()["width"] == 300


def test_bad_input() -> None:
    stated = state(2021)
    with pytest.raises(cf.NotFoundError, match="no customer 'nobody'"):
        stated.trace("nobody")
    with pytest.raises(cf.NotFoundError, match="no customer 'nobody'"):
        stated.trace("nobody", against=state(2020))
    with pytest.raises(cf.InputError, match="stored statement has no rows to trace"):
        pickle.loads(pickle.dumps(stated)).trace("a")
    with pytest.raises(cf.InputError, match="against"):
        stated.trace("a", against="2020")  # type: ignore[call-overload]
    with pytest.raises(cf.InputError, match="to is 'rows'"):
        stated.trace("a").tree(to="rows")  # type: ignore[arg-type]
    with pytest.raises(cf.InputError, match="most is 0"):
        stated.trace("a").tree(most=0)


def test_statements_that_cannot_be_compared_are_refused() -> None:
    costed = cf.statement(cf.Ledger(SALES, document="document"))
    bare = cf.statement(cf.Ledger(SALES, document="document", cost=None))
    for now, then in ((costed, bare), (bare, costed)):
        with pytest.raises(cf.InputError, match=r"needs the contribution in both.*costs of goods"):
            now.trace("a", then)
    assert len(bare.trace("a", bare)) > 0
    other = cf.statement(cf.Ledger(SALES.assign(customer=["x", "y"] * 3), document="document"))
    with pytest.raises(cf.InputError, match=r"against has 2 customers, such as 'x', and the statement has 2 customers"):
        costed.trace("a", other)
    with pytest.raises(cf.InputError, match=r"before has 2 customers, such as 'x', and after has 2 customers"):
        cf.bridge(other, costed)


def test_a_customer_is_traced_by_its_number_or_its_name() -> None:
    sales = pd.DataFrame({
        "customer_id": [1000, 1001, 1002, 1000], "name": ["Acme", "Bolt", "Bolt", "Acme"], "date": ["2021-01-04"] * 3 + ["2020-01-06"],
        "revenue": [10.0, 20.0, 30.0, 40.0], "cost": [4.0, 5.0, 6.0, 7.0],
    })  # fmt: skip
    ledger = cf.Ledger(sales)
    stated, before = (cf.statement(ledger, period=(f"{year}-01-01", f"{year}-12-31")) for year in (2021, 2020))
    for customer in (1000, "1000", "1000.0", "Acme", " acme ", np.int64(1000)):
        assert stated.trace(customer).customer == "1000"
        assert stated.trace(customer, against=before).columns()["then"][0] == 33.0
    assert [one.customer for one in stated.pages(trace=[1000, "Acme"]).traces] == ["1000", "1000"]
    with pytest.raises(cf.InputError, match="2 customers have the name 'bolt': 1001, 1002; name one by its identity"):
        stated.trace("bolt")
    with pytest.raises(cf.errors.NotFoundError, match="Nobody"):
        stated.trace("Nobody")
    for wrong in (True, 1.5, None, ["1000"]):
        with pytest.raises(cf.InputError, match="it must be an identity or a name"):
            stated.trace(wrong)
