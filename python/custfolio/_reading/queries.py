# Database queries on their way into a ledger, and the engine that reads files: DuckDB in process.
"""Open an engine, run queries, and write names and texts as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from custfolio.errors import InputError

__all__ = ["connect", "first_line", "identifier", "literal_path", "quoted", "run_query"]


def connect() -> Any:
    """
    Open a private engine.

    It fetches no extension and shows no bar of progress. The engine would write the bar to the standard output, among
    the output of a command.

    Returns
    -------
    duckdb.DuckDBPyConnection
        In memory; the caller closes it.
    """
    connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
    # In a notebook without widgets the engine has no bar and refuses the setting.
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
            raise InputError(f"the database refuses the query: {first_line(error)}") from None
        if relation is None:
            raise InputError("the query returns no rows; it must be a SELECT")
        return relation
    if not hasattr(connection, "cursor"):
        raise InputError(f"connection is of type {type(connection).__name__}; it must be a database connection")
    cursor = connection.cursor()
    try:
        try:
            cursor.execute(sql)
        except Exception as error:  # every driver has an error tree of its own
            raise InputError(f"the database refuses the query: {first_line(error)}") from error
        if cursor.description is None:
            raise InputError("the query returns no rows; it must be a SELECT")
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


def first_line(error: Exception) -> str:
    """Return the first line of an error's text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def quoted(text: str) -> str:
    """Return text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal_path(path: Path) -> str:
    """Return a path as an SQL literal in which no sign is a pattern."""
    return quoted("".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path)))
