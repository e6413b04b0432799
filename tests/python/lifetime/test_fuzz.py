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
