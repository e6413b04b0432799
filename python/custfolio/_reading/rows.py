# The rows of a ledger: accepted, rejected, and the columns of the core.
"""Check the cells of rows and gather accepted rows; the same for a frame in memory and for an engine."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio import _core
from custfolio._reading.amounts import LARGEST, amounts_of
from custfolio._reading.cells import MISSING, NO_SALE, NO_VALUE, OK, TOTAL, Reading, reason
from custfolio._reading.columns import Roles, marks_type
from custfolio._reading.currencies import Currencies
from custfolio._reading.days import days_of
from custfolio._reading.dimensions import Dimension, of_rows
from custfolio._reading.exact_sum import exact_sum
from custfolio._reading.header import is_subtotal, is_total
from custfolio._reading.keys import Keys, keys_of, sorted_ids
from custfolio.errors import InputError

__all__ = [
    "CREDIT_CODES",
    "GAP_LEFT_OUT",
    "NO_CREDIT",
    "PRICES",
    "SALE_STATUSES",
    "TOTAL_REASON",
    "Checked",
    "Gathered",
    "LedgerColumns",
    "MissingCost",
    "Origin",
    "check",
    "columns_of",
    "day_documents",
    "documents_of",
    "exchange",
    "gap_table",
    "in_order",
    "latest_names",
    "left_out_apart",
    "mark_totals",
    "no_sale",
    "rejections",
    "revenue_of",
    "texts_of",
]


CREDIT_CODES = ("nc", *(code + point for code in ("81", "83", "381", "396", "532") for point in ("", ".0")))
"""Types of credit notes: NC in SAF-T; the codes of UNCL 1001 in UBL, also where a library reads them as floats."""

NO_CREDIT = (*NO_VALUE, "0", "0.0", "0.00", "0,00", "false", "no")
"""Cells of a column that only credit notes fill, in a row of an invoice."""


@dataclass(frozen=True)
class LedgerColumns:
    """The accepted rows, as columns of one length n that the core reads in place.

    Arrays are C-contiguous and must not be written to: they may be the memory of the user's frame.
    """

    customer: NDArray[np.int32]
    """Customer of each row, as its place in `ids`."""
    day: NDArray[np.int32]
    """Days since 1970-01-01."""
    revenue: NDArray[np.float64]
    """Invoiced revenue, currency; negative for a return. Less the driver "rebate", it is net."""
    cost: NDArray[np.float64] | None
    """Cost of goods, currency."""
    quantity: NDArray[np.float64] | None
    """Quantity."""
    document: NDArray[np.int64] | None
    """A number for each document; equal numbers are one document. None: a delivery is a day on which a customer bought."""
    lines: NDArray[np.float64] | None
    """Lines that a row stands for; None: each row is one."""
    drivers: Mapping[str, NDArray[np.float64]]
    """Further drivers, by name."""
    ids: list[str]
    """Ids of the customers, in the order of their codes: by number where all are integers, by text otherwise."""
    names: list[str] | None
    """Names of the customers, in the same order; the latest, where a customer has had several."""
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    """Ways to group the rows."""
    delivery_drivers: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Drivers of the document, by name; each of its rows repeats them."""
    first_day: NDArray[np.int32] | None = None
    """First day of each customer where the rows do not have it: of a period, or one that was given; in the same order."""

    def first_days(self) -> NDArray[np.int32]:
        """Return the first day of each customer, from its rows or as it was given."""
        if self.first_day is not None:
            return self.first_day
        days = np.full(len(self.ids), np.iinfo(np.int32).max, dtype=np.int32)
        np.minimum.at(days, self.customer, self.day)
        return days

    renamed: Mapping[str, str] | None = None
    """The id of each customer that was merged or renamed, by its old id; None: there are none."""

    def codes(self) -> dict[str, int]:
        """Return the customer of each id, as its place in `ids`; an id that was merged or renamed is one, too."""
        codes = {name: k for k, name in enumerate(self.ids)}
        renamed = self.renamed or {}
        return codes | {old: codes[new] for old, new in renamed.items() if new in codes}

    def merged(self, renamed: Mapping[str, str]) -> LedgerColumns:
        """Return the rows with each customer under its new id; it has its own name, else that of one merged into it."""
        final = [renamed.get(name, name) for name in self.ids]
        ids = list(dict.fromkeys(final))
        ids = [ids[k] for k in sorted_ids(ids)]
        place = {name: k for k, name in enumerate(ids)}
        code = np.array([place[name] for name in final], dtype=np.int32)
        names = None
        if self.names is not None:
            shown: dict[str, str] = {}
            for identity, last, name in zip(self.ids, final, self.names, strict=True):
                if identity == last or last not in shown:
                    shown[last] = name
            names = [shown[name] for name in ids]
        return replace(self, customer=code[self.customer], ids=ids, names=names, renamed=renamed)

    def arguments(self) -> dict[str, Any]:
        """Return the columns as the core's functions of a ledger take them."""
        names = ("customer", "day", "revenue", "cost", "quantity", "document", "lines")
        return {name: getattr(self, name) for name in names} | {"drivers": dict(self.drivers), "id": self.ids}

    def statement_arguments(self) -> dict[str, Any]:
        """Return the columns as the core's functions of a statement take them: those with the drivers of a delivery."""
        return self.arguments() | {"delivery_drivers": dict(self.delivery_drivers)}


