# CSV files on their way into a ledger: their encoding, their delimiter, and the lines that are no rows.
"""Read CSV files as text, so that a cell that cannot be used is listed, not fatal.

Lines that have more or fewer cells than the header are listed, too.
"""

from __future__ import annotations

import csv
import gzip
import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from custfolio._reading.queries import literal_path, quoted
from custfolio._reading.sources import Source, store, stored_origin
from custfolio._tables.wording import counted
from custfolio.errors import InputError

__all__ = ["dialect", "open_csv"]


_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 16
"""Bytes of a text file by which its encoding and delimiter are found out at first."""
_LONGEST_LINE = 1 << 24
"""Longest line of a text file, in bytes: 10,000 columns and more fit, a file without line ends does not."""


def _raw(path: Path) -> IO[bytes]:
    """Open a file to read its bytes, unpacked."""
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _encoding(path: Path) -> str:
    """Find out the encoding of a text file: by its mark, else UTF-8 where it is that throughout, else Windows-1252."""
    import codecs

    with _raw(path) as stream:
        head = stream.read(4)
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(head)
            while block := stream.read(1 << 22):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _as_utf8(path: Path, folder: Path, number: int) -> Path:
    """Return the path of the text in UTF-8: the file itself, or a copy in a temporary folder."""
    encoding = _encoding(path)
    if encoding == "utf-8":
        return path
    copy = folder / f"{number}.csv"
    with (
        _raw(path) as raw,
        io.TextIOWrapper(raw, encoding, errors="replace", newline="") as text,
        copy.open("w", encoding="utf-8", newline="") as out,
    ):
        shutil.copyfileobj(text, out, 1 << 20)
    return copy


def _text_lines(path: Path) -> Iterator[str]:
    """Return the lines of a file in UTF-8, with their ends."""
    with _raw(path) as raw, io.TextIOWrapper(raw, "utf-8", errors="replace", newline="") as text:
        yield from text


def dialect(path: Path, shown: Path) -> tuple[str, list[str]]:
    """Find out the delimiter and the column names of a CSV file; `shown` names it in messages."""
    with _raw(path) as raw:
        sample = raw.read(_SAMPLE)
        while sample and b"\n" not in sample and b"\r" not in sample and len(sample) < _LONGEST_LINE:
            block = raw.read(_SAMPLE)
            if not block:
                break
            sample += block
    text = sample.decode("utf-8", errors="replace")
    if not text.strip():
        raise InputError(f"{str(shown)!r} is empty; it must be a table with a customer, a date and an amount")
    if "\x00" in text:
        raise InputError(f"{str(shown)!r} is not a text file; it must be CSV (save a workbook as CSV)")
    best: tuple[tuple[int, int], str] = ((0, 0), ",")
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in _parsed(text, delimiter)[:50] if row]
        if len(widths) > 2 and len(sample) >= _SAMPLE:
            widths.pop()  # the sample may cut it
        if widths and widths[0] > 1:
            agree = 1000 * sum(width == widths[0] for width in widths) // len(widths)
            best = max(best, ((agree, widths[0]), delimiter))
    header = next((row for row in csv.reader(_text_lines(path), delimiter=best[1]) if row), [])
    return best[1], _names(header, shown)


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    """Return the rows of a sample."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def _names(header: Sequence[str], shown: Path) -> list[str]:
    """Return the column names, which must differ, whatever their case; those without a name are numbered."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for k, cell in enumerate(header, start=1):
        name = cell.strip().replace("\x00", "") or f"column {k}"
        first = seen.setdefault(name.casefold(), k)
        if first != k:
            raise InputError(
                f"{str(shown)!r}: columns {first} and {k} have one name, {name!r}; column names must differ"
            )
        names.append(name)
    return names


def open_csv(connection: Any, files: list[Path]) -> Source:
    """Open CSV files, all cells as text."""
    with tempfile.TemporaryDirectory(prefix="custfolio-") as folder:
        return _read_csv(connection, files, Path(folder))


