# Figures as text and rounded: decimals that line up, zeros without a sign, and cents that add up.
"""Numbers of report and workbook."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custfolio.report.data import Numbers, _rounded_together, rounded_to


@pytest.mark.parametrize("value", [-0.0, -1e-9, 0.0])
def test_nothing_has_no_sign(value: float) -> None:
    show = Numbers("en")
    assert show.amount(value) == "0.00"
    assert show.share(value) == "0.0%"
    assert show.number(value) in ("0", "0.0000")


def test_large_numbers_of_a_column_line_up() -> None:
    show = Numbers("en")
    assert [show.number(value) for value in (3_806_788.3, -2_237_597.0, 151.0)] == [
        "3,806,788.30",
        "-2,237,597.00",
        "151.00",
    ]
    assert [show.number(value) for value in (0.826, -1.5, 99.25, -0.00004)] == ["0.826", "-1.5", "99.25", "0.0000"]
    assert (show.amount(-0.006), show.share(-0.0006)) == ("-0.01", "-0.1%")


@pytest.mark.parametrize("seed", range(60))
def test_parts_of_rows_are_less_than_a_unit_from_their_amounts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(25, 60))
    signed = {f"c{k}": rng.uniform(-9, 9, rows) * (50 if k < 2 else 1) for k in range(10)}
    signed["whole"] = rng.integers(-900, 900, rows) / 100
    for cells in signed.values():
        cells[3] *= 40  # the row of the largest amounts
    inner = [0, 1, *[2] * 9]
    found = _rounded_together({name: list(cells) for name, cells in signed.items()}, inner, 2)
    for name, cells in signed.items():
        assert np.abs(np.array(found[name]) - cells).max() < 0.01, name
    np.testing.assert_allclose(found["whole"], signed["whole"], atol=1e-9)
    amounts, cents = np.array(list(signed.values())), np.array(list(found.values()))
    assert np.abs((cents - amounts).sum(axis=0)).max() < 0.01
    assert np.abs((cents - amounts)[2:].sum(axis=0)).max() < 0.01
    for one in (0, 2):
        group = np.array(inner) == one
        assert round(float(cents[group].sum()), 2) == round(math.fsum(amounts[group].ravel()), 2)


@pytest.mark.parametrize("seed", [0, 4, 33, 41, 55])
def test_amounts_of_zero_stay_where_others_can_take_a_unit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole = {f"c{k}": np.round(rng.uniform(-90, 90, 4), 2).tolist() for k in range(2)}
    signed = whole | {"few": [0.0] * 3 + [float(rng.uniform(1, 90))], "c3": rng.uniform(-90, 90, 4).tolist()}
    signed["c0"][0] *= 50  # the row of the largest amounts
    assert _rounded_together(signed, [0] * 4, 2)["few"][:3] == [0.0] * 3


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=8),
    st.integers(0, 2),
    st.floats(-3, 3),
)
def test_amounts_are_rounded_to_a_whole(amounts: list[float], digits: int, off: float) -> None:
    unit = 10.0**-digits
    whole = round(math.fsum(amounts) + off * unit, digits)
    cells = rounded_to(amounts, whole, digits)
    assert math.fsum(cells) == pytest.approx(whole, abs=1e-6)
    largest = max(range(len(amounts)), key=lambda k: abs(amounts[k]))
    for k, (cell, amount) in enumerate(zip(cells, amounts, strict=True)):
        assert abs(cell - amount) < (1 + (5 if k == largest else 0)) * unit + 1e-6
        assert round(cell, digits) == cell
