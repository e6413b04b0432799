# A budget as files: CSV in the shapes that planning systems load, and a workbook with live totals.
"""Write a budget."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from typing import Any

from custfolio.budget._budget import Budget
from custfolio.errors import InputError
from custfolio.report import workbook
from custfolio.report.whole_file import write_whole
from custfolio.report.workbook import plain_text

__all__ = ["write_csv", "write_excel"]


def _amount(units: int, digits: int) -> str:
    """Return whole units as a decimal, exactly."""
    sign, size = "-" if units < 0 else "", abs(units)
    return f"{sign}{size}" if digits == 0 else f"{sign}{size // 10**digits}.{size % 10**digits:0{digits}d}"


def _dimensions(budget: Budget, by: Sequence[str] | None) -> list[str]:
    names = [name for name in budget.dimensions if name != "account"] if by is None else list(by)
    for name in names:
        if name not in budget.dimensions or name == "account":
            possible = ", ".join(repr(each) for each in budget.dimensions if each != "account")
            raise InputError(f"by names {name!r}; it can name {possible}")
    return names


def write_csv(budget: Budget, path: str | os.PathLike[str], shape: str, by: Sequence[str] | None, version: str) -> None:
    """Write a CSV file; see :meth:`Budget.to_csv`."""
    if shape not in ("long", "wide"):
        raise InputError(f"shape is {shape!r}; it can be 'long' or 'wide'")
    names = _dimensions(budget, by)
    time = "period" if budget.calendar.has_weeks else "month"
    found = budget.totals([time, *names, "account"])._entries
    units = budget._whole(found["amount"]).tolist()
    keys = [tuple(map(plain_text, key)) for key in zip(*(found[name] for name in (*names, "account")), strict=True)]
    buffer = io.StringIO()
    write = csv.writer(buffer, lineterminator="\n").writerow
    tail = (plain_text(version), budget.currency)
    if shape == "long":
        write(["period", *map(plain_text, names), "account", "version", "currency", "amount"])
        for month, key, amount in zip(found[time], keys, units, strict=True):
            write([month, *key, *tail, _amount(amount, budget.digits)])
    else:
        months = sorted(set(found[time]))
        place = {month: k for k, month in enumerate(months)}
        rows: dict[tuple[str, ...], list[int]] = {}
        for month, key, amount in zip(found[time], keys, units, strict=True):
            rows.setdefault(key, [0] * len(months))[place[month]] = amount
        write([*map(plain_text, names), "account", "version", "currency", *months])
        for key, amounts in rows.items():
            write([*key, *tail, *(_amount(amount, budget.digits) for amount in amounts)])
    write_whole(path, buffer.getvalue())


def write_excel(budget: Budget, path: str | os.PathLike[str], by: Sequence[str] | None, title: str, stamp: Any) -> None:
    """Write a workbook; see :meth:`Budget.to_excel`."""
    names = _dimensions(budget, by)
    time = "period" if budget.calendar.has_weeks else "month"
    found = budget.totals(["account", *names, "year", "quarter", time])._entries
    heads = sorted(set(zip(found["year"], found["quarter"], found[time], strict=True)))
    rows: dict[tuple[str, ...], dict[str, float]] = {}
    keys = zip(*(found[name] for name in ("account", *names)), strict=True)
    for key, month, amount in zip(keys, found[time], found["amount"].tolist(), strict=True):
        rows.setdefault(key, {})[month] = amount
    order = list(budget.accounts)
    kinds = {"income": 0, "expense": 1, "result": 2}
    accounts = sorted(order, key=lambda name: (kinds[budget.accounts[name]], order.index(name)))
    content = workbook.BudgetSheet(
        title=title,
        subtitle=f"Amounts in {budget.currency}. Groups fold away at the left and above; totals are live.",
        dimensions=["account", *names],
        columns=heads,
        rows=[(key, rows[key]) for account in accounts for key in sorted(rows) if key[0] == account],
        kinds=budget.accounts,
        digits=budget.digits,
    )
    write_whole(path, workbook.budget_to_bytes(content, stamp=stamp))
