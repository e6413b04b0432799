# The steps of action plans for the core: months as numbers, graphs as positions, durations as tables of chances.
"""Steps of action plans as columns for the core."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from custfolio import _core
from custfolio._tables.arguments import real, reals, text
from custfolio._tables.dates import month_index
from custfolio.errors import InputError
from custfolio.growth._plans import ActionPlan, ActionStep

__all__ = ["before", "check_plan", "month_of", "step_columns"]

_AMOUNTS = (
    "probability",
    "revenue",
    "contribution",
    "hours",
    "hazard",
    "spend",
    "one_off_revenue",
    "one_off_contribution",
)
_COUNTS = ("retries", "spacing", "ramp", "lasts")
"""Fields of a step that go to the core as they are."""


def check_plan(plan: ActionPlan) -> None:
    """Refuse a plan whose names or steps are none."""
    text(plan.customer, "the customer of a plan")
    text(plan.name, f"customer {plan.customer}: the name of a plan")
    if not isinstance(plan.steps, Iterable):
        raise InputError(
            f"customer {plan.customer}, plan {plan.name!r}: steps are {reprlib.repr(plan.steps)}; they must be ActionSteps"
        )
    for number, step in enumerate(plan.steps, start=1):
        where = f"customer {plan.customer}, plan {plan.name!r}, step {number}"
        if not isinstance(step, ActionStep):
            raise InputError(f"{where} is {reprlib.repr(step)}; it must be an ActionStep")
        text(step.name, f"{where}: name")
        text(step.condition, f"{where}: condition")


def step_columns(plans: Sequence[ActionPlan], first: int) -> dict[str, list[Any]]:
    """Return the columns of the plans' steps, one plan after the other; `first` is the horizon's first month since January 1970."""
    owners = [(plan, step) for plan in plans for step in plan.steps]
    steps = [step for _, step in owners]
    waits = [before(plan, step) for plan, step in owners]
    durations = [_durations(plan, step) for plan, step in owners]
    tables = [_sizes(plan, step) for plan, step in owners]
    return {
        "step": [step.name for step in steps],
        "condition": [step.condition for step in steps],
        "join": [join for join, _, _ in waits],
        "after": [positions for _, positions, _ in waits],
        "events": [names for _, _, names in waits],
        "earliest": [month_of(plan, step, "earliest", step.earliest, first) for plan, step in owners],
        "latest": [
            None if step.latest is None else month_of(plan, step, "latest", step.latest, first) for plan, step in owners
        ],
        "duration": [least for least, _ in durations],
        "duration_chances": [chances for _, chances in durations],
        "sizes": [sizes for sizes, _ in tables],
        "size_probabilities": [chances for _, chances in tables],
        **{
            name: [
                []
                if isinstance(values := getattr(step, name), tuple) and not values
                else reals(values, f"{_where(plan, step)}: {name}").tolist()
                for plan, step in owners
            ]
            for name in ("by_month", "season")
        },
        **{name: _numbers(owners, name, float) for name in _AMOUNTS},
        **{name: _numbers(owners, name, int) for name in _COUNTS},
    }


def _where(plan: ActionPlan, step: ActionStep) -> str:
    return f"customer {plan.customer}, plan {plan.name!r}, step {step.name!r}"


def _sizes(plan: ActionPlan, step: ActionStep) -> tuple[list[float], list[float]]:
    """Return the sizes of a step and their chances."""
    if isinstance(step.size, dict) and not step.size:
        return [], []
    where = f"{_where(plan, step)}: size"
    if not isinstance(step.size, Mapping):
        raise InputError(f"{where} is {reprlib.repr(step.size)}; it must be a mapping of factors to chances")
    return [real(size, where) for size in step.size], [real(chance, where) for chance in step.size.values()]


def _is_whole(value: Any) -> bool:
    """Whether a value is a whole number of 32 bits."""
    return isinstance(value, (int, float, np.number)) and bool(-(2**31) <= value < 2**31 and value == int(value))


def _numbers(owners: Sequence[tuple[ActionPlan, ActionStep]], name: str, kind: type) -> list[Any]:
    """Return a field of all steps as numbers of a kind; an error names the step."""
    values = [getattr(step, name) for _, step in owners]
    types = set(map(type, values))
    if kind is float and types <= {float}:
        return values
    if (
        types <= {float, int}
        and all(-(2**31) <= value < 2**31 for value in values)
        and (kind is float or types == {int})
    ):
        return [kind(value) for value in values]
    for k, value in enumerate(values):
        plain = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
        if not plain or (kind is int and not _is_whole(value)):
            wanted = "whole number of 32 bits" if kind is int else "number"
            raise InputError(f"{_where(*owners[k])}: {name} is {reprlib.repr(value)}; it must be a {wanted}")
        values[k] = int(value) if kind is int else real(value, f"{_where(*owners[k])}: {name}")
    return values


def month_of(plan: ActionPlan, step: ActionStep, what: str, month: Any, first: int) -> int:
    """Return a step's earliest or latest month as months since January 1970."""
    if not isinstance(month, (int, float, np.number)):
        return month_index(month, f"{_where(plan, step)}: {what}")
    if not _is_whole(month) or month < 1:
        raise InputError(
            f"{_where(plan, step)}: {what} is {month}; it must be a calendar month (2022-03), or a whole number from 1, the first month"
        )
    return first + int(month) - 1


