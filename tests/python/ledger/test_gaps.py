# A gap in an optional column costs no row; it is counted, and a recognised column without any cell is left out.
"""Room ``ledger``: gaps in optional columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

import custfolio as cf


def sales(**columns: list[Any]) -> dict[str, list[Any]]:
    return {
        "date": ["2025-01-06", "2025-01-06", "2025-01-07"],
        "customer": ["a", "a", "a"],
        "revenue": [100.0, 50.0, 70.0],
        **columns,
    }


@pytest.mark.parametrize(
    ("role", "cells", "total"),
    [
        ("quantity", [5.0, None, 7.0], 12.0),
        ("quantity", ["5", "", "7"], 12.0),
        ("quantity", ["5", "many", "7"], 12.0),
        ("lines", [2.0, None, 3.0], 6.0),
        ("document", ["D1", None, "D3"], 3),
        ("document", ["D1", " ", "D3"], 3),
        ("document", [1, None, 3], 3),
        ("km", [2.0, None, 3.0], 5.0),
    ],
)
def test_a_gap_costs_no_row(read_rows: Callable[..., cf.Ledger], role: str, cells: list[Any], total: float) -> None:
    options = {"drivers": {"km": "km"}} if role == "km" else {}
    ledger = read_rows(sales(**{role: cells}), **options)
    assert (ledger.rows_rejected, ledger.revenue) == (0, 220.0)
    gaps = ledger.gaps.columns()
    assert [gaps[name][0] for name in ("column", "rows", "revenue")] == [role, 1, 50.0]
    assert f"gaps in {role}" in repr(ledger)
    rate = {"document": "deliveries"}.get(role, role)
    stated = cf.statement(ledger, cf.CostModel({rate: 1.0}))
    assert stated.columns()[f"cost of {rate}"].sum() == total
    assert ledger.gaps.plot().to_dict()


def test_rows_of_a_day_without_a_document_are_one_delivery(read_rows: Callable[..., cf.Ledger]) -> None:
    ledger = read_rows(sales(document=["D1", None, None]))
    assert cf.statement(ledger, cf.CostModel()).portfolio.columns()["deliveries"].tolist() == [3.0]
    ledger = read_rows(sales(document=[None, None, "D1"]))
    assert cf.statement(ledger, cf.CostModel()).portfolio.columns()["deliveries"].tolist() == [2.0]


def test_a_recognised_column_that_is_empty_is_left_out(read_rows: Callable[..., cf.Ledger]) -> None:
    rows = sales(
        **{"Invoice ID": pl.Series([None] * 3, dtype=pl.String), "qty": pl.Series([None] * 3, dtype=pl.Float64)}
    )
    rows = {name: list(cells) for name, cells in rows.items()}
    ledger = read_rows(rows)
    assert (ledger.rows_rejected, ledger.revenue) == (0, 220.0)
    assert ledger.recognised == {"customer": "customer", "date": "date", "revenue": "revenue"}
    assert ledger.gaps.columns()["taken_as"] == ["empty, so left out"] * 2
    assert ledger.rows.document is None
    assert cf.statement(ledger, cf.CostModel()).portfolio.columns()["deliveries"].tolist() == [2.0]


def test_a_column_that_was_named_stays_though_it_is_empty(read_rows: Callable[..., cf.Ledger]) -> None:
    ledger = read_rows(sales(pieces=["", "", ""]), quantity="pieces")
    assert ledger.recognised["quantity"] == "pieces"
    assert ledger.rows.quantity is not None
    assert ledger.gaps.columns()["rows"].tolist() == [3]


@pytest.mark.parametrize("nothing", [None, False])
def test_none_switches_a_column_off(nothing: Any) -> None:
    rows = sales(document=["D1", "D2", "D3"], cost=[1.0, 2.0, 3.0], name=["A", "A", "A"])
    ledger = cf.Ledger(pl.DataFrame(rows), document=nothing, cost=nothing, name=nothing)
    assert set(ledger.recognised) == {"customer", "date", "revenue"}
    assert cf.statement(ledger, cf.CostModel()).portfolio.columns()["deliveries"].tolist() == [2.0]


def test_a_gap_in_a_factor_of_revenue_rejects_the_row() -> None:
    rows = {"date": ["2025-01-06"] * 2, "customer": ["a"] * 2, "quantity": [2.0, None], "unit_price": [5.0, 6.0]}
    for ledger in (cf.Ledger(pl.DataFrame(rows)), cf.Ledger(pl.LazyFrame(rows))):
        assert (ledger.rows_rejected, ledger.revenue) == (1, 10.0)


def test_gaps_of_rejected_rows_do_not_count() -> None:
    rows = sales(quantity=[1.0, None, None]) | {"customer": ["a", None, "a"]}
    for ledger in (cf.Ledger(pl.DataFrame(rows)), cf.Ledger(pl.LazyFrame(rows))):
        assert (ledger.rows_rejected, ledger.gaps.columns()["rows"].tolist()) == (1, [1])
