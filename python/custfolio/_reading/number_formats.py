# Number formats of an Excel workbook: the currencies that they show beside amounts.
"""Read the currency of each cell of a sheet from its number format."""

from __future__ import annotations

import functools
import re
import zipfile
from html import unescape
from pathlib import Path
from typing import Final

import pyarrow as pa

from custfolio._reading.archives import sheet_member, whole_tags
from custfolio._reading.currencies import split_currency

__all__ = ["currencies_of_cells"]

_STYLES: Final = "xl/styles.xml"
_FORMAT: Final = re.compile(
    r"""<(?:\w+:)?numFmt\b(?=[^>]*\bnumFmtId=["'](\d+)["'])[^>]*\bformatCode=(?:"([^"]*)"|'([^']*)')"""
)
_STYLES_OF_CELLS: Final = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.S)
_STYLE: Final = re.compile(r"""<(?:\w+:)?xf\b[^>]*\bnumFmtId=["'](\d+)["']""")
_SIGN: Final = re.compile(r"""\[\$([^\]-]+)(?:-[^\]]*)?\]|"([^"]*)"|([$€£¥])""")
_CELL: Final = re.compile(rb"""<(?:\w+:)?c\b([^>]*)(?<!/)>""")
_PLACE: Final = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_OF_CELL: Final = re.compile(rb"""\bs=["'](\d+)["']""")


def _currency(code: str) -> str:
    """Return the currency that a number format shows; "" for none."""
    for groups in _SIGN.findall(code.partition(";")[0]):
        sign = next((text for text in groups if text), "").strip()
        unit = str(split_currency(pa.array([f"{sign} 1"]))[1][0])
        if unit:
            return unit
    return ""


def _currencies_of_styles(archive: zipfile.ZipFile) -> dict[bytes, str]:
    """Return the currency of each style of cells that shows one."""
    if _STYLES not in archive.namelist():
        return {}
    text = archive.read(_STYLES).decode("utf-8", errors="replace")
    of_formats = {number: _currency(unescape(one or other)) for number, one, other in _FORMAT.findall(text)}
    styles = _STYLES_OF_CELLS.search(text)
    numbers = _STYLE.findall(styles[0]) if styles else []
    return {b"%d" % k: of_formats[number] for k, number in enumerate(numbers) if of_formats.get(number)}


def _place(letters: bytes) -> int:
    """Return the place of a column, from 1."""
    return functools.reduce(lambda place, letter: 26 * place + letter - 64, letters, 0)


def currencies_of_cells(path: Path, sheet: str, header: int, width: int) -> dict[int, dict[int, str]]:
    """Return the currencies of the cells below the header of a sheet, where their number formats show two or more.

    Parameters
    ----------
    path : Path
        The workbook, which :func:`custfolio._reading.archives.check_workbook` accepts.
    sheet : str
        The name of the sheet.
    header : int
        The row of the column names, from 1.
    width : int
        Columns from the first one with a cell to the last.

    Returns
    -------
    dict of int to dict of int to str
        By column, from 0 at the first one with a cell: the code of the currency by row, from 1. Nothing where the workbook is of another
        kind, shows at most one currency, or has another width.
    """
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        member = sheet_member(archive, sheet)
        of_styles = _currencies_of_styles(archive) if member else {}
        if len(set(of_styles.values())) < 2:
            return {}
        by_column: dict[int, dict[int, str]] = {}
        columns: set[int] = set()
        with archive.open(member) as stream:
            for text in whole_tags(stream):
                for attributes in _CELL.findall(text):
                    place, style = _PLACE.search(attributes), _OF_CELL.search(attributes)
                    if place is None:
                        return {}
                    column, row = _place(place[1]), int(place[2])
                    columns.add(column)
                    unit = of_styles.get(style[1]) if style else None
                    if unit and row > header:
                        by_column.setdefault(column, {})[row] = unit
    several = len({unit for rows in by_column.values() for unit in rows.values()}) > 1
    if not several or max(columns) - min(columns) + 1 != width:
        return {}
    return {column - min(columns): rows for column, rows in by_column.items()}
