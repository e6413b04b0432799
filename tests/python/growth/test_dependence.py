# Tests of dependence by a common factor against numerical integration, the bivariate normal and simulation.
from __future__ import annotations

import signal
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

import custfolio as cf
from custfolio import _core

Masses = Callable[[np.ndarray, np.ndarray], np.ndarray]


def given_factor(p: np.ndarray, correlation: np.ndarray | float, z: float) -> np.ndarray:
    return np.asarray(
        stats.norm.cdf((stats.norm.ppf(p) - np.sqrt(correlation) * z) / np.sqrt(1 - np.asarray(correlation)))
    )


def integral(f, *, points: int = 800) -> float:
    return float(integrate.quad(lambda z: f(z) * stats.norm.pdf(z), -12, 12, epsabs=1e-13, limit=points)[0])


def averaged(masses: Masses, p: np.ndarray, amount: np.ndarray, correlation: float, z: np.ndarray) -> np.ndarray:
    """Masses of the sum given the factor, averaged by Simpson's rule, which the trapezoidal rule inside knows nothing of."""
    weight = stats.norm.pdf(z) * np.where(np.arange(z.size) % 2 == 1, 4, 2) * (z[1] - z[0]) / 3
    return sum(w * masses(given_factor(p, correlation, at), amount) for w, at in zip(weight, z, strict=True))


@pytest.mark.parametrize("correlation", [0.05, 0.3, 0.9])
@pytest.mark.parametrize("count", [2, 12, 60])
def test_a_sum_agrees_with_numerical_integration(masses: Masses, count: int, correlation: float) -> None:
    rng = np.random.default_rng(count)
    p, amount = rng.uniform(0.02, 0.95, count), rng.integers(1, 15, count)
    shares = correlation * rng.uniform(0.5, 1.0, count)
    found = cf.growth.sum_distribution(p, amount.astype(float), correlation=shares)
    for q in (0.05, 0.5, 0.99):
        v = round(found.quantile(q))
        expected = integral(lambda z, v=v: masses(given_factor(p, shares, z), amount)[: v + 1].sum())
        assert found.cdf(v) == pytest.approx(expected, abs=1e-11)
    assert found.mean == pytest.approx(float(p @ amount), rel=1e-12)
    assert found.errors["quadrature"] <= 1e-10
    second = integral(
        lambda z: float(
            (given_factor(p, shares, z) * (1 - given_factor(p, shares, z))) @ amount**2
            + (given_factor(p, shares, z) @ amount - found.mean) ** 2
        )
    )
    assert found.variance == pytest.approx(second, rel=1e-9)


@pytest.mark.parametrize("correlation", [0.1, 0.6])
def test_a_sum_of_many_amounts_agrees_with_numerical_integration(masses: Masses, correlation: float) -> None:
    rng = np.random.default_rng(4)
    p, amount = rng.uniform(0.02, 0.95, 150), rng.integers(1, 20, 150)
    found = cf.growth.sum_distribution(p, amount.astype(float), correlation=correlation)
    expected = averaged(masses, p, amount, correlation, np.linspace(-8.5, 8.5, 681))
    at = np.arange(0, int(amount.sum()) + 1, 7)
    assert [found.cdf(v) for v in at] == pytest.approx(np.cumsum(expected)[at], abs=1e-10)
    assert found.errors["quadrature"] <= 1e-10
    assert found.errors["rounding"] < 1e-10


@pytest.mark.parametrize("likely", [0, 12])
@pytest.mark.parametrize("turned", [False, True])
def test_rare_amounts_agree_with_direct_convolution(masses: Masses, likely: int, turned: bool) -> None:
    # Too few are expected for the characteristic function to be small anywhere: all of it is computed.
    rng = np.random.default_rng(6)
    p = np.concatenate([10 ** rng.uniform(-5, -1.3, 300), rng.uniform(0.35, 0.65, likely)])
    amount = rng.integers(1, 60, p.size)
    p = 1 - p if turned else p
    found = cf.growth.sum_distribution(p, amount.astype(float))
    expected = np.cumsum(masses(p, amount))
    assert [found.cdf(v) for v in range(0, expected.size, 5)] == pytest.approx(expected[::5], abs=1e-13)
    assert found.errors["rounding"] + found.errors["aliasing"] < 1e-11


