# Files, folders and database queries on their way into a ledger, through DuckDB in process.
"""Open files and queries so that their rows can be checked where they lie.

Cells of text files are read as text, so that one that cannot be used is listed, not fatal. Lines of a CSV file that have more or fewer cells
than its header are listed, too.
"""

from __future__ import annotations

import csv
import glob
import gzip
import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO, Any

import duckdb

from custfolio._gather import Origin
from custfolio.errors import InputError

__all__ = ["Source", "open_files", "run_query"]

_KINDS = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".tab": "csv", ".parquet": "parquet", ".pq": "parquet", ".json": "json",
    ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 16
"""Bytes of a text file by which its encoding and delimiter are found out at first."""
_LONGEST_LINE = 1 << 24
"""Longest line of a text file, in bytes: 10,000 columns and more fit, a file without line ends does not."""


@dataclass
class Source:
    """Rows that DuckDB reads, and how they are numbered."""

    relation: Any
    """A DuckDB relation."""
    origin: Origin


def connect() -> Any:
    """
    Open an engine of one's own that keeps to itself.

    It fetches no extension, and shows no bar of progress: the engine would write one to the standard output, between
    what a command prints for another program.

    Returns
    -------
    duckdb.DuckDBPyConnection
        In memory; the caller closes it.
    """
    connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
    # Only where there is one: in a notebook without widgets the engine has none, and refuses to hear of it.
    # All rows are fetched: the engine refuses further work while a result is half read.
    if connection.execute("SELECT current_setting('enable_progress_bar')").fetchall() == [(True,)]:
        connection.execute("SET enable_progress_bar = false")
    return connection


def run_query(connection: Any, sql: str) -> Any:
    """Run a query; see :meth:`custfolio.Ledger.read_query`.

    Parameters
    ----------
    connection : connection
        A DuckDB connection, or any with ``cursor()``.
    sql : str
        The query.

    Returns
    -------
    frame
        A DuckDB relation, or a PyArrow table of the rows fetched.

    Raises
    ------
    InputError
        If the database refuses the query, or `connection` is none.
    """
    import pyarrow as pa

    if isinstance(connection, duckdb.DuckDBPyConnection):
        try:
            relation = connection.sql(sql)
        except duckdb.Error as error:
            raise InputError(f"the database refuses the query: {_first_line(error)}") from None
        if relation is None:
            raise InputError("the query returns no rows; a SELECT was expected")
        return relation
    if not hasattr(connection, "cursor"):
        raise InputError(f"a database connection was expected, not {type(connection).__name__}")
    cursor = connection.cursor()
    try:
        try:
            cursor.execute(sql)
        except Exception as error:  # every driver has an error tree of its own
            raise InputError(f"the database refuses the query: {_first_line(error)}") from error
        if cursor.description is None:
            raise InputError("the query returns no rows; a SELECT was expected")
        if hasattr(cursor, "fetch_arrow_table"):
            return cursor.fetch_arrow_table()
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
    finally:
        cursor.close()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pa.table([_column(values) for values in columns], names=names)


def _column(values: Sequence[Any]) -> Any:
    """Return fetched values as an Arrow column; as text where they are of several kinds."""
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _first_line(error: Exception) -> str:
    """Return the first line of an error's text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


# ------------------------------------------------------------------------------------------------------------------- paths


def _suffix(path: Path) -> str:
    """Return a file's extension, without that of its packing."""
    return Path(path.stem).suffix.lower() if path.suffix.lower() in (".gz", ".zst") else path.suffix.lower()


def _files(path: Any) -> list[Path]:
    """Return the files that a path, pattern, folder or a sequence of them stands for."""
    if isinstance(path, (str, PathLike)):
        return _files_of(str(path))
    if isinstance(path, Sequence) and path:
        found = [file for each in path for file in _files_of(str(each))]
        return list(dict.fromkeys(found))
    raise InputError(
        "no file was named" if isinstance(path, Sequence) else f"a path was expected, not {type(path).__name__}"
    )


def _files_of(name: str) -> list[Path]:
    """Return the files that one path stands for."""
    path = Path(name).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        inside = sorted(child for child in path.iterdir() if child.is_file() and not child.name.startswith("."))
        found = [child for child in inside if _suffix(child) in _KINDS]
        if not found:
            shown = ", ".join(repr(child.name) for child in inside[:5])
            raise InputError(
                f"folder {name!r} holds no CSV, Parquet or JSON file" + (f", only {shown}" if shown else "")
            )
        return found
    if any(sign in name for sign in "*?["):
        matches = sorted(Path(match) for match in glob.glob(str(path), recursive=True))  # noqa: PTH207 - the pattern may be absolute
        matches = [match for match in matches if match.is_file()]
        if not matches:
            raise InputError(f"no file matches {name!r}")
        return matches
    raise InputError(f"there is no file {name!r}{_neighbours(path)}")


