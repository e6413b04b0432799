# Files that are packed: gzip, zip, and workbooks, which are zip files themselves.
"""Unpack files within a stated size, and refuse workbooks that would fill the memory."""

from __future__ import annotations

import functools
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import IO, Final

from custfolio.errors import InputError

__all__ = [
    "LARGEST_SHEET", "LARGEST_UNPACKED", "check_workbook", "hidden_cells", "inner_name", "sheet_member", "unpacked",
    "whole_tags",
]  # fmt: skip

LARGEST_UNPACKED: Final = 4 << 30
"""Bytes that a packed file may have when it is unpacked: 4 GiB."""
LARGEST_SHEET: Final = 100_000_000
"""Rows x columns that a sheet may span; a reader stores each of them, whether it has a value or not."""
_BLOCK: Final = 1 << 22


def _limited(stream: IO[bytes], limit: int, shown: Path) -> Iterator[bytes]:
    """Return the blocks of a stream; raise where they are more than `limit` bytes."""
    size = 0
    while block := stream.read(_BLOCK):
        size += len(block)
        if size > limit:
            raise InputError(
                f"{str(shown)!r} unpacks to more than {limit / (1 << 30):g} GiB; unpack it, and read the file inside"
            )
        yield block


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files in an archive, without folders and what operating systems add."""
    return [
        info
        for info in archive.infolist()
        if not info.is_dir()
        and not info.filename.startswith("__MACOSX/")
        and not Path(info.filename).name.startswith(".")
    ]


def _only_member(archive: zipfile.ZipFile, shown: Path) -> zipfile.ZipInfo:
    """Return the one file in an archive, or raise and list them."""
    members = _members(archive)
    if len(members) != 1:
        names = ", ".join(repr(info.filename) for info in members[:10]) + (", ..." if len(members) > 10 else "")
        raise InputError(f"{str(shown)!r} must have one file inside; it has " + (names or "none") + "; unpack it first")
    return members[0]


def _damaged(shown: Path, error: Exception) -> InputError:
    return InputError(f"{str(shown)!r} cannot be unpacked: {str(error) or type(error).__name__}")


_UNPACKING: Final = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def inner_name(path: Path) -> str:
    """Return the name of a file as it is unpacked: of the one file in a zip file, or without the ending .gz."""
    suffix = path.suffix.lower()
    if suffix == ".zip":
        try:
            with zipfile.ZipFile(path) as archive:
                return _only_member(archive, path).filename
        except _UNPACKING as error:
            raise _damaged(path, error) from None
    return path.stem if suffix == ".gz" else path.name


def unpacked(path: Path, folder: Path, number: int, limit: int = LARGEST_UNPACKED) -> Path:
    """Return a file that is not packed: the file itself, or what is inside, in a temporary folder.

    Parameters
    ----------
    path : Path
        The file, packed by gzip or zip or not at all.
    folder : Path
        Where it is unpacked.
    number : int
        Number of the file among those in the folder.
    limit : int
        Bytes that it may have.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If it is damaged, has several files inside, or unpacks to more than the limit.
    """
    suffix = path.suffix.lower()
    if suffix not in (".gz", ".zip"):
        return path
    out = folder / f"{number}-{Path(inner_name(path)).name}"
    try:
        with out.open("wb") as target:
            if suffix == ".gz":
                with gzip.open(path, "rb") as stream:
                    target.writelines(_limited(stream, limit, path))  # type: ignore[arg-type]
            else:
                with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive, path)) as stream:
                    target.writelines(_limited(stream, limit, path))
    except _UNPACKING as error:
        raise _damaged(path, error) from None
    return out


_EXCEL_ROWS: Final = 1 << 20
"""Rows of a sheet at most."""
_EXCEL_COLUMNS: Final = 1 << 14
_WIDE: Final = re.compile(rb"""\br=["'](?:[A-Za-z]{2,}\d|[A-Za-z]\d{8})""")
_CELL: Final = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br=["']([A-Za-z]{1,9})(\d{1,12})["'][^>]*(?<!/)>""")
_ROW: Final = re.compile(rb"<table:table-row\b([^>]*>)|<table:(?:covered-)?table-cell\b([^>]*>)")
_REPEATED: Final = re.compile(rb"""number-(?:rows|columns)-repeated=["'](\d+)""")


def check_workbook(path: Path, shown: Path, limit: int = LARGEST_UNPACKED, cells: int = LARGEST_SHEET) -> None:
    """Refuse a workbook that unpacks to more than `limit` bytes, or has a sheet that spans more than `cells` cells.

    Parameters
    ----------
    path : Path
        The workbook.
    shown : Path
        Its name in messages.
    limit, cells : int
        The limits.

    Raises
    ------
    InputError
        If it is damaged or too large.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            left = limit
            for info in archive.infolist():
                with archive.open(info) as stream:
                    blocks = _Counted(_limited(stream, left, shown))
                    name = info.filename.lower()
                    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                        span = _span(blocks, cells)
                    else:
                        span = _repeated(blocks, cells) if name == "content.xml" else 0
                    if span > cells:
                        raise InputError(
                            f"{str(shown)!r} has a sheet ({info.filename}) that spans more than {cells:,} cells; delete the cells "
                            "far from the table, or save the sheet as CSV"
                        )
                    for _ in blocks:  # to the end, for the size and the checksum
                        pass
                    left -= blocks.size
    except _UNPACKING as error:
        raise _damaged(shown, error) from None


_ATTRIBUTE: Final = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_MERGED: Final = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*?\bref=["']([A-Z]{1,3}(\d{1,7}):[A-Z]{1,3}(\d{1,7}))["']""")
_ERROR: Final = re.compile(rb"""<(?:\w+:)?c\b(?=[^>]*\bt=["']e["'])[^>]*?\br=["']([A-Z]{1,3}(\d{1,7}))["']""")
_UNSTORED: Final = re.compile(
    rb"""<(?:\w+:)?c\b(?![^>]*\bt=["']str)[^>]*?\br=["']([A-Z]{1,3}(\d{1,7}))["'][^>]*>"""
    rb"""<(?:\w+:)?f\b(?:[^>]*/>|[^>]*(?<!/)>[^<]*</(?:\w+:)?f>)(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"""
)
"""A cell with a formula that has no stored result."""
_SHEET: Final = re.compile(r"""<(?:\w+:)?sheet\b[^>]*>""")
_RELATION: Final = re.compile(r"""<(?:\w+:)?Relationship\b[^>]*>""")


