# Action plans read from a frame with one row a step.
"""Action plans from frames."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from custfolio._frames import lists_of
from custfolio.errors import InputError
from custfolio.growth._plans import ActionPlan, ActionStep

__all__ = ["identity_text", "plans_from_frame"]

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
}
"""Columns of a frame of action plans, and the names that they may have."""

_REQUIRED = ("customer", "step", "probability")


def plans_from_frame(frame: Any, factors: Sequence[str] = ()) -> list[ActionPlan]:
    """Read action plans from a frame with one row a step.

    Parameters
    ----------
    frame : frame or mapping of columns
        Columns customer, step, probability; and where they are there: plan (name), condition, earliest (month of the plan, 1 the
        first, or "2022-03"), latest (likewise), duration (months; "1 2 4" is triangular, "1: 0.5, 3: 0.5" a table), revenue and contribution
        (per month, currency), hours, number (order within the plan), after (numbers or names of the steps before: "2", "1 & 2" all of,
        "1 | 2" any of, 0 for none), hazard, retries, spacing, spend, ramp, lasts, one_off_revenue, one_off_contribution: as in
        :class:`ActionStep`.
    factors : sequence of str
        Columns that hold the plans' labels of factors ("manager", "product"), the same in all rows of a plan; see :class:`ActionPlan`.

    Returns
    -------
    list of ActionPlan
        In the order of their first rows.

    Raises
    ------
    InputError
        If a column is missing, a value cannot be used (the text names the row), `after` names a step that is not there, or the rows of a
        plan have different labels of a factor.
    """
    table = lists_of(frame, f"a frame was expected, one row a step; found {type(frame).__name__}")
    columns = {key: next((table[name] for name in names if name in table), None) for key, names in _ALIASES.items()}
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
        return default if value is None or value != value else value

    def number(key: str, row: int, default: float = 0.0) -> float:
        value = cell(key, row, default)
        try:
            return float(value)
        except (TypeError, ValueError):
            raise InputError(f"action plans, row {row + 1}: {key} is {value!r}; it must be a number") from None

    def whole(key: str, row: int, default: int) -> int:
        value = number(key, row, default)
        if not value.is_integer():
            raise InputError(f"action plans, row {row + 1}: {key} is {value:g}; it must be a whole number")
        return int(value)

    grouped: dict[tuple[str, str], list[int]] = {}
    for row in range(rows):
        customer = cell("customer", row, None)
        if customer is None or str(customer) == "":
            raise InputError(f"action plans, row {row + 1}: no customer; every step must have one")
        grouped.setdefault((identity_text(customer), str(cell("plan", row, "plan"))), []).append(row)
    plans = []
    for (customer, name), places in grouped.items():
        numbers = [whole("number", row, k + 1) for k, row in enumerate(places)]
        order = sorted(range(len(places)), key=numbers.__getitem__)
        ranks = {numbers[at]: k + 1 for k, at in enumerate(order)}
        steps = []
        for at in order:
            row = places[at]
            earliest, latest = cell("earliest", row, 1), cell("latest", row, None)
            steps.append(
                ActionStep(
                    name=str(cell("step", row, "")),
                    probability=number("probability", row),
                    condition=str(cell("condition", row, "")),
                    earliest=earliest if _is_month(earliest) else whole("earliest", row, 1),
                    duration=_duration(cell("duration", row, 0), f"action plans, row {row + 1}"),
                    revenue=number("revenue", row),
                    contribution=number("contribution", row),
                    hours=number("hours", row),
                    after=_numbered(cell("after", row, None), ranks),
                    latest=latest if latest is None or _is_month(latest) else whole("latest", row, 1),
                    hazard=number("hazard", row),
                    retries=whole("retries", row, 0),
                    spacing=whole("spacing", row, 1),
                    spend=number("spend", row),
                    ramp=whole("ramp", row, 0),
                    lasts=whole("lasts", row, 0),
                    one_off_revenue=number("one_off_revenue", row),
                    one_off_contribution=number("one_off_contribution", row),
                )
            )
        labels = {factor: _label(table[factor], places, factor) for factor in factors}
        plans.append(
            ActionPlan(customer, name, tuple(steps), {factor: label for factor, label in labels.items() if label})
        )
    return plans


def _label(column: Sequence[Any], rows: Sequence[int], factor: str) -> str:
    """Return a plan's label of a factor, which all of its rows have; empty where they have none."""
    found = [identity_text(column[row]) for row in rows if column[row] is not None and column[row] == column[row]]
    for row in rows:
        value = column[row]
        if value is not None and value == value and identity_text(value) != found[0]:
            raise InputError(
                f"action plans, row {row + 1}: {factor} is {identity_text(value)!r}, in an earlier row of the same plan it is {found[0]!r}; "
                "a plan has one label of a factor"
            )
    return found[0] if found else ""


def _is_month(value: Any) -> bool:
    """Whether a cell names a calendar month; a file may write the number of a month as text."""
    return isinstance(value, str) and not value.strip().isdigit()


def _numbered(after: Any, ranks: Mapping[int, int]) -> Any:
    """Return what a cell of column `after` says with the numbers of the frame replaced by positions in the plan."""
    if after is None:
        return None
    if isinstance(after, str):
        parts = re.split(r"(\s*[&|]\s*)", after.strip())
        return "".join(str(ranks[int(part)]) if part.isdigit() and int(part) in ranks else part for part in parts)
    number = int(after) if float(after).is_integer() else after
    return ranks.get(number, number)


def _duration(value: Any, where: str) -> Any:
    """Return a duration from a cell: a number, "1 2 4" (triangular) or "1: 0.5, 3: 0.5" (a table)."""
    if not isinstance(value, str):
        if value != int(value):
            raise InputError(f"{where}: duration is {value:g}; it must be a whole number")
        return int(value)
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


def identity_text(value: Any) -> str:
    """Return an identity as text; whole numbers are written without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
