# The actual amounts of commands that close or compare months: lines of files, sales, or another version.
"""Read actual amounts for a version of a budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from custfolio._reading.amounts import numbers_beside
from custfolio.cli.config import LEDGER_KEYS
from custfolio.cli.expected import Sales, sales_of
from custfolio.cli.option_names import naming_keys
from custfolio.cli.screen import WrongUsage
from custfolio.cli.tables import check_choice, named_values, read_table
from custfolio.errors import InputError
from custfolio.portfolio import NO_HEAT

if TYPE_CHECKING:
    import pyarrow as pa

    from custfolio.budget import Budget, FrozenBudget

__all__ = [
    "CLOSING",
    "actual_amounts",
    "check_closing",
    "closing_arguments",
    "groups_of",
    "lines_of",
    "outcomes_of",
    "usual_labels",
    "version_of",
]

CLOSING: dict[str, Any] = {
    "missing": Annotated[
        str | None,
        typer.Option(
            help="What a month without actual amounts, or days after the end of the sales, are: error (default) or zero."
        ),
    ],
    "repeated": Annotated[
        str | None, typer.Option(help="What a line that repeats another is: error (default) or add, which adds it.")
    ],
    "outcome": Annotated[
        list[str] | None,
        typer.Option(
            help="What became of an item, as Acme/press=lost (won, lost or open), where no line states it; again for further ones."
        ),
    ],
    "account": Annotated[
        list[str] | None,
        typer.Option(
            help="Type of an account without a usual name, as rent=expense (or income, result); again for further ones."
        ),
    ],
    "by": Annotated[
        list[str] | None,
        typer.Option(
            help="What the page and the workbook group by: customer, manager, account, item, or several as manager,month; again for "
            "further tables. Default: all that both sides have."
        ),
    ],
}
"""Options of commands that compare with actual amounts, by name."""

_STATES = ("won", "lost", "open")
_TYPES = ("income", "expense", "result")


def check_closing(options: Mapping[str, Any]) -> None:
    """Refuse wrong values of the options of :data:`CLOSING` before any file is read."""
    check_choice(options["missing"], "--missing", "error", "zero")
    check_choice(options["repeated"], "--repeated", "error", "add")
    for name, known, example in (("outcome", _STATES, "Acme/press=lost"), ("account", _TYPES, "rent=expense")):
        for item, value in named_values(options[name], f"--{name}", example).items():
            check_choice(value, f"--{name} {item}", *known)
    groups_of(options)


def outcomes_of(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the outcomes of items that the options state."""
    return named_values(options["outcome"], "--outcome", "Acme/press=lost")


