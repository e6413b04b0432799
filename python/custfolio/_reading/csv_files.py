# CSV files on their way into a ledger: their encoding, their delimiter, and the lines that are no rows.
"""Read CSV files as text, so that a cell that cannot be used is listed, not fatal.

A line that lacks its last cells is a row. Other lines that have more or fewer cells than the header are listed, too.
"""

from __future__ import annotations

import csv
import io
import itertools
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from custfolio._reading.columns import role_of
from custfolio._reading.header import SEARCHED, column_names, header_row, total_label, width_of
from custfolio._reading.queries import identifier, literal_path, quoted
from custfolio._reading.rows import TOTAL_REASON
from custfolio._reading.sources import Source, store, stored_origin, title_text
from custfolio._tables.wording import counted
from custfolio.errors import InputError

__all__ = ["Dialect", "dialect", "open_csv"]


_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 16
"""Bytes of a text file by which its encoding and delimiter are found out at first."""
_MANY_LINES = 20
"""Line breaks in a cell from which on it may be rows that quotation marks made into one cell."""
_FEWEST_COLUMNS = 3
"""Columns of a ledger, at least: a customer, a date and an amount."""
_SHORTEST_LINE = 10
"""Bytes of a row with a customer, a date and an amount, at least."""
_MOST_COLUMNS = 16_384
"""Columns of a text file at most, as many as Excel's sheets have: the time to read a file rises faster than their number."""
_LONGEST_LINE = 1 << 24
"""Longest line of a text file, in bytes: 10,000 columns and more fit, a file without line ends does not."""


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written."""

    delimiter: str
    names: list[str]
    """The column names."""
    titles: list[str]
    """The lines above the header, each as its cells."""
    skipped: int
    """Number of lines in front of the header, where there are titles; otherwise 0."""


def _encoding(path: Path) -> tuple[str, bool]:
    """Find out how a text file is written, in one pass over it.

    Returns
    -------
    encoding : str
        By its mark, else UTF-8 where it is that throughout, else Windows-1252.
    mixed : bool
        Whether some lines of UTF-8 without a mark end with CR and LF, and others with LF alone, also within cells.
    """
    import codecs

    breaks = pairs = 0
    last = b""
    with path.open("rb") as stream:
        block = stream.read(4)
        if block.startswith(codecs.BOM_UTF8):
            return "utf-8-sig", False
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", False
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block:
                decoder.decode(block)
                breaks += block.count(b"\n")
                pairs += (last + block).count(b"\r\n")
                last = block[-1:]
                block = stream.read(1 << 22)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252", False
    return "utf-8", 0 < pairs < breaks


def _as_utf8(path: Path, encoding: str, mixed: bool, folder: Path, number: int) -> Path:
    """Return the path of the text in UTF-8 with line ends of one kind: the file itself, or a copy in a temporary folder."""
    if encoding == "utf-8" and not mixed:
        return path
    copy = folder / f"{number}-utf-8.csv"
    with (
        path.open("rb") as raw,
        io.TextIOWrapper(raw, encoding, errors="replace") as text,
        copy.open("w", encoding="utf-8", newline="") as out,
    ):
        shutil.copyfileobj(text, out, 1 << 20)
    return copy


def _below(path: Path, skipped: int, folder: Path, number: int) -> Path:
    """Return a copy of a text without its first lines."""
    copy = folder / f"{number}-table.csv"
    with copy.open("w", encoding="utf-8", newline="") as out:
        out.writelines(itertools.islice(_text_lines(path), skipped, None))
    return copy


def _tabbed(path: Path, folder: Path, number: int) -> Path | None:
    """Return a copy of a text whose cells spaces align, with tabs between them; None where lines have unlike numbers of words."""
    sample = [line.split() for line in itertools.islice(_text_lines(path), SEARCHED) if line.strip()]
    width = len(sample[0]) if sample else 0
    if width < _FEWEST_COLUMNS or any(len(words) != width for words in sample):
        return None
    copy = folder / f"{number}-tabs.csv"
    with copy.open("w", encoding="utf-8", newline="") as out:
        out.writelines("\t".join(line.split()) + "\n" for line in _text_lines(path))
    return copy


def _text_lines(path: Path) -> Iterator[str]:
    """Return the lines of a file in UTF-8, with their ends."""
    with path.open("rb") as raw, io.TextIOWrapper(raw, "utf-8", errors="replace", newline="") as text:
        yield from text


def dialect(path: Path, shown: Path) -> Dialect:
    """Find out the delimiter and the column names of a CSV file; `shown` names it in messages."""
    with path.open("rb") as raw:
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
        raise InputError(f"{str(shown)!r} is not a text file; its name must end as its kind does (.xlsx, .parquet)")
    best: tuple[tuple[int, int, int], str] = ((0, 0, 0), ",")
    for delimiter in _DELIMITERS:
        rows = [row for row in _parsed(text, delimiter)[:SEARCHED] if row]
        if len(rows) > 2 and len(sample) >= _SAMPLE:
            rows.pop()  # the sample may cut it
        width = width_of(rows)
        if width:
            agree = 1000 * sum(len(row) == width for row in rows) // len(rows)
            named = max(len({role_of(cell) for cell in row} - {None}) for row in rows)
            best = max(best, ((named if named > 1 else 0, agree, width), delimiter))
    reader = csv.reader(_text_lines(path), delimiter=best[1])
    first: list[list[str]] = []
    starts: list[int] = []
    before = 0
    for row in reader:
        if row:
            first.append(row)
            starts.append(before)
        before = reader.line_num
        if len(first) == SEARCHED:
            break
    at = header_row(first)
    titles = [" ".join(cell.strip() for cell in row if cell.strip()) for row in first[:at]]
    return Dialect(best[1], column_names(first[at], repr(str(shown))), titles, starts[at] if at else 0)


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    """Return the rows of a sample."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
}
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def open_csv(connection: Any, files: list[tuple[Path, Path]], folder: Path) -> Source:
    """Open CSV files, all cells as text.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where the rows are stored.
    files : list of (path, path)
        The unpacked file, and the file that messages name.
    folder : Path
        A temporary folder for copies in UTF-8.

    Returns
    -------
    Source
        The rows.
    """
    csv.field_size_limit(_LONGEST_LINE)
    several = len(files) > 1
    names: list[str] = []
    scans: list[str] = []
    tables: list[_Scan] = []
    facts: list[tuple[str, str]] = []
    for number, (raw, shown) in enumerate(files):
        encoding, mixed = _encoding(raw)
        path = _as_utf8(raw, encoding, mixed, folder, number)
        style, delimiter = dialect(path, shown), ""
        if len(style.names) == 1 and (tabbed := _tabbed(path, folder, number)) is not None:
            path, delimiter = tabbed, "spaces"
            style = dialect(path, shown)
        if len(style.names) > _MOST_COLUMNS:
            raise InputError(
                f"{str(shown)!r} has {len(style.names):,} columns; it must have at most {_MOST_COLUMNS:,}, and one row per sale"
            )
        names += [name for name in style.names if name not in names]
        columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in style.names)
        longest = f", max_line_size = {_LONGEST_LINE}" if len(style.names) > 1_000 else ""
        if style.skipped:
            path = _below(path, style.skipped, folder, number)
        scans.append(
            f"select *, {quoted(str(shown))} as cf_path from read_csv({literal_path(path)}, columns = {{{columns}}}, "
            f"auto_detect = false, header = true, delim = {quoted(style.delimiter)}, quote = '\"', escape = '\"', nullstr = '', "
            f"store_rejects = true, rejects_table = 'cf_broken_{number}', rejects_scan = 'cf_scan_{number}'{longest})"
        )
        tables.append(_Scan(path, str(shown), style, f"cf_broken_{number}"))
        written = f"CSV, {_ENCODINGS[encoding]}, delimiter {delimiter or _DELIMITER_NAMES[style.delimiter]}"
        facts.append((shown.name, written + title_text(style.titles, style.skipped + 1)))
    store(connection, f"({' union all by name '.join(scans)})", names, several)
    broken: dict[str, list[Any]] = {"row": [], "column": [], "value": [], "reason": []}
    if several:
        broken["file"] = []
    notes = []
    totals: dict[tuple[str, int], str] = {}
    for scan in tables:
        short, labels = _note_broken(connection, scan, broken, several)
        totals |= {(scan.shown if several else "", row): label for row, label in labels.items()}
        if short:
            have = "line has" if short == 1 else "lines have"
            notes.append(
                f"{short:,} {have} fewer cells than the header of {Path(scan.shown).name}; the last cells are read as empty."
            )
    origin = stored_origin(connection, several, broken)
    origin.totals = {**totals, **origin.totals}
    notes += _swallowed(connection, names, tables, several)
    return Source(connection.table("cf_rows"), origin, facts, notes)


