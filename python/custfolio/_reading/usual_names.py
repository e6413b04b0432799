# The usual column names of sales data, by role: a table to extend, without any rule.
"""Column names of the common systems, in English, Dutch, German and French.

Names are compared without case, accents, spaces and punctuation. Each role has groups of names; a name of an earlier group is
preferred over one of a later group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["CREDIT_KINDS", "CUSTOMER_WORDS", "LIKELY_WORDS", "SALE_KINDS", "USUAL_NAMES", "WITHOUT_VAT", "WITH_VAT"]

_CUSTOMER: Final = (
    "customer", "client", "account", "account_id", "klant", "debiteur", "afnemer", "Kunde", "Debitor", "Abnehmer",
)  # fmt: skip
_CUSTOMER_NAME: Final = (
    "customer_name", "client_name", "account_name", "sell_to_customer_name", "bill_to_name", "sold_to_name", "buyer_name",
    "klantnaam", "naam klant", "debiteurnaam", "naam debiteur", "Kundenname", "Name Kunde", "Debitorname", "Debitorenname",
    "nom client", "nom du client", "raison sociale", "NAME1", "NAME_1",
)  # fmt: skip

USUAL_NAMES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "customer": (
        (
            "customer_id", "customer_no", "customer_number", "customer_code", "customer_key", "client_id", "client_no",
            "client_number", "client_code", "partner_id", "commercial_partner_id", "accounting_customer_party",
            "sell_to_customer_no", "sold_to", "sold_to_party",
            "klantnr", "klantnummer", "klantcode", "klant_id", "debiteurnr", "debiteurnummer", "debiteurcode", "debiteur_id",
            "Kundennr", "Kundennummer", "Kunden_Id", "Kunde_Nr", "Kdnr", "Debitornr", "Debitorennr", "Debitorennummer",
            "Debitorkonto", "N° client", "No client", "Nr client", "Num client", "Numéro client", "Numéro de client",
            "Code client", "Id client", "Réf client", "KUNNR", "KUNAG", "KNDNR",
        ),
        _CUSTOMER,
        _CUSTOMER_NAME,
    ),
    "date": (
        (
            "date", "day", "posting_date", "invoice_date", "issue_date", "order_date", "transaction_date", "delivery_date",
            "billing_date", "sales_date", "sale_date",
            "datum", "factuurdatum", "leverdatum", "orderdatum", "besteldatum", "boekingsdatum", "boekdatum", "verkoopdatum",
            "Rechnungsdatum", "Lieferdatum", "Buchungsdatum", "Auftragsdatum", "Bestelldatum", "Verkaufsdatum", "Fakturadatum",
            "date facture", "date de facture", "date de facturation", "date commande", "date de commande", "date livraison",
            "date de livraison", "date comptable", "date de vente", "jour", "BUDAT", "FKDAT",
        ),
        ("document_date", "documentdatum", "Belegdatum", "date pièce", "date de pièce", "BLDAT"),
    ),
    "revenue": (
        (
            "net_revenue", "net_amount", "net_sales", "net_value", "base_net_amount", "price_subtotal",
            "line_extension_amount", "CreditNoteLine/LineExtensionAmount",
            "sales_amount_actual", "netto omzet", "nettobedrag", "verkoopbedrag werkelijk",
            "Nettobetrag", "Nettoumsatz", "Nettoerlös", "Nettowert", "Netto", "Verkaufsbetrag tatsächlich",
            "HT", "CA HT", "NETWR", "ERLOS", "ERLÖS",
        ),
        (
            "revenue", "sales", "sale", "amount", "turnover", "sales_amount", "line_amount", "sales_value", "sales_revenue",
            "credit_amount",
            "omzet", "bedrag", "omzetbedrag", "verkoopbedrag", "regelbedrag", "factuurbedrag", "verkopen",
            "Umsatz", "Umsatzerlöse", "Betrag", "Erlöse", "Verkaufsbetrag", "Rechnungsbetrag", "Zeilenbetrag",
            "Positionsbetrag", "montant", "montant ligne", "montant facture", "chiffre d'affaires", "CA", "vente", "ventes",
        ),
        (
            "subtotal", "total", "total_amount", "total_sales", "total_revenue", "total_price", "line_total", "invoice_amount",
            "invoice_total", "totaal", "totaalbedrag", "regeltotaal", "totaalprijs", "Gesamt", "Gesamtbetrag", "Gesamtpreis",
            "Summe", "Gesamtumsatz", "montant total", "total ligne", "prix total",
        ),
        ("price_total", "gross", "gross_sales", "gross_amount", "brutto", "TTC"),
    ),
    "price": (
        (
            "unit_price", "price", "price_amount", "price_per_unit", "sales_price", "selling_price", "prijs", "stuksprijs",
            "eenheidsprijs", "verkoopprijs", "prijs per stuk", "Preis", "Einzelpreis", "Stückpreis", "Verkaufspreis",
            "Preis pro Stück", "prix", "prix unitaire", "PU", "prix de vente",
        ),
    ),
    "cost": (
        (
            "cost", "cost_of_goods", "cost_of_goods_sold", "cogs", "buying_amount", "cost_amount",
            "cost_value", "cost_of_sales", "total_cost",
            "kostprijs", "kosten", "kostprijs omzet", "kostprijs verkopen", "kostprijsbedrag", "kostprijswaarde",
            "inkoopwaarde", "inkoopbedrag",
            "Wareneinsatz", "Wareneinstand", "Einstandswert", "Einstandsbetrag", "Selbstkosten",
            "Herstellkosten", "Kosten", "coût", "coûts", "coût total", "coût des ventes", "coût de revient", "coût d'achat",
            "prix de revient", "montant achat", "WAVWR",
        ),
    ),
    "unit_cost": (
        (
            "unit_cost", "cost_per_unit", "cost_per_item", "cost_price_per_unit", "unit_cost_price", "purchase_price",
            "unit_purchase_price", "buying_price",
            "inkoopprijs", "inkoopprijs per stuk", "inkoopprijs per eenheid", "kostprijs per stuk", "kostprijs per eenheid",
            "stukskostprijs",
            "Stückkosten", "Kosten pro Stück", "Einstandspreis", "Einstandspreis pro Stück", "Einkaufspreis", "EK-Preis",
            "Selbstkosten pro Stück",
            "coût unitaire", "coût par unité", "coût de revient unitaire", "coût d'achat unitaire", "prix d'achat",
            "prix d'achat unitaire", "prix unitaire d'achat", "prix de revient unitaire",
        ),
    ),
    "quantity": (
        (
            "quantity", "qty", "units", "pieces", "invoiced_quantity", "credited_quantity", "quantity_sold", "units_sold",
            "aantal", "aantal stuks", "stuks", "hoeveelheid", "gefactureerd aantal",
            "Menge", "Anzahl", "Stück", "Stückzahl", "Absatzmenge", "verkaufte Menge", "fakturierte Menge",
            "quantité", "quantités", "qté", "quantité facturée", "FKIMG", "ABSMG",
        ),
    ),
    "document": (
        (
            "document", "document_no", "document_number", "document_id", "invoice", "invoice_no", "invoice_number", "invoice_id",
            "move_id", "factuur", "factuurnummer", "factuurnr", "documentnummer", "documentnr", "bonnummer", "bonnr",
            "Rechnung", "Rechnungsnummer", "Rechnungsnr", "Belegnummer", "Belegnr", "Fakturanummer", "facture", "N° facture",
            "No facture", "Num facture", "Numéro facture", "Numéro de facture", "N° pièce", "Numéro de pièce", "VBELN", "BELNR",
        ),
    ),
    "lines": (
        ("lines", "line_count", "number_of_lines", "aantal regels", "Anzahl Positionen", "nombre de lignes"),
    ),
    "kind": (
        (
            "document_type", "doc_type", "invoice_type", "voucher_type", "documentsoort", "soort document", "factuursoort",
            "factuurtype", "soort factuur", "boekingssoort", "Belegart", "Belegtyp", "Vorgangsart", "Rechnungsart",
            "Rechnungstyp", "Dokumentart", "Dokumenttyp", "Fakturaart", "type document", "type de document", "type pièce",
            "type de pièce", "nature de pièce", "type facture", "type de facture",
        ),
        ("type", "kind", "transaction_type", "soort", "Typ", "Art", "nature"),
    ),
    "name": (_CUSTOMER_NAME, ("customer", "client", "klant", "Kunde"), ("name", "naam", "nom")),
}  # fmt: skip
"""Groups of names by role.

