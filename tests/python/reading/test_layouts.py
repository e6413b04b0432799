# Other systems' exports are read with the rules of their layout.
"""Each test makes a small export with the columns of its system; the totals are computed by hand beside it."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    assert ledger.layout["layout"] == "Shopify orders"
    assert ledger.notes[0].startswith('The data is read as Shopify orders; pass layout="none"')
    assert ledger.layout["not revenue"] == "Shipping 17.10, Taxes 64.05"
    reconciliation = cf.statement(ledger).reconciliation
    assert (reconciliation.exact, reconciliation.rows_left_out) == (True, 2)
    assert "rows left out" in str(reconciliation)
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


ORDERS = st.lists(
    st.fixed_dictionaries(
        {
            "customer": st.sampled_from("abc"),
            "lines": st.lists(
                st.tuples(st.integers(1, 5), st.integers(0, 9_999), st.integers(0, 99)), min_size=1, max_size=4
            ),
            "shipping": st.integers(0, 999),
            "tax": st.sampled_from([0, 21]),
            "within": st.booleans(),
            "refund": st.sampled_from([0, 25, 100]),
            "cancelled": st.booleans(),
        }
    ),
    min_size=1,
    max_size=12,
)


@given(ORDERS)
def test_orders_equal_a_slow_computation(orders: list[dict[str, Any]]) -> None:
    head = SHOPIFY.splitlines()[0].split(",")
    rows: list[dict[str, Any]] = []
    expected: dict[str, float] = {}
    for k, order in enumerate(orders):
        net = sum(quantity * price for quantity, price, _ in order["lines"])
        tax = (net + order["shipping"]) * order["tax"] / 100
        within = order["within"] and tax > 0
        subtotal = net * (1 + order["tax"] / 100) if within else net
        shipping = order["shipping"] * (1 + order["tax"] / 100) if within else order["shipping"]
        total = subtotal + shipping + (0 if within else tax)
        for line, (quantity, price, discount) in enumerate(order["lines"]):
            rows.append(dict.fromkeys(head))
            rows[-1] |= {
                "Name": f"#{k}",
                "Created at": "2025-01-06",
                "Lineitem quantity": quantity,
                "Lineitem price": price,
            }
            rows[-1] |= {"Lineitem discount": discount}
            if line == 0:
                rows[-1] |= {"Email": order["customer"], "Financial Status": "paid", "Subtotal": subtotal, "Taxes": tax}
                rows[-1] |= {"Shipping": shipping, "Total": total, "Refunded Amount": total * order["refund"] / 100}
                rows[-1] |= {"Cancelled at": "2025-01-07" if order["cancelled"] else None}
        if not order["cancelled"]:
            expected[order["customer"]] = expected.get(order["customer"], 0.0) + net * (1 - order["refund"] / 100)
    frame = pl.DataFrame(rows, schema_overrides={"Cancelled at": pl.String}, infer_schema_length=None)
    if not expected:
        with pytest.raises(cf.InputError, match="a cancelled order"):
            cf.Ledger(frame)
        return
    assert by_customer(cf.Ledger(frame)) == pytest.approx(expected, rel=1e-9, abs=1e-6)


OLIST = {
    "olist_order_items_dataset.csv": """\
order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value
o1,1,p1,s1,2018-01-05 00:00:00,10.00,2.00
o1,2,p2,s1,2018-01-05 00:00:00,20.00,2.00
o2,1,p1,s1,2018-02-05 00:00:00,15.00,2.00
o3,1,p1,s2,2018-02-06 00:00:00,99.00,2.00
o4,1,p1,s2,2018-02-06 00:00:00,7.00,2.00
""",
    "olist_orders_dataset.csv": """\
