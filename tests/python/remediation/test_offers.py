# Offers: the smallest change of terms, against a slow search; acceptance; bad input.
"""Rooms ``terms`` and ``remediation``."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import custfolio as cf

COSTS = cf.CostModel(
    rates={"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.2, avoidable={"deliveries": 0.6}
)
LEVERS = [cf.Terms.delivery_fee(25), cf.Terms.minimum_order(2_000), cf.Terms.price(0.03)]


def portfolio_of(revenue: float, goods: float, deliveries: float, lines: float, quantity: float) -> cf.Portfolio:
    serve = 90 * deliveries + 2.5 * lines + 0.12 * quantity + 0.2 * revenue
    avoidable = 54 * deliveries + 2.5 * lines + 0.12 * quantity + 0.2 * revenue
    columns = {
        "customer_id": ["x"], "revenue": [revenue], "goods": [goods], "cost_to_serve": [serve],
        "avoidable_cost": [avoidable], "contribution": [revenue - goods - serve], "deliveries": [deliveries],
        "lines": [lines], "quantity": [quantity],
    }  # fmt: skip
    return cf.Portfolio.from_frame(pd.DataFrame(columns), costs=COSTS)


def change(lever: str, amount: float, row: cf.Customer) -> tuple[float, float, float, float]:
    """Revenue change, heat change at avoidable and at full cost, and burden of terms, computed from the formulas."""
    deliveries = row.columns["deliveries"]
    if lever == "delivery fee":
        gain = amount * deliveries
        return gain, 0.8 * gain, 0.8 * gain, gain / row.level
    if lever == "minimum order":
        fewer = deliveries - min(deliveries, max(1.0, row.level / amount))
        return 0.0, 0.6 * 90 * fewer, 90 * fewer, 0.05 * fewer / deliveries
    gain = amount * row.level
    return gain, 0.8 * gain, 0.8 * gain, amount


@given(
    revenue=st.floats(1_000, 100_000),
    margin=st.floats(0.2, 0.5),
    deliveries=st.integers(1, 80),
    lines=st.integers(1, 500),
)
def test_offers_are_the_smallest_that_reach(revenue: float, margin: float, deliveries: int, lines: int) -> None:
    portfolio = portfolio_of(revenue, revenue * (1 - margin), deliveries, lines, 10 * lines)
    row = portfolio["x"]
    offers = cf.remediate(portfolio, [0], LEVERS, target=0.05)
    found = offers.to_frame("pandas")
    assert len(found) + len(offers.not_offered) == len(LEVERS)
    for offer in found.itertuples():
        more, heat, full, burden = change(offer.lever, offer.amount, row)
        assert offer.revenue_change == pytest.approx(more, abs=1e-6)
        assert offer.heat_change == pytest.approx(heat, abs=1e-6)
        assert offer.burden == pytest.approx(burden, abs=1e-9)
        assert offer.full_change == pytest.approx(full, abs=1e-6)
        assert offer.temperature_after == pytest.approx((row.heat + full) / (row.level + more), abs=1e-9)
        odds = math.log(0.7 / 0.3) - 10 * burden
        assert offer.acceptance == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-12)
        assert offer.expected_heat_change == pytest.approx(offer.acceptance * heat, abs=1e-6)
        ceiling = next(lever.amount for lever in LEVERS if lever.lever == offer.lever)
        assert 0 < offer.amount <= ceiling
        if offer.reaches:
            assert offer.temperature_after >= 0.05 - 1e-9
            less = 0.999 * offer.amount
            more, _, full, _ = change(offer.lever, less, row)
            assert (row.heat + full) / (row.level + more) < 0.05 + 1e-12
        elif offer.lever != "minimum order":
            assert offer.amount == ceiling


def test_acceptance_and_its_bounds() -> None:
    prior = cf.Acceptance(base=0.7)
    assert prior.probability(0.0) == pytest.approx(0.7)
    assert prior.probability(0.1) < prior.probability(0.01) < 0.7
    assert prior.probability(math.inf) == 0.0
    with pytest.raises(cf.InputError, match=r"0\.7"):
        cf.Acceptance(base=70)
    with pytest.raises(cf.InputError, match="sensitivity"):
        cf.Acceptance(sensitivity=-1)


def test_terms_say_what_they_are() -> None:
    assert str(cf.Terms.delivery_fee(25)) == "a delivery fee of 25.00"
    assert str(cf.Terms.price(0.03)) == "prices up by 3.00%"
    assert cf.Terms.price(0.03) == cf.Terms.price(0.03) != cf.Terms.price(0.02)
    assert len({cf.Terms.price(0.03), cf.Terms.price(0.03)}) == 1
    with pytest.raises(cf.InputError, match=r"negative|>= 0|below"):
        cf.Terms.delivery_fee(-1)
    with pytest.raises(cf.InputError, match="elasticity"):
        cf.Terms.price(0.1, elasticity=0.5)


def test_what_is_missing_is_named() -> None:
    bare = cf.Portfolio.from_frame(pd.DataFrame({"customer_id": ["a"], "revenue": [1.0], "contribution": [0.0]}))
    with pytest.raises(cf.InputError, match="cost model"):
        cf.remediate(bare, [0], LEVERS, target=0.05)
    with pytest.raises(cf.InputError, match="target"):
        cf.remediate(bare, [0], LEVERS, costs=COSTS)
    with pytest.raises(cf.InputError, match="Terms"):
        cf.remediate(bare, [0], ["a fee"], costs=COSTS, target=0.05)  # type: ignore[list-item]
    with pytest.raises(cf.NotFoundError, match="7"):
        cf.remediate(bare, [7], LEVERS, costs=COSTS, target=0.05)


def test_offers_show_themselves() -> None:
    portfolio = portfolio_of(20_000, 15_000, 40, 100, 900)
    offers = cf.remediate(portfolio, [0], LEVERS, target=0.05)
    for result in (offers, offers.not_offered):
        assert "custfolio" in result._repr_html_()
        assert result.plot().to_dict()
    assert offers.best.size == 1
    assert offers.cost_per_delivery[0] == pytest.approx((90 * 40 + 250 + 108 + 4_000) / 40)


def test_a_price_of_a_family_changes_the_revenue_of_its_rows() -> None:
    frame = pd.DataFrame(
        {
            "customer": ["a", "a", "a", "b", "b"],
            "date": ["2021-01-10", "2021-02-10", "2022-02-10", "2021-03-10", "2021-04-10"],
            "revenue": [600.0, 400.0, 9_000.0, 500.0, -100.0],
            "cost": [500.0, 300.0, 9_000.0, 450.0, -80.0],
            "kind of goods": ["wine", "beer", "wine", "wine", "wine"],
        }
    )
    ledger = cf.Ledger(frame, family="kind of goods")
    year = ("2021-01-01", "2021-12-31")
    portfolio = cf.statement(ledger, cf.CostModel(rates={"deliveries": 90.0}), period=year, families=["wine"]).portfolio
    assert portfolio["a"].columns["wine"] == 600
    assert portfolio["b"].columns["wine"] == 400
    offers = cf.remediate(portfolio, [0, 1], [cf.Terms.price(0.05, family="wine")], target=0.5).to_frame("pandas")
    assert offers.terms.tolist() == ["prices of wine up by 5.00%"] * 2
    assert offers.revenue_change.tolist() == pytest.approx([30, 20])
    assert offers.heat_change.tolist() == pytest.approx([30, 20])
    for families, message in (
        (["rum"], "no family 'rum'; the ledger has beer, wine"),
        (["lines"], "no family 'lines'"),
    ):
        with pytest.raises(cf.InputError, match=message):
            cf.statement(ledger, families=families)
    with pytest.raises(cf.InputError, match="name it with family="):
        cf.statement(cf.Ledger(frame), families=["wine"])
    with pytest.raises(cf.NotFoundError, match="no driver 'beer'"):
        cf.remediate(portfolio, [0], [cf.Terms.price(0.05, family="beer")], target=0.5)


@pytest.mark.parametrize("objective", ["reach", "expected"])
@pytest.mark.parametrize("base", [0.0, 1.0])
def test_certain_acceptance_is_a_stated_result(base: float, objective: str) -> None:
    portfolio = portfolio_of(10_000.0, 7_000.0, 20, 40, 400)
    certain = cf.Acceptance(base, 3.0)
    offers = cf.remediate(portfolio, [0], LEVERS, target=0.05, acceptance=certain, objective=objective)
    columns = offers.columns()
    assert columns["acceptance"].tolist() == [base] * len(offers)
    assert columns["expected_heat_change"].tolist() == pytest.approx([base * heat for heat in columns["heat_change"]])
    assert offers.distribution().standard_deviation == 0
    plan = cf.Strategy(start="2022-01", floor=None).optimise(portfolio, offers=offers)
    assert len(plan.actions) == base
