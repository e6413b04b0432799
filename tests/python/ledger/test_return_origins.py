# Tests of returns in the period of their sale: by hand, against a slow search, in every engine, and bad input.
"""``returns="origin"``: a return counts on the day of the sale that it comes from."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

import custfolio as cf
from custfolio.errors import InputError

ENGINES: list[Callable[[pd.DataFrame], Any]] = [
    lambda frame: frame,
    lambda frame: pl.from_pandas(frame).lazy(),
    duckdb.from_df,
]


def sales() -> pd.DataFrame:
    return pd.DataFrame({
        "customer": ["a", "a", "a", "a", "a", "b"],
        "date": ["2020-12-01", "2020-12-10", "2021-01-05", "2021-01-08", "2021-01-09", "2021-01-11"],
        "revenue": [100.0, 80.0, -30.0, -20.0, -5.0, -9.0],
        "cost": [60.0, 50.0, -18.0, -12.0, -3.0, -5.0],
        "document": ["I1", "I2", "C1", "C2", "C3", "C4"],
        "refers": [None, None, "I1", None, "I99", "I1"],
        "item": ["x", "x", "y", "x", "x", "x"],
    })  # fmt: skip


def test_by_hand() -> None:
    ledger = cf.Ledger(sales(), item="item", reference="refers", returns="origin")
    december = cf.statement(ledger, period=("2020-12-01", "2020-12-31"))
    assert december.bucket.level == 130.0
    assert december.by("month").columns()["returns"].tolist() == [2.0]
    assert cf.statement(ledger, period=("2021-01-01", "2021-01-31")).bucket.level == -14.0
    booked = cf.Ledger(sales(), item="item", reference="refers")
    assert cf.statement(booked, period=("2020-12-01", "2020-12-31")).bucket.level == 180.0
    assert len(booked.unmatched_returns) == 0
    listed = ledger.unmatched_returns.columns()
    assert list(listed["customer_id"]) == ["a", "b"]
    assert list(listed["reference"]) == ["I99", "I1"]
    assert ledger.revenue == booked.revenue
    assert "reference" not in ledger.rows.dimensions


def test_without_documents_a_return_still_counts_as_one() -> None:
    frame = sales().drop(columns=["document", "refers"])
    ledger = cf.Ledger(frame, item="item", returns="origin")
    stated = cf.statement(ledger)
    core = stated.portfolio.core
    assert core.deliveries.tolist() == [2.0, 0.0]
    assert core.returns.tolist() == [3.0, 1.0]
    booked = cf.statement(cf.Ledger(frame, item="item")).portfolio.core
    assert (core.deliveries.tolist(), core.returns.tolist()) == (booked.deliveries.tolist(), booked.returns.tolist())


def rows_of(seed: int) -> pd.DataFrame:
    rng = random.Random(seed)
    rows = []
    for number in range(200):
        sign = rng.choice([1, 1, -1])
        rows.append({
            "customer": rng.choice("abc"), "date": f"2021-0{rng.randrange(1, 7)}-{rng.randrange(1, 29):02d}",
            "revenue": sign * rng.randint(1, 50) * 1.0, "cost": sign * 1.0, "document": f"D{number // 2}",
            "refers": rng.choice([None, f"D{rng.randrange(110)}"]), "item": rng.choice(["x", "y", "z", None]),
        })  # fmt: skip
    return pd.DataFrame(rows)


def slow(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Revenue by customer and month, every return searched for its sale row by row."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    sums: dict[tuple[str, str], float] = {}
    for row in rows:
        day = row["date"]
        if row["revenue"] < 0:
            own = [one for one in rows if one["revenue"] > 0 and one["customer"] == row["customer"]]
            if row["refers"] is not None:
                days = [one["date"] for one in own if one["document"] == row["refers"]]
                day = min(days, default=day)
            elif row["item"] is not None:
                days = [one["date"] for one in own if one["item"] == row["item"] and one["date"] <= day]
                day = max(days, default=day)
        key = (row["customer"], day[:7])
        sums[key] = sums.get(key, 0.0) + row["revenue"]
    return sums


@pytest.mark.parametrize("engine", ENGINES, ids=["memory", "polars", "duckdb"])
@pytest.mark.parametrize("seed", range(3))
def test_random_rows_against_a_slow_search(seed: int, engine: Callable[[pd.DataFrame], Any]) -> None:
    frame = rows_of(seed)
    ledger = cf.Ledger(engine(frame), item="item", reference="refers", returns="origin")
    table = cf.statement(ledger).by("customer", "month").columns()
    found = dict(zip(zip(table["customer"], table["month"], strict=True), table["revenue"].tolist(), strict=True))
    assert found == slow(frame)


def test_numbers_of_documents_match_texts() -> None:
    frame = sales().assign(document=[1, 2, 3, 4, 5, 6], refers=[None, None, "1", None, "99", "1"])
    ledger = cf.Ledger(frame, reference="refers", returns="origin", item="item")
    assert cf.statement(ledger, period=("2020-12-01", "2020-12-31")).bucket.level == 130.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"returns": "late"}, r"returns is 'late'.*\"booked\" or \"origin\""),
        ({"returns": "origin"}, r"reference=.*item="),
        ({"returns": "origin", "reference": "refers", "document": False}, r"reference= needs the document.*document="),
        ({"returns": "origin", "reference": "no"}, "no column 'no' for reference"),
    ],
)
def test_what_is_missing_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        cf.Ledger(sales(), **options)
