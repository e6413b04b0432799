# The receivables of a statement: invoices and their payments, or days sales outstanding.
"""Read a frame of receivables into the columns of the core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio import _core
from custfolio._reading.amounts import amounts_of
from custfolio._reading.cells import MISSING, OK, Reading, reason
from custfolio._reading.columns import folded_name, listed, require_currency, usual_column
from custfolio._reading.days import days_of
from custfolio._reading.keys import keys_of
from custfolio._tables.frames import FrameLike, arrow_columns
from custfolio._tables.wording import counted, identity_text
from custfolio.errors import InputError

__all__ = ["receivables_of"]

_NO_DAY: Final = _core.no_day
"""The core's mark of a day that is not there."""

_NAMES: Final = {
    "customer": ("customerid", "customer", "customerno", "client", "account", "klant", "klantnummer"),
    "invoice": ("invoicedate", "invoiced", "date", "invoice", "factuurdatum"),
    "due": ("duedate", "due", "vervaldatum", "vervaldag", "falligkeitsdatum", "faelligkeitsdatum", "fallig", "dateecheance", "echeance"),
    "paid": (
        "paiddate", "paid", "paymentdate", "settleddate", "settled", "betaaldatum", "betaald", "zahlungsdatum", "bezahlt",
        "datepaiement", "datedepaiement",
    ),
    "amount": ("amount", "invoiceamount", "bedrag"),
    "dso": ("dso", "dayssalesoutstanding"),
    "terms": ("terms", "paymentterms", "termsdays"),
}  # fmt: skip
"""Folded column names by role, the plainest first."""

_SHOWN: Final = 5
"""Rows that a note names."""

_AS_LEDGER: Final = {"customer": "customer", "invoice": "date", "amount": "revenue"}
"""Roles whose columns may have the usual names of a role of the ledger."""


