# From a frame to the accepted and rejected rows of a ledger.
"""Gather the rows of any frame: an eager one row by row, a lazy one grouped by its engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from custfolio._reading.cells import Reading
from custfolio._reading.columns import Usual, found_column, listed, recognise, require_text_names, usual_currency
from custfolio._reading.currencies import Currencies
from custfolio._reading.eager import gather_eager
from custfolio._reading.engines import gather_lazy
from custfolio._reading.findings import (
    costs_like_ratios,
    customers_like_documents,
    empty_cells,
    formats_of,
    opposite_signs,
)
from custfolio._reading.kinds import with_kinds, with_statuses
from custfolio._reading.layouts.reading import apply, layout_of
from custfolio._reading.rows import PRICES, Gathered, MissingCost, Origin, gap_table, left_out_apart
from custfolio._tables.frames import library_of
from custfolio.errors import InputError

__all__ = ["gather"]


def gather(
    data: Any,
    given: Mapping[str, Any],
    drivers: Mapping[str, str] | None = None,
    delivery_drivers: Mapping[str, str] | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    currencies: Currencies | None = None,
    missing_cost: MissingCost | None = None,
    dimensions: Mapping[str, Any] | None = None,
    origin: Origin | None = None,
    library: str | None = None,
    sources: Sequence[tuple[str, str]] = (),
    layout: str | bool | None = "auto",
    accounts: Sequence[str] = (),
) -> Gathered:
    """Read the rows of a frame.

    Parameters
    ----------
    data : frame
        Any frame that narwhals reads, eager or lazy.
    given : mapping of role to column, False or None
        The column of each role.
    drivers : mapping of driver to column, optional
        Further drivers.
    delivery_drivers : mapping of driver to column, optional
        Drivers of the document, which each of its rows repeats.
    date_format : str, optional
        Format of text dates (`datetime.strptime`).
    decimal : {".", ","}, optional
        The decimal sign of text amounts.
    currencies : Currencies, optional
        The currency of the figures, and rates of others.
    missing_cost : MissingCost, optional
        The rule for rows without a cost; by default the mean ratio of the company.
    dimensions : mapping of role to column, optional
        Columns that group rows; that of "currency" may be Usual.NAMES.
    origin : Origin, optional
        How rows are numbered, where the data came from files.
    library : str, optional
        The library that results leave in; the frame's own by default.
    sources : sequence of (str, str)
        What was found about each file.
    layout : str, False or None
        The layout of the export; see :func:`custfolio._reading.layouts.reading.layout_of`.
    accounts : sequence of str
        The first digits of revenue accounts, for a layout of journal lines; none: those of the layout.

    Returns
    -------
    Gathered
        The accepted and the rejected rows.

    Raises
    ------
    InputError
        If `data` is no frame, has no rows, a column is missing, or a column can be read in two ways.
    """
    library = library or library_of(data)
    try:
        frame = nw.from_native(data)
        names = list(frame.collect_schema().names())
    except (nw.exceptions.NarwhalsError, ValueError) as error:
        raise InputError(f"the frame cannot be read: {str(error).splitlines()[0]}") from None
    require_text_names(names)
    missing_cost, currencies = missing_cost or MissingCost(), currencies or Currencies(None, None)
    place_columns = {origin.row, origin.file} if origin is not None else set()
    shown = [name for name in names if name not in place_columns]
    export_layout = layout_of(shown, layout)
    export = None
    if export_layout is not None:
        columns_given = {role: column for role, column in (dimensions or {}).items() if isinstance(column, str)}
        export = apply(export_layout, frame, given, columns_given, origin, decimal, currencies, accounts)
        frame, given, origin = export.frame, export.given, export.origin
        dimensions = {**(dimensions or {}), **export.dimensions}
        place_columns = {origin.row, origin.file} if origin is not None else set()
        names = list(frame.collect_schema().names())
    elif accounts:
        raise InputError("revenue_accounts= has no effect without the layout of journal lines, such as layout='exact'")
    roles = recognise([name for name in names if name not in place_columns], given, drivers, delivery_drivers)
    dimensions = {**(dimensions or {})}
    if dimensions.get("currency") is Usual.NAMES:
        usual = usual_currency(names, roles.revenue or roles.price) if export is None else export.currency
        dimensions["currency"] = usual
    if "list_price" in roles.drivers and roles.quantity is None:
        raise InputError("list_price= is a price of a unit; name the column of the quantity: quantity=...")
    if "reference" in dimensions:
        if roles.document is None:
            raise InputError("reference= needs the document of each row; name its column: document=...")
        dimensions["document text"] = roles.document
    grouped = {
        role: found_column(role, column, [name for name in names if name not in place_columns])
        for role, column in dimensions.items()
        if column
    }
    if missing_cost.rule == "family" and "family" not in grouped:
        raise InputError('missing_cost is "family"; name the column of the product family: family=...')
    roles = replace(roles, dimensions=grouped, keeps_uncosted=missing_cost.rule != "reject")
    if export is not None:
        roles = replace(roles, guessed=roles.guessed | export.recognised)
    roles = with_statuses(frame, with_kinds(frame, roles))
    currencies.by_row = "currency" in grouped
    readings = {role: Reading(decimal=decimal) for role in roles.all()}
    readings["date"].format = date_format
    readings["date"].order = None if export is None else export.day_order
    money = ("revenue", "price", "cost", "unit_cost", "credited revenue", "refunded", "tax")
    for role in (*money, *(f"driver {name}" for name in PRICES), "currency"):
        if role in readings:
            readings[role].currencies = currencies
    engine = frame.implementation
    if isinstance(frame, nw.LazyFrame) and not (engine.is_duckdb() or engine.is_polars() or engine.is_pyspark()):
        frame = frame.collect(backend="pyarrow")
    if isinstance(frame, nw.LazyFrame):
        gathered = gather_lazy(frame, roles, readings, library, origin or Origin(), missing_cost)
    else:
        try:
            gathered = gather_eager(frame, roles, readings, library, missing_cost)
        except UnicodeEncodeError as error:
            raise InputError(f"{error.object!r} has a lone surrogate; it must be text that UTF-8 can write") from None
    bare = {
        role: column
        for role, column in roles.all().items()
        if role != "currency" and readings[role].currencies is not None and not readings[role].with_currency
    }
    if not {"revenue", "price"} & bare.keys():
        currencies.require_beside(bare)
    if gathered.rows_read == 0 and (export is None or not export.rows_apart):
        raise InputError(f"the data has no rows, only column names: {listed(shown)}")
    if gathered.columns.cost is None and not isinstance(missing_cost.rule, str):
        columns = gathered.columns
        gathered.columns, taken = missing_cost.filled(columns, np.zeros(columns.day.size), columns.revenue)
        gap = ("cost", "none", gathered.rows_read - len(gathered.rejected["row"]), gathered.revenue_accepted(), False)
        _add_gap(gathered, gap_table([gap], taken))
    if currencies.gap[0]:
        _add_gap(gathered, gap_table([("currency", grouped["currency"], *currencies.gap, False)]))
    gathered.currency = currencies.code
    gathered.sources = list(sources)
    used = set(roles.all().values()) | (set() if export is None else export.used)
    gathered.unused = [name for name in shown if name not in used]
    gathered.formats = formats_of(roles, readings)
    ratio = costs_like_ratios(gathered.columns, roles, readings)
    note = customers_like_documents(gathered.columns, roles, shown)
    empty = empty_cells(sources, gathered.rejected["reason"])
    gathered.notes = [
        *roles.notes,
        *currencies.notes,
        *gathered.notes,
        *opposite_signs(gathered.columns),
        *(text for text in (ratio, note, empty) if text is not None),
    ]
    gathered = left_out_apart(gathered)
    if export is not None:
        export.complete(gathered)
    return gathered


def _add_gap(gathered: Gathered, gap: Mapping[str, Any]) -> None:
    """Add an entry to the gaps."""
    gathered.gaps = {
        name: np.append(gathered.gaps[name], values)
        if isinstance(values, np.ndarray)
        else [*gathered.gaps[name], *values]
        for name, values in gap.items()
    }
