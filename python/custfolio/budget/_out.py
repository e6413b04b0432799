# Writes a budget to files: CSV in the shapes that planning systems load, and a workbook with live totals.
"""Write a budget."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from custfolio.errors import InputError

__all__ = ["Sheet", "file_dimensions", "write_csv", "write_excel"]


@dataclass(frozen=True)
class Sheet:
    """The totals that a file shows."""

    dimensions: Sequence[str]
    """The dimensions besides the account."""
    time: str
    """Name of the months or periods."""
    totals: Mapping[str, Any]
    """Keys and amounts, a row a total."""
    accounts: Mapping[str, str]
    """Type of each account."""
    currency: str
    digits: int


def file_dimensions(known: Sequence[str], by: Sequence[str] | None) -> list[str]:
    """Return the dimensions of a file besides the account: those given, or all."""
    possible = [name for name in known if name != "account"]
    names = possible if by is None else list(by)
    for name in names:
        if name not in possible:
            raise InputError(f"by names {name!r}; it can name {', '.join(map(repr, possible))}")
    return names


def _amount(units: int, digits: int) -> str:
    """Return whole units as a decimal, exactly."""
    sign, size = "-" if units < 0 else "", abs(units)
    return f"{sign}{size}" if digits == 0 else f"{sign}{size // 10**digits}.{size % 10**digits:0{digits}d}"


def write_csv(sheet: Sheet, path: str | os.PathLike[str], shape: str, version: str) -> None:
    """Write a CSV file; see :meth:`Budget.to_csv`."""
    from custfolio.report.whole_file import write_whole
    from custfolio.report.workbook import plain_text

    if shape not in ("long", "wide"):
        raise InputError(f"shape is {shape!r}; it can be 'long' or 'wide'")
    names, totals = sheet.dimensions, sheet.totals
    units = np.rint(totals["amount"] * 10.0**sheet.digits).astype(np.int64).tolist()
    keys = [tuple(map(plain_text, key)) for key in zip(*(totals[name] for name in (*names, "account")), strict=True)]
    buffer = io.StringIO()
    write = csv.writer(buffer, lineterminator="\n").writerow
    tail = (plain_text(version), sheet.currency)
    if shape == "long":
        write(["period", *map(plain_text, names), "account", "version", "currency", "amount"])
        for month, key, amount in zip(totals[sheet.time], keys, units, strict=True):
            write([month, *key, *tail, _amount(amount, sheet.digits)])
    else:
        months = sorted(set(totals[sheet.time]))
        place = {month: k for k, month in enumerate(months)}
        rows: dict[tuple[str, ...], list[int]] = {}
        for month, key, amount in zip(totals[sheet.time], keys, units, strict=True):
            rows.setdefault(key, [0] * len(months))[place[month]] = amount
        write([*map(plain_text, names), "account", "version", "currency", *months])
        for key, amounts in rows.items():
            write([*key, *tail, *(_amount(amount, sheet.digits) for amount in amounts)])
    write_whole(path, buffer.getvalue())


def write_excel(
    sheet: Sheet,
    path: str | os.PathLike[str],
    title: str,
    stamp: datetime | None,
    bands: Mapping[str, Any],
    notes: Sequence[str],
) -> None:
    """Write a workbook; see :meth:`Budget.to_excel`."""
    from custfolio.report.data import Column, Table
    from custfolio.report.whole_file import write_whole
    from custfolio.report.workbook import BudgetSheet, budget_to_bytes

    names, totals = sheet.dimensions, sheet.totals
    heads = sorted(set(zip(totals["year"], totals["quarter"], totals[sheet.time], strict=True)))
    rows: dict[tuple[str, ...], dict[str, float]] = {}
    keys = zip(*(totals[name] for name in ("account", *names)), strict=True)
    for key, month, amount in zip(keys, totals[sheet.time], totals["amount"].tolist(), strict=True):
        rows.setdefault(key, {})[month] = amount
    order = list(sheet.accounts)
    kinds = {"income": 0, "expense": 1, "result": 2}
    accounts = sorted(order, key=lambda name: (kinds[sheet.accounts[name]], order.index(name)))
    content = BudgetSheet(
        title=title,
        subtitle=f"Amounts in {sheet.currency}. Groups fold away at the left and above; totals are live.",
        dimensions=["account", *names],
        columns=heads,
        rows=[(key, rows[key]) for account in accounts for key in sorted(rows) if key[0] == account],
        kinds=dict(sheet.accounts),
        digits=sheet.digits,
        bands=None
        if not bands
        else Table(
            "Bands",
            tuple(Column(name, name.capitalize(), "text" if name == sheet.time else "amount") for name in bands),
            bands,
            f"Heat in {sheet.currency}: P10, P50 and P90 come from the distribution of each {sheet.time} and have no sum.",
            sheet.digits,
        ),
        notes=notes,
    )
    write_whole(path, budget_to_bytes(content, stamp=stamp))