def _swallowed(connection: Any, names: list[str], scans: Sequence[_Scan], several: bool) -> list[str]:
    """Return notes on cells with many lines that each have a delimiter: two stray quotation marks make one cell of whole rows."""
    longest = ", ".join(f"max(strlen({identifier(name)}))" for name in names)
    lengths = connection.sql(f"select {longest} from cf_read").fetchall()[0]
    long = [name for name, length in zip(names, lengths, strict=True) if (length or 0) > _SHORTEST_LINE * _MANY_LINES]
    notes = []
    for scan in scans if long else ():
        delimiter = quoted(scan.dialect.delimiter)
        of_file = f" and cf_file = {quoted(scan.shown)}" if several else ""
        looks = [
            f"select cf_number as row, {quoted(name)} as name, {_count_of(identifier(name), 'chr(10)')} as breaks from cf_rows "
            f"where breaks >= {_MANY_LINES} and {_count_of(identifier(name), delimiter)} >= breaks{of_file}"
            for name in long
        ]
        swallowing = connection.sql(
            f"select row, name, breaks, count(*) over () from ({' union all '.join(looks)}) order by row limit 1"
        ).fetchall()
        for row, name, breaks, cells in swallowing:
            others = (
                f" {counted(cells - 1, 'further cell')} of the file {'is' if cells == 2 else 'are'} like that."
                if cells > 1
                else ""
            )
            notes.append(
                f"Row {row:,} of {Path(scan.shown).name} spans {breaks + 1:,} lines: a quotation mark opens the cell {name!r}, and a "
                "later one closes it. If these are rows, write a quotation mark inside a quoted cell twice, or remove it."
                + others
            )
    return notes


