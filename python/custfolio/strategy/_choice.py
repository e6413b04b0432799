# The optimiser on bare arrays: one course for every customer under common rows.
"""Choose one course for every customer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked

__all__ = ["Choice", "optimise"]


@dataclass(frozen=True)
class Choice:
    """The answer to :func:`optimise`.

    Attributes
    ----------
    choice : array of int, shape (n,)
        The course of every customer. Where the problem is infeasible: the choice with the smallest violation found.
    value, bound, gap : float
        Sum of the chosen values; no feasible choice is worth more than `bound`; (bound - value) / max(|value|, 1e-12).
    usage, prices : array of float, shape (r,)
        Sum of each row over the chosen courses, and the value of one more unit of its bound.
    feasible, proven : bool
        Whether all rows are kept; whether the choice is proven best (or, where it is not feasible, that none is feasible).
    relaxation : array of float, shape (r,)
        How far the choice violates each row.
    iterations : int
        Cutting-plane iterations.
    """

    choice: NDArray[np.int64]
    value: float
    bound: float
    gap: float
    usage: NDArray[np.float64]
    prices: NDArray[np.float64]
    feasible: bool
    proven: bool
    relaxation: NDArray[np.float64]
    iterations: int


@checked
def optimise(
    value: ArrayLike,
    usage: ArrayLike,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    *,
    threads: int = 0,
    progress: Callable[[float], object] | None = None,
) -> Choice:
    """Choose one course for every customer under common rows, with a certified bound.

    Parameters
    ----------
    value : array_like, shape (n, k)
        Value of each course; NaN where a customer has no such course.
    usage : array_like, shape (n, k, r)
        Amount that each course adds to each row.
    lower, upper : array_like, shape (r,), optional
        Least and greatest sum of each row; none by default or where infinite.
    threads : int
        0 for all cores; the result has the same bits for any number.
    progress : callable, optional
        Called with the fraction done. If it returns False, the call ends with :class:`custfolio.errors.Cancelled`.

    Returns
    -------
    Choice
        The choice, its value and bound, and the rows' shadow prices. Lagrangian dual by cutting planes, rounding, repair, exact search.

    Raises
    ------
    InputError
        If shapes differ, a customer has no course, a number is not finite or beyond 1e100, or a lower bound exceeds the upper
        one.
    Cancelled
        If `progress` returned False.
    """
    values = np.asarray(value, dtype=np.float64)
    used = np.asarray(usage, dtype=np.float64)
    rows = used.shape[-1] if used.ndim == 3 else 0
    least = np.full(rows, -np.inf) if lower is None else np.asarray(lower, dtype=np.float64)
    most = np.full(rows, np.inf) if upper is None else np.asarray(upper, dtype=np.float64)
    if values.ndim == 2 and used.shape[:2] == values.shape and used.ndim == 3:
        used = np.where(np.isnan(values)[:, :, None], 0.0, used)
    return Choice(**_core.optimise_arrays(values, used, least, most, threads=threads, progress=progress))
