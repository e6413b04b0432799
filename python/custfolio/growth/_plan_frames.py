# Action plans read from a frame with one row a step.
"""Action plans from frames."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from custfolio._tables.dates import is_blank, is_missing
from custfolio._tables.frames import TableLike, check_spelling, lists_of
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError
from custfolio.growth._plans import ActionPlan, ActionStep

__all__ = ["plans_from_frame"]

_ALIASES = {
    "customer": ("customer", "customer_id"),
    "plan": ("plan",),
    "step": ("step",),
    "condition": ("condition",),
    "earliest": ("earliest",),
    "duration": ("duration",),
    "probability": ("probability", "success_probability"),
    "revenue": ("revenue", "revenue_per_month"),
    "contribution": ("contribution", "contribution_per_month"),
    "hours": ("hours",),
    "number": ("number",),
    "after": ("after",),
    "latest": ("latest",),
    "hazard": ("hazard",),
    "retries": ("retries",),
    "spacing": ("spacing", "retry_spacing"),
    "spend": ("spend",),
    "ramp": ("ramp", "ramp_months"),
    "lasts": ("lasts", "pays_months"),
    "one_off_revenue": ("one_off_revenue",),
    "one_off_contribution": ("one_off_contribution",),
    "by_month": ("by_month",),
    "season": ("season",),
    "size": ("size",),
}
"""Columns of a frame of action plans, and the names that they may have."""

_REQUIRED = ("customer", "step", "probability")


def plans_from_frame(frame: TableLike, factors: Sequence[str] = ()) -> list[ActionPlan]:
    """Read action plans from a frame with one row a step.

    Parameters
    ----------
    frame : frame or mapping of columns
        Columns customer, step and probability are needed. Further columns are fields of :class:`ActionStep`. In a cell:

        - plan: name of the plan.
        - number: order of the step within it.
        - earliest, latest: month of the plan (1 is the first), "2022-03", or a date.
        - duration: months. "1 2 4" is triangular, "1: 0.5, 3: 0.5" a table.
        - after: numbers or names of steps. "1 & 2" means all of, "1 | 2" any of, 0 none.
        - by_month, season: numbers with blanks between, "1 0.8 0.5".
        - size: a table, "0.8: 0.5, 1.2: 0.5".

        Names of columns ignore case. Other columns are ignored, unless the name is nearly one of these.
        Empty cells use the default of :class:`ActionStep`.
    factors : sequence of str
        Columns of the plans' labels of factors ("manager", "product"), the same in all rows of a plan; see :class:`ActionPlan`.

    Returns
    -------
    list of ActionPlan
        In the order of their first rows.

    Raises
    ------
    InputError
        If a column is missing or misspelt, or a cell is missing or cannot be used (the message names the row). If the rows of a plan have different
        labels of a factor, or `after` names a step outside of the plan.
    """
    table = lists_of(frame, f"a frame was expected, one row a step; found {type(frame).__name__}")
    usual = {name.strip().lower().replace(" ", "_"): name for name in reversed(table)}
    columns = {
        key: next((table[usual[name]] for name in names if name in usual), None) for key, names in _ALIASES.items()
    }
    unnamed = [name for name in table if name not in factors]
    check_spelling(unnamed, [name for names in _ALIASES.values() for name in names], "the action plans")
    missing = [key for key in _REQUIRED if columns[key] is None]
    if missing:
        raise InputError(f"column {missing[0]!r} is not in the action plans; they have {', '.join(map(repr, table))}")
    for name in factors:
        if name not in table:
            raise InputError(
                f"column {name!r} with the labels of a factor is not in the action plans; they have {', '.join(map(repr, table))}"
            )
    rows = len(table[next(iter(table))])

    def cell(key: str, row: int, default: Any) -> Any:
        column = columns[key]
        value = default if column is None else column[row]
        return default if is_blank(value) else value

    def required(key: str, row: int) -> Any:
        value = cell(key, row, None)
        if value is None:
            raise InputError(f"action plans, row {row + 1}: no {key}; every step must have one")
        return value

    def number(key: str, row: int, default: float = 0.0) -> float:
        value = cell(key, row, default)
        try:
            return float(value)
        except (OverflowError, TypeError, ValueError):
            meant = " (0.5 is 50 %)" if key == "probability" else ""
            raise InputError(f"action plans, row {row + 1}: {key} is {value!r}; it must be a number{meant}") from None

    def whole(key: str, row: int, default: int) -> int:
        value = number(key, row, default)
        if not value.is_integer() or abs(value) >= 2**31:
            raise InputError(f"action plans, row {row + 1}: {key} is {value:g}; it must be a whole number of 32 bits")
        return int(value)

    def month(key: str, row: int, default: int | None) -> Any:
        value = cell(key, row, default)
        return value if value is None or _is_month(value) else whole(key, row, 1)

    def several(key: str, row: int) -> tuple[float, ...]:
        return _several(cell(key, row, ""), f"action plans, row {row + 1}: {key}")

    grouped: dict[tuple[str, str], list[int]] = {}
    for row in range(rows):
        customer = identity_text(required("customer", row))
        grouped.setdefault((customer, identity_text(cell("plan", row, "plan"))), []).append(row)
    plans = []
    for (customer, name), places in grouped.items():
        numbers = [whole("number", row, k + 1) for k, row in enumerate(places)]
        for k, row in enumerate(places):
            if numbers.index(numbers[k]) != k:
                raise InputError(
                    f"action plans, rows {places[numbers.index(numbers[k])] + 1} and {row + 1}: two steps of one plan have the "
                    f"number {numbers[k]}; the numbers of a plan must differ"
                )
        order = sorted(range(len(places)), key=numbers.__getitem__)
        ranks = {numbers[at]: k + 1 for k, at in enumerate(order)}
        steps = []
        for at in order:
            row = places[at]
            where = f"action plans, row {row + 1}"
            required("probability", row)
            after = cell("after", row, None) if columns["after"] is None else columns["after"][row]
            steps.append(
                ActionStep(
                    name=identity_text(required("step", row)),
                    probability=number("probability", row),
                    condition=str(cell("condition", row, "")),
                    earliest=month("earliest", row, 1),
                    duration=_duration(cell("duration", row, 0), where),
                    revenue=number("revenue", row),
                    contribution=number("contribution", row),
                    hours=number("hours", row),
                    after=_numbered(after, ranks, where, columns["number"] is not None),
                    latest=month("latest", row, None),
                    hazard=number("hazard", row),
                    by_month=several("by_month", row),
                    retries=whole("retries", row, 0),
                    spacing=whole("spacing", row, 1),
                    spend=number("spend", row),
                    ramp=whole("ramp", row, 0),
                    lasts=whole("lasts", row, 0),
                    season=several("season", row),
                    one_off_revenue=number("one_off_revenue", row),
                    one_off_contribution=number("one_off_contribution", row),
                    size=_table(cell("size", row, ""), f"{where}: size"),
                )
            )
        labels = {factor: _label(table[factor], places, factor) for factor in factors}
        plans.append(
            ActionPlan(customer, name, tuple(steps), {factor: label for factor, label in labels.items() if label})
        )
    return plans


def _label(column: Sequence[Any], rows: Sequence[int], factor: str) -> str:
    """Return a plan's label of a factor, the same in all of its rows; empty where they have none."""
    labelled = [row for row in rows if not is_missing(column[row])]
    labels = [identity_text(column[row]) for row in labelled]
    for row, label in zip(labelled, labels, strict=True):
        if label != labels[0]:
            raise InputError(
                f"action plans, row {row + 1}: {factor} is {label!r}, in an earlier row of the same plan it is {labels[0]!r}; "
                "a plan has one label of a factor"
            )
    return labels[0] if labels else ""