def _count_of(cell: str, sign: str) -> str:
    """Return the SQL of the number of times that a cell has a sign of one byte."""
    return f"strlen({cell}) - strlen(replace({cell}, {sign}, ''))"


@dataclass
class _Scan:
    """One CSV file as it is read."""

    path: Path
    shown: str
    dialect: Dialect
    table: str
    """The table in which DuckDB notes the lines that are no rows."""


def _note_broken(
    connection: Any, scan: _Scan, broken: dict[str, list[Any]], several: bool
) -> tuple[int, dict[int, str]]:
    """List the lines of a file that are no rows, and add those that lack their last cells to its rows.

    Returns
    -------
    short : int
        Rows without their last cells.
    totals : dict of int to str
        What marks further ones as totals if they have no date, by row.
    """
    noted = connection.sql(
        f"select distinct on (line_byte_position) line, error_type, csv_line from {scan.table} "
        "order by line_byte_position, byte_position"
    ).fetchall()
    if not noted:
        return 0, {}
    places = _broken_places(scan, len(noted))
    rows = [place for place, _, _ in places] if places is not None else [max(line - 1, 1) for line, _, _ in noted]
    blocks = [(cells, lines) for _, cells, lines in places] if places is not None else [(None, 1)] * len(noted)
    short: dict[int, list[str]] = {}
    for row, (_, kind, text), (cells, lines) in zip(rows, noted, blocks, strict=True):
        if kind == "MISSING COLUMNS" and cells is not None and len(cells) >= _FEWEST_COLUMNS:
            short[row] = cells
            continue
        broken["row"].append(row)
        broken["column"].append("")
        broken["value"].append(str(text).strip("\r\n")[:1000])
        broken["reason"].append(_broken_reason(kind, str(text), scan, cells, lines))
        if several:
            broken["file"].append(scan.shown)
    _make_room(connection, scan, sorted(rows))
    _add_short(connection, scan, short)
    labels = {row: label for row, cells in short.items() if (label := total_label(cells)) is not None}
    return len(short) - len(labels), labels


