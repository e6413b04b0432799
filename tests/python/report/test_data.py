# Figures as text: decimals that line up, and zeros without a sign.
"""Numbers of report and workbook."""

from __future__ import annotations

import pytest

from custfolio.report.data import Numbers


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