_NO_RETURN: Mapping[str, Any] = {
    "customer_id": [],
    "date": np.empty(0, "datetime64[D]"),
    "reference": [],
    "item": [],
    "revenue": np.empty(0),
    "reason": [],
}
"""Returns without a sale: none."""


@dataclass
class Gathered:
    """Result of reading: accepted rows, rejected rows, and their counts."""

    columns: LedgerColumns
    rejected: dict[str, Any]
    """Columns row, file (of several files), column, value, reason; one entry per rejected row."""
    rows_read: int
    duplicates: Callable[[], int]
    revenue_accepted: Callable[[], float]
    revenue_rejected: float
    library: str
    unmatched: dict[str, Any] = field(default_factory=lambda: dict(_NO_RETURN))
    """Returns without a sale, where returns count in the period of their sale."""
    currency: str | None = None
    """The currency of the figures."""
    recognised: dict[str, str] = field(default_factory=dict)
    """The column of each role."""
    gaps: dict[str, Any] = field(default_factory=lambda: gap_table([]))
    """Columns role, column, rows, revenue, taken_as; one entry per column with gaps."""
    left_out: dict[str, Any] = field(default_factory=lambda: _entries({}, []))
    """Rows that are no sale, with the columns of `rejected`."""
    sources: list[tuple[str, str]] = field(default_factory=list)
    """What was found about each file: its name; kind, encoding, sheet and header."""
    formats: dict[str, str] = field(default_factory=dict)
    """How the days and amounts of each role are written."""
    notes: list[str] = field(default_factory=list)
    """What the reading assumed, as sentences."""
    unused: list[str] = field(default_factory=list)
    """Columns without a role that no rule of a layout reads."""
    layout: dict[str, str] = field(default_factory=dict)
    """The rules of the layout that was read, as sentences by subject; empty where there is none."""

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle or a copy stores: the counts in place of the functions that count."""
        return vars(self) | {"duplicates": int(self.duplicates()), "revenue_accepted": self.revenue_accepted()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the attributes of a state."""
        duplicates, revenue = state["duplicates"], state["revenue_accepted"]
        vars(self).update(
            {"recognised": {}, "gaps": gap_table([]), "left_out": _entries({}, [])}
            | {"sources": [], "formats": {}, "notes": [], "unmatched": dict(_NO_RETURN), "currency": None, "layout": {}}
            | {"unused": []}
            | state
            | {"duplicates": lambda: duplicates, "revenue_accepted": lambda: revenue}
        )


@dataclass
class Origin:
    """How the rows of an engine are numbered, where the data came from files."""

    row: str | None = None
    """The column with the number of the row, from 1."""
    file: str | None = None
    """The column with the file of the row; row numbers are within it."""
    broken: Mapping[str, list[Any]] | None = None
    """Rows that are no rows of the table at all: columns row, file, column, value, reason."""
    duplicates: Callable[[], int] | None = None
    """Counts duplicates in the whole file."""
    totals: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """What marks the rows that are totals if they have no date, by file ("" for only one) and row."""


