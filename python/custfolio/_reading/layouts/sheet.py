# The rows of an export while a layout is applied to them.
"""Columns of an export by name, as text or amounts, and the rows that do not pass on."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from custfolio._reading.amounts import amounts_of
from custfolio._reading.cells import (
    MISSING,
    OK,
    Reading,
    distinct_values,
    mask_of,
    number_text,
    one_array,
    reason,
    spread,
)
from custfolio._reading.currencies import Currencies
from custfolio._reading.exact_sum import exact_sum
from custfolio._reading.layouts.rules import Names

__all__ = ["Sheet", "column_of"]


def _plain(name: str) -> str:
    """Return a column name as it is compared."""
    return re.sub(r"[\s_\-:]+", "", name.casefold())


def column_of(names: Names, columns: Sequence[str]) -> str | None:
    """Return the first of several names of a column that is among the columns, as it is written there."""
    there = {_plain(column): column for column in reversed(columns)} | {column: column for column in columns}
    return next((there[key] for name in names for key in (name, _plain(name)) if key in there), None)


def _text(cell: Any) -> str:
    """Return a cell as text without space around."""
    return number_text(cell) if isinstance(cell, float) and math.isfinite(cell) else str(cell).strip()


class Sheet:
    """The rows of an export, and which of them pass on.

    Parameters
    ----------
    cells : mapping of str to Arrow array, shape (n,) each
        The columns.
    row : Arrow array of int64, shape (n,)
        The number of each row.
    file : Arrow array of text, shape (n,), or None
        The file of each row, where there are several.
    decimal : str or None
        The decimal sign of text amounts.
    currencies : Currencies
        The currency of the figures, and rates of others.
    """

    def __init__(
        self,
        cells: Mapping[str, pa.Array],
        row: pa.Array,
        file: pa.Array | None,
        decimal: str | None,
        currencies: Currencies,
    ) -> None:
        self.cells = dict(cells)
        self.whole = pa.table(dict(cells))
        self.size = len(row)
        self.used: set[str] = set()
        self.kept: NDArray[np.bool_] = np.ones(self.size, dtype=bool)
        self._row, self._file = row, file
        self._decimal, self._currencies = decimal, currencies
        self._amounts: dict[str, tuple[NDArray[np.float64], NDArray[np.uint8]]] = {}
        self._apart: list[tuple[bool, int, str, str]] = []

    def find(self, names: Names) -> str | None:
        """Return the column of several names, which counts as used; None where there is none."""
        column = column_of(names, list(self.cells))
        if column is not None:
            self.used.add(column)
        return column

    def texts(self, column: str) -> NDArray[np.object_]:
        """Return the cells of a column as text without space around, shape (n,); "" where there is none."""
        codes, distinct = distinct_values(self.cells[column])
        texts = ["" if cell is None else _text(cell) for cell in distinct.to_pylist()]
        return spread(codes, np.array(texts, dtype=object), "")

    def fits(self, column: str, patterns: Sequence[str]) -> NDArray[np.bool_]:
        """Return which cells of a column fit one of some patterns in lower case, shape (n,)."""
        codes, distinct = distinct_values(self.cells[column])
        texts = ["" if cell is None else _text(cell).lower() for cell in distinct.to_pylist()]
        fitting = [any(fnmatchcase(text, pattern) for pattern in patterns) for text in texts]
        return spread(codes, np.array(fitting, dtype=bool), any(fnmatchcase("", pattern) for pattern in patterns))

    def amounts(self, column: str, needed: bool = True) -> NDArray[np.float64]:
        """Return the amounts of a column, shape (n,), NaN where there is none. If `needed`, a cell that is no number rejects its row."""
        self.used.add(column)
        if column not in self._amounts:
            reading = Reading(decimal=self._decimal, currencies=self._currencies)
            values, faults = amounts_of(self.cells[column], "amount", column, reading)
            self._amounts[column] = values, np.full(self.size, OK, np.uint8) if faults is None else faults
        values, faults = self._amounts[column]
        for fault in sorted(set(faults.tolist()) - {OK, MISSING}) if needed else ():
            self.reject(faults == fault, column, reason(fault, column))
        return np.where(faults == OK, values, np.nan)

    def documents(self, columns: Sequence[str]) -> NDArray[np.int64]:
        """Return the document of each row within its file, as a number from 0, shape (n,).

        A row without a document is a document of its own.
        """
        keys = [self.texts(column) for column in columns]
        empty = np.array([text == "" for text in keys[-1]], dtype=bool)
        if self._file is not None:
            keys.append(np.array(self._file.to_pylist(), dtype=object))
        places: dict[tuple[str, ...] | int, int] = {}
        rows = zip(*keys, strict=True)
        document = [places.setdefault(k if empty[k] else row, len(places)) for k, row in enumerate(rows)]
        return np.array(document, dtype=np.int64)

    def fill(self, column: str, document: NDArray[np.int64]) -> None:
        """Give the rows of a document without a cell in a column the cell that others have, if all of them have one cell."""
        texts = self.texts(column)
        filled = np.flatnonzero(texts != "")
        first = np.full(self.size, -1, dtype=np.int64)
        first[document[filled[::-1]]] = filled[::-1]
        lowest, highest = np.full(self.size, self.size), np.full(self.size, -1)
        rank = np.unique(texts, return_inverse=True)[1]
        np.minimum.at(lowest, document[filled], rank[filled])
        np.maximum.at(highest, document[filled], rank[filled])
        source = np.where(lowest == highest, first, -1)[document]
        source[filled] = filled
        self.cells[column] = self.cells[column].take(pa.array(source, mask=source < 0))

    def joined(self, columns: Sequence[str]) -> str:
        """Return the column with the first cell of each row in some columns.

        It is a new column if the first one has gaps that others fill.
        """
        used = [columns[0]]
        self.used.update(columns)
        value = pc.cast(self.cells[columns[0]], pa.string())
        for column in columns[1:]:
            gap = mask_of(pc.equal(pc.utf8_trim_whitespace(pc.fill_null(value, "")), "")) & self.kept
            if (self.texts(column)[gap] != "").any():
                used.append(column)
                value = pc.if_else(pa.array(gap), pc.cast(self.cells[column], pa.string()), value)
        if len(used) > 1:
            self.cells[", else ".join(used)] = one_array(value)
        return ", else ".join(used)

    def leave_out(self, rows: NDArray[np.bool_], column: str, why: str) -> None:
        """Leave rows out that are no sale."""
        self._set_apart(rows, column, why, rejected=False)

    def reject(self, rows: NDArray[np.bool_], column: str, why: str) -> None:
        """Reject rows."""
        self._set_apart(rows, column, why, rejected=True)

    def _set_apart(self, rows: NDArray[np.bool_], column: str, why: str, rejected: bool) -> None:
        chosen = rows & self.kept
        self._apart += [(rejected, k, column, why) for k in np.flatnonzero(chosen).tolist()]
        self.kept &= ~chosen

    def apart(self, rejected: bool) -> dict[str, list[Any]]:
        """Return the rows that were rejected, or left out: row, file (of several), column, value and reason."""
        chosen = sorted((k, column, why) for bad, k, column, why in self._apart if bad == rejected)
        places = pa.array([k for k, _, _ in chosen], pa.int64())
        cells = {column: self.texts(column) for column in {column for _, column, _ in chosen}}
        entries: dict[str, list[Any]] = {"row": self._row.take(places).to_pylist()}
        if self._file is not None:
            entries["file"] = self._file.take(places).to_pylist()
        entries["column"] = [column for _, column, _ in chosen]
        entries["value"] = [cells[column][k] or None for k, column, _ in chosen]
        entries["reason"] = [why for _, _, why in chosen]
        return entries

    def rejected_rows(self) -> NDArray[np.int64]:
        """Return the places of the rows that were rejected."""
        return np.array([k for bad, k, _, _ in self._apart if bad], dtype=np.int64)

    def sum_of(self, column: str, document: Names) -> float:
        """Return the sum of a column over the rows that pass on.

        If `document` names a column, each document counts once.
        """
        values, _ = amounts_of(
            self.cells[column], "amount", column, Reading(self._decimal, currencies=self._currencies)
        )
        rows = np.flatnonzero(self.kept & np.isfinite(values))
        key = self.find(document)
        if key is not None:
            rows = rows[np.unique(self.documents([key])[rows], return_index=True)[1]]
        return exact_sum(values[rows])

    def passed_on(self, row: str, file: str | None) -> pa.Table:
        """Return the rows that pass on, with the columns of their number and file."""
        columns = {name: cells for name, cells in self.cells.items() if name} | {row: self._row}
        if file is not None and self._file is not None:
            columns[file] = self._file
        return pa.table(columns).filter(pa.array(self.kept))
