# A plan's tables as an .xlsx workbook: every text stays text, every total is a live sum.
"""Workbooks, made with XlsxWriter."""

from __future__ import annotations

import datetime
import io
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custfolio._tables.wording import control_free
from custfolio.errors import InputError
from custfolio.report.data import COUNTS, NOTHING, Column, PlanPages, Table
from custfolio.report.statement_pages import StatementPages
from custfolio.report.variance_pages import VariancePages

__all__ = ["BudgetSheet", "budget_to_bytes", "to_bytes", "write"]

# A spreadsheet may read these as the start of a formula, also after a paste or an export to CSV.
_FORMULA = ("=", "+", "-", "@", "|", "%")
_LONGEST = 32_767
_FORMATS = {
    "share": "0.0%",
    "chance": '[<=0.0005]"below 0.1%";[>=0.9995]"above 99.9%";0.0%',
    "count": "#,##0",
    "number": "[>=100]#,##0.00;[<=-100]-#,##0.00;General",
    "date": "yyyy-mm-dd",
    "month": "mmm yyyy",
}
_WIDTHS = {"amount": 16, "share": 12, "chance": 12, "count": 11, "number": 13, "date": 18, "month": 12}
_INK, _PAPER, _LINE = "#2B3A42", "#F1ECE1", "#C9BFAE"