def cell_text(cell: Any) -> str | None:
    """Return a cell as the text that a user sees in it, None where there is no value."""
    if cell is None or cell != cell or str(cell) in ("<NA>", "NaT"):
        return None
    return cell if isinstance(cell, str) else str(cell)


def texts_of(values: pa.Array | NDArray[Any], rows: NDArray[np.int64]) -> list[str | None]:
    """Return some cells of a column as text."""
    if isinstance(values, np.ndarray):
        chosen = values[rows]
        if chosen.dtype.kind == "M":
            chosen = chosen.astype("datetime64[us]")
        return [cell_text(cell) for cell in chosen.tolist()]
    return [cell_text(cell) for cell in values.take(pa.array(rows)).to_pylist()]


@dataclass
class Checked:
    """Every cell of the columns used, read."""

    customer: Keys
    day: NDArray[np.int32]
    amounts: dict[str, NDArray[np.float64]]
    document: NDArray[np.int64] | None
    name: Keys | None
    faults: dict[str, NDArray[np.uint8]]
    """Faults by role, for the columns that have any and whose faults reject a row."""
    dimensions: dict[str, Keys]
    """Columns that group rows, by role."""
    gaps: dict[str, NDArray[np.bool_]]
    """Cells without a usable value by role, for the optional columns that have any."""
    document_keys: Keys | None = None
    """The documents as ids; None where integers stand for them."""


def check(
    cells: Mapping[str, pa.Array | NDArray[Any]], roles: Roles, readings: Mapping[str, Reading], decide: bool
) -> Checked:
    """Read every cell of the columns used."""
    columns = roles.all()
    faults: dict[str, NDArray[np.uint8] | None] = {}
    customer = keys_of(cells["customer"], "customer", roles.customer)
    faults["customer"] = customer.faults
    day, faults["date"] = days_of(cells["date"], "date", roles.date, readings["date"], decide)
    amounts = {}
    for role, column in roles.amounts().items():
        amounts[role], faults[role] = amounts_of(cells[role], role, column, readings[role], decide)
    lowered = roles.lowered()
    for role, less in lowered:
        if role == "quantity":
            _lower(amounts, faults, role, less)
    if roles.price is not None:
        _multiply(amounts, faults, "revenue", amounts["quantity"], "price")
    for role, less in lowered:
        if role == "revenue":
            _lower(amounts, faults, role, less)
    if roles.unit_cost is not None:  # the goods of a row with a negative revenue came back
        quantity = amounts["quantity"]
        units = np.where(amounts["revenue"] < 0, 0.0 - np.abs(quantity), quantity)
        _multiply(amounts, faults, "cost", units, "unit_cost")
        if roles.keeps_uncosted:  # a gap in either factor is one in the cost
            known = [
                found for found in (faults["quantity"], faults.pop("unit_cost"), faults["cost"]) if found is not None
            ]
            faults["cost"] = functools.reduce(operator.or_, known) if known else None
    credit = _credit_notes(cells, roles)
    if credit.any():  # a credit note lowers them, whichever sign the source writes
        turned = credit & (amounts["revenue"] > 0)
        for role in (f"driver {name}" for name in PRICES[1:]):  # amounts of the row, with the sign of its revenue
            if role in amounts:
                amounts[role] = np.where(turned, 0.0 - amounts[role], amounts[role])
        for role in ("revenue", "quantity", "cost"):
            if role in amounts:
                amounts[role] = np.where(credit, 0.0 - np.abs(amounts[role]), amounts[role])
    document = document_keys = None
    if roles.document is not None:
        document, faults["document"], document_keys = documents_of(cells["document"], columns["document"])
    name = keys_of(cells["name"], "name", columns["name"]) if roles.name is not None else None
    if roles.status is not None:
        faults = _without_no_sale(faults, cells["status"], roles)
    found = {role: fault for role, fault in faults.items() if fault is not None}
    gaps = {role: found.pop(role) != OK for role in roles.optional() if role in found}
    for role, gap in gaps.items():
        if role in amounts:
            amounts[role] = np.where(gap, _INSTEAD.get(role, 0.0), amounts[role])
    if document is not None and "document" in gaps:
        document = np.where(gaps["document"], day_documents(day), document)
    _list_amounts(amounts, gaps)
    dimensions = {role: keys_of(cells[role], role, column) for role, column in roles.dimensions.items()}
    return Checked(customer, day, amounts, document, name, found, dimensions, gaps, document_keys)


