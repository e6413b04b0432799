# A statement grouped by dimensions of its ledger: families, managers, months and others.
"""The statement of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._reading.dimensions import DIMENSIONS, Dimension
from custfolio._tables.dates import day_date, month_index, month_text
from custfolio._tables.result import Result
from custfolio.errors import InputError
from custfolio.ledger import LedgerColumns
from custfolio.selection._waterfall import Waterfall

__all__ = ["GroupedStatement", "grouped", "no_value"]

_PROFIT_AND_LOSS = (
    "customers", "revenue", "goods", "cost_to_serve", "credit_cost", "contribution", "temperature",
)  # fmt: skip
"""The first columns, in their order."""


class GroupedStatement(Result):
    """Profit and loss of groups. Made by :meth:`Statement.by`.

    Columns: the dimensions; customers (with a part in the group), revenue, goods, cost_to_serve, credit_cost, contribution, temperature,
    the drivers, list_price, discount and rebate where there are any, and the cost of each element. Deliveries and returns are fractions where
    their rows are of several groups. Amounts and drivers of all groups sum to the statement's; temperature comes from the sums.

    ``plot`` draws the contribution of the groups as bars, those of the first dimension.

    Attributes
    ----------
    dimensions : tuple of str
        What the rows are grouped by.
    """

    def __init__(
        self,
        columns: Mapping[str, Any],
        dimensions: Sequence[str],
        steps: tuple[NDArray[np.float64], NDArray[np.float64]],
        library: str | None,
    ) -> None:
        self._table = dict(columns)
        self._library = library
        self.dimensions = tuple(dimensions)
        self._steps = steps

    @cached_property
    def waterfall(self) -> Waterfall:
        """The price waterfall of each group, from sums; its `rows` are the groups."""
        names = {dimension: self._table[dimension] for dimension in self.dimensions}
        return Waterfall(names, *self._steps, self._library)

    @property
    def amounts(self) -> dict[str, float]:
        """Contribution by group of the first dimension, currency; revenue where the costs of goods are not known."""
        amount = self._table["contribution" if "contribution" in self._table else "revenue"]
        sums: dict[str, float] = {}
        for name, value in zip(self._table[self.dimensions[0]], amount.tolist(), strict=True):
            sums[name] = sums.get(name, 0.0) + value
        return sums

    def _columns(self) -> Mapping[str, Any]:
        return self._table

    def _title(self) -> str:
        return f"Statement by {', '.join(self.dimensions)}"

    def _facts(self) -> Mapping[str, Any]:
        table = self._table
        facts: dict[str, Any] = {"groups": len(table["revenue"])}
        return facts | {name: float(table[name].sum()) for name in ("revenue", "contribution") if name in table}

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        sums = self.amounts
        title = "Contribution" if "contribution" in self._table else "Revenue"
        names_title = self.dimensions[0].capitalize()
        return plots.bars(list(sums), list(sums.values()), title=title, names_title=names_title, **options)


def grouped(
    statement: _core.Statement,
    rows: LedgerColumns,
    costs: _core.CostModel,
    given: Mapping[str, Any],
    dimensions: Sequence[str],
    key: str,
    library: str | None,
) -> GroupedStatement:
    """Return the statement of groups; see :meth:`Statement.by`."""
    if not dimensions:
        raise InputError('by() needs a dimension, such as by("month")')
    known = ["customer", "month", *rows.dimensions]
    arguments: list[dict[str, Any]] = []
    values: list[list[str]] = []
    for place, name in enumerate(dimensions):
        if name not in known:
            named = f"; name its column: {name}=..." if name in DIMENSIONS else ""
            raise InputError(f"the ledger has no {name!r}{named}; there are {', '.join(known)}")
        if name in dimensions[:place]:
            raise InputError(f"by() names {name!r} twice")
        if name == "month":
            arguments.append({"name": name})
            first, last = (month_index(day_date(day), "period") for day in statement.portfolio.period)
            values.append([month_text(month) for month in range(first, last + 1)])
            continue
        dimension = rows.dimensions.get(name)
        if dimension is None:
            dimension = Dimension(rows.ids, rows.customer, np.arange(len(rows.ids), dtype=np.int32))
        arguments.append(dimension.argument(name))
        values.append(dimension.values)
    ledger = rows.statement_arguments()
    core = _core.group_by(statement, ledger, costs, dimensions=arguments, key=_weights(rows, key), **given)
    # The code of none is -1, the last place.
    texts = {
        name: np.array([*known, no_value(known)], dtype=object)[codes].tolist()
        for name, known, codes in zip(dimensions, values, core.pop("value"), strict=True)
    }
    charged, steps = core.pop("charged"), core.pop("waterfall")
    elements = {f"cost of {name}": charged[:, k] for k, name in enumerate(statement.elements)}
    profit = {name: core.pop(name) for name in _PROFIT_AND_LOSS if name in core}
    return GroupedStatement({**texts, **profit, **core, **elements}, dimensions, steps, library)


def no_value(known: Sequence[str]) -> str:
    """Return the name of the group of rows without a value: "none", in brackets where a value has that name."""
    name = "none"
    while name in known:
        name = f"({name})"
    return name


def _weights(rows: LedgerColumns, key: str) -> NDArray[np.float64] | None:
    """Return what the rows of a delivery share its cost by; None: lines."""
    if key == "lines":
        return None
    columns = {"quantity": rows.quantity, "revenue": rows.revenue, **rows.drivers}
    known = {name: column for name, column in columns.items() if column is not None}
    if key not in known:
        raise InputError(f"key is {key!r}; it must be one of lines, {', '.join(known)}")
    return np.abs(known[key])
