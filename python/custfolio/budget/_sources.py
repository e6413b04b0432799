# Lines of a budget from what the other rooms found: a plan of the strategy, and action plans with the chances behind their amounts.
"""Budget lines of plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio.budget._lines import Dimension, Lines, account_types, plain_lines
from custfolio.budget._plan_shares import taken
from custfolio.errors import InputError

if TYPE_CHECKING:
    from custfolio.growth import Growth

__all__ = ["lines_of_growth", "lines_of_plan"]


def lines_of_plan(core: _core.Budget) -> tuple[Lines, dict[str, str]]:
    """Return a plan's level and heat as revenue and costs, both rounded already, and the types of these accounts."""
    found = core.lines
    month = np.asarray(found["month"], dtype=np.int64)
    source = Dimension.of(list(found["source"]))
    level = np.asarray(found["level"], dtype=np.float64)
    costs = np.round(level - np.asarray(found["heat"], dtype=np.float64), 2)
    rows = month.size

    def part(account: str, amount: NDArray[np.float64]) -> Lines:
        dimensions = {"account": Dimension.one(account, rows), "source": source}
        return plain_lines(month, dimensions, amount, "EUR")

    lines = part("revenue", level).joined(part("costs", costs))
    return lines, account_types(("revenue", "costs"), None)


def lines_of_growth(
    growth: Growth, labels: Mapping[str, Mapping[Any, str]], what: str, source: str, currency: str
) -> tuple[Growth, Lines, dict[str, str]]:
    """Return the forecast of what is asked for, its lines and the types of their accounts; see :meth:`Budget.from_growth`."""
    if what not in ("payoffs", "spend", "hours"):
        raise InputError(f"what is {what!r}; it can be 'payoffs', 'spend' or 'hours'")
    if what != "payoffs":
        growth = taken(growth, what)
    revenue = np.asarray(growth._core.expected_revenue, dtype=np.float64)
    costs = revenue - np.asarray(growth._core.expected_contribution, dtype=np.float64)
    count, months = revenue.shape
    plan = np.repeat(np.arange(count), months)
    month = np.tile(growth._start + np.arange(months), count)
    keys = [(each.customer, each.name) for each in growth.plans]
    chance = [
        min(1.0, growth._core.success(at, len(each.steps) - 1)) if each.steps else 0.0
        for at, each in enumerate(growth.plans)
    ]
    columns = {"customer": [customer for customer, _ in keys]}
    for name, table in labels.items():
        columns[str(name)] = [str(table.get(key, table.get(key[0], "(none)"))) for key in keys]
    encoded = {name: Dimension.of(values).take(plan) for name, values in columns.items()}
    item = Dimension.of([f"{customer}/{name}" for customer, name in keys]).take(plan)
    probability = np.array(chance, dtype=np.float64)[plan]

    def part(account: str, amount: NDArray[np.float64]) -> Lines:
        rows = np.flatnonzero(amount.ravel() != 0)
        dimensions = {
            "account": Dimension.one(account, rows.size),
            "source": Dimension.one(source, rows.size),
            **{name: values.take(rows) for name, values in encoded.items()},
        }
        return plain_lines(
            month[rows],
            dimensions,
            amount.ravel()[rows],
            currency,
            probability=probability[rows],
            item=item.take(rows),
            part=np.zeros(rows.size, dtype=np.int32),
        )

    if what == "payoffs":
        lines = part("revenue", revenue).joined(part("costs", costs))
        types = account_types(("revenue", "costs"), None)
    else:
        lines, types = part(what, costs), {what: "expense"}
    return growth, lines, types
