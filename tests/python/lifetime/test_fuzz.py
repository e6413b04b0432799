# Every fit and prediction ends, with an answer or a message, whatever the input.
from __future__ import annotations

import faulthandler
from collections.abc import Iterator

import numpy as np
import pytest

import custfolio as cf

from .fuzz import CASES, run


@pytest.fixture(autouse=True)
def _ends() -> Iterator[None]:
    """End the run with a traceback where a case hangs: Python cannot interrupt a loop of the core."""
    faulthandler.dump_traceback_later(300, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.mark.parametrize("first", range(len(CASES)))
def test_random_cases_end_with_an_answer_or_a_message(first: int) -> None:
    outcomes = [run(first + len(CASES) * k) for k in range(12)]
    assert any(outcome.endswith("answer") for outcome in outcomes)


def test_ages_of_any_size_end() -> None:
    tiny = cf.lifetime.ParetoNBD().fit([1, 0], [1e-308, 0], [1e-308, 1])
    assert not tiny.converged_
    rng = np.random.default_rng(0)
    age = np.concatenate([np.linspace(0.01, 14.0, 17), [3e9]])
    frequency = rng.poisson(np.minimum(age, 14.0) / 4.0)
    recency = np.where(frequency > 0, age * rng.uniform(0.2, 1.0, 18), 0.0)
    model = cf.lifetime.ParetoNBD().fit(frequency, recency, age)
    assert all(np.isfinite(value) for value in model.params_.values())


def test_large_chances_to_stay_are_discounted() -> None:
    model = cf.lifetime.BGNBD.from_params(r=1.5, alpha=2.0, a=3.4e6, b=1.1e11)
    rows = {"frequency": [30.0], "recency": [29.0], "T": [30.0]}
    found = model.predict(rows, 52.0, ("10 %", "year"), time_unit="week")
    # Hardly anybody leaves: purchases come at a constant rate, discounted over the horizon.
    rate = np.log(1.1) / (365.25 / 7)
    each = found["expected_purchases"][0] / 52.0
    assert found["discounted_purchases"][0] == pytest.approx(each * (1.0 - np.exp(-52.0 * rate)) / rate, rel=2e-3)


@pytest.mark.parametrize("r", [1e-308, 1e-290, 2.0**31, 1e12])
def test_predictions_of_extreme_parameters_end(r: float) -> None:
    """Masses near 1e-308 no longer fell, and integrals ran before the count of terms was refused."""
    history = {"frequency": [2, 0, 3], "recency": [30.4, 0, 20], "T": [38.9, 20, 30]}
    for model, more in (
        (cf.lifetime.NBD, {}),
        (cf.lifetime.BGNBD, {"a": 0.79, "b": 2.4}),
        (cf.lifetime.MBGNBD, {"a": 0.79, "b": 2.4}),
    ):
        fitted = model.from_params(r=r, alpha=4.4, **more)
        if r < 1:
            assert np.isfinite(fitted.predict(history, 39)["expected_purchases"]).all()
        else:
            with pytest.raises(cf.NumericalError, match="more than 1,000,000 terms"):
                fitted.predict(history, 39)


@pytest.mark.parametrize("periods", [np.nan, np.inf, -5, 2.5])
def test_opportunities_of_a_simulation_are_whole_numbers(periods: float) -> None:
    model = cf.lifetime.BGBB.from_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.78)
    with pytest.raises(cf.InputError, match="whole number from 0"):
        model.simulate(3, periods)


def test_fits_of_extreme_numbers_announce_what_they_cannot_give() -> None:
    with pytest.raises(cf.InputError, match="beyond the range of numbers"):
        cf.lifetime.NormalNormal().fit([1, 2, 3], [1e300, 2, 3], [0, 1, 2])
    model = cf.lifetime.NBD.from_params(r=0.5, alpha=4.4)
    with pytest.raises(cf.NumericalError, match="beyond the range of numbers"):
        model.discounted_expected_residual_transactions(1e-308, [1.0], [1.0], [2.0])


def test_counts_beyond_what_is_affordable_are_refused() -> None:
    with pytest.raises(cf.InputError, match="bootstrap is 2,000,000,000; it must be at most 100,000"):
        cf.lifetime.BGNBD(bootstrap=2_000_000_000)
    with pytest.raises(cf.InputError, match="n is 2,000,000,000; it must be 0 to 100,000,000"):
        cf.lifetime.NBD.from_params(r=0.5, alpha=4.4).simulate(2_000_000_000, 10.0)
