# Cohorts fitted apart and together: the test tells those that differ from those that do not, and what each buys.
from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import custfolio as cf
from custfolio import _core
from custfolio.lifetime import BGNBD, NBD, ParetoNBD, fit_cohorts


def two_cohorts(late: float) -> pd.DataFrame:
    """2,000 customers who came a year ago and 2,000 who came half a year ago and buy as often, or not."""
    parts = []
    for seed, (alpha, age) in enumerate(((6.0, 52.0), (late, 26.0))):
        rows = ParetoNBD.from_params(r=0.8, alpha=alpha, s=0.9, beta=20.0).simulate(2_000, age, seed=seed)
        parts.append(pd.DataFrame({**rows, "quarter": f"Q{seed + 1}"}))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("kind", [BGNBD, ParetoNBD, NBD])
def test_cohorts_that_differ_are_told_apart(kind: Any) -> None:
    rows = two_cohorts(late=12.0)
    found = fit_cohorts(kind(), rows, "quarter", horizon="1 year")
    alone = kind().fit(rows[rows["quarter"] == "Q2"].drop(columns="quarter"))
    assert found["Q2"].params_ == alone.params_
    assert found.together.params_ == kind().fit(rows).params_
    assert found.degrees_of_freedom == len(alone.params_)
    gain = found["Q1"].log_likelihood_ + alone.log_likelihood_ - found.together.log_likelihood_
    assert found.statistic == pytest.approx(2 * gain)
    assert found.p_value == pytest.approx(stats.chi2.sf(found.statistic, found.degrees_of_freedom), rel=1e-9)
    assert found.p_value < 1e-6
    assert found.aic_difference < 0
    table = found.to_frame()
    assert isinstance(table, pd.DataFrame)
    assert table["cohort"].tolist() == ["Q1", "Q2", "together"]
    assert table["customers"].tolist() == [2_000, 2_000, 4_000]
    assert table["expected_purchases"][1] == pytest.approx(alone.expected_purchases(365.25 / 7))
    assert table["expected_purchases"][0] > table["expected_purchases"][2] > table["expected_purchases"][1]
    assert "p-value" in repr(found)
    assert len(found.plot().to_dict()["layer"]) == 2


def test_cohorts_that_do_not_differ_are_not_told_apart() -> None:
    found = fit_cohorts(ParetoNBD(), two_cohorts(late=6.0), "quarter")
    assert found.p_value > 0.01
    # Over runs the p-value is uniform: some 10 % of 60 lie below 0.1.
    small = 0
    for seed in range(60):
        rows = NBD.from_params(r=0.8, alpha=6.0).simulate(800, 40.0, seed=seed)
        small += fit_cohorts(NBD(), rows, np.arange(800) % 2).p_value < 0.1
    assert 1 <= small <= 14


def test_tail_of_chi_square() -> None:
    for degrees in (1, 2, 3, 8, 25):
        for statistic in (0.0, 1e-12, 0.5, 7.0, 60.0, 900.0):
            expected = stats.chi2.sf(statistic, degrees)
            assert _core.likelihood_ratio([0.5 * statistic, 0.0], 0.0, degrees)[2] == pytest.approx(expected, rel=1e-11)


def test_what_cannot_be_is_refused() -> None:
    rows = two_cohorts(late=6.0)
    with pytest.raises(cf.InputError, match="all 4,000 customers are of cohort 'x'"):
        fit_cohorts(NBD(), rows, ["x"] * 4_000)
    with pytest.raises(cf.InputError, match="3 names"):
        fit_cohorts(NBD(), rows, ["x", "y", "z"])
    with pytest.raises(cf.InputError, match="row 2: no cohort"):
        fit_cohorts(NBD(), {"frequency": [1, 2], "recency": [1, 2], "T": [3, 3]}, ["x", None])
    with pytest.raises(cf.InputError, match=r"cohort 'b' \(1 customers\): no customer bought again"):
        fit_cohorts(NBD(), {"frequency": [1, 3, 0], "recency": [1, 2, 0], "T": [3, 3, 3]}, ["a", "a", "b"])
    with pytest.raises(cf.InputError, match="segment"):
        fit_cohorts(NBD(), rows, "segment")
    with pytest.raises(cf.NotFoundError, match="'Q9' was not fitted"):
        fit_cohorts(NBD(), rows, "quarter")["Q9"]
