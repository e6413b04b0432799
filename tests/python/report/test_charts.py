"""Tests of the charts on the report: what an axis shows is where it stands."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custfolio import plots
from custfolio.report.charts import amounts, fan, pools, trajectory, waterfall, whale
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


def bars_of(picture: str) -> list[tuple[str, float, float]]:
    """Return class, left edge and width of each bar of a picture, without the squares of a legend."""
    found = re.findall(r'<rect x="([-\d.]+)" (?:y="[^"]*" )?width="([-\d.]+)"[^>]*class="bar (\w+)"', picture)
    return [(kind, float(x), float(width)) for x, width, kind in found if float(width) != 11]


@given(st.lists(st.floats(-1e9, 1e9).filter(lambda amount: amount == 0 or abs(amount) > 1e-3), min_size=1, max_size=30))
def test_bars_of_amounts_are_as_long_as_their_amounts(given_amounts: list[float]) -> None:
    named = {f"group {k}": amount for k, amount in enumerate(given_amounts)}
    picture = amounts(named, "Contribution by group", ENGLISH)
    bars = bars_of(picture)
    largest = sorted(named.values(), key=abs, reverse=True)[:20]
    assert len(bars) == len(largest)
    unit = max((width for _, _, width in bars), default=0.0) / (max(map(abs, largest)) or 1.0)
    assert sorted(width for _, _, width in bars) == pytest.approx(sorted(abs(one) * unit for one in largest), abs=0.011)
    assert sum(kind == "cold" for kind, _, _ in bars) == sum(one < 0 for one in largest)
    assert all(x >= 0 and x + width <= 720 for _, x, width in bars)
    assert ("the 20 largest of" in picture) == (len(named) > 20)


def test_a_pool_is_drawn_by_what_became_of_its_cost() -> None:
    data = {"pool": ["a", "b"], "cost": [100.0, 50.0], "charged": [60.0, 70.0], "not_attributed": [10.0, 0.0]}
    data |= {"used": [350.0, 700.0], "capacity": [500.0, 500.0], "first_day": ["2021-01-01", "2021-07-01"]}
    days = np.array(data["first_day"], dtype="datetime64[D]")
    picture = pools(Table.of("Pools", data | {"first_day": days}), ENGLISH)
    kinds = [kind for kind, _, _ in bars_of(picture)]
    widths = [width for _, _, width in bars_of(picture)]
    assert kinds == ["heat", "other", "baseline", "heat"]
    assert np.array(widths) / widths[0] == pytest.approx([1, 10 / 60, 30 / 60, 70 / 60], abs=1e-3)
    assert "a, from 1 Jan 2021: 70.0% of 500 minutes used" in picture
    assert "b, from 1 Jul 2021: 140.0% of 500 minutes used" in picture


def test_a_waterfall_falls_from_each_total_to_the_next() -> None:
    steps = [("list", "total", 100.0), ("discount", "change", -30.0), ("invoice", "total", 70.0)]
    steps += [("rebate", "change", 0.0), ("cost", "change", -90.0), ("contribution", "total", -20.0)]
    data = {name: [step[k] for step in steps] for k, name in enumerate(("step", "kind", "amount"))}
    bars = bars_of(waterfall(Table.of("Waterfall", data), ENGLISH))
    assert [kind for kind, _, _ in bars] == ["baseline", "cold", "baseline", "cold", "baseline"]
    unit = bars[0][2] / 100
    zero = bars[0][1]
    edges = [(0, 100), (70, 100), (0, 70), (-20, 70), (-20, 0)]
    for (_, x, width), (low, high) in zip(bars, edges, strict=True):
        assert x == pytest.approx(zero + low * unit, abs=0.02)
        assert width == pytest.approx((high - low) * unit, abs=0.02)


def test_a_fan_has_its_areas_median_and_floor() -> None:
    names = [f"{name}_{end}" for name in ("level", "temperature") for end in ("p10", "p25", "p50", "p75", "p90")]
    level = {name: [100.0 + 10 * k, 120.0 + 10 * k] for k, name in enumerate(names[:5])}
    warm = {name: [0.05 + k / 100, math.nan] for k, name in enumerate(names[5:])}
    table = Table.of("Simulation", {"month": ["2022-01", "2022-02"], **level, **warm, "floor": [90.0, 95.0]})
    picture = fan(table, ENGLISH)
    assert [picture.count(f'class="{kind}"') for kind in ("area cold", "area heat", "line cold", "floor")] == [
        2,
        2,
        1,
        2,
    ]
    assert "floor (black)" in picture and "between 120 and 160" in picture
    # A month without a temperature has no point; without any, the panel is left out.
    assert "nan" not in picture
    cold = {name: [math.nan, math.nan] for name in warm}
    alone = fan(Table.of("Simulation", {"month": ["2022-01", "2022-02"], **level, **cold}), ENGLISH)
    assert "area heat" not in alone and "floor" not in alone
