# Minutes that accepted offers free of a pool are sales hours of the plan.
"""``cf.Strategy(hours_pool=)``."""

from __future__ import annotations

import pandas as pd
import pytest

import custfolio as cf

COSTS = cf.CostModel(
    pools=[cf.Pool("service", cost=300_000.0, capacity=60_000.0)],
    activities=[cf.Activity("order", pool="service", minutes="6")],
    avoidable={"service": 1.0},
)


def offers_of_a_year() -> tuple[cf.Portfolio, cf.Offers]:
    """Ten customers with 120 orders of 100 each; the offer of a minimum of 200 halves their deliveries."""
    days = pd.date_range("2021-01-01", periods=120, freq="3D")
    frame = pd.concat(
        [pd.DataFrame({"customer": f"c{k}", "date": days, "revenue": 100.0, "cost": 80.0}) for k in range(10)]
    )
    portfolio = cf.statement(cf.Ledger(frame), COSTS, period=("2021-01-01", "2021-12-31")).portfolio
    offers = cf.remediate(
        portfolio, range(10), [cf.Terms.minimum_order(200)], target=0.04, acceptance=cf.Acceptance(0.5, 0.0)
    )
    return portfolio, offers


def test_freed_minutes_are_sales_hours_again() -> None:
    portfolio, offers = offers_of_a_year()
    table = offers.to_frame("pandas")
    assert len(table) == 10
    freed = table["minutes_freed of service"].to_numpy() / 60
    assert (freed > 1).all()
    setting = {"start": "2022-01", "months": 12, "floor": None, "hours_per_offer": 6.0, "interval": 12}
    without = cf.Strategy(**setting, limits={"sales_hours": 20.0}).optimise(portfolio, offers=offers)  # type: ignore[arg-type]
    assert len(without.actions) == 3
    used = cf.Strategy(**setting, hours_pool="service").optimise(portfolio, offers=offers)  # type: ignore[arg-type]
    assert len(used.actions) == 10
    hours = dict(zip(used.resources.columns()["resource"], used.resources.columns()["used"], strict=True))[
        "sales_hours"
    ]
    # New terms begin a month after the offer; every month has the share of the year's activity that it had in 2021.
    shares = portfolio.core.monthly_revenue[:, 1:].sum(axis=1) / portfolio.core.revenue
    expected = sum(6.0 - 0.5 * hours_of * share for hours_of, share in zip(freed, shares, strict=True))
    assert hours == pytest.approx(expected, rel=1e-9)
    # Within the limit there is room for more offers, since those that are accepted pay their hours back.
    limit = {"sales_hours": 20.0}
    within = cf.Strategy(**setting, limits=limit, hours_pool="service").optimise(portfolio, offers=offers)  # type: ignore[arg-type]
    each = 6.0 - 0.5 * freed[0] * shares[0]
    assert len(within.actions) == int(20.0 // each) == 6


def test_an_unknown_pool_is_refused() -> None:
    portfolio, offers = offers_of_a_year()
    with pytest.raises(cf.InputError, match="hours_pool 'sales' is no pool of the offers; they have service"):
        cf.Strategy(start="2022-01", hours_pool="sales").optimise(portfolio, offers=offers)
