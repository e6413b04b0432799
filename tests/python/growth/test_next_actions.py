# Next actions: which steps can start, what hangs on each, and what peers buy.
"""``cf.growth.next_actions`` and ``cf.growth.white_space``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio import InputError
from custfolio.growth import next_actions, white_space

STEP = cf.ActionStep
PLANS = [
    cf.ActionPlan(
        "a",
        "range",
        [
            STEP("trial", 0.5, condition="buyer met", hours=2),
            STEP("listing", 0.6, duration=1, contribution=90, revenue=200, hours=4),
        ],
    ),
    cf.ActionPlan("b", "deal", [STEP("won", 0.25, earliest=3, hours=10, one_off_contribution=4000)]),
    cf.ActionPlan("c", "help", [STEP("visit", 0.8, after="a/range/trial", hours=1, contribution=50)]),
    cf.ActionPlan(
        "d",
        "two ways",
        [
            STEP("call", 0.5, after=0, hours=1),
            STEP("fair", 0.4, after=0, hours=8),
            STEP("order", 0.5, after="call | fair", hours=2, one_off_contribution=1000),
        ],
    ),
]


def test_steps_that_can_start_are_ranked_by_heat_per_hour() -> None:
    growth = cf.grow(PLANS, start="2022-01", months=6)
    found = next_actions(growth).to_frame("pandas")
    assert set(zip(found.customer_id, found.action, strict=True)) == {
        ("a", "trial"),
        ("b", "won"),
        ("d", "call"),
        ("d", "fair"),
    }
    assert (np.diff(found.heat_per_hour) <= 0).all()
    rows = found.set_index(["customer_id", "action"])
    # The trial carries a's listing (five months from February) and c's visit (six months).
    heat = 0.5 * 0.6 * 90 * 5 + 0.5 * 0.8 * 50 * 6
    hours = 2 + 0.5 * 4 + 0.5 * 1
    assert rows.expected_heat["a", "trial"] == pytest.approx(heat)
    assert rows.hours["a", "trial"] == pytest.approx(hours)
    assert rows.heat_per_hour["a", "trial"] == pytest.approx(heat / hours)
    assert rows.month["b", "won"] == "2022-03"
    assert rows.condition["a", "trial"] == "buyer met"
    # Without the call, the fair still leads to an order: 1,000 x 0.5 x (0.7 - 0.4).
    assert rows.expected_heat["d", "call"] == pytest.approx(1000 * 0.5 * (0.7 - 0.4))
    assert rows.hours["d", "call"] == pytest.approx(1 + 2 * (0.7 - 0.4))
    assert len(next_actions(growth, top=2)) == 2
    assert next_actions(growth).plot().to_dict()


def test_what_is_known_moves_on() -> None:
    growth = cf.grow(PLANS, start="2022-01", months=6).given(
        {("a", "range", "trial"): "2022-01", ("b", "deal", "won"): "failed"}
    )
    found = next_actions(growth).to_frame("pandas")
    assert set(zip(found.customer_id, found.action, strict=True)) == {
        ("a", "listing"),
        ("c", "visit"),
        ("d", "call"),
        ("d", "fair"),
    }
    rows = found.set_index(["customer_id", "action"])
    assert rows.expected_heat["c", "visit"] == pytest.approx(0.8 * 50 * 6)
    waiting = [cf.ActionPlan("e", "x", [STEP("go", 0.5, after="terms", contribution=1)])]
    assert len(next_actions(cf.grow(waiting, start="2022-01", months=2, events={"terms": 0.5}))) == 0
    known = next_actions(cf.grow(waiting, start="2022-01", months=2, events={"terms": 1.0})).to_frame("pandas")
    assert known.action.tolist() == ["go"]
    assert np.isnan(known.heat_per_hour[0])  # no hours are known


SALES = pd.DataFrame(
    {
        "customer": ["a", "a", "b", "b", "c", "c", "d", "e"],
        "product": ["wine", "beer", "wine", "beer", "wine", "beer", "wine", "tea"],
        "revenue": [60.0, 40.0, 700.0, 300.0, 160.0, 40.0, 500.0, 10.0],
        "contribution": [6.0, 8.0, 70.0, 60.0, 16.0, 8.0, 50.0, 1.0],
        "segment": ["x", "x", "x", "x", "x", "x", "x", "y"],
    }
)


def test_white_space_is_what_peers_buy() -> None:
    found = white_space(SALES, contribution="contribution", segment="segment").to_frame()
    assert isinstance(found, pd.DataFrame)
    rows = found.set_index(["customer_id", "product"])
    # Three of d's three peers buy beer, the median of their shares is 30 %; beer is at 20 %.
    assert rows.usual["d", "beer"] == pytest.approx(150.0)
    assert rows.penetration["d", "beer"] == 1.0
    assert rows.heat["d", "beer"] == pytest.approx(150 * 76 / 380)
    assert ("c", "beer") in rows.index  # buys it, but less than peers do
    assert rows.gap["c", "beer"] == pytest.approx(200 * 0.3 - 40)
    assert "tea" not in set(found["product"])  # nobody else of the segment to learn from
    assert found.gap.is_monotonic_decreasing
    assert len(white_space(SALES, segment="segment", top=1)) == 1
    assert white_space(SALES).plot().to_dict()


def test_white_space_becomes_proposals() -> None:
    space = white_space(SALES, contribution="contribution", segment="segment")
    found = next_actions(white_space=space, probability=0.2, hours=3).to_frame("pandas")
    assert found.action[0] == "offer beer"
    assert found.expected_heat[0] == pytest.approx(0.2 * 30)
    assert found.heat_per_hour[0] == pytest.approx(0.2 * 30 / 3)
    plans = [cf.ActionPlan("d", "deal", [STEP("won", 0.5, hours=1, one_off_contribution=10)])]
    both = next_actions(cf.grow(plans, start="2022-01", months=1), white_space=space, probability=0.2, hours=3)
    assert both.to_frame("pandas").groupby("customer_id").action.first()["d"] == "won"


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: next_actions(), "needs action plans"),
        (lambda: next_actions(white_space=white_space(SALES), probability=0.2, hours=1), "no heat"),
        (lambda: next_actions(white_space=white_space(SALES, contribution="contribution")), "needs its chance"),
        (lambda: white_space(SALES, penetration=0.0), "penetration"),
        (lambda: white_space(SALES, product="luck"), "'luck'"),
        (lambda: white_space(SALES.assign(revenue=[float("nan")] * 8)), "row 1"),
        (lambda: white_space(SALES.assign(segment=list("xyxxxxxx")), segment="segment"), "row 2: customer a"),
        (lambda: white_space(SALES.assign(product=[None, *SALES["product"][1:]])), "row 1: no product"),
        (lambda: white_space(3), "lines is of type int; it must be a frame or columns of sales"),
    ],
)
def test_what_cannot_be_answered_is_told(call, word: str) -> None:
    with pytest.raises(InputError, match=word):
        call()


def test_sales_and_hours_beyond_the_range_of_numbers_are_refused() -> None:
    sales = {
        "customer": ["a", "a", "b", "b", "c"],
        "product": ["x", "y", "x", "y", "x"],
        "revenue": [1e308, 10.0, 1e308, 20.0, 30.0],
        "contribution": [1.0, 1.0, 1.0, 1.0, 1.0],
    }
    with pytest.raises(InputError, match=r"row \d: .*inf"):
        white_space(sales, contribution="contribution")
    gaps = white_space(
        sales | {"revenue": [100.0, 10.0, 100.0, 20.0, 30.0]}, contribution="contribution", penetration=0.1
    )
    for hours in (float("inf"), 5e-324):
        with pytest.raises(InputError, match=r"hours|heat per hour"):
            next_actions(white_space=gaps, probability=0.5, hours=hours)
