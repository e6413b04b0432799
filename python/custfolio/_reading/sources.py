# Rows of files that an engine keeps, with their numbers.
"""Store the rows of files in DuckDB, so that they can be checked where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from custfolio._reading.header import total_label
from custfolio._reading.queries import identifier
from custfolio._reading.rows import Origin

__all__ = ["Source", "duplicates", "last_totals", "store", "stored_origin", "title_text"]

_LAST = 10
"""Rows at the end of a file in which totals are looked for."""


@dataclass
class Source:
    """Rows that DuckDB reads, and how they are numbered."""

    relation: Any
    """A DuckDB relation."""
    origin: Origin
    facts: list[tuple[str, str]] = field(default_factory=list)
    """What was found about each file: its name; kind, encoding, sheet and header."""
    notes: list[str] = field(default_factory=list)
    """What looks wrong, as sentences."""


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
    rows = connection.table("cf_rows")
    return Origin(
        "cf_number",
        "cf_file" if several else None,
        broken,
        lambda: duplicates(connection, whole),
        last_totals(connection, rows, several),
    )


def last_totals(connection: Any, rows: Any, several: bool) -> dict[tuple[str, int], str]:
    """Return what marks the rows at the end of each file that are totals, by file ("" for only one) and row."""
    by_file = " over (partition by cf_file)" if several else " over ()"
    connection.register("cf_seen", rows)
    table = connection.sql(
        f"select * from cf_seen qualify cf_number > max(cf_number){by_file} - {_LAST}"
    ).to_arrow_table()
    connection.unregister("cf_seen")
    label_of_row = {}
    for row in table.to_pylist():
        place = (row.pop("cf_file", ""), row.pop("cf_number"))
        label = total_label(["" if cell is None else str(cell) for cell in row.values()])
        if label is not None:
            label_of_row[place] = label
    return label_of_row


def title_text(titles: Sequence[str], line: int) -> str:
    """Return a clause on the lines above the header, which is on a line (or row) of the file."""
    if not titles:
        return ""
    shown = "; ".join(repr(text if len(text) <= 60 else text[:59] + "…") for text in titles[:3])
    more = f"; ... ({len(titles)} lines)" if len(titles) > 3 else ""
    return f", header in line {line} below {shown}{more}"
