# The cost of credit: invoices of any frame, their order of day and month, and the columns of the statement.
"""Receivables of a statement."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import custfolio as cf

SALES = pd.DataFrame(
    {
        "customer": ["a", "b", "a"],
        "date": ["2021-01-04", "2021-01-05", "2021-06-30"],
        "revenue": [600.0, 500.0, 400.0],
        "cost": [300.0, 300.0, 200.0],
    }
)
INVOICES: dict[str, list[Any]] = {
    "customer": ["a", "a", "a", "b", "stranger"],
    "invoice": ["2021-01-04", "2021-01-04", "2021-06-30", "2021-01-05", "2021-01-05"],
    "due": ["2021-02-03", "2021-02-03", "2021-07-30", None, None],
    "paid": ["2021-02-03", "2021-03-05", None, "2021-01-05", "2021-01-15"],
    "amount": [200.0, 400.0, 400.0, 500.0, 365.0],
}
MODEL = cf.CostModel(credit_rate=0.08)


def test_days_and_cost_of_each_customer() -> None:
    stated = cf.statement(cf.Ledger(SALES), MODEL, ("2021-01-01", "2021-12-31"), receivables=pd.DataFrame(INVOICES))
    found = stated.to_frame("pandas").set_index("customer_id")
    # 200 for 30 days, 400 for 60, and 400 from 30 June to the end of the year.
    owed = 200 * 30 + 400 * 60 + 400 * 184
    assert found.dso["a"] == pytest.approx(owed / 1000)
    assert found.days_late["a"] == pytest.approx((400 * 30 + 400 * 154) / 1000)
    assert found.credit_cost["a"] == pytest.approx(0.08 * owed / 365)
    assert found.dso["b"] == 0.0
    assert np.isnan(found.days_late["b"])
    assert found.contribution["a"] == pytest.approx(500 - 0.08 * owed / 365)
    rows = stated.reconciliation
    assert rows.credit_not_attributed == pytest.approx(0.08 * 10)
    assert rows.credit_in == pytest.approx(rows.credit_charged + rows.credit_not_attributed)
    assert rows.exact
    assert "cost of credit in" in rows.columns()["item"]
    assert stated.bucket.heat == pytest.approx(700 - rows.credit_charged)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("kind", ["text", "day first", "dates"])
def test_every_frame_and_way_to_write_days_gives_the_same(make: Any, kind: str) -> None:
    invoices = dict(INVOICES)
    for column in ("invoice", "due", "paid"):
        texts = INVOICES[column]
        if kind == "day first":  # 04/01 alone could be April; 30/06 settles the order for all columns
            invoices[column] = [None if text is None else "/".join(reversed(text.split("-"))) for text in texts]
        elif kind == "dates":
            invoices[column] = [None if text is None else pd.Timestamp(text).date() for text in texts]
    period = ("2021-01-01", "2021-12-31")
    found = cf.statement(cf.Ledger(SALES), MODEL, period, receivables=make(invoices))
    wanted = cf.statement(cf.Ledger(SALES), MODEL, period, receivables=pd.DataFrame(INVOICES))
    for name in ("dso", "days_late", "credit_cost"):
        np.testing.assert_array_equal(found.columns()[name], wanted.columns()[name])


@pytest.mark.skipif("CUSTFOLIO_DATA" not in os.environ, reason="needs the full invoices in CUSTFOLIO_DATA")
def test_the_invoices_of_an_export_have_their_published_sums() -> None:
    file = Path(os.environ["CUSTFOLIO_DATA"]) / "receivables" / "accounts_receivable.csv"
    invoices = pd.read_csv(file, dtype={"customerID": str})
    roles = {"customer": "customerID", "date": "InvoiceDate", "revenue": "InvoiceAmount"}
    ledger = cf.Ledger(invoices, **roles, document=None, missing_cost=0)
    stated = cf.statement(ledger, MODEL, receivables=invoices)
    core = stated.portfolio.core
    assert stated.bucket.level == pytest.approx(147_703.18, abs=0.005)
    assert (core.dso * core.revenue).sum() / stated.bucket.level == pytest.approx(26.7006, abs=5e-5)
    assert stated.reconciliation.credit_charged == pytest.approx(864.39, abs=0.005)
    late = invoices.groupby("customerID").apply(
        lambda each: np.average(each.DaysLate, weights=each.InvoiceAmount), include_groups=False
    )
    np.testing.assert_allclose(core.days_late, late[core.id], rtol=1e-12, atol=1e-12)


def test_days_sales_outstanding_in_place_of_invoices() -> None:
    days = pd.DataFrame({"customer_id": ["a"], "DSO": [45.0], "terms": [30]})
    stated = cf.statement(cf.Ledger(SALES), MODEL, receivables=days)
    found = stated.to_frame("pandas").set_index("customer_id")
    assert found.credit_cost["a"] == pytest.approx(0.08 * 1000 * 45 / 365)
    assert found.days_late["a"] == 15
    assert found.credit_cost["b"] == 0.0
    assert np.isnan(found.dso["b"])


def test_a_plan_counts_the_cost_of_credit_in_its_baseline() -> None:
    rows = [(name, f"20{year}-{month:02d}-05") for name in "ab" for year in (19, 20, 21) for month in range(1, 13)]
    frame = pd.DataFrame(rows, columns=["customer", "date"]).assign(revenue=100.0, cost=60.0)
    ledger = cf.Ledger(frame)
    days = pd.DataFrame({"customer": ["a", "b"], "dso": [36.5, 36.5]})
    year = ("2021-01-01", "2021-12-31")
    stated = cf.statement(ledger, cf.CostModel(credit_rate=0.1), year, receivables=days)
    assert stated.bucket.temperature == pytest.approx(0.39)
    foreseen = cf.lifetime.baseline(ledger, stated.portfolio, start="2022-01", months=12)
    assert foreseen.core.heat.sum() / foreseen.core.level.sum() == pytest.approx(0.39, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"amount": [1.0, "many", 1.0, 1.0, 1.0]}, "receivables, row 2: amount is not a number"),
        ({"amount": [1.0, None, 1.0, 1.0, 1.0]}, "receivables, row 2: missing amount"),
        ({"invoice": ["2021-01-04", "soon", None, None, None]}, "receivables, row 2: invoice is not a date"),
        ({"paid": ["2021-02-03", "never", None, None, None]}, "receivables, row 2: paid is not a date"),
        ({"amount": None}, "receivables have no column amount"),
    ],
)
def test_bad_receivables_are_named(change: dict[str, Any], told: str) -> None:
    invoices = pd.DataFrame({name: values for name, values in (INVOICES | change).items() if values is not None})
    with pytest.raises(cf.InputError, match=told):
        cf.statement(cf.Ledger(SALES), MODEL, receivables=invoices)


def test_an_invoice_without_its_day_has_the_due_day_less_terms_or_is_listed() -> None:
    period = ("2021-01-01", "2021-12-31")
    wanted = cf.statement(cf.Ledger(SALES), MODEL, period, receivables=pd.DataFrame(INVOICES)).columns()
    frame = pd.DataFrame(INVOICES).assign(terms=[30, 30, 30, None, None])
    partly = frame.assign(invoice=[None, "2021-01-04", None, "2021-01-05", "2021-01-05"])
    found = cf.statement(cf.Ledger(SALES), MODEL, period, receivables=partly)
    assert found.notes == []
    for name in ("dso", "days_late", "credit_cost"):
        np.testing.assert_array_equal(found.columns()[name], wanted[name])
    stated = cf.statement(cf.Ledger(SALES), MODEL, period, receivables=frame.drop(columns="invoice"))
    assert stated.notes == [
        "Receivables: 2 rows (of 5) have neither an invoice day nor a due day with terms, so 865.00 costs no credit: rows 4, 5."
    ]
    assert stated.columns()["credit_cost"][0] == wanted["credit_cost"][0]
    assert stated.columns()["credit_cost"][1] == 0.0
    kept = partly.assign(terms=None).dropna(subset="invoice")
    left = cf.statement(cf.Ledger(SALES), MODEL, period, receivables=partly.drop(columns="terms"))
    np.testing.assert_array_equal(
        left.columns()["credit_cost"],
        cf.statement(cf.Ledger(SALES), MODEL, period, receivables=kept).columns()["credit_cost"],
    )
    assert left.notes[0].endswith("rows 1, 3.")
    with pytest.raises(cf.InputError, match="receivables, row 1: terms is not a number"):
        cf.statement(cf.Ledger(SALES), MODEL, receivables=partly.assign(terms="soon"))


def test_a_credit_rate_without_receivables_names_both() -> None:
    with pytest.raises(cf.NotFoundError, match=r"credit rate of 0\.08, but there are no receivables"):
        cf.statement(cf.Ledger(SALES), MODEL)
    with pytest.raises(cf.InputError, match=r"credit rate.*0\.08|0\.08"):
        cf.CostModel(credit_rate=8)
    early = pd.DataFrame({"customer": ["b", "a"], "dso": [30.0, -365.0]})
    with pytest.raises(
        cf.InputError, match=r"receivables, row 2: dso of customer 'a' is -365\.0; it must be >= 0 days"
    ):
        cf.statement(cf.Ledger(SALES), MODEL, receivables=early)
    terms = pd.DataFrame({"customer": ["b", "a"], "dso": [30.0, 30.0], "terms": [-1.0, 10.0]})
    with pytest.raises(cf.InputError, match=r"receivables, row 1: terms of customer 'b' is -1\.0"):
        cf.statement(cf.Ledger(SALES), MODEL, receivables=terms)
    twice = pd.DataFrame({"customer": ["a", "a"], "dso": [1.0, 2.0]})
    with pytest.raises(cf.InputError, match="row 1: the customer has another row"):
        cf.statement(cf.Ledger(SALES), MODEL, receivables=twice)


def test_receivables_have_the_names_days_and_amounts_of_a_ledger() -> None:
    dutch = pd.DataFrame(
        {
            "Klantnr": ["a", " a", "a ", "b", "stranger"],
            "Factuurdatum": ["04-01-2021", "04-01-2021", "30-06-2021", "05-01-2021", "05-01-2021"],
            "Vervaldatum": ["03-02-2021", "03-02-2021", "30-07-2021", None, None],
            "Betaaldatum": ["03-02-2021", "05-03-2021", None, "05-01-2021", "15-01-2021"],
            "Bedrag": ["200,00", "400,00", "400,00", "500,00", "365,00"],
        }
    )
    period = ("2021-01-01", "2021-12-31")
    wanted = cf.statement(cf.Ledger(SALES), MODEL, period, receivables=pd.DataFrame(INVOICES)).columns()
    found = cf.statement(cf.Ledger(SALES), MODEL, period, receivables=dutch).columns()
    for name in ("dso", "days_late", "credit_cost"):
        np.testing.assert_array_equal(found[name], wanted[name])
    open_days = dutch.assign(Factuurdatum="03-04-2025", Vervaldatum="03-05-2025", Betaaldatum="04-05-2025")
    with pytest.raises(cf.InputError, match=r"receivables: day .* write days as 2021-12-31, or give a column of dates"):
        cf.statement(cf.Ledger(SALES), MODEL, receivables=open_days)
