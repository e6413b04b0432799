# The files of Olist's export: order items, orders and customers.
"""Join the orders and customers of the marketplace Olist to its order items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from custfolio._reading.layouts.rules import Names
from custfolio._reading.layouts.sheet import column_of
from custfolio._reading.queries import identifier
from custfolio._reading.sources import Source
from custfolio.errors import InputError

__all__ = ["joined", "parts_of"]

_PARTS: Final[Mapping[str, Names]] = {
    "order items": ("order_id", "order_item_id", "product_id", "price"),
    "orders": ("order_id", "customer_id", "order_status", "order_purchase_timestamp"),
    "customers": ("customer_id", "customer_unique_id"),
}
"""The columns of each file."""


def _columns_of(file: Path) -> list[str]:
    """Return the cells of the first line of a file."""
    with file.open("rb") as stream:
        line = stream.readline(1 << 16).decode("utf-8-sig", errors="replace")
    return [cell.strip().strip('"') for cell in line.split(",")]


def parts_of(files: Sequence[Path]) -> list[Path] | None:
    """Find the files of an Olist export.

    Parameters
    ----------
    files : sequence of Path
        CSV files that are read together.

    Returns
    -------
    list of Path, or None
        The files of order items, orders and customers; None where no file has order items alone.

    Raises
    ------
    InputError
        If a file of orders or customers is missing, or two are the same part.
    """
    by_part: dict[str, list[Path]] = {part: [] for part in _PARTS}
    for file in files:
        names = _columns_of(file)
        for part, wanted in _PARTS.items():
            if all(column_of((name,), names) is not None for name in wanted):
                by_part[part].append(file)
    items = by_part["order items"]
    if not items or set(items) & {*by_part["orders"], *by_part["customers"]}:
        return None
    for part, several in by_part.items():
        if len(several) != 1:
            there = f"{several[0].name!r} and {several[1].name!r} both are" if several else "no file has them"
            raise InputError(
                f"Olist order items ({items[0].name!r}) need one file of {part}, with the columns {', '.join(_PARTS[part])}; {there}"
            )
    return [several[0] for several in by_part.values()]


def joined(connection: Any, items: Source, orders: Source, customers: Source) -> Source:
    """Return the rows of order items with the columns of their order and its customer.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        The connection of `items`.
    items, orders, customers : Source
        The files; the connection of the latter two is another one.

    Returns
    -------
    Source
        The order items in their order, with their numbers.
    """
    names = [name.casefold() for name in items.relation.columns]
    connection.register("cf_orders", orders.relation.to_arrow_table())
    connection.register("cf_customers", customers.relation.to_arrow_table())
    of_orders = [name for name in orders.relation.columns if name.casefold() not in (*names, "cf_number")]
    relation = connection.sql(
        f"select cf_rows.*, {', '.join('o.' + identifier(name) for name in of_orders)}, c.customer_unique_id from cf_rows "
        "left join (select distinct on (order_id) * from cf_orders) o on cf_rows.order_id = o.order_id "
        "left join (select distinct on (customer_id) * from cf_customers) c on o.customer_id = c.customer_id"
    )
    return Source(
        relation,
        items.origin,
        [*items.facts, *orders.facts, *customers.facts],
        [*items.notes, *orders.notes, *customers.notes],
    )