def _amount_format(digits: int) -> str:
    """Return the number format of amounts with digits after the decimal point."""
    return "#,##0" + ("." + "0" * digits if digits else "")


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet may read text as a formula: also behind spaces and unseen signs, and in full width."""
    if text.startswith(("\t", "\r", "\n")):
        return True
    first = next((sign for sign in text if not sign.isspace() and unicodedata.category(sign) not in ("Cc", "Cf")), "")
    return unicodedata.normalize("NFKC", first).startswith(_FORMULA)


def plain_text(text: str) -> str:
    """Return text for a CSV file: marked as text where a spreadsheet would read a formula, with line ends that are quoted.

    The mark is an apostrophe. Text with apostrophes before a formula gets one more, so that :func:`unmarked` gives every text back.
    """
    marked = f"'{text}" if looks_like_formula(text.lstrip("'")) else text
    return marked.replace("\r\n", "\n").replace("\r", "\n")


def unmarked(text: str) -> str:
    """Return a text of a CSV file as it was before :func:`plain_text` marked it."""
    return text[1:] if text.startswith("'") and looks_like_formula(text.lstrip("'")) else text


def _safe(text: str) -> str:
    """Text that fits a cell: no control characters, at most as long as a cell may be."""
    text = control_free(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _sheet_names(titles: Iterable[str]) -> list[str]:
    r"""Names that a workbook allows: no ``[]:*?/\\``, at most 31 characters, none twice."""
    names: list[str] = []
    for title in titles:
        name = re.sub(r"\s+", " ", re.sub(r"[\[\]:*?/\\]", " ", _safe(title))).strip(" '")[:31].strip(" '") or "Sheet"
        if name.lower() == "history":
            name = "History_"  # the one name that spreadsheets keep for themselves
        stem, number = name, 1
        while name.lower() in {other.lower() for other in names}:
            number += 1
            name = f"{stem[: 31 - len(str(number)) - 1]} {number}"
        names.append(name)
    return names


class _Book:
    """One workbook in the making."""

    def __init__(self, title: str, subject: str, comments: str, stamp: datetime.datetime | None) -> None:
        import xlsxwriter

        self.file = io.BytesIO()
        self.book: Any = xlsxwriter.Workbook(
            self.file,
            {
                "in_memory": True,
                "constant_memory": False,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
            },
        )
        properties: dict[str, Any] = {
            "title": _safe(title),
            "subject": _safe(subject),
            "comments": _safe(comments),
            "author": "custfolio",
        }
        if stamp is not None:
            properties["created"] = stamp
        self.book.set_properties(properties)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **properties: Any) -> Any:
        """A cell format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"font_name": "Calibri", "valign": "top", **properties})
        return self._formats[key]

    def text(self, sheet: Any, row: int, place: int, text: str, **properties: Any) -> None:
        """Write text as text; one that looks like a formula has the quote prefix, which keeps it text on edit."""
        text = _safe(text)
        if looks_like_formula(text):
            properties["quote_prefix"] = True
        sheet.write_string(row, place, text, self.format(**properties))

    def finish(self) -> bytes:
        """Close the workbook and return its bytes."""
        self.book.close()
        return self.file.getvalue()

    def number_format(self, table: Table, column: Column) -> str:
        """The number format of a column: amounts without decimals where all of them are whole."""
        return _amount_format(table.decimals) if column.kind == "amount" else _FORMATS[column.kind]

    def table(self, sheet: Any, table: Table, first: int = 0) -> int:
        """Write a table, its heading in row ``first``; returns the first free row below it."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        head = {
            "bold": True,
            "font_color": _INK,
            "bg_color": _PAPER,
            "bottom": 1,
            "bottom_color": _LINE,
            "text_wrap": True,
        }
        names = [column.name for column in table.columns]
        last = first + len(table)
        for place, column in enumerate(table.columns):
            self.text(sheet, first, place, column.label, **head, align="right" if column.numeric else "left")
            cells = table.cells[column.name]
            added = [names.index(part) for part in column.parts if not part.startswith("-")]
            taken = [names.index(part[1:]) for part in column.parts if part.startswith("-")]
            plain = (
                self.format(num_format=self.number_format(table, column)) if column.kind != "text" else self.format()
            )
            for row, value in enumerate(cells, first + 1):
                if value is None:
                    continue
                if column.parts:
                    sums = [",".join(xl_rowcol_to_cell(row, part) for part in group) for group in (added, taken)]
                    formula = f"=SUM({sums[0]})" + (f"-SUM({sums[1]})" if taken else "")
                    sheet.write_formula(row, place, formula, plain, value)
                elif isinstance(value, (datetime.date, datetime.datetime)):
                    with_time = isinstance(value, datetime.datetime)
                    shown = self.format(num_format="yyyy-mm-dd hh:mm") if with_time else plain
                    moment = value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value
                    sheet.write_datetime(row, place, moment, shown)
                elif isinstance(value, (int, float)) and not isinstance(value, bool):
                    certain = column.kind == "chance" and value in (0, 1)
                    sheet.write_number(
                        row, place, value, self.format(num_format=_FORMATS["share"]) if certain else plain
                    )
                else:
                    self.text(sheet, row, place, str(value))
            if column.kind == "text":
                longest = max((len(str(value)) for value in cells[:500] if value is not None), default=0)
                sheet.set_column(place, place, min(60, max(10, longest, len(column.label)) + 2))
            else:
                sheet.set_column(place, place, max(_WIDTHS[column.kind], len(column.label) + 3))
        totals = [column for column in table.columns if column.total]
        below = last + 1
        if totals and len(table) > 1:  # as on the page
            foot = {"bold": True, "top": 1, "top_color": _LINE}
            for place, column in enumerate(table.columns):
                if column.total:
                    cells_of = f"{xl_rowcol_to_cell(first + 1, place)}:{xl_rowcol_to_cell(last, place)}"
                    shown = self.format(**foot, num_format=self.number_format(table, column))
                    sheet.write_formula(below, place, f"=SUM({cells_of})", shown, table.total(column.name))
                else:
                    self.text(sheet, below, place, "" if place else "Total", **foot)
            below += 1
        if table.note:
            self.text(sheet, below + 1, 0, table.note, italic=True, font_color="#666666")
            below += 2
        return below

    def sheet(self, name: str, table: Table) -> Any:
        """A sheet of one table: heading frozen, filters on, ready to print."""
        sheet = self.book.add_worksheet(name)
        self.table(sheet, table)
        sheet.freeze_panes(1, 0)
        if table.columns and len(table):
            sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        return sheet


def _summary(book: _Book, name: str, pages: PlanPages) -> None:
    sheet = book.book.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 3, 20)
    sheet.set_column(4, 4, 40)
    book.text(sheet, 0, 0, pages.title, bold=True, font_size=18, font_color=_INK)
    sheet.set_row(0, 27)
    subtitle = " · ".join(part for part in (pages.subtitle, pages.period, pages.horizon, pages.unit) if part)
    book.text(sheet, 1, 0, subtitle, font_color="#666666")
    row = 3
    for sentence in pages.summary:
        book.text(sheet, row, 0, sentence, **({"bold": True} if row == 3 else {}))
        row += 1
    row += bool(pages.summary)
    money = _amount_format(pages.digits)
    head = {"bold": True, "font_color": _INK, "bg_color": _PAPER, "bottom": 1, "bottom_color": _LINE}
    for place, label in enumerate(("The bucket", *(name for name, _, _ in pages.stages))):
        book.text(sheet, row, place, label, **head, align="right" if place else "left")
    for label, field, shown in (
        ("Level", "level", money),
        *((("Of it new business as usual", "new_business", money),) if pages.new_business else ()),
        ("Heat", "heat", money),
        ("Temperature", "temperature", "0.0%"),
        ("Customers", "customers", "#,##0"),
        ("Ice cubes (below freezing)", "frozen", "#,##0"),
    ):
        row += 1
        book.text(sheet, row, 0, label)
        for place, (_, _, bucket) in enumerate(pages.stages, 1):
            value = getattr(bucket, field)
            if value == value:
                value = round(value, pages.digits) if shown == money else value
                few = shown == "#,##0" and abs(value) < 100 and not float(value).is_integer()
                sheet.write_number(row, place, value, book.format(num_format="0.0" if few else shown))
            else:
                book.text(sheet, row, place, NOTHING, align="right")
    row += 1
    book.text(sheet, row, 0, COUNTS, italic=True, font_color="#666666")
    row += 2
    target = [] if pages.target is None else [("Target temperature", pages.target, True)]
    for label, amount, share in (*pages.certificate, *target):
        book.text(sheet, row, 0, label)
        shown = money if not share else "0.0%" if label == "Target temperature" else "0.0000%"
        sheet.write_number(row, 1, amount, book.format(num_format=shown))
        row += 1
    if pages.source:
        row += 1
        book.text(sheet, row, 0, "Source", bold=True)
        book.text(sheet, row, 1, pages.source)
        row += 1
    notes = [f"{note[:1].upper()}{note[1:]}." for note in pages.notes]
    for heading, sentences in (("Assumptions where the data has nothing", pages.assumptions), ("Notes", notes)):
        if not sentences:
            continue
        row += 1
        book.text(sheet, row, 0, heading, bold=True)
        wrapped = {"text_wrap": True}
        for number, sentence in enumerate(sentences, 1):
            row += 1
            text = _safe(f"{number}. {sentence}")
            sheet.merge_range(row, 0, row, 4, "", book.format(**wrapped))
            book.text(sheet, row, 0, text, **wrapped)
            sheet.set_row(row, 15.0 * (1 + len(text) // 125))
        row += 1
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def to_bytes(
    content: PlanPages | StatementPages | VariancePages | Sequence[Table],
    *,
    title: str = "",
    subject: str = "",
    stamp: datetime.datetime | None = None,
) -> bytes:
    """A workbook as bytes.

    Every text from data is written as text: nothing becomes a formula, a link or a number, and what begins like a
    formula has the quote prefix. Totals are live sums whose stored values are the sums that the page shows.

    Parameters
    ----------
    content
        Pages of a plan, statement or variance (a summary sheet comes first), or tables, one a sheet.
    title, subject
        Properties of the document; the title of the pages by default.
    stamp
        The time of making, in UTC; the same stamp and content give the same bytes. The present by default.

    Returns
    -------
    bytes
        An ``.xlsx`` file.

    Raises
    ------
    InputError
        If there is nothing to write, or a table has more rows than a sheet (1,048,575).
    """
    pages = content if isinstance(content, PlanPages) else None
    if isinstance(content, (StatementPages, VariancePages)):
        title, tables = title or content.title, content.sheets
    else:
        tables = list(content.tables.values() if isinstance(content, PlanPages) else content)
    if pages is None and not tables:
        raise InputError("a workbook needs at least one table; found none")
    for table in tables:
        if len(table) > 1_048_570:
            raise InputError(f"table {table.title!r} has {len(table):,} rows; a sheet has at most 1,048,570")
    comments = " ".join((pages.source, *pages.assumptions)) if pages is not None else ""
    book = _Book(title or (pages.title if pages else tables[0].title), subject, comments, stamp)
    names = _sheet_names(([] if pages is None else ["Summary"]) + [table.title for table in tables])
    if pages is not None:
        _summary(book, names.pop(0), pages)
    for name, table in zip(names, tables, strict=True):
        book.sheet(name, table)
    return book.finish()


def write(
    file: str | os.PathLike[str],
    content: PlanPages | StatementPages | VariancePages | Sequence[Table],
    *,
    title: str = "",
    subject: str = "",
    stamp: datetime.datetime | None = None,
) -> None:
    """Write a workbook to a file, whole or not at all.

    Parameters
    ----------
    file
        Path of the file.
    content, title, subject, stamp
        As for :func:`to_bytes`.

    Raises
    ------
    ValueError
        As :func:`to_bytes`.
    OSError
        If the file cannot be written.
    """
    from custfolio.report.whole_file import write_whole

    write_whole(file, to_bytes(content, title=title, subject=subject, stamp=stamp))


@dataclass(frozen=True)
class BudgetSheet:
    """The content of a budget's sheet."""

    title: str
    """Heading of the sheet."""
    subtitle: str
    """A line below it."""
    dimensions: Sequence[str]
    """Names of the first columns: the account, and the dimensions of its rows."""
    columns: Sequence[tuple[str, str, str]]
    """Year, quarter and month of every column of amounts, in order."""
    rows: Sequence[tuple[tuple[str, ...], Mapping[str, float]]]
    """Rows by account and then in groups: their names by dimension, and their amount by month."""
    kinds: Mapping[str, str]
    """Type of each account: income, expense or result."""
    digits: int
    """Digits after the decimal point."""
    bands: Table | None = None
    """Quantiles by month, for a sheet of their own."""
    notes: Sequence[str] = ()
    """Sentences below the bands."""