PRICES = ("list_price", "discount", "rebate", "freight", "commission")
"""Roles of the amounts between list price and pocket, which are drivers of the rows."""


def _list_amounts(amounts: dict[str, NDArray[np.float64]], gaps: Mapping[str, NDArray[np.bool_]]) -> None:
    """Make list prices of a unit amounts of the row; without a price or a quantity it is the invoice plus the discount."""
    role = "driver list_price"
    if role in amounts:
        unknown = np.zeros(amounts[role].size, dtype=bool)
        for other in (role, "quantity"):
            unknown |= gaps.get(other, False)
        invoiced = amounts["revenue"] + amounts.get("driver discount", 0.0)
        amounts[role] = np.where(unknown, invoiced, amounts[role] * amounts["quantity"])


def exchange(checked: Checked, currencies: Currencies, column: str, rows: NDArray[Any]) -> None:
    """Turn money into the currency of the figures, by the column of currencies.

    Parameters
    ----------
    checked : Checked
        The rows, or sums of rows of one currency; their money is changed.
    currencies : Currencies
        The rates; it gets the gaps of the column.
    column : str
        The column, for messages.
    rows : ndarray of int, shape (n,)
        Accepted rows that each entry sums; 0 for a rejected row.
    """
    keys = checked.dimensions.pop("currency")
    has = keys.codes >= 0 if keys.faults is None else keys.faults == OK
    codes = np.where(has & (rows > 0), keys.codes, -1).astype(np.int32)
    worth = currencies.worth(keys.texts(np.arange(keys.size)), codes, checked.day, column)
    for role, values in checked.amounts.items():
        if role in ("revenue", "cost") or role.startswith("no ") or role.removeprefix("driver ") in PRICES:
            checked.amounts[role] = values * worth
    gap = ~has & (rows > 0) & (codes >= 0).any()
    currencies.gap = (int(rows[gap].sum()), exact_sum(checked.amounts["revenue"][gap]))


def _multiply(
    amounts: dict[str, NDArray[np.float64]],
    faults: dict[str, NDArray[np.uint8] | None],
    role: str,
    quantity: NDArray[np.float64],
    factor: str,
) -> None:
    """Add the amounts of a role, quantity x factor; the product of unusable cells adds no fault."""
    with np.errstate(invalid="ignore", over="ignore"):
        product = quantity * amounts[factor]
    amounts[role], product_faults = amounts_of(product, role, f"quantity x {factor}", Reading())
    known = [found for found in (faults["quantity"], faults[factor]) if found is not None]
    if known and product_faults is not None:
        product_faults[functools.reduce(operator.or_, known) != OK] = OK
    faults[role] = product_faults


def no_sale(refunds: bool) -> tuple[str, ...]:
    """Return the statuses of rows that are no sale, in lower case; `refunds`: whether a column has the refunds."""
    return _NO_SALE if refunds else (*_NO_SALE, *_REFUNDED)


_NO_SALE = (
    "failed", "failure", "declined", "cancelled", "canceled", "voided", "void", "deleted", "trash", "draft", "checkout-draft",
    "pending", "pending payment", "incomplete", "expired", "blocked", "unavailable", "quote", "uncaptured",
    "wc-failed", "wc-cancelled", "wc-pending", "requires_payment_method", "requires_action", "requires_capture", "geannuleerd",
    "vervallen", "mislukt", "concept", "offerte", "storniert", "abgebrochen", "fehlgeschlagen", "entwurf", "angebot", "annulé",
    "annulée", "échoué", "échouée", "brouillon", "devis", "rejected", "afgewezen", "geweigerd", "abgelehnt", "refusé", "refusée",
    "storno", "verwijderd", "verlopen", "abgelaufen", "expiré", "expirée", "ausstehend", "on hold", "on-hold", "wc-on-hold",
)  # fmt: skip
_REFUNDED = (
    "refunded", "wc-refunded", "terugbetaald", "erstattet", "remboursé", "remboursée", "returned", "chargeback", "charged back",
)  # fmt: skip

