# Workbooks on their way into a ledger: Excel (.xlsx, .xls) and OpenDocument (.ods).
"""Read one sheet of each workbook; the numbers and days of its cells stay as they are."""

from __future__ import annotations

import logging
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc

from custfolio._reading.archives import check_workbook, merged_rows
from custfolio._reading.cells import is_text
from custfolio._reading.columns import listed
from custfolio._reading.header import SEARCHED, column_names, header_row
from custfolio._reading.rows import Origin
from custfolio._reading.sources import Source, duplicates, last_totals, title_text
from custfolio.errors import InputError

__all__ = ["open_workbooks"]

logging.getLogger("fastexcel").addHandler(logging.NullHandler())  # it would print that a column is empty


def open_workbooks(connection: Any, files: list[tuple[Path, Path]], sheet: str | None) -> Source:
    """Open the first sheet of workbooks, or the one of a name.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where the rows are stored.
    files : list of (path, path)
        The unpacked file, and the file that messages name.
    sheet : str, optional
        The sheet; by default the first.

    Returns
    -------
    Source
        The rows; each has its number in the sheet.

    Raises
    ------
    InputError
        If a workbook is damaged or too large, or has no such sheet, or the sheet has no table.
    """
    several = len(files) > 1
    facts: list[tuple[str, str]] = []
    notes: list[str] = []
    scans = []
    for number, (path, shown) in enumerate(files):
        table, fact, merged, alike = _sheet(path, shown, sheet)
        facts.append((shown.name, fact))
        if merged is not None:
            notes.append(
                f"Cells of {shown.name} are merged over rows, such as {merged}; only the first of them has a value: fill in the others."
            )
        if alike:
            notes.append(
                f"{shown.name} has other sheets with the same columns, which are not read: {listed(alike)}; "
                "sheet=... reads one of them, and a file per sheet reads all."
            )
        if several:
            table = table.append_column("cf_file", pa.array([str(shown)] * table.num_rows, pa.string()))
        connection.register(f"cf_sheet_{number}", table)
        scans.append(f"select * from cf_sheet_{number}")
    connection.execute(f"create temp table cf_rows as {' union all by name '.join(scans)}")
    for number in range(len(files)):
        connection.unregister(f"cf_sheet_{number}")
    rows = connection.table("cf_rows")
    own = "cf_number, cf_file" if several else "cf_number"
    whole = f"(select * exclude ({own}) from cf_rows)"
    origin = Origin(
        "cf_number",
        "cf_file" if several else None,
        None,
        lambda: duplicates(connection, whole),
        last_totals(connection, rows, several),
    )
    return Source(rows, origin, facts, notes)


def _sheet(path: Path, shown: Path, wanted: str | None) -> tuple[pa.Table, str, str | None, list[str]]:
    """Return the rows of a sheet that have a cell, what was found about it, its first merged rows, and other sheets with its columns.

    Rows are numbered as in the sheet. Other sheets are found where the caller names none.
    """
    check_workbook(path, shown)
    try:
        book = fastexcel.read_excel(path)
        name = _sheet_name(book.sheet_names, shown, wanted)
        first = _first_rows(book, name)
        lines = [k for k, row in enumerate(first) if any(cell.strip() for cell in row)]
        where = f"{str(shown)!r}, sheet {name!r}"
        if not lines:
            raise InputError(f"{where} is empty{_other_sheets(book.sheet_names, name)}")
        at = lines[header_row([first[k] for k in lines])]
        if at == lines[-1] and len(first) < SEARCHED:
            raise InputError(
                f"{where} has no rows, only {' '.join(first[at]).strip()!r}{_other_sheets(book.sheet_names, name)}"
            )
        if len(book.sheet_names) > 1 and max(map(_filled, first)) == 1:
            raise InputError(f"{where} has no table, only lines of text{_other_sheets(book.sheet_names, name)}")
        others = [other for other in book.sheet_names if other != name] if wanted is None else []
        alike = [other for other in others if first[at] in _first_rows(book, other)]
        body = _with_truth_as_text(pa.table(_load(book, name, at)), book, name, at)
        body = _with_numbers(body, book, name, at)
    except fastexcel.FastExcelError as error:
        raise InputError(f"{str(shown)!r} cannot be read: {str(error).splitlines()[0]}") from None
    kept = [k for k, cell in enumerate(first[at]) if cell.strip() or body.column(k).null_count < body.num_rows]
    columns = dict(zip(column_names([first[at][k] for k in kept], where), body.select(kept).columns, strict=True))
    filled = pa.chunked_array([[False] * body.num_rows])
    for column in columns.values():
        filled = pc.or_(filled, pc.is_valid(column))
    rows = pa.table({**columns, "cf_number": pa.array(range(at + 2, at + 2 + body.num_rows), pa.int64())})
    titles = [" ".join(cell.strip() for cell in first[k] if cell.strip()) for k in lines if k < at]
    of = f" (of {len(book.sheet_names)})" if len(book.sheet_names) > 1 else ""
    fact = f"workbook, sheet {name!r}{of}{title_text(titles, at + 1)}"
    return rows.filter(filled), fact, merged_rows(path, name, at + 1), alike


