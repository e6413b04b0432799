# Tests of several factors (market, manager, product) against product quadrature, the bivariate normal and simulation.
from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
import pytest
from scipy import stats

import custfolio as cf

P = np.array([0.2, 0.5, 0.7, 0.35, 0.6, 0.15])
AMOUNT = np.array([3, 5, 4, 7, 2, 6])
MANAGER = list("ABABBA")
PRODUCT = list("xxyyxy")
Masses = Callable[[np.ndarray, np.ndarray], np.ndarray]


def chain(customer: str, *chances: float, contribution: float = 100.0, factors: Mapping[str, str] = {}, **more):
    steps = [cf.ActionStep(f"s{k}", probability=p, contribution=contribution, **more) for k, p in enumerate(chances)]
    return cf.ActionPlan(customer, "plan", steps, factors)


def plans() -> list[cf.ActionPlan]:
    return [
        chain(f"c{i}", P[i], contribution=float(AMOUNT[i]), factors={"manager": MANAGER[i], "product": PRODUCT[i]})
        for i in range(P.size)
    ]


def product_quadrature(masses: Masses, market: float, manager: float) -> np.ndarray:
    """Masses of the sum of all six plans by Gauss-Hermite nodes for the market and, given it, for each manager."""
    node, weight = np.polynomial.hermite_e.hermegauss(40)
    weight = weight / weight.sum()
    threshold = stats.norm.ppf(P)
    total = np.zeros(int(AMOUNT.sum()) + 1)
    for z0, w0 in zip(node, weight, strict=True):
        joint = np.ones(1)
        for label in "AB":
            own = [i for i in range(P.size) if MANAGER[i] == label]
            average = np.zeros(int(AMOUNT[own].sum()) + 1)
            for z1, w1 in zip(node, weight, strict=True):
                common = np.sqrt(market) * z0 + np.sqrt(manager) * z1
                chance = stats.norm.cdf((threshold[own] - common) / np.sqrt(1 - market - manager))
                average += w1 * masses(chance, AMOUNT[own])
            joint = np.convolve(joint, average)
        total += w0 * joint
    return total


@pytest.mark.parametrize(("market", "manager"), [(0.2, 0.15), (0.0, 0.4), (0.25, 0.00001)])
def test_a_market_and_managers_agree_with_product_quadrature(masses: Masses, market: float, manager: float) -> None:
    growth = cf.grow(plans(), start="2026-01", months=1, correlation={"market": market, "manager": manager})
    found = growth.distribution()
    expected = np.cumsum(product_quadrature(masses, market, manager))
    assert [found.cdf(v) for v in range(expected.size)] == pytest.approx(expected, abs=1e-11)
    assert found.errors["quadrature"] <= 1e-10
    assert found.mean == pytest.approx(float(P @ AMOUNT), rel=1e-12)
    assert growth.notes == []
    assert growth.simulation_error() == 0.0
    assert growth.correlation == {k: v for k, v in {"market": market, "manager": manager}.items() if v}


def test_a_factor_without_share_changes_nothing() -> None:
    alone = cf.grow(plans(), start="2026-01", months=2, correlation=0.3)
    found = cf.grow(plans(), start="2026-01", months=2, correlation={"market": 0.3, "manager": 0.0, "product": 0.0})
    assert np.array_equal(found.distribution().mass, alone.distribution().mass)
    none = cf.grow(plans(), start="2026-01", months=2, correlation={"manager": 0.0})
    assert np.array_equal(none.distribution().mass, cf.grow(plans(), start="2026-01", months=2).distribution().mass)


def test_factors_that_say_the_same_are_one() -> None:
    same = [chain(f"c{i}", 0.4, 0.7, factors={"manager": "Anna", "team": "T", "desk": f"{i}"}) for i in range(4)]
    one = cf.grow(same, start="2026-01", months=3, correlation=0.35).distribution()
    several = cf.grow(same, start="2026-01", months=3, correlation={"market": 0.1, "manager": 0.2, "team": 0.05})
    assert several.distribution().mass == pytest.approx(one.mass, abs=1e-12)
    by_desk = cf.grow(same, start="2026-01", months=3, correlation={"desk": 0.35}).distribution()
    assert by_desk.variance == pytest.approx(
        4 * cf.grow(same[:1], start="2026-01", months=3, correlation=0.35).distribution().variance, rel=1e-9
    )
    alike = [chain(f"c{i}", 0.4, factors={"manager": "AB"[i % 2], "region": "NS"[i % 2]}) for i in range(4)]
    both = cf.grow(alike, start="2026-01", months=1, correlation={"manager": 0.2, "region": 0.1})
    assert both.notes == []
    assert both.distribution().mass == pytest.approx(
        cf.grow(alike, start="2026-01", months=1, correlation={"manager": 0.3}).distribution().mass, abs=1e-12
    )


