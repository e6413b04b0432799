"""Models of spend: published figures, an independent density, shrinkage, edges."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import custfolio as cf


def test_gamma_gamma_likelihood_is_the_published_density() -> None:
    # Fader and Hardie (2013), equation (1a), written out with lgamma.
    x, z = np.array([1.0, 2, 3, 5, 1, 2]), np.array([30.0, 45, 12, 80, 7, 25])
    model = cf.lifetime.GammaGamma(prior={"p": (6, 0.5), "q": (4, 0.5), "gamma": (15, 0.5)}).fit(x, z)
    p, q, gamma = model.params_.values()
    total = sum(
        math.lgamma(p * n + q) - math.lgamma(p * n) - math.lgamma(q)
        + q * math.log(gamma) + (p * n - 1) * math.log(m) + p * n * math.log(n) - (p * n + q) * math.log(gamma + n * m)
        for n, m in zip(x, z, strict=True)
    )  # fmt: skip
    assert model.log_likelihood_ == pytest.approx(total, rel=1e-12)


def test_gamma_gamma_of_cdnow_is_the_published_one() -> None:
    # Fader and Hardie (2013), the 946 customers who bought again in the calibration: p 6.25, q 3.74, gamma 15.44; LL -4055.92.
    rows = cf.lifetime.summary(
        pd.DataFrame(cf.demo.cdnow()), customer="customer", date="date", revenue="amount", calibration_end="1997-09-30"
    ).to_frame("pandas")
    rows = rows[rows["frequency"] > 0]
    assert len(rows) == 946
    assert rows["monetary_value"].mean() == pytest.approx(35.078, abs=5e-4)
    model = cf.lifetime.GammaGamma().fit(rows["frequency"].to_numpy(), rows["monetary_value"].to_numpy())
    assert model.converged_, model.message_
    assert [round(v, 2) for v in model.params_.values()] == [6.25, 3.74, 15.44]
    assert model.log_likelihood_ == pytest.approx(-4055.9177, abs=5e-4)


def test_gamma_gamma_recovers_parameters_and_means() -> None:
    truth = {"p": 6.25, "q": 3.74, "gamma": 15.44}
    known = cf.lifetime.GammaGamma.from_params(**truth)
    rows, _ = known._simulate({"frequency": np.arange(20_000) % 4.0, "monetary_value": np.zeros(20_000)}, None, 5)
    found = cf.lifetime.GammaGamma().fit(**rows)
    for name, (low, high) in found.confidence_intervals(0.999).items():
        assert low < truth[name] < high
    assert abs(found.correlation_) < 0.05
    assert known.expected_spend() == pytest.approx(6.25 * 15.44 / 2.74)
    assert known.conditional_expected_spend(2, 50.0) == pytest.approx(6.25 * (15.44 + 100) / (12.5 + 2.74))


def test_gamma_gamma_leaves_out_and_refuses() -> None:
    model = cf.lifetime.GammaGamma().fit([0, 1, 2, 3, 1], [math.nan, 10, 20, 35, 12])
    assert model.left_out_ == 1
    assert model.n_customers_ == 4
    with pytest.raises(cf.InputError, match=r"row 2.*NormalNormal"):
        cf.lifetime.GammaGamma().fit([1, 1], [5, -5])
    with pytest.raises(cf.InputError, match="all average amounts"):
        cf.lifetime.GammaGamma().fit([1, 2], [5, 5])
    with pytest.raises(cf.InputError, match="frequency above 0"):
        cf.lifetime.GammaGamma().fit([0, 0], [0, 0])
    with pytest.raises(cf.InputError, match="infinite"):
        cf.lifetime.GammaGamma.from_params(p=1, q=0.5, gamma=1).expected_spend()


def test_normal_normal_likelihood_is_that_of_the_single_amounts() -> None:
    rng = np.random.default_rng(1)
    groups = [rng.normal(rng.normal(-2, 3), 5, size) for size in rng.integers(2, 8, 60)]
    count = np.array([len(group) for group in groups], dtype=float)
    mean = np.array([group.mean() for group in groups])
    squares = np.array([((group - group.mean()) ** 2).sum() for group in groups])
    model = cf.lifetime.NormalNormal().fit(count, mean, squares)
    centre, between, within = model.params_.values()
    total = 0.0
    for group in groups:
        n = len(group)
        covariance = np.full((n, n), between) + within * np.eye(n)
        e = group - centre
        total += -0.5 * (
            n * math.log(2 * math.pi) + np.linalg.slogdet(covariance)[1] + e @ np.linalg.solve(covariance, e)
        )
    assert model.log_likelihood_ == pytest.approx(total, rel=1e-11)
    assert model.converged_
    # In another currency and with another zero: the same model.
    other = cf.lifetime.NormalNormal().fit(count, 1e6 + 1e3 * mean, 1e6 * squares)
    assert other.params_["mean"] == pytest.approx(1e6 + 1e3 * centre)
    assert other.params_["between_variance"] == pytest.approx(1e6 * between, rel=1e-6)
    assert other.standard_errors_["mean"] == pytest.approx(1e3 * model.standard_errors_["mean"], rel=1e-5)


def test_normal_normal_shrinks_by_precision() -> None:
    model = cf.lifetime.NormalNormal.from_params(mean=-1, between_variance=4, within_variance=8)
    assert model.shrinkage_weight([0, 2]) == pytest.approx([0, 0.5])
    assert model.conditional_mean([0, 2], [99, 3]) == pytest.approx([-1, 1])
    assert model.conditional_variance([0, 2], [99, 3]) == pytest.approx([4, 2])
    with pytest.raises(cf.InputError, match="row 1"):
        cf.lifetime.NormalNormal().fit([-1.0, 1], [1, 2])
    with pytest.raises(cf.InputError, match="all averages"):
        cf.lifetime.NormalNormal().fit([1, 2], [3, 3])


def test_normal_normal_recovers_parameters() -> None:
    truth = {"mean": -0.5, "between_variance": 0.2, "within_variance": 2.0}
    known = cf.lifetime.NormalNormal.from_params(**truth)
    count = 1.0 + np.arange(5_000) % 9
    rows, _ = known._simulate({"frequency": count, "monetary_value": count}, None, 11)
    for name, (low, high) in cf.lifetime.NormalNormal().fit(**rows).confidence_intervals(0.999).items():
        assert low < truth[name] < high


def test_normal_normal_leaves_out_customers_without_a_purchase() -> None:
    whole = {"frequency": [0, 2, 3, 1], "monetary_value": [np.nan, 10.0, 14.0, -3.0], "weights": [2.0, 1.0, 1.0, 1.0]}
    model = cf.lifetime.NormalNormal().fit(whole, weights="weights")
    bought = cf.lifetime.NormalNormal().fit([2, 3, 1], [10.0, 14.0, -3.0])
    assert model.params_ == bought.params_
    assert (model.left_out_, bought.left_out_) == (2.0, 0.0)
    with pytest.raises(cf.InputError, match="row 2: monetary_value is nan, though frequency is 3"):
        cf.lifetime.NormalNormal().fit([1, 3, 2], [1.0, np.nan, 2.0])
    with pytest.raises(cf.InputError, match="no customer has a frequency above 0"):
        cf.lifetime.NormalNormal().fit([0, 0], [1.0, 2.0])
