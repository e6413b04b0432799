# Step 3, anchoring: a fixed place in the agenda for customers that are, or may become, profitable.
"""Reviews by cadence, on working days, within each manager's capacity."""

from __future__ import annotations

from custfolio.anchoring._agenda import (
    Agenda,
    AgendaChanges,
    AssignedCustomers,
    DeletedReviews,
    ManagerResults,
    MonthlyCapacity,
    ReadBack,
    UnplacedReviews,
)
from custfolio.anchoring._anchor import anchor
from custfolio.anchoring._cadence import Cadence, CadenceRule, intervals_of_segments
from custfolio.anchoring._read_back import BusyTimes, read_busy

__all__ = [
    "Agenda", "AgendaChanges", "AssignedCustomers", "BusyTimes", "Cadence", "CadenceRule", "DeletedReviews", "ManagerResults",
    "MonthlyCapacity", "ReadBack", "UnplacedReviews", "anchor", "intervals_of_segments", "read_busy",
]  # fmt: skip
