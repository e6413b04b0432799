# custfolio check: what the readers make of a file.
"""The command ``check``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from custfolio._tables.wording import counted
from custfolio.cli.screen import print_grid, print_json
from custfolio.cli.tables import ledger_options, read_ledger

__all__ = ["check"]


@ledger_options
def check(
    files: Annotated[list[Path], typer.Argument(help="Sales: CSV, Excel, Parquet or JSON; several are read as one.")],
    options: dict[str, Any],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON, for scripts.")] = False,
    rows: Annotated[int, typer.Option(min=0, help="Rejected rows to show.")] = 20,
) -> None:
    """Check a file: columns recognised, rows read, and rows rejected with the reason."""
    ledger = read_ledger(files, options)
    rejected = ledger.rejected.columns()
    table = ledger.gaps.columns()
    gaps = [
        {
            "role": table["role"][k], "column": table["column"][k], "rows": int(table["rows"][k]),
            "revenue": float(table["revenue"][k]), "taken_as": table["taken_as"][k],
        }
        for k in range(len(ledger.gaps))
    ]  # fmt: skip
    found = {
        "columns": ledger.recognised,
        "rows_read": ledger.rows_read,
        "rows_accepted": ledger.rows_accepted,
        "rows_rejected": ledger.rows_rejected,
        "rows_left_out": ledger.rows_left_out,
        "duplicates": ledger.duplicates,
        "customers": ledger.customers,
        "first_day": None if ledger.first_day is None else str(ledger.first_day),
        "last_day": None if ledger.last_day is None else str(ledger.last_day),
        "revenue": ledger.revenue,
        "reasons": ledger.rejected.reasons,
        "left_out": ledger.left_out.reasons,
        "gaps": gaps,
    }
    if as_json:
        print_json(found)
        return
    facts = [
        (
            fact.replace("_", " "),
            f"{value:,}" if isinstance(value, int) else f"{value:,.2f}" if isinstance(value, float) else str(value),
        )
        for fact, value in found.items()
        if fact not in ("columns", "reasons", "left_out", "gaps")
    ]
    print_grid("Columns recognised", ["role", "column"], list(ledger.recognised.items()), left=2)
    print_grid("Rows read", ["", ""], facts)
    if gaps:
        shown = [
            (gap["role"], gap["column"], f"{gap['rows']:,}", f"{gap['revenue']:,.2f}", gap["taken_as"]) for gap in gaps
        ]
        print_grid("Gaps in optional columns", ["role", "column", "rows", "revenue", "taken as"], shown, left=2)
    if ledger.rows_left_out:
        counts = [(why, f"{count:,}") for why, count in ledger.left_out.reasons.items()]
        print_grid("Left out", ["reason", "rows"], counts, left=1)
    if len(ledger.rejected):
        heads = [head for head in ("file", "row", "column", "value", "reason") if head in rejected]
        entries = [
            tuple("" if rejected[head][k] is None else str(rejected[head][k]) for head in heads)
            for k in range(min(rows, len(ledger.rejected)))
        ]
        print_grid(f"Rejected: {counted(len(ledger.rejected), 'row')}", heads, entries, left=len(heads))