def budget_to_bytes(content: BudgetSheet, *, stamp: datetime.datetime | None = None) -> bytes:
    """A budget as a workbook: rows fold by group, columns by quarter and year, and every total is a formula.

    Parameters
    ----------
    content
        The content of the sheet.
    stamp
        As for :func:`to_bytes`.

    Returns
    -------
    bytes
        An ``.xlsx`` file; its formulas carry the values that they have.

    Raises
    ------
    InputError
        If there are more rows or columns than a sheet has.
    """
    if len(content.rows) > 500_000 or len(content.columns) > 5_000:
        raise InputError(
            f"the budget has {len(content.rows):,} rows and {len(content.columns):,} months; a sheet has at most 500,000 and 5,000: "
            "leave out a dimension with by="
        )
    book = _Book(content.title, "", content.subtitle, stamp)
    names = _sheet_names([content.title, "Bands"])
    _BudgetWriter(book, content, names[0]).write()
    if content.bands is not None:
        _bands(book, names[1], content.bands, content.notes)
    return book.finish()


def _bands(book: _Book, name: str, bands: Table, notes: Sequence[str]) -> None:
    """Write quantiles on a sheet of their own, "not known" where there is none, and notes below them."""
    sheet = book.sheet(name, bands)
    for place, column in enumerate(bands.columns):
        for row, value in enumerate(bands.cells[column.name], 1):
            if value is None:
                book.text(sheet, row, place, "not known", align="right", font_color="#666666")
    for row, note in enumerate(notes, len(bands) + 4):
        book.text(sheet, row, 0, f"{note[:1].upper()}{note[1:]}.", italic=True, font_color="#666666")


