# Pareto classes: A, B and C by cumulative share.
"""Pareto classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from custfolio import _core
from custfolio._tables.arguments import checked

__all__ = ["abc"]


@checked
def abc(value: ArrayLike, a_share: float = 0.8, b_share: float = 0.95) -> list[str]:
    """Pareto classes by cumulative share of value, from the largest down.

    A customer belongs to the class in which its share begins: one that crosses a bound is still in the better class. Equal values
    get the same class. A value of zero or less is C.

    Parameters
    ----------
    value : array_like, shape (n,)
        Revenue, contribution or potential, one per customer.
    a_share : float
        Share of the total positive value in class A, in (0, 1].
    b_share : float
        Share in classes A and B together, ``a_share <= b_share <= 1``.

    Returns
    -------
    list of str
        ``"A"``, ``"B"`` or ``"C"``, one per customer. O(n log n).

    Raises
    ------
    InputError
        If a value is not finite or the shares are out of range.
    """
    return _core.abc(np.asarray(value, dtype=np.float64), a_share, b_share)
