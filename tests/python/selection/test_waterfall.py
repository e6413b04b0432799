# Tests of the price waterfall: by hand, against a slow computation, in every engine, and bad input.
"""`Statement.waterfall`: list price, invoice, pocket, contribution; of the company, customers and groups."""

from __future__ import annotations

import math
import pickle
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import custfolio as cf
from custfolio.errors import InputError

ROLES = {name: name for name in ("list_price", "discount", "rebate", "freight", "commission")}
TOTALS = ("list price", "invoice", "net revenue", "pocket", "pocket margin", "contribution")
ENGINES: list[Callable[[pd.DataFrame], Any]] = [
    lambda frame: frame,
    lambda frame: pl.from_pandas(frame).lazy(),
    duckdb.from_df,
]


def rows_of(seed: int, count: int = 300) -> pd.DataFrame:
    rng = random.Random(seed)
    rows = []
    for _ in range(count):
        quantity = rng.choice([1, 1, 1, -1]) * rng.randint(1, 9)
        unit = round(rng.uniform(5, 20), 2)
        sign = math.copysign(1, quantity)
        discount = sign * round(rng.uniform(0, 4), 2)
        rows.append({
            "customer": f"c{rng.randrange(9)}", "date": f"2021-0{rng.randrange(1, 7)}-{rng.randrange(1, 29):02d}",
            "revenue": round(quantity * unit - discount + rng.choice([0, 0, -0.5]), 2), "cost": round(quantity * unit * 0.6, 2),
            "quantity": float(quantity), "list_price": rng.choice([unit, unit, None]), "discount": discount,
            "rebate": sign * round(rng.uniform(0, 2), 2), "freight": round(rng.uniform(0, 3), 2), "commission": round(rng.uniform(0, 1), 2),
            "family": rng.choice(["wine", "beer", None]),
        })  # fmt: skip
    return pd.DataFrame(rows)


def slow(frame: pd.DataFrame, roles: dict[str, str], per_line: float) -> dict[str, dict[str, float]]:
    """Sum the steps of each customer, row by row."""
    steps: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in frame.to_dict("records"):
        one, of = steps[row["customer"]], {name: row[name] if name in roles else 0.0 for name in ROLES}
        unit = of["list_price"]
        known = "list_price" in roles and unit is not None and not math.isnan(unit)
        listed = unit * row["quantity"] if known else row["revenue"] + of["discount"]
        discount = of["discount"] if "discount" in roles else listed - row["revenue"]
        one["list price"] += listed
        one["discount"] -= discount
        one["price difference"] += row["revenue"] - listed + discount
        one["invoice"] += row["revenue"]
        one["rebate"] -= of["rebate"]
        one["net revenue"] += row["revenue"] - of["rebate"]
        one["freight"] -= of["freight"]
        one["commission"] -= of["commission"]
        one["pocket"] += row["revenue"] - of["rebate"] - of["freight"] - of["commission"]
        one["cost of goods"] -= row["cost"]
        one["other cost to serve"] -= per_line
    return steps


def assert_adds_up(rows: dict[str, Any]) -> None:
    """Check that each total is the total before it plus the changes between, to a millionth."""
    running: Any = None
    for step, kind in (
        (step, step in TOTALS) for step in rows if step not in ("customer_id", "name", "family", "month", "customer")
    ):
        if running is None:
            running = np.array(rows[step])
        elif kind:
            np.testing.assert_allclose(rows[step], running, atol=1e-6)
        else:
            running = running + rows[step]


def test_a_year_end_rebate_lowers_net_revenue() -> None:
    sales = pd.DataFrame(
        {"customer": ["a"], "date": ["2021-03-01"], "revenue": [100.0], "cost": [60.0], "bonus": [5.0]}
    )
    frame = pd.DataFrame({"customer": ["a", "stranger"], "element": ["rebate", "rebate"], "amount": [5.0, 1.0]})
    beside = cf.statement(cf.Ledger(sales), prices=frame)
    in_rows = cf.statement(cf.Ledger(sales, rebate="bonus"))
    for stated in (beside, in_rows):
        assert stated.bucket.level == 95.0
        assert round(stated.bucket.temperature, 3) == 0.368  # and not 0.35
        assert stated.reconciliation.exact
        assert stated.waterfall.steps["rebate"] == -5.0
    assert (beside.reconciliation.rebates, beside.reconciliation.rebates_not_attributed) == (5.0, 1.0)
    assert cf.Ledger(sales, rebate="bonus").revenue == 95.0


