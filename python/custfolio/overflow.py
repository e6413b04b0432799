# Ice cubes: a customer that refuses every change flows over, once it is replaced.
"""Displacement on bare arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio.errors import InputError

__all__ = ["displace"]


@checked
def displace(
    level: ArrayLike,
    heat: ArrayLike,
    slack: ArrayLike,
    *,
    earliest: ArrayLike | None = None,
    only_cold: bool = True,
    discount: ArrayLike = (),
) -> dict[str, NDArray[Any]]:
    """Let ice cubes flow over, coldest first, each only once its level has been replaced, in the month that is worth most.

    Parameters
    ----------
    level, heat : array_like, shape (n, m)
        Net revenue and avoidable contribution of each ice cube in each month, currency.
    slack : array_like, shape (m,)
        Level above the floor per month before any of them leaves, currency.
    earliest : array_like of int, shape (n,), optional
        First month in which each may flow over, from 0 to m (never).
    only_cold : bool
        Let a customer flow over only in a month from which on it costs money.
    discount : array_like, shape (m,), optional
        Weight of each month's heat, for the choice of the month. Default: all 1.

    Returns
    -------
    dict of arrays
        ``cube`` (row of `level`), ``month`` (first without it), ``level`` and ``heat`` (what leaves, currency); coldest first.
        O(n log n + n m).

    Raises
    ------
    InputError
        If shapes differ, a number or a sum is not finite, or an earliest month is no whole number from 0 to m.
    """
    levels = np.atleast_2d(np.asarray(level, dtype=np.float64))
    heats = np.atleast_2d(np.asarray(heat, dtype=np.float64))
    first = np.zeros(levels.shape[0]) if earliest is None else np.asarray(earliest, dtype=np.float64)
    wrong = np.flatnonzero(~((first >= 0) & (first <= levels.shape[1]) & (first == np.rint(first))))
    if wrong.size:
        raise InputError(
            f"ice cube {wrong[0] + 1}: earliest month is {first.flat[wrong[0]]:g}; it must be a whole number from 0 to {levels.shape[1]}"
        )
    return _core.displace(
        levels,
        heats,
        first.astype(np.int32),
        np.asarray(slack, dtype=np.float64),
        only_cold,
        np.asarray(discount, dtype=np.float64),
    )