order_id,customer_id,order_status,order_purchase_timestamp
o1,c1,delivered,2018-01-01 10:00:00
o2,c2,shipped,2018-02-01 10:00:00
o3,c3,canceled,2018-02-02 10:00:00
""",
    "olist_customers_dataset.csv": "customer_id,customer_unique_id,customer_state\nc1,u1,SP\nc2,u1,SP\nc3,u2,RJ\n",
    "olist_order_payments_dataset.csv": "order_id,payment_sequential,payment_value\no1,1,34.00\n",
}


def olist_folder(folder: Path, *left_out: str) -> Path:
    for name, text in OLIST.items():
        if name not in left_out:
            (folder / name).write_text(text)
    return folder


def test_olist_joins_order_items_with_orders_and_customers(tmp_path: Path) -> None:
    ledger = cf.Ledger.read(olist_folder(tmp_path))
    assert by_customer(ledger) == {"u1": 45.0}
    assert ledger.left_out.columns()["row"].tolist() == [4]
    assert (ledger.rejected.columns()["row"].tolist(), ledger.rejected.reasons) == (
        [5],
        {"missing customer; missing date": 1},
    )
    assert (ledger.rows_read, ledger.layout["not revenue"]) == (5, "freight_value 8.00")
    assert [name for name, _ in ledger.sources] == list(OLIST)[:3]


def test_olist_needs_its_orders_and_customers(tmp_path: Path) -> None:
    folder = olist_folder(tmp_path, "olist_customers_dataset.csv")
    with pytest.raises(
        cf.InputError, match="need one file of customers, with the columns customer_id, customer_unique_id; no file"
    ):
        cf.Ledger.read(folder)
    with pytest.raises(cf.InputError, match=r"no column customer_unique_id .name the folder of the export"):
        cf.Ledger.read(folder / "olist_order_items_dataset.csv")


STRIPE = """\
id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Converted Amount Refunded,Converted Currency,Fee,\
Status,Seller Message,Customer ID,Customer Description,Customer Email,Invoice ID
ch_1,2025-02-16 13:01:43,100.00,0.00,eur,true,100.00,0.00,eur,1.50,Paid,Payment complete.,cus_1,Ann,a@x.example,
ch_2,2025-02-17 13:01:43,110.00,22.00,usd,true,100.00,20.00,eur,1.50,Paid,Payment complete.,cus_1,Ann,a@x.example,
ch_3,2025-02-18 13:01:43,50.00,50.00,eur,true,50.00,50.00,eur,1.00,Refunded,Payment complete.,cus_2,Bob,b@x.example,
ch_4,2025-02-19 13:01:43,70.00,0.00,eur,false,,,,,Failed,Declined.,cus_2,Bob,b@x.example,
ch_5,2025-02-20 13:01:43,30.00,0.00,eur,true,30.00,0.00,eur,0.70,Paid,Payment complete.,,,guest@x.example,
"""


def test_stripe_payments_less_refunds_and_failed_ones(tmp_path: Path) -> None:
    ledger = read(STRIPE, tmp_path)
    assert by_customer(ledger) == {"cus_1": 180.0, "cus_2": 0.0, "guest@x.example": 30.0}
    assert ledger.left_out.columns()["value"] == ["Failed"]
    assert (ledger.rows_rejected, ledger.layout["not revenue"]) == (0, "Fee 4.70")
    assert ledger.recognised["customer"] == "Customer ID, else Customer Email"


def test_test_payments_are_left_out() -> None:
    table = pl.read_csv(STRIPE.encode()).with_columns(Mode=pl.Series(["Live", "Test", "Live", "Live", "Live"]))
    ledger = cf.Ledger(table)
    assert (ledger.revenue, ledger.left_out.reasons["a test payment"]) == (130.0, 1)


def test_payments_in_two_currencies_need_a_rate(tmp_path: Path) -> None:
    names = STRIPE.splitlines()[0].split(",")
    table = pl.read_csv(STRIPE.encode()).select([name for name in names if not name.startswith("Converted")])
    with pytest.raises(cf.InputError, match=r"'Currency' has amounts in EUR and in USD; pass rates={'USD': ...}"):
        cf.Ledger(table)
    ledger = cf.Ledger(table, rates={"USD": 0.5})
    assert by_customer(ledger) == {"cus_1": 144.0, "cus_2": 0.0, "guest@x.example": 30.0}
    assert (ledger.currency, ledger.recognised["currency"]) == ("EUR", "Currency")


def test_payments_are_worth_the_rate_of_their_month() -> None:
    payments = pl.DataFrame(
        {
            "id": ["1", "2", "3", "4"],
            "Created date (UTC)": [
                "2025-01-31 23:00:00",
                "2025-02-01 01:00:00",
                "2025-02-02 09:00:00",
                "2025-02-03 09:00:00",
            ],
            "Amount": [100.0, 100.0, 100.0, 100.0],
            "Amount Refunded": [0.0, 50.0, 0.0, 0.0],
            "Currency": ["usd", "usd", "eur", "usd"],
            "Status": ["Paid", "Paid", "Paid", "Failed"],
            "Card Last4": ["4242"] * 4,
            "Customer ID": ["a", "b", "c", "d"],
        }
    )
    rates = {"month": ["2025-01", "2025-02"], "currency": ["USD", "USD"], "rate": [0.5, 0.75]}
    ledger = cf.Ledger(payments, currency="EUR", rates=rates)
    assert by_customer(ledger) == {"a": 50.0, "b": 37.5, "c": 100.0}
    assert by_customer(cf.Ledger(payments, currency_column=False)) == {"a": 100.0, "b": 50.0, "c": 100.0}
    with pytest.raises(cf.InputError, match=r"USD.*2025-02"):
        cf.Ledger(payments, currency="EUR", rates={"month": ["2025-01"], "currency": ["USD"], "rate": [0.5]})


def test_columns_that_no_rule_of_a_layout_reads_are_listed(tmp_path: Path) -> None:
    assert read(SHOPIFY, tmp_path).unused == ["Discount Amount"]
    assert read(EXACT, tmp_path).unused == [
        "Periode", "Omschrijving: Kopregel", "Vervaldatum", "Omschrijving", "BTW-code", "BTW-percentage",
    ]  # fmt: skip
    assert read(AFAS, tmp_path).unused == ["Omschrijving", "BTW-code", "BTW-bedrag", "Bedrag incl. BTW"]


WOO_ANALYTICS = """\
Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),Net Sales,Attribution
2025-03-01 10:00:00,11,€127.05,completed,Ann Smit,new,2× Cup,2,,100.00,Direct
2025-03-02 10:00:00,12,€60.50,refunded,Bob Bos,new,1× Pot,1,,50.00,Direct
2025-03-04 10:00:00,12,€-60.50,refunded,Bob Bos,new,1× Pot,-1,,-50.00,Direct
2025-03-05 10:00:00,13,€36.30,processing,Ann Smit,returning,1× Cup,1,,30.00,Direct
2025-03-06 10:00:00,14,€12.10,failed,Ann Smit,returning,1× Cup,1,,10.00,Direct
2025-03-07 10:00:00,15,€24.20,refunded,Cas Vos,new,1× Cup,1,,20.00,Direct
2025-03-08 10:00:00,16,€24.20,in-transit,Cas Vos,new,1× Cup,1,,20.00,Direct
"""


def test_woocommerce_analytics_counts_net_sales(tmp_path: Path) -> None:
    ledger = read(WOO_ANALYTICS, tmp_path)
    assert by_customer(ledger) == {"Ann Smit": 130.0, "Bob Bos": 0.0}
    assert ledger.left_out.reasons == {
        "no sale, by its status": 1,
        "the order was refunded, and no row has the refund": 1,
    }
    assert ledger.rejected.reasons == {"'in-transit' is an unknown Status": 1}
    assert ledger.reconciliation["revenue_rejected"] == 20.0
    counted = cf.Ledger.read(tmp_path / "export.csv", status="Status")
    assert by_customer(counted)["Cas Vos"] == 20.0


WOO_ORDERS = """\
order_id,order_number,order_date,paid_date,status,shipping_total,shipping_tax_total,fee_total,fee_tax_total,tax_total,cart_discount,\
order_total,order_currency,customer_id,billing_first_name,billing_last_name,billing_company,billing_email,refund_items,line_item_1
21,W21,2025-03-01 10:00:00,,completed,10.00,2.10,0.00,0.00,23.10,5.00,133.10,EUR,7,Ann,Smit,Smit BV,ann@x.example,,name:Cup
22,W22,2025-03-02 10:00:00,,completed,0.00,0.00,0.00,0.00,21.00,0.00,121.00,EUR,0,Bob,Bos,,bob@x.example,\
amount:20.25|reason:an amount: 9|date:2025-03-05 10:00:00;amount:10.00|reason:|date:2025-03-06 10:00:00,name:Pot
23,W23,2025-03-03 10:00:00,,refunded,0.00,0.00,0.00,0.00,10.50,0.00,60.50,EUR,0,Bob,Bos,,bob@x.example,,name:Pot
24,W24,2025-03-04 10:00:00,,pending,0.00,0.00,0.00,0.00,10.50,0.00,60.50,EUR,0,Bob,Bos,,bob@x.example,,name:Pot
"""


def test_woocommerce_orders_of_the_plugin_are_net_of_tax_shipping_and_refunds(tmp_path: Path) -> None:
    ledger = read(WOO_ORDERS, tmp_path)
    assert by_customer(ledger) == pytest.approx({"ann@x.example": 100.0, "bob@x.example": 75.0})
    assert ledger.left_out.columns()["value"] == ["pending"]
    assert ledger.layout["not revenue"] == "tax_total 54.60, shipping_total 10.00, fee_total 0.00"


def test_an_order_with_a_row_per_item_counts_once(tmp_path: Path) -> None:
    head, first, *_ = WOO_ORDERS.splitlines()
    rows = [f"{head},item_name,item_quantity,item_total", f"{first},Cup,2,60.00", f"{first},Pot,1,40.00"]
    ledger = read("\n".join(rows) + "\n", tmp_path)
    items = cf.statement(ledger).by("item").columns()
    assert dict(zip(items["item"], items["revenue"], strict=True)) == pytest.approx({"Cup": 60.0, "Pot": 40.0})
    assert ledger.layout["not revenue"] == "tax_total 23.10, shipping_total 10.00, fee_total 0.00"


QUICKBOOKS = """\
Sales by Customer Detail
Garden Company
January - March 2026

