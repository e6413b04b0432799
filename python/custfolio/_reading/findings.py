# What the reading of a ledger found, for people: formats, remedies of faults, and what looks wrong.
"""Describe how cells are written, which option mends a fault, and whether customers look like documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from custfolio._reading.cells import Reading
from custfolio._reading.columns import Roles, listed
from custfolio._reading.usual_names import CUSTOMER_WORDS

__all__ = ["customers_like_documents", "empty_cells", "formats_of", "no_row", "opposite_signs", "remedy"]

_OTHER_COLUMN: Final = "fill in the cells, or name another column: {option}"
_REMEDIES: Final[tuple[tuple[str, str], ...]] = (
    (r"missing (?P<role>.+)", _OTHER_COLUMN),
    (r"(?P<role>.+) is not a number", "correct the cells, or name a column of numbers: {option}"),
    (r"(?P<role>.+) has a currency sign.*", "write bare numbers, or name another column: {option}"),
    (r"(?P<role>.+) (?:is infinite|is beyond 1e15|is a negative count)", "correct the cells, or name another column: {option}"),
    (r"(?P<role>.+) has another decimal sign than.*", 'name the decimal sign: decimal="," or decimal="."'),
    (r"(?P<role>.+) is a bare number, not a date.*", "format the cells as dates in the workbook and read that, or name a column of dates: {option}"),
    (
        r"(?P<role>.+) (?:is not a date.*|is not in the calendar)",
        'give the format, as date_format="%d/%m/%Y", or name a column of dates: {option}',
    ),
    (r"(?P<role>.+) is outside the years.*", "correct the years, or name another column: {option}"),
    (r"(?P<role>.+) does not match date_format", "give the format of the column: date_format=..., or leave it out"),
    (r"no sale, by its (?P<role>.+)", "to count these rows, leave the column of the {role} out: {role}=False"),
    (r".+ is an unknown .+", "name the column of the status; then every status counts that is no usual word for a failure: status=..."),
    (r"a line of totals", "nothing to do; a total is no sale, and a sale needs a date"),
    (r"the line has .* the header .*", "quote cells that have a delimiter inside, or remove the line"),
    (r"a quotation mark opens .*", "write a quotation mark inside a quoted cell twice"),
    (r"the line is .*", "remove the line"),
)  # fmt: skip
"""Remedies by the pattern of a reason."""

_FEWEST = 20
"""Documents from which on their number is compared with that of the customers."""
_SAME = 0.95
"""Customers per document from which on nearly every document has its own customer."""
_SAMPLE = 100_000
"""Rows by which most ledgers are found to have several documents per customer."""


def remedy(reason: str) -> str:
    """Return what mends the first fault of a rejected row, as its reason names it; "" where nothing is known."""
    first = reason.partition("; ")[0] if not reason.startswith("the line") else reason
    for pattern, text in _REMEDIES:
        match = re.fullmatch(pattern, first, re.S)
        if match is not None:
            role = match.groupdict().get("role") or ""
            option = "drivers=" if role.startswith("driver ") else f"{role.removeprefix('credited ')}=..."
            return text.format(role=role, option=option)
    return ""


def no_row(
    rows: int, rejected: Sequence[str], left_out: Sequence[str], recognised: Mapping[str, str], notes: Sequence[str]
) -> str:
    """Return the message of a ledger without a usable row.

    Parameters
    ----------
    rows : int
        Rows read.
    rejected, left_out : sequence of str
        The reason of each row.
    recognised : mapping of role to column
        The columns used.
    notes : sequence of str
        What the reading assumed.

    Returns
    -------
    str
        The reasons with their numbers, what the columns were taken for, and what mends the reasons.
    """
    counts = Counter([*rejected, *left_out]).most_common(5)
    what = "rejected" if not left_out else "left out" if not rejected else "rejected or left out"
    first = "; ".join(f"{count:,} x {reason}" for reason, count in counts)
    columns = ", ".join(f"{role} {column!r}" for role, column in recognised.items())
    mended = list(dict.fromkeys(text for text in (remedy(reason) for reason, _ in counts) if text))
    remedies = f"; the remedy: {'; or '.join(mended[:3])}" if mended else ""
    further = "".join(f". {note.removesuffix('.')}" for note in notes)
    return (
        f"no row of the ledger can be used: all {rows:,} are {what} ({first}); the columns are read as {columns}"
        f"{remedies}{further}"
    )


def empty_cells(sources: Sequence[tuple[str, str]], rejected: Sequence[str]) -> str | None:
    """Return a note on why cells of a workbook are empty that are not so on the screen; None where every row has its cells.

    Workbooks of Excel have notes on their own cells.
    """
    if any(reason.startswith("missing ") for reason in rejected) and any(
        how.startswith("workbook") and not name.lower().endswith((".xlsx", ".xlsm")) for name, how in sources
    ):
        return (
            "A cell that is empty here and not on the screen is merged, or a formula without a stored result: "
            "fill in the cells, or save the workbook again."
        )
    return None


def formats_of(roles: Roles, readings: Mapping[str, Reading]) -> dict[str, str]:
    """Return how the cells of the columns of days and amounts are written, by role."""
    typed = dict.fromkeys(roles.amounts(), "numbers") | {"date": "days"}
    return {role: readings[role].written or typed[role] for role in ("date", *roles.amounts()) if role in readings}


def customers_like_documents(columns: Any, roles: Roles, names: Sequence[str]) -> str | None:
    """Return a note where nearly every document has a customer of its own.

    Parameters
    ----------
    columns : LedgerColumns
        The accepted rows.
    roles : Roles
        The columns used.
    names : sequence of str
        All columns of the data.

    Returns
    -------
    str or None
        The note; None where customers come back.
    """
    sample = slice(0, _SAMPLE)
    if _documents(columns, sample) * _SAME > _distinct(columns.customer[sample]):
        return None
    documents = _documents(columns, slice(None))
    if documents < _FEWEST or documents * _SAME > len(columns.ids):
        return None
    used = set(roles.all().values())
    others = [name for name in names if name not in used and any(word in name.casefold() for word in CUSTOMER_WORDS)]
    many = f"{len(columns.ids):,} customers"
    what = f"Nearly every customer buys on one day only: {many}, {documents:,} days of purchase."
    if columns.document is not None:
        what = f"Nearly every document has its own customer: {many} for {documents:,} documents."
    perhaps = f", perhaps {listed(others)}." if others else ""
    return f"{what} The column {roles.customer!r} may be a number of orders; name the column of who buys: customer=...{perhaps}"


_LEAST_COSTS = 0.01
"""A smaller part of the revenue is unusual for costs of goods."""


def costs_like_ratios(columns: Any, roles: Roles, readings: Mapping[str, Reading]) -> str | None:
    """Return a note where costs are percentages, or look like ratios of the revenue.

    Parameters
    ----------
    columns : LedgerColumns
        The accepted rows.
    roles : Roles
        The columns used.
    readings : mapping of str to Reading
        How the cells of each role were read.

    Returns
    -------
    str or None
        The note; None where costs are amounts.
    """
    role = "unit_cost" if roles.unit_cost is not None else "cost"
    column, remedy = roles.all().get(role), "give a column of amounts, or one ratio: missing_cost=0.6."
    example = readings[role].percentage if role in readings else None
    if example is not None:
        return f"{role} has percentages, such as {example!r}, which are no amounts: {remedy}"
    if role != "cost" or columns.cost is None or column is None or not columns.cost.any():
        return None
    if columns.cost.min() < 0 or columns.cost.max() > 1:
        return None
    if columns.cost.sum() >= _LEAST_COSTS * columns.revenue.sum():
        return None
    return f"No cost of the column {column!r} is above 1, as if it had ratios of the revenue. If so, {remedy}"


def _documents(columns: Any, rows: slice) -> int:
    """Return the number of documents, or of a customer's days, in some rows."""
    document: NDArray[np.int64] | None = columns.document
    if document is not None:
        return _distinct(document[rows])
    return _distinct((columns.customer[rows].astype(np.int64) << 32) + columns.day[rows])


