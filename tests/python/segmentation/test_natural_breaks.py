# Natural breaks in Python, against all partitions of small columns.
"""Natural breaks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import custfolio as cf
from custfolio.segmentation import natural_breaks


def least_squares(values: np.ndarray, k: int) -> float:
    distinct = np.unique(values)
    sums = []
    for cuts in itertools.combinations(range(1, distinct.size), k - 1):
        runs = np.split(distinct, cuts)
        members = [values[np.isin(values, run)] for run in runs]
        sums.append(sum(((one - one.mean()) ** 2).sum() for one in members))
    return min(sums)


def test_no_partition_is_better() -> None:
    random = np.random.default_rng(3)
    for trial in range(40):
        values = random.integers(0, 20, random.integers(3, 12)) * 10.0 ** (trial % 5 - 2)
        k = int(random.integers(1, min(4, np.unique(values).size) + 1))
        found = natural_breaks(values, k)
        assert found.within == pytest.approx(least_squares(values, k), rel=1e-12, abs=1e-15)
        assert found.breaks[0] == values.min() and found.breaks[-1] == values.max()
        assert np.array_equal(found.labels, np.searchsorted(found.breaks[1:], values))


def test_the_table_has_a_row_per_class() -> None:
    found = natural_breaks([10, 1, 2, 11, 12, 50], 3)
    frame = found.to_frame("pandas")
    assert frame["high"].tolist() == [2, 12, 50]
    assert frame["low"].tolist() == [1, 10, 50]
    assert frame["weight"].tolist() == [2, 3, 1]
    assert found.labels.tolist() == [1, 0, 0, 1, 1, 2]
    assert found.goodness_of_fit == pytest.approx(1 - 2.5 / found.total)
    assert "Natural breaks" in repr(found)
    assert found.plot().to_dict()["mark"]["type"] == "bar"


def test_weights_move_the_breaks() -> None:
    assert natural_breaks([1, 4, 5], 2).breaks.tolist() == [1, 1, 5]
    assert natural_breaks([1, 4, 9], 2, weights=[1, 1, 9]).breaks.tolist() == [1, 4, 9]
    assert natural_breaks([1, 4, 9], 2, weights=[0, 1, 1]).labels.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("values", "k", "weights", "message"),
    [
        ([1, None], 1, None, "value 2"),
        ([7, 7, 7], 2, None, "from 1 to 1, the number of distinct values"),
        ([1, 2], 1, [0, 0], "all weights are 0"),
        ([1, 2], 1, [1, -2], "weight 2 is -2"),
        ([[1, 2]], 1, None, "dimensions"),
        ([1, 2], 1.5, None, "k is 1.5"),
    ],
)
def test_bad_input(values: list[float], k: int, weights: list[float] | None, message: str) -> None:
    with pytest.raises(cf.InputError, match=message):
        natural_breaks(values, k, weights)
