# Charts for notebooks: valid Vega-Lite, with the right figures in them.
from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest

from custfolio import plots

MONTHS = np.arange("2022-01", "2023-01", dtype="datetime64[M]")


def _values(chart: Any) -> list[list[dict[str, Any]]]:
    """The inline data of every layer; making the dictionary checks the chart against the schema."""
    found = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            values = node.get("data", {}).get("values") if isinstance(node.get("data"), dict) else None
            if values is not None:
                found.append(values)
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(chart.to_dict(validate=True))
    return found


def test_whale_keeps_peak_and_end_among_few_points() -> None:
    curve = np.cumsum(np.linspace(10.0, -4.0, 5_000))
    (points, end, peak) = _values(plots.whale(curve))
    assert len(points) <= 401
    assert peak == [{"customers": int(np.argmax(curve)) + 1, "sum": curve.max()}]
    assert points[0] == {"customers": 0, "sum": 0.0} and points[-1]["customers"] == 5_000
    assert end == [{"sum": curve[-1]}]


def test_trajectory_shows_level_floor_and_temperature() -> None:
    level = np.linspace(100.0, 120.0, 12)
    rows, *_ = _values(plots.trajectory(MONTHS, level, 0.08 * level, 0.9 * level, target=0.05))
    assert rows[0]["month"] == "2022-01-01T00:00:00"
    assert [row["temperature"] for row in rows] == pytest.approx([0.08] * 12)
    assert [row["floor"] for row in rows] == pytest.approx(0.9 * level)


def test_a_fan_has_two_areas_and_the_median_of_each_panel() -> None:
    level = [np.full(12, 100.0 + k) for k in range(5)]
    share = [np.append(np.full(11, 0.05 + k / 100), np.nan) for k in range(5)]
    chart = plots.fan(MONTHS, level, share, floor=np.full(12, 90.0))
    rows = _values(chart)[0]
    assert [rows[3][f"level_{end}"] for end in ("p10", "p25", "p50", "p75", "p90")] == [100, 101, 102, 103, 104]
    assert rows[11]["temperature_p50"] is None
    upper, lower = chart.to_dict()["vconcat"]
    assert [layer["mark"]["type"] for layer in upper["layer"]] == ["area", "area", "line", "tick"]
    assert [layer["mark"]["type"] for layer in lower["layer"]] == ["area", "area", "line"]
    with pytest.raises(ValueError, match="level has 4 columns; it must have five: P10, P25, P50, P75 and P90"):
        plots.fan(MONTHS, level[:4], share)
    with pytest.raises(ValueError, match="floor must be a column"):
        plots.fan(MONTHS, level, share, floor=[])


def test_trajectory_shows_its_band_and_what_would_be_without_action() -> None:
    level = np.linspace(100.0, 120.0, 12)
    chart = plots.trajectory(
        MONTHS, level, 0.08 * level, band=(level - 9, level + 9), without=(level + 1, 0.06 * level)
    )
    rows, *_ = _values(chart)
    assert [row["p90"] - row["p10"] for row in rows] == pytest.approx([18.0] * 12)
    assert [row["temperature_without"] for row in rows] == pytest.approx(0.06 * level / (level + 1))
    with pytest.raises(ValueError, match="heat_without row 1"):
        plots.trajectory(MONTHS, level, level, without=(level, np.full(12, np.nan)))


def test_bridge_ends_where_the_parts_lead() -> None:
    parts = {"poured_in": 0.002, "gone": -0.001, "mix": -0.003, "warming": 0.012}
    rows, *_ = _values(plots.bridge(parts, start=0.075))
    assert [row["step"] for row in rows] == ["before", "poured in", "gone", "mix", "warming", "after"]
    assert rows[-1]["end"] == pytest.approx(0.085)
    assert all(left["end"] == pytest.approx(right["begin"]) for left, right in itertools.pairwise(rows[:-1]))


def test_bucket_growth_and_budget() -> None:
    before = {"level": 100.0, "heat": 8.0, "customers": 5}
    rows, *_ = _values(plots.bucket(before, {**before, "heat": 10.0}))
    assert [row["temperature"] for row in rows] == pytest.approx([0.08, 0.1])
    assert len(_values(plots.bucket(before))[0]) == 1
    rows, *_ = _values(plots.growth(MONTHS, np.arange(12.0), np.arange(12.0) - 1, np.arange(12.0) + 1))
    assert rows[3] == {"month": "2022-04-01T00:00:00", "expected": 3.0, "p10": 2.0, "p90": 4.0}
    chart = plots.budget(["2022-01", "2022-01"], ["overflow", "baseline"], [-1.0, 5.0])
    assert chart.to_dict()["encoding"]["color"]["scale"]["domain"] == ["baseline", "overflow"]


