# custfolio check: what the readers make of a file.
"""The command ``check``."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custfolio._reading.columns import likely_role
from custfolio._reading.dimensions import DIMENSIONS
from custfolio._reading.findings import remedy
from custfolio._tables.wording import counted
from custfolio.cli.screen import WrongUsage, escape, print_grid, print_json, screen
from custfolio.cli.tables import gaps_of, in_options, ledger_options, named_values, read_ledger
from custfolio.errors import InputError

if TYPE_CHECKING:
    from custfolio.ledger import Ledger

__all__ = ["check"]


@ledger_options
def check(
    files: Annotated[list[Path], typer.Argument(help="Sales: CSV, Excel, Parquet or JSON; several are read as one.")],
    options: dict[str, Any],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON, for scripts.")] = False,
    rows: Annotated[int, typer.Option(min=0, help="Rejected rows, and rows left out, to show.")] = 20,
) -> None:
    """Check a file: what was recognised, then the rows rejected, why, and the option that mends it."""
    try:
        ledger = read_ledger(files, options, show_notes=False)
    except WrongUsage:
        raise
    except InputError as error:
        unread = _unread(files, options)
        if as_json:
            print_json({**unread, "error": in_options(str(error))})
        else:
            _print_files([(entry["file"], entry["read_as"]) for entry in unread["files"]])
            _print_columns(unread["layout"], unread["columns"], {})
        raise
    found = _findings(ledger)
    if as_json:
        print_json(found)
        return
    _print_files(ledger.sources)
    _print_columns(found["layout"], ledger.recognised, ledger.formats)
    _print_not_used(found["not_used"])
    for note in found["notes"]:
        screen.print(f"Note: {escape(note)}", soft_wrap=True)
    facts = [(name.replace("_", " "), _shown(found[name])) for name in _FACTS]
    print_grid("Rows read", ["", ""], facts)
    if found["gaps"]:
        shown = [
            (gap["role"], gap["column"], f"{gap['rows']:,}", f"{gap['revenue']:,.2f}", gap["taken_as"])
            for gap in found["gaps"]
        ]
        print_grid("Gaps in optional columns", ["role", "column", "rows", "revenue", "taken as"], shown, left=2)
    for title, table, reasons in (
        ("Left out", ledger.left_out, found["left_out"]),
        ("Rejected", ledger.rejected, found["reasons"]),
    ):
        if reasons:
            sheets = any(how.startswith("workbook") for _, how in ledger.sources)
            numbered = "the row of the sheet" if sheets else "counted from the first row of data"
            _print_rows(f"{title}: {counted(len(table), 'row')}", table.columns(), reasons, rows, numbered)


_FACTS = (
    "rows_read", "rows_accepted", "rows_rejected", "rows_left_out", "duplicates", "customers", "first_day", "last_day", "revenue",
)  # fmt: skip

_MEANINGS = {
    "customer": "who bought",
    "date": "day of the sale",
    "revenue": "net amount of the row",
    "price": "net price of a unit; revenue is quantity x price",
    "cost": "cost of goods of the row, not of a unit",
    "unit_cost": "cost of a unit; cost is quantity x unit cost",
    "quantity": "units of the row",
    "document": "rows with one document and day are one delivery",
    "lines": "lines that the row stands for",
    "name": "name of the customer",
    "status": "rows that failed or were cancelled are left out",
    "refunded": "paid back; it lowers revenue",
    "tax": "tax within the amount; it lowers revenue",
    "credited revenue": "amount of a credit note; it lowers revenue",
    "credited quantity": "units of a credit note; they lower quantity",
    "credit note": "marks the rows of a credit note",
    "kind": "kind of document; credit notes lower revenue",
    "item": "product",
    "family": "product family",
    "ship_to": "place of delivery",
    "group": "group of the customer",
    "manager": "account manager",
    "currency": "currency of the row",
    "reference": "document that a return refers to",
    "document text": "document as it is written",
    "driver list_price": "list price of a unit",
    "driver discount": "discount of the row; revenue is after it",
    "driver rebate": "rebate of the row, paid later; it lowers net revenue",
    "driver freight": "freight of the row, a cost of the customer",
    "driver commission": "commission of the row, a cost of the customer",
}
"""What each role means."""


def _role_name(role: str) -> str:
    """Return a role as it is shown."""
    return role.replace("_", " ")


def _meaning(role: str) -> str:
    """Return what a role means."""
    if role.startswith("credit note "):
        return _MEANINGS["credit note"]
    if role.startswith("delivery driver "):
        return "units of the driver; the rows of a document repeat them"
    return _MEANINGS.get(role, "units of the driver")


def _perhaps(column: str, ledger: Ledger) -> str:
    """Return the option that likely uses a column; "" where none does, another column has its role, or a layout chooses."""
    if ledger.layout:
        return ""
    role = likely_role(column)
    return "" if role is None or role in ledger.recognised else in_options(f"{role}={column!r}")


def _shown(value: Any) -> str:
    """Return a fact as text."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}" if isinstance(value, float) else str(value)


