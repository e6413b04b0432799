"""What all models share: input, results before and after a fit, comparison, frames."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest

import custfolio as cf

CELLS = {"recency": [1.0, 2, 3, 4, 4], "T": [4.0] * 5, "count": [130.0, 80, 50, 30, 210]}


def test_input_by_arrays_or_frames_of_any_library() -> None:
    arrays = cf.lifetime.ShiftedBetaGeometric().fit(CELLS["recency"], CELLS["T"], weights=CELLS["count"])
    for frame in (pd.DataFrame(CELLS), pl.DataFrame(CELLS), CELLS):
        model = cf.lifetime.ShiftedBetaGeometric().fit(frame, weights="count")
        assert model.params_ == arrays.params_
    assert isinstance(
        cf.lifetime.ShiftedBetaGeometric().fit(pl.DataFrame(CELLS), weights="count").to_frame(), pl.DataFrame
    )
    rows = {name: np.repeat(CELLS[name], np.array(CELLS["count"], dtype=int)) for name in ("recency", "T")}
    single = cf.lifetime.ShiftedBetaGeometric().fit(**rows)
    assert single.params_ == pytest.approx(arrays.params_)
    assert single.standard_errors_ == pytest.approx(arrays.standard_errors_)
    with pytest.raises(cf.InputError, match="'T' is not in"):
        cf.lifetime.ShiftedBetaGeometric().fit(pd.DataFrame({"recency": [1]}))


def test_results_are_consistent_and_shown() -> None:
    model = cf.lifetime.ShiftedBetaGeometric().fit(CELLS, weights="count")
    assert model.aic_ == pytest.approx(4 - 2 * model.log_likelihood_)
    assert model.bic_ == pytest.approx(2 * math.log(500) - 2 * model.log_likelihood_)
    frame = model.to_frame("pandas")
    assert list(frame.columns) == ["parameter", "estimate", "standard_error", "lower", "upper"]
    assert (frame["lower"] < frame["estimate"]).all()
    assert "log-likelihood" in repr(model)
    assert "<table>" in model._repr_html_()
    assert model.plot(width=300).to_dict()["width"] == 300
    assert np.sqrt(np.diag(model.covariance_)) * list(model.params_.values()) == pytest.approx(
        list(model.standard_errors_.values())
    )


def test_what_is_not_fitted_says_so() -> None:
    model = cf.lifetime.ShiftedBetaGeometric()
    assert "not fitted" in repr(model)
    assert "not fitted" in model._repr_html_()
    with pytest.raises(cf.InputError, match="call fit first"):
        _ = model.params_
    known = cf.lifetime.ShiftedBetaGeometric.from_params(alpha=1, beta=2)
    assert known.params_ == {"alpha": 1.0, "beta": 2.0}
    assert "given" in repr(known)
    with pytest.raises(cf.InputError, match="given"):
        _ = known.log_likelihood_
    with pytest.raises(cf.InputError, match="alpha, beta"):
        cf.lifetime.ShiftedBetaGeometric.from_params(alpha=1)
    with pytest.raises(cf.InputError, match="above 0"):
        cf.lifetime.ShiftedBetaGeometric.from_params(alpha=1, beta=-2)
    with pytest.raises(cf.InputError, match="no bootstrap"):
        _ = cf.lifetime.ShiftedBetaGeometric().fit(CELLS, weights="count").bootstrap_


def test_only_models_of_the_same_rows_are_compared() -> None:
    one = cf.lifetime.ShiftedBetaGeometric().fit(CELLS, weights="count")
    other = cf.lifetime.BetaDiscreteWeibull().fit(CELLS["recency"], CELLS["T"])
    with pytest.raises(cf.InputError, match="weights differ"):
        cf.lifetime.compare([one, other])
    spend = cf.lifetime.GammaGamma().fit([1, 2, 3], [4, 6, 9])
    with pytest.raises(cf.InputError, match="average spend"):
        cf.lifetime.compare({"contracts": one, "spend": spend})
    with pytest.raises(cf.InputError, match="no model"):
        cf.lifetime.compare([])
    same = cf.lifetime.compare({"a": one, "b": cf.lifetime.BetaDiscreteWeibull().fit(CELLS, weights="count")})
    assert min(same.to_frame("pandas")["bic_difference"]) == 0
    assert same.plot().to_dict()


def test_priors_pull_and_are_checked() -> None:
    free = cf.lifetime.ShiftedBetaGeometric().fit(CELLS, weights="count")
    tight = cf.lifetime.ShiftedBetaGeometric(prior={"alpha": (3.0, 0.01)}).fit(CELLS, weights="count")
    assert tight.params_["alpha"] == pytest.approx(3, rel=0.05)
    assert tight.log_likelihood_ < free.log_likelihood_
    with pytest.raises(cf.InputError, match="'gamma'"):
        cf.lifetime.ShiftedBetaGeometric(prior={"gamma": (1, 1)}).fit(CELLS, weights="count")
    with pytest.raises(cf.InputError, match="median"):
        cf.lifetime.ShiftedBetaGeometric(prior={"alpha": (0, 1)}).fit(CELLS, weights="count")


def test_shapes_that_do_not_go_together_are_named() -> None:
    model = cf.lifetime.BGNBD.from_params(r=0.2, alpha=4.4, a=0.8, b=2.4)
    with pytest.raises(cf.InputError, match=r"the shapes \(2,\), \(3,\), \(1,\); they must"):
        model.probability_alive([1, 2], [1, 2, 3], [9])
    with pytest.raises(cf.InputError, match=r"T has the shape \(2,\); it must be one number, or 3"):
        model.simulate(3, [1.0, 2.0])
