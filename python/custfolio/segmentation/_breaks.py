# Natural breaks: the classes of one column with the least spread within them.
"""Natural breaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.result import Result

__all__ = ["NaturalBreaks", "natural_breaks"]


class NaturalBreaks(Result):
    """Classes of one column, from the lowest values up. Made by :func:`natural_breaks`.

    The table has one row per class: segment (from 0), low and high (its lowest and highest value), weight (number of values where there are
    no weights) and mean.

    ``plot`` draws the weights as bars.

    Attributes
    ----------
    breaks : numpy.ndarray, shape (k + 1,)
        The lowest value, then the highest value of each class.
    labels : numpy.ndarray of int, shape (n,)
        Class of each value, from 0 for the lowest ones.
    within, total : float
        Sum of squares about the means of the classes, and about the mean of all values.
    goodness_of_fit : float
        1 - within / total, in [0, 1].
    """

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.breaks: NDArray[np.float64] = found["breaks"]
        self.labels: NDArray[np.int32] = found["labels"]
        self.within: float = found["within"]
        self.total: float = found["total"]
        self.goodness_of_fit: float = found["goodness_of_fit"]
        self._lowest, self._weight, self._mean = found["lowest"], found["weight"], found["mean"]

    def _columns(self) -> Mapping[str, Any]:
        return {
            "segment": np.arange(len(self._mean)),
            "low": self._lowest,
            "high": self.breaks[1:],
            "weight": self._weight,
            "mean": self._mean,
        }

    def _title(self) -> str:
        return "Natural breaks"

    def _facts(self) -> Mapping[str, Any]:
        return {"classes": len(self._mean), "goodness of fit": self.goodness_of_fit}

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        # As many digits as the ends of the classes need to differ, and no exponents.
        widest = max(abs(float(self.breaks[0])), abs(float(self.breaks[-1])))
        digits = 0 if widest >= 100 else 2 if widest >= 1 else 4
        names = [
            f"{low:,.{digits}f} to {high:,.{digits}f}" for low, high in zip(self._lowest, self.breaks[1:], strict=True)
        ]
        return plots.bars(names, self._weight, title="Weight", **options)


@checked
def natural_breaks(values: ArrayLike, k: int, weights: ArrayLike | None = None) -> NaturalBreaks:
    """Find the k classes with the least sum of squares within them.

    The result is exact. Equal values are never in two classes.

    Parameters
    ----------
    values : array_like, shape (n,)
        One per customer, in any order.
    k : int
        Number of classes, from 1 to the number of distinct values with a positive weight.
    weights : array_like, shape (n,), optional
        Weight of each value, 0 or more; default 1. A value of weight 0 gets a class and moves no break.

    Returns
    -------
    NaturalBreaks
        Breaks and labels. O(k n log n) at most: 100,000 values take a minute with 1,000 classes. With few classes bounds spare most of it.

    Raises
    ------
    InputError
        If a number is not finite, a weight is negative, all weights are 0, or `k` is out of range.
    """
    return NaturalBreaks(_core.natural_breaks(values, k, weights))
