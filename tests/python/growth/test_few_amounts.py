# Tests of sums of few amounts that no lattice holds: told from the amounts themselves, against every way in which they can go.
from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import custfolio as cf
from custfolio.growth import Distribution, mix, sum_distribution

# Cents beside millions: a lattice of cents would take some 10^8 points and more.
deals = st.lists(
    st.tuples(st.floats(0.02, 0.98), st.integers(1, 99_999_999).map(lambda cents: cents / 100 + 0.01)),
    min_size=1,
    max_size=6,
)


def outcomes(chance: list[float], amount: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """All sums, ascending, with their chances."""
    found: dict[float, float] = {}
    for won in product((0, 1), repeat=len(chance)):
        total = round(sum(a for a, w in zip(amount, won, strict=True) if w), 2)
        weight = float(np.prod([p if w else 1 - p for p, w in zip(chance, won, strict=True)]))
        found[total] = found.get(total, 0.0) + weight
    value = np.array(sorted(found))
    return value, np.array([found[v] for v in value])


def agrees(found: Distribution, value: np.ndarray, mass: np.ndarray) -> None:
    below = np.cumsum(mass)
    for v, p, least in zip(value, mass, below, strict=True):
        assert found.cdf(v) == pytest.approx(least, abs=1e-12)
        assert found.probability_at_least(v) == pytest.approx(1 - least + p, abs=1e-12)
        assert found.cdf(v - 0.004) == pytest.approx(least - p, abs=1e-12)
    for q in (0.1, 0.37, 0.5, 0.9):
        if np.min(np.abs(below - q)) > 1e-9:
            assert found.quantile(q) == pytest.approx(value[np.searchsorted(below, q)], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(deals)
def test_every_chance_is_that_of_the_amounts(some: list[tuple[float, float]]) -> None:
    chance, amount = [p for p, _ in some] + [0.4], [a for _, a in some] + [73_000_000.0]
    value, mass = outcomes(chance, amount)
    found = sum_distribution(chance, amount)
    agrees(found, value, mass)
    worst = value[0] if mass[0] >= 0.05 else None
    if worst is not None:
        assert found.expected_shortfall(0.05) == pytest.approx(worst, abs=1e-6)
    agrees(found.shifted(0.37), value + 0.37, mass)
    agrees(found.scaled(-2), -2 * value[::-1], mass[::-1])
    assert set(np.round(found.sample(50, seed=1), 2)) <= set(np.round(value, 2))
    middle = value[len(value) // 2]
    kept = value >= middle
    agrees(found.given(at_least=middle), value[kept], mass[kept] / mass[kept].sum())


def test_a_target_that_is_a_deals_amount_has_its_chance_and_stays_reached() -> None:
    step = cf.ActionStep
    growth = cf.grow(
        [
            cf.ActionPlan("a", "p", [step("large", 0.51, one_off_contribution=1e6)]),
            cf.ActionPlan("b", "p", [step("small", 0.87, contribution=33.33)]),
        ],
        start="2022-01",
        months=12,
    )
    np.testing.assert_allclose(growth.time_to_target(1e6).reached, 0.51, rtol=0, atol=1e-12)
    assert growth.probability(reach=33.33, by="2022-01") == pytest.approx(1 - 0.49 * 0.13, abs=1e-12)
    assert growth.distribution().tail(1e6 + 12 * 33.33).probability == pytest.approx(0.51 * 0.87, abs=1e-12)


def test_sums_of_distributions_of_few_amounts_are_told_from_them() -> None:
    a = sum_distribution([0.87, 0.51], [33.33, 9_876_543.21])
    b = Distribution.from_atoms([0.0, 1_234_567.89], [0.75, 0.25])
    value, mass = outcomes([0.87, 0.51, 0.25], [33.33, 9_876_543.21, 1_234_567.89])
    agrees(a + b, value, mass)


def test_round_amounts_lie_on_a_coarse_lattice() -> None:
    rng = np.random.default_rng(1)
    amount = np.append(np.round(rng.lognormal(8, 1, 300), 2), 1e6)
    found = sum_distribution(np.full(301, 0.5), amount)
    assert found.errors["discretisation"] > 0
    assert 1e6 / found.step == round(1e6 / found.step)


@pytest.mark.parametrize("correlation", [1e-9, 0.1, 0.7])
def test_few_amounts_keep_their_chances_with_a_common_factor(correlation: float) -> None:
    chance, amount = [0.5, 0.3, 0.8, 0.05], [1000 / 3, 2000 / 3, 2000 / 3, -500 / 7]
    found = sum_distribution(chance, amount, correlation=correlation)
    totals = {won: sum(a for a, w in zip(amount, won, strict=True) if w) for won in product((0, 1), repeat=4)}
    points = np.linspace(-12, 12, 4001)
    weight = stats.norm.pdf(points) * (points[1] - points[0])
    given_factor = [
        stats.norm.cdf((stats.norm.ppf(p) - np.sqrt(correlation) * points) / np.sqrt(1 - correlation)) for p in chance
    ]
    masses = {
        won: float(
            np.sum(weight * np.prod([p if w else 1 - p for p, w in zip(given_factor, won, strict=True)], axis=0))
        )
        for won in totals
    }
    for target in (1000.0, 999.99, 2000 / 3, 1000 / 3, 0.0, 1600.0):
        exact = sum(mass for won, mass in masses.items() if totals[won] >= target - 1e-9)
        assert found.probability_at_least(target) == pytest.approx(exact, abs=1e-9)
        tail = found.tail(target)
        assert tail.probability == pytest.approx(exact, abs=1e-9 + tail.relative_error * exact)
    assert found.shifted(0.37).probability_at_least(1000.37) == pytest.approx(
        found.probability_at_least(1000), abs=1e-12
    )


def test_a_forecast_with_a_common_factor_reaches_a_target_between_the_points() -> None:
    step = cf.ActionStep("s", 0.5, contribution=1000, ramp=3, earliest=12)
    plans = [cf.ActionPlan(f"c{k}", "x", [step]) for k in range(6)]
    for factors in ({"correlation": 1e-9}, {"correlation": 0.1}):
        growth = cf.grow(plans, start="2025-01", months=12, **factors)
        assert growth.probability(reach=1000) == pytest.approx(growth.probability(reach=999.9), abs=1e-12)
    labelled = [cf.ActionPlan(f"c{k}", "x", [step], factors={"manager": "ab"[k % 2]}) for k in range(6)]
    growth = cf.grow(labelled, start="2025-01", months=12, correlation={"market": 1e-9, "manager": 1e-9})
    assert growth.probability(reach=1000) == pytest.approx(42 / 64, abs=1e-6)


def test_mixtures_keep_few_amounts() -> None:
    thirds = sum_distribution([0.5, 0.5, 0.5], [1000 / 3, 1000 / 3, 1000 / 3])
    found = mix([thirds, Distribution.from_atoms([0.0, 7.0], [0.5, 0.5])], [0.25, 0.75])
    assert found.probability_at_least(1000) == pytest.approx(0.25 / 8, abs=1e-15)
    assert found.probability_at_least(7) == pytest.approx(0.25 * 7 / 8 + 0.75 / 2, abs=1e-15)


@pytest.mark.parametrize("large", [1e9, 1e12, 1e15, 4e15])
def test_small_amounts_beside_large_ones_keep_their_chances(large: float) -> None:
    found = sum_distribution([0.5] * 3, [large, 1.0, -large])
    assert found.cdf(0.5) == pytest.approx(0.5, abs=1e-15)
    assert found.probability_at_least(0.5) == pytest.approx(0.5, abs=1e-15)
    assert found.probability_at_least(1.0) == pytest.approx(0.5, abs=1e-15)
    growth = cf.grow(
        [
            cf.ActionPlan(name, "p", [cf.ActionStep("s", 0.5, one_off_contribution=amount)])
            for name, amount in (("A", large), ("B", 1.0))
        ],
        start="2025-01",
        months=1,
    )
    assert growth.distribution().cdf(0.5) == pytest.approx(0.25, abs=1e-15)


def test_a_unit_above_the_amounts_does_not_hide_them() -> None:
    found = Distribution.from_atoms([10.0, 20.0, -5.0], [0.5, 0.3, 0.2], unit=1e300)
    assert [found.quantile(q) for q in (0.1, 0.5, 0.9)] == [-5.0, 10.0, 20.0]
