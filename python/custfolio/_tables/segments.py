# Reads the segment of each customer from a frame.
"""Segments in frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from custfolio._tables.dates import is_missing
from custfolio._tables.frames import TableLike, customer_column, lists_of, require_columns
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError

__all__ = ["GONE", "POURED_IN", "require_one_segment", "segment_names", "segments_of"]


POURED_IN = "poured in"
"""The segment before of customers who were none."""
GONE = "gone"
"""The segment after of customers who are none any more."""


def segments_of(frame: TableLike | None, ids: list[str]) -> NDArray[np.int32] | None:
    """Return the segment of each customer as a code; None without a frame."""
    if frame is None:
        return None
    of_customer = segment_names(frame, ids)
    code = {name: k for k, name in enumerate(sorted(set(of_customer)))}
    return np.array([code[name] for name in of_customer], dtype=np.int32)


def segment_names(frame: TableLike, ids: list[str]) -> list[str]:
    """Return the segment of each customer; InputError where one has none, or two. Other customers of the table do not count."""
    columns = lists_of(frame, "segments must be a frame, or a mapping of columns, with customer_id and segment")
    customer = customer_column(columns)
    require_columns(columns, (customer, "segment"), "segments; they have")
    of: dict[str, str] = {}
    for name, segment in zip(map(identity_text, columns[customer]), columns["segment"], strict=True):
        if not is_missing(segment):
            require_one_segment(name, str(segment), of)
    missing = [name for name in ids if name not in of]
    if missing:
        raise InputError(f"segments: customer {missing[0]!r} has none" + _more(missing))
    return [of[name] for name in ids]


def require_one_segment(customer: str, segment: str, of: dict[str, str]) -> None:
    """Enter the segment of a customer; InputError where it has another one already."""
    if of.setdefault(customer, segment) != segment:
        raise InputError(
            f"segments: customer {customer!r} is in {of[customer]!r} and in {segment!r}; each must be in one segment"
        )


def _more(names: list[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""
