# New terms on the orders of the demo's data: a slow replay, published figures, amounts that one can send, packages.
"""Rooms ``terms`` and ``remediation`` on real orders."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio import demo
from custfolio._flow import terms_of

STEPPED = [
    cf.Terms.delivery_fee(25, step=5),
    cf.Terms.minimum_order(2_000, step=100),
    cf.Terms.price(0.03, step=0.005),
]
EXACT = [cf.Terms.delivery_fee(25), cf.Terms.minimum_order(2_000), cf.Terms.price(0.03)]


@pytest.fixture(scope="module")
def portfolio() -> cf.Portfolio:
    ledger = cf.Ledger.read(demo.deliveries_path(2021), customer="store", quantity="bottles")
    return cf.statement(ledger, cf.CostModel(**demo.COSTS), period=demo.PERIOD).portfolio


@pytest.fixture(scope="module")
def selection(portfolio: cf.Portfolio) -> cf.Selection:
    return cf.select(portfolio, target=0.05)


@pytest.fixture(scope="module")
def bare(portfolio: cf.Portfolio) -> cf.Portfolio:
    """Return the same customers without their orders, as a stored portfolio has them."""
    found = copy.copy(portfolio)
    found.core = cf.Portfolio.from_frame(portfolio.to_frame("pandas"), period=demo.PERIOD).core
    found._list_orders = None
    return found


def slow_deliveries(amounts: list[float], minimum: float) -> tuple[int, int]:
    """Count deliveries order by order, where a customer waits and where it tops up."""
    waits = tops_up = 0
    pile = stock = 0.0
    for amount in amounts:
        pile += amount
        if pile >= minimum:
            waits, pile = waits + 1, 0.0
        if stock >= amount:
            stock -= amount
        else:
            stock += max(minimum, amount - stock) - amount
            tops_up += 1
    return waits + (pile > 0), tops_up


def reached(offers: cf.Offers) -> int:
    """Return the number of customers with an offer that reaches the target."""
    columns = offers.columns()
    return len(set(np.asarray(columns["customer_id"])[columns["reaches"]]))


def test_a_minimum_order_follows_the_orders_of_every_customer(portfolio: cf.Portfolio) -> None:
    orders = portfolio.orders.columns()
    begin = portfolio.orders.begin.astype(int)
    assert len(portfolio.orders) == 70_137
    expected = {2_000.0: (53_575, 64_047), 3_000.0: (45_609, 56_163)}
    rows = np.arange(len(portfolio))
    for minimum, counts in expected.items():
        slow = [
            slow_deliveries(orders["amount"][begin[k] : begin[k + 1]].tolist(), minimum) for k in range(len(portfolio))
        ]
        assert tuple(map(sum, zip(*slow, strict=True))) == counts
        for column, response in enumerate(("waits", "tops up")):
            terms = [cf.Terms.minimum_order(minimum, 0.0, response=response, cost_of_capital=0.0, step=minimum)]
            offers = cf.remediate(portfolio, rows, terms, target=0.9)
            found = dict(zip(offers.core.customer.tolist(), offers.core.deliveries_change.tolist(), strict=True))
            for k, before in enumerate(np.diff(begin).tolist()):
                assert found.get(k, 0) == slow[k][column] - before


def test_what_waiting_saves_and_who_reaches_the_target(portfolio: cf.Portfolio, selection: cf.Selection) -> None:
    whole = [cf.Terms.minimum_order(2_000, step=2_000)]
    offers = cf.remediate(portfolio, selection, whole)
    assert len(selection.rows("remediate")) == 1_117
    assert offers.core.heat_change.sum() == pytest.approx(1_134_090)
    assert reached(offers) == 404
    np.testing.assert_allclose(offers.core.heat_if_waits, offers.core.heat_change)
    assert (offers.core.heat_if_tops_up <= offers.core.heat_if_waits).all()
    both = cf.remediate(portfolio, selection, [cf.Terms.minimum_order(2_000, step=2_000, response=0.25)])
    core = both.core
    np.testing.assert_allclose(core.heat_change, 0.25 * core.heat_if_waits + 0.75 * core.heat_if_tops_up)


def test_without_orders_averages_stand_for_them_and_the_offers_say_so(
    bare: cf.Portfolio, selection: cf.Selection, portfolio: cf.Portfolio
) -> None:
    rows = selection.rows("remediate")
    offers = cf.remediate(bare, rows, EXACT, target=0.05)
    assert "no orders" in offers.notes[0]
    assert "no orders" in offers._repr_html_()
    assert offers.core.expected_heat_change[offers.best].sum() == pytest.approx(783_483, abs=0.5)
    assert reached(offers) == 521
    worth = cf.remediate(bare, rows, EXACT, target=0.05, objective="expected")
    assert worth.core.expected_heat_change[worth.best].sum() == pytest.approx(1_088_989, abs=0.5)
    package = cf.remediate(bare, rows, [cf.Terms.package(*STEPPED)], target=0.05)
    assert reached(package) == 883
    whole = cf.remediate(bare, rows, [cf.Terms.minimum_order(2_000, step=2_000)], target=0.05)
    assert reached(whole) == 11
    assert cf.remediate(portfolio, selection, EXACT).notes == []


def test_offers_can_be_sent(portfolio: cf.Portfolio, selection: cf.Selection) -> None:
    offers = cf.remediate(portfolio, selection, STEPPED, least_heat=50)
    columns = offers.columns()
    amounts, lever = np.asarray(columns["amount"]), np.asarray(columns["lever"])
    for name, step in (("delivery fee", 5), ("minimum order", 100), ("price", 0.005)):
        steps = amounts[lever == name] / step
        np.testing.assert_allclose(steps, np.round(steps))
    assert len(set(columns["terms"])) <= 5 + 20 + 6
    assert columns["heat_change"].min() >= 50
    required = np.asarray(columns["required"])
    assert (required[~columns["reaches"] & np.isfinite(required)] > 0).all()
    np.testing.assert_allclose(
        columns["heat_per_delivery"],
        (portfolio.core.contribution / portfolio.core.deliveries)[offers.core.customer],
    )
    package = cf.remediate(portfolio, selection, [cf.Terms.package(*STEPPED)])
    assert reached(package) > 883 > reached(offers)
    first = package.columns()["terms"][0]
    assert any(word in first for word in ("fee", "minimum", "prices"))


def test_a_lever_of_your_own_uses_orders_and_drivers(portfolio: cf.Portfolio, selection: cf.Selection) -> None:
    calls: list[int] = []

    def monday(orders: dict[str, Any] | None, drivers: dict[str, float], amount: float) -> dict[str, float]:
        assert orders is not None
        calls.append(len(orders["day"]))
        weeks = len({(day + 3) // 7 for day in orders["day"].tolist()})
        return {"deliveries": min(drivers["deliveries"], weeks * amount), "burden": 0.01}

    rows = selection.rows("remediate")[:20]
    offers = cf.remediate(portfolio, rows, [cf.Terms.custom("a delivery a week", monday)], target=0.05)
    assert calls
    fixed = cf.remediate(portfolio, rows, [cf.Terms.fixed_days("Sunday")], target=0.05)
    # A week of orders is one delivery on the Sunday that ends it.
    found = dict(zip(offers.core.customer.tolist(), offers.core.deliveries_change.tolist(), strict=True))
    for row, change in zip(fixed.core.customer.tolist(), fixed.core.deliveries_change.tolist(), strict=True):
        assert found.get(row, 0) == change
    for returned, words in (
        ({"deliveries": -1}, "deliveries is -1; it must be >= 0"),
        ({"deliveries": float("nan")}, "deliveries"),
        ({"fuel": 3}, "returned 'fuel'; it must return drivers"),
        ({"burden": "much"}, "burden is 'much'; it must be a number"),
        ({"deliveries": 0, "burden": float("inf")}, "the burden that 'nonsense' returned is inf"),
        (3, "returned 3; it must return a dict"),
    ):
        nonsense = cf.Terms.custom("nonsense", lambda orders, drivers, amount, found=returned: found)
        with pytest.raises(cf.InputError, match=f"customer .*own terms: .*{words}"):
            cf.remediate(portfolio, rows, [nonsense], target=0.05)
    failing = cf.Terms.custom("failing", lambda orders, drivers, amount: 1 / 0)
    with pytest.raises(cf.InputError, match=r"'failing' raised ZeroDivisionError: division by zero$"):
        cf.remediate(portfolio, rows, [failing], target=0.05)
    with pytest.raises(cf.InputError, match="function is 3; it must be a function of orders, drivers and amount"):
        cf.Terms.custom("three", 3)  # type: ignore[arg-type]
    with pytest.raises(cf.InputError, match=r"longest_wait is 1\.5; it must be a whole number of days"):
        cf.Terms.minimum_order(500, longest_wait=1.5)  # type: ignore[arg-type]
    with pytest.raises(cf.InputError, match=r"selection: row 1\.5; rows are whole numbers"):
        cf.remediate(portfolio, [1.5], EXACT, target=0.05)  # type: ignore[list-item]
    again = pickle.loads(pickle.dumps(offers))
    assert again.columns()["terms"] == offers.columns()["terms"]


def test_levers_of_settings_are_those_of_python() -> None:
    settings = {
        "delivery_fee": 25, "minimum_order": 500, "price": 0.03, "step": {"price": 0.005}, "response": 0.5, "package": True,
        "terms": [
            {"lever": "fixed_days", "days": ["Tuesday", "Friday"]},
            {"lever": "payment_term", "days": 30, "step": 15},
            {"lever": "package", "parts": [{"lever": "frequency", "days": 14}, {"lever": "rebate", "share": 0.5}]},
        ],
    }  # fmt: skip
    three = [cf.Terms.delivery_fee(25), cf.Terms.minimum_order(500, response=0.5), cf.Terms.price(0.03, step=0.005)]
    assert terms_of(settings) == [
        *three,
        cf.Terms.package(*three),
        cf.Terms.fixed_days("Tuesday", "Friday"),
        cf.Terms.payment_term(30, step=15),
        cf.Terms.package(cf.Terms.frequency(14), cf.Terms.rebate(0.5)),
    ]
    for wrong, words in (
        ({"step": {"fee": 5}}, "step names 'fee'"),
        ({"terms": [{"lever": "custom"}]}, "lever is 'custom'"),
        ({"terms": [{"lever": "rebate", "part": 1}]}, r"lever rebate has part = 1"),
    ):
        with pytest.raises(cf.InputError, match=words):
            terms_of(wrong)


def test_what_cannot_be_offered_is_named(portfolio: cf.Portfolio) -> None:
    with pytest.raises(cf.InputError, match="step of the delivery fee is 30, more than its ceiling of 25"):
        cf.remediate(portfolio, [0], [cf.Terms.delivery_fee(25, step=30)], target=0.05)
    with pytest.raises(cf.InputError, match="objective is 'most'"):
        cf.remediate(portfolio, [0], EXACT, target=0.05, objective="most")
    with pytest.raises(cf.InputError, match=r"ceiling of the price is -0\.5"):
        cf.remediate(portfolio, [0], [cf.Terms.price(-0.5)], target=0.05)
    with pytest.raises(cf.NotFoundError, match="no driver 'kilometres'"):
        cf.remediate(portfolio, [0], [cf.Terms.delivery_fee(1, per="kilometres")], target=0.9)
    with pytest.raises(cf.NotFoundError, match="no activity 'order'"):
        cf.remediate(portfolio, [0], [cf.Terms.order_channel("order", 2)], target=0.9)
    with pytest.raises(cf.InputError, match="weekday is 'Mon'"):
        cf.Terms.fixed_days("Mon")
    with pytest.raises(cf.InputError, match="response is 'leaves'"):
        cf.Terms.minimum_order(10, response="leaves")
    days = cf.remediate(portfolio, [0], [cf.Terms.payment_term(30)], target=0.9)
    assert days.not_offered.columns()["reason"] == ["days from invoice to payment are not known"]


def test_a_price_below_cost_is_named() -> None:
    frame = pd.DataFrame(
        {
            "customer_id": ["a"],
            "revenue": [1_000.0],
            "goods": [1_200.0],
            "cost_to_serve": [40.0],
            "contribution": [-240.0],
            "deliveries": [4.0],
            "lines": [4.0],
            "quantity": [4.0],
        }
    )
    stated = cf.Portfolio.from_frame(frame, costs=cf.CostModel(rates={"deliveries": 10.0}))
    offers = cf.remediate(stated, [0], [cf.Terms.price(0.1)], target=0.0)
    assert offers.columns()["below_cost"].tolist() == [True]
    assert offers.columns()["reason"][0].endswith("its goods still sell below their cost")
