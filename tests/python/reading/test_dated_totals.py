# Tests of rows of totals that have a date: found by their name and their sum, never silently.
"""A subtotal with a date is no sale; a customer with such a name is one."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

import custfolio as cf

WORDS = {"Totaal {}": "A", "Total customer {}": "B", "Subtotal {}": "C", "Summe {}": "D", "Gesamt: {}": "E"}


def rows_with_totals(seed: int) -> tuple[list[tuple[str, str, float]], float, list[int]]:
    """Rows in blocks of customers with a subtotal below each, the sum of the sales, and the rows of totals from 1."""
    rng = random.Random(seed)
    rows: list[tuple[str, str, float]] = []
    totals = []
    whole = 0.0
    for word, customer in WORDS.items():
        own = [round(rng.uniform(-20, 90), 2) for _ in range(rng.randint(1, 6))]
        rows += [(customer, f"2021-03-{rng.randint(1, 28):02d}", amount) for amount in own]
        rows.append((word.format(customer), "2021-03-31", round(sum(own), 2)))
        totals.append(len(rows))
        whole += sum(own)
        if customer == "C":
            rows.append(("Sous-total", "2021-03-31", round(whole, 2)))
            totals.append(len(rows))
    rows.append(("Grand total", "2021-03-31", round(whole, 2)))
    return rows, round(whole, 2), [*totals, len(rows)]


def sources(rows: list[tuple[str, str, float]], folder: Path) -> dict[str, Any]:
    frame = pd.DataFrame(rows, columns=["customer", "date", "revenue"])
    frame.to_csv(folder / "s.csv", index=False)
    frame.to_csv(folder / "t.csv", index=False)
    frame.to_excel(folder / "s.xlsx", index=False)
    return {
        "pandas": cf.Ledger(frame), "polars": cf.Ledger(pl.DataFrame(frame)), "lazy": cf.Ledger(pl.DataFrame(frame).lazy()),
        "duckdb": cf.Ledger(duckdb.from_df(frame)), "csv": cf.Ledger.read(folder / "s.csv"),
        "xlsx": cf.Ledger.read(folder / "s.xlsx"), "two": cf.Ledger.read([folder / "s.csv", folder / "t.csv"]),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_subtotals_with_a_date_are_left_out_and_listed(seed: int, tmp_path: Path) -> None:
    rows, whole, totals = rows_with_totals(seed)
    for name, ledger in sources(rows, tmp_path).items():
        times = 2 if name == "two" else 1
        first = 2 if name == "xlsx" else 1
        assert ledger.revenue == pytest.approx(times * whole), name
        left_out = ledger.left_out.columns()
        assert sorted(left_out["row"].tolist()) == sorted([row + first - 1 for row in totals] * times), name
        assert set(left_out["reason"]) == {"a line of totals"}
        assert "Sous-total" in left_out["value"]
        assert ledger.customers == len(WORDS)
        assert ledger.notes == []


def test_a_customer_named_total_is_a_customer(tmp_path: Path) -> None:
    rows = [
        ("Total Energies", "2021-01-04", 50.0), ("A", "2021-01-05", 50.0), ("Total Energies", "2021-01-05", 50.0),
        ("Total Energies", "2021-01-06", 70.0), ("B", "2021-01-07", 5.0), ("Total B", "2021-01-07", 6.0),
    ]  # fmt: skip
    for name, ledger in sources(rows, tmp_path).items():
        times = 2 if name == "two" else 1
        assert ledger.revenue == times * 231.0, name
        assert len(ledger.left_out) == 0
        assert len(ledger.notes) == 1
        assert ledger.notes[0] == (
            f"{4 * times} rows of a customer such as 'Total Energies' count as sales: the name begins with a word for total, but the "
            "amount is not the sum of the rows above."
        )


def test_rows_that_are_rejected_are_in_no_total() -> None:
    frame = pd.DataFrame({
        "customer": ["A", "A", None, "A", "Total A"], "date": ["2021-01-04"] * 5, "revenue": ["10", "x", "5", "20", "30"],
    })  # fmt: skip
    ledger = cf.Ledger(frame)
    assert (ledger.revenue, ledger.rows_rejected, ledger.rows_left_out) == (30.0, 2, 1)
    assert ledger.left_out.columns()["row"].tolist() == [5]


@pytest.mark.parametrize("word", ["Total", "Totaal A"])
def test_a_total_in_the_column_of_documents_is_no_sale(word: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "customer": [1, 1, 1, 2], "document": ["a7", "a8", word, "a9"],
        "date": ["2024-01-01", "2024-01-02", "2024-01-31", "2024-01-04"], "revenue": [60.0, 50.0, 110.0, 5.0],
    })  # fmt: skip
    frame.to_csv(tmp_path / "s.csv", index=False)
    frame.to_excel(tmp_path / "s.xlsx", index=False)
    files = [cf.Ledger.read(tmp_path / name) for name in ("s.csv", "s.xlsx")]
    for ledger in (cf.Ledger(frame), cf.Ledger(pl.DataFrame(frame).lazy()), *files):
        assert (ledger.revenue, ledger.left_out.columns()["value"]) == (115.0, [word])
    frame.loc[2, "revenue"] = 111.0
    assert cf.Ledger(frame).revenue == 226.0


def test_a_total_beside_the_name_of_a_customer_is_no_sale(tmp_path: Path) -> None:
    """A subtotal may have the id of its customer, and its word in the column of names."""
    rows = ["1,Acme,2024-01-01,60", "1,Acme,2024-01-02,50", "1,Total Acme,2024-01-03,110", "2,Bakker,2024-01-04,5"]
    path = tmp_path / "s.csv"
    path.write_text("\n".join(["customer_id,customer_name,date,revenue", *rows]))
    for ledger in (cf.Ledger.read(path), cf.Ledger(pd.read_csv(path))):
        assert (ledger.revenue, ledger.rows_left_out) == (115.0, 1)
    path.write_text("\n".join(["customer_id,customer_name,date,revenue", "1,Total Energies,2024-01-01,60", *rows[:2]]))
    assert cf.Ledger.read(path).revenue == 170.0