def closing_arguments(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of :meth:`custfolio.Budget.forecast` and :meth:`custfolio.Budget.compare` that both have."""
    return {name: options[name] or "error" for name in ("missing", "repeated")}


def groups_of(options: Mapping[str, Any]) -> list[tuple[str, ...]] | None:
    """Return the groups of --by; None for the usual ones."""
    groups = [tuple(name.strip() for name in text.split(",")) for text in options["by"] or ()]
    for names, text in zip(groups, options["by"] or (), strict=True):
        if not all(names):
            raise WrongUsage(f"--by is {text!r}; it must be written as customer, or manager,month")
    return groups or None


def version_of(path: Path) -> FrozenBudget:
    """Return the version of a file that ``--freeze`` or ``--forecast`` wrote."""
    from custfolio.budget import FrozenBudget

    return FrozenBudget.load(path)


def actual_amounts(
    paths: Sequence[Path],
    version: FrozenBudget,
    through: str | None,
    options: Mapping[str, Any],
    sales: Callable[[Path], Sales] = sales_of,
) -> tuple[Budget, list[str]]:
    """Return the actual amounts of files, and notes on them.

    Parameters
    ----------
    paths : sequence of Path
        Lines, sales (a table without a column of months, or a custfolio.toml), or another version.
    version : FrozenBudget
        What they are compared with; they have its currency, accounts and calendar.
    through : str or None
        The last month; sales need it.
    options : mapping
        Those of :data:`CLOSING`.
    sales : callable
        Reads sales.

    Returns
    -------
    (Budget, list of str)
        The amounts of all files.

    Raises
    ------
    InputError
        If a file cannot be used.
    """
    total: Budget | None = None
    notes: list[str] = []
    for path in paths:
        found = None if path.suffix.lower() == ".toml" else lines_of(path, version, options)
        if found is None:
            if through is None:
                raise WrongUsage(
                    f"{path.name} has sales, of which whole months count; give the last one with --through"
                )
            found, more = naming_keys(_of_sales, LEDGER_KEYS)(path, sales(path), version, through, options)
            notes += more
        total = found if total is None else total + found
    assert total is not None
    return total, notes


def lines_of(path: Path, version: FrozenBudget, options: Mapping[str, Any], source: str = "actual") -> Budget | None:
    """Return the amounts of a file of lines, or of a version; None of a table without a column of months."""
    from custfolio.budget import Budget
    from custfolio.budget._frozen_file import is_version

    if is_version(path):
        return version_of(path)
    table = _with_numbers(read_table(path, texts=True), path.name)
    if "month" not in table:
        return None
    accounts = version.accounts | named_values(options["account"], "--account", "rent=expense")
    try:
        return Budget.from_frame(table, source=source, accounts=accounts, **_settings(version))
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


_NUMBERS: Mapping[str, str | None] = {
    **dict.fromkeys(("amount", "revenue", "level", "net_revenue", "costs", "cost", "contribution", "heat")),
    "quantity": "0", "variance": "0", "probability": "1",
}  # fmt: skip
"""Columns of numbers in lines, and what an empty cell is; None: an error."""


def _with_numbers(table: pa.Table, where: str) -> dict[str, Any]:
    """Return the columns of lines: names in lower case, and numbers of text as a ledger reads them, also with a decimal comma."""
    import narwhals.stable.v2 as nw
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = dict(zip((name.strip().lower() for name in table.column_names), table.columns, strict=True))
    if "month" not in columns or len(columns) < table.num_columns:
        return dict(zip(table.column_names, table.columns, strict=True))
    for name, empty in _NUMBERS.items():
        if name in columns:
            cells = columns[name]
            if pa.types.is_null(cells.type):
                cells = cells.cast(pa.string())
            if empty is not None:
                cells = pc.fill_null(cells, pa.scalar(empty).cast(cells.type))
            columns[name] = numbers_beside(nw.from_native(cells, series_only=True).alias(name), where)
    return columns


def _settings(version: FrozenBudget) -> dict[str, Any]:
    """Return what amounts have in common with the version that they are compared with."""
    return {name: getattr(version, name) for name in ("currency", "digits", "calendar", "rates")}


def _of_sales(
    path: Path, sales: Sales, version: FrozenBudget, through: str, options: Mapping[str, Any]
) -> tuple[Budget, list[str]]:
    """Return the months of sales as lines with the customers and labels of a version, and notes on them."""
    from custfolio._tables.dates import day_date, month_first_day, month_index, month_text
    from custfolio.budget import Budget

    ledger = sales.ledger
    if "drivers" in sales.arguments:
        raise InputError(
            f"{path.name}: [costs] drivers are totals of a period; months need events, or rates of the sales"
        )
    if ledger.currency not in (None, version.currency):
        raise InputError(f"the sales of {path.name} are in {ledger.currency}, and the budget is in {version.currency}")
    first, last = month_index(version.months[0], "month"), month_index(through, "through")
    notes = []
    end = day_date(month_first_day(last + 1) - 1)
    if ledger.last_day is not None and ledger.last_day < end:
        # A month whose remaining days are a weekend is whole.
        working = np.is_busday(np.arange(np.datetime64(ledger.last_day), np.datetime64(end)) + 1)
        if options["missing"] != "zero" and working.any():
            raise InputError(
                f"the sales of {path.name} end on {ledger.last_day}, before the end of {month_text(last)}; close an earlier month, or accept "
                "the days without sales with --missing zero"
            )
        notes.append(f"The sales of {path.name} end on {ledger.last_day}; a month is closed once all of it is booked.")
    dimensions = [
        name
        for name in version.dimensions
        if name == "customer" or (name == "family" and name in ledger.rows.dimensions)
    ]
    found = sales.stated(first, last).by(*dimensions, "month").columns()
    if "contribution" not in found:
        raise InputError(f"the sales of {path.name} have no contribution: {NO_HEAT}")
    costs = found["revenue"] - found["contribution"]
    unknown = np.zeros(len(costs))
    quantity = found.get("quantity", unknown)
    parts: dict[str, tuple[Any, Any]] = {"revenue": (found["revenue"], quantity), "costs": (costs, unknown)}
    if "cost of goods" in version.accounts:
        del parts["costs"]
        parts["cost of goods"] = (found["goods"], quantity)
        parts["cost to serve"] = (costs - found["goods"], unknown)
    lines = {name: [str(cell) for cell in found[name]] * len(parts) for name in ("month", *dimensions)}
    lines["account"] = [account for account in parts for _ in costs]
    lines["amount"], lines["quantity"] = (np.concatenate([pair[k] for pair in parts.values()]).tolist() for k in (0, 1))
    rounded = _rounded_by_month(lines, ["month", "account", *dimensions], version)
    labels = [name for name in version.dimensions if name not in ("account", "source", *dimensions)]
    if "customer" not in dimensions:
        labels = []
    for name in labels:
        rounded[name] = _labels(version, sales, name, first, rounded)
    made = Budget.from_frame(
        rounded, source="actual", dimensions=[*dimensions, *labels], accounts=version.accounts, **_settings(version)
    )
    return made, notes


def _rounded_by_month(
    lines: Mapping[str, Sequence[Any]], names: Sequence[str], version: FrozenBudget
) -> dict[str, list[Any]]:
    """Return lines in whole units, each month rounded by itself: later closes have the same amounts."""
    from custfolio.budget import Budget

    of_line = dict(zip(zip(*(lines[name] for name in names), strict=True), lines["quantity"], strict=True))
    rounded: dict[str, list[Any]] = {name: [] for name in (*names, "amount")}
    for month in dict.fromkeys(lines["month"]):
        rows = [k for k, one in enumerate(lines["month"]) if one == month]
        of_month = {name: [values[k] for k in rows] for name, values in lines.items()}
        made = Budget.from_frame(of_month, dimensions=names[2:], **_settings(version))
        for name, values in made.totals(names).columns().items():
            rounded[name] += list(values)
    rounded["quantity"] = [of_line[key] for key in zip(*(rounded[name] for name in names), strict=True)]
    return rounded


def usual_labels(version: FrozenBudget, name: str) -> dict[str, str]:
    """Return the label of each customer's usual business in a version, that of the last month where it changes."""
    return {customer: label for _, customer, item, label in _planned_labels(version, name) if not item}


def _planned_labels(version: FrozenBudget, name: str) -> list[tuple[str, str, str, str]]:
    """Return month, customer, item and label of what a version plans; usual business has no item."""
    planned = version.totals(["month", "customer", "item", name]).columns()
    return list(zip(*(planned[key] for key in ("month", "customer", "item", name)), strict=True))


def _labels(
    version: FrozenBudget, sales: Sales, name: str, start: int, lines: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the label of each line of usual business.

    It is the label of the customer's usual business in the version, also "(none)", if possible that of the same month. Other customers
    have that of their plans, or else of the sales.
    """
    labels = sales.labels([name], start)[name] if name in sales.labelled_by else {}
    rows = _planned_labels(version, name)
    labels |= {customer: label for _, customer, item, label in rows if item and label != "(none)"}
    of_month = {(month, customer): label for month, customer, item, label in rows if not item}
    labels |= {customer: label for (_, customer), label in of_month.items()}
    keys = zip(lines["month"], lines["customer"], strict=True)
    return [of_month.get(key, labels.get(key[1], "(none)")) for key in keys]
