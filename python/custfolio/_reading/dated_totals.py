# Rows of totals that have a date: their customer begins with a word for total, and their amount is the sum of rows above.
"""Find totals among the rows of a table, such as a subtotal below each customer."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from custfolio._reading.cells import is_text, mask_of
from custfolio._reading.header import LIKE_TOTAL, is_total
from custfolio._reading.keys import Keys
from custfolio._tables.wording import counted

__all__ = ["dated_totals", "not_totals"]

_CENT = 0.0051
"""Largest difference of a total from the sum of its rows, which may have more digits."""


def dated_totals(
    customer: Keys, revenue: NDArray[np.float64], taken: NDArray[np.bool_], file: NDArray[Any] | None = None
) -> tuple[NDArray[np.bool_], list[str]]:
    """Find the rows of totals among those that would be taken.

    The customer of such a row begins with a word for total. Its amount is the sum of the rows above, back to another total or to the
    first row. The sum of a single row needs the name of its customer behind the word.

    Parameters
    ----------
    customer : Keys
        Customers of all rows, in the order of the data.
    revenue : ndarray of float, shape (n,)
        Amounts.
    taken : ndarray of bool, shape (n,)
        Whether a row has no fault.
    file : ndarray, shape (n,), optional
        File of each row; a total sums rows of its own file.

    Returns
    -------
    totals : ndarray of bool, shape (n,)
        Whether a row is one of totals.
    others : list of str
        The customers with a word for total of the rows that are none, one entry each.
    """
    totals = np.zeros(revenue.size, dtype=bool)
    if customer.values is None or not is_text(customer.values.type):
        return totals, []
    likely = np.flatnonzero(mask_of(pc.match_substring_regex(customer.values, LIKE_TOTAL)))
    labels = dict(zip(likely.tolist(), customer.texts(likely), strict=True))
    labels = {code: text for code, text in labels.items() if is_total(text)}
    if not labels:
        return totals, []
    labelled = np.zeros(customer.size + 1, dtype=bool)  # the last entry is that of -1
    labelled[list(labels)] = True
    above = np.concatenate([[0.0], np.cumsum(np.where(taken, revenue, 0.0))])
    count = np.concatenate([[0], np.cumsum(taken)])
    in_totals, of_totals = 0.0, 0  # the part of both in rows of totals
    starts: dict[int, tuple[float, int]] = {}
    now: Any = None
    others: list[str] = []
    for row in np.flatnonzero(labelled[customer.codes] & taken).tolist():
        file_of_row = None if file is None else file[row]
        if not starts or file_of_row != now:
            now = file_of_row
            first = 0 if file is None else int(np.flatnonzero(file == file_of_row)[0])
            start = above[first] - in_totals
            starts = {_cents(start): (start, int(count[first]) - of_totals)}
        label, amount = labels[int(customer.codes[row])], revenue[row]
        total, rows = above[row] - in_totals, int(count[row]) - of_totals
        near = [starts.get(_cents(total - amount) + cent) for cent in (-1, 0, 1)]
        fitting = [start for start in near if start is not None and abs(total - start[0] - amount) < _CENT]
        summed = max((rows - start[1] for start in fitting), default=0)
        if summed == 1:
            last = next(k for k in range(row - 1, -1, -1) if taken[k] and not totals[k])
            summed = 2 if _names(label, customer.texts(customer.codes[last : last + 1])[0]) else 0
        if summed > 1:
            totals[row] = True
            in_totals += amount
            of_totals += 1
            starts.setdefault(_cents(total), (total, rows))
        else:
            others.append(label)
    return totals, others


def _cents(amount: float) -> int:
    """Return an amount in whole cents."""
    return round(float(amount) * 100)


def _names(label: str, customer: str) -> bool:
    """Whether a label has nothing behind its word for total, or the name of a customer."""
    behind = label.split(maxsplit=1)[1:]
    return not behind or re.search(rf"(?<!\w){re.escape(customer)}(?!\w)", behind[0], re.I) is not None


def not_totals(others: list[str]) -> list[str]:
    """Return a note on rows whose customer begins with a word for total and which count as sales; nothing where there are none."""
    if not others:
        return []
    count = "counts as a sale" if len(others) == 1 else "count as sales"
    return [
        f"{counted(len(others), 'row')} of a customer such as {others[0]!r} {count}: the name begins with a word for total, but the amount "
        "is not the sum of the rows above."
    ]