def latent_correlations(shares: Mapping[str, float]) -> np.ndarray:
    labels = {"market": ["-"] * P.size, "manager": MANAGER, "product": PRODUCT}
    return sum(share * np.equal.outer(np.array(labels[name]), np.array(labels[name])) for name, share in shares.items())  # type: ignore[return-value]


def test_crossed_factors_are_simulated_and_say_so() -> None:
    shares = {"market": 0.1, "manager": 0.2, "product": 0.15}
    growth = cf.grow(plans(), start="2026-01", months=1, correlation=shares)
    found = growth.distribution()
    assert growth.simulation_error() == pytest.approx(0.5 / 256)
    assert "factors cross" in growth.notes[0]
    assert growth.expected[0] == pytest.approx(float(P @ AMOUNT), rel=1e-12)
    # All pairs and their latent correlations by the multivariate normal, drawn independently.
    covariance = latent_correlations(shares)
    np.fill_diagonal(covariance, 1.0)
    latent = np.random.default_rng(3).multivariate_normal(np.zeros(P.size), covariance, 400_000)
    drawn = (latent <= stats.norm.ppf(P)) @ AMOUNT
    for v in range(0, 27, 4):
        assert found.cdf(v) == pytest.approx(np.mean(drawn <= v), abs=5 * growth.simulation_error())
    first, last = growth._span()
    spans = [(first, last)]
    assert np.array_equal(growth._core.ranges(spans, threads=1)[0].mass, growth._core.ranges(spans, threads=2)[0].mass)
    reached = growth.time_to_target(10.0).reached[0]
    assert reached == found.probability_at_least(10.0)


@pytest.mark.parametrize(
    "shares", [{"market": 0.2, "manager": 0.15}, {"manager": 0.5}, {"market": 0.1, "manager": 0.2, "product": 0.15}]
)
def test_the_steps_that_carry_the_uncertainty_count_all_factors(shares: Mapping[str, float]) -> None:
    correlation = latent_correlations(shares)
    covariance = np.diag(P * (1 - P))
    for i in range(P.size):
        for j in range(i):
            r = correlation[i, j]
            both = stats.multivariate_normal(cov=[[1, r], [r, 1]]).cdf(stats.norm.ppf(P[[i, j]]))
            covariance[i, j] = covariance[j, i] = both - P[i] * P[j]
    growth = cf.grow(plans(), start="2026-01", months=1, correlation=shares)
    first, last = growth._span()
    _begin, success, found = growth._core.success_covariances(first, last, "contribution")
    assert success == pytest.approx(P, abs=1e-12)
    assert found == pytest.approx(covariance @ AMOUNT, abs=2e-7)
    table = growth.uncertainty(6).columns()
    variance = growth.distribution().variance
    shared = (covariance @ AMOUNT) ** 2 / (P * (1 - P)) / variance
    assert sorted(table["share"]) == pytest.approx(sorted(shared), rel=1e-5)
    if growth.simulation_error() == 0:
        assert variance == pytest.approx(AMOUNT @ covariance @ AMOUNT, rel=1e-6)


