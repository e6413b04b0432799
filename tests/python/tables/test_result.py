# How a result shows itself: decimals that line up, and columns of numbers flush right.
"""Text and HTML of a table."""

from __future__ import annotations

import math
from typing import Any

from custfolio._tables.result import Listing


class Table(Listing):
    """A listing without a chart."""

    def _draw(self, **options: Any) -> Any:
        raise NotImplementedError


TABLE = Table(
    {
        "name": ["a", "b", "c"],
        "amount": [15_730.0, 17_473.52, 0.0],
        "share": [0.243, 150.25, 1.0],
        "count": [3, None, 12],
        "whole": [2_000.0, 350.0, math.nan],
        "empty": [None, None, None],
    },
    None,
)


def test_amounts_of_a_column_have_the_same_decimals() -> None:
    lines = repr(TABLE).splitlines()
    assert lines[1].split() == ["name", "amount", "share", "count", "whole", "empty"]
    assert [line.split() for line in lines[2:]] == [
        ["a", "15,730.00", "0.243", "3", "2,000", "–"],
        ["b", "17,473.52", "150.25", "–", "350", "–"],
        ["c", "0.00", "1", "12", "–", "–"],
    ]
    ends = {
        line.index(text) + len(text) for line, text in zip(lines[2:], ("15,730.00", "17,473.52", "0.00"), strict=True)
    }
    assert len(ends) == 1


def test_empty_cells_of_numbers_are_flush_right() -> None:
    html = TABLE._repr_html_()
    assert "<td style='text-align:right'>–</td><td style='text-align:right'>350</td>" in html
    assert html.count("<td style='text-align:left'>–</td>") == 3
