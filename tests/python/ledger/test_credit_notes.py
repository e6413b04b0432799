# Credit notes of tax audit files and of UBL lower revenue and quantity.
"""Room ``ledger``: credit notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pytest

import custfolio as cf

SAF_T: dict[str, list[Any]] = {
    "InvoiceNo": ["FT 1/1", "NC 1/1", "FT 1/2", "NC 1/2", "ND 1/1"],
    "InvoiceDate": ["2024-01-05", "2024-01-09", "2024-02-01", "2024-02-02", "2024-02-03"],
    "InvoiceType": ["FT", "NC", "FT", "NC", "ND"],
    "CustomerID": ["A", "A", "B", "B", "B"],
    "Quantity": [10.0, 2.0, 5.0, 1.0, 1.0],
    "CreditAmount": [100.0, None, 50.0, 10.0, 5.0],
    "DebitAmount": [None, 20.0, None, None, None],
}
UBL: dict[str, list[Any]] = {
    "IssueDate": ["2024-01-05", "2024-01-09", "2024-02-01"],
    "InvoiceTypeCode": [380, 381, 380],
    "AccountingCustomerParty": ["A", "A", "B"],
    "InvoicedQuantity": [10.0, 2.0, 5.0],
    "LineExtensionAmount": [100.0, 20.0, 50.0],
}
UBL_LINES: dict[str, list[Any]] = {
    "cbc:IssueDate": ["2024-01-05", "2024-01-09"],
    "AccountingCustomerParty": ["A", "A"],
    "InvoiceLine/InvoicedQuantity": [10.0, None],
    "CreditNoteLine/CreditedQuantity": [None, 2.0],
    "InvoiceLine/LineExtensionAmount": [100.0, None],
    "CreditNoteLine/LineExtensionAmount": [None, 20.0],
}
UBL_LINE: dict[str, list[Any]] = {
    "IssueDate": ["2024-01-05", "2024-01-09"],
    "AccountingCustomerParty": ["A", "A"],
    "CreditNoteLine": ["", "1"],
    "InvoicedQuantity": [10.0, 2.0],
    "Price/PriceAmount": [10.0, 10.0],
}


@pytest.mark.parametrize(
    ("rows", "revenue", "quantity"),
    [(SAF_T, 125.0, 13.0), (UBL, 130.0, 13.0), (UBL_LINES, 80.0, 8.0), (UBL_LINE, 80.0, 8.0)],
)
def test_credit_notes_lower_revenue_and_quantity(
    read_rows: Callable[..., cf.Ledger], rows: dict[str, list[Any]], revenue: float, quantity: float
) -> None:
    ledger = read_rows(rows)
    assert ledger.rows_rejected == 0
    assert ledger.revenue == revenue
    assert ledger.rows.quantity is not None
    assert ledger.rows.quantity.sum() == quantity


def test_an_amount_in_the_debit_column_is_enough(read_rows: Callable[..., cf.Ledger]) -> None:
    rows = {name: cells for name, cells in SAF_T.items() if name != "InvoiceType"}
    assert read_rows(rows).revenue == 145.0
    both_empty = {name: [*cells, cells[0]] for name, cells in rows.items()}
    both_empty["CreditAmount"][-1] = None
    ledger = read_rows(both_empty)
    assert ledger.rejected.reasons == {"missing revenue": 1}
    assert ledger.revenue == 145.0


def test_a_credit_note_that_is_negative_already_stays_so() -> None:
    rows = {**UBL, "LineExtensionAmount": [100.0, -20.0, 50.0], "cost": [60.0, 12.0, 30.0]}
    ledger = cf.Ledger(pl.DataFrame(rows))
    assert ledger.revenue == 130.0
    assert ledger.rows.cost is not None
    assert ledger.rows.cost.sum() == 78.0


def test_a_debit_that_cannot_be_read_rejects_the_row(read_rows: Callable[..., cf.Ledger]) -> None:
    ledger = read_rows({**SAF_T, "DebitAmount": [None, "much", None, None, None]})
    assert ledger.rejected.columns()["column"] == ["DebitAmount"]
    assert ledger.revenue == 145.0


@pytest.mark.parametrize(
    ("column", "sale", "credit"),
    [
        ("Belegart", "Rechnung", "Gutschrift"),
        ("Soort", "Factuur", "Creditnota"),
        ("Document Type", "Invoice", " Credit Memo"),
        ("Type", "invoice", "CREDIT NOTE"),
        ("Invoice type", "Invoice", "Refund"),
        ("Typ", "RE", "Stornorechnung"),
        ("Type de pièce", "Facture", "Avoir"),
    ],
)
def test_a_kind_of_document_marks_credit_notes(
    read_rows: Callable[..., cf.Ledger], column: str, sale: str, credit: str
) -> None:
    rows: dict[str, list[Any]] = {
        "customer": ["A", "A", "B", "B"],
        "date": ["2024-01-03", "2024-01-05", "2024-01-31", "2024-02-01"],
        column: [sale, credit, sale, credit],
        "amount": [1000.0, 200.0, 500.0, -50.0],
        "cost": [700.0, 140.0, 300.0, -20.0],
        "quantity": [10.0, 2.0, 5.0, 1.0],
    }
    ledger = read_rows(rows)
    assert (ledger.rows_rejected, ledger.revenue) == (0, 1250.0)
    assert ledger.rows.cost is not None and ledger.rows.quantity is not None
    assert (ledger.rows.cost.sum(), ledger.rows.quantity.sum()) == (840.0, 12.0)
    assert ledger.recognised["kind"] == column
    assert repr(credit.strip()) in ledger.notes[0] and "kind=False" in ledger.notes[0]
    assert cf.Ledger(pl.DataFrame(rows), kind=False).revenue == 1650.0


def test_an_unknown_kind_changes_nothing_but_is_noted(read_rows: Callable[..., cf.Ledger]) -> None:
    rows: dict[str, list[Any]] = {
        "customer": ["A", "A"], "date": ["2024-01-03", "2024-01-05"], "Belegart": ["Rechnung", "X9"], "amount": [100.0, 20.0],
    }  # fmt: skip
    ledger = read_rows(rows)
    assert ledger.revenue == 120.0
    assert len(ledger.notes) == 1 and ledger.notes[0].startswith("'X9' in 'Belegart' is neither")


def test_a_type_of_something_else_is_no_kind_of_document() -> None:
    rows = {
        "customer": ["A", "A"],
        "date": ["2024-01-03", "2024-01-05"],
        "Type": ["Wine", "Beer"],
        "amount": [1.0, 2.0],
    }
    ledger = cf.Ledger(pl.DataFrame(rows))
    assert ("kind" in ledger.recognised, ledger.notes, ledger.revenue) == (False, [], 3.0)
    numbers = pl.DataFrame(rows).with_columns(Type=pl.Series([1, 2]))
    assert "kind" not in cf.Ledger(numbers).recognised


def test_price_amounts_of_a_credit_note_have_the_sign_of_its_revenue(read_rows: Callable[..., cf.Ledger]) -> None:
    rows: dict[str, list[Any]] = {
        "customer": ["A", "A", "A"],
        "date": ["2024-01-03", "2024-01-05", "2024-01-07"],
        "Belegart": ["Rechnung", "Gutschrift", "Gutschrift"],
        "amount": [100.0, 20.0, -10.0],
        "bonus": [10.0, 2.0, -1.0],
    }
    ledger = read_rows(rows, rebate="bonus")
    assert ledger.rows.drivers["rebate"].sum() == 7.0
    assert ledger.revenue == 63.0


@pytest.mark.parametrize(
    ("column", "kinds", "revenue", "noted"),
    [
        ("Soort", ["F", "C"], 80.0, "Rows with 'C' in 'Soort' are credit notes"),
        ("Soort", [" f", "c "], 80.0, "Rows with 'c' in 'Soort' are credit notes"),
        ("Factuursoort", ["F", "C"], 80.0, "Rows with 'C' in 'Factuursoort' are credit notes"),
        ("Soort", ["V", "C"], 120.0, "'C', 'V' in 'Soort' is neither"),
        ("Type", ["C", "C"], 120.0, "'C' in 'Type' is neither"),
        ("Belegart", ["R", "G"], 120.0, "'G', 'R' in 'Belegart' is neither"),
    ],
)
def test_kinds_of_one_letter_are_read_as_a_pair_or_noted(
    read_rows: Callable[..., cf.Ledger], column: str, kinds: list[str], revenue: float, noted: str
) -> None:
    rows: dict[str, list[Any]] = {
        "customer": ["A", "A"], "date": ["2024-01-03", "2024-01-05"], column: kinds, "amount": [100.0, 20.0],
    }  # fmt: skip
    ledger = read_rows(rows)
    assert ledger.revenue == revenue
    assert len(ledger.notes) == 1 and ledger.notes[0].startswith(noted)


def test_unknown_statuses_are_listed() -> None:
    """Known failures are left out, known sales are not mentioned, and a note lists the others."""
    statuses = ["Paid", "Rejected", "Afgewezen", "storno", "Chargeback", "On hold", "In behandeling", None]
    frame = pd.DataFrame({"customer": "a", "date": "2021-01-04", "revenue": 10.0, "status": statuses})
    note = "'In behandeling' in 'status' is neither a known sale nor a known failure; such rows count as sales."
    for given in (frame, pl.from_pandas(frame).lazy()):
        ledger = cf.Ledger(given, status="status")
        assert (ledger.revenue, ledger.notes) == (30.0, [note])


def test_signs_that_differ_from_those_of_revenue_are_noted() -> None:
    """Costs below 0 raise the contribution; a note counts them."""
    frame = pd.DataFrame({"customer": ["a"] * 3, "date": ["2021-01-04", "2021-01-05", "2021-01-06"]})
    frame = frame.assign(revenue=[100.0, 50.0, -20.0], cost=[-60.0, -30.0, 12.0], quantity=[1, 1, -1])
    for given in (frame, pl.from_pandas(frame).lazy()):
        (note,) = cf.Ledger(given).notes
        assert "cost below 0 at a revenue above 0 in 2; cost above 0 at a revenue below 0 in 1" in note
    assert not cf.Ledger(frame.assign(cost=[60.0, 30.0, -12.0])).notes
