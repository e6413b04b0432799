# Every model of purchase histories: corners and degenerate data (an answer or an error in words, never NaN), intervals, bootstrap.
from __future__ import annotations

import itertools
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np
import pytest

import custfolio as cf
from custfolio.lifetime import BGBB, BGNBD, MBGNBD, NBD, NormalNormal, ParetoNBD

MODELS = [BGNBD, MBGNBD, ParetoNBD, NBD]
CORNERS = [
    (0, 0, 0),
    (0, 0, 30),
    (0, 0, 1e6),
    (1, 5, 5),
    (1, 1e-6, 1e6),
    (3, 1, 500),
    (5000, 400.9, 401),
    (5000, 1, 1e5),
]


@pytest.mark.parametrize("kind", MODELS)
def test_corners_of_histories_and_parameters_give_answers(kind: Any) -> None:
    # Times far below and far above those of the data, shapes near 0 and large.
    for first, alpha, second, last in itertools.product((0.01, 30.0), (1e-3, 1e4), (0.01, 20.0), (1e-3, 1e4)):
        values = (first, alpha, second, last)[: len(kind._parameters)]
        model = kind.from_params(**dict(zip(kind._parameters, values, strict=True)))
        columns = [np.array(column, dtype=float) for column in zip(*CORNERS, strict=True)]
        alive = model.probability_alive(*columns)
        assert np.all((alive >= 0) & (alive <= 1)), values
        expected = model.conditional_expected_purchases(2.0, *columns)
        assert np.all(np.isfinite(expected) & (expected >= 0)), values
        mass = model.conditional_probability_mass(0, 2.0, *columns)
        assert np.all((mass >= 0) & (mass <= 1 + 1e-12)), values
        residual = model.discounted_expected_residual_transactions(0.10, *columns)
        assert np.all(np.isfinite(residual) & (residual >= 0)), values
        core = model._core_model().log_likelihood(*columns)
        assert np.all(np.isfinite(core)), values


@pytest.mark.parametrize("kind", MODELS)
def test_predictions_of_corners_are_numbers(kind: Any, cdnow: Any) -> None:
    model = kind().fit(**cdnow)
    frequency, recency, age = zip(*CORNERS, strict=True)
    found = model.predict({"frequency": frequency, "recency": recency, "T": age}, horizon="1 year", spend=3.0)
    for name in found.columns():
        assert np.all(np.isfinite(np.asarray(found[name], dtype=float))), name
    assert np.all(found["purchases_p10"] <= found["purchases_p90"])
    # Somebody who has bought 5,000 times goes on.
    assert found["expected_purchases"][6] > 300


@pytest.mark.parametrize("kind", MODELS)
def test_data_that_tell_too_little_are_told(kind: Any) -> None:
    with pytest.raises(cf.InputError, match="no customer bought again"):
        kind().fit([0, 0, 0], [0, 0, 0], [10, 20, 30])
    with pytest.raises(cf.InputError, match="no customer bought again"):
        kind().fit([0, 0], [0, 0], [0, 0])
    with pytest.raises(cf.InputError, match="no customer to fit"):
        kind().fit([1], [1], [2], weights=[0])
    one = kind().fit([3], [5], [9])
    assert one.message_
    assert not one.converged_
    assert all(np.isfinite(value) for value in one.params_.values())
    # All alike, all still buying on the last day, and one customer of 5,000 purchases.
    for rows in (([2] * 9, [4] * 9, [9] * 9), ([1, 2, 3], [5, 6, 7], [5, 6, 7]), ([5000, 0], [99, 0], [100, 100])):
        model = kind().fit(*map(np.array, rows))
        assert model.message_
        assert all(np.isfinite(value) and value > 0 for value in model.params_.values()), rows
        assert np.isfinite(model.log_likelihood_)


@pytest.mark.parametrize("kind", MODELS)
def test_a_weak_prior_answers_small_portfolios(kind: Any) -> None:
    prior = {**dict.fromkeys(kind._parameters, (1.0, 1.0)), "alpha": (10.0, 1.0)}
    for rows in (([0, 0, 0], [0, 0, 0], [10, 20, 30]), ([3], [5], [9])):
        model = kind(prior=prior).fit(*rows)
        assert model.converged_, model.message_
        assert all(np.isfinite(error) for error in model.standard_errors_.values())
    few = kind.from_params(**{**dict.fromkeys(kind._parameters, 1.0), "alpha": 5.0}).simulate(25, 40.0, seed=2)
    weak = kind(prior=kind.weak_prior).fit(**few)
    assert weak.converged_, weak.message_


@pytest.mark.parametrize("kind", [MBGNBD, ParetoNBD, NBD])
def test_intervals_hold_the_truth_as_often_as_they_say(kind: Any) -> None:
    # The full experiment is benchmarks/coverage.py. 36 of 40 are expected; fewer than 30 have a chance below 1 in 200.
    truth = dict(zip(kind._parameters, (0.6, 6.0, 0.9, 2.2 if kind is MBGNBD else 20.0), strict=False))
    hits = dict.fromkeys(truth, 0)
    for seed in range(40):
        found = kind().fit(**kind.from_params(**truth).simulate(1_500, 60.0, seed=seed))
        assert found.converged_, found.message_
        for name, (low, high) in found.confidence_intervals(0.9).items():
            hits[name] += low <= truth[name] <= high
    assert min(hits.values()) >= 30, hits


