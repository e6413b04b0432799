# Other systems' exports are read with the rules of their layout.
"""Each test makes a small export with the columns of its system; the totals are computed by hand beside it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

import custfolio as cf

SHOPIFY = """\
Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,\
Lineitem price,Lineitem discount,Billing Name,Cancelled at,Refunded Amount
#1,a@x.example,paid,EUR,90.00,5.00,19.95,114.95,10.00,2025-01-06 10:00:00 +0100,2,Cup,30.00,0.00,Ann,,0.00
#1,a@x.example,,,,,,,,2025-01-06 10:00:00 +0100,1,Pot,40.00,10.00,,,
#2,b@x.example,partially_refunded,EUR,100.00,0.00,21.00,121.00,0.00,2025-01-07 10:00:00 +0100,1,Pot,100.00,0.00,Bob,,30.25
#3,b@x.example,paid,EUR,50.00,0.00,10.50,60.50,0.00,2025-01-08 10:00:00 +0100,1,Cup,50.00,0.00,Bob,2025-01-09 09:00:00 +0100,0.00
#4,,pending,EUR,121.00,12.10,23.10,133.10,0.00,2025-01-09 10:00:00 +0100,1,Cup,121.00,0.00,Cas,,0.00
#5,c@x.example,voided,EUR,10.00,0.00,2.10,12.10,0.00,2025-01-09 10:00:00 +0100,1,Cup,10.00,0.00,Cas,,0.00
"""
SHOPIFY_REVENUE = {
    "a@x.example": 90.0,
    "b@x.example": 75.0,  # a quarter was refunded; the other order was cancelled
    "Cas": 121.0 / 1.21,  # tax is within the prices; no e-mail address
}


def by_customer(ledger: cf.Ledger) -> dict[str, float]:
    columns = ledger.columns()
    sums: dict[str, float] = {}
    for customer, revenue in zip(columns["customer_id"].to_pylist(), columns["revenue"].tolist(), strict=True):
        sums[customer] = sums.get(customer, 0.0) + revenue
    return sums


def read(text: str, folder: Path, **options: Any) -> cf.Ledger:
    (folder / "export.csv").write_text(text, encoding="utf-8")
    ledger = cf.Ledger.read(folder / "export.csv", **options)
    assert ledger.rows_read == ledger.rows_accepted + ledger.rows_rejected + ledger.rows_left_out
    return ledger


SOURCES: dict[str, Callable[[Path], cf.Ledger]] = {
    "csv": lambda path: cf.Ledger.read(path),
    "pandas": lambda path: cf.Ledger(pd.read_csv(path)),
    "polars": lambda path: cf.Ledger(pl.read_csv(path)),
    "polars lazy": lambda path: cf.Ledger(pl.scan_csv(path)),
    "duckdb": lambda path: cf.Ledger(duckdb.read_csv(str(path))),
}


@pytest.mark.parametrize("source", list(SOURCES))
def test_shopify_orders_less_discounts_refunds_and_cancelled_orders(source: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(SHOPIFY)
    ledger = SOURCES[source](path)
    assert by_customer(ledger) == pytest.approx(SHOPIFY_REVENUE)
    assert (ledger.rows_read, ledger.rows_accepted, ledger.rows_rejected, ledger.rows_left_out) == (6, 4, 0, 2)
    left = ledger.left_out.columns()
    assert (list(left["row"]), list(left["column"])) == ([4, 6], ["Cancelled at", "Financial Status"])
    assert left["reason"] == ["a cancelled order", "no sale, by its status"]
    assert ledger.layout["layout"].startswith("Shopify orders")
    assert ledger.layout["not revenue"] == "Shipping 17.10, Taxes 64.05"
    assert pickle.loads(pickle.dumps(ledger)).layout == ledger.layout


def test_lines_share_the_revenue_of_their_order_by_their_amounts(tmp_path: Path) -> None:
    ledger = read(SHOPIFY, tmp_path)
    items = cf.statement(ledger).by("item").columns()
    assert dict(zip(items["item"], items["revenue"], strict=True)) == pytest.approx({"Cup": 160.0, "Pot": 105.0})


BUSINESS_CENTRAL = {
    "en": "Entry No.;Posting Date;Item Ledger Entry Type;Document No.;Item No.;Source Type;Source No.;Invoiced Quantity;"
    "Sales Amount (Actual);Cost Amount (Actual)",
    "de": "Lfd. Nr.;Buchungsdatum;Artikelpostenart;Belegnr.;Artikelnr.;Herkunftsart;Herkunftsnr.;Fakturierte Menge;"
    "Verkaufsbetrag (tatsächl.);Einstandsbetrag (tatsächl.)",
    "nl": "Volgnr.;Boekingsdatum;Soort artikelpost;Documentnr.;Artikelnr.;Herkomstsoort;Herkomstnr.;Gefactureerd aantal;"
    "Verkoopbedrag (werkelijk);Kostenbedrag (werkelijk)",
}


@pytest.mark.parametrize(
    ("language", "sale", "purchase"),
    [("en", "Sale", "Purchase"), ("de", "Verkauf", "Einkauf"), ("nl", "Verkoop", "Inkoop")],
)
def test_value_entries_of_business_central_count_sales_and_turn_their_costs(
    language: str, sale: str, purchase: str, tmp_path: Path
) -> None:
    rows = f"""
1;04-01-25;{purchase};P1;CUP;Vendor;V7;100;0,00;600,00
2;15-01-25;{sale};S1;CUP;Customer;10000;-10;150,00;-60,00
3;16-01-25;{sale};S2;CUP;Customer;20000;-2;30,00;-12,00
4;17-01-25;{sale};C1;CUP;Customer;10000;4;-60,00;24,00
5;18-01-25;{sale};S1;CUP;Customer;10000;0;0,00;-1,50
"""
    ledger = read(BUSINESS_CENTRAL[language] + rows, tmp_path)
    assert by_customer(ledger) == {"10000": 90.0, "20000": 30.0}
    columns = ledger.rows
    assert columns.cost is not None
    assert columns.cost.sum() == pytest.approx(60 + 12 - 24 + 1.5)
    assert columns.quantity is not None
    assert columns.quantity.sum() == 10 + 2 - 4
    assert ledger.left_out.reasons == {"an entry of goods that is no sale": 1}
    assert ledger.layout["layout"].startswith("Business Central value entries")
    assert ledger.recognised["cost"].endswith(", with the opposite sign")