@pytest.mark.parametrize("correlation", [0.05, 0.6])
def test_tails_keep_their_digits_however_small_they_are(masses: Masses, correlation: float) -> None:
    rng = np.random.default_rng(9)
    p, amount = rng.uniform(0.001, 0.02, 12), rng.integers(1, 6, 12)
    found = cf.growth.sum_distribution(p, amount.astype(float), correlation=correlation)
    # The conditional tails by direct convolution, all terms positive, far beyond the bulk.
    total = averaged(masses, p, amount, correlation, np.linspace(-30, 20, 4001))
    at_least = np.cumsum(total[::-1])[::-1]
    smallest = 1.0
    for v in range(1, total.size):
        tail = found.tail(v)
        assert tail.probability == pytest.approx(at_least[v], rel=1e-10)
        assert tail.relative_error < 1e-6
        smallest = min(smallest, tail.probability)
    assert smallest < (1e-12 if correlation < 0.5 else 1e-4)
    low = found.tail(2.0, upper=False)
    assert low.probability == pytest.approx(float(total[:3].sum()), rel=1e-10)
    moved = (-2.0 * found + 5.0).tail(5.0 - 2.0 * 20, upper=False)
    assert moved.probability == pytest.approx(at_least[20], rel=1e-9)


def test_a_tail_of_a_thousandth_of_a_billionth_agrees_with_exact_arithmetic() -> None:
    # Equal amounts and chances: E[binomial tail] in 40 digits.
    mpmath.mp.dps = 40
    n, p, r = 60, 0.01, 0.05
    found = cf.growth.sum_distribution(np.full(n, p), np.ones(n), correlation=r)
    threshold = mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(p) - 1)

    def tail(k: int) -> float:
        def integrand(z: mpmath.mpf) -> mpmath.mpf:
            q = mpmath.ncdf((threshold - mpmath.sqrt(r) * z) / mpmath.sqrt(1 - mpmath.mpf(r)))
            above = mpmath.fsum(mpmath.binomial(n, j) * q**j * (1 - q) ** (n - j) for j in range(k, n + 1))
            return above * mpmath.npdf(z)

        return float(mpmath.fsum(integrand(mpmath.mpf(i) / 4) for i in range(-60, 13)) / 4)

    for k, size in ((16, 1.2e-9), (22, 5.8e-13)):
        expected = tail(k)
        assert expected == pytest.approx(size, rel=0.05)
        assert found.tail(k).probability == pytest.approx(expected, rel=1e-9)
        assert found.probability_at_least(k) == pytest.approx(expected, rel=1e-6)


def test_two_amounts_come_together_with_the_chance_of_the_bivariate_normal() -> None:
    found = cf.growth.sum_distribution([0.3, 0.6], [1.0, 1.0], correlation=[0.2, 0.5])
    r = np.sqrt(0.2 * 0.5)
    both = stats.multivariate_normal(cov=[[1, r], [r, 1]]).cdf(stats.norm.ppf([0.3, 0.6]))
    assert found.probability_at_least(2) == pytest.approx(both, abs=1e-9)


def test_a_large_portfolio_of_equal_amounts_nears_the_law_of_vasicek() -> None:
    # O. Vasicek (2002), The distribution of loan portfolio value, Risk 15(12): P(share <= x) in the limit.
    p, r, n = 0.1, 0.2, 4_000
    found = cf.growth.sum_distribution(np.full(n, p), np.ones(n), correlation=r)
    for x in (0.02, 0.1, 0.3):
        limit = stats.norm.cdf((np.sqrt(1 - r) * stats.norm.ppf(x) - stats.norm.ppf(p)) / np.sqrt(r))
        assert found.cdf(x * n) == pytest.approx(limit, abs=3e-3)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(-9, 9)), max_size=12),
    st.floats(0, 0.95),
)
def test_masses_are_probabilities_and_means_stay(parts: list[tuple[float, int]], correlation: float) -> None:
    p, amount = [chance for chance, _ in parts], [float(a) for _, a in parts]
    found = cf.growth.sum_distribution(p, amount, correlation=correlation)
    assert (found.mass >= 0).all()
    assert found.mass.sum() == pytest.approx(1, abs=1e-12)
    assert found.mean == pytest.approx(float(np.dot(p, amount)), abs=1e-9)
    assert float(found.points @ found.mass) == pytest.approx(found.mean, abs=1e-8)


