# Usual column names in four languages and of the common systems, and what a choice by name assumes.
"""Columns recognised by their names."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import custfolio as cf
from custfolio._reading.columns import role_of
from custfolio._reading.usual_names import USUAL_NAMES

DAYS = ["2021-01-04", "2021-01-05"]


def ledger_of(names: dict[str, list[Any]], **options: Any) -> cf.Ledger:
    return cf.Ledger(pd.DataFrame(names), **options)


@pytest.mark.parametrize(
    "columns",
    [
        {"customer": "Klantnr", "date": "Leverdatum", "revenue": "Bedrag", "cost": "Kostprijs"},
        {"customer": "Klantnummer", "date": "Factuurdatum", "revenue": "Omzet excl. btw", "quantity": "Aantal"},
        {"customer": "Debiteurnr.", "date": "Boekingsdatum", "revenue": "Netto-omzet", "document": "Factuurnr."},
        {"customer": "Kunden-Nr.", "date": "Rechnungsdatum", "revenue": "Umsatz (EUR)", "quantity": "Stückzahl"},
        {"customer": "KUNDENNUMMER", "date": "Buchungsdatum", "revenue": "Nettobetrag", "cost": "Wareneinsatz"},
        {"customer": "Kunde", "date": "Belegdatum", "revenue": "Erloese", "document": "Beleg-Nr."},
        {"customer": "N° client", "date": "Date de facture", "revenue": "Montant H.T.", "quantity": "Qté"},
        {"customer": "Numéro de client", "date": "Date de livraison", "revenue": "Chiffre d'affaires", "cost": "Cout de revient"},
        {"customer": "Customer Name", "date": "Order Date", "revenue": "Total Amount"},
        {"customer": "KUNNR", "date": "BUDAT", "revenue": "ERLOS", "quantity": "ABSMG"},
        {"customer": "KUNAG", "date": "FKDAT", "revenue": "NETWR", "cost": "WAVWR", "quantity": "FKIMG", "document": "VBELN"},
        {"customer": "partner_id", "date": "invoice_date", "revenue": "price_subtotal", "quantity": "quantity"},
        {"customer": "customer", "date": "posting_date", "revenue": "base_net_amount", "cost": "buying_amount"},
        {"customer": "CustomerID", "date": "InvoiceDate", "revenue": "CreditAmount", "document": "InvoiceNo"},
        {"customer": "Klant", "date": "Datum", "revenue": "Omzet", "quantity": "Aantal", "unit_cost": "Inkoopprijs excl. btw"},
        {"customer": "Kunde", "date": "Datum", "revenue": "Umsatz", "quantity": "Menge", "unit_cost": "Einstandspreis (EUR)"},
        {"customer": "Client", "date": "Jour", "revenue": "Montant", "quantity": "Qté", "unit_cost": "Prix d'achat HT"},
        {"customer": "customer", "date": "date", "revenue": "amount", "quantity": "qty", "unit_cost": "Cost price per unit"},
        {"customer": "Customer ID:", "date": "InvoiceDate", "quantity": "Quantity", "price": "Price", "document": "Invoice"},
    ],
)  # fmt: skip
def test_usual_names_are_recognised(columns: dict[str, str]) -> None:
    cells = {"customer": ["a", "b"], "date": DAYS, "document": ["1", "2"]}
    found = ledger_of({name: cells.get(role, [10.0, 20.0]) for role, name in columns.items()})
    assert {role: found.recognised[role] for role in columns} == columns


def test_case_accents_spaces_and_punctuation_do_not_matter() -> None:
    for names in USUAL_NAMES.values():
        for name in (name for group in names for name in group):
            assert role_of(name) is not None
            assert role_of(name.upper().replace("_", " ")) == role_of(name)
            assert role_of(f" {name.replace('_', '-')}.: ") == role_of(name)
    assert role_of("Qte") == role_of("Qté") == "quantity"
    assert role_of("STUECKZAHL") == role_of("Stückzahl") == role_of("Stuckzahl") == "quantity"
    assert role_of("weight") is role_of("Budget net") is role_of("") is None


@pytest.mark.parametrize(
    ("names", "chosen", "other"),
    [
        (["Omzet incl. btw", "Omzet excl. btw"], "Omzet excl. btw", "Omzet incl. btw"),
        (["Bedrag", "Bedrag incl. BTW"], "Bedrag", "Bedrag incl. BTW"),
        (["Brutto", "Netto"], "Netto", "Brutto"),
        (["Total TTC", "Total HT"], "Total HT", "Total TTC"),
        (["Amount including tax", "Amount (excl. VAT)"], "Amount (excl. VAT)", "Amount including tax"),
        (["Umsatz inkl. MwSt.", "Umsatz ohne MwSt."], "Umsatz ohne MwSt.", "Umsatz inkl. MwSt."),
    ],
)
def test_an_amount_without_tax_is_preferred_and_the_choice_is_noted(names: list[str], chosen: str, other: str) -> None:
    ledger = ledger_of({"customer": ["a", "b"], "date": DAYS, names[0]: [1.0, 2.0], names[1]: [3.0, 4.0]})
    assert ledger.recognised["revenue"] == chosen
    assert ledger.notes == [f"The revenue is {chosen!r}, not {other!r}; revenue=... chooses another column."]
    assert f"not {other!r}" in repr(ledger)


def test_an_amount_with_tax_alone_is_read_and_noted() -> None:
    rows = {"customer": ["a", "b"], "date": DAYS, "Bedrag incl. btw": [121.0, 242.0], "btw-bedrag": [21.0, 42.0]}
    ledger = ledger_of(rows)
    assert ledger.revenue == 363.0
    assert ledger.notes == [
        "The revenue 'Bedrag incl. btw' has value-added tax in it; name a net amount: revenue=..., or the tax: tax=..."
    ]
    assert ledger_of(rows, revenue="Bedrag incl. btw", tax="btw-bedrag").notes == []


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["Bedrag", "Omzet"], "revenue could be any of 'Bedrag', 'Omzet'; pass revenue=..."),
        (
            ["Net amount", "Omzet excl. btw"],
            "revenue could be any of 'Net amount', 'Omzet excl. btw'; pass revenue=...",
        ),
    ],
)
def test_two_amounts_of_one_kind_are_an_error_that_names_both(names: list[str], message: str) -> None:
    with pytest.raises(cf.InputError) as error:
        ledger_of({"customer": ["a"], "date": DAYS[:1], names[0]: [1.0], names[1]: [3.0]})
    assert str(error.value) == message


def test_two_days_or_customers_of_one_kind_are_an_error() -> None:
    with pytest.raises(cf.InputError, match=r"date could be any of 'Leverdatum', 'Factuurdatum'; pass date=\.\.\."):
        ledger_of({"klantnr": ["a"], "Leverdatum": DAYS[:1], "Factuurdatum": DAYS[:1], "bedrag": [1.0]})
    with pytest.raises(cf.InputError, match=r"customer could be any of 'KUNNR', 'KUNAG'; pass customer=\.\.\."):
        ledger_of({"KUNNR": ["a"], "KUNAG": ["b"], "BUDAT": DAYS[:1], "ERLOS": [1.0]})


def test_a_customer_beside_its_id_is_its_name() -> None:
    rows = {"Kunde": ["Bäcker", "Müller"], "Kundennummer": ["7", "8"], "Datum": DAYS, "Umsatz": [1.0, 2.0]}
    ledger = ledger_of(rows)
    assert (ledger.recognised["customer"], ledger.recognised["name"]) == ("Kundennummer", "Kunde")
    assert ledger.notes == []


def test_customers_without_an_id_are_identified_by_name_and_that_is_noted() -> None:
    ledger = ledger_of({"Klantnaam": ["Jansen", "De Vries"], "Datum": DAYS, "Bedrag": [1.0, 2.0]})
    assert ledger.rows.ids == ["De Vries", "Jansen"]
    assert ledger.notes == ["Customers are identified by their name, 'Klantnaam'; an id is safer: customer=..."]


def orders(count: int, customers: int) -> dict[str, list[Any]]:
    number = [str(10_000 + k) for k in range(count)]
    days = [f"2021-{1 + k % 12:02d}-{1 + k % 28:02d}" for k in range(count)]
    buyer = [f"c{k % customers}" for k in range(count)]
    return {"invoice": number, "customer": number, "date": days, "amount": [1.0] * count, "Buyer e-mail": buyer}


@pytest.mark.parametrize("lazy", [False, True])
def test_a_customer_for_each_document_is_noted_with_the_likely_column(lazy: bool) -> None:
    import polars as pl

    frame = pl.DataFrame(orders(300, 87))
    source = frame.lazy() if lazy else frame
    [note] = cf.Ledger(source).notes
    assert note == (
        "Nearly every document has its own customer: 300 customers for 300 documents. The column 'customer' may be a number of "
        "orders; name the column of who buys: customer=..., perhaps 'Buyer e-mail'."
    )
    [note] = cf.Ledger(source, document=None).notes
    assert note.startswith("Nearly every customer buys on one day only: 300 customers, 300 days of purchase.")
    assert cf.Ledger(source, customer="Buyer e-mail").notes == []
    assert cf.Ledger(pl.DataFrame(orders(19, 19))).notes == []


def test_a_column_name_is_text_on_every_page() -> None:
    ledger = ledger_of({"klant": ["a"], "datum": DAYS[:1], "bedrag": [1.0], "<total>": [2.0]})
    assert ledger.notes == ["The revenue is 'bedrag', not '<total>'; revenue=... chooses another column."]
    assert "<total>" not in ledger._repr_html_()
    assert "&lt;total&gt;" in ledger._repr_html_()


def test_column_names_that_are_no_text_are_named() -> None:
    """A frame without names has numbers in their place."""
    with pytest.raises(cf.InputError, match="column names must be text; found 0: name the columns"):
        cf.Ledger(pd.DataFrame([["a", "2021-01-04", 3.0]]))
    ledger = cf.Ledger(pd.DataFrame({"customer": ["a"], "date": ["2021-01-04"], "revenue": [3.0]}))
    with pytest.raises(cf.InputError, match="column names must be text; found 1"):
        cf.statement(ledger, drivers=pd.DataFrame({"customer": ["a"], 1: [2.0]}))
    with pytest.raises(cf.InputError, match="column names must be text; found 0"):
        cf.statement(ledger, events={"visits": pd.DataFrame([["a", "2021-01-04"]])})