A customer's name serves as its id where there is no other; a further name of it is its name. The second group of the kind of document has
names that other columns have, too.
"""

CREDIT_KINDS: Final = (
    "credit note", "credit notes", "credit memo", "credit memos", "credit invoice", "return", "returns",
    "sales return", "refund", "refunds", "reversal", "reversed", "CN", "SC", "sales credit memo", "sales credit note",
    "posted sales credit memo", "invoice credit", "return receipt",
    "creditnota", "credit nota", "creditfactuur", "verkoopcreditnota", "creditering", "creditbon", "retour", "retouren",
    "retourfactuur", "terugbetaling", "storno",
    "Gutschrift", "Gutschriften", "Rechnungsgutschrift", "Kundengutschrift", "Verkaufsgutschrift", "Korrekturrechnung",
    "Rechnungskorrektur", "Stornorechnung", "Stornierung", "Rechnungsstorno", "Retoure", "Rückgabe", "Rücksendung", "Erstattung",
    "avoir", "avoirs", "note de crédit", "facture d'avoir", "avoir client", "remboursement",
)  # fmt: skip
"""Kinds of documents that are credit notes."""

SALE_KINDS: Final = (
    "invoice", "invoices", "sales invoice", "posted sales invoice", "sale", "sales", "order", "sales order", "bill", "receipt",
    "cash sale", "charge", "debit note", "INV", "SI", "delivery",
    "factuur", "facturen", "verkoopfactuur", "debetfactuur", "debetnota", "verkoop", "kassabon", "bestelling", "levering",
    "Rechnung", "Rechnungen", "Ausgangsrechnung", "Verkaufsrechnung", "Verkauf", "Auftrag", "Bestellung", "Lieferung", "Barverkauf",
    "Faktura", "Abschlagsrechnung", "Schlussrechnung", "Teilrechnung",
    "facture", "factures", "facture client", "facture de vente", "vente", "commande", "livraison", "note de débit",
)  # fmt: skip
"""Kinds of documents that are sales."""

WITHOUT_VAT: Final = (
    "excl VAT", "ex VAT", "excluding VAT", "exclusive VAT", "exclusive of VAT", "without VAT", "before VAT", "excl tax", "ex tax",
    "excluding tax", "without tax", "before tax", "net of tax", "net of VAT", "net", "excl btw", "ex btw", "exclusief btw",
    "zonder btw", "netto", "exkl MwSt", "ohne MwSt", "exkl USt", "ohne USt", "exkl Mehrwertsteuer", "ohne Mehrwertsteuer",
    "HT", "hors taxe", "hors taxes", "hors TVA", "excl", "exkl",
)  # fmt: skip
"""Words in front of or behind the name of an amount without value-added tax."""

WITH_VAT: Final = (
    "incl VAT", "inc VAT", "including VAT", "inclusive VAT", "inclusive of VAT", "with VAT", "incl tax", "inc tax",
    "including tax", "with tax", "gross", "incl btw", "inclusief btw", "met btw", "bruto", "inkl MwSt", "mit MwSt", "inkl USt",
    "mit USt", "inkl Mehrwertsteuer", "mit Mehrwertsteuer", "brutto", "TTC", "toutes taxes comprises", "TVA comprise",
    "TVAC", "incl", "inkl",
)  # fmt: skip
"""Words in front of or behind the name of an amount with value-added tax."""

LIKELY_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "manager": (
        "manager", "vertegenwoordig", "beheerder", "verkoper", "vertreter", "verkäufer", "kundenbetreuer", "aussendienst",
        "salesperson", "sales_rep", "representative", "représentant", "vendeur", "commercial",
    ),
    "group": (
        "klantgroep", "klantengroep", "kundengruppe", "customer_group", "groupe_client", "chain", "keten", "enseigne", "region", "regio",
        "gebied", "gebiet", "sector", "branche",
    ),
    "family": (
        "groep", "gruppe", "group", "family", "famille", "categor", "kategorie", "catégorie",
    ),
    "ship_to": ("ship_to", "leveradres", "lieferadresse", "lieferort", "delivery_address", "adresse_de_livraison", "filiaal"),
    "status": ("status", "statut"),
    "list_price": (
        "list_price", "catalog_price", "catalogue_price", "lijstprijs", "catalogusprijs", "adviesprijs", "listenpreis", "katalogpreis",
        "prix_catalogue", "prix_tarif", "prix_public",
    ),
    "freight": ("vracht", "fracht", "freight", "shipping", "frais_de_port"),
    "commission": ("commission", "commissie", "provision"),
    "discount": ("discount", "korting", "rabatt", "remise"),
    "rebate": ("rebate", "bonus", "ristorno", "ristourne", "rückvergütung"),
    "item": ("artikel", "article", "product", "produkt", "produit", "item", "sku"),
}  # fmt: skip
"""Parts of the names of columns that are likely for a role which no usual name fills; an earlier role is preferred."""

CUSTOMER_WORDS: Final = (
    "customer", "client", "buyer", "account", "email", "klant", "debiteur", "kund", "debitor", "acheteur",
)  # fmt: skip
"""Parts of the names of columns that could identify a customer."""