def chain(customer: str, *chances: float, contribution: float = 100.0, **more) -> cf.ActionPlan:
    steps = [
        cf.ActionStep(f"s{k}", probability=p, duration=k % 2, contribution=contribution, hours=5, **more)
        for k, p in enumerate(chances)
    ]
    return cf.ActionPlan(customer, "plan", steps)


def test_plans_of_one_attempt_keep_their_expectation() -> None:
    plans = [chain(f"c{i}", 0.1 + 0.2 * i) for i in range(4)]
    alone = cf.grow(plans, start="2026-01", months=6)
    together = cf.grow(plans, start="2026-01", months=6, correlation=0.4)
    assert together.expected == pytest.approx(alone.expected, rel=1e-12)
    assert together.distribution().variance > 1.5 * alone.distribution().variance
    assert together.distribution().errors["quadrature"] <= 1e-10
    assert together.success("c1", "plan", "s0") == pytest.approx(0.3, rel=1e-12)


def test_a_chain_succeeds_with_the_chance_of_the_bivariate_normal() -> None:
    growth = cf.grow([chain("c", 0.4, 0.7)], start="2026-01", months=3, correlation=0.25)
    both = stats.multivariate_normal(cov=[[1, 0.25], [0.25, 1]]).cdf(stats.norm.ppf([0.4, 0.7]))
    assert growth.success("c", "plan", "s1") == pytest.approx(both, abs=1e-9)
    assert both > 0.4 * 0.7
    assert growth.expected[1] == pytest.approx(100 * (0.4 + both), abs=1e-6)


def test_distribution_expectation_and_plays_agree() -> None:
    plans = [chain(f"c{i}", 0.5, 0.6, 0.8, contribution=100.0 * (i + 1), retries=i % 2) for i in range(5)]
    growth = cf.grow(plans, start="2026-01", months=4, correlation=0.3)
    total = growth.distribution()
    assert total.mean == pytest.approx(float(growth.expected.sum()), rel=1e-10)
    for month, expected in zip(growth.months, growth.expected, strict=True):
        assert growth.distribution(month, month).mean == pytest.approx(expected, rel=1e-10)
    drawn = growth._core.simulate_total(40_000, 7)
    assert np.array_equal(drawn, growth._core.simulate_total(40_000, 7, threads=1))
    for q in (0.1, 0.5, 0.9):
        v = total.quantile(q)
        p = total.cdf(v)
        assert np.mean(drawn <= v) == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / drawn.size))
    assert drawn.mean() == pytest.approx(total.mean, abs=5 * total.standard_deviation / np.sqrt(drawn.size))


def test_what_a_point_is_worth_is_a_derivative_also_with_a_common_factor() -> None:
    def made(p: float) -> cf.Growth:
        plans = [chain("a", 0.5, p, contribution=300.0), chain("b", 0.4), chain("c", 0.6, 0.5)]
        return cf.grow(plans, start="2026-01", months=3, correlation=0.35)

    target, h = 700.0, 1e-4
    found = made(0.7).sensitivity(target=target)
    at = [(c, s) for c, s in zip(found.columns()["customer"], found.columns()["step"], strict=True)].index(("a", "s1"))
    up, down = made(0.7 + h).distribution(), made(0.7 - h).distribution()
    assert found.columns()["worth"][at] == pytest.approx(0.01 * (up.mean - down.mean) / (2 * h), rel=1e-6)
    slope = (up.probability_at_least(target) - down.probability_at_least(target)) / (2 * h)
    assert found.columns()["chance"][at] == pytest.approx(0.01 * slope, rel=1e-5)


def test_a_point_on_a_single_step_is_worth_its_amount_whatever_is_shared() -> None:
    # Given a common factor the derivative of a chance may exceed 1; its mean is 1.
    growth = cf.grow([chain("a", 0.5, contribution=100.0)], start="2026-01", months=1, correlation=0.8)
    assert growth.sensitivity().columns()["worth"] == pytest.approx([1.0], rel=1e-10)


