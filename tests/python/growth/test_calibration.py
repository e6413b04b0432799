"""Success percentages: scores against SciPy and by hand, learned rates, slippage, win rate by age, coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from custfolio import InputError, _core
from custfolio.growth import (
    calibrate,
    coverage,
    read_opportunities,
    slippage,
    success_rates,
    win_rate_by_age,
)


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(0.1, 9)), min_size=1, max_size=60))
def test_isotonic_regression_is_that_of_scipy(pairs) -> None:
    values, weights = (np.array(column) for column in zip(*pairs, strict=True))
    expected = optimize.isotonic_regression(values, weights=weights).x
    np.testing.assert_allclose(_core.isotonic_regression(values, weights), expected, rtol=0, atol=1e-10)


@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=200))
def test_the_parts_of_the_brier_score_add_up(pairs) -> None:
    said, happened = (np.array(column) for column in zip(*pairs, strict=True))
    found = calibrate(said / 10, happened, resamples=5)
    assert found.brier == pytest.approx(np.mean((said / 10 - happened) ** 2), abs=1e-14)
    assert found.miscalibration - found.discrimination + found.uncertainty == pytest.approx(found.brier, abs=1e-14)
    assert found.miscalibration >= -1e-15
    assert found.discrimination >= -1e-15


def test_rates_maximise_the_beta_binomial_likelihood() -> None:
    rng = np.random.default_rng(5)
    trials = rng.integers(5, 80, size=40)
    successes = rng.binomial(trials, rng.beta(6, 4, size=40))
    found = _core.success_rates(successes.astype(float), trials.astype(float), 0.9)

    def minus(log: np.ndarray) -> float:
        return -float(stats.betabinom.logpmf(successes, trials, *np.exp(log)).sum())

    best = optimize.minimize(
        minus, [1.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000}
    )
    a, b = np.exp(best.x)
    assert found["mean"] == pytest.approx(a / (a + b), rel=1e-5)
    assert found["precision"] == pytest.approx(a + b, rel=1e-4)
    ours = np.log([found["mean"] * found["precision"], (1 - found["mean"]) * found["precision"]])
    assert minus(ours) <= best.fun + 1e-8
    posterior = stats.beta(a + successes, b + trials - successes)
    np.testing.assert_allclose(found["rate"], posterior.mean(), rtol=1e-4)
    np.testing.assert_allclose(found["lower"], posterior.ppf(0.05), rtol=1e-4)
    np.testing.assert_allclose(found["upper"], posterior.ppf(0.95), rtol=1e-4)


@pytest.mark.parametrize(("successes", "trials"), [(0, 1), (3, 10), (480, 1000), (10, 10)])
def test_share_intervals_are_those_of_jeffreys(successes: int, trials: int) -> None:
    share, lower, upper = _core.share_interval(successes, trials, 0.9)
    posterior = stats.beta(successes + 0.5, trials - successes + 0.5)
    assert share == successes / trials
    assert lower == pytest.approx(posterior.ppf(0.05) if successes else 0, abs=1e-12)
    assert upper == pytest.approx(posterior.ppf(0.95) if successes < trials else 1, abs=1e-12)


def test_your_people_say_70_and_it_was_48() -> None:
    said = [0.7] * 100 + [0.2] * 50
    happened = ["won"] * 48 + ["lost"] * 52 + [True] * 10 + [False] * 40
    found = calibrate(said, happened, by=["Ann"] * 100 + ["Bob"] * 50)
    assert found.groups is not None
    table = found.groups.to_frame("pandas")
    assert table["group"].tolist() == ["Ann", "Bob"]
    assert table["stated"].tolist() == pytest.approx([0.7, 0.2])
    assert table["observed"].tolist() == pytest.approx([0.48, 0.2])
    points = found.to_frame("pandas").set_index("stated")
    assert points.loc[0.7, "recalibrated"] < points.loc[0.7, "lower"]  # too sure of themselves
    assert points.loc[0.2, "lower"] <= points.loc[0.2, "recalibrated"] <= points.loc[0.2, "upper"]
    assert found.recalibrate([0.1, 0.2, 0.7, 0.9]).tolist() == pytest.approx([0.2, 0.2, 0.48, 0.48])
    assert "48%" in found.groups.plot().to_json() or found.groups.plot().to_dict()["layer"]
    assert len(found.plot().to_dict()["layer"]) == 4
    assert "Stated 53%" in found._repr_html_()


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, dict])
def test_rates_by_one_column_or_several(frame) -> None:
    data = {
        "owner": ["a", "a", "b", "b", "b", "b"],
        "product": ["x", "y", "x", "x", "x", "y"],
        "outcome": ["won", "lost", "won", "lost", "open", None],
    }
    found = success_rates(frame(data), "owner")
    assert found.undecided == 2
    table = found.to_frame("pandas")
    assert table["group"].tolist() == ["a", "b"]
    assert table["cases"].tolist() == [2, 2]
    assert found["a"] == found["nobody"] == found.mean == 0.5
    both = success_rates(frame(data), ["owner", "product"]).to_frame("pandas")
    assert both["group"].tolist() == ["a / x", "a / y", "b / x", "b / y"]
    assert both["cases"].tolist() == [1, 1, 2, 0]
    assert np.isnan(both["share"].iloc[3])


def test_rates_of_opportunities() -> None:
    deals = read_opportunities(
        pd.DataFrame(
            {
                "opportunity_id": range(6),
                "account": ["x"] * 6,
                "deal_stage": ["Won", "Won", "Lost", "Engaging", "Won", "Lost"],
                "close_value": [1.0] * 6,
                "sales_agent": ["a", "a", "a", "b", "b", "b"],
            }
        )
    )
    found = success_rates(deals, "owner")
    assert found.undecided == 1
    assert found.to_frame("pandas")["successes"].tolist() == [2, 1]


@pytest.mark.parametrize("seed", range(20))
def test_rates_of_groups_that_hardly_mix_stay_between_0_and_1(seed: int) -> None:
    rng = np.random.default_rng(seed)
    trials = rng.integers(0, 3000, size=rng.integers(2, 9)).astype(float)
    trials[:2] = 2000
    successes = np.where(rng.random(trials.size) < 0.5, trials, 0.0)
    successes[:2] = trials[0], 0
    if seed % 2:  # one case of one group went the other way
        successes[0] -= 1
    found = _core.success_rates(successes, trials, 0.9)
    assert np.all((found["rate"] > 0) & (found["rate"] < 1))
    assert np.all((found["lower"] >= 0) & (found["lower"] < found["upper"]) & (found["upper"] <= 1))


def test_slippage_by_group() -> None:
    planned = np.array(["2022-01-01", "2022-01-01", "2022-01-01", "NaT"], dtype="datetime64[D]")
    actual = np.array(["2022-01-11", "2022-01-01", "2022-01-31", "2022-01-05"], dtype="datetime64[D]")
    table = slippage(planned, actual, by=["a", "a", "b", "b"]).to_frame("pandas").set_index("group")
    assert table.loc["a", "mean"] == 5
    assert table.loc["a", "late"] == 0.5
    assert table.loc["b", "p50"] == 30
    assert table.loc["b", "without_date"] == 1
    assert slippage(planned, actual).to_frame("pandas")["cases"].tolist() == [3]
    with pytest.raises(InputError, match="no row has both"):
        slippage(planned[3:], actual[3:])


def test_win_rate_by_age_against_a_simulation() -> None:
    rng = np.random.default_rng(11)
    n = 20_000
    age = np.zeros(n, dtype=int)
    outcome = np.full(n, "open", dtype=object)
    for week in range(12):  # 10 % are won and 5 % lost in each week of those still open; seen for 0 to 11 weeks
        still = outcome == "open"
        draw = rng.random(n)
        outcome[still & (draw < 0.10)] = "won"
        outcome[still & (draw >= 0.10) & (draw < 0.15)] = "lost"
        age[still & (draw < 0.15)] = week
    start = np.full(n, np.datetime64("2022-01-03"))
    seen = np.datetime64("2022-03-28")
    start = seen - rng.integers(7, 84, size=n).astype("timedelta64[D]")
    end = start + (7 * age).astype("timedelta64[D]")
    later = (outcome != "open") & (end >= seen)
    outcome[later] = "open"
    end = np.where(outcome == "open", np.datetime64("NaT"), end)
    table = win_rate_by_age(start, end, outcome, seen=seen).to_frame("pandas")
    for row in table.itertuples():
        if row.at_risk > 1_000:
            assert row.win_rate == pytest.approx(0.10, abs=5 * np.sqrt(0.09 / row.at_risk))
    assert table["won_by"].is_monotonic_increasing
    assert table["won_by"].iloc[5] == pytest.approx(2 / 3 * (1 - 0.85**6), abs=0.02)


def test_coverage_counts_both_sides() -> None:
    found = coverage([1, 5, 9, 3], [0, 6, 5, 3], [2, 7, 8, 4])
    assert (found.inside, found.below, found.above) == (2, 1, 1)
    assert found.share == 0.5
    assert found.lower < 0.5 < found.upper
    assert found.to_frame("pandas")["place"].tolist() == ["inside", "below", "above", "inside"]
    assert "2 of 4" in repr(found)


def test_charts_are_charts() -> None:
    deals = {"owner": ["<b>a</b>", "b"], "outcome": [1, 0]}
    rates = success_rates(deals, "owner")
    assert "<b>a" not in rates._repr_html_()
    ages = win_rate_by_age(["2022-01-01", "2022-01-01"], ["2022-01-09", "2022-01-20"], ["won", "lost"])
    late = slippage(["2022-01-01"], ["2022-01-05"])
    for result in (rates, ages, late, coverage([1.0], [0.0], [2.0])):
        assert result.plot(width=300).to_dict()["layer"]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: calibrate([0.5], ["maybe"]), "row 1: found 'maybe'"),
        (lambda: calibrate([0.5, 70], [1, 0]), "position 1"),
        (lambda: calibrate([0.5], ["open"]), "not decided yet"),
        (lambda: calibrate([0.5], [1], resamples=0), "at least 1"),
        (lambda: calibrate([0.5], [1], by=["a", "b"]), "by has 2 values"),
        (lambda: success_rates({"owner": ["a"], "outcome": ["open"]}, "owner"), "no trial"),
        (lambda: success_rates({"owner": ["a"]}, "owner"), "'outcome'"),
        (lambda: win_rate_by_age(["2022-02-01"], ["2022-01-01"], ["won"]), "row 1"),
        (lambda: win_rate_by_age(["2022-02-01"], ["NaT"], ["open"]), "no case has ended"),
        (lambda: coverage([1.0], [2.0], [1.0]), "row 1"),
        (lambda: coverage([np.nan], [0.0], [1.0]), "finite"),
        (lambda: coverage([], [], []), "one at least"),
    ],
)
def test_bad_input_names_its_place(call, text: str) -> None:
    with pytest.raises(InputError, match=text):
        call()
