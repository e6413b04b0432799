# Customers that act as one, and ways out: tables of a strategy as plain rows.
"""Read the tables of a strategy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from custfolio._tables.dates import is_missing, month_index, month_text
from custfolio._tables.frames import (
    check_spelling,
    customer_column,
    lists_of,
    number_or_nan,
    once,
    require_columns,
    texts_of,
)
from custfolio.errors import InputError

__all__ = ["Exit", "exits_of", "holdings_of"]

Exit: TypeAlias = "tuple[str, str, str | None, float, float]"
"""A way out: customer, the way in words, the month from which it is open or None, shares of level and heat that stay."""


def _columns(table: Any, name: str, wanted: str) -> dict[str, list[Any]]:
    """Return the columns of a table of customers; the customers' column is called customer_id."""
    columns = lists_of(table, f"{name} is of type {type(table).__name__}; it must be {wanted}")
    identity = customer_column(columns)
    return {"customer_id" if column == identity else column: cells for column, cells in columns.items()}


def holdings_of(linked: Any) -> tuple[tuple[str, str], ...]:
    """Return pairs of customer and holding, of a mapping or of a frame with the columns customer_id and holding."""
    if linked is None:
        return ()
    if isinstance(linked, Mapping):
        customers, names = list(linked), list(linked.values())
    elif isinstance(linked, tuple):  # as this function returns them
        customers, names = [pair[0] for pair in linked], [pair[1] for pair in linked]
    else:
        columns = _columns(linked, "linked", "a mapping of customer to holding, or a frame")
        require_columns(columns, ["customer_id", "holding"], "the frame of linked; it has")
        # A customer without a holding is linked with nobody.
        kept = [k for k, name in enumerate(columns["holding"]) if not is_missing(name) and name != ""]
        customers, names = ([columns[name][k] for k in kept] for name in ("customer_id", "holding"))
    ids = once(texts_of(customers, "customer_id of linked"), "linked")
    holdings = texts_of(names, "holding of linked")
    for customer, holding in zip(ids, holdings, strict=True):
        if not holding.strip():
            raise InputError(f"linked: customer {customer} has an empty holding; name it, or leave the customer out")
    return tuple(zip(ids, holdings, strict=True))


def exits_of(exits: Any) -> tuple[Exit, ...]:
    """Return ways out, of a frame with the columns customer_id and way, and where given month, level_stays and heat_stays."""
    if exits is None:
        return ()
    if isinstance(exits, tuple):  # as this function returns them
        names = ("customer_id", "way", "month", "level_stays", "heat_stays")
        exits = {name: [row[k] for row in exits] for k, name in enumerate(names)}
    columns = _columns(exits, "exits", "a frame")
    check_spelling(columns, ("customer_id", "way", "month", "level_stays", "heat_stays"), "exits")
    require_columns(columns, ["customer_id", "way"], "the frame of exits; it has")
    ids = once(texts_of(columns["customer_id"], "customer_id of exits"), "exits")
    ways = texts_of(columns["way"], "way of exits")
    count = len(ids)
    months = [
        None if is_missing(month) or month == "" else month_text(month_index(month, f"month of exits, row {row}"))
        for row, month in enumerate(columns.get("month", [None] * count), 1)
    ]
    shares = [list(_shares(columns.get(name, [0.0] * count), name)) for name in ("level_stays", "heat_stays")]
    return tuple(zip(ids, ways, months, *shares, strict=True))


def _shares(cells: Iterable[Any], name: str) -> Iterable[float]:
    """Yield shares in [0, 1]; a missing one is 0."""
    for row, cell in enumerate(cells, 1):
        share = 0.0 if is_missing(cell) or cell == "" else number_or_nan(cell)
        if math.isnan(share) or not 0 <= share <= 1:
            raise InputError(f"column {name!r} of exits, row {row}: found {cell!r}; a share lies in [0, 1]")
        yield share
