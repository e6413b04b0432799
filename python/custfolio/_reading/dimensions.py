# Ways to group the rows of a ledger: items, families, ship-to places, groups and managers; and merged customers.
"""Values per row or customer, as codes that the core groups by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._reading.amounts import numbers_beside
from custfolio._reading.cells import OK
from custfolio._reading.columns import beside_customer
from custfolio._reading.keys import Keys, sorted_ids
from custfolio._tables.dates import is_missing
from custfolio._tables.frames import eager, require_columns, texts_of
from custfolio._tables.wording import counted, identity_text
from custfolio.errors import InputError

__all__ = ["DIMENSIONS", "Dimension", "of_customers", "of_rows", "renamed_ids", "unknown_customers"]

DIMENSIONS = ("item", "family", "ship_to", "group", "manager")
"""Roles of columns that group rows."""


@dataclass(frozen=True)
class Dimension:
    """A way to group rows: a cell per row or per customer, -1 where there is none."""

    values: list[str]
    """The values, in order."""
    of_row: NDArray[np.int32] | None = None
    """Cell of each row; None: that of its customer."""
    of_customer: NDArray[np.int32] | None = None
    """Cell of each customer, in the order of their codes."""
    cells: Sequence[Sequence[tuple[int, float]]] = ()
    """Values and shares of each cell, where cells have several values; empty: a cell is its value."""

    def with_latest(self, customer: NDArray[np.int32], day: NDArray[np.int32]) -> Dimension:
        """Return the dimension of rows with the cell of each customer's latest row, for a period without its rows."""
        if self.of_row is None:
            return self
        return replace(self, of_customer=_core.latest_cells(customer, day, self.of_row))

    def of(self, rows: NDArray[np.int64]) -> Dimension:
        """Return the dimension of some rows."""
        return self if self.of_row is None else replace(self, of_row=self.of_row[rows])

    def argument(self, name: str) -> dict[str, Any]:
        """Return the dimension as the core takes it."""
        cells = [list(cell) for cell in self.cells]
        return {"name": name, "of_row": self.of_row, "of_customer": self.of_customer, "cells": cells}


def _parts(text: str) -> list[str]:
    """Return the values of a cell such as "m1; m2"."""
    return list(dict.fromkeys(part.strip() for part in text.split(";") if part.strip())) or [text]


def _split(texts: Sequence[str]) -> tuple[list[str], list[list[tuple[int, float]]]]:
    """Return the values of cells such as "m1; m2", and the equal shares of each cell."""
    parts = [_parts(text) for text in texts]
    values = sorted({part for each in parts for part in each})
    values = [values[k] for k in sorted_ids(values)]
    place = {value: k for k, value in enumerate(values)}
    return values, [[(place[part], 1.0 / len(each)) for part in each] for each in parts]


def of_rows(role: str, keys: Keys, rows: NDArray[np.int64] | None) -> Dimension:
    """Return the dimension of a column of the accepted rows (None: all of them)."""
    codes = keys.codes if keys.faults is None else np.where(keys.faults == OK, keys.codes, -1).astype(np.int32)
    codes = codes if rows is None else codes[rows]
    present = np.zeros(keys.size + 1, dtype=bool)  # the last entry is that of -1
    present[codes] = True
    used = np.flatnonzero(present[:-1])
    texts = keys.texts(used)
    order = np.array(sorted_ids(texts), dtype=np.int64)
    rank = np.full(keys.size + 1, -1, dtype=np.int32)
    rank[used[order]] = np.arange(used.size, dtype=np.int32)
    texts = [texts[k] for k in order.tolist()]
    if role == "manager" and any(";" in text for text in texts):
        values, cells = _split(texts)
        return Dimension(values, of_row=rank[codes], cells=cells)
    return Dimension(texts, of_row=rank[codes])


