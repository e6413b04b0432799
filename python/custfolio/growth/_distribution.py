# Distributions of money: sums of independent amounts.
"""Distributions of sums."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from custfolio import _core
from custfolio._core import Distribution

__all__ = ["sum_distribution"]


def sum_distribution(probability: ArrayLike, amount: ArrayLike) -> Distribution:
    """Distribution of the sum of independent all-or-nothing amounts.

    Parameters
    ----------
    probability : array_like, shape (n,)
        Chance of each amount, in [0, 1].
    amount : array_like, shape (n,)
        Currency; may be negative.

    Returns
    -------
    Distribution
        mean and variance (exact), cdf, quantile, probability_at_least, and bounds on the errors. By convolution on a lattice, a pairwise
        tree of Fourier transforms.

    Raises
    ------
    InputError
        If the lengths differ, a probability is none or an amount is not finite.
    """
    return _core.sum_distribution(np.asarray(probability, dtype=np.float64), np.asarray(amount, dtype=np.float64))