def _filled(row: list[str]) -> int:
    """Return the number of cells with a text."""
    return sum(bool(cell.strip()) for cell in row)


def _other_sheets(names: list[str], name: str) -> str:
    """Return a clause that names the other sheets of a workbook."""
    others = ", ".join(repr(other) for other in names if other != name)
    return f"; pass sheet=..., one of {others}" if others else ""


def _sheet_name(names: list[str], shown: Path, wanted: str | None) -> str:
    """Return the name of the sheet to read."""
    if not names:
        raise InputError(f"{str(shown)!r} has no sheet")
    if wanted is None:
        return names[0]
    found = [name for name in names if name == wanted] or [
        name for name in names if name.strip().casefold() == wanted.strip().casefold()
    ]
    if not found:
        raise InputError(f"{str(shown)!r} has no sheet {wanted!r}; its sheets are {', '.join(map(repr, names))}")
    return found[0]


def _first_rows(book: Any, name: str) -> list[list[str]]:
    """Return the first rows of a sheet as text."""
    top = pa.table(book.load_sheet(name, header_row=None, skip_rows=0, n_rows=SEARCHED, dtypes="string").to_arrow())
    columns = [["" if cell is None else cell for cell in column.to_pylist()] for column in top.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _load(book: Any, name: str, header: int, **options: Any) -> Any:
    """Load the rows below the header."""
    loaded = book.load_sheet(name, header_row=None, skip_rows=header + 1, schema_sample_rows=None, **options)
    return loaded.to_arrow()


def _with_truth_as_text(body: pa.Table, book: Any, name: str, header: int) -> pa.Table:
    """Return the columns of numbers that have cells TRUE or FALSE as text, since the reader makes them 1 and 0."""
    likely = [
        k
        for k, column in enumerate(body.columns)
        if pa.types.is_floating(column.type) and pc.any(pc.is_in(column, value_set=pa.array([0.0, 1.0]))).as_py()
    ]
    texts = pa.table(_load(book, name, header, use_columns=likely, dtypes="string")) if likely else body
    for place, k in enumerate(likely):
        if pc.any(pc.is_in(texts.column(place), value_set=pa.array(["true", "false"]))).as_py():
            body = body.set_column(k, body.schema.names[k], texts.column(place))
    return body


_GROUPED = re.compile(r"-?\d{1,3}\.\d{3}")


def _with_numbers(body: pa.Table, book: Any, name: str, header: int) -> pa.Table:
    """Return the columns with their numbers written without a decimal sign where texts beside them have a comma.

    A column of numbers and texts is read as text. There the point of a number 12.5 would contradict the comma of a text "12,5".
    """
    mixed = [
        k
        for k, column in enumerate(body.columns)
        if is_text(column.type) and pc.any(pc.match_substring(column, ",")).as_py()
    ]
    if not mixed:
        return body
    numbers = pa.table(_load(book, name, header, use_columns=mixed, dtypes="float"))
    for place, k in enumerate(mixed):
        texts = body.column(k).to_pylist()
        for row, number in enumerate(numbers.column(place).to_pylist()):
            if number is not None and not number.is_integer() and not _GROUPED.fullmatch(texts[row]):
                sign, digits, exponent = Decimal(repr(number)).as_tuple()
                texts[row] = f"{'-' if sign else ''}{''.join(map(str, digits))}e{exponent}"
        body = body.set_column(k, body.schema.names[k], pa.array(texts, pa.string()))
    return body
