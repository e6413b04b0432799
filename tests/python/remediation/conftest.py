# What several tests of remediation share.
"""Three customers whose deliveries cost 90 each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import custfolio as cf


@pytest.fixture(scope="module")
def portfolio() -> cf.Portfolio:
    revenue = np.array([10_000.0, 20_000.0, 30_000.0])
    columns = {
        "customer_id": ["a", "b", "c"], "revenue": revenue, "goods": 0.75 * revenue, "cost_to_serve": [2_700.0] * 3,
        "avoidable_cost": [2_700.0] * 3, "contribution": 0.25 * revenue - 2_700, "deliveries": [30.0] * 3,
        "lines": [30.0] * 3, "quantity": [30.0] * 3,
    }  # fmt: skip
    return cf.Portfolio.from_frame(pd.DataFrame(columns), costs=cf.CostModel(rates={"deliveries": 90.0}))