def test_an_amount_of_a_year_counts_by_the_days_of_the_period() -> None:
    sales = pd.DataFrame(
        {"customer": ["a", "a"], "date": ["2021-01-01", "2021-12-31"], "revenue": [100.0, 100.0], "cost": [60.0, 60.0]}
    )
    frame = pd.DataFrame(
        {"customer": ["a", "a"], "element": ["rebate", "freight"], "amount": [36.5, 73.0], "year": [2021, 2021]}
    )
    ledger = cf.Ledger(sales)
    assert cf.statement(ledger, prices=frame).bucket.level == pytest.approx(163.5)
    january = cf.statement(ledger, period=("2021-01-01", "2021-01-10"), prices=frame)
    assert january.bucket.level == pytest.approx(99.0)
    assert january.waterfall.steps["freight"] == pytest.approx(-2.0)
    assert cf.statement(ledger, prices=frame.assign(year=2020)).bucket.level == 200.0


def test_steps_by_hand() -> None:
    sales = pd.DataFrame({
        "customer": ["a", "a"], "date": ["2021-01-04", "2021-01-05"], "revenue": [90.0, 45.0], "cost": [50.0, 20.0], "quantity": [10.0, 5.0],
        "list_price": [10.0, 10.0], "discount": [8.0, 5.0], "rebate": [1.0, 2.0], "freight": [4.0, 0.0], "commission": [0.0, 1.0],
    })  # fmt: skip
    stated = cf.statement(cf.Ledger(sales, **ROLES), cf.CostModel({"deliveries": 10.0}))
    assert stated.waterfall.steps == {
        "list price": 150.0, "discount": -13.0, "price difference": -2.0, "invoice": 135.0, "rebate": -3.0, "net revenue": 132.0,
        "freight": -4.0, "commission": -1.0, "pocket": 127.0, "cost of goods": -70.0, "pocket margin": 57.0, "other cost to serve": -20.0,
        "cost of credit": 0.0, "contribution": 37.0,
    }  # fmt: skip
    table = stated.waterfall.to_frame("pandas")
    assert list(table.columns) == ["step", "kind", "amount", "share"]
    assert table["share"][0] == pytest.approx(150 / 132)
    chart = stated.waterfall.plot().to_dict()
    assert [row["step"] for row in chart["data"]["values"]][:3] == ["list price", "discount", "price difference"]
    assert "cost of credit" not in {row["step"] for row in chart["data"]["values"]}
    again = pickle.loads(pickle.dumps(stated))
    assert again.waterfall.steps == stated.waterfall.steps
    # A rate of the model goes before the amount.
    dearer = cf.statement(cf.Ledger(sales, **ROLES), cf.CostModel({"freight": 1.5}))
    assert dearer.waterfall.steps["freight"] == -6.0


@pytest.mark.parametrize("roles", [tuple(ROLES), ("list_price", "rebate"), ("discount", "freight"), ()])
@pytest.mark.parametrize("engine", ENGINES, ids=["memory", "polars", "duckdb"])
def test_random_rows_against_a_slow_computation(roles: tuple[str, ...], engine: Callable[[Any], Any]) -> None:
    frame = rows_of(len(roles))
    named = {name: name for name in roles}
    stated = cf.statement(cf.Ledger(engine(frame), family="family", **named), cf.CostModel({"lines": 0.5}))
    expected, rows = slow(frame, named, 0.5), stated.waterfall.rows
    for k, customer in enumerate(rows["customer_id"]):
        for step, amount in expected[customer].items():
            assert rows[step][k] == pytest.approx(amount, abs=1e-6), (customer, step)
    assert_adds_up(rows)
    steps = stated.waterfall.steps
    assert steps["net revenue"] == pytest.approx(stated.bucket.level)
    assert steps["contribution"] == pytest.approx(stated.bucket.heat)
    groups = stated.by("family", "month").waterfall
    assert_adds_up(groups.rows)
    for step, amount in groups.steps.items():
        assert amount == pytest.approx(steps[step], abs=1e-6), step


def test_groups_sum_with_yearly_amounts() -> None:
    frame = rows_of(7)
    prices = pd.DataFrame({
        "customer": ["c1", "c2", "c3", "c4"], "element": ["rebate", "discount", "list_price", "commission"], "amount": [50.0, 20.0, 900.0, 8.0],
    })  # fmt: skip
    ledger = cf.Ledger(frame, family="family", rebate="rebate")
    stated = cf.statement(ledger, cf.CostModel({"deliveries": 3.0}), prices=prices)
    for dimensions in (("family",), ("month", "family"), ("customer",)):
        groups = stated.by(*dimensions)
        assert groups.columns()["revenue"].sum() == pytest.approx(stated.bucket.level)
        assert_adds_up(groups.waterfall.rows)
        for step, amount in groups.waterfall.steps.items():
            assert amount == pytest.approx(stated.waterfall.steps[step], abs=1e-6), step
    months = stated.portfolio.core.monthly_revenue.sum(axis=0)
    assert stated.by("month").columns()["revenue"].tolist() == pytest.approx(months.tolist())