def before(plan: ActionPlan, step: ActionStep) -> tuple[str, list[int], list[str]]:
    """Return the predecessors of a step: their join, positions in the plan, names of steps of other plans and events."""
    if step.join not in ("all", "any"):
        raise InputError(f"{_where(plan, step)}: join is {step.join!r}; it must be 'all' or 'any'")
    if step.after is None:
        return "previous", [], []
    join = step.join
    parts: Sequence[int | str]
    names = [other.name for other in plan.steps]
    if isinstance(step.after, str):
        text = step.after.strip()
        if text in names or not re.search(r"[&|]", text):
            parts = [text]
        elif "&" in text and "|" in text:
            raise InputError(f"{_where(plan, step)}: after is {text!r}; it can be all of (&) or any of (|), not both")
        else:
            join = "any" if "|" in text else "all"
            parts = [part.strip() for part in re.split(r"[&|]", text)]
    elif isinstance(step.after, Sequence):
        parts = step.after
    else:
        parts = [step.after]
    positions: list[int] = []
    events: list[str] = []
    for part in parts:
        if isinstance(part, str) and part in names:
            if names.count(part) > 1:
                raise InputError(
                    f"{_where(plan, step)}: after is {part!r}, and {names.count(part)} steps of the plan have that name; "
                    "give them different names, or their numbers"
                )
            positions.append(names.index(part))
        elif isinstance(part, str) and not part.isdecimal():
            if part:
                events.append(part)
        elif part not in range(len(names) + 1) and not (isinstance(part, str) and int(part) <= len(names)):
            raise InputError(f"{_where(plan, step)}: after is {part}; the plan's steps are 1 to {len(names)} (0: none)")
        elif int(part) > 0:
            positions.append(int(part) - 1)
    return (join if positions or events else "all"), positions, events


def _durations(plan: ActionPlan, step: ActionStep) -> tuple[int, list[float]]:
    """Return the least duration and the chances of it and of each further month; no chances where it is fixed."""
    if isinstance(step.duration, Mapping):
        if not step.duration or not all(_is_whole(months) and 0 <= months <= 1200 for months in step.duration):
            raise InputError(
                f"{_where(plan, step)}: duration is {dict(step.duration)}; a table of durations has whole numbers of months, 0 to 1200, "
                "and their chances"
            )
        least = min(step.duration)
        return int(least), [float(step.duration.get(m, 0.0)) for m in range(least, max(step.duration) + 1)]
    given = step.duration if isinstance(step.duration, Sequence) else (step.duration,)
    if isinstance(given, str) or len(given) not in (1, 3) or not all(map(_is_whole, given)):
        raise InputError(
            f"{_where(plan, step)}: duration is {step.duration!r}; it must be whole months, three of them (least, likeliest, greatest), or a "
            "mapping of months to their chances"
        )
    if len(given) == 1:
        return int(given[0]), []
    low, mode, high = map(int, given)
    try:
        return low, _core.triangular_months(low, mode, high)
    except InputError as error:
        raise InputError(f"{_where(plan, step)}: {error}") from None
