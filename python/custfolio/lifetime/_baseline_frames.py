# Reads the frame of a baseline: the user's own forecast of some customers.
"""Forecasts in frames."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio._tables.dates import month_index, month_text
from custfolio._tables.frames import TableLike, customer_column, lists_of, require_columns
from custfolio.errors import InputError, NotFoundError

__all__ = ["brought_in"]


def brought_in(frame: TableLike | None, ids: list[str], first: int, months: int) -> dict[str, NDArray[Any]] | None:
    """Read a forecast brought in: known per customer, and level, heat and variance; check that every month is there."""
    if frame is None:
        return None
    columns = lists_of(frame, "forecast must be a frame, or a mapping of columns, with customer_id, month and level")
    identity = customer_column(columns)
    require_columns(columns, (identity, "month", "level"), "the forecast; it has")
    at = {name: k for k, name in enumerate(ids)}
    shape = (len(ids), months)
    amounts = {name: np.full(shape, np.nan) for name in ("level", "heat", "variance")}
    known = np.zeros(len(ids), dtype=np.bool_)
    for row, (customer, month) in enumerate(zip(columns[identity], columns["month"], strict=True)):
        k = at.get(str(customer))
        if k is None:
            raise NotFoundError(f"forecast, row {row + 1}: the portfolio has no customer {str(customer)!r}")
        m = month_index(month, f"forecast, row {row + 1}: month") - first
        known[k] = True
        if not 0 <= m < months:
            continue
        if np.isfinite(amounts["level"][k, m]):
            raise InputError(f"forecast, row {row + 1}: customer {str(customer)!r} has {month_text(first + m)} twice")
        for name, values in amounts.items():
            if name not in columns:
                continue
            try:
                values[k, m] = float(columns[name][row])
            except (TypeError, ValueError):
                raise InputError(
                    f"forecast, row {row + 1}: {name} is {columns[name][row]!r}; it must be a number"
                ) from None
            of_variance = name == "variance"
            if not (math.isfinite(values[k, m]) and (values[k, m] >= 0 if of_variance else abs(values[k, m]) < 1e15)):
                allowed = "a finite number of 0 or more" if of_variance else "a number below 1e15"
                raise InputError(f"forecast, row {row + 1}: {name} is {columns[name][row]!r}; it must be {allowed}")
    gaps = np.argwhere(known[:, None] & ~np.isfinite(amounts["level"]))
    if gaps.size:
        k, m = gaps[0]
        raise InputError(
            f"forecast: customer {ids[k]!r} has no level for {month_text(first + int(m))}; every month from "
            f"{month_text(first)} to {month_text(first + months - 1)} is needed"
        )
    return {"known": known.astype(np.uint8), **amounts}