@pytest.mark.parametrize("kind", MODELS)
def test_the_bootstrap_is_of_the_size_of_the_standard_errors(kind: Any) -> None:
    truth = dict(zip(kind._parameters, (0.8, 6.0, 0.9, 3.0 if kind in (BGNBD, MBGNBD) else 25.0), strict=False))
    rows = kind.from_params(**truth).simulate(1_500, 50.0, seed=5)
    model = kind(bootstrap=30, seed=1).fit(**rows)
    assert model.bootstrap_.shape == (30, len(truth))
    spread = np.log(model.bootstrap_).std(axis=0)
    # A deviation from 30 samples is off by an eighth or so.
    assert np.all(np.abs(np.log(spread / np.sqrt(np.diag(model.covariance_)))) < 0.6)
    assert np.array_equal(kind(bootstrap=3, seed=1, threads=1).fit(**rows).bootstrap_, model.bootstrap_[:3])


def model_of(kind: Any) -> Any:
    model = kind.from_params(**dict(zip(kind._parameters, (0.6, 6.0, 0.9, 20.0), strict=False)))
    model.threads = 1
    return model


def unlike(rows: int) -> dict[str, Any]:
    """Histories that share nothing: each has an age of its own."""
    age = np.linspace(30.0, 60.0, rows)
    return {"frequency": np.floor(age), "recency": age / 2, "T": age}


def donations() -> dict[str, Any]:
    x = np.arange(1.0, 300.0)
    return {"frequency": x, "recency": x, "periods": np.full(x.size, 400.0)}


SPEND = NormalNormal.from_params(mean=20.0, between_variance=150.0, within_variance=400.0)
SECONDS: dict[str, Callable[[], Any]] = {  # on one thread, far longer than the test lets them run
    "fit BGNBD": lambda: BGNBD(threads=1).fit(**unlike(300_000)),
    "fit ParetoNBD": lambda: ParetoNBD(threads=1).fit(**unlike(300_000)),
    "simulate BGNBD": lambda: model_of(BGNBD).simulate(3_000_000, 60.0),
    "simulate ParetoNBD": lambda: model_of(ParetoNBD).simulate(3_000_000, 60.0),
    "simulate BGBB": lambda: model_of(BGBB).simulate(1_000_000, 60),
    "predict BGNBD": lambda: model_of(BGNBD).predict(unlike(100_000)),
    "predict ParetoNBD": lambda: model_of(ParetoNBD).predict(unlike(100_000)),
    "predict NBD": lambda: model_of(NBD).predict(unlike(1_000_000)),
    "predict BGBB": lambda: model_of(BGBB).predict(donations(), 5_000, 0),
    "one quantity": lambda: model_of(ParetoNBD).probability_mass(5.0, unlike(500_000)["T"]),
    "band of value": lambda: model_of(BGNBD).predict(
        unlike(100_000) | {"contribution": np.full(100_000, 7.0)}, spend=SPEND, band="sum"
    ),
}


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer that signals")
@pytest.mark.parametrize("name", SECONDS)
def test_a_long_call_ends_on_ctrl_c(name: str) -> None:
    place: tuple[int, int] | None = None
    calls = 0

    def stop(_: int, frame: FrameType | None) -> None:
        # A call into the core that never looks would be told at most before it and after it: four times at one place are in it.
        nonlocal place, calls
        assert frame is not None
        now = (id(frame), frame.f_lasti)
        calls = calls + 1 if now == place and "custfolio" in frame.f_code.co_filename else 1
        place = now
        if calls == 4:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        with pytest.raises(KeyboardInterrupt):
            SECONDS[name]()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def test_half_of_new_customers_have_left_after_the_half_life() -> None:
    pareto = ParetoNBD.from_params(r=0.553, alpha=10.58, s=0.606, beta=11.67)
    assert pareto.half_life() == pytest.approx(11.67 * (2 ** (1 / 0.606) - 1), rel=1e-12)
    for model in (
        BGNBD.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426),
        MBGNBD.from_params(r=0.5, alpha=6.0, a=0.9, b=1.6),
    ):
        assert model.survival(model.half_life()) == pytest.approx(0.5, rel=1e-12)
    assert MBGNBD.from_params(r=0.5, alpha=6.0, a=3.0, b=1.0).half_life() == 0  # most leave after their first purchase
    assert NBD.from_params(r=0.5, alpha=6.0).half_life() == np.inf


@pytest.mark.parametrize("kind", MODELS)
def test_quantities_of_a_newcomer_are_those_of_simulated_customers(kind: Any) -> None:
    truth = dict(zip(kind._parameters, (0.8, 5.0, 0.9, 2.0 if kind in (BGNBD, MBGNBD) else 20.0), strict=False))
    model = kind.from_params(**truth)
    count = 60_000
    drawn = model.simulate(count, 40.0, seed=3)
    again = kind.from_params(**truth)
    again.threads = 1
    assert np.array_equal(again.simulate(count, 40.0, seed=3)["recency"], drawn["recency"])
    mean, sd = drawn["frequency"].mean(), drawn["frequency"].std()
    assert model.expected_purchases(40.0) == pytest.approx(mean, abs=4 * sd / np.sqrt(count))
    for n in range(6):
        share = np.mean(drawn["frequency"] == n)
        assert model.probability_mass(n, 40.0) == pytest.approx(share, abs=4 * np.sqrt(0.25 / count))
    # Whether each is still there is what the model says given its history.
    alive = model.probability_alive(drawn["frequency"], drawn["recency"], drawn["T"])
    assert model.survival(40.0) == pytest.approx(alive.mean(), abs=4 * alive.std() / np.sqrt(count) + 1e-12)


def test_a_constant_covariate_is_named() -> None:
    data = cf.lifetime.NBD.from_params(r=1.0, alpha=5.0).simulate(20, 40.0, seed=1)
    with pytest.raises(cf.InputError, match=r"covariate 'price' is 3.0 in every row"):
        cf.lifetime.BGNBD().fit(data, covariates={"price": [3.0] * 20})
