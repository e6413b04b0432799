"""Models of opportunities and contracts: published figures, enumeration, simulation, edges."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

import custfolio as cf
from custfolio import _core

DATA = Path(__file__).resolve().parents[2] / "data"


def read(name: str, **where: str) -> dict[str, list[float]]:
    with (DATA / name).open() as file:
        rows = [row for row in csv.DictReader(file) if all(row.pop(key) == value for key, value in where.items())]
    return {key: [float(row[key]) for row in rows] for key in rows[0]}


@pytest.fixture(scope="module")
def donors() -> cf.lifetime.BGBB:
    return cf.lifetime.BGBB().fit(**read("donations.csv"))


def test_bg_bb_reproduces_the_published_fit(donors: cf.lifetime.BGBB) -> None:
    # Fader, Hardie and Shang (2010), table 2.
    params = donors.params_
    # delta is published as 2.7838; at the exact maximum it is 2.7834, at the same likelihood to the digits printed.
    assert params == pytest.approx({"alpha": 1.2035, "beta": 0.7497, "gamma": 0.6568, "delta": 2.7838}, abs=5e-4)
    assert donors.log_likelihood_ == pytest.approx(-33225.58, abs=0.005)
    assert donors.n_customers_ == 11_104
    assert donors.converged_
    assert donors._fitted().evaluations < 60


def test_bg_bb_gradient_vanishes_where_differences_of_the_likelihood_do(donors: cf.lifetime.BGBB) -> None:
    # The optimum of the analytic gradient is that of the value: any step aside lowers the published likelihood.
    cells = read("donations.csv")
    best = donors.log_likelihood_
    for name in donors.params_:
        for factor in (0.99, 1.01):
            params = donors.params_ | {name: donors.params_[name] * factor}
            model = cf.lifetime.BGBB.from_params(**params)
            total = sum(
                weight * math.log(_enumerated(model, x, t_x, n))
                for x, t_x, n, weight in zip(
                    *(cells[key] for key in ("frequency", "recency", "periods", "weights")), strict=True
                )
            )
            assert total < best
    model = cf.lifetime.BGBB.from_params(**donors.params_)
    total = sum(
        weight * math.log(_enumerated(model, x, t_x, n))
        for x, t_x, n, weight in zip(
            *(cells[key] for key in ("frequency", "recency", "periods", "weights")), strict=True
        )
    )
    assert total == pytest.approx(best, rel=1e-12)


def _beta(a: float, b: float) -> float:
    return math.exp(math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))


def _enumerated(model: cf.lifetime.BGBB, x: float, t_x: float, n: float) -> float:
    """Likelihood of a history as a sum over the opportunity before which the customer was lost."""
    alpha, beta, gamma, delta = model.params_.values()
    base = _beta(alpha, beta) * _beta(gamma, delta)
    total = _beta(alpha + x, beta + n - x) * _beta(gamma, delta + n)
    for last in range(int(t_x), int(n)):
        total += _beta(alpha + x, beta + last - x) * _beta(gamma + 1, delta + last)
    return total / base


def test_bg_bb_quantities_are_those_of_all_futures() -> None:
    model = cf.lifetime.BGBB.from_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8)
    x, t_x, n, ahead = 2, 3, 5, 4
    now = _enumerated(model, x, t_x, n)
    # Every future of four opportunities: its history has the likelihood of the whole row of nine.
    chances = np.zeros(ahead + 1)
    for future in range(2**ahead):
        bought = [k for k in range(ahead) if future >> k & 1]
        last = n + bought[-1] + 1 if bought else t_x
        chances[len(bought)] += _enumerated(model, x + len(bought), last, n + ahead) / now
    assert chances.sum() == pytest.approx(1)
    found = model.conditional_probability_of_purchases(np.arange(ahead + 1), ahead, x, t_x, n)
    assert found == pytest.approx(chances, rel=1e-10)
    mean = model.conditional_expected_purchases(ahead, x, t_x, n)
    assert mean == pytest.approx(float(np.arange(ahead + 1) @ chances))
    one = model.conditional_expected_purchases(1, x, t_x, n)
    alpha, beta, *_ = model.params_.values()
    assert one == pytest.approx(model.probability_alive(x, t_x, n) * (alpha + x) / (alpha + beta + n))
    # Discounted: the sum over horizons, and its closed form without discount.
    means = model.conditional_expected_purchases(np.arange(0, 1500), x, t_x, n)
    discounted = float(np.diff(means) @ (1.1 ** -np.arange(1.0, 1500.0)))
    assert model.discounted_expected_residual_transactions(x, t_x, n, discount_rate=0.1) == pytest.approx(discounted)
    with pytest.raises(cf.InputError, match="gamma"):
        model.discounted_expected_residual_transactions(x, t_x, n, discount_rate=0)
    of_new = [model.probability_of_purchases(k, 6) for k in range(7)]
    assert sum(of_new) == pytest.approx(1)
    assert float(np.arange(7) @ of_new) == pytest.approx(model.expected_purchases(6))
    assert model.survival([0, 1]) == pytest.approx([1, 2.8 / 3.46])


def test_bg_bb_recovers_parameters_and_bootstraps() -> None:
    truth = {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.8}
    model = cf.lifetime.BGBB.from_params(**truth)
    rows, _ = model._simulate({"periods": np.full(20_000, 6.0)}, None, 7)
    again = cf.lifetime.BGBB(bootstrap=8, seed=1).fit(**rows)
    for name, (low, high) in cf.lifetime.BGBB().fit(**rows).confidence_intervals(0.999).items():
        assert low < truth[name] < high
    assert again.bootstrap_.shape == (8, 4)
    spread = again.bootstrap_.std(axis=0, ddof=1)
    assert spread == pytest.approx(list(again.standard_errors_.values()), rel=0.8)
    same = cf.lifetime.BGBB(bootstrap=8, seed=1, threads=1).fit(**rows)
    assert np.array_equal(same.bootstrap_, again.bootstrap_)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"frequency": [1], "recency": [0], "periods": [6]}, "row 1"),
        ({"frequency": [0, 3], "recency": [0, 2], "periods": [6, 6]}, "row 2"),
        ({"frequency": [1.5], "recency": [2], "periods": [6]}, "whole"),
        ({"frequency": [1], "recency": [math.nan], "periods": [6]}, "row 1"),
        ({"frequency": [1], "recency": [1], "periods": [6], "weights": [-1]}, "weights"),
        ({"frequency": [1], "recency": [1], "periods": [6], "weights": [0]}, "sum to 0"),
        ({"frequency": [], "recency": [], "periods": []}, "no row"),
        ({"frequency": [1], "recency": [1, 2], "periods": [6]}, "one per row"),
        ({"frequency": [1]}, "recency is missing"),
    ],
)
def test_bg_bb_refuses(rows: dict[str, list[float]], message: str) -> None:
    with pytest.raises(cf.InputError, match=message):
        cf.lifetime.BGBB().fit(**rows)


def test_bg_bb_tells_where_all_customers_are_alike() -> None:
    nobody = cf.lifetime.BGBB().fit([0] * 5, [0] * 5, [6] * 5)
    assert not nobody.converged_
    assert "edge" in nobody.message_ or "flat" in nobody.message_
    everyone = cf.lifetime.BGBB().fit([6] * 5, [6] * 5, [6] * 5)
    assert not everyone.converged_
    assert everyone.log_likelihood_ == pytest.approx(0, abs=1e-3)
    held = cf.lifetime.BGBB(prior=dict.fromkeys(["alpha", "beta", "gamma", "delta"], (1.0, 1.0))).fit(
        [0] * 5, [0] * 5, [6] * 5
    )
    assert held.converged_


@pytest.mark.parametrize(
    ("cohort", "alpha", "beta", "log_likelihood"),
    [("highend", 0.668, 3.806, -1611.1581), ("regular", 0.704, 1.182, -1680.2652)],
)
def test_sbg_reproduces_the_published_fit(cohort: str, alpha: float, beta: float, log_likelihood: float) -> None:
    # Fader and Hardie (2007), 7 renewals.
    model = cf.lifetime.ShiftedBetaGeometric().fit(**read("sbg_cohorts.csv", cohort=cohort))
    assert model.params_ == pytest.approx({"alpha": alpha, "beta": beta}, abs=5e-4)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=5e-5)
    assert model.converged_
    weibull = cf.lifetime.BetaDiscreteWeibull().fit(**read("sbg_cohorts.csv", cohort=cohort))
    assert weibull.log_likelihood_ >= model.log_likelihood_
    table = cf.lifetime.compare([model, weibull])
    assert list(table.to_frame("polars")["parameters"].sort()) == [2, 3]
    if cohort == "regular":
        projected = [100, 62.7, 47.4, 38.8, 33.2, 29.2, 26.2, 23.9, 22.0, 20.4, 19.1, 18.0, 17.0]
        assert [round(100 * value, 1) for value in model.survival(np.arange(13))] == projected


@pytest.mark.parametrize(
    ("alpha", "beta", "published"),
    [(3.80, 15.20, [3.31, 3.45, 3.59, 3.72, 3.84]), (1 / 15, 4 / 15, [7.68, 9.46, 9.86, 10.06, 10.19])],
)
def test_residual_lifetimes_are_the_published_ones(alpha: float, beta: float, published: list[float]) -> None:
    # Fader and Hardie (2010), Marketing Science 29(1), DERL by renewals at d = 0.1; there 1/15 and 4/15 are printed .067, .267.
    model = cf.lifetime.ShiftedBetaGeometric.from_params(alpha=alpha, beta=beta)
    found = model.discounted_expected_residual_lifetime(np.arange(len(published)), discount_rate=0.1)
    assert [round(value, 2) for value in found] == published
    # By summation of the survival curve, and by the Weibull next to c = 1, which sums.
    t = np.arange(0.0, 2000.0)
    survival = model.survival(t)
    assert model.discounted_expected_lifetime(discount_rate=0.1) == pytest.approx(float(survival @ 1.1**-t))
    close = cf.lifetime.BetaDiscreteWeibull.from_params(alpha=alpha, beta=beta, c=1 + 1e-9)
    assert close.discounted_expected_residual_lifetime(2, discount_rate=0.1) == pytest.approx(found[2], rel=1e-6)
    assert model.retention_rate(3) == pytest.approx(survival[3] / survival[2])


def test_weibull_recovers_parameters_from_simulated_contracts() -> None:
    truth = {"alpha": 0.8, "beta": 3.0, "c": 1.4}
    model = cf.lifetime.BetaDiscreteWeibull.from_params(**truth)
    rows, _ = model._simulate({"recency": np.ones(1), "T": np.full(50_000, 10.0)}, None, 3)
    found = cf.lifetime.BetaDiscreteWeibull().fit(**rows)
    for name, (low, high) in found.confidence_intervals(0.999).items():
        assert low < truth[name] < high


@pytest.mark.parametrize(("recency", "age"), [([5] * 4, [5] * 4), ([1] * 4, [5] * 4), ([1], [1])])
def test_contracts_without_difference_are_told(recency: list[float], age: list[float]) -> None:
    for model in (cf.lifetime.ShiftedBetaGeometric(), cf.lifetime.BetaDiscreteWeibull()):
        model.fit(recency, age)
        assert not model.converged_
        assert model.message_
        assert math.isfinite(model.log_likelihood_)


def test_contracts_are_refused_by_row() -> None:
    with pytest.raises(cf.InputError, match="row 2"):
        cf.lifetime.ShiftedBetaGeometric().fit([1, 3], [2, 2])
    model = cf.lifetime.ShiftedBetaGeometric.from_params(alpha=0.5, beta=1)
    with pytest.raises(cf.InputError, match="infinite"):
        model.discounted_expected_lifetime(discount_rate=0)
    with pytest.raises(cf.InputError, match="at least 0"):
        model.survival(-1)
    with pytest.raises(cf.InputError, match="from 1"):
        model.retention_rate(0)


def test_the_core_names_its_parameters() -> None:
    assert _core.fit_contracts("sbg", [1.0, 2.0, 3.0], [3.0, 3.0, 3.0]).names == ["alpha", "beta"]