def _make_room(connection: Any, scan: _Scan, places: Sequence[int]) -> None:
    """Leave the places of broken lines free: the rows of a file were numbered without them."""
    path = quoted(scan.shown)
    connection.execute(
        f"insert into cf_starts select {path}, 0 where not exists (from cf_starts where cf_path = {path})"
    )
    moved = {place - k: k + 1 for k, place in enumerate(places)}  # the last of neighbours counts
    connection.register("cf_behind", pa.table({"rank": list(moved), "moved": list(moved.values())}))
    connection.execute(
        f"update cf_read set cf_place = cf_place + moved from (select cf_place as old, moved from cf_read "
        f"asof join cf_behind on cf_place - (select cf_before from cf_starts where cf_path = {path}) >= rank "
        f"where cf_path = {path}) where cf_path = {path} and cf_place = old"
    )
    connection.unregister("cf_behind")


def _add_short(connection: Any, scan: _Scan, short: Mapping[int, Sequence[str]]) -> None:
    """Add lines without their last cells to the rows of a file, by their places."""
    if not short:
        return
    names = scan.dialect.names
    columns: dict[str, Any] = {
        name: pa.array([cells[k] or None if k < len(cells) else None for cells in short.values()], pa.string())
        for k, name in enumerate(names)
    }
    path = quoted(scan.shown)
    connection.register("cf_short", pa.table({**columns, "cf_at": list(short)}))
    listed = ", ".join(map(identifier, names))
    connection.execute(
        f"insert into cf_read ({listed}, cf_path, cf_place) select {listed}, {path}, cf_at + "
        f"(select cf_before from cf_starts where cf_path = {path}) from cf_short"
    )
    connection.unregister("cf_short")


def _broken_reason(kind: str, text: str, scan: _Scan, cells: list[str] | None, lines: int) -> str:
    """Return why a line is no row; without its `cells` they are read from the `text`, of which the engine cuts a long one."""
    if kind in ("MISSING COLUMNS", "TOO MANY COLUMNS"):
        if cells is None:
            cells = next(csv.reader(io.StringIO(text.strip("\r\n"), newline=""), delimiter=scan.dialect.delimiter), [])
        if total_label(cells):
            return TOTAL_REASON
        spans = f"; it spans {lines:,} lines" if lines > 1 else ""
        return f"the line has {counted(len(cells), 'cell')}, the header {len(scan.dialect.names):,}{spans}"
    if kind == "UNQUOTED VALUE":
        return "a quotation mark opens a cell and does not close it, or closes it too early"
    if kind == "LINE SIZE OVER MAXIMUM":
        return "the line is too long"
    return f"the line is not CSV ({kind.lower()})"


def _broken_places(scan: _Scan, expected: int) -> list[tuple[int, list[str], int]] | None:
    """Count the rows of a file again: place, cells and number of lines of the broken ones; None where the count disagrees."""
    places = []
    place = before = 0
    try:
        rows = csv.reader(_text_lines(scan.path), delimiter=scan.dialect.delimiter)
        for row in rows:
            lines, before = rows.line_num - before, rows.line_num
            if not row:
                continue
            if place and len(row) != len(scan.dialect.names):
                places.append((place, row, lines))
            place += 1
    except csv.Error:
        return None
    return places if len(places) == expected else None
