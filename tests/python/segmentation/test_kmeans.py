# k-means in Python.
"""k-means."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import custfolio as cf
from custfolio.segmentation import kmeans


def clouds(count: int = 900) -> np.ndarray:
    random = np.random.default_rng(8)
    centre = np.array([[0.0, 0.0], [8.0, 1.0], [3.0, 9.0]])[np.arange(count) % 3]
    return centre + random.normal(0, 1, (count, 2))


def test_clouds_are_found() -> None:
    rows = clouds()
    found = kmeans(rows, 3, seed=1, starts=4)
    assert found.converged
    assert [len(set(found.labels[k::3].tolist())) for k in range(3)] == [1, 1, 1]
    for k, centre in enumerate(found.centres):
        assert centre == pytest.approx(rows[found.labels == k].mean(axis=0), abs=1e-2)
    assert found.inertia == pytest.approx(((rows - found.centres[found.labels]) ** 2).sum(), rel=1e-12)
    assert (np.diff(found.centres[:, 0]) > 0).all()
    again = kmeans(rows, 3, seed=1, starts=4, threads=1)
    assert np.array_equal(again.labels, found.labels) and again.inertia == found.inertia


def test_centres_of_an_earlier_period_keep_the_groups() -> None:
    rows = clouds()
    before = kmeans(rows, 3)
    after = kmeans(rows + 0.1, 3, centres=before.centres)
    assert np.array_equal(after.labels, before.labels)


def test_a_frame_names_the_columns() -> None:
    found = kmeans(pl.DataFrame({"revenue": [1.0, 2.0, 90.0], "orders": [1, 1, 7]}), 2)
    assert found.to_frame("pandas").to_dict("list") == {
        "segment": [0, 1],
        "customers": [2, 1],
        "revenue": [1.5, 90.0],
        "orders": [1.0, 7.0],
    }
    assert kmeans([[1.0], [5.0]], 2).to_frame("pandas").columns.tolist()[-1] == "column 1"
    assert found.plot().to_dict()["mark"]["type"] == "bar"


def test_groups_keep_the_order_of_the_centres_of_an_earlier_period() -> None:
    before = kmeans([[1.0, 1.0], [1.1, 1.0], [2.0, 9.0], [2.1, 9.0]], 2)
    after = kmeans([[2.5, 1.0], [2.6, 1.0], [2.0, 9.0], [2.1, 9.0]], 2, centres=before.centres)
    assert before.labels.tolist() == after.labels.tolist() == [0, 0, 1, 1]
    assert after.centres[0, 0] > after.centres[1, 0]


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([1.0, 2.0], {"k": 1}, "X has 1 dimensions"),
        ([[1.0], [np.nan]], {"k": 1}, "row 2, column 1"),
        ([[1.0], [1.0]], {"k": 2}, "1 distinct customers"),
        ([[1.0], [2.0]], {"k": 3}, "k is 3"),
        ([[1.0], [2.0]], {"k": 2, "starts": 0}, "starts is 0"),
        ([[1.0], [2.0]], {"k": 2, "centres": [[1.0]]}, "must have 2 and 1"),
        ({"a": [1.0, None]}, {"k": 1}, "column 'a', row 2"),
        ({"a": [1.0, 2.0], "b": [1.0]}, {"k": 1}, "column 'b' has 1 value, 'a' has 2"),
        ([["x"]], {"k": 1}, "X has values of the type"),
    ],
)
def test_bad_input(rows: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(cf.InputError, match=message):
        kmeans(rows, **options)
