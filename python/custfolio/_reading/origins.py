# Returns on the day of the sale that they come from.
"""Put each return on the day of its sale, and list those without one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._reading.dimensions import Dimension
from custfolio._reading.rows import LedgerColumns
from custfolio.errors import InputError

__all__ = ["DOCUMENT_TEXT", "REFERENCE", "at_origins", "origin_columns"]

REFERENCE, DOCUMENT_TEXT = "reference", "document text"
"""Columns of the document that a row refers to, and of its own document, as dimensions that only :func:`at_origins` reads."""


def origin_columns(item: str | None, reference: str | None) -> dict[str, str]:
    """Return the columns that find the sale of a return, beside the item; raise where there is none."""
    if item is None and reference is None:
        raise InputError(
            'returns is "origin"; name the column of the document that a return refers to, or of the item: reference=... or item=...'
        )
    return {} if reference is None else {REFERENCE: reference}


def at_origins(columns: LedgerColumns) -> tuple[LedgerColumns, dict[str, Any]]:
    """Put each return on the day of its sale.

    Parameters
    ----------
    columns : LedgerColumns
        The rows; their dimensions have the columns of :func:`origin_columns`.

    Returns
    -------
    columns : LedgerColumns
        The rows on the days of their sales.
    unmatched : mapping of str to array or list
        The returns without a sale, which stay on their day.
    """
    dimensions = dict(columns.dimensions)
    reference, numbers = dimensions.pop(REFERENCE, None), dimensions.pop(DOCUMENT_TEXT, None)
    item = dimensions.get("item")
    of_item = None if item is None else item.of_row
    referred = None if reference is None or numbers is None else _referred(reference, numbers, columns.document)
    day, document, unmatched = _core.return_origins(
        customer=columns.customer,
        day=columns.day,
        revenue=columns.revenue,
        quantity=columns.quantity,
        document=columns.document,
        reference=referred,
        item=of_item,
    )
    table = _unmatched(columns, unmatched, reference, item)
    return replace(columns, day=day, document=document, dimensions=dimensions), table


def _referred(reference: Dimension, own: Dimension, document: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Return the number of the document that each row refers to."""
    assert reference.of_row is not None and own.of_row is not None and document is not None
    number = np.full(len(own.values) + 1, _core.no_reference, dtype=np.int64)  # the last entry is that of -1
    number[own.of_row] = document
    place = {text: k for k, text in enumerate(own.values)}
    # A number that no document has, for a reference to a document outside of the data.
    unknown = _core.no_reference + 1
    of_value = [int(number[place[text]]) if text in place else unknown for text in reference.values]
    documents: NDArray[np.int64] = np.array([*of_value, _core.no_reference], dtype=np.int64)[reference.of_row]
    return documents


def _unmatched(
    columns: LedgerColumns, rows: NDArray[np.int64], reference: Dimension | None, item: Dimension | None
) -> dict[str, Any]:
    """Return the entries of the returns without a sale."""

    def texts(dimension: Dimension | None) -> list[str | None]:
        codes = np.full(rows.size, -1) if dimension is None or dimension.of_row is None else dimension.of_row[rows]
        return [None if code < 0 or dimension is None else dimension.values[code] for code in codes.tolist()]

    references, items = texts(reference), texts(item)
    reasons = [
        "no sale of the customer has this document"
        if refers is not None
        else "there is no earlier sale of the item"
        if of is not None
        else "there is neither a reference nor an item"
        for refers, of in zip(references, items, strict=True)
    ]
    return {
        "customer_id": [columns.ids[code] for code in columns.customer[rows].tolist()],
        "date": columns.day[rows].astype("datetime64[D]"),
        "reference": references,
        "item": items,
        "revenue": columns.revenue[rows],
        "reason": reasons,
    }
