# The rows of a frame in memory.
"""Gather the rows of an eager frame, on its own memory where that is float64 or a date column without missing values."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio._reading.cells import OK, Reading, one_array
from custfolio._reading.columns import Roles
from custfolio._reading.dated_totals import dated_totals, not_totals
from custfolio._reading.exact_sum import exact_sum
from custfolio._reading.rows import (
    Gathered,
    MissingCost,
    cell_text,
    check,
    columns_of,
    exchange,
    gap_table,
    mark_totals,
    rejections,
    revenue_of,
    texts_of,
)

__all__ = ["arrow_of", "gather_eager"]


def arrow_of(series: Any) -> pa.Array | NDArray[Any]:
    """Return the cells of an eager column as one Arrow array, or as the NumPy memory that pandas keeps them in."""
    native = series.to_native()
    if series.implementation.is_pandas_like():
        dtype = native.dtype
        if isinstance(dtype, np.dtype) and dtype.kind in "fM":
            return np.asarray(native.to_numpy())
        try:
            if series.implementation.is_pandas():
                return one_array(pa.array(native, from_pandas=True))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            cells = native.tolist()
            return pa.array([cell_text(cell) for cell in cells], pa.large_string())
    return one_array(series.to_arrow())


def gather_eager(
    frame: Any, roles: Roles, readings: Mapping[str, Reading], library: str, missing_cost: MissingCost
) -> Gathered:
    """Gather the rows of a frame in memory."""
    n = len(frame)
    cells = {role: arrow_of(frame[column]) for role, column in roles.all().items()}
    checked = check(cells, roles, readings, decide=True)
    taken = np.ones(n, dtype=bool)
    for faults in checked.faults.values():
        taken &= faults == OK
    totals, others = dated_totals(checked.customer, checked.amounts["revenue"], taken)
    for keys in (checked.name, checked.document_keys):
        if keys is not None and not totals.any() and not others:
            totals, _ = dated_totals(keys, checked.amounts["revenue"], taken)
    mark_totals(checked, cells, totals)
    rows = None
    bad = np.empty(0, dtype=np.int64)
    if checked.faults:
        is_bad = functools.reduce(operator.or_, (faults != OK for faults in checked.faults.values()))
        bad, rows = np.flatnonzero(is_bad), np.flatnonzero(~is_bad)
    currencies = readings["currency"].currencies if "currency" in roles.dimensions else None
    if currencies is not None:
        accepted = np.ones(n, dtype=np.int64)
        accepted[bad] = 0
        exchange(checked, currencies, roles.dimensions["currency"], accepted)
    table = []
    for role, column in roles.optional().items():
        gap = checked.gaps.get(role)
        if gap is None:
            continue
        gap = gap if rows is None else gap[rows]
        if gap.any():
            revenue = checked.amounts["revenue"] if rows is None else checked.amounts["revenue"][rows]
            empty = role in roles.guessed and bool(gap.all())
            table.append((role, column, int(gap.sum()), exact_sum(revenue[gap]), empty))
    for role, *_, empty in table:
        if empty:
            roles = roles.without(role)
            checked.amounts.pop(role, None)
            checked.document = None if role == "document" else checked.document
    columns = columns_of(checked, rows)
    taken_as = ""
    if columns.cost is not None and any(role == "cost" for role, *_ in table):
        without = np.where(checked.gaps["cost"], checked.amounts["revenue"], 0.0)
        columns, taken_as = missing_cost.filled(columns, columns.cost, without if rows is None else without[rows])
    return Gathered(
        columns=columns,
        rejected=rejections(checked, roles, cells, bad, bad + 1),
        rows_read=n,
        duplicates=lambda: n - _distinct_rows(frame),
        revenue_accepted=lambda: exact_sum(columns.revenue),
        revenue_rejected=revenue_of(checked, bad),
        library=library,
        recognised=roles.all(),
        gaps=gap_table(table, taken_as),
        notes=not_totals(others),
    )


def _distinct_rows(frame: Any) -> int:
    """Count the different rows of an eager frame."""
    try:
        return len(frame.unique())
    except (TypeError, nw.exceptions.NarwhalsError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # columns of lists, mappings or mixed objects have no order: compare their text
        texts = [texts_of(arrow_of(frame[column]), np.arange(len(frame))) for column in frame.columns]
        return len(set(zip(*texts, strict=True)))
