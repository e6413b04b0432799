# What the tests of room growth share: sums of independent amounts by direct convolution.
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

Masses = Callable[[np.ndarray, np.ndarray], np.ndarray]


def convolved(p: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Masses of a sum of independent whole amounts, one at a time."""
    found = np.zeros(int(amount.sum()) + 1)
    found[0] = 1
    for chance, a in zip(p, amount, strict=True):
        moved = found * (1 - chance)
        moved[a:] += found[: found.size - a] * chance
        found = moved
    return found


@pytest.fixture(scope="session")
def masses() -> Masses:
    return convolved
