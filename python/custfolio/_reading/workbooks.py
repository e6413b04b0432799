# Workbooks on their way into a ledger: Excel (.xlsx, .xls) and OpenDocument (.ods).
"""Read sheets of workbooks; the numbers and days of their cells stay as they are."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc

from custfolio._reading.archives import check_workbook, hidden_cells
from custfolio._reading.cells import is_text
from custfolio._reading.columns import listed
from custfolio._reading.header import SEARCHED, column_names, header_row
from custfolio._reading.number_formats import currencies_of_cells
from custfolio._reading.rows import Origin
from custfolio._reading.sources import Source, duplicates, last_totals, title_text
from custfolio.errors import InputError

__all__ = ["open_workbooks"]

logging.getLogger("fastexcel").addHandler(logging.NullHandler())  # it would print that a column is empty

_HIDDEN: Final = {
    "merged": "Cells of {of} are merged over rows, such as {cell}; only the first of them has a value: fill in the others.",
    "formula": "Formulas of {of} have no stored result, such as {cell}; they are read as empty: open and save the workbook in Excel.",
    "error": "Cells of {of} have an error, such as {cell}; they are read as empty: correct their formulas.",
}
"""Notes on cells that are empty here and not on the screen."""


def open_workbooks(connection: Any, files: list[tuple[Path, Path]], sheet: str | Sequence[str] | None) -> Source:
    """Open sheets of workbooks: the first, those of some names, or all that have a table.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where the rows are stored.
    files : list of (path, path)
        The unpacked file, and the file that messages name.
    sheet : str or sequence of str, optional
        The sheets; by default the first. "all" stands for every sheet that shares a column with most sheets, unless one is called so.

    Returns
    -------
    Source
        The rows; each has its number in the sheet. Where several sheets are read, the file of a row names its sheet.

    Raises
    ------
    InputError
        If a workbook is damaged or too large, or has no such sheet, or a sheet has no table.
    """
    facts: list[tuple[str, str]] = []
    notes: list[str] = []
    sheets: list[pa.Table] = []
    places: list[str] = []
    for path, shown in files:
        check_workbook(path, shown)
        _require_workbook(path, shown)
        try:
            book = fastexcel.read_excel(path)
            names, left = _sheet_names(book, shown, sheet)
            tables = {name: _sheet(book, path, shown, name) for name in names}
            alike = [] if sheet is not None else _alike(book, names[0])
        except fastexcel.FastExcelError as error:
            raise InputError(f"{str(shown)!r} cannot be read: {str(error).splitlines()[0]}") from None
        for name, (table, fact, at) in tables.items():
            facts.append((shown.name, fact))
            of = f"{shown.name}, sheet {name!r}," if len(names) > 1 else shown.name
            hidden = hidden_cells(path, name, at + 1)
            notes += [text.format(of=of, cell=hidden[kind]) for kind, text in _HIDDEN.items() if kind in hidden]
            sheets.append(table)
            places.append(f"{shown}, sheet {name!r}" if len(names) > 1 else str(shown))
        if alike:
            notes.append(
                f"{shown.name} has other sheets with the same columns, which are not read: {listed(alike)}; "
                'sheet="all" reads all, and sheet=... some.'
            )
        if left:
            notes.append(f"Sheets of {shown.name} without a column of the others are not read: {listed(left)}.")
    several = len(sheets) > 1
    scans = []
    for number, (place, table) in enumerate(zip(places, _one_kind(sheets), strict=True)):
        if several:
            table = table.append_column("cf_file", pa.array([place] * table.num_rows, pa.string()))
        connection.register(f"cf_sheet_{number}", table)
        scans.append(f"select * from cf_sheet_{number}")
    connection.execute(f"create temp table cf_rows as {' union all by name '.join(scans)}")
    for number in range(len(sheets)):
        connection.unregister(f"cf_sheet_{number}")
    rows = connection.table("cf_rows")
    place_columns = "cf_number, cf_file" if several else "cf_number"
    whole = f"(select * exclude ({place_columns}) from cf_rows)"
    origin = Origin(
        "cf_number",
        "cf_file" if several else None,
        None,
        lambda: duplicates(connection, whole),
        last_totals(connection, rows, several),
    )
    return Source(rows, origin, facts, notes)


_TEXT: Final = re.compile(rb"[\t\n\r -~\x80-\xff]+")
"""The first bytes of a text."""


def _require_workbook(path: Path, shown: Path) -> None:
    """Raise InputError where a file named as a workbook is text, as many systems write their exports."""
    with path.open("rb") as stream:
        first = stream.read(64)
    if _TEXT.fullmatch(first) and not first.startswith(b"PK"):
        raise InputError(
            f"{str(shown)!r} is text, not a workbook; open it in a spreadsheet and save it as .xlsx, or name it .csv if it has cells "
            "between delimiters"
        )


def _sheet(book: Any, path: Path, shown: Path, name: str) -> tuple[pa.Table, str, int]:
    """Return the rows of a sheet that have a cell, what was found about it, and the place of its header.

    Rows are numbered as in the sheet.
    """
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
    body = _with_truth_as_text(pa.table(_load(book, name, at)), book, name, at)
    body = _with_numbers(body, book, name, at)
    body = _with_currencies(body, currencies_of_cells(path, name, at + 1, body.num_columns), at)
    with_cells = [k for k, cell in enumerate(first[at]) if cell.strip() or body.column(k).null_count < body.num_rows]
    columns = dict(
        zip(column_names([first[at][k] for k in with_cells], where), body.select(with_cells).columns, strict=True)
    )
    filled = pa.chunked_array([[False] * body.num_rows])
    for column in columns.values():
        filled = pc.or_(filled, pc.is_valid(column))
    rows = pa.table({**columns, "cf_number": pa.array(range(at + 2, at + 2 + body.num_rows), pa.int64())})
    titles = [" ".join(cell.strip() for cell in first[k] if cell.strip()) for k in lines if k < at]
    of = f" (of {len(book.sheet_names)})" if len(book.sheet_names) > 1 else ""
    fact = f"workbook, sheet {name!r}{of}{title_text(titles, at + 1)}"
    return rows.filter(filled), fact, at


def _header(book: Any, name: str) -> list[str]:
    """Return the cells of the header of a sheet; none where there is no table."""
    rows = [row for row in _first_rows(book, name) if _filled(row)]
    at = header_row(rows) if rows else 0
    return rows[at] if at + 1 < len(rows) and max(map(_filled, rows)) > 1 else []


def _alike(book: Any, name: str) -> list[str]:
    """Return the other sheets that have the header of a sheet in their first rows."""
    header = _header(book, name)
    return [other for other in book.sheet_names if other != name and header in _first_rows(book, other)]


def _filled(row: list[str]) -> int:
    """Return the number of cells with a text."""
    return sum(bool(cell.strip()) for cell in row)


def _other_sheets(names: list[str], name: str) -> str:
    """Return a clause that names the other sheets of a workbook."""
    others = ", ".join(repr(other) for other in names if other != name)
    return f"; pass sheet=..., one of {others}" if others else ""


def _sheet_names(book: Any, shown: Path, wanted: str | Sequence[str] | None) -> tuple[list[str], list[str]]:
    """Return the names of the sheets to read, and of those that "all" leaves out."""
    names = book.sheet_names
    if not names:
        raise InputError(f"{str(shown)!r} has no sheet")
    if wanted is None:
        return names[:1], []
    chosen = [wanted] if isinstance(wanted, str) else list(wanted)
    if chosen == ["all"] and "all" not in map(str.casefold, names):
        return _with_columns_of_most(book, shown)
    wanted_sheets = []
    for each in chosen:
        if not isinstance(each, str):
            raise InputError(f"sheet= has {each!r}; it must be the name of a sheet")
        exact = [name for name in names if name == each]
        near = exact or [name for name in names if name.strip().casefold() == each.strip().casefold()]
        if not near:
            raise InputError(f"{str(shown)!r} has no sheet {each!r}; its sheets are {', '.join(map(repr, names))}")
        wanted_sheets.append(near[0])
    if not wanted_sheets:
        raise InputError('sheet= has no name; it must have one or more, or be "all"')
    return list(dict.fromkeys(wanted_sheets)), []


def _with_columns_of_most(book: Any, shown: Path) -> tuple[list[str], list[str]]:
    """Return the sheets that share a column with the commonest header, and the others."""
    headers = {
        name: frozenset(cell.strip().casefold() for cell in _header(book, name)) - {""} for name in book.sheet_names
    }
    with_table = [header for header in headers.values() if header]
    if not with_table:
        raise InputError(f"{str(shown)!r} has no sheet with a table")
    most = max(with_table, key=with_table.count)
    return [name for name, header in headers.items() if header & most], [
        name for name, header in headers.items() if not header & most
    ]


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
                texts[row] = _without_sign(number)
        body = body.set_column(k, body.schema.names[k], pa.array(texts, pa.string()))
    return body


def _without_sign(number: float) -> str:
    """Return a number as text without a decimal sign, such as 125e-1."""
    if number.is_integer():
        return str(int(number))
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    return f"{'-' if sign else ''}{''.join(map(str, digits))}e{exponent}"


def _with_currencies(body: pa.Table, currencies: Mapping[int, Mapping[int, str]], header: int) -> pa.Table:
    """Return columns of numbers as text with the currency of each cell in front, where number formats show several currencies."""
    for k, by_row in currencies.items():
        if pa.types.is_floating(body.schema.field(k).type):
            texts = [
                None if number is None else f"{by_row.get(row, '')} {number!r}".lstrip()
                for row, number in enumerate(body.column(k).to_pylist(), header + 2)
            ]
            body = body.set_column(k, body.schema.names[k], pa.array(texts, pa.string()))
    return body


def _one_kind(tables: Sequence[pa.Table]) -> list[pa.Table]:
    """Return the sheets with the numbers of each column as text without a decimal sign, if another sheet has it as text with a comma."""
    with_comma = {
        name
        for table in tables
        for name, column in zip(table.column_names, table.columns, strict=True)
        if is_text(column.type) and pc.any(pc.match_substring(column, ",")).as_py()
    }
    turned = []
    for table in tables:
        for k, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True)):
            if name in with_comma and pa.types.is_floating(column.type):
                texts = [None if number is None else _without_sign(number) for number in column.to_pylist()]
                table = table.set_column(k, name, pa.array(texts, pa.string()))
        turned.append(table)
    return turned