def of_customers(role: str, frame: Any, codes: Mapping[str, int], ids: Sequence[str]) -> Dimension:
    """Return the dimension of a frame: a row per customer and value, and a share where customers have several.

    Parameters
    ----------
    role : str
        The dimension, and its column in the frame.
    frame : frame
        Columns: customer_id, else customer; the role's; and share, if there is one.
    codes : mapping of str to int
        The customer of each identity, as its place in `ids`; other rows of the frame are left out.
    ids : sequence of str
        The customers of the ledger. One with rows under its own id has these only; else it has those of the first id merged into it.

    Returns
    -------
    Dimension
        The values of each customer. A manager such as "m1; m2" is two, with equal shares.

    Raises
    ------
    InputError
        If a column is missing, a share is not positive, or those of a customer do not sum to 1.
    """
    table = eager(frame, role, "the name of a column, or a frame")
    customer = beside_customer(table.columns)
    require_columns(table.columns, [customer, role], f"the frame of {role}=; it has")
    names = [identity_text(text) for text in texts_of(table[customer], customer)]
    values = [text.strip() for text in texts_of(table[role], role)]
    shares = numbers_beside(table["share"], f"{role}=").tolist() if "share" in table.columns else None
    parts_of: dict[str, list[tuple[str, float]]] = {}
    for k, (name, value) in enumerate(zip(names, values, strict=True)):
        if name not in codes or not value:
            continue
        share = 1.0 if shares is None else shares[k]
        if not share > 0:
            raise InputError(f"{role}=, row {k + 1}: the share is {share:g}; it must be above 0")
        texts = _parts(value) if role == "manager" else [value]
        parts_of.setdefault(name, []).extend((part, share / len(texts)) for part in texts)
    unmerged = [name for name in parts_of if ids[codes[name]] == name]
    source: dict[int, str] = {}
    for name in (*unmerged, *parts_of):
        source.setdefault(codes[name], name)
    parts = {ids[code]: parts_of[name] for code, name in source.items()}
    order = sorted({value for each in parts.values() for value, _ in each})
    order = [order[k] for k in sorted_ids(order)]
    place = {value: k for k, value in enumerate(order)}
    cells: list[list[tuple[int, float]]] = []
    cell_of: dict[str, int] = {}
    for name, each in parts.items():
        total = sum(share for _, share in each)
        if shares is not None and abs(total - 1.0) > 1e-6:
            raise InputError(f"{role}=: the shares of customer {name} sum to {total:g}; they must sum to 1")
        cell_of[name] = len(cells)
        cells.append([(place[value], share / total) for value, share in each])
    of_customer = np.array([cell_of.get(name, -1) for name in ids], dtype=np.int32)
    return Dimension(order, of_customer=of_customer, cells=cells)


def unknown_customers(what: str, given: Any, known: Collection[str]) -> list[str]:
    """Return a note on the customers of a table beside the ledger that the ledger does not have; nothing where there are none.

    Parameters
    ----------
    what : str
        The argument.
    given : mapping or frame
        A mapping by customer. A frame has a column customer_id, else customer.
    known : collection of str
        Identities of the ledger.

    Returns
    -------
    list of str
        One note, or none.
    """
    if isinstance(given, Mapping):
        names = {identity_text(name) for name in given}
    else:
        table = eager(given)
        column = beside_customer(table.columns)
        names = set(map(identity_text, texts_of(table[column], column)))
    unknown = sorted(names.difference(known))
    if not unknown:
        return []
    count = f"{counted(len(unknown), 'customer')} (of {len(names):,})"
    return [f"{what}= has {count} not in the ledger, such as {unknown[0]!r}."]


def renamed_ids(merged: Any) -> dict[str, str]:
    """Return the new id of each customer that was merged or renamed.

    Parameters
    ----------
    merged : mapping of old to new id, or frame
        A frame has the columns old and new. An id that is new in one entry may be old in another.

    Returns
    -------
    dict of str to str
        The last id that each old id leads to.

    Raises
    ------
    InputError
        If a column is missing, an old id has two new ones, or ids lead back to themselves.
    """
    if isinstance(merged, Mapping):
        for row, pair in enumerate(merged.items(), 1):
            for cell in pair:
                if is_missing(cell):
                    raise InputError(f"merged=, row {row}: found {cell!r}; an id must be text or a whole number")
        pairs = [(identity_text(old), identity_text(new)) for old, new in merged.items()]
    else:
        table = eager(merged, "merged", "a mapping of old to new ids, or a frame")
        require_columns(table.columns, ["old", "new"], "the frame of merged=; it has")
        old, new = (list(map(identity_text, texts_of(table[name], name))) for name in ("old", "new"))
        pairs = list(zip(old, new, strict=True))
    new_of: dict[str, str] = {}
    for row, (before, after) in enumerate(pairs, 1):
        if not (before.strip() and after.strip()):
            raise InputError(f"merged=, row {row}: customer {before!r} becomes {after!r}; an id must not be empty")
        if new_of.setdefault(before, after) != after:
            raise InputError(f"merged=: customer {before} has two new ids, {new_of[before]} and {after}")
    final = {}
    for name in new_of:
        seen = {name}
        last = name
        while last in new_of and new_of[last] != last:
            before, last = last, new_of[last]
            if last in seen:
                raise InputError(f"merged=: customer {last} leads back to itself through {before}")
            seen.add(last)
        final[name] = last
    return final
