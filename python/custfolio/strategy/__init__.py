# Room `strategy`: horizon, floor and limits, the plan that is optimised under them, and the optimiser on bare arrays.
"""Strategy, plan, and the optimiser on bare arrays."""

from __future__ import annotations

from custfolio.strategy._choice import Choice, optimise
from custfolio.strategy._comparison import PlanComparison
from custfolio.strategy._plan import Plan, PlanTable, Strategy
from custfolio.strategy._simulation import PlanSimulation

__all__ = ["Choice", "Plan", "PlanComparison", "PlanSimulation", "PlanTable", "Strategy", "optimise"]
