# Reads the outcome of each row: won or lost, accepted or refused, or open.
"""Outcomes in frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio.errors import InputError

__all__ = ["outcomes_of"]

_SUCCESS = {"won": 1, "lost": 0, "true": 1, "false": 0, "yes": 1, "no": 0, "1": 1, "0": 0, "accepted": 1, "refused": 0}
_UNDECIDED = {"", "open", "none", "nan", "nat"}


def outcomes_of(values: Sequence[Any], what: str, wanted: str = "won or lost", first_row: int = 1) -> NDArray[np.int8]:
    """Return 1 for success, 0 for failure and -1 for an open case; InputError names the row of any other cell."""
    outcomes = np.empty(len(values), dtype=np.int8)
    for k, value in enumerate(values):
        word = "" if value is None or value != value else str(value).strip().casefold().removesuffix(".0")
        if word in _SUCCESS:
            outcomes[k] = _SUCCESS[word]
        elif word in _UNDECIDED:
            outcomes[k] = -1
        else:
            raise InputError(
                f"{what}, row {k + first_row}: found {value!r}; it must be {wanted} (or True, False, 1, 0), or open"
            )
    return outcomes