def _neighbours(path: Path) -> str:
    """Return a hint at files of almost that name."""
    from difflib import get_close_matches

    if not path.parent.is_dir():
        return f"; there is no folder {str(path.parent)!r}"
    close = get_close_matches(path.name, [child.name for child in path.parent.iterdir()], n=2)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""


def open_files(path: Any) -> Source:
    """Open files; see :meth:`custfolio.Ledger.read`.

    Parameters
    ----------
    path : str, path, or sequence of them
        Files, folders or patterns.

    Returns
    -------
    Source
        Their rows.

    Raises
    ------
    InputError
        If a file is missing, empty, or not what its name says.
    """
    files = _files(path)
    kinds: dict[str, Path] = {}
    for file in files:
        kind = _KINDS.get(_suffix(file))
        if kind is None:
            raise InputError(
                f"{str(file)!r}: files of this kind are not read; it can be CSV (.csv, .txt, .tsv), Parquet (.parquet) or JSON "
                "(.json, .jsonl, .ndjson), named so"
            )
        kinds.setdefault(kind, file)
        if file.stat().st_size == 0:
            raise InputError(
                f"{str(file)!r} is empty (0 bytes); a table with a customer, a date and an amount was expected"
            )
    if len(kinds) > 1:
        two = list(kinds.values())[:2]
        raise InputError(f"files of one kind are read together, not {two[0].name!r} with {two[1].name!r}")
    connection = connect()
    opener = {"csv": _open_csv, "parquet": _open_parquet, "json": _open_json}[next(iter(kinds))]
    try:
        return opener(connection, files)
    except duckdb.Error as error:
        raise InputError(f"{_named(files)} cannot be read: {_first_line(error)}") from None
    except OSError as error:
        raise InputError(f"{_named(files)} cannot be read: {error.strerror or error}") from None


def _named(files: Sequence[Path]) -> str:
    """Return the files as a message names them."""
    return repr(str(files[0])) + (f" (or one of {len(files) - 1} further files)" if len(files) > 1 else "")


def _quoted(text: str) -> str:
    """Return text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _literal_path(path: Path) -> str:
    """Return a path as an SQL literal in which no sign is a pattern."""
    return _quoted("".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path)))


def _duplicates(connection: Any, rows: str) -> int:
    """Count rows that repeat an earlier one; in wide tables by a hash of 64 bits, which could only miss by count too many."""
    relation = connection.sql(f"select * from {rows}")
    if len(relation.columns) > 200:
        counted = f"select count(*) - count(distinct hash(cells)) from {rows} as cells"
    else:
        counted = f"select (select count(*) from {rows}) - (select count(*) from (select distinct * from {rows}))"
    return int(connection.sql(counted).fetchall()[0][0])


# ----------------------------------------------------------------------------------------------------------------- parquet


def _open_parquet(connection: Any, files: list[Path]) -> Source:
    """Open Parquet files, whose columns are typed."""
    listed = ", ".join(_literal_path(file) for file in files)
    plain = f"read_parquet([{listed}], union_by_name = true)"
    numbered = f"read_parquet([{listed}], union_by_name = true, file_row_number = true, filename = 'cf_path')"
    several = len(files) > 1
    path = ", cf_path as cf_file" if several else ""
    relation = connection.sql(
        f"select * exclude (file_row_number, cf_path), file_row_number + 1 as cf_number{path} from {numbered}"
    )
    origin = Origin("cf_number", "cf_file" if several else None, None, lambda: _duplicates(connection, plain))
    return Source(relation, origin)


# -------------------------------------------------------------------------------------------------------------------- JSON


def _open_json(connection: Any, files: list[Path]) -> Source:
    """Open JSON files, all cells as text."""
    listed = ", ".join(_literal_path(file) for file in files)
    # two looks: the first for the names of the columns, the second for their cells as they are written
    described = connection.sql(f"describe select * from read_json([{listed}], union_by_name = true)").fetchall()
    names = [row[0] for row in described]
    if names == ["json"]:
        raise InputError(f"{_named(files)}: an array of objects, or one object a line, was expected")
    columns = ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in names)
    several = len(files) > 1
    scan = f"read_json([{listed}], columns = {{{columns}}}, filename = 'cf_path')"
    _store(connection, scan, names, several)
    return Source(connection.table("cf_rows"), _stored_origin(connection, several))


def _store(connection: Any, scan: str, names: Sequence[str], several: bool) -> None:
    """Store the rows of a scan, numbered within their file."""
    cells = ", ".join(_identifier(name) for name in names)
    connection.execute(
        f"create temp table cf_read as select {cells}, cf_path, row_number() over () as cf_place from {scan}"
    )
    connection.execute(
        "create temp table cf_starts as select cf_path, min(cf_place) - 1 as cf_before from cf_read group by cf_path"
    )
    path = ", cf_read.cf_path as cf_file" if several else ""
    connection.execute(
        f"create temp view cf_rows as select {', '.join('cf_read.' + _identifier(name) for name in names)}, "
        f"cf_place - cf_before as cf_number{path} from cf_read join cf_starts using (cf_path)"
    )


def _stored_origin(connection: Any, several: bool, broken: Any = None) -> Origin:
    """Return how stored rows are numbered."""
    whole = "(select * exclude (cf_path, cf_place) from cf_read)"
    return Origin("cf_number", "cf_file" if several else None, broken, lambda: _duplicates(connection, whole))


# --------------------------------------------------------------------------------------------------------------------- CSV


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


def _dialect(path: Path, shown: Path) -> tuple[str, list[str]]:
    """Find out the delimiter and the header of a CSV file."""
    with _raw(path) as raw:
        sample = raw.read(_SAMPLE)
        while sample and b"\n" not in sample and b"\r" not in sample and len(sample) < _LONGEST_LINE:
            block = raw.read(_SAMPLE)
            if not block:
                break
            sample += block
    text = sample.decode("utf-8", errors="replace")
    if not text.strip():
        raise InputError(f"{str(shown)!r} is empty; a table with a customer, a date and an amount was expected")
    if "\x00" in text:
        raise InputError(f"{str(shown)!r} is no text file; CSV was expected (a workbook must be saved as CSV)")
    best: tuple[tuple[int, int], str] = ((0, 0), ",")
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in _parsed(text, delimiter)[:50] if row]
        if len(widths) > 2 and len(sample) >= _SAMPLE:
            widths.pop()  # the sample may cut it
        if widths and widths[0] > 1:
            agree = 1000 * sum(width == widths[0] for width in widths) // len(widths)
            best = max(best, ((agree, widths[0]), delimiter))
    header = next((row for row in csv.reader(_text_lines(path), delimiter=best[1]) if row), [])
    return best[1], header


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    """Return the rows of a sample."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def _unique(header: Sequence[str]) -> list[str]:
    """Return column names that differ, whatever their case; those without a name are numbered."""
    names: list[str] = []
    seen: set[str] = set()
    for k, cell in enumerate(header, start=1):
        name = base = cell.strip().replace("\x00", "") or f"column {k}"
        turn = 1
        while name.casefold() in seen:
            turn += 1
            name = f"{base} ({turn})"
        seen.add(name.casefold())
        names.append(name)
    return names