def _is_month(value: Any) -> bool:
    """Whether a cell names a calendar month; a file may write the number of a month as text."""
    if isinstance(value, str):
        return re.fullmatch(r"\s*[-+]?\d+(\.\d*)?\s*", value) is None
    return isinstance(value, (datetime.date, np.datetime64))


def _numbered(after: Any, ranks: Mapping[int, int], where: str, has_numbers: bool) -> Any:
    """Return a cell of column `after`, with the numbers of the frame replaced by positions in the plan."""
    if is_missing(after):
        return None

    def place(number: int) -> int:
        if number and has_numbers and number not in ranks:
            raise InputError(
                f"{where}: after is {number}; the plan's steps have the numbers {', '.join(map(str, sorted(ranks)))} (0: none)"
            )
        return ranks.get(number, number)

    if isinstance(after, str):
        parts = re.split(r"(\s*[&|]\s*)", after.strip())
        return "".join(str(place(int(part))) if part.isdecimal() else part for part in parts)
    try:
        return place(int(after)) if after == int(after) else after
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{where}: after is {after!r}; it must be numbers or names of steps") from None


def _duration(value: Any, where: str) -> Any:
    """Return a duration from a cell: a number, "1 2 4" (triangular) or "1: 0.5, 3: 0.5" (a table)."""
    if not isinstance(value, str):
        try:
            whole = int(value) if value == int(value) else None
        except (TypeError, ValueError, OverflowError):
            whole = None
        if whole is None:
            raise InputError(f"{where}: duration is {value}; it must be a whole number")
        return whole
    try:
        if ":" in value:
            return {int(months): float(chance) for months, chance in (part.split(":") for part in value.split(","))}
        numbers = [int(part) for part in value.replace(",", " ").split()]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 3):
        raise InputError(
            f"{where}: duration is {value!r}; it can be months (2), least, likeliest and greatest (1 2 4), "
            "or a table (1: 0.5, 3: 0.5)"
        )
    return numbers[0] if len(numbers) == 1 else tuple(numbers)


def _several(value: Any, where: str) -> tuple[float, ...]:
    """Return the numbers of a cell: text with blanks between, or a sequence."""
    try:
        return tuple(map(float, value.split() if isinstance(value, str) else np.atleast_1d(value)))
    except (TypeError, ValueError):
        raise InputError(f"{where} is {value!r}; it must be numbers with blanks between (1 0.8 0.5)") from None


def _table(value: Any, where: str) -> dict[float, float]:
    """Return the table in a cell: "0.8: 0.5, 1.2: 0.5", or a mapping."""
    try:
        if isinstance(value, str):
            pairs = [part.split(":") for part in value.split(",") if part.strip()]
            return {float(size): float(chance) for size, chance in pairs}
        return {float(size): float(chance) for size, chance in value.items()}
    except (AttributeError, TypeError, ValueError):
        raise InputError(
            f"{where} is {value!r}; it must be a table of factors and their chances (0.8: 0.5, 1.2: 0.5)"
        ) from None