SALE_STATUSES = (
    "paid", "unpaid", "open", "closed", "complete", "completed", "wc-completed", "processing", "wc-processing", "succeeded", "success",
    "approved", "authorized", "captured", "invoiced", "shipped", "delivered", "fulfilled", "partially_refunded", "partially_paid",
    "posted", "sale", "done", "sent", "confirmed", "active", "overdue", "betaald", "onbetaald", "openstaand", "voltooid", "afgerond",
    "gefactureerd", "verzonden", "geleverd", "geboekt", "bezahlt", "offen", "abgeschlossen", "versendet", "versandt", "geliefert",
    "gebucht", "fakturiert", "payé", "payée", "terminé", "terminée", "expédié", "expédiée", "livré", "livrée", "facturé", "facturée",
)  # fmt: skip
"""Statuses of sales, in lower case."""


def _without_no_sale(
    faults: dict[str, NDArray[np.uint8] | None], cells: pa.Array | NDArray[Any], roles: Roles
) -> dict[str, NDArray[np.uint8] | None]:
    """Return the faults with that of each row which its status makes no sale; such a row has no other fault."""
    keys = keys_of(cells, "status", roles.status or "")
    words = no_sale(roles.refunded is not None)
    texts = [text.strip().lower() for text in keys.texts(np.arange(keys.size))]
    none = np.append(np.array([text in words for text in texts], dtype=bool), False)[keys.codes]
    return _apart(faults, "status", none, NO_SALE)


def _apart(
    faults: dict[str, NDArray[np.uint8] | None], role: str, rows: NDArray[np.bool_], fault: int
) -> dict[str, NDArray[np.uint8] | None]:
    """Return the faults with one that is the only fault of some rows."""
    if not rows.any():
        return faults
    others = {
        name: found if found is None else np.where(rows, OK, found).astype(np.uint8) for name, found in faults.items()
    }
    return {role: np.where(rows, fault, OK).astype(np.uint8)} | others


def mark_totals(
    checked: Checked, cells: dict[str, Any], dated: NDArray[np.bool_], labels: Sequence[str | None] | None = None
) -> None:
    """Make rows lines of totals: `dated` ones, and those without a date that have a label, or a cell with a word for subtotal.

    The label of each row is added to the cells, as the role "total".
    """
    no_date = checked.faults.get("date")
    if no_date is None and dated.any():
        no_date = np.full(dated.size, OK, dtype=np.uint8)
    if no_date is not None:
        dateless = np.flatnonzero(no_date != OK)
        label_of_row = np.full(no_date.size, None, dtype=object) if labels is None else np.array(labels, dtype=object)
        for role in ("customer", "date", "name", "document"):
            if role in cells:
                for row, text in zip(dateless.tolist(), texts_of(cells[role], dateless), strict=True):
                    if label_of_row[row] is None and text is not None and is_subtotal(text):
                        label_of_row[row] = text
        rows = np.array([label is not None for label in label_of_row], dtype=bool) & (no_date != OK) | dated
        of_totals = np.flatnonzero(dated)
        for role in ("document", "name", "customer"):
            for row, text in enumerate(texts_of(cells[role], of_totals)) if role in cells else ():
                if text is not None and is_total(text):
                    label_of_row[of_totals[row]] = text
        cells["total"] = pa.array(label_of_row.tolist(), pa.string())
        checked.faults = {
            role: fault for role, fault in _apart({**checked.faults}, "total", rows, TOTAL).items() if fault is not None
        }


_INSTEAD = {"lines": 1.0}
"""What stands in a gap, by role; 0 where it is not here."""