_HIDDEN: Final = {"merged": (b"mergeCell", _MERGED), "error": (b't="e"', _ERROR), "formula": (b"f>", _UNSTORED)}
"""What makes a cell empty that has something on the screen: bytes that each has, and its pattern."""


def hidden_cells(path: Path, sheet: str, header: int) -> dict[str, str]:
    """Return the first cells below the header of a sheet of Excel that are read as empty, and not so on the screen.

    Parameters
    ----------
    path : Path
        The workbook, which :func:`check_workbook` accepts.
    sheet : str
        The name of the sheet.
    header : int
        The row of the column names, from 1.

    Returns
    -------
    dict of str to str
        Cells by reason: those "merged" over rows, such as "A3:A5", those with an "error", and those with a "formula" without a stored
        result; nothing where the workbook is of another kind.
    """
    if not zipfile.is_zipfile(path):
        return {}
    cells: dict[str, str] = {}
    with zipfile.ZipFile(path) as archive:
        member = sheet_member(archive, sheet)
        if not member:
            return {}
        with archive.open(member) as stream:
            for text in whole_tags(stream):
                for kind, (mark, pattern) in _HIDDEN.items():
                    if kind in cells or mark not in text:
                        continue
                    for place, first, *last in pattern.findall(text):
                        if int(first) > header and last != [first]:
                            cells.setdefault(kind, place.decode())
    return cells


def sheet_member(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the file of a sheet inside a workbook of Excel; "" where there is none.

    Parameters
    ----------
    archive : zipfile.ZipFile
        The workbook.
    sheet : str
        The name of the sheet.

    Returns
    -------
    str
        The name.
    """
    parts = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    if not all(part in archive.namelist() for part in parts):
        return ""

    def tags(member: str, tag: re.Pattern[str]) -> list[dict[str, str]]:
        text = archive.read(member).decode("utf-8", errors="replace")
        return [
            {
                name.rpartition(":")[2].lower(): unescape(one or other)
                for name, one, other in _ATTRIBUTE.findall(attributes)
            }
            for attributes in tag.findall(text)
        ]

    ids = [each.get("id", "") for each in tags(parts[0], _SHEET) if each.get("name") == sheet]
    targets = {each.get("id"): each.get("target", "") for each in tags(parts[1], _RELATION)}
    member = "xl/" + targets.get(ids[0] if ids else None, "").removeprefix("/xl/")
    return member if member in archive.namelist() else ""


def whole_tags(stream: IO[bytes]) -> Iterator[bytes]:
    """Return the blocks of a stream, none of which cuts a tag.

    Parameters
    ----------
    stream : file
        The stream.

    Returns
    -------
    iterator of bytes
        The blocks.
    """
    return _whole_tags(iter(functools.partial(stream.read, _BLOCK), b""))


class _Counted(Iterator[bytes]):
    """Blocks of bytes, counted."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self.size = 0

    def __next__(self) -> bytes:
        block = next(self._blocks)
        self.size += len(block)
        return block


def _whole_tags(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Return blocks that cut no tag."""
    rest = b""
    for block in blocks:
        text = rest + block
        cut = text.rfind(b"<")
        cut = len(text) if cut < 0 or len(text) - cut > _BLOCK else cut
        rest = text[cut:]
        yield text[:cut]
    yield rest


def _span(blocks: Iterator[bytes], most: int) -> int:
    """Return rows x columns of the cells of a sheet of Excel, or more than `most` for a cell beyond the limits of Excel.

    A sheet of at most 26 columns is small enough without a count.
    """
    rows = columns = 0
    wide = most < 26 * _EXCEL_ROWS
    for number, text in enumerate(_whole_tags(blocks)):
        if not wide and _WIDE.search(text) is not None:
            wide = True
            rows = _EXCEL_ROWS if number else 0
        if not wide:
            continue
        for letters, digits in set(_CELL.findall(text)):
            column = 0
            for letter in letters.upper():
                column = 26 * column + letter - 64
            rows, columns = max(rows, int(digits)), max(columns, column)
            if rows > _EXCEL_ROWS or columns > _EXCEL_COLUMNS:
                return most + 1
    return rows * columns


def _repeated(blocks: Iterator[bytes], most: int) -> int:
    """Return the cells up to the last value of each row of a workbook of OpenDocument, where rows and cells are repeated."""
    total, rows, place, last = 0, 1, 0, 0
    for text in _whole_tags(blocks):
        for row, cell in _ROW.findall(text):
            repeated = _REPEATED.search(row or cell)
            times = int(repeated[1][:9]) if repeated else 1
            if cell:
                place += times
                last = place if b"value" in cell else last
                continue
            total += rows * last
            rows, place, last = times, 0, 0
        if total > most:
            return total
    return total + rows * last
