# The cost of a row from its quantity and the cost of a unit.
"""The role unit_cost, in memory and in engines."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

import custfolio as cf
from custfolio.errors import InputError


def sales(**columns: list[Any]) -> pl.DataFrame:
    rows = {"date": ["2025-01-06"] * 4, "customer": list("abab"), "revenue": [40.0, 60.0, 80.0, 20.0]}
    return pl.DataFrame(rows | {"quantity": [4.0, 6.0, 8.0, 2.0], "purchase_price": [7.0, 5.0, 6.0, 9.0]} | columns)


def costs(ledger: cf.Ledger) -> dict[str, float]:
    """Return the cost of goods of each customer."""
    figures = cf.statement(ledger, cf.CostModel(rates={})).portfolio.columns()
    return dict(zip(figures["customer_id"], figures["goods"].tolist(), strict=True))


def test_the_cost_of_a_row_is_quantity_times_unit_cost(read_rows: Callable[..., cf.Ledger]) -> None:
    ledger = read_rows(sales())
    assert costs(ledger) == pytest.approx({"a": 76.0, "b": 48.0})
    assert (ledger.recognised["unit_cost"], len(ledger.gaps), ledger.notes) == ("purchase_price", 0, [])
    assert "cost" not in ledger.recognised
    assert ledger.rows.cost is not None


def test_a_named_unit_cost_replaces_a_recognised_cost(read_rows: Callable[..., cf.Ledger]) -> None:
    rows = sales(cost=[1.0] * 4).rename({"purchase_price": "each"})
    assert costs(read_rows(rows, unit_cost="each")) == pytest.approx({"a": 76.0, "b": 48.0})


def test_the_cost_of_the_row_comes_first_and_is_noted(read_rows: Callable[..., cf.Ledger]) -> None:
    ledger = read_rows(sales(cost=[1.0] * 4))
    assert costs(ledger) == pytest.approx({"a": 2.0, "b": 2.0})
    assert ledger.notes == ["The cost is 'cost', not 'purchase_price' times the quantity; unit_cost=... chooses that."]
    assert read_rows(sales(cost=[1.0] * 4), cost="cost").notes == []


def test_a_return_gives_its_cost_back(read_rows: Callable[..., cf.Ledger]) -> None:
    rows = sales(revenue=[40.0, -60.0, -80.0, 0.0], quantity=[4.0, -6.0, 8.0, -2.0])
    assert costs(read_rows(rows)) == pytest.approx({"a": 28.0 - 48.0, "b": -30.0 - 18.0})


def test_a_credit_note_gives_its_cost_back(read_rows: Callable[..., cf.Ledger]) -> None:
    rows = sales(InvoiceTypeCode=["380", "381", "381", "380"], revenue=[40.0, 60.0, -80.0, 20.0])
    assert costs(read_rows(rows)) == pytest.approx({"a": 28.0 - 48.0, "b": -30.0 + 18.0})


def test_a_unit_price_and_a_unit_cost_share_the_quantity(read_rows: Callable[..., cf.Ledger]) -> None:
    rows = sales(quantity=[4.0, 6.0, 8.0, -2.0]).rename({"revenue": "unit_price"})
    ledger = read_rows(rows)
    assert ledger.revenue == 160.0 + 360.0 + 640.0 - 40.0
    assert costs(ledger) == pytest.approx({"a": 76.0, "b": 30.0 - 18.0})


@pytest.mark.parametrize(
    ("columns", "lost"),
    [
        ({"purchase_price": [7.0, None, 6.0, 9.0]}, [1]),
        ({"purchase_price": ["7", "5", "unknown", ""]}, [2, 3]),
        ({"quantity": [4.0, 6.0, None, 2.0]}, [2]),
        ({"quantity": ["4", "6", "8", "many"]}, [3]),
        ({"quantity": [4.0, float("inf"), 8.0, 2.0]}, [1]),
        ({"quantity": [None, 6.0, 8.0, 2.0], "purchase_price": [7.0, None, 6.0, 9.0]}, [0, 1]),
        ({"quantity": [1e14, 6.0, 8.0, 2.0], "purchase_price": [1e14, 5.0, 6.0, 9.0]}, [0]),
    ],
)
def test_a_gap_in_a_factor_is_a_missing_cost(
    read_rows: Callable[..., cf.Ledger], columns: Any, lost: list[int]
) -> None:
    rows = sales(**columns)
    revenue = [40.0, 60.0, 80.0, 20.0]
    known = dict(enumerate([28.0, 30.0, 48.0, 18.0]))
    for k in lost:
        del known[k]
    filled = {k: known.get(k, 0.5 * revenue[k]) for k in range(4)}
    ledger = read_rows(rows, missing_cost=0.5)
    assert (ledger.rows_accepted, ledger.revenue) == (4, 200.0)
    assert costs(ledger) == pytest.approx({"a": filled[0] + filled[2], "b": filled[1] + filled[3]})
    gaps = ledger.gaps.columns()
    (at,) = [k for k, role in enumerate(gaps["role"]) if role == "cost"]
    assert gaps["column"][at] == "quantity x purchase_price"
    assert (gaps["rows"][at], gaps["revenue"][at]) == (len(lost), sum(revenue[k] for k in lost))
    mean = sum(known.values()) / sum(revenue[k] for k in known)
    whole = sum(known.values()) + mean * sum(revenue[k] for k in lost)
    assert sum(costs(read_rows(rows)).values()) == pytest.approx(whole)
    rejected = read_rows(rows, missing_cost="reject").rejected.columns()
    assert [row - 1 for row in rejected["row"]] == lost
    assert all(rejected["reason"])


def test_rejected_rows_name_the_factor_that_is_wrong(read_rows: Callable[..., cf.Ledger]) -> None:
    rows = sales(purchase_price=["7", "unknown", "6", "9"], quantity=[4.0, 6.0, 8.0, 1e300])
    rejected = read_rows(rows, missing_cost="reject").rejected.columns()
    assert list(rejected["column"]) == ["purchase_price", "quantity"]
    assert rejected["value"][0] == "unknown"
    assert rejected["reason"][0] == "unit_cost is not a number"


def test_a_recognised_unit_cost_without_a_cell_is_left_out(read_rows: Callable[..., cf.Ledger]) -> None:
    ledger = read_rows(sales(purchase_price=["", "", "", ""]))
    assert ledger.rows.cost is None
    assert "unit_cost" not in ledger.recognised
    gaps = ledger.gaps.columns()
    assert (list(gaps["role"]), list(gaps["taken_as"])) == (["cost"], ["empty, so left out"])


def exact_cost(row: dict[str, Any]) -> Decimal | None:
    """Return the cost of a row in decimals, None where it is missing."""
    quantity, unit = row["quantity"], row["inkoopprijs"]
    if quantity is None or unit is None:
        return None
    cost = Decimal(quantity) * Decimal(unit.replace(",", "."))
    return -abs(cost) if Decimal(row["omzet"].replace(",", ".")) < 0 else cost


def test_every_source_equals_exact_decimals_row_by_row(read_rows: Callable[..., cf.Ledger]) -> None:
    draw = random.Random(7)
    rows = []
    for k in range(3_000):
        units, cents = draw.choice([-3, -1, 0, 1, 2, 24, None]), draw.randint(-30_000, 90_000)
        rows.append(
            {
                "datum": f"2025-0{draw.randint(1, 9)}-11", "klant": f"K{k % 37:02}", "omzet": f"{cents / 100:.2f}".replace(".", ","),
                "quantity": units, "inkoopprijs": draw.choice([None, f"{draw.randint(0, 9999) / 100:.2f}".replace(".", ",")]),
            }
        )  # fmt: skip
    expected: dict[str, Decimal] = {}
    for customer, own in itertools.groupby(sorted(rows, key=lambda row: row["klant"]), key=lambda row: row["klant"]):
        expected[customer] = sum((exact_cost(row) or Decimal(0) for row in own), Decimal(0))
    missing = sum(exact_cost(row) is None for row in rows)
    ledger = read_rows(pl.DataFrame(rows), missing_cost=0.0)
    assert ledger.recognised["unit_cost"] == "inkoopprijs"
    assert {name: round(Decimal(cost), 2) for name, cost in costs(ledger).items()} == expected
    gaps = ledger.gaps.columns()
    assert gaps["rows"][list(gaps["role"]).index("cost")] == missing


def test_a_unit_cost_needs_a_quantity() -> None:
    rows = sales().drop("quantity")
    with pytest.raises(InputError, match="unit_cost= needs the quantity of each row; name its column: quantity="):
        cf.Ledger(rows, unit_cost="purchase_price")
    with pytest.raises(InputError, match="unit_cost= needs the quantity"):
        cf.Ledger(sales(), unit_cost="purchase_price", quantity=False)
    ledger = cf.Ledger(rows)
    assert ledger.rows.cost is None
    assert ledger.notes == [
        "The unit cost 'purchase_price' is not used, since there is no quantity; name its column: quantity=..."
    ]


def test_a_cost_and_a_unit_cost_cannot_both_be_named() -> None:
    with pytest.raises(InputError, match="cost= and unit_cost= are both given"):
        cf.Ledger(sales(cost=[1.0] * 4), cost="cost", unit_cost="purchase_price")
    with pytest.raises(InputError, match="no column 'purchase' for unit_cost; did you mean 'purchase_price'"):
        cf.Ledger(sales(), unit_cost="purchase")
    with pytest.raises(InputError, match="unit_cost could be any of 'purchase_price', 'Stückkosten'"):
        cf.Ledger(sales(Stückkosten=[1.0] * 4))


@pytest.mark.parametrize("option", ["cost", "unit_cost"])
def test_none_and_false_leave_the_unit_cost_out(option: str) -> None:
    for nothing in (None, False):
        ledger = cf.Ledger(sales(), **{option: nothing})
        assert ledger.rows.cost is None
        assert ledger.notes == []


def test_amounts_in_another_currency_are_exchanged() -> None:
    rows = sales(purchase_price=["$7", "€5", "€6", "€9"])
    assert costs(cf.Ledger(rows, rates={"USD": 0.5})) == pytest.approx({"a": 14.0 + 48.0, "b": 48.0})
    column = sales(currency=["USD", "EUR", "EUR", "USD"])
    for rows in (column, column.lazy()):
        ledger = cf.Ledger(rows, currency="EUR", rates={"USD": 0.5}, currency_column="currency")
        assert ledger.revenue == 20.0 + 60.0 + 80.0 + 10.0
        assert costs(ledger) == pytest.approx({"a": 14.0 + 48.0, "b": 30.0 + 9.0})
