# The row of column names in a file, and the lines around the table.
"""Find the header below title lines, and totals below the rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from custfolio._reading.columns import role_of
from custfolio.errors import InputError

__all__ = ["LIKE_TOTAL", "SEARCHED", "column_names", "header_row", "is_subtotal", "is_total", "total_label", "width_of"]

SEARCHED: Final = 60
"""Lines of a file in which its header is looked for."""

_VALUE: Final = re.compile(
    r"[-+(]?\s*(?:[A-Za-z]{3}|\W{0,3})\s*\d[\d.,'\s]*(?:[A-Za-z]{3}|\W{0,3})[-)]?"  # an amount
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?"  # a day
)
_LONGEST_VALUE: Final = 100
"""Signs that an amount or a day has at most."""
_TOTAL: Final = re.compile(
    r"(?:(?:grand|report|overall)\s+)?(?:sub-?\s?|eind|gesamt|zwischen|sous-)?"
    r"(?:total(?:s|en|aux)?|totaa?l(?:en)?|totaux|summen?|sommen?|gesamt(?:betrag)?|sum)(?:$|\W.*)",
    re.I | re.S,
)

LIKE_TOTAL: Final = "(?i)tota|sum|som|gesamt"
"""What every word for total has in it, for an engine."""

_SUBTOTAL: Final = re.compile(r"\s*(?:sub-?\s?|zwischen|tussen|sous-?\s?)(?:tota|sum|som)", re.I)


def is_subtotal(text: str) -> bool:
    """Whether a cell begins with a word for subtotal."""
    return _SUBTOTAL.match(text) is not None


def is_total(text: str) -> bool:
    """Whether a cell begins with a word for total."""
    return _TOTAL.fullmatch(text.strip()) is not None


def _is_value(cell: str) -> bool:
    """Whether a cell is an amount or a day; a long one is none, since the pattern would search its spaces without end."""
    text = cell.strip()
    return len(text) <= _LONGEST_VALUE and _VALUE.fullmatch(text) is not None


def width_of(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of cells that most rows of more than one cell have; 0 where there is no such row."""
    widths = [len(row) for row in rows if len(row) > 1]
    return max(sorted(set(widths), reverse=True), key=widths.count) if widths else 0


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the column names among the first rows of a table.

    It is the row with the most usual names, where one has two of them. Otherwise it is the first row without an amount or a
    day that is nearly as wide as the table, or else the first row.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows.

    Returns
    -------
    int
        The place, from 0.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    usable = [k for k, row in enumerate(rows[:SEARCHED]) if filled[k] > 1 and not any(map(_is_value, row))]
    if not usable:
        return 0
    named = {k: len({role_of(cell) for cell in rows[k]} - {None}) for k in usable}
    best = max(named.values())
    if best > 1:
        return next(k for k in usable if named[k] == best)
    wide = [k for k in usable if filled[k] >= 0.6 * max(filled)]
    return wide[0] if wide else 0


def total_label(cells: Sequence[str]) -> str | None:
    """Return what marks a row as a line of totals, None where nothing does.

    Parameters
    ----------
    cells : sequence of str
        The row.

    Returns
    -------
    str or None
        The cell that begins with a word for total; "" for a row of few cells that are all amounts.
    """
    texts = [cell.strip() for cell in cells if cell.strip()]
    label = next((text for text in texts if _TOTAL.fullmatch(text)), None)
    if label is None and texts and 2 * len(texts) <= len(cells) and all(map(_is_value, texts)):
        return ""
    return label


def column_names(header: Sequence[str], shown: str) -> list[str]:
    """Return the column names, which must differ, whatever their case; those without a name are numbered.

    Parameters
    ----------
    header : sequence of str
        The cells of the header.
    shown : str
        The file, and sheet, in messages.

    Returns
    -------
    list of str
        A name for each column.

    Raises
    ------
    InputError
        If two columns have one name.
    """
    names: list[str] = []
    seen: dict[str, int] = {}
    for k, cell in enumerate(header, start=1):
        name = " ".join(cell.replace("\x00", "").split()) or f"column {k}"
        first = seen.setdefault(name.casefold(), k)
        if first != k:
            raise InputError(f"{shown}: columns {first} and {k} have one name, {name!r}; column names must differ")
        names.append(name)
    return names
