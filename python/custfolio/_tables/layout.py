# Tables of results as lines of text that fit the terminal: texts wrap, and whole columns are left out with a note.
"""Lay out a table in the width of the terminal."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from textwrap import wrap

__all__ = ["fact_lines", "room", "table_lines"]

_GAP = 2
"""Blanks between columns."""
_WIDEST = 48
"""Characters of a column of text before it wraps."""
_NARROWEST = 16
"""Characters that a column of text keeps before columns are left out."""
_NO_LIMIT = 1 << 20


def room() -> int:
    """Return the characters of a line: of the terminal, or of COLUMNS where it is set; a pipe has no limit."""
    return shutil.get_terminal_size(fallback=(0, 0)).columns or _NO_LIMIT


def fact_lines(label: str, text: str, width: int) -> list[str]:
    """Return a figure above the table, indented; its text wraps.

    Parameters
    ----------
    label, text : str
        The figure's name and value.
    width : int
        Characters of a line.

    Returns
    -------
    list of str
        The lines.
    """
    return wrap(f"{label}: {text}", max(width, _NARROWEST), initial_indent="  ", subsequent_indent="    ") or ["  "]


def table_lines(
    names: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], words: Sequence[bool], width: int
) -> list[str]:
    """Return a table as lines of at most `width` characters; the first column is always shown.

    Parameters
    ----------
    names : sequence of str, shape (k,)
        Heads of the columns.
    rows : sequence of sequence of str, shape (n, k)
        The cells.
    right : sequence of bool, shape (k,)
        Whether a column is set flush right.
    words : sequence of bool, shape (k,)
        Whether a column is words, which may wrap.
    width : int
        Characters of a line.

    Returns
    -------
    list of str
        Heads, rows, and a note that names the columns that are left out: those without words first, from the right.
    """
    columns = range(len(names))
    natural = [max(len(names[k]), *(len(row[k]) for row in rows)) for k in columns]
    widths = [max(len(names[k]), min(size, _WIDEST)) if words[k] else size for k, size in enumerate(natural)]
    least = [min(size, max(len(names[k]), _NARROWEST)) if words[k] else size for k, size in enumerate(widths)]
    shown = list(columns)

    def total(sizes: Sequence[int]) -> int:
        return sum(sizes[k] for k in shown) + _GAP * (len(shown) - 1)

    while total(least) > width and len(shown) > 1:
        shown.remove(max(shown[1:], key=lambda k: (not words[k], k)))
    while total(widths) > width and any(widths[k] > least[k] for k in shown):
        widest = max((k for k in shown if widths[k] > least[k]), key=lambda k: widths[k])
        widths[widest] -= 1

    def lines_of(cells: Sequence[str]) -> list[str]:
        parts = {k: wrap(cells[k], widths[k]) or [""] if words[k] else [cells[k]] for k in shown}
        return [
            (" " * _GAP)
            .join(
                part.rjust(widths[k]) if right[k] else part.ljust(widths[k])
                for k in shown
                for part in [parts[k][at] if at < len(parts[k]) else ""]
            )
            .rstrip()
            for at in range(max(map(len, parts.values())))
        ]

    lines = [line for cells in (names, *rows) for line in lines_of(cells)]
    left_out = [names[k] for k in columns if k not in shown]
    if left_out:
        note = f"columns not shown: {', '.join(left_out)}; to_frame() has all"
        lines += wrap(note, max(width, _NARROWEST))
    return lines
