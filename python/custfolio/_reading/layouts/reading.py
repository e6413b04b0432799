# From an export to a frame with one column for each role.
"""Recognise the layout of a frame, and apply it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa

from custfolio._reading.cells import one_array
from custfolio._reading.columns import Usual, listed
from custfolio._reading.currencies import Currencies
from custfolio._reading.eager import arrow_of
from custfolio._reading.exact_sum import exact_sum
from custfolio._reading.layouts.rules import Counted, Layout, Names, Orders
from custfolio._reading.layouts.sheet import Sheet, column_of
from custfolio._reading.layouts.steps import (
    amounts_revenue,
    count_rows,
    customers_above,
    fill_documents,
    orders_revenue,
    turn_returns,
)
from custfolio._reading.layouts.systems import LAYOUTS
from custfolio._reading.queries import connect
from custfolio._reading.rows import Gathered, Origin, in_order
from custfolio._reading.sources import duplicates
from custfolio.errors import InputError

__all__ = ["Export", "apply", "layout_of"]

_AMOUNT_ROLES = {"revenue", "price", "refunded", "tax"}
"""Roles that replace the revenue of a layout, if the user gives one."""
_COALESCED = {"customer", "name"}
"""Roles whose empty cells are taken from their next column."""


@dataclass
class Export:
    """What a layout makes of an export."""

    frame: Any
    """The rows that pass on, as narwhals reads them."""
    given: dict[str, Any]
    """The column of each role."""
    dimensions: dict[str, str]
    origin: Origin | None
    recognised: frozenset[str]
    """Roles whose column the layout named."""
    day_order: str | None
    """The order of day and month, where the layout settles it."""
    currency: str | None
    """The column of the currency of each row."""
    used: set[str]
    """Columns that a role or a rule reads."""
    facts: dict[str, str]
    """The rules that were applied, as sentences, by subject."""
    left_out: dict[str, list[Any]]
    """Rows that are no sale: columns row, file, column, value, reason."""
    rejected: dict[str, list[Any]]
    revenue_rejected: float

    @property
    def rows_apart(self) -> int:
        """Number of rows that do not pass on."""
        return len(self.left_out.get("row", [])) + len(self.rejected.get("row", []))

    def complete(self, gathered: Gathered) -> None:
        """Add the rows that did not pass on to those that were gathered, and the rules."""
        gathered.layout = self.facts
        gathered.notes.insert(
            0, f'The data is read as {self.facts["layout"]}; pass layout="none" to read its columns by their names.'
        )
        gathered.rows_read += self.rows_apart
        gathered.revenue_rejected += self.revenue_rejected
        gathered.left_out = in_order(gathered.left_out, self.left_out)
        gathered.rejected = in_order(gathered.rejected, self.rejected)


def layout_of(columns: Sequence[str], wanted: str | bool | None) -> Layout | None:
    """Return the layout of some columns.

    Parameters
    ----------
    columns : sequence of str
        The columns of the data.
    wanted : str, False or None
        A name; "auto": the layout whose columns are there; "none", False or None: no layout.

    Returns
    -------
    Layout or None
        The layout; None where there is none.

    Raises
    ------
    InputError
        If the name is unknown, or two layouts fit.
    """
    if wanted is None or wanted is False or wanted == "none":
        return None
    if wanted != "auto":
        fitting = [layout for layout in LAYOUTS if layout.name == wanted]
        if not fitting:
            names = ", ".join(repr(layout.name) for layout in LAYOUTS)
            raise InputError(f'layout is {wanted!r}; it must be "auto", "none", or one of {names}')
        return fitting[0]
    fitting = [layout for layout in LAYOUTS if all(column_of(names, columns) is not None for names in layout.marks)]
    if len(fitting) > 1:
        raise InputError(
            f"the columns fit two layouts, {fitting[0].title} and {fitting[1].title}; pass layout={fitting[0].name!r} or "
            f"layout={fitting[1].name!r}"
        )
    return fitting[0] if fitting else None


def apply(
    layout: Layout,
    frame: Any,
    given: Mapping[str, Any],
    dimensions: Mapping[str, str],
    origin: Origin | None,
    decimal: str | None,
    currencies: Currencies,
    accounts: Sequence[str] = (),
) -> Export:
    """Apply a layout; what the user gives replaces its rules.

    Parameters
    ----------
    layout : Layout
        The layout.
    frame : narwhals frame
        The rows of the export. They are read into memory, unless the layout only names columns.
    given : mapping of role to column, False, None or Usual.NAMES
        The user's choice.
    dimensions : mapping of role to column
        Columns that group rows.
    origin : Origin or None
        How rows are numbered, where the data came from files.
    decimal : str or None
        The decimal sign of text amounts.
    currencies : Currencies
        The currency of the figures, and rates of others.
    accounts : sequence of str
        The first digits of revenue accounts; none: those of the layout.

    Returns
    -------
    Export
        The rows that pass on, and those that do not.

    Raises
    ------
    InputError
        If a column of the layout is missing and nothing stands in for it.
    """
    places = [] if origin is None else [name for name in (origin.row, origin.file) if name is not None]
    names = [name for name in frame.collect_schema().names() if name not in places]
    user = {role for role, value in given.items() if isinstance(value, str)}
    computes = bool(layout.revenue) and not user & _AMOUNT_ROLES
    rules = _rules(layout, names, given.get("status") is not None, accounts)
    chosen = {role: column for role, each in layout.roles.items() if (column := column_of(each, names)) is not None}
    marks = [column for each in layout.marks if (column := column_of(each, names)) is not None]
    facts = {"layout": layout.title, "recognised by": listed(marks)}
    sheet, refused, currency = None, 0.0, None
    coalesced = any(len(_present(layout, role, names)) > 1 for role in _COALESCED - user)
    if computes or rules or coalesced or layout.headings or layout.fill[0]:
        sheet = Sheet(*_cells(frame, names, origin), decimal, currencies)
        refused, currency = _computed(layout, sheet, user, chosen, facts, rules, computes, currencies)
    day_first = layout.day_first and "date" not in user
    assumed = (*layout.assumed, *(["The day stands before the month."] if day_first else []))
    if assumed:
        facts["assumed"] = " ".join(assumed)
    for role in ("customer", "date", "revenue"):
        _check_role(layout, role, chosen, user)
    own_roles = {
        role: chosen.get(role, value if role in ("cost", "unit_cost") else False)
        for role, value in given.items()
        if value is Usual.NAMES or (value is None and role in ("customer", "date", "revenue"))
    }
    if "price" in user:
        own_roles["revenue"] = False
    elif user & _AMOUNT_ROLES:
        own_roles.pop("revenue", None)
    if "unit_cost" in user and "cost" not in user:
        own_roles["cost"] = False
    grouped = {role: column for role in ("item", "family") if (column := chosen.get(role)) is not None} | dict(
        dimensions
    )
    passed, origin = (frame, origin) if sheet is None else _relation(sheet, origin)
    return Export(
        passed,
        dict(given) | own_roles,
        grouped,
        origin,
        frozenset(role for role, column in own_roles.items() if isinstance(column, str)),
        "dmy" if day_first else None,
        currency,
        set() if sheet is None else sheet.used,
        facts,
        {} if sheet is None else sheet.apart(rejected=False),
        {} if sheet is None else sheet.apart(rejected=True),
        refused,
    )


def _rules(layout: Layout, names: Sequence[str], own_status: bool, accounts: Sequence[str]) -> list[Counted]:
    """Return the rules for rows whose columns are there.

    `own_status`: without those that the user's status replaces; `accounts`: what the user's revenue accounts begin with.
    """
    groups = [[rule for rule in group if column_of(rule.columns, names) is not None] for group in layout.counted]
    if accounts:
        counts = tuple(account.lower() + "*" for account in accounts)
        named = [replace(rule, counts=counts, first=False) for group in groups for rule in group if rule.accounts]
        if not named:
            raise InputError(f"revenue_accounts= has no effect: {layout.title} has no column of accounts")
        groups = [*(group for group in groups if not any(rule.accounts for rule in group)), named]
    return [group[0] for group in groups if group and not (own_status and group[0].status)]


def _present(layout: Layout, role: str, names: Sequence[str]) -> list[str]:
    """Return the columns of a role that are there, in the order of preference."""
    columns = [column_of((name,), names) for name in layout.roles.get(role, ())]
    return list(dict.fromkeys(column for column in columns if column is not None))


def _check_role(layout: Layout, role: str, chosen: Mapping[str, str], user: set[str]) -> None:
    """Raise where neither the columns nor the user have a necessary role."""
    if role in chosen or role in user or (role == "revenue" and user & _AMOUNT_ROLES):
        return
    rule = layout.revenue[-1] if layout.revenue else None
    if role != "revenue" or rule is None:
        wanted: Names = layout.roles.get(role, ())
    else:
        wanted = rule.net if isinstance(rule, Orders) else tuple(names[0] for names in (*rule.plus, *rule.minus))
    raise InputError(
        f"{layout.title}: there is no column {layout.needs.get(role, ' or '.join(map(repr, wanted)))} for {role}; export all "
        f'columns, name one with {role}=..., or pass layout="none"'
    )


def _cells(
    frame: Any, names: Sequence[str], origin: Origin | None
) -> tuple[dict[str, pa.Array], pa.Array, pa.Array | None]:
    """Read a frame into memory: its columns, the number of each row, and its file, where there are several."""
    row, file = (None, None) if origin is None else (origin.row, origin.file)
    if isinstance(frame, nw.LazyFrame):
        table = frame.collect(backend="pyarrow").to_native()
        cells = {name: one_array(table[name]) for name in table.column_names}
    else:
        cells = {name: pa.array(arrow_of(frame[name]), from_pandas=True) for name in names}
    cells = {name: cell.cast(pa.string()) if pa.types.is_null(cell.type) else cell for name, cell in cells.items()}
    n = len(next(iter(cells.values())))
    numbers = pa.array(np.arange(1, n + 1)) if row is None else cells[row].cast(pa.int64())
    return {name: cells[name] for name in names}, numbers, None if file is None else cells[file]


def _computed(
    layout: Layout,
    sheet: Sheet,
    user: set[str],
    chosen: dict[str, str],
    facts: dict[str, str],
    rules: Sequence[Counted],
    computes: bool,
    currencies: Currencies,
) -> tuple[float, str | None]:
    """Apply the rules that need the cells to a sheet, add the columns and facts.

    Return the revenue of rejected rows, in its own currency, and the column of currencies.
    """
    if layout.headings and "customer" not in user | chosen.keys() and "date" in chosen:
        above = customers_above(sheet, layout, chosen["date"])
        chosen |= {} if above is None else {"customer": above}
    fill_documents(sheet, layout)
    for counted in rules:
        status, sentence = count_rows(sheet, counted, layout.title)
        facts[f"rows by {status}"] = sentence
    for role in sorted(_COALESCED - user):
        present = _present(layout, role, list(sheet.cells))
        if present:
            chosen[role] = sheet.joined(present)
    for role in layout.opposite:
        if role in chosen and role not in user:
            column = chosen[role]
            chosen[role] = f"{column}, with the opposite sign"
            sheet.cells[chosen[role]] = pa.array(0.0 - sheet.amounts(column), from_pandas=True)
    computed, currency = None, None
    for rule in layout.revenue if computes else ():
        currency = sheet.find(rule.currency)
        currencies.by_row = currency is not None
        computed = orders_revenue(sheet, rule) if isinstance(rule, Orders) else amounts_revenue(sheet, rule)
        if computed is not None:
            break
    others = [other for names in layout.not_revenue if (other := sheet.find(names)) is not None]
    if others:
        sums = {other: sheet.sum_of(other, layout.document) for other in others}
        facts["not revenue"] = ", ".join(f"{other} {amount:,.2f}" for other, amount in sums.items())
    if computed is None:
        return 0.0, None
    revenue, words = computed
    revenue, quantity = turn_returns(sheet, layout, revenue, chosen.get("quantity"))
    if words in sheet.cells and not np.array_equal(revenue, sheet.amounts(words), equal_nan=True):
        words += ", with the sign of its row"
    if words not in sheet.cells:
        sheet.cells[words] = pa.array(revenue, from_pandas=True)
    chosen |= {"revenue": words} | ({} if quantity is None else {"quantity": quantity})
    facts["revenue"] = words
    refused = revenue[sheet.rejected_rows()]
    return exact_sum(refused[np.isfinite(refused)]), currency


def _relation(sheet: Sheet, origin: Origin | None) -> tuple[Any, Origin]:
    """Return the rows that pass on as a frame of the engine that reads files, and how they are numbered."""
    connection = connect()
    if origin is None:
        connection.register("cf_whole", sheet.whole)
        origin = Origin("cf_number", duplicates=lambda: duplicates(connection, "cf_whole"))
    connection.register("cf_export", sheet.passed_on(origin.row or "cf_number", origin.file))
    return nw.from_native(connection.table("cf_export")), origin