@pytest.mark.parametrize("element", ["rebate", "freight", "commission"])
def test_price_elements_per_customer_are_shared_by_revenue(element: str) -> None:
    """Rows of 10 and 30 share an amount of 8 as 2 and 6, whatever their lines."""
    sales = {"customer": ["a"] * 3, "date": ["2024-01-08"] * 3, "revenue": [10.0, 15.0, 15.0], "cost": [0.0] * 3}
    ledger = cf.Ledger(pd.DataFrame(sales | {"family": ["x", "y", "y"]}), family="family")
    prices = pd.DataFrame({"customer": ["a"], "element": [element], "amount": [8.0]})
    groups = cf.statement(ledger, prices=prices).by("family").columns()
    assert groups["contribution"].tolist() == pytest.approx([8.0, 24.0], rel=1e-12)


def test_without_costs_of_goods_the_steps_end_with_the_pocket() -> None:
    sales = rows_of(1).drop(columns="cost")
    steps = cf.statement(cf.Ledger(sales, **ROLES)).waterfall.steps
    assert list(steps)[-1] == "pocket"


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"customer": ["a"], "element": ["bonus"], "amount": [1.0]}, r"row 1: the element is 'bonus'.*list_price"),
        ({"customer": ["a"], "element": ["rebate"], "amount": [math.nan]}, "row 1: the amount is nan"),
        ({"customer": ["a"], "element": ["rebate"], "amount": [1.0], "year": [20.5]}, "row 1: the year is 20.5"),
        ({"customer": ["a"], "amount": [1.0]}, "element"),
    ],
)
def test_a_frame_of_prices_that_cannot_be_used(frame: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        cf.statement(cf.Ledger(rows_of(1)), prices=pd.DataFrame(frame))


def test_names_of_money_are_no_drivers() -> None:
    with pytest.raises(InputError, match="rebate= must be the name of a column, not int"):
        cf.Ledger(rows_of(1), rebate=5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"driver 'freight'.*freight="):
        cf.Ledger(rows_of(1), drivers={"freight": "quantity"})
    with pytest.raises(InputError, match=r"'rebate'.*prices="):
        cf.statement(cf.Ledger(rows_of(1)), drivers=pd.DataFrame({"customer": ["c1"], "rebate": [1.0]}))
    with pytest.raises(InputError, match=r"list_price= is a price of a unit.*quantity="):
        cf.Ledger(rows_of(1).drop(columns="quantity"), list_price="list_price")


def test_decisions_count_freight_and_commission() -> None:
    stated = cf.statement(cf.Ledger(rows_of(2), **ROLES))
    assert stated.costs.rates == {"freight": 1.0, "commission": 1.0}
    core = stated.portfolio.core
    served = -(stated.waterfall.rows["freight"] + stated.waterfall.rows["commission"])
    np.testing.assert_allclose(core.cost_to_serve, served, atol=1e-9)
    offers = cf.remediate(
        stated.portfolio, cf.select(stated.portfolio, target=0.9, min_months=0), terms=[cf.Terms.price(0.9)]
    )
    assert len(offers) > 0


def test_trace_orders_and_lifetime_see_net_revenue() -> None:
    frame = rows_of(5)
    prices = pd.DataFrame({"customer": ["c1"], "element": ["rebate"], "amount": [50.0]})
    ledger = cf.Ledger(frame, **ROLES)
    costs = cf.CostModel({"deliveries": 3.0}, revenue_share=0.1)
    stated = cf.statement(ledger, costs, prices=prices)
    trace = stated.trace("c1").columns()
    assert "rebate" in list(trace["node"])
    core = stated.portfolio.core
    net = cf.statement(ledger, costs).portfolio.core.revenue
    np.testing.assert_allclose(net.sum() - 50.0, core.revenue.sum(), atol=1e-9)
    orders = stated.portfolio.orders.columns()
    amounts = np.asarray(orders["amount"])
    owner = np.asarray(orders["customer_id"])
    for k, customer in enumerate(core.id):
        assert amounts[owner == customer].sum() == pytest.approx(core.revenue[k])
    summary = cf.lifetime.summary(ledger)
    plain = cf.lifetime.summary(cf.Ledger(frame.assign(revenue=frame["revenue"] - frame["rebate"])))
    assert summary.columns()["monetary_value"].tolist() == pytest.approx(plain.columns()["monetary_value"].tolist())


def test_a_baseline_starts_from_net_revenue() -> None:
    frame = rows_of(6, 900)
    frame["date"] = [f"202{k % 2}-{date[5:]}" for k, date in enumerate(frame["date"])]
    with_rebate = cf.statement(cf.Ledger(frame, **ROLES), period=("2021-01-01", "2021-06-30"))
    lowered = frame.assign(revenue=frame["revenue"] - frame["rebate"])
    without = cf.statement(
        cf.Ledger(lowered, drivers={"paid freight": "freight", "paid commission": "commission"}),
        cf.CostModel({"paid freight": 1.0, "paid commission": 1.0}),
        period=("2021-01-01", "2021-06-30"),
    )
    found = [
        cf.lifetime.baseline(cf.Ledger(frame, **ROLES), with_rebate.portfolio, start="2021-07", months=6),
        cf.lifetime.baseline(
            cf.Ledger(lowered, drivers={"paid freight": "freight", "paid commission": "commission"}),
            without.portfolio,
            start="2021-07",
            months=6,
        ),
    ]
    np.testing.assert_allclose(found[0].core.level, found[1].core.level, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found[0].core.heat, found[1].core.heat, rtol=1e-9, atol=1e-9)


def test_a_baseline_is_lowered_by_rebates_per_customer() -> None:
    days = [f"20{year}-{month:02d}-{day}" for year in (19, 20, 21) for month in range(1, 13) for day in ("05", "20")]
    frame = pd.DataFrame({"customer": "a", "date": days, "revenue": 100.0, "cost": 60.0})
    ledger = cf.Ledger(frame)
    prices = pd.DataFrame({"customer": ["a"], "element": ["rebate"], "amount": [240.0]})
    stated = cf.statement(ledger, period=("2021-01-01", "2021-12-31"), prices=prices)
    found = cf.lifetime.baseline(ledger, stated.portfolio, start="2022-01", months=12).core
    assert found.level.sum() == pytest.approx(stated.bucket.level)
    assert found.heat.sum() == pytest.approx(stated.bucket.heat)


def test_tables_beside_the_ledger_are_in_its_currency() -> None:
    """A currency in prices or receivables that is not that of the figures is an error, not ignored."""
    sales = {"customer": ["a"], "date": ["2021-01-04"], "revenue": [100.0], "cost": [60.0]}
    ledger = cf.Ledger(pd.DataFrame(sales), currency="EUR")
    prices = pd.DataFrame({"customer": ["a"], "element": ["rebate"], "amount": [10.0], "currency": ["USD"]})
    with pytest.raises(InputError, match=r"prices=: column 'currency' has amounts in USD, the others are in EUR"):
        cf.statement(ledger, prices=prices)
    assert cf.statement(ledger, prices=prices.assign(currency="€")).bucket.level == 90.0
    owed = {"customer": ["a"], "invoice": ["2021-01-04"], "due": ["2021-02-04"], "paid": [None], "amount": [100.0]}
    costs = cf.CostModel(credit_rate=0.08)
    with pytest.raises(InputError, match="receivables: column 'Valuta' has amounts in USD"):
        cf.statement(ledger, costs, receivables=pd.DataFrame(owed | {"Valuta": ["USD"]}))
    dollars = cf.Ledger(pd.DataFrame(sales), currency="USD")
    before, after = cf.statement(ledger), cf.statement(dollars)
    with pytest.raises(InputError, match="before is in EUR, after in USD"):
        cf.bridge(before, after)
    with pytest.raises(InputError, match="against is in EUR, the statement in USD"):
        after.trace("a", against=before)


@pytest.mark.parametrize("name", ["revenue", "contribution", "name", "level", "cost of lines"])
def test_a_driver_overwrites_no_column_of_the_statement(name: str) -> None:
    """Its column would stand in place of the figure."""
    sales = pd.DataFrame({"customer": ["a"], "date": ["2021-01-04"], "revenue": [100.0], "km": [7.0]})
    with pytest.raises(InputError, match=f"driver '{name}' has the name of a column of the statement"):
        cf.Ledger(sales, drivers={name: "km"})
    own = pd.DataFrame({"customer": ["a"], name: [1.0]})
    with pytest.raises(InputError, match=f"drivers: driver '{name}' has the name of a column"):
        cf.statement(cf.Ledger(sales), drivers=own)


def test_a_gap_in_list_prices_is_the_invoice_plus_the_discount() -> None:
    """The first row has 60 a unit; the second has no quantity."""
    sales = {"customer": ["a", "b"], "date": ["2021-01-10"] * 2, "revenue": [100.0, 190.0], "cost": [1.0] * 2}
    sales |= {"quantity": [2.0, None], "list": [60.0, 60.0], "discount": [20.0, 10.0]}
    for frame in (pd.DataFrame(sales), pl.DataFrame(sales).lazy()):
        steps = cf.statement(cf.Ledger(frame, list_price="list", discount="discount")).waterfall.steps
        assert (steps["list price"], steps["discount"], steps["price difference"]) == (320.0, -30.0, 0.0)
