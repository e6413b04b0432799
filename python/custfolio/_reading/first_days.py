# First days of customers that bought before the data begins, from a table beside the ledger.
"""Read the days of a mapping or frame of customers as a ledger reads its days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from custfolio._reading.cells import OK, Reading, reason
from custfolio._reading.columns import beside_customer, usual_column
from custfolio._reading.days import days_of
from custfolio._tables.frames import eager, require_columns, texts_of
from custfolio.errors import InputError

__all__ = ["first_days"]


def first_days(given: Any) -> dict[Any, Any]:
    """Return the day of each customer.

    Parameters
    ----------
    given : mapping of customer to day, or frame
        A frame has a column of customers and one of days, "date" or another usual name.

    Returns
    -------
    dict
        The days by customer; text is read, other cells stay. A customer with several rows has its earliest day.

    Raises
    ------
    InputError
        If a column is missing or a text is no day; the message names the customer.
    """
    if isinstance(given, Mapping):
        names, cells = list(given), list(given.values())
    else:
        table = eager(given, "customer_since", "a frame or a mapping")
        customer = beside_customer(table.columns)
        date = "date" if "date" in table.columns else usual_column("date", table.columns) or "date"
        require_columns(table.columns, [customer, date], "customer_since; it has")
        names, cells = texts_of(table[customer], customer), table[date].to_list()
    texts = [k for k, cell in enumerate(cells) if isinstance(cell, str)]
    days, faults = days_of(
        pa.array([cells[k] for k in texts], pa.string()), "customer_since: day", "date", Reading(beside=True)
    )
    for place, k in enumerate(texts):
        if faults is not None and faults[place] != OK:
            raise InputError(f"customer_since of {names[k]!r} is {cells[k]!r}: {reason(int(faults[place]), 'date')}")
        cells[k] = np.datetime64(int(days[place]), "D")
    first: dict[Any, Any] = {}
    for name, cell in zip(names, cells, strict=True):
        first[name] = min(first[name], cell) if name in first and type(first[name]) is type(cell) else cell
    return first
