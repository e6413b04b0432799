# The bucket from Python: exact identities, the error tree, and a light import.
"""Tests of room portfolio."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import custfolio as cf

amounts = st.floats(-1e9, 1e9, allow_nan=False)


@given(hnp.arrays(float, hnp.array_shapes(max_dims=1, max_side=200), elements=amounts))
def test_heat_is_level_times_temperature(contribution: np.ndarray) -> None:
    revenue = np.abs(contribution) + 1.0
    bucket = cf.pour(revenue, contribution)
    assert bucket.level == math.fsum(revenue)
    assert bucket.level * bucket.temperature == pytest.approx(bucket.heat, rel=1e-14, abs=1e-300)
    half = len(revenue) // 2
    mixed = cf.pour(revenue[:half], contribution[:half]) + cf.pour(revenue[half:], contribution[half:])
    assert mixed.customers == bucket.customers
    assert mixed.level == pytest.approx(bucket.level, rel=1e-12)


def test_an_empty_bucket_has_no_temperature() -> None:
    assert math.isnan(cf.pour([], []).temperature)


def test_bad_input_is_named() -> None:
    with pytest.raises(cf.InputError, match=r"contribution of customer at position 1 .* is nan"):
        cf.pour([1.0, 2.0], [1.0, math.nan])
    with pytest.raises(cf.InputError, match="revenue has 1 customers, contribution has 2"):
        cf.pour([1.0], [1.0, 2.0])


def test_errors_are_also_the_builtin_kinds() -> None:
    assert issubclass(cf.InputError, ValueError)
    assert issubclass(cf.NotFoundError, KeyError)
    assert issubclass(cf.NumericalError, ArithmeticError)
    for kind in (cf.InputError, cf.NotFoundError, cf.InfeasibleError, cf.NumericalError):
        assert issubclass(kind, cf.CustfolioError)


def test_import_loads_no_library() -> None:
    heavy = "numpy pandas polars pyarrow duckdb narwhals altair jinja2 rich typer"
    code = f"import custfolio, sys; print([m for m in {heavy!r}.split() if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_sums_beyond_the_range_of_numbers_are_refused() -> None:
    with pytest.raises(cf.InputError, match="the sum of the revenue is inf"):
        cf.pour([1.7e308] * 2, [1.0, 0.0])
    with pytest.raises(cf.InputError, match="the sum of column revenue"):
        cf.Portfolio.from_frame(
            pd.DataFrame({"customer_id": ["a", "b"], "revenue": [1.7e308] * 2, "contribution": [1.0, 0.0]})
        )
    for level, heat in ((math.nan, 1.0), (1.0, math.inf)):
        with pytest.raises(cf.InputError, match=r"level|heat"):
            cf.Bucket(level, heat, 3)
    assert "inf" not in repr(cf.pour([1e-308] * 3, [1.0, 0.0, 0.0]))