,Date,Transaction Type,Num,Product/Service,Memo/Description,Qty,Sales Price,Amount,Balance
Mike Stone,,,,,,,,,
,01/15/2026,Invoice,2001,Pruning,Oak,1,"2,000.00","2,000.00","2,000.00"
,01/15/2026,Invoice,2001,Stump,Oak,2,400.00,800.00,"2,800.00"
Total for Mike Stone,,,,,,3,,"$2,800.00",
Wood Ltd,,,,,,,,,
Wood North,,,,,,,,,
,02/20/2026,Sales Receipt,2002,Pruning,Maple,1,650.00,650.00,650.00
,03/01/2026,Credit Memo,2003,Pruning,One limb,1,-50.00,-50.00,600.00
Total for Wood North,,,,,,0,,$600.00,
,03/02/2026,Invoice,2004,Pruning,Ash,1,70.00,70.00,70.00
Total for Wood Ltd,,,,,,1,,$670.00,
TOTAL,,,,,,4,,"$3,470.00",
"""


def test_quickbooks_customers_are_headings(tmp_path: Path) -> None:
    ledger = read(QUICKBOOKS, tmp_path)
    assert by_customer(ledger) == {"Mike Stone": 2800.0, "Wood Ltd:Wood North": 600.0, "Wood Ltd": 70.0}
    assert (ledger.rows_read, ledger.rows_accepted, ledger.rows_rejected) == (12, 5, 0)
    assert ledger.left_out.reasons == {"the heading of a customer": 3, "a line of totals": 4}
    assert ledger.rows.quantity is not None
    assert ledger.rows.quantity.sum() == 4.0
    assert cf.statement(ledger).portfolio["Wood Ltd:Wood North"].level == 600.0


def test_quickbooks_headings_without_totals_follow_each_other(tmp_path: Path) -> None:
    lines = [line for line in QUICKBOOKS.splitlines() if not line.lower().startswith("total")]
    ledger = read("\n".join(lines) + "\n", tmp_path)
    assert by_customer(ledger) == {"Mike Stone": 2800.0, "Wood North": 670.0}


EXACT = """\
Dagboek: Code;Boekjaar;Periode;Boekstuknummer;Omschrijving: Kopregel;Factuurdatum;Vervaldatum;Code;Naam;Grootboekrekening;\
Omschrijving;BTW-code;BTW-percentage;Bedrag;Aantal;BTW-bedrag
70;2025;1;25700001;Levering;07-01-2025;06-02-2025;1001;Bakker BV;8000;Brood;2;21;100,00;10;21,00
70;2025;1;25700001;;;;;;8010;Koek;2;21;50,00;5;10,50
70;2025;1;25700002;Creditnota;14-01-2025;13-02-2025;1001;Bakker BV;8000;Brood;2;21;-20,00;-2;-4,20
70;2025;1;25700003;Levering;15-01-2025;14-02-2025;1002;Jansen;8000;Brood;2;21;30,00;3;6,30
"""
EXACT_JOURNAL = """\
Dagboek: Code;Boekjaar;Periode;Boekstuknummer;Factuurdatum;Code;Naam;Grootboekrekening;Omschrijving;Bedrag
70;2025;1;1;07-01-2025;1001;Bakker BV;1300;Debiteuren;181,50
70;2025;1;1;07-01-2025;1001;Bakker BV;8000;Brood;-150,00
70;2025;1;1;07-01-2025;1001;Bakker BV;1500;BTW;-31,50
70;2025;1;2;14-01-2025;1001;Bakker BV;1300;Debiteuren;-24,20
70;2025;1;2;14-01-2025;1001;Bakker BV;8000;Brood;20,00
70;2025;1;2;14-01-2025;1001;Bakker BV;1500;BTW;4,20
"""


def test_exact_sales_entries_count_revenue_accounts(tmp_path: Path) -> None:
    ledger = read(EXACT, tmp_path)
    assert by_customer(ledger) == {"1001": 130.0, "1002": 30.0}
    assert (ledger.rows_accepted, ledger.layout["not revenue"]) == (4, "BTW-bedrag 33.60")
    assert ledger.columns()["name"].to_pylist() == ["Bakker BV", "Bakker BV", "Jansen"]


def test_exact_journal_lines_turn_the_sign_of_credit(tmp_path: Path) -> None:
    ledger = read(EXACT_JOURNAL, tmp_path)
    assert by_customer(ledger) == {"1001": 130.0}
    assert ledger.left_out.reasons == {"an account that is no revenue account": 4}
    assert ledger.layout["revenue"] == "Bedrag, with the opposite sign"


def test_credit_notes_alone_lower_revenue_where_the_journal_has_all_accounts(tmp_path: Path) -> None:
    head, *rows = EXACT_JOURNAL.splitlines()
    assert by_customer(read("\n".join([head, *rows[3:]]), tmp_path)) == {"1001": -20.0}
    assert by_customer(read("\n".join([head, *rows[:3]]), tmp_path)) == {"1001": 150.0}
    unread = read(EXACT_JOURNAL.replace("-150,00", "much"), tmp_path)
    assert (by_customer(unread), unread.rejected.reasons) == ({"1001": -20.0}, {"Bedrag is not a number": 1})
    revenue_only = [row for row in rows if ";8000;" in row]
    assert by_customer(read("\n".join([head, *revenue_only]), tmp_path)) == {"1001": 130.0}


def test_revenue_accounts_can_be_named(tmp_path: Path) -> None:
    typed = AFAS_JOURNAL.replace("Grootboek;8000", "Balans;4400").replace("Rekeningtype", "Type rekening")
    assert by_customer(read(typed, tmp_path, revenue_accounts="44")) == {"10016": 130.0, "10017": 30.0}
    with pytest.raises(cf.InputError, match=r"no cell of 'Rekeningnummer' begins with 9; found .* revenue_accounts="):
        read(typed, tmp_path, revenue_accounts="9")
    with pytest.raises(cf.InputError, match="revenue_accounts= has no effect: AFAS invoices has no column of accounts"):
        read(AFAS, tmp_path, revenue_accounts="8")
    with pytest.raises(cf.InputError, match="no effect without the layout of journal lines"):
        read(typed, tmp_path, layout="none", revenue_accounts="8")
    for wrong in ("", ["8", " "], ["8*"], [8], 8):
        with pytest.raises(cf.InputError, match="account"):
            read(typed, tmp_path, revenue_accounts=wrong)


def test_a_journal_without_a_revenue_account_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        cf.InputError, match="no cell of 'Grootboekrekening' begins with 8 or 70; found '1300', '1500', '4000'"
    ):
        read(EXACT_JOURNAL.replace("8000", "4000"), tmp_path)
    named = read(EXACT_JOURNAL.replace("8000", "4000"), tmp_path, revenue_accounts=["4", "70"])
    assert (by_customer(named), named.layout["rows by Grootboekrekening"]) == ({"1001": 130.0}, "counts: 4*, 70*")
    belgian = read(EXACT_JOURNAL.replace("8000", "700000"), tmp_path)
    assert by_customer(belgian) == {"1001": 130.0}


AFAS = """\
Debiteur;Factuurnummer;Factuurdatum;Omschrijving;Bedrag excl. BTW;BTW-code;BTW-bedrag;Bedrag incl. BTW
10016;20250000;26-09-2025;Levering;1937,56;1;406,89;2344,45
10016;20250001;30-09-2025;Creditnota;-37,56;1;-7,89;-45,45
"""
AFAS_JOURNAL = """\
Dagboek;Jaar;Periode;Boekstuknummer;Boekstukdatum;Rekeningtype;Rekeningnummer;Omschrijving;Factuurnummer;Bedrag debet;Bedrag credit
70;2025;1;1;07-01-2025;Debiteuren;10016;Levering;F1;181,50;
70;2025;1;1;07-01-2025;Grootboek;8000;Levering;F1;;150,00
70;2025;1;1;07-01-2025;Grootboek;1500;BTW;F1;;31,50
70;2025;1;2;14-01-2025;Debiteuren;10016;Creditnota;F2;;24,20
70;2025;1;2;14-01-2025;Grootboek;8000;Creditnota;F2;20,00;
70;2025;1;2;14-01-2025;Grootboek;1500;BTW;F2;4,20;
70;2025;1;3;15-01-2025;Debiteuren;10017;Levering;F3;36,30;0,00
70;2025;1;3;15-01-2025;Grootboek;8000;Levering;F3;0,00;30,00
"""


def test_afas_invoices_without_vat(tmp_path: Path) -> None:
    assert by_customer(read(AFAS, tmp_path)) == {"10016": 1900.0}
    ledger = read(AFAS.replace("26-09", "06-09").replace("30-09", "07-09"), tmp_path)
    assert (str(ledger.first_day), str(ledger.last_day)) == ("2025-09-06", "2025-09-07")
    assert ledger.layout["assumed"].endswith("The day stands before the month.")


def test_afas_journal_lines_count_revenue_accounts_of_the_debtor(tmp_path: Path) -> None:
    ledger = read(AFAS_JOURNAL, tmp_path)
    assert by_customer(ledger) == {"10016": 130.0, "10017": 30.0}
    assert ledger.left_out.reasons == {"an account that is no revenue account": 5}
    typed = AFAS_JOURNAL.replace("Grootboek;8000", "Opbrengsten;4400").replace("Rekeningtype", "Type rekening")
    assert by_customer(read(typed, tmp_path)) == {"10016": 130.0, "10017": 30.0}
    two = read(AFAS_JOURNAL.replace("70;2025;1;3;", "70;2025;1;2;"), tmp_path)
    assert by_customer(two) == {"10016": 150.0}
    assert two.rejected.reasons == {"missing customer": 2}  # two debtors in one document


ODOO: dict[str, list[Any]] = {
    "move_id": ["INV/1", "INV/1", "RINV/1", "INV/2", "BILL/1", "INV/3"],
    "move_type": ["out_invoice", "out_invoice", "out_refund", "out_invoice", "in_invoice", "out_invoice"],
    "parent_state": ["posted", "posted", "posted", "draft", "posted", "posted"],
    "display_type": ["product", "line_note", "product", "product", "product", "product"],
    "invoice_date": ["2025-01-06", "2025-01-06", "2025-01-08", "2025-01-09", "2025-01-09", "2025-01-10"],
    "partner_id": ["Acme, Ann", "Acme, Ann", "Acme, Bob", "Acme, Bob", "Supplier", "Cas"],
    "commercial_partner_id": ["Acme", "Acme", "Acme", "Acme", "Supplier", "Cas"],
    "product_id": ["Cup", None, "Cup", "Cup", "Rent", "Pot"],
    "name": ["Cup, large", "Thank you", "Cup, large", "Cup, large", "Rent", "Pot"],
    "quantity": [10.0, 0.0, 2.0, 1.0, 1.0, 1.0],
    "price_subtotal": [100.0, 0.0, 20.0, 10.0, 500.0, 40.0],
}


def test_odoo_refunds_lower_revenue_and_the_company_is_the_customer(tmp_path: Path) -> None:
    pl.DataFrame(ODOO).write_csv(tmp_path / "lines.csv")
    for ledger in (cf.Ledger(pl.DataFrame(ODOO)), cf.Ledger.read(tmp_path / "lines.csv")):
        assert by_customer(ledger) == {"Acme": 80.0, "Cas": 40.0}
        assert ledger.rows.quantity is not None
        assert ledger.rows.quantity.sum() == 9.0
        assert (ledger.rows_left_out, ledger.rows_rejected) == (3, 0)
        assert ledger.layout["revenue"] == "price_subtotal, with the sign of its row"


def test_saf_t_accounts_are_no_customers_and_annulled_invoices_no_sale(tmp_path: Path) -> None:
    text = """\
