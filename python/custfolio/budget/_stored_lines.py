# The lines and settings of a budget as plain columns, for pickles and frozen versions, and back.
"""Stored lines of a budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from custfolio import _core
from custfolio._tables.dates import month_index, month_text
from custfolio._tables.rates import Rates
from custfolio.budget._calendar import FiscalCalendar
from custfolio.budget._lines import Labels, budget_settings
from custfolio.budget._totals import BudgetTables

__all__ = ["stored_lines", "stored_numbers", "stored_parts"]

_ERRORS = ("common", "steady", "correlation", "own_correlation", "never_negative")
"""Errors that lines have in common; columns that a budget without them does not have."""


def stored_numbers(columns: Mapping[str, Any]) -> list[str]:
    """Return the names of the columns of numbers that lines have."""
    plain = ["deviation", "probability", "quantity", "stated"]
    return plain + [name for name in _ERRORS if name in columns]


def stored_lines(budget: BudgetTables) -> dict[str, Any]:
    """Return the lines and settings of a budget without forecasts, as plain columns."""
    columns = budget.core.columns
    rates = budget.rates.core
    closed = budget.core.closed
    return {
        **({} if closed is None else {"closed": month_text(closed)}),
        **({"notes": budget.notes} if budget.notes else {}),
        "currency": budget.currency,
        "digits": budget.digits,
        "calendar": budget.calendar.described,
        "accounts": budget.accounts,
        "dimensions": list(columns["dimensions"]),
        "rates": [rates.always, [[*key, rate] for key, rate in sorted(rates.monthly.items())]],
        "correlation": budget.correlation,
        "lines": {
            "month": [month_text(month) for month in columns["month"].tolist()],
            "amount": columns["amount"],
            **{f"dimension {name}": texts for name, texts in columns["dimensions"].items()},
            **{name: columns[name] for name in stored_numbers(columns)},
            **{name: columns[name] for name in ("item", "state", "currency")},
        },
    }


def stored_parts(content: Mapping[str, Any]) -> tuple[_core.LineItemBudget, FiscalCalendar, Rates]:
    """Return the compiled budget of stored lines, its calendar and its rates."""
    rows = content["lines"]
    columns: dict[str, Any] = {
        "month": np.array([month_index(month, "month") for month in rows["month"]], dtype=np.int32),
        "dimensions": [(name, *Labels.of(rows[f"dimension {name}"]).pair()) for name in content["dimensions"]],
    }
    columns |= {name: np.array(rows[name], dtype=np.float64) for name in stored_numbers(rows)}
    columns |= {name: Labels.of(rows[name]).pair() for name in ("item", "state", "currency")}
    rates = Rates(None, content["currency"])
    always, monthly = content["rates"]
    for code, rate in always.items():
        rates.core.set(code, float(rate))
    for month, code, rate in monthly:
        rates.core.set(str(code), float(rate), int(month))
    calendar = FiscalCalendar.from_description(content["calendar"])
    settings = budget_settings(rates, content["digits"], calendar, content["accounts"])
    if "units" in rows:
        units = np.array(rows["units"], dtype=np.int64)
        columns["amount"] = units / 10.0 ** content["digits"]
        columns["frozen"] = np.array(rows["plans"], dtype=bool)
        core = _core.LineItemBudget.of_units(_core.LineItems(columns), settings, units)
    else:
        columns["amount"] = np.array(rows["amount"], dtype=np.float64)
        core = _core.LineItemBudget(_core.LineItems(columns), settings)
    share = content["correlation"]
    if share:
        by_source = share if isinstance(share, Mapping) else {}
        core = core.with_correlation(0.0 if by_source else float(share), dict(by_source))
    if "closed" in content:
        core = core.with_closed(month_index(content["closed"], "closed"))
    return core, calendar, rates
