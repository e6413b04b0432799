# Revenue from a unit price, less refunds and tax, of rows that their status makes a sale.
"""The roles price, refunded, tax and status, in memory and in engines."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

import custfolio as cf

ROWS = pl.DataFrame(
    {
        "date": ["2025-01-06", "2025-01-07", "2025-01-08", "2025-01-09", "2025-01-10", None],
        "customer": ["a", "b", "a", "b", "c", "c"],
        "gross": [121.0, 60.5, 242.0, 12.1, 36.3, 5.0],
        "vat": [21.0, 10.5, 42.0, 2.1, None, 0.0],
        "back": [0.0, 25.0, None, 0.0, 0.0, 0.0],
        "state": ["Paid", "paid", " FAILED ", "Refunded", None, "canceled"],
        "number": [2.0, 1.0, 4.0, 1.0, 3.0, 1.0],
        "each": [60.5, 60.5, 60.5, 12.1, 12.1, 5.0],
    }
)


def test_revenue_is_the_amount_less_tax_and_refunds_of_sales(read_rows: Callable[..., cf.Ledger]) -> None:
    ledger = read_rows(ROWS, revenue="gross", tax="vat", refunded="back", status="state")
    assert ledger.revenue == pytest.approx(100.0 + 25.0 + 10.0 + 36.3)
    assert (ledger.rows_read, ledger.rows_accepted, ledger.rows_rejected, ledger.rows_left_out) == (6, 4, 0, 2)
    left = ledger.left_out.columns()
    assert (list(left["row"]), list(left["value"])) == ([3, 6], [" FAILED ", "canceled"])
    assert set(left["reason"]) == {"no sale, by its status"}
    assert ledger.reconciliation["revenue_rejected"] == 0.0


def test_a_refunded_row_is_no_sale_where_no_column_has_its_refund(read_rows: Callable[..., cf.Ledger]) -> None:
    ledger = read_rows(ROWS, revenue="gross", status="state")
    assert ledger.revenue == pytest.approx(121.0 + 60.5 + 36.3)
    assert ledger.rows_left_out == 3


def test_a_price_that_is_named_makes_revenue(read_rows: Callable[..., cf.Ledger]) -> None:
    rows = ROWS.with_columns(revenue=pl.lit(1.0))
    ledger = read_rows(rows, price="each", quantity="number", refunded="back", status="state")
    assert ledger.revenue == pytest.approx(121.0 + 35.5 + 12.1 + 36.3)


def test_a_refund_has_either_sign_and_must_be_a_number(read_rows: Callable[..., cf.Ledger]) -> None:
    rows = pl.DataFrame(
        {"date": ["2025-01-06"] * 3, "customer": ["a"] * 3, "revenue": [50.0] * 3, "back": ["-20", "20", "some"]}
    )
    ledger = read_rows(rows, refunded="back")
    assert ledger.revenue == 60.0
    assert ledger.rejected.reasons == {"refunded is not a number": 1}


def test_price_needs_a_quantity_and_no_revenue() -> None:
    with pytest.raises(cf.InputError, match="price= needs the quantity of each row; name its column: quantity="):
        cf.Ledger(ROWS, price="each")
    with pytest.raises(cf.InputError, match="revenue= and price= are both given"):
        cf.Ledger(ROWS, price="each", quantity="number", revenue="gross")


def test_a_ledger_of_no_sale_is_an_error() -> None:
    with pytest.raises(cf.InputError, match=r"no row .* can be used: .*2 x no sale, by its status"):
        cf.Ledger(ROWS.with_columns(state=pl.lit("failed")).head(2), revenue="gross", status="state")


def test_a_pickled_ledger_keeps_what_was_left_out() -> None:
    import pickle

    ledger = pickle.loads(pickle.dumps(cf.Ledger(ROWS, revenue="gross", status="state")))
    assert ledger.rows_left_out == 3
    assert cf.statement(ledger, cf.CostModel(rates={})).reconciliation.exact
