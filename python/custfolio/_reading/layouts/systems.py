# The exports that are recognised: a table of rules, one entry per system and export.
"""The layouts of web shops, payment providers, accounting systems and tax audit files."""

from __future__ import annotations

from typing import Final

from custfolio._reading.layouts.rules import Amounts, Counted, Layout, Orders

__all__ = ["LAYOUTS"]

_CANCELLED: Final = "a cancelled order"
_UNSOLD: Final = "no sale, by its status"
_NO_REVENUE: Final = "an account that is no revenue account"
_NO_LINE: Final = "no line of goods or services"

_WOO_COUNTS: Final = ("completed", "processing", "on-hold", "on hold", "refunded")
_WOO_LEFT_OUT: Final = ("pending", "pending payment", "failed", "cancelled", "trash", "draft", "checkout-draft")

_ENTRY_TYPE: Final = ("Item Ledger Entry Type", "Soort artikelpost", "Artikelpostenart", "Type écriture article")
_SALES_ACTUAL: Final = (
    "Sales Amount (Actual)",
    "salesAmountActual",
    "Verkoopbedrag (werkelijk)",
    "Verkaufsbetrag (tatsächl.)",
    "Verkaufsbetrag (tatsächlich)",
    "Montant vente (réel)",
)
_COST_ACTUAL: Final = (
    "Cost Amount (Actual)",
    "costAmountActual",
    "Kostbedrag (werkelijk)",
    "Kostenbedrag (werkelijk)",
    "Einstandsbetrag (tatsächl.)",
    "Einstandsbetrag (tatsächlich)",
    "Coût total (réel)",
)
"""Columns of Business Central value entries, by their captions."""