def _open_csv(connection: Any, files: list[Path]) -> Source:
    """Open CSV files, all cells as text."""
    with tempfile.TemporaryDirectory(prefix="custfolio-") as folder:
        return _read_csv(connection, files, Path(folder))


def _read_csv(connection: Any, files: list[Path], folder: Path) -> Source:
    """Store the rows of CSV files; the folder holds copies in UTF-8 until then."""
    csv.field_size_limit(_LONGEST_LINE)
    several = len(files) > 1
    names: list[str] = []
    scans: list[str] = []
    tables: list[_Scan] = []
    for number, shown in enumerate(files):
        path = _as_utf8(shown, folder, number)
        delimiter, header = _dialect(path, shown)
        own = _unique(header)
        names += [name for name in own if name not in names]
        columns = ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in own)
        longest = f", max_line_size = {_LONGEST_LINE}" if len(own) > 1_000 else ""
        scans.append(
            f"select *, {_quoted(str(shown))} as cf_path from read_csv({_literal_path(path)}, columns = {{{columns}}}, "
            f"auto_detect = false, header = true, delim = {_quoted(delimiter)}, quote = '\"', escape = '\"', nullstr = '', "
            f"store_rejects = true, rejects_table = 'cf_broken_{number}', rejects_scan = 'cf_scan_{number}'{longest})"
        )
        tables.append(_Scan(path, str(shown), delimiter, own, f"cf_broken_{number}"))
    _store(connection, f"({' union all by name '.join(scans)})", names, several)
    broken: dict[str, list[Any]] = {"row": [], "column": [], "value": [], "reason": []}
    if several:
        broken["file"] = []
    for scan in tables:
        _note_broken(connection, scan, broken, several)
    return Source(connection.table("cf_rows"), _stored_origin(connection, several, broken))


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
            f"update cf_read set cf_place = cf_place + 1 where cf_path = {_quoted(scan.shown)} and cf_place >= "
            f"{place} + (select cf_before from cf_starts where cf_path = {_quoted(scan.shown)})"
        )


def _broken_reason(kind: str, text: str, scan: _Scan) -> str:
    """Return why a line is no row."""
    if kind in ("MISSING COLUMNS", "TOO MANY COLUMNS"):
        found = len(next(csv.reader(io.StringIO(text.strip("\r\n"), newline=""), delimiter=scan.delimiter), []))
        return f"the line has {found:,} cells, the header {len(scan.names):,}"
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
