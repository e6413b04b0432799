# custfolio check: what the readers make of a file.
"""The command ``check``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custfolio._tables.wording import counted
from custfolio.cli.screen import print_grid, print_json
from custfolio.cli.tables import Column, read_ledger

__all__ = ["check"]


def check(
    files: Annotated[list[Path], typer.Argument(help="Sales: CSV, Parquet or JSON; several are read as one.")],
    customer: Column = None,
    date: Column = None,
    revenue: Column = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON, for scripts.")] = False,
    rows: Annotated[int, typer.Option(min=0, help="Rejected rows to show.")] = 20,
) -> None:
    """Check a file: rows read, and rows rejected with the reason."""
    ledger = read_ledger(files, customer=customer, date=date, revenue=revenue)
    rejected = ledger.rejected.columns()
    found = {
        "rows_read": ledger.rows_read,
        "rows_accepted": ledger.rows_accepted,
        "rows_rejected": ledger.rows_rejected,
        "duplicates": ledger.duplicates,
        "customers": ledger.customers,
        "first_day": None if ledger.first_day is None else str(ledger.first_day),
        "last_day": None if ledger.last_day is None else str(ledger.last_day),
        "revenue": ledger.revenue,
        "reasons": ledger.rejected.reasons,
    }
    if as_json:
        print_json(found)
        return
    facts = [
        (name.replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value))
        for name, value in found.items()
        if name != "reasons"
    ]
    print_grid("Rows read", ["", ""], facts)
    if len(ledger.rejected):
        heads = [name for name in ("file", "row", "column", "value", "reason") if name in rejected]
        entries = [
            tuple("" if rejected[name][k] is None else str(rejected[name][k]) for name in heads)
            for k in range(min(rows, len(ledger.rejected)))
        ]
        print_grid(f"Rejected: {counted(len(ledger.rejected), 'row')}", heads, entries, left=len(heads))