def test_text_stays_text() -> None:
    hostile = '<script>alert("1")</script>'
    (rows,) = _values(plots.budget(["2022-01"], [hostile], [1.0]))
    assert rows[0]["source"] == hostile
    assert json.loads(plots.budget(["2022-01"], [hostile], [1.0]).to_json())


def test_bad_columns() -> None:
    with pytest.raises(ValueError, match="cumulative must be a column with at least one value"):
        plots.whale([])
    with pytest.raises(ValueError, match="level row 2: nan is not a finite number"):
        plots.trajectory(["2022-01", "2022-02"], [1.0, np.nan], [1.0, 1.0])
    with pytest.raises(ValueError, match="columns must have one length"):
        plots.growth(["2022-01"], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0])


@pytest.mark.parametrize(("months", "step"), [(9, 1), (30, 3), (60, 12)])
def test_months_of_several_years_are_told_apart(months: int, step: int) -> None:
    names = [f"{2022 + k // 12}-{k % 12 + 1:02d}" for k in range(months)]
    axis = plots.budget(names, ["growth"] * months, [1.0] * months).to_dict()["encoding"]["x"]["axis"]
    assert axis["labelExpr"].startswith(f"month(datum.value) % {step} == 0 ?")
    assert "month(datum.value) == 0 || datum.index == 0 ? timeFormat(datum.value, '%Y')" in axis["labelExpr"]


def test_bars_keep_the_order_of_the_names() -> None:
    (rows,) = _values(plots.bars(["b", "a", "<c>"], [2.0, -1.0, np.nan], title="Charged", names_title="Pool"))
    assert rows == [{"name": "b", "amount": 2.0}, {"name": "a", "amount": -1.0}, {"name": "<c>", "amount": None}]
    shown = plots.bars(["b", "a"], [2.0, -1.0], title="Charged", names_title="Pool", width=90).to_dict()
    assert (shown["encoding"]["x"]["title"], shown["encoding"]["y"]["title"]) == ("Charged", "Pool")
    assert shown["encoding"]["y"]["sort"] is None and shown["width"] == 90


def test_certainty_shows_customers_with_revenue_and_the_target() -> None:
    chart = plots.certainty(
        ["surely warm", "undecided", "surely cold"],
        [100.0, 50.0, 0.0],
        [0.2, 0.06, np.nan],
        [0.0, 0.4, 1.0],
        target=0.05,
    )
    points, rule = _values(chart)
    assert [point["group"] for point in points] == ["surely warm", "undecided"]
    assert rule == [{"target": 0.05}]
    assert plots.certainty(["surely cold"], [0.0], [np.nan], [1.0], target=0.05).to_dict()


def test_verdicts_show_customers_with_revenue_and_the_target() -> None:
    chart = plots.verdicts(["keep", "remediate"], [100.0, 0.0], [0.2, np.nan], target=0.05, who={"name": ["a", "b"]})
    points, rule = _values(chart)
    assert [(point["group"], point["name"]) for point in points] == [("keep", "a")]
    assert rule == [{"target": 0.05}]


def test_texts_of_a_table_are_dark_on_light_cells_and_an_empty_one_is_refused() -> None:
    shown = plots.table(["a", "b"], ["x", "x"], [9.0, 1.0], value="Customers", row="From", column="To").to_dict()
    condition = shown["layer"][1]["encoding"]["color"]["condition"]
    limit = float(condition["test"].removeprefix("datum.amount > "))
    assert 1.0 < limit < 9.0
    assert condition["value"] == "white"
    assert shown["height"] == {"step": 34}
    with pytest.raises(ValueError, match="no cell of From and To to draw"):
        plots.table([], [], [], value="Customers", row="From", column="To")


def test_the_matrix_leaves_out_unknown_classes() -> None:
    (rows,) = _values(plots.matrix(["A", "", "C"], ["B", "A", "C"], ["A", "", "C"], [10.0, np.nan, 1.0]))
    assert [(row["potential"], row["quality"], row["cls"]) for row in rows] == [("A", "B", "A"), ("C", "C", "C")]
