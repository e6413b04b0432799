# What the tests of room lifetime share: CDNOW's calibration as the literature has it.
from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from custfolio import demo


@pytest.fixture(scope="session")
def cdnow() -> dict[str, NDArray[np.float64]]:
    """The literature's calibration: 1997-01-01 to 1997-09-30, weeks."""
    data = demo.cdnow()
    seen = data["date"] <= np.datetime64("1997-09-30")
    days: dict[str, set[int]] = {}
    for who, day in zip(data["customer"][seen], data["date"][seen].astype(int), strict=True):
        days.setdefault(who, set()).add(int(day))
    end = int(np.datetime64("1997-09-30").astype(int))
    rows = [(len(d) - 1, (max(d) - min(d)) / 7, (end - min(d)) / 7) for d in days.values()]
    return dict(zip(("frequency", "recency", "T"), np.array(rows, dtype=float).T, strict=True))
