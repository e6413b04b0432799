# Tests of BG/NBD and MBG/NBD: published figures, quadrature and simulation beside each formula, corners, bad input.
from __future__ import annotations

import itertools
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

import custfolio as cf
from custfolio import _core
from custfolio.lifetime import BGNBD, MBGNBD

PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
CORNERS = [(0.25, 4.0, 0.8, 2.5), (2.0, 10.0, 1.0, 3.0), (0.05, 0.1, 0.3, 0.6), (20.0, 5.0, 40.0, 200.0)]


def test_published_estimates_of_bg_nbd(cdnow: Any) -> None:
    # Fader, Hardie and Lee 2005, table 1: r .243, alpha 4.414, a .793, b 2.426, log-likelihood -9582.4.
    model = BGNBD().fit(**cdnow)
    assert model.converged_, model.message_
    assert {k: round(v, 3) for k, v in model.params_.items()} == PUBLISHED
    assert model.log_likelihood_ == pytest.approx(-9582.4292, abs=5e-5)
    assert model.params_ == pytest.approx({"r": 0.242595, "alpha": 4.413602, "a": 0.792922, "b": 2.425907}, abs=1e-5)
    assert model.aic_ == pytest.approx(2 * 4 + 2 * 9582.4292, abs=1e-3)
    assert all(low < model.params_[k] < high for k, (low, high) in model.confidence_intervals(0.95).items())


def test_published_estimates_of_mbg_nbd(cdnow: Any) -> None:
    # Batislam, Denizel and Filiztekin 2007: r .525, alpha 6.183, a .891, b 1.614, log-likelihood -9582.1357.
    model = MBGNBD().fit(**cdnow)
    assert model.converged_, model.message_
    expected = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
    assert {k: round(v, 3) for k, v in model.params_.items()} == expected
    assert model.log_likelihood_ == pytest.approx(-9582.1357, abs=5e-4)


def test_published_derived_figures(cdnow: Any) -> None:
    # Printed from an optimum that is slightly coarser than the exact one, which gives 1.444012, 25.75734 and .9688544.
    model = BGNBD().fit(**cdnow)
    assert model.expected_purchases(52) == pytest.approx(1.444004, rel=5e-5)
    assert model.conditional_expected_purchases(52, 26, 216 / 7, 31) == pytest.approx(25.75659, rel=5e-5)
    assert model.probability_alive(26, 216 / 7, 31) == pytest.approx(0.9688523, rel=5e-6)
    fixed = _core.BetaGeometricNBD(0.25, 4, 0.8, 2.5)
    found = fixed.log_likelihood(np.array([0.0, 200.0]), np.array([0.0, 38.0]), np.array([40.0, 40.0]))
    assert found == pytest.approx([-0.59947382, 100.7957], abs=5e-5)


def test_standard_errors_are_those_of_the_observed_information(cdnow: Any) -> None:
    model = BGNBD().fit(**cdnow)
    point = np.array(list(model.params_.values()))

    def log_likelihood(at: NDArray[np.float64]) -> float:
        return float(np.sum(_core.BetaGeometricNBD(*at).log_likelihood(*cdnow.values())))

    hessian = np.zeros((4, 4))
    width = 1e-3 * point
    for i, j in itertools.product(range(4), range(4)):
        for one, other in itertools.product((1, -1), (1, -1)):
            at = point.copy()
            at[i] += one * width[i]
            at[j] += other * width[j]
            hessian[i, j] += one * other * log_likelihood(at) / (4 * width[i] * width[j])
    expected = np.sqrt(np.diag(np.linalg.inv(-hessian)))
    assert list(model.standard_errors_.values()) == pytest.approx(expected, rel=1e-3)


def likelihood(x: int, t_x: float, age: float, p: tuple[float, ...], at_first: bool) -> Any:
    """The likelihood by quadrature over the chance to leave; the rate is integrated by the gamma integral."""
    r, alpha, a, b = map(mpmath.mpf, p)
    m = x + at_first
    rate = mpmath.gamma(r + x) * alpha**r / mpmath.gamma(r)

    def given(q: Any) -> Any:
        here = (1 - q) ** m * (alpha + age) ** -(r + x)
        gone = q * (1 - q) ** (m - 1) * (alpha + t_x) ** -(r + x) if m else 0
        return q ** (a - 1) * (1 - q) ** (b - 1) / mpmath.beta(a, b) * (here + gone)

    return mpmath.log(rate * mpmath.quad(given, [0, 1e-4, 1e-3, 0.01, 0.03, 0.1, 0.2, 0.5, 0.99, 1]))