def test_the_steps_that_carry_the_uncertainty_count_the_common_factor() -> None:
    p, amount, correlation = np.array([0.3, 0.6]), np.array([200.0, 100.0]), 0.5
    plans = [chain("a", 0.3, contribution=200.0), chain("b", 0.6, contribution=100.0)]
    growth = cf.grow(plans, start="2026-01", months=1, correlation=correlation)
    both = stats.multivariate_normal(cov=[[1, correlation], [correlation, 1]]).cdf(stats.norm.ppf(p))
    covariance = np.array([[p[0] * (1 - p[0]), both - p[0] * p[1]], [both - p[0] * p[1], p[1] * (1 - p[1])]])
    variance = amount @ covariance @ amount
    shares = (covariance @ amount) ** 2 / np.diag(covariance) / variance
    found = growth.uncertainty().columns()
    assert dict(zip(found["customer"], found["share"], strict=True)) == pytest.approx(
        {"a": shares[0], "b": shares[1]}, abs=1e-8
    )
    needed = growth.needed(300.0).columns()
    assert dict(zip(needed["customer"], needed["chance"], strict=True)) == pytest.approx(
        {"a": both / p[0], "b": both / p[1]}, abs=1e-8
    )


@pytest.mark.parametrize("correlation", [-0.1, 1.0, float("nan")])
def test_a_correlation_out_of_range_is_refused(correlation: float) -> None:
    with pytest.raises(cf.InputError, match="correlation"):
        cf.growth.sum_distribution([0.5], [1.0], correlation=correlation)
    with pytest.raises(cf.InputError, match="correlation"):
        cf.grow([chain("c", 0.5)], start="2026-01", months=1, correlation=correlation)


def test_correlations_are_one_or_as_many_as_the_amounts() -> None:
    with pytest.raises(cf.InputError, match="2 correlations and 3 amounts"):
        cf.growth.sum_distribution([0.5, 0.5, 0.5], [1.0, 2.0, 3.0], correlation=[0.1, 0.2])


def test_the_estimate_maximises_the_integrated_likelihood() -> None:
    successes, trials = np.array([2, 9, 4, 14, 1, 6, 11, 3]), np.array([20, 22, 20, 25, 18, 20, 21, 20])

    z = np.linspace(-9, 9, 2_001)
    weight = stats.norm.pdf(z) * (z[1] - z[0])

    def likelihood(threshold: float, correlation: float) -> float:
        chance = stats.norm.cdf((threshold - np.sqrt(correlation) * z) / np.sqrt(1 - correlation))
        return sum(np.log(stats.binom.pmf(k, n, chance) @ weight) for k, n in zip(successes, trials, strict=True))

    found = cf.growth.estimate_correlation(successes, trials)
    threshold = stats.norm.ppf(found.probability)
    top = likelihood(threshold, found.correlation)
    for other in (
        (threshold + 0.02, found.correlation),
        (threshold - 0.02, found.correlation),
        (threshold, found.correlation + 0.01),
        (threshold, found.correlation - 0.01),
    ):
        assert likelihood(*other) < top
    # Profile likelihood at the ends of the interval: half the chi-squared quantile below the top.
    best = max(likelihood(t, found.high) for t in np.linspace(threshold - 0.1, threshold + 0.1, 21))
    assert top - best == pytest.approx(0.5 * stats.chi2.ppf(0.9, 1), abs=0.01)
    assert 0 < found.low < found.correlation < found.high < 1


def test_the_estimate_by_moments_makes_pairs_succeed_as_often_as_they_did() -> None:
    rng = np.random.default_rng(2)
    trials = rng.integers(5, 40, 60)
    rates = given_factor(np.full(60, 0.3), 0.2, rng.normal(size=60))
    successes = rng.binomial(trials, rates)
    found = cf.growth.estimate_correlation(successes, trials)
    pairs = (successes * (successes - 1)).sum() / (trials * (trials - 1)).sum()
    p = successes.sum() / trials.sum()
    r = found.by_moments
    both = stats.multivariate_normal(cov=[[1, r], [r, 1]]).cdf(stats.norm.ppf([p, p]))
    assert both == pytest.approx(pairs, abs=1e-6)
    assert found.between_successes == pytest.approx((pairs - p * p) / (p * (1 - p)), rel=1e-12)
    assert found.low < 0.2 < found.high
    outcomes: list[int] = []
    labels: list[str] = []
    for i, (k, n) in enumerate(zip(successes.tolist(), trials.tolist(), strict=True)):
        outcomes += [1] * k + [0] * (n - k)
        labels += [f"q{i}"] * n
    again = cf.growth.estimate_correlation(outcomes, periods=labels)
    assert again.correlation == pytest.approx(found.correlation, rel=1e-9)
    assert again.periods[0] == "q0"
    assert len(again.to_frame()) == 60
    assert "correlation" in again._repr_html_()
    assert again.plot().to_dict()["layer"]