def day_documents(day: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return a number for the rows of a day without a document; documents have others."""
    return day.astype(np.int64) - (1 << 40)


_LARGEST_RATIO = 10.0
"""Larger ratios of cost to revenue are a percentage by mistake."""


@dataclass(frozen=True)
class MissingCost:
    """The rule for rows without a cost: a ratio of cost to revenue, or the mean ratio of the customer, family or company."""

    rule: str | float = "company"
    renamed: Mapping[str, str] = field(default_factory=dict)
    """New ids of customers that were merged or renamed: they have one ratio."""

    def __post_init__(self) -> None:
        """Check the rule."""
        rule = self.rule
        if isinstance(rule, str) and rule in ("customer", "family", "company", "reject"):
            return
        if isinstance(rule, (str, bool)) or not isinstance(rule, (int, float)) or not math.isfinite(rule) or rule < 0:
            raise InputError(
                f'missing_cost is {rule!r}; it must be a ratio of cost to revenue, "customer", "family", "company" or "reject"'
            )
        if rule > _LARGEST_RATIO:
            raise InputError(
                f"missing_cost is {rule:g}; it is a ratio of cost to revenue, at most {_LARGEST_RATIO:g}: 60 % is 0.6"
            )

    def _taken_as(self, lowest: float, highest: float) -> str:
        """Return what stands for a missing cost; `lowest` and `highest` are revenues with a cost of the groups of rows without one."""
        if not isinstance(self.rule, str):
            return f"{self.rule:g} of revenue"
        if highest <= 0:
            return f"mean cost ratio of the company; the {self.rule} has no known cost"
        rest = f", or of the company where the {self.rule} has no known cost" if lowest <= 0 else ""
        return f"mean cost ratio of the {self.rule}{rest}"

    def filled(
        self,
        columns: LedgerColumns,
        cost: NDArray[np.float64],
        uncosted: NDArray[np.float64],
    ) -> tuple[LedgerColumns, str]:
        """Return the columns with every cost, and what stands for a missing one.

        `uncosted` is the revenue of the rows without a cost, which have a `cost` of 0.
        """
        group, groups = None, 0
        if self.rule == "customer":
            one = columns.merged(self.renamed) if self.renamed else columns
            group, groups = one.customer, len(one.ids)
        elif self.rule == "family":  # rows without a family are one
            family = columns.dimensions["family"]
            assert family.of_row is not None
            group, groups = family.of_row + 1, len(family.values) + 1
        filled = _core.fill_costs(
            revenue=columns.revenue,
            cost=cost,
            uncosted=uncosted,
            ratio=None if isinstance(self.rule, str) else float(self.rule),
            group=group,
            groups=groups,
        )
        known = np.ones(1)
        if group is not None and uncosted.any():
            known = np.bincount(group, columns.revenue - uncosted, groups)[group[uncosted != 0]]
        return replace(columns, cost=filled), self._taken_as(known.min(), known.max())


GAP_LEFT_OUT = "empty, so left out"
"""What stands for the gaps of a recognised column that is empty."""


def gap_table(gaps: Sequence[tuple[str, str, int, float, bool]], cost_taken_as: str = "0") -> dict[str, Any]:
    """Return the gaps of columns: their role, column, rows, revenue, and what is taken instead.

    Parameters
    ----------
    gaps : sequence of (role, column, rows, revenue, left out)
        The columns with gaps.
    cost_taken_as : str
        What stands for a missing cost.

    Returns
    -------
    dict
        The columns of :attr:`custfolio.Ledger.gaps`.
    """
    taken = {
        "lines": "1 line",
        "document": "a delivery of its day",
        "driver list_price": "what was invoiced, plus the discount",
    }
    taken |= {"currency": "the currency of the figures", "cost": cost_taken_as}
    texts = [GAP_LEFT_OUT if left else taken.get(role, "0") for role, _, _, _, left in gaps]
    return {
        "role": [role for role, *_ in gaps],
        "column": [column for _, column, *_ in gaps],
        "rows": np.array([rows for _, _, rows, _, _ in gaps], dtype=np.int64),
        "revenue": np.array([revenue for *_, revenue, _ in gaps], dtype=np.float64),
        "taken_as": texts,
    }


def _lower(
    amounts: dict[str, NDArray[np.float64]], faults: dict[str, NDArray[np.uint8] | None], role: str, lower: str
) -> None:
    """Subtract the amounts that lower a role; an empty one counts as 0, and so does an empty cell beside a credited one."""
    amount, less = amounts[role], amounts.pop(lower)
    if lower == "refunded":
        less = np.abs(less)
    nothing = np.full(amount.size, OK, dtype=np.uint8)
    own_faults, less_faults = (nothing if found is None else found for found in (faults[role], faults[lower]))
    no_own, no_less = own_faults == MISSING, less_faults == MISSING
    either = no_own & ~no_less & lower.startswith("credited ")
    amounts[role] = np.where(either, 0.0, amount) - np.where(no_less, 0.0, less)
    faults[role] = np.where(either, OK, own_faults).astype(np.uint8)
    faults[lower] = np.where(no_less, OK, less_faults).astype(np.uint8)


def _credit_notes(cells: Mapping[str, Any], roles: Roles) -> NDArray[np.bool_]:
    """Find the rows of credit notes."""
    credit: NDArray[np.bool_] = np.zeros(len(cells["customer"]), dtype=bool)
    for role, column in roles.credit_notes().items():
        keys = keys_of(cells[role], role, column)
        texts = [text.strip().lower() for text in keys.texts(np.arange(keys.size))]
        if role == "kind":
            marked = np.array([text in roles.credit_kinds for text in texts])
        else:
            marked = np.array([text in CREDIT_CODES if marks_type(column) else text not in NO_CREDIT for text in texts])
        credit |= np.append(marked.astype(bool), False)[keys.codes]
    return credit


def documents_of(
    values: pa.Array | NDArray[Any], column: str
) -> tuple[NDArray[np.int64], NDArray[np.uint8] | None, Keys | None]:
    """Read a column of document numbers as integers that are equal where the documents are; with faults, and ids where there are any."""
    if isinstance(values, pa.Array) and values.type == pa.int64() and values.null_count == 0:
        return values.to_numpy(zero_copy_only=True), None, None
    keys = keys_of(values, "document", column)
    return keys.codes.astype(np.int64), keys.faults, keys


def rejections(
    checked: Checked, roles: Roles, cells: Mapping[str, Any], bad: NDArray[np.int64], row: NDArray[np.int64]
) -> dict[str, Any]:
    """Return the entry of each rejected row: its first fault, and all reasons."""
    columns = roles.all() | roles.products()
    checks = ("total", "status", "customer", "date", *roles.amounts(), "revenue", "cost", "document")
    order = [role for role in checks if role in checked.faults]
    order = list(dict.fromkeys(order))
    column: list[str] = [""] * bad.size
    value: list[str | None] = [None] * bad.size
    reasons: list[list[str]] = [[] for _ in range(bad.size)]
    for role in order:
        faults = checked.faults[role][bad]
        at = np.flatnonzero(faults != OK)
        texts = texts_of(cells[role] if role in cells else checked.amounts[role], bad[at])
        for k, text, fault in zip(at.tolist(), texts, faults[at].tolist(), strict=True):
            if not reasons[k]:
                column[k], value[k] = columns.get(role, ""), text
            reasons[k].append(reason(fault, role))
    return {"row": row, "column": column, "value": value, "reason": ["; ".join(each) for each in reasons]}


TOTAL_REASON = reason(TOTAL, "")
_LEFT_OUT = (reason(NO_SALE, "status"), TOTAL_REASON)
"""Reasons of rows that are left out, not rejected."""


def _entries(table: Mapping[str, Any], chosen: Sequence[int]) -> dict[str, Any]:
    """Return some entries of a table of rows."""
    names = list(table) or ["row", "column", "value", "reason"]
    entries: dict[str, Any] = {name: [table[name][k] for k in chosen] for name in names}
    return entries | {"row": np.array(entries["row"], dtype=np.int64)}


def in_order(entries: dict[str, Any], further: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Merge rows that were rejected or left out with further ones, by file and row."""
    if not further or not further["row"]:
        return entries
    names = ["row", *(["file"] if "file" in further else []), "column", "value", "reason"]
    merged = {name: [*list(entries.get(name, [])), *further[name]] for name in names}
    files = merged.get("file") or [""] * len(merged["row"])
    order = sorted(range(len(files)), key=lambda k: (files[k], merged["row"][k]))
    result: dict[str, Any] = {name: [values[k] for k in order] for name, values in merged.items()}
    return result | {"row": np.array(result["row"], dtype=np.int64)}


def left_out_apart(gathered: Gathered) -> Gathered:
    """Move the rows that are no sale from the rejected ones to those left out."""
    reasons = gathered.rejected["reason"]
    apart = [k for k, text in enumerate(reasons) if text in _LEFT_OUT]
    if apart:
        rejected = [k for k, text in enumerate(reasons) if text not in _LEFT_OUT]
        gathered.left_out = _entries(gathered.rejected, apart)
        gathered.rejected = _entries(gathered.rejected, rejected)
    return gathered


def revenue_of(checked: Checked, bad: NDArray[np.int64]) -> float:
    """Return the revenue of rejected rows with a readable amount; a row that is no sale is not among them."""
    for role in ("total", "status"):
        if role in checked.faults:
            bad = bad[checked.faults[role][bad] == OK]
    amounts = checked.amounts["revenue"][bad]
    known = np.isfinite(amounts) & (np.abs(amounts) <= LARGEST)
    return exact_sum(amounts[known])


def _encoded(keys: Keys, rows: NDArray[np.int64] | None) -> tuple[NDArray[np.int32], NDArray[np.int64], list[str]]:
    """Return the dense code of each accepted row, the places of the codes in the keys, and the ids in order."""
    codes = keys.codes if rows is None else keys.codes[rows]
    present = np.zeros(keys.size, dtype=bool)
    present[codes] = True
    used = np.flatnonzero(present)
    ids = keys.texts(used)
    if keys.values is not None:
        order = sorted_ids(ids)
        used, ids = used[order], [ids[k] for k in order]
    rank = np.zeros(keys.size, dtype=np.int32)
    rank[used] = np.arange(used.size, dtype=np.int32)
    return rank[codes], used, ids


def latest_names(code: NDArray[np.int32], name: Keys, day: NDArray[np.int32], ids: list[str]) -> list[str]:
    """Return the name of each customer: the one of its last day, the first in the alphabet of several; its id if none."""
    known = np.flatnonzero(name.codes >= 0) if name.faults is None else np.flatnonzero(name.faults == OK)
    table = pa.table({"code": code[known], "name": name.codes[known], "day": day[known]})
    last = table.group_by(["code", "name"]).aggregate([("day", "max")])
    texts = name.texts(np.asarray(last["name"]))
    best: dict[int, tuple[int, str]] = {}
    for customer, text, latest in zip(last["code"].to_pylist(), texts, last["day_max"].to_pylist(), strict=True):
        latest_name = best.get(customer)
        if latest_name is None or (-latest, text) < (-latest_name[0], latest_name[1]):
            best[customer] = (latest, text)
    return [best[k][1] if k in best else ids[k] for k in range(len(ids))]


def columns_of(checked: Checked, rows: NDArray[np.int64] | None) -> LedgerColumns:
    """Return the columns of the accepted rows (None: all of them)."""
    code, _, ids = _encoded(checked.customer, rows)

    def taken(values: NDArray[Any] | None) -> Any:
        return values if values is None or rows is None else values[rows]

    day = taken(checked.day)
    names = None
    if checked.name is not None:
        name = checked.name
        if rows is not None:
            name = Keys(
                name.codes[rows], name.first, name.size, name.values, None if name.faults is None else name.faults[rows]
            )
        names = latest_names(code, name, day, ids)
    amounts = {role: taken(values) for role, values in checked.amounts.items()}
    return LedgerColumns(
        customer=code,
        day=day,
        revenue=amounts["revenue"],
        cost=amounts.get("cost"),
        quantity=amounts.get("quantity"),
        document=taken(checked.document),
        lines=amounts.get("lines"),
        drivers=_named(amounts, "driver "),
        ids=ids,
        names=names,
        dimensions={role: of_rows(role, keys, rows) for role, keys in checked.dimensions.items()},
        delivery_drivers=_named(amounts, "delivery driver "),
    )


def _named(amounts: Mapping[str, NDArray[np.float64]], kind: str) -> dict[str, NDArray[np.float64]]:
    """Return the drivers of a kind, by name."""
    return {role.removeprefix(kind): values for role, values in amounts.items() if role.startswith(kind)}