class _BudgetWriter:
    """Writes a budget's sheet from the top to the bottom."""

    def __init__(self, book: _Book, content: BudgetSheet, name: str) -> None:
        self.book, self.content = book, content
        self.sheet = book.book.add_worksheet(name)
        self.number = _amount_format(content.digits)
        self.first = len(content.dimensions)
        self.values: dict[int, dict[int, float]] = {}  # of groups, by row and column
        # Columns: months, after each quarter its sum, after each year its sum.
        self.places: list[tuple[str, str, list[int]]] = []
        self.months: dict[str, int] = {}
        quarters: list[int] = []
        months: list[int] = []
        heads = content.columns
        for k, (year, quarter, month) in enumerate(heads):
            months.append(self._place(month, "month", []))
            self.months[month] = months[-1]
            later = heads[k + 1] if k + 1 < len(heads) else None
            if later is None or later[:2] != (year, quarter):
                quarters.append(self._place(quarter, "quarter", months))
                months = []
            if later is None or later[0] != year:
                self._place(year, "year", quarters)
                quarters = []
        years = [self.first + k for k, (_, kind, _) in enumerate(self.places) if kind == "year"]
        if len(years) > 1:
            self._place("Total", "total", years)

    def _place(self, name: str, kind: str, parts: list[int]) -> int:
        self.places.append((name, kind, parts))
        return self.first + len(self.places) - 1

    def write(self) -> None:
        """Write heading, rows and results."""
        book, sheet, content = self.book, self.sheet, self.content
        book.text(sheet, 0, 0, content.title, bold=True, font_size=16, font_color=_INK)
        sheet.set_row(0, 24)
        book.text(sheet, 1, 0, content.subtitle, font_color="#666666")
        head = {"bold": True, "font_color": _INK, "bg_color": _PAPER, "bottom": 1, "bottom_color": _LINE}
        for place, name in enumerate(content.dimensions):
            book.text(sheet, 3, place, name.replace("_", " ").capitalize(), **head)
            longest = max((len(key[place]) for key, _ in content.rows[:2000]), default=0)
            sheet.set_column(place, place, min(40, max(12, longest + 2)))
        levels = {"month": 2, "quarter": 1, "year": 0, "total": 0}
        for k, (name, kind, _) in enumerate(self.places):
            book.text(sheet, 3, self.first + k, name, **head, align="right")
            sheet.set_column(self.first + k, self.first + k, 15, None, {"level": levels[kind]})
        accounts = {}
        row, begin = 4, 0
        rows = content.rows
        while begin < len(rows):
            account = rows[begin][0][0]
            end = begin
            while end < len(rows) and rows[end][0][0] == account:
                end += 1
            accounts[account] = row
            row, _ = self._group(row, 0, begin, end)
            begin = end
        self._results(row + 1, accounts)
        sheet.outline_settings(True, False, True, False)
        sheet.freeze_panes(4, self.first)
        sheet.repeat_rows(3)
        sheet.repeat_columns(0, self.first - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)

    def _group(self, row: int, depth: int, begin: int, end: int) -> tuple[int, dict[int, float]]:
        """Write a group's total and below it its rows; returns the first row after it and its months' sums."""
        content = self.content
        key = content.rows[begin][0]
        leaf = depth == len(content.dimensions) - 1
        own, below = row, row + 1
        sums: dict[int, float] = {}
        if leaf:
            for month, amount in content.rows[begin][1].items():
                sums[self.months[month]] = amount
        else:
            at = begin
            while at < end:
                stop = at
                while stop < end and content.rows[stop][0][depth + 1] == content.rows[at][0][depth + 1]:
                    stop += 1
                below, inside = self._group(below, depth + 1, at, stop)
                for place, amount in inside.items():
                    sums[place] = round(sums.get(place, 0.0) + amount, content.digits)
                at = stop
        bold = {"bold": True} if depth == 0 else {}
        self.book.text(self.sheet, own, depth, key[depth], **bold)
        if depth:
            self.sheet.set_row(own, None, None, {"level": min(depth, 7)})
        self._amounts(own, sums, None if leaf else (own + 1, below - 1), bold)
        return below, sums

    def _amounts(self, row: int, sums: dict[int, float], inside: tuple[int, int] | None, look: dict[str, Any]) -> None:
        """Write a row's amounts: values, or live sums of the rows inside it; quarters and years are sums of its cells."""
        from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

        values = dict(sums)
        shown = self.book.format(num_format=self.number, **look)
        for k, (_, kind, parts) in enumerate(self.places):
            place = self.first + k
            if kind == "month":
                amount = values.setdefault(place, 0.0)
                if inside is None:
                    self.sheet.write_number(row, place, amount, shown)
                else:
                    cells = xl_range(inside[0], place, inside[1], place)
                    self.sheet.write_formula(row, place, f"=SUBTOTAL(9,{cells})", shown, amount)
            else:
                values[place] = round(sum(values[part] for part in parts), self.content.digits)
                cells = ",".join(xl_rowcol_to_cell(row, part) for part in parts)
                strong = self.book.format(num_format=self.number, bold=True)
                self.sheet.write_formula(row, place, f"=SUM({cells})", strong, values[place])
        if inside is not None or len(self.content.dimensions) == 1:
            self.values[row] = values

    def _results(self, row: int, accounts: Mapping[str, int]) -> None:
        """Write level, heat and temperature as formulas over the accounts' rows."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        kinds, places = self.content.kinds, range(self.first, self.first + len(self.places))
        signs = {
            "Level": {"income": 1, "expense": 0, "result": 0},
            "Heat": {"income": 1, "expense": -1, "result": 1},
        }
        sums: dict[str, dict[int, float]] = {}
        strong = {"bold": True, "top": 1, "top_color": _LINE}
        for k, (name, sign) in enumerate(signs.items()):
            for place in range(self.first):
                self.book.text(self.sheet, row + k, place, "" if place else name, **strong)
            sums[name] = {}
            for place in places:
                terms = [(sign[kinds[account]], at) for account, at in accounts.items() if sign[kinds[account]]]
                formula = "".join(f"{'+' if s > 0 else '-'}{xl_rowcol_to_cell(at, place)}" for s, at in terms) or "0"
                value = round(sum(s * self.values[at][place] for s, at in terms), self.content.digits)
                sums[name][place] = value
                shown = self.book.format(num_format=self.number, **strong)
                self.sheet.write_formula(row + k, place, f"={formula.removeprefix('+')}", shown, value)
        for place in range(self.first):
            self.book.text(self.sheet, row + 2, place, "" if place else "Temperature", **strong)
        for place in places:
            level, heat = (xl_rowcol_to_cell(row + k, place) for k in (0, 1))
            warmth = sums["Heat"][place] / sums["Level"][place] if sums["Level"][place] > 0 else NOTHING
            shown = self.book.format(num_format="0.0%", **strong)
            self.sheet.write_formula(row + 2, place, f'=IF({level}>0,{heat}/{level},"{NOTHING}")', shown, warmth)