def test_the_likelihood_of_two_factors_is_the_nested_integral() -> None:
    successes, trials, period = np.array([2, 5, 7, 1]), np.array([9, 6, 12, 4]), np.array([0, 0, 1, 1])
    threshold, common, own = -0.3, 0.5, 0.4
    node, weight = np.polynomial.hermite_e.hermegauss(60)
    weight = weight / weight.sum()
    argument = (threshold - common * node[:, None] - own * node) / np.sqrt(1 - common**2 - own**2)
    chance = stats.norm.cdf(argument)
    total = 0.0
    for at in (0, 1):
        joint = np.ones(node.size)
        for k, n in zip(successes[period == at], trials[period == at], strict=True):
            joint = joint * ((chance**k * (1 - chance) ** (n - k)) @ weight)
        total += np.log(joint @ weight)
    found = _core.factor_log_likelihood(successes, trials, period, threshold, common, own)
    assert found == pytest.approx(total, abs=1e-10)
    assert _core.factor_log_likelihood(successes, trials, period, threshold, 0.8, 0.7) == -np.inf
    with pytest.raises(cf.InputError, match="at least one"):
        _core.factor_log_likelihood([], [], [], 0.0, 0.1, 0.1)


def test_the_shares_of_the_market_and_of_managers_are_told_apart() -> None:
    rng = np.random.default_rng(9)
    periods, managers, n, market, own, p = 60, 8, 25, 0.12, 0.2, 0.35
    z, u = rng.normal(size=(periods, 1)), rng.normal(size=(periods, managers))
    z = (z - z.mean()) / z.std()  # as spread as the model says, so that the true share is that of these periods too
    latent = np.sqrt(market) * z + np.sqrt(own) * u
    rates = stats.norm.cdf((stats.norm.ppf(p) - latent) / np.sqrt(1 - market - own))
    won = rng.binomial(n, rates)
    rows = {
        "periods": np.repeat(np.arange(periods), managers).tolist(),
        "groups": np.tile([f"m{j}" for j in range(managers)], periods).tolist(),
    }
    found = cf.growth.estimate_correlation(won.ravel(), np.full(won.size, n), factor="manager", level=0.95, **rows)
    assert found.shares["market"] == pytest.approx(market, abs=0.06)
    assert found.shares["manager"] == pytest.approx(own, abs=0.05)
    assert found.probability == pytest.approx(p, abs=0.06)
    for name, true in (("market", market), ("manager", own)):
        low, high = found.intervals[name]
        assert low < true < high
        assert 0 < low < found.shares[name] < high < 0.5
    assert found.by_moments == pytest.approx(found.correlation, abs=0.04)
    assert found.correlation == found.shares["market"]
    table = found.to_frame()
    assert len(table) == periods * managers
    assert "share of manager" in found._repr_html_()
    assert found.plot().to_dict()["layer"]
    # The market alone takes what the managers have in common for its own only in part; a list of outcomes says the same.
    outcomes, labels, names = [], [], []
    for i in range(periods):
        for j in range(managers):
            outcomes += [1] * int(won[i, j]) + [0] * int(n - won[i, j])
            labels += [i] * n
            names += [f"m{j}"] * n
    again = cf.growth.estimate_correlation(outcomes, periods=labels, groups=names, factor="manager", level=0.95)
    assert again.shares == pytest.approx(found.shares, abs=1e-9)
    plan = cf.ActionPlan("c", "p", [cf.ActionStep("s", probability=0.5, contribution=1.0)], {"manager": "m0"})
    assert cf.grow([plan], start="2026-01", months=1, correlation=found.shares).correlation == found.shares


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"trials": [3, 3], "groups": ["a", "b"]}, "without periods"),
        ({"trials": [3, 3], "periods": [0, 1], "groups": ["a"]}, "'groups' has 1 value"),
        ({"trials": [3, 1], "periods": [0, 1], "groups": ["a", "b"]}, "row 2: 2 successes of 1"),
        ({"trials": [3, 3], "periods": [0, 0], "groups": ["a", "b"]}, "periods with trials is 1;"),
        ({"periods": [0, float("nan")], "groups": ["a", "b"]}, "periods: position 2 is missing"),
        ({"periods": [0, 1], "groups": [None, "b"]}, "groups: position 1 is missing"),
        ({"trials": [3, 3], "periods": [0, 1], "groups": ["a", "b"]}, "two labels"),
        ({"trials": [3, 3], "periods": [0, 1], "groups": ["a", "b"], "factor": "market"}, "another name"),
    ],
)
def test_a_history_of_labels_without_an_answer_is_refused(options: dict[str, object], text: str) -> None:
    with pytest.raises(cf.InputError, match=text):
        cf.growth.estimate_correlation([1, 2], **options)  # type: ignore[arg-type]


