"""Predictions by opportunities and of contracts: published figures, every future enumerated, simulation, edges."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import custfolio as cf
from custfolio.lifetime import BGBB, BetaDiscreteWeibull, NormalNormal, ShiftedBetaGeometric

DONORS = BGBB.from_params(alpha=1.2035, beta=0.7497, gamma=0.6568, delta=2.7838)
CONTRACTS = [
    ShiftedBetaGeometric.from_params(alpha=0.668, beta=3.806),
    ShiftedBetaGeometric.from_params(alpha=3.80, beta=15.20),
    BetaDiscreteWeibull.from_params(alpha=0.8, beta=3.0, c=1.4),
]


def chance_of(model: BGBB, bought: tuple[int, ...]) -> float:
    """Chance of a row of opportunities, taken (1) or not (0), by summing over when the customer was lost."""
    alpha, beta, gamma, delta = model.params_.values()
    last = max((k + 1 for k, taken in enumerate(bought) if taken), default=0)

    def log_beta(a: float, b: float) -> float:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

    x, n = sum(bought), len(bought)
    base = log_beta(alpha, beta) + log_beta(gamma, delta)
    total = math.exp(log_beta(alpha + x, beta + n - x) + log_beta(gamma, delta + n) - base)
    for tau in range(last, n):
        total += math.exp(log_beta(alpha + x, beta + tau - x) + log_beta(gamma + 1, delta + tau) - base)
    return total


def test_the_published_customers_of_bg_bb() -> None:
    # Fader, Hardie and Shang (2010) with the estimates that BTYD's walkthrough prints to four digits: customers with 0 and with 4
    # of 6 opportunities taken (the last at the fifth), ten opportunities ahead: 0.1302169 and 3.627858 there, from more digits.
    rows = {"frequency": [0, 4, 6], "recency": [0, 5, 6], "periods": [6, 6, 6]}
    found = DONORS.predict(rows, 10, time_unit="year")
    np.testing.assert_allclose(found["expected_purchases"][:2], [0.1302169, 3.627858], rtol=1e-4)
    assert round(found["probability_alive"][2], 2) == 0.93
    five = DONORS.predict(rows, 5, time_unit="year")
    assert round(five["expected_purchases"][2], 2) == 3.75  # the paper expects 3.75 in 2002-2006 of who gave every year


@pytest.mark.parametrize("history", [(0, 0, 0), (1, 0, 1, 0, 0), (1, 1, 1), (0, 0, 1, 0)])
def test_bg_bb_predictions_are_those_of_every_future(history: tuple[int, ...]) -> None:
    ahead, rate = 6, 0.1
    x, n = sum(history), len(history)
    last = max((k + 1 for k, taken in enumerate(history) if taken), default=0)
    now = chance_of(DONORS, history)
    mass, discounted, next_one = np.zeros(ahead + 1), 0.0, 0.0
    for future in itertools.product((0, 1), repeat=ahead):
        chance = chance_of(DONORS, history + future) / now
        mass[sum(future)] += chance
        discounted += chance * sum(taken / (1 + rate) ** (k + 1) for k, taken in enumerate(future))
        next_one += chance * future[0]
    assert mass.sum() == pytest.approx(1)
    counts = np.arange(ahead + 1)
    rows = {"frequency": [x], "recency": [last], "periods": [n]}
    found = {name: values[0] for name, values in DONORS.predict(rows, ahead, "10 % an opportunity").columns().items()}
    assert found["expected_purchases"] == pytest.approx(mass @ counts)
    assert found["purchases_sd"] == pytest.approx(math.sqrt(mass @ counts**2 - (mass @ counts) ** 2))
    assert found["probability_no_purchase"] == pytest.approx(mass[0])
    for percentile in (10, 50, 90):
        assert found[f"purchases_p{percentile}"] == np.searchsorted(np.cumsum(mass), percentile / 100 - 1e-12)
    assert found["discounted_purchases"] == pytest.approx(discounted)
    alpha, beta, *_ = DONORS.params_.values()
    assert found["probability_alive"] * (alpha + x) / (alpha + beta + n) == pytest.approx(next_one)


def test_the_table_agrees_with_the_single_quantities() -> None:
    rng = np.random.default_rng(4)
    drawn = DONORS.simulate(300, rng.integers(0, 90, 300), seed=5)
    x, t_x, n = drawn.values()
    found = DONORS.predict(drawn, "24 months", "10 % a year", time_unit="month")
    d = 1.1 ** (1 / 12) - 1
    np.testing.assert_allclose(found["probability_alive"], DONORS.probability_alive(x, t_x, n), rtol=1e-10)
    np.testing.assert_allclose(
        found["expected_purchases"], DONORS.conditional_expected_purchases(24, x, t_x, n), rtol=1e-10
    )
    residual = DONORS.discounted_expected_residual_transactions(x, t_x, n, discount_rate=d)
    np.testing.assert_allclose(found["discounted_residual_purchases"], residual, rtol=1e-9)
    means = np.array([DONORS.conditional_expected_purchases(k, x, t_x, n) for k in range(25)])
    np.testing.assert_allclose(
        found["discounted_purchases"], (1 + d) ** -np.arange(1.0, 25.0) @ np.diff(means, axis=0), rtol=1e-9
    )
    mass = np.array([DONORS.conditional_probability_of_purchases(k, 24, x, t_x, n) for k in range(25)])
    np.testing.assert_allclose(found["probability_no_purchase"], mass[0], rtol=1e-9, atol=1e-12)
    below = np.cumsum(mass, axis=0)
    for percentile in (10, 50, 90):
        reached = found[f"purchases_p{percentile}"].astype(int)
        assert (below[reached, np.arange(300)] >= percentile / 100 - 1e-9).all()
        assert (np.where(reached > 0, below[reached - 1, np.arange(300)], 0) < percentile / 100 + 1e-9).all()
    again = BGBB.from_params(**DONORS.params_)
    again.threads = 1
    alone = again.predict(drawn, "24 months", "10 % a year", time_unit="month")
    assert all(np.array_equal(values, alone[name]) for name, values in found.columns().items())


def test_all_time_is_the_sum_where_it_is_finite() -> None:
    row = {"frequency": [2], "recency": [3], "periods": [5]}
    assert np.isnan(DONORS.predict(row, 5, 0)["discounted_residual_purchases"][0])
    loyal = BGBB.from_params(alpha=1.2, beta=0.75, gamma=3.5, delta=2.8)
    long_run = loyal.predict(row, 20_000, 0)
    assert long_run["discounted_purchases"][0] == pytest.approx(long_run["discounted_residual_purchases"][0], rel=1e-6)
    assert long_run["discounted_purchases"][0] == long_run["expected_purchases"][0]


@pytest.mark.parametrize("band", ["number", "sum"])
def test_bg_bb_values_customers_by_a_spend_model(band: str) -> None:
    rng = np.random.default_rng(8)
    spend = NormalNormal.from_params(mean=20.0, between_variance=150.0, within_variance=400.0)
    row = {"frequency": [7.0], "recency": [11.0], "periods": [12.0], "contribution": [30.0]}
    found = {k: v[0] for k, v in DONORS.predict(row, 12, 0, spend=spend, band=band).columns().items()}
    assert found["contribution_per_purchase"] == spend.conditional_mean(7, 30.0)
    assert found["value"] == pytest.approx(found["expected_purchases"] * found["contribution_per_purchase"])
    mass = np.array([DONORS.conditional_probability_of_purchases(k, 12, 7, 11, 12) for k in range(13)])
    number = rng.choice(13, size=100_000, p=mass / mass.sum())
    centre = rng.normal(found["contribution_per_purchase"], math.sqrt(spend.conditional_variance(7, 30.0)), number.size)
    sums = (
        rng.normal(number * centre, np.sqrt(number * 400.0))
        if band == "sum"
        else number * found["contribution_per_purchase"]
    )
    if band == "sum":
        assert found["value_sd"] == pytest.approx(sums.std(), rel=0.02)
    for end, probability in (("value_p10", 0.1), ("value_p90", 0.9)):
        assert np.mean(sums < found[end] - 1e-9) < probability + 0.04
        assert np.mean(sums <= found[end] + 1e-9) > probability - 0.04
    discounted = DONORS.predict(row, "1 year", ("1 %", "month"), spend=5.0, time_unit="month")
    assert discounted["value"][0] == 5 * discounted["discounted_purchases"][0]


def test_a_period_summary_knows_how_long_an_opportunity_is() -> None:
    import pandas as pd

    ledger = pd.DataFrame(cf.demo.cdnow())
    summary = cf.lifetime.summary(
        ledger, customer="customer", date="date", revenue="amount", calibration_end="1997-09-30"
    )
    months = summary.periods("month")
    model = BGBB().fit(months)
    found = model.predict(months, "12 months")
    assert len(found) == len(months)
    table = found.to_frame()
    assert isinstance(table, pd.DataFrame)
    assert list(table["customer_id"]) == list(months.to_frame("pandas")["customer_id"])
    assert model.predict(months, 12, "10 % a year")["discounted_purchases"] == pytest.approx(
        found["discounted_purchases"]
    )
    assert "Probability of being alive" in str(found.plot().to_dict())
    assert "one a month" in repr(found)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda row: DONORS.predict(row, 5), "the length of a period is unknown"),
        (lambda row: DONORS.predict(row, "5 years", 0), "the length of a period is unknown"),
        (lambda row: DONORS.predict(row, 2.5, 0), "whole number"),
        (
            lambda row: DONORS.predict(row, "52 weeks", 0, time_unit="month"),
            "11.9589 months; it must be a whole number",
        ),
        (lambda row: DONORS.predict(row, 0, 0), "above 0"),
        (lambda row: DONORS.predict(row, 1e6, 0), "100,000"),
        (lambda row: DONORS.predict(row, 5, -0.1, time_unit="year"), "from 0 to below 1"),
        (lambda row: DONORS.predict(row, 5, 0, band="mean"), "band is 'mean'"),
        (lambda row: DONORS.predict(row | {"recency": [0]}, 5, 0), "row 1"),
        (lambda row: DONORS.predict(row | {"periods": [1e7]}, 5, 0), "row 1: periods"),
        (lambda row: DONORS.predict({"frequency": [1], "recency": [1]}, 5, 0), "periods"),
        (lambda row: DONORS.predict(row, 5, 0, spend=[1.0, 2.0]), "one per row"),
        (lambda row: DONORS.predict(row, 5, 0, spend=math.nan), "finite"),
    ],
)
def test_bg_bb_predictions_refuse(call, message: str) -> None:
    with pytest.raises(cf.InputError, match=message):
        call({"frequency": [1], "recency": [1], "periods": [6]})


@pytest.mark.parametrize("model", CONTRACTS, ids=["sbg", "sbg-alike", "bdw"])
def test_contract_predictions_are_sums_over_the_survival_curve(model) -> None:
    rows = {"recency": [1, 3, 6, 2], "T": [1, 3, 6, 4]}
    horizon, d = 8, 0.1
    found = model.predict(rows, horizon, d, contribution=[10, 10, -5, 10], time_unit="year")
    for i, behind in enumerate((0, 2, 5)):
        reached = np.asarray(model.survival(behind + np.arange(0.0, 60_001.0))) / model.survival(behind)
        mass = -np.diff(np.append(reached[: horizon + 1], 0.0))
        number = np.arange(horizon + 1)
        below = np.cumsum(mass)
        assert found["renewals"][i] == behind
        assert found["retention_rate"][i] == pytest.approx(model.retention_rate(behind + 1))
        assert found["probability_retained"][i] == pytest.approx(mass[-1])
        assert found["expected_renewals"][i] == pytest.approx(mass @ number)
        assert found["renewals_sd"][i] == pytest.approx(math.sqrt(mass @ number**2 - (mass @ number) ** 2))
        worth = np.concatenate(([0.0], np.cumsum((1 + d) ** -np.arange(0.0, horizon))))
        assert found["discounted_renewals"][i] == pytest.approx(mass @ worth)
        for p in (10, 50, 90):
            assert found[f"renewals_p{p}"][i] == np.searchsorted(below, p / 100)
        for p in (10, 90):
            assert found[f"discounted_renewals_p{p}"][i] == pytest.approx(worth[np.searchsorted(below, p / 100)])
        assert found["median_residual_renewals"][i] == np.flatnonzero(reached > 0.5).max()
        endless = reached[1:] @ (1 + d) ** -np.arange(0.0, 60_000.0)
        assert found["discounted_residual_lifetime"][i] == pytest.approx(endless)
        assert found["value_infinite"][i] == pytest.approx(endless * (10, 10, -5)[i])
        assert found["value_p10"][i] <= found["value_p90"][i]
    for name in ("retention_rate", "expected_renewals", "renewals_p90", "discounted_residual_lifetime", "value"):
        assert found[name][3] == 0, name
    assert found["renewals"][3] == 1


def test_the_published_residual_lifetimes_are_in_the_table() -> None:
    # Fader and Hardie (2010), Marketing Science 29(1), d = 0.1, by renewals.
    for (alpha, beta), published in {
        (3.80, 15.20): [3.31, 3.45, 3.59, 3.72, 3.84],
        (1 / 15, 4 / 15): [7.68, 9.46, 9.86, 10.06, 10.19],
    }.items():
        table = ShiftedBetaGeometric.from_params(alpha=alpha, beta=beta).by_tenure(4, 5, "10 % a period")
        assert [round(value, 2) for value in table["discounted_residual_lifetime"]] == published


def test_tenures_stand_beside_what_happened() -> None:
    # 10 contracts: 4 lost in the first period, 2 in the second, 1 observed for two periods only, 3 for three.
    model = ShiftedBetaGeometric().fit([1, 2, 2, 3], [3, 3, 2, 3], weights=[4, 2, 1, 3])
    table = model.by_tenure(3, 2, 0)
    np.testing.assert_allclose(table["customers"], [10, 5, 0, 0])
    np.testing.assert_allclose(table["observed_retention_rate"], [0.6, 0.6, np.nan, np.nan])
    np.testing.assert_allclose(table["observed_survival"], [1, 0.6, 0.36, np.nan])
    np.testing.assert_allclose(table["survival"], model.survival(np.arange(4)))
    assert {"line", "point"} <= {layer["mark"]["type"] for layer in table.plot().to_dict()["layer"]}
    assert "by tenure" in repr(table)
    assert "observed_survival" not in CONTRACTS[0].by_tenure(3, 2, 0).to_frame("pandas")


def test_contracts_at_their_edges() -> None:
    # Nearly everyone stays for ever: the median is beyond what is told, the sum without discount infinite.
    model = ShiftedBetaGeometric.from_params(alpha=0.01, beta=1.0)
    found = model.predict({"recency": [1], "T": [1]}, 3, 0)
    assert np.isnan(found["median_residual_renewals"][0])
    assert np.isnan(found["discounted_residual_lifetime"][0])
    # Nearly everyone leaves at once, and tenures whose chance vanishes in doubles still have an outlook.
    short = ShiftedBetaGeometric.from_params(alpha=900.0, beta=1.0).predict(
        {"recency": [1, 900], "T": [1, 900]}, 3, 0.1, time_unit="year"
    )
    assert short["retention_rate"] == pytest.approx([1 / 901, 900 / 1800])
    assert short["median_residual_renewals"][0] == 0
    with pytest.raises(cf.InputError, match="row 2"):
        model.predict({"recency": [1, 3], "T": [1, 2]}, 3, 0)
    with pytest.raises(cf.InputError, match="contribution, row 1"):
        model.predict({"recency": [1], "T": [1]}, 3, 0, contribution=[math.inf])
    with pytest.raises(cf.InputError, match="whole number"):
        model.by_tenure(-1, 3, 0)


def test_contract_predictions_agree_with_simulated_contracts() -> None:
    for model in CONTRACTS:
        drawn = model.simulate(200_000, 9, seed=2)
        renewals = drawn["recency"] - 1
        found = model.predict({"recency": [1], "T": [1]}, 8, 0)
        assert found["expected_renewals"][0] == pytest.approx(renewals.mean(), abs=0.03)
        assert found["renewals_sd"][0] == pytest.approx(renewals.std(), rel=0.01)