def _read_csv(connection: Any, files: list[Path], folder: Path) -> Source:
    """Store the rows of CSV files; the folder has copies in UTF-8 until then."""
    csv.field_size_limit(_LONGEST_LINE)
    several = len(files) > 1
    names: list[str] = []
    scans: list[str] = []
    tables: list[_Scan] = []
    for number, shown in enumerate(files):
        path = _as_utf8(shown, folder, number)
        delimiter, own = dialect(path, shown)
        names += [name for name in own if name not in names]
        columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in own)
        longest = f", max_line_size = {_LONGEST_LINE}" if len(own) > 1_000 else ""
        scans.append(
            f"select *, {quoted(str(shown))} as cf_path from read_csv({literal_path(path)}, columns = {{{columns}}}, "
            f"auto_detect = false, header = true, delim = {quoted(delimiter)}, quote = '\"', escape = '\"', nullstr = '', "
            f"store_rejects = true, rejects_table = 'cf_broken_{number}', rejects_scan = 'cf_scan_{number}'{longest})"
        )
        tables.append(_Scan(path, str(shown), delimiter, own, f"cf_broken_{number}"))
    store(connection, f"({' union all by name '.join(scans)})", names, several)
    broken: dict[str, list[Any]] = {"row": [], "column": [], "value": [], "reason": []}
    if several:
        broken["file"] = []
    for scan in tables:
        _note_broken(connection, scan, broken, several)
    return Source(connection.table("cf_rows"), stored_origin(connection, several, broken))


@dataclass
class _Scan:
    """One CSV file as it is read."""

    path: Path
    shown: str
    delimiter: str
    names: list[str]
    table: str
    """The table in which DuckDB notes the lines that are no rows."""


def _note_broken(connection: Any, scan: _Scan, broken: dict[str, list[Any]], several: bool) -> None:
    """List the lines of a file that are no rows, and leave their places free in the numbers of its rows."""
    noted = connection.sql(
        f"select distinct on (byte_position) line, error_type, csv_line from {scan.table} order by byte_position"
    ).fetchall()
    if not noted:
        return
    places = _broken_places(scan, len(noted))
    rows = places if places is not None else [max(line - 1, 1) for line, _, _ in noted]
    for row, (_, kind, text) in zip(rows, noted, strict=True):
        broken["row"].append(row)
        broken["column"].append("")
        broken["value"].append(str(text).strip("\r\n")[:1000])
        broken["reason"].append(_broken_reason(kind, str(text), scan))
        if several:
            broken["file"].append(scan.shown)
    # good rows were numbered without the broken ones: each moves down by the broken rows before it
    for place in sorted(rows):
        connection.execute(
            f"update cf_read set cf_place = cf_place + 1 where cf_path = {quoted(scan.shown)} and cf_place >= "
            f"{place} + (select cf_before from cf_starts where cf_path = {quoted(scan.shown)})"
        )


def _broken_reason(kind: str, text: str, scan: _Scan) -> str:
    """Return why a line is no row."""
    if kind in ("MISSING COLUMNS", "TOO MANY COLUMNS"):
        found = len(next(csv.reader(io.StringIO(text.strip("\r\n"), newline=""), delimiter=scan.delimiter), []))
        return f"the line has {counted(found, 'cell')}, the header {len(scan.names):,}"
    if kind == "UNQUOTED VALUE":
        return "a quotation mark opens a cell and does not close it, or closes it too early"
    if kind == "LINE SIZE OVER MAXIMUM":
        return "the line is too long"
    return f"the line is not CSV ({kind.lower()})"


def _broken_places(scan: _Scan, expected: int) -> list[int] | None:
    """Count the rows of a file again, line by line, to place the broken ones; None where the count disagrees."""
    places = []
    place = 0
    try:
        rows = csv.reader(_text_lines(scan.path), delimiter=scan.delimiter)
        for row in rows:
            if not row:
                continue
            if place and len(row) != len(scan.names):
                places.append(place)
            place += 1
    except csv.Error:
        return None
    return places if len(places) == expected else None