InvoiceNo,InvoiceStatus,InvoiceDate,InvoiceType,CustomerID,AccountID,ProductCode,Quantity,UnitPrice,CreditAmount,DebitAmount
FT 1/1,N,2024-01-05,FT,A,711,P1,10,10.00,100.00,
NC 1/1,N,2024-01-09,NC,A,711,P1,2,10.00,,20.00
FT 1/2,A,2024-02-01,FT,B,711,P1,5,10.00,50.00,
"""
    ledger = read(text, tmp_path)
    assert by_customer(ledger) == {"A": 80.0}
    assert ledger.left_out.reasons == {"an annulled invoice": 1}


def test_arguments_replace_the_rules_of_a_layout(tmp_path: Path) -> None:
    assert by_customer(read(SHOPIFY, tmp_path, customer="Billing Name")) == pytest.approx(
        {"Ann": 90.0, "Bob": 75.0, "Cas": 100.0}
    )
    gross = read(STRIPE, tmp_path, revenue="Amount", status=False)
    assert (gross.revenue, gross.rows_left_out) == (360.0, 0)
    plain = read(AFAS, tmp_path, layout="none", customer="Debiteur", date="Factuurdatum", revenue="Bedrag incl. BTW")
    assert (plain.revenue, plain.layout) == (2299.0, {})
    assert read(AFAS, tmp_path, layout="afas").revenue == 1900.0


@pytest.mark.parametrize(
    ("text", "missing", "message"),
    [
        (
            SHOPIFY,
            "Subtotal",
            "Shopify orders: there is no column 'Subtotal' for revenue; export all columns, name one with revenue=",
        ),
        (STRIPE, "Created date (UTC)", r"no column 'Created date .UTC.' or 'Created .UTC.' for date"),
        (
            WOO_ANALYTICS,
            "Net Sales",
            "no column Net Sales .N. Revenue .formatted. has tax and shipping within it. for revenue",
        ),
        (WOO_ORDERS, "order_date", "no column 'order_date' for date"),
        (
            QUICKBOOKS.replace("\n,Date", "\nFirst,Date"),
            "First",
            "no column without a name, with the customers as headings, for customer",
        ),
    ],
)
def test_a_missing_column_of_a_layout_is_named(text: str, missing: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(cf.InputError, match=message):
        read(text.replace(missing, "Other"), tmp_path)


def test_two_layouts_that_fit_are_both_named() -> None:
    both = {name: ["1"] for text in (AFAS, EXACT) for name in text.splitlines()[0].split(";")}
    with pytest.raises(
        cf.InputError, match="Exact Online journal lines and AFAS invoices; pass layout='exact' or layout='afas'"
    ):
        cf.Ledger(pl.DataFrame(both))
    with pytest.raises(cf.InputError, match="layout is 'shopfy'; it must be \"auto\", \"none\", or one of 'shopify', "):
        cf.Ledger(pl.DataFrame(both), layout="shopfy")


def test_an_amount_that_is_no_number_rejects_its_row(tmp_path: Path) -> None:
    ledger = read(STRIPE.replace("100.00,0.00,eur,1.50", "much,0.00,eur,1.50"), tmp_path)
    rejected = ledger.rejected.columns()
    assert (list(rejected["row"]), list(rejected["value"])) == ([1], ["much"])
    assert rejected["reason"] == ["Converted Amount is not a number"]


def test_a_quantity_that_is_no_number_costs_no_row(tmp_path: Path) -> None:
    ledger = read(QUICKBOOKS.replace("Oak,1,", "Oak,one,"), tmp_path)
    assert (ledger.revenue, ledger.rows_rejected, len(ledger.gaps)) == (3470.0, 0, 1)
    assert read(SHOPIFY.replace("+0100,2,Cup", "+0100,two,Cup"), tmp_path).revenue == pytest.approx(265.0)


def test_an_export_of_no_sale_is_an_error(tmp_path: Path) -> None:
    head, *rows = STRIPE.splitlines()
    with pytest.raises(cf.InputError, match=r"no row .* can be used: .*no sale, by its status"):
        read("\n".join([head, *(row for row in rows if "Failed" in row)]) + "\n", tmp_path)


def test_files_with_the_same_order_numbers_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text(SHOPIFY)
    (tmp_path / "two.csv").write_text(SHOPIFY)
    ledger = cf.Ledger.read(tmp_path)
    assert by_customer(ledger) == pytest.approx({customer: 2 * amount for customer, amount in SHOPIFY_REVENUE.items()})
    assert [Path(file).name for file in ledger.left_out.columns()["file"]] == [
        "one.csv",
        "one.csv",
        "two.csv",
        "two.csv",
    ]


def test_a_workbook_and_an_empty_optional_column(tmp_path: Path) -> None:
    table = pd.read_csv(io.StringIO(STRIPE)).drop(columns=["Customer Description"])
    table["Customer Description"] = ""
    table.to_excel(tmp_path / "payments.xlsx", index=False)
    ledger = cf.Ledger.read(tmp_path / "payments.xlsx")
    assert by_customer(ledger) == {"cus_1": 180.0, "cus_2": 0.0, "guest@x.example": 30.0}


@pytest.mark.parametrize(
    ("name", "revenue", "left_out"),
    [("shopify_orders", 29_843.14, 10), ("stripe_unified_payments", 246_370.43, 27), ("afas_facturen", 263_194.80, 0)],
)
def test_exports_of_hundreds_of_rows_have_their_true_totals(
    full_data: Path, name: str, revenue: float, left_out: int
) -> None:
    ledger = cf.Ledger.read(full_data / "exports" / f"{name}.csv")
    assert ledger.revenue == pytest.approx(revenue, abs=0.005)
    assert (ledger.rows_left_out, ledger.rows_rejected) == (left_out, 0)


def test_columns_that_differ_by_case_and_orders_without_a_total(tmp_path: Path) -> None:
    table = pl.read_csv(SHOPIFY.encode())
    clash = cf.Ledger(table.with_columns(pl.lit("x").alias("name")))
    assert by_customer(clash) == pytest.approx(SHOPIFY_REVENUE)
    free = cf.Ledger(table.with_columns(pl.lit(0.0).alias("Total"), pl.lit(0.0).alias("Subtotal")))
    assert (free.revenue, free.rows_rejected) == (0.0, 0)
    with pytest.raises(cf.InputError, match="no rows, only column names: 'Name', 'Email'"):
        cf.Ledger(table.head(0))


def test_a_unit_price_replaces_the_revenue_of_orders() -> None:
    ledger = cf.Ledger(pl.read_csv(SHOPIFY.encode()), price="Lineitem price")
    assert ledger.revenue == 2 * 30.0 + 40.0 + 100.0 + 121.0


@pytest.mark.parametrize("options", [{}, {"unit_cost": "Cost per item"}])
def test_a_unit_cost_is_multiplied_by_the_quantity_of_a_layout(options: dict[str, Any]) -> None:
    table = pl.read_csv(SHOPIFY.encode()).with_columns(pl.lit(3.5).alias("Cost per item"))
    ledger = cf.Ledger(table, **options)
    assert by_customer(ledger) == pytest.approx(SHOPIFY_REVENUE)
    assert ledger.rows.cost is not None
    sold = table["Lineitem quantity"][[0, 1, 2, 4]].sum()
    assert ledger.rows.cost.sum() == pytest.approx(3.5 * sold)
    assert ledger.recognised["unit_cost"] == "Cost per item"


def test_a_named_unit_cost_replaces_the_cost_of_a_layout(tmp_path: Path) -> None:
    rows = "\n1;15-01-25;Sale;S1;CUP;Customer;10;-10;150,00;-60,00;5,50\n"
    text = BUSINESS_CENTRAL["en"] + ";Each" + rows
    ledger = read(text, tmp_path, unit_cost="Each", date_format="%d-%m-%y")
    assert ledger.rows.cost is not None
    assert ledger.rows.cost.sum() == pytest.approx(55.0)
    with pytest.raises(cf.InputError, match="cost= and unit_cost= are both given"):
        read(text, tmp_path, unit_cost="Each", cost="Cost Amount (Actual)")
