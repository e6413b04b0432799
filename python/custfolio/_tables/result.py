# Shared parts of all results: a frame, a table to look at, a chart.
"""The base class of every result."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from typing import Any

from custfolio._tables.layout import fact_lines, room, table_lines
from custfolio.errors import InputError

__all__ = ["STATE_FORMAT", "Listing", "NamedColumns", "Reasons", "Result", "Stored", "check_state_format"]

_WIDTH = 240
"""Longest text in a cell of a shown table, in characters; longer ones are cut with an ellipsis."""


STATE_FORMAT = 14
"""Number of the format in which results are stored; a state of another format is refused."""


def check_state_format(found: Any, name: str, read: int = STATE_FORMAT) -> None:
    """Check the format of a stored result.

    Parameters
    ----------
    found : object
        The number that was stored.
    name : str
        The class, for the message.
    read : int
        The number that this version reads.

    Raises
    ------
    InputError
        If it is not that of this version.
    """
    if found != read:
        raise InputError(f"the stored {name} has format {found!r}; this version reads format {read}")


class Stored:
    """What pickles and copies store of an object: its attributes, with the number of the format."""

    _state_format: int = STATE_FORMAT
    """Number of the format; a class whose attributes changed has a greater one."""

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle or a copy stores: the attributes, without what is computed from them when first used."""
        cached = {
            name
            for each in type(self).__mro__
            for name, value in vars(each).items()
            if isinstance(value, cached_property)
        }
        return {"format": self._state_format} | {
            name: value for name, value in vars(self).items() if name not in cached
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the attributes of a state; InputError where its format is another one."""
        check_state_format(state.get("format"), type(self).__name__, self._state_format)
        vars(self).update({name: value for name, value in state.items() if name != "format"})


class Result(Stored, ABC):
    """A table of results that shows itself, becomes a frame, and draws its chart.

    A subclass defines :meth:`_columns` and :meth:`_draw`, and documents its ``plot``. It may define :meth:`_title` and :meth:`_facts` for
    the summary above the table. It sets :attr:`_library` to the library of the data.
    """

    _library: str | None = None
    """The frame library that the data came in; None: the first that is installed."""
    _shown_rows: int = 14
    """Rows that the notebook and the prompt show."""

    @property
    def library(self) -> str | None:
        """The frame library of :meth:`to_frame` by default: the one that the data came in; None where it came in none."""
        return self._library

    def columns(self) -> Mapping[str, Any]:
        """Return the table's columns by name.

        Returns
        -------
        mapping of str to sequence
            NumPy arrays, Arrow arrays or lists, all of one length, in the order of the table. They are the result's own: do not write to them.
        """
        return self._columns()

    @abstractmethod
    def _columns(self) -> Mapping[str, Any]:
        """Return the columns of the table, all of one length, in the order to be shown; see :meth:`columns`."""

    @abstractmethod
    def _draw(self, **options: Any) -> Any:
        """Draw the result; see :meth:`plot`."""

    def plot(self, **options: Any) -> Any:
        """Draw the result; each class documents its chart.

        Parameters
        ----------
        **options
            Properties of the chart, such as ``width``, as for ``altair.Chart.properties``, where the class names no others.

        Returns
        -------
        altair.Chart
            The chart.
        """
        return self._draw(**options)

    def _title(self) -> str:
        """Return the heading above the table."""
        return type(self).__name__

    def _facts(self) -> Mapping[str, Any]:
        """Return the figures that sum the result up, shown above the table."""
        return {}

    def to_frame(self, library: str | None = None) -> Any:
        """Return the table as a frame.

        Parameters
        ----------
        library : {"pandas", "polars", "pyarrow", "duckdb", "pyspark"}, optional
            The library of the frame; by default the one that the data came in.

        Returns
        -------
        frame
            One row an entry.

        Raises
        ------
        InputError
            If the library is unknown or not installed.
        """
        from custfolio._tables.frames import make_frame

        return make_frame(self._columns(), library or self._library)

    def __repr__(self) -> str:
        names, rows, total = self._head()
        width = room()
        lines = [self._title()]
        for label, value in self._facts().items():
            lines += fact_lines(_line(label), _line(_cell(value)), width)
        if rows:
            columns = list(zip(*rows, strict=True))
            table = [list(map(_line, row)) for row in zip(*map(_texts, names, columns), strict=True)]
            heads, right, words = (
                list(map(_line, names)),
                list(map(_flush_right, columns)),
                list(map(_has_words, columns)),
            )
            lines += table_lines(heads, table, right, words, width)
        if total > len(rows):
            lines.append(f"... {total - len(rows):,} more rows")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        names, rows, total = self._head()
        parts = ['<div class="custfolio">', f"<p><strong>{escape(self._title())}</strong></p>"]
        facts = self._facts()
        if facts:
            pairs = "".join(
                f"<tr><th style='text-align:left'>{escape(label)}</th><td>{escape(_cell(value))}</td></tr>"
                for label, value in facts.items()
            )
            parts.append(f"<table><tbody>{pairs}</tbody></table>")
        if rows:
            heads = "".join(f"<th>{escape(name)}</th>" for name in names)
            parts.append(f"<table><thead><tr>{heads}</tr></thead><tbody>")
            columns = list(zip(*rows, strict=True))
            sides = ["right" if _flush_right(column) else "left" for column in columns]
            for row in zip(*map(_texts, names, columns), strict=True):
                cells = "".join(
                    f"<td style='text-align:{side}'>{escape(text)}</td>" for side, text in zip(sides, row, strict=True)
                )
                parts.append(f"<tr>{cells}</tr>")
            parts.append("</tbody></table>")
        if total > len(rows):
            parts.append(f"<p>&hellip; {total - len(rows):,} more rows</p>")
        parts.append("</div>")
        return "".join(parts)

    def _head(self) -> tuple[list[str], list[list[Any]], int]:
        """Return the column names, the first rows as Python values, and the number of all rows."""
        columns = self._columns()
        names = [str(name) for name in columns]
        total = min((len(values) for values in columns.values()), default=0)
        shown = min(total, self._shown_rows)
        heads = [_values(values[:shown]) for values in columns.values()]
        return names, [[head[k] for head in heads] for k in range(shown)], total


class Listing(Result):
    """A table of given columns, such as omitted rows and their reasons; a subclass gives its title and its chart."""

    _heading: str = ""
    """The title; the name of the class if empty."""

    def __init__(self, columns: Mapping[str, Any], library: str | None) -> None:
        self._entries = columns
        self._library = library

    def __len__(self) -> int:
        return len(next(iter(self._entries.values())))

    def _columns(self) -> Mapping[str, Any]:
        return self._entries

    def _title(self) -> str:
        return self._heading or super()._title()


class Reasons(Listing):
    """Rejected entries, one per row, with the reason; a subclass names their kind.

    ``plot`` draws their number by reason.
    """

    _things: str

    @property
    def reasons(self) -> dict[str, int]:
        """Number of rows by reason."""
        return dict(Counter(self._entries["reason"]))

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        counts = alt.Data(values=[{"reason": text, "count": count} for text, count in self.reasons.items()])
        return (
            alt.Chart(counts)
            .mark_bar()
            .encode(
                x=alt.X("count:Q", title=self._things),
                y=alt.Y("reason:N", sort="-x", title=None),
                tooltip=["reason:N", alt.Tooltip("count:Q", title=self._things)],
            )
            .properties(**options)
        )


class NamedColumns(Listing):
    """A listing that returns a column by its name, as a frame does; a subclass names it for errors."""

    _what: str
    """Its name in errors, before its columns: "the summary; it has"."""

    def __getitem__(self, column: str) -> Any:
        """Return a column by its name; a wrong name raises an InputError that lists the columns."""
        if column not in self._entries:
            raise InputError(f"column {column!r} is not in {self._what} {', '.join(map(repr, self._entries))}")
        return self._entries[column]


def _values(values: Any) -> list[Any]:
    """Return a slice of a column as Python values."""
    for method in ("to_pylist", "tolist"):
        if hasattr(values, method):
            return list(getattr(values, method)())
    return list(values)


def _is_number(value: Any) -> bool:
    """Whether a value is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_missing(value: Any) -> bool:
    """Whether a cell is empty."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def _flush_right(cells: Sequence[Any]) -> bool:
    """Whether a column is set flush right: its cells are numbers, or empty."""
    given = [cell for cell in cells if not _is_missing(cell)]
    return bool(given) and all(map(_is_number, given))


def _has_words(cells: Sequence[Any]) -> bool:
    """Whether a column has text, which is neither a number nor a day."""
    return any(isinstance(cell, str) for cell in cells)


def _texts(name: str, cells: Sequence[Any]) -> list[str]:
    """Return a column as short texts: temperatures in percent, amounts with two decimals unless all are whole, small numbers with four digits."""
    if "temperature" in name:
        return [f"{cell:.1%}" if isinstance(cell, float) and math.isfinite(cell) else _cell(cell) for cell in cells]
    numbers = [cell for cell in cells if isinstance(cell, float) and math.isfinite(cell)]
    sizes = [abs(number) for number in numbers if number]
    amounts = bool(sizes) and min(sizes) >= 1 and 100 <= max(sizes) < 1e15
    if amounts and not all(map(float.is_integer, numbers)):
        return [f"{cell:,.2f}" if isinstance(cell, float) and math.isfinite(cell) else _cell(cell) for cell in cells]
    return [_cell(cell) for cell in cells]


def _cell(value: Any) -> str:
    """Return a value as short text, the same whatever the locale."""
    if _is_missing(value):
        return "–"
    if isinstance(value, float):
        if math.isinf(value):
            return "∞" if value > 0 else "-∞"
        value += 0.0  # of -0 makes 0
        if abs(value) >= 1e15:
            return f"{value:.4g}"
        if value.is_integer():
            return f"{value:,.0f}"
        return f"{value:,.2f}" if abs(value) >= 100 else f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = str(value)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _line(text: str) -> str:
    """Return text with every character that could move the cursor of a terminal written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
