# Rows of files that an engine keeps, with their numbers.
"""Store the rows of files in DuckDB, so that they can be checked where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from custfolio._reading.queries import identifier
from custfolio._reading.rows import Origin

__all__ = ["Source", "duplicates", "store", "stored_origin"]


@dataclass
class Source:
    """Rows that DuckDB reads, and how they are numbered."""

    relation: Any
    """A DuckDB relation."""
    origin: Origin


def duplicates(connection: Any, rows: str) -> int:
    """Count rows that repeat an earlier one; in wide tables by a hash of 64 bits, which could only miss by count too many."""
    relation = connection.sql(f"select * from {rows}")
    if len(relation.columns) > 200:
        counted = f"select count(*) - count(distinct hash(cells)) from {rows} as cells"
    else:
        counted = f"select (select count(*) from {rows}) - (select count(*) from (select distinct * from {rows}))"
    return int(connection.sql(counted).fetchall()[0][0])


def store(connection: Any, scan: str, names: Sequence[str], several: bool) -> None:
    """Store the rows of a scan, numbered within their file."""
    cells = ", ".join(identifier(name) for name in names)
    connection.execute(
        f"create temp table cf_read as select {cells}, cf_path, row_number() over () as cf_place from {scan}"
    )
    connection.execute(
        "create temp table cf_starts as select cf_path, min(cf_place) - 1 as cf_before from cf_read group by cf_path"
    )
    path = ", cf_read.cf_path as cf_file" if several else ""
    connection.execute(
        f"create temp view cf_rows as select {', '.join('cf_read.' + identifier(name) for name in names)}, "
        f"cf_place - cf_before as cf_number{path} from cf_read join cf_starts using (cf_path)"
    )


def stored_origin(connection: Any, several: bool, broken: Any = None) -> Origin:
    """Return how stored rows are numbered."""
    whole = "(select * exclude (cf_path, cf_place) from cf_read)"
    return Origin("cf_number", "cf_file" if several else None, broken, lambda: duplicates(connection, whole))