LAYOUTS: Final = (
    Layout(
        name="shopify",
        title="Shopify orders",
        marks=(("Financial Status",), ("Lineitem quantity",), ("Lineitem price",)),
        roles={
            "customer": ("Email", "Phone", "Billing Name"),
            "date": ("Created at",),
            "document": ("Name",),
            "name": ("Billing Name",),
            "quantity": ("Lineitem quantity",),
            "item": ("Lineitem name",),
        },
        fill=(
            (("Name",),),
            (
                ("Financial Status",), ("Cancelled at",), ("Email",), ("Phone",), ("Billing Name",), ("Created at",),
                ("Currency",),
            ),
        ),
        counted=(
            (Counted(("Cancelled at",), _CANCELLED, left_out=("?*",), status=True),),
            (
                Counted(
                    ("Financial Status",),
                    _UNSOLD,
                    counts=(
                        "paid", "partially_paid", "partially_refunded", "refunded", "authorized", "pending", "unpaid",
                    ),
                    left_out=("voided", "expired"),
                    status=True,
                ),
            ),
        ),
        revenue=(
            Orders(
                document=("Name",),
                net=("Subtotal",),
                total=("Total",),
                tax=("Taxes",),
                shipping=("Shipping",),
                refunded=("Refunded Amount",),
                status=("Financial Status",),
                quantity=("Lineitem quantity",),
                price=("Lineitem price",),
                discount=("Lineitem discount",),
                currency=("Currency",),
            ),
        ),
        not_revenue=(("Shipping",), ("Taxes",)),
        document=("Name",),
        assumed=(
            "Subtotal is after discounts.",
            "Orders that are open (pending, authorized) count.",
            "Taxes are within Subtotal where Subtotal + Shipping is the Total.",
        ),
    ),
    Layout(
        name="stripe",
        title="Stripe payments",
        marks=(("Amount Refunded",), ("Status",), ("Seller Message", "PaymentIntent ID", "Card Last4")),
        roles={
            "customer": ("Customer ID", "Customer Email"),
            "date": ("Created date (UTC)", "Created (UTC)"),
            "document": ("id",),
            "name": ("Customer Description", "Customer Email"),
        },
        counted=(
            (
                Counted(
                    ("Status",),
                    _UNSOLD,
                    counts=("paid", "refunded", "partially refunded", "succeeded", "partial refund", "disputed"),
                    left_out=(
                        "failed", "canceled", "cancelled", "pending", "incomplete", "blocked", "uncaptured", "expired",
                        "requires_*",
                    ),
                    status=True,
                ),
            ),
            (Counted(("Captured",), "a payment that was not captured", left_out=("false",), status=True),),
            (Counted(("Mode",), "a test payment", left_out=("test",)),),
        ),
        revenue=(
            Amounts((("Converted Amount",),), (("Converted Amount Refunded",),), ("Converted Currency",)),
            Amounts((("Amount",),), (("Amount Refunded",),), ("Currency",)),
        ),
        not_revenue=(("Fee",),),
        assumed=(
            "A payment is revenue on its day, with the tax within it: Stripe has no tax of its own.",
            "Fees and disputed amounts are not subtracted.",
        ),
    ),
    Layout(
        name="woocommerce",
        title="WooCommerce orders (Analytics)",
        marks=(("Order #",), ("Status",), ("N. Revenue (formatted)",)),
        roles={
            "customer": ("Customer",),
            "date": ("Date",),
            "document": ("Order #",),
            "quantity": ("Items sold",),
        },
        counted=(
            (Counted(("Status",), _UNSOLD, counts=_WOO_COUNTS, left_out=_WOO_LEFT_OUT, status=True),),
        ),
        revenue=(
            Amounts((("Net Sales", "N. Revenue"),), refunds_apart=(("Order #",), ("Status",))),
        ),
        assumed=(
            "Net Sales is without tax and shipping, after coupons.",
            "The customer is its name: two customers with one name are one.",
        ),
        needs={"revenue": "Net Sales (N. Revenue (formatted) has tax and shipping within it)"},
    ),
    Layout(
        name="woocommerce-orders",
        title="WooCommerce orders (export plug-in)",
        marks=(("order_id",), ("order_total",), ("shipping_total",), ("billing_email", "customer_email")),
        roles={
            "customer": ("billing_email", "customer_email", "customer_id"),
            "date": ("order_date",),
            "document": ("order_number", "order_id"),
            "name": ("billing_company", "billing_last_name"),
            "quantity": ("item_quantity",),
            "item": ("item_name",),
        },
        counted=(
            (
                Counted(
                    ("status", "order_status"),
                    _UNSOLD,
                    counts=(*_WOO_COUNTS, *(f"wc-{status}" for status in _WOO_COUNTS)),
                    left_out=(*_WOO_LEFT_OUT, *(f"wc-{status}" for status in _WOO_LEFT_OUT)),
                    status=True,
                ),
            ),
        ),
        revenue=(
            Orders(
                document=("order_id",),
                net=("order_total",),
                total=("order_total",),
                minus=(("tax_total",), ("shipping_total",), ("fee_total",)),
                refunded=("refunded_total",),
                refunds=("refund_items",),
                status=("status", "order_status"),
                price=("item_total",),
                currency=("order_currency",),
            ),
        ),
        not_revenue=(("tax_total",), ("shipping_total",), ("fee_total",)),
        document=("order_id",),
        assumed=("tax_total is the whole tax, with that of shipping and fees.",),
    ),
    Layout(
        name="quickbooks",
        title="QuickBooks Sales by Customer Detail",
        marks=(("Transaction Type",), ("Product/Service",), ("Sales Price",), ("Amount",), ("Balance",)),
        roles={
            "customer": ("Customer",),
            "date": ("Date",),
            "document": ("Num", "No."),
            "quantity": ("Qty", "Quantity"),
            "item": ("Product/Service",),
        },
        headings=("column 1", "Unnamed: 0", "", "_duplicated_0"),
        counted=(
            (Counted(("Transaction Type",), "no sale yet", left_out=("estimate", "sales order"), status=True),),
        ),
        revenue=(Amounts((("Amount",),)),),
        returns=(("Transaction Type",), ("credit memo", "refund", "refund receipt"), False),
        assumed=(
            "Amount is without sales tax, and negative on credit memos.",
            "A customer within another one is written Parent:Child.",
        ),
        needs={"customer": "without a name, with the customers as headings,"},
    ),
    Layout(
        name="exact",
        title="Exact Online journal lines",
        marks=(("Dagboek: Code",), ("Boekstuknummer",), ("Grootboekrekening", "Grootboekrekening: Code"), ("Bedrag",)),
        roles={
            "customer": ("Code", "Relatie: Code", "Naam"),
            "date": ("Factuurdatum", "Datum", "Boekdatum"),
            "document": ("Boekstuknummer",),
            "name": ("Naam", "Relatie: Naam"),
            "quantity": ("Aantal",),
        },
        fill=(
            (("Dagboek: Code",), ("Boekjaar",), ("Boekstuknummer",)),
            (("Code", "Relatie: Code"), ("Naam", "Relatie: Naam"), ("Factuurdatum", "Datum", "Boekdatum")),
        ),
        counted=((Counted(("Grootboekrekening", "Grootboekrekening: Code"), _NO_REVENUE, counts=("8*", "70*"), first=True, accounts=True),),),
        revenue=(Amounts((("Bedrag",),), currency=("Valuta",), balanced=("Dagboek: Code", "Boekjaar", "Boekstuknummer")),),
        not_revenue=(("BTW-bedrag",),),
        day_first=True,
        assumed=(
            "Bedrag is without VAT.",
        ),
    ),
    Layout(
        name="afas",
        title="AFAS invoices",
        marks=(
            ("Bedrag excl. BTW",), ("BTW-bedrag", "Bedrag incl. BTW"), ("Factuurnummer",), ("Factuurdatum", "Datum"),
            ("Debiteur", "Debiteurnummer", "Verkooprelatie", "Nummer debiteur"),
        ),
        roles={
            "customer": ("Debiteur", "Debiteurnummer", "Verkooprelatie", "Nummer debiteur"),
            "date": ("Factuurdatum", "Datum"),
            "revenue": ("Bedrag excl. BTW",),
            "document": ("Factuurnummer",),
            "name": ("Naam", "Naam debiteur", "Debiteurnaam"),
            "quantity": ("Aantal",),
            "item": ("Itemcode", "Artikel"),
        },
        not_revenue=(("BTW-bedrag",),),
        day_first=True,
        assumed=("A negative amount is a credit note.",),
    ),
    Layout(
        name="afas-journal",
        title="AFAS journal lines",
        marks=(("Rekeningnummer",), ("Bedrag debet",), ("Bedrag credit",), ("Boekstuknummer",)),
        roles={
            "customer": ("Debiteur", "Debiteurnummer", "Nummer debiteur"),
            "date": ("Factuurdatum", "Boekstukdatum", "Datum boeking", "Boekdatum", "Datum"),
            "document": ("Factuurnummer", "Boekstuknummer"),
            "name": ("Naam debiteur", "Debiteurnaam", "Naam"),
            "quantity": ("Aantal",),
        },
        fill=(
            (("Code dagboek", "Dagboek"), ("Jaar", "Boekjaar"), ("Boekstuknummer",)),
            (
                ("Debiteur", "Debiteurnummer", "Nummer debiteur"), ("Factuurnummer",), ("Naam debiteur", "Debiteurnaam"),
                ("Factuurdatum", "Boekstukdatum", "Datum boeking", "Boekdatum", "Datum"),
            ),
        ),
        party=(("Rekeningtype", "Type rekening", "Type"), "debiteur*", ("Rekeningnummer",)),
        counted=(
            (
                Counted(("Type rekening",), _NO_REVENUE, counts=("opbrengst*",)),
                Counted(("Rekeningnummer",), _NO_REVENUE, counts=("8*", "70*"), first=True, accounts=True),
            ),
        ),
        revenue=(Amounts((("Bedrag credit",),), (("Bedrag debet",),)),),
        day_first=True,
        assumed=(
            "Credit raises revenue, debit lowers it.",
        ),
    ),
    Layout(
        name="olist",
        title="Olist order items",
        marks=(("order_item_id",), ("seller_id",), ("price",), ("freight_value",)),
        roles={
            "customer": ("customer_unique_id",),
            "date": ("order_purchase_timestamp",),
            "revenue": ("price",),
            "document": ("order_id",),
            "item": ("product_id",),
        },
        counted=(
            (
                Counted(
                    ("order_status",),
                    _UNSOLD,
                    counts=("delivered", "shipped", "invoiced", "processing", "approved"),
                    left_out=("canceled", "unavailable", "created"),
                    status=True,
                ),
            ),
        ),
        not_revenue=(("freight_value",),),
        assumed=("The customer is customer_unique_id: customer_id is another one for every order.",),
        needs={
            role: f"{column} (name the folder of the export: its items, orders and customers are joined)"
            for role, column in (("customer", "customer_unique_id"), ("date", "order_purchase_timestamp"))
        },
    ),
    Layout(
        name="odoo",
        title="Odoo invoice lines",
        marks=(("move_type",), ("price_subtotal",), ("partner_id", "commercial_partner_id")),
        roles={
            "customer": ("commercial_partner_id", "partner_id"),
            "date": ("invoice_date", "date"),
            "document": ("move_id", "move_name"),
            "quantity": ("quantity",),
            "item": ("product_id",),
        },
        counted=(
            (
                Counted(
                    ("move_type",),
                    "no invoice or refund to a customer",
                    counts=("out_invoice", "out_refund", "out_receipt"),
                    left_out=("in_*", "entry"),
                ),
            ),
            (Counted(("parent_state",), _UNSOLD, counts=("posted",), left_out=("draft", "cancel"), status=True),),
            (Counted(("display_type",), _NO_LINE, counts=("", "product", "false")),),
            (Counted(("exclude_from_invoice_tab",), _NO_LINE, left_out=("true", "1", "t")),),
        ),
        revenue=(Amounts((("price_subtotal",),), currency=("currency_id",)),),
        returns=(("move_type",), ("out_refund",), True),
        assumed=("price_subtotal is above 0 on refunds, too; a refund lowers revenue.",),
    ),
    Layout(
        name="business-central",
        title="Business Central value entries",
        marks=(_ENTRY_TYPE, _SALES_ACTUAL, _COST_ACTUAL),
        roles={
            "customer": ("Source No.", "Customer No.", "customerNo", "Herkomstnr.", "Herkunftsnr.", "N° origine"),
            "date": ("Posting Date", "Boekingsdatum", "Buchungsdatum", "Date comptabilisation"),
            "document": ("Document No.", "Documentnr.", "Belegnr.", "Belegnummer", "N° document"),
            "cost": _COST_ACTUAL,
            "quantity": ("Invoiced Quantity", "Gefactureerd aantal", "Fakturierte Menge", "Quantité facturée"),
            "item": ("Item No.", "Artikelnr.", "N° article"),
        },
        counted=((Counted(_ENTRY_TYPE, "an entry of goods that is no sale", ("sale", "verkoop", "verkauf", "vente")),),),
        revenue=(Amounts((_SALES_ACTUAL,)),),
        opposite=("cost", "quantity"),
        assumed=(
            "Sales amounts are without VAT.",
            "Cost and quantity are below 0 on a sale, and above 0 on a return.",
        ),
    ),
    Layout(
        name="saf-t",
        title="SAF-T sales invoices",
        marks=(("InvoiceNo",), ("InvoiceType",), ("CustomerID",), ("CreditAmount",)),
        roles={
            "customer": ("CustomerID",),
            "date": ("InvoiceDate",),
            "revenue": ("CreditAmount",),
            "document": ("InvoiceNo",),
            "quantity": ("Quantity",),
            "name": ("CustomerName", "CompanyName"),
            "item": ("ProductCode",),
        },
        counted=((Counted(("InvoiceStatus",), "an annulled invoice", left_out=("a",), status=True),),),
        assumed=("AccountID is an account of the ledger, not a customer.",),
    ),
)  # fmt: skip
"""Every layout that is recognised."""
