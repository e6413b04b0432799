# Sums whose order does not matter.
"""Sum amounts in fixed point, in two integers of which the second carries 40 further binary digits.

Integer addition is exact in any order, so that every engine gives the same bits on any number of threads.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["FRACTION_BITS", "binary_scale", "exact_sum", "joined"]


FRACTION_BITS = 40
_WHOLE_BITS = 20


def binary_scale(largest: float, rows: int) -> int:
    """Return the binary digits after the point that leave room for the sum of all rows in a 64-bit integer."""
    if not largest:
        return _WHOLE_BITS
    return min(_WHOLE_BITS, 61 - int(np.ceil(np.log2(largest))) - int(np.ceil(np.log2(max(rows, 2)))))


def exact_sum(values: NDArray[np.float64]) -> float:
    """Sum amounts so that their order does not matter.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite amounts.

    Returns
    -------
    float
        Their sum, rounded once.
    """
    whole = part = 0
    if values.size == 0:
        return 0.0
    scale = binary_scale(float(np.max(np.abs(values))), values.size)
    for start in range(0, values.size, 1 << 20):
        scaled = values[start : start + (1 << 20)] * 2.0**scale
        rounded = np.rint(scaled)
        whole += int(rounded.astype(np.int64).sum())
        part += int(np.rint((scaled - rounded) * 2.0**FRACTION_BITS).astype(np.int64).sum())
    return joined(whole, part, scale)


def joined(whole: int, part: int, scale: int) -> float:
    """Return the number that the two integers stand for, rounded once."""
    total = (whole << FRACTION_BITS) + part
    digits = scale + FRACTION_BITS
    return total / (1 << digits) if digits >= 0 else float(total << -digits)
