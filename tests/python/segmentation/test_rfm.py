# RFM scores in Python, against the quantiles of NumPy.
"""RFM."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio.segmentation import rfm


def test_scores_follow_the_quantiles_of_numpy() -> None:
    random = np.random.default_rng(1)
    days, orders, money = random.integers(0, 400, 503), random.poisson(4, 503), random.gamma(1.0, 300.0, 503)
    found = rfm(days, orders, money)
    for name, values in (("recency", days), ("frequency", orders), ("monetary", money)):
        cuts = np.quantile(values, [0.2, 0.4, 0.6, 0.8])
        assert found.thresholds[name] == pytest.approx(cuts, rel=1e-12)
        score = 1 + np.searchsorted(found.thresholds[name], values)
        column = found.to_frame("pandas")[f"{name[0]}_score"].to_numpy()
        assert np.array_equal(column, 6 - score if name == "recency" else score)


def test_another_period_is_scored_with_the_same_thresholds() -> None:
    random = np.random.default_rng(2)
    days, orders, money = random.integers(0, 400, 99), random.poisson(9, 99), random.gamma(1.0, 300.0, 99)
    found = rfm(days, orders, money, bins=4)
    assert not found.empty_bins
    assert np.array_equal(rfm(days, orders, money, bins=found.thresholds).scores, found.scores)
    # An older customer is no better for it, whatever the others do.
    later = rfm(days + 100, orders, money, bins=found.thresholds)
    assert (later.scores[:, 0] <= found.scores[:, 0]).all()


def test_bins_that_collapse_are_reported() -> None:
    found = rfm([1, 2, 3, 4, 5], [1, 1, 1, 1, 9], [7, 7, 7, 7, 7])
    assert found.empty_bins == {"frequency": [2, 3, 4], "monetary": [2, 3, 4, 5]}
    assert "frequency: no customer has" in repr(found)
    assert len(set(found.scores[:4, 1].tolist())) == 1


def test_named_segments() -> None:
    segments = {"best": {"r": (2, 3), "f": 3}, "fading": {"r": 1, "m": [2, 3]}}
    found = rfm([1, 50, 300], [9, 2, 5], [900, 10, 500], bins=3, segments=segments)
    assert found.scores.tolist() == [[3, 3, 3], [2, 1, 1], [1, 2, 2]]
    assert found.segments == ["best", "none", "fading"]
    assert found.to_frame("polars").columns == ["r_score", "f_score", "m_score", "segment"]
    assert "segment" not in rfm([1], [1], [1]).to_frame("pandas")
    assert [layer["mark"]["type"] for layer in found.plot(width=200).to_dict()["layer"]] == ["rect", "text"]


def test_series_of_pandas_are_read_by_position() -> None:
    columns = pd.DataFrame({"r": [3, 1, 2], "f": [1, 2, 3], "m": [1.0, 2.0, 3.0]}, index=[5, 5, 5])
    assert rfm(columns["r"], columns["f"], columns["m"], bins=3).scores.tolist() == [[1, 1, 1], [3, 2, 2], [2, 3, 3]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bins": 0}, "bins is 0"),
        ({"bins": 2.5}, "bins is 2.5"),
        ({"bins": "5"}, "bins is '5'"),
        ({"bins": [[1], [2]]}, "bins has 2 entries"),
        ({"bins": [[1], [2, 1], []]}, "frequency, cut point 2 is 1 after 2"),
        ({"bins": {"recency": [1]}}, "cut points of recency; it must have those"),
        ({"segments": {"a": {"x": 1}}}, "segment 'a' is"),
        ({"segments": {"a": {"r": (1, 2, 3)}}}, "segment 'a': r is"),
        ({"segments": {"a": {"r": (3, 2)}}}, "recency score is from 3 to 2"),
        ({"segments": {"a": {"r": 1.5}}}, "segment 'a': r is 1.5"),
        ({"segments": {1: {}}}, "the name of a segment is 1"),
        ({"frequency": [1, None]}, "frequency, value 2"),
        ({"monetary": [1]}, "monetary has 1 values"),
    ],
)
def test_bad_input(options: dict[str, Any], message: str) -> None:
    columns = {"recency": [1, 2], "frequency": [1, 2], "monetary": [1, 2]}
    with pytest.raises(cf.InputError, match=message):
        rfm(**(columns | options))
