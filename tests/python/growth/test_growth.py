# Action plans: expectations and distributions against every way in which they can end.
"""Room ``growth``."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import custfolio as cf
from custfolio import demo
from custfolio.growth import plans_from_frame, sum_distribution

MONTHS = 8


def outcomes(plan: cf.ActionPlan) -> list[tuple[float, np.ndarray]]:
    """Every way in which a chain can end: its probability and its payoff per month."""
    found = []
    reached, start, pay = 1.0, 0, np.zeros(MONTHS)
    for step in plan.steps:
        begin = max(start, int(step.earliest) - 1)
        decided = begin + step.duration
        found.append((reached * (1 - step.probability), pay.copy()))
        reached *= step.probability
        pay = pay.copy()
        pay[min(decided, MONTHS) :] += step.contribution
        start = decided
    return [*found, (reached, pay)]


steps = st.builds(
    cf.ActionStep,
    name=st.just("step"),
    probability=st.floats(0.0, 1.0),
    earliest=st.integers(1, MONTHS + 2),
    duration=st.integers(0, 4),
    contribution=st.integers(-500, 2_000).map(float),
)
plans = st.builds(
    cf.ActionPlan, customer=st.just("a"), name=st.just("plan"), steps=st.lists(steps, min_size=1, max_size=3)
)


@given(st.lists(plans, min_size=1, max_size=3))
def test_expectation_and_distribution_agree_with_every_ending(chosen: list[cf.ActionPlan]) -> None:
    growth = cf.grow(chosen, start="2022-01", months=MONTHS)
    expected = sum((p * pay for plan in chosen for p, pay in outcomes(plan)), np.zeros(MONTHS))
    np.testing.assert_allclose(growth.expected, expected, atol=1e-9)
    totals: dict[float, float] = {}
    for ends in itertools.product(*(outcomes(plan) for plan in chosen)):
        total = float(sum(pay.sum() for _, pay in ends))
        totals[total] = totals.get(total, 0.0) + math.prod(p for p, _ in ends)
    for value in totals:
        at_least = math.fsum(p for amount, p in totals.items() if amount >= value)
        assert growth.probability(reach=value) == pytest.approx(at_least, abs=1e-9)
    mean = math.fsum(v * p for v, p in totals.items())
    assert growth.distribution().mean == pytest.approx(mean, abs=1e-6)


def test_a_chain_by_hand() -> None:
    plan = cf.ActionPlan(
        "a",
        "two steps",
        [
            cf.ActionStep("trial", probability=0.5, earliest=2, duration=1, contribution=100.0, hours=3.0),
            cf.ActionStep("listing", probability=0.4, duration=2, contribution=1_000.0, hours=1.0),
        ],
    )
    growth = cf.grow([plan], start="2022-01", months=6)
    # The trial begins in February and pays from March; the listing begins in March and pays from May.
    np.testing.assert_allclose(growth.expected, [0, 0, 50, 50, 250, 250])
    assert growth.probability(reach=400 + 2_000) == pytest.approx(0.2)
    assert growth.probability(reach=200, by="2022-04") == pytest.approx(0.5)
    assert growth.quantile(0.4) == pytest.approx(0.0)
    assert growth._core.expected_hours.sum() == pytest.approx(3.0 + 0.5 * 1.0)


def test_the_forecast_agrees_with_playing_it() -> None:
    growth = cf.grow(pl.DataFrame(demo.action_plans()), start="2022-01", months=12)
    drawn = growth._core.simulate_total(10_000, 7)
    error = drawn.std() / math.sqrt(drawn.size)
    assert abs(drawn.mean() - growth.distribution().mean) < 5 * error
    assert drawn.std() == pytest.approx(math.sqrt(growth.distribution().variance), rel=0.03)
    for chance in (0.1, 0.5, 0.9):
        assert np.mean(drawn <= growth.quantile(chance)) == pytest.approx(chance, abs=0.02)
    few = growth._core.simulate_total(2_000, 7)
    np.testing.assert_array_equal(few, growth._core.simulate_total(2_000, 7, threads=7))


def test_the_months_add_up_to_the_total() -> None:
    growth = cf.grow(demo.action_plans(), start="2022-01", months=12)
    assert growth.expected.sum() == pytest.approx(growth.distribution().mean)
    assert growth.to_frame("pandas")["month"].tolist() == [f"2022-{m:02d}" for m in range(1, 13)]
    assert growth.plot().to_dict()
    assert not growth.notes or all(isinstance(note, str) for note in growth.notes)


def test_frames_of_every_kind_give_the_same_plans() -> None:
    rows = {
        "customer": [7, 7, "x"], "plan": ["p", "p", "q"], "step": ["second", "first", "only"], "number": [2, 1, 1],
        "probability": [0.5, 0.25, 1.0], "earliest": ["2022-03", "2022-01", "2022-02"],
    }  # fmt: skip
    found = plans_from_frame(pd.DataFrame(rows))
    assert [plan.customer for plan in found] == ["7", "x"]
    assert [step.name for step in found[0].steps] == ["first", "second"]
    assert cf.grow(pd.DataFrame(rows), start="2022-01").months[0] == "2022-01"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"probability": [50.0]}, r"0\.5|probability"),
        ({"probability": ["likely"]}, "row 1: probability is 'likely'"),
        ({"customer": [None]}, "row 1: no customer"),
        ({"duration": [-1]}, "duration"),
        ({"duration": [0.5]}, "whole"),
        ({"earliest": [0]}, "earliest is 0"),
        ({"after": [3]}, "after is 3"),
        ({"step": [""]}, "step"),
    ],
)
def test_bad_plans_are_named(change: dict[str, list[object]], told: str) -> None:
    good: dict[str, list[object]] = {"customer": ["a"], "step": ["call"], "probability": [0.5]}
    with pytest.raises(cf.InputError, match=told):
        cf.grow(pd.DataFrame({**good, **change}), start="2022-01")


def test_bad_horizons_are_named() -> None:
    growth = cf.grow(demo.action_plans(), start="2022-01", months=12)
    with pytest.raises(cf.InputError, match="2023-01"):
        growth.distribution("2022-01", "2023-01")
    with pytest.raises(cf.InputError, match="payoff"):
        growth.distribution(payoff="glory")
    with pytest.raises(cf.InputError, match="probability"):
        growth.quantile(90)
    with pytest.raises(cf.InputError, match="probability"):
        cf.grow(pd.DataFrame({"customer": ["a"], "step": ["call"]}), start="2022-01")
    with pytest.raises(cf.InputError, match="ActionPlan"):
        cf.grow([1, 2], start="2022-01")


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(-20, 60)), max_size=8))
def test_sums_agree_with_every_combination(parts: list[tuple[float, int]]) -> None:
    found = sum_distribution([p for p, _ in parts], [float(a) for _, a in parts])
    totals: dict[int, float] = {}
    for wins in itertools.product((False, True), repeat=len(parts)):
        total = sum(a for (_, a), won in zip(parts, wins, strict=True) if won)
        chance = math.prod(p if won else 1 - p for (p, _), won in zip(parts, wins, strict=True))
        totals[total] = totals.get(total, 0.0) + chance
    for value in totals:
        assert found.cdf(value) == pytest.approx(math.fsum(p for t, p in totals.items() if t <= value), abs=1e-9)
    assert found.mean == pytest.approx(math.fsum(p * a for p, a in parts), abs=1e-9)
    assert found.variance == pytest.approx(math.fsum(p * (1 - p) * a * a for p, a in parts), abs=1e-6)
    assert set(found.errors) == {"discretisation", "truncation", "aliasing", "rounding", "quadrature"}


def test_an_unknown_outcome_is_answered_with_all_outcomes() -> None:
    growth = cf.grow({"customer": ["a"], "step": ["x"], "probability": [0.5], "contribution": [8.0]}, "2022-01", 1)
    with pytest.raises(
        cf.InputError, match="outcome of step 'x' is 'won'; it must be 'succeeded', 'failed', or the month"
    ):
        growth.given({("a", "plan", "x"): "won"})
