# The paths of a simulated plan: bands by month, chances of floors, and the distribution of the temperature.
"""The simulation of a plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from custfolio._tables.result import Listing

__all__ = ["PlanSimulation"]


class PlanSimulation(Listing):
    """Paths of the bucket under a plan, month by month. Made by :meth:`Plan.simulate`.

    Columns: month, and for level, heat and temperature the mean, the standard deviation of a path, P10, P50 and P90. The temperature is heat / level,
    a fraction; it is NaN in a month where a path has no positive level.

    ``plot`` draws the mean with the band of the level, with the options of :func:`custfolio.plots.trajectory`.
    """

    _heading = "Simulation"

    def __init__(
        self, found: Mapping[str, Any], months: list[str], library: str | None, floors: Any, seed: int
    ) -> None:
        super().__init__({"month": months, **found["months"]}, library)
        self.seed = seed
        """Seed of the paths."""
        self.level = found["level"]
        """Paths x months: net revenue, currency."""
        self.heat = found["heat"]
        """Paths x months: contribution, currency."""
        self.temperature = found["temperature"]
        """Per path heat / level over all months, a fraction; NaN at or below a level of 0."""
        self.floors = floors
        """Rows of the floor, as a table: their level on the paths, and the share of the paths that reach the floor."""
        self.floor_chance: float = found["floor_chance"]
        """Share of the paths that reach all floors; NaN without a floor, or where purchases do not vary."""
        self.purchases: bool = found["purchases"]
        """Whether purchases vary: the baseline has a band."""

    @property
    def paths(self) -> int:
        """Number of paths."""
        return len(self.level)

    @property
    def drop_chance(self) -> float:
        """Share of the paths on which the level ever drops below its floor; NaN as ``floor_chance``."""
        return 1.0 - self.floor_chance

    def sentence(self) -> str:
        """Return the simulation in words."""
        found = f"{self.paths:,} paths"
        if np.isfinite(self.temperature).all():
            low, high = np.quantile(self.temperature, [0.1, 0.9])
            found += f": the temperature is between {low:.2%} and {high:.2%} on eight of ten"
        if math.isfinite(self.floor_chance):
            found += f"; the level drops below its floor on {self.drop_chance:.2%}"
        return found + ("." if self.purchases else ". Purchases do not vary: the baseline has no band.")

    def _facts(self) -> Mapping[str, Any]:
        return {"in short": self.sentence(), "seed": self.seed}

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        columns = self._entries
        shown = {"band": (columns["level_p10"], columns["level_p90"]), **options}
        return plots.trajectory(columns["month"], columns["level"], columns["heat"], **shown)