def receivables_of(
    frame: FrameLike, codes: Mapping[str, int], count: int, currency: str | None = None, decimal: str | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Read receivables.

    An invoice without its day has that of its due day less its terms; one without these is left out.

    Parameters
    ----------
    frame : frame
        A row per invoice or payment, with columns customer, invoice (day), due, paid and amount, and perhaps terms (days); or a row per customer,
        with columns customer, dso and perhaps terms.
    codes : mapping of str to int
        The customer of each identity, from 0 on.
    count : int
        Number of customers of the ledger.
    currency : str, optional
        The currency of the statement.
    decimal : {".", ","}, optional
        The decimal sign of text amounts.

    Returns
    -------
    arguments : dict
        The arguments `receivables`, or `dso` and `terms`, of the core's statement.
    notes : list of str
        The invoices that are left out, as a sentence; nothing where there are none.

    Raises
    ------
    InputError
        If a column is missing or a cell cannot be used (the message names the row), or an amount is in another currency.
    """
    columns = {name: _plain(array) for name, array in arrow_columns(frame, "receivables").items()}
    folded = {folded_name(name): name for name in reversed(columns)}
    names = {role: next((folded[name] for name in usual if name in folded), None) for role, usual in _NAMES.items()}
    for role, usual_name in _AS_LEDGER.items():
        if names[role] is None:
            names[role] = usual_column(usual_name, [name for name in columns if name not in names.values()])
    wanted: tuple[str, ...] = (
        ("customer", "dso") if names["dso"] is not None else ("customer", "invoice", "paid", "amount")
    )
    if names["due"] is not None and names["terms"] is not None:
        wanted = tuple(role for role in wanted if role != "invoice")
    missing = [role for role in wanted if names[role] is None]
    if missing:
        raise InputError(
            f"receivables have no column {' or '.join(missing)}; they need customer, invoice, due, paid and amount, or customer and dso; "
            f"the columns are {listed(list(columns))}"
        )
    keys = keys_of(columns[names["customer"] or ""], "customer", names["customer"] or "")
    known = [codes.get(text, -1) for text in keys.texts(np.arange(keys.size))]
    code = np.append(np.array(known, dtype=np.int32), np.int32(-1))[keys.codes]
    if names["dso"] is not None:
        return _outstanding(columns, names, code, count, decimal), []
    days = _days(columns, names, code.size)
    require_currency(list(columns), lambda name: columns[name].unique().to_pylist(), currency, "receivables")
    amount = _numbers(columns, names["amount"] or "", "amount", decimal)
    dated = _with_invoice_days(columns, names, days, decimal)
    invoices: dict[str, NDArray[Any]] = {"customer": code, **days, "amount": amount}
    without = np.flatnonzero(~dated)
    if without.size == 0:
        return {"receivables": invoices}, []
    invoices = {name: values[dated] if values.size else values for name, values in invoices.items()}
    rows = ", ".join(map(str, (without[:_SHOWN] + 1).tolist())) + (", ..." if without.size > _SHOWN else "")
    has, row = ("has", "row") if without.size == 1 else ("have", "rows")
    note = (
        f"Receivables: {counted(without.size, 'row')} (of {code.size:,}) {has} neither an invoice day nor a due day with terms, "
        f"so {amount[~dated].sum():,.2f} costs no credit: {row} {rows}."
    )
    return {"receivables": invoices}, [note]


def _with_invoice_days(
    columns: dict[str, Any], names: dict[str, str | None], days: dict[str, NDArray[np.int32]], decimal: str | None
) -> NDArray[np.bool_]:
    """Set the invoice days that are missing, by due day and terms; return whether each row has one."""
    known: NDArray[np.bool_] = days["invoiced"] != _NO_DAY
    column = names["terms"]
    if known.all() or column is None or days["due"].size == 0:
        return known
    terms, faults = amounts_of(columns[column], "terms", column, Reading(decimal=decimal, beside=True))
    faults = np.zeros(known.size, dtype=np.uint8) if faults is None else faults
    _refuse((faults != OK) & (faults != MISSING), faults, columns[column], "terms", column)
    computed: NDArray[np.bool_] = ~known & (faults == OK) & (terms >= 0) & (days["due"] != _NO_DAY)
    days["invoiced"][computed] = days["due"][computed] - np.round(terms[computed]).astype(np.int32)
    known |= computed
    return known


def _plain(array: Any) -> Any:
    """Return every kind of text as text."""
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    texts = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return array.cast(pa.string()) if texts else array


def _days(columns: dict[str, Any], names: dict[str, str | None], rows: int) -> dict[str, NDArray[np.int32]]:
    """Read the days of all columns by one order of day and month; an empty cell is no day."""
    roles = [role for role in ("invoice", "due", "paid") if names[role] is not None]
    order = Reading(beside=True)
    texts = [columns[names[role] or ""] for role in roles if pa.types.is_string(columns[names[role] or ""].type)]
    if texts:  # settles the order by the days of all columns
        days_of(pa.concat_arrays(texts), "receivables: day", ", ".join(str(names[role]) for role in roles), order)
    day_of_role: dict[str, NDArray[np.int32]] = {}
    for role in roles:
        column = names[role] or ""
        array = columns[column]
        if pa.types.is_null(array.type):
            day_of_role[role] = np.full(len(array), _NO_DAY, dtype=np.int32)
            continue
        day, faults = days_of(array, role, column, order, decide=False)
        if faults is not None:
            _refuse((faults != OK) & (faults != MISSING), faults, array, role, column)
            day = np.where(faults == OK, day, np.int32(_NO_DAY)).astype(np.int32)
        day_of_role[role] = day
    day_of_role.setdefault("due", np.empty(0, dtype=np.int32))
    day_of_role["invoice"] = np.array(day_of_role.get("invoice", np.full(rows, _NO_DAY)), dtype=np.int32)
    return {"invoiced": day_of_role["invoice"], "due": day_of_role["due"], "paid": day_of_role["paid"]}


def _numbers(columns: dict[str, Any], column: str, role: str, decimal: str | None) -> NDArray[np.float64]:
    """Read a column of numbers without a gap."""
    values, faults = amounts_of(columns[column], role, column, Reading(decimal=decimal, beside=True))
    if faults is not None:
        _refuse(faults != OK, faults, columns[column], role, column)
    return values


def _refuse(bad: NDArray[np.bool_], faults: NDArray[np.uint8], array: Any, role: str, column: str) -> None:
    """Name the first bad row."""
    rows = np.flatnonzero(bad)
    if rows.size:
        row = int(rows[0])
        raise InputError(
            f"receivables, row {row + 1}: {reason(int(faults[row]), role)} (column {column!r}: {array[row].as_py()!r})"
        )


def _outstanding(
    columns: dict[str, Any], names: dict[str, str | None], code: NDArray[np.int32], customers: int, decimal: str | None
) -> dict[str, Any]:
    """Return days sales outstanding and terms per customer, NaN where there is no row."""
    inside = code >= 0
    if np.unique(code[inside]).size < np.count_nonzero(inside):
        row = int(np.flatnonzero(inside)[np.argmax(np.bincount(code[inside])[code[inside]] > 1)])
        raise InputError(f"receivables, row {row + 1}: the customer has another row; DSO is one row per customer")
    outstanding: dict[str, Any] = {}
    for role in ("dso", "terms"):
        column = names[role]
        if column is not None:
            days = _numbers(columns, column, role, decimal)
            bad = np.flatnonzero(inside & (days < 0))
            if bad.size:
                row = int(bad[0])
                customer = identity_text(columns[names["customer"] or ""][row].as_py())
                raise InputError(
                    f"receivables, row {row + 1}: {role} of customer {customer!r} is {days[row]}; it must be >= 0 days"
                )
            values = np.full(customers, np.nan)
            values[code[inside]] = days[inside]
            outstanding[role] = values
    return outstanding
