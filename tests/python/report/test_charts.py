"""Tests of the charts on the report: what an axis shows is where it stands."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custfolio import plots
from custfolio.report.charts import trajectory, whale
from custfolio.report.data import Numbers, Table
from custfolio.report.svg import ticks

ENGLISH = Numbers("en")
SCALE = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


def parsed(label: str) -> float:
    """Return the value of an axis label in English."""
    match = re.fullmatch(r"(-?[\d,]*\.?\d+)\u00a0?([KMBT%]?)", label)
    assert match is not None, label
    return float(match[1].replace(",", "")) * (0.01 if match[2] == "%" else SCALE[match[2]])


@given(
    st.floats(-1e12, 1e12),
    st.floats(1e-3, 1e12),
    st.integers(1, 8),
)
def test_every_label_of_amounts_equals_its_mark(low: float, width: float, count: int) -> None:
    marks = ticks(low, low + width, count)
    step = marks[1] - marks[0]
    if step < 1e-9 * abs(low):
        return
    for mark, label in zip(marks, ENGLISH.axis(marks), strict=True):
        assert parsed(label) == pytest.approx(mark, abs=1e-6 * step)


@given(st.floats(-2, 2), st.floats(1e-4, 4), st.integers(1, 8))
def test_every_label_of_shares_equals_its_mark(low: float, width: float, count: int) -> None:
    marks = ticks(low, low + width, count)
    for mark, label in zip(marks, ENGLISH.axis(marks, share=True), strict=True):
        assert parsed(label) == pytest.approx(mark, abs=1e-6 * (marks[1] - marks[0]))


def test_a_temperature_axis_in_steps_of_two_and_a_half_percent() -> None:
    assert ENGLISH.axis([-0.025, 0.0, 0.025, 0.05], share=True) == ["-2.5%", "0.0%", "2.5%", "5.0%"]
    assert ENGLISH.axis([0.0, 1_250_000.0]) == ["0", "1.25\u00a0M"]


def test_the_gridlines_of_the_report_stand_at_their_labels() -> None:
    months = {
        "month": ["2022-01", "2022-02", "2022-03"],
        "level": [1_180_000.0, 1_320_000.0, 990_000.0],
        "temperature": [-0.02, 0.015, 0.048],
    }
    picture = str(trajectory(Table.of("Months", months), None, ENGLISH))
    found = re.findall(
        r'y1="([\d.]+)" y2="[\d.]+" class="(?:grid|zero)"/><text x="54" y="([\d.]+)"[^>]*>([^<]+)<', picture
    )
    assert len(found) >= 6
    for axis in ("%", ""):
        points = [(float(y), parsed(label)) for y, _, label in found if label.endswith("%") == (axis == "%")]
        slope = (points[-1][1] - points[0][1]) / (points[-1][0] - points[0][0])
        for y, value in points:
            assert value == pytest.approx(points[0][1] + slope * (y - points[0][0]), abs=abs(0.06 * slope))


def test_a_whale_curve_of_two_customers_counts_whole_customers() -> None:
    picture = str(whale({"cumulative": np.array([3.0, 2.0])}, ENGLISH))
    shown = re.findall(r'y="280"[^>]*>([^<]+)<', picture)
    assert shown == ["0", "1", "2"]


def test_axes_of_shares_in_charts_keep_their_digits() -> None:
    chart = plots.trajectory(["2022-01", "2022-02"], [1.0, 2.0], [0.02, 0.05]).to_dict()
    formats = re.findall(r'"axis": \{"format": "([^"]*%)"', json.dumps(chart))
    assert formats == ["~%"]
