# Yearly amounts between list price and pocket, per customer.
"""Read a frame of price amounts per customer into drivers of the core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._reading.amounts import numbers_beside
from custfolio._reading.columns import beside_customer, require_currency
from custfolio._reading.rows import PRICES
from custfolio._tables.frames import eager, require_columns, texts_of
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError

__all__ = ["price_amounts"]


def price_amounts(
    frame: Any,
    customer: str | None,
    codes: Mapping[str, int],
    count: int,
    period: tuple[int, int],
    currency: str | None,
) -> tuple[dict[str, NDArray[np.float64]], dict[str, float], NDArray[np.int32]]:
    """Read price amounts per customer.

    Parameters
    ----------
    frame : frame
        A row per customer and element: customer_id, else customer; element; amount; and perhaps year.
    customer : str or None
        The column of customers.
    codes : mapping of str to int
        The customer of each identity, from 0 on.
    count : int
        Number of customers of the ledger.
    period : (int, int)
        First and last day of the statement, since 1970-01-01: an amount of a year counts by the days of the year in it.
    currency : str or None
        The currency of the statement.

    Returns
    -------
    known : dict of str to ndarray
        Amount of each element per customer of the ledger.
    strangers : dict of str to float
        Amount of each element of other customers.
    years : ndarray
        Year of each row; empty where rows have none.

    Raises
    ------
    InputError
        If a column is missing, an element unknown, an amount or year no number, or an amount is in another currency.
    """
    table = eager(frame, "prices")
    customer = beside_customer(table.columns) if customer is None else customer
    require_columns(table.columns, [customer, "element", "amount"], "the frame of prices=; it has")
    require_currency(table.columns, lambda name: table[name].unique().to_list(), currency, "prices=")
    names = [identity_text(name) for name in texts_of(table[customer], customer)]
    code = np.array([codes.get(name, -1) for name in names], dtype=np.int32)
    elements = np.array([text.strip() for text in texts_of(table["element"], "element")], dtype=object)
    for row, element in enumerate(elements, start=1):
        if element not in PRICES:
            raise InputError(f"prices=, row {row}: the element is {element!r}; it must be one of {', '.join(PRICES)}")
    amount = numbers_beside(table["amount"], "prices=")
    for row, value in enumerate(amount.tolist(), start=1):
        if not np.isfinite(value):
            raise InputError(f"prices=, row {row}: the amount is {value}; it must be a finite number")
    years = np.empty(0, dtype=np.int32)
    if "year" in table.columns:
        numbers = numbers_beside(table["year"], "prices=")
        for row, value in enumerate(numbers.tolist(), start=1):
            if not (1 <= value <= 9999 and value == int(value)):
                raise InputError(f"prices=, row {row}: the year is {value:g}; it must be a year such as 2021")
        years = numbers.astype(np.int32)
        amount = _core.amounts_in_period(amount, years, *period)
    known: dict[str, NDArray[np.float64]] = {}
    strangers: dict[str, float] = {}
    for element in dict.fromkeys(elements):
        rows = np.flatnonzero(elements == element)
        known[element], strangers[element] = _core.attribute_driver(code[rows], amount[rows], count)
    return known, strangers, years
