"""Profile-likelihood intervals: the fall of the likelihood at their ends, by search on a grid; their edges and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

import custfolio as cf
from custfolio.lifetime import BGBB, BGNBD, MBGNBD, NBD, GammaGamma, NormalNormal, ParetoNBD, ShiftedBetaGeometric

HALF_QUANTILES = {0.8: 1.6423744151498165 / 2, 0.95: 3.841458820694124 / 2}  # of chi-square with one degree of freedom


@pytest.mark.parametrize("level", HALF_QUANTILES)
def test_the_ends_are_where_the_profile_has_fallen(level: float) -> None:
    rows = ShiftedBetaGeometric.from_params(alpha=0.7, beta=1.2).simulate(400, 8, seed=3)
    model = ShiftedBetaGeometric().fit(**rows)
    lost = rows["recency"] < rows["T"]
    # The likelihood on a grid of both parameters around the estimate, and the best of the other one by a parabola.
    periods = np.arange(0, 9)
    counts = np.bincount(rows["recency"][lost].astype(int), minlength=9)
    alive = np.bincount(rows["recency"][~lost].astype(int) - 1, minlength=9)

    def likelihood(alpha: float, beta: float) -> float:
        survival = np.asarray(ShiftedBetaGeometric.from_params(alpha=alpha, beta=beta).survival(periods))
        return float(counts[1:] @ np.log(-np.diff(survival)) + alive @ np.log(survival))

    assert likelihood(*model.params_.values()) == pytest.approx(model.log_likelihood_)
    steps = np.exp(np.linspace(-1.2, 1.2, 241))
    found = model.confidence_intervals(level, method="profile")
    for name, other in (("alpha", "beta"), ("beta", "alpha")):
        for end in found[name]:
            along = [likelihood(**{name: end, other: model.params_[other] * step}) for step in steps]
            best = int(np.argmax(along))
            assert 0 < best < 240
            left, top, right = along[best - 1 : best + 2]
            peak = top - (right - left) ** 2 / (8 * (right - 2 * top + left))
            assert model.log_likelihood_ - peak == pytest.approx(HALF_QUANTILES[level], abs=2e-3)
        low, high = found[name]
        assert low < model.params_[name] < high


def test_every_model_has_them_near_its_other_intervals_where_data_are_many() -> None:
    age = np.linspace(30.0, 60.0, 3_000)
    bought = BGNBD.from_params(r=0.6, alpha=6.0, a=0.9, b=2.2).simulate(3_000, age, seed=1)
    x = bought["frequency"][bought["frequency"] > 0]
    spend = GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)._simulate({"frequency": x}, None, 1)[0]
    margin = NormalNormal.from_params(mean=20.0, between_variance=150.0, within_variance=400.0)
    donors = BGBB.from_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8).simulate(20_000, 6, seed=1)
    for model in (
        BGNBD().fit(**bought),
        MBGNBD().fit(**bought),
        ParetoNBD().fit(**ParetoNBD.from_params(r=0.6, alpha=6.0, s=0.8, beta=20.0).simulate(3_000, age, seed=1)),
        NBD().fit(**NBD.from_params(r=0.6, alpha=6.0).simulate(3_000, age, seed=1)),
        BGBB().fit(**donors),
        GammaGamma().fit(**spend),
        NormalNormal().fit(**margin._simulate({"frequency": x}, None, 1)[0]),
    ):
        plain = model.confidence_intervals(0.8, method="information")
        for name, ends in model.confidence_intervals(0.8, method="profile").items():
            width = plain[name][1] - plain[name][0]
            assert np.abs(np.subtract(ends, plain[name])).max() < 0.3 * width, (type(model).__name__, name)


def test_coefficients_have_them_on_their_own_scale() -> None:
    rows = ParetoNBD.from_params(r=0.6, alpha=6.0, s=0.8, beta=20.0).simulate(2_000, 40.0, seed=1)
    model = ParetoNBD().fit(**rows, covariates={"group": np.arange(2_000) % 2})
    (low, high), estimate = (
        model.confidence_intervals(method="profile")["purchase:group"],
        model.params_["purchase:group"],
    )
    assert low < estimate < high


def test_a_prior_counts_in_the_profile() -> None:
    tight = ShiftedBetaGeometric(prior={"alpha": (1.0, 0.1), "beta": (10.0, 0.1)}).fit([3] * 20 + [1], [3] * 21)
    low, high = tight.confidence_intervals(method="profile")["alpha"]
    assert high / low == pytest.approx(math.exp(2 * 1.96 * 0.1), rel=0.02)


def test_an_end_that_the_data_do_not_give_is_open() -> None:
    # These 300 customers do not tell whether hazards differ at all: s and beta may be as large as one likes, r and alpha not.
    truth = ParetoNBD.from_params(r=0.6, alpha=6.0, s=0.8, beta=20.0)
    model = ParetoNBD(threads=1).fit(**truth.simulate(300, np.linspace(30.0, 60.0, 300), seed=0))
    assert model.converged_
    found = model.confidence_intervals(method="profile")
    for name, (low, high) in found.items():
        assert 0 < low < model.params_[name] < high
        assert (high == math.inf) == (name in ("s", "beta"))


def test_methods_that_cannot_be_are_refused() -> None:
    model = ShiftedBetaGeometric().fit([1, 2, 3, 3], [3, 3, 3, 3])
    with pytest.raises(cf.InputError, match="method is 'wald'"):
        model.confidence_intervals(method="wald")  # type: ignore[arg-type]
    with pytest.raises(cf.InputError, match="bootstrap"):
        model.confidence_intervals(method="bootstrap")
    with pytest.raises(cf.InputError, match="level"):
        model.confidence_intervals(1.0, method="profile")
    with pytest.raises(cf.InputError, match="not fitted"):
        ShiftedBetaGeometric.from_params(alpha=1, beta=1).confidence_intervals(method="profile")