@pytest.mark.parametrize("p", CORNERS[:2])
@pytest.mark.parametrize("at_first", [False, True])
@pytest.mark.parametrize(("x", "t_x", "age"), [(0, 0, 0), (0, 0, 30), (1, 10, 30), (7, 30, 30)])
def test_likelihood_is_the_integral_over_customers(
    x: int, t_x: float, age: float, p: tuple[float, ...], at_first: bool
) -> None:
    found = _core.BetaGeometricNBD(*p, at_first).log_likelihood([x], [t_x], [age])[0]
    assert found == pytest.approx(float(likelihood(x, t_x, age, p, at_first)), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("p", CORNERS)
@pytest.mark.parametrize("at_first", [False, True])
def test_likelihood_is_the_published_closed_form_at_fifty_digits(p: tuple[float, ...], at_first: bool) -> None:
    histories = [
        (0, 0, 0),
        (0, 0, 1e6),
        (1, 1e-6, 1e6),
        (60, 1, 500),
        (26, 30.857, 31),
        (5000, 1, 1e5),
        (5000, 400, 401),
    ]
    with mpmath.workdps(50):
        r, alpha, a, b = map(mpmath.mpf, p)
        expected = []
        for x, t_x, age in histories:
            m = x + at_first  # chances to drop out
            rate = mpmath.gamma(r + x) / mpmath.gamma(r) * alpha**r / mpmath.beta(a, b)
            alive = rate * mpmath.beta(a, b + m) / (alpha + mpmath.mpf(age)) ** (r + x)
            gone = rate * mpmath.beta(a + 1, b + m - 1) / (alpha + mpmath.mpf(t_x)) ** (r + x) if m else 0
            expected.append(float(mpmath.log(alive + gone)))
    found = _core.BetaGeometricNBD(*p, at_first).log_likelihood(*np.array(histories, dtype=float).T.copy())
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-11)


def purchases_by_quadrature(p: tuple[float, ...], t: float, rate: float = 0.0) -> float:
    """Expected (discounted) purchases of a BG/NBD newcomer: over the chance to leave, then over time."""
    r, alpha, a, b = p

    def density(u: float) -> float:
        inner = integrate.quad(
            lambda z: stats.beta.pdf(1 / (1 + np.exp(-z)), a, b)
            * np.exp(-z) / (1 + np.exp(-z)) ** 2
            * (r / alpha) * (1 + u / (alpha * (1 + np.exp(-z)))) ** -(r + 1),
            -60 / min(1, a), 60 / min(1, b), limit=500, epsabs=0, epsrel=1e-11,
        )  # fmt: skip
        return float(inner[0] * np.exp(-rate * u))

    return float(integrate.quad(density, 0, t, epsabs=0, epsrel=1e-9, limit=200)[0])


@pytest.mark.parametrize("p", CORNERS[:2])
@pytest.mark.parametrize("t", [10.0])
def test_expected_purchases_are_the_integral_of_the_rate(p: tuple[float, ...], t: float) -> None:
    model = BGNBD.from_params(**dict(zip(PUBLISHED, p, strict=True)))
    assert model.expected_purchases(t) == pytest.approx(purchases_by_quadrature(p, t), rel=2e-8)
    discounted = _core.BetaGeometricNBD(*p).discounted_purchases(0.05, t)[0]
    assert discounted == pytest.approx(purchases_by_quadrature(p, t, 0.05), rel=2e-8)


@pytest.mark.parametrize("p", [(0.243, 4.414, 0.793, 2.426), (2.0, 10.0, 1.5, 3.0), (0.05, 0.1, 0.3, 0.6)])
def test_expected_purchases_are_the_published_closed_form(p: tuple[float, ...]) -> None:
    r, alpha, a, b = p
    model = BGNBD.from_params(**dict(zip(PUBLISHED, p, strict=True)))
    for t in (0.5, 52.0, 5e3, 1e5):
        hyper = mpmath.hyp2f1(r, b, a + b - 1, t / (alpha + t))
        expected = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * hyper)
        assert model.expected_purchases(t) == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize("model_class", [BGNBD, MBGNBD])