def test_the_sum_of_all_shares_is_what_a_plan_sees() -> None:
    own = [
        chain(f"c{i}", 0.4, 0.7, retries=i, factors={"manager": "AB"[i % 2], "product": "xy"[i // 2]}) for i in range(4)
    ]
    one = cf.grow(own, start="2026-01", months=4, correlation=0.4)
    several = cf.grow(own, start="2026-01", months=4, correlation={"market": 0.1, "manager": 0.2, "product": 0.1})
    assert several.expected == pytest.approx(one.expected, rel=1e-10)
    assert several.success("c2", "plan", "s1") == pytest.approx(one.success("c2", "plan", "s1"), rel=1e-10)
    assert several.sensitivity().columns()["worth"] == pytest.approx(one.sensitivity().columns()["worth"], rel=1e-10)
    known = several.given({("c0", "plan", "s0"): "failed"})
    assert known.success("c0", "plan", "s1") == 0.0
    assert known.correlation == several.correlation
    assert known.distribution().mean == pytest.approx(float(known.expected.sum()), rel=0.02)


def waiting(labels: str) -> list[cf.ActionPlan]:
    """Plans of which each waits for the one before."""
    return [
        cf.ActionPlan(
            f"c{i}",
            "plan",
            [cf.ActionStep("s", probability=0.5 + 0.1 * i, contribution=100.0, after=f"c{i - 1}/plan/s" if i else 0)],
            {"manager": label},
        )
        for i, label in enumerate(labels)
    ]


def test_plans_of_two_managers_that_wait_for_each_other_have_exact_expectations() -> None:
    market, manager = 0.1, 0.3
    growth = cf.grow(waiting("AB"), start="2026-01", months=2, correlation={"market": market, "manager": manager})
    both = stats.multivariate_normal(cov=[[1, market], [market, 1]]).cdf(stats.norm.ppf([0.5, 0.6]))
    assert growth.success("c1", "plan", "s") == pytest.approx(both, abs=1e-8)
    assert growth.expected == pytest.approx([100 * (0.5 + both)] * 2, abs=1e-6)
    assert len(growth.notes) == 1
    assert "distributions come from 65536 plays" in growth.notes[0]
    assert growth.distribution("2026-01", "2026-01").probability_at_least(200) == pytest.approx(both, abs=0.01)
    h = 1e-4

    def mean(p: float) -> float:
        made = waiting("AB")
        step = cf.ActionStep("s", probability=p, contribution=100.0, after=0)
        made[0] = cf.ActionPlan("c0", "plan", [step], {"manager": "A"})
        found = cf.grow(made, start="2026-01", months=2, correlation={"market": market, "manager": manager})
        return float(found.expected.sum())

    table = growth.sensitivity().columns()
    slope = (mean(0.5 + h) - mean(0.5 - h)) / (2 * h)
    assert table["worth"][table["customer"].index("c0")] == pytest.approx(0.01 * slope, rel=1e-6)
    with pytest.raises(cf.InputError, match=r"different labels of a factor .*c0.*c1"):
        growth.uncertainty()


def test_plans_of_three_managers_that_wait_for_each_other_are_drawn() -> None:
    market, manager = 0.1, 0.3
    growth = cf.grow(waiting("ABC"), start="2026-01", months=1, correlation={"market": market, "manager": manager})
    covariance = np.full((3, 3), market) + (1 - market) * np.eye(3)
    all_three = stats.multivariate_normal(cov=covariance).cdf(stats.norm.ppf([0.5, 0.6, 0.7]))
    assert growth.success("c2", "plan", "s") == pytest.approx(all_three, abs=4 * 0.5 / 64)
    assert any("simulated by 4096 plays" in note for note in growth.notes)


def test_a_frame_has_the_labels_as_columns() -> None:
    frame = pl.DataFrame(
        {
            "customer": ["a", "a", "b", "c"],
            "step": ["s", "t", "s", "s"],
            "probability": [0.5, 0.6, 0.4, 0.7],
            "contribution": [100.0, 50.0, 70.0, 90.0],
            "manager": ["Anna", None, "Bob", "Anna"],
        }
    )
    growth = cf.grow(frame, start="2026-01", months=2, correlation={"market": 0.1, "manager": 0.2})
    assert [plan.factors for plan in growth.plans] == [{"manager": label} for label in ("Anna", "Bob", "Anna")]
    assert cf.growth.plans_from_frame(frame)[0].factors == {}
    with pytest.raises(cf.InputError, match="column 'product'"):
        cf.grow(frame, start="2026-01", months=2, correlation={"product": 0.2})
    two = frame.with_columns(manager=pl.Series(["Anna", "Bob", "Bob", "Anna"]))
    with pytest.raises(cf.InputError, match=r"row 2: manager is 'Bob'.*'Anna'"):
        cf.grow(two, start="2026-01", months=2, correlation={"manager": 0.2})


@pytest.mark.parametrize(
    ("correlation", "text"),
    [
        ({"region": 0.1}, "c0.*'plan' has no label of factor 'region'"),
        ({"market": 0.6, "manager": 0.4}, "sum to 1"),
        ({"manager": -0.1}, "factor 'manager' is -0.1"),
        ({"manager": float("nan")}, "factor 'manager' is"),
        ({"market": 1.0}, "correlation is 1"),
        ({"": 0.1}, "has no name"),
    ],
)
def test_factors_without_an_answer_are_refused(correlation: Mapping[str, float], text: str) -> None:
    with pytest.raises(cf.InputError, match=text):
        cf.grow(plans(), start="2026-01", months=1, correlation=correlation)


def test_the_market_takes_no_label() -> None:
    with pytest.raises(cf.InputError, match="label 'up' of factor 'market'"):
        cf.grow([chain("c", 0.5, factors={"market": "up"})], start="2026-01", months=1, correlation=0.1)


def test_the_chance_of_a_target_by_step_is_refused_with_what_to_do() -> None:
    growth = cf.grow(plans(), start="2026-01", months=1, correlation={"market": 0.1, "manager": 0.2})
    with pytest.raises(cf.InputError, match="common to all"):
        growth.needed(20.0)
