# Files and folders on their way into a ledger, through DuckDB in process.
"""Find and open files so that their rows can be checked where they lie."""

from __future__ import annotations

import glob
import reprlib
import tempfile
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import duckdb

from custfolio._reading.archives import inner_name, unpacked
from custfolio._reading.csv_files import open_csv
from custfolio._reading.layouts.olist import joined, parts_of
from custfolio._reading.queries import connect, first_line, identifier, literal_path, quoted
from custfolio._reading.rows import Origin
from custfolio._reading.sources import Source, duplicates, store, stored_origin
from custfolio._reading.workbooks import open_workbooks
from custfolio.errors import InputError

__all__ = ["files_of", "open_files"]


_KINDS = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".tab": "csv", ".parquet": "parquet", ".pq": "parquet", ".json": "json",
    ".jsonl": "json", ".ndjson": "json", ".xlsx": "workbook", ".xlsm": "workbook", ".xls": "workbook", ".ods": "workbook",
}  # fmt: skip


def _suffix(path: Path) -> str:
    """Return a file's extension, without that of its packing."""
    return Path(path.stem).suffix.lower() if path.suffix.lower() in (".gz", ".zst") else path.suffix.lower()


def _kind(path: Path) -> str | None:
    """Return what a file is, by its name, or by that of the file inside a zip file; None where it is unknown."""
    return _KINDS.get(Path(inner_name(path)).suffix.lower() if path.suffix.lower() == ".zip" else _suffix(path))


def files_of(path: Any) -> list[Path]:
    """Return the files that a path, pattern, folder or a sequence of them stands for."""
    if isinstance(path, (str, PathLike)):
        return _files_of(str(path))
    if isinstance(path, Sequence) and path:
        files = [file for each in path for file in _files_of(str(each))]
        return list(dict.fromkeys(files))
    raise InputError(
        "no file was named"
        if isinstance(path, Sequence)
        else f"path is of type {type(path).__name__}; it must be a path, or several"
    )


def _files_of(name: str) -> list[Path]:
    """Return the files that one path stands for."""
    if not name or "\0" in name:
        raise InputError(f"the path {name!r} names no file")
    path = Path(name).expanduser()
    try:
        if path.is_file():
            return [path]
    except OSError as error:
        raise InputError(f"the path {reprlib.repr(name)} names no file: {error.strerror}") from None
    if path.is_dir():
        inside = sorted(child for child in path.iterdir() if child.is_file() and not child.name.startswith("."))
        tables = [child for child in inside if _suffix(child) in (*_KINDS, ".zip") and not child.name.startswith("~$")]
        if not tables:
            shown = ", ".join(repr(child.name) for child in inside[:5])
            raise InputError(
                f"folder {name!r} has no CSV, Excel, Parquet or JSON file" + (f", only {shown}" if shown else "")
            )
        return tables
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


def open_files(path: Any, sheet: str | Sequence[str] | None = None) -> Source:
    """Open files; see :meth:`custfolio.Ledger.read`.

    Parameters
    ----------
    path : str, path, or sequence of them
        Files, folders or patterns.
    sheet : str or sequence of str, optional
        The sheets of workbooks; see :func:`custfolio._reading.workbooks.open_workbooks`.

    Returns
    -------
    Source
        Their rows.

    Raises
    ------
    InputError
        If a file is missing, empty, damaged, or of another kind than its name.
    """
    files = files_of(path)
    kinds: dict[str, Path] = {}
    for file in files:
        if file.stat().st_size == 0:
            raise InputError(
                f"{str(file)!r} is empty (0 bytes); it must be a table with a customer, a date and an amount"
            )
        kind = _kind(file)
        if kind is None:
            raise InputError(
                f"{str(file)!r}: files of this kind cannot be read; it must be CSV (.csv, .txt, .tsv), Excel (.xlsx, .xls, .ods), "
                "Parquet (.parquet) or JSON (.json, .jsonl, .ndjson), named so, or one of them in a zip file"
            )
        kinds.setdefault(kind, file)
    if len(kinds) > 1:
        two = list(kinds.values())[:2]
        raise InputError(f"files of one kind are read together, not {two[0].name!r} with {two[1].name!r}")
    kind = next(iter(kinds))
    if sheet is not None and kind != "workbook":
        raise InputError(f"sheet= is {sheet!r}, but {files[0].name!r} is no workbook")
    connection = connect()
    try:
        with tempfile.TemporaryDirectory(prefix="custfolio-") as folder:
            if kind == "parquet":
                return _open_parquet(connection, files)
            plain = [unpacked(file, Path(folder), number) for number, file in enumerate(files)]
            if kind == "json":
                return _open_json(connection, plain, files)
            pairs = list(zip(plain, files, strict=True))
            if kind == "workbook":
                return open_workbooks(connection, pairs, sheet)
            parts = parts_of(plain) if len(plain) > 1 else None
            if parts is None:
                return open_csv(connection, pairs, Path(folder))
            sources: list[Source] = []
            for part in parts:
                part_folder = Path(folder) / f"part-{len(sources)}"
                part_folder.mkdir()
                sources.append(open_csv(connect() if sources else connection, [pairs[plain.index(part)]], part_folder))
            return joined(connection, *sources)
    except duckdb.Error as error:
        raise InputError(f"{_named(files)} cannot be read: {first_line(error)}") from None
    except OSError as error:
        raise InputError(f"{_named(files)} cannot be read: {error.strerror or error}") from None


def _named(files: Sequence[Path]) -> str:
    """Return the files as a message names them."""
    return repr(str(files[0])) + (f" (or one of {len(files) - 1} further files)" if len(files) > 1 else "")


def _open_parquet(connection: Any, files: list[Path]) -> Source:
    """Open Parquet files, whose columns are typed."""
    for file in files:
        if file.suffix.lower() == ".zip":
            raise InputError(f"{str(file)!r} has a Parquet file inside, which is packed itself; unzip it")
    listed = ", ".join(literal_path(file) for file in files)
    plain = f"read_parquet([{listed}], union_by_name = true)"
    numbered = f"read_parquet([{listed}], union_by_name = true, file_row_number = true, filename = 'cf_path')"
    several = len(files) > 1
    path = ", cf_path as cf_file" if several else ""
    relation = connection.sql(
        f"select * exclude (file_row_number, cf_path), file_row_number + 1 as cf_number{path} from {numbered}"
    )
    origin = Origin("cf_number", "cf_file" if several else None, None, lambda: duplicates(connection, plain))
    return Source(relation, origin, [(file.name, "Parquet") for file in files])


def _open_json(connection: Any, plain: list[Path], files: list[Path]) -> Source:
    """Open JSON files, all cells as text."""
    listed = ", ".join(literal_path(file) for file in plain)
    # two looks: the first for the names of the columns, the second for their cells as they are written
    described = connection.sql(f"describe select * from read_json([{listed}], union_by_name = true)").fetchall()
    names = [row[0] for row in described]
    if names == ["json"]:
        raise InputError(f"{_named(files)}: it must have an array of objects, or one object a line")
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
    several = len(files) > 1
    cells = ", ".join(identifier(name) for name in names)
    shown = " ".join(
        f"when {quoted(str(path))} then {quoted(str(file))}" for path, file in zip(plain, files, strict=True)
    )
    read = f"read_json([{listed}], columns = {{{columns}}}, filename = 'cf_name')"
    scan = f"(select {cells}, case cf_name {shown} end as cf_path from {read})"
    store(connection, scan, names, several)
    return Source(
        connection.table("cf_rows"), stored_origin(connection, several), [(file.name, "JSON") for file in files]
    )