def _distinct(values: NDArray[Any]) -> int:
    """Return the number of different values; many times faster than `numpy.unique` where they collide in its hash."""
    ordered = np.sort(values)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + bool(ordered.size)


def opposite_signs(columns: Any) -> list[str]:
    """Return a note on amounts whose sign contradicts that of the revenue; nothing where there are none.

    Parameters
    ----------
    columns : LedgerColumns
        The accepted rows.

    Returns
    -------
    list of str
        One note, or none.
    """
    prices = {name: columns.drivers.get(name) for name in ("rebate", "discount", "freight", "commission")}
    beside = {"cost": columns.cost, "quantity": columns.quantity} | prices
    mixed = []
    for name, values in beside.items():
        if values is None:
            continue
        above, below = (
            int(np.count_nonzero(rows))
            for rows in ((columns.revenue > 0) & (values < 0), (columns.revenue < 0) & (values > 0))
        )
        if name in ("freight", "commission", "quantity"):
            below = 0  # a return may cost freight; systems write its quantity without a sign
        if above or below:
            parts = [f"{name} below 0 at a revenue above 0 in {above:,}"] * bool(above)
            parts += [f"{name} above 0 at a revenue below 0 in {below:,}"] * bool(below)
            mixed += parts
    return (
        [f"Signs differ (rows, or sums of rows): {'; '.join(mixed)}. A cost above 0 lowers the contribution."]
        if mixed
        else []
    )
