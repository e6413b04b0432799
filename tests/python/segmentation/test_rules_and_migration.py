# Segments by rules, and migration between segments, in Python.
"""Rules and migration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import custfolio as cf
from custfolio.segmentation import migration, rules

RULES = {"core": "revenue >= 100 and temperature >= 0.05", "large": "revenue>=100", "small": ""}


def test_the_first_rule_that_is_met_counts() -> None:
    columns = {"revenue": [500, 500, 5, 500], "temperature": [0.2, -0.1, 0.2, None], "town": ["a", "b", "c", "d"]}
    for given in (columns, pd.DataFrame(columns), pl.DataFrame(columns), pl.LazyFrame(columns)):
        assert rules(given, RULES) == ["core", "large", "small", "large"]
    assert rules({"revenue": np.array([1, 900])}, {"large": "revenue > 100"}) == ["none", "large"]


def test_bad_rules() -> None:
    with pytest.raises(cf.NotFoundError, match="there is no column 'margin'; there are revenue"):
        rules({"revenue": [1.0]}, {"a": "margin > 1"})
    with pytest.raises(cf.InputError, match="condition 'revenue > big'"):
        rules({"revenue": [1.0]}, {"a": "revenue > big"})
    with pytest.raises(cf.InputError, match="the rule of 'a' is 3"):
        rules({"revenue": [1.0]}, {"a": 3})  # type: ignore[dict-item]
    with pytest.raises(cf.InputError, match="no column of numbers; it has 'town'"):
        rules({"town": ["x"]}, {"a": ""})


def test_customers_are_matched_by_identity() -> None:
    before = pl.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "segment": ["A", "B", "B"],
            "revenue": [100.0, 50.0, 10.0],
            "contribution": [10.0, 5.0, -1.0],
        }
    )
    after = pl.DataFrame(
        {
            "customer_id": ["c", "a", "d"],
            "segment": ["A", "A", "B"],
            "revenue": [40.0, 90.0, 7.0],
            "contribution": [4.0, 9.0, 1.0],
        }
    )
    found = migration(before, after)
    frame = found.to_frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame.rows() == [
        ("A", "A", 1, 100.0, 90.0, 10.0, 9.0),
        ("B", "A", 1, 10.0, 40.0, -1.0, 4.0),
        ("B", "gone", 1, 50.0, 0.0, 5.0, 0.0),
        ("poured in", "B", 1, 0.0, 7.0, 0.0, 1.0),
    ]
    assert frame["level_after"].sum() == after["revenue"].sum()
    assert found.customers.sum() == 4
    assert "1 of 2 customers of both periods" in repr(found)
    chart = found.plot().to_dict()
    assert [layer["mark"]["type"] for layer in chart["layer"]] == ["rect", "text"]


def test_a_column_without_any_amount_is_not_known() -> None:
    periods = [{"segment": ["a"], "revenue": [revenue], "contribution": [float("nan")]} for revenue in (5.0, 6.0)]
    assert migration(*periods).to_frame("pandas").columns.tolist()[2:] == ["customers", "level_before", "level_after"]


def test_segments_alone_are_matched_by_position() -> None:
    found = migration(np.array([2, 10, 10, 0]), [10, 10, None, 0])
    assert found.segments == ["0", "2", "10"]  # numbers ascend
    assert found.to_frame("pandas")["customers"].tolist() == [1, 1, 1, 1]
    assert found.to_frame("pandas").columns.tolist() == ["from_segment", "to_segment", "customers"]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ({"segment": ["a"], "customer_id": ["x"]}, {"segment": ["a"]}, "only one of the two"),
        ({"customer_id": ["x"]}, {"segment": ["a"]}, "column 'segment' is not in before"),
        (["a"], ["a", "b"], "1 customers before and 2"),
        (["gone"], ["a"], "'gone', which stands for"),
        ({"segment": ["a", "a"], "customer_id": ["x", "x"]}, {"segment": ["a"], "customer_id": ["x"]}, "twice before"),
        ({"segment": ["a", "b"], "revenue": [1.0, None]}, ["a", "b"], "before: revenue"),
        (5, ["a"], "before is of type int"),
    ],
)
def test_bad_periods(before: Any, after: Any, message: str) -> None:
    with pytest.raises(cf.InputError, match=message):
        migration(before, after)


def test_columns_of_a_statement_are_a_period() -> None:
    sales = pd.DataFrame(
        {"customer": ["a", "b"], "date": ["2021-01-04", "2021-02-04"], "revenue": [100.0, 5], "cost": 1.0}
    )
    large = {"large": "revenue >= 50", "small": ""}
    columns = cf.statement(cf.Ledger(sales), segments=large).columns()
    assert columns["first_day"].dtype.kind == "M"
    assert migration(columns, columns).columns()["customers"].tolist() == [1, 1]
    with pytest.raises(cf.InputError, match="after, row 2: no customer_id"):
        migration(columns, {"customer_id": ["a", None], "segment": ["x", "y"]})
    with pytest.raises(cf.InputError, match="a segment is called 'gone'"):
        cf.statement(cf.Ledger(sales), segments={"gone": ""})
