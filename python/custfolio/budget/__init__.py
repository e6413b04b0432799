# Room `budget`: lines from any source whose totals add up, with their chances, calendars, versions and variances.
"""The budget through the year."""

from __future__ import annotations

from custfolio._tables.rates import Rates
from custfolio.budget._budget import Budget, FrozenBudget, side_by_side
from custfolio.budget._calendar import FiscalCalendar, FiscalPeriod
from custfolio.budget._listings import Bands, SideBySide, Totals
from custfolio.budget._variance import Variance

__all__ = [
    "Bands",
    "Budget",
    "FiscalCalendar",
    "FiscalPeriod",
    "FrozenBudget",
    "Rates",
    "SideBySide",
    "Totals",
    "Variance",
    "side_by_side",
]