@pytest.mark.parametrize("p", CORNERS)
def test_distribution_mean_band_and_horizon_agree(model_class: Any, p: tuple[float, ...]) -> None:
    model = model_class.from_params(**dict(zip(PUBLISHED, p, strict=True)))
    x, t_x, age, t = [0.0, 2.0, 7.0], [0.0, 3.0, 30.0], [30.0, 30.0, 30.0], 12.0
    table = {"frequency": np.array(x), "recency": np.array(t_x), "T": np.array(age)}
    found = model.predict(table, horizon=t, discount_rate="8 % a year")
    for k in range(3):
        n = np.arange(3000.0)
        mass = model.conditional_probability_mass(n, t, x[k], t_x[k], age[k])
        assert mass.min() >= 0
        assert mass.sum() == pytest.approx(1, abs=1e-9)
        assert found["expected_purchases"][k] == pytest.approx((n * mass).sum(), rel=1e-7)
        variance = (n * n * mass).sum() - (n * mass).sum() ** 2
        assert found["purchases_sd"][k] == pytest.approx(np.sqrt(variance), rel=1e-5)
        for share in (10, 90):
            assert found[f"purchases_p{share}"][k] == np.argmax(np.cumsum(mass) >= share / 100 - 1e-12)
        assert model.conditional_expected_purchases(t, x[k], t_x[k], age[k]) == pytest.approx(
            found["expected_purchases"][k], rel=1e-9
        )
        residual = model.discounted_expected_residual_transactions("8 % a year", x[k], t_x[k], age[k])
        assert found["discounted_residual_purchases"][k] == pytest.approx(residual, rel=1e-8)
        assert found["discounted_purchases"][k] < min(found["expected_purchases"][k], residual)


def test_survival_of_a_newcomer_is_that_of_the_definition() -> None:
    r, alpha, a, b = 0.8, 5.0, 0.9, 2.0
    for t in (0.0, 1.0, 100.0):
        expected = integrate.quad(lambda p, t=t: stats.beta.pdf(p, a, b) * (1 + p * t / alpha) ** -r, 0, 1)[0]
        assert BGNBD.from_params(r=r, alpha=alpha, a=a, b=b).survival(t) == pytest.approx(expected, rel=1e-7)


def test_parameters_come_back_from_simulated_histories_within_their_intervals() -> None:
    truth = {"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 2.2}
    hits = dict.fromkeys(truth, 0)
    for seed in range(40):
        found = BGNBD().fit(**BGNBD.from_params(**truth).simulate(3_000, 60.0, seed=seed))
        assert found.converged_, found.message_
        for name, (low, high) in found.confidence_intervals(0.9).items():
            hits[name] += low <= truth[name] <= high
    # 36 of 40 are expected; fewer than 30 or 40 - 0 has a chance below 1 in 500.
    assert min(hits.values()) >= 30, hits


def test_threads_and_weights_change_nothing(cdnow: Any) -> None:
    one, two = (BGNBD(threads=t).fit(**cdnow) for t in (1, 3))
    assert one.params_ == two.params_
    rows, counts = np.unique(np.column_stack(list(cdnow.values())), axis=0, return_counts=True)
    weighted = BGNBD().fit(*rows.T, weights=counts)
    assert weighted.params_ == pytest.approx(one.params_, rel=1e-6)
    assert weighted.n_customers_ == 2357


def test_covariates_tell_segments_apart() -> None:
    first = BGNBD.from_params(r=0.8, alpha=4.0, a=0.8, b=2.5).simulate(4_000, 50.0, seed=1)
    second = BGNBD.from_params(r=0.8, alpha=4.0 * np.exp(-0.7), a=0.8, b=2.5).simulate(4_000, 50.0, seed=2)
    table = {name: np.concatenate([first[name], second[name]]) for name in first}
    segment = ["plain"] * 4_000 + ["wholesale"] * 4_000
    model = BGNBD().fit({**table, "segment": segment}, covariates=["segment"])
    assert model.converged_, model.message_
    assert list(model.params_)[4:] == ["purchase:segment=wholesale", "a:segment=wholesale", "b:segment=wholesale"]
    low, high = model.confidence_intervals(0.999)["purchase:segment=wholesale"]
    assert low < 0.7 < high
    assert low > 0
    plain, wholesale = model.at(segment="plain"), model.at(segment="wholesale")
    assert wholesale.params_["alpha"] == pytest.approx(
        model.params_["alpha"] * np.exp(-model.params_["purchase:segment=wholesale"])
    )
    found = model.predict({**table, "segment": segment}, horizon=10)
    for own, part in ((plain, slice(0, 4_000)), (wholesale, slice(4_000, None))):
        expected = own.conditional_expected_purchases(10, *(table[name][part] for name in table))
        assert found["expected_purchases"][part] == pytest.approx(expected, rel=1e-9)
    with pytest.raises(cf.InputError, match="covariate 'segment'"):
        model.at(segment="retail")
    with pytest.raises(cf.InputError, match="has covariates"):
        model.expected_purchases(1)


def test_corners_give_answers() -> None:
    model = BGNBD.from_params(**PUBLISHED)
    for x, t_x, age in [(0, 0, 0), (1, 5, 5), (5000, 400, 401), (0, 0, 1e6), (1, 1e-6, 1e6), (5000, 1, 1e5)]:
        found = model.predict({"frequency": [x], "recency": [t_x], "T": [age]}, horizon="1 year")
        for name in found.columns():
            assert np.all(np.isfinite(np.asarray(found[name], dtype=float))), (name, x, t_x, age)
        assert 0 <= found["probability_alive"][0] <= 1
        assert found["purchases_p10"][0] <= found["purchases_p90"][0]


def test_degenerate_data_is_told() -> None:
    with pytest.raises(cf.InputError, match="no customer bought again"):
        BGNBD().fit([0, 0, 0], [0, 0, 0], [10, 20, 30])
    with pytest.raises(cf.InputError, match="no customer to fit"):
        BGNBD().fit([1], [1], [2], weights=[0])
    one = BGNBD().fit([3], [5], [9])
    assert not one.converged_
    assert one.message_
    assert all(np.isfinite(value) for value in one.params_.values())
    prior = {"r": (0.5, 1.0), "alpha": (5.0, 1.0), "a": (0.8, 1.0), "b": (2.5, 1.0)}
    believed = BGNBD(prior=prior).fit([0, 0, 0], [0, 0, 0], [10, 20, 30])
    assert believed.converged_, believed.message_
    assert BGNBD(prior=prior).fit([3], [5], [9]).converged_


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((1, 0, 5), "row 2: recency is 0 with 1 repeat"),
        ((1, 6, 5), "row 2: recency is 6, after T"),
        ((-1, 0, 5), "row 2: frequency is -1"),
        ((0.5, 1, 5), "row 2: frequency is 0.5"),
        ((1, 1, np.nan), "row 2: T is nan"),
    ],
)
def test_bad_rows_are_named(row: tuple[float, float, float], message: str) -> None:
    columns = [[0, row[0]], [0, row[1]], [1, row[2]]]
    with pytest.raises(cf.InputError, match=message):
        BGNBD().fit(*columns)
    with pytest.raises(cf.InputError, match=message):
        BGNBD.from_params(**PUBLISHED).probability_alive(*columns)


