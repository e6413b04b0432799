"""One table for every customer: values from the spend model that is given, or fitted on the summary itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio import InputError, demo
from custfolio.lifetime import BGNBD, GammaGamma, NormalNormal


@pytest.fixture(scope="module")
def summary():
    frame = pd.DataFrame(demo.cdnow())
    return cf.lifetime.summary(frame, customer="customer", date="date", revenue="amount", calibration_end="1997-09-30")


@pytest.fixture(scope="module")
def model(summary) -> BGNBD:
    return BGNBD().fit(summary)


def test_the_spend_model_is_fitted_where_none_is_given(summary, model: BGNBD) -> None:
    table = summary.to_frame("pandas")
    bought = table["frequency"] > 0
    assert table["contribution"].isna().all()  # the sample has no costs: what is valued is revenue
    spend = NormalNormal().fit(table["frequency"][bought].to_numpy(), table["monetary_value"][bought].to_numpy())
    default = model.predict(summary, horizon="52 weeks", discount_rate=0.10).to_frame("pandas")
    given = model.predict(summary, horizon="52 weeks", discount_rate=0.10, spend=spend).to_frame("pandas")
    pd.testing.assert_frame_equal(default, given)
    np.testing.assert_allclose(
        default["value"], default["discounted_purchases"] * default["contribution_per_purchase"], rtol=1e-12
    )
    # who has not come back is expected to spend what customers have in common
    np.testing.assert_allclose(default["contribution_per_purchase"][~bought], spend.params_["mean"], rtol=1e-12)
    assert np.isfinite(default["value"]).all()


def test_gamma_gamma_values_revenue(summary, model: BGNBD) -> None:
    table = summary.to_frame("pandas")
    spend = GammaGamma().fit(table["frequency"].to_numpy(), table["monetary_value"].to_numpy())
    found = model.predict(summary, spend=spend).to_frame("pandas")
    bought = table["frequency"] > 0
    expected = spend.conditional_expected_spend(table["frequency"][bought], table["monetary_value"][bought])
    np.testing.assert_allclose(found["contribution_per_purchase"][bought], expected, rtol=1e-12)
    np.testing.assert_allclose(found["contribution_per_purchase"][~bought], spend.expected_spend(), rtol=1e-12)


@pytest.mark.parametrize("kind", ["gamma", "normal"])
def test_deviation_of_value_is_that_of_simulated_sums(model: BGNBD, kind: str) -> None:
    # One customer again and again: alive or not, a rate, a chance to leave, a mean amount, amounts.
    rng = np.random.default_rng(3)
    count = 200_000
    row = {"frequency": [3.0], "recency": [20.0], "T": [24.0], "monetary_value": [30.0]}
    if kind == "gamma":
        spend = GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)
        nu = rng.gamma(3.74 + 6.25 * 3, 1 / (15.44 + 3 * 30.0), count)
    else:
        spend = NormalNormal.from_params(mean=20.0, between_variance=150.0, within_variance=400.0)
        precision = 1 / 150.0 + 3 / 400.0
        centre = rng.normal((20.0 / 150.0 + 3 * 30.0 / 400.0) / precision, precision**-0.5, count)
    n = np.arange(200.0)
    mass = model.conditional_probability_mass(n, 30.0, 3.0, 20.0, 24.0)
    number = rng.choice(n, size=count, p=mass / mass.sum())
    if kind == "gamma":
        sums = rng.gamma(np.maximum(6.25 * number, 1e-300), 1 / nu) * (number > 0)
    else:
        sums = rng.normal(number * centre, np.sqrt(number * 400.0))
    found = model.predict(row, horizon=30.0, discount_rate=0.0, spend=spend)
    assert found["value"][0] == pytest.approx(sums.mean(), rel=0.01)
    assert found["value_sd"][0] == pytest.approx(sums.std(), rel=0.01)
    discounted = model.predict(row, horizon=30.0, discount_rate=0.2, spend=spend)
    ratio = discounted["discounted_purchases"][0] / discounted["expected_purchases"][0]
    assert discounted["value_sd"][0] == pytest.approx(ratio * found["value_sd"][0], rel=1e-9)
    fixed = model.predict(row, horizon=30.0, discount_rate=0.0, spend=7.0)
    assert fixed["value_sd"][0] == pytest.approx(7.0 * fixed["purchases_sd"][0])


def test_amounts_that_are_all_one_need_no_model(model: BGNBD) -> None:
    rows = {"frequency": [2.0, 0.0], "recency": [10.0, 0.0], "T": [20.0, 30.0], "contribution": [7.0, np.nan]}
    assert model.predict(rows).to_frame("pandas")["contribution_per_purchase"].tolist() == [7.0, 7.0]


def test_without_amounts_there_is_no_value(model: BGNBD) -> None:
    rows = {"frequency": [2.0], "recency": [10.0], "T": [20.0]}
    assert "value" not in model.predict(rows).to_frame("pandas")
    with pytest.raises(InputError, match="GammaGamma needs one"):
        model.predict(rows, spend=GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44))
    some = {"frequency": [2.0, 1.0], "recency": [10.0, 1.0], "T": [20.0, 20.0], "monetary_value": [np.nan, 5.0]}
    with pytest.raises(InputError, match="row 1: no amount, though it has 2 repeat purchases"):
        model.predict(some, spend=GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44))
