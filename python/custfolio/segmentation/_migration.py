# Migration of customers between segments.
"""Migration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.frames import FrameLike, arrow_columns, finite_of, library_of, require_columns, strings_of
from custfolio._tables.result import Result
from custfolio._tables.segments import GONE, POURED_IN
from custfolio.errors import InputError

__all__ = ["Migration", "migration"]


_COLUMNS = ("customer_id", "segment", "revenue", "contribution")
"""Columns of a period that count."""


class Migration(Result):
    """Who moved from which segment to which, with level and heat. Made by :func:`migration`.

    The table has one row per pair of segments that occurs: from_segment, to_segment, customers, level_before, level_after, heat_before and
    heat_after, as far as they are known. "poured in" are customers who were none before, "gone" those who are none after.

    ``plot`` draws the pairs as a table with the number of customers, with level and heat on hover.

    Attributes
    ----------
    segments : list of str
        The segments of both periods: numbers ascend, texts follow the alphabet.
    customers : numpy.ndarray, shape (segments + 1, segments + 1)
        Number of customers by segment before and after; the last row is "poured in", the last column "gone".
    """

    def __init__(self, tables: Mapping[str, Any], segments: Sequence[str], library: str | None) -> None:
        self.segments = list(segments)
        self.customers: NDArray[np.float64] = tables["customers"]
        self._tables = dict(tables)
        self._library = library

    def _columns(self) -> Mapping[str, Any]:
        rows, cols = np.nonzero(self.customers)
        before, after = [*self.segments, POURED_IN], [*self.segments, GONE]
        columns: dict[str, Any] = {
            "from_segment": [before[row] for row in rows.tolist()],
            "to_segment": [after[col] for col in cols.tolist()],
        }
        return columns | {
            name: table[rows, cols].astype(np.int64) if name == "customers" else table[rows, cols]
            for name, table in self._tables.items()
        }

    def _facts(self) -> Mapping[str, Any]:
        stayed = float(np.trace(self.customers[:-1, :-1]))
        both = float(self.customers[:-1, :-1].sum())
        return {
            "stayed in their segment": f"{stayed:,.0f} of {both:,.0f} customers of both periods",
            POURED_IN: self.customers[-1].sum(),
            GONE: self.customers[:, -1].sum(),
        }

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        columns = dict(self._columns())
        rows, cols, counts = (columns.pop(name) for name in ("from_segment", "to_segment", "customers"))
        return plots.table(
            rows,
            cols,
            counts,
            value="Customers",
            row="From",
            column="To",
            order=([*self.segments, POURED_IN], [*self.segments, GONE]),
            more=columns,
            **options,
        )


def _period(given: Any, when: str) -> tuple[dict[str, Any], Any]:
    """Return the columns of a period, and its segments, None where a customer is none."""
    if isinstance(given, Mapping) or (isinstance(given, FrameLike) and not isinstance(given, np.ndarray)):
        if isinstance(given, Mapping):  # other columns of a statement do not count, whatever they contain
            require_columns(given, ["segment"], f"{when}; it has")
            given = {name: given[name] for name in _COLUMNS if name in given}
        columns = arrow_columns(given, when)
        require_columns(columns, ["segment"], f"{when}; it has")
    else:
        try:
            columns = arrow_columns({"segment": given}, when)
        except TypeError:
            raise InputError(
                f"{when} is of type {type(given).__name__}; it must be a frame, or one segment per customer"
            ) from None
    texts = strings_of(columns["segment"], "").to_pylist()
    customers: dict[str, Any] = {"id": None, "level": None, "heat": None}
    if "customer_id" in columns:
        customers["id"] = strings_of(columns["customer_id"], "").to_pylist()
        if "" in customers["id"]:
            raise InputError(f"{when}, row {customers['id'].index('') + 1}: no customer_id")
    for key, name in (("level", "revenue"), ("heat", "contribution")):
        if name in columns and not all(columns[name].is_null(nan_is_null=True).to_pylist()):  # else: not known
            customers[key] = finite_of(columns[name], f"{when}: {name}")
    return customers, texts


@checked
def migration(before: Any, after: Any) -> Migration:
    """Count who moved from which segment to which, with the level and the heat that moved.

    Parameters
    ----------
    before, after : frame, mapping of columns, or sequence of segments
        Columns: segment (empty: no customer of the period), customer_id, revenue and contribution. Without customer_id in both, rows are
        matched by position. A sequence is the column of segments alone.

    Returns
    -------
    Migration
        One row per pair of segments.

    Raises
    ------
    InputError
        If a column is missing or not finite, a customer is there twice, or lengths differ where rows are matched by position.
    """
    (then, old), (now, new) = _period(before, "before"), _period(after, "after")
    names = {name for name in (*old, *new) if name}
    if taken := names & {POURED_IN, GONE}:
        raise InputError(
            f"a segment is called {min(taken)!r}, which stands for customers of one period only; rename it"
        )
    try:
        segments = sorted(names, key=float)
    except ValueError:
        segments = sorted(names)
    code = {name: place for place, name in enumerate(segments)} | {"": -1}
    for period, texts in ((then, old), (now, new)):
        period["segment"] = np.array([code[name] for name in texts], dtype=np.int32)
    library = next(
        (library_of(one) for one in (after, before) if isinstance(one, FrameLike) and not isinstance(one, np.ndarray)),
        None,
    )
    return Migration(_core.migration(then, now, len(segments)), segments, library)
