"""One table for every customer: values from the spend model that is given, or fitted on the summary itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio import InputError, _core, demo
from custfolio.lifetime import BGNBD, GammaGamma, NormalNormal


@pytest.fixture(scope="module")
def summary():
    frame = pd.DataFrame(demo.cdnow())
    return cf.lifetime.summary(frame, customer="customer", date="date", revenue="amount", calibration_end="1997-09-30")


@pytest.fixture(scope="module")
def model(summary) -> BGNBD:
    return BGNBD().fit(summary)


def test_the_band_is_of_the_number_unless_the_sum_is_asked_for(summary, model: BGNBD) -> None:
    number = model.predict(summary, discount_rate=0.0).to_frame("pandas")
    for p in ("p10", "p90"):
        expected = number[f"purchases_{p}"] * number["contribution_per_purchase"]
        np.testing.assert_allclose(number[f"value_{p}"], expected, rtol=1e-9, atol=1e-9)
    both = model.predict(summary, discount_rate=0.0, band="sum").to_frame("pandas")
    assert (both["value_p90"] >= both["value_p10"]).all()
    assert not np.allclose(both["value_p90"], number["value_p90"])
    with pytest.raises(InputError, match="band is 'mean'"):
        model.predict(summary, band="mean")


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
    found = model.predict(row, horizon=30.0, discount_rate=0.0, spend=spend, band="sum")
    assert found["value"][0] == pytest.approx(sums.mean(), rel=0.01)
    assert found["value_sd"][0] == pytest.approx(sums.std(), rel=0.01)
    discounted = model.predict(row, horizon=30.0, discount_rate=0.2, spend=spend, band="sum")
    ratio = discounted["discounted_purchases"][0] / discounted["expected_purchases"][0]
    assert discounted["value_sd"][0] == pytest.approx(ratio * found["value_sd"][0], rel=1e-9)
    for end in ("value_p10", "value_p90"):
        assert discounted[end][0] == pytest.approx(ratio * found[end][0], rel=1e-9)
    fixed = model.predict(row, horizon=30.0, discount_rate=0.0, spend=7.0, band="sum")
    assert fixed["value_p90"][0] == pytest.approx(7.0 * fixed["purchases_p90"][0], rel=1e-14)
    assert fixed["value_sd"][0] == pytest.approx(7.0 * fixed["purchases_sd"][0])


@pytest.mark.parametrize("kind", ["gamma", "heavy", "normal", "losses"])
@pytest.mark.parametrize("horizon", [4.0, 26.0])
def test_the_band_of_value_holds_of_simulated_sums(kind: str, horizon: float) -> None:
    # Histories from new to frequent, each simulated: a number of its exact distribution, a mean amount, amounts.
    rng = np.random.default_rng(11)
    draws = 20_000
    spend = {
        "gamma": GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44),
        "heavy": GammaGamma.from_params(p=0.6, q=1.5, gamma=50.0),  # mean amounts without a variance
        "normal": NormalNormal.from_params(mean=20.0, between_variance=150.0, within_variance=400.0),
        "losses": NormalNormal.from_params(mean=-1.0, between_variance=150.0, within_variance=900.0),
    }[kind]
    x = np.array([0.0, 0.0, 1.0, 3.0, 5.0, 15.0, 15.0, 40.0, 60.0])
    age = np.array([5.0, 60.0, 20.0, 24.0, 40.0, 10.0, 40.0, 30.0, 10.0])
    last = np.array([0.0, 0.0, 18.0, 20.0, 39.0, 10.0, 25.0, 29.5, 10.0])
    z = np.full(len(x), -5.0 if kind == "losses" else 30.0)
    model = BGNBD.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
    rows = {"frequency": x, "recency": last, "T": age, "monetary_value": np.where(x > 0, z, np.nan)}
    found = model.predict(rows, horizon=horizon, discount_rate=0.0, spend=spend, band="sum")
    low, high = found["value_p10"], found["value_p90"]
    assert np.isfinite(low).all() and np.isfinite(high).all() and (low <= high).all()
    assert kind == "losses" or (low >= 0).all()
    n = np.arange(400.0)
    error = []
    for i in range(len(x)):
        mass = model.conditional_probability_mass(n, horizon, x[i], last[i], age[i])
        number = rng.choice(n, size=draws, p=mass / mass.sum())
        if isinstance(spend, GammaGamma):
            p, q, gamma = (spend.params_[name] for name in ("p", "q", "gamma"))
            nu = rng.gamma(q + p * x[i], 1 / (gamma + x[i] * z[i]), draws)
            sums = np.where(number > 0, rng.gamma(np.maximum(p * number, 1e-9), 1 / nu), 0.0)
        else:
            variance = spend.conditional_variance(x[i], z[i])
            centre = rng.normal(found["contribution_per_purchase"][i], np.sqrt(variance), draws)
            sums = rng.normal(number * centre, np.sqrt(number * spend.params_["within_variance"]))
        for end, probability in ((low[i], 0.1), (high[i], 0.9)):
            under, up_to = np.mean(sums < end), np.mean(sums <= end)
            error.append(max(under - probability, probability - up_to, 0.0))
    sampling = 4 * np.sqrt(0.09 / draws)
    assert max(error) < 0.04 + sampling
    assert np.mean(error) < 0.01 + sampling / 4


def test_the_band_of_value_at_its_edges() -> None:
    model = BGNBD.from_params(r=2.0, alpha=3.0, a=0.5, b=6.0)
    rows = {
        "frequency": [0.0, 500.0, 3.0],
        "recency": [0.0, 9.9, 0.01],
        "T": [300.0, 10.0, 90.0],
        "monetary_value": [np.nan, 2.0, 2.0],
    }
    certain = NormalNormal.from_params(mean=2.0, between_variance=1e-12, within_variance=1e-12)
    for horizon in (0.01, 1.0, 300.0):
        found = model.predict(rows, horizon=horizon, discount_rate=0.0, spend=certain, band="sum")
        for p in (10, 90):  # the band of the number, which is taken in steps where it is large
            expected = 2.0 * found[f"purchases_p{p}"]
            np.testing.assert_allclose(found[f"value_p{p}"], expected, rtol=0.15, atol=1e-3)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_band_of_value_names_what_cannot_be(threads: int) -> None:
    names = ("probability_no_purchase", "expected_purchases", "purchases_sd", "purchases_p10", "purchases_p90")
    counts = ([0.5, 1.5], [1.0, 1.0], [1.0, 1.0], [0.0, 0.0], [2.0, 2.0])
    forecast = {**dict(zip(names, counts, strict=True)), "discounted_purchases": [1.0, 1.0]}
    forecast["discounted_residual_purchases"] = [2.0, 2.0]
    bought, amount = [1.0, 0.0], [5.0, 0.0]
    with pytest.raises(InputError, match="row 2: none must be a probability"):
        _core.purchase_value_normal(forecast, (1.0, 1.0, 1.0), bought, amount, threads=threads)
    with pytest.raises(InputError, match="value: column none has 2 values for 1 customers"):
        _core.purchase_value(forecast, [5.0])


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


def test_a_model_and_a_summary_have_one_unit_of_time() -> None:
    frame = pd.DataFrame(demo.cdnow())
    ledger = cf.Ledger(frame, customer="customer", date="date", revenue="amount")
    weeks = cf.lifetime.summary(ledger, calibration_end="1997-09-30")
    months = cf.lifetime.summary(ledger, calibration_end="1997-09-30", time_unit="month")
    model = BGNBD().fit(weeks)
    assert model.time_unit_ == "week"
    for use in (
        lambda: model.predict(months),
        lambda: model.predict(weeks, time_unit="month"),
        lambda: cf.lifetime.assess(model, months),
        lambda: model.discounted_expected_residual_transactions(0.1, 1, 2, 3, time_unit="month"),
    ):
        with pytest.raises(InputError, match=r"'month'.*'week'|'week'.*'month'"):
            use()
    # A frame has no unit of its own: it is that of the fit.
    by_month = BGNBD().fit(months)
    bare = by_month.predict(months.to_frame(), horizon="12 months")
    np.testing.assert_array_equal(
        bare["expected_purchases"], by_month.predict(months, "12 months")["expected_purchases"]
    )
    yearly = by_month.discounted_expected_residual_transactions(0.1, 1, 2, 3)
    assert yearly == by_month.discounted_expected_residual_transactions(0.1, 1, 2, 3, time_unit="month")
    counts = cf.lifetime.BGBB().fit(months.periods("quarter"))
    with pytest.raises(InputError, match=r"'year'.*'quarter'"):
        counts.predict(months.periods("year"), 4)
    cohorts = cf.lifetime.fit_cohorts(BGNBD(), months, ["a", "b"] * (len(months) // 2) + ["a"] * (len(months) % 2))
    with pytest.raises(InputError, match=r"'week'.*'month'"):
        cohorts.models["a"].predict(weeks)
