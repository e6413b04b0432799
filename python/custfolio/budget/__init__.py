# Room `budget`: lines from any source whose totals add up, with their chances, calendars, versions and variances.
"""The budget through the year."""

from __future__ import annotations

from custfolio.budget._budget import Budget
from custfolio.budget._calendar import FiscalCalendar, FiscalPeriod
from custfolio.budget._lines import Rates
from custfolio.budget._listings import Bands, Totals
from custfolio.budget._variance import Variance
from custfolio.budget._versions import FrozenBudget, SideBySide, side_by_side

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