def test_independent_successes_have_little_correlation() -> None:
    rng = np.random.default_rng(5)
    found = cf.growth.estimate_correlation(rng.binomial(40, 0.25, 50), np.full(50, 40))
    assert found.correlation < 0.03
    assert found.low == 0.0


@pytest.mark.parametrize(
    ("successes", "options", "text"),
    [
        ([1, 2], {}, "either trials"),
        ([1, 2], {"trials": [3]}, r"shape \(2,\) and trials of shape \(1,\)"),
        ([4, 2], {"trials": [3, 3]}, "row 1: 4 successes of 3"),
        ([3, 3], {"trials": [3, 3]}, "both successes and failures"),
        ([1], {"trials": [3]}, "at least two"),
        ([0, 1], {"trials": [1, 1]}, "two trials"),
        ([0, 2], {"periods": ["a", "b"]}, "outcome 2 is 2"),
        ([0, 1, 1], {"periods": [float("nan"), 1.0, float("nan")]}, "periods: position 1 is missing"),
        ([1, 2], {"trials": [3, 3], "level": 1.5}, "level"),
    ],
)
def test_a_history_without_an_answer_is_refused(successes: list[int], options: dict[str, object], text: str) -> None:
    with pytest.raises(cf.InputError, match=text):
        cf.growth.estimate_correlation(successes, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("correlation", [0.0, 0.2])
def test_months_side_by_side_are_those_one_by_one(correlation: float) -> None:
    plans = [chain(f"c{i}", 0.5, 0.6, contribution=100.0 * (1 + i % 3)) for i in range(30)]
    growth = cf.grow(plans, start="2026-01", months=3, correlation=correlation)
    found = growth.distributions()
    assert len(found) == 4
    one_by_one = [growth.distribution(month, month) for month in growth.months] + [growth.distribution()]
    for side, alone in zip(found, one_by_one, strict=True):
        assert np.array_equal(side.mass, alone.mass)
        assert side.mean == alone.mean


def _waiting(count: int) -> list[cf.ActionPlan]:
    """Plans that wait for one event, so that they form one graph."""
    step = [
        cf.ActionStep("a", 0.5, after="boss", contribution=137.31 * k * k, retries=2, duration=(1, 2, 4), spend=3.3)
        for k in range(count)
    ]
    return [cf.ActionPlan(f"c{k}", "p", [one]) for k, one in enumerate(step)]


def test_a_graph_beyond_the_limit_ends_with_a_common_factor() -> None:
    """It did not end: all plays were repeated at up to 16,385 values of the factor."""
    options = {"start": "2022-01", "events": {"boss": 0.6}, "correlation": 0.1}
    exact, played = cf.grow(_waiting(4), **options), cf.grow(_waiting(4), limit=0, **options)
    assert any("simulated" in note for note in played.notes)
    assert played.expected == pytest.approx(exact.expected, rel=0.02, abs=20)
    certain, rough = exact.distribution(), played.distribution()
    error = 0.5 / np.sqrt(2**16)
    for target in (1, 1000, 5000, 10_000, 20_000):
        chance = certain.probability_at_least(target)
        assert rough.probability_at_least(target) == pytest.approx(chance, abs=5 * error)
    again = cf.grow(_waiting(4), limit=0, **options)
    assert again.expected.tolist() == played.expected.tolist()
    assert again.distribution().mass.tolist() == rough.mass.tolist()


def test_a_large_graph_ends_with_a_common_factor() -> None:
    growth = cf.grow(_waiting(30), "2022-01", events={"boss": 0.6}, correlation=0.1, paths=1000, limit=4096)
    total = growth.distribution()
    assert total.mean == pytest.approx(sum(growth.expected), rel=0.1)
    assert np.isfinite([total.quantile(q) for q in (0.1, 0.5, 0.9)]).all()


def test_a_budget_of_a_simulated_graph_with_a_common_factor_ends() -> None:
    growth = cf.grow(_waiting(4), "2022-01", events={"boss": 0.6}, correlation=0.1, paths=1000, limit=0)
    lines = {"month": ["2022-01"], "revenue": [5000.0], "item": ["deal"], "probability": [0.5], "source": ["deals"]}
    budget = cf.Budget(lines, correlation=0.1) + cf.Budget.from_growth(growth)
    assert np.isfinite(budget.distribution().quantile(0.5))


def test_tails_of_small_chances_keep_their_digits() -> None:
    """A search between tilts that lie hundreds of powers of ten apart ended far from the right one."""
    for chance in (1e-50, 1e-100, 1e-110, 1e-300, 1e-320):
        tail = cf.distribution.sum_distribution([chance] * 3, [1.0] * 3).tail(3.0)
        assert tail.log_probability == pytest.approx(3 * np.log(chance), rel=1e-12)
        assert tail.relative_error < 1e-9


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: cf.distribution.sum_distribution([0.5], [1.0]).sample(10**9, seed=1),
            "count is 1000000000; it must",
        ),
        (lambda: cf.grow(_waiting(1), "2022-01", events={"boss": 0.6}, paths=10**9), "paths are 1000000000"),
        (
            lambda: cf.growth.estimate_correlation([3, 5, 2, 8], [10**9, 10, 10, 10]),
            "1e\\+?09? trials|1000000000 trials",
        ),
        (lambda: cf.growth.calibrate([0.7, 0.2], [1, 0], resamples=2**31 - 1), "resamples is 2147483647"),
        (lambda: cf.growth.calibrate([0.7, 0.2], [1, 0], resamples=2**63), "resamples"),
        (lambda: cf.lifetime.holt_winters([1.0] * 36, horizon=10**9), "horizon is 1000000000; it must be 0 to 100000"),
    ],
)
def test_counts_beyond_what_is_affordable_are_refused(call: Callable[[], object], text: str) -> None:
    with pytest.raises(cf.InputError, match=text):
        call()


def test_amounts_beyond_the_range_of_numbers_are_refused() -> None:
    step = cf.ActionStep("s", 0.5, contribution=1e200, size={1e200: 1.0})
    with pytest.raises(cf.InputError, match=r"customer A.*beyond the range of numbers"):
        cf.grow([cf.ActionPlan("A", "p", [step])], "2022-01", months=2)


class _Stop(Exception):
    """Raised by a signal handler, as KeyboardInterrupt is."""


@pytest.mark.parametrize(
    "call",
    [
        lambda: cf.distribution.sum_distribution([0.5] * 20, list(range(1, 21))).sample(10**8, seed=1),
        lambda: cf.growth.calibrate([k / 1000 for k in range(100)] * 10, [0, 1] * 500, resamples=10**6),
        lambda: cf.growth.estimate_correlation([3, 5, 2, 8], [10**6, 10, 10, 10]),
        lambda: cf.grow(_waiting(8), "2022-01", events={"boss": 0.6}, correlation=0.1, limit=0, paths=10**7),
    ],
)
def test_a_signal_ends_long_computations(call: Callable[[], object]) -> None:
    def stop(number: int, frame: object) -> None:
        raise _Stop

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(_Stop):
            call()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