def test_horizon_and_discount_rate_carry_their_units() -> None:
    model = BGNBD.from_params(**PUBLISHED)
    table = {"frequency": [2.0], "recency": [10.0], "T": [20.0]}
    weeks = model.predict(table, horizon="1 year", discount_rate="10 % a year", spend=7.0)
    days = BGNBD.from_params(**{**PUBLISHED, "alpha": 7 * 4.414}).predict(
        {"frequency": [2.0], "recency": [70.0], "T": [140.0]}, "12 months", (0.10, "year"), spend=7.0, time_unit="day"
    )
    for name in ("probability_alive", "expected_purchases", "discounted_purchases", "value", "value_infinite"):
        assert days[name] == pytest.approx(weeks[name], rel=1e-8)
    assert weeks["value"] == pytest.approx(7 * weeks["discounted_purchases"])
    assert model.predict(table, discount_rate="10 % a year")["discounted_purchases"] == pytest.approx(
        model.predict(table, discount_rate=0.1)["discounted_purchases"]
    )
    for bad in ("52", "soon", "-3 weeks", 0, "3 lightyears"):
        with pytest.raises(cf.InputError):
            model.predict(table, horizon=bad)
    for bad in ("10 %", 10, -0.1, ("10 %", "fortnight"), "many"):
        with pytest.raises(cf.InputError, match=r"discount rate|period"):
            model.predict(table, discount_rate=bad)


def test_prediction_of_many_ages_is_that_of_each_alone() -> None:
    model = BGNBD.from_params(**PUBLISHED)
    drawn = model.simulate(3_000, np.linspace(1, 300, 3_000), seed=5)
    found = model.predict(drawn, horizon=26)
    rows = np.arange(0, 3_000, 157)
    expected = model.discounted_expected_residual_transactions(0.10, *(drawn[name][rows] for name in drawn))
    assert found["discounted_residual_purchases"][rows] == pytest.approx(expected, rel=1e-8)
    assert found.to_frame("pandas").shape[0] == 3_000
    assert "probability_alive" in found._repr_html_()
    assert found.plot().to_dict()["mark"]["type"] == "circle"
