# How a result shows itself: decimals that line up, and columns of numbers flush right.
"""Text and HTML of a table."""

from __future__ import annotations

import datetime
import math
import os
from typing import Any

import pytest

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


LONG = Table(
    {
        "customer_id": ["a", "b"],
        "revenue": [1_000.5, 250.0],
        "temperature": [0.1879, math.nan],
        "day": [datetime.date(2024, 1, 1), None],
        "missing": [None, None],
        "why": ["irregular: bought in 3 of its last 12 months; by BG/BB, since it may have left", "regular"],
    },
    None,
)


@pytest.mark.parametrize("width", [30, 40, 60, 80])
def test_a_table_fits_the_width_and_names_the_columns_that_it_leaves_out(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = repr(LONG)
    lines = text.splitlines()
    assert all(len(line) <= width for line in lines)
    flat = " ".join(text.split())
    for name in LONG.columns():
        assert name in flat
    assert ("columns not shown" in text) == (width < 80)
    start = lines[1].index("why")
    why = " ".join(line[start:].strip() for line in lines[2:] if line[:start].strip()[:1] in ("a", "")).split(
        "columns"
    )[0]
    assert "irregular: bought in 3 of its last 12 months; by BG/BB, since it may have left" in why


def test_a_pipe_has_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("shutil.get_terminal_size", lambda fallback: os.terminal_size(fallback))
    assert "columns not shown" not in repr(LONG)


def test_temperatures_are_shares_and_odd_numbers_are_short() -> None:
    row = repr(LONG).splitlines()[2]
    assert "18.8%" in row
    odd = Table({"number": [1.729e26, -0.0, math.inf, -math.inf]}, None)
    assert [line.strip() for line in repr(odd).splitlines()[2:]] == ["1.729e+26", "0", "∞", "-∞"]


def test_twelve_months_are_shown() -> None:
    months = Table({"month": [f"2026-{month:02d}" for month in range(1, 13)]}, None)
    assert "more rows" not in repr(months)


def test_a_long_figure_above_the_table_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    class Noted(Table):
        def _facts(self) -> dict[str, Any]:
            return {"note": "the last purchase is on 2024-01-15; the 14 days after it count as days without purchases"}

    monkeypatch.setenv("COLUMNS", "40")
    lines = repr(Noted({"a": [1]}, None)).splitlines()
    assert all(len(line) <= 40 for line in lines)
    assert "count as days without purchases" in " ".join(" ".join(lines).split())