def _findings(ledger: Ledger) -> dict[str, Any]:
    """Return what was found, for JSON."""
    reasons = ledger.rejected.reasons
    return {
        "files": [{"file": name, "read_as": fact} for name, fact in ledger.sources],
        "layout": {subject: in_options(text) for subject, text in ledger.layout.items()},
        "columns": ledger.recognised,
        "formats": ledger.formats,
        "not_used": {column: _perhaps(column, ledger) for column in ledger.unused},
        "notes": [in_options(note) for note in ledger.notes],
        "rows_read": ledger.rows_read,
        "rows_accepted": ledger.rows_accepted,
        "rows_rejected": ledger.rows_rejected,
        "rows_left_out": ledger.rows_left_out,
        "duplicates": ledger.duplicates,
        "customers": ledger.customers,
        "first_day": None if ledger.first_day is None else str(ledger.first_day),
        "last_day": None if ledger.last_day is None else str(ledger.last_day),
        "revenue": ledger.revenue,
        "reasons": reasons,
        "remedies": {reason: in_options(remedy(reason)) for reason in reasons},
        "left_out": ledger.left_out.reasons,
        "gaps": gaps_of(ledger),
    }


_COLUMNS = 50
"""Columns that are not used and are shown."""
_FILES = 20
"""Files that are shown."""


def _print_files(sources: list[tuple[str, str]]) -> None:
    """Print how files are written."""
    if sources:
        title = "Files" if len(sources) <= _FILES else f"The first {_FILES} of {len(sources):,} files"
        print_grid(title, ["file", "read as"], sources[:_FILES], left=2)


def _print_columns(layout: Mapping[str, str], columns: Mapping[str, str], formats: Mapping[str, str]) -> None:
    """Print the rules of a layout and the columns that were recognised, where there are any."""
    if layout:
        print_grid("Layout", ["rule", ""], list(layout.items()), left=2)
    if columns:
        rows = [(_role_name(role), column, _meaning(role), formats.get(role, "")) for role, column in columns.items()]
        print_grid("Columns recognised", ["role", "column", "meaning", "written as"], rows, left=4)


def _print_not_used(columns: Mapping[str, str]) -> None:
    """Print the columns that are not used: those with an option that likely uses them, then the others."""
    likely = [(column, option) for column, option in columns.items() if option]
    if likely:
        print_grid("Columns not used", ["column", "perhaps"], likely[:_COLUMNS], left=2)
    others = [column for column, option in columns.items() if not option]
    if others:
        more = f" and {len(others) - _COLUMNS:,} others" if len(others) > _COLUMNS else ""
        names = ", ".join(map(repr, others[:_COLUMNS]))
        screen.print(f"{'Further columns' if likely else 'Columns'} not used: {escape(names)}{more}.", soft_wrap=True)


def _unread(files: list[Path], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return how files are written whose rows cannot be read, and the columns recognised, as far as that goes; for JSON."""
    from custfolio._reading.columns import recognise
    from custfolio._reading.files import open_files
    from custfolio._reading.layouts.reading import layout_of

    found: dict[str, Any] = {"files": [], "layout": {}, "columns": {}}
    with contextlib.suppress(InputError):
        source = open_files([str(file) for file in files], options.get("sheet") or None)
        found["files"] = [{"file": name, "read_as": fact} for name, fact in source.facts]
        own = (source.origin.row, source.origin.file)
        names = [name for name in source.relation.columns if name not in own]
        wanted = options.get("layout")
        layout = layout_of(names, "auto" if wanted is None else wanted or "none")
        if layout is not None:
            found["layout"] = {"layout": layout.title}
        else:
            given: dict[str, Any] = {role: options[role] or False for role in _NAMED if options.get(role) is not None}
            drivers = named_values(options.get("drivers") or None, "--driver", "kilometres=km")
            columns = recognise(names, given, drivers).all()
            grouped = {role: options[role] for role in DIMENSIONS if options.get(role) in names}
            found["columns"] = {**columns, **grouped}
    return found


_NAMED = (
    "customer", "date", "revenue", "cost", "quantity", "document", "lines", "name", "price", "unit_cost", "status", "refunded", "tax",
    "kind",
)  # fmt: skip
"""Roles whose column an option names."""


def _print_rows(title: str, table: Mapping[str, Any], reasons: Mapping[str, int], most: int, numbered: str) -> None:
    """Print the reasons of rows with their numbers and remedies, then the first rows and how they are numbered."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    counts = [(why, in_options(remedy(why)), f"{count:,}") for why, count in ordered]
    print_grid(title, ["reason", "remedy", "rows"], counts, left=2)
    heads = [head for head in ("file", "row", "column", "value", "reason") if head in table]
    entries = [
        tuple("" if table[head][k] is None else str(table[head][k]) for head in heads)
        for k in range(min(most, len(table["row"])))
    ]
    if entries:
        first = "First row" if len(entries) == 1 else f"First {len(entries):,} rows"
        print_grid(f"{first}; row: {numbered}", heads, entries, left=len(heads))
