# The paths of a simulated plan: bands by month, chances of floors, and the distribution of the temperature.
"""The simulation of a plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from custfolio._tables.result import STATE_FORMAT, Listing

__all__ = ["PlanSimulation"]

_ENDS = ("p10", "p25", "p50", "p75", "p90")
"""Ends of the names of the quantiles' columns."""


class PlanSimulation(Listing):
    """Paths of the bucket under a plan, month by month. Made by :meth:`Plan.simulate`.

    Columns: month, and for level, heat and temperature the mean, the standard deviation of a path, P10, P25, P50, P75 and P90. The temperature is
    heat / level, a fraction; it is NaN in a month where a path has no positive level.

    ``plot`` draws the fans of level and temperature, with the options of :func:`custfolio.plots.fan`.
    """

    _heading = "Simulation"
    _state_format = STATE_FORMAT + 1

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
        self.accepted = found["accepted"]
        """Per path the number of customers who accept their offer."""
        self.won = found["won"]
        """Per path the number of prospects that are won."""
        self.left = found["left"]
        """Per path the number of customers who flow over."""
        self.floors = floors
        """Rows of the floor, as a table: their level on the paths, and the share of the paths that reach the floor."""
        self.floor_chance: float = found["floor_chance"]
        """Share of the paths that reach all floors; NaN without a floor, or where purchases do not vary."""
        self.purchases: bool = found["purchases"]
        """Whether purchases vary: the baseline has a band."""
        self.whole: Mapping[str, float] = {name: float(values[0]) for name, values in found["whole"].items()}
        """Mean, deviation and quantiles of ``temperature``: ``temperature``, ``temperature_deviation``, ``temperature_p10`` and so on."""

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
        low, high = self.whole["temperature_p10"], self.whole["temperature_p90"]
        if math.isfinite(low):
            found += f": the temperature is between {low:.2%} and {high:.2%} on eight of ten"
        if math.isfinite(self.floor_chance):
            share = f"{self.drop_chance:.2%}" if self.drop_chance > 0 else "none"
            found += f"; the level drops below its floor on {share}"
        return found + ("." if self.purchases else ". Purchases do not vary: the baseline has no band.")

    def tables(self) -> dict[str, dict[str, Any]]:
        """Return the table of the page and the workbook: quantiles of level, heat and temperature by month, and floors of months.

        Returns
        -------
        dict of str to dict
            Its columns by its title.
        """
        names = [f"{name}_{end}" for name in ("level", "heat", "temperature") for end in _ENDS]
        shown = {"month": self._entries["month"], **{name: self._entries[name] for name in names}}
        floor = self._floor_by_month()
        return {"Simulation": shown if floor is None else shown | {"floor": floor}}

    def _floor_by_month(self) -> Any:
        """Return the floor of each month; None where not each one has a floor of its own."""
        floors = self.floors.columns()
        each = list(floors["month"]) == list(self._entries["month"]) and (np.asarray(floors["months"]) == 1).all()
        return floors["floor"] if each else None

    def _facts(self) -> Mapping[str, Any]:
        return {"in short": self.sentence(), "seed": self.seed}

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        columns = self._entries
        level, temperature = ([columns[f"{name}_{end}"] for end in _ENDS] for name in ("level", "temperature"))
        return plots.fan(columns["month"], level, temperature, **{"floor": self._floor_by_month(), **options})
